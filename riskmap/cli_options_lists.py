"""Commands that write lists of roads, and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from riskmap import cli_commands as commands
from riskmap import cli_options as options
from riskmap.locale import LANGUAGES


def add(parsers: Any) -> None:  # noqa: ANN401  # argparse names no type for its subparsers
    """Add them."""
    command = options.on_area(
        parsers, "hotspots", commands.hotspots, "list the worst pieces of road"
    )
    options.moment(command)
    command.add_argument("--top", type=int, default=50, help="how many (50)")
    command.add_argument("--by", choices=["km", "mvkm", "total"], default="km", help="rank (km)")
    command.add_argument(
        "--stretches", action="store_true", help="join pieces that touch on the same road"
    )
    options.terms(command)
    options.output(command, "list.csv|xlsx|geojson|gpkg|kml|kmz|shp.zip|parquet")

    command = options.on_area(parsers, "score", commands.score, "score every piece of road")
    options.moment(command)
    options.terms(command)
    options.output(command, "out.parquet|gpkg|csv|…")

    said = "compare two lists: what is new, gone, risen, fallen"
    command = parsers.add_parser("changes", help=said, description=said)
    command.set_defaults(run=commands.changes)
    command.add_argument("old", type=Path, metavar="OLD", help="the earlier list")
    command.add_argument("new", type=Path, metavar="NEW", help="the later list")
    command.add_argument(
        "--least", type=float, default=10.0, metavar="PERCENT",
        help="change of harm per km that counts on the same level (10)",
    )  # fmt: skip
    options.terms(command)
    command.add_argument("--lang", choices=LANGUAGES, help="language (zh)")
    options.output(command, "changes.csv|xlsx|geojson|gpkg|kml|kmz|shp.zip|parquet")
