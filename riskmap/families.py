"""Crash families: the base harm of their places, and what the layers multiply it by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.layer import Effect
from riskmap.moments import AREAS, Span, Year

Time = tuple[str, Span | None]
"""A layer, and the days between which a part of it is there; None is always."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FAMILIES = {
    "run_off_road": "link", "head_on": "link", "queue": "link", "vulnerable": "link",
    "junction": "junction", "rail": "rail",
}  # fmt: skip
"""Crash family → the kind of place where it happens."""
ALL = slice(None)
TABLE = 2**17
"""Numbers of a table that are worked on at a time: 1 MB."""


@dataclass(frozen=True)
class Term:
    """
    What one effect of one layer adds to the log of a family's harm.

    `rows` are rows of the family's own table, `log` what they get while the layer acts, `active`
    the share of each of the 72 moments in which it acts; `span` limits it to the days between two.
    `log_sd` is the uncertainty of the factor per unit of `weight`. Rows in `unknown` have the
    effect, `held_log`, only with the prevalence `maybe`; `relief_log` comes on top, where a relief
    is not mapped, only with `hoped`.
    """

    layer: str
    group: str | None
    effect: Effect
    rows: Ints
    span: Span | None
    active: Floats
    weight: Floats
    log_sd: float
    unknown: Bools
    maybe: float
    held_log: Floats
    relief_log: Floats
    hoped: float

    @property
    def time(self) -> Time:
        """What decides when it acts."""
        return self.layer, self.span

    def only(self, keep: Bools) -> Term:
        """The same on some of its rows."""
        rowwise = ("rows", "weight", "unknown", "held_log", "relief_log")
        return replace(self, **{name: getattr(self, name)[keep] for name in rowwise})

    def scaled(self, by: float) -> Term:
        """The same effect stronger or weaker: its factors to the power `by`; 0 is without it."""
        if by == 1:
            return self
        if by == 0:
            return self.only(np.zeros(len(self.rows), dtype=bool))
        logs = {name: getattr(self, name) * by for name in ("held_log", "relief_log")}
        return replace(self, weight=self.weight * abs(by), **logs)

    @cached_property
    def log(self) -> Floats:
        """What is expected of each row, where the map is silent under the stated prevalence."""
        sure = self.held_log + np.log1p(self.hoped * np.expm1(self.relief_log))
        return np.where(self.unknown, np.log1p(self.maybe * np.expm1(sure)), sure)

    def times(self, share: float | Floats, part: slice = ALL) -> Floats:
        """
        Mean factor over an hour of which the effect acts for a share.

        Shares of several moments give a column each. Exact where layers take turns independently.
        """
        return 1.0 + np.multiply.outer(self._gain[part], share)

    def log_at(self, share: float | Floats, part: slice = ALL) -> Floats:
        """Log of `times`."""
        return np.log1p(np.multiply.outer(self._gain[part], share))

    @cached_property
    def _gain(self) -> Floats:
        """What the effect adds to 1 while it acts."""
        return np.expm1(self.log)

    @cached_property
    def steady(self) -> bool:
        """Whether it acts in every hour of the year."""
        return bool((self.active == 1.0).all())

    def inside(self, part: slice) -> slice:
        """Which of `rows` lie in a part of the family's own."""
        first, last = np.searchsorted(self.rows, [part.start, part.stop])
        return slice(int(first), int(last))

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
    candidates: tuple[Term, ...]
    log_cap: float

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """What counts of the candidates: of the layers of one group the strongest on each row."""
        groups: dict[str, list[int]] = {}
        for number, term in enumerate(self.candidates):
            if term.group:
                groups.setdefault(term.group, []).append(number)
        result = list(self.candidates)
        for members in groups.values():
            own = [self.candidates[number] for number in members]
            if len({term.layer for term in own}) < 2:  # noqa: PLR2004  # nothing competes
                continue
            winner = _winners(own)
            for number, term in zip(members, own, strict=True):
                result[number] = term.only(winner.loc[term.rows].to_numpy(object) == term.layer)
        return tuple(result)

    @cached_property
    def patterns(self) -> tuple[Floats, Ints]:
        """Distinct activities of the terms: pattern × term, and the pattern of each moment."""
        if not self.terms:
            return np.ones((1, 0)), np.zeros(72, dtype=np.int64)
        table = np.array([term.active for term in self.terms])
        patterns, at = np.unique(table.T, axis=0, return_inverse=True)
        return patterns, at.reshape(-1)

    def factors(self, part: slice) -> Floats:
        """Product of all layers, some rows × patterns of activity."""
        patterns, _ = self.patterns
        product = np.repeat(self._steady[part, None], len(patterns), axis=1)
        for number, term in enumerate(self.terms):
            inside = term.inside(part)
            if not term.steady and inside.start < inside.stop:
                product[term.rows[inside] - part.start] *= term.times(patterns[:, number], inside)
        return np.minimum(product, self._most, out=product)

    def harm(self, part: slice) -> Floats:
        """Harm a year of some rows, were every hour like one of a pattern: row × pattern."""
        return self.base[part, None] * self.factors(part)

    def hourly(self, year: Year, number: int, acting: Mapping[Time, float]) -> Floats:
        """Harm in one hour of a moment, of which each layer acts for a share."""
        always = all(acting[term.time] == 1.0 for term in self.terms if term.steady)
        product = self._steady.copy() if always else np.ones(len(self.base))
        for term in self.terms:
            share = acting[term.time]
            if share and not (always and term.steady):
                product[term.rows] *= term.times(share)
        np.minimum(product, self._most, out=product)
        return self.base * product * year.share[self.area, number]

    @cached_property
    def _steady(self) -> Floats:
        """Product of the layers that act in every hour of the year."""
        product = np.ones(len(self.base))
        for term in self.terms:
            if term.steady:
                product[term.rows] *= term.times(1.0)
        return product

    @property
    def _most(self) -> float:
        return float(np.exp(self.log_cap))

    def shares(self, year: Year) -> Floats:
        """Share of the year's traffic that falls on each pattern, area × pattern."""
        patterns, at = self.patterns
        result = np.zeros((len(AREAS), len(patterns)))
        np.add.at(result.T, at, (year.share * year.hours).T)
        return result

    def annual(self, year: Year) -> Floats:
        """Harm a year: the sum over its hours."""
        shares, harm = self.shares(year), np.empty(len(self.base))
        for part in pieces(len(harm), len(shares.T)):
            both = self.factors(part) @ shares.T
            harm[part] = both[np.arange(len(both)), self.area[part]]
        return self.base * harm


def pieces(rows: int, columns: int) -> Iterator[slice]:
    """Rows by pieces of a table that fit a processor's cache."""
    step = max(TABLE // columns, 1)
    return (slice(first, min(first + step, rows)) for first in range(0, rows, step))


def _winners(terms: Sequence[Term]) -> pd.Series:
    """Layer with the largest log on each row; of equal ones the first by name."""
    table = pd.concat([
        pd.DataFrame({"row": term.rows, "layer": term.layer, "log": term.log}) for term in terms
    ])
    summed = table.groupby(["row", "layer"], as_index=False)["log"].sum()
    best = summed.sort_values(["row", "log", "layer"], ascending=[True, False, True])
    return best.drop_duplicates("row").set_index("row")["layer"]
