"""The area that was drawn on the map of the list, and the chip that says so."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap import drawn, wording
from riskmap.drawn import Corners
from riskmap.locale import Lang, text
from riskmap.pages import address, header

if TYPE_CHECKING:
    from riskmap.area import Area

NAME = "drawn"
"""In the address, and in the session."""


def begin() -> None:
    """Forget what was drawn on another source; the first time the address may say it."""
    source = header.source()
    if st.session_state.get("drawn on") != source:
        first = drawn.of_words(address.asked(NAME)) if "drawn on" not in st.session_state else None
        st.session_state.update({"drawn on": source, NAME: first})
    address.write(NAME, drawn.words(corners()))


def corners() -> Corners | None:
    """Corners of what was drawn, None of nothing."""
    found: Corners | None = st.session_state[NAME]
    return found


def take(given: Corners | None) -> None:
    """Keep what was drawn; None forgets it."""
    st.session_state[NAME] = given


def chip(area: "Area", lang: Lang) -> None:
    """
    Say what lies in the drawn area, with a button to forget it; without one how to draw it.

    Raises
    ------
    RiskmapError
        What was drawn is no area.
    """
    own = corners()
    if own is None:
        st.caption(text("drawn.hint", lang))
        return
    said, away = st.columns([0.8, 0.2], vertical_alignment="center")
    away.button(
        text("drawn.clear", lang), on_click=take, args=(None,), key="drawn clear", width="stretch"
    )
    inside = area.within(own, lang)
    km = wording.two(area.segments["length_m"].to_numpy()[inside].sum() / 1000, lang)
    words = text("drawn.only", lang, count=int(inside.sum()), km=km)
    said.html(f'<div class="rm"><span class="mark">{words}</span></div>')
