"""The page of all layers is what the tool writes from the files, and says what they say."""

import importlib.util
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from riskmap.layer import Layer
from riskmap.layers import read_layers
from riskmap.resources import packaged

ROOT = Path(__file__).parents[1]


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tool", ROOT / "tools" / "layers_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()
SHIPPED = read_layers()


def rows(page: str) -> list[list[str]]:
    """Read the cells of the table back."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_page_is_the_one_that_the_files_give() -> None:
    written = (ROOT / "docs" / "layers.md").read_text(encoding="utf-8")
    assert written == TOOL.page(SHIPPED), "stale: run `python tools/layers_table.py`"


def test_there_is_one_row_for_every_number_and_it_is_that_number() -> None:
    numbers = [
        number
        for layer in SHIPPED.values()
        for number in (*layer.effects, layer.touch.relieved)
        if number
    ]
    expected = [[f"{number.factor:g}", number.grade, number.source] for number in numbers]
    assert [row[5:] for row in rows(TOOL.page(SHIPPED))] == expected


def test_every_row_has_all_its_cells() -> None:
    assert {len(row) for row in rows(TOOL.page(SHIPPED))} == {8}


@pytest.mark.parametrize("own", SHIPPED.values(), ids=lambda own: own.name)
def test_a_layer_stands_there_once_by_both_titles(own: Layer) -> None:
    page = TOOL.page(SHIPPED)
    assert page.count(f"**{own.title['zh']}** {own.title['en']} (`{own.name}`)") == 1


def test_the_judgements_are_counted() -> None:
    page = TOOL.page(SHIPPED)
    judged = sum(row[7] == "judgement" for row in rows(page))
    count = re.search(r"\*\*(\d+) layers, (\d+) numbers: .* D (\d+) \(judgements\)\.\*\*", page)
    assert count is not None
    assert [int(number) for number in count.groups()] == [
        len(SHIPPED), len(rows(page)), judged,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("water", "factor = 1.8", "factor = 1.9"),
        ("water", "reach_m  = 20", "reach_m  = 25"),
        ("curve", "max = 500", "max = 450"),
        ("school", "16:30", "16:20"),
        ("cemetery", "[-7, 2]", "[-6, 2]"),
        ("icing_bridge", '["ice"]', '["ice", "rain"]'),
        ("narrow", "oneway = false", "oneway = true"),
        ("dark", "unknown = 0.85", "unknown = 0.80"),
        ("level_crossing", 'osm.supervised = ["no"]', 'osm.supervised = ["none"]'),
        ("access", '"trunk", "primary"', '"trunk"'),
        ("depot", "50000", "40000"),
        ("nightlife", "cap      = 10", "cap      = 12"),
        ("people", "amount = 0.57", "amount = 0.7"),
        ("congestion", "overrides = true", "overrides = false"),
    ],
)
def test_the_page_shows_any_change_of_a_file(
    name: str, old: str, new: str, tmp_path: Path
) -> None:
    folder = tmp_path / "layers"
    shutil.copytree(packaged("layers"), folder)
    path = folder / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert TOOL.page(read_layers(folder)) != TOOL.page(SHIPPED)
