"""The fewest sites that keep all hard constraints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def set_cover(covers: Bools, group: Bools | None = None, most: Ints | None = None) -> Ints | None:
    """
    Choose the fewest columns of which every row has at least one (HiGHS).

    Parameters
    ----------
    covers
        Rows × columns; every row has some.
    group, most
        Groups × columns, and how many columns of each group there may be.

    Returns
    -------
    Columns; None if there is no such choice.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415  # rarely needed

    if not len(covers):
        return np.empty(0, np.int64)
    rows = [LinearConstraint(covers.astype(float), 1, np.inf)]
    if group is not None:
        rows.append(LinearConstraint(group.astype(float), -np.inf, most))
    size = covers.shape[1]
    found = milp(np.ones(size), constraints=rows, integrality=np.ones(size), bounds=Bounds(0, 1))
    return None if found.x is None else np.flatnonzero(found.x > 0.5)  # noqa: PLR2004  # whole
