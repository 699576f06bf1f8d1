"""A plan as it is put up on the wall: what every unit does when, and nothing it was made from."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from riskmap import plan_sheet
from riskmap.deployment import Deployment
from riskmap.errors import RiskmapError
from riskmap.roster import AWAY, DAY, STANDING

VERSION = 1
KINDS = (*STANDING, "drive", *AWAY)
LARGEST = 8 * 1024 * 1024
"""Bytes of a file; a shift of a hundred units has a tenth of that."""
LONGEST = 200
"""Characters of a name."""
DAYS = 3 * DAY
"""Minutes: no shift ends later after its date began."""


@dataclass(frozen=True)
class Row:
    """
    What a unit does for a while.

    `kind` as in a roster, `first` and `last` minutes after 00:00 of the date; `road` is where it
    stands or drives to, "" if that has no name; `way` longitude and latitude in WGS 84.
    """

    unit: str
    kind: str
    first: float
    last: float
    road: str
    way: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Posted:
    """A shift of `date` from `first` to `last`, minutes after 00:00, put up `at` an instant."""

    at: dt.datetime
    date: dt.date
    first: float
    last: float
    rows: tuple[Row, ...]

    def minute(self, when: dt.datetime) -> float | None:
        """Minute of the shift at a time on the clocks of the place; None before and after it."""
        minute = self._minute(when)
        return minute if self.first <= minute < self.last else None

    def ahead(self, when: dt.datetime) -> bool:
        """Tell whether the shift is still to begin at a time on the clocks of the place."""
        return self._minute(when) < self.first

    def _minute(self, when: dt.datetime) -> float:
        midnight = dt.datetime.combine(self.date, dt.time())
        return (when - midnight) / dt.timedelta(minutes=1)

    def now(self, minute: float) -> list[Row]:
        """What each unit does at a minute; those off duty are left out."""
        return [row for row in self.rows if row.first <= minute < row.last]


def posted(plan: Deployment, at: dt.datetime) -> Posted:
    """Take from a plan what the wall shows."""
    table, roads = plan.roster, plan.area.segments
    ways = plan_sheet.ways(plan, table)
    known = roads["name"].where(roads["name"] != "", roads["ref"])
    road = pd.Series([
        known[segment] if segment else "" for segment in table["segment_id"]
    ], index=table.index, dtype=object)  # fmt: skip
    road = road.where(table["kind"] != "drive", road.groupby(table["unit"]).shift(-1).fillna(""))
    rows = tuple(
        Row(
            str(row.unit)[:LONGEST], str(row.kind), float(row.start_min), float(row.end_min),
            str(road[row.Index])[:LONGEST],
            tuple((float(lon), float(lat)) for lon, lat in ways[row.Index].round(6)),
        )
        for row in table.itertuples()
    )  # fmt: skip
    crew = plan.crew
    return Posted(at, crew.date, crew.first, crew.last, rows)


def write(plan: Posted, path: Path) -> None:
    """
    Write a plan, whole or not at all; only who runs the server may read it.

    Raises
    ------
    RiskmapError
        A place that cannot be written.
    """
    content = json.dumps({"version": VERSION, **asdict(plan)}, default=str, ensure_ascii=False)
    made = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False
        ) as file:
            made = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    except OSError as fault:
        if made is not None:
            made.unlink(missing_ok=True)
        raise RiskmapError(
            f"{path}: cannot be written ({fault.strerror}); make room or let the server write there"
        ) from fault


def read(path: Path) -> Posted | None:
    """
    Read what `write` wrote; None if nothing is there.

    Raises
    ------
    RiskmapError
        A file that is damaged or of another version.
    """
    try:
        return _plan(json.loads(_content(path)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise RiskmapError(f"{path}: no plan for the wall; put one up again") from fault


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError("too large")
    return content


def _plan(given: Any) -> Posted:  # noqa: ANN401  # whatever a file holds
    if given["version"] != VERSION:
        raise ValueError("another version")
    at = dt.datetime.fromisoformat(given["at"])
    if at.tzinfo is None:
        raise ValueError("no instant")
    date, first, last = dt.date.fromisoformat(given["date"]), *_span(given)
    return Posted(at, date, first, last, tuple(_row(row) for row in given["rows"]))


def _row(given: Any) -> Row:  # noqa: ANN401  # whatever a file holds
    way = tuple((_number(lon, 180), _number(lat, 90)) for lon, lat in given["way"])
    if given["kind"] not in KINDS or not way:
        raise ValueError("no row of a roster")
    first, last = _span(given)
    return Row(_name(given["unit"]), given["kind"], first, last, _name(given["road"]), way)


def _span(given: Any) -> tuple[float, float]:  # noqa: ANN401  # whatever a file holds
    first, last = (_number(given[end], DAYS) for end in ("first", "last"))
    if not 0 <= first < last:
        raise ValueError("no span")
    return first, last


def _number(given: object, most: float) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise TypeError("no number")
    if not math.isfinite(given) or abs(given) > most:
        raise ValueError("no such number")
    return float(given)


def _name(given: object) -> str:
    if not isinstance(given, str) or len(given) > LONGEST:
        raise ValueError("no name")
    return given
