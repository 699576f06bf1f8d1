"""What a score must beat: rankings that anyone with the same records could make in an afternoon."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlogy

Floats = NDArray[np.float64]

SPREADS = (-9.0, 7.0)
"""Logs of the over-dispersions among which the likeliest is looked for: none at all to extreme."""


def class_only(
    counts: ArrayLike, length_m: ArrayLike, road_class: ArrayLike, years: float
) -> Floats:
    """
    Crashes per km and year of each segment's road class.

    Parameters
    ----------
    counts
        Crashes of each segment over `years`.
    length_m
        Metres per segment.
    road_class
        Class of each segment; any grouping will do.
    years
        Years of the counts.
    """
    of, sums, exposure = _by_class(counts, length_m, road_class, years)
    return np.asarray((sums / exposure)[of])


def class_eb(counts: ArrayLike, length_m: ArrayLike, road_class: ArrayLike, years: float) -> Floats:
    """
    Crashes per km and year of each segment, drawn from its count towards the mean of its class.

    Empirical Bayes of Hauer (1997, Observational Before–After Studies in Road Safety, ch. 11) with
    the class mean for a safety performance function: means within a class are Gamma distributed
    with variance k·mean², so that the estimate is (count + 1/k)/(expected + 1/k) times the class
    mean; k of each class is its likeliest. A class without crashes keeps its rate of 0. Counts must
    be whole: shared ones hide the over-dispersion.

    Arguments as in `class_only`.
    """
    of, sums, total = _by_class(counts, length_m, road_class, years)
    count, rate = _count(counts), (sums / total)[of]
    expected = rate * _exposure(length_m, years)
    spread = np.array(
        [
            over_dispersion(count[of == number], expected[of == number])
            for number in range(len(sums))
        ]
    )[of]
    factor = (count * spread + 1) / (expected * spread + 1)
    return np.asarray(rate * factor)


def over_dispersion(counts: ArrayLike, expected: ArrayLike) -> float:
    """
    Likeliest k of counts whose variance is mean + k·mean² (negative binomial, means given).

    0 where there is nothing to learn from: no crash, or counts no more spread than chance.
    """
    count, mean = _count(counts), np.asarray(expected, dtype=float)
    count, mean = count[mean > 0], mean[mean > 0]
    if not count.any():
        return 0.0

    def unlikely(log_spread: float) -> float:
        shape = float(np.exp(-log_spread))
        terms = gammaln(count + shape) - gammaln(shape) + xlogy(count, mean / (mean + shape))
        return float(-(terms - shape * np.log1p(mean / shape)).sum())

    found = scipy.optimize.minimize_scalar(unlikely, bounds=SPREADS, method="bounded")
    poisson = float(-(xlogy(count, mean) - mean).sum())
    return float(np.exp(found.x)) if found.fun < poisson else 0.0


def _count(counts: ArrayLike) -> Floats:
    return np.asarray(counts, dtype=float)


def _exposure(length_m: ArrayLike, years: float) -> Floats:
    """Kilometre-years."""
    if years <= 0:
        raise ValueError(f"{years} years of records; give the time that the counts span")
    return np.asarray(length_m, dtype=float) / 1000 * years


def _by_class(
    counts: ArrayLike, length_m: ArrayLike, road_class: ArrayLike, years: float
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Number of each segment's class; crashes and kilometre-years by class."""
    of = pd.factorize(np.asarray(road_class))[0].astype(np.int64)
    sums = [np.bincount(of, weights=by) for by in (_count(counts), _exposure(length_m, years))]
    return of, sums[0].astype(float), sums[1].astype(float)
