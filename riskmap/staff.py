"""Squadrons, officers, vehicles, shifts, breaks, posts that must be staffed, and limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import shapely

Window = tuple[float, float]
"""From minute to minute after 00:00; what goes over midnight ends past 1440."""
DAY = 1440.0
VEHICLES = ("car", "motorcycle")


@dataclass(frozen=True)
class Place:
    """Where something is: degrees of WGS 84, or the id of an OSM node, or that of a segment."""

    lon: float | None = None
    lat: float | None = None
    node: int | None = None
    segment_id: str = ""

    def __str__(self) -> str:
        """Write it as the file does."""
        if self.segment_id:
            return f"segment {self.segment_id}"
        return f"{self.lon:.5f},{self.lat:.5f}" if self.node is None else f"node {self.node}"


@dataclass(frozen=True)
class Station(Place):
    """Where the units of a squadron begin and end."""


@dataclass(frozen=True)
class Town:
    """A place by which a squadron's area is told: the roads nearest to it. WGS 84."""

    name: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Squadron:
    """
    A squadron (中队) and its officers, by number; `officer_ids` are its own numbers, if stated.

    Its area is `area` (WGS 84), or the roads that lie nearer to one of its `towns` than to any
    other squadron's; with neither it works everywhere. `station` is None where nobody stated one.
    """

    id: str
    zh: str
    en: str
    station: Station | None
    officers: int
    officer_ids: tuple[str, ...] = ()
    area: shapely.Geometry | None = None
    towns: tuple[Town, ...] = ()


@dataclass(frozen=True)
class Vehicle:
    """A car or motorcycle of a squadron; it `patrols`, or brings its officers to a post."""

    id: str
    kind: str
    squadron: str
    officers: int
    patrols: bool = True


@dataclass(frozen=True)
class Shift:
    """A shift: minutes after 00:00 of the date on which it begins."""

    name: str
    from_min: float
    to_min: float

    @property
    def window(self) -> Window:
        """From and to."""
        return self.from_min, self.to_min


@dataclass(frozen=True)
class Rota:
    """So many officers and these vehicles of a squadron work a shift on these kinds of day."""

    shift: str
    squadron: str
    days: tuple[str, ...]
    officers: int
    officer_ids: tuple[str, ...]
    vehicles: tuple[str, ...]


@dataclass(frozen=True)
class Break:
    """
    A break that begins between two minutes, on the spot or at the station.

    At most `at_once` units have it at a time, None is any number. `shifts` are those that have it.
    """

    minutes: float
    earliest_min: float
    latest_min: float
    at_station: bool
    at_once: int | None = None
    shifts: tuple[str, ...] = ()

    def within(self, shift: Shift) -> Break | None:
        """Return the same in the minutes of a shift, None where it does not fit in."""
        for later in (0.0, DAY):
            first, last = self.earliest_min + later, self.latest_min + later
            if shift.from_min <= first and last + self.minutes <= shift.to_min:
                return Break(
                    self.minutes, first, last, self.at_station, self.at_once, (shift.name,)
                )
        return None


@dataclass(frozen=True)
class Post:
    """
    A post that must be staffed, in its `hours` or, without any, all shift.

    `days` are the kinds of day on which its hours begin; `squadron` and `shifts` say who staffs it,
    "" and () is anybody. `locked`: no plan and no hand moves it.
    """

    id: str
    zh: str
    en: str
    place: Place
    hours: tuple[Window, ...]
    days: tuple[str, ...]
    officers: int
    school: bool = False
    squadron: str = ""
    shifts: tuple[str, ...] = ()
    locked: bool = False


@dataclass(frozen=True)
class Forbidden:
    """A place where no post may be, nor within `radius_m` of it."""

    id: str
    zh: str
    en: str
    place: Place
    radius_m: float


@dataclass(frozen=True)
class Limits:
    """
    What a plan must keep to; defaults, meaning and grades stand in `parameters.toml`.

    Fields are keys of its `[deploy]` and `[sites]`, or a patrol's stop in its `[patrols]`.
    """

    officers_post: int
    officers_car: int
    officers_motorcycle: int
    least_stop_min: float
    longest_stop_min: float
    seen_min: float
    key_share: float
    key_reach_m: float
    every_min: float
    peaks: tuple[str, ...]
    station_m: float
    post_m: float

    @classmethod
    def of(cls, rules: Mapping[str, Any]) -> Limits:
        """Take them from the whole table of parameters."""
        least, longest = rules["patrols"]["stay_min"]
        both = {**rules["sites"], **rules["deploy"], "least_stop_min": least,
                "longest_stop_min": longest}  # fmt: skip
        found = {field.name: both[field.name] for field in fields(cls)}
        return cls(**{**found, "peaks": tuple(found["peaks"])})

    def over(self, rules: Mapping[str, Any]) -> dict[str, Any]:
        """Write them into the whole table of parameters, as a new one."""
        own = {**asdict(self), "peaks": list(self.peaks)}
        result = dict(rules)
        for table in ("sites", "deploy"):
            known = rules[table]
            result[table] = {**known, **{key: own[key] for key in own if key in known}}
        stop = [self.least_stop_min, self.longest_stop_min]
        result["patrols"] = {
            **rules["patrols"], "stay_min": stop, "every_min": self.seen_min,
        }  # fmt: skip
        return result

    def aboard(self, kind: str) -> int:
        """Least officers of a kind of vehicle."""
        return self.officers_motorcycle if kind == "motorcycle" else self.officers_car


def clock(minute: float) -> str:
    """Write a minute as a time of the clock, "07:30"; past midnight too."""
    hours, minutes = divmod(round(minute), 60)
    return f"{hours if hours == 24 else hours % 24:02d}:{minutes:02d}"  # noqa: PLR2004  # of a day


def written(window: Window) -> str:
    """Write a window, "22:00-06:00"."""
    return "-".join(clock(minute) for minute in window)


def listed(names: Iterable[str]) -> str:
    """Write names one after the other, each in quotes."""
    return ", ".join(f"'{name}'" for name in names)
