"""Duty beside the risk: shares that add up, an index whose parts can be checked by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import area, block, extract, layer, street

import riskmap
from riskmap import crew, deployment, duty
from riskmap.duty import DutyMatch, duty_match
from riskmap.duty_log import TABLE, DutyLog, of_roster
from riskmap.duty_sheet import sentences, write
from riskmap.errors import RiskmapError
from riskmap.risk import LEVELS, levels

# a road of 4 km in pieces of 100 m; a school makes two of them worse; a lane on an island
TOWN = area(
    extract(
        [
            *(street((1000.0 * n, 0.0), (1000.0 * n + 1000.0, 0.0), highway="primary")
              for n in range(4)),
            street((20_000.0, 0.0), (20_500.0, 0.0), highway="residential"),
        ],
        [block(2_105.0, 10.0, 90.0, 90.0, amenity="school")],
    ),
    layer(reach_m=60.0),
)  # fmt: skip
KM = TOWN.segments["length_m"].to_numpy() / 1000.0
SIZE = len(TOWN.segments)
WORST = 21
"""The piece beside the school."""


def period(first: str = "07:00", last: str = "09:00") -> riskmap.Period:
    return TOWN.period(f"2026-05-08T{first}", f"2026-05-08T{last}")


def at(
    segment: int, start: str = "07:00", end: str = "08:00", *, officers: float = 1.0,
    squadron: str = "one", state: str = "road",
) -> tuple[object, ...]:  # fmt: skip
    times = [pd.Timestamp(f"2026-05-08 {clock}") for clock in (start, end)]
    return "A1", squadron, officers, *times, segment if state == "road" else -1, state


def log(rows: Sequence[tuple[object, ...]]) -> DutyLog:
    table = pd.DataFrame(rows, columns=list(TABLE))
    return DutyLog(table, pd.DataFrame())


def match(*rows: tuple[object, ...], when: riskmap.Period | None = None) -> DutyMatch:
    return duty_match(log(rows), TOWN, when or period())


def harm(when: riskmap.Period | None = None) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Segments × hours of a period."""
    return TOWN.model.hourly(when or period()).to_numpy(float)


# --- the index -----------------------------------------------------------------------------------


def test_the_index_is_harm_per_km_there_and_then_against_the_mean() -> None:
    found = match(at(WORST), at(3, "08:00", "09:00", officers=3))
    table = harm()
    there = (table[WORST, 0] / KM[WORST] + 3 * table[3, 1] / KM[3]) / 4
    hours = (table[:, 0].sum() + 3 * table[:, 1].sum()) / 4 / KM.sum()
    mean = table.sum() / KM.sum() / 2
    assert found.index == pytest.approx(there / mean)
    assert found.when == pytest.approx(hours / mean)
    assert found.where == pytest.approx(there / hours)
    assert found.where > 1.0


def everywhere(weight: np.ndarray[tuple[int], np.dtype[np.float64]]) -> DutyLog:
    """Somebody on every piece in every hour, as many as the weights say."""
    return log([
        at(row, f"{hour:02d}:00", f"{hour + 1:02d}:00", officers=float(weight[row]))
        for row in range(SIZE) for hour in (7, 8)
    ])  # fmt: skip


def test_officers_spread_evenly_are_no_better_than_anywhere() -> None:
    found = duty_match(everywhere(KM), TOWN, period())
    assert (found.index, found.where, found.when) == pytest.approx((1.0, 1.0, 1.0))
    assert found.levels["share_of_hours"].to_numpy() == pytest.approx(
        found.levels["share_of_length"].to_numpy()
    )
    worst = found.worst
    assert worst["hours_on"].to_numpy() == pytest.approx(worst["length_on"].to_numpy())
    assert worst["hours_near"].to_numpy() == pytest.approx(worst["length_near"].to_numpy())
    assert found.alone == 0.0
    assert found.places.empty
    assert found.nobody.empty


def test_officers_spread_like_the_harm_have_its_shares() -> None:
    found = duty_match(everywhere(harm()[:, 0]), TOWN, period("07:00", "08:00"))
    assert found.levels["share_of_hours"].to_numpy() == pytest.approx(
        found.levels["share_of_harm"].to_numpy()
    )
    assert found.worst["hours_on"].to_numpy() == pytest.approx(found.worst["harm"].to_numpy())
    assert found.where > 1.0


