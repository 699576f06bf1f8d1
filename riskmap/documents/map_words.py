"""What is written on the map of a document: places, roads, numbers, scale and north."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import shapely

from riskmap.documents.content import printable
from riskmap.documents.map_sheet import WIDE, Sheet, short
from riskmap.locale import Lang, text

if TYPE_CHECKING:
    from riskmap.area import Area

NAMES = 14
"""Road names on a map."""
ORDER = ("city", "town", "suburb", "village", "hamlet")

Box = tuple[float, float, float, float]


def disc(x: float, y: float) -> Box:
    """Room of a mark."""
    return x - 8, y - 8, x + 8, y + 8


def mark(frame: ET.Element, x: float, y: float, label: str) -> None:
    """Draw a label on a black disc."""
    ET.SubElement(frame, "circle", {
        "cx": short(x), "cy": short(y), "r": "7.2", "fill": "#000", "stroke": "#fff",
        "stroke-width": "1.6",
    })  # fmt: skip
    word(frame, x, y + 3.2, label, 9.0 if len(label) < 2 else 7.5, fill="#fff", rim=0.0)  # noqa: PLR2004  # digits


def word(
    frame: ET.Element, x: float, y: float, said: str, size: float, *, fill: str = "#222",
    rim: float = 2.4, anchor: str = "middle", turn: float = 0.0,
) -> None:
    """Write a word, with a white rim where it lies on the map."""
    element = ET.SubElement(frame, "text", {
        "x": short(x), "y": short(y), "font-size": short(size), "fill": fill, "text-anchor": anchor,
    })  # fmt: skip
    if rim:
        element.attrib |= {
            "stroke": "#fff", "stroke-width": short(rim), "paint-order": "stroke",
            "stroke-linejoin": "round",
        }
    if turn:
        element.set("transform", f"rotate({turn:.1f} {short(x)} {short(y)})")
    element.text = printable(said)


def wide(said: str, size: float) -> float:
    """Width of a word on paper, about."""
    return sum(size if ord(char) > 0x2E7F else 0.56 * size for char in said)  # noqa: PLR2004  # first of CJK


def _free(box: Box, taken: Sequence[Box]) -> bool:
    west, top, east, low = box
    return all(east < a or west > c or low < b or top > d for a, b, c, d in taken)


def names(
    frame: ET.Element, sheet: Sheet, area: Area, ground: Mapping[str, gpd.GeoDataFrame],
    taken: list[Box], lang: Lang,
) -> None:
    """Name places and roads, the larger first, none over another."""
    taken += [(WIDE - 30, 0, WIDE, 40), (0, sheet.high - 26, 130, sheet.high)]
    for name, x, y, size in _places(sheet, ground, lang):
        half = wide(name, size) / 2
        box = (x - half, y - size, x + half, y + 3)
        inside = box[0] > 2 and box[2] < WIDE - 2 and box[1] > 2 and box[3] < sheet.high - 2  # noqa: PLR2004  # points off the rim
        if inside and _free(box, taken):
            taken.append(box)
            word(frame, x, y, name, size)
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
            word(frame, x, y + 2.5, name, 7.0, fill="#444", rim=2.0, turn=turn)
            told += 1


def _places(
    sheet: Sheet, ground: Mapping[str, gpd.GeoDataFrame], lang: Lang
) -> Iterator[tuple[str, float, float, float]]:
    if "place" not in ground:
        return
    table = ground["place"]
    name = table["name"]
    if lang == "zh":
        name = table["name_zh"].where(table["name_zh"].notna(), name)
    for size, kind in zip((13.0, 11.0, 9.0, 9.0, 8.0), ORDER, strict=True):
        rows = ((table["kind"] == kind) & name.notna()).to_numpy()
        for point, said in zip(table.geometry[rows], name[rows], strict=True):
            x, y = sheet.at(point.x, point.y)
            yield shortened(str(said)), x, y, size


def shortened(name: str, most: int = 24) -> str:
    """A name that is not too long for a map."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _named_roads(sheet: Sheet, area: Area) -> Iterator[tuple[str, shapely.LineString]]:
    """The longest line of every named road on the sheet, the longest first."""
    inside = area.segments.sindex.query(shapely.box(*sheet.box), predicate="intersects")
    own = area.segments.iloc[np.sort(inside)]
    name = own["name"].where(own["name"] != "", own["ref"])
    found: list[tuple[float, str, shapely.LineString]] = []
    # a county has thousands of names: only the longest roads can get theirs on paper
    longest = own["length_m"][name != ""].groupby(name[name != ""]).sum().nlargest(4 * NAMES)
    for said in longest.index:
        lines = own.geometry.to_numpy()[(name == said).to_numpy()]
        joined = shapely.line_merge(shapely.union_all(sheet.cut(lines)))
        parts = [part for part in shapely.get_parts(joined) if part.geom_type == "LineString"]
        if parts:
            best = max(parts, key=lambda part: part.length)
            found.append((best.length, shortened(str(said)), best))
    for _, said, line in sorted(found, key=lambda one: (-one[0], one[1])):
        yield said, line


def scale(frame: ET.Element, sheet: Sheet, lang: Lang) -> None:
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
    word(frame, x + long / 2, y - 4, said, 8.0)
    x, y = WIDE - 16.0, 12.0
    ET.SubElement(frame, "path", {
        "d": f"M{x},{y - 6}l5,16l-5,-4l-5,4Z", "fill": "#000", "stroke": "#fff",
        "stroke-width": "0.8",
    })  # fmt: skip
    word(frame, x, y + 20, text("documents.north", lang), 8.5)
