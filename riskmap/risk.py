"""The formula, in one place: touches and flows → expected harm, its reasons, levels and interval.

    rate_f(i,t) = base_f · flow_i^β · km_i · p(i,t) · Π likelihood^(touch·active)
    cost_f(i,t) = unit_f · speed_f(i) · Π severity^(touch·active)
    harm(i,t)   = Σ_f rate_f · cost_f        severity-weighted crashes; 1 is a mean injury crash

Four families live on the segments, one on the junctions, one on the rail crossings; the harm of
the last two is drawn over the approaches. Everything geometric is done before: a new hour or a new
weight only adds up logs again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from riskmap import draws
from riskmap.errors import RiskmapError
from riskmap.families import Family
from riskmap.moments import Moment, Year

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BASES = {"link": "base", "junction": "base_junction", "rail": "base_rail"}
"""Kind of place → the name of its base among the reasons: what is there without any layer."""
LEVELS = ("red", "orange", "yellow", "blue")
HOURS = 8760.0
EQUAL = 1e-5
"""Scores no further apart are equal: rounding, in a project file too, must not colour a road."""


@dataclass(frozen=True)
class Model:
    """
    An area ready to be scored for any hour.

    `families` carry the harm of segments, junctions and rail crossings; `spread` draws the harm of
    each kind over the segments (segments × rows of the kind; every column adds up to 1).
    `temper` is each segment's factor from the tempered annual score to the plain one.
    """

    index: pd.Index
    km: Floats
    aadt: Floats
    area: Ints
    families: tuple[Family, ...]
    spread: Mapping[str, csr_array | None]
    year: Year
    parameters: Mapping[str, Any]
    reasons: tuple[str, ...]

    def weighted(self, weights: Mapping[str, float]) -> Model:
        """
        The same area with some layers stronger, weaker or without effect.

        Parameters
        ----------
        weights
            Layer → power on its factors; 1 leaves it, 0 takes it out. Layers not named stay.

        Raises
        ------
        RiskmapError
            A layer that this area does not have, or a weight that is negative or no number.
        """
        for name, weight in weights.items():
            if name not in self.reasons or name in (*BASES.values(), "cap"):
                raise RiskmapError(f"weight of '{name}': no such layer")
            if not 0.0 <= weight < np.inf:
                raise RiskmapError(f"weight of '{name}' is {weight}; it must be 0 or more")
        families = tuple(
            replace(
                family,
                candidates=tuple(t.scaled(weights.get(t.layer, 1.0)) for t in family.candidates),
            )
            for family in self.families
        )
        return replace(self, families=families)

    def plain(self, moment: Moment | None) -> Floats:
        """Harm of each segment before tempering: a year's, or one hour's of a moment."""
        if moment is None:
            return self._plain_year
        return self._summed([family.hourly(self.year, moment.number) for family in self.families])

    @cached_property
    def annual(self) -> tuple[Floats, ...]:
        """Harm a year of every family, on its own rows."""
        return tuple(family.annual(self.year) for family in self.families)

    @cached_property
    def _plain_year(self) -> Floats:
        return self._summed(self.annual)

    def _summed(self, harm: Sequence[Floats]) -> Floats:
        """Harm of each segment from that of every family."""
        total = np.zeros(len(self.index))
        for family, values in zip(self.families, harm, strict=True):
            total += self._on_segments(family.kind, values)
        return total

    def _on_segments(self, kind: str, values: Floats) -> Floats:
        spread = self.spread[kind]
        return values if spread is None else np.asarray(spread @ values)

    @cached_property
    def temper(self) -> Floats:
        """
        Each segment's factor that brings harm per km towards the mean of the network.

        (harm per km / mean)^(temper − 1), scaled so that the network keeps its harm. It comes from
        the whole year and holds for every hour, so that the hours still add up.
        """
        plain = self.plain(None)
        per_km = plain / self.km
        mean = plain.sum() / self.km.sum()
        factor = (per_km / mean) ** (self.parameters["score"]["temper"] - 1.0)
        return np.asarray(factor * plain.sum() / (plain * factor).sum())

    def harm(self, moment: Moment | None = None) -> pd.Series:
        """Severity-weighted crashes of each segment: in a year, or in one hour of a moment."""
        return pd.Series(self.plain(moment) * self.temper, index=self.index, name="harm")

    def scores(
        self, moment: Moment | None = None, thresholds: Mapping[str, float] | None = None
    ) -> pd.DataFrame:
        """
        Score every segment, for the whole year or for one moment.

        Parameters
        ----------
        moment
            None for the year.
        thresholds
            Level → least harm per km and year; None takes them from this model.

        Returns
        -------
        On the segments' index: `level`; `harm_per_km` in severity-weighted crashes per km and year
        (of a moment: at the pace of that hour); `harm_per_mvkm` per million vehicle-km;
        `share_of_harm` of the area, 0..1; `harm`; `low` and `high`, the interval of harm_per_km;
        `peak`, the moment of the year with most harm.
        """
        thresholds = thresholds or self.thresholds()
        harm = self.harm(moment).to_numpy()
        pace = 1.0 if moment is None else HOURS
        traffic = 1.0 if moment is None else self.year.share[self.area, moment.number]
        vkm = self.aadt * 365.0 * self.km * traffic
        per_km = harm * pace / self.km
        low, high = self.interval
        return pd.DataFrame(
            {
                "level": levels(per_km, thresholds),
                "harm_per_km": per_km,
                "harm_per_mvkm": harm / vkm * 1e6,
                "share_of_harm": harm / harm.sum(),
                "harm": harm,
                "low": per_km * low,
                "high": per_km * high,
                "peak": self.peaks,
            },
            index=self.index,
        )

    def thresholds(self) -> dict[str, float]:
        """Least annual harm per km of red, orange and yellow: the worst shares of road length."""
        per_km = self.harm().to_numpy() / self.km
        order = np.argsort(-per_km, kind="stable")
        covered = np.cumsum(self.km[order]) / self.km.sum()
        result = {}
        for level in LEVELS[:-1]:
            last = np.searchsorted(covered, self.parameters["levels"][level], "right")
            result[level] = float(per_km[order[min(last, len(order) - 1)]])
        return result

    @cached_property
    def peaks(self) -> NDArray[np.object_]:
        """Moment with most harm in one hour, as its label."""
        best = np.full(len(self.index), -1.0)
        peak = np.zeros(len(self.index), dtype=np.int64)
        done: dict[tuple[int, ...], Floats] = {}
        for number in range(72):
            # moments with the same activity differ by the traffic of the hour alone
            key = tuple(int(family.patterns[1][number]) for family in self.families)
            if key not in done:
                total = np.zeros(len(self.index))
                for family, pattern in zip(self.families, key, strict=True):
                    values = family.base * family.factors[:, pattern]
                    total += self._on_segments(family.kind, values)
                done[key] = total
            now = done[key] * self.year.share[self.area, number]
            better = now > best * (1 + 1e-12)
            best[better], peak[better] = now[better], number
        labels = np.array([Moment.numbered(number).label for number in range(72)], dtype=object)
        return labels[peak]

    # --- reasons -------------------------------------------------------------------------------

    def reason_table(self, moment: Moment | None = None) -> pd.DataFrame:
        """
        Share of each reason in the harm of each segment.

        Inside a family the base has its own harm; what the layers multiply it by is divided among
        them by their logs; `cap` takes back what the cap cut. Families are weighted by their harm,
        so every row adds up to 1.
        """
        parts = np.zeros((len(self.index), len(self.reasons)))
        place = {name: number for number, name in enumerate(self.reasons)}
        for family in self.families:
            own = self._contributions(family, moment)
            for name, values in own.items():
                parts[:, place[name]] += self._on_segments(family.kind, values)
        total = parts.sum(axis=1, keepdims=True)
        return pd.DataFrame(parts / total, index=self.index, columns=list(self.reasons))

    def _contributions(self, family: Family, moment: Moment | None) -> dict[str, Floats]:
        """Harm by reason, per row of the family."""
        patterns, at = family.patterns
        if moment is None:
            share = family.shares(self.year)[family.area]
        else:
            share = np.zeros((len(family.area), len(patterns)))
            share[:, at[moment.number]] = self.year.share[family.area, moment.number]
        result = {BASES[family.kind]: family.base * share.sum(axis=1)}
        if not family.terms:
            return result
        logs = np.zeros((len(family.base), len(patterns)))
        for number, term in enumerate(family.terms):
            logs[term.rows] += term.log[:, None] * patterns[:, number]
        # (e^S − 1) / S, which tends to 1 where the logs cancel out
        small = np.abs(logs) < 1e-9  # noqa: PLR2004  # numerical
        per_log = np.where(small, 1.0, np.expm1(logs) / np.where(small, 1.0, logs))
        weight = family.base[:, None] * share * per_log
        for number, term in enumerate(family.terms):
            values = result.setdefault(term.layer, np.zeros(len(family.base)))
            values[term.rows] += term.log * (weight[term.rows] @ patterns[:, number])
        cut = np.exp(np.minimum(logs, family.log_cap)) - np.exp(logs)
        result["cap"] = family.base * (share * cut).sum(axis=1)
        return result

    # --- uncertainty ---------------------------------------------------------------------------

    @cached_property
    def interval(self) -> tuple[Floats, Floats]:
        """
        Lower and upper end of the interval of each segment, as factors on its score.

        Quantiles over draws of every factor (lognormal, width by grade), of the families' bases,
        and of what is unknown, which a draw switches on or off. A windowed layer counts by the
        share of the harm that falls in its hours. Tempered like the score.
        """
        return draws.interval(
            self.families, self.annual, self.spread, self.year, self.parameters
        )


def levels(per_km: Floats, thresholds: Mapping[str, float]) -> NDArray[np.object_]:
    """Level of each harm per km: red, orange, yellow, else blue."""
    result = np.full(len(per_km), "blue", dtype=object)
    for level in ("yellow", "orange", "red"):
        result[per_km > thresholds[level] * (1.0 + EQUAL)] = level
    return result
