"""Checked rows of a resources file → squadrons, vehicles, shifts, rotas, breaks, posts, limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from riskmap import staffing_checks
from riskmap.calendars import DAYS
from riskmap.coords import to_wgs84
from riskmap.on_duty import AFOOT, Resources
from riskmap.places import Account, beside
from riskmap.places import placed as shapes_of
from riskmap.sheets import INSIDE, read_sheets
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
    listed,
    written,
)
from riskmap.staffing_words import over_midnight
from riskmap.values import At, meant

Values = dict[str, Any]
Read = list[tuple[At, Values]]
"""Rows of a table, each with its place; keys that it does not state have their default."""
AREAS = tuple(end for end in INSIDE if end not in {".csv", ".xlsx"})
"""Kinds of file that can hold the area of a squadron."""


def resources(
    found: Mapping[str, Read], top: At, *, system: str, limits: Limits
) -> Resources:
    """
    Make the resources of a brigade of the rows of its file.

    Parameters
    ----------
    found
        Rows by table, every table of `staffing_words.TABLES`.
    top
        The file.
    system
        Coordinate system of rows that state none.
    limits
        Those that the file does not state.

    Raises
    ------
    RiskmapError
        What contradicts itself in a row, or names something that there is not.
    """
    limits = _limits(found["limits"], limits)
    squadrons = _squadrons(found, top, system)
    vehicles = _vehicles(found["vehicle"], limits, squadrons)
    shifts = _shifts(found["shift"], top)
    return Resources(
        squadrons, vehicles, shifts,
        _rotas(found["rota"], squadrons, vehicles, shifts, limits, top),
        _breaks(found["break"], shifts),
        _posts(found["post"], system, limits, squadrons, shifts),
        _forbidden(found["forbidden"], system), limits,
    )  # fmt: skip


def _limits(rows: Read, known: Limits) -> Limits:
    stated = {key: value for _, row in rows for key, value in row.items() if value is not None}
    limits = replace(known, **stated)
    least, most = limits.least_stop_min, limits.longest_stop_min
    if least > most and rows:
        raise rows[0][0].error(
            f"least_stop_min {least:g} {rows[0][0].place} is above longest_stop_min {most:g}; "
            "exchange them"
        )
    return limits


def _squadrons(found: Mapping[str, Read], top: At, system: str) -> tuple[Squadron, ...]:
    if not found["squadron"]:
        raise top.error("no officers: it has no squadron; add a [[squadron]] with officers = 12")
    _unique(found["squadron"], "id")
    ids = [row["id"] for _, row in found["squadron"]]
    towns: dict[str, list[Town]] = {own: [] for own in ids}
    for at, row in found["place"]:
        _known(row["squadron"], ids, "squadron", at)
        lon, lat = _degrees(row, at, system) or _nowhere(at, "lon and lat")
        towns[row["squadron"]].append(Town(row["name"], lon, lat))
    seen: dict[str, str] = {}
    result = []
    for at, row in found["squadron"]:
        numbers = row["officer_ids"]
        if numbers and len(numbers) != row["officers"]:
            raise at.error(
                f"'officer_ids' {at.place} are {len(numbers)}, but officers = {row['officers']}; "
                "give one to each, or leave them out"
            )
        for number in numbers:
            if number in seen:
                raise at.error(
                    f"officer '{number}' {at.place} is also in '{seen[number]}'; mend one"
                )
            seen[number] = row["id"]
        if row["area"] and towns[row["id"]]:
            raise at.error(
                f"squadron '{row['id']}' {at.place} has an area and places; leave one of them out"
            )
        where = _place(row, at, system)
        result.append(Squadron(
            row["id"], *_names(row, row["id"]), Station(where.lon, where.lat, where.node),
            row["officers"], numbers, _area(row["area"], at, system), tuple(towns[row["id"]]),
        ))  # fmt: skip
    return tuple(result)


def _vehicles(rows: Read, limits: Limits, squadrons: Iterable[Squadron]) -> tuple[Vehicle, ...]:
    _unique(rows, "id")
    result = []
    for at, row in rows:
        _known(row["squadron"], [own.id for own in squadrons], "squadron", at)
        if re.fullmatch(rf".*{AFOOT}\d+", row["id"]):
            raise at.error(
                f"id '{row['id']}' {at.place} is like that of a team without a vehicle; rename it"
            )
        least = limits.aboard(row["kind"])
        own = row["officers"] or least
        if own < least:
            raise at.error(
                f"'officers' {at.place} is {own}; a {row['kind']} has at least {least}: add one, "
                f"or state officers_{row['kind']} in [limits]"
            )
        result.append(Vehicle(row["id"], row["kind"], row["squadron"], own, row["patrols"]))
    return tuple(result)


def _shifts(rows: Read, top: At) -> tuple[Shift, ...]:
    if not rows:
        raise top.error("it has no shift; add a [[shift]] with name, from and to")
    _unique(rows, "name")
    return tuple(
        Shift(row["name"], *over_midnight(row["from"], row["to"], at)) for at, row in rows
    )


def _rotas(
    rows: Read,
    squadrons: tuple[Squadron, ...],
    vehicles: tuple[Vehicle, ...],
    shifts: tuple[Shift, ...],
    limits: Limits,
    top: At,
) -> tuple[Rota, ...]:
    """Who works which shift; one without a row is worked by all on every day."""
    result = []
    stated = {row["shift"] for _, row in rows}
    of = {own.id: own for own in squadrons}
    garage = {own.id: tuple(v for v in vehicles if v.squadron == own.id) for own in squadrons}
    for at, row in rows:
        _known(row["shift"], [shift.name for shift in shifts], "shift", at)
        squadron = of[_known(row["squadron"], list(of), "squadron", at)]
        numbers = row["officer_ids"]
        for number in numbers:
            _known(number, squadron.officer_ids, f"officer of squadron '{squadron.id}'", at)
        count = row["officers"] or len(numbers) or squadron.officers
        if numbers and count != len(numbers):
            raise at.error(
                f"'officers' {at.place} is {count}, but it names {len(numbers)}; mend one"
            )
        if count > squadron.officers:
            raise at.error(
                f"'officers' {at.place} is {count}, but squadron '{squadron.id}' has "
                f"{squadron.officers}; mend one of them"
            )
        names = row["vehicles"]
        own = {vehicle.id: vehicle for vehicle in garage[squadron.id]}
        for name in names or ():
            _known(name, list(own), f"vehicle of squadron '{squadron.id}'", at)
        numbers = numbers or (squadron.officer_ids if count == squadron.officers else ())
        rota = Rota(
            row["shift"], squadron.id, row["days"], count, numbers,
            tuple(own) if names is None else names,
        )  # fmt: skip
        staffing_checks.crew(rota, own, limits, at)
        result.append(rota)
    for shift in shifts:
        if shift.name not in stated:
            for squadron in squadrons:
                own = {vehicle.id: vehicle for vehicle in garage[squadron.id]}
                rota = Rota(
                    shift.name, squadron.id, DAYS, squadron.officers, squadron.officer_ids,
                    tuple(own),
                )  # fmt: skip
                staffing_checks.crew(rota, own, limits, At(top.file, "[[squadron]]"))
                result.append(rota)
    return tuple(result)


def _breaks(rows: Read, shifts: tuple[Shift, ...]) -> tuple[Break, ...]:
    result = []
    for at, row in rows:
        first, last = over_midnight(row["from"], row["to"], at)
        if last - first < row["minutes"]:
            raise at.error(
                f"'minutes' {at.place} is {row['minutes']:g}, longer than its window "
                f"{written((first, last))}; mend one of them"
            )
        own = Break(
            row["minutes"], first, last - row["minutes"], row["where"] == "station", row["at_once"]
        )
        names = row["shifts"] or tuple(shift.name for shift in shifts)
        for name in names:
            _known(name, [shift.name for shift in shifts], "shift", at)
        fits = tuple(s.name for s in shifts if s.name in names and own.within(s))
        for shift in shifts:
            if shift.name in names and row["minutes"] >= shift.to_min - shift.from_min:
                raise at.error(
                    f"'minutes' {at.place} is {row['minutes']:g}, as long as shift '{shift.name}' "
                    f"{written(shift.window)} or longer; shorten it, or name other shifts"
                )
        lost = [name for name in row["shifts"] if name not in fits]
        if lost or not fits:
            raise at.error(
                f"the window {written((first, last))} {at.place} does not lie within shift "
                f"{listed(lost or names)}; mend its times"
            )
        result.append(replace(own, shifts=fits))
    return tuple(result)


def _posts(
    rows: Read,
    system: str,
    limits: Limits,
    squadrons: Iterable[Squadron],
    shifts: Iterable[Shift],
) -> tuple[Post, ...]:
    _unique(rows, "id")
    result = []
    for at, row in rows:
        if row["squadron"]:
            _known(row["squadron"], [own.id for own in squadrons], "squadron", at)
        for name in row["shifts"]:
            _known(name, [shift.name for shift in shifts], "shift", at)
        count = row["officers"] or limits.officers_post
        if count < limits.officers_post:
            raise at.error(
                f"'officers' {at.place} is {count}; a post has at least {limits.officers_post}: "
                "add one, or state officers_post in [limits]"
            )
        result.append(Post(
            row["id"], *_names(row, row["id"]), _place(row, at, system), row["hours"], row["days"],
            count, row["school"], row["squadron"], row["shifts"], row["locked"],
        ))  # fmt: skip
    return tuple(result)


def _forbidden(rows: Read, system: str) -> tuple[Forbidden, ...]:
    _unique(rows, "id")
    return tuple(
        Forbidden(row["id"], *_names(row, row["id"]), _place(row, at, system), row["radius_m"])
        for at, row in rows
    )


# --- parts of a row ----------------------------------------------------------------------------


def _unique(rows: Read, key: str) -> None:
    seen: dict[str, At] = {}
    for at, row in rows:
        if row[key] in seen:
            raise at.error(
                f"{key} '{row[key]}' {at.place} is there already {seen[row[key]].place}; rename one"
            )
        seen[row[key]] = at


def _known(name: str, known: Iterable[str], what: str, at: At) -> str:
    known = list(known)
    if name not in known:
        way_out = meant(name, known) if known else "there is none: add it, or leave this out"
        raise at.error(f"'{name}' {at.place} is no {what}; {way_out}")
    return name


def _names(row: Values, instead: str) -> tuple[str, str]:
    return row["zh"] or row["en"] or instead, row["en"] or row["zh"] or instead


def _place(row: Values, at: At, system: str) -> Place:
    """The one place that a row states."""
    named = [key for key in ("node", "segment_id") if row.get(key)]
    degrees = _degrees(row, at, system)
    wanted = "lon and lat, or node" + (", or segment_id" if "segment_id" in row else "")
    if len(named) + (degrees is not None) > 1:
        raise at.error(f"two places {at.place}; give one of {wanted}")
    if degrees:
        return Place(*degrees)
    return Place(None, None, row["node"], row.get("segment_id") or "") if named else Place(
        *_nowhere(at, wanted)
    )


def _degrees(row: Values, at: At, system: str) -> tuple[float, float] | None:
    """Degrees of a row in WGS 84."""
    lon, lat = row["lon"], row["lat"]
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        raise at.error(f"'{'lon' if lon is None else 'lat'}' is missing {at.place}; add it")
    x, y = to_wgs84(lon, lat, row["crs"] or system)
    return float(x), float(y)


def _nowhere(at: At, wanted: str) -> tuple[float, float]:
    raise at.error(f"no place {at.place}; give {wanted}")


def _area(name: str, at: At, system: str) -> shapely.Geometry | None:
    """Polygons of a file beside the resources, in WGS 84."""
    if not name:
        return None
    path = Path(at.file).parent / name
    if path.suffix.lower() not in AREAS:
        raise at.error(f"area '{name}' {at.place} is no map; use {', '.join(AREAS)}")
    if not path.exists():
        raise at.error(
            f"area '{name}' {at.place} does not exist; it is looked for beside this file"
        )
    (sheet,) = read_sheets([path], {"name": ("name", "名称")})
    account = Account(sheet)
    shapes = shapes_of(sheet, account, stated=beside(path), option=system).shapes
    polygons = shapes[account.alive & (shapely.get_dimensions(shapes) == 2)]  # noqa: PLR2004  # areas
    if not len(polygons):
        raise at.error(f"area '{name}' {at.place} holds no polygon; draw the area as one")
    return shapely.union_all(np.asarray(polygons))
