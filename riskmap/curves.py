"""How sharply roads bend."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def radius_m(
    x: Floats, y: Floats, way: Ints, along: Floats, starts: Floats, *, window_m: float
) -> Floats:
    """
    Radius of the sharpest bend on each piece of road.

    The road's change of heading within `window_m`, left and right against each other, so that the
    small zigzag of a hand-drawn line cancels out; the radius is the window over that change. A
    bend counts for every piece that it lies on, through junctions too, as long as the way goes on.

    Parameters
    ----------
    x, y, way, along
        Vertices of all ways in their order: metres, the way of each, and the metres before it in
        the table (gaps between ways not counted).
    starts
        Where each piece begins, in the same metres, ascending.
    window_m
        Length over which a bend is measured: shorter ones are sharper than they are felt.

    Returns
    -------
    Metres, infinite where the road is straight.
    """
    # from a repeated vertex to itself there is no heading
    moved = np.ones(len(x), dtype=bool)
    moved[1:] = (np.diff(along) > 0) | (np.diff(way) != 0)
    x, y, way, along = x[moved], y[moved], way[moved], along[moved]
    turn = np.zeros(len(x))
    change = np.diff(np.arctan2(np.diff(y), np.diff(x)))
    turn[1:-1] = np.arctan2(np.sin(change), np.cos(change))
    inner = np.zeros(len(x), dtype=bool)
    inner[1:-1] = (way[1:-1] == way[:-2]) & (way[1:-1] == way[2:])
    turn[~inner] = 0.0
    at = np.flatnonzero(turn)
    total = np.concatenate([[0.0], np.cumsum(turn[at])])
    place, owner = along[at], way[at]
    own_first = np.searchsorted(owner, owner, "left")
    own_last = np.searchsorted(owner, owner, "right")
    number = np.arange(len(at))
    ahead = np.minimum(np.searchsorted(place, place + window_m, "right"), own_last)
    behind = np.maximum(np.searchsorted(place, place - window_m, "left"), own_first)
    bend = np.zeros(len(starts))
    windows = [(number, ahead), (behind, number + 1)]
    for first, past in windows:
        size = np.abs(total[past] - total[first])
        for vertex in (first, past - 1):
            piece = np.searchsorted(starts, place[vertex], "right") - 1
            np.maximum.at(bend, np.maximum(piece, 0), size)
    return np.divide(window_m, bend, out=np.full(len(starts), np.inf), where=bend > 0)
