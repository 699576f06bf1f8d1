"""The brigade's own lists → features of their layers, and a report of every row."""

from __future__ import annotations

import difflib
import fnmatch
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap import hazard_lists
from riskmap.cells import days, plain
from riskmap.duplicates import stands_for
from riskmap.errors import RiskmapError
from riskmap.layer import Layer
from riskmap.locale import text
from riskmap.offmap import Roads, on_the_map
from riskmap.places import (
    COLUMNS,
    CRS_WORDS,
    PLACE_WORDS,
    Account,
    Placed,
    beside,
    in_crs,
    middles,
    note_rows,
    placed,
    recognised,
)
from riskmap.relations import Features
from riskmap.sheets import INSIDE, Sheet, read_sheets
from riskmap.tags import stacked, tags_of
from riskmap.touch import node_ids, overridden

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]

WORDS: Mapping[str, tuple[str, ...]] = {
    **PLACE_WORDS,
    **CRS_WORDS,
    "name": ("名称", "name", "地点", "地名", "点位"),
    "first": ("开始", "开始日期", "起始日期", "from", "start", "begin"),
    "last": ("结束", "结束日期", "截止日期", "to", "until", "end"),
    "note": ("备注", "note", "说明", "remark", "description"),
}
"""Columns of a list → the headings that name them."""
NO_LISTS = ("facts", "traffic")
"""Files of these names hold facts about roads, or traffic: no places of a layer."""
COMPANIONS = frozenset({".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qmd", ".xml"})
"""Endings of what belongs to a Shapefile of the same name."""


@dataclass(frozen=True)
class Lists:
    """
    What the brigade's own lists say.

    `features`: by layer, for those with a list, a table with `osm_id` ("school.csv:2": file and
    row as a person counts them in the sheet), `name`, `amount`, `source`, `first` and `last`
    (dates, None where open) and geometry in the CRS of the roads. `report`: one row per row of
    every file and layer that takes it, with `file`, `row`, `layer`, `name`, `outcome` ("read",
    "moved", "merged", "dropped"), `why_zh`, `why_en`, `lon`, `lat` (WGS 84; NaN where unknown); row
    0 with outcome
    "note" is about the whole file. Rows without any text are no rows.
    """

    features: Mapping[str, gpd.GeoDataFrame]
    report: pd.DataFrame


def read_lists(
    folder: Path | None,
    layers: Mapping[str, Layer],
    segments: gpd.GeoDataFrame,
    *,
    system: str | None,
    on: date,
    rules: Mapping[str, Any],
    register: Path | None = None,
) -> Lists:
    """
    Read every list of a folder, and the hazards of a register that are not struck off.

    A list belongs to a layer by its name: that of the layer, its title in Chinese or English, or a
    pattern of its `file` sources. CSV, XLSX, GeoJSON, GeoPackage, Shapefile, KML and KMZ are read.
    `school.toml` beside `school.csv` may state its coordinate system: crs = "gcj02".

    Parameters
    ----------
    folder
        None if there are no lists.
    layers
        Layers by name.
    segments
        Road segments in a projected CRS with metre units.
    system
        Coordinate system of the lists that state none; None takes WGS 84 and says so.
    on
        What ended before that day is dropped.
    rules
        The whole table of `parameters.toml`: `[points]`.
    register
        None if there is none; of a file that is not there yet nothing is known.

    Raises
    ------
    RiskmapError
        A list that cannot be read at all, in one line. A row that cannot be used is no error: the
        report tells.
    """
    option = None if system is None else recognised(system, "crs")
    belong, parts = _belonging(folder, layers) if folder else ({}, [])
    paths = list(belong)
    sheets = read_sheets(paths, WORDS, PLACE_WORDS)
    roads = Roads(segments)
    found: dict[str, list[_List]] = {}
    for path, sheet in zip(paths, sheets, strict=True):
        stated = beside(path)
        for name in belong[path]:
            one = _List.of(sheet, stated, option, roads.crs)
            one.check(roads, on, rules["points"])
            found.setdefault(name, []).append(one)
        parts.append(note_rows(path.name, ", ".join(belong[path]), one.account.notes))
    if register:
        entered, notes = hazard_lists.sheets(register, layers)
        parts.append(note_rows(register.name, "", notes))
        for name, sheet in entered.items():
            one = _List.of(sheet, "wgs84", option, roads.crs)
            one.check(roads, on, rules["points"])
            found.setdefault(name, []).append(one)
    features = {}
    for name in sorted(found):
        _merge_listed(found[name], rules["points"]["merge_m"])
        tables = [one.features(layers[name], roads.crs) for one in found[name]]
        features[name] = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=roads.crs)
        parts += [one.account.table(name, one.names, *one.lonlat) for one in found[name]]
    return Lists(features, _report(parts))


