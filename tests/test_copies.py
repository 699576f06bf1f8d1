"""The copier that the benchmark grows a country with."""

from collections import Counter
from itertools import chain
from pathlib import Path

import osmium
import pytest
from copies import copy

import riskmap

TIMES = 4


@pytest.fixture(scope="module")
def four(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("copies") / "four.osm.pbf"
    copy(sample, target, TIMES)
    return target


def _counted(path: Path) -> Counter[str]:
    return Counter(thing.type_str() for thing in osmium.FileProcessor(str(path)))


def test_copies_hold_every_object_as_many_times(sample: Path, four: Path) -> None:
    one = _counted(sample)
    assert _counted(four) == {kind: TIMES * count for kind, count in one.items()}


def test_ids_are_unique_sorted_and_in_the_normal_range(four: Path) -> None:
    ids: dict[str, list[int]] = {"n": [], "w": [], "r": []}
    for thing in osmium.FileProcessor(str(four)):
        ids[thing.type_str()].append(thing.id)
    for numbers in ids.values():
        assert numbers == sorted(set(numbers))
        assert 0 < numbers[0] <= numbers[-1] < 2**34


def test_relations_keep_the_ways_of_their_own_copy(four: Path) -> None:
    relations = [
        [member.ref for member in thing.members if member.type == "w"]
        for thing in osmium.FileProcessor(str(four), osmium.osm.RELATION)
    ]
    ways = len([1 for _ in osmium.FileProcessor(str(four), osmium.osm.WAY)])
    quarter = len(relations) // TIMES
    first, second = relations[:quarter], relations[quarter : 2 * quarter]
    pairs = zip(chain(*first), chain(*second), strict=True)
    moved = {there - here for here, there in pairs}
    assert len(moved) == 1
    assert moved.pop() >= ways // TIMES


def test_every_copy_is_cut_into_as_many_segments(sample: Path, four: Path) -> None:
    one = riskmap.assess(sample, cache=False)
    many = riskmap.assess(four, cache=False)
    assert len(many.segments) == pytest.approx(TIMES * len(one.segments), rel=0.002)
    assert len(many.junctions) == TIMES * len(one.junctions)
    assert len(many.rail_crossings) == TIMES * len(one.rail_crossings)
