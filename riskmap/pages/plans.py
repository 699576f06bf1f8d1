"""Plans that take a moment to work out: they wait for a button."""

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from riskmap import badweather, list_terms
from riskmap import diversions as ways_round
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import figures, list_download

if TYPE_CHECKING:
    from riskmap.area import Area

_TABLE_PX = 460


def diversions(area: "Area", when: When, lang: Lang) -> None:
    """Draw the ways round the expected jams of a period."""
    st.caption(text("outlook.diversions_are", lang))
    key = f"diversions {figures.period(when, lang)}"
    if not st.session_state.get(key) and not st.button(text("outlook.work_out", lang), key=key):
        return
    try:
        with st.spinner(text("outlook.working", lang)):
            table = _diversions(area.key, when, lang, area)
    except RiskmapError as fault:
        st.error(figures.plain(str(fault)))
        return
    if table.empty:
        st.info(text("outlook.no_jams", lang))
        return
    st.code("\n".join(ways_round.said(table, lang)), language=None, wrap_lines=True, height=280)
    st.download_button(
        text("outlook.save_diversions", lang),
        lambda: list_download.written(
            list_terms.titled(table, area.layers, "kind", headers=lang),
            headers=lang, kind="divert",
        ),
        file_name="diversions.xlsx",
        on_click="ignore",
        key="diversions save",
    )


def bad_weather(area: "Area", weather: str, lang: Lang) -> None:
    """Draw the plan for a weather."""
    st.caption(text("badweather.order_is", lang))
    with st.spinner(text("outlook.working", lang)):
        table = _bad_weather(area.key, weather, lang, area)
    if table.empty:
        st.info(badweather.said(table, lang)[0])
        return
    st.dataframe(
        pd.DataFrame({
            text("list.rank", lang): table["order"],
            text("badweather.action", lang): [
                text(f"badweather.{action}", lang) for action in table["action"]
            ],
            text("list.name", lang): table["road"],
            text("badweather.place", lang): table["place"],
            text("badweather.times", lang): table["times_dry"],
            text("badweather.cut_off", lang): table["cuts_off_km"],
            text("badweather.who", lang): table["who"],
        }),
        hide_index=True, height=_TABLE_PX, row_height=30,
    )  # fmt: skip
    st.download_button(
        text("badweather.save", lang),
        lambda: list_download.written(
            table, area.coverage_table(lang), headers=lang, kind="weather"
        ),
        file_name="weather.xlsx",
        on_click="ignore",
        key="weather save",
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _bad_weather(key: str, weather: str, lang: Lang, _area: "Area") -> gpd.GeoDataFrame:
    del key  # only there for the cache
    return badweather.plan(_area, weather, lang=lang)


@st.cache_resource(max_entries=8, show_spinner=False)
def _diversions(key: str, when: When, lang: Lang, _area: "Area") -> gpd.GeoDataFrame:
    del key  # only there for the cache
    return ways_round.plan(_area, when, lang)
