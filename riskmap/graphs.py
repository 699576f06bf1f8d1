"""An osmnx graph → its edges and nodes as tables, and results back onto a copy of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.errors import RiskmapError

# osmnx and networkx are not needed to read a graph: it brings its own methods


def is_graph(thing: object) -> bool:
    """Whether something is a networkx graph, whatever its kind."""
    return all(hasattr(thing, name) for name in ("nodes", "edges", "graph", "is_multigraph"))


def tables(graph: Any, name: str = "graph") -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:  # noqa: ANN401  # networkx is optional
    """
    Edges and nodes of a graph, as `osmnx.graph_to_gdfs` gives them.

    Returns
    -------
    Edges, index `u`, `v`, `key`, with their attributes and their line (straight where the edge has
    none); nodes, index `osmid`, with theirs and their point.

    Raises
    ------
    RiskmapError
        A graph that is not osmnx's: no CRS, no coordinates, no edges, or none with keys.
    """
    crs = graph.graph.get("crs")
    if crs is None:
        raise RiskmapError(f"{name}: has no CRS; set graph.graph['crs'], as osmnx does")
    if not graph.is_multigraph():
        raise RiskmapError(
            f"{name}: its edges have no keys; give a MultiDiGraph, as osmnx makes it"
        )
    nodes = pd.DataFrame.from_dict(dict(graph.nodes(data=True)), orient="index")
    if not {"x", "y"} <= set(nodes.columns):
        raise RiskmapError(f"{name}: its nodes have no x and y; give a graph of osmnx")
    edges = list(graph.edges(keys=True, data=True))
    if not edges:
        raise RiskmapError(f"{name}: holds no edges; give a graph with at least one")
    points = shapely.points(nodes["x"].to_numpy(float), nodes["y"].to_numpy(float))
    at = dict(zip(nodes.index, points, strict=True))
    index = pd.MultiIndex.from_tuples([edge[:3] for edge in edges], names=["u", "v", "key"])
    table = pd.DataFrame([edge[3] for edge in edges], index=index)
    stated = [edge[3].get("geometry") for edge in edges]
    lines = np.array(
        [
            line if line is not None else shapely.linestrings([at[edge[0]].coords[0],
                                                               at[edge[1]].coords[0]])
            for line, edge in zip(stated, edges, strict=True)
        ],
        dtype=object,
    )
    table = table.drop(columns="geometry", errors="ignore")
    return (
        gpd.GeoDataFrame(table, geometry=lines, crs=crs),
        gpd.GeoDataFrame(nodes.rename_axis("osmid"), geometry=points, crs=crs),
    )


def with_results(graph: Any, scored: pd.DataFrame, *, prefix: str) -> Any:  # noqa: ANN401  # as above
    """
    Put results on the edges of a copy of a graph.

    Parameters
    ----------
    scored
        Index as the edges of `tables`; its columns become attributes, named with `prefix`. Numbers
        become plain ones, so that `osmnx.save_graphml` can write them; what is not known of an
        edge, or empty, it does not carry.
    """
    result = graph.copy()
    columns: Mapping[str, list[Any]] = {
        f"{prefix}{name}": scored[name].astype(object).tolist() for name in scored.columns
    }
    for row, edge in enumerate(scored.index):
        data = result.edges[edge]
        for name, values in columns.items():
            if not pd.isna(values[row]) and values[row] != "":
                data[name] = values[row]
    return result
