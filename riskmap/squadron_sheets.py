"""A plan by squadron: what each has and covers, and a workbook for each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd

from riskmap import export, list_terms, plan_sheet
from riskmap.covered import covered
from riskmap.deployment import Deployment
from riskmap.errors import RiskmapError
from riskmap.list_terms import Terms
from riskmap.locale import Lang, text
from riskmap.roster import Unit, clock

_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
"""What no file may be called on one system or another."""


def units(plan: Deployment, lang: Lang) -> pd.DataFrame:
    """
    List who is on duty.

    Returns
    -------
    `unit`, `squadron`, `officers`, `ids` (the brigade's own numbers, if stated), `vehicle`, `from`
    and `to`.
    """
    crew = plan.crew
    return pd.DataFrame([
        {"unit": unit.name, "squadron": crew.called(unit.squadron, lang),
         "officers": unit.officers,
         "ids": ", ".join(unit.ids), "vehicle": text(f"deploy.vehicle.{unit.vehicle}", lang),
         "from": clock(unit.first), "to": clock(unit.last)}
        for unit in (*crew.teams, *crew.cars)
    ])  # fmt: skip


def totals(plan: Deployment, lang: Lang) -> pd.DataFrame:
    """
    Say what each squadron has and covers.

    Returns
    -------
    `id`, `squadron` (its name), `officers`, `teams`, `cars`; `share_of_harm`: of the shift's harm,
    on the roads on which it works; `covered`: what its units alone cover of all harm, wherever it
    is. Where two squadrons reach the same road both count it. `extra_teams`: how many more its area
    needs to have no blind spot.
    """
    crew, demand = plan.crew, plan.demand
    harm = demand.harm.sum(axis=1)
    rows = []
    for name in squadrons(plan):
        own = plan.roster[plan.roster["squadron"] == name]
        met = covered(own, plan.area.network, demand, plan.area.parameters["sites"])
        inside = crew.areas.get(name, np.ones(len(harm), dtype=bool))
        rows.append({
            "id": name,
            "squadron": crew.called(name, lang),
            "officers": sum(unit.officers for unit in _own(plan, name)),
            "teams": sum(unit.squadron == name for unit in crew.teams),
            "cars": sum(unit.squadron == name for unit in crew.cars),
            "share_of_harm": round(float(harm[inside].sum() / max(demand.total, 1e-300)), 4),
            "covered": round(met.by_all, 4),
            "extra_teams": plan.certificate.extra_by.get(name, 0),
        })  # fmt: skip
    return pd.DataFrame(rows)


def squadrons(plan: Deployment) -> list[str]:
    """Ids of the squadrons that are on duty, in the order of their units."""
    return list(dict.fromkeys(unit.squadron for unit in (*plan.crew.teams, *plan.crew.cars)))


def check(plan: Deployment, folder: Path) -> None:
    """
    Check that workbooks can be written, before anything is.

    Raises
    ------
    RiskmapError
        A folder that is a file or cannot be made, or a plan without squadrons.
    """
    if not any(squadrons(plan)):
        raise RiskmapError(
            "--by-squadron: the plan has no squadrons; give --resources with a file that has"
        )
    if folder.exists() and not folder.is_dir():
        raise RiskmapError(f"{folder}: is a file; name a folder for the workbooks")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise RiskmapError(
            f"{folder}: cannot be made ({fault.strerror}); name another folder"
        ) from fault


def write(
    plan: Deployment, folder: Path, lang: Lang, **terms: Unpack[Terms]
) -> list[Path]:
    """
    Write a workbook for each squadron: who is on duty, where they stand, what each does when.

    `terms` are `headers` and `coords`, as of `export.write_list`.

    Raises
    ------
    RiskmapError
        A folder that is a file, or a plan without squadrons.
    """
    check(plan, folder)
    stood = pd.DataFrame(plan_sheet.posts(plan, lang).drop(columns="geometry"))
    rows, on, sums = plan_sheet.rows(plan, lang, stood), units(plan, lang), totals(plan, lang)
    books: dict[Path, dict[str, pd.DataFrame]] = {}
    for row in sums.itertuples():
        parts = {"units": on, "posts": stood, "roster": rows}
        own = {
            text(f"deploy.sheet.{key}", lang): list_terms.termed(
                table[table["squadron"] == row.squadron], "deploy", **terms
            )
            for key, table in parts.items()
        }
        head = text("deploy.sheet.summary", lang)
        said = [sentence(plan, row, lang)]
        path = folder / f"{_UNFIT.sub('_', str(row.squadron))}.xlsx"
        if path in books:  # names that differ only in what no file may be called
            path = folder / f"{_UNFIT.sub('_', f'{row.squadron} ({row.id})')}.xlsx"
        books[path] = {head: pd.DataFrame({head: said}), **own}
    for path, tables in books.items():
        export.write_book(tables, path)
    return list(books)


def sentence(plan: Deployment, row: Any, lang: Lang) -> str:  # noqa: ANN401  # of itertuples
    """Say a row of `totals` in words."""
    crew = plan.crew
    return text(
        "deploy.squadron", lang, name=row.squadron, date=f"{crew.date:%Y-%m-%d}",
        first=clock(crew.first), last=clock(crew.last), officers=row.officers, teams=row.teams,
        cars=row.cars, share=100 * row.share_of_harm, covered=100 * row.covered,
    )  # fmt: skip


def _own(plan: Deployment, name: str) -> list[Unit]:
    return [unit for unit in (*plan.crew.teams, *plan.crew.cars) if unit.squadron == name]
