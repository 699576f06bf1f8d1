"""A shift planned: posts and patrols, what they meet, key roads, and the plain list beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import aims, checkpoints, covering, patrolling, posts, roster, sites, standing, turns
from riskmap.aims import Aim
from riskmap.area import Area
from riskmap.blindspots import Certificate, certificate
from riskmap.campaign import Campaign
from riskmap.clearing import cleared
from riskmap.covered import Covered, Demand, covered
from riskmap.errors import RiskmapError
from riskmap.key_roads import Keys, hard, key_roads
from riskmap.moments import Period
from riskmap.posts import Instance, Posts
from riskmap.roster import Stay, Unit
from riskmap.routes import Roads
from riskmap.sites import Sites
from riskmap.standing import Standing, Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Progress = Callable[[str, float], None]

DAY = 1440.0
"""Minutes."""
SPARE = 10
"""Times as many of the worst segments as units: not every one can be driven to."""


@dataclass(frozen=True)
class Crew:
    """
    Who is on duty in a shift, and what is settled beforehand.

    `first` and `last` are minutes after 00:00 of `date`; `teams` stand at posts, `cars` patrol.
    `tasks` must be staffed. `locked` are nodes (rows) where a post stands all shift, `forbidden`
    those where none may. `areas`: the segments on which each squadron works, True there; one that
    is not in it works everywhere. `names`: what each is called, by language.
    """

    date: dt.date
    first: float
    last: float
    teams: tuple[Unit, ...]
    cars: tuple[Unit, ...] = ()
    tasks: tuple[Task, ...] = ()
    locked: tuple[int, ...] = ()
    forbidden: tuple[int, ...] = ()
    areas: Mapping[str, Bools] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def called(self, squadron: str, lang: str) -> str:
        """Name of a squadron; its id where it has none."""
        return self.names.get(squadron, {}).get(lang) or squadron

    @property
    def officers(self) -> int:
        """How many are on duty."""
        return sum(unit.officers for unit in (*self.teams, *self.cars))

    def period(self, area: Area) -> Period:
        """The shift as a period to score."""
        midnight = dt.datetime.combine(self.date, dt.time())
        ends = (midnight + dt.timedelta(minutes=at) for at in (self.first, self.last))
        return area.period(*(f"{end:%Y-%m-%dT%H:%M}" for end in ends))


@dataclass(frozen=True)
class Deployment:
    """
    A planned shift.

    `aim` is what it is for; `demand` what it is measured by and `sent` what units are sent by, in
    half hours.
    `standing` are the posts, `patrolling` what cars do, `stays` where every unit is to be,
    `roster` what comes of that (`roster.COLUMNS`); `met` is the harm it covers, `top` that of a
    plain list of the worst roads with as many units, all shift; `certificate` says whether a key
    road has a blind spot.
    """

    area: Area
    crew: Crew
    aim: Aim
    demand: Demand
    sent: Demand
    keys: Keys
    standing: Standing
    patrolling: tuple[tuple[Unit, list[Stay]], ...]
    stays: tuple[tuple[Unit, tuple[Stay, ...]], ...]
    roster: pd.DataFrame
    met: Covered
    top: Covered
    certificate: Certificate

    @property
    def campaign(self) -> Campaign | None:
        """What the shift is for in that campaign's hours; None where it has none in the shift."""
        return self.aim.acts

    @property
    def gain(self) -> float:
        """How much more harm the plan covers than the plain list, as a share of the latter's."""
        plan, plain = (found.posts.sum() + found.patrols.sum() for found in (self.met, self.top))
        return float(plan / plain - 1.0) if plain else np.inf


