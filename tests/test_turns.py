"""Turns of breaks: few at once, none when somebody is due, cars after teams."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap.roster import Rest, Stay, Unit
from riskmap.turns import crowded, fixed, own, rested

REST = Rest(30.0, 660.0, 750.0, at_station=True)


def unit(name: str, *rests: Rest) -> Unit:
    return Unit(name, "one", 2, "car", 0, 420.0, 1140.0, rests or (REST,))


def drive(first: int, last: int) -> float:
    """Nodes are numbered by where they lie on a road, in minutes."""
    return float(abs(first - last))


def due(first: float, last: float, node: int = 5) -> Stay:
    return Stay("school", node, 1, first, last, "East school", due=True)


def post(first: float, last: float, node: int = 5) -> Stay:
    return Stay("post", node, 1, first, last)


def turns(*plans: tuple[Unit, list[Stay]], settled: list[float] | None = None) -> list[float]:
    """When the only break of each begins, beside breaks of other units."""
    others = [
        (unit("other", *plans[0][0].rests), [Stay("break", 0, -1, begin, begin + 30.0)])
        for begin in settled or ()
    ]
    return [
        stay.first
        for _, stays in rested(plans, drive, others)
        for stay in stays
        if stay.kind == "break"
    ]


def at_once(begins: list[float]) -> int:
    return max(sum(a <= at < a + 30.0 for a in begins) for at in begins)


# --- one after the other -----------------------------------------------------------------------


def test_breaks_follow_each_other_over_and_over_in_their_window() -> None:
    assert turns(*[(unit(str(n)), []) for n in range(5)]) == [660.0, 690.0, 720.0, 750.0, 660.0]


def test_breaks_that_are_settled_are_not_joined_by_more_than_may() -> None:
    one = unit("A", replace(REST, at_once=1))
    assert set(turns((one, []), (one, []), settled=[660.0, 720.0])) == {690.0, 750.0}


def test_where_not_all_find_room_as_few_as_can_be_are_at_once() -> None:
    some = [(unit(str(n), replace(REST, at_once=1)), list[Stay]()) for n in range(7)]
    assert at_once(turns(*some)) == 2


def test_two_breaks_of_a_unit_are_two() -> None:
    both = unit("A", REST, REST)
    (_, stays), = rested([(both, [post(420.0, 1140.0)])], drive)
    breaks = [stay for stay in stays if stay.kind == "break"]
    assert breaks[1].first >= breaks[0].last
    assert [stay for _, stay in own(both, stays)] == breaks


def test_cars_have_the_turns_that_they_were_given_and_no_other() -> None:
    car = unit("C", replace(REST, at_once=1))
    taken = rested([(unit("A", *car.rests), []), (car, [])], drive)
    (rest,) = fixed(*taken[1]).rests
    assert (rest.earliest, rest.latest) == (690.0, 690.0)
    # without a limit a car has its break when it suits its route
    free = unit("C")
    assert fixed(free, rested([(free, [])], drive)[0][1]) is free


def test_breaks_whose_windows_overlap_are_not_swapped() -> None:
    long, short = Rest(30.0, 600.0, 840.0, at_once=1), Rest(10.0, 660.0, 720.0, at_once=1)
    taken = rested([(unit(str(n), long, short), []) for n in range(1, 7)], drive)
    had = [[(s.first, s.last) for s in stays if s.kind == "break"] for _, stays in taken[4:]]
    assert had == [[(700.0, 710.0), (720.0, 750.0)], [(710.0, 720.0), (750.0, 780.0)]]
    kept = [{rest.minutes: rest.earliest for rest in fixed(*car).rests} for car in taken[4:]]
    assert kept == [{30.0: 720.0, 10.0: 700.0}, {30.0: 750.0, 10.0: 710.0}]
    assert crowded(taken) == 0
    # settled as they are they leave the next car what is left
    (_, more), = rested([(unit("7", long, short), [])], drive, taken)
    assert crowded([*taken, (unit("7", long, short), more)]) == 0


# --- nobody when due ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "begin"),
    [
        (due(694.0, 700.0), 705.0),  # the first turn would not be over in time for the drive
        (due(695.0, 700.0), 660.0),
        (due(650.0, 740.0), 745.0),
        (due(600.0, 900.0), 660.0),  # there is no other time
        (due(600.0, 775.0), 750.0),  # the end of it is missed, not the ways back to it too
    ],
)
def test_a_break_spares_what_is_due_and_the_drives(task: Stay, begin: float) -> None:
    plan = unit("A"), [post(420.0, task.first), task, post(task.last, 1140.0)]
    assert turns(plan) == [begin]


def test_on_the_spot_no_drive_is_spared_after_what_is_due() -> None:
    one = unit("A", replace(REST, at_station=False))
    (_, stays), = rested([(one, [due(655.0, 730.0), post(730.0, 1140.0, node=9)])], drive)
    (rest,) = (stay for stay in stays if stay.kind == "break")
    assert (rest.first, rest.node) == (730.0, 5)


def test_who_is_due_makes_others_change_their_turns() -> None:
    rest = replace(REST, latest=690.0, at_once=1)
    first, then = unit("A", rest), unit("B", rest)
    assert turns((first, []), (then, [])) == [660.0, 690.0]
    guard = [due(660.0, 680.0), post(680.0, 1140.0)]
    assert turns((then, []), (first, guard)) == [660.0, 690.0]
    assert turns((first, guard), (then, [])) == [690.0, 660.0]


def test_a_guard_is_spared_before_few_are_at_once() -> None:
    rest = replace(REST, latest=690.0, at_once=1)
    guard = [due(660.0, 680.0)]
    found = turns((unit("A", rest), guard), (unit("B", rest), guard))
    assert min(found) >= 685.0
    assert at_once(found) == 2


@given(
    st.lists(st.tuples(st.integers(600, 780), st.integers(5, 120)), min_size=1, max_size=3),
    st.integers(1, 2), st.sampled_from([0, 5]),
)  # fmt: skip
def test_no_turns_miss_less_or_have_fewer_at_once(
    guards: list[tuple[int, int]], limit: int, way: int
) -> None:
    rest = Rest(30.0, 660.0, 705.0, at_station=True, at_once=limit)
    plans = [
        (unit(str(n), rest), [due(float(at), float(at + length), node=way)])
        for n, (at, length) in enumerate(guards)
    ]

    def bad(begins: tuple[float, ...]) -> tuple[float, int]:
        missed = sum(
            max(min(begin + 30.0 + way, stay.last) - max(begin - way, stay.first), 0.0)
            for begin, (_, (stay,)) in zip(begins, plans, strict=True)
        )
        return missed, max(at_once(list(begins)) - limit, 0)

    found = tuple(turns(*plans))
    assert all(660.0 <= begin <= 705.0 for begin in found)
    steps = np.arange(660.0, 706.0, 5.0)
    assert bad(found) <= min(bad(begins) for begins in product(steps, repeat=len(plans)))
