"""Cells of crash records → dates, hours, severities; and what is personal in them, blanked."""

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
_CLOCK = r"(?:[T\s]*(\d{1,2})\s*[:时点h](?:\s*(\d{1,2}))?.*)?"
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?" + _CLOCK)
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})" + _CLOCK)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})?(?:\d{2})?)?")
_DAY_MONTH = re.compile(r"(\d{1,2})[\s.-]+([a-z]{3})[a-z]*[\s.,-]+(\d{4})" + _CLOCK, re.IGNORECASE)
_MONTH_DAY = re.compile(r"([a-z]{3})[a-z]*[\s.]+(\d{1,2})[\s.,]+(\d{4})" + _CLOCK, re.IGNORECASE)
_YEAR_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_SERIAL = re.compile(r"(\d{5})(?:\.(\d+))?")
_FORMS = (
    (_YEAR_FIRST, ("year", "month", "day")), (_DIGITS, ("year", "month", "day")),
    (_DAY_MONTH, ("day", "month", "year")), (_MONTH_DAY, ("month", "day", "year")),
)
_EPOCH = date(1899, 12, 30)
_BAND = re.compile(
    r"(\d{1,2})(?:\s*[:时点]\s*\d{0,2}\s*分?)?\s*(?:-|\u2013|—|~|至|到|to)\s*"
    r"(\d{1,2})(?:\s*[:时点]\s*(\d{0,2})\s*分?)?\s*[时点h]?"
)
_HOUR = re.compile(
    r"(\d{1,2})(?:\s*[:时点h]\s*([0-5]?\d)?[\d:.\s分秒]*)?\s*(am|pm)?", re.IGNORECASE
)
_FOUR = re.compile(r"(\d{2})(\d{2})")
PERSONAL = re.compile(
    r"(?<!\d)\d{17}[\dXx](?!\d)"  # identity number
    r"|(?<!\d)1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}(?!\d)"  # mobile telephone
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领学警港澳][A-Za-z][·•\s-]?"
    r"[A-Za-z0-9]{5,6}"  # number plate
    r"|[\w.+-]+@[\w-]+\.\w+"  # mail
)
"""What names a person or a vehicle: such text is never kept."""


KINDS = re.compile(
    r"行人|步行|电动自行车|电动车|电动|自行车|单车|摩托车?|三轮车?|非机动车|机动车|小客车|大客车|中客车"
    r"|客车|轿车|货车|卡车|公交车?|校车|面包车|拖拉机|农用车|出租车|工程车|火车|汽车"
    r"|pedestrian|e-?bike|bicycle|cyclist|motor-?cycl(?:e|ist)|moped|scooter|tractor|taxi|minibus"
    r"|school bus|bus|coach|car|van|truck|lorry|hgv|goods vehicle|tram|train|animal|vehicle",
    re.IGNORECASE,
)
"""Kinds of party: of what a cell says about parties, nothing else is kept."""
_NUMERIC = re.compile(r"[\d\s.,;、()\[\]+:/°'\"\u2032\u2033度分秒东西南北经纬NSEWnsew人年月-]*")
"""What a cell of numbers or coordinates may hold; anything else is not repeated."""


def kinds(cells: Sequence[str]) -> Texts:
    """Kinds of party that each cell names, parted by semicolons, and nothing else of it."""
    known = {
        cell: ";".join(dict.fromkeys(kind.lower() for kind in KINDS.findall(plain(cell))))
        for cell in set(cells)
    }
    return np.array([known[cell] for cell in cells], dtype=object)


def numeric(cells: Sequence[str]) -> list[str]:
    """Cells of numbers as they are; what is none is not shown, for nobody knows what it names."""
    known = {cell: cell if _NUMERIC.fullmatch(plain(cell)) else "…" for cell in set(cells)}
    return [known[cell] for cell in cells]