def deploy(
    area: Area,
    crew: Crew,
    *,
    campaign: Campaign | None = None,
    hourly: pd.DataFrame | None = None,
    aim: Aim | None = None,
    exact: bool = False,
    seed: int = 0,
    start: Deployment | None = None,
    progress: Progress | None = None,
) -> Deployment:
    """
    Plan a shift.

    Parameters
    ----------
    area
        The roads and their scores; `[deploy]` and `[sites]` of its parameters are the rules.
    crew
        Who is on duty.
    campaign
        What the shift is for in its hours; outside them, and where it is None, it is all harm.
        Where its posts are to move on they do.
    hourly
        Harm, segments × hours, in place of the area's.
    aim
        Of an earlier plan of the same shift, in place of the two.
    exact
        Prove how good the posts are; takes seconds to a minute.
    seed
        Of the times of visits, and of the search for routes.
    start
        An earlier plan of the same shift, to change as little as is worth it: posts are swapped
        from there on, and the same cars keep their routes, unless too many would rest at once.
    progress
        Called with the stage and how much of the work is done, 0..1.

    Raises
    ------
    RiskmapError
        Nobody on duty, a place that no way leads to, or rules that contradict each other.
    """
    tell = progress or (lambda _stage, _done: None)
    if not crew.teams and not crew.cars:
        raise RiskmapError("deploy: nobody is on duty; give --posts or --patrols, or another shift")
    tell("demand", 0.0)
    if aim is None:
        aim = (
            aims.aim(area, crew.period(area), campaign, first=crew.first, last=crew.last)
            if hourly is None
            else Aim(None, hourly, hourly, ())
        )
    demand, sent = (Demand.of(harm, crew.first, crew.last) for harm in (aim.told, aim.sent))
    keys = key_roads(area, sent)
    tell("reach", 0.1)
    gates = checkpoints.gates(area, aim)
    known = places(area, crew, sent, gates)
    if len(crew.teams) > len(known.node):
        raise RiskmapError(
            f"deploy: {len(crew.teams):,} teams for {len(known.node):,} places where a team can "
            "stand; plan fewer, or allow more places"
        )
    roads = Roads.of(area)
    tell("posts", 0.3)
    rules = area.parameters["deploy"]
    cut = checkpoints.blocks(
        aim, crew.first, crew.last, rules["block_min"], [*chain(*keys.windows)],
        [*chain(*((task.first, task.last) for task in crew.tasks))],
    )  # fmt: skip
    found, thinned = _posts(
        area, crew, aim, (demand, sent), cut, keys, known, roads, exact=exact, start=start
    )
    seen_to: Sequence[tuple[Unit, list[Stay]]] = ()
    if start is not None and start.crew.cars == crew.cars:
        seen_to = start.patrolling
    stood = [(unit, [*checkpoints.bound(own, aim, cut, gates)]) for unit, own in found.stays()]
    stood, cars = _rested(stood, roads, crew.cars, seen_to)
    if cars:
        tell("patrols", 0.5)
        asked = hard(known.cover, keys, found.edges, rules, area.parameters["sites"])
        driven = patrolling.patrol(
            area, cars, sent, known, found, asked, keys.windows, roads,
            areas=crew.areas, seed=seed,
        )  # fmt: skip
        seen_to = [(car, own) for car, (_, own) in zip(crew.cars, driven, strict=True)]
    stays = [(unit, tuple(own)) for unit, own in (*stood, *seen_to)]
    tell("roster", 0.8)
    table = roster.roster(roads, stays)
    met = covered(table, area.network, demand, area.parameters["sites"])
    tell("compare", 0.9)
    top = plain(area, crew, demand, roads)
    seen = certificate(table, area.network, keys.segments, keys.windows, area.parameters)
    if not seen.ok:
        seen = cleared(area, crew.areas, seen, found, keys, thinned)
    return Deployment(
        area, crew, aim, demand, sent, keys, found, tuple(seen_to), tuple(stays), table, met, top,
        seen,
    )  # fmt: skip


