"""The command room: the map, the worst places beside it, the card of one road."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import (
    card,
    chosen,
    figures,
    finding,
    frame,
    header,
    layers,
    look,
    projects,
    ranking,
    whatif,
    when,
    worst,
)
from riskmap.webmap.component import risk_map

if TYPE_CHECKING:
    from riskmap.area import Area

MAP_HEIGHT = "calc(100vh - 6.9rem)"


def show() -> None:
    """Draw the room."""
    header.room(_room)


def _room(area: "Area", lang: Lang) -> str:
    chosen.begin(area)
    time, per, trust, what_if, switches = st.columns(
        [0.45, 0.17, 0.12, 0.12, 0.14], vertical_alignment="center"
    )
    with time:
        asked = when.ask(area, lang)
    with per:
        by = look.measure(lang)
    with trust:
        trusted = look.trust(lang)
    with what_if:
        own, weather = whatif.choose(area, lang, whole_year=asked.mode == "year")
    with switches:
        on = layers.choose(area, lang)
    moment = moment_of(area, asked, weather)
    scores = ranking.scores(own, moment, by)
    clock = when.clock(own, asked, moment, lang, by=by)
    left, right = st.columns([0.74, 0.26], gap="small")
    with left:
        told = risk_map(
            area,  # a scenario moves no road: the geometry stays as it was sent
            projects.tiles_of(area),
            scores,
            lang=lang,
            layers_on=on,
            crashes_on=layers.crashes_on(area),
            selected=chosen.road(),
            height=MAP_HEIGHT,
            key="map",
            clock=clock,
            dark=frame.dark(),
            sure=look.sure(own, moment) if trusted else None,
            by=by,
            address=True,
            pick=chosen.select,
        )
    if told.hour is not None and clock and when.choose(asked, told.hour, clock):
        st.rerun()
    listed = right.container()
    # first what was clicked for, then the list that stands above it
    with right:
        road = chosen.road()
        if road is None:
            st.caption(text("card.hint", lang))
        else:
            with st.container(key="card"):
                card.show(own, scores, moment, road, lang, by=by)
    with listed:
        finding.show(area, scores, chosen.select, lang)
        worst.show(own, scores, by, moment, lang)
    what = [text("look.mark", lang)] if by == "mvkm" else []
    return marked(moment, [*what, whatif.mark((area, own), weather, lang)], lang)


def moment_of(area: "Area", asked: when.Asked, weather: str | None) -> When:
    """Time that was asked about; says what is wrong with it, and then it is the year."""
    try:
        return asked.of(area, weather)
    except RiskmapError as fault:
        st.error(figures.plain(str(fault)))
        return None


def marked(moment: When, what: list[str], lang: Lang) -> str:
    """Say what must be seen beside the title: the time, and what else is not as usual."""
    said = [figures.period(moment, lang)] if moment is not None else []
    return text("when.comma", lang).join([*said, *(word for word in what if word)])
