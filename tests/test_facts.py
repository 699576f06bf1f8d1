"""Facts that the brigade states: by way id or by a line, checked, the last one counts."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from streets import CRS, extract, rules, street

from riskmap.coords import from_wgs84
from riskmap.errors import RiskmapError
from riskmap.facts import FACTS, FLAGS, RANGES, Facts, along, read_facts
from riskmap.segments import cut

X, Y = 500_000.0, 3_130_000.0  # a place in Jiangxi, in metres
# way 1 runs east, way 2 crosses it in its middle, way 3 runs beside it at 60 m
TOWN = extract([
    street((X, Y), (X + 400, Y), (X + 800, Y)),
    street((X + 400, Y - 400), (X + 400, Y), (X + 400, Y + 400)),
    street((X, Y + 60), (X + 800, Y + 60)),
])
ROADS = cut(TOWN, rules()).segments
WAY = ROADS["way_id"].to_numpy()
MIDDLE = shapely.get_coordinates(shapely.centroid(ROADS.geometry.to_numpy())) - (X, Y)
RULES = rules()["points"]


def _degrees(*corners: tuple[float, float], system: str = "wgs84") -> list[list[float]]:
    """Metres from the corner of the town as degrees."""
    points = shapely.points(np.add(corners, (X, Y)))
    there = gpd.GeoSeries(points, crs=CRS).to_crs("EPSG:4326")
    return np.stack(from_wgs84(there.x, there.y, system), axis=1).tolist()


def _line(*corners: tuple[float, float], system: str = "wgs84") -> str:
    return shapely.LineString(_degrees(*corners, system=system)).wkt


def _read(folder: Path, *lines: str, system: str | None = None) -> Facts:
    path = folder / "facts.csv"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return read_facts(path, ROADS, system=system, rules=rules())


def _rows(facts: Facts) -> pd.DataFrame:
    return facts.report[facts.report["row"] > 0]


def _of_way(way: int) -> list[int]:
    return np.flatnonzero(way == WAY).tolist()


@pytest.mark.parametrize("written", ["1", "w1", "W1", "1.0", " w1 "])
@pytest.mark.parametrize("heading", ["way_id", "way", "路段", "Way ID"])
def test_a_fact_holds_for_every_piece_of_its_way(
    tmp_path: Path, heading: str, written: str
) -> None:
    facts = _read(tmp_path, f"{heading},限速", f"{written},40")
    assert facts.table.index.tolist() == _of_way(1)
    assert facts.table["maxspeed_kph"].tolist() == [40.0] * len(_of_way(1))
    (row,) = _rows(facts).itertuples()
    assert (row.file, row.row, row.layer, row.name) == ("facts.csv", 2, "facts", "w1")
    assert (row.outcome, row.why_en) == ("read", f"applies to {len(_of_way(1))} pieces of road")


def test_every_fact_is_read_in_both_languages_and_what_is_not_stated_stays_unknown(
    tmp_path: Path,
) -> None:
    english = "way_id,maxspeed_kph,lit,guard_rail,width_m,lanes,aadt"
    chinese = "路段,限速(km/h),路灯,护栏,路宽（米）,车道数,日流量"  # noqa: RUF001  # as a keyboard writes it
    for heading in (english, chinese):
        facts = _read(tmp_path, heading, "1,60,有,no,6.5,2,3500", "2,,无,,,,", "3,,,yes,,,")
        assert tuple(facts.table) == FACTS
        first = facts.table.groupby(WAY[facts.table.index]).first()
        assert first[list(RANGES)].loc[1].tolist() == [60.0, 6.5, 2.0, 3500.0]
        assert first[list(RANGES)].loc[[2, 3]].isna().all(axis=None)
        lit, rail = (dict(zip(WAY[facts.table.index], facts.table[f], strict=True)) for f in FLAGS)
        assert (lit[1], lit[2], lit[3]) == (True, False, None)
        assert (rail[1], rail[2], rail[3]) == (False, None, True)
        assert [facts.table[name].dtype for name in FLAGS] == [object, object]
        assert all(facts.table[name].dtype == np.float64 for name in RANGES)


@pytest.mark.parametrize("system", ["wgs84", "gcj02", "bd09"])
def test_a_line_means_the_pieces_along_it_and_none_of_a_road_that_it_crosses(
    tmp_path: Path, system: str
) -> None:
    line = _line((195, 3), (805, -4), system=system)
    facts = _read(tmp_path, "line;crs;lit", f"{line};{system};yes")
    meant = [row for row in _of_way(1) if MIDDLE[row, 0] > 200]
    assert facts.table.index.tolist() == meant
    (row,) = _rows(facts).itertuples()
    assert row.outcome == ("read" if system == "wgs84" else "moved")
    assert row.why_en.endswith(f"applies to {len(meant)} pieces of road")
    middle = np.array(_degrees((500, 0))[0])
    assert np.allclose([row.lon, row.lat], middle, rtol=0, atol=1e-4)


def test_a_line_may_be_stated_by_its_two_ends(tmp_path: Path) -> None:
    ends = ",".join(f"{value!r}" for end in _degrees((400, -400), (400, 0)) for value in end)
    facts = _read(tmp_path, "经度1,纬度1,经度2,纬度2,车道数", f"{ends},2", f"{ends[:-2]}x,2")
    assert facts.table.index.tolist() == [row for row in _of_way(2) if MIDDLE[row, 1] < 0]
    assert _rows(facts)["why_en"].iloc[1] == "lon1, lat1, lon2, lat2 are not all numbers"


def test_a_way_and_a_line_are_the_pieces_of_that_way_along_that_line(tmp_path: Path) -> None:
    both = _line((0, 30), (410, 30))  # between ways 1 and 3, 30 m from each
    near = _line((0, 1), (410, 1))
    facts = _read(tmp_path, "way_id;line;lanes", f"3;{both};2", f"1;{near};3", f"2;{near};4")
    assert facts.table.index.tolist() == [row for row in _of_way(1) if MIDDLE[row, 0] < 400]
    assert _rows(facts)["outcome"].tolist() == ["dropped", "read", "dropped"]
    told = "the line lies along no road: draw it longer, along the road"
    assert _rows(facts)["why_en"].tolist()[::2] == [told, told]


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ((0, 14), (800, 14), True), ((0, 16), (800, 16), False),  # 15 m
        ((0, 0), (61, 0), True), ((0, 0), (40, 0), False),  # 60 % of the first 100 m
        ((0, -12), (52, 12), True), ((0, -14), (43, 14), False),  # turned by 25° and by 33°
    ],
)  # fmt: skip
def test_a_line_is_along_a_piece_by_distance_share_and_direction(
    start: tuple[float, float], end: tuple[float, float], *, found: bool
) -> None:
    piece = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (60, 0)])], crs=CRS)
    lines = np.array([shapely.LineString([start, end])], dtype=object)
    long = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (100, 0)])], crs=CRS)
    roads = long if start == (0, 0) else piece
    assert (len(along(roads, lines, RULES)[0]) == 1) == found


@given(st.floats(-np.pi, np.pi), st.floats(-500, 500), st.booleans())
def test_turning_moving_or_reversing_a_line_and_its_road_together_changes_nothing(
    angle: float, move: float, back: bool  # noqa: FBT001  # Hypothesis gives it
) -> None:
    roads = shapely.linestrings([[(0, 0), (90, 0)], [(45, -45), (45, 45)], [(0, 30), (90, 30)]])
    line = shapely.LineString([(-5, 2), (50, -3), (100, 4)])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = shapely.transform(np.array([*roads, line]), lambda xy: xy @ turn.T + move)
    drawn = shapely.reverse(moved[-1:]) if back else moved[-1:]
    table = gpd.GeoDataFrame(geometry=moved[:-1], crs=CRS)
    assert along(table, drawn, RULES)[1].tolist() == [0]


def test_a_bend_in_both_is_no_turn() -> None:
    bend = [(50 * np.cos(a), 50 * np.sin(a)) for a in np.linspace(0, np.pi * 0.9, 20)]
    table = gpd.GeoDataFrame(geometry=[shapely.LineString(bend)], crs=CRS)
    lines = np.array([shapely.LineString(np.array(bend) * 1.1)], dtype=object)
    assert len(along(table, lines, RULES)[0]) == 1


def test_later_rows_override_earlier_ones_fact_by_fact_and_the_report_says_so(
    tmp_path: Path,
) -> None:
    near = _line((0, 1), (205, 1))
    facts = _read(
        tmp_path, "way_id;line;限速;车道数", "1;;60;2", f";{near};40;", "2;;30;", "2;;30;1"
    )
    table = facts.table
    west = [row for row in _of_way(1) if MIDDLE[row, 0] < 200]
    east = [row for row in _of_way(1) if MIDDLE[row, 0] > 200]
    assert set(table.loc[west, "maxspeed_kph"]) == {40.0}
    assert set(table.loc[east, "maxspeed_kph"]) == {60.0}
    assert set(table.loc[west + east, "lanes"]) == {2.0}
    said = _rows(facts)["why_en"].tolist()
    assert said[0].endswith("; on some pieces row 3 counts instead for maxspeed_kph")
    assert said[2].endswith("; on some pieces row 5 counts instead for maxspeed_kph")
    assert "instead" not in said[1] + said[3]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("99,,40,,", "no road of this area has that way id"),
        ("x1,,40,,", "'x1' is no id of a way, such as w123"),
        ("1.5,,40,,", "'1.5' is no id of a way, such as w123"),
        (",,40,,", "names no road: state way_id, or draw a line"),
        ("1,,,,", "states no fact"),
        ("1,,4.9,,", "maxspeed_kph: '4.9' is no number in 5–130"),
        ("1,,131,,", "maxspeed_kph: '131' is no number in 5–130"),
        ("1,,fast,,", "maxspeed_kph: 'fast' is no number in 5–130"),
        ("1,,40,17,", "lanes: '17' is no number in 1–16"),
        ("1,,40,1.5,", "lanes: '1.5' is no number in 1–16"),
        ("1,,40,,maybe", "lit: 'maybe' is neither yes nor no"),
        (",POINT (117 28.29),40,,", "is no line"),
        (",LINESTRING,40,,", "'LINESTRING' is no shape in WKT"),
        (",LINESTRING EMPTY,40,,", "no coordinates"),
    ],
)
def test_a_row_that_cannot_be_used_is_dropped_with_the_reason(
    tmp_path: Path, row: str, why: str
) -> None:
    facts = _read(tmp_path, "way_id,line,限速,lanes,lit", row, "2,,50,,")
    assert _rows(facts)["outcome"].tolist() == ["dropped", "read"]
    assert _rows(facts)["why_en"].iloc[0] == why
    assert facts.table.index.tolist() == _of_way(2)


@pytest.mark.parametrize("fact", list(RANGES))
def test_the_ends_of_each_range_are_believed(tmp_path: Path, fact: str) -> None:
    least, most = RANGES[fact]
    facts = _read(tmp_path, f"way_id,{fact}", f"1,{least}", f"2,{most}", f"3,{most * 1.01 + 1}")
    assert set(facts.table[fact]) == {least, most}


def test_a_system_may_stand_beside_the_file_or_be_an_option_and_else_wgs84_is_told(
    tmp_path: Path,
) -> None:
    lines = ["line;lit", f"{_line((0, 0), (400, 0), system='bd09')};no"]
    assert _read(tmp_path, *lines).table.empty
    assert _read(tmp_path, *lines, system="bd09").table["lit"].tolist() == [False] * 4
    (tmp_path / "facts.toml").write_text('crs = "百度"', encoding="utf-8")
    facts = _read(tmp_path, *lines, system="gcj02")
    assert facts.table["lit"].tolist() == [False] * 4
    assert "note" not in set(facts.report["outcome"])
    (tmp_path / "facts.toml").unlink()
    line = _line((0, 0), (400, 0))
    facts = _read(tmp_path, "line;lit;way_id", f"{line};no;", ";yes;2")
    notes = facts.report[facts.report["row"] == 0]["why_en"].tolist()
    assert [note.split(" If")[0] for note in notes] == [
        "1 rows state no coordinate system: WGS 84 is taken."
    ]


def test_facts_may_stand_in_a_workbook_or_be_drawn_as_lines(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["路段", "限速", "路灯"], [1, 40, True], [2, None, "无"]):
        book.active.append(row)
    book.save(tmp_path / "facts.xlsx")
    table = read_facts(tmp_path / "facts.xlsx", ROADS, system=None, rules=rules()).table
    assert table.index.tolist() == sorted(_of_way(1) + _of_way(2))
    assert table.loc[_of_way(1)[0]].dropna().to_dict() == {"maxspeed_kph": 40.0, "lit": True}
    drawn = gpd.GeoDataFrame(
        {"lanes": [2]}, geometry=[shapely.LineString([(X, Y), (X + 800, Y)])], crs=CRS
    )
    drawn.to_file(tmp_path / "facts.gpkg", driver="GPKG")
    table = read_facts(tmp_path / "facts.gpkg", ROADS, system=None, rules=rules()).table
    assert table.index.tolist() == _of_way(1)


def test_a_file_without_rows_states_nothing(tmp_path: Path) -> None:
    facts = _read(tmp_path, "way_id,lit")
    assert facts.table.empty
    assert tuple(facts.table) == FACTS
    assert facts.report["why_en"].tolist() == ["holds a heading and no rows"]


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RiskmapError, match=r"facts\.csv: no row names its columns"):
        _read(tmp_path, "a,b", "1,2")


CELLS = ["", "1", "2", "w3", "40", "999", "yes", "有", "无", "x", "1e400", "nan", "="]


@given(st.lists(st.lists(st.sampled_from(CELLS), min_size=4, max_size=4), max_size=6))
def test_every_row_that_says_anything_is_reported_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    lines = [",".join(row) for row in rows]
    facts = _read(tmp_path_factory.mktemp("any"), "way_id,限速,lit,note", *lines)
    said = [n for n, row in enumerate(rows, 2) if any(row)]
    assert _rows(facts)["row"].tolist() == said
    used = _rows(facts)["outcome"] == "read"
    assert (_rows(facts)["why_zh"] != "").all()
    assert facts.table.empty == (not used.any())
