"""A year of the calendar as a table: what `riskmap calendar` prints."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from riskmap import calendars
from riskmap.calendar_file import YEARS, Season, Span
from riskmap.calendars import DAYS, Calendar
from riskmap.errors import RiskmapError
from riskmap.locale import text
from riskmap.project import open_project


def calendar_of(source: str | Path | None, calendar: str | Path | None) -> tuple[Calendar, str]:
    """
    Return the calendar of a project, and its language; no map is read.

    Parameters
    ----------
    source
        A project file or an extract; None asks for the calendar alone.
    calendar
        A calendar file, before the project's.

    Raises
    ------
    RiskmapError
        A file that is missing or wrong.
    """
    if source is None:
        return calendars.read(Path(calendar) if calendar else None), ""
    if not Path(source).exists():
        raise RiskmapError(f"{source}: no such file; name an extract or a project file")
    project = open_project(source, calendar=calendar)
    counted = project.parameters["moments"]["public_holidays"]
    return calendars.read(project.calendar, public_holidays=counted), project.language


def year_of(calendar: Calendar, year: int) -> dict[str, Any]:
    """
    Describe a year: breaks, make-up workdays, terms, farm seasons, days of each kind.

    Raises
    ------
    RiskmapError
        A year out of range, or whose holidays are not known.
    """
    if not YEARS[0] <= year <= YEARS[1]:
        raise RiskmapError(f"--year {year}: give one of {YEARS[0]} to {YEARS[1]}")
    first, last = date(year, 1, 1), date(year, 12, 31)
    kinds = calendar.kinds(np.arange(np.datetime64(first), np.datetime64(last) + 1))
    counts = np.bincount(kinds, minlength=len(DAYS)).tolist()
    return {
        "year": year,
        "days": dict(zip(DAYS, counts, strict=True)),
        "breaks": [
            {"names": list(own.names), **_ends(Span(own.first, own.last))}
            for own in calendar.breaks(first, last)
        ],
        "make_up_workdays": [day.isoformat() for day in calendar.make_up_workdays(year)],
        "terms": [_ends(span) for span in calendar.terms_between(first, last)],
        "farm": [_farm(season) for season in calendar.seasons],
    }


def lines(table: dict[str, Any], lang: str) -> list[str]:
    """Write what `year_of` gives in a language, a line each."""
    days = [f"  {count:3d}  {text(f'when.{kind}', lang)}" for kind, count in table["days"].items()]
    breaks = [
        ["  " + _from_to(own), ", ".join(text(f"holiday.{name}", lang) for name in own["names"])]
        for own in table["breaks"]
    ]
    seasons = [
        ["  " + _from_to(own), text(f"farm.{own['name']}", lang), own[f"title_{lang}"]]
        for own in table["farm"]
    ]
    worked = table["make_up_workdays"]
    return [
        str(table["year"]),
        *days,
        text("calendar.breaks", lang),
        *("  ".join(cells) for cells in breaks),
        text("calendar.make_up", lang),
        *(f"  {day}" for day in worked),
        text("calendar.terms", lang),
        *("  " + _from_to(own) for own in table["terms"]),
        text("calendar.farm", lang),
        *("  ".join(cells) for cells in seasons),
    ]


def _ends(span: Span) -> dict[str, str]:
    return {"first": span.first.isoformat(), "last": span.last.isoformat()}


def _farm(season: Season) -> dict[str, str]:
    first, last = (
        f"{end // 100:02d}-{end % 100:02d}" for end in (season.range.first, season.range.last)
    )
    return {
        "name": season.name, "first": first, "last": last,
        "title_zh": season.zh, "title_en": season.en,
    }  # fmt: skip


def _from_to(own: dict[str, Any]) -> str:
    return f"{own['first']} – {own['last']}"
