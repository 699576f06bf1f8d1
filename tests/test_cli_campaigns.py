"""`riskmap campaigns`: what it prints and writes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import icalendar
import openpyxl
import pandas as pd
import pytest
from test_campaigns import NAMES, PLAIN, put

from riskmap import calendars
from riskmap.campaigns import read_campaigns, rounds
from riskmap.cli import main
from riskmap.locale import LANGUAGES

Captured = pytest.CaptureFixture[str]
YEAR = ["--year", "2026"]


@pytest.fixture
def own(tmp_path: Path) -> list[str]:
    """A folder with one campaign, of two rounds in 2026."""
    folder = tmp_path / "own"
    folder.mkdir()
    rule = 'first = "06-05"\nlast = "06-08"\nweekday = ["fri", "sat", "mon"]'
    (folder / "strike.toml").write_text(put(rule), encoding="utf-8")
    return ["--campaigns", str(folder)]


def test_the_list_says_of_every_campaign_what_it_may_claim(capsys: Captured) -> None:
    assert main(["campaigns", "list", "--lang", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} == NAMES
    (checks,) = [line for line in lines if line.startswith("drink_driving")]
    assert "15 % fewer of the crashes aimed at (11–18 %; A, PEPPER D9" in checks
    (guards,) = [line for line in lines if line.startswith("school_start")]
    assert guards.endswith("no effect on crashes was found, presence only")
    assert main(["campaigns", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    claims = {row["name"]: row["prevents"] for row in rows}
    assert claims["drink_driving"]
    assert not claims["school_start"]


def test_one_campaign_is_shown_in_both_languages(capsys: Captured) -> None:
    assert main(["campaigns", "show", "drink_driving", "--lang", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Drink-driving  drink_driving  checkpoint"
    assert "Hours  20:00-02:00 (D, judgement)" in lines
    assert any(line.startswith("Roads  Night-life street 100%; Places") for line in lines)
    assert any(line.startswith("  halves every 900 m of road (B, Elliott") for line in lines)
    assert any(line.startswith("  lasts about 7 days more (B, Brisbane") for line in lines)
    (posts,) = [line for line in lines if line.startswith("Posts")]
    assert "moves on after 40 min; at least 900 m apart (D, judgement)" in posts
    assert main(["campaigns", "show", "school_start"]) == 0
    said = capsys.readouterr().out
    assert "效果  没有查到它减少事故的证据" in said
    assert "时段  上学日 07:00-08:40, 16:00-17:50" in said


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_campaign_can_be_shown(name: str, lang: str, capsys: Captured) -> None:
    assert main(["campaigns", "show", name, "--lang", lang]) == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) >= 12
    assert "{" not in said


def test_days_around_a_holiday_are_told(capsys: Captured) -> None:
    assert main(["campaigns", "show", "spring_festival", "--lang", "en"]) == 0
    assert "Hours  Spring Festival -15 … +25 06:00-22:00" in capsys.readouterr().out


def test_the_same_in_json(own: list[str], capsys: Captured) -> None:
    assert main(["campaigns", "show", "strike", *own, "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["families"] == {"vulnerable": 1.0}
    assert table["effect"]["factor"] == 0.85
    assert main(["campaigns", "calendar", *YEAR, *own, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["date"] for row in rows] == ["2026-06-05", "2026-06-06", "2026-06-08"]
    assert {row["felt_until"] for row in rows} == {None}


def test_the_calendar_is_printed_round_by_round(own: list[str], capsys: Captured) -> None:
    assert main(["campaigns", "calendar", *YEAR, *own, "--lang", "en"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2026-06-05 – 2026-06-06  Strike  Strike  20:00-02:00",
        "2026-06-08  Strike  Strike  20:00-02:00",
    ]


def test_only_the_campaigns_that_are_named_are_written(capsys: Captured) -> None:
    assert main(["campaigns", "calendar", "qingming", *YEAR, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["campaign"] for row in rows} == {"qingming"}


def test_without_a_year_it_is_this_one(
    own: list[str], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Today(dt.date):
        @classmethod
        def today(cls) -> Today:
            return cls(2024, 6, 1)

    monkeypatch.setattr("riskmap.cli_campaigns.date", Today)
    assert main(["campaigns", "calendar", *own]) == 0
    assert capsys.readouterr().out.startswith("2024-06-07 – 2024-06-08")


def test_a_workbook_holds_every_day_in_words(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "calendar.xlsx"
    assert main(["campaigns", "calendar", *YEAR, "-o", str(path)]) == 0
    known = calendars.read(None)
    count = sum(len(rounds(own, 2026, known)) for own in read_campaigns().values())
    assert capsys.readouterr().out == f"{path}: {count}\n"
    (sheet,) = openpyxl.load_workbook(path)
    assert sheet.title == "整治日历"
    table = list(sheet.values)
    assert len(table) == count + 1
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    (eve,) = [r for r in rows if r["date"] == "2026-04-30" and r["campaign"] == "酒驾醉驾整治"]
    assert (eve["weekday"], eve["holiday"], eve["activity"]) == ("周四", "劳动节", "设卡检查")
    # five days off follow: the round ends on 5 May, and is felt for a week
    assert (eve["hours"], eve["felt_until"]) == ("20:00-02:00", "2026-05-12")


def test_a_csv_holds_the_same(own: list[str], tmp_path: Path) -> None:
    path = tmp_path / "calendar.csv"
    assert main(["campaigns", "calendar", *YEAR, *own, "--lang", "en", "-o", str(path)]) == 0
    table = pd.read_csv(path)
    assert table["date"].tolist() == ["2026-06-05", "2026-06-06", "2026-06-08"]
    assert table["round"].tolist() == [1, 1, 2]
    assert table["kind"].tolist() == ["school day", "weekend", "school day"]


def test_an_ics_has_an_entry_for_each_round_and_is_always_the_same(
    own: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "calendar.ics"
    ask = ["campaigns", "calendar", *YEAR, *own, "-o", str(path)]
    assert main(ask) == 0
    first = path.read_bytes()
    assert main(ask) == 0
    assert path.read_bytes() == first
    assert b"\n" not in first.replace(b"\r\n", b"")
    assert max(len(line) for line in first.split(b"\r\n")) <= 75
    entries = icalendar.Calendar.from_ical(first).walk("VEVENT")
    # the end is the day after the last
    assert [(e.decoded("dtstart"), e.decoded("dtend")) for e in entries] == [
        (dt.date(2026, 6, 5), dt.date(2026, 6, 7)),
        (dt.date(2026, 6, 8), dt.date(2026, 6, 9)),
    ]
    assert str(entries[0]["summary"]) == "整治 · 整治"
    assert "20:00-02:00" in str(entries[0]["description"])
    assert "减少 15 %" in str(entries[0]["description"])


def test_every_round_of_a_year_is_an_entry_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    assert main(["campaigns", "calendar", *YEAR, "-o", str(path)]) == 0
    entries = icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    known = calendars.read(None)
    turns = sum(
        rounds(own, 2026, known).groupby(["phase", "round"]).ngroups
        for own in read_campaigns().values()
    )
    assert len({str(entry["uid"]) for entry in entries}) == len(entries) == turns


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["show", "drink_drivng"], "campaign 'drink_drivng': unknown; did you mean 'drink_driving"),
        (["show", "zzz"], "campaign 'zzz': unknown; known are drink_driving, farm_vehicles"),
        (["calendar", "qinming"], "campaign 'qinming': unknown; did you mean 'qingming'?"),
        (["calendar", "--year", "2031"], "public holidays of 2031: unknown"),
        (["calendar", "--year", "0"], "--year 0: give one of 1950 to 2099"),
        (["calendar", "-o", "c.icz"], "c.icz: unknown format '.icz'; use .xlsx, .csv, .ics; did y"),
        (["calendar", "-o", "no/c.ics"], "there is no folder 'no'; make it first"),
        (["calendar", "--calendar", "no.toml"], "no.toml: no such file"),
        (["list", "--campaigns", "none"], "none: no such folder; name the one that holds the camp"),
        (["list", "--layers", "none"], "none: no such folder; name the one that holds the layer f"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    arguments: list[str], fault: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["campaigns", *arguments]) == 2
    said = capsys.readouterr().err
    assert fault in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_campaign_that_falls_on_no_day_writes_nothing(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    good = PLAIN.replace("整治", "好").replace("Strike", "Good")
    (folder / "good.toml").write_text(good, "utf-8")
    (folder / "leap.toml").write_text(put('first = "02-29"\nlast = "02-29"'), "utf-8")
    path = tmp_path / "calendar.ics"
    ask = ["campaigns", "calendar", *YEAR, "--campaigns", str(folder), "-o", str(path)]
    assert main(ask) == 2
    assert "campaign leap: [[phase]] 1 [[phase.round]] 1 falls on no day" in capsys.readouterr().err
    assert not path.exists()
