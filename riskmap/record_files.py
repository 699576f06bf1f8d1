"""Files of crash records → tables of text: only columns that are used, by a saved mapping."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from riskmap.errors import RiskmapError
from riskmap.export import write_text
from riskmap.places import CRS_WORDS, PLACE_WORDS, recognised
from riskmap.project import read_toml
from riskmap.record_text import masked, masking, repeatable
from riskmap.record_times import told_apart
from riskmap.sheets import BYTES, ROWS, Sheet, Words, heading, of_csv, read_sheets, too_long
from riskmap.values import meant

WORDS: Words = {
    "lon": PLACE_WORDS["lon"],
    "lat": PLACE_WORDS["lat"],
    "coordinates": PLACE_WORDS["coordinates"],
    **CRS_WORDS,
    "id": ("事故编号", "案件编号", "编号", "序号", "id", "crash_id", "accident_id", "case_number",
           "accident_index", "crash_number"),
    "date": ("事故时间", "事故发生时间", "发生时间", "事故日期", "发生日期", "日期", "date",
             "datetime", "crash_date", "accident_date", "date_time", "timestamp"),
    "year": ("年份", "年", "年度", "year", "crash_year", "accident_year"),
    "month": ("月份", "月", "month"),
    "weekday": ("星期", "周几", "weekday", "day_of_week"),
    "hour": ("时段", "小时", "时间段", "时间", "时刻", "hour", "time", "hours", "time_of_day",
             "crash_time", "accident_time"),
    "severity": ("严重程度", "事故等级", "事故类别", "伤害程度", "事故后果", "事故严重程度",
                 "severity", "injury_severity", "accident_severity", "crash_severity"),
    "killed": ("死亡人数", "死亡", "num_fatal", "fatalities", "killed", "deaths", "fatal_count",
               "number_killed"),
    "serious": ("重伤人数", "重伤", "num_serious", "serious_injuries", "seriously_injured"),
    "minor": ("轻伤人数", "轻伤", "num_minor", "minor_injuries", "slight_injuries",
              "slightly_injured"),
    "injured": ("受伤人数", "伤人数", "受伤", "injured", "injuries", "num_injured",
                "number_injured"),
    "type": ("事故类型", "事故形态", "碰撞形态", "type", "crash_type", "collision_type",
             "accident_type", "circumstances"),
    "parties": ("参与方", "当事方类型", "车辆类型", "交通方式", "parties", "vehicle_type",
                "vehicles", "road_users", "road_user"),
    "road": ("道路名称", "路名", "事故道路", "road", "road_name", "street", "street_name"),
    "road_class": ("道路类型", "道路等级", "road_class", "road_type"),
}  # fmt: skip
"""Columns of the records → the headings that name them. No other column is ever read."""
ENDINGS = (".csv", ".csv.gz", ".xlsx", ".parquet")
SUFFIX = ".columns.toml"
MAPPED = ("columns", "crs", "severity")

TEMPLATE = """\
# Which column of {file} says what. Right of the sign stands the heading in the file; change what is
# wrong, add what is missing, delete what must not be read. Read whenever {file} is read, and for no
# other file.
# Our names: {names}.
# crs = "gcj02"  # wgs84, gcj02 (Amap), bd09 (Baidu)
[columns]
{columns}

# Words of its severity that riskmap does not know, e.g.  "A" = "fatal"
# ({severities})
[severity]
"""


@dataclass(frozen=True)
class Mapped:
    """What the file beside the records states: headings by our names, system, words of severity."""

    columns: Mapping[str, str]
    crs: str | None
    severity: Mapping[str, str]


@masking()
def files_of(given: Path) -> list[Path]:
    """
    List the files of records: the one given, or all of a folder.

    Raises
    ------
    RiskmapError
        A path that is not there, a folder without any, or a file of another kind.
    """
    if not given.exists():
        raise RiskmapError(f"{given}: no such file; name your crash records")
    if not given.is_dir():
        if not given.name.lower().endswith(ENDINGS):
            raise RiskmapError(f"{given}: not a kind of record; use {', '.join(ENDINGS)}")
        return [given]
    found = sorted(path for path in given.iterdir() if path.name.lower().endswith(ENDINGS))
    if not found:
        raise RiskmapError(f"{given}: holds no crash records ({', '.join(ENDINGS)})")
    return found


@masking()
def mapping_of(path: Path, severities: Iterable[str]) -> Mapped:
    """
    Read the column mapping beside a file of records, nothing if there is none.

    Raises
    ------
    RiskmapError
        A key, a column or a severity that nobody knows; a mapping that could be of several files.
    """
    own = beside(path)
    if not own.exists():
        _of_no_other(path)
        return Mapped({}, None, {})
    table = read_toml(own)
    for key in table:
        if key not in MAPPED:
            raise RiskmapError(f"{own}: unknown key '{key}'; {meant(key, list(MAPPED))}")
    columns, severity = (_texts(own, table, key) for key in ("columns", "severity"))
    named: dict[str, str] = {}
    for name, text in columns.items():
        first = named.setdefault(heading(text), name)
        if first != name:
            raise RiskmapError(
                f"{own}: [columns] {name} = '{text}': is {first} already; delete one of the two "
                "(a date may have its hour behind it)"
            )
    for name in columns:
        if name not in WORDS:
            raise RiskmapError(f"{own}: [columns] {name}: unknown; {meant(name, list(WORDS))}")
    for word, known in severity.items():
        if known not in severities:
            way_out = meant(known, list(severities))
            raise RiskmapError(f"{own}: [severity] {word} = '{known}': unknown; {way_out}")
    crs = table.get("crs")
    return Mapped(columns, None if crs is None else recognised(str(crs), str(own)), severity)


def beside(path: Path) -> Path:
    """Path of the column mapping of a file of records: its whole name says whose it is."""
    return path.with_name(path.name + SUFFIX)


def _of_no_other(path: Path) -> None:
    """Refuse a mapping that is named after a part of a file's name: others may begin so too."""
    ending = next((end for end in ENDINGS if path.name.lower().endswith(end)), "")
    for stem in {path.name.split(".")[0], path.name.removesuffix(path.name[-len(ending):])}:
        if ending and (short := path.with_name(stem + SUFFIX)).exists():
            raise RiskmapError(
                f"{short}: does not say of which file; name it {beside(path).name} if it is of "
                f"{path.name}, else move it away"
            )


