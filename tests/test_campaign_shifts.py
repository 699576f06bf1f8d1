"""A campaign in a shift: its days, hours, gates and partners, and everyday duty outside them."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import riskmap
from riskmap import aims, campaign_rounds, checkpoints, crew, plan_checks, plan_sheet
from riskmap.aims import Aim
from riskmap.area import Area
from riskmap.campaigns import read_campaigns
from riskmap.covered import covered
from riskmap.deployment import Deployment, deploy
from riskmap.errors import RiskmapError

TERM = dt.date(2026, 9, 1)
SUMMER = dt.date(2026, 6, 6)
SHIPPED = read_campaigns()


@pytest.fixture(scope="module")
def area() -> Area:
    return riskmap.assess(riskmap.sample())


@pytest.fixture(scope="module")
def guards(area: Area) -> Deployment:
    own = crew.simple(area, TERM, "07:00-19:00", posts=4)
    return deploy(area, own, campaign=SHIPPED["school_start"])


def by_hand(windows: tuple[tuple[float, float], ...], **posts: float | None) -> Aim:
    """A campaign in these minutes whose teams stand so."""
    own = SHIPPED["drink_driving"]
    none = pd.DataFrame()
    return Aim(replace(own, posts=replace(own.posts, **posts)), none, none, windows)


def advice(plan: Deployment, lang: str, *, on: bool) -> pd.Series:
    """What units are told that stand in the campaign's hours, or outside them."""
    stays = plan.roster[plan.roster["segment_id"] != ""]
    ends = zip(stays["start_min"], stays["end_min"], strict=True)
    here = [plan.aim.on(*minutes) == on for minutes in ends]
    assert any(here)
    return plan_sheet.posts(plan, lang)["advice"][here]


# --- days and hours ----------------------------------------------------------------------------


def test_a_campaign_is_on_in_its_minutes_and_all_harm_counts_as_much_outside_them(
    area: Area
) -> None:
    own = SHIPPED["school_start"]
    period = crew.simple(area, TERM, "07:00-19:00", posts=1).period(area)
    found = aims.aim(area, period, own, first=420.0, last=1140.0)
    assert found.windows == ((420.0, 520.0), (960.0, 1070.0))
    all_harm = area.model.hourly(period)
    pd.testing.assert_frame_equal(found.told, own.demand(area, period))
    pd.testing.assert_series_equal(found.sent.iloc[:, 0], found.told.iloc[:, 0])  # 7 to 8 h
    # from 9 to 16 h it is all harm, in one measure
    times = found.sent.iloc[:, 2:9].sum().sum() / all_harm.iloc[:, 2:9].sum().sum()
    np.testing.assert_allclose(found.sent.iloc[:, 2:9], all_harm.iloc[:, 2:9] * times, rtol=1e-3)
    share = own.acts(area.model.time.hours(period))
    inside = found.told.to_numpy().sum() / share.sum()
    outside = (found.sent - found.told).to_numpy().sum() / (1.0 - share).sum()
    assert outside == pytest.approx(inside, rel=1e-4)


def test_a_shift_within_the_campaign_s_hours_is_all_for_it(area: Area) -> None:
    own = crew.simple(area, SUMMER, "21:30-01:30", posts=1)
    found = aims.aim(area, own.period(area), SHIPPED["drink_driving"], first=1290.0, last=1530.0)
    assert found.windows == ((1290.0, 1530.0),)
    assert found.sent is found.told
    plan = deploy(area, own, campaign=SHIPPED["drink_driving"])
    assert not any("everyday duty" in line for line in plan_sheet.sentences(plan, "en"))


def test_outside_its_hours_units_stand_where_all_harm_is(area: Area, guards: Deployment) -> None:
    everyday = deploy(area, guards.crew)
    met = []
    for plan in (guards, everyday):
        stays = plan.roster[plan.roster["kind"] == "post"]
        noon = stays.assign(
            start_min=stays["start_min"].clip(lower=540.0), end_min=stays["end_min"].clip(upper=940)
        )
        met.append(covered(noon, area.network, everyday.demand, area.parameters["sites"]).by_posts)
    assert met[0] > 0.95 * met[1] > 0.0
    assert any("07:00–08:40, 16:00–17:50" in line for line in plan_sheet.sentences(guards, "en"))


