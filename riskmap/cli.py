"""The command line: calls, no formulas."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

from riskmap import __version__
from riskmap import cli_commands as commands
from riskmap.errors import RiskmapError
from riskmap.hazard import STATUSES
from riskmap.locale import LANGUAGES
from riskmap.project import SYSTEMS
from riskmap.vocabulary import HOLIDAYS, WEATHERS

EXAMPLES = """\
examples:
  riskmap init county.osm.pbf -o area.toml
  riskmap hotspots area.toml -o hotspots.xlsx
  riskmap hotspots county.osm.pbf --at 2026-05-08T18:00 --by mvkm --top 20 -o friday.csv
  riskmap explain area.toml w1234.56-78.1
  riskmap deploy area.toml --date 2026-05-08 --posts 10 -o plan.xlsx
  riskmap map area.toml -o map.html
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0, or 2 with one line on standard error."""
    if isinstance(sys.stdout, TextIOWrapper):
        # a terminal that lacks a character shows another instead
        sys.stdout.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        if sys.stdout:
            sys.stdout.flush()
    except RiskmapError as fault:
        return _failed(str(fault))
    except BrokenPipeError:
        # whoever read along has seen enough
        _hush()
        return 0
    except OSError as fault:
        _hush()
        return _failed(f"{fault.filename or 'standard output'}: {fault.strerror}; mend that first")
    except MemoryError:
        return _failed("not enough memory; work on a smaller extract")
    except KeyboardInterrupt:
        return _failed("stopped; nothing was written")
    return code


def _failed(fault: str) -> int:
    """Say one line on standard error, whatever names and values stand in it."""
    commands.end_progress()
    if sys.stderr:
        print(f"riskmap: {' '.join(fault.splitlines())}", file=sys.stderr)
    return 2


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

    command = _command(parsers, "init", commands.init, "write a project file for an extract")
    command.add_argument("extract", metavar="EXTRACT", help=".osm.pbf, .osm, .osm.gz or .osm.bz2")
    _output(command, "area.toml")

    command = _on_area(parsers, "hotspots", commands.hotspots, "list the worst pieces of road")
    _moment(command)
    command.add_argument("--top", type=int, default=50, help="how many (50)")
    command.add_argument("--by", choices=["km", "mvkm", "total"], default="km", help="rank (km)")
    _output(command, "list.csv|xlsx|geojson|gpkg|kml|parquet")

    command = _on_area(parsers, "score", commands.score, "score every piece of road")
    _moment(command)
    _output(command, "out.parquet|gpkg|csv|…")

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
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="report.csv")

    command = _on_area(parsers, "outlook", commands.outlook, "compare a period with ordinary weeks")
    _period(command)
    command.add_argument("--holiday", choices=HOLIDAYS, help="a named holiday instead")
    command.add_argument("--year", type=int, help="of the holiday (this one)")
    command.add_argument(
        "--against", choices=["season", "year"], help="ordinary weeks around it, or of the year"
    )
    command.add_argument("--top", type=int, default=20, help="how many roads (20)")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="outlook.xlsx|csv|…")

    command = _on_area(parsers, "weather", commands.weather, "plan for bad weather")
    command.add_argument("--weather", choices=WEATHERS, required=True, help="what is expected")
    command.add_argument("--at", metavar="TIME", help="2026-01-20T07:00; without it such hours")
    command.add_argument("--top", type=int, default=50, help="how many places (50)")
    _output(command, "plan.csv|xlsx|geojson|gpkg|kml|parquet")

    command = _on_area(parsers, "calendar", commands.calendar, "show the days of a year")
    command.add_argument("--year", type=int, help="2026; without it this year")

    command = _on_area(parsers, "divert", commands.divert, "find the ways round the expected jams")
    _moment(command)
    command.add_argument("--jam", metavar="ID", help="one jam, or a segment that is blocked")
    _output(command, "diversions.csv|xlsx|geojson|gpkg|kml|parquet")

    _records(parsers)
    _campaigns(parsers)

    _deploy(parsers)

    _map(parsers)
    return parser


def _map(parsers: Any) -> None:  # noqa: ANN401  # argparse names no type for its subparsers
    """Write what is sent round."""
    command = _on_area(parsers, "map", commands.map_, "write one self-contained HTML map")
    _moment(command)
    command.add_argument(
        "--show-crashes", action="store_true", help="with the crash records as points"
    )
    command.add_argument("--top", type=int, metavar="N", help="only the N worst pieces of road")
    command.add_argument(
        "--inside", metavar="W,S,E,N", help="only what lies between these degrees"
    )
    _output(command, "map.html")

    command = _on_area(
        parsers, "year", commands.year, "write a year against the year before, as a workbook"
    )
    command.add_argument("--year", type=int, help="2025; without it the last of the records")
    command.add_argument("--against", type=int, metavar="YEAR", help="without it the year before")
    command.add_argument(
        "--sites", type=Path, metavar="FILE", help="with the verdict on a measure at these sites"
    )
    command.add_argument("--before", metavar="A..B", help="years or dates before the measure")
    command.add_argument("--after", metavar="C..D", help="years or dates after it")
    command.add_argument(
        "--simulated", action="store_true", help="mark every sheet: the records are no real ones"
    )
    _output(command, "year.xlsx")


def _records(parsers: Any) -> None:  # noqa: ANN401  # as above
    """Commands about crash records."""
    command = _on_area(
        parsers, "backtest", commands.backtest, "test the score on crashes it has not seen"
    )
    command.add_argument("--train", required=True, metavar="YEARS", help="2005..2010, or 2005")
    command.add_argument("--test", required=True, metavar="YEARS", help="2011..2016, or 2011")
    command.add_argument(
        "--replicates", type=int, default=1000, help="of the block bootstrap (1000)"
    )
    command.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="folder for verdict, chart and table"
    )

    command = _on_area(
        parsers, "crashes", commands.crashes, "say what became of every crash record"
    )
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="report.csv")
    command.add_argument(
        "--density", type=Path, metavar="FILE", help="crashes per km along the roads: a .gpkg, …"
    )

    command = _on_area(
        parsers, "evaluate", commands.evaluate, "say whether crashes changed at some sites"
    )
    command.add_argument(
        "--sites", required=True, type=Path, metavar="FILE", help="segments of a list, or points"
    )
    command.add_argument("--before", required=True, metavar="A..B", help="2010..2012, or dates")
    command.add_argument("--after", required=True, metavar="C..D", help="2014..2016, or dates")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="figures.csv")

    command = _on_area(
        parsers, "prone", commands.prone, "list accident-prone sections by rule"
    )
    command.add_argument("--until", type=int, metavar="YEAR", help="last year (of the records)")
    _output(command, "prone.csv|xlsx|geojson|gpkg|kml|parquet")

    command = parsers.add_parser("columns", help="write the column mapping of crash records")
    command.add_argument(
        "file", type=Path, metavar="FILE", help="crash records: a file, or a folder of them"
    )
    command.set_defaults(run=commands.columns)


def _deploy(parsers: Any) -> None:  # noqa: ANN401  # as above
    """Planning shifts."""
    command = _on_area(parsers, "deploy", commands.deploy, "plan the posts and patrols of a shift")
    command.add_argument("--date", required=True, metavar="DATE", help="2026-05-08")
    command.add_argument(
        "--shift", metavar="HOURS", help="07:00-19:00 (it is that), 22:00-06:00, or a shift's name"
    )
    command.add_argument(
        "--resources", type=Path, metavar="FILE", help="squadrons, shifts, vehicles: .toml or .xlsx"
    )
    command.add_argument("--posts", type=int, help="without a file: how many teams stand (0)")
    command.add_argument("--patrols", type=int, help="how many cars patrol (0)")
    command.add_argument("--officers", type=int, help="of a team or car (2)")
    command.add_argument(
        "--station", metavar="LON,LAT", help="where teams begin (where most harm is in reach)"
    )
    command.add_argument("--campaign", metavar="NAME", help="what it is for, by name or file")
    command.add_argument("--exact", action="store_true", help="prove how good the posts are")
    command.add_argument(
        "--today", type=Path, metavar="FILE", help="the shift as it is worked now, to compare"
    )
    command.add_argument("--seed", type=int, default=0, help="of the times of visits (0)")
    command.add_argument(
        "--steps", type=int, metavar="N", help="of the search for the cars' routes (2000)"
    )
    command.add_argument(
        "--steady", type=int, default=0, metavar="N", help="plan N times with other factors"
    )
    command.add_argument(
        "--by-squadron", type=Path, metavar="DIR", help="a workbook for each squadron besides"
    )
    _output(command, "plan.xlsx|csv|geojson|gpkg|kml|parquet")

    command = _on_area(
        parsers, "referrals", commands.referrals, "list the hazards for the road agencies"
    )
    command.add_argument("--most", type=int, default=50, metavar="N", help="how many (50)")
    _output(command, "referrals.xlsx|csv|geojson|gpkg|kml|parquet")

    command = _on_area(
        parsers, "duty", commands.duty, "say how much duty lies where and when the risk is",
        alone=False,
    )  # fmt: skip
    command.add_argument("log", type=Path, nargs="+", metavar="LOG", help="logged duty")
    command.add_argument("--day", metavar="DATE", help="of times that are a clock alone")
    command.add_argument("--crs", metavar="SYSTEM", help="of places where the log does not say")
    command.add_argument("--from", dest="first", metavar="DATE", help="judge these days only")
    command.add_argument("--to", dest="last", metavar="DATE", help="the last of them")
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="match.xlsx|csv|geojson|gpkg|kml"
    )
    command.add_argument("--report", type=Path, metavar="FILE", help="of the rows: report.csv")


def _campaigns(parsers: Any) -> None:  # noqa: ANN401  # argparse names no type for its subparsers
    """Commands about campaigns, and about the register of hazards."""
    _register(parsers)
    command = parsers.add_parser("campaigns", help="list campaigns, show one, or when they are on")
    kinds = command.add_subparsers(dest="kind", required=True, metavar="list|show|calendar")
    kinds.add_parser("list", help="list the campaigns")
    kinds.add_parser("show", help="show one").add_argument("name", metavar="NAME")
    calendar = kinds.add_parser("calendar", help="write the rounds of a year")
    calendar.add_argument("names", nargs="*", metavar="NAME", help="which; without any all")
    calendar.add_argument("--year", type=int, help="2026; without it this year")
    calendar.add_argument(
        "--calendar", metavar="FILE", help="school terms, farm seasons and public holidays"
    )
    calendar.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="calendar.xlsx|csv|ics"
    )
    for kind in kinds.choices.values():
        kind.set_defaults(run=commands.campaigns)
        kind.add_argument("--campaigns", metavar="DIR", help="folder of campaign files")
        kind.add_argument("--layers", metavar="DIR", help="folder of layer files")
        kind.add_argument("--lang", choices=LANGUAGES, help="language (zh)")
        kind.add_argument("--json", action="store_true", help="print JSON")


def _register(parsers: Any) -> None:  # noqa: ANN401  # as above
    said = "enter hazards (隐患台账) and follow them until they are gone"
    command = parsers.add_parser("register", help=said, description=said)
    kinds = command.add_subparsers(
        dest="kind", required=True, metavar="list|add|change|step|undo|history|import"
    )
    for name, said in (
        ("list", "list hazards, or write them to a file"), ("add", "enter a hazard"),
        ("change", "change what is known of a hazard, or add a photo"),
        ("step", "verified, mended, closed, or back"),
        ("undo", "take the last change of a hazard back"),
        ("history", "what happened to a hazard"),
        ("import", "take over a list, all or none of it"),
    ):  # fmt: skip
        one = kinds.add_parser(name, help=said, description=said)
        one.set_defaults(run=commands.register)
        one.add_argument("register", type=Path, metavar="REGISTER", help="register.sqlite")
        one.add_argument("--lang", choices=LANGUAGES, default="zh", help="language (zh)")
        one.add_argument("--layers", metavar="DIR", help="folder of layer files")
        if name in {"change", "step", "undo", "history"}:
            one.add_argument("number", type=int, metavar="NUMBER", help="of the hazard")
        if name in {"list", "history"}:
            one.add_argument("--json", action="store_true", help="print JSON")
        else:
            one.add_argument("--by", metavar="NAME", help="who says so (the user of the machine)")
    one = kinds.choices["list"]
    one.add_argument("--status", choices=STATUSES, action="append", help="only these")
    one.add_argument("--layer", metavar="NAME", help="only of this layer")
    one.add_argument("--overdue", action="store_true", help="only the overdue ones")
    one.add_argument("-o", "--output", type=Path, metavar="FILE", help="xlsx|csv|geojson|gpkg|…")
    for kind in ("add", "change"):
        one, new = kinds.choices[kind], kind == "add"
        one.add_argument("--at", required=new, metavar="LON,LAT", help="where it is")
        one.add_argument("--crs", choices=SYSTEMS, default="wgs84", help="system of --at (wgs84)")
        one.add_argument(
            "--layer", metavar="NAME", default="hazard" if new else None, help="its risk (hazard)"
        )
        for name, said in (("place", "road, kilometre"), ("note", "what it is"),
                           ("reported-by", "who found it")):  # fmt: skip
            one.add_argument(f"--{name}", default="" if new else None, metavar="TEXT", help=said)
        one.add_argument("--date", metavar="DATE", help="when it was found (today)")
        one.add_argument("--due", metavar="DATE", help="when it is to be mended")
        one.add_argument("--photo", type=Path, metavar="FILE", help="JPEG, PNG or WebP")
    one = kinds.choices["step"]
    one.add_argument("status", choices=STATUSES)
    one.add_argument("--remark", default="", metavar="TEXT")
    one = kinds.choices["import"]
    one.add_argument("list", type=Path, metavar="LIST", help="csv, xlsx, geojson, gpkg, kml …")
    one.add_argument("--crs", choices=SYSTEMS, help="system where the list states none")
    one.add_argument("-o", "--output", type=Path, metavar="FILE", help="what became of each row")


def _command(parsers: Any, name: str, run: Any, help_: str) -> argparse.ArgumentParser:  # noqa: ANN401  # argparse names no type for its subparsers
    command: argparse.ArgumentParser = parsers.add_parser(name, help=help_, description=help_)
    command.set_defaults(run=run)
    for option, metavar, said in commands.GIVEN:
        command.add_argument(f"--{option.replace('_', '-')}", metavar=metavar, help=said)
    command.add_argument("--lang", choices=LANGUAGES, help="language (the project's, else zh)")
    return command


def _on_area(
    parsers: Any, name: str, run: Any, help_: str, *, alone: bool = True  # noqa: ANN401  # as above
) -> argparse.ArgumentParser:
    command = _command(parsers, name, run, help_)
    # where another word follows it, argparse could not tell which of the two is left out
    command.add_argument(
        "area", metavar="AREA", nargs="?" if alone else None, help="an extract or a project"
    )
    if alone:
        command.add_argument("--project", metavar="FILE", help="project file, instead of AREA")
    command.add_argument("--json", action="store_true", help="print JSON")
    return command


def _moment(command: argparse.ArgumentParser) -> None:
    command.add_argument("--at", metavar="TIME", help="2026-05-01T18:00; without it the whole year")
    _period(command)


def _period(command: argparse.ArgumentParser) -> None:
    command.add_argument("--from", dest="first", metavar="DATE", help="a period: a date, or a time")
    command.add_argument("--to", dest="last", metavar="DATE", help="last date, or the time it ends")
    command.add_argument("--weather", choices=WEATHERS, help="then; without it the season's mean")


def _output(command: argparse.ArgumentParser, example: str) -> None:
    command.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help=example)
