"""Hourly counts and congestion records in the place of what is assumed; by hand on one crossing."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from town import write

import riskmap
from riskmap.area import Area
from riskmap.errors import RiskmapError
from riskmap.moments import Moment
from riskmap.resources import packaged

NODES: dict[int, Any] = {
    1: (0, 0), 2: (-90, 0), 3: (90, 0), 4: (0, 90), 5: (0, -90), 6: (3000, 0), 7: (3090, 0),
}  # fmt: skip
ROADS: dict[int, Any] = {
    11: ([2, 1], {"highway": "primary", "name": "West"}),
    12: ([1, 3], {"highway": "primary", "name": "East"}),
    13: ([4, 1, 5], {"highway": "secondary"}),
    14: ([6, 7], {"highway": "primary"}),
}
HEAD = "way_id,lon,lat,crs,days,hours,level,vehicles\n"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A crossing of two roads, and a road far from it."""
    return write(tmp_path / "town.osm", NODES, ROADS)


def assessed(town: Path, rows: str = "", **parameters: Any) -> Area:
    options: dict[str, Any] = {}
    if rows:
        path = town.parent / "traffic.csv"
        path.write_text(HEAD + rows, encoding="utf-8")
        options["traffic"] = path
    # traffic as stated by class: no trips are drawn in so small a town
    return riskmap.assess(
        town, cache=False, parameters={"centrality": {"spacing": 2**60}, **parameters}, **options
    )


def row_of(area: Area, way: int) -> int:
    return int(np.flatnonzero(area.segments["way_id"] == way)[0])


def share(area: Area, way: int, time: str) -> float:
    """Share of the year's traffic of a road in an hour."""
    hours = area.model.time.hours(area.moment(time))
    return float(area.model.time.profiles.share(hours)[area.model.profile[row_of(area, way)], 0])


# school days are workdays too: what is said of them must come later
COUNTED = {"workday": 150, "school": 200, "weekend": 50, "holiday": 500}
ALL_DAY = "".join(
    f"14,,,,{day},{hour},,{vehicles}\n"
    for day, vehicles in COUNTED.items()
    for hour in range(24)
)


def test_counts_of_every_hour_are_the_traffic_of_the_road(town: Path) -> None:
    area = assessed(town, ALL_DAY)
    road = area.segments.iloc[row_of(area, 14)]
    assert road["flow_source"] == "count"
    days = dict(zip(("school", "workday", "weekend", "holiday"),
                    area.model.time.counts.reshape(4, 24)[:, 0], strict=True))  # fmt: skip
    plain = sum(24 * days[day] * vehicles for day, vehicles in COUNTED.items())
    # eves, first and last days have the waves of such roads on top: a little more than that
    assert plain / 365 < road["aadt"] < 1.05 * plain / 365
    yearly = road["aadt"] * 365
    assert yearly * share(area, 14, "2026-05-13T03:00") == pytest.approx(200)
    assert yearly * share(area, 14, "2026-05-03T15:00") == pytest.approx(500)


def test_a_counted_hour_counts_and_the_others_follow_it(town: Path) -> None:
    plain, area = assessed(town), assessed(town, "14,,,,school,8,,1400\n")
    yearly = [a.segments["aadt"].iloc[row_of(a, 14)] * 365 for a in (plain, area)]
    eight, noon = (
        [total * share(a, 14, f"2026-05-13T{hour}:00")
         for a, total in zip((plain, area), yearly, strict=True)]
        for hour in ("08", "12")
    )  # fmt: skip
    assert eight[1] == pytest.approx(1400)
    factor = min(max(1400 / eight[0], 1 / 3), 3.0)
    assert noon[1] / noon[0] == pytest.approx(factor, rel=0.02)


def test_a_road_on_which_nobody_drives_leads_no_list(town: Path) -> None:
    area = assessed(town, "14,,,,all,all,,0\n")
    road = area.scores().iloc[row_of(area, 14)]
    assert np.isnan(road["harm_per_mvkm"])
    ranked = area.hotspots(top=None, by="mvkm")
    assert ranked["segment_id"].iloc[-1] == road.name
    assert 0 < road["harm_per_km"] < 0.1 * area.scores()["harm_per_km"].max()


def test_roads_that_nobody_counted_are_as_they_were(town: Path) -> None:
    plain, area = assessed(town), assessed(town, ALL_DAY)
    keep = np.flatnonzero(plain.segments["way_id"] != 14)
    assert area.segments["aadt"].iloc[keep].tolist() == plain.segments["aadt"].iloc[keep].tolist()
    assert set(area.segments["flow_source"].iloc[keep]) == {"prior"}
    assert (area.model.profile[keep] == plain.model.profile[keep]).all()