def test_the_curve_of_staff_is_of_what_the_campaign_aims_at(guards: Deployment) -> None:
    table = plan_checks.staffing(guards)
    assert 0.0 < table["share_of_harm"].iloc[0] < table["share_of_harm"].iloc[-1] < 1.0


def test_a_campaign_without_hours_in_the_shift_is_said_and_all_is_everyday_duty(
    area: Area
) -> None:
    day = crew.simple(area, SUMMER, "09:00-15:00", posts=2)
    plan = deploy(area, day, campaign=SHIPPED["drink_driving"])
    pd.testing.assert_frame_equal(plan.roster, deploy(area, day).roster)
    said = plan_sheet.sentences(plan, "en")
    assert sum("no hours in this shift (20:00-02:00, on its days)" in line for line in said) == 1
    assert not any("breath tester" in own for own in plan_sheet.posts(plan, "en")["advice"])
    assert any("全班按日常勤务编排" in line for line in plan_sheet.sentences(plan, "zh"))
    # planned again it is still said
    again = deploy(area, day, aim=plan.aim, start=plan)
    assert plan_sheet.sentences(again, "en") == said


def test_a_campaign_that_is_about_no_road_here_is_refused(area: Area) -> None:
    night = crew.simple(area, SUMMER, "20:00-22:00", posts=1)
    own = SHIPPED["drink_driving"]
    nowhere = replace(own, roads=(replace(own.roads[0], layer="", area="nowhere"),))
    with pytest.raises(RiskmapError, match="campaign drink_driving: is about no road here; "):
        deploy(area, night, campaign=nowhere)


@pytest.mark.parametrize(
    ("name", "date", "phases"),
    [
        ("drink_driving", dt.date(2026, 6, 6), ["Strike: summer nights"]),
        ("drink_driving", dt.date(2026, 6, 8), []),  # a Monday
        ("drink_driving", dt.date(2026, 6, 1), ["Publicity"]),
        ("school_start", TERM, ["First week of term"]),
        ("school_start", dt.date(2026, 7, 30), []),
    ],
)
def test_days_are_told_as_the_calendar_of_rounds_has_them(
    area: Area, name: str, date: dt.date, phases: list[str]
) -> None:
    own, calendar = SHIPPED[name], area.model.almanac.calendar
    found = campaign_rounds.phases(own, date, calendar)
    assert [phase.title["en"] for phase in found] == phases
    table = campaign_rounds.rounds(own, date.year, calendar)
    assert table.loc[table["date"] == pd.Timestamp(date), "title_en"].tolist() == phases


def test_a_day_in_none_of_the_rounds_is_said_and_planned(area: Area) -> None:
    said = []
    for date in (SUMMER, dt.date(2026, 6, 8)):
        night = crew.simple(area, date, "20:00-22:00", posts=1)
        plan = deploy(area, night, campaign=SHIPPED["drink_driving"])
        assert plan.campaign is not None
        said.append("\n".join(plan_sheet.sentences(plan, "en")))
    assert "of its phase 'Strike: summer nights': Many moving checks" in said[0]
    assert "lies in none" not in said[0]
    assert "2026-06-08 lies in none of its phases and rounds" in said[1]


# --- how teams stand ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posts", "minutes"),
    [
        ({"stay_min": 20.0, "move_after_min": 40.0}, [40.0] * 3),
        ({"stay_min": 20.0, "move_after_min": 50.0}, [40.0] * 3),
        ({"stay_min": 70.0, "move_after_min": 90.0}, [120.0]),  # two would be too short
        ({"stay_min": 20.0, "move_after_min": None}, [120.0]),
    ],
)
def test_blocks_are_as_long_as_teams_are_to_stay(
    posts: dict[str, float | None], minutes: list[float]
) -> None:
    found = checkpoints.blocks(by_hand(((1200.0, 1320.0),), **posts), 1080.0, 1440.0, 120.0)
    assert found.edges.tolist() == [
        1080.0, *(1200.0 + np.cumsum([0.0, *minutes])).tolist(), 1440.0
    ]  # fmt: skip
    assert found.on.tolist() == [False, *[True] * len(minutes), False]
    assert found.cuts.tolist() == [1, 1 + len(minutes)]
    assert found.moving.any() == (posts["move_after_min"] is not None)


