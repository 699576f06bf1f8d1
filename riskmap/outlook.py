"""
The assessment of a period (研判): what rises against ordinary weeks, where, when, and why.

Everything is a sum over hours of the one score; here it is compared, ranked and put into words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap.calendars import PHASES
from riskmap.errors import RiskmapError
from riskmap.hours import KINDS, Hours
from riskmap.locale import Lang, text
from riskmap.moments import Normal, Period
from riskmap.osm import WGS84
from riskmap.risk import LEVELS

if TYPE_CHECKING:
    from riskmap.area import Area

__all__ = ["outlook"]

AROUND_DAYS = 45
"""Ordinary weeks are looked for so far around a period, where the sun is about the same."""
SHORT_DAYS = 16
"""A longer period is compared with the whole year's ordinary weeks: it is a season itself."""
PART = 0.01
"""Share of a rise from which on a reason is named: what would be written 0 % is not."""
SEASON_DAYS = 92
"""A longer period has no season around it."""
AGAINST = ("season", "year")


@dataclass(frozen=True)
class Outlook:
    """
    One period against the same weekdays and hours of ordinary weeks.

    `harm` and `normal` are in severity-weighted crashes on all roads together. `days`: index date,
    `kind`, `holiday`, `phase`, `harm`, `normal`, `times`, `peak_hour`. `hours`: index when each
    begins, `harm`, `normal`. `layers`: index reason, `title`, `harm`, `normal`, `rise`,
    `share_of_normal`, largest rise first. `roads`: see `roads`. `levels`: km of road, level in
    ordinary weeks × level in the period. `changed`: segments whose level is another.
    """

    area: Area
    period: Period
    against: Normal
    harm: float
    normal: float
    days: pd.DataFrame
    hours: pd.DataFrame
    layers: pd.DataFrame
    roads: gpd.GeoDataFrame
    levels: pd.DataFrame
    changed: gpd.GeoDataFrame

    @property
    def times(self) -> float:
        """Harm of the period over that of ordinary weeks."""
        return self.harm / self.normal


def outlook(
    area: Area, period: Period, *, against: str | None = None, top: int = 20, lang: Lang = "zh"
) -> Outlook:
    """
    Compare a period with ordinary weeks.

    Parameters
    ----------
    area
        An assessed area.
    period
        A holiday, a week, a month, a shift.
    against
        "season": ordinary days within `AROUND_DAYS` of the period, under about the same sun;
        "year": those of the reference year. None takes the season for up to `SHORT_DAYS` days.
    top
        How many roads to list.
    lang
        Language of names and reasons.

    Raises
    ------
    RiskmapError
        An unknown comparison, or fewer than one road.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> from riskmap.outlook import outlook
    >>> found = outlook(area, area.period("2026-10-01", "2026-10-07"), top=5, lang="en")
    >>> len(found.days), len(found.roads)
    (7, 5)
    """
    if against not in (None, *AGAINST):
        raise RiskmapError(f"--against {against}: unknown; use one of {', '.join(AGAINST)}")
    if top < 1:
        raise RiskmapError(f"--top {top}: must be 1 or more")
    if against == "season" and (period.last - period.first).days > SEASON_DAYS:
        raise RiskmapError(
            f"--against season: {period.label} is longer than a season of {SEASON_DAYS} days; "
            "compare it with the year"
        )
    model = area.model
    hours = model.time.hours(period)
    short = hours.weight.sum() <= SHORT_DAYS * 24
    season = against == "season" or (against is None and short)
    normal = Normal(period, AROUND_DAYS if season else None)
    scores, ordinary = (model.rates(when, area.thresholds) for when in (period, normal))
    reasons = [model.reason_harm(when) for when in (period, normal)]
    by_hour = _hours(area, period, normal)
    return Outlook(
        area=area,
        period=period,
        against=normal,
        harm=float(scores["harm"].sum()),
        normal=float(ordinary["harm"].sum()),
        days=_days(area, hours, by_hour),
        hours=by_hour,
        layers=_layers(area, reasons, lang),
        roads=roads(area, period, scores, ordinary, reasons, top=top, lang=lang),
        levels=_levels(area, scores, ordinary),
        changed=_changed(area, scores, ordinary, reasons, lang),
    )


# --- tables --------------------------------------------------------------------------------------


