"""The line at the top of every room: what is open, the rooms, the area, the language."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

import riskmap
from riskmap import wording
from riskmap.locale import Lang, text
from riskmap.moments import today
from riskmap.pages import address, figures, frame, loaded, night, projects, rooms
from riskmap.webmap.tiles import Tiles

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from riskmap.area import Area

_log = logging.getLogger(__name__)


def room(draw: Callable[["Area", Lang], str], here: str = rooms.FIRST) -> None:
    """
    Draw the header, and below it a part of a room on the area that is open.

    What `draw` returns is what must be seen beside the title, such as a what-if; a defect in it
    goes to the log. `here` names the part as `rooms.PARTS` does.
    """
    lang = frame.language()
    address.write("lang", lang)
    try:
        area, title, ways = _head(lang, here)
        if area is not None:
            before = dict(st.query_params)
            mark = draw(area, lang)
            with title:
                # a mark needs the room of the page's own name
                frame.title(area.name if mark else f"{text('app.title', lang)} · {area.name}", mark)
            if dict(st.query_params) != before:
                for place, (name, part) in zip(ways, rooms.ways(here), strict=True):
                    with place:
                        rooms.link(name, part, lang)
    except Exception:  # noqa: BLE001  # the reader of the page gets words, the log the trace
        _log.exception("room")
        st.error(text("source.failed", lang))


def _head(lang: Lang, here: str) -> "tuple[Area | None, DeltaGenerator, list[DeltaGenerator]]":
    title, to_rooms, chooser, switch = st.columns(
        [0.37, 0.21, 0.21, 0.21], vertical_alignment="center"
    )
    with chooser:
        named = _choose(lang)
    # the way to the wall carries the area, which is in the address only now
    with switch, st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center"
    ):
        rooms.link("wall", "wall", lang)
        night.switch(lang)
        frame.language_switch()
    ways = _ways(to_rooms, here, lang)
    line = title.empty()
    with line:
        frame.title(text("app.title", lang))
    if named is None:
        st.info(text("source.none", lang))
        return None, line, ways
    path, about = named
    area = opened(path, lang)
    if area is not None:
        with about:
            _about(area, lang)
        found = projects.tiles_of(area)
        if not isinstance(found, Tiles):
            why = found or text("map.see_log", lang)
            st.error(figures.plain(text("map.no_tiles", lang, why=why)))
    return area, line, ways


def _ways(to_rooms: "DeltaGenerator", here: str, lang: Lang) -> "list[DeltaGenerator]":
    """Draw the ways to the rooms and parts, each in a place where it can be drawn anew."""
    ways = rooms.ways(here)
    with to_rooms, st.container(horizontal=True, key="rooms"):
        places = [st.empty() for _ in rooms.PARTS]
    if len(ways) > len(places):
        with st.container(horizontal=True, key="parts"):
            places += [st.empty() for _ in ways[len(places) :]]
    for place, (name, part) in zip(places, ways, strict=True):
        with place:
            rooms.link(name, part, lang)
    return places


def source() -> str:
    """Name the file that is open, as the data folder does."""
    path = st.session_state.get("chosen")
    return projects.label(path) if path else ""


def _choose(lang: Lang) -> "tuple[Path, DeltaGenerator] | None":
    """Draw the button that names the area: its file, and where to tell about it; None of none."""
    found = projects.sources()
    if not found:
        return None
    # a selection keeps the words it was made in: each language has its own
    key = f"source-{lang}"
    labels = {projects.label(path): path for path in found}
    # the address names a source by its label, which is only ever compared
    known = st.session_state.get("chosen", labels.get(st.query_params.get("area", "")))
    path: Path = st.session_state.get(key, known)
    if path not in found:
        path = found[0]

    def named(path: Path) -> str:
        return text("source.sample", lang) if path == riskmap.sample() else projects.label(path)

    about = st.popover(figures.plain(named(path)), width="stretch", key="source")
    with about:
        st.selectbox(
            text("source.label", lang), found, format_func=named, index=found.index(path), key=key
        )
    st.session_state["chosen"] = path
    address.write("area", projects.label(path))
    return path, about


def opened(path: Path, lang: Lang) -> "Area | None":
    """Open a source, with a bar while that lasts; say why if it cannot be."""
    # also where nothing is to wait for: what follows keeps its place, and is not drawn anew
    place = st.empty()
    area = projects.opened(path)
    if area is not None:
        return area
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


def _about(area: "Area", lang: Lang) -> None:
    st.markdown(text("info.read_is", lang))
    date = loaded.age(area.data_date, today(), lang)
    length = wording.two(area.segments["length_m"].sum() / 1000, lang)
    st.markdown(text("info.date", lang, date=figures.plain(date)))
    st.markdown(text("info.length", lang, km=length, count=len(area.segments)))
    for key, values in area.notes:
        st.markdown(figures.plain(text(key, lang, **values)))
