"""The search for patrol routes. The only code that knows PyVRP."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pyvrp import (
    Activity,
    ActivityType,
    Client,
    CostEvaluator,
    Depot,
    IteratedLocalSearchCallbacks,
    IteratedLocalSearchParams,
    Location,
    ProblemData,
    Route,
    Solution,
    SolveParams,
    VehicleType,
    solve,
)
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.stop import MaxIterations, MaxRuntime, StoppingCriterion

from riskmap.calls import Calls, Car, Floats, Ints

TICKS = 1000
"""PyVRP counts whole numbers: a minute has so many. Times are rounded against the car."""
WORTH = 1e6
"""All prizes together, in PyVRP's whole numbers."""
BONUS = 2 * int(WORTH)
"""What a needed call is worth beyond its prize: more than all prizes together."""
NEEDED = 0.2
"""Share of the search that needed calls get for themselves, if they take so long."""
PRICES = (0.6, 0.5, 0.4, 0.3, 0.2, 0.02)
"""
What a minute of driving costs in each part of the search, as a share of what a minute on duty can
bring at most.

Without a price of driving the search wanders: two routes of the same value look alike although one
leaves room for a further stop. With too high a price it leaves stops out. So the price falls, each
part starting from the best so far; the best is what brings most, whatever its driving. On six of
p4 and p7 of Chao, Golden & Wasil the mean gap to the best known was 24 % without a price.
"""


@dataclass
class _Richest(IteratedLocalSearchCallbacks):
    """Keeps the route plan with the greatest prizes, whatever its driving costs."""

    prizes: int = -1
    plan: Solution | None = None
    enough: int = field(default=2**62)

    def on_iteration(
        self, current: Solution, candidate: Solution, best: Solution, cost_evaluator: CostEvaluator
    ) -> None:
        """Look at every plan that the search has made."""
        del current, cost_evaluator
        self._see(candidate)
        self._see(best)

    def _see(self, plan: Solution) -> None:
        if plan.prizes() > self.prizes and plan.is_feasible():
            self.prizes, self.plan = plan.prizes(), plan


@dataclass
class _Stop:
    """Stop at the end of this part, or when nothing more can be won."""

    part: StoppingCriterion
    richest: _Richest

    def __call__(self, best_cost: int) -> bool:
        return self.part(best_cost) or self.richest.prizes >= self.richest.enough


Kept = list[tuple[int, list[int]]]
"""The routes of a plan: vehicle type and clients of each."""


@dataclass(frozen=True)
class _Model:
    """What PyVRP is given, with the way back to calls, breaks and cars."""

    clients: list[Client]  # the calls, then the breaks of car 0, 1, …
    call: Ints  # of the first clients: the number of their call
    locations: list[Location]
    depots: list[Depot]
    types: list[VehicleType]
    cars: list[list[int]]  # of each vehicle type: the numbers of its cars
    drive: list[Floats]  # of each profile: minutes between locations
    barred: list[Ints]  # of each profile: locations of other cars' breaks
    breaks: dict[int, tuple[int, int]]  # client → car, number of its break
    horizon: int
    scale: float  # PyVRP's units of prize for one of ours
    bonus: int  # what all needed calls bring together beyond their prizes

    def data(self, price: float) -> ProblemData:
        """Return the problem at one price a minute of driving, in PyVRP's units of prize."""
        times: list[Any] = []  # PyVRP's stubs ask for an array of no known kind
        costs: list[Any] = []
        for drive, barred in zip(self.drive, self.barred, strict=True):
            known = np.isfinite(drive)
            time = np.where(known, np.ceil(np.where(known, drive, 0) * TICKS - 1e-6), np.inf)
            time[:, barred] = np.inf
            np.fill_diagonal(time, 0)
            # a way that there is not takes longer than the shift, so no plan with it is feasible
            times.append(np.minimum(time, 2 * self.horizon).astype(np.int64))
            costs.append(np.rint(times[-1] * (price / TICKS)).astype(np.int64))
        return ProblemData(self.locations, self.clients, self.depots, self.types, costs, times)

    def plan(self, data: ProblemData, kept: Kept) -> Solution:
        """Return the routes as PyVRP's plan."""
        kind = ActivityType.CLIENT
        return Solution(
            data, [Route(data, [Activity(kind, one) for one in row], type_) for type_, row in kept]
        )

    def kept(self, rows: Sequence[Sequence[int]]) -> Kept:
        """Return the routes of cars that stop anywhere, in PyVRP's words."""
        client = {int(call): number for number, call in enumerate(self.call)}
        rest = {whose: number for number, whose in self.breaks.items()}
        return [
            (type_, [client[one] if one >= 0 else rest[car, -1 - one] for one in rows[car]])
            for type_, members in enumerate(self.cars)
            for car in members
            if rows[car]
        ]

    def rows(self, kept: Kept, cars: Sequence[Car]) -> list[list[int]]:
        """Return the stops of each car; alike cars take their routes in the order of `cars`."""
        rows = [[-1 - number for number in range(len(car.breaks))] for car in cars]
        left = [list(members) for members in self.cars]
        for type_, clients in kept:
            rows[left[type_].pop(0)] = [
                -1 - self.breaks[one][1] if one in self.breaks else int(self.call[one])
                for one in clients
            ]
        return rows


