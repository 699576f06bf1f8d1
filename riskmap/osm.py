"""An OpenStreetMap extract → roads and features. The only code that knows OSM files.

libosmium filters the file in C++ and writes what matches as OPL, its documented one-line-an-object
text; pyarrow and numpy then read that text whole columns at a time. No Python loop runs over the
objects of a file, and node ids, full tags and clipped geometry are kept.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyproj
import shapely
from numpy.typing import NDArray

from riskmap.errors import RiskmapError

Wanted = Mapping[str, "set[str] | None"]
"""OSM key → the values to read; None reads every value."""

SUFFIXES = (".osm.pbf", ".osm.gz", ".osm.bz2", ".osm", ".pbf")
WGS84 = "EPSG:4326"

# Closed ways with these tags stay lines: https://wiki.openstreetmap.org/wiki/Area
_LINE_KEYS = frozenset({"barrier", "highway", "railway", "route"})
_LINE_VALUES: Mapping[str, frozenset[str]] = {
    "natural": frozenset({"arete", "cliff", "coastline", "ridge", "tree_row", "valley"}),
    "waterway": frozenset({"canal", "ditch", "drain", "river", "stream", "weir", "dam"}),
    "man_made": frozenset({"breakwater", "dyke", "embankment", "groyne", "pipeline"}),
}
_ESCAPE = re.compile(r"%([0-9a-fA-F]+)%")


@dataclass(frozen=True)
class Tags:
    """
    The full tags of a table of objects, as one long table sorted by object.

    `row` says whose tag it is; `key` and `value` are codes into `keys` and `values`. A column of one
    key is a comparison of numbers, so that thousands of objects with hundreds of keys stay small.
    """

    size: int
    row: NDArray[np.int64]
    key: NDArray[np.int32]
    value: NDArray[np.int32]
    keys: tuple[str, ...]
    values: NDArray[np.object_]

    def column(self, key: str) -> NDArray[np.object_]:
        """Values of one key, one per object; None where the object does not carry it."""
        column = np.full(self.size, None, dtype=object)
        if key in self.keys:
            chosen = self.key == self.keys.index(key)
            column[self.row[chosen]] = self.values[self.value[chosen]]
        return column

    def holds(self, osm: Mapping[str, Iterable[str] | None]) -> NDArray[np.bool_]:
        """Whether each object carries, for every key, one of its values ("*" or None: any)."""
        result = np.ones(self.size, dtype=bool)
        for key, allowed in osm.items():
            held = np.zeros(self.size, dtype=bool)
            if key in self.keys:
                chosen = self.key == self.keys.index(key)
                values = None if allowed is None else set(allowed)
                if values is not None and "*" not in values:
                    known = np.fromiter((v in values for v in self.values), bool, len(self.values))
                    chosen &= known[self.value]
                held[self.row[chosen]] = True
            result &= held
        return result

    def has(self, key: str) -> NDArray[np.bool_]:
        """Whether each object carries the key at all."""
        return self.holds({key: None})

    def of(self, row: int) -> dict[str, str]:
        """All tags of one object."""
        first, last = np.searchsorted(self.row, [row, row + 1])
        pairs = zip(self.key[first:last], self.value[first:last], strict=True)
        return {self.keys[k]: str(self.values[v]) for k, v in pairs}

    def take(self, rows: NDArray[np.int64]) -> Tags:
        """Tags of some of the objects, renumbered in the order given."""
        starts, ends = np.searchsorted(self.row, rows), np.searchsorted(self.row, rows, "right")
        counts = ends - starts
        source = _ranges(starts, counts)
        return replace(
            self,
            size=len(rows),
            row=np.repeat(np.arange(len(rows)), counts),
            key=self.key[source],
            value=self.value[source],
        )


@dataclass(frozen=True)
class Extract:
    """
    What one file holds, in one metric CRS.

    `roads` has one row per way that cars use, index `way_id`, columns `road_class`, `first` and
    `count`: its stretch of `vertices`, which has one row per way and node in the order of the way,
    with `node_id`, `x`, `y` in metres. `road_tags` are the full tags of `roads`, row by row.
    `features` holds every other object that a layer asks for: `osm_id` ("n1", "w2", "r3"), `name`
    and `geometry` (a point, line or area); `feature_tags` are their tags. `data_date` is the
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


