"""Fitting crash counts: every parameter with its evidence, and the most probable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import bayes, crash_times, dispersion
from riskmap.crash_times import CLOCK, WAVES, Calendar, Pairs, Timing
from riskmap.dispersion import Dispersion
from riskmap.families import FREQUENCY
from riskmap.risk import Model
from riskmap.temper import Temper, densities

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KINDS = ("link", "junction")
"""Kinds of place that crashes are counted at; each is fitted apart, its layers together."""
STEPS = 50
"""Most steps to the mode under one over-dispersion."""
CLOSE = 1e-3
"""What a step may still gain in the log posterior where they end (Newton's decrement)."""
LONGEST = 1.0
"""No parameter moves further in one step, in the log: an exponential punishes leaps."""
DEEP = 5
"""Rounds that the next one looks at, itself among them."""
HALVES = 5
"""Steps of a round that are tried, each half as long as the one before."""
ALIKE = 1e-3
"""Part of the largest difference between rounds below which another is none."""
SMALLEST = 1e-6
"""A step so short is none."""
LEAST = 1e-12
"""What stands for a rate of nothing where a log is taken."""


@dataclass(frozen=True)
class Counts:
    """
    Whole crashes at every link and junction over `years`; `group` names the class of each.

    Places that are not in `seen` are held out: what happened there is not known. None is all.
    `times` says when, as far as that is known: `crash_times.told` by kind; `where` x and y in
    metres of every place, by kind: without it no place has neighbours.
    """

    crashes: Mapping[str, Floats]
    group: Mapping[str, NDArray[np.object_]]
    years: float
    seen: Mapping[str, NDArray[np.bool_]] | None = None
    times: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    where: Mapping[str, Floats] = field(default_factory=dict)

    def exposure(self, kind: str) -> Floats:
        """Years of records at each place."""
        if self.seen is None:
            return np.full(len(self.crashes[kind]), self.years)
        return np.where(self.seen[kind], self.years, 0.0)

    def happened(self, kind: str) -> Floats:
        """Crashes at each place, 0 where it is held out."""
        found = self.crashes[kind]
        return found if self.seen is None else np.where(self.seen[kind], found, 0.0)

    def timed(self, kind: str) -> pd.DataFrame | None:
        """When crashes happened at the places that are not held out; None where nobody says."""
        table = self.times.get(kind)
        if table is None or not self.years:
            return None
        own = table if self.seen is None else table[self.seen[kind][table["place"]]]
        return own if len(own) else None

    def total(self) -> float:
        """All crashes."""
        return float(sum(found.sum() for found in self.crashes.values()))


@dataclass(frozen=True)
class Parameter:
    """One parameter and its prior; the names are those of `Learned.parameters`."""

    kind: str
    place: str
    name: str
    when: str
    prior: float
    sd: float


@dataclass(frozen=True)
class Kind:
    """
    One kind of place, around some values of the layers' parameters.

    `against` is the log of crashes a year without layers per km (junction: per junction), against
    their mean; `layers` the log of what the layers make of them, `by_layer` its derivative (place ×
    layer parameter), `size` in km or junctions, 0 where nothing can happen, `classes` the number of
    each place's class, `first` that of the kind's own parameters: scale, slope, classes.
    """

    against: Floats
    layers: Floats
    by_layer: Floats
    size: Floats
    classes: Ints
    first: int


@dataclass(frozen=True)
class Fit:
    """
    The model at some values of its parameters.

    Between two calls of `refreshed` the logs of the rates are taken as linear in the layers'.
    """

    model: Model
    counts: Counts
    known: tuple[Parameter, ...]
    layers: int  # the first of the parameters
    point: Floats
    around: Floats  # values that `kinds` and `timing` hold for
    kinds: Mapping[str, Kind]
    calendar: Calendar
    pairs: Mapping[str, Pairs]
    timing: Timing | None  # of the layers and of the hours, which come last
    past: tuple[tuple[Floats, Floats], ...] = ()  # where rounds began, and what they wanted

    @classmethod
    def of(cls, model: Model, counts: Counts) -> Fit:
        """Every parameter at its prior."""
        rules = model.parameters["learning"]
        widths: dict[tuple[str, str], float] = {}
        for family in model.families:
            for term in family.terms if family.kind in KINDS else ():
                if term.effect.on in FREQUENCY and len(term.rows):
                    key = term.learned_as
                    widths[key] = max(widths.get(key, 0.0), term.log_sd)
        known = [Parameter("layer", "", *key, 0.0, sd) for key, sd in sorted(widths.items())]
        for kind in KINDS:
            temper = model.tempers[kind]
            known.append(Parameter("scale", kind, "", "", temper.scale, rules["scale_sd"]))
            known.append(Parameter("slope", kind, "", "", temper.slope, rules["slope_sd"]))
            known += [
                Parameter("class", kind, name, "", 0.0, rules["class_sd"])
                for name in np.unique(counts.group[kind].astype(str))
            ]
        calendar = Calendar.of(model.time)
        pairs = {
            kind: Pairs.of(table, calendar.hours)
            for kind in KINDS
            if (table := counts.timed(kind)) is not None
        }
        if pairs:
            known += [Parameter("hour", "", name, "", 0.0, rules["hour_sd"]) for name in WAVES]
        values = np.array([parameter.prior for parameter in known])
        return cls(
            model, counts, tuple(known), len(widths), values, values, {}, calendar, pairs, None
        ).refreshed()

    @property
    def rhythm(self) -> Floats:
        """Log of how many crashes the same traffic has in each of `crash_times.BINS`."""
        basis = crash_times.waves()
        return np.asarray(basis @ self.point[-len(WAVES) :] if self.pairs else np.zeros(len(basis)))

    def refreshed(self) -> Fit:
        """The same values, with the rates and their derivatives of the whole formula."""
        bare, deltas = densities(self.model.families, self.model.km), self.deltas()
        number = {(p.name, p.when): n for n, p in enumerate(self.known[: self.layers])}
        calendar, kinds, timing = self.calendar.paced(self.rhythm), {}, None
        for kind in KINDS:
            own = [f.crashes.shifted(deltas) for f in self.model.families if f.kind == kind]
            found = [family.sums(calendar.year) for family in own]
            crashes = [sums.sum(axis=1) for sums, _ in found]
            total = np.sum(crashes, axis=0)
            size = self.model.km if kind == "link" else np.ones(len(total))
            by_layer = np.zeros((len(total), self.layers))
            for family, harm, (_, acting) in zip(own, crashes, found, strict=True):
                share = harm / np.maximum(total, LEAST)
                rows_of = {act.time: act.rows for act in family.acts}
                for term in family.terms:
                    if not len(term.rows):
                        continue
                    held = term.sensitivity * share[term.rows]
                    if not term.steady:
                        at = np.searchsorted(rows_of[term.time], term.rows)
                        held = held * acting[term.time][at]
                    # a term has every row once
                    by_layer[term.rows, number[term.learned_as]] += held
            if kind in self.pairs:
                in_bin = np.sum([sums for sums, _ in found], axis=0)
                said = crash_times.timing(
                    own, self.pairs[kind], calendar, by_layer, in_bin, number
                )
                timing = said if timing is None else timing + said
            density, some = bare[kind], bare[kind] > 0
            mean = max(float(density @ size / max(size.sum(), LEAST)), LEAST)
            kinds[kind] = Kind(
                against=np.log(np.where(some, density, mean) / mean),
                layers=np.log(np.where(some, total, 1.0) / np.where(some, density * size, 1.0)),
                by_layer=by_layer,
                size=np.where(some, size, 0.0),
                classes=np.unique(self.counts.group[kind].astype(str), return_inverse=True)[1],
                first=next(n for n, p in enumerate(self.known) if p.place == kind),
            )
        return replace(self, around=self.point, kinds=kinds, timing=timing)

    @property
    def timed(self) -> Ints:
        """The parameters that `timing` is about."""
        hours = np.arange(len(self.known) - len(WAVES), len(self.known))
        return np.concatenate([np.arange(self.layers), hours])

    def deltas(self) -> dict[tuple[str, str], float]:
        """How far each layer's factor has moved, in the log."""
        return {
            (p.name, p.when): float(value)
            for p, value in zip(self.known[: self.layers], self.point, strict=False)
        }

    def rate(self, kind: str) -> Floats:
        """Expected crashes a year at each place."""
        own = self.kinds[kind]
        last = own.first + 3 + own.classes.max(initial=-1)
        scale, slope, *classes = self.point[own.first : last]
        layers = own.layers + own.by_layer @ (self.point - self.around)[: self.layers]
        log = scale + slope * own.against + np.array(classes)[own.classes] + layers
        return np.asarray(np.exp(log) * own.size)

    @property
    def expected(self) -> dict[str, Floats]:
        """Expected crashes a year at each place, by kind."""
        return {kind: self.rate(kind) for kind in KINDS}

    def design(self, kind: str) -> Floats:
        """Derivative of the log of every place's expected crashes by every parameter."""
        own = self.kinds[kind]
        result = np.zeros((len(own.against), len(self.known)))
        result[:, : self.layers] = own.by_layer
        result[:, own.first], result[:, own.first + 1] = 1.0, own.against
        result[np.arange(len(result)), own.first + 2 + own.classes] = 1.0
        return result

    def improved(self, spread: Mapping[str, Dispersion]) -> Fit:
        """
        More probable values under a given over-dispersion, refreshed.

        The rates are not linear in the layers, so a round may go too far, or not far enough: how
        far is told by what the last ones wanted once they had gone (Anderson 1965, Journal of the
        ACM 12(4):547–560). What is less probable then is not taken: the next tries are the round's
        own step and parts of it.
        """
        k = self.spreads(spread)
        before = self.log_posterior(k)
        width = np.array([parameter.sd for parameter in self.known])
        own = (self.mode(k).point - self.point) / width
        past = (*self.past[1 - DEEP :], (self.point / width, own))
        ways = [own / 2.0**part for part in range(HALVES)]
        if len(past) > 1:
            points, wanted = (np.diff(np.transpose(p), axis=1) for p in zip(*past, strict=True))
            # rounds that say the same say it once
            part = np.linalg.lstsq(wanted, own, rcond=ALIKE)[0]
            most = LONGEST / width
            ways.insert(0, own - np.clip((points + wanted) @ part, -most, most))
        for way in ways:
            found = replace(self, point=self.point + way * width, past=past).refreshed()
            if found.log_posterior(k) >= before:
                return found
            past = past[-1:]
        return replace(self, past=())

    def spreads(self, spread: Mapping[str, Dispersion]) -> dict[str, Floats]:
        """Over-dispersion of every place, by kind."""
        return {
            kind: spread[kind].at(found, self.counts.group[kind])
            for kind, found in self.expected.items()
        }

    def mode(self, k: Mapping[str, Floats]) -> Fit:
        """Most probable values under the over-dispersion `k` of every place, by kind."""
        fit, score = self, self.log_posterior(k)
        for _ in range(STEPS):
            step, gain, _ = fit.step(k)
            if gain < CLOSE:
                break
            step *= min(1.0, LONGEST / max(np.abs(step).max(initial=0.0), LEAST))
            tried = replace(fit, point=fit.point + step)
            while (new := tried.log_posterior(k)) < score and np.abs(step).max() > SMALLEST:
                step = step / 2.0
                tried = replace(fit, point=fit.point + step)
            if new < score:
                break
            fit, score = tried, new
        return fit

    def step(self, k: Mapping[str, Floats]) -> tuple[Floats, float, Floats]:
        """A step of Fisher scoring, what it should gain, and the parameters' covariance here."""
        slope, precision = self.slope(k)
        covariance = np.linalg.inv(precision)
        step = np.asarray(covariance @ slope)
        return step, float(step @ slope), np.asarray(covariance)

    def slope(self, k: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        """Derivative of the log posterior by every parameter, and the expected information."""
        prior, sd = (np.array([getattr(p, name) for p in self.known]) for name in ("prior", "sd"))
        slope, precision = (prior - self.point) / sd**2, np.diag(1.0 / sd**2)
        for kind in KINDS if self.counts.years else ():
            design, mean = self.design(kind), self.rate(kind) * self.counts.exposure(kind)
            some = 1.0 + k[kind] * mean
            slope = slope + design.T @ ((self.counts.happened(kind) - mean) / some)
            # a matrix times its own transpose is half the work
            weighted = design * np.sqrt(mean / some)[:, None]
            precision = precision + weighted.T @ weighted
        if self.timing is not None:
            own, said = self.timed, self.timing
            slope[own] += said.slope - said.information @ (self.point - self.around)[own]
            precision[np.ix_(own, own)] += said.information
        return np.asarray(slope), np.asarray(precision)

    def log_posterior(self, k: Mapping[str, Floats]) -> float:
        """Up to a constant."""
        prior, sd = (np.array([getattr(p, name) for p in self.known]) for name in ("prior", "sd"))
        away = (self.point - prior) / sd
        result = -0.5 * float(away @ away)
        for kind in KINDS if self.counts.years else ():
            mean = self.rate(kind) * self.counts.exposure(kind)
            result += dispersion.log_likelihood(self.counts.happened(kind), mean, k[kind])
        if self.timing is not None:
            result += self.timing.likely((self.point - self.around)[self.timed])
        return result

    def applied(self, found: Mapping[str, bayes.Posterior]) -> Model:
        """The model with the learned factors, and with the places' own crashes."""
        tempers = dict(self.model.tempers)
        bare = densities(self.model.families, self.model.km)
        for kind in KINDS:
            own = self.kinds[kind]
            scale, slope = (float(v) for v in self.point[own.first : own.first + 2])
            # what is scored is found when the layers are put on what is there without them
            without = found[kind].mean * np.exp(-own.layers)
            there = bare[kind] * own.size
            tempers[kind] = Temper(
                slope=slope,
                scale=scale,
                factor=np.divide(without, there, out=np.zeros(len(there)), where=there > 0),
                shape=found[kind].shape if self.counts.years else tempers[kind].shape,
            )
        deltas = self.deltas()
        families = tuple(family.shifted(deltas) for family in self.model.families)
        time = self.model.time
        if self.pairs:
            time = replace(time, rhythm=self.rhythm.reshape(2, CLOCK))
        return replace(self.model, families=families, tempers=tempers, time=time)

    def table(self, spread: Mapping[str, Dispersion]) -> pd.DataFrame:
        """The parameters before and after; see `Learned`."""
        _, _, covariance = self.step(self.spreads(spread))
        part = np.zeros(len(self.known))
        for kind in KINDS:
            own, crashes = self.kinds[kind], self.counts.happened(kind)
            part[: self.layers] += np.minimum(own.by_layer, 1.0).T @ crashes
            part[own.first : own.first + 2] = crashes.sum()
            by_class = np.bincount(own.classes, crashes)
            part[own.first + 2 : own.first + 2 + len(by_class)] = by_class
        if self.timing is not None:
            part[-len(WAVES) :] = self.timing.crashes
        rows = [
            {
                "kind": p.kind, "place": p.place, "name": p.name, "when": p.when,
                "prior": p.prior, "prior_sd": p.sd, "local": value, "local_sd": sd, "crashes": n,
            }
            for p, value, sd, n in zip(
                self.known, self.point, np.sqrt(np.diag(covariance)), part, strict=True
            )
        ]  # fmt: skip
        return pd.DataFrame(rows)
