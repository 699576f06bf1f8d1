"""Every relation on straight streets, by hand."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from streets import (
    Thing,
    Way,
    area,
    block,
    effect,
    extract,
    layer,
    relief,
    source,
    street,
    thing,
)

from riskmap import relations
from riskmap.layers import Layer, Question

ROAD = [street((0.0, 0.0), (100.0, 0.0))]


def touched(ways: Sequence[Way], things: Sequence[Thing], rule: Layer) -> dict[str, float]:
    """Touch of each segment that the layer touches."""
    found = area(extract(ways, things), rule).touched(rule.name)["touch"]
    return {name: round(float(value), 6) for name, value in found.items()}


def on_road(things: Sequence[Thing], rule: Layer, ways: Sequence[Way] = ROAD) -> float:
    """Touch of the only segment."""
    (value,) = touched(ways, things, rule).values() or (0.0,)
    return value


# --- decay -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("triangular", [1, 1, 0.5, 0, 0]),
        ("flat", [1, 1, 1, 1, 0]),
        ("exponential", [1, 1, math.exp(-1.5), math.exp(-3), 0]),
    ],
)
def test_a_decay_is_full_up_to_full_m_and_over_beyond_reach_m(
    kind: str, expected: list[float]
) -> None:
    distance = np.array([0.0, 20.0, 60.0, 100.0, 100.1])
    found = relations.decay(distance, full_m=20, reach_m=100, kind=kind)
    assert found == pytest.approx(np.array(expected))


# --- near --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distance", "expected"), [(0, 1), (20, 1), (60, 0.5), (99, 0.0125), (100, 0), (150, 0)]
)
def test_near_falls_with_the_distance_from_the_road(distance: float, expected: float) -> None:
    things = [thing((50.0, distance), amenity="school")]
    assert on_road(things, layer(full_m=20, reach_m=100)) == pytest.approx(expected)


def test_a_school_out_of_reach_adds_nothing() -> None:
    near_one = [*ROAD, street((0.0, 500.0), (100.0, 500.0))]
    things = [thing((50.0, 10.0), amenity="school")]
    assert touched(near_one, things, layer()) == {"w1.1-2.1": 0.9}


def test_the_nearest_school_counts() -> None:
    things = [thing((50.0, y), amenity="school") for y in (30.0, 80.0, 60.0)]
    assert on_road(things, layer()) == pytest.approx(0.7)


def test_a_road_through_an_area_is_near_it() -> None:
    assert on_road([block(-500, -500, 1000, 1000, amenity="school")], layer(reach_m=1)) == 1


def test_other_tags_do_not_make_a_feature() -> None:
    things = [thing((50.0, 1.0), amenity="pub"), thing((50.0, 1.0), shop="school")]
    assert on_road(things, layer()) == 0


def test_all_keys_of_a_source_must_hold() -> None:
    rule = layer(osm={"amenity": ("school",), "operator": ("*",)})
    assert on_road([thing((50.0, 0.5), amenity="school")], rule) == 0
    assert on_road([thing((50.0, 0.0), amenity="school", operator="x")], rule) == 1


def test_sources_are_alternatives() -> None:
    rule = layer(sources=(source({"shop": ("*",)}), source({"amenity": ("pub",)})))
    assert on_road([thing((50.0, 0.0), amenity="pub")], rule) == 1
    assert on_road([thing((50.0, 0.0), shop="bakery")], rule) == 1


def test_a_capped_sum_adds_amounts_by_closeness() -> None:
    sources = (source({"shop": ("*",)}), source({"amenity": ("pub",)}, amount=2.0))
    rule = layer(sources=sources, combine="capped_sum", cap=5)
    shops = [thing((50.0, y), shop="bakery") for y in (0.0, 50.0, 100.0, 300.0)]
    pub = thing((20.0, 25.0), amenity="pub")
    # 1 + ½ + 0 + 0 shops and 2 · ¾ of a pub, of 5
    assert on_road([*shops, pub], rule) == pytest.approx((1 + 0.5 + 2 * 0.75) / 5)


def test_a_log_sum_grows_by_the_logarithm() -> None:
    rule = layer(osm={"shop": ("*",)}, combine="log_sum", cap=20, decay="flat")
    shops = [thing((10.0 + n, 40.0), shop="bakery") for n in range(6)]
    assert on_road(shops, rule) == pytest.approx(math.log(7) / math.log(21), abs=1e-6)


@pytest.mark.parametrize("combine", ["capped_sum", "log_sum"])
def test_a_sum_is_never_more_than_full_touch(combine: str) -> None:
    shops = [thing((50.0, 0.0), shop="bakery")] * 9
    assert on_road(shops, layer(osm={"shop": ("*",)}, combine=combine, cap=4)) == 1


def test_an_area_smaller_than_asked_is_no_feature() -> None:
    rule = layer(sources=(source({"natural": ("water",)}, min_area_m2=200),))
    assert on_road([block(40, 0, 10, 19, natural="water")], rule) == 0
    assert on_road([block(40, 0, 10, 21, natural="water")], rule) == 1


def test_an_area_that_the_border_cuts_is_larger_than_what_is_left() -> None:
    rule = layer(sources=(source({"natural": ("water",)}, min_area_m2=200),))
    town = extract(ROAD, [block(40, 0, 10, 19, natural="water")])
    town.features["clipped"] = True
    assert len(area(town, rule).touched("school")) == 1


# --- along -------------------------------------------------------------------------------------

WATER = {"osm": {"waterway": ("river",)}, "relation": "along", "full_m": 5.0, "reach_m": 20.0}


def river(*corners: tuple[float, float]) -> Thing:
    return thing(shapely.LineString(corners), waterway="river")


@pytest.mark.parametrize(("distance", "expected"), [(0, 1), (5, 1), (12.5, 0.5), (20, 0)])
def test_along_falls_with_the_distance_beside(distance: float, expected: float) -> None:
    things = [river((-200, distance), (300, distance))]
    assert on_road(things, layer("water", **WATER)) == pytest.approx(expected)


def test_along_counts_the_share_of_the_road_that_runs_beside() -> None:
    # 200 m are two pieces; flat within 5 m: the bank ends 40 m into the second
    ways = [street((0.0, 0.0), (200.0, 0.0))]
    rule = layer("water", **{**WATER, "full_m": 0.0, "reach_m": 5.0, "decay": "flat"})
    found = touched(ways, [river((-50, 5), (140, 5))], rule)
    assert found == {"w1.1-2.1": 1.0, "w1.1-2.2": 0.4}


def test_a_road_that_crosses_a_river_hardly_runs_along_it() -> None:
    found = on_road([river((50, -500), (50, 500))], layer("water", **WATER))
    # 10 m full and two slopes of 15 m, of 100 m
    assert found == pytest.approx((10 + 15) / 100, abs=0.01)


def test_a_road_inside_an_area_runs_along_it() -> None:
    rule = layer("water", **{**WATER, "osm": {"natural": ("water",)}})
    assert on_road([block(-500, -500, 1000, 1000, natural="water")], rule) == 1


def test_along_a_winding_outline_is_the_mean_over_points_every_five_metres() -> None:
    x = np.linspace(-30, 330, 181)
    winding = shapely.LineString(np.column_stack([x, 9 + 8 * np.sin(x / 17)]))
    ways = [street((0.0, 0.0), (300.0, 0.0))]
    found = touched(ways, [thing(winding, waterway="river")], layer("water", **WATER))
    for piece in range(3):
        closeness = []
        for n in range(20):
            metres = winding.distance(shapely.Point(piece * 100 + 2.5 + 5 * n, 0))
            closeness.append(min(1.0, max(0.0, (20 - metres) / 15)))
        assert found[f"w1.1-2.{piece + 1}"] == pytest.approx(sum(closeness) / 20, abs=1e-6)


def test_the_outline_of_an_area_is_measured_whole() -> None:
    # a lake with 200 corners: its index holds parts, the distance is to all of it
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    lake = shapely.Polygon(np.column_stack([50 + 60 * np.cos(angle), 70 + 60 * np.sin(angle)]))
    rule = layer("water", **{**WATER, "osm": {"natural": ("water",)}})
    metres = [lake.distance(shapely.Point(2.5 + 5 * n, 0)) for n in range(20)]
    expected = sum(min(1.0, max(0.0, (20 - d) / 15)) for d in metres) / 20
    assert on_road([thing(lake, natural="water")], rule) == pytest.approx(expected, abs=1e-6)


# --- where -------------------------------------------------------------------------------------


@pytest.mark.parametrize("relation", ["near", "along", "crosses"])
@pytest.mark.parametrize(
    ("where", "met", "missed"),
    [
        ({"bridge": False}, {}, {"bridge": "yes"}),
        ({"bridge": True}, {"bridge": "yes"}, {}),
        ({"tunnel": False}, {}, {"tunnel": "yes"}),
        ({"oneway": False}, {}, {"oneway": "-1"}),
        ({"road_class": ("primary", "trunk")}, {"highway": "trunk"}, {"highway": "secondary"}),
    ],
)
def test_only_roads_that_meet_where_are_touched(
    relation: str, where: dict[str, object], met: dict[str, str], missed: dict[str, str]
) -> None:
    ways = [street((0.0, 0.0), (90.0, 0.0), **met), street((0.0, 0.0), (90.0, 9.0), **missed)]
    rule = layer(relation=relation, where=where, reach_m=10)
    found = touched(ways, [thing((0.0, 0.0), amenity="school")], rule)
    assert list(found) == ["w1.1-2.1"]


@pytest.mark.parametrize("relation", ["near", "along", "crosses"])
def test_only_roads_of_the_area_in_where_are_touched(relation: str) -> None:
    ways = [street((0.0, 0.0), (90.0, 0.0)), street((0.0, 0.0), (-90.0, 0.0))]
    things = [
        thing((0.0, 0.0), amenity="school"), block(10, -20, 100, 40, landuse="residential")
    ]
    for where, expected in (("urban", "w1.1-2.1"), ("rural", "w2.1-3.1")):
        rule = layer(relation=relation, where={"area": where}, reach_m=10)
        assert list(touched(ways, things, rule)) == [expected]


def test_only_junctions_that_meet_where_are_touched() -> None:
    rule = layer(relation="at_junction", reach_m=30, where={"area": "urban"})
    assert touched(STAR, [], _every_junction(rule)) == {}


# --- at_junction -------------------------------------------------------------------------------

STAR = [
    street((0.0, 0.0), (250.0, 0.0), highway="primary"),
    street((0.0, 0.0), (-250.0, 0.0), highway="primary"),
    street((0.0, 0.0), (0.0, 90.0), highway="residential"),
]


def _every_junction(rule: Layer) -> Layer:
    return layer(
        rule.name, relation="at_junction", reach_m=rule.touch.reach_m, where=rule.touch.where,
        sources=(source(network={"approaches": (3.0, math.inf)}),),
    )  # fmt: skip


def test_a_junction_touches_the_first_metres_of_its_approaches_over_several_pieces() -> None:
    rule = _every_junction(layer(relation="at_junction", reach_m=100))
    # 250 m are three pieces of 83.3 m: the second is reached for 16.7 m
    fifth = round((100 - 250 / 3) / (250 / 3), 6)
    assert touched(STAR, [], rule) == {
        "w1.1-2.1": 1, "w1.1-2.2": fifth, "w2.1-3.1": 1, "w2.1-3.2": fifth, "w3.1-4.1": 1,
    }  # fmt: skip


def test_the_pieces_are_counted_from_the_end_that_meets_the_junction() -> None:
    rule = _every_junction(layer(relation="at_junction", reach_m=50))
    turned = [street((250.0, 0.0), (0.0, 0.0), highway="primary"), *STAR[1:]]
    half = round(50 / (250 / 3), 6)
    assert touched(turned, [], rule)["w1.1-2.3"] == half


def test_the_junction_itself_is_touched_whole() -> None:
    rule = _every_junction(layer(relation="at_junction", reach_m=30))
    found = area(extract(STAR), rule)
    (column,) = found.columns
    links = len(found.segments)
    assert column.touch[column.rows == links].tolist() == [1.0]


def test_a_minor_road_that_meets_a_major_one_makes_the_junction() -> None:
    star = _every_junction(layer())
    for minor, major, expected in [
        (("residential",), ("primary",), 1),
        (("service",), ("primary",), 0),
        (("residential",), ("trunk",), 0),
    ]:
        rule = layer(
            relation="at_junction", sources=star.sources, minor=minor, major=major, reach_m=10
        )
        assert len(area(extract(STAR), rule).features("school")) == expected


@pytest.mark.parametrize(("control", "expected"), [(("signals",), 1), (("unknown", "stop"), 0)])
def test_a_layer_asks_for_the_control_of_the_junction(
    control: tuple[str, ...], expected: int
) -> None:
    signals = [thing((10.0, 3.0), highway="traffic_signals")]
    sources = _every_junction(layer()).sources
    rule = layer(relation="at_junction", sources=sources, control=control)
    assert len(area(extract(STAR, signals), rule).features("school")) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"approaches": (3.0, 3.0)}, 1),
        ({"approaches": (4.0, math.inf)}, 0),
        ({"class_step": (4.0, 4.0)}, 1),
        ({"class_rank": (7.0, math.inf)}, 0),
        ({"control": ("unknown",)}, 1),
        ({"control": ("unknown",), "approaches": (4.0, 9.0)}, 0),
        ({"entering_flow": (1.0, math.inf)}, 1),
        ({"centrality": (1.0, 1.0)}, 1),
    ],
)
def test_a_network_source_asks_for_quantities_of_the_junction(
    asked: dict[str, tuple[float, float]], expected: int
) -> None:
    rule = layer(relation="at_junction", sources=(source(network=asked),))
    assert len(area(extract(STAR), rule).features("school")) == expected


TWO_STARS = [
    street((0.0, 0.0), (500.0, 0.0), (900.0, 0.0)),
    street((0.0, 0.0), (-90.0, 0.0)),
    street((0.0, 0.0), (0.0, 90.0)),
    street((500.0, 0.0), (500.0, 90.0)),
]


def test_the_brigades_list_adds_to_what_the_network_says(tmp_path: Path) -> None:
    assert _listed(tmp_path, overrides=False) == ["j1", "j2"]


def test_the_brigades_list_replaces_the_rest_where_it_overrides(tmp_path: Path) -> None:
    assert _listed(tmp_path, overrides=True) == ["j2"]


def _listed(folder: Path, *, overrides: bool) -> list[str]:
    """Junctions of a layer that knows j1 by a mapped feature and j2 by the brigade's list."""
    town = extract(TWO_STARS, [thing((1.0, 1.0), hazard="traffic_jam")])
    at = pd.Series(shapely.points([505.0], [4.0]))
    place = gpd.GeoSeries(at, crs=town.crs).to_crs("EPSG:4326")[0]
    (folder / "jam.csv").write_text(f"lon,lat\n{place.x:.8f},{place.y:.8f}\n", encoding="utf-8")
    sources = (
        source({"hazard": ("traffic_jam",)}),
        source(network={"approaches": (4.0, 9.0)}),
        source(file="jam.*", overrides=overrides),
    )
    rule = layer("jam", effect("queue"), relation="at_junction", sources=sources)
    return sorted(area(town, rule, points=folder).features("jam")["osm_id"])


