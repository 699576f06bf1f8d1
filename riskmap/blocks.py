"""Squares of land as the unit of what is drawn again and what is held out.

Crashes near each other share a street, a police station and a geocoder. Segments drawn one by one
would count that as independent evidence, and random rows leak between training and test
(Roberts et al. 2017, Ecography 40:913–929). Whole squares do neither.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Counts = NDArray[np.int32]

LEVEL = 0.90
"""Share of the replicates that an interval spans."""
AT_ONCE = 4_000_000
"""Numbers of a table of replicates × segments."""


def blocks(x: ArrayLike, y: ArrayLike, size_m: float = 500.0) -> Ints:
    """
    Square in which each place lies.

    The squares begin at the lowest x and y of the places: moving the town moves them along.

    Parameters
    ----------
    x, y
        Metres; for segments, of their middles. A crash belongs to the square of its segment.
    size_m
        Side of a square.

    Returns
    -------
    Number of the square, 0 … squares − 1, in the order of the places; empty squares have none.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not len(x):
        return np.empty(0, dtype=np.int64)
    corner = np.column_stack([x - x.min(), y - y.min()])
    _, found = np.unique(np.floor(corner / size_m).astype(np.int64), axis=0, return_inverse=True)
    return np.asarray(found, dtype=np.int64).reshape(-1)


def resampled(of_blocks: Ints, *, replicates: int = 1000, seed: int = 0) -> Counts:
    """
    How often every square is drawn in each replicate of a block bootstrap.

    As many squares are drawn as there are, with replacement (Hall 1985; Lahiri 2003, Resampling
    Methods for Dependent Data, ch. 12). Everything on a square, roads and crashes, counts as often
    as its square is drawn. Fewer than some 30 squares give intervals that are too narrow; of one
    square there are no replicates.

    Parameters
    ----------
    of_blocks
        From `blocks`.

    Returns
    -------
    Replicates × squares.
    """
    size = int(of_blocks.max(initial=-1)) + 1
    random = np.random.default_rng(seed)
    if size < 2:  # noqa: PLR2004  # nothing to draw from
        return np.empty((0, size), dtype=np.int32)
    drawn = random.integers(size, size=(replicates, size)) + np.arange(replicates)[:, None] * size
    counted = np.bincount(drawn.ravel(), minlength=replicates * size)
    return counted.reshape(replicates, size).astype(np.int32)


def weights(times: Counts, of_blocks: Ints) -> Iterator[Floats]:
    """Weight of every segment, some replicates at a time; the first replicate is what is."""
    yield np.ones((1, len(of_blocks)))
    step = max(AT_ONCE // max(len(of_blocks), 1), 1)
    for start in range(0, len(times), step):
        yield times[start : start + step].astype(float)[:, of_blocks]


def percentiles(replicates: Floats, level: float = LEVEL) -> Floats:
    """
    Ends of the interval of every column of replicates.

    Returns
    -------
    Low and high × columns; NaN where no replicate has a value.
    """
    ends = np.full((2, replicates.shape[1]), np.nan)
    known = ~np.isnan(replicates).all(axis=0)
    if len(replicates):
        tails = [(1 - level) / 2, (1 + level) / 2]
        ends[:, known] = np.nanquantile(replicates[:, known], tails, axis=0)
    return ends


def spatial_folds(of_blocks: Ints, n: int = 5, *, seed: int = 0) -> Ints:
    """
    Fold of each place, 0 … n − 1: whole squares, dealt at random.

    The folds hold as many squares as each other, give or take one. Roads at the edge of a square
    still have neighbours in other folds: take squares well above the reach of the layers.
    """
    size = int(of_blocks.max(initial=-1)) + 1
    if not 1 < n <= max(size, 2):
        raise ValueError(f"{n} folds of {size} squares; take 2 folds or more, and smaller squares")
    dealt = np.random.default_rng(seed).permutation(size) % n
    return np.asarray(dealt[of_blocks], dtype=np.int64)
