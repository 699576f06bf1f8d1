"""What can be done from the card of a road: list it, ask for a post, report; and others like it."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskmap import wording
from riskmap.alike import alike
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import asked_posts, chosen, figures, hazard_card, own_list, rooms

if TYPE_CHECKING:
    from riskmap.area import Area


def buttons(area: "Area", segment_id: str, lang: Lang) -> None:
    """Draw the buttons."""
    listed = segment_id in own_list.roads(area)
    with st.container(horizontal=True, key="card_steps"):
        st.button(
            text("own.take_off" if listed else "own.add", lang),
            # two buttons, not one: what a late click asks for is what stood on it
            key="own take off" if listed else "own add",
            on_click=own_list.remove if listed else own_list.add, args=(segment_id,),
            help=text("own.is", lang),
        )  # fmt: skip
        if st.button(text("card.post", lang), key="make post", help=text("card.post_is", lang)):
            asked_posts.add(segment_id)
            rooms.go("duty")
        if st.button(text("card.report", lang), key="report hazard"):
            hazard_card.report_on(area, segment_id)
            rooms.go("register")


def others(area: "Area", moment: When, segment_id: str, lang: Lang, *, by: str) -> None:
    """Draw roads elsewhere that are like it, with levels of `by`; a click on one goes there."""
    heading, of = text("card.alike", lang), text("card.alike_of", lang)
    st.html(f'<div class="rm"><h4>{heading}</h4><small>{of}</small></div>')
    found = _alike(area.key, segment_id, moment, lang, by, area)
    if found.empty:
        st.caption(text("card.alike_none", lang))
    for number, road in enumerate(found.itertuples()):
        said = text(
            "card.alike_is", lang, level=text(f"level.{road.level}", lang), name=road.name,
            km=wording.two(float(str(road.away_m)) / 1000, lang),
        )  # fmt: skip
        st.button(
            figures.plain(said), on_click=chosen.select, args=(str(road.segment_id),),
            key=f"alike {number}", width="stretch",
        )  # fmt: skip


@st.cache_resource(max_entries=4, show_spinner=False)
def _shares(key: str, moment: When, _area: "Area") -> pd.DataFrame:
    del key  # only there for the cache
    return _area.reason_table(moment)


@st.cache_resource(max_entries=64, show_spinner=False)
def _alike(
    key: str, segment_id: str, moment: When, lang: Lang, by: str, _area: "Area"
) -> pd.DataFrame:
    shares = _shares(key, moment, _area)
    return alike(_area, segment_id, moment, lang=lang, shares=shares, by=by)