def merged(
    layer: Layer, mapped: Features, own: gpd.GeoDataFrame | None, *, merge_m: float
) -> tuple[Features, dict[str, str]]:
    """
    Add the brigade's own list of a layer to what is mapped.

    A listed point within `merge_m` of a mapped feature is that feature: the mapped one stays. A
    list that overrides stands alone.

    Returns
    -------
    The features; those of the list have `first` and `last`. And the `osm_id` of every listed row
    that went into a mapped feature, with the id of that feature, for `told_merges`.
    """
    if own is None or own.empty:
        return mapped, {}
    both = _stacked(mapped, own)
    if overridden(layer, both):
        return both.only(np.arange(len(both.table)) >= len(mapped.table)), {}
    points = np.flatnonzero(own.geom_type.to_numpy() == "Point")
    tree = shapely.STRtree(mapped.table.geometry.to_numpy())
    row, near = tree.query_nearest(
        own.geometry.to_numpy()[points], max_distance=merge_m, all_matches=False
    )
    ids = own["osm_id"].to_numpy()[points[row]]
    same = dict(zip(ids, mapped.table["osm_id"].to_numpy()[near], strict=True))
    return _stacked(mapped, own[~own["osm_id"].isin(same)]), same


def told_merges(report: pd.DataFrame, layer: str, same: Mapping[str, str]) -> pd.DataFrame:
    """Report in which the rows that `merged` took for mapped features say so."""
    ids = report["file"] + ":" + report["row"].astype(str)
    which = (report["layer"] == layer) & ids.isin(same)
    result = report.copy()
    result.loc[which, "outcome"] = "merged"
    for lang in ("zh", "en"):
        why = [text("import.same_as_mapped", lang, id=same[own]) for own in ids[which]]
        result.loc[which, f"why_{lang}"] = why
    return result


def told_idle(report: pd.DataFrame, layer: str, reach_m: pd.Series) -> pd.DataFrame:
    """Report in which the rows of `touch.too_far` say that they touch nothing, and why."""
    ids = report["file"] + ":" + report["row"].astype(str)
    which = (report["layer"] == layer) & ids.isin(reach_m.index)
    result = report.copy()
    for lang in ("zh", "en"):
        idle = [text("import.idle", lang, metres=f"{reach_m[own]:.0f}") for own in ids[which]]
        joiner = text("import.joiner", lang)
        said = zip(report.loc[which, f"why_{lang}"], idle, strict=True)
        result.loc[which, f"why_{lang}"] = [joiner.join(filter(None, pair)) for pair in said]
    return result


def _stacked(mapped: Features, own: gpd.GeoDataFrame) -> Features:
    table = mapped.table
    if not own.empty:
        table = pd.concat([mapped.table.assign(first=None, last=None), own], ignore_index=True)
    tags = stacked([mapped.tags, tags_of([{} for _ in range(len(own))])])
    table = gpd.GeoDataFrame(table, crs=mapped.table.crs)
    return Features(table, tags, node_ids(table["osm_id"]))


def _report(parts: list[pd.DataFrame]) -> pd.DataFrame:
    empty = pd.DataFrame({column: [] for column in COLUMNS}).astype(
        {"row": np.int64, "lon": np.float64, "lat": np.float64}
        | dict.fromkeys(("file", "layer", "name", "outcome", "why_zh", "why_en"), object)
    )
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty
    table = pd.concat(parts, ignore_index=True).astype(empty.dtypes.to_dict())
    return table.sort_values(["file", "row", "layer"], kind="stable", ignore_index=True)


# --- which file belongs to which layer


def _belonging(
    folder: Path, layers: Mapping[str, Layer]
) -> tuple[dict[Path, list[str]], list[pd.DataFrame]]:
    """Lists with their layers, and notes on what belongs to none."""
    try:
        inside = sorted(path for path in folder.iterdir() if not path.name.startswith((".", "~$")))
    except OSError as fault:
        raise RiskmapError(f"{folder}: cannot be listed ({fault.strerror})") from fault
    files = [path for path in inside if path.is_file()]
    shapefiles = tuple(f"{path.stem}." for path in files if path.suffix.lower() == ".shp")
    lists = {path.stem for path in files if path.suffix.lower() in INSIDE}
    belong: dict[Path, list[str]] = {}
    notes = []
    for path in inside:
        suffix = path.suffix.lower()
        if _same(path.stem) in {*NO_LISTS, "readme"}:
            continue
        if suffix in COMPANIONS and path.name.startswith(shapefiles):
            continue
        if not path.is_file():
            notes.append(note_rows(path.name, "", [("import.note.folder", {})]))
        elif suffix == ".toml":
            if path.stem not in lists:
                notes.append(note_rows(path.name, "", [("import.note.states_nothing", {})]))
        elif found := [name for name, layer in layers.items() if _takes(layer, path)]:
            belong[path] = found
        else:
            notes.append(note_rows(path.name, "", [_no_layer(path, layers)]))
    return belong, notes


