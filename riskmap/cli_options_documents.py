"""Printed documents and their templates: the options of their commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from riskmap import cli_commands as commands
from riskmap import cli_options as options
from riskmap import cli_options_duty


def add(parsers: Any) -> None:  # noqa: ANN401  # argparse names no type for its subparsers
    """Add them."""
    command = parsers.add_parser("document", help="write a document to print or to send")
    kinds = command.add_subparsers(dest="kind", required=True, metavar="KIND")
    said = {
        "briefing": "the briefing (研判报告) of a period; the next week if none is given",
        "holiday": "the plan of a holiday (节假日方案)",
        "duty": "a sheet (勤务单) of one page for every post and car of a shift",
        "referral": "letters that refer hazards (隐患移交函) to the road agencies",
        "school": "a sheet (护学单) of one page for each of the schools with most harm",
        "education": "which villages, schools, depots to visit and what to tell them (宣教清单)",
        "notice": "a notice for the public (出行提示); of the next week if no period is given",
    }
    for kind, help_ in said.items():
        command = options.on_area(kinds, kind, commands.document, help_)
        for option, value, told in commands.LETTERHEAD:
            command.add_argument(f"--{option}", metavar=value, help=told)
        command.add_argument("--templates", type=Path, metavar="DIR", help="your own templates")
        written = "file.pdf|html; of duty, school and referral also a folder"
        options.output(command, written, printed="pdf")
    cli_options_duty.shift(kinds.choices["duty"])
    for kind in ("briefing", "holiday", "notice"):
        command = kinds.choices[kind]
        options.holiday(command, needed=kind == "holiday")
        command.add_argument("--against", choices=["season", "year"], help="ordinary weeks of")
    most = {"referral": "hazards", "school": "schools", "education": "places of each kind"}
    for kind, what in most.items():
        kinds.choices[kind].add_argument(
            "--most", type=int, default=10, metavar="N", help=f"how many {what} (10)"
        )
    command = kinds.choices["referral"]
    command.add_argument("--to", metavar="AGENCY", help="only to agencies with this in their name")
    command.add_argument("--segment", nargs="+", metavar="ID", help="only hazards on these pieces")
    kinds.choices["school"].add_argument("--name", metavar="TEXT", help="only schools so named")

    command = parsers.add_parser("templates", help="copy the documents' templates out to edit")
    command.add_argument("folder", type=options.folder, metavar="DIR")
    command.set_defaults(run=commands.templates)
