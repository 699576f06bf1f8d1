"""The public travel notice (出行提示): when and where, ways round, what to mind; no posts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from riskmap import briefing, wording
from riskmap.documents import paper, periods
from riskmap.documents.content import Block, Document, Fields, Heading, Items, Paragraph
from riskmap.locale import Lang, text
from riskmap.outlook import Outlook
from riskmap.vocabulary import ROAD_CLASSES

if TYPE_CHECKING:
    from riskmap.area import Area

ROADS = 8
TIPS = 5
HOURS = 3
WAYS = 4


def documents(
    found: Outlook, ways: gpd.GeoDataFrame, lang: Lang, *, holiday: str = ""
) -> list[Document]:
    """
    Tell the public of a period.

    Parameters
    ----------
    found
        From `outlook.outlook`.
    ways
        From `diversions.plan`, of the same period.
    holiday
        Its name, if it is one.
    """
    area = found.area
    named = text(f"holiday.{holiday}", lang) if holiday else periods.span(found, lang)
    first, *picture = periods.roads(found, lang, most=ROADS, public=True)
    blocks: list[Block] = [Paragraph(_when(found, lang))]
    if picture:
        blocks.append(Heading(text("documents.notice.roads", lang)))
    blocks.append(first)
    if round_ := _ways(ways, lang):
        blocks += [Heading(text("documents.notice.ways", lang)), Items(round_)]
    blocks += [
        Heading(text("documents.notice.tips", lang)),
        Items((*_tips(area, found.layers, lang), text("documents.notice.always", lang))),
        *picture,
        Paragraph(text("documents.notice.call", lang)),
    ]
    if area.office.phone:
        blocks.append(Fields(((text("documents.phone", lang), area.office.phone),)))
    return [paper.document(
        area, "notice", lang, title=text("documents.notice.title", lang, named=named),
        blocks=blocks, name=f"notice_{found.days.index[0]:%Y-%m-%d}",
    )]  # fmt: skip


def _when(found: Outlook, lang: Lang) -> str:
    """The days and hours to avoid, by the harm that is expected in them."""
    days = found.days
    by_hour = found.hours["harm"].groupby(found.hours.index.hour).mean().nlargest(HOURS)
    hours = wording.joined(
        [text("when.hours", lang, hour=first, next=end) for first, end in _joined(by_hour.index)],
        lang,
    )
    if len(days) == 1:
        return text("documents.notice.on", lang, day=periods.span(found, lang), hours=hours)
    worst = days.loc[days["harm"].idxmax()]
    return text(
        "documents.notice.when", lang, span=periods.span(found, lang), hours=hours,
        day=f"{paper.day(worst.name.date(), lang)} {briefing.of_day(worst, lang)}",
    )  # fmt: skip


def _joined(hours: Iterable[int]) -> list[tuple[int, int]]:
    """Join hours that follow each other: where they begin and end."""
    spans: list[tuple[int, int]] = []
    for hour in sorted(hours):
        first = spans.pop()[0] if spans and spans[-1][1] == hour else hour
        spans.append((first, hour + 1))
    return spans


def _ways(ways: gpd.GeoDataFrame, lang: Lang) -> tuple[str, ...]:
    """Ways round for cars on roads that have a name to follow, one for each jam and direction."""
    if ways.empty:
        return ()
    own = ways[((ways["status"] == "found") & (ways["vehicle"] == "car")).to_numpy()]
    words = {text(f"road_class.{name}", lang) for name in ROAD_CLASSES}
    own = own[[words.isdisjoint(via.split(" → ")) for via in own["via"]]].head(WAYS)
    return tuple(
        text("documents.notice.way", lang, name=row["name"], direction=row["direction"],
             via=row["via"])
        for row in own.to_dict("records")
    )  # fmt: skip


def _tips(area: Area, layers: pd.DataFrame, lang: Lang) -> tuple[str, ...]:
    """What to mind: what the layers that rise most tell road users."""
    rises = (layers["share_of_normal"] >= periods.LEAST).to_numpy()
    rising = (area.layers[name] for name in layers.index[rises] if name in area.layers)
    told = [layer for layer in rising if layer.advice.get("public")]
    return tuple(
        text("documents.notice.tip", lang, title=layer.title[lang],
             what=wording.joined((own[lang] for own in layer.advice["public"]), lang))
        for layer in told[:TIPS]
    )  # fmt: skip
