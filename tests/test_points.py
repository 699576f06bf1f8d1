"""The brigade's own lists: from any format, placed, checked row by row, merged with the map."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import CRS, extract, layer, rules, source, street, thing

from riskmap import touch
from riskmap.coords import from_wgs84
from riskmap.duplicates import stands_for
from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.points import Lists, merged, read_lists, told_merges
from riskmap.relations import Features
from riskmap.segments import cut

X, Y = 500_000.0, 3_130_000.0  # a place in Jiangxi, in metres
TOWN = extract([street((X, Y), (X + 900, Y)), street((X, Y), (X, Y + 900))])
ROADS = cut(TOWN, rules()).segments
TODAY = date(2026, 10, 1)
BESIDE = [(X + 50.0 + 100 * n, Y + 4.0) for n in range(5)]


def _degrees(corners: Sequence[tuple[float, float]], system: str = "wgs84") -> list[list[float]]:
    """Metres of the town as degrees."""
    there = gpd.GeoSeries(shapely.points(corners), crs=CRS).to_crs("EPSG:4326")
    return np.stack(from_wgs84(there.x, there.y, system), axis=1).tolist()


PLACES = _degrees(BESIDE)
LON, LAT = PLACES[0]


def _wide(text: str) -> str:
    """Text in full-width letters, as Chinese keyboards write it."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _school(*own: str, overrides: bool = False, amount: float = 2.0) -> Layer:
    lists = [source(file=name, overrides=overrides, amount=amount) for name in own or ("school.*",)]
    made = layer("school", sources=(source({"amenity": ("school",)}), *lists))
    return replace(made, title={"zh": "学校", "en": "School"})


def _read(
    folder: Path | None, *layers: Layer, system: str | None = None, on: date = TODAY
) -> Lists:
    chosen = {one.name: one for one in layers or (_school(),)}
    return read_lists(folder, chosen, ROADS, system=system, on=on, rules=rules())


