"""Ranked lists of roads: what they are ranked by, the table, its download."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import pandas as pd
import streamlit as st

from riskmap.drawn import Corners
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import chosen, figures, frame, list_download
from riskmap.risk import RATES

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from riskmap.area import Area

By = Literal["km", "mvkm", "total"]
LEVELS_OF: dict[By, str] = {"km": "km", "mvkm": "mvkm", "total": "km"}
"""Ranking → the rate, one of `risk.RATES`, whose levels and multiples of the average are shown."""

TIMES = "\N{MULTIPLICATION SIGN}"
TOPS = (50, 200, 1000, 0)
"""How many are listed; 0 is all."""
SHOWN = 1000
"""Rows of a table; a download has every one."""
_ROW_PX = 30


@st.cache_resource(max_entries=32, show_spinner=False)
def _scores(key: str, moment: When, by: str, _area: "Area") -> pd.DataFrame:
    del key  # only there for the cache
    return _area.scores(moment, by=by)


@st.cache_resource(max_entries=32, show_spinner=False)
def _hotspots(
    key: str,
    by: By,
    moment: When,
    lang: Lang,
    top: int,
    inside: Corners | None,
    _area: "Area",
) -> gpd.GeoDataFrame:
    del key  # only there for the cache
    return _area.hotspots(top=top, by=by, when=moment, lang=lang, inside=inside)


@st.cache_resource(max_entries=2, show_spinner=False)
def _every(
    key: str, by: By, moment: When, lang: Lang, inside: Corners | None, _area: "Area"
) -> gpd.GeoDataFrame:
    del key  # only there for the cache
    return _area.hotspots(top=None, by=by, when=moment, lang=lang, inside=inside)


def scores(area: "Area", moment: When, by: str = "km") -> pd.DataFrame:
    """Score an area at a moment, or over the year; kept for the next rerun."""
    return _scores(area.key, moment, by, area)


def ask(lang: Lang) -> tuple[By, int]:
    """Draw the choice of a ranking, and of how many are listed."""
    choice, many = st.columns([0.72, 0.28], vertical_alignment="center")
    with choice:
        by: By = st.segmented_control(
            text("list.by", lang),
            list(LEVELS_OF),
            default=frame.remembered("by", "km", LEVELS_OF, address="by"),
            required=True,
            format_func=lambda name: text(f"list.{name}", lang),
            help=text("list.by_help", lang),
            key="by",
            label_visibility="collapsed",
        )
    with many:
        key = f"top-{lang}"
        top = st.selectbox(
            text("list.top", lang),
            TOPS,
            index=TOPS.index(frame.remembered(key, TOPS[0], TOPS, under="top", address="top")),
            format_func=lambda top: (
                text("list.first", lang, count=top) if top else text("list.all", lang)
            ),
            key=key,
            label_visibility="collapsed",
        )
    return by, top


def ranked(
    area: "Area", by: By, top: int, moment: When, inside: Corners | None, lang: Lang
) -> gpd.GeoDataFrame:
    """List the worst pieces of road; kept for the next rerun, few lists of all of them."""
    if not top:
        return _every(area.key, by, moment, lang, inside, area)
    return _hotspots(area.key, by, moment, lang, top, inside, area)


def show(
    area: "Area",
    listed: gpd.GeoDataFrame,
    by: By,
    moment: When,
    lang: Lang,
    *,
    name: str,
    save: "DeltaGenerator",
    empty: str,
    more: Callable[[], None] | None = None,
) -> None:
    """
    Draw a list and in `save` its download under that name.

    `empty` says why there is nothing, `more` draws what else can be downloaded.
    """
    with save:
        list_download.ask(area, listed, by, moment, lang, name=name, more=more)
    if listed.empty:
        st.info(figures.plain(empty))
        return
    with st.container(key="list_rows"):
        _table(area, listed, by, moment, lang, key=f"{name} {area.key}")


def _table(
    area: "Area", listed: gpd.GeoDataFrame, by: By, moment: When, lang: Lang, *, key: str
) -> None:
    """Draw the rows, of a long list the first; a click on one chooses its road."""
    shown = listed.head(SHOWN)
    if len(listed) > len(shown):
        st.caption(text("list.shown", lang, shown=len(shown), count=len(listed)))
    picked(
        columns(area, shown, by, moment, lang),
        list(shown["segment_id"]),
        lang,
        # another list is another table: a selection is by row
        key=f"{key} {by} {figures.period(moment, lang)} {hash(tuple(shown['segment_id']))}",
    )


def picked(
    shown: pd.DataFrame,
    ids: list[str],
    lang: Lang,
    *,
    key: str,
) -> None:
    """Draw a table of roads, one row each of some segments; a click on one chooses it."""
    selected = chosen.road()
    marked = [(ids.index(selected), "name")] if selected in ids else []
    key = f"{key} {st.session_state.get('epoch', 0)}"

    def choose() -> None:
        cells = st.session_state[key].selection.cells
        st.session_state.selected = ids[cells[0][0]] if cells else None

    st.dataframe(
        shown,
        hide_index=True,
        height="stretch",
        row_height=_ROW_PX,
        on_select=choose,
        selection_mode="single-cell",
        selection_default={"selection": {"cells": marked}},
        placeholder=text("word.unknown", lang),
        column_config={
            "rank": st.column_config.NumberColumn(text("list.rank", lang), width=45),
            "level": st.column_config.TextColumn(text("list.level", lang), width=60),
            "name": st.column_config.TextColumn(text("list.name", lang), width=130),
            "times": st.column_config.NumberColumn(
                text("list.times", lang),
                help=text("list.times_is", lang),
                format=f"%g{TIMES}",
                width=80,
            ),
            "reason": st.column_config.TextColumn(text("list.reason", lang), width=145),
            "peak": st.column_config.TextColumn(text("list.peak", lang), width=138),
            "where": st.column_config.TextColumn(text("list.where", lang), width=140),
        },
        key=key,
    )


def columns(
    area: "Area", table: gpd.GeoDataFrame, by: By, moment: When, lang: Lang
) -> pd.DataFrame:
    """Put a list into the words of the page."""
    titles = {layer.title[lang] for layer in area.layers.values()}
    times = figures.times_average(
        scores(area, moment, LEVELS_OF[by]), RATES[LEVELS_OF[by]]
    )
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
