"""What every room shares: page settings, look, language, title."""

from base64 import b64encode
from html import escape
from pathlib import Path

import streamlit as st

from riskmap.locale import LANGUAGES, Lang, text
from riskmap.symbols import svg

KEPT = ("day", "hour", "by")
"""Choices of the command room, by their key; those of the layers begin with `LAYER`."""
LAYER = "layer "

_LOOK = Path(__file__).with_name("look.css")


def begin() -> Lang:
    """Set the page up and tell its language; the address keeps it (`?lang=en`)."""
    lang = language()
    st.set_page_config(
        page_title=text("app.title", lang),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    st.html(_LOOK)
    return lang


def language() -> Lang:
    """Tell the language: what the user chose, else what the address says, else Chinese."""
    asked = st.query_params.get("lang")
    if "lang" not in st.session_state:
        st.session_state["lang"] = asked if asked in LANGUAGES else LANGUAGES[0]
    chosen: Lang = st.session_state["lang"]
    return chosen


def keep() -> None:
    """Hold what was chosen in the command room while another is shown: Streamlit would forget."""
    for key in list(st.session_state):
        if key in KEPT or str(key).startswith(LAYER):
            st.session_state[key] = st.session_state[key]


def language_switch() -> None:
    """Draw the switch between the languages."""
    st.segmented_control(
        text("language.label", language()),
        LANGUAGES,
        required=True,
        format_func=lambda lang: text(f"language.{lang}", lang),
        key="lang",
        label_visibility="collapsed",
    )
    st.query_params["lang"] = language()


def room_title(room: str, lang: Lang) -> str:
    """Name a room."""
    return text(f"app.{room}", lang)


def symbol(name: str) -> str:
    """Draw a layer's symbol as HTML; Streamlit lets no bare SVG through."""
    picture = b64encode(svg(name).encode()).decode()
    return f'<img alt="" width="16" height="16" src="data:image/svg+xml;base64,{picture}">'


def title(words: str, mark: str = "") -> None:
    """Write the line at the top of the room; the mark stands out beside it."""
    marked = f' <span class="mark">{escape(mark)}</span>' if mark else ""
    st.html(f'<div class="rm rm-title">{marked}{escape(words)}</div>')
