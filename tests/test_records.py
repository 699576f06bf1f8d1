"""Crash records: read from any format, no person kept, every row accounted for, placed honestly."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streets import CRS, extract, rules, street

from riskmap import crashes, record_files
from riskmap.coords import from_wgs84
from riskmap.errors import RiskmapError
from riskmap.record_cells import dates, hours, severities
from riskmap.record_files import WORDS, files_of, write_mappings
from riskmap.record_persons import PERSONAL, without_persons
from riskmap.record_years import covered
from riskmap.records import Records, read_records
from riskmap.segments import Network, cut
from riskmap.snapping import snap

X, Y = 500_000.0, 3_130_000.0  # a place in Jiangxi, in metres
RULES = rules()
TODAY = date(2026, 10, 1)
TEMPLATE = Path(__file__).parents[1] / "data" / "templates" / "crashes.csv"
NETWORK = cut(
    extract([
        street((X, Y), (X + 900, Y), highway="primary", name="人民路"),
        street((X, Y), (X - 900, Y), highway="primary", name="人民路"),
        street((X, Y), (X, Y + 900), highway="residential", name="学院路"),
        street((X + 400, Y + 30), (X + 700, Y + 30), highway="service"),
    ]),
    RULES,
)  # fmt: skip
NETWORK = replace(NETWORK, segments=NETWORK.segments.assign(aadt=1000.0))


def lonlat(x: float, y: float, system: str = "wgs84") -> tuple[float, float]:
    """Degrees of a place in metres, in a system."""
    lon, lat = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True).transform(X + x, Y + y)
    there = from_wgs84(np.array([lon]), np.array([lat]), system)
    return round(float(there[0][0]), 8), round(float(there[1][0]), 8)


def row(x: float = 50.0, y: float = 3.0, **cells: object) -> dict[str, object]:
    """One crash beside the main street."""
    lon, lat = lonlat(x, y)
    return {"lon": lon, "lat": lat, "date": "2024-03-05 18:20", "severity": "minor"} | cells


def read(folder: Path, rows: Sequence[dict[str, object]], name: str = "records.csv") -> Records:
    path = folder / name
    pd.DataFrame(rows).to_csv(path, index=False)
    return read_records([path], NETWORK.segments, system=None, rules=RULES, today=TODAY)


def outcomes(found: Records) -> list[str]:
    return found.report.loc[found.report["row"] > 0, "outcome"].tolist()


def said(found: Records, lang: str = "en") -> list[str]:
    return found.report.loc[found.report["row"] > 0, f"why_{lang}"].tolist()


# --- formats -------------------------------------------------------------------------------------


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame([
        row(50, 3, 编号="a1", killed=0, injured=2, type="rear end", road="人民路"),
        row(300, -4, 编号="a2", severity="死亡", killed=1, injured=0),
        row(2, 400, 编号="a3", date="2023-12-31 07:05", severity="damage", killed=0, injured=0),
    ])  # fmt: skip


def in_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False)


def in_gbk(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="gb18030")


def in_gzip(table: pd.DataFrame, path: Path) -> None:
    path.write_bytes(gzip.compress(table.to_csv(index=False).encode()))


def in_excel(table: pd.DataFrame, path: Path) -> None:
    book = openpyxl.Workbook()
    for line in [list(table), *table.to_numpy(object).tolist()]:
        book.worksheets[0].append(line)
    book.save(path)


def in_parquet(table: pd.DataFrame, path: Path) -> None:
    dated = table.assign(date=pd.to_datetime(table["date"]))
    dated.to_parquet(path)


@pytest.mark.parametrize(
    ("name", "write"),
    [("r.csv", in_gbk), ("r.csv.gz", in_gzip), ("r.xlsx", in_excel), ("r.parquet", in_parquet)],
)
def test_every_format_says_the_same(
    table: pd.DataFrame, tmp_path: Path, name: str,
    write: Callable[[pd.DataFrame, Path], None],
) -> None:
    in_csv(table, tmp_path / "plain.csv")
    write(table, tmp_path / name)
    plain, other = (
        read_records([tmp_path / n], NETWORK.segments, system=None, rules=RULES, today=TODAY)
        for n in ("plain.csv", name)
    )
    assert len(plain.crashes) == 3
    pd.testing.assert_frame_equal(
        plain.crashes.drop(columns="file"), other.crashes.drop(columns="file")
    )


def test_chinese_headings_and_words_are_read() -> None:
    found = read_records([TEMPLATE], NETWORK.segments, system=None, rules={
        **RULES, "points": {**RULES["points"], "far_m": 1e9},
    }, today=TODAY).crashes  # fmt: skip
    assert found["severity"].tolist() == ["injury", "fatal", "damage"]
    assert found["date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2024-03-05", "2024-05-01", "2024-07-19",
    ]  # fmt: skip
    assert found["hour"].tolist() == [18, -1, -1]
    assert found["killed"].tolist() == [0, 1, 0]


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_records_of_a_navigation_map_land_within_a_metre(tmp_path: Path, system: str) -> None:
    lon, lat = lonlat(50, 3, system)
    found = read(tmp_path, [row(50, 3), row(lon=lon, lat=lat, crs=system)]).crashes
    metres = pyproj.Transformer.from_crs(4326, CRS, always_xy=True).transform(
        found["lon"].to_numpy(), found["lat"].to_numpy()
    )
    assert np.hypot(*(np.diff(values)[0] for values in metres)) < 1


# --- persons -------------------------------------------------------------------------------------


def test_no_personal_column_is_read_and_no_personal_text_is_kept(tmp_path: Path) -> None:
    secret = ["张三丰", "110101199003071234", "13812345678", "赣A12345", "350"]
    own = row(
        姓名=secret[0], 身份证号=secret[1], 电话=secret[2], 车牌号=secret[3], 年龄=secret[4],
        type=f"rear end, driver {secret[1]}, tel {secret[2]}", parties=f"car {secret[3]}",
        road="人民路",
    )  # fmt: skip
    own["severity"] = f"who knows {secret[2]}"
    own["hour"] = secret[2]
    # a column filled in wrongly must not repeat what stands in it
    rows = [own, *(
        row(60 + n, **{name: secret[n % 4]})
        for n, name in enumerate(("lon", "lat", "date", "crs", "killed", "year", "parties"))
    ), *(row(70, **{name: secret[0]}) for name in ("date", "hour", "weekday", "month", "type"))]
    found = read(tmp_path, rows)
    kept = found.crashes.to_csv() + found.report.to_csv() + repr(found.notes)
    for text in secret[:4]:
        assert text not in kept
    assert "blanked" in kept
    assert found.crashes["road"].iloc[0] == "人民路"
    assert found.crashes["parties"].iloc[0] == "car"


@given(st.lists(st.sampled_from([
    "110101199003071234", "11010119900307123X", "13812345678", "138-1234-5678", "赣A12345",
    "沪AD12345", "a@b.cn", "rear end", "人民路12号", " ", "G320",
]), min_size=1, max_size=5))  # fmt: skip
def test_whatever_names_a_person_is_blanked(words: list[str]) -> None:
    cell = "、".join(words)
    (clean,), _ = without_persons([cell])
    assert PERSONAL.search(clean) is None
    assert all(word in clean for word in words if word in {"rear end", "人民路12号", "G320"})


@pytest.mark.parametrize("cell", [
    "+8613812345678", "86 138 1234 5678", "138.1234.5678", "0573-88888888", "(021) 6888 8888",
    "330402900101123", "330402-19900101-1234", "赣A1234学", "赣A1234警", "粤Z1234港", "赣 A12345",
    "赣E  12345", "WJ赣1234X", "使014578",
])  # fmt: skip
def test_telephones_plates_and_numbers_in_all_their_forms_are_blanked(cell: str) -> None:
    for text in (cell, f"rear end {cell}.", f"追尾{cell}报案"):
        clean, held = without_persons([text])
        assert held.tolist() == [True]
        assert cell[-4:] not in clean[0]


@pytest.mark.parametrize("cell", [
    "新Avenue", "G60沪昆高速", "2024-05-01 08:30:00.000000", "0830-0930",
])  # fmt: skip
def test_roads_and_hours_are_no_plates_and_no_telephones(cell: str) -> None:
    clean, held = without_persons([cell])
    assert (clean.tolist(), held.tolist()) == ([cell], [False])


def test_decimals_of_a_coordinate_are_no_telephone_and_no_identity_number(tmp_path: Path) -> None:
    far = {**RULES, "points": {**RULES["points"], "far_m": 1e6}}
    rows = [row(lon="117.13812345678", id=1), row(lat="28.296095123456789012", id=2)]
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv", index=False)
    found = read_records(
        [tmp_path / "a.csv"], NETWORK.segments, system=None, rules=far, today=TODAY
    )
    assert (outcomes(found), said(found)) == (["read", "read"], ["", ""])
    assert found.crashes["lon"].iloc[0] == pytest.approx(117.13812345678, abs=1e-12)
    assert found.crashes["lat"].iloc[1] == pytest.approx(28.296095123456789, abs=1e-12)


def test_case_numbers_of_eighteen_digits_are_not_all_the_same(tmp_path: Path) -> None:
    rows = [row(50 + n, 3, 事故编号=f"36068120240000123{n}") for n in range(3)]
    found = read(tmp_path, [*rows, rows[2]])
    assert outcomes(found) == ["read", "read", "read", "dropped"]
    assert said(found)[:3] == ["", "", ""]
    assert "360681" not in found.crashes.to_csv() + found.report.to_csv()


# --- dates and hours -----------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "day"), [
    ("2024-03-05", "2024-03-05"), ("2024/3/5 18:20:31", "2024-03-05"), ("2024.3.5", "2024-03-05"),
    ("2024年3月5日 18时20分", "2024-03-05"), ("20240305", "2024-03-05"),
    ("202403051820", "2024-03-05"), ("5 March 2024", "2024-03-05"), ("Mar 5, 2024", "2024-03-05"),
    ("45356", "2024-03-05"), ("45356.75", "2024-03-05"), ("13/03/2024", "2024-03-13"),
    ("03/13/2024", "2024-03-13"), ("2024-03-05T18:20:31+08:00", "2024-03-05"),
])  # fmt: skip
def test_a_date_is_understood_in_whatever_form(cell: str, day: str) -> None:
    found = dates([cell], TODAY).iloc[0]
    assert (found["date"], found["fault"]) == (pd.Timestamp(day), "")
    assert found["hour"] in (18, -1)


@pytest.mark.parametrize(("cell", "first", "last"), [
    ("2024-03-05 3:30 PM", 15, 16), ("3/13/2024 12:05:00 AM", 0, 1), ("2024-03-05 24:00", 0, 1),
    ("2024年3月5日下午3时30分", 15, 16), ("2024年3月5日星期二 8:30", 8, 9),
    ("20240305 18:20", 18, 19), ("2024-03-05 晚上8点半", 20, 21), ("2024-03-05 8-10时", 8, 10),
    ("2024-03-05 8:05", 8, 9),
    ("2024-03-05T18:20:31.000Z", 18, 19), ("2024-03-05 18时20分许", 18, 19),
])  # fmt: skip
def test_the_hour_behind_a_date_is_read_with_its_half_of_the_day(
    cell: str, first: int, last: int
) -> None:
    found = dates([cell], TODAY).iloc[0]
    assert (found["hour"], found["hour_to"], found["not_hour"]) == (first, last, False)


@pytest.mark.parametrize("cell", ["2024-03-05 25:00", "2024-03-05 18:75", "2024-03-05 夜间"])
def test_what_is_no_hour_behind_a_date_is_told_and_the_day_stays(tmp_path: Path, cell: str) -> None:
    found = read(tmp_path, [row(date=cell), row(60, date=cell, hour="7")])
    assert "is not understood: the time is taken as unknown" in said(found)[0]
    assert said(found)[1] == ""
    assert found.crashes["date"].tolist() == [pd.Timestamp("2024-03-05")] * 2
    assert found.crashes["hour"].tolist() == [-1, 7]


def test_a_column_of_midnights_states_no_hour(tmp_path: Path) -> None:
    found = read(tmp_path, [row(date=f"2024-03-0{n} 00:00:00") for n in (5, 5, 6)])
    assert found.crashes["hour"].tolist() == [-1] * 3
    assert outcomes(found) == ["read"] * 3
    assert "too coarse to be sure" in said(found)[1]
    told = read(tmp_path, [row(date="2024-03-05 00:00:00"), row(date="2024-03-06 07:00:00")])
    assert told.crashes["hour"].tolist() == [0, 7]


@pytest.mark.parametrize("cell", ["2024-05-01 至 2024-05-03", "2024-05-01~03", "2024-5-18:30"])
def test_more_than_one_day_is_no_date(cell: str) -> None:
    assert dates([cell], TODAY).iloc[0]["fault"] == "unknown"


def test_a_year_or_a_month_alone_is_a_date_unless_it_is_to_come() -> None:
    found = dates(["2024", "2024年", "2024-05", "2026-11", "2027"], TODAY)
    assert found["year"].tolist() == [2024, 2024, 2024, 0, 0]
    assert found["month"].tolist() == [0, 0, 5, 0, 0]
    assert found["fault"].tolist() == ["", "", "", "future", "future"]


def test_a_year_month_or_weekday_in_words_is_read_or_told(tmp_path: Path) -> None:
    bare = {"date": ""}
    found = read(tmp_path, [
        row(50, year="2024年", month="3月", weekday="周二", **bare),
        row(51, year="2024年度", month="13", weekday="节日", **bare),
        row(52, year="2024.5", **bare),
        row(53, year="2014", month="13", weekday="节日"),
    ])  # fmt: skip
    assert outcomes(found) == ["read", "read", "dropped", "read"]
    assert found.crashes["year"].tolist() == [2024, 2024, 2024]
    assert found.crashes["month"].tolist() == [3, 0, 3]
    assert said(found) == [
        "",
        "; ".join(f"{name} is not understood: taken as unknown"
                  for name in ("month '13'", "weekday '…'")),
        "year 2024.5 cannot be",
        "year 2014 is not that of the date: the date counts",
    ]  # fmt: skip


def test_three_forms_in_one_column_are_each_understood(tmp_path: Path) -> None:
    cells = ["2024-03-05", "05/04/2024", "2024年5月1日", "25/06/2024"]
    found = read(tmp_path, [row(50 + n, date=cell) for n, cell in enumerate(cells)])
    assert found.crashes["month"].tolist() == [3, 4, 5, 6]  # 25/06 says: the day comes first
    assert "day first" in found.report["why_en"].iloc[0] + found.report["why_en"].iloc[1]


def test_day_and_month_that_nothing_tells_apart_are_not_guessed(tmp_path: Path) -> None:
    found = read(tmp_path, [row(50, date="05/03/2024"), row(60, date="05/05/2024")])
    assert found.crashes["month"].tolist() == [0, 5]
    assert found.crashes["year"].tolist() == [2024, 2024]
    assert "cannot be told apart" in said(found)[0]
    both = read(tmp_path, [row(50 + n, date=d) for n, d in enumerate(
        ("25/03/2024", "03/25/2024", "05/03/2024")
    )])  # fmt: skip
    assert both.crashes["month"].tolist() == [3, 3, 0]


@pytest.mark.parametrize(("cell", "why"), [
    ("2024-06-31", "is not understood"), ("someday", "is not understood"), ("", "neither a date"),
    ("2031-01-01", "lies in the future"), ("1931-01-01", "lies before 1950"),
])  # fmt: skip
def test_a_crash_without_a_year_is_dropped_and_told(tmp_path: Path, cell: str, why: str) -> None:
    found = read(tmp_path, [row(50, date=cell), row(60)])
    assert outcomes(found) == ["dropped", "read"]
    assert why in said(found)[0]
    assert len(found.crashes) == 1


@pytest.mark.parametrize(("cell", "first", "last"), [
    ("18", 18, 19), ("18:05", 18, 19), ("16-19", 16, 19), ("16:00-19:00", 16, 19),
    ("16:30至17:30", 16, 18), ("0-7 ", 0, 7), ("1805", 18, 19), ("6 pm", 18, 19), ("24", 0, 1),
    ("18时", 18, 19), ("22-2", 22, 26), ("19-24", 19, 24), ("", -1, -1),
])  # fmt: skip
def test_an_hour_or_a_band_is_understood(cell: str, first: int, last: int) -> None:
    found = hours([cell])
    assert (found[0][0], found[1][0], found[2][0]) == (first, last, False)


@pytest.mark.parametrize("cell", ["25", "noon", "12:99:x:y", "-3", "30-40"])
def test_what_is_no_hour_is_told_and_the_crash_stays(tmp_path: Path, cell: str) -> None:
    found = read(tmp_path, [row(date="2024-03-05", hour=cell)])
    assert found.crashes["hour"].tolist() == [-1]
    assert "is not understood" in said(found)[0]


# --- severity ------------------------------------------------------------------------------------


def test_a_severity_nobody_knows_is_told_and_can_be_mapped(tmp_path: Path) -> None:
    found = read(tmp_path, [row(severity="category 9")])
    assert found.crashes["severity"].tolist() == [""]
    assert "counts as one injury crash" in said(found)[0]
    assert severities(["category 9"], {"category 9": "fatal"})[0].tolist() == ["fatal"]


def test_the_worse_of_what_is_stated_and_who_was_hurt_counts(tmp_path: Path) -> None:
    found = read(tmp_path, [
        row(50, severity="damage", killed=1, injured=0),
        row(60, severity="odd", killed=0, injured=2),
        row(70, severity="serious", killed=0, injured=1),
        row(80, severity="", killed=0, injured=0),
    ])  # fmt: skip
    assert found.crashes["severity"].tolist() == ["fatal", "injury", "serious", "damage"]


# --- what is there twice, far, or missing --------------------------------------------------------


def test_nobody_killed_is_not_nobody_hurt(tmp_path: Path) -> None:
    rows = [row(50 + n, severity="", killed=int(n == 1)) for n in range(2)]
    found = read(tmp_path, rows)
    assert found.crashes["severity"].tolist() == ["", "fatal"]
    assert "1 crashes state neither severity nor who was hurt" in found.report["why_en"].str.cat()
    hurt = read(tmp_path, [one | {"injured": 0} for one in rows])
    assert hurt.crashes["severity"].tolist() == ["damage", "fatal"]


def test_records_that_are_there_twice_are_dropped_where_that_is_sure(tmp_path: Path) -> None:
    twice = [row(), row(), row(60)]
    found = read(tmp_path, twice)
    assert outcomes(found) == ["read", "dropped", "read"]
    yearly = [dict(own, date="2024") | {"year": 2024} for own in twice]
    kept = read(tmp_path, [{k: v for k, v in own.items() if k != "date"} for own in yearly])
    assert outcomes(kept) == ["read"] * 3
    assert "too coarse" in said(kept)[1]
    same = read(tmp_path, [row(id="7"), row(90, id="7"), row(95, id="8")])
    assert outcomes(same) == ["read", "dropped", "read"]


def test_a_crash_that_two_files_hold_is_one(tmp_path: Path) -> None:
    timed, coarse = row(50, road="人民路"), row(80, date="2024")
    numbered = [row(60 + n, date="2024-03-05", id=f"A{n}") for n in range(2)]
    files = {
        "a.csv": [timed | {"id": ""}, coarse | {"id": ""}, *numbered],
        "b.csv": [row(55) | {"id": "A0"}, timed | {"id": ""}, coarse | {"id": ""}, numbered[1]],
    }
    for name, rows in files.items():
        pd.DataFrame(rows).to_csv(tmp_path / name, index=False)
    paths = [tmp_path / name for name in files]
    found = read_records(paths, NETWORK.segments, system=None, rules=RULES, today=TODAY)
    assert outcomes(found) == ["read"] * 4 + ["read", "dropped", "read", "dropped"]
    assert said(found)[4:] == [
        "", "is the same as a row of an earlier file",
        "is the same as an earlier row, but the time is too coarse to be sure: kept, please check",
        "is the same as a row of an earlier file",
    ]  # fmt: skip
    assert found.crashes.index.tolist() == list(range(6))
    assert "id" not in found.crashes
    alone = read_records(paths[1:], NETWORK.segments, system=None, rules=RULES, today=TODAY)
    assert outcomes(alone) == ["read"] * 4


def test_two_crashes_with_numbers_of_their_own_are_two(tmp_path: Path) -> None:
    assert len(read(tmp_path, [row(id="1"), row(id="2")]).crashes) == 2


def test_rows_whose_counting_begins_anew_are_not_the_same(tmp_path: Path) -> None:
    lon, lat = lonlat(80, 3)
    found = read(tmp_path, [
        row(id="1", date="2024-05-01"), row(id="1", date="2024-06-01", lon=lon, lat=lat),
        row(id="1", date="2024-05-01", lon=lon, lat=lat),
    ])  # fmt: skip
    # of one number the same day or the same place and year is once too often
    assert outcomes(found) == ["read", "read", "dropped"]


def test_coordinates_in_the_sea_exchanged_or_nought_are_dropped_and_told(tmp_path: Path) -> None:
    lon, lat = lonlat(50, 3)
    found = read(tmp_path, [
        row(), row(lon=123.4, lat=28.2), row(lon=lat, lat=lon), row(lon=0, lat=0), row(lon="x"),
    ])  # fmt: skip
    assert outcomes(found) == ["read", *["dropped"] * 4]
    for text, why in zip(
        said(found)[1:], ("not in this area", "swapped", "0/0", "no number of degrees"), strict=True
    ):
        assert why in text


def test_one_crash_and_none_are_told(tmp_path: Path) -> None:
    one = read(tmp_path, [row()])
    assert [key for key, _ in one.notes] == ["import.note.one_crash"]
    none = read(tmp_path, [row(date="")])
    assert none.crashes.empty
    assert none.covered.empty
    assert [key for key, _ in none.notes] == ["import.note.no_crash"]


def test_a_year_that_is_half_covered_counts_half_and_is_told(tmp_path: Path) -> None:
    days = [f"{y}-{m:02d}-{d:02d}" for y in (2023, 2024) for m in range(1, 13) for d in range(1, 9)]
    found = read(tmp_path, [
        row(50 + n / 4, date=day) for n, day in enumerate(days) if day < "2024-07"
    ])  # fmt: skip
    assert found.covered.round(3).to_dict() == {2023: 1.0, 2024: 0.5}
    assert ("import.note.months", {"year": 2024, "months": "7, 8, 9, 10, 11, 12"}) in found.notes
    few = read(tmp_path, [row(50 + n, date=f"2024-0{n}-01") for n in (1, 6)])
    assert few.covered.to_dict() == {2024: 1.0}  # empty by chance


@pytest.mark.parametrize(("first", "last", "share"), [
    ("2022-01", "2024-06", {2022: 1.0, 2023: 1.0, 2024: 0.5}),
    ("2022-07", "2024-12", {2022: 0.5, 2023: 1.0, 2024: 1.0}),
])  # fmt: skip
def test_half_a_year_is_seen_where_each_of_its_months_might_be_empty(
    tmp_path: Path, first: str, last: str, share: dict[int, float]
) -> None:
    months = [f"{y}-{m:02d}" for y in (2022, 2023, 2024) for m in range(1, 13)]
    found = read(tmp_path, [
        row(50 + 4 * n + day, date=f"{month}-{day:02d}")
        for n, month in enumerate(months) if first <= month <= last
        for day in range(1, 2 + n % 2)
    ])  # fmt: skip
    assert found.covered.round(3).to_dict() == share
    (year,) = (year for year, part in share.items() if part < 1)
    assert [values["year"] for _, values in found.notes] == [year]


def test_chance_seldom_looks_like_months_that_nobody_recorded() -> None:
    random = np.random.default_rng(3)
    cut_off = []
    for rate in (0.5, 1.0, 2.0, 4.0, 8.0):
        for _ in range(40):
            counts = random.poisson(rate, 96)
            number = np.repeat(np.arange(96), counts)
            table = pd.DataFrame({"year": 2010 + number // 12, "month": number % 12 + 1})
            share, _ = covered(table, TODAY)
            cut_off.append(1.0 - share.sum() / len(share))
    assert np.mean(cut_off) < 0.005


def test_months_to_come_are_not_covered(tmp_path: Path) -> None:
    days = [f"{y}-{m:02d}-05" for y in (2025, 2026) for m in range(1, 13)]
    found = read(tmp_path, [row(50 + n, date=day) for n, day in enumerate(days) if day < "2026-10"])
    assert found.covered.round(3).to_dict() == {2025: 1.0, 2026: 0.833}  # today is in October
    assert found.notes == [("import.note.months", {"year": 2026, "months": "11, 12"})]
    years = read(tmp_path, [row(50 + n, date=str(2025 + n % 2)) for n in range(20)])
    assert years.covered.round(3).to_dict() == {2025: 1.0, 2026: 0.833}
    assert years.notes == [("import.note.running", {"year": 2026, "months": 10})]


def test_one_of_two_years_with_half_as_many_crashes_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, [row(50 + n / 4, date=str(2023 + (n > 60))) for n in range(90)])
    assert [values["year"] for key, values in found.notes if key == "import.note.few"] == [2024]


def test_a_year_without_dates_is_not_taken_for_one_without_crashes(tmp_path: Path) -> None:
    days = [f"{y}-{m:02d}-{d:02d}" for y in range(2014, 2024) for m in range(1, 13) for d in (3, 9)]
    found = read(tmp_path, [
        row(50 + n / 4, date=day) for n, day in enumerate([*days, *["2024"] * 24])
    ])  # fmt: skip
    assert found.covered.to_dict() == dict.fromkeys(range(2014, 2025), 1.0)


def test_a_year_with_far_fewer_crashes_is_told_where_months_are_not_known(tmp_path: Path) -> None:
    rows = [
        {**row(50 + n, year=year), "date": ""}
        for year, count in ((2020, 30), (2021, 9), (2022, 31))
        for n in range(count)
    ]
    found = read(tmp_path, rows)
    assert [values["year"] for key, values in found.notes if key == "import.note.few"] == [2021]


def test_repeated_geocodes_are_told(tmp_path: Path) -> None:
    rows = [row(50.0 + (n // 6) * 5, date=f"2024-01-01 {n % 24:02d}:00", id=n) for n in range(120)]
    notes = dict(read(tmp_path, rows).notes)
    assert notes["import.note.repeated"] == {"percent": "100"}


@pytest.mark.parametrize(("name", "content", "why"), [
    ("r.csv", b"", "is empty"), ("r.csv", b"a,b\n1,2\n", "no row names its columns"),
    ("r.csv", b"lon,lat,severity\n1,2,fatal\n", "says of no crash when it happened"),
    ("r.csv", b"date,severity\n2024-01-01,fatal\n", "holds no places"),
    ("r.parquet", b"PAR1 but not", "cannot be read as Parquet"),
    ("r.csv.gz", b"not gzip", "cannot be unpacked"), ("r.xlsx", b"no zip", "cannot be read"),
])  # fmt: skip
def test_a_file_that_is_no_record_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RiskmapError, match=why) as fault:
        read_records([tmp_path / name], NETWORK.segments, system=None, rules=RULES, today=TODAY)
    assert "\n" not in str(fault.value)
    assert str(tmp_path / name) in str(fault.value)


@pytest.mark.parametrize("rest", ["", "117,28,2024-01-02,b\n" * 3])
def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(tmp_path: Path, rest: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f'lon,lat,date,type\n117,28,2024-01-01,"a\nb"\n117,28,2024-01-01,"a\n{rest}')
    with pytest.raises(RiskmapError, match=r"r\.csv row 3: a quotation mark is never closed"):
        read_records([path], NETWORK.segments, system=None, rules=RULES, today=TODAY)
    path.write_text('lon,lat,date,type\n117,28,2024-01-01,"a"x\n117,28,2024-01-01,"a\nb"')
    found = read_records([path], NETWORK.segments, system=None, rules=RULES, today=TODAY)
    assert len(outcomes(found)) == 2


def test_what_is_no_file_of_records_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.pdf").write_text("x")
    for path, why in (
        (tmp_path / "no.csv", "no such file"), (tmp_path / "r.pdf", "not a kind of record"),
        (tmp_path, "holds no crash records"),
    ):  # fmt: skip
        with pytest.raises(RiskmapError, match=why):
            files_of(path)


def test_what_was_dropped_and_why_is_said_of_the_whole_file(tmp_path: Path) -> None:
    found = read(tmp_path, [
        row(hour=25), row(hour=25), row(60, severity="weird", date="05/03/2024"), row(lon=5.0),
        row(lon="x"), row(lon="1e308"), row(70, date="someday"),
        row(80, severity="weird", killed=1),
    ])  # fmt: skip
    assert outcomes(found) == ["read", "dropped", "read", *["dropped"] * 4, "read"]
    notes = found.report.loc[found.report["outcome"] == "note", "why_en"].tolist()
    assert any(note.startswith("2 crashes have a severity that nobody knows") for note in notes)
    for note in (
        "1 rows are there already: dropped", "1 rows lie outside this area: dropped",
        "2 rows have no coordinates that can be used: dropped",
        "1 rows have no date or year that can be used: dropped",
        "1 dates whose day and month cannot be told apart: only the year is used",
        "1 crashes have an hour that is not understood: taken as unknown",
    ):
        assert note in notes


@pytest.mark.parametrize("cell", ["1e308", "-1e308", "1e15"])
def test_a_number_beyond_all_places_is_told_of_its_row(tmp_path: Path, cell: str) -> None:
    found = read(tmp_path, [row(), row(60, lat=cell)])  # a warning of numpy would fail here
    assert outcomes(found) == ["read", "dropped"]
    assert said(found)[1].endswith("is not a coordinate")


# --- the saved mapping ---------------------------------------------------------------------------


def test_a_mapping_is_saved_mended_and_read(tmp_path: Path) -> None:
    lon, lat = lonlat(50, 3)
    path = tmp_path / "police.csv"
    path.write_text(f"lon,lat,happened on,grade\n{lon},{lat},2024-03-05,Z\n", encoding="utf-8")
    (own,) = write_mappings([path], ("fatal",))
    text = own.read_text(encoding="utf-8")
    assert 'lon = "lon"' in text
    own.write_text(text.replace(
        "[severity]", 'date = "happened on"\nseverity = "grade"\n\n[severity]\nZ = "fatal"'
    ), encoding="utf-8")  # fmt: skip
    found = read_records([path], NETWORK.segments, system=None, rules=RULES, today=TODAY)
    assert found.crashes[["severity", "year"]].to_numpy().tolist() == [["fatal", 2024]]
    with pytest.raises(RiskmapError, match="is there already"):
        write_mappings([path], ("fatal",))


def test_each_file_has_a_mapping_of_its_own(tmp_path: Path) -> None:
    names = ["2024.01.csv", "2024.02.csv", "2024.csv", "2024.parquet"]
    for name in names:
        (in_parquet if name.endswith("parquet") else in_csv)(pd.DataFrame([row()]), tmp_path / name)
    paths = files_of(tmp_path)
    written = write_mappings(paths, ("fatal",))
    assert [path.name for path in written] == [f"{name}.columns.toml" for name in names]
    own = tmp_path / "2024.01.csv.columns.toml"
    own.write_text('[severity]\nminor = "fatal"\n', encoding="utf-8")
    found = read_records(paths, NETWORK.segments, system=None, rules=RULES, today=TODAY)
    kept = found.crashes.set_index("file")["severity"]
    assert kept.to_dict()["2024.01.csv"] == "fatal"
    assert set(kept.drop("2024.01.csv")) <= {"minor"}
    # what was mended stays, and a file that came later gets its own
    written[1].unlink()
    assert write_mappings(paths, ("fatal",)) == [written[1]]
    assert own.read_text(encoding="utf-8").startswith("[severity]")


def test_of_a_folder_every_mapping_is_written_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_csv(pd.DataFrame([row()]), tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("x,y\n1,2\n")
    with pytest.raises(RiskmapError, match=r"b\.csv: no row names its columns"):
        write_mappings(files_of(tmp_path), ("fatal",))
    assert not list(tmp_path.glob("*.toml"))
    in_csv(pd.DataFrame([row()]), tmp_path / "b.csv")
    real = record_files.write_text

    def full(path: Path, text: str) -> None:
        if path.name.startswith("b"):
            raise RiskmapError(f"{path}: cannot be written")
        real(path, text)

    monkeypatch.setattr(record_files, "write_text", full)
    with pytest.raises(RiskmapError, match="cannot be written"):
        write_mappings(files_of(tmp_path), ("fatal",))
    assert not list(tmp_path.glob("*.toml"))


@pytest.mark.parametrize("short", ["2024", "2024.01"])
def test_a_mapping_that_could_be_of_several_files_is_refused(tmp_path: Path, short: str) -> None:
    path = tmp_path / "2024.01.csv"
    in_csv(pd.DataFrame([row()]), path)
    (tmp_path / f"{short}.columns.toml").write_text("[severity]\n")
    for read_ in (
        lambda: write_mappings([path], ("fatal",)),
        lambda: read_records([path], NETWORK.segments, system=None, rules=RULES, today=TODAY),
    ):
        with pytest.raises(RiskmapError, match=r"name it 2024\.01\.csv\.columns\.toml"):
            read_()


@pytest.mark.parametrize(("text", "why"), [
    ("colums = 1\n", "unknown key 'colums'; did you mean 'columns'"),
    ("[columns]\nlatt = 'b'\n", r"\[columns\] latt: unknown; did you mean 'lat'"),
    ("[columns]\nlon = 'lon'\nlat = 'b'\n", "has no such column"),
    ("[columns]\nlat = 3\n", "must be a table of texts"),
    ("[columns]\ndate = 'date'\nhour = 'Date'\n", "hour = 'Date': is date already; delete one"),
    ("[severity]\nZ = 'fatall'\n", "did you mean 'fatal'"), ("crs = 'mars'\n", "is not known"),
])  # fmt: skip
def test_a_wrong_mapping_is_refused(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "r.csv").write_text("lon,lat,date\n1,2,2024-01-01\n")
    (tmp_path / "r.csv.columns.toml").write_text(text)
    with pytest.raises(RiskmapError, match=why):
        read_records([tmp_path / "r.csv"], NETWORK.segments, system=None, rules=RULES)


def test_no_heading_names_two_columns() -> None:
    names = [name for words in WORDS.values() for name in words]
    assert len(names) == len(set(names))


# --- on the network ------------------------------------------------------------------------------


def snapped(network: Network, *rows: dict[str, object]) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    for name in ("road", "road_class"):
        table[name] = table.get(name, pd.Series("", index=table.index)).fillna("")
    return snap(table, network, RULES)


def test_a_crash_at_a_junction_is_the_junction_s_and_one_off_the_roads_is_nobody_s() -> None:
    found = snapped(NETWORK, row(10, 2), row(250, 4), row(250, -60), row(250, -5000))
    assert found["outcome"].tolist() == ["junction", "link", "off", "off"]
    assert found["junction"].tolist() == [0, -1, -1, -1]
    assert found["segment"].tolist()[2:] == [-1, -1]
    assert found["distance_m"].round(0).tolist()[:3] == [2, 4, 60]
    assert np.isnan(found["distance_m"].iloc[3])


def test_the_road_that_a_record_names_comes_before_a_nearer_one() -> None:
    near_school = row(6, 21)  # 6 m from 学院路, 21 m from 人民路
    found = snapped(NETWORK, near_school, {**near_school, "road": "人民路"})
    names = NETWORK.segments["name"].iloc[found["segment"]].tolist()
    assert names == ["学院路", "人民路"]


def test_a_record_that_names_another_road_is_doubtful_and_not_forced() -> None:
    found = snapped(NETWORK, row(250, 3, road="学院路"), row(250, 3, road="unheard of"))
    assert found["outcome"].tolist() == ["doubtful", "link"]


def test_a_record_of_another_class_of_road_is_doubtful() -> None:
    found = snapped(NETWORK, row(250, 3, road_class="residential"))
    assert found["outcome"].tolist() == ["doubtful"]


def test_a_yard_takes_a_crash_only_where_no_road_is_so_near() -> None:
    found = snapped(NETWORK, row(550, 22), row(550, 38))
    classes = NETWORK.segments["road_class"].iloc[found["segment"]].tolist()
    assert classes == ["primary", "service"]


def test_counts_are_whole_and_of_the_years_asked_for(tmp_path: Path) -> None:
    rows = [row(10, 2, date="2023-05-01"), row(250, 4), row(251, 4), row(250, -60)]
    pd.DataFrame(rows).to_csv(tmp_path / "r.csv", index=False)
    known = crashes.read([tmp_path / "r.csv"], NETWORK, system=None, rules=RULES)
    counts = crashes.counts(known, NETWORK)
    assert (counts.crashes["link"].sum(), counts.crashes["junction"].sum()) == (2, 1)
    assert counts.years == 2
    assert crashes.counts(known, NETWORK, first=2024, last=2024).total() == 2
    with pytest.raises(RiskmapError, match="none of 2010–2011; they cover 2023–2024"):
        crashes.counts(known, NETWORK, first=2010, last=2011)
    told = known.report[known.report["row"] > 0].set_index("row")
    assert told.loc[5, "outcome"] == "off"
    assert "60 m from the nearest road" in told.loc[5, "why_en"]
