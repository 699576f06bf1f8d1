"""Resources of a brigade: one TOML or XLSX file, or numbers alone, → who is on duty, and where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riskmap import staffing_checks, staffing_sheet, staffing_tables
from riskmap.errors import RiskmapError
from riskmap.on_duty import Duty, Resources, Task, Team
from riskmap.places import recognised
from riskmap.project import read_toml
from riskmap.staff import (
    Break,
    Forbidden,
    Limits,
    Place,
    Post,
    Rota,
    Shift,
    Squadron,
    Station,
    Town,
    Vehicle,
)
from riskmap.staffing_places import OnRoads, Spot, placed
from riskmap.staffing_sheet import Rows, private
from riskmap.staffing_tables import Read, Values
from riskmap.staffing_words import CRS, PRIVATE, TABLES
from riskmap.values import At, meant, shown

__all__ = [
    "Break", "Duty", "Forbidden", "Limits", "OnRoads", "Place", "Post", "Resources", "Rota",
    "Shift", "Spot", "Squadron", "Station", "Task", "Team", "Town", "Vehicle", "placed",
    "read_resources",
]  # fmt: skip


def read_resources(path: Path, *, crs: str | None, rules: Mapping[str, Any]) -> Resources:
    """
    Read what a brigade has: squadrons, officers, vehicles, shifts, breaks, posts and limits.

    Parameters
    ----------
    path
        A file like data/templates/resources.toml or resources.xlsx. No persons are read: columns
        of names or telephones are refused.
    crs
        Coordinate system of what states none, neither its row nor the file; None is WGS 84.
    rules
        The whole table of parameters; the file may state the `Limits` anew.

    Returns
    -------
    All of it, with places in WGS 84.

    Raises
    ------
    RiskmapError
        What is wrong in the file or contradicts itself, with its place and the way out.
    """
    if path.suffix.lower() == ".xlsx":
        if not path.exists():
            raise RiskmapError(f"{path}: no such file; copy data/templates/resources.xlsx")
        raw, stated = staffing_sheet.tables(path)
        system_at = At(str(path), "sheet '规则'", "crs")
    else:
        raw, stated = _toml(path)
        system_at = At(str(path), "", "crs")
    system = "wgs84" if crs is None else recognised(crs, "crs")
    if stated is not None:
        system = CRS.kind.read(stated, system_at, CRS.kind.wants)
    found = {table: _read(table, raw.get(table, [])) for table in TABLES}
    top = At(str(path))
    result = staffing_tables.resources(found, top, system=system, limits=Limits.of(rules))
    staffing_checks.check(result, top)
    return result


def _toml(path: Path) -> tuple[dict[str, Rows], Any]:
    if not path.exists():
        raise RiskmapError(f"{path}: no such file; copy data/templates/resources.toml")
    table = read_toml(path)
    top = At(str(path))
    found: dict[str, Rows] = {}
    for name, value in table.items():
        if name == "crs":
            continue
        if name not in TABLES:
            if PRIVATE.search(name):
                raise private(top, name)
            way_out = meant(name, [*TABLES, "crs"])
            raise top.error(f"unknown key {shown(name)} at the top; {way_out}")
        if name == "limits":
            if not isinstance(value, dict):
                raise top.error(f"limits is {shown(value)}; write [limits] with single brackets")
            found[name] = [(At(top.file, "[limits]"), value)]
            continue
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise top.error(f"{name} is {shown(value)}; write [[{name}]] with two brackets")
        found[name] = [(At(top.file, f"[[{name}]] {n}"), row) for n, row in enumerate(value, 1)]
    return found, table.get("crs")


def _read(table: str, rows: Rows) -> Read:
    """Check every value of a table; what is not stated has its default."""
    keys = TABLES[table].keys
    result: Read = []
    for at, row in rows:
        for key in row:
            if key not in keys:
                if PRIVATE.search(key):
                    raise private(at, key)
                raise at.error(f"unknown key {shown(key)} {at.place}; {meant(key, keys)}")
        values: Values = {}
        for key, own in keys.items():
            if key in row:
                values[key] = own.kind.read(row[key], At(at.file, at.table, key), own.kind.wants)
            elif own.needed:
                raise at.error(f"missing '{key}' {at.place}; add {own.kind.wants}: {own.means}")
            else:
                values[key] = own.default
        result.append((at, values))
    return result
