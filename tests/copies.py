"""Shifted copies of an extract, to see how work grows: one country, five, twenty-five."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import osmium
from osmium.osm import mutable

STEP_LON, STEP_LAT = 0.3, 0.3


def copy(source: str | Path, target: str | Path, times: int) -> None:
    """
    Write `times` copies of an extract beside each other, relations and all.

    Ids are renumbered from 1, copy after copy, so they stay in the normal range; a reference to an
    object that the extract does not hold stays one. Sorted by kind and id, as published files are.
    """
    nodes, ways, relations = [], [], []
    for thing in osmium.FileProcessor(str(source)):
        tags = dict(thing.tags)
        if thing.is_node():
            nodes.append((thing.id, thing.lon, thing.lat, tags))
        elif thing.is_way():
            ways.append((thing.id, [node.ref for node in thing.nodes], tags))
        else:
            members = [(member.type, member.ref, member.role) for member in thing.members]
            relations.append((thing.id, members, tags))
    new = {"n": _numbers(nodes), "w": _numbers(ways), "r": _numbers(relations)}
    for _, refs, _ in ways:
        _add(new["n"], refs)
    for _, members, _ in relations:
        for kind, ref, _ in members:
            _add(new[kind], [ref])
    size = {kind: len(numbers) for kind, numbers in new.items()}
    side = _side(times)
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for number in range(times):
            east, north = number % side * STEP_LON, number // side * STEP_LAT
            for old, lon, lat, tags in nodes:
                writer.add_node(mutable.Node(
                    id=new["n"][old] + number * size["n"], location=(lon + east, lat + north),
                    tags=tags,
                ))  # fmt: skip
        for number in range(times):
            for old, refs, tags in ways:
                writer.add_way(mutable.Way(
                    id=new["w"][old] + number * size["w"],
                    nodes=[new["n"][ref] + number * size["n"] for ref in refs], tags=tags,
                ))  # fmt: skip
        for number in range(times):
            for old, members, tags in relations:
                moved = [
                    (kind, new[kind][ref] + number * size[kind], role)
                    for kind, ref, role in members
                ]
                writer.add_relation(mutable.Relation(
                    id=new["r"][old] + number * size["r"], members=moved, tags=tags
                ))


def _side(times: int) -> int:
    side = 1
    while side * side < times:
        side += 1
    return side


def _numbers(things: list[tuple[Any, ...]]) -> dict[int, int]:
    return {thing[0]: number for number, thing in enumerate(things, start=1)}


def _add(numbers: dict[int, int], ids: list[int]) -> None:
    for one in ids:
        numbers.setdefault(one, len(numbers) + 1)
