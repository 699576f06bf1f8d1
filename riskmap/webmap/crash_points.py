"""Crash points for a map: where, how bad and how long ago, and nothing else of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskmap.locale import Lang, text
from riskmap.record_cells import SEVERITIES
from riskmap.webmap.geometry import differences

if TYPE_CHECKING:
    from riskmap.area import Area

LOOKS = {
    "fatal": ("#7f0000", "M3 0 8 5l5-5 3 3-5 5 5 5-3 3-5-5-5 5-3-3 5-5-5-5z"),
    "serious": ("#d7301f", "M8 1.2 15.4 14.4H.6z"),
    "minor": ("#fc8d59", "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z"),
    "injury": ("#b58a00", "M8 .8 15.2 8 8 15.2.8 8z"),
    "damage": ("#7a8791", "M3 3h10v10H3z"),
    "unknown": ("#b9bec4", "M3 3h10v10H3zM5 5v6h6V5z"),
}  # fmt: skip
"""Severity → colour, and path in a square of 16: told apart in grey too. In this order."""
FAINTEST = 0.3
"""Opacity of the oldest crash; the newest have 1."""


def crash_points(area: Area) -> dict[str, Any]:
    """
    Write the crashes of an area for the browser, the worst last so that they lie on top.

    Returns
    -------
    `points` as steps (`geometry.differences`), `severity` as number in `LOOKS`, `opacity` in per
    cent by age, `year`; empty lists without records.
    """
    if area.crashes is None or area.crashes.table.empty:
        return {"points": [], "severity": [], "opacity": [], "year": []}
    table = area.crashes.table
    rank = {name: number for number, name in enumerate(LOOKS)}
    severity = table["severity"].where(table["severity"].isin(SEVERITIES), "unknown").map(rank)
    year = table["year"].to_numpy(np.int64)
    age = (year.max() - year) / max(int(np.ptp(year)), 1)
    order = np.lexsort((year, -severity.to_numpy()))
    return {
        "points": differences(table[["lon", "lat"]].to_numpy(float)[order]),
        "severity": severity.to_numpy()[order].tolist(),
        "opacity": np.rint(100 * (1 - (1 - FAINTEST) * age))[order].astype(int).tolist(),
        "year": year[order].tolist(),
    }


def legend(area: Area, lang: Lang) -> dict[str, Any]:
    """Say what the points mean: every severity that there is, and that the old ones are pale."""
    found = [] if area.crashes is None else area.crashes.table["severity"].replace("", "unknown")
    there = set(found)
    return {
        "looks": [
            {"color": color, "path": path, "title": text(f"crash.severity.{name}", lang),
             "there": name in there}
            for name, (color, path) in LOOKS.items()
        ],
        "title": text("map.crashes", lang),
        "ages": text("map.crash_ages", lang),
        "cluster": text("map.crash_cluster", lang),
    }  # fmt: skip
