"""Commands about shifts and what is done on duty, and their options."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from riskmap import cli_commands as commands
from riskmap import cli_options as options


def add(parsers: Any) -> None:  # noqa: ANN401  # argparse names no type for its subparsers
    """Add them."""
    command = options.on_area(
        parsers, "deploy", commands.deploy, "plan the posts and patrols of a shift"
    )
    shift(command)
    command.add_argument(
        "--today", type=Path, metavar="FILE", help="the shift as it is worked now, to compare"
    )
    command.add_argument(
        "--steady", type=int, default=0, metavar="N", help="plan N times with other factors"
    )
    command.add_argument(
        "--by-squadron", type=options.folder, metavar="DIR",
        help="a workbook for each squadron besides",
    )  # fmt: skip
    options.terms(command)
    options.output(command, "plan.xlsx|csv|geojson|gpkg|kml|kmz|shp.zip|parquet")

    command = options.on_area(
        parsers, "referrals", commands.referrals, "list the hazards for the road agencies"
    )
    command.add_argument("--most", type=int, default=50, metavar="N", help="how many (50)")
    options.terms(command)
    options.output(command, "referrals.xlsx|csv|geojson|gpkg|kml|kmz|shp.zip|parquet")

    command = options.on_area(
        parsers, "duty", commands.duty, "say how much duty lies where and when the risk is",
        alone=False,
    )  # fmt: skip
    command.add_argument("log", type=Path, nargs="+", metavar="LOG", help="logged duty")
    command.add_argument("--day", metavar="DATE", help="of times that are a clock alone")
    command.add_argument("--crs", metavar="SYSTEM", help="of places where the log does not say")
    command.add_argument("--from", dest="first", metavar="DATE", help="judge these days only")
    command.add_argument("--to", dest="last", metavar="DATE", help="the last of them")
    options.terms(command)
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE",
        help="match.xlsx|csv|geojson|gpkg|kml|kmz|shp.zip|parquet",
    )  # fmt: skip
    command.add_argument("--report", type=Path, metavar="FILE", help="of the rows: report.csv")


def shift(command: argparse.ArgumentParser) -> None:
    """Which shift is planned, and with whom."""
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
    command.add_argument("--seed", type=int, default=0, help="of the times of visits (0)")
    command.add_argument(
        "--steps", type=int, metavar="N", help="of the search for the cars' routes (2000)"
    )
