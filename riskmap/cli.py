"""The command line: calls, no formulas."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

from riskmap import (
    __version__,
    cli_manners,
    cli_options_campaigns,
    cli_options_documents,
    cli_options_duty,
    cli_options_lists,
    cli_options_records,
)
from riskmap import cli_commands as commands
from riskmap.cli_options import command as _command
from riskmap.cli_options import holiday as _holiday
from riskmap.cli_options import moment as _moment
from riskmap.cli_options import on_area as _on_area
from riskmap.cli_options import output as _output
from riskmap.cli_options import terms as _terms
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES
from riskmap.vocabulary import WEATHERS

SHELLS = ("bash", "zsh")
REFUSED = 2
"""Exit code when nothing was done, or not all; that of a doctor's fault is `cli_doctor.FAULTS`."""
EXAMPLES = """\
examples:
  riskmap init county.osm.pbf -o area.toml
  riskmap hotspots area.toml -o hotspots.xlsx
  riskmap hotspots county.osm.pbf --at 2026-05-08T18:00 --by mvkm --top 20 -o friday.csv
  riskmap changes april.xlsx may.xlsx -o changes.xlsx
  riskmap explain area.toml w1234.56-78.1
  riskmap deploy area.toml --date 2026-05-08 --posts 10 -o plan.xlsx
  riskmap map area.toml -o map.html
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0, `FAULTS`, or `REFUSED` with one line on standard error."""
    if isinstance(sys.stdout, TextIOWrapper):
        # a terminal that lacks a character shows another instead
        sys.stdout.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        code = cli_manners.run(options)
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        # whoever read along has seen enough
        _hush()
        return 0
    except (RiskmapError, OSError, MemoryError, KeyboardInterrupt) as fault:
        if options.verbose and sys.stderr:
            traceback.print_exception(fault)
        return _failed(_told(fault))
    return code


def _told(fault: BaseException) -> str:
    """Say what happened, and the way out."""
    if isinstance(fault, OSError):
        _hush()
        return f"{fault.filename or 'standard output'}: {fault.strerror}; mend that first"
    if isinstance(fault, MemoryError):
        return "not enough memory; work on a smaller extract"
    return "stopped; nothing was written" if isinstance(fault, KeyboardInterrupt) else str(fault)


def _failed(fault: str) -> int:
    """Say one line on standard error, whatever names and values stand in it."""
    cli_manners.end_progress()
    if sys.stderr:
        print(f"riskmap: {' '.join(fault.splitlines())}", file=sys.stderr)
    return REFUSED


def _hush() -> None:
    """Drop what is not printed yet: Python would try, and complain, again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; --help says the rest."""

    def error(self, message: str) -> NoReturn:
        sys.exit(_failed(f"{message}; see `{self.prog} --help`"))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="riskmap",
        description="Where a county's roads are dangerous, when and why.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"riskmap {__version__}")
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    _extracts(parsers)

    cli_options_lists.add(parsers)

    command = _on_area(
        parsers, "explain", commands.explain, "say why a piece scores so", alone=False
    )
    command.add_argument("segment_id", metavar="SEGMENT_ID", help="from a list")
    _moment(command)

    command = parsers.add_parser("layers", help="check layer files, or list layers")
    kinds = command.add_subparsers(dest="kind", required=True, metavar="check|list")
    check = kinds.add_parser("check", help="check every layer file and run its examples")
    check.add_argument("folder", nargs="?", metavar="DIR", help="folder of layer files")
    check.set_defaults(run=commands.layers_check)
    _on_area(kinds, "list", commands.layers_list, "list the layers")

    command = _on_area(
        parsers, "points", commands.points, "say what became of every row of the lists"
    )
    _terms(command, report=True)
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="report.csv")

    command = _on_area(parsers, "outlook", commands.outlook, "compare a period with ordinary weeks")
    _holiday(command)
    command.add_argument(
        "--against", choices=["season", "year"], help="ordinary weeks around it, or of the year"
    )
    command.add_argument("--top", type=int, default=20, help="how many roads (20)")
    _terms(command)
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="outlook.xlsx|csv|…")

    command = _on_area(parsers, "weather", commands.weather, "plan for bad weather")
    command.add_argument("--weather", choices=WEATHERS, required=True, help="what is expected")
    command.add_argument("--at", metavar="TIME", help="2026-01-20T07:00; without it such hours")
    command.add_argument("--top", type=int, default=50, help="how many places (50)")
    _terms(command)
    _output(command, "plan.csv|xlsx|geojson|gpkg|kml|kmz|shp.zip|parquet")

    command = _on_area(parsers, "calendar", commands.calendar, "show the days of a year")
    command.add_argument("--year", type=int, help="2026; without it this year")

    command = _on_area(parsers, "divert", commands.divert, "find the ways round the expected jams")
    _moment(command)
    command.add_argument("--jam", metavar="ID", help="one jam, or a segment that is blocked")
    _terms(command)
    _output(command, "diversions.csv|xlsx|geojson|gpkg|kml|kmz|shp.zip|parquet")

    cli_options_records.add(parsers)
    cli_options_campaigns.add(parsers)
    cli_options_duty.add(parsers)
    cli_options_documents.add(parsers)

    command = _on_area(parsers, "map", commands.map_, "write one self-contained HTML map")
    _moment(command)
    command.add_argument(
        "--show-crashes", action="store_true", help="with the crash records as points"
    )
    command.add_argument("--top", type=int, metavar="N", help="only the N worst pieces of road")
    command.add_argument(
        "--inside", metavar="W,S,E,N", help="only what lies between these degrees"
    )
    _output(command, "map.html", printed="html")

    _machine(parsers)
    cli_manners.teach(parser)
    return parser


def _extracts(parsers: Any) -> None:  # noqa: ANN401  # argparse names no type for its subparsers
    """Commands that a county begins with."""
    command = _command(parsers, "init", commands.init, "write a project file for an extract")
    command.add_argument("extract", metavar="EXTRACT", help=".osm.pbf, .osm, .osm.gz or .osm.bz2")
    _output(command, "area.toml", printed="toml")

    said = "get an extract of a place from OpenStreetMap, where there is internet"
    command = parsers.add_parser("fetch", help=said, description=said)
    command.set_defaults(run=commands.fetch)
    command.add_argument("place", metavar="PLACE", help='as a map has it: "Guixi, Jiangxi"')
    command.add_argument("--layers", metavar="DIR", help="folder of layer files")
    _output(command, "county.osm.pbf|osm", printed="osm")


def _machine(parsers: Any) -> None:  # noqa: ANN401  # as above
    """Commands about the machine that riskmap runs on."""
    said = "check what is installed, the data and the layers"
    command = parsers.add_parser("doctor", help=said, description=said)
    command.set_defaults(run=commands.doctor)
    command.add_argument("area", metavar="AREA", nargs="?", help="an extract or a project, too")
    command.add_argument("--layers", metavar="DIR", help="folder of layer files")
    command.add_argument("--calendar", metavar="FILE", help="a brigade's own calendar")
    command.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0], help="language (zh)")

    said = "print a script that completes commands and options in a shell"
    command = parsers.add_parser("completion", help=said, description=said)
    command.set_defaults(run=_completion)
    command.add_argument("shell", choices=SHELLS, help="of which shell")


def _completion(options: argparse.Namespace) -> int:
    return int(import_module("riskmap.cli_completion").run(options, _parser()))
