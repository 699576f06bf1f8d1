"""The child process that writes a file of tiles: the writer lets nothing else run beside it."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from freestiler import FreestileLayer, freestile, freestile_layer

from riskmap import background
from riskmap.errors import RiskmapError
from riskmap.webmap import zooms
from riskmap.webmap.geometry import WGS84, merged_names
from riskmap.webmap.tiles import NOT_READ

LEAST_PX = 1.5
"""Side of the smallest square that is drawn of the background, on the screen."""
STRAIGHT_PX = 0.5
"""How far, on the screen, the background may lie from its place: fewer corners are drawn sooner."""


class _Name(str):
    """Name of a layer that is equal to no other: a layer has one part for each group of zooms."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


Layers = dict[str, FreestileLayer]


def main() -> None:
    """Do what standard input asks for; what is wrong is the last line of standard error."""
    asked = pickle.load(sys.stdin.buffer)  # noqa: S301  # from the process that started this
    try:
        write(**asked)
    except (RiskmapError, OSError, RuntimeError) as fault:
        sys.stderr.write(f"{fault}\n")
        sys.exit(NOT_READ if isinstance(fault, RiskmapError) else 1)


def write(
    roads: gpd.GeoDataFrame,
    target: Path,
    *,
    extract: Path | None,
    rules: Mapping[str, Any],
) -> None:
    """
    Write a file of tiles: what lies behind the roads, the roads, and their names.

    Parameters
    ----------
    roads
        Pieces of road in WGS 84.
    target
        The file.
    extract, rules
        What `background.read` needs; without an extract there is nothing behind the roads.
    """
    layers: Layers = {}
    if extract:
        for name, table in background.read(extract, rules).items():
            _add_background(layers, name, table)
    lines = zooms.lengthened(roads.geometry.to_numpy(), zooms.ROADS)
    _add(layers, "roads", _table(lines, row=np.arange(len(roads))), zooms.ROADS, zooms.LAST)
    labels, along = merged_names(roads)
    _add(layers, "names", _table(along, name=labels), zooms.ROADS, zooms.LAST)
    freestile(layers, target, min_zoom=zooms.FIRST, max_zoom=zooms.LAST, quiet=True)


def _add_background(layers: Layers, name: str, table: gpd.GeoDataFrame) -> None:
    """Put a layer of the background in, in wide zooms only what is large enough to be seen."""
    if table.empty:
        return
    from_zoom, area = table["zoom"].to_numpy(), table.area.to_numpy()
    has_size = table.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    drawn = table.drop(columns="zoom").dropna(axis="columns", how="all")
    if name != "place":
        drawn = drawn[["kind", "geometry"]]
    latitude = float(np.clip(np.mean(drawn.to_crs(WGS84).total_bounds[[1, 3]]), -80, 80))
    pixel = {zoom: zooms.pixel_m(latitude, zoom) for zoom in range(zooms.FIRST, zooms.LAST)}
    rows = {}
    for zoom in range(zooms.FIRST, zooms.LAST + 1):
        least = (LEAST_PX * pixel.get(zoom, 0.0)) ** 2
        rows[zoom] = np.flatnonzero((from_zoom <= zoom) & (~has_size | (area >= least)))
    none = np.empty(0, np.int64)
    new = [zoom for zoom in rows if not np.array_equal(rows[zoom], rows.get(zoom - 1, none))]
    # zooms in turn that have the same rows share a layer
    for first, after in pairwise([*new, zooms.LAST + 1]):
        part = drawn.iloc[rows[first]]
        coarse = part.simplify(STRAIGHT_PX * pixel.get(after - 1, 0.0))
        _add(layers, name, part.set_geometry(coarse).to_crs(WGS84), first, after - 1)


def _table(lines: zooms.Shapes, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=lines, crs=WGS84)


def _add(layers: Layers, name: str, table: gpd.GeoDataFrame, first: int, last: int) -> None:
    table = table[~shapely.is_empty(table.geometry.to_numpy())]
    if len(table):  # the writer refuses a layer of nothing
        layers[_Name(name)] = freestile_layer(table, min_zoom=first, max_zoom=last)


if __name__ == "__main__":
    main()