def _csv(folder: Path, *lines: str, name: str = "school.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


def _rows(lists: Lists, file: str | None = None) -> pd.DataFrame:
    chosen = lists.report[lists.report["row"] > 0]
    return chosen if file is None else chosen[chosen["file"] == file]


def _why(lists: Lists) -> list[str]:
    return _rows(lists)["why_en"].tolist()


def _notes(lists: Lists) -> list[str]:
    return lists.report.loc[lists.report["outcome"] == "note", "why_en"].tolist()


def _off(lists: Lists, corners: Sequence[tuple[float, float]]) -> float:
    """Largest distance in metres between what was read and where it should be."""
    own = lists.features["school"].geometry.to_numpy()
    assert len(own) == len(corners)
    return float(shapely.distance(own, shapely.points(corners)).max())


# --- formats


def test_without_a_folder_or_a_list_there_is_nothing(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        lists = _read(folder)
        assert dict(lists.features) == {}
        assert lists.report.empty
        assert list(lists.report) == [
            "file", "row", "layer", "name", "outcome", "why_zh", "why_en", "lon", "lat",
        ]  # fmt: skip


@pytest.mark.parametrize(
    "heading",
    [
        "lon,lat,name", "LON, Lat ,Name", "经度,纬度,名称", "\ufefflongitude,latitude,地点",
        f"经度{_wide('(')}°{_wide(')')},纬度(°),名称*", f"{_wide('LNG')},{_wide('Lat')},名 称",
    ],
)  # fmt: skip
def test_a_csv_is_read_by_its_headings_in_either_language(tmp_path: Path, heading: str) -> None:
    _csv(tmp_path, heading, f"{LON},{LAT},一中")
    lists = _read(tmp_path)
    (row,) = lists.features["school"].itertuples()
    assert (row.osm_id, row.name, row.amount) == ("school.csv:2", "一中", 2.0)
    assert (row.first, row.last) == (None, None)
    assert _off(lists, BESIDE[:1]) < 0.001
    assert _rows(lists)[["file", "row", "layer", "name", "outcome"]].to_numpy().tolist() == [
        ["school.csv", 2, "school", "一中", "read"]
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("parting", [",", ";", "\t"])
def test_a_csv_may_be_in_any_encoding_and_with_any_separator(
    tmp_path: Path, encoding: str, parting: str
) -> None:
    rows = (["名称", "经度", "纬度"], ["县一中", str(LON), str(LAT)])
    lines = [parting.join(row) for row in rows]
    _csv(tmp_path, *lines, encoding=encoding)
    lists = _read(tmp_path)
    assert lists.features["school"]["name"].tolist() == ["县一中"]
    assert ("read as GBK" in _notes(lists)) == (encoding in {"gbk", "gb18030"})


def _as_kml(path: Path, degrees: Sequence[Sequence[float]], names: Sequence[str]) -> None:
    marks = "".join(
        f"<Placemark><name>{name}</name><Point><coordinates>{x},{y},31.5</coordinates></Point>"
        "</Placemark>"
        for name, (x, y) in zip(names, degrees, strict=True)
    )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- my places -->\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>夏</name>'
        f"{marks}</Folder></Document></kml>",
        encoding="utf-8",
    )


def _as_kmz(path: Path, degrees: Sequence[Sequence[float]], names: Sequence[str]) -> None:
    _as_kml(path.with_suffix(".tmp"), degrees, names)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path.with_suffix(".tmp"), "doc.kml")
    path.with_suffix(".tmp").unlink()


def _as_xlsx(path: Path, degrees: Sequence[Sequence[float]], names: Sequence[str]) -> None:
    book = openpyxl.Workbook()
    book.active.append(["名称", "经度", "纬度"])
    for name, place in zip(names, degrees, strict=True):
        book.active.append([name, *place])
    book.save(path)


def _as_csv(path: Path, degrees: Sequence[Sequence[float]], names: Sequence[str]) -> None:
    lines = [f"{name},{x!r},{y!r}" for name, (x, y) in zip(names, degrees, strict=True)]
    _csv(path.parent, "名称,经度,纬度", *lines, name=path.name, encoding="gbk")


def _as_shp(path: Path, degrees: Sequence[Sequence[float]], names: Sequence[str]) -> None:
    table = gpd.GeoDataFrame({"名称": list(names)}, geometry=shapely.points(degrees), crs=4326)
    table.to_file(path, encoding="GBK")
    path.with_suffix(".cpg").unlink()  # as most programs in use leave it


def _as_geojson(path: Path, degrees: Sequence[Sequence[float]], names: Sequence[str]) -> None:
    table = gpd.GeoDataFrame({"name": list(names)}, geometry=shapely.points(degrees), crs=4326)
    path.write_text(table.to_json(), encoding="utf-8")


def _as_gpkg(path: Path, degrees: Sequence[Sequence[float]], names: Sequence[str]) -> None:
    table = gpd.GeoDataFrame({"name": list(names)}, geometry=shapely.points(degrees), crs=4490)
    table.to_file(path, driver="GPKG", layer="schools")


WRITERS: Mapping[str, Callable[[Path, Sequence[Sequence[float]], Sequence[str]], None]] = {
    "csv": _as_csv, "xlsx": _as_xlsx, "kml": _as_kml, "kmz": _as_kmz, "shp": _as_shp,
    "geojson": _as_geojson, "gpkg": _as_gpkg,
}  # fmt: skip


@pytest.mark.parametrize("system", ["gcj02", "bd09", "cgcs2000", "wgs84"])
@pytest.mark.parametrize("suffix", list(WRITERS))
def test_every_format_in_every_system_lands_within_a_metre_of_the_right_road(
    tmp_path: Path, suffix: str, system: str
) -> None:
    names = [f"第{n}小学" for n in range(5)]
    WRITERS[suffix](tmp_path / f"school.{suffix}", _degrees(BESIDE, system), names)
    (tmp_path / "school.toml").write_text(f'crs = "{system}"\n', encoding="utf-8")
    lists = _read(tmp_path)
    own = lists.features["school"]
    assert own["name"].tolist() == names
    assert own["osm_id"].tolist() == [f"school.{suffix}:{n}" for n in range(2, 7)]
    assert _off(lists, BESIDE) < 0.001
    nearest = ROADS.sindex.nearest(own.geometry, return_all=False)[1]
    assert set(ROADS["way_id"].iloc[nearest]) == {1}
    moved = system in {"gcj02", "bd09"}
    assert _rows(lists)["outcome"].tolist() == ["moved" if moved else "read"] * 5
    assert np.allclose(_rows(lists)[["lon", "lat"]], PLACES, rtol=0, atol=1e-9)


def test_a_gbk_csv_a_workbook_a_kml_and_a_shapefile_of_one_place_are_one_feature(
    tmp_path: Path,
) -> None:
    for suffix in ("csv", "xlsx", "kml", "shp"):
        WRITERS[suffix](tmp_path / f"school.{suffix}", PLACES[:1], ["一中"])
    lists = _read(tmp_path)
    assert lists.features["school"]["osm_id"].tolist() == ["school.csv:2"]
    others = _rows(lists)[1:]
    assert others["outcome"].tolist() == ["merged"] * 3
    assert set(others["why_en"]) == {"same as school.csv:2"}
    assert set(others["why_zh"]) == {"与 school.csv:2 相同"}


def test_how_far_a_place_was_moved_is_told(tmp_path: Path) -> None:
    _csv(tmp_path, "lon,lat,crs", "{},{},高德".format(*_degrees(BESIDE, "gcj02")[0]))
    lists = _read(tmp_path)
    there = gpd.GeoSeries(
        shapely.points([_degrees(BESIDE, "gcj02")[0]]), crs="EPSG:4326"
    ).to_crs(CRS)  # fmt: skip
    metres = there.distance(shapely.Point(BESIDE[0])).iloc[0]
    assert metres == pytest.approx(617, abs=10)
    told = _why(lists)[0]
    assert told.startswith("converted from GCJ-02: moved by ")
    assert float(told.split()[-2]) == pytest.approx(metres, abs=3)


def test_points_lines_and_areas_keep_their_shape(tmp_path: Path) -> None:
    shapes = [
        shapely.Point(BESIDE[0]),
        shapely.LineString([(X, Y), (X + 50, Y)]),
        shapely.box(X, Y, X + 9, Y + 9),
    ]
    table = gpd.GeoDataFrame({"name": ["a", None, "c"]}, geometry=shapes, crs=CRS)
    table.to_crs("EPSG:4326").to_file(tmp_path / "school.geojson", driver="GeoJSON")
    table.to_file(tmp_path / "school.gpkg", driver="GPKG")  # metres, as the file itself says
    table.assign(wkt=table.to_crs("EPSG:4326").geometry.to_wkt(rounding_precision=12)).drop(
        columns="geometry"
    ).to_csv(tmp_path / "school.csv", index=False)
    lists = _read(tmp_path, replace(_school(), name="x", title={"zh": "学校", "en": "school"}))
    own = lists.features["x"]
    assert own["osm_id"].tolist() == [
        "school.csv:2", "school.csv:3", "school.csv:4", "school.geojson:3", "school.geojson:4",
        "school.gpkg:3", "school.gpkg:4",
    ]  # fmt: skip
    for number, found in enumerate(own.geometry):
        shape = shapes[number if number < 3 else 1 + (number - 3) % 2]
        assert found.geom_type == shape.geom_type
        assert found.hausdorff_distance(shape) < 0.001
    said = [note for note in _notes(lists) if "as the file itself says" in note]
    assert said == ["coordinate system as the file itself says: WGS 84 / UTM zone 50N"]


def test_all_folders_of_a_kml_are_read_and_the_first_filled_table_of_a_geopackage(
    tmp_path: Path,
) -> None:
    folders = "".join(
        f"<Folder><name>{n}</name><Placemark><name>p{n}</name><Point><coordinates>{x},{y}"
        "</coordinates></Point></Placemark></Folder>"
        for n, (x, y) in enumerate(PLACES[:2])
    )
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>'
    (tmp_path / "school.kml").write_text(text, encoding="utf-8")
    table = gpd.GeoDataFrame({"name": ["q"]}, geometry=shapely.points(PLACES[2:3]), crs=4326)
    for name, part in (("none", table[:0]), ("schools", table), ("wells", table)):
        part.to_file(tmp_path / "school.gpkg", driver="GPKG", layer=name)
    lists = _read(tmp_path)
    assert lists.features["school"]["name"].tolist() == ["q", "p0", "p1"]
    assert "only 'schools' was read, not: wells" in _notes(lists)


def test_a_collection_in_a_kml_is_its_largest_kind(tmp_path: Path) -> None:
    (x, y), (x2, y2) = PLACES[:2]
    text = (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><MultiGeometry>'
        f"<Point><coordinates>{x},{y}</coordinates></Point>"
        f"<LineString><coordinates>{x},{y} {x2},{y2}</coordinates></LineString>"
        "</MultiGeometry></Placemark></kml>"
    )
    (tmp_path / "school.kml").write_text(text, encoding="utf-8")
    (shape,) = _read(tmp_path).features["school"].geometry
    assert shape.geom_type == "LineString"


def test_an_area_that_crosses_itself_is_mended(tmp_path: Path) -> None:
    bow = [PLACES[0], [PLACES[1][0], PLACES[1][1] + 0.001], PLACES[1], [LON, LAT + 0.001]]
    _csv(tmp_path, "geometry;name", f"{shapely.Polygon(bow).wkt};a")
    (shape,) = _read(tmp_path).features["school"].geometry
    assert shape.is_valid
    assert shape.area > 0


# --- which list, which system


@pytest.mark.parametrize(
    "name", ["school.csv", "School.CSV", "学校.csv", "SCHOOL.csv", "primary_2026.csv"]
)
def test_a_list_belongs_to_the_layer_whose_name_title_or_pattern_it_bears(
    tmp_path: Path, name: str
) -> None:
    _csv(tmp_path, "lon,lat", f"{LON},{LAT}", name=name)
    own = _read(tmp_path, _school("primary*.csv")).features["school"]
    assert own["osm_id"].tolist() == [f"{name}:2"]
    assert own["amount"].tolist() == [2.0 if name.startswith("primary") else 1.0]


def test_a_list_may_belong_to_two_layers_and_is_reported_for_both(tmp_path: Path) -> None:
    _csv(tmp_path, "lon,lat", f"{LON},{LAT}")
    lists = _read(tmp_path, _school(), layer("people", sources=(source(file="school.*"),)))
    assert set(lists.features) == {"school", "people"}
    assert _rows(lists)["layer"].tolist() == ["people", "school"]


def test_what_belongs_to_no_layer_is_told_with_what_was_probably_meant(tmp_path: Path) -> None:
    _csv(tmp_path, "lon,lat", name="schol.csv")
    _csv(tmp_path, "lon,lat", name="zzz.csv")
    _csv(tmp_path, 'crs = "bd09"', name="alone.toml")
    _csv(tmp_path, "lon,lat", name="fact.csv")
    for name in ("facts.csv", "traffic.csv", "README.md", ".hidden", "~$school.xlsx"):
        (tmp_path / name).write_text("anything", encoding="utf-8")
    (tmp_path / "old").mkdir()
    lists = _read(tmp_path)
    told = dict(zip(lists.report["file"], lists.report["why_en"], strict=True))
    assert told == {
        "schol.csv": "belongs to no layer and was not read; did you mean school.csv?",
        "zzz.csv": "belongs to no layer and was not read; name it after one: school",
        "fact.csv": "belongs to no layer and was not read; did you mean facts.csv?",
        "alone.toml": "no list of this name lies beside it",
        "old": "is a folder and was not read",
    }
    assert set(lists.report["outcome"]) == {"note"}
    assert set(lists.report["row"]) == {0}


def test_where_no_system_is_stated_wgs84_is_taken_and_told(tmp_path: Path) -> None:
    _csv(tmp_path, "lon,lat,crs", f"{LON},{LAT},", f"{PLACES[1][0]},{PLACES[1][1]},WGS84")
    lists = _read(tmp_path)
    assert [note.split(" If")[0] for note in _notes(lists)] == [
        "1 rows state no coordinate system: WGS 84 is taken."
    ]
    assert _off(lists, BESIDE[:2]) < 0.001


def test_the_nearest_statement_of_a_system_counts(tmp_path: Path) -> None:
    """A cell before brackets, brackets before the file beside it, that before the option."""
    x, y = _degrees(BESIDE[:1], "bd09")[0]
    cell = _csv(tmp_path, "经度(GCJ-02),纬度,坐标系", f"{x},{y},百度")
    sidecar = tmp_path / "school.toml"
    sidecar.write_text('crs = "gcj02"', encoding="utf-8")
    assert _off(_read(tmp_path, system="gcj02"), BESIDE[:1]) < 0.001
    _csv(tmp_path, f"经度{_wide('(BD-09)')},纬度", f"{x},{y}")
    assert _off(_read(tmp_path, system="gcj02"), BESIDE[:1]) < 0.001
    _csv(tmp_path, "经度,纬度", f"{x},{y}")
    assert _off(_read(tmp_path, system="bd09"), BESIDE[:1]) > 300
    sidecar.write_text('crs = "百度"', encoding="utf-8")
    assert _off(_read(tmp_path, system="gcj02"), BESIDE[:1]) < 0.001
    sidecar.unlink()
    assert _off(_read(tmp_path, system="bd09"), BESIDE[:1]) < 0.001
    cell.unlink()
    # KML is WGS 84 by its standard: an option for lists that say nothing does not move it
    _as_kml(tmp_path / "school.kml", PLACES[:1], ["a"])
    assert _off(_read(tmp_path, system="bd09"), BESIDE[:1]) < 0.001


def test_projected_coordinates_are_read_where_their_code_is_stated(tmp_path: Path) -> None:
    (x, y) = BESIDE[0]
    rows = f"{x},{y},EPSG:32650", f"{x},{y},", "1,2,EPSG:999999", f"{x},{y},火星"
    _csv(tmp_path, "x,y,crs", *rows)
    lists = _read(tmp_path)
    assert _off(lists, BESIDE[:1]) < 0.001
    assert _rows(lists)["outcome"].tolist() == ["read", "dropped", "dropped", "dropped"]
    _, of_what, unknown, no_degrees = _why(lists)
    assert of_what == "x and y of what? state it in a column crs"
    assert unknown.startswith("coordinate system 'EPSG:999999' is not known")
    assert no_degrees.endswith("is no place on earth")


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ('crs = "gcj2"', r"school\.toml: coordinate system 'gcj2' is not known; did you mean 'gcj"),
        ('datum = "gcj02"', r"school\.toml: unknown key 'datum'"),
        ("crs = ", r"school\.toml: cannot be read as TOML"),
    ],
)
def test_a_wrong_statement_beside_a_list_is_an_error(
    tmp_path: Path, stated: str, message: str
) -> None:
    _csv(tmp_path, "lon,lat", f"{LON},{LAT}")
    (tmp_path / "school.toml").write_text(stated, encoding="utf-8")
    with pytest.raises(RiskmapError, match=message):
        _read(tmp_path)


