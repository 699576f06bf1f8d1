"""Exact facts about roads, stated by the brigade by way id or by a line on the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap.cells import numbers, plain, yes_or_no
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
from riskmap.sheets import Sheet, read_sheets

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]

RANGES: Mapping[str, tuple[float, float]] = {
    "maxspeed_kph": (5, 130),
    "width_m": (1.5, 60),
    "lanes": (1, 16),
    "aadt": (1, 300_000),
}
"""Least and most that is believed of a number."""
FLAGS = ("lit", "guard_rail")
FACTS = ("maxspeed_kph", "lit", "guard_rail", "width_m", "lanes", "aadt")
ENDS = ("lon1", "lat1", "lon2", "lat2")
WORDS: Mapping[str, tuple[str, ...]] = {
    "way_id": ("way_id", "way", "路段", "路段编号", "osm_id"),
    "geometry": ("line", "线", "路线", *PLACE_WORDS["geometry"]),
    **{end: (end, end.replace("lon", "经度").replace("lat", "纬度")) for end in ENDS},
    **CRS_WORDS,
    "maxspeed_kph": ("maxspeed_kph", "限速", "maxspeed"),
    "lit": ("lit", "路灯", "照明"),
    "guard_rail": ("guard_rail", "护栏"),
    "width_m": ("width_m", "路宽", "width"),
    "lanes": ("lanes", "车道数", "车道"),
    "aadt": ("aadt", "日流量", "日均流量"),
    "note": ("备注", "note"),
}
"""Columns of the facts → the headings that name them."""


@dataclass(frozen=True)
class Facts:
    """
    What the brigade knows about roads.

    `table`: index is the row number of a segment, columns `FACTS`: numbers with NaN, and objects
    True, False, None, where nothing is stated. `report`: as that of `points.Lists`, one row per
    row of the file, with layer "facts" and the road's id or the note for a name.
    """

    table: pd.DataFrame
    report: pd.DataFrame


def nothing() -> Facts:
    """No facts."""
    return Facts(pd.DataFrame(), pd.DataFrame(columns=list(COLUMNS)))


def read_facts(
    path: Path, segments: gpd.GeoDataFrame, *, system: str | None, rules: Mapping[str, Any]
) -> Facts:
    """
    Read facts about roads from one list.

    A row names its road by `way_id` ("w123" or 123), by a line (WKT in `line`, or `lon1`, `lat1`,
    `lon2`, `lat2`), or by both: the pieces of that way along that line. A line means the pieces
    that lie within `line_m` of it for `line_share` of their length and turn away from it by no
    more than `line_deg`, so that a road that crosses it is not meant. Later rows override earlier
    ones, fact by fact.

    Parameters
    ----------
    path
        CSV, XLSX, or a file of lines as for `points.read_lists`.
    segments
        Road segments in a projected CRS with metre units, with `way_id`.
    system
        Coordinate system of lines that state none; None takes WGS 84 and says so.
    rules
        The whole table of `parameters.toml`: `[points]`.

    Raises
    ------
    RiskmapError
        A file that cannot be read at all. A row with anything wrong is dropped, and the report
        says why.
    """
    (sheet,) = read_sheets([path], WORDS, (*ENDS, "geometry"))
    account = Account(sheet)
    ways = _ways(sheet, account)
    stated = _stated(sheet, account)
    option = None if system is None else recognised(system, "crs")
    lines = _lines(sheet, account, ways, stated=beside(path), option=option)
    row, segment = _meant(account, ways, lines, segments, rules["points"])
    table = _overridden(account, stated, row, segment)
    notes = sheet.column("note")
    names = [f"w{way}" if way else note for way, note in zip(ways, notes, strict=True)]
    report = account.table("facts", names, *middles(lines))
    report = pd.concat([note_rows(path.name, "facts", account.notes), report], ignore_index=True)
    return Facts(table, report[list(COLUMNS)])


def _ways(sheet: Sheet, account: Account) -> Ints:
    """Way id of each row, 0 where the row names none."""
    cells = np.array([plain(cell).lower() for cell in sheet.column("way_id")], dtype=object)
    found = numbers([cell.removeprefix("w") for cell in cells])
    whole = (found >= 1) & (found < 2**53) & (found % 1 == 0)
    account.say((cells != "") & ~whole, "dropped", "import.not_a_way", value=cells)
    return np.where(whole, found, 0).astype(np.int64)


def _stated(sheet: Sheet, account: Account) -> pd.DataFrame:
    """Facts of each row; rows with one that cannot be believed, or without any, are dropped."""
    found: dict[str, Any] = {}
    for fact in FACTS:
        cells = np.array([plain(cell) for cell in sheet.column(fact)], dtype=object)
        if fact in FLAGS:
            found[fact] = yes_or_no(cells)
            wrong = (cells != "") & pd.isna(found[fact])
            account.say(wrong, "dropped", "import.not_yes_or_no", fact=fact, value=cells)
            continue
        least, most = RANGES[fact]
        found[fact] = numbers(cells)
        good = (found[fact] >= least) & (found[fact] <= most)
        good &= (found[fact] % 1 == 0) | (fact != "lanes")
        account.say(
            (cells != "") & ~good, "dropped", "import.out_of_range",
            fact=fact, value=cells, least=f"{least:g}", most=f"{most:g}",
        )  # fmt: skip
    table = pd.DataFrame(found, columns=list(FACTS))
    account.say(table.isna().all(axis=1).to_numpy(), "dropped", "import.no_fact")
    return table


def with_lines(sheet: Sheet, account: Account) -> tuple[Sheet, Bools]:
    """
    Write the two ends that a row may state as its line.

    Returns
    -------
    The sheet with every line in `geometry`, and which rows state a shape or two ends at all.
    """
    corners = [np.array([plain(c) for c in sheet.column(end)], dtype=object) for end in ENDS]
    texts = np.array(sheet.column("geometry"), dtype=object)
    drawn = texts != ""
    if sheet.wkb is not None:
        drawn |= np.array([shape is not None for shape in sheet.wkb], dtype=bool)
    two = np.array([corner != "" for corner in corners]).any(axis=0) & ~drawn
    if not two.any():
        return sheet, drawn
    ends = np.array([numbers(corner) for corner in corners])
    account.say(two & np.isnan(ends).any(axis=0), "dropped", "import.not_two_ends")
    good = np.flatnonzero(two & account.alive)
    texts[good] = shapely.to_wkt(
        shapely.linestrings(ends[:, good].T.reshape(-1, 2, 2)), rounding_precision=-1
    )
    cells = {**sheet.cells, "geometry": [str(text) for text in texts]}
    return replace(sheet, cells=cells), two | drawn


def _lines(
    sheet: Sheet, account: Account, ways: Ints, *, stated: str | None, option: str | None
) -> Shapes:
    """Line of each row in WGS 84; None where it names a way alone or was dropped."""
    sheet, has = with_lines(sheet, account)
    account.say((ways == 0) & ~has, "dropped", "import.no_road")
    found = np.full(len(ways), None, dtype=object)
    # only rows with a line: a way alone has no place to be read, and none that could be wrong
    rows = np.flatnonzero(has & account.alive)
    if not len(rows):
        return found
    told = Account(sheet.only(rows))
    shapes = placed(told.sheet, told, stated=stated, option=option).shapes
    no_line = ~np.isin(shapely.get_type_id(shapes), (1, 5)) & told.alive
    told.say(no_line, "dropped", "import.not_a_line")
    account.adopt(told, rows)
    found[rows[told.alive]] = shapely.line_merge(shapes[told.alive])
    return found


def _meant(
    account: Account,
    ways: Ints,
    lines: Shapes,
    segments: gpd.GeoDataFrame,
    rules: Mapping[str, Any],
) -> tuple[Ints, Ints]:
    """Pairs of row of the list and segment (row numbers) that the rows mean."""
    way_of = segments["way_id"].to_numpy()
    has_way, has_line = ways > 0, ~shapely.is_missing(lines)
    account.say(has_way & ~np.isin(ways, way_of), "dropped", "import.unknown_way")
    rows = np.flatnonzero(has_line & account.alive)
    number, segment = along(segments, in_crs(lines[rows], segments.crs), rules)
    row = rows[number]
    fits = ~has_way[row] | (way_of[segment] == ways[row])
    row, segment = row[fits], segment[fits]
    found = np.zeros(len(ways), dtype=bool)
    found[row] = True
    account.say(has_line & ~found, "dropped", "import.along_no_road")
    rows = np.flatnonzero(has_way & ~has_line & account.alive)
    by_way = pd.DataFrame({"row": rows, "way": ways[rows]}).merge(
        pd.DataFrame({"segment": np.arange(len(way_of)), "way": way_of}), on="way"
    )
    return (
        np.concatenate([row, by_way["row"].to_numpy(np.int64)]),
        np.concatenate([segment, by_way["segment"].to_numpy(np.int64)]),
    )


def along(
    segments: gpd.GeoDataFrame, lines: Shapes, rules: Mapping[str, Any]
) -> tuple[Ints, Ints]:
    """
    Find the segments that lie along lines.

    Parameters
    ----------
    segments
        In metres.
    lines
        In the same CRS.
    rules
        `line_m`, `line_share`, `line_deg`, as `read_facts` says.

    Returns
    -------
    Pairs of line and segment, row numbers.
    """
    shapes = segments.geometry.to_numpy()
    usable = np.isfinite(shapely.bounds(lines)).all(axis=1)
    asked = np.flatnonzero(usable)
    line, segment = shapely.STRtree(shapes).query(
        lines[asked], predicate="dwithin", distance=rules["line_m"]
    )
    line = asked[line]
    near = shapely.buffer(lines, rules["line_m"])
    piece, drawn = shapes[segment], lines[line]
    share = shapely.length(shapely.intersection(piece, near[line])) / shapely.length(piece)
    ends = shapely.get_point(piece, 0), shapely.get_point(piece, -1)
    # the line between the feet of the segment's ends, so that a bend in both is no turn
    feet = [
        shapely.get_coordinates(
            shapely.line_interpolate_point(drawn, shapely.line_locate_point(drawn, end))
        )
        for end in ends
    ]
    own = np.subtract(*(shapely.get_coordinates(end) for end in ends))
    other = np.subtract(*feet)
    size = np.hypot(*own.T) * np.hypot(*other.T)
    cosine = np.abs((own * other).sum(axis=1)) / np.where(size > 0, size, np.inf)
    chosen = share >= rules["line_share"]
    chosen &= cosine >= np.cos(np.radians(rules["line_deg"]))
    return line[chosen], segment[chosen]


def _overridden(account: Account, stated: pd.DataFrame, row: Ints, segment: Ints) -> pd.DataFrame:
    """Facts of the segments, the last row's where several state one; the report tells."""
    meant = pd.DataFrame({"row": row, "segment": segment})
    pieces = meant.groupby("row").size().reindex(range(len(stated)), fill_value=0)
    count = pieces.to_numpy()
    account.say(count > 0, "", "import.pieces", count=count)
    parts = []
    for fact in FACTS:
        known = stated[fact].notna().to_numpy()
        parts.append(meant[known[row]].assign(fact=fact))
    pairs = pd.concat(parts, ignore_index=True).astype({"row": np.int64, "segment": np.int64})
    pairs["last"] = pairs.groupby(["segment", "fact"])["row"].transform("max")
    lost = pairs[pairs["row"] != pairs["last"]].groupby("row")
    gone = np.zeros(len(stated), dtype=bool)
    by, facts = np.zeros(len(stated), dtype=np.int64), np.full(len(stated), "", dtype=object)
    for number, part in lost:
        place = int(str(number))
        gone[place] = True
        by[place] = account.sheet.rows[part["last"].max()]
        facts[place] = ", ".join(part["fact"].unique())
    account.say(gone, "", "import.overridden", row=by, facts=facts)
    columns = {}
    for fact, part in pairs[pairs["row"] == pairs["last"]].groupby("fact"):
        values = stated[fact].to_numpy()[part["row"]]
        columns[fact] = pd.Series(values, index=part["segment"].to_numpy())
    table = pd.DataFrame(columns, index=np.unique(segment)).reindex(columns=list(FACTS))
    for fact in FLAGS:
        table[fact] = table[fact].astype(object).where(table[fact].notna(), None)
    return table.astype(dict.fromkeys(RANGES, np.float64))
