"""Traffic on every segment: a stated prior by class and area, moved by how central the road is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from riskmap.segments import Network, by_class

Floats = NDArray[np.float64]


def centrality(network: Network, parameters: Mapping[str, Any]) -> Floats:
    """
    Share of short trips that pass each edge: a sampled betweenness with a trip limit.

    In every round some nodes are drawn as trip ends, one in `spacing`, by a hash of their id, so
    that neither the order of the rows nor a change elsewhere moves them. Every node sends one trip
    to the trip end that is nearest in driving time, if that takes no more than `trip_s`. Nodes on
    roads of the classes `without` alone are neither: where yards and car parks are mapped there is
    no more traffic than where they are not.

    Returns
    -------
    Trips over each row of `network.edges` per node and round, both directions, ≥ 0.
    """
    rules = parameters["centrality"]
    graph = network.graph()
    size = graph.shape[0]
    ids = network.nodes["node_id"].to_numpy()
    u, v = network.edges["u"].to_numpy(), network.edges["v"].to_numpy()
    road_class = network.segments["road_class"].to_numpy(object)
    real = ~np.isin(road_class[network.edges["first_piece"].to_numpy()], rules["without"])
    home = np.zeros(size, dtype=bool)
    home[u[real]] = home[v[real]] = True
    heads, tails = [], []
    for number in range(rules["draws"]):
        drawn = _hash(ids, rules["seed"] + number) % rules["spacing"] == 0
        ends = np.flatnonzero(drawn & home)
        if not len(ends):
            continue
        distance, previous, _ = dijkstra(
            graph, indices=ends, min_only=True, return_predecessors=True, limit=rules["trip_s"]
        )
        reached = np.isfinite(distance)
        trips = _carried(previous, reached & home)
        used = np.flatnonzero(previous >= 0)
        heads.append(used * size + previous[used])
        tails.append(trips[used])
    if not heads:
        return np.zeros(len(network.edges))
    passed = pd.Series(np.concatenate(tails)).groupby(np.concatenate(heads)).sum()
    both = [passed.reindex(key).fillna(0.0).to_numpy() for key in (u * size + v, v * size + u)]
    return np.asarray((both[0] + both[1]) / rules["draws"], dtype=float)


def _hash(ids: NDArray[np.int64], seed: int) -> NDArray[np.uint64]:
    """SplitMix64 of each id: evenly spread, the same on every machine."""
    z = ids.astype(np.uint64) + np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def _carried(previous: NDArray[np.int32], reached: NDArray[np.bool_]) -> Floats:
    """Number of trips that end at or pass each node of a forest of shortest paths."""
    has = previous >= 0
    parent = np.where(has, previous, np.arange(len(previous)))
    depth = has.astype(np.int64)
    jump = parent
    while True:  # depth by doubling: each round looks twice as far up
        further = depth[jump]
        if not further.any():
            break
        depth = depth + further
        jump = jump[jump]
    trips = reached.astype(float)
    order = np.argsort(depth, kind="stable")
    starts = np.searchsorted(depth[order], np.arange(depth.max() + 2))
    for level in range(int(depth.max()), 0, -1):
        rows = order[starts[level] : starts[level + 1]]
        np.add.at(trips, parent[rows], trips[rows])
    return trips


def aadt(
    network: Network,
    passing: Floats,
    parameters: Mapping[str, Any],
    counts: pd.Series | None = None,
) -> pd.DataFrame:
    """
    Annual average daily traffic of every segment, with where it comes from.

    The prior of class and area times (passing trips against their geometric mean over the network,
    by length, without the classes `without`)^e, where e is the centrality exponent on crashes over
    β, held between `least` and `most`. Where somebody counted, `counts` (vehicles a day by row of
    the segments), that is it.

    Returns
    -------
    On the segments' index: `aadt` in vehicles a day (> 0) and `flow_source` ("prior" or "count").
    """
    segments, rules = network.segments, parameters["centrality"]
    prior = by_class(segments, parameters["roads"]["classes"], "aadt")
    through = np.log(passing[segments["edge"].to_numpy()] + 1.0 / rules["draws"])
    counted = ~np.isin(segments["road_class"].to_numpy(object), rules["without"])
    length = segments["length_m"].to_numpy() * (counted if counted.any() else 1.0)
    against = through - through @ length / length.sum()
    beta = parameters["families"]["queue"]["beta"]
    moved = np.exp(np.clip(
        against * rules["exponent"] / beta, np.log(rules["least"]), np.log(rules["most"])
    ))
    flow, source = prior * moved, np.full(len(segments), "prior", dtype=object)
    if counts is not None:
        flow[counts.index], source[counts.index] = counts, "count"
    return pd.DataFrame({"aadt": flow, "flow_source": source}, index=segments.index)


def busiest_segment(segments: pd.DataFrame, pairs: pd.DataFrame, place: str) -> NDArray[np.int64]:
    """Row of the busiest segment at each place of `pairs` (columns `place`, `segment`)."""
    part = segments[["aadt", "area", "road_class"]].iloc[pairs["segment"].to_numpy(np.int64)]
    # equal traffic: by area and class, or the order of the ways would decide
    area, road_class = (
        pd.factorize(part[name].to_numpy(object), sort=True)[0] for name in ("area", "road_class")
    )
    order = np.lexsort((road_class, area, -part["aadt"].to_numpy(), pairs[place].to_numpy()))
    first = pairs.iloc[order].drop_duplicates(place)
    return np.asarray(first["segment"], dtype=np.int64)


def groups(network: Network) -> dict[str, NDArray[np.object_]]:
    """Class and area of every link, and of the busiest approach of every junction."""
    segments = network.segments
    names = (segments["road_class"] + " " + segments["area"]).to_numpy(object)
    return {
        "link": names,
        "junction": names[busiest_segment(segments, approaches(network), "junction")],
    }


def approaches(network: Network) -> pd.DataFrame:
    """
    List the roads that lead to each junction, in the order of the junctions.

    Returns
    -------
    `junction`, `edge` and `segment` (row numbers), and the `aadt` of that segment.
    """
    edges, segments = network.edges, network.segments
    first = edges["first_piece"].to_numpy()
    last = first + edges["pieces"].to_numpy() - 1
    tables = []
    for side, piece in (("ju", first), ("jv", last)):
        at = np.flatnonzero(edges[side].to_numpy() >= 0)
        tables.append(
            pd.DataFrame({"junction": edges[side].to_numpy()[at], "edge": at, "segment": piece[at]})
        )
    table = pd.concat(tables).sort_values(["junction", "segment"], ignore_index=True)
    return table.assign(aadt=segments["aadt"].to_numpy()[table["segment"]])


def junction_quantities(network: Network, passing: Floats) -> pd.DataFrame:
    """
    Work out what a layer's `network` source can ask of a junction.

    Parameters
    ----------
    passing
        Trips over each edge, from `centrality`.

    Returns
    -------
    On the junctions' index: `x`, `y` in metres; `approaches`, `control`, `class_rank`,
    `class_step`; `centrality`, the share of junctions that fewer trips pass, 0..1;
    `entering_flow`, vehicles a day; `major_aadt` and `minor_aadt`, the mean flow of the two busiest
    approaches and of the others.
    """
    junctions = network.junctions
    arms = approaches(network)
    arms["trips"] = passing[arms["edge"].to_numpy()]
    arms = arms.sort_values(["junction", "aadt"], ascending=[True, False], kind="stable")
    major = arms.groupby("junction").cumcount() < 2  # noqa: PLR2004  # the through road
    grouped = arms.groupby("junction")
    table = pd.DataFrame(junctions.drop(columns=["geometry", "nodes"]))
    table["x"], table["y"] = junctions.geometry.x, junctions.geometry.y
    if not len(table):
        return table.assign(centrality=0.0, entering_flow=0.0, major_aadt=0.0, minor_aadt=0.0)
    table["centrality"] = grouped["trips"].sum().rank(pct=True).to_numpy()
    table["entering_flow"] = grouped["aadt"].sum().to_numpy() / 2.0
    table["major_aadt"] = arms[major].groupby("junction")["aadt"].mean().to_numpy()
    table["minor_aadt"] = arms[~major].groupby("junction")["aadt"].mean().to_numpy()
    return table
