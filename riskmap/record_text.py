"""Text of a file of crash records as it may be repeated: headings, notes, names, faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from riskmap.cells import plain
from riskmap.errors import RiskmapError
from riskmap.record_persons import PERSONAL
from riskmap.sheets import Sheet, without_bracket

WORD = 16
"""A longer severity is no word for one: it may tell who was hurt."""


def masked(text: str) -> str:
    """Text with "…" for each identity number, telephone, plate and address for mail in it."""
    bare = plain(text)
    return PERSONAL.sub("…", bare) if PERSONAL.search(bare) else text


@contextmanager
def masking() -> Iterator[None]:
    """Let no error from within repeat what `masked` takes out, nor be caused by one that does."""
    try:
        yield
    except RiskmapError as fault:
        said = masked(str(fault))
        if said == str(fault):
            raise
        raise RiskmapError(said) from None


def names_of(paths: Iterable[Path]) -> list[str]:
    """Names of files as they may be repeated; those that are alike then are numbered."""
    found: list[str] = []
    for path in paths:
        name, number = masked(path.name), 2
        while name in found:
            name, number = f"{masked(path.name)} ({number})", number + 1
        found.append(name)
    return found


def repeatable(sheet: Sheet, name: str) -> Sheet:
    """Sheet of that name whose headings and notes may be repeated; its cells are as they were."""
    return replace(
        sheet,
        path=sheet.path.with_name(name),
        headings={word: _heading(text) for word, text in sheet.headings.items()},
        others={
            word: [(_heading(text), cells) for text, cells in columns]
            for word, columns in sheet.others.items()
        },
        notes=[
            (key, {name: masked(v) if isinstance(v, str) else v for name, v in values.items()})
            for key, values in sheet.notes
        ],
    )


def severity_shown(cell: str) -> str:
    """Word for a severity that nobody knows, "…" for what is too long for one or holds digits."""
    short = len(cell) <= WORD and not any(char.isdigit() for char in cell)
    return cell if short else "…"


def _heading(text: str) -> str:
    """Heading without what stands in brackets behind it: nothing is known by that."""
    return masked(without_bracket(text))
