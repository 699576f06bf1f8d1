"""Assessed areas on disk, by content: a restart does not work them out again."""

from __future__ import annotations

import glob
import hashlib
import os
import pickle
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from riskmap import __version__, calendars, hazard_lists
from riskmap.layer import Layer
from riskmap.project import Project

KEPT = 20
"""Areas that stay in the folder; the ones not used for longest go first."""


def folder(cache: str | Path | bool) -> Path | None:  # noqa: FBT001  # a path, or on and off
    """Folder of the store: the one given, the user's own for True, none for False."""
    if cache is False:
        return None
    if cache is not True:
        return Path(cache)
    own = os.environ.get("RISKMAP_CACHE")
    if own:
        return Path(own)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "riskmap"


def content_key(project: Project, layers: Mapping[str, Layer], day: date | None = None) -> str:
    """Fingerprint of all that a result depends on: files, layers, parameters, the day, the code."""
    digest = hashlib.sha256()
    code = sorted(Path(__file__).parent.glob("*.py"))
    files = (project.points, project.dem, project.facts, project.traffic, project.crashes)
    given = [path for path in files if path]
    for path in [project.extract, *(p for g in given for p in _files(g)), *code]:
        if path.is_file():
            digest.update(path.name.encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    parts = (
        __version__, layers, project.parameters, project.baseline, project.baseline_mvkm,
        project.name, project.language, project.points_crs, day,
        calendars.read(project.calendar), [bool(path) for path in files],
        hazard_lists.stated(project.register) if project.register else None,
    )  # fmt: skip
    digest.update(repr(parts).encode())
    return digest.hexdigest()[:32]


def _files(path: Path) -> list[Path]:
    """All that lies in a folder, or a file with the settings beside it."""
    if path.is_dir():
        return sorted(path.rglob("*"))
    stem = path.name.split(".")[0]
    return [path, *sorted(path.parent.glob(f"{glob.escape(stem)}.*toml"))]


def load(folder: Path, key: str) -> object | None:
    """Read what is stored under a key. What cannot be read is worked out again."""
    path = folder / f"{key}.pickle"
    try:
        # unpickling runs what the file says: only files that this user wrote
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            return None
        with path.open("rb") as file:
            known: object = pickle.load(file)  # noqa: S301  # checked right above
        path.touch()
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError):
        return None
    return known


def keep(result: object, folder: Path, key: str) -> None:
    """Store a result. A store that cannot be written costs time, no results."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            pickle.dump(result, file, protocol=5)
        Path(name).replace(folder / f"{key}.pickle")
        known = sorted(folder.glob("*.pickle"), key=lambda path: path.stat().st_mtime)
        for old in known[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        Path(name).unlink(missing_ok=True)
