"""Empirical Bayes on crash counts: what roads like it have, and what happened here, in one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]

WIDE = 50.0
"""How far from the means a threshold is looked for, in the log."""


@dataclass(frozen=True)
class Posterior:
    """
    Gamma distributions of crash rates a year, one per place.

    With an expected rate μ and over-dispersion k the rates of places like it are Gamma with shape
    1/k and mean μ; y crashes in T years leave Gamma(1/k + y, rate 1/(kμ) + T) (Hauer 1997, chapter
    11; HSM 2010, part C, appendix A). A `shape` of infinity is a rate that is taken as known.
    """

    mean: Floats
    shape: Floats

    @property
    def variance(self) -> Floats:
        """Variance of each rate."""
        return self.mean**2 / self.shape

    def above(self, threshold: Floats) -> Floats:
        """
        Probability that each rate is above a threshold of its own, in crashes a year.

        Where the rate is taken as known it is 0 or 1.
        """
        known = ~np.isfinite(self.shape)
        shape = np.where(known, 1.0, self.shape)
        mean = np.maximum(self.mean, np.finfo(float).tiny)
        drawn = scipy.stats.gamma.sf(threshold, shape, scale=mean / shape)
        return np.where(known, (self.mean > threshold).astype(float), drawn)

    def exceeded(self, share: float, size: Floats) -> float:
        """
        Rate per unit of `size` that a share of all size is expected to lie above.

        Raises
        ------
        ValueError
            A share that is not between 0 and 1.
        """
        if not 0 < share < 1:
            message = f"share {share}: must lie between 0 and 1"
            raise ValueError(message)
        per_unit = self.mean / size
        if not per_unit.any():
            return 0.0

        def over(log: float) -> float:
            return float(self.above(np.exp(log) * size) @ size / size.sum() - share)

        # a rate of a Gamma with a small shape may lie far above its mean, or next to nothing
        some = per_unit[per_unit > 0]
        low, high = np.log(some.min()) - WIDE, np.log(some.max()) + WIDE
        if over(low) <= 0:
            return 0.0
        return float(np.exp(scipy.optimize.brentq(over, low, high, xtol=1e-6)))

    def interval(self, low: float, high: float) -> tuple[Floats, Floats]:
        """Quantiles of each rate."""
        known = ~np.isfinite(self.shape)
        shape = np.where(known, 1.0, self.shape)
        ends = (scipy.stats.gamma.ppf(q, shape, scale=self.mean / shape) for q in (low, high))
        first, last = (np.where(known, self.mean, end) for end in ends)
        return first, last


def posterior(
    expected: Floats, dispersion: Floats, crashes: Floats, years: Floats | float
) -> Posterior:
    """
    Combine what is expected with what happened.

    Parameters
    ----------
    expected
        Crashes a year of places like each, > 0 or 0 where nothing can happen.
    dispersion
        Over-dispersion k of each: the variance of the rates of places like it over their squared
        mean.
    crashes
        Whole crashes at each place.
    years
        Over how many years; 0 leaves what is expected.
    """
    shape = 1.0 / dispersion
    possible = np.maximum(expected, np.finfo(float).tiny)
    mean = (shape + crashes) / (shape / possible + years)
    return Posterior(np.where(expected > 0, mean, 0.0), shape + crashes)


def weight(expected: Floats, dispersion: Floats, years: float) -> Floats:
    """Weight of what is expected against what happened, 1/(1 + kμT) (Hauer 1997)."""
    return np.asarray(1.0 / (1.0 + dispersion * expected * years))


def drawn(parts: tuple[tuple[Posterior, csr_array | None], ...]) -> Posterior:
    """
    Add up the rates of places on the segments that they are drawn over.

    Parameters
    ----------
    parts
        Rates, and segments × places with the share of each place on each segment; None is the
        segments themselves.

    Returns
    -------
    One Gamma per segment with the mean and the variance of the sum, its parts taken as independent.
    """
    mean = sum((p.mean if s is None else s @ p.mean) for p, s in parts)
    variance = sum((p.variance if s is None else s.power(2) @ p.variance) for p, s in parts)
    mean, variance = np.asarray(mean, float), np.asarray(variance, float)
    shape = np.divide(mean**2, variance, out=np.full(len(mean), np.inf), where=variance > 0)
    return Posterior(mean, shape)
