"""What the documents of a period share: its days, roads, places to be, and their maps."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap import briefing, wording
from riskmap.documents import maps, paper
from riskmap.documents.content import Paragraph, Picture, Table
from riskmap.locale import Lang, text
from riskmap.outlook import Outlook

if TYPE_CHECKING:
    from riskmap.area import Area

REASONS = 2
LEAST = 0.005
"""Share of the ordinary harm from which on something rises: less would be written +0 %."""


def span(found: Outlook, lang: Lang) -> str:
    """First and last day of a period."""
    days = found.days.index
    first, last = (paper.day(day.date(), lang) for day in days[[0, -1]])
    return first if first == last else f"{first} – {last}"


def days(found: Outlook, lang: Lang) -> Table:
    """Every day: what it is, how it compares, and its worst hour."""
    head = ("day", "kind", "by", "hour")
    table = found.days
    return Table(
        tuple(text(f"documents.period.{key}", lang) for key in head),
        tuple(
            (
                briefing.named_day(table.iloc[row], lang),
                text(f"when.{table['kind'].iloc[row]}", lang),
                wording.by(float(table["times"].iloc[row]), lang),
                text("when.hours", lang, hour=table["peak_hour"].iloc[row],
                     next=table["peak_hour"].iloc[row] + 1),
            )
            for row in range(len(table))
        ),
        (0.4, 0.2, 0.2, 0.2),
    )  # fmt: skip


def roads(
    found: Outlook, lang: Lang, *, most: int, public: bool = False
) -> tuple[Table, Picture] | tuple[Paragraph]:
    """
    Number the roads whose harm rises most and show where they are; `public` without figures.

    Where no road rises there is one sentence that says so.
    """
    table = found.roads[found.roads["rise"] >= LEAST * found.roads["normal"]].head(most)
    if table.empty:
        return (Paragraph(text("documents.period.none", lang)),)
    head = ("number", "road", "peak", "why") if public else ("number", "road", "by", "peak", "why")
    rows = []
    for number, row in enumerate(table.to_dict("records"), 1):
        day, hour = row["peak"][:10], int(row["peak"][-2:])
        date = paper.day(dt.date.fromisoformat(day), lang) if public else day[5:]
        cells = [
            str(number), row["road"],
            f"{date} {text('when.hours', lang, hour=hour, next=hour + 1)}",
            plainly(found.area, row["reasons"], lang) if public
            else causes(row["reasons"], lang),
        ]  # fmt: skip
        if not public:
            cells.insert(2, wording.by(row["times"], lang))
        rows.append(tuple(cells))
    widths = (0.06, 0.3, 0.24, 0.4) if public else (0.06, 0.26, 0.12, 0.2, 0.36)
    shown = maps.Shown(
        marks=maps.marks(
            found.area, table["lon"], table["lat"], [str(n + 1) for n in range(len(table))]
        ),
        stretches=maps.in_metres(found.area, table.geometry),
        legend={"mark": text("documents.period.mark", lang),
                "stretch": text("documents.period.stretch", lang)},
    )  # fmt: skip
    levels = found.area.scores(found.period)["level"]
    return (
        Table(tuple(text(f"documents.period.{key}", lang) for key in head), tuple(rows), widths),
        Picture(
            maps.svg(found.area, shown, levels, lang, height=360.0),
            text("documents.period.map", lang),
        ),
    )  # fmt: skip


def causes(reasons: str, lang: Lang) -> str:
    """The first reasons of a list, with their shares."""
    return wording.joined(wording.listed(reasons)[:REASONS], lang)


def plainly(area: Area, reasons: str, lang: Lang) -> str:
    """The first reasons that a layer gives, without their shares."""
    titles = {layer.title[lang] for layer in area.layers.values()}
    named = [own.rsplit(" ", 2)[0] for own in wording.listed(reasons)]
    return wording.joined([own for own in named if own in titles][:REASONS], lang)


def places(
    area: Area, positions: pd.DataFrame, levels: pd.Series, lang: Lang
) -> tuple[Table, Picture]:
    """Where to be on which day at which hours, numbered by place, and where the places are."""
    number, _ = pd.factorize(positions["segment_id"])
    first = np.flatnonzero(~pd.Series(number).duplicated().to_numpy())
    rows = tuple(
        (str(own + 1), *_place(positions[number == own], lang)) for own in range(len(first))
    )
    shown = maps.Shown(
        marks=maps.marks(
            area, positions["lon"].iloc[first], positions["lat"].iloc[first],
            [str(number[row] + 1) for row in first],
        ),
        legend={"mark": text("documents.period.place", lang)},
    )  # fmt: skip
    head = ("number", "road", "hours", "why", "acts")
    return (
        Table(
            tuple(text(f"documents.period.{key}", lang) for key in head), rows,
            (0.06, 0.17, 0.27, 0.2, 0.3),
        ),
        Picture(
            maps.svg(area, shown, levels, lang, height=360.0),
            text("documents.period.places_map", lang),
        ),
    )  # fmt: skip


def _place(rows: pd.DataFrame, lang: Lang) -> tuple[str, ...]:
    """A place, the days on which to be there by their hours, why, and what to do."""
    hours = [
        text("documents.period.on", lang, hours=text("when.hours", lang, hour=first, next=end),
             days=text("outlook.comma", lang).join(day[5:] for day in own["date"]))
        for (first, end), own in rows.groupby(["first_hour", "end_hour"], sort=False)
    ]  # fmt: skip
    row = rows.iloc[0]
    return (
        str(row["road"]),
        wording.joined(hours, lang),
        causes(row["reasons"], lang),
        wording.joined(wording.listed(row["advice"])[:REASONS], lang),
    )
