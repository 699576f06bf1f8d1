"""What every room shares: page settings, look, language, title."""

from base64 import b64encode
from collections.abc import Callable, Collection
from html import escape
from pathlib import Path
from typing import TypeVar

import streamlit as st

from riskmap.locale import LANGUAGES, Lang, text
from riskmap.pages import address as link
from riskmap.symbols import svg

Choice = TypeVar("Choice")

_LOOK = Path(__file__).with_name("look.css")


def begin() -> Lang:
    """Set the page up and tell its language; the address keeps it (`?lang=en`)."""
    lang = language()
    st.set_page_config(
        page_title=text("app.title", lang),
        layout="wide",
        initial_sidebar_state="collapsed",
        # without an entry Streamlit has no menu; `night.mjs` turns the theme by it
        menu_items={"About": text("app.title", lang)},
    )
    st.html(_LOOK)
    return lang


def language() -> Lang:
    """Tell the language: what the user chose, else what the address says, else Chinese."""
    asked = st.query_params.get("lang")
    first = next((lang for lang in LANGUAGES if lang == asked), LANGUAGES[0])
    return remembered("lang", first, LANGUAGES)


def dark() -> bool:
    """Tell whether the page is shown as for the night."""
    return st.context.theme.type == "dark"


def remembered(
    key: str,
    first: Choice,
    options: Collection[Choice] | None = None,
    *,
    under: str | None = None,
    address: str = "",
    read: Callable[[str], Choice | None] | None = None,
    always: bool = False,
) -> Choice:
    """
    Tell what a widget holds, and keep it; to be called before the widget is drawn.

    Streamlit forgets a widget that is not drawn, such as those of the other room. The widget must
    get what is told as its default: one in a popover is mounted when that is opened first, and has
    only its default then.

    Parameters
    ----------
    key
        The widget's key.
    first
        What it holds before anything is chosen.
    options
        What it may hold, if that is not anything.
    under
        Name to keep it by, where several widgets share one choice.
    address
        Name in the address of the page. What stands there comes before `first` as long as nothing
        was chosen, if it is one of the options, or if `read` makes something of it; what is told is
        written there.
    read
        Makes a choice of the words in the address, None of what is none.
    always
        Whether `first` is written too, such as the date of a day that is not this day for long.
    """
    store = f"kept {under or key}"
    known = [st.session_state[name] for name in (key, store) if name in st.session_state]
    if address and (words := link.asked(address)):
        found = [value for value in options or () if link.said(value) == words]
        known += found or [value for value in [read(words) if read else None] if value is not None]
    allowed = (value for value in known if options is None or value in options)
    value = next(allowed, first)
    st.session_state[store] = value
    if address:
        link.write(address, link.said(value) if always or value != first else "")
    return value


def language_switch() -> None:
    """Draw the switch between the languages."""
    st.segmented_control(
        text("language.label", language()),
        LANGUAGES,
        default=language(),
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
    address = f"data:image/svg+xml;base64,{picture}"
    return f'<img class="symbol" alt="" width="16" height="16" src="{address}">'


def title(words: str, mark: str = "") -> None:
    """Write the line at the top of the room; the mark stands out beside it."""
    marked = f' <span class="mark">{escape(mark)}</span>' if mark else ""
    st.html(f'<div class="rm rm-title">{marked}{escape(words)}</div>')
