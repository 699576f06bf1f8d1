"""How places and features lie to each other: each relation one function, shape in, touch out.

A new word of the vocabulary is one function and one row in `RELATIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap.layer import LISTED_M, Touch
from riskmap.segments import Network
from riskmap.tags import Tags
from riskmap.threads import in_threads

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.int8]
Geometries = NDArray[np.object_]

ALONG_STEP_M = 5.0
"""`along` looks at a segment every so many metres."""
SNAP_M = 30.0
"""A listed junction is looked for so far away."""
RAILED, BARE = 1, 2
"""What the brigade says of guard rails: there is one, there is none."""
PART_VERTICES = 16
"""Long outlines are measured in parts of so many vertices: same distance, a smaller index."""


@dataclass(frozen=True)
class Places:
    """
    Everything that can be touched, one below the other: segments, junctions, rail crossings.

    `table` has `kind` ("link", "junction", "rail"), `area`, `road_class`, `bridge`, `tunnel`,
    `oneway`; `geometry` is in metres. `network` says which segments meet at a junction;
    `quantities` has `x`, `y` and the junction quantities that a `network` source can name. `rail`
    are the crossings, `reliefs` the features that relieve a layer, by its name. `own` are the tags
    of the segments' roads, row by row; `measures` their quantities by name, NaN where unknown;
    `guard_rail` says for every place what the brigade knows: `RAILED`, `BARE`, or 0.
    A listed junction is looked for within `snap_m`.
    """

    table: pd.DataFrame
    geometry: Geometries
    network: Network
    quantities: pd.DataFrame
    rail: gpd.GeoDataFrame
    reliefs: Mapping[str, Features]
    own: Tags
    measures: pd.DataFrame
    guard_rail: Bytes
    snap_m: float = SNAP_M

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Spatial index of the places, built once for all layers."""
        return shapely.STRtree(self.geometry)

    def within(self, shapes: Geometries, reach_m: float) -> tuple[Ints, Ints]:
        """Pairs of place and shape (row numbers) no further apart than `reach_m`."""
        if not len(shapes):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        shapely.prepare(shapes)
        shape, place = in_threads(
            lambda part: self.tree.query(part, predicate="dwithin", distance=reach_m), shapes
        )
        return place, shape

    def rows(self, kind: str) -> slice:
        """Rows of one kind."""
        return rows_of(
            kind, len(self.network.segments), len(self.network.junctions), len(self.rail)
        )


def rows_of(kind: str, links: int, junctions: int, crossings: int) -> slice:
    """Rows of one kind of place: segments come first, then junctions, then rail crossings."""
    ends = {"link": links, "junction": links + junctions, "rail": links + junctions + crossings}
    starts = {"link": 0, "junction": links, "rail": links + junctions}
    return slice(starts[kind], ends[kind])


@dataclass(frozen=True)
class Features:
    """The features of one layer: geometry in metres, weights for sums, their ids and tags."""

    table: gpd.GeoDataFrame  # osm_id, name, amount, source (its number in the layer), geometry
    tags: Tags
    nodes: Ints  # OSM node id of point features, −1 elsewhere

    @property
    def geometry(self) -> Geometries:
        """Geometries as an array."""
        return self.table.geometry.to_numpy()

    @property
    def listed(self) -> Bools:
        """Which of them are on a list of the brigade, not on the map."""
        mapped = self.table["osm_id"].str.fullmatch(r"[nwr]\d+")
        return ~mapped.to_numpy(dtype=bool)

    def only(self, chosen: Bools) -> Features:
        """Some of the features."""
        rows = np.flatnonzero(chosen)
        return Features(self.table.iloc[rows], self.tags.take(rows), self.nodes[rows])


def decay(distance_m: Floats, *, full_m: float, reach_m: float, kind: str) -> Floats:
    """
    Fall of an effect with distance: 1 up to `full_m`, 0 from `reach_m` on.

    `triangular` falls in a straight line between the two, `exponential` to 5 % at `reach_m`,
    `flat` not at all. Distances and reaches in metres.
    """
    if kind == "flat" or reach_m <= full_m:
        return (distance_m <= reach_m).astype(float)
    beyond = np.clip((distance_m - full_m) / (reach_m - full_m), 0.0, 1.0)
    if kind == "exponential":
        return np.where(distance_m <= reach_m, np.exp(-3.0 * beyond), 0.0)
    return 1.0 - beyond


