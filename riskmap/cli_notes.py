"""What every command on an area says on standard error of what it was given."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from riskmap.locale import Lang, text

if TYPE_CHECKING:
    import geopandas as gpd

    from riskmap.area import Area

RECORDS = "crashes"
"""Layer of a report whose rows `riskmap crashes` tells of; the others are of `riskmap points`."""


def tell(area: Area, lang: Lang) -> None:
    """Print what is doubtful about the map, the crash records and whole lists."""
    if not sys.stderr:
        return
    notes = [*area.notes, *(area.crashes.notes if area.crashes else ())]
    said = [text(key, lang, **values) for key, values in notes]
    for line in (*said, *of_files(area, lang)):
        print(f"riskmap: {printable(line)}", file=sys.stderr)


def of_files(area: Area, lang: Lang) -> list[str]:
    """Say what is doubtful about whole lists, and how many of their rows were dropped."""
    report = area.report
    notes = report[report["outcome"] == "note"]
    said = [f"{file}: {why}" for file, why in zip(notes["file"], notes[f"why_{lang}"], strict=True)]
    rows = report[report["row"] > 0]
    groups = rows.groupby(["file", rows["layer"] == RECORDS], sort=False)["outcome"]
    for (file, recorded), outcomes in groups:
        dropped = int((outcomes == "dropped").sum())
        if dropped:
            key = "import.dropped" if len(outcomes) > 1 else "import.dropped_one"
            command = "crashes" if recorded else "points"
            said.append(text(
                key, lang, file=file, dropped=dropped, rows=len(outcomes), command=command
            ))  # fmt: skip
    return said


def cuts(options: argparse.Namespace) -> bool:
    """Whether the file that is written has little room for texts."""
    path: Path | None = options.output
    return path is not None and path.name.lower().endswith(".shp.zip")


def tell_cut(table: gpd.GeoDataFrame, options: argparse.Namespace, lang: str) -> None:
    """Print what a list has no room for in a Shapefile; other formats hold everything."""
    if not sys.stderr or not cuts(options):
        return
    if shortened := import_module("riskmap.zipped_lists").too_long(table):
        columns = ", ".join(f"{column} {count}" for column, count in shortened.items())
        # what is printed lies for a moment in a file that nobody knows
        shown = text("download.printed", lang) if options.printing else options.output
        said = text(
            "download.cut", lang, file=shown, count=sum(shortened.values()), columns=columns
        )
        print(f"riskmap: {printable(said)}", file=sys.stderr)


def tell_fewer(shown: int, total: int, lang: Lang) -> None:
    """Print that a document holds fewer than there are, if it does."""
    if sys.stderr and shown < total:
        said = text("documents.fewer", lang, shown=shown, total=total)
        print(f"riskmap: {said}", file=sys.stderr)


def printable(said: object) -> str:
    """Text of a map or a list without what would steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in str(said))
