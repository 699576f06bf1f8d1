"""Options that many commands have: what they are given, which moment, and where their file goes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from riskmap import cli_commands as commands
from riskmap.locale import LANGUAGES
from riskmap.project import SYSTEMS
from riskmap.vocabulary import HOLIDAYS, WEATHERS


def command(parsers: Any, name: str, run: Any, help_: str) -> argparse.ArgumentParser:  # noqa: ANN401  # argparse names no type for its subparsers
    """Add a command that is given what an area can be given."""
    own: argparse.ArgumentParser = parsers.add_parser(name, help=help_, description=help_)
    own.set_defaults(run=run)
    for option, metavar, said in commands.GIVEN:
        own.add_argument(f"--{option.replace('_', '-')}", metavar=metavar, help=said)
    own.add_argument("--lang", choices=LANGUAGES, help="language (the project's, else zh)")
    return own


def on_area(
    parsers: Any, name: str, run: Any, help_: str, *, alone: bool = True  # noqa: ANN401  # as above
) -> argparse.ArgumentParser:
    """Add a command on an area; not `alone` where a word of its own follows AREA."""
    own = command(parsers, name, run, help_)
    # where another word follows it, argparse could not tell which of the two is left out
    own.add_argument(
        "area", metavar="AREA", nargs="?" if alone else None, help="an extract or a project"
    )
    if alone:
        own.add_argument("--project", metavar="FILE", help="project file, instead of AREA")
    return own


def moment(own: argparse.ArgumentParser) -> None:
    """Add an hour, or a period."""
    own.add_argument("--at", metavar="TIME", help="2026-05-01T18:00; without it the whole year")
    period(own)


def period(own: argparse.ArgumentParser) -> None:
    """Add a period."""
    own.add_argument("--from", dest="first", metavar="DATE", help="a period: a date, or a time")
    own.add_argument("--to", dest="last", metavar="DATE", help="last date, or the time it ends")
    own.add_argument("--weather", choices=WEATHERS, help="then; without it the season's mean")


def holiday(own: argparse.ArgumentParser, *, needed: bool = False) -> None:
    """Add a period, or a named holiday."""
    period(own)
    said = "a named holiday" if needed else "a named holiday instead"
    own.add_argument("--holiday", choices=HOLIDAYS, required=needed, help=said)
    own.add_argument("--year", type=int, help="of the holiday (this one)")


def folder(word: str) -> Path:
    """Folder that is named; an empty name would be the one that one is in."""
    if not word.strip():
        raise argparse.ArgumentTypeError("is empty; name a folder, or '.' for this one")
    return Path(word)


def output(own: argparse.ArgumentParser, example: str, *, printed: str = "csv") -> None:
    """Add the file that must be named; `printed` is its format on standard output, if not asked."""
    own.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help=example)
    own.set_defaults(printed=printed)


def terms(own: argparse.ArgumentParser, *, report: bool = False, usual: str = "names") -> None:
    """
    Add the terms in which a list is written; see `cli_terms.check`.

    `report`: the file of `-o` is a report, as CSV. `usual`: what the headings are if not asked.
    """
    own.add_argument(
        "--headers", choices=("names", *LANGUAGES), default="names" if usual == "names" else None,
        help=f"of the list ({usual}); under Chinese ones codes are words too",
    )  # fmt: skip
    own.add_argument(
        "--coords", choices=SYSTEMS[:3], default="wgs84", help="system of its places (wgs84)"
    )
    own.set_defaults(reports=report)
