"""Points that are one thing, listed twice."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def stands_for(
    xy: Floats, names: Sequence[str], dates: Sequence[object], merge_m: float
) -> Ints:
    """
    Find the point that stands for each point: itself, or one within `merge_m` for the same dates.

    The first of one name stands for the others of that name, and any named one for those without
    a name. Two names are two things, however near.

    Parameters
    ----------
    xy
        Metres, one row per point.
    names, dates
        One per point; "" for no name.
    merge_m
        Metres.

    Returns
    -------
    Row numbers.
    """
    stands = np.arange(len(xy))
    named = np.array(list(map(bool, names)), dtype=bool)
    keys = list(zip(names, dates, strict=True))
    _first_of_each(stands, np.flatnonzero(named), xy, keys, merge_m)
    kept = named & (stands == np.arange(len(xy)))
    times = pd.Series(dates, dtype=object).map(str)
    for _, group in times.groupby(times):
        rows = group.index.to_numpy()
        those, bare = rows[kept[rows]], rows[~named[rows]]
        if len(those) and len(bare):
            distance, nearest = cKDTree(xy[those]).query(xy[bare])
            close = distance <= merge_m
            stands[bare[close]] = those[nearest[close]]
    left = np.flatnonzero(~named & (stands == np.arange(len(xy))))
    _first_of_each(stands, left, xy, keys, merge_m)
    return stands


def _first_of_each(
    stands: Ints,
    rows: Ints,
    xy: Floats,
    keys: Sequence[object],
    merge_m: float,
) -> None:
    """Let the first point of each key stand for those within `merge_m` of it, in their order."""
    kept: dict[object, list[int]] = {}
    cells = np.floor(xy / merge_m).astype(np.int64).tolist()
    places = xy.tolist()
    # a cell keeps a few points of one key at most, so a dense list takes no longer
    for row in rows.tolist():
        key, (column, line) = keys[row], cells[row]
        around = ((key, column + i, line + j) for i in (0, -1, 1) for j in (0, -1, 1))
        others = (other for cell in around for other in kept.get(cell, ()))
        near = (other for other in others if math.dist(places[row], places[other]) <= merge_m)
        stands[row] = next(near, row)
        if stands[row] == row:
            kept.setdefault((key, column, line), []).append(row)
