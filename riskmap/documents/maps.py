"""
The map of a document: drawn from the extract alone, as SVG, and readable in greyscale.

A level is told by colour, by width and by dashes; what the document is about has a dark rim, a
number on a black disc, or a broken line with a white rim.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap import background
from riskmap.documents import map_legend, map_words
from riskmap.documents.map_legend import COLOURS, DASHES, WIDTHS
from riskmap.documents.map_sheet import WIDE, Sheet, short
from riskmap.locale import Lang, text
from riskmap.osm import WGS84
from riskmap.risk import LEVELS

if TYPE_CHECKING:
    from riskmap.area import Area

FONT = "Noto Sans SC"
MINOR = ("residential", "living_street", "service", "unclassified", "track", "pedestrian")
FAR_M = 9000.0
"""Of a wider map minor roads of the lowest level are left out."""
NEAR_M = 2500.0
"""A narrower map shows buildings."""
_LAND = {"wood": "#e3ebdc", "park": "#e3ebdc", "built": "#f0eeea", "grass": "#eef2e8"}


@dataclass(frozen=True)
class Mark:
    """A place with a short label, in metres."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Shown:
    """
    What a map is about, in metres.

    `stretches` are roads with a dark rim, `ways` what is driven. `legend` says what the marks, the
    stretches and the ways are; a word that is missing is left out.
    """

    marks: tuple[Mark, ...] = ()
    stretches: tuple[shapely.Geometry, ...] = ()
    ways: tuple[shapely.Geometry, ...] = ()
    legend: Mapping[str, str] = field(default_factory=dict)


def marks(
    area: Area, lon: Sequence[float], lat: Sequence[float], labels: Sequence[str]
) -> tuple[Mark, ...]:
    """Marks at places in WGS 84."""
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=WGS84).to_crs(area.segments.crs)
    return tuple(
        Mark(float(point.x), float(point.y), label)
        for point, label in zip(points, labels, strict=True)
    )


def in_metres(area: Area, lines: gpd.GeoSeries) -> tuple[shapely.Geometry, ...]:
    """Lines of a list, in the metres of the area."""
    return tuple(lines.to_crs(area.segments.crs))


def svg(
    area: Area, shown: Shown, levels: pd.Series, lang: Lang, *, height: float = 300.0
) -> str:
    """
    Draw a map.

    Parameters
    ----------
    area
        Its roads; what lies behind them is read from its extract.
    shown
        What the map is about; with nothing in it all of the area is drawn.
    levels
        Level of every segment, as of `Area.scores`.
    lang
        Language of place names and of the legend.
    height
        Of the map without its legend, in points; it is `WIDE` wide.

    Returns
    -------
    An SVG element. Names are text, whatever they hold.
    """
    sheet = Sheet.around(_land(area, shown), height)
    root = ET.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "font-family": FONT,
        "role": "img", "aria-label": text("documents.map", lang),
    })  # fmt: skip
    frame = ET.SubElement(root, "svg", {
        "width": short(WIDE), "height": short(height),
        "viewBox": f"0 0 {short(WIDE)} {short(height)}",
    })  # fmt: skip
    ET.SubElement(frame, "rect", {"width": short(WIDE), "height": short(height), "fill": "#fdfdfb"})
    ground = _ground(area)
    _behind(frame, sheet, ground)
    _roads(frame, sheet, area, levels)
    for line in shown.stretches:
        _line(frame, sheet, line, "#000", 7.5)
        _line(frame, sheet, line, "#fff", 5.5)
    if shown.stretches:
        _roads(frame, sheet, area, levels, only=shown.stretches)
    for line in shown.ways:
        _line(frame, sheet, line, "#fff", 4.6)
        _line(frame, sheet, line, "#000", 2.2, dash="1 3.4", cap="round")
    discs = [map_words.disc(*sheet.at(mark.x, mark.y)) for mark in shown.marks]
    map_words.names(frame, sheet, area, ground, discs, lang)
    for mark in shown.marks:
        map_words.mark(frame, *sheet.at(mark.x, mark.y), mark.label)
    map_words.scale(frame, sheet, lang)
    lines = map_legend.legend(root, height + 6.0, shown.legend, lang)
    whole = height + 6.0 + map_legend.BELOW * lines
    root.set("viewBox", f"0 0 {short(WIDE)} {short(whole)}")
    root.set("width", short(WIDE))
    root.set("height", short(whole))
    ET.SubElement(root, "rect", {
        "x": "0.4", "y": "0.4", "width": short(WIDE - 0.8), "height": short(height - 0.8),
        "fill": "none", "stroke": "#000", "stroke-width": "0.8",
    })  # fmt: skip
    return ET.tostring(root, encoding="unicode")




