"""The road that is chosen: on the map, in a list, by a search or by the address of the page."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap.pages import address, header

if TYPE_CHECKING:
    from riskmap.area import Area

ROAD = "road"
VIEW = "view"
"""Names in the address; the second, where the map looks, is written by the map itself."""


def begin(area: "Area") -> None:
    """
    Forget the road of another source; the first time the address may name one.

    What is reported or entered meanwhile makes another area of the same source, in which the road
    stays chosen as long as there is one.
    """
    source = header.source()
    if st.session_state.get("area") != source:
        named = address.asked(ROAD) if "area" not in st.session_state else None
        if "area" in st.session_state:
            address.write(VIEW, "")
        st.session_state.update(area=source, selected=named)
    if st.session_state.selected not in area.segments.index:
        st.session_state.selected = None
    address.write(ROAD, st.session_state.selected or "")


def road() -> str | None:
    """Return the segment that is chosen."""
    found: str | None = st.session_state.selected
    return found


def select(segment_id: str | None) -> None:
    """Choose a road from outside a list; lists are drawn anew with its row marked."""
    st.session_state.selected = segment_id
    st.session_state.epoch = st.session_state.get("epoch", 0) + 1
