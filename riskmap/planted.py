"""Crash counts simulated from a truth drawn from the priors: what learning must find again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import dispersion
from riskmap.learning import KINDS, Counts, Fit
from riskmap.risk import Model

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Planted:
    """
    Simulated counts, and what they were drawn from.

    `truth` has the rows of `learning.Learned.parameters` that the draws need: `kind`, `place`,
    `name`, `when`, `prior`, `prior_sd`, `truth`.
    """

    counts: Counts
    truth: pd.DataFrame


def plant(model: Model, like: Counts, *, crashes: float, seed: int) -> Planted:
    """
    Draw every parameter from its prior, then rates and counts from the model that they make.

    Parameters
    ----------
    model
        Without records.
    like
        Its groups of places and its years count, its crashes do not.
    crashes
        About how many crashes to draw in all: the scale is set, not drawn, so that the draws can
        be compared.
    seed
        The same seed draws the same.
    """
    random = np.random.default_rng(seed)
    start = Fit.of(model, like)
    prior, sd = (np.array([getattr(p, name) for p in start.known]) for name in ("prior", "sd"))
    drawn = random.normal(prior, sd)
    scale = np.array([p.kind == "scale" for p in start.known])
    drawn[scale] = prior[scale]
    fit = replace(start, point=drawn).refreshed()
    total = sum(found.sum() for found in fit.expected.values()) * like.years
    drawn[scale] += np.log(crashes / total)
    fit = replace(fit, point=drawn)
    counts = {}
    for kind in KINDS:
        mean = fit.expected[kind]
        spread = dispersion.drawn(mean, like.group[kind], model.parameters["dispersion"], random)
        shape = 1.0 / spread.at(mean, like.group[kind])
        counts[kind] = random.poisson(mean * like.years * random.gamma(shape) / shape).astype(float)
    truth = pd.DataFrame([
        {"kind": p.kind, "place": p.place, "name": p.name, "when": p.when, "prior": p.prior,
         "prior_sd": p.sd, "truth": value}
        for p, value in zip(start.known, drawn, strict=True)
    ])  # fmt: skip
    return Planted(replace(like, crashes=counts), truth)
