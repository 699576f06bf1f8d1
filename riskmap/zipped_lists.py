"""Lists that are several files: packed into one ZIP, so that they come whole or not at all."""

from __future__ import annotations

import csv
import io
import struct
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

PARTS = ("shp", "shx", "dbf", "prj", "cpg")
SHORT: Mapping[str, str] = {
    "harm_per_km": "harm_km", "harm_per_mvkm": "harm_mvkm", "share_of_harm": "harm_share",
}  # fmt: skip
"""Names that would all be `harm_per_…` when cut."""
NAME_BYTES, TEXT_BYTES = 10, 254
"""What a Shapefile has room for, in a name and in a text."""
BEGIN = (1980, 1, 1, 0, 0, 0)
"""Date inside a ZIP, so that the same list is the same file."""
_DBASE = 3
"""First byte of a DBF file."""
_LINES, _POINTS = ("LineString", "MultiLineString"), ("Point", "MultiPoint")


def pack(path: Path, parts: Mapping[str, bytes], *, more: bool = False) -> None:
    """Write files into a ZIP; with `more` to those that are in it."""
    with zipfile.ZipFile(path, "a" if more else "w") as archive:
        for name, content in parts.items():
            part = zipfile.ZipInfo(name, BEGIN)
            part.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(part, content)


def fields(columns: Iterable[str]) -> dict[str, str]:
    """
    Name columns as a Shapefile can: at most ten bytes, no two alike.

    Returns
    -------
    Column → name. Those of `SHORT` have names of their own; others are cut, and get a number
    where that makes two alike.
    """
    result: dict[str, str] = {}
    for column in columns:
        name = cut(SHORT.get(column, column), NAME_BYTES)
        taken = {known.lower() for known in result.values()}
        number = 1
        while name.lower() in taken:
            number += 1
            name = f"{cut(column, NAME_BYTES - len(str(number)))}{number}"
        result[column] = name
    return result


def cut(text: str, size: int) -> str:
    """Cut a text to so many bytes of UTF-8, between two characters."""
    return text.encode()[:size].decode(errors="ignore")


def too_long(table: gpd.GeoDataFrame) -> dict[str, int]:
    """Count the texts of every column that a Shapefile has no room for; columns without are out."""
    counts = {
        column: sum(
            isinstance(value, str) and len(value.encode()) > TEXT_BYTES for value in table[column]
        )
        for column in table.columns.drop(table.geometry.name)
    }
    return {column: count for column, count in counts.items() if count}


def shapefile(table: gpd.GeoDataFrame, path: Path) -> None:
    """
    Write a list as a zipped Shapefile, which GDAL and QGIS open as it is.

    A Shapefile is five files, which cannot be replaced all at once; the ZIP can. `fields.csv` in it
    says which name stands for which column, and how many of its texts were cut. Lines and points
    are two Shapefiles in the same ZIP.
    """
    shortened = too_long(table)
    names = fields(table.columns.drop(table.geometry.name))
    short = table.rename(columns=names)
    for name in names.values():
        if not pd.api.types.is_numeric_dtype(short[name].dtype):
            texts = [
                cut(value, TEXT_BYTES) if isinstance(value, str) else None for value in short[name]
            ]
            short[name] = pd.Series(texts, short.index, dtype=object)  # of an empty list too
    parts: dict[str, bytes] = {}
    folder = path.parent / "parts"
    folder.mkdir()
    for layer, part in _layers(short).items():
        parts |= _written(part, folder, layer)
    said = io.StringIO()
    csv.writer(said, lineterminator="\n").writerows(
        [("field", "column", "cut"),
         *((name, column, shortened.get(column, 0)) for column, name in names.items())]
    )  # fmt: skip
    pack(path, {**parts, "fields.csv": said.getvalue().encode("utf-8-sig")})


def _layers(table: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Name → rows; what has no place goes with the lines, or with the points if all are points."""
    kind = table.geometry.geom_type
    points, lines = kind.isin(_POINTS), kind.isin(_LINES)
    if points.any() and lines.any():
        return {"riskmap_lines": table[~points], "riskmap_points": table[points]}
    return {"riskmap": table}


def _written(table: gpd.GeoDataFrame, folder: Path, layer: str) -> dict[str, bytes]:
    kinds = set(table.geometry.dropna().geom_type)
    several = any(kind.startswith("Multi") for kind in kinds)
    kind = "Point" if kinds & set(_POINTS) else "LineString"
    with warnings.catch_warnings():
        if table.crs is None:  # meant: see list_terms
            warnings.filterwarnings("ignore", message="'crs' was not provided")
        try:
            pyogrio.write_dataframe(
                table, folder / f"{layer}.shp", driver="ESRI Shapefile", layer=layer,
                geometry_type=f"Multi{kind}" if several else kind, promote_to_multi=several,
                ENCODING="UTF-8", DBF_DATE_LAST_UPDATE="2000-01-01",
            )  # fmt: skip
        except pyogrio.errors.FeatureError as fault:
            raise OSError(f"{fault}; is the disk full?") from fault
    files = (folder / f"{layer}.{part}" for part in PARTS)
    parts = {file.name: file.read_bytes() for file in files if file.exists()}
    # GDAL may say nothing when a disk is full
    if not _whole(parts, layer, len(table)):
        raise OSError(f"the parts of '{layer}' are not whole; is the disk full?")
    return parts


def _whole(parts: Mapping[str, bytes], layer: str, rows: int) -> bool:
    """Whether all parts are as long as they say and hold so many rows, none of them a gap."""
    try:
        shapes, index, cells = (parts[f"{layer}.{part}"] for part in ("shp", "shx", "dbf"))
        kind, said, head, width = struct.unpack_from("<B3xIHH", cells)
        lengths = [2 * struct.unpack_from(">I", part, 24)[0] for part in (shapes, index)]
        starts = [at for at, _ in struct.iter_unpack(">2I", index[100:])]
        numbers = [struct.unpack_from(">I", shapes, 2 * at)[0] for at in starts]
    except (KeyError, struct.error):
        return False
    return (
        lengths == [len(shapes), len(index)] and numbers == list(range(1, rows + 1))
        and kind == _DBASE and said == rows and width > 0 and len(cells) >= head + rows * width
        and cells[head : head + rows * width : width] == rows * b" "
    )  # fmt: skip
