"""What acts in each of some hours, and how much traffic there is: what harm is summed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from riskmap.hours import KINDS, Almanac, Hours, Window
from riskmap.layer import Layer
from riskmap.moments import When
from riskmap.profiles import Profiles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Time = tuple[str, Window | None]
"""A layer, and what limits a part of it to days or hours; None is nothing."""


@dataclass(frozen=True)
class Schedule:
    """
    Hours in which the same layers act are one row; their traffic is added up.

    `shares` says for each layer in which share of each row it acts; `traffic` is the share of the
    year's traffic, profile × row; `column` says to which of `columns` sums a row belongs.
    """

    shares: Mapping[Time, Floats]
    traffic: Floats
    column: Ints
    columns: int
    codes: Mapping[Time, Ints] = field(repr=False)
    _known: dict[tuple[Time, ...], tuple[Floats, Ints]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        hours: Hours,
        traffic: Floats,
        layers: Mapping[str, Layer],
        times: Mapping[Time, None],
        column: Ints | None = None,
    ) -> Schedule:
        """
        Look up what acts in some hours.

        Parameters
        ----------
        hours
            The hours.
        traffic
            Share of the year's traffic in a whole hour, profile × hour.
        layers, times
            The layers by name, and the parts of them that are asked for.
        column
            Sum to which each hour belongs, numbered from 0; None is one sum.
        """
        if column is None:
            column = np.zeros(len(hours), dtype=np.int64)
        shares = {
            (name, window): hours.active(layers[name].active, window) for name, window in times
        }
        codes = {time: np.unique(share, return_inverse=True)[1] for time, share in shares.items()}
        first, at = _alike([column, *codes.values()])
        summed = np.array([
            np.bincount(at, row * hours.weight, minlength=len(first)) for row in traffic
        ])
        return cls(
            shares={time: share[first] for time, share in shares.items()},
            traffic=summed,
            column=column[first],
            columns=int(column.max()) + 1,
            codes={time: code[first] for time, code in codes.items()},
        )

    @property
    def separate(self) -> bool:
        """Whether every row is a sum of its own."""
        return np.array_equal(self.column, np.arange(self.columns))

    def patterns(self, times: tuple[Time, ...]) -> tuple[Floats, Ints]:
        """Distinct shares of some layers, pattern × layer, and the pattern of each row."""
        if not times:
            return np.zeros((1, 0)), np.zeros(len(self.column), dtype=np.int64)
        if times not in self._known:
            first, at = _alike([self.codes[time] for time in times])
            table = [self.shares[time][first] for time in times]
            self._known[times] = np.reshape(table, (len(times), len(first))).T, at
        return self._known[times]

    def weights(self, at: Ints, patterns: int, profile: int) -> Floats:
        """Traffic of a profile by pattern and sum, pattern × column."""
        cells = at * self.columns + self.column
        found = np.bincount(cells, self.traffic[profile], minlength=patterns * self.columns)
        return np.asarray(found.reshape(patterns, self.columns), dtype=float)


@dataclass(frozen=True)
class Timetable:
    """
    Everything about an area that depends on the time alone.

    `layers` say when they act, `times` names the parts of them that are there; `profiles` know the
    traffic, `almanac` the hours. `rhythm`, if records say so, is the log of how many crashes the
    same traffic has in each hour of the clock, (day with work, without) × 24.
    """

    almanac: Almanac
    profiles: Profiles
    layers: Mapping[str, Layer]
    times: Mapping[Time, None]
    rhythm: Floats | None = None

    def hours(self, when: When = None) -> Hours:
        """Hours that are asked about; their weights add up to how many that are."""
        return self.almanac.year if when is None else when.hours(self.almanac)

    def schedule(self, hours: Hours, column: Ints | None = None) -> Schedule:
        """What acts in some hours; `column` numbers the sum to which each belongs."""
        traffic = self._paced(hours) / self._level[:, None]
        return Schedule.of(hours, traffic, self.layers, self.times, column)

    def _paced(self, hours: Hours) -> Floats:
        traffic = self.profiles.share(hours)
        if self.rhythm is None:
            return traffic
        return np.asarray(traffic * np.exp(self.rhythm)[hours.free, hours.clock])

    @cached_property
    def _level(self) -> Floats:
        """What the shares of the reference year add up to, by profile."""
        year = self.almanac.year
        return np.asarray(self._paced(year) @ year.weight)

    @cached_property
    def year(self) -> Schedule:
        """All hours of the reference year in one sum."""
        return self.schedule(self.almanac.year)

    @cached_property
    def by_kind(self) -> Schedule:
        """Hours of the reference year in a sum for each kind of day and hour of the clock."""
        year = self.almanac.year
        return self.schedule(year, year.kind * 24 + year.clock)

    @cached_property
    def counts(self) -> Floats:
        """Hours of the reference year in each sum of `by_kind`."""
        year = self.almanac.year
        column = year.kind * 24 + year.clock
        return np.asarray(np.bincount(column, year.weight, 24 * len(KINDS)), dtype=float)


def _alike(codes: list[Ints]) -> tuple[Ints, Ints]:
    """
    First row of each distinct combination of codes, and the combination of every row.

    In the order of the first code, then of the second, and so on.
    """
    key = codes[0]
    for code in codes[1:]:
        # dense again after each step, so that it cannot overflow
        key = np.unique(key * (int(code.max()) + 1) + code, return_inverse=True)[1]
    _, first, at = np.unique(key, return_index=True, return_inverse=True)
    return first, at
