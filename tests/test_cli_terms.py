"""`--headers` and `--coords` on every command that writes a list, and what they refuse."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import town

from riskmap import cli, cli_manners, list_terms
from riskmap.cli import main
from riskmap.coords import from_wgs84

NODES = {
    1: (0, 0), 2: (90, 0), 3: (180, 0), 4: (90, 90), 5: (90, 180),
    6: (60, 60, {"amenity": "school"}),
}  # fmt: skip
WAYS = {
    1: ([1, 2, 3], {"highway": "primary", "name": "大街"}), 2: ([2, 4, 5], {"highway": "tertiary"}),
}  # fmt: skip
HAN = re.compile(r"[\u3400-\u9fff]")
TOWN = "town.osm.pbf"
CRASHES = ("--crashes", "own.csv")
LISTS = {
    "hotspots": ("hotspots", TOWN),
    "stretches": ("hotspots", TOWN, "--stretches"),
    "score": ("score", TOWN),
    "changes": ("changes", "old.csv", "old.csv"),
    "points": ("points", TOWN, "--points", "lists"),
    "outlook": ("outlook", TOWN, "--from", "2026-12-01", "--to", "2026-12-02"),
    "weather": ("weather", TOWN, "--weather", "ice"),
    "divert": ("divert", TOWN),
    "referrals": ("referrals", TOWN),
    "deploy": ("deploy", TOWN, "--date", "2026-05-08", "--posts", "1"),
    "duty": ("duty", TOWN, "log.csv"),
    "prone": ("prone", TOWN, *CRASHES),
    "crashes": ("crashes", TOWN, *CRASHES),
    "register list": ("register", "list", "book.sqlite"),
}
BOOKS = {
    "outlook": ("outlook", TOWN, "--holiday", "labour_day", "--year", "2026"),
    "deploy": (*LISTS["deploy"], "--patrols", "1", "--steady", "1"),
    "duty": LISTS["duty"],
}
"""Commands whose workbook has more sheets."""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a town, its lists, its records, a register and logged duty."""
    folder = tmp_path_factory.mktemp("work")
    with pytest.MonkeyPatch.context() as patch:
        # the systems of Chinese maps are shifted in China alone
        patch.setattr(town, "LON", 117.2)
        patch.setattr(town, "LAT", 28.3)
        town.write(folder / TOWN, NODES, WAYS)
        lon, lat = town.degrees(0, 0)
    (folder / "lists").mkdir()
    (folder / "lists/school.csv").write_text(f"name,lon,lat\nS,{lon},{lat}\n", encoding="utf-8")
    days = "\n".join(
        f"2024-{1 + n % 12:02d}-0{1 + n % 9} 08:00,{lon},{lat},minor" for n in range(40)
    )
    (folder / "own.csv").write_text(f"date,lon,lat,severity\n{days}\n", encoding="utf-8")
    log = f"unit,start,end,lon,lat\nA,2026-05-08 08:00,2026-05-08 09:00,{lon},{lat}\n"
    (folder / "log.csv").write_text(log, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["register", "add", "book.sqlite", "--at", f"{lon},{lat}", "--by", "A"]) == 0
        assert main(["hotspots", TOWN, "-o", "old.csv"]) == 0
    return folder


