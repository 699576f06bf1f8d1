"""Campaigns: what their files say, whom they aim at, and on what days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import area as assessed
from streets import effect, extract, layer, street, thing

import riskmap
from riskmap import calendars
from riskmap.area import Area
from riskmap.calendars import Calendar
from riskmap.campaign import Campaign
from riskmap.campaign_words import WORDS
from riskmap.campaigns import read_campaign, read_campaigns, rounds
from riskmap.errors import RiskmapError
from riskmap.layers import read_layers
from riskmap.moments import Period
from riskmap.resources import packaged
from riskmap.vocabulary import FAMILIES, Word

SHIPPED = read_campaigns()
NAMES = {
    "drink_driving", "speeding", "over_capacity", "fatigue", "overloading", "people_on_trucks",
    "farm_vehicles", "non_motorised", "school_start", "spring_festival", "qingming", "labour_day",
    "national_day",
}  # fmt: skip
MEASURED = {
    "drink_driving": (0.85, 0.82, 0.89, "A"),
    "speeding": (0.82, 0.77, 0.87, "A"),
    "spring_festival": (0.89, None, None, "B"),
    "labour_day": (0.89, None, None, "B"),
    "national_day": (0.89, None, None, "B"),
}
"""All effects of enforcement that were found; the other campaigns may not claim any."""
ACTIVE = '[[active]]\nhours = ["20:00-02:00"]\n'
EFFECT = '[effect]\nfactor = 0.85\ngrade = "A"\nsource = "a meta-analysis"\n'
FADES = '[space]\nhalving_m = 900\ngrade = "B"\nsource = "a study"\n'
LASTS = '[time]\nlasts_days = 7\nleast_days = 2\ngrade = "B"\nsource = "a study"\n'
ROAD = '[[road]]\nlayer = "school"\n'
POSTS = '[posts]\nofficers = 2\nstay_min = 20\ngrade = "D"\nsource = "judgement"\n'
DUTY = '[duty]\nwatch = [{ zh = "看", en = "look" }]\nact = [{ zh = "做", en = "do" }]\n'
TEXTS = 'title = { zh = "整治", en = "Strike" }\n'
TASK = 'task = { zh = "干", en = "Work" }\n'
FRIDAY = 'weekday = ["fri"]'
ROUND = f"[[phase.round]]\n{FRIDAY}\n"
PHASE = "[[phase]]\n" + TEXTS + TASK
TOP = (
    TEXTS + 'why = { zh = "因", en = "Because" }\ngrade = "D"\nsource = "judgement"\n'
    'activity = "checkpoint"\nfamilies = { vulnerable = 1 }\n'
)
PLAIN = TOP + ROAD + ACTIVE + EFFECT + POSTS + DUTY + PHASE + ROUND
YEAR = 2026
NIGHT = ("2026-05-08T18:00", "2026-05-09T04:00")


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return calendars.read(None)


@pytest.fixture(scope="module")
def real() -> Area:
    """The embedded extract."""
    return riskmap.assess(riskmap.sample(), cache=False)


@pytest.fixture
def town() -> Area:
    """A street at a school and a wider one far away."""
    ways = [
        street((0.0, 0.0), (90.0, 0.0)),
        street((0.0, 900.0), (90.0, 900.0), highway="primary"),
    ]
    rule = layer("school", effect("vulnerable", 4.0))
    return assessed(extract(ways, [thing((50.0, 0.0), amenity="school")]), rule)


def campaign(folder: Path, text: str = PLAIN, name: str = "strike") -> Campaign:
    """Read a campaign of this text."""
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return read_campaign(path, layers=["school", "station"])


def days_of(own: Campaign, calendar: Calendar, year: int = YEAR) -> list[date]:
    """Days of all rounds."""
    return [day.date() for day in rounds(own, year, calendar)["date"]]


# --- those that riskmap brings -----------------------------------------------------------------


def test_the_campaigns_of_the_issue_are_there() -> None:
    assert set(SHIPPED) == NAMES


@pytest.mark.parametrize("own", SHIPPED.values(), ids=SHIPPED)
def test_a_shipped_campaign_names_known_layers_and_families(own: Campaign) -> None:
    known = read_layers()
    assert {road.layer for road in own.roads if road.layer} <= set(known)
    assert set(own.families) <= set(FAMILIES)


@pytest.mark.parametrize("own", SHIPPED.values(), ids=SHIPPED)
def test_only_what_was_measured_claims_an_effect(own: Campaign) -> None:
    found = own.effect and (own.effect.factor, own.effect.low, own.effect.high, own.effect.grade)
    assert found == MEASURED.get(own.name)
    presence = "no effect on crashes was found, presence only"
    assert (own.claim("en") == presence) == (own.name not in MEASURED)


@pytest.mark.parametrize("own", SHIPPED.values(), ids=SHIPPED)
def test_a_shipped_effect_fades_as_was_measured(own: Campaign) -> None:
    fades = own.space and (own.space.halving_m, own.space.grade)
    lasts = own.time and (own.time.lasts_days, own.time.least_days, own.time.grade)
    assert fades == ((900.0, "B") if own.prevents else None)
    if own.name == "drink_driving":
        assert lasts == (7, 1, "B")
    else:
        assert lasts == ((0, 6, "B") if own.prevents else None)


@pytest.mark.parametrize("own", SHIPPED.values(), ids=SHIPPED)
def test_a_shipped_campaign_has_rounds_in_all_its_phases(
    own: Campaign, calendar: Calendar
) -> None:
    for year in (2024, 2025, YEAR):
        table = rounds(own, year, calendar)
        assert set(table["phase"]) == set(range(1, len(own.phases) + 1))
        assert (table["date"].dt.year == year).all()
        assert (table["hours"] != "")[table["activity"] != "education"].all()


def test_the_drink_drive_checks_never_lapse_by_more_than_a_day(calendar: Calendar) -> None:
    table = rounds(SHIPPED["drink_driving"], YEAR, calendar)
    table = table[table["activity"] == "checkpoint"].sort_values("date")
    gap = table["date"].iloc[1:].to_numpy() - table["felt_until"].iloc[:-1].to_numpy()
    assert gap.max() <= np.timedelta64(1, "D")


@pytest.mark.parametrize("own", SHIPPED.values(), ids=SHIPPED)
def test_demand_on_the_sample_is_nothing_outside_its_hours_and_roads(
    own: Campaign, real: Area, calendar: Calendar
) -> None:
    table = rounds(own, YEAR, calendar)
    first = table.loc[table["activity"] != "education", "date"].iloc[0]
    period = real.period(f"{first:%Y-%m-%d}", f"{first:%Y-%m-%d}")
    hours = real.model.time.hours(period)
    acts, targets = own.acts(hours), own.targets(real)
    assert 0 < (acts == 0).sum() < len(acts) == 24
    assert 0 < (targets == 0).sum() < len(targets)
    assert 0 <= targets.min() < targets.max() <= 1
    found = own.demand(real, period)
    harm = real.model.hourly(period)
    assert (found.loc[targets == 0] == 0).all(axis=None)
    assert (found.loc[:, acts == 0] == 0).all(axis=None)
    inside = found.to_numpy()[np.ix_(targets > 0, acts > 0)]
    assert (inside > 0).mean() > 0.9
    least = 1.0 - own.effect.factor if own.effect else 1.0
    assert (found.to_numpy() <= harm.to_numpy() * least * (1 + 1e-5)).all()
    assert found.attrs["presence"] == (own.name not in MEASURED)


# --- whom and when -----------------------------------------------------------------------------


def test_a_target_is_the_touch_of_the_layer_times_the_weight(town: Area, tmp_path: Path) -> None:
    assert campaign(tmp_path).targets(town) == pytest.approx([1, 0])
    half = PLAIN.replace(ROAD, ROAD + "weight = 0.5\n")
    assert campaign(tmp_path, half).targets(town) == pytest.approx([0.5, 0])


def test_of_several_roads_the_largest_counts_and_in_one_all_must_hold(
    town: Area, tmp_path: Path
) -> None:
    classes = '[[road]]\nroad_class = ["primary"]\nweight = 0.3\n'
    both = '[[road]]\nlayer = "school"\nroad_class = ["primary"]\n'
    everywhere = '[[road]]\nroad_class = ["primary", "tertiary"]\nweight = 0.4\n'
    for text, expected in (
        (classes, [0, 0.3]),
        (both, [0, 0]),
        (ROAD + classes, [1, 0.3]),
        (ROAD + everywhere, [1, 0.4]),
        ('[[road]]\narea = "rural"\n', [1, 1]),
        ('[[road]]\narea = "urban"\n', [0, 0]),
    ):
        own = campaign(tmp_path, PLAIN.replace(ROAD, text))
        assert own.targets(town) == pytest.approx(expected), text


def test_a_width_that_nobody_knows_counts_by_the_share_that_its_layer_assumes(
    tmp_path: Path,
) -> None:
    rule = layer(
        "school", relation="measure", measure="lanes", steps=((0.0, 1.5, 1.0),), unknown=0.3
    )
    ways = [street((0.0, 0.0), (90.0, 0.0)), street((0.0, 900.0), (90.0, 900.0), lanes="1")]
    found = campaign(tmp_path).targets(assessed(extract(ways), rule))
    assert found == pytest.approx([0.3, 1])


def test_a_layer_that_the_area_lacks_is_named(town: Area, tmp_path: Path) -> None:
    own = campaign(tmp_path, PLAIN.replace('"school"', '"station"'))
    with pytest.raises(RiskmapError, match="campaign strike: the area has no layer 'station'; add"):
        own.targets(town)


def test_an_hour_counts_by_the_part_in_which_the_campaign_acts(town: Area, tmp_path: Path) -> None:
    text = PLAIN.replace("20:00-02:00", "20:30-21:15")
    hours = town.model.time.hours(town.period("2026-05-08T19:00", "2026-05-08T23:00"))
    assert campaign(tmp_path, text).acts(hours) == pytest.approx([0, 0.5, 0.25, 0])


def test_a_window_over_midnight_is_on_before_and_after_it(town: Area, tmp_path: Path) -> None:
    hours = town.model.time.hours(town.period(*NIGHT))
    assert campaign(tmp_path).acts(hours) == pytest.approx([0, 0, 1, 1, 1, 1, 1, 1, 0, 0])


def test_demand_with_an_effect_is_the_harm_that_it_prevents(town: Area, tmp_path: Path) -> None:
    period = town.period("2026-05-08T20:00", "2026-05-08T23:00")
    whole = families(FAMILIES)
    plain = campaign(tmp_path, PLAIN.replace("families = { vulnerable = 1 }", whole))
    harm = town.model.hourly(period)
    found = plain.demand(town, period)
    assert found.columns.equals(harm.columns)
    assert found.index.equals(harm.index)
    assert found.iloc[0].to_numpy() == pytest.approx(0.15 * harm.iloc[0].to_numpy(), rel=1e-5)
    assert (found.iloc[1] == 0).all()
    assert not found.attrs["presence"]


def test_demand_without_an_effect_is_all_harm_and_marked_as_presence(
    town: Area, tmp_path: Path
) -> None:
    period = town.period(*NIGHT)
    saved = campaign(tmp_path).demand(town, period)
    seen = campaign(tmp_path, PLAIN.replace(EFFECT, "")).demand(town, period)
    assert seen.attrs["presence"]
    assert saved.to_numpy() == pytest.approx(0.15 * seen.to_numpy(), rel=1e-5)


def test_demands_of_single_families_add_up_and_go_by_their_weights(
    town: Area, tmp_path: Path
) -> None:
    period = town.period("2026-05-08T20:00", "2026-05-08T23:00")
    text = PLAIN.replace(EFFECT, "")
    parts = [
        campaign(tmp_path, text.replace("families = { vulnerable = 1 }", families([name])))
        .demand(town, period)
        .to_numpy()
        for name in FAMILIES
    ]
    harm = town.model.hourly(period).to_numpy()
    assert sum(parts)[0] == pytest.approx(harm[0], rel=1e-5)
    assert parts[FAMILIES.index("vulnerable")][0].min() > 0
    quarter = text.replace("vulnerable = 1", "vulnerable = 0.25")
    found = campaign(tmp_path, quarter).demand(town, period).to_numpy()
    assert found == pytest.approx(parts[FAMILIES.index("vulnerable")] / 4, rel=1e-5)


def test_demand_of_half_an_hour_is_half_of_the_hour(town: Area, tmp_path: Path) -> None:
    own = campaign(tmp_path)
    whole = own.demand(town, town.period("2026-05-08T21:00", "2026-05-08T22:00"))
    half = own.demand(town, town.period("2026-05-08T21:00", "2026-05-08T21:30"))
    assert half.to_numpy() == pytest.approx(whole.to_numpy() / 2, rel=1e-5)


def families(names: object) -> str:
    return f"families = {{ {', '.join(f'{name} = 1' for name in names)} }}"  # type: ignore[attr-defined]


# --- rounds ------------------------------------------------------------------------------------


def put(rule: str) -> str:
    """The plain campaign with another round."""
    return PLAIN.replace(ROUND, "[[phase.round]]\n" + rule)


@pytest.mark.parametrize(
    ("rule", "first", "last", "count"),
    [
        ('first = "06-01"\nlast = "06-05"', "2026-06-01", "2026-06-05", 5),
        ('first = "12-30"\nlast = "01-02"', "2026-01-01", "2026-12-31", 4),
        ('first = "06-01"\nlast = "06-30"\nweekday = ["fri", "sat"]', "2026-06-05",
         "2026-06-27", 8),
        # Labour Day of 2026 is off from 1 to 5 May; its eve is a Thursday
        ('holiday = "labour_day"', "2026-05-01", "2026-05-05", 5),
        ('holiday = "labour_day"\noffset_days = [-2, -1]', "2026-04-29", "2026-04-30", 2),
        ('holiday = "labour_day"\ndays = ["last"]', "2026-05-05", "2026-05-05", 1),
        # terms begin on 20 February, within the Spring Festival, and on 1 September
        ("term_days = [-1, 0]", "2026-02-19", "2026-09-01", 4),
        ('term_days = [0, 6]\ndays = ["school"]', "2026-02-24", "2026-09-07", 8),
        ('farm = ["harvest"]\nweekday = ["mon"]', "2026-07-13", "2026-11-09", 13),
        ('first = "06-01"\nlast = "06-30"\nweekday = ["wed"]\nevery_weeks = 2', "2026-06-03",
         "2026-06-17", 2),
        # Friday and Sunday of one week stay together
        ('first = "06-05"\nlast = "06-30"\nweekday = ["fri", "sun"]\nevery_weeks = 3', "2026-06-05",
         "2026-06-28", 4),
    ],
)  # fmt: skip
def test_a_round_falls_on_the_days_on_which_all_holds_that_it_says(
    rule: str, first: str, last: str, count: int, calendar: Calendar, tmp_path: Path
) -> None:
    found = days_of(campaign(tmp_path, put(rule)), calendar)
    assert [found[0].isoformat(), found[-1].isoformat(), len(found)] == [first, last, count]


def test_rows_say_what_day_it_is_and_which_round(calendar: Calendar, tmp_path: Path) -> None:
    text = put('holiday = "labour_day"\noffset_days = [-1, 0]\n') + ROUND.replace("fri", "mon")
    table = rounds(campaign(tmp_path, text), YEAR, calendar)
    at = table[table["date"].between("2026-04-27", "2026-05-11")]
    assert at["date"].dt.strftime("%m-%d").tolist() == [
        "04-27", "04-30", "05-01", "05-02", "05-03", "05-04", "05-05", "05-11",
    ]  # fmt: skip
    assert (at["round"] - at["round"].iloc[0]).tolist() == [0, 1, 1, 1, 1, 1, 1, 2]
    assert at["weekday"].tolist() == ["mon", "thu", "fri", "sat", "sun", "mon", "tue", "mon"]
    assert at["kind"].tolist() == ["school", "school", *["holiday"] * 5, "school"]
    assert at["holiday"].tolist() == ["", *["labour_day"] * 6, ""]
    assert set(at["hours"]) == {"20:00-02:00"}


def test_what_is_not_known_to_last_is_not_dated(calendar: Calendar, tmp_path: Path) -> None:
    assert rounds(campaign(tmp_path), YEAR, calendar)["felt_until"].isna().all()


def test_a_round_is_felt_for_the_days_that_it_lasts_if_it_was_long_enough(
    calendar: Calendar, tmp_path: Path
) -> None:
    rule = 'first = "06-01"\nlast = "06-30"\nweekday = ["mon", "tue", "thu"]'
    text = put(rule).replace(POSTS, LASTS + POSTS)
    table = rounds(campaign(tmp_path, text), YEAR, calendar).set_index("date")["felt_until"]
    # Monday and Tuesday are a run of two days, a Thursday alone is too short
    assert table["2026-06-01"] == table["2026-06-02"] == pd.Timestamp("2026-06-09")
    assert table["2026-06-04"] == pd.Timestamp("2026-06-04")


def test_a_day_is_of_the_first_phase_but_education_goes_on_beside(
    calendar: Calendar, tmp_path: Path
) -> None:
    span = '[[phase.round]]\nfirst = "06-01"\nlast = "06-03"\n'
    later = '[[phase.round]]\nfirst = "06-02"\nlast = "06-04"\n'
    talk = PHASE + 'activity = "education"\n' + span
    text = PLAIN.replace(PHASE + ROUND, talk + PHASE + span + PHASE + later)
    table = rounds(campaign(tmp_path, text), YEAR, calendar)
    days = table.groupby("phase")["date"].apply(lambda own: own.dt.day.tolist())
    assert days.tolist() == [[1, 2, 3], [1, 2, 3], [4]]
    assert table["activity"].iloc[0] == "education"
    assert table["hours"].iloc[0] == ""


def test_hours_are_those_of_the_tables_that_hold_on_the_day(
    calendar: Calendar, tmp_path: Path
) -> None:
    tables = (
        '[[active]]\ndays = ["workday"]\nhours = ["07:00-09:00", "17:00-19:30"]\n'
        '[[active]]\ndays = ["weekend"]\nhours = ["22:00-01:00", "10:00-12:00"]\n'
    )
    text = put('first = "06-05"\nlast = "06-06"').replace(ACTIVE, tables)
    table = rounds(campaign(tmp_path, text), YEAR, calendar)
    assert table["hours"].tolist() == ["07:00-09:00, 17:00-19:30", "10:00-12:00, 22:00-01:00"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (put('first = "02-29"\nlast = "02-29"'), "[[phase.round]] 1 falls on no day of 2026; wide"),
        (put('holiday = "labour_day"\ndays = ["eve"]'), "falls on no day of 2026"),
        (
            PLAIN.replace(ACTIVE, ACTIVE + 'days = ["weekend"]\n'),
            "[[phase]] 1 falls on 2026-01-09, on which no [[active]] table holds; give that day",
        ),
        (
            PLAIN + PHASE + ROUND,
            "every day of [[phase]] 2 in 2026 is one of an earlier phase; move its rounds",
        ),
    ],
)
def test_rounds_that_cannot_be_are_refused_in_one_line(
    text: str, fault: str, calendar: Calendar, tmp_path: Path
) -> None:
    with pytest.raises(RiskmapError) as found:
        rounds(campaign(tmp_path, text), YEAR, calendar)
    assert str(found.value).startswith("campaign strike: ")
    assert fault in str(found.value)
    assert "\n" not in str(found.value)


def test_a_leap_year_has_its_day(calendar: Calendar, tmp_path: Path) -> None:
    own = campaign(tmp_path, put('first = "02-29"\nlast = "02-29"'))
    assert days_of(own, calendar, 2024) == [date(2024, 2, 29)]


def test_a_year_without_a_calendar_is_refused(calendar: Calendar, tmp_path: Path) -> None:
    with pytest.raises(RiskmapError, match="public holidays of 2031: unknown"):
        rounds(campaign(tmp_path), 2031, calendar)


@settings(max_examples=30)
@given(
    weeks=st.integers(2, 8),
    weekday=st.sampled_from(["mon", "wed", "sun"]),
    year=st.integers(2010, 2026),
)
def test_fewer_weeks_are_some_of_all_weeks_and_evenly_apart(
    weeks: int, weekday: str, year: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, known = tmp_path_factory.mktemp("rounds"), calendars.read(None)
    rule = f'weekday = ["{weekday}"]'
    every = days_of(campaign(folder, put(rule)), known, year)
    some = days_of(campaign(folder, put(f"{rule}\nevery_weeks = {weeks}")), known, year)
    assert some == every[::weeks]


# --- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now", "fault"),
    [
        ('"school"', '"scool"', "'layer' in [[road]] 1 is 'scool'; did you mean 'school'?"),
        ("vulnerable", "vulnerabel", "unknown family 'vulnerabel' in [families]; did you mean 'vu"),
        ("vulnerable = 1", "vulnerable = 1.5", "'vulnerable' in [families] is 1.5; give a number"),
        ("vulnerable = 1", "", "'families' at the top is empty; give one or more of run_off_road"),
        (ROAD, '[[road]]\nroad_class = ["primry"]\n', "is 'primry'; did you mean 'primary'?"),
        (ROAD, '[[road]]\narea = "town"\n', "'area' in [[road]] 1 is 'town'; choose from rural"),
        (ROAD, "[[road]]\nweight = 0.5\n", "[[road]] 1 names no road; give it layer, road_class o"),
        (ROAD, ROAD + "weight = 0\n", "'weight' in [[road]] 1 is 0; give a number above 0, 1 at"),
        (ROAD, "", "missing [[road]] at the top"),
        ("factor = 0.85", "factor = 1.2", "'factor' in [effect] is 1.2; give a number above 0 and"),
        ("factor = 0.85", "factor = 1", "'factor' in [effect] is 1; give a number above 0 and b"),
        ("factor = 0.85", "factor = 0", "'factor' in [effect] is 0; give a number above 0 and be"),
        ("factor = 0.85", "factor = -0.1", "'factor' in [effect] is -0.1; give a number above 0"),
        ("factor = 0.85", "factor = 0.85\nlow = 0.8", "'low' in [effect] needs 'high' beside it"),
        (
            "factor = 0.85", "factor = 0.85\nlow = 0.86\nhigh = 0.9",
            "'factor' in [effect] is 0.85, outside its interval 0.86 to 0.9",
        ),
        ('grade = "A"\n', "", "missing key 'grade' in [effect]; add one of A, B, C, D"),
        ('source = "a meta-analysis"\n', "", "missing key 'source' in [effect]; add a text"),
        ('"a meta-analysis"', '"judgement"', "a judgement is grade D; name a source, or grade it"),
        ('grade = "A"', 'grade = "D"', "grade D is a judgement: write source"),
        ("checkpoint", "presence", "does not go with activity 'presence': no effect of it on cras"),
        ("checkpoint", "escort", "does not go with activity 'escort': no effect of it on crashes"),
        ("checkpoint", "chekpoint", "'activity' at the top is 'chekpoint'; did you mean 'checkpoi"),
        (EFFECT, FADES, "[space] needs [effect] beside it"),
        (EFFECT, LASTS, "[time] needs [effect] beside it"),
        (EFFECT, EFFECT + FADES.replace("900", "0"), "'halving_m' in [space] is 0; give a number"),
        ("officers = 2", "officers = 0", "'officers' in [posts] is 0; give a whole number, 1 or m"),
        ("stay_min = 20", "stay_min = 20\nmove_after_min = 10", "is 10, before stay_min = 20; exc"),
        ("20:00-02:00", "20:00-25:00", "write it as '07:10-08:10'"),
        (ACTIVE, ACTIVE + ACTIVE, "two [[active]] tables overlap on day 'school'; join their hour"),
        (ACTIVE, "[[active]]\n", "[[active]] 1 is empty; give it days or hours"),
        (ROUND, "", "missing [[round]] in [[phase]] 1"),
        (ROUND, "[[phase.round]]\n", "[[phase.round]] 1 names no day; give it first and last"),
        ('"fri"', '"friday"', "is 'friday'; did you mean 'fri'?"),
        (FRIDAY, 'first = "06-01"', "'first' in [[phase]] 1 [[phase.round]] 1 needs 'l"),
        (FRIDAY, 'first = "02-30"\nlast = "03-01"', "is '02-30'; there is no such day"),
        (FRIDAY, 'first = "6-1"\nlast = "6-2"', "is '6-1'; give a month and day in quo"),
        (FRIDAY, 'holiday = "qinming"', "is 'qinming'; did you mean 'qingming'?"),
        (FRIDAY, 'weekday = "fri"\noffset_days = [-1, 0]', "needs 'holiday' beside it"),
        (FRIDAY, 'hours = ["07:00-08:00"]', "unknown key 'hours' in [[phase]] 1 [[phase"),
        ("[duty]", "[dutty]", "unknown key 'dutty' at the top; did you mean 'duty'?"),
        ("officers", "oficers", "unknown key 'oficers' in [posts]; did you mean 'officers'?"),
        ("[[phase]]", "[[phase", "is not TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_one_line_with_its_place(
    was: str, now: str, fault: str, tmp_path: Path
) -> None:
    assert was in PLAIN
    with pytest.raises(RiskmapError) as found:
        campaign(tmp_path, PLAIN.replace(was, now, 1))
    assert str(found.value).startswith(f"{tmp_path.name}/strike.toml: ")
    assert fault in str(found.value)
    assert "\n" not in str(found.value)


def test_a_campaign_may_name_a_layer_of_its_own_area_only_if_it_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(PLAIN.replace('"school"', '"quarry_road"'), encoding="utf-8")
    assert read_campaigns(tmp_path, layers=["quarry_road"])["own"].roads[0].layer == "quarry_road"
    with pytest.raises(RiskmapError, match=r"'layer' in .* is 'quarry_road'"):
        read_campaigns(tmp_path)


def test_a_folder_without_campaigns_and_two_of_one_title_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RiskmapError, match="no such folder; name the one that holds the campaign"):
        read_campaigns(tmp_path / "none")
    with pytest.raises(RiskmapError, match="holds no campaign file"):
        read_campaigns(tmp_path)
    for name in ("one", "two"):
        campaign(tmp_path, name=name)
    with pytest.raises(RiskmapError, match=r"two\.toml: 'zh' in title is '整治' as in one\.toml"):
        read_campaigns(tmp_path)
    with pytest.raises(RiskmapError, match="cannot be the name of a campaign"):
        campaign(tmp_path, name="two words")


def test_the_claim_says_the_interval_where_there_is_one(tmp_path: Path) -> None:
    own = campaign(tmp_path, PLAIN.replace("factor = 0.85", "factor = 0.85\nlow = 0.8\nhigh = 0.9"))
    said = "15 % fewer of the crashes aimed at (10–20 %; A, a meta-analysis)"
    assert own.claim("en") == said
    assert "（A，a meta-analysis）" in campaign(tmp_path).claim("zh")  # noqa: RUF001  # Chinese


def row(word: Word) -> str:
    """Write the line of the README for one word."""
    cells = (f"`{word.key}`", word.kind.wants, "yes" if word.needed else "", word.means)
    return "| " + " | ".join(cells) + " |"


def test_the_readme_shows_the_words_that_are_read() -> None:
    lines = []
    for name in dict.fromkeys(word.table for word in WORDS.rows):
        lines += ["", f"### {name}", "| word | takes | needed | meaning |", "|---|---|---|---|"]
        lines += [row(word) for word in WORDS.rows if word.table == name]
    readme = (packaged("campaigns") / "README.md").read_text(encoding="utf-8")
    assert readme.split("-->\n")[1] == "\n".join(lines) + "\n"


def test_every_table_has_a_heading_for_its_errors() -> None:
    assert set(WORDS.headings) == {word.table for word in WORDS.rows}


def test_a_period_without_an_hour_of_the_campaign_demands_nothing(
    town: Area, tmp_path: Path
) -> None:
    noon = Period.between("2026-05-08T10:00", "2026-05-08T14:00", town.model.almanac)
    assert (campaign(tmp_path).demand(town, noon) == 0).all(axis=None)