def test_an_unknown_option_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RiskmapError, match=r"crs: coordinate system 'bd9' is not known"):
        _read(tmp_path, system="bd9")


@pytest.mark.parametrize(("really", "stated"), [("gcj02", ""), ("bd09", ""), ("wgs84", "gcj02")])
def test_a_whole_list_beside_the_roads_is_told_with_its_probable_system_and_not_moved(
    tmp_path: Path, really: str, stated: str
) -> None:
    # along the road to the north: all systems move it across that one
    corners = [(X + 3.0, Y + 100.0 + 150 * n) for n in range(5)]
    lines = [f"{x},{y},{stated}" for x, y in _degrees(corners, really)]
    _csv(tmp_path, "lon,lat,crs", *lines)
    lists = _read(tmp_path)
    (told,) = [note for note in _notes(lists) if note.startswith("the whole list lies")]
    assert f'crs = "{really}"' in told
    assert told.split(" m off")[0].split()[-1].isdigit()
    assert _off(lists, corners) > 300


@pytest.mark.parametrize(("beside_m", "told"), [(60.0, True), (25.0, False)])
def test_a_list_in_a_town_whose_wrong_places_lie_near_other_roads_is_told_too(
    tmp_path: Path, beside_m: float, told: bool  # noqa: FBT001  # of a parametrisation
) -> None:
    corners = [(X + 50.0 + 100 * n, Y) for n in range(5)]
    shifted = gpd.GeoSeries(
        gpd.points_from_xy(*np.transpose(_degrees(corners, "gcj02"))), crs="EPSG:4326"
    ).to_crs(CRS)
    # a second street, beside which the places lie when GCJ-02 is read as WGS 84
    past = float(shifted.y.median()) + beside_m
    town = extract([street((X, Y), (X + 900, Y)), street((X, past), (X + 1900, past))])
    _csv(tmp_path, "lon,lat", *[f"{x},{y}" for x, y in _degrees(corners, "gcj02")])
    lists = read_lists(
        tmp_path, {"school": _school()}, cut(town, rules()).segments, system=None, on=TODAY,
        rules=rules(),
    )  # fmt: skip
    assert any('crs = "gcj02"' in note for note in _notes(lists)) is told