def search(
    calls: Calls,
    cars: Sequence[Car],
    minutes: Floats,
    *,
    usable: Ints,
    bound: float,
    seed: int,
    iterations: int | None,
    seconds: float | None,
    gap: float,
) -> list[list[int]]:
    """
    Look for the routes that are worth most; needed calls before all others.

    Parameters
    ----------
    usable
        Numbers of the calls that some car can make alone; the others are left out.
    bound
        No routes are worth more.
    seed, iterations, seconds
        Of the search. With `seconds` as None the same input gives the same routes.
    gap
        Stop as soon as the routes are worth 1 - `gap` of the bound and make every usable call
        that is needed.

    Returns
    -------
    For each car its stops in driving order: number of the call; -1 - k is break number k of it.
    """
    rows = [[-1 - number for number in range(len(car.breaks))] for car in cars]
    needed = usable[calls.needed[usable]]
    # Needed calls first and alone: among many others the search seldom frees the two or three
    # stops that stand in the way of one. Once made they stay, being worth more than all others.
    parts = [(needed, 1.0, NEEDED)] if 0 < len(needed) < len(usable) else []
    parts.append((usable, gap, 1.0 - sum(share for *_, share in parts)))
    for part, (chosen, short, share) in enumerate(parts):
        rows = _improve(
            rows,
            _model(calls, cars, minutes, chosen),
            cars,
            bound=bound,
            seed=seed + part * len(PRICES),
            iterations=None if iterations is None else round(iterations * share / len(PRICES)),
            seconds=None if seconds is None else seconds * share / len(PRICES),
            gap=short,
        )
    return rows


def _improve(
    rows: list[list[int]],
    model: _Model,
    cars: Sequence[Car],
    *,
    bound: float,
    seed: int,
    iterations: int | None,
    seconds: float | None,
    gap: float,
) -> list[list[int]]:
    """Search from the routes given, at one price of driving after the other."""
    enough = model.bonus + model.scale * bound * (1 - gap) - len(model.call)
    richest = _Richest(enough=math.ceil(min(enough, sum(one.prize for one in model.clients))))
    duty = sum(car.duty_min for car in cars)
    kept = model.kept(rows)
    for part, share in enumerate(PRICES):
        if richest.prizes >= richest.enough:
            break
        data = model.data(share * min(model.scale * bound, WORTH) / duty)
        limit: StoppingCriterion = (
            MaxIterations(iterations or 0) if seconds is None else MaxRuntime(seconds)
        )
        with warnings.catch_warnings():
            # it says that a break in the wrong car costs too little; only feasible plans are kept
            warnings.simplefilter("ignore", PenaltyBoundWarning)
            solve(
                data,
                _Stop(limit, richest),
                seed=seed + part,
                collect_stats=False,
                params=SolveParams(ils=IteratedLocalSearchParams(callbacks=richest)),
                initial_solution=model.plan(data, kept) if kept else None,
            )
        if richest.plan is not None:
            kept = [
                (route.vehicle_type(), [stop.idx for stop in route if stop.is_client()])
                for route in richest.plan.routes()
            ]
    return model.rows(kept, cars)


