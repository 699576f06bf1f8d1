"""Roads → segments ≤100 m with stable ids, junctions, and a directed graph for routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from riskmap import curves
from riskmap.errors import RiskmapError
from riskmap.junctions import meetings
from riskmap.osm import Extract
from riskmap.tags import Tags
from riskmap.threads import in_threads

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Network:
    """
    The roads of an area, cut.

    `segments`: index `segment_id`, one row per undirected piece of road, metric CRS; `edge` is its
    row in `edges`. `edges`: one row per stretch of a way between two nodes where ways meet, with
    `u` and `v` (rows of `nodes`), `length_m`, `oneway` (1 along, −1 against, 0 both), `ju` and `jv`
    (rows of `junctions`, −1 where the end is none), `first_piece`, `pieces`. `nodes`: `node_id`,
    `x`, `y` in metres. `junctions`: index `junction_id`, points with `approaches`, `control`,
    `class_rank`, `class_step`. `on_road`: `node_id` and `segment` (row) of every vertex, so that a
    mapped node finds the road that it is part of; where pieces meet it has several rows.
    """

    segments: gpd.GeoDataFrame
    edges: pd.DataFrame
    nodes: pd.DataFrame
    junctions: gpd.GeoDataFrame
    on_road: pd.DataFrame

    @property
    def junction_of(self) -> Ints:
        """Junction (row) of each row of `nodes`, −1 where an arm of a junction ends at none."""
        result = np.full(len(self.nodes), -1)
        for node, junction in (("u", "ju"), ("v", "jv")):
            known = self.edges[junction].to_numpy() >= 0
            result[self.edges[node].to_numpy()[known]] = self.edges[junction].to_numpy()[known]
        return result

    @property
    def inner(self) -> Bools:
        """Whether each edge lies inside a junction: part of a ring, a link of merged nodes."""
        here = self.junction_of
        u, v = here[self.edges["u"].to_numpy()], here[self.edges["v"].to_numpy()]
        ends = (self.edges["ju"].to_numpy() < 0) & (self.edges["jv"].to_numpy() < 0)
        return np.asarray(ends & (u == v) & (u >= 0))

    def graph(self) -> csr_array:
        """
        Directed graph for routes: travel time in seconds from node to node.

        Rows and columns are rows of `nodes`. Oneway streets have one direction; of parallel edges
        the faster one counts.
        """
        edges = self.edges
        along, against = edges["oneway"].to_numpy() >= 0, edges["oneway"].to_numpy() <= 0
        u, v, time = (edges[name].to_numpy() for name in ("u", "v", "time_s"))
        tail = np.concatenate([u[along], v[against]])
        head = np.concatenate([v[along], u[against]])
        cost = np.concatenate([time[along], time[against]])
        # csr sums duplicates: keep the fastest of parallel edges
        order = np.lexsort((cost, head, tail))
        tail, head, cost = tail[order], head[order], cost[order]
        first = np.ones(len(tail), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        first &= tail != head
        size = len(self.nodes)
        return csr_array(
            coo_array((np.maximum(cost[first], 1e-3), (tail[first], head[first])), (size, size))
        )


def cut(extract: Extract, parameters: Mapping[str, Any]) -> Network:
    """
    Cut the roads of an extract at junctions, then into even pieces.

    Every stretch of a way between two nodes that ways share is cut into equal pieces of at most
    `segments.length_m`. A piece's id is `w<way>.<node>-<node>.<piece>`, so it stays the same as
    long as its way keeps its nodes and what it meets; a new side road changes the ids of the
    stretch that it cuts, no others.

    Parameters
    ----------
    extract
        From `osm.read`.
    parameters
        The whole table of `parameters.toml`: `[roads]`, `[segments]`, `[junctions]`, `[urban]`.
    """
    at = _Vertices.of(extract)
    way_table = _ways(extract, parameters["roads"])
    stretches = _stretches(at)
    if not len(stretches.way):
        raise RiskmapError(
            f"{extract.path}: its roads have no length; use an extract that covers your roads"
        )
    edges = way_table.iloc[stretches.way].reset_index(drop=True)
    edges.insert(0, "way_row", stretches.way)
    met = np.concatenate([at.node[stretches.start], at.node[stretches.end]])
    # in the order of their ids, so that the order of the ways settles no tie between routes
    ids, first, joined = np.unique(at.ids[met], return_index=True, return_inverse=True)
    edges["u"], edges["v"] = np.split(joined, 2)
    ends = met[first]
    nodes = pd.DataFrame({"node_id": ids, "x": at.node_x[ends], "y": at.node_y[ends]})
    edges["length_m"] = at.along[stretches.end] - at.along[stretches.start]
    pieces = _pieces(edges["length_m"].to_numpy(), parameters["segments"]["length_m"])
    edges["pieces"] = pieces
    edges["first_piece"] = np.cumsum(pieces) - pieces
    lines, on_road = _lines(at, stretches, edges)
    junctions, edges["ju"], edges["jv"] = meetings(
        extract, nodes, edges, parameters["junctions"]
    )
    segments = _segment_table(extract, edges, nodes, lines)
    segments["area"] = _area(segments, extract, junctions, parameters["urban"])
    segments["maxspeed_kph"] = _assumed_speeds(segments, parameters["roads"]["classes"])
    time = segments["length_m"].to_numpy() / segments["maxspeed_kph"].to_numpy() * 3.6
    edges["time_s"] = np.add.reduceat(time, edges["first_piece"].to_numpy())
    segments["radius_m"] = _radius(at, stretches, edges, parameters["segments"]["bend_m"])
    segments["pair_id"] = _pairs(segments, parameters["segments"])
    return Network(segments, edges, nodes, junctions, on_road)


@dataclass(frozen=True)
class _Vertices:
    """Every vertex of every road, in the order of the ways."""

    x: Floats
    y: Floats
    way: Ints
    node: Ints
    ids: Ints
    node_x: Floats
    node_y: Floats
    along: Floats  # metres from the first vertex of the table, gaps between ways not counted
    shared: Bools  # by two ways, or twice by one
    is_end: Bools

    @classmethod
    def of(cls, extract: Extract) -> _Vertices:
        x, y = extract.vertices["x"].to_numpy(), extract.vertices["y"].to_numpy()
        count = extract.roads["count"].to_numpy()
        first = extract.roads["first"].to_numpy()
        way = np.repeat(np.arange(len(count)), count)
        codes, ids = pd.factorize(extract.vertices["node_id"].to_numpy())
        codes = codes.astype(np.int64)
        is_end = np.zeros(len(x), dtype=bool)
        is_end[first] = is_end[first + count - 1] = True
        step = np.hypot(np.diff(x, prepend=x[0]), np.diff(y, prepend=y[0]))
        step[first] = 0.0
        where = np.empty(len(ids), dtype=np.int64)
        where[codes[::-1]] = np.arange(len(codes))[::-1]
        return cls(
            x, y, way, codes, np.asarray(ids), x[where], y[where], np.cumsum(step),
            np.bincount(codes)[codes] > 1, is_end,
        )


@dataclass(frozen=True)
class _Stretches:
    """Parts of ways between two breaks: rows of the vertex table, and the way."""

    start: Ints
    end: Ints
    way: Ints


def _stretches(at: _Vertices) -> _Stretches:
    breaks = np.flatnonzero(at.shared | at.is_end)
    start, end = breaks[:-1], breaks[1:]
    same = (at.way[start] == at.way[end]) & (at.along[end] > at.along[start])
    return _Stretches(start[same], end[same], at.way[start[same]])


def _pieces(length_m: Floats, longest_m: float) -> Ints:
    # a millimetre of slack: rounding must not cut a stretch of exactly 100 m in two
    return np.maximum(np.ceil((length_m - 1e-3) / longest_m), 1).astype(np.int64)


def _radius(
    at: _Vertices, stretches: _Stretches, edges: pd.DataFrame, window_m: float
) -> Floats:
    """Radius of the sharpest bend of every piece; of a roundabout none: nobody is surprised."""
    pieces = edges["pieces"].to_numpy()
    edge = np.repeat(np.arange(len(edges)), pieces)
    number = np.arange(len(edge)) - edges["first_piece"].to_numpy()[edge]
    size = edges["length_m"].to_numpy() / pieces
    starts = at.along[stretches.start][edge] + number * size[edge]
    radius = curves.radius_m(at.x, at.y, at.way, at.along, starts, window_m=window_m)
    return np.where(edges["ring"].to_numpy()[edge], np.inf, radius)


def _lines(
    at: _Vertices, stretches: _Stretches, edges: pd.DataFrame
) -> tuple[NDArray[np.object_], pd.DataFrame]:
    """Geometry of every piece, and the pieces on which each node lies."""
    pieces = edges["pieces"].to_numpy()
    length = edges["length_m"].to_numpy()
    count = stretches.end - stretches.start + 1
    offset = np.cumsum(count) - count
    edge_of = np.repeat(np.arange(len(count)), count)
    vertex = np.arange(count.sum()) - offset[edge_of] + stretches.start[edge_of]
    # cuts, each between two vertices of its stretch
    cuts = pieces - 1
    cut_edge = np.repeat(np.arange(len(cuts)), cuts)
    number = np.arange(cuts.sum()) - np.repeat(np.cumsum(cuts) - cuts, cuts) + 1
    position = at.along[stretches.start[cut_edge]] + number * (length / pieces)[cut_edge]
    before = np.searchsorted(at.along, position, "right") - 1
    before = np.clip(before, stretches.start[cut_edge], stretches.end[cut_edge] - 1)
    span = at.along[before + 1] - at.along[before]
    share = np.divide(position - at.along[before], span, out=np.zeros_like(span), where=span > 0)
    cut_x = at.x[before] + share * (at.x[before + 1] - at.x[before])
    cut_y = at.y[before] + share * (at.y[before + 1] - at.y[before])
    # each cut stands twice: it ends one piece and begins the next
    slot = before - stretches.start[cut_edge] + offset[cut_edge]
    cuts_before = np.cumsum(np.bincount(slot, minlength=len(vertex)))
    cuts_before = np.concatenate([[0], cuts_before[:-1]])
    total = len(vertex) + 2 * len(cut_edge)
    xy, piece = np.empty((total, 2)), np.empty(total, dtype=np.int64)
    place = np.arange(len(vertex)) + 2 * cuts_before
    xy[place, 0], xy[place, 1] = at.x[vertex], at.y[vertex]
    on = cuts_before + edge_of
    piece[place] = on
    place = slot + 1 + 2 * np.arange(len(cut_edge))
    xy[place, 0] = xy[place + 1, 0] = cut_x
    xy[place, 1] = xy[place + 1, 1] = cut_y
    piece[place] = cut_edge + np.arange(len(cut_edge))
    piece[place + 1] = piece[place] + 1
    on_road = pd.DataFrame({"node_id": at.ids[at.node[vertex]], "segment": on})
    return shapely.linestrings(xy, indices=piece), on_road


def _ways(extract: Extract, roads: Mapping[str, Any]) -> pd.DataFrame:
    """What the tags of each way say about driving on it."""
    tags = extract.road_tags
    road_class = extract.roads["road_class"].to_numpy()
    classes = roads["classes"]
    rank = pd.Series(road_class).map({name: row["rank"] for name, row in classes.items()})
    ring = tags.holds({"junction": ("roundabout", "circular")})
    implied = ring | tags.holds({"highway": tuple(roads["oneway_classes"])})
    oneway = np.where(tags.holds({"oneway": ("yes", "true", "1")}), 1, 0)
    oneway = np.where(implied & ~tags.has("oneway"), 1, oneway)
    oneway = np.where(tags.holds({"oneway": ("-1", "reverse")}), -1, oneway)
    tagged = _speeds(tags, roads["speeds"])
    return pd.DataFrame(
        {
            "way_id": extract.roads.index.to_numpy(),
            "road_class": road_class,
            "rank": rank.to_numpy(),
            "oneway": oneway,
            "bridge": tags.has("bridge") & ~tags.holds({"bridge": ("no",)}),
            "tunnel": tags.has("tunnel") & ~tags.holds({"tunnel": ("no",)}),
            "level": _numbers(tags, "layer", 0.0),
            "ring": ring,
            "maxspeed_kph": tagged,
            "speed_source": np.where(np.isnan(tagged), "prior", "map"),
        }
    )


def _speeds(tags: Tags, words: Mapping[str, float]) -> Floats:
    """`maxspeed` in km/h: a number, a number with mph or knots, or a word of `words`; else NaN."""
    column = tags.column("maxspeed")
    known = {None: np.nan}
    for text in {value for value in column if value is not None}:
        number, _, unit = text.partition(" ")
        try:
            factor = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "mph": 1.609344, "knots": 1.852}[unit]
            value = float(number) * factor
            known[text] = value if 0 < value <= 200 else np.nan  # noqa: PLR2004  # km/h on a road
        except (KeyError, ValueError):
            known[text] = float(words.get(text, np.nan))
    return np.array([known[value] for value in column], dtype=float)


def _numbers(tags: Tags, key: str, default: float) -> Floats:
    column = pd.Series(tags.column(key), dtype=object)
    return np.asarray(pd.to_numeric(column, errors="coerce").fillna(default), dtype=float)


def _segment_table(
    extract: Extract, edges: pd.DataFrame, nodes: pd.DataFrame, lines: NDArray[np.object_]
) -> gpd.GeoDataFrame:
    pieces = edges["pieces"].to_numpy()
    edge = np.repeat(np.arange(len(edges)), pieces)
    piece = np.arange(len(edge)) - edges["first_piece"].to_numpy()[edge] + 1
    ids = _segment_ids(edges, nodes, edge, piece)
    way = edges["way_row"].to_numpy()[edge]
    tags = extract.road_tags
    name, ref = (np.where(c == None, "", c) for c in (tags.column("name"), tags.column("ref")))  # noqa: E711
    columns = ["way_id", "road_class", "rank", "oneway", "bridge", "tunnel", "level"]
    columns += ["maxspeed_kph", "speed_source"]
    taken = {column: edges[column].to_numpy()[edge] for column in columns}
    return gpd.GeoDataFrame(
        {
            **taken,
            "name": name[way],
            "ref": ref[way],
            "edge": edge,
            "piece": piece,
            "length_m": shapely.length(lines),
        },
        geometry=lines,
        crs=extract.crs,
        index=pd.Index(ids, name="segment_id"),
    )


def _segment_ids(
    edges: pd.DataFrame, nodes: pd.DataFrame, edge: Ints, piece: Ints
) -> NDArray[np.object_]:
    node_id = nodes["node_id"].to_numpy()
    way, u, v = edges["way_id"].to_numpy(), node_id[edges["u"]], node_id[edges["v"]]
    # a way can run twice between the same nodes: the second time gets its number
    again = pd.DataFrame({"way": way, "u": u, "v": v}).groupby(["way", "u", "v"]).cumcount()
    text = pc.binary_join_element_wise(
        "w", pa.array(way).cast("string"), ".", pa.array(u).cast("string"), "-",
        pa.array(v).cast("string"), ".", "",
    ).to_numpy(zero_copy_only=False)  # fmt: skip
    repeated = np.flatnonzero(again.to_numpy())
    for row in repeated:
        text[row] += f"{again.iloc[row] + 1}."
    number = pa.array(piece).cast("string")
    return np.asarray(
        pc.binary_join_element_wise(pa.array(text[edge], pa.string()), number, "").to_numpy(
            zero_copy_only=False
        )
    )


def _area(
    segments: gpd.GeoDataFrame,
    extract: Extract,
    junctions: gpd.GeoDataFrame,
    urban: Mapping[str, Any],
) -> NDArray[np.object_]:
    """
    Rural or urban, by the middle of each piece.

    Urban: inside built-up land use; or near a named place whose radius covers it, with at least
    `place_junctions` junctions within `density_m`; or with at least `dense_junctions` there.
    """
    middle = shapely.line_interpolate_point(segments.geometry.to_numpy(), 0.5, normalized=True)
    xy = shapely.get_coordinates(middle)
    geometry = extract.features.geometry.to_numpy()
    built = extract.feature_tags.holds({"landuse": tuple(urban["landuse"])})
    built &= shapely.get_dimensions(geometry) == 2  # noqa: PLR2004  # areas
    result = np.zeros(len(segments), dtype=bool)
    land = geometry[built]
    if len(land):
        shapely.prepare(land)
        tree = shapely.STRtree(middle)
        result[in_threads(lambda part: tree.query(part, predicate="intersects"), land)[1]] = True
    density = np.zeros(len(segments))
    if len(junctions):
        around = cKDTree(shapely.get_coordinates(junctions.geometry.to_numpy()))
        rest = np.flatnonzero(~result)
        density[rest] = around.query_ball_point(
            xy[rest], urban["density_m"], return_length=True, workers=-1
        )
    result |= density >= urban["dense_junctions"]
    some = np.flatnonzero(~result & (density >= urban["place_junctions"]))
    for kind, radius_m in urban["place_m"].items():
        places = geometry[extract.feature_tags.holds({"place": (kind,)})]
        if len(places) and len(some):
            named = cKDTree(shapely.get_coordinates(shapely.centroid(places)))
            distance, _ = named.query(xy[some], distance_upper_bound=radius_m)
            result[some[np.isfinite(distance)]] = True
    return np.where(result, "urban", "rural")


def by_class(segments: pd.DataFrame, classes: Mapping[str, Any], quantity: str) -> Floats:
    """Value of the parameters' road classes for the class (and area, if it has one) of each row."""
    codes, names = pd.factorize(segments["road_class"].to_numpy(object))
    if not len(names):
        return np.empty(0)
    values = [classes[name][quantity] for name in names]
    if not isinstance(values[0], Mapping):
        return np.array(values, dtype=float)[codes]
    table = np.array([[value["rural"], value["urban"]] for value in values], dtype=float)
    return np.asarray(table[codes, (segments["area"].to_numpy(object) == "urban").astype(int)])


