"""`riskmap register`: enter hazards, follow them until they are gone, lists in and out."""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
from typing import Any

import geopandas as gpd

from riskmap import cli_terms, export, hazard_lists, layers, list_terms
from riskmap.cells import days
from riskmap.cli_manners import answer
from riskmap.cli_notes import tell_cut
from riskmap.coords import to_wgs84
from riskmap.errors import RiskmapError
from riskmap.hazard import STATUSES, Hazard
from riskmap.locale import text
from riskmap.register import Register


def run(options: argparse.Namespace) -> int:
    """Do what is asked of a register."""
    if options.kind in ("list", "import"):
        cli_terms.check(options)
    register = Register(options.register)
    said: dict[str, Any] = {
        "list": _list, "add": _add, "change": _change, "step": _step, "undo": _undo,
        "history": _history, "import": _import,
    }  # fmt: skip
    said[options.kind](options, register)
    return 0


def _list(options: argparse.Namespace, register: Register) -> None:
    table = register.table()
    keep = table["overdue"] | (not options.overdue)
    keep &= table["status"].isin(options.status or STATUSES)
    if options.layer:
        keep &= table["layer"] == options.layer
    found = hazard_lists.listed(table[keep], layers.read_layers(options.layers), options.lang)
    if options.output:
        _write(options, table[keep])
        tell_cut(found, options, options.lang)
    if options.json:
        machine = hazard_lists.named(table[keep]).drop(columns="geometry")
        print(machine.to_json(orient="records", force_ascii=False))
        return
    if found.empty:
        print(text("register.none", options.lang))
        return
    if not options.output:
        for row in found.drop(columns=["geometry"]).itertuples(index=False):
            print("  ".join(str(value) for value in row if value != ""))
    late = int(table.loc[keep, "overdue"].sum())
    print(text("register.sum", options.lang, count=len(found), late=late))


def _write(options: argparse.Namespace, table: gpd.GeoDataFrame) -> None:
    """Write hazards under words of a language, that of --lang if none is asked for, or names."""
    terms = cli_terms.of(options)
    if options.headers == list_terms.HEADERS[0]:
        export.write_list(hazard_lists.named(table), options.output, **terms)
        return
    found = hazard_lists.listed(
        table, layers.read_layers(options.layers), options.headers or options.lang,
        coords=options.coords,
    )  # fmt: skip
    export.write_list(found, options.output)  # in these terms already


def _add(options: argparse.Namespace, register: Register) -> None:
    lon, lat = _place(options)
    number = register.add(
        Hazard(
            _layer(options), lon, lat, place=options.place, note=options.note,
            reported_by=options.reported_by, reported=_day("--date", options.date),
            due=_day("--due", options.due),
        ),
        by=_who(options), photo=_photo(options),
    )  # fmt: skip
    _said(options, number, text("register.entered", options.lang, number=number))


def _change(options: argparse.Namespace, register: Register) -> None:
    values: dict[str, Any] = {
        name: own for name in ("place", "note", "reported_by")
        if (own := getattr(options, name)) is not None
    }  # fmt: skip
    if options.layer is not None:
        values["layer"] = _layer(options)
    if options.at is not None:
        values["lon"], values["lat"] = _place(options)
    for option, name in (("date", "reported"), ("due", "due")):
        if (own := getattr(options, option)) is not None:
            values[name] = _day(f"--{option}", own)
    photo = _photo(options)
    if not values and photo is None:
        raise RiskmapError("register change: says nothing to change; give --note, --due, …")
    if values:
        register.change(options.number, by=_who(options), **values)
    if photo is not None:
        register.add_photo(options.number, photo, by=_who(options))
    _said(options, options.number, text("register.changed", options.lang, number=options.number))


def _layer(options: argparse.Namespace) -> str:
    known = layers.read_layers(options.layers)
    if options.layer not in known:
        raise RiskmapError(f"--layer {options.layer}: no such layer; one of {', '.join(known)}")
    return str(options.layer)


def _place(options: argparse.Namespace) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in options.at.split(","))
    except ValueError as fault:
        raise RiskmapError(f"--at {options.at}: write longitude,latitude in degrees") from fault
    on_earth = Hazard(hazard_lists.LAYER, lon, lat)  # before it is converted
    lon, lat = (float(part) for part in to_wgs84(on_earth.lon, on_earth.lat, options.crs))
    return round(lon, 7), round(lat, 7)


def _photo(options: argparse.Namespace) -> bytes | None:
    if not options.photo:
        return None
    try:
        return bytes(options.photo.read_bytes())
    except OSError as fault:
        raise RiskmapError(f"{options.photo}: cannot be read ({fault.strerror})") from fault


def _step(options: argparse.Namespace, register: Register) -> None:
    register.step(options.number, options.status, by=_who(options), remark=options.remark)
    status = text(f"register.status.{options.status}", options.lang)
    said = text("register.stepped", options.lang, number=options.number, status=status)
    _said(options, options.number, said)


def _undo(options: argparse.Namespace, register: Register) -> None:
    register.undo(options.number, by=_who(options))
    _said(options, options.number, text("register.undone", options.lang, number=options.number))


def _history(options: argparse.Namespace, register: Register) -> None:
    told = register.history(options.number)
    if options.json:
        print(told.to_json(orient="records", force_ascii=False))
        return
    print("\n".join(hazard_lists.told(told, options.lang)))


def _import(options: argparse.Namespace, register: Register) -> None:
    found = hazard_lists.read(
        options.list, layers.read_layers(options.layers), system=options.crs
    )
    report = hazard_lists.enter(found, register, by=_who(options))
    rows = report[report["row"] > 0]
    if options.output:
        export.write_report(report, options.output, **cli_terms.of(options))
    why = f"why_{options.lang}"
    doubts = [f"{row.file}:{row.row}  {getattr(row, why)}" for row in report.itertuples()
              if getattr(row, why)]  # fmt: skip
    gone, known = (int((rows["outcome"] == own).sum()) for own in ("dropped", "merged"))
    counts = {"entered": len(rows) - gone - known, "known": known, "dropped": gone}
    said = text("register.imported", options.lang, file=options.list, **counts)
    answer(options, {**counts, "doubts": doubts}, *doubts, said)


def _said(options: argparse.Namespace, number: int, line: str) -> None:
    answer(options, {"number": number}, line)


def _day(option: str, value: str | None) -> dt.date | None:
    if not value:
        return None
    found, _ = days([value])
    if found[0] is None:
        raise RiskmapError(f"{option} {value}: no date; write 2026-05-08")
    day: dt.date = found[0]
    return day


def _who(options: argparse.Namespace) -> str:
    if options.by:
        return str(options.by)
    try:
        return getpass.getuser()
    except (OSError, KeyError) as fault:
        raise RiskmapError("--by NAME: this machine does not say who its user is") from fault
