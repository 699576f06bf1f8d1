"""What the map leaves open: questions that only the brigade can answer."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap.layer import Layer
from riskmap.relations import Features
from riskmap.segments import Network
from riskmap.tags import Tags
from riskmap.touch import described

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Geometries = NDArray[np.object_]

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
