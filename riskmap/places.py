"""Cells of a list → places in WGS 84, and an account of what became of every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from riskmap.cells import degrees, halves, plain
from riskmap.coords import SYSTEMS, system_named, to_wgs84
from riskmap.errors import RiskmapError
from riskmap.locale import text
from riskmap.project import read_toml
from riskmap.sheets import NO_VALUE, Notes, Sheet
from riskmap.values import meant

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

WGS84 = "EPSG:4326"
PLACE_WORDS: Mapping[str, tuple[str, ...]] = {
    "lon": ("经度", "lon", "lng", "longitude", "东经"),
    "lat": ("纬度", "lat", "latitude", "北纬"),
    "coordinates": ("坐标", "经纬度", "coordinates", "coordinate", "location", "lonlat", "lnglat"),
    "x": ("x", "x坐标"),
    "y": ("y", "y坐标"),
    "geometry": ("wkt", "geometry", "geom", "the_geom"),
}
"""Headings of a place. A merged cell below one of them counts once."""
CRS_WORDS: Mapping[str, tuple[str, ...]] = {
    "crs": ("坐标系", "坐标系统", "坐标类型", "crs", "coordinate_system", "coordinate system",
            "datum"),
}
COLUMNS = ("file", "row", "layer", "name", "outcome", "why_zh", "why_en", "lon", "lat")
FURTHEST = 1e12
"""A larger number is no coordinate in any unit, and reckoning with it would overflow."""
_SHOWN = 40


@dataclass
class Account:
    """
    What became of each row of one list: "read", "moved", "merged" or "dropped", and why.

    The first reason to drop a row is the one that is told. `alive` are the rows still in use.
    """

    sheet: Sheet
    alive: Bools = field(init=False)
    outcome: Shapes = field(init=False)
    said: list[list[tuple[str, dict[str, Any]]]] = field(init=False)
    notes: Notes = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.sheet.rows)
        self.alive = np.ones(size, dtype=bool)
        self.outcome = np.full(size, "read", dtype=object)
        self.said = [[] for _ in range(size)]
        self.notes = list(self.sheet.notes)
        for word, columns in self.sheet.others.items():
            for other, cells in columns:
                if any(cells):
                    used = self.sheet.headings.get(word, word)
                    self.note("import.note.two_columns", used=used, other=other)
        if not size:
            self.note("import.note.no_rows")

    def note(self, key: str, **values: object) -> None:
        """Say something about the whole list."""
        self.notes.append((key, values))

    def say(self, which: Bools, outcome: str, key: str, **values: object) -> None:
        """
        Say what became of those rows that are still in use; "" adds a remark.

        Values are the same for all rows, or one per row of the sheet.
        """
        for row in np.flatnonzero(which & self.alive):
            own = {
                name: value[row] if isinstance(value, np.ndarray | list) else value
                for name, value in values.items()
            }
            if outcome in {"dropped", "merged"}:
                self.said[row].clear()
            self.said[row].append((key, own))
        chosen = which & self.alive
        if outcome:
            self.outcome[chosen] = outcome
        if outcome in {"dropped", "merged"}:
            self.alive &= ~which

    def adopt(self, part: Account, rows: Ints) -> None:
        """Take over the account of some rows, given by their place in the sheet."""
        self.notes += [note for note in part.notes if note not in self.notes]
        self.outcome[rows], self.alive[rows] = part.outcome, part.alive
        for row, said in zip(rows, part.said, strict=True):
            self.said[row] += said

    def table(self, layer: str, names: Sequence[str], lon: Floats, lat: Floats) -> pd.DataFrame:
        """Table of the rows, with the columns `COLUMNS`."""
        table = pd.DataFrame({
            "file": self.sheet.path.name, "row": np.asarray(self.sheet.rows, dtype=np.int64),
            "layer": layer, "name": np.asarray(names, dtype=object), "outcome": self.outcome,
            "why_zh": [_why(said, "zh") for said in self.said],
            "why_en": [_why(said, "en") for said in self.said],
            "lon": lon, "lat": lat,
        })  # fmt: skip
        return table[list(COLUMNS)]


def _why(said: list[tuple[str, dict[str, Any]]], lang: str) -> str:
    return text("import.joiner", lang).join(text(key, lang, **own) for key, own in said)


def note_rows(file: str, layer: str, notes: Notes) -> pd.DataFrame:
    """Rows of a report about a whole file."""
    return pd.DataFrame(
        [
            (file, 0, layer, "", "note", text(key, "zh", **values), text(key, "en", **values),
             np.nan, np.nan)
            for key, values in notes
        ],
        columns=list(COLUMNS),
    )  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """
    Shapes of a list, row by row, None where a row was dropped.

    `given` are degrees as the list gives them, `system` says of which system; `shapes` are WGS 84.
    """

    given: Shapes
    system: Shapes
    shapes: Shapes


def placed(sheet: Sheet, account: Account, *, stated: str | None, option: str | None) -> Placed:
    """
    Read where each row lies, and tell of the rows that have no place on earth.

    The coordinate system of a row is the first of these that is stated: its own cell 坐标系 or
    crs; brackets behind the heading, 经度(GCJ-02); `stated`, from the file beside it; the file's
    own statement (Shapefile, GeoPackage; KML and GeoJSON are WGS 84 by their standards); `option`.
    Where nothing is stated WGS 84 is taken, and a note says so.

    Raises
    ------
    RiskmapError
        A list without any column of a place.
    """
    size = len(sheet.rows)
    system, has_system = _systems(sheet, account, stated, option)
    given = np.full(size, None, dtype=object)
    if sheet.wkb is not None:
        known = [None if shape is None else bytes.fromhex(shape) for shape in sheet.wkb]
        given = shapely.from_wkb(np.array(known, dtype=object), on_invalid="ignore")
        given = _in_degrees(given, sheet.crs, ~_is_code(system))
    _from_wkt(sheet, account, given)
    _from_numbers(sheet, account, given, has_system)
    if sheet.wkb is None and not set(sheet.cells) & set(PLACE_WORDS):
        raise RiskmapError(
            f"{sheet.path}: holds no places; add columns lon and lat (经度, 纬度), or save it with "
            "points, lines or areas"
        )
    given[shapely.is_empty(given)] = None
    _within_numbers(account, given)
    account.say(shapely.is_missing(given), "dropped", "import.no_place")
    for code in pd.unique(system[_is_code(system)]):
        given = _in_degrees(given, code, system == code)
    shapes = _checked(given, account)
    for name in SYSTEMS[1:3]:
        rows = np.flatnonzero((system == name) & account.alive)
        shapes[rows] = shifted(shapes[rows], name)
    _told_moves(given, shapes, system, account)
    return Placed(given, system, shapes)


def shifted(shapes: Shapes, system: str) -> Shapes:
    """Shapes in degrees of a system in WGS 84."""
    return shapely.transform(shapes, lambda x, y: to_wgs84(x, y, system), interleaved=False)


def in_crs(shapes: Shapes, crs: object, *, source: object = WGS84) -> Shapes:
    """Shapes in another CRS; what has no place there has no finite coordinates."""
    change = pyproj.Transformer.from_crs(source, crs, always_xy=True).transform
    return shapely.transform(shapes, change, interleaved=False)


def middles(shapes: Shapes) -> tuple[Floats, Floats]:
    """Middle of each shape's bounds, NaN where there is none."""
    west, south, east, north = shapely.bounds(shapes).T
    return (west + east) / 2, (south + north) / 2


