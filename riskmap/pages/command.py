"""The command room: the map, the ranked list beside it, the card of one road."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import card, figures, frame, header, layers, ranking, whatif, when
from riskmap.webmap.component import risk_map

if TYPE_CHECKING:
    from riskmap.area import Area

MAP_HEIGHT = "calc(100vh - 6.9rem)"


def show() -> None:
    """Draw the room."""
    header.room(_room)


def _room(area: "Area", lang: Lang) -> str:
    if st.session_state.get("area") != area.key:
        st.session_state.update(area=area.key, selected=None)
    left, right = st.columns([0.65, 0.35], gap="small")
    with left:
        time, what_if, switches = st.columns([0.7, 0.15, 0.15], vertical_alignment="center")
        with time:
            asked = when.ask(area, lang)
        with what_if:
            own, weather = whatif.choose(area, lang, whole_year=asked.mode == "year")
        try:
            moment = asked.of(area, weather)
        except RiskmapError as fault:
            st.error(figures.plain(str(fault)))
            moment = None
        with switches:
            on = layers.choose(area, lang)
        scores = ranking.scores(own, moment)
        clock = when.clock(own, asked, moment, lang)
        told = risk_map(
            area,  # a scenario moves no road: the geometry stays as it was sent
            scores,
            lang=lang,
            layers_on=on,
            crashes_on=layers.crashes_on(area),
            selected=st.session_state.selected,
            height=MAP_HEIGHT,
            key="map",
            clock=clock,
            dark=frame.dark(),
        )
    if told.hour is not None and clock and when.choose(asked, told.hour, clock):
        st.rerun()
    clicked = told.clicked
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
    said = [figures.period(moment, lang)] if moment is not None else []
    what = whatif.mark((area, own), weather, lang)
    return text("when.comma", lang).join([*said, what] if what else said)
