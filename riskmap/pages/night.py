"""Day and night: the switch between them, and the colours that charts are drawn in."""

from pathlib import Path

import streamlit as st

from riskmap.locale import Lang, text
from riskmap.pages import frame

INKS = {
    "text": ("#24272b", "#e6e8ea"),
    "quiet": ("#5a6068", "#a3abb3"),
    "usual": ("#7a8791", "#8d98a1"),
    "worse": ("#b2182b", "#ef5a66"),
    "accent": ("#7b1fa2", "#c792ea"),
    "gold": ("#b58a00", "#e5b53b"),
    "teal": ("#1b7f79", "#4fc3b8"),
}
"""What a line of a chart says → its colour by day and by night."""

# at import, for each script that mounts it: Streamlit registers it where it is missing
_SWITCH = st.components.v2.component(
    "riskmap_night",
    html='<button type="button" class="rm-corner">\N{CIRCLE WITH RIGHT HALF BLACK}</button>',
    js=Path(__file__).with_suffix(".mjs").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def ink(name: str) -> str:
    """Colour of a line, as `INKS` names them."""
    return INKS[name][frame.dark()]


def switch(lang: Lang) -> None:
    """Draw the switch; before it is used the page is as the visitor's system is."""
    rooms = [page.url_path for page in st.session_state["rooms"]]
    _SWITCH(
        key="night",
        data={"rooms": rooms, "night": frame.dark(), "label": text("night.label", lang)},
        width="content",
        on_turned_change=_nothing,
    )


def _nothing() -> None:
    """Stand for the callback that Streamlit wants beside a trigger."""
