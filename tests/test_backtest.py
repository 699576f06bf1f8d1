"""Hold-outs: what riskmap claims of itself, and what it says where it must not claim anything."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from happened import simulated, written

import riskmap
from riskmap import backtest, cli_records, crashes, verdict
from riskmap.area import Area
from riskmap.backtest import Backtest
from riskmap.cli import main
from riskmap.errors import RiskmapError


@pytest.fixture(scope="module")
def country() -> Area:
    return riskmap.assess(riskmap.sample(), cache=False)


@pytest.fixture(scope="module")
def records(country: Area, tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = simulated(country, years=(2014, 2021), a_year=400.0)
    return written(table, tmp_path_factory.mktemp("records") / "crashes.csv")


@pytest.fixture(scope="module")
def known(country: Area, records: Path) -> crashes.Crashes:
    return crashes.read([records], country.network, system="wgs84", rules=country.parameters)


@pytest.fixture(scope="module")
def found(country: Area, known: crashes.Crashes) -> Backtest:
    return backtest.run(
        country.prior, country.network, known, train=(2014, 2018), test=(2019, 2021),
        look_backs=(1,), replicates=200,
    )  # fmt: skip


def caught(table: pd.DataFrame, ranking: str, share: float = 0.1) -> float:
    own = table[
        (table["ranking"] == ranking) & (table["measure"] == "capture")
        & (table["outcome"] == "crashes") & (table["share"] == share)
    ]  # fmt: skip
    return float(own["value"].iloc[0])


def test_where_the_model_is_right_the_prior_beats_the_class_and_records_beat_the_prior(
    found: Backtest,
) -> None:
    table = found.table
    assert caught(table, "random") == pytest.approx(0.1)
    assert caught(table, "prior") > caught(table, "class")
    assert caught(table, "records_5") > caught(table, "prior")
    assert caught(table, "records_1") > caught(table, "counts_1")
    gains = found.rivals
    own = gains[(gains["measure"] == "capture") & (gains["outcome"] == "crashes")]
    assert (own.loc[own["share"] == 0.2, "high"] > 0).all()


def test_the_records_that_are_held_out_are_those_of_the_test_years(
    found: Backtest, known: crashes.Crashes
) -> None:
    assert found.crashes["train"] == len(known.between(2014, 2018))
    assert found.crashes["test"] == len(known.between(2019, 2021))
    assert found.years == 5


def test_what_is_learned_is_calibrated_on_the_test_years(found: Backtest) -> None:
    slope = found.slope.set_index("measure")
    assert slope.loc["ratio", "low"] < 1 < slope.loc["ratio", "high"]
    assert slope.loc["slope", "value"] == pytest.approx(1, abs=0.15)
    assert found.tenths["observed"].sum() == pytest.approx(found.tenths["expected"].sum(), rel=0.15)


def test_what_is_learned_elsewhere_ranks_squares_that_were_held_out(found: Backtest) -> None:
    assert caught(found.spatial, "learned") > caught(found.spatial, "class")
    assert caught(found.spatial, "learned") < caught(found.table, "records_5")


def test_the_verdict_says_its_numbers_in_both_languages(found: Backtest) -> None:
    zh, en = (verdict.sentences(found, lang) for lang in ("zh", "en"))
    assert len(zh) == len(en)
    assert "better than road class alone" in en[0]
    assert "比只按道路等级排得好" in zh[0]
    percent = f"{100 * caught(found.table, 'prior', 0.05):.0f} %"
    assert percent in en[2]
    assert percent in zh[2]
    page = verdict.page(found, "zh", area="<b>本县</b>")
    assert "<b>本县</b>" not in page
    assert "data:image/svg+xml" in page
    assert "<polyline" in page  # cumulative residuals
    assert f"{found.tenths['ratio'].iloc[-1]:.2f}" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_few_test_crashes_give_no_verdict(found: Backtest) -> None:
    few = replace(found, crashes={**found.crashes, "ranked": 12})
    assert "no verdict" in verdict.conclusion(few, "en")


@pytest.mark.parametrize(("train", "test", "why"), [
    ((2014, 2018), (2018, 2021), "must lie after"), ((2018, 2014), (2019, 2021), "ends before"),
    ((2001, 2003), (2019, 2021), "the records cover 2014–2021"),
    ((2014, 2018), (2030, 2031), "the records cover"),
    ((2000, 2016), (2019, 2021), "--train 2000-2016: the records cover 2014–2021"),
    ((2014, 2018), (2019, 2030), "--test 2019-2030: the records cover 2014–2021"),
])  # fmt: skip
def test_years_that_make_no_hold_out_are_refused(
    country: Area, known: crashes.Crashes, train: tuple[int, int], test: tuple[int, int], why: str
) -> None:
    with pytest.raises(RiskmapError, match=why):
        backtest.run(country.prior, country.network, known, train=train, test=test)


def test_a_look_back_over_a_year_without_records_is_left_out(
    country: Area, known: crashes.Crashes
) -> None:
    table, years = known.table, known.years.copy()
    years[2018] = 0.0
    found = backtest.run(
        country.prior, country.network,
        replace(known, table=table[table["year"] != 2018], years=years),
        train=(2016, 2018), test=(2019, 2021), look_backs=(1, 2), replicates=20,
    )  # fmt: skip
    assert sorted(set(found.rivals["lookback"])) == [2, 3]


@pytest.mark.parametrize("replicates", [-3, 0, 1])
def test_an_interval_of_too_few_replicates_is_refused(
    country: Area, known: crashes.Crashes, replicates: int
) -> None:
    with pytest.raises(RiskmapError, match="too few for an interval; take 20 or more"):
        backtest.run(
            country.prior, country.network, known, train=(2014, 2018), test=(2019, 2021),
            replicates=replicates,
        )  # fmt: skip


def test_the_command_writes_the_table_the_chart_and_the_page(
    records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["backtest", str(riskmap.sample()), "--crashes", str(records), "--lang", "en",
             "--test", "2020-2021", "--replicates", "20"]  # fmt: skip
    out = ["-o", str(tmp_path / "out"), "--json"]
    assert main([*given, "--train", "2018-2019", *out]) == 0
    said = json.loads(capsys.readouterr().out)
    assert set(said) == {"sentences", "table", "rivals", "spatial", "learned"}
    assert "Learned from" in said["sentences"][1]
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [
        "backtest.csv", "calibration.csv", "capture.svg", "cure.csv", "verdict.html",
    ]  # fmt: skip
    tenths = pd.read_csv(tmp_path / "out" / "calibration.csv")
    assert tenths["observed"].sum() > 100
    table = pd.read_csv(tmp_path / "out" / "backtest.csv")
    assert set(table["holdout"]) == {"years", "squares"}
    for wrong, why in (
        (["--train", "so-so"], "no period; write 2010, 2010..2012"),
        (["--train", "2018-03..2019"], "needs whole years; write 2005 or 2005..2010"),
        (["--train", "2018-2019", "-o", str(records)], "is a file"),
        (["--train", "2018-2019", "-o", str(tmp_path / "a" / "b")], "there is no folder"),
    ):
        assert main([*given, *wrong]) == 2
        assert why in capsys.readouterr().err


def test_the_records_command_reports_and_draws_their_density(
    records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["crashes", str(riskmap.sample()), "--crashes", str(records), "--lang", "en"]
    report, density = tmp_path / "report.csv", tmp_path / "density.geojson"
    assert main([*given, "-o", str(report), "--density", str(density)]) == 0
    said = capsys.readouterr().out
    assert "at junctions" in said
    lines = gpd.read_file(density)
    placed = pd.read_csv(report)["outcome"].isin(["read", "moved"]).sum()
    total = lines["crashes_per_km_year"] @ lines["length_m"] / 1000 * 8
    assert total == pytest.approx(placed, rel=1e-6)
    assert main([*given, "--density", str(tmp_path / "density.pdf")]) == 2
    assert "unknown format" in capsys.readouterr().err


def test_density_of_half_a_year_is_of_a_whole_one(country: Area, known: crashes.Crashes) -> None:
    found = [
        cli_records.density(country, replace(known, years=pd.Series({2021: covered})))
        for covered in (1.0, 0.5)
    ]
    whole, half = (table["crashes_per_km_year"].sum() for table in found)
    assert half == pytest.approx(2.0 * whole)


def test_without_records_the_command_says_what_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command in (["backtest", "--train", "2014", "--test", "2015"], ["crashes"]):
        assert main([command[0], str(riskmap.sample()), *command[1:]]) == 2
        assert "needs crash records; add --crashes FILE" in capsys.readouterr().err


def test_records_change_the_score_where_crashes_happened_and_are_kept(
    country: Area, records: Path
) -> None:
    learned = riskmap.assess(riskmap.sample(), crashes=records, cache=False)
    assert learned.learned is not None
    table = learned.learned.segments
    excess = (learned.model.crashes() - table["expected_per_year"]).to_numpy()
    # crashes at level crossings are not learned
    without = learned.model.spread["rail"].sum(axis=1) == 0
    assert table["excess"].to_numpy()[without] == pytest.approx(excess[without], abs=1e-9)
    worst = table["crashes_per_year"].idxmax()
    assert learned.scores().loc[worst, "level"] in ("red", "orange")
    assert learned.prior.harm().equals(country.model.harm())
    assert (learned.report["layer"] == "crashes").sum() > 1000
    again = riskmap.assess(riskmap.sample(), crashes=records, parameters={"rate": {"urban": 2.5}})
    assert again.key != learned.key


def test_a_record_that_no_road_takes_leaves_the_prior(country: Area, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("lon,lat,date\n9.5,47.1,\n", encoding="utf-8")
    found = riskmap.assess(riskmap.sample(), crashes=path, cache=False)
    assert found.learned is None
    assert found.scores().equals(country.scores())
    assert [key for key, _ in found.crashes.notes] == ["import.note.no_crash"]
