"""
What is asked about: an hour of a kind of day, an hour of a date, or all hours between two times.

What a moment does not say is the mean over the hours of the reference year that fit it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from riskmap.daylight import LIGHTS
from riskmap.errors import RiskmapError
from riskmap.hours import KINDS, LONGEST, YEARS, Almanac, Hours, check_sun
from riskmap.vocabulary import HOLIDAYS, SEASONS, WEATHERS

__all__ = ["Moment", "Period"]


@dataclass(frozen=True)
class Moment:
    """
    One hour of a kind of day, and what else is known of it.

    `day` is "school", "workday", "weekend" or "holiday"; `hour` 0–23. `light`, `season` and
    `weather` are of `LIGHTS`, `SEASONS`, `WEATHERS`; `holiday` is a name and the days from its
    break, 0 within it, −1 on its eve. None is the mean over the year. `when` is the hour of a date
    on the clocks of the place: then all but the weather follows from it.

    Examples
    --------
    >>> import riskmap
    >>> riskmap.Moment("school", 7, weather="rain").label
    'school 07'
    """

    day: str
    hour: int
    light: str | None = None
    season: str | None = None
    weather: str | None = None
    holiday: tuple[str, int] | None = None
    when: dt.datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what does not exist."""
        holiday = self.holiday[0] if self.holiday else None
        for what, word, known in (
            ("day", self.day, KINDS),
            ("light", self.light, LIGHTS),
            ("season", self.season, SEASONS),
            ("weather", self.weather, WEATHERS),
            ("holiday", holiday, HOLIDAYS),
        ):
            if word not in known and (word is not None or what == "day"):
                raise RiskmapError(f"{what} '{word}': unknown; use one of {', '.join(known)}")
        if not 0 <= self.hour < 24:  # noqa: PLR2004  # hours of a day
            raise RiskmapError(f"hour {self.hour}: outside 0–23")

    @property
    def label(self) -> str:
        """
        Like "school 07", or "2026-05-01 18" of a date.

        Examples
        --------
        >>> import riskmap
        >>> riskmap.Moment("holiday", 18).label
        'holiday 18'
        """
        return f"{self.when.date() if self.when else self.day} {self.hour:02d}"

    @classmethod
    def at(
        cls, text: str, almanac: Almanac, weather: str | None = None, *, called: str = "when"
    ) -> Moment:
        """
        Moment of a date and time on the clocks of the place, "2026-05-01T18:00".

        A text with an offset, "2026-05-01T10:00+00:00", is that instant. Of an hour that the clocks
        repeat in autumn the first is meant unless the offset says the other. The weather is what
        the caller says it is. An error calls the time as whoever gave it did, on the command line
        `--at`.

        Raises
        ------
        RiskmapError
            What is no date, an hour that the clocks skip, a year without a calendar.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> riskmap.Moment.at("2026-10-01T10:00", area.model.almanac).holiday
        ('national_day', 0)
        """
        when = read_time(text, called, almanac)
        hours = _hour(when, almanac)
        return cls(
            day=KINDS[hours.kind[0]],
            hour=int(hours.clock[0]),
            light=LIGHTS[int(hours.light[0].argmax())],
            season=SEASONS[hours.season[0]],
            weather=weather,
            holiday=almanac.calendar.holiday_at(when.date()),
            when=when,
        )

    def hours(self, almanac: Almanac) -> Hours:
        """
        Hours that it stands for: that of its date, or those of the reference year that fit it.

        Their weights add up to 1.

        Raises
        ------
        RiskmapError
            A moment that is on no day, such as Qingming in winter.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> hours = riskmap.Moment("weekend", 9).hours(area.model.almanac)
        >>> float(hours.weight.sum().round(9))
        1.0
        """
        if self.when is not None:
            found = _hour(self.when, almanac)
            return found.stated(self.weather) if self.weather else found
        year, kind = almanac.year, KINDS.index(self.day)
        if not (year.kind == kind).any():
            raise RiskmapError(
                f"{self.label}: the reference year has no such day; choose another kind of day"
            )
        fits = year.clock == self.hour
        if self.season is not None:
            fits &= year.season == SEASONS.index(self.season)
        if self.holiday is not None:
            name, offset = self.holiday
            fits &= year.offset[name] == offset if name in year.offset else False
        # a plain workday in winter: the days of winter are like it, whatever their kind
        if (fits & (year.kind == kind)).any():
            fits &= year.kind == kind
        if not fits.any():
            said = [self.season, self.holiday and "{} {:+d}".format(*self.holiday)]
            raise RiskmapError(
                f"{self.label}: no day is {' and '.join(filter(None, said))}; leave one out"
            )
        found = year.only(fits)
        found = replace(found, kind=np.full(len(found), kind))
        if self.light is not None:
            found = found.lit(self.light)
        if self.weather is not None:
            found = found.under(self.weather)
        return replace(found, weight=found.weight / found.weight.sum())


