"""Layers × places → touch: 0..1, how much of a layer's risk a place carries, or unknown.

A place is a segment, a junction or a rail crossing. Each relation is one function: shape in, touch
out; a new word of the vocabulary is one function and one row in `RELATIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from riskmap.layers import Layer, Touch
from riskmap.segments import Network
from riskmap.tags import Tags

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Geometries = NDArray[np.object_]

ALONG_STEP_M = 5.0
"""`along` looks at a segment every so many metres."""
PART_VERTICES = 16
"""Long outlines are measured in parts of so many vertices: same distance, a smaller index."""
PARALLEL_FROM = 1000
"""Half a question to a spatial index that is worth a thread."""


@dataclass(frozen=True)
class Places:
    """
    Everything that can be touched, one below the other: segments, junctions, rail crossings.

    `table` has `kind` ("link", "junction", "rail"), `area`, `road_class`, `bridge`, `tunnel`,
    `oneway`; `geometry` is in metres. `network` says which segments meet at a junction;
    `quantities` has `x`, `y` and the junction quantities that a `network` source can name. `rail`
    are the crossings, `reliefs` the features that relieve a layer, by its name. A listed junction
    is looked for within `snap_m`.
    """

    table: pd.DataFrame
    geometry: Geometries
    network: Network
    quantities: pd.DataFrame
    rail: gpd.GeoDataFrame
    reliefs: Mapping[str, Features]
    snap_m: float = 30.0

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Spatial index of the places, built once for all layers."""
        return shapely.STRtree(self.geometry)

    def within(self, shapes: Geometries, reach_m: float) -> tuple[Ints, Ints]:
        """Pairs of place and shape (row numbers) no further apart than `reach_m`."""
        if not len(shapes):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        shapely.prepare(shapes)
        shape, place = _in_threads(
            lambda part: self.tree.query(part, predicate="dwithin", distance=reach_m), shapes
        )
        return place, shape

    def rows(self, kind: str) -> slice:
        """Rows of one kind."""
        links, junctions = len(self.network.segments), len(self.network.junctions)
        return {
            "link": slice(0, links),
            "junction": slice(links, links + junctions),
            "rail": slice(links + junctions, len(self.table)),
        }[kind]


@dataclass(frozen=True)
class Features:
    """The features of one layer: geometry in metres, weights for sums, their ids and tags."""

    table: gpd.GeoDataFrame  # osm_id, name, amount, geometry
    tags: Tags
    nodes: Ints  # OSM node id of point features, −1 elsewhere

    @property
    def geometry(self) -> Geometries:
        """Geometries as an array."""
        return self.table.geometry.to_numpy()

    def only(self, chosen: Bools) -> Features:
        """Some of the features."""
        rows = np.flatnonzero(chosen)
        return Features(self.table.iloc[rows], self.tags.take(rows), self.nodes[rows])


@dataclass(frozen=True)
class Column:
    """
    One layer's touch on the places that it touches, for one kind of feature (`when`).

    `rows` are places, ascending; `touch` is 0 < touch ≤ 1. Where `unknown`, the touch holds only
    with the prevalence that the effect states. `relieved` says that relief (a guard rail) is mapped
    there; None where the layer knows no relief.
    """

    layer: str
    when: Mapping[str, tuple[str, ...]] | None
    rows: Ints
    touch: Floats
    unknown: Bools
    relieved: Bools | None


# --- relations ---------------------------------------------------------------------------------


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
    nearest), or sums of amount × decay that reach 1 at `cap`, plain or in the log.

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
    weight = features.table["amount"].to_numpy()[feature] * closeness
    total = np.zeros(size) + np.bincount(place, weight, minlength=size)
    return summed(total[rows], rule)


def summed(total: Floats, rule: Touch) -> Floats:
    """Touch of a sum of amounts: 1 at `cap`, plain or in the log."""
    if rule.combine == "log_sum":
        return np.minimum(np.log1p(total) / np.log1p(rule.cap), 1.0)
    return np.minimum(total / rule.cap, 1.0)


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
    near_by[_in_threads(
        lambda part: tree.query(part, predicate="dwithin", distance=rule.reach_m), geometry
    )[0]] = True
    inside = shapely.STRtree(areas)
    near_by[inside.query(geometry, predicate="intersects")[0]] = True
    geometry = geometry[near_by]
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
    closeness = np.zeros(len(points))
    found = _in_threads(
        lambda part: tree.query_nearest(part, max_distance=rule.reach_m, all_matches=False), points
    )
    closeness[found[0]] = decay(
        shapely.distance(points[found[0]], outlines[found[1]]),
        full_m=rule.full_m, reach_m=rule.reach_m, kind=rule.decay,
    )  # fmt: skip
    closeness[inside.query(points, predicate="intersects")[0]] = 1.0
    touch[near_by] = np.bincount(of, closeness, minlength=len(geometry)) / count
    return touch


