"""What a brigade writes on its documents: name, addressee, number, contact, templates."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from riskmap.errors import RiskmapError


@dataclass(frozen=True)
class Office:
    """
    The letterhead; what is "" is left as a line to write on.

    `simulated` says which of the data are simulated, "" none: every document tells it. `templates`
    is a folder of the brigade's own templates.
    """

    unit: str = ""
    addressee: str = ""
    contact: str = ""
    phone: str = ""
    number: str = ""
    simulated: str = ""
    templates: Path | None = None


NOBODY = Office()
"""Of which nothing is known."""


def read_office(path: Path, table: Any, home: Path) -> Office:  # noqa: ANN401  # of TOML
    """
    Read the table `[documents]` of a project file.

    Raises
    ------
    RiskmapError
        A key that nobody knows, a value that is no text, or a folder that does not exist.
    """
    known = [field.name for field in fields(Office)]
    if not isinstance(table, Mapping):
        raise RiskmapError(f"{path}: documents must be a table, [documents]")
    for key, value in table.items():
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            meant = f"; did you mean '{close[0]}'?" if close else f"; known are {', '.join(known)}"
            raise RiskmapError(f"{path}: unknown key '{key}' in [documents]{meant}")
        if not isinstance(value, str):
            raise RiskmapError(f"{path}: {key} in [documents] must be text in quotes")
    told = dict(table)
    folder = told.pop("templates", "")
    if folder and not (home / folder).is_dir():
        raise RiskmapError(
            f"{path}: templates = '{folder}' in [documents] is no folder; make it with "
            "`riskmap templates`"
        )
    return Office(**told, templates=home / folder if folder else None)
