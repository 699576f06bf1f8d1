"""What patrols may be asked to do: calls, cars, breaks; their checks, and one car's clock."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import csgraph_from_dense, floyd_warshall

from riskmap.errors import RiskmapError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

EQUAL_MIN = 1e-6
"""Times that are nearer than this are the same: sums of float minutes."""


class Break(NamedTuple):
    """A break of one car: it begins between two minutes, and is taken at one place."""

    earliest_min: float
    latest_min: float
    minutes: float
    place: int


@dataclass(frozen=True)
class Calls:
    """
    Possible stops of patrols, one entry a call; each is made at most once, by one car.

    `place` row of the table of driving times; `prize` what the stop is worth, in any unit;
    `earliest_min` and `latest_min` when it may begin; `stay_min` how long it takes; `needed` must
    be made, before any prize; `group` calls of the same place in successive windows share a number.
    A place that is to be seen twice has two calls: a second visit within one window brings nothing.
    """

    place: Ints
    prize: Floats
    earliest_min: Floats
    latest_min: Floats
    stay_min: Floats
    needed: Bools
    group: Ints

    def __len__(self) -> int:
        return len(self.place)

    @classmethod
    def of(
        cls,
        place: ArrayLike,
        prize: ArrayLike,
        earliest_min: ArrayLike,
        latest_min: ArrayLike,
        stay_min: ArrayLike,
        *,
        needed: ArrayLike = False,
        group: ArrayLike | None = None,
    ) -> Calls:
        """Make calls from anything that numpy takes; single values stand for all calls."""
        places = np.asarray(place, dtype=np.int64)
        size = places.shape

        def column(values: ArrayLike) -> Floats:
            return np.broadcast_to(np.asarray(values, dtype=np.float64), size).copy()

        return cls(
            places,
            column(prize),
            column(earliest_min),
            column(latest_min),
            column(stay_min),
            np.broadcast_to(np.asarray(needed, dtype=bool), size).copy(),
            np.arange(len(places)) if group is None else np.asarray(group, dtype=np.int64),
        )


@dataclass(frozen=True)
class Car:
    """
    A car's shift: where it starts and ends, from when to when, its breaks, how fast it drives.

    `speed` divides the driving times: a motorcycle in town 1.1, a lorry 0.8. Minutes go past 1440
    in a shift over midnight. Breaks are taken one after the other; each begins in its window.
    """

    id: str
    start: int
    end: int
    from_min: float
    to_min: float
    breaks: tuple[Break, ...] = ()
    speed: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "breaks", tuple(sorted(Break(*rest) for rest in self.breaks)))

    @property
    def duty_min(self) -> float:
        """Minutes of the shift without the breaks."""
        return self.to_min - self.from_min - sum(rest.minutes for rest in self.breaks)


class Clock(NamedTuple):
    """When a car comes to each stop of a sequence, begins it and is done; when it is back."""

    arrive_min: list[float]
    begin_min: list[float]
    end_min: list[float]
    back_min: float


def clock(car: Car, sequence: Sequence[int], calls: Calls, minutes: Floats) -> Clock | None:
    """
    Drive one sequence of stops as early as possible; None if it breaks a window or the shift.

    Parameters
    ----------
    sequence
        Numbers of calls in driving order; break number k of the car is -1 - k.
    minutes
        Driving minutes from place (row) to place (column).
    """
    arrive, begin, end = [], [], []
    at, now = car.start, car.from_min
    for stop in sequence:
        rest = (
            car.breaks[-1 - stop]
            if stop < 0
            else Break(
                float(calls.earliest_min[stop]),
                float(calls.latest_min[stop]),
                float(calls.stay_min[stop]),
                int(calls.place[stop]),
            )
        )
        arrive.append(now + float(minutes[at, rest.place]) / car.speed)
        begin.append(max(arrive[-1], rest.earliest_min))
        if not begin[-1] <= rest.latest_min + EQUAL_MIN:
            return None
        now = begin[-1] + rest.minutes
        end.append(now)
        at = rest.place
    back = now + float(minutes[at, car.end]) / car.speed
    return Clock(arrive, begin, end, back) if back <= car.to_min + EQUAL_MIN else None


def shortest(minutes: Floats) -> Floats:
    """
    Return the driving minutes with ways over other places where those are shorter.

    Times from one search of shortest ways stay as they are. In others a call can be out of reach
    by the direct way and in reach behind another call.
    """
    # explicit zeros: two places at one junction are no minute apart, not without a road
    return np.asarray(floyd_warshall(csgraph_from_dense(minutes, null_value=np.inf)))


def alone(calls: Calls, car: Car, minutes: Floats) -> Bools:
    """
    Tell which calls the car can make if it makes no other; its breaks stay.

    With `shortest` ways none that it leaves out fits into any route.
    """
    drive = minutes / car.speed
    fits = np.zeros(len(calls), dtype=bool)
    for before in range(len(car.breaks) + 1):
        at, now = car.start, car.from_min
        for rest in car.breaks[:before]:
            now = max(now + float(drive[at, rest.place]), rest.earliest_min)
            now = now + rest.minutes if now <= rest.latest_min + EQUAL_MIN else math.inf
            at = rest.place
        begin = np.maximum(now + drive[at, calls.place], calls.earliest_min)
        in_time = begin <= calls.latest_min + EQUAL_MIN
        then, where = begin + calls.stay_min, calls.place
        for rest in car.breaks[before:]:
            then = np.maximum(then + drive[where, rest.place], rest.earliest_min)
            in_time &= then <= rest.latest_min + EQUAL_MIN
            then, where = then + rest.minutes, np.full_like(calls.place, rest.place)
        fits |= in_time & (then + drive[where, car.end] <= car.to_min + EQUAL_MIN)
    return fits


def check(calls: Calls, cars: Sequence[Car], minutes: Floats) -> None:
    """
    Raise the first thing that no route can be made from.

    Raises
    ------
    RiskmapError
        A table of driving times that is not square, has a negative time or none; calls or cars
        outside it; windows that end before they begin; a shift, speed or break that cannot be.
    """
    if minutes.ndim != 2 or minutes.shape[0] != minutes.shape[1]:  # noqa: PLR2004
        raise RiskmapError(
            f"driving times / shape: {minutes.shape}; as many rows as columns, one for each place"
        )
    if np.isnan(minutes).any() or (minutes < 0).any() or np.diagonal(minutes).any():
        raise RiskmapError(
            "driving times: a value is missing or negative, or the way from a place to itself "
            "is not 0; write infinity where there is no road"
        )
    _check_calls(calls, len(minutes))
    for name, often in Counter(car.id for car in cars).items():
        if often > 1:
            raise RiskmapError(f"car {name}: listed {often} times; give every car its own id")
    for car in cars:
        _check_car(car, calls, minutes)


def _check_calls(calls: Calls, places: int) -> None:
    for column in fields(calls):
        values = getattr(calls, column.name)
        if values.shape != calls.place.shape or values.ndim != 1:
            raise RiskmapError(
                f"calls / {column.name}: shape {values.shape} beside {calls.place.shape} of place; "
                "give one value for each call"
            )
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values))[0])
            raise RiskmapError(f"calls row {row} / {column.name}: {values[row]}; write a number")
    for key, bad, out in (
        ("place", (calls.place < 0) | (calls.place >= places), f"places go from 0 to {places - 1}"),
        ("prize", calls.prize < 0, "leave out calls that are worth nothing"),
        ("stay_min", calls.stay_min < 0, "a stop cannot end before it begins"),
        ("latest_min", calls.latest_min < calls.earliest_min, "give a latest after the earliest"),
    ):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise RiskmapError(f"calls row {row} / {key}: {getattr(calls, key)[row]}; {out}")


def _check_car(car: Car, calls: Calls, minutes: Floats) -> None:
    for key, place in (
        ("start", car.start),
        ("end", car.end),
        *(("break", rest.place) for rest in car.breaks),
    ):
        if not 0 <= place < len(minutes):
            raise RiskmapError(
                f"car {car.id} / {key}: place {place}; places go from 0 to {len(minutes) - 1}"
            )
    if not (math.isfinite(car.from_min) and car.from_min < car.to_min < math.inf):
        raise RiskmapError(
            f"car {car.id} / shift: from minute {car.from_min:g} to {car.to_min:g}; the end comes "
            "after the begin, in a shift over midnight past 1440"
        )
    if not 0 < car.speed < math.inf:
        raise RiskmapError(f"car {car.id} / speed: {car.speed:g}; write a factor above 0, e.g. 1.0")
    for rest in car.breaks:
        if not (rest.minutes >= 0 and rest.earliest_min <= rest.latest_min):
            raise RiskmapError(
                f"car {car.id} / break: {rest.minutes:g} minutes between {rest.earliest_min:g} and "
                f"{rest.latest_min:g}; give a length of 0 or more and a latest after the earliest"
            )
    for first, then in pairwise(car.breaks):
        if then.earliest_min < first.latest_min:
            raise RiskmapError(
                f"car {car.id} / break: one may begin until {first.latest_min:g}, the next from "
                f"{then.earliest_min:g}; let the next begin after the one before"
            )
    if clock(car, [-1 - number for number in range(len(car.breaks))], calls, minutes) is None:
        raise RiskmapError(
            f"car {car.id} / break: even without a stop it cannot drive from place {car.start} to "
            f"its breaks in their time and be at place {car.end} by {car.to_min:g}; change the "
            "shift, the breaks or their places"
        )