def test_a_list_on_its_roads_and_one_of_two_rows_raise_no_suspicion(tmp_path: Path) -> None:
    _csv(tmp_path, "lon,lat", *[f"{x},{y}" for x, y in PLACES])
    two = [f"{x},{y}" for x, y in _degrees(BESIDE[:2], "gcj02")]
    _csv(tmp_path, "lon,lat", *two, name="学校.csv")
    assert not [note for note in _notes(_read(tmp_path)) if "whole list" in note]


# --- rows


@pytest.mark.parametrize(
    ("lon", "lat", "why"),
    [
        ("", f"{LAT}", "no coordinates"),
        (f"{LON}", "abc", "'abc' is no number of degrees"),
        ("nan", f"{LAT}", "'nan' is no number of degrees"),
        ("inf", f"{LAT}", "'inf' is no number of degrees"),
        ("0", "0", "coordinates are 0/0"),
        (f"{LON}", "91", f"longitude {LON:.5f}, latitude 91.00000 is no place on earth"),
        ("1e9", "1e9", "is no place on earth"),
        (f"{LAT}", f"{LON}", f"longitude {LAT:.5f}, latitude {LON:.5f}: swapped? exchange them"),
        (f"{LON}", "29.0", "78 km or more from the nearest road: not in this area"),
        (f"{-LON}", f"{-LAT}", "km or more from the nearest road: not in this area"),
    ],
)
def test_a_row_that_cannot_be_used_is_dropped_with_the_reason_and_the_others_stay(
    tmp_path: Path, lon: str, lat: str, why: str
) -> None:
    _csv(tmp_path, "name,lon,lat", f"bad,{lon},{lat}", f"good,{LON},{LAT}")
    lists = _read(tmp_path)
    assert lists.features["school"]["name"].tolist() == ["good"]
    assert _rows(lists)["outcome"].tolist() == ["dropped", "read"]
    assert why in _why(lists)[0]
    assert _rows(lists)["why_zh"].iloc[0]


