"""The brigade's own counts and congestion: where, when and what; the last row counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from streets import CRS, extract, rules, street
from town import degrees, write

import riskmap
from riskmap.cli import main
from riskmap.coords import from_wgs84
from riskmap.errors import RiskmapError
from riskmap.locale import text
from riskmap.segments import cut
from riskmap.traffic import Traffic, hourly, nothing, read_traffic, shares

X, Y = 500_000.0, 3_130_000.0  # a place in Jiangxi, in metres
# way 1 runs east and crosses way 2 in a junction at (400, 0); way 3 runs beside it at 50 m, and
# ends where way 4, a large road, goes on. Every piece is 100 m long.
TOWN = extract([
    street((X, Y), (X + 400, Y), (X + 800, Y), name="人民路"),
    street((X + 400, Y - 400), (X + 400, Y), (X + 400, Y + 400), ref="S206;X12"),
    street((X, Y + 50), (X + 300, Y + 50), name="解放路"),
    street((X - 300, Y + 50), (X, Y + 50), highway="primary", name="环城路"),
])
RULES = rules()
ROADS = cut(TOWN, RULES)
WAY = ROADS.segments["way_id"].to_numpy()
MIDDLE = shapely.get_coordinates(shapely.centroid(ROADS.segments.geometry.to_numpy())) - (X, Y)
HEAD = "way_id,lon,lat,crs,name,days,hours,level,vehicles"
ALL = ("school", "workday", "weekend", "holiday")
DAYS = {day: number for number, day in enumerate(ALL)}


def _degrees(x: float, y: float, system: str = "wgs84") -> tuple[float, float]:
    """Metres from the corner of the town as degrees."""
    there = gpd.GeoSeries([shapely.Point(X + x, Y + y)], crs=CRS).to_crs("EPSG:4326")
    lon, lat = from_wgs84(there.x, there.y, system)
    return float(lon[0]), float(lat[0])


def _row(
    x: float | None = None,
    y: float | None = None,
    *,
    way: str = "",
    name: str = "",
    days: str = "school",
    hours: str = "8",
    level: str = "",
    vehicles: str = "",
) -> str:
    """A row under `HEAD`; with a level of 3 unless it says something."""
    at = "," if x is None or y is None else ",".join(map(repr, _degrees(x, y)))
    level = level or ("" if vehicles else "3")
    return f'{way},{at},wgs84,{name},{days},"{hours}",{level},{vehicles}'


def _read(folder: Path, *lines: str, head: str = HEAD, system: str | None = None) -> Traffic:
    path = folder / "traffic.csv"
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return read_traffic(path, ROADS, system=system, rules=RULES)


def _rows(traffic: Traffic) -> pd.DataFrame:
    return traffic.report[traffic.report["row"] > 0]


def _why(traffic: Traffic) -> str:
    (why,) = _rows(traffic)["why_en"]
    return str(why)


def _of_way(*ways: int) -> list[int]:
    return np.flatnonzero(np.isin(WAY, ways)).tolist()


def _places(traffic: Traffic) -> list[tuple[str, int]]:
    table = traffic.congestion
    return list(dict.fromkeys(zip(table["kind"], table["row"], strict=True)))


def _near(x: float, y: float) -> list[int]:
    """The piece of road with its middle there."""
    return np.flatnonzero(np.hypot(*(MIDDLE - (x, y)).T) < 1).tolist()


def _seen(traffic: Traffic) -> list[tuple[Any, ...]]:
    """Days, hours and levels of the one place that has any."""
    assert len(_places(traffic)) == 1
    return list(traffic.congestion[["days", "hours", "level"]].itertuples(index=False, name=None))


# --- where -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "ways"),
    [("1", [1]), ("w1", [1]), ("W1; w3", [1, 3]), ("1、3", [1, 3]), ("1 1", [1]), ("1.0", [1])],
)
def test_one_or_several_ways_mean_all_their_pieces(
    tmp_path: Path, written: str, ways: list[int]
) -> None:
    traffic = _read(tmp_path, _row(way=written))
    assert _places(traffic) == [("link", row) for row in _of_way(*ways)]
    assert _why(traffic) == f"applies to {len(_of_way(*ways))} pieces of road"


def test_of_several_ways_those_of_the_area_count_and_the_others_are_told(tmp_path: Path) -> None:
    traffic = _read(tmp_path, _row(way="1;77;99"))
    assert _places(traffic) == [("link", row) for row in _of_way(1)]
    assert _why(traffic).startswith("not in this area: w77, w99; ")


@pytest.mark.parametrize(
    ("x", "y", "place"),
    [
        (400 + 39, 0, ("junction", 0)), (400, -39, ("junction", 0)),  # 40 m
        (400 + 41, 0, ("link", _near(450, 0)[0])),
        (150, -29, ("link", _near(150, 0)[0])),  # 30 m
        (150, 26, ("link", _near(150, 50)[0])),  # 24 m against 26 m
        (150, -31, None),
    ],
)  # fmt: skip
def test_a_point_is_the_nearest_junction_else_the_nearest_road(
    tmp_path: Path, x: float, y: float, place: tuple[str, int] | None
) -> None:
    traffic = _read(tmp_path, _row(x, y))
    assert _places(traffic) == ([place] if place else [])
    if place is None:
        assert _why(traffic) == "no junction within 40 m and no road within 30 m"
        assert _rows(traffic)["outcome"].tolist() == ["dropped"]
    elif place[0] == "junction":
        assert _why(traffic) == "taken to be the junction 39 m away"
    else:
        assert _why(traffic).startswith(f"taken to be on {'人民路' if y < 26 else '解放路'}; ")


@pytest.mark.parametrize(
    ("name", "place", "other"),
    [
        ("", ("link", _near(150, 50)[0]), False),
        ("人民路", ("link", _near(150, 0)[0]), False),
        ("人民路东段", ("link", _near(150, 0)[0]), False),
        ("人民", ("link", _near(150, 0)[0]), False),
        ("解放路", ("link", _near(150, 50)[0]), False),
        ("中山路", ("link", _near(150, 50)[0]), True),
        ("路", ("link", _near(150, 50)[0]), True),
    ],
)
def test_a_name_chooses_among_roads_that_lie_near(
    tmp_path: Path, name: str, place: tuple[str, int], *, other: bool
) -> None:
    traffic = _read(tmp_path, _row(150, 27, name=name))
    assert _places(traffic) == [place]
    assert ("no road near bears the name" in _why(traffic)) == other


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("", ("junction", 0)), ("人民路", ("junction", 0)), ("人民路/S206", ("junction", 0)),
        ("S206 km 3", ("junction", 0)), ("X12", ("junction", 0)), ("中山路", ("junction", 0)),
        ("解放路", ("link", _near(250, 50)[0])),
    ],
)  # fmt: skip
def test_a_junction_of_other_roads_gives_way_to_the_road_that_is_named(
    tmp_path: Path, name: str, place: tuple[str, int]
) -> None:
    # near the junction of ways 1 and 2, and as near the end of way 3 at (300, 50) as it gets
    near = {"traffic": {"junction_m": 90.0, "road_m": 60.0}}
    path = tmp_path / "traffic.csv"
    path.write_text(f"{HEAD}\n{_row(330, 30, name=name)}\n", encoding="utf-8")
    traffic = read_traffic(path, ROADS, system=None, rules=rules(**near))
    assert _places(traffic) == [place]


def test_a_number_of_a_road_is_no_part_of_another_number(tmp_path: Path) -> None:
    for name, other in (("S206", False), ("s 206", False), ("S2061", True), ("XS206", True)):
        traffic = _read(tmp_path, _row(400, 0, name=name, vehicles="5"))
        assert ("no road near" in _why(traffic)) == other


def test_where_pieces_meet_the_point_is_on_the_larger_road(tmp_path: Path) -> None:
    assert _places(_read(tmp_path, _row(0, 50))) == [("link", _near(-50, 50)[0])]


def test_vehicles_counted_at_a_point_passed_the_road_up_to_the_next_junctions(
    tmp_path: Path,
) -> None:
    west = [row for row in _of_way(1) if MIDDLE[row, 0] < 400]
    assert len(west) == 4
    for x in (150, 395):  # even beside the junction they are counted on a road
        traffic = _read(tmp_path, _row(x, -4, vehicles="640"))
        assert traffic.counts["row"].tolist() == west
        assert _why(traffic) == "taken to be on 人民路; applies to 4 pieces of road"
        assert traffic.congestion.empty


def test_a_way_and_a_point_are_the_piece_of_that_way_at_the_point(tmp_path: Path) -> None:
    traffic = _read(tmp_path, _row(150, 27, way="1"), _row(395, 0, way="1"), _row(150, 27, way="2"))
    assert _places(traffic) == [("link", _near(150, 0)[0]), ("link", _near(350, 0)[0])]
    assert _rows(traffic)["why_en"].iloc[2] == "no road that it could mean within 30 m"


def test_a_line_means_the_pieces_along_it_as_for_facts(tmp_path: Path) -> None:
    ends = [_degrees(195, 3), _degrees(805, -4)]
    shape = shapely.LineString(ends).wkt
    flat = ",".join(repr(value) for end in ends for value in end)
    meant = [("link", row) for row in _of_way(1) if MIDDLE[row, 0] > 200]
    drawn = _read(tmp_path, f"{shape};8;3", head="line;hours;level")
    assert _places(drawn) == meant
    stated = _read(tmp_path, f"{flat},8,3", head="lon1,lat1,lon2,lat2,hours,level")
    assert _places(stated) == meant
    of_way = _read(tmp_path, f"2;{shape};8;3", f"1;{shape};8;3", head="way_id;line;hours;level")
    assert _rows(of_way)["outcome"].tolist() == ["dropped", "read"]
    assert _places(of_way) == meant


def test_a_gbk_list_with_chinese_headings_in_gcj02_lands_on_the_right_road(tmp_path: Path) -> None:
    lon, lat = _degrees(150, -4, "gcj02")
    head = "路名,经度(GCJ-02),纬度(GCJ-02),日期类型,时段,拥堵等级,流量（辆/小时）"  # noqa: RUF001  # as a keyboard writes it
    path = tmp_path / "traffic.csv"
    rows = f"{head}\n人民路,{lon!r},{lat!r},上学日,07:30-09:00,严重拥堵,\n"
    rows += f"人民路,{lon!r},{lat!r},上学日,8时,,640\n"
    path.write_bytes(rows.encode("gbk"))
    traffic = read_traffic(path, ROADS, system=None, rules=RULES)
    assert _places(traffic) == [("link", _near(150, 0)[0])]
    assert _seen(traffic) == [(("school",), ((7.5, 9.0),), 3)]
    assert set(traffic.counts["vehicles"]) == {640.0}
    assert _rows(traffic)["outcome"].tolist() == ["moved", "moved"]
    assert traffic.report["why_zh"].iloc[0] == text("import.note.gbk", "zh")
    assert np.allclose(_rows(traffic)[["lon", "lat"]], _degrees(150, -4), rtol=0, atol=1e-8)


def test_a_workbook_is_read_too_with_times_as_excel_keeps_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["路编号", "日期类型", "时段", "拥堵等级", "流量"])
    book.active.append([3, "周末", 8, 2, None])
    book.active.append(["w3", "周末", pd.Timestamp("2026-01-01 08:00").time(), None, 12])
    book.save(tmp_path / "traffic.xlsx")
    traffic = read_traffic(tmp_path / "traffic.xlsx", ROADS, system=None, rules=RULES)
    assert set(traffic.congestion["hours"]) == {((8.0, 9.0),)}
    assert set(zip(traffic.counts["day"], traffic.counts["hour"], strict=True)) == {(2, 8)}


# --- when --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("", ALL), ("all", ALL), ("每天", ALL), ("school", ("school",)), ("上学日", ("school",)),
        ("workday", ("school", "workday")), ("工作日", ("school", "workday")),
        ("Weekend", ("weekend",)), ("周末", ("weekend",)), ("节假日", ("holiday",)),
        ("节前", ("eve",)), ("weekend; eve", ("weekend", "eve")),
        ("周末、节假日", ("weekend", "holiday")),
    ],
)  # fmt: skip
def test_a_workday_may_be_a_school_day_and_a_weekend_is_no_holiday(
    tmp_path: Path, written: str, days: tuple[str, ...]
) -> None:
    assert _seen(_read(tmp_path, _row(400, 0, days=written))) == [(days, ((8.0, 9.0),), 2)]


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("07:30-09:00; 17:00-18:30", ((7.5, 9), (17, 18.5))),
        ("17:00-18:30，7:30～9:00", ((7.5, 9), (17, 18.5))),  # noqa: RUF001  # as a keyboard writes it
        ("8", ((8, 9),)), ("08:00", ((8, 9),)), ("8点", ((8, 9),)), ("08:30", ((8.5, 9.5),)),
        ("0", ((0, 1),)), ("23", ((23, 24),)), ("23:30", ((0, 0.5), (23.5, 24))),
        ("8-9", ((8, 9),)), ("8至9时", ((8, 9),)), ("7时15分—9点", ((7.25, 9),)),
        ("22:00-02:00", ((0, 2), (22, 24))), ("22 - 24:00", ((22, 24),)), ("22-0", ((22, 24),)),
        ("7-9; 8-10", ((7, 10),)), ("7-8; 8-9", ((7, 9),)), ("7-9; 8", ((7, 9),)),
        ("0-24", ((0, 24),)), ("全天", ((0, 24),)), ("all day", ((0, 24),)),
    ],
)  # fmt: skip
def test_windows_of_the_day_are_joined_and_may_pass_midnight(
    tmp_path: Path, written: str, hours: tuple[tuple[float, float], ...]
) -> None:
    assert _seen(_read(tmp_path, _row(400, 0, hours=written))) == [(("school",), hours, 2)]


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        ("8", [8]), ("07:30-09:00", [7, 8]), ("07:31-09:00", [8]), ("7:00-7:30", [7]),
        ("7:00-7:15; 7:45-8:00", [7]), ("23:30-00:29", [23]), ("23:30-00:30", [0, 23]),
        ("全天", list(range(24))),
    ],
)  # fmt: skip
def test_an_hour_is_counted_if_half_of_it_was(
    tmp_path: Path, written: str, counted: list[int]
) -> None:
    traffic = _read(tmp_path, _row(way="3", hours=written, vehicles="90", days="weekend"))
    table = traffic.counts
    assert table.dtypes.to_dict() == {
        "row": np.int64, "day": np.int64, "hour": np.int64, "vehicles": np.float64
    }  # fmt: skip
    assert sorted(set(table["hour"])) == counted
    assert set(table["day"]) == {DAYS["weekend"]}
    assert set(table["vehicles"]) == {90.0}
    assert len(table) == len(counted) * len(_of_way(3))


def test_a_count_of_an_eve_alone_is_dropped_and_beside_other_days_left_out(tmp_path: Path) -> None:
    rows = [_row(way="3", days=days, vehicles="9") for days in ("eve", "eve; holiday")]
    traffic = _read(tmp_path, *rows)
    assert _rows(traffic)["outcome"].tolist() == ["dropped", "read"]
    assert all("the eve is left out" in why for why in _rows(traffic)["why_en"])
    assert set(traffic.counts["day"]) == {DAYS["holiday"]}


# --- what --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("free", 0), ("畅通", 0), ("1", 0), ("slow", 1), ("缓行", 1), ("2", 1), ("JAM", 2),
        ("拥堵", 2), ("３", 2), ("severe", 3), ("严重拥堵", 3), ("4", 3),  # noqa: RUF001  # full width
    ],
)  # fmt: skip
def test_levels_are_words_or_numbers_from_1(tmp_path: Path, written: str, level: int) -> None:
    assert _seen(_read(tmp_path, _row(400, 0, level=written)))[0][2] == level


def test_the_ends_of_what_is_believed_of_vehicles_are_believed(tmp_path: Path) -> None:
    for vehicles in ("0", "30000"):
        traffic = _read(tmp_path, _row(way="3", vehicles=vehicles))
        assert set(traffic.counts["vehicles"]) == {float(vehicles)}


# --- rows that differ --------------------------------------------------------------------------


def test_the_later_row_counts_hour_by_hour_and_the_report_says_so(tmp_path: Path) -> None:
    traffic = _read(
        tmp_path,
        _row(way="1;3", hours="7-10", days="workday", vehicles="100"),
        _row(way="3", hours="8", days="school", vehicles="300"),
        _row(way="3", hours="9", days="workday", vehicles="100"),
    )
    counts = traffic.counts.set_index(["row", "day", "hour"])["vehicles"]
    third, first = _of_way(3)[0], _of_way(1)[0]
    assert [counts[third, 0, hour] for hour in (7, 8, 9)] == [100, 300, 100]
    assert [counts[third, 1, hour] for hour in (7, 8, 9)] == [100, 100, 100]
    assert [counts[first, 0, hour] for hour in (7, 8, 9)] == [100, 100, 100]
    assert not counts.index.has_duplicates
    said = _rows(traffic)["why_en"].tolist()
    assert said[0].endswith("; at some of its hours row 3 counts instead")
    assert "instead" not in said[1] + said[2]


def test_a_later_level_cuts_into_the_windows_of_an_earlier_one(tmp_path: Path) -> None:
    traffic = _read(
        tmp_path,
        _row(400, 0, days="workday", hours="7-10", level="3"),
        _row(400, 0, days="school", hours="07:30-08:15", level="4"),
        _row(way="3", days="school", hours="8", level="1"),
    )
    junction = traffic.congestion[traffic.congestion["kind"] == "junction"]
    assert list(junction[["days", "hours", "level"]].itertuples(index=False, name=None)) == [
        (("school",), ((7.0, 7.5), (8.25, 10.0)), 2),
        (("workday",), ((7.0, 10.0),), 2),
        (("school",), ((7.5, 8.25),), 3),
    ]
    said = _rows(traffic)["why_en"].tolist()
    assert [why.count("row 3 counts instead") for why in said] == [1, 0, 0]


def test_a_count_and_a_level_of_one_place_do_not_contradict_each_other(tmp_path: Path) -> None:
    traffic = _read(tmp_path, _row(way="3"), _row(way="3", vehicles="9"))
    assert len(_places(traffic)) == len(_of_way(3)) == len(traffic.counts)
    assert not _rows(traffic)["why_en"].str.contains("instead").any()


SAID = st.tuples(
    st.sampled_from(["1", "2", "1;2"]),
    st.sampled_from(["school", "workday", "all", "eve;weekend"]),
    st.sampled_from(["7-9", "8", "08:30-10:15", "22-7:20", "全天"]), st.integers(1, 4),
)  # fmt: skip


@settings(max_examples=20)
@given(st.lists(SAID, min_size=1, max_size=5))
def test_at_any_minute_a_place_has_the_level_of_the_last_row_that_speaks_of_it(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str, str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    rows = [_row(way=way, days=days, hours=h, level=str(level)) for way, days, h, level in said]
    traffic = _read(folder, *rows)
    alone = [_read(folder, row).congestion for row in rows]

    def at(table: pd.DataFrame, row: int, day: str, hour: float) -> list[int]:
        return [
            found.level
            for found in table[table["row"] == row].itertuples()
            if day in found.days and any(start <= hour < end for start, end in found.hours)
        ]

    for row in (_of_way(1)[0], _of_way(2)[0]):
        for day in (*ALL, "eve"):
            for hour in (0.0, 7.25, 7.5, 8.5, 9.0, 10.0, 22.0, 23.9):
                wanted = [level for one in alone for level in at(one, row, day, hour)]
                assert at(traffic.congestion, row, day, hour) == wanted[-1:]


# --- what cannot be used -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (_row(), "names no place: state way_id, or lon and lat"),
        (_row(way="x1"), "'x1' is no id of a way, such as w123"),
        (_row(way="1;1.5"), "'1;1.5' is no id of a way, such as w123"),
        (_row(way="99"), "no road of this area has that way id"),
        (_row(way="1", level="5"), "level '5' is not understood: write free, slow, jam or severe"),
        (_row(way="1", level="2.5"), "level '2.5' is not understood"),
        (_row(way="1", level="bad"), "level 'bad' is not understood"),
        (_row(way="1", vehicles="many"), "vehicles: 'many' is no number an hour in 0–30000"),
        (_row(way="1", vehicles="-1"), "vehicles: '-1' is no number an hour in 0–30000"),
        (_row(way="1", vehicles="30001"), "vehicles: '30001' is no number an hour in 0–30000"),
        (_row(way="1", vehicles="nan"), "vehicles: 'nan' is no number an hour in 0–30000"),
        (_row(way="1", level="3", vehicles="5"), "states both a level and vehicles"),
        ("1,,,,,,8,,", "states neither a level nor vehicles"),
        (_row(way="1", hours=""), "states no hours: write 07:30-09:00, or all"),
        *(
            (_row(way="1", hours=wrong), f"hours '{wrong}' are not understood: write 07:30-09:00")
            for wrong in ("25:00", "9-", "-9", "9-9", "24:00", "24:00-1:00", "8:60", "noon",
                          "8-9-10", "24:01", "8小时", "0.3333", "8:5", "7-9; 25")
        ),
        (_row(way="1", hours="7:00-7:29", vehicles="5"), "covers 30 minutes of no hour"),
        (_row(way="1", days="monday"), "days 'monday' are not understood: write school, workday"),
        (_row(way="1", days="school;x"), "days 'school;x' are not understood"),
        (_row(150, 1500), "no junction within 40 m and no road within 30 m"),
        (_row(150, 1500, vehicles="5"), "no road that it could mean within 30 m"),
        (_row(150, 8000), "8 km or more from the nearest road: not in this area"),
        (",0,0,,,,8,3,", "coordinates are 0/0"),
        (",28.29,117.0,,,,8,3,", "longitude 28.29000, latitude 117.00000: swapped? exchange them"),
        (",x,28.3,,,,8,3,", "'x' is no number of degrees"),
        (",117,,,,,8,3,", "no coordinates"),
        (",117,28.29,火星2,,,8,3,", "coordinate system '火星2' is not known"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_dropped_with_the_reason(
    tmp_path: Path, row: str, why: str
) -> None:
    traffic = _read(tmp_path, row, _row(way="2"))
    assert _rows(traffic)["outcome"].tolist() == ["dropped", "read"]
    assert _rows(traffic)["why_en"].iloc[0].startswith(why)
    assert _rows(traffic)["why_zh"].iloc[0] != ""
    assert _places(traffic) == [("link", row) for row in _of_way(2)]
    assert traffic.counts.empty


def test_a_polygon_is_no_place_of_a_record(tmp_path: Path) -> None:
    shape = shapely.box(*_degrees(0, 0), *_degrees(90, 90)).wkt
    traffic = _read(tmp_path, f"{shape};8;3", head="wkt;hours;level")
    assert _why(traffic) == "is neither a point nor a line"


def test_a_list_in_another_system_than_it_says_is_suspected(tmp_path: Path) -> None:
    places = [(150, 0), (250, 0), (400, 300), (400, -300), (600, 0)]
    rows = [",".join(map(repr, _degrees(*xy, "gcj02"))) + ",8,3" for xy in places]
    wrong = _read(tmp_path, *rows, head="lon,lat,hours,level")
    notes = wrong.report[wrong.report["row"] == 0]["why_en"]
    assert notes.str.contains('state crs = "gcj02"').sum() == 1
    right = _read(tmp_path, *rows, head="lon,lat,hours,level", system="gcj02")
    assert "note" not in set(right.report["outcome"])
    assert len(_places(right)) == 5


def test_a_file_without_rows_says_nothing_and_one_without_anything_is_an_error(
    tmp_path: Path,
) -> None:
    traffic = _read(tmp_path)
    assert traffic.report["why_en"].tolist() == ["holds a heading and no rows"]
    for found in (traffic, nothing()):
        assert tuple(found.counts) == ("row", "day", "hour", "vehicles")
        assert tuple(found.congestion) == ("kind", "row", "days", "hours", "level")
        assert len(found.counts) == len(found.congestion) == 0
    (tmp_path / "traffic.csv").write_text("", encoding="utf-8")
    with pytest.raises(RiskmapError, match=r"traffic\.csv: is empty"):
        read_traffic(tmp_path / "traffic.csv", ROADS, system=None, rules=RULES)
    with pytest.raises(RiskmapError, match=r"traffic\.csv: no row names its columns"):
        _read(tmp_path, "1,2", head="a,b")


CELLS = ["", "1", "w2", "117", "28.29", "school", "8", "7-9", "9-", "jam", "5", "nan", "=", "-1"]


@given(st.lists(st.lists(st.sampled_from(CELLS), min_size=9, max_size=9), max_size=6))
def test_every_row_that_says_anything_is_reported_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    traffic = _read(tmp_path_factory.mktemp("any"), *(",".join(row) for row in rows))
    said = [number for number, row in enumerate(rows, 2) if any(row)]
    assert _rows(traffic)["row"].tolist() == said
    assert (_rows(traffic)["why_zh"] != "").all()
    used = _rows(traffic)["outcome"].isin(["read", "moved"]).any()
    assert used == (len(traffic.counts) + len(traffic.congestion) > 0)


# --- hours that nobody counted -----------------------------------------------------------------


def _shares(prior: list[float], counts: list[float]) -> list[float]:
    return shares(np.array(prior), np.array(counts), least=0.33, most=3.0).tolist()


NONE = float("nan")


@pytest.mark.parametrize(
    ("prior", "counts", "found"),
    [
        ([10, 20, 30], [NONE, 30, 20], [10, 30, 20]),  # 50 of 50
        ([10, 20, 30], [NONE, 40, NONE], [20, 40, 60]),
        ([10, 20, 30], [NONE, 100, NONE], [30, 100, 90]),  # held at 3
        ([10, 20, 30], [NONE, 1, NONE], [3.3, 1, 9.9]),  # held at 0.33
        ([10, 20, 30], [NONE, 0, NONE], [3.3, 0, 9.9]),
        ([10, 20, 30], [NONE, NONE, NONE], [10, 20, 30]),
        ([10, 0, 30], [NONE, 5, NONE], [30, 5, 90]),  # the prior has none there
        ([10, 0, 30], [NONE, 0, NONE], [10, 0, 30]),
        ([0, 0, 0], [NONE, 5, NONE], [0, 5, 0]),
        ([10, 20, 30], [1, 2, 3], [1, 2, 3]),
    ],
)
def test_hours_that_nobody_counted_follow_the_counted_ones(
    prior: list[float], counts: list[float], found: list[float]
) -> None:
    assert _shares(prior, counts) == pytest.approx(found)


FLOWS = hnp.arrays(np.float64, (3, 8), elements=st.floats(0, 1e5))


@given(FLOWS, FLOWS, hnp.arrays(np.bool_, (3, 8)))
def test_counts_stand_as_they_are_and_each_place_is_on_its_own(
    prior: np.ndarray, counts: np.ndarray, known: np.ndarray
) -> None:
    told = np.where(known, counts, np.nan)
    found = shares(prior, told, least=0.33, most=3.0)
    assert np.array_equal(found[known], counts[known])
    rest = found[~known]
    assert (rest >= 0.33 * prior[~known] * (1 - 1e-12)).all()
    assert (rest <= 3.0 * prior[~known] * (1 + 1e-12)).all()
    for row in range(3):
        alone = shares(prior[row], told[row], least=0.33, most=3.0)
        assert np.array_equal(alone, found[row])


def test_counts_spread_out_to_96_hours(tmp_path: Path) -> None:
    traffic = _read(
        tmp_path,
        _row(way="3", days="weekend", hours="8", vehicles="90"),
        _row(way="1", days="school", hours="0", vehicles="7"),
    )
    rows, table = hourly(traffic.counts)
    assert rows.tolist() == _of_way(1, 3)
    assert table.shape == (len(rows), 96)
    third = np.isin(rows, _of_way(3))
    assert (table[third, 2 * 24 + 8] == 90).all()
    assert (table[~third, 0] == 7).all()
    assert (~np.isnan(table)).sum() == len(rows)
    assert hourly(nothing().counts)[1].shape == (0, 96)


# --- from end to end ---------------------------------------------------------------------------

ROWS = "路编号,时段,拥堵等级,流量\nw11,7-9,拥堵,\nw11,8,,90\nw12,8,拥堵,\n"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """One road of 90 m."""
    return write(
        tmp_path / "town.osm", {1: (0, 0), 2: (90, 0)}, {11: ([1, 2], {"highway": "secondary"})}
    )


def test_records_are_taken_by_option_by_project_and_among_the_lists(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "lists" / "traffic.csv"
    own.parent.mkdir()
    own.write_text(ROWS, encoding="utf-8")
    project = tmp_path / "area.toml"
    project.write_text('extract = "town.osm"\ntraffic = "lists/traffic.csv"\n', encoding="utf-8")
    found = [
        riskmap.assess(town, traffic=own, cache=False),
        riskmap.assess(project, cache=False),
        riskmap.assess(town, points=own.parent, cache=False),
    ]
    for area in found:
        assert area.report["layer"].tolist() == ["traffic"] * 3
        assert area.report["outcome"].tolist() == ["read", "read", "dropped"]
    written = tmp_path / "new.toml"
    assert main(["init", str(town), "-o", str(written), "--traffic", str(own)]) == 0
    assert 'traffic = "lists/traffic.csv"' in written.read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["points", str(town), "--traffic", str(own), "--lang", "en"]) == 0
    assert "traffic.csv:4  traffic  w12  dropped  no road of this area" in capsys.readouterr().out


def test_a_point_with_its_numbers_exchanged_is_told_where_both_ways_are_on_earth(
    town: Path, tmp_path: Path
) -> None:
    lon, lat = degrees(45.0, 0.0)
    own = tmp_path / "own.csv"
    own.write_text(f"lon,lat,hours,level\n{lat},{lon},8,3\n{lon},{lat},8,3\n", encoding="utf-8")
    report = riskmap.assess(town, traffic=own, cache=False).report
    why = report[report["row"] > 0]["why_en"].tolist()
    assert why[0] == f"longitude {lat:.5f}, latitude {lon:.5f}: swapped? exchange them"
    assert why[1] == "taken to be on w11; applies to 1 pieces of road"


def test_a_change_of_the_records_is_a_new_result(town: Path, tmp_path: Path) -> None:
    keys = set()
    for rows in (None, ROWS, f"{ROWS}w11,9,2,\n"):
        own = tmp_path / "own.csv"
        if rows:
            own.write_text(rows, encoding="utf-8")
        area = riskmap.assess(town, traffic=own if rows else None, cache=tmp_path / "kept")
        keys.add(area.key)
    assert len(keys) == 3


def test_two_files_of_traffic_are_refused(town: Path, tmp_path: Path) -> None:
    folder = tmp_path / "points"
    folder.mkdir()
    for name in ("traffic.csv", "traffic.xlsx"):
        (folder / name).write_text(ROWS, encoding="utf-8")
    with pytest.raises(RiskmapError, match=r"holds traffic.* keep one .* --traffic"):
        riskmap.assess(town, points=folder, cache=False)
