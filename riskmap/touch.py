"""Layers × places → touch: 0..1, how much of a layer's risk a place carries, or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from riskmap.hours import Window
from riskmap.layer import LISTED_M, Layer
from riskmap.relations import (
    BARE,
    RAILED,
    RELATIONS,
    Features,
    Places,
    at_junction,
    crossed,
    holds,
    measured,
    own,
)
from riskmap.segments import Network
from riskmap.tags import Tags

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Geometries = NDArray[np.object_]


ENTRANCE_M = 2.0
"""An entrance so near an outline is part of it."""
KNOWN, ASSUMED, UNKNOWN = 1, 2, 3
"""What is known of a layer on a segment; 0 where it does not ask."""


@dataclass(frozen=True)
class Column:
    """
    One layer's touch on the places that it touches, for one kind of feature (`when`).

    `rows` are places, ascending; `touch` is 0 < touch ≤ 1. Where `unknown`, the touch holds only
    with the prevalence that the effect states. `relieved` says that relief (a guard rail) is mapped
    there, `bare` that the brigade says there is none; None where the layer knows no relief.
    `window` is set of what is there for a time, such as roadworks.
    """

    layer: str
    when: Mapping[str, tuple[str, ...]] | None
    rows: Ints
    touch: Floats
    unknown: Bools
    relieved: Bools | None
    bare: Bools | None
    window: Window | None = None


def features_of(layer: Layer, table: gpd.GeoDataFrame, tags: Tags) -> Features:
    """Features of the extract that one of the layer's OSM sources describes."""
    chosen = np.zeros(len(table), dtype=bool)
    amount, number = np.ones(len(table)), np.zeros(len(table), dtype=np.int64)
    geometry = table.geometry.to_numpy().copy()
    for place, source in enumerate(layer.sources):
        if not source.osm or layer.touch.relation == "own":
            continue
        held = tags.holds(source.osm) & ~any_of(source.exclude, tags)
        if source.min_area_m2:
            # an area that the border of the extract cuts open is larger than what is left of it
            size = shapely.area(geometry)
            held &= (size >= source.min_area_m2) | table["clipped"].to_numpy()
        if source.prefer:
            geometry = _entered(geometry, held, any_of(source.prefer, tags))
        amount[held & ~chosen], number[held & ~chosen] = source.amount, place
        chosen |= held
    return _picked(table.set_geometry(geometry, crs=table.crs), tags, chosen, amount, number)


def any_of(osm: Mapping[str, tuple[str, ...]], tags: Tags) -> Bools:
    """Whether each object has any of these tags."""
    result = np.zeros(tags.size, dtype=bool)
    for key, values in osm.items():
        result |= tags.holds({key: values})
    return result


def _entered(geometry: Geometries, held: Bools, entrances: Bools) -> Geometries:
    """Put the entrances on or in an object, where there are any, in the place of its outline."""
    points = geometry[entrances & (shapely.get_dimensions(geometry) == 0)]
    objects = np.flatnonzero(held & (shapely.get_dimensions(geometry) > 0))
    if not len(points) or not len(objects):
        return geometry
    at, point = shapely.STRtree(points).query(
        geometry[objects], predicate="dwithin", distance=ENTRANCE_M
    )
    result = geometry.copy()
    order = np.argsort(at, kind="stable")
    which, number = np.unique(at[order], return_inverse=True)
    result[objects[which]] = shapely.multipoints(points[point[order]], indices=number)
    return result


def overridden(layer: Layer, features: Features) -> bool:
    """Whether the brigade's own list replaces every other source of the layer."""
    if not any(source.overrides for source in layer.sources):
        return False
    return bool(features.listed.any())


def too_far(layer: Layer, own: gpd.GeoDataFrame, network: Network, snap_m: float) -> pd.Series:
    """
    Find what a list places too far from any road, or junction, to touch one.

    Returns
    -------
    Metres over which it would have touched, by `osm_id`, of those that lie further.
    """
    rule = layer.touch
    targets = network.segments.geometry.to_numpy()
    reach_m = rule.reach_m or max(rule.beside_m, LISTED_M)
    if rule.relation == "at_junction":
        targets, reach_m = network.junctions.geometry.to_numpy(), snap_m
    near = shapely.STRtree(targets).query(
        own.geometry.to_numpy(), predicate="dwithin", distance=reach_m
    )
    far = np.setdiff1d(np.arange(len(own)), near[0])
    return pd.Series(reach_m, index=own["osm_id"].to_numpy(object)[far])


def described(
    osm: Mapping[str, tuple[str, ...]], table: gpd.GeoDataFrame, tags: Tags
) -> Features:
    """Features of the extract that carry these tags."""
    return _picked(
        table, tags, tags.holds(osm), np.ones(len(table)), np.zeros(len(table), dtype=np.int64)
    )


