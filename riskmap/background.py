"""What lies behind the roads on the page's map: land, water, rails, buildings, place names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from riskmap import osm
from riskmap.passes import Wanted
from riskmap.project import read_toml
from riskmap.tags import Tags

TABLE = Path(__file__).with_name("background.toml")
"""Layers of the background, their kinds and tags."""

_DIMENSION = {"point": 0, "line": 1, "area": 2}
_CHINESE = ("name:zh", "name:zh-Hans")


def read(path: str | Path, roads: Mapping[str, Any]) -> dict[str, gpd.GeoDataFrame]:
    """
    Read the background of an extract.

    An area of which the extract lacks the outline is left out: what is known of it, islands in a
    lake for one, is what it is not.

    Parameters
    ----------
    path
        The extract.
    roads
        The table `[roads]` of the parameters.

    Returns
    -------
    A table a layer of `background.toml`, in metres: `kind`, `zoom` (the widest that shows it),
    `name`, `name_zh`, and geometry of one shape. A name that is not there is None.

    Raises
    ------
    RiskmapError
        As `osm.read`.
    """
    layers = _layers()
    extract = osm.read(path, wanted_tags(), roads)
    return {
        name: _layer(extract.features, extract.feature_tags, layer)
        for name, layer in layers.items()
    }


@cache
def _layers() -> dict[str, dict[str, Any]]:
    return read_toml(TABLE)


def wanted_tags() -> Wanted:
    """List the tags that the background needs from an extract: key → values, None for any."""
    asked: dict[str, set[str] | None] = {}
    for layer in _layers().values():
        for kind in layer["kinds"].values():
            for key, values in _tags(kind).items():
                known = asked.setdefault(key, set())
                if "*" in values:
                    asked[key] = None
                elif known is not None:
                    known.update(values)
    return asked


def _tags(kind: Mapping[str, Any]) -> dict[str, list[str]]:
    return {key: values for key, values in kind.items() if key != "zoom"}


def _layer(features: gpd.GeoDataFrame, tags: Tags, layer: Mapping[str, Any]) -> gpd.GeoDataFrame:
    kinds = layer["kinds"]
    number = np.full(len(features), -1)
    for place, kind in enumerate(kinds.values()):
        for key, values in _tags(kind).items():
            fits = tags.holds({key: values}) & ~tags.holds({key: ["no"]})
            number[fits & (number < 0)] = place
    dimension = _DIMENSION[layer["shape"]]
    whole = ~features["clipped"].to_numpy() | features["outlined"].to_numpy()
    rows = np.flatnonzero((number >= 0) & (whole | (dimension < _DIMENSION["area"])))
    shapes = _of_dimension(features.geometry.to_numpy()[rows], dimension)
    rows, shapes = rows[~shapely.is_empty(shapes)], shapes[~shapely.is_empty(shapes)]
    own = tags.take(rows)
    chinese = [own.column(key) for key in _CHINESE]
    return gpd.GeoDataFrame(
        {
            "kind": np.array(list(kinds), dtype=object)[number[rows]],
            "zoom": np.array([kind["zoom"] for kind in kinds.values()])[number[rows]],
            "name": own.column("name"),
            "name_zh": np.where(chinese[0] == None, chinese[1], chinese[0]),  # noqa: E711
        },
        geometry=shapes,
        crs=features.crs,
    )


def _of_dimension(shapes: NDArray[np.object_], dimension: int) -> NDArray[np.object_]:
    """Keep of each shape its parts of one dimension, valid; empty where there are none."""
    invalid = ~shapely.is_valid(shapes)
    shapes = shapes.copy()
    # outlines that cross themselves are common, and each tile would be cut out of them wrongly
    shapes[invalid] = shapely.make_valid(shapes[invalid], method="structure")
    fits = shapely.get_dimensions(shapes) == dimension
    mixed = fits & (shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    for row in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[row])
        parts = shapely.get_parts(parts[shapely.get_dimensions(parts) == dimension])
        shapes[row] = shapely.union_all(parts)
    shapes[~fits] = shapely.Point()
    return shapes