def places(area: Area, crew: Crew, demand: Demand, gates: Iterable[int] = ()) -> Sites:
    """Where units may stand: the sites of the area, what is settled beforehand, and gates."""
    worth = demand.harm.sum(axis=1)
    asked = np.array([*(task.node for task in crew.tasks), *crew.locked], dtype=np.int64)
    known = sites.sites(area, worth)
    at = np.array(sorted(gates), dtype=np.int64)
    if len(at):
        known = known.joined(sites.sites(area, worth, at))
    if not len(asked):
        return known
    settled = sites.sites(area, worth, np.unique(asked))
    both = np.intersect1d(crew.locked, crew.forbidden).astype(np.int64)
    if len(both):
        raise RiskmapError(
            f"post {_called(area, crew, both[0])}: locked, and no post may be there; drop "
            "one of the two"
        )
    lost = np.setdiff1d(asked, settled.node)
    if len(lost):
        raise RiskmapError(
            f"post {_called(area, crew, lost[0])}: nobody can stand there (a tunnel, a "
            "bridge, or a class of road in [sites] nowhere); move it"
        )
    return known.joined(settled)


def _called(area: Area, crew: Crew, node: int) -> str:
    """A post by its name where it must be staffed, else by its road."""
    names = (f"'{task.name}'" for task in crew.tasks if task.node == node)
    return next(names, "") or f"at {sites.called(area.network, int(node))}"


def plain(area: Area, crew: Crew, demand: Demand, roads: Roads) -> Covered:
    """What a plain list does: every unit on one of the worst segments by harm per km, all shift."""
    units, segments, edges = (*crew.teams, *crew.cars), area.segments, area.network.edges
    per_km = demand.harm.sum(axis=1) / segments["length_m"].to_numpy()
    per_km[~sites.standable(area, area.parameters["sites"])] = -1.0
    worst = np.argsort(-per_km, kind="stable")[: SPARE * len(units)]
    edge = segments["edge"].to_numpy()[worst]
    half = edges["pieces"].to_numpy()[edge] / 2.0
    nearer = segments["piece"].to_numpy()[worst] <= half
    node = np.where(nearer, edges["u"].to_numpy()[edge], edges["v"].to_numpy()[edge])
    stations = [unit.station for unit in units]
    minutes = sites.minutes(roads, np.concatenate([node, stations]).astype(np.int64))
    round_trip = minutes[: len(node), len(node) :] + minutes[len(node) :, : len(node)].T
    open_ = np.flatnonzero(np.isfinite(round_trip).all(axis=1))
    plans = [
        (unit, [Stay("post", int(node[row]), int(worst[row]), unit.first, unit.last)])
        for unit, row in zip(units, open_, strict=False)
    ]
    table = roster.roster(roads, turns.rested(plans, _drive(roads, plans)))
    return covered(table, area.network, demand, area.parameters["sites"])


def _rested(
    plans: Sequence[turns.Plan], roads: Roads, cars: Sequence[Unit], settled: Sequence[turns.Plan]
) -> tuple[list[tuple[Unit, list[Stay]]], list[Unit]]:
    """
    The posts with the teams' breaks, and the cars that need a route with the turns left to them.

    Cars whose routes are `settled` need none, if the breaks on these leave room for the teams'.
    """
    drive = _drive(roads, [*plans, *((car, []) for car in cars)])
    anew = turns.rested([*plans, *((car, []) for car in cars)], drive)
    beside = turns.rested(plans, drive, settled)
    if settled and turns.crowded([*beside, *settled]) <= turns.crowded(anew):
        return beside, []
    teams = len(plans)
    return anew[:teams], [turns.fixed(car, own) for car, own in anew[teams:]]


def _drive(roads: Roads, plans: Sequence[turns.Plan]) -> turns.Drive:
    """Driving time between the stations and places of some units."""
    nodes = np.unique(np.array([
        node for unit, stays in plans for node in (unit.station, *(stay.node for stay in stays))
    ], dtype=np.int64))
    minutes = sites.minutes(roads, nodes)
    row = {int(node): number for number, node in enumerate(nodes)}
    return lambda first, last: float(minutes[row[first], row[last]])


