"""Crash families: the base harm of their places, and what the layers multiply it by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.layer import Effect
from riskmap.schedule import Schedule, Time

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FAMILIES = {
    "run_off_road": "link", "head_on": "link", "queue": "link", "vulnerable": "link",
    "junction": "junction", "rail": "rail",
}  # fmt: skip
"""Crash family → the kind of place where it happens."""
FREQUENCY = ("likelihood", "flow")
"""What effects act on that make crashes more frequent; the others make them worse."""
ALL = slice(None)
TABLE = 2**17
"""Numbers of a table that are worked on at a time: 1 MB."""


@dataclass(frozen=True)
class Term:
    """
    What one effect of one layer adds to the log of a family's harm.

    `rows` are rows of the family's own table, ascending, `log` what they get while the layer acts.
    `time` says what decides when that is; `steady` that it is always. `log_sd` is the uncertainty
    of the factor per unit of `weight`, which is the touch times `power`, to which the factor is
    tempered, and for a flow or a speed what it comes to in harm. Rows in `unknown` have the effect,
    `held_log`, only with the prevalence `maybe`; `relief_log` comes on top, where a relief is not
    mapped, only with `hoped`.
    """

    layer: str
    group: str | None
    effect: Effect
    rows: Ints
    time: Time
    steady: bool
    weight: Floats
    power: float
    log_sd: float
    unknown: Bools
    maybe: float
    held_log: Floats
    relief_log: Floats
    hoped: float

    def only(self, keep: Bools) -> Term:
        """The same on some of its rows."""
        rowwise = ("rows", "weight", "unknown", "held_log", "relief_log")
        return replace(self, **{name: getattr(self, name)[keep] for name in rowwise})

    @property
    def learned_as(self) -> tuple[str, str]:
        """Layer, and the tags of the feature if it asks for any: what is learned as one factor."""
        when = self.effect.when or {}
        return self.layer, ", ".join(f"{key}={'|'.join(v)}" for key, v in when.items())

    def scaled(self, by: float) -> Term:
        """The same effect stronger or weaker: its factors to the power `by`; 0 is without it."""
        if by == 1:
            return self
        if by == 0:
            return self.only(np.zeros(len(self.rows), dtype=bool))
        logs = {name: getattr(self, name) * by for name in ("held_log", "relief_log")}
        return replace(self, weight=self.weight * abs(by), **logs)

    def shifted(self, by: float) -> Term:
        """The same effect with another factor: its log in use, at touch 1, moves by `by`."""
        if by == 0:
            return self
        return replace(self, held_log=self.held_log + by * self.weight / self.power)

    @cached_property
    def sensitivity(self) -> Floats:
        """How much `log` moves when the log of the factor in use, at touch 1, does."""
        sure = self.held_log + np.log1p(self.hoped * np.expm1(self.relief_log))
        held = self.maybe * np.exp(sure)
        likely = np.where(self.unknown, held / (1.0 - self.maybe + held), 1.0)
        return self.weight / self.power * likely

    @cached_property
    def log(self) -> Floats:
        """What is expected of each row, where the map is silent under the stated prevalence."""
        sure = self.held_log + np.log1p(self.hoped * np.expm1(self.relief_log))
        return np.where(self.unknown, np.log1p(self.maybe * np.expm1(sure)), sure)

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
class Act:
    """All that one layer does to a family at the same time: its effects hold or rest together."""

    time: Time
    rows: Ints
    log: Floats

    @classmethod
    def of(cls, terms: Sequence[Term]) -> Act:
        """Add up the logs of the terms of one layer and time."""
        rows, at = np.unique(np.concatenate([term.rows for term in terms]), return_inverse=True)
        logs = np.concatenate([term.log for term in terms])
        return cls(terms[0].time, rows, np.asarray(np.bincount(at, logs), dtype=float))

    @cached_property
    def gain(self) -> Floats:
        """What it adds to 1 while it acts."""
        return np.expm1(self.log)


@dataclass(frozen=True)
class Group:
    """Rows of a family with one traffic profile on which the same acts work, ascending."""

    rows: Ints
    profile: int
    acts: tuple[int, ...]


@dataclass(frozen=True)
class Family:
    """
    One crash family: `base` harm a year without layers, and the terms on top.

    `cost` is the harm of one crash without layers; `area` is a number in `profiles.AREAS`,
    `profile` one in `profiles.Profiles`.
    """

    name: str
    kind: str
    base: Floats
    cost: Floats
    area: Ints
    profile: Ints
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
    def acts(self) -> tuple[Act, ...]:
        """What comes and goes."""
        return self._acts(steady=False)

    @cached_property
    def stays(self) -> tuple[Act, ...]:
        """What acts in every hour."""
        return self._acts(steady=True)

    @cached_property
    def crashes(self) -> Family:
        """Crashes instead of harm: what makes them worse, not more, is left out."""
        terms = tuple(
            replace(term, group=None) for term in self.terms if term.effect.on in FREQUENCY
        )
        return replace(
            self, base=self.base / self.cost, cost=np.ones(len(self.base)), candidates=terms
        )

    def shifted(self, deltas: Mapping[tuple[str, str], float]) -> Family:
        """The same with other factors: by layer and feature (`Term.learned_as`), in the log."""
        terms = tuple(
            term.shifted(deltas.get(term.learned_as, 0.0))
            if term.effect.on in FREQUENCY
            else term
            for term in self.candidates
        )
        moved = replace(self, candidates=terms)
        # where nothing competes the same acts work on the same rows
        if "groups" in self.__dict__ and not any(term.group for term in terms):
            moved.__dict__["groups"] = self.groups
        return moved

    def times(self, factor: Floats) -> Family:
        """The same with every row's base multiplied."""
        scaled = replace(self, base=self.base * factor)
        # what does not depend on the base need not be worked out again
        for name in ("terms", "acts", "stays", "groups", "steady"):
            if name in self.__dict__:
                scaled.__dict__[name] = self.__dict__[name]
        return scaled

    def _acts(self, *, steady: bool) -> tuple[Act, ...]:
        own: dict[Time, list[Term]] = {}
        for term in self.terms:
            if term.steady == steady and len(term.rows):
                own.setdefault(term.time, []).append(term)
        return tuple(Act.of(terms) for terms in own.values())

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """
        Rows by the acts that work on them.

        A road that only darkness touches has a dozen different hours in a year, not thousands.
        """
        if not len(self.base):
            return ()
        profiles = int(self.profile.max()) + 1
        random = np.random.default_rng(0)
        words = random.integers(0, 2**64, profiles + len(self.acts), dtype=np.uint64)
        key = words[self.profile]
        for act, word in zip(self.acts, words[profiles:], strict=True):
            key[act.rows] ^= word
        order = np.argsort(key, kind="stable")
        starts = np.flatnonzero(np.diff(key[order], prepend=key[order[:1]] + np.uint64(1)))
        on = [set[int]() for _ in starts]
        group = np.empty(len(key), dtype=np.int64)
        group[order] = np.cumsum(np.bincount(starts, minlength=len(order))) - 1
        for number, act in enumerate(self.acts):
            for found in np.unique(group[act.rows]):
                on[found].add(number)
        return tuple(
            Group(rows, int(self.profile[rows[0]]), tuple(sorted(acts)))
            for rows, acts in zip(np.split(order, starts[1:]), on, strict=True)
        )

    @cached_property
    def steady(self) -> Floats:
        """Product of what acts in every hour."""
        logs = np.zeros(len(self.base))
        for act in self.stays:
            logs[act.rows] += act.log
        return np.exp(logs)

    @property
    def most(self) -> float:
        """Largest product of all layers."""
        return float(np.exp(self.log_cap))

    def binned(
        self, schedule: Schedule, onto: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """
        Harm by row and sum of a schedule; single precision, for a week is a large table.

        With `onto` it is added there, in place.
        """
        result = onto
        if result is None:
            result = np.zeros((len(self.base), schedule.columns), dtype=np.float32)
        for rows, harm, at, profile in self._worked(schedule):
            if schedule.separate:
                result[rows] += harm[:, at] * schedule.traffic[profile]
            else:
                weights = schedule.weights(at, harm.shape[1], profile)
                result[rows] += harm.astype(np.float32) @ weights.astype(np.float32)
        return result

    def summed(self, schedule: Schedule) -> Floats:
        """Harm by row over all of a schedule."""
        result = np.zeros(len(self.base))
        if len(schedule.column) == 1:
            product = self.steady.copy()
            for act in self.acts:
                share = schedule.shares[act.time][0]
                if share:
                    product[act.rows] *= 1.0 + share * act.gain
            np.minimum(product, self.most, out=product)
            return self.base * product * schedule.traffic[self.profile, 0]
        for rows, harm, at, profile in self._worked(schedule):
            weights = np.bincount(at, schedule.traffic[profile], minlength=harm.shape[1])
            # BLAS would start threads for a vector
            result[rows] = np.einsum("rn,n->r", harm, weights)
        return result

    def total(self, schedule: Schedule) -> Floats:
        """Harm of all rows together in each sum of a schedule."""
        result = np.zeros(schedule.columns)
        for _, harm, at, profile in self._worked(schedule):
            of_pattern = harm.sum(axis=0)
            result += np.bincount(
                schedule.column, of_pattern[at] * schedule.traffic[profile], schedule.columns
            )
        return result

    def acting(self, schedule: Schedule) -> dict[Time, Floats]:
        """Share of the harm of a schedule that falls in the hours of each act, on its rows."""
        result = {act.time: np.zeros(len(act.rows)) for act in self.acts}
        for group, rows, product, at in self._products(schedule):
            table, _ = self._patterns(schedule, group)
            harm = product * np.bincount(
                at, schedule.traffic[group.profile], minlength=product.shape[1]
            )
            total = np.maximum(harm.sum(axis=1), np.finfo(float).tiny)
            for column, number in enumerate(group.acts):
                act = self.acts[number]
                own = np.einsum("rn,n->r", harm, table[:, column])
                result[act.time][np.searchsorted(act.rows, rows)] = own / total
        return result

    def sums(self, schedule: Schedule) -> tuple[Floats, dict[Time, Floats]]:
        """
        Harm by row and sum of a schedule, and how it answers to each act.

        Returns
        -------
        The harm, row × sum, and by act the derivative of the log of its total by the log of the
        act, on its rows. In an hour of which the act has only a part it is more than that part.
        """
        result = np.zeros((len(self.base), schedule.columns))
        slopes = {act.time: np.zeros(len(act.rows)) for act in self.acts}
        for group, rows, product, at in self._products(schedule):
            table, _ = self._patterns(schedule, group)
            weights = schedule.weights(at, len(table), group.profile)
            result[rows] = self.base[rows, None] * (product @ weights)
            harm = product * weights.sum(axis=1)
            total = np.maximum(harm.sum(axis=1), np.finfo(float).tiny)
            for column, number in enumerate(group.acts):
                act = self.acts[number]
                touched = np.searchsorted(act.rows, rows)
                share = table[:, column]
                own = np.einsum("rn,n->r", harm, share == 1.0)
                part = np.flatnonzero((share > 0.0) & (share < 1.0))
                some = harm[:, part] * moved(act.gain[touched, None], share[part])
                slopes[act.time][touched] = (own + some.sum(axis=1)) / total
        return result, slopes

    def shared(self, schedule: Schedule) -> dict[str, Floats]:
        """
        Divide the harm of a schedule among its layers, by row.

        What the layers multiply the base by is divided among them by their logs. "" is the base,
        "cap" what the cap takes back.
        """
        names = dict.fromkeys(act.time[0] for act in (*self.stays, *self.acts))
        result = {name: np.zeros(len(self.base)) for name in ("", *names, "cap")}
        always = np.log(self.steady)
        per_log = np.zeros(len(self.base))
        for group, rows, _, at in self._products(schedule, multiply=False):
            table, _ = self._patterns(schedule, group)
            traffic = np.bincount(at, schedule.traffic[group.profile], minlength=len(table))
            own = []
            logs = np.repeat(always[rows, None], len(table), axis=1)
            for column, number in enumerate(group.acts):
                act = self.acts[number]
                gain = act.gain[np.searchsorted(act.rows, rows)]
                log = np.log1p(np.multiply.outer(gain, table[:, column]))
                logs += log
                own.append((act.time[0], log))
            harm = self.base[rows, None] * traffic
            # (e^S − 1) / S, which tends to 1 where the logs cancel out
            small = np.abs(logs) < 1e-9  # noqa: PLR2004  # numerical
            product = np.expm1(logs)
            weight = harm * np.where(small, 1.0, product / np.where(small, 1.0, logs))
            result[""][rows] = harm.sum(axis=1)
            per_log[rows] = weight.sum(axis=1)
            for name, log in own:
                result[name][rows] += np.einsum("rn,rn->r", log, weight)
            cut = np.minimum(product, self.most - 1.0) - product
            result["cap"][rows] = np.einsum("rn,rn->r", harm, cut)
        for act in self.stays:
            result[act.time[0]][act.rows] += act.log * per_log[act.rows]
        return result

    def _worked(self, schedule: Schedule) -> Iterator[tuple[Ints, Floats, Ints, int]]:
        """Rows, their harm a year were every hour like a pattern, the patterns, the profile."""
        for group, rows, product, at in self._products(schedule):
            yield rows, self.base[rows, None] * product, at, group.profile

    def _products(
        self, schedule: Schedule, *, multiply: bool = True
    ) -> Iterator[tuple[Group, Ints, Floats, Ints]]:
        """Pieces of the groups, with the product of all layers, row × pattern."""
        for group in self.groups:
            table, at = self._patterns(schedule, group)
            wide = max(len(table), schedule.columns)
            for part in pieces(len(group.rows), wide):
                rows = group.rows[part]
                product = np.empty((0, len(table)))
                if multiply:
                    product = np.repeat(self.steady[rows, None], len(table), axis=1)
                    for column, number in enumerate(group.acts):
                        act = self.acts[number]
                        gain = act.gain[np.searchsorted(act.rows, rows)]
                        product *= 1.0 + np.multiply.outer(gain, table[:, column])
                    np.minimum(product, self.most, out=product)
                yield group, rows, product, at

    def _patterns(self, schedule: Schedule, group: Group) -> tuple[Floats, Ints]:
        return schedule.patterns(tuple(self.acts[number].time for number in group.acts))

    def only(self, rows: Ints) -> Family:
        """The family on some of its rows, ascending, which are then numbered from 0."""
        terms = []
        for term in self.terms:
            keep = np.isin(term.rows, rows)
            own = term.only(keep)
            terms.append(replace(own, rows=np.searchsorted(rows, own.rows), group=None))
        return replace(
            self, base=self.base[rows], cost=self.cost[rows], area=self.area[rows],
            profile=self.profile[rows], candidates=tuple(terms),
        )  # fmt: skip


def moved(gain: Floats, share: Floats) -> Floats:
    """Derivative of log(1 + share · gain) by the log of 1 + gain."""
    return np.asarray(share * (1.0 + gain) / (1.0 + share * gain))


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
