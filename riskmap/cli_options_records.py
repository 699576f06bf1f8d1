"""Commands about crash records, and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from riskmap import cli_commands as commands
from riskmap import cli_options as options


def add(parsers: Any) -> None:  # noqa: ANN401  # argparse names no type for its subparsers
    """Add them."""
    command = options.on_area(
        parsers, "backtest", commands.backtest, "test the score on crashes it has not seen"
    )
    command.add_argument("--train", required=True, metavar="YEARS", help="2005..2010, or 2005")
    command.add_argument("--test", required=True, metavar="YEARS", help="2011..2016, or 2011")
    command.add_argument(
        "--replicates", type=int, default=1000, help="of the block bootstrap (1000)"
    )
    command.add_argument(
        "-o", "--output", type=options.folder, metavar="DIR",
        help="folder for verdict, chart and table",
    )  # fmt: skip

    command = options.on_area(
        parsers, "crashes", commands.crashes, "say what became of every crash record"
    )
    options.terms(command, report=True)
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="report.csv")
    command.add_argument(
        "--density", type=Path, metavar="FILE", help="crashes per km along the roads: a .gpkg, …"
    )

    command = options.on_area(
        parsers, "evaluate", commands.evaluate, "say whether crashes changed at some sites"
    )
    command.add_argument(
        "--sites", required=True, type=Path, metavar="FILE", help="segments of a list, or points"
    )
    command.add_argument("--before", required=True, metavar="A..B", help="2010..2012, or dates")
    command.add_argument("--after", required=True, metavar="C..D", help="2014..2016, or dates")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="figures.csv")

    command = options.on_area(
        parsers, "prone", commands.prone, "list accident-prone sections by rule"
    )
    command.add_argument("--until", type=int, metavar="YEAR", help="last year (of the records)")
    options.terms(command)
    options.output(command, "prone.csv|xlsx|geojson|gpkg|kml|kmz|shp.zip|parquet")

    command = options.on_area(
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
    options.output(command, "year.xlsx", printed="xlsx")

    command = parsers.add_parser("columns", help="write the column mapping of crash records")
    command.add_argument(
        "file", type=Path, metavar="FILE", help="crash records: a file, or a folder of them"
    )
    command.set_defaults(run=commands.columns)