def test_the_hours_of_a_counted_year_still_add_up(town: Path) -> None:
    area = assessed(town, ALL_DAY)
    halves = [area.period("2026-01-01", "2026-06-30"), area.period("2026-07-01", "2026-12-31")]
    total = sum(area.model.harm(half) for half in halves)
    assert total.to_numpy() == pytest.approx(area.model.harm().to_numpy())
    mvkm = area.scores()["harm_per_mvkm"]
    assert np.isfinite(mvkm).all()


# --- congestion ----------------------------------------------------------------------------------


def jam(area: Area, way: int, time: str) -> float:
    """Part of the layer in the harm of a road in an hour; it raises and lowers, so as a size."""
    shares = area.reason_table(area.moment(time))["congestion"]
    return abs(float(shares.iloc[row_of(area, way)]))


def test_a_jam_on_a_road_counts_in_its_hours_on_its_days(town: Path) -> None:
    area = assessed(town, "14,,,,weekend,10:00-12:00,jam,\n")
    assert jam(area, 14, "2026-05-10T10:00") > 0
    for time in ("2026-05-10T13:00", "2026-05-11T10:00", "2026-05-03T10:00"):  # no holiday either
        assert jam(area, 14, time) == 0


def test_a_jam_at_a_junction_replaces_the_hours_of_the_layer(town: Path) -> None:
    lon, lat = 9.5, 47.1
    area = assessed(town, f",{lon},{lat},wgs84,school,20:00-22:00,severe,\n")
    assert jam(area, 11, "2026-05-13T20:00") > 0
    assert jam(area, 13, "2026-05-13T20:00") > 0
    assert jam(area, 11, "2026-05-13T08:00") == 0  # the layer's own peak does not count here
    known = area.known[list(area.layers).index("congestion")]
    assert known[row_of(area, 11)] == 1


def test_a_worse_jam_does_more(town: Path) -> None:
    slow, jammed, severe = (
        assessed(town, f"14,,,,all,8,{level},\n").model.reason_harm(Moment("school", 8))
        for level in ("slow", "jam", "severe")
    )
    sizes = [abs(t["congestion"].iloc[-1]) for t in (slow, jammed, severe)]
    assert sizes == sorted(set(sizes))


def test_a_free_record_takes_the_layer_away(town: Path) -> None:
    lon, lat = 9.5, 47.1
    listed = town.parent / "points"
    listed.mkdir()
    (listed / "congestion.csv").write_text(f"lon,lat,crs\n{lon},{lat},wgs84\n", encoding="utf-8")
    free = town.parent / "free.csv"
    free.write_text(HEAD + f",{lon},{lat},wgs84,all,all,free,\n", encoding="utf-8")
    plain = riskmap.assess(town, cache=False, points=listed)
    area = riskmap.assess(town, cache=False, points=listed, traffic=free)
    assert jam(plain, 11, "2026-05-13T08:00") > 0
    assert jam(area, 11, "2026-05-13T08:00") == 0


@pytest.mark.parametrize("touch", [[0.4], [0.4, 0.8, 7.0], [0.4, 0.8, 0.0]])
def test_a_touch_that_cannot_be_is_refused(town: Path, touch: list[float]) -> None:
    with pytest.raises(RiskmapError, match=r"traffic\.touch needs a number above 0, at most 1"):
        assessed(town, "14,,,,all,8,slow,\n", traffic={"touch": touch})


def test_without_the_layer_records_of_congestion_are_said_to_count_for_nothing(
    town: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "layers"
    folder.mkdir()
    shutil.copy(packaged("layers") / "school.toml", folder)
    records = tmp_path / "traffic.csv"
    records.write_text(HEAD + "14,,,,all,8,slow,\n", encoding="utf-8")
    area = riskmap.assess(town, cache=False, layers=folder, traffic=records)
    assert ("note.no_congestion", {}) in area.notes


def test_what_is_said_of_eves_stands_instead_of_the_kind_of_day(town: Path) -> None:
    area = assessed(town, "14,,,,school,8,slow,\n14,,,,eve,15:00-18:00,severe,\n")
    assert jam(area, 14, "2026-05-13T08:00") > 0
    assert jam(area, 14, "2026-04-30T08:00") == 0  # the eve of Labour Day, a school day
    assert jam(area, 14, "2026-04-30T16:00") > 0
    assert jam(area, 14, "2026-05-13T16:00") == 0
