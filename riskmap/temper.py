"""From hand-set or learned crash rates to those that are scored: powers, scale and records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from riskmap.families import Family

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Temper:
    """
    What the crash rates of one kind of place (link, junction, rail) are multiplied by.

    Hand-set scores are too spread: a rate without layers, against the mean of its kind, is raised
    to `slope`; exp(`scale`) is what comes of the mean. `factor` of each row is that, and what
    records say of its class and of the place itself; it holds for every hour. `shape` is that of
    the rows' Gamma posterior, infinite where there are no records.
    """

    slope: float
    scale: float
    factor: Floats
    shape: Floats

    @property
    def learned(self) -> bool:
        """Whether records settle these rates."""
        return bool(np.isfinite(self.shape).any())

    def only(self, rows: NDArray[np.int64]) -> Temper:
        """The same on some of its rows."""
        return replace(self, factor=self.factor[rows], shape=self.shape[rows])


def stated(density: Floats, size: Floats, slope: float) -> Temper:
    """
    Temper a kind of place as the parameters say: the sum of its crashes without layers stays.

    Parameters
    ----------
    density
        Crashes a year per km of each row without layers; of a junction, per junction.
    size
        Kilometres of each row; of a junction, 1.
    slope
        The power.
    """
    some, total = density > 0, density @ size
    never = np.full(len(density), np.inf)
    if total <= 0:
        return Temper(slope, 0.0, np.ones(len(density)), never)
    mean = total / size.sum()
    flat = np.where(some, (np.where(some, density, mean) / mean) ** (slope - 1.0), 0.0)
    kept = total / (density * flat @ size)
    return Temper(slope, float(np.log(mean * kept)), flat * kept, never)


def densities(families: Sequence[Family], km: Floats) -> Mapping[str, Floats]:
    """
    Crashes a year of each place without layers, by kind.

    Returns
    -------
    Per km of link, per junction, per rail crossing.
    """
    result: dict[str, Floats] = {}
    for family in families:
        rate = family.base / family.cost
        result[family.kind] = result[family.kind] + rate if family.kind in result else rate
    return {kind: found / km if kind == "link" else found for kind, found in result.items()}
