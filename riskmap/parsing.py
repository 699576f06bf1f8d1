"""The child process in which lists are parsed: bounded, and ended by whatever goes wrong."""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET  # only for XML without a DOCTYPE

import numpy as np
import pyogrio
import python_calamine

from riskmap.errors import RiskmapError
from riskmap.sheets import (
    BYTES,
    CELLS,
    COLUMNS,
    NO_VALUE,
    ROWS,
    Grid,
    Notes,
    Sheet,
    Words,
    headed,
    heading,
    too_long,
)

_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))
_FORMULA = re.compile(rb'<(?:\w+:)?f[\s/>]|\st="e"')
Where = tuple[int, int]


def main() -> None:
    """Read what standard input asks for: a line of JSON for each file, up to the first fault."""
    request = json.load(sys.stdin)
    for name in request["paths"]:
        _bound(request["seconds"], request["memory"])
        path = Path(name)
        read: Callable[..., Sheet] = _excel if path.suffix.lower() == ".xlsx" else _objects
        try:
            if request["whole"]:
                answer: dict[str, Any] = {"grids": _book(path)}
            else:
                answer = asdict(read(path, request["words"], request["places"]))
        except RiskmapError as fault:
            answer = {"error": str(fault)}
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()
        if "error" in answer:
            return


def _bound(seconds: int, memory: int) -> None:
    try:
        import resource  # noqa: PLC0415  # not on Windows; the sizes are checked all the same
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + seconds, most))
    resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _damaged(path: Path, fault: Exception) -> RiskmapError:
    said = " ".join(str(fault).split()) or type(fault).__name__
    return RiskmapError(
        f"{path}: cannot be read ({said}); it may be cut off or damaged: save it again"
    )


def _unpacked(path: Path) -> zipfile.ZipFile:
    """Open a ZIP once all of it was unpacked, without keeping it: within limits, and whole."""
    bomb = RiskmapError(
        f"{path}: unpacks to more than {BYTES / 1e6:.0f} MB; save it with only the cells that count"
    )
    try:
        archive = zipfile.ZipFile(path)
        if sum(entry.file_size for entry in archive.infolist()) > BYTES:
            raise bomb
        for entry in archive.infolist():
            tail = b""
            with archive.open(entry) as file:
                # stops where the file should end, and then compares the checksum
                while chunk := file.read(1 << 20):
                    if entry.filename.lower().endswith((".xml", ".rels", ".kml")):
                        _no_doctype(path, tail + chunk)
                    tail = chunk[-32:]
    except (
        zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, NotImplementedError,
        ValueError,
    ) as fault:  # fmt: skip
        raise _damaged(path, fault) from fault
    return archive


def _no_doctype(path: Path, content: bytes) -> None:
    if any(mark in content for mark in _DOCTYPES):
        raise RiskmapError(f"{path}: its XML has a DOCTYPE, which may hide anything; save it anew")


# --- Excel


def _excel(path: Path, words: Words, places: Iterable[str]) -> Sheet:
    with _unpacked(path) as archive:
        _is_excel(path, archive)
        try:
            with python_calamine.load_workbook(str(path)) as book:
                sheet, *others = _filled_sheets(path, book)
                grid = _grid(path, sheet)
                merged = sheet.merged_cell_ranges or []
            for row, column in _formulas(archive, sheet.name):
                if row < len(grid) and column < len(grid[row]):
                    grid[row][column] = NO_VALUE
        except (
            python_calamine.CalamineError, ET.ParseError, LookupError, ValueError, OSError,
        ) as fault:  # fmt: skip
            raise _damaged(path, fault) from fault
    notes: Notes = []
    if others:
        names = ", ".join(other.name for other in others)
        notes.append(("import.note.sheets", {"sheet": sheet.name, "others": names}))
    once = {heading(name) for word in places for name in words[word]}
    if _filled(grid, merged, once):
        notes.append(("import.note.merged_cells", {}))
    return headed(path, grid, words, places, notes)


