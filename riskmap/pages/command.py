"""The command room: the map, the ranked list beside it, the card of one road."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

import riskmap
from riskmap.locale import Lang, text
from riskmap.moments import Moment
from riskmap.pages import card, figures, frame, projects, ranking
from riskmap.webmap.component import risk_map

if TYPE_CHECKING:
    from riskmap.area import Area

DAYS = ("year", "school", "workday", "weekend")
MAP_HEIGHT = "calc(100vh - 6.9rem)"

_log = logging.getLogger(__name__)


def show() -> None:
    """Draw the room."""
    lang = frame.language()
    try:
        _room(lang)
    except Exception:  # noqa: BLE001  # the reader of the page gets words, the log the trace
        _log.exception("command room")
        st.error(text("source.failed", lang))


def _room(lang: Lang) -> None:
    title, chooser, about, switch = st.columns([0.42, 0.3, 0.12, 0.16], vertical_alignment="center")
    with switch, st.container(horizontal=True, horizontal_alignment="right"):
        frame.language_switch()
    with chooser:
        path = _choose(lang)
    if path is None:
        with title:
            frame.title(text("app.title", lang))
        st.info(text("source.none", lang))
        return
    area = _open(path, lang)
    with title:
        name = text("app.title", lang)
        frame.title(name if area is None else f"{name} · {area.name}")
    if area is None:
        return
    with about:
        _about(area, lang)
    if st.session_state.get("area") != area.key:
        st.session_state.update(area=area.key, selected=None)
    _work(area, lang)


def _work(area: "Area", lang: Lang) -> None:
    left, right = st.columns([0.65, 0.35], gap="small")
    with left:
        day, hour, layers = st.columns([0.5, 0.3, 0.2], vertical_alignment="center")
        with day:
            chosen = _day(lang)
        with hour:
            moment = _moment(chosen, lang)
        with layers:
            on = _layers(area, lang)
        scores = ranking.scores(area, moment)
        clicked = risk_map(
            area,
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
        ranking.show(area, moment, lang)
        if st.session_state.selected is None:
            st.caption(text("card.hint", lang))
            return
        with st.container(key="card"):
            card.show(area, scores, moment, st.session_state.selected, lang)


def _choose(lang: Lang) -> Path | None:
    found = projects.sources()
    if not found:
        return None
    chosen = st.session_state.get("chosen")
    path = st.selectbox(
        text("source.label", lang),
        found,
        format_func=lambda path: (
            text("source.sample", lang) if path == riskmap.sample() else projects.label(path)
        ),
        index=found.index(chosen) if chosen in found else 0,
        # a selection keeps the words it was made in: each language has its own
        key=f"source-{lang}",
        label_visibility="collapsed",
    )
    st.session_state["chosen"] = path
    return path


def _open(path: Path, lang: Lang) -> "Area | None":
    area = projects.opened(path)
    if area is not None:
        return area
    place = st.empty()
    name = figures.plain(projects.label(path))
    with place.status(text("source.opening", lang, name=name), expanded=True):
        bar = st.progress(0.0, text("source.waiting", lang) if projects.busy() else None)

        def tell(stage: str, share: float) -> None:
            words = figures.worded("stage", stage, lang)
            percent = round(100 * share)
            bar.progress(share, text("source.progress", lang, stage=words, percent=percent))

        result = projects.open_area(path, tell)
    place.empty()
    if isinstance(result, str):
        st.error(figures.plain(result))
        return None
    if result is None:
        st.error(text("source.failed", lang))
    return result


def _day(lang: Lang) -> str:
    return st.segmented_control(
        text("when.label", lang),
        DAYS,
        default=DAYS[0],
        required=True,
        format_func=lambda day: text(f"when.{day}", lang),
        key="day",
        label_visibility="collapsed",
    )


def _moment(day: str, lang: Lang) -> Moment | None:
    whole_year = day == DAYS[0]
    hour = st.slider(
        text("when.hour", lang),
        min_value=0,
        max_value=23,
        value=8,
        format=text("when.hour_is", lang),
        key="hour",
        disabled=whole_year,
        label_visibility="collapsed",
    )
    return None if whole_year else Moment(day=day, hour=hour)


def _layers(area: "Area", lang: Lang) -> list[str]:
    names = list(area.layers)
    on = [name for name in names if st.session_state.get(f"layer {name}", True)]
    label = text("layers.label", lang, on=len(on), all=len(names))
    with st.popover(label, width="stretch", key="layers"):
        st.caption(text("layers.help", lang))
        for name, layer in area.layers.items():
            mark, switch = st.columns([0.1, 0.9], vertical_alignment="center")
            mark.html(f'<div class="rm">{frame.symbol(layer.symbol)}</div>')
            switch.toggle(
                text(
                    "layers.row",
                    lang,
                    title=figures.plain(layer.title[lang]),
                    count=len(area.features(name)),
                ),
                value=True,
                key=f"layer {name}",
            )
    return on


def _about(area: "Area", lang: Lang) -> None:
    with st.popover(text("info.label", lang), width="stretch"):
        st.markdown(text("info.read_is", lang))
        date = figures.or_unknown(area.data_date, lang)
        length = figures.two(area.segments["length_m"].sum() / 1000, lang)
        st.markdown(text("info.date", lang, date=figures.plain(date)))
        st.markdown(text("info.length", lang, km=length, count=len(area.segments)))
        if area.notes:
            with st.expander(text("info.notes", lang, count=len(area.notes))):
                _lines([text(key, lang, **values) for key, values in area.notes])
        questions = _questions(area, lang)
        if questions:
            with st.expander(text("info.questions", lang, count=len(questions))):
                _lines(questions)


def _questions(area: "Area", lang: Lang) -> list[str]:
    table = area.questions
    if table.empty:
        return []
    places = table.to_crs("EPSG:4326").geometry
    rows = pd.DataFrame({"text": table[f"text_{lang}"], "lat": places.y, "lon": places.x})
    return [
        text("info.question", lang, text=row.text, lat=f"{row.lat:.5f}", lon=f"{row.lon:.5f}")
        for row in rows.itertuples()
    ]


def _lines(lines: list[str]) -> None:
    for line in lines:
        st.markdown(figures.plain(line))
