"""What lies around lines: a table with OpenStreetMap tags, or an extract → features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from riskmap import line_tags, osm
from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.passes import Wanted
from riskmap.tags import Tags, stacked, tags_of

UNIT = 1e7
"""Places to a degree: OpenStreetMap's own, 1 cm. Lines whose corners share one meet there."""


@dataclass(frozen=True)
class Described:
    """
    Features in WGS 84 as `osm.Extract` has them, and which tags were looked for.

    `answered` are the tags about which the source speaks, None for all: where it has none of a tag
    that it speaks about, there is none.
    """

    table: gpd.GeoDataFrame
    tags: Tags
    answered: frozenset[str] | None
    data_date: str = ""

    def answers(self, layer: Layer) -> bool:
        """Whether the source speaks about the things that a layer looks for on the map."""
        if self.answered is None or layer.touch.relation == "own":
            return True
        asked = [set(source.osm) for source in layer.sources if source.osm]
        asked += [{"highway"} for source in layer.sources if "control" in source.network]
        return not asked or any(keys <= self.answered for keys in asked)


def place_ids(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number each place: the same number for the same place, in whatever table it stands."""
    east = np.round((lon + 180.0) * UNIT).astype(np.int64)
    north = np.round((lat + 90.0) * UNIT).astype(np.int64)
    return east << 31 | north


def in_wgs84(shapes: gpd.GeoSeries, where: str) -> NDArray[np.object_]:
    """Bring shapes to longitude and latitude; `where` begins the message."""
    try:
        return np.asarray(shapes.to_crs(osm.WGS84).to_numpy(), dtype=object)
    except ProjError as fault:
        raise RiskmapError(
            f"{where}: its CRS is tied to no place on earth; set the one that it is in with set_crs"
        ) from fault


def read(
    source: gpd.GeoDataFrame | str | Path | None, asked: Wanted, rules: Mapping[str, Any]
) -> Described:
    """
    Read what lies around from a table or an extract; None is nothing that is known.

    Parameters
    ----------
    source
        Points, lines and areas with tags as columns, as `osmnx.features_from_place` gives them, or
        the path of an extract.
    asked
        From `assessment.asked_tags`.

    Raises
    ------
    RiskmapError
        A table without CRS or without a tag that a layer asks for, or an extract that cannot be
        read.
    """
    if source is None:
        return _described(np.empty(0, dtype=object), tags_of([]), frozenset())
    if isinstance(source, gpd.GeoDataFrame):
        return of_table(source, asked)
    if not isinstance(source, (str, Path)):
        raise RiskmapError(
            f"features: a {type(source).__name__} has no features; give a GeoDataFrame with tags "
            "as columns, or the path of an extract"
        )
    extract = osm.read(source, asked, rules["roads"])
    table = extract.features.to_crs(osm.WGS84)
    table["osm_id"] = _renamed(table.geometry.to_numpy(), table["osm_id"].to_numpy(object))
    return Described(table, extract.feature_tags, None, extract.data_date)


def of_table(table: gpd.GeoDataFrame, asked: Wanted, *, where: str = "features") -> Described:
    """Read features of a table; see `read`."""
    if table.crs is None:
        raise RiskmapError(
            f"{where}: has no CRS, so nobody knows where it lies; set it with set_crs"
        )
    others = table.columns.drop(table.geometry.name)
    names = frozenset(name for name in others if isinstance(name, str))
    columns = line_tags.named(others, names, None, usual=frozenset(), where=where)
    known = [key for key in columns if key in asked]
    if not known:
        raise RiskmapError(
            f"{where}: has no column with a tag that a layer asks for, such as amenity, natural, "
            "waterway, landuse or shop; give tags as columns, or leave it away"
        )
    geometry = shapely.force_2d(in_wgs84(table.geometry, where))
    # an outline that crosses itself has no area to speak of
    geometry = np.where(shapely.is_valid(geometry), geometry, shapely.make_valid(geometry))
    whole = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    whole &= np.isfinite(shapely.bounds(geometry)).all(axis=1)
    rows = np.flatnonzero(whole & table[known].notna().any(axis=1).to_numpy())
    tags = line_tags.tags(table.iloc[rows], columns)
    # the same thing twice is one thing
    twice = pd.DataFrame({"shape": shapely.to_wkb(geometry[rows]), "said": line_tags.said(tags)})
    once = np.flatnonzero(~twice.duplicated().to_numpy())
    return _described(geometry[rows[once]], tags.take(once), frozenset(known))


def joined(described: Described, nodes: Described) -> Described:
    """Features and the tagged nodes of a graph; a node that is among the features is one thing."""
    there = described.table.loc[
        described.tags.has("highway") | described.tags.has("railway"), "osm_id"
    ]
    new = np.flatnonzero(~nodes.table["osm_id"].isin(there).to_numpy())
    table = pd.concat([described.table, nodes.table.iloc[new]], ignore_index=True)
    return Described(
        gpd.GeoDataFrame(table, geometry="geometry", crs=osm.WGS84),
        stacked([described.tags, nodes.tags.take(new)]),
        described.answered,
        described.data_date,
    )


def _described(
    geometry: NDArray[np.object_], tags: Tags, answered: frozenset[str]
) -> Described:
    kinds = np.where(shapely.get_dimensions(geometry) == 0, "n", "w")
    ids = np.char.add(kinds, np.arange(1, len(geometry) + 1).astype(str)).astype(object)
    name = tags.column("name")
    table = gpd.GeoDataFrame(
        {
            "osm_id": pd.Series(_renamed(geometry, ids), dtype=object),
            "name": pd.Series(np.where(name == None, "", name), dtype=object),  # noqa: E711  # element by element
            "clipped": np.zeros(len(geometry), dtype=bool),
            "outlined": np.ones(len(geometry), dtype=bool),
        },
        geometry=geometry,
        crs=osm.WGS84,
    )
    return Described(table, tags, answered)


def _renamed(geometry: NDArray[np.object_], ids: NDArray[np.object_]) -> NDArray[np.object_]:
    """Call points by their place, so that a crossing finds the road whose corner it is."""
    result = ids.copy()
    point = shapely.get_type_id(geometry) == shapely.GeometryType.POINT
    at = geometry[point]
    numbers = place_ids(shapely.get_x(at), shapely.get_y(at))
    result[point] = [f"n{number}" for number in numbers]
    return result
