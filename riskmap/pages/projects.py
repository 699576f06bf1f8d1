"""What can be opened, and the areas that are open."""

import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

import riskmap
from riskmap.errors import RiskmapError
from riskmap.project import open_project
from riskmap.register import Register
from riskmap.webmap import tiles

if TYPE_CHECKING:
    from riskmap.area import Area

SUFFIXES = (".osm.pbf", ".osm", ".osm.gz", ".osm.bz2")
PROJECT = "area.toml"
WALL = "wall.json"
"""The plan on the wall, in a project's folder; no input of the area."""

_KEPT = 4
_ASSESSING = 0.8
"""Share of the work of opening an area before its tiles are cut."""
_AGAIN_S = 60.0
"""After which tiles that could not be cut are tried again."""
_log = logging.getLogger(__name__)

Stamp = tuple[tuple[str, int, int], ...]


def data_folder() -> Path:
    """Tell where the server keeps its areas: `RISKMAP_DATA`, else `data` beside the page."""
    return Path(os.environ.get("RISKMAP_DATA") or riskmap.sample().parent)


def sources() -> list[Path]:
    """List the sample and what lies in the data folder: extracts, and projects one folder down."""
    folder = data_folder()
    found = {path for path in _files(folder) if path.name.endswith(SUFFIXES)}
    found |= {path for path in [folder / PROJECT, *folder.glob(f"*/{PROJECT}")] if path.is_file()}
    first = [path for path in [riskmap.sample()] if path.is_file()]
    return first + sorted(path for path in found if not any(map(path.samefile, first)))


def label(path: Path) -> str:
    """Name a source as the data folder does."""
    folder = data_folder()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def project() -> Path | None:
    """Project file that is open; an extract alone has no folder to keep anything in."""
    path = st.session_state.get("chosen")
    return path if path is not None and path.name == PROJECT else None


def register() -> Path | None:
    """Register of the project that is open."""
    path = project()
    return _register(path) if path else None


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


@dataclass(frozen=True)
class _Drawn:
    """What became of the tiles of an area, and when."""

    tiles: tiles.Tiles | str | None
    at: float


@dataclass
class _Shelf:
    lock: threading.Lock = field(default_factory=threading.Lock)
    areas: "OrderedDict[Stamp, Area]" = field(default_factory=OrderedDict)
    drawn: OrderedDict[str, "_Drawn"] = field(default_factory=OrderedDict)


@st.cache_resource(show_spinner=False)
def _shelf() -> _Shelf:
    return _Shelf()


def _stamp(path: Path) -> Stamp:
    # A project is every file of its folder: a changed list must open anew.
    files = sorted(path.parent.rglob("*")) if path.name == PROJECT else []
    stats = [(str(path), path.stat())]
    own = _register(path)
    # a register says itself what it has; the files that SQLite has beside it come and go
    aside = (WALL, *([own.name] if own else []))
    files = [file for file in files if not file.name.startswith(aside)]
    stats += [(str(file), file.stat()) for file in files if file.is_file()]
    version = [(str(own), Register(own).version(), 0)] if own else []
    return (*((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats), *version)


def _register(path: Path) -> Path | None:
    """Register of a project; none of one that cannot be opened: assessing it says why."""
    if path.name != PROJECT:
        return None
    try:
        return open_project(path).register
    except RiskmapError:
        return None


def opened(path: Path) -> "Area | None":
    """Return the area of a source if it is open and its files are as they were."""
    shelf = _shelf()
    return shelf.areas.get(_stamp(path)) if path.exists() else None


def busy() -> bool:
    """Tell whether another session is assessing."""
    return _shelf().lock.locked()


def open_area(path: Path, progress: Callable[[str, float], None]) -> "Area | str | None":
    """
    Open a source, one at a time in this server, and cut its tiles.

    Returns
    -------
    The area; or the one line that says why not; or None for a defect, whose trace is in the log.
    """
    shelf = _shelf()

    def tell(stage: str, share: float) -> None:
        if stage != "done":
            progress(stage, _ASSESSING * share)

    try:
        with shelf.lock:
            stamp = _stamp(path)
            if stamp not in shelf.areas:
                area = riskmap.assess(path, progress=tell)
                _cut(area, lambda stage, share: progress(stage, 1 - (1 - _ASSESSING) * (1 - share)))
                shelf.areas[stamp] = area
                while len(shelf.areas) > _KEPT:
                    shelf.areas.popitem(last=False)
            return shelf.areas[stamp]
    except RiskmapError as error:
        return str(error).replace(str(path), label(path))
    except Exception:  # noqa: BLE001  # the reader of the page gets words, the log the trace
        _log.exception("assess %s", label(path))
        return None


def tiles_of(area: "Area") -> tiles.Tiles | str | None:
    """
    Tiles of an area that is open; what is missing is cut.

    Returns
    -------
    The tiles; or the one line that says why there are none; or None for a defect, whose trace is in
    the log. The area is usable without them, but for its map.
    """
    drawn = _known(area)
    if drawn is None:
        with _shelf().lock:
            drawn = _known(area) or _cut(area)
    return drawn.tiles


def _known(area: "Area") -> _Drawn | None:
    drawn = _shelf().drawn.get(area.key)
    if drawn is None:
        return None
    if isinstance(drawn.tiles, tiles.Tiles):
        whole = drawn.tiles.path.exists() and drawn.tiles.path.with_suffix(tiles.ROADS).exists()
        return drawn if whole else None
    return drawn if time.monotonic() - drawn.at < _AGAIN_S else None


def _cut(area: "Area", progress: Callable[[str, float], None] | None = None) -> _Drawn:
    found: tiles.Tiles | str | None
    try:
        found = tiles.cut(area, progress=progress)
    except RiskmapError as error:
        found = str(error).replace(str(tiles.folder()), tiles.folder().name)
    except Exception:  # noqa: BLE001  # as above
        _log.exception("tiles of %s", area.name)
        found = None
    known = _shelf().drawn
    known[area.key] = drawn = _Drawn(found, time.monotonic())
    known.move_to_end(area.key)
    while len(known) > _KEPT:
        known.popitem(last=False)
    return drawn
