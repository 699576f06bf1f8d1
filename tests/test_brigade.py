"""A shift of a brigade's squadrons: who stands where, what must be staffed, each one's lists."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from brigade import TEMPLATES, template
from commands import run

import riskmap
from riskmap import (
    brigade,
    deployment,
    plan_checks,
    plan_sheet,
    simulation,
    squadron_sheets,
)
from riskmap.area import Area
from riskmap.crew import simple
from riskmap.deployment import Deployment
from riskmap.errors import RiskmapError
from riskmap.roster import Rest, clock
from riskmap.staffing import Resources
from riskmap.webmap import plan_layer

FRIDAY = dt.date(2026, 5, 8)


@pytest.fixture(scope="module")
def own() -> Resources:
    return template()


@pytest.fixture(scope="module")
def area(own: Resources) -> Area:
    return brigade.ruled(riskmap.assess(riskmap.sample()), own)


@pytest.fixture(scope="module")
def plan(area: Area, own: Resources) -> Deployment:
    return deployment.deploy(area, brigade.crew(area, own, FRIDAY, "白班", "en"))


def changed(own: Resources, post: str, **values: object) -> Resources:
    """The same with other values of a post."""
    posts = tuple(replace(one, **values) if one.id == post else one for one in own.posts)
    return replace(own, posts=posts)


def test_the_units_are_those_of_the_rota(plan: Deployment) -> None:
    crew = plan.crew
    assert {unit.name for unit in crew.cars} == {"north-1", "south-1", "mobile-1"}
    assert [unit.name for unit in crew.teams] == ["north-2", "north-A1", "south-A1", "south-A2"]
    assert crew.officers == 14
    assert set(crew.areas) == {"north", "south"}  # the mobile squadron works everywhere
    assert not (crew.areas["north"] & crew.areas["south"]).any()
    assert {unit.vehicle for unit in crew.cars} == {"car", "motorcycle"}


def test_squadrons_keep_to_their_areas_and_no_rule_is_broken(plan: Deployment) -> None:
    stood = plan.roster[plan.roster["segment_id"] != ""]
    rows = plan.area.segments.index.get_indexer(stood["segment_id"])
    for name, inside in plan.crew.areas.items():
        assert inside[rows[stood["squadron"] == name]].all()
    found = simulation.simulate(
        plan.roster, plan.area.network, first=plan.crew.first, last=plan.crew.last,
        nowhere=plan.area.parameters["sites"]["nowhere"], officers=2, tasks=plan.crew.tasks,
        breaks=[Rest(30.0, 660.0, 810.0, at_station=True, at_once=2)],
    )  # fmt: skip
    assert found.ok, found.faults


def test_a_limit_of_the_file_holds_for_teams_and_cars(area: Area, own: Resources) -> None:
    (day, night) = own.breaks
    one = replace(own, breaks=(replace(day, at_once=1, latest_min=840.0), night))
    crew = brigade.crew(area, one, FRIDAY, "白班", "en")
    found = deployment.deploy(area, crew).roster
    breaks = found[found["kind"] == "break"].sort_values("start_min")
    assert set(breaks["unit"]) == {unit.name for unit in (*crew.teams, *crew.cars)}
    # one after the other, and none before the one before is over
    assert (breaks["start_min"].to_numpy()[1:] >= breaks["end_min"].to_numpy()[:-1] - 0.01).all()


def test_guards_and_posts_are_staffed_in_their_hours_by_who_should(plan: Deployment) -> None:
    for task in plan.crew.tasks:
        there = plan.roster[(plan.roster["note"] == task.name)]
        # minutes of the window in which somebody stands there
        minutes = (
            there["end_min"].clip(upper=task.last) - there["start_min"].clip(lower=task.first)
        ).clip(lower=0.0)
        assert minutes.sum() >= task.last - task.first - 1.0
        assert set(there["kind"]) == {task.kind}
        if task.squadron:
            assert set(there["squadron"]) == {task.squadron}
    assert {task.kind for task in plan.crew.tasks} == {"post", "school"}
    assert not any("due at" in line for line in plan_sheet.sentences(plan, "en"))


def test_a_guard_is_told_what_a_guard_does(plan: Deployment) -> None:
    table = plan_sheet.posts(plan, "en")
    own = table[table["kind"] == "school guard"]
    assert len(own)
    assert own["advice"].str.contains("parents stop and go").all()


def test_who_cannot_be_there_in_time_is_said(plan: Deployment) -> None:
    name = plan.crew.tasks[0].name
    late = plan.roster["note"] == name
    table = plan.roster.assign(start_min=plan.roster["start_min"] + 7.0 * late)
    said = plan_sheet.sentences(replace(plan, roster=table), "en")
    own = [task for task in plan.crew.tasks if task.name == name]
    told = [line.split(",")[0] for line in said if "due at" in line]
    assert told == [f"{name}: due at {clock(task.first)}" for task in own]


def test_a_post_for_two_teams_stands_at_two_corners(area: Area, own: Resources) -> None:
    four = changed(own, "centre", officers=4, hours=((1080.0, 1140.0),))
    crew = brigade.crew(area, four, FRIDAY, "白班", "en")
    both = [task for task in crew.tasks if task.name.startswith("Roundabout in the centre")]
    assert [task.name[-3:] for task in both] == ["1/2", "2/2"]
    xy = area.network.nodes[["x", "y"]].to_numpy()[[task.node for task in both]]
    assert 0.0 < np.hypot(*(xy[0] - xy[1])) < 300.0
    found = deployment.deploy(area, crew)
    now = found.roster[(found.roster["start_min"] <= 1110) & (found.roster["end_min"] > 1110)]
    assert now["note"].str.startswith("Roundabout").sum() == 2


def test_a_post_that_is_fixed_cannot_be_dragged_and_another_stays_a_post(plan: Deployment) -> None:
    drawn = plan_layer.drawn(plan, "en")
    rows = [row for unit in drawn["units"] for row in unit["rows"]]
    fixed = [row for row in rows if "Roundabout in the centre" in row["title"]]
    assert fixed
    assert not any(row["drag"] for row in fixed)
    assert all(row["held"] for row in fixed)
    guard = next(task for task in plan.crew.tasks if task.kind == "school")
    to = next(int(n) for n in plan.standing.sites.node if n != guard.node)
    moved = deployment.moved(plan.crew, guard.node, to)
    assert [task.node for task in moved.tasks if task.name == guard.name] == [to] * 2
    assert moved.locked == ()


def test_limits_of_the_file_are_those_of_the_plan(area: Area, own: Resources) -> None:
    limits = replace(own.limits, peaks=("10:00-11:00",), least_stop_min=12.0, seen_min=90.0)
    other = brigade.ruled(area, replace(own, limits=limits))
    assert other.parameters["deploy"]["peaks"] == ["10:00-11:00"]
    assert other.parameters["patrols"]["stay_min"] == [12.0, 16.0]
    assert other.parameters["patrols"]["every_min"] == other.parameters["sites"]["seen_min"] == 90.0
    found = deployment.deploy(other, brigade.crew(other, own, FRIDAY, "白班"))
    assert found.keys.windows == ((600.0, 660.0),)
    stops = found.roster[found.roster["kind"] == "stop"]
    assert (stops["end_min"] - stops["start_min"]).min() >= 11.9


def test_a_shift_over_midnight_is_planned(area: Area, own: Resources) -> None:
    found = deployment.deploy(area, brigade.crew(area, own, FRIDAY, "夜班"))
    assert found.roster["end_min"].max() == 1860.0


def test_totals_by_squadron_add_up(plan: Deployment) -> None:
    table = squadron_sheets.totals(plan, "en").set_index("id")
    assert table["officers"].sum() == plan.crew.officers
    assert table.loc[["north", "south"], "share_of_harm"].sum() == pytest.approx(1.0, abs=1e-3)
    assert table["covered"].max() < plan.met.by_all < table["covered"].sum()
    assert not plan_checks.staffing(plan).empty


def test_squadrons_are_called_by_their_names_and_the_roster_keeps_their_ids(
    plan: Deployment
) -> None:
    assert set(plan.roster["squadron"]) == {"north", "south", "mobile"}
    for lang, names in (
        ("zh", {"北区中队", "南区中队", "机动中队"}),
        ("en", {"North squadron", "South squadron", "Mobile squadron"}),
    ):
        tables = (
            plan_sheet.posts(plan, lang), plan_sheet.rows(plan, lang),
            squadron_sheets.units(plan, lang), squadron_sheets.totals(plan, lang),
        )  # fmt: skip
        for table in (*tables, plan_sheet.routes(plan, lang)):
            assert set(table["squadron"]) == names


def test_squadrons_of_one_name_are_told_apart_and_those_of_none_have_their_id(
    area: Area, own: Resources, plan: Deployment, tmp_path: Path
) -> None:
    words = {"north": ("1/2", ""), "south": ("1/2", "1:2"), "mobile": ("", "")}
    squadrons = tuple(
        replace(one, zh=words[one.id][0], en=words[one.id][1]) for one in own.squadrons
    )
    crew = brigade.crew(area, replace(own, squadrons=squadrons), FRIDAY, "白班", "en")
    assert [crew.called(name, "zh") for name in words] == ["1/2 (north)", "1/2 (south)", "mobile"]
    assert [crew.called(name, "en") for name in words] == ["1/2", "1:2", "mobile"]
    # of which two cannot be told apart in the name of a file
    books = squadron_sheets.write(replace(plan, crew=crew), tmp_path, "en")
    assert sorted(path.name for path in books) == ["1_2 (south).xlsx", "1_2.xlsx", "mobile.xlsx"]


def test_a_squadron_without_a_station_begins_where_its_harm_is(area: Area, own: Resources) -> None:
    squadrons = tuple(replace(one, station=None) for one in own.squadrons)
    crew = brigade.crew(area, replace(own, squadrons=squadrons), FRIDAY, "白班")
    y = area.network.nodes["y"].to_numpy()
    where = {unit.squadron: y[unit.station] for unit in (*crew.teams, *crew.cars)}
    assert where["north"] > where["south"]


# --- the command -------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


FILE = TEMPLATES / "resources.toml"


def test_each_squadron_gets_its_workbook(folder: Path) -> None:
    done = run(
        folder, "deploy", riskmap.sample(), "--date", "2026-05-08", "--resources", FILE,
        "--shift", "白班", "--lang", "en", "-o", "plan.xlsx", "--by-squadron", "own",
    )  # fmt: skip
    assert done.code == 0, done.complained
    assert "North squadron: 2026-05-08 07:00–19:00, 6 officers, 2 teams at posts" in done.said
    assert sorted(path.name for path in (folder / "own").iterdir()) == [
        "Mobile squadron.xlsx", "North squadron.xlsx", "South squadron.xlsx"
    ]  # fmt: skip
    book = openpyxl.load_workbook(folder / "own" / "South squadron.xlsx")
    assert book.sheetnames == ["Summary", "On duty", "Posts", "Roster"]
    for sheet in book.sheetnames[1:]:
        assert {row[1].value for row in book[sheet].iter_rows(min_row=2)} == {"South squadron"}
    whole = openpyxl.load_workbook(folder / "plan.xlsx")
    assert {"Squadrons", "On duty"} <= set(whole.sheetnames)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--resources", FILE], "--shift: is missing; "),
        (["--resources", FILE, "--shift", "晚班"], "shift '晚班': there is none; "),
        (["--resources", FILE, "--shift", "白班", "--posts", "3"], "--posts: the file of --resour"),
        (["--resources", "none.toml", "--shift", "白班"], "none.toml: no such file; copy data/"),
        (["--posts", "2", "--by-squadron", "own"], "--by-squadron: the plan has no squadrons"),
    ],
)
def test_what_cannot_be_planned_of_a_file_is_said(
    given: list[object], said: str, folder: Path
) -> None:
    done = run(folder, "deploy", riskmap.sample(), "--date", "2026-05-08", *given, "-o", "plan.csv")
    assert done.code == 2
    assert said in done.complained
    assert not done.files


def test_a_plan_of_nobody_s_squadrons_has_no_books(area: Area) -> None:
    found = deployment.deploy(area, simple(area, FRIDAY, "07:00-19:00", posts=1))
    with pytest.raises(RiskmapError, match="the plan has no squadrons; give --resources"):
        squadron_sheets.write(found, Path("own"), "en")
