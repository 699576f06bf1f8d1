"""The choice of time: the whole year, an hour of a kind of day, an hour of a date, or a period."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskmap import holiday_plan
from riskmap.errors import RiskmapError
from riskmap.hours import KINDS
from riskmap.locale import Lang, text
from riskmap.moments import Moment, Period, When, today
from riskmap.pages import address, figures, frame
from riskmap.vocabulary import HOLIDAYS
from riskmap.webmap.clock import Clock, fits, of_day, of_period, packed

if TYPE_CHECKING:
    from riskmap.area import Area

MODES = ("year", "kind", "date", "period")
FIRST_HOUR = 8
HOUR = "hour"
"""Where the session keeps the hour of a day that is looked at."""
SPANS = ("shift", "week", "holiday", "free")
ADDRESSES = {
    "kind": ("kind", "hour"), "date": ("date", "hour"), "shift": ("span", "begins", "shift"),
    "week": ("span", "begins"), "holiday": ("span", "holiday", "year"),
    "free": ("span", "from", "to"),
}
"""What was chosen → the names in the address that say the rest of it."""
EARLIEST, LATEST = dt.date(2004, 1, 1), dt.date(2099, 12, 31)
SHIFTS = {"early": (7, 15), "late": (15, 23), "night": (23, 31), "day": (7, 19), "dark": (19, 31)}
"""Shift → first and last hour; from 24 on of the next day. A planner may give free times."""


@dataclass(frozen=True)
class Asked:
    """What was chosen, before the weather is known."""

    mode: str
    kind: str = KINDS[0]
    hour: int = FIRST_HOUR
    date: dt.date | None = None
    period: Period | None = None
    fault: str = ""

    def of(self, area: "Area", weather: str | None) -> When:
        """
        Time that was chosen, under a stated weather.

        Raises
        ------
        RiskmapError
            An hour that the clocks skip, or a year without a calendar.
        """
        if self.fault:
            raise RiskmapError(self.fault)
        if self.mode == "kind":
            return Moment(self.kind, self.hour, weather=weather)
        if self.mode == "date" and self.date:
            return area.moment(f"{self.date}T{self.hour:02d}:00", weather)
        if self.mode == "period" and self.period:
            return Period(self.period.first, self.period.last, weather)
        return None


def ask(area: "Area", lang: Lang) -> Asked:
    """Draw the choice: how to say it, and what; its hour is chosen on the map."""
    how, what = st.columns([0.6, 0.4], vertical_alignment="center")
    with how:
        mode = st.segmented_control(
            text("when.label", lang),
            MODES,
            default=frame.remembered("when", MODES[0], MODES, address="when"),
            required=True,
            format_func=lambda mode: text(f"when.{mode}", lang),
            key="when",
            label_visibility="collapsed",
        )
    with what:
        asked = _what(area, mode, lang)
    hour = FIRST_HOUR
    if mode in ("kind", "date"):
        hour = frame.remembered(HOUR, FIRST_HOUR, range(24), address="hour")
    said = ADDRESSES.get(st.session_state["kept span"] if mode == "period" else mode, ())
    address.clear({name for names in ADDRESSES.values() for name in names} - set(said))
    return Asked(mode, asked.kind, hour, asked.date, asked.period, asked.fault)


def clock(
    area: "Area", asked: Asked, moment: When, lang: Lang, *, by: str = "km"
) -> Clock | None:
    """Hours to choose from and to play on the map; None where there are none, or too many."""
    if isinstance(moment, Period):
        if not fits(area, moment):
            return None
        starts = pd.DatetimeIndex(area.model.time.hours(moment).start)
        return Clock(
            [f"{start:%m-%d %H:00}" for start in starts], -1, text("when.whole", lang),
            _hours(area.key, moment, by, area),
        )  # fmt: skip
    if not isinstance(moment, Moment):
        return None
    day = [
        replace(asked, hour=hour).of(area, moment.weather)
        for hour in _clock_hours(area, asked)
    ]
    moments = tuple(own for own in day if isinstance(own, Moment))
    names = [f"{own.hour:02d}:00" for own in moments]
    at = next(number for number, own in enumerate(moments) if own.hour == moment.hour)
    return Clock(names, at, "", _hours(area.key, moments, by, area))


def choose(asked: Asked, chosen: int, own: Clock) -> bool:
    """Keep the hour that was chosen on the map; whether it is another one."""
    if own.whole:
        return False
    hour = int(own.names[chosen][:2])
    st.session_state[HOUR] = hour
    return hour != asked.hour


def _clock_hours(area: "Area", asked: Asked) -> list[int]:
    """Hours of the day that clocks have."""
    if asked.mode != "date" or asked.date is None:
        return list(range(24))
    midnight = dt.datetime.combine(asked.date, dt.time())
    starts = area.model.time.hours(Period(midnight, midnight + dt.timedelta(days=1))).start
    return sorted(set(pd.DatetimeIndex(starts).hour.tolist()))


@st.cache_resource(max_entries=16, show_spinner=False)
def _hours(key: str, when: Period | tuple[Moment, ...], by: str, _area: "Area") -> bytes:
    del key  # only there for the cache
    if isinstance(when, Period):
        return packed(of_period(_area, when, by=by))
    return packed(of_day(_area, when, by=by))


def _what(area: "Area", mode: str, lang: Lang) -> Asked:
    if mode == "kind":
        key = f"kind-{lang}"
        kind = st.selectbox(
            text("when.kind", lang),
            KINDS,
            index=KINDS.index(
                frame.remembered(key, KINDS[0], KINDS, under="kind", address="kind")
            ),
            format_func=lambda kind: text(f"when.{kind}", lang),
            key=key,
            label_visibility="collapsed",
        )
        return Asked(mode, kind=kind)
    if mode == "date":
        day = date(text("when.date", lang), "date", lang, link="date")
        return Asked(mode, date=day)
    if mode == "period":
        return _period(area, lang)
    return Asked(mode)


def date(
    label: str, key: str, lang: Lang, first: dt.date | None = None, *, link: str = ""
) -> dt.date:
    """Draw the choice of a date; it begins with today."""
    chosen = st.date_input(
        label,
        value=frame.remembered(
            f"{key}-{lang}", first or today(), under=key, address=link, read=_day, always=True
        ),
        min_value=EARLIEST,
        max_value=LATEST,
        format="YYYY-MM-DD",
        key=f"{key}-{lang}",
        label_visibility="collapsed" if key == "date" else "visible",
    )
    return chosen if isinstance(chosen, dt.date) else today()


def _day(said: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(said)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


def _period(area: "Area", lang: Lang) -> Asked:
    store = st.session_state.get("kept period words", "")
    with st.popover(store or text("when.period_set", lang), width="stretch", key="period"):
        key = f"span-{lang}"
        span = st.radio(
            text("when.span", lang),
            SPANS,
            index=SPANS.index(
                frame.remembered(key, SPANS[0], SPANS, under="span", address="span")
            ),
            format_func=lambda span: text(f"when.{span}", lang),
            key=key,
            horizontal=True,
            label_visibility="collapsed",
        )
        try:
            period = spanned(area, span, lang)
            period.hours(area.model.almanac)
        except RiskmapError as fault:
            st.error(figures.plain(str(fault)))
            st.session_state["kept period words"] = ""
            return Asked("period", fault=str(fault))
    words = figures.period(period, lang)
    if words != store:  # the button above was drawn before its popover was answered
        st.session_state["kept period words"] = words
        st.rerun()
    return Asked("period", period=period)


def spanned(area: "Area", span: str, lang: Lang) -> Period:
    """
    Draw what a kind of period still needs, and build it.

    Raises
    ------
    RiskmapError
        A period that cannot be.
    """
    if span == "holiday":
        name, year = named_holiday(lang, linked=True)
        return holiday_plan.period_of(area, name, year)
    if span == "free":
        first, last = (
            date(text(f"when.{end}", lang), f"period {end}", lang, link=end)
            for end in ("from", "to")
        )
        return area.period(str(first), str(last))
    start = date(text("when.begins", lang), "period begins", lang, link="begins")
    midnight = dt.datetime.combine(start, dt.time())
    if span == "week":
        return Period(midnight, midnight + dt.timedelta(days=7))
    key = f"shift-{lang}"
    shift = st.radio(
        text("when.shift", lang),
        list(SHIFTS),
        index=list(SHIFTS).index(
            frame.remembered(key, "early", SHIFTS, under="shift", address="shift")
        ),
        format_func=lambda shift: text(
            f"shift.{shift}", lang, first=SHIFTS[shift][0], last=SHIFTS[shift][1] % 24
        ),
        key=key,
    )
    first_hour, last_hour = SHIFTS[shift]
    hours = (dt.timedelta(hours=hour) for hour in (first_hour, last_hour))
    first, last = (midnight + own for own in hours)
    return Period(first, last)


def named_holiday(lang: Lang, *, linked: bool = False) -> tuple[str, int]:
    """Draw the choice of a public holiday and its year; the address may say them."""
    left, right = st.columns(2)
    with left:
        key = f"holiday-{lang}"
        name = st.selectbox(
            text("when.holiday", lang),
            HOLIDAYS,
            index=HOLIDAYS.index(frame.remembered(
                key, "labour_day", HOLIDAYS, under="holiday", address="holiday" if linked else "",
            )),
            format_func=lambda name: text(f"holiday.{name}", lang),
            key=key,
        )
    with right:
        year = st.number_input(
            text("when.of_year", lang),
            min_value=EARLIEST.year,
            max_value=LATEST.year,
            value=frame.remembered(
                "holiday year", today().year, range(EARLIEST.year, LATEST.year + 1),
                address="year" if linked else "", always=True,
            ),
            key="holiday year",
        )
    return name, int(year)
