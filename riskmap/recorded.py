"""What the brigade counted and saw by the hour, in the place of what is assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import traffic
from riskmap.errors import RiskmapError
from riskmap.hours import KINDS, Hours, Window
from riskmap.layer import Active, Layer
from riskmap.profiles import Profiles
from riskmap.relations import Places, at_junction
from riskmap.touch import KNOWN, Column

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LAYER = "congestion"
"""The layer that records of congestion replace where they speak."""


def counted(
    flows: pd.DataFrame,
    stated: Profiles,
    counts: pd.DataFrame,
    year: Hours,
    rules: Mapping[str, Any],
) -> tuple[pd.DataFrame, Profiles]:
    """
    Put hourly counts in the place of the prior: each counted road gets a profile of its own.

    Hours that nobody counted follow the prior, scaled to those that somebody did. A year's traffic
    is the sum over its hours.

    Parameters
    ----------
    flows
        `aadt`, `flow_source` and `profile` of every segment.
    stated
        The profiles of the parameters.
    counts
        Of `traffic.Traffic`.
    year
        Hours of the reference year.
    rules
        The table `[traffic]` of the parameters.

    Returns
    -------
    The flows with those of counted roads, `flow_source` "count"; and the profiles, theirs added.
    """
    if counts.empty:
        return flows, stated
    rows, table = traffic.hourly(counts)
    like = flows["profile"].to_numpy()[rows]
    yearly = flows["aadt"].to_numpy()[rows, None] * len(year) / 24.0
    hours = len(KINDS) * 24
    prior = yearly * stated.table.reshape(-1, hours)[like] / stated.total[like, None]
    vehicles = traffic.shares(prior, table, least=rules["least"], most=rules["most"])
    # a road that nobody ever drives on would have no shape; nor would it have crashes
    vehicles = np.maximum(vehicles, 1e-3)
    own, at = np.unique(np.column_stack([like, vehicles]), axis=0, return_inverse=True)
    profiles = stated.counted(
        own[:, 0].astype(np.int64), own[:, 1:].reshape(-1, len(KINDS), 24), year
    )
    number = len(stated.table) + at.reshape(-1)
    result = flows.copy()
    daily = profiles.daily(number, year)
    for column, values in (("aadt", daily), ("flow_source", "count"), ("profile", number)):
        result.iloc[rows, result.columns.get_loc(column)] = values
    return result, profiles


def heard(layers: Mapping[str, Layer]) -> bool:
    """Whether there is a layer for records of congestion to speak for."""
    return LAYER in layers and layers[LAYER].touch.relation == "at_junction"


def congested(
    columns: Sequence[Column],
    known: NDArray[np.int8],
    places: Places,
    layers: Mapping[str, Layer],
    records: pd.DataFrame,
    rules: Mapping[str, Any],
) -> tuple[list[Column], NDArray[np.int8]]:
    """
    Put records of congestion in the place of what the layer assumes of those roads and junctions.

    A recorded place is congested in its recorded hours and in no others; where a record tells of
    eves, the other records of that place leave eves out.

    Parameters
    ----------
    columns, known
        From `touch.touches`.
    records
        `congestion` of `traffic.Traffic`.
    rules
        The table `[traffic]` of the parameters: `touch` of each level.

    Returns
    -------
    As `touch.touches`.
    """
    layer = layers.get(LAYER)
    if records.empty or layer is None or not heard(layers):
        return list(columns), known
    if len(rules["touch"]) != len(traffic.LEVELS) - 1 or not all(
        0.0 < touch <= 1.0 for touch in rules["touch"]
    ):
        raise RiskmapError(
            "parameters: traffic.touch needs a number above 0, at most 1, for each of slow, jam, "
            "severe"
        )
    everywhere = _touch(places, layer, records, np.ones(len(records)))
    recorded = everywhere > 0
    kept = [_without(column, recorded) if column.layer == LAYER else column for column in columns]
    row = list(layers).index(LAYER)
    told = known.copy()
    told[row, recorded[places.rows("link")]] = KNOWN
    jammed = records[records["level"] > 0]
    place = list(zip(jammed["kind"], jammed["row"], strict=True))
    eves = {at for at, days in zip(place, jammed["days"], strict=True) if "eve" in days}
    windows: dict[Window, list[int]] = {}
    for number, (at, days, hours) in enumerate(
        zip(place, jammed["days"], jammed["hours"], strict=True)
    ):
        window = Window(
            tables=(Active(tuple(days), tuple(hours)),), no_eve=at in eves and "eve" not in days
        )
        windows.setdefault(window, []).append(number)
    sizes = np.array([0.0, *rules["touch"]])[jammed["level"].to_numpy(np.int64)]
    for window, numbers in windows.items():
        touch = _touch(places, layer, jammed.iloc[numbers], sizes[numbers])
        rows = np.flatnonzero(touch)
        certain = np.zeros(len(rows), dtype=bool)
        kept.append(Column(LAYER, None, rows, touch[rows], certain, None, None, window))
    return kept, told


def _touch(places: Places, layer: Layer, records: pd.DataFrame, sizes: Floats) -> Floats:
    """Touch of every place: recorded roads, and recorded junctions with their approaches."""
    result = np.zeros(len(places.table))
    on_road = (records["kind"] == "link").to_numpy()
    row = records["row"].to_numpy(np.int64)
    np.maximum.at(result, row[on_road], sizes[on_road])
    every = np.arange(len(places.table))
    for size in np.unique(sizes[~on_road]):
        chosen = np.zeros(len(places.network.junctions), dtype=bool)
        chosen[row[~on_road & (sizes == size)]] = True
        result = np.maximum(result, size * at_junction(places, every, chosen, layer.touch))
    return result


def _without(column: Column, rows: Bools) -> Column:
    keep = ~rows[column.rows]
    return replace(
        column,
        rows=column.rows[keep],
        touch=column.touch[keep],
        unknown=column.unknown[keep],
        relieved=None if column.relieved is None else column.relieved[keep],
        bare=None if column.bare is None else column.bare[keep],
    )
