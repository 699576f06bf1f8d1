"""A project file: paths beside it, options before it, constants replaced one by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from town import write

import riskmap
from riskmap.cli import main
from riskmap.errors import RiskmapError
from riskmap.project import constants, open_project, template

LEVELS = {"red": 2.0, "orange": 1.0, "yellow": 0.5}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with an extract, layers and lists."""
    write(tmp_path / "town.osm", {1: (0, 0), 2: (90, 0)}, {1: ([1, 2], {"highway": "primary"})})
    for name in ("layers", "points", "other"):
        (tmp_path / name).mkdir()
    return tmp_path


def _project(home: Path, text: str) -> Path:
    path = home / "area.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_extract_alone_is_a_project_of_that_name(home: Path) -> None:
    project = open_project(home / "town.osm")
    assert (project.name, project.extract) == ("town", home / "town.osm")
    assert (project.layers, project.points, project.baseline) == (None, None, None)
    assert project.language == "zh"
    assert project.parameters == constants()


def test_paths_are_relative_to_the_file_and_not_to_where_one_stands(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home / "other")
    text = 'extract = "town.osm"\nlayers = "layers"\npoints = "points"'
    project = open_project(_project(home, text))
    assert project.extract == home / "town.osm"
    assert project.layers == home / "layers"
    assert project.points == home / "points"


def test_options_come_before_the_file(home: Path) -> None:
    path = _project(home, 'extract = "town.osm"\nlayers = "layers"\npoints = "points"')
    project = open_project(path, layers=home / "other", points=home / "other")
    assert project.layers == project.points == home / "other"


def test_one_constant_is_replaced_and_the_others_stay(home: Path) -> None:
    text = 'extract = "town.osm"\n[parameters.roads.classes.road.kph]\nrural = 33'
    rules = open_project(_project(home, text)).parameters
    assert rules["roads"]["classes"]["road"]["kph"]["rural"] == 33
    rules["roads"]["classes"]["road"]["kph"]["rural"] = 40
    assert rules == constants()


def test_an_option_replaces_a_constant_of_the_file(home: Path) -> None:
    path = _project(home, 'extract = "town.osm"\n[parameters.rate]\nper_mvkm = 0.3\nurban = 3.0')
    rules = open_project(path, parameters={"rate": {"per_mvkm": 0.4}}).parameters["rate"]
    assert rules == {"per_mvkm": 0.4, "urban": 3.0}


def test_constants_that_may_be_nothing_may_be_nothing(home: Path) -> None:
    """Only what divides or multiplies everything must be above 0."""
    text = 'extract = "town.osm"\n[parameters.speed]\nbetween = 0.0\n[parameters.junction_model]\n'
    rules = open_project(_project(home, text + "signals = -0.2")).parameters
    assert rules["speed"]["between"] == 0
    assert rules["junction_model"]["signals"] == -0.2


@pytest.mark.parametrize("name", ["贵溪", 'a "b"', "a\\b", "é = 1 # no"])
def test_a_written_project_reads_back(home: Path, name: str) -> None:
    (home / name).mkdir(parents=True)
    extract = home / name / "town.osm"
    extract.write_bytes((home / "town.osm").read_bytes())
    project = open_project(_project(home, template(name, f"{name}/town.osm", LEVELS)))
    assert (project.name, project.extract) == (name, extract)
    assert (project.baseline, project.baseline_mvkm) == (LEVELS, None)


def test_a_name_that_cannot_be_written_is_refused(home: Path) -> None:
    for name in ("a\nb", "a\x1b[2J", "a\udcff"):
        with pytest.raises(RiskmapError, match="rename it"):
            template(name, str(home / "town.osm"), LEVELS)


def test_init_names_the_extract_beside_it_without_a_folder(home: Path) -> None:
    assert main(["init", str(home / "town.osm"), "-o", str(home / "new.toml")]) == 0
    text = (home / "new.toml").read_text(encoding="utf-8")
    assert 'extract = "town.osm"' in text
    assert riskmap.assess(home / "new.toml").thresholds == pytest.approx(
        riskmap.assess(home / "town.osm").thresholds, rel=1e-5
    )


def test_a_project_keeps_the_levels_per_vehicle_km(home: Path) -> None:
    assert main(["init", str(home / "town.osm"), "-o", str(home / "new.toml")]) == 0
    usual = riskmap.assess(home / "town.osm").thresholds_mvkm
    assert riskmap.assess(home / "new.toml").thresholds_mvkm == pytest.approx(usual, rel=1e-5)
    text = (home / "new.toml").read_text(encoding="utf-8")
    before, table = text.split("[baseline_mvkm]\n")
    _, _, _, rest = table.split("\n", 3)
    levels = {level: 1e9 * value for level, value in LEVELS.items()}
    stated = "".join(f"{level} = {value}\n" for level, value in levels.items())
    path = _project(home, f"{before}[baseline_mvkm]\n{stated}{rest}")
    found = riskmap.assess(path)
    assert found.thresholds_mvkm == levels
    assert set(found.scores(by="mvkm")["level"]) == {"blue"}
    assert found.thresholds == riskmap.assess(home / "new.toml").thresholds
