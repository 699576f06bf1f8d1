"""For each expected jam the best way round, for cars and for trucks, and the risk that it adds.

The through traffic of a jam is that of its busiest piece: from where most of it comes to where most
of it goes, each on the quickest way when the roads are free (`corridors.follow`). It leaves this
main road at a junction at least `decide_m` before the jam and comes back at one at least as far
behind it. The way round is the one with the shortest driving time (lower classes count for more)
that uses no jammed piece, goes back neither along the main road nor along its other carriageway,
and is not over `longest` times the direct way. Times are those of free roads. Turn restrictions,
gates and bollards are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap.area import Area
from riskmap.corridors import EQUAL, Corridor, follow, starts, table_of
from riskmap.errors import RiskmapError
from riskmap.jams import jam_at, jams, road_names
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.osm import WGS84
from riskmap.routes import DIGITS, Roads
from riskmap.vehicles import NOT_KNOWN, VEHICLES

__all__ = ["divert", "plan", "said"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

COLUMNS = (
    "jam", "kind", "name", "vehicle", "direction", "status", "why", "via", "length_m", "minutes",
    "direct_m", "direct_min", "extra_m", "extra_min", "harm", "harm_added", "worst_segment",
    "worst_level", "not_known", "refused", "jams", "entry_lon", "entry_lat", "exit_lon", "exit_lat",
)  # fmt: skip
COMPASS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")


def divert(
    area: Area,
    jam: str,
    vehicle: str,
    *,
    when: When = None,
    lang: Lang = "zh",
) -> gpd.GeoDataFrame:
    """
    Find the way round one jam for one vehicle.

    Parameters
    ----------
    jam
        Id of an expected jam (`jams`), or of a segment that is closed or blocked.
    vehicle
        One of `vehicles.VEHICLES`.
    when
        Hour of the scores and of the other jams; None for the year.
    lang
        Language of names and reasons.

    Returns
    -------
    As `plan`: one row per direction of the main road.

    Raises
    ------
    RiskmapError
        A jam or a vehicle that nobody knows.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> from riskmap.diversions import divert
    >>> busiest = area.segments["aadt"].idxmax()
    >>> set(divert(area, busiest, "car", lang="en")["vehicle"])
    {'car'}
    """
    if vehicle not in VEHICLES:
        raise RiskmapError(f"vehicle '{vehicle}': unknown; use one of {', '.join(VEHICLES)}")
    table = plan(area, when, lang, jam=jam)
    return table[table["vehicle"] == vehicle].reset_index(drop=True)


def plan(
    area: Area, when: When = None, lang: Lang = "zh", *, jam: str | None = None
) -> gpd.GeoDataFrame:
    """
    Find the ways round every expected jam, for every vehicle and direction.

    Parameters
    ----------
    when
        Only jams that are expected in that hour, and the scores of that hour; None for the year.
    lang
        Language of names and reasons.
    jam
        Only this one: the id of a jam at any hour, or of a segment.

    Returns
    -------
    `COLUMNS` and the way round as a line in WGS 84. `status`: `found`, or why there is none (told
    in `why`): `ends` (the main road ends too near the jam, or is no quickest way past it), `closed`
    (tags refuse the main road to the vehicle), `none` (nothing else joins its two sides), `far`
    (over `longest` times the direct way; the figures are those of that way). Lengths and times are
    between the junctions where drivers leave and come back; `direct_…` along the main road,
    `extra_…` the difference.
    `harm`: severity-weighted crashes per million vehicles on the way round, `harm_added` less
    those on the direct way. Both take the mean risk per vehicle of each piece; as crashes grow
    more slowly than traffic, what is added in truth is rather less. `worst_segment` and
    `worst_level`: the piece of the way with most harm per km. Trucks only: `not_known`, the share
    of the way's length where the map says nothing of trucks, and `refused`, tags that keep them
    off the way of the cars. `jams`: other jams on the way. Unknown is empty.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> from riskmap import diversions
    >>> busiest = area.segments["aadt"].idxmax()
    >>> sorted(set(diversions.plan(area, lang="en", jam=busiest)["vehicle"]))
    ['car', 'truck']
    """
    expected = jams(area, when, lang)
    chosen = expected
    if jam is not None:
        known = expected if jam in expected.index else jams(area, lang=lang)
        chosen = known.loc[[jam]] if jam in known.index else jam_at(area, jam, lang)
    desk = _Desk(area, Roads.of(area), expected, area.scores(when), lang)
    rows = [row for number in range(len(chosen)) for row in desk.ways(chosen.iloc[number])]
    table = pd.DataFrame(rows, columns=[*COLUMNS, "geometry"])
    return gpd.GeoDataFrame(table, crs=area.segments.crs).to_crs(WGS84)


@dataclass(frozen=True)
class _Desk:
    """What every way round needs, worked out once."""

    area: Area
    roads: Roads
    expected: gpd.GeoDataFrame
    scores: pd.DataFrame
    lang: Lang

    @cached_property
    def rules(self) -> dict[str, Any]:
        return dict(self.area.parameters["diversions"])

    @cached_property
    def harm(self) -> Floats:
        """Severity-weighted crashes per million vehicles over each segment."""
        km = self.area.segments["length_m"].to_numpy() / 1000.0
        rate = self.scores["harm_per_mvkm"]
        # a road on which nobody drives has no rate of its own
        return np.asarray(rate.fillna(rate.mean()).to_numpy() * km)

    @cached_property
    def jammed(self) -> pd.DataFrame:
        """Expected jams by `row` of the segments."""
        ids = self.expected["segments"].explode()
        rows = self.area.segments.index.get_indexer(ids.to_numpy())
        return pd.DataFrame({"row": rows, "jam": ids.index.to_numpy(object)})

    @cached_property
    def slower(self) -> Floats:
        """How much longer each arc takes by the jams on it."""
        segments, network = self.area.segments, self.area.network
        held = np.zeros(len(segments))
        rows = self.jammed["row"].to_numpy(np.int64)
        held[rows] = segments["length_m"].to_numpy()[rows]
        first = network.edges["first_piece"].to_numpy()
        share = np.add.reduceat(held, first) / network.edges["length_m"].to_numpy()
        return np.asarray(1.0 + (self.rules["jam"]["factor"] - 1.0) * share)[self.roads.edge]

    # --- ways round ----------------------------------------------------------------------------

    def ways(self, jam: pd.Series) -> Iterator[dict[str, object]]:
        """Rows of the plan for one jam."""
        closed = np.zeros(len(self.area.segments), dtype=bool)
        closed[self.area.segments.index.get_indexer(list(jam["segments"]))] = True
        for start in starts(self.roads, jam["main"], jam["segments"]):
            road = follow(self.roads, start, closed, self.rules)
            ends = road or table_of(self.roads, np.array([start]), closed, self.rules)
            of_cars: Ints = np.empty(0, np.int64)
            for vehicle in VEHICLES:
                status, way, direct = self.way(road, closed, vehicle)
                row = {
                    "jam": jam.name, "kind": jam["kind"], "name": jam["name"],
                    "vehicle": vehicle, "status": status, "why": self.why(status, vehicle),
                    "direction": self.direction(ends if direct is None else direct),
                }  # fmt: skip
                if vehicle == VEHICLES[0]:
                    of_cars = way
                else:
                    row["refused"] = self.refused(of_cars, vehicle)
                if direct is not None and len(way):
                    row |= self.told(way, direct, vehicle, str(jam.name))
                yield row

    def way(
        self, road: Corridor | None, closed: Bools, vehicle: str
    ) -> tuple[str, Ints, Corridor | None]:
        """Status, arcs of the way round, and the part of the main road that it leaves out."""
        nothing = np.empty(0, np.int64)
        rules, roads = self.rules, self.roads
        if road is None:
            return "ends", nothing, None
        road = self._open(road, vehicle)
        if not len(road.arcs) or not road.passes:
            return "closed", nothing, None
        before, behind = road.leave_m, road.back_m
        cost = (roads.cost_s[vehicle] * self.slower).round(DIGITS)
        outer = road.arcs[~roads.inner[road.arcs]]
        cost[np.setdiff1d(roads.against(outer), road.arcs)] = np.inf
        kept = (road.at_m[1:] <= before) | (road.at_m[:-1] >= behind)
        cost[road.arcs[~kept & ~roads.inner[road.arcs]]] = np.inf
        first = self.area.network.edges["first_piece"].to_numpy()
        cost[np.logical_or.reduceat(closed, first)[roads.edge]] = np.inf
        # where the road goes on beyond it, the start is not left backwards, nor the end come to so
        low = int(road.at_m[1] <= before)
        high = len(road.nodes) - 1 - int(road.at_m[-2] >= behind)
        longest = rules["longest"] * rules[vehicle]["factor"] * rules["jam"]["factor"]
        limit = longest * roads.time_s[vehicle][road.arcs].sum()
        source, target = int(road.nodes[low]), int(road.nodes[high])
        tree = roads.tree(cost, source, limit_s=float(limit))
        if not np.isfinite(tree.cost_s[target]):
            tree = roads.tree(cost, source)
        if not np.isfinite(tree.cost_s[target]):
            return "none", nothing, None
        path = tree.way(target)
        nodes = np.append(roads.tail[path], roads.head[path[-1]])
        place = pd.Series(np.arange(len(road.nodes)), index=road.nodes)
        place = place[~place.index.duplicated()].reindex(nodes).to_numpy()
        at = np.where(np.isnan(place), np.nan, road.at_m[np.nan_to_num(place).astype(np.int64)])
        leave = int(np.flatnonzero(at <= before)[-1])
        back = leave + int(np.flatnonzero(at[leave:] >= behind)[0])
        way, direct = path[leave:back], road.cut(int(place[leave]), int(place[back]))
        far = roads.length_m[way].sum() > rules["longest"] * roads.length_m[direct.arcs].sum()
        return "far" if far else "found", way, direct

    def _open(self, road: Corridor, vehicle: str) -> Corridor:
        """Part of the main road around the jam on which the vehicle may drive."""
        shut = np.isinf(self.roads.cost_s[vehicle][road.arcs])
        if not shut.any():
            return road
        before = np.flatnonzero(shut & (road.at_m[:-1] < road.last_m))
        behind = np.flatnonzero(shut & (road.at_m[:-1] >= road.last_m))
        low = int(before[-1]) + 1 if len(before) else 0
        return road.cut(low, int(behind[0]) if len(behind) else len(road.arcs))

    # --- what is told of a way -----------------------------------------------------------------

    def told(
        self, way: Ints, direct: Corridor, vehicle: str, own: str
    ) -> dict[str, object]:
        """Figures of a way round."""
        roads, segments = self.roads, self.area.segments
        pieces = roads.pieces(way)
        length, direct_m = (float(roads.length_m[a].sum()) for a in (way, direct.arcs))
        minutes, direct_min = (
            float(roads.time_s[vehicle][arcs].sum()) / 60.0 for arcs in (way, direct.arcs)
        )
        harm = float(self.harm[pieces].sum())
        per_km = self.scores["harm_per_km"].to_numpy()[pieces]
        # of equal ones the first on the way, whatever rounding makes of them
        worst = pieces[np.argmax(per_km >= per_km.max() * (1.0 - EQUAL))]
        line = roads.line(way)
        ends = gpd.GeoSeries(
            shapely.points([line.coords[0], line.coords[-1]]), crs=segments.crs
        ).to_crs(WGS84)
        met = self.jammed["jam"][np.isin(self.jammed["row"], pieces)].unique()
        result = {
            "via": self.via(pieces),
            "length_m": round(length, 1), "minutes": round(minutes, 2),
            "direct_m": round(direct_m, 1), "direct_min": round(direct_min, 2),
            "extra_m": round(length - direct_m, 1), "extra_min": round(minutes - direct_min, 2),
            "harm": _rounded(harm),
            "harm_added": _rounded(harm - float(self.harm[roads.pieces(direct.arcs)].sum())),
            "worst_segment": segments.index[worst],
            "worst_level": self.scores["level"].iloc[worst],
            "jams": "; ".join(name for name in met if name != own),
            "entry_lon": round(ends.x[0], 6), "entry_lat": round(ends.y[0], 6),
            "exit_lon": round(ends.x[1], 6), "exit_lat": round(ends.y[1], 6),
            "geometry": line,
        }  # fmt: skip
        if vehicle != VEHICLES[0]:
            meters = segments["length_m"].to_numpy()[pieces]
            silent = self.area.vehicles[vehicle].to_numpy()[pieces] == NOT_KNOWN
            result["not_known"] = round(float(meters[silent].sum() / meters.sum()), 3)
        return result

    def via(self, pieces: Ints) -> str:
        """Names of the roads of a way in order; what is short is left out."""
        part = self.area.segments.iloc[pieces]
        name = pd.Series(road_names(part, self.lang))
        run = (name != name.shift()).cumsum()
        length = pd.Series(part["length_m"].to_numpy()).groupby(run).sum()
        heads = name.groupby(run).first()
        long = heads[length >= self.rules["via_share"] * length.sum()]
        named = long if len(long) else heads[[length.idxmax()]]
        return " → ".join(named[named != named.shift()])

    def refused(self, way: Ints, vehicle: str) -> str:
        """Tags that keep a vehicle off a way."""
        by = self.area.vehicles[f"{vehicle}_by"].to_numpy(object)[self.roads.pieces(way)]
        return "; ".join(dict.fromkeys(by[by != ""]))

    def direction(self, road: Corridor) -> str:
        """Where the main road goes to, as a word."""
        nodes = self.area.network.nodes[["x", "y"]].to_numpy()
        east, north = nodes[road.nodes[-1]] - nodes[road.nodes[0]]
        number = round(float(np.degrees(np.arctan2(east, north))) / 45.0) % 8
        return text(f"compass.{COMPASS[number]}", self.lang)

    def why(self, status: str, vehicle: str) -> str:
        """Say why there is no way round; "" where there is one."""
        if status == "found":
            return ""
        return text(
            f"divert.{status}", self.lang, vehicle=text(f"vehicle.{vehicle}", self.lang),
            decide=self.rules["decide_m"], longest=self.rules["longest"],
        )  # fmt: skip


def said(table: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    """
    Lines of a plan to print: the jam, then each way round it.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> from riskmap import diversions
    >>> busiest = area.segments["aadt"].idxmax()
    >>> lines = diversions.said(diversions.plan(area, lang="en", jam=busiest), "en")
    >>> len(lines) > 1
    True
    """
    if table.empty:
        return [text("divert.nothing", lang)]
    lines = []
    for jam, ways in table.groupby("jam", sort=False):
        lines.append(f"{jam}  {ways['name'].iloc[0]}")
        for row in ways.to_dict("records"):
            head = f"  {row['direction']}  {text('vehicle.' + row['vehicle'], lang)}: "
            lines.append(head + (_line(row, lang) if row["status"] == "found" else row["why"]))
    return lines


def _line(row: dict[str, Any], lang: Lang) -> str:
    parts = [text(
        "divert.way", lang, via=row["via"], km=row["length_m"] / 1000.0, minutes=row["minutes"],
        extra_km=round(row["extra_m"] / 1000.0, 1) + 0.0, harm=row["harm_added"],
        extra_min=round(row["extra_min"], 1) + 0.0,
    )]  # fmt: skip
    if row["vehicle"] != VEHICLES[0]:
        parts.append(text("divert.not_known", lang, share=row["not_known"]))
    return "; ".join(parts)


def _rounded(value: float) -> float:
    """Six significant figures: more would be noise, and every format keeps them."""
    return float(f"{value:.6g}")