def _model(calls: Calls, cars: Sequence[Car], minutes: Floats, usable: Ints) -> _Model:
    """
    Put calls, cars and breaks in PyVRP's words.

    A break is a client that must be visited, at a location of its own that has no road for any
    other car. So its time stays free within its window and the search moves it among the stops.
    Cutting the shift into two vehicles at the break would fix its time beforehand and lose routes.

    Needed calls are optional clients with a prize above all others together, not required ones:
    where not all can be made, the search still gives the most that can, and the rest is reported.
    """
    zero = min(car.from_min for car in cars)
    rests = [(car, k, rest) for car, one in enumerate(cars) for k, rest in enumerate(one.breaks)]
    ends = sorted({car.start for car in cars} | {car.end for car in cars})
    places = np.unique(np.concatenate((calls.place[usable], ends))).astype(np.int64)
    located = np.concatenate((places, [rest.place for *_, rest in rests])).astype(np.int64)
    total = float(calls.prize[usable].sum())
    scale = WORTH / total if total > 0 else 0.0
    location = np.searchsorted(places, calls.place[usable])
    clients = _clients(calls, usable, location, zero=zero, scale=scale)
    breaks: dict[int, tuple[int, int]] = {}
    for number, (whose, k, rest) in enumerate(rests):
        breaks[len(clients)] = (whose, k)
        clients.append(_client(len(places) + number, *rest[:3], zero, prize=None))
    alike: dict[object, list[int]] = {}
    for number, car in enumerate(cars):
        own = number if car.breaks else None
        key = (car.start, car.end, car.from_min, car.to_min, car.speed, own)
        alike.setdefault(key, []).append(number)
    profiles: dict[object, int] = {}
    drive: list[Floats] = []
    barred: list[Ints] = []
    types: list[VehicleType] = []
    for members in alike.values():
        first = cars[members[0]]
        whose = members[0] if first.breaks else -1
        if (first.speed, whose) not in profiles:
            profiles[first.speed, whose] = len(drive)
            drive.append(minutes[np.ix_(located, located)] / first.speed)
            others = [number for number, (other, *_) in enumerate(rests) if other != whose]
            barred.append(np.array(others, dtype=np.int64) + len(places))
        types.append(
            VehicleType(
                len(members),
                start_depot=ends.index(first.start),
                end_depot=ends.index(first.end),
                tw_early=int(np.ceil((first.from_min - zero) * TICKS - 1e-6)),
                tw_late=int(np.floor((first.to_min - zero) * TICKS + 1e-6)),
                profile=profiles[first.speed, whose],
            )
        )
    return _Model(
        clients,
        usable,
        [Location(float(place), 0.0) for place in located],
        [Depot(int(np.searchsorted(places, place))) for place in ends],
        types,
        list(alike.values()),
        drive,
        barred,
        breaks,
        int(np.ceil((max(car.to_min for car in cars) - zero) * TICKS)),
        scale,
        BONUS * int(calls.needed[usable].sum()),
    )


def _clients(
    calls: Calls, usable: Ints, location: Ints, *, zero: float, scale: float
) -> list[Client]:
    """Return the usable calls; needed ones are worth more than all others together."""
    prize = np.rint(calls.prize[usable] * scale) + np.where(calls.needed[usable], BONUS, 0)
    rows = zip(
        location.tolist(),
        calls.earliest_min[usable].tolist(),
        calls.latest_min[usable].tolist(),
        calls.stay_min[usable].tolist(),
        prize.astype(np.int64).tolist(),
        strict=True,
    )
    return [
        _client(at, earliest, latest, stay, zero, prize=worth)
        for at, earliest, latest, stay, worth in rows
    ]


def _client(
    location: int,
    earliest_min: float,
    latest_min: float,
    stay_min: float,
    zero: float,
    *,
    prize: int | None,
) -> Client:
    """Return one client in whole ticks; without a prize it must be visited."""
    late = max(int(np.floor((latest_min - zero) * TICKS + 1e-6)), 0)
    early = max(int(np.ceil((earliest_min - zero) * TICKS - 1e-6)), 0)
    # a window within one tick opens at its end; what that takes is added to the stay
    stay = int(np.ceil(stay_min * TICKS - 1e-6)) + int(early > late)
    return Client(
        location,
        service_duration=stay,
        tw_early=min(early, late),
        tw_late=late,
        prize=prize or 0,
        required=prize is None,
    )
