"""Which roads lie within reach of some others, along the roads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from riskmap.segments import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST_M = 1e-6
"""A sparse graph has no links of length 0."""


@dataclass(frozen=True)
class Nearness:
    """
    Distances between the middles of segments, either way along oneways: who stands sees both.

    `along` and `rest` are metres from the middle of each segment to `u` and `v` of its edge.
    """

    edge: Ints
    u: Ints
    v: Ints
    along: Floats
    rest: Floats
    graph: csr_array

    @classmethod
    def of(cls, network: Network) -> Nearness:
        """Look the network up once."""
        edges, segments = network.edges, network.segments
        edge = segments["edge"].to_numpy()
        u, v, length = (edges[name].to_numpy() for name in ("u", "v", "length_m"))
        part = (segments["piece"].to_numpy() - 0.5) / edges["pieces"].to_numpy()[edge]
        tail, head = np.concatenate([u, v]), np.concatenate([v, u])
        both = np.maximum(np.tile(length, 2), LEAST_M)
        # csr adds up duplicates: of parallel edges the shortest counts
        order = np.lexsort((both, head, tail))
        first = np.unique(np.column_stack([tail, head])[order], axis=0, return_index=True)[1]
        kept = order[first]
        size = len(network.nodes)
        graph = csr_array((both[kept], (tail[kept], head[kept])), (size, size))
        along = np.maximum(part * length[edge], LEAST_M)
        rest = np.maximum((1.0 - part) * length[edge], LEAST_M)
        return cls(edge, u[edge], v[edge], along, rest, graph)

    def within(self, chosen: Bools, reach_m: float) -> Bools:
        """Segments whose middle lies at most so far from that of one of the chosen."""
        rows = np.flatnonzero(chosen)
        if not len(rows):
            return np.zeros_like(chosen)
        size = self.graph.shape[0]
        start = np.full(size, np.inf)
        np.minimum.at(start, self.u[rows], self.along[rows])
        np.minimum.at(start, self.v[rows], self.rest[rows])
        # one more node, with a link to every end of what is chosen, makes it a single search
        ends = np.flatnonzero(start <= reach_m)
        graph = csr_array(
            (
                np.concatenate([self.graph.data, start[ends]]),
                np.concatenate([self.graph.indices, ends]),
                np.append(self.graph.indptr, len(self.graph.indices) + len(ends)),
            ),
            (size + 1, size),
        )
        graph.resize(size + 1, size + 1)
        away = dijkstra(graph, indices=size, limit=reach_m)
        metres = np.minimum(away[self.u] + self.along, away[self.v] + self.rest)
        return np.asarray(np.minimum(metres, self._on_the_edge(chosen)) <= reach_m)

    def _on_the_edge(self, chosen: Bools) -> Floats:
        """Metres to the next chosen segment of the same edge, whose pieces lie in a row."""
        number = np.arange(len(chosen))
        before = np.maximum.accumulate(np.where(chosen, number, -1))
        after = np.minimum.accumulate(np.where(chosen, number, len(chosen))[::-1])[::-1]
        result = np.full(len(chosen), np.inf)
        for other in (before, after):
            there = np.clip(other, 0, len(chosen) - 1)
            same = (other == there) & (self.edge[there] == self.edge)
            apart = np.abs(self.along - self.along[there])
            result = np.where(same, np.minimum(result, apart), result)
        return result