def _book(path: Path) -> list[tuple[str, Grid]]:
    """Read all visible sheets with a cell in them; a cell with a formula is `NO_VALUE`."""
    found = []
    with _unpacked(path) as archive:
        _is_excel(path, archive)
        try:
            with python_calamine.load_workbook(str(path)) as book:
                for sheet in _filled_sheets(path, book):
                    grid = _grid(path, sheet)
                    for row, column in _formulas(archive, sheet.name, valued=True):
                        if row < len(grid) and column < len(grid[row]):
                            grid[row][column] = NO_VALUE
                    _filled(grid, sheet.merged_cell_ranges or [], set())
                    found.append((sheet.name, grid))
        except (
            python_calamine.CalamineError, ET.ParseError, LookupError, ValueError, OSError,
        ) as fault:  # fmt: skip
            raise _damaged(path, fault) from fault
    return found


def _is_excel(path: Path, archive: zipfile.ZipFile) -> None:
    if "xl/workbook.xml" not in archive.namelist():
        raise RiskmapError(f"{path}: is no Excel file inside; save it as .xlsx")


def _filled_sheets(path: Path, book: Any) -> list[Any]:  # noqa: ANN401  # calamine's
    """Visible sheets with a cell in them."""
    found = [
        sheet
        for about in book.sheets_metadata
        if about.visible == python_calamine.SheetVisibleEnum.Visible
        and about.typ == python_calamine.SheetTypeEnum.WorkSheet
        and (sheet := book.get_sheet_by_name(about.name)).start is not None
    ]
    if not found:
        raise RiskmapError(f"{path}: is empty; take the template from data/templates")
    return found


