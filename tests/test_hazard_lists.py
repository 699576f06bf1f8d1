"""The register as lists, and as a part of the score."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from town import degrees, write

import riskmap
from riskmap import export, hazard_lists
from riskmap.area import Area
from riskmap.cli import main
from riskmap.coords import from_wgs84
from riskmap.hazard import STATUSES, Hazard
from riskmap.layers import read_layers
from riskmap.project import open_project
from riskmap.register import Register

LAYERS = read_layers()
LON, LAT = 9.5217, 47.1411


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "register.sqlite")


def handed_in(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


# --- lists in and out --------------------------------------------------------------------------


def test_a_chinese_list_is_read(register: Register, tmp_path: Path) -> None:
    lon, lat = (float(part) for part in from_wgs84(115.9, 28.7, "gcj02"))
    path = handed_in(tmp_path, (
        "隐患类别,地点,经度,纬度,坐标系,隐患情况,上报人,发现日期,整改期限,状态\n"
        f"临崖路段,沿江路,{lon},{lat},GCJ02,塌方,101,2026年5月1日,2026-06-01,核实\n"
        f",东昌路,{lon},{lat},GCJ02,坑槽,102,,,\n"
    ))  # fmt: skip
    report = hazard_lists.enter(hazard_lists.read(path, LAYERS), register, by="li")
    assert report["outcome"].tolist() == ["moved", "moved"]
    table = register.table()
    assert table["layer"].tolist() == ["cliff", "hazard"]
    assert table["status"].tolist() == ["verified", "found"]
    assert table["lon"].tolist() == pytest.approx([115.9] * 2, abs=1e-7)
    assert table["reported"].iloc[0] == dt.date(2026, 5, 1)
    assert table["due"].tolist() == [dt.date(2026, 6, 1), None]


def test_what_cannot_be_used_is_told_row_by_row(register: Register, tmp_path: Path) -> None:
    path = handed_in(tmp_path, (
        "layer,place,lon,lat,note,reported,status\n"
        f"clif,A,{LON},{LAT},x,,\n"
        f"cliff,B,{LON},{LAT},x,soon,half done\n"
        "cliff,C,,,x,,\n"
        "cliff,D,47.1,95.2,x,,\n"
        f"cliff,E,{LON},{LAT},{'x' * 2001},,\n"
    ))  # fmt: skip
    report = hazard_lists.enter(hazard_lists.read(path, LAYERS), register, by="li")
    rows = report[report["row"] > 0]
    assert rows["outcome"].tolist() == ["dropped", "read", "dropped", "dropped", "dropped"]
    said = " | ".join(rows["why_en"])
    for part in ("layer 'clif' is not known", "status 'half done'", "date 'soon'",
                 "no coordinates", "swapped?", "note has more than 2,000"):  # fmt: skip
        assert part in said
    assert register.table()["place"].tolist() == ["B"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson", ".gpkg", ".kml"])
def test_a_written_list_is_read_again(
    register: Register, tmp_path: Path, lang: Any, suffix: str
) -> None:
    register.add(
        Hazard("cliff", LON, LAT, place="Städtle, 中", note="=1+1 <b>", reported_by="101",
               reported=dt.date(2026, 5, 1), due=dt.date(2026, 6, 1)), by="li",
    )  # fmt: skip
    register.step(1, "verified", by="li")
    register.add(Hazard("hazard", LON + 0.01, LAT), by="li")
    path = tmp_path / f"list{suffix}"
    export.write_list(hazard_lists.listed(register.table(), LAYERS, lang), path)
    again = Register(tmp_path / "again.sqlite")
    hazard_lists.enter(hazard_lists.read(path, LAYERS), again, by="wang")
    columns = ["layer", "place", "reported_by", "reported", "due", "status"]
    assert again.table()[columns].equals(register.table()[columns])
    assert again.table()["lon"].tolist() == pytest.approx(register.table()["lon"].tolist())
    assert "1+1 <b>" in again.table()["note"].iloc[0]
    # and is known where it came from
    report = hazard_lists.enter(hazard_lists.read(path, LAYERS), again, by="wang")
    assert report.loc[report["row"] > 0, "outcome"].tolist() == ["merged", "merged"]


# --- what it does to the score -----------------------------------------------------------------


NODES: dict[int, Any] = {1: (0, 0), 2: (90, 0), 3: (0, 3000), 4: (90, 3000)}
ROADS: dict[int, Any] = {n: ([2 * n - 21, 2 * n - 20], {"highway": "secondary"}) for n in (11, 12)}


def assessed(town: Path, register: Register | None) -> Area:
    return riskmap.assess(town, cache=town.parent / "cache", register=register and register.path)


def test_a_hazard_counts_from_when_it_is_entered_until_it_is_struck_off(
    register: Register, tmp_path: Path
) -> None:
    town = write(tmp_path / "town.osm", NODES, ROADS)
    plain = assessed(town, None).model.harm()
    assert assessed(town, register).model.harm().equals(plain)
    number = register.add(Hazard("hazard", *degrees(45.0, 5.0), place="Bend"), by="li")
    for status in STATUSES:
        register.step(number, status, by="li")
        area = assessed(town, register)
        raised = (area.model.harm() / plain).to_numpy()
        open_ = status != "closed"
        assert (raised > 1.1).tolist() == [open_, False]
        assert (area.risk_points["hazard"]["name"] == "Bend").any() == open_
    register.step(number, "found", by="li")
    told = assessed(town, register).report
    assert told[["file", "row", "layer", "outcome"]].to_numpy().tolist() == [
        [register.path.name, number, "hazard", "read"]
    ]


def test_what_a_register_has_far_away_or_of_no_layer_is_told(
    register: Register, tmp_path: Path
) -> None:
    town = write(tmp_path / "town.osm", NODES, ROADS)
    register.add(Hazard("hazard", LON + 3.0, LAT), by="li")
    register.add(Hazard("lava", *degrees(45.0, 5.0)), by="li")
    told = assessed(town, register).report
    assert told["outcome"].tolist() == ["note", "dropped"]
    assert "layers that are not there; left out: lava" in told["why_en"].iloc[0]
    assert "from the nearest road" in told["why_en"].iloc[1]


# --- the command line --------------------------------------------------------------------------


def test_a_hazard_is_followed_in_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "register.sqlite")
    at = ["--at", f"{LON},{LAT}", "--note", "pothole", "--by", "li", "--lang", "en"]
    assert main(["register", "add", path, *at, "--due", "2026-01-02"]) == 0
    assert main(["register", "step", path, "1", "verified", "--by", "wang", "--lang", "en"]) == 0
    assert main(["register", "list", path, "--overdue", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "no. 1: entered\nno. 1: verified\n1  Reported hazard  " in said
    assert said.endswith("verified  overdue\nHazards: 1; overdue: 1\n")
    assert main(["register", "undo", path, "1", "--by", "li"]) == 0
    assert main(["register", "history", path, "1", "--lang", "en"]) == 0
    assert "wang · status · found → verified" in capsys.readouterr().out
    assert main(["register", "change", path, "1", "--due", "2099-01-02", "--by", "li"]) == 0
    assert main(["register", "list", path, "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "2099-01-02" in said
    assert said.endswith("Hazards: 1; overdue: 0\n")
    assert main(["register", "list", path, "-o", str(tmp_path / "list.xlsx")]) == 0
    assert main(["register", "import", path, str(tmp_path / "list.xlsx"), "--lang", "en"]) == 0
    assert "in the register already: no. 1" in capsys.readouterr().out


def test_a_project_names_a_register_that_is_not_there_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "town.osm", NODES, ROADS)
    (tmp_path / "county").mkdir()
    given = ["--register", "county/own.sqlite", "-o", "county/area.toml"]
    assert main(["init", "town.osm", *given]) == 0
    stated = open_project(Path("county/area.toml")).register
    assert stated is not None
    assert stated.resolve() == (tmp_path / "county" / "own.sqlite").resolve()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "--at", "9.5"], "--at 9.5: write longitude,latitude in degrees"),
        (["add", "--at", "9.5,95"], "is no place on earth"),
        (["add", "--at", "9.5,47", "--layer", "lava"], "--layer lava: no such layer; one of"),
        (["add", "--at", "9.5,47", "--due", "soon"], "--due soon: no date; write 2026-05-08"),
        (["add", "--at", "9.5,47", "--photo", "none.jpg"], "none.jpg: cannot be read"),
        (["change", "7"], "says nothing to change; give --note, --due"),
        (["change", "7", "--note", "x"], "there is no such register; enter a hazard first"),
        (["step", "7", "closed"], "there is no such register; enter a hazard first"),
        (["history", "7"], "has no hazard 7"),
        (["import", "none.csv"], "none.csv: "),
    ],
)
def test_what_cannot_be_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    path = str(tmp_path / "register.sqlite")
    assert main(["register", words[0], path, *words[1:]]) == 2
    complained = capsys.readouterr().err
    assert said in complained
    assert complained.count("\n") == 1
