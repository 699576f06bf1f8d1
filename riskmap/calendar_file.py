"""Calendar file → terms, farm seasons and holidays as stated; every check on such files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from riskmap import holidays
from riskmap.errors import RiskmapError
from riskmap.values import At, choices, meant, shown
from riskmap.vocabulary import BILINGUAL

FARM = ("planting", "harvest")
"""Farm seasons."""
KEYS = {
    "term": ("first", "last"),
    "farm": ("name", "title", "first", "last"),
    "holiday": ("name", "first", "last", "make_up"),
}
"""What each row of a table has."""
TOP = (*KEYS, "holidays_of")
YEARS = (1950, 2099)
LONGEST = timedelta(days=31)
"""A break of more days, or a make-up day further from its break, is a slip of the pen."""
LONGEST_TERM = timedelta(days=366)
SEVEN_SINCE = 2008
"""From then on the law has all seven holidays."""
FIXED = {"new_year": (1, 1), "labour_day": (5, 1), "national_day": (10, 1)}
"""Holidays that the law puts on a month and day."""
MONTH_DAY = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
LEAP = 2000
"""A year that has every month and day."""


@dataclass(frozen=True)
class Range:
    """First and last month × 100 + day of every year; it passes the new year if last is lower."""

    first: int
    last: int

    def has(self, month_day: int) -> bool:
        """Whether a month × 100 + day lies within."""
        if self.first <= self.last:
            return self.first <= month_day <= self.last
        return month_day >= self.first or month_day <= self.last


@dataclass(frozen=True)
class Span:
    """First and last date."""

    first: date
    last: date

    def meets(self, other: Span) -> bool:
        """Whether the two share a day."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Season:
    """A farm season (name of `FARM`), its title in both languages, its range of every year."""

    name: str
    zh: str
    en: str
    range: Range


@dataclass(frozen=True)
class Holiday:
    """Days off for one holiday, or more that share them, and the weekend days worked for it."""

    names: tuple[str, ...]
    span: Span
    make_up: tuple[date, ...] = ()

    @property
    def year(self) -> int:
        """Year that it is a holiday of."""
        return holidays.year_of(self.span.last, self.names[0])


@dataclass(frozen=True)
class Stated:
    """
    What a calendar file states.

    `terms` are of every year, `dated` of one; `years` are those whose holidays are all in
    `breaks`.
    """

    terms: tuple[Range, ...] = ()
    dated: tuple[Span, ...] = ()
    farm: tuple[Season, ...] = ()
    years: tuple[int, ...] = ()
    breaks: tuple[Holiday, ...] = ()


def read(path: Path) -> Stated:
    """
    Read a calendar file and check it.

    Raises
    ------
    RiskmapError
        What is wrong in it, with the way out.
    """
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except FileNotFoundError as fault:
        raise RiskmapError(
            f"{path}: no such file; copy data/templates/calendar.toml, or mend the path"
        ) from fault
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise RiskmapError(
            f"{path}: cannot be read as TOML ({fault}); mend that place: it is UTF-8, and a date "
            "is one that exists, like 2026-04-30"
        ) from fault
    top = At(str(path))
    for key in table:
        if key not in TOP:
            raise top.error(f"unknown key {shown(key)} at the top; {meant(key, TOP)}")
    yearly, dated = _terms(table, top)
    years = _years(table.get("holidays_of", []), At(str(path), "", "holidays_of"))
    return Stated(yearly, dated, _farm(table, top), years, _holidays(table, top, years))


# --- terms and seasons -------------------------------------------------------------------------


def _terms(table: dict[str, Any], top: At) -> tuple[tuple[Range, ...], tuple[Span, ...]]:
    yearly: dict[str, Range] = {}
    dated: dict[str, Span] = {}
    for row, at in _rows(table, "term", top):
        if all(type(row.get(end)) is date for end in ("first", "last")):
            dated[at.table] = _span(row, at)
            _check_length(dated[at.table], LONGEST_TERM, at)
        elif all(isinstance(row.get(end), str) for end in ("first", "last")):
            yearly[at.table] = _range(row, at)
        else:
            raise at.error(
                f"{at.table} needs first and last, both dates like 2026-09-01, or both in quotes "
                'like "09-01" for every year'
            )
    _apart(dated, top)
    _apart_yearly(yearly, top)
    return tuple(yearly.values()), tuple(sorted(dated.values(), key=lambda span: span.first))


def _farm(table: dict[str, Any], top: At) -> tuple[Season, ...]:
    found: dict[str, Season] = {}
    for row, at in _rows(table, "farm", top):
        name = row.get("name")
        here = At(at.file, at.table, "name")
        if not isinstance(name, str) or name not in FARM:
            raise here.unfit(name, meant(str(name), FARM))
        here = At(at.file, at.table, "title")
        title = BILINGUAL.read(row.get("title"), here, BILINGUAL.wants)
        found[at.table] = Season(name, title["zh"], title["en"], _range(row, at))
    for name in FARM:
        own = {place: season.range for place, season in found.items() if season.name == name}
        _apart_yearly(own, top)
    return tuple(found.values())


def _range(row: dict[str, Any], at: At) -> Range:
    ends = []
    for end in ("first", "last"):
        here = At(at.file, at.table, end)
        match = MONTH_DAY.fullmatch(row[end]) if isinstance(row.get(end), str) else None
        if not match:
            raise here.unfit(row.get(end), 'write month and day in quotes like "09-01"')
        month, day = (int(part) for part in match.groups())
        try:
            date(LEAP, month, day)
        except ValueError:
            raise here.unfit(row[end], "there is no such day; mend it") from None
        ends.append(month * 100 + day)
    return Range(*ends)