def read(path: str | Path, wanted: Wanted, roads: Mapping[str, object]) -> Extract:
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
    assert isinstance(classes, Mapping)
    assert isinstance(excluded, Mapping)
    asked = {key: None if values is None else set(values) for key, values in wanted.items()}
    if asked.get("highway", set()) is not None:
        asked["highway"] = set(asked.get("highway") or ()) | set(classes)
    with tempfile.TemporaryDirectory(prefix="riskmap-") as scratch:
        try:
            raw = _Reading(path, suffix, Path(scratch)).run(asked)
        except (RuntimeError, ValueError, osmium.InvalidLocationError) as fault:
            raise RiskmapError(
                f"{path}: cannot be read as OpenStreetMap data ({_one_line(fault)}); it may be cut off "
                "or damaged: compare its size with the source and fetch it again"
            ) from fault
    return _assemble(path, raw, asked, classes, excluded)


@dataclass
class _Raw:
    """The objects of a file as columns: nodes, ways, and relations with their members."""

    node_id: NDArray[np.int64]
    node_xy: NDArray[np.float64]
    node_tags: Tags
    way_id: NDArray[np.int64]
    way_first: NDArray[np.int64]
    way_count: NDArray[np.int64]
    way_tags: Tags
    vertex_node: NDArray[np.int64]
    vertex_xy: NDArray[np.float64]
    relation_id: NDArray[np.int64]
    relation_tags: Tags
    relation_members: list[NDArray[np.int64]]
    untagged: NDArray[np.bool_]
    date: str


class _Reading:
    """The passes over one file. Each writes one OPL file of what libosmium let through."""

    def __init__(self, path: Path, suffix: str, scratch: Path) -> None:
        self.file = osmium.io.File(str(path), suffix.lstrip("."))
        self.scratch = scratch
        self.locations = osmium.index.create_map("flex_mem")

    def run(self, asked: Wanted) -> _Raw:
        some = [(key, value) for key, values in asked.items() if values for value in sorted(values)]
        every = sorted(key for key, values in asked.items() if values is None)
        relation_ids, relation_tags, members, date = self._relations(some, every)
        nodes, ways = [], []
        tagged_so = osmium.filter.TagFilter(*some)
        nodes.append(self._filtered(osmium.osm.NODE, self._located(), tagged_so))
        ways.append(self._filtered(osmium.osm.WAY, tagged_so, self._located()))
        if every:
            keys = osmium.filter.KeyFilter(*every)
            nodes.append(self._filtered(osmium.osm.NODE, keys))
            ways.append(self._filtered(osmium.osm.WAY, keys, self._located()))
        tagged = sum(table.num_rows for table in ways)
        outline = np.unique(np.concatenate([*members, np.empty(0, np.int64)]))
        if len(outline):
            ids = osmium.filter.IdFilter(outline.tolist())
            ways.append(self._filtered(osmium.osm.WAY, ids, self._located()))
        node_id, node_tags, where = _distinct(nodes)
        node_xy = _numbers(where, 2)
        all_ways = pa.concat_tables(ways)
        way_id, way_tags, lists, first_seen = _distinct_ways(all_ways)
        count = np.where(
            pc.equal(lists, "N").to_numpy(zero_copy_only=False),
            0,
            pc.count_substring(lists, ",").to_numpy() + 1,
        ).astype(np.int64)
        flat = _numbers(lists, 3)
        return _Raw(
            node_id=node_id,
            node_xy=node_xy,
            node_tags=node_tags,
            way_id=way_id,
            way_first=np.cumsum(count) - count,
            way_count=count,
            way_tags=way_tags,
            vertex_node=flat[:, 0].astype(np.int64),
            vertex_xy=flat[:, 1:],
            relation_id=relation_ids,
            relation_tags=relation_tags,
            relation_members=members,
            untagged=first_seen >= tagged,
            date=date,
        )

    def _located(self) -> osmium.NodeLocationsForWays:
        handler = osmium.NodeLocationsForWays(self.locations)
        handler.ignore_errors()
        return handler

    def _filtered(self, entity: osmium.osm.osm_entity_bits, *handlers: object) -> pa.Table:
        """Objects of one kind that pass, as text columns `id`, `tags`, `where`."""
        target = self.scratch / "passed.opl"
        # OPL carries node locations on ways only when asked; metadata is never needed
        form = osmium.io.File(str(target), "opl,add_metadata=false,locations_on_ways=true")
        with (
            osmium.SimpleWriter(form, overwrite=True) as writer,
            osmium.io.Reader(self.file, entity) as reader,
        ):
            osmium.apply(reader, *handlers, writer)
        return _lines(target, is_way=entity == osmium.osm.WAY)

    def _relations(
        self, some: Sequence[tuple[str, str]], every: Sequence[str]
    ) -> tuple[NDArray[np.int64], Tags, list[NDArray[np.int64]], str]:
        """Multipolygon relations that a layer asks for, their tags and the ids of their ways."""
        ids, tags, members = [], [], []
        allowed = {*some}
        with osmium.io.Reader(self.file, osmium.osm.RELATION) as reader:
            header = reader.header()
            date = header.get("osmosis_replication_timestamp", "") or header.get("timestamp", "")
            # the iterator does not keep its filter alive: it needs a name
            areas_only = osmium.filter.TagFilter(("type", "multipolygon"))
            for relation in osmium.OsmFileIterator(reader, areas_only):
                own = dict(relation.tags)
                if any(item in allowed or item[0] in every for item in own.items()):
                    ids.append(relation.id)
                    tags.append(own)
                    ways = [member.ref for member in relation.members if member.type == "w"]
                    members.append(np.array(ways, dtype=np.int64))
        return np.array(ids, dtype=np.int64), tags_of(tags), members, date


