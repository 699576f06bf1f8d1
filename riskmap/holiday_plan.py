"""A named holiday: its period, and the roads to be at by day and hour."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.errors import RiskmapError
from riskmap.holidays import year_of
from riskmap.locale import Lang
from riskmap.moments import Period
from riskmap.outlook import middles, road_of, road_title
from riskmap.vocabulary import HOLIDAYS

if TYPE_CHECKING:
    from riskmap.area import Area

EVE_HOUR = 12
"""On the eve danger begins at noon, as the ministry's holiday warnings have it."""
WINDOW_H = 3
"""Hours that officers are on a road before they move on. D, judgement."""
CANDIDATES = 60
"""Roads with most harm among which positions are looked for."""


def period_of(area: Area, name: str, year: int, weather: str | None = None) -> Period:
    """
    Period of a holiday: from noon of its eve to the end of its last day off.

    Parameters
    ----------
    name
        One of `vocabulary.HOLIDAYS`.
    year
        In which it ends; New Year may begin in December before it.

    Raises
    ------
    RiskmapError
        A holiday that nobody knows, or a year whose holidays are not known.
    """
    if name not in HOLIDAYS:
        raise RiskmapError(f"--holiday {name}: unknown; use one of {', '.join(HOLIDAYS)}")
    calendar = area.model.almanac.calendar
    calendar.check([year])
    # New Year may begin in December of the year before
    for found in calendar.breaks(dt.date(year - 1, 12, 1), dt.date(year, 12, 31)):
        if name in found.names and year_of(found.last, name) == year:
            eve = dt.datetime.combine(found.first - dt.timedelta(days=1), dt.time(EVE_HOUR))
            last = dt.datetime.combine(found.last + dt.timedelta(days=1), dt.time())
            return Period(eve, last, weather)
    raise RiskmapError(
        f"--holiday {name}: {year} has none here; public holidays may be switched off in the "
        "project's [parameters.moments]"
    )


def positions(area: Area, period: Period, *, top: int = 5, lang: Lang = "zh") -> pd.DataFrame:
    """
    Say where to be before it happens: for each date the roads with most harm in three hours.

    A road is all that has one name, else one way; of each the three hours in a row with most harm
    of that date count, and the piece to stand at is its worst then.

    Returns
    -------
    `date`, `rank`, `first_hour`, `end_hour`, `road`, `road_class`, `harm` in those hours, `times`
    that of a mean hour of the year on that road, `reasons`, `advice`, `segment_id`, `lon`, `lat`.
    """
    if top < 1:
        raise RiskmapError(f"top {top}: must be 1 or more")
    road = road_of(area)
    annual = area.model.harm()
    busiest = annual.groupby(road.to_numpy()).sum().nlargest(CANDIDATES)
    usual = busiest / len(area.model.almanac.year)
    rows = np.flatnonzero(road.isin(busiest.index))
    model, own = area.model.part(rows), road.iloc[rows].to_numpy(object)
    hourly = model.hourly(period)
    of_road = hourly.groupby(own).sum()
    asked = area.model.time.hours(period)
    inside = pd.Series(asked.weight, index=pd.DatetimeIndex(asked.start))
    result, almanac = [], area.model.almanac
    for date, columns in of_road.T.groupby(of_road.columns.normalize()):
        window = columns.rolling(min(WINDOW_H, len(columns)), min_periods=1).sum()
        ends = window.to_numpy().argmax(axis=0)
        most = window.to_numpy().max(axis=0)
        for rank, number in enumerate(np.argsort(-most, kind="stable")[:top], 1):
            hours = columns.index[max(ends[number] - WINDOW_H + 1, 0) : ends[number] + 1]
            name = str(window.columns[number])
            pieces = np.flatnonzero(own == name)
            best = pieces[hourly.iloc[pieces][hours].sum(axis=1).to_numpy().argmax()]
            result.append({
                "date": f"{date:%Y-%m-%d}",
                "rank": rank,
                "first_hour": int(hours[0].hour),
                "end_hour": int(hours[-1].hour) + 1,
                "window": Period(
                    hours[0].to_pydatetime(), almanac.later(hours[-1].to_pydatetime()),
                    period.weather,
                ),
                "row": int(rows[best]),
                "harm": float(most[number]),
                "times": float(most[number] / inside[hours].sum() / usual[name]),
            })
    return _described(area, pd.DataFrame(result), lang)


def _described(area: Area, table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Add what the road is, why it is dangerous in those hours, and what to do there."""
    at = table["row"].to_numpy(np.int64)
    told = pd.DataFrame(index=table.index, columns=["reasons", "advice"], dtype=object)
    for hours, own in table.groupby("window", sort=False):
        rows, back = np.unique(own["row"].to_numpy(np.int64), return_inverse=True)
        shares = area.model.part(rows).reason_table(hours)
        said = np.array(area.told(shares, lang), dtype=object)
        told.loc[own.index, ["reasons", "advice"]] = said[:, back].T
    middle = middles(area, at)
    return table.drop(columns=["row", "window"]).assign(
        road=[road_title(area, int(row), lang) for row in at],
        road_class=area.segments["road_class"].iloc[at].to_numpy(object),
        reasons=told["reasons"],
        advice=told["advice"],
        segment_id=area.segments.index[at].to_numpy(object),
        lon=middle.x.to_numpy().round(6),
        lat=middle.y.to_numpy().round(6),
    )
