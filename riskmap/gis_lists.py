"""Lists for maps: GeoJSON, GeoPackage, KML and KMZ, and what is known beside the list."""

from __future__ import annotations

import re
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from html import escape
from io import BytesIO
from pathlib import Path
from threading import Lock

import geopandas as gpd
import pandas as pd
import pyogrio

from riskmap import level_styles, list_terms, list_words, zipped_lists
from riskmap.osm import WGS84

_STAMP = "2000-01-01T00:00:00.000Z"
"""Date inside a GeoPackage, which insists on one, so that the same list is the same file."""
_OPTIONS = ("OGR_CURRENT_DATE", "LIBKML_NAME_FIELD")
_SCHEMA = re.compile(r"(\s*<Schema .*?</Schema>)", re.DOTALL)
_ROWS = '<Document id="riskmap">\n      <name>riskmap</name>'
_GDAL = Lock()
"""GDAL's options are those of the whole process, in which the page serves several people."""


def _by_gdal(driver: str, **options: str) -> Callable[[gpd.GeoDataFrame, Path], None]:
    def write(table: gpd.GeoDataFrame, path: Path) -> None:
        # GDAL only warns, or says nothing, when a disk is full: it writes to memory, Python to disk
        drawn = BytesIO()
        name = list_terms.column(table, "name")
        # these formats have no other system: what a list says of its own stands in a column
        placed = table if table.crs else table.set_crs(WGS84)
        with _GDAL:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP, "LIBKML_NAME_FIELD": name})
            try:
                pyogrio.write_dataframe(placed, drawn, driver=driver, layer="riskmap", **options)
            finally:
                pyogrio.set_gdal_config_options(dict.fromkeys(_OPTIONS))
        path.write_bytes(drawn.getvalue())

    return write


_lines_as_gpkg, _lines_as_kml = _by_gdal("GPKG", VERSION="1.2"), _by_gdal("LIBKML")
geojson = _by_gdal("GeoJSON", RFC7946="YES")


def gpkg(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a GeoPackage; QGIS finds the style of the levels in it."""
    _lines_as_gpkg(table, path)
    if told := level_styles.of_lines(table):
        level_styles.into_gpkg(path, told, _STAMP)


def kml(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write KML; lines have the style of their level."""
    _lines_as_kml(table, path)
    # GDAL before 3.7 finds the columns of a zipped file only where the rows are
    head, begin, rows = path.read_text(encoding="utf-8").partition(_ROWS)
    schema = "".join(_SCHEMA.findall(head))
    written = _SCHEMA.sub("", head) + begin + schema + rows
    if told := level_styles.of_lines(table):
        levels = table[told.heading].map(list_words.level_of, na_action="ignore")
        written = level_styles.in_kml(written, levels.tolist())
    path.write_text(written, encoding="utf-8", newline="")


def kmz(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write the same KML, zipped."""
    kml(table, path)
    zipped_lists.pack(path, {"doc.kml": path.read_bytes()})


# --- coverage ----------------------------------------------------------------------------------


def in_gpkg(coverage: pd.DataFrame, path: Path) -> None:
    """Put what is known into a GeoPackage: a table."""
    with closing(sqlite3.connect(path)) as base, base:
        coverage.to_sql("coverage", base, index_label="fid", dtype={"fid": "INTEGER PRIMARY KEY"})
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
            "VALUES ('coverage', 'attributes', 'coverage', ?)",
            (_STAMP,),
        )


def in_geojson(coverage: pd.DataFrame, path: Path) -> None:
    """Put what is known into GeoJSON: a member of the collection."""
    head, name, rest = path.read_text(encoding="utf-8").partition('"name": "riskmap",')
    member = f'\n"coverage": {coverage.to_json(orient="records", force_ascii=False)},'
    path.write_text(head + name + member + rest, encoding="utf-8", newline="")


def in_kml(coverage: pd.DataFrame, path: Path) -> None:
    """Put what is known into KML: the description of the document."""
    head, name, rest = path.read_text(encoding="utf-8").partition('<Document id="root_doc">')
    lines = [" ".join(str(value) for value in row) for row in coverage.itertuples(index=False)]
    said = escape("\n".join([" ".join(coverage.columns), *lines]))
    member = f"\n  <description>{said}</description>"
    path.write_text(head + name + member + rest, encoding="utf-8", newline="")


def in_kmz(coverage: pd.DataFrame, path: Path) -> None:
    """Put what is known into a KMZ file: as in KML."""
    with zipfile.ZipFile(path) as archive:
        path.write_bytes(archive.read("doc.kml"))
    in_kml(coverage, path)
    zipped_lists.pack(path, {"doc.kml": path.read_bytes()})
