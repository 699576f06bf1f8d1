"""Where roads meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from riskmap.osm import Extract

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def meetings(
    extract: Extract, nodes: pd.DataFrame, edges: pd.DataFrame, parameters: Mapping[str, Any]
) -> tuple[gpd.GeoDataFrame, Ints, Ints]:
    """
    Find the nodes where three or more stretches meet; those nearer than `merge_m` are one junction.

    Parameters
    ----------
    extract
        With the signals and signs that are mapped.
    nodes, edges
        As in `segments.Network`; of the edges `u`, `v`, `length_m`, `rank` and `ring` count.
    parameters
        The table `[junctions]` of the parameters.

    Returns
    -------
    Junctions as in `segments.Network`, and for both ends of every edge the row of its junction, −1
    where it ends at none or lies inside one.
    """
    u, v = edges["u"].to_numpy(), edges["v"].to_numpy()
    arms = np.bincount(u, minlength=len(nodes)) + np.bincount(v, minlength=len(nodes))
    met = np.flatnonzero(arms >= 3)  # noqa: PLR2004  # fewer arms are a bend or an end
    xy = nodes[["x", "y"]].to_numpy()[met]
    row_of = np.full(len(nodes), -1)
    row_of[met] = np.arange(len(met))
    near = cKDTree(xy).query_pairs(parameters["merge_m"], output_type="ndarray") if len(xy) else xy
    ring = edges["ring"].to_numpy()
    around = np.column_stack([row_of[u[ring]], row_of[v[ring]]])
    joined = np.concatenate([near.reshape(-1, 2), around[(around >= 0).all(axis=1)]]).astype(int)
    size = len(met)
    links = coo_array((np.ones(len(joined)), (joined[:, 0], joined[:, 1])), (size, size))
    label = connected_components(links, directed=False)[1] if size else np.empty(0, int)
    ends = [np.where(row_of[side] >= 0, label[row_of[side]], -1) if size else row_of[side]
            for side in (u, v)]
    length = edges["length_m"].to_numpy()
    inner = (ends[0] == ends[1]) & ((length <= 2 * parameters["merge_m"]) | ring)
    outer = ~inner
    side = np.concatenate([ends[0][outer], ends[1][outer]])
    rank = np.tile(edges["rank"].to_numpy()[outer], 2)
    count = int(label.max()) + 1 if size else 0
    approaches = np.bincount(side[side >= 0], minlength=count)
    real = np.flatnonzero(approaches >= 3)  # noqa: PLR2004  # merging can leave two
    # name a junction after its smallest node, and order by it
    name = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(name, label, nodes["node_id"].to_numpy()[met])
    real = real[np.argsort(name[real])]
    new = np.full(count + 1, -1)
    new[real] = np.arange(len(real))
    ends = [new[end] for end in ends]
    grouped = pd.DataFrame({"j": new[side], "rank": rank}).groupby("j")["rank"]
    high = grouped.max().reindex(range(len(real))).to_numpy()
    low = grouped.min().reindex(range(len(real))).to_numpy()
    weight = np.bincount(label, minlength=count)[real]
    middle = [np.bincount(label, of, minlength=count)[real] / weight for of in xy.T.reshape(2, -1)]
    on_ring = np.zeros(len(real), dtype=bool)
    on_ring[ends[0][ring & (ends[0] >= 0)]] = True
    table = gpd.GeoDataFrame(
        {
            "approaches": approaches[real],
            "control": _control(extract, np.column_stack(middle), on_ring, parameters),
            "class_rank": high,
            "class_step": high - low,
            "nodes": weight,
        },
        geometry=shapely.points(middle[0], middle[1]),
        crs=extract.crs,
        index=pd.Index([f"j{node}" for node in name[real]], name="junction_id", dtype=object),
    )
    # a stretch inside a junction touches it but is none of its approaches
    ends = [np.where(inner, -1, end) for end in ends]
    return table, ends[0], ends[1]


def _control(
    extract: Extract, xy: Floats, on_ring: Bools, parameters: Mapping[str, Any]
) -> NDArray[np.object_]:
    """Signals, then stop, then give-way signs mapped near the middle; unknown where none is."""
    control = np.full(len(xy), "unknown", dtype=object)
    places = shapely.get_coordinates(shapely.centroid(extract.features.geometry.to_numpy()))
    for kind in ("give_way", "stop", "signals"):
        mapped = places[extract.feature_tags.holds(parameters["control"][kind])]
        if len(mapped) and len(xy):
            distance, _ = cKDTree(mapped).query(xy, distance_upper_bound=parameters["control_m"])
            control[np.isfinite(distance)] = kind
    control[on_ring & (control != "signals")] = "roundabout"
    return control
