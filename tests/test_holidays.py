"""China's public holidays and make-up workdays, against what the State Council announced."""

from datetime import date, timedelta

import chinese_calendar
import holidays as second
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap import calendars
from riskmap.errors import RiskmapError
from riskmap.holidays import NAMES, Break

DATES = st.dates(date(2004, 1, 1), date(2026, 12, 31))


BREAKS_2026 = [
    ("new_year", "2026-01-01", "2026-01-03"),
    ("spring_festival", "2026-02-15", "2026-02-23"),
    ("qingming", "2026-04-04", "2026-04-06"),
    ("labour_day", "2026-05-01", "2026-05-05"),
    ("dragon_boat", "2026-06-19", "2026-06-21"),
    ("mid_autumn", "2026-09-25", "2026-09-27"),
    ("national_day", "2026-10-01", "2026-10-07"),
]
"""As the State Council announced in November 2025: first and last day off."""
MAKE_UP_2026 = [
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
]  # fmt: skip
ITS_NAMES = {
    "New Year's Day": "new_year",
    "Chinese New Year's Eve": "spring_festival",
    "Chinese New Year (Spring Festival)": "spring_festival",
    "Tomb-Sweeping Day": "qingming",
    "Labor Day": "labour_day",
    "Dragon Boat Festival": "dragon_boat",
    "Mid-Autumn Festival": "mid_autumn",
    "National Day": "national_day",
}
"""The second library's word for a statutory day → ours. A day in lieu has no name there."""
ONLY_SECOND = {date(2005, 12, 31)}
"""A Saturday worked for New Year 2006 that chinesecalendar, which begins in 2004, leaves out."""


KNOWN = calendars.read(None)


def breaks(year: int) -> list[Break]:
    """Breaks that begin in a year."""
    found = KNOWN.breaks(date(year, 1, 1), date(year, 12, 31))
    return [brk for brk in found if brk.first.year == year]


def is_off(day: date) -> bool:
    (kind,) = KNOWN.kinds(np.array([day], dtype="datetime64[D]"))
    return calendars.DAYS[kind] in {"weekend", "holiday"}


def test_the_breaks_of_2026_are_those_announced() -> None:
    found = [(brk.names, str(brk.first), str(brk.last)) for brk in breaks(2026)]
    assert found == [((name,), first, last) for name, first, last in BREAKS_2026]


def test_the_make_up_workdays_of_2026_are_those_announced() -> None:
    found = KNOWN.make_up_workdays(2026)
    assert [str(day) for day in found] == MAKE_UP_2026
    assert all(day.weekday() >= 5 for day in found)
    assert not any(is_off(day) for day in found)


@pytest.mark.parametrize("day", MAKE_UP_2026)
def test_two_libraries_know_the_make_up_workday(day: str) -> None:
    own = date.fromisoformat(day)
    assert chinese_calendar.workdays[own]
    assert chinese_calendar.is_workday(own)
    china = second.country_holidays("CN", years=2026)
    assert own in china.weekend_workdays
    assert china.is_working_day(own)


def test_no_library_knows_another_make_up_workday_of_2026() -> None:
    china = second.country_holidays("CN", years=2026)
    for known in (chinese_calendar.workdays, china.weekend_workdays):
        assert sorted(str(day) for day in known if day.year == 2026) == MAKE_UP_2026


@pytest.mark.parametrize(("name", "first", "last"), BREAKS_2026)
def test_two_libraries_know_the_break(name: str, first: str, last: str) -> None:
    """Both know every day off; the second names the statutory ones, not those in lieu."""
    china = second.country_holidays("CN", years=2026, language="en_US")
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    inside = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    for day in inside:
        assert chinese_calendar.is_holiday(day)
        assert not china.is_working_day(day)
    around = [start - timedelta(days=1), end + timedelta(days=1)]
    assert all(chinese_calendar.is_workday(day) for day in around)
    assert china.is_working_day(around[1])
    # 31 December 2025 is of a year that this table of the second library does not hold
    assert second.country_holidays("CN", years=around[0].year).is_working_day(around[0])
    named = {ITS_NAMES[china[day]] for day in inside if china.get(day) in ITS_NAMES}
    assert named == {name}


@pytest.mark.parametrize("year", range(2004, 2027))
def test_two_libraries_agree_on_every_day_of_the_years_on_record(year: int) -> None:
    china = second.country_holidays("CN", years=year)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    differ = {
        day
        for day in days
        if day.year == year and china.is_working_day(day) == is_off(day)
    }
    assert differ == {day for day in ONLY_SECOND if day.year == year}


def test_two_holidays_may_share_a_break() -> None:
    (own,) = (brk for brk in breaks(2025) if "mid_autumn" in brk.names)
    assert own == Break(
        ("national_day", "mid_autumn"), date(2025, 10, 1), date(2025, 10, 8)
    )
    days = np.array(["2025-09-30", "2025-10-06", "2025-10-10"], dtype="datetime64[D]")
    for name in own.names:
        assert KNOWN.offsets(days, name).tolist() == [-1, 0, 2]


def test_a_break_begins_with_the_weekend_before_the_holiday() -> None:
    # 10 June 2024 was a Monday
    assert KNOWN.holiday_at(date(2024, 6, 8)) == ("dragon_boat", 0)
    assert KNOWN.holiday_at(date(2024, 6, 7)) == ("dragon_boat", -1)


def test_a_break_may_begin_in_the_year_before() -> None:
    (own,) = (brk for brk in breaks(2023) if brk.last.year == 2024)
    assert (own.names, own.first) == (("new_year",), date(2023, 12, 30))
    assert KNOWN.holiday_at(date(2024, 1, 1)) == ("new_year", 0)


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
    assert KNOWN.holiday_at(day) == expected


def test_a_memorial_holiday_is_a_day_off_without_a_name() -> None:
    assert is_off(date(2015, 9, 3))
    assert KNOWN.holiday_at(date(2015, 9, 3)) is None


@given(DATES)
def test_every_day_of_a_break_is_off_and_the_days_around_it_are_not(day: date) -> None:
    for brk in breaks(day.year):
        if brk.first <= day <= brk.last:
            assert is_off(day)
        if day in {brk.first - timedelta(days=1), brk.last + timedelta(days=1)}:
            assert day.year != brk.first.year or not is_off(day)


@given(DATES, st.sampled_from(list(NAMES)))
def test_a_day_later_is_a_day_nearer_or_further(day: date, name: str) -> None:
    days = np.arange(np.datetime64(day), np.datetime64(day) + 2)
    if day.year == (day + timedelta(days=1)).year:
        first, second = KNOWN.offsets(days, name)
        # at most one step, but for the middle between two breaks
        assert second - first in {0, 1} or (first > 0 > second)


@pytest.mark.parametrize("year", [2003, 2027, 1900])
def test_a_year_that_is_not_known_is_refused_with_the_way_out(year: int) -> None:
    assert not KNOWN.is_known(year)
    for ask in (
        lambda: is_off(date(year, 5, 1)),
        lambda: KNOWN.holiday_at(date(year, 5, 1)),
        lambda: KNOWN.make_up_workdays(year),
        lambda: KNOWN.offsets(np.array([f"{year}-05-01"], dtype="datetime64[D]"), "qingming"),
        lambda: KNOWN.check([2026, year]),
    ):
        with pytest.raises(RiskmapError, match=rf"{year}: unknown, .*update the package"):
            ask()
