"""Pieces of a list joined to stretches: what an officer patrols."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from streets import area, effect, extract, layer, street, thing

import riskmap
from riskmap.area import Area
from riskmap.cli import main
from riskmap.locale import catalogue
from riskmap.stretches import COLUMNS


@pytest.fixture(scope="module")
def country() -> Area:
    """The embedded extract."""
    return riskmap.assess(riskmap.sample())


@pytest.fixture(scope="module")
def town() -> Area:
    """Long Street with two schools far apart on it, between First Road and Last Road."""
    ways = [
        street((0.0, 0.0), (450.0, 0.0), (900.0, 0.0), name="Long Street"),
        street((0.0, -300.0), (0.0, 0.0), (0.0, 300.0), name="First Road"),
        street((900.0, -300.0), (900.0, 0.0), (900.0, 300.0), name="Last Road"),
    ]
    things = [thing((x, 20.0), amenity="school") for x in (130.0, 770.0)]
    return area(extract(ways, things), layer("school", effect("vulnerable", 9)))


def test_pieces_that_touch_are_one_stretch_from_cross_road_to_cross_road(town: Area) -> None:
    whole = town.stretches(top=None, lang="en").set_index("name")
    street_ = whole.loc["Long Street"]
    assert (street_["from"], street_["to"]) in {
        ("First Road", "Last Road"), ("Last Road", "First Road"),
    }  # fmt: skip
    assert street_["length_m"] == pytest.approx(900, abs=0.5)
    own = town.segments[town.segments["name"] == "Long Street"]
    assert sorted(street_["segment_ids"].split()) == sorted(own.index)
    assert street_["pieces"] == len(own)


def test_a_piece_that_is_not_in_the_list_parts_a_road(town: Area) -> None:
    pieces = town.hotspots(top=4, lang="en")
    assert set(pieces["name"]) == {"Long Street"}
    found = town.stretches(top=4, lang="en")
    assert len(found) == 2
    assert sorted(" ".join(found["segment_ids"]).split()) == sorted(pieces["segment_id"])
    ends = [row["from"] + row["to"] for _, row in found.iterrows()]
    assert all("First Road" in end or "Last Road" in end for end in ends)


@pytest.mark.parametrize("by", ["km", "mvkm", "total"])
def test_harm_of_stretches_is_that_of_their_pieces(country: Area, by: str) -> None:
    pieces = country.hotspots(top=300, by=by).set_index("segment_id")
    found = country.stretches(top=300, by=by)
    assert tuple(found.columns) == (*COLUMNS, "geometry")
    assert found["rank"].tolist() == list(range(1, len(found) + 1))
    assert 1 < len(found) < 300
    assert found["pieces"].sum() == 300
    harm = country.scores()["harm"]
    order = ("red", "orange", "yellow", "blue", "unknown")
    for row in found.itertuples():
        own = pieces.loc[row.segment_ids.split()]
        assert len(own) == row.pieces
        assert row.harm == pytest.approx(harm.loc[own.index].sum(), rel=1e-4)
        assert row.length_m == pytest.approx(own["length_m"].sum(), abs=0.06 * len(own))
        rounded = 0.06 / row.length_m + 1e-4
        assert row.harm_per_km == pytest.approx(1000 * row.harm / row.length_m, rel=rounded)
        assert row.level == min(own["level"], key=order.index)
    ranked = {"km": "harm_per_km", "mvkm": "harm_per_mvkm", "total": "harm"}[by]
    assert (np.diff(found[ranked]) <= 0).all()


def test_the_line_of_a_stretch_is_that_of_its_pieces_without_a_gap(country: Area) -> None:
    pieces = country.hotspots(top=300).set_index("segment_id")
    found = country.stretches(top=300)
    assert found.crs == "EPSG:4326"
    for row in found.itertuples():
        own = shapely.union_all(pieces.loc[row.segment_ids.split()].geometry.to_numpy())
        assert shapely.hausdorff_distance(own, row.geometry) < 1e-9
    assert (found.geom_type == "LineString").mean() > 0.95
    middle = gpd.points_from_xy(found["lon"], found["lat"])
    assert shapely.distance(middle, found.geometry.to_numpy()).max() < 2e-6


def test_an_area_without_roads_has_no_stretches(country: Area) -> None:
    corners = [(0.0, 0.0), (0.0, 0.1), (0.1, 0.1)]
    found = country.stretches(inside=corners)
    assert found.empty
    assert tuple(found.columns) == (*COLUMNS, "geometry")


def test_every_column_has_a_heading() -> None:
    assert all(f"heading.{name}" in catalogue() for name in COLUMNS)


def test_the_command_writes_stretches_and_says_the_worst(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "list.geojson"
    call = ["hotspots", str(sample), "--top", "100", "--stretches", "-o", str(target)]
    assert main([*call, "--lang", "en"]) == 0
    said = capsys.readouterr().out
    rows = [one["properties"] for one in json.loads(target.read_text("utf-8"))["features"]]
    assert f"100 pieces make {len(rows)} stretches" in said
    assert str(rows[0]["name"]) in said
    assert main([*call, "--json"]) == 0
    worst = json.loads(capsys.readouterr().out)["worst"]
    assert set(worst) == {"name", "from", "to", "level"}
