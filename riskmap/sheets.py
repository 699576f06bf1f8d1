"""A list in a file → a table of text, read safely: CSV, Excel, GeoJSON, GPKG, Shapefile, KML.

What a user hands in may be broken or hostile. Sizes are checked first; everything but CSV is parsed
in a child process with bounded time and memory that knows only the drivers of these formats.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from riskmap.errors import RiskmapError

Words = Mapping[str, tuple[str, ...]]
"""What a column is → headings that say so, as `heading` writes them."""
Grid = list[list[str]]
Notes = list[tuple[str, dict[str, Any]]]
"""Keys of the catalogue with their values, about a whole file."""

BYTES = 200_000_000
"""Largest file, and most that a compressed one may unpack to."""
ROWS = 100_000
CELLS = 20_000_000
COLUMNS = 1000
SECONDS, MEMORY = 60, 4 << 30
"""What the child process may take: processor time, and address space in bytes."""
NO_VALUE = "="
"""Text of a cell that holds a formula without a stored result, or with an error for a result."""

DRIVERS = ("GPKG", "GeoJSON", "ESRI Shapefile", "LIBKML")
INSIDE: Mapping[str, str] = {
    ".csv": "text", ".xlsx": "a ZIP", ".kmz": "a ZIP", ".kml": "KML", ".geojson": "JSON",
    ".gpkg": "SQLite", ".shp": "a Shapefile",
}  # fmt: skip
"""Kinds of list that are read, by ending, and what must be inside."""
_MAGIC = {
    b"PK\x03\x04": "a ZIP", b"PK\x05\x06": "a ZIP", b"SQLite format 3\0": "SQLite",
    b"\0\0\x27\x0a": "a Shapefile", b"\xd0\xcf\x11\xe0": "an old or protected Excel file",
    b"\xff\xfe": "text", b"\xfe\xff": "text",
}  # fmt: skip
_KML = re.compile(  # the group is atomic: hostile comments cost no time
    rb"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>)*+<(?:\w+:)?kml[\s>]",
    re.DOTALL,
)
_BRACKET = re.compile(r"[(\[【].*[)\]】]$")
HEADING_ROWS, HEADING_LENGTH = 10, 100


@dataclass(frozen=True)
class Sheet:
    """
    One list: its known columns as text, row by row; blank rows are left out.

    `rows` are row numbers as a person counts them in the sheet, the heading is row 1; in files
    without a sheet the first object has row 2. `wkb` are shapes in hex, None where there is none,
    or None for files without shapes. `crs` is what the file itself says about them, `stated` what
    stands in brackets behind a heading (经度(GCJ-02)). `notes` are keys of the catalogue,
    `headings` what the columns are called in the file. `others` are further columns for the same
    word, with their headings: `cells` has the first.
    """

    path: Path
    rows: Sequence[int]
    cells: Mapping[str, Sequence[str]]
    wkb: Sequence[str | None] | None = None
    crs: str | None = None
    stated: Sequence[str] = ()
    notes: Notes = field(default_factory=list)
    headings: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, Sequence[tuple[str, Sequence[str]]]] = field(default_factory=dict)

    def column(self, word: str) -> Sequence[str]:
        """Cells of a column, "" where the list has none."""
        return self.cells.get(word) or [""] * len(self.rows)

    def only(self, rows: Iterable[int]) -> Sheet:
        """Sheet with these of its rows, counted from 0; what is said of the whole list stays."""
        rows = list(rows)
        return replace(
            self,
            rows=[self.rows[row] for row in rows],
            cells={word: [cells[row] for row in rows] for word, cells in self.cells.items()},
            others={
                word: [(text, [cells[row] for row in rows]) for text, cells in columns]
                for word, columns in self.others.items()
            },
            wkb=None if self.wkb is None else [self.wkb[row] for row in rows],
        )


def read_sheets(paths: Iterable[Path], words: Words, places: Iterable[str] = ()) -> list[Sheet]:
    """
    Read lists from files, each by its ending.

    Parameters
    ----------
    paths
        Files that end as in `INSIDE`. Of a Shapefile, the .shp with its companions beside it.
    words
        The columns to look for; others are not read. The heading is the row among the first ten
        that holds most of them.
    places
        Columns in which merged cells count once, for their first row; elsewhere they count for
        every row that they cover.

    Raises
    ------
    RiskmapError
        The first file that cannot be read, is too large, or is something else inside.
    """
    paths, places = list(paths), list(places)
    for path in paths:
        _fits(path)
    others = [path for path in paths if path.suffix.lower() != ".csv"]
    parsed = dict(zip(others, _in_a_child(others, words, places), strict=True))
    return [
        parsed[path] if path in parsed else of_csv(path, path.read_bytes(), words, places)
        for path in paths
    ]


def read_book(path: Path) -> list[tuple[str, Grid]]:
    """
    Read all visible sheets of an Excel file that hold something, each with its name.

    A cell with a formula is `NO_VALUE`, whatever its result; merged cells count for every row and
    column that they cover.

    Raises
    ------
    RiskmapError
        A file that cannot be read, is too large, or is something else inside.
    """
    _fits(path)
    (answer,) = _asked([path], {}, [], whole=True)
    return [(name, grid) for name, grid in answer["grids"]]


def heading(text: str) -> str:
    """Write a heading as it is compared: full-width as half, no spaces, no unit in brackets."""
    return _BRACKET.sub("", re.sub(r"[\s*:_]", "", _plain(text))).lower()


def without_bracket(text: str) -> str:
    """Heading as it stands in the file, without the unit or system in brackets."""
    return _BRACKET.sub("", _plain(text).strip()).strip()


def _fits(path: Path) -> None:
    suffix = path.suffix.lower()
    if suffix in {".xls", ".xlsm", ".et", ".ods"}:
        raise RiskmapError(f"{path}: {suffix} is not read; open it and save it as .xlsx")
    if suffix not in INSIDE:
        raise RiskmapError(f"{path}: not a known kind of list; use {', '.join(INSIDE)}")
    try:
        parts = [path.with_suffix(end) for end in (".dbf", ".shx")] if suffix == ".shp" else []
        size = sum(part.stat().st_size for part in [path, *parts] if part.exists())
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as fault:
        raise RiskmapError(f"{path}: cannot be read ({fault.strerror})") from fault
    if not head.strip():
        raise RiskmapError(f"{path}: is empty; take the template from data/templates")
    if size > BYTES:
        raise RiskmapError(f"{path}: is larger than {BYTES / 1e6:.0f} MB; cut it in parts")
    found = _content(head)
    if found != INSIDE[suffix]:
        raise RiskmapError(
            f"{path}: cannot be read: inside it is {found}, not {INSIDE[suffix]}; "
            "save it again in the format of its ending, without a password"
        )


def _content(head: bytes) -> str:
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _KML.match(head):
        return "KML"
    if head[:1] in {b"<", b"{"}:
        return "XML" if head[:1] == b"<" else "JSON"
    return "binary data" if b"\0" in head else "text"


def of_csv(path: Path, content: bytes, words: Words, places: Iterable[str]) -> Sheet:
    """Read the content of a CSV file; see `read_sheets`."""
    unicode = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    notes: Notes = []
    try:
        text = content.decode(unicode)
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as fault:
            raise RiskmapError(
                f"{path}: is neither in UTF-8 nor in GBK; save it as 'CSV UTF-8'"
            ) from fault
        notes.append(("import.note.gbk", {}))
    first = text.split("\n", 1)[0]
    parting = max(",;\t", key=first.count)
    grid: Grid = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=parting)
    begins = ends = 0
    try:
        for cells in reader:
            grid.append(cells)
            if len(grid) > ROWS + HEADING_ROWS:
                raise too_long(path)
            begins, ends = ends, reader.line_num
    except csv.Error as fault:
        raise RiskmapError(f"{path} row {len(grid) + 1}: cannot be read ({fault})") from fault
    if _open_ended(islice(io.StringIO(text, newline=""), begins, None), parting):
        raise RiskmapError(
            f"{path} row {len(grid)}: a quotation mark is never closed, and all that follows is "
            "one cell; delete it"
        )
    return headed(path, grid, words, places, notes)


def _open_ended(lines: Iterable[str], parting: str) -> bool:
    """Whether the last record of a CSV file ends within quotation marks."""
    try:
        list(csv.reader(lines, delimiter=parting, strict=True))
    except csv.Error as fault:
        return "end of data" in str(fault)
    return False


def too_long(path: Path) -> RiskmapError:
    """Return the error for a list with too many rows."""
    return RiskmapError(f"{path}: holds more than {ROWS:,} rows; cut it in parts")


def headed(path: Path, grid: Grid, words: Words, places: Iterable[str], notes: Notes) -> Sheet:
    """Find the heading of a grid of cells, and what stands below it in the columns that count."""
    of = {heading(name): word for word, names in words.items() for name in names}
    filled = [number for number, cells in enumerate(grid) if any(map(str.strip, cells))]
    if not filled:
        raise RiskmapError(f"{path}: is empty; take the template from data/templates")
    known = {
        number: len({of[name] for name in map(heading, grid[number]) if name in of})
        for number in filled[:HEADING_ROWS]
    }
    top = max(known, key=lambda number: known[number])
    if not known[top]:
        names = ", ".join(names[0] for names in list(words.values())[:3])
        raise RiskmapError(f"{path}: no row names its columns; begin with a heading like {names}")
    rows = [number for number in filled if number > top]
    if len(rows) > ROWS:
        raise too_long(path)
    columns: dict[str, list[int]] = {}
    stated = []
    for column, text in enumerate(grid[top]):
        if word := of.get(heading(text)):
            columns.setdefault(word, []).append(column)
            if word in places and (bracket := _BRACKET.search(_plain(text))):
                stated.append(bracket[0].strip("()[]【】"))
    cells = {
        word: _joined(grid, rows, found) if word == "coordinates" else _column(grid, rows, found[0])
        for word, found in columns.items()
    }
    headings = {word: grid[top][found[0]].strip() for word, found in columns.items()}
    others = {
        word: [
            (grid[top][column].strip(), _column(grid, rows, column))
            for column in found[1:]
        ]
        for word, found in columns.items()
        if len(found) > 1 and word != "coordinates"
    }
    return Sheet(
        path, [row + 1 for row in rows], cells, stated=stated, notes=notes, headings=headings,
        others=others,
    )  # fmt: skip


def _column(grid: Grid, rows: list[int], column: int) -> list[str]:
    return [grid[row][column].strip() if column < len(grid[row]) else "" for row in rows]


def _joined(grid: Grid, rows: list[int], columns: list[int]) -> list[str]:
    """Cells of one heading over two columns, 坐标 over lon and lat, as one text."""
    parts = [_column(grid, rows, column) for column in columns]
    return [",".join(filter(None, texts)) for texts in zip(*parts, strict=True)]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:HEADING_LENGTH])


def _in_a_child(paths: list[Path], words: Words, places: list[str]) -> list[Sheet]:
    sheets = []
    for path, answer in zip(paths, _asked(paths, words, places) if paths else [], strict=True):
        answer["notes"] = [(key, values) for key, values in answer["notes"]]
        sheets.append(Sheet(**{**answer, "path": path}))
    return sheets


def _asked(
    paths: list[Path], words: Words, places: list[str], *, whole: bool = False
) -> list[dict[str, Any]]:
    """Answers of the child, one a path."""
    import pyogrio  # noqa: PLC0415  # slow, and a CSV needs none

    request = {
        "paths": [str(path) for path in paths], "words": words, "places": places, "whole": whole,
        "seconds": SECONDS, "memory": MEMORY,
    }  # fmt: skip
    home = str(Path(__file__).parents[1])
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")])),
        "OPENBLAS_NUM_THREADS": "1",  # threads count as address space
        # GDAL then cannot open anything as something else: VRT would follow paths and addresses
        "OGR_SKIP": ",".join(set(pyogrio.list_drivers()) - set(DRIVERS)),
    }
    try:
        done = subprocess.run(  # this very program
            [sys.executable, "-P", "-m", "riskmap.parsing"], env=environment, check=False,
            input=json.dumps(request).encode(), capture_output=True,
            timeout=30 + 2 * SECONDS * len(paths),
        )  # fmt: skip
        lines = done.stdout.splitlines()
    except subprocess.TimeoutExpired as fault:
        lines = (fault.stdout or b"").splitlines()
    answers: list[dict[str, Any]] = []
    for line in lines[: len(paths)]:
        answers.append(json.loads(line))
        if "error" in answers[-1]:
            raise RiskmapError(answers[-1]["error"])
    if len(answers) < len(paths):
        raise RiskmapError(
            f"{paths[len(answers)]}: takes more than {SECONDS} s or {MEMORY / 1e9:.1f} GB to read, "
            "or breaks the reader; save it as CSV with only the columns that count"
        )
    return answers
