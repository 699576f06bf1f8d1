"""How much the score of a road rests on what is known there: high, middle or low."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskmap import coverage
from riskmap.area import Area

STEPS = ("high", "middle", "low")


def confidence(area: Area, scores: pd.DataFrame) -> pd.Series:
    """
    Say how sure each score is, by the rule of docs/method.md.

    Parameters
    ----------
    area
        The roads; `[confidence]` of its parameters is the rule.
    scores
        Scores on `area.segments.index`, with the interval `low` and `high`.

    Returns
    -------
    One of `STEPS` for each segment.
    """
    rules = area.parameters["confidence"]
    yes = questions(area, scores).sum(axis=1).to_numpy()
    said = np.select([yes >= rules["high"], yes >= rules["middle"]], STEPS[:2], STEPS[2])
    return pd.Series(said.astype(object), index=area.segments.index, name="confidence")


def questions(area: Area, scores: pd.DataFrame) -> pd.DataFrame:
    """
    Answer the four questions of the rule.

    Returns
    -------
    On the segments' index, True or False: `layers` answer, the interval is `narrow`, `inputs`
    (speed and traffic) are stated, `records` speak.
    """
    rules, segments = area.parameters["confidence"], area.segments
    low, high = (scores[name].to_numpy(float) for name in ("low", "high"))
    records = np.zeros(len(segments), dtype=bool)
    if area.learned is not None and area.crashes is not None:
        own = area.learned.segments[["crashes_per_year", "expected_per_year"]].max(axis=1)
        records = own.to_numpy() * float(area.crashes.years.sum()) >= rules["crashes"]
    return pd.DataFrame(
        {
            "layers": coverage.by_segment(area.known) >= rules["coverage"],
            "narrow": high <= rules["width"] * low,
            "inputs": (
                (segments["speed_source"] != "prior") & (segments["flow_source"] != "prior")
            ).to_numpy(),
            "records": records,
        },
        index=segments.index,
    )
