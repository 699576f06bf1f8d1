"""The four levels in files for other programs, as on the page."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import pytest
from defusedxml import ElementTree
from list_readers import KML, hard_list

from riskmap.export import write_list
from riskmap.level_styles import LOOKS, PIXEL_MM
from riskmap.webmap import folium_map


@pytest.fixture(scope="module")
def table(sample: Path) -> gpd.GeoDataFrame:
    return hard_list(sample)


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
    style = ElementTree.fromstring(row[3])
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
    found = ElementTree.parse(tmp_path / "list.kml")
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
