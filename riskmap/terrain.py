"""Elevation rasters → heights at places."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from riskmap.errors import RiskmapError
from riskmap.osm import WGS84

Floats = NDArray[np.float64]
Heights = NDArray[np.float32]
Ints = NDArray[np.int64]
Bounds = tuple[float, float, float, float]

DRIVERS: Mapping[str, str] = {".tif": "GTiff", ".tiff": "GTiff", ".hgt": "SRTMHGT"}
"""Each kind of raster is opened by its own driver: GDAL must never guess what a file is."""
METRES = ("", "m", "metre", "metres", "meter", "meters")
FEET = "its heights are in '{}'; convert them to metres"
VOID = -32768
LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""The dry land of the earth, roundly: whatever lies outside is no height."""
MOST_CELLS = 40_000_000
"""Of all rasters together; finer ones are thinned, and then say so by their resolution."""
LARGEST_BLOCK = 256 * 2**20
"""Bytes that a raster may make GDAL unpack at once."""
MOST_READ = 5_000_000_000
"""Cells around the roads that are worth the wait: a county of 70 by 70 km at 1 m."""
STRIP_CELLS = 2**24
"""Cells held at once while a raster is read."""
MARGIN_M, MARGIN_CELLS = 100.0, 4
"""Read so much around the roads."""


@dataclass(frozen=True)
class Grid:
    """
    Heights in metres on one even grid, NaN where unknown.

    `transform` leads from (column, row) of a cell's corner to `crs`. `resolution_m` is the longer
    side of a cell on the ground here.
    """

    heights: Heights
    transform: rasterio.Affine
    crs: str
    resolution_m: float

    def cells(self, xy: Floats, crs: str) -> Floats:
        """Column and row of places, whole numbers in the middle of a cell. Arrays n × 2."""
        return _cells(self.transform, np.column_stack(_moved(xy, crs, self.crs))) - 0.5

    def at(self, cells: Floats) -> Floats:
        """Height between the middles of four cells; NaN off the grid or if one is unknown."""
        rows, columns = self.heights.shape
        column, row = cells[:, 0], cells[:, 1]
        with np.errstate(invalid="ignore"):
            on = (column >= 0) & (row >= 0) & (column <= columns - 1) & (row <= rows - 1)
        column, row = np.where(on, column, 0.0), np.where(on, row, 0.0)
        left = np.minimum(column.astype(np.int64), columns - 2)
        top = np.minimum(row.astype(np.int64), rows - 2)
        east, south = column - left, row - top
        corner = top * columns + left
        flat = self.heights.ravel()
        upper = flat[corner] * (1.0 - east) + flat[corner + 1] * east
        corner += columns
        lower = flat[corner] * (1.0 - east) + flat[corner + 1] * east
        return np.where(on, upper * (1.0 - south) + lower * south, np.nan)


@dataclass(frozen=True)
class Terrain:
    """Elevation around a road network in `crs`: grids, the finest first."""

    grids: tuple[Grid, ...]
    crs: str

    @property
    def resolution_m(self) -> float:
        """Cell size on the ground of the finest raster."""
        return self.grids[0].resolution_m

    def sample(self, xy: Floats) -> Floats:
        """
        Look heights up, between cells in a straight line.

        Parameters
        ----------
        xy
            Places in the CRS of the network, n × 2.

        Returns
        -------
        Metres, of the finest raster that knows the place; NaN where one of the four cells around
        it is void in all of them.
        """
        heights = np.full(len(xy), np.nan)
        for grid in self.grids:
            left = np.flatnonzero(np.isnan(heights))
            heights[left] = grid.at(grid.cells(xy[left], self.crs))
        return heights


