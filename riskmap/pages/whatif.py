"""What if: a stated weather, and a scenario on the area."""

from typing import TYPE_CHECKING

import streamlit as st

import riskmap
from riskmap import scenarios
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import figures
from riskmap.vocabulary import WEATHERS

if TYPE_CHECKING:
    from riskmap.area import Area

Stamp = tuple[str, int, int]


def choose(area: "Area", lang: Lang, *, whole_year: bool) -> "tuple[Area, str | None]":
    """
    Draw the choice of weather and scenario.

    Returns
    -------
    The area with the chosen scenario on it, and the weather; None is the season's mean.
    """
    weather = None if whole_year else st.session_state.get(f"weather-{lang}")
    found = scenarios.known(area.home)
    name = st.session_state.get(f"scenario-{lang}")
    count = (weather is not None) + (name in found)
    label = text("whatif.label" if count else "whatif.label_none", lang, count=count)
    with st.popover(label, width="stretch", key="whatif"):
        st.selectbox(
            text("whatif.weather", lang),
            WEATHERS,
            index=None,
            format_func=lambda word: text(f"weather.{word}", lang),
            placeholder=text("whatif.mean", lang),
            key=f"weather-{lang}",
            disabled=whole_year,
            help=text("whatif.weather_help", lang),
        )
        st.selectbox(
            text("whatif.scenario", lang),
            list(found),
            index=None,
            format_func=lambda name: _title(area, name, lang),
            placeholder=text("whatif.none", lang),
            key=f"scenario-{lang}",
        )
        if name not in found:
            return area, weather
        try:
            scenario = scenarios.read_scenario(name, area)
            changed = _changed(_stamp(area, name), name, area)
        except RiskmapError as fault:
            st.error(figures.plain(str(fault)))
            return area, weather
        before, after = (one.model.harm().sum() for one in (area, changed))
        saved = figures.two(100 * (after / before - 1), lang)
        st.caption(figures.plain(scenario.why[lang]))
        st.markdown(figures.plain(text("whatif.change", lang, percent=saved)))
    return changed, weather


def mark(area: "Area", weather: str | None, lang: Lang) -> str:
    """Name the what-if that is being looked at, "" for none."""
    said = [text(f"weather.{weather}", lang)] if weather else []
    if area.scenario:
        said.append(scenarios.read_scenario(area.scenario, area).title[lang])
    return text("whatif.mark", lang, what=" · ".join(said)) if said else ""


def _stamp(area: "Area", name: str) -> Stamp:
    found = scenarios.known(area.home)[name].stat()
    return area.key, found.st_mtime_ns, found.st_size


def _title(area: "Area", name: str, lang: Lang) -> str:
    try:
        return figures.plain(scenarios.read_scenario(name, area).title[lang])
    except RiskmapError:
        return name


@st.cache_resource(max_entries=8, show_spinner=False)
def _changed(stamp: Stamp, name: str, _area: "Area") -> "Area":
    del stamp  # only there for the cache
    return riskmap.with_scenario(_area, name)