def test_mapped_features_override_nothing() -> None:
    town = extract(TWO_STARS, [thing((1.0, 1.0), hazard="traffic_jam")])
    sources = (
        source({"hazard": ("traffic_jam",)}),
        source(network={"approaches": (3.0, 9.0)}),
        source(file="jam.*", overrides=True),
    )
    rule = layer("jam", effect("queue"), relation="at_junction", sources=sources)
    assert sorted(area(town, rule).features("jam")["osm_id"]) == ["j1", "j2"]


def test_a_list_that_overrides_replaces_mapped_features_of_any_relation(tmp_path: Path) -> None:
    town = extract(ROAD, [thing((50.0, 0.0), amenity="school")])
    rule = layer(sources=(source({"amenity": ("school",)}), source(file="s.csv", overrides=True)))
    place = gpd.GeoSeries([shapely.Point(50.0, 9.0)], crs=town.crs).to_crs("EPSG:4326")[0]
    (tmp_path / "s.csv").write_text(f"lon,lat\n{place.x:.8f},{place.y:.8f}\n", encoding="utf-8")
    assert area(town, rule, points=tmp_path).features("school")["osm_id"].tolist() == ["s.csv:2"]


def test_a_listed_point_far_from_any_junction_is_none() -> None:
    town = extract(TWO_STARS, [thing((250.0, 0.0), hazard="traffic_jam")])
    rule = layer("jam", relation="at_junction", osm={"hazard": ("traffic_jam",)})
    assert area(town, rule).features("jam").empty


