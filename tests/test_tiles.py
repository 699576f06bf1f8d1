"""The map's tiles: no road is lost in them, and nothing but what is public is there."""

import gzip
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from pmtiles.reader import MmapSource, all_tiles

import riskmap
from riskmap.area import Area
from riskmap.errors import RiskmapError
from riskmap.webmap import tiles, zooms
from riskmap.webmap.geometry import WGS84
from riskmap.webmap.tiles import Tiles

TOWN = Path(__file__).parent / "browser" / "hostile.osm"

Feature = tuple[int, str, dict[str, Any]]


@pytest.fixture(scope="module")
def area(sample: Path) -> Area:
    """Assess the sample."""
    return riskmap.assess(sample, cache=False)


@pytest.fixture(scope="module")
def town() -> Area:
    """Assess the town of two streets."""
    return riskmap.assess(TOWN, cache=False)


@pytest.fixture(scope="module")
def whole(area: Area, tmp_path_factory: pytest.TempPathFactory) -> Tiles:
    """Cut the sample as it is."""
    return _cut(area, tmp_path_factory.mktemp("whole"))


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKMAP_CACHE", str(tmp_path))


def _cut(area: Area, folder: Path) -> Tiles:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RISKMAP_CACHE", str(folder))
        return tiles.cut(area)


def _features(cut: Tiles) -> Iterator[Feature]:
    """Zoom, layer and feature of all that is in a file."""
    for (zoom, _, _), content in _tiles(cut):
        for name, layer in content.items():
            for feature in layer["features"]:
                yield zoom, name, feature


def _tiles(cut: Tiles) -> Iterator[tuple[tuple[int, int, int], dict[str, Any]]]:
    with cut.path.open("rb") as file:
        for place, content in all_tiles(MmapSource(file)):
            yield place, mapbox_vector_tile.decode(gzip.decompress(content))


def _rows(cut: Tiles, layer: str) -> dict[int, set[int]]:
    rows: dict[int, set[int]] = defaultdict(set)
    for zoom, name, feature in _features(cut):
        if name == layer:
            rows[zoom].add(feature["properties"]["row"])
    return rows


def test_every_piece_of_road_is_in_the_tiles_of_every_zoom_that_has_roads(
    area: Area, whole: Tiles
) -> None:
    everything = set(range(len(area.segments)))
    zooms_with = range(zooms.ROADS, zooms.LAST + 1)
    assert _rows(whole, "roads") == dict.fromkeys(zooms_with, everything)


def test_every_piece_of_road_has_its_ends_and_its_name_beside_the_tiles(
    area: Area, whole: Tiles
) -> None:
    content = whole.path.with_suffix(tiles.ROADS).read_bytes()
    (count,) = np.frombuffer(content, "<i4", 1)
    assert count == len(area.segments)
    table = np.frombuffer(content, "<i4", 5 * count, offset=4).reshape(-1, 5)
    lines = area.segments.to_crs(WGS84).geometry
    for column, place in ((0, 0), (2, -1)):
        ends = shapely.get_coordinates(shapely.get_point(lines.to_numpy(), place))
        assert np.abs(table[:, column : column + 2] / 1e6 - ends).max() <= 0.51e-6
    names = json.loads(content[4 + 20 * count :])
    known = np.where(area.segments["name"] != "", area.segments["name"], area.segments["ref"])
    assert [names[number] for number in table[:, 4]] == known.tolist()


def test_a_named_road_is_whole_in_the_layer_of_names(area: Area, whole: Tiles) -> None:
    names: dict[int, set[str]] = defaultdict(set)
    for zoom, name, feature in _features(whole):
        if name == "names":
            names[zoom].add(feature["properties"]["name"])
    known = set(area.segments["name"]) - {"", None}
    assert names == dict.fromkeys(range(zooms.ROADS, zooms.LAST + 1), known)


def test_what_lies_behind_the_roads_is_in_the_tiles(whole: Tiles) -> None:
    first: dict[tuple[str, str], int] = {}
    names = set()
    for zoom, name, feature in _features(whole):
        if name not in {"roads", "names"}:
            kind = (name, feature["properties"]["kind"])
            first[kind] = min(first.get(kind, zooms.LAST), zoom)
        if name == "place":
            names.add(feature["properties"]["name"])
    assert first["land", "wood"] == 6
    assert first["stream", "river"] == 10
    assert first["rail", "rail"] == 8
    assert first["building", "building"] == 13
    assert "Vaduz" in names