# --- shares --------------------------------------------------------------------------------------


def test_levels_are_those_of_the_hour() -> None:
    found = match(at(WORST, officers=2), at(44, "08:00", "09:00"))
    pace = harm() / KM[:, None] * len(TOWN.model.almanac.year)
    said = [levels(pace[:, hour], TOWN.thresholds) for hour in (0, 1)]
    table = found.levels.set_index("level")
    assert list(table.index) == list(LEVELS)
    expected = dict.fromkeys(LEVELS, 0.0)
    expected[said[0][WORST]] += 2.0
    expected[said[1][44]] += 1.0
    assert table["officer_hours"].to_dict() == pytest.approx(expected)
    assert said[0][WORST] != said[1][44]
    # two thirds of the officer hours are those of the first hour
    for level in LEVELS:
        share = [harm()[said[h] == level, h].sum() / harm()[:, h].sum() for h in (0, 1)]
        assert table["share_of_harm"][level] == pytest.approx(2 / 3 * share[0] + 1 / 3 * share[1])
        length = [KM[said[h] == level].sum() / KM.sum() for h in (0, 1)]
        assert table["share_of_length"][level] == pytest.approx(
            2 / 3 * length[0] + 1 / 3 * length[1]
        )


def test_the_worst_share_of_length_is_counted_from_the_top() -> None:
    # of 4.5 km 5 % are two pieces of 100 m, those that the school touches most
    order = np.argsort(-harm()[:, 0] / KM, kind="stable")
    assert WORST in order[:2]
    other = int(order[2])
    found = match(at(WORST), at(other), at(44, officers=2), when=period("07:00", "08:00"))
    five = found.worst.set_index("share").loc[0.05]
    assert five["hours_on"] == pytest.approx(1 / 4)
    # the island is near nothing
    assert five["hours_near"] == pytest.approx(2 / 4)
    assert five["harm"] == pytest.approx(harm()[order[:2], 0].sum() / harm()[:, 0].sum())
    assert five["length_on"] == pytest.approx(0.2 / KM.sum())
    low, high = order[:2].min(), order[:2].max()
    # within 900 m of one of them, on a road of 4 km
    near = sum(low - 9 <= piece <= high + 9 for piece in range(40))
    assert five["length_near"] == pytest.approx(0.1 * near / KM.sum())


def test_hours_that_are_not_on_the_road_in_time_are_counted_apart() -> None:
    found = match(
        at(3, "06:30", "07:30", officers=2), at(3, "08:45", "10:00"),
        at(-1, "07:30", "08:00", state="rest"), at(-1, "08:00", "08:15", state="off"),
    )  # fmt: skip
    assert found.hours.to_dict() == pytest.approx(
        {"logged": 4.0, "road": 1.25, "rest": 0.5, "off": 0.25, "outside": 2.0}
    )
    assert found.levels["officer_hours"].sum() == pytest.approx(1.25)


def test_half_an_hour_of_an_hour_has_its_pace() -> None:
    half = match(at(WORST, "07:30", "08:00"), when=period("07:30", "08:00"))
    whole = match(at(WORST), when=period("07:00", "08:00"))
    assert half.index == pytest.approx(whole.index)
    assert half.levels["share_of_hours"].tolist() == whole.levels["share_of_hours"].tolist()


def test_squadrons_add_up_to_the_whole() -> None:
    found = match(at(WORST), at(3, "08:00", "09:00", squadron="two", officers=2))
    table = found.squadrons.set_index("squadron")
    assert table["officer_hours"].to_dict() == {"one": 1.0, "two": 2.0}
    assert (table["index"] * table["share_of_hours"]).sum() == pytest.approx(found.index)
    assert table[list(LEVELS)].sum(axis=1).tolist() == pytest.approx([1.0, 1.0])
    assert table.loc["one", "index"] == pytest.approx(match(at(WORST)).index)


# --- what is left alone --------------------------------------------------------------------------


