"""Patrol routes: which calls each car makes, and when; the calls of places to be seen again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from riskmap.calls import Bools, Break, Calls, Car, Floats, Ints, alone, check, clock, shortest
from riskmap.errors import RiskmapError
from riskmap.touring import search

__all__ = ["Break", "Calls", "Car", "Missed", "Routes", "Stop", "Tour", "route", "visits"]

ITERATIONS = 6000
"""Of the search, where nothing is said: a few seconds for twelve cars and a thousand calls."""
APART = 1000
"""Between the seeds of two starts; each part of a search takes the next seed."""
Why = Literal["no_road", "window", "room"]


@dataclass(frozen=True)
class Stop:
    """A stop of one car: a call, or a break where `call` is -1. It may wait before it begins."""

    call: int
    place: int
    arrive_min: float
    begin_min: float
    end_min: float

    @property
    def is_break(self) -> bool:
        """Whether the car takes its break here."""
        return self.call < 0


@dataclass(frozen=True)
class Tour:
    """One car's shift: its stops in order, breaks with them, and when it is back."""

    car: str
    stops: tuple[Stop, ...]
    leave_min: float
    back_min: float

    @property
    def calls(self) -> tuple[int, ...]:
        """Numbers of the calls that it makes, in driving order."""
        return tuple(stop.call for stop in self.stops if not stop.is_break)


@dataclass(frozen=True)
class Missed:
    """
    A needed call that no car makes, and why.

    no_road: no car has a road there and on to its end. window: a road, but no car can begin within
    the window and keep its shift and breaks. room: a car could, but not with the other needed
    calls, as far as the search found.
    """

    call: int
    why: Why


@dataclass(frozen=True)
class Routes:
    """What all cars do; `value` of the calls made; no routes are worth more than `bound`."""

    tours: tuple[Tour, ...]
    missed: tuple[Missed, ...]
    value: float
    bound: float

    @property
    def made(self) -> Ints:
        """Numbers of the calls that are made, ascending."""
        return np.array(sorted(call for tour in self.tours for call in tour.calls), dtype=np.int64)


def route(
    calls: Calls,
    cars: Sequence[Car],
    minutes: ArrayLike,
    *,
    seed: int = 0,
    iterations: int | None = None,
    seconds: float | None = None,
    starts: int = 1,
    gap: float = 0.0,
) -> Routes:
    """
    Route the cars so that needed calls are made and the others bring most.

    A team orienteering problem with time windows, several stations and breaks. The search is
    PyVRP's iterated local search (Wouda, Lan & Kool 2024, INFORMS Journal on Computing 36:943-955).
    Presence is all it claims: no reduction of crashes was found for patrols alone (evidence.md).

    Parameters
    ----------
    minutes
        Places × places: driving minutes on directed roads, infinite where there is no road.
    seed
        Of the search. With a number of iterations the same seed gives the same routes.
    iterations
        Steps of the search; 6000 if neither they nor `seconds` are given.
    seconds
        Time for the search instead. Then routes depend on the machine.
    starts
        Searches that begin anew and share the effort; the best is kept. Up to a hundred calls a
        search may settle for a bad plan that no further step leaves (see benchmarks); with many
        calls one long search finds more.
    gap
        Stop as soon as all needed calls are made and the value is within this share of the bound.

    Returns
    -------
    A tour for each car, in the order of `cars`; a car that has nothing to do keeps its breaks and
    stays at its station.

    Raises
    ------
    RiskmapError
        Calls, cars or driving times that no route can be made from (`riskmap.calls.check`).
    """
    table = np.asarray(minutes, dtype=np.float64)
    check(calls, cars, table)
    if iterations is not None and seconds is not None:
        raise RiskmapError("patrols: both iterations and seconds; give one of them")
    if starts < 1:
        raise RiskmapError(f"patrols / starts: {starts}; give 1 or more")
    can = np.zeros(len(calls), dtype=bool)
    road = np.zeros(len(calls), dtype=bool)
    ways = shortest(table)
    for car in cars:
        can |= alone(calls, car, ways)
        road |= np.isfinite(ways[car.start, calls.place] + ways[calls.place, car.end])
    usable = np.flatnonzero(can)
    bound = _bound(calls, cars, table, usable)
    rows: list[list[int]] = [[-1 - number for number in range(len(car.breaks))] for car in cars]
    if len(usable):
        steps = ITERATIONS if iterations is None and seconds is None else iterations
        found = (
            search(
                calls,
                cars,
                table,
                usable=usable,
                bound=bound,
                seed=seed + APART * start,
                iterations=None if steps is None else steps // starts,
                seconds=None if seconds is None else seconds / starts,
                gap=gap,
            )
            for start in range(starts)
        )
        rows = max(found, key=lambda one: _brings(one, calls))
    tours = tuple(_tour(car, row, calls, table) for car, row in zip(cars, rows, strict=True))
    made = np.zeros(len(calls), dtype=bool)
    made[[call for tour in tours for call in tour.calls]] = True
    missed = tuple(
        Missed(int(call), "room" if can[call] else "window" if road[call] else "no_road")
        for call in np.flatnonzero(calls.needed & ~made)
    )
    return Routes(tours, missed, float(calls.prize[made].sum()), bound)


