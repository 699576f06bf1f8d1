"""How much places with the same expected crashes differ: over-dispersion by class and risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Names = NDArray[np.object_]


@dataclass(frozen=True)
class Dispersion:
    """
    Over-dispersion k of the negative binomial: the variance of a count is μ + kμ².

    log k = `level` + `slope` · log(μ / `middle`) + `groups`, with μ in crashes a year: one silent
    k for all roads would trust the counts of quiet roads too much, or those of busy ones too
    little.
    """

    level: float
    slope: float
    middle: float
    groups: Mapping[str, float]

    def at(self, expected: Floats, group: Names) -> Floats:
        """Over-dispersion of places with so many expected crashes a year, of these classes."""
        log = np.log(np.maximum(expected, LEAST) / self.middle)
        names, at = np.unique(group.astype(str), return_inverse=True)
        own = np.array([self.groups.get(name, 0.0) for name in names])
        return np.exp(np.clip(self.level + self.slope * log + own[at], *RANGE))


LEAST = 1e-9
RANGE = (-6.0, 5.0)
"""Of log k: where counts say nothing about it a power law would leave every bound."""


def stated(rules: Mapping[str, Any], middle: float = 1.0) -> Dispersion:
    """Over-dispersion before any record; `rules` is the table `[dispersion]` of the parameters."""
    return Dispersion(float(np.log(rules["k"])), rules["slope"], middle, {})


def drawn(
    expected: Floats, group: Names, rules: Mapping[str, Any], random: np.random.Generator
) -> Dispersion:
    """Draw the over-dispersion of places from what is stated, as `fitted` takes it to be."""
    middle = _middle(expected[expected > 0])
    prior = stated(rules, middle)
    groups = {
        str(name): float(random.normal(0.0, rules["group_sd"]))
        for name in np.unique(group.astype(str))
    }
    level = random.normal(prior.level, rules["k_sd"])
    slope = random.normal(prior.slope, rules["slope_sd"])
    return Dispersion(float(level), float(slope), middle, groups)


def _middle(mean: Floats) -> float:
    """Geometric mean of what is expected where a crash happens."""
    return float(np.exp(np.log(mean) @ mean / mean.sum()))


def fitted(
    expected: Floats,
    crashes: Floats,
    group: Names,
    years: Floats,
    rules: Mapping[str, Any],
    *,
    near: Dispersion | None = None,
) -> Dispersion:
    """
    Fit over-dispersion to counts, around what is stated.

    Parameters
    ----------
    expected
        Crashes a year of every place.
    crashes
        Whole crashes at every place in `years`. Shared counts are no integers and would break it.
    group
        Class of every place.
    years
        Years of records at every place; where there are none nothing is learned.
    rules
        The table `[dispersion]` of the parameters.
    near
        Where to begin to look; None is at what is stated.
    """
    some = (expected > 0) & (years > 0)
    if not some.any():
        return stated(rules)
    mean = expected[some]
    middle = _middle(mean)
    prior = stated(rules, middle)
    names, at = np.unique(group[some].astype(str), return_inverse=True)
    design = np.zeros((len(mean), 2 + len(names)))
    design[:, 0], design[:, 1] = 1.0, np.log(mean / middle)
    design[np.arange(len(mean)), 2 + at] = 1.0
    start = np.concatenate([[prior.level, prior.slope], np.zeros(len(names))])
    sd = np.concatenate([
        [rules["k_sd"], rules["slope_sd"]], np.full(len(names), rules["group_sd"])
    ])
    count, total = crashes[some], mean * years[some]

    def loss(values: Floats) -> tuple[float, Floats]:
        raw = design @ values
        k = np.exp(np.clip(raw, *RANGE))
        away = (values - start) / sd
        value = 0.5 * away @ away - log_likelihood(count, total, k)
        slope = _by_log_k(count, total, k) * ((raw > RANGE[0]) & (raw < RANGE[1]))
        return value, away / sd - design.T @ slope

    first = start
    if near is not None:
        level = near.level + near.slope * np.log(middle / near.middle)
        own = [near.groups.get(str(name), 0.0) for name in names]
        first = np.array([level, near.slope, *own])
    found = scipy.optimize.minimize(loss, first, jac=True, method="L-BFGS-B").x
    groups = {str(name): float(value) for name, value in zip(names, found[2:], strict=True)}
    return Dispersion(float(found[0]), float(found[1]), middle, groups)


def log_likelihood(crashes: Floats, mean: Floats, dispersion: Floats) -> float:
    """Log-likelihood of negative binomial counts, without what depends on the counts alone."""
    shape = 1.0 / dispersion
    return float(np.sum(
        scipy.special.gammaln(crashes + shape) - scipy.special.gammaln(shape)
        - shape * np.log1p(dispersion * mean)
        + scipy.special.xlogy(crashes, dispersion * mean / (1.0 + dispersion * mean))
    ))  # fmt: skip


def _by_log_k(crashes: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Derivative of each count's log-likelihood by log k."""
    shape = 1.0 / dispersion
    by_shape = (
        scipy.special.digamma(crashes + shape) - scipy.special.digamma(shape)
        - np.log1p(dispersion * mean)
        + (mean - crashes) / (shape + mean)
    )  # fmt: skip
    return np.asarray(-shape * by_shape)
