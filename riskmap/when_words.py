"""Hours and periods in words, the same on the page and in files."""

from __future__ import annotations

import datetime as dt

from riskmap.briefing import WEEKDAYS
from riskmap.locale import Lang, catalogue, text
from riskmap.moments import Moment, Normal, Period, Typical, When


def worded(section: str, name: str, lang: Lang) -> str:
    """Look up a name that data may carry but the catalogue need not know, such as a road class."""
    key = f"{section}.{name}"
    return text(key, lang) if key in catalogue() else name


def peak(value: object, lang: Lang) -> str:
    """Turn `school 07` into words."""
    day, _, hour = str(value).partition(" ")
    if not hour.isdigit():
        return text("word.unknown", lang)
    following = int(hour) + 1
    return text("when.peak", lang, day=worded("when", day, lang), hour=int(hour), next=following)


def period(when: When, lang: Lang) -> str:
    """Name an hour, a period, or the whole year, in words."""
    if when is None:
        return text("when.all_year", lang)
    if isinstance(when, Typical):
        return text(f"weather.{when.weather}", lang)
    if isinstance(when, Period | Normal):
        return spanned(when.period if isinstance(when, Normal) else when, lang)
    said = [peak(when.label, lang) if when.when is None else _dated(when, lang)]
    if when.when is not None and when.light:
        said.append(text(f"light.{when.light}", lang))
    if when.weather:
        said.append(text(f"weather.{when.weather}", lang))
    return text("when.comma", lang).join(said)


def spanned(period: Period, lang: Lang) -> str:
    """Name a period: days, hours of a day, or from a time to a time; and a stated weather."""
    first, last = period.first, period.last
    days = first.time() == last.time() == dt.time()
    end = last - dt.timedelta(days=1) if days else last
    ends = {"first": first.date(), "last": end.date(), "hour": first.hour, "next": last.hour}
    key = "days" if days else "times"
    if first.date() == end.date():
        key = "day" if days else "of_day"
    said = text(f"span.{key}", lang, **ends)
    weather = [text(f"weather.{period.weather}", lang)] if period.weather else []
    return text("when.comma", lang).join([said, *weather])


def _dated(moment: Moment, lang: Lang) -> str:
    """Date, weekday, holiday and hour of a dated moment."""
    hours = text("when.hours", lang, hour=moment.hour, next=moment.hour + 1)
    return f"{dated(moment, lang)} {hours}"


def dated(moment: Moment, lang: Lang) -> str:
    """Date, weekday and holiday of a dated moment."""
    day = moment.when.date() if moment.when else None
    holiday, away = moment.holiday or ("", 1)
    kind = text(f"holiday.{holiday}", lang) if holiday and away == 0 else (
        text("when.eve_of", lang, name=text(f"holiday.{holiday}", lang))
        if holiday and away < 0
        else text(f"when.{moment.day}", lang)
    )  # fmt: skip
    name = text(f"weekday.{WEEKDAYS[day.weekday()]}", lang) if day else ""
    return f"{day} {name} {kind}"
