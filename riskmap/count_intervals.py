"""Intervals of counts and of the ratio of two: crashes, and people, who come several at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from riskmap.before_after import LEVEL


@dataclass(frozen=True)
class Sum:
    """
    What some events add up to, each with its own number: 1 of a crash, the dead of each crash.

    `squares`: sum of the squared numbers, the variance if the events come by chance; `largest`: the
    largest number, at least 1.
    """

    total: float
    squares: float
    largest: float

    @classmethod
    def of(cls, numbers: Sequence[float] | np.ndarray) -> Sum:
        """Add up the numbers of single events."""
        own = np.asarray(numbers, dtype=float)
        return cls(float(own.sum()), float((own**2).sum()), float(max(own.max(initial=0), 1)))

    @property
    def events(self) -> float:
        """So many equal events vary as these do."""
        return self.total**2 / self.squares if self.squares else 0.0

    @property
    def each(self) -> float:
        """Number of each of them."""
        return self.squares / self.total if self.total else 1.0

    def interval(self) -> tuple[float, float]:
        """
        95 % interval of what was to be expected.

        The gamma interval of a sum of Poisson counts (Fay and Feuer 1997, Statistics in Medicine
        16:791); where every number is 1 it is Garwood's, exact for a Poisson count.
        """
        tail = (1.0 - LEVEL) / 2.0
        low = float(scipy.stats.gamma.ppf(tail, self.events)) * self.each if self.total else 0.0
        total, squares = self.total + self.largest, self.squares + self.largest**2
        high = float(scipy.stats.gamma.ppf(1.0 - tail, total**2 / squares)) * squares / total
        return low, high


@dataclass(frozen=True)
class Change:
    """
    One sum against another, per day: `ratio` less 1 is the change, NaN from nothing.

    `low`, `high`: 95 % interval of the ratio; infinite where it has no upper end.
    """

    ratio: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Like "more", "fewer", "chance" (the interval holds no change), "none" (no event)."""
        if np.isnan(self.ratio) and not self.low and np.isinf(self.high):
            return "none"
        return "more" if self.low > 1.0 else "fewer" if self.high < 1.0 else "chance"


def change(after: Sum, before: Sum, days_after: float, days_before: float) -> Change:
    """
    Compare two sums of different lengths of time.

    Given both together, the events of the later time are binomial: the interval is Clopper and
    Pearson's, exact where every number is 1, else that of as many equal events as vary alike.
    """
    tail = (1.0 - LEVEL) / 2.0
    a, b = after.events, before.events
    scale = after.each / before.each * days_before / days_after
    low = float(scipy.stats.beta.ppf(tail, a, b + 1.0)) if a else 0.0
    high = float(scipy.stats.beta.ppf(1.0 - tail, a + 1.0, b)) if b else 1.0
    ratio = after.total / before.total * days_before / days_after if before.total else np.nan
    return Change(
        float(ratio), low / (1.0 - low) * scale, high / (1.0 - high) * scale if b else np.inf
    )