def beside(path: Path) -> str | None:
    """
    Coordinate system that the file beside a list states: `school.toml` for `school.csv`.

    Raises
    ------
    RiskmapError
        That file says anything but `crs`, or a system that is not known.
    """
    own = path.with_suffix(".toml")
    if not own.exists():
        return None
    table = read_toml(own)
    for key in table:
        if key != "crs":
            raise RiskmapError(f"{own}: unknown key '{key}'; it states only crs = \"gcj02\"")
    return recognised(str(table.get("crs", "")), str(own))


def recognised(name: str, where: str) -> str:
    """
    Recognise a system that somebody states, or say what may be stated.

    Raises
    ------
    RiskmapError
        A system that is not known.
    """
    system = system_named(name)
    if system is None or (system not in SYSTEMS and not _exists(system)):
        way_out = meant(name, [*SYSTEMS, "EPSG:4547"])
        raise RiskmapError(f"{where}: coordinate system '{name[:_SHOWN]}' is not known; {way_out}")
    return system


def _exists(code: str) -> bool:
    try:
        pyproj.CRS.from_user_input(code)
    except pyproj.exceptions.CRSError:
        return False
    return True


def _is_code(system: Shapes) -> Bools:
    return ~np.isin(system.astype(str), SYSTEMS)


def _systems(
    sheet: Sheet, account: Account, stated: str | None, option: str | None
) -> tuple[Shapes, Bools]:
    """System of each row, and whether the list or whoever reads it states one."""
    brackets = [system for system in map(system_named, sheet.stated) if system]
    whole = brackets[0] if brackets else stated
    if whole is None and sheet.crs is None:
        whole = option
    system = np.full(len(sheet.rows), whole or "wgs84", dtype=object)
    has = np.full(len(sheet.rows), whole is not None)
    cells = np.array([plain(cell) for cell in sheet.column("crs")], dtype=object)
    for value in pd.unique(cells[cells != ""]):
        here = cells == value
        known = system_named(value)
        if known is None or (known not in SYSTEMS and not _exists(known)):
            account.say(here, "dropped", "import.unknown_system", value=value[:_SHOWN])
        else:
            system[here] = known
            has |= here
    if sheet.crs is None and not has.all():
        account.note("import.note.unstated", count=int((~has).sum()))
    elif sheet.crs not in {None, WGS84} and not has.all():
        account.note("import.note.own", crs=pyproj.CRS.from_user_input(sheet.crs).name)
    return system, has


