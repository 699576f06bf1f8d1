"""
The map of a document: drawn from the extract alone, as SVG, and readable in greyscale.

A level is told by colour, by width and by dashes; what the document is about has a dark rim, a
number on a black disc, or a broken line with a white rim.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap import background
from riskmap.documents.content import cleaned
from riskmap.locale import Lang, text
from riskmap.osm import WGS84
from riskmap.risk import LEVELS

if TYPE_CHECKING:
    from riskmap.area import Area

FONT = "Noto Sans SC"
WIDE = 520.0
"""Width of a map in points."""
LEAST_M = 700.0
"""A map is not narrower than that: what lies around must be seen to find the place."""
AROUND = 0.12
"""Room around what the map is about, as a share of it."""
WIDTHS: Mapping[str, float] = {"red": 4.4, "orange": 3.2, "yellow": 2.1, "blue": 0.9}
COLOURS: Mapping[str, str] = {
    "red": "#b2182b", "orange": "#e66101", "yellow": "#e5b53b", "blue": "#4a86b8",
}  # fmt: skip
DASHES: Mapping[str, str] = {"orange": "9 2", "yellow": "4 2"}
"""Red and blue are whole lines: a thick one and a thin one are not mistaken for each other."""
MINOR = ("residential", "living_street", "service", "unclassified", "track", "pedestrian")
FAR_M = 9000.0
"""Of a wider map minor roads of the lowest level are left out."""
NEAR_M = 2500.0
"""A narrower map shows buildings."""
NAMES = 14
"""Road names on a map."""
BELOW = 17.0
"""Height of the legend's lines."""
_LAND = {"wood": "#e3ebdc", "park": "#e3ebdc", "built": "#f0eeea", "grass": "#eef2e8"}
_ORDER = ("city", "town", "suburb", "village", "hamlet")


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
    sheet = _Sheet.around(area, shown, height)
    root = ET.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "font-family": FONT,
        "role": "img", "aria-label": text("documents.map", lang),
    })  # fmt: skip
    frame = ET.SubElement(root, "svg", {
        "width": _n(WIDE), "height": _n(height), "viewBox": f"0 0 {_n(WIDE)} {_n(height)}",
    })  # fmt: skip
    ET.SubElement(frame, "rect", {"width": _n(WIDE), "height": _n(height), "fill": "#fdfdfb"})
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
    taken = [_disc(sheet, mark) for mark in shown.marks]
    _names(frame, sheet, area, ground, taken, lang)
    for mark in shown.marks:
        _mark(frame, *sheet.at(mark.x, mark.y), mark.label)
    _scale(frame, sheet, lang)
    lines = _legend(root, height + 6.0, shown, lang)
    whole = height + 6.0 + BELOW * lines
    root.set("viewBox", f"0 0 {_n(WIDE)} {_n(whole)}")
    root.set("width", _n(WIDE))
    root.set("height", _n(whole))
    ET.SubElement(root, "rect", {
        "x": "0.4", "y": "0.4", "width": _n(WIDE - 0.8), "height": _n(height - 0.8),
        "fill": "none", "stroke": "#000", "stroke-width": "0.8",
    })  # fmt: skip
    return ET.tostring(root, encoding="unicode")


