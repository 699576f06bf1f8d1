"""`riskmap fetch` against a server on this machine that answers like Nominatim and Overpass."""

from __future__ import annotations

import gzip
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import commands
import osmnx
import pytest
import shapely
from servers import OUTLINE, TOWN, Answer, Prepared, answering, places, roads

import riskmap
from riskmap import fetching, layers, osm, project, servers
from riskmap.cli import main
from riskmap.errors import RiskmapError

ROOT = Path(__file__).parents[1]
MAIN = {"highway": "primary", "name": "Main", "surface": "asphalt", "lit": "yes"}
NODES: dict[int, Any] = {
    1: (0, 0), 2: (90, 0, {"railway": "level_crossing"}), 3: (180, 0), 4: (60, 60), 5: (90, 90),
    6: (60, 90), 7: (70, 70, {"amenity": "school", "name": "S"}),
}  # fmt: skip
WAYS: dict[int, Any] = {1: ([1, 2, 3], MAIN), 2: ([4, 5, 6, 4], {})}
LAKE: dict[int, Any] = {1: ([("w", 2, "outer")], {"type": "multipolygon", "natural": "water"})}
HOSTILE = "a'\"];out;//"
DATE = "2026-11-20T10:00:00Z"
WHOLE = roads(NODES, WAYS, LAKE, DATE)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds of every pause, which is left out."""
    naps: list[float] = []
    monkeypatch.setattr(servers.time, "sleep", naps.append)
    return naps


@pytest.fixture
def served(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[Prepared]:
    """Both servers; tests put other answers there."""
    assert slept == []
    with answering(Prepared([places(TOWN)], [Answer(WHOLE)])) as prepared:
        monkeypatch.setenv(servers.LOOPBACK, prepared.url)
        yield prepared


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to fetch into."""
    path = tmp_path / "work"
    path.mkdir()
    return path


def _refused(folder: Path, place: str = "Town") -> str:
    """The one line of a fetch that leaves what was there as it was, and nothing else."""
    (folder / "t.osm.pbf").write_bytes(b"before")
    with pytest.raises(RiskmapError) as fault:
        osm.fetch_place(place, folder / "t.osm.pbf")
    assert {path.name for path in folder.iterdir()} == {"t.osm.pbf"}
    assert (folder / "t.osm.pbf").read_bytes() == b"before"
    assert "\n" not in str(fault.value)
    return str(fault.value)


def _read(path: str | Path) -> osm.Extract:
    return osm.read(
        path, layers.wanted_tags(layers.read_layers()), project.constants()["roads"]
    )


# --- all goes well -----------------------------------------------------------------------------


@pytest.mark.usefixtures("served")
def test_a_fetched_place_is_an_extract_with_all_tags_and_nodes(folder: Path) -> None:
    found = osm.fetch_place("Town", folder / "t.osm.pbf")
    assert (found.place, found.osm_id) == ("Town, Land", "r1155955")
    assert (found.data_date, found.ways) == (DATE, 1)
    assert found.km2 == pytest.approx(15.2 * 22.2, rel=0.02)
    extract = _read(found.path)
    assert extract.data_date == DATE
    assert extract.notes == ()
    assert {key: extract.road_tags.column(key)[0] for key in MAIN} == MAIN
    assert extract.vertices["node_id"].tolist() == [1, 2, 3]
    assert sorted(extract.features["osm_id"]) == ["n2", "n7", "r1"]
    assert [path.name for path in folder.iterdir()] == ["t.osm.pbf"]


@pytest.mark.parametrize("suffix", osm.SUFFIXES)
@pytest.mark.usefixtures("served")
def test_every_ending_that_riskmap_reads_is_written(folder: Path, suffix: str) -> None:
    found = osm.fetch_place("Town", folder / f"t{suffix}")
    assert riskmap.assess(found.path).segments["length_m"].sum() == pytest.approx(180, rel=0.01)


