"""An OpenStreetMap extract → roads and features, in metres."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from riskmap.errors import RiskmapError
from riskmap.passes import Raw, Reading, Wanted
from riskmap.tags import Tags, ranges, stacked

if TYPE_CHECKING:
    from riskmap.fetching import Fetched, Progress

SUFFIXES = (".osm.pbf", ".osm.gz", ".osm.bz2", ".osm", ".pbf")
WGS84 = "EPSG:4326"
WIDEST_DEG = 30.0
"""From west to east, of one UTM zone stretched that far: its metres are 3 % off at the edge."""
FAULTS = (RuntimeError, ValueError, OSError, IndexError, OverflowError, osmium.InvalidLocationError)
"""What libosmium and pyarrow raise on damaged bytes."""

# Closed ways with these tags stay lines: https://wiki.openstreetmap.org/wiki/Area
_LINE_KEYS = frozenset({"barrier", "highway", "railway", "route"})
_LINE_VALUES: Mapping[str, frozenset[str]] = {
    "natural": frozenset({"arete", "cliff", "coastline", "ridge", "tree_row", "valley"}),
    "waterway": frozenset({"canal", "ditch", "drain", "river", "stream", "weir", "dam"}),
    "man_made": frozenset({"breakwater", "dyke", "embankment", "groyne", "pipeline"}),
}


@dataclass(frozen=True)
class Extract:
    """
    What one file holds, in one metric CRS.

    `roads` has one row per way that cars use, index `way_id`, columns `road_class`, `first` and
    `count`: its stretch of `vertices`, which has one row per way and node in the order of the way,
    with `node_id`, `x`, `y` in metres. `road_tags` are the full tags of `roads`, row by row.
    `features` holds every other object that a layer asks for: `osm_id` ("n1", "w2", "r3"), `name`,
    `geometry` (a point, line or area), whether an area is `clipped` at the border, and whether some
    of its outline is there, `outlined`; `feature_tags` are their tags. `data_date` is the
    file's own date, "" where it has none; `notes` are keys of the catalogue with their values.
    """

    path: str
    crs: str
    roads: pd.DataFrame
    road_tags: Tags
    vertices: pd.DataFrame
    features: gpd.GeoDataFrame
    feature_tags: Tags
    data_date: str = ""
    notes: tuple[tuple[str, Mapping[str, object]], ...] = field(default=())


def read(path: str | Path, wanted: Wanted, roads: Mapping[str, Any]) -> Extract:
    """
    Read the roads that cars use and the features that layers ask for.

    Parameters
    ----------
    path
        `.osm.pbf`, `.osm`, `.osm.gz` or `.osm.bz2`. Ways must follow their nodes, as in every
        published extract. Ways cut at the border keep the part that is there.
    wanted
        Key → values of the features to read, from `layers.wanted_tags`.
    roads
        The table `[roads]` of the parameters: `classes`, and `excluded`, key → values.

    Returns
    -------
    The extract, in the UTM zone of its middle.

    Raises
    ------
    RiskmapError
        A file that is missing, unreadable, truncated, empty, without roads, or across the
        antimeridian.
    """
    path = Path(path)
    suffix = _suffix(path)
    classes = roads["classes"]
    excluded = roads["excluded"]
    asked = {key: None if values is None else set(values) for key, values in wanted.items()}
    if asked.get("highway", set()) is not None:
        asked["highway"] = set(asked.get("highway") or ()) | set(classes)
    with tempfile.TemporaryDirectory(prefix="riskmap-") as scratch:
        try:
            raw = Reading(path, suffix, Path(scratch)).run(asked)
        except FAULTS as fault:
            if "Write failed" in str(fault):
                raise RiskmapError(
                    f"{scratch}: cannot be written ({_one_line(fault)}); reading needs room for a "
                    "part of the extract: free some, or name another folder in TMPDIR"
                ) from fault
            raise RiskmapError(
                f"{path}: cannot be read as OpenStreetMap data ({_one_line(fault)}); it may be cut "
                "off or damaged: compare its size with the source and fetch it again"
            ) from fault
    return _assemble(path, raw, asked, classes, excluded)


def fetch_place(
    place: str,
    target: str | Path,
    *,
    layers: str | Path | None = None,
    progress: Progress | None = None,
) -> Fetched:
    """
    Get an extract of a place from OpenStreetMap's servers, where there is internet.

    The one function that asks the internet. osmnx asks the two addresses in `riskmap.servers`:
    where the place is, and what is in it. The extract holds the roads, what the layers ask for and
    the map's background, with all tags; a layer with tags of its own needs another fetch.

    Parameters
    ----------
    place
        A name as a map has it, with its province: "贵溪市, 江西", "Guixi, Jiangxi".
    target
        `.osm.pbf`, or `.osm`, `.osm.gz`, `.osm.bz2`, which do not keep the date of the data. An
        existing file is replaced once the new one is whole.
    layers
        Folder of the layer files; None takes those that travel with riskmap.
    progress
        Told a stage and the share that is done.

    Raises
    ------
    RiskmapError
        No internet; a server that stays busy, refuses, or answers only a part; a place that nobody
        knows, that has no area, no roads, or more than 30,000 km²; a target that cannot be
        written. Nothing is left behind.

    Examples
    --------
    >>> fetch_place("贵溪市, 江西", "guixi.osm.pbf")  # doctest: +SKIP
    """
    # what asks the internet is loaded when it is asked for
    found: Fetched = import_module("riskmap.fetching").fetch(
        place, target, layer_folder=layers, progress=progress
    )
    return found


def _assemble(
    path: Path,
    raw: Raw,
    asked: Wanted,
    classes: Mapping[str, object],
    excluded: Mapping[str, Sequence[str]],
) -> Extract:
    if not len(raw.way_id) and not len(raw.node_id):
        raise RiskmapError(
            f"{path}: holds no roads and nothing that a layer asks for; is it the right extract?"
        )
    raw_xy, raw_nodes = raw.vertex_xy, raw.node_xy
    here = ~np.isnan(raw_xy[:, 0])
    if len(raw_xy) and not here.any():
        raise RiskmapError(
            f"{path}: no way has a node with coordinates; ways must follow their nodes: "
            "sort it with `osmium sort` and add the nodes; ids below 1 are not read"
        )
    is_road = raw.way_tags.holds({"highway": classes}) & ~raw.untagged
    for key, values in excluded.items():
        is_road &= ~raw.way_tags.holds({key: values})
    # a way cut at the border keeps the nodes that are inside; a gap in its middle is closed
    way_of = np.repeat(np.arange(len(raw.way_id)), raw.way_count)
    count = np.bincount(way_of[here], minlength=len(raw.way_id))
    is_road &= count >= 2  # noqa: PLR2004  # a line has two ends
    if not is_road.any():
        raise RiskmapError(
            f"{path}: holds no road that cars use; use an extract that covers your roads"
        )
    lonlat = raw_xy[here]
    inside = lonlat[np.repeat(is_road, count)]
    west = inside[:, 0].min()
    crs = metric_crs(inside[:, 0], inside[:, 1], str(path))
    # what lies on the far side of the earth has no place in this zone
    far = np.abs(raw_xy[:, 0] - west) > 2 * WIDEST_DEG
    if far.any():
        here &= ~far
        count = np.bincount(way_of[here], minlength=len(raw.way_id))
        lonlat = raw_xy[here]
    lon = np.where(np.abs(raw_nodes[:, 0] - west) > 2 * WIDEST_DEG, np.nan, raw_nodes[:, 0])
    project = pyproj.Transformer.from_crs(WGS84, crs, always_xy=True).transform
    x, y = project(lonlat[:, 0], lonlat[:, 1])
    first = np.cumsum(count) - count
    chosen = np.flatnonzero(is_road)
    index = ranges(first[chosen], count[chosen])
    vertices = pd.DataFrame({"node_id": raw.vertex_node[here][index], "x": x[index], "y": y[index]})
    road_tags = raw.way_tags.take(chosen)
    roads = pd.DataFrame(
        {
            "road_class": road_tags.column("highway").astype(str),
            "first": np.cumsum(count[chosen]) - count[chosen],
            "count": count[chosen],
        },
        index=pd.Index(raw.way_id[chosen], name="way_id"),
    )
    features, feature_tags = _features(
        raw, asked, classes, (x, y), (first, count), project(lon, raw_nodes[:, 1]), crs
    )
    cut = int((np.repeat(is_road, raw.way_count) & ~here).sum())
    notes: list[tuple[str, Mapping[str, object]]] = []
    if cut:
        notes.append(("note.clipped", {"nodes": cut}))
    if raw.cut_short:
        notes.append(("note.cut_short", {}))
    return Extract(
        path=str(path),
        crs=crs,
        roads=roads,
        road_tags=road_tags,
        vertices=vertices,
        features=features,
        feature_tags=feature_tags,
        data_date=raw.date,
        notes=tuple(notes),
    )


def _features(
    raw: Raw,
    asked: Wanted,
    classes: Mapping[str, object],
    xy: tuple[NDArray[np.float64], NDArray[np.float64]],
    spans: tuple[NDArray[np.int64], NDArray[np.int64]],
    node_xy: tuple[NDArray[np.float64], NDArray[np.float64]],
    crs: str,
) -> tuple[gpd.GeoDataFrame, Tags]:
    """Points, lines and areas that a layer asks for, with their tags."""
    layer_asks = {key: values for key, values in asked.items() if key != "highway"}
    highway = asked.get("highway")
    if highway is None:
        layer_asks["highway"] = None
    elif set(highway) - set(classes):
        layer_asks["highway"] = set(highway) - set(classes)
    first, count = spans
    relations, clipped, outlined = _relation_areas(raw, xy, spans)
    way_wanted = _any(raw.way_tags, layer_asks) & ~raw.untagged & (count > 1)
    ways = np.flatnonzero(way_wanted)
    nodes = np.flatnonzero(_any(raw.node_tags, layer_asks) & np.isfinite(node_xy[0]))
    index = ranges(first[ways], count[ways])
    lines = shapely.linestrings(
        np.column_stack(xy)[index], indices=np.repeat(np.arange(len(ways)), count[ways])
    ) if len(ways) else np.empty(0, dtype=object)
    lines = _closed_to_areas(lines, raw.way_tags.take(ways))
    rows = np.flatnonzero(~(shapely.is_missing(relations) | shapely.is_empty(relations)))
    geometry = np.concatenate(
        [
            shapely.points(node_xy[0][nodes], node_xy[1][nodes]),
            lines,
            relations[rows],
        ]
    )
    ids = np.concatenate(
        [
            _named("n", raw.node_id[nodes]),
            _named("w", raw.way_id[ways]),
            _named("r", raw.relations.id[rows]),
        ]
    )
    tags = stacked(
        [raw.node_tags.take(nodes), raw.way_tags.take(ways), raw.relations.tags.take(rows)]
    )
    name = tags.column("name")
    table = gpd.GeoDataFrame(
        {
            "osm_id": ids,
            "name": np.where(name == None, "", name),  # noqa: E711  # element by element
            "clipped": np.concatenate([np.zeros(len(nodes) + len(ways), bool), clipped[rows]]),
            "outlined": np.concatenate([np.ones(len(nodes) + len(ways), bool), outlined[rows]]),
        },
        geometry=geometry,
        crs=crs,
    )
    return table, tags


def _relation_areas(
    raw: Raw,
    xy: tuple[NDArray[np.float64], NDArray[np.float64]],
    spans: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> tuple[NDArray[np.object_], NDArray[np.bool_], NDArray[np.bool_]]:
    """
    Assemble multipolygons from their ways.

    Rings that close become areas with their holes (even-odd). Where some stay open, because the
    extract ends there, the known part of the shore stays, as lines.

    Returns
    -------
    The areas, None where no way is there; which of them are clipped; and which have a way of their
    outline: without one, what is there of a clipped area are its holes.
    """
    first, count = spans
    size = len(raw.relations.id)
    areas = np.full(size, None, dtype=object)
    at = pd.Index(raw.way_id).get_indexer(raw.relations.way)
    there = at >= 0
    there[there] = count[at[there]] > 1
    way, relation = at[there], raw.relations.row[there]
    if not len(way):
        return areas, np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    lines = shapely.linestrings(
        np.column_stack(xy)[ranges(first[way], count[way])],
        indices=np.repeat(np.arange(len(way)), count[way]),
    )
    rows, number = np.unique(relation, return_inverse=True)
    outlines = shapely.geometrycollections(lines, indices=number)
    built = shapely.build_area(outlines)
    built[shapely.is_missing(built) | shapely.is_empty(built)] = shapely.Polygon()
    missing = np.bincount(raw.relations.row, minlength=size)[rows] > np.bincount(number)
    clipped = missing | shapely.is_empty(built)
    for row in np.flatnonzero(clipped):
        shore = shapely.union_all(shapely.get_parts(outlines[row]))
        if not shapely.difference(shore, shapely.boundary(built[row])).is_empty:
            built[row] = shore
    areas[rows] = built
    result, outlined = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    result[rows] = clipped
    outlined[relation[raw.relations.outer[there]]] = True
    return areas, result, outlined


def _closed_to_areas(lines: NDArray[np.object_], tags: Tags) -> NDArray[np.object_]:
    closed = shapely.is_closed(lines) & (shapely.get_num_points(lines) > 3)  # noqa: PLR2004
    stays = tags.holds({"area": ("no",)})
    for key in _LINE_KEYS:
        stays |= tags.has(key)
    for key, values in _LINE_VALUES.items():
        stays |= tags.holds({key: values})
    area = closed & (~stays | tags.holds({"area": ("yes",)}))
    result = lines.copy()
    if area.any():
        coordinates, index = shapely.get_coordinates(lines[area], return_index=True)
        result[area] = shapely.polygons(shapely.linearrings(coordinates, indices=index))
    return result


def _any(tags: Tags, asked: Wanted) -> NDArray[np.bool_]:
    result = np.zeros(tags.size, dtype=bool)
    for key, values in asked.items():
        result |= tags.holds({key: values})
    return result


def _named(kind: str, ids: NDArray[np.int64]) -> NDArray[np.object_]:
    return (kind + pd.Series(ids).astype(str)).to_numpy(dtype=object)


def metric_crs(lon: NDArray[np.float64], lat: NDArray[np.float64], where: str) -> str:
    """
    Choose the UTM zone of the middle of some places; `where` begins the message.

    Raises
    ------
    RiskmapError
        Places across the antimeridian, or too far apart for one map in metres.
    """
    west, east = lon.min(), lon.max()
    if east - west > 180:  # noqa: PLR2004  # degrees
        raise RiskmapError(
            f"{where}: lies across the antimeridian (from {west:.2f}° to {east:.2f}°); cut it in "
            "two there and work on each part"
        )
    if east - west > WIDEST_DEG:
        raise RiskmapError(
            f"{where}: stretches over {east - west:.0f}° of longitude, too wide for one map in "
            f"metres; work on parts of at most {WIDEST_DEG:.0f}°"
        )
    return _utm((west + east) / 2, (lat.min() + lat.max()) / 2)


def _utm(lon: float, lat: float) -> str:
    """EPSG code of the UTM zone (WGS 84) that holds a place."""
    zone = min(math.floor((lon + 180) / 6) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def _suffix(path: Path) -> str:
    if path.is_dir():
        raise RiskmapError(f"{path}: is a folder; name the extract inside it")
    if not path.exists():
        raise RiskmapError(f"{path}: no such file; check the path")
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return suffix
    raise RiskmapError(
        f"{path}: not a known kind of extract; riskmap reads .osm.pbf, .osm, .osm.gz and .osm.bz2"
    )


def _one_line(fault: Exception) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__
