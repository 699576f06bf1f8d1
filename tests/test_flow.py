"""Traffic: the prior of the class, and what trips say about each road."""

import math
from itertools import pairwise

import numpy as np
import pytest
from streets import block, extract, rules, street

from riskmap import flow, segments

NO_TRIPS = rules()
SOME_TRIPS = rules(centrality={"spacing": 4, "draws": 8})


def town(seed: int = 1) -> segments.Network:
    """Twenty corners at random, joined to their neighbours in the list and to some others."""
    random = np.random.default_rng(seed)
    at = [(float(x), float(y)) for x, y in random.uniform(0, 1500, (20, 2))]
    ways = [street(one, other) for one, other in pairwise(at)]
    ways += [street(at[a], at[b], oneway="yes") for a, b in ((0, 9), (3, 15), (18, 5))]
    return segments.cut(extract(ways), SOME_TRIPS)


def test_without_trips_traffic_is_that_of_class_and_area() -> None:
    ways = [
        street((0.0, 0.0), (90.0, 0.0), highway="trunk"),
        street((0.0, 500.0), (90.0, 500.0), highway="residential"),
        street((0.0, 900.0), (90.0, 900.0), highway="residential"),
    ]
    network = segments.cut(extract(ways, [block(-10, 890, 200, 20, landuse="retail")]), NO_TRIPS)
    found = flow.aadt(network, flow.centrality(network, NO_TRIPS), NO_TRIPS)
    classes = NO_TRIPS["roads"]["classes"]
    assert found["aadt"].tolist() == pytest.approx([
        classes["trunk"]["aadt"]["rural"],
        classes["residential"]["aadt"]["rural"],
        classes["residential"]["aadt"]["urban"],
    ])
    assert set(found["flow_source"]) == {"prior"}


def test_every_node_sends_a_trip_on_the_shortest_way_to_the_nearest_end() -> None:
    network = town()
    rule = SOME_TRIPS["centrality"]
    edges, ids = network.edges, network.nodes["node_id"].to_numpy()
    arcs: dict[tuple[int, int], tuple[float, int]] = {}
    for row, edge in enumerate(edges.itertuples()):
        ends_of = [(edge.u, edge.v)] if edge.oneway else [(edge.u, edge.v), (edge.v, edge.u)]
        for tail, head in ends_of:
            if edge.time_s < arcs.get((tail, head), (math.inf, 0))[0]:
                arcs[tail, head] = edge.time_s, row
    passed = np.zeros(len(edges))
    for number in range(rule["draws"]):
        ends = np.flatnonzero(flow._hash(ids, rule["seed"] + number) % rule["spacing"] == 0)
        time = np.full(len(ids), math.inf)
        time[ends] = 0.0
        came: dict[int, tuple[int, int]] = {}
        for _ in ids:  # as many rounds as nodes settle every distance
            for (tail, head), (cost, row) in arcs.items():
                if time[tail] + cost < time[head] and time[tail] + cost <= rule["trip_s"]:
                    time[head] = time[tail] + cost
                    came[head] = tail, row
        for node in came:
            at = node
            while at in came:
                at, row = came[at]
                passed[row] += 1
    assert flow.centrality(network, SOME_TRIPS) == pytest.approx(passed / rule["draws"])
    assert passed.sum() > 0


def test_a_road_that_more_trips_pass_carries_more_traffic_within_limits() -> None:
    network = town()
    passing = flow.centrality(network, SOME_TRIPS)
    aadt = flow.aadt(network, passing, SOME_TRIPS)["aadt"].to_numpy()
    edge = network.segments["edge"].to_numpy()
    order = np.argsort(passing[edge], kind="stable")
    assert (np.diff(aadt[order]) >= -1e-9).all()
    prior = NO_TRIPS["roads"]["classes"]["tertiary"]["aadt"]["rural"]
    rule = SOME_TRIPS["centrality"]
    assert aadt.min() >= prior * rule["least"] - 1e-9
    assert aadt.max() <= prior * rule["most"] + 1e-9
    assert aadt.max() > 1.5 * aadt.min()


def test_traffic_is_moved_by_the_exponent_on_crashes_over_beta() -> None:
    network = town()
    passing = flow.centrality(network, SOME_TRIPS)
    rule, edge = SOME_TRIPS["centrality"], network.segments["edge"].to_numpy()
    through = passing[edge] + 1 / rule["draws"]
    length = network.segments["length_m"].to_numpy()
    logs = [math.log(trips) * metres for trips, metres in zip(through, length, strict=True)]
    mean = math.exp(sum(logs) / sum(length))
    power = rule["exponent"] / SOME_TRIPS["families"]["queue"]["beta"]
    aadt = flow.aadt(network, passing, SOME_TRIPS)["aadt"].to_numpy()
    for row in (0, 7, 19):
        moved = min(max((through[row] / mean) ** power, rule["least"]), rule["most"])
        assert aadt[row] == pytest.approx(1500 * moved)


def test_quantities_of_a_junction_come_from_its_approaches() -> None:
    ways = [
        street((0.0, 0.0), (90.0, 0.0), highway="primary"),
        street((0.0, 0.0), (-90.0, 0.0), highway="secondary"),
        street((0.0, 0.0), (0.0, 90.0), highway="residential"),
        street((0.0, 0.0), (0.0, -90.0), highway="service"),
    ]
    network = segments.cut(extract(ways), NO_TRIPS)
    passing = np.zeros(4)
    joined = network.segments.join(flow.aadt(network, passing, NO_TRIPS))
    network = segments.Network(
        joined, network.edges, network.nodes, network.junctions, network.on_road
    )
    (junction,) = flow.junction_quantities(network, passing).itertuples()
    aadt = [NO_TRIPS["roads"]["classes"][c]["aadt"]["rural"] for c in
            ("primary", "secondary", "residential", "service")]  # fmt: skip
    assert junction.entering_flow == pytest.approx(sum(aadt) / 2)
    assert junction.major_aadt == pytest.approx((aadt[0] + aadt[1]) / 2)
    assert junction.minor_aadt == pytest.approx((aadt[2] + aadt[3]) / 2)
    assert (junction.approaches, junction.class_rank, junction.class_step) == (4, 6, 5)
    arms = flow.approaches(network)
    assert flow.busiest_segment(network.segments, arms, "junction").tolist() == [0]


def test_a_town_without_junctions_has_none_to_ask() -> None:
    network = segments.cut(extract([street((0.0, 0.0), (90.0, 0.0))]), NO_TRIPS)
    joined = network.segments.join(flow.aadt(network, np.zeros(1), NO_TRIPS))
    network = segments.Network(
        joined, network.edges, network.nodes, network.junctions, network.on_road
    )
    found = flow.junction_quantities(network, np.zeros(1))
    assert found.empty
    assert {"centrality", "entering_flow", "major_aadt", "minor_aadt"} <= set(found.columns)
