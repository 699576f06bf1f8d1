"""Cells of a duty log → dates and minutes on the clocks of the place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.cells import LONGEST, plain
from riskmap.hours import YEARS, Almanac
from riskmap.record_cells import dates, hours

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]

DAY_MIN, HOUR_MIN = 1440.0, 60.0
_LAST = date(YEARS[1], 12, 30)
"""Duty may be planned: no date lies too far ahead, as long as the sun is known."""
# "07:30-08:30" after a space is no time in a zone but a stretch of time
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?!-\d{2}:\d{2}$).*")
_EPOCH = re.compile(r"(1\d{9})(?:\.\d+)?|(1\d{9})(\d{3})")
_DIGITS = re.compile(r"\d{10}(\d{2})(\d{2})?")
_SERIAL = re.compile(r"\d{5}(\.\d+)")
_FRACTION = re.compile(r"0?\.\d+")
_LATER = re.compile(r"\s*(?:\+(\d)|(次日|第二天))\s*")
_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})\s*[:时点]\s*(?:(\d{1,2}|半)\s*(?:[:分]\s*(?:(\d{1,2}(?:\.\d+)?)\s*秒?)?)?)?"
)
_BAND = re.compile(r"[:时点分\d]\s*(?:-|\u2013|—|~|至|到|to)\s*\d", re.IGNORECASE)
_FOUR = re.compile(r"\d{2}(\d{2})")


def times(cells: Sequence[str], almanac: Almanac) -> tuple[Days, Floats]:
    """
    Read times in whatever form each is written.

    "2026-05-08 07:30", "2026年5月8日7时30分", "20260508073000", a day as Excel counts, or a clock
    alone: "07:30", "下午3时半", "0.3125" (of a day), "01:30+1" (a day later). A time with an
    offset, "…T23:30:00Z", is that instant, and so are seconds since 1970, "1778196600".

    Returns
    -------
    Date (NaT where none is stated or understood), and minutes after 00:00 of it (NaN likewise).
    """
    texts = [plain(cell)[:LONGEST] for cell in cells]
    known: dict[str, tuple[date | None, float]] = {}
    for cell in set(texts):
        if when := _stamp(cell, almanac):
            seconds = when.second + when.microsecond / 1e6
            known[cell] = when.date(), HOUR_MIN * when.hour + when.minute + seconds / HOUR_MIN
    rest = sorted(set(texts) - known.keys())
    found = dates(rest, _LAST)
    clock = hours([_LATER.sub("", cell) for cell in rest])[0]
    for row, cell in enumerate(rest):
        day = found["date"].iloc[row]
        if pd.notna(day):
            known[cell] = day.date(), _dated(cell, int(found["hour"].iloc[row]))
        else:
            known[cell] = None, _bare(cell, int(clock[row]))
    days = np.array([known[cell][0] for cell in texts], dtype="datetime64[D]")
    minute = np.array([known[cell][1] for cell in texts], dtype=np.float64)
    return days, minute


def _stamp(cell: str, almanac: Almanac) -> datetime | None:
    """Time on the clocks of the place of a cell that leaves nothing to guess."""
    if match := _EPOCH.fullmatch(cell):
        seconds = float(cell) / (1000.0 if match[3] else 1.0)
        return almanac.local(datetime.fromtimestamp(seconds, UTC))
    if not _ISO.fullmatch(cell):
        return None
    try:
        return almanac.local(datetime.fromisoformat(cell))
    except ValueError:
        return None


def _dated(cell: str, hour: int) -> float:
    """Minutes after 00:00 of the date that a cell names; NaN where it says no time."""
    if match := _DIGITS.fullmatch(cell):
        return HOUR_MIN * max(hour, 0) + int(match[1]) + int(match[2] or 0) / HOUR_MIN
    if match := _SERIAL.fullmatch(cell):
        return round(float(f"0{match[1]}") * DAY_MIN * HOUR_MIN) / HOUR_MIN
    match = _CLOCK.search(cell)
    # dates that all say midnight have no hour to crash records; duty may begin at midnight
    if match and int(match[1]) in {0, 24} and hour <= 0:
        hour = int(match[1])
    if hour < 0 or _BAND.search(cell[8:]):
        return np.nan
    return HOUR_MIN * hour + _past(match)


def _bare(cell: str, hour: int) -> float:
    """Minutes after 00:00 of a time without a date; NaN where it is none."""
    later = _LATER.search(cell)
    cell = _LATER.sub("", cell)
    if _FRACTION.fullmatch(cell):
        return round(float(cell) * DAY_MIN * HOUR_MIN) / HOUR_MIN
    if hour < 0 or _BAND.search(cell):
        return np.nan
    match = _FOUR.fullmatch(cell)
    past = float(match[1]) if match else _past(_CLOCK.search(cell))
    days = int(later[1] or 1) if later else 0
    return DAY_MIN * days + HOUR_MIN * hour + past


def _past(match: re.Match[str] | None) -> float:
    """Minutes past the hour of a clock."""
    if match is None:
        return 0.0
    minute = HOUR_MIN / 2 if match[2] == "半" else float(match[2] or 0)
    return minute + float(match[3] or 0) / HOUR_MIN
