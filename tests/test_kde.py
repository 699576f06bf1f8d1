"""Heat along the roads: nothing lost, no leap over a river, a Gaussian on a straight road."""


import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import extract, rules, street

from riskmap import segments
from riskmap.kde import kde
from riskmap.segments import Network

# a straight road of 4 km; two banks of a river with one bridge 2 km away; a star; a roundabout
STRAIGHT = (street((0, 0), (4000, 0)),)
RIVER = (
    street((0, 0), (2000, 0)), street((0, 50), (2000, 50)), street((2000, 0), (2000, 50)),
)  # fmt: skip
STAR = tuple(street((0, 0), end) for end in ((1500, 0), (0, 1500), (-1500, 0), (0, -1500)))
TOWN = (
    *STAR, street((700, 0), (0, 700)), street((1500, 0), (1500, 3), (1540, 30), (1500, 0)),
    street((5000, 0), (5100, 0)), street((-800, -50), (-800, 900), highway="primary"),
)  # fmt: skip


def town(*ways: object, by: float = 0.0) -> Network:
    moved = [(tuple((x + by, y - by) for x, y in corners), tags) for corners, tags in ways]
    return segments.cut(extract(moved), rules())


def per_m(network: Network, found: np.ndarray) -> np.ndarray:
    return found / 1000 * network.segments["length_m"].to_numpy()


def at(network: Network, x: float, y: float) -> int:
    return int(network.segments.distance(shapely.Point(x, y)).to_numpy().argmin())


def test_on_a_straight_road_it_is_the_gaussian_kernel() -> None:
    network = town(*STRAIGHT)
    middle = shapely.get_coordinates(
        shapely.line_interpolate_point(network.segments.geometry.to_numpy(), 0.5, normalized=True)
    )[:, 0]
    found = kde(network, [at(network, 2050, 0)], [0.5], bandwidth_m=200)
    gauss = np.exp(-(((middle - 2050) / 200) ** 2) / 2) / np.sqrt(2 * np.pi) / 200 * 1000
    assert found.to_numpy() == pytest.approx(gauss, abs=0.05 * gauss.max())
    spread = np.sqrt((per_m(network, found.to_numpy()) * (middle - 2050) ** 2).sum())
    assert spread == pytest.approx(200, rel=0.02)


@pytest.mark.parametrize("bandwidth_m", [20, 200, 2000])
def test_every_crash_stays_on_the_network(bandwidth_m: float) -> None:
    network = town(*TOWN)
    rows = np.arange(len(network.segments))
    found = kde(network, rows, bandwidth_m=bandwidth_m, weight=rows * 1.0)
    assert per_m(network, found.to_numpy()).sum() == pytest.approx(rows.sum())
    assert (found > 0).all()


def test_at_a_junction_it_goes_into_every_road_alike() -> None:
    network = town(*STAR)
    found = kde(network, [at(network, 350, 0)], bandwidth_m=200)
    others = [found.iloc[at(network, *place)] for place in ((0, 350), (-350, 0), (0, -350))]
    assert others == pytest.approx([others[0]] * 3)
    # the kernel of a star of four: half of what the straight road would have, behind the junction
    straight = town(street((-1500, 0), (1500, 0)))
    passed = kde(straight, [at(straight, 350, 0)], bandwidth_m=200)
    assert others[0] == pytest.approx(passed.iloc[at(straight, -350, 0)] / 2, rel=0.01)


def test_it_goes_round_by_the_bridge_and_not_over_the_river() -> None:
    network = town(*RIVER)
    found = kde(network, [at(network, 50, 0)], [0.5], bandwidth_m=200)
    opposite = found.iloc[at(network, 50, 50)]
    assert found.iloc[at(network, 250, 0)] > 1
    assert opposite < 1e-3


def test_roads_that_cross_without_meeting_do_not_touch() -> None:
    network = town(street((-500, 0), (500, 0)), street((0, -500), (0, 500), bridge="yes"))
    found = kde(network, [at(network, 5, 0)], bandwidth_m=100)
    over = network.segments["bridge"].to_numpy()
    assert (found[over] == 0).all()
    assert (found[~over] > 0).all()


def test_it_is_symmetric() -> None:
    network = town(*TOWN)
    size = len(network.segments)
    kernel = np.column_stack([
        kde(network, [row], bandwidth_m=150).to_numpy() for row in range(size)
    ])
    assert np.allclose(kernel, kernel.T, rtol=1e-9)


def test_moving_the_town_changes_nothing() -> None:
    here, there = town(*TOWN), town(*TOWN, by=10_000.0)
    rows, along = [0, 3, 3, 8], [0.2, 0.9, 0.1, 0.5]
    assert kde(here, rows, along, bandwidth_m=100).to_numpy() == pytest.approx(
        kde(there, rows, along, bandwidth_m=100).to_numpy(), rel=1e-6
    )


NETWORK = town(*TOWN)
crashes = st.lists(
    st.tuples(st.integers(0, len(NETWORK.segments) - 1), st.floats(0, 1)), min_size=1, max_size=8
)


@settings(max_examples=30)
@given(crashes, crashes)
def test_more_crashes_never_lower_it_and_their_order_does_not_matter(
    some: list[tuple[int, float]], more: list[tuple[int, float]]
) -> None:
    def smooth(rows: list[tuple[int, float]]) -> np.ndarray:
        segment, along = zip(*rows, strict=True)
        return kde(NETWORK, segment, along, bandwidth_m=120).to_numpy()

    assert (smooth(some + more) >= smooth(some) - 1e-12).all()
    assert smooth(some + more) == pytest.approx(smooth(more[::-1] + some))


def test_without_crashes_it_is_zero_and_a_position_is_optional() -> None:
    network = town(*STRAIGHT)
    assert kde(network, [], bandwidth_m=100).eq(0).all()
    spread = kde(network, [20], bandwidth_m=100)
    middle = kde(network, [20], [0.5], bandwidth_m=100)
    assert spread.index.equals(network.segments.index)
    assert spread.iloc[20] == pytest.approx(middle.iloc[20], rel=0.1)
    with pytest.raises(ValueError, match="bandwidth of 0 m"):
        kde(network, [20], bandwidth_m=0)


def test_a_position_goes_along_the_line() -> None:
    network = town(*STRAIGHT)
    start, end = (kde(network, [20], [along], bandwidth_m=50) for along in (0.0, 1.0))
    assert start.iloc[19] > end.iloc[19]
    assert end.iloc[21] > start.iloc[21]
