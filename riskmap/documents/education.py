"""The education list (宣传教育清单): which villages, schools and depots, and what to tell them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from riskmap.documents import maps, paper, places
from riskmap.documents.content import (
    Block,
    Document,
    Heading,
    Items,
    Paragraph,
    Picture,
    Table,
)
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.moments import today
from riskmap.wording import two

if TYPE_CHECKING:
    from riskmap.area import Area

GROUPS = {
    "villages": ("village",), "schools": ("school", "kindergarten"),
    "depots": ("depot",), "old": ("young_old",),
}  # fmt: skip
"""Parts of the list, by layers; a layer that an area does not have is left out."""


def documents(area: Area, lang: Lang, *, most: int = 10) -> list[Document]:
    """
    List the places to go to, by kind, what adds most harm first, and what to tell there.

    Parameters
    ----------
    most
        How many places of each kind.
    """
    if most < 1:
        raise RiskmapError(f"--most {most}: must be 1 or more")
    total = float(area.model.harm().sum())
    levels = area.scores()["level"]
    blocks: list[Block] = [Paragraph(text("documents.education.opening", lang))]
    found = grouped(area, lang)
    for number, (group, table) in enumerate(found.items(), 1):
        title = paper.part(number, text(f"documents.education.{group}", lang), lang)
        blocks += [Heading(title), *_part(area, table.head(most), total, levels, lang)]
    if not found:
        blocks.append(Paragraph(text("documents.education.none", lang)))
    return [paper.document(
        area, "education", lang, title=text("documents.education.title", lang), blocks=blocks,
        number=area.office.number or text("documents.number", lang),
        facts=(paper.day(today(), lang),),
    )]  # fmt: skip


def grouped(area: Area, lang: Lang) -> dict[str, pd.DataFrame]:
    """List all places that add harm by group, see `places.around`; a group without any is not."""
    found = {}
    for group, names in GROUPS.items():
        known = [own for own in names if own in area.layers and places.apt(area, own)]
        table = places.around(area, known, lang)
        if (table["added"] > 0).any():
            found[group] = table[table["added"] > 0]
    return found


def _part(
    area: Area, table: pd.DataFrame, total: float, levels: pd.Series, lang: Lang
) -> Iterator[Block]:
    for name in dict.fromkeys(table["layer"]):
        layer = area.layers[name]
        yield Paragraph(text(
            "documents.education.why", lang, title=layer.title[lang], why=layer.why[lang]
        ))
        if told := tuple(own[lang] for own in layer.advice.get("education", ())):
            yield Items(told)
    yield Table(
        tuple(text(f"documents.education.column.{key}", lang) for key in (
            "number", "place", "near", "roads", "share", "done",
        )),
        tuple(
            (str(number), row["name"] or text("documents.education.unnamed", lang), row["near"],
             row["roads"], f"{two(100 * row['added'] / total, lang)} %", "")
            for number, row in enumerate(table.to_dict("records"), 1)
        ),
        (0.06, 0.23, 0.2, 0.25, 0.13, 0.13),
    )  # fmt: skip
    shown = maps.Shown(
        marks=tuple(
            maps.Mark(row["x"], row["y"], str(number))
            for number, row in enumerate(table.to_dict("records"), 1)
        ),
        legend={"mark": text("documents.education.mark", lang)},
    )
    yield Picture(
        maps.svg(area, shown, levels, lang, height=240.0), text("documents.education.map", lang)
    )
