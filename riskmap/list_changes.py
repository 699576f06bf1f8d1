"""Two lists of pieces of road compared: what is new, gone, risen, fallen, and what stayed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap import coords, list_terms, list_words, sheets
from riskmap.errors import RiskmapError
from riskmap.level_styles import STYLES
from riskmap.osm import WGS84
from riskmap.zipped_lists import fields

CHANGES = ("new", "risen", "same", "fallen", "gone")
"""What can become of a piece, in the order of the list."""
COLUMNS = (
    "change", "segment_id", "name", "rank_before", "rank_after", "level_before", "level_after",
    "harm_per_km_before", "harm_per_km_after", "lon", "lat",
)  # fmt: skip
LEAST_PCT = 10.0
"""On the same level, a piece whose harm per km changed by less stayed the same."""
_NUMBERS = ("rank", "harm_per_km", "lon", "lat")
_READ = ("segment_id", "name", "level", "crs", *_NUMBERS)


def read(path: str | Path) -> pd.DataFrame:
    """
    Read a list that riskmap wrote.

    Returns
    -------
    Index `segment_id`; `rank`, `name`, `level`, `harm_per_km`, `lon`, `lat` in WGS 84, unknown
    where the list lacks them.

    Raises
    ------
    RiskmapError
        A file that cannot be read, without segments, or with a segment in two rows.
    """
    path = Path(path)
    # in a Shapefile they are shorter
    words = {name: (*list_terms.headings(name), short) for name, short in fields(_READ).items()}
    (sheet,) = sheets.read_sheets([path], words)
    if "segment_id" not in sheet.cells:
        raise RiskmapError(
            f"{path}: has no column segment_id; take a list of `riskmap hotspots` or "
            "`riskmap score`, without --stretches"
        )
    table = pd.DataFrame({name: list(sheet.column(name)) for name in _READ}, dtype=object)
    table.index = pd.Index(sheet.rows)
    for name in _NUMBERS:
        table[name] = pd.to_numeric(table[name], errors="coerce")
    for name in ("level", "crs"):
        table[name] = table[name].str.strip()
    # in CSV an apostrophe stands before what a spreadsheet would run
    table["name"] = table["name"].str.replace(r"^'(?=\s*[=+\-@＝＋－＠])", "", regex=True)  # noqa: RUF001  # meant
    table["level"] = table["level"].map(list_words.level_of)
    for row, level in table["level"].items():
        if level not in {*STYLES, "unknown", ""}:
            raise RiskmapError(f"{path} row {row}: level '{level}'; use {', '.join(STYLES)}")
    twice = [one for one, count in Counter(table["segment_id"]).items() if count > 1]
    if twice:
        row = table.index[table["segment_id"] == twice[0]][1]
        raise RiskmapError(f"{path} row {row}: segment '{twice[0]}' is there twice; delete one")
    for system in set(table["crs"]) - {""}:
        own = (table["crs"] == system).to_numpy()
        named = coords.system_named(system)
        if named is None or named not in coords.SYSTEMS:
            raise RiskmapError(f"{path}: coordinate system '{system}' is not known")
        there = coords.to_wgs84(table.loc[own, "lon"], table.loc[own, "lat"], named)
        for name, degrees in zip(("lon", "lat"), there, strict=True):
            table.loc[own, name] = degrees.round(list_terms.DECIMALS)
    return table.set_index("segment_id")


def changes(
    old: pd.DataFrame, new: pd.DataFrame, *, least_pct: float = LEAST_PCT
) -> gpd.GeoDataFrame:
    """
    Compare two lists by segment.

    Parameters
    ----------
    old, new
        From `read`: of the same area, ranked alike, as long.
    least_pct
        Change of harm per km that counts on the same level, in per cent.

    Returns
    -------
    The columns `COLUMNS` and a point, in WGS 84: first what is new, then what has risen, stayed,
    fallen, and what is gone from the list; each in the order of its rank. Risen is what has a worse
    level, or on the same level more harm per km; what has no level or no figure in one of the lists
    is judged by the other. A piece that is gone may be as dangerous as before, and others worse.

    Examples
    --------
    >>> from riskmap import list_changes
    >>> old, new = (list_changes.read(f"{month}.csv") for month in ("april", "may"))
    >>> list_changes.changes(old, new)[["change", "name", "rank_before", "rank_after"]]
    """
    both = old.join(new, how="outer", lsuffix="_before", rsuffix="_after", sort=True)
    here = [both.index.isin(one.index) for one in (old, new)]
    rank = {level: number for number, level in enumerate(reversed(tuple(STYLES)))}
    steps = both["level_after"].map(rank) - both["level_before"].map(rank)
    times = both["harm_per_km_after"] / both["harm_per_km_before"]
    moved = np.where(times >= 1.0 + least_pct / 100.0, 1, 0)
    moved = np.where(times <= 1.0 / (1.0 + least_pct / 100.0), -1, moved)
    moved = np.where(steps.fillna(0) != 0, np.sign(steps.fillna(0)), moved)
    change = np.array(["same", "risen", "fallen"], dtype=object)[moved.astype(int)]
    change = np.where(~here[0], "new", np.where(~here[1], "gone", change))
    latest = {
        name: both[f"{name}_after"].where(here[1], both[f"{name}_before"])
        for name in ("name", "lon", "lat")
    }
    table = pd.DataFrame({
        "change": change,
        "segment_id": both.index.to_numpy(object),
        **{
            f"{name}_{when}": both[f"{name}_{when}"].array
            for name in ("rank", "level", "harm_per_km") for when in ("before", "after")
        },
        **{name: column.to_numpy() for name, column in latest.items()},
    })
    order = np.lexsort((
        table["rank_before"], table["rank_after"], [CHANGES.index(one) for one in change],
    ))
    table = table.iloc[order].reset_index(drop=True)
    ranks = ["rank_before", "rank_after"]
    table[ranks] = table[ranks].astype("Int64")
    point = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=WGS84)
    point[table["lon"].isna().to_numpy() | table["lat"].isna().to_numpy()] = None
    return gpd.GeoDataFrame(table[list(COLUMNS)], geometry=point.to_numpy(), crs=WGS84)
