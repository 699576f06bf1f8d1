"""Hours of the calendar: the clock and its changes, what acts in them, what they average to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import rules

from riskmap import calendars
from riskmap.daylight import LIGHTS
from riskmap.errors import RiskmapError
from riskmap.hours import KINDS, Almanac, Hours, Window
from riskmap.layer import Active
from riskmap.moments import Moment, Normal, Period
from riskmap.vocabulary import DAYS, HOLIDAYS, SEASONS, WEATHERS

HARBIN, GUANGZHOU, VADUZ, KATHMANDU = (126.6, 45.8), (113.3, 23.1), (9.52, 47.14), (85.3, 27.7)
P = rules()
ALL = ((0.0, 24.0),)


def almanac(place: tuple[float, float] = HARBIN, **changes: Any) -> Almanac:
    """Look things up at a place, with other constants."""
    parameters = rules(**changes)
    counted = parameters["moments"]["public_holidays"]
    return Almanac(place, calendars.read(None, public_holidays=counted), parameters)


HERE = almanac()
YEAR = HERE.year


def when(**words: Any) -> Active:
    """Table of a layer that names nothing else."""
    return Active(**{"days": DAYS, "hours": ALL} | words)


def over(*active: Active, **known: Any) -> float:
    """Share of the hour in which a layer acts at a moment."""
    hours = Moment(**{"day": "school", "hour": 12} | known).hours(HERE)
    return round(float(hours.active(active) @ hours.weight), 12)


def on(text: str, *active: Active, weather: str | None = None) -> float:
    """Share of the hour in which a layer acts at a date and time in Harbin."""
    hours = Moment.at(text, HERE, weather).hours(HERE)
    return float(hours.active(active)[0])


def acts(*active: Active) -> dict[str, float]:
    """Kinds of day and hours in which a layer acts in the mean of the year, by label."""
    share = by_kind(active)
    return {
        f"{kind} {hour:02d}": round(float(share[n, hour]), 4)
        for n, kind in enumerate(KINDS) for hour in range(24) if share[n, hour]
    }  # fmt: skip


def by_kind(active: Sequence[Active]) -> Any:  # numpy's arrays of two shapes
    """Mean share of each kind of day and hour."""
    column = YEAR.kind * 24 + YEAR.clock
    summed = np.bincount(column, YEAR.active(active), minlength=96)
    return (summed / np.bincount(column, minlength=96)).reshape(4, 24)


# --- the clock ----------------------------------------------------------------------------------


def test_a_year_has_its_hours() -> None:
    assert len(YEAR) == 8760
    assert (YEAR.weight == 1).all()
    assert len(almanac(VADUZ).year) == 8760
    leap = almanac(moments={"year": 2024}).year
    assert len(leap) == 8784
    assert [(leap.clock == hour).sum() for hour in range(24)] == [366] * 24


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
def test_a_day_on_which_the_clocks_change_has_23_or_25_hours(day: str, hours: int) -> None:
    found = Period.between(day, day, almanac(VADUZ)).hours(almanac(VADUZ))
    assert len(found) == found.weight.sum() == hours
    assert (found.clock == 2).sum() == {23: 0, 24: 1, 25: 2}[hours]
    assert len(Period.between(day, day, HERE).hours(HERE)) == 24


def test_the_hour_after_the_clocks_have_changed_has_the_sun_of_that_instant() -> None:
    found = Period.between("2026-03-28", "2026-03-29", almanac(VADUZ)).hours(almanac(VADUZ))
    first_day, second_day = (
        found.clock[(found.start.astype("datetime64[D]") == np.datetime64(day))
                    & (found.light[:, LIGHTS.index("day")] > 0)].min()
        for day in ("2026-03-28", "2026-03-29")
    )  # fmt: skip
    assert (first_day, second_day) == (6, 7)


def test_a_day_that_begins_an_hour_late_begins_when_it_does() -> None:
    cairo = almanac((31.2, 30.0))
    found = Period.between("2026-04-24", "2026-04-24", cairo).hours(cairo)
    assert found.clock.tolist() == list(range(1, 24))
    assert len(Period.between("2026-04-23", "2026-04-23", cairo).hours(cairo)) == 24
    later = Period.between("2026-06-08", "2026-06-09", cairo)
    assert Normal(later, 45).hours(cairo).weight.sum() == pytest.approx(48)
    with pytest.raises(RiskmapError, match="does not exist in Africa/Cairo"):
        Moment.at("2026-04-24T00:30", cairo)


def test_half_past_is_the_full_hour_of_a_zone_that_lies_between_two() -> None:
    there = almanac(KATHMANDU)
    found = there.hours(datetime(2026, 5, 1, 7), datetime(2026, 5, 1, 9))  # noqa: DTZ001  # local
    assert [str(start)[11:16] for start in found.start] == ["07:00", "08:00"]


def test_what_lies_inside_of_the_first_and_last_hour_counts() -> None:
    shift = Period.between("2026-05-01T19:30", "2026-05-01T22:15", HERE)
    assert shift.hours(HERE).weight.tolist() == [0.5, 1, 1, 0.25]
    assert Period.between("2026-05-01T19:10", "2026-05-01T19:40", HERE).hours(
        HERE
    ).weight.tolist() == [0.5]


# --- what acts ------------------------------------------------------------------------------------


def test_a_layer_without_a_window_always_acts() -> None:
    assert (YEAR.active(()) == 1).all()


def test_a_window_that_covers_half_of_an_hour_counts_half() -> None:
    found = acts(Active(("school",), ((7.5, 9.0), (16.25, 16.5))))
    assert found == {"school 07": 0.5, "school 08": 1, "school 16": 0.25}


def test_two_windows_in_one_hour_add_up() -> None:
    found = acts(Active(("workday",), ((6.0, 6.25), (6.5, 6.75))))
    assert found == {"school 06": 0.5, "workday 06": 0.5}


def test_school_days_are_workdays_and_public_holidays_are_weekends() -> None:
    assert acts(Active(("workday",), ((8.0, 9.0),))) == {"school 08": 1, "workday 08": 1}
    assert acts(Active(("school",), ((8.0, 9.0),))) == {"school 08": 1}
    assert acts(Active(("weekend",), ((8.0, 9.0),))) == {"weekend 08": 1, "holiday 08": 1}
    assert acts(Active(("holiday",), ((8.0, 9.0),))) == {"holiday 08": 1}


def test_every_day_type_can_have_its_own_hours() -> None:
    found = acts(Active(("school",), ((8.0, 9.0),)), Active(("holiday",), ((22.0, 24.0),)))
    assert found == {"school 08": 1, "holiday 22": 1, "holiday 23": 1}


def test_an_eve_is_the_day_before_people_are_off() -> None:
    eve = Active(("eve",), ((17.0, 22.0),))
    days = ("04-29", "04-30", "05-01", "09-30", "10-01", "02-14")
    assert [on(f"2026-{day}T18:00", eve) for day in days] == [0, 1, 0, 1, 0, 1]
    assert on("2026-04-30T10:00", eve) == 0


def test_a_school_layer_is_silent_on_sundays_and_holidays_and_speaks_on_a_make_up_saturday() -> (
    None
):
    school = Active(("school",), ((7.0, 8.0),))
    silent = ("05-10", "05-01", "10-05", "07-15", "02-10")  # Sunday, holidays, vacations
    assert [on(f"2026-{day}T07:00", school) for day in silent] == [0] * 5
    # Saturdays and a Sunday that are worked, and a plain Monday
    assert [on(f"2026-{day}T07:00", school) for day in ("05-09", "10-10", "09-20", "05-11")] == [
        1
    ] * 4


def test_a_farm_season_is_a_time_of_the_year() -> None:
    planting, harvest = (when(farm=(name,)) for name in ("planting", "harvest"))
    days = ("04-10", "06-15", "10-10")
    found = [[on(f"2026-{day}T06:00", table) for day in days] for table in (planting, harvest)]
    assert found == [[1, 0, 0], [0, 0, 1]]


def test_brigade_hours_stand_instead_of_those_of_the_layer() -> None:
    peak = Active(("workday",), ((7.0, 9.0),))
    own = Window(tables=(Active(("weekend",), ((10.0, 12.0),)),))
    hours = Period.between("2026-05-07", "2026-05-10", HERE).hours(HERE)
    found = hours.active((peak,), own)
    assert found.sum() == 2  # on the Sunday; the Saturday is worked
    assert hours.active((peak,)).sum() == 6


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 364))
@settings(max_examples=25)
def test_what_is_there_for_a_time_acts_on_its_days_and_no_other(first: date, days: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    found = YEAR.active((), Window(first, last))
    inside = (min(last, date(2026, 12, 31)) - first).days + 1
    assert found.sum() == 24 * inside


def test_a_dark_layer_is_silent_at_noon_in_july_and_speaks_on_a_december_evening() -> None:
    dark = when(light=("dark",))
    assert on("2026-07-10T12:00", dark) == 0
    assert on("2026-12-10T20:00", dark) == 1
    assert on("2026-12-10T17:30", dark) == 1
    # civil twilight ends at 16:24 that day, and the whole hour is asked about
    assert on("2026-12-10T16:30", dark) == pytest.approx(0.6, abs=1 / 24)
    assert on("2026-06-10T17:30", dark) == 0


def test_a_holiday_layer_speaks_in_its_break_and_as_long_around_it_as_it_says() -> None:
    own, wider = (when(holiday=("qingming",), offset_days=days) for days in ((0, 0), (-2, 1)))
    days = ["04-01", "04-02", "04-03", "04-04", "04-05", "04-06", "04-07", "04-08", "05-01"]
    found = [[on(f"2026-{day}T10:00", table) for day in days] for table in (own, wider)]
    assert found == [[0, 0, 0, 1, 1, 1, 0, 0, 0], [0, 1, 1, 1, 1, 1, 1, 0, 0]]


def test_a_layer_may_speak_on_the_eve_alone() -> None:
    eve = when(holiday=("national_day", "labour_day"), offset_days=(-1, -1), hours=((17.0, 22.0),))
    assert on("2026-09-30T18:00", eve) == on("2026-04-30T18:00", eve) == 1
    assert on("2026-09-30T10:00", eve) == on("2026-10-01T18:00", eve) == 0


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
    # schools have no vacation in autumn
    dark = when(light=("dark",))
    found, everyday = (over(dark, day=kind, hour=17, season="autumn") for kind in
                       ("workday", "school"))  # fmt: skip
    assert 0 < found < 1
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


# --- the mean year -------------------------------------------------------------------------------


def yearly(*active: Active) -> float:
    """Share of all hours of the year."""
    return float(YEAR.active(active).mean())


def test_a_holiday_has_its_days_of_the_year() -> None:
    assert yearly(when(holiday=("national_day",))) == pytest.approx(7 / 365)
    assert yearly(when(holiday=("qingming",), offset_days=(-1, 1))) == pytest.approx(5 / 365)
    # 33 days off around public holidays in 2026
    assert yearly(when(days=("holiday",))) == pytest.approx(33 / 365)


def test_light_is_that_of_the_days_of_a_kind() -> None:
    dark = by_kind((when(light=("dark",)),))
    assert (dark[:, 12] == 0).all()
    assert (dark[:, 23] == 1).all()


def test_seasons_divide_the_year_and_weathers_the_hour() -> None:
    seasons = [yearly(when(season=(name,))) for name in SEASONS]
    assert seasons == pytest.approx([92 / 365, 92 / 365, 91 / 365, 90 / 365])
    ice = [P["weather"]["share"][name]["ice"] for name in SEASONS]
    assert yearly(when(weather=("ice",))) == pytest.approx(np.dot(seasons, ice))
    assert sum(yearly(when(weather=(name,))) for name in WEATHERS) == pytest.approx(1)


def test_seasons_south_of_the_equator_are_the_other_way_round() -> None:
    south = Moment.at("2026-01-20T08:00", almanac((-70.6, -33.4)))
    assert (south.season, Moment.at("2026-01-20T08:00", HERE).season) == ("summer", "winter")


def test_ice_in_winter_is_all_the_ice_of_winter() -> None:
    share = P["weather"]["share"]["winter"]["ice"]
    found = yearly(when(season=("winter",), weather=("ice",)))
    assert found == pytest.approx(share * 90 / 365)


@pytest.mark.parametrize("share", [{"ice": -0.1}, {"ice": 0.5, "rain": 0.6}])
def test_weather_that_cannot_be_is_refused(share: dict[str, float]) -> None:
    broken = almanac(weather={"share": {"winter": share}})
    with pytest.raises(RiskmapError, match=r"weather\.share\.winter must be 0 or more and add up"):
        len(broken.year)


@pytest.mark.parametrize("year", [0, 1900, 2100])
def test_a_reference_year_without_a_sun_is_refused(year: int) -> None:
    with pytest.raises(RiskmapError, match=rf"moments\.year is {year}; write one of 1901"):
        len(almanac(moments={"year": year, "public_holidays": False}).year)


def test_a_kind_of_day_that_the_year_has_not_is_refused() -> None:
    abroad = almanac(moments={"public_holidays": False})
    with pytest.raises(RiskmapError, match="holiday 08: the reference year has no such day"):
        Moment("holiday", 8).hours(abroad)


def test_a_project_may_count_no_public_holidays() -> None:
    abroad = almanac(moments={"public_holidays": False, "year": 2031})
    assert Moment.at("2026-10-01T10:00", abroad).day == "school"
    assert not (abroad.year.kind == KINDS.index("holiday")).any()
    assert not abroad.year.active((when(holiday=("national_day",)),)).any()


WORDS = {
    "light": LIGHTS, "season": SEASONS, "weather": WEATHERS, "holiday": HOLIDAYS,
    "farm": ("planting", "harvest"),
}  # fmt: skip
TABLES = st.lists(
    st.builds(
        when,
        days=st.sampled_from([DAYS, ("school",), ("workday",), ("weekend",), ("holiday", "eve")]),
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
@settings(max_examples=25)
def test_tables_act_at_least_as_the_strongest_and_at_most_as_all_in_turn(
    tables: list[Active],
) -> None:
    found = YEAR.active(tables)
    each = np.array([YEAR.active((table,)) for table in tables])
    assert (found >= each.max(axis=0) - 1e-9).all()
    assert (found <= np.minimum(each.sum(axis=0), 1.0) + 1e-9).all()


@given(TABLES, st.sampled_from(KINDS), st.integers(0, 23))
@settings(max_examples=25)
def test_a_moment_is_the_mean_of_the_weathers_that_it_may_have(
    tables: list[Active], day: str, hour: int
) -> None:
    moment = Moment(day, hour)
    hours = moment.hours(HERE)
    chance = hours.weight @ hours.weather
    each = [
        over(*tables, day=day, hour=hour, weather=name) if chance[n] else 0.0
        for n, name in enumerate(WEATHERS)
    ]
    assert np.dot(chance, each) == pytest.approx(
        hours.active(tables) @ hours.weight, abs=1e-9
    )


@given(TABLES)
@settings(max_examples=15)
def test_what_acts_in_an_hour_does_not_depend_on_the_hours_asked_for_with_it(
    tables: list[Active],
) -> None:
    whole = YEAR.active(tables)
    some = np.arange(0, 8760, 7)
    assert _rows(YEAR, some).active(tables).tolist() == whole[some].tolist()


def _rows(hours: Hours, rows: Any) -> Hours:  # numpy's index
    keep = np.zeros(len(hours), dtype=bool)
    keep[rows] = True
    return replace(hours.only(keep))


# --- what cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-04-31", "2026-05-05", "--from 2026-04-31: not a date and time .*write it like"),
        ("2026-05-05", "2026-05-01", "an empty period; the end must come after"),
        ("2026-05-01T10:00", "2026-05-01T10:00", "an empty period"),
        ("2026-01-01", "2126-01-01", "longer than 366 days|year 2126"),
        ("2001-01-01", "2050-01-01", "longer than 366 days; ask for a year at a time"),
        ("2031-05-01", "2031-05-02", "public holidays of 2031: unknown"),
        ("2026-12-30", "2031-01-02", "longer than 366"),
        ("1850-05-01", "1850-05-02", "year 1850; write one of 1901 to 2099"),
        ("2026-05-01", "9999-12-31", "year 9999; write one of 1901 to 2099"),
        ("9999-12-31", "9999-12-31", "year 9999"),
        ("0001-01-01T00:00+14:00", "2026-05-02", "year 1;"),
    ],
)
def test_a_period_that_cannot_be_is_refused(first: str, last: str, said: str) -> None:
    with pytest.raises(RiskmapError, match=said):
        Period.between(first, last, HERE)


def test_an_hour_that_the_clocks_skip_is_refused_and_a_repeated_one_is_the_first() -> None:
    there = almanac(VADUZ)
    with pytest.raises(RiskmapError, match=r"2026-03-29T02:30: does not exist in Europe/Vaduz"):
        Moment.at("2026-03-29T02:30", there)
    with pytest.raises(RiskmapError, match="does not exist in Europe/Vaduz, the clocks go forward"):
        Period.between("2026-03-29T02:00", "2026-03-29T05:00", there)
    first = Moment.at("2026-10-25T02:30", there)
    same = Moment.at("2026-10-25T02:30+02:00", there)
    other = Moment.at("2026-10-25T02:30+01:00", there)
    assert first.hours(there).light.tolist() == same.hours(there).light.tolist()
    assert (other.when.fold, first.when.fold) == (1, 0)  # type: ignore[union-attr]
    assert there.instant(other.when) - there.instant(first.when) == np.timedelta64(1, "h")  # type: ignore[arg-type]
