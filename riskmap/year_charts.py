"""Charts that can be read off a greyscale print: patterns beside colour, units on every axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xlsxwriter.chart import Chart

if TYPE_CHECKING:
    from riskmap.year_pages import Pages

NARROW, TALL, WIDE = (306, 260), (640, 420), (920, 330)
"""Width and height in pixels: three beside each other, right of a table, or across the page."""
LOOKS: tuple[dict[str, Any], ...] = (
    {"fill": {"color": "#2f4b6e"}, "border": {"color": "#2f4b6e"}},
    {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#8a5a2b", "bg_color": "#ffffff"},
     "border": {"color": "#8a5a2b"}},
    {"fill": {"color": "#ffffff"}, "border": {"color": "#24272b", "width": 1.25}},
)  # fmt: skip
"""Looks of the series of a chart, in order: dark, hatched, white."""
PALE = {"fill": {"color": "#a9bcd3"}, "border": {"color": "#2f4b6e"}}
"""Look of columns on which whiskers are seen."""
Series = Sequence[tuple[str, str]]
"""Name and cells."""


def columns(
    pages: Pages,
    title: str,
    across: str,
    up: str,
    categories: str,
    series: Series,
    *,
    errors: tuple[str, str] | None = None,
    highest: float | None = None,
    size: tuple[int, int] = WIDE,
) -> Chart:
    """
    Draw columns.

    `errors` are the cells with the lengths of their whiskers, up and down, and `highest` is where
    the highest ends.
    """
    chart: Chart = pages.book.add_chart({"type": "column"})
    for number, (name, cells) in enumerate(series):
        look = LOOKS[number] if errors is None else PALE
        own = {"name": name, "categories": categories, "values": cells, "gap": 60, **look}
        if errors is not None:
            own["y_error_bars"] = {
                "type": "custom", "plus_values": errors[0], "minus_values": errors[1],
                "line": {"color": "#000000", "width": 1.25},
            }  # fmt: skip
        chart.add_series(own)
    _dressed(pages, chart, title, size, legend=len(series) > 1)
    chart.set_x_axis(_axis(pages, across))
    axis = {**_axis(pages, up), "min": 0, "major_gridlines": _GRID, "num_format": "0"}
    if highest is not None:
        step = 10.0 ** math.floor(math.log10(max(highest, 1.0)))
        axis["max"] = math.ceil(max(highest, 1.0) / step) * step
    chart.set_y_axis(axis)
    return chart


def bars(
    pages: Pages, title: str, along: str, categories: str, series: Series, count: int
) -> Chart:
    """Draw bars from top to bottom in the order of the table."""
    chart: Chart = pages.book.add_chart({"type": "bar"})
    for number, (name, cells) in enumerate(series):
        chart.add_series({
            "name": name, "categories": categories, "values": cells, "gap": 50, **LOOKS[number],
        })  # fmt: skip
    _dressed(pages, chart, title, (WIDE[0], 150 + 28 * count), legend=len(series) > 1)
    own = {"min": 0, "major_gridlines": _GRID, "num_format": "0", "label_position": "high"}
    chart.set_x_axis({**_axis(pages, along), **own})
    font = {"name": pages.font, "size": 9}
    chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": font})
    return chart


_GRID = {"visible": True, "line": {"color": "#c9c8c2", "width": 0.5}}


def _axis(pages: Pages, name: str) -> dict[str, Any]:
    return {
        "name": name, "name_font": {"name": pages.font, "size": 9, "bold": False},
        "num_font": {"name": pages.font, "size": 9},
    }  # fmt: skip


def _dressed(
    pages: Pages, chart: Chart, title: str, size: tuple[int, int], *, legend: bool
) -> None:
    chart.set_title({"name": title, "name_font": {"name": pages.font, "size": 11}})
    chart.set_size({"width": size[0], "height": size[1]})
    if legend:
        chart.set_legend({"position": "top", "font": {"name": pages.font, "size": 9}})
    else:
        chart.set_legend({"none": True})
