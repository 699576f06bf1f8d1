"""The command line, as a user types it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from town import write

import riskmap
from riskmap.area import LIST_COLUMNS
from riskmap.cli import main
from riskmap.export import WRITERS
from riskmap.layers import read_layers

EXTRACTS = ["liechtenstein-2013-08-03", "liechtenstein_slim", "guixi_slim", "dublin_slim"]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", EXTRACTS)
def test_hotspots_writes_the_columns_for_every_extract(
    shared: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    extract = shared(f"{name}.osm.pbf")
    for suffix in WRITERS if name == EXTRACTS[0] else (".csv",):
        target = tmp_path / f"list{suffix}"
        assert main(["hotspots", str(extract), "-o", str(target)]) == 0
    rows = _rows(tmp_path / "list.csv")
    assert list(rows[0]) == list(LIST_COLUMNS)
    assert [int(row["rank"]) for row in rows] == list(range(1, 51))
    assert all(row["reasons"] and row["peak"] and row["level"] for row in rows)


def test_ranks_follow_what_is_asked(sample: Path, tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    columns = {"km": "harm_per_km", "mvkm": "harm_per_mvkm", "total": "share_of_harm"}
    for by, column in columns.items():
        main(["hotspots", str(sample), "--by", by, "--top", "30", "-o", str(target)])
        values = [float(row[column]) for row in _rows(target)]
        assert values == sorted(values, reverse=True)
        assert len(values) == 30


def test_a_project_gives_the_list_of_its_extract(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "area.toml"
    assert main(["init", str(sample), "-o", str(project)]) == 0
    assert "km of road" in capsys.readouterr().out
    for area, name in ((project, "a.csv"), (sample, "b.csv")):
        assert main(["hotspots", str(area), "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_project_can_stand_behind_its_option(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "area.toml"
    project.write_text(f'extract = "{sample.as_posix()}"\nlanguage = "en"', encoding="utf-8")
    for target, area in (("a.csv", [str(project)]), ("b.csv", ["--project", str(project)])):
        assert main(["hotspots", *area, "-o", str(tmp_path / target)]) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    capsys.readouterr()
    assert main(["layers", "list", "--project", str(project)]) == 0
    assert "Level crossing" in capsys.readouterr().out


def test_what_a_map_names_cannot_steer_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tags = {"highway": "primary", "name": "\x1b[2J桥\u202e\nx"}
    path = write(tmp_path / "t.osm.pbf", {1: (0, 0), 2: (90, 0)}, {1: ([1, 2], tags)})
    assert main(["hotspots", str(path), "-o", str(tmp_path / "list.csv")]) == 0
    assert main(["explain", str(path), "w1.1-2.1"]) == 0
    said = capsys.readouterr().out
    assert said.count(" [2J桥  x") == 2
    assert said.replace("\n", "").isprintable()


def test_a_project_keeps_its_baseline(sample: Path, tmp_path: Path) -> None:
    project = tmp_path / "area.toml"
    main(["init", str(sample), "-o", str(project)])
    text = project.read_text(encoding="utf-8")
    before = riskmap.assess(project).scores()["level"]
    line = next(line for line in text.splitlines() if line.startswith("red = "))
    project.write_text(text.replace(line, "red = 1000.0"), encoding="utf-8")
    after = riskmap.assess(project).scores()["level"]
    assert (before == "red").sum() > 0
    assert (after == "red").sum() == 0


def test_score_lists_every_segment(sample: Path, tmp_path: Path) -> None:
    assert main(["score", str(sample), "-o", str(tmp_path / "all.csv")]) == 0
    rows = _rows(tmp_path / "all.csv")
    assert {row["segment_id"] for row in rows} == set(riskmap.assess(sample).segments.index)
    assert sum(float(row["share_of_harm"]) for row in rows) == pytest.approx(1, abs=1e-4)


def test_explain_prints_reasons_that_add_up(
    sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    segment = riskmap.assess(sample).hotspots(top=1).segment_id[0]
    assert main(["explain", str(sample), segment, "--json", "--at", "2026-05-06T08:00"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert sum(reason["share"] for reason in said["reasons"]) == pytest.approx(1)
    assert main(["explain", str(sample), segment, "--lang", "en"]) == 0
    assert "× the area's average" in capsys.readouterr().out


def test_an_hour_changes_the_list_and_a_weekday_is_not_a_sunday(
    sample: Path, tmp_path: Path
) -> None:
    found = {}
    for time in ("2026-05-06T08:00", "2026-05-10T08:00"):
        main(["hotspots", str(sample), "--at", time, "-o", str(tmp_path / "list.csv")])
        found[time] = [float(row["harm_per_km"]) for row in _rows(tmp_path / "list.csv")]
    weekday, sunday = found.values()
    assert sum(weekday) > 1.5 * sum(sunday)


def test_layers_are_checked_and_listed(
    shared: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["layers", "check"]) == 0
    assert capsys.readouterr().out.startswith(f"{len(read_layers())} layers, ")
    assert main(["layers", "list", str(shared("guixi_slim.osm.pbf")), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "Level crossing" in said
    assert said.count("\n? ") == 2
    # lights: nobody mapped any; every input has its line
    (lights,) = (line for line in said.splitlines() if line.endswith("street lights"))
    known, assumed, unknown = (float(word) for word in lights.split()[:3])
    assert (known, assumed) == (0, 0)
    assert unknown > 100
    arguments = ["layers", "list", str(shared("guixi_slim.osm.pbf")), "--json"]
    assert main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["coverage"]) == len(read_layers()) + 7
    assert len(told["questions"]) == 2


def test_the_same_command_twice_is_the_same_file(sample: Path, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        table = riskmap.assess(sample, cache=False).hotspots()
        table.drop(columns="geometry").to_csv(tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_python_m_is_the_same_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.strip() == f"riskmap {riskmap.__version__}"
