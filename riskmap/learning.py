"""Crash counts → what an area says about scale, slope, classes and layers, beside the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from riskmap import bayes, dispersion, neighbours
from riskmap.dispersion import Dispersion
from riskmap.fitting import KINDS, Counts, Fit
from riskmap.neighbours import Neighbours
from riskmap.risk import Model

Floats = NDArray[np.float64]

ROUNDS = 12
"""Most rounds of factors and over-dispersion in turn."""
DONE = 0.02
"""How far a parameter may still move, in standard deviations, where they end."""
WORST = 0.05
"""Share of road length that `Learned.segments` calls the worst."""


@dataclass(frozen=True)
class Learned:
    """
    What records change, beside the model that has it.

    `parameters`: one row per parameter: `kind` ("layer", "scale", "slope", "class", "hour"),
    `place` (kind of place, "" for a layer and an hour), `name` (layer, class, or wave of
    `crash_times.WAVES`), `when` (tags of the feature, "" for all), `prior`, `prior_sd`,
    `local`, `local_sd` — logs; the slope's is no log — and `crashes`, how many of the records lie
    where it has a say. `expected`: crashes a year of places like each, by kind;
    `dispersion` of each, by kind; `around`: what its neighbours' crashes make of it; `posterior` of
    each, by kind.
    """

    model: Model
    parameters: pd.DataFrame
    expected: Mapping[str, Floats]
    dispersion: Mapping[str, Dispersion]
    around: Neighbours
    posterior: Mapping[str, bayes.Posterior]
    counts: Counts

    @cached_property
    def segments(self) -> pd.DataFrame:
        """
        What records say of every segment.

        Returns
        -------
        On the segments' index: `crashes_per_year` (posterior mean), `expected_per_year` (roads like
        it), `low` and `high` (80 %), `excess` (the first less the second), `worse` (probability
        that the rate is above what is expected), `worst` (probability that it is among the worst
        5 % of road length by crashes per km; over the network they add up to that length).
        """
        model = self.model
        parts = tuple((self.posterior[kind], model.spread[kind]) for kind in KINDS)
        found = bayes.drawn(parts)
        expected = np.zeros(len(model.index))
        for kind in KINDS:
            spread = model.spread[kind]
            expected += self.expected[kind] if spread is None else spread @ self.expected[kind]
        rules = model.parameters["interval"]
        low, high = found.interval(rules["low"], rules["high"])
        return pd.DataFrame(
            {
                "crashes_per_year": found.mean, "expected_per_year": expected,
                "low": low, "high": high, "excess": found.mean - expected,
                "worse": found.above(expected),
                "worst": found.above(found.exceeded(WORST, model.km) * model.km),
            },
            index=model.index,
        )  # fmt: skip


def learn(model: Model, counts: Counts) -> Learned:
    """
    Re-fit scale, slope, classes and layer factors to crash counts, then shrink every place.

    What is expected of a place is moved by the crashes around it before its own are put in, as far
    as that makes the counts more likely (`neighbours.around`).

    Counts are negative binomial with the model's crash rate; every parameter has a Gaussian prior:
    the evidence, with the width of its grade. Where hours are known, a crash's hour given its place
    says more of what acts at some hours; how many crashes the same traffic has by the clock is
    learned beside it, so that no layer answers for that. The mode is found by Fisher scoring, in
    turn with the over-dispersion, and its covariance is that of the quadratic approximation. With
    no crashes in no years nothing changes. (statsmodels fits such counts too, but without Gaussian
    priors on a mean that is a sum of families, and with one over-dispersion for all.)

    Parameters
    ----------
    model
        Without records, from `prior.build`.
    counts
        Crashes at its links and junctions.
    """
    # tables of many rows and few columns: on a busy machine threads wait for each other
    with threadpool_limits(1, user_api="blas"):
        return _learned(model, counts)


def _learned(model: Model, counts: Counts) -> Learned:
    fit = Fit.of(model, counts)
    rules = model.parameters["dispersion"]
    spread = {kind: dispersion.stated(rules) for kind in KINDS}
    for _ in range(ROUNDS if counts.years else 0):
        before = fit.point
        fit = fit.improved(spread)
        expected = fit.expected
        spread = _spread(expected, counts, rules, spread)
        width = np.array([parameter.sd for parameter in fit.known])
        if np.abs((fit.point - before) / width).max(initial=0.0) < DONE:
            break
    expected = fit.expected
    around = neighbours.around(expected, counts, spread, model.parameters["neighbours"])
    here = {kind: expected[kind] * around.factor[kind] for kind in KINDS}
    # with neighbours taken in, places differ less from what is expected of them
    left = spread if around.shape is None else _spread(here, counts, rules, spread)
    found = {
        kind: bayes.posterior(
            here[kind],
            left[kind].at(here[kind], counts.group[kind]),
            counts.happened(kind),
            counts.exposure(kind),
        )
        for kind in KINDS
    }
    return Learned(fit.applied(found), fit.table(spread), expected, spread, around, found, counts)


def _spread(
    expected: Mapping[str, Floats],
    counts: Counts,
    rules: Mapping[str, Any],
    near: Mapping[str, Dispersion],
) -> dict[str, Dispersion]:
    """Over-dispersion of each kind of place, fitted, from values that are near."""
    return {
        kind: dispersion.fitted(
            expected[kind], counts.happened(kind), counts.group[kind], counts.exposure(kind), rules,
            near=near[kind],
        )
        for kind in KINDS
    }
