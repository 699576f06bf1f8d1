"""The notebooks hold no output and read in both languages; `test_repository` runs them."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "docs" / "notebooks"
NAMES = ("add_a_layer", "backtest_your_records", "score_your_county")
LARGEST = 12_000


def _read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]


def test_there_are_these_notebooks_and_no_others() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_small_has_no_output_and_a_title_in_both_languages(name: str) -> None:
    assert (FOLDER / f"{name}.ipynb").stat().st_size < LARGEST
    book = _read(name)
    nbformat.validate(book)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in book.cells)
    titles = [
        line for cell in book.cells if cell.cell_type == "markdown"
        for line in cell.source.splitlines() if line.startswith("#")
    ]  # fmt: skip
    assert len(titles) >= 4
    for title in titles:
        assert any("\u4e00" <= character <= "\u9fff" for character in title), title
        assert any(character.isascii() and character.isalpha() for character in title), title
