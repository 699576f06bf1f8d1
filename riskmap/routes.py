"""Routes over the roads: driving time arc by arc, trees of quickest ways, ways between nodes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from riskmap.area import Area
from riskmap.vehicles import REFUSED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_LIMIT_S = 1e9
LEAST_S = 1e-3
DIGITS = 6
"""Digits of a second that tell two ways apart."""


@dataclass(frozen=True)
class Roads:
    """
    The directed road graph of an area: one arc for each direction in which an edge may be driven.

    `tail`, `head`: rows of the network's nodes; `edge`: rows of its edges; `along`: whether the
    arc goes from `u` to `v`. Arcs are sorted by tail, head, time and way, so parallel arcs lie
    together. `time_s`: free driving time by vehicle; `cost_s` the same with the factor for lower
    classes, infinite where tags refuse the vehicle. Turn restrictions, gates and bollards are not
    read; a U-turn at a node costs nothing, so callers take out the arcs that one would need.
    """

    area: Area
    tail: Ints
    head: Ints
    edge: Ints
    along: Bools
    time_s: dict[str, Floats]
    cost_s: dict[str, Floats]

    @classmethod
    def of(cls, area: Area) -> Roads:
        """Build the graph of an area, once for all its routes."""
        edges, segments = area.network.edges, area.segments
        rules = area.parameters["diversions"]
        first = edges["first_piece"].to_numpy()
        oneway, ends = edges["oneway"].to_numpy(), edges[["u", "v"]].to_numpy()
        forth, back = np.flatnonzero(oneway >= 0), np.flatnonzero(oneway <= 0)
        edge = np.concatenate([forth, back])
        along = np.arange(len(edge)) < len(forth)
        tail = np.where(along, ends[edge, 0], ends[edge, 1])
        head = np.where(along, ends[edge, 1], ends[edge, 0])
        length, speed = (segments[name].to_numpy() for name in ("length_m", "maxspeed_kph"))
        time, cost = {}, {}
        for name in [name for name in area.vehicles if not name.endswith("_by")]:
            own = rules[name]
            spent = np.add.reduceat(length / np.minimum(speed, own["kph"]) * 3.6, first)
            lower = edges["rank"].to_numpy() < own["least_rank"]
            refused = np.minimum.reduceat(area.vehicles[name].to_numpy(), first) == REFUSED
            # lengths carry rounding errors that depend on the order of the ways
            time[name] = np.maximum(spent.round(DIGITS), LEAST_S)
            cost[name] = np.where(refused, np.inf, time[name] * np.where(lower, own["factor"], 1.0))
        # equal arcs by the id of their way, so that the order of the ways settles nothing
        order = np.lexsort((
            along, edges["way_id"].to_numpy()[edge], edges["time_s"].to_numpy()[edge], head, tail
        ))  # fmt: skip
        edge = edge[order]
        return cls(
            area, tail[order], head[order], edge, along[order],
            {name: values[edge] for name, values in time.items()},
            {name: values[edge] for name, values in cost.items()},
        )  # fmt: skip

    # --- tables of the arcs --------------------------------------------------------------------

    @cached_property
    def length_m(self) -> Floats:
        """Length of each arc."""
        return np.asarray(self.area.network.edges["length_m"].to_numpy()[self.edge])

    @cached_property
    def aadt(self) -> Floats:
        """Vehicles a day on each arc: of its busiest piece."""
        first = self.area.network.edges["first_piece"].to_numpy()
        most = np.maximum.reduceat(self.area.segments["aadt"].to_numpy(), first)
        return np.asarray(most[self.edge])

    @cached_property
    def words(self) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Name and number of the road of each arc, "" where it has none."""
        first = self.area.network.edges["first_piece"].to_numpy()[self.edge]
        name, ref = (self.area.segments[c].to_numpy(object)[first] for c in ("name", "ref"))
        return name, ref

    @cached_property
    def inner(self) -> Bools:
        """Whether an arc lies inside a junction."""
        return np.asarray(self.area.network.inner[self.edge])

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints, Ints]:
        """First arc of each pair of nodes, the pairs as numbers, and of which pair each arc is."""
        key = self.tail * self.size + self.head
        first = np.flatnonzero(np.diff(key, prepend=-1))
        return first, key[first], np.cumsum(np.isin(np.arange(len(key)), first)) - 1

    @cached_property
    def _parallel(self) -> Ints:
        """Arcs beside others between the same nodes, but for the first."""
        return np.setdiff1d(np.arange(len(self.edge)), self._pairs[0])

    @cached_property
    def _shape(self) -> dict[bool, tuple[Ints, NDArray[np.int32], NDArray[np.int32]]]:
        """Pairs sorted by tail (True) or head: their order, the other ends, where rows begin."""
        first = self._pairs[0]
        ends = self.tail[first], self.head[first]
        shape = {}
        for forward, (own, other) in ((True, ends), (False, ends[::-1])):
            order = np.argsort(own, kind="stable")
            rows = np.searchsorted(own[order], np.arange(self.size + 1))
            shape[forward] = order, other[order].astype(np.int32), rows.astype(np.int32)
        return shape

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return len(self.area.network.nodes)

    # --- ways ----------------------------------------------------------------------------------

    def tree(
        self, cost_s: Floats, root: int, *, forward: bool = True, limit_s: float = NO_LIMIT_S
    ) -> Tree:
        """
        Find the cheapest ways from a node to all others, or (not `forward`) from them to it.

        Parameters
        ----------
        cost_s
            Seconds by arc, above 0; infinite closes it.
        root
            Row of the node.
        limit_s
            Nothing dearer is looked for.
        """
        first, pairs, pair = self._pairs
        best = first.copy()
        for arc in self._parallel.tolist():
            if cost_s[arc] < cost_s[best[pair[arc]]]:
                best[pair[arc]] = arc
        order, ends, rows = self._shape[forward]
        graph = csr_array((cost_s[best[order]], ends, rows), (self.size, self.size))
        found, before = dijkstra(graph, indices=root, return_predecessors=True, limit=limit_s)
        reached = np.isfinite(found) & (before >= 0)
        nodes = np.flatnonzero(reached)
        step = (before[nodes], nodes) if forward else (nodes, before[nodes])
        arcs = np.full(self.size, -1)
        arcs[nodes] = best[np.searchsorted(pairs, step[0].astype(np.int64) * self.size + step[1])]
        parent = np.where(reached, before, np.arange(self.size)).astype(np.int64)
        return Tree(root, forward, found, parent, arcs)

    def against(self, arcs: Ints) -> Ints:
        """Arcs back along a road: its edges the other way, and its other carriageway."""
        segments = self.area.segments
        both = np.flatnonzero(np.isin(self.edge, self.edge[arcs]))
        wanted = self.edge[arcs] * 2 + ~self.along[arcs]
        pairs = segments["pair_id"].to_numpy(object)[self.pieces(arcs)]
        rows = segments.index.get_indexer(pairs[pairs != ""])
        other = np.isin(self.edge, segments["edge"].to_numpy()[rows]) & ~self.inner
        code = (self.edge * 2 + self.along)[both]
        return np.append(both[np.isin(code, wanted)], np.flatnonzero(other))

    # --- what lies on a way --------------------------------------------------------------------

    def pieces(self, arcs: Ints) -> Ints:
        """Rows of the segments of a way, in driving order."""
        edges = self.area.network.edges
        first = edges["first_piece"].to_numpy()[self.edge[arcs]]
        count = edges["pieces"].to_numpy()[self.edge[arcs]]
        parts = [
            np.arange(start, start + size)[:: 1 if along else -1]
            for start, size, along in zip(first, count, self.along[arcs], strict=True)
        ]  # fmt: skip
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def line(self, arcs: Ints) -> Any:  # noqa: ANN401  # shapely publishes no types
        """Geometry of a way in the CRS of the area."""
        rows = self.pieces(arcs)
        count = self.area.network.edges["pieces"].to_numpy()[self.edge[arcs]]
        along = np.repeat(self.along[arcs], count)
        lines = self.area.segments.geometry.to_numpy()[rows]
        lines = np.where(along, lines, shapely.reverse(lines))
        xy = shapely.get_coordinates(lines)
        twice = np.zeros(len(xy), dtype=bool)
        twice[1:] = (xy[1:] == xy[:-1]).all(axis=1)
        return shapely.LineString(xy[~twice])


@dataclass(frozen=True)
class Tree:
    """
    The cheapest ways between a root and every node.

    `cost_s`: seconds, infinite where there is no way; `parent`: the next node towards the root, the
    node itself at the root and where there is no way; `arc`: the arc between the two, else −1.
    """

    root: int
    forward: bool
    cost_s: Floats
    parent: Ints
    arc: Ints

    def way(self, node: int) -> Ints:
        """Arcs between the root and a node in driving order; the node must be reached."""
        arcs = []
        while node != self.root:
            arcs.append(int(self.arc[node]))
            node = int(self.parent[node])
        return np.array(arcs[:: -1 if self.forward else 1], dtype=np.int64)

    def summed(self, values: Floats) -> Floats:
        """Sum of a quantity of the arcs on the way of each node."""
        total = np.where(self.arc >= 0, values[self.arc], 0.0)
        jump = self.parent
        while True:  # each round looks twice as far up
            further = jump[jump]
            total = total + np.where(jump != np.arange(len(jump)), total[jump], 0.0)
            if (further == jump).all():
                return total
            jump = further
