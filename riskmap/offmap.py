"""Places of a list against the roads: too far away, exchanged, in a wrong coordinate system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from riskmap.coords import SYSTEMS
from riskmap.places import Account, Placed, in_crs, middles, shifted

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


class Roads:
    """Where the roads are."""

    def __init__(self, segments: gpd.GeoDataFrame) -> None:
        self.crs = segments.crs
        self._tree = shapely.STRtree(segments.geometry.to_numpy())

    def distance(self, shapes: Shapes) -> Floats:
        """Metres from shapes to the nearest road; NaN without a shape, inf where off the map."""
        distance = np.where(shapely.is_missing(shapes), np.nan, np.inf)
        rows = np.flatnonzero(np.isfinite(shapely.bounds(shapes)).all(axis=1))
        if len(rows) and len(self._tree):
            (asked, _), found = self._tree.query_nearest(
                shapes[rows], all_matches=False, return_distance=True
            )
            distance[rows[asked]] = found
        return distance


def on_the_map(
    account: Account, place: Placed, metric: Shapes, roads: Roads, rules: Mapping[str, Any]
) -> None:
    """
    Drop what is far from every road; tell what looks like a wrong system.

    Parameters
    ----------
    account
        Of the rows; those in use have a shape.
    place
        Their shapes.
    metric
        The same in the CRS of the roads.
    roads
        Where the roads are.
    rules
        The table `[points]` of the parameters.
    """
    distance = roads.distance(metric)
    far = distance > rules["far_m"]
    near = np.zeros(len(metric), dtype=bool)
    turned = in_crs(_turned(place.shapes[far]), roads.crs)
    near[far] = roads.distance(turned) <= rules["far_m"]
    lon, lat = ([f"{value:.5f}" for value in values] for values in middles(place.shapes))
    account.say(far & near, "dropped", "import.swapped", lon=lon, lat=lat)
    km = np.where(distance < 1e6, np.ceil(distance / 1000), 1000)  # noqa: PLR2004  # 1,000 km
    account.say(far, "dropped", "import.far", km=[f"{value:.0f}" for value in km])
    _suspect(account, place, roads, distance, rules)


def _suspect(
    account: Account, place: Placed, roads: Roads, distance: Floats, rules: Mapping[str, Any]
) -> None:
    rows = np.flatnonzero(account.alive)
    if len(rows) < 3:  # noqa: PLR2004  # one or two may well lie off the roads
        return
    now = float(np.median(distance[rows]))
    taken = set(place.system[rows])
    few = len(rows) < rules["suspect_rows"]
    if now <= rules["suspect_m" if few else "suspect_near_m"] or len(taken) > 1:
        return
    others = [system for system in SYSTEMS[:3] if system not in taken]
    given = place.given[rows]
    there = {s: in_crs(shifted(given, s), roads.crs) for s in others}
    then = {s: float(np.median(roads.distance(shapes))) for s, shapes in there.items()}
    best = min(then, key=lambda system: then[system])
    # in a town any road is near: there the other system must fit much better
    far = now > rules["suspect_m"]
    if then[best] < rules["suspect_share" if far else "suspect_near_share"] * now:
        account.note(
            "import.note.suspect", metres=f"{now:.0f}", system=best, there=f"{then[best]:.0f}"
        )


def _turned(shapes: Shapes) -> Shapes:
    """Shapes with longitude and latitude exchanged; none where that is no latitude."""
    bounds = np.abs(shapely.bounds(shapes))
    possible = (bounds[:, [0, 2]] <= 90).all(axis=1)  # noqa: PLR2004  # degrees
    turned = shapes.copy()
    turned[~possible] = None
    return shapely.transform(turned, lambda xy: xy[:, ::-1])
