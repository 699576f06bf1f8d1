"""Look a road or a place up; what is chosen is shown on the map, with its card."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskmap import search
from riskmap.locale import Lang, text
from riskmap.pages import figures, frame, upload

if TYPE_CHECKING:
    from riskmap.area import Area


def show(
    area: "Area", scores: pd.DataFrame, choose: Callable[[str], None], lang: Lang
) -> None:
    """Draw the field and its answers; a click on one calls `choose` with its segment."""
    with st.container(key="search"), st.popover(text("search.label", lang), width="stretch"):
        words = st.text_input(
            text("search.words", lang), max_chars=80, key="search-words",
            placeholder=text("search.example", lang),
        )  # fmt: skip
        systems = {name: code for name, code in upload.SYSTEMS.items() if code}
        system = st.selectbox(
            text("search.system", lang), list(systems), key="search system",
            index=list(systems).index(frame.remembered("search system", "gps", systems)),
            format_func=lambda name: text(f"records.systems.{name}", lang),
        )  # fmt: skip
        found = search.find(area, words, scores["harm_per_km"], system=systems[system])
        if words.strip() and not found:
            st.caption(figures.plain(text("search.nothing", lang)))
        for number, one in enumerate(found):
            said = text(f"search.{one.kind}", lang, name=one.name, away=f"{one.away_m:.0f}")
            st.button(
                figures.plain(said), on_click=choose, args=(one.segment_id,),
                key=f"search {number}", width="stretch",
            )  # fmt: skip