def near(places: Places, rows: Ints, features: Features, rule: Touch) -> Floats:
    """
    Measure how close each place comes to its features.

    Straight-line distance from the closest point of the place; it ignores rivers and walls, so a
    school across a canal still counts. `combine` says what several features do: `max` (the
    nearest), `capped_sum` (amount × decay, up to `cap`), or `log_sum` (of each source amount ×
    log(1 + sum of decay), up to log(1 + `cap`)).

    Returns
    -------
    Touch in [0, 1], one per row of `rows`. All 0 where there are no features.
    """
    shapes = features.geometry
    place, feature = places.within(shapes, rule.reach_m)
    closeness = decay(
        shapely.distance(places.geometry[place], shapes[feature]),
        full_m=rule.full_m, reach_m=rule.reach_m, kind=rule.decay,
    )  # fmt: skip
    size = len(places.table)
    if rule.combine == "max":
        touch = np.zeros(size)
        np.maximum.at(touch, place, closeness)
        return touch[rows]
    amount = features.table["amount"].to_numpy()[feature]
    total, full = np.zeros(size), rule.cap
    if rule.combine == "log_sum":
        full = np.log1p(rule.cap)
        source = features.table["source"].to_numpy()[feature]
        for number in np.unique(source):
            own = source == number
            count = np.bincount(place[own], closeness[own], minlength=size)
            most = np.zeros(size)
            np.maximum.at(most, place[own], amount[own])
            total += most * np.log1p(count)
    else:
        total += np.bincount(place, amount * closeness, minlength=size)
    return np.minimum(total[rows] / full, 1.0)


def along(places: Places, rows: Ints, features: Features, rule: Touch) -> Floats:
    """
    Measure how much of each place runs beside its nearest feature, and how close.

    The mean of the decay over points every `ALONG_STEP_M` along the place: half a segment at full
    closeness is 0.5. A place that is a point has its decay. Inside an area the distance is 0.

    Returns
    -------
    Touch in [0, 1], one per row of `rows`.
    """
    touch = np.zeros(len(rows))
    outlines = _parts(features.geometry)
    areas = features.geometry[shapely.get_dimensions(features.geometry) == 2]  # noqa: PLR2004
    if not len(outlines) or not len(rows):
        return touch
    geometry = places.geometry[rows]
    tree = shapely.STRtree(outlines)
    near_by = np.zeros(len(rows), dtype=bool)
    near_by[in_threads(
        lambda part: tree.query(part, predicate="dwithin", distance=rule.reach_m), geometry
    )[0]] = True
    inside = shapely.STRtree(areas)
    near_by[inside.query(geometry, predicate="intersects")[0]] = True
    geometry = geometry[near_by]
    points, of, count = _stations(geometry)
    closeness = np.zeros(len(points))
    found = in_threads(
        lambda part: tree.query_nearest(part, max_distance=rule.reach_m, all_matches=False), points
    )
    closeness[found[0]] = decay(
        shapely.distance(points[found[0]], outlines[found[1]]),
        full_m=rule.full_m, reach_m=rule.reach_m, kind=rule.decay,
    )  # fmt: skip
    closeness[inside.query(points, predicate="intersects")[0]] = 1.0
    touch[near_by] = np.bincount(of, closeness, minlength=len(geometry)) / count
    return touch


def inside(places: Places, rows: Ints, features: Features, rule: Touch) -> Floats:
    """
    Measure how much of each place lies inside areas; what overlaps counts once.

    Listed points and lines, which have no inside, count as in `beside`.

    Returns
    -------
    Touch in [0, 1], one per row of `rows`, from points every `ALONG_STEP_M`.
    """
    touch = np.zeros(len(rows))
    areas = features.geometry[shapely.get_dimensions(features.geometry) == 2]  # noqa: PLR2004
    if len(areas) and len(rows):
        geometry = places.geometry[rows]
        tree = shapely.STRtree(areas)
        met = np.unique(tree.query(geometry, predicate="intersects")[0])
        points, of, count = _stations(geometry[met])
        within = np.zeros(len(points))
        within[tree.query(points, predicate="intersects")[0]] = 1.0
        touch[met] = np.bincount(of, within, minlength=len(met)) / count
    rest = shapely.get_dimensions(features.geometry) < 2  # noqa: PLR2004
    return np.maximum(touch, beside(places, rows, features.only(rest), rule))


