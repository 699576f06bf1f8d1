"""The three rooms and the parts of one: which there are, and the ways between them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from riskmap.locale import Lang, text

if TYPE_CHECKING:
    from streamlit.navigation.page import Page

FIRST = "command"
PARTS: Mapping[str, tuple[str, ...]] = {
    FIRST: (FIRST,),
    "planning": ("list", "compare", "duty", "outlook", "register"),
    "data": ("data",),
}
"""Room → its parts, each a page with an address of its own."""


def page(name: str) -> "Page | None":
    """Page of a part, if the page that runs has it; the first one has no name in its address."""
    path = "" if name == FIRST else name
    pages: list[Page] = st.session_state["rooms"]
    return next((own for own in pages if own.url_path == path), None)


def parts(here: str) -> tuple[str, ...]:
    """Parts of the room that one is in."""
    return next(own for own in PARTS.values() if here in own)


def go(name: str) -> None:
    """Leave for a part, with all that the address says."""
    if (target := page(name)) is not None:
        st.switch_page(target, query_params=dict(st.query_params))


def ways(here: str) -> list[tuple[str, str]]:
    """
    Ways to the rooms, then those between the parts of the one that one is in.

    Returns
    -------
    What each is called and the part that it leads to; a room of several parts opens where it was
    left.
    """
    found = []
    for room, own in PARTS.items():
        if here in own:
            st.session_state[f"part of {room}"] = here
        found.append((room, st.session_state.get(f"part of {room}", own[0])))
    own = parts(here)
    return found + ([(part, part) for part in own] if len(own) > 1 else [])


def link(name: str, part: str, lang: Lang) -> None:
    """Draw a way: it carries what the address says."""
    if (target := page(part)) is not None:
        said = text(f"app.{name}", lang)
        st.page_link(target, label=said, query_params=dict(st.query_params))
