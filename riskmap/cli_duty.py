"""`riskmap duty`: how much of the logged duty lies where and when the risk is."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

from riskmap import cli_terms, duty, duty_files, duty_sheet, export
from riskmap.cli_notes import tell_cut
from riskmap.cli_records import language
from riskmap.errors import RiskmapError
from riskmap.locale import text

if TYPE_CHECKING:
    from riskmap.area import Area
    from riskmap.duty_log import DutyLog


def run(options: argparse.Namespace, area: Area) -> int:
    """Lay logged duty beside the risk; say which rows could not be placed."""
    lang = language(options, area)
    log = read(options.log, area, options.crs, options.day)
    period = area.period(options.first, options.last or options.first) if options.first else None
    match = duty.duty_match(log, area, period)
    terms = cli_terms.of(options)
    if options.output:
        duty_sheet.write(match, options.output, lang, **terms)
        tell_cut(match.places, options, lang)
    if options.report:
        export.write_report(log.report, options.report, **terms)
    said = duty_sheet.sentences(match, lang)
    if options.json:
        places = match.places.drop(columns="geometry")
        tables = {"levels": match.levels, "worst": match.worst, "squadrons": match.squadrons,
                  "clock": match.clock, "places": places, "report": log.report}  # fmt: skip
        print(json.dumps({
            "sentences": said, "index": match.index, "where": match.where, "when": match.when,
            "hours": match.hours.to_dict(), "alone": match.alone,
            **{name: json.loads(own.to_json(orient="records")) for name, own in tables.items()},
        }, ensure_ascii=False))  # fmt: skip
        return 0
    print("\n".join(said))
    lost = int((log.report["outcome"] == "dropped").sum())
    if lost:
        print(text("match.dropped", lang, lost=lost, all=len(log.report)))
    for path in filter(None, (options.output, options.report)):
        print(path)
    return 0


def read(paths: list[Path], area: Area, crs: str | None, day: str | None) -> DutyLog:
    """Read logs as the command line names them."""
    for path in paths:
        if not path.exists():
            raise RiskmapError(f"{path}: no such file; copy data/templates/duty.csv")
    try:
        date = dt.date.fromisoformat(day) if day else None
    except ValueError:
        raise RiskmapError(f"--day {day}: no date; write 2026-05-08") from None
    return duty_files.read_duty(paths, area, system=crs, day=date)
