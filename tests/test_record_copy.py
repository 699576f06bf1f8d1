"""Crash records that are handed in: the copy says the same of the roads, and nothing of persons."""

import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_records import NETWORK, RULES, lonlat, row

from riskmap import record_copy
from riskmap.crashes import Crashes, read
from riskmap.errors import RiskmapError
from riskmap.record_copy import Copy, again, copied, folder_of, keep, kept, remove

IDENTITY, MOBILE, PLATE = "36068119900307421X", "13907010123", "赣L12345"
PERSONS = {
    "姓名": "张三丰", "车牌号": PLATE, "身份证号": IDENTITY, "联系电话": MOBILE,
    "驾驶证号": IDENTITY, "家庭住址": "人民路8号3栋201室", "年龄": "34", "性别": "男",
}  # fmt: skip


def handed_in(rows: list[dict[str, object]], name: str = "records.csv", **options: object) -> Copy:
    content = pd.DataFrame(rows).to_csv(index=False).encode()
    return copied(name, content, NETWORK, **{"system": None, "rules": RULES} | options)  # type: ignore[arg-type]


def everything(copy: Copy) -> str:
    """All that a copy holds, says or shows."""
    tables = [copy.found.table, copy.found.report]
    shown = [table.to_csv() for table in tables]
    return "\n".join([copy.content.decode(), *shown, str(copy.columns), str(copy.found.notes)])


def project(folder: Path, line: str = "") -> Path:
    (folder / "town.osm").write_text("<osm/>", encoding="utf-8")
    path = folder / "area.toml"
    path.write_text(f'extract = "town.osm"\n{line}\n', encoding="utf-8")
    return path


def known(rows: list[dict[str, object]], folder: Path) -> Crashes:
    path = folder / "others.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return read([path], NETWORK, system=None, rules=RULES)


# --- privacy -------------------------------------------------------------------------------------


def test_columns_about_persons_are_not_in_the_copy() -> None:
    copy = handed_in([row() | PERSONS])
    for heading, value in PERSONS.items():
        assert heading not in everything(copy)
        if len(value) > 2:
            assert value not in everything(copy)
    assert set(copy.columns) == {"lon", "lat", "date", "severity"}


@pytest.mark.parametrize(
    "column",
    ["type", "road", "road_class", "parties", "severity", "hour", "date", "year", "month",
     "weekday", "id", "killed", "injured", "lon", "lat", "坐标", "wkt", "坐标系"],
)  # fmt: skip
@settings(max_examples=10)
@given(st.data())
def test_what_names_a_person_survives_in_no_column(column: str, data: st.DataObject) -> None:
    secrets = st.sampled_from([IDENTITY, MOBILE, PLATE, "driver@example.org"])
    before = st.sampled_from(["", "追尾 ", "撞", "x ", "POINT (", "1, "])
    after = st.sampled_from(["", " 电动车", "、", ")", " 2)"])
    cells = data.draw(st.lists(st.tuples(before, secrets, after), min_size=1, max_size=30))
    rows = [row(60.0 + n) | {column: "".join(cell)} for n, cell in enumerate(cells)]
    copy = handed_in([row(), *rows])
    held = everything(copy)
    assert [secret for _, secret, _ in cells if secret in held] == []
    assert len(copy.found.report[copy.found.report["row"] > 0]) == len(cells) + 1


def test_of_the_parties_only_their_kind_stays() -> None:
    copy = handed_in([row(parties="张三驾驶小客车与李四骑电动自行车")])
    assert copy.found.table["parties"].tolist() == ["小客车;电动自行车"]
    assert "张三" not in everything(copy)


def test_a_name_in_a_cell_of_another_kind_is_not_kept() -> None:
    columns = ("type", "road", "date", "hour", "weekday", "year", "month", "killed", "crs")
    for column in columns:
        copy = handed_in([row(), row(80.0, **{"year": 2024, column: "张三丰追尾"})])
        assert "张三" not in everything(copy), column


def test_of_the_type_its_words_stay_and_of_the_roads_those_of_the_map() -> None:
    told = "张三驾驶小客车 Rear-end collision, 追尾碰撞行人"
    copy = handed_in([row(type=told, road="人民路"), row(80.0, road="张三家门口")])
    found = copy.found.table
    assert found["type"].tolist() == ["小客车;rear-end;collision;追尾;碰撞;行人", ""]
    assert found["road"].tolist() == ["人民路", ""]


def test_numbers_of_cases_are_counted_anew_and_still_find_what_is_there_twice() -> None:
    rows = [row(编号="360681-77"), row(80.0, 编号="360681-78"), row(120.0, 编号="360681-77")]
    copy = handed_in(rows)
    assert "360681" not in everything(copy)
    report = copy.found.report.set_index("row")
    assert report.loc[[2, 3, 4], "outcome"].tolist() == ["read", "read", "dropped"]


def test_a_place_that_is_a_story_is_blanked_and_its_row_reported() -> None:
    copy = handed_in([row(), row() | {"lon": "张三家门口"}])
    assert "张三" not in everything(copy)
    report = copy.found.report.set_index("row")
    assert report.loc[3, "outcome"] == "dropped"


def test_rows_that_held_something_personal_are_counted() -> None:
    copy = handed_in([row(), row(80.0, type=f"追尾 {MOBILE}"), row(120.0, type=f"侧翻 {PLATE}")])
    notes = copy.found.report.loc[copy.found.report["outcome"] == "note", "why_en"].tolist()
    assert any(note.startswith("2 rows held identity numbers") for note in notes)


