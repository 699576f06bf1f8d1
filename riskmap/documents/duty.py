"""The duty sheet (勤务单): for every post and every car one page with map, times and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmap import osm, plan_sheet, referral_words, wording
from riskmap.deployment import Deployment
from riskmap.documents import maps, paper
from riskmap.documents.content import Block, Document, Fields, Heading, Items, Picture, Table
from riskmap.locale import Lang, text
from riskmap.roster import STANDING, Unit, clock

ACTS = 6
"""Things to do on one sheet: what is first is for the place with most harm."""
REASONS = 2
"""Reasons of one place."""
FEW = 14
"""Rows of a roster that are written one below the other."""
COLUMNS = 3
"""Columns of times where there are more."""
MAP_HIGH = 350.0

Ints = NDArray[np.int64]


def documents(plan: Deployment, lang: Lang) -> list[Document]:
    """Write a sheet for every unit of a plan, in the order of its roster."""
    stood = plan_sheet.posts(plan, lang)
    rows = plan_sheet.rows(plan, lang, pd.DataFrame(stood))
    ways = plan_sheet.routes(plan, lang)
    levels = plan.area.scores(plan.crew.period(plan.area))["level"]
    return [
        _sheet(plan, unit, stood, rows, ways, levels, lang)
        for unit in (*plan.crew.teams, *plan.crew.cars)
    ]


def _sheet(
    plan: Deployment, unit: Unit, stood: gpd.GeoDataFrame, rows: pd.DataFrame,
    ways: gpd.GeoDataFrame, levels: pd.Series, lang: Lang,
) -> Document:
    area, car = plan.area, unit in plan.crew.cars
    own = stood[(stood["unit"] == unit.name).to_numpy()]
    # who comes to the same place again finds the same number there
    number, _ = pd.factorize(pd.MultiIndex.from_frame(pd.DataFrame(own[["lon", "lat"]])))
    points = list(own.geometry.to_crs(area.segments.crs))
    near = referral_words.settlements(area, points, lang)
    first = np.flatnonzero(~pd.Series(number).duplicated().to_numpy())
    driven = ways[(ways["unit"] == unit.name).to_numpy()]
    shown = maps.Shown(
        marks=maps.marks(
            area, own["lon"].iloc[first], own["lat"].iloc[first],
            [str(number[row] + 1) for row in first],
        ),
        ways=maps.in_metres(area, driven.geometry),
        legend={
            "mark": text("documents.duty.mark", lang),
            "way": text("documents.duty.way", lang) if len(driven) else "",
        },
    )  # fmt: skip
    picture = maps.svg(area, shown, levels, lang, height=MAP_HIGH)
    kind = text(f"documents.duty.{'car' if car else 'team'}", lang)
    date = f"{plan.crew.date:%Y-%m-%d}"
    blocks: list[Block] = [
        Fields(_fields(plan, unit, lang)),
        Heading(text("documents.duty.times", lang)),
        *_times(plan, unit, rows, number, near, lang),
        Heading(text("documents.duty.acts", lang)),
        Items((*_acts(own), text("documents.duty.safety", lang)), boxes=True),
        Picture(picture, text("documents.duty.map", lang)),
    ]
    return paper.document(
        area, "duty", lang, title=text("documents.duty.title", lang, unit=unit.name, kind=kind),
        name=f"{date}_{unit.name}", blocks=blocks,
    )  # fmt: skip


def _fields(plan: Deployment, unit: Unit, lang: Lang) -> tuple[tuple[str, str], ...]:
    crew = plan.crew
    place = plan.area.network.nodes[["x", "y"]].to_numpy()[unit.station]
    at = gpd.GeoSeries(gpd.points_from_xy(place[:1], place[1:]), crs=plan.area.segments.crs)
    station = at.to_crs(osm.WGS84).iloc[0]
    told = [
        ("shift", f"{crew.date:%Y-%m-%d} {clock(unit.first)}–{clock(unit.last)}"),
        ("officers", text(
            "documents.duty.who", lang, officers=unit.officers,
            vehicle=text(f"deploy.vehicle.{unit.vehicle}", lang),
        )),
        ("squadron", crew.called(unit.squadron, lang)),
        ("ids", ", ".join(unit.ids)),
        ("station", f"{station.x:.5f}, {station.y:.5f}"),
        ("leader", ""),
    ]  # fmt: skip
    if plan.campaign is not None:
        told.append(("campaign", plan.campaign.title[lang]))
    return tuple((text(f"documents.duty.field.{key}", lang), said) for key, said in told)


def _times(
    plan: Deployment, unit: Unit, rows: pd.DataFrame, number: Ints, near: Sequence[str],
    lang: Lang,
) -> tuple[Block, ...]:
    """What the unit does when; drives are the times between."""
    mine = (plan.roster["unit"] == unit.name).to_numpy()
    own = rows[mine].assign(kind=plan.roster["kind"][mine], place="", near="")
    stands = own["kind"].isin(STANDING).to_numpy() & (own["segment_id"] != "").to_numpy()
    own.loc[stands, "place"] = [str(at + 1) for at in number]
    own.loc[stands, "near"] = near
    own = own[(own["kind"] != "drive").to_numpy()]
    lines = own.to_dict("records")
    if len(lines) <= FEW:
        return (_table(
            ("number", "time", "does", "where", "why"), (0.05, 0.15, 0.13, 0.27, 0.4),
            [
                (row["place"], _hours(row), row["does"], _where(row), _why(row, lang))
                for row in lines
            ],
            lang,
        ),)  # fmt: skip
    # a car comes to few places often: each is described once, and the times go in columns
    places = [row for row in own.drop_duplicates("place").to_dict("records") if row["place"]]
    high = -(-len(lines) // COLUMNS)
    cells = [
        (_hours(row), row["place"] or row["does"]) for row in lines
    ] + [("", "")] * (high * COLUMNS - len(lines))
    return (
        _table(("number", "where", "why"), (0.06, 0.44, 0.5), [
            (row["place"], _where(row), _why(row, lang))
            for row in sorted(places, key=lambda row: int(row["place"]))
        ], lang),
        _table(("time", "number") * COLUMNS, (0.16, 0.17) * COLUMNS, [
            tuple(cell for column in range(COLUMNS) for cell in cells[line + high * column])
            for line in range(high)
        ], lang),
    )  # fmt: skip


def _table(
    head: tuple[str, ...], widths: tuple[float, ...], rows: Sequence[tuple[str, ...]], lang: Lang
) -> Table:
    names = tuple(text(f"documents.duty.column.{key}", lang) for key in head)
    return Table(names, tuple(rows), widths)


def _hours(row: Mapping[str, Any]) -> str:
    return f"{row['from']}–{row['to']}"


def _where(row: Mapping[str, Any]) -> str:
    return " · ".join(filter(None, [row["road"], row["near"], row["note"]]))


def _why(row: Mapping[str, Any], lang: Lang) -> str:
    return wording.joined(wording.listed(row["reasons"])[:REASONS], lang)


def _acts(own: gpd.GeoDataFrame) -> tuple[str, ...]:
    """What to do at the places of a unit, first where most harm is."""
    order = own.sort_values("share_of_harm", ascending=False, kind="stable")
    return wording.listed("; ".join(order["advice"]))[:ACTS]