def _assumed_speeds(segments: gpd.GeoDataFrame, classes: Mapping[str, Any]) -> Floats:
    """`maxspeed_kph`, where the map has none by the class and area of the piece."""
    mapped = segments["maxspeed_kph"].to_numpy(float)
    return np.where(np.isnan(mapped), by_class(segments, classes, "kph"), mapped)


def _pairs(segments: gpd.GeoDataFrame, parameters: Mapping[str, Any]) -> NDArray[np.object_]:
    """
    For each piece of a dual carriageway the nearest piece of the other carriageway, else "".

    Dual carriageways appear once per direction: oneway, same class, same name or number, bearings
    opposite within `pair_deg`, middles within `pair_m`.
    """
    pair = np.full(len(segments), "", dtype=object)
    oneway = np.flatnonzero(segments["oneway"].to_numpy() != 0)
    if not len(oneway):
        return pair
    lines = segments.geometry.to_numpy()[oneway]
    start, end = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    run = shapely.get_coordinates(end) - shapely.get_coordinates(start)
    run *= segments["oneway"].to_numpy()[oneway][:, None]
    bearing = np.arctan2(run[:, 0], run[:, 1])
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    near = cKDTree(middle).query_pairs(parameters["pair_m"], output_type="ndarray")
    first, second = np.concatenate([near, near[:, ::-1]]).T
    label = (
        segments["road_class"].to_numpy(object)[oneway]
        + "|" + segments["name"].to_numpy(object)[oneway]
        + "|" + segments["ref"].to_numpy(object)[oneway]
    )  # fmt: skip
    codes = pd.factorize(label)[0]
    off = np.abs((bearing[first] - bearing[second]) % (2 * np.pi) - np.pi)
    good = (codes[first] == codes[second]) & (off <= np.radians(parameters["pair_deg"]))
    first, second = first[good], second[good]
    distance = np.hypot(*(middle[first] - middle[second]).T)
    order = np.lexsort((second, distance, first))
    first, second = first[order], second[order]
    keep = np.ones(len(first), dtype=bool)
    keep[1:] = first[1:] != first[:-1]
    ids = segments.index.to_numpy(object)
    pair[oneway[first[keep]]] = ids[oneway[second[keep]]]
    return pair
