"""Cells of a table → OpenStreetMap tags: what a column is called, and what a cell says."""

from __future__ import annotations

import difflib
import math
from collections.abc import Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.tags import Tags, tags_of

ROAD_KEYS = frozenset({
    "bridge", "est_width", "highway", "junction", "lanes", "layer", "lit", "maxspeed", "name",
    "oneway", "ref", "tunnel", "width",
})  # fmt: skip
"""Tags of a road that the network and the page ask for; layers and vehicles ask for more."""
ALIKE = 0.87
"""A column that is so much like one that is read, and that is not there, is a slip."""
LETTERS: Mapping[str, Mapping[str, str]] = {
    "bridge": {"T": "yes", "F": "no"},
    "tunnel": {"T": "yes", "F": "no"},
    "oneway": {"B": "no", "F": "yes", "T": "-1"},
}
"""What the shapefiles of Geofabrik write in the place of OpenStreetMap's own values."""


def road_keys(layers: Mapping[str, Layer], rules: Mapping[str, Any]) -> frozenset[str]:
    """Tags of a road that anything asks for: its columns in a table of lines."""
    keys = set(ROAD_KEYS) | set(rules["roads"]["excluded"])
    for layer in layers.values():
        if layer.touch.relation == "own":
            keys |= {key for source in layer.sources for key in (*source.osm, *source.exclude)}
        keys |= {key for effect in layer.effects for key in effect.when or {}}
    asked = rules["diversions"]
    limits = {key for keys_ in asked["limits"].values() for key in keys_}
    for vehicle in ("car", "truck"):
        access = asked[vehicle]["access"]
        keys |= {*access, *limits, *(f"{key}:{access[0]}" for key in limits)}
    return frozenset(keys)


def named(
    columns: Iterable[Hashable],
    keys: AbstractSet[str],
    given: Mapping[str, str] | None,
    *,
    usual: AbstractSet[str] = ROAD_KEYS,
    where: str,
) -> dict[str, str]:
    """
    Say which column holds which tag.

    Parameters
    ----------
    columns
        Of the table, in order.
    keys
        Tags that something asks for; a column of that name holds it.
    given
        Tag → column, for columns that are called otherwise.
    usual
        Tags that a column may be meant for whose name is a letter off.
    where
        What the table is called in messages.

    Raises
    ------
    RiskmapError
        A column twice, a tag or column in `given` that does not exist, or a likely slip.
    """
    there = [column for column in columns if isinstance(column, str)]
    twice = sorted({column for column in there if there.count(column) > 1})
    if twice:
        raise RiskmapError(f"{where}: has more than one column '{twice[0]}'; rename or drop one")
    result = {column: column for column in there if column in keys}
    for key, column in (given or {}).items():
        if key not in keys:
            raise RiskmapError(f"{where}: columns: no tag '{key}' is read{_meant(key, keys)}")
        if column not in there:
            raise RiskmapError(f"{where}: has no column '{column}'{_meant(column, there)}")
        result[key] = column
    for column in there:
        near = difflib.get_close_matches(column.lower(), sorted(usual), n=1, cutoff=ALIKE)
        if near and near[0] not in result and column not in result.values():
            raise RiskmapError(
                f"{where}: column '{column}' is not read; did you mean '{near[0]}'? Rename it, or "
                "drop it if it is something else"
            )
    return result


def tags(
    table: pd.DataFrame, columns: Mapping[str, str], *, ranks: Mapping[str, int] | None = None
) -> Tags:
    """
    Read the tags of a table's rows.

    Yes and no may be True and False, numbers numbers. A cell may hold several values, as osmnx
    leaves them where it joins ways: of road classes the highest one by `ranks` counts, of the rest
    the least. Empty cells are no tags.

    Parameters
    ----------
    columns
        Tag → column, from `named`.
    """
    rows: list[dict[str, str]] = [{} for _ in range(len(table))]
    for key, column in columns.items():
        letters = LETTERS.get(key, {})
        for row, value in zip(rows, _texts(table[column], ranks or {}), strict=True):
            if value is not None:
                row[key] = letters.get(value, value)
    return tags_of(rows)


def said(tags: Tags) -> NDArray[np.object_]:
    """All tags of each object as one text: equal where the tags are."""
    result = np.full(tags.size, "", dtype=object)
    for key in sorted(tags.keys):
        column = tags.column(key)
        there = column != None  # noqa: E711  # element by element
        result[there] += f"\0{key}\0" + column[there]
    return result


def _texts(column: pd.Series, ranks: Mapping[str, int]) -> NDArray[np.object_]:
    """Text of each cell; None of an empty one. Equal cells are read once."""
    known: dict[object, str | None] = {}
    result = np.full(len(column), None, dtype=object)
    for row, value in enumerate(column.array):
        key = (type(value), str(value))
        if key not in known:
            known[key] = _text(value, ranks)
        result[row] = known[key]
    return result


def _text(value: object, ranks: Mapping[str, int]) -> str | None:
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        found = sorted({text for part in value if (text := _text(part, {}))}, key=_order)
        # of equal ranks the first by name: sets have no order of their own
        return min(found, key=lambda text: -ranks.get(text, 0), default=None)
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, float, np.integer, np.floating)):
        return f"{value:.15g}" if math.isfinite(value) else None
    # half a character, which no file could hold
    return str(value).encode("utf-8", "replace").decode("utf-8").strip() or None


def _order(text: str) -> tuple[float, str]:
    """Numbers by size, then words."""
    head = text.split(" ", maxsplit=1)[0]
    try:
        return float(head), text
    except ValueError:
        return math.inf, text


def _meant(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; it has {', '.join(names[:20])}" if names else "; it has no columns with a name"