@pytest.fixture
def here(work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(work)
    return work


def _rows(path: str | Path) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        return [dict.fromkeys(rows.fieldnames or [], ""), *rows]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_chinese_headings_and_the_system_that_it_is_asked_for(
    here: Path, name: str
) -> None:
    target = here / f"{name}.csv"
    assert main([*LISTS[name], "--headers", "zh", "--coords", "gcj02", "-o", str(target)]) == 0
    head, *rows = _rows(target)
    assert [one for one in head if not HAN.search(one)] == []
    assert all(row["坐标系"] == "GCJ-02" for row in rows)
    plain = here / f"{name} plain.csv"
    assert main([*LISTS[name], "--headers", "names", "-o", str(plain)]) == 0
    named, *codes = _rows(plain)
    assert all(re.fullmatch("[a-z_]+", one) for one in named)
    assert len(codes) == len(rows)
    assert len(head) == len(named) + 1  # the system
    if "lon" not in named:
        return
    for row, own in zip(rows, codes, strict=True):
        if own["lon"]:
            there = [float(own[one]) for one in ("lon", "lat")]
            shown = [float(row[one]) for one in ("经度", "纬度")]
            assert shown == pytest.approx([float(d) for d in from_wgs84(*there, "gcj02")], abs=2e-6)
            assert abs(shown[0] - there[0]) > 1e-3  # a hundred metres


def test_every_command_that_writes_a_list_has_both_options() -> None:
    have = {
        own.prog.removeprefix("riskmap ") for own in cli_manners.commands(cli._parser())
        if {"--headers", "--coords"} <= set(own._option_string_actions)
    }  # fmt: skip
    assert have == {*LISTS, "register import"} - {"stretches"}


@pytest.mark.parametrize("name", BOOKS)
def test_every_sheet_of_a_workbook_has_chinese_headings_and_no_code(here: Path, name: str) -> None:
    target = here / f"{name}.xlsx"
    assert main([*BOOKS[name], "--headers", "zh", "--coords", "bd09", "-o", str(target)]) == 0
    codes = {"red", "orange", "yellow", "blue", "primary", "tertiary", "rural", "urban",
             "labour_day", "eve", "congestion", "car", "truck"}  # fmt: skip
    for sheet in openpyxl.load_workbook(target):
        head, *rows = sheet.iter_rows(values_only=True)
        assert [one for one in head if not HAN.search(str(one))] == [], sheet.title
        cells = pd.DataFrame(rows, columns=head).drop(columns="代码", errors="ignore")
        assert set(cells.to_numpy(object).ravel()) & codes == set(), sheet.title
        if "经度" in head:
            assert {row[head.index("坐标系")] for row in rows} == {"BD-09"}


def test_a_register_is_taken_over_from_a_list_in_any_terms(here: Path) -> None:
    for headers, coords in (("zh", "gcj02"), ("en", "bd09"), ("names", "gcj02")):
        target, book = f"hazards-{headers}.csv", f"new-{headers}.sqlite"
        terms = ("--headers", headers, "--coords", coords)
        assert main(["register", "list", "book.sqlite", *terms, "-o", target]) == 0
        report = ("--headers", "zh", "-o", f"report-{headers}.csv")
        assert main(["register", "import", book, target, "--by", "A", *report]) == 0
        assert main(["register", "list", book, "--headers", "names", "-o", "back.csv"]) == 0
        (_, row), (_, was) = _rows("back.csv"), _rows_of_the_register(here)
        for one in ("lon", "lat"):
            assert float(row[one]) == pytest.approx(float(was[one]), abs=2e-6)
        assert (row["layer"], row["status"]) == (was["layer"], was["status"])
        assert "处理结果" in _rows(f"report-{headers}.csv")[0]


def _rows_of_the_register(here: Path) -> list[dict[str, str]]:
    target = here / "was.csv"
    assert main(["register", "list", "book.sqlite", "--headers", "names", "-o", str(target)]) == 0
    return _rows(target)


@pytest.mark.usefixtures("here")
def test_a_register_keeps_the_words_of_its_language_unless_asked_otherwise() -> None:
    for lang, head in (("zh", "编号"), ("en", "No.")):
        assert main(["register", "list", "book.sqlite", "--lang", lang, "-o", "kept.csv"]) == 0
        assert next(iter(_rows("kept.csv")[0])) == head
    assert main(["register", "list", "book.sqlite", "-o", "kept.shp.zip"]) == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ((*LISTS["points"], "--headers", "zh"), "--headers zh: of what file? add -o FILE"),
        ((*LISTS["duty"], "--coords", "bd09"), "--coords bd09: of what file? add -o FILE"),
        ((*LISTS["outlook"], "--headers", "en"), "add -o FILE"),
        (("register", "list", "book.sqlite", "--headers", "zh"), "add -o FILE"),
        ((*LISTS["weather"], "--coords", "gcj02", "-o", "x.gpkg"), "always in WGS 84"),
        ((*LISTS["divert"], "--headers", "zh", "-o", "x.shp.zip"), "10 bytes of heading"),
        ((*LISTS["points"], "-o", "x.xlsx"), "written as .csv"),
        ((*LISTS["crashes"], "--coords", "bd09", "--density", "x.gpkg"), "always in WGS 84"),
        ((*LISTS["duty"], "--report", "x.xlsx"), "written as .csv"),
    ],
)
def test_terms_without_a_file_or_without_room_are_refused_before_any_work(
    here: Path, call: tuple[str, ...], said: str,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("riskmap.assessment.assess", None)
    before = sorted(here.iterdir())
    assert main(call) == 2
    complained = capsys.readouterr().err
    assert said in complained
    assert complained.count("\n") == 1
    assert sorted(here.iterdir()) == before


@pytest.mark.usefixtures("here")
def test_density_goes_with_the_report_in_the_same_terms() -> None:
    call = [*LISTS["crashes"], "--headers", "zh", "--coords", "bd09"]
    assert main([*call, "--density", "density.csv"]) == 0
    head, *rows = _rows("density.csv")
    assert "每公里每年事故起数" in head
    assert {row["坐标系"] for row in rows} == {"BD-09"}
    assert {row["道路类别"] for row in rows} == {"主干路", "支路"}


def test_the_words_over_a_column_are_those_of_its_kind_of_list() -> None:
    assert list_terms.heading("level", "zh") == "风险等级"
    assert list_terms.heading("level", "zh", "prone") == "挂牌督办"
    assert list_terms.heading("no_column", "zh", "prone") == "no_column"
    assert "挂牌督办" in list_terms.headings("level")
