"""Bad input: one clear line, exit code 2, and nothing left behind."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from town import write

ROAD: dict[int, Any] = {1: ([1, 2], {"highway": "primary"})}
NODES: dict[int, Any] = {1: (0, 0), 2: (90, 0)}
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from riskmap.cli import main
sys.exit(main(sys.argv[2:]))
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `riskmap` in an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()

    def command(*arguments: object, code: Sequence[str] = ("-m", "riskmap")) -> Any:
        return subprocess.run(
            [sys.executable, *code, *map(str, arguments)],
            cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    return command


def _one_line(done: subprocess.CompletedProcess[str], folder: Path) -> str:
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("riskmap: ")
    assert list(folder.iterdir()) == []
    return done.stderr


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """The folder that must stay empty."""
    return tmp_path / "work"


def test_a_missing_file_is_named(run: Run, empty: Path) -> None:
    said = _one_line(run("hotspots", "nowhere.osm.pbf", "-o", "list.csv"), empty)
    assert "nowhere.osm.pbf: no such file" in said


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.osm.pbf", b"this is no OSM file"),
        ("a.osm", b"<html><body>Not found</body></html>"),
        ("a.osm.pbf", b"\x89PNG\r\n\x1a\n" + bytes(2000)),
        ("a.osm", b""),
        ("a.osm.pbf", b""),
        ("a.osm.gz", b"no gzip at all"),
        ("a.osm.bz2", b"no bzip2 at all"),
        ("a.osm", b"<?xml version='1.0'?><osm version='0.6'><node id='1' lat='1'"),
    ],
)
def test_a_file_that_is_no_osm_is_said(
    run: Run, empty: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert str(path) in _one_line(run("hotspots", path, "-o", "list.csv"), empty)


def test_a_kind_of_file_that_nobody_reads_names_the_kinds(
    run: Run, empty: Path, tmp_path: Path
) -> None:
    (tmp_path / "roads.shp").write_bytes(b"x")
    said = _one_line(run("hotspots", tmp_path / "roads.shp", "-o", "list.csv"), empty)
    assert ".osm.pbf, .osm, .osm.gz and .osm.bz2" in said


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_pbf_is_said(
    run: Run, empty: Path, tmp_path: Path, sample: Path, share: float
) -> None:
    whole = sample.read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * share)])
    said = _one_line(run("hotspots", path, "-o", "list.csv"), empty)
    assert "cut off or damaged" in said


def test_damaged_bytes_end_in_one_line_or_in_a_list(
    run: Run, empty: Path, tmp_path: Path, sample: Path
) -> None:
    whole = sample.read_bytes()
    for seed in range(12):
        chance = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(20):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path = tmp_path / "damaged.osm.pbf"
        path.write_bytes(damaged)
        done = run("hotspots", path, "-o", "list.csv")
        if done.returncode == 0:
            (empty / "list.csv").unlink()
        else:
            _one_line(done, empty)


def test_an_extract_without_roads_is_said(run: Run, empty: Path, tmp_path: Path) -> None:
    water: dict[int, Any] = {1: ([1, 2], {"waterway": "river"})}
    path = write(tmp_path / "dry.osm", NODES, water)
    assert "no road that cars use" in _one_line(run("hotspots", path, "-o", "list.csv"), empty)


def test_an_empty_extract_is_said(run: Run, empty: Path, tmp_path: Path) -> None:
    for suffix in (".osm", ".osm.pbf"):
        path = write(tmp_path / f"empty{suffix}", {}, {})
        assert "holds no roads" in _one_line(run("hotspots", path, "-o", "list.csv"), empty)


def test_an_extract_across_the_antimeridian_is_said(
    run: Run, empty: Path, tmp_path: Path
) -> None:
    text = (
        "<osm version='0.6'><node id='1' lat='-16.8' lon='179.99'/>"
        "<node id='2' lat='-16.8' lon='-179.99'/>"
        "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='primary'/></way></osm>"
    )
    (tmp_path / "taveuni.osm").write_text(text, encoding="utf-8")
    said = _one_line(run("hotspots", tmp_path / "taveuni.osm", "-o", "list.csv"), empty)
    assert "antimeridian" in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('extract = "gone.osm.pbf"', "extract = "),
        ('extrakt = "a.osm"', "unknown key 'extrakt'; did you mean 'extract'?"),
        ('name = "x"', "names no extract"),
        ("extract = 3", "must be text"),
        ('extract = "', "cannot be read as TOML"),
        ('extract = "t.osm"\nlanguage = "fr"', "language must be one of zh, en"),
        ('extract = "t.osm"\nlayers = "gone"', "layers = "),
        ('extract = "t.osm"\n[baseline]\nred = 1\norange = 2\nyellow = 3', "red ≥ orange ≥ yellow"),
        ('extract = "t.osm"\n[baseline]\nred = "a"', "[baseline] needs"),
        ('extract = "t.osm"\n[parameters.rate]\nper_mvk = 1', "did you mean 'per_mvkm'?"),
        ('extract = "t.osm"\n[parameters.rate]\nper_mvkm = "1"', "must be a number"),
    ],
)
def test_a_project_file_with_a_fault_names_the_key(
    run: Run, empty: Path, tmp_path: Path, text: str, expected: str
) -> None:
    write(tmp_path / "t.osm", NODES, ROAD)
    (tmp_path / "area.toml").write_text(text, encoding="utf-8")
    assert expected in _one_line(run("hotspots", tmp_path / "area.toml", "-o", "a.csv"), empty)


@pytest.mark.parametrize("target", ["nowhere/list.csv", "list.xyz", "."])
def test_a_target_that_cannot_be_written_is_said_before_the_work(
    run: Run, empty: Path, sample: Path, target: str
) -> None:
    _one_line(run("hotspots", sample, "-o", target), empty)


def test_a_folder_that_is_a_file_cannot_be_written(
    run: Run, empty: Path, tmp_path: Path, sample: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    said = _one_line(run("map", sample, "-o", tmp_path / "file" / "map.html"), empty)
    assert "there is no folder" in said


@pytest.mark.parametrize("target", ["a.csv", "a.xlsx", "a.geojson", "a.gpkg", "a.kml", "a.parquet"])
def test_a_full_disk_leaves_no_list(run: Run, empty: Path, sample: Path, target: str) -> None:
    limited = ("-c", LIMITED, "4000")
    _one_line(run("hotspots", sample, "-o", target, code=limited), empty)


def test_a_full_disk_leaves_no_map_and_no_project(run: Run, empty: Path, sample: Path) -> None:
    _one_line(run("map", sample, "-o", "map.html", code=("-c", LIMITED, "4000")), empty)
    _one_line(run("init", sample, "-o", "area.toml", code=("-c", LIMITED, "100")), empty)


@pytest.mark.parametrize(
    "options",
    [
        ["--at", "2026-04-31T10:00"],
        ["--at", "tomorrow"],
        ["--top", "0"],
        ["--top", "-3"],
        ["--layers", "gone"],
        ["--points", "gone"],
    ],
)
def test_a_wrong_option_is_said(run: Run, empty: Path, sample: Path, options: list[str]) -> None:
    said = _one_line(run("hotspots", sample, *options, "-o", "list.csv"), empty)
    assert options[1] in said


def test_a_segment_that_is_not_there_is_said(run: Run, empty: Path, sample: Path) -> None:
    assert "'w1.2-3.4': not in" in _one_line(run("explain", sample, "w1.2-3.4"), empty)


def test_a_project_file_is_never_overwritten(run: Run, tmp_path: Path, sample: Path) -> None:
    (tmp_path / "area.toml").write_text("mine", encoding="utf-8")
    done = run("init", sample, "-o", tmp_path / "area.toml")
    assert done.returncode == 2
    assert (tmp_path / "area.toml").read_text(encoding="utf-8") == "mine"


def test_a_list_of_the_brigade_with_a_wrong_place_names_the_row(
    run: Run, empty: Path, tmp_path: Path, sample: Path
) -> None:
    folder = tmp_path / "points"
    folder.mkdir()
    (folder / "school.csv").write_text("lon,lat,name\n9.5,47.1,a\n9.5,x,b\n", encoding="utf-8")
    said = _one_line(run("hotspots", sample, "--points", folder, "-o", "a.csv"), empty)
    assert "school.csv row 3" in said
