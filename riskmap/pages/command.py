"""The command room: the map, the ranked list beside it, the card of one road."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap.locale import Lang, text
from riskmap.moments import Moment
from riskmap.pages import card, frame, header, layers, ranking, whatif
from riskmap.webmap.component import risk_map

if TYPE_CHECKING:
    from riskmap.area import Area

DAYS = ("year", "school", "workday", "weekend")
FIRST_HOUR = 8
MAP_HEIGHT = "calc(100vh - 6.9rem)"


def show() -> None:
    """Draw the room."""
    header.room(_room)


def _room(area: "Area", lang: Lang) -> str:
    if st.session_state.get("area") != area.key:
        st.session_state.update(area=area.key, selected=None)
    left, right = st.columns([0.65, 0.35], gap="small")
    with left:
        day, hour, what_if, switches = st.columns(
            [0.53, 0.15, 0.16, 0.16], vertical_alignment="center"
        )
        with day:
            chosen = _day(lang)
        with what_if:
            own, weather = whatif.choose(area, lang, whole_year=chosen == DAYS[0])
        with hour:
            moment = _moment(chosen, weather, lang)
        with switches:
            on = layers.choose(area, lang)
        scores = ranking.scores(own, moment)
        clicked = risk_map(
            area,  # a scenario moves no road: the geometry stays as it was sent
            scores,
            lang=lang,
            layers_on=on,
            selected=st.session_state.selected,
            height=MAP_HEIGHT,
            key="map",
        )
    if clicked is not None and clicked != st.session_state.selected:
        ranking.select(clicked)
        st.rerun()
    with right:
        ranking.show(own, moment, lang)
        if st.session_state.selected is None:
            st.caption(text("card.hint", lang))
        else:
            with st.container(key="card"):
                card.show(own, scores, moment, st.session_state.selected, lang)
    return whatif.mark((area, own), weather, lang)


def _day(lang: Lang) -> str:
    return st.segmented_control(
        text("when.label", lang),
        DAYS,
        default=frame.remembered("day", DAYS[0], DAYS),
        required=True,
        format_func=lambda day: text(f"when.{day}", lang),
        key="day",
        label_visibility="collapsed",
    )


def _moment(day: str, weather: str | None, lang: Lang) -> Moment | None:
    whole_year = day == DAYS[0]
    hour = st.slider(
        text("when.hour", lang),
        min_value=0,
        max_value=23,
        value=frame.remembered("hour", FIRST_HOUR),
        format=text("when.hour_is", lang),
        key="hour",
        disabled=whole_year,
        label_visibility="collapsed",
    )
    return None if whole_year else Moment(day=day, hour=hour, weather=weather)
