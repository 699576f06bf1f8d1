"""Lists in every format, read back by other libraries than wrote them."""

from __future__ import annotations

import csv
import json
import math
import os
import sqlite3
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

import riskmap
from riskmap import export
from riskmap.area import LIST_COLUMNS
from riskmap.coords import to_wgs84
from riskmap.errors import RiskmapError
from riskmap.export import WRITERS, write_list, write_text
from riskmap.level_styles import LOOKS, PIXEL_MM
from riskmap.locale import LANGUAGES, text
from riskmap.webmap import folium_map
from riskmap.zipped_lists import fields

KML = "{http://www.opengis.net/kml/2.2}"
HOSTILE = [
    "=1+1", "@SUM(A1)", "-cmd", "+49 1", "<img src=x onerror=alert(1)>", 'a,b;"c"\nd',
    "مرحبا", "🚧 emoji", "bell\x07gone", "长" * 40_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def table(sample: Path) -> gpd.GeoDataFrame:
    found = riskmap.assess(sample).hotspots(top=30)
    for row, name in enumerate(HOSTILE):
        found.loc[row, "name"] = name
    found.loc[11, "low"] = math.nan
    return found


Cells = list[dict[str, Any]]


def _csv(path: Path) -> Cells:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{k: v.removeprefix("'") for k, v in row.items()} for row in rows]


def _xlsx(path: Path) -> Cells:
    sheet = openpyxl.load_workbook(path)["riskmap"]
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def _geojson(path: Path) -> Cells:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [feature["properties"] for feature in features]


def _gpkg(path: Path) -> Cells:
    with sqlite3.connect(path) as base:
        base.row_factory = sqlite3.Row
        rows = [dict(row) for row in base.execute("select * from riskmap order by fid")]
    return [{k: v for k, v in row.items() if k not in ("fid", "geom")} for row in rows]


def _kml(path: Path) -> Cells:
    rows = []
    for place in ET.parse(path).iter(f"{KML}Placemark"):
        row: dict[str, Any] = {"name": place.findtext(f"{KML}name")}
        row |= {data.get("name"): data.text for data in place.iter(f"{KML}SimpleData")}
        rows.append(row)
    return rows


def _parquet(path: Path) -> Cells:
    rows: Cells = pq.read_table(path).drop_columns("geometry").to_pylist()
    return rows


def _kmz(path: Path) -> Cells:
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["doc.kml"]
        copy = path.with_suffix(".unpacked")
        copy.write_bytes(archive.read("doc.kml"))
    return _kml(copy)


def _shapefile(path: Path) -> Cells:
    """Cells of a DBF file, byte by byte, by the columns that `fields.csv` names."""
    with zipfile.ZipFile(path) as archive:
        cells = archive.read("riskmap.dbf")
        assert archive.read("riskmap.cpg").decode() == "UTF-8"
        told = archive.read("fields.csv").decode("utf-8-sig").splitlines()
    column = {row["field"]: row["column"] for row in csv.DictReader(told)}
    rows, head, width = struct.unpack_from("<IHH", cells, 4)
    fields = []
    for at in range(32, head - 32, 32):
        name, size = cells[at : at + 11].split(b"\0")[0].decode(), cells[at + 16]
        fields.append((column[name], size))
    found = []
    for row in range(rows):
        at, values = head + row * width + 1, {}
        for name, size in fields:
            said = cells[at : at + size].decode().strip(" \0")
            values[name] = "" if said == size * "*" else said  # a number that is unknown
            at += size
        found.append(values)
    return found


READERS = {
    ".csv": _csv, ".xlsx": _xlsx, ".geojson": _geojson, ".gpkg": _gpkg, ".kml": _kml,
    ".kmz": _kmz, ".shp.zip": _shapefile, ".parquet": _parquet,
}  # fmt: skip


def _empty(value: Any) -> bool:
    return value in (None, "") or (isinstance(value, float) and math.isnan(value))


def _same(one: Any, other: Any) -> bool:
    if _empty(one) or _empty(other):
        return _empty(one) and _empty(other)
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-12)
    except ValueError:
        return str(one) == str(other)


