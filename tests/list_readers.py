"""Readers of lists, none of them the library that wrote, and a list that is hard to write."""

from __future__ import annotations

import csv
import json
import math
import sqlite3
import struct
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import geopandas as gpd
import openpyxl
from defusedxml import ElementTree

import riskmap

KML = "{http://www.opengis.net/kml/2.2}"
HOSTILE = [
    "=1+1", "@SUM(A1)", "-cmd", "+49 1", "<img src=x onerror=alert(1)>", 'a,b;"c"\nd',
    "مرحبا", "🚧 emoji", "bell\x07gone", "长" * 40_000,
]  # fmt: skip


def hard_list(extract: Path) -> gpd.GeoDataFrame:
    """List thirty roads, their names hostile, one figure unknown."""
    found = riskmap.assess(extract).hotspots(top=30)
    for row, name in enumerate(HOSTILE):
        found.loc[row, "name"] = name
    found.loc[11, "low"] = math.nan
    return found


Cells = list[dict[str, Any]]


def in_csv(path: Path) -> Cells:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{k: v.removeprefix("'") for k, v in row.items()} for row in rows]


def in_xlsx(path: Path) -> Cells:
    sheet = openpyxl.load_workbook(path)["riskmap"]
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def in_geojson(path: Path) -> Cells:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [feature["properties"] for feature in features]


def in_gpkg(path: Path) -> Cells:
    with sqlite3.connect(path) as base:
        base.row_factory = sqlite3.Row
        rows = [dict(row) for row in base.execute("select * from riskmap order by fid")]
    return [{k: v for k, v in row.items() if k not in ("fid", "geom")} for row in rows]


def in_kml(path: Path) -> Cells:
    rows = []
    for place in ElementTree.parse(path).iter(f"{KML}Placemark"):
        row: dict[str, Any] = {"name": place.findtext(f"{KML}name")}
        row |= {data.get("name"): data.text for data in place.iter(f"{KML}SimpleData")}
        rows.append(row)
    return rows


def in_parquet(path: Path) -> Cells:
    with duckdb.connect() as base:
        found = base.execute("select * exclude geometry from read_parquet(?)", [str(path)])
        heads = [one[0] for one in found.description]
        return [dict(zip(heads, row, strict=True)) for row in found.fetchall()]


def in_kmz(path: Path) -> Cells:
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["doc.kml"]
        copy = path.with_suffix(".unpacked")
        copy.write_bytes(archive.read("doc.kml"))
    return in_kml(copy)


def in_shapefile(path: Path) -> Cells:
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
    ".csv": in_csv, ".xlsx": in_xlsx, ".geojson": in_geojson, ".gpkg": in_gpkg, ".kml": in_kml,
    ".kmz": in_kmz, ".shp.zip": in_shapefile, ".parquet": in_parquet,
}  # fmt: skip


def unknown(value: Any) -> bool:
    return value in (None, "") or (isinstance(value, float) and math.isnan(value))


def same(one: Any, other: Any) -> bool:
    if unknown(one) or unknown(other):
        return unknown(one) and unknown(other)
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-12)
    except ValueError:
        return str(one) == str(other)
