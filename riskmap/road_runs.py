"""Stretches of one road joined end to end, so that a place has a distance along its road."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from riskmap.segments import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STRAIGHT_DEG = 45.0
"""A road goes straight on where it turns by no more."""
JOINT_M = 1e-6
"""Length of a joint: none, but a sparse graph has no links of length 0."""


@dataclass(frozen=True)
class Runs:
    """
    Roads as runs of edges.

    `run`: number of the run of every edge. `at_u`, `at_v`: metres from the beginning of the run to
    both ends of the edge.
    """

    run: Ints
    at_u: Floats
    at_v: Floats

    def place(self, edge: Ints, along_m: Floats) -> Floats:
        """Metres from the beginning of the run to places so far from the `u` of their edges."""
        forth = self.at_v[edge] >= self.at_u[edge]
        return self.at_u[edge] + np.where(forth, along_m, -along_m)

    def spans(self, network: Network, rows: Ints) -> tuple[Ints, Floats, Floats]:
        """Run of some segments (rows), and from where to where along it each lies, in metres."""
        segments = network.segments
        edge, length = (segments[name].to_numpy()[rows] for name in ("edge", "length_m"))
        at = (rows - network.edges["first_piece"].to_numpy()[edge]) * length
        ends = self.place(edge, at), self.place(edge, at + length)
        return self.run[edge], np.minimum(*ends), np.maximum(*ends)


def runs(network: Network, *, turns: bool = False) -> Runs:
    """
    Join the stretches of a road.

    At every node stretches are joined in pairs, the straightest first: those of the same name or
    number, or without both and of one class, where the road goes straight on or nothing else meets.
    So a road runs on through its junctions, and ends where it changes its name. With `turns` a road
    with name or number runs on through a junction in which it turns off, as in a hairpin bend.
    """
    edges = network.edges
    size = len(edges)
    joints = _joints(network, turns=turns)
    # both ends of an edge, u first, are nodes of a graph in which every run is a path
    mate = np.full(2 * size, -1)
    mate[joints[:, 0]], mate[joints[:, 1]] = joints[:, 1], joints[:, 0]
    u, v = np.arange(size), np.arange(size) + size
    label = connected_components(_graph(u, v, joints, np.ones(size)), directed=False)[1]
    open_ends = np.bincount(label, mate < 0, minlength=label.max(initial=-1) + 1)
    # a ring has no beginning: part it somewhere
    ring = np.flatnonzero(open_ends[label[joints[:, 0]]] == 0)
    parted = ring[np.unique(label[joints[ring, 0]], return_index=True)[1]]
    joints = np.delete(joints, parted, axis=0)
    ends = np.setdiff1d(np.arange(2 * size), joints)
    start = ends[np.unique(label[ends], return_index=True)[1]]
    length = edges["length_m"].to_numpy(float)
    away = dijkstra(_graph(u, v, joints, length), directed=False, indices=start, min_only=True)
    return Runs(label[:size].astype(np.int64), away[:size], away[size:])


def _graph(u: Ints, v: Ints, joints: Ints, length: Floats) -> coo_array:
    ends = np.concatenate([np.column_stack([u, v]), joints])
    value = np.concatenate([np.maximum(length, JOINT_M), np.full(len(joints), JOINT_M)])
    return coo_array((value, (ends[:, 0], ends[:, 1])), (2 * len(u), 2 * len(u))).tocsr()


def _joints(network: Network, *, turns: bool) -> Ints:
    """Pairs of ends that are joined; the end at `v` of edge n is number n + edges."""
    edges, segments = network.edges, network.segments
    size = len(edges)
    first = edges["first_piece"].to_numpy()
    last = first + edges["pieces"].to_numpy() - 1
    words = {
        name: np.tile(pd.factorize(segments[name].to_numpy(object)[first])[0], 2)
        for name in ("name", "ref", "road_class")
    }
    said = {
        name: np.tile(segments[name].to_numpy(object)[first] != "", 2) for name in ("name", "ref")
    }
    node = np.concatenate([edges["u"].to_numpy(), edges["v"].to_numpy()])
    lines = segments.geometry.to_numpy()
    bearing = np.concatenate([_leaving(lines[first], 0, 1), _leaving(lines[last], -1, -2)])
    ends = pd.DataFrame({"node": node, "end": np.arange(2 * size)})
    pairs = ends.merge(ends, on="node")
    a, b = pairs["end_x"].to_numpy(), pairs["end_y"].to_numpy()
    keep = (a < b) & (a % size != b % size)
    a, b = a[keep], b[keep]
    alike = np.zeros(len(a), dtype=bool)
    for name in ("name", "ref"):
        alike |= said[name][a] & (words[name][a] == words[name][b])
    known = alike & turns
    bare = ~(said["name"] | said["ref"])
    alike |= bare[a] & bare[b] & (words["road_class"][a] == words["road_class"][b])
    bend = np.abs(np.pi - np.abs((bearing[a] - bearing[b]) % (2 * np.pi)))
    alone = np.bincount(node)[node[a]] == 2  # noqa: PLR2004  # nothing else meets there
    alike &= (bend <= np.radians(STRAIGHT_DEG)) | alone | known
    a, b, bend = a[alike], b[alike], bend[alike]
    order = np.lexsort((b, a, bend))
    return _matched(np.column_stack([a, b])[order], 2 * size)


def _leaving(lines: NDArray[np.object_], at: int, towards: int) -> Floats:
    here, there = (
        shapely.get_coordinates(shapely.get_point(lines, number)) for number in (at, towards)
    )
    return np.asarray(np.arctan2(*(there - here).T))


def _matched(pairs: Ints, size: int) -> Ints:
    """Of pairs in the order of preference those that are taken: every end once."""
    taken = []
    while len(pairs):
        best = np.full(size, len(pairs))
        rank = np.arange(len(pairs))
        for side in (0, 1):
            np.minimum.at(best, pairs[:, side], rank)
        mutual = (best[pairs] == rank[:, None]).all(axis=1)
        taken.append(pairs[mutual])
        used = np.zeros(size, dtype=bool)
        used[pairs[mutual]] = True
        pairs = pairs[~used[pairs].any(axis=1)]
    return np.concatenate(taken) if taken else np.empty((0, 2), np.int64)
