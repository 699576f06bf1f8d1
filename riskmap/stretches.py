"""Pieces of a list joined to what an officer patrols: a road from here to there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap.cross_roads import CrossRoads
from riskmap.locale import Lang
from riskmap.moments import When
from riskmap.osm import WGS84
from riskmap.risk import LEVELS
from riskmap.road_runs import runs

if TYPE_CHECKING:
    from riskmap.area import Area

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COLUMNS = (
    "rank", "name", "from", "to", "road_class", "area", "level", "harm", "harm_per_km",
    "harm_per_mvkm", "share_of_harm", "peak", "reasons", "advice", "coverage", "length_m",
    "pieces", "segment_ids", "lon", "lat",
)  # fmt: skip
_WORST = (*LEVELS, "unknown")
TOUCH_M = 0.5
"""Pieces of one road touch where no more lies between them: ends are stored as floats."""


def stretches(
    area: Area, pieces: gpd.GeoDataFrame, *, by: str, when: When, lang: Lang
) -> gpd.GeoDataFrame:
    """
    Join the pieces of a list that touch on the same road; see `Area.stretches`.

    `pieces` is from `Area.hotspots`, asked for the same hour and in the same language.
    """
    ids = pd.Index(pieces["segment_id"], dtype=object)
    rows = area.segments.index.get_indexer(ids).astype(np.int64)
    along = runs(area.network, turns=True)
    run, begin, end = along.spans(area.network, rows)
    order = np.lexsort((begin, run))
    own = pd.DataFrame(pieces.drop(columns=pieces.geometry.name)).iloc[order]
    own = own.reset_index(drop=True)
    run, begin, end, rows = run[order], begin[order], end[order], rows[order]
    apart = np.ones(len(own), dtype=bool)
    apart[1:] = (np.diff(run) != 0) | (begin[1:] - end[:-1] > TOUCH_M)
    label, first = np.cumsum(apart) - 1, np.flatnonzero(apart)
    last = np.append(first, len(own))[1:] - 1
    table = _summed(area, own, rows, label, when, lang)
    crossing = CrossRoads.of(area.network, along)
    ends = [
        crossing.between(int(run[one]), float(begin[one]), float(end[other]), lang)
        for one, other in zip(first, last, strict=True)
    ]
    table["from"], table["to"] = [one for one, _ in ends], [other for _, other in ends]
    lines = area.segments.geometry.to_numpy()[rows]
    whole = [
        shapely.line_merge(shapely.multilinestrings(list(lines[one : other + 1])))
        for one, other in zip(first, last, strict=True)
    ]
    places = gpd.GeoSeries(whole, crs=area.segments.crs)
    middle = gpd.GeoSeries(
        # on the road, and of what is no one line on its longest part
        [shapely.line_interpolate_point(_longest(line), 0.5, normalized=True) for line in whole],
        crs=area.segments.crs,
    ).to_crs(WGS84)
    table["lon"], table["lat"] = middle.x.round(6), middle.y.round(6)
    found = gpd.GeoDataFrame(table, geometry=places.to_crs(WGS84).to_numpy(), crs=WGS84)
    ranked = {"km": "harm_per_km", "mvkm": "harm_per_mvkm", "total": "harm"}[by]
    worst = np.argsort(-found[ranked].to_numpy(float), kind="stable")
    found = found.iloc[worst].reset_index(drop=True)
    found["rank"] = np.arange(1, len(found) + 1, dtype=np.int32)
    return found[[*COLUMNS, "geometry"]]


def _summed(
    area: Area, own: pd.DataFrame, rows: Ints, label: Ints, when: When, lang: Lang
) -> pd.DataFrame:
    """Figures and words of every stretch from those of its pieces."""
    rates = area.model.rates(when).iloc[rows]
    harm, km = rates["harm"].to_numpy(), area.model.km[rows]
    # where nobody drives there is no rate
    driven = (harm / rates["harm_per_mvkm"]).fillna(0.0).to_numpy()

    def total(values: Floats) -> Floats:
        return np.bincount(label, values).astype(np.float64)

    shares = area.reason_table(when).iloc[rows]
    mean = pd.DataFrame(
        {name: total(shares[name].to_numpy() * harm) / total(harm) for name in shares}
    )
    reasons, advice = area.told(mean, lang)
    # the worst piece stands first in the list, and speaks for what cannot be summed
    worst = own.assign(label=label).sort_values("rank").groupby("label").first()
    levels = own["level"].map(_WORST.index)
    per_mvkm = total(harm) / np.where(total(driven) > 0, total(driven), np.nan)
    per_km = total(rates["harm_per_km"].to_numpy() * km) / total(km)
    return pd.DataFrame({
        **{name: worst[name].to_numpy(object) for name in ("name", "road_class", "area", "peak")},
        "level": levels.groupby(label).min().map(dict(enumerate(_WORST))).to_numpy(object),
        "harm": _rounded(total(harm)),
        "harm_per_km": _rounded(per_km),
        "harm_per_mvkm": _rounded(per_mvkm),
        "share_of_harm": _rounded(total(rates["share_of_harm"].to_numpy())),
        "reasons": reasons,
        "advice": advice,
        "coverage": (total(own["coverage"].to_numpy() * km) / total(km)).round(3),
        "length_m": (total(km) * 1000.0).round(1),
        "pieces": np.bincount(label),
        "segment_ids": own.groupby(label)["segment_id"].agg(" ".join).to_numpy(object),
    })


def _longest(line: shapely.LineString | shapely.MultiLineString) -> shapely.LineString:
    parts: Sequence[shapely.LineString] = shapely.get_parts(line)
    return max(parts, key=lambda part: float(part.length))


def _rounded(values: Floats) -> Floats:
    """Six significant figures, as in every list."""
    return np.array([float(f"{value:.6g}") for value in values])