def beside(places: Places, rows: Ints, features: Features, rule: Touch) -> Floats:
    """
    Touch the roads that the brigade lists: by points, by lines along them, or by areas.

    A point means its nearest road within `beside_m`, a line or an area what lies within `beside_m`
    of it.

    Returns
    -------
    Touch in [0, 1], one per row of `rows`: 1 for points, else the share of the length.
    """
    shapes = features.geometry
    touch = np.zeros(len(places.table))
    if not len(shapes) or not rule.beside_m:
        return touch[rows]
    point = shapely.get_dimensions(shapes) == 0
    links = np.intersect1d(rows, np.arange(len(places.network.segments)))
    if point.any() and len(links):
        found = shapely.STRtree(places.geometry[links]).query_nearest(
            shapes[point], max_distance=rule.beside_m, all_matches=False
        )
        touch[links[found[1]]] = 1.0
    if not point.all():
        close = replace(rule, full_m=rule.beside_m, reach_m=rule.beside_m, decay="flat")
        touch[rows] = np.maximum(touch[rows], along(places, rows, features.only(~point), close))
    return touch[rows]


def own(places: Places, rows: Ints, chosen: Bools, *, junctions: bool = False) -> Floats:
    """
    Touch the segments whose own road is chosen: 0 or 1, one per row of `rows`.

    With `junctions` these too, by the share of their approaches that are chosen.
    """
    touch = np.zeros(len(places.table))
    touch[places.rows("link")] = chosen
    if junctions:
        edges, size = places.network.edges, len(places.network.junctions)
        first = edges["first_piece"].to_numpy()
        ends = np.concatenate([first, first + edges["pieces"].to_numpy() - 1])
        at = np.concatenate([edges["ju"].to_numpy(), edges["jv"].to_numpy()])
        known = at >= 0
        arms = np.bincount(at[known], minlength=size)
        touched = np.bincount(at[known], chosen[ends[known]], minlength=size)
        touch[places.rows("junction")] = touched / np.maximum(arms, 1)
    return touch[rows]


def measured(places: Places, rows: Ints, rule: Touch) -> Floats:
    """
    Take the steps of a quantity: the first that fits counts, none is 0.

    Returns
    -------
    Touch in [0, 1], one per row of `rows`; NaN on a segment where the quantity is unknown, 0 on
    junctions and rail crossings.
    """
    touch = np.zeros(len(places.table))
    values = np.full(len(places.network.segments), np.nan)
    if rule.measure in places.measures:
        values = places.measures[rule.measure].to_numpy(float)
    steps = np.select(
        [(values >= low) & (values < high) for low, high, _ in rule.steps],
        [np.full(len(values), size) for *_, size in rule.steps],
        default=0.0,
    )
    touch[places.rows("link")] = np.where(np.isnan(values), np.nan, steps)
    return touch[rows]


def at_junction(places: Places, rows: Ints, junctions: Bools, rule: Touch) -> Floats:
    """
    Touch chosen junctions, and the first `reach_m` metres of every approach.

    A junction has touch 1; a segment the share of its length that lies within reach, measured
    along the approach.

    Returns
    -------
    Touch in [0, 1], one per row of `rows`.
    """
    edges, segments = places.network.edges, places.network.segments
    touch = np.zeros(len(places.table))
    touch[places.rows("junction")] = junctions
    chosen = np.append(junctions, False)  # −1: no junction at that end
    edge, piece = segments["edge"].to_numpy(), segments["piece"].to_numpy() - 1
    pieces = edges["pieces"].to_numpy()[edge]
    size = edges["length_m"].to_numpy()[edge] / pieces
    covered = np.zeros(len(segments))
    for side, before in (("ju", piece), ("jv", pieces - 1 - piece)):
        reached = chosen[edges[side].to_numpy()][edge]
        within = np.clip((rule.reach_m - before * size) / np.maximum(size, 1e-9), 0.0, 1.0)
        covered = np.maximum(covered, np.where(reached, within, 0.0))
    touch[places.rows("link")] = covered
    return touch[rows]