def _hours(area: Area, period: Period, normal: Normal) -> pd.DataFrame:
    """Harm of all roads in every hour, and in its like of ordinary weeks."""
    harm = area.model.by_hour(period)
    ordinary = area.model.by_hour(normal)
    slot, inside = _slot(harm.index), area.model.time.hours(period).weight
    # ordinary hours are weighted so that each weekday and hour adds up to its like in the period
    summed = np.bincount(_slot(ordinary.index), ordinary, minlength=7 * 24)
    wanted = np.bincount(slot, inside, minlength=7 * 24)
    return pd.DataFrame({"harm": harm, "normal": summed[slot] / wanted[slot] * inside})


def _slot(when: pd.DatetimeIndex) -> NDArray[np.int64]:
    return np.asarray(when.dayofweek * 24 + when.hour, dtype=np.int64)


def _days(area: Area, hours: Hours, by_hour: pd.DataFrame) -> pd.DataFrame:
    """Harm by date, with what kind of day it is and when it is worst."""
    date = by_hour.index.normalize()
    table = by_hour.groupby(date).sum()
    table.index.name = "date"
    first = pd.Series(np.arange(len(date)), index=date).groupby(level=0).first().to_numpy()
    known = [area.model.almanac.calendar.holiday_at(day.date()) for day in table.index]
    return table.assign(
        kind=[KINDS[n] for n in hours.kind[first]],
        holiday=[name[0] if name else "" for name in known],
        phase=[PHASES[n] for n in hours.phase[first]],
        times=table["harm"] / table["normal"],
        peak_hour=by_hour["harm"].groupby(date).idxmax().dt.hour.to_numpy(),
    )


def _layers(area: Area, reasons: Sequence[pd.DataFrame], lang: Lang) -> pd.DataFrame:
    """Harm by reason, and how much of the ordinary harm it rises by."""
    harm, normal = (table.sum() for table in reasons)
    table = pd.DataFrame({
        "title": [area.reason_title(name, lang) for name in harm.index],
        "harm": harm,
        "normal": normal,
        "rise": harm - normal,
        "share_of_normal": (harm - normal) / normal.sum(),
    })
    return table.sort_values("rise", ascending=False, kind="stable")


def roads(
    area: Area,
    period: Period,
    scores: pd.DataFrame,
    ordinary: pd.DataFrame,
    reasons: Sequence[pd.DataFrame],
    *,
    top: int,
    lang: Lang,
) -> gpd.GeoDataFrame:
    """
    List the roads whose harm rises most; a road is all that has one name, else one way.

    Parameters
    ----------
    scores, ordinary
        From `Model.rates`, of the period and of ordinary weeks.
    reasons
        Harm by reason of both, segments × reasons.
    top
        How many.

    Returns
    -------
    In WGS 84: `rank`, `road`, `road_class`, `length_m`, `level` and `level_normal` of its worst
    piece, `harm`, `normal`, `rise`, `times`, `peak`, `reasons` that rise most, `segment_id` of the
    worst piece, `lon` and `lat` of its middle.
    """
    road = road_of(area)
    sums = pd.DataFrame({"harm": scores["harm"], "normal": ordinary["harm"]}).groupby(road).sum()
    rise = (sums["harm"] - sums["normal"]).sort_values(ascending=False, kind="stable")
    chosen = rise.index[:top]
    rows = np.flatnonzero(road.isin(chosen))
    of_road = road.iloc[rows]
    peak = _peaks(area, period, rows, of_road)
    added = (reasons[0] - reasons[1]).iloc[rows].groupby(of_road).sum().loc[chosen]
    part = area.segments.iloc[rows]
    worst = scores["harm_per_km"].iloc[rows].groupby(of_road).idxmax().loc[chosen]
    at = area.segments.index.get_indexer(worst)
    middle = middles(area, at)
    lines = part.geometry.groupby(of_road).apply(lambda own: shapely.multilinestrings(list(own)))
    named = [road_title(area, int(row), lang) for row in at]
    table = pd.DataFrame({
        "rank": np.arange(1, len(chosen) + 1, dtype=np.int32),
        "road": named,
        "road_class": area.segments["road_class"].iloc[at].to_numpy(object),
        "length_m": part["length_m"].groupby(of_road).sum().loc[chosen].round(1).to_numpy(),
        "level": scores["level"].iloc[at].to_numpy(object),
        "level_normal": ordinary["level"].iloc[at].to_numpy(object),
        "harm": sums.loc[chosen, "harm"].to_numpy(),
        "normal": sums.loc[chosen, "normal"].to_numpy(),
        "rise": rise.loc[chosen].to_numpy(),
        "times": (sums.loc[chosen, "harm"] / sums.loc[chosen, "normal"]).to_numpy(),
        "peak": peak.loc[chosen].to_numpy(object),
        "reasons": _rising(area, added, lang),
        "segment_id": worst.to_numpy(object),
        "lon": middle.x.to_numpy().round(6),
        "lat": middle.y.to_numpy().round(6),
    })
    geometry = gpd.GeoSeries(lines.loc[chosen].to_numpy(), crs=part.crs).to_crs(WGS84)
    return gpd.GeoDataFrame(table, geometry=geometry, crs=WGS84)


