"""The command room: the map, the ranked list beside it, the card of one road."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap.locale import Lang, text
from riskmap.moments import Moment
from riskmap.pages import card, figures, frame, header, ranking, whatif
from riskmap.webmap.component import risk_map

if TYPE_CHECKING:
    from riskmap.area import Area

DAYS = ("year", "school", "workday", "weekend")
FIRST_HOUR = 8
LAYERS_PX = 380
MAP_HEIGHT = "calc(100vh - 6.9rem)"


def show() -> None:
    """Draw the room."""
    header.room(_room)


def _room(area: "Area", lang: Lang) -> str:
    if st.session_state.get("area") != area.key:
        st.session_state.update(area=area.key, selected=None)
    left, right = st.columns([0.65, 0.35], gap="small")
    with left:
        day, hour, what_if, layers = st.columns(
            [0.46, 0.2, 0.17, 0.17], vertical_alignment="center"
        )
        with day:
            chosen = _day(lang)
        with what_if:
            own, weather = whatif.choose(area, lang, whole_year=chosen == DAYS[0])
        with hour:
            moment = _moment(chosen, weather, lang)
        with layers:
            on = _layers(area, lang)
        scores = ranking.scores(own, moment)
        clicked = risk_map(
            area,  # a scenario moves no road: the geometry stays as it was sent
            scores,
            lang=lang,
            layers_on=on,
            selected=st.session_state.selected,
            height=MAP_HEIGHT,
            key="map",
        )
    if clicked is not None and clicked != st.session_state.selected:
        ranking.select(clicked)
        st.rerun()
    with right:
        ranking.show(own, moment, lang)
        if st.session_state.selected is None:
            st.caption(text("card.hint", lang))
        else:
            with st.container(key="card"):
                card.show(own, scores, moment, st.session_state.selected, lang)
    return whatif.mark((area, own), weather, lang)


def _day(lang: Lang) -> str:
    chosen: str = frame.remembered("day", DAYS[0], DAYS)
    st.segmented_control(
        text("when.label", lang),
        DAYS,
        required=True,
        format_func=lambda day: text(f"when.{day}", lang),
        key="day",
        label_visibility="collapsed",
    )
    return chosen


def _moment(day: str, weather: str | None, lang: Lang) -> Moment | None:
    whole_year = day == DAYS[0]
    frame.remembered("hour", FIRST_HOUR)
    hour = st.slider(
        text("when.hour", lang),
        min_value=0,
        max_value=23,
        format=text("when.hour_is", lang),
        key="hour",
        disabled=whole_year,
        label_visibility="collapsed",
    )
    return None if whole_year else Moment(day=day, hour=hour, weather=weather)


def _layers(area: "Area", lang: Lang) -> list[str]:
    names = list(area.layers)
    on = [name for name in names if frame.remembered(_key(name), first=True)]
    label = text("layers.label", lang, on=len(on), all=len(names))
    with st.popover(label, width="stretch", key="layers"):
        effects = [effect for layer in area.layers.values() for effect in layer.effects]
        judged = sum(effect.grade == "D" for effect in effects)
        st.caption(
            f"{text('layers.help', lang)} "
            + text("data.judgements", lang, layers=len(names), judged=judged, all=len(effects))
        )
        for place, word in zip(st.columns(2), ("all", "none"), strict=True):
            place.button(
                text(f"layers.{word}", lang),
                key=word,
                on_click=_switch,
                args=(names, word == "all"),
                width="stretch",
            )
        unknown = _unknown_shares(area.key, area)
        with st.container(height=LAYERS_PX):
            for name, layer in area.layers.items():
                mark, switch, basis = st.columns([0.06, 0.54, 0.4], vertical_alignment="center")
                mark.html(f'<div class="rm">{frame.symbol(layer.symbol)}</div>')
                switch.toggle(
                    text(
                        "layers.row",
                        lang,
                        title=figures.plain(layer.title[lang]),
                        count=len(area.features(name)),
                    ),
                    key=_key(name),
                )
                own = sum(effect.grade == "D" for effect in layer.effects)
                said = text("layers.judged", lang, judged=own, all=len(layer.effects))
                if unknown[name] >= 0.005:  # noqa: PLR2004  # shown as 1 %
                    percent = figures.two(100 * unknown[name], lang)
                    said += f" · {text('layers.unknown', lang, percent=percent)}"
                basis.html(f'<div class="rm"><small>{said}</small></div>')
    return on


def _switch(names: list[str], on: bool) -> None:  # noqa: FBT001  # of a callback
    for name in names:
        st.session_state[_key(name)] = on


def _key(layer: str) -> str:
    return f"layer {layer}"


@st.cache_resource(max_entries=8, show_spinner=False)
def _unknown_shares(key: str, _area: "Area") -> dict[str, float]:
    """Share of the road that a layer asks about and knows nothing of."""
    del key  # only there for the cache
    table = _area.coverage()
    asked = table[["known_km", "assumed_km", "unknown_km"]].sum(axis=1)
    return dict((table["unknown_km"] / asked.where(asked > 0)).fillna(0.0))
