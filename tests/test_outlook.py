"""A period against ordinary weeks: the numbers by hand, the tables, the words, the files."""

import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from streets import area, effect, extract, layer, rules, street, thing
from test_hours import HERE

import riskmap
from riskmap import briefing, holiday_plan, outlook_book
from riskmap.area import Area
from riskmap.cli import main
from riskmap.errors import RiskmapError
from riskmap.layer import Active
from riskmap.moments import Normal, Period
from riskmap.outlook import outlook

ALL = ((0.0, 24.0),)
HOLIDAY = (Active(("holiday",), ALL),)
WAYS = [
    street((0.0, 0.0), (90.0, 0.0), name="Mill Road"),
    street((0.0, 900.0), (90.0, 900.0), name="Hill Road"),
    street((0.0, 1800.0), (90.0, 1800.0)),
]
FLAT = {
    "profile": {
        group: {
            kind: {place: {"day": 1.0, "hours": [1.0] * 24} for place in ("rural", "urban")}
            for kind in ("school", "workday", "weekend", "holiday")
        }
        for group in ("through", "main", "local")
    },
    "waves": {
        phase: {"hours": [0, 24], "through": 1.0, "main": 1.0, "local": 1.0}
        for phase in ("eve", "first", "last")
    },
}
"""The same traffic in every hour, so that only the layers make a difference."""


@pytest.fixture(scope="module")
def town() -> Area:
    """Three roads; two of them lie by what acts on public holidays, one of these on all days."""
    things = [thing((45.0, 10.0), amenity="school"), thing((45.0, 910.0), amenity="clinic")]
    fair = layer("fair", effect("vulnerable", 3.0), active=HOLIDAY, full_m=90)
    clinic = layer("clinic", effect("queue", 2.0), full_m=90, osm={"amenity": ("clinic",)})
    return area(extract(WAYS, things), fair, clinic, parameters=rules(moments=FLAT))


def may(town: Area) -> Period:
    return town.period("2026-05-01", "2026-05-05")


# --- ordinary weeks ------------------------------------------------------------------------------


@pytest.mark.parametrize("around", [45, None])
@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-05-01", "2026-05-05"), ("2026-01-01", "2026-01-07"), ("2026-12-20", "2026-12-31"),
     ("2026-05-01T19:30", "2026-05-02T07:00"), ("2026-02-01", "2026-02-28")],
)  # fmt: skip
def test_ordinary_hours_match_the_weekdays_and_hours_of_a_period(
    first: str, last: str, around: int | None
) -> None:
    period = Period.between(first, last, HERE)
    asked, found = period.hours(HERE), Normal(period, around).hours(HERE)
    for hours in (asked, found):
        assert hours.weight.sum() == pytest.approx(asked.weight.sum())
    slots = [
        np.bincount(pd.DatetimeIndex(hours.start).weekday * 24 + hours.clock, hours.weight, 168)
        for hours in (asked, found)
    ]
    assert slots[1] == pytest.approx(slots[0])


def test_ordinary_days_are_no_holidays_no_eves_and_not_worked_for_one() -> None:
    period = Period.between("2026-05-01", "2026-05-05", HERE)
    days = {str(start)[:10] for start in Normal(period, 45).hours(HERE).start}
    assert days.isdisjoint({"2026-05-01", "2026-05-03", "2026-04-30", "2026-05-09", "2026-04-06"})
    assert {"2026-05-15", "2026-04-25"} <= days
    assert min(days) == "2026-03-17"
    assert max(days) == "2026-06-17"  # the day before the eve of the Dragon Boat Festival


def test_a_period_is_not_compared_with_itself() -> None:
    period = Period.between("2026-06-08", "2026-06-14", HERE)
    days = {str(start)[:10] for start in Normal(period, 45).hours(HERE).start}
    assert days.isdisjoint({f"2026-06-{day:02d}" for day in range(8, 15)})
    long = Period.between("2026-01-01", "2026-12-31", HERE)
    assert Normal(long, 45).hours(HERE).weight.sum() == pytest.approx(8760)


# --- numbers by hand -----------------------------------------------------------------------------


def test_what_acts_on_holidays_alone_rises_by_all_that_it_adds(town: Area) -> None:
    found = outlook(town, may(town), lang="en")
    plain = town.model.rates(may(town))["harm"].sum()
    assert found.harm == pytest.approx(plain)
    own = found.layers.loc["fair"]
    assert own["normal"] == 0
    assert found.harm - found.normal == pytest.approx(own["rise"])
    assert own["share_of_normal"] == pytest.approx(own["rise"] / found.normal)
    assert found.layers.index[0] == "fair"
    # what acts always adds the same in both
    assert found.layers.loc["clinic", "rise"] == pytest.approx(0, abs=1e-12)


