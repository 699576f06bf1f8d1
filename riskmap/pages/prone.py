"""Accident-prone sections: the places that a rule names, beside the score and not part of it."""

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from riskmap import prone
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import figures, list_download

if TYPE_CHECKING:
    from riskmap.area import Area


def show(area: "Area", lang: Lang) -> None:
    """Draw the list of sections with the rule that each meets."""
    try:
        with st.spinner(text("outlook.working", lang)):
            found = _sections(area.key, lang, area)
    except RiskmapError as fault:
        st.info(figures.plain(str(fault)))
        return
    said, save = st.columns([0.75, 0.25], vertical_alignment="center")
    said.markdown(figures.plain(text("prone.said", lang, count=len(found))))
    if found.empty:
        return
    if uncounted := int(found["uncounted"].sum()):
        st.caption(figures.plain(text(
            "prone.uncounted", lang, count=uncounted, all=int(found["crashes"].sum())
        )))  # fmt: skip
    save.download_button(
        text("records.save_prone", lang),
        lambda: list_download.written(found, headers=lang, kind="prone"),
        file_name="prone.xlsx",
        on_click="ignore",
        key="prone save",
    )
    st.dataframe(
        table(found, lang), hide_index=True, row_height=30, placeholder=text("word.unknown", lang)
    )


def table(found: gpd.GeoDataFrame, lang: Lang) -> pd.DataFrame:
    """Write the sections in the words of the page; people whom nobody counted stay unknown."""
    people = {
        name: found[name].astype("Int64").where(found[name] >= 0) for name in ("killed", "injured")
    }
    return pd.DataFrame({
        text("list.name", lang): found["name"],
        text("records.column.kind", lang): [
            text(f"records.kind.{kind}", lang) for kind in found["kind"]
        ],
        text("records.column.rule", lang): found["rule"],
        text("records.column.level", lang): [
            text(f"records.level.{level}", lang) for level in found["level"]
        ],
        text("records.column.crashes", lang): found["crashes"],
        text("records.column.fatal", lang): found["fatal_crashes"],
        text("records.column.killed", lang): people["killed"],
        text("records.column.injured", lang): people["injured"],
        text("records.column.uncounted", lang): found["uncounted"],
        text("records.column.length", lang): found["length_m"].round(0),
        text("records.column.span", lang): [
            f"{first}–{last}" if first != last else str(first)
            for first, last in zip(found["first_year"], found["last_year"], strict=True)
        ],
        text("data.column.lon", lang): found["lon"],
        text("data.column.lat", lang): found["lat"],
    })  # fmt: skip


@st.cache_resource(max_entries=8, show_spinner=False)
def _sections(key: str, lang: Lang, _area: "Area") -> gpd.GeoDataFrame:
    del key  # only there for the cache
    if _area.crashes is None:
        raise RiskmapError("prone: needs crash records")
    return prone.sections(_area.crashes, _area.network, _area.parameters, lang=lang)
