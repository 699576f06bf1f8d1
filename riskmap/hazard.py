"""A hazard as it is reported (隐患): what, where, until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from riskmap.errors import RiskmapError

STATUSES = ("found", "verified", "mended", "closed")
"""发现, 核实, 整改, 销号: a hazard goes from one to the next, and back to any before."""
METRE = 1e-5
"""About a metre, in degrees."""
LONGEST = 2000
"""Characters of a text."""


@dataclass(frozen=True)
class Hazard:
    """
    What is known of a hazard when it is found.

    `layer` is the risk that it belongs to, `lon` and `lat` are WGS 84, `due` the day by which it is
    to be mended (None: nobody said).
    """

    layer: str
    lon: float
    lat: float
    place: str = ""
    note: str = ""
    reported_by: str = ""
    reported: dt.date | None = None
    due: dt.date | None = None

    def __post_init__(self) -> None:
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):  # noqa: PLR2004  # degrees
            raise RiskmapError(
                f"register: longitude {self.lon}, latitude {self.lat} is no place on earth"
            )
        if not self.layer:
            raise RiskmapError("register: a hazard needs a layer, such as hazard")
        for name in ("place", "note", "reported_by"):
            object.__setattr__(self, name, words(name, getattr(self, name)))


FIELDS = tuple(own.name for own in fields(Hazard))


def words(name: str, text: str) -> str:
    """A text as it is kept, without blanks at its ends; or a clear error."""
    if len(text) > LONGEST:
        raise RiskmapError(f"register: {name} has more than {LONGEST:,} characters")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise RiskmapError(f"register: {name} is no text in UTF-8; type it again")
    return text.strip()


def as_row(hazard: Hazard) -> dict[str, Any]:
    """Values of a hazard as the register holds them."""
    row = asdict(hazard)
    for name in ("reported", "due"):
        row[name] = row[name].isoformat() if row[name] else None
    return row


def same(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two rows are one hazard: all alike within a metre, the day if both state it."""
    days = row["reported"], other["reported"]
    return (
        all(row[name] == other[name] for name in ("layer", "place", "note"))
        and all(abs(row[name] - other[name]) <= METRE for name in ("lon", "lat"))
        and (None in days or days[0] == days[1])
    )


def day(text: str | None) -> dt.date | None:
    """Day of a text such as 2026-05-08; None for none."""
    return dt.date.fromisoformat(text) if text else None