def read(path: str | Path, *, bounds: Bounds, crs: str) -> Terrain:
    """
    Read the elevation around a road network.

    Parameters
    ----------
    path
        A GeoTIFF (`.tif`, `.tiff`), an SRTM tile (`.hgt`, named by its corner: `N28E117.hgt`), or a
        folder of either. Tiles of one grid are joined; of several grids the finest counts. Heights
        are in metres. Rotated grids, several bands, pictures and complex numbers are refused.
    bounds
        Left, bottom, right, top of the roads. Only what lies around is read.
    crs
        Of `bounds`, in metres.

    Returns
    -------
    Heights; nodata, −32768 and what no land on earth has are unknown.

    Raises
    ------
    RiskmapError
        A file that is missing, damaged, no elevation, without coordinate system, elsewhere, or
        void all over.
    """
    path = Path(path)
    sheets = [_Sheet.of(file, bounds, crs) for file in _files(path)]
    here = [sheet for sheet in sheets if sheet.rows > 0 and sheet.columns > 0]
    if not here:
        raise RiskmapError(
            f"{path}: does not overlap the roads: it lies at {_extent(s.extent for s in sheets)}, "
            f"they at {_extent([_outline(bounds, crs, WGS84)])}; use elevation of your area"
        )
    if sum(sheet.rows * sheet.columns for sheet in here) > MOST_READ:
        raise RiskmapError(
            f"{path}: has more than {MOST_READ / 1e9:.0f} thousand million cells around the roads; "
            "use a coarser one, cells of 5 m will do"
        )
    groups: dict[tuple[object, ...], list[_Sheet]] = {}
    for sheet in here:
        groups.setdefault(sheet.lattice, []).append(sheet)
    most = MOST_CELLS // len(groups)
    grids = [_joined(group, most, bounds, crs) for group in groups.values()]
    grids = [grid for grid in grids if min(grid.heights.shape) > 1]
    if not any(np.isfinite(grid.heights).any() for grid in grids):
        raise RiskmapError(
            f"{path}: holds no height between {LOWEST_M:.0f} and {HIGHEST_M:.0f} m around the "
            "roads; use one without this gap, in metres"
        )
    return Terrain(tuple(sorted(grids, key=lambda grid: grid.resolution_m)), crs)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise RiskmapError(f"{path}: no such file or folder; name a GeoTIFF, .hgt or their folder")
    kinds = ", ".join(DRIVERS)
    if path.is_dir():
        found = sorted(
            file
            for file in path.iterdir()
            if file.suffix.lower() in DRIVERS and file.is_file() and file.name[0] != "."
        )
        if not found:
            raise RiskmapError(f"{path}: holds no elevation; put {kinds} files there")
        return found
    if path.suffix.lower() not in DRIVERS:
        raise RiskmapError(f"{path}: not a known kind of elevation; use {kinds}")
    return [path]


