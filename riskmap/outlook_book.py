"""The assessment of a period as files: a workbook with its chart, or the list of roads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Unpack

import pandas as pd
import xlsxwriter

from riskmap import briefing, export, list_terms
from riskmap.list_terms import Terms
from riskmap.locale import Lang, text
from riskmap.outlook import SHORT_DAYS, Outlook

KINDS: Mapping[str, str] = {"positions": "positions", "diversions": "divert", "coverage": "known"}
"""Sheet → its kind of list in `heading` of the catalogue, where it has one of its own."""


def write(
    found: Outlook,
    path: str | Path,
    lang: Lang,
    more: Mapping[str, pd.DataFrame] | None = None,
    **terms: Unpack[Terms],
) -> None:
    """
    Write an assessment, whole or not at all.

    Parameters
    ----------
    found
        From `outlook.outlook`.
    path
        `.xlsx` holds the sentences, every table and a chart; the other formats of lists the roads
        that rise most.
    lang
        Language of the sentences and of the sheets' names.
    more
        Further tables for the workbook, by the last word of their key in `outlook.sheet`.
    terms
        `headers` and `coords`, as of `export.write_list`.
    """
    path = Path(path)
    export.check_target(path, **terms)
    if path.suffix.lower() != ".xlsx":
        export.write_list(found.roads, path, kind="outlook", **terms)
        return
    tables = {
        "summary": pd.DataFrame({
            text("outlook.sheet.summary", lang): briefing.sentences(found, lang)
        }),
        "days": _dated(found.days),
        "hours": _dated(found.hours),
        "layers": found.layers.rename_axis("layer").reset_index(),
        "roads": found.roads,
        "levels": found.levels.rename_axis(index="ordinary_km").reset_index(),
        "changed": found.changed,
        **(more or {}),
        "coverage": found.area.coverage_table(lang),
    }
    names = {key: text(f"outlook.sheet.{key}", lang) for key in tables}
    export.write_book(
        {names[key]: _termed(found, key, table, terms) for key, table in tables.items()},
        path,
        lambda book: _chart(book, found, names, lang),
    )


def _termed(found: Outlook, key: str, table: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Bring the table of a sheet to other terms; the kind of a jam is that of a layer."""
    column = "kind" if key == "diversions" else "layer"
    own = list_terms.titled(table, found.area.layers, column, **terms)
    return list_terms.termed(own, KINDS.get(key, "outlook"), **terms)


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    """Dates as text: a sheet keeps them as they are read here."""
    form = "%Y-%m-%d" if table.index.name == "date" else "%Y-%m-%d %H:%M"
    return table.set_axis(table.index.strftime(form)).rename_axis("when").reset_index()


def _chart(
    book: xlsxwriter.Workbook, found: Outlook, names: Mapping[str, str], lang: Lang
) -> None:
    """Draw the period beside ordinary weeks, hour by hour or of a long one day by day."""
    key = "hours" if len(found.days) <= SHORT_DAYS else "days"
    table = _dated(getattr(found, key))
    chart = book.add_chart({"type": "line" if key == "hours" else "column"})
    for column, color in (("harm", "#b2182b"), ("normal", "#7a8791")):
        at = table.columns.get_loc(column)
        title = text(f"outlook.sheet.{'period' if column == 'harm' else 'ordinary'}", lang)
        chart.add_series({
            "name": title,
            "categories": [names[key], 1, 0, len(table), 0],
            "values": [names[key], 1, at, len(table), at],
            "line": {"color": color, "width": 1.75},
            "fill": {"color": color},
        })
    chart.set_y_axis({"name": text("outlook.sheet.axis", lang), "num_format": "0.0##"})
    chart.set_legend({"position": "top"})
    chart.set_size({"width": 960, "height": 320})
    sheet = book.get_worksheet_by_name(names["summary"])
    sheet.insert_chart(len(briefing.sentences(found, lang)) + 2, 0, chart)