def _takes(layer: Layer, path: Path) -> bool:
    stem = _same(path.stem)
    return stem in {_same(name) for name in (layer.name, *layer.title.values())} or any(
        _fits(path, source.file) for source in layer.sources
    )


def _fits(path: Path, pattern: str | None) -> bool:
    return pattern is not None and fnmatch.fnmatchcase(path.name.lower(), pattern.lower())


def _same(name: str) -> str:
    """Name of a file or layer as it is compared."""
    return unicodedata.normalize("NFKC", name).lower().replace(" ", "")


def _no_layer(path: Path, layers: Mapping[str, Layer]) -> tuple[str, dict[str, Any]]:
    names = [n for layer in layers.values() for n in (layer.name, *layer.title.values())]
    names += NO_LISTS
    close = difflib.get_close_matches(path.stem.lower(), names, n=1)
    if close:
        return "import.note.no_layer_but", {"name": f"{close[0]}{path.suffix}"}
    return "import.note.no_layer", {"names": ", ".join(layers)}


# --- one list


@dataclass
class _List:
    """One list on its way to one layer."""

    account: Account
    place: Placed
    metric: Shapes
    first: Shapes
    last: Shapes

    @classmethod
    def of(cls, sheet: Sheet, stated: str | None, option: str | None, crs: object) -> _List:
        account = Account(sheet)
        place = placed(sheet, account, stated=stated, option=option)
        dates = []
        for word in ("first", "last"):
            found, odd = days(sheet.column(word))
            cells = np.array(sheet.column(word), dtype=object)
            account.say(odd, "", "import.not_a_date", value=cells)
            dates.append(found)
        return cls(account, place, in_crs(place.shapes, crs), *dates)

    def check(self, roads: Roads, on: date, rules: Mapping[str, Any]) -> None:
        """Drop what is over or far from every road; tell what looks like a wrong system."""
        account = self.account
        over = np.array([last is not None and last < on for last in self.last], dtype=bool)
        account.say(over, "dropped", "import.over", last=[str(last) for last in self.last])
        on_the_map(account, self.place, self.metric, roads, rules)

    @property
    def lonlat(self) -> tuple[Floats, Floats]:
        """Where each row lies in WGS 84."""
        return middles(self.place.shapes)

    @property
    def names(self) -> list[str]:
        """Names of the rows."""
        return list(self.account.sheet.column("name"))

    def ids(self) -> Shapes:
        """File and row of each row."""
        sheet = self.account.sheet
        return np.array([f"{sheet.path.name}:{row}" for row in sheet.rows], dtype=object)

    def features(self, layer: Layer, crs: object) -> gpd.GeoDataFrame:
        """Rows that are still in use."""
        path, alive = self.account.sheet.path, self.account.alive
        taken = [n for n, source in enumerate(layer.sources) if _fits(path, source.file)]
        amount = layer.sources[taken[0]].amount if taken else 1.0
        return gpd.GeoDataFrame(
            {
                "osm_id": self.ids()[alive], "amount": amount,
                "source": taken[0] if taken else 0,
                "name": np.array(self.names, dtype=object)[alive],
                "first": self.first[alive], "last": self.last[alive],
            },
            geometry=self.metric[alive],
            crs=crs,
        )[["osm_id", "name", "amount", "source", "first", "last", "geometry"]]  # fmt: skip


def _merge_listed(lists: list[_List], merge_m: float) -> None:
    """Tell which points of a layer's lists are one thing, and keep one of them."""
    rows = pd.concat(
        [
            pd.DataFrame({
                "list": number, "row": np.arange(len(one.first)), "id": one.ids(),
                "name": list(map(plain, one.names)),
                "dates": list(zip(one.first, one.last, strict=True)),
                "shape": one.metric,
            })[one.account.alive & (shapely.get_type_id(one.metric) == 0)]
            for number, one in enumerate(lists)
        ],
        ignore_index=True,
    )  # fmt: skip
    xy = shapely.get_coordinates(rows["shape"].to_numpy())
    stands = stands_for(xy, rows["name"].to_list(), rows["dates"].to_list(), merge_m)
    rows["other"] = rows["id"].to_numpy()[stands]
    gone = rows[stands != np.arange(len(rows))]
    for number, part in gone.groupby("list"):
        account = lists[int(str(number))].account
        same = np.zeros(len(account.alive), dtype=bool)
        other = np.full(len(same), "", dtype=object)
        same[part["row"]], other[part["row"]] = True, part["other"]
        account.say(same, "merged", "import.same_as_listed", id=other)
