"""How much of each year crash records cover: a record that stops in June makes no December safe."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Notes = list[tuple[str, Mapping[str, object]]]

EMPTY = 4.6
"""A time that should have so many crashes has none by chance once in a hundred times."""
FEW = 0.6
"""A year with a smaller share of the median of the others is told, where months are not known."""
DATED = 0.9
"""A year with a larger share of dated crashes is looked at by months: a few cells may be blank."""
MONTHS = 12


def covered(crashes: pd.DataFrame, today: date) -> tuple[pd.DataFrame, Notes]:
    """
    Say which months are covered: all but those that should not be empty by chance.

    A month is taken as not recorded where it alone should have more than `EMPTY` crashes, or where
    the whole empty time around it should: so much at either end of the records, and as much more
    between them as there are months in which chance could make such a gap. Months to come are
    recorded nowhere.

    Parameters
    ----------
    crashes
        With `year` and `month`, 0 where it is not known.
    today
        Day on which the records are read.

    Returns
    -------
    Whether each month is, 1 or 0: years, from the first to the last, × months 1..12; and what is to
    be told.
    """
    if crashes.empty:
        nothing = pd.DataFrame(columns=range(1, MONTHS + 1), dtype=float)
        return nothing, [("import.note.no_crash", {})]
    years = np.arange(crashes["year"].min(), crashes["year"].max() + 1)
    by_year = crashes.groupby("year").size().reindex(years, fill_value=0)
    dated = crashes[crashes["month"] > 0]
    grid = pd.crosstab(dated["year"], dated["month"])
    grid = grid.reindex(index=years, columns=range(1, MONTHS + 1), fill_value=0)
    monthly = grid.sum(axis=1).to_numpy() >= DATED * by_year.to_numpy()
    if len(dated) <= DATED * len(crashes):
        monthly[:] = False
    notes: Notes = []
    ahead = _ahead(years, today)
    missing = _missing(grid.to_numpy(), monthly, ahead) | ahead
    for number, year in enumerate(years):
        if monthly[number]:
            if missing[number].any():
                months = ", ".join(str(month + 1) for month in np.flatnonzero(missing[number]))
                notes.append(("import.note.months", {"year": year, "months": months}))
            continue
        begun = int((~ahead[number]).sum())
        if begun < MONTHS:
            notes.append(("import.note.running", {"year": year, "months": begun}))
        others = by_year[(by_year > 0) & (by_year.index != year)]
        count, usual = int(by_year[year]), float(others.median()) if len(others) else 0.0
        if count < FEW * usual * begun / MONTHS:
            values = {"year": year, "count": count, "usual": f"{usual:.0f}"}
            notes.append(("import.note.few", values))
        if count == 0 and usual >= EMPTY:
            missing[number] = True
    if len(crashes) == 1:
        notes.append(("import.note.one_crash", {}))
    table = pd.DataFrame(~missing, index=pd.Index(years, name="year"), columns=grid.columns)
    return table.astype(float), notes


def _ahead(years: NDArray[np.int64], today: date) -> Bools:
    """Months of each year that have not begun."""
    number = years[:, None] * MONTHS + np.arange(MONTHS)
    return np.asarray(number > today.year * MONTHS + today.month - 1)


def _missing(grid: NDArray[np.int64], monthly: Bools, ahead: Bools) -> Bools:
    """Months of each year that are empty, and not by chance."""
    counts = grid.ravel()
    known = np.repeat(monthly, MONTHS) & ~ahead.ravel()
    empty = known & (counts == 0)
    filled = known & (counts > 0)
    missing = np.zeros(len(counts), dtype=bool)
    if not filled.any():
        return missing.reshape(grid.shape)
    if counts[filled].mean() >= EMPTY:
        missing = empty.copy()
    first, last = np.flatnonzero(filled)[[0, -1]]
    begin = np.flatnonzero(empty & ~np.concatenate([[False], empty[:-1]]))
    end = np.flatnonzero(empty & ~np.concatenate([empty[1:], [False]])) + 1
    between = (begin > first) & (end <= last)
    need = EMPTY + np.where(between, np.log(known.sum()), 0.0)
    while True:
        mean = counts[filled].sum() / (known & ~missing).sum()
        gone = missing.copy()
        for start, stop in zip(begin[(end - begin) * mean >= need],
                               end[(end - begin) * mean >= need], strict=True):  # fmt: skip
            gone[start:stop] = True
        if (gone == missing).all():
            return missing.reshape(grid.shape)
        missing = gone