def _brings(rows: Sequence[Sequence[int]], calls: Calls) -> tuple[int, float]:
    """Return needed calls made, then the value of all."""
    made = [stop for row in rows for stop in row if stop >= 0]
    return int(calls.needed[made].sum()), float(calls.prize[made].sum())


def _tour(car: Car, row: Sequence[int], calls: Calls, minutes: Floats) -> Tour:
    timed = clock(car, row, calls, minutes)
    if timed is None:
        raise AssertionError(car.id)  # the search rounds times against the car
    stops = tuple(
        Stop(
            max(stop, -1),
            car.breaks[-1 - stop].place if stop < 0 else int(calls.place[stop]),
            arrive,
            begin,
            end,
        )
        for stop, arrive, begin, end in zip(
            row, timed.arrive_min, timed.begin_min, timed.end_min, strict=True
        )
    )
    return Tour(car.id, stops, car.from_min, timed.back_min)


def _bound(calls: Calls, cars: Sequence[Car], minutes: Floats, usable: Ints) -> float:
    """
    Return what no routes can exceed: the best part of the calls that fits in all duty minutes.

    Every call takes its stay and at least the shortest way into it. Windows and the ways between
    cars are ignored, so the bound is cheap and loose.
    """
    if not len(usable):
        return 0.0
    place = calls.place[usable]
    origins, often = np.unique(place, return_counts=True)
    starts = np.array(
        [car.start for car in cars] + [rest.place for car in cars for rest in car.breaks]
    )
    nearest = minutes[np.ix_(starts, place)].min(axis=0)
    between = minutes[np.ix_(origins, place)].copy()
    own = np.searchsorted(origins, place)
    between[own, np.arange(len(place))] = np.where(often[own] > 1, 0.0, np.inf)
    nearest = np.minimum(nearest, between.min(axis=0)) / max(car.speed for car in cars)
    takes = calls.stay_min[usable] + nearest
    prize = calls.prize[usable]
    best = np.argsort(-prize / np.maximum(takes, 1e-9), kind="stable")
    left = sum(car.duty_min for car in cars) - np.concatenate(([0.0], np.cumsum(takes[best])[:-1]))
    share = np.clip(left / np.maximum(takes[best], 1e-9), 0.0, 1.0)
    return float((prize[best] * share).sum())


