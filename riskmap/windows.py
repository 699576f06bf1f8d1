"""Cells of a list → kinds of day and hours of the day, and what holds in each when rows differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from riskmap.cells import LONGEST, plain

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Spans = tuple[tuple[int, int], ...]
"""From minute to minute of a day, apart and in order."""
Value = TypeVar("Value", np.float64, np.int8)
Read = TypeVar("Read")

DAYS = ("school", "workday", "weekend", "holiday")
"""Kinds of day, each day of the year is of one: school days are no other workdays here."""
EVE = "eve"
PHASES = (*DAYS, EVE)
"""What a record may be of: a kind of day, or the eve of a holiday, whatever its kind."""
DAY_WORDS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    DAYS: ("all", "每天", "每日", "全部"),
    ("school", "workday"): ("workday", "工作日"),
    ("school",): ("school", "上学日", "教学日"),
    ("weekend",): ("weekend", "周末", "双休日"),
    ("holiday",): ("holiday", "节假日", "法定节假日", "假日"),
    (EVE,): ("eve", "节前", "节前一天"),
}
"""Kinds of day → the words for them."""
WHOLE_DAY = frozenset({"all", "allday", "全天", "24小时"})
DAY_MIN, HOUR_MIN = 1440, 60

_PARTS = re.compile(r"[;,、/|\s]+")
_DASH = re.compile("\\s*[-~\u2010-\u2015\u2212至到]\\s*")
_TIME = re.compile(r"(\d{1,2})(?::(\d{2})(?::00)?|[时点](?:(\d{1,2})分?)?)?", re.ASCII)


def kinds_of_day(cells: Sequence[str]) -> tuple[Bools, Bools]:
    """
    Read kinds of day: "school; weekend", "工作日、节假日"; a blank cell is every day.

    A workday may be a school day; a weekend is no holiday.

    Returns
    -------
    Row × `PHASES`, and which rows were not understood: these are of none.
    """
    of = {word: days for days, words in DAY_WORDS.items() for word in words}

    def read(cell: str) -> tuple[bool, ...] | None:
        words = [word for word in _PARTS.split(plain(cell).lower()) if word]
        if not all(word in of for word in words):
            return None
        named = {day for word in words for day in of[word]} if words else set(DAYS)
        return tuple(phase in named for phase in PHASES)

    found, wrong = _each(cells, read)
    none = (False,) * len(PHASES)
    return np.array([row or none for row in found], dtype=bool).reshape(-1, len(PHASES)), wrong


def times(cells: Sequence[str]) -> tuple[list[Spans], Bools]:
    """
    Read windows of the day: "07:30-09:00; 17:00-18:30", "8" (from 8 to 9), "22-2", "全天".

    One time alone is the hour from it on. A window that passes midnight is the two ends of the
    same day. Windows that meet or overlap are joined.

    Returns
    -------
    Windows in minutes, none of a blank cell, and which rows were not understood.
    """
    found, wrong = _each(cells, _spans)
    return [spans or () for spans in found], wrong


def minutes(spans: Sequence[Spans], edges: Ints) -> NDArray[np.int16]:
    """
    Measure how many minutes of each stretch of the day the windows of each row cover.

    Parameters
    ----------
    spans
        Windows, row by row.
    edges
        Minutes at which the stretches begin, and the end of the last.

    Returns
    -------
    Row × stretch.
    """
    row = np.repeat(np.arange(len(spans)), [len(own) for own in spans])
    ends = np.array([span for own in spans for span in own], dtype=np.int64).reshape(-1, 2)
    covered = np.zeros((len(spans), len(edges) - 1), dtype=np.int16)
    for number in range(len(edges) - 1):
        shared = np.minimum(ends[:, 1], edges[number + 1]) - np.maximum(ends[:, 0], edges[number])
        np.add.at(covered[:, number], row, np.maximum(shared, 0))
    return covered


def last_said(
    row: Ints,
    place: Ints,
    value: NDArray[Value],
    *,
    days: Bools,
    hours: Bools,
    missing: float,
) -> tuple[NDArray[Value], Ints]:
    """
    Find what holds at each place, day and stretch of hours: what the last row says of it.

    Parameters
    ----------
    row, place
        Pairs of row and place, both numbered from 0.
    value
        What each row says.
    days, hours
        Row × kind of day, row × stretch of the day: when it says so.
    missing
        What stands where no row says anything.

    Returns
    -------
    Place × kind of day × stretch; and for each row the last of the rows that say something else
    of a time and place of its own, −1 where none does.
    """
    size = int(place.max()) + 1 if len(place) else 0
    told = np.full((size, days.shape[1], hours.shape[1]), missing, dtype=value.dtype)
    by = np.full(len(value), -1, dtype=np.int64)
    said = np.outer(days.any(axis=0), hours.any(axis=0))
    for day, stretch in np.argwhere(said):
        on = (days[:, day] & hours[:, stretch])[row]
        last = np.full(size, -1, dtype=np.int64)
        np.maximum.at(last, place[on], row[on])
        told[last >= 0, day, stretch] = value[last[last >= 0]]
        over = last[place[on]]
        lost = value[row[on]] != value[over]
        np.maximum.at(by, row[on][lost], over[lost])
    return told, by


def runs(told: NDArray[np.int8], edges: Ints) -> list[tuple[Bools, Spans, int]]:
    """
    Write what holds at one place as windows: kinds of day, minutes, and the value from 0 on.

    Parameters
    ----------
    told
        Kind of day × stretch, below 0 where nothing is said.
    edges
        As in `minutes`.
    """
    spans: dict[tuple[int, Spans], Bools] = {}
    for day, values in enumerate(told):
        begin = np.concatenate([[0], np.flatnonzero(np.diff(values)) + 1])
        end = np.append(begin[1:], len(values))
        for value in np.unique(values[values >= 0]):
            own = values[begin] == value
            windows = tuple(zip(edges[begin[own]].tolist(), edges[end[own]].tolist(), strict=True))
            key = int(value), windows
            spans.setdefault(key, np.zeros(len(told), dtype=bool))[day] = True
    return [(days, windows, value) for (value, windows), days in sorted(spans.items())]


def _each(
    cells: Sequence[str], read: Callable[[str], Read | None]
) -> tuple[list[Read | None], Bools]:
    """Read every different cell once; None was not understood."""
    known = {cell: read(cell) for cell in set(cells)}
    found = [known[cell] for cell in cells]
    return found, np.array([one is None for one in found], dtype=bool)


def _spans(cell: str) -> Spans | None:
    text = _DASH.sub("-", plain(cell).lower())
    if text.replace(" ", "") in WHOLE_DAY:
        return ((0, DAY_MIN),)
    found: list[tuple[int, int]] = []
    for part in filter(None, _PARTS.split(text)):
        ends = [_minute(end) for end in part[:LONGEST].split("-")]
        if len(ends) > 2 or None in ends or ends[0] == DAY_MIN:  # noqa: PLR2004  # from, to
            return None
        start = int(ends[0] or 0)
        end = int(ends[-1] or 0) if len(ends) > 1 else (start + HOUR_MIN) % DAY_MIN or DAY_MIN
        if start == end:
            return None
        found += [(start, end)] if start < end else [(start, DAY_MIN), (0, end)]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for span in found if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def _minute(text: str) -> int | None:
    """Minute of the day, up to 24:00, that a time of the clock says."""
    match = _TIME.fullmatch(text)
    if not match:
        return None
    hour, minute = int(match[1]), int(match[2] or match[3] or 0)
    total = hour * HOUR_MIN + minute
    return total if minute < HOUR_MIN and total <= DAY_MIN else None
