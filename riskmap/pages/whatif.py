"""What if: a stated weather, and a scenario on the area."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import streamlit as st

import riskmap
from riskmap import scenarios, wording
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import address, figures, frame
from riskmap.vocabulary import WEATHERS

if TYPE_CHECKING:
    from riskmap.area import Area

NONE = ""
Stamp = tuple[str, int, int]


def choose(area: "Area", lang: Lang, *, whole_year: bool) -> "tuple[Area, str | None]":
    """
    Draw the choice of weather and scenario.

    Returns
    -------
    The area with the chosen scenario on it, and the weather; None is the season's mean.
    """
    found = scenarios.known(area.home)
    names, weathers = (NONE, *found), (NONE, *WEATHERS)
    name, said = _chosen("scenario", names, lang), _chosen("weather", weathers, lang)
    weather = said if said and not whole_year else None
    count = (weather is not None) + (name in found)
    label = text("whatif.label" if count else "whatif.label_none", lang, count=count)
    with st.popover(label, width="stretch", key="whatif"):
        st.selectbox(
            text("whatif.weather", lang),
            weathers,
            index=weathers.index(said),
            format_func=lambda word: text(f"weather.{word}" if word else "whatif.mean", lang),
            key=_key("weather", lang),
            disabled=whole_year,
            help=text("whatif.weather_help", lang),
        )
        st.selectbox(
            text("whatif.scenario", lang),
            names,
            index=names.index(name),
            format_func=lambda name: (
                title(area, name, lang) if name else text("whatif.none", lang)
            ),
            key=_key("scenario", lang),
        )
        if name not in found:
            return area, weather
        try:
            scenario = scenarios.read_scenario(name, area)
            changed = put_on(area, name)
        except RiskmapError as fault:
            st.error(figures.plain(str(fault)))
            return area, weather
        before, after = (one.model.harm().sum() for one in (area, changed))
        saved = wording.change(100 * (after / before - 1), lang)
        st.caption(figures.plain(scenario.why[lang]))
        st.markdown(figures.plain(text("whatif.change", lang, percent=saved)))
    return changed, weather


def named(areas: Iterable["Area"], lang: Lang) -> list[str]:
    """Title the scenarios that are on areas, each once."""
    worn = {area.scenario: area for area in areas if area.scenario}
    return [title(area, name, lang) for name, area in worn.items()]


def on(area: "Area", lang: Lang) -> list[str]:
    """Title what is on an area as it was opened and what the command room puts on it."""
    name = st.session_state.get("kept scenario", address.asked("scenario"))
    chosen = [title(area, name, lang)] if name in scenarios.known(area.home) else []
    return named([area], lang) + chosen


def mark(areas: Iterable["Area"], weather: str | None, lang: Lang) -> str:
    """Name the what-if that is being looked at, "" for none."""
    said = [text(f"weather.{weather}", lang)] if weather else []
    said += named(areas, lang)
    return text("whatif.mark", lang, what=" · ".join(said)) if said else ""


def _chosen(what: str, options: Collection[str], lang: Lang) -> str:
    return frame.remembered(_key(what, lang), NONE, options, under=what, address=what)


def _key(what: str, lang: Lang) -> str:
    # a selection keeps the words it was made in: each language has a box of its own
    return f"{what}-{lang}"


def _stamp(area: "Area", name: str) -> Stamp:
    found = scenarios.known(area.home)[name].stat()
    return area.key, found.st_mtime_ns, found.st_size


def title(area: "Area", name: str, lang: Lang) -> str:
    """Title of a scenario; its name where it cannot be read."""
    try:
        return scenarios.read_scenario(name, area).title[lang]
    except RiskmapError:  # a project may name a file anywhere: of that only the name is known
        return name


def put_on(area: "Area", name: str) -> "Area":
    """
    Area with a scenario of its project on it, kept for the next rerun.

    Raises
    ------
    RiskmapError
        A scenario that cannot be read or applied.
    """
    return _changed(_stamp(area, name), name, area)


@st.cache_resource(max_entries=8, show_spinner=False)
def _changed(stamp: Stamp, name: str, _area: "Area") -> "Area":
    del stamp  # only there for the cache
    return riskmap.with_scenario(_area, name)
