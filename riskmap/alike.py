"""Roads elsewhere that are dangerous for the same reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap import road_runs
from riskmap.area import Area
from riskmap.errors import RiskmapError
from riskmap.locale import text
from riskmap.moments import When
from riskmap.risk import BASES

Floats = NDArray[np.float64]

COLUMNS = ("segment_id", "name", "level", "away_m", "likeness")
LEFT_OUT = (BASES["link"], "cap")
"""Reasons that every road has, or that say nothing of it."""


def alike(
    area: Area,
    segment_id: str,
    when: When = None,
    *,
    count: int = 5,
    lang: str = "zh",
    by: str = "km",
    shares: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    List roads elsewhere that are most like one by what makes it risky.

    How alike two pieces are is the cosine between their shares of reasons, without the harm that
    any road has; less where their level, or the group of their class, is another (`[alike]` of the
    parameters). Of each other road the most alike piece is listed; the same road is none elsewhere:
    what has its name or number, or goes straight on from it.

    Parameters
    ----------
    area
        The roads.
    segment_id
        The piece that others are to be like.
    when
        None for the whole year; an hour, or a period.
    count
        At most so many.
    lang
        Language of the name for what has none.
    by
        What the levels are of, as in `area.scores`.
    shares
        `area.reason_table(when)`, where it is known already.

    Returns
    -------
    `COLUMNS`, the most alike first: `level` at that moment, `away_m` as the crow flies, `likeness`
    0..1. Empty where no layer has a say, or nothing is alike enough.

    Raises
    ------
    RiskmapError
        An id that this area does not have.
    """
    segments, rules = area.segments, area.parameters["alike"]
    if segment_id not in segments.index:
        raise RiskmapError(f"segment '{segment_id}': not in {area.name}")
    at = int(segments.index.get_loc(segment_id))
    table = area.reason_table(when) if shares is None else shares
    reasons = table.drop(columns=[name for name in LEFT_OUT if name in table]).to_numpy().clip(0.0)
    level = area.model.rates(when, area.limits(by), by=by)["level"].to_numpy(object)
    group = _groups(area)
    likeness = _cosine(reasons, at)
    likeness *= np.where(level == level[at], 1.0, rules["other_level"])
    likeness *= np.where(group == group[at], 1.0, rules["other_group"])
    road = _roads(area)
    order = np.argsort(-likeness, kind="stable")
    order = order[(likeness[order] >= rules["least"]) & (road[order] != road[at])]
    first = ~pd.Series(road[order]).duplicated().to_numpy()
    best = order[first][:count]
    lines = segments.geometry.to_numpy()
    named = np.where(segments["name"] != "", segments["name"], segments["ref"])[best]
    return pd.DataFrame(
        {
            "segment_id": segments.index.to_numpy(object)[best],
            "name": np.where(named == "", text("reason.unnamed", lang), named).astype(object),
            "level": level[best],
            "away_m": shapely.distance(lines[best], lines[at]),
            "likeness": likeness[best],
        },
        columns=list(COLUMNS),
    )


def _cosine(reasons: Floats, at: int) -> Floats:
    """Cosine between one row and every row; 0 where a row has nothing."""
    size = np.linalg.norm(reasons, axis=1) * np.linalg.norm(reasons[at])
    return np.divide(reasons @ reasons[at], size, out=np.zeros(len(reasons)), where=size > 0)


def _groups(area: Area) -> NDArray[np.object_]:
    """Group of the class of every segment: roads whose traffic comes and goes alike."""
    groups = area.parameters["moments"]["groups"]
    of_class = {name: group for group, names in groups.items() for name in names}
    return area.segments["road_class"].map(of_class).fillna("").to_numpy(object)


def _roads(area: Area) -> NDArray[np.object_]:
    """What road every segment is a piece of: its name, else its number, else the run it is on."""
    segments = area.segments
    run = road_runs.runs(area.network).run[segments["edge"].to_numpy()]
    known = np.where(segments["name"] != "", segments["name"], segments["ref"])
    return np.where(known != "", known, run).astype(object)
