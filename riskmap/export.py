"""Lists in every format: whole or not at all."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from riskmap import gis_lists, list_terms, list_words, zipped_lists
from riskmap.errors import RiskmapError
from riskmap.list_terms import Terms
from riskmap.open_elsewhere import check_closed
from riskmap.wording import cleaned

__all__ = ["as_csv", "write_list", "write_report", "write_text"]

Table = TypeVar("Table", bound=pd.DataFrame)

LEVEL_FILLS: Mapping[str, str] = {
    "red": "#E9B9BF", "orange": "#F8CDA9", "yellow": "#F6E6BF", "blue": "#C9DBEA",
}  # fmt: skip
"""Levels as pale cell colours: the text on them stays readable, in greyscale too."""
SHEET_ROWS = 1_048_576
"""Rows of a sheet, the heading's among them."""
LONGEST_CELL = 32_767
"""Characters of one cell in a spreadsheet; longer text is cut there in every format."""
FIXED_DATE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Date inside files that insist on one, so that the same list is the same file."""

FAULTS = (
    OSError, RuntimeError, sqlite3.Error, pa.ArrowException, pyogrio.errors.DataLayerError,
    pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, pyogrio.errors.GeometryError,
    xlsxwriter.exceptions.XlsxWriterException,
)  # fmt: skip
"""What the writers raise when a file cannot be written."""

# spreadsheets look past blanks, and some run the wide signs of a Chinese keyboard too
_FORMULA = re.compile(r"^(?:[\t\n\r]|\s*[=+\-@＝＋－＠])")  # noqa: RUF001  # meant: the wide ones


def write_list(
    table: gpd.GeoDataFrame,
    path: str | Path,
    coverage: pd.DataFrame | None = None,
    *,
    headers: str = "names",
    coords: str = "wgs84",
    about: pd.DataFrame | None = None,
    kind: str = "",
) -> None:
    """
    Write a list in the format that the file's ending names.

    Every format gets the same columns and values; all but csv and xlsx also the lines. Where a
    column `level` says the level of lines, QGIS (gpkg) and viewers of kml and kmz draw them by it.
    A Shapefile has names of at most 10 bytes and texts of at most 254, see
    `zipped_lists.shapefile`.
    Control characters are taken out of text. Text that a spreadsheet would run as a formula (it
    begins with = + - @) is written as text: in CSV, which has no types, behind an apostrophe.

    Parameters
    ----------
    table
        From `Area.hotspots` or `diversions.plan`, in WGS 84. A row may have no line.
    coverage
        From `Area.coverage_table`: what is known of every layer and input. It becomes a second
        sheet (xlsx) or table (gpkg), a member (geojson), the description (kml, kmz), metadata
        (parquet) or a CSV file beside the list (shp.zip); csv has room for the list alone.
    path
        Ends in one of `WRITERS`. An existing file is replaced once the new one is whole.
    headers
        "names" of columns, or "zh" or "en": words. Under Chinese ones codes, such as those of
        levels and classes of road, are words too. A Shapefile has room for names alone.
    coords
        "wgs84", "gcj02" or "bd09": of lines and of columns such as `lon` and `lat`; a column `crs`
        says it where it is not WGS 84. A GeoPackage is always in WGS 84.
    about
        From `list_about.about`: method and data date, a sheet of a workbook.
    kind
        As in `list_terms.termed`.

    Raises
    ------
    RiskmapError
        An ending nobody knows, or a place that cannot be written. Nothing is left behind.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> from riskmap.export import write_list
    >>> worst = area.hotspots(top=20)
    >>> write_list(worst, "list.xlsx", area.coverage_table(), headers="zh", coords="gcj02")
    """
    path = Path(path)
    check_target(path, headers=headers, coords=coords)
    suffix = ending(path)
    table = list_terms.termed(table, kind, headers=headers, coords=coords)
    if suffix == ".xlsx" and len(table) >= SHEET_ROWS:
        raise RiskmapError(
            f"{path}: a sheet holds {SHEET_ROWS - 1:,} rows, this list has {len(table):,}; "
            "use .csv, .gpkg or .parquet"
        )
    with _whole(path) as draft:
        if suffix == ".xlsx":
            if coverage is not None and headers in list_words.SPOKEN:
                coverage = list_terms.termed(coverage, "known", headers=headers)
            _xlsx(_cleaned(table), draft, coverage, about)
            return
        WRITERS[suffix](_cleaned(table), draft)
        if coverage is not None and suffix in ADDERS:
            ADDERS[suffix](coverage, draft)


def write_report(table: pd.DataFrame, path: str | Path, **terms: Unpack[Terms]) -> None:
    """
    Write a table without lines as CSV, whole or not at all; formulas stay text.

    `terms` are `headers` and `coords`, as of `write_list`.

    Examples
    --------
    >>> import pandas
    >>> from riskmap.export import write_report
    >>> write_report(pandas.DataFrame({"row": [1], "why": ["=1+1"]}), "report.csv")
    """
    path = Path(path)
    check_report(path)
    with _whole(path) as draft:
        draft.write_bytes(as_csv(list_terms.termed(table, "report", **terms)))


def as_csv(table: pd.DataFrame) -> bytes:
    """
    CSV in which no cell is a formula; the byte order mark tells Excel that it is UTF-8.

    Examples
    --------
    >>> import pandas
    >>> from riskmap.export import as_csv
    >>> as_csv(pandas.DataFrame({"name": ["=1+1"]})).decode("utf-8-sig").split()
    ['name', "'=1+1"]
    """
    plain = table.copy()
    for column in plain.select_dtypes(exclude="number"):
        plain[column] = [
            f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
            for value in plain[column]
        ]
    return plain.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def write_text(path: str | Path, text: str) -> None:
    """
    Write text in UTF-8, whole or not at all.

    Examples
    --------
    >>> from pathlib import Path
    >>> from riskmap.export import write_text
    >>> write_text("note.txt", "临水路段")
    >>> Path("note.txt").read_text(encoding="utf-8")
    '临水路段'
    """
    path = Path(path)
    check_folder(path)
    with _whole(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="")


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a file that is made already, whole or not at all."""
    path = Path(path)
    check_folder(path)
    with _whole(path) as draft:
        draft.write_bytes(content)


