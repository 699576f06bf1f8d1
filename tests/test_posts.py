"""Posts: best by enumeration, equal to others where the models coincide, rules kept."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from spopt.locate import MCLP

from riskmap import covering, posts
from riskmap.errors import RiskmapError
from riskmap.post_areas import Areas
from riskmap.posts import Instance, Key

Floats = NDArray[np.float64]


def instance(
    cover: Floats,
    demand: Floats,
    teams: list[int],
    *,
    stay: float = 0.0,
    keys: tuple[Key, ...] = (),
) -> Instance:
    none = np.zeros((len(cover), len(teams)), dtype=bool)
    return Instance(csr_array(cover), demand, np.array(teams), none, none, stay, keys)


def random_instance(seed: int, *, stay: float = 0.0) -> Instance:
    random = np.random.default_rng(seed)
    cover = np.where(random.random((7, 12)) < 0.5, random.random((7, 12)), 0.0)
    return instance(cover, random.gamma(0.7, size=(12, 2)), [2, 3], stay=stay)


def enumerated(
    own: Instance, manned: Callable[[NDArray[np.int64], int], bool] = lambda _sites, _block: True
) -> float:
    """Best value of all choices that keep the rules and can be manned."""
    sites = range(own.cover.shape[0])
    best = -np.inf
    for choice in product(*(combinations(sites, int(n)) for n in own.teams)):
        taken = np.zeros_like(own.required)
        for block, chosen in enumerate(choice):
            taken[list(chosen), block] = True
        allowed = (taken >= own.required).all() and not (taken & own.forbidden).any()
        allowed &= all(manned(np.array(sites), block) for block, sites in enumerate(choice))
        if allowed and not own.unmet(taken):
            best = max(best, own.value(taken))
    return best


# --- value -------------------------------------------------------------------------------------


def test_of_several_posts_the_best_counts_and_staying_is_worth_something() -> None:
    own = instance(np.array([[1.0, 0.5], [0.0, 0.8]]), np.array([[10.0, 1.0], [10.0, 1.0]]), [2, 1],
                   stay=3.0)  # fmt: skip
    assert own.value(np.array([[True, True], [True, False]])) == pytest.approx(
        10.0 + 8.0 + 1.0 + 0.5 + 3.0
    )


# --- the best ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("stay", [0.0, 0.3])
def test_posts_are_the_best_there_are(seed: int, stay: float) -> None:
    own = random_instance(seed, stay=stay)
    best = enumerated(own)
    found = covering.exact(own, gap=0.0)
    assert found.value == pytest.approx(best)
    assert found.bound == pytest.approx(best, rel=1e-4)
    assert own.value(found.taken) == pytest.approx(found.value)
    quick = posts.fast(own)
    assert 0.9 * best <= quick.value <= best + 1e-9


@pytest.mark.parametrize("seed", range(10))
def test_rules_are_kept_at_the_least_cost(seed: int) -> None:
    own = random_instance(seed, stay=0.2)
    required, forbidden = own.required.copy(), own.forbidden.copy()
    required[3, 0] = forbidden[0, :] = forbidden[1, 1] = True
    keys = (Key(0, np.array([1, 2])), Key(1, np.array([5, 6])))
    own = replace(own, required=required, forbidden=forbidden, keys=keys)
    found = covering.exact(own, gap=0.0)
    assert not found.unmet
    assert found.value == pytest.approx(enumerated(own))
    quick = posts.fast(own)
    assert not quick.unmet
    assert (quick.taken >= required).all()
    assert not (quick.taken & forbidden).any()


@pytest.mark.parametrize("seed", range(5))
def test_they_are_those_of_spopt_where_the_models_coincide(seed: int) -> None:
    # one block, and a segment is covered or it is not: Church & ReVelle's problem
    random = np.random.default_rng(seed)
    metres, weight = random.random((40, 15)) * 1000.0, random.gamma(0.5, size=40)
    theirs = MCLP.from_cost_matrix(metres, weight, service_radius=150.0, p_facilities=4)
    theirs = theirs.solve(pulp.PULP_CBC_CMD(msg=False))
    own = instance((metres <= 150.0).T.astype(float), weight[:, None], [4])
    found = covering.exact(own, gap=0.0)
    assert found.value == pytest.approx(theirs.problem.objective.value())
    assert found.bound == pytest.approx(found.value, rel=1e-4)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(0, 1))
def test_nothing_is_worth_more_than_the_bound(seed: int, stay: float) -> None:
    own = random_instance(seed, stay=stay)
    found = covering.exact(own, gap=0.2)
    assert found.value <= found.bound * (1 + 1e-9)
    assert enumerated(own) <= found.bound * (1 + 1e-9)
    assert found.taken.sum(axis=0).tolist() == own.teams.tolist()


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e6])
def test_the_best_is_the_best_in_whatever_unit(scale: float) -> None:
    own = random_instance(3, stay=0.2)
    small = replace(own, demand=own.demand * scale, stay=own.stay * scale)
    found = covering.exact(small, gap=0.0)
    assert found.value == pytest.approx(enumerated(own) * scale)
    assert found.bound == pytest.approx(found.value, rel=1e-4)


def test_what_is_no_demand_is_refused() -> None:
    own = random_instance(1)
    with pytest.raises(ValueError, match="demand: must be finite"):
        replace(own, demand=own.demand * np.nan)
    with pytest.raises(ValueError, match="cover: must not be above 1"):
        replace(own, cover=own.cover * 3.0)


def test_without_time_the_gap_is_told_and_a_choice_is_there() -> None:
    found = covering.exact(random_instance(1), gap=0.0, time_limit_s=0.0)
    assert found.taken.sum() == 5
    assert found.gap >= 0.0
    assert found.bound >= enumerated(random_instance(1)) - 1e-9


# --- planning again ----------------------------------------------------------------------------


def test_a_plan_is_taken_up_where_it_was_left() -> None:
    own = random_instance(4)
    first = posts.fast(own)
    again = posts.fast(own, first.taken)
    assert (again.taken == first.taken).all()
    required = own.required.copy()
    free = int(np.flatnonzero(~first.taken[:, 0])[0])
    required[free, 0] = True
    moved = posts.fast(replace(own, required=required), first.taken)
    assert moved.taken[free, 0]
    assert moved.taken.sum(axis=0).tolist() == own.teams.tolist()


# --- no blind spot -----------------------------------------------------------------------------


def test_the_fewest_teams_that_keep_the_constraints() -> None:
    own = instance(
        np.ones((4, 1)), np.ones((1, 2)), [1, 1],
        keys=(Key(0, np.array([0, 1])), Key(0, np.array([1, 2])), Key(0, np.array([3]))),
    )  # fmt: skip
    least, hopeless = posts.least_teams(own)
    assert least.tolist() == [2, 0]  # 1 keeps two of them
    assert not hopeless
    forbidden = own.forbidden.copy()
    forbidden[3, 0] = True
    least, hopeless = posts.least_teams(replace(own, forbidden=forbidden))
    assert least.tolist() == [1, 0]
    assert [key.sites.tolist() for key in hopeless] == [[3]]


def test_too_few_teams_leave_constraints_open_and_say_which() -> None:
    own = instance(
        np.ones((3, 1)), np.ones((1, 1)), [1],
        keys=(Key(0, np.array([0]), "north"), Key(0, np.array([1]), "south")),
    )  # fmt: skip
    assert [key.name for key in posts.fast(own).unmet] in (["north"], ["south"])
    assert covering.exact(own).unmet


@pytest.mark.parametrize("solve", [posts.fast, covering.exact])
def test_constraints_are_kept_where_taking_the_likeliest_sites_first_would_not(
    solve: Callable[[Instance], posts.Posts],
) -> None:
    # 2 keeps three of the five, yet only 0 and 1 together keep them all
    some = [[0, 2], [0, 2], [1, 2], [0], [1]]
    keys = tuple(Key(0, np.array(sites)) for sites in some)
    own = instance(np.eye(3), np.array([[1.0], [1.0], [5.0]]), [2], keys=keys)
    assert solve(own).taken[:, 0].tolist() == [True, True, False]


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(0, 1))
def test_constraints_that_some_choice_keeps_are_kept_when_planned_and_planned_again(
    seed: int, again: int
) -> None:
    random = np.random.default_rng(seed)
    keys = tuple(
        Key(block, np.flatnonzero(random.random(7) < 0.35)) for block in (0, 0, 0, 1, 1)
    )
    own = replace(random_instance(seed, stay=0.1), keys=keys)
    start = random.random((7, 2)) < 0.5 if again else None
    found = posts.fast(own, start)
    assert found.taken.sum(axis=0).tolist() == [2, 3]
    assert bool(found.unmet) == (enumerated(own) == -np.inf)
    if not found.unmet:
        assert covering.exact(own, gap=0.0).value == pytest.approx(enumerated(own))


# --- squadrons ---------------------------------------------------------------------------------


def test_a_squadron_stays_in_its_area_and_another_goes_where_it_is_worth_most() -> None:
    # two teams may go to 0 and 1 alone, one may go anywhere
    may = np.array([[True, True, False, False], [True] * 4])
    areas = Areas.of(may, np.array([[2], [1]]), ("north", "mobile"))
    own = instance(np.eye(4), np.array([[1.0], [1.0], [5.0], [7.0]]), [3])
    for found in (posts.fast(replace(own, areas=areas)), covering.exact(replace(own, areas=areas))):
        assert found.taken[:, 0].tolist() == [True, True, False, True]


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.floats(0, 1), st.integers(0, 1))
def test_posts_by_squadron_are_the_best_that_can_be_manned(
    seed: int, stay: float, keyed: int
) -> None:
    random = np.random.default_rng(seed)
    own = random_instance(seed, stay=stay)
    may = random.random((3, 7)) < 0.6
    may[2] |= ~may.any(axis=0)
    teams = np.array([[1, 1], [1, 1], [0, 1]])
    keys = (Key(0, np.array([1, 2])), Key(1, np.array([5, 6]))) if keyed else ()
    try:
        own = replace(own, areas=Areas.of(may, teams, ("a", "b", "c")), keys=keys)
    except RiskmapError:
        assert (may[:2].sum(axis=1) == 0).any() or may[:2].any(axis=0).sum() < 2
        return
    best = enumerated(own, lambda chosen, block: manned(chosen, may, teams[:, block]))
    for found in (covering.exact(own, gap=0.0), posts.fast(own)):
        for block in range(2):
            assert manned(np.flatnonzero(found.taken[:, block]), may, teams[:, block])
        assert bool(found.unmet) == (best == -np.inf)
        assert found.unmet or found.value <= best + 1e-9
    found = covering.exact(own, gap=0.0)
    assert found.unmet or found.value == pytest.approx(best)
    assert found.bound >= best - 1e-9


def manned(chosen: NDArray[np.int64], may: NDArray[np.bool_], teams: NDArray[np.int64]) -> bool:
    """Whether every chosen site finds a team that may go there."""
    units = np.repeat(np.arange(len(teams)), teams)
    ways = csr_array(may[units][:, chosen])
    return bool((maximum_bipartite_matching(ways.tocsr(), perm_type="row") >= 0).all())


def test_what_no_squadron_can_man_is_refused() -> None:
    may = np.array([[True, False, False], [False, True, False]])
    own = instance(np.eye(3), np.ones((3, 1)), [2])
    with pytest.raises(RiskmapError, match="squadrons north: 2 teams for 1 places"):
        replace(own, areas=Areas.of(may, np.array([[2], [0]]), ("north", "south")))
    required = np.array([[False], [False], [True]])
    with pytest.raises(RiskmapError, match="in no squadron's area: 1 required posts for 0 teams"):
        replace(own, areas=Areas.of(may, np.array([[1], [1]]), ("north", "south")),
                required=required)  # fmt: skip
    with pytest.raises(RiskmapError, match="squadrons: 11 areas; at most 10"):
        Areas.of(np.eye(11, dtype=bool), np.ones((11, 1), np.int64), [str(n) for n in range(11)])


# --- what nobody can plan ----------------------------------------------------------------------


def test_rules_that_contradict_each_other_are_refused() -> None:
    one = np.ones((2, 1), dtype=bool)
    none = np.zeros((2, 1), dtype=bool)
    cover, demand = csr_array(np.ones((2, 1))), np.ones((1, 1))
    with pytest.raises(RiskmapError, match="post 0: required and forbidden at once"):
        Instance(cover, demand, np.array([2]), one, one)
    with pytest.raises(RiskmapError, match="2 required posts for 1 teams; add 1 teams"):
        Instance(cover, demand, np.array([1]), one, none)
    with pytest.raises(RiskmapError, match="3 teams for 2 places"):
        Instance(cover, demand, np.array([3]), none, none)
    with pytest.raises(RiskmapError, match="post North gate: required and forbidden"):
        Instance(cover, demand, np.array([2]), one, one, names=("North gate", "x"))
