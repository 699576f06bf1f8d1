"""The list of planning: roads by rank beside a map, what was drawn, a list of one's own."""

from typing import TYPE_CHECKING, NamedTuple

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
    map_file,
    own_list,
    projects,
    ranking,
    whatif,
    when,
)
from riskmap.webmap.component import risk_map

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from riskmap.area import Area

LISTS = ("ranked", "own")
MAP_ALONE = "calc(100vh - 11.4rem)"
MAP_ABOVE = "42vh"


class _Order(NamedTuple):
    """What the list is ranked by, how much of it is listed, and where its download goes."""

    by: ranking.By
    top: int
    save: "DeltaGenerator"


def show() -> None:
    """Draw the part."""
    header.room(_room, "list")


def _room(area: "Area", lang: Lang) -> str:
    chosen.begin(area)
    drawn_area.begin()
    which, time, what_if = st.columns([0.26, 0.6, 0.14], vertical_alignment="center")
    with time:
        asked = when.ask(area, lang)
    with what_if:
        own, weather = whatif.choose(area, lang, whole_year=asked.mode == "year")
    with which:
        listed = _which(area, lang)
    moment = command.moment_of(area, asked, weather)
    left, right = st.columns([0.58, 0.42], gap="small")
    with left:
        order = None if listed == "own" else _order(lang)
    rate = ranking.LEVELS_OF[order.by] if order else "km"
    with right:
        _map(area, own, asked, moment, lang, rate)
    with left:
        if order is None:
            own_list.show(own, moment, lang)
        else:
            _ranked(own, moment, order, lang)
    what = [text("look.mark", lang)] if rate == "mvkm" else []
    return command.marked(moment, [*what, whatif.mark((area, own), weather, lang)], lang)


def _which(area: "Area", lang: Lang) -> str:
    count = len(own_list.roads(area))
    chosen_list: str = st.segmented_control(
        text("list.which", lang),
        LISTS,
        default=frame.remembered("listed", LISTS[0], LISTS, address="listed"),
        required=True,
        format_func=lambda name: text(f"list.{name}", lang, count=count),
        key="listed",
        label_visibility="collapsed",
    )
    return chosen_list


def _map(
    area: "Area", own: "Area", asked: when.Asked, moment: When, lang: Lang, by: str
) -> None:
    """Draw the map and the card below it; take what was clicked or drawn on the map."""
    scores = ranking.scores(own, moment, by)
    clock = when.clock(own, asked, moment, lang, by=by)
    road = chosen.road()
    told = risk_map(
        area, projects.tiles_of(area), scores, lang=lang, layers_on=(), selected=road,
        height=MAP_ABOVE if road else MAP_ALONE, key="list map", clock=clock,
        drawn=drawn_area.corners(), drawing=True, dark=frame.dark(), by=by,
        address=True, pick=chosen.select,
    )  # fmt: skip
    if told.hour is not None and clock and when.choose(asked, told.hour, clock):
        st.rerun()
    if told.drawn is not None and told.drawn != drawn_area.corners():
        drawn_area.take(told.drawn)
        st.rerun()
    if road is None:
        st.caption(text("card.hint", lang))
    else:
        with st.container(key="card_below"):
            card.show(own, scores, moment, road, lang, by=by)


def _order(lang: Lang) -> _Order:
    choice, save = st.columns([0.8, 0.2], vertical_alignment="center")
    with choice:
        by, top = ranking.ask(lang)
    return _Order(by, top, save)


def _ranked(area: "Area", moment: When, order: _Order, lang: Lang) -> None:
    inside = drawn_area.corners()
    try:
        drawn_area.chip(area, lang)
        with st.spinner(text("list.working", lang)):
            table = ranking.ranked(area, order.by, order.top, moment, inside, lang)
    except RiskmapError as fault:
        st.error(figures.plain(str(fault)))
        return
    ranking.show(
        area, table, order.by, moment, lang, name="hotspots", save=order.save,
        empty=text("list.nothing_inside", lang),
        more=lambda: map_file.show(area, moment, inside, lang),
    )  # fmt: skip