def without_persons(cells: Sequence[str]) -> tuple[Texts, Bools]:
    """Cells in which nothing names a person, and which of them did."""
    found = {cell: PERSONAL.sub("…", plain(cell)) for cell in set(cells)}
    clean = np.array([found[cell] for cell in cells], dtype=object)
    return clean, np.array([PERSONAL.search(plain(cell)) is not None for cell in cells], dtype=bool)


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
        if not first < DAY >= last:
            return -1, -1, True
        # 22-2 goes over midnight
        return first, last if last > first else last + DAY, False
    if match := _FOUR.fullmatch(cell):
        first, minute = int(match[1]), int(match[2])
        return (first, first + 1, False) if first < DAY and minute < HOUR else (-1, -1, True)
    match = _HOUR.fullmatch(cell)
    if match is None or int(match[1]) > DAY:
        return -1, -1, True
    first = int(match[1]) % DAY  # 24:00 is midnight
    if match[3]:
        first = first % 12 + 12 * (match[3].lower() == "pm")
    return first, first + 1, False


def dates(cells: Sequence[str], today: date) -> pd.DataFrame:
    """
    Read dates in whatever form each is written.

    05/03/2024 is 5 March or 3 May: the rows of the column that can be read in one way only decide;
    where they do not, or disagree, only the year is taken.

    Returns
    -------
    One row per cell: `date` (NaT where only the year is known, or nothing), `year` and `month` (0
    where not known), `hour` (−1 where not stated), `fault` ("", "unknown", "order" for a day and
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
        columns=["date", "year", "month", "hour", "fault", "order"],
    )
    return table.assign(date=pd.to_datetime(table["date"]))


@dataclass(frozen=True)
class _Date:
    """What a cell says; see `dates`."""

    date: date | None = None
    year: int = 0
    month: int = 0
    hour: int = -1
    fault: str = ""
    order: str = ""


def _date(cell: str, order: str, today: date) -> _Date:
    if not cell:
        return _Date()
    parts = _written(cell) or _slashed(cell, order) or _serial(cell)
    if parts is None:
        return _month(cell, today)
    year, month, day, hour, used = parts
    if not month:
        return _Date(year=year, hour=hour, fault="order")
    try:
        when = date(year, month, day)
    except ValueError:  # the 31st of June
        return _Date(fault="unknown", order=used)
    if when > today + timedelta(days=1) or when.year < FIRST_YEAR:
        return _Date(fault="future" if when > today else "old", order=used)
    return _Date(when, year, month, hour if hour < DAY else -1, order=used)


_Parts = tuple[int, int, int, int, str]


def _written(cell: str) -> _Parts | None:
    """Year, month, day and hour of a cell that says which is which."""
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
        hour = int(match[4]) if match[4] else -1
        return int(texts["year"]), int(month), int(texts["day"]), hour, ""
    return None


def _slashed(cell: str, order: str) -> _Parts | None:
    """The same of 05/03/2024; the month is 0 where it cannot be told from the day."""
    match = _YEAR_LAST.fullmatch(cell)
    if match is None:
        return None
    first, second, year = (int(match[n]) for n in (1, 2, 3))
    hour = int(match[4]) if match[4] else -1
    if max(first, second) > YEAR or first == second:
        return year, min(first, second), max(first, second), hour, ""
    if not order:
        return year, 0, 0, hour, ""
    day, month = (first, second) if order == "day" else (second, first)
    return year, month, day, hour, order


def _serial(cell: str) -> _Parts | None:
    """The same of days since 1900, as Excel counts."""
    match = _SERIAL.fullmatch(cell)
    if match is None:
        return None
    when = _EPOCH + timedelta(days=int(match[1]))
    hour = int(DAY * float(f"0.{match[2]}") + SLIGHT) if match[2] else -1
    return when.year, when.month, when.day, hour, ""


def _month(cell: str, today: date) -> _Date:
    """The same of a cell that names a month, or nothing that is understood."""
    match = _YEAR_MONTH.fullmatch(cell)
    if match and 1 <= int(match[2]) <= YEAR and FIRST_YEAR <= int(match[1]) <= today.year:
        return _Date(year=int(match[1]), month=int(match[2]))
    return _Date(fault="unknown")


def now() -> date:
    """Today at the place where the records are read."""
    return datetime.now().astimezone().date()
