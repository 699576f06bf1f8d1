"""The two periods of a before/after study: years, months or days, and how much of them is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd

from riskmap.errors import RiskmapError

_DAY = r"(\d{4}(?:-\d{1,2}){0,2})"
_SPAN = re.compile(rf"\s*{_DAY}(?:\s*(?:\.\.|–)\s*{_DAY})?\s*")
_YEARS = re.compile(r"\s*(\d{4})\s*-\s*(\d{4})\s*")
"""A dash parts two years too: no month has four digits."""


@dataclass(frozen=True)
class Span:
    """From one day to another, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, option: str, given: str) -> Span:
        """
        Read "2010..2012", "2010-2012" or "2010"; "2010-03..2012-02" or "2010-03"; or days.

        Raises
        ------
        RiskmapError
            Anything else, or an end before the beginning.
        """
        way_out = "no period; write 2010, 2010..2012 or 2010-03-01..2012-02-29"
        match = _YEARS.fullmatch(given) or _SPAN.fullmatch(given)
        if match is None:
            raise RiskmapError(f"{option} {given}: {way_out}")
        try:
            first, last = _first_day(match[1]), _last_day(match[2] or match[1])
        except ValueError as fault:
            raise RiskmapError(f"{option} {given}: {way_out}") from fault
        if last < first:
            raise RiskmapError(f"{option} {given}: ends before it begins")
        return cls(first, last)

    def years(self, covered: pd.Series, months: pd.DataFrame | None = None) -> float:
        """Years of it that the records cover: by year, or better by year and month."""
        if months is None or months.empty:
            months = pd.DataFrame(dict.fromkeys(range(1, 13), covered))
        total = 0.0
        for year, shares in zip(months.index.astype(int), months.to_numpy(float), strict=True):
            begins = [date(year, month, 1) for month in range(1, 13)] + [date(year + 1, 1, 1)]
            whole = (begins[-1] - begins[0]).days
            days = 0.0
            for share, (start, end) in zip(shares, pairwise(begins), strict=True):
                own = (min(self.last + timedelta(days=1), end) - max(self.first, start)).days
                days += float(share) * max(own, 0)
            total += days / whole
        return total

    def whole(self) -> bool:
        """Whether it is made of whole years."""
        return (self.first.month, self.first.day) == (1, 1) and (
            self.last.month, self.last.day
        ) == (12, 31)  # fmt: skip

    def __str__(self) -> str:
        """Years if it is made of whole ones, else days."""
        if self.whole():
            first, last = self.first.year, self.last.year
            return f"{first}" if first == last else f"{first}–{last}"
        return f"{self.first}–{self.last}"


def years_of(option: str, given: str) -> tuple[int, int]:
    """
    Read the first and the last of some whole years, in any form that a `Span` may have.

    Raises
    ------
    RiskmapError
        Anything else, parts of years among it.
    """
    span = Span.of(option, given)
    if not span.whole():
        raise RiskmapError(f"{option} {given}: needs whole years; write 2005 or 2005..2010")
    return span.first.year, span.last.year


def _first_day(given: str) -> date:
    year, month, day = ([int(part) for part in given.split("-")] + [1, 1])[:3]
    return date(year, month, day)


def _last_day(given: str) -> date:
    parts = [int(part) for part in given.split("-")]
    if len(parts) == 1:
        return date(parts[0], 12, 31)
    if len(parts) == 2:  # noqa: PLR2004  # year and month
        first = date(parts[0], parts[1], 1)
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return date(parts[0], parts[1], parts[2])
