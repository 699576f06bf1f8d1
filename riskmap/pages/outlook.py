"""The room of the assessment: a holiday or a period against ordinary weeks, and what to do."""

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskmap import briefing, diversions, holiday_plan, outlook_book, wording
from riskmap.documents import notice, weekly
from riskmap.documents.weekly import PLACES
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.moments import Period, today
from riskmap.outlook import Outlook, outlook
from riskmap.pages import (
    charts,
    chosen,
    figures,
    frame,
    header,
    paper_places,
    papers,
    plans,
    rooms,
    when,
)
from riskmap.vocabulary import WEATHERS

if TYPE_CHECKING:
    from riskmap.area import Area

KINDS = ("holiday", "next_week", "month", "free")
AGAINST = ("", "season", "year")
NONE = ""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHART_PX = 290
_TABLE_PX = 520
_LEVELS_PX = 130
"""For two levels and the arrow between them; on its own a column is as wide as its first rows."""


def show() -> None:
    """Draw the room."""
    header.room(_room, "outlook")


def _room(area: "Area", lang: Lang) -> str:
    chosen.begin(area)
    kind, period, against = _asked(area, lang)
    if period is None:
        return ""
    with st.spinner(text("outlook.working", lang)):
        found = _found(area.key, period, against, lang, area)
        holiday = _positions(area.key, period, lang, area) if kind == "holiday" else None
    left, right = st.columns([0.5, 0.5], gap="medium")
    with left:
        with st.container(key="read_out"):
            st.code("\n".join(briefing.sentences(found, lang)), language=None, wrap_lines=True)
        st.altair_chart(charts.period(found, lang), width="stretch", height=_CHART_PX)
        _downloads(found, holiday, lang)
    with right:
        _tables(area, found, holiday, lang)
    return figures.period(period, lang)


def _asked(area: "Area", lang: Lang) -> tuple[str, Period | None, str | None]:
    """Draw the choice of a period and of what it is compared with."""
    how, what, rain, ordinary = st.columns([0.3, 0.36, 0.14, 0.2], vertical_alignment="bottom")
    with how:
        kind = st.segmented_control(
            text("when.label", lang),
            KINDS,
            default=frame.remembered("outlook", KINDS[0], KINDS),
            required=True,
            format_func=lambda kind: text(f"outlook.{kind}", lang),
            key="outlook",
            label_visibility="collapsed",
        )
    with rain:
        key = f"outlook weather-{lang}"
        weathers = (NONE, *WEATHERS)
        weather = st.selectbox(
            text("whatif.weather", lang),
            weathers,
            index=weathers.index(frame.remembered(key, NONE, weathers, under="outlook weather")),
            format_func=lambda word: text(f"weather.{word}" if word else "whatif.mean", lang),
            key=key,
        )
    with ordinary:
        key = f"against-{lang}"
        against = st.selectbox(
            text("outlook.against", lang),
            AGAINST,
            index=AGAINST.index(frame.remembered(key, NONE, AGAINST, under="against")),
            format_func=lambda word: text(f"against.{word or 'fitting'}", lang),
            key=key,
        )
    with what:
        try:
            period = _period(area, kind, lang)
            period = Period(period.first, period.last, weather or None)
            period.hours(area.model.almanac)
        except RiskmapError as fault:
            st.error(figures.plain(str(fault)))
            return kind, None, None
    return kind, period, against or None


def _period(area: "Area", kind: str, lang: Lang) -> Period:
    if kind == "holiday":
        name, year = when.named_holiday(lang)
        return holiday_plan.period_of(area, name, year)
    if kind == "free":
        left, right = st.columns(2)
        with left:
            first = when.date(text("when.from", lang), "outlook from", lang)
        with right:
            last = when.date(text("when.to", lang), "outlook to", lang)
        return area.period(str(first), str(last))
    now = dt.datetime.combine(today(), dt.time())
    if kind == "next_week":
        monday = now + dt.timedelta(days=7 - now.weekday())
        return Period(monday, monday + dt.timedelta(days=7))
    first = now.replace(day=1)
    return Period(first, (first + dt.timedelta(days=32)).replace(day=1))


@st.cache_resource(max_entries=8, show_spinner=False)
def _found(
    key: str, period: Period, against: str | None, lang: Lang, _area: "Area"
) -> Outlook:
    del key  # only there for the cache
    return outlook(_area, period, against=against, lang=lang)


@st.cache_resource(max_entries=8, show_spinner=False)
def _positions(key: str, period: Period, lang: Lang, _area: "Area") -> pd.DataFrame:
    del key  # only there for the cache
    return holiday_plan.positions(_area, period, lang=lang)


def _downloads(found: Outlook, positions: pd.DataFrame | None, lang: Lang) -> None:
    left, right = st.columns(2)
    with left:
        _workbook(found, positions, lang)
    with right:
        papers.offer(_papers(found, positions, lang), found.area, lang, key="outlook papers")


def _papers(
    found: Outlook, positions: pd.DataFrame | None, lang: Lang
) -> dict[str, papers.Maker | paper_places.Ranked]:
    """The documents of the period, and those that belong to none."""
    area, period = found.area, found.period
    name = "" if positions is None else str(st.session_state[f"holiday-{lang}"])

    def places() -> pd.DataFrame:
        return holiday_plan.positions(area, period, top=PLACES, lang=lang)

    makers: dict[str, papers.Maker | paper_places.Ranked] = {
        "briefing": lambda: weekly.briefings(found, places(), lang),
    }
    if positions is not None:
        makers["holiday"] = lambda: weekly.holidays(
            found, places(), diversions.plan(area, period, lang), name, lang
        )
    return makers | {
        "notice": lambda: notice.documents(
            found, diversions.plan(area, period, lang), lang, holiday=name
        ),
        "school": paper_places.schools(area, lang),
        "education": paper_places.lessons(area, lang),
    }


