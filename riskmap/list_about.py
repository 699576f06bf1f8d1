"""What a list says of itself: of which roads, hours and data it is, and how to read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from riskmap import __version__, export, simulated, when_words
from riskmap.locale import Lang, text
from riskmap.moments import When

if TYPE_CHECKING:
    from riskmap.area import Area

READ = ("harm", "interval", "peak", "reasons", "known", "advice")
"""Columns that need a word."""


def write(
    area: Area,
    table: gpd.GeoDataFrame,
    path: str | Path,
    *,
    by: str = "km",
    when: When = None,
    lang: Lang = "zh",
    headers: str = "names",
    coords: str = "wgs84",
) -> None:
    """
    Write a list of roads with what is known of every layer, and in a workbook with its method.

    Parameters
    ----------
    table
        From `Area.hotspots`, `Area.listed` or `Area.stretches`.
    path, headers, coords
        As in `export.write_list`.
    by, when, lang
        What the list was asked for.

    Examples
    --------
    >>> import riskmap
    >>> from riskmap import list_about
    >>> area = riskmap.assess(riskmap.sample())
    >>> list_about.write(area, area.hotspots(by="mvkm"), "hotspots.xlsx", by="mvkm")
    """
    export.write_list(
        table, path, area.coverage_table(lang), headers=headers, coords=coords,
        about=about(area, by=by, when=when, lang=lang),
    )  # fmt: skip


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
    if unreal := simulated.what(area, lang):
        rows["simulated"] = unreal
    if area.scenario:
        rows["scenario"] = area.scenario
    return pd.DataFrame({
        text("about.what", lang): [text(f"about.{name}", lang) for name in rows],
        text("about.how", lang): list(rows.values()),
    })
