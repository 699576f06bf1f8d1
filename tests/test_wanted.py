"""Posts that were asked for on a piece of road."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from streets import area, effect, extract, layer, street, thing

from riskmap import crew, wanted
from riskmap.area import Area
from riskmap.deployment import deploy
from riskmap.errors import RiskmapError
from riskmap.standing import Task

FRIDAY = dt.date(2026, 5, 8)


@pytest.fixture(scope="module")
def own() -> Area:
    """A main road with side streets, a school far from its quiet end, and a lane on an island."""
    ways = []
    for n in range(6):
        x = 1000.0 * n
        ways += [
            street((x, 0.0), (x + 1000.0, 0.0), highway="primary", name="Main"),
            street((x, 0.0), (x, 200.0), highway="residential", name=f"Side {n}"),
        ]
    ways.append(street((0.0, 9000.0), (90.0, 9000.0), name="Island"))
    ways.append(street((50_000.0, 0.0), (50_090.0, 0.0), name="Deep", tunnel="yes"))
    near = layer("school", effect("all", 9.0), full_m=50.0, reach_m=100.0)
    return area(extract(ways, [thing((4020.0, 10.0), amenity="school")]), near)


def piece(own: Area, name: str) -> str:
    return str(own.segments.index[own.segments["name"] == name][0])


def stood(own: Area, *names: str, posts: int = 1) -> list[set[int]]:
    """Nodes at which somebody stands in each part of the shift."""
    some = crew.simple(own, FRIDAY, "07:00-11:00", posts=posts)
    found = deploy(own, wanted.asked(own, some, [piece(own, name) for name in names])).standing
    return [set(found.sites.node[block[block >= 0]]) for block in found.team.T]


def test_the_plan_staffs_a_post_that_was_asked_for_all_shift(own: Area) -> None:
    (node,) = wanted.posts(own, [piece(own, "Side 1")])
    assert node not in set.union(*stood(own))
    assert all(node in nodes for nodes in stood(own, "Side 1"))


def test_a_post_stands_at_the_nearer_end_of_the_piece(own: Area) -> None:
    (node,) = wanted.posts(own, [piece(own, "Side 2")])
    x, y = own.network.nodes[["x", "y"]].to_numpy()[node]
    middle = own.segments.geometry.loc[piece(own, "Side 2")].interpolate(0.5, normalized=True)
    away = np.hypot(*(own.network.nodes[["x", "y"]].to_numpy() - (middle.x, middle.y)).T)
    assert np.hypot(x - middle.x, y - middle.y) == pytest.approx(away.min())


def test_two_pieces_at_one_corner_are_one_post(own: Area) -> None:
    side = piece(own, "Side 1")
    assert len(wanted.posts(own, [side, side])) == 1


def test_more_posts_than_teams_are_refused_with_the_way_out(own: Area) -> None:
    with pytest.raises(RiskmapError, match="2 required posts for 1 teams; add 1 teams or unlock"):
        stood(own, "Side 1", "Side 4")
    assert stood(own, "Side 1", "Side 4", posts=2)


def test_a_post_that_no_way_leads_to_is_refused_by_name(own: Area) -> None:
    with pytest.raises(RiskmapError, match=r"post at Island \(.*\): no way leads there"):
        stood(own, "Island")


def test_a_piece_that_nobody_can_stand_near_or_that_is_elsewhere_is_told(own: Area) -> None:
    closed = replace(
        own, parameters={**own.parameters, "sites": {
            **own.parameters["sites"], "nowhere": ["primary", "residential", "tertiary"],
        }},
    )  # fmt: skip
    with pytest.raises(RiskmapError, match="post on Deep: nobody can stand near it"):
        wanted.posts(closed, [piece(own, "Deep")])
    with pytest.raises(RiskmapError, match="附近无处可站"):
        wanted.posts(closed, [piece(own, "Deep")], "zh")
    with pytest.raises(RiskmapError, match="not in town"):
        wanted.posts(own, ["w0.0-0.0"])


def test_what_was_settled_before_stays(own: Area) -> None:
    some = replace(
        crew.simple(own, FRIDAY, "07:00-11:00", posts=3), locked=(2,),
        tasks=(Task("gate", 4, 420.0, 540.0),),
    )  # fmt: skip
    found = wanted.asked(own, some, [piece(own, "Side 1")])
    assert found.locked == (2, *wanted.posts(own, [piece(own, "Side 1")]))
    assert found.tasks == some.tasks
