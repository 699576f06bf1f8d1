"""Dates and hours → what is active then, and the 72 moments of a year."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import layer, rules

from riskmap import daylight, holidays, moments
from riskmap.daylight import LIGHTS
from riskmap.errors import RiskmapError
from riskmap.layer import Active
from riskmap.moments import DAYS, SEASONS, WEATHERS, Calendar, Moment

HARBIN, GUANGZHOU = (126.6, 45.8), (113.3, 23.1)
P = rules()
YEAR = Calendar.typical(P, HARBIN)
ALL = ((0.0, 24.0),)


def acts(*active: Active) -> dict[str, float]:
    """Moments in which a layer acts, by label."""
    found = moments.active(layer(active=active), YEAR)
    return {Moment.numbered(n).label: round(share, 4) for n, share in enumerate(found) if share}


def test_the_moments_stand_for_every_hour_of_the_year() -> None:
    year = moments.year(rules())
    assert year.hours.sum() == 8760
    assert year.hours.reshape(3, 24)[:, 0].tolist() == [190, 58, 117]


def test_the_year_shares_out_its_traffic_and_no_more() -> None:
    year = moments.year(rules())
    assert (year.share * year.hours).sum(axis=1) == pytest.approx([1, 1], abs=1e-12)
    assert (year.share > 0).all()


def test_an_hours_traffic_follows_day_and_profile() -> None:
    parameters = rules()
    year = moments.year(parameters)
    weekend, school = (parameters["moments"]["profile"][day]["urban"] for day in
                       ("weekend", "school"))  # fmt: skip
    at = Moment("weekend", 14).number, Moment("school", 7).number
    expected = (weekend["day"] * weekend["hours"][14] / sum(weekend["hours"])) / (
        school["day"] * school["hours"][7] / sum(school["hours"])
    )
    assert year.share[1, at[0]] / year.share[1, at[1]] == pytest.approx(expected)


def test_every_moment_has_a_number_and_a_label_of_its_own() -> None:
    all_ = [Moment.numbered(number) for number in range(72)]
    assert [moment.number for moment in all_] == list(range(72))
    assert len({moment.label for moment in all_}) == 72
    assert Moment("school", 7).label == "school 07"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T18:00", "weekend 18"),  # a Friday, and Labour Day
        ("2026-05-02T18:59", "weekend 18"),
        ("2026-05-09T07:00", "school 07"),  # a Saturday that is worked for it
        ("2026-10-05T08:00", "weekend 08"),
        ("2026-10-08T08:00", "school 08"),
        ("2027-10-05T08:00", "school 08"),  # not announced: a Tuesday
        ("2026-05-03", "weekend 00"),
        ("2026-07-15T07:30", "workday 07"),
        ("2026-07-18T07:30", "weekend 07"),
        ("2026-09-01 00:00", "school 00"),
    ],
)
def test_a_date_and_hour_is_one_moment(text: str, expected: str) -> None:
    assert Moment.at(text, rules()).label == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01T10:00", "2026-05-01T25:00", "18:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(RiskmapError, match=r"--at .*write it like 2026-05-01T18:00"):
        Moment.at(text, rules())


@pytest.mark.parametrize("year", ["0001", "1900", "2100", "9999"])
def test_a_year_without_a_sun_is_refused(year: str) -> None:
    with pytest.raises(RiskmapError, match=r"--at .*: year \d+; write one of 1901 to 2099"):
        Moment.at(f"{year}-01-01T00:00", P, HARBIN)


@pytest.mark.parametrize("text", ["1901-01-01T00:00", "2099-12-31T23:59"])
def test_the_first_and_the_last_year_work(text: str) -> None:
    assert on(text, when(light=("dark",), season=("winter",))) == 1


def test_a_day_or_an_hour_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RiskmapError, match="day 'holiday': unknown"):
        Moment("holiday", 7)
    for hour in (-1, 24):
        with pytest.raises(RiskmapError, match=f"hour {hour}: outside"):
            Moment("school", hour)


def test_a_layer_without_a_window_always_acts() -> None:
    assert (moments.active(layer(), YEAR) == np.ones(72)).all()


def test_a_window_that_covers_half_of_an_hour_counts_half() -> None:
    found = acts(Active(("school",), ((7.5, 9.0), (16.25, 16.5))))
    assert found == {"school 07": 0.5, "school 08": 1, "school 16": 0.25}


def test_two_windows_in_one_hour_add_up() -> None:
    assert acts(Active(("weekend",), ((6.0, 6.25), (6.5, 6.75)))) == {"weekend 06": 0.5}


def test_school_days_are_workdays_too() -> None:
    assert acts(Active(("workday",), ((8.0, 9.0),))) == {"school 08": 1, "workday 08": 1}
    assert acts(Active(("school",), ((8.0, 9.0),))) == {"school 08": 1}


def test_every_day_type_can_have_its_own_hours() -> None:
    found = acts(Active(("school",), ((8.0, 9.0),)), Active(("weekend",), ((22.0, 24.0),)))
    assert found == {"school 08": 1, "weekend 22": 1, "weekend 23": 1}


def over(*active: Active, **known: Any) -> float:
    """Share of the hour in which a layer acts at a moment."""
    moment = Moment(**{"day": "school", "hour": 12} | known)
    return moments.active_at(layer(active=active), YEAR.at(moment), moment.hour)


def on(text: str, *active: Active, weather: str | None = None) -> float:
    """Share of the hour in which a layer acts at a date and time in Harbin."""
    moment = Moment.at(text, P, HARBIN, weather)
    return moments.active_at(layer(active=active), YEAR.at(moment), moment.hour)


def when(**words: Any) -> Active:
    """Table of a layer that names nothing else."""
    return Active(**{"days": DAYS, "hours": ALL} | words)


# --- a date --------------------------------------------------------------------------------------


def test_a_date_and_place_say_all_but_the_weather() -> None:
    assert Moment.at("2026-04-03T18:30", P, HARBIN) == Moment(
        "school", 18, "dusk", "spring", None, ("qingming", -1), date(2026, 4, 3)
    )
    found = Moment.at("2026-12-20T16:00", P, HARBIN, "ice")
    assert (found.light, found.season, found.weather) == ("dusk", "winter", "ice")
    assert Moment.at("2026-12-20T16:00", P).light is None


def test_the_same_time_is_dark_in_the_north_and_light_in_the_south() -> None:
    places = (HARBIN, GUANGZHOU)
    assert [Moment.at("2026-12-20T17:00", P, place).light for place in places] == ["dark", "day"]


def test_a_time_of_another_zone_is_told_by_the_clocks_of_the_place() -> None:
    found = Moment.at("2026-04-30T23:30+00:00", P, HARBIN)
    assert (found.date, found.label) == (date(2026, 5, 1), "weekend 07")


@pytest.mark.parametrize("text", ["2003-10-01T10:00", "2027-10-01T10:00"])
def test_a_date_of_an_unknown_calendar_counts_by_weekday_and_says_so(text: str) -> None:
    found = Moment.at(text, P, HARBIN)
    assert (found.day, found.holiday, found.calendar_known) == ("school", None, False)
    assert Moment.at(text.replace("2003", "2020").replace("2027", "2020"), P).calendar_known
    # sun and season are known all the same, and holidays are those of such days in a mean year
    assert on(text, when(light=("day",), season=("autumn",))) == 1
    assert on(text, when(season=("spring",))) == 0
    assert 0 < on(text.replace("-10-01", "-10-03" if "2027" in text else "-10-04"),
                  when(holiday=("national_day",))) < 1  # fmt: skip


def test_a_project_may_count_no_public_holidays() -> None:
    parameters = rules(moments={"public_holidays": False})
    found = Moment.at("2026-10-01T10:00", parameters, HARBIN)
    assert (found.day, found.holiday, found.calendar_known) == ("school", None, True)
    own = layer(active=(when(holiday=("national_day",)),))
    assert not moments.active(own, Calendar.typical(parameters, HARBIN)).any()


def test_a_moment_can_be_a_key() -> None:
    twice = [Moment.at("2026-04-05T10:00", P, HARBIN, "rain") for _ in range(2)]
    assert len(set(twice)) == 1
    assert twice[0] != replace(twice[0], weather="fog")
    assert Moment("school", 7).is_mean
    assert not twice[0].is_mean


@pytest.mark.parametrize(
    ("what", "word"),
    [("light", "night"), ("season", "monsoon"), ("weather", "snow"), ("holiday", ("easter", 0))],
)
def test_a_state_that_does_not_exist_is_refused(what: str, word: object) -> None:
    with pytest.raises(RiskmapError, match=f"{what} '.*': unknown; use one of"):
        Moment("school", 7, **{what: word})  # type: ignore[arg-type]


# --- what acts at a moment -----------------------------------------------------------------------


def test_a_dark_layer_is_silent_at_noon_in_july_and_speaks_on_a_december_evening() -> None:
    dark = when(light=("dark",))
    assert on("2026-07-10T12:00", dark) == 0
    assert on("2026-12-10T20:00", dark) == 1
    assert on("2026-12-10T16:30", dark) == 1
    assert on("2026-06-10T16:30", dark) == 0


def test_a_holiday_layer_speaks_in_its_break_and_as_long_around_it_as_it_says() -> None:
    own, wider = (when(holiday=("qingming",), offset_days=days) for days in ((0, 0), (-2, 1)))
    days = ["04-01", "04-02", "04-03", "04-04", "04-05", "04-06", "04-07", "04-08", "05-01"]
    found = [[on(f"2026-{day}T10:00", table) for day in days] for table in (own, wider)]
    assert found == [[0, 0, 0, 1, 1, 1, 0, 0, 0], [0, 1, 1, 1, 1, 1, 1, 0, 0]]


def test_a_layer_may_speak_on_the_eve_alone() -> None:
    eve = when(holiday=("national_day", "labour_day"), offset_days=(-1, -1), hours=((17.0, 22.0),))
    assert on("2026-09-30T18:00", eve) == on("2026-04-30T18:00", eve) == 1
    assert on("2026-09-30T10:00", eve) == on("2026-10-01T18:00", eve) == 0


def test_a_school_layer_is_silent_on_holidays_and_speaks_on_a_make_up_saturday() -> None:
    school = Active(("school",), ((7.0, 8.0),))
    found = [on(f"2026-{day}T07:00", school) for day in ("10-10", "10-11", "10-01", "10-09")]
    assert found == [1, 0, 0, 1]


def test_stated_weather_is_certain_and_unstated_weather_is_that_of_the_season() -> None:
    icy = when(weather=("ice",))
    winter = P["weather"]["share"]["winter"]["ice"]
    assert [on("2026-01-20T08:00", icy, weather=w) for w in (None, "ice", "rain")] == [winter, 1, 0]
    assert on("2026-07-20T08:00", icy) == 0
    # a user who says so has seen it
    assert on("2026-07-20T08:00", icy, weather="ice") == 1


def test_what_is_stated_tells_of_what_is_not() -> None:
    winter = when(season=("winter",))
    assert (over(winter, season="winter"), over(winter, season="summer")) == (1, 0)
    # on a school day with ice it is likely winter
    days = [over(when(season=(name,))) for name in SEASONS]
    icy = [days[n] * P["weather"]["share"][name]["ice"] for n, name in enumerate(SEASONS)]
    assert over(winter, weather="ice") == pytest.approx(icy[3] / sum(icy))
    assert over(winter, light="dark", hour=17) > days[3]
    assert over(when(season=("autumn",)), holiday=("national_day", -1)) == 1


def test_a_kind_of_day_that_the_season_has_not_is_like_its_other_days() -> None:
    # plain workdays are those of summer here; in winter the sun is the same for all
    dark = when(light=("dark",))
    found = over(dark, day="workday", hour=17, season="winter")
    everyday = over(dark, day="school", hour=17, season="winter")
    assert found == pytest.approx(everyday, abs=0.05)


def test_a_moment_on_no_day_is_refused() -> None:
    with pytest.raises(RiskmapError, match=r"school 12: no day is winter and qingming \+0; leave"):
        over(when(), season="winter", holiday=("qingming", 0))


def test_all_of_a_table_must_hold_and_one_of_several_tables() -> None:
    both = when(light=("dark",), weather=("rain",))
    either = (when(light=("dark",)), when(weather=("rain",)))
    night, noon = {"light": "dark", "hour": 20}, {"light": "day", "hour": 12}
    for state, all_, one in (
        ({**night, "weather": "rain"}, 1, 1),
        ({**night, "weather": "dry"}, 0, 1),
        ({**noon, "weather": "rain"}, 0, 1),
        ({**noon, "weather": "dry"}, 0, 0),
    ):
        assert over(both, **state) == all_
        assert over(*either, **state) == one


def test_windows_of_two_tables_count_the_minutes_that_they_share_once() -> None:
    early = Active(("school",), ((7.0, 7.5),), light=("day", "dawn"))
    later = Active(("school",), ((7.25, 7.75),), weather=("dry", "rain", "fog"))
    assert over(early, later, hour=7, light="day", weather="dry") == 0.75
    assert over(early, later, hour=7, light="dark", weather="dry") == 0.5
    assert over(early, later, hour=7, light="dark", weather="ice") == 0


def test_what_is_there_for_a_time_acts_then_and_by_its_days_in_the_year() -> None:
    span = (date(2026, 6, 10), date(2026, 7, 9))
    for text, share in (("2026-06-09", 0), ("2026-06-10", 1), ("2026-07-09", 1), ("2026-07-10", 0),
                        ("2025-06-20", 0), ("2031-06-20", 0)):  # fmt: skip
        moment = Moment.at(f"{text}T10:00", P, HARBIN)
        assert moments.active_at(layer(), YEAR.at(moment), 10, span) == share
    year = moments.active(layer(), YEAR, span).reshape(3, 24)
    days = np.array([(YEAR.kind == kind).sum() for kind in range(3)])
    assert days @ year / days.sum() == pytest.approx(np.full(24, 30 / 365))
    for ends in ((date(2025, 3, 1), date(2026, 3, 1)), (date(2020, 1, 1), date(2029, 1, 1))):
        assert (moments.active(layer(), YEAR, ends) == 1).all()
    moment = Moment.at("2031-06-20T10:00", P, HARBIN)
    there = (date(2031, 6, 1), date(2031, 6, 30))
    assert moments.active_at(layer(), YEAR.at(moment), 10, there) == 1


# --- the mean year -------------------------------------------------------------------------------


def weekly(active: Active) -> float:
    """Share of all hours of the mean year."""
    days = np.array([(YEAR.kind == kind).sum() for kind in range(3)])
    found = moments.active(layer(active=(active,)), YEAR).reshape(3, 24).mean(axis=1)
    return float(found @ days / days.sum())


def test_the_mean_year_has_the_days_that_the_calendar_has() -> None:
    # 2025 has 248 days of work, 2026 has 249
    assert (YEAR.kind == DAYS.index("weekend")).sum() == 2 * 365 - 248 - 249 + 1
    assert len(YEAR.dates) == 730


def test_a_holiday_has_its_days_of_the_year_and_they_are_weekends() -> None:
    found = moments.active(layer(active=(when(holiday=("national_day",)),)), YEAR).reshape(3, 24)
    assert (found[:2] == 0).all()
    assert weekly(when(holiday=("national_day",))) == pytest.approx((8 + 7) / 730)
    assert weekly(when(holiday=("qingming",), offset_days=(-1, 1))) == pytest.approx(5 / 365)


def test_light_is_that_of_the_days_of_a_kind() -> None:
    dark = moments.active(layer(active=(when(light=("dark",)),)), YEAR).reshape(3, 24)
    assert (dark[:, 12] == 0).all()
    assert (dark[:, 23] == 1).all()
    # plain workdays are those of July and August
    assert dark[1, 17] == 0 < dark[2, 17] < dark[0, 17]
    shares = daylight.shares(*HARBIN, "Asia/Shanghai")
    assert weekly(when(light=("dark",))) == pytest.approx(
        shares[:, LIGHTS.index("dark")].mean(), abs=1e-3
    )


def test_seasons_divide_the_year_and_weathers_the_hour() -> None:
    seasons = [weekly(when(season=(name,))) for name in SEASONS]
    assert seasons == pytest.approx([92 / 365, 92 / 365, 91 / 365, 90 / 365])
    ice = [P["weather"]["share"][name]["ice"] for name in SEASONS]
    assert weekly(when(weather=("ice",))) == pytest.approx(np.dot(seasons, ice))
    assert sum(weekly(when(weather=(name,))) for name in WEATHERS) == pytest.approx(1)


def test_ice_in_winter_is_all_the_ice_of_winter() -> None:
    share = P["weather"]["share"]["winter"]["ice"]
    found = weekly(when(season=("winter",), weather=("ice",)))
    assert found == pytest.approx(share * 90 / 365)


@pytest.mark.parametrize("share", [{"ice": -0.1}, {"ice": 0.5, "rain": 0.6}])
def test_weather_that_cannot_be_is_refused(share: dict[str, float]) -> None:
    parameters = rules(weather={"share": {"winter": share}})
    with pytest.raises(RiskmapError, match=r"weather\.share\.winter must be 0 or more and add up"):
        Calendar.typical(parameters, HARBIN)


def test_a_year_without_one_kind_of_day_still_has_its_moments() -> None:
    parameters = rules(moments={"no_school_months": []})
    own = layer(active=(when(light=("dark",)),))
    found = moments.active(own, Calendar.typical(parameters, HARBIN)).reshape(3, 24)
    assert 0 < found[1, 17] < 1


WORDS = {
    "light": LIGHTS, "season": SEASONS, "weather": WEATHERS, "holiday": tuple(holidays.NAMES),
}  # fmt: skip
TABLES = st.lists(
    st.builds(
        when,
        days=st.sampled_from([DAYS, ("school",), ("workday",), ("weekend",)]),
        hours=st.sampled_from([ALL, ((6.5, 8.25),), ((0.0, 5.0), (18.5, 24.0))]),
        **{
            what: st.lists(st.sampled_from(words), max_size=2, unique=True).map(tuple)
            for what, words in WORDS.items()
        },
    ),
    min_size=1,
    max_size=3,
)


@given(TABLES)
@settings(max_examples=25, deadline=None)
def test_tables_act_at_least_as_the_strongest_and_at_most_as_all_in_turn(
    tables: list[Active],
) -> None:
    found = moments.active(layer(active=tuple(tables)), YEAR)
    each = np.array([moments.active(layer(active=(table,)), YEAR) for table in tables])
    assert (found >= each.max(axis=0) - 1e-9).all()
    assert (found <= np.minimum(each.sum(axis=0), 1.0) + 1e-9).all()


@given(TABLES, st.sampled_from(DAYS), st.integers(0, 23))
@settings(max_examples=25, deadline=None)
def test_a_moment_is_the_mean_of_the_weathers_that_it_may_have(
    tables: list[Active], day: str, hour: int
) -> None:
    own = layer(active=tuple(tables))
    moment = Moment(day, hour)
    here = YEAR.at(moment)
    chance = here.weather.mean(axis=0)
    each = [
        moments.active_at(own, YEAR.at(replace(moment, weather=name)), hour) for name in WEATHERS
    ]
    # weather that never comes on such a day counts nothing
    assert np.dot(chance, each) == pytest.approx(
        moments.active(own, YEAR)[moment.number], abs=1e-9
    )


@given(TABLES)
@settings(max_examples=15, deadline=None)
def test_dates_average_to_the_mean_year(tables: list[Active]) -> None:
    own, hour = layer(active=tuple(tables)), 18
    days = range(730)
    found = np.array([
        moments.active_at(own, _of_one_day(day), hour) for day in days
    ])
    for number, kind in enumerate(DAYS):
        mean = found[YEAR.kind == number].mean()
        expected = moments.active(own, YEAR)[Moment(kind, hour).number]
        assert mean == pytest.approx(expected, abs=1e-9)


def _of_one_day(number: int) -> Calendar:
    one = slice(number, number + 1)
    return replace(
        YEAR,
        **{name: getattr(YEAR, name)[one]
           for name in ("dates", "weight", "kind", "season", "light", "weather")},
        offset={name: values[one] for name, values in YEAR.offset.items()},
    )  # fmt: skip