def _in_degrees(shapes: Shapes, crs: str | None, which: Bools) -> Shapes:
    if crs in {None, WGS84} or not which.any():
        return shapes
    shapes = shapes.copy()
    shapes[which] = in_crs(shapes[which], WGS84, source=crs)
    return shapes


def _from_wkt(sheet: Sheet, account: Account, given: Shapes) -> None:
    cells = np.array(sheet.column("geometry"), dtype=object)
    rows = np.flatnonzero(shapely.is_missing(given) & (cells != "") & (cells != NO_VALUE))
    if len(rows):
        given[rows] = shapely.force_2d(shapely.from_wkt(cells[rows], on_invalid="ignore"))
        wrong = np.zeros(len(given), dtype=bool)
        wrong[rows] = shapely.is_missing(given[rows])
        account.say(wrong, "dropped", "import.not_wkt", value=_shown(cells))


def _from_numbers(sheet: Sheet, account: Account, given: Shapes, has_system: Bools) -> None:
    """Make points of the numbers of those rows that have no shape yet."""
    bare = shapely.is_missing(given)
    pairs = [("lon", "lat", bare), ("x", "y", bare & has_system)]
    if {"x", "y"} & set(sheet.cells) and not {"lon", "lat"} & set(sheet.cells):
        account.say(bare & ~has_system, "dropped", "import.xy_of_what")
    for first, second, which in pairs:
        if first in sheet.cells or second in sheet.cells:
            texts = (sheet.column(first), sheet.column(second))
            _as_points(account, given, which & shapely.is_missing(given), texts)
    if "coordinates" in sheet.cells:
        cells = sheet.column("coordinates")
        pairs_of = [halves(cell) for cell in cells]
        which = bare & shapely.is_missing(given)
        wrong = np.array([half is None for half in pairs_of], dtype=bool)
        account.say(which & wrong, "dropped", "import.not_a_pair", value=_shown(cells))
        both = [half or ("", "") for half in pairs_of]
        texts = ([first for first, _ in both], [second for _, second in both])
        _as_points(account, given, which, texts)