def test_what_was_handed_in_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[Path] = []
    real = record_copy.tempfile.TemporaryDirectory

    def watched(**_where: object) -> object:
        made = real(dir=tmp_path)
        folders.append(Path(made.name))
        return made

    monkeypatch.setattr(record_copy.tempfile, "TemporaryDirectory", watched)
    handed_in([row() | PERSONS])
    with pytest.raises(RiskmapError):
        copied("broken.xlsx", b"PK\x03\x04" + MOBILE.encode(), NETWORK, system=None, rules=RULES)
    assert len(folders) == 2
    assert list(tmp_path.iterdir()) == []


# --- the copy says the same ----------------------------------------------------------------------


def test_the_copy_says_of_the_roads_what_the_file_says(tmp_path: Path) -> None:
    rows = [
        row(编号="a1", type="追尾", road="人民路"), row(300.0, -4.0, severity="死亡"),
        row(2.0, 400.0, date="2023-12-31 07:05"), row(5000.0, 5000.0), row(lon=0, lat=0),
    ]  # fmt: skip
    copy = handed_in(rows)
    path = tmp_path / "records.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    plain = read([path], NETWORK, system=None, rules=RULES)
    pd.testing.assert_frame_equal(copy.found.table, plain.table)
    pd.testing.assert_frame_equal(copy.found.report, plain.report, check_dtype=False)


def test_rows_keep_the_numbers_that_a_person_counts() -> None:
    cells = ["日期,经度,纬度", "", "", f"2024-03-05,{lonlat(50, 3)[0]},{lonlat(50, 3)[1]}", "",
             "2024-03-06,0,0"]  # fmt: skip
    content = ("单位报表,,\n\n" + "\n".join(cells) + "\n").encode("gb18030")
    copy = copied("表.csv", content, NETWORK, system=None, rules=RULES)
    report = copy.found.report[copy.found.report["row"] > 0].set_index("row")["outcome"]
    assert report.to_dict() == {6: "read", 8: "dropped"}
    assert copy.content.decode("utf-8-sig").split("\n")[7].endswith("0.0,0.0")


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_a_system_that_is_chosen_is_stated_in_the_copy(system: str, tmp_path: Path) -> None:
    lon, lat = lonlat(50.0, 3.0, system)
    copy = handed_in([row(lon=lon, lat=lat)], system=system)
    (tmp_path / copy.name).write_bytes(copy.content)
    kept_on = read([tmp_path / copy.name], NETWORK, system=None, rules=RULES).table.iloc[0]
    assert (kept_on["lon"], kept_on["lat"]) == pytest.approx(lonlat(50.0, 3.0), abs=1e-5)


@pytest.mark.parametrize("ending", [".xlsx", ".parquet"])
def test_excel_and_parquet_give_the_same_copy_as_csv(ending: str) -> None:
    table = pd.DataFrame([row(type="追尾"), row(300.0, -4.0, type="侧翻")])
    file = io.BytesIO()
    if ending == ".xlsx":
        table.to_excel(file, index=False)
    else:
        table.to_parquet(file, index=False)
    copy = copied(f"a{ending}", file.getvalue(), NETWORK, system=None, rules=RULES)
    assert copy.content == handed_in(table.to_dict("records"), "a.csv").content


def test_a_cell_that_a_spreadsheet_would_run_is_text_in_the_copy() -> None:
    assert b",'=a+b" in handed_in([row(severity="=a+b")]).content


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "a/b.csv", "..csv", "x y;z.csv", ".csv"])
def test_a_name_leads_to_no_other_folder(name: str) -> None:
    copy = handed_in([row()], name)
    assert Path(copy.name).name == copy.name
    assert copy.name.strip("_") not in {"", ".csv"}


def test_a_file_of_another_kind_or_a_broken_one_is_named_without_its_folder() -> None:
    for name, content in (("a.exe", b"x"), ("a.csv", b""), ("a.parquet", b"x"), ("a.csv.gz", b"x")):
        with pytest.raises(RiskmapError) as fault:
            copied(name, content, NETWORK, system=None, rules=RULES)
        assert str(fault.value).startswith("a")
        assert "/dev" not in str(fault.value)
        assert "/tmp" not in str(fault.value)


# --- the folder ----------------------------------------------------------------------------------


def test_what_is_kept_is_found_by_the_project_and_can_be_removed(tmp_path: Path) -> None:
    home, copy = project(tmp_path), handed_in([row()])
    assert kept(home) == []
    path = keep(copy, home)
    assert kept(home) == [path]
    assert path.read_bytes() == copy.content
    assert record_copy.open_project(home).crashes == path.parent
    remove(path.name, home)
    assert record_copy.open_project(home).crashes is None


def test_only_what_is_kept_can_be_removed(tmp_path: Path) -> None:
    home = project(tmp_path)
    keep(handed_in([row()]), home)
    remove("../../area.toml", home)
    assert home.exists()
    assert len(kept(home)) == 1


def test_a_project_that_names_one_file_is_told_to_name_a_folder(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("x", encoding="utf-8")
    with pytest.raises(RiskmapError, match=r"names the file one\.csv; name a folder"):
        folder_of(project(tmp_path, 'crashes = "one.csv"'))


def test_crashes_of_another_file_are_counted_and_those_of_the_same_are_replaced(
    tmp_path: Path,
) -> None:
    rows = [row(), row(300.0, -4.0)]
    others = known(rows, tmp_path)
    assert again(handed_in([*rows, row(80.0)]), others) == 2
    assert again(handed_in([*rows, row(80.0)], "others.csv"), others) == 0
    assert again(handed_in(rows), None) == 0
