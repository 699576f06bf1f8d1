"""A brigade's resources: what the file says, and who is on in a shift."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import shapely
from brigade import CAR, NIGHT, ONE, POST, RULES, numbers, template, written
from hypothesis import given
from hypothesis import strategies as st

from riskmap import calendars, staffing
from riskmap.coords import from_wgs84
from riskmap.errors import RiskmapError
from riskmap.staffing import Break, Limits, Place, Resources, Shift, Station, Team, Town

Given = Callable[..., Resources]

FRIDAY, SATURDAY, MAY_DAY = dt.date(2026, 5, 8), dt.date(2026, 5, 16), dt.date(2026, 5, 1)


@pytest.fixture
def given_text(tmp_path: Path) -> Given:
    """Read a file with this text."""
    return partial(written, tmp_path)


def sizes(teams: tuple[Team, ...]) -> list[int]:
    return [team.officers for team in teams]


def test_the_template_staffs_a_school_day_a_weekend_and_a_night() -> None:
    own = template()
    friday, saturday = (own.on(day, "白班") for day in (FRIDAY, SATURDAY))
    assert [team.name for team in friday.teams] == ["north-2", "north-A1", "south-A1", "south-A2"]
    assert [car.name for car in friday.cars] == ["north-1", "south-1", "mobile-1"]
    assert friday.cars[2].ids == ("301", "302")
    assert (friday.officers, saturday.officers) == (14, 12)
    asked = [(task.post.id, task.from_min, task.to_min) for task in friday.tasks]
    assert asked == [("school-1", 430, 490), ("school-1", 990, 1050), ("centre", 1020, 1110)]
    assert saturday.tasks == ()
    night = own.on(FRIDAY, "夜班")
    assert (night.from_min, night.to_min) == (19 * 60, 31 * 60)
    assert [(b.earliest_min, b.latest_min) for b in night.breaks] == [(1410, 1530)]
    assert [team.station for team in night.teams] == [Station(9.5205, 47.2108)]


# --- what the file says ------------------------------------------------------------------------


def test_the_least_that_a_file_must_say(given_text: Given) -> None:
    own = given_text(ONE)
    assert own.squadrons[0].en == own.squadrons[0].zh == "一中队"
    assert own.shifts == (Shift("day", 420, 1140),)
    assert own.limits == Limits.of(RULES)
    duty = own.on(FRIDAY, "day")
    assert sizes(duty.teams) == [3, 2, 2]
    assert duty.cars == duty.breaks == duty.tasks == ()
    assert {team.station for team in duty.teams} == {Station(9.52, 47.14)}


def test_a_shift_that_ends_before_it_begins_ends_the_next_day(given_text: Given) -> None:
    text = ONE.replace('"07:00"', '"22:00"').replace('"19:00"', '"06:00"')
    assert given_text(text).shifts == (Shift("day", 1320, 1800),)


def test_times_may_be_times_of_toml_and_a_shift_may_end_at_midnight(given_text: Given) -> None:
    text = ONE.replace('"07:00"', "16:00:00").replace('"19:00"', '"24:00"')
    assert given_text(text).shifts == (Shift("day", 960, 1440),)


def test_vehicles_take_their_officers_first_and_one_that_does_not_patrol_stands(
    given_text: Given,
) -> None:
    bus = CAR.replace("c1", "c2") + "officers = 3\npatrols = false\n"
    duty = given_text(ONE + CAR + bus).on(FRIDAY, "day")
    assert [(car.name, car.officers, car.vehicle) for car in duty.cars] == [("c1", 2, "car")]
    assert [(t.name, t.officers, t.vehicle) for t in duty.teams] == [
        ("c2", 3, "car"), ("1-A1", 2, ""),
    ]  # fmt: skip


def test_one_officer_too_few_for_a_team_is_spare_and_counted(given_text: Given) -> None:
    duty = given_text(ONE.replace("officers = 7", "officers = 3") + CAR).on(FRIDAY, "day")
    assert (duty.teams, duty.spare, duty.officers) == ((), 1, 3)


@given(st.integers(2, 60), st.integers(1, 5), st.integers(0, 5))
def test_every_officer_is_in_one_team_and_no_team_is_smaller_than_the_rule(
    officers: int, least: int, cars: int
) -> None:
    rules = {**RULES, "deploy": {**RULES["deploy"], "officers_post": least, "officers_car": 3}}
    own = numbers(posts=officers, patrols=cars, rules=rules)
    duty = own.on(FRIDAY, "day")
    assert sizes(duty.cars) == [3] * cars
    assert sizes(duty.teams) == [least] * officers
    assert duty.officers == own.squadrons[0].officers


@given(st.integers(2, 99), st.integers(1, 7))
def test_teams_share_officers_evenly(officers: int, least: int) -> None:
    own = numbers(posts=1)
    rota = own.rotas[0]
    squadron = own.squadrons[0]
    changed = Resources(
        (staffing.Squadron(squadron.id, "", "", None, officers),), (), own.shifts,
        (staffing.Rota(rota.shift, rota.squadron, rota.days, officers, (), ()),), (), (), (),
        Limits(**{**vars(own.limits), "officers_post": least}),
    )  # fmt: skip
    if officers < least:
        assert changed.crews(rota.shift, "school") == ((), (), officers)
        return
    duty = changed.on(FRIDAY, rota.shift)
    assert duty.officers == officers
    assert duty.spare < least
    assert all(size >= least for size in sizes(duty.teams))
    assert not duty.teams or max(sizes(duty.teams)) - min(sizes(duty.teams)) <= 1
    assert len(duty.teams) == officers // least


def test_officers_by_number_follow_into_their_teams(given_text: Given) -> None:
    numbers = 'officers = 7\nofficer_ids = ["101", "102", "103", "104", "105", "106", "107"]'
    duty = given_text(ONE.replace("officers = 7", numbers) + CAR).on(FRIDAY, "day")
    assert duty.cars[0].ids == ("101", "102")
    assert [team.ids for team in duty.teams] == [("103", "104", "105"), ("106", "107")]


def test_a_rota_says_who_works_on_which_kind_of_day(given_text: Given) -> None:
    text = ONE + CAR + """
