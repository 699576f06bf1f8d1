"""Lists in every format, read back by other libraries than wrote them."""

from __future__ import annotations

import csv
import json
import math
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from defusedxml import ElementTree
from list_readers import KML, READERS, Cells, hard_list, in_kmz, same, unknown

import riskmap
from riskmap.area import LIST_COLUMNS
from riskmap.export import WRITERS, write_list


@pytest.fixture(scope="module")
def table(sample: Path) -> gpd.GeoDataFrame:
    return hard_list(sample)


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
            assert same(row.get(column), wanted[column]), (column, row.get(column))


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
    said = ElementTree.parse(path).findtext(f"{KML}Document/{KML}description") or ""
    return [{"about": line.split()[0], "name": line.split()[1]} for line in said.splitlines()[1:]]


def _described_in_kmz(path: Path) -> Cells:
    in_kmz(path)
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


def test_no_cell_of_a_workbook_is_a_formula(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    write_list(table, tmp_path / "list.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").active
    assert sheet.freeze_panes == "A2"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_a_link_stays_a_link(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    link.symlink_to(real)
    write_list(table, link)
    assert link.is_symlink()
    assert "rank" in real.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_an_infinite_number_is_unknown_in_every_format(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str
) -> None:
    endless = table.copy()
    endless.loc[0, "harm_per_mvkm"] = math.inf
    path = tmp_path / f"list{suffix}"
    write_list(endless, path)
    assert unknown(READERS[suffix](path)[0].get("harm_per_mvkm"))


@pytest.mark.parametrize("name", [" =1+1", "\n=1+1", "＝1+1"])  # noqa: RUF001  # meant
def test_a_formula_behind_a_blank_or_in_wide_signs_stays_text(
    table: gpd.GeoDataFrame, tmp_path: Path, name: str
) -> None:
    sly = table.copy()
    sly.loc[0, "name"] = name
    write_list(sly, tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["name"] == f"'{name}"
