"""`riskmap year`: what is asked on the command line, and what is answered."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from riskmap import study, year_book, year_table
from riskmap.cli_manners import answer
from riskmap.cli_records import language
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.spans import Span
from riskmap.year_words import sentences

if TYPE_CHECKING:
    from riskmap.area import Area


def check(options: argparse.Namespace) -> None:
    """Refuse what cannot be written, before long work begins."""
    year_book.check(options.output, options.lang or LANGUAGES[0])


def run(options: argparse.Namespace, area: Area) -> int:
    """Lay a year beside another; write the workbook."""
    lang = language(options, area)
    found = year_table.review(
        area, year=options.year, against=options.against, simulated=options.simulated,
        study=_study(options, area, lang), lang=lang,
    )  # fmt: skip
    year_book.write(found, options.output, lang)
    said = sentences(found, lang)
    figures = {
        name: {
            "this": found.sums[name][0].total, "base": found.sums[name][1].total,
            "ratio": _known(own.ratio), "low": own.low, "high": _known(own.high),
            "verdict": own.verdict,
        }
        for name, own in found.changes.items()
    }  # fmt: skip
    told = {
        "file": str(options.output), "year": found.year, "against": found.against,
        "months": found.months, "simulated": found.simulated, "sentences": said, **figures,
    }  # fmt: skip
    simulated = [text("year.simulated_is", lang)] if found.simulated else []
    verdict = [] if found.study is None else [study.sentences(found.study, lang)[0]]
    return answer(options, told, *simulated, *said, *verdict, str(options.output))


def _known(value: float) -> float | None:
    """Return a number that JSON has."""
    return value if abs(value) < float("inf") else None


def _study(options: argparse.Namespace, area: Area, lang: Lang) -> study.Study | None:
    given = [options.sites, options.before, options.after]
    if not any(given):
        return None
    if not all(given):
        raise RiskmapError(text("year.fault.sites", lang))
    before, after = (
        Span.of(f"--{name}", getattr(options, name)) for name in ("before", "after")
    )
    return study.study(area, study.read_sites(options.sites, area), before=before, after=after)