def test_what_lies_further_than_900_m_in_its_hour_is_left_alone() -> None:
    found = match(at(0))
    table = harm()
    # pieces 0–9 have their middle within 900 m of that of piece 0, from 7 to 8
    assert found.alone == pytest.approx(1.0 - table[:10, 0].sum() / table.sum())
    clock = found.clock.set_index("hour")
    assert list(clock.index) == [7, 8]
    assert clock["officer_hours"].tolist() == [1.0, 0.0]
    assert clock["share_of_harm"].to_numpy() == pytest.approx(table.sum(axis=0) / table.sum())
    assert clock.loc[7, "share_alone"] == pytest.approx(1 - table[:10, 0].sum() / table[:, 0].sum())
    assert clock.loc[8, "share_alone"] == pytest.approx(1.0)


def test_places_left_alone_are_out_of_reach_of_each_other() -> None:
    found = match(at(0))
    table, places = harm(), found.places
    first = places.iloc[0]
    assert first["segment_id"] == TOWN.segments.index[WORST]
    assert first["hours_alone"] == 2.0
    near = slice(WORST - 9, WORST + 10)
    assert first["share_of_harm"] == pytest.approx(table[near].sum() / table.sum())
    worst = table[WORST].argmax() + 7
    assert first["worst_hour"] == f"2026-05-08 {worst:02d}"
    # together they are all that was left alone
    assert places["share_of_harm"].sum() == pytest.approx(found.alone)
    rows = TOWN.segments.index.get_indexer(places["segment_id"])
    middle = TOWN.segments.geometry.centroid.x.to_numpy()[rows]
    assert (np.diff(np.sort(middle)) > 900.0).all()
    assert places["rank"].tolist() == list(range(1, len(places) + 1))


def test_hours_without_anybody_are_listed_worst_first() -> None:
    found = match(at(0, "08:00", "09:00"), when=period("06:00", "10:00"))
    table = harm(period("06:00", "10:00")).sum(axis=0)
    hours = [6, 7, 9]
    order = sorted(hours, key=lambda hour: -table[hour - 6])
    assert [when.hour for when in found.nobody["start"]] == order
    assert found.nobody["share_of_harm"].to_numpy() == pytest.approx(
        [table[hour - 6] / table.sum() for hour in order]
    )


# --- what always holds ---------------------------------------------------------------------------

STAYS = st.lists(
    st.tuples(st.integers(0, SIZE - 1), st.integers(0, 119), st.integers(1, 120),
              st.integers(1, 5)),
    min_size=1, max_size=6,
)  # fmt: skip


def rows_of(stays: Sequence[tuple[int, int, int, int]]) -> list[tuple[object, ...]]:
    seven = pd.Timestamp("2026-05-08 07:00")
    return [
        (f"A{n}", f"s{n % 2}", float(officers), seven + pd.Timedelta(minutes=first),
         seven + pd.Timedelta(minutes=first + length), segment, "road")
        for n, (segment, first, length, officers) in enumerate(stays)
    ]  # fmt: skip


@settings(max_examples=40)
@given(STAYS)
def test_shares_are_shares(stays: list[tuple[int, int, int, int]]) -> None:
    found = match(*rows_of(stays))
    for column in ("share_of_hours", "share_of_harm", "share_of_length"):
        assert found.levels[column].sum() == pytest.approx(1.0)
    worst = found.worst[["hours_on", "hours_near", "harm", "length_on", "length_near"]].to_numpy()
    assert ((worst >= 0) & (worst <= 1 + 1e-9)).all()
    assert (np.diff(worst, axis=0) >= -1e-12).all()
    assert (worst[:, 0] <= worst[:, 1] + 1e-12).all()
    assert found.index == pytest.approx(found.where * found.when)
    parts = found.hours[["road", "rest", "off", "outside"]].sum()
    assert parts == pytest.approx(found.hours["logged"])
    assert found.places["share_of_harm"].sum() == pytest.approx(found.alone)


@settings(max_examples=40)
@given(STAYS, st.randoms())
def test_neither_the_order_of_rows_nor_a_cut_through_one_matters(
    stays: list[tuple[int, int, int, int]], random: st.DataObject
) -> None:
    whole = match(*rows_of(stays))
    parts = []
    for unit, squadron, officers, start, end, *rest in rows_of(stays):
        middle = start + (end - start) * 0.4  # type: ignore[operator]
        middle = middle.floor("s")
        parts += [(unit, squadron, officers, start, middle, *rest),
                  (unit, squadron, officers, middle, end, *rest)]  # fmt: skip
    random.shuffle(parts)  # type: ignore[attr-defined]
    cut = match(*parts)
    for name in ("levels", "worst", "squadrons", "clock", "nobody"):
        pd.testing.assert_frame_equal(getattr(cut, name), getattr(whole, name))
    assert cut.index == pytest.approx(whole.index)
    assert cut.alone == pytest.approx(whole.alone)


