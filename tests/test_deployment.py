"""A shift planned: crew, key roads and blind spots, what it brings, what is written."""

import datetime as dt
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from commands import run
from scipy.spatial.distance import pdist
from streets import area, effect, extract, layer, rules, street, thing

import riskmap
from riskmap import (
    blindspots,
    crew,
    deployment,
    key_roads,
    plan_checks,
    plan_compare,
    plan_sheet,
    sites,
    squadron_sheets,
)
from riskmap.area import Area
from riskmap.campaign import Campaign
from riskmap.campaigns import read_campaign
from riskmap.deployment import Crew, Deployment, deploy
from riskmap.errors import RiskmapError
from riskmap.roster import Stay, Unit, clock, roster
from riskmap.routes import Roads
from riskmap.standing import Task

FRIDAY = dt.date(2026, 5, 8)
ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "liechtenstein.osm.pbf"


def town(**changes: object) -> Area:
    """A main road of 12 km with side streets; a school at every third corner."""
    ways, things = [], []
    for n in range(12):
        x = 1000.0 * n
        ways += [
            street((x, 0.0), (x + 1000.0, 0.0), highway="primary"),
            street((x, 0.0), (x, 200.0), highway="residential"),
        ]
        if n % 3 == 1:
            things.append(thing((x + 20.0, 10.0), amenity="school"))
    near = layer("school", effect("all", 6.0), full_m=50.0, reach_m=100.0)
    return area(extract(ways, things), near, parameters=rules(**changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def own() -> Area:
    return town()


@pytest.fixture(scope="module")
def plan(own: Area) -> Deployment:
    return deploy(own, crew.simple(own, FRIDAY, "07:00-19:00", posts=3))


# --- crew --------------------------------------------------------------------------------------


def test_a_shift_over_midnight_ends_the_next_day() -> None:
    assert crew.shift("22:00-06:00") == (1320.0, 1800.0)
    assert crew.shift(" 07:30 - 19:00 ") == (450.0, 1140.0)
    assert crew.shift("16:00-24:00") == (960.0, 1440.0)


@pytest.mark.parametrize("given", ["7-19", "07:00", "25:00-26:00", "07:61-08:00", "07:00-07:00"])
def test_what_is_no_shift_is_refused(given: str) -> None:
    with pytest.raises(RiskmapError, match=f"--shift {given}: .*; write 07:00-19:00"):
        crew.shift(given)


def test_a_break_lies_between_the_peaks_and_short_shifts_have_none(own: Area) -> None:
    (rest,) = crew.breaks(own, 420.0, 1140.0)
    assert rest.earliest >= 540.0
    assert rest.latest + rest.minutes <= 1020.0
    assert crew.breaks(own, 420.0, 700.0) == ()


def test_a_station_far_from_every_road_is_refused(own: Area) -> None:
    with pytest.raises(RiskmapError, match="m from the nearest road; at most 500"):
        crew.simple(own, FRIDAY, "07:00-19:00", posts=1, station=(0.0, 0.0))
    with pytest.raises(RiskmapError, match="no place; write longitude,latitude"):
        crew.simple(own, FRIDAY, "07:00-19:00", posts=1, station=(47.0, 190.0))


def test_nobody_can_not_be_planned(own: Area) -> None:
    with pytest.raises(RiskmapError, match="nobody is on duty"):
        deploy(own, crew.simple(own, FRIDAY, "07:00-19:00", posts=0))
    with pytest.raises(RiskmapError, match="--posts -1: must be 0 or more"):
        crew.simple(own, FRIDAY, "07:00-19:00", posts=-1)


def test_more_posts_than_places_say_how_many_there_are(own: Area) -> None:
    with pytest.raises(RiskmapError, match=r"deploy: 500 teams for \d+ places"):
        deploy(own, crew.simple(own, FRIDAY, "07:00-19:00", posts=500))


def test_rules_that_cannot_be_kept_say_what_would_make_it_possible(own: Area) -> None:
    base = crew.simple(own, FRIDAY, "07:00-19:00", posts=2)
    nodes = [int(n) for n in sites.sites(own, own.model.harm().to_numpy()).node[:3]]
    gates = tuple(Task(str(n), n, 450.0, 510.0, "school") for n in nodes)
    with pytest.raises(RiskmapError, match="3 required posts for 2 teams; add 1 teams or unlock"):
        deploy(own, replace(base, tasks=gates))
    with pytest.raises(RiskmapError, match="locked, and no post may be there; drop one of the two"):
        deploy(own, replace(base, locked=(nodes[0],), forbidden=(nodes[0],)))
    # a post is named by its name, not by a number of the graph
    gate = replace(gates[0], name="Gate A")
    with pytest.raises(RiskmapError, match=r"^post 'Gate A': locked, and no post may be there"):
        deploy(own, replace(base, tasks=(gate,), locked=(nodes[0],), forbidden=(nodes[0],)))
    there, back = (deployment.moved(base, *pair) for pair in (nodes[:2], nodes[1::-1]))
    assert (there.locked, there.forbidden) == ((nodes[1],), (nodes[0],))
    again = deployment.moved(there, nodes[1], nodes[0])
    assert (again.locked, again.forbidden) == (back.locked, back.forbidden)


def test_a_locked_post_on_an_island_is_said() -> None:
    ways = [
        street((0.0, 0.0), (3000.0, 0.0), highway="primary"),
        street((0.0, 5000.0), (3000.0, 5000.0), highway="primary", name="Far Road"),
    ]
    own = area(extract(ways), layer("school", effect("all", 6.0)), parameters=rules())
    base = crew.simple(own, FRIDAY, "07:00-19:00", posts=1, station=None)
    y = own.network.nodes["y"].to_numpy()
    far = int(np.argmax(y))
    near = int(np.argmin(y))
    base = replace(base, teams=tuple(replace(unit, station=near) for unit in base.teams))
    said = r"^post at Far Road \(-?\d+\.\d{5},-?\d+\.\d{5}\): no way leads there .*; unlock it or"
    with pytest.raises(RiskmapError, match=said):
        deploy(own, replace(base, locked=(far,)))


def test_a_station_on_an_island_is_said() -> None:
    # a station that only a oneway leads to
    cut = area(extract([
        street((0.0, 0.0), (1000.0, 0.0), highway="primary"),
        street((1000.0, 0.0), (1000.0, 500.0), highway="service", oneway="yes"),
    ]))  # fmt: skip
    end = int(sites.nearest(cut.network, np.array([1000.0]), np.array([500.0]))[0][0])
    unit = Unit("A", "", 2, "car", end, 420.0, 1140.0)
    with pytest.raises(RiskmapError, match="station of A: no post can be driven to"):
        deploy(cut, Crew(FRIDAY, 420.0, 1140.0, (unit,)))


# --- the plan ----------------------------------------------------------------------------------


def test_a_plan_covers_more_than_a_plain_list(plan: Deployment) -> None:
    assert plan.gain > 0.0
    assert 0.0 < plan.met.by_posts < 1.0
    assert not plan.met.patrols.any()


def test_every_unit_works_its_shift_and_has_its_break(plan: Deployment) -> None:
    for _, rows in plan.roster.groupby("unit"):
        assert rows["start_min"].iloc[0] == 420.0
        assert rows["end_min"].iloc[-1] == 1140.0
        rest = rows[rows["kind"] == "break"]
        assert (rest["end_min"] - rest["start_min"]).tolist() == pytest.approx([30.0])


def test_a_locked_post_stays_all_shift_and_a_forbidden_one_is_empty(
    own: Area, plan: Deployment
) -> None:
    standing = plan.standing
    used = int(standing.sites.node[standing.team[0, 0]])
    free = next(int(n) for n in standing.sites.node if n not in standing.sites.node[standing.team])
    again = deploy(own, deployment.moved(plan.crew, used, free), start=plan)
    nodes = again.standing.sites.node[again.standing.team]
    assert (nodes == free).any(axis=0).all()
    assert not (nodes == used).any()
    back = deploy(own, replace(plan.crew, locked=(used,)))
    assert (back.standing.sites.node[back.standing.team] == used).any(axis=0).all()


def test_a_plan_for_something_else_goes_elsewhere(own: Area, plan: Deployment) -> None:
    hourly = own.model.hourly(plan.crew.period(own))
    east = own.segments.geometry.centroid.x.to_numpy() > 8000.0
    found = deploy(own, plan.crew, hourly=hourly.mul(east, axis=0))
    x = own.network.nodes["x"].to_numpy()[found.standing.sites.node[found.standing.team]]
    assert (x > 7000.0).all()


def campaign(folder: Path, name: str, **words: str) -> Campaign:
    """A shipped campaign with other words."""
    content = (ROOT / "campaigns" / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in words.items():
        content = content.replace(old, new)
    path = folder / f"{name}.toml"
    path.write_text(content, encoding="utf-8")
    return read_campaign(path)


def test_checkpoints_move_on_and_claim_what_was_found(tmp_path: Path) -> None:
    own = riskmap.assess(SAMPLE)
    night = crew.simple(own, FRIDAY, "20:00-02:00", posts=3)
    drink = campaign(tmp_path, "drink_driving")
    plan = deploy(own, night, campaign=drink)
    team = plan.standing.team
    # nobody stands where somebody stood just before
    assert all(not set(a) & set(b) for a, b in pairwise(team.T.tolist()))
    assert np.diff(plan.standing.edges).max() <= 40.0
    said = plan_sheet.sentences(plan, "en")
    assert drink.claim("en") in said
    assert "15" in drink.claim("en")
    assert not any("11 %" in line for line in said)
    share = 15.0 * plan.met.by_posts
    assert any(f"some {share:.1f} % of its crashes are saved" in line for line in said)
    assert plan_sheet.posts(plan, "en")["advice"].str.contains("breath tester").all()


def test_a_campaign_s_cars_alone_save_nothing(tmp_path: Path) -> None:
    own = riskmap.assess(SAMPLE)
    cars = crew.simple(own, FRIDAY, "20:00-22:00", posts=0, cars=1)
    said = plan_sheet.sentences(
        deploy(own, cars, campaign=campaign(tmp_path, "drink_driving")), "en"
    )
    assert not any("15" in line or "are saved" in line for line in said[2:])


def test_what_a_campaign_asks_of_its_posts_does_not_bind_who_clears_blind_spots(
    tmp_path: Path,
) -> None:
    own = riskmap.assess(SAMPLE)
    plan = deploy(
        own, crew.simple(own, FRIDAY, "07:00-19:00", posts=4),
        campaign=campaign(tmp_path, "over_capacity"),
    )  # fmt: skip
    seen = plan.certificate
    assert not seen.ok
    assert not seen.hopeless
    assert seen.extra_teams > 0


def test_checkpoints_are_as_far_apart_and_as_strong_as_the_campaign_asks_or_it_is_said(
    tmp_path: Path,
) -> None:
    own = riskmap.assess(SAMPLE)
    night = crew.simple(own, FRIDAY, "20:00-22:00", posts=3)
    xy = own.network.nodes[["x", "y"]].to_numpy()
    said = []
    for metres in ("1700", "90000"):
        drink = campaign(tmp_path, "drink_driving", **{"apart_m        = 900": f"apart_m={metres}"})
        plan = deploy(own, night, campaign=drink)
        place = xy[plan.standing.sites.node]
        least = min(pdist(place[taken]).min() for taken in plan.standing.found.taken.T)
        said.append(" ".join(plan_sheet.sentences(plan, "en")))
        assert least >= 1700.0  # of 90 km it is half of a half, until there are places enough
        assert (f"nearest two are {least:,.0f} m apart" in said[-1]) == (metres == "90000")
    assert all("teams of 3; the smallest has 2" in line for line in said)


def test_a_campaign_without_an_effect_claims_presence_only(tmp_path: Path) -> None:
    own = riskmap.assess(SAMPLE)
    plan = deploy(
        own, crew.simple(own, dt.date(2026, 9, 1), "07:00-19:00", posts=3),
        campaign=campaign(tmp_path, "school_start"),
    )  # fmt: skip
    assert plan.campaign is not None
    said = plan_sheet.sentences(plan, "en")
    assert plan.campaign.claim("en") in said
    assert not any("saves" in line for line in said)


def test_proven_posts_have_a_bound(own: Area, plan: Deployment) -> None:
    found = deploy(own, plan.crew, exact=True).standing.found
    assert found.gap < 0.01
    assert found.value >= plan.standing.found.value - 1e-12


def test_cars_see_to_what_the_posts_leave(own: Area, plan: Deployment) -> None:
    found = deploy(own, crew.simple(own, FRIDAY, "07:00-19:00", posts=3, cars=2))
    assert found.met.by_posts == pytest.approx(plan.met.by_posts)
    assert found.met.by_all > found.met.by_posts
    stops = found.roster[found.roster["kind"] == "stop"]
    assert set(stops["unit"]) == {"C1", "C2"}
    assert (stops["end_min"] - stops["start_min"]).between(10.0, 16.0).all()
    again = deploy(own, crew.simple(own, FRIDAY, "07:00-19:00", posts=3, cars=2))
    pd.testing.assert_frame_equal(found.roster, again.roster)


def test_squadrons_keep_to_their_areas_and_the_others_go_where_it_is_worth_most(own: Area) -> None:
    base = crew.simple(own, FRIDAY, "07:00-19:00", posts=3, cars=2)
    west = own.segments.geometry.centroid.x.to_numpy() < 3000.0
    squads = ("west", "west", "free"), ("west", "free")
    teams, cars = (
        tuple(replace(unit, squadron=name) for unit, name in zip(units, names, strict=True))
        for units, names in zip((base.teams, base.cars), squads, strict=True)
    )
    found = deploy(own, replace(base, teams=teams, cars=cars, areas={"west": west}))
    stood = found.roster[found.roster["segment_id"] != ""]
    inside = west[own.segments.index.get_indexer(stood["segment_id"])]
    assert inside[stood["squadron"] == "west"].all()
    assert not inside[stood["squadron"] == "free"].all()
    assert {"P1", "P2", "P3", "C1", "C2"} == set(stood["unit"])
    assert found.met.by_all < deploy(own, replace(base, teams=teams, cars=cars)).met.by_all


def test_posts_and_patrols_cover_more_together(own: Area) -> None:
    found = deploy(own, crew.simple(own, FRIDAY, "07:00-19:00", posts=2, cars=1))
    table = plan_checks.together(found, "en").set_index("plan")["by_all"]
    assert table.iloc[2] > table.iloc[:2].max()


def test_a_dragged_post_leaves_the_cars_their_routes(own: Area) -> None:
    found = deploy(own, crew.simple(own, FRIDAY, "07:00-19:00", posts=2, cars=1))
    standing = found.standing
    used = int(standing.sites.node[standing.team[0, 0]])
    free = next(int(n) for n in standing.sites.node if n not in standing.sites.node[standing.team])
    again = deploy(own, deployment.moved(found.crew, used, free), start=found)
    one, two = (p.roster[p.roster["unit"] == "C1"].reset_index(drop=True) for p in (found, again))
    pd.testing.assert_frame_equal(one, two)


def test_cars_keep_key_roads_that_no_post_can() -> None:
    wide = town(deploy={"key_share": 0.4})
    alone = deploy(wide, crew.simple(wide, FRIDAY, "07:00-19:00", posts=1))
    assert not alone.certificate.ok
    found = deploy(wide, crew.simple(wide, FRIDAY, "07:00-19:00", posts=1, cars=8))
    assert found.certificate.ok


# --- key roads ---------------------------------------------------------------------------------


def test_key_roads_are_the_worst_at_the_peaks_of_the_shift(own: Area, plan: Deployment) -> None:
    assert plan.keys.windows == ((420.0, 540.0), (1020.0, 1140.0))
    km = own.segments["length_m"].to_numpy()
    assert 0.0 < km[plan.keys.segments].sum() / km.sum() <= 0.01 + 1e-9
    night = crew.simple(own, FRIDAY, "22:00-06:00", posts=1)
    assert not deploy(own, night).keys.windows


def test_peaks_of_the_next_morning_count_too() -> None:
    rule = rules()["deploy"]
    assert key_roads.peaks(rule, 1320.0, 1950.0) == ((1860.0, 1950.0),)


def test_a_peak_over_midnight_is_a_peak() -> None:
    rule = {**rules()["deploy"], "peaks": ["23:00-02:00"]}
    assert key_roads.peaks(rule, 1320.0, 1800.0) == ((1380.0, 1560.0),)
    assert key_roads.peaks(rule, 0.0, 480.0) == ((0.0, 120.0),)


def test_a_shift_without_a_peak_is_not_certified(own: Area, folder: Path) -> None:
    found = deploy(own, crew.simple(own, FRIDAY, "10:00-14:00", posts=1))
    assert plan_sheet.sentences(found, "en")[-1].startswith("No peak lies in this shift")
    done = run(folder, "deploy", SAMPLE, "--date", "2026-05-08", "--posts", "1", "--shift",
               "10:00-14:00", "--json", "-o", "plan.csv")  # fmt: skip
    assert json.loads(done.said)["no_blind_spot"] is None


def test_a_shift_that_ends_between_half_hours_is_patrolled(own: Area) -> None:
    found = deploy(own, crew.simple(own, FRIDAY, "07:00-18:45", posts=1, cars=1))
    assert (found.roster["kind"] == "stop").any()
    assert found.keys.windows[-1] == (1020.0, 1125.0)


def test_the_longest_time_alone_is_found() -> None:
    near = np.array([[True, False], [True, True], [True, False]])
    start, end = np.array([70.0, 20.0, 0.0]), np.array([90.0, 40.0, 10.0])
    # the first: 10–20, 40–70, 90–100; the second: 0–20, 40–100
    assert blindspots._alone(near, start, end, 0.0, 100.0).tolist() == [30.0, 60.0]


def test_a_certificate_is_given_or_says_where_and_how_many_more() -> None:
    wide = town(deploy={"key_share": 0.4, "every_min": 30.0})
    few = deploy(wide, crew.simple(wide, FRIDAY, "07:00-19:00", posts=1))
    assert not few.certificate.ok
    assert (few.certificate.spots["alone_min"] > 30.0).all()
    extra = few.certificate.extra_teams
    assert extra
    enough = deploy(wide, crew.simple(wide, FRIDAY, "07:00-19:00", posts=1 + extra))
    assert enough.certificate.ok
    short = deploy(wide, crew.simple(wide, FRIDAY, "07:00-19:00", posts=extra))
    assert short.certificate.extra_teams == 1


def test_each_squadron_is_told_how_many_teams_more_its_area_needs() -> None:
    wide = town(deploy={"key_share": 0.4})
    west = wide.segments.geometry.centroid.x.to_numpy() < 6000.0
    base = crew.simple(wide, FRIDAY, "07:00-19:00", posts=2)
    names = {"w": {"zh": "西中队", "en": "West"}, "e": {"zh": "东中队", "en": "East"}}

    def planned(*squadrons: str) -> Deployment:
        """As many teams, of these squadrons."""
        teams = tuple(
            replace(base.teams[0], name=f"{name}{n}", squadron=name)
            for n, name in enumerate(squadrons)
        )
        own = replace(base, teams=teams, areas={"w": west, "e": ~west}, names=names)
        return deploy(wide, own)

    few = planned("w", "e")
    seen = few.certificate
    assert set(seen.extra_by) <= {"w", "e"}
    assert seen.extra_teams == sum(seen.extra_by.values()) > 1
    x = wide.segments.geometry.centroid.x[seen.spots["segment_id"].unique()]
    assert ("w" in seen.extra_by) == (x < 5100.0).any()
    assert ("e" in seen.extra_by) == (x > 6900.0).any()
    more = [name for name, teams in seen.extra_by.items() for _ in range(teams)]
    assert planned("w", "e", *more).certificate.ok
    # any team less leaves a blind spot
    for n in range(len(more)):
        assert not planned("w", "e", *more[:n], *more[n + 1 :]).certificate.ok
    parts = ", ".join(f"{names[name]['en']} {teams}" for name, teams in seen.extra_by.items())
    assert plan_sheet.sentences(few, "en")[-1].endswith(f"By area: {parts}.")
    table = squadron_sheets.totals(few, "zh").set_index("id")["extra_teams"]
    assert table.to_dict() == {name: seen.extra_by.get(name, 0) for name in ("w", "e")}


def test_where_no_team_can_stand_more_staff_does_not_help() -> None:
    # all there is is one long bridge and a yard far behind
    cut = area(
        extract([
            street((0.0, 0.0), (3000.0, 0.0), highway="primary", bridge="yes"),
            street((3000.0, 0.0), (6000.0, 0.0), highway="residential"),
        ]),
        parameters=rules(deploy={"key_share": 0.2}),
    )
    found = deploy(cut, crew.simple(cut, FRIDAY, "07:00-19:00", posts=1))
    assert found.certificate.extra_teams == 0
    assert "more staff would not clear them" in plan_sheet.sentences(found, "en")[-1]
    assert not found.standing.found.unmet
    assert set(found.certificate.hopeless) <= set(cut.segments.index)
    assert len(found.certificate.hopeless)


def test_teams_more_clear_what_is_not_hopeless(plan: Deployment) -> None:
    table = plan.certificate.table.assign(ok=False)
    seen = replace(plan.certificate, table=table, extra_teams=2, hopeless=("a",))
    said = plan_sheet.sentences(replace(plan, certificate=seen), "en")[-1]
    assert "Near 1 of them no team can stand" in said
    assert said.endswith("2 teams more at posts would clear the others.")


# --- what a plan brings ------------------------------------------------------------------------


def test_each_team_more_brings_less(plan: Deployment) -> None:
    table = plan_checks.staffing(plan)
    assert table["teams"].tolist() == [1, 2, 3, 4, 5, 6]
    assert table["officers"].tolist() == [2, 4, 6, 8, 10, 12]
    assert (np.diff(table["more"]) <= 1e-9).all()
    assert table["share_of_harm"].iloc[-1] <= 1.0
    assert table.loc[table["planned"], "teams"].tolist() == [3]


def test_what_one_team_more_brings_is_said_to_be_of_posts_alone(plan: Deployment) -> None:
    table = plan_checks.staffing(plan)
    (said,) = plan_checks.one_more(table, "en")
    assert said.startswith("By posts alone, cars, ways and breaks not counted: 3 teams (6 officers")
    share, more = 100 * table["share_of_harm"].iloc[2], 100 * table["more"].iloc[3]
    assert f"cover {share:.1f} %; one team more (2 officers) would cover {more:.1f} p" in said
    assert plan_checks.one_more(table, "zh")[0].startswith("只算岗位")
    # where there is no room for another
    assert plan_checks.one_more(table.head(3), "en") == []


def test_posts_are_steady_where_nothing_is_uncertain() -> None:
    sure = town(interval={"log_sd": {"A": 1e-9, "B": 1e-9, "C": 1e-9, "D": 1e-9}})
    found = deploy(sure, crew.simple(sure, FRIDAY, "07:00-19:00", posts=3))
    assert (plan_checks.steady(found, "en", draws=3)["share"] == 1.0).all()


def test_the_same_seed_draws_the_same(plan: Deployment) -> None:
    one, two = (plan_checks.steady(plan, "en", draws=4, seed=1) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert one["share"].between(0.0, 1.0).all()


def test_steadiness_says_when_and_where_as_people_read_it(plan: Deployment) -> None:
    table = plan_checks.steady(plan, "en", draws=1)
    assert list(table) == ["unit", "from", "to", "road", "segment_id", "share"]
    own = table[table["unit"] == "P1"]
    assert own["from"].tolist() == [clock(edge) for edge in plan.standing.edges[:-1]]
    assert own["to"].tolist() == [clock(edge) for edge in plan.standing.edges[1:]]
    assert set(own["segment_id"]) == set(
        plan.roster.loc[(plan.roster["unit"] == "P1") & (plan.roster["kind"] == "post"),
                        "segment_id"]
    )  # fmt: skip
    assert own["road"].tolist() == [
        plan_sheet.road(plan, segment, "en") for segment in own["segment_id"]
    ]


def test_steadiness_is_told_by_the_rows_of_the_posts(plan: Deployment) -> None:
    edges = plan.standing.edges[:-1]
    table = pd.DataFrame([("P1", clock(edge), n / 10) for n, edge in enumerate(edges)],
                         columns=["unit", "from", "share"])  # fmt: skip
    found = dict(zip(plan_sheet.posts(plan, "en")["unit"],
                     plan_checks.by_stay(plan, table), strict=True))  # fmt: skip
    assert found["P1"] in (0, 10, 20, 30, 40, 50)
    assert found["P2"] is None


def test_two_plans_are_laid_side_by_side(own: Area, plan: Deployment) -> None:
    other = deploy(own, crew.simple(own, FRIDAY, "07:00-19:00", posts=4))
    table = plan_compare.compared(plan, other, "en").set_index("figure")
    assert table.loc["teams at posts"].tolist() == [3, 4, -1]
    assert table.loc["harm covered (%)", "difference"] < 0
    assert (table.loc["standing (unit hours)", ["this", "other"]] > [30, 40]).all()
    places = plan_compare.places(plan, other, "en")
    stood = [set(one.roster["segment_id"]) - {""} for one in (plan, other)]
    assert set(places["segment_id"]) == stood[0] ^ stood[1]
    assert plan_compare.places(plan, plan, "en").empty


# --- words and files ---------------------------------------------------------------------------


def test_minutes_are_told_as_on_a_clock() -> None:
    assert [clock(m) for m in (0.0, 450.5, 1440.0, 1800.0)] == [
        "00:00", "07:30", "00:00+1", "06:00+1"
    ]  # fmt: skip


def test_posts_say_what_they_are_for(plan: Deployment) -> None:
    table = plan_sheet.posts(plan, "en")
    assert set(table["kind"]) == {"post"}
    assert table["reasons"].str.contains("school layer").any()
    stays = plan.roster[plan.roster["kind"] == "post"]
    assert len(table) == len(stays)
    assert table["share_of_harm"].between(0.0, 1.0).all()


def test_the_roster_says_where_to_what_to_watch_for_and_what_to_do(plan: Deployment) -> None:
    table, stood = plan_sheet.rows(plan, "en"), plan_sheet.posts(plan, "en")
    at = plan.roster["segment_id"] != ""
    assert table.loc[at, "reasons"].tolist() == stood["reasons"].tolist()
    assert (table.loc[at, "advice"] != "").all()
    assert (table.loc[~at, ["reasons", "advice"]] == "").all(axis=None)
    drives = np.flatnonzero(plan.roster["kind"] == "drive")
    ahead = table.groupby("unit")["road"].shift(-1, fill_value="").iloc[drives]
    assert len(drives)
    for road, following in zip(table["road"].iloc[drives], ahead, strict=True):
        assert road == (f"→ {following}" if following else "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


def test_the_command_writes_what_it_says(folder: Path) -> None:
    done = run(folder, "deploy", SAMPLE, "--date", "2026-05-08", "--posts", "4", "--lang", "en",
               "-o", "plan.xlsx")  # fmt: skip
    assert done.code == 0, done.complained
    assert "8 officers, 4 teams at posts" in done.said
    assert "By posts alone, cars, ways and breaks not counted: 4 teams" in done.said
    book = openpyxl.load_workbook(folder / "plan.xlsx")
    assert book.sheetnames == ["Summary", "Posts", "Roster", "Key roads", "Staffing (posts alone)"]
    head = [cell.value for cell in book["Roster"][1]]
    assert head[:7] == ["unit", "squadron", "officers", "vehicle", "from", "to", "does"]
    assert {row[0].value for row in book["Roster"].iter_rows(min_row=2)} == {"P1", "P2", "P3", "P4"}


def test_a_vehicle_is_called_by_its_name_in_each_language(plan: Deployment) -> None:
    assert set(plan_sheet.rows(plan, "zh")["vehicle"]) == {"汽车"}
    assert set(squadron_sheets.units(plan, "en")["vehicle"]) == {"car"}
    assert set(squadron_sheets.units(plan, "zh")["vehicle"]) == {"汽车"}


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "kml", "parquet"])
def test_ways_are_lines_beside_the_posts(ending: str, plan: Deployment, tmp_path: Path) -> None:
    path = tmp_path / f"plan.{ending}"
    plan_sheet.write(plan, path, "en", {})
    table = gpd.read_parquet(path) if ending == "parquet" else gpd.read_file(path)
    lines = table[table.geom_type == "LineString"]
    drives = plan.roster[plan.roster["kind"] == "drive"]
    assert len(drives)
    assert lines["unit"].tolist() == drives["unit"].tolist()
    assert [str(at)[:5] for at in lines["from"]] == drives["start_min"].map(clock).tolist()
    assert [str(at)[:5] for at in lines["to"]] == drives["end_min"].map(clock).tolist()
    assert len(table) - len(lines) == len(plan_sheet.posts(plan, "en"))
    # they go from node to node of the roads
    nodes = plan.area.network.nodes.set_index("node_id")[["x", "y"]]
    first, *_, last = drives["nodes"].iloc[0].split(";")
    ends = np.array(lines.to_crs(plan.area.segments.crs).geometry.iloc[0].coords)[[0, -1], :2]
    asked = nodes.loc[pd.Index([first, last]).astype(nodes.index.dtype)].to_numpy()
    assert np.abs(ends - asked).max() < 0.1


def test_a_csv_holds_where_units_stand_alone(plan: Deployment, tmp_path: Path) -> None:
    plan_sheet.write(plan, tmp_path / "plan.csv", "en", {})
    assert len(pd.read_csv(tmp_path / "plan.csv")) == len(plan_sheet.posts(plan, "en"))


def test_posts_that_move_on_are_said_not_to_be_proven(folder: Path) -> None:
    said = []
    for posts in ("1", "0"):
        done = run(folder, "deploy", SAMPLE, "--date", "2026-05-08", "--posts", posts,
                   "--patrols", "1", "--shift", "20:00-22:00", "--campaign", "drink_driving",
                   "--exact", "--lang", "en", "-o", "plan.csv")  # fmt: skip
        assert done.code == 0, done.complained
        assert "Proven" not in done.said
        said.append("was not proven" in done.said)
    assert said == [True, False]


def test_steps_limit_the_search_for_routes(folder: Path) -> None:
    rosters = []
    for steps in ([], ["--steps", "2000"], ["--steps", "1"]):
        done = run(folder, "deploy", SAMPLE, "--date", "2026-05-08", "--patrols", "3", "--shift",
                   "14:00-18:00", *steps, "--json", "-o", "plan.csv")  # fmt: skip
        assert done.code == 0, done.complained
        rosters.append(json.loads(done.said)["roster"])
    assert rosters[0] == rosters[1] != rosters[2]


def test_posts_are_points_on_a_map_and_json_has_everything(folder: Path) -> None:
    done = run(folder, "deploy", SAMPLE, "--date", "2026-05-08", "--posts", "2", "--steady", "2",
               "--json", "-o", "plan.geojson")  # fmt: skip
    found = json.loads(done.said)
    assert found["covered"] > found["plain"]
    assert len(found["staffing"]) == 4
    assert {row["unit"] for row in found["steady"]} == {"P1", "P2"}
    assert set(gpd.read_file(folder / "plan.geojson").geom_type) == {"Point", "LineString"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--date", "8.5.2026", "--posts", "2"], "--date 8.5.2026: no date; write 2026-05-08"),
        (["--date", "2026-05-08", "--posts", "0"], "nobody is on duty"),
        (["--date", "2026-05-08", "--posts", "2", "--station", "here"], "--station here: no place"),
        (["--date", "2026-05-08", "--posts", "2", "--officers", "0"], "--officers 0: must be 1"),
        (["--date", "2026-05-08", "--posts", "2", "--campaign", "x"], "--campaign x: no such"),
        (["--date", "2026-05-08", "--patrols", "1", "--seed", "-1"], "--seed -1: must be 0"),
        (["--date", "2026-05-08", "--patrols", "1", "--steps", "0"], "--steps 0: must be 1 or mor"),
        (["--date", "2026-05-08", "--patrols", "300"], "more than 60 cannot be planned together"),
        (["--date", "2026-05-08", "--patrols", "1", "--shift", "07:00-07:20"], "too short to pat"),
        (["--date", "2026-05-08", "--posts", "99999"], "99,999 teams for 800 places where a team"),
        (["--date", "9999-12-31", "--posts", "1", "--shift", "19:00-07:00"], "--date 9999-12-31:"),
    ],
)
def test_what_can_not_be_planned_is_said_and_leaves_nothing(
    given: list[str], said: str, folder: Path
) -> None:
    done = run(folder, "deploy", SAMPLE, *given, "-o", "plan.csv")
    assert done.code == 2
    assert said in done.complained
    assert len(done.complained.splitlines()) == 1
    assert not done.files


def test_a_patrol_s_visit_breaks_the_time_alone(own: Area) -> None:
    near, far = (
        int(sites.nearest(own.network, np.array([x]), np.zeros(1))[0][0]) for x in (3000.0, 9000.0)
    )
    unit = Unit("C1", "", 2, "car", near, 420.0, 600.0)
    table = roster(Roads.of(own), [
        (unit, [Stay("stop", near, 3, 450.0, 465.0), Stay("stop", far, 9, 480.0, 490.0)])
    ])
    x = own.segments.geometry.centroid.x.to_numpy()
    rows = np.array([np.abs(x - 2950.0).argmin()])
    found = blindspots.certificate(table, own.network, rows, [(420.0, 540.0)], own.parameters)
    # from 465 to the end of the peak
    assert found.table["alone_min"].tolist() == [75.0]
    assert not found.ok


def test_a_shift_without_a_peak_has_no_blind_spot(own: Area) -> None:
    plan = deploy(own, crew.simple(own, FRIDAY, "11:00-12:00", posts=2))
    assert plan.certificate.table.empty
    assert plan.certificate.ok
    assert list(plan.certificate.spots["segment_id"]) == []
    assert plan_sheet.blind_spots(plan, "zh").empty
