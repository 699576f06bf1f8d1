"""Patrol routes: near the optimum, within every rule, and plain about what they leave."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from exact_patrols import broken, exact, instance
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmap.errors import RiskmapError
from riskmap.patrols import Break, Calls, Car, route
from riskmap.patrols import visits as plain_visits
from riskmap.project import constants

INF = np.inf


def visits(prize: np.ndarray, **options: Any) -> Calls:
    """The calls with the constants that riskmap brings."""
    return plain_visits(prize, **constants()["patrols"] | options)


def line(places: int, *, step: float = 10.0) -> np.ndarray:
    """Places along one road, `step` minutes apart."""
    at = np.arange(places) * step
    return np.abs(at[:, None] - at)


@pytest.mark.parametrize("seed", range(30))
def test_routes_are_within_one_percent_of_the_exact_optimum(seed: int) -> None:
    calls, cars, minutes = instance(seed, calls=10)
    needed, value = exact(calls, cars, minutes)
    routes = route(calls, cars, minutes, iterations=600)
    assert not broken(routes, calls, cars, minutes)
    assert calls.needed[routes.made].sum() == needed
    assert value * 0.99 <= routes.value <= value + 1e-6


def test_the_exact_optimum_of_the_tests_is_right_on_a_case_done_by_hand() -> None:
    # 10 minutes a step: two of three stops of 10 minutes fit in 60, the far one alone takes 70
    calls = Calls.of([1, 2, 3], [3.0, 4.0, 9.0], 0, 60, 10)
    assert exact(calls, [Car("a", 0, 0, 0, 60)], line(4)) == (0, 7.0)
    assert exact(calls, [Car("a", 0, 0, 0, 70)], line(4)) == (0, 9.0)
    assert exact(calls, [Car("a", 0, 0, 0, 80)], line(4)) == (0, 13.0)


def test_a_route_done_by_hand() -> None:
    calls = Calls.of([1, 2, 3], [3.0, 4.0, 9.0], [0, 25, 0], 100, 10)
    found = route(calls, [Car("a", 0, 0, 0, 80)], line(4), iterations=200)
    (tour,) = found.tours
    assert found.value == pytest.approx(13.0)
    # place 3, then 2 on the way home: the other order waits until 25 and is back at 85
    assert tour.calls == (2, 1)
    times = [(stop.place, stop.arrive_min, stop.begin_min, stop.end_min) for stop in tour.stops]
    assert times == [(3, 30, 30, 40), (2, 50, 50, 60)]
    assert tour.back_min == 80


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 14), st.integers(0, 3))
def test_no_route_breaks_a_shift_a_break_or_a_window(seed: int, count: int, alike: int) -> None:
    calls, cars, minutes = instance(seed, calls=count)
    cars += [replace(cars[1], id=f"also {number}") for number in range(alike)]
    routes = route(calls, cars, minutes, iterations=60, seed=seed)
    assert not broken(routes, calls, cars, minutes)


def test_the_same_seed_gives_the_same_routes() -> None:
    calls, cars, minutes = instance(5, calls=14)
    one, two = (route(calls, cars, minutes, iterations=100, seed=7) for _ in range(2))
    assert one == two


def test_needed_calls_come_before_any_prize() -> None:
    calls = Calls.of([1, 2], [1.0, 1000.0], 0, 15, 10, needed=[True, False])
    minutes = np.array([[0, 10, 10], [10, 0, 30], [10, 30, 0]], dtype=float)
    routes = route(calls, [Car("a", 0, 0, 0, 60)], minutes, iterations=100)
    assert routes.tours[0].calls == (0,)
    assert not routes.missed


def test_a_needed_call_that_is_missed_says_why() -> None:
    minutes = line(5)
    minutes[:, 3] = INF
    minutes[3, 3] = 0
    calls = Calls.of([1, 1, 2, 3], 1.0, [0, 0, 0, 0], [10, 10, 15, 90], 10, needed=True)
    routes = route(calls, [Car("a", 0, 0, 0, 90)], minutes, iterations=100)
    why = {missed.call: missed.why for missed in routes.missed}
    assert why.pop(2) == "window"  # 20 minutes away, but it may begin until 15
    assert why.pop(3) == "no_road"
    assert list(why.values()) == ["room"]  # one of two at the same time
    assert len(routes.tours[0].calls) == 1


def test_a_place_that_can_be_reached_but_not_left_is_no_road() -> None:
    minutes = line(3)
    minutes[2, :2] = INF
    calls = Calls.of([1, 2], 1.0, 0, 90, 10, needed=True)
    routes = route(calls, [Car("a", 0, 0, 0, 200)], minutes, iterations=100)
    assert [(missed.call, missed.why) for missed in routes.missed] == [(1, "no_road")]
    assert routes.tours[0].calls == (0,)


def test_a_car_without_a_call_in_reach_stays_at_the_station() -> None:
    calls = Calls.of([2], 5.0, 0, 90, 10)
    minutes = line(3)
    minutes[1, 2] = INF
    cars = [Car("near", 0, 0, 0, 90), Car("cut off", 1, 1, 0, 90, (Break(30, 60, 20, 1),))]
    near, cut_off = route(calls, cars, minutes, iterations=100).tours
    assert near.calls == (0,)
    assert [(stop.is_break, stop.place) for stop in cut_off.stops] == [(True, 1)]
    assert cut_off.back_min == 50  # the end of its break


def test_no_calls_or_no_cars_make_empty_routes() -> None:
    none = Calls.of([], [], [], [], [])
    (tour,) = route(none, [Car("a", 0, 0, 0, 90)], line(2)).tours
    assert (tour.stops, tour.back_min) == ((), 0)
    routes = route(Calls.of([1], 1.0, 0, 9, 1, needed=True), [], line(2))
    assert (routes.tours, routes.value, routes.bound) == ((), 0.0, 0.0)
    assert [missed.why for missed in routes.missed] == ["no_road"]


def test_a_call_in_reach_only_behind_another_is_made() -> None:
    # 40 minutes straight, but none from place 1, which stands at the same junction
    minutes = np.array([[0, 10, 40], [10, 0, 0], [10, 0, 0]], dtype=float)
    calls = Calls.of([1, 2], 1.0, 0, 35, 5)
    routes = route(calls, [Car("a", 0, 0, 0, 40)], minutes, iterations=100)
    assert sorted(routes.made) == [0, 1]
    assert routes.bound == 2


def test_a_shift_goes_over_midnight() -> None:
    calls = Calls.of([1, 1], 1.0, [1410, 1450], [1430, 1470], 10)
    (tour,) = route(calls, [Car("a", 0, 0, 1400, 1490)], line(2), iterations=100).tours
    assert [stop.begin_min for stop in tour.stops] == [1410, 1450]
    assert tour.back_min == 1470


def test_a_break_lies_where_it_costs_least() -> None:
    # Both calls fit only if the break waits between them: fixed at its earliest, one is lost.
    calls = Calls.of([1, 1], 1.0, [10, 70], [12, 75], 10)
    car = Car("a", 0, 0, 0, 95, (Break(10, 40, 25, 0),))
    (tour,) = route(calls, [car], line(2), iterations=100).tours
    assert [(stop.call, stop.begin_min) for stop in tour.stops] == [(0, 10), (-1, 30), (1, 70)]


def test_a_faster_car_makes_the_call_that_a_slower_one_cannot() -> None:
    calls = Calls.of([1], 1.0, 0, 8, 0)
    cars = [Car("slow", 0, 0, 0, 60), Car("fast", 0, 0, 0, 60, speed=1.25)]
    slow, fast = route(calls, cars, line(2), iterations=100).tours
    assert (slow.calls, fast.calls) == ((), (0,))
    assert fast.stops[0].arrive_min == pytest.approx(8)


def test_more_starts_with_the_same_effort_each_are_never_worse() -> None:
    calls, cars, minutes = instance(12, calls=14)
    one = route(calls, cars, minutes, iterations=12)
    four = route(calls, cars, minutes, iterations=48, starts=4)
    assert four.value >= one.value
    with pytest.raises(RiskmapError, match="starts: 0; give 1 or more"):
        route(calls, cars, minutes, starts=0)


def test_a_gap_ends_the_search_early() -> None:
    calls, cars, minutes = instance(4, calls=14)
    hasty = route(calls, cars, minutes, iterations=500, gap=1.0)
    assert hasty.value < route(calls, cars, minutes, iterations=500).value


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"place": [1, 9]}, "calls row 1 / place: 9; places go from 0 to 2"),
        ({"prize": [1.0, -1.0]}, "calls row 1 / prize: -1.0; leave out calls"),
        ({"latest_min": [5.0, 9.0]}, "calls row 0 / latest_min: 5.0; give a latest after"),
        ({"stay_min": [1.0, np.nan]}, "calls row 1 / stay_min: nan; write a number"),
        ({"needed": [True]}, "calls / needed: shape"),
    ],
)
def test_calls_that_cannot_be_are_named(changes: dict[str, list[float]], says: str) -> None:
    calls = Calls.of([1, 2], 1.0, 10, 20, 10)
    calls = replace(calls, **{key: np.array(value) for key, value in changes.items()})
    with pytest.raises(RiskmapError, match=says):
        route(calls, [Car("a", 0, 0, 0, 90)], line(3))


@pytest.mark.parametrize(
    ("car", "says"),
    [
        (Car("a", 5, 0, 0, 90), "car a / start: place 5"),
        (Car("a", 0, 0, 90, 20), "car a / shift: from minute 90 to 20; .* past 1440"),
        (Car("a", 0, 0, 0, 90, speed=0), "car a / speed: 0"),
        (Car("a", 0, 0, 0, 90, (Break(40, 30, 10, 0),)), "car a / break: 10 minutes between"),
        (Car("a", 0, 0, 0, 90, (Break(20, 40, 5, 0), Break(30, 50, 5, 0))), "the next from 30"),
        (Car("a", 0, 0, 0, 90, (Break(80, 85, 30, 0),)), "even without a stop .* change the shift"),
        (Car("a", 0, 2, 0, 15), "even without a stop"),
    ],
)
def test_cars_that_cannot_be_are_named(car: Car, says: str) -> None:
    with pytest.raises(RiskmapError, match=says):
        route(Calls.of([1], 1.0, 0, 9, 1), [car], line(3))


def test_two_cars_of_one_name_and_driving_times_with_holes_are_named() -> None:
    calls, car = Calls.of([1], 1.0, 0, 9, 1), Car("a", 0, 0, 0, 90)
    with pytest.raises(RiskmapError, match="car a: listed 2 times"):
        route(calls, [car, car], line(3))
    with pytest.raises(RiskmapError, match="as many rows as columns"):
        route(calls, [car], line(3)[:2])
    with pytest.raises(RiskmapError, match="missing or negative"):
        route(calls, [car], -line(3))
    with pytest.raises(RiskmapError, match="give one of them"):
        route(calls, [car], line(3), iterations=3, seconds=1)


@settings(max_examples=60)
@given(
    st.integers(0, 1000),
    st.integers(4, 24),
    st.sampled_from([60.0, 90.0, 120.0]),
    st.floats(0.0, 1.0),
)
def test_visits_in_successive_windows_are_never_too_far_apart(
    seed: int, slots: int, every: float, share: float
) -> None:
    end = 600 + 30 * slots
    peaks = [(630.0, 690.0)] if slots > 6 else []
    calls = visits(
        np.ones((3, slots)), from_min=600, every_min=every, share=share, peaks=peaks, seed=seed
    )
    for group in range(3):
        mine = calls.group == group
        first, last = calls.earliest_min[mine], calls.latest_min[mine]
        assert (np.diff(first) > 0).all()
        assert (last[1:] - first[:-1] <= every + 1e-9).all()  # as late as can be after as early
        assert last[0] - 600 <= every + 1e-9
        assert end - first[-1] <= every + 1e-9
        assert (first[1:] >= last[:-1] - 1e-9).all()
    assert calls.prize.sum() == pytest.approx(3 * slots)  # a slot's demand belongs to one call


def test_key_roads_are_needed_in_every_peak_and_nowhere_else() -> None:
    calls = visits(
        np.ones((2, 16)), from_min=1200, places=[7, 9], peaks=[(1260, 1380)], needed=[True, False]
    )
    hard = calls.needed
    assert set(calls.place[hard]) == {7}
    assert ((calls.earliest_min[hard] >= 1260) & (calls.latest_min[hard] <= 1380)).all()
    # 120 minutes of peak: two periods of 60 with windows of 30, as 60 + 30 is within two hours
    np.testing.assert_allclose((calls.latest_min - calls.earliest_min)[hard], [30, 30])
    assert calls.prize[hard].tolist() == [2, 2]  # two slots of half an hour each


def test_visits_come_at_other_times_with_another_seed() -> None:
    one, two = (visits(np.ones((2, 8)), from_min=0, seed=seed) for seed in (1, 2))
    assert not np.allclose(one.earliest_min, two.earliest_min)
    assert set(one.stay_min) <= set(range(10, 17))
    again = visits(np.ones((2, 8)), from_min=0, seed=1)
    np.testing.assert_array_equal(one.earliest_min, again.earliest_min)


def test_a_place_without_demand_gets_no_call_unless_it_is_needed() -> None:
    demand = np.array([[0, 0], [0, 0], [1, 0]])
    calls = visits(demand, from_min=0, peaks=[(0, 30)], needed=[True, False, False])
    assert calls.group.tolist() == [0, 2]
    assert calls.needed.tolist() == [True, False]


def test_peaks_outside_the_shift_and_wrong_shares_are_named() -> None:
    with pytest.raises(RiskmapError, match="peaks lie one after the other"):
        visits(np.ones((1, 4)), from_min=0, peaks=[(100, 130)])
    with pytest.raises(RiskmapError, match="below 0"):
        visits(-np.ones((1, 4)), from_min=0)
    with pytest.raises(RiskmapError, match="a share from 0 to 1"):
        visits(np.ones((1, 4)), from_min=0, share=2)
