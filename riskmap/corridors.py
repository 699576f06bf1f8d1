"""The main road through a jam: where its traffic comes from, and where it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmap.routes import Roads, Tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST_M = 1e-3
EQUAL_S = 1e-6
EQUAL = 1e-9
SLOW_KPH = 20.0
"""A road that is slower than this over all its reach is not followed to its end."""


@dataclass(frozen=True)
class Corridor:
    """
    The main road through a jam in one direction.

    `arcs` in driving order; `nodes` between them, one more; `at_m` their place along the road;
    the jam lies between `first_m` and `last_m`. Drivers must have left it at `leave_m`, and may
    come back from `back_m` on.
    """

    arcs: Ints
    nodes: Ints
    at_m: Floats
    first_m: float
    last_m: float
    decide_m: float

    @property
    def leave_m(self) -> float:
        """Last place to leave the road."""
        return self.first_m - self.decide_m + LEAST_M

    @property
    def back_m(self) -> float:
        """First place to come back to it."""
        return self.last_m + self.decide_m - LEAST_M

    @property
    def passes(self) -> bool:
        """Whether it reaches far enough to both sides of the jam."""
        return bool(self.at_m[0] <= self.leave_m and self.at_m[-1] >= self.back_m)

    def cut(self, low: int, high: int) -> Corridor:
        """Only the arcs from `low` to before `high`."""
        nodes = slice(low, high + 1)
        return replace(
            self, arcs=self.arcs[low:high], nodes=self.nodes[nodes], at_m=self.at_m[nodes]
        )


def starts(roads: Roads, main: str, jammed: Sequence[str]) -> list[int]:
    """Arcs of the main piece of a jam: both directions, or both carriageways if both jam."""
    segments = roads.area.segments
    edge = int(segments.loc[main, "edge"])
    arcs = np.flatnonzero(roads.edge == edge)
    if len(arcs) == 1:
        own = segments[segments["edge"] == edge]["pair_id"]
        held = own[own.isin(jammed)]
        other = segments["edge"].reindex(held.head(1)).to_numpy()
        arcs = np.append(arcs, np.flatnonzero(np.isin(roads.edge, other))[:1])
    return [int(arc) for arc in arcs[np.argsort(~roads.along[arcs], kind="stable")]]


def follow(
    roads: Roads, start: int, closed: Bools, rules: Mapping[str, Any]
) -> Corridor | None:
    """
    Follow the main road from an arc in the jam to both sides; `closed` are jammed segments.

    It comes from where most traffic along the quickest ways to the arc is, within `reach_m`,
    the same road counting `same_road` times; and goes to where most of it is among the places
    to which the quickest way leads through the jam, give or take `natural`. None where it ends
    less than `decide_m` from the jam.
    """
    free, tail, head = roads.cost_s["car"], int(roads.tail[start]), int(roads.head[start])
    free = free if np.isfinite(free[start]) else roads.time_s["car"]
    reach_s = rules["reach_m"] / SLOW_KPH * 3.6
    once, twice = (float(n * reach_s + free[start] + 1.0) for n in (1, 2))
    feeding = roads.tree(free, tail, forward=False, limit_s=reach_s)
    leaving = roads.tree(free, head, limit_s=reach_s)
    # who has a quicker way to the far end of the arc does not come through it, nor who turns
    past = roads.tree(free, head, forward=False, limit_s=once).cost_s
    coming = past >= feeding.cost_s + free[start] - EQUAL_S
    source = _busiest(roads, feeding, start, rules, coming)
    arcs = np.append(feeding.way(source), start)
    road = table_of(roads, arcs, closed, rules)
    near = np.flatnonzero(road.at_m <= road.leave_m)
    if not len(near):
        return None
    past = roads.tree(free, tail, limit_s=once).cost_s
    through = past >= leaving.cost_s + free[start] - EQUAL_S
    here = roads.tree(free, int(road.nodes[near[-1]]), limit_s=twice)
    spent = free[arcs[near[-1] :]].sum() + leaving.cost_s
    through &= here.cost_s * rules["natural"] >= spent
    target = _busiest(roads, leaving, start, rules, through)
    road = table_of(roads, np.append(arcs, leaving.way(target)), closed, rules)
    if not road.passes:
        return None
    # from further up drivers may come another way in any case: the road begins behind that
    back = roads.tree(free, target, forward=False, limit_s=twice).cost_s
    rest = np.cumsum(free[road.arcs][::-1])[::-1][: near[-1] + 1]
    upstream, downstream = road.nodes[: near[-1] + 1], road.nodes[near[-1] + 1 :]
    other = back[upstream] * rules["natural"] < rest - EQUAL_S
    other |= np.isin(upstream, downstream)
    first = int(np.flatnonzero(other)[-1]) + 1 if other.any() else 0
    # where the road goes on, one arc more: nobody turns back along it at either end
    coming[road.nodes] = through[road.nodes] = False
    lead = _beyond(roads, feeding, source, coming & (first == 0))
    arcs = np.concatenate([lead, road.arcs[first:], _beyond(roads, leaving, target, through)])
    if not len(arcs):  # from everywhere upstream there is a quicker way round already
        return None
    road = table_of(roads, arcs, closed, rules)
    return road if road.passes else None


def _beyond(roads: Roads, tree: Tree, node: int, allowed: Bools) -> Ints:
    """Busiest arc with which the tree goes on from a node, if any."""
    arcs = tree.arc[(tree.parent == node) & (tree.arc >= 0) & allowed]
    return arcs[[np.argmax(roads.aadt[arcs].round(6))]] if len(arcs) else arcs


def _busiest(
    roads: Roads, tree: Tree, start: int, rules: Mapping[str, Any], allowed: Bools
) -> int:
    """Node within reach to which, or from which, most traffic runs along the tree."""
    name, ref = roads.words
    alike = (name == name[start]) & (name[start] != "")
    alike |= (ref == ref[start]) & (ref[start] != "")
    traffic = roads.aadt * np.where(alike, rules["same_road"], 1.0)
    length = tree.summed(roads.length_m)
    held = tree.summed(traffic * roads.length_m) / np.maximum(length, LEAST_M)
    within = (length[tree.parent] < rules["reach_m"] - LEAST_M) & (tree.arc >= 0) & allowed
    score = np.where(within, held * np.minimum(length, rules["reach_m"]), -1.0)
    # of equal ones the first, whatever rounding makes of them
    return int(np.argmax(score >= score.max() * (1.0 - EQUAL))) if within.any() else tree.root


def table_of(
    roads: Roads, arcs: NDArray[Any], closed: Bools, rules: Mapping[str, Any]
) -> Corridor:
    """Main road along these arcs, some of whose segments are `closed`."""
    arcs = np.asarray(arcs, dtype=np.int64)
    nodes = np.append(roads.tail[arcs], roads.head[arcs[-1]])
    at = np.concatenate([[0.0], np.cumsum(roads.length_m[arcs])])
    pieces = roads.pieces(arcs)
    along = np.cumsum(roads.area.segments["length_m"].to_numpy()[pieces])
    held = np.flatnonzero(closed[pieces])
    first = along[held[0] - 1] if held[0] else 0.0
    return Corridor(arcs, nodes, at, float(first), float(along[held[-1]]), rules["decide_m"])
