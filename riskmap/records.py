"""Crash records in a file → what happened, where and when, without a name; an account of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import record_years
from riskmap.cells import numbers, plain
from riskmap.errors import RiskmapError
from riskmap.offmap import Roads, on_the_map
from riskmap.places import COLUMNS, Account, in_crs, middles, note_rows, placed, recognised
from riskmap.record_cells import (
    SEVERITIES,
    dates,
    hours,
    now,
    severities,
    weekdays,
)
from riskmap.record_files import Mapped, mapping_of, read_table
from riskmap.record_persons import decent
from riskmap.record_text import masking, names_of, repeatable, severity_shown
from riskmap.sheets import Sheet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

LAYER = "crashes"
"""What the report calls these rows."""
TEXTS = ("type", "parties", "road", "road_class")
COUNTED = ("killed", "serious", "minor", "injured")
"""Columns that count people."""
CRASHES = (
    "file", "row", "lon", "lat", "year", "date", "month", "weekday", "hour", "hour_to", "severity",
    "killed", "injured", "type", "parties", "road", "road_class",
)  # fmt: skip
SAME = (
    "lon", "lat", "year", "date", "weekday", "hour", "hour_to", "severity", "killed", "injured",
    "type", "parties",
)  # fmt: skip
"""Columns in which records that are there twice do not differ."""
DROPPED: Mapping[str, tuple[str, ...]] = {
    "far": ("import.swapped", "import.far", "import.not_on_earth", "import.zero"),
    "no_place": ("import.no_place", "import.no_value", "import.not_a_number", "import.not_a_pair",
                 "import.not_a_coordinate", "import.unknown_system"),
    "not_dated": ("import.crash.future", "import.crash.old", "import.crash.not_date",
                  "import.crash.no_year", "import.crash.bad_year"),
    "twice": ("import.crash.same_id", "import.crash.twice", "import.crash.elsewhere"),
}  # fmt: skip
"""Notes on a whole file, and what is said of the rows that were dropped and that each counts."""
REMARKED: Mapping[str, tuple[str, ...]] = {
    "severity": ("import.crash.severity_unknown", "import.crash.severity_counted"),
    "order": ("import.crash.order",),
    "not_hour": ("import.crash.not_hour",),
}
"""The same of rows that are read."""
SHOWN = 40


@dataclass(frozen=True)
class Records:
    """
    Crash records that have a place and a year.

    `crashes`: one row per crash: `file` and `row` as a person counts, `lon`, `lat` (WGS 84),
    `year`, `date` (NaT where only the year is known), `month` (0 unknown), `weekday` (0 Monday … 6,
    −1 unknown), `hour` and `hour_to` (first hour and exclusive end, 26 for two in the night after,
    −1 unknown), `severity` (of `record_cells.SEVERITIES`, "" unknown), `killed` and `injured` (−1
    unknown), `type` and `parties` (in the words of `record_persons`), `road` and `road_class` as
    stated. `months`: by year and month, 1 where records cover it, else 0.
    `report`: as of `points.Lists`, with layer "crashes". `notes`: keys of the catalogue with their
    values, about all records.
    """

    crashes: pd.DataFrame
    months: pd.DataFrame
    report: pd.DataFrame
    notes: list[tuple[str, Mapping[str, object]]]

    @property
    def covered(self) -> pd.Series:
        """By year, how much of it the records cover, 0..1."""
        return self.months.mean(axis=1)


@masking()
def read_records(
    paths: Sequence[Path],
    segments: gpd.GeoDataFrame,
    *,
    system: str | None,
    rules: Mapping[str, Any],
    today: date | None = None,
) -> Records:
    """
    Read crash records from files: CSV, XLSX or Parquet, with Chinese or English headings.

    Only the columns of `record_files.WORDS` are read, or those that the mapping beside a file
    names: names, plates, identity and telephone numbers never leave the reader. What looks like a
    number, telephone or plate in a column that is read, a heading or a file's name is blanked.

    Parameters
    ----------
    paths
        One or several files.
    segments
        The roads, in a projected CRS with metre units: what is far from all of them is dropped.
    system
        Coordinate system where a file does not state its own; None takes WGS 84 and says so.
    rules
        The whole table of `parameters.toml`: `[points]` and `[crashes]`.
    today
        What happened later is dropped; None takes today.

    Raises
    ------
    RiskmapError
        A file that cannot be read at all, or that has no date. A row that cannot be used is no
        error: the report tells.
    """
    option = None if system is None else recognised(system, "crs")
    roads, reports = Roads(segments), []
    crashes = pd.DataFrame(columns=[*CRASHES, "id"])
    for path, name in zip(paths, names_of(paths), strict=True):
        mapped = mapping_of(path, SEVERITIES)
        sheet = repeatable(read_table(path, mapped), name)
        table, report = _read(sheet, mapped, option, roads, rules, today or now(), crashes)
        crashes = pd.concat([crashes, table], ignore_index=True) if len(crashes) else table
        reports.append(report)
    crashes = crashes[list(CRASHES)].reset_index(drop=True)
    months, notes = record_years.covered(crashes, today or now())
    return Records(
        crashes, months, pd.concat(reports, ignore_index=True)[list(COLUMNS)],
        [*notes, *_repeated(crashes, rules["crashes"]["repeated"])],
    )  # fmt: skip


def _read(
    sheet: Sheet,
    mapped: Mapped,
    option: str | None,
    roads: Roads,
    rules: Mapping[str, Any],
    today: date,
    others: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    sheet, personal = _decent(sheet)
    if not {"date", "year"} & set(sheet.headings):
        raise RiskmapError(
            f"{sheet.path}: says of no crash when it happened; add a column date or year (日期, "
            "年份), or name it in the mapping beside the file"
        )
    account = Account(sheet)
    account.say(personal, "", "import.crash.personal")
    if personal.any():
        account.note("import.note.personal", count=int(personal.sum()))
    place = placed(sheet, account, stated=mapped.crs, option=option)
    metric = in_crs(place.shapes, roads.crs)
    on_the_map(account, place, metric, roads, rules["points"])
    lon, lat = middles(place.shapes)
    table = pd.DataFrame({
        "file": sheet.path.name, "row": np.asarray(sheet.rows, dtype=np.int64),
        "lon": lon, "lat": lat, **_when(sheet, account, today), **_severity(sheet, account, mapped),
        **{name: np.array(sheet.column(name), dtype=object) for name in (*TEXTS, "id")},
    })[[*CRASHES, "id"]]  # fmt: skip
    _once(account, table)
    _elsewhere(account, table, others)
    _summed(account)
    report = account.table(LAYER, [""] * len(table), lon, lat)
    notes = note_rows(sheet.path.name, LAYER, account.notes)
    return table[account.alive], pd.concat([notes, report], ignore_index=True)


def _decent(sheet: Sheet) -> tuple[Sheet, Bools]:
    """
    Sheet in which no cell names a person, as far as can be told, and which rows did.

    Everything that is said of a row comes from here on.
    """
    cells: dict[str, list[str]] = {}
    personal = np.zeros(len(sheet.rows), dtype=bool)
    for name, column in sheet.cells.items():
        if name == "id":  # a number of eighteen digits tells cases apart; it never leaves this file
            cells[name] = [plain(cell) for cell in column]
            continue
        clean, held = decent(name, column)
        personal |= held
        cells[name] = clean.tolist()
    return replace(sheet, cells=cells), personal


# --- cells ---------------------------------------------------------------------------------------


def _when(sheet: Sheet, account: Account, today: date) -> dict[str, Any]:
    """Date, year, month, weekday and hours of every row; what has no year is dropped."""
    found = dates(sheet.column("date"), today)
    cells = np.array([_short(cell) for cell in sheet.column("date")], dtype=object)
    fault = found["fault"].to_numpy(object)
    written = np.array([plain(cell) for cell in sheet.column("year")], dtype=object)
    stated = numbers([cell.removesuffix("度").removesuffix("年").rstrip() for cell in written])
    no_year = (written != "") & ~(stated % 1 == 0)
    stated = np.where(no_year, 0.0, np.nan_to_num(stated))
    year = np.where(found["year"] > 0, found["year"], stated).astype(np.int64)
    for name in ("future", "old"):
        account.say(fault == name, "dropped", f"import.crash.{name}", value=cells)
    account.say((fault == "unknown") & (year > 0), "", "import.crash.not_date", value=cells)
    account.say(fault == "order", "", "import.crash.order", value=cells)
    account.say((year < 1) & (fault == "unknown"), "dropped", "import.crash.not_date", value=cells)
    account.say((year < 1) & no_year, "dropped", "import.crash.bad_year", year=written)
    account.say(year < 1, "dropped", "import.crash.no_year")
    wrong = (year > today.year) | ((year > 0) & (year < 1950))  # noqa: PLR2004  # before cars counted
    account.say(wrong, "dropped", "import.crash.bad_year", year=year.astype(str).astype(object))
    orders = found["order"].to_numpy(object)
    for order in ("day", "month"):
        if count := int((orders == order).sum()):
            account.note(f"import.note.{order}_first", count=count)
    account.say((stated > 0) & (stated != year), "", "import.crash.other_year", year=written)
    month = _months(sheet, account, found["month"].to_numpy(np.int64))
    when = found["date"]
    first, last, not_hour = hours(sheet.column("hour"))
    hour = found["hour"].to_numpy(np.int64)
    told = (hour >= 0) & (first < 0)
    unclear = found["not_hour"].to_numpy() & (first < 0)
    account.say(unclear, "", "import.crash.not_hour", value=cells)
    first, last = np.where(told, hour, first), np.where(told, found["hour_to"], last)
    text = np.array([_short(cell) for cell in sheet.column("hour")], dtype=object)
    account.say(not_hour, "", "import.crash.not_hour", value=text)
    of_week = weekdays(sheet.column("weekday"))
    text = np.array([_short(cell) for cell in sheet.column("weekday")], dtype=object)
    account.say(when.isna().to_numpy() & (of_week < 0) & (text != ""), "",
                "import.crash.not_weekday", value=text)  # fmt: skip
    weekday = np.where(when.notna(), when.dt.weekday.fillna(-1), of_week)
    return {
        "year": year, "date": when, "month": month,
        "weekday": weekday.astype(np.int64), "hour": first, "hour_to": last,
    }  # fmt: skip


def _months(sheet: Sheet, account: Account, dated: Ints) -> Ints:
    """Month of every row, of its date or else as stated; 0 where it is not known."""
    cells = np.array([plain(cell) for cell in sheet.column("month")], dtype=object)
    given = numbers([cell.removesuffix("份").removesuffix("月").rstrip() for cell in cells])
    good = np.isin(given, range(1, 13))
    wrong = (dated == 0) & ~good & (cells != "")
    account.say(wrong, "", "import.crash.not_month", value=[_short(cell) for cell in cells])
    return np.where((dated == 0) & good, np.nan_to_num(given), dated).astype(np.int64)


def _severity(sheet: Sheet, account: Account, mapped: Mapped) -> dict[str, Any]:
    """How bad each crash was: as stated, else by who was killed or hurt; the worse of the two."""
    stated, unknown = severities(sheet.column("severity"), mapped.severity)
    people = {name: _people(sheet, account, name) for name in COUNTED}
    has = set(COUNTED) & set(sheet.headings)
    counted = np.full(len(stated), "", dtype=object)
    # nobody killed and nobody badly hurt is not yet nobody hurt
    counted[(people["injured"] == 0) | (people["minor"] == 0)] = "damage"
    for name, severity in (
        ("injured", "injury"), ("minor", "minor"), ("serious", "serious"), ("killed", "fatal"),
    ):  # fmt: skip
        counted[people[name] > 0] = severity
    rank = {name: number for number, name in enumerate((*SEVERITIES, ""))}
    worse = np.array([rank[a] < rank[b] for a, b in zip(counted, stated, strict=True)], dtype=bool)
    # "injury" says less than "minor" and "serious", but it is no milder
    worse &= (stated == "") | (stated == "damage") | (counted == "fatal")
    cells = np.array([
        severity_shown(cell) if odd else _short(cell)
        for cell, odd in zip(sheet.column("severity"), unknown, strict=True)
    ], dtype=object)  # fmt: skip
    account.say(unknown & (counted != ""), "", "import.crash.severity_counted", value=cells)
    account.say(unknown & (counted == ""), "", "import.crash.severity_unknown", value=cells)
    account.say(worse & (stated != ""), "", "import.crash.severity_worse", value=cells)
    bare = account.alive & (counted == "") & (stated == "") & ~unknown
    if not has and "severity" not in sheet.headings:
        account.note("import.note.no_severity")
    elif bare.any():
        account.note("import.note.bare", count=int(bare.sum()))
    hurt = [people[name] for name in ("serious", "minor", "injured")]
    injured = np.maximum(
        people["injured"],
        np.where((hurt[0] >= 0) | (hurt[1] >= 0), np.maximum(hurt[0], 0) + np.maximum(hurt[1], 0),
                 -1),
    )  # fmt: skip
    return {
        "severity": np.where(worse, counted, stated), "killed": people["killed"],
        "injured": injured,
    }  # fmt: skip


def _people(sheet: Sheet, account: Account, name: str) -> Ints:
    cells = [plain(cell).rstrip("人") for cell in sheet.column(name)]
    found = numbers(cells)
    good = (found >= 0) & (found < 1000) & (found % 1 == 0)  # noqa: PLR2004  # people in a crash
    wrong = np.array([bool(cell) for cell in cells], dtype=bool) & ~good
    account.say(wrong, "", "import.crash.not_people", value=[_short(cell) for cell in cells],
                column=sheet.headings.get(name, name))  # fmt: skip
    return np.where(good, np.nan_to_num(found), -1).astype(np.int64)


def _once(account: Account, table: pd.DataFrame) -> None:
    """Drop records that are there twice, and tell of those that may be."""
    numbered = (table["id"] != "").to_numpy()
    again = np.zeros(len(table), dtype=bool)
    # rows that are merely counted begin at 1 again: the same number alone is not the same crash
    for columns, known in (
        (["id", "lon", "lat", "year"], np.ones(len(table), dtype=bool)),
        (["id", "date"], table["date"].notna().to_numpy()),
    ):
        some = account.alive & numbered & known
        again[some] |= table.loc[some, columns].duplicated().to_numpy()
    account.say(again, "dropped", "import.crash.same_id")
    twice = np.zeros(len(table), dtype=bool)
    twice[account.alive] = table.loc[account.alive, list(SAME)].duplicated()
    # two crashes at one place on one day at one hour are one; in one year they need not be
    sure = twice & _timed(table) & ~numbered
    account.say(sure, "dropped", "import.crash.twice")
    _tell(account, twice & ~sure)


def _elsewhere(account: Account, table: pd.DataFrame, others: pd.DataFrame) -> None:
    """The same of records that an earlier file has; numbers of cases may begin anew in each."""
    if others.empty:
        return
    both = pd.concat([others, table], ignore_index=True)
    twice, alike = (
        both.duplicated(list(columns)).to_numpy()[len(others):] & account.alive
        for columns in (SAME, (*SAME, "id"))
    )
    own = table.duplicated(list(SAME)).to_numpy()
    sure = alike & (_timed(table) | (table["id"] != "").to_numpy()) & ~own
    account.say(sure, "dropped", "import.crash.elsewhere")
    _tell(account, twice & ~sure & ~own)


def _timed(table: pd.DataFrame) -> Bools:
    return table["date"].notna().to_numpy() & (table["hour"] >= 0).to_numpy()


def _tell(account: Account, perhaps: Bools) -> None:
    if count := int((perhaps & account.alive).sum()):
        account.say(perhaps, "", "import.crash.maybe_twice")
        account.note("import.note.maybe_twice", count=count)


def _summed(account: Account) -> None:
    """Say of the whole file how many rows were dropped and why, and how many are doubtful."""
    gone = account.outcome == "dropped"
    for which, table in ((gone, DROPPED), (~gone, REMARKED)):
        said = (account.said[row] for row in np.flatnonzero(which))
        count = Counter(key for own in said if own for key in {key for key, _ in own})
        for note, keys in table.items():
            if total := sum(count[key] for key in keys):
                account.note(f"import.note.{note}", count=total)


def _short(cell: str) -> str:
    return cell if len(cell) <= SHOWN else f"{cell[: SHOWN - 1]}…"


def _repeated(
    crashes: pd.DataFrame, least: float
) -> list[tuple[str, Mapping[str, object]]]:
    """Tell where many crashes lie on the very same points: geocodes, which flatter counts."""
    if len(crashes) < 100:  # noqa: PLR2004  # chance
        return []
    size = crashes.groupby(["lon", "lat"])["year"].transform("size")
    share = float((size >= 5).mean())  # noqa: PLR2004  # evidence.md counts so
    if share < least:
        return []
    return [("import.note.repeated", {"percent": f"{100 * share:.0f}"})]