def test_each_server_is_asked_once_by_somebody_with_a_name(
    served: Prepared, folder: Path
) -> None:
    osm.fetch_place('Town "of", Land & more', folder / "t.osm")
    assert [asked.path for asked in served.asked] == ["/search", "/interpreter"]
    assert all(asked.agent.startswith(f"riskmap/{riskmap.__version__}") for asked in served.asked)
    assert served.asked[0].form["q"] == 'Town "of", Land & more'
    assert served.asked[1].form["data"].startswith("[out:json][timeout:180];")


def test_the_question_asks_for_every_tag_of_the_layers_and_cannot_be_left(
    served: Prepared, folder: Path
) -> None:
    osm.fetch_place("Town", folder / "t.osm")
    asked = served.asked[1].form["data"]
    for key, values in layers.wanted_tags(layers.read_layers()).items():
        for value in values or ():
            for kind in ("node", "way", "relation"):
                assert f"({kind}['{key}'='{value}'](poly:" in asked
        assert values is not None or f"(way['{key}'](poly:" in asked
    assert "(way['highway'='primary'](poly:" in asked
    own = folder.parent / "own"
    own.mkdir()
    school = (ROOT / "layers" / "school.toml").read_text(encoding="utf-8")
    odd = school.replace('["school"]', json.dumps([HOSTILE])).replace("osm.amenity", "osm.k")
    (own / "odd.toml").write_text(odd, encoding="utf-8")
    osm.fetch_place("Town", folder / "t.osm", layers=own)
    assert f"(node['k'={HOSTILE!r}](poly:" in served.asked[-1].form["data"]
    assert repr(HOSTILE) == r"""'a\'"];out;//'"""


def test_a_town_found_twice_is_the_one_with_an_area(served: Prepared, folder: Path) -> None:
    point = {**TOWN, "osm_type": "node", "geojson": {"type": "Point", "coordinates": [9.5, 47.1]}}
    served.places[:] = [places(point, {**TOWN, "osm_type": "way", "osm_id": 5})]
    assert osm.fetch_place("Town", folder / "t.osm").osm_id == "w5"


def test_what_lies_outside_the_outline_is_left_out_and_what_crosses_it_is_whole(
    served: Prepared, folder: Path
) -> None:
    far = 30_000
    nodes = {**NODES, 10: (far, 0), 11: (far, 90, {"amenity": "school"}), 12: (far, 180)}
    ways = {**WAYS, 10: ([10, 11, 12], MAIN), 11: ([3, 10], MAIN), 12: ([1, 3], {"foot": "yes"})}
    areas = {**LAKE, 2: ([("w", 10, "outer")], {"type": "multipolygon", "natural": "water"}),
             3: ([("w", 1, "outer")], {"type": "route", "natural": "water"})}  # fmt: skip
    served.roads[:] = [Answer(roads(nodes, ways, areas, DATE))]
    assert osm.fetch_place("Town", folder / "t.osm.pbf").ways == 2
    extract = _read(folder / "t.osm.pbf")
    assert sorted(extract.roads.index) == [1, 11]
    assert set(extract.vertices["node_id"]) == {1, 2, 3, 10}
    assert sorted(extract.features["osm_id"]) == ["n2", "n7", "r1"]


def test_a_large_place_is_asked_for_in_pieces_that_make_one_extract(
    served: Prepared, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "PIECE_M2", 1.5e8)
    south = {node: NODES[node] for node in (1, 2, 3)}
    north = {node: NODES[node] for node in (4, 5, 6, 7)}
    older = "2026-11-19T10:00:00Z"
    parts = (
        roads(south, {1: WAYS[1]}, {}, DATE), roads(north, {2: WAYS[2]}, LAKE, older),
        roads({}, {}, {}, DATE),
    )  # fmt: skip
    served.roads[:] = [Answer(part) for part in parts]
    found = osm.fetch_place("Town", folder / "t.osm.pbf")
    assert len(served.asked) > 3
    assert found.data_date == older
    assert sorted(_read(found.path).features["osm_id"]) == ["n2", "n7", "r1"]


@pytest.mark.parametrize("said", ["", "yesterday", "2026-13-99T10:00:00Z"])
def test_a_server_that_says_no_date_is_no_worse(
    served: Prepared, folder: Path, said: str
) -> None:
    served.roads[:] = [Answer(roads(NODES, WAYS, LAKE, said))]
    assert osm.fetch_place("Town", folder / "t.osm.pbf").data_date == ""


