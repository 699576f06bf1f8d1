"""Levels by harm per million vehicle-km: where a driver is in danger."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from streets import area, extract, layer, street

import riskmap
from riskmap.area import Area
from riskmap.errors import RiskmapError
from riskmap.moments import Moment, Period
from riskmap.webmap.clock import ORDER, of_day, of_period

FIRST = dt.datetime(2026, 5, 8, 22)  # noqa: DTZ001  # local


@pytest.fixture(scope="module")
def country() -> Area:
    return riskmap.assess(riskmap.sample())


def test_levels_per_vehicle_km_cover_the_same_shares_of_road_length(country: Area) -> None:
    scores, km = country.scores(by="mvkm"), country.segments["length_m"] / 1000.0
    covered = 0.0
    for level, share in (("red", 0.01), ("orange", 0.05), ("yellow", 0.2)):
        covered += km[scores["level"] == level].sum() / km.sum()
        equal = np.isclose(scores["harm_per_mvkm"], country.thresholds_mvkm[level], rtol=1e-5)
        assert covered <= share < covered + km[equal].sum() / km.sum()
    worst = scores.groupby("level")["harm_per_mvkm"].agg(["min", "max"])
    for better, worse in (("blue", "yellow"), ("yellow", "orange"), ("orange", "red")):
        assert worst.loc[better, "max"] <= worst.loc[worse, "min"]


def test_a_list_shows_the_levels_of_the_rate_that_it_is_ranked_by(country: Area) -> None:
    for by, of in (("km", "km"), ("mvkm", "mvkm"), ("total", "km")):
        found = country.hotspots(top=200, by=by)  # type: ignore[arg-type]  # one of the three
        levels = country.scores(by=of)["level"].loc[found["segment_id"]]
        assert found["level"].tolist() == levels.tolist()
        assert (levels != country.scores()["level"].loc[levels.index]).any() == (by == "mvkm")


def test_only_the_level_depends_on_what_it_is_of(country: Area) -> None:
    km, mvkm = (country.scores(by=by) for by in ("km", "mvkm"))
    assert km.drop(columns="level").equals(mvkm.drop(columns="level"))
    assert (km["level"] != mvkm["level"]).any()


def test_a_quiet_lane_is_worse_for_a_driver_than_a_main_road_for_the_map() -> None:
    ways = [
        *(street((1000.0 * n, 0.0), (1000.0 * n + 90.0, 0.0), highway="primary") for n in range(3)),
        *(street((1000.0 * n, 500.0), (1000.0 * n + 90.0, 500.0), highway="service")
          for n in range(3)),
    ]  # fmt: skip
    found = area(extract(ways), layer())
    found.thresholds.update(red=np.inf, orange=np.inf)
    found.thresholds_mvkm.update(red=np.inf, orange=np.inf)
    for by in ("km", "mvkm"):
        rate = found.scores()[f"harm_per_{by}"]
        found.limits(by)["yellow"] = float((rate.min() + rate.max()) / 2.0)
    by_km, by_mvkm = (found.scores(by=by)["level"].tolist() for by in ("km", "mvkm"))
    assert by_km == ["yellow"] * 3 + ["blue"] * 3
    assert by_mvkm == ["blue"] * 3 + ["yellow"] * 3


def test_where_nobody_drives_the_level_is_unknown_and_counts_for_no_share() -> None:
    ways = [street((1000.0 * n, 0.0), (1000.0 * n + 90.0, 0.0)) for n in range(4)]
    model = area(extract(ways), layer()).model
    model = replace(model, aadt=np.where(np.arange(4) == 1, 0.0, model.aadt))
    scores = model.rates(thresholds=model.thresholds("mvkm"), by="mvkm")
    assert np.isnan(scores["harm_per_mvkm"].iloc[1])
    assert scores["level"].tolist() == ["blue", "unknown", "blue", "blue"]
    model = replace(model, aadt=np.zeros(4))
    assert set(model.rates(by="mvkm")["level"]) == {"unknown"}


def test_the_hours_that_are_played_have_the_levels_of_the_page(country: Area) -> None:
    moments = [Moment("school", 3), country.moment("2026-05-01T18:00", "rain")]
    for own, moment in zip(of_day(country, moments, by="mvkm"), moments, strict=True):
        assert [ORDER[n] for n in own] == country.scores(moment, by="mvkm")["level"].tolist()


def test_the_hours_of_a_shift_have_those_of_their_dates(country: Area) -> None:
    period = Period(FIRST, FIRST + dt.timedelta(hours=4))
    moments = [
        country.moment(f"{FIRST + dt.timedelta(hours=n):%Y-%m-%dT%H:%M}") for n in range(4)
    ]
    same = of_period(country, period, by="mvkm") == of_day(country, moments, by="mvkm")
    assert same.mean() > 0.999


def test_an_unknown_rate_is_refused(country: Area) -> None:
    with pytest.raises(RiskmapError, match="use one of km, mvkm"):
        country.scores(by="hour")