def _posts(
    area: Area,
    crew: Crew,
    aim: Aim,
    demands: tuple[Demand, Demand],
    cut: checkpoints.Blocks,
    keys: Keys,
    known: Sites,
    roads: Roads,
    *,
    exact: bool,
    start: Deployment | None,
) -> tuple[Standing, Bools]:
    """Where teams stand, and the sites that only the campaign closes."""
    edges, rules = cut.edges, area.parameters["deploy"]
    units = crew.teams
    stations = [unit.station for unit in units]
    minutes = sites.minutes(roads, np.concatenate([known.node, stations]).astype(np.int64))
    locked = np.zeros((len(known.node), len(edges) - 1), dtype=bool)
    locked[known.rows(np.array(crew.locked, dtype=np.int64))] = True
    never = np.zeros_like(locked)
    barred = known.rows(np.array(crew.forbidden, dtype=np.int64))
    never[barred[barred >= 0]] = True
    size = len(known.node)
    there = np.asarray(np.isfinite(minutes[size:, :size]))
    back = np.asarray(np.isfinite(minutes[:size, size:])).T
    for unit, some in zip(units, (there & back).any(axis=1), strict=True):
        if not some:
            raise RiskmapError(
                f"station of {unit.name}: no post can be driven to from there and back; put it on "
                "a road that is connected"
            )
    open_ = (there & back).all(axis=0)
    settled = known.rows(np.array([*(task.node for task in crew.tasks), *crew.locked], np.int64))
    for row in settled[~open_[settled]]:
        raise RiskmapError(
            f"post {_called(area, crew, known.node[row])}: no way leads there "
            "from every station and back; unlock it or move it to a road that is connected"
        )
    never |= ~open_[:, None]
    shut, gates = checkpoints.closed(
        area, aim, known, np.asarray(~never.all(axis=1)), demands[0].harm.sum(axis=1), units,
        crew.areas,
    )  # fmt: skip
    thinned = shut[:, None] & cut.on & ~locked & ~never
    never |= thinned
    solve: standing.Solver = posts.fast
    if exact:
        solve = _proven
    chosen = standing.stand(
        known, demands[1], units, edges, minutes, np.arange(len(units)) + len(known.node),
        solve=solve, tasks=crew.tasks, required=locked, forbidden=never,
        wanted=gates[:, None] & cut.on,
        keys=tuple(hard(known.cover, keys, edges, rules, area.parameters["sites"])),
        stay_min=rules["stay_min"], cuts=cut.cuts, moving=cut.moving,
        start=None if start is None else _taken(start, known, edges),
        areas={name: own[known.segment] for name, own in crew.areas.items()},
    )  # fmt: skip
    return chosen, thinned


def _proven(instance: Instance, _start: Bools | None) -> Posts:
    return covering.exact(instance)


def _taken(start: Deployment, known: Sites, edges: Floats) -> Bools | None:
    """The posts of an earlier plan on these sites, None if its blocks were others."""
    earlier = start.standing
    if not np.array_equal(earlier.edges, edges):
        return None
    rows = known.rows(earlier.sites.node)
    result = np.zeros((len(known.node), len(edges) - 1), dtype=bool)
    result[rows[rows >= 0]] = earlier.found.taken[rows >= 0]
    return result


def moved(crew: Crew, node: int, to: int) -> Crew:
    """
    The same crew with a post moved by hand: locked where it is put, barred where it was.

    A post that must be staffed stays one, at its new place.
    """
    if any(task.node == node for task in crew.tasks):
        tasks = tuple(replace(task, node=to) if task.node == node else task for task in crew.tasks)
        return replace(crew, tasks=tasks)
    locked = tuple(n for n in crew.locked if n != node)
    forbidden = tuple(n for n in (*crew.forbidden, node) if n != to)
    return replace(crew, locked=(*locked, to), forbidden=forbidden)