[[rota]]
shift = "day"
squadron = "1"
days = ["workday"]
officers = 4

[[rota]]
shift = "day"
squadron = "1"
days = "节假日"
officers = 2
vehicles = []
"""
    own = given_text(text)
    assert own.on(FRIDAY, "day").officers == 4
    assert [car.name for car in own.on(FRIDAY, "day").cars] == ["c1"]
    assert own.on(MAY_DAY, "day").cars == ()
    assert own.on(MAY_DAY, "day").officers == 2
    message = "shift 'day': nobody works it on 2026-05-16, a day of kind 'weekend'"
    with pytest.raises(RiskmapError, match=message):
        own.on(SATURDAY, "day")


def test_no_calendar_is_asked_where_all_days_are_alike(given_text: Given) -> None:
    far = dt.date(2050, 1, 1)
    assert given_text(ONE).on(far, "day").officers == 7
    with pytest.raises(RiskmapError, match="public holidays of 2050: unknown"):
        given_text(ONE + '[[rota]]\nshift = "day"\nsquadron = "1"\ndays = ["school"]').on(
            far, "day"
        )


def test_the_next_years_holidays_are_asked_only_by_a_post_that_opens_then(
    given_text: Given,
) -> None:
    rota = '[[rota]]\nshift = "{}"\nsquadron = "1"\ndays = ["workday"]\n'
    text = ONE + NIGHT + rota.format("day") + rota.format("night")
    last_known = dt.date(2026, 12, 31)
    assert given_text(text).on(last_known, "night").officers == 7
    early = given_text(text + POST + 'hours = ["06:00-08:00"]\ndays = ["school"]\n')
    assert early.on(last_known, "day").officers == 7
    with pytest.raises(RiskmapError, match="public holidays of 2027: unknown"):
        early.on(last_known, "night")


def test_the_brigades_calendar_counts(given_text: Given, tmp_path: Path) -> None:
    own = given_text(ONE + '[[rota]]\nshift = "day"\nsquadron = "1"\ndays = ["school"]')
    (tmp_path / "c.toml").write_text(
        "[[term]]\nfirst = 2026-02-01\nlast = 2026-05-01\n", encoding="utf-8"
    )
    assert own.on(FRIDAY, "day").officers == 7
    with pytest.raises(RiskmapError, match="a day of kind 'workday'"):
        own.on(FRIDAY, "day", calendar=calendars.read(tmp_path / "c.toml"))


def test_an_unknown_shift_is_named_with_what_was_meant(given_text: Given) -> None:
    with pytest.raises(RiskmapError, match="shift 'dya': there is none; did you mean 'day'"):
        given_text(ONE).on(FRIDAY, "dya")


@pytest.mark.parametrize(("hours", "expected"), [
    ("", [(1140, 1860)]),
    ('hours = ["22:00-02:00"]', [(1320, 1560)]),
    ('hours = ["05:00-06:00"]', [(1740, 1800)]),
    ('hours = ["06:30-07:30"]', [(1830, 1860)]),
    ('hours = ["18:00-20:00", "23:00-23:30"]', [(1140, 1200), (1380, 1410)]),
])  # fmt: skip
def test_hours_of_a_post_fall_into_a_shift_over_midnight(
    given_text: Given, hours: str, expected: list[tuple[float, float]]
) -> None:
    own = given_text(ONE + NIGHT + POST + hours)
    assert [(t.from_min, t.to_min) for t in own.on(FRIDAY, "night").tasks] == expected


def test_hours_of_the_day_before_reach_into_a_shift_from_midnight(given_text: Given) -> None:
    text = ONE.replace('"07:00"', '"00:00"').replace('"19:00"', '"24:00"')
    own = given_text(text + POST + 'hours = ["22:00-02:00"]')
    tasks = own.on(FRIDAY, "day").tasks
    assert [(task.from_min, task.to_min) for task in tasks] == [(0, 120), (1320, 1440)]


def test_the_morning_after_a_school_day_that_is_none_has_no_school_guard(given_text: Given) -> None:
    text = ONE + NIGHT + POST + 'hours = ["06:00-08:00"]\ndays = ["school"]\nschool = true\n'
    own = given_text(text)
    assert own.on(SATURDAY, "night").tasks == ()
    sunday_before_school = dt.date(2026, 5, 17)
    assert [t.from_min for t in own.on(sunday_before_school, "night").tasks] == [1800]


def test_a_break_lies_within_its_shift_also_after_midnight(given_text: Given) -> None:
    rest = '[[break]]\nminutes = 30\nfrom = "02:00"\nto = "04:00"\nwhere = "驻地"\nat_once = 1\n'
    own = given_text(ONE + NIGHT + rest)
    assert own.breaks == (Break(30, 120, 210, at_station=True, at_once=1, shifts=("night",)),)
    assert own.on(FRIDAY, "day").breaks == ()
    (found,) = own.on(FRIDAY, "night").breaks
    assert (found.earliest_min, found.latest_min) == (1560, 1650)


def test_limits_of_the_file_come_before_those_of_the_parameters(given_text: Given) -> None:
    own = given_text(ONE + '[limits]\nevery_min = 45\npeaks = ["06:30-08:30"]\nofficers_post = 3')
    assert (own.limits.every_min, own.limits.peaks) == (45, ("06:30-08:30",))
    assert sizes(own.on(FRIDAY, "day").teams) == [4, 3]
    rules = own.limits.over(RULES)
    assert rules["deploy"]["every_min"] == 45
    assert rules["deploy"]["effect"] == RULES["deploy"]["effect"]
    assert rules["sites"] == {**RULES["sites"], "seen_min": 120}
    assert Limits.of(rules) == own.limits


# --- coordinate systems ------------------------------------------------------------------------


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
@pytest.mark.parametrize("said", ["file", "row", "option"])
def test_places_of_chinese_maps_become_wgs84(given_text: Given, system: str, said: str) -> None:
    lon, lat = (float(x) for x in from_wgs84(117.2, 28.3, system))
    where = f"lon = {lon}\nlat = {lat}\n"
    text = (ONE + POST).replace("lon = 9.52\nlat = 47.14\n", where)
    text += f'[[place]]\nsquadron = "1"\nname = "a"\n{where}'
    if said == "file":
        text = f'crs = "{system}"\n{text}'
    if said == "row":  # it comes before what the file says
        text = 'crs = "wgs84"\n' + text.replace(where, f'{where}crs = "{system}"\n')
    own = given_text(text, crs=system if said == "option" else None)
    station = own.squadrons[0].station
    assert station
    found: list[Station | Place | Town] = [station, own.posts[0].place, *own.squadrons[0].towns]
    assert len(found) == 3
    for place in found:
        assert (place.lon, place.lat) == pytest.approx((117.2, 28.3), abs=1e-9)


def test_the_file_comes_before_the_option(given_text: Given) -> None:
    text = 'crs = "wgs84"\n' + ONE.replace("9.52", "117.2").replace("47.14", "28.3")
    assert given_text(text, crs="gcj02").squadrons[0].station == Station(117.2, 28.3)


def test_an_area_file_is_read_beside_the_resources(given_text: Given, tmp_path: Path) -> None:
    square = shapely.box(117.0, 28.0, 117.5, 28.5)
    x, y = from_wgs84(*shapely.get_coordinates(square).T, "gcj02")
    ring = [[float(a), float(b)] for a, b in zip(x, y, strict=True)]
    (tmp_path / "z1.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
        f'{{"type":"Polygon","coordinates":[{ring}]}}}}]}}',
        encoding="utf-8",
    )
    (tmp_path / "z1.toml").write_text('crs = "gcj02"\n', encoding="utf-8")
    own = given_text(ONE.replace("officers = 7", 'officers = 7\narea = "z1.geojson"'))
    area = own.squadrons[0].area
    assert area is not None
    assert shapely.hausdorff_distance(area, square) < 1e-8
