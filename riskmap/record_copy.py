"""Crash records that somebody hands in → a copy in the project, without what names a person."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap import crashes, export
from riskmap.cells import degrees, halves, plain
from riskmap.crashes import Crashes
from riskmap.errors import RiskmapError
from riskmap.places import note_rows
from riskmap.project import CRASHES, open_project
from riskmap.record_cells import SEVERITIES, severities
from riskmap.record_files import ENDINGS, Mapped, mapping_of, read_table
from riskmap.record_persons import decent, numbered
from riskmap.record_text import masked, masking, repeatable, severity_shown
from riskmap.records import LAYER
from riskmap.segments import Network
from riskmap.sheets import ROWS, Sheet
from riskmap.snapping import named

Texts = NDArray[np.object_]

PLACES = ("lon", "lat", "x", "y", "coordinates", "geometry")
LONGEST = 60
"""A longer cell is none of what is asked for: it tells a story."""
FURTHEST = 1e8
"""No coordinate is larger, in degrees or metres with the number of a zone; a telephone is."""
_NOT_NAME = re.compile(r"[^\w-]+")


@dataclass(frozen=True)
class Copy:
    """
    Records as they would be kept: `name` of the file, its `content`, and what it comes to.

    `columns` are the columns that were read, by our names as they are called in the file; no other
    is in the copy. `found` is what the copy says of the area's roads.
    """

    name: str
    content: bytes
    columns: Mapping[str, str]
    found: Crashes


@masking()
def copied(
    name: str, content: bytes, network: Network, *, system: str | None, rules: Mapping[str, Any]
) -> Copy:
    """
    Check crash records and make the copy that may be kept.

    The copy has only the columns that are used, and rows keep their numbers. In it nothing looks
    like an identity number, a telephone, a plate or an address for mail; parties and types are
    kinds, roads are such as the map names, records are numbered anew, and what should be a place, a
    number or a time and is none is blanked. What was handed in is
    parsed from memory where the machine has a file system there, and removed at once.

    Parameters
    ----------
    name
        What the file is called; its ending says what it is.
    content
        The file.
    network
        The roads.
    system
        Coordinate system where the file states none; the copy states it then.
    rules
        The whole table of `parameters.toml`.

    Raises
    ------
    RiskmapError
        A file that cannot be read; it is named without its folder.
    """
    ending = next((end for end in ENDINGS if name.lower().endswith(end)), None)
    stem = _stem(Path(name).name[: -len(ending)] if ending else Path(name).stem, content)
    if ending is None:
        raise RiskmapError(f"{stem}: not a kind of record; use {', '.join(ENDINGS)}")
    memory = Path("/dev/shm")  # noqa: S108  # in a folder of its own, for this user alone
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        given, copy = Path(folder) / f"{stem}{ending}", Path(folder) / "copy" / f"{stem}.csv"
        copy.parent.mkdir()
        try:
            given.write_bytes(content)
            mapped = mapping_of(given, SEVERITIES)
            sheet = repeatable(read_table(given, mapped), given.name)
            table, personal = cleaned(sheet, mapped, system=system)
            # a road that the map does not name says nothing, and may be anything
            if "road" in table:
                table["road"] = table["road"].where(named(table["road"], network.segments), "")
            copy.write_bytes(_lines(table, sheet))
            found = crashes.read([copy], network, system=system, rules=rules)
        except RiskmapError as fault:
            said = str(fault).replace(str(copy), given.name).replace(str(given), given.name)
            raise RiskmapError(said) from fault
        notes = [note for note in sheet.notes if note[0] != "import.note.no_rows"]
        if personal:
            notes.append(("import.note.personal", {"count": personal}))
        report = pd.concat([note_rows(copy.name, LAYER, notes), found.report], ignore_index=True)
        known = replace(found, report=report)
        return Copy(copy.name, copy.read_bytes(), sheet.headings, known)


def _stem(given: str, content: bytes) -> str:
    """Name of a copy; one that may name a person gives way to a number made of the content."""
    if masked(given) != given:
        given = f"{LAYER}-{hashlib.sha256(content).hexdigest()[:6]}"
    return _NOT_NAME.sub("_", given).strip("_")[:LONGEST] or LAYER


def cleaned(sheet: Sheet, mapped: Mapped, *, system: str | None) -> tuple[pd.DataFrame, int]:
    """
    Take out of a sheet all that is not used, and all that may name a person.

    Returns
    -------
    The columns under the headings of the file, and how many rows held something personal.
    """
    columns: dict[str, Texts] = {}
    personal = np.zeros(len(sheet.rows), dtype=bool)
    for word, cells in sheet.cells.items():
        if word in PLACES:
            for name, values in _places(word, cells).items():
                columns.setdefault(name, values)
        elif word == "id":
            columns[word] = numbered(cells)
        else:
            columns[word], held = decent(word, [" ".join(cell.split())[:LONGEST] for cell in cells])
            personal |= held
    if "severity" in columns:
        known, unknown = severities(sheet.column("severity"), mapped.severity)
        shown = [
            severity_shown(cell) if odd else cell
            for cell, odd in zip(columns["severity"], unknown, strict=True)
        ]
        columns["severity"] = np.array(shown, dtype=object)
        if mapped.severity:
            columns["severity"] = np.where(known != "", known, columns["severity"])
    stated = next(iter(sheet.stated), None) or mapped.crs or system
    if stated:
        own = columns.get("crs", np.full(len(sheet.rows), "", dtype=object))
        columns["crs"] = np.where(own == "", stated, own)
    return pd.DataFrame(columns), int(personal.sum())


def again(copy: Copy, known: Crashes | None) -> int:
    """Count crashes of a copy that other files of the project have too, by place and time."""
    if known is None:
        return 0
    same = ["x", "y", "year", "month", "weekday", "hour", "severity"]
    own, others = (
        table.assign(x=table["lon"].round(5), y=table["lat"].round(5))
        for table in (copy.found.table, known.table[known.table["file"] != copy.name])
    )
    return int(pd.MultiIndex.from_frame(own[same]).isin(
        pd.MultiIndex.from_frame(others[same])
    ).sum())  # fmt: skip


def keep(copy: Copy, project: Path) -> Path:
    """
    Put a copy into the folder of a project's crash records; one of the same name is replaced.

    Raises
    ------
    RiskmapError
        A project that names a single file of records, or a folder that cannot be written.
    """
    folder = folder_of(project)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as fault:
        raise RiskmapError(
            f"{folder.name}: cannot be made ({fault.strerror}); ask whoever runs the server"
        ) from fault
    export.write_text(folder / copy.name, copy.content.decode("utf-8"))
    return folder / copy.name


def kept(project: Path) -> list[Path]:
    """List the files of records of a project."""
    folder = folder_of(project)
    found = folder.iterdir() if folder.is_dir() else []
    return sorted(path for path in found if path.name.lower().endswith(ENDINGS))


def remove(name: str, project: Path) -> None:
    """Take a file of records out of a project, and the folder with the last of them."""
    for path in kept(project):
        if path.name == name:
            path.unlink(missing_ok=True)
    folder = folder_of(project)
    if folder == project.parent / CRASHES and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def folder_of(project: Path) -> Path:
    """
    Folder of a project's crash records, whether it is there or not.

    Raises
    ------
    RiskmapError
        A project that names a single file of records.
    """
    stated = open_project(project).crashes or project.parent / CRASHES
    if stated.is_file():
        raise RiskmapError(
            f"{project.name}: crashes names the file {stated.name}; name a folder to add others"
        )
    return stated


def _places(word: str, cells: Any) -> dict[str, Texts]:  # noqa: ANN401  # sequence of texts
    """A column of places as numbers, or as shapes; "…" stands where there was something else."""
    texts = np.array([plain(cell) for cell in cells], dtype=object)
    if word == "geometry":
        shapes = shapely.from_wkt(texts, on_invalid="ignore")
        written = shapely.to_wkt(shapes)
        known = (np.abs(shapely.bounds(shapes)) < FURTHEST).all(axis=1)
        return {word: np.where(known, written, _unread(texts))}
    if word != "coordinates":
        return {word: _numbers(texts)}
    pairs = [halves(text) or ("…", "…") for text in texts]
    both = [np.array([pair[side] for pair in pairs], dtype=object) for side in (0, 1)]
    return {"lon": _numbers(both[0]), "lat": _numbers(both[1])}


def _numbers(texts: Texts) -> Texts:
    found = degrees(texts)
    known = np.abs(found) < FURTHEST
    result = _unread(texts)
    result[known] = found[known]
    return result


def _unread(texts: Texts) -> Texts:
    return np.where(texts == "", "", "…").astype(object)


def _lines(table: pd.DataFrame, sheet: Sheet) -> bytes:
    """CSV in which every row stands at its own number, so that what is said of it can be found."""
    named = {word: sheet.headings.get(word, word) for word in table}
    if "coordinates" in sheet.cells:
        named |= {"lon": "lon", "lat": "lat"}
    own = table.rename(columns=named)
    text = export.as_csv(own).decode("utf-8-sig")
    lines = text.rstrip("\n").split("\n")
    rows = np.asarray(sheet.rows, dtype=np.int64)
    if len(rows) and rows[-1] <= ROWS:  # more blank lines than a list may have rows
        at = [""] * int(rows[-1])
        at[int(rows[0]) - 2] = lines[0]
        for row, line in zip(rows, lines[1:], strict=True):
            at[row - 1] = line
        lines = at
    return ("\ufeff" + "\n".join(lines) + "\n").encode()
