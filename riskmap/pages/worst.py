"""The worst places of the moment, as a short list beside the map."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from riskmap import road_runs
from riskmap.locale import Lang, text
from riskmap.moments import Moment, When
from riskmap.pages import chosen, figures, road_rows
from riskmap.risk import RATES

if TYPE_CHECKING:
    from riskmap.area import Area

TOP = 10
_ABOVE = "186px"
"""Height above the card of a road; the rest of the rows is scrolled to."""


def places(area: "Area", scores: pd.DataFrame, by: str = "km") -> list[str]:
    """Segments of the worst places: of a road that runs on only its worst piece."""
    order = np.argsort(-scores[RATES[by]].to_numpy(), kind="stable")
    run = _runs(area.key, area)[area.segments["edge"].to_numpy()[order]]
    first = ~pd.Series(run).duplicated().to_numpy()
    return [str(name) for name in scores.index[order[first][:TOP]]]


@st.cache_resource(max_entries=4, show_spinner=False)
def _runs(key: str, _area: "Area") -> "np.ndarray[Any, Any]":
    del key  # only there for the cache
    return road_runs.runs(_area.network).run


def show(area: "Area", scores: pd.DataFrame, by: str, moment: When, lang: Lang) -> None:
    """Draw the list, ranked as the map is coloured; a click on a row chooses its road."""
    ids = places(area, scores, by)
    roads = area.segments.loc[ids]
    times = figures.times_average(scores, RATES[by]).loc[ids]
    named = [
        name or ref or text("reason.unnamed", lang)
        for name, ref in zip(roads["name"], roads["ref"], strict=True)
    ]
    span = "year" if moment is None else "hour" if isinstance(moment, Moment) else "period"
    said = text(f"worst.{span}", lang, top=len(ids))
    st.html(f'<div class="rm"><small>{said}</small></div>')
    road_rows.draw(
        [
            road_rows.Row(*row)
            for row in zip(ids, scores.loc[ids, "level"], named, times, strict=True)
        ],
        lang,
        height="none" if chosen.road() is None else _ABOVE,
    )
