"""When a campaign is on: the dates of its phases and rounds in a year."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.calendars import Calendar
from riskmap.campaign import Campaign, Phase, Round, Time
from riskmap.campaign_words import WEEKDAYS
from riskmap.daylight import LIGHTS
from riskmap.errors import RiskmapError
from riskmap.hours import KINDS, Hours
from riskmap.layer import Active
from riskmap.vocabulary import HOLIDAYS, WEATHERS

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Dates = NDArray[np.datetime64]

COLUMNS = (
    "campaign", "phase", "title_zh", "title_en", "activity", "round", "date", "weekday", "kind",
    "holiday", "hours", "felt_until",
)  # fmt: skip
DAY = np.timedelta64(1, "D")
FAR = timedelta(days=31)
"""Days from the start of a term that a round may name."""
THURSDAY = 3
"""Weekday of day 0, 1970-01-01, where Monday is 0."""


def rounds(campaign: Campaign, year: int, calendar: Calendar) -> pd.DataFrame:
    """
    List the days of a campaign in a year.

    Returns
    -------
    One row for each day of each phase, by phase and date; of a day in several phases the first
    counts, while education goes on beside: `campaign`; `phase` from 1, `title_zh`, `title_en`,
    `activity` of the phase; `round`, days in a row, from 1 in each phase; `date`; `weekday` like
    "mon"; `kind` of day; `holiday` that lies within a day of it, or ""; `hours` like "20:00-02:00",
    "" of education, which has none; `felt_until`, the last day on which the effect of the round is
    still there, NaT where nothing of it is known.

    Raises
    ------
    RiskmapError
        A round that falls on no day of the year, or on one on which the campaign has no hours; a
        year whose holidays are not known.

    Examples
    --------
    >>> from riskmap.calendars import read
    >>> from riskmap.campaigns import read_campaigns, rounds
    >>> days = rounds(read_campaigns()["qingming"], 2026, read(None))
    >>> set(days["campaign"])
    {'qingming'}
    """
    days = _days(year, calendar)
    dates = days.start.astype("datetime64[D]")
    told = _hours(campaign, days)
    taken = np.zeros(len(dates), dtype=bool)
    parts = []
    for number, phase in enumerate(campaign.phases, 1):
        on = np.zeros(len(dates), dtype=bool)
        for place, own in enumerate(phase.rounds, 1):
            found = _dates(own, days, calendar)
            if not found.any():
                raise RiskmapError(
                    f"campaign {campaign.name}: [[phase]] {number} [[phase.round]] {place} falls "
                    f"on no day of {year}; widen it, or leave it out"
                )
            on |= found
        if phase.activity != "education":
            on &= ~taken
            taken |= on
        if not on.any():
            raise RiskmapError(
                f"campaign {campaign.name}: every day of [[phase]] {number} in {year} is one of an "
                "earlier phase; move its rounds"
            )
        at = np.flatnonzero(on)
        idle = [row for row in at if not told[row]]
        if idle and phase.activity != "education":
            raise RiskmapError(
                f"campaign {campaign.name}: [[phase]] {number} falls on {dates[idle[0]]}, on which "
                "no [[active]] table holds; give that day hours, or narrow the rounds"
            )
        apart = np.diff(dates[at], prepend=dates[at[:1]] - 2 * DAY) > DAY
        run = np.cumsum(apart.astype(np.int64))
        weekday = _weekday(dates[at])
        parts.append(pd.DataFrame({
            "campaign": campaign.name,
            "phase": number,
            "title_zh": phase.title["zh"],
            "title_en": phase.title["en"],
            "activity": phase.activity,
            "round": run,
            "date": dates[at].astype("datetime64[s]"),
            "weekday": np.array(WEEKDAYS, dtype=object)[weekday],
            "kind": np.array(KINDS, dtype=object)[days.kind[at]],
            "holiday": [_near(day, calendar) for day in dates[at].tolist()],
            "hours": ["" if phase.activity == "education" else told[row] for row in at],
            "felt_until": _felt(dates[at], run, campaign.time, phase.activity),
        }))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def phases(campaign: Campaign, day: date, calendar: Calendar) -> tuple[Phase, ...]:
    """
    Say in which phases of a campaign a day lies: the first that has it, and education beside.

    Raises
    ------
    RiskmapError
        A year whose holidays are not known.
    """
    days = _days(day.year, calendar)
    row = (day - date(day.year, 1, 1)).days
    found = [
        phase
        for phase in campaign.phases
        if any(_dates(own, days, calendar)[row] for own in phase.rounds)
    ]
    active = [phase for phase in found if phase.activity != "education"]
    return (*active[:1], *(phase for phase in found if phase.activity == "education"))


def _days(year: int, calendar: Calendar) -> Hours:
    """Days of a year, one row each, at no particular hour, light or weather."""
    dates = np.arange(np.datetime64(date(year, 1, 1)), np.datetime64(date(year + 1, 1, 1)))
    month = dates.astype("datetime64[M]").astype(int) % 12
    count = len(dates)
    return Hours(
        start=dates.astype("datetime64[m]"),
        weight=np.ones(count),
        kind=calendar.kinds(dates),
        clock=np.zeros(count, dtype=np.int64),
        season=(month - 2) % 12 // 3,  # of the north: as in `hours`
        phase=calendar.phases(dates),
        offset={name: calendar.offsets(dates, name) for name in HOLIDAYS},
        farm=calendar.farm(dates),
        light=np.full((count, len(LIGHTS)), 1 / len(LIGHTS)),
        weather=np.full((count, len(WEATHERS)), 1 / len(WEATHERS)),
    )


def _dates(own: Round, days: Hours, calendar: Calendar) -> Bools:
    dates = days.start.astype("datetime64[D]")
    result = days.on_days(own.day)
    if own.weekday:
        result &= np.isin(_weekday(dates), own.weekday)
    if own.between:
        result &= _between(dates, own.between)
    if own.term_days:
        result &= _at_terms(dates, own.term_days, calendar)
    if own.every_weeks > 1 and result.any():
        week = (dates.astype(np.int64) + THURSDAY) // 7
        result &= (week - week[result][0]) % own.every_weeks == 0
    return result


def _weekday(dates: Dates) -> Ints:
    """Monday is 0."""
    return (dates.astype(np.int64) + THURSDAY) % 7


def _between(dates: Dates, ends: tuple[int, int]) -> Bools:
    months = dates.astype("datetime64[M]")
    day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    own = (months.astype(np.int64) % 12 + 1) * 100 + day
    after, before = own >= ends[0], own <= ends[1]
    return after & before if ends[0] <= ends[1] else after | before


def _at_terms(dates: Dates, ends: tuple[int, int], calendar: Calendar) -> Bools:
    first, last = dates[0].item(), dates[-1].item()
    result = np.zeros(len(dates), dtype=bool)
    for term in calendar.terms_between(first - FAR, last + FAR):
        away = (dates - np.datetime64(term.first)).astype(np.int64)
        result |= (ends[0] <= away) & (away <= ends[1])
    return result


def _hours(campaign: Campaign, days: Hours) -> list[str]:
    """Hours of each day in words, "" where it has none."""
    holds = np.array([days.on_days(table) for table in campaign.active]).T
    told = [clock(table) for table in campaign.active]
    known = {
        tuple(row): "; ".join(dict.fromkeys(t for t, on in zip(told, row, strict=True) if on))
        for row in np.unique(holds, axis=0).tolist()
    }
    return [known[tuple(row)] for row in holds.tolist()]


def clock(table: Active) -> str:
    """Hours of a table like "07:00-09:00, 20:00-02:00": two ends of a night are one again."""
    spans = sorted(table.hours)
    if len(spans) > 1 and spans[0][0] == 0.0 and spans[-1][1] == 24.0:  # noqa: PLR2004  # hours
        spans = [*spans[1:-1], (spans[-1][0], spans[0][1])]
    return ", ".join(f"{_time(start)}-{_time(end)}" for start, end in spans)


def _time(hour: float) -> str:
    minutes = round(hour * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _near(day: date, calendar: Calendar) -> str:
    found = calendar.holiday_at(day)
    return found[0] if found else ""


def _felt(dates: Dates, run: Ints, time: Time | None, activity: str) -> Dates:
    """Last day on which each day's round is still felt; talking to people has no known effect."""
    if time is None or activity == "education":
        return np.full(len(dates), np.datetime64("NaT", "s"))
    length = np.bincount(run)[run]
    last = dates[np.searchsorted(run, run, side="right") - 1]
    lasting = np.where(length >= time.least_days, time.lasts_days, 0)
    return (last + lasting * DAY).astype("datetime64[s]")
