"""`riskmap fetch`: what is asked on the command line, and what is answered."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict

from riskmap import osm
from riskmap.cli_manners import answer
from riskmap.cli_notes import printable


def run(options: argparse.Namespace, progress: Callable[[str, float], None] | None) -> int:
    """Get an extract of a place from OpenStreetMap."""
    found = osm.fetch_place(
        options.place, options.output, layers=options.layers, progress=progress
    )
    size = f"{found.km2:,.0f} km², {found.ways} roads, {found.data_date or 'no date'}"
    said = f"{found.path}: {printable(found.place)} ({found.osm_id}), {size}"
    return answer(options, asdict(found), said)