def _workbook(found: Outlook, positions: pd.DataFrame | None, lang: Lang) -> None:
    def book() -> bytes:
        more = {} if positions is None else {"positions": positions}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "outlook.xlsx"
            outlook_book.write(found, path, lang, more, headers=lang)
            return path.read_bytes()

    st.download_button(
        text("outlook.save", lang),
        # a function: the file is written when someone wants it, not at every rerun
        book,
        file_name="outlook.xlsx",
        mime=XLSX,
        on_click="ignore",
        key="outlook save",
    )


def _tables(
    area: "Area", found: Outlook, positions: pd.DataFrame | None, lang: Lang
) -> None:
    names = ["roads", "layers", "days", "changed"]
    names += ["positions"] if positions is not None else []
    names += ["diversions"]
    weather = found.period.weather
    planned = weather in area.parameters["bad_weather"]["places"]
    names += ["weather"] if planned else []
    tabs = dict(zip(names, st.tabs([text(f"outlook.tab.{n}", lang) for n in names]), strict=True))
    with tabs["roads"]:
        st.caption(text("outlook.roads_are", lang))
        _roads(found, lang)
    with tabs["layers"]:
        st.caption(text("outlook.layers_are", lang))
        st.altair_chart(charts.bars(found, lang), width="stretch", height=_TABLE_PX)
    with tabs["days"]:
        _frame(_days(found, lang))
    with tabs["changed"]:
        if found.changed.empty:
            st.info(text("outlook.none_changed", lang))
        else:
            _frame(_changed(found, lang))
    if positions is not None:
        with tabs["positions"]:
            st.caption(text("outlook.positions_are", lang))
            _frame(_stood(positions, lang))
    with tabs["diversions"]:
        plans.diversions(area, found.period, lang)
    if planned and weather:
        with tabs["weather"]:
            plans.bad_weather(area, weather, lang)


def _roads(found: Outlook, lang: Lang) -> None:
    rows = found.roads
    table = pd.DataFrame({
        text("list.name", lang): rows["road"],
        text("outlook.by", lang): [wording.by(value, lang) for value in rows["times"]],
        text("list.level", lang): [
            _levels(old, new, lang)
            for old, new in zip(rows["level_normal"], rows["level"], strict=True)
        ],
        text("list.peak", lang): [figures.peak(value, lang) for value in rows["peak"]],
        text("outlook.rises_by", lang): rows["reasons"],
    })
    key = f"outlook roads {found.period.label} {lang}"

    def choose() -> None:
        cells = st.session_state[key].selection.rows
        if cells:
            chosen.select(rows["segment_id"].iloc[cells[0]])
            st.session_state["leave"] = True

    st.dataframe(
        table, hide_index=True, height=_TABLE_PX, row_height=30, key=key,
        column_config={text("list.level", lang): st.column_config.Column(width=_LEVELS_PX)},
        on_select=choose, selection_mode="single-row",
    )  # fmt: skip
    if st.session_state.pop("leave", False):
        rooms.go(rooms.FIRST)


def _frame(table: pd.DataFrame) -> None:
    st.dataframe(table, hide_index=True, height=_TABLE_PX, row_height=30)


def _levels(old: str, new: str, lang: Lang) -> str:
    was, now = (text(f"level.{level}", lang) for level in (old, new))
    return now if old == new else text("outlook.step", lang, old=was, new=now)


def _days(found: Outlook, lang: Lang) -> pd.DataFrame:
    days = found.days
    return pd.DataFrame({
        text("when.date", lang): [
            briefing.named_day(days.iloc[row], lang) for row in range(len(days))
        ],
        text("when.kind", lang): [text(f"when.{kind}", lang) for kind in days["kind"]],
        text("outlook.by", lang): [wording.by(value, lang) for value in days["times"]],
        text("list.peak", lang): [
            text("when.hours", lang, hour=hour, next=hour + 1) for hour in days["peak_hour"]
        ],
    })


def _changed(found: Outlook, lang: Lang) -> pd.DataFrame:
    rows = found.changed
    return pd.DataFrame({
        text("list.name", lang): rows["road"],
        text("list.level", lang): [
            _levels(old, new, lang)
            for old, new in zip(rows["level_normal"], rows["level"], strict=True)
        ],
        text("outlook.by", lang): [
            wording.by(value, lang) for value in rows["harm_per_km"] / rows["normal_per_km"]
        ],
        text("outlook.moved_by", lang): rows["reasons"],
        text("card.identity", lang): rows["segment_id"],
    })


def _stood(rows: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    return pd.DataFrame({
        text("when.date", lang): rows["date"],
        text("when.hour", lang): [
            text("when.hours", lang, hour=first, next=end)
            for first, end in zip(rows["first_hour"], rows["end_hour"], strict=True)
        ],
        text("list.name", lang): rows["road"],
        text("list.reason", lang): rows["reasons"],
        text("card.police", lang): rows["advice"],
    })
