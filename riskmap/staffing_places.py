"""Stations and posts of a brigade on the roads: the node of each, or why it has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from riskmap.errors import RiskmapError
from riskmap.on_duty import Resources
from riskmap.places import in_crs
from riskmap.segments import Network
from riskmap.staff import Place, Squadron

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Spot:
    """
    Where a post is on the roads.

    `node` (row of `network.nodes`) is where its unit stands, `off_m` metres from where the file
    puts it: at an end of that stretch of road. `segment` (row) is the nearest piece of road.
    """

    node: int
    segment: int
    off_m: float


@dataclass(frozen=True)
class OnRoads:
    """
    Where the resources of a brigade are on the roads.

    `stations`: row of `network.nodes` by squadron, those without a station left out; `posts`: by
    post; `forbidden`: rows of nodes where no
    post may be; `areas`: which segments each squadron works on.
    """

    stations: Mapping[str, int]
    posts: Mapping[str, Spot]
    forbidden: Ints
    areas: Mapping[str, Bools]


def placed(resources: Resources, network: Network, *, nowhere: Sequence[str] = ()) -> OnRoads:
    """
    Find the roads at the stations, posts and forbidden places of a brigade.

    Parameters
    ----------
    resources
        Its limits say how far off the road a station or post may lie (`station_m`, `post_m`).
    network
        The roads of the area.
    nowhere
        Classes of road on which nobody may stand; in tunnels and on bridges never.

    Raises
    ------
    RiskmapError
        A place too far from every road, on none where one may stand, a node or segment that the
        area does not have, or a squadron without any road.
    """
    roads = _Roads(network, nowhere)
    limits = resources.limits
    stations = {
        own.id: roads.node(own.station, limits.station_m, f"station of squadron '{own.id}'")
        for own in resources.squadrons
        if own.station is not None
    }
    posts = {
        own.id: roads.stand(own.place, limits.post_m, f"post '{own.id}'")
        for own in resources.posts
    }
    barred = [
        roads.around(own.place, own.radius_m, limits.post_m, f"forbidden place '{own.id}'")
        for own in resources.forbidden
    ]
    forbidden = np.unique(np.concatenate([np.empty(0, np.int64), *barred]))
    for own in resources.posts:
        if posts[own.id].node in forbidden:
            raise RiskmapError(
                f"post '{own.id}': it lies where a forbidden place allows no post; move it, or "
                "make that place's radius_m smaller"
            )
    return OnRoads(stations, posts, forbidden, _areas(resources.squadrons, roads))


class _Roads:
    """The roads, and where nobody may stand."""

    def __init__(self, network: Network, nowhere: Sequence[str]) -> None:
        segments, edges = network.segments, network.edges
        self.network = network
        self.nowhere = nowhere
        self.xy = network.nodes[["x", "y"]].to_numpy()
        self.tree = cKDTree(self.xy)
        self.shapes = segments.geometry.to_numpy()
        self.lines = shapely.STRtree(self.shapes)
        closed = segments["tunnel"] | segments["bridge"] | segments["road_class"].isin(nowhere)
        self.open = ~closed.to_numpy(bool)
        self.ends = edges[["u", "v"]].to_numpy()
        # a node has room where a segment that ends there has
        first = edges["first_piece"].to_numpy()
        last = first + edges["pieces"].to_numpy() - 1
        self.room = np.zeros(len(self.xy), dtype=bool)
        self.room[self.ends[self.open[first], 0]] = True
        self.room[self.ends[self.open[last], 1]] = True

    def node(self, place: Place, limit_m: float, what: str) -> int:
        """Nearest node of a road."""
        return int(self.tree.query(self._near(place, limit_m, what))[1])

    def stand(self, place: Place, limit_m: float, what: str) -> Spot:
        """Where a unit stands that is to be at a place."""
        point = self._near(place, limit_m, what)
        near = np.sort(self._within(point, limit_m))
        ends = self.ends[self.network.segments["edge"].to_numpy()[near]]
        fits = self.open[near] & self.room[ends].any(axis=1)
        if not fits.any():
            classes = "".join(f", a {name}" for name in self.nowhere)
            raise RiskmapError(
                f"{what}: nobody can stand at {place}: all roads within {limit_m:.0f} m are in a "
                f"tunnel or on a bridge{classes}; move it"
            )
        near, ends = near[fits], ends[fits]
        own = int(np.argmin(shapely.distance(self.shapes[near], shapely.Point(point))))
        nodes = ends[own][self.room[ends[own]]]
        metres = np.hypot(*(self.xy[nodes] - point).T)
        best = int(np.argmin(metres))
        return Spot(int(nodes[best]), int(near[own]), float(metres[best]))

    def around(self, place: Place, radius_m: float, limit_m: float, what: str) -> Ints:
        """Nodes within a radius, and the nearest one."""
        point = self._near(place, max(limit_m, radius_m), what)
        inside = self.tree.query_ball_point(point, radius_m)
        return np.array([*inside, self.tree.query(point)[1]], dtype=np.int64)

    def within(self, area: shapely.Geometry) -> Bools:
        """Segments that an area of WGS 84 meets."""
        own = in_crs(np.array([area], dtype=object), self.network.segments.crs)[0]
        result = np.zeros(len(self.shapes), dtype=bool)
        result[self.lines.query(own, predicate="intersects")] = True
        return result

    def _within(self, point: Floats, metres: float) -> Ints:
        here = shapely.Point(point)
        found = self.lines.query(here, predicate="dwithin", distance=metres)
        return np.asarray(found, dtype=np.int64)

    def _near(self, place: Place, limit_m: float, what: str) -> Floats:
        """Where a place is in metres; it lies within a limit of a road."""
        if place.segment_id or place.node is not None:
            return self._named(place, what)
        lonlat = np.array([shapely.Point(place.lon, place.lat)], dtype=object)
        point = shapely.get_coordinates(in_crs(lonlat, self.network.segments.crs))[0]
        away = np.inf
        if np.isfinite(point).all():
            row = self.lines.nearest(shapely.Point(point))
            away = float(shapely.distance(self.shapes[row], shapely.Point(point)))
        if away > limit_m:
            raise RiskmapError(
                f"{what}: {place} lies {away:,.0f} m from the nearest road of this area, at most "
                f"{limit_m:.0f} m is allowed; mend lon, lat or crs (lon first, in degrees), or "
                "take the extract that covers it"
            )
        return np.asarray(point)

    def _named(self, place: Place, what: str) -> Floats:
        """Where a node or a segment is; of a node between two ends, the piece that it lies on."""
        segments, nodes, on = (
            self.network.segments, self.network.nodes["node_id"].to_numpy(), self.network.on_road
        )  # fmt: skip
        if place.segment_id:
            rows = np.flatnonzero(segments.index == place.segment_id)
            way_out = "take its id from `riskmap score`"
        else:
            here = np.flatnonzero(nodes == place.node)
            if len(here):
                return np.asarray(self.xy[here[0]])
            rows = on["segment"].to_numpy()[on["node_id"].to_numpy() == place.node]
            way_out = "take a node of a road"
        if not len(rows):
            raise RiskmapError(
                f"{what}: {place} is not in this area; {way_out}, or give lon and lat"
            )
        middle = shapely.line_interpolate_point(self.shapes[rows[0]], 0.5, normalized=True)
        return np.asarray(shapely.get_coordinates(middle)[0])


def _areas(squadrons: Sequence[Squadron], roads: _Roads) -> dict[str, Bools]:
    """Segments of each squadron: in its area, nearest to its places, or all."""
    lines = roads.shapes
    towns = [(own.id, town) for own in squadrons for town in own.towns]
    nearest = np.full(len(lines), "", dtype=object)
    if towns:
        points = np.array([shapely.Point(town.lon, town.lat) for _, town in towns], dtype=object)
        xy = shapely.get_coordinates(in_crs(points, roads.network.segments.crs))
        middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
        closest = cKDTree(xy).query(shapely.get_coordinates(middles))[1]
        nearest = np.array([own for own, _ in towns], dtype=object)[closest]
    result = {}
    for own in squadrons:
        if own.area is not None:
            result[own.id] = roads.within(own.area)
        else:
            result[own.id] = nearest == own.id if own.towns else np.ones(len(lines), dtype=bool)
        if not result[own.id].any():
            raise RiskmapError(
                f"squadron '{own.id}': no road of this area lies in its own; mend its area file or "
                "places, and their coordinate system"
            )
    return result