def test_tables_add_up_to_the_harm_of_the_period(town: Area) -> None:
    found = outlook(town, town.period("2026-04-27", "2026-05-10"), lang="en")
    for table in (found.hours, found.days, found.layers):
        assert table["harm"].sum() == pytest.approx(found.harm)
        assert table["normal"].sum() == pytest.approx(found.normal)
    assert found.levels.to_numpy().sum() == pytest.approx(0.27)
    assert len(found.hours) == 14 * 24
    assert len(found.days) == 14


def test_days_say_what_they_are(town: Area) -> None:
    found = outlook(town, town.period("2026-04-30", "2026-05-06")).days
    assert found["kind"].tolist() == ["school", *["holiday"] * 5, "school"]
    assert found["phase"].tolist() == ["eve", "first", "middle", "middle", "middle", "last", ""]
    assert found["times"].to_numpy()[[0, 6]] == pytest.approx([1, 1])
    assert (found["times"].to_numpy()[1:6] > 1.05).all()


def test_roads_are_listed_by_their_rise_with_their_name(town: Area) -> None:
    found = outlook(town, may(town), lang="en").roads
    assert found["road"].tolist()[0] == "Mill Road"
    assert found["rise"].to_numpy()[1:] == pytest.approx([0, 0], abs=1e-12)
    assert found["reasons"].tolist()[0] == "fair layer 100 %"
    assert found["times"].tolist()[1:] == pytest.approx([1, 1])
    assert set(found["road"]) == {"Mill Road", "Hill Road", "unnamed road"}


def test_only_segments_whose_level_is_another_are_changed() -> None:
    things = [thing((45.0, 10.0), amenity="school")]
    fair = layer("fair", effect("vulnerable", 9.0), active=HOLIDAY, full_m=90)
    plain = area(extract(WAYS, things), fair, parameters=rules(moments=FLAT))
    usual = float(plain.model.rates(Normal(may(plain), 45))["harm_per_km"].max())
    levels = {"red": usual * 1.5, "orange": usual * 1.2, "yellow": usual * 1.1}
    found = outlook(area(extract(WAYS, things), fair, parameters=rules(moments=FLAT),
                         baseline=levels), may(plain), lang="en")  # fmt: skip
    assert found.changed[["road", "level_normal", "level"]].to_numpy().tolist() == [
        ["Mill Road", "blue", "red"]
    ]
    assert found.levels.loc["blue", "red"] == pytest.approx(0.09)
    assert found.levels.loc["blue", "blue"] == pytest.approx(0.18)


def test_a_long_period_is_compared_with_the_year_unless_told_otherwise(town: Area) -> None:
    month = town.period("2026-05-01", "2026-05-31")
    assert outlook(town, month).against.around_days is None
    assert outlook(town, month, against="season").against.around_days == 45
    assert outlook(town, may(town)).against.around_days == 45
    assert outlook(town, may(town), against="year").against.around_days is None


def test_a_period_longer_than_a_season_has_none_around_it(town: Area) -> None:
    with pytest.raises(RiskmapError, match=r"--against season: .* is longer than a season of 92"):
        outlook(town, town.period("2026-01-01", "2026-10-31"), against="season")


