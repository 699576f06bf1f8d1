"""Capture curves as an SVG drawing: a file that needs nothing to be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.evaluate import SHARES
from riskmap.locale import Lang, text

Floats = NDArray[np.float64]
Style = tuple[str, float, str]

WIDTH, HEIGHT = 840, 470
LEFT, RIGHT, TOP, BOTTOM = 62, 555, 48, 412
POINTS = 200
"""Steps along the axis; finer than the pen."""
FONT = "'Noto Sans', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"
INK, GRID = "#24272b", ("#d5d9dd", 1.0, "")
STYLES = (
    ("#000000", 3.0, ""),
    ("#0072b2", 2.0, "9 3"),
    ("#d55e00", 2.0, "2 2"),
    ("#009e73", 2.0, "12 3 2 3"),
    ("#cc79a7", 2.0, "5 3"),
    ("#56b4e9", 2.0, ""),
    ("#e69f00", 2.0, "1 3"),
)
"""Colour (Okabe & Ito 2008, told apart by the colour-blind), width, dashes (told apart in grey)."""
RANDOM = ("#7a8791", 1.2, "3 4")


@dataclass(frozen=True)
class _Axes:
    """Shares 0 … 1 of crashes, and of length up to `most`, in drawing units."""

    most: float

    def x(self, share: float) -> float:
        return LEFT + (RIGHT - LEFT) * share / self.most

    def y(self, share: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * share


def capture_chart(
    curves: Mapping[str, tuple[Floats, Floats]],
    *,
    lang: Lang,
    intervals: pd.DataFrame | None = None,
    most: float = 0.3,
) -> str:
    """
    Draw capture curves, with the random ranking to compare.

    Parameters
    ----------
    curves
        By name as it is shown, the most important first: points from `evaluate.capture_curve`.
    lang
        Language of the words around them.
    intervals
        Rows of `evaluate.Trial.table` of one outcome; the capture of the rankings of these names
        gets its interval.
    most
        Share of road length at which the drawing ends: the top is what matters.

    Returns
    -------
    SVG, to be written as UTF-8.
    """
    axes, at = _Axes(most), np.linspace(0, most, POINTS + 1)
    rows = [*_frame(axes, lang), _path(RANDOM, np.array([0, most]), np.array([0, most]), axes)]
    styles = [STYLES[number % len(STYLES)] for number in range(len(curves))]
    for style, (name, curve) in reversed([*zip(styles, curves.items(), strict=True)]):
        rows.append(_path(style, at, np.interp(at, *curve), axes))
        if intervals is not None:
            rows += _whiskers(intervals[intervals["ranking"] == name], style[0], axes)
    named = [*zip(styles, curves, strict=True), (RANDOM, text("capture.random", lang))]
    for row, (style, name) in enumerate(named):
        rows += _entry(style, name, TOP + 12 + 24 * row)
    if intervals is not None:
        note, y = escape(text("capture.interval", lang)), TOP + 12 + 24 * len(named)
        rows.append(f'<text x="{RIGHT + 18}" y="{y}" fill="{RANDOM[0]}">{note}</text>')
    title = escape(text("capture.title", lang))
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    look = f'font-family="{FONT}" font-size="13" fill="{INK}"'
    tongue = f'xml:lang="{text("map.language", lang)}"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} {look} {tongue}>',
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="26" font-size="16" font-weight="bold">{title}</text>',
    ]
    return "\n".join([*head, *rows, "</svg>", ""])


def _frame(axes: _Axes, lang: Lang) -> list[str]:
    """Grid, numbers, and what the axes are."""
    rows = []
    for share in np.linspace(0, 1, 6):
        y = axes.y(share)
        rows.append(_line((LEFT, y), (RIGHT, y), GRID))
        rows.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    for share in (share for share in (0, *SHARES, 0.3, 0.5, 0.75, 1.0) if share <= axes.most):
        x = axes.x(share)
        rows.append(_line((x, TOP), (x, BOTTOM), GRID))
        # 0 and 1 % would stand in each other's way
        label = f"{share:.0%}" if share else ""
        rows.append(f'<text x="{x:.1f}" y="{BOTTOM + 18}" text-anchor="middle">{label}</text>')
    x, y = (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2
    length, crashes = (escape(text(f"capture.{name}", lang)) for name in ("length", "crashes"))
    turned = f'transform="rotate(-90 16 {y})"'
    return [
        *rows,
        f'<text x="{x}" y="{BOTTOM + 42}" text-anchor="middle">{length}</text>',
        f'<text x="16" y="{y}" text-anchor="middle" {turned}>{crashes}</text>',
    ]


def _path(style: Style, length: Floats, caught: Floats, axes: _Axes) -> str:
    points = zip(length.tolist(), caught.tolist(), strict=True)
    steps = " ".join(f"{axes.x(x):.1f},{axes.y(y):.1f}" for x, y in points)
    return f'<polyline points="{steps}" fill="none" stroke-linejoin="round" {_stroke(style)}/>'


def _stroke(style: Style) -> str:
    colour, width, dashes = style
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'stroke="{colour}" stroke-width="{width}"{dashed}'


def _whiskers(table: pd.DataFrame, colour: str, axes: _Axes) -> list[str]:
    rows = []
    shown = table[(table["measure"] == "capture") & (table["share"] <= axes.most)]
    for share, *ends in shown[["share", "low", "high"]].dropna().to_numpy().tolist():
        x, (low, high) = axes.x(share), map(axes.y, ends)
        rows.append(_line((x, low), (x, high), (colour, 1.5, "")))
        rows += [_line((x - 4, y), (x + 4, y), (colour, 1.5, "")) for y in (low, high)]
    return rows


def _line(start: tuple[float, float], end: tuple[float, float], style: Style) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {_stroke(style)}/>'


def _entry(style: Style, name: str, y: int) -> list[str]:
    x = RIGHT + 18
    return [
        _line((x, y - 4), (x + 36, y - 4), style),
        f'<text x="{x + 44}" y="{y}">{escape(name)}</text>',
    ]
