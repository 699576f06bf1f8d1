"""Every hour of every kind of day for the self-contained map: levels, and the worst places."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import road_runs
from riskmap.hours import KINDS
from riskmap.risk import LEVELS, levels

if TYPE_CHECKING:
    from riskmap.area import Area

Rows = NDArray[np.int64]
TOP = 20
"""Places of a list."""


def hours(area: Area, rows: Rows) -> dict[str, Any]:
    """
    Write the levels of some segments in every hour, and which are worst then.

    Returns
    -------
    `kinds`: kinds of day that the year has, 24 hours each; `levels`: number in `LEVELS` of each
    segment, half a byte each, hour after hour, as base64; `worst`: for every hour place of the
    segment among `rows` and how often the area's average, place, times …
    """
    model = area.model
    there = np.repeat(model.time.counts.reshape(len(KINDS), 24).any(axis=1), 24)
    per_km = model.by_kind()[:, there] / model.km[:, None]
    mean = (per_km * model.km[:, None]).sum(axis=0) / model.km.sum()
    own = per_km[rows]
    found = levels(own.ravel() * len(model.almanac.year), area.limits()).reshape(own.shape)
    numbers = pd.Categorical(found.ravel(), categories=list(LEVELS)).codes.reshape(own.shape)
    run = _runs(area)[rows]
    return {
        "kinds": [kind for kind, day in zip(KINDS, there[::24], strict=True) if day],
        "levels": _packed(numbers.T.astype(np.uint8)),
        "worst": [
            worst(column, run, mean_then) for column, mean_then in zip(own.T, mean, strict=True)
        ],
    }


def worst_of(area: Area, rows: Rows, per_km: NDArray[np.float64], mean: float) -> list[float]:
    """The worst places by some rate of every segment, as in `hours`."""
    return worst(per_km[rows], _runs(area)[rows], mean)


def worst(rate: NDArray[Any], run: NDArray[np.int64], mean: float) -> list[float]:
    """Of a road that runs on only its worst piece is a place."""
    order = np.argsort(-rate, kind="stable")
    first = order[~pd.Series(run[order]).duplicated().to_numpy()][:TOP]
    return [v for row in first for v in (int(row), float(f"{rate[row] / max(mean, 1e-300):.2g}"))]


def _runs(area: Area) -> NDArray[np.int64]:
    return road_runs.runs(area.network).run[area.segments["edge"].to_numpy()]


def _packed(numbers: NDArray[np.uint8]) -> str:
    count, size = numbers.shape
    even = np.zeros((count, size + size % 2), dtype=np.uint8)
    even[:, :size] = numbers
    return base64.b64encode((even[:, ::2] | (even[:, 1::2] << 4)).tobytes()).decode()
