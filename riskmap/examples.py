"""The examples inside a layer file, run on a road of 100 m through the same code as a county."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap import relations, segments, touch
from riskmap.layer import Layer
from riskmap.osm import Extract
from riskmap.project import constants
from riskmap.tags import tags_of
from riskmap.vocabulary import MEASURES

CRS = "EPSG:32650"
TOLERANCE = 0.005
"""Examples are written to two decimals."""
ARM_M = 100.0


def faults(layer: Layer) -> list[str]:
    """Run every example of a layer; one line for each that comes out differently."""
    result = []
    for number, example in enumerate(layer.examples, start=1):
        found = touched(layer, example.given)
        if abs(found - example.touch) > TOLERANCE:
            result.append(
                f"layers/{layer.name}.toml: [[example]] {number} says touch = {example.touch:g}, "
                f"but the layer gives {found:.3g}; mend the example or [touch]"
            )
    return result


def touched(layer: Layer, given: Mapping[str, Any]) -> float:
    """Touch of the layer on the road, or at the junction, that an example describes."""
    if layer.touch.relation == "at_junction":
        return _at_junction(layer, given)
    rules = constants()
    # one way of 100 m with a node in its middle
    road = [(0.0, 0.0), (50.0, 0.0), (100.0, 0.0)]
    extract = _extract([road], [given.get("road_class", "tertiary")])
    network = segments.cut(extract, rules)
    features = _features(layer, given)
    rail = gpd.GeoDataFrame({"osm_id": [], "layer": []}, geometry=[], crs=CRS)
    places = _places(network, given, rail, _no_junctions(), layer.touch.measure)
    network.segments["bridge"] = given.get("bridge", False)
    columns, _ = touch.touches(places, {layer.name: layer}, {layer.name: features})
    values = [c.touch[0] for c in columns if len(c.rows) and not _open(layer, c)]
    return float(max(values, default=0.0))


def _open(layer: Layer, column: touch.Column) -> bool:
    """Whether a quantity is left out of the example and so unknown: that is no touch to expect."""
    return layer.touch.measure is not None and bool(column.unknown[0])


def _features(layer: Layer, given: Mapping[str, Any]) -> relations.Features:
    if layer.touch.relation in {"own", "measure"}:
        return _nothing()
    distance, count = float(given.get("distance_m", 0.0)), int(given.get("amount", 1))
    geometry: list[shapely.Geometry]
    if layer.touch.relation == "inside":
        geometry = [shapely.box(-1000.0, -1000.0, ARM_M * float(given["share"]), 1000.0)]
    elif layer.touch.relation == "along":
        geometry = [shapely.LineString([(-1000.0, distance), (1000.0, distance)])]
    else:
        geometry = [shapely.Point(50.0, distance)] * count
    source = layer.sources[0]
    tags = {key: next((v for v in values if v != "*"), "yes") for key, values in source.osm.items()}
    # the middle node of the road has id 1
    node = 1 if layer.touch.relation == "crosses" and distance == 0 else 90
    table = gpd.GeoDataFrame(
        {"osm_id": f"n{node}", "name": "", "amount": source.amount, "source": 0},
        geometry=geometry, crs=CRS, index=range(len(geometry)),
    )  # fmt: skip
    ids = touch.node_ids(table["osm_id"])
    return relations.Features(table, tags_of([tags] * len(geometry)), ids)


def _at_junction(layer: Layer, given: Mapping[str, Any]) -> float:
    classes = list(given.get("classes", ["tertiary"] * int(given.get("approaches", 3))))
    turn = 2 * np.pi / len(classes)
    arms = [
        [(0.0, 0.0), (ARM_M * np.cos(n * turn), ARM_M * np.sin(n * turn))]
        for n in range(len(classes))
    ]
    network = segments.cut(_extract(arms, classes), constants())
    quantities = pd.DataFrame(network.junctions.drop(columns=["geometry", "nodes"]))
    quantities["x"] = quantities["y"] = 0.0
    quantities["centrality"] = quantities["entering_flow"] = 0.0
    for name, value in given.items():
        if name in quantities:
            quantities[name] = value
    rail = gpd.GeoDataFrame({"osm_id": [], "layer": []}, geometry=[], crs=CRS)
    places = _places(network, given, rail, quantities)
    (column,), _ = touch.touches(places, {layer.name: layer}, {layer.name: _nothing()})
    at = np.isin(np.arange(len(places.table))[places.rows("junction")], column.rows)
    return float(column.touch[column.rows >= places.rows("junction").start][0]) if at.any() else 0.0


def _places(
    network: segments.Network,
    given: Mapping[str, Any],
    rail: gpd.GeoDataFrame,
    quantities: pd.DataFrame,
    measure: str | None = None,
) -> relations.Places:
    links, junctions = len(network.segments), len(quantities)
    table = pd.DataFrame({
        "kind": ["link"] * links + ["junction"] * junctions,
        "area": given.get("area", "rural"),
        "road_class": given.get("road_class", "tertiary"),
        "bridge": given.get("bridge", False),
        "tunnel": given.get("tunnel", False),
        "oneway": given.get("oneway", False),
    })
    tags = {key: values[0] for key, values in given.get("osm", {}).items()}
    own = tags_of([{"highway": given.get("road_class", "tertiary"), **tags}] * links)
    sizes = {name: [np.nan] * links for name in MEASURES}
    measured = pd.DataFrame(sizes, index=network.segments.index)
    if measure is not None and "value" in given:
        measured[measure] = float(given["value"])
    geometry = np.concatenate([
        network.segments.geometry.to_numpy(), network.junctions.geometry.to_numpy()[:junctions]
    ])
    guard_rail = np.zeros(len(table), dtype=np.int8)
    return relations.Places(
        table, geometry, network, quantities, rail, _NoReliefs(), own, measured, guard_rail
    )


class _NoReliefs(dict[str, relations.Features]):
    """Examples have no guard rails."""

    def __missing__(self, key: str) -> relations.Features:
        return _nothing()


def _nothing() -> relations.Features:
    table = pd.DataFrame({"osm_id": [], "name": []}, dtype=object).assign(amount=0.0, source=0)
    empty = gpd.GeoDataFrame(table, geometry=[], crs=CRS)
    return relations.Features(empty, tags_of([]), np.empty(0, np.int64))


def _no_junctions() -> pd.DataFrame:
    return pd.DataFrame({"x": [], "y": []})


def _extract(ways: Sequence[Sequence[tuple[float, float]]], classes: Sequence[str]) -> Extract:
    """Roads given by their corners; equal corners are one node, numbered in order."""
    corners = list(dict.fromkeys(corner for way in ways for corner in way))
    count = np.array([len(way) for way in ways])
    flat = [corner for way in ways for corner in way]
    vertices = pd.DataFrame({
        "node_id": [corners.index(corner) for corner in flat],
        "x": [x for x, _ in flat],
        "y": [y for _, y in flat],
    })
    roads = pd.DataFrame(
        {"road_class": list(classes), "first": np.cumsum(count) - count, "count": count},
        index=pd.Index(range(1, len(ways) + 1), name="way_id"),
    )
    table = gpd.GeoDataFrame({"osm_id": [], "name": [], "clipped": []}, geometry=[], crs=CRS)
    tags = tags_of([{"highway": name} for name in classes])
    return Extract("example", CRS, roads, tags, vertices, table, tags_of([]))

