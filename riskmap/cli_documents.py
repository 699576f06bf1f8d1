"""`riskmap document` and `riskmap templates`: what is asked on the command line, and answered."""

from __future__ import annotations

import argparse
import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmap import cli_deploy, cli_notes, cli_outlook, diversions, export, holiday_plan, referrals
from riskmap.cli_commands import LETTERHEAD
from riskmap.cli_manners import answer
from riskmap.documents import (
    duty,
    education,
    notice,
    referral,
    rendering,
    school,
    weekly,
)
from riskmap.documents.weekly import PLACES
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.moments import Period, today
from riskmap.outlook import outlook

if TYPE_CHECKING:
    from riskmap.area import Area
    from riskmap.documents.content import Document

Progress = Callable[[str, float], None] | None

SHEETS = ("duty", "school", "referral")
"""Kinds that a folder may take, one file each."""


def check(options: argparse.Namespace) -> None:
    """Refuse what cannot be written, before anything takes its time."""
    output: Path = options.output
    if output.suffix:
        rendering.check(output)
    elif options.kind not in SHEETS:
        raise RiskmapError(f"{output}: a document is written as .pdf or .html; name it so")
    elif output.exists() and not output.is_dir():
        raise RiskmapError(f"{output}: is a file; name a folder, or a .pdf or .html file")
    if options.templates and not options.templates.is_dir():
        raise RiskmapError(
            f"--templates {options.templates}: is no folder; make it with `riskmap templates`"
        )


def run(options: argparse.Namespace, area: Area, progress: Progress) -> int:
    """Write a document of an area."""
    lang: Lang = options.lang or ("en" if area.language == "en" else LANGUAGES[0])
    given: dict[str, Any] = {
        key: getattr(options, key) for key, *_ in LETTERHEAD if getattr(options, key) is not None
    }
    if options.templates:
        given["templates"] = options.templates
    area = replace(area, office=replace(area.office, **given))
    made = MAKERS[options.kind](options, area, lang, progress)
    return _told(options, write(made, options.output, area))


def write(made: list[Document], output: Path, area: Area) -> list[Path]:
    """Write documents to one file, or each as a PDF into a folder."""
    if output.suffix:
        rendering.write(made, output, area.office.templates)
        return [output]
    # all are made before the first is written: a broken template leaves nothing behind
    names = [f"{own.name}.pdf" for own in made]
    # some systems take names for one that differ in large and small letters
    same = Counter(name.casefold() for name in names)
    files = {
        output / (name if same[name.casefold()] == 1 else f"{number}_{name}"):
            rendering.render([own], ".pdf", area.office.templates)
        for number, (name, own) in enumerate(zip(names, made, strict=True), 1)
    }  # fmt: skip
    export.write_folder(output, files)
    return list(files)


def templates(options: argparse.Namespace) -> int:
    """Copy the templates out for editing."""
    return _told(options, rendering.copy_templates(options.folder))


def _told(options: argparse.Namespace, paths: list[Path]) -> int:
    files = [str(path) for path in paths]
    return answer(options, {"files": files}, *files)


def _duty(
    options: argparse.Namespace, area: Area, lang: Lang, progress: Progress
) -> list[Document]:
    return duty.documents(cli_deploy.planned(options, area, lang, progress), lang)


def _briefing(
    options: argparse.Namespace, area: Area, lang: Lang, progress: Progress
) -> list[Document]:
    del progress  # it is quick
    period, _ = _period(options, area)
    found = outlook(area, period, against=options.against, lang=lang)
    positions = holiday_plan.positions(area, period, top=PLACES, lang=lang)
    return weekly.briefings(found, positions, lang)


def _holiday(
    options: argparse.Namespace, area: Area, lang: Lang, progress: Progress
) -> list[Document]:
    del progress
    period, name = _period(options, area)
    found = outlook(area, period, against=options.against, lang=lang)
    positions = holiday_plan.positions(area, period, top=PLACES, lang=lang)
    return weekly.holidays(found, positions, diversions.plan(area, period, lang), name, lang)


def _notice(
    options: argparse.Namespace, area: Area, lang: Lang, progress: Progress
) -> list[Document]:
    del progress
    period, name = _period(options, area)
    found = outlook(area, period, against=options.against, lang=lang)
    return notice.documents(found, diversions.plan(area, period, lang), lang, holiday=name)


def _period(options: argparse.Namespace, area: Area) -> tuple[Period, str]:
    """The period that is asked for, by default the next week, and the holiday that it is."""
    name = options.holiday or ""
    if name or options.first or options.last or getattr(options, "year", None):
        return cli_outlook.period_of(options, area), name
    now = dt.datetime.combine(today(), dt.time())
    monday = now + dt.timedelta(days=7 - now.weekday())
    return Period(monday, monday + dt.timedelta(days=7), options.weather), ""


def _referral(
    options: argparse.Namespace, area: Area, lang: Lang, progress: Progress
) -> list[Document]:
    del progress
    found = referrals.referrals(
        area, lang=lang, most=options.most, segments=options.segment, to=options.to or ""
    )
    if found.empty:
        share = 100 * area.parameters["referrals"]["share"]
        raise RiskmapError(text("referrals.none", lang, share=share))
    cli_notes.tell_fewer(len(found), found.attrs["known"], lang)
    return referral.documents(area, found, lang)


def _school(
    options: argparse.Namespace, area: Area, lang: Lang, progress: Progress
) -> list[Document]:
    del progress
    name = (options.name or "").strip()
    if options.name is not None and not name:
        raise RiskmapError("--name: is empty; write a part of the school's name, or leave it out")
    made = school.documents(area, lang, most=options.most, name=name)
    cli_notes.tell_fewer(len(made), len(school.schools(area, lang, name)), lang)
    return made


def _education(
    options: argparse.Namespace, area: Area, lang: Lang, progress: Progress
) -> list[Document]:
    del progress
    return education.documents(area, lang, most=options.most)


MAKERS: dict[str, Callable[[argparse.Namespace, Area, Lang, Progress], list[Document]]] = {
    "briefing": _briefing, "holiday": _holiday, "duty": _duty, "referral": _referral,
    "school": _school, "education": _education, "notice": _notice,
}
