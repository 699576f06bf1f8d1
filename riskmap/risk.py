"""The formula, in one place: touches and flows → expected harm, its reasons, levels and interval.

    rate_f(i,t) = base_f · flow_i^β · km_i · p(i,t) · Π likelihood^(touch·active)
    cost_f(i,t) = unit_f · speed_f(i) · Π severity^(touch·active)
    harm(i,t)   = Σ_f rate_f · cost_f        severity-weighted crashes; 1 is a mean injury crash

Four families live on the segments, one on the junctions, one on the rail crossings; the harm of
the last two is drawn over the approaches. Everything geometric is done before: a new hour or a new
weight only adds up logs again.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from riskmap.layers import Effect
from riskmap.moments import AREAS, Moment, Year

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FAMILIES = {
    "run_off_road": "link", "head_on": "link", "queue": "link", "vulnerable": "link",
    "junction": "junction", "rail": "rail",
}  # fmt: skip
"""Crash family → the kind of place where it happens."""
BASES = {"link": "base", "junction": "base_junction", "rail": "base_rail"}
"""Kind of place → the name of its base among the reasons: what is there without any layer."""
LEVELS = ("red", "orange", "yellow", "blue")
HOURS = 8760.0
EQUAL = 1e-5
"""Scores no further apart are equal: rounding, in a project file too, must not colour a road."""
BLOCK = 8192
"""Segments that are drawn at a time: what fits a processor's cache."""


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

    def plain(self, moment: Moment | None) -> Floats:
        """Harm of each segment before tempering: a year's, or one hour's of a moment."""
        total = np.zeros(len(self.index))
        for family in self.families:
            total += self._on_segments(family.kind, self._harm(family, moment))
        return total

    def _harm(self, family: Family, moment: Moment | None) -> Floats:
        if moment is None:
            return family.annual(self.year)
        return family.hourly(self.year, moment.number)

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
        drawing = _Drawing.of(self)
        ends = np.empty((2, len(self.index)))
        starts = range(0, len(self.index), BLOCK)
        with ThreadPoolExecutor(2) as pool:
            for start, block in zip(starts, pool.map(drawing.block, starts), strict=True):
                ends[:, start : start + BLOCK] = block
        return ends[0], ends[1]


@dataclass(frozen=True)
class Noise:
    """Draws for one effect: its factor, whether it holds where unknown, whether it is relieved."""

    factor: NDArray[np.float32]
    held: Bools
    relieved: Bools

    @classmethod
    def of(cls, term: Term, seed: int, draws: int) -> Noise:
        """
        Draw by name.

        One effect has the same draws in every family, and one fact in every effect; a layer more
        or less changes nothing for the others.
        """
        effect = term.effect
        own = _random(seed, term.layer, effect.family, effect.on, effect.when)
        fact = _random(seed, term.layer, effect.when).random((2, draws))
        factor = own.normal(0.0, 1.0, draws).astype(np.float32)
        return cls(factor, fact[0] < term.maybe, fact[1] < term.hoped)


def _random(seed: int, *name: object) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(repr(name).encode())])


@dataclass(frozen=True)
class _Drawing:
    """Draws of a model's factors, made once; the segments are then worked through in blocks."""

    model: Model
    annual: tuple[Floats, ...]  # harm a year, per family and its own rows
    base: NDArray[np.float32]  # family × draw
    noise: tuple[tuple[Noise, ...], ...]  # family, term
    acting: tuple[Floats, ...]  # row × pattern: share of the harm that falls on each activity
    points: tuple[tuple[csr_array, NDArray[np.float32]] | None, ...]  # change at points, by family

    @classmethod
    def of(cls, model: Model) -> _Drawing:
        rules = model.parameters["interval"]
        random, draws = np.random.default_rng(rules["seed"]), rules["draws"]
        families, year = model.families, model.year
        sd = np.array([model.parameters["families"][family.name]["log_sd"] for family in families])
        base = np.exp(random.normal(0.0, 1.0, (len(families), draws)) * sd[:, None])
        noise = tuple(
            tuple(Noise.of(term, rules["seed"], draws) for term in family.terms)
            for family in families
        )
        annual = tuple(family.annual(year) for family in families)
        acting = []
        for family in families:
            harm = family.factors * family.shares(year)[family.area]
            acting.append(harm / harm.sum(axis=1, keepdims=True))
        drawing = cls(model, annual, base.astype(np.float32), noise, tuple(acting), ())
        points: list[tuple[csr_array, NDArray[np.float32]] | None] = []
        for number, family in enumerate(families):
            spread = model.spread[family.kind]
            if spread is None:
                points.append(None)
                continue
            rows, change = drawing.change(number, 0, len(family.base))
            points.append((spread[:, rows].astype(np.float32), change))
        return replace(drawing, points=tuple(points))

    def change(self, number: int, first: int, last: int) -> tuple[Ints, NDArray[np.float32]]:
        """Touched rows from `first` to `last`, and what every draw adds to their harm."""
        family, draws = self.model.families[number], self.base.shape[1]
        parts = [slice(*np.searchsorted(term.rows, [first, last])) for term in family.terms]
        touched = [term.rows[part] for term, part in zip(family.terms, parts, strict=True)]
        rows = np.unique(np.concatenate([*touched, np.empty(0, np.int64)]))
        logs = np.zeros((len(rows), draws), dtype=np.float32)
        patterns, _ = family.patterns
        for index, (term, part) in enumerate(zip(family.terms, parts, strict=True)):
            at = np.searchsorted(rows, term.rows[part])
            acting = self.acting[number][term.rows[part]] @ patterns[:, index]
            noise = self.noise[number][index]
            width = (term.weight[part] * acting * term.log_sd).astype(np.float32)
            logs[at] += width[:, None] * noise.factor
            some, change = term.drawn(part, noise.held, noise.relieved)
            if len(some):
                logs[at[some]] += (change * acting[some, None]).astype(np.float32)
        harm = self.annual[number][rows, None].astype(np.float32)
        return rows, np.expm1(logs) * harm * self.base[number]

    def block(self, start: int) -> Floats:
        """Both ends of the interval of a block of segments, as factors on their score."""
        model = self.model
        own = slice(start, min(start + BLOCK, len(model.index)))
        plain = np.zeros((own.stop - own.start, len(model.families)), dtype=np.float32)
        changes = []
        for number, family in enumerate(model.families):
            spread, point = model.spread[family.kind], self.points[number]
            if spread is None or point is None:
                plain[:, number] = self.annual[number][own]
                changes.append(self.change(number, own.start, own.stop))
            else:
                plain[:, number] = spread[own] @ self.annual[number]
        total = plain @ self.base
        for rows, change in changes:
            total[rows - own.start] += change
        for point in self.points:
            if point is not None:
                total += point[0][own] @ point[1]
        total.sort(axis=1)
        rules = model.parameters["interval"]
        ends = []
        for share in (rules["low"], rules["high"]):
            at = share * (total.shape[1] - 1)
            below, part = int(at), at - int(at)
            above = min(below + 1, total.shape[1] - 1)
            ends.append(total[:, below] * (1 - part) + total[:, above] * part)
        factor = np.array(ends, dtype=float) / plain.sum(axis=1)
        return np.asarray(factor ** model.parameters["score"]["temper"])


def levels(per_km: Floats, thresholds: Mapping[str, float]) -> NDArray[np.object_]:
    """Level of each harm per km: red, orange, yellow, else blue."""
    result = np.full(len(per_km), "blue", dtype=object)
    for level in ("yellow", "orange", "red"):
        result[per_km > thresholds[level] * (1.0 + EQUAL)] = level
    return result
