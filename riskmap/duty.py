"""Duty match: how much of the officers' time lies where and when the risk is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap import osm
from riskmap.area import Area
from riskmap.duty_log import DutyLog
from riskmap.errors import RiskmapError
from riskmap.hours import Hours
from riskmap.moments import Period
from riskmap.nearness import Nearness
from riskmap.risk import LARGEST, LEVELS, levels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HOUR_S = 3600
CLOCK = 24


@dataclass(frozen=True)
class DutyMatch:
    """
    Officers' hours beside the harm of the hours in which they were worked.

    All shares are 0..1. `hours`: officer hours: `logged`, of these on the `road`, `rest`, `off`
    (on no road, or nobody knows where) and `outside` the period; all else is of those on the road.

    `levels`: by level of the very hour, `officer_hours` and their share, and the shares of harm and
    of road length at that level in the same hours, each hour as often as it has officer hours.
    `worst`: by `share` of length that is worst in the very hour: `hours_on`, the share of officer
    hours on it, `hours_near` within reach of it; `harm`, `length_on` and `length_near` are what
    officers spread like the harm, or evenly, would have.

    `index`: harm per km and hour where officers were, against the mean over roads and period; it is
    `where` (against all roads in the same hours) times `when` (those hours against all hours).
    `squadrons` has the same by squadron, with the shares of its hours by level.
    `clock`: by hour of the clock `officer_hours`, `share_of_hours`, `share_of_harm`, and
    `share_alone`, how much of that hour's harm had no officer within reach in its hour.

    `alone`: that share of all harm; `places`: where most of it is, each out of reach of the others:
    `share_of_harm` (within reach of it), `hours_alone`, `worst_hour`; `nobody`: hours without any
    officer on a road, those with most harm first: `start`, `share_of_harm`. `reach_m`: the reach.
    """

    area: Area
    period: Period
    hours: pd.Series
    levels: pd.DataFrame
    worst: pd.DataFrame
    index: float
    where: float
    when: float
    squadrons: pd.DataFrame
    clock: pd.DataFrame
    alone: float
    places: gpd.GeoDataFrame
    nobody: pd.DataFrame
    reach_m: float


def duty_match(log: DutyLog, area: Area, period: Period | None = None) -> DutyMatch:
    """
    Lay duty beside the risk of its places and hours.

    Parameters
    ----------
    log
        From `duty_files.read_duty` or `duty_log.of_roster`.
    area
        The roads and their scores; `[duty]` of its parameters.
    period
        What duty is judged on; None takes the whole days from the log's first to its last.

    Raises
    ------
    RiskmapError
        Duty of which nothing lies on a road within the period.
    """
    if log.table.empty:
        raise RiskmapError(
            "duty: no row of the log has a time and a unit; see its report and mend the rows"
        )
    period = period or _days(log.table, area)
    hours = area.model.time.hours(period)
    worked, spent = _worked(log.table, hours, period)
    if worked.empty:
        raise RiskmapError(
            f"duty: no officer was on a road within {period.label}; see the log's report, or ask "
            "for another period"
        )
    found = _Count(area, hours, worked)
    found.count()
    rate, pace = found.rate, found.pace
    mean = found.harm.sum() / (found.km.sum() * hours.weight.sum())
    when = _mean(pace, worked["hours"]) / mean
    index = _mean(rate, worked["hours"]) / mean
    return DutyMatch(
        area, period, spent, found.by_level(), found.by_share(), index, index / when, when,
        found.by_squadron(mean), found.by_clock(), float(found.alone.sum() / found.harm.sum()),
        found.places(), found.nobody(), area.parameters["duty"]["near_m"],
    )  # fmt: skip


def _days(table: pd.DataFrame, area: Area) -> Period:
    first, last = table["start"].min(), table["end"].max() - pd.Timedelta(seconds=1)
    return area.period(f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}")


def _worked(
    table: pd.DataFrame, hours: Hours, period: Period
) -> tuple[pd.DataFrame, pd.Series]:
    """
    Cut duty at full hours.

    Returns
    -------
    What was on a road within the period, by `hour`: `segment`, `hour` (row of the hours),
    `squadron`, officer `hours`; and how many of these there are in all.
    """
    begin, finish = (
        np.datetime64(when.replace(tzinfo=None), "s") for when in (period.first, period.last)
    )
    start, end = (table[name].to_numpy("datetime64[s]") for name in ("start", "end"))
    officers = table["officers"].to_numpy(float)
    logged = officers * _hours(end - start)
    start, end = (np.minimum(np.maximum(when, begin), finish) for when in (start, end))
    inside = officers * _hours(end - start)
    state = table["state"].to_numpy(object)
    road = state == "road"
    spent = pd.Series({
        "logged": logged.sum(), **{name: inside[state == name].sum()
                                   for name in ("road", "rest", "off")},
        "outside": (logged - inside).sum(),
    })  # fmt: skip
    first, last = (when[road].astype(np.int64) for when in (start, end))
    count = np.where(last > first, -(-last // HOUR_S) - first // HOUR_S, 0)
    row = np.repeat(np.arange(len(first)), count)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    hour = first[row] // HOUR_S + turn
    seconds = np.minimum(last[row], (hour + 1) * HOUR_S) - np.maximum(first[row], hour * HOUR_S)
    # of an hour that clocks repeat, the first; one that they skip has no duty
    known = pd.Series(np.arange(len(hours)), index=hours.start.astype("datetime64[s]"))
    known = known[~known.index.duplicated()]
    at = known.reindex((hour * HOUR_S).astype("datetime64[s]")).fillna(-1).to_numpy(np.int64)
    cut = pd.DataFrame({
        "hour": at, "segment": table["segment"].to_numpy(np.int64)[road][row],
        "squadron": table["squadron"].to_numpy(object)[road][row],
        "hours": officers[road][row] * seconds / HOUR_S,
    })  # fmt: skip
    cut = cut[at >= 0].groupby(["hour", "segment", "squadron"], as_index=False).sum()
    return cut, spent


def _hours(time: NDArray[np.timedelta64]) -> Floats:
    return np.asarray(time / np.timedelta64(HOUR_S, "s"))


def _mean(values: Floats, weight: pd.Series | Floats) -> float:
    return float(np.average(values, weights=weight))


class _Count:
    """
    What is counted hour by hour.

    Of every row of `worked`: `rate`, harm per km and hour there; `pace`, that of all roads in its
    hour; `level` (number in `LEVELS`); `on` and `near` for each share of length.
    """

    def __init__(self, area: Area, hours: Hours, worked: pd.DataFrame) -> None:
        self.area, self.hours, self.worked = area, hours, worked
        self.rules = area.parameters["duty"]
        self.shares = tuple(self.rules["shares"])
        self.km = area.segments["length_m"].to_numpy() / 1000.0
        self.nearness = Nearness.of(area.network)
        rows, size, count = len(worked), len(self.km), len(hours)
        self.rate, self.pace = np.zeros(rows), np.zeros(rows)
        self.level = np.zeros(rows, dtype=np.int64)
        self.on, self.near = np.zeros((2, len(self.shares), rows), dtype=bool)
        self.harm, self.unseen = np.zeros(count), np.zeros(count)
        self.level_harm, self.level_km = np.zeros((2, count, len(LEVELS)))
        # harm, length and length within reach of the worst shares, by hour
        self.worst = np.zeros((3, len(self.shares), count))
        self.alone, self.alone_h, self.most = np.zeros((3, size))
        self.most_at = np.zeros(size, dtype=np.int64)
        self._known: dict[bytes, Bools] = {}

    def count(self) -> None:
        """Go through the hours."""
        edges = np.searchsorted(self.worked["hour"], np.arange(len(self.hours) + 1))
        for hour, harm in self._by_hour():
            own = slice(int(edges[hour]), int(edges[hour + 1]))
            segment = self.worked["segment"].to_numpy()[own]
            self.harm[hour] = harm.sum()
            self._left(hour, harm, segment)
            if len(segment):
                self._met(hour, harm, own, segment)

    def _by_hour(self) -> Iterator[tuple[int, Floats]]:
        """Harm of all segments in each hour; as many hours at a time as fit the memory."""
        model = self.area.model
        step = max(LARGEST // len(self.km), 1)
        for first in range(0, len(self.hours), step):
            part = self.hours.only(slice(first, first + step))
            harm = model.binned(model.time.schedule(part, np.arange(len(part))))
            for hour in range(len(part)):
                yield first + hour, harm[:, hour].astype(np.float64)

    def _left(self, hour: int, harm: Floats, segment: Ints) -> None:
        """Count the harm that nobody was near."""
        here = np.zeros(len(self.km), dtype=bool)
        here[segment] = True
        left = np.where(self._within(here), 0.0, harm)
        weight = self.hours.weight[hour]
        self.unseen[hour] = left.sum()
        self.alone += left
        self.alone_h += np.where(left > 0, weight, 0.0)
        more = left / weight > self.most
        self.most[more], self.most_at[more] = left[more] / weight, hour

    def _met(self, hour: int, harm: Floats, own: slice, segment: Ints) -> None:
        """Count where officers were."""
        km, model = self.km, self.area.model
        weight = self.hours.weight[hour]
        rate = harm / km / weight
        self.rate[own], self.pace[own] = rate[segment], harm.sum() / km.sum() / weight
        said = levels(rate * len(model.almanac.year), self.area.thresholds)
        level = np.asarray(pd.Categorical(said, categories=list(LEVELS)).codes, dtype=np.int64)
        self.level[own] = level[segment]
        self.level_harm[hour] = np.bincount(level, harm, len(LEVELS))
        self.level_km[hour] = np.bincount(level, km, len(LEVELS))
        order = np.argsort(-rate, kind="stable")
        reached = np.cumsum(km[order]) / km.sum()
        for number, share in enumerate(self.shares):
            last = max(int(np.searchsorted(reached, share * (1.0 + 1e-9), "right")), 1)
            worst = np.zeros(len(km), dtype=bool)
            worst[order[:last]] = True
            near = self._within(worst)
            self.on[number, own], self.near[number, own] = worst[segment], near[segment]
            self.worst[:, number, hour] = harm[worst].sum(), km[worst].sum(), km[near].sum()

    def _within(self, chosen: Bools) -> Bools:
        key = np.packbits(chosen).tobytes()
        if key not in self._known:
            self._known[key] = self.nearness.within(chosen, self.rules["near_m"])
        return self._known[key]

    # --- tables --------------------------------------------------------------------------------

    @property
    def weight(self) -> Floats:
        """Share of the officer hours in each hour; adds up to 1."""
        own = self.worked
        found = np.bincount(own["hour"], own["hours"], minlength=len(self.hours))
        return np.asarray(found / found.sum())

    def by_level(self) -> pd.DataFrame:
        """See `DutyMatch.levels`."""
        spent = np.bincount(self.level, self.worked["hours"], len(LEVELS))
        harm, weight = np.maximum(self.harm, np.finfo(float).tiny), self.weight
        return pd.DataFrame({
            "level": LEVELS, "officer_hours": spent, "share_of_hours": spent / spent.sum(),
            "share_of_harm": weight @ (self.level_harm / harm[:, None]),
            "share_of_length": weight @ (self.level_km / self.km.sum()),
        })  # fmt: skip

    def by_share(self) -> pd.DataFrame:
        """See `DutyMatch.worst`."""
        spent, weight = self.worked["hours"].to_numpy(), self.weight
        harm, on, near = self.worst
        return pd.DataFrame({
            "share": self.shares,
            "hours_on": self.on @ spent / spent.sum(),
            "hours_near": self.near @ spent / spent.sum(),
            "harm": (harm / np.maximum(self.harm, np.finfo(float).tiny)) @ weight,
            "length_on": on @ weight / self.km.sum(), "length_near": near @ weight / self.km.sum(),
        })  # fmt: skip

    def by_squadron(self, mean: float) -> pd.DataFrame:
        """See `DutyMatch.squadrons`."""
        own, all_hours = self.worked, self.worked["hours"].sum()
        rows = []
        for name, at in own.groupby("squadron").indices.items():
            spent = own["hours"].to_numpy()[at]
            index, when = (_mean(part[at], spent) / mean for part in (self.rate, self.pace))
            share = np.bincount(self.level[at], spent, len(LEVELS)) / spent.sum()
            rows.append({
                "squadron": name, "officer_hours": spent.sum(),
                "share_of_hours": spent.sum() / all_hours, "index": index, "where": index / when,
                "when": when, **dict(zip(LEVELS, share, strict=True)),
            })  # fmt: skip
        return pd.DataFrame(rows)

    def by_clock(self) -> pd.DataFrame:
        """See `DutyMatch.clock`."""
        clock, own = self.hours.clock, self.worked
        spent = np.bincount(clock[own["hour"]], own["hours"], CLOCK)
        harm, unseen = (np.bincount(clock, part, CLOCK) for part in (self.harm, self.unseen))
        table = pd.DataFrame({
            "hour": np.arange(CLOCK), "officer_hours": spent, "share_of_hours": spent / spent.sum(),
            "share_of_harm": harm / harm.sum(),
            "share_alone": unseen / np.maximum(harm, np.finfo(float).tiny),
        })  # fmt: skip
        return table[np.isin(table["hour"], clock)].reset_index(drop=True)

    def nobody(self) -> pd.DataFrame:
        """See `DutyMatch.nobody`."""
        empty = np.flatnonzero(self.weight == 0)
        empty = empty[np.argsort(-self.harm[empty], kind="stable")][: self.rules["places"]]
        start = pd.DatetimeIndex(self.hours.start[empty])
        return pd.DataFrame(
            {"start": start, "share_of_harm": self.harm[empty] / self.harm.sum()}
        )

    def places(self) -> gpd.GeoDataFrame:
        """See `DutyMatch.places`."""
        left, per_km = self.alone.copy(), self.alone / self.km
        rows: list[int] = []
        shares: list[float] = []
        while len(rows) < self.rules["places"] and (left > 0).any():
            row = int(np.argmax(np.where(left > 0, per_km, -1.0)))
            here = np.zeros(len(left), dtype=bool)
            here[row] = True
            near = self.nearness.within(here, self.rules["near_m"])
            rows.append(row)
            shares.append(left[near].sum() / self.harm.sum())
            left[near] = 0.0
        part = self.area.segments.iloc[rows]
        middle = shapely.line_interpolate_point(part.geometry.to_numpy(), 0.5, normalized=True)
        point = gpd.GeoSeries(middle, crs=part.crs).to_crs(osm.WGS84)
        start = self.hours.start[self.most_at[rows]]
        table = pd.DataFrame({
            "rank": np.arange(1, len(rows) + 1), "segment_id": part.index.to_numpy(object),
            "name": np.where(part["name"] != "", part["name"], part["ref"]).astype(object),
            "road_class": part["road_class"].to_numpy(object), "share_of_harm": shares,
            "hours_alone": self.alone_h[rows],
            "worst_hour": [f"{_when(when):%Y-%m-%d %H}" for when in start],
            "lon": point.x.to_numpy().round(6), "lat": point.y.to_numpy().round(6),
        })  # fmt: skip
        return gpd.GeoDataFrame(table, geometry=point.to_numpy(), crs=osm.WGS84)


def _when(time: np.datetime64) -> dt.datetime:
    return pd.Timestamp(time).to_pydatetime()
