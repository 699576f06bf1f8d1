"""Traffic by the hour: it shares out the year, and follows road class, area and day."""

import numpy as np
import pandas as pd
import pytest
from streets import rules
from test_hours import HERE, YEAR

from riskmap import profiles
from riskmap.errors import RiskmapError
from riskmap.moments import Moment, Period
from riskmap.profiles import Profiles

P = rules()
FOUND = Profiles.stated(P, YEAR)
THROUGH, MAIN, LOCAL = 0, 2, 4


def share(profile: int, text: str) -> float:
    hours = Moment.at(text, HERE).hours(HERE)
    return float(FOUND.share(hours)[profile, 0])


def test_the_year_shares_out_its_traffic_and_no_more() -> None:
    found = FOUND.share(YEAR)
    assert found.sum(axis=1) == pytest.approx(np.ones(6), abs=1e-12)
    assert (found > 0).all()


def test_places_have_the_profile_of_their_class_and_area() -> None:
    table = pd.DataFrame({
        "road_class": ["trunk", "secondary", "service", "motorway_link"],
        "area": ["rural", "urban", "rural", "urban"],
    })
    assert profiles.of_places(table, P).tolist() == [THROUGH, MAIN + 1, LOCAL, THROUGH + 1]


def test_every_class_of_road_is_in_one_group() -> None:
    names = [name for group in P["moments"]["groups"].values() for name in group]
    assert sorted(names) == sorted(P["roads"]["classes"])


def test_an_hours_traffic_follows_day_and_profile() -> None:
    rule = P["moments"]["profile"]["main"]
    weekend, school = (rule[day]["rural"] for day in ("weekend", "school"))
    expected = (weekend["day"] * weekend["hours"][14] / sum(weekend["hours"])) / (
        school["day"] * school["hours"][7] / sum(school["hours"])
    )
    found = share(MAIN, "2026-05-10T14:00") / share(MAIN, "2026-05-11T07:00")
    assert found == pytest.approx(expected)


def test_through_roads_fill_on_the_eve_the_first_morning_and_the_last_evening() -> None:
    waves = P["moments"]["waves"]
    for text, phase in (("04-30T18:00", "eve"), ("05-01T09:00", "first"), ("05-05T18:00", "last")):
        ratio = share(THROUGH, f"2026-{text}") / share(LOCAL, f"2026-{text}")
        hour = text[-5:]
        plain = {"eve": f"2026-04-28T{hour}"}.get(phase, f"2026-05-03T{hour}")
        calm = share(THROUGH, plain) / share(LOCAL, plain)
        expected = waves[phase]["through"] / waves[phase]["local"]
        assert ratio / calm == pytest.approx(expected)


def test_holidays_move_traffic_out_of_the_rest_of_the_year() -> None:
    week = Period.between("2026-05-01", "2026-05-05", HERE).hours(HERE)
    plain = Period.between("2026-05-11", "2026-05-15", HERE).hours(HERE)
    daily = [(FOUND.share(hours) @ hours.weight)[THROUGH] for hours in (week, plain)]
    assert daily[0] > daily[1]


def test_a_counted_road_has_its_own_hours_and_the_waves_of_its_like() -> None:
    vehicles = np.full((1, 4, 24), 100.0)
    vehicles[0, 0, 7] = 300.0
    found = FOUND.counted(np.array([THROUGH]), vehicles, YEAR)
    own = len(FOUND.table)
    monday = Period.between("2026-05-11", "2026-05-11", HERE).hours(HERE)
    of_day = found.share(monday)[own]
    assert of_day[7] / of_day[8] == pytest.approx(3)
    eve = Period.between("2026-04-30", "2026-04-30", HERE).hours(HERE)
    wave = P["moments"]["waves"]["eve"]["through"]
    assert found.share(eve)[own][18] / of_day[18] == pytest.approx(wave)
    assert found.share(YEAR)[own].sum() == pytest.approx(1)
    assert found.daily(np.array([own]), YEAR)[0] > 2400


def test_a_class_in_no_group_is_refused() -> None:
    table = pd.DataFrame({"road_class": ["trunk", "service"], "area": ["rural", "urban"]})
    broken = rules(moments={"groups": {"local": ["residential"]}})
    with pytest.raises(RiskmapError, match=r"moments\.groups leaves out service; put each class"):
        profiles.of_places(table, broken)


@pytest.mark.parametrize(
    ("wave", "said"),
    [({"hours": [22, 2]}, "two whole hours from 0 to 24"), ({"hours": [15]}, "two whole hours"),
     ({"hours": [15.5, 23]}, "two whole hours"), ({"hours": [-3, 30]}, "two whole hours"),
     ({"through": -3.0}, "a number above 0 for through")],
)  # fmt: skip
def test_a_wave_that_cannot_be_is_refused(wave: dict[str, object], said: str) -> None:
    with pytest.raises(RiskmapError, match=rf"moments\.waves\.eve needs|{said}"):
        Profiles.stated(rules(moments={"waves": {"eve": wave}}), YEAR)


def test_a_day_without_traffic_is_refused() -> None:
    broken = rules(moments={"profile": {"main": {"school": {"rural": {"day": -1.0}}}}})
    with pytest.raises(RiskmapError, match=r"profile\.main\.school\.rural\.day must be above 0"):
        Profiles.stated(broken, YEAR)


@pytest.mark.parametrize("hours", [[1.0] * 23, [0.0] * 24, [-1.0] + [1.0] * 23])
def test_a_profile_that_is_no_day_is_refused(hours: list[float]) -> None:
    broken = rules(moments={"profile": {"main": {"school": {"rural": {"hours": hours}}}}})
    with pytest.raises(RiskmapError, match=r"profile\.main\.school\.rural\.hours needs 24"):
        Profiles.stated(broken, YEAR)
