"""What every document has: head, data date, method, what is simulated, and a name for its file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from riskmap import __version__, simulated
from riskmap.documents.content import Block, Document
from riskmap.locale import Lang, text
from riskmap.moments import today

if TYPE_CHECKING:
    from riskmap.area import Area

_UNFIT = re.compile(r'[\\/:*?"<>|\s\x00-\x1f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff]+')
"""What no file may be called on one system or another, and what hides how it ends."""
_TAKEN = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""What Windows calls something else."""
_NUMERALS = "一二三四五六七八九"
LONGEST = 120
"""Bytes of a file's name without its ending."""


def document(
    area: Area,
    kind: str,
    lang: Lang,
    *,
    title: str,
    blocks: Iterable[Block],
    name: str = "",
    facts: Iterable[str] = (),
    number: str = "",
) -> Document:
    """Make a document of an area, with what all of them say."""
    office, unreal = area.office, simulated.what(area, lang)
    return Document(
        kind=kind, lang=lang, name=fit(name or kind), title=title, unit=office.unit,
        blocks=tuple(blocks), number=number, facts=tuple(facts),
        stamp=text("documents.simulated", lang, what=unreal) if unreal else "",
        notes=notes(area, lang),
        words={"page": text("documents.page", lang, page="|", pages="|").split("|")},
    )  # fmt: skip


def notes(area: Area, lang: Lang) -> tuple[str, ...]:
    """Data date, method, and what the figures rest on."""
    learned = "learned" if area.learned else "prior"
    said = [
        text(
            "documents.data", lang, area=area.name,
            date=area.data_date[:10] or text("word.unknown", lang), made=today().isoformat(),
        ),
        text("documents.method", lang, version=__version__) + text(f"documents.{learned}", lang),
    ]  # fmt: skip
    if unreal := simulated.what(area, lang):
        said.append(text("documents.is_simulated", lang, what=unreal))
    return tuple(said)


def part(number: int, said: str, lang: Lang) -> str:
    """Number the heading of a part, with a Chinese numeral in Chinese."""
    return f"{_NUMERALS[number - 1]}、{said}" if lang == "zh" else f"{number}. {said}"


def day(date: dt.date, lang: Lang) -> str:
    """A date as a letter writes it."""
    return text("documents.day", lang, year=date.year, month=date.month, day=date.day)


def fit(name: str) -> str:
    """A name that any system takes for a file."""
    short = _UNFIT.sub("_", name).strip("._").encode()[:LONGEST]
    found = short.decode("utf-8", "ignore") or "document"
    return f"_{found}" if _TAKEN.fullmatch(found) else found
