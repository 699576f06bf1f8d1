"""What lies behind the roads of the self-contained map: little, but enough to know where one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from riskmap import background
from riskmap.errors import RiskmapError
from riskmap.webmap.geometry import WGS84, differences, steps

if TYPE_CHECKING:
    import geopandas as gpd

    from riskmap.area import Area

STRAIGHT_M = 8.0
"""How far an outline may lie from its place: fewer corners make a smaller file."""
LEAST_M2 = 2_500.0
"""Smaller waters are left out."""
KINDS = {"stream": ("river", "canal"), "rail": ("rail",)}
"""Lines that are drawn."""
FROM_ZOOM = {"city": 0, "town": 0, "suburb": 13, "village": 12, "hamlet": 14}
"""Kind of place → the widest zoom of the map that names it."""


def backdrop(area: Area, lang: str, within: shapely.Geometry | None = None) -> dict[str, Any]:
    """
    Write waters, rails and place names of the extract; nothing of an area without one.

    Returns
    -------
    `water`: rings of each area, `stream`, `rail`: lines, all as steps (`geometry.differences`);
    `places`: steps, `names` and `zooms` of places.
    """
    empty: dict[str, Any] = {
        "water": [], "stream": [], "rail": [], "places": [], "names": [], "zooms": [],
    }  # fmt: skip
    if area.extract is None or not area.extract.exists():
        return empty
    try:
        found = background.read(area.extract, area.parameters["roads"])
    except RiskmapError:
        # the extract was moved or the disk is full: the roads are there without what lies behind
        return empty
    if within is not None:
        found = {name: table[table.intersects(within)] for name, table in found.items()}
    water = found["water"]
    parts = shapely.get_parts(_simple(water[water.area >= LEAST_M2]))
    places = found["place"]
    named = places["name_zh"].where(places["name_zh"].notna(), places["name"])
    named = named if lang == "zh" else places["name"]
    there = named.notna().to_numpy()
    points = places.to_crs(WGS84).geometry.to_numpy()[there]
    return {
        "water": [steps(shapely.get_rings(part)) for part in parts],
        **{
            name: steps(shapely.get_parts(_simple(found[name][found[name]["kind"].isin(kinds)])))
            for name, kinds in KINDS.items()
        },
        "places": differences(shapely.get_coordinates(points)) if len(points) else [],
        "names": [str(name) for name in named[there]],
        "zooms": [FROM_ZOOM[kind] for kind in places["kind"][there]],
    }


def _simple(table: gpd.GeoDataFrame) -> np.ndarray[Any, Any]:
    shapes = table.simplify(STRAIGHT_M).to_crs(WGS84).to_numpy()
    return np.asarray(shapes[~shapely.is_empty(shapes)], dtype=object)
