"""Heights → how steeply a road climbs, and how steeply the land falls away beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskmap.segments import Network
from riskmap.terrain import Floats, Grid, Ints, Terrain

HEADING_M = 10.0
"""The heading of a road is that between two places so far before and behind."""
RUN_POINTS = 7
"""Heights through which the slope of a run is laid."""
STRAIGHT = math.cos(math.radians(45.0))
"""A road goes on where it turns by less."""
MOST_EDGES = 12
"""A run is followed over so many edges."""
END_M = 1e-6
"""Rounding: a run that is so much longer than the road is not."""


def quantities(network: Network, terrain: Terrain, rules: Mapping[str, Any]) -> pd.DataFrame:
    """
    Measure how steep each segment is, and how steeply the land falls away beside it.

    The slope along is that of the line through the heights of a run of road around the segment, at
    least `run_cells` cells and `run_m` long. The run goes on straight over junctions, but not round
    corners nor onto bridges; where it ends sooner the grade is unknown. The fall beside is the
    steepest, on either side, at points every `along_m`, on profiles at right angles of `profile_m`,
    over at least a cell and `fall_m`; ground that rises first falls only from the height of the
    road on. A raster sees nothing smaller than its cells. Bridges and tunnels are not on the ground
    that it shows.

    Parameters
    ----------
    network
        Segments and edges in the CRS of `terrain`.
    terrain
        From `read`. Each segment is measured on the finest raster that knows all it needs.
    rules
        The table `[terrain]` of the parameters.

    Returns
    -------
    On the index of the segments: `grade_pct` and `drop_pct`, per cent, ≥ 0, NaN where unknown, and
    `dem_m`, the cell size of the coarsest raster that said either, NaN where none did.
    """
    course = _Course.of(network)
    segments = network.segments
    ground = ~_raised(segments)
    table = np.full((2, len(segments)), np.nan)
    dem_m = np.full(len(segments), np.nan)
    for grid in terrain.grids:
        for values, measure in zip(table, (_grade, _drop), strict=True):
            rows = np.flatnonzero(np.isnan(values) & ground)
            found = measure(course, rows, grid, terrain.crs, rules)
            values[rows] = found
            rows = rows[~np.isnan(found)]
            dem_m[rows] = np.fmax(dem_m[rows], grid.resolution_m)
    return pd.DataFrame(
        {"grade_pct": table[0], "drop_pct": table[1], "dem_m": dem_m}, index=segments.index
    )


def notes(found: pd.DataFrame, rules: Mapping[str, Any]) -> list[tuple[str, Mapping[str, object]]]:
    """What to know about `quantities`: keys of the catalogue with their values."""
    coarsest = found["dem_m"].max()
    if coarsest > rules["coarse_m"]:
        return [("note.dem_coarse", {"metres": round(float(coarsest))})]
    return []


@dataclass(frozen=True)
class _Course:
    """
    All edges one after the other as one line; a place on it is the metres from its start.

    Two arms for each edge: 2 · edge leads along it, 2 · edge + 1 against. `onward` is the arm that
    goes on straightest where an arm ends, −1 where none does.
    """

    along: Floats  # of each vertex of `xy`
    xy: Floats
    start: Floats  # of each edge, as `length`
    length: Floats
    begin: Floats  # of each segment, as all that follows
    end: Floats
    edge: Ints
    onward: Ints

    @classmethod
    def of(cls, network: Network) -> _Course:
        lines = network.segments.geometry.to_numpy()
        xy, row = shapely.get_coordinates(lines, return_index=True)
        first = np.searchsorted(row, np.arange(len(lines)))
        last = np.append(first[1:], len(xy)) - 1
        begins = network.edges["first_piece"].to_numpy()
        ends = begins + network.edges["pieces"].to_numpy() - 1
        step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
        along = np.cumsum(step)
        start = along[first[begins]]
        edge = network.segments["edge"].to_numpy()
        course = cls(
            along, xy, start, along[last[ends]] - start, along[first], along[last], edge,
            np.empty(0, np.int64),
        )  # fmt: skip
        return replace(course, onward=course._straightest(network.edges))

    def at(self, place: Floats) -> Floats:
        """Coordinates of places, n × 2."""
        flat = place.ravel()
        return np.column_stack([np.interp(flat, self.along, self.xy[:, axis]) for axis in (0, 1)])

    def _straightest(self, edges: pd.DataFrame) -> Ints:
        """For each arm the one to go on with; none that turns off, leaves the ground or returns."""
        reach = np.minimum(self.length, HEADING_M)
        ahead = self.at(self.start + reach) - self.at(self.start)
        back = self.at(self.start + self.length - reach) - self.at(self.start + self.length)
        heading = np.stack([ahead, back], axis=1).reshape(-1, 2)
        heading /= np.maximum(np.hypot(*heading.T), 1e-9)[:, None]
        leaves = edges[["u", "v"]].to_numpy().ravel()
        ground = np.repeat(~_raised(edges), 2)
        arms = pd.DataFrame({"node": leaves, "arm": np.arange(len(leaves))})[ground]
        pairs = arms.merge(arms, on="node")
        out, on = pairs["arm_x"].to_numpy(), pairs["arm_y"].to_numpy()
        straight = -(heading[out] * heading[on]).sum(axis=1)
        kept = (out // 2 != on // 2) & (straight >= STRAIGHT)
        out, on, straight = out[kept], on[kept], straight[kept]
        order = np.lexsort((on, straight, out))  # the last, the straightest, stays
        onward = np.full(len(leaves), -1)
        # what leaves a node by one arm came to it by the other
        onward[out[order] ^ 1] = on[order]
        return onward

    def followed(self, row: Ints, offset_m: Floats) -> tuple[Floats, Floats]:
        """
        Go from the middle of segments along the road, backward where `offset_m` is below 0.

        Returns
        -------
        The places, and the metres that were left to go where the road ended (or after
        `MOST_EDGES` edges).
        """
        edge = self.edge[row]
        from_start = (self.begin[row] + self.end[row]) / 2 - self.start[edge] + offset_m
        against = offset_m < 0
        arm = 2 * edge + against
        left = np.where(against, self.length[edge] - from_start, from_start)
        for _ in range(MOST_EDGES):
            beyond = np.flatnonzero(left > self.length[arm // 2])
            if not len(beyond):
                break
            after = self.onward[arm[beyond]]
            goes = after >= 0
            beyond, after = beyond[goes], after[goes]
            left[beyond] -= self.length[arm[beyond] // 2]
            arm[beyond] = after
        length = self.length[arm // 2]
        over = np.maximum(left - length, 0.0)
        left = np.minimum(left, length)
        return self.start[arm // 2] + np.where(arm % 2 == 1, length - left, left), over


def _raised(table: pd.DataFrame) -> NDArray[np.bool_]:
    """On a bridge or in a tunnel."""
    return table["bridge"].to_numpy(bool) | table["tunnel"].to_numpy(bool)


def _grade(
    course: _Course, rows: Ints, grid: Grid, crs: str, rules: Mapping[str, Any]
) -> Floats:
    """Slope along the road in per cent; NaN where the road is too short for the raster."""
    least = max(rules["run_cells"] * grid.resolution_m, rules["run_m"])
    half = np.maximum(course.end[rows] - course.begin[rows], least) / 2
    _, behind = course.followed(rows, -half)
    _, ahead = course.followed(rows, half)
    # where the road ends on one side, go as much further on the other
    shift = behind - ahead
    share = np.linspace(-1.0, 1.0, RUN_POINTS)
    offset = shift[:, None] + half[:, None] * share
    place, over = course.followed(np.repeat(rows, RUN_POINTS), offset.ravel())
    heights = grid.at(grid.cells(course.at(place), crs))
    heights[over > END_M] = np.nan
    # the line of least squares through evenly spaced heights
    rise = heights.reshape(offset.shape) @ share / (share @ share)
    return np.abs(rise) / half * 100.0


def _drop(
    course: _Course, rows: Ints, grid: Grid, crs: str, rules: Mapping[str, Any]
) -> Floats:
    """Steepest fall to either side in per cent; NaN where a profile is not known whole."""
    if not len(rows):
        return np.empty(0)
    cell = grid.resolution_m
    begin, length = course.begin[rows], (course.end - course.begin)[rows]
    count = np.maximum(np.ceil(length / max(rules["along_m"], cell) - 1e-6), 1).astype(np.int64)
    begins = np.cumsum(count) - count
    of = np.repeat(np.arange(len(rows)), count)
    number = np.arange(len(of)) - begins[of]
    place = begin[of] + (number + 0.5) * (length / count)[of]
    on = course.at(place)
    edge = course.edge[rows][of]
    first, last = course.start[edge], course.start[edge] + course.length[edge]
    behind = course.at(np.maximum(place - HEADING_M, first))
    ahead = course.at(np.minimum(place + HEADING_M, last))
    run = ahead - behind
    with np.errstate(invalid="ignore"):  # a road that turns back on itself has no sides
        aside = run[:, ::-1] * (1.0, -1.0) / np.hypot(*run.T)[:, None]
    # the fall is taken over `base`, looked for at every half of it
    base = max(cell, rules["fall_m"])
    steps = max(math.ceil(2 * rules["profile_m"] / base - 1e-6), 2)
    reach = steps * base / 2
    middle = grid.cells(on, crs)
    steepest = np.zeros(len(of))
    for side in (1.0, -1.0):
        away = grid.cells(on + side * reach * aside, crs) - middle
        heights = [grid.at(middle + away * (step / steps)) for step in range(steps + 1)]
        for near, far in zip(heights[:-2], heights[2:], strict=True):
            fall = (np.minimum(near, heights[0]) - far) / base * 100.0
            steepest = np.maximum(steepest, fall)
    return np.maximum.reduceat(steepest, begins)
