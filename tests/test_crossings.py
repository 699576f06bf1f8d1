"""Level crossings: on the road, beside it, under its bridge, in a yard, and open questions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from town import write

import riskmap

CROSSING = {"railway": "level_crossing"}


def _area(tmp_path: Path, nodes: dict[int, Any], ways: dict[int, Any]) -> riskmap.Area:
    return riskmap.assess(write(tmp_path / "town.osm", nodes, ways), cache=False)


def _road(**tags: str) -> dict[int, Any]:
    return {1: ([1, 2, 3], {"highway": "tertiary", **tags})}


def _rail(*refs: int, **tags: str) -> dict[int, Any]:
    return {9: (list(refs), {"railway": "rail", **tags})}


ROAD: dict[int, Any] = {1: (-200, 0), 2: (0, 0), 3: (200, 0)}
RAIL: dict[int, Any] = {4: (0, -100), 5: (0, 100)}


def test_a_crossing_that_is_a_node_of_the_road_lies_on_it(tmp_path: Path) -> None:
    nodes = {**ROAD, **RAIL, 2: (0, 0, CROSSING)}
    area = _area(tmp_path, nodes, {**_road(), **_rail(4, 2, 5)})
    assert area.rail_crossings["osm_id"].tolist() == ["n2"]
    touched = area.segments.loc[area.touched("level_crossing").index]
    assert (touched.distance(area.rail_crossings.geometry.iloc[0]) < 0.01).all()
    assert 0 < len(touched) < len(area.segments)
    assert area.questions.empty


@pytest.mark.parametrize("beside_m", [5, 12, 20, 30])
def test_a_crossing_five_to_thirty_metres_beside_a_road_is_not_on_it(
    tmp_path: Path, beside_m: float
) -> None:
    nodes = {**ROAD, 6: (0, beside_m, CROSSING), 7: (-100, beside_m), 8: (100, beside_m)}
    area = _area(tmp_path, nodes, {**_road(), **_rail(7, 6, 8)})
    assert len(area.features("level_crossing")) == 1
    assert area.rail_crossings.empty
    assert area.touched("level_crossing").empty


def test_a_crossing_mapped_a_few_metres_beside_its_road_counts(tmp_path: Path) -> None:
    nodes = {**ROAD, **RAIL, 6: (3, 3, CROSSING)}
    area = _area(tmp_path, nodes, {**_road(), **_rail(4, 6, 5)})
    assert area.rail_crossings["osm_id"].tolist() == ["n6"]
    assert area.questions.empty


def test_a_crossing_under_a_road_bridge_is_not_on_the_road(tmp_path: Path) -> None:
    nodes = {**ROAD, **RAIL, 6: (2, 2, CROSSING)}
    area = _area(tmp_path, nodes, {**_road(bridge="yes", layer="1"), **_rail(4, 6, 5)})
    assert area.rail_crossings.empty
    assert area.questions.empty


def test_crossings_of_paths_in_a_rail_yard_touch_no_road(tmp_path: Path) -> None:
    nodes = {**ROAD, **{10 + n: (n * 20, 60, CROSSING) for n in range(5)}}
    tracks = {20 + n: ([10 + n, 11 + n], {"railway": "rail", "service": "yard"}) for n in range(4)}
    area = _area(tmp_path, nodes, {**_road(), **tracks})
    assert area.rail_crossings.empty


def test_two_tracks_of_one_crossing_share_its_crashes(tmp_path: Path) -> None:
    def harm(nodes: dict[int, Any], refs: list[int]) -> float:
        ways = {1: (refs, {"highway": "tertiary"})}
        area = _area(tmp_path, nodes, ways)
        (rail,) = [family for family in area.model.families if family.kind == "rail"]
        return float(rail.summed(area.model.time.year).sum())

    one = harm({**ROAD, 2: (0, 0, CROSSING)}, [1, 2, 3])
    two = harm({**ROAD, 2: (0, 0, CROSSING), 6: (8, 0, CROSSING)}, [1, 2, 6, 3])
    assert two == pytest.approx(one)
    apart = harm({**ROAD, 2: (0, 0, CROSSING), 6: (90, 0, CROSSING)}, [1, 2, 6, 3])
    assert apart == pytest.approx(2 * one)


def test_lines_that_cross_without_a_crossing_are_a_question_and_touch_nothing(
    tmp_path: Path,
) -> None:
    area = _area(tmp_path, {**ROAD, **RAIL}, {**_road(), **_rail(4, 5)})
    assert area.rail_crossings.empty
    assert area.touched("level_crossing").empty
    assert area.questions["way_ids"].tolist() == ["w1, w9"]


@pytest.mark.parametrize("tags", [{"bridge": "yes"}, {"tunnel": "yes"}, {"layer": "-1"}])
def test_a_bridge_a_tunnel_or_another_level_answers_the_question(
    tmp_path: Path, tags: dict[str, str]
) -> None:
    for road, rail in ((tags, {}), ({}, tags)):
        area = _area(tmp_path, {**ROAD, **RAIL}, {**_road(**road), **_rail(4, 5, **rail)})
        assert area.questions.empty


def test_guixi_has_five_crossings_and_two_questions(shared: Callable[[str], Path]) -> None:
    area = riskmap.assess(shared("guixi_slim.osm.pbf"), cache=False)
    assert len(area.features("level_crossing")) == 17
    assert len(area.rail_crossings) == 5
    places = area.rail_crossings.geometry
    touched = area.segments.loc[area.touched("level_crossing").index]
    assert all(touched.distance(place).min() < 0.01 for place in places)
    assert all(places.distance(line).min() < 0.01 for line in touched.geometry)
    asked = sorted(ways.split(", ")[1] for ways in area.questions["way_ids"])
    assert asked == ["w305237017", "w305237018"]
