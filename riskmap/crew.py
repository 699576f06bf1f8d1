"""A crew from numbers alone: so many posts and cars in a shift, from one station."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from riskmap import osm, sites
from riskmap.area import Area
from riskmap.deployment import Crew
from riskmap.errors import RiskmapError
from riskmap.key_roads import peaks
from riskmap.roster import Rest, Unit

_SHIFT = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
DAY = 1440.0


def shift(given: str) -> tuple[float, float]:
    """
    Read a shift like "07:00-19:00"; one that ends before it begins ends next day.

    Returns
    -------
    First and last minute after 00:00.

    Raises
    ------
    RiskmapError
        What is no shift.
    """
    match = _SHIFT.fullmatch(given.strip())
    if match is None:
        raise RiskmapError(f"--shift {given}: no shift; write 07:00-19:00, or 22:00-06:00")
    hours = [int(match[1]), int(match[3])]
    minutes = [int(match[2]), int(match[4])]
    if max(minutes) > 59 or hours[0] > 23 or 60 * hours[1] + minutes[1] > DAY:  # noqa: PLR2004  # of a clock
        raise RiskmapError(f"--shift {given}: no time of the clock; write 07:00-19:00")
    first, last = (60.0 * h + m for h, m in zip(hours, minutes, strict=True))
    if first == last:
        raise RiskmapError(f"--shift {given}: has no length; write 07:00-19:00")
    return first, last if last > first else last + DAY


def simple(
    area: Area,
    date: dt.date,
    hours: str,
    *,
    posts: int,
    cars: int = 0,
    officers: int = 2,
    station: tuple[float, float] | None = None,
) -> Crew:
    """
    Make a crew of so many teams and cars with one break each, outside the peaks.

    Parameters
    ----------
    area
        The roads.
    date, hours
        Of the shift: "07:00-19:00"; one that ends before it begins ends next day.
    posts, cars
        Teams that stand, and cars that patrol.
    officers
        Of each of them.
    station
        Longitude and latitude in WGS 84; None is where most of the year's harm is in reach.

    Raises
    ------
    RiskmapError
        Numbers below 0, or a station far from every road.
    """
    first, last = shift(hours)
    asked = (("posts", posts, 0), ("patrols", cars, 0), ("officers", officers, 1))
    for name, number, least in asked:
        if number < least:
            raise RiskmapError(f"--{name} {number}: must be {least} or more")
    node = _station(area, station)
    rests = breaks(area, first, last)

    def units(letter: str, count: int) -> tuple[Unit, ...]:
        return tuple(
            Unit(f"{letter}{n}", "", officers, "car", node, first, last, rests)
            for n in range(1, count + 1)
        )

    return Crew(date, first, last, units("P", posts), units("C", cars))


def breaks(area: Area, first: float, last: float) -> tuple[Rest, ...]:
    """One break in a long shift, in the stretch without a peak that is nearest to its middle."""
    rule = area.parameters["deploy"]
    length = rule["break_min"]
    if last - first < 60.0 * rule["break_after_h"]:
        return ()
    windows = peaks(rule, first, last)
    edges = [first, *(edge for window in windows for edge in window), last]
    free = [(a, b) for a, b in list(pairwise(edges))[::2] if b - a >= 2 * length]
    if not free:
        return ()
    middle = (first + last) / 2.0
    start, end = min(free, key=lambda part: max(part[0] - middle, middle - part[1], 0.0))
    # nobody rests at once on coming, or just before going
    return (Rest(length, max(start, first + 2 * length), min(end, last - length) - length),)


def busiest(area: Area, inside: NDArray[np.bool_] | None = None) -> int:
    """Node from which most of the year's harm is in reach, of all roads or of some segments."""
    harm = area.model.harm().to_numpy() * (1.0 if inside is None else inside)
    known = sites.sites(area, harm)
    return int(known.node[np.argmax(known.cover @ harm)])


def _station(area: Area, place: tuple[float, float] | None) -> int:
    if place is None:
        return busiest(area)
    lon, lat = place
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004  # degrees
        raise RiskmapError(f"--station {lon},{lat}: no place; write longitude,latitude")
    point = gpd.GeoSeries(gpd.points_from_xy([lon], [lat]), crs=osm.WGS84)
    point = point.to_crs(area.segments.crs)
    node, away = sites.nearest(area.network, point.x.to_numpy(), point.y.to_numpy())
    far = area.parameters["deploy"]["station_m"]
    if away[0] > far:
        raise RiskmapError(
            f"--station {lon},{lat}: {away[0]:,.0f} m from the nearest road; at most {far:.0f}: "
            "is it longitude,latitude in WGS 84?"
        )
    return int(node[0])
