"""The calendar of a brigade: what kind of day a date is, its holiday, terms and farm seasons.

Public holidays are the library's (`holidays`) but for the years that the brigade's file states.
School terms and farm seasons come from `calendar.toml` and, before it, from that file.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from riskmap import calendar_file, holidays
from riskmap.calendar_file import FARM, Range, Season, Span, Stated
from riskmap.errors import RiskmapError
from riskmap.holidays import Break

__all__ = ["DAYS", "FAR", "FARM", "PHASES", "Break", "Calendar", "Season", "Span", "read"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]

DAYS = ("school", "workday", "weekend", "holiday")
"""Kinds of day."""
SCHOOL, WORKDAY, WEEKEND, HOLIDAY = range(4)
PHASES = ("", "eve", "first", "middle", "last")
"""Where a day lies in a break: the day before it, its first day, those between, its last."""
_, EVE, FIRST, MIDDLE, LAST = range(5)
FAR = 100_000
"""Days from a holiday that there is not."""
THURSDAY = 3
"""Weekday of day 0, 1970-01-01, where Monday is 0."""


@dataclass(frozen=True)
class Calendar:
    """
    What is known of every date; all methods take and give whole dates, on no particular clock.

    `terms`: school terms of every year; `dated`: those with a year, which replace the yearly ones
    that they overlap. `seasons`: farm seasons. `years`: the years whose public holidays are known,
    None where there are none to know. `all_breaks`: breaks around a public holiday, by date.
    `off`: days off for a holiday; `worked`: weekend days that are worked.
    """

    terms: tuple[Range, ...]
    dated: tuple[Span, ...]
    seasons: tuple[Season, ...]
    years: tuple[int, ...] | None
    all_breaks: tuple[Break, ...]
    off: tuple[date, ...]
    worked: tuple[date, ...]

    def kinds(self, dates: Dates) -> Ints:
        """
        Tell the kind of each day: its number in `DAYS`.

        "holiday" is every day of a break around a public holiday, the weekend beside it included;
        "weekend" every other day off, such as a memorial day of one year; "school" a working day in
        a term, make-up Saturdays included; "workday" any other working day.

        Raises
        ------
        RiskmapError
            A year whose holidays are not known.
        """
        days = self._checked(dates)
        weekend = (days.astype(np.int64) + THURSDAY) % 7 >= holidays.SATURDAY
        off = (weekend & ~np.isin(days, _days(self.worked))) | np.isin(days, _days(self.off))
        working = np.where(self._in_term(days), SCHOOL, WORKDAY)
        own = np.where(off, WEEKEND, working)
        return np.where(self._before_or_at(days)[1], HOLIDAY, own)

    def phases(self, dates: Dates) -> Ints:
        """
        Tell where each day lies in a break around a public holiday: its number in `PHASES`.

        A break of one day is "first". The day before a break is always a working day.

        Raises
        ------
        RiskmapError
            A year whose holidays are not known.
        """
        days = self._checked(dates)
        found, within = self._before_or_at(days)
        first, last = self._ends
        result = np.zeros(len(days), dtype=np.int64)
        result[np.isin(days, first - 1)] = EVE
        result[within] = MIDDLE
        result[within] = np.where(days[within] == last[found[within]], LAST, MIDDLE)
        result[np.isin(days, first)] = FIRST
        return result

    def offsets(self, dates: Dates, name: str) -> Ints:
        """
        Count the days from the nearest known break of a holiday (a key of `holidays.NAMES`).

        0 within it, negative before, positive after; `FAR` where there is none at all.

        Raises
        ------
        RiskmapError
            A year whose holidays are not known.
        """
        days = self._checked(dates)
        own = [found for found in self.all_breaks if name in found.names]
        return holidays.offsets_from(own, days) if own else np.full(len(days), FAR)

    def holiday_at(self, day: date) -> tuple[str, int] | None:
        """
        Name the holiday of a date: 0 within its break, −1 on the eve, 1 on the day after.

        Returns
        -------
        None further from any holiday.

        Raises
        ------
        RiskmapError
            A year whose holidays are not known.
        """
        self.check([day.year])
        return holidays.nearest(self.all_breaks, day)

    def farm(self, dates: Dates) -> dict[str, Bools]:
        """Tell of every season of `FARM` which days lie in it."""
        months = _month_days(dates.astype("datetime64[D]"))
        return {
            name: _within(months, [own.range for own in self.seasons if own.name == name])
            for name in FARM
        }

    def breaks(self, first: date, last: date) -> tuple[Break, ...]:
        """
        List the breaks with a day from `first` to `last`, by date.

        Raises
        ------
        RiskmapError
            A year whose holidays are not known.
        """
        self.check(range(first.year, last.year + 1))
        return tuple(own for own in self.all_breaks if own.first <= last and first <= own.last)

    def make_up_workdays(self, year: int) -> tuple[date, ...]:
        """
        List the weekend days of a year that are worked for a holiday.

        Raises
        ------
        RiskmapError
            A year whose holidays are not known.
        """
        self.check([year])
        return tuple(day for day in self.worked if day.year == year)

    def terms_between(self, first: date, last: date) -> tuple[Span, ...]:
        """List the school terms with a day from `first` to `last`, by date, each in full."""
        asked = Span(first, last)
        yearly = [
            span
            for year in range(first.year - 1, last.year + 1)
            for span in (_of_year(own, year) for own in self.terms)
            if span not in self._replaced
        ]
        found = [span for span in (*yearly, *self.dated) if span.meets(asked)]
        return tuple(sorted(found, key=lambda span: span.first))

    def is_known(self, year: int) -> bool:
        """Whether the public holidays of a year are known, or there are none to know."""
        return self.years is None or year in self.years

    def check(self, years: Iterable[int]) -> None:
        """
        Refuse years whose public holidays are not known.

        Raises
        ------
        RiskmapError
            The first such year, with the way out.
        """
        for year in years:
            if not self.is_known(year):
                raise RiskmapError(
                    f"public holidays of {year}: unknown, only those of {_ranges(self.years or ())}"
                    " are; state its holidays in a calendar file (template "
                    "data/templates/calendar.toml) and name it with --calendar; or update the "
                    "package chinesecalendar once they are announced"
                )

    def _checked(self, dates: Dates) -> Dates:
        """Dates as whole days, all of known years."""
        if self.years is not None:
            self.check((np.unique(dates.astype("datetime64[Y]")).astype(int) + 1970).tolist())
        return dates.astype("datetime64[D]")

    @cached_property
    def _ends(self) -> tuple[Dates, Dates]:
        first, last = ([getattr(own, end) for own in self.all_breaks] for end in ("first", "last"))
        return _days(first), _days(last)

    def _before_or_at(self, days: Dates) -> tuple[Ints, Bools]:
        """Return the number of the last break begun by each day, and whether it still lasts."""
        first, last = self._ends
        if not len(first):
            return np.zeros(len(days), dtype=np.int64), np.zeros(len(days), dtype=bool)
        found = np.searchsorted(first, days, side="right") - 1
        return found, (found >= 0) & (days <= last[found])

    def _in_term(self, days: Dates) -> Bools:
        result = _within(_month_days(days), self.terms)
        for span in self._replaced:
            result &= ~_lies(days, span)
        for own in self.dated:
            result |= _lies(days, own)
        return result

    @cached_property
    def _replaced(self) -> tuple[Span, ...]:
        """Yearly terms, with their year, that a dated one overlaps."""
        return tuple({
            span
            for own in self.dated
            for year in range(own.first.year - 1, own.last.year + 1)
            for span in (_of_year(term, year) for term in self.terms)
            if span.meets(own)
        })


def read(path: Path | None, *, public_holidays: bool = True) -> Calendar:
    """
    Read the calendar of a brigade.

    Parameters
    ----------
    path
        Its file, like data/templates/calendar.toml; None takes what riskmap brings. What the file
        states comes first: its yearly terms, and its farm seasons, replace all that riskmap brings;
        a dated term replaces the yearly ones that it overlaps; the years of `holidays_of` have the
        holidays of the file and no others.
    public_holidays
        False for places abroad: Saturday and Sunday are off, no holiday is known and none is asked.

    Raises
    ------
    RiskmapError
        A file that is missing or wrong, with the way out.
    """
    brought = calendar_file.read(Path(__file__).with_name("calendar.toml"))
    stated = calendar_file.read(path) if path else Stated()
    off: dict[date, tuple[str, ...]] = {}
    worked: tuple[date, ...] = ()
    years = None
    if stated.breaks and not public_holidays:
        raise RiskmapError(
            f"{path}: states holidays, but public_holidays = false in [parameters.moments] counts "
            "none; take one of them out"
        )
    if public_holidays:
        off, worked = _announced(stated.years)
        _state(off, stated, path)
        own = {day for holiday in stated.breaks for day in holiday.make_up}
        worked = tuple(sorted({*worked, *own} - set(off)))
        first, last = holidays.known()
        years = tuple(sorted({*range(first, last + 1), *stated.years}))
    return Calendar(
        terms=stated.terms or brought.terms,
        dated=stated.dated,
        seasons=stated.farm or brought.farm,
        years=years,
        all_breaks=holidays.breaks_of(off, worked),
        off=tuple(sorted(off)),
        worked=worked,
    )


def _announced(without: Iterable[int]) -> tuple[dict[date, tuple[str, ...]], tuple[date, ...]]:
    """Days off and days worked that the library knows, but for those of some years."""
    left_out = set(without)

    def stays(day: date, name: str) -> bool:
        return holidays.year_of(day, name) not in left_out

    off = {
        day: names for day, names in holidays.days_off().items() if stays(day, "".join(names[:1]))
    }
    return off, tuple(day for day, name in holidays.days_worked().items() if stays(day, name))


def _state(off: dict[date, tuple[str, ...]], stated: Stated, path: Path | None) -> None:
    """Put the days off of a file among the library's."""
    for own in stated.breaks:
        for day in _days_of(own.span):
            off[day] = own.names
    for own in stated.breaks:
        for day in own.make_up:
            if day in off:
                raise RiskmapError(
                    f"{path}: make-up day {day} lies within the break of {' and '.join(off[day])}"
                    " of another year; mend it, or state that year too"
                )


