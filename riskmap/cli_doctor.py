"""`riskmap doctor`: whether all is there that riskmap needs."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from riskmap import __version__, doctor
from riskmap.cli_manners import answer
from riskmap.cli_notes import printable
from riskmap.locale import text

FAULTS = 1
"""Exit code when a check finds one."""


def run(options: argparse.Namespace) -> int:
    """Print one line a check; 1 if one of them finds a fault."""
    found = doctor.examine(
        doctor.Asked(options.area, options.layers, options.calendar, lang=options.lang)
    )
    faults = sum(not check.ok for check in found)
    lines = [f"riskmap {__version__}"]
    for check in found:
        mark = text("doctor.ok" if check.ok else "doctor.fault", options.lang)
        title = text(f"doctor.{check.name}", options.lang)
        lines.append(f"{mark:5}  {title}  {printable(check.said)}")
    lines.append(text("doctor.faults" if faults else "doctor.well", options.lang, count=faults))
    rows = [asdict(check) for check in found]
    answer(options, {"ok": not faults, "version": __version__, "checks": rows}, *lines)
    return FAULTS if faults else 0
