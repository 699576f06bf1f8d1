"""Accident-prone points and sections (事故多发点段) by stated rules: a flag, never in the score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from shapely import ops

from riskmap.casualties import casualties
from riskmap.crashes import PLACED, Crashes
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.osm import WGS84
from riskmap.road_runs import Runs, runs
from riskmap.segments import Network

__all__ = ["sections"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

RULES = ("grave", "graves", "fatal", "injury", "any")
"""What a rule counts: a crash with many killed; such crashes; fatal ones; crashes with somebody
hurt; crashes of any kind."""
LEVELS = ("city", "city", "city", "city", "county")
"""Of each rule, who must act."""
HURT = ("fatal", "serious", "minor", "injury", "")
"""Severities that count as somebody hurt: what nobody knows is taken as an injury crash."""
COLUMNS = (
    "section_id", "rule", "level", "name", "kind", "length_m", "crashes", "fatal_crashes", "killed",
    "injured", "uncounted", "first_year", "last_year", "first", "last", "segments", "lon", "lat",
)  # fmt: skip


def sections(
    crashes: Crashes,
    network: Network,
    rules: Mapping[str, Any],
    *,
    lang: Lang,
    until: int | None = None,
) -> gpd.GeoDataFrame:
    """
    Find the places where so many crashes came together that a rule of `[prone]` names them.

    Kind "junction": its crashes, and those within `junction_m` of it on its approaches. Kind
    "road": a window of `road_m` that moves along a road, through its junctions, whose crashes are
    on every road that meets there; both carriageways are one road. Of places that share a crash
    the best stays: by the higher level, a junction before a road, more crashes, shorter. "General
    procedure" is taken as somebody hurt; whether the road had a part in a grave crash is for the
    brigade to say.

    Parameters
    ----------
    crashes
        From `crashes.read`.
    network
        The roads they were read for.
    rules
        The whole table of `parameters.toml`.
    lang
        Language of names and rules.
    until
        Last year that counts; None takes the last of the records.

    Returns
    -------
    `COLUMNS` and the line, in WGS 84, worst first: `rule` says which rules are met, `level` who
    must act ("city", "county"), `first` and `last` the dates ("" where a date is not known),
    `segments` the ids, "; " between them. Counts are of the rule's years. `uncounted` crashes do
    not say how many they killed or hurt: `killed` and `injured` are then the least that may be.

    Raises
    ------
    RiskmapError
        Records without any crash on the network, or that do not reach `until`.

    Examples
    --------
    >>> import riskmap
    >>> from riskmap import prone
    >>> area = riskmap.assess(riskmap.sample(), crashes=riskmap.sample_crashes())
    >>> found = prone.sections(area.crashes, area.network, area.parameters, lang="en")
    >>> sorted(set(found["kind"]))
    ['junction', 'road']
    """
    rule = rules["prone"]
    table = crashes.table[crashes.table["outcome"].isin(PLACED)]
    if table.empty:
        raise RiskmapError("prone: no crash lies on the network")
    first, last = int(crashes.table["year"].min()), int(crashes.table["year"].max())
    if until is not None and not first <= until <= last:
        raise RiskmapError(f"--until {until}: the records cover {first}–{last}")
    last = int(table["year"].max()) if until is None else until
    table = table[table["year"].between(last - rule["years"] + 1, last)].reset_index(drop=True)
    if table.empty:
        return _frame([])
    said = [
        text(f"prone.{name}", lang, count=rule[name], years=rule["years"], dead=rule["grave"])
        for name in RULES
    ]
    counted, need = _counted(table, rule)
    along, points = runs(network), _points(table, network)
    on_roads = _on_roads(table, points, network, along, rule["road_m"])
    at_junctions = _at_junctions(table, points, network, rule["junction_m"])
    level = np.array([sorted(set(LEVELS)).index(name) for name in LEVELS])
    rows = []
    for crash, met, junction, entries in _best(
        _candidates(on_roads, at_junctions, counted, need), level
    ):
        if junction >= 0:
            place = _junction(network, junction, rule["junction_m"])
        else:
            place = _section(network, along, on_roads.iloc[entries], rule["least_m"])
        rows.append({
            **place, "kind": "junction" if junction >= 0 else "road",
            "name": place["name"] or text("reason.unnamed", lang),
            "level": LEVELS[int(np.flatnonzero(met)[0])],
            "rule": "; ".join(said[n] for n in np.flatnonzero(met)),
            **_told(table.iloc[crash]),
        })  # fmt: skip
    found = _frame(rows)
    # "city" comes before "county"
    return found.sort_values(
        ["level", "killed", "crashes", "section_id"], ascending=[True, False, False, True],
        ignore_index=True,
    )


def _counted(table: pd.DataFrame, rule: Mapping[str, Any]) -> tuple[Ints, Ints]:
    """Whether each crash counts for each rule, and how many a rule needs."""
    killed = table["killed"].to_numpy()
    fatal = (table["severity"] == "fatal").to_numpy() | (killed > 0)
    hurt = fatal | table["severity"].isin(HURT).to_numpy()
    grave = killed >= rule["grave"]
    counted = np.column_stack([grave, grave, fatal, hurt, np.ones(len(table), dtype=bool)])
    need = [1, *(rule[name] for name in RULES[1:])]
    return counted.astype(np.int64), np.array(need)


def _points(table: pd.DataFrame, network: Network) -> NDArray[np.object_]:
    """Where each crash lies, in metres."""
    change = pyproj.Transformer.from_crs(WGS84, network.segments.crs, always_xy=True)
    x, y = change.transform(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
    return np.asarray(shapely.points(x, y))


# --- where crashes lie -----------------------------------------------------------------------


def _on_roads(
    table: pd.DataFrame,
    points: NDArray[np.object_],
    network: Network,
    along: Runs,
    road_m: Mapping[str, float],
) -> pd.DataFrame:
    """Crash, run and place along it, with the window there; sorted along the runs."""
    segments, edges = network.segments, network.edges
    link = np.flatnonzero((table["outcome"] == "link").to_numpy())
    row = table["segment"].to_numpy()[link]
    pair = segments.index.get_indexer(segments["pair_id"].to_numpy(object)[row])
    other = pair >= 0
    crash, row = np.concatenate([link, link[other]]), np.concatenate([row, pair[other]])
    edge = segments["edge"].to_numpy()[row]
    piece = row - edges["first_piece"].to_numpy()[edge]
    metres = piece * segments["length_m"].to_numpy()[row]
    metres = metres + shapely.line_locate_point(segments.geometry.to_numpy()[row], points[crash])
    parts = [pd.DataFrame({
        "crash": crash, "run": along.run[edge], "at": along.place(edge, metres), "segment": row,
    })]  # fmt: skip
    there = pd.DataFrame({"junction": table["junction"], "crash": np.arange(len(table))})
    there = there[(table["outcome"] == "junction").to_numpy()]
    first = edges["first_piece"].to_numpy()
    last = first + edges["pieces"].to_numpy() - 1
    for side, at, piece in (("ju", along.at_u, first), ("jv", along.at_v, last)):
        ends = pd.DataFrame({
            "junction": edges[side], "run": along.run, "at": at, "segment": piece,
        })  # fmt: skip
        parts.append(there.merge(ends, on="junction").drop(columns="junction"))
    found = pd.concat(parts, ignore_index=True).drop_duplicates(["crash", "run"])
    lengths = segments["area"].map(road_m).to_numpy(float)
    found["window_m"] = lengths[found["segment"]]
    return found.sort_values(["run", "at", "crash"], ignore_index=True)


def _at_junctions(
    table: pd.DataFrame, points: NDArray[np.object_], network: Network, junction_m: float
) -> pd.DataFrame:
    """Crash and junction, each crash at every junction that is its own or near on its road."""
    edges = network.edges
    own = np.flatnonzero((table["outcome"] == "junction").to_numpy())
    parts = [pd.DataFrame({"crash": own, "junction": table["junction"].to_numpy()[own]})]
    link = np.flatnonzero((table["outcome"] == "link").to_numpy())
    edge = network.segments["edge"].to_numpy()[table["segment"].to_numpy()[link]]
    middles = network.junctions.geometry.to_numpy()
    for side in ("ju", "jv"):
        junction = edges[side].to_numpy()[edge]
        here = junction >= 0
        near = shapely.distance(points[link[here]], middles[junction[here]]) <= junction_m
        parts.append(
            pd.DataFrame({"crash": link[here][near], "junction": junction[here][near]})
        )
    return pd.concat(parts, ignore_index=True).drop_duplicates().sort_values(
        ["junction", "crash"], ignore_index=True
    )


# --- which of them meet a rule ---------------------------------------------------------------

Candidate = tuple[Ints, Bools, int, Ints]
"""Crashes, rules met, junction (−1 for a section), and rows of the crashes along the road."""


def _candidates(
    on_roads: pd.DataFrame, at_junctions: pd.DataFrame, counted: Ints, need: Ints
) -> list[tuple[float, Candidate]]:
    """Places that meet a rule, each with its length along the road."""
    result: list[tuple[float, Candidate]] = []
    junction, crash = (at_junctions[name].to_numpy() for name in ("junction", "crash"))
    if len(junction):
        begin = np.flatnonzero(np.diff(junction, prepend=-1))
        met = np.add.reduceat(counted[crash], begin) >= need
        ends = np.append(begin[1:], len(junction))
        nothing = np.empty(0, np.int64)
        for n in np.flatnonzero(met.any(axis=1)):
            own = crash[begin[n] : ends[n]]
            result.append((0.0, (own, met[n], int(junction[begin[n]]), nothing)))
    if len(on_roads):
        crash, at = on_roads["crash"].to_numpy(), on_roads["at"].to_numpy()
        # one number line: runs one after the other, further apart than any window
        apart = at.max() + 2 * on_roads["window_m"].max() + 1.0
        line = on_roads["run"].to_numpy() * apart + at
        end = np.searchsorted(line, line + on_roads["window_m"].to_numpy(), side="right")
        total = np.concatenate([np.zeros((1, len(need)), np.int64), counted[crash].cumsum(axis=0)])
        met = total[end] - total[: len(line)] >= need
        for n in np.flatnonzero(met.any(axis=1)):
            entries = np.arange(n, end[n])
            result.append((float(at[end[n] - 1] - at[n]), (crash[entries], met[n], -1, entries)))
    return result


def _best(found: list[tuple[float, Candidate]], level: Ints) -> list[Candidate]:
    """Places that share no crash, the best of those that do."""

    def order(candidate: tuple[float, Candidate]) -> tuple[float, ...]:
        length, (crash, met, junction, _) = candidate
        return (level[met].min(), float(junction < 0), -len(crash), length, float(crash.min()))

    used: set[int] = set()
    result = []
    for _, candidate in sorted(found, key=order):
        crash = set(candidate[0].tolist())
        if used.isdisjoint(crash):
            used |= crash
            result.append(candidate)
    return result


# --- what is said of them --------------------------------------------------------------------


def _told(part: pd.DataFrame) -> dict[str, object]:
    people = casualties(part)
    days = part["date"]
    known = days.notna().all()
    return {
        "crashes": len(part), "fatal_crashes": int(people["fatal"].sum()),
        **{name: int(people[name].sum()) for name in ("killed", "injured", "uncounted")},
        "first_year": int(part["year"].min()), "last_year": int(part["year"].max()),
        "first": str(days.min().date()) if known else "",
        "last": str(days.max().date()) if known else "",
    }  # fmt: skip


def _names(segments: pd.DataFrame, joiner: str) -> str:
    named = np.where(segments["name"] != "", segments["name"], segments["ref"]).astype(object)
    return joiner.join(pd.unique(named[named != ""]))


def _junction(network: Network, junction: int, junction_m: float) -> dict[str, object]:
    edges, segments = network.edges, network.segments
    first = edges["first_piece"].to_numpy()
    last = first + edges["pieces"].to_numpy() - 1
    rows = np.unique(np.concatenate([
        first[edges["ju"].to_numpy() == junction], last[edges["jv"].to_numpy() == junction]
    ]))
    middle = network.junctions.geometry.iloc[junction]
    part = segments.iloc[rows]
    line = shapely.intersection(
        shapely.union_all(part.geometry.to_numpy()), shapely.buffer(middle, junction_m)
    )
    return _place(network, str(network.junctions.index[junction]), part, line, middle, " / ")


def _section(
    network: Network, along: Runs, entries: pd.DataFrame, least_m: float
) -> dict[str, object]:
    """Place of a run from the first to the last crash, at least `least_m` long."""
    segments, edges = network.segments, network.edges
    run = int(entries["run"].iloc[0])
    own = np.flatnonzero(along.run == run)
    begin, end = entries["at"].min(), entries["at"].max()
    short = max(least_m - (end - begin), 0.0) / 2
    begin, end = begin - short, end + short
    rows = np.concatenate([
        np.arange(first, first + pieces)
        for first, pieces in edges.iloc[own][["first_piece", "pieces"]].itertuples(index=False)
    ])
    edge = segments["edge"].to_numpy()[rows]
    length = segments["length_m"].to_numpy()[rows]
    from_u = (rows - edges["first_piece"].to_numpy()[edge]) * length
    at_tail, at_head = along.place(edge, from_u), along.place(edge, from_u + length)
    low, high = np.minimum(at_tail, at_head), np.maximum(at_tail, at_head)
    order = np.argsort(low, kind="stable")
    order = order[(high[order] > begin) & (low[order] < end)]
    parts = []
    for n in order:
        ends = sorted(abs(np.clip([begin, end], low[n], high[n]) - at_tail[n]))
        parts.append(ops.substring(segments.geometry.iloc[rows[n]], *ends))
    line = shapely.line_merge(shapely.union_all(parts))
    part = segments.iloc[rows[order]]
    middle = shapely.line_interpolate_point(parts[len(parts) // 2], 0.5, normalized=True)
    return _place(network, str(part.index[0]), part, line, middle, ", ")


def _place(
    network: Network,
    name: str,
    part: pd.DataFrame,
    line: shapely.Geometry,
    middle: shapely.Point,
    joiner: str,
) -> dict[str, object]:
    change = pyproj.Transformer.from_crs(network.segments.crs, WGS84, always_xy=True).transform
    lon, lat = change(middle.x, middle.y)
    return {
        "section_id": name, "name": _names(part, joiner), "segments": "; ".join(part.index),
        "length_m": round(float(line.length), 1), "lon": round(lon, 6), "lat": round(lat, 6),
        "geometry": shapely.transform(line, change, interleaved=False),
    }  # fmt: skip


def _frame(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows, columns=[*COLUMNS, "geometry"])
    return gpd.GeoDataFrame(table, geometry="geometry", crs=WGS84)
