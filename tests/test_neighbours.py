"""What crashes nearby say of a place: where places are bad together, and only there."""

import numpy as np
import pytest

from riskmap import dispersion, neighbours, project
from riskmap.fitting import KINDS, Counts

RULES = project.constants()
OWN = RULES["neighbours"]
LINE = np.column_stack([np.arange(2000) * 50.0, np.zeros(2000)])
"""Two thousand pieces of one road, a piece every 50 m."""


def on_a_line(crashes: np.ndarray, years: float = 1.0) -> Counts:
    """Crashes at the pieces of that road, and no junction."""
    none = np.zeros(0)
    return Counts(
        {"link": crashes, "junction": none},
        {"link": np.full(len(crashes), "primary", object), "junction": none.astype(object)},
        years, where={"link": LINE[: len(crashes)], "junction": np.zeros((0, 2))},
    )  # fmt: skip


def around(expected: np.ndarray, counts: Counts) -> neighbours.Neighbours:
    spread = {kind: dispersion.stated(RULES["dispersion"]) for kind in KINDS}
    return neighbours.around({"link": expected, "junction": np.zeros(0)}, counts, spread, OWN)


def test_the_crashes_of_a_place_say_nothing_about_itself_and_much_about_the_next() -> None:
    expected, crashes = np.full(2000, 0.3), np.zeros(2000)
    crashes[::100] = 12.0
    crashes[1::100] = 12.0
    found = around(expected, on_a_line(crashes))
    without = crashes.copy()
    without[100] = 0.0
    other = around(expected, on_a_line(without))
    assert (found.bandwidth_m, found.shape) == (other.bandwidth_m, other.shape)
    ratio = found.factor["link"] / other.factor["link"]
    # what all are divided by, so that as many are expected in all, moves a little
    assert ratio[100] == pytest.approx(ratio[1550], rel=1e-6)
    assert ratio[101] > 1.5 * ratio[100]


def test_bad_stretches_are_found_and_as_many_crashes_stay_expected() -> None:
    random = np.random.default_rng(1)
    level = np.repeat(random.gamma(1.0, 1.0, 200), 10)
    expected = random.uniform(0.2, 2.0, 2000)
    found = around(expected, on_a_line(random.poisson(expected * level).astype(float)))
    assert found.bandwidth_m in OWN["bandwidths_m"]
    assert found.factor["link"] @ expected == pytest.approx(expected.sum())
    away = np.log(found.factor["link"]) - np.log(level)
    assert np.abs(away).mean() < 0.6 * np.abs(np.log(level)).mean()


def test_places_that_have_nothing_in_common_are_left_alone_but_for_chance() -> None:
    taken = []
    for seed in range(40):
        random = np.random.default_rng(seed)
        expected = random.uniform(0.2, 2.0, 2000)
        own = expected * random.gamma(1.0, 1.0, 2000)
        found = around(expected, on_a_line(random.poisson(own).astype(float)))
        taken.append(found.shape is not None)
    assert np.mean(taken) <= 0.05


def test_without_crashes_years_or_places_nobody_has_neighbours() -> None:
    expected, crashes = np.full(50, 0.3), np.ones(50)
    for counts in (
        on_a_line(np.zeros(50)),
        on_a_line(crashes, years=0.0),
        Counts(on_a_line(crashes).crashes, on_a_line(crashes).group, 1.0),
    ):
        found = around(expected, counts)
        assert found.shape is None
        assert (found.factor["link"] == 1.0).all()


def test_the_order_of_the_places_and_where_the_town_lies_do_not_matter() -> None:
    random = np.random.default_rng(3)
    expected = random.uniform(0.2, 2.0, 600)
    crashes = random.poisson(expected * np.repeat(random.gamma(1, 1, 60), 10)).astype(float)
    counts = on_a_line(crashes)
    found = around(expected, counts)
    order = random.permutation(600)
    shuffled = Counts(
        {**counts.crashes, "link": crashes[order]}, counts.group, 1.0,
        where={"link": LINE[:600][order] + 5e5, "junction": np.zeros((0, 2))},
    )  # fmt: skip
    other = around(expected[order], shuffled)
    assert other.factor["link"] == pytest.approx(found.factor["link"][order])
