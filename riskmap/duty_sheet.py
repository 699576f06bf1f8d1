"""A duty match in words and tables."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

import pandas as pd

from riskmap import export, list_terms
from riskmap.duty import DutyMatch
from riskmap.list_terms import Terms
from riskmap.locale import Lang, text

SHOWN = 1
"""Which of the shares of length is told: the second, the worst 5 %."""
DIGITS = 4


def sentences(match: DutyMatch, lang: Lang) -> list[str]:
    """Say what came of it, in plain words."""
    spent, worst = match.hours, match.worst.iloc[min(SHOWN, len(match.worst) - 1)]
    said = [
        text(
            "match.hours", lang, period=match.period.label, logged=spent["logged"],
            road=spent["road"], rest=spent["rest"], off=spent["off"], outside=spent["outside"],
        ),
        text("match.index", lang, index=match.index, where=match.where, when=match.when),
        text(
            "match.worst", lang, reach=match.reach_m,
            **{key: 100 * worst[key] for key in
               ("share", "harm", "hours_on", "hours_near", "length_near")},
        ),
        text("match.alone", lang, share=100 * match.alone, reach=match.reach_m),
    ]  # fmt: skip
    if len(match.places):
        place = match.places.iloc[0]
        said.append(text(
            "match.place", lang, road=place["name"] or text("reason.unnamed", lang),
            lon=place["lon"], lat=place["lat"], share=100 * place["share_of_harm"],
            hour=place["worst_hour"],
        ))  # fmt: skip
    return [*said, text("match.honest", lang)]


def tables(match: DutyMatch, lang: Lang) -> dict[str, pd.DataFrame]:
    """Tables of a workbook by the name of their sheet; shares are 0..1."""
    places = pd.DataFrame(match.places.drop(columns="geometry"))
    places["name"] = places["name"].replace("", text("reason.unnamed", lang))
    found = {
        "summary": pd.DataFrame({text("match.sheet.summary", lang): sentences(match, lang)}),
        "levels": match.levels, "worst": match.worst, "squadrons": match.squadrons,
        "clock": match.clock, "places": places,
        "nobody": match.nobody.assign(start=match.nobody["start"].dt.strftime("%Y-%m-%d %H:%M")),
    }  # fmt: skip
    return {text(f"match.sheet.{key}", lang): own.round(DIGITS) for key, own in found.items()}


def write(match: DutyMatch, path: str | Path, lang: Lang, **terms: Unpack[Terms]) -> None:
    """
    Write a duty match, whole or not at all.

    `.xlsx` holds everything; the other formats of lists hold the places without anybody.
    `terms` are `headers` and `coords`, as of `export.write_list`.
    """
    path = Path(path)
    export.check_target(path, **terms)
    if path.suffix.lower() == ".xlsx":
        export.write_book({
            name: list_terms.termed(table, "duty", **terms)
            for name, table in tables(match, lang).items()
        }, path)  # fmt: skip
    else:
        export.write_list(match.places, path, kind="duty", **terms)