@masking()
def write_mappings(paths: Iterable[Path], severities: Iterable[str]) -> list[Path]:
    """
    Save which columns of each file were recognised, for a planner to mend: of all files or of none.

    A mapping that is there already stays as it is: it may have been mended.

    Returns
    -------
    What was written: beside each file, under its whole name.

    Raises
    ------
    RiskmapError
        Each file has its mapping already, or one cannot be read or written.
    """
    paths = list(paths)
    missing = [path for path in paths if not beside(path).exists()]
    if not missing:
        raise RiskmapError(f"{beside(paths[0])}: is there already; delete it to write a new one")
    texts = {beside(path): _mapping(path, severities) for path in missing}
    written: list[Path] = []
    try:
        for own, text in texts.items():
            write_text(own, text)
            written.append(own)
    except RiskmapError:
        for own in written:
            own.unlink(missing_ok=True)
        raise
    return written


def _mapping(path: Path, severities: Iterable[str]) -> str:
    """Text of a new mapping."""
    _of_no_other(path)
    sheet = repeatable(read_table(path, Mapped({}, None, {})), masked(path.name))
    lines = [f"{word} = {_quoted(name)}" for word, name in sheet.headings.items()]
    lines += [
        f"# {word} = {_quoted(name)}  # not read: one column says it already"
        for word, columns in sheet.others.items() for name, _ in columns
    ]  # fmt: skip
    return TEMPLATE.format(
        file=sheet.path.name, names=", ".join(WORDS), columns="\n".join(lines),
        severities=", ".join(severities),
    )  # fmt: skip


@masking()
def read_table(path: Path, mapped: Mapped) -> Sheet:
    """
    Read the columns that count of a file of records, as text.

    Raises
    ------
    RiskmapError
        A file that cannot be read, is too large, or lacks a column that its mapping names.
    """
    words = WORDS
    if mapped.columns:
        words = {name: (text,) for name, text in mapped.columns.items()}
    places = [name for name in PLACE_WORDS if name in words]
    suffix = path.name.lower()
    if suffix.endswith(".parquet"):
        sheet = _parquet(path, words)
    elif suffix.endswith(".gz"):
        sheet = of_csv(path, _unpacked(path), words, places)
    else:
        (sheet,) = read_sheets([path], words, places)
    for name, text in mapped.columns.items():
        if name not in sheet.headings:
            raise RiskmapError(
                f"{beside(path)}: [columns] {name} = '{text}': {path.name} has no such column"
            )
    # what a planner has named is taken at its word
    return sheet if mapped.columns else told_apart(sheet)


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            content = file.read(BYTES + 1)
    except (OSError, EOFError) as fault:
        raise RiskmapError(f"{path}: cannot be unpacked ({fault}); save it again") from fault
    if len(content) > BYTES:
        raise RiskmapError(f"{path}: holds more than {BYTES / 1e6:.0f} MB; cut it in parts")
    if not content.strip():
        raise RiskmapError(f"{path}: is empty; take the template from data/templates")
    return content


def _parquet(path: Path, words: Words) -> Sheet:
    of = {heading(name): word for word, names in words.items() for name in names}
    try:
        file = pq.ParquetFile(path)
        size = sum(file.metadata.row_group(n).total_byte_size for n in range(file.num_row_groups))
        if file.metadata.num_rows > ROWS:
            raise too_long(path)
        if size > BYTES:
            raise RiskmapError(f"{path}: holds more than {BYTES / 1e6:.0f} MB; cut it in parts")
        named: dict[str, list[str]] = {}
        for name in file.schema_arrow.names:
            named.setdefault(of.get(heading(name), ""), []).append(name)
        named.pop("", None)
        table = file.read(columns=[name for names in named.values() for name in names])
    except (OSError, pa.ArrowException) as fault:
        said = " ".join(str(fault).split())
        raise RiskmapError(f"{path}: cannot be read as Parquet ({said}); save it again") from fault
    if not named:
        raise RiskmapError(f"{path}: none of its columns is known; begin with lon, lat, date")
    read = {
        word: [(name, _texts_of(table.column(name))) for name in names]
        for word, names in named.items()
    }
    return Sheet(
        path, range(2, table.num_rows + 2), {word: own[0][1] for word, own in read.items()},
        headings={word: own[0][0] for word, own in read.items()},
        others={word: own[1:] for word, own in read.items() if own[1:]},
    )  # fmt: skip


def _texts_of(column: pa.ChunkedArray) -> list[str]:
    values = column.to_pylist()
    return ["" if v is None or v != v else _text(v) for v in values]  # noqa: PLR0124  # NaN


def _text(value: Any) -> str:  # noqa: ANN401  # whatever a Parquet file holds
    if isinstance(value, float) and np.isfinite(value) and value == int(value):
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _texts(own: Path, table: Mapping[str, Any], key: str) -> dict[str, str]:
    part = table.get(key, {})
    if not isinstance(part, dict) or not all(isinstance(value, str) for value in part.values()):
        raise RiskmapError(f"{own}: [{key}] must be a table of texts in quotes")
    return part


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else " " for c in escaped) + '"'
