"""How the four levels look in files for other programs: QGIS's style in a GeoPackage, KML's."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from html import escape
from pathlib import Path

import geopandas as gpd

from riskmap import list_terms, list_words
from riskmap.locale import LANGUAGES, text

STYLES: Mapping[str, tuple[str, float]] = {
    "red": ("#b2182b", 5.0), "orange": ("#e66101", 3.5), "yellow": ("#e5b53b", 2.25),
    "blue": ("#4a86b8", 1.1),
}  # fmt: skip
"""Level → colour and width in pixels, the worst first."""
LOOKS: Mapping[str, tuple[str, float]] = {**STYLES, "unknown": ("#8a8f96", 1.5)}
"""The same, with what has no level."""
PIXEL_MM = 25.4 / 96.0

_DATA = "<ExtendedData>"
# a quoted part may hold anything, what looks like the beginning of an element too
_PARTS = re.compile(
    rf'<!\[CDATA\[.*?\]\]>|<Placemark id="riskmap\.(\d+)">|{_DATA}', re.DOTALL
)
_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
    owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)
"""


@dataclass(frozen=True)
class Told:
    """Where a list tells the level of its lines: the heading, and level → what the cells say."""

    heading: str
    cells: Mapping[str, str]


def of_lines(table: gpd.GeoDataFrame) -> Told | None:
    """Say where a list tells the level of its lines, so that they can be drawn by it."""
    heading = list_terms.column(table, "level")
    cells = list_words.levels(list_terms.headings("level").get(heading or "", ""))
    if heading is None or not set(table[heading].dropna()) <= set(cells.values()):
        return None
    kinds = table.geometry.dropna().geom_type
    lines = kinds.isin(["LineString", "MultiLineString"]).all()
    return Told(heading, cells) if lines else None


def qml(told: Told) -> str:
    """Style of QGIS: lines by level, in colour and width, the worst on top."""
    categories, symbols = [], []
    for number, (level, (colour, pixels)) in enumerate(LOOKS.items()):
        value = told.cells[level]
        label = " ".join(text(f"level.{level}", lang) for lang in LANGUAGES)
        categories.append(
            f'<category value="{value}" symbol="{number}" label="{label}" render="true"/>'
        )
        paint = {
            "line_color": ",".join(map(str, (*bytes.fromhex(colour[1:]), 255))),
            "line_width": f"{pixels * PIXEL_MM:.3f}", "line_width_unit": "MM",
            "line_style": "solid", "capstyle": "round", "joinstyle": "round",
        }  # fmt: skip
        # QGIS before 3.26 reads the second form only
        said = "".join(
            f'<Option type="QString" name="{name}" value="{value}"/>'
            for name, value in paint.items()
        )
        old = "".join(f'<prop k="{name}" v="{value}"/>' for name, value in paint.items())
        symbols.append(
            f'<symbol type="line" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">'
            f'<layer class="SimpleLine" enabled="1" locked="0" pass="{len(LOOKS) - 1 - number}">'
            f'<Option type="Map">{said}</Option>{old}</layer></symbol>'
        )
    return (
        '<qgis version="3.22" styleCategories="Symbology">'
        f'<renderer-v2 type="categorizedSymbol" attr="{escape(told.heading)}" symbollevels="1" '
        f'forceraster="0" enableorderby="0"><categories>{"".join(categories)}</categories>'
        f"<symbols>{''.join(symbols)}</symbols></renderer-v2></qgis>\n"
    )


def into_gpkg(path: Path, told: Told, stamp: str) -> None:
    """Store the style in a GeoPackage where QGIS looks for the one that it opens a layer with."""
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(_TABLE)
        base.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, "
            "update_time) "
            "VALUES ('', '', 'riskmap', 'geom', 'riskmap', ?, '', 1, 'riskmap', '', ?)",
            (qml(told), stamp),
        )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
            (stamp,),
        )


def in_kml(written: str, levels: Sequence[object]) -> str:
    """Give every line of a KML text the style of its level; `levels` in the order of the lines."""
    styles = "".join(
        f'\n  <Style id="level-{level}"><LineStyle><color>ff{colour[5:]}{colour[3:5]}{colour[1:3]}'
        f"</color><width>{pixels:g}</width></LineStyle></Style>"
        for level, (colour, pixels) in LOOKS.items()
    )
    head, name, rest = written.partition('<Document id="root_doc">')
    row = -1

    def with_style(found: re.Match[str]) -> str:
        nonlocal row
        if found[1]:
            row = int(found[1]) - 1
        level = levels[row] if found[0] == _DATA else None
        return f"<styleUrl>#level-{level}</styleUrl>{_DATA}" if level in LOOKS else found[0]

    return head + name + styles + _PARTS.sub(with_style, rest)
