"""Commands that are given crash records: what each says of them, and where to look further."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskmap.cli import main

LON, LAT = 9.5209, 47.1410


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Two years that end in June, with rows that cannot be used."""
    days = [f"{year}-{month:02d}-{day:02d}" for year in (2023, 2024) for month in range(1, 13)
            for day in (1, 8, 15, 22, 27)]  # fmt: skip
    rows = [
        f"{day} 08:00,{LON},{LAT + n / 1e4:.4f},minor"
        for n, day in enumerate(days) if day < "2024-07"
    ]  # fmt: skip
    rows += [rows[0], f"someday,{LON},{LAT},minor", f"2024-01-02,1e308,{LAT},minor",
             "2024-01-03,5.0,44.0,fatal", f"2024-01-04,{LON},{LAT},weird"]  # fmt: skip
    path = tmp_path / "own.csv"
    path.write_text("date,lon,lat,severity\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("command", [
    ["hotspots", "-o", "x.csv"], ["map", "-o", "x.html"], ["prone", "-o", "x.csv"], ["crashes"],
    ["layers", "list"],
])  # fmt: skip
def test_every_command_says_what_is_doubtful_about_the_records_once(
    records: Path, sample: Path, capsys: pytest.CaptureFixture[str], command: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(records.parent)
    head = command[:2] if command[0] == "layers" else command[:1]
    rest = command[len(head):]
    assert main([*head, str(sample), "--crashes", str(records), "--lang", "en", *rest]) == 0
    told = capsys.readouterr()
    assert told.err.count("2024: no crash in month 7, 8, 9, 10, 11, 12") == 1
    assert "no crash in month" not in told.out
    for why in (
        "1 rows are there already: dropped", "1 rows lie outside this area: dropped",
        "1 rows have no date or year", "1 rows have no coordinates that can be used",
        "1 crashes have a severity that nobody knows", "see `riskmap crashes AREA`",
    ):
        assert why in told.err
    assert "Warning" not in told.err


def test_the_account_of_records_says_the_notes_and_what_was_dropped(
    records: Path, sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["crashes", str(sample), "--crashes", str(records), "--lang", "en"]
    assert main(given) == 0
    assert "4  rows dropped; -o report.csv says of each why" in capsys.readouterr().out
    assert main([*given, "--json"]) == 0
    (note,) = json.loads(capsys.readouterr().out)["notes"]
    assert note.startswith("2024: no crash in month 7")


def test_mappings_of_a_folder_are_named_and_those_that_are_there_stay(
    records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["columns", str(records)]) == 0
    records.with_name("13812345678.csv").write_bytes(records.read_bytes())
    capsys.readouterr()
    assert main(["columns", str(records.parent)]) == 0
    told = capsys.readouterr()
    assert told.out.endswith("….csv.columns.toml\n")
    assert "own.csv.columns.toml: is there already and stays" in told.err
    assert (records.parent / "13812345678.csv.columns.toml").exists()
    assert main(["columns", str(records.parent)]) == 2
    assert "is there already; delete it" in capsys.readouterr().err
