"""Cutting: a town of three streets by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from streets import block, extract, rules, street, thing

from riskmap import segments
from riskmap.errors import RiskmapError
from riskmap.segments import Network


def _cut(*ways: object, things: Sequence[object] = ()) -> Network:
    return segments.cut(extract(list(ways), list(things)), rules())  # type: ignore[arg-type]


def test_roads_are_cut_where_they_meet_and_into_even_pieces() -> None:
    network = _cut(street((0, 0), (250, 0), (400, 0)), street((250, 0), (250, 90)))
    assert network.segments.index.tolist() == [
        "w1.1-2.1", "w1.1-2.2", "w1.1-2.3", "w1.2-3.1", "w1.2-3.2", "w2.2-4.1",
    ]  # fmt: skip
    lengths = [250 / 3] * 3 + [75, 75, 90]
    np.testing.assert_allclose(network.segments["length_m"], lengths)
    assert shapely.length(network.segments.geometry.to_numpy()).sum() == pytest.approx(490)


def test_a_cut_falls_between_corners_and_keeps_them() -> None:
    network = _cut(street((0, 0), (60, 0), (60, 60), (120, 60)))
    first, second = network.segments.geometry
    assert list(first.coords) == [(0, 0), (60, 0), (60, 30)]
    assert list(second.coords) == [(60, 30), (60, 60), (120, 60)]


def test_a_stretch_of_a_hundred_metres_stays_whole() -> None:
    assert len(_cut(street((0, 0), (100, 0))).segments) == 1
    assert len(_cut(street((0, 0), (101, 0))).segments) == 2


def _names(network: Network) -> list[str]:
    return network.segments.index.tolist()


def test_a_way_that_runs_twice_between_two_nodes_has_two_names() -> None:
    out, back = [(0.0, 0.0), (50.0, 0.0), (90.0, 0.0)], [(50.0, 50.0), (0.0, 0.0), (90.0, 0.0)]
    assert _names(_cut(street(*out, *back))) == ["w1.1-3.1", "w1.3-1.1", "w1.3-1.2", "w1.1-3.2.1"]


def test_a_way_that_meets_itself_is_cut_there() -> None:
    loop = _cut(street((0, 0), (90, 0), (90, 60), (30, 60), (90, 0)))
    assert _names(loop)[0] == "w1.1-2.1"
    assert {name.rsplit(".", 1)[0] for name in _names(loop)[1:]} == {"w1.2-2"}
    assert loop.segments["length_m"].sum() == pytest.approx(90 + 60 + 60 + 60 * 2**0.5)
    assert loop.segments["length_m"].max() <= 100
    assert loop.junctions["approaches"].tolist() == [3]


def test_a_ring_alone_is_whole_and_has_no_junction() -> None:
    ring = _cut(street((0, 0), (50, 0), (50, 50), (0, 50), (0, 0)))
    assert _names(ring) == ["w1.1-1.1", "w1.1-1.2"]
    assert ring.segments["length_m"].tolist() == [100, 100]
    assert ring.junctions.empty
    assert ring.graph().nnz == 0


def test_a_dead_end_is_an_end_and_no_junction() -> None:
    network = _cut(street((0, 0), (90, 0)), street((90, 0), (180, 0)))
    assert network.junctions.empty
    assert network.edges[["ju", "jv"]].to_numpy().tolist() == [[-1, -1], [-1, -1]]
    assert sorted(network.nodes["node_id"]) == [1, 2, 3]


def test_a_node_that_stands_twice_in_a_row_adds_nothing() -> None:
    once = _cut(street((0, 0), (50, 0), (90, 0)), street((50, 0), (50, 40)))
    twice = _cut(street((0, 0), (50, 0), (50, 0), (90, 0)), street((50, 0), (50, 40)))
    assert _names(once) == _names(twice)
    np.testing.assert_allclose(once.segments["length_m"], twice.segments["length_m"])
    assert once.junctions["approaches"].tolist() == twice.junctions["approaches"].tolist() == [3]


def test_two_roads_between_the_same_nodes_stay_two() -> None:
    network = _cut(
        street((0, 0), (80, 0), maxspeed="36"), street((0, 0), (40, 30), (80, 0), maxspeed="72")
    )
    assert _names(network) == ["w1.1-2.1", "w2.1-2.1"]
    node = {int(ref): row for row, ref in enumerate(network.nodes["node_id"])}
    assert network.graph()[node[1], node[2]] == pytest.approx(100 / 20)


lengths = st.lists(st.floats(1, 900), min_size=1, max_size=6)


@given(lengths)
def test_pieces_of_a_stretch_are_even_and_add_up_to_the_way(steps: list[float]) -> None:
    ends = np.concatenate([[0], np.cumsum(steps)])
    # a bend at every second corner, so that cuts fall before, between and behind bends
    network = _cut(street(*[(float(x), 7.0 * (n % 2)) for n, x in enumerate(ends)]))
    whole = np.hypot(np.diff(ends), 7.0).sum()
    pieces = network.edges["pieces"].iloc[0]
    along = network.edges["length_m"].iloc[0] / pieces
    assert network.segments["length_m"].sum() == pytest.approx(whole, rel=1e-9)
    assert along <= 100.001
    np.testing.assert_allclose(network.segments["length_m"], along, rtol=1e-6)
    last = [line.coords[-1] for line in network.segments.geometry][:-1]
    assert last == [line.coords[0] for line in network.segments.geometry][1:]


def test_three_arms_are_a_junction_and_two_are_not() -> None:
    network = _cut(
        street((0, 0), (200, 0)), street((200, 0), (400, 0)), street((200, 0), (200, 200)),
        street((400, 0), (600, 0)),
    )  # fmt: skip
    assert network.junctions["approaches"].tolist() == [3]
    assert network.junctions.index.tolist() == ["j2"]


def test_junctions_nearer_than_fifteen_metres_are_one() -> None:
    def two(apart: float) -> Network:
        return _cut(
            street((0, 0), (200, 0), (200 + apart, 0), (400, 0)), street((200, 0), (200, 200)),
            street((200 + apart, 0), (200 + apart, -200)),
        )  # fmt: skip

    assert two(14).junctions["approaches"].tolist() == [4]
    assert two(16).junctions["approaches"].tolist() == [3, 3]


def test_a_roundabout_is_one_junction() -> None:
    ring = street((0, 0), (20, 20), (40, 0), (20, -20), (0, 0), junction="roundabout")
    network = _cut(
        ring, street((0, 0), (-200, 0)), street((20, 20), (20, 200)), street((40, 0), (240, 0))
    )
    assert network.junctions["approaches"].tolist() == [3]
    assert network.junctions["control"].tolist() == ["roundabout"]


def test_control_is_what_is_mapped_within_reach_and_else_unknown() -> None:
    ways = [street((0, 0), (200, 0), (400, 0)), street((200, 0), (200, 200))]
    assert _cut(*ways).junctions["control"].tolist() == ["unknown"]
    near, far = thing((200, 20), highway="traffic_signals"), thing((200, 40), highway="stop")
    assert _cut(*ways, things=[near]).junctions["control"].tolist() == ["signals"]
    assert _cut(*ways, things=[far]).junctions["control"].tolist() == ["unknown"]


def test_the_class_step_is_between_the_highest_and_the_lowest_road() -> None:
    network = _cut(
        street((0, 0), (200, 0), (400, 0), highway="primary"),
        street((200, 0), (200, 200), highway="residential"),
    )
    assert network.junctions["class_rank"].tolist() == [6]
    assert network.junctions["class_step"].tolist() == [4]


def test_the_graph_follows_oneway_streets_and_speeds() -> None:
    network = _cut(
        street((0, 0), (90, 0), oneway="yes", maxspeed="36"), street((90, 0), (90, 90)),
        street((0, 0), (0, 90), oneway="-1", maxspeed="20 mph"),
    )  # fmt: skip
    graph = network.graph()
    node = {int(ref): row for row, ref in enumerate(network.nodes["node_id"])}
    assert graph[node[1], node[2]] == pytest.approx(9.0)
    assert graph[node[2], node[1]] == 0
    assert graph[node[1], node[4]] == 0
    assert graph[node[4], node[1]] == pytest.approx(90 / (20 * 1.609344 / 3.6))
    assert graph[node[2], node[3]] == graph[node[3], node[2]] > 0


@pytest.mark.parametrize(
    ("tag", "kph", "source"),
    [("50", 50, "map"), ("30 mph", 48.28, "map"), ("walk", 7, "map"), ("fast", 60, "prior"),
     ("0", 60, "prior"), ("none", 60, "prior")],
)  # fmt: skip
def test_a_speed_that_the_map_does_not_say_is_assumed_and_marked(
    tag: str, kph: float, source: str
) -> None:
    found = _cut(street((0, 0), (90, 0), maxspeed=tag)).segments.iloc[0]
    assert found["maxspeed_kph"] == pytest.approx(kph, abs=0.01)
    assert found["speed_source"] == source


def test_the_carriageways_of_a_divided_road_know_each_other() -> None:
    network = _cut(
        street((0, 0), (90, 0), oneway="yes", name="A"),
        street((90, 20), (0, 20), oneway="yes", name="A"),
        street((0, 40), (90, 40), oneway="yes", name="A"),
        street((90, -20), (0, -20), oneway="yes", name="B"),
    )
    assert network.segments["pair_id"].tolist() == ["w2.3-4.1", "w1.1-2.1", "w2.3-4.1", ""]


def _grid(count: int) -> list[object]:
    """Streets 60 m apart that meet in count × count junctions."""
    end = 60.0 * (count + 1)
    corners = [60.0 * (n + 1) for n in range(count)]
    along = [street((0, y), *((x, y) for x in corners), (end, y)) for y in corners]
    across = [street((x, 0), *((x, y) for y in corners), (x, end)) for x in corners]
    return [*along, *across]


def test_a_lone_road_is_rural() -> None:
    assert set(_cut(street((0, 0), (300, 0))).segments["area"]) == {"rural"}


def test_built_up_land_makes_a_road_urban() -> None:
    land = block(-10, -10, 120, 20, landuse="residential")
    areas = _cut(street((0, 0), (400, 0)), things=[land]).segments["area"].tolist()
    assert areas == ["urban", "rural", "rural", "rural"]


def test_a_place_needs_junctions_around_and_many_junctions_need_no_place() -> None:
    place = thing((100, 100), place="village")
    assert set(_cut(street((0, 0), (300, 0)), things=[place]).segments["area"]) == {"rural"}
    assert set(_cut(*_grid(3)).segments["area"]) == {"rural"}
    assert set(_cut(*_grid(3), things=[place]).segments["area"]) == {"urban"}
    middle = _cut(*_grid(5)).segments.loc["w3.19-20.1"]
    assert middle["area"] == "urban"


def test_ways_without_length_are_left_out() -> None:
    network = _cut(street((0, 0), (90, 0)), street((5, 5), (5, 5)))
    assert network.segments.index.tolist() == ["w1.1-2.1"]


def test_every_node_of_a_road_knows_its_piece() -> None:
    network = _cut(street((0, 0), (150, 0), (200, 0)))
    found = network.on_road.set_index("node_id")["segment"]
    assert found.to_dict() == {1: 0, 2: 1, 3: 1}


def test_roads_without_any_length_are_refused() -> None:
    with pytest.raises(RiskmapError, match="no length"):
        _cut(street((5, 5), (5, 5)))


def test_a_motorway_is_oneway_unless_the_map_says_otherwise() -> None:
    def oneway(**tags: str) -> int:
        return int(_cut(street((0, 0), (90, 0), **tags)).segments["oneway"].iloc[0])

    assert oneway(highway="motorway") == 1
    assert oneway(highway="motorway", oneway="no") == 0
    assert oneway(junction="roundabout") == 1
    assert oneway() == oneway(oneway="no") == oneway(oneway="reversible") == 0
    assert oneway(oneway="-1") == -1


def test_bridges_tunnels_and_levels_are_kept() -> None:
    found = _cut(
        street((0, 0), (90, 0), bridge="viaduct", layer="2"), street((0, 9), (90, 9), tunnel="yes"),
        street((0, 18), (90, 18), bridge="no", tunnel="no", layer="ground"),
    ).segments  # fmt: skip
    assert found["bridge"].tolist() == [True, False, False]
    assert found["tunnel"].tolist() == [False, True, False]
    assert found["level"].tolist() == [2, 0, 0]
