"""The brigade's own lists → features of a layer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.osm import WGS84
from riskmap.relations import Features
from riskmap.tags import stacked, tags_of
from riskmap.touch import node_ids, overridden

DRIVERS: Mapping[str, str] = {".geojson": "GeoJSON", ".gpkg": "GPKG"}
"""Formats read through GDAL, each by its own driver: it must never guess what an upload is."""
HEADERS: Mapping[str, tuple[str, ...]] = {
    "lon": ("lon", "lng", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "name": ("name", "名称", "地点"),
}


def merged(layer: Layer, mapped: Features, folder: Path | None, crs: str) -> Features:
    """
    Add the brigade's own list of a layer to what is mapped.

    The list is looked for in `folder` under the names of the layer's `file` sources: CSV in UTF-8
    with lon and lat (经度, 纬度), GeoJSON or GeoPackage, all in WGS 84. Without a folder or a list
    the mapped features come back. A list that overrides stands alone.

    Raises
    ------
    RiskmapError
        A list that cannot be read, or a coordinate that is no place on earth.
    """
    tables = []
    for source in layer.sources:
        if source.file is None or folder is None:
            continue
        for path in sorted(folder.glob(source.file)):
            tables.append(_read(path).to_crs(crs).assign(amount=source.amount))  # noqa: PERF401  # a loop in a loop reads better
    if not tables:
        return mapped
    own = pd.concat(tables, ignore_index=True)
    table = pd.concat([mapped.table, own], ignore_index=True)
    tags = stacked([mapped.tags, tags_of([{} for _ in range(len(own))])])
    found = Features(gpd.GeoDataFrame(table, crs=crs), tags, node_ids(table["osm_id"]))
    if overridden(layer, found):
        return found.only(np.arange(len(table)) >= len(mapped.table))
    return found


def _read(path: Path) -> gpd.GeoDataFrame:
    suffix = path.suffix.lower()
    try:
        if suffix == ".csv":
            table = _from_csv(path)
        elif suffix in DRIVERS:
            # the driver's name as prefix keeps GDAL from opening the file as anything else
            name = f"{DRIVERS[suffix]}:{path}"
            layers = pyogrio.list_layers(name)
            table = pyogrio.read_dataframe(name, layer=layers[0][0] if len(layers) else None)
        else:
            raise RiskmapError(f"{path}: not a known kind of list; use .csv, .geojson or .gpkg")
    except UnicodeDecodeError as fault:
        raise RiskmapError(f"{path}: is not in UTF-8; save it as 'CSV UTF-8'") from fault
    except (OSError, ValueError, pyogrio.errors.DataSourceError) as fault:
        raise RiskmapError(f"{path}: cannot be read ({' '.join(str(fault).split())})") from fault
    if not isinstance(table, gpd.GeoDataFrame):
        raise RiskmapError(f"{path}: holds no places; save it with points, lines or areas")
    if table.crs is None:
        raise RiskmapError(f"{path}: states no coordinate system; save it in WGS 84")
    geometry = table.geometry.to_numpy()
    rows = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
    table = table.iloc[rows]
    name = table["name"].fillna("").astype(str) if "name" in table else ""
    return gpd.GeoDataFrame(
        {"osm_id": [f"{path.name}:{row + 2}" for row in rows], "name": name},
        geometry=table.geometry.to_numpy(),
        crs=table.crs,
    )


def _from_csv(path: Path) -> gpd.GeoDataFrame:
    table = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    lower = {column.strip().lower(): column for column in table.columns}
    found = {
        wanted: next((lower[h] for h in headers if h in lower), None)
        for wanted, headers in HEADERS.items()
    }
    if found["lon"] is None or found["lat"] is None:
        raise RiskmapError(f"{path}: has no columns lon and lat (经度, 纬度); add both")
    lon = pd.to_numeric(table[found["lon"]], errors="coerce")
    lat = pd.to_numeric(table[found["lat"]], errors="coerce")
    wrong = ~(lon.between(-180, 180) & lat.between(-90, 90))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        values = f"{table[found['lon']].iloc[row]}, {table[found['lat']].iloc[row]}"
        raise RiskmapError(f"{path} row {row + 2}: '{values}' is no longitude and latitude")
    name = table[found["name"]] if found["name"] is not None else [""] * len(table)
    return gpd.GeoDataFrame({"name": name}, geometry=shapely.points(lon, lat), crs=WGS84)
