"""A table of lines → roads as `osm.read` gives them, and the way back to the table's rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from riskmap import line_tags, osm
from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.line_features import UNIT, Described, in_wgs84, place_ids
from riskmap.tags import Tags, ranges

_LINES = (
    shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING,
    shapely.GeometryType.MULTILINESTRING,
)  # fmt: skip


@dataclass(frozen=True)
class Lines:
    """
    Lines ready to be assessed.

    `extract` has one way per different line: a line that the table has twice, or once in each
    direction, is one road. `parts` says which ways each row of the table is made of, pairs `row`
    and `way_id`. `left_out` has one word per row, the end of a key `lines.…` of the catalogue, ""
    where the row is a road.
    """

    extract: osm.Extract
    parts: pd.DataFrame
    left_out: NDArray[np.object_]


def read(
    table: gpd.GeoDataFrame,
    layers: Mapping[str, Layer],
    rules: Mapping[str, Any],
    described: Described,
    *,
    columns: Mapping[str, str] | None = None,
    name: str = "lines",
) -> Lines:
    """
    Make roads of a table of lines.

    Parameters
    ----------
    table
        Lines or multi-lines in any CRS; columns as in OpenStreetMap.
    rules
        The whole table of `parameters.toml`.
    described
        What lies around, from `line_features.read`.
    columns
        Tag → column, for columns that are called otherwise.
    name
        What the table is called in messages and in what is made of it.

    Raises
    ------
    RiskmapError
        No CRS, no lines, no road among them, or columns that cannot be read.
    """
    check(table, name)
    keys = line_tags.road_keys(layers, rules)
    others = table.columns.drop(table.geometry.name)
    held = line_tags.named(others, keys, columns, where=name)
    classes = rules["roads"]["classes"]
    ranks = {key: int(row["rank"]) for key, row in classes.items()}
    tags = line_tags.tags(table, held, ranks=ranks)
    unsaid = np.flatnonzero(~tags.has("highway"))
    # OpenStreetMap's own word for a road of which nobody knows the class
    tags = tags.replaced("highway", unsaid, ["road"] * len(unsaid)) if len(unsaid) else tags
    geometry = shapely.force_2d(table.geometry.to_numpy())
    left_out = _left_out(geometry, tags, rules["roads"])
    if not (left_out != "no_line").any():
        raise RiskmapError(f"{name}: holds no lines; give a table of LineStrings")
    row, node, lonlat, count = _corners(geometry, left_out == "", table.crs, name)
    short = np.setdiff1d(np.flatnonzero(left_out == ""), row)
    left_out[short] = "no_length"
    if not len(row) and len(short):
        raise RiskmapError(
            f"{name}: its lines have no length, or lie outside what their CRS covers; are "
            "longitude and latitude swapped?"
        )
    if not len(row):
        found = ", ".join(sorted(set(map(str, tags.column("highway"))))[:8])
        raise RiskmapError(
            f"{name}: holds no road that cars use (highway: {found}); known classes are "
            f"{', '.join(classes)}"
        )
    crs = osm.metric_crs(lonlat[:, 0], lonlat[:, 1], name)
    first = np.cumsum(count) - count
    way, chosen = _different(lonlat, count, row, tags)
    index = ranges(first[chosen], count[chosen])
    to_metres = pyproj.Transformer.from_crs(osm.WGS84, crs, always_xy=True).transform
    x, y = to_metres(lonlat[index, 0], lonlat[index, 1])
    road_tags = tags.take(row[chosen])
    roads = pd.DataFrame(
        {
            "road_class": road_tags.column("highway").astype(str),
            "first": np.cumsum(count[chosen]) - count[chosen],
            "count": count[chosen],
        },
        index=pd.RangeIndex(1, len(chosen) + 1, name="way_id"),
    )
    extract = osm.Extract(
        path=name,
        crs=crs,
        roads=roads,
        road_tags=road_tags,
        vertices=pd.DataFrame({"node_id": node[index], "x": x, "y": y}),
        features=described.table.to_crs(crs),
        feature_tags=described.tags,
        data_date=described.data_date,
    )
    return Lines(extract, pd.DataFrame({"row": row, "way_id": way + 1}), left_out)


def check(table: gpd.GeoDataFrame, name: str) -> None:
    """Refuse what is no table of lines, before anything is worked out."""
    if not isinstance(table, gpd.GeoDataFrame):
        raise RiskmapError(
            f"{name}: a {type(table).__name__} is no table of lines; give a GeoDataFrame or an "
            "osmnx graph"
        )
    try:
        crs = table.crs  # a table without geometry raises here
    except AttributeError as fault:
        raise RiskmapError(
            f"{name}: has no geometry column; name it with set_geometry"
        ) from fault
    if crs is None:
        raise RiskmapError(
            f"{name}: has no CRS, so nobody knows where it lies; set it with set_crs, such as "
            "set_crs('EPSG:4326') for longitude and latitude"
        )
    if not len(table):
        raise RiskmapError(f"{name}: holds no lines; give a table with at least one")
    if not table.index.is_unique:
        again = table.index[table.index.duplicated()][0]
        raise RiskmapError(
            f"{name}: has more than one row {again!r}, so scores could not be told apart; give the "
            "rows names of their own, such as with reset_index"
        )


def _left_out(
    geometry: NDArray[np.object_], tags: Tags, roads: Mapping[str, Any]
) -> NDArray[np.object_]:
    """Why each row is no road, "" where it may be one."""
    result = np.full(len(geometry), "", dtype=object)
    result[~tags.holds({"highway": tuple(roads["classes"])})] = "no_road"
    for key, values in roads["excluded"].items():
        result[tags.holds({key: values})] = "no_road"
    lines = np.isin(shapely.get_type_id(geometry), _LINES) & ~shapely.is_empty(geometry)
    result[~lines] = "no_line"
    return result


def _corners(
    geometry: NDArray[np.object_], use: NDArray[np.bool_], crs: object, name: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """
    Take the lines apart.

    Returns
    -------
    Row of the table of each part; node, longitude and latitude of each corner, part after part;
    and how many corners each part has. Corners at one place after another are one; parts without
    length, or outside what the CRS covers, are gone.
    """
    rows = np.flatnonzero(use)
    lines, at = shapely.get_parts(geometry[rows], return_index=True)
    wgs84 = in_wgs84(gpd.GeoSeries(lines, crs=crs), name)
    lonlat, part = shapely.get_coordinates(wgs84, return_index=True)
    finite = np.isfinite(lonlat).all(axis=1) & (np.abs(lonlat) <= (180.0, 90.0)).all(axis=1)
    whole = np.ones(len(lines), dtype=bool)
    whole[part[~finite]] = False
    kept = whole[part]
    lonlat, part = lonlat[kept], part[kept]
    node = place_ids(lonlat[:, 0], lonlat[:, 1])
    again = np.zeros(len(node), dtype=bool)
    again[1:] = (node[1:] == node[:-1]) & (part[1:] == part[:-1])
    lonlat, part, node = lonlat[~again], part[~again], node[~again]
    count = np.bincount(part, minlength=len(lines))
    long = count >= 2  # noqa: PLR2004  # a line has two ends
    kept = long[part]
    return rows[at[long]], node[kept], lonlat[kept], count[long]


def _different(
    lonlat: NDArray[np.float64],
    count: NDArray[np.int64],
    row: NDArray[np.int64],
    tags: Tags,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Find the parts that are the same road: the same corners, in either direction, and the same tags.

    Roads of one direction are another road in the other direction.

    Returns
    -------
    Way (from 0) of each part, in the order in which ways first appear; first part of each way.
    """
    part = np.repeat(np.arange(len(count)), count)
    lines = shapely.linestrings(np.round(lonlat * UNIT), indices=part)
    oneway = tags.take(row).holds({"oneway": ("yes", "true", "1", "-1", "reverse")})
    shape = shapely.to_wkb(np.where(oneway, lines, shapely.normalize(lines)))
    said = line_tags.said(tags)
    same = pd.MultiIndex.from_arrays([pd.factorize(shape)[0], pd.factorize(said[row])[0]])
    way, _ = pd.factorize(same)
    _, first = np.unique(way, return_index=True)
    return way.astype(np.int64), first.astype(np.int64)