# --- crosses -----------------------------------------------------------------------------------

RAIL = ("rail", "narrow_gauge")


def crossing(x: float, y: float, **tags: str) -> Thing:
    return thing((x, y), railway="level_crossing", **tags)


def crossings(
    *effects: Any, beside_m: float = 4.0, questions: tuple[Question, ...] = ()
) -> Layer:
    return layer(
        "crossing", *(effects or (effect("rail"),)), osm={"railway": ("level_crossing",)},
        relation="crosses", beside_m=beside_m, where={"bridge": False, "tunnel": False},
        questions=questions,
    )  # fmt: skip


def test_a_crossing_that_is_a_node_of_the_road_touches_it() -> None:
    ways = [street((0.0, 0.0), (40.0, 0.0), (90.0, 0.0))]
    assert touched(ways, [crossing(40.0, 0.0)], crossings()) == {"w1.1-3.1": 1}


def test_a_crossing_where_two_ways_join_touches_both() -> None:
    ways = [street((0.0, 0.0), (40.0, 0.0)), street((40.0, 0.0), (90.0, 0.0))]
    assert touched(ways, [crossing(40.0, 0.0)], crossings()) == {"w1.1-2.1": 1, "w2.2-3.1": 1}


@pytest.mark.parametrize(
    ("metres", "expected"), [(1, 1), (3, 1), (4.01, 0), (5, 0), (10, 0), (20, 0), (30, 0)]
)
def test_a_crossing_beside_the_road_counts_up_to_beside_m(metres: float, expected: int) -> None:
    assert on_road([crossing(50.0, metres)], crossings()) == expected