def road_of(area: Area) -> pd.Series:
    """Name the road of every segment for grouping: its name or number and class, else its way."""
    own = area.segments
    name = own["name"].where(own["name"] != "", own["ref"])
    way = "way " + own["way_id"].astype(str)
    return (name + " · " + own["road_class"]).where(name != "", way).astype(object)


def road_title(area: Area, row: int, lang: Lang) -> str:
    """Name of a segment's road, or words for what has none."""
    own = area.segments.iloc[row]
    return str(own["name"] or own["ref"] or text("reason.unnamed", lang))


def middles(area: Area, rows: NDArray[np.int64]) -> gpd.GeoSeries:
    """Middle of some segments, in WGS 84."""
    lines = area.segments.geometry.to_numpy()[rows]
    points = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    return gpd.GeoSeries(points, crs=area.segments.crs).to_crs(WGS84)


def _peaks(
    area: Area, period: Period, rows: NDArray[np.int64], of_road: pd.Series
) -> pd.Series:
    """Hour of the period in which each road has most harm, like "2026-05-01 18"."""
    hourly = area.model.part(rows).hourly(period)
    summed = hourly.groupby(of_road.to_numpy()).sum()
    best = summed.to_numpy().argmax(axis=1)
    return pd.Series([f"{summed.columns[n]:%Y-%m-%d %H}" for n in best], index=summed.index)


def _rising(area: Area, added: pd.DataFrame, lang: Lang, most: int = 3) -> list[str]:
    """Name the reasons that add most on each road, the largest first."""
    titles = np.array([area.reason_title(str(name), lang) for name in added], dtype=object)
    values = added.to_numpy()
    order = np.argsort(-values, axis=1, kind="stable")[:, :most]
    total = np.maximum(np.maximum(values, 0.0).sum(axis=1), np.finfo(float).tiny)
    return [
        "; ".join(
            f"{titles[n]} {100 * row[n] / all_:.0f} %" for n in best if row[n] > PART * all_
        )
        for row, best, all_ in zip(values, order, total, strict=True)
    ]


def _levels(area: Area, scores: pd.DataFrame, ordinary: pd.DataFrame) -> pd.DataFrame:
    """Kilometres of road by level in ordinary weeks (rows) and in the period (columns)."""
    km = area.segments["length_m"] / 1000.0
    table = pd.crosstab(ordinary["level"], scores["level"], values=km, aggfunc="sum")
    return table.reindex(index=list(LEVELS), columns=list(LEVELS)).fillna(0.0)


def _changed(
    area: Area,
    scores: pd.DataFrame,
    ordinary: pd.DataFrame,
    reasons: Sequence[pd.DataFrame],
    lang: Lang,
) -> gpd.GeoDataFrame:
    """Segments whose level is another than in ordinary weeks, the worst rise first."""
    rank = {level: number for number, level in enumerate(LEVELS)}
    step = ordinary["level"].map(rank) - scores["level"].map(rank)
    rise = scores["harm_per_km"] - ordinary["harm_per_km"]
    rows = np.flatnonzero(step)
    rows = rows[np.lexsort((-rise.to_numpy()[rows], -step.to_numpy()[rows]))]
    part, middle = area.segments.iloc[rows], middles(area, rows)
    table = pd.DataFrame({
        "segment_id": part.index.to_numpy(object),
        "road": [road_title(area, int(row), lang) for row in rows],
        "road_class": part["road_class"].to_numpy(object),
        "level_normal": ordinary["level"].iloc[rows].to_numpy(object),
        "level": scores["level"].iloc[rows].to_numpy(object),
        "harm_per_km": scores["harm_per_km"].iloc[rows].to_numpy(),
        "normal_per_km": ordinary["harm_per_km"].iloc[rows].to_numpy(),
        "reasons": _rising(area, (reasons[0] - reasons[1]).iloc[rows], lang),
        "length_m": part["length_m"].round(1).to_numpy(),
        "lon": middle.x.to_numpy().round(6),
        "lat": middle.y.to_numpy().round(6),
    })
    return gpd.GeoDataFrame(table, geometry=part.geometry.to_crs(WGS84).to_numpy(), crs=WGS84)
