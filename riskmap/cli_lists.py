"""`riskmap hotspots`, `score` and `changes`: what is asked, and what is answered."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from riskmap import cli_terms, export, list_about, list_changes
from riskmap.cli_manners import answer
from riskmap.cli_notes import printable, tell_cut
from riskmap.cli_records import language
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, text

if TYPE_CHECKING:
    from riskmap.area import Area, By
    from riskmap.moments import When


def write(
    options: argparse.Namespace, area: Area, *, top: int | None, by: By, when: When, joined: bool
) -> int:
    """Write the worst pieces of road, or the stretches that they make."""
    lang = language(options, area)
    if joined:
        table = area.stretches(top=top, by=by, when=when, lang=lang)
    else:
        table = area.hotspots(top=top, by=by, when=when, lang=lang)
    list_about.write(
        area, table, options.output, by=by, when=when, lang=lang,
        headers=options.headers, coords=options.coords,
    )  # fmt: skip
    tell_cut(table, options, lang)
    first = table.iloc[0]
    told = ("name", "from", "to", "level") if joined else ("segment_id", "name", "level")
    summary = {
        "file": str(options.output), "rows": len(table), "area": area.name,
        "road_km": round(float(area.segments["length_m"].sum()) / 1000.0, 1),
        "data_date": area.data_date, "worst": {name: first[name] for name in told},
    }  # fmt: skip
    if joined:
        said = text(
            "stretches.said", lang, count=len(table), pieces=table["pieces"].sum(),
            name=first["name"], first=first["from"], last=first["to"], metres=first["length_m"],
        )  # fmt: skip
        return answer(options, summary, printable(f"{options.output}: {said}"))
    worst = f"{first['segment_id']} {printable(first['name'])}"
    return answer(options, summary, f"{options.output}: {len(table)} × ≤100 m, {worst}")


def changes(options: argparse.Namespace) -> int:
    """Compare two lists."""
    terms = cli_terms.check(options)
    if not options.least >= 0.0:
        raise RiskmapError(f"--least {options.least:g}: must be 0 or more")
    old, new = (list_changes.read(path) for path in (options.old, options.new))
    table = list_changes.changes(old, new, least_pct=options.least)
    export.write_list(table, options.output, **terms)
    tell_cut(table, options, options.lang or LANGUAGES[0])
    counts = {name: int((table["change"] == name).sum()) for name in list_changes.CHANGES}
    said = text("changes.said", options.lang or LANGUAGES[0], **counts)
    return answer(options, {"file": str(options.output), **counts}, f"{options.output}: {said}")
