"""Reading: every format, full tags, lakes of many ways, clipped borders."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from town import convert, write

from riskmap import osm
from riskmap.assessment import asked_tags
from riskmap.errors import RiskmapError
from riskmap.layers import read_layers
from riskmap.passes import Wanted
from riskmap.project import constants
from riskmap.tags import Tags

WANTED: Wanted = {"natural": {"water"}, "amenity": {"school"}, "shop": None}
NODES: dict[int, Any] = {
    1: (0, 0), 2: (300, 0), 3: (600, 0), 4: (300, 300),
    10: (0, 500), 11: (100, 500), 12: (100, 600), 13: (0, 600),
    14: (40, 540), 15: (60, 540), 16: (60, 560), 17: (40, 560),
    20: (50, 50, {"shop": "weird one", "name": "a=b, c% @d\n好🚧"}),
    21: (70, 50, {"amenity": "school"}),
}  # fmt: skip
WAYS: dict[int, Any] = {
    1: ([1, 2, 3], {"highway": "primary", "name": "Main, street", "lit": "yes"}),
    2: ([2, 4], {"highway": "residential"}),
    3: ([10, 11, 12], {}),
    4: ([12, 13, 10], {}),
    5: ([14, 15, 16, 17, 14], {}),
    6: ([1, 4], {"highway": "footway"}),
}
LAKE: dict[int, Any] = {
    7: (
        [("w", 3, "outer"), ("w", 4, "outer"), ("w", 5, "inner")],
        {"type": "multipolygon", "natural": "water", "name": "See"},
    )
}


def _read(path: Path, wanted: Wanted = WANTED) -> osm.Extract:
    return osm.read(path, wanted, constants()["roads"])


def _tags(tags: Tags) -> list[dict[str, str]]:
    return [dict(tags.of(row)) for row in range(tags.size)]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write(tmp_path / "town.osm.pbf", NODES, WAYS, LAKE)


def test_all_formats_give_the_same_tables(town: Path) -> None:
    first = _read(town)
    for suffix in (".osm", ".osm.gz", ".osm.bz2"):
        other = _read(convert(town, town.with_name(f"town{suffix}")))
        pd.testing.assert_frame_equal(first.roads, other.roads)
        pd.testing.assert_frame_equal(first.vertices, other.vertices)
        pd.testing.assert_frame_equal(pd.DataFrame(first.features), pd.DataFrame(other.features))
        assert _tags(first.road_tags) == _tags(other.road_tags)
        assert _tags(first.feature_tags) == _tags(other.feature_tags)


HARD = (
    "a=b", "a,b", "a b", "a%b", "a%20%b", "a@b", "%", "=", ",", " ", "  ", "\n", "\t", "\r\n",
    '"quoted"', "'", "\\", "\\n", "#", "T", "Nn1x9y47", "x", "临水路段", "🚧🚗", "é\u0301",
    "\u200b", "\ufeff", "a" * 255, "<&>", "",
)  # fmt: skip


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm", ".osm.gz"])
def test_no_character_of_a_key_or_value_gets_lost(tmp_path: Path, suffix: str) -> None:
    tags = {f"key {text}": text for text in HARD}
    nodes = {**NODES, 21: (70, 50, {"amenity": "school", **tags})}
    ways = {1: ([1, 2, 3], {"highway": "primary", **tags}), 2: WAYS[2]}
    extract = _read(write(tmp_path / f"hard{suffix}", nodes, ways))
    assert extract.road_tags.of(0) == ways[1][1]
    school = extract.features["osm_id"].tolist().index("n21")
    assert extract.feature_tags.of(school) == nodes[21][2]


def test_only_roads_that_cars_use_are_roads(town: Path) -> None:
    assert _read(town).roads.index.tolist() == [1, 2]


def test_tags_come_whole_with_every_character(town: Path) -> None:
    extract = _read(town)
    assert extract.road_tags.of(0) == dict(WAYS[1][1])
    shop = extract.features.index[extract.features["osm_id"] == "n20"][0]
    assert extract.feature_tags.of(shop) == dict(NODES[20][2])


def test_a_lake_of_two_ways_has_its_island_as_a_hole(town: Path) -> None:
    lake = _read(town).features.set_index("osm_id").loc["r7"]
    assert lake["name"] == "See"
    assert not lake["clipped"]
    assert lake.geometry.area == pytest.approx(100 * 100 - 20 * 20, rel=0.01)
    assert len(lake.geometry.interiors) == 1


def test_two_lakes_of_one_relation_are_one_area_in_two_parts(tmp_path: Path) -> None:
    ways = {**WAYS, 8: ([20, 21, 22, 20], {})}
    nodes = {**NODES, 20: (500, 500), 21: (600, 500), 22: (500, 600)}
    members = [("w", 3, "outer"), ("w", 4, "outer"), ("w", 8, "outer")]
    relation = {7: (members, {"type": "multipolygon", "natural": "water"})}
    extract = _read(write(tmp_path / "two.osm", nodes, ways, relation))
    lake = extract.features.set_index("osm_id").loc["r7"]
    assert len(lake.geometry.geoms) == 2
    assert lake.geometry.area == pytest.approx(100 * 100 + 100 * 100 / 2, rel=0.01)


def test_other_relations_and_empty_ones_are_no_lakes(tmp_path: Path) -> None:
    outline = [("w", 3, "outer"), ("w", 4, "outer")]
    water = {"natural": "water"}
    relations = {
        1: (outline, {"type": "site", **water}),
        2: ([], {"type": "multipolygon", **water}),
        3: ([("w", 999, "outer")], {"type": "multipolygon", **water}),
        4: ([("n", 1, "label"), ("r", 1, "")], {"type": "multipolygon", **water}),
    }
    extract = _read(write(tmp_path / "none.osm", NODES, WAYS, relations))
    assert [name for name in extract.features["osm_id"] if name.startswith("r")] == []


def test_a_lake_on_a_single_spot_is_left_out(tmp_path: Path) -> None:
    ways = {**WAYS, 8: ([10, 10], {})}
    relation = {7: ([("w", 8, "outer")], {"type": "multipolygon", "natural": "water"})}
    extract = _read(write(tmp_path / "spot.osm", NODES, ways, relation))
    assert "r7" not in extract.features["osm_id"].tolist()


def test_what_lies_on_the_far_side_of_the_earth_is_left_out(tmp_path: Path) -> None:
    nodes = {**NODES, 98: (12_000_000, 0, {"amenity": "school"}), 99: (12_000_000, 9)}
    path = write(tmp_path / "far.osm", nodes, {**WAYS, 9: ([98, 99], {"natural": "water"})})
    found = _read(path).features
    assert not set(found["osm_id"]) & {"n98", "w9"}
    assert np.isfinite(found.total_bounds).all()


def test_an_extract_too_wide_for_one_map_in_metres_is_refused(tmp_path: Path) -> None:
    nodes = {**NODES, 98: (3_000_000, 0), 99: (3_000_000, 90)}
    path = write(tmp_path / "wide.osm", nodes, {**WAYS, 9: ([98, 99], {"highway": "primary"})})
    with pytest.raises(RiskmapError, match="too wide"):
        _read(path)


def test_a_lake_cut_by_the_border_keeps_its_known_shore(tmp_path: Path) -> None:
    ways = {way: rest for way, rest in WAYS.items() if way != 4}
    lake = _read(write(tmp_path / "cut.osm.pbf", NODES, ways, LAKE)).features.set_index("osm_id")
    assert lake.loc["r7"].clipped
    shore = shapely.LineString([(0, 0), (100, 0), (100, 100)]).length
    islands = 80
    assert lake.loc["r7"].geometry.length == pytest.approx(shore + islands, rel=0.01)


def test_a_way_cut_by_the_border_keeps_what_is_inside(tmp_path: Path) -> None:
    nodes = {node: place for node, place in NODES.items() if node != 3}
    extract = _read(write(tmp_path / "cut.osm", nodes, WAYS, LAKE))
    assert extract.roads["count"].tolist() == [2, 2]
    assert extract.notes == (("note.clipped", {"nodes": 1}),)


def test_nodes_and_positions_stay_together(town: Path) -> None:
    vertices = _read(town).vertices
    assert vertices["node_id"].tolist() == [1, 2, 3, 2, 4]
    places = vertices.groupby("node_id")[["x", "y"]].nunique()
    assert (places == 1).all(axis=None)
    assert (vertices["x"].iloc[2] - vertices["x"].iloc[0]) == pytest.approx(600, rel=0.01)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"natural": "water"}, "Polygon"),
        ({"natural": "cliff"}, "LineString"),
        ({"waterway": "river"}, "LineString"),
        ({"waterway": "riverbank"}, "Polygon"),
        ({"barrier": "guard_rail"}, "LineString"),
        ({"natural": "water", "area": "no"}, "LineString"),
    ],
)
def test_a_closed_way_is_an_area_where_the_wiki_says_so(
    tmp_path: Path, tags: dict[str, str], kind: str
) -> None:
    path = write(tmp_path / "ring.osm", NODES, {**WAYS, 9: ([10, 11, 12, 10], tags)})
    wanted: Wanted = {"natural": None, "waterway": None, "barrier": None}
    found = _read(path, wanted).features.set_index("osm_id")
    assert found.loc["w9"].geometry.geom_type == kind


def test_what_is_read_follows_from_the_layer_files(town: Path, tmp_path: Path) -> None:
    folder = tmp_path / "layers"
    folder.mkdir()
    source = (Path(__file__).parents[1] / "layers" / "school.toml").read_text(encoding="utf-8")
    asked = {}
    for name, tag in (("a", 'amenity = ["school"]'), ("b", 'shop = ["weird one"]')):
        changed = re.sub(r"amenity +=.*", tag, source)
        assert tag in changed
        (folder / "one.toml").write_text(changed, encoding="utf-8")
        asked[name] = _read(town, asked_tags(read_layers(folder), constants()))
    assert "n20" not in asked["a"].features["osm_id"].tolist()
    assert "n21" in asked["a"].features["osm_id"].tolist()
    assert "n20" in asked["b"].features["osm_id"].tolist()
    assert "n21" not in asked["b"].features["osm_id"].tolist()


def test_a_file_cut_between_two_blocks_is_noted(sample: Path, tmp_path: Path) -> None:
    whole, ends, at = sample.read_bytes(), [], 0
    while at < len(whole):
        size = int.from_bytes(whole[at : at + 4], "big")
        header = whole[at + 4 : at + 4 + size]
        # the last field of a block's header is its size, a varint behind the tag 0x18
        length = shift = 0
        for byte in header[header.rindex(b"\x18") + 1 :]:
            length |= (byte & 0x7F) << shift
            shift += 7
        at += 4 + size + length
        ends.append(at)
    assert ends[-1] == len(whole)
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole[: ends[-2]])
    assert ("note.cut_short", {}) in _read(cut).notes
    assert _read(sample).notes == ()


def test_an_object_that_stands_twice_in_a_file_is_read_once(town: Path, tmp_path: Path) -> None:
    text = convert(town, tmp_path / "a.osm").read_text(encoding="utf-8")
    body = text[text.index("<node") : text.index("</osm>")]
    (tmp_path / "b.osm").write_text(text.replace("</osm>", body + "</osm>"), encoding="utf-8")
    once, twice = _read(tmp_path / "a.osm"), _read(tmp_path / "b.osm")
    pd.testing.assert_frame_equal(once.roads, twice.roads)
    pd.testing.assert_frame_equal(once.vertices, twice.vertices)
    pd.testing.assert_frame_equal(pd.DataFrame(once.features), pd.DataFrame(twice.features))


@pytest.mark.parametrize(
    "tags", [{"area": "yes"}, {"motor_vehicle": "no"}, {"motorcar": "no"}, {"highway": "path"}]
)
def test_ways_that_cars_do_not_use_are_no_roads(tmp_path: Path, tags: dict[str, str]) -> None:
    other = {"highway": "service", **tags}
    extract = _read(write(tmp_path / "t.osm", NODES, {**WAYS, 9: ([10, 11, 12, 13, 10], other)}))
    assert extract.roads.index.tolist() == [1, 2]


def test_the_date_of_the_file_is_kept(sample: Path) -> None:
    assert _read(sample).data_date == "2013-08-03T19:00:02Z"


def test_the_zone_is_that_of_the_middle(sample: Path) -> None:
    assert _read(sample).crs == "EPSG:32632"