def test_exchanged_coordinates_that_are_both_on_earth_are_found_by_the_roads(
    tmp_path: Path,
) -> None:
    moved = gpd.GeoSeries([shapely.Point(60.0, 45.0)], crs="EPSG:4326").to_crs(CRS).iloc[0]
    town = extract([street((moved.x, moved.y), (moved.x + 900, moved.y))])
    _csv(tmp_path, "lon,lat", "45.0,60.0", "60.0,45.0")
    lists = read_lists(
        tmp_path, {"school": _school()}, cut(town, rules()).segments,
        system="wgs84", on=TODAY, rules=rules(),
    )  # fmt: skip
    assert _rows(lists)["outcome"].tolist() == ["dropped", "read"]
    assert "swapped? exchange them" in _why(lists)[0]


@pytest.mark.parametrize(
    "cell",
    [
        "{x},{y}", f"{{x}}{_wide(',')}{{y}}", "{x} {y}", "({x}, {y})", "{x};{y}",
        "{x}°,{y}°", "N{y} E{x}",
        "北纬{y},东经{x}", "东经{x}度 北纬{y}度",
    ],
)  # fmt: skip
def test_both_coordinates_may_stand_in_one_cell(tmp_path: Path, cell: str) -> None:
    text = cell.format(x=LON, y=LAT)
    _csv(tmp_path, "名称\t坐标", f"a\t{text}")
    assert _off(_read(tmp_path), BESIDE[:1]) < 0.001


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (_wide("117.005"), _wide("28.296")),
        (" 117.005 ", "\u300028.296\u3000"),
        ("117.005°", "28.296 °"),
        ("117°0'18\"", "28°17'45.6\""),
        ("117°0\u203218\u2033E", "28°17\u203245.6\u2033N"),
        ("东经117度0分18秒", "北纬28度17分45.6秒"),
        ("117°0.3'", "28°17.76'"),
        ("E117.005", "N28.296"),
    ],
)
def test_degrees_are_read_as_people_write_them(tmp_path: Path, lon: str, lat: str) -> None:
    _csv(tmp_path, "lon\tlat", f"{lon}\t{lat}")
    table = _rows(_read(tmp_path))
    assert table[["lon", "lat"]].to_numpy()[0] == pytest.approx([117.005, 28.296], abs=1e-9)


