"""Whether this machine has all that riskmap needs: each check says what is there, or the fault.

Nothing heavy is imported before its check: a package that is missing is a fault to tell of.
"""

from __future__ import annotations

import platform
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module, metadata
from pathlib import Path

from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.resources import packaged

OLDEST = (3, 11)
FONT = Path("webmap") / "component" / "assets" / "vendor" / "NotoSansSC.woff2"
SAMPLE = "liechtenstein.osm.pbf"
AGAIN = "install riskmap again (`make app`, or pip)"
_PIN = re.compile(r"([\w.-]+)\s*>=\s*([\w.]+)")


@dataclass(frozen=True)
class Check:
    """One check: its name, whether all is well, and what is there or what is wrong."""

    name: str
    ok: bool
    said: str


@dataclass(frozen=True)
class Asked:
    """What is to be checked: the area, if any, its own layers and calendar, the day, a language."""

    area: str | Path | None = None
    layers: str | Path | None = None
    calendar: str | Path | None = None
    today: date | None = None
    lang: Lang = "zh"


def examine(asked: Asked) -> list[Check]:
    """
    Check what is installed, the fonts, the sample, the cache, the calendar, layers and an area.

    Examples
    --------
    >>> all(check.ok for check in examine(Asked(lang="en")))
    True
    """
    names = [name for name in CHECKS if name != "area" or asked.area]
    return [_checked(name, asked) for name in names]


def _checked(name: str, asked: Asked) -> Check:
    try:
        return Check(name, ok=True, said=CHECKS[name](asked))
    except ImportError as fault:
        return Check(name, ok=False, said=f"{fault.name or fault}: cannot be loaded; {AGAIN}")
    except RiskmapError as fault:
        return Check(name, ok=False, said=str(fault))
    except OSError as fault:
        return Check(name, ok=False, said=f"{fault.filename}: {fault.strerror}; mend that first")


def _python(_: Asked) -> str:
    if sys.version_info < OLDEST:
        raise RiskmapError(f"Python {platform.python_version()}: riskmap needs 3.11 or newer")
    return platform.python_version()


def _packages(asked: Asked) -> str:
    """What riskmap needs to run, against the versions that its wheel states."""
    try:
        needed = metadata.requires("riskmap") or []
    except metadata.PackageNotFoundError:
        raise RiskmapError(f"riskmap: is not installed here; {AGAIN}") from None
    pins = [match.groups() for match in map(_PIN.match, needed) if match]
    faults = [fault for name, least in pins if (fault := _outdated(name, least))]
    if faults:
        raise RiskmapError(f"{'; '.join(faults)}; {AGAIN}")
    return text("doctor.said_packages", asked.lang, count=len(pins))


def _outdated(name: str, least: str) -> str:
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name}: is missing"
    return f"{name}: is {found}, needed is {least}" if _parts(found) < _parts(least) else ""


def _parts(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def _font(asked: Asked) -> str:
    """The font of the map: there and whole."""
    path = Path(__file__).parent / FONT
    content = path.read_bytes() if path.is_file() else b""
    # a WOFF2 file states its own length
    if content[:4] != b"wOF2" or int.from_bytes(content[8:12]) != len(content):
        raise RiskmapError(f"{path}: is missing or damaged; {AGAIN}")
    return text("doctor.said_font", asked.lang, name=path.stem, size=len(content) / 1e6)


def _documents(asked: Asked) -> str:
    """The fonts of the documents: there, and readable."""
    fonts = import_module("riskmap.documents.fonts")
    try:
        count = len(fonts.known())
    except (OSError, import_module("fontTools.ttLib").TTLibError) as fault:
        raise RiskmapError(f"{fonts.folder()}: a font is missing or damaged; {AGAIN}") from fault
    return text("doctor.said_documents", asked.lang, names=" · ".join(fonts.PATHS), count=count)


def _sample(asked: Asked) -> str:
    path = packaged("data") / SAMPLE
    rules = import_module("riskmap.project").constants()["roads"]
    try:
        extract = import_module("riskmap.osm").read(path, {}, rules)
    except RiskmapError as fault:
        raise RiskmapError(f"{path}: is missing or damaged; {AGAIN}") from fault
    return text("doctor.said_sample", asked.lang, name=path.name, roads=len(extract.roads))


def _cache(asked: Asked) -> str:
    """Results are kept between runs; without that all works, and slowly."""
    folder: Path = import_module("riskmap.store").folder(cache=True)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as fault:
        raise RiskmapError(
            f"{folder}: results cannot be kept there ({fault.strerror}), so each command works "
            "them out again; name another folder in RISKMAP_CACHE"
        ) from fault
    return text("doctor.said_cache", asked.lang, folder=folder)


def _calendar(asked: Asked) -> str:
    """Whether the public holidays of today's year are known."""
    own = import_module("riskmap.cli_calendar").calendar_of(asked.area, asked.calendar)[0]
    if own.years is None:
        return text("doctor.said_no_holidays", asked.lang)
    today = asked.today or date.today()  # noqa: DTZ011  # of here
    own.check([today.year])
    first, last = min(own.years), max(own.years)
    return text("doctor.said_calendar", asked.lang, first=first, last=last, today=today)


def _layers(asked: Asked) -> str:
    """Every layer file, and the examples in it."""
    folder = asked.layers
    if asked.area and not folder:
        folder = import_module("riskmap.project").open_project(asked.area).layers
    known = import_module("riskmap.layers").read_layers(folder)
    run = import_module("riskmap.examples").faults
    faults = [fault for layer in known.values() for fault in run(layer)]
    if faults:
        raise RiskmapError("; ".join(faults))
    count = sum(len(layer.examples) for layer in known.values())
    return text("doctor.said_layers", asked.lang, layers=len(known), examples=count)


def _area(asked: Asked) -> str:
    """The project or extract, with everything that it names."""
    area = import_module("riskmap.assessment").assess(
        asked.area, layers=asked.layers, calendar=asked.calendar
    )
    notes = [text(key, asked.lang, **values) for key, values in area.notes]
    if any(key == "note.cut_short" for key, _ in area.notes):
        raise RiskmapError("; ".join(notes))
    length = float(area.segments["length_m"].sum()) / 1000
    said = text(
        "doctor.said_area", asked.lang, name=area.name, km=length, date=area.data_date or "–"
    )
    return " ".join([said, *notes])


CHECKS: Mapping[str, Callable[[Asked], str]] = {
    "python": _python, "packages": _packages, "font": _font, "documents": _documents,
    "sample": _sample, "cache": _cache, "calendar": _calendar, "layers": _layers, "area": _area,
}  # fmt: skip
"""Name of a check → what says that all is well, or raises what is not."""
