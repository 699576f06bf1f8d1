"""Passes over an OSM file → columns of nodes, ways and relations.

libosmium filters the file in C++ and writes what matches as OPL, its documented one-line-an-object
text; pyarrow then reads that text whole columns at a time. No Python loop runs over the objects of
a file, and node ids and full tags are kept.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from riskmap.tags import Tags, parse_tags, whole

Wanted = Mapping[str, "set[str] | None"]
"""OSM key → the values to read; None reads every value."""

LARGE = 1000
"""Ways in a file that is sure to have relations too, unless its end is missing."""


@dataclass(frozen=True)
class Raw:
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
    relations: _Relations
    untagged: NDArray[np.bool_]
    date: str
    cut_short: bool


class Reading:
    """The passes over one file. Each writes one OPL file of what libosmium let through."""

    def __init__(self, path: Path, suffix: str, scratch: Path) -> None:
        self.file = osmium.io.File(str(path), suffix.lstrip("."))
        self.scratch = scratch
        self.locations = osmium.index.create_map("flex_mem")

    def run(self, asked: Wanted) -> Raw:
        """Read what is asked for: key → values, None for every value."""
        some = [(key, value) for key, values in asked.items() if values for value in sorted(values)]
        every = [key for key, values in asked.items() if values is None]
        any_key = osmium.filter.KeyFilter(*asked)
        # Values of tagged nodes are looked at later, in columns: a comparison with each of a
        # hundred values for every object is what makes libosmium slow. This pass also keeps where
        # nodes are.
        nodes = self._passed(osmium.osm.NODE, self._located(), any_key)
        # Ways are long, so they are chosen here. Filters only narrow each other down: "one of these
        # tags or any of those keys" takes two passes.
        chosen: list[tuple[object, ...]] = [(any_key, osmium.filter.TagFilter(*some))]
        if every:
            chosen.append((osmium.filter.KeyFilter(*every),))
        both = osmium.osm.WAY | osmium.osm.RELATION
        rest = pa.concat_tables([self._passed(both, *these, self._located()) for these in chosen])
        is_way = pc.starts_with(rest["id"], "w")
        ways = rest.filter(is_way)
        relations = _multipolygons(rest.filter(pc.invert(is_way)))
        ways = _once(ways)
        tagged = ways.num_rows
        outline = np.setdiff1d(relations.way, _ids(ways))
        if len(outline):
            ids = osmium.filter.IdFilter(outline.tolist())
            more = self._passed(osmium.osm.WAY, ids, self._located())
            ways = pa.concat_tables([ways, _once(more)])
        nodes = _once(nodes)
        node_id, node_tags, where = _columns(nodes)
        way_id, way_tags, lists = _columns(ways)
        located = pc.greater(pc.utf8_length(lists), 1).to_numpy(zero_copy_only=False)
        count = np.where(located, pc.count_substring(lists, ",").to_numpy() + 1, 0).astype(np.int64)
        vertex_node, vertex_xy = _node_lists(lists)
        return Raw(
            node_id=node_id,
            node_xy=_locations(where),
            node_tags=node_tags,
            way_id=way_id,
            way_first=np.cumsum(count) - count,
            way_count=count,
            way_tags=way_tags,
            vertex_node=vertex_node,
            vertex_xy=vertex_xy,
            relations=relations,
            untagged=np.arange(len(way_id)) >= tagged,
            date=self._date(),
            # a file cut between two blocks reads without complaint; relations stand at its end
            cut_short=tagged > LARGE and not len(relations.id) and not self._has_relations(),
        )

    def _has_relations(self) -> bool:
        with osmium.io.Reader(self.file, osmium.osm.RELATION) as reader:
            return any(True for _ in osmium.OsmFileIterator(reader))

    def _date(self) -> str:
        with osmium.io.Reader(self.file, osmium.osm.NOTHING) as reader:
            header = reader.header()
            keys = ("osmosis_replication_timestamp", "timestamp")
            return next(filter(None, (header.get(key, "") for key in keys)), "")

    def _located(self) -> osmium.NodeLocationsForWays:
        handler = osmium.NodeLocationsForWays(self.locations)
        handler.ignore_errors()
        return handler

    def _passed(self, entity: osmium.osm.osm_entity_bits, *handlers: object) -> pa.Table:
        """Objects of some kinds that pass, as text columns `id`, `tags`, `where`."""
        target = self.scratch / "passed.opl"
        # OPL carries node locations on ways only when asked; metadata is never needed
        form = osmium.io.File(str(target), "opl,add_metadata=false,locations_on_ways=true")
        writer = osmium.SimpleWriter(form, overwrite=True)
        try:
            with osmium.io.Reader(self.file, entity) as reader:
                osmium.apply(reader, *handlers, writer)
            writer.close()
        except Exception:
            # A writer that failed tries again when it is destroyed, and that ends the whole
            # process: one reference too many keeps it.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
            raise
        return _lines(target, is_node=entity == osmium.osm.NODE)


def _lines(path: Path, *, is_node: bool) -> pa.Table:
    """Read one OPL file, all of it text."""
    names = ["id", "tags", "lon", "lat"] if is_node else ["id", "tags", "where"]
    if not path.stat().st_size:
        return pa.table({name: pa.array([], pa.string()) for name in ("id", "tags", "where")})
    table = _parsed(path, " ", dict.fromkeys(names, pa.string()))
    if not is_node:
        return table
    where = pc.binary_join_element_wise(table["lon"], table["lat"], "")
    return pa.table({"id": table["id"], "tags": table["tags"], "where": where})


def _parsed(source: object, delimiter: str, types: Mapping[str, pa.DataType]) -> pa.Table:
    return pa.csv.read_csv(
        source,
        read_options=pa.csv.ReadOptions(column_names=list(types), block_size=1 << 24),
        parse_options=pa.csv.ParseOptions(delimiter=delimiter, quote_char=False),
        convert_options=pa.csv.ConvertOptions(column_types=types, strings_can_be_null=False),
    )


@dataclass(frozen=True)
class _Relations:
    """
    Multipolygons: ids, tags, and their ways as pairs of relation (row) and way id.

    `outer` says of each pair whether the way is part of the outline, or of no stated role.
    """

    id: NDArray[np.int64]
    tags: Tags
    row: NDArray[np.int64]
    way: NDArray[np.int64]
    outer: NDArray[np.bool_]


def _multipolygons(table: pa.Table) -> _Relations:
    """Relations of type multipolygon with their ways ("Mw1@outer,w2@inner,n3@label")."""
    ids, tags, members = _columns(_once(table))
    areas = np.flatnonzero(tags.holds({"type": ("multipolygon",)}))
    lists = pc.split_pattern(pc.utf8_slice_codeunits(members.take(pa.array(areas)), 1), ",")
    flat = lists.flatten()
    way = pc.starts_with(flat, "w")
    row = pc.list_parent_indices(lists).to_numpy()[way.to_numpy(zero_copy_only=False)]
    flat = flat.filter(way)
    number = pc.cast(pc.replace_substring_regex(flat, "^w([0-9]+)@.*$", r"\1"), pa.int64())
    outer = pc.match_substring_regex(flat, "@(outer)?$").to_numpy(zero_copy_only=False)
    return _Relations(
        ids[areas], tags.take(areas), row, number.to_numpy().astype(np.int64), outer
    )


def _once(table: pa.Table) -> pa.Table:
    """Each object once, by id; a table that is so already, as a sorted file gives it, as it is."""
    ids = _ids(table)
    if (np.diff(ids) > 0).all():
        return table
    return table.take(pa.array(np.unique(ids, return_index=True)[1]))


def _columns(table: pa.Table) -> tuple[NDArray[np.int64], Tags, pa.StringArray]:
    """Ids, tags, and the text of `where`."""
    return _ids(table), parse_tags(table["tags"]), whole(table["where"])


def _ids(table: pa.Table) -> NDArray[np.int64]:
    text = pc.utf8_slice_codeunits(table["id"], 1)
    return np.asarray(pc.cast(text, pa.int64()).to_numpy(), dtype=np.int64)


def _text(column: pa.StringArray) -> bytes:
    """All the text of a column, nothing between the values."""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)
    first, last = offsets[column.offset], offsets[column.offset + len(column)]
    return memoryview(column.buffers()[2])[first:last].tobytes()


def _node_lists(column: pa.StringArray) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Ids and locations of OPL node lists ("Nn1x9.5y47.1,n2x…"), NaN where outside the extract."""
    lines = _text(column).translate(bytes.maketrans(b"Nxy,", b"\n\t\t\n"), delete=b"n")
    if not lines.strip():
        return np.empty(0, np.int64), np.empty((0, 2))
    table = _parsed(
        pa.BufferReader(lines), "\t", {"id": pa.int64(), "lon": pa.float64(), "lat": pa.float64()}
    )
    return table["id"].to_numpy(), np.column_stack([table["lon"], table["lat"]])


def _locations(column: pa.StringArray) -> NDArray[np.float64]:
    """Locations of OPL nodes ("x9.5y47.1")."""
    lines = _text(column).translate(bytes.maketrans(b"xy", b"\n\t"))
    if not len(column):
        return np.empty((0, 2))
    table = _parsed(pa.BufferReader(lines), "\t", {"lon": pa.float64(), "lat": pa.float64()})
    return np.column_stack([table["lon"], table["lat"]])
