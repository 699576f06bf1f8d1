"""What the map sends to the browser once an area, beside its tiles."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

import riskmap
from riskmap.area import Area
from riskmap.webmap.geometry import SCALE, WGS84, drawn, pack

TOWN = Path(__file__).parent / "browser" / "hostile.osm"


@pytest.fixture(scope="module")
def town() -> Area:
    """Assess the town of two streets."""
    return riskmap.assess(TOWN, cache=False)


def test_lines_come_back_to_within_a_step(town: Area) -> None:
    sent = drawn(town)
    roads = town.segments.to_crs(WGS84).geometry
    assert sent["roads"]["ids"] == list(town.segments.index)
    for line, steps in zip(roads, sent["roads"]["lines"], strict=True):
        places = np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / SCALE
        assert np.abs(places - shapely.get_coordinates(line)).max() <= 0.5 / SCALE + 1e-12


def test_the_hash_names_the_content(town: Area) -> None:
    first, content = pack(town)
    assert content[:64].decode() == first
    assert pack(town) == (first, content)


def test_only_risk_points_and_their_symbols_are_sent_beside_the_tiles(town: Area) -> None:
    _, content = pack(town)
    sent = json.loads(content[64:])
    assert set(sent) == {"scale", "layers", "shapes"}


def test_every_risk_point_is_there_with_its_name(town: Area) -> None:
    _, content = pack(town)
    for layer in json.loads(content[64:])["layers"]:
        features = town.features(layer["name"])
        assert len(layer["points"]) == 2 * len(features)
        assert layer["names"] == [str(name or "") for name in features["name"]]
