"""Crash records in a file → what happened, where and when, without a name; an account of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap.cells import numbers, plain
from riskmap.coords import system_named
from riskmap.errors import RiskmapError
from riskmap.offmap import Roads, on_the_map
from riskmap.places import COLUMNS, Account, in_crs, middles, note_rows, placed, recognised
from riskmap.record_cells import (
    SEVERITIES,
    dates,
    hours,
    kinds,
    now,
    numeric,
    severities,
    weekdays,
    without_persons,
)
from riskmap.record_files import Mapped, mapping_of, read_table
from riskmap.sheets import Sheet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

LAYER = "crashes"
"""What the report calls these rows."""
NUMBERS = ("lon", "lat", "coordinates", "year", "month", "killed", "serious", "minor", "injured")
"""Columns of numbers and coordinates."""
TEXTS = ("type", "parties", "road", "road_class")
COUNTED = ("killed", "serious", "minor", "injured")
"""Columns that count people."""
CRASHES = (
    "file", "row", "lon", "lat", "year", "date", "month", "weekday", "hour", "hour_to", "severity",
    "killed", "injured", "type", "parties", "road", "road_class",
)  # fmt: skip
SHOWN = 40


@dataclass(frozen=True)
class Records:
    """
    Crash records that have a place and a year.

    `crashes`: one row per crash: `file` and `row` as a person counts, `lon`, `lat` (WGS 84),
    `year`, `date` (NaT where only the year is known), `month` (0 unknown), `weekday` (0 Monday … 6,
    −1 unknown), `hour` and `hour_to` (first hour and exclusive end, 26 for two in the night after,
    −1 unknown), `severity` (of `record_cells.SEVERITIES`, "" unknown), `killed` and `injured` (−1
    unknown), `type`, `parties`, `road`, `road_class` as stated. `covered`: by year, how much of it
    the records cover, 0..1.
    `report`: as of `points.Lists`, with layer "crashes". `notes`: keys of the catalogue with their
    values, about all records.
    """

    crashes: pd.DataFrame
    covered: pd.Series
    report: pd.DataFrame
    notes: list[tuple[str, Mapping[str, object]]]


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
    names: names, plates, identity and telephone numbers never leave the reader, and what looks like
    one in a column that is read is blanked.

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
    roads, parts, reports = Roads(segments), [], []
    for path in paths:
        mapped = mapping_of(path, SEVERITIES)
        table, report = _read(path, mapped, option, roads, rules, today or now())
        parts.append(table)
        reports.append(report)
    crashes = pd.concat(parts, ignore_index=True)
    covered, notes = _covered(crashes)
    return Records(
        crashes, covered, pd.concat(reports, ignore_index=True)[list(COLUMNS)],
        [*notes, *_repeated(crashes, rules["crashes"]["repeated"])],
    )  # fmt: skip


def _read(
    path: Path,
    mapped: Mapped,
    option: str | None,
    roads: Roads,
    rules: Mapping[str, Any],
    today: date,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    sheet, personal = _decent(read_table(path, mapped))
    if not {"date", "year"} & set(sheet.headings):
        raise RiskmapError(
            f"{path}: says of no crash when it happened; add a column date or year (日期, 年份), "
            "or name it in the mapping beside the file"
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
        "file": path.name, "row": np.asarray(sheet.rows, dtype=np.int64), "lon": lon, "lat": lat,
        **_when(sheet, account, today), **_severity(sheet, account, mapped),
        **{name: np.array(sheet.column(name), dtype=object) for name in TEXTS},
    })[list(CRASHES)]  # fmt: skip
    _once(sheet, account, table)
    report = account.table(LAYER, [""] * len(table), lon, lat)
    notes = note_rows(path.name, LAYER, account.notes)
    return table[account.alive], pd.concat([notes, report], ignore_index=True)


def _decent(sheet: Sheet) -> tuple[Sheet, Bools]:
    """
    Sheet in which no cell names a person, as far as can be told, and which rows did.

    Everything that is said of a row comes from here on: where a number or a place should stand
    nothing else is repeated, of the parties only their kinds are kept.
    """
    cells: dict[str, list[str]] = {}
    personal = np.zeros(len(sheet.rows), dtype=bool)
    for name, column in sheet.cells.items():
        clean, held = without_persons(column)
        personal |= held
        own = list(clean)
        if name in NUMBERS:
            own = numeric(own)
        elif name == "crs":
            own = [cell if not cell or system_named(cell) else "…" for cell in own]
        elif name == "parties":
            own = list(kinds(own))
        cells[name] = own
    return replace(sheet, cells=cells), personal


# --- cells ---------------------------------------------------------------------------------------


def _when(sheet: Sheet, account: Account, today: date) -> dict[str, Any]:
    """Date, year, month, weekday and hours of every row; what has no year is dropped."""
    found = dates(sheet.column("date"), today)
    cells = np.array([_short(cell) for cell in sheet.column("date")], dtype=object)
    fault = found["fault"].to_numpy(object)
    stated = numbers([plain(cell) for cell in sheet.column("year")])
    year = np.where(found["year"] > 0, found["year"], np.nan_to_num(stated)).astype(np.int64)
    for name in ("future", "old"):
        account.say(fault == name, "dropped", f"import.crash.{name}", value=cells)
    account.say((fault == "unknown") & (year > 0), "", "import.crash.not_date", value=cells)
    account.say(fault == "order", "", "import.crash.order", value=cells)
    account.say((year < 1) & (fault == "unknown"), "dropped", "import.crash.not_date", value=cells)
    account.say(year < 1, "dropped", "import.crash.no_year")
    wrong = (year > today.year) | ((year > 0) & (year < 1950))  # noqa: PLR2004  # before cars counted
    account.say(wrong, "dropped", "import.crash.bad_year", year=year.astype(str).astype(object))
    orders = found["order"].to_numpy(object)
    for order in ("day", "month"):
        if count := int((orders == order).sum()):
            account.note(f"import.note.{order}_first", count=count)
    month = found["month"].to_numpy(np.int64)
    given = np.nan_to_num(numbers([plain(cell).rstrip("月") for cell in sheet.column("month")]))
    month = np.where((month == 0) & (given >= 1) & (given <= 12), given, month)  # noqa: PLR2004
    when = found["date"]
    first, last, not_hour = hours(sheet.column("hour"))
    hour = found["hour"].to_numpy(np.int64)
    told = (hour >= 0) & (first < 0)
    first, last = np.where(told, hour, first), np.where(told, hour + 1, last)
    text = np.array([_short(cell) for cell in sheet.column("hour")], dtype=object)
    account.say(not_hour, "", "import.crash.not_hour", value=text)
    weekday = np.where(when.notna(), when.dt.weekday.fillna(-1), weekdays(sheet.column("weekday")))
    return {
        "year": year, "date": when, "month": month.astype(np.int64),
        "weekday": weekday.astype(np.int64), "hour": first, "hour_to": last,
    }  # fmt: skip


def _severity(sheet: Sheet, account: Account, mapped: Mapped) -> dict[str, Any]:
    """How bad each crash was: as stated, else by who was killed or hurt; the worse of the two."""
    stated, unknown = severities(sheet.column("severity"), mapped.severity)
    people = {name: _people(sheet, account, name) for name in COUNTED}
    has = set(COUNTED) & set(sheet.headings)
    counted = np.full(len(stated), "", dtype=object)
    if has:
        known = np.any([people[name] >= 0 for name in has], axis=0)
        counted[known] = "damage"
    for name, severity in (
        ("injured", "injury"), ("minor", "minor"), ("serious", "serious"), ("killed", "fatal"),
    ):  # fmt: skip
        counted[people[name] > 0] = severity
    rank = {name: number for number, name in enumerate((*SEVERITIES, ""))}
    worse = np.array([rank[a] < rank[b] for a, b in zip(counted, stated, strict=True)], dtype=bool)
    # "injury" says less than "minor" and "serious", but it is no milder
    worse &= (stated == "") | (stated == "damage") | (counted == "fatal")
    cells = np.array([_short(cell) for cell in sheet.column("severity")], dtype=object)
    account.say(unknown & (counted != ""), "", "import.crash.severity_counted", value=cells)
    account.say(unknown & (counted == ""), "", "import.crash.severity_unknown", value=cells)
    account.say(worse & (stated != ""), "", "import.crash.severity_worse", value=cells)
    if not has and "severity" not in sheet.headings:
        account.note("import.note.no_severity")
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


def _once(sheet: Sheet, account: Account, table: pd.DataFrame) -> None:
    """Drop records that are there twice, and tell of those that may be."""
    ids = np.array([plain(cell) for cell in sheet.column("id")], dtype=object)
    alive = pd.Series(account.alive)
    again = pd.Series(ids).where(alive & (ids != "")).duplicated() & alive & (ids != "")
    account.say(again.to_numpy(), "dropped", "import.crash.same_id")
    same = ["lon", "lat", "year", "date", "weekday", "hour", "hour_to", "severity", "killed",
            "injured", "type", "parties"]  # fmt: skip
    twice = np.zeros(len(table), dtype=bool)
    twice[account.alive] = table.loc[account.alive, same].duplicated()
    # two crashes at one place on one day at one hour are one; in one year they need not be
    sure = twice & table["date"].notna().to_numpy() & (table["hour"] >= 0).to_numpy() & (ids == "")
    account.say(sure, "dropped", "import.crash.twice")
    account.say(twice & ~sure, "", "import.crash.maybe_twice")
    if count := int((twice & ~sure & account.alive).sum()):
        account.note("import.note.maybe_twice", count=count)


def _short(cell: str) -> str:
    return cell if len(cell) <= SHOWN else f"{cell[: SHOWN - 1]}…"


# --- what the records cover ----------------------------------------------------------------------

EMPTY = 4.6
"""A month that should have so many crashes has none by chance once in a hundred times."""
FEW = 0.6
"""A year with a smaller share of the median of the years is told, where months are not known."""


def _covered(crashes: pd.DataFrame) -> tuple[pd.Series, list[tuple[str, Mapping[str, object]]]]:
    """
    Say how much of each year is covered: all but the months that should not be empty by chance.

    A record that stops in June would make July to December safe.
    """
    notes: list[tuple[str, Mapping[str, object]]] = []
    if crashes.empty:
        return pd.Series(dtype=float), [("import.note.no_crash", {})]
    years = np.arange(crashes["year"].min(), crashes["year"].max() + 1)
    covered = pd.Series(1.0, index=pd.Index(years, name="year"))
    by_year = crashes.groupby("year").size().reindex(years, fill_value=0)
    dated = crashes[crashes["month"] > 0]
    if len(dated) > 0.9 * len(crashes):  # a few cells may be blank
        grid = pd.crosstab(dated["year"], dated["month"])
        grid = grid.reindex(index=years, columns=range(1, 13), fill_value=0)
        mean = float(grid.to_numpy()[grid.to_numpy() > 0].mean())
        missing = (grid == 0) & (mean >= EMPTY)
        covered -= missing.sum(axis=1) / 12.0
        for year, count in missing.sum(axis=1).items():
            if count:
                months = ", ".join(str(m) for m in missing.columns[missing.loc[year]])
                notes.append(("import.note.months", {"year": year, "months": months}))
    else:
        usual = float(by_year[by_year > 0].median())
        for year, count in by_year.items():
            if count == 0 and usual >= EMPTY:
                covered[year] = 0.0
            if count < FEW * usual:
                values = {"year": year, "count": count, "usual": f"{usual:.0f}"}
                notes.append(("import.note.few", values))
    if len(crashes) == 1:
        notes.append(("import.note.one_crash", {}))
    return covered.clip(lower=0.0), notes


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
