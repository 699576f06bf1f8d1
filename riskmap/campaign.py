"""A campaign (专项整治): which crashes, roads and hours it aims at, and what it may claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.area import Area
from riskmap.errors import RiskmapError
from riskmap.hours import Hours
from riskmap.layer import Active
from riskmap.locale import text
from riskmap.moments import Period

Floats = NDArray[np.float64]
Text = Mapping[str, str]
"""The same in `zh` and `en`."""


@dataclass(frozen=True)
class Road:
    """
    Roads that a campaign goes to: all that it says must hold; "" and () are any.

    `weight`, 0..1, is how much they matter; it is multiplied by the touch of `layer`.
    """

    layer: str
    road_class: tuple[str, ...]
    area: str
    weight: float


@dataclass(frozen=True)
class Outcome:
    """What is left of the crashes aimed at, with the interval of the source where it has one."""

    factor: float
    low: float | None
    high: float | None
    grade: str
    source: str


@dataclass(frozen=True)
class Space:
    """The effect of a post halves every `halving_m` metres of road."""

    halving_m: float
    grade: str
    source: str


@dataclass(frozen=True)
class Time:
    """After a run of at least `least_days` days of activity the effect lasts `lasts_days` more."""

    lasts_days: int
    least_days: int
    grade: str
    source: str


@dataclass(frozen=True)
class Posts:
    """
    How teams stand: officers each, minutes at a place, metres between two.

    `stay_min` at least, `move_after_min` at most; None need not move.
    """

    officers: int
    stay_min: float
    move_after_min: float | None
    apart_m: float
    grade: str
    source: str


@dataclass(frozen=True)
class Round:
    """
    Days of a year: those on which all holds that it says.

    `day` narrows by kind of day, holiday and farm season; `weekday` by number from Monday 0;
    `between` are first and last month × 100 + day; `term_days` days from the first of a term; with
    `every_weeks` only one week of so many, the first included.
    """

    day: Active
    weekday: tuple[int, ...]
    between: tuple[int, int] | None
    term_days: tuple[int, int] | None
    every_weeks: int


@dataclass(frozen=True)
class Phase:
    """A part of a campaign, with its own activity; `rounds` are alternatives."""

    title: Text
    task: Text
    activity: str
    rounds: tuple[Round, ...]


@dataclass(frozen=True)
class Duty:
    """What a duty sheet says: what to watch for, what to do, who else takes part."""

    watch: tuple[Text, ...]
    act: tuple[Text, ...]
    partners: tuple[Text, ...]


@dataclass(frozen=True)
class Campaign:
    """
    One campaign file.

    `grade` and `source` are those of `why`; `families` the crash families aimed at with the share
    of their harm, 0..1, a judgement. Without `effect` none on crashes was found, and the campaign
    may claim presence only.
    """

    name: str
    title: Text
    why: Text
    grade: str
    source: str
    activity: str
    families: Mapping[str, float]
    roads: tuple[Road, ...]
    active: tuple[Active, ...]
    effect: Outcome | None
    space: Space | None
    time: Time | None
    posts: Posts
    duty: Duty
    phases: tuple[Phase, ...]

    @property
    def prevents(self) -> bool:
        """
        Whether it may claim crashes saved; else presence only.

        Examples
        --------
        >>> from riskmap.campaigns import read_campaigns
        >>> speeding = read_campaigns()["speeding"]
        >>> speeding.prevents
        True
        """
        return self.effect is not None

    def claim(self, lang: str) -> str:
        """
        What may be said of its effect on crashes.

        Examples
        --------
        >>> from riskmap.campaigns import read_campaigns
        >>> speeding = read_campaigns()["speeding"]
        >>> "fewer of the crashes aimed at" in speeding.claim("en")
        True
        """
        if self.effect is None:
            return text("campaign.presence", lang)
        own = self.effect
        values = {"percent": _percent(own.factor), "grade": own.grade, "source": own.source}
        if own.low is None or own.high is None:
            return text("campaign.saves", lang, **values)
        ends = {"least": _percent(own.high), "most": _percent(own.low)}
        return text("campaign.saves_within", lang, **values, **ends)

    def targets(self, area: Area) -> Floats:
        """
        Weigh every segment of an area by how much the campaign is about it.

        Of several `roads` the largest counts. Where it is not known whether a layer touches the
        road, such as its width, it counts by the share of roads that the layer assumes.

        Returns
        -------
        0..1, one per segment, in the order of `area.segments`.

        Raises
        ------
        RiskmapError
            A layer that the area does not have.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> from riskmap.campaigns import read_campaigns
        >>> speeding = read_campaigns()["speeding"]
        >>> speeding.targets(area).max() <= 1
        np.True_
        """
        classes = area.segments["road_class"].to_numpy(object)
        inside = area.segments["area"].to_numpy(object)
        result = np.zeros(len(area.segments))
        for road in self.roads:
            own = np.full(len(result), road.weight)
            if road.layer:
                own *= self._touch(area, road.layer)
            if road.road_class:
                own[~np.isin(classes, road.road_class)] = 0.0
            if road.area:
                own[inside != road.area] = 0.0
            np.maximum(result, own, out=result)
        return result

    def _touch(self, area: Area, name: str) -> Floats:
        if name not in area.layers:
            raise RiskmapError(
                f"campaign {self.name}: the area has no layer '{name}'; add its file to the area's "
                "layers, or name another in [[road]]"
            )
        touched, rule = area.touched(name), area.layers[name].touch
        share = touched["touch"].to_numpy(dtype=float)
        if rule.measure is not None:
            share = np.where(touched["unknown"].to_numpy(), share * rule.unknown, share)
        result = np.zeros(len(area.segments))
        result[area.segments.index.get_indexer(touched.index)] = share
        return result

    def acts(self, hours: Hours) -> Floats:
        """
        Share of each hour in which the campaign is on, 0..1.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> from riskmap.campaigns import read_campaigns
        >>> speeding = read_campaigns()["speeding"]
        >>> shift = area.period("2026-05-08", "2026-05-08")
        >>> len(speeding.acts(area.model.time.hours(shift)))
        24
        """
        return hours.active(self.active)

    def demand(self, area: Area, period: Period) -> pd.DataFrame:
        """
        Measure what the campaign is for: harm of its families on its roads in its hours.

        With an effect it is the harm that is prevented where a team stands, 1 − factor of what is
        aimed at. Without one it is all harm aimed at: a measure of where to be seen, never of
        crashes saved.

        Returns
        -------
        Segments × hours of the period, the columns named by when they begin; severity-weighted
        crashes. `attrs["presence"]` is True where nothing may be claimed as saved.

        Raises
        ------
        RiskmapError
            A layer that the area does not have, a year whose holidays are not known.

        Examples
        --------
        >>> import riskmap
        >>> area = riskmap.assess(riskmap.sample())
        >>> from riskmap.campaigns import read_campaigns
        >>> speeding = read_campaigns()["speeding"]
        >>> shift = area.period("2026-05-08T19:00", "2026-05-08T23:00")
        >>> speeding.demand(area, shift).shape[1]
        4
        """
        hours = area.model.time.hours(period)
        targets, acts = self.targets(area), self.acts(hours)
        values = np.zeros((len(targets), len(hours)), dtype=np.float32)
        rows = np.flatnonzero(targets)
        if len(rows) and acts.any():
            model = area.model.part(rows)
            aimed = tuple(
                family.times(np.full(len(family.base), self.families[family.name]))
                for family in model.families
                if family.name in self.families
            )
            harm = replace(model, families=aimed).hourly(period).to_numpy()
            saved = 1.0 - self.effect.factor if self.effect else 1.0
            values[rows] = harm * (targets[rows, None] * acts * saved)
        table = pd.DataFrame(
            values, index=area.segments.index, columns=pd.DatetimeIndex(hours.start)
        )
        table.attrs["presence"] = not self.prevents
        return table


def _percent(factor: float) -> str:
    """Like "15": what a factor takes away."""
    return f"{100.0 * (1.0 - factor):.3g}"
