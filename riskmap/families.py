"""Crash families: the base harm of their places, and what the layers multiply it by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from riskmap.layers import Effect
from riskmap.moments import AREAS, Year

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FAMILIES = {
    "run_off_road": "link", "head_on": "link", "queue": "link", "vulnerable": "link",
    "junction": "junction", "rail": "rail",
}  # fmt: skip
"""Crash family → the kind of place where it happens."""


@dataclass(frozen=True)
class Term:
    """
    What one effect of one layer adds to the log of a family's harm.

    `rows` are rows of the family's own table, `log` what they get while the layer acts, `active`
    the share of each of the 72 moments in which it acts. `log_sd` is the uncertainty of the factor
    per unit of `weight`. `log` is what is expected where the map is silent: rows in `unknown` have
    the effect, `held_log`, only with the prevalence `maybe`; `relief_log` on top, where a relief is
    not mapped, only with `hoped`.
    """

    layer: str
    effect: Effect
    rows: Ints
    log: Floats
    active: Floats
    weight: Floats
    log_sd: float
    unknown: Bools
    maybe: float
    held_log: Floats
    relief_log: Floats
    hoped: float

    def only(self, keep: Bools) -> Term:
        """The same on some of its rows."""
        rowwise = ("rows", "log", "weight", "unknown", "held_log", "relief_log")
        return replace(self, **{name: getattr(self, name)[keep] for name in rowwise})

    def drawn(self, part: slice, held: Bools, relieved: Bools) -> tuple[Ints, Floats]:
        """
        Settle what the map does not say, once per draw.

        Returns
        -------
        The rows of `part` where something is unknown, and what each draw changes in their `log`.
        """
        open_ = np.flatnonzero(self.unknown[part] | (self.relief_log[part] != 0.0))
        at = open_ + part.start
        without, with_ = self.held_log[at], self.held_log[at] + self.relief_log[at]
        # the four answers to "has it the effect?" and "is it relieved?", then each draw picks one
        nothing = np.where(self.unknown[at], 0.0, without)
        relieved_only = np.where(self.unknown[at], 0.0, with_)
        answers = np.stack([nothing, relieved_only, without, with_], axis=1) - self.log[at, None]
        return open_, answers[:, 2 * held + relieved]


@dataclass(frozen=True)
class Family:
    """One crash family: `base` harm a year without layers, `area` code, and the terms on top."""

    name: str
    kind: str
    base: Floats
    area: Ints
    terms: tuple[Term, ...]
    log_cap: float

    @cached_property
    def patterns(self) -> tuple[Floats, Ints]:
        """Distinct activities of the terms: pattern × term, and the pattern of each moment."""
        if not self.terms:
            return np.ones((1, 0)), np.zeros(72, dtype=np.int64)
        table = np.array([term.active for term in self.terms])
        patterns, at = np.unique(table.T, axis=0, return_inverse=True)
        return patterns, at.reshape(-1)

    @cached_property
    def factors(self) -> Floats:
        """Product of all layers, rows × patterns of activity."""
        patterns, _ = self.patterns
        logs = np.zeros((len(self.base), len(patterns)))
        for number, term in enumerate(self.terms):
            logs[term.rows] += term.log[:, None] * patterns[:, number]
        return np.exp(np.minimum(logs, self.log_cap))

    def shares(self, year: Year) -> Floats:
        """Share of the year's traffic that falls on each pattern, area × pattern."""
        patterns, at = self.patterns
        result = np.zeros((len(AREAS), len(patterns)))
        np.add.at(result.T, at, (year.share * year.hours).T)
        return result

    def annual(self, year: Year) -> Floats:
        """Harm a year: the sum over its hours."""
        return self.base * (self.factors * self.shares(year)[self.area]).sum(axis=1)

    def hourly(self, year: Year, number: int) -> Floats:
        """Harm in one hour of a moment."""
        pattern = self.patterns[1][number]
        return self.base * self.factors[:, pattern] * year.share[self.area, number]
