"""A date and hour → the kind of day; and the 72 moments that a year is made of.

A first calendar: school days, other workdays and weekends, 24 hours each. Public holidays are not
known yet; their days are counted with the weekends of the year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmap.errors import RiskmapError
from riskmap.layer import Layer

Floats = NDArray[np.float64]

DAYS = ("school", "workday", "weekend")
AREAS = ("rural", "urban")
SATURDAY = 5


@dataclass(frozen=True)
class Moment:
    """One hour of a kind of day: `day` is "school", "workday" or "weekend"; `hour` 0–23."""

    day: str
    hour: int

    def __post_init__(self) -> None:
        """Refuse a day or an hour that does not exist."""
        if self.day not in DAYS:
            raise RiskmapError(f"day '{self.day}': unknown; use one of {', '.join(DAYS)}")
        if not 0 <= self.hour < 24:  # noqa: PLR2004  # hours of a day
            raise RiskmapError(f"hour {self.hour}: outside 0–23")

    @property
    def number(self) -> int:
        """Row in the year's table of moments."""
        return DAYS.index(self.day) * 24 + self.hour

    @property
    def label(self) -> str:
        """Like "school 07"."""
        return f"{self.day} {self.hour:02d}"

    @classmethod
    def numbered(cls, number: int) -> Moment:
        """Invert `number`."""
        return cls(DAYS[number // 24], int(number % 24))

    @classmethod
    def at(cls, text: str, parameters: Mapping[str, Any]) -> Moment:
        """
        Moment of a local date and time, "2026-05-01T18:00".

        A weekday is a school day outside the months without school, else a plain workday.
        """
        try:
            when = datetime.fromisoformat(text)
        except ValueError as fault:
            raise RiskmapError(
                f"--at {text}: not a date and time ({fault}); write it like 2026-05-01T18:00"
            ) from fault
        if when.weekday() >= SATURDAY:
            return cls("weekend", when.hour)
        off = when.month in parameters["moments"]["no_school_months"]
        return cls("workday" if off else "school", when.hour)


@dataclass(frozen=True)
class Year:
    """
    The year as 72 moments.

    `hours`: how many hours of the year each stands for (they add up to 8,760). `share`: area type ×
    moment, the share of the year's traffic in one such hour; weighted by `hours` each row adds up
    to 1.
    """

    hours: Floats
    share: Floats


def year(parameters: Mapping[str, Any]) -> Year:
    """Divide the year by the days and profiles of the parameters."""
    rules = parameters["moments"]
    days = np.array([rules["days"][day] for day in DAYS], dtype=float)
    hours = np.repeat(days, 24)
    share = np.array([
        np.concatenate([_day(rules["profile"][day][area]) for day in DAYS]) for area in AREAS
    ])
    return Year(hours, share / (share * hours).sum(axis=1, keepdims=True))


def _day(profile: Mapping[str, Any]) -> Floats:
    hours = np.array(profile["hours"], dtype=float)
    return profile["day"] * hours / hours.sum()


def active(layer: Layer) -> Floats:
    """
    Share of each of the 72 moments in which a layer acts, 0..1.

    Without an [[active]] table a layer always acts. A window that covers half an hour of a clock
    hour counts half. "workday" means every day but the weekend, school days too.
    """
    if not layer.active:
        return np.ones(72)
    result = np.zeros((3, 24))
    hour = np.arange(24)
    for window in layer.active:
        covered = np.zeros(24)
        for start, end in window.hours:
            covered += np.clip(np.minimum(end, hour + 1) - np.maximum(start, hour), 0.0, 1.0)
        named = {"workday": ("school", "workday")}
        days = {day for name in window.days for day in named.get(name, (name,))}
        for number, day in enumerate(DAYS):
            if day in days:
                result[number] += covered
    return np.minimum(result, 1.0).ravel()
