"""What all commands have in common, as a user and a script see it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import commands
import pytest
from town import write

from riskmap import cli, cli_manners
from riskmap.cli import main
from riskmap.cli_examples import EXAMPLES
from riskmap.export import WRITERS

ROOT = Path(__file__).parents[1]
ALL = list(cli_manners.commands(cli._parser()))
NODES = {1: (0, 0), 2: (90, 0), 3: (180, 0)}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A road of two pieces."""
    path = tmp_path / "town.osm.pbf"
    return write(path, NODES, {1: ([1, 2, 3], {"highway": "primary", "name": "大街"})})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to work in."""
    path = tmp_path / "work"
    path.mkdir()
    return path


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.prog)
def test_help_of_every_command_has_examples_that_the_parser_reads(
    command: cli._Parser,
) -> None:
    name = command.prog.removeprefix("riskmap ")
    assert EXAMPLES[name]
    shown = command.format_help().split("examples:\n")[1]
    assert shown.splitlines() == [f"  riskmap {line}" for line in EXAMPLES[name]]
    for line in EXAMPLES[name]:
        words = shlex.split(line.split(" > ")[0])
        options = cli._parser().parse_args(words)
        assert " ".join(words).startswith(name)
        assert callable(options.run)


def test_no_example_is_of_a_command_that_there_is_not() -> None:
    assert {f"riskmap {name}" for name in EXAMPLES} == {command.prog for command in ALL}


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.prog)
def test_every_command_has_the_options_that_all_have(command: cli._Parser) -> None:
    known = command._option_string_actions
    assert {"--json", "-q", "--quiet", "--verbose"} <= set(known)
    one_file = "--output" in known and known["--output"].metavar == "FILE"
    assert one_file == ("--format" in known)


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_a_list_on_standard_output_is_the_list_in_a_file(
    town: Path, folder: Path, suffix: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = folder / f"list{suffix}"
    assert main(["hotspots", str(town), "-o", str(target)]) == 0
    capfdbinary.readouterr()
    assert main(["hotspots", str(town), "-o", "-", "--format", suffix.lstrip(".")]) == 0
    assert capfdbinary.readouterr().out == target.read_bytes()


def test_standard_output_is_csv_html_or_toml_unless_asked_otherwise(
    town: Path, folder: Path
) -> None:
    done = commands.run(folder, "hotspots", town, "-o", "-")
    assert (done.code, done.files) == (0, ())
    rows = list(csv.DictReader(io.StringIO(done.said.lstrip("\ufeff"))))
    assert [row["name"] for row in rows] == ["大街", "大街"]
    assert commands.run(folder, "init", town, "-o", "-").said.startswith("# A riskmap project")
    assert "</html>" in commands.run(folder, "map", town, "-o", "-").said
    assert json.loads(
        commands.run(folder, "score", town, "-o", "-", "--format", ".geojson").said
    )["features"]


def test_what_cannot_go_to_standard_output_is_refused(town: Path, folder: Path) -> None:
    for more, why in (
        (("-o", "-", "--format", "doc"), "standard output: unknown format '.doc'"),
        (("-o", "-", "--json"), "--json and -o -"),
        (("-o", "list.csv", "--format", "csv"), "goes with `-o -`"),
    ):
        done = commands.run(folder, "hotspots", town, *more)
        assert (done.code, done.said, done.files) == (2, "", ())
        assert why in done.complained
    years = ("--crashes", town, "--train", "2005", "--test", "2006")
    assert "name a folder" in commands.run(folder, "backtest", town, *years, "-o", "-").complained


def test_a_reader_that_goes_away_is_no_fault(town: Path) -> None:
    command = shlex.join([sys.executable, "-m", "riskmap", "score", str(town), "-o", "-"])
    line = f"{command} | head -c 3; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=True)
    assert done.stdout.endswith(b"0\n")
    assert b"Traceback" not in done.stderr


def test_quiet_says_nothing_of_a_file_and_still_says_faults(town: Path, folder: Path) -> None:
    done = commands.run(folder, "hotspots", town, "--quiet", "-o", "list.csv")
    assert (done.code, done.said, done.complained) == (0, "", "")
    assert done.files == ("list.csv",)
    done = commands.run(folder, "hotspots", town, "-q", "--json", "-o", "list.csv")
    assert json.loads(done.said)["rows"] == 2
    assert commands.run(folder, "layers", "check", "-q").said
    done = commands.run(folder, "hotspots", "none.osm", "-q", "-o", "other.csv")
    assert done.code == 2
    assert done.complained.startswith("riskmap: none.osm: no such file")


def test_quiet_leaves_notes_out_that_are_said_without_it(folder: Path, tmp_path: Path) -> None:
    cut = write(tmp_path / "cut.osm.pbf", {1: (0, 0), 2: (90, 0)},
                {1: ([1, 2, 9], {"highway": "primary"})})  # fmt: skip
    assert commands.run(folder, "score", cut, "-o", "a.csv").complained
    assert not commands.run(folder, "score", cut, "-o", "a.csv", "--quiet").complained


def test_progress_is_shown_on_a_terminal_only(town: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "riskmap", "score", str(town), "-o", "a.csv"]
    for more, shown in ((), True), (("--quiet",), False):
        ours, theirs = os.openpty()
        done = subprocess.run(
            [*command, *more], cwd=folder, stderr=theirs, stdout=subprocess.PIPE, check=True
        )
        os.write(theirs, b"end")
        seen = os.read(ours, 65536).decode()
        assert (cli_manners.text("stage.cache", "en") in seen) == shown
        assert b"\033" not in done.stdout
        os.close(ours)
        os.close(theirs)
    assert commands.run(folder, "score", town, "-o", "a.csv").complained == ""


def test_verbose_says_each_stage_once_and_where_a_fault_is_from(
    town: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a stored result would leave stages out
    monkeypatch.setenv("RISKMAP_CACHE", str(folder.parent / "cache"))
    done = commands.run(folder, "score", town, "--verbose", "-o", "all.csv")
    stages = re.findall(r"^riskmap: +\d+\.\d\d s  (.+)$", done.complained, re.MULTILINE)
    assert stages[0] == "looking for a stored result"
    assert stages[-1] == "done"
    assert len(stages) == len(set(stages)) > 3
    done = commands.run(folder, "score", "none.osm", "--verbose", "-o", "b.csv")
    assert done.code == 2
    assert "Traceback" in done.complained
    assert done.complained.splitlines()[-1].startswith("riskmap: none.osm: no such file")
    assert commands.run(folder, "score", town, "-q", "--verbose", "-o", "b.csv").code == 2


def test_points_writes_its_report_and_prints_json(town: Path, folder: Path) -> None:
    done = commands.run(folder, "points", town, "-o", "report.csv", "--json")
    assert json.loads(done.said) == []
    assert done.files == ("report.csv",)


def test_exit_codes_are_those_written_down(town: Path, folder: Path) -> None:
    page = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    table = page.split("| exit code | when |")[1].split("\n\n")[0]
    assert re.findall(r"^\| (\d+) \|", table, re.MULTILINE) == ["0", "1", "2"]
    (folder / "bad.toml").write_text("x", encoding="utf-8")
    assert commands.run(folder, "layers", "list").code == 0
    assert commands.run(folder, "doctor", "--layers", ".").code == 1
    for words in (("explain", town, "none"), ("no-such-command",), (), ("hotspots", town)):
        assert commands.run(folder, *words).code == 2


@pytest.mark.parametrize("shell", cli.SHELLS)
def test_completion_knows_every_command_and_option(
    shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for command in ALL:
        assert command.prog.split()[-1] in script
    assert "--by-squadron" in script
    if shutil.which(shell):
        (tmp_path / "script").write_text(script, encoding="utf-8")
        subprocess.run([shell, "-n", str(tmp_path / "script")], check=True)


def test_bash_completes_commands_options_and_choices(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["completion", "bash"])
    script = tmp_path / "riskmap.bash"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    (tmp_path / "county.osm.pbf").touch()
    for line, expected in (
        ("riskmap hot", "hotspots"), ("riskmap layers ch", "check"), ("riskmap score --wea",
        "--weather"), ("riskmap score --weather fo", "fog"), ("riskmap init cou", "county.osm.pbf"),
    ):  # fmt: skip
        words = line.split()
        asked = (
            f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
            "_shtab_riskmap; echo ${COMPREPLY[@]}"
        )
        done = subprocess.run(
            ["bash", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert expected in done.stdout.split(), (line, done)
