"""`--json`: every command prints what docs/command-line.md says, and nothing else."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

import pytest
from town import degrees, write

from riskmap import cli, cli_manners
from riskmap.cli import main
from riskmap.fetching import Fetched

PAGE = Path(__file__).parents[1] / "docs" / "command-line.md"
ROW = re.compile(
    r"^\| `([a-z ]+)` \| (one|list) \| (?:`([a-z_0-9, ]+)`)?(?:; besides `([a-z, ]+)`)?",
    re.MULTILINE,
)
TOLD = {
    name: (kind, *(cell.split(", ") if cell else [] for cell in keys))
    for name, kind, *keys in ROW.findall(
        PAGE.read_text(encoding="utf-8").replace("`layers list AREA`", "`layers list of an area`")
    )
}
"""Command → "one" or "list", the names that it always prints, and those that it may add."""
NODES: dict[int, Any] = {
    1: (0, 0), 2: (90, 0), 3: (180, 0), 4: (90, 90), 5: (90, 180),
    6: (60, 60, {"amenity": "school"}),
}  # fmt: skip
WAYS: dict[int, Any] = {
    1: ([1, 2, 3], {"highway": "primary", "name": "大街"}), 2: ([2, 4, 5], {"highway": "tertiary"}),
}  # fmt: skip
Told = Callable[..., Any]


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Told:
    """What a command in a folder with a town prints, as a strict reader reads it."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    write(folder / "town.osm.pbf", NODES, WAYS)

    def run(*words: str, fine: int = 0) -> Any:
        capsys.readouterr()
        assert main([*words, "--json"]) == fine, capsys.readouterr().err
        (line,) = capsys.readouterr().out.splitlines()
        return json.loads(line, parse_constant=_refuse)

    return run


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _agrees(name: str, found: Any) -> bool:
    kind, keys, more = TOLD[name]
    if kind == "one":
        own = list(found)
        return own[: len(keys)] == keys and set(own[len(keys) :]) <= set(more)
    return isinstance(found, list) and all(list(row) == keys for row in found if keys)


def test_the_table_of_the_page_has_every_command() -> None:
    names = {own.prog.removeprefix("riskmap ") for own in cli_manners.commands(cli._parser())}
    assert set(TOLD) - {"layers list of an area"} == names
    assert TOLD["fetch"][:2] == ("one", [field.name for field in fields(Fetched)])


def test_commands_on_an_area_print_the_names_of_the_page(told: Told) -> None:
    town = "town.osm.pbf"
    for name, *rest in (
        ("init", town, "-o", "area.toml"), ("hotspots", town, "-o", "list.csv"),
        ("score", town, "-o", "all.csv"), ("map", town, "-o", "map.html"),
        ("outlook", town, "--from", "2026-12-01", "--to", "2026-12-02"),
        ("weather", town, "--weather", "ice", "-o", "ice.csv"), ("divert", town, "-o", "ways.csv"),
        ("referrals", town, "-o", "referrals.csv"),
        ("changes", "list.csv", "list.csv", "-o", "changes.csv"), ("templates", "templates"),
        ("document duty", town, "--date", "2026-05-08", "--posts", "1", "-o", "sheet.pdf"),
        ("deploy", town, "--date", "2026-05-08", "--posts", "1", "-o", "plan.csv"),
    ):  # fmt: skip
        assert _agrees(name, told(*name.split(), *rest)), name
    with Path("list.csv").open(encoding="utf-8-sig") as file:
        (first, *_) = csv.DictReader(file)
    assert _agrees("explain", told("explain", town, first["segment_id"]))
    assert _agrees("layers list of an area", told("layers", "list", town))


def test_commands_without_an_area_print_the_names_of_the_page(told: Told) -> None:
    for name, *rest in (
        ("layers check",), ("layers list",), ("calendar", "--year", "2026"), ("campaigns list",),
        ("campaigns show", "drink_driving"), ("campaigns calendar", "--year", "2026"),
        ("completion", "zsh"),
    ):  # fmt: skip
        found = told(*name.split(), *rest)
        assert found
        assert _agrees(name, found), name


