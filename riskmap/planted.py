"""Crash counts simulated from a truth drawn from the priors: what learning must find again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import crash_times, dispersion
from riskmap.crash_times import CLOCK, DAYS, WAVES, Calendar
from riskmap.families import Family
from riskmap.fitting import KINDS, Counts, Fit
from riskmap.risk import Model

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PLACES = 2000
"""Places whose hours are drawn at a time: a table of some tens of MB."""


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
    rhythm = random.normal(0.0, model.parameters["learning"]["hour_sd"], len(WAVES))
    calendar = fit.calendar.paced(crash_times.waves() @ rhythm)
    counts, times = {}, {}
    for kind in KINDS:
        mean = fit.expected[kind]
        spread = dispersion.drawn(mean, like.group[kind], model.parameters["dispersion"], random)
        shape = 1.0 / spread.at(mean, like.group[kind])
        counts[kind] = random.poisson(mean * like.years * random.gamma(shape) / shape).astype(float)
        families = [f.crashes.shifted(fit.deltas()) for f in model.families if f.kind == kind]
        times[kind] = _hours(families, calendar, counts[kind].astype(np.int64), random)
    own = replace(like, crashes=counts, times=times)
    known = Fit.of(model, own).known
    truth = pd.DataFrame([
        {"kind": p.kind, "place": p.place, "name": p.name, "when": p.when, "prior": p.prior,
         "prior_sd": p.sd, "truth": value}
        for p, value in zip(known, [*drawn, *rhythm], strict=True)
    ])  # fmt: skip
    return Planted(own, truth)


def _hours(
    families: Sequence[Family], calendar: Calendar, crashes: Ints, random: np.random.Generator
) -> pd.DataFrame:
    """Draw month, day of the week and hour of every crash at some places."""
    hit = np.flatnonzero(crashes)
    parts = []
    for rows in np.array_split(hit, len(hit) // PLACES + 1):
        table = sum(family.only(rows).binned(calendar.hours) for family in families)
        total = np.cumsum(table, axis=1, dtype=float)
        at = np.repeat(np.arange(len(rows)), crashes[rows])
        aim = random.random(len(at)) * total[at, -1]
        cell = (total[at] <= aim[:, None]).sum(axis=1) // 2
        hour, day = cell % CLOCK, cell // CLOCK % DAYS
        parts.append(pd.DataFrame({
            "place": rows[at], "month": cell // CLOCK // DAYS + 1, "weekday": day, "hour": hour,
            "hour_to": hour + 1,
        }))  # fmt: skip
    drawn = pd.concat(parts, ignore_index=True)
    return crash_times.told(drawn["place"].to_numpy(), drawn)
