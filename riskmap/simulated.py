"""What of an area's data is simulated: the brigade says so, or the name of a file does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.locale import Lang, text

if TYPE_CHECKING:
    from riskmap.area import Area
    from riskmap.crashes import Crashes

SIGNS = ("模拟", "simulat", "synthetic")
"""In the name of a file of records: these are no real ones."""


def what(area: Area, lang: Lang) -> str:
    """What of the data is simulated, in words; nothing where nobody says so."""
    if area.office.simulated:
        return area.office.simulated
    known = area.crashes is not None and looks_simulated(area.crashes)
    return text("simulated.crashes", lang) if known else ""


def looks_simulated(crashes: Crashes) -> bool:
    """Whether the name of a file of the records says that they are no real ones."""
    names = crashes.table["file"].unique() if len(crashes.table) else []
    return any(sign in str(name).lower() for name in names for sign in SIGNS)