def _ground(area: Area) -> Mapping[str, gpd.GeoDataFrame]:
    """What lies behind the roads; nothing where the extract is not at hand."""
    if area.extract is None or not Path(area.extract).exists():
        return {}
    path = Path(area.extract).resolve()
    return _read(str(path), path.stat().st_mtime_ns, json.dumps(area.parameters["roads"]))


@lru_cache(maxsize=2)
def _read(path: str, seen: int, roads: str) -> Mapping[str, gpd.GeoDataFrame]:
    del seen  # it tells an extract from the one that was there before
    return background.read(path, json.loads(roads))


def _land(area: Area, shown: Shown) -> tuple[float, float, float, float]:
    """The land that a map is about."""
    shapes = [*shown.stretches, *shown.ways, *(shapely.Point(m.x, m.y) for m in shown.marks)]
    bounds = shapely.total_bounds(shapes) if shapes else area.segments.total_bounds
    west, south, east, north = map(float, bounds)
    return west, south, east, north


def _behind(frame: ET.Element, sheet: Sheet, ground: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Draw land, water, rails and buildings."""
    if not ground:
        return
    land = ground["land"]
    for kind, colour in _LAND.items():
        shapes = sheet.cut(land.geometry.to_numpy()[(land["kind"] == kind).to_numpy()])
        _add(frame, sheet.path(shapes), {"fill": colour})
    water = sheet.cut(ground["water"].geometry.to_numpy())
    _add(frame, sheet.path(water), {"fill": "#d3e3ee", "stroke": "#8aa9bd", "stroke-width": "0.5"})
    stream = ground["stream"]
    for kind, wide in (("stream", 0.7), ("canal", 1.2), ("river", 1.8)):
        if kind == "stream" and sheet.wide_m > FAR_M:
            continue
        shapes = sheet.cut(stream.geometry.to_numpy()[(stream["kind"] == kind).to_numpy()])
        _add(frame, sheet.path(shapes), {
            "fill": "none", "stroke": "#a9c4d6", "stroke-width": short(wide),
        })  # fmt: skip
    if sheet.wide_m <= NEAR_M:
        shapes = sheet.cut(ground["building"].geometry.to_numpy())
        _add(frame, sheet.path(shapes), {"fill": "#e2ded8"})
    rail = sheet.cut(ground["rail"].geometry.to_numpy())
    _add(frame, sheet.path(rail), {"fill": "none", "stroke": "#555", "stroke-width": "1.4"})
    _add(frame, sheet.path(rail), {
        "fill": "none", "stroke": "#fff", "stroke-width": "0.8", "stroke-dasharray": "5 5",
    })  # fmt: skip


def _roads(
    frame: ET.Element, sheet: Sheet, area: Area, levels: pd.Series,
    only: Sequence[shapely.Geometry] = (),
) -> None:
    """Draw the roads by level, the worst on top."""
    lines = area.segments.geometry.to_numpy()
    inside = area.segments.sindex.query(shapely.box(*sheet.box), predicate="intersects")
    if only:
        # a hair's breadth: lines that were through WGS 84 and back are not the same to the last bit
        rim = shapely.buffer(shapely.union_all(list(only)), 0.5)
        inside = inside[shapely.within(lines[inside], rim)]
    level = levels.to_numpy(object)[inside]
    minor = area.segments["road_class"].isin(MINOR).to_numpy()[inside]
    for name in reversed(LEVELS):
        own = inside[level == name]
        if name == LEVELS[-1] and sheet.wide_m > FAR_M:
            own = inside[(level == name) & ~minor]
        # dashes go on from piece to piece
        joined = shapely.line_merge(shapely.union_all(sheet.cut(lines[own])))
        _line(frame, sheet, joined, COLOURS[name], WIDTHS[name],
              dash=DASHES.get(name, ""))


def _line(
    frame: ET.Element, sheet: Sheet, line: shapely.Geometry, colour: str, wide: float, *,
    dash: str = "", cap: str = "",
) -> None:
    more = {"stroke-dasharray": dash} if dash else {}
    if cap:
        more["stroke-linecap"] = cap
    cut = sheet.cut(np.array([line], dtype=object))
    _add(frame, sheet.path(cut), {
        "fill": "none", "stroke": colour, "stroke-width": short(wide), "stroke-linejoin": "round",
        **more,
    })  # fmt: skip


def _add(frame: ET.Element, path: str, style: Mapping[str, str]) -> None:
    if path:
        ET.SubElement(frame, "path", {"d": path, **style})