def write_folder(folder: Path, files: Mapping[Path, bytes]) -> None:
    """Write files into a folder, which is made if need be: all of them or none."""
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in files:
            check_folder(path)
            check_closed(path)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".riskmap-") as drafts:
            for path, content in files.items():
                (Path(drafts) / path.name).write_bytes(content)
            for path in files:
                (Path(drafts) / path.name).replace(path)
    except OSError as fault:
        if new:
            shutil.rmtree(folder, ignore_errors=True)
        raise RiskmapError(
            f"{folder}: cannot be written ({fault.strerror}); name another folder"
        ) from fault


def check_target(
    path: str | Path, *, headers: str = "names", coords: str = "wgs84"
) -> None:
    """
    Refuse what cannot be written, before long work begins.

    That is an unknown ending, a place without the right to write, or terms of `write_list` that
    the format has no room for.
    """
    path = Path(path)
    suffix = ending(path)
    if suffix not in WRITERS:
        close = difflib.get_close_matches(suffix, WRITERS, n=1)
        meant = f"; did you mean '{close[0]}'?" if close else ""
        raise RiskmapError(f"{path}: unknown format '{suffix}'; use {', '.join(WRITERS)}{meant}")
    list_terms.check(headers=headers, coords=coords)
    if suffix == ".gpkg" and coords != "wgs84":
        raise RiskmapError(
            f"{path}: a GeoPackage is always in WGS 84; leave --coords out, or use another format"
        )
    if suffix == ".shp.zip" and headers != "names":
        raise RiskmapError(
            f"{path}: a Shapefile has room for {zipped_lists.NAME_BYTES} bytes of heading; leave "
            "--headers out, or use another format"
        )
    check_folder(path)


def check_report(path: Path) -> None:
    """Refuse a report that cannot be written."""
    if path.suffix.lower() != ".csv":
        raise RiskmapError(f"{path}: a report is written as .csv; name it so")
    check_folder(path)


def ending(path: str | Path) -> str:
    """Ending of a file's name that says its format, in lower case: `.csv`, `.shp.zip`."""
    path = Path(path)
    both = "".join(path.suffixes[-2:]).lower()
    return both if both in WRITERS else path.suffix.lower()


def check_folder(path: str | Path) -> None:
    """Refuse a place that cannot be written."""
    path = Path(path)
    try:
        if path.is_dir():
            raise RiskmapError(f"{path}: is a folder; name a file in it")
        if path.exists() and not path.is_file():
            # replacing /dev/null would take it from everybody
            raise RiskmapError(f"{path}: is a device or a pipe; name a file")
        if not path.parent.is_dir():
            raise RiskmapError(f"{path}: there is no folder '{path.parent}'; make it first")
        check_closed(path)
    except OSError as fault:
        raise RiskmapError(
            f"{path}: cannot be written ({fault.strerror}); choose another place or name"
        ) from fault
    shutil.rmtree(_scratch(path))


def _scratch(path: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=".riskmap-", dir=path.parent))
    except OSError as fault:
        raise RiskmapError(
            f"{path}: folder '{path.parent}' cannot be written ({fault.strerror}); choose another"
        ) from fault


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a draft beside the target; put it in the target's place when all went well."""
    # a link stays a link: what it points at is replaced
    target = Path(os.path.realpath(path))
    scratch = _scratch(target)
    draft = scratch / path.name
    try:
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        check_closed(target)
        draft.replace(target)
    except FAULTS as fault:
        said = getattr(fault, "strerror", None) or " ".join(str(fault).split())
        if isinstance(fault, PermissionError):  # Windows lets nobody replace what is open
            said += "; is it open in another program?"
        raise RiskmapError(f"{path}: cannot be written ({said}); nothing was changed") from fault
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def in_cell(words: str) -> str:
    """Text as a cell holds it: without control characters, and not too long."""
    return cleaned(words.replace("\r\n", "\n"))[:LONGEST_CELL]


