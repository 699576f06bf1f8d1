"""What a document is before it has a form: headings, paragraphs, tables, lists, fields, maps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from riskmap.wording import cleaned

_TURNS = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of the words around it: a list keeps it, a page must not be turned."""


@dataclass(frozen=True)
class Heading:
    """A heading of a part."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a `quiet` one is a note in small print, a `flush` one begins at the margin."""

    text: str
    quiet: bool = False
    flush: bool = False


@dataclass(frozen=True)
class Items:
    """A list; one with `boxes` is to be ticked off."""

    items: tuple[str, ...]
    boxes: bool = False


@dataclass(frozen=True)
class Table:
    """Rows below a head; `widths` are shares of the page's."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True)
class Fields:
    """Labels with values, two beside each other; an empty value is a line to write on."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Picture:
    """A map as SVG, with what it shows."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Break:
    """What follows begins on a new page."""


@dataclass(frozen=True)
class Signature:
    """The end of a letter: who and when; an empty line is to be written on."""

    lines: tuple[str, ...]


Block = Heading | Paragraph | Items | Table | Fields | Picture | Break | Signature


@dataclass(frozen=True)
class Document:
    """
    One document, every word of it in its language.

    `kind` names its template, `unit` is who issues it, `number` its number, `facts` stand below the
    title, `notes` at the end: data date, method, what is simulated. `stamp` is a mark at the top
    such as that of simulated data. `name` is fit for a file.
    """

    kind: str
    lang: str
    name: str
    title: str
    unit: str
    blocks: tuple[Block, ...]
    number: str = ""
    facts: tuple[str, ...] = ()
    stamp: str = ""
    notes: tuple[str, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)


def plain(document: Document) -> dict[str, Any]:
    """A document as plain values for a template: every block names its `type`."""
    blocks = [
        {"type": type(block).__name__.lower(), **asdict(block)} for block in document.blocks
    ]
    return dict(printable({**asdict(document), "blocks": blocks}))


def printable(value: Any) -> Any:  # noqa: ANN401  # plain values, nested
    """Text without control characters and turns, however deep it lies."""
    if isinstance(value, str):
        return _TURNS.sub("", cleaned(value))
    if isinstance(value, Mapping):
        return {key: printable(own) for key, own in value.items()}
    return [printable(own) for own in value] if isinstance(value, list | tuple) else value


def letters(documents: Iterable[Document]) -> str:
    """All characters of some documents, each once."""
    found: set[str] = set()

    def add(value: Any) -> None:  # noqa: ANN401  # plain values, nested
        if isinstance(value, str):
            found.update(value)
        elif isinstance(value, Mapping):
            for own in value.values():
                add(own)
        elif isinstance(value, list):
            for own in value:
                add(own)

    for document in documents:
        add(plain(document))
    return "".join(sorted(found))
