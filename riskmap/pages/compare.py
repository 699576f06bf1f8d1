"""Two hours or two scenarios side by side, on maps that move together."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap import scenarios, wording
from riskmap.errors import RiskmapError
from riskmap.hours import KINDS
from riskmap.locale import Lang, text
from riskmap.moments import Moment
from riskmap.pages import chosen, figures, frame, header, projects, ranking, whatif, when
from riskmap.vocabulary import WEATHERS
from riskmap.webmap.component import risk_map

if TYPE_CHECKING:
    import pandas as pd

    from riskmap.area import Area

SIDES = {"left": 8, "right": 23}
"""Side → the hour that it begins with: the morning, and the night."""
MAP_HEIGHT = "calc(100vh - 14.5rem)"


def show() -> None:
    """Draw the part."""
    header.room(_room, "compare")


def _room(area: "Area", lang: Lang) -> str:
    chosen.begin(area)
    moments = []
    for side, place in zip(SIDES, st.columns(2, gap="small"), strict=True):
        with place:
            moments.append(_side(area, side, lang))
    return text("beside.mark", lang, **dict(zip(SIDES, moments, strict=True)))


def _side(area: "Area", side: str, lang: Lang) -> str:
    """Draw one side, and tell its time in words."""
    asked, own, weather = _asked(area, side, lang)
    moment = Moment(asked.kind, asked.hour, weather=weather)
    scores = ranking.scores(own, moment)
    clock = when.clock(own, asked, moment, lang)
    st.caption(_said(area, scores, lang))
    told = risk_map(
        area, projects.tiles_of(area), scores, lang=lang, layers_on=(), selected=chosen.road(),
        height=MAP_HEIGHT, key=f"compare {side}", clock=clock, dark=frame.dark(),
        together="compare", address=side == "left", pick=chosen.select,
    )  # fmt: skip
    if told.hour is not None and clock and int(clock.names[told.hour][:2]) != asked.hour:
        st.session_state[f"kept compare {side} hour"] = int(clock.names[told.hour][:2])
        st.rerun()
    return figures.period(moment, lang)


def _asked(area: "Area", side: str, lang: Lang) -> "tuple[when.Asked, Area, str | None]":
    """Draw the choice of a kind of day, a scenario and a weather; the hour is chosen on the map."""
    day, scene, rain = st.columns([0.36, 0.36, 0.28])

    def pick(what: str, options: tuple[str, ...], words: dict[str, str]) -> str:
        key, under = f"compare {side} {what}-{lang}", f"compare {side} {what}"
        return str(st.selectbox(
            text(f"beside.{what}", lang), options, key=key, format_func=words.__getitem__,
            index=options.index(frame.remembered(
                key, options[0], options, under=under, address=f"{side}-{what}",
            )),
            label_visibility="collapsed",
        ))  # fmt: skip

    with day:
        kind = pick("kind", KINDS, {name: text(f"when.{name}", lang) for name in KINDS})
    found = scenarios.known(area.home)
    with scene:
        titles = {name: whatif.title(area, name, lang) for name in found}
        scenario = pick("scenario", ("", *found), {"": text("whatif.none", lang), **titles})
    with rain:
        said = {name: text(f"weather.{name}", lang) for name in WEATHERS}
        weather = pick("weather", ("", *WEATHERS), {"": text("whatif.mean", lang), **said})
    hour = frame.remembered(f"compare {side} hour", SIDES[side], range(24),
                            address=f"{side}-hour")  # fmt: skip
    own = area
    if scenario:
        try:
            own = whatif.put_on(area, scenario)
        except RiskmapError as fault:
            st.error(figures.plain(str(fault)))
    return when.Asked("kind", kind, hour), own, weather or None


def _said(area: "Area", scores: "pd.DataFrame", lang: Lang) -> str:
    """Say how much road has each of the upper levels, and how the hour stands to the mean one."""
    km = area.segments["length_m"] / 1000
    times = (scores["harm_per_km"] * km).sum() / area.model.harm().sum()
    km = km.groupby(scores["level"]).sum()
    return text(
        "beside.said", lang, red=wording.two(km.get("red", 0.0), lang),
        orange=wording.two(km.get("orange", 0.0), lang),
        times=wording.two(times, lang),
    )  # fmt: skip
