"""Write data/templates/resources.xlsx: what resources.toml says, a sheet for each table."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import xlsxwriter

from riskmap.staffing_words import CRS, TABLES, Key

TEMPLATES = Path(__file__).parents[1] / "data" / "templates"
WIDTH, LINE = 16, 15
"""Characters of a column, and points of a line of text."""
_RULE = re.compile(r"# --- .* -+$")
_LIMIT = re.compile(r"(\w+)\s*=.*?#\s*(.+)$", re.MULTILINE)


def comments(text: str) -> dict[str, list[str]]:
    """Find what the TOML file explains above each table; "" is what it says at its head."""
    found: dict[str, list[str]] = {"": []}
    block: list[str] = []
    for line in text.splitlines():
        if _RULE.match(line):
            block = []
        elif line.startswith("#"):
            block.append(line.removeprefix("#").strip())
        elif match := re.match(r"\[+(\w+)\]+$", line):
            found.setdefault(match[1], block)
        elif line.startswith("crs"):
            found[""] += block
    return found


def write(target: Path, source: Path = TEMPLATES / "resources.toml") -> None:
    """Write the workbook."""
    text = source.read_text(encoding="utf-8")
    table, said = tomllib.loads(text), comments(text)
    with xlsxwriter.Workbook(target) as book:
        look = {
            "note": book.add_format({"text_wrap": True, "valign": "top", "italic": True}),
            "heading": book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1}),
            # an id such as 301 or a time such as 07:00 stays what was typed
            "text": book.add_format({"num_format": "@"}),
        }
        notes = book.add_worksheet("说明")
        notes.set_column(0, 0, 110, look["note"])
        for number, line in enumerate(said[""]):
            notes.write_string(number, 0, line)
        for name, own in TABLES.items():
            sheet = book.add_worksheet(own.sheets[0])
            if name == "limits":
                heads, rows = _limits(table, text)
            else:
                heads = [_heading(key, word) for key, word in own.keys.items()]
                rows = [[row.get(key) for key in own.keys] for row in table[name]]
            sheet.set_column(0, len(heads) - 1, WIDTH, look["text"])
            lines = said[name]
            sheet.merge_range(
                0, 0, 0, max(len(heads) - 1, 7), "# " + "\n".join(lines), look["note"]
            )
            sheet.set_row(0, LINE * (len(lines) + 1))
            sheet.write_row(1, 0, heads, look["heading"])
            sheet.freeze_panes(2, 1)
            for number, row in enumerate(rows, 2):
                for column, value in enumerate(row):
                    _put(sheet, number, column, value, look["text"])


def _heading(key: str, word: Key) -> str:
    return f"{word.headings[0]} ({key})"


def _limits(table: dict[str, Any], text: str) -> tuple[list[str], list[list[Any]]]:
    means = dict(_LIMIT.findall(text))
    rows: list[list[Any]] = [[CRS.headings[0], table["crs"], "wgs84, gcj02, bd09, cgcs2000"]]
    for key, word in TABLES["limits"].keys.items():
        rows.append([word.headings[0], table["limits"][key], means[key]])
    return ["项目 (key)", "值 (value)", "说明"], rows


def _put(sheet: Any, row: int, column: int, value: Any, look: Any) -> None:  # noqa: ANN401  # xlsxwriter's
    if isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否", look)
    elif isinstance(value, list):
        sheet.write_string(row, column, "; ".join(value) or "无", look)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, look)
    elif value is not None:
        sheet.write_number(row, column, value)


if __name__ == "__main__":
    write(TEMPLATES / "resources.xlsx")
