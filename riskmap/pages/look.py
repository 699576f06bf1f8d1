"""How the map is coloured: by which rate, and whether it shows how sure that is."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskmap.confidence import confidence, questions
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import frame, ranking
from riskmap.risk import RATES

if TYPE_CHECKING:
    from riskmap.area import Area


def measure(lang: Lang) -> str:
    """Draw the choice between harm per km and per vehicle-km, one of `risk.RATES`."""
    chosen: str = st.segmented_control(
        text("look.measure", lang),
        list(RATES),
        default=frame.remembered("per", "km", tuple(RATES), address="per"),
        required=True,
        format_func=lambda name: text(f"list.{name}", lang),
        help=text("look.measure_help", lang),
        key="per",
        label_visibility="collapsed",
    )
    return chosen


def trust(lang: Lang) -> bool:
    """Draw the switch for how sure each score is."""
    on = frame.remembered("sure", first=False, options=(False, True), address="sure")
    return st.toggle(
        text("look.trust", lang), value=on, key="sure", help=text("look.trust_help", lang)
    )


def sure(area: "Area", moment: When) -> pd.Series:
    """How sure each score is; kept for the next rerun."""
    return _sure(area.key, moment, area)


def answers(area: "Area", moment: When) -> pd.DataFrame:
    """What is known of each piece of road, as `confidence.questions` has it."""
    return _answers(area.key, moment, area)


@st.cache_resource(max_entries=8, show_spinner=False)
def _answers(key: str, moment: When, _area: "Area") -> pd.DataFrame:
    del key  # only there for the cache
    return questions(_area, ranking.scores(_area, moment))


@st.cache_resource(max_entries=8, show_spinner=False)
def _sure(key: str, moment: When, _area: "Area") -> pd.Series:
    del key  # only there for the cache
    return confidence(_area, ranking.scores(_area, moment))
