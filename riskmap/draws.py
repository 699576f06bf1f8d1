"""How far a score may be off: draws of every factor, by its grade, and of what is unknown."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from riskmap.families import FREQUENCY, Family, Term
from riskmap.schedule import Schedule
from riskmap.temper import Temper

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SLIGHT = 0.01
"""A factor that a standard deviation moves by less, as those of rare weather, is not drawn."""
BLOCK = 8192
"""Segments that are drawn at a time: what fits a processor's cache."""


def interval(
    families: Sequence[Family],
    annual: Sequence[Floats],
    spread: Mapping[str, csr_array | None],
    year: Schedule,
    parameters: Mapping[str, Any],
    tempers: Mapping[str, Temper],
) -> tuple[Floats, Floats]:
    """
    Lower and upper end of the interval of each segment, as factors on its score.

    See `risk.Model` for the meaning and shape of the arguments; `year` is the schedule of the year.
    """
    drawing = _Drawing.of(families, annual, spread, year, parameters, tempers)
    size = next(len(family.base) for family in families if spread[family.kind] is None)
    blocks = [slice(start, min(start + BLOCK, size)) for start in range(0, size, BLOCK)]
    ends = np.empty((2, size))
    with ThreadPoolExecutor(2) as pool:
        for own, found in zip(blocks, pool.map(drawing.block, blocks), strict=True):
            ends[:, own] = found
    return ends[0], ends[1]


@dataclass(frozen=True)
class Noise:
    """Draws for one effect: its factor, whether it holds where unknown, whether it is relieved."""

    factor: NDArray[np.float32]
    held: Bools
    relieved: Bools

    @classmethod
    def of(cls, term: Term, seed: int, draws: int, below: float = 0.0) -> Noise:
        """
        Draw by name.

        One effect has the same draws in every family, and one fact in every effect; a layer more
        or less changes nothing for the others. Effects `when` the same tag has this or that value
        share one draw, each from `below` on as far as its share goes: a crossing is not guarded
        and unguarded at once.
        """
        effect = term.effect
        own = _random(seed, term.layer, effect.family, effect.on, effect.when)
        fact = _random(seed, term.layer, *sorted(effect.when or ())).random((2, draws))
        factor = own.normal(0.0, 1.0, draws).astype(np.float32)
        held = (below <= fact[0]) & (fact[0] < below + term.maybe)
        return cls(factor, held, fact[1] < term.hoped)


def noises(terms: Sequence[Term], seed: int, draws: int) -> tuple[Noise, ...]:
    """Draws of every term; those that answer one question take their shares of it in turn."""
    taken: dict[tuple[object, ...], float] = {}
    result = []
    for term in terms:
        effect = term.effect
        question = (*term.time, effect.family, effect.on, *sorted(effect.when or ()))
        below = taken.get(question, 0.0)
        taken[question] = below + term.maybe
        result.append(Noise.of(term, seed, draws, below))
    return tuple(result)


def _random(seed: int, *name: object) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(repr(name).encode())])


