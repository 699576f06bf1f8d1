"""Learning from crash counts: nothing without records, the truth with many, honest widths."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.sparse import csr_array
from streets import area, effect, extract, layer, rules, street, thing

from riskmap import bayes, dispersion, flow, learning, planted
from riskmap.area import Area
from riskmap.fitting import KINDS, Counts, Fit

RATES = st.floats(1e-4, 30)
SPREADS = st.floats(0.01, 20)
COUNTS = st.integers(0, 60).map(float)


def town() -> Area:
    """Two hundred main streets that meet side streets; every second main street has a school."""
    ways, things = [], []
    for n in range(200):
        x = 400.0 * n
        ways += [
            street((x, 0.0), (x + 100.0, 0.0), highway="primary"),
            street((x + 100.0, 0.0), (x + 200.0, 0.0), highway="primary"),
            street((x + 100.0, 0.0), (x + 100.0, 90.0), highway="residential"),
        ]
        if n % 2:
            things.append(thing((x + 150.0, 5.0), amenity="school"))
    near = layer("school", effect("all", 2.0), full_m=20.0, reach_m=40.0)
    return area(extract(ways, things), near, parameters=rules(score={"temper": 0.6}))


def counted(own: Area, link: float, junction: float, years: float = 1.0) -> Counts:
    """The same number of crashes at every link and at every junction."""
    found = {
        "link": np.full(len(own.segments), link),
        "junction": np.full(len(own.junctions), junction),
    }
    return Counts(found, flow.groups(own.network), years)


# --- one place ---------------------------------------------------------------------------------


def test_hauer_s_weight_divides_between_what_is_expected_and_what_happened() -> None:
    expected, k, count, years = np.array([0.5]), np.array([0.8]), np.array([6.0]), 3.0
    w = 1 / (1 + 0.8 * 0.5 * 3)
    assert bayes.weight(expected, k, years) == pytest.approx([w])
    found = bayes.posterior(expected, k, count, years)
    assert found.mean == pytest.approx([w * 0.5 + (1 - w) * 6 / 3])
    # Gamma(1/k + y, rate 1/(kμ) + T)
    gamma = stats.gamma(1 / 0.8 + 6, scale=1 / (1 / (0.8 * 0.5) + 3))
    assert np.concatenate(found.interval(0.1, 0.9)) == pytest.approx(gamma.ppf([0.1, 0.9]))
    assert found.above(np.array([1.0])) == pytest.approx([gamma.sf(1.0)])


@given(RATES, SPREADS, COUNTS, st.floats(0.1, 10))
def test_the_posterior_lies_between_what_is_expected_and_what_happened(
    rate: float, k: float, count: float, years: float
) -> None:
    found = bayes.posterior(np.array([rate]), np.array([k]), np.array([count]), years)
    low, high = sorted((rate, count / years))
    assert low * (1 - 1e-9) <= found.mean[0] <= high * (1 + 1e-9)


@given(RATES, SPREADS)
def test_no_year_leaves_what_is_expected(rate: float, k: float) -> None:
    found = bayes.posterior(np.array([rate]), np.array([k]), np.array([0.0]), 0.0)
    assert found.mean == pytest.approx([rate])


def test_where_nothing_can_happen_nothing_is_expected_whatever_the_records_say() -> None:
    found = bayes.posterior(np.zeros(1), np.ones(1), np.array([3.0]), 1.0)
    assert found.mean.tolist() == [0.0]


def test_a_junction_is_shared_over_its_approaches_with_its_uncertainty() -> None:
    link = bayes.Posterior(np.array([1.0, 2.0]), np.array([4.0, 4.0]))
    junction = bayes.Posterior(np.array([3.0]), np.array([9.0]))
    spread = csr_array(np.array([[0.75], [0.25]]))
    found = bayes.drawn(((link, None), (junction, spread)))
    assert found.mean == pytest.approx([1 + 2.25, 2 + 0.75])
    variance = [1 / 4 + 0.75**2 * 9 / 9, 4 / 4 + 0.25**2 * 9 / 9]
    assert found.variance == pytest.approx(variance)


# --- over-dispersion ---------------------------------------------------------------------------


def test_over_dispersion_is_found_again_by_class_and_risk() -> None:
    random, rule = np.random.default_rng(5), rules()["dispersion"]
    mean = np.exp(random.normal(-1.0, 1.0, 40_000))
    group = np.where(random.random(40_000) < 0.5, "quiet", "busy").astype(object)
    middle = float(np.exp(np.log(mean) @ mean / mean.sum()))
    truth = dispersion.Dispersion(np.log(0.7), -0.6, middle, {"quiet": 0.4, "busy": -0.4})
    k = truth.at(mean, group)
    count = random.poisson(3 * mean * random.gamma(1 / k) * k).astype(float)
    found = dispersion.fitted(mean, count, group, np.full(40_000, 3.0), rule).at(mean, group)
    assert np.abs(np.log(found / k)).mean() < 0.1


@given(st.floats(-3, 3), st.floats(0.01, 20), st.integers(0, 30))
def test_the_slope_of_the_likelihood_is_that_of_its_values(
    log_k: float, mean: float, count: int
) -> None:
    y, m, step = np.array([float(count)]), np.array([mean]), 1e-5
    ends = [dispersion.log_likelihood(y, m, np.exp([log_k + side])) for side in (-step, step)]
    slope = dispersion._by_log_k(y, m, np.exp([log_k]))[0]
    assert (ends[1] - ends[0]) / (2 * step) == pytest.approx(slope, rel=1e-3, abs=1e-5)


# --- the fit -----------------------------------------------------------------------------------


def test_no_years_change_nothing() -> None:
    own = town()
    found = learning.learn(own.model, counted(own, 0.0, 0.0, years=0.0))
    pd.testing.assert_frame_equal(found.model.scores(), own.model.scores())
    assert (found.parameters["local"] == found.parameters["prior"]).all()
    assert found.parameters["local_sd"].tolist() == pytest.approx(found.parameters["prior_sd"])


def test_little_data_changes_little() -> None:
    own = town()
    one = counted(own, 0.0, 0.0, years=0.01)
    one.crashes["link"][7] = 1.0
    found = learning.learn(own.model, one).parameters
    layers = found[found["kind"] == "layer"]
    assert np.abs(layers["local"]).max() < 0.1
    assert (layers["local_sd"] > 0.9 * layers["prior_sd"]).all()


def test_what_is_scored_is_the_posterior_of_the_place() -> None:
    own, random = town(), np.random.default_rng(2)
    counts = counted(own, 0.0, 0.0, years=3.0)
    for kind in KINDS:
        counts.crashes[kind][:] = random.poisson(1.5, len(counts.crashes[kind]))
    learned = learning.learn(own.model, counts)
    table = learned.segments
    assert learned.model.crashes().to_numpy() == pytest.approx(
        table["crashes_per_year"].to_numpy(), rel=1e-6
    )
    spread = learned.model.spread["junction"]
    assert spread is not None
    total = counts.crashes["link"] + spread @ counts.crashes["junction"]
    # more crashes than roads like it: above what is expected, and worse than them
    some = table[["excess", "worse"]].to_numpy()[np.argsort(total)]
    assert some[-20:, 0].min() > 0 > some[:20, 0].max()
    assert some[-20:, 1].min() > 0.5 > some[:20, 1].max()


def test_ten_times_the_crashes_everywhere_are_ten_times_the_score() -> None:
    own = town()
    few, many = (
        learning.learn(own.model, counted(own, n, n)).model.crashes().sum() for n in (20.0, 200.0)
    )
    assert many / few == pytest.approx(10, rel=0.02)


def test_a_layer_comes_back_where_its_roads_have_more_crashes() -> None:
    own, random = town(), np.random.default_rng(4)
    schools = own.touched("school")["touch"].reindex(own.segments.index).fillna(0.0).to_numpy()
    truth = 0.5
    base = learning.learn(own.model, counted(own, 0, 0, 0)).expected
    lift = 200 * base["link"] / base["link"].mean() * np.exp(truth * schools)
    counts = replace(
        counted(own, 0, 0, 100.0),
        crashes={
            "link": random.poisson(lift).astype(float),
            "junction": random.poisson(200 * np.ones(len(own.junctions))).astype(float),
        },
    )
    found = learning.learn(own.model, counts).parameters
    row = found[found["name"] == "school"].iloc[0]
    assert row["local"] == pytest.approx(truth, abs=0.15)
    assert row["local_sd"] < 0.5 * row["prior_sd"]


def test_learning_ends_where_nothing_moves_any_more() -> None:
    own = town()
    like = counted(own, 0.0, 0.0, 3.0)
    drawn = planted.plant(own.model, like, crashes=2000.0, seed=4).counts
    found = learning.learn(own.model, drawn)
    fit = replace(Fit.of(own.model, drawn), point=found.parameters["local"].to_numpy())
    again = fit.refreshed().improved(found.dispersion)
    moved = (again.point - fit.point) / found.parameters["prior_sd"].to_numpy()
    assert np.abs(moved).max() < 2 * learning.DONE


def test_what_happens_at_places_that_are_held_out_is_not_known() -> None:
    own, random = town(), np.random.default_rng(8)
    counts = counted(own, 0.0, 0.0, years=3.0)
    for kind in KINDS:
        counts.crashes[kind][:] = random.poisson(1.0, len(counts.crashes[kind]))
    seen = {kind: np.arange(len(v)) % 3 > 0 for kind, v in counts.crashes.items()}
    other = {kind: np.where(seen[kind], v, 50.0) for kind, v in counts.crashes.items()}
    one, two = (
        learning.learn(own.model, replace(counts, crashes=found, seen=seen))
        for found in (counts.crashes, other)
    )
    for kind in KINDS:
        assert two.posterior[kind].mean.tolist() == one.posterior[kind].mean.tolist()
        held = ~seen[kind]
        assert one.posterior[kind].mean[held] == pytest.approx(one.expected[kind][held])


def test_the_worst_twentieth_is_where_it_is_likely_to_be() -> None:
    own, random = town(), np.random.default_rng(3)
    counts = counted(own, 0.0, 0.0, years=5.0)
    bad = random.choice(len(own.segments), len(own.segments) // 30, replace=False)
    counts.crashes["link"] += random.poisson(1.0, len(own.segments))
    counts.crashes["link"][bad] += 60.0
    worst = learning.learn(own.model, counts).segments["worst"].to_numpy()
    assert worst[bad].min() > 0.9
    assert np.delete(worst, bad).max() < 0.9
    assert worst @ own.model.km / own.model.km.sum() == pytest.approx(0.05, abs=1e-3)


def test_the_interval_of_a_place_narrows_with_its_crashes() -> None:
    own, random = town(), np.random.default_rng(6)
    counts = counted(own, 0.0, 0.0, years=4.0)
    rates = {kind: random.gamma(1.0, 2.0, len(found)) for kind, found in counts.crashes.items()}
    ends = []
    for factor in (1, 25):
        happened = {k: random.poisson(factor * v).astype(float) for k, v in rates.items()}
        scores = learning.learn(own.model, replace(counts, crashes=happened)).model.scores()
        ends.append(np.log(scores["high"] / scores["low"]).median())
    assert ends[1] < 0.5 * ends[0]


def test_planted_truth_is_covered_as_often_as_stated() -> None:
    own = town()
    like = counted(own, 0.0, 0.0, years=3.0)
    found = []
    for seed in range(40):
        planted_ = planted.plant(own.model, like, crashes=4000.0, seed=seed)
        table = learning.learn(own.model, planted_.counts).parameters
        away = (table["local"] - planted_.truth["truth"]) / table["local_sd"]
        found.append(away[table["kind"] != "scale"])
    inside = np.abs(np.concatenate(found)) < stats.norm.ppf(0.9)
    # 80 % of 40 draws of 6 parameters: three standard errors
    assert inside.mean() == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / len(inside)))
