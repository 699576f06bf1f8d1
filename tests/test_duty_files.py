"""Logged duty: read as people write it, no person kept, every row accounted for, no time twice."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streets import CRS, area, extract, rules, street

from riskmap.coords import from_wgs84
from riskmap.duty_files import read_duty
from riskmap.duty_log import DutyLog
from riskmap.duty_times import times
from riskmap.errors import RiskmapError

X, Y = 500_000.0, 3_130_000.0  # a place in Jiangxi, in metres
TOWN = area(
    extract([
        street((X, Y), (X + 900, Y), highway="primary", name="人民路"),
        street((X, Y), (X, Y + 900), highway="residential", name="学院路"),
    ]),
    parameters=rules(),
)  # fmt: skip
ALMANAC = TOWN.model.almanac
TEMPLATE = Path(__file__).parents[1] / "data" / "templates" / "duty.csv"


def lonlat(x: float, y: float = 3.0, system: str = "wgs84") -> tuple[float, float]:
    """Degrees of a place in metres, in a system."""
    lon, lat = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True).transform(X + x, Y + y)
    there = from_wgs84(np.array([lon]), np.array([lat]), system)
    return round(float(there[0][0]), 8), round(float(there[1][0]), 8)


def stay(
    start: str = "2026-05-08 07:00", end: str = "2026-05-08 08:00", x: float = 50.0, **cells: object
) -> dict[str, object]:
    """One stay beside the main street."""
    lon, lat = lonlat(x)
    return {"unit": "A1", "start": start, "end": end, "lon": lon, "lat": lat} | cells


def position(time: str, x: float = 50.0, **cells: object) -> dict[str, object]:
    """One position of a receiver beside the main street."""
    lon, lat = lonlat(x)
    return {"unit": "A1", "time": f"2026-05-08 {time}", "lon": lon, "lat": lat} | cells


def read(
    folder: Path, rows: Sequence[dict[str, object]], day: dt.date | None = None,
    name: str = "duty.csv",
) -> DutyLog:  # fmt: skip
    path = folder / name
    pd.DataFrame(rows).to_csv(path, index=False)
    return read_duty([path], TOWN, day=day)


def spans(found: DutyLog) -> list[tuple[str, str]]:
    """From when to when, as clocks."""
    return [
        (f"{start:%d %H:%M}", f"{end:%d %H:%M}")
        for start, end in zip(found.table["start"], found.table["end"], strict=True)
    ]


def outcomes(found: DutyLog) -> list[tuple[str, str]]:
    rows = found.report[found.report["row"] > 0]
    return list(zip(rows["outcome"], rows["why_en"], strict=True))


def notes(found: DutyLog) -> str:
    return " ".join(found.report.loc[found.report["row"] == 0, "why_en"])


# --- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "day", "minute"),
    [
        ("2026-05-08 07:30", "2026-05-08", 450.0),
        ("2026-05-08 07:30:15", "2026-05-08", 450.25),
        ("2026/5/8 7:05", "2026-05-08", 425.0),
        ("13/5/2026 7:30 pm", "2026-05-13", 1170.0),
        ("2026年5月8日7时30分", "2026-05-08", 450.0),
        ("2026年5月8日下午3时半", "2026-05-08", 930.0),
        ("20260508073015", "2026-05-08", 450.25),
        ("202605080730", "2026-05-08", 450.0),
        ("46150.3125", "2026-05-08", 450.0),
        ("2026-05-08 00:00", "2026-05-08", 0.0),
        ("2026-05-08 24:00", "2026-05-08", 1440.0),
        # an instant is that of the clocks in Jiangxi, 8 hours ahead
        ("2026-05-07T23:30:00Z", "2026-05-08", 450.0),
        ("2026-05-08T01:30:00+02:00", "2026-05-08", 450.0),
        ("1778196600", "2026-05-08", 450.0),
        ("1778196600000", "2026-05-08", 450.0),
        ("07:30", None, 450.0),
        ("0730", None, 450.0),
        ("7点半", None, 450.0),
        ("下午3:05", None, 905.0),
        ("0.3125", None, 450.0),
        ("01:30+1", None, 1530.0),
        ("次日1:30", None, 1530.0),
    ],
)
def test_a_time_is_read_as_people_write_it(cell: str, day: str | None, minute: float) -> None:
    days, minutes = times([cell], ALMANAC)
    assert str(days[0]) == (day or "NaT")
    assert minutes[0] == pytest.approx(minute)


@pytest.mark.parametrize(
    "cell",
    ["", "张三", "2026-05-08", "46150", "7:75", "2026-05-08 25:10", "07:30-08:30",
     "2026-05-08 07:30-08:30", "2026-05-08 7时至8时", "上午"],
)  # fmt: skip
def test_what_is_no_time_is_none(cell: str) -> None:
    assert np.isnan(times([cell], ALMANAC)[1][0])


@given(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2090, 1, 1)))  # noqa: DTZ001  # clocks
def test_every_minute_comes_back_from_every_form(when: dt.datetime) -> None:
    forms = (
        "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y年%m月%d日%H时%M分", "%Y%m%d%H%M", "%d %b %Y %H:%M"
    )  # fmt: skip
    days, minutes = times([when.strftime(form) for form in forms], ALMANAC)
    assert set(days.tolist()) == {when.date()}
    assert set(minutes.tolist()) == {60.0 * when.hour + when.minute}


# --- stays ---------------------------------------------------------------------------------------


def test_a_stay_lies_on_the_nearest_road_for_its_time(tmp_path: Path) -> None:
    found = read(tmp_path, [stay(officers=3, squadron="one"), stay(x=850.0, unit="A2")])
    assert spans(found) == [("08 07:00", "08 08:00")] * 2
    assert found.table["officers"].tolist() == [3.0, 1.0]
    assert found.table["squadron"].tolist() == ["one", ""]
    assert found.table["state"].tolist() == ["road", "road"]
    # pieces of 100 m
    assert found.table["segment"].tolist() == [0, 8]


def test_chinese_headings_and_systems_are_read(tmp_path: Path) -> None:
    lon, lat = lonlat(850.0, system="gcj02")
    row = {"呼号": "巡1", "所属中队": "一中队", "警力": "2人", "日期": "2026年5月8日",
           "起": "22:00", "止": "01:30", "经度": lon, "纬度": lat, "坐标系": "高德"}  # fmt: skip
    found = read(tmp_path, [row])
    assert spans(found) == [("08 22:00", "09 01:30")]
    assert found.table.loc[0, ["unit", "squadron", "officers", "segment"]].tolist() == [
        "巡1", "一中队", 2.0, 8
    ]  # fmt: skip


def test_clocks_take_their_date_from_whoever_reads_them(tmp_path: Path) -> None:
    rows = [stay("20:00", "23:00"), stay("23:00", "02:00"), stay("02:00+1", "03:00+1")]
    found = read(tmp_path, rows, day=dt.date(2026, 5, 8))
    assert spans(found) == [
        ("08 20:00", "08 23:00"), ("08 23:00", "09 02:00"), ("09 02:00", "09 03:00")
    ]  # fmt: skip
    assert [why for _, why in outcomes(read(tmp_path, rows))] == [
        f"'{clock}' has no date: add a column date" for clock in ("20:00", "23:00", "02:00+1")
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (stay("", ""), "states no time"),
        (stay("2026-05-08 25:00"), "time '2026-05-08 25:00' is not understood"),
        # what may be a name is not repeated
        (stay("张三 07:00"), "time '…' is not understood"),
        (stay("2026-05-08 09:00"), "does not end after it begins"),
        (stay(end="2026-05-18 08:00"), "longer than 16 hours"),
    ],
)
def test_a_row_without_a_time_that_can_be_is_dropped(
    tmp_path: Path, row: dict[str, object], why: str
) -> None:
    found = read(tmp_path, [row, stay()])
    (outcome, said), _ = outcomes(found)
    assert outcome == "dropped"
    assert said.startswith(why)
    assert len(found.table) == 1


def test_what_could_not_be_placed_counts_as_on_no_road_and_is_told(tmp_path: Path) -> None:
    lon, lat = lonlat(450.0, 70.0)
    hours = [(f"2026-05-08 {h:02d}:00", f"2026-05-08 {h + 1:02d}:00") for h in range(7, 11)]
    found = read(tmp_path, [
        stay(*hours[0], lon=lon, lat=lat),
        stay(*hours[1], lon="", lat=""),
        stay(*hours[2], lon=2.35, lat=48.86),
        stay(*hours[3]),
    ])  # fmt: skip
    assert found.table["state"].tolist() == ["off", "off", "off", "road"]
    assert found.table["segment"].tolist()[:3] == [-1, -1, -1]
    said = outcomes(found)
    assert [outcome for outcome, _ in said] == ["off", "dropped", "dropped", "read"]
    assert said[0][1] == "70 m from the nearest road: counted on none"
    assert said[1][1] == "no coordinates"
    assert "not in this area" in said[2][1]


def test_who_rests_needs_no_place(tmp_path: Path) -> None:
    found = read(tmp_path, [stay(kind="设岗"), stay("2026-05-08 08:00", "2026-05-08 09:00",
                 kind="休息", lon="", lat="")])  # fmt: skip
    assert found.table["state"].tolist() == ["road", "rest"]
    assert outcomes(found)[1] == ("read", "a break or at the station: not on the road")


def test_time_that_two_rows_of_a_unit_share_counts_once(tmp_path: Path) -> None:
    found = read(tmp_path, [
        stay("2026-05-08 07:00", "2026-05-08 10:00"),
        stay("2026-05-08 09:00", "2026-05-08 11:00", 850.0),
        stay("2026-05-08 08:00", "2026-05-08 09:30", 850.0),
        stay("2026-05-08 09:00", "2026-05-08 11:00", unit="A2"),
    ])  # fmt: skip
    assert spans(found) == [
        ("08 07:00", "08 10:00"), ("08 10:00", "08 11:00"), ("08 09:00", "08 11:00")
    ]  # fmt: skip
    assert [outcome for outcome, _ in outcomes(found)] == ["read", "read", "dropped", "read"]
    assert "counts once" in outcomes(found)[1][1]
    assert "is not counted twice" in outcomes(found)[2][1]


def test_rows_of_nobody_are_units_of_their_own(tmp_path: Path) -> None:
    rows = [{k: v for k, v in stay().items() if k != "unit"}] * 2
    found = read(tmp_path, rows)
    assert found.table["unit"].tolist() == ["#1", "#2"]
    assert "each row counts as one officer" in notes(found)


def test_officers_that_cannot_be_are_one(tmp_path: Path) -> None:
    found = read(tmp_path, [stay(officers="两人"), stay(officers="2.5", unit="A2")])
    assert found.table["officers"].tolist() == [1.0, 1.0]
    assert {why for _, why in outcomes(found)} == {"officers is no number of people: taken as 1"}


# --- people --------------------------------------------------------------------------------------


def test_what_names_a_person_tells_units_apart_and_is_never_kept(tmp_path: Path) -> None:
    secrets = ["赣L1234警", "赣L5678警", "张三丰", "13812345678"]
    found = read(tmp_path, [
        stay(unit=secrets[0], 姓名=secrets[2], 备注=secrets[3], squadron=f"一中队 {secrets[3]}"),
        stay(unit=secrets[1], 姓名=secrets[2]),
        stay(unit="", 姓名=secrets[2]),
        stay(unit="", 姓名=secrets[2], x=850.0),
    ])  # fmt: skip
    # the last is the same officer again at the same time
    assert found.table["unit"].tolist() == ["#3", "#1", "#2"]
    assert [outcome for outcome, _ in outcomes(found)][-1] == "dropped"
    kept = found.table.to_csv() + found.report.to_csv()
    assert not any(secret in kept for secret in secrets)
    assert "2 rows held identity numbers" in notes(found)


def test_officers_of_one_name_are_numbered(tmp_path: Path) -> None:
    found = read(tmp_path, [stay(警号="0361"), stay(警号="0362")])
    assert found.table["unit"].tolist() == ["A1#1", "A1#2"]


# --- positions -----------------------------------------------------------------------------------


def test_a_position_holds_until_the_next_and_not_through_a_hole(tmp_path: Path) -> None:
    found = read(tmp_path, [
        position("07:00"), position("07:05", 150.0), position("07:10", 250.0),
        position("09:00", 850.0), position("07:02", unit="A2"),
    ])  # fmt: skip
    # the usual step is 5 minutes; of one position alone nothing is usual
    assert spans(found) == [
        ("08 07:00", "08 07:05"), ("08 07:05", "08 07:10"), ("08 07:10", "08 07:15"),
        ("08 09:00", "08 09:05"), ("08 07:02", "08 07:17"),
    ]  # fmt: skip
    assert found.table["segment"].tolist() == [0, 1, 2, 8, 0]
    assert "1 positions are followed by none for more than 15 minutes" in notes(found)


def test_two_positions_at_one_time_are_one(tmp_path: Path) -> None:
    found = read(tmp_path, [position("07:00"), position("07:00", 850.0), position("07:05")])
    assert spans(found) == [("08 07:00", "08 07:05"), ("08 07:05", "08 07:10")]
    assert ("dropped", "its unit has another position at that time") in outcomes(found)


def test_positions_go_on_from_file_to_file(tmp_path: Path) -> None:
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path, clock in zip(paths, ("07:00", "07:10"), strict=True):
        pd.DataFrame([position(clock)]).to_csv(path, index=False)
    found = read_duty(paths, TOWN)
    assert spans(found) == [("08 07:00", "08 07:10"), ("08 07:10", "08 07:20")]
    assert found.report.loc[found.report["row"] > 0, "file"].tolist() == ["a.csv", "b.csv"]


def test_a_row_of_nobody_is_no_position(tmp_path: Path) -> None:
    found = read(tmp_path, [position("07:00"), position("07:05", unit="")])
    assert len(found.table) == 1
    assert outcomes(found)[1] == ("dropped", "does not say whose position it is")


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "B"]), st.integers(0, 600), st.integers(1, 200)),
        min_size=1, max_size=12,
    )
)  # fmt: skip
def test_no_unit_has_two_rows_at_a_time_and_none_is_lost(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[tuple[str, int, int]]
) -> None:
    midnight = pd.Timestamp("2026-05-08")
    rows = [
        stay(str(midnight + pd.Timedelta(minutes=a)), str(midnight + pd.Timedelta(minutes=a + n)),
             unit=unit)
        for unit, a, n in wanted
    ]  # fmt: skip
    found = read(tmp_path_factory.mktemp("log"), rows).table
    for unit in {unit for unit, *_ in wanted}:
        own = found[found["unit"] == unit].sort_values("start")
        assert (own["end"].to_numpy()[:-1] <= own["start"].to_numpy()[1:]).all()
        minutes = {m for name, a, n in wanted if name == unit for m in range(a, a + n)}
        assert (own["end"] - own["start"]).sum() == pd.Timedelta(minutes=len(minutes))


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"unit": "A1", "lon": 117, "lat": 28}, "does not say from when to when; add columns"),
        ({"unit": "A1", "start": "07:00", "lon": 117, "lat": 28}, "does not say from when to"),
        ({"time": "2026-05-08 07:00", "lon": 117, "lat": 28}, "does not say whose positions"),
        ({"unit": "A1", "time": "2026-05-08 07:00"}, "holds no places; add columns lon and lat"),
    ],
)
def test_a_file_that_lacks_a_column_is_refused_with_the_way_out(
    tmp_path: Path, row: dict[str, object], why: str
) -> None:
    with pytest.raises(RiskmapError, match=why):
        read(tmp_path, [row])


def test_a_system_that_nobody_knows_is_refused() -> None:
    with pytest.raises(RiskmapError, match="coordinate system 'mars' is not known"):
        read_duty([TEMPLATE], TOWN, system="mars")


def test_an_empty_log_is_no_error_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "duty.csv"
    path.write_text("unit,start,end,lon,lat\n", encoding="utf-8")
    found = read_duty([path], TOWN)
    assert found.table.empty
    assert "holds a heading and no rows" in notes(found)


def test_the_file_beside_states_the_system(tmp_path: Path) -> None:
    lon, lat = lonlat(850.0, system="bd09")
    (tmp_path / "duty.toml").write_text('crs = "bd09"\n', encoding="utf-8")
    assert read(tmp_path, [stay(lon=lon, lat=lat)]).table["segment"].tolist() == [8]


def test_other_formats_are_read(tmp_path: Path) -> None:
    row = stay()
    book = tmp_path / "duty.xlsx"
    pd.DataFrame([
        row | {"start": dt.datetime(2026, 5, 8, 7), "end": dt.datetime(2026, 5, 8, 8)}  # noqa: DTZ001  # as Excel has it
    ]).to_excel(book, index=False)
    shapes = tmp_path / "duty.geojson"
    shapes.write_text(json.dumps({"type": "FeatureCollection", "features": [{
        "type": "Feature", "properties": {k: row[k] for k in ("unit", "start", "end")},
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
    }]}), encoding="utf-8")  # fmt: skip
    for path in (book, shapes):
        found = read_duty([path], TOWN)
        assert spans(found) == [("08 07:00", "08 08:00")]
        assert found.table["segment"].tolist() == [0]


def test_the_template_is_read() -> None:
    found = read_duty([TEMPLATE], TOWN)
    # its places lie elsewhere in the county
    assert found.table["state"].tolist() == ["off", "rest", "off"]
    assert spans(found)[2] == ("08 22:00", "09 01:30")
    assert found.table["officers"].tolist() == [2.0, 2.0, 2.0]
