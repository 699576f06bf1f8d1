"""The referral (隐患移交函): a letter to each road agency, with every hazard on a page and map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from riskmap import referral_words, wording
from riskmap.documents import maps, paper
from riskmap.documents.content import (
    Block,
    Break,
    Document,
    Fields,
    Heading,
    Items,
    Paragraph,
    Picture,
    Signature,
    Table,
)
from riskmap.locale import Lang, text
from riskmap.moments import today
from riskmap.osm import WGS84
from riskmap.wording import two

if TYPE_CHECKING:
    from riskmap.area import Area

MAP_HIGH = 260.0


def documents(area: Area, found: gpd.GeoDataFrame, lang: Lang) -> list[Document]:
    """
    Write a letter for every agency of a list.

    The addressee and the number of the letterhead are those of one letter: where there are
    several, each goes to its own agency, and its number is left to be written in.

    Parameters
    ----------
    found
        From `referrals.referrals`.
    """
    levels, letters = area.scores()["level"], list(found.groupby("who", sort=False))
    if len(letters) > 1:
        area = replace(area, office=replace(area.office, addressee="", number=""))
    return [_letter(area, str(who), own, levels, lang) for who, own in letters]


def _letter(
    area: Area, who: str, found: gpd.GeoDataFrame, levels: pd.Series, lang: Lang
) -> Document:
    office, count = area.office, len(found)
    rows = found.to_dict("records")
    blocks: list[Block] = [
        Paragraph(text("documents.referral.to", lang, who=office.addressee or who), flush=True),
        Paragraph(text("documents.referral.opening", lang, count=count)),
        Heading(paper.part(1, text("documents.referral.hazards", lang), lang)),
        Table(
            tuple(text(f"documents.referral.column.{key}", lang) for key in (
                "number", "hazard", "place", "near", "level",
            )),
            tuple(
                (str(number), row["hazard"], _place(row, lang), row["settlement"],
                 text(f"level.{row['level']}", lang))
                for number, row in enumerate(rows, 1)
            ),
            (0.07, 0.2, 0.43, 0.2, 0.1),
        ),
        Heading(paper.part(2, text("documents.referral.reasons", lang), lang)),
        *(Paragraph(said) for said in _reasons(area, found, lang)),
        Heading(paper.part(3, text("documents.referral.asks", lang), lang)),
        Paragraph(text("documents.referral.please", lang)),
        Paragraph(text("documents.referral.attached", lang, count=count)),
        Signature((office.unit, paper.day(today(), lang))),
        Fields((
            (text("documents.contact", lang), office.contact),
            (text("documents.phone", lang), office.phone),
        )),
    ]  # fmt: skip
    for number, (row, line) in enumerate(zip(rows, found.geometry, strict=True), 1):
        blocks += _hazard(area, number, row, line, levels, lang)
    return paper.document(
        area, "referral", lang, title=text("documents.referral.title", lang), blocks=blocks,
        name=f"{text('documents.referral.file', lang)}_{who}",
        number=office.number or text("documents.number", lang),
    )  # fmt: skip


def _reasons(area: Area, found: gpd.GeoDataFrame, lang: Lang) -> Iterator[str]:
    """Why each kind of hazard is one, in the words of its layer."""
    for name in found["layer"].unique():
        layer = area.layers[name]
        yield text("documents.referral.why", lang, title=layer.title[lang], why=layer.why[lang])


def _place(row: dict[str, Any], lang: Lang) -> str:
    """Roads, from where to where."""
    if not row["from"] and not row["to"]:
        return str(row["name"])
    return text("documents.from_to", lang, name=row["name"], first=row["from"], last=row["to"])


def _hazard(
    area: Area, number: int, row: dict[str, Any], line: Any,  # noqa: ANN401  # a geometry
    levels: pd.Series, lang: Lang,
) -> Iterator[Block]:
    """The page of one hazard: where, why, what is asked, and its map."""
    shown = maps.Shown(
        marks=maps.marks(area, [row["lon"]], [row["lat"]], [str(number)]),
        stretches=maps.in_metres(area, gpd.GeoSeries([line], crs=WGS84)),
        legend={
            "mark": text("documents.referral.mark", lang),
            "stretch": text("documents.referral.stretch", lang),
        },
    )  # fmt: skip
    told = {
        "place": _place(row, lang),
        "near": row["settlement"],
        "at": f"{row['lon']:.6f}, {row['lat']:.6f}",
        "length": f"{two(row['length_m'], lang)} {text('unit.metre', lang)}",
        "level": text(f"level.{row['level']}", lang),
        "saves": text(
            "documents.referral.saves", lang, saves=two(row["saves"], lang),
            harm=two(row["harm"], lang), low=two(row["low"], lang), high=two(row["high"], lang),
        ),
    }  # fmt: skip
    yield Break()
    yield Heading(text("documents.referral.page", lang, number=number, hazard=row["hazard"]))
    yield Fields(tuple(
        (text(f"documents.referral.field.{key}", lang), value) for key, value in told.items()
    ))  # fmt: skip
    yield Heading(text("documents.referral.reason", lang))
    yield Paragraph(text(
        "documents.referral.share", lang, why=area.layers[row["layer"]].why[lang],
        share=100 * row["share"],
    ))  # fmt: skip
    yield Heading(text("documents.referral.advice", lang))
    yield Items(wording.listed(row["asks"]))
    yield Picture(
        maps.svg(area, shown, levels, lang, height=MAP_HIGH),
        text("documents.referral.map", lang, number=number),
    )
    rests = [text("documents.referral.rests", lang, saves_is=row["saves_is"])]
    if area.layers[row["layer"]].strongest is not None:
        rests.append(text(
            "documents.referral.effect", lang, factor=f"{row['factor']:g}",
            grade=referral_words.graded(row["grade"], lang), source=row["source"],
        ))  # fmt: skip
    yield Paragraph(wording.joined(rests, lang), quiet=True)
