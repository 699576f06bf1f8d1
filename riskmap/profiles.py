"""Traffic by the hour: how a year's vehicles divide over its hours, by road class and area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.calendars import PHASES
from riskmap.errors import RiskmapError
from riskmap.hours import KINDS, Hours

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AREAS = ("rural", "urban")


@dataclass(frozen=True)
class Profiles:
    """
    How traffic comes and goes, one profile for roads of a kind or a road that was counted.

    `table`: profile × kind of day × 24, vehicles an hour against each other. `waves`: profile ×
    phase of a holiday × 24, what they are multiplied by. `total`: sum of each over the hours of the
    reference year.
    """

    table: Floats
    waves: Floats
    total: Floats

    @classmethod
    def stated(cls, parameters: Mapping[str, Any], year: Hours) -> Profiles:
        """
        Read the profiles of the parameters: road group × area.

        Raises
        ------
        RiskmapError
            A day that has not 24 hours, or no traffic.
        """
        rules = parameters["moments"]
        groups = rules["groups"]
        table = np.array([
            [_day(rules["profile"][group][kind][area], f"{group}.{kind}.{area}") for kind in KINDS]
            for group in groups
            for area in AREAS
        ])
        waves = np.ones((len(table), len(PHASES), 24))
        for phase, rule in rules["waves"].items():
            first, last = _wave(rule, groups, phase)
            factor = np.repeat([rule[group] for group in groups], len(AREAS))
            waves[:, PHASES.index(phase), first:last] = factor[:, None]
        return cls(table, waves, np.ones(len(table))).totalled(year)

    def counted(self, like: Ints, vehicles: Floats, year: Hours) -> Profiles:
        """
        Add roads that were counted.

        Parameters
        ----------
        like
            Profile whose holiday waves each has, for nobody counts for years.
        vehicles
            Road × kind of day × 24, vehicles an hour.
        year
            Hours of the reference year.
        """
        table = np.concatenate([self.table, vehicles])
        waves = np.concatenate([self.waves, self.waves[like]])
        return Profiles(table, waves, np.ones(len(table))).totalled(year)

    def totalled(self, year: Hours) -> Profiles:
        """With the sums over the hours of the reference year."""
        return replace(self, total=self._at(year) @ year.weight)

    def share(self, hours: Hours) -> Floats:
        """Share of the reference year's traffic in each hour, profile × hour."""
        return self._at(hours) / self.total[:, None]

    def daily(self, profile: Ints, year: Hours) -> Floats:
        """Mean vehicles a day of profiles that are in vehicles an hour."""
        return self.total[profile] / len(year) * 24.0

    def _at(self, hours: Hours) -> Floats:
        wave = self.waves[:, hours.phase, hours.clock]
        return np.asarray(self.table[:, hours.kind, hours.clock] * wave)


def of_places(places: pd.DataFrame, parameters: Mapping[str, Any]) -> Ints:
    """Profile of each place, by its `road_class` and `area`: road group × area."""
    groups = parameters["moments"]["groups"]
    number = {name: n for n, names in enumerate(groups.values()) for name in names}
    left_out = sorted(set(places["road_class"]) - set(number))
    if left_out:
        raise RiskmapError(
            f"parameters: moments.groups leaves out {', '.join(left_out)}; put each class of road "
            "into one group"
        )
    group = places["road_class"].map(number).to_numpy(dtype=np.int64)
    return group * len(AREAS) + (places["area"].to_numpy(object) == "urban")


def _wave(rule: Mapping[str, Any], groups: Mapping[str, Any], phase: str) -> tuple[int, int]:
    hours = rule["hours"]
    whole = len(hours) == 2 and all(isinstance(hour, int) for hour in hours)  # noqa: PLR2004  # from, to
    if not whole or not 0 <= hours[0] < hours[1] <= 24:  # noqa: PLR2004  # of a day
        raise RiskmapError(
            f"parameters: moments.waves.{phase}.hours needs two whole hours from 0 to 24, the "
            "first before the second"
        )
    for group in groups:
        if not rule.get(group, 0.0) > 0:
            raise RiskmapError(
                f"parameters: moments.waves.{phase} needs a number above 0 for {group}"
            )
    return hours[0], hours[1]


def _day(profile: Mapping[str, Any], where: str) -> Floats:
    hours = np.array(profile["hours"], dtype=float)
    if len(hours) != 24 or (hours < 0).any() or not hours.sum() > 0:  # noqa: PLR2004  # of a day
        raise RiskmapError(
            f"parameters: moments.profile.{where}.hours needs 24 numbers of 0 or more, not all 0"
        )
    if not profile["day"] > 0:
        raise RiskmapError(f"parameters: moments.profile.{where}.day must be above 0")
    return profile["day"] * hours / hours.sum()
