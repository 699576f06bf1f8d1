"""The workbook of a year: tables and charts made to be printed, in greyscale too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from riskmap import export, study
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.year_charts import NARROW, TALL, WIDE, bars, columns
from riskmap.year_pages import Cells, Column, Pages
from riskmap.year_table import FIGURES, GROUPS, Review, spelled
from riskmap.year_words import doubts, group, method, sentences, verdict

HELPERS = 14
"""First column, on the sheet of all years, of the lengths of whiskers: those of the first figure up
and down, then the next; then what the years are called."""


def write(found: Review, path: str | Path, lang: Lang) -> None:
    """
    Write the workbook, whole or not at all.

    Parameters
    ----------
    found
        From `year_table.review`.
    path
        Ends in `.xlsx`.
    lang
        Language of everything in it.

    Raises
    ------
    RiskmapError
        Another ending, or a place that cannot be written.
    """
    path = Path(path)
    check(path, lang)
    export.write_book({}, path, lambda book: _fill(book, found, lang))


def check(path: Path, lang: Lang) -> None:
    """Refuse another ending, or a place that cannot be written, before long work begins."""
    if path.suffix.lower() != ".xlsx":
        raise RiskmapError(text("year.fault.ending", lang, path=path))
    export.check_folder(path)


def _fill(book: xlsxwriter.Workbook, found: Review, lang: Lang) -> None:
    pages = Pages(book, found, lang)
    _summary(pages)
    _by_year(pages)
    if len(found.monthly):
        _by_month(pages)
    if found.hourly is not None:
        _by_hour(pages, found.hourly)
    for by in GROUPS:
        table = found.groups[by]
        if (table["group"] != "").any():
            _by_group(pages, by, table)
    if found.study is not None:
        _before_after(pages, found.study)
    page = pages.add("method", across=2)
    for head, said in method(found, lang):
        page.said(f"{head}", bold=True)
        page.said(said)


def _names(pages: Pages) -> tuple[str, str]:
    """What both years are called."""
    lang, found = pages.lang, pages.found
    return text("year.of", lang, year=found.year), text("year.of", lang, year=found.against)


def _against(pages: Pages, first: str, cells: Cells) -> list[Column]:
    """Columns of a comparison: what, both years, change, interval, verdict."""
    this, base = _names(pages)
    words = [text(f"year.column.{name}", pages.lang) for name in ("change", "low", "high")]
    kinds = ("text", "count", "count", "change", "change", "change", "text")
    heads = (first, this, base, *words, text("year.column.verdict", pages.lang))
    widths = (26, 12, 12, 12, 14, 14, 26)
    return [
        Column(head, kind, [row[n] for row in cells], width)
        for n, (head, kind, width) in enumerate(zip(heads, kinds, widths, strict=True))
    ]


def _summary(pages: Pages) -> None:
    found, lang = pages.found, pages.lang
    page = pages.add("summary")
    rows: Cells = []
    for name in FIGURES:
        own = found.changes[name]
        after, before = found.sums[name]
        unit = text(f"year.unit.{name}", lang)
        figure = text(f"year.figure.{name}", lang)
        rows.append([
            text("year.with_unit", lang, figure=figure, unit=unit), after.total, before.total,
            own.ratio - 1.0, own.low - 1.0, own.high - 1.0, verdict(own, lang),
        ])  # fmt: skip
    page.table(_against(pages, text("year.column.figure", lang), rows))
    page.skip()
    for said in sentences(found, lang):
        page.said(said)
    page.skip()
    page.charts(*(
        columns(
            pages, text(f"year.chart.{name}", lang), text("year.axis.year", lang),
            text(f"year.axis.{name}", lang), pages.years_at(HELPERS + 2 * len(FIGURES)),
            [(text(f"year.figure.{name}", lang), pages.years_at(2 + 3 * number))],
            errors=(pages.years_at(HELPERS + 2 * number), pages.years_at(HELPERS + 1 + 2 * number)),
            highest=float(found.years[f"{name}_high"].max()), size=NARROW,
        )
        for number, name in enumerate(FIGURES)
    ))  # fmt: skip


def _by_year(pages: Pages) -> None:
    found, lang = pages.found, pages.lang
    page = pages.add("years")
    table = found.years
    own = [
        Column(text("year.column.year", lang), "year", table["year"].tolist(), 8),
        Column(text("year.column.months", lang), "text", table["months"].tolist(), 12),
    ]
    for name in FIGURES:
        figure, unit = text(f"year.figure.{name}", lang), text(f"year.unit.{name}", lang)
        head = text("year.with_unit", lang, figure=figure, unit=unit)
        own.append(Column(head, "count", table[name].tolist(), 11))
        for end in ("low", "high"):
            head = text(f"year.column.{end}", lang)
            own.append(Column(head, "about", table[f"{name}_{end}"].tolist(), 10))
    head = text("year.column.uncounted", lang)
    own.append(Column(head, "count", table["uncounted"].tolist(), 17))
    top = page.row
    page.table(own)
    page.said(text("year.note.years", lang))
    steps = found.steps
    if len(steps):
        page.skip()
        page.said(text("year.note.steps", lang), bold=True)
        own = [
            Column(text("year.column.year", lang), "year", steps["year"].tolist(), 8),
            Column(text("year.column.months", lang), "text", steps["months"].tolist(), 12),
        ]
        for name in FIGURES:
            figure = text(f"year.figure.{name}", lang)
            head = text("year.column.change_of", lang, figure=figure)
            own.append(Column(head, "change", steps[f"{name}_change"].tolist(), 11))
            for end in ("low", "high"):
                head = text(f"year.column.{end}", lang)
                own.append(Column(head, "change", steps[f"{name}_{end}"].tolist(), 10))
        page.table(own, freeze=False)
    ends = {f"{name}_{end}": table[f"{name}_{end}"] for name in FIGURES for end in ("high", "low")}
    lengths: list[list[float | str]] = [(value - table[name.rpartition("_")[0]]).abs().tolist()
               for name, value in ends.items()]  # fmt: skip
    # a year that is not whole must not look as if it had gone down
    whole = spelled(tuple(range(1, 13)))
    labels: list[float | str] = [
        str(row.year) if row.months == whole
        else text("year.part", lang, year=row.year, months=row.months)
        for row in table.itertuples()
    ]  # fmt: skip
    page.helpers([*lengths, labels], top, HELPERS, text("year.column.whiskers", lang))


def _by_month(pages: Pages) -> None:
    lang, table = pages.lang, pages.found.monthly
    this, base = _names(pages)
    page = pages.add("months")
    heads = {
        "this": this, "base": base, "before": text("year.column.before", lang),
        "killed": text("year.column.killed", lang, year=pages.found.year),
        "injured": text("year.column.injured", lang, year=pages.found.year),
    }  # fmt: skip
    own = [Column(text("year.column.month", lang), "count", table["month"].tolist(), 8)]
    for name, head in heads.items():
        kind = "tenth" if name == "before" else "count"
        own.append(Column(head, kind, table[name].tolist(), 15))
    at = page.table(own)
    page.said(text("year.note.months", lang))
    page.skip()
    series = [(this, at[1]), (base, at[2]), (heads["before"], at[3])]
    title = text("year.chart.months", lang, this=this, base=base)
    page.charts(columns(
        pages, title, text("year.axis.month", lang), text("year.axis.crashes", lang), at[0], series,
        size=WIDE,
    ))  # fmt: skip


def _by_hour(pages: Pages, table: pd.DataFrame) -> None:
    lang = pages.lang
    this, base = _names(pages)
    page = pages.add("hours", across=3)
    own = [
        Column(text("year.column.hour", lang), "text",
               [f"{hour}–{hour + 1}" for hour in table["hour"]], 10),
        *(Column(head, "tenth", table[name].tolist(), 12)
          for name, head in (("this", this), ("base", base))),
    ]  # fmt: skip
    at = page.table(own)
    page.said(text("year.note.hours", lang))
    title = text("year.chart.hours", lang, this=this, base=base)
    page.charts(columns(
        pages, title, text("year.axis.hour", lang), text("year.axis.crashes", lang), at[0],
        [(this, at[1]), (base, at[2])], size=TALL,
    ), beside=4)  # fmt: skip


def _by_group(pages: Pages, by: str, table: pd.DataFrame) -> None:
    lang = pages.lang
    this, base = _names(pages)
    page = pages.add(by)
    rows: Cells = [
        [group(by, row.group, lang), row.this, row.base, row.change, row.low, row.high,
         text(f"year.verdict.{row.verdict}", lang)]
        for row in table.itertuples()
    ]  # fmt: skip
    at = page.table(_against(pages, text(f"year.by.{by}", lang), rows))
    page.said(text("year.about.many", lang))
    if len(table) == 1:
        return
    page.skip()
    title = text("year.chart.group", lang, by=text(f"year.by.{by}", lang), this=this, base=base)
    page.charts(bars(
        pages, title, text("year.axis.crashes", lang), at[0], [(this, at[1]), (base, at[2])],
        len(table),
    ))  # fmt: skip


def _before_after(pages: Pages, found: study.Study) -> None:
    lang = pages.lang
    page = pages.add("study")
    heads = ("what", "happened", "expected", "change", "low", "high")
    widths = (48, 12, 14, 12, 14, 14)
    page.shape(widths)
    said = study.sentences(found, lang)
    page.said(said[0], bold=True)
    for sentence in said[1:]:
        page.said(sentence)
    page.skip()
    effect, raw, ring = found.effect, found.raw, found.ring
    rows: Cells = [
        [text("year.study.effect", lang), effect.crashes, effect.expected, effect.theta - 1.0,
         effect.low - 1.0, effect.high - 1.0],
        [text("year.study.raw", lang), effect.crashes, np.nan, raw.ratio - 1.0, raw.low - 1.0,
         raw.high - 1.0],
    ]  # fmt: skip
    if ring is not None:
        rows.append([text("year.study.ring", lang, metres=f"{found.ring_m:.0f}"), ring.crashes,
                     ring.expected, ring.theta - 1.0, ring.low - 1.0, ring.high - 1.0])  # fmt: skip
    kinds = ("text", "count", "tenth", "change", "change", "change")
    page.table([
        Column(text(f"year.column.{head}", lang), kind, [row[n] for row in rows], width)
        for n, (head, kind, width) in enumerate(zip(heads, kinds, widths, strict=True))
    ], freeze=False)  # fmt: skip
    for doubt in doubts(pages.found, lang):
        page.said(doubt)