def _lines(path: Path, *, is_way: bool) -> pa.Table:
    """Read one OPL file, all of it text."""
    names = ["id", "tags", "where"] if is_way else ["id", "tags", "lon", "lat"]
    if not path.stat().st_size:
        return pa.table({name: pa.array([], pa.string()) for name in ("id", "tags", "where")})
    table = pa.csv.read_csv(
        path,
        read_options=pa.csv.ReadOptions(column_names=names, block_size=1 << 26),
        parse_options=pa.csv.ParseOptions(delimiter=" ", quote_char=False),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    if is_way:
        return table
    where = pc.binary_join_element_wise(table["lon"], table["lat"], "")
    return pa.table({"id": table["id"], "tags": table["tags"], "where": where})


def _distinct(tables: list[pa.Table]) -> tuple[NDArray[np.int64], Tags, pa.StringArray]:
    table = pa.concat_tables(tables)
    ids, first = np.unique(_ids(table), return_index=True)
    table = table.take(pa.array(first))
    return ids, _parse_tags(table["tags"]), _one(table["where"])


def _distinct_ways(
    table: pa.Table,
) -> tuple[NDArray[np.int64], Tags, pa.StringArray, NDArray[np.int64]]:
    ids, first = np.unique(_ids(table), return_index=True)
    if len(ids) < table.num_rows or not np.array_equal(first, np.arange(len(first))):
        table = table.take(pa.array(first))
    return ids, _parse_tags(table["tags"]), _one(table["where"]), first


def _ids(table: pa.Table) -> NDArray[np.int64]:
    text = pc.utf8_slice_codeunits(table["id"], 1)
    return np.asarray(pc.cast(text, pa.int64()).to_numpy(), dtype=np.int64)


def _one(column: pa.ChunkedArray) -> pa.StringArray:
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else combined.chunk(0)


def _numbers(column: pa.StringArray, width: int) -> NDArray[np.float64]:
    """All numbers of OPL node lists ("Nn1x9.5y47.1,n2x…") or locations ("x9.5y47.1"), in order."""
    if not len(column):
        return np.empty((0, width))
    start, stop = column.offset, column.offset + len(column)
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)
    text = memoryview(column.buffers()[2])[offsets[start] : offsets[stop]].tobytes()
    # a node outside a clipped extract has no location: "xy"
    text = text.replace(b"xy", b"x999y999").translate(bytes.maketrans(b"Nnxy,", b"     "))
    flat = np.fromstring(text.decode("ascii"), sep=" ").reshape(-1, width)
    flat[:, -2:][flat[:, -2:] > 998] = np.nan
    return flat


