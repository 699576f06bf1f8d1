"""Did it help: by hand, over a thousand simulated towns, and on an area with records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from happened import simulated, written
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import riskmap
from riskmap import bayes, before_after, study
from riskmap.area import Area
from riskmap.before_after import Comparison
from riskmap.cli import main
from riskmap.errors import RiskmapError
from riskmap.project import constants
from riskmap.spans import Span, years_of

RULES = constants()
SURE = Comparison(1.0, 0.0, np.inf, np.inf)


def test_hauer_s_estimate_by_hand() -> None:
    expected, k, before = np.array([2.0, 1.0]), np.array([0.5, 0.5]), np.array([9.0, 2.0])
    w = 1 / (1 + 0.5 * expected * 3)
    m = w * expected * 3 + (1 - w) * before  # crashes in three years before
    r = 0.9 * 2 / 3  # two years after, at nine tenths of the rate
    total, variance = r * m.sum(), r**2 * (m * (1 - w)).sum()
    found = before_after.effect(
        expected, k, before, 5.0, 3.0, 2.0, Comparison(0.9, 0.0, np.inf, np.inf)
    )
    assert found.expected == pytest.approx(total)
    assert found.expected_sd == pytest.approx(np.sqrt(variance))
    assert found.theta == pytest.approx(5 / total / (1 + variance / total**2))


def test_the_group_s_uncertainty_widens_the_interval() -> None:
    given_ = (np.array([50.0]), np.array([0.1]), np.array([150.0]), 100.0, 3.0, 3.0)
    sure, unsure = (
        before_after.effect(*given_, Comparison(1.0, sd, np.inf, np.inf)) for sd in (0.0, 0.3)
    )
    assert unsure.low < sure.low < sure.high < unsure.high
    assert unsure.smallest > sure.smallest


@given(st.floats(0.5, 200), st.integers(0, 300), st.floats(0, 0.5))
def test_the_interval_holds_the_estimate_and_never_goes_below_nought(
    expected: float, after: int, log_sd: float
) -> None:
    found = before_after.effect(
        np.array([expected]), np.array([0.01]), np.array([expected]), float(after), 1.0, 1.0,
        Comparison(1.0, log_sd, np.inf, np.inf),
    )  # fmt: skip
    assert 0 <= found.low <= found.theta * (1 + 1e-9)
    assert found.theta <= found.high * (1 + 0.3 * log_sd + 1e-9)


def test_with_a_known_expectation_the_interval_is_garwood_s() -> None:
    found = before_after.effect(
        np.array([10.0]), np.array([1e-9]), np.array([10.0]), 7.0, 1.0, 1.0, SURE
    )
    assert found.low * 10 == pytest.approx(stats.chi2.ppf(0.025, 14) / 2, rel=1e-3)
    assert found.high * 10 == pytest.approx(stats.chi2.ppf(0.975, 16) / 2, rel=1e-3)


def test_the_smallest_fall_is_that_of_the_tables() -> None:
    # evidence.md: −11 / −18 / −24 % need about 1,230 / 440 / 240 crashes before, equal periods;
    # there the time before is as uncertain as that after
    for fall, count in ((0.11, 1230), (0.18, 440), (0.24, 240)):
        found = before_after.effect(
            np.array([float(count)]), np.array([1e-9]), np.array([float(count)]), float(count),
            1.0, 1.0, Comparison(1.0, 1 / np.sqrt(count), np.inf, np.inf),
        )  # fmt: skip
        assert found.smallest == pytest.approx(fall, abs=0.015)


def run(random: np.random.Generator, theta: float) -> tuple[bool, float, bool, float]:
    """Treat the forty worst of two thousand places by count; the prior is known up to noise."""
    k, years, trend = 0.8, 3.0, 0.95
    mean = np.exp(random.normal(-0.5, 0.8, 2000))
    rate = mean * random.gamma(1 / k, k, 2000)
    before = random.poisson(rate * years).astype(float)
    site = np.zeros(2000, dtype=bool)
    site[np.argsort(-before - random.random(2000))[:40]] = True
    after = random.poisson(rate * years * trend * np.where(site, theta, 1.0)).astype(float)
    prior, spread = mean * np.exp(random.normal(0, 0.1, 2000)), np.full(2000, k)
    rest = bayes.posterior(prior[~site], spread[~site], before[~site], years).mean.sum() * years
    change = before_after.comparison(rest, after[~site].sum(), years, years, between_sd=0.0)
    own = prior[site], spread[site], before[site]
    found = before_after.effect(*own, after[site].sum(), years, years, change)
    naive = before_after.raw(
        before[site], after[site].sum(), years, years, bayes.posterior(*own, years).mean
    )
    return found.changed, found.theta, not naive.low <= 1 <= naive.high, naive.ratio


def test_a_thousand_nulls_at_bad_sites_call_a_change_in_at_most_seven_per_cent() -> None:
    random = np.random.default_rng(11)
    called, theta, naive_called, naive = np.mean([run(random, 1.0) for _ in range(1000)], axis=0)
    assert called <= 0.07
    assert theta == pytest.approx(1, abs=0.02)
    # the raw figure sees a success nearly every time
    assert naive_called > 0.8
    assert naive < 0.9


def test_a_true_fall_of_eleven_per_cent_comes_back_within_two() -> None:
    random = np.random.default_rng(12)
    _, theta, _, naive = np.mean([run(random, 0.89) for _ in range(1000)], axis=0)
    assert theta == pytest.approx(0.89, rel=0.02)
    assert naive < 0.8


def test_a_group_that_goes_its_own_way_is_seen_and_widens() -> None:
    together = {2001: 100.0, 2002: 110.0, 2003: 121.0, 2004: 133.0, 2005: 146.0}
    apart = {2001: 100.0, 2002: 300.0, 2003: 90.0, 2004: 350.0, 2005: 80.0}
    ratio, by_chance, sd = before_after.odds(together, together, RULES["before_after"])
    assert abs(np.log(ratio)) < by_chance
    assert sd < 0.05
    assert before_after.odds(together, apart, RULES["before_after"])[2] > 0.5
    assert before_after.odds({2001: 1.0}, {2001: 1.0}, RULES["before_after"])[2] == 0.05


def test_chance_in_the_mean_of_the_odds_is_that_of_the_first_year_and_the_last() -> None:
    rule = RULES["before_after"]
    counts = {2001: 100.0, 2002: 200.0, 2003: 400.0}
    by_hand = np.sqrt(2 * (1 / 100 + 1 / 400)) / 2
    assert before_after.odds(counts, counts, rule)[1] == pytest.approx(by_hand)
    # a year without crashes parts the years before it from those after it
    gap = {2001: 100.0, 2002: 200.0, 2003: 0.0, 2004: 50.0, 2005: 25.0}
    by_hand = np.sqrt(2 * (1 / 100 + 1 / 200 + 1 / 50 + 1 / 25)) / 2
    assert before_after.odds(gap, gap, rule)[1] == pytest.approx(by_hand)
    random = np.random.default_rng(8)
    drawn = [
        before_after.odds(*(dict(enumerate(random.poisson(200.0, 6))) for _ in range(2)), rule)
        for _ in range(2000)
    ]
    beyond = [abs(np.log(ratio)) > study.APART * chance for ratio, chance, _ in drawn]
    assert np.mean(beyond) == pytest.approx(0.05, abs=0.02)


# --- on an area ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def country() -> Area:
    return riskmap.assess(riskmap.sample(), cache=False)


@pytest.fixture(scope="module")
def records(country: Area, tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = simulated(country, years=(2014, 2019), a_year=2500.0, seed=3)
    return written(table, tmp_path_factory.mktemp("records") / "crashes.csv")


@pytest.fixture(scope="module")
def known(records: Path) -> Area:
    return riskmap.assess(riskmap.sample(), crashes=records, cache=False)


def sites(area: Area, path: Path, count: int = 20) -> Path:
    area.hotspots(top=count).drop(columns="geometry").to_csv(path, index=False)
    return path


def test_where_nothing_was_done_there_is_no_evidence_of_a_change(
    country: Area, known: Area, tmp_path: Path
) -> None:
    # chosen without the records: those of the time after would choose what was bad by chance then
    rows = study.read_sites(sites(country, tmp_path / "sites.csv"), known)
    assert len(rows) == 20
    found = study.study(
        known, rows, before=Span.of("b", "2014..2016"), after=Span.of("a", "2017..2019")
    )
    assert not found.effect.changed
    assert found.ring is not None
    assert not found.ring.changed
    assert study.sentences(found, "en")[0].startswith("No evidence of a change")
    assert study.sentences(found, "zh")[0].startswith("没有证据表明有变化")
    assert found.years == (3.0, 3.0)


def test_crashes_taken_away_at_the_sites_are_seen(
    country: Area, known: Area, tmp_path: Path
) -> None:
    rows = study.read_sites(sites(country, tmp_path / "sites.csv", 60), known)
    places = study._places(known.network, rows)
    crashes = known.crashes
    assert crashes is not None
    table = crashes.table
    there = np.where(
        table["outcome"] == "junction",
        places["junction"][table["junction"].clip(lower=0)],
        places["link"][table["segment"].clip(lower=0)],
    )
    gone = there & (table["year"] >= 2017) & (np.arange(len(table)) % 2 == 0)
    treated = replace(known, crashes=replace(crashes, table=table[~gone]))
    found = study.study(
        treated, rows, before=Span.of("b", "2014..2016"), after=Span.of("a", "2017..2019")
    )
    assert found.effect.changed
    assert found.effect.theta == pytest.approx(0.5, abs=0.15)
    assert "fewer crashes" in study.sentences(found, "en")[0]


@pytest.mark.parametrize(("given_", "first", "last"), [
    ("2014..2016", "2014-01-01", "2016-12-31"), ("2014-03..2015-02", "2014-03-01", "2015-02-28"),
    ("2014-03-05 .. 2014-03-05", "2014-03-05", "2014-03-05"), ("2014", "2014-01-01", "2014-12-31"),
    ("2014-2016", "2014-01-01", "2016-12-31"), ("2014–2016", "2014-01-01", "2016-12-31"),
    ("2014-03", "2014-03-01", "2014-03-31"), ("2014-03-05", "2014-03-05", "2014-03-05"),
])  # fmt: skip
def test_a_period_is_years_months_or_days(given_: str, first: str, last: str) -> None:
    span = Span.of("--before", given_)
    assert (str(span.first), str(span.last)) == (first, last)


@pytest.mark.parametrize("given_", ["2014..2016", "2014-2016", "2014-01..2016-12"])
def test_years_are_given_in_the_same_forms_everywhere(given_: str) -> None:
    assert years_of("--train", given_) == (2014, 2016)
    assert str(Span.of("--before", given_)) == "2014–2016"
    assert years_of("--test", "2014") == (2014, 2014)
    with pytest.raises(RiskmapError, match="needs whole years"):
        years_of("--train", "2014-02..2016")


def test_half_a_year_is_half_a_year_and_only_as_far_as_records_go() -> None:
    covered = pd.Series({2014: 1.0, 2015: 0.5})
    assert Span.of("b", "2014-01-01..2014-07-02").years(covered) == pytest.approx(183 / 365)
    assert Span.of("b", "2014..2015").years(covered) == pytest.approx(1.5)
    assert Span.of("b", "2016..2017").years(covered) == 0


@pytest.mark.parametrize("given_", [
    "2010..2010-13", "2010-00..2011", "2010..2011-01-01-05", "2010-01-01-05..2011",
    "2010..99999999999", "2010..2011-02-30", "20..21", "2010..", "..",
])  # fmt: skip
def test_what_is_no_period_is_refused(given_: str) -> None:
    with pytest.raises(RiskmapError, match="no period; write 2010"):
        Span.of("--before", given_)


def test_a_period_within_the_months_that_records_cover_is_whole() -> None:
    months = pd.DataFrame([[1.0] * 6 + [0.0] * 6], index=[2015], columns=range(1, 13))
    covered = months.mean(axis=1)
    assert Span.of("a", "2015-01..2015-06").years(covered, months) == pytest.approx(181 / 365)
    assert Span.of("a", "2015-06..2015-07").years(covered, months) == pytest.approx(30 / 365)
    assert Span.of("a", "2015-07..2015-12").years(covered, months) == 0


def test_years_that_records_do_not_reach_are_refused_and_half_years_told(known: Area) -> None:
    rows = np.arange(0, 300, 10)
    before, after = Span.of("b", "2014..2016"), Span.of("a", "2017..2019")
    for wrong in ("2017..2040", "2020..2022"):
        with pytest.raises(RiskmapError, match="the records cover 2014–2019"):
            study.study(known, rows, before=before, after=Span.of("a", wrong))
    assert known.crashes is not None
    whole = study.study(known, rows, before=before, after=after)
    assert "Careful" not in "".join(study.sentences(whole, "en"))
    months = known.crashes.months.copy()
    months.loc[2019, 7:] = 0.0
    table = known.crashes.table
    gone = (table["year"] == 2019) & (table["month"] > 6)
    half = replace(known, crashes=replace(
        known.crashes, months=months, years=months.mean(axis=1), table=table[~gone]
    ))  # fmt: skip
    with pytest.raises(RiskmapError, match="no crash is recorded then"):
        study.study(half, rows, before=before, after=Span.of("a", "2019-07..2019-12"))
    found = study.study(half, rows, before=before, after=after)
    assert found.years == pytest.approx((3.0, 2.0 + 181 / 365))
    assert "of the 36 months of 2017–2019 the records cover 30" in study.sentences(found, "en")[-1]
    assert found.change.ratio == pytest.approx(whole.change.ratio, rel=0.05)


def test_a_site_without_its_segment_is_refused(country: Area, tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text(f"segment_id,lon,lat\n{country.segments.index[0]},,\n,9.52,47.14\n")
    with pytest.raises(RiskmapError, match=r"sites\.csv row 3: names no segment"):
        study.read_sites(path, country)


def test_the_command_says_it_and_writes_the_figures(
    country: Area, records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sites(country, tmp_path / "sites.csv")
    given_ = ["evaluate", str(riskmap.sample()), "--crashes", str(records), "--lang", "en"]
    periods = ["--before", "2014..2016", "--after", "2017..2019"]
    target = tmp_path / "figures.csv"
    assert main([*given_, "--sites", str(path), *periods, "-o", str(target)]) == 0
    assert "No evidence of a change" in capsys.readouterr().out
    assert {"effect", "raw", "comparison"} <= set(pd.read_csv(target)["part"])
    (tmp_path / "points.csv").write_text("name,lon,lat\na,9.5,47.1\n", encoding="utf-8")
    (tmp_path / "odd.csv").write_text("segment_id\nw1.2-3.4\n", encoding="utf-8")
    for wrong, why in (
        (["--sites", str(path), "--before", "2014..2017", "--after", "2017..2019"], "overlap"),
        (["--sites", str(path), "--before", "2001..2002", "--after", "2017..2019"], "cover"),
        (["--sites", str(path), "--before", "2014.", "--after", "2017..2019"], "no period"),
        (["--sites", str(path), "--before", "2016..2014", "--after", "2017..2019"], "ends before"),
        (["--sites", str(tmp_path / "odd.csv"), *periods], "row 2: segment 'w1.2-3.4' is not in"),
        (["--sites", str(tmp_path / "no.csv"), *periods], "cannot be read"),
        (["--sites", str(tmp_path / "points.csv"), *periods], "no road within 25 m"),
    ):
        assert main([*given_, *wrong]) == 2, why
        error = capsys.readouterr().err.splitlines()[-1]
        assert why in error


def test_records_that_know_only_the_year_take_whole_years(known: Area, tmp_path: Path) -> None:
    assert known.crashes is not None
    yearly = replace(known.crashes, table=known.crashes.table.assign(date=pd.NaT))
    rows = study.read_sites(sites(known, tmp_path / "sites.csv"), known)
    with pytest.raises(RiskmapError, match="use whole years"):
        study.study(
            replace(known, crashes=yearly), rows, before=Span.of("b", "2014-03..2015-03"),
            after=Span.of("a", "2017..2019"),
        )  # fmt: skip


def test_a_small_comparison_group_is_refused(known: Area) -> None:
    every = np.arange(0, len(known.segments), 3)
    with pytest.raises(RiskmapError, match="comparison group has"):
        study.study(
            known, every, before=Span.of("b", "2014..2016"), after=Span.of("a", "2017..2019")
        )