def test_an_area_without_its_extract_has_roads_alone(town: Area) -> None:
    cut = tiles.cut(replace(town, extract=None))
    assert {name for _, name, _ in _features(cut)} == {"roads", "names"}


def test_another_extract_is_another_file(town: Area, sample: Path) -> None:
    assert tiles.cut(replace(town, extract=sample)).digest != tiles.cut(town).digest


def test_a_stretched_piece_stays_where_it_was() -> None:
    line = shapely.linestrings([[(9.5, 47.0), (9.5, 47.00001)], [(9.5, 47.0), (9.5, 47.2)]])
    short, long = zooms.lengthened(line, 8)
    assert shapely.equals(long, line[1])
    assert short.centroid.distance(line[0].centroid) < 1e-9
    assert 1.0 / 4096 < short.length / (360 / 2**8) < 2.0 / 4096


def test_nothing_that_is_not_public_changes_a_file(town: Area, tmp_path: Path) -> None:
    first = tiles.cut(town)
    content = first.path.read_bytes()
    points = {name: table.iloc[:0] for name, table in town.risk_points.items()}
    scored = town.segments.assign(aadt=1.0, profile=0, area="rural")
    other = replace(
        town,
        key="other",
        name="other",
        risk_points=points,
        crashes=None,
        thresholds={"red": 3.0, "orange": 2.0, "yellow": 1.0},
        network=replace(town.network, segments=scored),
    )
    second = _cut(other, tmp_path / "other")
    assert second.digest == first.digest
    assert second.path.read_bytes() == content


def test_another_name_of_a_road_is_another_file(town: Area) -> None:
    named = town.segments.assign(name="other")
    other = replace(town, network=replace(town.network, segments=named))
    assert tiles.cut(other).digest != tiles.cut(town).digest


def test_what_is_there_is_not_cut_again(town: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    first = tiles.cut(town)
    monkeypatch.setattr(tiles, "_child", _full_disk)
    assert tiles.cut(town) == first


def test_a_writer_that_fails_leaves_no_file_and_says_where(
    town: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "_child", _full_disk)
    with pytest.raises(RiskmapError, match=r"tiles: the tiles of the map cannot be written"):
        tiles.cut(town)
    assert list(tiles.folder().glob("*.pmtiles")) == []
    assert list(tiles.folder().glob("*.part")) == []


def test_what_is_wrong_in_the_writer_is_said(town: Area, tmp_path: Path) -> None:
    broken = tmp_path / "broken.osm"
    broken.write_text("no map")
    with pytest.raises(RiskmapError, match=r"^\S*broken\.osm: cannot be read"):
        tiles.cut(replace(town, extract=broken))
    assert list(tiles.folder().glob("*.pmtiles")) == []


def test_a_folder_that_cannot_be_made_is_said(town: Area, tmp_path: Path) -> None:
    (tmp_path / "tiles").write_text("a file")
    with pytest.raises(RiskmapError, match="RISKMAP_CACHE"):
        tiles.cut(town)


def test_the_folder_keeps_what_was_used_last(
    town: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "KEPT", 2)
    folder = tiles.folder()
    folder.mkdir(parents=True)
    for age, name in enumerate(("new", "old", "older")):
        for suffix in (".pmtiles", tiles.ROADS):
            path = folder / f"{name}{suffix}"
            path.write_bytes(b"x")
            os.utime(path, (1e9 - age, 1e9 - age))
    cut = tiles.cut(town)
    assert {path.stem for path in folder.iterdir()} == {"new", cut.digest}
    monkeypatch.setattr(tiles, "KEPT_BYTES", 1)
    tiles.cut(town)
    assert {path.stem for path in folder.iterdir()} == {cut.digest}


def _full_disk(task: dict[str, Any]) -> None:
    task["target"].write_bytes(b"half of it")
    raise OSError(28, "No space left on device")
