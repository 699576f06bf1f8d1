"""`riskmap doctor`: whether all is there that riskmap needs."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from riskmap import __version__, doctor
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
    if options.json:
        rows = [asdict(check) for check in found]
        told = {"ok": not faults, "version": __version__, "checks": rows}
        print(json.dumps(told, ensure_ascii=False))
        return FAULTS if faults else 0
    print(f"riskmap {__version__}")
    for check in found:
        mark = text("doctor.ok" if check.ok else "doctor.fault", options.lang)
        print(f"{mark:5}  {text(f'doctor.{check.name}', options.lang)}  {printable(check.said)}")
    print(text("doctor.faults" if faults else "doctor.well", options.lang, count=faults))
    return FAULTS if faults else 0