def test_what_is_over_is_dropped_and_odd_dates_are_told_and_taken_as_open(tmp_path: Path) -> None:
    rows = ["2026-01-01,2026年9月30日", "2026/1/1,20261001", "2026-11-01,", "someday,长期"]
    lines = [f"{x},{y},{dates}" for (x, y), dates in zip(PLACES, rows, strict=False)]
    _csv(tmp_path, "lon,lat,开始,结束", *lines)
    lists = _read(tmp_path)
    own = lists.features["school"]
    assert own["first"].tolist() == [date(2026, 1, 1), date(2026, 11, 1), None]
    assert own["last"].tolist() == [date(2026, 10, 1), None, None]
    assert _rows(lists)["outcome"].tolist() == ["dropped", "read", "read", "read"]
    assert _why(lists) == [
        "ended on 2026-09-30", "", "", "date 'someday' is not understood: taken as open",
    ]  # fmt: skip
    assert _read(tmp_path, on=date(2026, 9, 30)).features["school"].shape[0] == 4


def test_rows_within_reach_of_each_other_are_one_unless_two_names_or_times_tell_them_apart(
    tmp_path: Path,
) -> None:
    spots = [(0, "一中", ""), (20, "一中", ""), (25, "二中", ""), (5, "", "")]
    spots += [(5, "一中", "2027-01-01"), (60, "一中", ""), (50, "", "")]
    corners = [(X + 100 + metres, Y) for metres, _, _ in spots]
    lines = [
        f"{x},{y},{name},{last}"
        for (x, y), (_, name, last) in zip(_degrees(corners), spots, strict=True)
    ]
    _csv(tmp_path, "lon,lat,name,to", *lines)
    lists = _read(tmp_path)
    assert dict(zip(_rows(lists)["row"], _why(lists), strict=True)) == {
        2: "", 3: "same as school.csv:2", 4: "", 5: "same as school.csv:2", 6: "", 7: "",
        8: "same as school.csv:7",
    }  # fmt: skip


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 150), st.floats(0, 150), st.sampled_from(["", "a", "b"]),
        ),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_whatever_is_merged_stands_within_reach_of_a_kept_one_and_kept_ones_do_not(
    spots: list[tuple[float, float, str]],
) -> None:
    xy = np.array([spot[:2] for spot in spots])
    names = [spot[2] for spot in spots]
    stands = stands_for(xy, names, [(None, None)] * len(names), 30.0)
    assert (stands[stands] == stands).all()
    kept = np.flatnonzero(stands == np.arange(len(names)))
    for name in ("a", "b", ""):
        same = xy[[row for row in kept if names[row] == name]]
        apart = np.hypot(*(same[:, None] - same[None]).transpose(2, 0, 1))
        assert (apart[~np.eye(len(same), dtype=bool)] > 30).all()
    for row in np.flatnonzero(stands != np.arange(len(names))):
        assert names[stands[row]] == names[row] or not names[row]
        assert np.hypot(*(xy[row] - xy[stands[row]])) <= 30


