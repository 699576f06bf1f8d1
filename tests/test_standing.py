"""Posts of a shift: blocks, who stands where, tasks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from streets import area, extract, street

from riskmap import posts, sites
from riskmap.covered import Demand
from riskmap.posts import Key
from riskmap.roster import Unit
from riskmap.routes import Roads
from riskmap.standing import Standing, Task, cut, stand

TOWN = area(
    extract([
        street((1000.0 * n, 0.0), (1000.0 * n + 1000.0, 0.0), highway="primary", maxspeed="60")
        for n in range(10)
    ])
)  # fmt: skip
NODE = [int(n) for n in sites.nearest(TOWN.network, np.arange(11) * 1000.0, np.zeros(11))[0]]
SITES = sites.sites(TOWN, np.ones(len(TOWN.segments)), np.array(NODE))
MINUTES = sites.minutes(Roads.of(TOWN), NODE + NODE)
MIDDLE = TOWN.segments.geometry.centroid.x.to_numpy()


def unit(name: str, at: int = 0, first: float = 480.0, last: float = 720.0) -> Unit:
    return Unit(name, "one", 2, "car", NODE[at], first, last)


def demand(*by_hour: dict[int, float]) -> Demand:
    """Harm around some kilometres in each of four hours from 8 on."""
    table = np.zeros((len(TOWN.segments), 8))
    for hour, places in enumerate(by_hour):
        for km, value in places.items():
            table[np.abs(MIDDLE - 1000.0 * km).argmin(), 2 * hour : 2 * hour + 2] = value
    return Demand(table, 480.0, 720.0)


def planned(wanted: Demand, *units: Unit, hours: int = 1, **more: object) -> Standing:
    edges = cut(480.0, 720.0, 60.0 * hours)
    station = np.array([11 + NODE.index(own.station) for own in units])
    return stand(SITES, wanted, units, edges, MINUTES, station, solve=posts.fast, **more)  # type: ignore[arg-type]


def where(found: Standing) -> list[list[int]]:
    """Kilometre of every team in every block, −1 for none."""
    x = TOWN.network.nodes["x"].to_numpy()[SITES.node] / 1000.0
    return [[round(x[s]) if s >= 0 else -1 for s in row] for row in found.team]


# --- blocks ------------------------------------------------------------------------------------


def test_a_shift_is_cut_at_its_windows_and_no_longer_than_asked() -> None:
    assert cut(420.0, 720.0, 120.0, [510.0, 600.0]).tolist() == [420, 510, 600, 720]
    assert cut(420.0, 720.0, 100.0).tolist() == [420, 520, 620, 720]
    # ten minutes are no block
    assert cut(420.0, 720.0, 400.0, [430.0, 715.0]).tolist() == [420, 720]


def test_what_must_be_staffed_has_its_ends_however_near_others_are() -> None:
    # a guard from 7:30 to 9:10 beside a peak until 9:00, which is then no edge
    edges = cut(420.0, 720.0, 400.0, [420.0, 540.0], must=[450.0, 550.0])
    assert edges.tolist() == [420, 450, 550, 720]
    assert cut(420.0, 720.0, 400.0, must=[425.0, 430.0, 800.0]).tolist() == [420, 425, 430, 720]


@given(
    st.floats(0, 700), st.floats(30, 900), st.floats(30, 300), st.lists(st.floats(0, 1700)),
    st.lists(st.integers(0, 1700).map(float)),
)  # fmt: skip
def test_blocks_fill_the_shift(
    first: float, length: float, longest: float, at: list[float], must: list[float]
) -> None:
    edges = cut(first, first + length, longest, at, must)
    assert edges[0] == first
    assert edges[-1] == first + length
    assert (np.diff(edges) > 0).all()
    assert (np.diff(edges) <= longest + 1e-6).all()
    assert {edge for edge in must if first < edge < first + length} <= set(edges)


# --- who stands where --------------------------------------------------------------------------


def test_teams_follow_the_harm_by_the_shortest_ways() -> None:
    found = planned(demand({2: 1.0, 8: 1.0}, {3: 1.0, 8: 1.0}, {3: 1.0, 7: 1.0}), unit("A"),
                    unit("B", at=10))  # fmt: skip
    assert where(found)[0][:3] == [2, 3, 3]
    assert where(found)[1][:3] == [8, 8, 7]


def test_nobody_moves_for_less_than_the_way_costs() -> None:
    shifted = demand({2: 1.0}, {3: 1.05}, {2: 1.0}, {3: 1.05})
    assert where(planned(shifted, unit("A"))) == [[2, 3, 2, 3]]
    assert len(set(where(planned(shifted, unit("A"), stay_min=30.0))[0])) == 1


def test_only_teams_on_duty_count() -> None:
    late = unit("B", first=600.0)
    found = planned(demand(*[{2: 1.0, 8: 1.0}] * 4), unit("A"), late)
    assert where(found)[1][:2] == [-1, -1]
    assert found.found.taken.sum(axis=0).tolist() == [1, 1, 2, 2]


def test_a_task_is_staffed_in_its_hours_whatever_it_is_worth() -> None:
    gate = Task("East school", NODE[9], 540.0, 600.0, "school")
    found = planned(demand(*[{2: 1.0}] * 4), unit("A"), tasks=[gate])
    assert where(found) == [[2, 9, 2, 2]]
    stays = found.stays()[0][1]
    assert [(s.kind, s.first, s.last, s.note) for s in stays] == [
        ("post", 480.0, 540.0, ""), ("school", 540.0, 600.0, "East school"),
        ("post", 600.0, 720.0, ""),
    ]  # fmt: skip


def test_a_task_keeps_its_name_where_a_team_stands_already() -> None:
    corner = Task("Roundabout", NODE[2], 540.0, 570.0)
    found = stand(
        SITES, demand(*[{2: 1.0}] * 4), [unit("A")], cut(480.0, 720.0, 240.0, must=[540.0, 570.0]),
        MINUTES, np.array([11]), solve=posts.fast, tasks=[corner],
    )  # fmt: skip
    assert [(s.first, s.last, s.note) for s in found.stays()[0][1]] == [
        (480.0, 540.0, ""), (540.0, 570.0, "Roundabout"), (570.0, 720.0, "")
    ]  # fmt: skip


def test_a_hard_constraint_takes_a_team_where_nothing_else_would() -> None:
    east = Key(2, np.array([8, 9]), "east")
    found = planned(demand(*[{2: 1.0}] * 4), unit("A"), keys=[east])
    assert where(found)[0][2] in (8, 9)
    assert not found.found.unmet

