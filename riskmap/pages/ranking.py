"""The ranked list of the command room, and its download."""

import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import pandas as pd
import streamlit as st

from riskmap.export import write_list
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import figures, finding, frame

if TYPE_CHECKING:
    from riskmap.area import Area

By = Literal["km", "mvkm", "total"]
MEASURES: dict[By, str] = {"km": "harm_per_km", "mvkm": "harm_per_mvkm", "total": "harm_per_km"}
"""Ranking → the rate whose multiple of the average stands beside it."""

FORMATS = ("xlsx", "csv", "geojson", "gpkg", "kml", "parquet")
TIMES = "\N{MULTIPLICATION SIGN}"
TOP = 50
_ABOVE_PX = 215


@st.cache_resource(max_entries=32, show_spinner=False)
def _scores(key: str, moment: When, _area: "Area") -> pd.DataFrame:
    del key  # only there for the cache
    return _area.scores(moment)


@st.cache_resource(max_entries=32, show_spinner=False)
def _hotspots(
    key: str,
    by: By,
    moment: When,
    lang: Lang,
    _area: "Area",
) -> gpd.GeoDataFrame:
    del key  # only there for the cache
    return _area.hotspots(top=TOP, by=by, when=moment, lang=lang)


def scores(area: "Area", moment: When) -> pd.DataFrame:
    """Score an area at a moment, or over the year; kept for the next rerun."""
    return _scores(area.key, moment, area)


def select(segment_id: str | None) -> None:
    """Choose a road from outside the list; the list is drawn anew with its row marked."""
    st.session_state.selected = segment_id
    st.session_state.epoch = st.session_state.get("epoch", 0) + 1


def show(area: "Area", moment: When, lang: Lang) -> None:
    """Draw the ranking choice, the download and the list."""
    choice, search, save = st.columns([0.55, 0.2, 0.25], vertical_alignment="center")
    with choice:
        by: By = st.segmented_control(
            text("list.by", lang),
            list(MEASURES),
            default=frame.remembered("by", "km", MEASURES),
            required=True,
            format_func=lambda name: text(f"list.{name}", lang),
            help=text("list.by_help", lang),
            key="by",
            label_visibility="collapsed",
        )
    with search:
        finding.show(area, scores(area, moment), select, lang)
    table = _hotspots(area.key, by, moment, lang, area)
    with save:
        _download(table, lang)
    with st.container(key="list_alone" if st.session_state.selected is None else "list_above"):
        _table(area, table, by, moment, lang)


def _table(
    area: "Area",
    table: gpd.GeoDataFrame,
    by: By,
    moment: When,
    lang: Lang,
) -> None:
    ids = list(table["segment_id"])
    selected = st.session_state.selected
    marked = [(ids.index(selected), "name")] if selected in ids else []
    key = f"list {area.key} {by} {figures.period(moment, lang)} {st.session_state.get('epoch', 0)}"

    def choose() -> None:
        cells = st.session_state[key].selection.cells
        st.session_state.selected = ids[cells[0][0]] if cells else None

    st.dataframe(
        _columns(area, table, by, moment, lang),
        hide_index=True,
        height="stretch" if st.session_state.selected is None else _ABOVE_PX,
        row_height=30,
        on_select=choose,
        selection_mode="single-cell",
        selection_default={"selection": {"cells": marked}},
        placeholder=text("word.unknown", lang),
        column_config={
            "rank": st.column_config.NumberColumn(text("list.rank", lang), width=50),
            "level": st.column_config.TextColumn(text("list.level", lang), width=60),
            "name": st.column_config.TextColumn(text("list.name", lang), width=130),
            "times": st.column_config.NumberColumn(
                text("list.times", lang),
                help=text("list.times_is", lang),
                format=f"%g{TIMES}",
                width=90,
            ),
            "reason": st.column_config.TextColumn(text("list.reason", lang), width=150),
            "peak": st.column_config.TextColumn(text("list.peak", lang), width=120),
            "where": st.column_config.TextColumn(text("list.where", lang), width=140),
        },
        key=key,
    )


def _columns(
    area: "Area",
    table: gpd.GeoDataFrame,
    by: By,
    moment: When,
    lang: Lang,
) -> pd.DataFrame:
    titles = {layer.title[lang] for layer in area.layers.values()}
    times = figures.times_average(scores(area, moment), MEASURES[by])
    return pd.DataFrame(
        {
            "rank": table["rank"].to_numpy(),
            "level": [text(f"level.{level}", lang) for level in table["level"]],
            "name": table["name"].to_numpy(),
            "times": [float(f"{value:.2g}") for value in times.reindex(table["segment_id"])],
            "reason": [main_reason(reasons, titles, lang) for reasons in table["reasons"]],
            "peak": [figures.peak(value, lang) for value in table["peak"]],
            "where": [
                text(
                    "list.where_is",
                    lang,
                    area=figures.worded("road_area", kind, lang),
                    road_class=figures.worded("road_class", road_class, lang),
                )
                for kind, road_class in zip(table["area"], table["road_class"], strict=True)
            ],
        },
    )


def main_reason(reasons: object, titles: Collection[str], lang: Lang) -> str:
    """
    Take the main one of the reasons that a list carries in one cell.

    The first that is a layer, for traffic comes first on almost every road; else the first.
    """
    names = [part.rsplit(" ", 2)[0] for part in str(reasons or "").split("; ")]
    return figures.or_unknown(next((name for name in names if name in titles), names[0]), lang)


def _download(table: gpd.GeoDataFrame, lang: Lang) -> None:
    with st.popover(text("list.download", lang), width="stretch"):
        suffix = st.radio(text("list.format", lang), FORMATS, key="format", horizontal=True)
        st.download_button(
            text("list.save", lang, count=len(table)),
            # a function: the file is written when someone wants it, not at every rerun
            lambda: written(table, suffix),
            file_name=f"hotspots.{suffix}",
            mime="application/octet-stream",
            on_click="ignore",
            key="download",
        )


def written(table: gpd.GeoDataFrame, suffix: str) -> bytes:
    """Write a list in one of `FORMATS` and return the file's content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"hotspots.{suffix}"
        write_list(table, path)
        return path.read_bytes()