def test_a_crossing_beside_two_roads_is_on_the_nearer() -> None:
    ways = [*ROAD, street((0.0, 5.0), (100.0, 5.0))]
    assert touched(ways, [crossing(50.0, 3.0)], crossings()) == {"w2.3-4.1": 1}


def test_a_crossing_beside_the_joint_of_two_pieces_is_on_both() -> None:
    ways = [street((0.0, 0.0), (200.0, 0.0))]
    assert touched(ways, [crossing(100.0, 3.0)], crossings()) == {"w1.1-2.1": 1, "w1.1-2.2": 1}


@pytest.mark.parametrize("above", ["bridge", "tunnel"])
def test_a_crossing_under_or_over_a_road_is_not_on_it(above: str) -> None:
    ways = [street((0.0, 0.0), (50.0, 0.0), (100.0, 0.0), **{above: "yes"})]
    assert on_road([crossing(50.0, 0.0)], crossings(), ways) == 0
    assert on_road([crossing(60.0, 2.0)], crossings(), ways) == 0


def test_a_crossing_under_a_bridge_is_on_the_road_that_runs_there() -> None:
    ways = [street((0.0, 0.0), (100.0, 0.0), bridge="yes"), street((0.0, 3.5), (100.0, 3.5))]
    assert touched(ways, [crossing(50.0, 1.0)], crossings()) == {"w2.3-4.1": 1}


