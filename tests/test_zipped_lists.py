"""A Shapefile in a ZIP, and what it has no room for."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from list_readers import hard_list

import riskmap
from riskmap.area import LIST_COLUMNS
from riskmap.cli import main
from riskmap.export import write_list
from riskmap.zipped_lists import _whole, fields, too_long


@pytest.fixture(scope="module")
def table(sample: Path) -> gpd.GeoDataFrame:
    return hard_list(sample)


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


def test_what_a_shapefile_cut_is_told_in_it_column_by_column(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    long = table.copy()
    long["advice"], long["reasons"] = "x" * 254, "y" * 254
    long["name"] = "road"
    long.loc[[0, 1], "name"] = ["长" * 85, "z" * 255]
    long.loc[2, "advice"] = "长" * 84 + "xyz"
    write_list(long, tmp_path / "list.shp.zip")
    with zipfile.ZipFile(tmp_path / "list.shp.zip") as archive:
        told = archive.read("fields.csv").decode("utf-8-sig").splitlines()
    cut_off = {row["column"]: int(row["cut"]) for row in csv.DictReader(told)}
    assert {column: count for column, count in cut_off.items() if count} == {
        "name": 2, "advice": 1,
    }  # fmt: skip
    assert too_long(long) == {"name": 2, "advice": 1}
    assert list(cut_off) == list(LIST_COLUMNS)


@pytest.mark.parametrize("part", ["shp", "shx", "dbf"])
def test_a_part_that_is_cut_short_or_has_a_gap_is_not_whole(
    table: gpd.GeoDataFrame, tmp_path: Path, part: str
) -> None:
    write_list(table, tmp_path / "list.shp.zip")
    with zipfile.ZipFile(tmp_path / "list.shp.zip") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert _whole(parts, "riskmap", len(table))
    assert not _whole(parts, "riskmap", len(table) + 1)
    name = f"riskmap.{part}"
    content = parts[name]
    half = len(content) // 2
    gap = content[:half] + bytes(len(content) - half)
    for broken in (content[:half], content[:-2], b"", bytes(len(content)), gap):
        assert not _whole({**parts, name: broken}, "riskmap", len(table))
    del parts[name]
    assert not _whole(parts, "riskmap", len(table))


def test_the_command_says_what_a_shapefile_cut_and_of_other_formats_nothing(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["hotspots", str(sample), "--top", "60", "--lang"]
    assert main([*call, "zh", "-o", str(tmp_path / "list.shp.zip")]) == 0
    cut_off = too_long(riskmap.assess(sample).hotspots(top=60))
    assert set(cut_off) <= {"reasons", "advice"}
    (line,) = capsys.readouterr().err.splitlines()
    assert f"有 {sum(cut_off.values())} 处被截短" in line
    assert main([*call, "zh", "-o", str(tmp_path / "list.gpkg")]) == 0
    assert capsys.readouterr().err == ""