def _in_threads(query: Callable[[Geometries], NDArray[np.int64]], shapes: Geometries) -> Ints:
    """Ask a spatial index in two halves at once: it works outside Python's lock."""
    half = len(shapes) // 2
    if half < PARALLEL_FROM:
        return query(shapes)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(query, (shapes[:half], shapes[half:]))
    return np.concatenate([first, second + np.array([[half], [0]])], axis=1)


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
    for the nearest road on the ground within `beside_m`. Roads that `where` leaves out (on a
    bridge, in a tunnel) are not on the ground there.

    Returns
    -------
    Pairs `feature` and `segment` (row numbers), sorted. A point where pieces meet has several.
    """
    segments = network.segments
    allowed = _holds(segments, rule.where)
    on_road = network.on_road
    known = on_road[np.isin(on_road["node_id"].to_numpy(), features.nodes)]
    at = pd.DataFrame({"feature": np.arange(len(features.nodes)), "node_id": features.nodes})
    pairs = at.merge(known, on="node_id")[["feature", "segment"]]
    points = shapely.get_type_id(features.geometry) == 0
    beside = np.flatnonzero(points & ~at["node_id"].isin(known["node_id"]).to_numpy())
    if rule.beside_m and len(beside):
        ground = np.flatnonzero(allowed)
        tree = shapely.STRtree(segments.geometry.to_numpy()[ground])
        found = tree.query_nearest(
            features.geometry[beside], max_distance=rule.beside_m
        )
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
    "crosses": crosses,
}
"""Relations to features; `at_junction` takes chosen junctions instead."""


# --- layers ------------------------------------------------------------------------------------


def features_of(layer: Layer, table: gpd.GeoDataFrame, tags: Tags) -> Features:
    """Features of the extract that one of the layer's OSM sources describes."""
    chosen = np.zeros(len(table), dtype=bool)
    amount = np.ones(len(table))
    for source in layer.sources:
        if not source.osm:
            continue
        held = tags.holds(source.osm)
        if source.min_area_m2:
            # an area that the border of the extract cuts open is larger than what is left of it
            size = shapely.area(table.geometry.to_numpy())
            held &= (size >= source.min_area_m2) | table["clipped"].to_numpy()
        amount[held & ~chosen] = source.amount
        chosen |= held
    return _picked(table, tags, chosen, amount)


def overridden(layer: Layer, features: Features) -> bool:
    """Whether the brigade's own list replaces every other source of the layer."""
    if not any(source.overrides for source in layer.sources):
        return False
    mapped = features.table["osm_id"].str.fullmatch(r"[nwr]\d+").to_numpy(dtype=bool)
    return not mapped.all()


def described(
    osm: Mapping[str, tuple[str, ...]], table: gpd.GeoDataFrame, tags: Tags
) -> Features:
    """Features of the extract that carry these tags."""
    return _picked(table, tags, tags.holds(osm), np.ones(len(table)))


def _picked(table: gpd.GeoDataFrame, tags: Tags, chosen: Bools, amount: Floats) -> Features:
    rows = np.flatnonzero(chosen)
    part = table.iloc[rows]
    found = gpd.GeoDataFrame(
        {"osm_id": part["osm_id"], "name": part["name"], "amount": amount[rows]},
        geometry=part.geometry,
        crs=table.crs,
    ).reset_index(drop=True)
    return Features(found, tags.take(rows), node_ids(found["osm_id"]))


def node_ids(osm_id: pd.Series) -> Ints:
    """OSM node ids of "n123", −1 for anything else."""
    is_node = osm_id.str.fullmatch(r"n\d+").to_numpy(dtype=bool)
    ids = np.full(len(osm_id), -1, dtype=np.int64)
    ids[is_node] = osm_id[is_node].str[1:].astype(np.int64)
    return ids


