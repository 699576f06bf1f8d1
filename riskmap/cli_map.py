"""`riskmap map`: what is asked on the command line, and what is answered."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from riskmap import export
from riskmap.cli_manners import answer
from riskmap.cli_records import language
from riskmap.drawn import Corners
from riskmap.errors import RiskmapError
from riskmap.webmap.folium_map import map_html

if TYPE_CHECKING:
    from riskmap.area import Area
    from riskmap.moments import When


def run(
    options: argparse.Namespace, area: Area, when: Callable[[argparse.Namespace, Area], When]
) -> int:
    """Write the map."""
    if options.show_crashes and area.crashes is None:
        raise RiskmapError("--show-crashes: needs crash records; add --crashes FILE")
    page = map_html(
        area, when=when(options, area), lang=language(options, area),
        crashes=options.show_crashes, top=options.top, inside=corners(options.inside),
    )  # fmt: skip
    export.write_text(options.output, page)
    size = len(page.encode())
    return answer(
        options, {"file": str(options.output), "mb": round(size / 1e6, 3)},
        f"{options.output}: {size / 1e6:.1f} MB",
    )  # fmt: skip


def corners(given: str | None) -> Corners | None:
    """
    Corners of a box that is given as west, south, east and north in degrees.

    Raises
    ------
    RiskmapError
        Anything else.
    """
    if given is None:
        return None
    try:
        west, south, east, north = (float(part) for part in given.split(","))
    except ValueError:
        raise RiskmapError(
            f"--inside {given}: write west, south, east and north in degrees, 9.50,47.10,9.55,47.16"
        ) from None
    if not (west < east and south < north):
        raise RiskmapError(
            f"--inside {given}: is empty; write west, south, east and north in that order"
        )
    return ((west, south), (east, south), (east, north), (west, north))
