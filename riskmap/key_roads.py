"""Key roads of a shift: the worst at its peaks, which no plan may leave alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from riskmap.area import Area
from riskmap.covered import Demand
from riskmap.posts import Key
from riskmap.standing import SHORTEST

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY = 1440.0
"""Minutes."""


@dataclass(frozen=True)
class Keys:
    """
    Key roads of a shift: the worst at its peaks.

    `windows` are the peaks within the shift, in minutes; `segments` are rows of the worst share of
    length by harm per km in them.
    """

    windows: tuple[tuple[float, float], ...]
    segments: Ints


def key_roads(area: Area, demand: Demand) -> Keys:
    """Find the worst roads at the peaks that lie in a shift."""
    rules = area.parameters["deploy"]
    windows = peaks(rules, demand.first, demand.last)
    if not windows:
        return Keys((), np.empty(0, np.int64))
    km = area.segments["length_m"].to_numpy() / 1000.0
    harm = sum(demand.between(*window) for window in windows) / km
    order = np.argsort(-harm, kind="stable")
    share = np.cumsum(km[order]) / km.sum()
    return Keys(windows, np.sort(order[share <= rules["key_share"]]))


def peaks(rules: Mapping[str, Any], first: float, last: float) -> tuple[tuple[float, float], ...]:
    """Peak windows of `[deploy]` within a shift, in minutes; slivers are left out."""
    found = []
    for day in range(-1, int(last // DAY) + 1):
        for text in rules["peaks"]:
            begin, end = (_minute(part) + DAY * day for part in text.split("-"))
            end += DAY * (end <= begin)
            begin, end = max(begin, first), min(end, last)
            if end - begin >= SHORTEST:
                found.append((begin, end))
    return tuple(sorted(found))


def hard(
    cover: csr_array,
    keys: Keys,
    edges: Floats,
    rules: Mapping[str, Any],
    sites_rules: Mapping[str, Any],
) -> list[Key]:
    """Write the key roads as constraints: a post in reach in every block of a peak."""
    least = 2.0 ** (-rules["key_reach_m"] / sites_rules["halving_m"])
    near = csr_array(cover[:, keys.segments]).tocsc()
    near.data = near.data >= least
    near.eliminate_zeros()
    groups: dict[bytes, tuple[int, Ints]] = {}
    for number, segment in enumerate(keys.segments):
        rows = np.sort(near.indices[near.indptr[number] : near.indptr[number + 1]])
        groups.setdefault(rows.tobytes(), (int(segment), rows.astype(np.int64)))
    blocks = [
        block
        for block, (first, last) in enumerate(pairwise(edges))
        if any(first < end and begin < last for begin, end in keys.windows)
    ]
    return [
        Key(block, rows, str(segment)) for block in blocks for segment, rows in groups.values()
    ]


def _minute(text: str) -> float:
    hours, _, minutes = text.strip().partition(":")
    return int(hours) * 60.0 + int(minutes or 0)
