"""Stations, posts and areas of a brigade, put on the roads of a small town."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import shapely
from brigade import RULES, numbers, template
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import CRS, area, extract, layer, street

from riskmap import staffing
from riskmap.area import Area
from riskmap.errors import RiskmapError
from riskmap.places import WGS84, in_crs
from riskmap.staffing import (
    Forbidden,
    Limits,
    Place,
    Post,
    Resources,
    Squadron,
    Station,
    Town,
)

EAST, NORTH = 500_000.0, 5_000_000.0
"""Where the town is, in metres."""


def degrees(x: float, y: float) -> tuple[float, float]:
    """Degrees of a corner of the town."""
    point = np.array([shapely.Point(EAST + x, NORTH + y)], dtype=object)
    found = in_crs(point, WGS84, source=CRS)[0]
    return found.x, found.y


def post(place: Place, name: str = "p") -> Post:
    return Post(name, name, name, place, (), ("school",), 2)


@pytest.fixture(scope="module")
def town() -> Area:
    """A road east for 3 km, its middle kilometre a tunnel; a motorway beside it, a lane south."""

    def at(x: float, y: float) -> tuple[float, float]:
        return EAST + x, NORTH + y

    return area(
        extract([
            street(at(0, 0), at(1000, 0), highway="primary"),
            street(at(1000, 0), at(2000, 0), highway="primary", tunnel="yes"),
            street(at(2000, 0), at(3000, 0), highway="primary"),
            street(at(0, 600), at(3000, 600), highway="motorway"),
            street(at(0, 0), at(0, -500), at(0, -1000), highway="residential"),
        ]),
        layer("school"),
    )


@pytest.fixture(scope="module")
def plain() -> Resources:
    """One squadron with its station at the lane's end."""
    own = numbers(posts=2)
    (squadron,) = own.squadrons
    return replace(own, squadrons=(replace(squadron, station=Station(*degrees(0, -1000))),))


def node(town: Area, x: float, y: float) -> int:
    """Row of the node at a corner."""
    nodes = town.network.nodes
    away = np.hypot(nodes["x"] - EAST - x, nodes["y"] - NORTH - y).to_numpy()
    assert away.min() < 0.01
    return int(away.argmin())


def put(town: Area, own: Resources, *posts: Post) -> staffing.OnRoads:
    return staffing.placed(replace(own, posts=posts), town.network, nowhere=("motorway",))


def test_a_station_is_the_nearest_node(town: Area, plain: Resources) -> None:
    assert put(town, plain).stations == {"1": node(town, 0, -1000)}


def test_a_squadron_without_a_station_has_none(town: Area) -> None:
    assert put(town, numbers(posts=1)).stations == {}


def test_a_post_stands_at_the_nearer_end_of_its_stretch(town: Area, plain: Resources) -> None:
    found = put(town, plain, post(Place(*degrees(700, 20)))).posts["p"]
    assert found.node == node(town, 1000, 0)
    assert found.off_m == pytest.approx(np.hypot(300, 20), abs=0.1)
    line = town.segments.geometry.iloc[found.segment]
    assert line.distance(shapely.Point(EAST + 700, NORTH + 20)) == pytest.approx(20, abs=0.1)


def test_a_post_in_the_tunnel_is_refused_where_no_other_road_is_near(
    town: Area, plain: Resources
) -> None:
    with pytest.raises(RiskmapError, match=r"post .p.: nobody can stand at .* are in a tunnel"):
        put(town, plain, post(Place(*degrees(1500, 0))))


def test_a_post_at_the_mouth_of_the_tunnel_stands_before_it(town: Area, plain: Resources) -> None:
    found = put(town, plain, post(Place(*degrees(1010, 0)))).posts["p"]
    assert found.node == node(town, 1000, 0)
    assert not town.segments["tunnel"].iloc[found.segment]


def test_a_post_on_a_motorway_is_refused(town: Area, plain: Resources) -> None:
    with pytest.raises(RiskmapError, match="in a tunnel or on a bridge, a motorway; move it"):
        put(town, plain, post(Place(*degrees(1500, 600))))


def test_a_place_too_far_from_a_road_is_refused_with_how_far(town: Area, plain: Resources) -> None:
    (squadron,) = plain.squadrons
    away = replace(squadron, station=Station(*degrees(-600, -500)))
    said = "station of squadron .1.: .* lies 600 m from the nearest road .* at most 500 m"
    with pytest.raises(RiskmapError, match=said):
        put(town, replace(plain, squadrons=(away,)))
    with pytest.raises(RiskmapError, match=r"post 'p': .* lies 101 m .* at most 100 m"):
        put(town, plain, post(Place(*degrees(-101, -500))))
    assert put(town, plain, post(Place(*degrees(-99, -500)))).posts


def test_a_place_on_the_other_side_of_the_earth_is_refused(town: Area, plain: Resources) -> None:
    (squadron,) = plain.squadrons
    for lon, lat in ((-63.0, -45.0), (117.0, -90.0), (9.5, 47.1)):
        away = replace(squadron, station=Station(lon, lat))
        with pytest.raises(RiskmapError, match="from the nearest road of this area"):
            put(town, replace(plain, squadrons=(away,)))


