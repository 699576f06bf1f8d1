"""
A roster played minute by minute, from itself and the roads alone: what it breaks, and who is where.

It shares no code with what plans a shift, so that a plan cannot vouch for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from riskmap.segments import Network

if TYPE_CHECKING:  # what is asked of a plan; nothing of how it is made
    from riskmap.roster import Rest
    from riskmap.standing import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

EQUAL_MIN = 0.01
"""Minutes that rounding may hide."""
STANDING = ("post", "stop", "school")
FAULTS = ("unit", "minute", "kind", "what")
Fault = tuple[str, float, str, str]


@dataclass(frozen=True)
class Simulation:
    """
    A shift played.

    `faults`: `unit`, `minute`, `kind` and `what`, one row for each rule that is broken, `unit` is
    "" where that is nobody's alone. `minutes`:
    the minutes from the first on; `node`: unit × minute, row of `network.nodes` where a unit stands
    at a post, a stop or a school, −1 while it drives, rests or waits at its station.
    """

    faults: pd.DataFrame
    units: tuple[str, ...]
    minutes: Floats
    node: Ints

    @property
    def ok(self) -> bool:
        """Whether nothing is broken."""
        return self.faults.empty


def simulate(
    roster: pd.DataFrame,
    network: Network,
    *,
    first: float,
    last: float,
    nowhere: Sequence[str] = (),
    stop_min: tuple[float, float] = (10.0, 16.0),
    break_min: float = 0.0,
    officers: int = 1,
    tasks: Sequence[Task] = (),
    breaks: Sequence[Rest] = (),
) -> Simulation:
    """
    Play a roster and note what it breaks.

    Parameters
    ----------
    roster
        `unit`, `squadron`, `officers`, `kind`, `start_min`, `end_min`, `nodes`, `segment_id`: one
        row per activity, as in a workbook of `riskmap deploy`; `nodes` are OSM ids joined by ";".
    network
        The roads: `edges` with `oneway`, `nodes`, `segments` with `maxspeed_kph`.
    first, last
        The shift, in minutes after 00:00 of its date.
    nowhere
        Classes of road on which nobody may stand; tunnels and bridges never.
    stop_min
        Least and most minutes of a patrol's stop.
    break_min
        Minutes of break that every unit must have.
    officers
        Least officers of a unit.
    tasks
        Places that must be staffed between two times, by a post or a school's guard.
    breaks
        Those that every unit must have, each within its window and at its length, and not more
        units at a time than may.
    """
    segments = network.segments
    banned = segments["tunnel"] | segments["bridge"] | segments["road_class"].isin(list(nowhere))
    ids = {int(node): row for row, node in enumerate(network.nodes["node_id"])}
    rules = _Rules(first, last, stop_min, break_min, officers)
    roads = _Roads(network, ids, _fastest(network), banned)
    names = tuple(dict.fromkeys(roster["unit"]))
    minutes = np.arange(np.ceil(first), last)
    where = np.full((len(names), len(minutes)), -1, dtype=np.int64)
    found: list[Fault] = []
    rested: list[list[_Break]] = []
    for number, name in enumerate(names):
        player = _Player(name, roads, rules)
        for row in roster[roster["unit"] == name].itertuples():
            player.plays(row)
            if row.kind in STANDING and player.at is not None:
                here = (minutes >= row.start_min) & (minutes < row.end_min)
                where[number, here] = player.at
        player.ends()
        found += [(name, *fault) for fault in player.faults]
        rested.append(player.breaks)
    for task in tasks:
        found += _unstaffed(task, roster, int(network.nodes["node_id"].iloc[task.node]), minutes)
    if breaks:
        found += _unrested(names, rested, breaks)
    return Simulation(pd.DataFrame(found, columns=list(FAULTS)), names, minutes, where)


@dataclass(frozen=True)
class _Rules:
    first: float
    last: float
    stop_min: tuple[float, float]
    break_min: float
    officers: int


@dataclass(frozen=True)
class _Break:
    start: float
    end: float
    at_home: bool


@dataclass(frozen=True)
class _Roads:
    network: Network
    ids: Mapping[int, int]
    fastest: Mapping[tuple[int, int], float]
    banned: pd.Series


class _Player:
    """One unit as it plays its rows."""

    def __init__(self, name: str, roads: _Roads, rules: _Rules) -> None:
        self.name, self.roads, self.rules = name, roads, rules
        self.now, self.rested = rules.first, 0.0
        self.breaks: list[_Break] = []
        self.at: int | None = None
        self.home: int | None = None
        self.faults: list[tuple[float, str, str]] = []

    def fault(self, kind: str, what: str) -> None:
        """Note what is broken, at the minute that the unit is at."""
        self.faults.append((round(self.now, 2), kind, what))

    def plays(self, row: Any) -> None:  # noqa: ANN401  # pandas names no type
        """Play one row."""
        start, end = float(row.start_min), float(row.end_min)
        if abs(start - self.now) > EQUAL_MIN:
            self.fault("gap", f"the next row begins at {start:.2f}")
        self.now = start
        way = [self.roads.ids.get(int(node), -1) for node in str(row.nodes).split(";")]
        if -1 in way:
            self.fault("node", f"{row.nodes}: a node that no road has")
            self.now, self.at = end, None
            return
        if self.at is not None and way[0] != self.at:
            self.fault("jump", "begins elsewhere than the row before ended")
        if self.home is None:
            self.home = way[0]
        if row.officers < self.rules.officers:
            self.fault("officers", f"{row.officers} of {self.rules.officers} officers")
        if row.kind == "drive":
            self.drives(way, end - start)
        else:
            self.stays(row, way, end - start)
        self.now, self.at = end, way[-1]

    def drives(self, way: Sequence[int], spent: float) -> None:
        """Drive: no road that is not there, none against a oneway, none above the limits."""
        fastest, least = self.roads.fastest, 0.0
        for a, b in pairwise(way):
            if (a, b) in fastest:
                least += fastest[a, b]
            elif (b, a) in fastest:
                self.fault("oneway", f"drives against a oneway between nodes {a} and {b}")
            else:
                self.fault("road", f"no road joins nodes {a} and {b}")
        if spent < least - EQUAL_MIN:
            self.fault("speed", f"{spent:.2f} minutes for a way of {least:.2f} at the limits")

    def stays(self, row: Any, way: Sequence[int], spent: float) -> None:  # noqa: ANN401  # as above
        """Stay: long enough and not too long, where a unit may stand."""
        if len(way) > 1:
            self.fault("jump", f"{row.kind} at several nodes")
        if spent < 0:
            self.fault("backwards", "ends before it begins")
        if row.kind == "break":
            self.rested += spent
            self.breaks.append(_Break(self.now, self.now + spent, way[0] == self.home))
        least, most = self.rules.stop_min
        if row.kind == "stop" and not least - EQUAL_MIN <= spent <= most + EQUAL_MIN:
            self.fault("stop", f"a stop of {spent:.1f} minutes")
        if row.kind in STANDING:
            self.stands(row.segment_id, way[0])

    def stands(self, segment: str, node: int) -> None:
        """Stand: not where nobody may, and where the row says."""
        network, banned = self.roads.network, self.roads.banned
        if segment not in banned.index:
            self.fault("place", f"{segment}: no such segment")
            return
        if banned[segment]:
            self.fault("place", f"{segment}: a tunnel, a bridge or a road where nobody stands")
        edge = network.edges.iloc[int(network.segments["edge"].loc[segment])]
        if node not in (edge["u"], edge["v"]):
            self.fault("place", f"{segment}: does not lie at the node")

    def ends(self) -> None:
        """End the shift: in time, at the station, with its break."""
        rules = self.rules
        if abs(self.now - rules.last) > EQUAL_MIN:
            self.fault("shift", f"ends at {self.now:.2f}, not at {rules.last:.2f}")
        if self.at != self.home:
            self.fault("station", "does not end where it began")
        if self.rested + EQUAL_MIN < rules.break_min:
            self.fault("break", f"{self.rested:.0f} of {rules.break_min:.0f} minutes of break")


def _unstaffed(task: Task, roster: pd.DataFrame, node: int, minutes: Floats) -> list[Fault]:
    """Each time in a row in which nobody is where somebody must be."""
    here = (roster["kind"] == task.kind) & (roster["nodes"].astype(str) == str(node))
    if task.squadron:
        here &= roster["squadron"] == task.squadron
    own = minutes[(minutes >= task.first) & (minutes < task.last)]
    empty = np.ones(len(own), dtype=bool)
    for row in roster[here].itertuples():
        empty &= (own < row.start_min - EQUAL_MIN) | (own >= row.end_min - EQUAL_MIN)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], empty, [False]])))
    return [
        ("", float(own[a]), "task", f"{task.name}: nobody there for {b - a} minutes")
        for a, b in edges.reshape(-1, 2)
    ]


def _unrested(
    names: Sequence[str], rested: Sequence[Sequence[_Break]], breaks: Sequence[Rest]
) -> list[Fault]:
    """Breaks that are not had, not as they should be, or by more units at once than may."""
    found: list[Fault] = []
    taken: list[list[_Break]] = [[] for _ in breaks]
    for name, own in zip(names, rested, strict=True):
        if len(own) != len(breaks):
            found.append((name, 0.0, "break", f"{len(own)} of {len(breaks)} breaks"))
        # which is which is not written down: as it fits best
        orders = [zip(breaks, order, strict=False) for order in permutations(own, len(breaks))]
        wrong = [[(had, _amiss(rest, had)) for rest, had in order] for order in orders]
        for number, (had, what) in enumerate(
            min(wrong, key=lambda some: sum(bool(what) for _, what in some), default=[])
        ):
            taken[number].append(had)
            if what:
                found.append((name, round(had.start, 2), "break", what))
    for rest, some in zip(breaks, taken, strict=True):
        for begin in sorted({had.start + EQUAL_MIN for had in some}):
            count = sum(had.start <= begin < had.end for had in some)
            if rest.at_once is not None and count > rest.at_once:
                what = f"{count} units have their break, {rest.at_once} may"
                found.append(("", round(begin, 2), "at once", what))
    return found


def _amiss(rest: Rest, had: _Break) -> str:
    """What is wrong with a break, "" for nothing."""
    if not rest.earliest - EQUAL_MIN <= had.start <= rest.latest + EQUAL_MIN:
        return f"begins at {had.start:.2f}, not from {rest.earliest:.2f} to {rest.latest:.2f}"
    if abs(had.end - had.start - rest.minutes) > EQUAL_MIN:
        return f"takes {had.end - had.start:.2f} of {rest.minutes:.2f} minutes"
    return "" if had.at_home or not rest.at_station else "is not at the station"


def alone(
    played: Simulation,
    network: Network,
    segments: Ints,
    windows: Sequence[tuple[float, float]],
    reach_m: float,
) -> Floats:
    """
    Count the longest time in a row that roads are without anybody near, minute by minute.

    Parameters
    ----------
    played
        From `simulate`.
    network
        Its roads.
    segments
        Rows of the roads to look at.
    windows
        First and last minute of each.
    reach_m
        How near a unit must stand, along the roads.

    Returns
    -------
    Minutes, segment × window.
    """
    metres = _metres(network, np.unique(played.node[played.node >= 0]), segments)
    result = np.zeros((len(segments), len(windows)))
    for number, (first, last) in enumerate(windows):
        streak = np.zeros(len(segments))
        for column in np.flatnonzero((played.minutes >= first) & (played.minutes < last)):
            near = np.zeros(len(segments), dtype=bool)
            for node in set(played.node[:, column].tolist()) - {-1}:
                near |= metres[node] <= reach_m
            streak = np.where(near, 0.0, streak + 1.0)
            result[:, number] = np.maximum(result[:, number], streak)
    return result


def _fastest(network: Network) -> Mapping[tuple[int, int], float]:
    """Fewest minutes from node to node along one edge, in every direction that may be driven."""
    edges, segments = network.edges, network.segments
    hours = segments["length_m"] / 1000.0 / segments["maxspeed_kph"]
    taken = hours.groupby(segments["edge"].to_numpy()).sum()
    result: dict[tuple[int, int], float] = {}
    for row, u, v, oneway in zip(
        range(len(edges)), edges["u"], edges["v"], edges["oneway"], strict=True
    ):
        spent = 60.0 * float(taken[row])
        if oneway >= 0:
            result[u, v] = min(spent, result.get((u, v), np.inf))
        if oneway <= 0:
            result[v, u] = min(spent, result.get((v, u), np.inf))
    return result


def _metres(network: Network, nodes: Ints, segments: Ints) -> Mapping[int, Floats]:
    """Metres along the roads from each node to the middle of some segments."""
    edges, table = network.edges, network.segments
    u, v, length = (edges[name].to_numpy() for name in ("u", "v", "length_m"))
    size = len(network.nodes)
    graph = coo_array((np.tile(length, 2), (np.append(u, v), np.append(v, u))), (size, size))
    graph = graph.tolil()
    for a, b, metres in zip(u, v, length, strict=True):  # parallel roads: the shorter one
        graph[a, b] = graph[b, a] = min(metres, graph[a, b] or metres)
    found = dijkstra(graph.tocsr(), indices=nodes)
    edge = table["edge"].to_numpy()[segments]
    middle = np.array([
        table["length_m"].to_numpy()[(table["edge"].to_numpy() == e)][: p - 1].sum() + own / 2.0
        for e, p, own in zip(
            edge, table["piece"].to_numpy()[segments], table["length_m"].to_numpy()[segments],
            strict=True,
        )
    ])
    metres = np.minimum(found[:, u[edge]] + middle, found[:, v[edge]] + length[edge] - middle)
    return dict(zip(nodes.tolist(), metres, strict=True))
