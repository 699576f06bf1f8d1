"""The list of planning: roads by rank beside a map, what was drawn, a list of one's own."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import (
    card,
    chosen,
    command,
    drawn_area,
    figures,
    frame,
    header,
    own_list,
    projects,
    ranking,
    whatif,
    when,
)
from riskmap.webmap.component import risk_map

if TYPE_CHECKING:
    from riskmap.area import Area

LISTS = ("ranked", "own")
MAP_ALONE = "calc(100vh - 11.4rem)"
MAP_ABOVE = "42vh"


def show() -> None:
    """Draw the part."""
    header.room(_room, "list")


def _room(area: "Area", lang: Lang) -> str:
    chosen.begin(area)
    drawn_area.begin(area)
    which, time, what_if = st.columns([0.26, 0.6, 0.14], vertical_alignment="center")
    with time:
        asked = when.ask(area, lang)
    with what_if:
        own, weather = whatif.choose(area, lang, whole_year=asked.mode == "year")
    with which:
        listed = _which(area, lang)
    moment = command.moment_of(area, asked, weather)
    left, right = st.columns([0.58, 0.42], gap="small")
    with right:
        _map(area, own, asked, moment, lang)
    with left:
        if listed == "own":
            own_list.show(own, moment, lang)
        else:
            _ranked(own, moment, lang)
    return command.marked(moment, [whatif.mark((area, own), weather, lang)], lang)


def _which(area: "Area", lang: Lang) -> str:
    count = len(own_list.roads(area))
    chosen_list: str = st.segmented_control(
        text("list.which", lang),
        LISTS,
        default=frame.remembered("listed", LISTS[0], LISTS),
        required=True,
        format_func=lambda name: text(f"list.{name}", lang, count=count),
        key="listed",
        label_visibility="collapsed",
    )
    return chosen_list


def _map(area: "Area", own: "Area", asked: when.Asked, moment: When, lang: Lang) -> None:
    """Draw the map and the card below it; take what was clicked or drawn on the map."""
    scores, clock = ranking.scores(own, moment), when.clock(own, asked, moment, lang)
    road = chosen.road()
    told = risk_map(
        area, projects.tiles_of(area), scores, lang=lang, layers_on=(), selected=road,
        height=MAP_ABOVE if road else MAP_ALONE, key="list map", clock=clock,
        drawn=drawn_area.corners(), drawing=True, dark=frame.dark(), address=True,
    )  # fmt: skip
    if told.hour is not None and clock and when.choose(asked, told.hour, clock):
        st.rerun()
    if told.drawn is not None and told.drawn != drawn_area.corners():
        drawn_area.take(told.drawn)
        st.rerun()
    if told.clicked is not None and told.clicked != road:
        chosen.select(told.clicked)
        st.rerun()
    if road is None:
        st.caption(text("card.hint", lang))
    else:
        with st.container(key="card_below"):
            card.show(own, scores, moment, road, lang)


def _ranked(area: "Area", moment: When, lang: Lang) -> None:
    choice, save = st.columns([0.8, 0.2], vertical_alignment="center")
    with choice:
        by, top = ranking.ask(lang)
    inside = drawn_area.corners()
    try:
        drawn_area.chip(area, lang)
        with st.spinner(text("list.working", lang)):
            table = ranking.ranked(area, by, top, moment, inside, lang)
    except RiskmapError as fault:
        st.error(figures.plain(str(fault)))
        return
    with save:
        ranking.download(table, lang, name="hotspots")
    if table.empty:
        st.info(figures.plain(text("list.nothing_inside", lang)))
        return
    with st.container(key="list_rows"):
        ranking.table(area, table, by, moment, lang, key=f"list {area.key}")
