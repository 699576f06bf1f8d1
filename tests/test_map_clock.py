"""The hours that the map draws by itself."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

import riskmap
from riskmap.area import Area
from riskmap.moments import Moment, Period
from riskmap.webmap.clock import ORDER, Clock, fits, of_day, of_period, packed


@pytest.fixture(scope="module")
def area() -> Area:
    return riskmap.assess(riskmap.sample())


def unpacked(content: bytes, roads: int) -> NDArray[np.uint8]:
    """What the browser reads."""
    each = (roads + 1) // 2
    halves = np.frombuffer(content[65:], dtype=np.uint8).reshape(-1, each)
    return np.stack([halves & 15, halves >> 4], axis=2).reshape(len(halves), -1)[:, :roads]


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2), elements=st.integers(0, 4)))
def test_what_is_packed_comes_back(levels: NDArray[np.uint8]) -> None:
    content = packed(levels)
    assert content[:1] == b"H"
    assert (unpacked(content, levels.shape[1]) == levels).all()


def test_other_hours_have_another_hash() -> None:
    one, two = (packed(np.full(shape, 1, dtype=np.uint8)) for shape in ((2, 4), (4, 2)))
    assert one[65:] == two[65:]
    assert one[:65] != two[:65]


def test_hours_have_the_levels_of_the_page(area: Area) -> None:
    moments = [Moment("school", 3), area.moment("2026-05-01T18:00", "rain")]
    found = of_day(area, moments)
    for own, moment in zip(found, moments, strict=True):
        assert [ORDER[n] for n in own] == area.scores(moment)["level"].tolist()
    assert (found[0] == 0).sum() < (found[1] == 0).sum()


def test_hours_of_a_shift_are_those_of_its_dates(area: Area) -> None:
    first = dt.datetime(2026, 5, 8, 22)  # noqa: DTZ001  # local
    period = Period(first, first + dt.timedelta(hours=4))
    starts = [first + dt.timedelta(hours=n) for n in range(4)]
    moments = [area.moment(f"{start:%Y-%m-%dT%H:%M}") for start in starts]
    assert (of_period(area, period) == of_day(area, moments)).mean() > 0.999


def test_a_month_is_too_long_to_be_sent(area: Area) -> None:
    first = dt.datetime(2026, 5, 1)  # noqa: DTZ001  # local
    assert fits(area, Period(first, first + dt.timedelta(days=7)))
    assert not fits(area, Period(first, first + dt.timedelta(days=31)))


@pytest.mark.parametrize("said", [24, 167, -1, -2, 7.5, float("nan"), None, "7", [7]])
def test_an_hour_that_the_clock_of_a_day_does_not_have_is_none(said: object) -> None:
    day = Clock([f"{hour:02d}:00" for hour in range(24)], 8, "", b"")
    assert day.number(said) is None
    assert [day.number(hour) for hour in (0, 7.0, 23)] == [0, 7, 23]


def test_all_hours_are_a_choice_only_where_they_are_a_whole() -> None:
    shift = Clock(["05-08 22:00", "05-08 23:00"], -1, "all of it", b"")
    assert [shift.number(said) for said in (-2, -1, 0, 1, 2)] == [None, -1, 0, 1, None]
