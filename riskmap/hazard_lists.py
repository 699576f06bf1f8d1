"""The register as lists: read from one, written as one, and what it adds to its layers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap import list_terms
from riskmap.cells import days, numbers, plain
from riskmap.errors import RiskmapError
from riskmap.hazard import STATUSES, Hazard
from riskmap.layer import Layer
from riskmap.locale import Lang, text
from riskmap.places import CRS_WORDS, PLACE_WORDS, Account, beside, middles, placed, recognised
from riskmap.register import Register
from riskmap.sheets import Notes, Sheet, read_sheets

LAYER = "hazard"
"""Layer of a hazard whose list names none."""
OPEN = STATUSES[:-1]
"""A hazard counts until somebody has seen that it is gone and struck it off."""
NONE = "\N{EN DASH}"
"""Stands in the history where nothing was stated."""
COLUMNS = (
    "number", "layer", "place", "lon", "lat", "note", "reported_by", "reported", "due", "status",
)  # fmt: skip
"""Columns of a written list; headings stand in the catalogue under `register.column`."""
WORDS: Mapping[str, tuple[str, ...]] = {
    **PLACE_WORDS,
    **CRS_WORDS,
    "number": ("编号", "序号", "number", "no."),
    "layer": ("图层", "风险", "隐患类别", "类别", "layer", "kind"),
    "place": ("地点", "位置", "路名", "place", "road", "name"),
    "note": ("说明", "隐患情况", "备注", "note", "description"),
    "reported_by": ("上报人", "报告人", "发现人", "reported_by"),
    "reported": ("发现日期", "上报日期", "日期", "reported", "date"),
    "due": ("整改期限", "期限", "due"),
    "status": ("状态", "整改状态", "status"),
}


@dataclass(frozen=True)
class Read:
    """
    What a list of hazards says.

    `hazards`: by row of the list, the hazard, its status ("" where none is stated) and the number
    that the list gives it (0 where none is). `report`:
    as of `points.Lists`, with layer "register".
    """

    hazards: Mapping[int, tuple[Hazard, str, int]]
    account: Account
    names: list[str]
    lonlat: tuple[np.ndarray, np.ndarray]

    @property
    def report(self) -> pd.DataFrame:
        """What became of every row."""
        return self.account.table("register", self.names, *self.lonlat)


def read(path: Path, layers: Mapping[str, Layer], *, system: str | None = None) -> Read:
    """
    Read a list of hazards: CSV, XLSX, GeoJSON, GeoPackage, Shapefile, KML or KMZ.

    Parameters
    ----------
    path
        The list; its columns are those of `WORDS`, in Chinese or English.
    layers
        By name: a hazard belongs to one, named by its name or title.
    system
        Coordinate system where the list states none; None takes WGS 84 and says so.

    Raises
    ------
    RiskmapError
        A list that cannot be read at all. A row that cannot be used is no error: the report tells.
    """
    sheet = read_sheets([path], WORDS, PLACE_WORDS)[0]
    account = Account(sheet)
    option = None if system is None else recognised(system, "crs")
    place = placed(sheet, account, stated=beside(path), option=option)
    lon, lat = middles(place.shapes)
    known = {plain(word).lower(): own.name for own in layers.values()
             for word in (own.name, *own.title.values())}  # fmt: skip
    told = [plain(cell).lower() for cell in sheet.column("layer")]
    layer = np.array([known.get(word, "") if word else LAYER for word in told], dtype=object)
    account.say(layer == "", "dropped", "register.no_layer", value=list(sheet.column("layer")))
    words = {text(f"register.status.{own}", lang).lower(): own
             for own in STATUSES for lang in ("zh", "en")} | {own: own for own in STATUSES}
    said = [plain(cell).lower() for cell in sheet.column("status")]
    status = np.array([words.get(word, "") for word in said], dtype=object)
    odd = (status == "") & np.array([bool(word) for word in said], dtype=bool)
    account.say(odd, "", "register.no_status", value=list(sheet.column("status")))
    dates = {}
    for name in ("reported", "due"):
        dates[name], odd = days(sheet.column(name))
        account.say(odd, "", "register.not_a_date", value=list(sheet.column(name)))
    given = numbers([plain(cell) for cell in sheet.column("number")])
    hazards = {}
    for row in np.flatnonzero(account.alive).tolist():
        texts = {name: sheet.column(name)[row] for name in ("place", "note", "reported_by")}
        try:
            own = Hazard(
                layer[row], round(float(lon[row]), 7), round(float(lat[row]), 7), **texts,
                reported=dates["reported"][row], due=dates["due"][row],
            )
        except RiskmapError as fault:
            which = np.arange(len(account.alive)) == row
            account.say(which, "dropped", "register.refused", why=str(fault))
            continue
        hazards[sheet.rows[row]] = own, status[row], int(np.nan_to_num(given[row]))
    return Read(hazards, account, list(sheet.column("place")), (lon, lat))


def enter(found: Read, register: Register, *, by: str) -> pd.DataFrame:
    """
    Take a list over into a register, all of what can be used or, on an error, none.

    Returns
    -------
    The report of every row; a row of a hazard that is known is "merged".
    """
    numbers = register.merge(found.hazards, by=by)
    rows = np.array(found.account.sheet.rows)
    known = np.array([numbers.get(row, 0) < 0 for row in rows], dtype=bool)
    number = [abs(int(numbers.get(row, 0))) for row in rows]
    found.account.say(known, "merged", "register.known", number=number)
    return found.report


def listed(
    table: gpd.GeoDataFrame, layers: Mapping[str, Layer], lang: Lang, *, coords: str = "wgs84"
) -> gpd.GeoDataFrame:
    """
    Write a register's table with headings and words of a language.

    Parameters
    ----------
    table
        From `Register.table`.
    layers
        By name.
    lang
        Of headings and words.
    coords
        System of the places, as of `export.write_list`.

    Returns
    -------
    The columns of `COLUMNS`, `overdue` and the point, by number.
    """
    own = list_terms.placed(named(table), coords)
    titles = {name: layer.title[lang] for name, layer in layers.items()}
    own["layer"] = own["layer"].map(lambda name: titles.get(name, name))
    own["status"] = [text(f"register.status.{status}", lang) for status in own["status"]]
    own["overdue"] = [text("register.late", lang) if late else "" for late in own["overdue"]]
    heads = {name: text(f"register.column.{name}", lang) for name in (*COLUMNS, "overdue", "crs")}
    return own.rename(columns=heads)


def named(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the same list of a register under names, for machines: layers and states are codes."""
    own = table.reset_index()
    for name in ("reported", "due"):
        own[name] = ["" if day is None else day.isoformat() for day in own[name]]
    return own[[*COLUMNS, "overdue", "geometry"]]


