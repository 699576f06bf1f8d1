"""Shifted copies of an extract, to see how work grows: one country, five, twenty-five."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
from osmium.osm import mutable

STEP_DEG = 0.3
"""From one copy to the next, both ways: further than the roads of Liechtenstein reach."""


def copy(source: str | Path, target: str | Path, times: int) -> None:
    """
    Write `times` copies of an extract beside each other, relations and all.

    Ids are renumbered from 1, copy after copy, so they stay in the normal range; a reference to an
    object that the extract does not hold stays one. Sorted by kind and id, as published files are.
    """
    extract = _Extract()
    for thing in osmium.FileProcessor(str(source)):
        extract.add(thing)
    extract.number()
    side = math.isqrt(times - 1) + 1
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for number in range(times):
            for node in extract.nodes(number, number % side, number // side):
                writer.add_node(node)
        for number in range(times):
            for way in extract.ways(number):
                writer.add_way(way)
        for number in range(times):
            for relation in extract.relations(number):
                writer.add_relation(relation)


@dataclass
class _Extract:
    """All objects of a file by kind, and the new number of every id that it names."""

    things: dict[str, list[tuple[int, Any, dict[str, str]]]] = field(
        default_factory=lambda: {"n": [], "w": [], "r": []}
    )
    new: dict[str, dict[int, int]] = field(default_factory=lambda: {"n": {}, "w": {}, "r": {}})

    def add(self, thing: Any) -> None:
        """Keep an object as plain values: osmium's own does not outlive its turn."""
        if thing.is_node():
            content: Any = (thing.lon, thing.lat)
        elif thing.is_way():
            content = [node.ref for node in thing.nodes]
        else:
            content = [(member.type, member.ref, member.role) for member in thing.members]
        self.things[thing.type_str()].append((thing.id, content, dict(thing.tags)))

    def number(self) -> None:
        """Number the objects in their order, then what is named and not there."""
        for kind, things in self.things.items():
            for old, _, _ in things:
                self._number(kind, old)
        for _, refs, _ in self.things["w"]:
            for ref in refs:
                self._number("n", ref)
        for _, members, _ in self.things["r"]:
            for kind, ref, _ in members:
                self._number(kind, ref)

    def _number(self, kind: str, old: int) -> None:
        numbers = self.new[kind]
        numbers.setdefault(old, len(numbers) + 1)

    def _id(self, kind: str, old: int, number: int) -> int:
        numbers = self.new[kind]
        return numbers[old] + number * len(numbers)

    def nodes(self, number: int, east: int, north: int) -> Iterator[mutable.Node]:
        """One copy's nodes, some steps to the east and the north."""
        for old, (lon, lat), tags in self.things["n"]:
            place = (lon + east * STEP_DEG, lat + north * STEP_DEG)
            yield mutable.Node(id=self._id("n", old, number), location=place, tags=tags)

    def ways(self, number: int) -> Iterator[mutable.Way]:
        """One copy's ways."""
        for old, refs, tags in self.things["w"]:
            nodes = [self._id("n", ref, number) for ref in refs]
            yield mutable.Way(id=self._id("w", old, number), nodes=nodes, tags=tags)

    def relations(self, number: int) -> Iterator[mutable.Relation]:
        """One copy's relations."""
        for old, members, tags in self.things["r"]:
            moved = [(kind, self._id(kind, ref, number), role) for kind, ref, role in members]
            yield mutable.Relation(id=self._id("r", old, number), members=moved, tags=tags)