def test_a_hundred_thousand_rows_on_one_spot_take_seconds(tmp_path: Path) -> None:
    lines = [f"{LON},{LAT},n{n}" if n % 3 else f"{LON},{LAT}," for n in range(99_000)]
    _csv(tmp_path, "lon,lat,name", *lines)
    begin = time.perf_counter()
    lists = _read(tmp_path)
    assert time.perf_counter() - begin < 30
    assert len(_rows(lists)) == 99_000
    assert len(lists.features["school"]) == 66_000


@settings(max_examples=40)
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.sampled_from(
                    ["", "0", str(LON), str(LAT), "abc", "=", _wide("117"), "28°17'", "nan"]
                ),
                st.text(
                    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=',"'),
                    max_size=12,
                ),
            ),
            min_size=4, max_size=4,
        ),
        max_size=8,
    )
)  # fmt: skip
def test_every_row_that_says_anything_is_reported_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    _csv(folder, "lon,lat,crs,name", *[",".join(row) for row in rows])
    lists = _read(folder)
    said = [n for n, row in enumerate(rows, 2) if any(cell.strip() for cell in row)]
    assert _rows(lists)["row"].tolist() == said
    used = _rows(lists)["outcome"].isin(["read", "moved"])
    assert used.sum() == len(lists.features["school"])
    assert (_rows(lists).loc[~used, "why_zh"] != "").all()


# --- merged with the map


def _mapped(*places: tuple[float, float]) -> Features:
    town = extract([street((X, Y), (X + 90, Y))], [thing(p, amenity="school") for p in places])
    return touch.features_of(_school(), town.features, town.feature_tags)


