"""Lists in real programs: GDAL's ogrinfo and ogr2ogr, LibreOffice, DuckDB, SQLite."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import geopandas as gpd
import pandas as pd
import pytest
import shapely
from list_readers import Cells, hard_list, same

import riskmap
from riskmap import list_about
from riskmap.area import LIST_COLUMNS, Area
from riskmap.errors import RiskmapError
from riskmap.export import LONGEST_CELL, check_target, write_list
from riskmap.level_styles import LOOKS
from riskmap.zipped_lists import TEXT_BYTES, cut, fields

GIS = (".gpkg", ".geojson", ".kml", ".kmz", ".shp.zip")
PATIENCE_S = 120
ALL_SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
"""LibreOffice's filter: commas, quotes, UTF-8, the values as they are and not as shown."""


@pytest.fixture(scope="module")
def area(sample: Path) -> Area:
    return riskmap.assess(sample)


@pytest.fixture(scope="module")
def table(sample: Path) -> gpd.GeoDataFrame:
    found = hard_list(sample)
    found.loc[[2, 3, 4, 5], "level"] = ["orange", "yellow", "blue", "unknown"]
    return found


@pytest.fixture(scope="module")
def written(table: gpd.GeoDataFrame, area: Area, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the list in every format that GDAL knows, and as a workbook."""
    folder = tmp_path_factory.mktemp("lists")
    for suffix in (*GIS, ".parquet", ".xlsx"):
        list_about.write(area, table, folder / f"list{suffix}", lang="zh")
    return folder


def _gdal(*words: object) -> str:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def _wanted(table: gpd.GeoDataFrame) -> Cells:
    rows = table.drop(columns="geometry").to_dict("records")
    rows[8]["name"], rows[9]["name"] = "bellgone", "长" * LONGEST_CELL
    return rows


@pytest.mark.parametrize("suffix", GIS)
def test_ogrinfo_opens_the_list_in_wgs_84(
    table: gpd.GeoDataFrame, written: Path, suffix: str
) -> None:
    said = _gdal("ogrinfo", "-ro", "-so", written / f"list{suffix}", "riskmap")
    assert f"Feature Count: {len(table)}" in said
    assert 'ID["EPSG",4326]]' in said


@pytest.mark.parametrize("suffix", GIS)
def test_gdal_reads_every_cell_and_line_as_it_was(
    table: gpd.GeoDataFrame, written: Path, suffix: str
) -> None:
    path = written / f"list{suffix}"
    told = json.loads(_gdal("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", path, "riskmap"))
    rows = [feature["properties"] for feature in told["features"]]
    names = {name: name for name in LIST_COLUMNS}
    if suffix == ".shp.zip":
        names = fields(LIST_COLUMNS)
    elif suffix in (".kml", ".kmz"):
        names["name"] = "Name"
    assert len(rows) == len(table)
    for row, wanted in zip(rows, _wanted(table), strict=True):
        for column, name in names.items():
            whole = wanted[column]
            if suffix == ".shp.zip" and isinstance(whole, str):
                whole = cut(whole, TEXT_BYTES)
            assert same(row.get(name), whole), column
    lines = shapely.force_2d([shapely.geometry.shape(one["geometry"]) for one in told["features"]])
    assert shapely.equals_exact(lines, table.geometry.to_numpy(), tolerance=1.1e-7).all()


def test_duckdb_reads_the_lines_of_parquet(table: gpd.GeoDataFrame, written: Path) -> None:
    with duckdb.connect() as base:
        query = "select geometry from read_parquet(?)"
        found = base.execute(query, [str(written / "list.parquet")]).fetchall()
    lines = shapely.from_wkb([bytes(line) for (line,) in found])
    assert shapely.equals_exact(lines, table.geometry.to_numpy(), tolerance=0).all()


def test_gdal_finds_the_style_of_every_line_in_kml(table: gpd.GeoDataFrame, written: Path) -> None:
    for suffix in (".kml", ".kmz"):
        said = _gdal("ogrinfo", "-ro", "-al", written / f"list{suffix}")
        styles = [
            line.split("=")[1].strip() for line in said.splitlines() if "  Style = " in line
        ]
        assert styles == [f"@level-{level}" for level in table["level"]]
    assert set(table["level"]) == set(LOOKS)


def test_sqlite_finds_no_fault_in_a_geopackage(written: Path) -> None:
    with closing(sqlite3.connect(written / "list.gpkg")) as base:
        assert base.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert base.execute("pragma foreign_key_check").fetchall() == []
        tables = {name for (name,) in base.execute("select table_name from gpkg_contents")}
    assert tables == {"riskmap", "coverage", "layer_styles"}


def _soffice(profile: Path, *words: object) -> list[str]:
    return ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", *map(str, words)]


def test_libreoffice_reads_every_cell_of_every_sheet_as_it_was(
    table: gpd.GeoDataFrame, area: Area, written: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        _soffice(
            tmp_path / "profile", "--convert-to", ALL_SHEETS, "--outdir", tmp_path,
            written / "list.xlsx",
        ),
        capture_output=True, text=True, check=True, timeout=PATIENCE_S,
    )  # fmt: skip
    assert "repair" not in (done.stdout + done.stderr).lower()
    sheets = {
        "riskmap": pd.DataFrame(_wanted(table)),
        "coverage": area.coverage_table("zh"),
        "method": list_about.about(area, lang="zh"),
    }
    for name, wanted in sheets.items():
        with (tmp_path / f"list-{name}.csv").open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        assert head == list(wanted.columns)
        assert len(rows) == len(wanted)
        for row, cells in zip(rows, wanted.to_numpy(object), strict=True):
            assert all(same(one, other) for one, other in zip(row, cells, strict=True)), row


@contextmanager
def _open_in_libreoffice(path: Path, profile: Path) -> Iterator[None]:
    program = subprocess.Popen(
        _soffice(profile, "--norestore", path),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        lock, patience = path.with_name(f".~lock.{path.name}#"), time.monotonic() + PATIENCE_S
        while not lock.exists():
            assert time.monotonic() < patience
            assert program.poll() is None
            time.sleep(0.2)
        yield
    finally:
        # what is called soffice starts the program, which would stay
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def test_a_workbook_that_is_open_in_libreoffice_is_not_replaced(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "list.xlsx"
    write_list(table, path)
    before = path.read_bytes()
    with _open_in_libreoffice(path, tmp_path / "profile"):
        with pytest.raises(RiskmapError, match=r"open in another program, '\.~lock\.list\.xlsx#'"):
            check_target(path)
        with pytest.raises(RiskmapError, match="close it there"):
            write_list(table.iloc[:5], path)
    assert path.read_bytes() == before


def test_a_geopackage_that_is_open_with_a_journal_is_not_replaced(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "list.gpkg"
    write_list(table, path, pd.DataFrame({"title": ["layer"]}))
    with closing(sqlite3.connect(path)) as qgis:
        qgis.execute("pragma journal_mode = wal")
        qgis.execute("update coverage set title = 'x'")
        with pytest.raises(RiskmapError, match=r"'list\.gpkg-wal' lies beside it; close it there"):
            write_list(table.iloc[:5], path)
        qgis.commit()
        assert qgis.execute("select count(*) from riskmap").fetchone() == (len(table),)
    write_list(table.iloc[:5], path)
    assert len(gpd.read_file(path, layer="riskmap")) == 5
    assert [one.name for one in tmp_path.iterdir()] == ["list.gpkg"]