def _as_points(
    account: Account, given: Shapes, which: Bools, texts: tuple[Sequence[str], Sequence[str]]
) -> None:
    arrays = [np.array([plain(cell) for cell in cells], dtype=object) for cells in texts]
    empty = np.array([array == NO_VALUE for array in arrays]).any(axis=0)
    account.say(which & empty, "dropped", "import.no_value")
    numbers = [degrees(array) for array in arrays]
    for array, number in zip(arrays, numbers, strict=True):
        wrong = which & np.isnan(number) & (array != "")
        account.say(wrong, "dropped", "import.not_a_number", value=_shown(array))
    rows = np.flatnonzero(which & ~np.isnan(numbers).any(axis=0))
    given[rows] = shapely.points(numbers[0][rows], numbers[1][rows])


def _within_numbers(account: Account, given: Shapes) -> None:
    """Drop what no coordinate can be, before anything is reckoned with it."""
    bounds = shapely.bounds(given)
    beyond = (np.abs(bounds) > FURTHEST).any(axis=1)
    value = [f"{x:g}, {y:g}" for x, y in bounds[:, :2]] if beyond.any() else ""
    account.say(beyond, "dropped", "import.not_a_coordinate", value=value)
    given[beyond] = None


def _checked(given: Shapes, account: Account) -> Shapes:
    """Shapes on earth, valid and of one kind each; None for the others."""
    shapes = given.copy()
    bounds = shapely.bounds(shapes)
    lon, lat = bounds[:, [0, 2]], bounds[:, [1, 3]]
    account.say((np.abs(bounds) < 1e-9).all(axis=1), "dropped", "import.zero")  # noqa: PLR2004  # 0.1 mm
    on_earth = ((np.abs(lon) <= 180) & (np.abs(lat) <= 90)).all(axis=1)  # noqa: PLR2004  # degrees
    other_way = ((np.abs(lat) <= 180) & (np.abs(lon) <= 90)).all(axis=1)  # noqa: PLR2004  # degrees
    values = {"lon": _rounded(lon[:, 0]), "lat": _rounded(lat[:, 0])}
    account.say(other_way & ~on_earth, "dropped", "import.swapped", **values)
    account.say(~on_earth, "dropped", "import.not_on_earth", **values)
    shapes[~account.alive] = None
    kind = shapely.get_type_id(shapes)
    for row in np.flatnonzero(kind == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(shapes[row])
        dimension = shapely.get_dimensions(parts)
        shapes[row] = shapely.union_all(parts[dimension == dimension.max()])
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure")
    return shapes


def _told_moves(given: Shapes, shapes: Shapes, system: Shapes, account: Account) -> None:
    x, y = middles(given)
    there_x, there_y = middles(shapes)
    metres = np.hypot((there_x - x) * np.cos(np.radians(y)), there_y - y) * 111_195
    which = np.isin(system.astype(str), SYSTEMS[1:3]) & (metres > 0)
    names = {"gcj02": "GCJ-02", "bd09": "BD-09"}
    said = {"system": np.array([names.get(s, s) for s in system], dtype=object)}
    account.say(which, "moved", "import.moved", metres=_rounded(metres, 0), **said)


def _shown(cells: Sequence[str] | Shapes) -> list[str]:
    return [cell if len(cell) <= _SHOWN else f"{cell[: _SHOWN - 1]}…" for cell in cells]


def _rounded(values: Floats, digits: int = 5) -> Shapes:
    return np.array([f"{value:.{digits}f}" for value in values], dtype=object)