def _parse_tags(column: pa.ChunkedArray) -> Tags:
    """Tags of OPL lines ("Tkey=value,…"): a long table with keys and values as codes."""
    lists = _one(pc.split_pattern(pc.utf8_slice_codeunits(column, 1), ","))
    row = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
    pairs = lists.flatten()
    filled = pc.greater(pc.utf8_length(pairs), 0)
    row, pairs = row[filled.to_numpy(zero_copy_only=False)], pairs.filter(filled)
    halves = pc.split_pattern(pairs, "=", max_splits=1).flatten().to_numpy(zero_copy_only=False)
    return _coded(len(column), row, halves[0::2], halves[1::2])


def tags_of(tags: Sequence[Mapping[str, str]]) -> Tags:
    """Tags given as one mapping per object."""
    row = np.repeat(np.arange(len(tags)), [len(own) for own in tags])
    items = [item for own in tags for item in own.items()]
    keys = np.array([key for key, _ in items], dtype=object)
    values = np.array([value for _, value in items], dtype=object)
    return _coded(len(tags), row, keys, values)


def _coded(
    size: int, row: NDArray[np.int64], keys: NDArray[np.object_], values: NDArray[np.object_]
) -> Tags:
    key_codes = pa.array(keys, pa.string()).dictionary_encode()
    value_codes = pa.array(values, pa.string()).dictionary_encode()
    return Tags(
        size=size,
        row=row,
        key=key_codes.indices.to_numpy().astype(np.int32),
        value=value_codes.indices.to_numpy().astype(np.int32),
        keys=tuple(_unescaped(key) for key in key_codes.dictionary.to_pylist()),
        values=np.array(
            [_unescaped(value) for value in value_codes.dictionary.to_pylist()], dtype=object
        ),
    )


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text) if "%" in text else text


def _assemble(
    path: Path,
    raw: _Raw,
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
            "sort it with `osmium sort` and add the nodes"
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
    west, east = inside[:, 0].min(), inside[:, 0].max()
    if east - west > 180:  # noqa: PLR2004  # degrees
        raise RiskmapError(
            f"{path}: lies across the antimeridian (from {west:.2f}° to {east:.2f}°); cut it in two "
            "there and work on each part"
        )
    crs = _utm((west + east) / 2, (inside[:, 1].min() + inside[:, 1].max()) / 2)
    project = pyproj.Transformer.from_crs(WGS84, crs, always_xy=True).transform
    x, y = project(lonlat[:, 0], lonlat[:, 1])
    first = np.cumsum(count) - count
    chosen = np.flatnonzero(is_road)
    index = _ranges(first[chosen], count[chosen])
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
        raw, asked, classes, (x, y), (first, count), project(raw_nodes[:, 0], raw_nodes[:, 1]), crs
    )
    cut = int((np.repeat(is_road, raw.way_count) & ~here).sum())
    return Extract(
        path=str(path),
        crs=crs,
        roads=roads,
        road_tags=road_tags,
        vertices=vertices,
        features=features,
        feature_tags=feature_tags,
        data_date=raw.date,
        notes=(("note.clipped", {"nodes": cut}),) if cut else (),
    )