def test_every_format_has_a_reader_here() -> None:
    assert set(READERS) == set(WRITERS)


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_all_formats_agree_cell_by_cell(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"list{suffix}"
    write_list(table, path)
    rows = READERS[suffix](path)
    assert len(rows) == len(table)
    expected = table.drop(columns="geometry").to_dict("records")
    expected[8]["name"] = "bellgone"
    expected[9]["name"] = "长" * 32_767
    for row, wanted in zip(rows, expected, strict=True):
        for column in LIST_COLUMNS:
            if suffix == ".shp.zip" and isinstance(wanted[column], str):
                wanted[column] = wanted[column].encode()[:254].decode(errors="ignore")
            assert _same(row.get(column), wanted[column]), (column, row.get(column))


COVERAGE: Mapping[str, Callable[[Path], Cells]] = {
    ".xlsx": lambda path: _sheet(path, "coverage"),
    ".geojson": lambda path: json.loads(path.read_text(encoding="utf-8"))["coverage"],
    ".gpkg": lambda path: gpd.read_file(path, layer="coverage").to_dict("records"),
    ".kml": lambda path: _described(path),  # noqa: PLW0108  # defined below
    ".kmz": lambda path: _described_in_kmz(path),  # noqa: PLW0108  # the same
    ".shp.zip": lambda path: _beside(path),  # noqa: PLW0108  # the same
    ".parquet": lambda path: json.loads(pq.read_schema(path).metadata[b"riskmap.coverage"]),
}


def _sheet(path: Path, name: str) -> Cells:
    head, *rows = openpyxl.load_workbook(path)[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def _described(path: Path) -> Cells:
    said = ET.parse(path).findtext(f"{KML}Document/{KML}description") or ""
    return [{"about": line.split()[0], "name": line.split()[1]} for line in said.splitlines()[1:]]


def _described_in_kmz(path: Path) -> Cells:
    _kmz(path)
    return _described(path.with_suffix(".unpacked"))


def _beside(path: Path) -> Cells:
    with zipfile.ZipFile(path) as archive:
        rows: Cells = pd.read_csv(archive.open("coverage.csv")).to_dict("records")
    return rows


@pytest.mark.parametrize("suffix", WRITERS)
def test_what_is_known_goes_with_the_list(
    table: gpd.GeoDataFrame, sample: Path, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"list{suffix}"
    told = riskmap.assess(sample).coverage_table("zh")
    write_list(table, path, told)
    assert len(READERS[suffix](path)) == len(table)
    if suffix == ".csv":  # has one table only: a column says it row by row
        assert all(0 < float(row["coverage"]) <= 1 for row in READERS[suffix](path))
        return
    rows = COVERAGE[suffix](path)
    assert [(row["about"], row["name"]) for row in rows] == list(
        zip(told["about"], told["name"], strict=True)
    )
    if suffix not in (".kml", ".kmz"):
        assert [row["unknown_km"] for row in rows] == told["unknown_km"].tolist()


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_the_same_list_is_the_same_file(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str
) -> None:
    first, second = tmp_path / "a" / f"list{suffix}", tmp_path / "b" / f"list{suffix}"
    for path in (first, second):
        path.parent.mkdir()
        write_list(table, path)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".kml", ".kmz", ".shp.zip"])
def test_gdal_opens_the_list(table: gpd.GeoDataFrame, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"list{suffix}"
    write_list(table, path)
    said = subprocess.run(
        ["ogrinfo", "-ro", "-al", str(path)], capture_output=True, text=True, check=True
    ).stdout
    assert f"Feature Count: {len(table)}" in said
    assert said.count("LINESTRING") >= len(table)
    assert "4326" in said


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_a_long_name_emoji_and_right_to_left_text_stay_what_they_are(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str
) -> None:
    names = ["长" * 84, "x" * 200, "🚧👮🏽‍♂️", "شارع الملك \u200f(5)"]
    named = table.copy()
    named.loc[range(len(names)), "name"] = names
    write_list(named, tmp_path / f"list{suffix}")
    rows = READERS[suffix](tmp_path / f"list{suffix}")
    assert [row["name"] for row in rows[: len(names)]] == names


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_an_empty_list_is_a_list_without_rows_of_the_same_kinds(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"list{suffix}"
    write_list(table.iloc[:0], path)
    assert READERS[suffix](path) == []
    if suffix in (".gpkg", ".shp.zip"):
        empty, full = ({}, {})
        write_list(table, tmp_path / f"full{suffix}")
        for found, name in ((empty, path), (full, tmp_path / f"full{suffix}")):
            said = pyogrio.read_info(name, layer="riskmap")
            found |= dict(zip(said["fields"], said["dtypes"], strict=True))
        assert empty == full


def test_a_shapefile_names_no_two_columns_alike() -> None:
    columns = [*LIST_COLUMNS, "harm_km", "reasons_of_a", "reasons_of_b", "REASONS_OF", "很长的名字"]
    names = fields(columns)
    assert list(names) == columns
    assert len({name.lower() for name in names.values()}) == len(columns)
    assert all(0 < len(name.encode()) <= 10 for name in names.values())


def test_lines_and_points_are_two_shapefiles_in_one_file(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    points = gpd.points_from_xy(table["lon"][20:], table["lat"][20:])
    places = [*table.geometry[:20], *points]
    mixed = table.set_geometry(gpd.GeoSeries(places, index=table.index, crs=table.crs))
    path = tmp_path / "list.shp.zip"
    write_list(mixed, path)
    found = {layer: pyogrio.read_info(path, layer=layer) for layer, _ in pyogrio.list_layers(path)}
    assert {layer: said["features"] for layer, said in found.items()} == {
        "riskmap_lines": 20, "riskmap_points": len(table) - 20,
    }  # fmt: skip


def test_qgis_finds_a_default_style_with_the_four_levels(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "list.gpkg"
    write_list(table, path)
    with sqlite3.connect(path) as base:
        (row,) = base.execute(
            "select f_table_name, f_geometry_column, useAsDefault, styleQML from layer_styles"
        ).fetchall()
        (geometry,) = base.execute("select column_name from gpkg_geometry_columns").fetchall()
    assert row[:3] == ("riskmap", *geometry, 1)
    style = ET.fromstring(row[3].partition("\n")[2])
    renderer = style.find("renderer-v2")
    assert renderer is not None
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "level")
    symbol = {one.get("value"): one.get("symbol") for one in renderer.iter("category")}
    drawn = {
        one.get("name"): {o.get("name"): o.get("value") for o in one.iter("Option")}
        for one in renderer.iter("symbol")
    }
    for level, (colour, pixels) in LOOKS.items():
        paint = drawn[symbol[level]]
        red, green, blue = bytes.fromhex(colour[1:])
        assert paint["line_color"] == f"{red},{green},{blue},255"
        assert float(paint["line_width"] or 0) / PIXEL_MM == pytest.approx(pixels, abs=0.01)
    assert list(symbol) == list(LOOKS)


def test_a_viewer_of_kml_finds_every_line_in_the_style_of_its_level(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    sly = table.copy()
    sly.loc[1, "name"] = '</name><Placemark id="riskmap.9"><ExtendedData>'
    sly.loc[[2, 3, 4], "level"] = ["yellow", "blue", "unknown"]
    write_list(sly, tmp_path / "list.kml")
    found = ET.parse(tmp_path / "list.kml")
    styles = {
        style.get("id"): tuple(style.findtext(f".//{KML}{tag}") for tag in ("color", "width"))
        for style in found.iter(f"{KML}Style")
    }
    assert styles["level-red"] == ("ff2b18b2", "5")
    assert len(set(styles.values())) == len(LOOKS)
    urls = [place.findtext(f"{KML}styleUrl") for place in found.iter(f"{KML}Placemark")]
    assert urls == [f"#level-{level}" for level in sly["level"]]


def test_a_list_without_levels_or_lines_has_no_style(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    points = gpd.points_from_xy(table["lon"], table["lat"], crs=table.crs)
    for other in (table.drop(columns="level"), table.set_geometry(points)):
        for suffix in (".gpkg", ".kml"):
            write_list(other, tmp_path / f"list{suffix}")
        with sqlite3.connect(tmp_path / "list.gpkg") as base:
            known = base.execute("select name from sqlite_master").fetchall()
        assert ("layer_styles",) not in known
        assert "<Style" not in (tmp_path / "list.kml").read_text(encoding="utf-8")


def test_the_page_and_the_files_draw_levels_alike() -> None:
    script = Path(folium_map.__file__).parent / "component" / "assets" / "palette.mjs"
    said = script.read_text(encoding="utf-8")
    for level, (colour, pixels) in LOOKS.items():
        assert f'{{ name: "{level}", width: {pixels:g} }}' in said
        assert f'{level}: "{colour}"' in said.partition("const NIGHT")[0]


def test_libreoffice_opens_the_workbook_and_runs_no_formula(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    write_list(table, tmp_path / "list.xlsx")
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        # 76 is UTF-8
        ["soffice", home, "--headless",
         "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1",
         "--outdir", str(tmp_path), str(tmp_path / "list.xlsx")],
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows[:2]] == ["=1+1", "@SUM(A1)"]
    assert [row["segment_id"] for row in rows] == table["segment_id"].tolist()


def test_no_cell_of_a_workbook_is_a_formula(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    write_list(table, tmp_path / "list.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").active
    assert sheet.freeze_panes == "A2"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_an_unknown_format_names_the_known_ones(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    with pytest.raises(RiskmapError, match=r"unknown format '.xls'.*did you mean '.xlsx'"):
        write_list(table, tmp_path / "list.xls")


def test_a_folder_that_is_missing_or_a_file_is_said(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    with pytest.raises(RiskmapError, match="there is no folder"):
        write_list(table, tmp_path / "nowhere" / "list.csv")
    with pytest.raises(RiskmapError, match="is a folder"):
        write_text(tmp_path, "x")


def test_a_name_too_long_and_a_pipe_are_said_in_one_line(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    with pytest.raises(RiskmapError, match="File name too long"):
        write_list(table, tmp_path / f"{'a' * 300}.csv")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(RiskmapError, match="is a device or a pipe"):
        write_text(pipe, "x")
    assert pipe.is_fifo()


CLOSED_FOLDER = """
import os, sys
from riskmap.errors import RiskmapError
from riskmap.export import check_target
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    check_target(sys.argv[1])
except RiskmapError as fault:
    print(fault)
    sys.exit(2)
"""


@pytest.mark.parametrize("mode", [0o000, 0o555])
def test_a_folder_without_the_right_to_write_is_said_in_one_line(
    tmp_path: Path, mode: int
) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(mode)
    done = subprocess.run(
        [sys.executable, "-c", CLOSED_FOLDER, str(folder / "list.csv")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    folder.chmod(0o755)
    assert done.returncode == 2, done.stderr
    assert done.stdout.count("\n") == 1


def test_a_link_stays_a_link(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    link.symlink_to(real)
    write_list(table, link)
    assert link.is_symlink()
    assert "rank" in real.read_text(encoding="utf-8-sig")


def test_a_list_longer_than_a_sheet_is_refused_not_cut(
    table: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "SHEET_ROWS", len(table))
    with pytest.raises(RiskmapError, match="a sheet holds"):
        write_list(table, tmp_path / "list.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_an_infinite_number_is_unknown_in_every_format(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str
) -> None:
    endless = table.copy()
    endless.loc[0, "harm_per_mvkm"] = math.inf
    path = tmp_path / f"list{suffix}"
    write_list(endless, path)
    assert _empty(READERS[suffix](path)[0].get("harm_per_mvkm"))


@pytest.mark.parametrize("name", [" =1+1", "\n=1+1", "＝1+1"])  # noqa: RUF001  # meant
def test_a_formula_behind_a_blank_or_in_wide_signs_stays_text(
    table: gpd.GeoDataFrame, tmp_path: Path, name: str
) -> None:
    sly = table.copy()
    sly.loc[0, "name"] = name
    write_list(sly, tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["name"] == f"'{name}"


FULL_DISK = """
import pickle, resource, sys
from riskmap.errors import RiskmapError
from riskmap.export import write_list
table = pickle.load(open(sys.argv[1], "rb"))
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    write_list(table, sys.argv[2])
except RiskmapError as fault:
    print(fault)
    sys.exit(2)
"""


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str
) -> None:
    table.to_pickle(tmp_path / "table.pickle")
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / f"list{suffix}"
    target.write_bytes(b"the old list")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "table.pickle"), str(target)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stdout.count("\n") == 1
    assert str(target) in done.stdout
    assert [path.name for path in folder.iterdir()] == [target.name]
    assert target.read_bytes() == b"the old list"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("suffix", sorted(set(WRITERS) - {".shp.zip"}))
def test_headings_in_a_language_stand_over_the_same_cells(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str, lang: str
) -> None:
    heads = {text(f"heading.{name}", lang): name for name in LIST_COLUMNS}
    assert len(heads) == len(LIST_COLUMNS)
    path = tmp_path / f"list{suffix}"
    write_list(table, path, headers=lang)
    rows = READERS[suffix](path)
    if suffix in (".kml", ".kmz"):  # which have a place of their own for a name
        heads = {("name" if name == "name" else head): name for head, name in heads.items()}
    expected = table.drop(columns="geometry").to_dict("records")
    for row, wanted in zip(rows[11:], expected[11:], strict=True):
        for head, name in heads.items():
            assert _same(row.get(head), wanted[name]), head
    if suffix == ".gpkg":
        with sqlite3.connect(path) as base:
            ((style,),) = base.execute("select styleQML from layer_styles").fetchall()
        assert f'attr="{text("heading.level", lang)}"' in style


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
@pytest.mark.parametrize("suffix", sorted(set(WRITERS) - {".gpkg"}))
def test_columns_and_lines_are_in_the_system_that_the_list_names(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str, system: str
) -> None:
    there = table.copy()
    there["lon"], there["lat"] = table["lon"] + 107.0, table["lat"] - 19.0
    there.geometry = table.translate(107.0, -19.0)
    path = tmp_path / f"list{suffix}"
    write_list(there, path, coords=system)
    rows = READERS[suffix](path)
    assert {row["crs"] for row in rows} == {{"gcj02": "GCJ-02", "bd09": "BD-09"}[system]}
    assert abs(float(rows[0]["lon"]) - there["lon"][0]) > 1e-3
    shown = [[float(row[name]) for row in rows] for name in ("lon", "lat")]
    back = to_wgs84(*shown, system)
    assert np.abs(back - there[["lon", "lat"]].to_numpy().T).max() < 2e-6
    if suffix in (".csv", ".xlsx"):
        return
    read = gpd.read_parquet(path) if suffix == ".parquet" else gpd.read_file(path)
    if suffix in (".parquet", ".shp.zip"):
        assert read.crs is None
    ends = shapely.get_coordinates(shapely.force_2d(read.geometry.to_numpy()))
    wanted = shapely.get_coordinates(there.geometry.to_numpy())
    assert np.abs(np.column_stack(to_wgs84(*ends.T, system)) - wanted).max() < 2e-7


@pytest.mark.parametrize(
    ("name", "terms", "said"),
    [
        ("list.gpkg", {"coords": "gcj02"}, "always in WGS 84"),
        ("list.shp.zip", {"headers": "zh"}, "10 bytes of heading"),
        ("list.csv", {"headers": "fr"}, "--headers fr: use one of names, zh, en"),
        ("list.csv", {"coords": "utm"}, "--coords utm: use one of wgs84, gcj02, bd09"),
    ],
)
def test_terms_that_a_format_has_no_room_for_are_refused_and_nothing_is_written(
    table: gpd.GeoDataFrame, tmp_path: Path, name: str, terms: dict[str, str], said: str
) -> None:
    with pytest.raises(RiskmapError, match=said):
        write_list(table, tmp_path / name, **terms)
    assert list(tmp_path.iterdir()) == []
