"""Words in the cells of lists with Chinese headings: every format, every reader, every style."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from defusedxml import ElementTree
from list_readers import KML, READERS, hard_list, same

from riskmap import list_changes, list_terms, list_words
from riskmap.area import LIST_COLUMNS
from riskmap.coords import from_wgs84
from riskmap.export import LEVEL_FILLS, WRITERS, write_list
from riskmap.level_styles import LOOKS
from riskmap.locale import LANGUAGES, catalogue, text

LEVELS = {level: text(f"level.{level}", "zh") for level in LOOKS}
WORDED = {
    name: {
        key.removeprefix(f"{section}."): entry["zh"]
        for key, entry in catalogue().items() if key.startswith(f"{section}.")
    }
    for name, section in (("level", "level"), ("road_class", "road_class"), ("area", "road_area"))
}  # fmt: skip


@pytest.fixture(scope="module")
def table(sample: Path) -> gpd.GeoDataFrame:
    found = hard_list(sample)
    found.loc[[12, 13, 14, 15], "level"] = ["orange", "yellow", "blue", "unknown"]
    found.loc[12, "road_class"], found.loc[13, "road_class"] = "bus_guideway", "primary"
    return found


@pytest.mark.parametrize("suffix", sorted(set(WRITERS) - {".shp.zip"}))
def test_codes_are_the_words_of_the_page_under_chinese_headings_in_every_format(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"list{suffix}"
    write_list(table, path, headers="zh")
    rows = READERS[suffix](path)
    wanted = table.drop(columns="geometry").to_dict("records")
    assert len(rows) == len(wanted)
    for row, own in list(zip(rows, wanted, strict=True))[11:]:
        for name in LIST_COLUMNS:
            head = text(f"heading.{name}", "zh")
            if name == "name" and suffix in (".kml", ".kmz"):
                head = "name"
            if name == "peak":
                assert "时" in row[head]
                assert str(own[name]) not in row[head]
            else:
                said = WORDED.get(name, {}).get(own[name], own[name])
                assert same(row.get(head), said), name


def test_a_code_that_nobody_knows_and_what_is_missing_stay_as_they_are(
    table: gpd.GeoDataFrame,
) -> None:
    own = table.iloc[12:14].copy()
    own["level"] = ["crimson", None]
    found = list_words.spoken(own, "zh")
    assert found["road_class"].tolist() == ["bus_guideway", "主干路"]
    assert found["level"].iloc[0] == "crimson"
    assert pd.isna(found["level"].iloc[1])
    assert own["level"].iloc[0] == "crimson"  # what is given is not changed


@pytest.mark.parametrize("headers", ["names", "en"])
def test_codes_stay_codes_for_machines_under_other_headings(
    table: gpd.GeoDataFrame, headers: str
) -> None:
    found = list_terms.termed(table, headers=headers)
    heads = LIST_COLUMNS if headers == "names" else [
        text(f"heading.{name}", "en") for name in LIST_COLUMNS
    ]  # fmt: skip
    cells = pd.DataFrame(found.drop(columns="geometry"))
    assert cells.columns.tolist() == list(heads)
    assert cells.set_axis(LIST_COLUMNS, axis=1).equals(
        pd.DataFrame(table.drop(columns="geometry"))[list(LIST_COLUMNS)]
    )


def test_every_level_and_class_of_road_has_a_word() -> None:
    sections = ("level", "road_class", "road_area", "badweather", "changes", "way_round")
    assert all(any(key.startswith(f"{own}.") for key in catalogue()) for own in sections)
    for change in list_changes.CHANGES:
        assert f"changes.{change}" in catalogue()
    assert set(list_words.levels("zh")) == set(LOOKS)
    assert list_words.levels("en") == {level: level for level in LOOKS}


# --- who reads them ----------------------------------------------------------------------------


def test_qgis_draws_the_levels_by_their_words(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = tmp_path / "list.gpkg"
    write_list(table, path, headers="zh")
    with closing(sqlite3.connect(path)) as base:
        ((style,),) = base.execute("select styleQML from layer_styles").fetchall()
        cells = {own for (own,) in base.execute('select distinct "风险等级" from riskmap')}
    drawn = ElementTree.fromstring(style).find("renderer-v2")
    assert drawn is not None
    assert drawn.get("attr") == "风险等级"
    categories = [one.get("value") for one in drawn.iter("category")]
    assert categories == list(LEVELS.values())
    assert cells == set(LEVELS.values())


@pytest.mark.parametrize("kind", ["referrals", "weather", "outlook"])
def test_lists_of_other_kinds_are_drawn_and_coloured_by_their_words_too(
    table: gpd.GeoDataFrame, tmp_path: Path, kind: str
) -> None:
    for suffix in (".gpkg", ".kml", ".xlsx"):
        write_list(table, tmp_path / f"list{suffix}", headers="zh", kind=kind)
    with closing(sqlite3.connect(tmp_path / "list.gpkg")) as base:
        ((style,),) = base.execute("select styleQML from layer_styles").fetchall()
    assert f'attr="{text(f"heading.{kind}.level", "zh")}"' in style
    assert 'value="红"' in style
    assert "<styleUrl>#level-red" in (tmp_path / "list.kml").read_text(encoding="utf-8")
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx")["riskmap"]
    filled = {cell.value for row in sheet for cell in row if cell.fill.fill_type == "solid"}
    assert filled == {LEVELS[level] for level in LEVEL_FILLS}


def test_who_must_act_is_no_level_of_a_line(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    own = table.assign(level="county")
    write_list(own, tmp_path / "list.gpkg", headers="zh", kind="prone")
    assert gpd.read_file(tmp_path / "list.gpkg", layer="riskmap")["挂牌督办"].eq("县级").all()
    with closing(sqlite3.connect(tmp_path / "list.gpkg")) as base:
        assert not base.execute(
            "select 1 from sqlite_master where name = 'layer_styles'"
        ).fetchall()


@pytest.mark.parametrize("headers", ["names", "zh", "en"])
def test_a_viewer_of_kml_draws_the_levels_by_any_headings(
    table: gpd.GeoDataFrame, tmp_path: Path, headers: str
) -> None:
    write_list(table, tmp_path / "list.kml", headers=headers)
    places = ElementTree.parse(tmp_path / "list.kml").iter(f"{KML}Placemark")
    urls = [place.findtext(f"{KML}styleUrl") for place in places]
    assert urls == [f"#level-{level}" for level in table["level"]]


@pytest.mark.parametrize("headers", ["names", "zh", "en"])
def test_a_workbook_colours_the_levels_under_any_headings(
    table: gpd.GeoDataFrame, tmp_path: Path, headers: str
) -> None:
    write_list(table, tmp_path / "list.xlsx", headers=headers)
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx")["riskmap"]
    head = list(LIST_COLUMNS).index("level") + 1
    fills = [cell.fill.fgColor.rgb for (cell,) in sheet.iter_rows(2, None, head, head)]
    wanted = [LEVEL_FILLS.get(level, "#000000").replace("#", "") for level in table["level"]]
    assert [fill[2:] for fill in fills] == wanted


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson", ".gpkg", ".kml", ".kmz"])
def test_a_list_in_words_is_compared_with_one_in_codes(
    table: gpd.GeoDataFrame, tmp_path: Path, suffix: str
) -> None:
    write_list(table, tmp_path / f"old{suffix}", headers="zh")
    write_list(table, tmp_path / f"new{suffix}")
    old, new = (list_changes.read(tmp_path / f"{own}{suffix}") for own in ("old", "new"))
    assert old["level"].tolist() == new["level"].tolist() == table["level"].tolist()
    assert set(list_changes.changes(old, new)["change"]) == {"same"}


# --- headings and places of other lists --------------------------------------------------------


def test_no_two_columns_have_the_same_heading_in_a_kind_of_list() -> None:
    own: dict[str, dict[str, Mapping[str, str]]] = {}
    for key in catalogue():
        if key.startswith("heading."):
            *kind, name = key.split(".")[1:]
            own.setdefault("".join(kind), {})[name] = catalogue()[key]
    for kind, heads in own.items():
        for lang in LANGUAGES:
            said = [entry[lang].lower() for entry in heads.values()]
            assert {head for head in said if said.count(head) > 1} - SHARED == set(), kind
            assert not {"fid", "geom", "geometry"} & set(said)


SHARED = {"所含路段"}
"""Headings of columns that are never in one list."""


def test_places_of_any_name_are_shifted_together_and_what_has_none_stays() -> None:
    table = pd.DataFrame({
        "entry_lon": [116.0, None], "entry_lat": [28.0, None], "why": ["", "none"],
        "exit_lon": [116.1, None], "exit_lat": [28.1, None],
    })  # fmt: skip
    found = list_terms.placed(table, "gcj02")
    assert found.columns.tolist() == [*table.columns, "crs"]
    for end, lon, lat in (("entry", 116.0, 28.0), ("exit", 116.1, 28.1)):
        there = [float(own) for own in from_wgs84(lon, lat, "gcj02")]
        assert found.loc[0, [f"{end}_lon", f"{end}_lat"]].tolist() == pytest.approx(there, abs=1e-6)
        assert found.loc[1, [f"{end}_lon", f"{end}_lat"]].isna().all()
    assert found["crs"].tolist() == ["GCJ-02"] * 2
    nowhere = pd.DataFrame({"teams": [1]})
    assert list_terms.placed(nowhere, "bd09") is nowhere
