"""What commands say of their options and files: formats in --help, what was cut, no folder."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from town import write

from riskmap import cli, cli_manners
from riskmap.cli import main
from riskmap.export import WRITERS

NODES = {1: (0, 0), 2: (90, 0), 3: (180, 0)}
WAYS = {1: ([1, 2, 3], {"highway": "primary", "name": "长" * 90})}


def _output(command: argparse.ArgumentParser) -> str:
    action = command._option_string_actions.get("--output")
    return (action.help or "") if action else ""


def test_help_names_every_format_of_a_list_or_ends_with_dots() -> None:
    helps = {own.prog: _output(own) for own in cli_manners.commands(cli._parser())}
    lists = {prog: said for prog, said in helps.items() if "geojson" in said}
    assert "riskmap duty" in lists
    for prog, said in lists.items():
        formats = {f".{one}" for one in said.partition(".")[2].split("|")} if "…" not in said else {
            *WRITERS
        }  # fmt: skip
        assert formats == set(WRITERS), prog


def test_what_is_cut_of_a_printed_shapefile_names_standard_output(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    town = str(write(tmp_path / "town.osm.pbf", NODES, WAYS))
    for lang, said in (("zh", "标准输出"), ("en", "standard output: a Shapefile")):
        target = tmp_path / "list.shp.zip"
        assert main(["hotspots", town, "--lang", lang, "-o", str(target)]) == 0
        assert str(target) in capfdbinary.readouterr().err.decode()
        assert main(
            ["hotspots", town, "--lang", lang, "-o", "-", "--format", "shp.zip"]
        ) == 0
        found = capfdbinary.readouterr()
        assert found.out == target.read_bytes()
        assert said in found.err.decode()
        assert "riskmap.shp.zip" not in found.err.decode()


@pytest.mark.parametrize(
    "call",
    [
        ["templates", ""], ["templates", "  "],
        ["deploy", "town.pbf", "--date", "2026-05-08", "--by-squadron", "", "-o", "plan.xlsx"],
        ["backtest", "town.pbf", "--train", "2005", "--test", "2006", "-o", ""],
    ],
)
def test_a_folder_without_a_name_is_refused_and_nothing_is_written(
    call: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        main(call)
    assert stopped.value.code == 2
    assert "is empty; name a folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_folder_that_one_is_in_can_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["templates", "."]) == 0
    assert list(tmp_path.iterdir())