def _features(
    raw: _Raw,
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
    relations, clipped = _relation_areas(raw, xy, spans)
    way_wanted = _any(raw.way_tags, layer_asks) & ~raw.untagged & (count > 1)
    ways = np.flatnonzero(way_wanted)
    nodes = np.flatnonzero(_any(raw.node_tags, layer_asks) & ~np.isnan(node_xy[0]))
    index = _ranges(first[ways], count[ways])
    lines = shapely.linestrings(
        np.column_stack(xy)[index], indices=np.repeat(np.arange(len(ways)), count[ways])
    ) if len(ways) else np.empty(0, dtype=object)
    lines = _closed_to_areas(lines, raw.way_tags.take(ways))
    rows = np.flatnonzero([geometry is not None for geometry in relations])
    geometry = np.concatenate(
        [
            shapely.points(node_xy[0][nodes], node_xy[1][nodes]),
            lines,
            np.array([relations[row] for row in rows], dtype=object),
        ]
    )
    ids = np.concatenate(
        [
            _named("n", raw.node_id[nodes]),
            _named("w", raw.way_id[ways]),
            _named("r", raw.relation_id[rows]),
        ]
    )
    tags = stacked(
        [raw.node_tags.take(nodes), raw.way_tags.take(ways), raw.relation_tags.take(rows)]
    )
    name = tags.column("name")
    table = gpd.GeoDataFrame(
        {
            "osm_id": ids,
            "name": np.where(name == None, "", name),  # noqa: E711  # element by element
            "clipped": np.concatenate([np.zeros(len(nodes) + len(ways), bool), clipped[rows]]),
        },
        geometry=geometry,
        crs=crs,
    )
    return table, tags


def _relation_areas(
    raw: _Raw,
    xy: tuple[NDArray[np.float64], NDArray[np.float64]],
    spans: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> tuple[list[shapely.Geometry | None], NDArray[np.bool_]]:
    """
    Assemble multipolygons from their ways.

    Rings that close become areas with their holes (even-odd). What is left open, because the
    extract ends there, stays as the known part of the shore, a line.
    """
    first, count = spans
    xy_pairs = np.column_stack(xy)
    areas: list[shapely.Geometry | None] = []
    clipped = np.zeros(len(raw.relation_members), dtype=bool)
    for number, members in enumerate(raw.relation_members):
        at = np.searchsorted(raw.way_id, members)
        at = at[at < len(raw.way_id)]
        rows = at[np.isin(raw.way_id[at], members)]
        rows = rows[count[rows] > 1]
        if not len(rows):
            areas.append(None)
            continue
        lines = shapely.linestrings(
            xy_pairs[_ranges(first[rows], count[rows])],
            indices=np.repeat(np.arange(len(rows)), count[rows]),
        )
        area = shapely.build_area(shapely.geometrycollections(lines)) or shapely.Polygon()
        clipped[number] = len(rows) < len(members) or area.is_empty
        if clipped[number]:
            open_part = shapely.difference(shapely.union_all(lines), area.boundary)
            area = shapely.union_all([area, open_part])
        areas.append(area)
    return areas, clipped


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


def stacked(parts: Sequence[Tags]) -> Tags:
    """Tags of several tables one below the other."""
    keys = list(dict.fromkeys(key for part in parts for key in part.keys))
    code = {key: number for number, key in enumerate(keys)}
    row, key, value, values, below, known = [], [], [], [], 0, 0
    for part in parts:
        recoded = np.array([code[name] for name in part.keys] or [0], dtype=np.int32)
        row.append(part.row + below)
        key.append(recoded[part.key])
        value.append(part.value + known)
        values.append(part.values)
        below, known = below + part.size, known + len(part.values)
    return Tags(
        size=below,
        row=np.concatenate(row),
        key=np.concatenate(key),
        value=np.concatenate(value).astype(np.int32),
        keys=tuple(keys),
        values=np.concatenate(values),
    )


def _named(kind: str, ids: NDArray[np.int64]) -> NDArray[np.object_]:
    return (kind + pd.Series(ids).astype(str)).to_numpy(dtype=object)


def _ranges(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Concatenate `arange(start, start + count)` of every pair."""
    total = int(counts.sum())
    before = np.cumsum(counts) - counts
    return np.arange(total) + np.repeat(starts - before, counts)


def _utm(lon: float, lat: float) -> str:
    """EPSG code of the UTM zone (WGS 84) that holds a place."""
    zone = min(int(math.floor((lon + 180) / 6)) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def _suffix(path: Path) -> str:
    if path.is_dir():
        raise RiskmapError(f"{path}: is a folder; name the extract inside it")
    if not path.exists():
        raise RiskmapError(f"{path}: no such file; check the path, or `riskmap init` another extract")
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return suffix
    raise RiskmapError(
        f"{path}: not a known kind of extract; riskmap reads .osm.pbf, .osm, .osm.gz and .osm.bz2"
    )


def _one_line(fault: Exception) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__
