"""What the crashes around a place say of it: neighbouring places are bad together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from riskmap import dispersion
from riskmap.dispersion import Dispersion
from riskmap.fitting import KINDS, Counts

Floats = NDArray[np.float64]

CHUNK = 2_000
"""Places whose neighbours are looked up at a time."""
CUT = 2.0
"""Bandwidths beyond which a kernel is taken as 0."""


@dataclass(frozen=True)
class Neighbours:
    """
    What crashes near each place make of what is expected there.

    `factor` multiplies it, by kind of place; it comes from the crashes of other places alone, so
    that none counts twice. `bandwidth_m` is the standard deviation of the kernel, `shape` how many
    expected crashes nearby weigh as much as the evidence; both are None where looking around does
    not make the counts more likely: then every factor is 1.
    """

    factor: Mapping[str, Floats]
    bandwidth_m: float | None = None
    shape: float | None = None


def alone(expected: Mapping[str, Floats]) -> Neighbours:
    """Look at no neighbour."""
    return Neighbours({kind: np.ones(len(found)) for kind, found in expected.items()})


def around(
    expected: Mapping[str, Floats],
    counts: Counts,
    spread: Mapping[str, Dispersion],
    rules: Mapping[str, Any],
) -> Neighbours:
    """
    Compare the crashes around every place with what is expected there.

    With a Gaussian kernel over straight-line distance, y crashes and m expected ones around a
    place, its own left out, make a factor (shape + y) / (shape + m): the mean of a Gamma that has
    the mean 1 before (Clayton & Kaldor 1987, Biometrics 43:671–681, for a neighbourhood). Bandwidth
    and shape are those of `rules` that make the counts most likely, if they do by more than the two
    parameters would by chance.

    Parameters
    ----------
    expected
        Crashes a year of every place, by kind.
    counts
        Crashes; `Counts.where` says where their places are, without it nobody has neighbours.
    spread
        Over-dispersion of each kind.
    rules
        The table `[neighbours]` of the parameters.
    """
    kinds = [kind for kind in KINDS if kind in counts.where and len(counts.where[kind])]
    nobody = alone(expected)
    if not kinds or not counts.total():
        return nobody
    size = [len(expected[kind]) for kind in kinds]
    mean, happened, k = (
        np.concatenate(parts)
        for parts in zip(*(
            (
                expected[kind] * counts.exposure(kind), counts.happened(kind),
                spread[kind].at(expected[kind], counts.group[kind]),
            )
            for kind in kinds
        ), strict=True)
    )  # fmt: skip
    yearly = np.concatenate([expected[kind] for kind in kinds])
    where = np.concatenate([counts.where[kind] for kind in kinds])
    sums = _sums(where, np.column_stack([happened, mean]), rules["bandwidths_m"])
    most = dispersion.log_likelihood(happened, mean, k) + float(rules["least_gain"])
    best = nobody
    for bandwidth, (crashes, due) in zip(rules["bandwidths_m"], sums, strict=True):
        for shape in rules["shapes"]:
            factor = (shape + crashes) / (shape + due)
            factor *= yearly.sum() / (yearly @ factor)
            likely = dispersion.log_likelihood(happened, mean * factor, k)
            if likely > most:
                parts = np.split(factor, np.cumsum(size)[:-1])
                own = dict(zip(kinds, parts, strict=True))
                most, best = likely, Neighbours({**nobody.factor, **own}, bandwidth, shape)
    return best


def _sums(where: Floats, values: Floats, bandwidths_m: Sequence[float]) -> list[Floats]:
    """Sum the columns of values around each place, itself left out: rows, for each bandwidth."""
    tree, reach = KDTree(where), CUT * max(bandwidths_m)
    result = [np.zeros((values.shape[1], len(where))) for _ in bandwidths_m]
    for first in range(0, len(where), CHUNK):
        own = slice(first, first + CHUNK)
        near = KDTree(where[own]).sparse_distance_matrix(tree, reach, output_type="coo_matrix")
        away = near.tocsr()
        for found, bandwidth in zip(result, bandwidths_m, strict=True):
            weight = np.exp(-0.5 * (away.data / bandwidth) ** 2)
            weight[away.data > CUT * bandwidth] = 0.0
            kernel = csr_array((weight, away.indices, away.indptr), away.shape)
            found[:, own] = (kernel @ values - values[own]).T
    return result