@dataclass(frozen=True)
class Period:
    """
    All hours between two times on the clocks of the place, `last` not included.

    A shift, a day, a week, a holiday, a month. `weather` is said of all of it; None is the mean of
    the season.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> weekend = riskmap.Period.between("2026-05-16", "2026-05-17", area.model.almanac)
    >>> area.scores(weekend)["harm"].sum() < area.scores()["harm"].sum() / 52
    np.True_
    """

    first: dt.datetime
    last: dt.datetime
    weather: str | None = None

    @classmethod
    def between(
        cls, first: str, last: str, almanac: Almanac, weather: str | None = None
    ) -> Period:
        """
        Period of two dates, both included, or of two times, the second not included.

        Raises
        ------
        RiskmapError
            What is no date, a period that is empty or longer than a year, an hour that the clocks
            skip, a year without a calendar.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> night = riskmap.Period.between(
        ...     "2026-05-08T19:00", "2026-05-09T07:00", area.model.almanac)
        >>> len(night.hours(area.model.almanac))
        12
        """
        start, end = read_time(first, "--from", almanac), read_time(last, "--to", almanac)
        if _is_date(last):
            end = end.replace(tzinfo=None) + dt.timedelta(days=1)
        result = cls(start, end, weather)
        result.hours(almanac)
        return result

    @property
    def label(self) -> str:
        """
        Like "2026-05-01/2026-05-05", or with times where it does not begin at midnight.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> area.period("2026-05-08T19:00", "2026-05-09T07:00").label
        '2026-05-08 19:00/2026-05-09 07:00'
        """
        midnight = dt.time()
        if self.first.time() == self.last.time() == midnight:
            last = (self.last - dt.timedelta(days=1)).date()
            return str(last) if last == self.first.date() else f"{self.first.date()}/{last}"
        return f"{self.first:%Y-%m-%d %H:%M}/{self.last:%Y-%m-%d %H:%M}"

    def hours(self, almanac: Almanac) -> Hours:
        """
        Its hours; the first and the last count by what lies inside.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> len(area.period("2026-05-08", "2026-05-08").hours(area.model.almanac))
        24
        """
        found = almanac.hours(self.first, self.last)
        return found.stated(self.weather) if self.weather else found


@dataclass(frozen=True)
class Normal:
    """
    The hours of ordinary weeks that match a period: the same weekdays and hours of the clock.

    Ordinary are the days that lie in no break around a public holiday, on no eve, and are not
    worked for one. They are those at most `around_days` before or after the period, without it, so
    that the sun is about the same; None takes those of the reference year.
    """

    period: Period
    around_days: int | None = None

    @property
    def label(self) -> str:
        """As that of the period."""
        return self.period.label

    def hours(self, almanac: Almanac) -> Hours:
        """All ordinary hours, each as often as the period has its like; together they are equal."""
        asked, found = self.period.hours(almanac), self._ordinary(almanac)
        slot, wanted = (_weekday(hours) * 24 + hours.clock for hours in (found, asked))
        count = np.bincount(slot, minlength=7 * 24)
        need = np.bincount(wanted, asked.weight, minlength=7 * 24)
        if (need[count == 0] > 0).any():  # so long a period leaves nothing around it
            return replace(self, around_days=None).hours(almanac)
        return replace(found, weight=need[slot] / count[slot])

    def _ordinary(self, almanac: Almanac) -> Hours:
        near = almanac.year
        if self.around_days is not None:
            first, last = _midnight(self.period.first), _midnight(self.period.last)
            # a long period has its seasons in itself
            room = (dt.timedelta(days=LONGEST) - (last - first)) / 2
            reach = min(dt.timedelta(days=self.around_days), dt.timedelta(days=max(room.days, 0)))
            start, end = first - reach, last + reach
            if not _known(start.year, almanac):
                start = first.replace(month=1, day=1)
            if not _known(end.year, almanac):
                end = end.replace(month=1, day=1)
            near = almanac.hours(start, end)
            inside = self.period.hours(almanac).start
            near = near.only((near.start < inside[0]) | (near.start > inside[-1]))
        weekend = _weekday(near) >= 5  # noqa: PLR2004  # Saturday
        off = np.isin(near.kind, [KINDS.index(kind) for kind in ("weekend", "holiday")])
        return near.only((near.phase == 0) & (off == weekend))


@dataclass(frozen=True)
class Typical:
    """
    A mean hour of the reference year in which one weather is likely, under a weather that is said.

    With the same `likely` the same hours are compared: on ice, and were they dry.
    """

    likely: str
    weather: str

    @property
    def label(self) -> str:
        """The weather that is said."""
        return self.weather

    def hours(self, almanac: Almanac) -> Hours:
        """All hours, each by how likely it has the weather; together they are one."""
        weight = almanac.year.under(self.likely).weight
        found = almanac.year.stated(self.weather)
        return replace(found, weight=weight / weight.sum())


When = Moment | Period | Normal | Typical | None
"""An hour, a period, its like in ordinary weeks, hours of a weather, or the reference year."""


def _weekday(hours: Hours) -> NDArray[np.int64]:
    """Monday is 0."""
    return (hours.start.astype("datetime64[D]").astype(np.int64) + 3) % 7


def today() -> dt.date:
    """Date on the clocks of this machine."""
    return dt.datetime.now().astimezone().date()


def read_time(text: str, option: str, almanac: Almanac) -> dt.datetime:
    """
    Read a date and time, on the clocks of the place.

    Raises
    ------
    RiskmapError
        What is no date or time.
    """
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError as fault:
        raise RiskmapError(
            f"{option} {text}: not a date and time ({fault}); write it like 2026-05-01T18:00"
        ) from fault
    check_sun(when)
    return almanac.local(when)


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _hour(when: dt.datetime, almanac: Almanac) -> Hours:
    """Hour in which a time lies."""
    almanac.instant(when)
    start = when.replace(minute=0, second=0, microsecond=0)
    found = almanac.hours(start, almanac.later(start))
    return replace(found, weight=np.ones(len(found)))


def _known(year: int, almanac: Almanac) -> bool:
    return YEARS[0] <= year <= YEARS[1] and almanac.calendar.is_known(year)


def _midnight(when: dt.datetime) -> dt.datetime:
    return when.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
