"""
The geometry of an area as one file of vector tiles, cut once and kept by content.

Roads, names and what lies behind them, which anyone may see: no score, crash or list of a brigade
is in a file or in its name, so the file may be served to whoever may see the page at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap import background, osm, passes, store
from riskmap.errors import RiskmapError
from riskmap.webmap import geometry, zooms
from riskmap.webmap.geometry import SCALE, WGS84

if TYPE_CHECKING:
    from riskmap.area import Area

Progress = Callable[[str, float], None]

ROADS = ".roads"
"""Ending of what lies beside the tiles."""
KEPT = 16
"""Areas that stay in the folder, the ones not used for longest go first …"""
KEPT_BYTES = 2_000_000_000
"""… and so they do beyond this size."""
NOT_READ = 3
"""Exit code of the writer where the extract is what is wrong."""

_CODE = [
    background.TABLE, Path(__file__).with_name("cutter.py"),
    *(Path(str(module.__file__)) for module in (background, geometry, osm, passes, zooms)),
]  # fmt: skip
"""What says how a file is made of its content."""
_SECONDS = 600
"""After which the writer is given up."""
_STALE_S = 3600.0
"""What is half written for so long was left by a process that is gone."""


@dataclass(frozen=True)
class Tiles:
    """
    A file of tiles: its content's `digest`, and where it is.

    `bounds` are west, south, east and north of the roads in WGS 84.
    """

    digest: str
    path: Path
    bounds: tuple[float, float, float, float]


def folder() -> Path:
    """Tell where files of tiles are kept."""
    kept = store.folder(cache=True)
    assert kept is not None  # noqa: S101  # None is only for a cache that is off
    return kept / "tiles"


def cut(area: Area, *, progress: Progress | None = None) -> Tiles:
    """
    Cut an area's roads and background into tiles, unless that was done before.

    Layers of the file: `roads`, with `row`, the position in `area.segments`; `names`, whole roads
    with a name; and those of `background.read`. Beside it lies what `places` writes.

    Raises
    ------
    RiskmapError
        If the file cannot be written, or the extract is no longer what it was.
    """
    tell = progress or (lambda _stage, _done: None)
    tell("tiles", 0.0)
    roads = area.segments[["name", "ref", "geometry"]].to_crs(WGS84)
    task = {"roads": roads, "extract": area.extract, "rules": area.parameters["roads"]}
    try:
        digest = _digest(roads, area.extract)
        path = folder() / f"{digest}.pmtiles"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _written(path.with_suffix(ROADS), lambda part: part.write_bytes(places(roads)))
        _written(path, lambda part: _child({**task, "target": part}))
        _bound(path)
    except OSError as fault:
        raise RiskmapError(
            f"{folder()}: the tiles of the map cannot be written ({fault}); free some room, or "
            "name another folder in RISKMAP_CACHE"
        ) from fault
    west, south, east, north = (float(edge) for edge in roads.total_bounds)
    tell("tiles", 1.0)
    return Tiles(digest, path, (west, south, east, north))


def places(roads: gpd.GeoDataFrame) -> bytes:
    """
    Write where every piece of road begins and ends, and its name.

    Returns
    -------
    Little-endian whole numbers of 32 bits: how many pieces there are; of each in the order of the
    table longitude and latitude of its first and last point in millionths of a degree, and the
    place of its name in the list that follows as JSON in UTF-8.
    """
    lines = roads.geometry.to_numpy()
    ends = [shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)]
    number, names = pd.factorize(np.array(geometry.road_names(roads), dtype=object), sort=True)
    table = np.column_stack([np.rint(np.hstack(ends) * SCALE), number]).astype("<i4")
    said = json.dumps(names.tolist(), ensure_ascii=False, separators=(",", ":"))
    return np.array([len(roads)], "<i4").tobytes() + table.tobytes() + said.encode()


def _digest(roads: gpd.GeoDataFrame, extract: Path | None) -> str:
    """Name the content of a file by what it is made of: what is public, and how it is drawn."""
    lines = roads.geometry.to_numpy()
    digest = hashlib.sha256()
    for numbers in (
        np.rint(shapely.get_coordinates(lines) * SCALE * 10).astype("<i8"),
        shapely.get_num_coordinates(lines).astype("<i8"),
    ):
        digest.update(numbers.tobytes())
    digest.update("\0".join(geometry.road_names(roads)).encode())
    for path in [*_CODE, *([extract] if extract else [])]:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _child(task: Mapping[str, object]) -> None:
    """Have the file written by a process of its own: the page must go on meanwhile."""
    home = str(Path(__file__).parents[2])
    paths = filter(None, [home, os.environ.get("PYTHONPATH")])
    try:
        subprocess.run(  # this very program
            [sys.executable, "-P", "-m", "riskmap.webmap.cutter"],
            input=pickle.dumps(task, protocol=5), capture_output=True, timeout=_SECONDS, check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip
    except subprocess.TimeoutExpired as fault:
        raise OSError(f"no end after {_SECONDS} s") from fault
    except subprocess.CalledProcessError as fault:
        said = fault.stderr.decode("utf-8", "replace").strip().splitlines()
        why = said[-1] if said else f"ended with {fault.returncode}"
        raise (RiskmapError if fault.returncode == NOT_READ else OSError)(why) from fault


def _written(path: Path, write: Callable[[Path], object]) -> None:
    """Have a file that is there in whole or not at all; one that is there is as good as new."""
    with suppress(FileNotFoundError):
        os.utime(path)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _bound(newest: Path) -> None:
    """Remove the files that were not used for longest, and what others left half written."""
    with suppress(OSError):
        now = time.time()
        for part in newest.parent.glob("*.part"):
            if now - part.stat().st_mtime > _STALE_S:
                part.unlink(missing_ok=True)
        known = sorted(newest.parent.glob("*.pmtiles"), key=lambda path: -path.stat().st_mtime)
        size = 0
        for number, path in enumerate(known):
            size += path.stat().st_size
            if path != newest and (number >= KEPT or size > KEPT_BYTES):
                path.unlink(missing_ok=True)
                path.with_suffix(ROADS).unlink(missing_ok=True)
