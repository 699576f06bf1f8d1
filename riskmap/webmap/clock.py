"""Levels of every road in each hour of a day, a shift or a week, for the browser to draw."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.moments import Moment, Period
from riskmap.risk import levels

if TYPE_CHECKING:
    from riskmap.area import Area

MARK = b"H"
"""Begins the bytes; those of geometry begin with the digits of a hash."""
LONGEST = 24 * 8
"""Hours; a week in which clocks change has one more than 168."""
LARGEST = 40_000_000
"""Roads × hours; more is not sent."""
ORDER = ("red", "orange", "yellow", "blue")


@dataclass(frozen=True)
class Clock:
    """
    Hours that can be chosen on the map.

    `names` are what each is called, `at` is the one that the page shows, −1 all of them, which
    `whole` calls by name, "" where they are no whole; `content` are the bytes for the browser.
    """

    names: Sequence[str]
    at: int
    whole: str
    content: bytes = field(repr=False)

    def told(self) -> dict[str, Any]:
        """What goes with every answer of the page."""
        hash_ = self.content[1:65].decode()
        return {"hash": hash_, "names": list(self.names), "at": self.at, "whole": self.whole}

    def number(self, said: object) -> int | None:
        """Number of the hour that a browser states; None of one that this clock does not have."""
        known = range(-1 if self.whole else 0, len(self.names))
        return int(said) if isinstance(said, int | float) and said in known else None


def of_day(area: Area, moments: Sequence[Moment], *, by: str = "km") -> NDArray[np.uint8]:
    """Number of the level in `ORDER` of each road at some moments, moments × roads."""
    thresholds = area.limits(by)
    return np.array([
        _numbers(area.model.rates(moment, thresholds, by=by)["level"].to_numpy(object))
        for moment in moments
    ])


def of_period(area: Area, period: Period, *, by: str = "km") -> NDArray[np.uint8]:
    """The same of every hour of a period; hours that are cut at its ends count by their pace."""
    model = area.model
    hours = model.time.hours(period)
    harm = model.hourly(period).to_numpy()
    if by == "mvkm":
        rate = harm / model.mvkm(model.time.profiles.share(hours) * hours.weight)
    else:
        rate = harm * len(model.almanac.year) / hours.weight / model.km[:, None]
    return np.array([_numbers(levels(own, area.limits(by))) for own in rate.T])


def fits(area: Area, period: Period) -> bool:
    """Whether the hours of a period are few enough to be sent."""
    count = len(area.model.time.hours(period))
    return count <= LONGEST and count * len(area.segments) <= LARGEST


def packed(numbers: NDArray[np.uint8]) -> bytes:
    """Write levels as half a byte a road, hour after hour, behind the mark and their hash."""
    hours, roads = numbers.shape
    even = np.zeros((hours, roads + roads % 2), dtype=np.uint8)
    even[:, :roads] = numbers
    content = (even[:, ::2] | (even[:, 1::2] << 4)).tobytes()
    head = hashlib.sha256(np.array(numbers.shape).tobytes() + content).hexdigest()
    return MARK + head.encode() + content


def _numbers(found: NDArray[Any]) -> NDArray[np.uint8]:
    order = pd.Categorical(found, categories=list(ORDER)).codes.astype(np.int64)
    return np.where(order < 0, len(ORDER), order).astype(np.uint8)


