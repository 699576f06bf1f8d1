"""China's public holidays: names, first and last day off, and the weekends worked for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import chinese_calendar
import numpy as np
from chinese_calendar import Holiday
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NAMES = {
    "new_year": Holiday.new_years_day,
    "spring_festival": Holiday.spring_festival,
    "qingming": Holiday.tomb_sweeping_day,
    "labour_day": Holiday.labour_day,
    "dragon_boat": Holiday.dragon_boat_festival,
    "mid_autumn": Holiday.mid_autumn_festival,
    "national_day": Holiday.national_day,
}
"""Our word → the calendar's."""
OURS = {holiday.value: name for name, holiday in NAMES.items()}
"""Its word → ours; a memorial holiday of one year has none."""
SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Break:
    """
    Days off in a row, weekends beside a holiday among them.

    `names`: the holidays in it, the one with most days first; two may share one break, as
    Mid-Autumn and National Day did in 2025.
    """

    names: tuple[str, ...]
    first: date
    last: date

    def offset(self, day: date) -> int:
        """Days before the first day off (negative), after the last (positive), or 0 within."""
        return min((day - self.first).days, 0) + max((day - self.last).days, 0)


@cache
def known() -> tuple[int, int]:
    """First and last year whose holidays are on record or announced."""
    years = {day.year for day in chinese_calendar.holidays}
    return min(years), max(years)


def is_weekend(day: date) -> bool:
    """Whether a date is a Saturday or a Sunday, which is all that is known of some years."""
    return day.weekday() >= SATURDAY


def nearest(among: Collection[Break], day: date) -> tuple[str, int] | None:
    """Name the break that a date lies in (0), is the eve of (−1) or the day after (1), if any."""
    near = [found for found in among if abs(found.offset(day)) <= 1]
    own = min(near, key=lambda found: (abs(found.offset(day)), found.first), default=None)
    return (own.names[0], own.offset(day)) if own else None


def offsets_from(own: Collection[Break], days: NDArray[np.datetime64]) -> Ints:
    """Count the days from the nearest of some breaks, of which there is at least one."""
    first, last = (np.array([getattr(found, end) for found in own], dtype="datetime64[D]")
                   for end in ("first", "last"))  # fmt: skip
    to_first, from_last = ((days[:, None] - end).astype(np.int64) for end in (first, last))
    away = np.minimum(to_first, 0) + np.maximum(from_last, 0)
    return away[np.arange(len(days)), np.abs(away).argmin(axis=1)]


def year_of(day: date, name: str) -> int:
    """Year whose announcement a day off or worked for a holiday is of: New Year may begin early."""
    return day.year + (name == "new_year" and day.month == 12)  # noqa: PLR2004  # December


def days_off() -> dict[date, tuple[str, ...]]:
    """Every day that is off for a holiday, by date, with its names; () for a memorial holiday."""
    return {
        day: (OURS[word],) if word in OURS else ()
        for day, word in sorted(chinese_calendar.holidays.items())
    }


def days_worked() -> dict[date, str]:
    """Every weekend day that is worked for a holiday, by date, with the holiday's name or ""."""
    return {
        day: OURS.get(word, "") for day, word in sorted(chinese_calendar.workdays.items())
    }


def breaks_of(off: Mapping[date, tuple[str, ...]], worked: Collection[date]) -> tuple[Break, ...]:
    """
    Find all breaks, by date: each is a holiday and the days off before and after it.

    Parameters
    ----------
    off
        Days off for a holiday, with its names. The law sets New Year's Day: that of a year whose
        predecessor is known is added, so whoever asks for its eve need not wait for its year.
    worked
        Weekend days that are worked.
    """
    years = {year_of(day, name) for day, names in off.items() for name in names}
    named = {date(year + 1, 1, 1): ("new_year",) for year in years} | dict(off)

    def is_free(day: date) -> bool:
        return (is_weekend(day) and day not in worked) or day in off

    result: list[Break] = []
    for day in sorted(named):
        if result and day <= result[-1].last:
            continue
        first = last = day
        while is_free(first - DAY):
            first -= DAY
        while is_free(last + DAY):
            last += DAY
        days = [first + n * DAY for n in range((last - first).days + 1)]
        names = Counter(name for own in days for name in named.get(own, ()))
        if names:
            result.append(Break(tuple(name for name, _ in names.most_common()), first, last))
    return tuple(result)
