"""Hours of the calendar of a place, and what each is like: the day, the sun, the weather."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import daylight
from riskmap.calendars import PHASES, Calendar
from riskmap.daylight import LIGHTS
from riskmap.errors import RiskmapError
from riskmap.layer import Active
from riskmap.vocabulary import DAYS, FARM, HOLIDAYS, SEASONS, WEATHERS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Times = NDArray[np.datetime64]
Place = tuple[float, float]
"""Longitude and latitude, WGS 84."""

KINDS = DAYS[:4]
"""Kinds of day: school day, other workday, weekend, public holiday."""
YEARS = (1901, 2099)
"""The sun's formula holds for these."""
LONGEST = 366
"""Days of a period."""
MINUTES = 1440
HOUR = np.timedelta64(1, "h")


@dataclass(frozen=True)
class Window:
    """
    When a part of a layer is there, besides what the layer says: None and () are any.

    `first` and `last` are dates, such as those of roadworks. `tables` are the brigade's own days
    and hours, which then stand instead of the layer's; each kind of day is that kind alone, and
    with `no_eve` none of them holds on the day before a break.
    """

    first: dt.date | None = None
    last: dt.date | None = None
    tables: tuple[Active, ...] = ()
    no_eve: bool = False


@dataclass(frozen=True)
class Hours:
    """
    Some hours, one row each.

    `start` is on the clocks of the place, `weight` how much of the hour counts. `kind` is a number
    in `KINDS`, `clock` 0–23, `season` in `SEASONS`, `phase` in `calendars.PHASES`; `offset` holds
    for every holiday the days from its nearest break, `farm` whether a farm season is on. `light`:
    hour × light; `weather`: hour × weather; both add up to 1.
    """

    start: Times
    weight: Floats
    kind: Ints
    clock: Ints
    season: Ints
    phase: Ints
    offset: Mapping[str, Ints]
    farm: Mapping[str, Bools]
    light: Floats
    weather: Floats

    def __len__(self) -> int:
        """Count the hours."""
        return len(self.start)

    @property
    def free(self) -> Ints:
        """Which lie on a weekend or a public holiday: 1, else 0."""
        return (self.kind >= KINDS.index("weekend")).astype(np.int64)

    def only(self, keep: Bools | slice) -> Hours:
        """Keep some of them."""
        own: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            own[field.name] = (
                {name: values[keep] for name, values in value.items()}
                if isinstance(value, Mapping)
                else value[keep]
            )
        return replace(self, **own)

    def lit(self, light: str) -> Hours:
        """Where one light is certain; each counts by how probable that was."""
        return self._settled("light", LIGHTS.index(light))

    def under(self, weather: str) -> Hours:
        """Where one weather is certain; each counts by how probable that was."""
        return self._settled("weather", WEATHERS.index(weather))

    def stated(self, weather: str) -> Hours:
        """Where somebody says what the weather is; every hour counts as before."""
        return replace(self.under(weather), weight=self.weight)

    def _settled(self, what: str, state: int) -> Hours:
        shares = getattr(self, what)
        certain = np.zeros_like(shares)
        certain[:, state] = 1.0
        weight = self.weight * shares[:, state]
        own: dict[str, Any] = {what: certain}
        return replace(self, weight=weight if weight.any() else self.weight, **own)

    def active(self, tables: Sequence[Active], window: Window | None = None) -> Floats:
        """
        Share of each hour in which a layer acts, 0..1.

        Without tables it always acts. A table that covers half an hour of a clock hour counts half,
        light and weather by their share of that hour. Where one of several tables holds, it acts.
        """
        window = window or Window()
        acts = self._acts(window.tables or tables, exact=bool(window.tables))
        if window.no_eve:
            acts = np.where(self.phase == PHASES.index("eve"), 0.0, acts)
        days = self.start.astype("datetime64[D]")
        for end, outside in ((window.first, np.less), (window.last, np.greater)):
            if end is not None:
                acts = np.where(outside(days, np.datetime64(end, "D")), 0.0, acts)
        # the same share in the last digit too: equal hours are worked out once
        return np.clip(np.round(acts, 12), 0.0, 1.0)

    def minutes(self, tables: Sequence[Active]) -> Bools:
        """Hours × 60: minutes in which one of some tables holds, whatever the light and weather."""
        result = np.zeros((len(self), 60), dtype=bool)
        for table in tables:
            result |= self.on_days(table)[:, None] & _minutes(table).reshape(24, 60)[self.clock]
        return result

    def _acts(self, tables: Sequence[Active], *, exact: bool) -> Floats:
        if not tables:
            return np.ones(len(self))
        holds = np.array([self.on_days(table, exact=exact) for table in tables]).T
        windows = np.array([_minutes(table) for table in tables])
        lit = _allows(tables, "light", LIGHTS)
        wet = _allows(tables, "weather", WEATHERS)
        result = np.zeros(len(self))
        for kind in np.unique(holds, axis=0):
            hours = (holds == kind).all(axis=1)
            # table × light × weather: what may hold at once is asked at once, so tables never add
            # up
            may = kind[:, None, None] & lit[:, :, None] & wet[:, None, :]
            for state in np.unique(may.reshape(len(tables), -1), axis=1).T:
                covered = windows[state].any(axis=0).reshape(24, 60).mean(axis=1)
                if covered.any():
                    same = (may == state[:, None, None]).all(axis=0).astype(float)
                    share = ((self.light[hours] @ same) * self.weather[hours]).sum(axis=1)
                    result[hours] += share * covered[self.clock[hours]]
        return result

    def on_days(self, table: Active, *, exact: bool = False) -> Bools:
        """
        Hours on whose day a table holds, whatever the clock.

        A school day is a workday and a holiday a weekend, unless each is `exact` that kind alone.
        """
        named = {"workday": ("school", "workday"), "weekend": ("weekend", "holiday")}
        if exact:
            named = {}
        kinds = {KINDS.index(kind) for name in table.days if name in KINDS
                 for kind in named.get(name, (name,))}  # fmt: skip
        result = np.isin(self.kind, list(kinds))
        phases = [PHASES.index(name) for name in table.days if name in PHASES]
        result |= np.isin(self.phase, phases)
        if table.season:
            result &= np.isin(self.season, [SEASONS.index(name) for name in table.season])
        if table.farm:
            result &= np.any([self.farm[name] for name in table.farm], axis=0)
        if table.holiday:
            least, most = table.offset_days
            away = [self.offset[name] for name in table.holiday if name in self.offset]
            near = [(least <= days) & (days <= most) for days in away]
            result &= np.any(near, axis=0) if near else False
        return result


