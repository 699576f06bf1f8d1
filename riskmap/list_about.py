"""What a list says of itself: of which roads, hours and data it is, and how to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from riskmap import __version__, when_words
from riskmap.locale import Lang, text
from riskmap.moments import When

if TYPE_CHECKING:
    from riskmap.area import Area

READ = ("harm", "interval", "peak", "reasons", "known", "advice")
"""Columns that need a word."""


def about(area: Area, *, by: str = "km", when: When = None, lang: Lang = "zh") -> pd.DataFrame:
    """
    Tell method and data of a list as they go with it: a sheet of a workbook.

    Parameters
    ----------
    by, when
        What `Area.hotspots` was asked for.
    lang
        Language of all texts.

    Returns
    -------
    Two columns of text, what and how it is, with headings in the language.
    """
    limits = area.limits("mvkm" if by == "mvkm" else "km")
    per = text("list.mvkm" if by == "mvkm" else "list.km", lang)
    levels = ", ".join(
        f"{text(f'level.{level}', lang)} > {limits[level]:.3g}"
        for level in ("red", "orange", "yellow")
    )
    count = 0 if area.crashes is None else len(area.crashes.table)
    rows = {
        "area": area.name,
        "data_date": area.data_date or text("word.unknown", lang),
        "hours": when_words.period(when, lang),
        "ranked": text(f"list.{by}", lang),
        "levels": text("about.levels_are", lang, per=per, levels=levels),
        "basis": text("about.records" if count else "about.judgement", lang, count=count),
        "method": text("about.formula", lang),
        **{name: text(f"about.{name}_is", lang) for name in READ},
        "program": f"riskmap {__version__}",
    }
    if area.scenario:
        rows["scenario"] = area.scenario
    return pd.DataFrame({
        text("about.what", lang): [text(f"about.{name}", lang) for name in rows],
        text("about.how", lang): list(rows.values()),
    })
