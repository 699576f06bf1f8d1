"""What no officer can mend: the hazards for the road agencies, to read and to send."""

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from riskmap import list_terms, referrals
from riskmap.locale import Lang, text
from riskmap.pages import list_download, paper_places, papers
from riskmap.wording import two

if TYPE_CHECKING:
    from riskmap.area import Area

_TABLE_PX = 240
SHOWN = ("hazard", "name", "from", "to", "settlement", "who", "asks", "reason", "saves", "saves_is")


def show(area: "Area", lang: Lang) -> None:
    """Draw the list and what it is saved by."""
    found = _referrals(area.key, lang, area)
    if found.empty:
        share = area.parameters["referrals"]["share"]
        st.info(text("referrals.none", lang, share=100 * share))
        return
    st.caption(text("referrals.said", lang, count=len(found)))
    shown = found.assign(saves=[two(value, lang) for value in found["saves"]])
    table = pd.DataFrame({
        text(f"referrals.column.{name}", lang): shown[name] for name in SHOWN
    })  # fmt: skip
    st.dataframe(table, hide_index=True, height=_TABLE_PX, row_height=30)
    save, letters = st.columns(2)
    with save:
        st.download_button(
            text("referrals.save", lang),
            lambda: list_download.written(
                list_terms.titled(found, area.layers, headers=lang), area.coverage_table(lang),
                headers=lang, kind="referrals",
            ),
            file_name="referrals.xlsx",
            on_click="ignore",
            key="referrals save",
        )
    with letters:
        papers.offer(
            {"referral": paper_places.letters(area, found.attrs["known"], lang)}, area, lang,
            key="referrals papers",
        )  # fmt: skip


@st.cache_resource(max_entries=8, show_spinner=False)
def _referrals(key: str, lang: Lang, _area: "Area") -> gpd.GeoDataFrame:
    del key  # only there for the cache
    return referrals.referrals(_area, lang=lang)
