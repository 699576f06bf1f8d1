"""The drawing of capture curves: what it shows stands where it says."""

from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd
import pytest
from defusedxml.ElementTree import fromstring

from riskmap.curve_chart import BOTTOM, LEFT, RANDOM, RIGHT, STYLES, TOP, capture_chart
from riskmap.locale import LANGUAGES, Lang, text

NAME = "<score> & 风险"
CURVES = {
    NAME: (np.array([0, 0.15, 1.0]), np.array([0, 0.6, 1.0])),
    "class": (np.array([0, 0.3, 1.0]), np.array([0, 0.5, 1.0])),
}
INTERVALS = pd.DataFrame({
    "ranking": [NAME, NAME, NAME, "class"],
    "measure": ["capture", "capture", "pai", "capture"],
    "share": [0.1, 0.5, 0.1, 0.1],
    "low": [0.3, 0.7, 3.0, np.nan],
    "high": [0.5, 0.9, 5.0, np.nan],
})


def drawn(lang: Lang, intervals: pd.DataFrame | None = None) -> Element:
    return fromstring(capture_chart(CURVES, lang=lang, intervals=intervals))


def parts(chart: Element, tag: str) -> list[Element]:
    return list(chart.iter(f"{{http://www.w3.org/2000/svg}}{tag}"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_has_a_title_axes_and_every_name_in_each_language(lang: Lang) -> None:
    words = {part.text for part in parts(drawn(lang), "text")}
    assert words >= {text(f"capture.{key}", lang) for key in ("title", "length", "crashes")}
    assert words >= {NAME, "class", text("capture.random", lang)}
    assert words >= {"0%", "100%", "1%", "5%", "10%", "20%", "30%"}
    assert text("capture.interval", lang) not in words


def test_a_curve_goes_where_its_points_are() -> None:
    lines = {part.get("stroke"): part.get("points", "") for part in parts(drawn("en"), "polyline")}
    assert set(lines) == {RANDOM[0], STYLES[0][0], STYLES[1][0]}
    points = np.array([pair.split(",") for pair in lines[STYLES[0][0]].split()], dtype=float)
    assert points[0].tolist() == [LEFT, BOTTOM]
    half = points[np.isclose(points[:, 0], (LEFT + RIGHT) / 2)]
    assert half[:, 1] == pytest.approx([BOTTOM - 0.6 * (BOTTOM - TOP)], abs=0.1)
    assert points[-1, 0] == RIGHT


def test_known_intervals_inside_the_drawing_are_drawn_and_explained() -> None:
    plain, marked = drawn("en"), drawn("en", INTERVALS)
    # one bar with two ends: not at 50 %, not of PAI, not where it is unknown
    assert len(parts(marked, "line")) == len(parts(plain, "line")) + 3
    assert text("capture.interval", "en") in {part.text for part in parts(marked, "text")}


def test_no_two_curves_look_alike_in_colour_or_in_grey() -> None:
    assert len({colour for colour, *_ in STYLES}) == len(STYLES)
    assert len({(width, dashes) for _, width, dashes in STYLES}) == len(STYLES)