def rail_crossings(
    network: Network,
    layers: Mapping[str, Layer],
    features: Mapping[str, Features],
    *,
    merge_m: float,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """
    Find the level crossings of the roads: rows of their own in the score.

    Returns
    -------
    Crossings, index `crossing_id`, with `osm_id`, `layer`, a point, and `tracks`, how many nodes
    within `merge_m` are one crossing with it; and the segments that each lies on, pairs `crossing`
    and `segment` (row numbers).
    """
    tables, pairs, before = [], [], 0
    for name, layer in layers.items():
        if not any(effect.family == "rail" for effect in layer.effects):
            continue
        found = crossed(network, features[name], layer.touch)
        rows, number = np.unique(found["feature"].to_numpy(), return_inverse=True)
        part = features[name].table.iloc[rows]
        tables.append(part[["osm_id", "geometry"]].assign(layer=name))
        pairs.append(
            pd.DataFrame({"crossing": number + before, "segment": found["segment"].to_numpy()})
        )
        before += len(rows)
    if not before:
        nothing: dict[str, list[object]] = {"osm_id": [], "layer": [], "tracks": []}
        empty = gpd.GeoDataFrame(nothing, geometry=[], crs=network.segments.crs)
        return empty, pd.DataFrame({"crossing": [], "segment": []}, dtype=np.int64)
    table = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=network.segments.crs)
    xy = shapely.get_coordinates(table.geometry.to_numpy())
    table["tracks"] = cKDTree(xy).query_ball_point(xy, merge_m, return_length=True)
    table.index = pd.Index("x" + table["osm_id"], name="crossing_id", dtype=object)
    return table, pd.concat(pairs, ignore_index=True)


def chosen_junctions(layer: Layer, places: Places, features: Features) -> Bools:
    """Junctions that an `at_junction` layer means."""
    junctions, edges = places.quantities, places.network.edges
    size = len(junctions)
    from_network = np.zeros(size, dtype=bool)
    for source in layer.sources:
        if source.network:
            held = np.ones(size, dtype=bool)
            for quantity, allowed in source.network.items():
                column = junctions[quantity]
                if isinstance(allowed[0], str):
                    held &= column.isin(allowed).to_numpy()
                else:
                    held &= column.between(*allowed).to_numpy()
            from_network |= held
    listed = np.zeros(size, dtype=bool)
    if len(features.table) and size:
        points = shapely.points(junctions[["x", "y"]].to_numpy())
        tree = shapely.STRtree(points)
        found = tree.query_nearest(
            features.geometry, max_distance=places.snap_m, all_matches=False
        )
        listed[found[1]] = True
    chosen = listed if overridden(layer, features) else listed | from_network
    if not any(source.network or source.file or source.osm for source in layer.sources):
        chosen = np.ones(size, dtype=bool)
    rule = layer.touch
    if rule.minor or rule.major:
        road_class = edges["road_class"].to_numpy(object)
        for classes in (rule.minor, rule.major):
            met = np.isin(road_class, list(classes))
            here = np.concatenate([edges["ju"].to_numpy()[met], edges["jv"].to_numpy()[met]])
            meets = np.bincount(here[here >= 0], minlength=size) > 0
            chosen &= meets
    if rule.control:
        chosen &= junctions["control"].isin(rule.control).to_numpy()
    return chosen


def risk_points(layer: Layer, places: Places, features: Features) -> gpd.GeoDataFrame:
    """What a map draws for a layer: its features, or the junctions that it means."""
    if layer.touch.relation != "at_junction":
        return features.table[["osm_id", "name", "geometry"]]
    junctions = places.network.junctions
    chosen = junctions[chosen_junctions(layer, places, features)]
    return gpd.GeoDataFrame(
        {"osm_id": chosen.index.to_numpy(object), "name": ""},
        geometry=chosen.geometry.to_numpy(),
        crs=junctions.crs,
    )


QUESTION_M = 20.0
"""A crossing that is mapped so near answers the question."""