def test_the_area_that_is_asked_for_has_few_corners_and_misses_nothing() -> None:
    round_ = shapely.Point(117.2, 28.3).buffer(0.3, quad_segs=200)
    two = round_.union(shapely.Point(117.9, 28.3).buffer(0.1))
    for outline in (round_, two, shapely.box(1, 2, 2, 3)):
        area = fetching._around(outline, "Town")
        assert shapely.get_num_coordinates(area) <= fetching.CORNERS
        assert area.buffer(1e-9).covers(outline)
        assert area.area < 1.2 * outline.convex_hull.area


@pytest.mark.usefixtures("served")
def test_osmnx_is_left_as_it_was(folder: Path) -> None:
    def state() -> dict[str, Any]:
        own = osmnx.settings
        return {name: getattr(own, name) for name in vars(own) if not name.startswith("_")}

    before, lookup = state(), socket.getaddrinfo
    osm.fetch_place("Town", folder / "t.osm")
    assert state() == before
    assert socket.getaddrinfo is lookup
    assert not Path(before["cache_folder"]).exists()


@pytest.mark.usefixtures("served")
def test_progress_names_stages_in_order(folder: Path) -> None:
    told: list[tuple[str, float]] = []
    osm.fetch_place("Town", folder / "t.osm", progress=lambda *said: told.append(said))
    assert list(dict.fromkeys(stage for stage, _ in told)) == ["place", "ask", "load", "check"]
    shares = [share for _, share in told]
    assert shares == sorted(shares)


