"""Names of pieces stay when the map around them changes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import osmium
import pytest
from osmium.osm import mutable
from town import write

from riskmap import osm, segments
from riskmap.project import constants

Ways = dict[int, tuple[list[int], dict[str, str]]]
Stretch = tuple[int, int, int]
Pieces = dict[str, tuple[tuple[float, float], ...]]


def _loaded(path: Path) -> tuple[dict[int, tuple[float, float]], Ways]:
    nodes, ways = {}, {}
    for thing in osmium.FileProcessor(str(path)):
        if thing.is_node():
            nodes[thing.id] = (thing.lon, thing.lat)
        elif thing.is_way() and "highway" in thing.tags:
            there = [node.ref for node in thing.nodes if node.ref in nodes]
            ways[thing.id] = (there, dict(thing.tags))
    return nodes, ways


def _changed(ways: Ways, nodes: dict[int, Any], seed: int) -> Ways:
    """Of the ways 5 % gone, 5 % split in two, and 5 % new ones from one node to another."""
    chance = random.Random(seed)
    result: Ways = {}
    new = 10_000_000_000
    for way, (refs, tags) in ways.items():
        what = chance.random()
        if what < 0.05:
            continue
        if what < 0.10 and len(refs) > 2:
            at = chance.randrange(1, len(refs) - 1)
            result[way] = (refs[: at + 1], tags)
            result[new] = (refs[at:], tags)
            new += 1
            continue
        result[way] = (refs, tags)
        if what < 0.15:
            result[new] = ([chance.choice(refs), new, new + 1], {"highway": "service"})
            nodes[new], nodes[new + 1] = (9.4, 47.0), (9.401, 47.0)
            new += 2
    return result


def _written(path: Path, nodes: dict[int, Any], ways: Ways) -> Path:
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for node, place in sorted(nodes.items()):
            writer.add_node(mutable.Node(id=node, location=place, version=1))
        for way, (refs, tags) in sorted(ways.items()):
            writer.add_way(mutable.Way(id=way, nodes=refs, tags=tags, version=1))
    return path


def _pieces(path: Path) -> Pieces:
    rules = constants()
    network = segments.cut(osm.read(path, {}, rules["roads"]), rules)
    return {
        name: tuple((round(x, 6), round(y, 6)) for x, y in line.coords)
        for name, line in network.segments.geometry.items()
    }


def _stretches(ways: Ways) -> dict[Stretch, list[int]]:
    """Nodes of every stretch of a road between two nodes where roads meet or end."""
    roads = constants()["roads"]
    used = {
        way: refs
        for way, (refs, tags) in ways.items()
        if tags["highway"] in roads["classes"] and len(refs) > 1
        and not any(tags.get(key) in values for key, values in roads["excluded"].items())
    }  # fmt: skip
    count = Counter(ref for refs in used.values() for ref in refs)
    result = {}
    for way, refs in used.items():
        last = len(refs) - 1
        breaks = [n for n, ref in enumerate(refs) if count[ref] > 1 or n in {0, last}]
        for start, end in pairwise(breaks):
            result[way, refs[start], refs[end]] = refs[start : end + 1]
    return result


def _stretch(name: str) -> Stretch:
    way, between, _ = name[1:].split(".", 2)
    start, end = between.split("-")
    return int(way), int(start), int(end)


def test_a_stretch_that_did_not_change_keeps_its_ids(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    nodes, ways = _loaded(shared("liechtenstein_slim.osm.pbf"))
    before = _pieces(_written(tmp_path / "before.osm.pbf", nodes, ways))
    changed = _changed(ways, nodes, seed=4)
    after = _pieces(_written(tmp_path / "after.osm.pbf", nodes, changed))
    known, now = _stretches(ways), _stretches(changed)
    same = [name for name in before if known[_stretch(name)] == now.get(_stretch(name))]
    assert 0.8 * len(before) < len(same) < len(before)
    assert [name for name in same if after.get(name) != before[name]] == []


def test_a_new_side_road_renames_only_the_stretch_that_it_cuts(tmp_path: Path) -> None:
    nodes: dict[int, Any] = {1: (0, 0), 2: (100, 0), 3: (300, 0), 4: (490, 0), 5: (300, 90),
                             6: (100, 90), 7: (390, 0), 8: (390, 80)}  # fmt: skip
    side = {"highway": "service"}
    ways: dict[int, Any] = {1: ([1, 2, 3, 7, 4], {"highway": "primary"}), 2: ([2, 6], side),
                            3: ([3, 5], side)}  # fmt: skip
    before = set(_pieces(write(tmp_path / "before.osm", nodes, ways)))
    ways[4] = ([7, 8], {"highway": "service"})
    after = set(_pieces(write(tmp_path / "after.osm", nodes, ways)))
    assert before - after == {"w1.3-4.1", "w1.3-4.2"}
    assert {name.rsplit(".", 1)[0] for name in after - before} == {"w1.3-7", "w1.7-4", "w4.7-8"}


@pytest.mark.parametrize("suffix", [".osm", ".osm.pbf"])
def test_ids_do_not_depend_on_the_order_of_the_file(tmp_path: Path, suffix: str) -> None:
    nodes = {1: (9.5, 47.1), 2: (9.501, 47.1), 3: (9.502, 47.1), 4: (9.501, 47.101)}
    ways = [(5, [1, 2, 3]), (3, [2, 4])]
    found = []
    for order in (ways, ways[::-1]):
        path = tmp_path / f"town{suffix}"
        with osmium.SimpleWriter(str(path), overwrite=True) as writer:
            for node, place in nodes.items():
                writer.add_node(mutable.Node(id=node, location=place, version=1))
            for way, refs in order:
                writer.add_way(mutable.Way(id=way, nodes=refs, tags={"highway": "road"}, version=1))
        found.append(_pieces(path))
    assert found[0] == found[1]
    assert [name.split(".")[0] for name in found[0]] == ["w3", "w3", "w5", "w5"]