def test_crossings_of_tracks_in_a_rail_yard_touch_no_road() -> None:
    yard = [crossing(50.0 + 5 * n, 60.0 + 4 * n) for n in range(6)]
    found = area(extract(ROAD, yard), crossings())
    assert found.touched("crossing").empty
    assert found.rail_crossings.empty


def test_the_tracks_of_one_crossing_are_counted() -> None:
    ways = [street((0.0, 0.0), (20.0, 0.0), (26.0, 0.0), (60.0, 0.0), (90.0, 0.0))]
    town = extract(ways, [crossing(20.0, 0.0), crossing(26.0, 0.0), crossing(60.0, 0.0)])
    assert area(town, crossings()).rail_crossings["tracks"].tolist() == [2, 2, 1]


# --- when, unknown, relieved -------------------------------------------------------------------

BARRIER = (
    effect("rail", 0.6, when={"crossing:barrier": ("yes", "full")}, unknown=0.6),
    effect("rail", 1.8, when={"crossing:barrier": ("no",)}, unknown=0.4),
)


@pytest.mark.parametrize(
    ("tags", "guarded", "unguarded"),
    [
        ({"crossing__barrier": "full"}, "yes", ""),
        ({"crossing__barrier": "no"}, "", "yes"),
        ({"crossing__barrier": "chain"}, "", ""),
        ({}, "unknown", "unknown"),
    ],
)
def test_a_tag_that_is_absent_is_unknown_and_not_no(
    tags: dict[str, str], guarded: str, unguarded: str
) -> None:
    ways = [street((0.0, 0.0), (40.0, 0.0), (90.0, 0.0))]
    found = area(extract(ways, [crossing(40.0, 0.0, **tags)]), crossings(*BARRIER))
    said = [
        "" if not len(column.rows) else "unknown" if column.unknown.all() else "yes"
        for column in found.columns
    ]
    assert said == [guarded, unguarded]
    assert all((column.touch == 1).all() for column in found.columns)