@settings(max_examples=40)
@given(STAYS, st.integers(0, SIZE - 1))
def test_one_officer_more_never_leaves_more_alone(
    stays: list[tuple[int, int, int, int]], segment: int
) -> None:
    fewer = match(*rows_of(stays))
    more = match(*rows_of(stays), at(segment, "07:00", "09:00"))
    assert more.alone <= fewer.alone + 1e-12


# --- periods and errors --------------------------------------------------------------------------


def test_without_a_period_the_whole_days_of_the_log_count() -> None:
    night = pd.Timestamp("2026-05-08 22:00"), pd.Timestamp("2026-05-09 02:00")
    one = [("A1", "one", 1.0, *night, 3, "road")]
    assert duty_match(log(one), TOWN).period == TOWN.period("2026-05-08", "2026-05-09")
    # a night that ends at midnight is not yet the next day
    one = [("A1", "one", 1.0, night[0], pd.Timestamp("2026-05-09 00:00"), 3, "road")]
    assert duty_match(log(one), TOWN).period == TOWN.period("2026-05-08", "2026-05-08")


def test_long_periods_are_counted_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    when = TOWN.period("2026-05-08", "2026-05-09")
    whole = match(at(WORST), when=when)
    monkeypatch.setattr(duty, "LARGEST", 5 * SIZE)
    parts = match(at(WORST), when=when)
    for name in ("levels", "worst", "squadrons", "clock", "nobody"):
        pd.testing.assert_frame_equal(getattr(parts, name), getattr(whole, name))
    assert len(whole.clock) == 24


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "no row of the log has a time and a unit"),
        ([at(3, "10:00", "11:00")], "no officer was on a road within 2026-05-08 07:00"),
        ([at(-1, state="rest")], "no officer was on a road within"),
    ],
)
def test_duty_that_cannot_be_judged_is_refused(rows: list[tuple[object, ...]], why: str) -> None:
    with pytest.raises(RiskmapError, match=why):
        match(*rows)


# --- words and files -----------------------------------------------------------------------------


def test_it_is_said_in_both_languages_and_claims_no_effect() -> None:
    found = match(at(WORST, officers=2), at(-1, state="rest"))
    en, zh = sentences(found, "en"), sentences(found, "zh")
    assert len(en) == len(zh) == 6
    assert "3.0 officer hours logged: 2.0 on the road, 1.0 resting" in en[0]
    assert f"{found.index:.2f} times the mean of all roads and hours" in en[1]
    assert f"{100 * found.alone:.0f} % of the period's harm" in en[3]
    assert "not how many crashes they saved" in en[-1]
    assert "不说明避免了多少事故" in zh[-1]


def test_everything_goes_into_a_workbook_and_places_into_a_list(tmp_path: Path) -> None:
    found = match(at(0))
    write(found, tmp_path / "match.xlsx", "zh")
    book = openpyxl.load_workbook(tmp_path / "match.xlsx")
    assert book.sheetnames == [
        "结论", "按等级", "最差路段", "按中队", "按钟点", "无人路段", "无人时段"
    ]  # fmt: skip
    assert book["按等级"].max_row == 1 + len(LEVELS)
    assert book["无人时段"]["A2"].value == "2026-05-08 08:00"
    write(found, tmp_path / "places.csv", "en")
    table = pd.read_csv(tmp_path / "places.csv")
    assert table["segment_id"].tolist() == found.places["segment_id"].tolist()


def test_a_plan_lies_better_than_the_mean_of_the_roads() -> None:
    own = riskmap.assess(riskmap.sample())
    plan = deployment.deploy(
        own, crew.simple(own, dt.date(2026, 5, 8), "07:00-19:00", posts=6, cars=2)
    )
    found = duty_match(of_roster(plan.roster, own, plan.crew.date), own, plan.crew.period(own))
    assert found.where > 2.0
    assert found.hours["off"] == found.hours["outside"] == 0.0
    five = found.worst.set_index("share").loc[0.05]
    assert five["hours_on"] > five["harm"] > five["length_on"]
