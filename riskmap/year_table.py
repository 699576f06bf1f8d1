"""A year beside the one before it: crashes, killed and injured, like with like, with intervals."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.casualties import casualties
from riskmap.count_intervals import Change, Sum, change
from riskmap.crashes import PLACED, Crashes
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.record_years import DATED, EMPTY, MONTHS
from riskmap.simulated import looks_simulated
from riskmap.study import Study

if TYPE_CHECKING:
    from riskmap.area import Area

FIGURES = ("crashes", "killed", "injured")
"""What is compared."""
GROUPS = ("severity", "type", "road_class")
"""What it is broken down by."""
SHOWN = 14
"""Kinds of crash that are listed; the others are put together."""
OTHER = "other_kinds"
"""What they are called in a table."""


@dataclass(frozen=True)
class Review:
    """
    A year beside another.

    `months`: those that the records cover whole in both, all that is compared; `days` of these in
    each. `changes`: figure → change. `years`: by year `months` (text), the figures each with
    `_low`, `_high`, and `uncounted`; `steps`: year, `against`, `months`, and of each figure
    `_change`, `_low`, `_high`, against the year before. `monthly`: crashes by month of both years,
    NaN where they are not covered, and the mean of the years before. `hourly`: crashes by hour of
    both years, None where too few state one. `groups`: by each of `GROUPS` the `group`, both years,
    `change`, `low`, `high`, `verdict`. `uncounted`: crashes of both years that do not say how many
    they hurt; `undated`: left out, for no month is known. `cut`: months that the records begin or
    end within.
    """

    area: Area
    year: int
    against: int
    months: tuple[int, ...]
    days: tuple[int, int]
    changes: dict[str, Change]
    sums: dict[str, tuple[Sum, Sum]]
    years: pd.DataFrame
    steps: pd.DataFrame
    monthly: pd.DataFrame
    hourly: pd.DataFrame | None
    groups: dict[str, pd.DataFrame]
    uncounted: tuple[int, int]
    undated: int
    cut: tuple[tuple[int, int], ...]
    simulated: bool
    study: Study | None = field(default=None)


def review(
    area: Area,
    *,
    year: int | None = None,
    against: int | None = None,
    simulated: bool = False,
    study: Study | None = None,
    today: date | None = None,
    lang: Lang = "en",
) -> Review:
    """
    Lay a year of an area's crash records beside another.

    Every record that was read counts, those that lie on no road too. Where the records cover only
    a part of a year, the same months of the other are taken.

    Parameters
    ----------
    area
        With crash records.
    year, against
        Which; None takes the last year, and the one before.
    simulated
        Whether the records are no real ones: then every sheet says so.
    study
        From `study.study`, to be told beside.
    today
        Day on which it is made.
    lang
        Language of the messages.

    Raises
    ------
    RiskmapError
        Fewer than two years, a year without records, or two that have no month in common.
    """
    if area.crashes is None:
        raise RiskmapError(text("year.fault.none", lang))
    covered, cut = _whole(area.crashes, today or date.today())  # noqa: DTZ011  # of here
    there = [int(y) for y in covered.index[covered.any(axis=1)]]
    if len(there) < 2:  # noqa: PLR2004  # a year and the one before
        said = ", ".join(map(str, there)) or text("word.unknown", lang)
        raise RiskmapError(text("year.fault.one", lang, years=said))
    year = there[-1] if year is None else year
    against = max((y for y in there if y < year), default=year - 1) if against is None else against
    for asked in (year, against):
        if asked not in there:
            spans = ", ".join(map(str, there))
            raise RiskmapError(text("year.fault.no_year", lang, year=asked, years=spans))
    if against >= year:
        raise RiskmapError(text("year.fault.order", lang, year=year, against=against))
    table = _table(area)
    months = _common(covered, year, against)
    if not months:
        raise RiskmapError(text("year.fault.apart", lang, year=year, against=against))
    both = [table[table["year"] == y] for y in (year, against)]
    for part, own in zip(both, (year, against), strict=True):
        if len(months) < MONTHS and (part["month"] > 0).mean() < DATED:
            raise RiskmapError(text("year.fault.undated", lang, year=own, months=len(months)))
    parts = tuple(_in(part, months) for part in both)
    days = (_days(year, months), _days(against, months))
    sums = {name: (Sum.of(parts[0][name]), Sum.of(parts[1][name])) for name in FIGURES}
    return Review(
        area=area, year=year, against=against, months=months, days=days,
        changes={name: change(after, before, *days) for name, (after, before) in sums.items()},
        sums=sums,
        years=_years(table, covered, there), steps=_steps(table, covered, there),
        monthly=_monthly(table, covered, year, against), hourly=_hourly(*parts),
        groups={name: _group(parts, name, days) for name in GROUPS},
        uncounted=(int(parts[0]["uncounted"].sum()), int(parts[1]["uncounted"].sum())),
        undated=sum(
            int((part["month"] == 0).sum()) for part in both if len(months) < MONTHS
        ),
        cut=cut, simulated=simulated or looks_simulated(area.crashes), study=study,
    )  # fmt: skip


def _table(area: Area) -> pd.DataFrame:
    """Every record, with what is counted and what it is broken down by."""
    if area.crashes is None:
        return pd.DataFrame()
    table = area.crashes.table.reset_index(drop=True)
    placed = table["outcome"].isin(PLACED).to_numpy()
    segment = table["segment"].to_numpy(np.int64)
    kinds = area.segments["road_class"].to_numpy(object)
    road = np.where(placed, kinds[np.where(placed, segment, 0)], "")
    people = casualties(table)
    return table[["year", "month", "date", "hour", "hour_to"]].assign(
        crashes=1, killed=people["killed"], injured=people["injured"],
        uncounted=people["uncounted"], severity=table["severity"], type=table["type"],
        road_class=road,
    )  # fmt: skip


def _whole(crashes: Crashes, today: date) -> tuple[pd.DataFrame, tuple[tuple[int, int], ...]]:
    """
    Months that the records cover from their first to their last day.

    The first and the last month are left out where the days before or after the records should not
    be empty by chance, and a month that is not over yet.
    """
    covered = crashes.months > 0
    dates = crashes.table["date"].dropna()
    if covered.empty or dates.empty:
        return covered, ()
    first, last = dates.min().date(), dates.max().date()
    a_day = len(dates) / max((last - first).days + 1, 1)
    ends = []
    begins = (first - first.replace(day=1)).days
    if a_day * begins >= EMPTY:
        ends.append((first.year, first.month))
    end = last.replace(day=monthrange(last.year, last.month)[1])
    if a_day * (end - last).days >= EMPTY or end >= today:
        ends.append((last.year, last.month))
    covered = covered.copy()
    cut = tuple(own for own in dict.fromkeys(ends) if covered.loc[own])
    for year, month in cut:
        covered.loc[year, month] = False
    return covered, cut


def _common(covered: pd.DataFrame, year: int, against: int) -> tuple[int, ...]:
    both = covered.loc[year] & covered.loc[against]
    return tuple(int(month) for month in covered.columns[both])


def _in(part: pd.DataFrame, months: tuple[int, ...]) -> pd.DataFrame:
    """Records of some months; of all twelve those too of which none is known."""
    return part if len(months) == MONTHS else part[part["month"].isin(months)]


def _days(year: int, months: tuple[int, ...]) -> int:
    return sum(monthrange(year, month)[1] for month in months)


def _years(table: pd.DataFrame, covered: pd.DataFrame, there: list[int]) -> pd.DataFrame:
    rows = []
    for year in there:
        part = table[table["year"] == year]
        row: dict[str, object] = {"year": year, "months": spelled(_covered(covered, year))}
        for name in FIGURES:
            own = Sum.of(part[name])
            low, high = own.interval()
            row |= {name: int(own.total), f"{name}_low": low, f"{name}_high": high}
        rows.append(row | {"uncounted": int(part["uncounted"].sum())})
    return pd.DataFrame(rows)


def _covered(covered: pd.DataFrame, year: int) -> tuple[int, ...]:
    return tuple(int(month) for month in covered.columns[covered.loc[year]])


def _steps(table: pd.DataFrame, covered: pd.DataFrame, there: list[int]) -> pd.DataFrame:
    rows = []
    for year in there:
        months = _common(covered, year, year - 1) if year - 1 in there else ()
        dated = all(
            (table.loc[table["year"] == y, "month"] > 0).mean() >= DATED for y in (year, year - 1)
        )
        if not months or (len(months) < MONTHS and not dated):
            continue
        row: dict[str, object] = {"year": year, "against": year - 1, "months": spelled(months)}
        for name in FIGURES:
            after, before = (
                Sum.of(_in(table[table["year"] == y], months)[name]) for y in (year, year - 1)
            )
            found = change(after, before, _days(year, months), _days(year - 1, months))
            row |= {f"{name}_change": found.ratio - 1.0, f"{name}_low": found.low - 1.0,
                    f"{name}_high": found.high - 1.0}  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def spelled(months: tuple[int, ...]) -> str:
    """Write months as runs: "1–6", "1–3, 9"."""
    runs: list[list[int]] = []
    for month in months:
        if runs and runs[-1][-1] == month - 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _monthly(
    table: pd.DataFrame, covered: pd.DataFrame, year: int, against: int
) -> pd.DataFrame:
    """Crashes by month; empty where no month is known."""
    dated = table[table["month"] > 0]
    found = pd.crosstab(dated["year"], dated["month"]).astype(float)
    found = found.reindex(index=covered.index, columns=covered.columns, fill_value=0.0)
    known = (table["month"] > 0).groupby(table["year"]).mean().reindex(covered.index) >= DATED
    found = found.where(covered & known.to_numpy()[:, None])
    if found.loc[[year, against]].isna().all(axis=None):
        return pd.DataFrame(columns=["month", "this", "base", "before", "killed", "injured"])
    people = dated[dated["year"] == year].groupby("month")[["killed", "injured"]].sum()
    people = people.reindex(covered.columns, fill_value=0).where(found.loc[year].notna(), axis=0)
    return pd.DataFrame({
        "month": covered.columns, "this": found.loc[year].to_numpy(),
        "base": found.loc[against].to_numpy(),
        "before": found[found.index < year].mean().to_numpy(),
        "killed": people["killed"].to_numpy(), "injured": people["injured"].to_numpy(),
    })  # fmt: skip


def _hourly(this: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame | None:
    """Crashes by hour of the clock; a record of several hours counts in parts in each."""
    found = []
    for part in (this, base):
        known = part[part["hour"] >= 0]
        if len(known) < DATED * len(part) or not len(part):
            return None
        counts = np.zeros(24)
        for first, last in zip(known["hour"], known["hour_to"], strict=True):
            end = max(int(last), int(first) + 1)
            for hour in range(int(first), end):
                counts[hour % 24] += 1.0 / (end - int(first))
        found.append(counts)
    return pd.DataFrame({"hour": np.arange(24), "this": found[0], "base": found[1]})


def _group(
    parts: tuple[pd.DataFrame, ...], by: str, days: tuple[int, int]
) -> pd.DataFrame:
    """Both years by one thing, the most crashes first."""
    counts = pd.DataFrame({
        number: part[by].value_counts() for number, part in enumerate(parts)
    }).fillna(0).astype(int)  # fmt: skip
    counts = counts.sort_index()
    counts = counts.iloc[np.argsort(-counts.sum(axis=1).to_numpy(), kind="stable")]
    if len(counts) > SHOWN:
        rest = counts.iloc[SHOWN:].sum().rename(OTHER).to_frame().T
        counts = pd.concat([counts.iloc[:SHOWN], rest])
    rows = []
    for name, (this, base) in zip(counts.index, counts.to_numpy(), strict=True):
        found = change(Sum(this, this, 1.0), Sum(base, base, 1.0), *days)
        rows.append({
            "group": str(name), "this": int(this), "base": int(base), "change": found.ratio - 1.0,
            "low": found.low - 1.0, "high": found.high - 1.0, "verdict": found.verdict,
        })  # fmt: skip
    return pd.DataFrame(rows)