def test_places_may_be_named_by_node_or_segment(town: Area, plain: Resources) -> None:
    ids = town.network.nodes["node_id"]
    at_node = put(town, plain, post(Place(node=int(ids.iloc[node(town, 3000, 0)])))).posts["p"]
    assert (at_node.node, at_node.off_m) == (node(town, 3000, 0), 0.0)
    row = int(np.flatnonzero(town.segments["road_class"] == "residential")[0])
    found = put(town, plain, post(Place(segment_id=town.segments.index[row]))).posts["p"]
    assert found.segment == row


def test_a_node_between_two_ends_is_the_piece_that_it_lies_on(
    town: Area, plain: Resources
) -> None:
    on = town.network.on_road
    inner = ~on["node_id"].isin(town.network.nodes["node_id"])
    found = put(town, plain, post(Place(node=int(on.loc[inner, "node_id"].iloc[0])))).posts["p"]
    assert town.segments["road_class"].iloc[found.segment] == "residential"


@pytest.mark.parametrize("place", [Place(node=99), Place(segment_id="w9.1-2.3")])
def test_a_node_or_segment_of_elsewhere_is_refused(
    town: Area, plain: Resources, place: Place
) -> None:
    with pytest.raises(RiskmapError, match=f"post 'p': {place} is not in this area; take"):
        put(town, plain, post(place))


def test_a_forbidden_place_is_its_nearest_node_and_all_within_its_radius(
    town: Area, plain: Resources
) -> None:
    place = Place(*degrees(10, 0))

    def barred(radius_m: float) -> set[int]:
        own = replace(plain, forbidden=(Forbidden("f", "", "", place, radius_m),))
        return set(put(town, own).forbidden)

    assert barred(0) == {node(town, 0, 0)}
    assert barred(995) == {node(town, 0, 0), node(town, 0, 600), node(town, 1000, 0)}


def test_a_post_where_none_may_be_is_refused(town: Area, plain: Resources) -> None:
    own = replace(plain, forbidden=(Forbidden("f", "", "", Place(*degrees(10, 0)), 50),))
    with pytest.raises(RiskmapError, match="post 'p': it lies where a forbidden place allows no"):
        put(town, own, post(Place(*degrees(0, 5))))


def test_areas_are_polygons_or_nearest_places_or_everything(town: Area, plain: Resources) -> None:
    (base,) = plain.squadrons
    corners = [degrees(x, y) for x, y in ((-100, -1100), (100, -1100), (100, -50), (-100, -50))]
    own = replace(plain, squadrons=(
        replace(base, id="lane", area=shapely.Polygon(corners)),
        replace(base, id="west", towns=(Town("w", *degrees(0, 0)),)),
        replace(base, id="east", towns=(Town("e", *degrees(3000, 0)),)),
        base,
    ))  # fmt: skip
    found = put(town, own).areas
    assert set(town.segments["road_class"][found["lane"]]) == {"residential"}
    middle = shapely.get_coordinates(shapely.centroid(town.segments.geometry.to_numpy()))[:, 0]
    assert (found["west"] == (middle < EAST + 1500)).all()
    assert (found["west"] ^ found["east"]).all()
    assert found["1"].all()


def test_a_squadron_whose_area_has_no_road_is_refused(town: Area, plain: Resources) -> None:
    (base,) = plain.squadrons
    own = replace(plain, squadrons=(replace(base, area=shapely.box(9, 47, 10, 48)),))
    with pytest.raises(RiskmapError, match="squadron '1': no road of this area lies in its own"):
        put(town, own)


@given(st.floats(-400, 3400), st.floats(-1400, 1000))
@settings(max_examples=80)
def test_a_post_is_put_near_where_one_may_stand_or_refused(
    town: Area, plain: Resources, x: float, y: float
) -> None:
    place = partial(post, Place(*degrees(x, y)))
    point = shapely.Point(EAST + x, NORTH + y)
    segments = town.segments
    open_ = ~segments["tunnel"] & (segments["road_class"] != "motorway")
    away = segments.geometry.distance(point)
    if away[open_].min() < 99.5:
        found = put(town, plain, place()).posts["p"]
        assert away.iloc[found.segment] == pytest.approx(away[open_].min(), abs=0.5)
        edge = town.network.edges.iloc[segments["edge"].iloc[found.segment]]
        assert found.node in (edge["u"], edge["v"])
    elif away[open_].min() > 100.5:
        with pytest.raises(RiskmapError, match="post 'p'"):
            put(town, plain, place())


def test_the_template_keeps_the_limits_that_it_repeats() -> None:
    assert template().limits == Limits.of(RULES)


def test_equal_squadrons_are_equal_with_their_areas() -> None:
    box = shapely.box(0, 0, 1, 1)
    one, other = (Squadron("1", "", "", None, 2, area=box) for _ in range(2))
    assert one == other
