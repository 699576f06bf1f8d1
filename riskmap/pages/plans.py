"""Plans that take a moment to work out: they wait for a button."""

from typing import TYPE_CHECKING

import geopandas as gpd
import streamlit as st

from riskmap import diversions as ways_round
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import figures, ranking

if TYPE_CHECKING:
    from riskmap.area import Area


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
        lambda: ranking.written(table, "xlsx"),
        file_name="diversions.xlsx",
        on_click="ignore",
        key="diversions save",
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _diversions(key: str, when: When, lang: Lang, _area: "Area") -> gpd.GeoDataFrame:
    del key  # only there for the cache
    return ways_round.plan(_area, when, lang)