def test_a_register_prints_the_same_names_in_every_language(told: Told) -> None:
    lon, lat = degrees(0, 0)
    by, book = ("--by", "A"), "book.sqlite"
    added = told("register", "add", book, "--at", f"{lon},{lat}", "--due", "2026-06-01", *by)
    assert _agrees("register add", added)
    assert added == {"number": 1}
    rows = [told("register", "list", book, "--lang", lang) for lang in ("zh", "en")]
    assert rows[0] == rows[1]
    assert _agrees("register list", rows[0])
    assert rows[0][0]["due"] == "2026-06-01"
    assert rows[0][0]["layer"] == "hazard"
    for name, *rest in (("change", "--note", "N"), ("step", "verified"), ("undo",)):
        assert _agrees(f"register {name}", told("register", name, book, "1", *rest, *by))
    assert _agrees("register history", told("register", "history", book, "1"))
    told("register", "list", book, "-o", "list.csv")
    assert _agrees("register import", told("register", "import", "new.sqlite", "list.csv", *by))


def test_what_is_said_of_lists_and_records_has_the_names_of_the_page(told: Told) -> None:
    lon, lat = degrees(0, 0)
    Path("lists").mkdir()
    Path("lists/school.csv").write_text(f"name,lon,lat\nS,{lon},{lat}\n", encoding="utf-8")
    rows = told("points", "town.osm.pbf", "--points", "lists")
    assert rows
    assert _agrees("points", rows)
    days = "\n".join(f"2024-{month:02d}-01 08:00,{lon},{lat},minor" for month in range(1, 13))
    Path("own.csv").write_text(f"date,lon,lat,severity\n{days}\n", encoding="utf-8")
    assert _agrees("crashes", told("crashes", "town.osm.pbf", "--crashes", "own.csv"))
    prone = told("prone", "town.osm.pbf", "--crashes", "own.csv", "-o", "prone.csv")
    assert _agrees("prone", prone)
    assert _agrees("columns", told("columns", "own.csv"))
    log = f"unit,start,end,lon,lat\nA,2026-05-08 08:00,2026-05-08 09:00,{lon},{lat}\n"
    Path("log.csv").write_text(log, encoding="utf-8")
    assert _agrees("duty", told("duty", "town.osm.pbf", "log.csv"))


def test_what_is_measured_on_records_has_the_names_of_the_page(told: Told) -> None:
    # a road of the same class, too far away to be in the ring of the site
    far = {10 + step: (3000 + 90 * step, 0) for step in range(4)}
    road = ([*far], {"highway": "primary", "name": "远路"})
    write(Path("towns.osm.pbf"), NODES | far, WAYS | {9: road})
    places = [degrees(x, 0) for x in (90, 3010, 3100, 3200)]
    days = "\n".join(
        f"{year}-{month:02d}-01 08:00,{lon},{lat},minor"
        for year in range(2021, 2025) for month in range(1, 13) for lon, lat in places
    )  # fmt: skip
    Path("own.csv").write_text(f"date,lon,lat,severity\n{days}\n", encoding="utf-8")
    Path("sites.csv").write_text("lon,lat\n{},{}\n".format(*places[0]), encoding="utf-8")
    own = ("towns.osm.pbf", "--crashes", "own.csv")
    years = ("2021..2022", "2023..2024")
    found = told("backtest", *own, "--train", years[0], "--test", years[1], "--replicates", "20")
    assert _agrees("backtest", found)
    assert found["sentences"]
    assert found["table"]
    sites = ("--sites", "sites.csv", "--before", years[0], "--after", years[1])
    found = told("evaluate", *own, *sites)
    assert _agrees("evaluate", found)
    assert found["sentences"]
    assert all(found[name] for name in ("effect", "raw", "comparison"))


def test_a_fault_prints_no_json(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="not enough values"):
        told("hotspots", "none.osm", "-o", "a.csv", fine=2)
    assert main(["hotspots", "none.osm", "-o", "a.csv", "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
