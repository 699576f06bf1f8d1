"""The templates of a brigade's resources, and the workbook."""

import datetime as dt
import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from brigade import ROOT, RULES, TEMPLATES, template

from riskmap import staffing
from riskmap.errors import RiskmapError
from riskmap.staffing import Resources
from riskmap.staffing_words import TABLES

# --- the templates -----------------------------------------------------------------------------


def test_both_templates_say_the_same() -> None:
    assert template("xlsx") == template("toml")


def test_the_workbook_is_what_the_tool_writes_of_the_text(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("tool", ROOT / "tools" / "resources_sheet.py")
    assert spec
    assert spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    tool.write(tmp_path / "new.xlsx")
    books = [openpyxl.load_workbook(path) for path in (
        tmp_path / "new.xlsx", TEMPLATES / "resources.xlsx",
    )]  # fmt: skip
    new, shipped = ({s.title: list(s.values) for s in book} for book in books)
    assert new == shipped, "stale: run `python tools/resources_sheet.py`"


def test_english_headings_and_sheets_are_read_alike(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(TEMPLATES / "resources.xlsx")
    del book["说明"]
    for table, own in TABLES.items():
        sheet = book[own.sheets[0]]
        sheet.title = table
        for cell in sheet[2]:
            if cell.value and "(" in cell.value:
                cell.value = re.search(r"\((\w+)\)", cell.value)[1]  # type: ignore[index]
            if cell.value == "说明":
                cell.value = "note"
    english = {w.headings[0]: key for key, w in TABLES["limits"].keys.items()}
    for row in book["limits"].iter_rows(min_row=3):
        row[0].value = english.get(row[0].value, row[0].value)
    book.save(tmp_path / "r.xlsx")
    assert staffing.read_resources(tmp_path / "r.xlsx", crs=None, rules=RULES) == template()


def test_the_template_states_every_key_of_every_table_but_the_ways_to_name_a_place() -> None:
    text = (TEMPLATES / "resources.toml").read_text(encoding="utf-8")
    for table, own in TABLES.items():
        for key in own.keys:
            assert re.search(rf"\b{key}\b", text), f"{table}.{key}"


def test_the_page_has_every_key_of_every_table_and_no_other() -> None:
    part = (ROOT / "docs" / "resources.md").read_text(encoding="utf-8")
    table = ""
    told: dict[str, set[str]] = {}
    for row in re.findall(r"^\| (.*?) ?\| (.*?) \|", part, re.MULTILINE):
        name, keys = (re.findall(r"`(\w+)`", cell) for cell in row)
        table = name[0] if name else table
        if table:
            told.setdefault(table, set()).update(keys)
    told["forbidden"] |= {"lon", "lat", "crs", "node", "segment_id"}  # "a place as above"
    assert told == {table: set(own.keys) for table, own in TABLES.items()}


def test_the_template_works_on_the_sample(sample: Path) -> None:
    import riskmap  # noqa: PLC0415  # it takes seconds

    area = riskmap.assess(sample)
    own = template()
    found = staffing.placed(own, area.network, nowhere=area.parameters["sites"]["nowhere"])
    assert set(found.stations) == {"north", "south", "mobile"}
    assert max(spot.off_m for spot in found.posts.values()) < 100
    assert found.areas["mobile"].all()
    assert (found.areas["north"] ^ found.areas["south"]).all()
    assert len(found.forbidden) > 1


# --- the workbook ------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Resources]:
    """Read the template workbook with some cells changed."""

    def read(*changes: tuple[str, str, Any], rename: tuple[str, str] | None = None) -> Resources:
        found = openpyxl.load_workbook(TEMPLATES / "resources.xlsx")
        for sheet, cell, value in changes:
            found[sheet][cell] = value
        if rename:
            found[rename[0]].title = rename[1]
        path = tmp_path / "resources.xlsx"
        found.save(path)
        return staffing.read_resources(path, crs=None, rules=RULES)

    return read


@pytest.mark.parametrize(("changes", "message"), [
    ([("中队", "H3", "=4+4")], ("'警力 (officers)' in sheet '中队' row 3 holds a formula; copy the "
                               "cell and paste it as a value")),
    ([("规则", "B4", "=1+1")], "'每岗最少人数' in sheet '规则' row 4 holds a formula"),
    ([("中队", "K2", "民警姓名")], "'民警姓名' in sheet '中队' row 2 is personal"),
    ([("中队", "K2", "联系电话")], "'联系电话' in sheet '中队' row 2 is personal"),
    ([("中队", "I2", "警力编码")], ("unknown heading '警力编码' in sheet '中队' row 2; did you "
                                 "mean '警力编号'?")),
    ([("中队", "K3", "x")], "unknown heading '(column 11, empty)' in sheet '中队' row 2"),
    ([("中队", "K2", "编号")], "heading '编号' in sheet '中队' row 2 is there twice"),
    ([("中队", "H3", "八")], "'officers' in sheet '中队' row 3 is '八'; give a whole number"),
    ([("中队", "A4", "north")], ("id 'north' in sheet '中队' row 4 is there already in sheet "
                                "'中队' row 3")),
    ([("班次", "C3", "25:00")], "'to' in sheet '班次' row 3 is '25:00'"),
    ([("规则", "A4", "每岗人")], "unknown key '每岗人' in sheet '规则' row 4"),
    ([("规则", "A5", "每岗最少人数")], "'每岗最少人数' in sheet '规则' row 5 is stated twice"),
    ([("规则", "B3", "mars")], "'crs' in sheet '规则' is 'mars'"),
])  # fmt: skip
def test_cells_that_make_no_sense_are_refused_with_their_sheet_and_row(
    book: Callable[..., Resources], changes: list[tuple[str, str, Any]], message: str
) -> None:
    with pytest.raises(RiskmapError, match=re.escape(message)):
        book(*changes)


def test_a_sheet_that_nobody_knows_is_refused(book: Callable[..., Resources]) -> None:
    with pytest.raises(RiskmapError, match="'vehicels' is not known; did you mean 'vehicles'"):
        book(rename=("车辆", "vehicels"))


def test_a_formula_with_a_result_is_refused_too(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as own:
        sheet = own.add_worksheet("中队")
        sheet.write_row(0, 0, ["编号", "经度", "纬度", "警力"])
        sheet.write_row(1, 0, ["1", 9.5, 47.1])
        sheet.write_formula(1, 3, "=2+2", None, 4)
    with pytest.raises(RiskmapError, match="'警力' in sheet '中队' row 2 holds a formula"):
        staffing.read_resources(tmp_path / "r.xlsx", crs=None, rules=RULES)


def test_cells_as_excel_makes_them_are_read(book: Callable[..., Resources]) -> None:
    own = book(
        ("班次", "B3", dt.time(6, 30)), ("班次", "C3", dt.time(20, 0)),
        ("班次", "B4", dt.time(20, 0)), ("班次", "C4", "06:30:00"),
        ("中队", "A5", "mobile"), ("车辆", "E4", "否"), ("中队", "I5", "301、302;303,304"),
    )  # fmt: skip
    assert own.shift("白班").window == (390, 1200)
    assert own.shift("夜班").window == (1200, 1830)
    assert not own.vehicles[1].patrols
    assert own.squadrons[2].officer_ids == ("301", "302", "303", "304")


def test_a_shift_until_midnight_may_be_a_cell_of_24_hours(book: Callable[..., Resources]) -> None:
    own = book(
        ("班次", "C4", dt.timedelta(days=1)), ("休息", "B4", "20:00"), ("休息", "C4", "22:00"),
    )  # fmt: skip
    assert own.shift("夜班").window == (1140, 1440)


def test_merged_cells_count_for_every_row(tmp_path: Path) -> None:
    found = openpyxl.load_workbook(TEMPLATES / "resources.xlsx")
    found["车辆"]["C4"] = None
    found["车辆"].merge_cells("C3:C4")
    found.save(tmp_path / "resources.xlsx")
    own = staffing.read_resources(tmp_path / "resources.xlsx", crs=None, rules=RULES)
    assert own == template()
