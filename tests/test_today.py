"""Today's roster beside a plan, and the command for logged duty."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from commands import run
from streets import area, effect, extract, layer, rules, street, thing

import riskmap
from riskmap import crew, duty_files, duty_log
from riskmap.deployment import Deployment, deploy
from riskmap.duty_log import DutyLog
from riskmap.errors import RiskmapError
from riskmap.today import sentence, today

FRIDAY = dt.date(2026, 5, 8)


@pytest.fixture(scope="module")
def plan() -> Deployment:
    ways = [street((1000.0 * n, 0.0), (1000.0 * n + 1000.0, 0.0), highway="primary")
            for n in range(12)]  # fmt: skip
    things = [thing((20.0, 10.0), amenity="school"), thing((11980.0, 10.0), amenity="school")]
    near = layer("school", effect("all", 6.0), full_m=50.0, reach_m=100.0)
    own = area(extract(ways, things), near, parameters=rules())
    return deploy(own, crew.simple(own, FRIDAY, "07:00-19:00", posts=2))


def stays(plan: Deployment, *rows: tuple[str, str, str, int]) -> DutyLog:
    """A log of unit, start, end and segment, two officers each."""
    table = pd.DataFrame(rows, columns=["unit", "start", "end", "segment"])
    for name in ("start", "end"):
        table[name] = pd.to_datetime(table[name])
    table = table.assign(squadron="", officers=2.0, state="road")
    report = duty_log.of_roster(plan.roster, plan.area, FRIDAY).report
    return DutyLog(table[list(duty_log.TABLE)], report)


def test_a_plan_taken_for_todays_roster_covers_as_much_as_it_does(plan: Deployment) -> None:
    found = today(plan, duty_log.of_roster(plan.roster, plan.area, FRIDAY))
    assert found.met.by_all == pytest.approx(plan.met.by_all, rel=0.03)
    assert found.index == pytest.approx(found.planned)
    assert found.days == 0
    # two teams of two for twelve hours, less half an hour of rest each
    assert found.officers == pytest.approx(4.0 * 11.5 / 12.0, abs=0.2)


def test_half_an_hour_is_a_post_ten_minutes_a_stop_and_less_is_nothing(plan: Deployment) -> None:
    def met(minutes: int) -> tuple[float, float]:
        end = f"2026-05-08 09:{minutes:02d}"
        found = today(plan, stays(plan, ("a", "2026-05-08 09:00", end, 5))).met
        return found.by_posts, found.by_all - found.by_posts

    post, stop, passed = (met(minutes) for minutes in (40, 12, 5))
    assert post[0] > 0.0
    assert post[1] == 0.0
    assert stop[0] == 0.0
    assert stop[1] > 0.0
    assert passed == (0.0, 0.0)


def test_parts_of_a_stay_are_one_stay(plan: Deployment) -> None:
    whole = stays(plan, ("a", "2026-05-08 09:00", "2026-05-08 09:40", 5))
    parts = stays(plan, ("a", "2026-05-08 09:00", "2026-05-08 09:20", 5),
                  ("a", "2026-05-08 09:20", "2026-05-08 09:40", 5))  # fmt: skip
    assert today(plan, whole).met.by_posts == pytest.approx(today(plan, parts).met.by_posts)


def test_another_day_is_laid_on_the_shift_by_the_clock_and_said(plan: Deployment) -> None:
    same, other = (
        today(plan, stays(plan, ("a", f"{day} 08:00", f"{day} 12:00", 5)))
        for day in ("2026-05-08", "2026-05-06")
    )
    assert other.met.by_all == pytest.approx(same.met.by_all)
    assert (same.days, other.days) == (0, 2)
    assert "moved by 2 days" in sentence(plan, other, "en")
    assert "moved" not in sentence(plan, same, "en")


def test_nobody_in_these_hours_is_refused(plan: Deployment) -> None:
    night = stays(plan, ("a", "2026-05-08 20:00", "2026-05-08 23:00", 5))
    with pytest.raises(RiskmapError, match="nobody is on a road between 7 and 19 h; give a log of"):
        today(plan, night)


def test_rows_that_were_dropped_are_the_reason_that_is_told(plan: Deployment) -> None:
    log = stays(plan, ("a", "2026-05-08 20:00", "2026-05-08 23:00", 5))
    report = pd.DataFrame([
        {"file": "duty.csv", "row": 2, "outcome": "dropped", "why_en": "not in this area"},
        {"file": "duty.csv", "row": 3, "outcome": "taken", "why_en": ""},
    ])
    with pytest.raises(RiskmapError, match=r"\(1 of 2 rows dropped; row 2: not in this area\)"):
        today(plan, replace(log, report=report))


# --- commands ----------------------------------------------------------------------------------

LOG = """unit,squadron,officers,start,end,lon,lat
A1,1,2,2026-05-08 07:30,2026-05-08 12:00,9.5217,47.1411
A2,1,2,2026-05-08 13:00,2026-05-08 17:00,9.5231,47.1662
A2,1,2,2026-05-08 17:00,2026-05-08 18:00,12.0,47.1662
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "log.csv").write_text(LOG, encoding="utf-8")
    return home


def test_duty_is_judged_and_the_rows_that_lie_nowhere_are_told(folder: Path) -> None:
    done = run(folder, "duty", riskmap.sample(), "log.csv", "--lang", "en", "-o", "match.xlsx",
               "--report", "report.csv")  # fmt: skip
    assert done.code == 0, done.complained
    assert "19.0 officer hours logged: 17.0 on the road" in done.said
    assert "Left alone" in openpyxl.load_workbook(folder / "match.xlsx").sheetnames
    report = pd.read_csv(folder / "report.csv")
    assert report["why_en"].str.contains("km|m from", na=False).tolist()[-1]
    told = json.loads(run(folder, "duty", riskmap.sample(), "log.csv", "--json").said)
    assert told["index"] == pytest.approx(told["where"] * told["when"])


def test_today_stands_beside_the_plan(folder: Path) -> None:
    asked = ("deploy", riskmap.sample(), "--date", "2026-05-08", "--posts", "2", "--lang", "en",
             "--today", "log.csv", "-o", "plan.xlsx")  # fmt: skip
    done = run(folder, *asked)
    assert done.code == 0, done.complained
    assert "Today's roster (1.4 officers on the road in the mean) covers" in done.said
    sheet = openpyxl.load_workbook(folder / "plan.xlsx")["Summary"]
    assert any("Today's roster" in str(row[0].value) for row in sheet.iter_rows())
    found = json.loads(run(folder, *asked, "--json").said)
    assert found["today"]["covered"] < found["covered"]


def test_what_is_no_log_is_said_and_leaves_nothing(folder: Path) -> None:
    for given, said in (
        (["duty", riskmap.sample(), "none.csv", "-o", "m.xlsx"], "none.csv: no such file; copy"),
        (["duty", riskmap.sample(), "log.csv", "--day", "x", "-o", "m.xlsx"], "--day x: no date"),
        (["deploy", riskmap.sample(), "--date", "2026-05-08", "--posts", "1", "--today",
          "none.csv", "-o", "p.xlsx"], "none.csv: no such file"),
    ):  # fmt: skip
        done = run(folder, *given)
        assert done.code == 2
        assert said in done.complained
        assert done.files == ("log.csv",)


def test_the_template_is_read() -> None:
    own = riskmap.assess(riskmap.sample())
    path = Path(riskmap.__file__).parents[1] / "data" / "templates" / "duty.csv"
    report = duty_files.read_duty([path], own).report
    assert len(report) == 3