def test_a_peak_s_end_does_not_leave_a_checkpoint_too_short() -> None:
    own = by_hand(((420.0, 540.0),), stay_min=45.0, move_after_min=60.0)
    found = [checkpoints.blocks(own, 420.0, 540.0, 120.0, [at]).edges for at in (460.0, 470.0)]
    assert found[0].tolist() == [420.0, 480.0, 540.0]
    assert found[1].tolist() == [420.0, 470.0, 540.0]


@pytest.mark.parametrize("least", [20.0, 36.0])
def test_nobody_stays_shorter_at_a_checkpoint_than_the_campaign_asks(
    area: Area, least: float
) -> None:
    own = SHIPPED["drink_driving"]
    own = replace(own, posts=replace(own.posts, stay_min=least))
    plan = deploy(area, crew.simple(area, SUMMER, "19:00-02:00", posts=3), campaign=own)
    stays = plan.roster[plan.roster["kind"] == "post"]
    ends = list(zip(stays["start_min"], stays["end_min"], strict=True))
    inside = [b - a for a, b in ends if plan.aim.on(a, b)]
    assert min(inside) >= least
    assert len(inside) > 15  # of 27 blocks of teams
    on = np.flatnonzero([plan.aim.on(a, b) for a, b in pairwise(plan.standing.edges)])
    assert all(not set(a) & set(b) for a, b in pairwise(plan.standing.team.T[on].tolist()))


def test_checkpoints_apart_leave_every_squadron_places_in_its_area(area: Area) -> None:
    base = crew.simple(area, SUMMER, "20:00-22:00", posts=4)
    north = area.segments.geometry.centroid.y.to_numpy() > area.segments.geometry.centroid.y.mean()
    names = ("n", "n", "n", "s")
    teams = tuple(replace(u, squadron=name) for u, name in zip(base.teams, names, strict=True))
    own = SHIPPED["drink_driving"]
    far = replace(own, posts=replace(own.posts, apart_m=8000.0))
    plan = deploy(
        area, replace(base, teams=teams, areas={"n": north, "s": ~north}), campaign=far
    )
    stood = plan.roster[plan.roster["segment_id"] != ""]
    inside = north[area.segments.index.get_indexer(stood["segment_id"])]
    assert (inside == (stood["squadron"] == "n")).all()


# --- guards at gates ---------------------------------------------------------------------------


def test_school_start_has_guards_at_gates_in_its_hours_who_are_presence(
    area: Area, guards: Deployment
) -> None:
    gates = checkpoints.gates(area, guards.aim)
    table = guards.roster[guards.roster["segment_id"] != ""]
    ids = area.network.nodes["node_id"].astype(str)
    nodes = {ids.iloc[node]: name for node, name in gates.items()}
    on = [guards.aim.on(a, b) for a, b in zip(table["start_min"], table["end_min"], strict=True)]
    assert set(table.loc[on, "kind"]) == {"school"}
    assert set(table.loc[on, "nodes"]) <= set(nodes)
    assert table.loc[on, "note"].tolist() == [nodes[node] for node in table.loc[on, "nodes"]]
    # each in time in the afternoon, and to the end
    late = table[table["kind"] == "school"].groupby("unit")[["start_min", "end_min"]].max()
    assert late["start_min"].tolist() == pytest.approx([960.0] * 4)
    assert late["end_min"].tolist() == pytest.approx([1070.0] * 4)
    assert set(table.loc[~np.array(on), "kind"]) == {"post"}
    assert guards.met.by_posts < 0.1 * guards.met.by_all  # halves of an hour are alike
    assert guards.met.by_all > guards.top.by_all


