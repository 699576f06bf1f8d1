"""What somebody means who types a name, an id or a place: roads, named places, coordinates."""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.area import Area
from riskmap.cells import plain
from riskmap.coords import to_wgs84
from riskmap.places import WGS84

FAR_M = 2000.0
"""A place further from every road than that is not in the area."""
_PAIR = re.compile(r"(-?\d{1,3}(?:\.\d+)?)\s*[,;\s]\s*(-?\d{1,2}(?:\.\d+)?)")


@dataclass(frozen=True)
class Found:
    """
    One answer: `kind` is "segment", "road", "place" or "coordinates".

    `name` is what it is called, `segment_id` the piece of road to show, `away_m` how far that is.
    """

    kind: str
    name: str
    segment_id: str
    away_m: float = 0.0


def find(
    area: Area, words: str, harm: pd.Series, *, system: str = "wgs84", most: int = 8
) -> list[Found]:
    """
    Look something up in an area.

    Parameters
    ----------
    area
        Where.
    words
        An id of a segment; longitude and latitude; or a part of the name or number of a road, or
        of what a layer has, such as a school or a village. Case and width of letters do not matter.
    harm
        By segment: of a road the piece with most of it is shown.
    system
        Of coordinates, one of `coords.SYSTEMS`.
    most
        How many answers.

    Returns
    -------
    The best first: the whole name before its beginning before a part of it, roads before places.
    """
    asked = plain(words).casefold()
    if not asked:
        return []
    segments = area.segments
    if plain(words) in segments.index:
        return [Found("segment", plain(words), plain(words))]
    if pair := _PAIR.fullmatch(asked):
        return _at(area, float(pair[1]), float(pair[2]), system)
    answers: list[tuple[int, int, str, Found]] = []
    worst = harm.sort_values(ascending=False, kind="stable").index
    for column in ("name", "ref"):
        first = segments.loc[worst, column]
        first = first[(first != "") & ~first.duplicated()]
        for segment, name in first.items():
            if (rank := _rank(asked, str(name))) is not None:
                answers.append((rank, 0, str(name), Found("road", str(name), str(segment))))
    places, tree = _places(area), shapely.STRtree(segments.geometry.to_numpy())
    for row in places[places["name"] != ""].itertuples():
        if (rank := _rank(asked, str(row.name))) is not None:
            segment, away = _nearest(tree, segments, shapely.centroid(row.geometry))
            answers.append((rank, 1, str(row.name), Found("place", str(row.name), segment, away)))
    best = sorted(answers, key=lambda answer: answer[:3])[:most]
    return [found for *_, found in best]


def _rank(asked: str, name: str) -> int | None:
    own = plain(name).casefold()
    if own == asked:
        return 0
    if own.startswith(asked):
        return 1
    return 2 if asked in own else None


def _places(area: Area) -> gpd.GeoDataFrame:
    """Everything with a name that a layer has, once."""
    tables = [points[["name", "geometry"]] for points in area.risk_points.values() if len(points)]
    if not tables:
        return gpd.GeoDataFrame({"name": []}, geometry=[], crs=area.segments.crs)
    every = pd.concat(tables, ignore_index=True)
    return gpd.GeoDataFrame(every, crs=area.segments.crs).drop_duplicates("name", ignore_index=True)


def _at(area: Area, lon: float, lat: float, system: str) -> list[Found]:
    x, y = (float(part) for part in to_wgs84(lon, lat, system))
    place = gpd.GeoSeries(gpd.points_from_xy([x], [y]), crs=WGS84).to_crs(area.segments.crs)
    if not np.isfinite(shapely.get_coordinates(place.iloc[0])).all():
        return []
    tree = shapely.STRtree(area.segments.geometry.to_numpy())
    segment, away = _nearest(tree, area.segments, place.iloc[0])
    if away > FAR_M:
        return []
    return [Found("coordinates", f"{lon:g}, {lat:g}", segment, away)]


def _nearest(
    tree: shapely.STRtree, segments: gpd.GeoDataFrame, point: shapely.Point
) -> tuple[str, float]:
    (row,), (away,) = tree.query_nearest(point, return_distance=True, all_matches=False)
    return str(segments.index[row]), float(away)
