"""Commands about campaigns and about the register of hazards, and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from riskmap import cli_commands as commands
from riskmap import cli_options as options
from riskmap.hazard import STATUSES
from riskmap.locale import LANGUAGES
from riskmap.project import SYSTEMS


def add(parsers: Any) -> None:  # noqa: ANN401  # argparse names no type for its subparsers
    """Add them."""
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
        if name not in {"list", "history"}:
            one.add_argument("--by", metavar="NAME", help="who says so (the user of the machine)")
    one = kinds.choices["list"]
    one.add_argument("--status", choices=STATUSES, action="append", help="only these")
    one.add_argument("--layer", metavar="NAME", help="only of this layer")
    one.add_argument("--overdue", action="store_true", help="only the overdue ones")
    options.terms(one, usual="words of --lang")
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
    options.terms(one, report=True)
    one.add_argument("-o", "--output", type=Path, metavar="FILE", help="what became of each row")