def test_a_gate_is_the_nearest_node_within_a_layer_s_full_effect(
    area: Area, guards: Deployment
) -> None:
    gates = checkpoints.gates(area, guards.aim)
    xy = area.network.nodes[["x", "y"]].to_numpy()
    schools = pd.concat([area.features(name) for name in ("school", "kindergarten")])
    for node, name in gates.items():
        own = schools[schools["name"].fillna("") == name].geometry.centroid
        assert np.hypot(own.x - xy[node, 0], own.y - xy[node, 1]).min() <= 200.0
    assert checkpoints.gates(area, by_hand(((0.0, 60.0),))) == {}


def guarded(plan: Deployment) -> list[set[int]]:
    """Gates at which somebody is chosen to stand, in each block of the campaign's hours."""
    gates, found = checkpoints.gates(plan.area, plan.aim), plan.standing
    on = [plan.aim.on(a, b) for a, b in pairwise(found.edges)]
    return [set(gates) & set(found.sites.node[row]) for row in found.found.taken.T[on]]


@pytest.mark.parametrize("more", [0, 1, 5])
def test_with_teams_enough_every_gate_is_guarded_and_the_others_are_posts(
    area: Area, guards: Deployment, more: int
) -> None:
    gates = checkpoints.gates(area, guards.aim)
    own = crew.simple(area, TERM, "07:00-11:00", posts=len(gates) + more)
    plan = deploy(area, own, campaign=SHIPPED["school_start"])
    assert guarded(plan)
    assert all(here == set(gates) for here in guarded(plan))
    stays = plan.roster[plan.roster["segment_id"] != ""]
    kinds = stays.loc[stays["end_min"] <= 520.0, "kind"].value_counts().to_dict()
    assert kinds == {"school": len(gates)} | ({"post": more} if more else {})


def test_a_squadron_short_of_gates_takes_nobody_else_s_guards_away(
    area: Area, guards: Deployment
) -> None:
    gates = checkpoints.gates(area, guards.aim)
    y = area.segments.geometry.centroid.y.to_numpy()
    at = np.sort(area.network.nodes["y"].to_numpy()[list(gates)])
    north = y > at[-3:-1].mean()  # a gate or a few; all others are in the south
    base = crew.simple(area, TERM, "07:00-08:30", posts=8)
    teams = tuple(replace(u, squadron="ns"[n % 2]) for n, u in enumerate(base.teams))
    own = replace(base, teams=teams, areas={"n": north, "s": ~north})
    plan = deploy(area, own, campaign=SHIPPED["school_start"])
    known = plan.standing.sites
    few = {node for node, row in zip(known.node.tolist(), known.segment, strict=True)
           if node in gates and north[row]}  # fmt: skip
    assert 0 < len(few) < 4
    (here,) = guarded(plan)
    assert here >= few
    assert len(here) == 4 + len(few)


# --- what is said ------------------------------------------------------------------------------


def test_units_are_told_who_takes_part_in_its_hours_alone(guards: Deployment) -> None:
    assert advice(guards, "en", on=True).str.endswith(
        "With: teachers on duty and parents; the local police station, city wardens"
    ).all()  # fmt: skip
    assert advice(guards, "zh", on=True).str.contains("参加单位.学校值班老师").all()
    assert not advice(guards, "en", on=False).str.contains("With: ").any()
    assert (advice(guards, "en", on=False) != "").all()
    told = "With: teachers on duty and parents; the local police station, city wardens."
    assert told in plan_sheet.sentences(guards, "en")


def test_a_campaign_without_partners_names_none(area: Area) -> None:
    own = SHIPPED["drink_driving"]
    own = replace(own, duty=replace(own.duty, partners=()))
    night = crew.simple(area, SUMMER, "20:00-22:00", posts=1)
    plan = deploy(area, night, campaign=own)
    assert not any(line.startswith("With") for line in plan_sheet.sentences(plan, "en"))
    assert plan_sheet.posts(plan, "en")["advice"].str.endswith("never both teams at once").all()
