"""Are as many crashes expected as happen: by tenth, as a slope, along a covariate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array

from riskmap.blocks import LEVEL, percentiles, resampled, weights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEPS = 50
"""Newton steps at most; a Poisson fit of two numbers takes about six."""
NEAR = 1e-8
"""A smaller step, or spread of the logs, is none."""
SETTLED = 1e-4
"""A fit whose last step is larger has not been found: nothing settles it."""


def exact_interval(observed: ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """
    Exact interval of a Poisson mean from its count (Garwood 1936, Biometrika 28:437–442).

    Weighted sums are no counts: as quantiles of Gamma distributions the ends are defined for them,
    but are exact for counts alone.
    """
    count, tail = np.asarray(observed, dtype=float), (1 - level) / 2
    low = np.where(count > 0, scipy.stats.gamma.ppf(tail, np.maximum(count, 1e-300)), 0.0)
    return low, np.asarray(scipy.stats.gamma.ppf(1 - tail, count + 1))


def by_tenth(
    expected: ArrayLike,
    observed: ArrayLike,
    length_m: ArrayLike,
    *,
    tenths: int = 10,
    equal: Literal["length", "expected"] = "length",
    blocks: Ints | None = None,
    replicates: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> pd.DataFrame:
    """
    Expected and observed crashes by tenths of the network, from the safest roads up.

    Roads are sorted by what is expected per km. Roads expected equally dangerous stay together, so
    that a tenth may hold more or less than a tenth, or be missing.

    Parameters
    ----------
    expected
        Crashes expected on each segment in the time of `observed`.
    observed
        Crashes of each segment.
    length_m
        Metres per segment.
    tenths
        How many groups.
    equal
        What the groups have in equal parts: road length, or expected crashes (which tells more
        about dangerous roads, where most crashes are).
    blocks
        Square of each segment, from `blocks.blocks`, for the second interval.

    Returns
    -------
    `tenth` (1 the safest), `length_m`, `expected`, `observed`, `ratio` of observed to expected, its
    exact Poisson interval `low`, `high`; with `blocks` its interval by block bootstrap too, wider
    where crashes come in clusters: `block_low`, `block_high`.
    """
    table = pd.DataFrame(
        {
            "length_m": np.asarray(length_m, dtype=float),
            "expected": np.asarray(expected, dtype=float),
            "observed": np.asarray(observed, dtype=float),
        }
    )
    _, group = np.unique(table["expected"] / table["length_m"], return_inverse=True)
    share = np.bincount(group, weights=table[{"length": "length_m"}.get(equal, equal)])
    middle = (np.cumsum(share) - share / 2) / share.sum()
    tenth = np.minimum((middle * tenths).astype(int), tenths - 1)[group] + 1
    found = table.groupby(tenth).sum().rename_axis("tenth").reset_index()
    ends = np.array(exact_interval(found["observed"], level)) / found["expected"].to_numpy()
    found["ratio"] = found["observed"] / found["expected"]
    found["low"], found["high"] = ends
    if blocks is not None:
        times = resampled(blocks, replicates=replicates, seed=seed)
        place = np.searchsorted(found["tenth"], tenth)
        shape = (times.shape[1], len(found))
        drawn = [
            np.asarray(times @ coo_array((table[name], (blocks, place)), shape), dtype=float)
            for name in ("observed", "expected")
        ]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = drawn[0] / drawn[1]
        found["block_low"], found["block_high"] = percentiles(ratio, level)
    return found


def slope(
    expected: ArrayLike,
    observed: ArrayLike,
    blocks: Ints,
    *,
    replicates: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> pd.DataFrame:
    """
    Overall calibration: total observed over expected, and slope and intercept of the logs.

    The slope is that of a Poisson regression of the observed crashes on the log of the expected
    ones (Cox 1958, Biometrika 45:562–565; Miller et al. 1991, Statistics in Medicine 10:1213–1226):
    1 is right, below 1 the score is too spread out, above 1 not enough. The intercept is that of
    the same regression, 0 is right beside a slope of 1.

    Parameters
    ----------
    expected
        Crashes expected on each segment in the time of `observed`. Segments where none are
        expected say nothing about the slope and are left out of it.
    observed
        Crashes of each segment.
    blocks
        Square of each segment, from `blocks.blocks`: the interval is that of a block bootstrap.

    Returns
    -------
    `measure` ("ratio", "slope", "intercept"), `value`, `low`, `high`; NaN where it cannot be known.
    """
    mean, count = np.asarray(expected, dtype=float), np.asarray(observed, dtype=float)
    if not (mean >= 0).all() or not (count >= 0).all():
        raise ValueError("an expected or observed count is negative or unknown")
    known = mean > 0
    times, found, start = resampled(blocks, replicates=replicates, seed=seed), [], None
    for weight in weights(times, blocks):
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (weight @ count) / (weight @ mean)
        fits = _fits(np.log(mean[known]), count[known], weight[:, known], start)
        start = fits[0] if start is None else start  # the replicates begin where what is ends
        found.append(np.column_stack([ratio, fits]))
    rows = np.concatenate(found)
    low, high = percentiles(rows[1:], level)
    return pd.DataFrame(
        {
            "measure": ["ratio", "slope", "intercept"],
            "value": rows[0],
            "low": low,
            "high": high,
        }
    )


def _fits(log_mean: Floats, count: Floats, weight: Floats, start: Floats | None) -> Floats:
    """
    Slope and intercept for each row of weights, by Newton's method.

    NaN where its data do not settle them.
    """
    if not count.any() or np.ptp(log_mean) < NEAR or (start is not None and np.isnan(start).any()):
        return np.full((len(weight), 2), np.nan)
    centre = log_mean.mean()
    x = log_mean - centre
    level = np.log(count.sum() / np.exp(log_mean).sum()) + centre
    first = (level, 1.0) if start is None else (start[1] + start[0] * centre, start[0])
    fits = np.repeat(np.array([first]), len(weight), axis=0)
    move = np.full(fits.shape, np.inf)
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            mean = np.exp(fits[:, :1] + fits[:, 1:] * x) * weight
            rest = weight * count - mean
            g0, g1 = rest.sum(axis=1), rest @ x
            h0, h1, h2 = mean.sum(axis=1), mean @ x, mean @ (x * x)
            area = h0 * h2 - h1 * h1
            area[area <= NEAR * h0 * h2] = np.nan
            move = np.column_stack([h2 * g0 - h1 * g1, h0 * g1 - h1 * g0]) / area[:, None]
            fits += move
            if not (np.abs(move) >= NEAR).any():
                break
        fits[~(np.abs(move) < SETTLED).all(axis=1)] = np.nan
    return np.column_stack([fits[:, 1], fits[:, 0] - fits[:, 1] * centre])


@dataclass(frozen=True)
class Cure:
    """
    A CURE plot: `table` with `covariate`, `cumulative`, `low`, `high`; `outside` its verdict.

    `outside` is the share of the points that lie the bounds; about 0.05 would be by chance, and a
    long drift to one side is a misfit there.
    """

    table: pd.DataFrame
    outside: float


def cure(covariate: ArrayLike, expected: ArrayLike, observed: ArrayLike) -> Cure:
    """
    Cumulative residuals along a covariate, with the bounds of a random walk that ends at 0.

    Hauer & Bamfo 1997, Two tools for finding what function links the dependent variable to the
    explanatory variables (ICTCT, Lund): ± two standard deviations, whose square is
    S(n)·(1 − S(n)/S(N)), where S(n) are the squared residuals summed up to n. Segments of one value
    of the covariate are one step.

    Parameters
    ----------
    covariate
        Value per segment: length, flow, expected crashes; unknown ones are left out.
    expected, observed
        Crashes per segment over the same time.
    """
    rest = np.asarray(observed, dtype=float) - np.asarray(expected, dtype=float)
    steps = (
        pd.DataFrame({"rest": rest, "square": rest * rest})
        .groupby(np.asarray(covariate, dtype=float))
        .sum()
        .cumsum()
    )
    square = steps["square"].to_numpy()
    total = square[-1] if len(square) else 0.0
    width = 2 * np.sqrt(square * np.maximum(1 - square / total, 0.0)) if total else 0.0 * square
    path = steps["rest"].to_numpy()
    table = pd.DataFrame(
        {
            "covariate": steps.index.to_numpy(),
            "cumulative": path,
            "low": -width,
            "high": width,
        }
    )
    # the last bound is 0 by definition: what the fit misses in all is the ratio's business
    beyond = np.abs(path[:-1]) > width[:-1]
    return Cure(table, float(beyond.mean()) if len(beyond) else float("nan"))
