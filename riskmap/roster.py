"""The duty roster: what every unit does, from the first minute of its shift to the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import sites
from riskmap.errors import RiskmapError
from riskmap.routes import Roads

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COLUMNS = (
    "unit", "squadron", "officers", "vehicle", "kind", "start_min", "end_min", "nodes",
    "segment_id", "note",
)  # fmt: skip
STANDING = ("post", "school", "stop")
"""Kinds of rows in which a unit is where people see it."""
AWAY = ("break", "station", "wait")
"""Kinds of rows in which it rests or stands by."""
DAY = 1440
DIGITS = 3
"""Digits of a minute: a twentieth of a second."""
LEAST = 1.0
"""Minutes of a stay or a wait at the station: what is shorter is left out."""


@dataclass(frozen=True)
class Rest:
    """
    A break of so many minutes that begins between two times, on the spot or at the station.

    At most `at_once` units have it at a time, None is any number.
    """

    minutes: float
    earliest: float
    latest: float
    at_station: bool = False
    at_once: int | None = None


@dataclass(frozen=True)
class Unit:
    """
    Officers who are together all shift, and what they drive.

    `station` is a row of the network's nodes; `first` and `last` are minutes after 00:00 of the
    date of the shift, as everywhere here; `ids` are the brigade's own numbers of the officers.
    """

    name: str
    squadron: str
    officers: int
    vehicle: str
    station: int
    first: float
    last: float
    rests: tuple[Rest, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stay:
    """
    Standing somewhere: `node` is a row of the network's nodes, `segment` one of its segments.

    `due`: somebody must be there when it begins, whatever the stay before is worth. Of fewer than
    `least` minutes it is left out.
    """

    kind: str
    node: int
    segment: int
    first: float
    last: float
    note: str = ""
    due: bool = False
    least: float = LEAST


def roster(roads: Roads, plans: Sequence[tuple[Unit, Sequence[Stay]]]) -> pd.DataFrame:
    """
    Write down minute by minute what units do that are to stand somewhere.

    Between two stays a unit drives the quickest way; a stay begins when it gets there, or when it
    should, and ends early enough to be where the next one is due. Where there is time to spare a
    unit drives slower, for that is what a patrol does; before the first stay it waits at the
    station.

    Parameters
    ----------
    roads
        The directed road graph.
    plans
        Units, and where each is to stand, in order.

    Returns
    -------
    `COLUMNS`: one row per activity, units one after the other, without gaps: `kind` is "station",
    "drive", "wait", "break" or one of `STANDING`; `nodes` are the ids of the OSM nodes driven over
    or stood at, joined by ";".

    Raises
    ------
    RiskmapError
        A stay that no way leads to, or from which none leads back.
    """
    ways = sites.Ways(roads)
    rows: list[dict[str, object]] = []
    for unit, stays in plans:
        rows += _Desk(ways, unit).written(stays)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def clock(minute: float) -> str:
    """Minutes after 00:00 as on a clock; "+1" is the day after the shift began."""
    whole = int(minute + 1e-6)
    day = f"+{whole // DAY}" if whole >= DAY else ""
    return f"{whole % DAY // 60:02d}:{whole % 60:02d}{day}"


@dataclass
class _Desk:
    """One unit's rows as they are written."""

    ways: sites.Ways
    unit: Unit

    def written(self, stays: Sequence[Stay]) -> list[dict[str, object]]:
        """All rows of the unit."""
        unit = self.unit
        rows: list[dict[str, object]] = []
        at, now = unit.station, unit.first
        for number, stay in enumerate(stays, 1):
            nodes, spent = self.way(at, stay.node)
            begin = max(now + spent[-1], stay.first)
            if stay.kind == "break":
                end = begin + (stay.last - stay.first)
            else:
                end = min(stay.last, self.leaves(stay, stays[number:]))
                if end - begin < max(stay.least, LEAST):
                    continue
            if not rows:
                # whoever has time waits at the station, not at the roadside
                leave = begin - spent[-1]
                rows.append(self.row("station", now, leave, np.array([at])))
                now = leave
            if len(nodes) > 1:
                rows.append(self.row("drive", now, begin, nodes))
            elif stay.kind == "post" and rows[-1]["kind"] != "station":
                begin = now
            elif rows[-1]["kind"] in ("station", "post"):
                rows[-1]["end_min"] = round(begin, DIGITS)
            else:  # a stop has its length: what is left is no part of it
                rows.append(self.row("wait", now, begin, np.array([at])))
            rows.append(self.row(stay.kind, begin, end, np.array([stay.node]), stay))
            at, now = stay.node, end
        nodes, spent = self.way(at, unit.station)
        if len(nodes) > 1:
            rows.append(self.row("drive", now, now + spent[-1], nodes))
            now += spent[-1]
        rows.append(self.row("station", now, unit.last, np.array([unit.station])))
        return [row for row in rows if row["end_min"] != row["start_min"]]

    def leaves(self, stay: Stay, ahead: Sequence[Stay]) -> float:
        """When a unit must leave: in time for a break or what is due, and to be home at the end."""
        latest, due = self.unit.last - self.way(stay.node, self.unit.station)[1][-1], stay.due
        for later in ahead:  # a stay between may be too short to be made
            if later.kind == "break" or later.due > due:
                latest = min(latest, later.first - self.way(stay.node, later.node)[1][-1])
            if later.kind == "break":
                break
            due |= later.due
        return float(latest)

    def way(self, first: int, last: int) -> tuple[Ints, Floats]:
        """The quickest way, or a clear error."""
        try:
            return self.ways.way(first, last)
        except LookupError:
            network = self.ways.roads.area.network
            start, end = (sites.called(network, node) for node in (first, last))
            raise RiskmapError(
                f"unit {self.unit.name}: no way leads from {start} to {end}; "
                "unlock the post or move it to a road that is connected"
            ) from None

    def row(
        self, kind: str, start: float, end: float, nodes: Ints, stay: Stay | None = None
    ) -> dict[str, object]:
        """One row of the roster."""
        area, unit = self.ways.roads.area, self.unit
        stands = stay is not None and stay.segment >= 0 and kind != "break"
        return {
            "unit": unit.name, "squadron": unit.squadron, "officers": unit.officers,
            "vehicle": unit.vehicle, "kind": kind, "start_min": round(start, DIGITS),
            "end_min": round(end, DIGITS),
            "nodes": ";".join(map(str, area.network.nodes["node_id"].to_numpy()[nodes])),
            "segment_id": area.segments.index[stay.segment] if stands and stay else "",
            "note": stay.note if stay else "",
        }  # fmt: skip