# --- what is on the sheet ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Sheet:
    """A part of the land, and where it comes to lie on paper."""

    west: float
    north: float
    metres: float
    """Of one point on paper."""
    high: float

    @classmethod
    def around(cls, area: Area, shown: Shown, height: float) -> _Sheet:
        shapes = [*shown.stretches, *shown.ways, *(shapely.Point(m.x, m.y) for m in shown.marks)]
        bounds = shapely.total_bounds(shapes) if shapes else area.segments.total_bounds
        west, south, east, north = bounds
        wide = max((east - west) * (1 + 2 * AROUND), LEAST_M)
        tall = max((north - south) * (1 + 2 * AROUND), LEAST_M * height / WIDE)
        metres = max(wide / WIDE, tall / height)
        x, y = (west + east) / 2.0, (south + north) / 2.0
        return cls(x - metres * WIDE / 2.0, y + metres * height / 2.0, metres, height)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.west) / self.metres, (self.north - y) / self.metres

    @property
    def wide_m(self) -> float:
        return self.metres * WIDE

    @property
    def box(self) -> tuple[float, float, float, float]:
        return (
            self.west, self.north - self.high * self.metres, self.west + self.wide_m, self.north
        )  # fmt: skip

    def cut(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Keep what lies on the sheet, in no more detail than paper shows."""
        west, south, east, north = self.box
        rim = 8.0 * self.metres
        near = shapes[shapely.intersects(shapes, shapely.box(*self.box))]
        part = shapely.clip_by_rect(near, west - rim, south - rim, east + rim, north + rim)
        part = shapely.simplify(part, 0.35 * self.metres)
        return np.asarray(part[~shapely.is_empty(part)])

    def path(self, shapes: Any) -> str:  # noqa: ANN401  # geometries
        """Lines and outlines as the path of SVG."""
        return "".join(self._pieces(shapes))

    def _pieces(self, shapes: Any) -> Iterator[str]:  # noqa: ANN401  # geometries
        for part in shapely.get_parts(shapes):
            area = part.geom_type == "Polygon"
            rings = [part.exterior, *part.interiors] if area else [part]
            for ring in rings:
                if ring.geom_type not in ("LineString", "LinearRing"):
                    continue
                at = (self.at(x, y) for x, y in shapely.get_coordinates(ring))
                points = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
                yield f"M{points}" + ("Z" if area else "")


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


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


def _behind(frame: ET.Element, sheet: _Sheet, ground: Mapping[str, gpd.GeoDataFrame]) -> None:
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
            "fill": "none", "stroke": "#a9c4d6", "stroke-width": _n(wide),
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
    frame: ET.Element, sheet: _Sheet, area: Area, levels: pd.Series,
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
        _line(frame, sheet, joined, COLOURS[name], WIDTHS[name], dash=DASHES.get(name, ""))


def _line(
    frame: ET.Element, sheet: _Sheet, line: shapely.Geometry, colour: str, wide: float, *,
    dash: str = "", cap: str = "",
) -> None:
    more = {"stroke-dasharray": dash} if dash else {}
    if cap:
        more["stroke-linecap"] = cap
    cut = sheet.cut(np.array([line], dtype=object))
    _add(frame, sheet.path(cut), {
        "fill": "none", "stroke": colour, "stroke-width": _n(wide), "stroke-linejoin": "round",
        **more,
    })  # fmt: skip


def _add(frame: ET.Element, path: str, style: Mapping[str, str]) -> None:
    if path:
        ET.SubElement(frame, "path", {"d": path, **style})


# --- words -------------------------------------------------------------------------------------

_Box = tuple[float, float, float, float]


def _disc(sheet: _Sheet, mark: Mark) -> _Box:
    x, y = sheet.at(mark.x, mark.y)
    return x - 8, y - 8, x + 8, y + 8


def _mark(frame: ET.Element, x: float, y: float, label: str) -> None:
    ET.SubElement(frame, "circle", {
        "cx": _n(x), "cy": _n(y), "r": "7.2", "fill": "#000", "stroke": "#fff",
        "stroke-width": "1.6",
    })  # fmt: skip
    _word(frame, x, y + 3.2, label, 9.0 if len(label) < 2 else 7.5, fill="#fff", rim=0.0)  # noqa: PLR2004  # digits


def _word(
    frame: ET.Element, x: float, y: float, said: str, size: float, *, fill: str = "#222",
    rim: float = 2.4, anchor: str = "middle", turn: float = 0.0,
) -> None:
    element = ET.SubElement(frame, "text", {
        "x": _n(x), "y": _n(y), "font-size": _n(size), "fill": fill, "text-anchor": anchor,
    })  # fmt: skip
    if rim:
        element.attrib |= {
            "stroke": "#fff", "stroke-width": _n(rim), "paint-order": "stroke",
            "stroke-linejoin": "round",
        }
    if turn:
        element.set("transform", f"rotate({turn:.1f} {_n(x)} {_n(y)})")
    element.text = cleaned(said)


def wide(said: str, size: float) -> float:
    """Width of a word on paper, about."""
    return sum(size if ord(char) > 0x2E7F else 0.56 * size for char in said)  # noqa: PLR2004  # first of CJK


def _free(box: _Box, taken: Sequence[_Box]) -> bool:
    west, top, east, low = box
    return all(east < a or west > c or low < b or top > d for a, b, c, d in taken)


def _names(
    frame: ET.Element, sheet: _Sheet, area: Area, ground: Mapping[str, gpd.GeoDataFrame],
    taken: list[_Box], lang: Lang,
) -> None:
    """Name places and roads, the larger first, none over another."""
    taken += [(WIDE - 30, 0, WIDE, 40), (0, sheet.high - 26, 130, sheet.high)]
    for name, x, y, size in _places(sheet, ground, lang):
        half = wide(name, size) / 2
        box = (x - half, y - size, x + half, y + 3)
        inside = box[0] > 2 and box[2] < WIDE - 2 and box[1] > 2 and box[3] < sheet.high - 2  # noqa: PLR2004  # points off the rim
        if inside and _free(box, taken):
            taken.append(box)
            _word(frame, x, y, name, size)
    told = 0
    for name, line in _named_roads(sheet, area):
        if told >= NAMES:
            break
        at = shapely.line_interpolate_point(line, 0.5, normalized=True)
        ends = [
            shapely.line_interpolate_point(line, line.length / 2 + step * 6 * sheet.metres)
            for step in (-1, 1)
        ]
        (x0, y0), (x1, y1) = (sheet.at(end.x, end.y) for end in ends)
        turn = math.degrees(math.atan2(y1 - y0, x1 - x0))
        turn = turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn  # noqa: PLR2004  # a quarter turn
        (x, y), half = sheet.at(at.x, at.y), wide(name, 7.0) / 2
        flat, steep = abs(math.cos(math.radians(turn))), abs(math.sin(math.radians(turn)))
        box = (x - half * flat - 4, y - half * steep - 4, x + half * flat + 4, y + half * steep + 4)
        fits = line.length / sheet.metres > 2 * half and box[0] > 0 and box[2] < WIDE
        if fits and box[1] > 0 and box[3] < sheet.high and _free(box, taken):
            taken.append(box)
            _word(frame, x, y + 2.5, name, 7.0, fill="#444", rim=2.0, turn=turn)
            told += 1


def _places(
    sheet: _Sheet, ground: Mapping[str, gpd.GeoDataFrame], lang: Lang
) -> Iterator[tuple[str, float, float, float]]:
    if "place" not in ground:
        return
    table = ground["place"]
    name = table["name"]
    if lang == "zh":
        name = table["name_zh"].where(table["name_zh"].notna(), name)
    for size, kind in zip((13.0, 11.0, 9.0, 9.0, 8.0), _ORDER, strict=True):
        rows = ((table["kind"] == kind) & name.notna()).to_numpy()
        for point, said in zip(table.geometry[rows], name[rows], strict=True):
            x, y = sheet.at(point.x, point.y)
            yield shortened(str(said)), x, y, size


def shortened(name: str, most: int = 24) -> str:
    """A name that is not too long for a map."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _named_roads(sheet: _Sheet, area: Area) -> Iterator[tuple[str, shapely.LineString]]:
    """The longest line of every named road on the sheet, the longest first."""
    inside = area.segments.sindex.query(shapely.box(*sheet.box), predicate="intersects")
    own = area.segments.iloc[np.sort(inside)]
    name = own["name"].where(own["name"] != "", own["ref"])
    found: list[tuple[float, str, shapely.LineString]] = []
    for said, lines in own.geometry[name != ""].groupby(name[name != ""]):
        joined = shapely.line_merge(shapely.union_all(sheet.cut(lines.to_numpy())))
        parts = [part for part in shapely.get_parts(joined) if part.geom_type == "LineString"]
        if parts:
            best = max(parts, key=lambda part: part.length)
            found.append((best.length, shortened(str(said)), best))
    for _, said, line in sorted(found, key=lambda one: (-one[0], one[1])):
        yield said, line


def _scale(frame: ET.Element, sheet: _Sheet, lang: Lang) -> None:
    """Draw the scale bar and where north is."""
    longest = 110 * sheet.metres
    digits = 10 ** math.floor(math.log10(longest))
    metres = max(step * digits for step in (1, 2, 5) if step * digits <= longest)
    said = (
        f"{metres / 1000:g} {text('unit.kilometre', lang)}" if metres >= 1000  # noqa: PLR2004  # a kilometre
        else f"{metres:g} {text('unit.metre', lang)}"
    )  # fmt: skip
    x, y, long = 10.0, sheet.high - 8.0, metres / sheet.metres
    ET.SubElement(frame, "path", {
        "d": f"M{x},{y - 4}V{y}H{x + long:.1f}V{y - 4}", "fill": "none", "stroke": "#000",
        "stroke-width": "1.4",
    })  # fmt: skip
    _word(frame, x + long / 2, y - 4, said, 8.0)
    x, y = WIDE - 16.0, 12.0
    ET.SubElement(frame, "path", {
        "d": f"M{x},{y - 6}l5,16l-5,-4l-5,4Z", "fill": "#000", "stroke": "#fff",
        "stroke-width": "0.8",
    })  # fmt: skip
    _word(frame, x, y + 20, text("documents.north", lang), 8.5)


def _legend(root: ET.Element, top: float, shown: Shown, lang: Lang) -> int:
    """Say below the map what its lines and marks are; how many lines that takes."""
    x, line = 0.0, 0
    entries = [(level, text(f"documents.level.{level}", lang)) for level in LEVELS]
    own = ((kind, shown.legend.get(kind, "")) for kind in ("mark", "stretch", "way"))
    entries += [(kind, said) for kind, said in own if said]
    for kind, said in entries:
        need = 34.0 + wide(said, 8.0) + 12.0
        if x + need > WIDE and x:
            x, line = 0.0, line + 1
        y = top + BELOW * line + 8.0
        _sample(root, kind, x, y)
        _word(root, x + 32, y + 3, said, 8.0, rim=0.0, anchor="start")
        x += need
    return line + 1


def _sample(root: ET.Element, kind: str, x: float, y: float) -> None:
    def stroke(colour: str, width: float, dash: str = "", cap: str = "butt") -> None:
        ET.SubElement(root, "path", {
            "d": f"M{_n(x + 2)},{_n(y)}H{_n(x + 28)}", "stroke": colour, "fill": "none",
            "stroke-width": _n(width), "stroke-linecap": cap,
            **({"stroke-dasharray": dash} if dash else {}),
        })  # fmt: skip

    if kind == "mark":
        ET.SubElement(root, "circle", {"cx": _n(x + 20), "cy": _n(y), "r": "5", "fill": "#000"})
    elif kind == "stretch":
        stroke("#000", 7.5)
        stroke("#fff", 5.5)
        stroke("#888", 3.2)
    elif kind == "way":
        stroke("#000", 2.2, "1 3.4", "round")
    else:
        stroke(COLOURS[kind], WIDTHS[kind], DASHES.get(kind, ""))
