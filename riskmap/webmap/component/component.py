"""Mount the map in a Streamlit page."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from riskmap import drawn as areas
from riskmap.confidence import STEPS
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.symbols import known
from riskmap.webmap.clock import Clock
from riskmap.webmap.crash_points import crash_points, legend
from riskmap.webmap.geometry import WGS84, pack
from riskmap.webmap.service import service
from riskmap.webmap.tiles import Tiles

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

    from riskmap.area import Area

LEVELS = ("red", "orange", "yellow", "blue")
"""In the order of the digits that the browser gets; any other level is unknown."""

_log = logging.getLogger(__name__)
_SAID = (
    "zoom_in", "zoom_out", "fit", "whole", "way", "area", "link", "copied", "measure", "north",
    "points", "clusters", "faint", "credit", "no_webgl", "lost_tiles", "no_service",
)  # fmt: skip
_PACKAGE = "riskmap"
_COMPONENT = "map"
_FULL_NAME = f"{_PACKAGE}.{_COMPONENT}"


class Told(NamedTuple):
    """
    What was done on the map since the last run.

    `moved` is a unit that was dragged, with the minute of its shift and longitude and latitude in
    WGS 84; `hour` the number of the hour that was chosen on the clock that is shown now, −1 for all
    of them; `drawn` the corners of an area that was drawn, in WGS 84.
    """

    hour: int | None
    moved: tuple[str, float, float, float] | None
    drawn: areas.Corners | None


def risk_map(
    area: "Area",
    tiles: Tiles | str | None,
    scores: pd.DataFrame,
    *,
    lang: Lang,
    layers_on: Collection[str],
    crashes_on: bool = False,
    selected: str | None,
    height: str,
    key: str,
    plan: Mapping[str, object] | None = None,
    clock: Clock | None = None,
    sure: pd.Series | None = None,
    dark: bool = False,
    drawn: areas.Corners | None = None,
    drawing: bool = False,
    pick: Callable[[str], None] | None = None,
    by: str = "km",
    together: str = "",
    address: bool = False,
) -> Told:
    """
    Show the map and tell what was done on it.

    Geometry is read as tiles, once an area; a rerun sends one digit a segment.

    Parameters
    ----------
    area
        The area. Its `key` names its content.
    tiles
        Its tiles; without them there is no map, and nothing is told.
    scores
        Scores on `area.segments.index`; `level` is used.
    lang
        Language of the texts on the map.
    layers_on
        Names of the layers whose risk points are shown.
    crashes_on
        Whether crash points are shown.
    selected
        The segment to mark, if any.
    height
        Height as a CSS length, `calc(100vh - 8rem)` for one.
    key
        Identity of the map in the page.
    plan
        What `plan_layer.drawn` makes of a plan.
    clock
        Hours that can be chosen and played on the map; they are sent once.
    sure
        How sure each score is (`confidence.confidence`), on the same index: the less, the paler.
        None does not show it.
    dark
        Whether it is drawn for the night.
    drawn
        Corners of the area that was drawn, to show it.
    drawing
        Whether an area can be drawn.
    pick
        Called with the `segment_id` of a road that is clicked, before the script runs again. None
        lets no road be clicked.
    by
        What the levels are of, as in `area.scores`.
    together
        Maps of the same name move together.
    address
        Whether the address of the page follows where the map looks.
    """
    if not isinstance(tiles, Tiles):
        return Told(None, None, None)

    def picked() -> None:
        clicked = st.session_state[key]["clicked"]
        # a click on an area that is no longer the one that is open is none
        if pick is not None and clicked and clicked["tiles"] == tiles.digest:
            pick(str(area.segments.index[int(clicked["row"])]))

    mount = _component()
    digest, content = _packed(area.key, area)
    mount(data=content, key=f"{key}-geometry", height=1)
    result = mount(
        data={
            "tiles": {"digest": tiles.digest, "bounds": list(tiles.bounds)},
            "geometry": digest,
            "levels": _digits(scores["level"], LEVELS),
            "sure": None if sure is None else _digits(sure, STEPS),
            "faint": sure is not None,
            "selected": None if selected is None else _marked(area, selected),
            "layers": [
                {"name": name, "symbol": known(layer.symbol), "title": layer.title[lang]}
                for name, layer in area.layers.items()
                # a layer without points acts on the roads themselves
                if name in layers_on and len(area.features(name))
            ],
            "crashes": legend(area, lang) if crashes_on else None,
            "labels": _labels(area, by, lang),
            "height": height,
            "plan": plan,
            "clock": clock.told() if clock else None,
            "dark": dark,
            "draws": drawing,
            "picking": pick is not None,
            "outline": drawn,
            "together": together,
            "address": address,
            "service": _service(),
        },
        key=key,
        on_clicked_change=picked,
        on_moved_change=_nothing,
        on_hour_change=_nothing,
        on_drawn_change=_nothing,
    )
    if clock:
        mount(data=clock.content, key=f"{key}-hours", height=1)
    moved = result.moved
    return Told(
        clock.number(result.hour) if clock else None,
        (str(moved["unit"]), float(moved["minute"]), float(moved["lon"]), float(moved["lat"]))
        if moved
        else None,
        areas.given(result.drawn),
    )


def _nothing() -> None:
    """Stand for the callback that Streamlit wants beside a trigger."""


@st.cache_resource(max_entries=4, show_spinner=False)
def _packed(key: str, _area: "Area") -> tuple[str, bytes]:
    del key  # only there for the cache
    return pack(_area, crashes=crash_points(_area))


def _digits(said: pd.Series, order: Sequence[str]) -> str:
    digits = pd.Categorical(said, categories=list(order)).codes.astype(np.int16)
    digits[digits < 0] = len(order)
    return (digits + ord("0")).astype(np.uint8).tobytes().decode("ascii")


def _marked(area: "Area", segment_id: str) -> dict[str, Any] | None:
    if segment_id not in area.segments.index:
        return None
    row = int(area.segments.index.get_loc(segment_id))
    line = area.segments.geometry.iloc[[row]].to_crs(WGS84).iloc[0]
    return {"row": row, "line": np.round(shapely.get_coordinates(line), 6).tolist()}


def _service() -> dict[str, str] | None:
    try:
        return service()
    except RiskmapError as fault:
        _log.warning("%s", fault)
        return None


def _component() -> "ComponentRenderer":
    # Streamlit finds packaged assets through the metadata of an installed distribution, which a
    # checkout has not; so the package is registered here, for each runtime (a test has its own).
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(_FULL_NAME) is None:
        manager.register_from_manifest(
            ComponentManifest(
                name=_PACKAGE,
                version="0",
                components=[ComponentConfig(name=_COMPONENT, asset_dir="assets")],
            ),
            Path(__file__).parent,
        )
        _renderer.cache_clear()
    return _renderer()


@cache
def _renderer() -> "ComponentRenderer":
    return st.components.v2.component(
        _FULL_NAME,
        html='<div class="riskmap"></div>',
        css="map.css",
        js="map.mjs",
    )


def _labels(area: "Area", by: str, lang: Lang) -> dict[str, object]:
    grades = [effect.grade for layer in area.layers.values() for effect in layer.effects]
    names = (*LEVELS, "unknown")
    return {
        "language": text("map.language", lang),
        "legend": text("map.legend", lang),
        "levels_are": text(f"map.levels_are.{by}", lang),
        "judged": text("map.judged", lang, judged=grades.count("D"), all=len(grades)),
        "levels": {name: text(f"map.level.{name}", lang) for name in names},
        "tips": {name: text(f"level.{name}", lang) for name in names},
        "unnamed": text("word.unknown", lang),
        "metre": text("unit.metre", lang),
        "kilometre": text("unit.kilometre", lang),
        **{name: text(f"map.{name}", lang) for name in _SAID},
        **{name: text(f"duty.{name}", lang) for name in ("play", "pause")},
        "time": text("when.hour", lang),
    }