def _cleaned(table: Table) -> Table:
    """Text without control characters and not too long for a cell; no infinite number."""
    result = table.copy()
    for column in table.select_dtypes("floating"):
        # not every format can hold one; unknown in all is better than different in each
        result[column] = table[column].where(np.isfinite(table[column]))
    for column in _text_columns(table):
        said = [
            None if value is None or value != value else str(value)  # noqa: PLR0124  # NaN
            for value in table[column]
        ]
        # most texts of a long list stand in many of its rows
        plain = {text: in_cell(text) for text in set(said) if text is not None}
        texts = [None if text is None else plain[text] for text in said]
        result[column] = pd.Series(texts, table.index, dtype=object)  # of an empty list too
    return result


def _text_columns(table: pd.DataFrame) -> list[str]:
    own = _plain(table)
    return [name for name in own if not pd.api.types.is_numeric_dtype(own[name].dtype)]


def _csv(table: gpd.GeoDataFrame, path: Path) -> None:
    path.write_bytes(as_csv(_plain(table)))


def _xlsx(
    table: gpd.GeoDataFrame,
    path: Path,
    coverage: pd.DataFrame | None = None,
    about: pd.DataFrame | None = None,
) -> None:
    sheets = {"riskmap": table, "coverage": coverage, "method": about}
    _book({name: own for name, own in sheets.items() if own is not None}, path)


def write_book(
    sheets: Mapping[str, pd.DataFrame],
    path: str | Path,
    draw: Callable[[xlsxwriter.Workbook], None] | None = None,
) -> None:
    """
    Write tables as the sheets of one workbook, whole or not at all.

    Parameters
    ----------
    sheets
        Name → table; a column of lines is left out.
    path
        Ends in `.xlsx`.
    draw
        Adds charts to the workbook.
    """
    path = Path(path)
    check_folder(path)
    with _whole(path) as draft:
        _book({name: _cleaned(table) for name, table in sheets.items()}, draft, draw)


def _book(
    sheets: Mapping[str, pd.DataFrame],
    path: Path,
    draw: Callable[[xlsxwriter.Workbook], None] | None = None,
) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": FIXED_DATE.replace(tzinfo=None)})
        head = book.add_format({"bold": True, "bottom": 1})
        fills = {name: book.add_format({"bg_color": fill}) for name, fill in LEVEL_FILLS.items()}
        for name, table in sheets.items():
            _sheet(book.add_worksheet(name), _plain(table), head, fills)
        if draw:
            draw(book)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Without its lines."""
    own = isinstance(table, gpd.GeoDataFrame)
    return pd.DataFrame(table.drop(columns=table.geometry.name)) if own else table


def _sheet(sheet: Worksheet, plain: pd.DataFrame, head: Format, fills: dict[str, Format]) -> None:
    levels = tuple(
        known for name in ("level", "level_before", "level_after", "level_normal")
        for known in list_terms.headings(name)
    )  # fmt: skip
    for number, name in enumerate(plain.columns):
        values = plain[name].tolist()
        levelled = name.startswith(levels)
        sheet.write_string(0, number, name, head)
        longest = max((len(str(value)) for value in values), default=0)
        sheet.set_column(number, number, min(max(longest, len(name)) + 2, 60))
        for row, value in enumerate(values, start=1):
            told = list_words.level_of(value) if levelled and isinstance(value, str) else None
            style = fills.get(told) if told else None
            if isinstance(value, str):
                sheet.write_string(row, number, value, style)
            elif pd.notna(value) and np.isfinite(value):
                sheet.write_number(row, number, value)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(plain), 1), len(plain.columns) - 1)


def _parquet(table: gpd.GeoDataFrame, path: Path) -> None:
    table.to_parquet(path, index=False)


WRITERS: Mapping[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".geojson": gis_lists.geojson,
    ".gpkg": gis_lists.gpkg,
    ".kml": gis_lists.kml,
    ".kmz": gis_lists.kmz,
    ".shp.zip": zipped_lists.shapefile,
    ".parquet": _parquet,
}
"""Ending of a file → how it is written."""


# --- coverage ----------------------------------------------------------------------------------


def _in_shapefile(coverage: pd.DataFrame, path: Path) -> None:
    zipped_lists.pack(path, {"coverage.csv": as_csv(coverage)}, more=True)


def _in_parquet(coverage: pd.DataFrame, path: Path) -> None:
    table = pq.read_table(path)
    told = coverage.to_json(orient="records", force_ascii=False).encode()
    metadata = {**(table.schema.metadata or {}), b"riskmap.coverage": told}
    pq.write_table(table.replace_schema_metadata(metadata), path)


ADDERS: Mapping[str, Callable[[pd.DataFrame, Path], None]] = {
    ".geojson": gis_lists.in_geojson,
    ".gpkg": gis_lists.in_gpkg,
    ".kml": gis_lists.in_kml,
    ".kmz": gis_lists.in_kmz,
    ".parquet": _in_parquet,
    ".shp.zip": _in_shapefile,
}
"""Ending of a file → how coverage is added to it."""
