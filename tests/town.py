"""Small OpenStreetMap files, written from Python literals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import osmium
from osmium.osm import mutable

LON, LAT = 9.5, 47.1
DEGREE_M = 111_195.0

Tags = Mapping[str, str]
Member = tuple[str, int, str]


def degrees(x_m: float, y_m: float) -> tuple[float, float]:
    """Longitude and latitude of a place some metres east and north of the town's middle."""
    return LON + x_m / (DEGREE_M * 0.6807), LAT + y_m / DEGREE_M


def write(
    path: Path,
    nodes: Mapping[int, tuple[float, float] | tuple[float, float, Tags]],
    ways: Mapping[int, tuple[Sequence[int], Tags]],
    relations: Mapping[int, tuple[Sequence[Member], Tags]] | None = None,
) -> Path:
    """Write nodes (metres east and north), ways and relations; the ending names the format."""
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for node, (x, y, *tags) in sorted(nodes.items()):
            writer.add_node(
                mutable.Node(id=node, location=degrees(x, y), tags=dict(*tags), version=1)
            )
        for way, (refs, tags) in sorted(ways.items()):
            writer.add_way(mutable.Way(id=way, nodes=list(refs), tags=dict(tags), version=1))
        for relation, (members, tags) in sorted((relations or {}).items()):
            writer.add_relation(
                mutable.Relation(id=relation, members=list(members), tags=dict(tags), version=1)
            )
    return path


def convert(source: Path, target: Path) -> Path:
    """Write the same objects in another format."""
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for thing in osmium.FileProcessor(str(source)):
            writer.add(thing)
    return target
