"""How numbers and names are written: plain first, two significant figures, unknown never blank."""

import math
import re
from dataclasses import dataclass

import pandas as pd

from riskmap.locale import Lang, text
from riskmap.when_words import dated, peak, period, spanned, worded

__all__ = ["Standing", "dated", "or_unknown", "peak", "percent", "period", "plain", "spanned",
           "standing", "times_average", "worded"]  # fmt: skip

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def percent(value: float, lang: Lang) -> str:
    """Write a share in whole per cent; what is not quite nothing or all is not rounded to it."""
    if 0 < value < 1:
        return "<1"
    if 99 < value < 100:  # noqa: PLR2004  # per cent
        return ">99"
    return f"{value:.0f}" if math.isfinite(value) else text("word.unknown", lang)


def or_unknown(value: object, lang: Lang) -> str:
    """Write a text, or the word for unknown where there is none."""
    known = isinstance(value, str) and value.strip()
    return str(value) if known else text("word.unknown", lang)


def plain(words: str) -> str:
    """Escape a text for Streamlit's Markdown, where a name could load a picture from afar."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(words.split()))


@dataclass(frozen=True)
class Standing:
    """
    Where one segment stands among the area's roads.

    Attributes
    ----------
    times
        Its rate over that of all roads together, NaN where it has none.
    above
        Share of the road length with a higher rate, 0..1.
    """

    times: float
    above: float


def standing(
    scores: pd.DataFrame, length_m: pd.Series, segment_id: str, measure: str = "harm_per_km"
) -> Standing:
    """Place one segment among all, by a rate in the period of `scores`; see `times_average`."""
    worse = scores[measure] > scores.loc[segment_id, measure]
    return Standing(
        times=float(times_average(scores, measure).loc[segment_id]),
        above=float(length_m[worse].sum() / length_m.sum()),
    )


def times_average(scores: pd.DataFrame, measure: str) -> pd.Series:
    """
    Divide a rate by the rate of the whole area.

    Parameters
    ----------
    scores
        Scores with `harm` and the rate.
    measure
        `harm_per_km` or `harm_per_mvkm`.
    """
    exposure = (scores["harm"] / scores[measure]).sum()
    return scores[measure] / (scores["harm"].sum() / exposure)