def sheets(path: Path, layers: Mapping[str, Layer]) -> tuple[dict[str, Sheet], Notes]:
    """
    What a register adds to each layer, as a list of its own; and notes on what belongs to none.

    Rows are the numbers of the hazards that are not struck off.
    """
    table = Register(path).table()
    table = table[table["status"].isin(OPEN)]
    result = {}
    for name, own in table.groupby("layer"):
        if name in layers:
            cells = {
                # a note may say of whom it is: it stays in the register
                "name": [place or f"#{number}" for number, place in own["place"].items()],
                "lon": [repr(value) for value in own["lon"]],
                "lat": [repr(value) for value in own["lat"]],
            }
            result[str(name)] = Sheet(path, own.index.tolist(), cells)
    strange = sorted(set(table["layer"]) - set(layers))
    return result, [("register.strange", {"names": ", ".join(strange)})] if strange else []


def told(history: pd.DataFrame, lang: Lang) -> list[str]:
    """A line for each change of `Register.history`, by the clock of this machine."""
    lines = []
    for row in history.itertuples():
        at = dt.datetime.fromisoformat(f"{row.at}+00:00").astimezone()
        said = [f"{at:%Y-%m-%d %H:%M}", row.by, text(f"register.what.{row.what}", lang)]
        if "status" in row.before:
            states = (row.before["status"], row.after["status"])
            said.append(" → ".join(text(f"register.status.{own}", lang) for own in states))
        elif row.before:
            heads = {name: text(f"register.column.{name}", lang)
                     for name in row.before if name != "removed"}  # fmt: skip
            said += [f"{head} {row.before[name] or NONE} → {row.after[name] or NONE}"
                     for name, head in heads.items()]  # fmt: skip
        lines.append(" · ".join(str(part) for part in (*said, row.remark) if part))
    return lines


def stated(path: Path) -> list[tuple[object, ...]]:
    """What a register says that a score depends on."""
    table = Register(path).table()
    own = table[table["status"].isin(OPEN)].reset_index()
    return list(own[["number", "layer", "lon", "lat", "place"]].itertuples(index=False, name=None))
