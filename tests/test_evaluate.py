"""Capture, PAI, PEI, curve and overlap by hand; bootstrap, folds and rankings to beat."""

from itertools import permutations
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from riskmap.baselines import class_eb, class_only, over_dispersion
from riskmap.blocks import blocks, resampled, spatial_folds
from riskmap.evaluate import (
    capture,
    capture_curve,
    compare,
    curve_area,
    overlap,
    overlap_interval,
    pai,
    pei,
    trial,
)

# four roads of 1 km in all: the best tenth of the length, by score, is half of the first one
LENGTH = np.array([200.0, 300.0, 100.0, 400.0])
SCORE = np.array([9.0, 5.0, 3.0, 1.0])
CRASHES = np.array([4, 3, 2, 1])

whole = st.integers(0, 5)
towns = st.lists(
    st.tuples(st.integers(1, 100), whole, whole), min_size=1, max_size=12
).filter(lambda rows: sum(crashes for _, _, crashes in rows) > 0)


def _columns(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    length, score, crashes = np.array(rows, dtype=float).T
    return length, score, crashes


def test_the_last_segment_is_taken_in_part() -> None:
    # 10 %: 100 of 200 m, 2 of 4 crashes; 30 %: and 100 of 300 m, 1 of 3; 60 %: and all of the third
    found = capture(SCORE, LENGTH, CRASHES, (0.1, 0.3, 0.6, 1.0))
    assert found == pytest.approx([0.2, 0.5, 0.9, 1.0])


def test_equal_scores_share_their_crashes_by_length() -> None:
    # the first two as one of 500 m with 7 crashes
    found = capture([5.0, 5.0, 3.0, 1.0], LENGTH, CRASHES, (0.1, 0.5))
    assert found == pytest.approx([0.7 / 5, 0.7])


def test_an_unknown_score_comes_last_and_infinity_first() -> None:
    found = capture([np.nan, 5.0, np.inf, -7.0], LENGTH, CRASHES, (0.1, 0.8, 1.0))
    assert found == pytest.approx([0.2, 0.6, 1.0])


def test_several_outcomes_are_several_columns() -> None:
    harm = np.array([0.0, 0.0, 10.5, 0.0])
    found = capture(SCORE, LENGTH, np.column_stack([CRASHES, harm]), (0.1, 0.55))
    assert found == pytest.approx(np.array([[0.2, 0.0], [0.8, 0.5]]))


def test_pai_is_capture_over_share_and_pei_is_relative_to_the_best() -> None:
    shares = (0.1, 0.2)
    assert pai(SCORE, LENGTH, CRASHES, shares) == pytest.approx([2.0, 2.0])
    # the best begins with the first or third road, both 20 per km
    assert pei(SCORE, LENGTH, CRASHES, shares) == pytest.approx([1.0, 1.0])
    # the worst: 1 crash on 400 m; the best has 2 on 100 m and 4 on 200 m
    assert pei(-SCORE, LENGTH, CRASHES, shares) == pytest.approx([0.25 / 2, 0.5 / 4])


def test_the_curve_and_its_area() -> None:
    length, caught = capture_curve(SCORE, LENGTH, CRASHES)
    assert length == pytest.approx([0, 0.2, 0.5, 0.6, 1.0])
    assert caught == pytest.approx([0, 0.4, 0.7, 0.9, 1.0])
    # trapezes: .2·.2 + .3·.55 + .1·.8 + .4·.95
    assert curve_area(SCORE, LENGTH, CRASHES) == pytest.approx(0.665)


def test_nothing_happened_is_unknown_and_not_zero() -> None:
    assert np.isnan(capture(SCORE, LENGTH, np.zeros(4))).all()
    assert np.isnan(pei(SCORE, LENGTH, np.zeros(4))).all()
    assert np.isnan(curve_area(SCORE, LENGTH, np.zeros(4)))


@pytest.mark.parametrize(
    ("length", "crashes", "told"),
    [
        ([1.0, 0.0], [1, 1], "not above 0 m"),
        ([1.0, np.nan], [1, 1], "not above 0 m"),
        ([1.0, 1.0], [1, -1], "negative or unknown"),
        ([1.0, 1.0], [1, np.nan], "negative or unknown"),
        ([1.0, 1.0], [1], "2 lengths and 1 rows"),
    ],
)
def test_impossible_lengths_and_counts_are_refused(
    length: list[float], crashes: list[float], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        capture([1.0, 2.0], length, crashes)


def test_overlap_by_hand() -> None:
    # top 20 %: the first road against 200 m of the last; top 50 %: 200+300 against 400+100
    assert overlap(SCORE, SCORE, LENGTH, (0.2, 0.5)) == pytest.approx([1.0, 1.0])
    assert overlap(SCORE, -SCORE, LENGTH, (0.2, 0.5)) == pytest.approx([0.0, 0.0])
    # top 60 %: roads 1, 2 and 3 against 4, 3 and 100 m of 2; common 200 m, either 1000 m
    assert overlap(SCORE, -SCORE, LENGTH, (0.6,)) == pytest.approx([0.2])


def test_equal_scores_overlap_with_themselves() -> None:
    assert overlap(np.ones(4), np.ones(4), LENGTH, (0.1,)) == pytest.approx([1.0])


@given(towns, st.permutations(range(6)))
def test_no_ranking_captures_more_than_the_crashes_themselves(
    rows: list[tuple[int, int, int]], shuffled: list[int]
) -> None:
    length, score, crashes = _columns(rows)
    shares = np.linspace(0, 1, 11)
    best = capture(crashes / length, length, crashes, shares)
    assert (best >= capture(score, length, crashes, shares) - 1e-9).all()
    other = np.array(shuffled, dtype=float)[score.astype(int)]
    assert (best >= capture(other, length, crashes, shares) - 1e-9).all()


@given(towns)
def test_capture_grows_with_the_share_from_nothing_to_all(
    rows: list[tuple[int, int, int]],
) -> None:
    length, score, crashes = _columns(rows)
    found = capture(score, length, crashes, np.linspace(0, 1, 21))
    assert (np.diff(found) >= -1e-12).all()
    assert found[0] == 0
    assert found[-1] == pytest.approx(1)


@given(towns, st.floats(0, 1))
def test_a_constant_score_captures_its_share(
    rows: list[tuple[int, int, int]], share: float
) -> None:
    length, _, crashes = _columns(rows)
    assert capture(np.zeros(len(length)), length, crashes, (share,)) == pytest.approx([share])
    assert curve_area(np.zeros(len(length)), length, crashes) == pytest.approx(0.5)


@given(st.lists(whole, min_size=2, max_size=5).filter(any), st.floats(0.05, 0.95))
def test_a_tie_is_the_mean_over_all_ways_to_break_it(crashes: list[int], share: float) -> None:
    # segments of one length: with unequal ones the mean over orders is that of random starts
    length = np.full(len(crashes), 50.0)
    broken = [
        capture(np.array(order, dtype=float), length, crashes, (share,))[0]
        for order in permutations(range(len(crashes)))
    ]
    tied = capture(np.zeros(len(crashes)), length, crashes, (share,))[0]
    assert tied == pytest.approx(np.mean(broken))


@given(towns, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    rows: list[tuple[int, int, int]], random: Random
) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    for measure in (capture, pai, pei):
        (length, score, crashes), (m_length, m_score, m_crashes) = map(_columns, (rows, mixed))
        assert measure(score, length, crashes) == pytest.approx(
            measure(m_score, m_length, m_crashes)
        )


@given(towns, st.floats(0.1, 10))
def test_only_the_order_of_scores_counts(rows: list[tuple[int, int, int]], times: float) -> None:
    length, score, crashes = _columns(rows)
    assert capture(score, length, crashes) == pytest.approx(
        capture(np.exp(score * times), length * 3, crashes * 7)
    )


def test_squares_go_along_with_the_town() -> None:
    x, y = np.array([0.0, 499.0, 500.0, 0.0]), np.array([0.0, 499.0, 0.0, 1200.0])
    assert blocks(x, y, 500).tolist() == [0, 0, 2, 1]
    assert blocks(x + 12_345, y - 77, 500).tolist() == [0, 0, 2, 1]
    assert blocks([], []).tolist() == []


def test_every_replicate_draws_as_many_squares_as_there_are() -> None:
    times = resampled(np.array([0, 1, 1, 2, 3]), replicates=4000, seed=1)
    assert times.shape == (4000, 4)
    assert (times.sum(axis=1) == 4).all()
    assert times.mean(axis=0) == pytest.approx([1, 1, 1, 1], abs=0.05)
    assert times.var() == pytest.approx(0.75, abs=0.05)  # of a binomial of 4 and 1/4
    assert len(resampled(np.array([0, 0]))) == 0


def test_folds_hold_whole_squares_and_all_of_them() -> None:
    squares = np.repeat(np.arange(11), 3)
    folds = spatial_folds(squares, 4, seed=3)
    assert pd.Series(folds).groupby(squares).nunique().eq(1).all()
    assert sorted(pd.Series(folds[::3]).value_counts()) == [2, 3, 3, 3]
    with pytest.raises(ValueError, match="12 folds of 11 squares"):
        spatial_folds(squares, 12)


@pytest.fixture(scope="module")
def city() -> pd.DataFrame:
    """2,000 segments on 100 squares; crashes follow `true`, which differs by square too."""
    random = np.random.default_rng(7)
    squares = np.repeat(np.arange(100), 20)
    true = random.gamma(0.7, 1, 2000) * random.gamma(4, 0.25, 100)[squares]
    length = random.uniform(20, 100, 2000)
    return pd.DataFrame({
        "length_m": length,
        "block": squares,
        "true": true,
        "rough": true * random.lognormal(0, 1.0, 2000),
        "crashes": random.poisson(true * length / 50),
    })


def test_the_table_holds_what_the_measures_say(city: pd.DataFrame) -> None:
    length, crashes = city["length_m"], city["crashes"]
    table = trial(
        {"rough": city["rough"]}, length, {"all": crashes}, city["block"].to_numpy(), replicates=50
    ).table()
    assert table["ranking"].eq("rough").all()
    for name, measure in (("capture", capture), ("pai", pai), ("pei", pei)):
        rows = table[table["measure"] == name]
        assert rows["share"].tolist() == [0.01, 0.05, 0.10, 0.20]
        assert rows["value"].to_numpy() == pytest.approx(measure(city["rough"], length, crashes))
    area = table[table["measure"] == "area"]
    assert area["value"].item() == pytest.approx(curve_area(city["rough"], length, crashes))
    assert (table["low"] < table["value"]).all()
    assert (table["value"] < table["high"]).all()


def test_a_replicate_is_the_measure_on_the_squares_drawn(city: pd.DataFrame) -> None:
    block = city["block"].to_numpy()
    done = trial(
        {"rough": city["rough"]}, city["length_m"], {"all": city["crashes"]}, block,
        replicates=3, seed=5,
    )  # fmt: skip
    for row, times in enumerate(resampled(block, replicates=3, seed=5), 1):
        town = city.loc[np.repeat(city.index, times[block])]
        columns = town["rough"], town["length_m"], town["crashes"]
        expected = [*capture(*columns), *pai(*columns), *pei(*columns), curve_area(*columns)]
        assert done.found["all", "rough"][row] == pytest.approx(expected)


def test_the_random_ranking_is_its_share_in_every_replicate(city: pd.DataFrame) -> None:
    table = trial(
        {"random": np.zeros(2000)}, city["length_m"], {"all": city["crashes"]},
        city["block"].to_numpy(), replicates=50,
    ).table()  # fmt: skip
    captured = table[table["measure"] == "capture"]
    for column in ("value", "low", "high"):
        assert captured[column].to_numpy() == pytest.approx([0.01, 0.05, 0.10, 0.20])


def test_paired_gains_are_narrower_than_two_intervals_apart(city: pd.DataFrame) -> None:
    near = city["true"] * np.random.default_rng(1).lognormal(0, 0.2, 2000)
    done = trial(
        {"true": city["true"], "near": near}, city["length_m"], {"all": city["crashes"]},
        city["block"].to_numpy(), replicates=300,
    )  # fmt: skip
    wide = done.table().set_index(["ranking", "measure", "share"]).loc[("true", "capture", 0.2)]
    gain = done.gains("true").set_index(["measure", "share"]).loc[("capture", 0.2)]
    assert gain["over"] == "near"
    assert gain["high"] - gain["low"] < 0.7 * (wide["high"] - wide["low"])


def test_gains_over_a_reference_are_differences(city: pd.DataFrame) -> None:
    rankings = {"true": city["true"], "rough": city["rough"], "random": np.zeros(2000)}
    outcomes = {"all": city["crashes"], "harm": city["crashes"] * 2.5}
    given = (rankings, city["length_m"], outcomes, city["block"].to_numpy())
    table = compare(*given, reference="rough", replicates=60, seed=2)
    assert len(table) == 2 * 3 * 13
    wide = table.pivot_table(index=["outcome", "measure", "share"], columns="ranking")
    for name in rankings:
        assert wide["gain"][name].to_numpy() == pytest.approx(
            (wide["value"][name] - wide["value"]["rough"]).to_numpy()
        )
    assert table.loc[table["ranking"] == "rough", ["gain", "gain_low", "gain_high"]].eq(0).all(None)
    gains = trial(*given, replicates=60, seed=2).gains("true")
    over = gains[(gains["over"] == "rough") & (gains["outcome"] == "harm")]
    same = table[(table["ranking"] == "true") & (table["outcome"] == "harm")]
    assert_frame_equal(
        over[["value", "low", "high"]].reset_index(drop=True),
        same[["gain", "gain_low", "gain_high"]].set_axis(["value", "low", "high"], axis=1)
        .reset_index(drop=True),
    )  # fmt: skip
    with pytest.raises(ValueError, match="no ranking 'ruogh'"):
        compare(*given, reference="ruogh")
    with pytest.raises(ValueError, match="no ranking 'ruogh'"):
        trial(*given, replicates=2).gains("ruogh")


def test_of_one_square_there_is_no_interval() -> None:
    table = trial({"a": SCORE}, LENGTH, {"all": CRASHES}, np.zeros(4, dtype=int)).table()
    assert table["value"].notna().all()
    assert table[["low", "high"]].isna().all(None)


def test_a_city_without_crashes_has_no_values() -> None:
    table = trial({"a": SCORE}, LENGTH, {"all": 0 * CRASHES}, np.arange(4), replicates=20).table()
    assert table[["value", "low", "high"]].isna().all(None)


def test_nine_in_ten_intervals_hold_the_truth() -> None:
    # 60 squares are drawn from a country of known capture; the interval has to allow for that
    random = np.random.default_rng(0)
    score = np.tile(np.arange(8.0), 60)
    block, held = np.repeat(np.arange(60), 8), 0
    for _ in range(200):
        level = random.gamma(2, 0.5, 60)[block]
        crashes = random.poisson(level * (1 + score))
        done = trial({"a": score}, np.ones(480), {"all": crashes}, block, shares=(0.25,),
                     replicates=200, seed=1)  # fmt: skip
        row = done.table().iloc[0]
        held += row["low"] <= (7 + 8) / 36 <= row["high"]
    assert 0.83 <= held / 200 <= 0.96


def test_the_overlap_of_two_periods_has_an_interval(city: pd.DataFrame) -> None:
    table = overlap_interval(
        city["true"], city["rough"], city["length_m"], city["block"].to_numpy(), replicates=100
    )
    assert table["value"].to_numpy() == pytest.approx(
        overlap(city["true"], city["rough"], city["length_m"])
    )
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    assert (table["high"] < 1).all()


def test_class_only_is_crashes_per_km_and_year_of_the_class() -> None:
    found = class_only([3, 0, 1, 0], [500, 1000, 250, 250], ["a", "a", "b", "b"], years=2)
    assert found == pytest.approx([1.0, 1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="0 years"):
        class_only([1], [100], ["a"], years=0)


def test_over_dispersion_that_was_planted_comes_back() -> None:
    random = np.random.default_rng(2)
    mean = random.uniform(0.05, 2, 20_000)
    counts = random.poisson(mean * random.gamma(2, 0.5, 20_000))
    assert over_dispersion(counts, mean) == pytest.approx(0.5, abs=0.06)
    assert over_dispersion(random.poisson(mean), mean) < 0.03
    assert over_dispersion(np.zeros(5), np.ones(5)) == 0
    assert over_dispersion(np.ones(400), np.ones(400)) == 0


def test_class_eb_lies_between_the_count_and_the_class() -> None:
    random = np.random.default_rng(4)
    length = np.full(15_000, 100.0)
    of_class = np.repeat(["a", "b", "c"], 5000)
    true = np.repeat([2.0, 8.0, 0.0], 5000) * random.gamma(1, 1, 15_000)
    counts = random.poisson(true * 0.1 * 3)
    raw, own = counts / length * 1000 / 3, class_only(counts, length, of_class, 3)
    found = class_eb(counts, length, of_class, 3)
    assert ((found - raw) * (found - own) <= 1e-9).all()
    assert (found[of_class == "c"] == 0).all()
    # what was planted: k = 1, so (count + 1)/(expected + 1) times the class's rate
    expected = own * 0.3
    planted = own * (counts + 1) / (expected + 1)
    assert found == pytest.approx(planted, rel=0.1)
    assert found.mean() == pytest.approx(own.mean(), rel=0.02)


def test_class_eb_of_counts_without_spread_is_the_class() -> None:
    found = class_eb([1, 1, 1, 1], [100.0] * 4, ["a"] * 4, 1)
    assert found == pytest.approx([10.0] * 4)


@settings(max_examples=30)
@given(st.lists(whole, min_size=4, max_size=30).filter(any))
def test_in_a_class_more_crashes_never_rank_lower(counts: list[int]) -> None:
    length = np.full(len(counts), 80.0)
    order = np.argsort(counts)
    found = class_eb(counts, length, ["a"] * len(counts), 3)
    assert (np.diff(found[order]) >= -1e-9).all()
