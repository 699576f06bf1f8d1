"""The briefing (研判报告) of a week or any period, and the plan of a holiday (节假日方案)."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd

from riskmap import briefing, campaign_rounds, campaigns, wording
from riskmap.documents import paper, periods
from riskmap.documents.content import Block, Document, Heading, Items, Paragraph, Table
from riskmap.locale import Lang, text
from riskmap.outlook import Outlook
from riskmap.risk import BASES

ROADS = 10
LAYERS = 6
PLACES = 3
"""Places to be on each day that are worked out for a document."""
WAYS = 12
"""Ways round in a plan; `riskmap divert` lists all."""


def briefings(found: Outlook, positions: pd.DataFrame, lang: Lang) -> list[Document]:
    """
    Write the assessment of a period.

    Parameters
    ----------
    found
        From `outlook.outlook`.
    positions
        From `holiday_plan.positions`, of the same period.
    """
    said = briefing.parts(found, lang)
    blocks: list[Block] = [
        *_part(1, "documents.briefing.when", said["when"], lang), periods.days(found, lang),
        *_part(2, "documents.briefing.why", said["why"], lang), _layers(found, lang),
        *_part(3, "documents.briefing.where", said["where"], lang),
        *periods.roads(found, lang, most=ROADS),
    ]
    levels = found.area.scores(found.period)["level"]
    blocks += [
        *_part(4, "documents.briefing.acts", [text("documents.briefing.acts_are", lang)], lang),
        *periods.places(found.area, positions, levels, lang),
    ]
    number = 5
    if asked := _campaigns(found, lang):
        blocks += [*_part(number, "documents.briefing.campaigns", [], lang), Items(tuple(asked))]
        number += 1
    blocks += _part(number, "documents.briefing.honest", said["honest"], lang)
    return [_report(found, "briefing", "documents.briefing.title", blocks, lang)]


def holidays(
    found: Outlook, positions: pd.DataFrame, ways: gpd.GeoDataFrame, name: str, lang: Lang
) -> list[Document]:
    """
    Write the plan of a holiday.

    Parameters
    ----------
    found, positions
        As of `briefings`.
    ways
        From `diversions.plan`.
    name
        Of the holiday; a campaign of that name adds what it asks.
    """
    said = briefing.parts(found, lang)
    levels = found.area.scores(found.period)["level"]
    blocks: list[Block] = [
        *_part(1, "documents.holiday.when", [*said["when"], *said["why"]], lang),
        periods.days(found, lang),
        *_part(2, "documents.holiday.roads", said["where"], lang),
        *periods.roads(found, lang, most=ROADS),
        *_part(3, "documents.holiday.places", [text("documents.briefing.acts_are", lang)], lang),
        *periods.places(found.area, positions, levels, lang),
        *_part(4, "documents.holiday.ways", [], lang), *_ways(ways, lang),
    ]
    number = 5
    campaign = campaigns.read_campaigns(layers=found.area.layers).get(name)
    if campaign is not None:
        blocks += [
            *_part(number, "documents.holiday.acts", [campaign.why[lang]], lang),
            Items(
                tuple(own[lang] for own in (*campaign.duty.watch, *campaign.duty.act)), boxes=True
            ),
        ]
        if campaign.duty.partners:
            named = wording.joined([own[lang] for own in campaign.duty.partners], lang)
            blocks.append(Paragraph(text("deploy.partners", lang, names=named)))
        number += 1
    blocks += _part(number, "documents.briefing.honest", said["honest"], lang)
    title = text(
        "documents.holiday.title", lang, name=text(f"holiday.{name}", lang),
        year=found.days.index[-1].year,
    )  # fmt: skip
    return [_report(found, "holiday", title, blocks, lang)]


def _report(
    found: Outlook, kind: str, title: str, blocks: list[Block], lang: Lang
) -> Document:
    area, first = found.area, found.days.index[0]
    said = text(title, lang) if title.startswith("documents.") else title
    return paper.document(
        area, kind, lang, title=said, blocks=blocks, name=f"{kind}_{first:%Y-%m-%d}",
        number=area.office.number or text("documents.number", lang),
        facts=(periods.span(found, lang),),
    )  # fmt: skip


def _part(number: int, key: str, said: list[str], lang: Lang) -> Iterator[Block]:
    yield Heading(paper.part(number, text(key, lang), lang))
    yield from (Paragraph(own) for own in said)


def _layers(found: Outlook, lang: Lang) -> Table:
    """What moves the harm most, up or down."""
    own = found.layers[~found.layers.index.isin([*BASES.values(), "cap"])]
    own = own.loc[own["rise"].abs().sort_values(ascending=False, kind="stable").index[:LAYERS]]
    return Table(
        tuple(text(f"documents.briefing.{key}", lang) for key in ("layer", "share")),
        tuple(
            (row["title"], wording.by(1.0 + row["share_of_normal"], lang))
            for row in own.to_dict("records")
        ),
        (0.6, 0.4),
    )  # fmt: skip


def _campaigns(found: Outlook, lang: Lang) -> list[str]:
    """Name the campaigns of which a phase has a day in the period."""
    calendar = found.area.model.almanac.calendar
    return list(dict.fromkeys(
        text(
            "documents.briefing.campaign", lang, title=campaign.title[lang],
            phase=phase.title[lang], task=phase.task[lang],
        )
        for campaign in campaigns.read_campaigns(layers=found.area.layers).values()
        for day in found.days.index
        for phase in campaign_rounds.phases(campaign, day.date(), calendar)
    ))  # fmt: skip


def _ways(ways: gpd.GeoDataFrame, lang: Lang) -> Iterator[Block]:
    """The ways round the expected jams, the first of them, and how many there are besides."""
    found = ways[(ways["status"] == "found").to_numpy()]
    if found.empty:
        key = "no_way" if len(ways) else "no_jam"
        yield Paragraph(text(f"documents.holiday.{key}", lang))
        return
    head = ("jam", "direction", "vehicle", "via", "more")
    yield Table(
        tuple(text(f"documents.holiday.column.{key}", lang) for key in head),
        tuple(
            (row["name"], row["direction"], text(f"vehicle.{row['vehicle']}", lang), row["via"],
             text("documents.holiday.more", lang, km=round(row["extra_m"] / 1000.0, 1) + 0.0,
                  minutes=round(row["extra_min"], 1) + 0.0))
            for row in found.head(WAYS).to_dict("records")
        ),
        (0.24, 0.1, 0.1, 0.36, 0.2),
    )  # fmt: skip
    yield Paragraph(text(
        "documents.holiday.ways_are", lang, shown=min(len(found), WAYS), found=len(found),
        without=len(ways) - len(found),
    ), quiet=True)  # fmt: skip
