"""Words for headings, and places in other systems."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from list_readers import READERS, hard_list, same

from riskmap import list_words
from riskmap.area import LIST_COLUMNS
from riskmap.coords import to_wgs84
from riskmap.errors import RiskmapError
from riskmap.export import WRITERS, write_list
from riskmap.locale import LANGUAGES, text


@pytest.fixture(scope="module")
def table(sample: Path) -> gpd.GeoDataFrame:
    return hard_list(sample)


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
    expected = list_words.spoken(table, lang).drop(columns="geometry").to_dict("records")
    for row, wanted in zip(rows[11:], expected[11:], strict=True):
        for head, name in heads.items():
            assert same(row.get(head), wanted[name]), head
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