@dataclass(frozen=True)
class _Drawing:
    """Draws of a model's factors, made once; the segments are then worked through in blocks."""

    families: Sequence[Family]
    spread: Mapping[str, csr_array | None]
    parameters: Mapping[str, Any]
    tempers: Mapping[str, Temper]
    annual: Sequence[Floats]  # harm a year, per family and its own rows
    base: NDArray[np.float32]  # family × draw
    noise: tuple[tuple[Noise, ...], ...]  # family, term
    acting: tuple[tuple[Floats | None, ...], ...]  # family, term: share of harm in its hours
    points: tuple[tuple[csr_array, NDArray[np.float32]] | None, ...]  # change at points, by family

    @classmethod
    def of(
        cls,
        families: Sequence[Family],
        annual: Sequence[Floats],
        spread: Mapping[str, csr_array | None],
        year: Schedule,
        parameters: Mapping[str, Any],
        tempers: Mapping[str, Temper],
    ) -> _Drawing:
        rules = parameters["interval"]
        random, draws = np.random.default_rng(rules["seed"]), rules["draws"]
        # a base that records have settled is drawn place by place
        sd = np.array([
            0.0
            if tempers[family.kind].learned
            else parameters["families"][family.name]["log_sd"] * tempers[family.kind].slope
            for family in families
        ])
        base = np.exp(random.normal(0.0, 1.0, (len(families), draws)) * sd[:, None])
        noise = tuple(noises(family.terms, rules["seed"], draws) for family in families)
        drawing = cls(
            families, spread, parameters, tempers, annual, base.astype(np.float32), noise,
            tuple(_acting(family, year) for family in families), (),
        )  # fmt: skip
        points: list[tuple[csr_array, NDArray[np.float32]] | None] = []
        for number, family in enumerate(families):
            drawn = spread[family.kind]
            if drawn is None:
                points.append(None)
                continue
            rows, change = drawing.change(number, 0, len(family.base))
            points.append((drawn[:, rows].astype(np.float32), change))
        return replace(drawing, points=tuple(points))

    def change(self, number: int, first: int, last: int) -> tuple[Ints, NDArray[np.float32]]:
        """Touched rows from `first` to `last`, and what every draw adds to their harm."""
        family, draws = self.families[number], self.base.shape[1]
        learned = self.tempers[family.kind].learned
        parts = [slice(*np.searchsorted(term.rows, [first, last])) for term in family.terms]
        touched = [term.rows[part] for term, part in zip(family.terms, parts, strict=True)]
        rows = np.unique(np.concatenate([*touched, np.empty(0, np.int64)]))
        if learned:
            rows = np.arange(first, last)
        logs = np.zeros((len(rows), draws), dtype=np.float32)
        for index, (term, part) in enumerate(zip(family.terms, parts, strict=True)):
            if learned and term.effect.on in FREQUENCY:
                continue
            at = np.searchsorted(rows, term.rows[part])
            known = self.acting[number][index]
            acting = np.ones(len(at)) if known is None else known[part]
            noise = self.noise[number][index]
            width = (term.weight[part] * acting * term.log_sd).astype(np.float32)
            if width.max(initial=0.0) >= SLIGHT:
                logs[at] += width[:, None] * noise.factor
            some, change = term.drawn(part, noise.held, noise.relieved)
            if len(some):
                logs[at[some]] += (change * acting[some, None]).astype(np.float32)
        harm = self.annual[number][rows, None].astype(np.float32)
        if learned:
            return rows, (np.exp(logs) * self.posterior(family.kind, first, last) - 1.0) * harm
        return rows, np.expm1(logs) * harm * self.base[number]

    def posterior(self, kind: str, first: int, last: int) -> NDArray[np.float32]:
        """
        Draws of the rates of some places that have records, as factors on their mean.

        The same for all families of a kind: they share the place.
        """
        shape = self.tempers[kind].shape[first:last, None]
        random = _random(self.parameters["interval"]["seed"], kind, first)
        size = (last - first, self.base.shape[1])
        return (random.standard_gamma(shape, size) / shape).astype(np.float32)

    def block(self, own: slice) -> Floats:
        """Both ends of the interval of a block of segments, as factors on their score."""
        plain = np.zeros((own.stop - own.start, len(self.families)), dtype=np.float32)
        changes = []
        for number, family in enumerate(self.families):
            spread, point = self.spread[family.kind], self.points[number]
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
        rules = self.parameters["interval"]
        ends = []
        for share in (rules["low"], rules["high"]):
            at = share * (total.shape[1] - 1)
            below, part = int(at), at - int(at)
            above = min(below + 1, total.shape[1] - 1)
            ends.append(total[:, below] * (1 - part) + total[:, above] * part)
        return np.array(ends, dtype=float) / plain.sum(axis=1)


def _acting(family: Family, year: Schedule) -> tuple[Floats | None, ...]:
    """Share of the year's harm in the hours of each term, on its rows; None is all of it."""
    found = family.acting(year)
    rows = {act.time: act.rows for act in family.acts}
    return tuple(
        None
        if term.steady or not len(term.rows)
        else found[term.time][np.searchsorted(rows[term.time], term.rows)]
        for term in family.terms
    )
