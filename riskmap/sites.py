"""Where a unit can stand, what it reaches from there, and how long it drives between two places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from riskmap import osm
from riskmap.area import Area
from riskmap.routes import Roads, Tree
from riskmap.segments import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

AT_ONCE = 256
"""Places whose reach is worked out at a time."""
VEHICLE = "car"


@dataclass(frozen=True)
class Sites:
    """
    Places where a unit may stand: nodes of the road network.

    `node`: rows of `network.nodes`; `segment`: row of the segment that the unit stands on, the
    worst of those that meet there and have room; `cover`: sites × segments, what a unit at each
    does for each segment against standing right there, 0..1.
    """

    node: Ints
    segment: Ints
    cover: csr_array

    def rows(self, nodes: Ints) -> Ints:
        """Row of each of some nodes, −1 where it is no site."""
        order = np.argsort(self.node)
        at = np.minimum(np.searchsorted(self.node[order], nodes), len(order) - 1)
        found = order[at]
        return np.where(self.node[found] == nodes, found, -1)

    def joined(self, other: Sites) -> Sites:
        """These, then those of others that are not among them."""
        new = self.rows(other.node) < 0
        return Sites(
            np.concatenate([self.node, other.node[new]]),
            np.concatenate([self.segment, other.segment[new]]),
            csr_array(vstack([self.cover, other.cover[np.flatnonzero(new)]])),
        )


def standable(area: Area, rules: Mapping[str, Any]) -> Bools:
    """Segments on which a unit can stop: no tunnel, no bridge, none of the classes `nowhere`."""
    segments = area.segments
    closed = segments["tunnel"] | segments["bridge"]
    closed |= segments["road_class"].isin(rules["nowhere"])
    return ~closed.to_numpy(bool)


def room(area: Area) -> Bools:
    """Nodes at which a unit can stop."""
    open_ = standable(area, area.parameters["sites"])
    return _stood_on(area.network, np.where(open_, 0.0, -np.inf)) >= 0


def sites(area: Area, worth: Floats, nodes: Ints | None = None) -> Sites:
    """
    Choose where a unit may stand.

    Parameters
    ----------
    area
        The roads; `[sites]` of its parameters says how far a unit is felt and how near each other
        two sites may lie.
    worth
        What standing on each segment is for, such as its harm in a shift: of the nodes in a square
        the one on the worst segment is a site, and of the squares those with most in their reach.
    nodes
        Take these rows of `network.nodes` instead, whatever they are worth; those where nobody can
        stand are left out.
    """
    rules, network = area.parameters["sites"], area.network
    segment = _stood_on(network, np.where(standable(area, rules), worth, -np.inf))
    if nodes is None:
        nodes = np.flatnonzero(segment >= 0)
        nodes = nodes[np.lexsort((nodes, -worth[segment[nodes]]))]
        xy = network.nodes[["x", "y"]].to_numpy()[nodes]
        square = np.floor(xy / rules["spacing_m"]).astype(np.int64)
        nodes = nodes[np.sort(np.unique(square, axis=0, return_index=True)[1])]
        cover = reach(network, nodes, rules)
        kept = np.sort(np.argsort(-(cover @ worth), kind="stable")[: rules["most"]])
        return Sites(nodes[kept], segment[nodes[kept]], cover[kept])
    nodes = nodes[segment[nodes] >= 0]
    return Sites(nodes, segment[nodes], reach(network, nodes, rules))


def reach(network: Network, nodes: Ints, rules: Mapping[str, Any]) -> csr_array:
    """
    What a unit at each node does for each segment, nodes × segments.

    The effect of a fixed post halves every `halving_m` along the road and is gone at `reach_m`
    (Elliott & Broughton 2005 via the EC's road safety observatory); both carriageways see it.
    """
    edges, segments = network.edges, network.segments
    u, v, length = (edges[name].to_numpy() for name in ("u", "v", "length_m"))
    size = len(network.nodes)
    graph = _shortest(np.concatenate([u, v]), np.concatenate([v, u]), np.tile(length, 2), size)
    edge = segments["edge"].to_numpy()
    part = (segments["piece"].to_numpy() - 0.5) / edges["pieces"].to_numpy()[edge]
    along = part * length[edge]
    parts = []
    for some in np.array_split(nodes, len(nodes) // AT_ONCE + 1):
        found = dijkstra(graph, indices=some, limit=rules["reach_m"])
        metres = np.minimum(
            found[:, u[edge]] + along, found[:, v[edge]] + (length[edge] - along)
        )
        near = metres <= rules["reach_m"]
        metres[~near] = np.inf
        parts.append(csr_array(np.exp2(-metres / rules["halving_m"])))
    return csr_array(vstack(parts))


def apart(
    network: Network,
    known: Sites,
    worth: Floats,
    open_: Bools,
    metres: float,
    least: int,
    beside: Bools | None = None,
) -> Bools:
    """
    Choose open sites that far from each other as the crow flies, those with most in reach first.

    All sites of `beside` are among them. The distance is halved until there are at least so many.
    """
    settled = np.zeros_like(open_) if beside is None else beside & open_
    order = np.flatnonzero(open_)
    order = order[np.argsort(-(known.cover @ worth)[order], kind="stable")]
    tree = cKDTree(network.nodes[["x", "y"]].to_numpy()[known.node])
    while True:
        near = tree.query_ball_point(tree.data, metres)
        kept, barred = settled.copy(), np.zeros_like(open_)
        for site in np.flatnonzero(settled):
            barred[near[site]] = True
        for site in order:
            if not barred[site]:
                kept[site] = True
                barred[near[site]] = True
        if kept.sum() >= min(least, len(order)):
            return kept
        metres = metres / 2.0 if metres > 1.0 else 0.0


def nearest(network: Network, x: Floats, y: Floats) -> tuple[Ints, Floats]:
    """Node (row) nearest to each point of the area's CRS, and how far that is in metres."""
    away, row = cKDTree(network.nodes[["x", "y"]].to_numpy()).query(np.column_stack([x, y]))
    return np.asarray(row, dtype=np.int64), np.asarray(away)


def around(network: Network, x: float, y: float, count: int = 30) -> Ints:
    """Nodes (rows) nearest to a point of the area's CRS, the nearest first."""
    nodes = network.nodes[["x", "y"]].to_numpy()
    return np.asarray(np.argsort(np.hypot(*(nodes - (x, y)).T), kind="stable")[:count])


def called(network: Network, node: int) -> str:
    """A place as people find it: a road that the node (row) is on, and its lon,lat in WGS 84."""
    ends = network.edges[["u", "v"]].to_numpy()
    at = network.segments["edge"].isin(np.flatnonzero((ends == node).any(axis=1)))
    words = network.segments.loc[at, ["name", "ref"]].to_numpy(object).T.ravel()
    x, y = network.nodes[["x", "y"]].iloc[node]
    point = gpd.GeoSeries(gpd.points_from_xy([x], [y]), crs=network.segments.crs).to_crs(osm.WGS84)
    where = f"{point.x.iloc[0]:.5f},{point.y.iloc[0]:.5f}"
    name = next((str(word) for word in words if word), "")
    return f"{name} ({where})" if name else where


def minutes(roads: Roads, nodes: Sequence[int] | Ints) -> Floats:
    """
    Driving time between places within the speed limits, place × place; infinite where no way leads.

    Parameters
    ----------
    roads
        The directed road graph.
    nodes
        Row of the node of each place; several may be one.
    """
    known, at = np.unique(np.asarray(nodes, dtype=np.int64), return_inverse=True)
    time = roads.time_s[VEHICLE]
    graph = _shortest(roads.tail, roads.head, time, roads.size)
    found = dijkstra(graph, indices=known) / 60.0
    return np.asarray(found[np.ix_(np.arange(len(known)), known)][np.ix_(at, at)])


@dataclass(frozen=True)
class Ways:
    """The quickest ways between nodes, remembered by where they begin."""

    roads: Roads
    _trees: dict[int, Tree] = field(default_factory=dict, repr=False)

    def way(self, first: int, last: int) -> tuple[Ints, Floats]:
        """
        Find the quickest way within the speed limits.

        Returns
        -------
        Rows of the nodes that it passes, both ends among them, and the minutes at each from the
        start.

        Raises
        ------
        LookupError
            No way leads there.
        """
        time = self.roads.time_s[VEHICLE]
        if first not in self._trees:
            self._trees[first] = self.roads.tree(time, first)
        tree = self._trees[first]
        if not np.isfinite(tree.cost_s[last]):
            raise LookupError(last)
        arcs = tree.way(last)
        spent = np.concatenate([[0.0], np.cumsum(time[arcs])]) / 60.0
        return np.concatenate([[first], self.roads.head[arcs]]), spent


def _stood_on(network: Network, worth: Floats) -> Ints:
    """Segment with most worth of those that end at each node; −1 where none has room."""
    edges = network.edges
    first = edges["first_piece"].to_numpy()
    last = first + edges["pieces"].to_numpy() - 1
    node = np.concatenate([edges["u"].to_numpy(), edges["v"].to_numpy()])
    segment = np.concatenate([first, last])
    order = np.lexsort((segment, -worth[segment], node))
    own, start = np.unique(node[order], return_index=True)
    best = segment[order[start]]
    result = np.full(len(network.nodes), -1)
    result[own] = np.where(np.isfinite(worth[best]), best, -1)
    return result


def _shortest(tail: Ints, head: Ints, cost: Floats, size: int) -> csr_array:
    """Graph from arcs; of parallel ones the cheapest counts."""
    order = np.lexsort((cost, head, tail))
    tail, head, cost = tail[order], head[order], cost[order]
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (np.diff(tail) != 0) | (np.diff(head) != 0)
    first &= tail != head
    return csr_array(coo_array((cost[first], (tail[first], head[first])), (size, size)))
