"""Overpass's answers, as osmnx keeps them → an extract of what lies in an outline."""

from __future__ import annotations

import ctypes
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from osmium.osm import mutable

from riskmap import __version__
from riskmap.passes import Wanted

Tags = Mapping[str, str]
NONSENSE = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)
"""What an answer raises that is not what the servers write."""
EAST, NORTH = 180.0, 90.0
_MEMBERS = {"node": "n", "way": "w", "relation": "r"}


@dataclass
class Objects:
    """OpenStreetMap's objects by their number, each with all its tags."""

    nodes: dict[int, tuple[float, float, Tags]] = field(default_factory=dict)
    ways: dict[int, tuple[Sequence[int], Tags]] = field(default_factory=dict)
    areas: dict[int, tuple[Sequence[tuple[str, int, str]], Tags]] = field(default_factory=dict)
    """Multipolygons, each with its members: kind, number, role."""
    date: str = ""
    """Of the oldest answer; "" if one says none."""


def read(paths: Iterable[Path]) -> Objects:
    """
    Read answers; an object that is in several is one.

    Raises
    ------
    ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError
        What is no answer of Overpass: one of `NONSENSE`.
    """
    found, dates = Objects(), []
    for path in paths:
        answer = json.loads(path.read_bytes())
        dates.append(_date(answer.get("osm3s", {}).get("timestamp_osm_base")))
        for row in answer["elements"]:
            _add(found, row)
    found.date = min(dates, default="")
    return found


def _date(said: object) -> str:
    try:
        when = dt.datetime.fromisoformat(str(said)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return ""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _add(found: Objects, row: Mapping[str, Any]) -> None:
    number, tags = int(row["id"]), {str(key): str(own) for key, own in row.get("tags", {}).items()}
    if row["type"] == "node":
        lon, lat = float(row["lon"]), float(row["lat"])
        if not (abs(lon) <= EAST and abs(lat) <= NORTH):
            raise ValueError(f"node {number}: {lon}, {lat} is nowhere")
        found.nodes[number] = (lon, lat, tags)
    elif row["type"] == "way":
        found.ways[number] = ([int(node) for node in row["nodes"]], tags)
    elif row["type"] == "relation" and tags.get("type") == "multipolygon":
        members = [(_MEMBERS[own["type"]], int(own["ref"]), str(own["role"]))
                   for own in row["members"]]  # fmt: skip
        found.areas[number] = (members, tags)


def inside(found: Objects, outline: shapely.Geometry, wanted: Wanted) -> Objects:
    """
    Keep what has a wanted tag and a node in the outline, whole: with all nodes and all ways.

    Raises
    ------
    KeyError
        A node or way that belongs to it is not there: the answer is not whole.
    """
    number = np.fromiter(found.nodes, dtype=np.int64)
    x, y = (np.array([own[axis] for own in found.nodes.values()], dtype=float) for axis in (0, 1))
    shapely.prepare(outline)
    near = set(number[shapely.contains_xy(outline, x, y)].tolist())
    chosen = {way for way, (own, tags) in found.ways.items()
              if _asked(tags, wanted) and not near.isdisjoint(own)}  # fmt: skip
    areas = {}
    for area, (members, tags) in found.areas.items():
        outlines = {way for kind, way, _ in members if kind == "w"}
        touched = any(not near.isdisjoint(found.ways[way][0]) for way in outlines)
        if touched and _asked(tags, wanted):
            areas[area] = (members, tags)
            chosen |= outlines
    ways = {way: found.ways[way] for way in sorted(chosen)}
    nodes = {node for node in near if _asked(found.nodes[node][2], wanted)}
    nodes.update(node for own, _ in ways.values() for node in own)
    return Objects(
        {node: found.nodes[node] for node in sorted(nodes)}, ways,
        {area: areas[area] for area in sorted(areas)}, found.date,
    )  # fmt: skip


def _asked(tags: Tags, wanted: Wanted) -> bool:
    for key, value in tags.items():
        if key in wanted:
            values = wanted[key]
            if values is None or value in values:
                return True
    return False


def write(objects: Objects, path: Path, suffix: str) -> None:
    """
    Write objects as a file that `riskmap.osm.read` reads.

    Raises
    ------
    RuntimeError, ValueError, TypeError, OSError
        A place that libosmium cannot write to, or a value that it cannot write.
    """
    header = osmium.io.Header()
    header.set("generator", f"riskmap {__version__}")
    if objects.date:
        header.set("osmosis_replication_timestamp", objects.date)
    kind = osmium.io.File(str(path), suffix.lstrip("."))
    writer = osmium.SimpleWriter(kind, header=header, overwrite=True)
    try:
        for node, (lon, lat, tags) in objects.nodes.items():
            writer.add_node(mutable.Node(id=node, location=(lon, lat), tags=tags))
        for way, (nodes, tags) in objects.ways.items():
            writer.add_way(mutable.Way(id=way, nodes=nodes, tags=tags))
        for area, (members, tags) in objects.areas.items():
            writer.add_relation(mutable.Relation(id=area, members=members, tags=tags))
        writer.close()
    except Exception:
        # it would try again when it is destroyed, and end the process: see riskmap.passes
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
        raise