def test_what_is_known_comes_before_what_is_not() -> None:
    when = {"fenced": ("no",)}
    rule = layer("school", effect(when=when, unknown=0.5))
    things = [
        thing((50.0, 70.0), amenity="school", fenced="no"), thing((50.0, 10.0), amenity="school"),
    ]  # fmt: skip
    (column,) = area(extract(ROAD, things), rule).columns
    assert column.touch.tolist() == pytest.approx([0.3])
    assert not column.unknown.any()


def test_a_guard_rail_is_mapped_beside_the_road_or_unknown() -> None:
    ways = [*ROAD, street((0.0, 300.0), (100.0, 300.0))]
    things = [
        river((-50, 2), (150, 2)), river((-50, 302), (150, 302)),
        thing(shapely.LineString([(0, 2.5), (100, 2.5)]), barrier="guard_rail"),
        thing(shapely.LineString([(0, 303.5), (100, 303.5)]), barrier="guard_rail"),
    ]  # fmt: skip
    rule = layer("water", **WATER, relieved=relief(within_m=3))
    (column,) = area(extract(ways, things), rule).columns
    assert column.relieved is not None
    assert column.relieved.tolist() == [True, False]


def test_a_layer_without_relief_says_nothing_about_it() -> None:
    (column,) = area(extract(ROAD, [thing((50.0, 0.5), amenity="school")]), layer()).columns
    assert column.relieved is None


# --- questions ---------------------------------------------------------------------------------

QUESTION = Question({"railway": RAIL}, {"zh": "道口", "en": "A crossing?"})


def asked(ways: Sequence[Way], things: Sequence[Thing]) -> int:
    return len(area(extract(ways, things), crossings(questions=(QUESTION,))).questions)


def track(x: float = 50.0, **tags: str) -> Thing:
    return thing(shapely.LineString([(x, -50), (x, 50)]), railway="rail", **tags)


def test_a_track_across_a_road_without_a_crossing_is_a_question() -> None:
    found = area(extract(ROAD, [track()]), crossings(questions=(QUESTION,)))
    (row,) = found.questions.itertuples()
    assert (row.layer, row.text_en, row.way_ids) == ("crossing", "A crossing?", "w1, w1000")
    assert row.geometry.equals(shapely.Point(50, 0))
    assert found.touched("crossing").empty


def test_a_mapped_crossing_answers_the_question() -> None:
    assert asked(ROAD, [track(), crossing(50.0, 15.0)]) == 0
    assert asked(ROAD, [track(), crossing(50.0, 25.0)]) == 1


@pytest.mark.parametrize("tags", [{"bridge": "yes"}, {"tunnel": "yes"}, {"layer": "1"}])
def test_a_track_above_or_below_asks_nothing(tags: dict[str, str]) -> None:
    assert asked(ROAD, [track(**tags)]) == 0
    assert asked([street((0.0, 0.0), (100.0, 0.0), **tags)], [track()]) == 0


def test_a_track_where_two_pieces_meet_asks_once() -> None:
    assert asked([street((0.0, 0.0), (200.0, 0.0))], [track(100.0)]) == 1


def test_two_tracks_far_apart_ask_twice() -> None:
    assert asked([street((0.0, 0.0), (90.0, 0.0))], [track(10.0), track(80.0)]) == 2
