"""
Did it help? Crashes before and after at some sites, by Empirical Bayes with a comparison group.

Places are treated because they were bad, and bad years are followed by better ones whatever is
done. The raw year-on-year figure counts that as success; Empirical Bayes does not (Hauer 1997,
Observational Before–After Studies in Road Safety, chapters 6, 9, 11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from riskmap import bayes
from riskmap.errors import RiskmapError

Floats = NDArray[np.float64]

LEVEL = 0.95
POWER = 0.80
"""Of the interval, and of the smallest effect that could have been seen."""


@dataclass(frozen=True)
class Effect:
    """
    What happened against what was to be expected: `theta` below 1 is fewer crashes.

    `low`, `high`: 95 % interval. `crashes` happened after; `expected` would have without treatment,
    with the standard deviation `expected_sd`. `smallest`: the smallest fall of theta, as a share,
    that would have been seen with 80 % power; NaN where none would.
    """

    theta: float
    low: float
    high: float
    crashes: float
    expected: float
    expected_sd: float
    smallest: float

    @property
    def changed(self) -> bool:
        """Whether the interval leaves out no change."""
        return not self.low <= 1.0 <= self.high


@dataclass(frozen=True)
class Comparison:
    """
    How crashes changed where nothing was done: `ratio` after over before, of equal times.

    `log_sd` is the standard deviation of its log: of the two counts, and of how much places like
    the sites differ in how they change. `before`, `after`: crashes of the group.
    """

    ratio: float
    log_sd: float
    before: float
    after: float


@dataclass(frozen=True)
class Raw:
    """
    The year-on-year figure (同比): crashes a year after over before, with its 95 % interval.

    `regression`: by how much the crashes before are above what is expected of these sites, as a
    share: what falls back by itself.
    """

    ratio: float
    low: float
    high: float
    regression: float


def comparison(
    before: float, after: float, years_before: float, years_after: float, *, between_sd: float
) -> Comparison:
    """
    Change of a comparison group.

    Parameters
    ----------
    before, after
        Crashes of the whole group in the two periods.
    years_before, years_after
        Their length in years.
    between_sd
        Standard deviation, in the log, of how differently the group and the sites change by
        themselves: the variance of Hauer's odds ratio. 0 takes the group as perfect.

    Raises
    ------
    RiskmapError
        No crash in the group before or after.
    """
    if not before or not after:
        raise RiskmapError(
            f"the comparison group has {before:.0f} crashes before and {after:.0f} after; it needs "
            "some in both: take a larger area or longer periods"
        )
    # (N/M) / (1 + 1/M) is nearly free of bias (Hauer 1997, equation 9.2)
    ratio = after / years_after / (before / years_before) / (1.0 + 1.0 / before)
    return Comparison(
        ratio, float(np.sqrt(1.0 / before + 1.0 / after + between_sd**2)), before, after
    )


def effect(
    expected: Floats,
    dispersion: Floats,
    before: Floats,
    after: float,
    years_before: float,
    years_after: float,
    change: Comparison,
) -> Effect:
    """
    Estimate the effect at some sites by Empirical Bayes.

    Parameters
    ----------
    expected
        Crashes a year that the model expects at places like each site.
    dispersion
        Their over-dispersion.
    before
        Crashes at each site before.
    after
        Crashes at all of them after.
    years_before, years_after
        Length of the periods in years.
    change
        Of the comparison group.

    Raises
    ------
    RiskmapError
        Nothing is expected at the sites.
    """
    found = bayes.posterior(expected, dispersion, before, years_before)
    weight = bayes.weight(expected, dispersion, years_before)
    ratio = change.ratio * years_after
    total = float(found.mean.sum()) * ratio
    if total <= 0:
        raise RiskmapError("no crash is expected at these sites; nothing can be said of them")
    # Var m = m (1 − w) per crash-time before (Hauer 1997, equation 11.4)
    mean_before = found.mean * years_before
    spread = float(((1.0 - weight) * mean_before).sum()) * (ratio / years_before) ** 2
    variance = spread + (total * change.log_sd) ** 2
    relative = variance / total**2
    theta = after / total / (1.0 + relative)
    low, high = _interval(after, relative, total)
    return Effect(
        theta, low, high, after, total, float(np.sqrt(variance)),
        _smallest(total, relative),
    )  # fmt: skip


def _interval(after: float, relative: float, total: float) -> tuple[float, float]:
    """
    Interval of theta: exact in the count, and wide enough for what is expected being uncertain.

    After is Poisson(θ·Π) and Π is Gamma with mean `total` and relative variance `relative`, so that
    after is negative binomial; the ends are the θ whose tails hold half of the rest (Garwood's
    interval where Π is known). It never goes below 0 and holds at no crash, too.
    """
    tail = (1.0 - LEVEL) / 2.0

    def log_end(upper: bool) -> float:  # noqa: FBT001  # which of the two
        def miss(log_theta: float) -> float:
            mean = np.exp(log_theta) * total
            below = _cdf(after if upper else after - 1.0, mean, relative)
            return float((below if upper else 1.0 - below) - tail)

        middle = np.log(max(after, 0.5) / total)
        return float(scipy.optimize.brentq(miss, middle - 30.0, middle + 30.0, xtol=1e-9))

    low = float(np.exp(log_end(upper=False))) if after else 0.0
    return low, float(np.exp(log_end(upper=True)))


def _cdf(count: float, mean: float, relative: float) -> float:
    if relative < 1e-12:  # noqa: PLR2004  # Poisson
        return float(scipy.stats.poisson.cdf(count, mean))
    shape = 1.0 / relative
    return float(scipy.stats.nbinom.cdf(count, shape, shape / (shape + mean)))


def _smallest(total: float, relative: float) -> float:
    """Smallest fall that a test at 5 % would have seen with 80 % power: the log is near normal."""
    reach = scipy.stats.norm.ppf(1.0 - (1.0 - LEVEL) / 2.0) + scipy.stats.norm.ppf(POWER)

    def miss(theta: float) -> float:
        return float(-np.log(theta) - reach * np.sqrt(1.0 / (theta * total) + relative))

    grid = np.linspace(1e-3, 1.0 - 1e-3, 999)
    seen = np.array([miss(theta) for theta in grid]) >= 0
    return float(1.0 - grid[seen].max()) if seen.any() else float("nan")


def raw(before: Floats, after: float, years_before: float, years_after: float,
        expected: Floats) -> Raw:  # fmt: skip
    """
    Year-on-year figure of the sites, as it is reported today.

    Parameters
    ----------
    before, after, years_before, years_after
        As in `effect`.
    expected
        Posterior mean of each site's crashes a year before, for `Raw.regression`.
    """
    count = float(before.sum())
    own = float(expected.sum()) * years_before
    if not count:
        return Raw(np.nan, np.nan, np.nan, np.nan)
    ratio = after / years_after / (count / years_before)
    sd = np.sqrt(1.0 / max(after, 0.5) + 1.0 / count)
    reach = float(scipy.stats.norm.ppf(1.0 - (1.0 - LEVEL) / 2.0))
    middle = max(after, 0.5) / years_after / (count / years_before)
    return Raw(
        ratio, float(middle * np.exp(-reach * sd)), float(middle * np.exp(reach * sd)),
        count / own - 1.0,
    )  # fmt: skip


def odds(
    treated: Mapping[int, float], group: Mapping[int, float], rules: Mapping[str, Any]
) -> tuple[float, float, float]:
    """
    How well a comparison group went along with the sites before.

    From year to year of the time before, ratio of the ratios (Hauer 1997, §9.3): near 1 they moved
    together. The standard deviation beyond chance is what `comparison` takes for `between_sd`; with
    fewer than `odds_years` years it is the stated one.

    Parameters
    ----------
    treated, group
        Crashes by year of the time before, of the sites and of the group.
    rules
        The table `[before_after]` of the parameters.

    Returns
    -------
    Mean odds ratio, how far its log is off by chance alone (a standard deviation; NaN without
    years), and how differently the group changes by itself (`between_sd`).
    """
    years = sorted(set(treated) & set(group))
    logs, chance = [], []
    # a year in the middle counts once each way and drops out of the mean: only ends remain
    part = dict.fromkeys(years, 0)
    for first, second in pairwise(years):
        counts = [treated[first], treated[second], group[first], group[second]]
        if min(counts) < 1:
            continue
        k, el, m, n = counts
        logs.append(np.log((k * n) / (el * m) / (1.0 + 1.0 / el + 1.0 / m)))
        chance.append(sum(1.0 / count for count in counts))
        part[first] -= 1
        part[second] += 1
    if not logs:
        return np.nan, np.nan, float(rules["between_sd"])
    left = [year for year in years if part[year]]
    mean = float(np.exp(np.mean(logs)))
    by_chance = float(np.sqrt(sum(1.0 / treated[y] + 1.0 / group[y] for y in left))) / len(logs)
    if len(logs) < rules["odds_years"]:
        return mean, by_chance, float(rules["between_sd"])
    beyond = max(float(np.var(logs, ddof=1) - np.mean(chance)), 0.0)
    return mean, by_chance, float(np.sqrt(beyond))
