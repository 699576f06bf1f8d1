"""What is loaded: the extract and its age, elevation, the brigade's lists, facts and traffic."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from html import escape
from typing import TYPE_CHECKING

from riskmap import wording
from riskmap.crashes import PLACED, spanned
from riskmap.locale import Lang, text
from riskmap.pages import figures
from riskmap.records import LAYER

if TYPE_CHECKING:
    from riskmap.area import Area

FACTS, TRAFFIC = "facts", "traffic"
"""What stands for a layer in the rows of the report on facts and on traffic."""
USED = ("read", "moved", "merged")
"""Outcomes of rows that count."""
YEAR_DAYS = 365.25


def table(area: "Area", source: str, scenarios: list[str], lang: Lang) -> str:
    """
    Draw the table.

    Parameters
    ----------
    area
        The area as it was opened.
    source
        Name of the file that was opened.
    scenarios
        Titles of the scenarios that are on.
    lang
        Language of the words.
    """
    rows: Mapping[str, str] = {
        "source": source,
        "date": age(area.data_date, datetime.now(UTC).date(), lang),
        "roads": text(
            "data.loaded.roads_are",
            lang,
            km=wording.two(area.segments["length_m"].sum() / 1000, lang),
            count=len(area.segments),
        ),
        "layers": str(len(area.layers)),
        "elevation": _elevation(area, lang),
        "lists": _lists(area, lang),
        "facts": _rows(area, FACTS, lang),
        "traffic": _rows(area, TRAFFIC, lang),
        "records": _records(area, lang),
        "scenario": text("import.joiner", lang).join(scenarios) or text("whatif.none", lang),
    }
    body = "".join(
        f"<tr><td>{text(f'data.loaded.{name}', lang)}</td><td>{escape(value)}</td></tr>"
        for name, value in rows.items()
    )
    return f'<div class="rm"><table id="rm-loaded">{body}</table></div>'


def age(data_date: str, today: date, lang: Lang) -> str:
    """Write the date of the map data and how many years old they are; unknown as a word."""
    try:
        taken = date.fromisoformat(data_date[:10])
    except ValueError:
        return figures.or_unknown(data_date, lang)
    years = int((today - taken).days / YEAR_DAYS)
    return text("data.loaded.aged", lang, date=taken, years=years) if years > 0 else str(taken)


def _elevation(area: "Area", lang: Lang) -> str:
    km = area.inputs.loc["elevation"]
    if not km["known_km"]:
        return text("data.loaded.no_elevation", lang)
    share = wording.two(100 * km["known_km"] / km.sum(), lang)
    return text("data.loaded.elevation_is", lang, share=share)


def _lists(area: "Area", lang: Lang) -> str:
    report = area.report[~area.report["layer"].isin([FACTS, TRAFFIC, LAYER])]
    rows = report[report["row"] > 0]
    if rows.empty:
        return text("data.loaded.no_lists", lang)
    return text(
        "data.loaded.lists_are",
        lang,
        files=rows["file"].nunique(),
        used=int(rows["outcome"].isin(USED).sum()),
        rows=len(rows),
    )


def _rows(area: "Area", about: str, lang: Lang) -> str:
    report = area.report[area.report["layer"] == about]
    rows = report[report["row"] > 0]
    if rows.empty:
        return text(f"data.loaded.no_{about}", lang)
    used = int(rows["outcome"].isin(USED).sum())
    return text("data.loaded.facts_are", lang, used=used, rows=len(rows))


def _records(area: "Area", lang: Lang) -> str:
    if area.crashes is None:
        return text("data.loaded.no_records", lang)
    rows = area.crashes.report
    placed = int(area.crashes.table["outcome"].isin(PLACED).sum())
    return text(
        "data.loaded.records_are",
        lang,
        used=placed,
        rows=int((rows["row"] > 0).sum()),
        years=spanned(area.crashes.years.index),
    )
