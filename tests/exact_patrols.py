"""Small patrol problems: random ones, their exact optimum, and a check of all rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from riskmap.patrols import Break, Calls, Car, Routes, Tour

Floats = NDArray[np.float64]
NEAR = 1e-5


def instance(seed: int, *, calls: int = 8) -> tuple[Calls, list[Car], Floats]:
    """Two cars over midnight, one with a break; some roads missing, some calls needed."""
    random = np.random.default_rng(seed)
    places = calls + 2
    minutes = random.uniform(4, 30, (places, places))  # asymmetric, no triangle inequality
    minutes[random.random(minutes.shape) < 0.1] = np.inf
    minutes[:, :2] = np.minimum(minutes[:, :2], 40)
    minutes[:2] = np.minimum(minutes[:2], 40)  # the two stations are never cut off
    np.fill_diagonal(minutes, 0)
    earliest = random.uniform(1380, 1560, calls)
    rest = (Break(1430.0, 1475.0, 20.0, 0),) if seed % 3 else (Break(1430.5, 1475.0, 15.0, 1),)
    return (
        Calls.of(
            random.integers(2, places, calls),
            random.uniform(1, 10, calls),
            earliest,
            earliest + random.uniform(0, 60, calls),
            random.integers(10, 17, calls),
            needed=random.random(calls) < (0.25 if seed % 2 else 0.0),
        ),
        [
            Car("one", 0, 0, 1380, 1530, rest),
            Car("two", 1, int(random.integers(0, 2)), 1400, 1560, speed=1.25),
        ],
        minutes,
    )


Row = tuple[dict[int, float], float, float]
START, END = -1, -2


@dataclass(frozen=True)
class Programme:
    """The mixed-integer programme: arcs of each car, and times; rows as (values, from, to)."""

    nodes: list[Break]  # the calls, then the breaks
    arcs: list[tuple[int, int, int]]  # car, from node, to node
    rows: list[Row]


def programme(calls: Calls, cars: Sequence[Car], minutes: Floats) -> Programme:
    """Write the problem down: a time that a stop begins stands under ~node in a row."""
    columns = (calls.earliest_min, calls.latest_min, calls.stay_min, calls.place)
    nodes = [Break(*map(float, one[:3]), int(one[3])) for one in zip(*columns, strict=True)]
    arcs, rows = [], []
    for number, car in enumerate(cars):
        mine = [*range(len(calls)), *range(len(nodes), len(nodes) + len(car.breaks))]
        nodes.extend(car.breaks)
        leave = Break(car.from_min, car.from_min, 0.0, car.start)
        back = Break(car.from_min, car.to_min, 0.0, car.end)
        for start, end in product([START, *mine], [*mine, END]):
            one = leave if start == START else nodes[start]
            two = back if end == END else nodes[end]
            takes = one.minutes + minutes[one.place, two.place] / car.speed
            if start == end or one.earliest_min + takes > two.latest_min:
                continue
            slack = max(0.0, one.latest_min + takes - two.earliest_min)
            times = {~start: -1.0} if start != START else {}
            known = car.from_min if start == START else 0.0
            if end == END and start != START:  # back by the end of the shift
                late = max(0.0, one.latest_min + takes - car.to_min)
                row = {~start: 1.0, len(arcs): late}
                rows.append((row, -np.inf, car.to_min - takes + late))
            elif end != END:
                row = times | {~end: 1.0, len(arcs): -slack}
                rows.append((row, known + takes - slack, np.inf))
            arcs.append((number, start, end))
    for number, (side, end) in product(range(len(cars)), ((1, START), (2, END))):
        one_way = [k for k, arc in enumerate(arcs) if (arc[0], arc[side]) == (number, end)]
        rows.append((dict.fromkeys(one_way, 1.0), 1, 1))
    for number, node in product(range(len(cars)), range(len(nodes))):
        into = {k: 1.0 for k, arc in enumerate(arcs) if (arc[0], arc[2]) == (number, node)}
        out = {k: -1.0 for k, arc in enumerate(arcs) if (arc[0], arc[1]) == (number, node)}
        rows.append((into | out, 0, 0))
    for node in range(len(nodes)):
        into = {k: 1.0 for k, arc in enumerate(arcs) if arc[2] == node}
        rows.append((into, float(node >= len(calls)), 1))
    return Programme(nodes, arcs, rows)


def exact(calls: Calls, cars: Sequence[Car], minutes: Floats) -> tuple[int, float]:
    """Return needed calls made, and the greatest value with so many; HiGHS proves the optimum."""
    asked = programme(calls, cars, minutes)
    arcs, nodes = asked.arcs, asked.nodes
    prize = calls.prize + calls.needed * 2 * calls.prize.sum()
    cost = np.zeros(len(arcs) + len(nodes))
    for arc, (*_, end) in enumerate(arcs):
        cost[arc] = -prize[end] if 0 <= end < len(calls) else 0.0
    entries = [
        (number, key if key >= 0 else len(arcs) + ~key, value)
        for number, (row, *_) in enumerate(asked.rows)
        for key, value in row.items()
    ]
    row, column, value = zip(*entries, strict=True)
    matrix = coo_array((value, (row, column)), shape=(len(asked.rows), len(cost))).tocsr()
    found = milp(
        cost,
        integrality=np.r_[np.ones(len(arcs)), np.zeros(len(nodes))],
        bounds=Bounds(
            np.r_[np.zeros(len(arcs)), [node.earliest_min for node in nodes]],
            np.r_[np.ones(len(arcs)), [node.latest_min for node in nodes]],
        ),
        constraints=LinearConstraint(
            matrix, [low for _, low, _ in asked.rows], [high for *_, high in asked.rows]
        ),
        options={"mip_rel_gap": 1e-6},
    )
    assert found.success, found.message
    made = [end for arc, (*_, end) in enumerate(arcs) if found.x[arc] > 0.5]
    made = [end for end in made if 0 <= end < len(calls)]
    return int(calls.needed[made].sum()), float(calls.prize[made].sum())


def broken(routes: Routes, calls: Calls, cars: Sequence[Car], minutes: Floats) -> list[str]:
    """Return every rule that the routes break, from their times alone."""
    made = [call for tour in routes.tours for call in tour.calls]
    left = set(np.flatnonzero(calls.needed)) - set(made)
    rules = {
        "a call is made twice": len(made) == len(set(made)),
        "the value is not that of its calls": abs(routes.value - calls.prize[made].sum()) < NEAR,
        "the value is above the bound": routes.value <= routes.bound + NEAR,
        "a needed call is neither made nor reported": {m.call for m in routes.missed} == left,
        "a car is missing": [tour.car for tour in routes.tours] == [car.id for car in cars],
    }
    wrong = [rule for rule, kept in rules.items() if not kept]
    for tour, car in zip(routes.tours, cars, strict=True):
        wrong += [f"{car.id}: {rule}" for rule in _broken_tour(tour, car, calls, minutes)]
    return wrong


def _broken_tour(tour: Tour, car: Car, calls: Calls, minutes: Floats) -> Iterator[str]:
    at, now, rests = car.start, tour.leave_min, list(car.breaks)
    if now < car.from_min - NEAR:
        yield "leaves before its shift"
    for stop in tour.stops:
        columns = (calls.earliest_min, calls.latest_min, calls.stay_min, calls.place)
        asked = rests.pop(0) if stop.is_break else Break(*(one[stop.call] for one in columns))
        if stop.arrive_min < now + minutes[at, stop.place] / car.speed - NEAR:
            yield "drives too fast"
        earliest = max(stop.arrive_min, asked.earliest_min)
        if not earliest - NEAR <= stop.begin_min <= asked.latest_min + NEAR:
            yield "misses a window, or begins before it arrives"
        if stop.place != asked.place:
            yield "stops elsewhere"
        if abs(stop.end_min - stop.begin_min - asked.minutes) > NEAR:
            yield "does not stay as long as asked"
        at, now = stop.place, stop.end_min
    if rests:
        yield "misses a break"
    back = now + minutes[at, car.end] / car.speed
    if abs(tour.back_min - back) > NEAR or back > car.to_min + NEAR:
        yield "is back after its shift"
