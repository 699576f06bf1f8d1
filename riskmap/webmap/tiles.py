"""
The geometry of an area as one file of vector tiles, cut once and kept by content.

Roads, names and what lies behind them, which anyone may see: no score, crash or list of a brigade
is in a file or in its name, so the file may be served to whoever may see the page at all.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from freestiler import freestile, freestile_layer

from riskmap import store
from riskmap.errors import RiskmapError
from riskmap.webmap import zooms
from riskmap.webmap.geometry import SCALE, WGS84, merged_names, road_names

if TYPE_CHECKING:
    from riskmap.area import Area

Progress = Callable[[str, float], None]

FORM = "1"
"""Of what is in a file; a new one makes every file anew."""
MOST_ROADS = 25_000
"""Pieces of road in a tile, where all of them are drawn …"""
MOST_MAIN = 20_000
"""… and where only main roads are."""
MAIN_RANK = 4
"""Lowest class of a main road: `tertiary`, see [roads.classes] in parameters.toml."""
NAMES_FROM = 12
"""Widest zoom with the names of roads."""
KEPT = 16
"""Areas that stay in the folder, the ones not used for longest go first …"""
KEPT_BYTES = 2_000_000_000
"""… and so they do beyond this size."""

_STALE_S = 3600.0
"""What is half written for so long was left by a process that is gone."""


@dataclass(frozen=True)
class Tiles:
    """
    A file of tiles: its content's `digest`, and where it is.

    `bounds` are west, south, east and north of the roads in WGS 84. From `base_zoom` on every road
    is in the tiles; wider than that only main roads are.
    """

    digest: str
    path: Path
    bounds: tuple[float, float, float, float]
    base_zoom: int


class _Name(str):
    """Name of a layer that is equal to no other: a layer has one part for each group of zooms."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


Layers = dict[str, object]


def folder() -> Path:
    """Tell where files of tiles are kept."""
    kept = store.folder(cache=True)
    assert kept is not None  # noqa: S101  # None is only for a cache that is off
    return kept / "tiles"


def cut(area: Area, *, progress: Progress | None = None) -> Tiles:
    """
    Cut an area's roads and background into tiles, unless that was done before.

    Layers of the file: `roads` from `base_zoom` on, with `row`, the position in `area.segments`,
    and `name`; `main`, the same of main roads, wider than that; `names`, whole roads with a name;
    and those of `background.read`.

    Raises
    ------
    RiskmapError
        If the file cannot be written.
    """
    tell = progress or (lambda _stage, _done: None)
    tell("tiles", 0.0)
    roads = area.segments.to_crs(WGS84)
    middles = _middles(roads)
    zoom = zooms.base_zoom(middles, most=MOST_ROADS)
    digest = _digest(roads)
    path = folder() / f"{digest}.pmtiles"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _written(path.with_suffix(".ends"), lambda part: part.write_bytes(_ends(roads)))
        _written(path, lambda part: _write(_layers(roads, middles, zoom), part))
        _bound(path)
    except (OSError, RuntimeError) as fault:
        raise RiskmapError(
            f"{path.parent}: the tiles of the map cannot be written ({fault}); free some room, or "
            "name another folder in RISKMAP_CACHE"
        ) from fault
    west, south, east, north = (float(edge) for edge in roads.total_bounds)
    tell("tiles", 1.0)
    return Tiles(digest, path, (west, south, east, north), zoom)


def ends(area: Area) -> bytes:
    """
    Write where every piece of road begins and ends, as it lies beside the tiles.

    Returns
    -------
    Four little-endian 32-bit whole numbers a segment, in the order of `area.segments`: longitude
    and latitude of its first and last point in millionths of a degree.
    """
    return _ends(area.segments.to_crs(WGS84))


def _ends(roads: gpd.GeoDataFrame) -> bytes:
    lines = roads.geometry.to_numpy()
    ends = [shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)]
    return np.rint(np.hstack(ends) * SCALE).astype("<i4").tobytes()


def _digest(roads: gpd.GeoDataFrame) -> str:
    """Name the content of a file: what is public, and nothing else."""
    lines = roads.geometry.to_numpy()
    digest = hashlib.sha256(repr((FORM, MOST_ROADS, MOST_MAIN, MAIN_RANK)).encode())
    for numbers in (
        np.rint(shapely.get_coordinates(lines) * SCALE * 10).astype("<i8"),
        shapely.get_num_coordinates(lines).astype("<i8"),
        roads["rank"].to_numpy("<i8"),
        roads["way_id"].to_numpy("<i8"),
    ):
        digest.update(numbers.tobytes())
    digest.update("\0".join(road_names(roads)).encode())
    return digest.hexdigest()


def _middles(roads: gpd.GeoDataFrame) -> zooms.Floats:
    box = roads.bounds.to_numpy()
    return np.asarray((box[:, :2] + box[:, 2:]) / 2.0)


def _layers(roads: gpd.GeoDataFrame, middles: zooms.Floats, zoom: int) -> Layers:
    """Whatever is in the file: layer → table, with its first and last zoom."""
    lines = roads.geometry.to_numpy()
    names = np.array([name or None for name in road_names(roads)], dtype=object)
    layers: Layers = {}
    for first, last in zooms.spans():
        if last >= zoom:
            shown = zooms.lengthened(lines, max(first, zoom))
            table = _table(shown, row=np.arange(len(roads)), name=names)
            _add(layers, "roads", table, max(first, zoom), last)
    order = _main(roads)
    for wide in range(zooms.FIRST, zoom):
        rows = zooms.foremost(middles, order, wide, most=MOST_MAIN)
        _add(layers, "main", _table(lines[rows], row=rows, name=names[rows]), wide, wide)
    labels, along = merged_names(roads)
    _add(layers, "names", _table(along, name=labels), NAMES_FROM, zooms.LAST)
    return layers


def _main(roads: gpd.GeoDataFrame) -> zooms.Ints:
    """Rows of the main roads, higher classes first and longer roads before short ones."""
    length = roads.groupby("way_id")["length_m"].transform("sum").to_numpy()
    rank = roads["rank"].to_numpy()
    order = np.lexsort((roads["way_id"].to_numpy(), -length, -rank))
    return np.asarray(order[rank[order] >= MAIN_RANK])


def _table(lines: zooms.Shapes, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=lines, crs=WGS84)


def _add(layers: Layers, name: str, table: gpd.GeoDataFrame, first: int, last: int) -> None:
    if len(table):  # the writer refuses a layer of nothing
        layers[_Name(name)] = freestile_layer(table, min_zoom=first, max_zoom=last)


def _write(layers: Mapping[str, object], path: Path) -> None:
    freestile(layers, path, min_zoom=zooms.FIRST, max_zoom=zooms.LAST, quiet=True)


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
                path.with_suffix(".ends").unlink(missing_ok=True)