def test_the_command_fetches_and_its_extract_makes_a_project(
    served: Prepared, folder: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(folder)
    served.places[:] = [places({**TOWN, "display_name": "T\x1b[2J"})]
    assert main(["fetch", "Town", "-o", "t.osm.pbf"]) == 0
    said = capsys.readouterr()
    assert said.out == f"t.osm.pbf: T [2J (r1155955), 338 km², 1 roads, {DATE}\n"
    assert said.err == ""  # no progress where nobody watches
    assert main(["fetch", "Town", "-o", "t.osm.pbf", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["osm_id"] == "r1155955"
    assert main(["init", "t.osm.pbf", "-o", "area.toml"]) == 0
    assert main(["hotspots", "area.toml", "-o", "list.csv"]) == 0


# --- a server that does not do as it should ----------------------------------------------------


@pytest.mark.parametrize("status", sorted(servers.BUSY))
def test_a_busy_server_is_asked_again(served: Prepared, folder: Path, status: int) -> None:
    served.roads[:] = [Answer(status=status), Answer(status=status), Answer(WHOLE)]
    osm.fetch_place("Town", folder / "t.osm")
    assert len(served.asked) == 4
    served.places[:] = [Answer(status=status), places(TOWN)]
    osm.fetch_place("Town", folder / "t.osm")
    assert len(served.asked) == 4 + 3


def test_a_piece_that_came_is_not_asked_for_again(
    served: Prepared, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "PIECE_M2", 1.5e8)
    served.roads[:] = [Answer(WHOLE), Answer(status=504), Answer(WHOLE)]
    osm.fetch_place("Town", folder / "t.osm")
    questions = [asked.form["data"] for asked in served.asked[1:]]
    assert questions[1] == questions[2]
    assert len(set(questions)) == len(questions) - 1


def test_pauses_grow_and_are_what_the_server_asks_for(
    served: Prepared, folder: Path, slept: list[float]
) -> None:
    served.roads[:] = [Answer(status=429), Answer(status=429, headers={"Retry-After": "47"}),
                       Answer(status=429, headers={"Retry-After": "86400"})]  # fmt: skip
    assert "overpass-api.de is busy (429), 4 times" in _refused(folder)
    waits = [pause for pause in slept if pause > 1]
    assert waits == [servers.WAITS_S[0], 47.0, servers.LONGEST_WAIT_S]
    assert list(servers.WAITS_S) == sorted(servers.WAITS_S)


@pytest.mark.parametrize("where", ["places", "roads"])
def test_a_server_that_stays_busy_ends_with_a_way_out(
    served: Prepared, folder: Path, where: str
) -> None:
    getattr(served, where)[:] = [Answer(status=504)]
    said = _refused(folder)
    assert "is busy (504), 4 times; try again in an hour" in said
    assert "riskmap init" in said
    assert "download.geofabrik.de" in said
    assert len(served.asked) == (4 if where == "places" else 5)


def test_a_server_that_never_answers_is_left(
    served: Prepared, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "SILENT_S", 0.1)
    late = threading.Event()
    served.roads[:] = [Answer(late=late)]
    assert "did not answer in time, 4 times" in _refused(folder)
    late.set()


@pytest.mark.usefixtures("served")
def test_an_answer_that_trickles_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "LONGEST_S", -1.0)
    assert "did not come to an end, 4 times" in _refused(folder)


def test_a_machine_without_internet_is_told_at_once(
    folder: Path, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv(servers.LOOPBACK, f"http://127.0.0.1:{port}")
    said = _refused(folder)
    assert said.startswith("fetch: cannot reach nominatim.openstreetmap.org (no connection)")
    assert "download.geofabrik.de, and run `riskmap init EXTRACT" in said
    assert sum(slept) <= 1


@pytest.mark.parametrize(
    "body",
    [b'[{"osm_type": "rel', b"<html>", b"{}", b"\xff", b"[1]", b"", b"[" * 100_000, b"null",
     *(json.dumps([{**TOWN, **odd}]).encode() for odd in (
         {"osm_id": "x"}, {"osm_type": "planet"}, {"lat": "north"}, {"boundingbox": [1]},
         {"geojson": {"type": "Polygon", "coordinates": "x"}},
         {"geojson": {"type": "Polygon", "coordinates": [[[9.5, 47.1]]]}},
     ))],
)  # fmt: skip
def test_a_place_that_makes_no_sense_is_refused(
    served: Prepared, folder: Path, body: bytes
) -> None:
    served.places[:] = [Answer(body)]
    assert "nominatim.openstreetmap.org answered what makes no sense" in _refused(folder)
    assert {asked.path for asked in served.asked} == {"/search"}


def test_a_place_that_is_not_found_or_has_no_area_is_refused(
    served: Prepared, folder: Path
) -> None:
    served.places[:] = [places()]
    assert "knows no place 'Twon'" in _refused(folder, "Twon")
    line = {"type": "LineString", "coordinates": [[9.5, 47.1], [9.6, 47.1]]}
    for kind, shape in (("node", {"type": "Point", "coordinates": [9.5, 47.1]}), ("way", line)):
        served.places[:] = [places({**TOWN, "osm_type": kind, "geojson": shape})]
        assert "without an area; name the county" in _refused(folder)
    assert {asked.path for asked in served.asked} == {"/search"}


def test_a_country_is_too_much_to_ask_of_a_free_server(served: Prepared, folder: Path) -> None:
    (ring,) = OUTLINE["coordinates"]
    wide = [[[x * 100 - 930, y] for x, y in ring]]
    islands = [[ring], [[[x + 100, y] for x, y in ring]]]
    nowhere = [[[x * 1e6, y] for x, y in ring]]
    for kind, own in (("Polygon", wide), ("MultiPolygon", islands), ("Polygon", nowhere)):
        served.places[:] = [places({**TOWN, "geojson": {"type": kind, "coordinates": own}})]
        assert "km², too much" in _refused(folder)
    assert {asked.path for asked in served.asked} == {"/search"}


def test_an_answer_cut_short_leaves_nothing_and_is_asked_for_again(
    served: Prepared, folder: Path
) -> None:
    remark = b'],\n"remark": "runtime error: out of\\u0020\\n time"\n}\n'
    head, _ = WHOLE.rsplit(b"]", 1)
    gzipped = gzip.compress(WHOLE)[:-50]
    for short, why in (
        (Answer(WHOLE, cut=True), "broke off"),
        (Answer(WHOLE[:-200]), "answered what is not OpenStreetMap data"),
        (Answer(head + remark), "gave up (runtime error: out of"),
        (Answer(b"<html>sorry</html>"), "answered what is not OpenStreetMap data"),
        (Answer(b"[]"), "answered what is not OpenStreetMap data"),
        (Answer(gzipped, headers={"Content-Encoding": "gzip"}), "4 times"),
    ):
        served.roads[:] = [short]
        assert why in _refused(folder)
        served.roads[:] = [short, Answer(WHOLE)]
        osm.fetch_place("Town", folder / "t.osm.pbf")


@pytest.mark.parametrize(
    ("old", "new"),
    [(rb'"id": 3,', b'"id": 33,'), (rb'"lat"', b'"height"'), (rb'"lat": [\d.]+', b'"lat": 147.0'),
     (rb'"lat": [\d.]+', b'"lat": NaN'), (rb'"nodes": ', b'"nodes": 1, "x": '),
     (rb'"elements"', b'"things"'), (rb'"role": "outer"', b'"x": 1'),
     (rb'"ref": 2', b'"ref": 3'), (rb'"name": "Main"', b'"name": "\\\\ud800"'),
     (rb'"id": 1,', b'"id": 111111111111111111111,'), (rb'"S"', b'"' + 70_000 * b"S" + b'"')],
)  # fmt: skip
def test_an_answer_in_which_something_is_missing_or_odd_is_refused(
    served: Prepared, folder: Path, old: bytes, new: bytes
) -> None:
    odd = re.sub(old, new, WHOLE)
    assert odd != WHOLE
    served.roads[:] = [Answer(odd)]
    assert re.search("answered what (is not whole|cannot be written)", _refused(folder))


def test_a_place_without_roads_is_refused(served: Prepared, folder: Path) -> None:
    for body in (WHOLE.replace(b"primary", b"footway"), roads({}, {}, {})):
        served.roads[:] = [Answer(body)]
        assert "no road that cars use in 'Town, Land'" in _refused(folder)


def test_an_address_in_an_answer_is_not_followed(served: Prepared, folder: Path) -> None:
    for status in (301, 302, 307, 308):
        served.places[:] = [Answer(status=status, headers={"Location": f"{served.url}/other"})]
        assert f"refused ({status})" in _refused(folder)
    assert {asked.path for asked in served.asked} == {"/search"}
    served.places[:] = [Answer(status=403)]
    assert "refused (403)" in _refused(folder)


def test_nothing_but_fetching_can_ask_a_server() -> None:
    asking = re.compile(r"(?<!\.)\b(?:osmnx|requests|servers|urllib\.request|http\.client)\b")
    paths = sorted((ROOT / "riskmap").rglob("*.py"))
    loads = {path.stem for path in paths for line in path.read_text(encoding="utf-8").splitlines()
             if re.match(r"\s*(?:from|import) ", line) and asking.search(line)}  # fmt: skip
    assert loads == {"fetching", "servers"}
    ask = "import sys, riskmap.assessment, riskmap.cli; print('osmnx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("address", ["http://evil.example", "https://127.0.0.1", "http://a.b",
                                     "file:///etc/passwd", "127.0.0.1", "http://[::1"])  # fmt: skip
def test_no_other_machine_can_be_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv(servers.LOOPBACK, address)
    assert "is for tests" in _refused(folder)


@pytest.mark.usefixtures("served")
def test_an_answer_without_an_end_is_stopped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "LARGEST", 100)
    assert "answers more than" in _refused(folder)


@pytest.mark.usefixtures("served")
def test_a_full_disk_or_an_odd_target_leaves_nothing(folder: Path) -> None:
    done = commands.run(folder, "fetch", "Town", "-o", "t.osm.pbf", largest=300)
    assert (done.code, done.files) == (2, ())
    assert "cannot be written" in done.complained
    for target, why in (("t.txt", "name it so"), ("none/t.osm", "no folder")):
        done = commands.run(folder, "fetch", "Town", "-o", target)
        assert (done.code, done.files) == (2, ())
        assert why in done.complained
    for place in ("", " ", "x" * 301):
        assert "name a place" in _refused(folder, place)
