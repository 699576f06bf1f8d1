"""A date and hour → what is active then; and the 72 moments that a year is made of.

The 72 are school days, other workdays and weekends, 24 hours each; public holidays are among the
weekends. A moment may say more: light, season, weather, holiday, a date. What it does not say is
the mean over the days of a typical year that fit it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmap import daylight, holidays
from riskmap.daylight import LIGHTS
from riskmap.errors import RiskmapError
from riskmap.layer import Active, Layer

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]
Place = tuple[float, float]
"""Longitude and latitude, WGS 84."""
Span = tuple[dt.date, dt.date]
"""First and last date."""

DAYS = ("school", "workday", "weekend")
AREAS = ("rural", "urban")
SEASONS = ("spring", "summer", "autumn", "winter")
WEATHERS = ("dry", "rain", "fog", "ice", "flood")
MINUTES = 1440
YEARS = (1901, 2099)
TYPICAL = ("2025-01-01", "2027-01-01")
"""The years whose mean is the typical one: all that are announced under the holiday law of 2025."""


@dataclass(frozen=True)
class Moment:
    """
    One hour of a kind of day, and what else is known of it.

    `day` is "school", "workday" or "weekend"; `hour` 0–23. `light`, `season` and `weather` are of
    `LIGHTS`, `SEASONS`, `WEATHERS`; `holiday` is a name and the days from its break, 0 within it,
    −1 on its eve. None is the mean over the year. `calendar_known` is False for a `date` of a year
    whose public holidays are not known: it counts by its weekday, and that must be said.
    """

    day: str
    hour: int
    light: str | None = None
    season: str | None = None
    weather: str | None = None
    holiday: tuple[str, int] | None = None
    date: dt.date | None = None
    calendar_known: bool = True

    def __post_init__(self) -> None:
        """Refuse what does not exist."""
        holiday = self.holiday[0] if self.holiday else None
        for what, word, known in (
            ("day", self.day, DAYS),
            ("light", self.light, LIGHTS),
            ("season", self.season, SEASONS),
            ("weather", self.weather, WEATHERS),
            ("holiday", holiday, tuple(holidays.NAMES)),
        ):
            if word not in known and (word is not None or what == "day"):
                raise RiskmapError(f"{what} '{word}': unknown; use one of {', '.join(known)}")
        if not 0 <= self.hour < 24:  # noqa: PLR2004  # hours of a day
            raise RiskmapError(f"hour {self.hour}: outside 0–23")

    @property
    def number(self) -> int:
        """Row in the year's table of moments."""
        return DAYS.index(self.day) * 24 + self.hour

    @property
    def label(self) -> str:
        """Like "school 07"."""
        return f"{self.day} {self.hour:02d}"

    @property
    def is_mean(self) -> bool:
        """Whether it is one of the 72: nothing is known but the kind of day and the hour."""
        known = (self.light, self.season, self.weather, self.holiday, self.date)
        return all(value is None for value in known)

    @classmethod
    def numbered(cls, number: int) -> Moment:
        """Invert `number`."""
        return cls(DAYS[number // 24], int(number % 24))

    @classmethod
    def at(
        cls,
        text: str,
        parameters: Mapping[str, Any],
        place: Place | None = None,
        weather: str | None = None,
    ) -> Moment:
        """
        Moment of a date and time on the clocks of the place, "2026-05-01T18:00".

        Without a place the light is that of the hour, wherever it is asked about. The weather is
        what the caller says it is.
        """
        try:
            when = dt.datetime.fromisoformat(text)
        except ValueError as fault:
            raise RiskmapError(
                f"--at {text}: not a date and time ({fault}); write it like 2026-05-01T18:00"
            ) from fault
        if not YEARS[0] <= when.year <= YEARS[1]:
            raise RiskmapError(
                f"--at {text}: year {when.year}; write one of {YEARS[0]} to {YEARS[1]}, for which "
                "the sun is known"
            )
        if when.tzinfo and place:
            when = when.astimezone(daylight.clock(daylight.zone_of(*place)))
        rules, day = parameters["moments"], when.date()
        counted = rules["public_holidays"]
        known = counted and holidays.is_known(day.year)
        return cls(
            day=_kind(day, rules),
            hour=when.hour,
            light=daylight.light_at(when, *place) if place else None,
            season=SEASONS[_season(day.month)],
            weather=weather,
            holiday=holidays.holiday_at(day) if known else None,
            date=day,
            calendar_known=known or not counted,
        )


def _kind(day: dt.date, rules: Mapping[str, Any]) -> str:
    """
    Type of a date: a public holiday is a weekend, a make-up Saturday a day like any other.

    Of a year whose holidays are not known, by weekday only.
    """
    counted = rules["public_holidays"] and holidays.is_known(day.year)
    if holidays.is_off(day) if counted else holidays.is_weekend(day):
        return "weekend"
    return "workday" if day.month in rules["no_school_months"] else "school"


def _season(month: int) -> int:
    """Spring is March to May, and so on round the year, as weather services count."""
    return (month - 3) % 12 // 3


# --- the year ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Year:
    """
    The year as 72 moments.

    `hours`: how many hours of the year each stands for (they add up to 8,760). `share`: area type ×
    moment, the share of the year's traffic in one such hour; weighted by `hours` each row adds up
    to 1.
    """

    hours: Floats
    share: Floats


def year(parameters: Mapping[str, Any]) -> Year:
    """Divide the year by the days and profiles of the parameters."""
    rules = parameters["moments"]
    days = np.array([rules["days"][day] for day in DAYS], dtype=float)
    hours = np.repeat(days, 24)
    share = np.array([
        np.concatenate([_day(rules["profile"][day][area]) for day in DAYS]) for area in AREAS
    ])
    return Year(hours, share / (share * hours).sum(axis=1, keepdims=True))


def _day(profile: Mapping[str, Any]) -> Floats:
    hours = np.array(profile["hours"], dtype=float)
    return profile["day"] * hours / hours.sum()


# --- days, and what they are like --------------------------------------------------------------


@dataclass(frozen=True)
class Calendar:
    """
    Days, and how much of each of their hours is in which light and weather.

    `weight` is how much a day counts in a mean, `kind` its type (number in `DAYS`), `season` its
    number in `SEASONS`. `offset` holds for every holiday the days from its nearest break. `light`:
    day × 24 hours × light; `weather`: day × weather; both add up to 1. `dated` is the one date that
    all of it is about, None for the days of a typical year.
    """

    place: Place
    dates: Days
    weight: Floats
    kind: Ints
    season: Ints
    offset: Mapping[str, Ints]
    light: Floats
    weather: Floats
    parameters: Mapping[str, Any]
    dated: dt.date | None = None

    @classmethod
    def typical(cls, parameters: Mapping[str, Any], place: Place) -> Calendar:
        """
        Mean year of a place: every day of the last years whose holidays are known.

        Raises
        ------
        RiskmapError
            Weather shares that cannot be.
        """
        first, last = (np.datetime64(end, "D") for end in TYPICAL)
        return cls.of(np.arange(first, last), parameters, place)

    @classmethod
    def of(cls, dates: Days, parameters: Mapping[str, Any], place: Place) -> Calendar:
        """Look up some dates, of years whose holidays are known."""
        rules = parameters["moments"]
        season = np.array([_season(day.month) for day in dates.tolist()])
        offset = {}
        if rules["public_holidays"]:
            offset = {name: holidays.offsets(dates, name) for name in holidays.NAMES}
        return cls(
            place=place,
            dates=dates,
            weight=np.ones(len(dates)),
            kind=np.array([DAYS.index(_kind(day, rules)) for day in dates.tolist()]),
            season=season,
            offset=offset,
            light=daylight.by_date(dates, *place, daylight.zone_of(*place)),
            weather=_weather(parameters)[season],
            parameters=parameters,
        )

    def at(self, moment: Moment) -> Calendar:
        """
        Keep what fits a moment: its date, or the days of this calendar that are as it says.

        Raises
        ------
        RiskmapError
            A moment that is on no day, such as Qingming in winter.
        """
        dates, kind = self.dates, DAYS.index(moment.day)
        own = self
        if moment.date is not None:
            dates = np.array([moment.date], dtype="datetime64[D]")
        if moment.date is not None and moment.calendar_known:
            own = Calendar.of(dates, self.parameters, self.place)
        fits = np.ones(len(own.dates), dtype=bool)
        if moment.season is not None:
            fits &= own.season == SEASONS.index(moment.season)
        if moment.holiday is not None and own is self:
            name, offset = moment.holiday
            fits &= self.offset[name] == offset if name in self.offset else False
        # a plain workday in winter: the days of winter are like it, whatever their type
        if (fits & (own.kind == kind)).any():
            fits &= own.kind == kind
        if not fits.any():
            said = [moment.season, moment.holiday and "{} {:+d}".format(*moment.holiday)]
            raise RiskmapError(
                f"{moment.label}: no day is {' and '.join(filter(None, said))}; leave one out"
            )
        light, weather, weight = own.light[fits], own.weather[fits], own.weight[fits]
        if moment.date is not None and own is self:
            # the sun is known where the holidays are not
            light = np.broadcast_to(
                daylight.by_date(dates, *self.place, daylight.zone_of(*self.place)), light.shape
            )
        if moment.light is not None:
            light, chance = _settled(light, LIGHTS.index(moment.light))
            weight = _weighted(weight, chance[:, moment.hour])
        if moment.weather is not None:
            weather, chance = _settled(weather, WEATHERS.index(moment.weather))
            weight = _weighted(weight, chance)
        return replace(
            own,
            dates=own.dates[fits],
            weight=weight,
            kind=np.full(len(weight), kind),
            season=own.season[fits],
            offset={name: values[fits] for name, values in own.offset.items()},
            light=light,
            weather=weather,
            dated=moment.date,
        )

    def within(self, span: Span) -> Bools:
        """Days that lie in a span; of a typical year those that have its day and month."""
        first, last = (np.datetime64(day, "D") for day in span)
        if self.dated is not None:
            return np.full(len(self.dates), span[0] <= self.dated <= span[1])
        if last - first >= 365:  # noqa: PLR2004  # every day of a year
            return np.ones(len(self.dates), dtype=bool)
        named = {str(day)[5:] for day in np.arange(first, last + 1)}
        return np.array([str(day)[5:] in named for day in self.dates])


def _settled(shares: Floats, state: int) -> tuple[Floats, Floats]:
    """Shares where one state is certain; and how probable it was."""
    certain = np.zeros_like(shares)
    certain[..., state] = 1.0
    return certain, shares[..., state]


def _weighted(weight: Floats, chance: Floats) -> Floats:
    """Days count by how probable they make what is known; if none does, as before."""
    result = weight * chance
    return result if result.any() else weight


def _weather(parameters: Mapping[str, Any]) -> Floats:
    """Share of each weather in the hours of each season; what is not stated is dry."""
    table = np.zeros((len(SEASONS), len(WEATHERS)))
    for row, season in zip(table, SEASONS, strict=True):
        share = parameters["weather"]["share"][season]
        row[1:] = [share[name] for name in WEATHERS[1:]]
        row[0] = 1.0 - row.sum()
        if (row < 0).any():
            raise RiskmapError(
                f"parameters: the shares of weather.share.{season} must be 0 or more and add up to "
                "1 at most; mend them, the rest of the hours is dry"
            )
    return table


# --- what acts when ----------------------------------------------------------------------------


def active(layer: Layer, calendar: Calendar, span: Span | None = None) -> Floats:
    """
    Share of each of the 72 moments in which a layer acts, 0..1.

    Without an [[active]] table a layer always acts. A window that covers half an hour of a clock
    hour counts half, light and weather by their share of that hour on the days that the table
    names. Where one of several tables holds, the layer acts.

    Parameters
    ----------
    layer
        With its [[active]] tables.
    calendar
        The days of a typical year.
    span
        First and last date of what is there for a time only, such as roadworks.
    """
    result = [
        _mean(layer.active, calendar.at(Moment(day, 0)), slice(0, 24), span) for day in DAYS
    ]
    return np.concatenate(result)


def active_at(layer: Layer, here: Calendar, hour: int, span: Span | None = None) -> float:
    """
    Share of one hour in which a layer acts, 0..1.

    `here` is what `Calendar.at` keeps for the moment; one of it serves all layers.
    """
    return float(_mean(layer.active, here, slice(hour, hour + 1), span)[0])


def _mean(tables: Sequence[Active], calendar: Calendar, hours: slice, span: Span | None) -> Floats:
    """Share of each of the hours in which one of the tables holds, over all days."""
    acts = _acts(tables, calendar, hours)
    if span is not None:
        acts = acts * calendar.within(span)[:, None]
    share = calendar.weight @ acts / calendar.weight.sum()
    # the same share in the last digit too: equal moments are worked out once
    return np.clip(np.round(share, 12), 0.0, 1.0)


def _acts(tables: Sequence[Active], calendar: Calendar, hours: slice) -> Floats:
    """Share of the hours of each day in which one of the tables holds."""
    if not tables:
        return np.ones((len(calendar.dates), hours.stop - hours.start))
    holds = np.array([_holds(table, calendar) for table in tables]).T
    windows = np.array([_window(table) for table in tables])
    lit = _allows(tables, "light", LIGHTS)
    wet = _allows(tables, "weather", WEATHERS)
    result = np.zeros((len(holds), hours.stop - hours.start))
    for kind in np.unique(holds, axis=0):
        days = (holds == kind).all(axis=1)
        # table × light × weather: what may hold at once is asked at once, so tables never add up
        may = kind[:, None, None] & lit[:, :, None] & wet[:, None, :]
        for state in np.unique(may.reshape(len(tables), -1), axis=1).T:
            covered = windows[state].any(axis=0).reshape(24, 60).mean(axis=1)[hours]
            if covered.any():
                same = (may == state[:, None, None]).all(axis=0).astype(float)
                light, weather = calendar.light[days, hours], calendar.weather[days]
                result[days] += np.einsum("dhl,dw,lw->dh", light, weather, same) * covered
    return result


def _holds(table: Active, calendar: Calendar) -> Bools:
    """Days on which a table holds, whatever the hour."""
    named = {"workday": ("school", "workday")}
    kinds = {DAYS.index(kind) for name in table.days for kind in named.get(name, (name,))}
    result = np.isin(calendar.kind, list(kinds))
    if table.season:
        result &= np.isin(calendar.season, [SEASONS.index(name) for name in table.season])
    if table.holiday:
        least, most = table.offset_days
        near = np.zeros(len(result), dtype=bool)
        for name in table.holiday:
            away = calendar.offset.get(name)
            near |= (least <= away) & (away <= most) if away is not None else False
        result &= near
    return result


def _window(table: Active) -> Bools:
    """Minutes of the day that a table's hours cover."""
    result = np.zeros(MINUTES, dtype=bool)
    for start, end in table.hours:
        result[round(start * 60) : round(end * 60)] = True
    return result


def _allows(tables: Sequence[Active], what: str, words: Sequence[str]) -> Bools:
    """Table × word: whether a table allows it; one that names none allows all."""
    named = [getattr(table, what) or words for table in tables]
    return np.array([[word in own for word in words] for own in named])
