"""Columns of dates and of hours: which is which, whatever they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from riskmap.cells import plain
from riskmap.record_cells import dates, hours, now
from riskmap.sheets import Sheet

WORDS = ("date", "hour")
LOOKED_AT = 200
"""Filled cells of a column that say what it is."""
MOST = 0.5

Named = tuple[str, Sequence[str]]
"""Heading of a column, and its cells."""


def told_apart(sheet: Sheet) -> Sheet:
    """
    Sheet whose dates stand under "date" and whose clock times under "hour".

    A column 事故时间 may hold a day, a day and its hour, or beside 事故日期 the hour alone: what
    most of its cells are decides. Of two columns of days one that has hours too comes first, where
    no other column has them.
    """
    before = {word: _columns(sheet, word) for word in WORDS}
    found: dict[str, list[Named]] = {word: [] for word in WORDS}
    for word, columns in before.items():
        for named in columns:
            found[_kind(word, named[1])].append(named)
    if len(found["date"]) > 1 and not found["hour"]:
        found["date"].sort(key=lambda named: not _timed(named[1]))
    if found == before:
        return sheet
    headings, cells, others = dict(sheet.headings), dict(sheet.cells), dict(sheet.others)
    for word, columns in found.items():
        for table in (headings, cells, others):
            table.pop(word, None)
        if columns:
            headings[word], cells[word] = columns[0]
            others[word] = columns[1:]
    return replace(sheet, headings=headings, cells=cells, others=others)


def _columns(sheet: Sheet, word: str) -> list[Named]:
    if word not in sheet.cells:
        return []
    return [(sheet.headings[word], sheet.cells[word]), *sheet.others.get(word, ())]


def _kind(word: str, cells: Sequence[str]) -> str:
    """What most cells of a column are; its heading decides where they could be both, or neither."""
    some = _some(cells)
    if not some:
        return word
    share = {
        "date": (dates(some, now())["year"] > 0).mean(),
        "hour": (hours(some)[0] >= 0).mean(),
    }
    (other,) = set(WORDS) - {word}
    return other if share[word] <= MOST < share[other] else word


def _timed(cells: Sequence[str]) -> bool:
    some = _some(cells)
    return bool(some) and bool((dates(some, now())["hour"] >= 0).mean() > MOST)


def _some(cells: Sequence[str]) -> list[str]:
    filled = (cell for cell in cells if plain(cell))
    return [cell for cell, _ in zip(filled, range(LOOKED_AT), strict=False)]
