"""Expected against observed: tenths, slope, cumulative residuals."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from riskmap.calibration import by_tenth, cure, exact_interval, slope


def test_exact_intervals_are_those_of_the_tables() -> None:
    # Garwood's 95 % limits of 0, 1 and 10 counts, as printed in any table of them
    low, high = exact_interval([0, 1, 10], 0.95)
    assert low == pytest.approx([0, 0.0253, 4.795], abs=1e-3)
    assert high == pytest.approx([3.689, 5.572, 18.390], abs=1e-3)


def test_tenths_have_equal_length_from_the_safest_up() -> None:
    # per km 1 … 10, not in this order; twice as many observed as expected on the worst
    density = np.array([3.0, 1, 10, 2, 5, 4, 7, 6, 9, 8])
    found = by_tenth(density / 10, density / 10 * np.where(density == 10, 2, 1), np.full(10, 100.0))
    assert found["tenth"].tolist() == list(range(1, 11))
    assert found["length_m"].eq(100).all()
    assert found["expected"].to_numpy() == pytest.approx(np.arange(1, 11) / 10)
    assert found["ratio"].to_numpy() == pytest.approx([1.0] * 9 + [2.0])
    assert (found["low"] < found["ratio"]).all()
    assert (found["ratio"] < found["high"]).all()


def test_tenths_of_expected_crashes_are_shorter_on_dangerous_roads() -> None:
    expected = np.repeat([0.1, 0.4], 400)
    found = by_tenth(
        expected + np.arange(800) * 1e-7, expected, np.full(800, 50.0), tenths=2, equal="expected"
    )
    assert found["expected"].to_numpy() == pytest.approx([100, 100], rel=0.01)
    # the second half is 250 segments of 50 m at 0.4 each
    assert found["length_m"].tolist() == pytest.approx([27_500, 12_500], rel=0.01)


def test_roads_expected_equally_dangerous_stay_together() -> None:
    found = by_tenth([0.1, 0.1, 0.1, 0.9], [1, 0, 0, 1], np.full(4, 100.0), tenths=2)
    assert found["expected"].to_numpy() == pytest.approx([0.3, 0.9])
    assert found["observed"].tolist() == [1, 1]


def test_where_crashes_come_in_clusters_the_block_interval_is_wider() -> None:
    random = np.random.default_rng(3)
    block = np.repeat(np.arange(40), 50)
    expected = np.full(2000, 0.5) + random.uniform(0, 1e-3, 2000)
    observed = random.poisson(expected * random.gamma(1, 1, 40)[block])
    (row,) = by_tenth(
        expected, observed, np.full(2000, 80.0), tenths=1, blocks=block
    ).itertuples()
    assert row.block_low < row.low < row.ratio < row.high < row.block_high


@pytest.mark.parametrize(("planted", "level"), [(0.6, 1.0), (1.0, 1.3), (1.5, 0.8)])
def test_a_planted_slope_comes_back(planted: float, level: float) -> None:
    random = np.random.default_rng(5)
    expected = random.lognormal(-1, 1, 20_000)
    observed = random.poisson(level * expected**planted)
    found = slope(expected, observed, np.arange(20_000) // 100, replicates=100)
    found = found.set_index("measure")
    assert found["value"]["slope"] == pytest.approx(planted, abs=0.03)
    assert found["value"]["intercept"] == pytest.approx(np.log(level), abs=0.03)
    assert found["value"]["ratio"] == pytest.approx(observed.sum() / expected.sum())
    assert (found["low"] < found["value"]).all()
    assert (found["value"] < found["high"]).all()


def test_the_fit_is_that_of_statsmodels_in_every_replicate() -> None:
    random = np.random.default_rng(6)
    expected, block = random.lognormal(-1, 1, 400), np.repeat(np.arange(20), 20)
    observed = random.poisson(expected)
    found = slope(expected, observed, block, replicates=200, seed=1).set_index("measure")
    design = sm.add_constant(np.log(expected))
    peer = sm.GLM(observed, design, family=sm.families.Poisson())
    intercept, own = peer.fit().params
    assert found["value"]["slope"] == pytest.approx(own, abs=1e-6)
    assert found["value"]["intercept"] == pytest.approx(intercept, abs=1e-6)
    # the clustered standard error is what a block bootstrap estimates
    error = peer.fit(cov_type="cluster", cov_kwds={"groups": block}).bse[1]
    assert (found["high"] - found["low"])["slope"] == pytest.approx(2 * 1.645 * error, rel=0.25)


def test_a_constant_expectation_or_no_crash_has_no_slope() -> None:
    for expected, observed in (([1.0, 1.0, 1.0], [1, 0, 2]), ([1.0, 2.0, 3.0], [0, 0, 0])):
        found = slope(expected, observed, np.arange(3), replicates=10).set_index("measure")
        assert np.isnan(found["value"]["slope"])
        assert found["value"]["ratio"] == pytest.approx(sum(observed) / sum(expected))
    with pytest.raises(ValueError, match="negative or unknown"):
        slope([1.0, np.nan], [1, 1], np.arange(2))


def test_segments_without_expectation_leave_the_slope_alone() -> None:
    expected, observed = np.array([0.5, 1, 2, 4]), np.array([1, 1, 3, 4])
    with_zero = slope(np.append(expected, 0), np.append(observed, 0), np.arange(5), replicates=9)
    assert with_zero["value"].to_numpy() == pytest.approx(
        slope(expected, observed, np.arange(4), replicates=9)["value"].to_numpy()
    )


def test_cumulative_residuals_by_hand() -> None:
    found = cure([3.0, 1.0, 2.0, 2.0], [1, 1, 1, 1], [0, 2, 1, 2])
    assert found.table["covariate"].tolist() == [1, 2, 3]
    assert found.table["cumulative"].tolist() == [1, 2, 1]
    # squares 1, 2, 3: 2·√(1·2/3), 2·√(2·1/3), 0
    assert found.table["high"].to_numpy() == pytest.approx([1.633, 1.633, 0], abs=1e-3)
    assert found.table["low"].to_numpy() == pytest.approx([-1.633, -1.633, 0], abs=1e-3)
    assert found.outside == pytest.approx(0.5)


def test_a_right_model_stays_inside_and_a_wrong_one_leaves() -> None:
    random = np.random.default_rng(8)
    flow = random.uniform(1, 10, 5000)
    observed = random.poisson(0.3 * flow**0.5)
    right, wrong = 0.3 * flow**0.5, 0.3 * flow**1.0
    assert cure(flow, right, observed).outside < 0.2
    assert cure(flow, wrong * right.sum() / wrong.sum(), observed).outside > 0.8


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0.1, 5), st.integers(0, 5)), max_size=20))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, float, int]]) -> None:
    one, two = (cure(*np.array(part).reshape(-1, 3).T) for part in (rows, rows[::-1]))
    for column in one.table:
        assert one.table[column].to_numpy() == pytest.approx(two.table[column].to_numpy(), abs=1e-6)
