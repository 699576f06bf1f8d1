"""What the self-contained map knows: roads, hours, reasons, risk points, words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import drawn as areas
from riskmap import simulated, symbols
from riskmap.errors import RiskmapError
from riskmap.level_styles import STYLES
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.risk import LEVELS
from riskmap.webmap import map_hours
from riskmap.webmap.backdrop import backdrop
from riskmap.webmap.crash_points import crash_points, legend
from riskmap.webmap.geometry import WGS84, drawn
from riskmap.when_words import peak, period, worded

if TYPE_CHECKING:
    import shapely

    from riskmap.area import Area

Rows = NDArray[np.int64]

SHOWN_AT_FIRST = 40
"""So many risk points at most, of the layers with fewest: more would hide the roads."""
SMALLEST_SHARE = 0.005
"""Reasons below this share are left out of the cards."""
SAME = {
    "levels_are": "map.levels_are.km", "doing": "card.police", "why_of": "card.why_of",
    "weighted": "card.weighted", "title_of_coverage": "coverage.title", "is": "coverage.is",
    "known": "coverage.known", "assumed": "coverage.assumed", "unknown": "coverage.unknown",
    "unnamed": "reason.unnamed", "judgement": "word.judgement", "credit": "map.credit",
    "clock": "card.clock", "rank": "list.rank", "name": "list.name", "times_is": "list.times_is",
    "points": "map.points", "app": "app.title", "legend": "map.legend",
}  # fmt: skip
"""Words of the map that are those of the page."""


def content(
    area: Area,
    *,
    when: When = None,
    lang: Lang = "zh",
    crashes: bool = False,
    top: int | None = None,
    inside: Sequence[tuple[float, float]] | None = None,
) -> dict[str, Any]:
    """
    Everything that the script draws; the options are those of `folium_map.map_html`.

    Texts that come again are looked up once and numbered.

    Raises
    ------
    RiskmapError
        `inside` is no area or has no road, or `top` is below 1.
    """
    scores = area.scores(when)
    rows = _rows(area, scores, top, inside, lang)
    within = None if inside is None else _shape(area, inside, lang)
    found = {
        **drawn(area, rows, within),
        **_scored(area, rows, scores, lang),
        "backdrop": backdrop(area, lang, within),
        "hours": map_hours.hours(area, rows),
        "shares": _shares(area, rows, when),
        "reasons": _reasons(area, lang),
        "coverage": _coverage(area, lang),
        "styles": [STYLES[level] for level in LEVELS],
        "levels": [text(f"map.level.{level}", lang) for level in LEVELS],
        "short": [text(f"level.{level}", lang) for level in LEVELS],
    }
    del found["shapes"]
    _switched(area, found["layers"], lang)
    days = found["hours"]["kinds"]
    found["hours"]["titles"] = [text(f"when.{kind}", lang) for kind in days]
    found["labels"] = _labels(area, when, lang, len(rows))
    if unreal := simulated.what(area, lang):
        found["labels"]["simulated"] = text("simulated.is", lang, what=unreal)
    if crashes:
        part = area if within is None else _crashes_within(area, within)
        found["crashes"] = crash_points(part) | legend(part, lang)
    return found


def _rows(
    area: Area,
    scores: pd.DataFrame,
    top: int | None,
    inside: Sequence[tuple[float, float]] | None,
    lang: Lang,
) -> Rows:
    """Segments that are drawn, ascending."""
    rows = np.arange(len(area.segments))
    if inside is not None:
        rows = np.flatnonzero(area.within(inside, lang))
    if not len(rows):
        raise RiskmapError(text("map_file.empty", lang))
    if top is not None:
        if top < 1:
            raise RiskmapError(text("map_file.top", lang, top=top))
        rate = scores["harm_per_km"].to_numpy()[rows]
        rows = np.sort(rows[np.argsort(-rate, kind="stable")[:top]])
    return rows


def _shape(area: Area, inside: Sequence[tuple[float, float]], lang: Lang) -> shapely.Geometry:
    own = gpd.GeoSeries([areas.polygon(inside, lang)], crs=WGS84)
    return own.to_crs(area.segments.crs).iloc[0]


def _crashes_within(area: Area, within: shapely.Geometry) -> Area:
    if area.crashes is None:
        return area
    table = area.crashes.table
    places = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=WGS84)
    there = places.to_crs(area.segments.crs).intersects(within).to_numpy()
    return replace(area, crashes=replace(area.crashes, table=table[there]))


def _scored(area: Area, rows: Rows, scores: pd.DataFrame, lang: Lang) -> dict[str, Any]:
    """The card of each road: level, times the average, harm and interval, numbers of words."""
    exposure = (scores["harm"] / scores["harm_per_km"]).sum()
    mean = float(scores["harm"].sum() / exposure)
    own, segments = scores.iloc[rows], area.segments.iloc[rows]
    words: dict[str, int] = {}

    def number(word: str) -> int:
        return words.setdefault(word, len(words))

    cards = [
        [LEVELS.index(level), float(f"{per_km / mean:.2g}"), *(float(f"{v:.2g}") for v in harm),
         number(peak(at, lang)), number(worded("road_class", kind, lang)),
         number(worded("road_area", place, lang))]
        for level, per_km, harm, at, kind, place in zip(
            own["level"], own["harm_per_km"], own[["harm_per_km", "low", "high"]].to_numpy(),
            own["peak"], segments["road_class"], segments["area"], strict=True,
        )
    ]  # fmt: skip
    per_km = scores["harm_per_km"].to_numpy()
    return {"scores": cards, "words": list(words),
            "worst": map_hours.worst_of(area, rows, per_km, mean)}  # fmt: skip


def _switched(area: Area, layers: list[dict[str, Any]], lang: Lang) -> None:
    """Name the layers that have points, and say which are on at first."""
    # a layer without points acts on the roads themselves: there is nothing to switch
    layers[:] = [layer for layer in layers if layer["names"]]
    shown = 0
    for layer in sorted(layers, key=lambda layer: len(layer["names"])):
        own = area.layers[layer["name"]]
        shown += len(layer["names"])
        layer["title"] = own.title[lang]
        layer["on"] = shown <= SHOWN_AT_FIRST
        layer["symbol"] = symbols.svg(own.symbol, size=14, color="#24272b")


def _labels(area: Area, when: When, lang: Lang, count: int) -> dict[str, str]:
    whole = period(when, lang)
    part = {"count": count, "all": len(area.segments)}
    return {
        **{name: text(key, lang) for name, key in SAME.items()},
        "find": text("map_file.find", lang),
        "nothing": text("map_file.nothing", lang),
        "widths": text("map_file.widths", lang),
        "area": area.name,
        "whole": text("when.year", lang) if when is None else whole,
        "whole_is": whole,
        "date": text("info.date", lang, date=area.data_date[:10] or text("word.unknown", lang)),
        "part": text("map_file.part", lang, **part) if count < len(area.segments) else "",
        "why": text("map_file.why", lang, period=whole),
        "then": text("map_file.then", lang, period="{period}", level="{level}"),
        "worst": text("map_file.worst", lang, period="{period}"),
        "at": text("when.peak", lang, day="{day}", hour="{hour}", next="{next}"),
        "times": text("card.times", lang, times="{times}"),
        "harm": text("card.harm_is", lang, value="{value}", low="{low}", high="{high}"),
        "peak": text("card.peak", lang, peak="{peak}"),
    }


def _shares(area: Area, rows: Rows, when: When) -> list[list[int]]:
    """For each road: reason, per mille, reason, per mille …, the largest first."""
    table = area.reason_table(when).to_numpy()[rows]
    order = np.argsort(-table, axis=1, kind="stable")
    result = []
    for row, ranked in zip(table, order, strict=True):
        kept = [n for n in ranked if abs(row[n]) >= SMALLEST_SHARE]
        result.append([int(v) for n in kept for v in (n, round(row[n] * 1000))])
    return result


def _coverage(area: Area, lang: Lang) -> list[list[object]]:
    """Title of every layer and input, and how much is known, assumed, unknown, in per cent."""
    rows: list[list[object]] = []
    for row in area.coverage_table(lang).itertuples():
        km = np.array([row.known_km, row.assumed_km, row.unknown_km], dtype=float)
        if km.sum():
            rows.append([row.title, *(round(float(v)) for v in 100 * km / km.sum())])
    return rows


def _reasons(area: Area, lang: Lang) -> list[dict[str, str]]:
    """Title, grade, source and advice of every reason, in the order of the reason table."""
    result = []
    for name in area.model.reasons:
        layer = area.layers.get(name)
        effect = layer.strongest if layer else None
        advice = layer.advice.get("police", ()) if layer else ()
        result.append({
            "title": area.reason_title(name, lang),
            "grade": effect.grade if effect else "",
            "source": effect.source if effect else "",
            "advice": "; ".join(item[lang] for item in advice),
        })
    return result
