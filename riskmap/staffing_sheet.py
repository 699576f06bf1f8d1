"""A resources file as a workbook → the same tables that the TOML file has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from riskmap.cells import plain, yes_or_no
from riskmap.errors import RiskmapError
from riskmap.sheets import HEADING_ROWS, NO_VALUE, Grid, heading, read_book
from riskmap.staffing_words import CRS, NOTES, PRIVATE, TABLES, Key, Shape, Table
from riskmap.values import At, meant

COMMENT = "#"
"""A row that begins with it is for people."""
LIMIT_COLUMNS: Mapping[str, tuple[str, ...]] = {"key": ("项目", "key"), "value": ("值", "value")}
_PARTS = re.compile(r"[;,、\n]+")
Rows = list[tuple[At, dict[str, Any]]]


def tables(path: Path) -> tuple[dict[str, Rows], Any]:
    """
    Read the workbook of a brigade.

    Returns
    -------
    Rows of every table, each with its place and its values as TOML has them; and the coordinate
    system stated among the limits, None where there is none.

    Raises
    ------
    RiskmapError
        A sheet or a heading that nobody knows, one of personal data, or a cell with a formula.
    """
    of = {heading(name): table for table, own in TABLES.items() for name in own.sheets}
    found: dict[str, Rows] = {}
    system = None
    for name, grid in read_book(path):
        bare = heading(name)
        if bare in map(heading, NOTES):
            continue
        if bare not in of:
            known = [name for own in TABLES.values() for name in own.sheets]
            raise RiskmapError(f"{path}: sheet '{name}' is not known; {meant(name, known)}")
        table = of[bare]
        if table in found:
            raise RiskmapError(f"{path}: sheet '{name}' is there twice; put it into one")
        if table == "limits":
            found[table], system = _limits(path, name, grid)
        else:
            found[table] = _rows(path, name, grid, TABLES[table])
    return found, system


def _rows(path: Path, name: str, grid: Grid, table: Table) -> Rows:
    headings = {key: (key, *own.headings) for key, own in table.keys.items()}
    top, columns = _columns(path, name, grid, headings)
    rows: Rows = []
    for number in range(top + 1, len(grid)):
        at = At(str(path), f"sheet '{name}' row {number + 1}")
        cells = [plain(cell) for cell in grid[number]]
        if not any(cells) or cells[0].startswith(COMMENT):
            continue
        values: dict[str, Any] = {}
        for column, key in columns.items():
            if column < len(cells) and cells[column]:
                here = At(at.file, at.table, grid[top][column].strip())
                _no_formula(cells[column], here)
                values[key] = _as_toml(cells[column], table.keys[key].shape)
        rows.append((at, values))
    return rows


def _limits(path: Path, name: str, grid: Grid) -> tuple[Rows, Any]:
    """One row with a value for each row of the sheet that states one."""
    top, columns = _columns(path, name, grid, LIMIT_COLUMNS)
    where = {key: column for column, key in columns.items()}
    if len(where) < len(LIMIT_COLUMNS):
        raise RiskmapError(f"{path}: sheet '{name}' needs the columns 项目 (key) and 值 (value)")
    known: dict[str, Key] = {**TABLES["limits"].keys, "crs": CRS}
    of = {heading(word): key for key, own in known.items() for word in (key, *own.headings)}
    values: dict[str, Any] = {}
    for number in range(top + 1, len(grid)):
        at = At(str(path), f"sheet '{name}' row {number + 1}")
        cells = [plain(cell) for cell in grid[number]]
        word, value = cells[where["key"]], cells[where["value"]]
        if word.startswith(COMMENT) or not (word or value):
            continue
        if heading(word) not in of:
            raise at.error(f"unknown key '{word}' {at.place}; {meant(word, known)}")
        key = of[heading(word)]
        if key in values:
            raise at.error(f"'{word}' {at.place} is stated twice; leave one out")
        _no_formula(value, At(at.file, at.table, word))
        if value:
            values[key] = _as_toml(value, known[key].shape)
    system = values.pop("crs", None)
    return [(At(str(path), f"sheet '{name}'"), values)], system


def _columns(
    path: Path, name: str, grid: Grid, headings: Mapping[str, tuple[str, ...]]
) -> tuple[int, dict[int, str]]:
    """Row of the heading, and the key of every column; columns for people are left out."""
    of = {heading(word): key for key, words in headings.items() for word in words}
    known = [len({of[h] for h in map(heading, row) if h in of}) for row in grid[:HEADING_ROWS]]
    top = int(np.argmax(known))
    at = At(str(path), f"sheet '{name}' row {top + 1}")
    if not known[top]:
        raise RiskmapError(
            f"{path}: sheet '{name}' has no heading; begin with {', '.join(headings)}"
        )
    columns: dict[int, str] = {}
    for column, text in enumerate(grid[top]):
        bare = heading(text)
        if PRIVATE.search(plain(text)) and bare not in of:
            raise private(at, text.strip())
        if bare in map(heading, NOTES):
            continue
        if bare in of:
            if of[bare] in columns.values():
                raise at.error(f"heading '{text.strip()}' {at.place} is there twice; join them")
            columns[column] = of[bare]
        elif bare or any(column < len(row) and row[column].strip() for row in grid[top + 1 :]):
            shown = text.strip() or f"(column {column + 1}, empty)"
            words = dict.fromkeys(word for own in headings.values() for word in own)
            raise at.error(f"unknown heading '{shown}' {at.place}; {meant(shown, words)}")
    return top, columns


def private(at: At, what: str) -> RiskmapError:
    """Return the error for a key or a column of personal data."""
    return at.error(
        f"'{what}' {at.place} is personal; names, telephones and identity numbers are not kept: "
        "delete it, and give a number of officers, or ids such as 101"
    )


def _no_formula(cell: str, at: At) -> None:
    if cell == NO_VALUE:
        raise at.error(
            f"'{at.key}' {at.place} holds a formula; copy the cell and paste it as a value"
        )


def _as_toml(cell: str, shape: Shape) -> Any:  # noqa: ANN401  # as TOML has it
    """Write a cell as TOML would have it; what does not fit stays text, and is refused later."""
    if shape == "texts":
        none = cell.lower() in {"none", "无", "-"}
        return [] if none else [part.strip() for part in _PARTS.split(cell) if part.strip()]
    if shape == "flag":
        found = yes_or_no(np.array([cell], dtype=object))[0]
        return cell if found is None else found
    if shape == "number":
        try:
            number = float(cell)
        except ValueError:
            return cell
        return int(number) if number.is_integer() else number
    return cell
