"""Routes over the roads: driving time arc by arc, the main road through a place, the way round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from riskmap.area import Area
from riskmap.vehicles import REFUSED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BACK_DEG = 135.0
"""A turn sharper than this goes back where it came from: the other carriageway, not the road on."""
INSIDE_S = 300.0
"""Crossing a junction takes less than this."""
LEAST_S = 1e-3


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
            time[name] = np.maximum(spent, LEAST_S)
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
    def rank(self) -> Ints:
        """Rank of the class of each arc."""
        return np.asarray(self.area.network.edges["rank"].to_numpy()[self.edge])

    @cached_property
    def aadt(self) -> Floats:
        """Vehicles a day on each arc: of its busiest piece."""
        first = self.area.network.edges["first_piece"].to_numpy()
        return np.asarray(np.maximum.reduceat(self.area.segments["aadt"].to_numpy(), first)[self.edge])

    @cached_property
    def words(self) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Name and number of the road of each arc, "" where it has none."""
        first = self.area.network.edges["first_piece"].to_numpy()[self.edge]
        name, ref = (self.area.segments[c].to_numpy(object)[first] for c in ("name", "ref"))
        return name, ref

    @cached_property
    def bearing(self) -> tuple[Floats, Floats]:
        """Bearing in radians with which each arc leaves its tail, and comes to its head."""
        edges = self.area.network.edges
        lines = self.area.segments.geometry.to_numpy()
        first = edges["first_piece"].to_numpy()[self.edge]
        last = first + edges["pieces"].to_numpy()[self.edge] - 1
        runs = []
        for row in (first, last):
            begin, end = (shapely.get_coordinates(shapely.get_point(lines[row], n)) for n in (0, -1))
            runs.append(np.arctan2(*(end - begin).T))
        leaving = np.where(self.along, runs[0], runs[1] + np.pi)
        coming = np.where(self.along, runs[1], runs[0] + np.pi)
        return leaving, coming

    @cached_property
    def place(self) -> Ints:
        """Junction (row) of each node; nodes of none are numbered on behind the junctions."""
        own = self.area.network.junction_of
        alone = len(self.area.network.junctions) + np.arange(len(own))
        return np.where(own >= 0, own, alone)

    @cached_property
    def inner(self) -> Bools:
        """Whether an arc lies inside a junction."""
        return np.asarray(self.area.network.inner[self.edge])

    @cached_property
    def _at(self) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
        """Arcs outside junctions by the place of their tail, and of their head: order, keys."""
        outer = np.flatnonzero(~self.inner)
        tables = []
        for ends in (self.tail, self.head):
            key = self.place[ends[outer]]
            order = np.argsort(key, kind="stable")
            tables.append((outer[order], key[order]))
        return tables[0], tables[1]

    @cached_property
    def _group(self) -> tuple[Ints, Ints, Ints]:
        """First arc of every pair of nodes; the pairs as one number; and where rows begin."""
        key = self.tail * len(self.area.network.nodes) + self.head
        first = np.flatnonzero(np.diff(key, prepend=-1))
        size = len(self.area.network.nodes)
        return first, key[first], np.searchsorted(self.tail[first], np.arange(size + 1))

    # --- ways ----------------------------------------------------------------------------------

    def shortest(self, cost_s: Floats, source: int, target: int, limit_s: float) -> Ints | None:
        """
        Find the cheapest way between two nodes.

        Parameters
        ----------
        cost_s
            Seconds by arc, above 0; infinite closes it.
        source, target
            Rows of the nodes.
        limit_s
            Nothing dearer is looked for.

        Returns
        -------
        Rows of the arcs in order; None where there is no way within the limit.
        """
        first, pairs, starts = self._group
        size = len(self.area.network.nodes)
        if source == target:
            return np.empty(0, np.int64)
        least = np.minimum.reduceat(cost_s, first)
        graph = csr_array((least, self.head[first], starts), (size, size))
        distance, before = dijkstra(
            graph, indices=source, return_predecessors=True, limit=limit_s
        )
        if not np.isfinite(distance[target]):
            return None
        nodes = [target]
        while nodes[-1] != source:
            nodes.append(int(before[nodes[-1]]))
        path = np.array(nodes[::-1])
        at = np.searchsorted(pairs, path[:-1] * size + path[1:])
        ends = np.append(first, len(cost_s))
        return np.array([
            start + int(np.argmin(cost_s[start:end]))
            for start, end in zip(ends[at], ends[at + 1], strict=True)
        ])  # fmt: skip

    def opposite(self, arcs: Ints) -> Ints:
        """Arcs of the same edges in the other direction, where they may be driven so."""
        if not len(arcs):
            return arcs
        both = np.flatnonzero(np.isin(self.edge, self.edge[arcs]))
        code = self.edge * 2 + self.along
        wanted = self.edge[arcs] * 2 + ~self.along[arcs]
        return both[np.isin(code[both], wanted)]

    def onward(self, arc: int, *, forward: bool) -> Iterator[Ints]:
        """
        Follow the road of an arc, junction by junction: what comes behind it, or before it.

        At every junction the same name or number goes first, then the highest class, the busiest,
        the straightest. A turn back is none. Ends where the road does, or meets itself again.

        Yields
        ------
        Rows of the arcs to the end of the next edge, in driving order: those inside the junction,
        then (or, backward, after) that of the road.
        """
        name, ref = self.words
        leaving, coming = self.bearing
        order, keys = self._at[0 if forward else 1]
        met = {int(self.place[self.tail[arc]]), int(self.place[self.head[arc]])}
        while True:
            here = int(self.place[self.head[arc] if forward else self.tail[arc]])
            low, high = np.searchsorted(keys, [here, here + 1])
            open_ = order[low:high]
            open_ = open_[self.edge[open_] != self.edge[arc]]
            turn = leaving[open_] - coming[arc] if forward else leaving[arc] - coming[open_]
            bend = np.abs((turn + np.pi) % (2 * np.pi) - np.pi)
            ahead = bend <= np.radians(BACK_DEG)
            open_, bend = open_[ahead], bend[ahead]
            if not len(open_):
                return
            alike = (name[open_] == name[arc]) & (name[arc] != "")
            alike |= (ref[open_] == ref[arc]) & (ref[arc] != "")
            best = np.lexsort((
                bend.round(6), -self.aadt[open_].round(6), -self.rank[open_], ~alike
            ))  # fmt: skip
            for following in open_[best].tolist():
                ends = (arc, following) if forward else (following, arc)
                inside = self._through(*ends)
                if inside is not None:
                    break
            else:
                return
            beyond = int(self.place[self.head[following] if forward else self.tail[following]])
            if beyond in met:
                return
            met.add(beyond)
            yield np.append(inside, following) if forward else np.append(following, inside)
            arc = following

    def _through(self, arc: int, following: int) -> Ints | None:
        """Arcs inside a junction from the end of one arc to the start of another."""
        source, target = int(self.head[arc]), int(self.tail[following])
        if source == target:
            return np.empty(0, np.int64)
        cost = np.where(self.inner, self.time_s["car"], np.inf)
        return self.shortest(cost, source, target, INSIDE_S)

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
