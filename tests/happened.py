"""Crash records simulated on an area: where the model expects them, and as a file."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.area import Area


def simulated(
    area: Area, *, years: tuple[int, int], a_year: float, k: float = 0.5, seed: int = 2
) -> pd.DataFrame:
    """
    Crashes drawn from the model without records, with rates of places that stay the same.

    Returns
    -------
    One row per crash: `lon`, `lat`, `date`, `severity`, `segment` and `junction` it was drawn at.
    """
    random = np.random.default_rng(seed)
    model = area.prior
    rates = {kind: np.zeros(0) for kind in ("link", "junction")}
    for family in model.scored:
        if family.kind in rates:
            own = family.crashes.summed(model.time.year)
            rates[family.kind] = rates[family.kind] + own if len(rates[family.kind]) else own
    link, junction = rates["link"], rates["junction"]
    whole = link.sum() + junction.sum()
    lines = area.segments.geometry.to_numpy()
    places = [
        (link, shapely.line_interpolate_point(lines, 0.5, normalized=True), "segment"),
        (junction, area.junctions.geometry.to_numpy(), "junction"),
    ]
    parts = []
    for rate, points, name in places:
        own = rate / whole * a_year * random.gamma(1 / k, k, len(rate))
        for year in range(years[0], years[1] + 1):
            rows = np.repeat(np.arange(len(rate)), random.poisson(own))
            day = pd.Timestamp(f"{year}-01-01") + pd.to_timedelta(
                random.integers(0, 365, len(rows)), unit="D"
            )
            parts.append(pd.DataFrame({
                "date": day.strftime("%Y-%m-%d"), name: rows,
                "point": points[rows],
            }))  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    table["hour"] = random.integers(0, 24, len(table))
    table["id"] = np.arange(len(table))
    table["severity"] = random.choice(["fatal", "serious", "minor"], len(table), p=[0.1, 0.3, 0.6])
    points = gpd.GeoSeries(table.pop("point").to_numpy(), crs=area.segments.crs).to_crs(4326)
    return table.assign(lon=points.x.to_numpy(), lat=points.y.to_numpy())


def written(table: pd.DataFrame, path: Path) -> Path:
    """Save simulated crashes as a CSV file."""
    columns = ["id", "date", "hour", "severity", "lon", "lat"]
    table[columns].to_csv(path, index=False)
    return path
