"""Whether a file is open in another program: then replacing it would lose work, or break it."""

from __future__ import annotations

import os
from pathlib import Path

from riskmap.errors import RiskmapError

OWNERS = (".~lock.{}#", "~${}")
"""What LibreOffice lays beside a file that is open in it, and what Excel and WPS do."""
JOURNALS = ("{}-wal", "{}-journal")
"""What SQLite lays beside a database that is being written."""


def check_closed(path: Path) -> None:
    """
    Refuse a file that is open in another program.

    A spreadsheet saves over what was written meanwhile. What SQLite keeps in a journal, as QGIS has
    it do with every GeoPackage that is open, would be read into the new file and spoil it.
    """
    beside = OWNERS + (JOURNALS if path.suffix.lower() == ".gpkg" else ())
    for pattern in beside:
        mark = path.with_name(pattern.format(path.name))
        if os.path.lexists(mark):  # False where such a name is too long
            raise RiskmapError(
                f"{path}: is open in another program, '{mark.name}' lies beside it; close it there "
                "(after a crash delete that file), or choose another name"
            )