def test_a_listed_point_near_a_mapped_feature_is_that_feature(tmp_path: Path) -> None:
    _csv(tmp_path, "lon,lat,name", *[f"{x},{y},s{n}" for n, (x, y) in enumerate(PLACES)])
    lists = _read(tmp_path)
    mapped = _mapped((BESIDE[0][0] + 29.9, BESIDE[0][1]), (BESIDE[2][0], BESIDE[2][1] + 30.1))
    found, same = merged(_school(), mapped, lists.features["school"], merge_m=30.0)
    assert same == {"school.csv:2": "n1000"}
    assert found.table["osm_id"].tolist() == [
        "n1000", "n1001", "school.csv:3", "school.csv:4", "school.csv:5", "school.csv:6",
    ]  # fmt: skip
    assert found.tags.size == len(found.nodes) == len(found.table)
    report = told_merges(lists.report, "school", same)
    assert _rows(replace(lists, report=report))["outcome"].tolist() == ["merged"] + ["read"] * 4
    assert report.loc[report["row"] == 2, "why_en"].tolist() == ["on the map already: n1000"]
    assert _rows(lists)["outcome"].tolist() == ["read"] * 5


def test_a_listed_point_inside_a_mapped_area_is_that_area(tmp_path: Path) -> None:
    _csv(tmp_path, "lon,lat", f"{LON},{LAT}")
    campus = thing(shapely.box(X, Y - 200, X + 300, Y + 200), amenity="school")
    town = extract([street((X, Y), (X + 90, Y))], [campus])
    mapped = touch.features_of(_school(), town.features, town.feature_tags)
    _, same = merged(_school(), mapped, _read(tmp_path).features["school"], merge_m=30.0)
    assert same == {"school.csv:2": "w1000"}


def test_without_a_list_the_map_stays(tmp_path: Path) -> None:
    _csv(tmp_path, "lon,lat")
    for own in (None, _read(tmp_path).features["school"]):
        found, same = merged(_school(overrides=True), _mapped(BESIDE[0]), own, merge_m=30.0)
        assert found.table["osm_id"].tolist() == ["n1000"]
        assert same == {}


def test_a_list_that_overrides_stands_alone(tmp_path: Path) -> None:
    _csv(tmp_path, "lon,lat", f"{LON},{LAT}")
    own = _read(tmp_path).features["school"]
    found, same = merged(_school(overrides=True), _mapped(BESIDE[0]), own, merge_m=30.0)
    assert found.table["osm_id"].tolist() == ["school.csv:2"]
    assert same == {}


def test_a_list_joins_an_empty_map(tmp_path: Path) -> None:
    _csv(tmp_path, "lon,lat", f"{LON},{LAT}")
    found, same = merged(_school(), _mapped(), _read(tmp_path).features["school"], merge_m=30.0)
    assert found.table["osm_id"].tolist() == ["school.csv:2"]
    assert found.table.crs == CRS
    assert same == {}


# --- files with a fault of the whole


def test_objects_without_a_shape_are_dropped_and_told(tmp_path: Path) -> None:
    shape = {"type": "Point", "coordinates": [LON, LAT, 55.0]}
    rows = [
        {"type": "Feature", "properties": {"name": name}, "geometry": geometry}
        for name, geometry in (("nowhere", None), ("here", shape))
    ]
    text = json.dumps({"type": "FeatureCollection", "features": rows})
    (tmp_path / "school.geojson").write_text(text, encoding="utf-8")
    lists = _read(tmp_path)
    assert lists.features["school"]["osm_id"].tolist() == ["school.geojson:3"]
    assert _why(lists) == ["no coordinates", ""]


def test_a_table_without_places_is_refused(tmp_path: Path) -> None:
    _csv(tmp_path, "name,note", "a,b")
    with pytest.raises(RiskmapError, match=r"school\.csv: holds no places; add columns lon and"):
        _read(tmp_path)


def test_what_bears_a_layers_name_and_is_no_list_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "school.docx").write_bytes(io.BytesIO(b"anything").getvalue())
    with pytest.raises(RiskmapError, match=r"school\.docx: not a known kind of list; use \.csv"):
        _read(tmp_path)


def test_a_part_of_a_shapefile_without_the_shapes_is_an_error(tmp_path: Path) -> None:
    _as_shp(tmp_path / "school.shp", PLACES, list("abcde"))
    (tmp_path / "school.shp").unlink()
    with pytest.raises(RiskmapError, match=r"school\.dbf: not a known kind of list"):
        _read(tmp_path)
