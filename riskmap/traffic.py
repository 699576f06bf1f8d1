"""The brigade's own hourly counts and congestion records → what was counted where, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap.cells import numbers, plain
from riskmap.facts import ENDS, with_lines
from riskmap.facts import WORDS as FACT_WORDS
from riskmap.offmap import Roads, on_the_map
from riskmap.places import (
    COLUMNS,
    CRS_WORDS,
    PLACE_WORDS,
    Account,
    beside,
    in_crs,
    middles,
    note_rows,
    placed,
    recognised,
)
from riskmap.segments import Network
from riskmap.sheets import Sheet, read_sheets
from riskmap.spots import Rows, meant, ways_of
from riskmap.windows import (
    DAY_MIN,
    DAYS,
    EVE,
    HOUR_MIN,
    PHASES,
    kinds_of_day,
    last_said,
    minutes,
    runs,
    times,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]

NAME = "traffic"
"""Stem of the file of records, and what stands for a layer in the rows of the report on it."""
LEVELS: tuple[tuple[str, ...], ...] = (
    ("free", "畅通", "1"),
    ("slow", "缓行", "缓慢", "2"),
    ("jam", "拥堵", "3"),
    ("severe", "严重拥堵", "4"),
)
"""Words of each level of congestion, 0 to 3."""
MOST = 30_000
"""Most vehicles an hour that are believed."""
WORDS: Mapping[str, tuple[str, ...]] = {
    **PLACE_WORDS,
    **CRS_WORDS,
    **{end: FACT_WORDS[end] for end in ENDS},
    "geometry": FACT_WORDS["geometry"],
    "way_id": (*FACT_WORDS["way_id"], "路编号", "道路编号"),
    "name": ("name", "路名", "名称", "路口", "道路名称", "地点"),
    "days": ("days", "日期类型", "day"),
    "hours": ("hours", "时段", "时间", "小时", "hour", "time"),
    "level": ("level", "拥堵等级", "等级", "拥堵"),
    "vehicles": ("vehicles", "流量", "小时流量", "交通量"),
    "note": ("备注", "note"),
}
"""Columns of the records → the headings that name them."""
COUNTS = {"row": np.int64, "day": np.int64, "hour": np.int64, "vehicles": np.float64}
CONGESTION = ("kind", "row", "days", "hours", "level")


@dataclass(frozen=True)
class Traffic:
    """
    What the brigade counted and saw.

    `counts`: one row per piece of road, kind of day and hour that was counted: `row` of the
    segments, `day` (number in `windows.DAYS`), `hour` 0–23, `vehicles` an hour in both directions.
    `congestion`: `kind` ("link" or "junction"), `row` of the segments or junctions, `days` (of
    `windows.PHASES`: the four kinds, of which each day is one, and "eve", the day before a holiday
    of whatever kind), `hours` ((start, end), …) of the day, `level` 0 free, 1 slow, 2 jam or
    3 severe; no two rows speak of the same place, kind of day and time. `report`: as that of
    `facts.Facts`, with layer "traffic".
    """

    counts: pd.DataFrame
    congestion: pd.DataFrame
    report: pd.DataFrame


def nothing() -> Traffic:
    """No records."""
    return Traffic(_counts(np.empty((0, 4, 24)), np.empty(0, np.int64)), _congestion([]),
                   pd.DataFrame(columns=list(COLUMNS)))  # fmt: skip


def read_traffic(
    path: Path, network: Network, *, system: str | None, rules: Mapping[str, Any]
) -> Traffic:
    """
    Read hourly counts and congestion records from one list.

    A row says where: `way_id` (one id or several), a point, or a line as for facts. `spots.meant`
    says what a point means; vehicles counted at a point passed the whole stretch of road up to the
    next junctions. When: `days` (blank: every day) and `hours`, as in `windows`; neither is
    guessed. And either `level` or `vehicles`, which are those of each hour that the windows cover
    for `hour_min`. Later rows override earlier ones, hour by hour, and levels minute by minute.

    Parameters
    ----------
    path
        CSV, XLSX, or a file of points or lines as for `points.read_lists`.
    network
        The roads.
    system
        Coordinate system of places that state none; None takes WGS 84 and says so.
    rules
        The whole table of `parameters.toml`: `[traffic]` and `[points]`.

    Raises
    ------
    RiskmapError
        A file that cannot be read at all. A row with anything wrong is dropped, and the report
        says why.
    """
    (sheet,) = read_sheets([path], WORDS, (*PLACE_WORDS, *ENDS))
    account = Account(sheet)
    ways = ways_of(sheet.column("way_id"), account)
    level, vehicles = _levels(sheet, account), _vehicles(sheet, account)
    counted = ~np.isnan(vehicles)
    days, spans = _when(sheet, account, counted)
    hours = minutes(spans, np.arange(0, DAY_MIN + 1, HOUR_MIN)) >= rules["traffic"]["hour_min"]
    short = f"{rules['traffic']['hour_min']:g}"
    account.say(counted & ~hours.any(axis=1), "dropped", "import.traffic.short", minutes=short)
    option = None if system is None else recognised(system, "crs")
    shapes, metric = _shapes(
        sheet, account, ways, network.segments,
        stated=beside(path), option=option, rules=rules["points"],
    )  # fmt: skip
    names = sheet.column("name")
    row, place = meant(account, Rows(ways, metric, names, ~counted), network, rules)
    count = np.bincount(row[place < len(network.segments)], minlength=len(counted))
    account.say(count > 0, "", "import.pieces", count=count)
    counts, congestion = _resolved(
        account, row, place, vehicles=vehicles, level=level, days=days, spans=spans, hours=hours,
        segments=len(network.segments),
    )  # fmt: skip
    notes = note_rows(path.name, NAME, account.notes)
    report = account.table(NAME, _named(sheet), *middles(shapes))
    report = pd.concat([notes, report], ignore_index=True)[list(COLUMNS)]
    return Traffic(counts, congestion, report)


def hourly(counts: pd.DataFrame) -> tuple[Ints, Floats]:
    """
    Spread counts out: the rows of the segments that were counted, and row × 96 vehicles an hour.

    The 96 are kind of day after kind of day, 24 hours each; NaN where nobody counted.
    """
    rows, at = np.unique(counts["row"].to_numpy(np.int64), return_inverse=True)
    table = np.full((len(rows), len(DAYS) * 24), np.nan)
    table[at, counts["day"].to_numpy() * 24 + counts["hour"].to_numpy()] = counts["vehicles"]
    return rows, table


def shares(prior: Floats, counts: Floats, *, least: float, most: float) -> Floats:
    """
    Fill the hours that nobody counted by a prior that is scaled to the hours somebody did.

    Parameters
    ----------
    prior
        Vehicles an hour, ≥ 0; hours along the last axis.
    counts
        The same shape, NaN where nobody counted.
    least, most
        The prior is scaled by (counted vehicles / its own in those hours), held between these; by
        1 where nothing was counted or both are 0, by `most` where only the prior is 0.

    Returns
    -------
    The counts where there are any, else the scaled prior.
    """
    known = ~np.isnan(counts)
    told = np.where(known, counts, 0.0).sum(axis=-1, keepdims=True)
    own = np.where(known, prior, 0.0).sum(axis=-1, keepdims=True)
    # held before it is divided, too: a prior next to nothing must not make it infinite
    held = np.clip(told, least * own, most * own)
    ratio = np.divide(held, own, out=np.where(told > 0, most, 1.0), where=own > 0)
    return np.where(known, counts, prior * np.clip(ratio, least, most))


def _levels(sheet: Sheet, account: Account) -> NDArray[np.int8]:
    """Level of each row, −1 where it states none or one that is not known; these are dropped."""
    of = {word: level for level, words in enumerate(LEVELS) for word in words}
    cells = np.array([plain(cell).lower() for cell in sheet.column("level")], dtype=object)
    found = np.array([of.get(cell, -1) for cell in cells], dtype=np.int8)
    account.say((cells != "") & (found < 0), "dropped", "import.traffic.not_level", value=cells)
    both = (cells != "") & (np.array(sheet.column("vehicles"), dtype=object) != "")
    account.say(both, "dropped", "import.traffic.two_records")
    return found


def _vehicles(sheet: Sheet, account: Account) -> Floats:
    """Vehicles an hour of each row, NaN where it states none; what is not believed is dropped."""
    cells = np.array([plain(cell) for cell in sheet.column("vehicles")], dtype=object)
    found = numbers(cells)
    good = (found >= 0) & (found <= MOST)
    wrong = (cells != "") & ~good
    account.say(wrong, "dropped", "import.traffic.not_vehicles", value=cells, most=MOST)
    bare = (cells == "") & (np.array(sheet.column("level"), dtype=object) == "")
    account.say(bare, "dropped", "import.traffic.no_record")
    return np.where(good, found, np.nan)


def _when(sheet: Sheet, account: Account, counted: Bools) -> tuple[Bools, list[Any]]:
    """Row × `PHASES`, and the windows of each row."""
    days, wrong = kinds_of_day(sheet.column("days"))
    account.say(wrong, "dropped", "import.traffic.not_days", value=list(sheet.column("days")))
    spans, wrong = times(sheet.column("hours"))
    account.say(wrong, "dropped", "import.traffic.not_hours", value=list(sheet.column("hours")))
    none = np.array([not own for own in spans], dtype=bool)
    account.say(none, "dropped", "import.traffic.no_hours")
    eve = PHASES.index(EVE)
    only = days[:, eve] & ~days[:, : len(DAYS)].any(axis=1)
    account.say(counted & only, "dropped", "import.traffic.eve")
    account.say(counted & days[:, eve], "", "import.traffic.eve")
    return days, spans


def _shapes(
    sheet: Sheet,
    account: Account,
    ways: pd.DataFrame,
    segments: gpd.GeoDataFrame,
    *,
    stated: str | None,
    option: str | None,
    rules: Mapping[str, Any],
) -> tuple[Shapes, Shapes]:
    """Point or line of each row in WGS 84 and in metres; None where it has none or was dropped."""
    sheet, has = with_lines(sheet, account)
    for word in set(PLACE_WORDS) - {"geometry"}:
        has |= np.array(sheet.column(word), dtype=object) != ""
    named = np.isin(np.arange(len(has)), ways["row"])
    account.say(~named & ~has, "dropped", "import.traffic.no_place")
    shapes, metric = (np.full(len(has), None, dtype=object) for _ in range(2))
    rows = np.flatnonzero(has & account.alive)
    if not len(rows):
        return shapes, metric
    told = Account(sheet.only(rows))
    place = placed(told.sheet, told, stated=stated, option=option)
    there = in_crs(place.shapes, segments.crs)
    on_the_map(told, place, there, Roads(segments), rules)
    odd = ~np.isin(shapely.get_type_id(place.shapes), (0, 1, 5))
    told.say(odd, "dropped", "import.traffic.not_a_place")
    account.adopt(told, rows)
    line = shapely.get_type_id(there) > 0
    there[line] = shapely.line_merge(there[line])
    good = told.alive
    shapes[rows[good]], metric[rows[good]] = place.shapes[good], there[good]
    return shapes, metric


def _resolved(
    account: Account,
    row: Ints,
    place: Ints,
    *,
    vehicles: Floats,
    level: NDArray[np.int8],
    days: Bools,
    spans: Sequence[Any],
    hours: Bools,
    segments: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts and congestion by the last row that speaks of them; the report tells the others."""
    counted = ~np.isnan(vehicles)[row]
    places, at = np.unique(place[counted], return_inverse=True)
    told, by = last_said(
        row[counted], at, vehicles, days=days[:, : len(DAYS)], hours=hours, missing=np.nan
    )
    counts = _counts(told, places)
    ends = {end for one in np.unique(row[~counted]) for span in spans[one] for end in span}
    edges = np.array(sorted({0, DAY_MIN} | ends), dtype=np.int64)
    places, at = np.unique(place[~counted], return_inverse=True)
    inside = minutes(spans, edges) > 0
    seen, by_level = last_said(row[~counted], at, level, days=days, hours=inside, missing=-1)
    by = np.maximum(by, by_level)
    of = np.append(np.asarray(account.sheet.rows, dtype=np.int64), 0)
    account.say(by >= 0, "", "import.traffic.later", row=of[by])
    return counts, _congestion(_written(seen, places, edges, segments))


