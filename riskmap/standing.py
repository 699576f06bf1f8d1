"""Posts of a shift: when teams stand still, where, and which team goes where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from riskmap import posts
from riskmap.covered import Demand
from riskmap.post_areas import Areas
from riskmap.posts import Instance, Key, Posts
from riskmap.roster import Stay, Unit, clock
from riskmap.sites import Sites

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Solver = Callable[[Instance, "Bools | None"], Posts]

SHORTEST = 30.0
"""Minutes of a block: shorter ones are not cut off, but at the ends of tasks."""
FAR = 1e6
"""Minutes that stand for no way in an assignment."""


@dataclass(frozen=True)
class Task:
    """
    A place that must be staffed between two times, by a post or as a school's guard.

    `squadron` staffs it, "" is anybody; `fixed`: no hand moves it.
    """

    name: str
    node: int
    first: float
    last: float
    kind: str = "post"
    squadron: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class Standing:
    """
    Posts of some teams in a shift.

    `edges`: where blocks begin, and the end of the last; `instance` is what was asked and `found`
    what was chosen, sites × blocks; `team`: site of every team in every block, −1 where it has none
    or is not on duty.
    """

    sites: Sites
    edges: Floats
    instance: Instance
    found: Posts
    units: tuple[Unit, ...]
    team: Ints
    tasks: tuple[Task, ...]

    def stays(self) -> list[tuple[Unit, list[Stay]]]:
        """Where every team stands, without its breaks."""
        result = []
        for unit, sites in zip(self.units, self.team, strict=True):
            stays: list[Stay] = []
            for block, site in enumerate(sites):
                if site < 0:
                    continue
                own = self._stay(int(site), block)
                last = stays[-1] if stays else None
                same = last and (last.node, last.kind, last.note) == (own.node, own.kind, own.note)
                if last and same and last.last == own.first:
                    stays[-1] = replace(last, last=own.last)
                else:
                    stays.append(own)
            result.append((unit, stays))
        return result

    def _stay(self, site: int, block: int) -> Stay:
        first, last = float(self.edges[block]), float(self.edges[block + 1])
        node, segment = int(self.sites.node[site]), int(self.sites.segment[site])
        stay = Stay("post", node, segment, first, last)
        task = self._task(stay)
        return stay if task is None else replace(stay, kind=task.kind, note=task.name, due=True)

    def _task(self, stay: Stay) -> Task | None:
        """The task that a stay sees to."""
        for task in self.tasks:
            if task.node == stay.node and task.first < stay.last and stay.first < task.last:
                return task
        return None


def cut(
    first: float,
    last: float,
    longest: float,
    at: Sequence[float] = (),
    must: Sequence[float] = (),
) -> Floats:
    """
    Cut a shift into blocks.

    Parameters
    ----------
    first, last
        The shift, minutes after 00:00 of its date.
    longest
        Minutes of a block.
    at
        Where a block should begin: ends of peak windows; those that would leave a block shorter
        than half an hour are passed over.
    must
        Where one begins however short that leaves a block: ends of what must be staffed.
    """
    edges = [first, *(edge for edge in must if first < edge < last), last]
    for edge in sorted(at):
        if first < edge < last and min(abs(edge - other) for other in edges) >= SHORTEST:
            edges.append(edge)
    parts = [
        np.linspace(a, b, int(np.ceil((b - a) / longest)) + 1)[:-1]
        for a, b in pairwise(sorted(set(edges)))
    ]
    return np.concatenate([*parts, [last]])


def stand(
    sites: Sites,
    demand: Demand,
    units: Sequence[Unit],
    edges: Floats,
    minutes: Floats,
    station: Ints,
    *,
    solve: Solver,
    tasks: Sequence[Task] = (),
    required: Bools | None = None,
    forbidden: Bools | None = None,
    wanted: Bools | None = None,
    keys: Sequence[Key] = (),
    stay_min: float = 0.0,
    cuts: Sequence[int] | Ints = (),
    moving: Bools | None = None,
    start: Bools | None = None,
    areas: Mapping[str, Bools] | None = None,
) -> Standing:
    """
    Choose the posts of some teams and who takes which.

    Parameters
    ----------
    sites
        Where they may stand; the nodes of the tasks are among them.
    demand
        The shift.
    units
        The teams. In a block those count that are on duty all through it.
    edges
        From `cut`.
    minutes
        Driving time from site to site, and from the stations, which come behind the sites.
    station
        Row in `minutes` of every unit's station.
    solve
        `posts.fast`, or an exact one.
    tasks, required, forbidden
        Rules; sites × blocks.
    wanted
        Sites that are staffed before all others, as far as there are teams beside the rules; where
        these are too few, those with most harm in reach.
    keys
        Hard constraints; they bind in the blocks in which the teams are enough for all of them.
    stay_min
        Minutes of standing that a move costs: what a site that is kept is worth.
    cuts
        Blocks with which something else begins, for which teams go elsewhere as a matter of course.
    moving
        Blocks in which nobody stands where somebody stood in the one before, but for tasks and
        required sites: checkpoints that nobody can expect. All of a part between two cuts are, or
        none.
    start
        An earlier choice to begin from.
    areas
        Sites to which each squadron may send its teams; one that is not in it sends them anywhere.
    """
    blocks = len(edges) - 1
    harm = np.column_stack([demand.between(a, b) for a, b in pairwise(edges)])
    on = np.array([
        [unit.first <= a and b <= unit.last for a, b in pairwise(edges)]
        for unit in units
    ]).reshape(len(units), blocks)
    must = np.zeros((len(sites.node), blocks), dtype=bool) if required is None else required.copy()
    may = np.ones((len(units), len(must)), dtype=bool)
    for row, unit in enumerate(units):
        if areas and unit.squadron in areas:
            may[row] = areas[unit.squadron]
    for task in tasks:
        site = sites.rows(np.array([task.node]))[0]
        if task.squadron:
            may[:, site] = [unit.squadron == task.squadron for unit in units]
        must[site] |= (edges[:-1] < task.last) & (task.first < edges[1:])
    teams = on.sum(axis=0)
    # a minute of one team in the mean
    worth = float(harm.sum()) / max(float(teams @ np.diff(edges)), 1.0) * stay_min
    never = np.zeros_like(must) if forbidden is None else forbidden & ~must
    groups = _areas(units, may, on) if not may.all() else None
    if wanted is not None and wanted.any():
        reached = sites.cover @ harm[:, wanted.any(axis=0)].sum(axis=1)
        must |= _manned(
            groups or Areas.none(len(must), teams), must, wanted & ~never, np.asarray(reached)
        )
    hours = tuple(f"{clock(a)}-{clock(b)}" for a, b in pairwise(edges))
    instance = Instance(
        sites.cover, harm, teams, must, never, worth, areas=groups, hours=hours
    )
    # where teams are too few for the constraints the patrols see to them
    least, hopeless = posts.least_teams(replace(instance, keys=tuple(keys)))
    lost = {id(key) for key in hopeless}
    kept = tuple(
        key for key in keys if least[key.block] <= teams[key.block] and id(key) not in lost
    )
    instance = replace(instance, keys=kept)
    parts = []
    for first, last in pairwise([0, *cuts, blocks]):
        part = instance.part(first, last) if len(cuts) else instance
        if moving is not None and moving[first]:
            parts.append(_moving(part, solve))
        else:
            parts.append(solve(part, None if start is None else start[:, first:last]))
    found = parts[0] if len(parts) == 1 else _joined(parts, instance)
    team = _assigned(found.taken, on, may, minutes, station)
    return Standing(sites, edges, instance, found, tuple(units), team, tuple(tasks))


def _areas(units: Sequence[Unit], may: Bools, on: Bools) -> Areas:
    """Where squadrons may send the teams that they have in each block."""
    names = list(dict.fromkeys(unit.squadron for unit in units))
    own = np.array([[unit.squadron == name for unit in units] for name in names])
    return Areas.of(may[own.argmax(axis=1)], own.astype(np.int64) @ on, names)


def _manned(areas: Areas, must: Bools, wanted: Bools, worth: Floats) -> Bools:
    """Sites that are staffed before others, as many as can be beside those that must be."""
    result = np.zeros_like(must)
    for block, teams in enumerate(areas.teams[-1]):
        asked = np.where(wanted[:, block], worth, -np.inf)
        asked[must[:, block]] = np.inf
        most = min(int(teams), int((asked > -np.inf).sum()))
        result[areas.best(asked, block, most), block] = True
    return result & wanted


def _joined(parts: Sequence[Posts], instance: Instance) -> Posts:
    """One after the other."""
    taken = np.concatenate([part.taken for part in parts], axis=1)
    value, bound = (sum(getattr(part, name) for part in parts) for name in ("value", "bound"))
    return Posts(taken, value, bound, tuple(instance.unmet(taken)))


def _moving(instance: Instance, solve: Solver) -> Posts:
    """Choose block by block, each without the sites of the one before."""
    taken = np.zeros_like(instance.required)
    for block in range(instance.blocks):
        part = instance.only(block)
        if block:
            last = taken[:, [block - 1]] & ~part.required
            part = replace(part, forbidden=part.forbidden | last)
        taken[:, block] = solve(part, None).taken[:, 0]
    return Posts(taken, instance.value(taken), np.inf, tuple(instance.unmet(taken)))


def _assigned(taken: Bools, on: Bools, may: Bools, minutes: Floats, station: Ints) -> Ints:
    """Site of every unit in every block: who stands at a site that is kept stays, others move."""
    result = np.full(on.shape, -1)
    at = station.copy()
    for block in range(on.shape[1]):
        units = np.flatnonzero(on[:, block])
        sites = np.flatnonzero(taken[:, block])
        way = np.minimum(minutes[np.ix_(at[units], sites)], FAR)
        way[~may[np.ix_(units, sites)]] = FAR * FAR
        rows, columns = linear_sum_assignment(way)
        result[units[rows], block] = sites[columns]
        at[units[rows]] = sites[columns]
    return result