@dataclass(frozen=True)
class _Sheet:
    """One file, and the window of its cells that lies around the roads."""

    path: Path
    transform: rasterio.Affine
    crs: str
    extent: Bounds  # in degrees
    column: int
    row: int
    columns: int
    rows: int

    @classmethod
    def of(cls, path: Path, bounds: Bounds, crs: str) -> _Sheet:
        with _opened(path) as file:
            _check(path, file)
            transform, width, height = file.transform, file.width, file.height
            own = _plain(path, file.crs.to_wkt())
        left, bottom, right, top = bounds
        around = (left - MARGIN_M, bottom - MARGIN_M, right + MARGIN_M, top + MARGIN_M)
        try:
            corners = np.array(_outline(around, crs, own)).reshape(2, 2)
            edges = _cells(transform, np.array([[0, 0], [width, height]]), back=False)
            box = (*edges.min(axis=0).tolist(), *edges.max(axis=0).tolist())
            extent = _outline(box, own, WGS84)
        except pyproj.exceptions.ProjError as fault:
            raise RiskmapError(
                f"{path}: its coordinate system cannot be told in degrees; save it in WGS 84"
            ) from fault
        cells = _cells(transform, corners)
        if not np.isfinite(cells).all():
            return cls(path, transform, own, extent, 0, 0, 0, 0)
        size = (width, height)
        first = np.clip(np.floor(cells.min(axis=0)) - MARGIN_CELLS, 0, size).astype(int)
        last = np.clip(np.ceil(cells.max(axis=0)) + MARGIN_CELLS, 0, size).astype(int)
        column, row, columns, rows = (int(n) for n in (*first, *(last - first)))
        return cls(path, transform, own, extent, column, row, columns, rows)

    @property
    def lattice(self) -> tuple[object, ...]:
        """Equal for sheets whose cells continue each other."""
        t = self.transform
        phase = (round(t.c / t.a % 1.0, 2) % 1.0, round(t.f / t.e % 1.0, 2) % 1.0)
        return (self.crs, f"{t.a:.6g}", f"{t.e:.6g}", *phase)

    def strips(self) -> Iterator[tuple[int, Heights]]:
        """Heights of the window, some rows at a time, each with its first row."""
        try:
            with _opened(self.path) as file, np.errstate(over="ignore", invalid="ignore"):
                most = max(STRIP_CELLS // self.columns, 1)
                for row in range(self.row, self.row + self.rows, most):
                    rows = min(most, self.row + self.rows - row)
                    raw = file.read(1, window=Window(self.column, row, self.columns, rows))
                    known = file.read_masks(1, window=Window(self.column, row, self.columns, rows))
                    heights = raw.astype(np.float32)
                    heights = heights * np.float32(file.scales[0]) + np.float32(file.offsets[0])
                    void = (known == 0) | (raw == VOID)
                    void |= ~((heights >= LOWEST_M) & (heights <= HIGHEST_M))
                    heights[void] = np.nan
                    yield row, heights
        except RasterioError as fault:
            raise RiskmapError(f"{self.path}: is damaged or cut short; copy it again") from fault


def _opened(path: Path) -> Any:  # noqa: ANN401  # rasterio publishes no types
    # no sidecar files: they may name other files
    with (
        rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_PAM_ENABLED="NO"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        driver = DRIVERS[path.suffix.lower()]
        try:
            return rasterio.open(path, driver=driver)
        except (RasterioError, OSError, ValueError) as fault:
            way = "name it by its corner, as N28E117.hgt; or " if driver == "SRTMHGT" else ""
            raise RiskmapError(
                f"{path}: cannot be read as {driver}; {way}copy it again or save it as GeoTIFF"
            ) from fault


def _check(path: Path, file: Any) -> None:  # noqa: ANN401  # rasterio publishes no types
    transform, kind = file.transform, file.dtypes[0]
    sides = (transform.a, transform.e)
    way_out = "save it again as GeoTIFF with north up"
    if file.count != 1:
        fault = f"has {file.count} bands, elevation has one; save that one alone"
    elif "complex" in kind:
        fault = "holds complex numbers, not heights; use elevation in metres"
    elif kind in {"uint8", "int8"}:
        fault = "is a picture, not heights; use elevation in metres, as Int16 or Float32"
    elif file.crs is None:
        fault = "states no coordinate system; save it as GeoTIFF with one"
    elif transform.b or transform.d:
        fault = f"is rotated; {way_out}"
    elif not (all(map(math.isfinite, transform[:6])) and all(sides)) or transform.is_identity:
        fault = f"does not say where it lies; {way_out}"
    elif (file.units[0] or "").strip().lower() not in METRES:
        fault = FEET.format(file.units[0])
    elif math.prod(file.block_shapes[0]) * np.dtype(kind).itemsize > LARGEST_BLOCK:
        fault = "its cells are packed in one block; save it tiled (gdal_translate -co TILED=YES)"
    else:
        return
    raise RiskmapError(f"{path}: {fault}")


def _plain(path: Path, wkt: str) -> str:
    """The horizontal part of a coordinate system."""
    try:
        system = pyproj.CRS.from_wkt(wkt)
        while system.is_compound or system.is_bound:
            for upward in system.sub_crs_list[1:]:
                unit = upward.axis_info[0]
                if not math.isclose(unit.unit_conversion_factor, 1.0):
                    raise RiskmapError(f"{path}: {FEET.format(unit.unit_name)}")
            system = system.sub_crs_list[0] if system.is_compound else system.source_crs or system
        if not (system.is_geographic or system.is_projected):
            raise RiskmapError(f"{path}: its coordinate system is a local one; save it in WGS 84")
        return system.to_2d().to_wkt()
    except pyproj.exceptions.ProjError as fault:
        raise RiskmapError(f"{path}: its coordinate system is broken; save it in WGS 84") from fault


def _joined(sheets: list[_Sheet], most: int, bounds: Bounds, crs: str) -> Grid:
    """One grid of sheets whose cells continue each other; the first that knows a cell counts."""
    origin = sheets[0].transform
    steps = (origin.a, origin.e)
    shifts = [
        (round((s.transform.c - origin.c) / steps[0]), round((s.transform.f - origin.f) / steps[1]))
        for s in sheets
    ]
    starts = [(s.column + dx, s.row + dy) for s, (dx, dy) in zip(sheets, shifts, strict=True)]
    left, top = (min(start[axis] for start in starts) for axis in (0, 1))
    width = max(x + s.columns for (x, _), s in zip(starts, sheets, strict=True)) - left
    height = max(y + s.rows for (_, y), s in zip(starts, sheets, strict=True)) - top
    every = max(math.ceil(math.sqrt(width * height / most)), 1)
    heights = np.full((-(-height // every), -(-width // every)), np.nan, dtype=np.float32)
    for sheet, (x, y) in zip(sheets, starts, strict=True):
        column = -(x - left) % every
        place = (x - left + column) // every
        for row, strip in sheet.strips():
            below = y - top + row - sheet.row
            skip = -below % every
            part = strip[skip::every, column::every]
            first = (below + skip) // every
            target = heights[first : first + part.shape[0], place : place + part.shape[1]]
            np.copyto(target, part, where=np.isnan(target))
    # a thinned cell is as long as `every` and has the middle of the cell that was kept
    corner = np.array([[left, top]]) + 0.5 - every / 2
    x, y = _cells(origin, corner, back=False)[0].tolist()
    transform = rasterio.Affine(origin.a * every, 0, x, 0, origin.e * every, y)
    grid = Grid(heights, transform, sheets[0].crs, math.nan)
    return replace(grid, resolution_m=_resolution(grid, bounds, crs))


def _resolution(grid: Grid, bounds: Bounds, crs: str) -> float:
    """The longer side of a cell, in metres of `crs`, nearest to the middle of the roads."""
    middle = np.array([[(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2]])
    rows, columns = grid.heights.shape
    cell = np.clip(np.nan_to_num(grid.cells(middle, crs)), 0, (columns, rows))
    corners = _cells(grid.transform, cell + np.array([[0, 0], [1, 0], [0, 1]]), back=False)
    x, y = _moved(corners, grid.crs, crs)
    return float(np.hypot(x[1:] - x[0], y[1:] - y[0]).max())


def _cells(transform: rasterio.Affine, xy: Floats, *, back: bool = True) -> Floats:
    """Places to columns and rows, or the other way; n × 2."""
    start, step = (transform.c, transform.f), (transform.a, transform.e)
    return (xy - start) / step if back else xy * step + start


def _moved(xy: Floats, crs: str, to: str) -> tuple[Floats, Floats]:
    transformer = pyproj.Transformer.from_crs(crs, to, always_xy=True)
    x, y = transformer.transform(xy[:, 0], xy[:, 1])
    return x, y


def _outline(bounds: Bounds, crs: str, to: str) -> Bounds:
    transformer = pyproj.Transformer.from_crs(crs, to, always_xy=True)
    left, bottom, right, top = transformer.transform_bounds(*bounds)
    return left, bottom, right, top


def _extent(boxes: Iterable[Bounds]) -> str:
    """Like "lon 115.800 to 116.200, lat 28.100 to 28.500"."""
    table = np.array(list(boxes))
    left, bottom = table[:, :2].min(axis=0)
    right, top = table[:, 2:].max(axis=0)
    return f"lon {left:.3f} to {right:.3f}, lat {bottom:.3f} to {top:.3f}"
