"""The road that is chosen: on the map, in a list, by a search or by the address of the page."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap.pages import address

if TYPE_CHECKING:
    from riskmap.area import Area

ROAD = "road"
"""Name in the address."""


def begin(area: "Area") -> None:
    """Forget the road of another area; the first time the address may name one."""
    if st.session_state.get("area") != area.key:
        named = address.asked(ROAD) if "area" not in st.session_state else ""
        first = named if named in area.segments.index else None
        st.session_state.update(area=area.key, selected=first)
    address.write(ROAD, st.session_state.selected or "")


def road() -> str | None:
    """Return the segment that is chosen."""
    found: str | None = st.session_state.selected
    return found


def select(segment_id: str | None) -> None:
    """Choose a road from outside a list; lists are drawn anew with its row marked."""
    st.session_state.selected = segment_id
    st.session_state.epoch = st.session_state.get("epoch", 0) + 1
