"""China's public holidays and make-up workdays, against what the State Council announced."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap import holidays
from riskmap.errors import RiskmapError

DATES = st.dates(date(2004, 1, 1), date(2026, 12, 31))


def test_the_breaks_of_2026_are_those_announced() -> None:
    found = [
        (brk.names, f"{brk.first:%m-%d}", f"{brk.last:%m-%d}") for brk in holidays.breaks(2026)
    ]
    assert found == [
        (("new_year",), "01-01", "01-03"),
        (("spring_festival",), "02-15", "02-23"),
        (("qingming",), "04-04", "04-06"),
        (("labour_day",), "05-01", "05-05"),
        (("dragon_boat",), "06-19", "06-21"),
        (("mid_autumn",), "09-25", "09-27"),
        (("national_day",), "10-01", "10-07"),
    ]


def test_the_make_up_workdays_of_2026_are_those_announced() -> None:
    found = [f"{day:%m-%d}" for day in holidays.make_up_workdays(2026)]
    assert found == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert all(holidays.is_weekend(day) for day in holidays.make_up_workdays(2026))
    assert not any(holidays.is_off(day) for day in holidays.make_up_workdays(2026))


def test_two_holidays_may_share_a_break() -> None:
    (own,) = (brk for brk in holidays.breaks(2025) if "mid_autumn" in brk.names)
    assert own == holidays.Break(
        ("national_day", "mid_autumn"), date(2025, 10, 1), date(2025, 10, 8)
    )
    days = np.array(["2025-09-30", "2025-10-06", "2025-10-10"], dtype="datetime64[D]")
    for name in own.names:
        assert holidays.offsets(days, name).tolist() == [-1, 0, 2]


def test_a_break_begins_with_the_weekend_before_the_holiday() -> None:
    # 10 June 2024 was a Monday
    assert holidays.holiday_at(date(2024, 6, 8)) == ("dragon_boat", 0)
    assert holidays.holiday_at(date(2024, 6, 7)) == ("dragon_boat", -1)


def test_a_break_may_begin_in_the_year_before() -> None:
    (own,) = (brk for brk in holidays.breaks(2023) if brk.last.year == 2024)
    assert (own.names, own.first) == (("new_year",), date(2023, 12, 30))
    assert holidays.holiday_at(date(2024, 1, 1)) == ("new_year", 0)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 9, 30), ("national_day", -1)),
        (date(2026, 10, 1), ("national_day", 0)),
        (date(2026, 10, 7), ("national_day", 0)),
        (date(2026, 10, 8), ("national_day", 1)),
        (date(2026, 10, 9), None),
        (date(2026, 5, 20), None),
        (date(2026, 2, 14), ("spring_festival", -1)),
        (date(2026, 12, 31), ("new_year", -1)),  # the law sets the day, 2027 is not announced
    ],
)
def test_a_date_is_within_a_holiday_its_eve_or_the_day_after(
    day: date, expected: tuple[str, int] | None
) -> None:
    assert holidays.holiday_at(day) == expected


def test_a_memorial_holiday_is_a_day_off_without_a_name() -> None:
    assert holidays.is_off(date(2015, 9, 3))
    assert holidays.holiday_at(date(2015, 9, 3)) is None


@given(DATES)
def test_every_day_of_a_break_is_off_and_the_days_around_it_are_not(day: date) -> None:
    for brk in holidays.breaks(day.year):
        if brk.first <= day <= brk.last:
            assert holidays.is_off(day)
        if day in {brk.first - timedelta(days=1), brk.last + timedelta(days=1)}:
            assert day.year != brk.first.year or not holidays.is_off(day)


@given(DATES, st.sampled_from(list(holidays.NAMES)))
def test_a_day_later_is_a_day_nearer_or_further(day: date, name: str) -> None:
    days = np.arange(np.datetime64(day), np.datetime64(day) + 2)
    if day.year == (day + timedelta(days=1)).year:
        first, second = holidays.offsets(days, name)
        # at most one step, but for the middle between two breaks
        assert second - first in {0, 1} or (first > 0 > second)


@pytest.mark.parametrize("year", [2003, 2027, 1900])
def test_a_year_that_is_not_known_is_refused_with_the_way_out(year: int) -> None:
    assert not holidays.is_known(year)
    for ask in (
        lambda: holidays.is_off(date(year, 5, 1)),
        lambda: holidays.holiday_at(date(year, 5, 1)),
        lambda: holidays.breaks(year),
        lambda: holidays.make_up_workdays(year),
        lambda: holidays.offsets(np.array([f"{year}-05-01"], dtype="datetime64[D]"), "qingming"),
    ):
        with pytest.raises(RiskmapError, match=rf"{year}: unknown, .*update the package"):
            ask()
