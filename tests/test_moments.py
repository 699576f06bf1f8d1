"""What is asked about: hours of a kind of day, of a date, and periods."""

from dataclasses import replace
from datetime import datetime

import pytest
from test_hours import GUANGZHOU, HARBIN, HERE, almanac

from riskmap.errors import RiskmapError
from riskmap.moments import Moment, Period


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T18:00", ("holiday", 18)),  # a Friday, and Labour Day
        ("2026-05-02T18:59", ("holiday", 18)),
        ("2026-05-09T07:00", ("school", 7)),  # a Saturday that is worked for it
        ("2026-05-10T07:00", ("weekend", 7)),
        ("2026-10-05T08:00", ("holiday", 8)),
        ("2026-10-08T08:00", ("school", 8)),
        ("2026-05-03", ("holiday", 0)),
        ("2026-07-15T07:30", ("workday", 7)),
        ("2026-07-18T07:30", ("weekend", 7)),
        ("2026-09-01 00:00", ("school", 0)),
    ],
)
def test_a_date_and_hour_is_an_hour_of_a_kind_of_day(text: str, expected: object) -> None:
    found = Moment.at(text, HERE)
    assert (found.day, found.hour) == expected
    assert found.label == f"{text[:10]} {found.hour:02d}"
    assert Moment("school", 7).label == "school 07"


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-13-01T10:00", "2026-04-31T10:00", "2026-05-01T25:00", "18:00"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(RiskmapError, match=r"^when .*write it like 2026-05-01T18:00"):
        Moment.at(text, HERE)


@pytest.mark.parametrize("year", ["0001", "1900", "2100", "9999"])
def test_a_year_without_a_sun_is_refused(year: str) -> None:
    with pytest.raises(RiskmapError, match=r"year \d+; write one of 1901 to 2099"):
        Moment.at(f"{year}-01-01T00:00", HERE)


@pytest.mark.parametrize("text", ["1901-01-01T00:00", "2099-12-31T23:59"])
def test_the_first_and_the_last_year_work_where_no_holidays_are_counted(text: str) -> None:
    abroad = almanac(moments={"public_holidays": False})
    assert Moment.at(text, abroad).light == "dark"


@pytest.mark.parametrize("text", ["2003-10-01T10:00", "2031-10-01T10:00"])
def test_a_year_without_a_calendar_is_refused(text: str) -> None:
    with pytest.raises(RiskmapError, match=rf"public holidays of {text[:4]}: unknown"):
        Moment.at(text, HERE)


def test_a_day_or_an_hour_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RiskmapError, match="day 'easter': unknown"):
        Moment("easter", 7)
    for hour in (-1, 24):
        with pytest.raises(RiskmapError, match=f"hour {hour}: outside"):
            Moment("school", hour)


@pytest.mark.parametrize(
    ("what", "word"),
    [("light", "night"), ("season", "monsoon"), ("weather", "snow"), ("holiday", ("easter", 0))],
)
def test_a_state_that_does_not_exist_is_refused(what: str, word: object) -> None:
    with pytest.raises(RiskmapError, match=f"{what} '.*': unknown; use one of"):
        Moment("school", 7, **{what: word})  # type: ignore[arg-type]


def test_a_date_and_place_say_all_but_the_weather() -> None:
    when = datetime(2026, 4, 3, 18, 30)  # noqa: DTZ001  # local
    assert Moment.at("2026-04-03T18:30", HERE) == Moment(
        "school", 18, "dusk", "spring", None, ("qingming", -1), when
    )
    found = Moment.at("2026-12-20T16:00", HERE, "ice")
    assert (found.light, found.season, found.weather) == ("dark", "winter", "ice")


def test_the_same_time_is_dark_in_the_north_and_light_in_the_south() -> None:
    places = (almanac(HARBIN), almanac(GUANGZHOU))
    assert [Moment.at("2026-12-20T17:00", there).light for there in places] == ["dark", "day"]


def test_a_time_of_another_zone_is_told_by_the_clocks_of_the_place() -> None:
    found = Moment.at("2026-04-30T23:30+00:00", HERE)
    assert (found.day, found.label) == ("holiday", "2026-05-01 07")


def test_a_moment_can_be_a_key() -> None:
    twice = [Moment.at("2026-04-05T10:00", HERE, "rain") for _ in range(2)]
    assert len(set(twice)) == 1
    assert twice[0] != replace(twice[0], weather="fog")


def test_a_moment_stands_for_one_hour() -> None:
    for moment in (Moment("school", 7), Moment("holiday", 18, weather="ice"),
                   Moment.at("2026-05-01T18:20", HERE)):  # fmt: skip
        assert moment.hours(HERE).weight.sum() == pytest.approx(1)


def test_a_period_of_dates_takes_in_the_last_and_one_of_times_does_not() -> None:
    assert Period.between("2026-05-01", "2026-05-05", HERE).hours(HERE).weight.sum() == 120
    shift = Period.between("2026-05-01T19:00", "2026-05-02T07:00", HERE)
    assert shift.hours(HERE).weight.sum() == 12


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        ("2026-05-01", "2026-05-05", "2026-05-01/2026-05-05"),
        ("2026-05-01", "2026-05-01", "2026-05-01"),
        ("2026-05-01T19:00", "2026-05-02T07:00", "2026-05-01 19:00/2026-05-02 07:00"),
    ],
)
def test_a_period_is_called_by_its_ends(first: str, last: str, label: str) -> None:
    assert Period.between(first, last, HERE).label == label


def test_stated_weather_holds_for_all_of_a_period() -> None:
    found = Period.between("2026-05-01", "2026-05-05", HERE, "rain").hours(HERE)
    assert (found.weather[:, 1] == 1).all()
    assert found.weight.sum() == 120
