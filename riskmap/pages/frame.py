"""What every room shares: page settings, look, language, title."""

from base64 import b64encode
from collections.abc import Collection
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from riskmap.locale import LANGUAGES, Lang, text
from riskmap.symbols import svg

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
    chosen: Lang = remembered("lang", asked if asked in LANGUAGES else LANGUAGES[0], LANGUAGES)
    return chosen


def remembered(
    key: str,
    first: Any,  # noqa: ANN401  # whatever the widget holds
    options: Collection[Any] | None = None,
    *,
    under: str | None = None,
) -> Any:  # noqa: ANN401  # the same
    """
    Tell what a widget holds, and keep it; to be called before the widget is drawn.

    Streamlit forgets a widget that is not drawn, such as those of the other room.

    Parameters
    ----------
    key
        The widget's key; the widget itself gets no default.
    first
        What it holds before anything is chosen.
    options
        What it may hold, if that is not anything.
    under
        Name to keep it by, where several widgets share one choice.
    """
    store = f"kept {under or key}"
    value = st.session_state.get(key, st.session_state.get(store, first))
    if options is not None and value not in options:
        value = st.session_state.get(store, first)
        value = value if value in options else first
    # each time: a widget whose words change is a new one to Streamlit, and would begin anew
    st.session_state[key] = value
    st.session_state[store] = value
    return value


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
