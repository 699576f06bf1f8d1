"""The formula, in one place: touches and flows → expected harm, its reasons, levels and interval.

    rate_f(i,t) = base_f · flow_i^β · km_i · p(i,t) · Π (1 + active·(likelihood^touch − 1))
    cost_f(i,t) = unit_f · speed_f(i) · Π (1 + active·(severity^touch − 1))
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

from riskmap import draws, moments
from riskmap.errors import RiskmapError
from riskmap.families import Family, Time, pieces
from riskmap.layer import Layer
from riskmap.moments import Calendar, Moment, Year

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
    `temper` is each segment's factor from the tempered annual score to the plain one. `layers` say
    when they act, on the days of `calendar`; `active` is their share of each of the 72 moments.
    """

    index: pd.Index
    km: Floats
    aadt: Floats
    area: Ints
    families: tuple[Family, ...]
    spread: Mapping[str, csr_array | None]
    year: Year
    layers: Mapping[str, Layer]
    active: Mapping[Time, Floats]
    calendar: Calendar
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
        acting, number = self.acting(moment), moment.number
        return self._summed([family.hourly(self.year, number, acting) for family in self.families])

    def acting(self, moment: Moment) -> dict[Time, float]:
        """Share of the hour in which each layer acts: on the days that fit the moment."""
        if moment.is_mean:
            return {time: float(share[moment.number]) for time, share in self.active.items()}
        here = self.calendar.at(moment)
        return {
            (name, span): moments.active_at(self.layers[name], here, moment.hour, span)
            for name, span in self.active
        }

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
        """Moment with most harm in one hour, as its label; of equal ones the first."""
        # moments with the same activity differ by the traffic of the hour alone
        patterns = np.array([family.patterns[1] for family in self.families])
        distinct, at = np.unique(patterns, axis=1, return_inverse=True)
        share = np.where(at.reshape(-1) == np.arange(distinct.shape[1])[:, None],
                         self.year.share[:, None], 0.0)  # fmt: skip
        busiest, most = share.argmax(axis=2), share.max(axis=2)
        drawn = [self._drawn(family) for family in self.families]
        peak = np.zeros(len(self.index), dtype=np.int64)
        for part in pieces(len(self.index), distinct.shape[1]):
            harm = np.zeros((part.stop - part.start, distinct.shape[1]))
            for family, own, known in zip(self.families, distinct, drawn, strict=True):
                values = family.harm(part) if known is None else known[part]
                harm += values if values.shape[1] == 1 else values[:, own]
            harm *= most[self.area[part]]
            equal = harm >= harm.max(axis=1, keepdims=True) * (1.0 - 1e-12)
            peak[part] = np.where(equal, busiest[self.area[part]], 72).min(axis=1)
        labels = np.array([Moment.numbered(number).label for number in range(72)], dtype=object)
        return labels[peak]

    def _drawn(self, family: Family) -> Floats | None:
        """Harm of points by activity, drawn over the segments; None for what lies on these."""
        spread = self.spread[family.kind]
        if spread is None:
            return None
        return np.asarray(spread @ family.harm(slice(0, len(family.base))))

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
        acting = {} if moment is None else self.acting(moment)
        for family in self.families:
            own = self._contributions(family, moment, acting)
            for name, values in own.items():
                parts[:, place[name]] += self._on_segments(family.kind, values)
        total = parts.sum(axis=1, keepdims=True)
        return pd.DataFrame(parts / total, index=self.index, columns=list(self.reasons))

    def _contributions(
        self, family: Family, moment: Moment | None, acting: Mapping[Time, float]
    ) -> dict[str, Floats]:
        """Harm by reason, per row of the family; `acting` is what acts at the moment."""
        if moment is None:
            patterns, shares = family.patterns[0], family.shares(self.year)
        else:
            patterns = np.array([[acting[term.time] for term in family.terms]])
            shares = self.year.share[:, [moment.number]]
        names = dict.fromkeys(term.layer for term in family.terms)
        result = {name: np.zeros(len(family.base)) for name in (BASES[family.kind], *names, "cap")}
        for part in pieces(len(family.base), len(patterns)):
            share = family.base[part, None] * shares[family.area[part]]
            result[BASES[family.kind]][part] = share.sum(axis=1)
            logs = np.zeros((part.stop - part.start, len(patterns)))
            parts = []
            for number, term in enumerate(family.terms):
                inside = term.inside(part)
                rows = term.rows[inside] - part.start
                own = term.log_at(patterns[:, number], inside)
                logs[rows] += own
                parts.append((term.layer, rows, own))
            # (e^S − 1) / S, which tends to 1 where the logs cancel out
            small = np.abs(logs) < 1e-9  # noqa: PLR2004  # numerical
            product = np.expm1(logs)
            weight = share * np.where(small, 1.0, product / np.where(small, 1.0, logs))
            for name, rows, own in parts:
                result[name][part][rows] += (own * weight[rows]).sum(axis=1)
            cut = np.minimum(product, np.exp(family.log_cap) - 1.0) - product
            result["cap"][part] = (share * cut).sum(axis=1)
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
