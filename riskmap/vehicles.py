"""What may drive where, by the tags of every road: allowed, refused, or not known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.tags import Tags

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

VEHICLES = ("car", "truck")
REFUSED, NOT_KNOWN, ALLOWED = -1, 0, 1

# wiki: Map Features/Units. Feet and inches stand as 12'6"; a ton without a word is metric.
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]*)")
_FEET = re.compile(r"(\d+)\s*(?:'|ft)\s*(?:(\d+(?:\.\d+)?)\s*(?:\"|in)?)?")
_UNITS: Mapping[str, Mapping[str, float]] = {
    "t": {"": 1.0, "t": 1.0, "kg": 1e-3, "st": 0.90718474, "lt": 1.0160469, "lbs": 0.45359237e-3},
    "m": {"": 1.0, "m": 1.0, "cm": 1e-2, "ft": 0.3048},
}


def table(own: Tags, index: pd.Index, rules: Mapping[str, Any]) -> pd.DataFrame:
    """
    Read what the tags of each road say about through traffic of every vehicle.

    Access goes from the most special key to the most general one (wiki: Key:access, Transport mode
    restrictions): `hgv`, `motor_vehicle`, `vehicle`, `access`; `goods` is for light vans (wiki:
    Key:goods) and does not bind a truck. Roads for destination, delivery and the like are refused:
    a diversion passes through. Then come the limits (wiki: Key:maxweight, Key:maxweightrating,
    Key:maxheight, Key:maxwidth, Key:maxlength) and the mapped width of the carriageway (wiki:
    Key:width). What holds at some hours, in one direction or on one lane (`hgv:conditional`,
    `hgv:forward`, `hgv:lanes`) is not worked out: such a road is not known. Nor are gates,
    bollards and turn restrictions, which are no tags of the road.

    Parameters
    ----------
    own
        Tags of the road of each segment, from `measures.own_tags`.
    index
        `segment_id`, row by row the same.
    rules
        The table `[diversions]` of the parameters.

    Returns
    -------
    On the index, for each of `VEHICLES`: its name with `REFUSED`, `NOT_KNOWN` or `ALLOWED`, and
    its name with `_by`: the tag that refuses it, such as "maxweight=18", else "". `ALLOWED` only
    where access or a limit of weight is stated; a road without such tags is `NOT_KNOWN`.
    """
    columns: dict[str, NDArray[Any]] = {}
    for vehicle in VEHICLES:
        columns[vehicle], columns[f"{vehicle}_by"] = _of(own, rules[vehicle], rules)
    return pd.DataFrame(columns, index=index)


def _of(
    own: Tags, vehicle: Mapping[str, Any], rules: Mapping[str, Any]
) -> tuple[NDArray[np.int8], NDArray[np.object_]]:
    said, by = _access(own, vehicle["access"], rules)
    keys = set(vehicle["access"])
    for size, limits in rules["limits"].items():
        unit = size.rpartition("_")[2]
        for plain in limits:
            for key in (plain, f"{plain}:{vehicle['access'][0]}"):
                keys.add(key)
                column = own.column(key)
                limit = measured(column, unit)
                over = (limit < vehicle[size]) | _below(column)
                # the weight is what trucks are kept out by: where a sign states it, it is known
                said = np.where((unit == "t") & ~np.isnan(limit) & (said == NOT_KNOWN), 1, said)
                said, by = _refuse(over, said, by, key, column)
    width = own.column("width")
    narrow = measured(width, "m") < vehicle["road_m"]
    said, by = _refuse(narrow, said, by, "width", width)
    return np.where(_qualified(own, keys) & (said == ALLOWED), NOT_KNOWN, said).astype(np.int8), by


def _access(
    own: Tags, keys: list[str], rules: Mapping[str, Any]
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    said = np.zeros(own.size, dtype=np.int64)
    by = np.full(own.size, "", dtype=object)
    for key in keys:
        column = own.column(key)
        open_ = said == NOT_KNOWN
        # of several words, as in "destination;forestry", one that lets it pass is enough
        words = {value: [word.strip() for word in str(value).split(";")] for value in set(column)}
        allowed = {v for v, parts in words.items() if set(parts) & set(rules["allowed"])}
        refused = {v for v, parts in words.items() if set(parts) <= set(rules["refused"])}
        yes = np.fromiter((value in allowed for value in column), bool, own.size)
        no = np.fromiter((value in refused for value in column), bool, own.size)
        said = np.where(open_ & yes, ALLOWED, said)
        said, by = _refuse(open_ & no, said, by, key, column)
    return said, by


def _refuse(
    where: Bools,
    said: NDArray[np.int64],
    by: NDArray[np.object_],
    key: str,
    column: NDArray[np.object_],
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    named = by.copy()
    for row in np.flatnonzero(where & (by == "")):
        named[row] = f"{key}={column[row]}"
    return np.where(where, REFUSED, said), named


def _below(column: NDArray[np.object_]) -> Bools:
    # wiki: Key:maxheight: no sign, but lower than the law expects
    return np.asarray(column == "below_default", dtype=bool)


def _qualified(own: Tags, keys: set[str]) -> Bools:
    """Whether a road carries one of the keys for some hours, directions or lanes only."""
    result = np.zeros(own.size, dtype=bool)
    for key in own.keys:
        if key not in keys and any(key.startswith(f"{plain}:") for plain in keys):
            result |= own.has(key)
    return result


def measured(column: NDArray[np.object_], unit: str) -> Floats:
    """Tonnes ("t") or metres ("m") of each value; NaN where there is none or it says no number."""
    known: dict[object, float] = {None: np.nan}
    for value in {value for value in column if value is not None}:
        known[value] = _size(str(value).strip().lower(), unit)
    return np.array([known[value] for value in column], dtype=float)


def _size(text: str, unit: str) -> float:
    feet = _FEET.fullmatch(text) if unit == "m" else None
    if feet:
        return (float(feet[1]) + float(feet[2] or 0) / 12.0) * 0.3048
    number = _NUMBER.fullmatch(text)
    if number is None or number[2] not in _UNITS[unit]:
        return np.nan
    return float(number[1].replace(",", ".")) * _UNITS[unit][number[2]]