def _counts(told: Floats, places: Ints) -> pd.DataFrame:
    at, day, hour = np.nonzero(~np.isnan(told))
    found = {"row": places[at], "day": day, "hour": hour, "vehicles": told[at, day, hour]}
    return pd.DataFrame(found).astype(COUNTS)


def _written(
    seen: NDArray[np.int8], places: Ints, edges: Ints, segments: int
) -> list[tuple[str, int, tuple[str, ...], tuple[tuple[float, float], ...], int]]:
    """Rows of the congestion table; places where all is the same are written once."""
    flat = seen.reshape(len(places), int(np.prod(seen.shape[1:])))
    patterns, of = np.unique(flat, axis=0, return_inverse=True)
    known = [
        [
            (
                tuple(np.array(PHASES)[days].tolist()),
                tuple((start / HOUR_MIN, end / HOUR_MIN) for start, end in windows),
                level,
            )
            for days, windows, level in runs(pattern.reshape(seen.shape[1:]), edges)
        ]
        for pattern in patterns
    ]
    link = places < segments
    kinds, rows = np.where(link, "link", "junction"), np.where(link, places, places - segments)
    return [
        (str(kind), int(row), *one)
        for kind, row, pattern in zip(kinds, rows, of.reshape(-1), strict=True)
        for one in known[pattern]
    ]


def _congestion(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(CONGESTION)).astype(
        {"kind": object, "row": np.int64, "days": object, "hours": object, "level": np.int64}
    )


def _named(sheet: Sheet) -> list[str]:
    """Name of each row in the report: of its road, its ways, or the note."""
    columns = (sheet.column(word) for word in ("name", "way_id", "note"))
    return [name or way or note for name, way, note in zip(*columns, strict=True)]