def _grid(path: Path, sheet: Any) -> Grid:  # noqa: ANN401  # calamine's
    bottom, right = (number + 1 for number in sheet.end)
    if bottom * right > CELLS:
        raise RiskmapError(
            f"{path}: reaches to row {bottom:,}, column {right:,}; it may hold {ROWS:,} rows: "
            "delete what stands far out, or cut it in parts"
        )
    return [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _formulas(archive: zipfile.ZipFile, name: str, *, valued: bool = False) -> set[Where]:
    """
    Cells, counted from 0, that hold a formula without a result, or with an error for one.

    `valued`: those with a result too, which may be old, or what a program put there in its place.
    """
    book, links = (
        ET.fromstring(archive.read(f"xl/{part}"))  # noqa: S314  # as above
        for part in ("workbook.xml", "_rels/workbook.xml.rels")
    )
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    sheet = next(found for found in book.iterfind(".//{*}sheet") if found.get("name") == name)
    target = targets[next(value for key, value in sheet.items() if key.endswith("}id"))]
    content = archive.read(target[1:] if target.startswith("/") else f"xl/{target}")
    if not _FORMULA.search(content):
        return set()
    found = set()
    for _, element in ET.iterparse(io.BytesIO(content)):  # noqa: S314  # as above
        if element.tag.endswith("}c"):
            value = element.find("{*}v")
            bare = element.find("{*}f") is not None
            bare &= valued or value is None or not value.text
            if bare or element.get("t") == "e":
                found.add(_where(element.get("r", "")))
        elif element.tag.endswith("}row"):
            element.clear()
    return found


def _where(reference: str) -> Where:
    """Row and column, from 0, of "B7"."""
    match = re.fullmatch(r"([A-Z]{1,3})(\d+)", reference)
    if not match:
        return -1, -1
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1


def _filled(grid: Grid, merged: list[tuple[Where, Where]], once: set[str]) -> bool:
    """
    Write the value of merged cells into each row that they cover, but for places.

    A place counts once: below such a heading only the first row keeps it. Returns whether a cell
    below the first row of its range was covered.
    """
    below = False
    for (top, left), (bottom, right) in merged:
        if top >= len(grid) or left >= len(grid[top]):
            continue
        value = grid[top][left]
        place = any(heading(row[left]) in once for row in grid[:top] if left < len(row))
        for row in grid[top : bottom + 1]:
            if row is not grid[top]:
                below = True
                if place:
                    continue
            row[left : right + 1] = [value] * len(row[left : right + 1])
    return below


# --- objects with shapes


def _objects(path: Path, words: Words, _places: Iterable[str]) -> Sheet:
    suffix = path.suffix.lower()
    if suffix == ".kmz":
        with _unpacked(path) as archive, tempfile.TemporaryDirectory() as folder:
            inner = [name for name in archive.namelist() if name.lower().endswith(".kml")]
            if not inner:
                raise RiskmapError(f"{path}: holds no .kml; save it as KML")
            copy = Path(folder) / "doc.kml"
            copy.write_bytes(archive.read("doc.kml" if "doc.kml" in inner else inner[0]))
            return _opened(path, copy, words)
    if suffix == ".kml":
        _no_doctype(path, path.read_bytes())
    if suffix == ".shp" and not any(path.with_suffix(end).exists() for end in (".shx", ".SHX")):
        raise RiskmapError(f"{path}: its .shx is missing; copy .shp, .shx, .dbf and .prj together")
    return _opened(path, path, words)


def _opened(path: Path, file: Path, words: Words) -> Sheet:
    notes: Notes = []
    tables = []
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            for name in _chosen(path, file, notes):
                tables.append(_table(path, file, name))  # noqa: PERF401  # it may raise
    except RiskmapError:
        raise
    except (OSError, ValueError, RuntimeError) as fault:
        said = str(fault).replace(str(file), path.name)
        raise _damaged(path, RuntimeError(said)) from fault
    notes += [("import.note.reader", {"said": " ".join(str(w.message).split())}) for w in told]
    count = sum(len(shapes) for _, _, shapes, _ in tables)
    if count > ROWS:
        raise too_long(path)
    of = {heading(name): word for word, names in words.items() for name in names}
    cells: dict[str, list[str]] = {}
    for before, (fields, columns, shapes, _) in zip(_starts(tables), tables, strict=True):
        for name, column in zip(fields, columns, strict=True):
            if word := of.get(heading(name)):
                texts = cells.setdefault(word, [""] * count)
                for row in range(len(shapes)):
                    texts[before + row] = texts[before + row] or _field(column[row])
    wkb = [None if shape is None else shape.hex() for _, _, shapes, _ in tables for shape in shapes]
    crs = next((crs for *_, crs in tables if crs), None)
    if crs and ("undefined" in crs.lower() or "unknown" in crs.lower()):
        crs = None
    has_shapes = path.suffix.lower() != ".gpkg" or any(shape is not None for shape in wkb)
    rows = list(range(2, count + 2))
    return Sheet(path, rows, cells, wkb=wkb if has_shapes else None, crs=crs, notes=notes)


Table = tuple[list[str], list[np.ndarray[Any, Any]], np.ndarray[Any, Any], str | None]


def _chosen(path: Path, file: Path, notes: Notes) -> list[str]:
    """Tables to read: every folder of a KML, the first one with shapes of anything else."""
    known = pyogrio.list_layers(file)
    names = [str(name) for name, kind in known if kind is not None] or [str(n) for n, _ in known]
    if not names:
        raise RiskmapError(f"{path}: holds no objects; save it with points, lines or areas")
    if file.suffix.lower() == ".kml" or len(names) == 1:
        return names
    filled = [n for n in names if pyogrio.read_info(file, layer=n)["features"]] or names
    if filled[1:]:
        values = {"sheet": filled[0], "others": ", ".join(filled[1:])}
        notes.append(("import.note.sheets", values))
    return filled[:1]


def _table(path: Path, file: Path, name: str) -> Table:
    encodings: list[str | None] = [None]
    if file.suffix.lower() == ".shp" and not any(
        file.with_suffix(end).exists() for end in (".cpg", ".CPG")
    ):
        encodings = ["UTF-8", "GB18030"]  # without a statement GDAL would take Latin letters
    for last, encoding in enumerate(encodings, 1 - len(encodings)):
        try:
            meta, _, shapes, columns = pyogrio.raw.read(
                file, layer=name, encoding=encoding, force_2d=True, datetime_as_string=True,
                max_features=ROWS + 1,
            )  # fmt: skip
            break
        except UnicodeDecodeError:
            if not last:
                raise
    fields = [str(field) for field in meta["fields"]]
    if len(fields) > COLUMNS:
        raise RiskmapError(f"{path}: has more than {COLUMNS} columns; keep only those that count")
    if shapes is None:
        shapes = np.full(len(columns[0]) if columns else 0, None, dtype=object)
    return fields, columns, shapes, meta["crs"]


def _starts(tables: list[Table]) -> list[int]:
    counts = [len(shapes) for _, _, shapes, _ in tables]
    return [sum(counts[:number]) for number in range(len(counts))]


def _field(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124  # NaN and NaT
        return ""
    return _text(float(value) if isinstance(value, np.floating) else value)


if __name__ == "__main__":
    main()
