"""The assessment of a period in sentences that a duty officer can read out, from its numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from riskmap.locale import Lang, text
from riskmap.outlook import Outlook
from riskmap.risk import BASES, LEVELS
from riskmap.wording import by, change, joined, listed, two

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST = 3
"""Layers and roads that are named."""
SHOWN = 0.05
"""Per cent of the ordinary harm from which on a layer is named."""


def sentences(found: Outlook, lang: Lang) -> list[str]:
    """Say what rises against ordinary weeks, when, by which layers, and on which roads."""
    return [said for part in parts(found, lang).values() for said in part]


def parts(found: Outlook, lang: Lang) -> dict[str, list[str]]:
    """The same sentences by what they say: `when`, `why`, `where`, and how good it is, `honest`."""
    return {
        "when": [*_when(found, lang)], "why": [*_why(found, lang)],
        "where": [*_where(found, lang)], "honest": [text("outlook.honest", lang)],
    }  # fmt: skip


def _when(found: Outlook, lang: Lang) -> Iterator[str]:
    days = found.days
    # a month is not called by a holiday that lies in it
    named = days.loc[days["phase"] != "", "holiday"]
    holiday = named.iloc[0] if 2 * len(named) > len(days) else ""
    yield text(
        "outlook.total", lang,
        period=" – ".join(dict.fromkeys(f"{day:%Y-%m-%d}" for day in days.index[[0, -1]])),
        holiday="".join(
            text("outlook.of", lang, name=text(key, lang))
            for key in (f"holiday.{holiday}" if holiday else "", _weather(found)) if key
        ),
        harm=two(found.harm, lang),
        by=by(found.times, lang),
        against=text("outlook.season" if found.against.around_days else "outlook.year", lang),
    )  # fmt: skip
    if len(days) > 1:
        worst = days["harm"].idxmax()
        yield text(
            "outlook.day", lang,
            day=named_day(days.loc[worst], lang), by=by(float(days.loc[worst, "times"]), lang),
        )  # fmt: skip
    at = int(found.hours["harm"].to_numpy().argmax())
    hour, own = found.hours.index[at], found.hours.iloc[at]
    yield text(
        "outlook.hour", lang,
        date=f"{hour:%Y-%m-%d}", hour=hour.hour, next=hour.hour + 1,
        by=by(own["harm"] / own["normal"], lang),
    )  # fmt: skip


def _weather(found: Outlook) -> str:
    """Key of the stated weather, "" for none."""
    return f"weather.{found.period.weather}" if found.period.weather else ""


def named_day(day: pd.Series, lang: Lang) -> str:
    """Date, weekday and what holiday it belongs to."""
    return f"{day.name:%Y-%m-%d} {of_day(day, lang)}"


def of_day(day: pd.Series, lang: Lang) -> str:
    """Weekday of a day and what holiday it belongs to."""
    said = text(f"weekday.{WEEKDAYS[day.name.weekday()]}", lang)
    if not day["holiday"]:
        return said
    holiday, phase = str(day["holiday"]), str(day["phase"]) or "near"
    return f"{said} {text(f'holiday.{holiday}', lang)} {text(f'phase.{phase}', lang)}"


def _why(found: Outlook, lang: Lang) -> Iterator[str]:
    own = found.layers[~found.layers.index.isin([*BASES.values(), "cap"])]
    moved = own.set_index("title")["share_of_normal"] * 100.0
    for key, rows in (("rises", moved[moved > SHOWN]), ("falls", moved[::-1][moved < -SHOWN])):
        if len(rows):
            named = [f"{title} {change(value, lang)} %" for title, value in rows.head(MOST).items()]
            yield text(f"outlook.{key}", lang, layers=text("outlook.comma", lang).join(named))


def _where(found: Outlook, lang: Lang) -> Iterator[str]:
    for row in found.roads[found.roads["rise"] > 0].head(MOST).itertuples():
        yield text(
            "outlook.road", lang,
            road=row.road, km=two(row.length_m / 1000.0, lang), by=by(row.times, lang),
            peak=row.peak, reasons=joined(listed(row.reasons), lang),
        )  # fmt: skip
    km = found.levels.to_numpy()
    order = range(len(LEVELS))
    up = sum(km[old, new] for old in order for new in order if new < old)
    down = sum(km[old, new] for old in order for new in order if new > old)
    red = km[1:, 0].sum()
    yield text("outlook.levels", lang, up=two(up, lang), red=two(red, lang), down=two(down, lang))