def _apart_yearly(ranges: dict[str, Range], top: At) -> None:
    for (one, a), (other, b) in combinations(ranges.items(), 2):
        if a.has(b.first) or b.has(a.first):
            raise top.error(f"{one} and {other} overlap; let each day lie in one of them")


# --- holidays ----------------------------------------------------------------------------------


def _years(value: Any, at: At) -> tuple[int, ...]:  # noqa: ANN401  # of TOML
    if not isinstance(value, list) or not all(
        type(year) is int and YEARS[0] <= year <= YEARS[1] for year in value
    ):
        raise at.unfit(value, f"give years of {YEARS[0]} to {YEARS[1]}, like [2027]")
    return tuple(sorted(set(value)))


def _holidays(table: dict[str, Any], top: At, years: Sequence[int]) -> tuple[Holiday, ...]:
    found: dict[str, Holiday] = {}
    for row, at in _rows(table, "holiday", top):
        own = found[at.table] = _holiday(row, at)
        if own.year not in years:
            raise at.error(
                f"{at.table} is of {own.year}, which holidays_of does not name; state all holidays "
                f"of {own.year} and add it there, or mend the date"
            )
    _apart({place: own.span for place, own in found.items()}, top)
    for place, own in found.items():
        _check_make_up(At(top.file, place, "make_up"), own, found)
    for year in years:
        _check_whole(year, [own for own in found.values() if own.year == year], top)
    return tuple(sorted(found.values(), key=lambda own: own.span.first))


def _holiday(row: dict[str, Any], at: At) -> Holiday:
    wanted = choices(tuple(holidays.NAMES), "holidays")
    names = wanted.read(row.get("name"), At(at.file, at.table, "name"), wanted.wants)
    span = _span(row, at)
    _check_length(span, LONGEST, at)
    make_up = row.get("make_up", [])
    if not isinstance(make_up, list) or not all(type(day) is date for day in make_up):
        raise At(at.file, at.table, "make_up").unfit(make_up, "give dates like [2027-01-31]")
    return Holiday(names, span, tuple(sorted(make_up)))


def _check_make_up(at: At, own: Holiday, found: dict[str, Holiday]) -> None:
    everywhere = [day for other in found.values() for day in other.make_up]
    for day in own.make_up:
        said = f"make-up day {day} {at.place}"
        if not holidays.is_weekend(day):
            raise at.error(f"{said} is no Saturday or Sunday; mend it")
        for place, other in found.items():
            if other.span.first <= day <= other.span.last:
                raise at.error(f"{said} lies within the break of {place}; mend one of them")
        if not own.span.first - LONGEST <= day <= own.span.last + LONGEST:
            raise at.error(f"{said} is more than {LONGEST.days} days from its break; mend it")
        if everywhere.count(day) > 1:
            raise at.error(f"{said} is stated twice; leave one out")


def _check_whole(year: int, found: Sequence[Holiday], top: At) -> None:
    """Refuse a year that lacks a holiday: its absence would be taken for working days."""
    for name in holidays.NAMES:
        spans = [own.span for own in found if name in own.names]
        if not spans and year >= SEVEN_SINCE:
            raise top.error(
                f"holidays_of names {year}, but no [[holiday]] is its {name}; add it, or take "
                f"{year} out"
            )
        if spans and name in FIXED:
            day = date(year, *FIXED[name])
            if not any(span.first <= day <= span.last for span in spans):
                raise top.error(f"{name} of {year} does not hold {day}; mend its dates")


# --- rows --------------------------------------------------------------------------------------


def _rows(table: dict[str, Any], name: str, top: At) -> Iterator[tuple[dict[str, Any], At]]:
    """Rows of a table, each with its place."""
    rows = table.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise top.error(f"{name} is {shown(rows)}; write [[{name}]] with two brackets")
    for number, row in enumerate(rows, 1):
        at = At(top.file, f"[[{name}]] {number}")
        for key in row:
            if key not in KEYS[name]:
                raise at.error(f"unknown key {shown(key)} {at.place}; {meant(key, KEYS[name])}")
        for key in KEYS[name]:
            if key not in row and key != "make_up":
                raise at.error(f"missing key '{key}' {at.place}; add it")
        yield row, at


def _span(row: dict[str, Any], at: At) -> Span:
    for end in ("first", "last"):
        here = At(at.file, at.table, end)
        if type(row[end]) is not date:
            raise here.unfit(row[end], "write a date without quotes, like 2027-02-05")
        if not YEARS[0] <= row[end].year <= YEARS[1]:
            raise here.unfit(row[end], f"give a year of {YEARS[0]} to {YEARS[1]}")
    span = Span(row["first"], row["last"])
    if span.first > span.last:
        raise at.error(f"first {span.first} {at.place} lies after last {span.last}; exchange them")
    return span


def _check_length(span: Span, longest: timedelta, at: At) -> None:
    if span.last - span.first >= longest:
        raise at.error(f"{at.table} is longer than {longest.days} days; mend 'first' or 'last'")


def _apart(spans: dict[str, Span], top: At) -> None:
    in_order = sorted(spans.items(), key=lambda item: item[1].first)
    for (one, a), (other, b) in pairwise(in_order):
        if a.meets(b):
            raise top.error(f"{one} and {other} overlap; let each day lie in one of them")
