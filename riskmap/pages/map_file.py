"""The download of the map as one file that opens with the network off."""

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from riskmap.drawn import Corners
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import figures

if TYPE_CHECKING:
    from riskmap.area import Area


def show(area: "Area", moment: When, inside: Corners | None, lang: Lang) -> None:
    """Draw what the file is, whether crashes are in it, and its button."""
    from riskmap.webmap.folium_map import ROADS  # noqa: PLC0415  # folium is slow to load

    st.divider()
    count = len(area.segments)
    top = ROADS if count > ROADS else None
    said = text("map_file.is" if top is None else "map_file.is_top", lang, count=top or count)
    st.caption(figures.plain(said))
    crashes = area.crashes is not None and st.checkbox(
        text("map_file.crashes", lang), key="map file crashes"
    )
    st.download_button(
        text("map_file.make", lang),
        # a function: the file is made when someone wants it, not at every rerun
        lambda: written(area, moment, inside, lang, crashes=crashes, top=top),
        file_name="map.html",
        mime="text/html",
        on_click="ignore",
        key="map file",
    )


def written(
    area: "Area",
    moment: When,
    inside: Corners | None,
    lang: Lang,
    *,
    crashes: bool,
    top: int | None,
) -> bytes:
    """Make the file; where that cannot be done it says why."""
    from riskmap.webmap.folium_map import map_html  # noqa: PLC0415  # as above

    try:
        page = map_html(area, when=moment, lang=lang, crashes=crashes, top=top, inside=inside)
    except RiskmapError as fault:
        page = f"<!doctype html><meta charset=utf-8><p>{escape(str(fault))}"
    return page.encode()
