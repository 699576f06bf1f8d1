"""Questions to a spatial index, in two threads: shapely answers outside Python's lock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

PARALLEL_FROM = 1000
"""Half a question that is worth a thread."""


def in_threads(
    query: Callable[[NDArray[np.object_]], NDArray[np.int64]], shapes: NDArray[np.object_]
) -> NDArray[Any]:
    """
    Ask a spatial index about many shapes in two halves at once.

    Returns
    -------
    What `query` returns for all: pairs of row numbers, 2 × n, the first of `shapes`.
    """
    half = len(shapes) // 2
    if half < PARALLEL_FROM:
        return query(shapes)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(query, (shapes[:half], shapes[half:]))
    return np.concatenate([first, second + np.array([[half], [0]])], axis=1)
