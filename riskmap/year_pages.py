"""Sheets that come out of a printer as they look: A4 across, titled, numbered, in one type face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from riskmap.export import in_cell
from riskmap.locale import Lang, text
from riskmap.year_table import Review

FONTS = {"zh": "Microsoft YaHei", "en": "Arial"}
"""Type faces that office programs have, or put their own Chinese one in the place of."""
A4 = 9
PAGE_WIDTH = 120
"""Characters of a line of text across a page."""
FORMS = {
    "count": "#,##0", "about": "#,##0.0", "tenth": "#,##0.0", "year": "0", "text": "@",
    # what rounds to nothing has no sign
    "change": "[>=0.005]+0%;[<=-0.005]\N{MINUS SIGN}0%;0%",
}  # fmt: skip
"""Kind of a column → how its cells look."""
LINE = 16.5
"""Height of a line in points."""

Cells = list[list[Any]]


@dataclass(frozen=True)
class Column:
    """A column of a table: heading, kind of `FORMS`, cells, and width in characters."""

    head: str
    kind: str
    cells: Sequence[Any]
    width: int


class Pages:
    """The sheets of a workbook, one look for all."""

    def __init__(self, book: xlsxwriter.Workbook, found: Review, lang: Lang) -> None:
        """Begin a workbook about a review."""
        self.book, self.found, self.lang = book, found, lang
        self.font = FONTS[lang]
        base = {"font_name": self.font, "font_size": 10, "valign": "vcenter"}
        self.title = book.add_format({**base, "bold": True, "font_size": 15})
        self.small = book.add_format({**base, "font_color": "#555b63"})
        self.mark = book.add_format({**base, "bold": True, "font_size": 11, "border": 2})
        self.text = book.add_format({**base, "text_wrap": True, "valign": "top"})
        self.bold = book.add_format({**base, "text_wrap": True, "bold": True})
        self.head = book.add_format({
            **base, "bold": True, "bottom": 2, "top": 1, "text_wrap": True, "align": "center",
            "bg_color": "#e9e9e6",
        })  # fmt: skip
        self.cells: dict[str, Format] = {
            kind: book.add_format({
                **base, "num_format": form, "bottom": 1, "bottom_color": "#b9b8b2", "indent": 1,
                "align": "left" if kind == "text" else "right",
            })
            for kind, form in FORMS.items()
        }  # fmt: skip

    def name(self, key: str) -> str:
        """Name of a sheet."""
        return text(f"year.sheet.{key}", self.lang)

    def add(self, key: str, across: int = 6) -> Page:
        """Add a sheet with its title over so many columns, and how it is printed."""
        found, lang = self.found, self.lang
        sheet = self.book.add_worksheet(self.name(key))
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.7)
        sheet.hide_gridlines(2)
        sheet.center_horizontally()
        # & begins a code in headers and footers
        place = in_cell(found.area.name).replace("&", "&&")[:80]
        marked = text("year.simulated", lang) if found.simulated else ""
        sheet.set_header(f"&L{place}&C&B{marked}&R{self.name(key)}")
        date = found.area.data_date[:10] or text("word.unknown", lang)
        sheet.set_footer(f"&L{text('info.date', lang, date=date)}&R&P / &N")
        values = {"year": found.year, "against": found.against, "what": self.name(key)}
        sheet.write_string(0, 0, text("year.title", lang, **values), self.title)
        sheet.set_row(0, 24)
        sheet.write_string(1, 0, in_cell(found.area.name), self.small)
        row = 2
        if found.simulated:
            sheet.merge_range(row, 0, row, across - 1, text("year.simulated_is", lang), self.mark)
            sheet.set_row(row, 20)
            row += 1
        return Page(self, sheet, row + 1)

    def years_at(self, column: int) -> str:
        """Cells of a column of the sheet of all years, as a formula names them."""
        first = 5 if self.found.simulated else 4
        return self.within(self.name("years"), first, column, len(self.found.years))

    @staticmethod
    def within(sheet: str, first: int, column: int, count: int) -> str:
        """Write cells of a named sheet as a formula names them."""
        return f"='{sheet}'!{xl_range_abs(first, column, first + count - 1, column)}"


class Page:
    """One sheet, filled from its top downwards."""

    def __init__(self, pages: Pages, sheet: Worksheet, row: int) -> None:
        """Begin below the title."""
        self.pages, self.sheet, self.row = pages, sheet, row
        self.wide = self.last = 0

    def shape(self, widths: Sequence[int]) -> None:
        """Set the widths of the columns, unless they are set."""
        if self.wide:
            return
        for number, width in enumerate(widths):
            self.sheet.set_column(number, number, width)
        self.wide, self.last = sum(widths), len(widths) - 1

    def skip(self) -> None:
        """Leave a row free."""
        self.row += 1

    def said(self, words: str, *, bold: bool = False) -> None:
        """Write a sentence across the page."""
        words = in_cell(words)
        self.shape((PAGE_WIDTH // 2, PAGE_WIDTH // 2))
        style = self.pages.bold if bold else self.pages.text
        self.sheet.merge_range(self.row, 0, self.row, self.last, "", style)
        self.sheet.write_string(self.row, 0, words, style)
        # a wide sign takes two places
        length = sum(2 if ord(sign) > 0x2E7F else 1 for sign in words)  # noqa: PLR2004  # CJK
        self.sheet.set_row(self.row, LINE * (1 + length // (1.1 * self.wide)))
        self.row += 1

    def table(self, columns: Sequence[Column], *, freeze: bool = True) -> list[str]:
        """
        Write a table with its heading; the first stays in sight and is printed on every page.

        Returns
        -------
        The cells of each column, as a formula names them.
        """
        self.shape([column.width for column in columns])
        top = self.row
        for number, column in enumerate(columns):
            self.sheet.write_string(top, number, in_cell(column.head), self.pages.head)
            for row, value in enumerate(column.cells, top + 1):
                self._cell(row, number, value, column.kind)
        self.sheet.set_row(top, 2 * LINE)
        if freeze:
            self.sheet.freeze_panes(top + 1, 0)
            self.sheet.repeat_rows(top)
        count = len(columns[0].cells)
        self.row = top + 1 + count
        name = self.sheet.get_name()
        return [Pages.within(name, top + 1, n, count) for n in range(len(columns))]

    def helpers(
        self, columns: Sequence[Sequence[float | str]], top: int, left: int, head: str
    ) -> None:
        """Put what only charts need right of the table, from a column on that is not printed."""
        self.sheet.write_string(top, left, head, self.pages.small)
        for number, cells in enumerate(columns):
            for row, value in enumerate(cells, top + 1):
                if isinstance(value, str):
                    self.sheet.write_string(row, left + number, value, self.pages.small)
                else:
                    self.sheet.write_number(row, left + number, value, self.pages.small)
        self.sheet.print_area(0, 0, self.row, self.last)

    def charts(self, *charts: Chart, beside: int | None = None) -> None:
        """Put charts below what there is, next to each other, or right of a column."""
        row = 3 if beside is not None else self.row
        left = 0
        for chart in charts:
            self.sheet.insert_chart(row, beside or 0, chart, {"x_offset": left, "y_offset": 6})
            left += int(chart.width) + 12
            self.row = max(self.row, row + int(chart.height) // 20 + 2)

    def _cell(self, row: int, column: int, value: Any, kind: str) -> None:  # noqa: ANN401  # any
        style = self.pages.cells[kind]
        if isinstance(value, str):
            self.sheet.write_string(row, column, in_cell(value), style)
        elif value is None or value != value:  # noqa: PLR0124  # NaN
            said = text("year.nothing", self.pages.lang)
            self.sheet.write_string(row, column, said, style)
        elif abs(value) == float("inf"):
            self.sheet.write_string(row, column, text("year.no_end", self.pages.lang), style)
        else:
            self.sheet.write_number(row, column, float(value), style)
