"""Turns of breaks: when and where each unit has its own; none while it is due, few at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import coo_array, eye_array, hstack, kron

from riskmap.roster import LEAST, Rest, Stay, Unit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Drive = Callable[[int, int], float]
"""Minutes from one node to another, rows of the network's nodes."""
Plan = tuple[Unit, Sequence[Stay]]

EQUAL_MIN = 1e-6
"""Minutes that sums of floats may be off."""
MISSED = 1000.0
"""What a minute costs that somebody is missed, where one unit more at once costs `MORE`."""
MORE = 2.0
NODES = 10_000
"""Of the search: far more than it was seen to need."""


def rested(
    plans: Sequence[Plan], drive: Drive, settled: Sequence[Plan] = ()
) -> list[tuple[Unit, list[Stay]]]:
    """
    Give every unit its breaks.

    Nobody has one when due somewhere, or on the way there, if there is another time for it; not
    more than `at_once` have it at a time, as far as that allows; and apart from that one unit has
    it after the other, in the order of `plans`, over and over in its window.

    Parameters
    ----------
    plans
        Units, and where each is to stand, in order.
    drive
        Between those nodes and the stations.
    settled
        Other units, with breaks that stay when they are.
    """
    result = [(unit, list(stays)) for unit, stays in plans]
    had = [(rest, stay.first) for unit, stays in settled for rest, stay in own(unit, stays)]
    for rest, number in _kinds(unit for unit, _ in plans):
        rows = [row for row, (unit, _) in enumerate(plans) if unit.rests.count(rest) > number]
        others = np.array([begin for kind, begin in had if kind == (rest, number)])
        begins = _begins(rest, [result[row] for row in rows], others, drive)
        cost = np.empty((len(rows), len(begins)))
        places = int((rest.latest - rest.earliest) // max(rest.minutes, LEAST)) + 1
        span = places * max(rest.minutes, LEAST)
        for turn, row in enumerate(rows):
            lost = [_missed(*result[row], rest, begin, drive) for begin in begins]
            later = (begins - rest.earliest - turn % places * max(rest.minutes, LEAST)).round(3)
            cost[turn] = MISSED * (np.array(lost) - min(lost)) + later % span / span / len(rows)
        for row, chosen in zip(rows, _chosen(cost, begins, rest, others), strict=True):
            unit, stays = result[row]
            result[row] = unit, with_break(unit, stays, rest, float(begins[chosen]), drive)
    return result


def fixed(unit: Unit, stays: Sequence[Stay]) -> Unit:
    """Give a unit with the breaks that it has among its stays, at their times and no other."""
    if all(rest.at_once is None for rest in unit.rests):
        return unit
    turns = (
        replace(rest, earliest=stay.first, latest=stay.first)
        for (rest, _), stay in own(unit, stays)
    )
    return replace(unit, rests=tuple(turns))


def crowded(plans: Sequence[Plan]) -> int:
    """How many units more than may have a break at once, where that is most."""
    had = [(*kind, stay.first) for unit, stays in plans for kind, stay in own(unit, stays)]
    most = 0
    for rest, number, begin in had:
        if rest.at_once is not None:
            same = [at for kind, which, at in had if (kind, which) == (rest, number)]
            count = sum(at < begin + EQUAL_MIN < at + rest.minutes for at in same)
            most = max(most, count - rest.at_once)
    return most


def own(unit: Unit, stays: Sequence[Stay]) -> list[tuple[tuple[Rest, int], Stay]]:
    """
    Pair the breaks among a unit's stays with what it must have; equal ones are numbered.

    By length and window, and in time order where these leave a choice.
    """
    rests = _kinds([unit])
    breaks = sorted((s for s in stays if s.kind == "break"), key=lambda stay: stay.first)
    off = np.array([
        abs(stay.last - stay.first - rest.minutes)
        + max(rest.earliest - stay.first, stay.first - rest.latest, 0.0)
        + EQUAL_MIN * (number - place) ** 2
        for number, (rest, _) in enumerate(rests)
        for place, stay in enumerate(breaks)
    ]).reshape(len(rests), len(breaks))
    pairs = zip(*linear_sum_assignment(off), strict=True)
    return [(rests[number], breaks[place]) for number, place in pairs]


def with_break(
    unit: Unit, stays: Sequence[Stay], rest: Rest, begin: float, drive: Drive
) -> list[Stay]:
    """
    Cut a break out of a unit's stays.

    On the spot it is taken where the unit is by then, be it before a way; one at the station is a
    stay there, and the way to it and back is taken from the stays around it.
    """
    end, parts = begin + rest.minutes, []
    for stay in stays:
        if stay.kind == "break":
            parts.append(stay)
            continue
        if stay.first < begin:
            parts.append(replace(stay, last=min(stay.last, begin)))
        if stay.last > end:
            parts.append(replace(stay, first=max(stay.first, end)))
    parts.append(Stay("break", *_where(unit, stays, rest, begin, drive), begin, end))
    return sorted(parts, key=lambda stay: stay.first)


def _kinds(units: Iterable[Unit]) -> list[tuple[Rest, int]]:
    """Breaks that some units must have, the earliest first; equal ones of a unit are numbered."""
    found = {
        (rest, unit.rests[:number].count(rest)): None
        for unit in units
        for number, rest in enumerate(unit.rests)
    }
    return sorted(found, key=lambda kind: kind[0].earliest)


def _begins(rest: Rest, plans: Sequence[Plan], others: Floats, drive: Drive) -> Floats:
    """
    When a break may begin: at once, when somebody is free again, any turns after that, or last.

    Turns that are moved ahead as far as they go begin then, so that no other times are needed; the
    last is for who is due all the time before.
    """
    ready = {rest.earliest, rest.latest, *(others + rest.minutes)}
    for unit, stays in plans:
        for stay in filter(_due, stays):
            way = drive(stay.node, unit.station) if rest.at_station else 0.0
            ready.add(float(np.ceil(stay.last + way - EQUAL_MIN)))
    step = max(rest.minutes, LEAST)
    turns = [
        np.arange(begin, rest.latest + EQUAL_MIN, step) for begin in ready if begin >= rest.earliest
    ]
    return np.unique(np.concatenate([[rest.earliest], *turns]).round(3))


def _missed(
    unit: Unit, stays: Sequence[Stay], rest: Rest, begin: float, drive: Drive
) -> float:
    """Whole minutes that a unit would not be where it is due, or come home late, for a break."""
    node, end = _where(unit, stays, rest, begin, drive)[0], begin + rest.minutes
    lost = max(end + drive(node, unit.station) - unit.last, 0.0)
    for stay in filter(_due, stays):
        back = min(stay.last, end + drive(node, stay.node))
        lost += max(back - max(stay.first, begin - drive(stay.node, node)), 0.0)
    return float(np.ceil(lost - EQUAL_MIN))


def _where(
    unit: Unit, stays: Sequence[Stay], rest: Rest, begin: float, drive: Drive
) -> tuple[int, int]:
    """Node and segment where a unit has a break that begins then."""
    here = unit.station, -1
    if rest.at_station:
        return here
    came = last = unit.first
    due = False
    for stay in stays:
        leaves = came if _due(stay) > due else last
        came = max(stay.first, leaves + drive(here[0], stay.node))
        if came > begin + EQUAL_MIN:
            break
        here, last, due = (stay.node, stay.segment), stay.last, _due(stay)
    return here


def _due(stay: Stay) -> bool:
    return stay.due or stay.kind == "break"


def _chosen(cost: Floats, begins: Floats, rest: Rest, others: Floats) -> Ints:
    """
    Which begin each unit gets: at least cost, and no more at once than may, or as few as can be.

    A column of `cost` is one of `begins`; `others` are breaks beside these.
    """
    best = cost.argmin(axis=1)
    if rest.at_once is None:
        return best
    times = np.concatenate([begins, others])

    def at(some: Floats) -> NDArray[np.bool_]:
        since = times[:, None] - some
        return np.asarray((since > -EQUAL_MIN) & (since < rest.minutes - EQUAL_MIN))

    resting, room = at(begins), rest.at_once - at(others).sum(axis=1)
    if (resting[:, best].sum(axis=1) <= room).all():
        return best
    units, places = cost.shape
    each = hstack([kron(eye_array(units), np.ones((1, places))), coo_array((units, 1))])
    together = hstack([kron(np.ones((1, units)), resting), -np.ones((len(times), 1))])
    most = np.append(np.ones(cost.size), np.inf)
    found = milp(
        np.append(cost, MORE),
        constraints=[LinearConstraint(each, 1, 1), LinearConstraint(together, -np.inf, room)],
        integrality=np.ones(len(most)), bounds=Bounds(0, most),
        options={"mip_rel_gap": 0.0, "node_limit": NODES},
    )  # fmt: skip
    return best if found.x is None else found.x[:-1].reshape(cost.shape).argmax(axis=1)
