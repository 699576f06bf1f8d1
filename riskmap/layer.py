"""A layer: one kind of risk, where it is, what it touches and what it does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LISTED_M = 15.0
"""How far beside a road a listed point may lie, where the layer does not say."""
Osm = Mapping[str, tuple[str, ...]]
"""OSM key → allowed values; ("*",) allows any. All keys must hold."""


@dataclass(frozen=True)
class Source:
    """
    One place to find the risk points: OSM tags, junction quantities, or the brigade's own list.

    `prefer`: points with any of these tags stand for the object that they lie on or in. `exclude`:
    objects with any of these tags are left out. `network`: quantity → (least, most), or the names
    that it may have. `file`: glob of a list; where it `overrides` and finds any feature, only those
    count. `amount` is the weight in sums.
    """

    osm: Osm
    prefer: Osm
    exclude: Osm
    network: Mapping[str, tuple[float, float] | tuple[str, ...]]
    file: str | None
    min_area_m2: float
    amount: float
    overrides: bool


@dataclass(frozen=True)
class Relief:
    """
    What makes an effect less bad, such as a guard rail within `within_m` metres.

    `unknown` is the share of roads assumed to have it where the map shows none.
    """

    osm: Osm
    within_m: float
    factor: float
    unknown: float
    grade: str
    source: str


@dataclass(frozen=True)
class Touch:
    """
    How a road comes to carry the risk; metres. Words that do not apply are empty.

    `steps` are (from, to, touch) of the quantity `measure`; `unknown` is the share of the roads at
    touch 1 where nobody knows it.
    """

    relation: str
    full_m: float
    reach_m: float
    decay: str
    combine: str
    cap: float
    where: Mapping[str, Any]
    measure: str | None
    steps: tuple[tuple[float, float, float], ...]
    unknown: float
    beside_m: float
    minor: tuple[str, ...]
    major: tuple[str, ...]
    control: tuple[str, ...]
    relieved: Relief | None


@dataclass(frozen=True)
class Effect:
    """
    What the risk does at touch 1: a factor on one family of crashes.

    `when`: only features with these tags of their own; `unknown` is the share of the features
    without the tag of which it is assumed to hold.
    """

    family: str
    on: str
    factor: float
    grade: str
    source: str
    when: Osm | None
    unknown: float | None


@dataclass(frozen=True)
class Active:
    """
    Day types and hours of the day (start, end) in which the layer counts.

    The other words narrow it down, () to any. `offset_days` widens a holiday by days before its
    first and after its last day off.
    """

    days: tuple[str, ...]
    hours: tuple[tuple[float, float], ...]
    light: tuple[str, ...] = ()
    season: tuple[str, ...] = ()
    weather: tuple[str, ...] = ()
    holiday: tuple[str, ...] = ()
    offset_days: tuple[int, int] = (0, 0)
    farm: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """What to ask where such lines cross a road and no feature of the layer is mapped."""

    osm: Osm
    text: Mapping[str, str]


@dataclass(frozen=True)
class Example:
    """A case, and the touch to expect."""

    given: Mapping[str, Any]
    touch: float


@dataclass(frozen=True)
class Layer:
    """One layer file. `title`, `why` and each piece of advice hold `zh` and `en`."""

    name: str
    title: Mapping[str, str]
    why: Mapping[str, str]
    symbol: str
    group: str | None
    sources: tuple[Source, ...]
    touch: Touch
    effects: tuple[Effect, ...]
    active: tuple[Active, ...]
    examples: tuple[Example, ...]
    advice: Mapping[str, tuple[Mapping[str, str], ...]]
    questions: tuple[Question, ...]

    @property
    def strongest(self) -> Effect | None:
        """The effect that changes most, which stands for the layer where one is named."""
        return max(self.effects, key=lambda effect: abs(math.log(effect.factor)), default=None)
