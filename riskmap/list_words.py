"""Codes in the cells of a list, in the words of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

import pandas as pd

from riskmap.locale import Lang, text
from riskmap.risk import LEVELS
from riskmap.when_words import peak, worded

Table = TypeVar("Table", bound=pd.DataFrame)

SPOKEN: tuple[Lang, ...] = ("zh",)
"""Languages whose headings stand over words; under any others cells stay codes for machines."""
_LEVELS = (*LEVELS, "unknown")


def _level(cell: str, lang: Lang) -> str:
    # of an accident-prone section it says who must act
    return worded("level" if cell in _LEVELS else "records.level", cell, lang)


def _kind(cell: str, lang: Lang) -> str:
    """Kind of place of accident-prone sections, or kind of day."""
    place = worded("records.kind", cell, lang)
    return place if place != cell else worded("when", cell, lang)


WORDS: Mapping[str, Callable[[str, Lang], str]] = {
    **dict.fromkeys(
        ("level", "level_before", "level_after", "level_normal", "worst_level", "ordinary_km"),
        _level,
    ),
    "road_class": lambda cell, lang: worded("road_class", cell, lang),
    "area": lambda cell, lang: worded("road_area", cell, lang),
    "peak": peak,
    "worst_hour": peak,
    "change": lambda cell, lang: worded("changes", cell, lang),
    "action": lambda cell, lang: worded("badweather", cell, lang),
    "kind": _kind,
    "holiday": lambda cell, lang: worded("holiday", cell, lang),
    "phase": lambda cell, lang: worded("phase", cell, lang),
    "vehicle": lambda cell, lang: worded("vehicle", cell, lang),
    "status": lambda cell, lang: worded("way_round", cell, lang),
    "outcome": lambda cell, lang: worded("import.outcome", cell, lang),
    "layer": lambda cell, lang: worded("list_of", cell, lang),
    "about": lambda cell, lang: worded("heading.about_is", cell, lang),
}
"""Column → words for its codes. What is no code stays as it is."""


def spoken(table: Table, headers: str) -> Table:
    """Put words in the place of codes, and of yes and no, where the headings are words too."""
    if headers not in SPOKEN:
        return table
    lang: Lang = next(own for own in SPOKEN if own == headers)
    result = table.copy()
    for name in table.columns:
        if pd.api.types.is_bool_dtype(table[name].dtype):
            answers = {True: text("word.yes", lang), False: text("word.no", lang)}
            put(result, name, answers)
        elif name in WORDS:
            codes = {cell for cell in table[name] if isinstance(cell, str) and cell}
            put(result, name, {cell: WORDS[name](cell, lang) for cell in codes})
    return result


def put(table: pd.DataFrame, name: str, words: Mapping[Any, str]) -> None:
    """Put words in the place of what a column says, in the table itself; the rest stays."""
    cells = [words.get(cell, cell) for cell in table[name]]
    table[name] = pd.Series(cells, table.index, dtype=object)


def levels(lang: str) -> dict[str, str]:
    """Level → how it stands in a list whose headings are in a language."""
    return {
        level: text(f"level.{level}", lang) if lang in SPOKEN else level for level in _LEVELS
    }


def level_of(cell: str) -> str:
    """Level that a cell tells, as a code or in words; what is none stays as it is."""
    return _told().get(cell, cell)


@cache
def _told() -> Mapping[str, str]:
    return {word: level for lang in SPOKEN for level, word in levels(lang).items()}
