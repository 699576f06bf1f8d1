"""Cells of crash records → dates, hours, severities."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.cells import plain

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

SEVERITIES = ("fatal", "serious", "minor", "injury", "damage")
"""From the worst on; "injury" is one whose degree nobody says."""
SEVERITY_WORDS: Mapping[str, tuple[str, ...]] = {
    "fatal": ("死亡", "死亡事故", "亡人", "亡人事故", "fatal", "killed", "death", "k", "1级"),
    "serious": ("重伤", "重伤事故", "serious", "severe", "serious injury", "major",
                "incapacitating", "suspected serious injury", "a"),
    "minor": ("轻伤", "轻伤事故", "minor", "slight", "slight injury", "minor injury",
              "non-incapacitating", "possible injury", "suspected minor injury", "b", "c"),
    "injury": ("伤人", "伤人事故", "受伤", "injury", "injured", "injury crash", "personal injury"),
    "damage": ("财产损失", "财产损失事故", "财损", "物损", "仅财产损失", "property damage", "pdo",
               "property damage only", "damage", "damage only", "no injury", "none", "o"),
}  # fmt: skip
WEEKDAYS = (
    ("周一", "星期一", "monday", "mon"), ("周二", "星期二", "tuesday", "tue"),
    ("周三", "星期三", "wednesday", "wed"), ("周四", "星期四", "thursday", "thu"),
    ("周五", "星期五", "friday", "fri"), ("周六", "星期六", "saturday", "sat"),
    ("周日", "星期日", "星期天", "周天", "sunday", "sun"),
)  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FIRST_YEAR = 1950
DAY, HOUR, YEAR = 24, 60, 12
"""Hours of a day, minutes of an hour, months of a year."""
SLIGHT = 1e-6
"""A time as a share of the day is rounded."""
LONGEST = 60
"""A longer cell is no date and no hour."""
# what follows a date is parted from it: 2024-05-01/2 is no date, 2024年5月1日8时 is one
_REST = r"\s*(?:(?:[日号]|(?=[\s,T(]|[\u4e00-\u9fff]))(.*))?"
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)" + _REST
)
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(?!\d)" + _REST)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{4}(?=(?:\d{2})?$)|\d{2}$)?(?:\d{2})?")
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})\s+(.*)")
_DAY_MONTH = re.compile(
    r"(\d{1,2})[\s.-]+([a-z]{3})[a-z]*[\s.,-]+(\d{4})(?!\d)" + _REST, re.IGNORECASE
)
_MONTH_DAY = re.compile(
    r"([a-z]{3})[a-z]*[\s.]+(\d{1,2})[\s.,]+(\d{4})(?!\d)" + _REST, re.IGNORECASE
)
_YEAR_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_YEAR_ALONE = re.compile(r"(\d{4})\s*年?")
_SERIAL = re.compile(r"(\d{5})(?:\.(\d+))?")
_FORMS = (
    (_YEAR_FIRST, ("year", "month", "day")), (_DIGITS, ("year", "month", "day")),
    (_EIGHT, ("year", "month", "day")),
    (_DAY_MONTH, ("day", "month", "year")), (_MONTH_DAY, ("month", "day", "year")),
)
_WEEKDAY = re.compile(r"[(\s]*(?:周|星期|礼拜)[一二三四五六日天][)\s]*")
_ZONE = re.compile(r"(?:\.\d+)?\s*(?:Z|[+-]\d{2}:?\d{2})?\s*(?:许|左右|整)?", re.IGNORECASE)
_MIDNIGHT = re.compile(r"[T\s]0?0:00(?::00(?:\.0+)?)?Z?$")
"""How days are written where an hour is asked for: of a whole column it is no hour."""
_ANOTHER = re.compile(r"\d{4}\s*[-/.年]")
"""Another year after a date: from one day to another."""
_EPOCH = date(1899, 12, 30)
_BAND = re.compile(
    r"(\d{1,2})(?:\s*[:时点]\s*\d{0,2}\s*分?)?\s*(?:-|\u2013|—|~|至|到|to)\s*"
    r"(\d{1,2})(?:\s*[:时点]\s*(\d{0,2})\s*分?)?\s*[时点h]?"
)
_HOUR = re.compile(
    r"(凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|晚)?\s*(\d{1,2})"
    r"(?:\s*[:时点h]\s*(?:(\d{1,2}|半)(?:\s*[:分]\s*(?:\d{1,2}(?:\.\d+)?\s*秒?)?)?)?)?"
    r"\s*([ap])?\.?(?(4)m\.?)",
    re.IGNORECASE,
)
_LATE = ("下午", "傍晚", "晚上", "晚")
_FOUR = re.compile(r"(\d{2})(\d{2})")


def severities(cells: Sequence[str], own: Mapping[str, str]) -> tuple[Texts, Bools]:
    """Severity of each cell, "" where none is stated or known, and which nobody knows."""
    known = {word: name for name, words in SEVERITY_WORDS.items() for word in words}
    known |= {plain(word).lower(): name for word, name in own.items()}
    words = [plain(cell).lower() for cell in cells]
    found = np.array([known.get(word, "") for word in words], dtype=object)
    return found, np.array([bool(w) and w not in known for w in words], dtype=bool)


def weekdays(cells: Sequence[str]) -> Ints:
    """Number of each weekday, 0 Monday … 6; −1 where it is not known."""
    known = {word: number for number, words in enumerate(WEEKDAYS) for word in words}
    return np.array([known.get(plain(cell).lower(), -1) for cell in cells], dtype=np.int64)


def hours(cells: Sequence[str]) -> tuple[Ints, Ints, Bools]:
    """
    First and last hour (exclusive) of each cell, −1 where there is none; which are not hours.

    Hours of the next day count on from 24.
    """
    known: dict[str, tuple[int, int, bool]] = {}
    for cell in set(cells):
        known[cell] = _hour(plain(cell)[:LONGEST])
    found = [known[cell] for cell in cells]
    first, last, wrong = (
        np.array(part) for part in zip(*found, strict=True)
    ) if found else (np.empty(0),) * 3  # fmt: skip
    return first.astype(np.int64), last.astype(np.int64), wrong.astype(bool)


def _hour(cell: str) -> tuple[int, int, bool]:
    if not cell:
        return -1, -1, False
    if match := _BAND.fullmatch(cell):
        first, last = int(match[1]), int(match[2]) + bool(int(match[3] or 0))
        # 10-10: an hour, or the whole day?
        if not first < DAY >= last or last == first:
            return -1, -1, True
        # 22-2 goes over midnight
        return first, last if last > first else last + DAY, False
    if match := _FOUR.fullmatch(cell):
        first, minute = int(match[1]), int(match[2])
        return (first, first + 1, False) if first < DAY and minute < HOUR else (-1, -1, True)
    match = _HOUR.fullmatch(cell)
    if match is None or int(match[2]) > DAY or int((match[3] or "").rstrip("半") or 0) >= HOUR:
        return -1, -1, True
    first = int(match[2]) % DAY  # 24:00 is midnight
    return _of_half(first, match[1] or "", (match[4] or "").lower())


def _of_half(first: int, word: str, letter: str) -> tuple[int, int, bool]:
    """Hour of a half of the day that is named, 下午3时 or 3 pm."""
    if letter == "a" and first > YEAR:
        return -1, -1, True
    if letter:
        first = first % 12 + 12 * (letter == "p")
    elif (word in _LATE and first < YEAR) or (word == "中午" and first < 3):  # noqa: PLR2004  # 中午1时
        first += 12
    elif word in {"凌晨", "晚上", "夜里", "晚"} and first == YEAR:
        first = 0
    return first, first + 1, False


def dates(cells: Sequence[str], today: date) -> pd.DataFrame:
    """
    Read dates in whatever form each is written.

    05/03/2024 is 5 March or 3 May: the rows of the column that can be read in one way only decide;
    where they do not, or disagree, only the year is taken.

    Returns
    -------
    One row per cell: `date` (NaT where only the year is known, or nothing), `year` and `month` (0
    where not known), `hour` and `hour_to` (exclusive; −1 where not stated), `not_hour` where
    something else than an hour follows the date, `fault` ("", "unknown", "order" for a day and
    month that cannot be told apart, "future", "old") and `order` ("day" or "month" first, how such
    a cell was read, else "").
    """
    texts = [plain(cell)[:LONGEST] for cell in cells]
    slashed = [match for cell in set(texts) if (match := _YEAR_LAST.fullmatch(cell))]
    sure = {
        "day" if int(match[1]) > YEAR else "month"
        for match in slashed
        if (int(match[1]) > YEAR) != (int(match[2]) > YEAR)
    }
    order = sure.pop() if len(sure) == 1 else ""
    known = {cell: astuple(_date(cell, order, today)) for cell in set(texts)}
    table = pd.DataFrame(
        [known[cell] for cell in texts],
        columns=["date", "year", "month", "hour", "hour_to", "not_hour", "fault", "order"],
    )
    timed = {cell for cell in known if known[cell][3] >= 0}
    if all(_MIDNIGHT.search(cell) for cell in timed):
        table[["hour", "hour_to"]] = -1
    return table.assign(date=pd.to_datetime(table["date"]))


@dataclass(frozen=True)
class _Date:
    """What a cell says; see `dates`."""

    date: date | None = None
    year: int = 0
    month: int = 0
    hour: int = -1
    hour_to: int = -1
    not_hour: bool = False
    fault: str = ""
    order: str = ""


def _date(cell: str, order: str, today: date) -> _Date:
    if not cell:
        return _Date()
    parts = _written(cell) or _slashed(cell, order) or _serial(cell)
    if parts is None or _ANOTHER.search(parts[3]):
        return _month(cell, today)
    year, month, day, rest, used = parts
    clock = _clock(rest)
    if not month:
        return _Date(None, year, 0, *clock, fault="order")
    try:
        when = date(year, month, day)
    except ValueError:  # the 31st of June
        return _Date(fault="unknown", order=used)
    if when > today + timedelta(days=1) or when.year < FIRST_YEAR:
        return _Date(fault="future" if when > today else "old", order=used)
    return _Date(when, year, month, *clock, order=used)


def _clock(rest: str) -> tuple[int, int, bool]:
    """First and last hour of what follows a date, and whether that is no hour."""
    text = _WEEKDAY.sub("", rest).strip(" T,()")
    if not text:
        return -1, -1, False
    found = _hour(text)
    for end in range(len(text), 0, -1):
        if not found[2]:
            break
        # the seconds' decimals, a time zone, 许
        if _ZONE.fullmatch(text[end:]):
            found = _hour(text[:end].strip())
    return found


_Parts = tuple[int, int, int, str, str]
"""Year, month, day, what follows them, and which of day and month was taken to be first."""


def _written(cell: str) -> _Parts | None:
    """Parts of a cell that says which is which."""
    for form, places in _FORMS:
        match = form.fullmatch(cell)
        if match is None:
            continue
        texts = dict(zip(places, match.groups(), strict=False))
        month = texts["month"].lower()
        if not month.isdigit():
            if month not in MONTHS:
                return None
            month = str(MONTHS.index(month) + 1)
        return int(texts["year"]), int(month), int(texts["day"]), match[4] or "", ""
    return None


def _slashed(cell: str, order: str) -> _Parts | None:
    """The same of 05/03/2024; the month is 0 where it cannot be told from the day."""
    match = _YEAR_LAST.fullmatch(cell)
    if match is None:
        return None
    first, second, year = (int(match[n]) for n in (1, 2, 3))
    rest = match[4] or ""
    if max(first, second) > YEAR or first == second:
        return year, min(first, second), max(first, second), rest, ""
    if not order:
        return year, 0, 0, rest, ""
    day, month = (first, second) if order == "day" else (second, first)
    return year, month, day, rest, order


def _serial(cell: str) -> _Parts | None:
    """The same of days since 1900, as Excel counts."""
    match = _SERIAL.fullmatch(cell)
    if match is None:
        return None
    when = _EPOCH + timedelta(days=int(match[1]))
    hour = str(int(DAY * float(f"0.{match[2]}") + SLIGHT)) if match[2] else ""
    return when.year, when.month, when.day, hour, ""


def _month(cell: str, today: date) -> _Date:
    """The same of a cell that names a month or a year, or nothing that is understood."""
    match = _YEAR_MONTH.fullmatch(cell) or _YEAR_ALONE.fullmatch(cell)
    if match is None:
        return _Date(fault="unknown")
    year, month = int(match[1]), int(match[2]) if match.re is _YEAR_MONTH else 0
    if month > YEAR or (match.re is _YEAR_MONTH and not month):
        return _Date(fault="unknown")
    if year < FIRST_YEAR or (year, month) > (today.year, today.month):
        return _Date(fault="old" if year < FIRST_YEAR else "future")
    return _Date(year=year, month=month)


def now() -> date:
    """Today at the place where the records are read."""
    return datetime.now().astimezone().date()
