"""What lies behind the roads: areas of which the outline is known, lines, and names."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pytest
from town import Member, Tags, write

from riskmap import background, project

NODES = {
    1: (-1000.0, 0.0), 2: (1000.0, 0.0),  # a road
    11: (100.0, 100.0), 12: (500.0, 100.0), 13: (500.0, 500.0), 14: (100.0, 500.0),
    21: (200.0, 200.0), 22: (300.0, 200.0), 23: (300.0, 300.0), 24: (200.0, 300.0),
}  # fmt: skip
ROAD = {1: ([1, 2], {"highway": "primary"})}
OUTER = [11, 12, 13, 14, 11]
INNER = [21, 22, 23, 24, 21]
LAKE = {"type": "multipolygon", "natural": "water", "name": "湖"}


def _read(
    folder: Path,
    ways: Mapping[int, tuple[Sequence[int], Tags]],
    relations: Mapping[int, tuple[Sequence[Member], Tags]] | None = None,
    **nodes: Tags,
) -> dict[str, gpd.GeoDataFrame]:
    own = {int(name[1:]): (600.0, 600.0, tags) for name, tags in nodes.items()}
    path = write(folder / "town.osm", {**NODES, **own}, {**ROAD, **ways}, relations)
    return background.read(path, project.constants()["roads"])


def test_every_layer_is_there_and_holds_one_shape(sample: Path) -> None:
    layers = background.read(sample, project.constants()["roads"])
    shapes = {name: set(table.geom_type) for name, table in layers.items()}
    areas = {"Polygon", "MultiPolygon"}
    assert set(shapes) == {"land", "water", "stream", "rail", "building", "place"}
    assert all(shapes[name] and shapes[name] <= areas for name in ("land", "water", "building"))
    assert shapes["stream"] == shapes["rail"] == {"LineString"}
    assert shapes["place"] == {"Point"}
    assert all(table.geometry.is_valid.all() for table in layers.values())


def test_the_towns_of_the_sample_have_their_names(sample: Path) -> None:
    places = background.read(sample, project.constants()["roads"])["place"]
    assert {"Vaduz", "Schaan", "Balzers"} <= set(places["name"])


def test_a_chinese_name_stands_beside_the_own_one(tmp_path: Path) -> None:
    tags = {"place": "town", "name": "Guixi", "name:zh-Hans": "贵溪"}
    places = _read(tmp_path, {}, n31=tags, n32={**tags, "name:zh": "贵溪市"})["place"]
    assert list(places["name"]) == ["Guixi", "Guixi"]
    assert list(places["name_zh"]) == ["贵溪", "贵溪市"]


def test_a_kind_is_the_first_that_fits(tmp_path: Path) -> None:
    land = _read(tmp_path, {2: (OUTER, {"leisure": "park", "landuse": "forest"})})["land"]
    assert list(land["kind"]) == ["park"]


def test_what_is_no_building_is_not_drawn(tmp_path: Path) -> None:
    ways = {2: (OUTER, {"building": "no"}), 3: (INNER, {"building": "yes"})}
    (building,) = _read(tmp_path, ways)["building"].geometry
    assert building.area == pytest.approx(10_000, rel=0.02)


def test_a_lake_has_its_island(tmp_path: Path) -> None:
    members = [("w", 2, "outer"), ("w", 3, "inner")]
    layers = _read(tmp_path, {2: (OUTER, {}), 3: (INNER, {})}, {9: (members, LAKE)})
    (lake,) = layers["water"].geometry
    assert lake.area == pytest.approx(150_000, rel=0.02)
    assert list(layers["water"]["name"]) == ["湖"]


def test_the_island_of_a_lake_beyond_the_border_is_no_lake(tmp_path: Path) -> None:
    members = [("w", 2, "outer"), ("w", 3, "inner")]
    assert _read(tmp_path, {3: (INNER, {})}, {9: (members, LAKE)})["water"].empty


def test_the_part_of_a_lake_with_its_outline_is_drawn(tmp_path: Path) -> None:
    members = [("w", 2, "outer"), ("w", 4, "outer"), ("w", 3, "inner")]
    layers = _read(tmp_path, {2: (OUTER, {}), 3: (INNER, {})}, {9: (members, LAKE)})
    (lake,) = layers["water"].geometry
    assert lake.area == pytest.approx(150_000, rel=0.02)


def test_a_shore_cut_at_the_border_floods_nothing(tmp_path: Path) -> None:
    members = [("w", 2, "outer"), ("w", 4, "outer")]
    layers = _read(tmp_path, {2: (OUTER[:4], {})}, {9: (members, LAKE)})
    assert layers["water"].empty


def test_an_outline_that_crosses_itself_stays_inside_its_corners(tmp_path: Path) -> None:
    land = _read(tmp_path, {2: ([11, 13, 12, 14, 11], {"landuse": "grass"})})["land"]
    (shape,) = land.geometry
    assert shape.is_valid
    assert shape.area == pytest.approx(80_000, rel=0.02)
