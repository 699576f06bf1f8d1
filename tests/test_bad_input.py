"""Bad input: one clear line, exit code 2, and nothing left behind."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import commands
import osmium
import pytest
from commands import Done
from town import convert, write

import riskmap
from riskmap.export import WRITERS

MAIN: dict[str, str] = {"highway": "primary"}
NODES: dict[int, Any] = {1: (0, 0), 2: (90, 0), 3: (90, 90), 4: (0, 90), 5: (40, 40)}
ROAD: dict[int, Any] = {1: ([1, 2, 3], MAIN)}
EVERYTHING: tuple[Any, ...] = (
    {**NODES, 5: (40, 40, {"shop": "yes", "name": "小卖部"})},
    {**ROAD, 2: ([3, 4], {}), 3: ([4, 3], {})},
    {1: ([("w", 2, "outer"), ("w", 3, "outer")], {"type": "multipolygon", "natural": "water"})},
)

Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `riskmap` in an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()

    def command(*arguments: object, largest: int | None = None) -> Done:
        return commands.run(folder, *arguments, largest=largest)

    return command


def _refused(done: Done) -> str:
    """The one line."""
    assert done.code == 2, done
    assert done.complained.startswith("riskmap: "), done
    assert done.complained.count("\n") == 1, done
    assert done.files == ()
    return done.complained


def _refused_or_listed(done: Done, folder: Path) -> str:
    if done.code == 0:
        assert done.files == ("list.csv",)
        assert "Traceback" not in done.complained
        (folder / "list.csv").unlink()
        return ""
    return _refused(done)


# --- the extract --------------------------------------------------------------------------------


def test_python_m_riskmap_says_one_line_and_ends_with_two(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "riskmap", "hotspots", "nowhere.osm.pbf", "-o", "list.csv"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "riskmap: nowhere.osm.pbf: no such file; check the path\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.osm.pbf", b"this is no OSM file"),
        ("a.osm", b"<html><body>Not found</body></html>"),
        ("a.osm.pbf", b"\x89PNG\r\n\x1a\n" + bytes(2000)),
        ("a.osm.pbf", b"<osm version='0.6'></osm>"),
        ("a.osm", b"\x00\x00\x00\x0d\x0a\x09OSMHeader"),
        ("a.osm", b"<osm version='0.5'></osm>"),
        ("a.osm", b""),
        ("a.osm.pbf", b""),
        ("a.osm.gz", b""),
        ("a.osm.bz2", b""),
        ("a.osm.gz", b"no gzip at all"),
        ("a.osm.bz2", b"no bzip2 at all"),
        ("a.osm", b"<osm version='0.6'><node id='1' lat='x' lon='9'/></osm>"),
        ("a.osm", b"<osm version='0.6'><node id='99999999999999999999' lat='1' lon='9'/></osm>"),
    ],
)
def test_a_file_that_is_no_osm_is_said(
    run: Run, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert f"{path}: cannot be read" in _refused(run("hotspots", path, "-o", "list.csv"))


def test_a_kind_of_file_that_nobody_reads_names_the_kinds(run: Run, tmp_path: Path) -> None:
    (tmp_path / "roads.shp").write_bytes(b"x")
    said = _refused(run("hotspots", tmp_path / "roads.shp", "-o", "list.csv"))
    assert ".osm.pbf, .osm, .osm.gz and .osm.bz2" in said
    assert "is a folder" in _refused(run("hotspots", tmp_path, "-o", "list.csv"))


def _blocks(path: Path) -> list[tuple[int, int]]:
    """Begin and end of every block of a pbf: a length, a header that ends in a length, a blob."""
    whole, at, found = path.read_bytes(), 0, []
    while at < len(whole):
        (header,) = struct.unpack_from(">I", whole, at)
        fields = whole[at + 4 : at + 4 + header]
        assert fields[:1] == b"\x0a"
        place = 2 + fields[1]
        assert fields[place] == 0x18
        size = sum((byte & 127) << 7 * n for n, byte in enumerate(fields[place + 1 :]))
        found.append((at, at + 4 + header + size))
        at = found[-1][1]
    return found


def test_a_pbf_cut_inside_a_block_is_said(run: Run, tmp_path: Path, sample: Path) -> None:
    whole, path = sample.read_bytes(), tmp_path / "cut.osm.pbf"
    for begin, end in _blocks(sample)[::6]:
        for at in (begin + 5, (begin + end) // 2, end - 1):
            path.write_bytes(whole[:at])
            said = _refused(run("hotspots", path, "-o", "list.csv"))
            assert "it may be cut off or damaged" in said


def _kinds(path: Path) -> set[str]:
    return {thing.type_str() for thing in osmium.FileProcessor(str(path))}


def test_a_pbf_cut_between_blocks_is_said_or_noted(
    run: Run, tmp_path: Path, sample: Path
) -> None:
    whole, path = sample.read_bytes(), tmp_path / "cut.osm.pbf"
    seen = set()
    for _, end in _blocks(sample)[:-1]:
        path.write_bytes(whole[:end])
        there = _kinds(path)
        if there in seen:
            continue
        done = run("hotspots", path, "-o", "list.csv")
        seen.add(frozenset(there))
        if "w" not in there:
            assert "holds no road" in _refused(done)
        elif "r" not in there:
            assert done.code == 0
            (tmp_path / "work" / "list.csv").unlink()
    assert seen >= {frozenset(), frozenset("n"), frozenset("nw")}


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2"])
def test_a_text_extract_cut_anywhere_is_said(run: Run, tmp_path: Path, suffix: str) -> None:
    whole = convert(write(tmp_path / "town.osm.pbf", *EVERYTHING), tmp_path / f"town{suffix}")
    content, path = whole.read_bytes(), tmp_path / f"cut{suffix}"
    last = content.rindex(b"</osm>") if suffix == ".osm" else len(content) - 1
    for part in range(1, 9):
        path.write_bytes(content[: last * part // 8])
        assert "cannot be read" in _refused(run("hotspots", path, "-o", "list.csv"))


def _bare(path: Path) -> bytes:
    """A pbf without compression: no checksum shields what stands in it."""
    target = osmium.io.File(str(path.with_name("bare.osm.pbf")), "pbf,pbf_compression=none")
    with osmium.SimpleWriter(target, overwrite=True) as writer:
        for thing in osmium.FileProcessor(str(path)):
            writer.add(thing)
    return path.with_name("bare.osm.pbf").read_bytes()


def test_a_wrong_byte_anywhere_ends_in_one_line_or_in_a_list(run: Run, tmp_path: Path) -> None:
    content = _bare(write(tmp_path / "town.osm.pbf", *EVERYTHING))
    path, chance = tmp_path / "damaged.osm.pbf", random.Random(20130803)
    ends = set()
    for at in sorted(chance.sample(range(len(content)), 40)):
        damaged = bytearray(content)
        damaged[at] ^= chance.randrange(1, 256)
        path.write_bytes(damaged)
        done = run("hotspots", path, "-o", "list.csv")
        ends.add(_refused_or_listed(done, tmp_path / "work") == "")
    assert ends == {True, False}


def test_a_name_that_breaks_off_inside_a_letter_is_said(run: Run, tmp_path: Path) -> None:
    content = _bare(write(tmp_path / "town.osm.pbf", *EVERYTHING))
    whole, broken = "小卖部".encode(), "小卖".encode() + b"abc"
    (tmp_path / "a.osm.pbf").write_bytes(content.replace(whole, broken))
    assert run("hotspots", tmp_path / "a.osm.pbf", "-o", "list.csv").code == 0
    (tmp_path / "work" / "list.csv").unlink()
    broken = "小卖".encode() + b"ab\xe9"
    (tmp_path / "a.osm.pbf").write_bytes(content.replace(whole, broken))
    _refused(run("hotspots", tmp_path / "a.osm.pbf", "-o", "list.csv"))


def test_an_extract_without_roads_is_said(run: Run, tmp_path: Path) -> None:
    for tags in ({"waterway": "river"}, {"highway": "footway"}):
        path = write(tmp_path / "dry.osm", NODES, {1: ([1, 2], tags)})
        assert "holds no road" in _refused(run("hotspots", path, "-o", "list.csv"))


def test_an_extract_whose_roads_have_no_length_is_said(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "dot.osm", {1: (0, 0), 2: (0, 0)}, {1: ([1, 2], MAIN)})
    assert "its roads have no length" in _refused(run("hotspots", path, "-o", "list.csv"))


@pytest.mark.parametrize("suffix", [".osm", ".osm.pbf", ".osm.gz", ".osm.bz2"])
def test_an_empty_extract_is_said(run: Run, tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"empty{suffix}", {}, {})
    assert "holds no roads" in _refused(run("hotspots", path, "-o", "list.csv"))


def test_a_file_that_was_never_uploaded_is_said(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "josm.osm", {-2: (0, 0), -1: (90, 0)}, {-1: ([-2, -1], MAIN)})
    assert "ids below 1 are not read" in _refused(run("hotspots", path, "-o", "list.csv"))


def test_an_extract_across_the_antimeridian_is_said(run: Run, tmp_path: Path) -> None:
    text = (
        "<osm version='0.6'><node id='1' lat='-16.8' lon='179.99'/>"
        "<node id='2' lat='-16.8' lon='-179.99'/>"
        "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='primary'/></way></osm>"
    )
    (tmp_path / "taveuni.osm").write_text(text, encoding="utf-8")
    said = _refused(run("hotspots", tmp_path / "taveuni.osm", "-o", "list.csv"))
    assert "antimeridian" in said


def test_a_path_with_a_line_break_is_still_one_line(run: Run) -> None:
    assert "a b.osm: no such file" in _refused(run("hotspots", "a\nb.osm", "-o", "list.csv"))


# --- the project and the brigade's lists --------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('extract = "gone.osm.pbf"', "gone.osm.pbf' does not exist"),
        ('extract = "."', "is a folder"),
        ('extrakt = "a.osm"', "unknown key 'extrakt'; did you mean 'extract'?"),
        ('name = "x"', "names no extract"),
        ("extract = 3", "must be text"),
        ('extract = "', "cannot be read as TOML"),
        ('\ufeffextract = "t.osm"', "cannot be read as TOML"),
        ('extract = "t.osm"\nlanguage = "fr"', "language must be one of zh, en"),
        ('extract = "t.osm"\nlayers = "gone"', "gone' does not exist"),
        ('extract = "t.osm"\nlayers = "t.osm"', "no such folder"),
        ('extract = "t.osm"\npoints = "gone"', "gone' does not exist"),
        ('extract = "t.osm"\npoints = "t.osm"', "is no folder"),
        ('extract = "t.osm"\n[baseline]\nred = 1\norange = 2\nyellow = 3', "red ≥ orange ≥ yellow"),
        ('extract = "t.osm"\n[baseline]\nred = "a"', "[baseline] needs"),
        ('extract = "t.osm"\n[baseline]\nred = nan\norange = 1\nyellow = 1', "[baseline] needs"),
        ('extract = "t.osm"\nbaseline = 3', "[baseline] needs"),
        ('extract = "t.osm"\n[baseline_mvkm]\nred = 1', "[baseline_mvkm] needs"),
        ('extract = "t.osm"\nparameters = 3', "parameters must be a table"),
        ('extract = "t.osm"\n[parameters.rate]\nper_mvk = 1', "did you mean 'per_mvkm'?"),
        ('extract = "t.osm"\n[parameters.rate]\nper_mvkm = "1"', "must be a number"),
        ('extract = "t.osm"\n[parameters.segments]\nlength_m = 0', "above 0"),
        ('extract = "t.osm"\n[parameters.segments]\npair_m = nan', "finite"),
        ('extract = "t.osm"\n[parameters.interval]\ndraws = 1.5', "a whole number"),
        ('extract = "t.osm"\n[parameters.urban]\nlanduse = [1]', "a list of text"),
        ('extract = "t.osm"\n[parameters.roads.classes.road.kph]\nrural = -1', "above 0"),
    ],
)
def test_a_project_file_with_a_fault_names_the_key(
    run: Run, tmp_path: Path, text: str, expected: str
) -> None:
    write(tmp_path / "t.osm", NODES, ROAD)
    (tmp_path / "area.toml").write_text(text, encoding="utf-8")
    assert expected in _refused(run("hotspots", tmp_path / "area.toml", "-o", "list.csv"))


def test_a_project_file_in_another_encoding_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "area.toml").write_bytes('extract = "贵溪.osm"'.encode("gb18030"))
    assert "cannot be read" in _refused(run("hotspots", tmp_path / "area.toml", "-o", "list.csv"))


def _collection(*geometries: object) -> bytes:
    rows = [{"type": "Feature", "properties": {}, "geometry": one} for one in geometries]
    return json.dumps({"type": "FeatureCollection", "features": rows}).encode()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("school.csv", b"a,b\n9.5,47\n", "no row names its columns"),
        ("school.csv", b"", "is empty; take the template from data/templates"),
        ("school.geojson", b'{"type":', "cannot be read"),
        ("school.gpkg", b"no such thing", "cannot be read"),
        ("school.xlsx", b"x", "inside it is text, not a ZIP"),
    ],
)
def test_a_list_of_the_brigade_with_a_fault_names_it(
    run: Run, tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    path, folder = write(tmp_path / "t.osm", NODES, ROAD), tmp_path / "points"
    folder.mkdir()
    (folder / name).write_bytes(content)
    assert expected in _refused(run("hotspots", path, "--points", folder, "-o", "list.csv"))


@pytest.mark.parametrize(
    ("content", "dropped"),
    [
        (b"lon,lat,name\n9.5,47.1,a\n9.5,x,b\n", "1 of 2 rows dropped"),
        (b"lon,lat\ninf,47\n", "1 of 1 row dropped"),
        (b"lon,lat\n9.5,91\n0,0\n", "2 of 2 rows dropped"),
    ],
)
def test_a_row_that_cannot_be_used_is_dropped_and_said(
    run: Run, tmp_path: Path, content: bytes, dropped: str
) -> None:
    path, folder = write(tmp_path / "t.osm", NODES, ROAD), tmp_path / "points"
    folder.mkdir()
    (folder / "school.csv").write_bytes(content)
    done = run("hotspots", path, "--points", folder, "-o", "list.csv", "--lang", "en")
    assert done.code == 0
    assert f"riskmap: school.csv: {dropped}; see `riskmap points AREA`\n" in done.complained


# --- the target ---------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["hotspots", "score", "map", "init"])
@pytest.mark.parametrize("target", ["nowhere/list.csv", ".", "../file/list.csv"])
def test_a_target_that_cannot_be_written_is_said_before_the_work(
    run: Run, tmp_path: Path, command: str, target: str
) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "broken.osm").write_bytes(b"")
    said = _refused(run(command, tmp_path / "broken.osm", "-o", target))
    assert said.startswith(f"riskmap: {target}: ")


def test_an_unknown_format_names_the_known_ones(run: Run, sample: Path) -> None:
    said = _refused(run("hotspots", sample, "-o", "list.xsl"))
    assert all(suffix in said for suffix in WRITERS)
    assert "did you mean '.xlsx'?" in said


@pytest.fixture
def known(sample: Path) -> Path:
    """The sample, assessed before: only the target is left to write."""
    riskmap.assess(sample)
    return sample


@pytest.mark.parametrize(
    ("command", "target"),
    [
        *(("hotspots", f"list{suffix}") for suffix in WRITERS),
        ("map", "map.html"),
        ("init", "area.toml"),
    ],
)
def test_a_disk_that_fills_halfway_leaves_nothing(
    run: Run, tmp_path: Path, known: Path, command: str, target: str
) -> None:
    path = tmp_path / "work" / target
    assert run(command, known, "-o", target).code == 0
    size = path.stat().st_size
    path.unlink()
    for largest in (size // 2, size - 1):
        said = _refused(run(command, known, "-o", target, largest=largest))
        assert f"{target}: cannot be written" in said


def test_a_disk_that_fills_halfway_leaves_the_list_that_was_there(
    run: Run, tmp_path: Path, known: Path
) -> None:
    path = tmp_path / "work" / "list.csv"
    path.write_text("yesterday", encoding="utf-8")
    done = run("hotspots", known, "-o", "list.csv", largest=1000)
    assert (done.code, done.files) == (2, ("list.csv",))
    assert path.read_text(encoding="utf-8") == "yesterday"


def test_a_full_temporary_folder_is_said(run: Run, tmp_path: Path, sample: Path) -> None:
    fresh = tmp_path / "fresh.osm.pbf"
    fresh.write_bytes(sample.read_bytes())
    assert "TMPDIR" in _refused(run("hotspots", fresh, "-o", "list.csv", largest=4000))


def test_a_store_that_cannot_be_written_costs_no_result(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("RISKMAP_CACHE", str(tmp_path / "file" / "store"))
    done = run("hotspots", write(tmp_path / "t.osm", NODES, ROAD), "-o", "list.csv")
    assert (done.code, done.complained, done.files) == (0, "", ("list.csv",))


def test_a_project_file_is_never_overwritten(run: Run, tmp_path: Path, sample: Path) -> None:
    (tmp_path / "area.toml").write_text("mine", encoding="utf-8")
    assert "exists already" in _refused(run("init", sample, "-o", tmp_path / "area.toml"))
    assert (tmp_path / "area.toml").read_text(encoding="utf-8") == "mine"


# --- options ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        ["--at", "2026-04-31T10:00"],
        ["--at", "2026-04-30T24:30"],
        ["--at", "tomorrow"],
        ["--top", "0"],
        ["--top", "-3"],
        ["--top", "many"],
        ["--by", "nonsense"],
        ["--lang", "fr"],
        ["--layers", "gone"],
        ["--points", "gone"],
        ["--nonsense", "1"],
    ],
)
def test_a_wrong_option_is_said(run: Run, tmp_path: Path, options: list[str]) -> None:
    path = write(tmp_path / "t.osm", NODES, ROAD)
    said = _refused(run("hotspots", path, *options, "-o", "list.csv"))
    assert options[0] in said or options[1] in said


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "COMMAND"),
        (["hotspot"], "choose from"),
        (["hotspots", "-o", "list.csv"], "AREA: name an extract or a project file"),
        (["hotspots", "a.osm", "--project", "b.toml", "-o", "list.csv"], "give one of them"),
        (["hotspots", "a.osm"], "-o/--output"),
        (["explain", "a.osm"], "SEGMENT_ID"),
        (["layers"], "check|list"),
        (["layers", "check", "gone"], "gone"),
    ],
)
def test_a_wrong_command_is_said(run: Run, arguments: list[str], expected: str) -> None:
    assert expected in _refused(run(*arguments))


@pytest.mark.parametrize("name", ["w1.2-3.4", "", "0"])
def test_a_segment_that_is_not_there_is_said(run: Run, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "t.osm", NODES, ROAD)
    assert f"'{name}': not in t" in _refused(run("explain", path, name))


@pytest.fixture
def full() -> Iterator[Any]:
    """Standard output on a full disk."""
    with Path("/dev/full").open("w", encoding="utf-8") as device:
        yield device


def test_a_full_disk_behind_a_redirection_is_said(full: Any, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "riskmap", "layers", "list"],
        cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("riskmap: standard output: ")
    assert done.stderr.count("\n") == 1


def test_a_terminal_without_chinese_shows_another_sign(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "riskmap", "layers", "list"],
        cwd=tmp_path, env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "?" in done.stdout