def _of_year(own: Range, year: int) -> Span:
    """Dates of a range that begins in a year."""
    over = own.last < own.first
    return Span(_day(year, own.first), _day(year + over, own.last))


def _day(year: int, month_day: int) -> date:
    """Date of a month × 100 + day; 29 February is the 28th in a year without it."""
    month, day = divmod(month_day, 100)
    return date(year, month, min(day, monthrange(year, month)[1]))


def _within(months: Ints, ranges: Iterable[Range]) -> Bools:
    """Tell which months × 100 + days lie in one of the ranges."""
    result = np.zeros(len(months), dtype=bool)
    for own in ranges:
        after, before = months >= own.first, months <= own.last
        result |= (after & before) if own.first <= own.last else (after | before)
    return result


def _month_days(days: Dates) -> Ints:
    months = days.astype("datetime64[M]")
    day = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    return (months.astype(np.int64) % 12 + 1) * 100 + day


def _lies(days: Dates, span: Span) -> Bools:
    return (days >= np.datetime64(span.first)) & (days <= np.datetime64(span.last))


def _days(days: Iterable[date]) -> Dates:
    return np.array(list(days), dtype="datetime64[D]")


def _days_of(span: Span) -> list[date]:
    return [span.first + n * holidays.DAY for n in range((span.last - span.first).days + 1)]


def _ranges(years: Iterable[int]) -> str:
    """Write years like "2004 to 2026, 2028"."""
    runs = groupby(enumerate(years), key=lambda item: item[1] - item[0])
    ends = [[year for _, year in run] for _, run in runs]
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else f"{run[0]}" for run in ends)
