"""How much of the network is known, assumed or unknown, for every layer and every input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.locale import Lang, text
from riskmap.relations import Places
from riskmap.touch import ASSUMED, KNOWN, UNKNOWN, Column

if TYPE_CHECKING:
    from riskmap.area import Area

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

STATES: Mapping[str, int] = {"known_km": KNOWN, "assumed_km": ASSUMED, "unknown_km": UNKNOWN}
"""
Known: the map, a measurement or the brigade says. Assumed: a stated rule fills the gap (a speed by
road class; no school where none is mapped). Unknown: a stated share of such roads has it.
"""


def by_layer(area: Area) -> pd.DataFrame:
    """
    Count what each layer knows.

    Returns
    -------
    Index layer: `features` mapped or listed, `touched_km` of road (also where only a stated share
    of such roads is), and of the roads that the layer asks about the kilometres `known_km`,
    `assumed_km` and `unknown_km`.
    """
    km = area.segments["length_m"].to_numpy() / 1000.0
    rows = {}
    for number, name in enumerate(area.layers):
        touched = area.segments.index.isin(area.touched(name).index)
        rows[name] = {
            "features": len(area.features(name)),
            "touched_km": float(km[touched].sum()),
            **_kilometres(area.known[number], km),
        }
    return pd.DataFrame.from_dict(rows, orient="index").round(3)


def table(area: Area, lang: Lang) -> pd.DataFrame:
    """
    Put layers and inputs below each other, for a list.

    Returns
    -------
    `about` ("layer" or "input"), `name`, `title` in the language, `features`, `touched_km`,
    `known_km`, `assumed_km`, `unknown_km`.
    """
    layers = by_layer(area).rename_axis("name").reset_index()
    layers.insert(0, "about", "layer")
    layers.insert(2, "title", [area.layers[name].title[lang] for name in layers["name"]])
    inputs = area.inputs.rename_axis("name").reset_index()
    inputs.insert(0, "about", "input")
    inputs.insert(2, "title", [text(f"input.{name}", lang) for name in inputs["name"]])
    both = pd.concat([layers, inputs], ignore_index=True)
    both["features"] = both["features"].astype("Int64")
    return both.astype(object).where(both.notna(), None)


def by_segment(known: Codes) -> Floats:
    """Share of the layers that ask about a segment and do not answer "unknown", 0..1."""
    asked = (known > 0).sum(axis=0)
    unknown = (known == UNKNOWN).sum(axis=0)
    return np.asarray(1.0 - unknown / np.maximum(asked, 1))


def by_input(places: Places, columns: list[Column]) -> pd.DataFrame:
    """
    Count what is known of each input of the score.

    Returns
    -------
    Index `speed`, `traffic`, `lit`, `lanes`, `width`, `elevation`, `guard_rail`; columns as in
    `STATES`. Of guard rails only the roads count where a layer asks for one.
    """
    segments, own = places.network.segments, places.own
    width, lanes = own.has("width") | own.has("est_width"), own.has("lanes")
    railed = np.zeros(len(segments), dtype=np.int8)
    for column in columns:
        if column.relieved is not None and column.bare is not None:
            here = column.rows < len(segments)
            stated = (column.relieved | column.bare)[here]
            railed[column.rows[here]] = np.where(stated, KNOWN, UNKNOWN)
    states: dict[str, Codes] = {
        "speed": _stated(segments["speed_source"] != "prior", otherwise=ASSUMED),
        "traffic": _stated(segments["flow_source"] != "prior", otherwise=ASSUMED),
        "lit": _stated(own.has("lit"), otherwise=UNKNOWN),
        "lanes": _stated(lanes, otherwise=UNKNOWN),
        "width": np.where(width, KNOWN, np.where(lanes, ASSUMED, UNKNOWN)).astype(np.int8),
        "elevation": _stated(_measured(places, "drop_pct"), otherwise=UNKNOWN),
        "guard_rail": railed,
    }
    km = segments["length_m"].to_numpy() / 1000.0
    rows = {name: _kilometres(state, km) for name, state in states.items()}
    return pd.DataFrame.from_dict(rows, orient="index").round(3)


def _measured(places: Places, name: str) -> NDArray[np.bool_]:
    if name not in places.measures:
        return np.zeros(len(places.network.segments), dtype=bool)
    return places.measures[name].notna().to_numpy()


def _stated(known: pd.Series | NDArray[np.bool_], *, otherwise: int) -> Codes:
    return np.where(np.asarray(known), KNOWN, otherwise).astype(np.int8)


def _kilometres(state: Codes, km: Floats) -> dict[str, float]:
    return {name: float(km[state == code].sum()) for name, code in STATES.items()}
