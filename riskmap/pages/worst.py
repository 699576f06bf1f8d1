"""The worst places of the moment, as a short list beside the map."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import chosen, figures, ranking
from riskmap.risk import RATES

if TYPE_CHECKING:
    from riskmap.area import Area

TOP = 10
_ABOVE_PX = 186
_WHOLE_PX = 30 * TOP + 38


def show(area: "Area", scores: pd.DataFrame, by: str, moment: When, lang: Lang) -> None:
    """Draw the list, ranked as the map is coloured; a click on a row chooses its road."""
    rate = scores[RATES[by]]
    order = np.argsort(-rate.to_numpy(), kind="stable")[:TOP]
    ids = [str(name) for name in scores.index[order]]
    roads = area.segments.loc[ids]
    times = figures.times_average(scores, RATES[by]).loc[ids]
    shown = pd.DataFrame({
        "rank": range(1, len(ids) + 1),
        "level": [text(f"level.{level}", lang) for level in scores.loc[ids, "level"]],
        "name": [
            name or ref or text("reason.unnamed", lang)
            for name, ref in zip(roads["name"], roads["ref"], strict=True)
        ],
        "times": [float(f"{value:.2g}") for value in times],
    })
    said = text("worst.of", lang, top=TOP)
    st.html(f'<div class="rm"><small>{said}</small></div>')
    ranking.picked(
        shown, ids, lang, height=_WHOLE_PX if chosen.road() is None else _ABOVE_PX,
        key=f"worst {area.key} {by} {figures.period(moment, lang)} {lang}",
    )  # fmt: skip
