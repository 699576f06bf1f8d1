"""Where a unit can stand, what it reaches, how long it drives."""

import numpy as np
import pytest
from streets import Way, area, extract, rules, street

from riskmap import sites
from riskmap.area import Area
from riskmap.routes import Roads


def town(*more: Way) -> Area:
    """A main road of 2 km from west to east, a oneway side street north of its middle."""
    return area(
        extract([
            street((0.0, 0.0), (1000.0, 0.0), highway="primary", maxspeed="60"),
            street((1000.0, 0.0), (2000.0, 0.0), highway="primary", maxspeed="60"),
            street((1000.0, 0.0), (1000.0, 300.0), oneway="yes", maxspeed="30"),
            *more,
        ])
    )


def node(own: Area, x: float, y: float) -> int:
    found, away = sites.nearest(own.network, np.array([x]), np.array([y]))
    assert away[0] == pytest.approx(0.0)
    return int(found[0])


def near(own: Area, x: float, y: float) -> int:
    """Row of the segment whose middle is nearest to a point."""
    middle = own.segments.geometry.centroid
    return int(np.hypot(middle.x - x, middle.y - y).to_numpy().argmin())


def test_what_a_unit_does_halves_every_900_m_along_the_road() -> None:
    own = town()
    at = np.array([node(own, 0.0, 0.0)])
    cover = sites.reach(own.network, at, rules()["sites"]).toarray()[0]
    for x in (50.0, 950.0, 1850.0):
        assert cover[near(own, x, 0.0)] == pytest.approx(0.5 ** (x / 900.0))
    # along the road, not through the air: 1,000 m and then 250 m
    assert cover[near(own, 1000.0, 250.0)] == pytest.approx(0.5 ** (1250.0 / 900.0))


def test_a_unit_is_not_felt_beyond_its_reach() -> None:
    own = town()
    rule = rules()["sites"] | {"reach_m": 500.0}
    cover = sites.reach(own.network, np.array([node(own, 0.0, 0.0)]), rule)
    felt = [near(own, x, 0.0) for x in (50.0, 150.0, 250.0, 350.0, 450.0)]
    assert sorted(cover.indices) == sorted(felt)


@pytest.mark.parametrize("tags", [{"tunnel": "yes"}, {"bridge": "yes"}, {"highway": "motorway"}])
def test_nobody_stands_in_a_tunnel_on_a_bridge_or_on_a_motorway(tags: dict[str, str]) -> None:
    far = ((5000.0, 0.0), (5900.0, 0.0))
    own = town(street(*far, **tags))  # type: ignore[arg-type]
    worth = np.where(own.segments.geometry.centroid.x > 4000.0, 100.0, 1.0)
    found = sites.sites(own, worth)
    assert (own.segments.geometry.centroid.x.to_numpy()[found.segment] < 4000.0).all()
    asked = sites.sites(own, worth, np.array([node(own, 5000.0, 0.0)]))
    assert not len(asked.node)


def test_a_unit_stands_on_the_worst_road_that_meets_there() -> None:
    own = town()
    worst = near(own, 1000.0, 50.0)
    worth = np.ones(len(own.segments))
    worth[worst] = 5.0
    found = sites.sites(own, worth, np.array([node(own, 1000.0, 0.0)]))
    assert found.segment.tolist() == [worst]


def test_of_the_nodes_in_a_square_one_is_a_site() -> None:
    own = area(extract([street((50.0 * n, 0.0), (50.0 * n + 50.0, 0.0)) for n in range(40)]))
    found = sites.sites(own, np.ones(len(own.segments)))
    x = own.network.nodes["x"].to_numpy()[found.node]
    assert len(np.unique(np.floor(x / 150.0))) == len(x) == 14
    few = area(
        extract([street((50.0 * n, 0.0), (50.0 * n + 50.0, 0.0)) for n in range(40)]),
        parameters=rules(sites={"most": 3}),
    )
    # the middle of the road has most in its reach
    x = few.network.nodes["x"].to_numpy()[sites.sites(few, np.ones(len(few.segments))).node]
    assert len(x) == 3
    assert (np.abs(x - 1000.0) < 400.0).all()


def test_driving_keeps_to_limits_and_oneways() -> None:
    own = town()
    west, middle, north = (node(own, *p) for p in ((0.0, 0.0), (1000.0, 0.0), (1000.0, 300.0)))
    found = sites.minutes(Roads.of(own), [west, middle, north])
    assert found[0, 1] == pytest.approx(1.0)  # 1 km at 60 km/h
    assert found[1, 2] == pytest.approx(0.6)  # 300 m at 30 km/h
    assert np.isinf(found[2, 0])
    assert found.diagonal().tolist() == [0.0, 0.0, 0.0]


def test_a_way_names_every_node_and_when_it_is_passed() -> None:
    own = town()
    west, middle, north = (node(own, *p) for p in ((0.0, 0.0), (1000.0, 0.0), (1000.0, 300.0)))
    nodes, spent = sites.Ways(Roads.of(own)).way(west, north)
    assert nodes.tolist() == [west, middle, north]
    assert spent == pytest.approx([0.0, 1.0, 1.6])
    assert sites.Ways(Roads.of(own)).way(west, west)[0].tolist() == [west]
    with pytest.raises(LookupError):
        sites.Ways(Roads.of(own)).way(north, west)


def test_sites_are_joined_without_repeating() -> None:
    own = town()
    ends = [node(own, x, 0.0) for x in (0.0, 1000.0, 2000.0)]
    worth = np.ones(len(own.segments))
    one, two = (sites.sites(own, worth, np.array(ends[a:b])) for a, b in ((0, 2), (1, 3)))
    both = one.joined(two)
    assert both.node.tolist() == ends
    assert both.cover.toarray() == pytest.approx(
        sites.reach(own.network, np.array(ends), rules()["sites"]).toarray()
    )
    assert both.rows(np.array([ends[2], node(own, 1000.0, 300.0)])).tolist() == [2, -1]
