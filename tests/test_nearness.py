"""What lies within reach of some roads, along the roads."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from streets import area, extract, street

from riskmap.nearness import Nearness

# a square with a long diagonal, two ways between two corners, a oneway street, an island
TOWN = area(
    extract([
        street((0, 0), (600, 0)), street((600, 0), (600, 600), oneway="yes"),
        street((600, 600), (0, 600)), street((0, 600), (0, 0)), street((0, 0), (600, 600)),
        street((0, 0), (300, -100), (600, 0)), street((600, 600), (1500, 600)),
        street((5000, 0), (5400, 0)),
    ])
)  # fmt: skip
NETWORK = TOWN.network
NEARNESS = Nearness.of(NETWORK)
SIZE = len(TOWN.segments)


def apart() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Distance between the middles of all segments, each of them a node of its own."""
    nodes, links = len(NETWORK.nodes), []
    for edge in NETWORK.edges.itertuples():
        half = edge.length_m / edge.pieces / 2.0
        stops = [nodes + edge.first_piece + piece for piece in range(edge.pieces)]
        links.append((edge.u, stops[0], half))
        links += [(a, b, 2.0 * half) for a, b in pairwise(stops)]
        links.append((stops[-1], edge.v, half))
    a, b, metres = (np.array(part) for part in zip(*links, strict=True))
    graph = coo_array((metres, (a, b)), (nodes + SIZE, nodes + SIZE)).tocsr()
    return dijkstra(graph, directed=False)[nodes:, nodes:]  # type: ignore[no-any-return]


APART = apart()


@given(st.sets(st.integers(0, SIZE - 1)), st.floats(1.0, 3000.0))
def test_within_is_what_no_longer_a_way_than_that_leads_to(rows: set[int], reach_m: float) -> None:
    chosen = np.zeros(SIZE, dtype=bool)
    chosen[list(rows)] = True
    nearest = APART[chosen].min(axis=0) if rows else np.full(SIZE, np.inf)
    found = NEARNESS.within(chosen, reach_m)
    clear = np.abs(nearest - reach_m) > 1e-3
    assert (found == (nearest <= reach_m))[clear].all()


def test_nothing_is_near_nothing_and_an_island_is_near_itself_alone() -> None:
    assert not NEARNESS.within(np.zeros(SIZE, dtype=bool), 1e9).any()
    island = (TOWN.segments.geometry.centroid.x > 4000).to_numpy()
    assert (NEARNESS.within(island, 1e9) == island).all()


@pytest.mark.parametrize(("reach_m", "count"), [(99.0, 1), (101.0, 3), (201.0, 5)])
def test_neighbours_on_one_road_are_a_piece_apart(reach_m: float, count: int) -> None:
    chosen = np.zeros(SIZE, dtype=bool)
    long = np.flatnonzero(TOWN.segments["edge"] == 6)
    chosen[long[4]] = True  # the middle one of nine
    assert NEARNESS.within(chosen, reach_m).sum() == count
