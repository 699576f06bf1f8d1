"""`riskmap campaigns`: which there are, what one says, and when they are on."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import icalendar
import pandas as pd

from riskmap import calendars, export
from riskmap.calendar_file import YEARS
from riskmap.campaign import Campaign, Road
from riskmap.campaign_rounds import clock
from riskmap.campaigns import read_campaigns, rounds
from riskmap.errors import RiskmapError
from riskmap.layer import Active, Layer
from riskmap.layers import read_layers
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.vocabulary import DAYS

ENDINGS = (".xlsx", ".csv", ".ics")
TURN = ("campaign", "phase", "title_zh", "title_en", "activity", "round")
"""Columns of `rounds` that are the same on all days of one round."""


def run(options: argparse.Namespace) -> int:
    """List the campaigns, show one, or write when they are on."""
    lang: Lang = options.lang or LANGUAGES[0]
    layers = read_layers(options.layers)
    found = read_campaigns(options.campaigns, layers=layers)
    if options.kind == "calendar":
        return _calendar(options, found, lang)
    if options.kind == "show":
        own = _named(found, options.name)
        if options.json:
            print(json.dumps(asdict(own), ensure_ascii=False))
        else:
            print("\n".join(lines(own, layers, lang)))
        return 0
    if options.json:
        rows = [
            {"name": own.name, "title": own.title, "activity": own.activity,
             "prevents": own.prevents, "claim": own.claim(lang)}
            for own in found.values()
        ]  # fmt: skip
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for own in found.values():
        print(f"{own.name}  {own.title[lang]}  {_activity(own.activity, lang)}  {own.claim(lang)}")
    return 0


def _named(found: dict[str, Campaign], name: str) -> Campaign:
    if name not in found:
        close = difflib.get_close_matches(name, found, n=1)
        way_out = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(found)}"
        raise RiskmapError(f"campaign '{name}': unknown; {way_out}")
    return found[name]


# --- one campaign ------------------------------------------------------------------------------


def lines(own: Campaign, layers: dict[str, Layer], lang: Lang) -> list[str]:
    """Say all of a campaign in a language, a line each."""
    judged = text("campaign.judged", lang)
    families = [
        f"{text(f'family.{name}', lang)} {weight:.0%}" for name, weight in own.families.items()
    ]
    posts = own.posts
    stand = [
        text("campaign.team", lang, officers=posts.officers),
        text("campaign.stay", lang, minutes=f"{posts.stay_min:g}"),
    ]
    if posts.move_after_min is not None:
        stand.append(text("campaign.move", lang, minutes=f"{posts.move_after_min:g}"))
    if posts.apart_m:
        stand.append(text("campaign.apart", lang, metres=f"{posts.apart_m:g}"))
    said = [
        f"{own.title[lang]}  {own.name}  {_activity(own.activity, lang)}",
        _line("why", f"{own.why[lang]} {_source(own.grade, own.source)}", lang),
        _line("families", f"{'; '.join(families)} {judged}", lang),
        _line("roads", f"{'; '.join(_road(r, layers, lang) for r in own.roads)} {judged}", lang),
        _line("hours", f"{'; '.join(_when(table, lang) for table in own.active)} {judged}", lang),
        _line("effect", own.claim(lang), lang),
    ]
    if own.space:
        halves = text("campaign.halves", lang, metres=f"{own.space.halving_m:g}")
        said.append(f"  {halves} {_source(own.space.grade, own.space.source)}")
    if own.time:
        key = "campaign.lasts" if own.time.lasts_days else "campaign.not_beyond"
        lasts = text(key, lang, days=own.time.lasts_days)
        said.append(f"  {lasts} {_source(own.time.grade, own.time.source)}")
    said.append(_line("posts", f"{'; '.join(stand)} {_source(posts.grade, posts.source)}", lang))
    for name in ("watch", "act", "partners"):
        items = getattr(own.duty, name)
        if items:
            said.append(_line(name, "; ".join(item[lang] for item in items), lang))
    said.append(text("campaign.phases", lang))
    for number, phase in enumerate(own.phases, 1):
        doing = _activity(phase.activity, lang)
        said.append(f"  {number}  {phase.title[lang]}  {doing}  {phase.task[lang]}")
    return said


def _line(name: str, what: str, lang: Lang) -> str:
    return f"{text(f'campaign.{name}', lang)}  {what}"


def _source(grade: str, source: str) -> str:
    return f"({grade}, {source})"


def _activity(name: str, lang: Lang) -> str:
    return text(f"campaign.activity.{name}", lang)


def _road(road: Road, layers: dict[str, Layer], lang: Lang) -> str:
    parts = [layers[road.layer].title[lang]] if road.layer else []
    if road.area:
        parts.append(text(f"road_area.{road.area}", lang))
    if road.road_class:
        parts.append("/".join(text(f"road_class.{name}", lang) for name in road.road_class))
    return f"{' '.join(parts)} {road.weight:.0%}"


def _when(table: Active, lang: Lang) -> str:
    parts = [text(f"holiday.{name}", lang) for name in table.holiday]
    if any(table.offset_days):
        parts.append("{:+d} … {:+d}".format(*table.offset_days))
    parts += [text(f"farm.{name}", lang) for name in table.farm]
    if table.days != DAYS:
        parts.append("/".join(text(f"campaign.day.{name}", lang) for name in table.days))
    return " ".join([*parts, clock(table)])


# --- the calendar ------------------------------------------------------------------------------


def _calendar(options: argparse.Namespace, found: dict[str, Campaign], lang: Lang) -> int:
    """Write or print the rounds of a year."""
    target: Path | None = options.output
    if target:
        _check(target)
    year = date.today().year if options.year is None else options.year  # noqa: DTZ011  # of here
    if not YEARS[0] <= year <= YEARS[1]:
        raise RiskmapError(f"--year {year}: give one of {YEARS[0]} to {YEARS[1]}")
    chosen = [_named(found, name) for name in options.names] or list(found.values())
    known = calendars.read(Path(options.calendar) if options.calendar else None)
    table = pd.concat([rounds(own, year, known) for own in chosen], ignore_index=True)
    table = table.sort_values(["date", "campaign", "phase"], kind="stable", ignore_index=True)
    if target:
        if target.suffix.lower() == ".ics":
            export.write_text(target, as_ics(table, found, lang))
        elif target.suffix.lower() == ".csv":
            export.write_report(worded(table, found, lang), target)
        else:
            export.write_book({text("campaign.sheet", lang): worded(table, found, lang)}, target)
    if options.json:
        days = {name: table[name].dt.strftime("%Y-%m-%d") for name in ("date", "felt_until")}
        print(table.assign(**days).to_json(orient="records", force_ascii=False))
    elif target:
        print(f"{target}: {len(table)}")
    else:
        for turn in turns(table).itertuples():
            title = turn.title_zh if lang == "zh" else turn.title_en
            days_ = _span(turn.first, turn.last)
            print(f"{days_}  {found[turn.campaign].title[lang]}  {title}  {turn.hours}".rstrip())
    return 0


def _check(target: Path) -> None:
    suffix = target.suffix.lower()
    if suffix not in ENDINGS:
        close = difflib.get_close_matches(suffix, ENDINGS, n=1)
        meant = f"; did you mean '{close[0]}'?" if close else ""
        raise RiskmapError(f"{target}: unknown format '{suffix}'; use {', '.join(ENDINGS)}{meant}")
    export.check_folder(target)


def turns(table: pd.DataFrame) -> pd.DataFrame:
    """
    Join the days of each round.

    Returns
    -------
    One row a round, by its first day: the columns `TURN`, `first` and `last` date, `hours` of any
    of its days, joined.
    """
    found = table.groupby(list(TURN), sort=False, as_index=False).agg(
        first=("date", "min"), last=("date", "max"), hours=("hours", _joined)
    )
    return found.sort_values(["first", "campaign", "phase"], kind="stable", ignore_index=True)


def _joined(hours: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(one for one in hours if one))


def _span(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return f"{first:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d} – {last:%Y-%m-%d}"


def worded(table: pd.DataFrame, found: dict[str, Campaign], lang: Lang) -> pd.DataFrame:
    """Write the days of rounds as a planner reads them: words of a language, dates as text."""
    felt = table["felt_until"].dt.strftime("%Y-%m-%d").astype(object)
    return pd.DataFrame({
        "date": table["date"].dt.strftime("%Y-%m-%d"),
        "weekday": [text(f"weekday.{name}", lang) for name in table["weekday"]],
        "kind": [text(f"campaign.day.{name}", lang) for name in table["kind"]],
        "holiday": [text(f"holiday.{name}", lang) if name else "" for name in table["holiday"]],
        "campaign": [found[name].title[lang] for name in table["campaign"]],
        "phase": table["phase"],
        "title": table[f"title_{lang}"],
        "activity": [_activity(name, lang) for name in table["activity"]],
        "round": table["round"],
        "hours": table["hours"],
        "felt_until": felt.where(table["felt_until"].notna(), ""),
        "claim": [found[name].claim(lang) for name in table["campaign"]],
    })


def as_ics(table: pd.DataFrame, found: dict[str, Campaign], lang: Lang) -> str:
    """Write each round as a whole-day entry of a calendar (RFC 5545), always the same way."""
    book = icalendar.Calendar()
    book.add("prodid", "-//riskmap//campaigns//")
    book.add("version", "2.0")
    for turn in turns(table).itertuples():
        own = found[turn.campaign]
        phase = own.phases[turn.phase - 1]
        entry = icalendar.Event()
        entry.add("uid", f"{own.name}-{turn.phase}-{turn.first:%Y%m%d}@riskmap")
        entry.add("dtstamp", export.FIXED_DATE)
        entry.add("summary", f"{own.title[lang]} · {phase.title[lang]}")
        entry.add("dtstart", turn.first.date())
        entry.add("dtend", (turn.last + pd.Timedelta(days=1)).date())
        said = [turn.hours, _activity(turn.activity, lang), phase.task[lang], own.claim(lang)]
        entry.add("description", "\n".join(filter(None, said)))
        entry.add("transp", "TRANSPARENT")
        book.add_component(entry)
    return book.to_ical().decode("utf-8")