def crossed(network: Network, features: Features, rule: Touch) -> pd.DataFrame:
    """
    Find the segments that point features cross on the ground.

    A point that is a node of a road lies on it: a fact. A point that is no node of any road counts
    for the nearest road on the ground within `beside_m`, one on a list within `LISTED_M` at least:
    nobody places a crossing to the metre. Roads that `where` leaves out (on a
    bridge, in a tunnel) are not on the ground there.

    Returns
    -------
    Pairs `feature` and `segment` (row numbers), sorted. A point where pieces meet has several.
    """
    segments = network.segments
    allowed = holds(segments, rule.where)
    on_road = network.on_road
    known = on_road[on_road["node_id"].isin(features.nodes)]
    at = pd.DataFrame({"feature": np.arange(len(features.nodes)), "node_id": features.nodes})
    pairs = at.merge(known, on="node_id")[["feature", "segment"]]
    points = shapely.get_type_id(features.geometry) == 0
    beside = np.flatnonzero(points & ~at["node_id"].isin(known["node_id"]).to_numpy())
    reach_m = np.where(features.listed, max(rule.beside_m, LISTED_M), rule.beside_m)[beside]
    if len(beside) and reach_m.max():
        ground = np.flatnonzero(allowed)
        tree = shapely.STRtree(segments.geometry.to_numpy()[ground])
        found, distance = tree.query_nearest(
            features.geometry[beside], max_distance=reach_m.max(), return_distance=True
        )
        found = found[:, distance <= reach_m[found[0]]]
        more = pd.DataFrame({"feature": beside[found[0]], "segment": ground[found[1]]})
        pairs = pd.concat([pairs, more])
    pairs = pairs[allowed[pairs["segment"].to_numpy()]].drop_duplicates()
    return pairs.sort_values(["feature", "segment"], ignore_index=True)


def crosses(places: Places, rows: Ints, features: Features, rule: Touch) -> Floats:
    """
    Touch the segments that features cross on the ground, and their own rows among the crossings.

    Returns
    -------
    0 or 1, one per row of `rows`.
    """
    touch = np.zeros(len(places.table))
    touch[crossed(places.network, features, rule)["segment"].to_numpy()] = 1.0
    own = np.isin(places.rail["osm_id"].to_numpy(object), features.table["osm_id"].to_numpy(object))
    touch[places.rows("rail")] = own
    return touch[rows]


RELATIONS: Mapping[str, Callable[[Places, Ints, Features, Touch], Floats]] = {
    "near": near,
    "along": along,
    "inside": inside,
    "own": beside,
    "measure": beside,
    "crosses": crosses,
}
"""
Relations to features. `at_junction` takes chosen junctions instead; `own` and `measure` look at the
road itself, and at features only where the brigade lists some.
"""


def holds(table: pd.DataFrame, where: Mapping[str, Any]) -> Bools:
    """Whether each place meets the conditions of `where`."""
    result = np.ones(len(table), dtype=bool)
    for name, allowed in where.items():
        column = table[name].to_numpy(object)
        if isinstance(allowed, bool):
            result &= (column != 0) == allowed
        else:
            values = [allowed] if isinstance(allowed, str) else list(allowed)
            result &= np.isin(column, values)
    return result


def _stations(geometry: Geometries) -> tuple[Geometries, Ints, Ints]:
    """Points every `ALONG_STEP_M` in places, the place of each, and how many each place has."""
    length = shapely.length(geometry)
    # a millimetre of slack: rounding must not look at a road of exactly 100 m in 21 points
    count = np.maximum(np.ceil((length - 1e-3) / ALONG_STEP_M), 1).astype(np.int64)
    of = np.repeat(np.arange(len(geometry)), count)
    number = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    line = length[of] > 0
    points = geometry[of]
    points[line] = shapely.line_interpolate_point(
        points[line], (number[line] + 0.5) * (length / count)[of[line]]
    )
    return points, of, count


def _parts(shapes: Geometries) -> Geometries:
    """Outlines of lines and areas in parts of `PART_VERTICES`; points as they are."""
    dimension = shapely.get_dimensions(shapes)
    outlines = np.concatenate(
        [shapes[dimension == 1], shapely.boundary(shapes[dimension == 2])]  # noqa: PLR2004
    )
    lines = shapely.get_parts(shapely.get_parts(outlines))
    xy, line = shapely.get_coordinates(lines, return_index=True)
    points = shapes[dimension == 0]
    if not len(xy):
        return points
    first = np.searchsorted(line, np.arange(len(lines)))
    at = np.arange(len(xy)) - first[line]
    # the last vertex of a part is the first of the next, so those vertices stand twice
    last = np.append(line[1:] != line[:-1], True)
    joint = (at > 0) & (at % PART_VERTICES == 0) & ~last
    twice = 1 + joint
    part = at // PART_VERTICES
    part = part - (last & (at > 0) & (at % PART_VERTICES == 0))
    source = np.repeat(np.arange(len(xy)), twice)
    begins = np.append(source[1:] == source[:-1], False)
    part = part[source] - begins
    key = line[source].astype(np.int64) * (at.max() + 2) + part
    number = np.cumsum(np.append(False, key[1:] != key[:-1]))
    return np.concatenate([points, shapely.linestrings(xy[source], indices=number)])
