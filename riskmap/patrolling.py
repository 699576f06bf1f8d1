"""Patrols of a shift: what posts leave, seen again and again by cars; key roads first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from riskmap import patrols, posts, sites
from riskmap.area import Area
from riskmap.calls import Break, Calls, Car
from riskmap.covered import Demand
from riskmap.errors import RiskmapError
from riskmap.posts import Instance, Key
from riskmap.roster import Stay, Unit
from riskmap.routes import Roads
from riskmap.sites import Sites
from riskmap.standing import Standing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def patrol(
    area: Area,
    cars: Sequence[Unit],
    demand: Demand,
    known: Sites,
    standing: Standing,
    keys: Sequence[Key],
    windows: Sequence[tuple[float, float]],
    roads: Roads,
    *,
    areas: Mapping[str, Bools] | None = None,
    seed: int = 0,
) -> list[tuple[Unit, list[Stay]]]:
    """
    Route cars over what the posts leave.

    The places that cover most of it are chosen as posts are; each segment is one place's business.
    Each is to be seen again within two hours, those at key roads without a post as often as these
    ask for. Squadrons with an area of their own come first, the others see to what these leave.

    Parameters
    ----------
    area
        The roads; `[deploy]` of its parameters are the rules.
    cars
        The units that drive.
    demand
        The shift.
    known, standing
        Where units may stand, and the posts.
    keys
        Key roads, as constraints on the blocks of the posts.
    windows
        The peaks in which they must be seen.
    roads
        The directed road graph.
    areas
        Segments on which each squadron works; one that is not in it works everywhere.
    seed
        Of the visits and of the search.

    Returns
    -------
    Where every car is to be, in the order of the cars.
    """
    areas = areas or {}
    left = _left(demand, standing)
    alone = _alone(keys, standing)
    stations = np.array([car.station for car in cars], dtype=np.int64)
    minutes = sites.minutes(roads, np.concatenate([known.node, stations]))
    size = len(known.node)
    stays: dict[int, list[Stay]] = {}
    squadrons = [car.squadron if car.squadron in areas else "" for car in cars]
    for squadron in sorted(set(squadrons), key=lambda name: (not name, name)):
        rows = [row for row, name in enumerate(squadrons) if name == squadron]
        most = area.parameters["deploy"]["most_cars"]
        if len(rows) > most:
            raise RiskmapError(
                f"{len(rows)} cars on patrol: more than {most} cannot be planned together; give "
                "squadrons areas of their own, or fewer cars"
            )
        here = areas[squadron] if squadron else np.ones(left.shape[0], dtype=bool)
        chosen, needed = _places(
            area, known, left * here[:, None], alone, minutes, size + np.array(rows),
            ~here[known.segment], len(rows),
        )  # fmt: skip
        calls = _calls(
            known, chosen, needed, left * here[:, None], demand, windows, area, seed
        )
        own = [cars[row] for row in rows]
        stays.update(zip(rows, _toured(
            area, own, known, chosen, calls, minutes, size + np.array(rows), seed
        ), strict=True))  # fmt: skip
        seen = known.cover[chosen].max(axis=0).toarray().ravel() if len(chosen) else 0.0
        left *= 1.0 - np.broadcast_to(seen, left.shape[:1])[:, None]
        alone = [key for key in alone if not np.isin(key.sites, chosen[needed]).any()]
    return [(car, stays[row]) for row, car in enumerate(cars)]


def _places(
    area: Area,
    known: Sites,
    left: Floats,
    alone: Sequence[Key],
    minutes: Floats,
    stations: Ints,
    outside: Bools,
    cars: int,
) -> tuple[Ints, Bools]:
    """Sites that cars see to, and which of these a key road needs."""
    size = len(known.node)
    round_trip = np.asarray(minutes[stations, :size] + minutes[:size, stations].T)
    closed = np.asarray(~np.isfinite(round_trip).any(axis=0)) | outside
    places = area.parameters["deploy"]["places_per_car"]
    count = min(int(places * cars), int((~closed).sum()))
    wanted = tuple(key for key in alone if not closed[key.sites].all())
    none = np.zeros((size, 1), dtype=bool)
    instance = Instance(
        known.cover, left.sum(axis=1)[:, None], np.array([count]), none, closed[:, None],
        keys=wanted,
    )  # fmt: skip
    chosen = np.flatnonzero(posts.fast(instance).taken[:, 0])
    return chosen, _needed(chosen, wanted)


def _toured(
    area: Area,
    cars: Sequence[Unit],
    known: Sites,
    chosen: Ints,
    calls: Calls,
    minutes: Floats,
    stations: Ints,
    seed: int,
) -> list[list[Stay]]:
    """Where each car is to be."""
    rows, base = np.concatenate([chosen, stations]), len(chosen)
    own = [
        Car(
            car.name, base + n, base + n, car.first, car.last,
            tuple(Break(r.earliest, r.latest, r.minutes, base + n) for r in car.rests),
        )
        for n, car in enumerate(cars)
    ]  # fmt: skip
    steps = area.parameters["deploy"]["patrol_steps"]
    routes = patrols.route(calls, own, minutes[np.ix_(rows, rows)], seed=seed, iterations=steps)
    node, segment = known.node[chosen], known.segment[chosen]
    return [
        [
            Stay("break", car.station, -1, stop.begin_min, stop.end_min)
            if stop.is_break
            else Stay("stop", int(node[stop.place]), int(segment[stop.place]), stop.begin_min,
                      stop.end_min)
            for stop in tour.stops
        ]
        for car, tour in zip(cars, routes.tours, strict=True)
    ]  # fmt: skip


def _left(demand: Demand, standing: Standing) -> Floats:
    """Harm that the posts leave, segments × slots."""
    middle = (demand.edges[1:] + demand.edges[:-1]) / 2.0
    block = np.searchsorted(standing.edges, middle, "right") - 1
    best = np.column_stack([
        standing.instance.best(np.flatnonzero(standing.found.taken[:, b]))
        for b in range(len(standing.edges) - 1)
    ])
    return np.asarray(demand.harm * (1.0 - best[:, block]))


def _alone(keys: Sequence[Key], standing: Standing) -> list[Key]:
    """Key roads without a post in some peak, each once."""
    taken = standing.found.taken
    found: dict[str, Key] = {}
    for key in keys:
        if len(key.sites) and not taken[key.sites, key.block].any():
            found.setdefault(key.name, Key(0, key.sites, key.name))
    return list(found.values())


def _needed(chosen: Ints, keys: Sequence[Key]) -> Bools:
    """Few of the chosen places from which every one of some key roads is in reach."""
    near = np.array([np.isin(chosen, key.sites) for key in keys]).reshape(len(keys), len(chosen))
    result = np.zeros(len(chosen), dtype=bool)
    open_ = near.any(axis=1)
    while open_.any():
        site = int(near[open_].sum(axis=0).argmax())
        result[site] = True
        open_ &= ~near[:, site]
    return result


def _calls(
    known: Sites,
    chosen: Ints,
    needed: Bools,
    left: Floats,
    demand: Demand,
    windows: Sequence[tuple[float, float]],
    area: Area,
    seed: int,
) -> Calls:
    """Visits of the chosen places; a segment is worth something at the one that covers it best."""
    cover = known.cover[chosen].toarray()
    best = cover.argmax(axis=0)
    worth = cover[best, np.arange(cover.shape[1])][:, None] * left
    prize = np.zeros((len(chosen), left.shape[1]))
    np.add.at(prize, best, worth)
    # whole slots: what lies behind the end of the shift is worth nothing
    last = int((demand.last - demand.first) // demand.slot)
    if not last:
        raise RiskmapError(
            f"shift of {demand.last - demand.first:.0f} minutes: too short to patrol; leave the "
            f"cars out, or take {demand.slot:.0f} minutes or more"
        )
    end = demand.first + last * demand.slot
    within = [(begin, min(until, end)) for begin, until in windows if begin < end]
    parts = []
    every = area.parameters["deploy"]["every_min"]
    for rows, often in ((needed, every), (~needed, area.parameters["patrols"]["every_min"])):
        if rows.any():
            parts.append(patrols.visits(
                prize[rows, :last], from_min=demand.first, slot_min=demand.slot,
                places=np.flatnonzero(rows), peaks=within, needed=needed[rows], seed=seed,
                **area.parameters["patrols"] | {"every_min": often},
            ))  # fmt: skip
    return Calls(*(
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("place", "prize", "earliest_min", "latest_min", "stay_min", "needed", "group")
    ))