def open_questions(
    network: Network,
    layers: Mapping[str, Layer],
    features: Mapping[str, Features],
    table: gpd.GeoDataFrame,
    tags: Tags,
) -> gpd.GeoDataFrame:
    """
    List where a line and a road cross on the map without a crossing, a bridge or a tunnel.

    Which of them is missing nobody can tell from here: these are questions for the brigade, not
    facts, and they touch nothing.

    Returns
    -------
    `layer`, `text_zh`, `text_en`, `way_ids` (of the road and the line), and the point; one row for
    each track.
    """
    found = []
    segments = network.segments
    on_ground = ~(segments["bridge"].to_numpy(bool) | segments["tunnel"].to_numpy(bool))
    for name, layer in layers.items():
        for question in layer.questions:
            lines = described(question.osm, table, tags)
            shapes = lines.geometry
            road, line = _crossings_of(segments, shapes)
            above = lines.tags.has("bridge") | lines.tags.has("tunnel")
            level = pd.to_numeric(
                pd.Series(lines.tags.column("layer"), dtype=object), errors="coerce"
            ).fillna(0.0).to_numpy()
            open_ = on_ground[road] & ~above[line]
            open_ &= segments["level"].to_numpy()[road] == level[line]
            road, line = road[open_], line[open_]
            at = shapely.centroid(
                shapely.intersection(segments.geometry.to_numpy()[road], shapes[line])
            )
            known = features[name].geometry
            if len(known) and len(at):
                answered = shapely.STRtree(known).query(
                    at, predicate="dwithin", distance=QUESTION_M
                )[0]
                keep = np.setdiff1d(np.arange(len(at)), answered)
                road, line, at = road[keep], line[keep], at[keep]
            keep = _once(segments["way_id"].to_numpy()[road], line, at)
            found += [
                {
                    "layer": name,
                    "text_zh": question.text["zh"],
                    "text_en": question.text["en"],
                    "way_ids": f"w{segments['way_id'].iloc[road[n]]}, "
                    f"{lines.table['osm_id'].iloc[line[n]]}",
                    "geometry": at[n],
                }
                for n in keep
            ]
    columns = ["layer", "text_zh", "text_en", "way_ids", "geometry"]
    return gpd.GeoDataFrame(found, columns=columns, geometry="geometry", crs=segments.crs)


def _crossings_of(segments: gpd.GeoDataFrame, shapes: Geometries) -> tuple[Ints, Ints]:
    if not len(shapes):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    tree = shapely.STRtree(segments.geometry.to_numpy())
    line, road = tree.query(shapes, predicate="intersects")
    order = np.lexsort((line, road))
    return road[order], line[order]


def _once(way: Ints, line: Ints, points: Geometries) -> Ints:
    """First of the points where a line crosses the pieces of one way at one place."""
    table = pd.DataFrame({"way": way, "line": line})
    # two pieces of a way meet in the point, or a line runs along the road for a while
    x, y = np.round(shapely.get_coordinates(points) / QUESTION_M).T
    return np.flatnonzero(~table.assign(x=x, y=y).duplicated().to_numpy())


def touches(
    places: Places, layers: Mapping[str, Layer], features: Mapping[str, Features]
) -> list[Column]:
    """
    Work out every layer's touch.

    Returns
    -------
    One column per layer and kind of feature, in the order of the layers.
    """
    columns = []
    for name, layer in layers.items():
        own = features[name]
        rows = np.flatnonzero(_holds(places.table, layer.touch.where))
        if layer.touch.relation == "at_junction":
            chosen = chosen_junctions(layer, places, own)
            touch = at_junction(places, rows, chosen, layer.touch)
            columns.append(_column(places, layer, None, rows, touch, np.zeros(len(rows))))
            continue
        relation = RELATIONS[layer.touch.relation]
        for when in _kinds(layer):
            held = np.ones(len(own.nodes), bool) if when is None else own.tags.holds(when)
            silent = np.zeros(len(own.nodes), bool)
            for key in when or {}:
                silent |= ~own.tags.has(key)
            sure = relation(places, rows, own.only(held & ~silent), layer.touch)
            maybe = np.zeros(len(rows))
            if silent.any():
                maybe = relation(places, rows, own.only(silent), layer.touch)
            columns.append(_column(places, layer, when, rows, sure, maybe))
    return columns


def _column(
    places: Places,
    layer: Layer,
    when: Mapping[str, tuple[str, ...]] | None,
    rows: Ints,
    sure: Floats,
    maybe: Floats,
) -> Column:
    """Known touch first; where there is none, what only an untagged feature would give."""
    touch = np.where(sure > 0, sure, maybe)
    touched = touch > 0
    rows, touch, unknown = rows[touched], touch[touched], sure[touched] <= 0
    relief = layer.touch.relieved
    relieved = None
    if relief is not None:
        shapes = places.reliefs[layer.name].geometry
        relieved = np.isin(rows, places.within(shapes, relief.within_m)[0])
    return Column(layer.name, when, rows, touch, unknown, relieved)


def _kinds(layer: Layer) -> list[Mapping[str, tuple[str, ...]] | None]:
    kinds: list[Mapping[str, tuple[str, ...]] | None] = []
    for effect in layer.effects:
        if effect.when not in kinds:
            kinds.append(effect.when)
    return kinds


def _holds(table: pd.DataFrame, where: Mapping[str, Any]) -> Bools:
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