def visits(
    prize: ArrayLike,
    *,
    from_min: float,
    every_min: float,
    share: float,
    stay_min: Sequence[int],
    slot_min: float = 30.0,
    places: ArrayLike | None = None,
    peaks: Sequence[tuple[float, float]] = (),
    needed: ArrayLike = False,
    seed: int = 0,
) -> Calls:
    """
    Make the calls of places that should be seen again within two hours, at irregular times.

    The shift is cut at the peaks, and each piece into equal periods. A place has one call in a
    period; its window is `share` of the period and lies somewhere in it, drawn for each place.
    Visits in successive windows begin at most `every_min` apart, and never right after each other;
    from the begin of the shift or a peak to the first visit, and from the last one to its end, it
    is no longer.

    Parameters
    ----------
    prize
        Places × slots of the shift: what presence is worth in each slot. A call is worth the
        slots of its period, so that seeing a place twice in a period brings nothing more.
    from_min, slot_min
        Begin of the first slot and length of a slot.
    every_min, share, stay_min
        The table `[patrols]` of `parameters.toml`: longest time between visits, a window's part of
        its period, shortest and longest stay in whole minutes (one is drawn for each call).
    places
        Row of the table of driving times of each place; 0, 1, … if not given.
    peaks
        Windows (from, to) in which `needed` places must be seen. They may not overlap.
    needed
        For each place, or for all: must be seen in every period of every peak.

    Returns
    -------
    Calls by place, then time; `group` is the row of the place. Calls worth nothing are left out
    unless they are needed.

    Raises
    ------
    RiskmapError
        A prize below 0, peaks that overlap or lie outside the shift, a share outside 0 to 1.
    """
    table = np.atleast_2d(np.asarray(prize, dtype=np.float64))
    rows = np.arange(len(table))
    at = rows if places is None else np.asarray(places, dtype=np.int64)
    must = np.broadcast_to(np.asarray(needed, dtype=bool), at.shape)
    to_min = from_min + slot_min * table.shape[1]
    if not np.isfinite(table).all() or (table < 0).any():
        raise RiskmapError("visits / prize: a value is missing or below 0; write 0 for no demand")
    if not (0 <= share <= 1 and every_min > 0 and 0 <= stay_min[0] <= stay_min[1]):
        raise RiskmapError(
            f"visits: share {share:g}, every {every_min:g} min, stay {stay_min[0]}-{stay_min[1]} "
            "min; a share from 0 to 1, times above 0, the shorter stay first"
        )
    worth = np.concatenate((np.zeros((len(table), 1)), np.cumsum(table, axis=1)), axis=1)
    random = np.random.default_rng(seed)
    # One draw for all pieces of the shift. With periods P and Q and windows of the share s of them,
    # begins are up to P (1 - u (1 - s)) + Q (u (1 - s) + s) apart, with P, Q <= every / (1 + s)
    # never above `every`. A draw for each piece would allow P + Q.
    drawn = random.uniform(0, 1 - share, size=(len(table), 1))
    columns: list[tuple[Floats, Floats, Floats, Ints, Bools]] = []
    for begin, end, peak in _pieces(from_min, to_min, peaks):
        count = math.ceil((end - begin) * (1 + share) / every_min - 1e-9)
        period = (end - begin) / count
        edges = begin + period * np.arange(count + 1.0)
        earliest = edges[:-1] + period * drawn
        stay = random.integers(stay_min[0], stay_min[1], size=earliest.shape, endpoint=True)
        until = _until(worth, (edges - from_min) / slot_min)
        hard = np.repeat((must & peak)[:, None], count, axis=1)
        columns.append((np.diff(until, axis=1), earliest, earliest + period * share, stay, hard))
    brings, earliest, latest, stay, hard = (
        np.concatenate(one, axis=1) for one in zip(*columns, strict=True)
    )
    row, period_of = np.nonzero((brings > 0) | hard)
    pick = (row, period_of)
    return Calls.of(
        at[row],
        brings[pick],
        earliest[pick],
        latest[pick],
        stay[pick],
        needed=hard[pick],
        group=row,
    )


def _until(worth: Floats, slot: Floats) -> Floats:
    """Return what each place is worth until so many slots, a slot's demand spread evenly."""
    low = np.clip(np.floor(slot + 1e-9).astype(np.int64), 0, worth.shape[1] - 2)
    return worth[:, low] + (worth[:, low + 1] - worth[:, low]) * np.clip(slot - low, 0.0, 1.0)


def _pieces(
    from_min: float, to_min: float, peaks: Sequence[tuple[float, float]]
) -> list[tuple[float, float, bool]]:
    """Cut the shift at the peaks: begin, end, whether it is a peak."""
    pieces, now = [], from_min
    for begin, end in sorted(peaks):
        if not now <= begin < end <= to_min:
            raise RiskmapError(
                f"visits / peaks: {begin:g} to {end:g}; peaks lie one after the other within the "
                f"shift, {from_min:g} to {to_min:g}"
            )
        pieces += [(now, begin, False)] * (begin > now) + [(begin, end, True)]
        now = end
    return pieces + [(now, to_min, False)] * (to_min > now)
