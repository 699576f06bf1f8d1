"""The formula, in one place: touches and flows → expected harm, its reasons, levels and interval.

    rate_f(i,t) = base_f · flow_i^β_f · km_i · p(i,t) · Π (1 + active·(likelihood^touch − 1))
    cost_f(i,t) = unit_f(area) · speed_f(i) · Π (1 + active·(severity^touch − 1))
    harm(i,t)   = Σ_f rate_f · cost_f

In severity-weighted crashes; 1 is a mean injury crash.

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
from riskmap.hours import KINDS, Almanac
from riskmap.moments import Moment, Period, When
from riskmap.schedule import Schedule, Timetable
from riskmap.temper import Temper

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BASES = {"link": "base", "junction": "base_junction", "rail": "base_rail"}
"""Kind of place → the name of its base among the reasons: what is there without any layer."""
LEVELS = ("red", "orange", "yellow", "blue")
LARGEST = 25_000_000
"""Numbers of a table of segments × hours."""
LEAST_AADT = 1.0
"""Vehicles a day from which on a road has a rate per vehicle-km."""
RATES: Mapping[str, str] = {"km": "harm_per_km", "mvkm": "harm_per_mvkm"}
"""What levels can be of: harm per km, or per million vehicle-km."""
EQUAL = 1e-5
"""Scores no further apart are equal: rounding, in a project file too, must not colour a road."""


@dataclass(frozen=True)
class Model:
    """
    An area ready to be scored for any hour.

    `families` carry the harm of segments, junctions and rail crossings before `tempers`, by kind of
    place; `spread` draws the harm of each kind over the segments (segments × rows of the kind;
    every column adds up to 1). `profile` is each segment's traffic, `time` what depends on the time
    alone.
    """

    index: pd.Index
    km: Floats
    aadt: Floats
    profile: Ints
    families: tuple[Family, ...]
    tempers: Mapping[str, Temper]
    spread: Mapping[str, csr_array | None]
    time: Timetable
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

    @property
    def almanac(self) -> Almanac:
        """Where it is looked up what an hour is like."""
        return self.time.almanac

    @cached_property
    def scored(self) -> tuple[Family, ...]:
        """The families with what tempers, scale and records make of them."""
        return tuple(family.times(self.tempers[family.kind].factor) for family in self.families)

    def binned(self, schedule: Schedule) -> NDArray[np.float32]:
        """Harm of each segment in each sum of a schedule, in severity-weighted crashes."""
        total = np.zeros((len(self.index), schedule.columns), dtype=np.float32)
        for family in self.scored:
            spread = self.spread[family.kind]
            if spread is None:
                family.binned(schedule, total)
            else:
                total += spread.astype(np.float32) @ family.binned(schedule)
        return total

    def hourly(self, period: Period) -> pd.DataFrame:
        """
        Harm of each segment in every hour of a period.

        Returns
        -------
        Segments × hours, the columns named by when they begin; severity-weighted crashes in the
        part of the hour that lies in the period.
        """
        hours = self.time.hours(period)
        values = self.binned(self.time.schedule(hours, np.arange(len(hours))))
        return pd.DataFrame(values, index=self.index, columns=pd.DatetimeIndex(hours.start))

    @cached_property
    def annual(self) -> tuple[Floats, ...]:
        """Harm a year of every family, on its own rows."""
        return tuple(family.summed(self.time.year) for family in self.scored)

    def crashes(self, when: When = None) -> pd.Series:
        """Crashes of each segment, of any severity: in a year, a period, or one hour."""
        schedule = self.time.year if when is None else self.time.schedule(self.time.hours(when))
        found = [family.crashes.summed(schedule) for family in self.scored]
        return pd.Series(self._summed(found), index=self.index, name="crashes")

    def _summed(self, harm: Sequence[Floats]) -> Floats:
        """Harm of each segment from that of every family."""
        total = np.zeros(len(self.index))
        for family, values in zip(self.families, harm, strict=True):
            total += self._on_segments(family.kind, values)
        return total

    def _on_segments(self, kind: str, values: Floats) -> Floats:
        spread = self.spread[kind]
        return values if spread is None else np.asarray(spread @ values)

    def part(self, rows: Ints) -> Model:
        """The model of some segments alone, ascending; their tempers stay those of the network."""
        families, spread, tempers = [], dict(self.spread), dict(self.tempers)
        for family in self.families:
            drawn, own = self.spread[family.kind], rows
            if drawn is not None:
                some = drawn[rows]
                own = np.unique(some.indices).astype(np.int64)
                spread[family.kind] = some[:, own]
            families.append(family.only(own))
            tempers[family.kind] = self.tempers[family.kind].only(own)
        return replace(
            self, index=self.index[rows], km=self.km[rows], aadt=self.aadt[rows],
            profile=self.profile[rows], families=tuple(families), spread=spread, tempers=tempers,
        )  # fmt: skip

    def by_hour(self, when: When) -> pd.Series:
        """Harm of the whole network in every hour of a period, by when it begins."""
        hours = self.time.hours(when)
        schedule = self.time.schedule(hours, np.arange(len(hours)))
        total = np.zeros(len(hours))
        for family in self.scored:
            total += family.total(schedule)
        return pd.Series(total, index=pd.DatetimeIndex(hours.start), name="harm")

    def harm(self, when: When = None) -> pd.Series:
        """Severity-weighted crashes of each segment: in a year, a period, or one hour."""
        harm = self.annual
        if when is not None:
            schedule = self.time.schedule(self.time.hours(when))
            harm = tuple(family.summed(schedule) for family in self.scored)
        return pd.Series(self._summed(harm), index=self.index, name="harm")

    def mvkm(self, traffic: Floats) -> Floats:
        """
        Million vehicle-km of each segment, NaN where nobody drives.

        `traffic` is what each profile has of a mean hour's, by row; columns stay columns.
        """
        hourly = self.aadt * len(self.almanac.year) / 24.0 * self.km / 1e6
        found = np.asarray((traffic[self.profile].T * hourly).T)
        # where nobody drives, such as on a road counted at 0, no rate is known
        found[self.aadt < LEAST_AADT] = np.nan
        found[found <= 0] = np.nan
        return found

    def rates(
        self,
        when: When = None,
        thresholds: Mapping[str, float] | None = None,
        *,
        by: str = "km",
    ) -> pd.DataFrame:
        """
        Score every segment without interval and peak: what a comparison needs.

        Parameters
        ----------
        when
            None for the year.
        thresholds
            Level → least harm per km and year, or per million vehicle-km; None takes them from this
            model.
        by
            What the level is of, one of `RATES`.

        Returns
        -------
        On the segments' index: `level`, "unknown" where there is no rate; `harm_per_km` in
        severity-weighted crashes per km and year (of an hour or a period: at its pace);
        `harm_per_mvkm` per million vehicle-km, NaN where nobody drives; `share_of_harm` of the
        area, 0..1; `harm`.
        """
        thresholds = thresholds or self.thresholds(by)
        harm, hours = self.harm(when).to_numpy(), self.time.hours(when)
        rates = {
            "km": harm * len(self.almanac.year) / hours.weight.sum() / self.km,
            "mvkm": harm / self.mvkm(self.time.profiles.share(hours) @ hours.weight),
        }
        return pd.DataFrame(
            {
                "level": levels(rates[by], thresholds),
                **{column: rates[name] for name, column in RATES.items()},
                "share_of_harm": harm / harm.sum(),
                "harm": harm,
            },
            index=self.index,
        )

    def scores(
        self,
        when: When = None,
        thresholds: Mapping[str, float] | None = None,
        *,
        by: str = "km",
    ) -> pd.DataFrame:
        """
        Score every segment, for the whole year, an hour or a period.

        Returns
        -------
        The columns of `rates`; `low` and `high`, the interval of harm_per_km, as wide against it as
        the year's; `peak`, the kind of day and hour with most harm in the year, of a period its
        worst hour.
        """
        table = self.rates(when, thresholds, by=by)
        low, high = self.interval
        return table.assign(
            low=table["harm_per_km"] * low,
            high=table["harm_per_km"] * high,
            peak=self.peak_hours(when) if isinstance(when, Period) else self.peaks,
        )

    def thresholds(self, by: str = "km") -> dict[str, float]:
        """
        Least rate of red, orange and yellow: the worst shares of road length over the year.

        `by` as in `rates`; roads without a rate are left out.
        """
        rate = self.harm().to_numpy() / self.km
        if by == "mvkm":
            hours = self.time.hours(None)
            rate = self.harm().to_numpy() / self.mvkm(
                self.time.profiles.share(hours) @ hours.weight
            )
        order = np.argsort(-rate, kind="stable")[: int(np.isfinite(rate).sum())]
        if not len(order):
            return dict.fromkeys(LEVELS[:-1], np.inf)
        covered = np.cumsum(self.km[order]) / self.km[order].sum()
        result = {}
        for level in LEVELS[:-1]:
            last = np.searchsorted(covered, self.parameters["levels"][level], "right")
            result[level] = float(rate[order[min(last, len(order) - 1)]])
        return result

    @cached_property
    def peaks(self) -> NDArray[np.object_]:
        """Kind of day and hour with most harm in the mean of the year; of equal ones the first."""
        labels = [Moment(kind, hour).label for kind in KINDS for hour in range(24)]
        return _highest(self.by_kind(), labels)

    def by_kind(self) -> NDArray[np.float32]:
        """
        Mean harm in one hour of each kind of day.

        Returns
        -------
        Segments × (kind of day, hour of the clock); 0 of a kind that the year does not have.
        """
        count, found = self.time.counts, self.binned(self.time.by_kind)
        if found.shape[1] < len(count):
            found = np.pad(found, ((0, 0), (0, len(count) - found.shape[1])))
        return np.divide(found, count, out=found, where=count > 0, casting="unsafe")

    def peak_hours(self, period: Period) -> NDArray[np.object_]:
        """Hour of a period with most harm, like "2026-05-01 18"; of equal ones the first."""
        hours = self.time.hours(period)
        labels = [f"{start:%Y-%m-%d %H}" for start in pd.DatetimeIndex(hours.start)]
        # a month of all roads would not fit the memory of a small machine
        step = max(LARGEST // len(hours), 1)
        parts = [
            np.arange(first, min(first + step, len(self.index)))
            for first in range(0, len(self.index), step)
        ]
        whole = (self if len(parts) == 1 else self.part(rows) for rows in parts)
        return np.concatenate([
            _highest(model.hourly(period).to_numpy(), labels) for model in whole
        ])

    # --- reasons -------------------------------------------------------------------------------

    def reason_table(self, when: When = None) -> pd.DataFrame:
        """
        Share of each reason in the harm of each segment.

        Inside a family the base has its own harm; what the layers multiply it by is divided among
        them by their logs; `cap` takes back what the cap cut. Families are weighted by their harm,
        so every row adds up to 1.
        """
        parts = self.reason_harm(when)
        return parts.div(parts.sum(axis=1), axis=0)

    def reason_harm(self, when: When = None) -> pd.DataFrame:
        """Harm of each segment by reason; rows add up to `harm`."""
        parts = np.zeros((len(self.index), len(self.reasons)))
        place = {name: number for number, name in enumerate(self.reasons)}
        time = self.time
        schedule = time.year if when is None else time.schedule(time.hours(when))
        for family in self.scored:
            for name, values in family.shared(schedule).items():
                known = name or BASES[family.kind]
                parts[:, place[known]] += self._on_segments(family.kind, values)
        return pd.DataFrame(parts, index=self.index, columns=list(self.reasons))

    # --- uncertainty ---------------------------------------------------------------------------

    @cached_property
    def interval(self) -> tuple[Floats, Floats]:
        """
        Lower and upper end of the interval of each segment, as factors on its score.

        Quantiles over draws of every factor (lognormal, width by grade), of the families' bases,
        and of what is unknown, which a draw switches on or off. A windowed layer counts by the
        share of the harm that falls in its hours. Where there are records, how often comes from
        the posterior of the place, and how bad from the factors.
        """
        return draws.interval(
            self.scored, self.annual, self.spread, self.time.year, self.parameters, self.tempers
        )


def _highest(harm: NDArray[np.float32], labels: Sequence[str]) -> NDArray[np.object_]:
    """Label of the first column that is as large as any, up to single precision."""
    equal = harm >= harm.max(axis=1, keepdims=True) * np.float32(1.0 - EQUAL)
    return np.array(labels, dtype=object)[equal.argmax(axis=1)]


def levels(rate: Floats, thresholds: Mapping[str, float]) -> NDArray[np.object_]:
    """Level of each rate: red, orange, yellow, else blue; "unknown" where it is NaN."""
    result = np.full(len(rate), "blue", dtype=object)
    for level in ("yellow", "orange", "red"):
        result[rate > thresholds[level] * (1.0 + EQUAL)] = level
    result[np.isnan(rate)] = "unknown"
    return result
