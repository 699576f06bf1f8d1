"""Posts that were asked for on the card of a road: every plan staffs them until they are gone."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap import wanted
from riskmap.deployment import Crew
from riskmap.locale import Lang, text
from riskmap.pages import figures

if TYPE_CHECKING:
    from riskmap.area import Area

POSTS = "asked posts"


def roads(area: "Area") -> list[str]:
    """Segments of the area on which a post was asked for, in order."""
    return [name for name in st.session_state.get(POSTS, ()) if name in area.segments.index]


def add(segment_id: str) -> None:
    """Ask for a post on a piece of road."""
    now = st.session_state.get(POSTS, ())
    st.session_state[POSTS] = tuple(dict.fromkeys([*now, segment_id]))


def remove(segment_id: str) -> None:
    """Ask for it no longer."""
    st.session_state[POSTS] = tuple(
        name for name in st.session_state.get(POSTS, ()) if name != segment_id
    )


def clear() -> None:
    """Ask for none any longer."""
    st.session_state.pop(POSTS, None)


def chips(area: "Area", lang: Lang) -> None:
    """Name the posts that plans are to staff; a click on one takes it away."""
    found = roads(area)
    if not found:
        return
    said = text("asked.posts", lang)
    with st.container(horizontal=True, key="asked_posts", vertical_alignment="center"):
        st.html(f'<div class="rm"><small>{said}</small></div>', width="content")
        for segment_id in found:
            road = area.segments.loc[segment_id]
            name = figures.plain(road["name"] or road["ref"] or text("reason.unnamed", lang))
            st.button(
                f"{name} ✕", on_click=remove, args=(segment_id,), key=f"asked {segment_id}",
                help=text("asked.remove", lang),
            )  # fmt: skip
        if len(found) > 1:
            st.button(
                text("asked.clear", lang), on_click=clear, key="asked clear", type="tertiary"
            )


def of(area: "Area", crew: Crew, lang: Lang) -> Crew:
    """The crew with these posts locked; raises what `wanted.asked` does."""
    return wanted.asked(area, crew, roads(area), lang)