@pytest.mark.parametrize(
    ("options", "said"),
    [({"against": "month"}, "--against month: unknown; use one of season, year"),
     ({"top": 0}, "--top 0: must be 1 or more")],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(
    town: Area, options: dict[str, object], said: str
) -> None:
    with pytest.raises(RiskmapError, match=said):
        outlook(town, may(town), **options)  # type: ignore[arg-type]


# --- words ---------------------------------------------------------------------------------------


def test_sentences_say_the_numbers_of_the_tables(town: Area) -> None:
    found = outlook(town, may(town), lang="en")
    said = briefing.sentences(found, "en")
    percent = 100 * (found.times - 1)
    assert said[0].startswith("2026-05-01 – 2026-05-05 (Labour Day): expected harm")
    assert f"+{percent:.2g} % against the same weekdays" in said[0]
    assert any("fair layer +" in line for line in said)
    assert any(line.startswith("Mill Road (0.09 km): +") for line in said)
    assert "no forecast" in said[-1]
    other = briefing.sentences(outlook(town, may(town), lang="zh"), "zh")
    assert "劳动节" in other[0]
    assert len(other) == len(said)


def test_a_month_is_not_called_by_a_holiday_in_it(town: Area) -> None:
    month = outlook(town, town.period("2026-12-01", "2026-12-31"), lang="en")
    assert "New Year" not in briefing.sentences(month, "en")[0]


# --- a holiday -----------------------------------------------------------------------------------


def test_a_holiday_lasts_from_noon_of_its_eve_to_its_last_day(town: Area) -> None:
    found = holiday_plan.period_of(town, "national_day", 2026)
    assert found.label == "2026-09-30 12:00/2026-10-08 00:00"
    for year, first in ((2024, "2023-12-29"), (2023, "2022-12-30"), (2026, "2025-12-31")):
        new_year = holiday_plan.period_of(town, "new_year", year)
        assert new_year.label.startswith(f"{first} 12:00/{year}-01-0")
    with pytest.raises(RiskmapError, match="--holiday easter: unknown; use one of new_year"):
        holiday_plan.period_of(town, "easter", 2026)
    with pytest.raises(RiskmapError, match="public holidays of 2040: unknown"):
        holiday_plan.period_of(town, "national_day", 2040)


def test_positions_name_the_worst_roads_of_each_day_in_their_worst_hours(town: Area) -> None:
    period = holiday_plan.period_of(town, "labour_day", 2026)
    found = holiday_plan.positions(town, period, top=2, lang="en")
    assert found.groupby("date").size().tolist() == [2] * 6
    first = found[found["rank"] == 1]
    # the clinic counts on the eve, the fair on the holidays
    assert first["road"].tolist() == ["Hill Road", *["Mill Road"] * 5]
    assert (first["end_hour"] - first["first_hour"] == 3).all()
    hourly = town.model.hourly(period)
    for row in found.itertuples():
        day = hourly.loc[row.segment_id][hourly.columns.strftime("%Y-%m-%d") == row.date]
        assert row.harm == pytest.approx(day.rolling(3).sum().max(), rel=1e-5)


def test_positions_count_only_what_lies_in_the_period(town: Area) -> None:
    short = town.period("2026-05-13T07:30", "2026-05-13T08:30")
    found = holiday_plan.positions(town, short, top=1)
    assert found["harm"].iloc[0] == pytest.approx(town.model.harm(short).max(), rel=1e-5)
    # the same traffic in all hours: one hour is one hour
    assert found["times"].iloc[0] == pytest.approx(1, abs=0.05)
    with pytest.raises(RiskmapError, match="top 0: must be 1 or more"):
        holiday_plan.positions(town, short, top=0)


# --- files ---------------------------------------------------------------------------------------


def test_the_workbook_holds_every_table_and_a_chart(town: Area, tmp_path: Path) -> None:
    found = outlook(town, may(town), lang="en")
    path = tmp_path / "may.xlsx"
    outlook_book.write(found, path, "en", {"positions": pd.DataFrame({"road": ["=1+1"]})})
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "assessment", "days", "hours", "layers", "roads", "levels", "changed", "positions",
        "coverage",
    ]  # fmt: skip
    assert [cell.value for cell in book["assessment"]["A"]][1:] == briefing.sentences(found, "en")
    assert book["positions"]["A2"].data_type == "s"
    assert len(book["assessment"]._charts) == 1  # openpyxl offers no other way
    assert book["hours"].max_row == 121


def test_outlook_prints_sentences_and_writes_the_roads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample, out = str(riskmap.sample()), tmp_path / "roads.csv"
    command = ["outlook", sample, "--holiday", "labour_day", "--year", "2026", "--lang", "en"]
    assert main([*command, "-o", str(out)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert "(Labour Day)" in printed[0]
    table = pd.read_csv(out)
    assert len(table) == 20
    assert (table["rise"].diff().dropna() <= 0).all()
    assert main([*command, "--json", "--top", "3"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["roads"]) == 3
    assert {row["date"] for row in said["positions"]} >= {"2026-04-30", "2026-05-05"}
    assert said["sentences"][:2] == printed[:2]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "which period"),
        (["--from", "2026-05-01"], "which period"),
        (["--from", "2026-04-31", "--to", "2026-05-05"], "--from 2026-04-31: not a date"),
        (["--from", "2026-05-05", "--to", "2026-05-01"], "an empty period"),
        (["--from", "1926-05-05", "--to", "2026-05-01"], "longer than 366 days"),
        (["--from", "2031-05-01", "--to", "2031-05-05"], "public holidays of 2031: unknown"),
        (["--holiday", "qingming", "--from", "2026-05-01"], "name a holiday or give its dates"),
        (["--holiday", "qingming", "--year", "2031"], "public holidays of 2031: unknown"),
        (["--year", "2026", "--from", "2026-05-01", "--to", "2026-05-02"], "of which holiday?"),
    ],
)
def test_a_period_that_cannot_be_is_one_line(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "x.xlsx"
    assert main(["outlook", str(riskmap.sample()), *options, "-o", str(out)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())