@dataclass(frozen=True)
class Almanac:
    """Where it is looked up what an hour at a place is like."""

    place: Place
    calendar: Calendar
    parameters: Mapping[str, Any]

    @cached_property
    def zone(self) -> str:
        """Time zone of the place."""
        return daylight.zone_of(*self.place)

    @cached_property
    def year(self) -> Hours:
        """
        Every hour of the reference year: 8,760, or 8,784 of a leap year.

        Raises
        ------
        RiskmapError
            A year whose public holidays are not known, or weather shares that cannot be.
        """
        number = self.parameters["moments"]["year"]
        if not YEARS[0] <= number <= YEARS[1]:
            raise RiskmapError(
                f"parameters: moments.year is {number}; write one of {YEARS[0]} to {YEARS[1]}"
            )
        return self.hours(dt.datetime(number, 1, 1), dt.datetime(number + 1, 1, 1))  # noqa: DTZ001  # local

    def hours(self, first: dt.datetime, last: dt.datetime) -> Hours:
        """
        Look up the hours between two times on the clocks of the place, the last not included.

        A day on which the clocks change has 23 or 25 hours. Of an hour that they repeat `fold`
        says which.

        Raises
        ------
        RiskmapError
            An empty or endless period, an hour that the clocks skip, a year whose public holidays
            or sun are not known.
        """
        check_sun(first)
        start, end = (
            self.instant(when, day=when.time() == dt.time()) for when in (first, last)
        )
        if start >= end:
            raise RiskmapError(
                f"{first:%Y-%m-%dT%H:%M} to {last:%Y-%m-%dT%H:%M}: an empty period; the end must "
                "come after the beginning"
            )
        if end - start > np.timedelta64(LONGEST * 24 + 1, "h"):
            raise RiskmapError(
                f"{first:%Y-%m-%d} to {last:%Y-%m-%d}: longer than {LONGEST} days; ask for a year "
                "at a time"
            )
        # zones half an hour apart begin their hours at half past in universal time
        lag = (start - np.datetime64(first.replace(tzinfo=None), "m")).astype("timedelta64[m]")
        lag = lag % np.timedelta64(60, "m")
        begin = (start - lag).astype("datetime64[h]").astype("datetime64[m]") + lag
        utc = np.arange(begin, end, HOUR)
        inside = np.minimum(utc + HOUR, end) - np.maximum(utc, start)
        return self._described(utc, inside / HOUR)

    def instant(self, when: dt.datetime, *, day: bool = False) -> np.datetime64:
        """
        Universal time of a time on the clocks of the place, or of one with a time zone of its own.

        With `day` midnight is when a day begins, even where the clocks skip that hour.

        Raises
        ------
        RiskmapError
            A time that the clocks skip, or outside the years for which the sun is known.
        """
        # the last of these years ends where the next begins
        check_sun(when - dt.timedelta(days=1) if when.year > YEARS[1] else when)
        clock = daylight.clock(self.zone)
        known = when if when.tzinfo else when.replace(tzinfo=clock)
        universal = known.astimezone(dt.UTC)
        back = universal.astimezone(clock).replace(tzinfo=None)
        if not day and not when.tzinfo and back != when.replace(fold=0):
            raise RiskmapError(
                f"{when:%Y-%m-%dT%H:%M}: does not exist in {self.zone}, the clocks go forward; "
                "write an hour later"
            )
        return np.datetime64(universal.replace(tzinfo=None), "m")

    def local(self, when: dt.datetime) -> dt.datetime:
        """Time on the clocks of the place; `fold` says which of a repeated hour."""
        if when.tzinfo is None:
            return when
        return when.astimezone(daylight.clock(self.zone)).replace(tzinfo=None)

    def later(self, when: dt.datetime) -> dt.datetime:
        """An hour later, whatever the clocks show then."""
        after = self.instant(when) + HOUR
        known = after.astype("datetime64[s]").item().replace(tzinfo=dt.UTC)
        return self.local(known)

    def _described(self, utc: Times, weight: Floats) -> Hours:
        local = pd.DatetimeIndex(utc).tz_localize("UTC").tz_convert(self.zone).tz_localize(None)
        start = local.to_numpy().astype("datetime64[m]")
        dates, at = np.unique(start.astype("datetime64[D]"), return_inverse=True)
        self.calendar.check(np.unique(dates.astype("datetime64[Y]").astype(int) + 1970))
        month = dates.astype("datetime64[M]").astype(int) % 12
        # spring is March to May, as weather services count; south of the equator it is autumn
        season = (month - 2 + (6 if self.place[1] < 0 else 0)) % 12 // 3
        names = HOLIDAYS if self.parameters["moments"]["public_holidays"] else ()
        return Hours(
            start=start,
            weight=weight,
            kind=self.calendar.kinds(dates)[at],
            clock=(start - start.astype("datetime64[D]")).astype(int) // 60,
            season=season[at],
            phase=self.calendar.phases(dates)[at],
            offset={name: self.calendar.offsets(dates, name)[at] for name in names},
            farm={name: self.calendar.farm(dates)[name][at] for name in FARM},
            light=daylight.by_hour(utc, *self.place),
            weather=_weather(self.parameters)[season[at]],
        )


def check_sun(when: dt.datetime) -> None:
    """Refuse a time outside the years for which the sun is known."""
    if not YEARS[0] <= when.year <= YEARS[1]:
        raise RiskmapError(
            f"{when.date()}: year {when.year}; write one of {YEARS[0]} to {YEARS[1]}, for which "
            "the sun is known"
        )


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


def _minutes(table: Active) -> Bools:
    """Minutes of the day that a table's hours cover."""
    result = np.zeros(MINUTES, dtype=bool)
    for start, end in table.hours:
        result[round(start * 60) : round(end * 60)] = True
    return result


def _allows(tables: Sequence[Active], what: str, words: Sequence[str]) -> Bools:
    """Table × word: whether a table allows it; one that names none allows all."""
    named = [getattr(table, what) or words for table in tables]
    return np.array([[word in own for word in words] for own in named])