def _picked(
    table: gpd.GeoDataFrame, tags: Tags, chosen: Bools, amount: Floats, number: Ints
) -> Features:
    rows = np.flatnonzero(chosen)
    part = table.iloc[rows]
    found = gpd.GeoDataFrame(
        {
            "osm_id": part["osm_id"], "name": part["name"], "amount": amount[rows],
            "source": number[rows],
        },
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


def touches(
    places: Places, layers: Mapping[str, Layer], features: Mapping[str, Features]
) -> tuple[list[Column], NDArray[np.int8]]:
    """
    Work out every layer's touch.

    Returns
    -------
    One column per layer and kind of feature, in the order of the layers; and what is known, layers
    × segments: 0 where the layer does not ask, `KNOWN`, `ASSUMED` (the map shows none, and none is
    taken to be there) or `UNKNOWN` (the touch rests on a stated prevalence).
    """
    _ = places.tree  # one index for all layers: it must be there before the threads ask for it
    with ThreadPoolExecutor(2) as pool:
        found = list(
            pool.map(lambda name: _of_layer(places, layers[name], features[name]), layers)
        )
    known = np.zeros((len(layers), len(places.network.segments)), dtype=np.int8)
    for row, (layer, columns) in enumerate(zip(layers.values(), found, strict=True)):
        known[row] = _known(places, layer, columns)
    return [column for columns in found for column in columns], known


def _of_layer(places: Places, layer: Layer, listed: Features) -> list[Column]:
    rule = layer.touch
    rows = np.flatnonzero(holds(places.table, rule.where))
    if rule.relation == "at_junction":
        touch = at_junction(places, rows, chosen_junctions(layer, places, listed), rule)
        return [_column(places, layer, None, rows, touch, np.zeros(len(rows)))]
    relation = RELATIONS[rule.relation]
    meets = any(effect.family == "junction" for effect in layer.effects)
    columns = []
    for (number, when), (window, there) in product(enumerate(_kinds(layer)), _windows(listed)):
        held, silent = _answers(listed.tags, when)
        if rule.relation == "own":  # what is listed is the first kind
            held, silent = np.full_like(held, number == 0), np.zeros_like(silent)
        sure = relation(places, rows, listed.only(held & there), rule)
        maybe = np.zeros(len(rows))
        if (silent & there).any():
            maybe = relation(places, rows, listed.only(silent & there), rule)
        if rule.relation == "own" and window is None:
            roads = _roads(places, layer)
            held, silent = _answers(places.own, when)
            sure = np.maximum(sure, own(places, rows, roads & held, junctions=meets))
            maybe = np.maximum(maybe, own(places, rows, roads & silent, junctions=meets))
        if rule.measure is not None and window is None:
            steps = measured(places, rows, rule)
            sure = np.fmax(sure, steps)
            if rule.unknown:
                maybe = np.where(np.isnan(steps), 1.0, maybe)
        columns.append(replace(_column(places, layer, when, rows, sure, maybe), window=window))
    return columns


def _windows(features: Features) -> list[tuple[Window | None, Bools]]:
    """Features that are always there, and those that are there between two days."""
    always = np.ones(len(features.table), dtype=bool)
    windows: list[tuple[Window | None, Bools]] = [(None, always)]
    if {"first", "last"} <= set(features.table.columns):
        first, last = features.table["first"], features.table["last"]
        dated = (first.notna() | last.notna()).to_numpy()
        always &= ~dated
        ends = list(zip(first.fillna(date.min), last.fillna(date.max), strict=True))
        windows += [
            (Window(*own), dated & np.array([one == own for one in ends]))
            for own in sorted({ends[row] for row in np.flatnonzero(dated)})
        ]
    return windows


def _answers(tags: Tags, when: Mapping[str, tuple[str, ...]] | None) -> tuple[Bools, Bools]:
    """Which objects have the tags, and which do not say."""
    silent = np.zeros(tags.size, bool)
    if when is None:
        return ~silent, silent
    for key in when:
        silent |= ~tags.has(key)
    return tags.holds(when) & ~silent, silent


def _roads(places: Places, layer: Layer) -> Bools:
    """Segments whose own tags an `own` layer means."""
    chosen = np.zeros(places.own.size, dtype=bool)
    for source in layer.sources:
        if source.osm:
            chosen |= places.own.holds(source.osm) & ~any_of(source.exclude, places.own)
    return chosen


def _known(places: Places, layer: Layer, columns: Sequence[Column]) -> NDArray[np.int8]:
    """Say what is known of one layer, segment by segment."""
    links, rule = len(places.network.segments), layer.touch
    asked = holds(places.table.iloc[:links], rule.where)
    result = np.where(asked, ASSUMED, 0).astype(np.int8)
    if rule.relation == "own":
        result[asked & _stated(places.own, layer)] = KNOWN
    if rule.measure is not None:
        result[asked] = UNKNOWN
        if rule.measure in places.measures:
            result[asked & places.measures[rule.measure].notna().to_numpy()] = KNOWN
    # one answer about the kind of a feature is an answer; that there is a feature is none
    for column in sorted(columns, key=lambda column: column.when is not None):
        here = column.rows < links
        if column.when is None:
            result[column.rows[here & ~column.unknown]] = KNOWN
        result[column.rows[here & column.unknown]] = UNKNOWN
    for column in columns:
        if column.when is not None:
            result[column.rows[(column.rows < links) & ~column.unknown]] = KNOWN
    return result


def _stated(own: Tags, layer: Layer) -> Bools:
    """Whether a road's own tags say anything about the layer, be it that it is not meant."""
    keys = {key for source in layer.sources for key in source.osm} - {"highway"}
    keys |= {key for effect in layer.effects for key in effect.when or {}}
    result = np.zeros(own.size, dtype=bool)
    for key in keys:
        result |= own.has(key)
    return result


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
    relieved = bare = None
    if relief is not None:
        shapes = places.reliefs[layer.name].geometry
        relieved = np.isin(rows, places.within(shapes, relief.within_m)[0])
        bare = np.zeros(len(rows), dtype=bool)
        if "guard_rail" in relief.osm.get("barrier", ()):
            stated = places.guard_rail[rows]
            relieved = (stated == RAILED) | (relieved & (stated != BARE))
            bare = stated == BARE
    return Column(layer.name, when, rows, touch, unknown, relieved, bare)


def _kinds(layer: Layer) -> list[Mapping[str, tuple[str, ...]] | None]:
    kinds: list[Mapping[str, tuple[str, ...]] | None] = []
    for effect in layer.effects:
        if effect.when not in kinds:
            kinds.append(effect.when)
    return kinds
