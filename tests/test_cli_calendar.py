"""`riskmap calendar`: a year as a brigade reads it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from test_calendar_file import TEMPLATE, stated, term
from town import write

import riskmap
from riskmap.cli import main
from riskmap.project import open_project, template
from riskmap.store import content_key

NODES = {1: (0, 0), 2: (90, 0)}
ROADS = {1: ([1, 2], {"highway": "primary"})}
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A folder with an extract and a calendar of 2027."""
    (tmp_path / "own.toml").write_text(stated() + term("2027-03-01", "2027-06-30"), "utf-8")
    return write(tmp_path / "town.osm", NODES, ROADS)


def project(town: Path, text: str) -> Path:
    path = town.with_name("area.toml")
    path.write_text(f'extract = "town.osm"\n{text}', encoding="utf-8")
    return path


def test_a_year_is_printed_in_both_languages(capsys: Captured) -> None:
    assert main(["calendar", "--year", "2026", "--lang", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    # 104 weekend days: 6 are worked, 14 lie within the 33 days of breaks
    assert lines[0] == "2026"
    assert lines[3:6] == ["   84  Weekend", "   33  Public holiday", "Public holidays"]
    for line in (
        "  2026-02-15 – 2026-02-23  Spring Festival",
        "  2026-10-10",
        "  2026-02-20 – 2026-07-05",
        "  09-20 – 11-15  harvest  autumn harvest",
    ):
        assert line in lines
    assert main(["calendar", "--year", "2026"]) == 0
    assert "  2026-02-15 – 2026-02-23  春节" in capsys.readouterr().out.splitlines()


def test_the_same_in_json(capsys: Captured) -> None:
    assert main(["calendar", "--year", "2025", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert sum(table["days"].values()) == 365
    assert table["breaks"][-1] == {
        "names": ["national_day", "mid_autumn"], "first": "2025-10-01", "last": "2025-10-08",
    }  # fmt: skip
    assert table["make_up_workdays"][0] == "2025-01-26"
    assert table["terms"][1] == {"first": "2025-02-20", "last": "2025-07-05"}
    assert table["farm"][0]["title_zh"] == "春耕春播"


def test_without_a_year_it_is_this_one(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    class Today(date):
        @classmethod
        def today(cls) -> Today:
            return cls(2024, 6, 1)

    monkeypatch.setattr("riskmap.cli_commands.date", Today)
    assert main(["calendar"]) == 0
    assert capsys.readouterr().out.startswith("2024\n")


def test_a_file_makes_a_year_known(town: Path, capsys: Captured) -> None:
    assert main(["calendar", "--year", "2027"]) == 2
    assert "public holidays of 2027: unknown" in capsys.readouterr().err
    path = str(town.with_name("own.toml"))
    assert main(["calendar", "--year", "2027", "--calendar", path, "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["make_up_workdays"] == ["2027-01-31"]
    assert table["terms"] == [
        {"first": "2026-09-01", "last": "2027-01-20"},
        {"first": "2027-03-01", "last": "2027-06-30"},
        {"first": "2027-09-01", "last": "2028-01-20"},
    ]


def test_a_project_names_its_calendar_and_its_language(town: Path, capsys: Captured) -> None:
    path = project(town, 'calendar = "own.toml"\nlanguage = "en"')
    assert open_project(path).calendar == town.with_name("own.toml")
    for asked in ([str(path)], ["--project", str(path)]):
        assert main(["calendar", *asked, "--year", "2027"]) == 0
        assert "  2027-02-05 – 2027-02-11  Spring Festival" in capsys.readouterr().out
    # an option comes before the project
    assert main(["calendar", str(path), "--calendar", str(TEMPLATE), "--year", "2027"]) == 2
    capsys.readouterr()
    assert main(["calendar", str(path), "--project", str(path)]) == 2
    assert "AREA and --project: give one of them" in capsys.readouterr().err


def test_a_project_abroad_has_no_holidays_and_any_year(town: Path, capsys: Captured) -> None:
    path = project(town, "[parameters.moments]\npublic_holidays = false")
    assert main(["calendar", str(path), "--year", "2050", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert (table["days"]["weekend"], table["days"]["holiday"]) == (105, 0)
    assert table["breaks"] == table["make_up_workdays"] == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--year", "0"], "--year 0: give one of 1950 to 2099"),
        (["--year", "10000"], "--year 10000: give one of 1950 to 2099"),
        (["--calendar", "no.toml"], "no.toml: no such file; copy data/templates/calendar.toml"),
        (["no.osm"], "no.osm: no such file; name an extract or a project file"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(
    arguments: list[str], expected: str, capsys: Captured
) -> None:
    assert main(["calendar", *arguments]) == 2
    said = capsys.readouterr().err
    assert expected in said
    assert said.count("\n") == 1


def test_a_project_whose_calendar_is_missing_is_refused(town: Path, capsys: Captured) -> None:
    path = project(town, 'calendar = "none.toml"')
    assert main(["calendar", str(path), "--year", "2026"]) == 2
    assert "calendar = '" in (said := capsys.readouterr().err)
    assert "none.toml' does not exist; mend the path" in said


def test_titles_of_a_file_cannot_steer_a_terminal(town: Path, capsys: Captured) -> None:
    path = town.with_name("own.toml")
    title = '{ zh = "\\u001b[31m秋收", en = "x" }'
    row = f'[[farm]]\nname = "harvest"\ntitle = {title}\nfirst = "09-20"\nlast = "11-15"\n'
    path.write_text(row, encoding="utf-8")
    assert main(["calendar", "--calendar", str(path), "--year", "2026"]) == 0
    assert "\x1b" not in (said := capsys.readouterr().out)
    assert "秋收" in said


def test_a_result_is_kept_by_its_records_and_the_columns_beside_them(town: Path) -> None:
    records = town.with_name("own.csv")
    records.write_text("date,lon,lat\n", encoding="utf-8")
    keys = [content_key(open_project(town, crashes=own), {}) for own in (None, records)]
    records.with_name("own.columns.toml").write_text("# mended\n", encoding="utf-8")
    keys.append(content_key(open_project(town, crashes=records), {}))
    empty = town.with_name("empty")
    empty.mkdir()
    keys.append(content_key(open_project(town, crashes=empty), {}))
    assert len(set(keys)) == len(keys)


def test_a_result_is_kept_by_what_its_calendar_says(town: Path) -> None:
    own = town.with_name("own.toml")

    def key() -> str:
        return content_key(open_project(town, calendar=own), {})

    before = key()
    assert before != content_key(open_project(town), {})
    own.write_text(own.read_text("utf-8") + "# said aside\n", encoding="utf-8")
    assert key() == before
    own.write_text(own.read_text("utf-8") + term('"03-01"', '"06-30"'), encoding="utf-8")
    assert key() != before


def test_an_area_takes_a_calendar_and_refuses_one_with_a_fault(town: Path) -> None:
    own = town.with_name("own.toml")
    assert len(riskmap.assess(town, cache=False, calendar=own).segments) == 1
    own.write_text("[[terms]]\n", encoding="utf-8")
    with pytest.raises(riskmap.RiskmapError, match="unknown key 'terms' at the top"):
        riskmap.assess(town, cache=False, calendar=own)


def test_a_new_project_states_the_calendar_it_was_given() -> None:
    levels = {"red": 2.0, "orange": 1.0, "yellow": 0.5}
    text = template("a", "a.osm", levels, {"calendar": "own.toml"})
    assert '\ncalendar = "own.toml"' in text
    assert '\n# calendar = "calendar.toml"' in template("a", "a.osm", levels)
