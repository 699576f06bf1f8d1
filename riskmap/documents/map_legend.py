"""The looks of the levels on the map of a document, and the legend that tells them."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from riskmap.documents.map_sheet import WIDE, short
from riskmap.documents.map_words import wide, word
from riskmap.locale import Lang, text
from riskmap.risk import LEVELS

WIDTHS: Mapping[str, float] = {"red": 4.4, "orange": 3.2, "yellow": 2.1, "blue": 0.9}
COLOURS: Mapping[str, str] = {
    "red": "#b2182b", "orange": "#e66101", "yellow": "#e5b53b", "blue": "#4a86b8",
}  # fmt: skip
DASHES: Mapping[str, str] = {"orange": "9 2", "yellow": "4 2"}
"""Red and blue are whole lines: a thick one and a thin one are not mistaken for each other."""
BELOW = 17.0
"""Height of a line of the legend."""


def legend(root: ET.Element, top: float, told: Mapping[str, str], lang: Lang) -> int:
    """Say below the map what its lines and marks are; how many lines that takes."""
    x, line = 0.0, 0
    entries = [(level, text(f"documents.level.{level}", lang)) for level in LEVELS]
    own = ((kind, told.get(kind, "")) for kind in ("mark", "stretch", "way"))
    entries += [(kind, said) for kind, said in own if said]
    for kind, said in entries:
        need = 34.0 + wide(said, 8.0) + 12.0
        if x + need > WIDE and x:
            x, line = 0.0, line + 1
        y = top + BELOW * line + 8.0
        _sample(root, kind, x, y)
        word(root, x + 32, y + 3, said, 8.0, rim=0.0, anchor="start")
        x += need
    return line + 1


def _sample(root: ET.Element, kind: str, x: float, y: float) -> None:
    def stroke(colour: str, width: float, dash: str = "", cap: str = "butt") -> None:
        ET.SubElement(root, "path", {
            "d": f"M{short(x + 2)},{short(y)}H{short(x + 28)}", "stroke": colour, "fill": "none",
            "stroke-width": short(width), "stroke-linecap": cap,
            **({"stroke-dasharray": dash} if dash else {}),
        })  # fmt: skip

    if kind == "mark":
        ET.SubElement(root, "circle", {
            "cx": short(x + 20), "cy": short(y), "r": "5", "fill": "#000",
        })  # fmt: skip
    elif kind == "stretch":
        stroke("#000", 7.5)
        stroke("#fff", 5.5)
        stroke("#888", 3.2)
    elif kind == "way":
        stroke("#000", 2.2, "1 3.4", "round")
    else:
        stroke(COLOURS[kind], WIDTHS[kind], DASHES.get(kind, ""))
