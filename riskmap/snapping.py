"""Crashes → the pieces of road and the junctions where they happened, or why that is not known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from riskmap.locale import text
from riskmap.segments import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

OUTCOMES = ("link", "junction", "doubtful", "off")
EVEN_M = 0.5
"""Roads no further apart than that are equally near."""
_NOISE = re.compile(r"[\s\-·.,。()]|road|street|avenue|lane|\brd\b|\bst\b", re.IGNORECASE)


def snap(crashes: pd.DataFrame, network: Network, rules: Mapping[str, Any]) -> pd.DataFrame:
    """
    Find the place of every crash.

    A crash belongs to the nearest road within `snap_m`, roads of the classes `without` only where
    no other is so near; a road that the record names is taken before a nearer one. Within
    `junction_m` of a junction it belongs to the junction, of several to the one with most roads of
    the network proper, then the nearest. A record that names another road than any within reach is
    doubtful, and so is one whose road is of another class; what lies further off than `snap_m` is
    off the network. Neither is forced on a road.

    Parameters
    ----------
    crashes
        With `lon`, `lat`, `road` and `road_class`; see `records.Records`.
    network
        The roads.
    rules
        The whole table of `parameters.toml`: `[crashes]`.

    Returns
    -------
    On the index of the crashes: `segment` (row of the segments, −1 where off), `junction` (row of
    the junctions, −1 where there is none), `distance_m` from that segment (NaN beyond `far_m`),
    `outcome` ("link", "junction", "doubtful", "off").
    """
    rule, segments = rules["crashes"], network.segments
    change = pyproj.Transformer.from_crs("EPSG:4326", segments.crs, always_xy=True)
    x, y = change.transform(crashes["lon"].to_numpy(float), crashes["lat"].to_numpy(float))
    points = shapely.points(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    lines = segments.geometry.to_numpy()
    at, row = shapely.STRtree(lines).query(points, predicate="dwithin", distance=rule["far_m"])
    distance = shapely.distance(points[at], lines[row])
    minor = segments["road_class"].isin(rule["without"]).to_numpy()
    named, contradicted = _named(crashes, segments, at, row, distance, rule["snap_m"])
    near = distance <= rule["snap_m"]
    # nearest first; a named road before all, a minor one after all that are as near as snap_m
    order = np.lexsort((row, np.round(distance / EVEN_M), minor[row] & near, ~(named & near), at))
    best = order[np.unique(at[order], return_index=True)[1]]
    size = len(crashes)
    segment, apart = np.full(size, -1), np.full(size, np.nan)
    segment[at[best]], apart[at[best]] = row[best], distance[best]
    placed = apart <= rule["snap_m"]
    junction = _junctions(network, points, minor, rule["junction_m"])
    junction[~placed] = -1
    doubtful = placed & contradicted
    outcome = np.where(junction >= 0, "junction", "link").astype(object)
    outcome[doubtful], outcome[~placed] = "doubtful", "off"
    return pd.DataFrame(
        {
            "segment": np.where(placed, segment, -1), "junction": junction, "distance_m": apart,
            "outcome": outcome,
        },
        index=crashes.index,
    )  # fmt: skip


def _named(
    crashes: pd.DataFrame,
    segments: pd.DataFrame,
    at: Ints,
    row: Ints,
    distance: Floats,
    snap_m: float,
) -> tuple[Bools, Bools]:
    """Which pairs of crash and road bear the stated name; which crashes name none of theirs."""
    stated = _plain(crashes["road"])
    codes, words = pd.factorize(stated)
    own = [_plain(segments[name]) for name in ("name", "ref")]
    fits = np.zeros(len(at), dtype=bool)
    for names in own:
        number = pd.Series(range(len(words)), index=words).reindex(names).fillna(-2).to_numpy()
        fits |= codes[at] == number[row]
    fits &= stated[at] != ""
    # a name that the map does not have at all says nothing about these roads
    known = pd.Series(stated).isin(np.concatenate(own)).to_numpy() & (stated != "")
    reached = np.zeros(len(crashes), dtype=bool)
    reached[at[fits & (distance <= snap_m)]] = True
    bears = np.zeros(len(crashes), dtype=bool)
    bears[at[(distance <= snap_m) & (own[0][row] != "")]] = True
    contradicted = known & ~reached & bears
    classes = crashes["road_class"].to_numpy(object)
    real = pd.Series(classes).isin(segments["road_class"].unique()).to_numpy()
    same = np.zeros(len(crashes), dtype=bool)
    of_class = segments["road_class"].to_numpy(object)[row] == classes[at]
    same[at[of_class & (distance <= snap_m)]] = True
    return fits | (of_class & real[at] & (stated[at] == "")), contradicted | (real & ~same)


def named(names: pd.Series, segments: pd.DataFrame) -> Bools:
    """Which names are those of a road."""
    known = np.concatenate([_plain(segments[name]) for name in ("name", "ref")])
    return pd.Series(_plain(names)).isin(known).to_numpy()


def _plain(names: pd.Series) -> NDArray[np.object_]:
    known = {
        name: _NOISE.sub("", unicodedata.normalize("NFKC", str(name))).lower()
        for name in names.unique()
    }
    return names.map(known).to_numpy(object)


def _junctions(
    network: Network, points: NDArray[np.object_], minor: Bools, junction_m: float
) -> Ints:
    """Row of each crash's junction, −1 where none is near."""
    result = np.full(len(points), -1)
    middles = network.junctions.geometry.to_numpy()
    if not len(middles) or not len(points):
        return result
    at, row = shapely.STRtree(middles).query(points, predicate="dwithin", distance=junction_m)
    distance = shapely.distance(points[at], middles[row])
    edges = network.edges
    proper = ~minor[edges["first_piece"].to_numpy()]
    arms = np.zeros(len(middles), dtype=np.int64)
    for side in ("ju", "jv"):
        ends = edges[side].to_numpy()[proper]
        arms += np.bincount(ends[ends >= 0], minlength=len(middles))
    # driveways are junctions too, but where roads meet the crash is theirs
    order = np.lexsort((row, distance, arms[row] < 3, at))  # noqa: PLR2004  # roads that meet
    best = order[np.unique(at[order], return_index=True)[1]]
    result[at[best]] = row[best]
    return result


def told(report: pd.DataFrame, table: pd.DataFrame, *, far_m: float) -> pd.DataFrame:
    """Report in which crashes off the network, and doubtful ones, say so."""
    result = report.copy()
    ids = result["file"] + ":" + result["row"].astype(str)
    own = table.assign(id=table["file"] + ":" + table["row"].astype(str)).set_index("id")
    for outcome in ("off", "doubtful"):
        part = own[own["outcome"] == outcome]
        which = ids.isin(part.index) & (result["row"] > 0)
        metres = part["distance_m"].reindex(ids[which])
        apart = metres.map("{:.0f}".format).where(metres.notna(), f"> {far_m:.0f}")
        for lang in ("zh", "en"):
            said = [
                text(f"import.crash.{outcome}", lang, metres=metre) for metre in apart
            ]
            joiner = text("import.joiner", lang)
            before = result.loc[which, f"why_{lang}"]
            result.loc[which, f"why_{lang}"] = [
                joiner.join(filter(None, pair)) for pair in zip(before, said, strict=True)
            ]
        result.loc[which, "outcome"] = outcome
    return result
