"""Where a jam is expected: congestion nodes, and the roads at scenic places."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from riskmap.area import Area
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.osm import WGS84

Ints = NDArray[np.int64]

NODES, STRETCHES = "congestion", "scenic"
"""Layers whose junctions, and whose wholly touched roads, jam."""
SEGMENT = "segment"
"""Kind of a jam that somebody names by a segment: an accident, a closure."""
FULL = 1.0 - 1e-9
ACTS = 1e-9
"""Share of a layer in the harm from which on it acts: rounding is less."""


def jams(area: Area, when: When = None, lang: Lang = "zh") -> gpd.GeoDataFrame:
    """
    List the expected jams of an area, the busiest road first.

    A congestion node is a junction that the layer `congestion` touches: its approaches as far as
    the layer reaches, and what lies inside it. A scenic approach is what the layer `scenic`
    touches fully, as stretches of pieces that hang together, if its main road is of `scenic_rank`
    or higher. A layer that the area does not have adds none.

    Parameters
    ----------
    when
        Only jams whose layer acts in that hour; None lists all.
    lang
        Language of the names of what has none.

    Returns
    -------
    Index `jam`, an id that stays; `kind`, `name` of the one or two main roads, `main`, the id of
    the busiest piece, `segments`, ids of all pieces, and a point or lines in WGS 84.
    """
    found = pd.concat([_nodes(area), _stretches(area)], ignore_index=True)
    if when is not None and len(found):
        found = found[_acting(area, found, when)]
    return _told(area, found, lang)


def jam_at(area: Area, segment_id: str, lang: Lang = "zh") -> gpd.GeoDataFrame:
    """Take one segment as a jam: an accident or a closure there. As `jams`, one row."""
    if segment_id not in area.segments.index:
        raise RiskmapError(
            f"jam '{segment_id}': neither an expected jam nor a segment of {area.name}; take an id "
            "from `riskmap divert` or `riskmap hotspots`"
        )
    row = area.segments.index.get_loc(segment_id)
    return _told(area, _pairs([row], [segment_id], SEGMENT), lang)


def _pairs(rows: list[int] | Ints, ids: list[str] | NDArray[np.object_], kind: str) -> pd.DataFrame:
    """One row per jam and segment."""
    return pd.DataFrame({
        "row": np.asarray(rows, dtype=np.int64), "jam": np.asarray(ids, dtype=object), "kind": kind
    })  # fmt: skip


def _nodes(area: Area) -> pd.DataFrame:
    network, layer = area.network, area.layers.get(NODES)
    touched = [column.rows for column in area.columns if column.layer == NODES]
    if layer is None or not touched:
        return _pairs([], [], NODES)
    rows = np.unique(np.concatenate(touched))
    links, junctions = area.rows("link"), area.rows("junction")
    chosen = np.zeros(len(network.junctions) + 1, dtype=bool)  # −1: no junction at that end
    chosen[rows[(rows >= junctions.start) & (rows < junctions.stop)] - junctions.start] = True
    reached = np.zeros(len(network.segments), dtype=bool)
    reached[rows[rows < links.stop]] = True
    edge, piece = network.segments["edge"].to_numpy(), network.segments["piece"].to_numpy() - 1
    pieces = network.edges["pieces"].to_numpy()[edge]
    size = network.edges["length_m"].to_numpy()[edge] / pieces
    ids = network.junctions.index.to_numpy(object)
    parts = []
    for side, before in (("ju", piece), ("jv", pieces - 1 - piece)):
        junction = network.edges[side].to_numpy()[edge]
        near = np.flatnonzero(reached & chosen[junction] & (before * size < layer.touch.reach_m))
        parts.append(_pairs(near, ids[junction[near]], NODES))
    parts.append(_inside(area, chosen))
    return pd.concat(parts, ignore_index=True).drop_duplicates()


def _inside(area: Area, chosen: NDArray[np.bool_]) -> pd.DataFrame:
    """Pieces inside the chosen junctions: a ring, the short links between merged nodes."""
    network = area.network
    edges, place = network.edges, network.junction_of
    inner = network.inner
    here = place[edges["u"].to_numpy()]
    edge = network.segments["edge"].to_numpy()
    rows = np.flatnonzero((inner & chosen[np.where(inner, here, -1)])[edge])
    return _pairs(rows, network.junctions.index.to_numpy(object)[here[edge[rows]]], NODES)


def _stretches(area: Area) -> pd.DataFrame:
    network = area.network
    found = [c for c in area.columns if c.layer == STRETCHES]
    full = [c.rows[(c.touch >= FULL) & ~c.unknown] for c in found]
    rows = np.unique(np.concatenate(full)) if full else np.empty(0, np.int64)
    rows = rows[rows < len(network.segments)]
    if not len(rows):
        return _pairs([], [], STRETCHES)
    part = network.segments.iloc[rows]
    edges = network.edges.iloc[part["edge"].to_numpy()]
    nodes = len(network.nodes)
    # every cut between two pieces of an edge is a node of its own
    first, last = part["piece"].to_numpy() == 1, (part["piece"] == edges["pieces"].to_numpy())
    start = np.where(first, edges["u"].to_numpy(), nodes + rows - 1)
    end = np.where(last.to_numpy(), edges["v"].to_numpy(), nodes + rows)
    size = nodes + len(network.segments)
    links = coo_array((np.ones(len(rows)), (start, end)), (size, size))
    _, label = np.unique(connected_components(links, directed=False)[1][start], return_inverse=True)
    best = pd.Series(part["rank"].to_numpy()).groupby(label).max().to_numpy()
    least = pd.Series(part.index.to_numpy(object)).groupby(label).min().to_numpy()
    kept = best[label] >= area.parameters["diversions"]["scenic_rank"]
    return _pairs(rows[kept], ("s-" + least)[label[kept]], STRETCHES)


def _acting(area: Area, found: pd.DataFrame, when: When) -> pd.Series:
    """Whether the layer of each jam has a part in the harm of that hour there."""
    shares = area.reason_table(when)
    acts = np.zeros(len(found), dtype=bool)
    for kind in {NODES, STRETCHES} & set(shares.columns):
        own = (found["kind"] == kind).to_numpy()
        acts[own] = np.abs(shares[kind].to_numpy()[found["row"].to_numpy()[own]]) > ACTS
    return pd.Series(acts, index=found.index).groupby(found["jam"]).transform("any")


def _told(area: Area, found: pd.DataFrame, lang: Lang) -> gpd.GeoDataFrame:
    segments, network = area.segments, area.network
    part = segments.iloc[found["row"].to_numpy()]
    inside = network.inner[part["edge"].to_numpy()]
    found = found.assign(
        segment=part.index.to_numpy(object), inside=inside, aadt=part["aadt"].to_numpy().round(6),
        name=road_names(part, lang),
    )
    found = found.sort_values(
        ["inside", "aadt", "segment", "jam"], ascending=[True, False, True, True]
    )
    rows: list[dict[str, object]] = []
    shapes = segments.geometry.to_numpy()
    for jam, own in found.groupby("jam", sort=False):
        kind = own["kind"].iloc[0]
        shape = (
            network.junctions.geometry[jam] if kind == NODES
            else shapely.line_merge(shapely.multilinestrings(shapes[own["row"].to_numpy()]))
        )  # fmt: skip
        rows.append({
            "jam": jam, "kind": kind, "name": " × ".join(own["name"].unique()[:2]),
            "main": own["segment"].iloc[0], "segments": tuple(sorted(own["segment"])),
            "geometry": shape,
        })  # fmt: skip
    columns = ["jam", "kind", "name", "main", "segments", "geometry"]
    table = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), crs=segments.crs)
    return table.set_index("jam").to_crs(WGS84)


def road_names(segments: pd.DataFrame, lang: Lang) -> NDArray[np.object_]:
    """Name of the road of each segment, else its number, else the word for its class."""
    name, ref = segments["name"].to_numpy(object), segments["ref"].to_numpy(object)
    words = {c: text(f"road_class.{c}", lang) for c in segments["road_class"].unique()}
    plain = segments["road_class"].map(words).to_numpy(object)
    return np.asarray(np.where(name != "", name, np.where(ref != "", ref, plain)))
