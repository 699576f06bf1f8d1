"""Quantities of every piece of road that a layer can take steps of, and its road's own tags."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.osm import Extract
from riskmap.relations import BARE, RAILED
from riskmap.segments import Network
from riskmap.tags import Tags

Floats = NDArray[np.float64]


def stated(network: Network, facts: pd.DataFrame) -> Network:
    """Put the speed limits that the brigade states on the network, and the times they give."""
    limits = _of(facts, "maxspeed_kph")
    if limits.empty:
        return network
    segments = network.segments.copy()
    speed, source = segments["maxspeed_kph"].to_numpy().copy(), segments["speed_source"].to_numpy()
    speed[limits.index], source = limits, source.copy()
    source[limits.index] = "fact"
    segments["maxspeed_kph"], segments["speed_source"] = speed, source
    edges = network.edges.copy()
    time = segments["length_m"].to_numpy() / speed * 3.6
    edges["time_s"] = np.add.reduceat(time, edges["first_piece"].to_numpy())
    return replace(network, segments=segments, edges=edges)


def counts(facts: pd.DataFrame) -> pd.Series:
    """Counted vehicles a day, by row of the segments."""
    return _of(facts, "aadt").astype(float)


def _of(facts: pd.DataFrame, column: str) -> pd.Series:
    return facts[column].dropna() if column in facts else pd.Series(dtype=float)


def own_tags(extract: Extract, network: Network, facts: pd.DataFrame) -> Tags:
    """
    Tags of the road of every segment, with what the brigade says in the place of the map's.

    Parameters
    ----------
    facts
        From `facts.read_facts`: rows of segments, columns such as `lit`, `width_m`, `lanes`.
    """
    edge = network.segments["edge"].to_numpy()
    tags = extract.road_tags.take(network.edges["way_row"].to_numpy()[edge])
    for column, key in (("lit", "lit"), ("width_m", "width"), ("lanes", "lanes")):
        told = _of(facts, column)
        if len(told):
            tags = tags.replaced(key, told.index.to_numpy(np.int64), _worded(told))
    return tags


def _worded(told: pd.Series) -> list[str]:
    words = {True: "yes", False: "no"}
    return [words[v] if isinstance(v, bool) else f"{v:g}" for v in told]


def quantities(
    network: Network, own: Tags, terrain: pd.DataFrame | None, *, lane_m: float
) -> pd.DataFrame:
    """
    Work out what a layer's `measure` can name.

    Returns
    -------
    One row per segment, on its index; NaN is unknown. `radius_m`; `lanes`; `width_m` of the
    carriageway: as mapped, else by lanes of `lane_m`; `grade_pct` and `drop_pct` only where
    there is terrain.
    """
    segments = network.segments
    lanes = _metres(own, "lanes")
    width = _metres(own, "width")
    width = np.where(np.isnan(width), _metres(own, "est_width"), width)
    width = np.where(np.isnan(width), lanes * lane_m, width)
    table = pd.DataFrame(
        {"radius_m": segments["radius_m"], "lanes": lanes, "width_m": width}, index=segments.index
    )
    return table if terrain is None else table.join(terrain)


def _metres(tags: Tags, key: str) -> Floats:
    """Return numbers, with or without "m" behind them; feet are too rare to be worth reading."""
    column = tags.column(key)
    known: dict[object, float] = {None: np.nan}
    for text in {value for value in column if value is not None}:
        try:
            number = float(str(text).removesuffix("m").strip())
        except ValueError:
            number = np.nan
        known[text] = number if 0 < number < np.inf else np.nan
    return np.array([known[value] for value in column], dtype=float)


def guard_rails(facts: pd.DataFrame, places: int) -> NDArray[np.int8]:
    """Say where the brigade knows of a guard rail, or that there is none; 0 elsewhere."""
    result = np.zeros(places, dtype=np.int8)
    told = _of(facts, "guard_rail")
    if len(told):
        result[told.index.to_numpy(np.int64)] = np.where(told.to_numpy(bool), RAILED, BARE)
    return result
