"""What the map sends to the browser once an area."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

import riskmap
from riskmap.area import Area
from riskmap.webmap.geometry import SCALE, WGS84, pack

TOWN = Path(__file__).parent / "browser" / "hostile.osm"


@pytest.fixture(scope="module")
def town() -> Area:
    """Assess the town of two streets."""
    return riskmap.assess(TOWN, cache=False)


def test_lines_come_back_to_within_a_step(town: Area) -> None:
    _, content = pack(town)
    sent = json.loads(content[64:])
    roads = town.segments.to_crs(WGS84).geometry
    assert sent["roads"]["ids"] == list(town.segments.index)
    for line, steps in zip(roads, sent["roads"]["lines"], strict=True):
        places = np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / SCALE
        assert np.abs(places - shapely.get_coordinates(line)).max() <= 0.5 / SCALE + 1e-12


def test_the_hash_names_the_content(town: Area) -> None:
    first, content = pack(town)
    assert content[:64].decode() == first
    assert pack(town) == (first, content)


def test_scores_are_not_part_of_the_geometry(town: Area) -> None:
    _, content = pack(town)
    sent = json.loads(content[64:])
    assert set(sent) == {"scale", "bounds", "roads", "labels", "layers", "shapes"}
    assert set(sent["roads"]) == {"ids", "names", "lines"}


def test_every_risk_point_is_there_with_its_name(town: Area) -> None:
    _, content = pack(town)
    for layer in json.loads(content[64:])["layers"]:
        features = town.features(layer["name"])
        assert len(layer["points"]) == 2 * len(features)
        assert layer["names"] == [str(name or "") for name in features["name"]]
