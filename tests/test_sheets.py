"""Files as users hand them in: read as they are meant, and refused in one line, in seconds."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
import xlsxwriter

from riskmap import facts, points, sheets, traffic
from riskmap.errors import RiskmapError
from riskmap.sheets import NO_VALUE, Sheet, read_sheets

WORDS = points.WORDS
TEMPLATES = Path(__file__).parents[1] / "data" / "templates"
MB = 1_000_000


def _sheet(path: Path) -> Sheet:
    (sheet,) = read_sheets([path], WORDS, points.PLACE_WORDS)
    return sheet


def _notes(sheet: Sheet) -> list[str]:
    return [key.removeprefix("import.note.") for key, _ in sheet.notes]


def _xlsx(path: Path, *rows: Sequence[object], merge: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    for cells in merge:
        book.active.merge_cells(cells)
    book.save(path)
    return path


@contextmanager
def _seconds(most: float) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    assert time.perf_counter() - begin < most


# --- cells


def test_cells_of_a_workbook_are_their_text(tmp_path: Path) -> None:
    rows = [
        ["经度", "纬度", "名称", "开始", "结束", "备注"],
        [117.2, 28, "一中", date(2026, 5, 1), datetime(2026, 5, 1, 7, 30), True],  # noqa: DTZ001  # Excel knows no zones
        [None] * 6,
        ["１１７", " 28.3 ", 12345, None, "", 0.1],  # noqa: RUF001  # as a Chinese keyboard writes
    ]
    sheet = _sheet(_xlsx(tmp_path / "a.xlsx", *rows))
    assert list(sheet.rows) == [2, 4]
    assert sheet.column("lon")[0] == "117.2"
    assert list(sheet.column("lat")) == ["28", "28.3"]
    assert list(sheet.column("name")) == ["一中", "12345"]
    assert sheet.column("first")[0] == "2026-05-01"
    assert sheet.column("last")[0] == "2026-05-01 07:30:00"
    assert list(sheet.column("note")) == ["true", "0.1"]
    assert list(sheet.column("crs")) == ["", ""]
    assert sheet.notes == []


def test_a_formula_counts_by_its_stored_result_and_without_one_says_so(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["lon", "lat"])
        page.write_formula(1, 0, "=100+17.2", value=117.2)
        page.write_formula(1, 1, "=1/0", value="#DIV/0!")
    assert dict(_sheet(tmp_path / "a.xlsx").cells) == {"lon": ["117.2"], "lat": [NO_VALUE]}
    _xlsx(tmp_path / "b.xlsx", ["lon", "lat"], ["=100+17.2", 28.3])  # openpyxl stores no result
    assert dict(_sheet(tmp_path / "b.xlsx").cells) == {"lon": [NO_VALUE], "lat": ["28.3"]}


def test_a_title_above_and_a_heading_of_two_rows_are_understood(tmp_path: Path) -> None:
    rows = [
        ["某县学校名单", None, None, None],
        ["名称", "坐标", None, "备注"],
        [None, "经度", "纬度", None],
        ["一中", 117.2, 28.3, "x"],
    ]
    merge = ["A1:D1", "A2:A3", "B2:C2", "D2:D3"]
    sheet = _sheet(_xlsx(tmp_path / "a.xlsx", *rows, merge=merge))
    assert list(sheet.rows) == [4]
    assert {word: cells[0] for word, cells in sheet.cells.items()} == {
        "name": "一中", "lon": "117.2", "lat": "28.3", "note": "x",
    }  # fmt: skip


def test_one_heading_over_both_coordinates_is_a_pair(tmp_path: Path) -> None:
    rows = [["名称", "经纬度", None], ["一中", 117.2, 28.3]]
    sheet = _sheet(_xlsx(tmp_path / "a.xlsx", *rows, merge=["B1:C1"]))
    assert list(sheet.column("coordinates")) == ["117.2,28.3"]


def test_merged_cells_count_for_every_row_but_as_a_place_once(tmp_path: Path) -> None:
    rows = [
        ["名称", "经度", "纬度", "坐标系"],
        ["一中", 117.2, 28.3, "GCJ02"],
        [None, None, None, None],
        ["二中", 117.3, 28.4, None],
    ]
    merge = ["A2:A3", "B2:B3", "C2:C3", "D2:D4"]
    sheet = _sheet(_xlsx(tmp_path / "a.xlsx", *rows, merge=merge))
    assert list(sheet.column("name")) == ["一中", "一中", "二中"]
    assert list(sheet.column("crs")) == ["GCJ02"] * 3
    assert list(sheet.column("lon")) == ["117.2", "", "117.3"]
    assert _notes(sheet) == ["merged_cells"]


def test_only_the_first_sheet_that_shows_something_is_read_and_the_others_told(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    book.active.title = "empty"
    for name in ("hidden", "schools", "more"):
        page = book.create_sheet(name)
        page.append(["lon", "lat", "name"])
        page.append([117.2, 28.3, name])
    book["hidden"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    sheet = _sheet(tmp_path / "a.xlsx")
    assert list(sheet.column("name")) == ["schools"]
    assert sheet.notes == [("import.note.sheets", {"sheet": "schools", "others": "more"})]


def test_rows_are_counted_as_the_sheet_shows_them(tmp_path: Path) -> None:
    text = 'name,lon,lat\n\n"two\nlines",117.2,28.3\n,,\nb,117.2,28.3\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    sheet = _sheet(tmp_path / "a.csv")
    assert list(sheet.rows) == [3, 5]
    assert list(sheet.column("name")) == ["two\nlines", "b"]


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("stated", ["stated", "not stated"])
def test_the_texts_of_a_shapefile_are_read_with_or_without_a_statement_of_their_encoding(
    tmp_path: Path, encoding: str, stated: str
) -> None:
    table = gpd.GeoDataFrame(
        {"名称": ["第一中学", None], "坐标系": ["高德", ""]},
        geometry=shapely.points([[117.2, 28.3]] * 2), crs=4490,
    )  # fmt: skip
    table.to_file(tmp_path / "a.shp", encoding=encoding)
    if stated != "stated":
        (tmp_path / "a.cpg").unlink()
    sheet = _sheet(tmp_path / "a.shp")
    assert list(sheet.column("name")) == ["第一中学", ""]
    assert list(sheet.column("crs")) == ["高德", ""]
    assert sheet.crs == "EPSG:4490"


def test_a_shapefile_without_a_projection_states_no_system(tmp_path: Path) -> None:
    table = gpd.GeoDataFrame({"name": ["a"]}, geometry=shapely.points([[117.2, 28.3]]), crs=4326)
    table.to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    assert _sheet(tmp_path / "a.shp").crs is None


# --- what is refused


def _refused(path: Path, message: str, *, most_s: float = 20.0) -> None:
    with _seconds(most_s), pytest.raises(RiskmapError, match=message) as caught:
        _sheet(path)
    said = str(caught.value)
    assert said.startswith(str(path))
    assert "\n" not in said


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.kml", "a.gpkg"])
@pytest.mark.parametrize("content", [b"", b" \r\n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    _refused(tmp_path / name, "is empty; take the template", most_s=2)


def test_an_empty_sheet_is_refused_and_one_with_a_heading_alone_has_no_rows(
    tmp_path: Path,
) -> None:
    _refused(_xlsx(tmp_path / "a.xlsx"), "is empty; take the template")
    (tmp_path / "a.csv").write_text(",,\n,,\n", encoding="utf-8")
    _refused(tmp_path / "a.csv", "is empty; take the template")
    assert list(_sheet(_xlsx(tmp_path / "b.xlsx", ["lon", "lat"])).rows) == []


def test_a_sheet_without_a_heading_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("117.2,28.3\n117.3,28.4\n", encoding="utf-8")
    _refused(tmp_path / "a.csv", "no row names its columns; begin with a heading like 经度, 纬度")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0", r"\.xls is not read; open it and save it as \.xlsx"),
        ("a.et", b"anything", r"\.et is not read; open it and save it as \.xlsx"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1", "is an old or protected Excel file, not a ZIP"),
        ("a.csv", b"PK\x03\x04", "inside it is a ZIP, not text"),
        ("a.csv", b"lon,lat\0\0", "inside it is binary data, not text"),
        ("a.csv", b"lon,lat\n\xff\xff\x81", "is neither in UTF-8 nor in GBK"),
        ("a.xlsx", b"lon,lat\n117,28\n", "inside it is text, not a ZIP"),
        ("a.gpkg", b"<kml></kml>", "inside it is KML, not SQLite"),
        ("a.kml", b'{"type": "FeatureCollection"}', "inside it is JSON, not KML"),
        ("a.geojson", b"<kml></kml>", "inside it is KML, not JSON"),
        ("a.geojson", b'{"type": "FeatureColl', r"cannot be read \(.*it may be cut off"),
        ("a.geojson", b'{"type": "Topology", "objects": {}}', r"cannot be read|holds no"),
        ("a.kml", b"<kml><Placemark>", r"cannot be read \(.*it may be cut off"),
        ("a.shp", b"\0\0\x27\x0a" + bytes(96), r"its \.shx is missing; copy \.shp, \.shx"),
        ("a.gpkg", b"SQLite format 3\0" + bytes(80), r"cannot be read \(.*it may be cut off"),
        ("a.txt", b"lon,lat", r"not a known kind of list; use \.csv, \.xlsx"),
    ],
)
def test_what_is_not_what_its_ending_says_is_refused(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    _refused(tmp_path / name, message)


@pytest.mark.parametrize("suffix", ["kml", "geojson", "gpkg"])
def test_a_list_is_only_opened_as_what_its_ending_says(tmp_path: Path, suffix: str) -> None:
    """GDAL would follow the paths and addresses of a VRT."""
    (tmp_path / "secret.csv").write_text("lon,lat\n1,1\n", encoding="utf-8")
    vrt = (
        "<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>"
        f"{tmp_path / 'secret.csv'}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    path = tmp_path / f"a.{suffix}"
    path.write_text(vrt, encoding="utf-8")
    _refused(path, "inside it is XML")


def test_the_reader_of_shapes_knows_no_other_drivers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that gets by the first look cannot be opened as a VRT or over the network."""
    run, environments = subprocess.run, []

    def kept(*command: Any, **options: Any) -> Any:
        environments.append(options["env"])
        return run(*command, **options)

    monkeypatch.setattr(subprocess, "run", kept)
    table = gpd.GeoDataFrame({"name": ["a"]}, geometry=shapely.points([[117.2, 28.3]]), crs=4326)
    table.to_file(tmp_path / "a.gpkg", driver="GPKG")
    assert list(_sheet(tmp_path / "a.gpkg").rows) == [2]
    ask = "import pyogrio; print(*sorted(pyogrio.list_drivers()), sep=',')"
    told = run(
        [sys.executable, "-c", ask], env=environments[0], capture_output=True, text=True, check=True
    ).stdout  # fmt: skip
    assert told.strip().split(",") == sorted(sheets.DRIVERS)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;">]><kml><Placemark><name>&c;</name></Placemark></kml>'
)
OUTSIDE = (
    '<?xml version="1.0"?>\n<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    "<kml><Placemark><name>&x;</name></Placemark></kml>"
)


@pytest.mark.parametrize("text", [BOMB, OUTSIDE])
@pytest.mark.parametrize("suffix", ["kml", "kmz", "xlsx"])
def test_xml_with_entities_is_refused(tmp_path: Path, text: str, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    for encoding in ("utf-8", "utf-16"):
        if suffix == "kml":
            path.write_text(text, encoding="utf-8")
        else:
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("xl/workbook.xml", "<workbook/>")
                archive.writestr("doc.kml", text.encode(encoding))
        _refused(path, "its XML has a DOCTYPE")


@pytest.mark.parametrize("name", ["a.kmz", "a.xlsx"])
def test_a_zip_bomb_is_refused_by_what_it_declares(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("doc.kml", "w") as part:
            for _ in range(250):
                part.write(bytes(MB))
    assert (tmp_path / name).stat().st_size < MB
    _refused(tmp_path / name, "unpacks to more than 200 MB", most_s=10)


@pytest.mark.parametrize("name", ["a.kmz", "a.xlsx"])
def test_a_zip_bomb_that_declares_little_is_refused_as_damaged(tmp_path: Path, name: str) -> None:
    size = 50 * MB
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", bytes(size))
    content = (tmp_path / name).read_bytes()
    small = content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert small != content
    (tmp_path / name).write_bytes(small)
    _refused(tmp_path / name, "cannot be read .*it may be cut off or damaged", most_s=10)


def test_a_file_of_half_a_million_rows_is_refused_in_seconds(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w", encoding="utf-8") as file:
        file.write("lon,lat,name\n")
        file.writelines(f"117.2,28.3,p{n}\n" for n in range(500_000))
    _refused(tmp_path / "a.csv", "holds more than 100,000 rows; cut it in parts", most_s=5)
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["lon", "lat"])
        for n in range(500_000):
            page.write_row(n + 1, 0, [117.2, 28.3])
    _refused(tmp_path / "a.xlsx", "holds more than 100,000 rows; cut it in parts", most_s=30)


def test_objects_beyond_the_limit_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = gpd.GeoDataFrame(geometry=shapely.points(np.full((100_001, 2), 28.0)), crs=4326)
    table.to_file(tmp_path / "a.gpkg", driver="GPKG")
    _refused(tmp_path / "a.gpkg", "holds more than 100,000 rows; cut it in parts")
    monkeypatch.setattr(sheets, "BYTES", 1000)
    _refused(tmp_path / "a.gpkg", "is larger than 0 MB; cut it in parts", most_s=1)


def test_a_cell_far_out_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "lon"
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "a.xlsx")
    _refused(tmp_path / "a.xlsx", "takes more than 60 s or 4.3 GB to read, or breaks the reader")
    book = openpyxl.Workbook()
    book.active["A1"] = "lon"
    book.active["Z1000000"] = 1
    book.save(tmp_path / "b.xlsx")
    _refused(tmp_path / "b.xlsx", r"reaches to row 1,000,000, column 26; it may hold 100,000 rows")


def test_what_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": True}) as book:
        page = book.add_worksheet()
        for n in range(60_000):
            page.write_row(n, 0, [f"lon{n}", *range(15)])
    monkeypatch.setattr(sheets, "SECONDS", 0)
    _refused(tmp_path / "a.xlsx", "takes more than 0 s")
    monkeypatch.setattr(sheets, "SECONDS", 60)
    monkeypatch.setattr(sheets, "MEMORY", 400 * MB)
    _refused(tmp_path / "a.xlsx", r"or 0.4 GB to read, or breaks the reader")


def test_one_bad_file_among_good_ones_is_the_one_that_is_named(tmp_path: Path) -> None:
    for name in "abc":
        _xlsx(tmp_path / f"{name}.xlsx", ["lon", "lat"], [117.2, 28.3])
    content = (tmp_path / "b.xlsx").read_bytes()
    (tmp_path / "b.xlsx").write_bytes(content[: len(content) // 2])
    with pytest.raises(RiskmapError, match=r"b\.xlsx: cannot be read"):
        read_sheets(sorted(tmp_path.glob("*.xlsx")), WORDS)


def _cut_shapefile(path: Path, table: gpd.GeoDataFrame) -> None:
    table.to_file(path)
    for end in (".shp", ".dbf"):
        part = path.with_suffix(end)
        part.write_bytes(part.read_bytes()[: part.stat().st_size // 2])


def _cut(path: Path, table: gpd.GeoDataFrame) -> None:
    if path.suffix == ".xlsx":
        table.drop(columns="geometry").to_excel(path, index=False)
    else:
        drivers = {".kml": "KML", ".gpkg": "GPKG", ".geojson": "GeoJSON"}
        table.to_file(path, driver=drivers[path.suffix])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("a.shp", _cut_shapefile), ("a.gpkg", _cut), ("a.geojson", _cut), ("a.kml", _cut),
        ("a.xlsx", _cut),
    ],
)  # fmt: skip
def test_a_file_that_is_cut_off_is_refused(
    tmp_path: Path, name: str, cut: Callable[[Path, gpd.GeoDataFrame], None]
) -> None:
    names = [f"p{n}" for n in range(2000)]
    places = shapely.points([[117.2, 28.3]] * 2000)
    table = gpd.GeoDataFrame({"name": names}, geometry=places, crs=4326)
    cut(tmp_path / name, table)
    _refused(tmp_path / name, "cannot be read .*it may be cut off or damaged: save it again")


@pytest.mark.parametrize(
    "head",
    [
        b"<?a?>" * 800 + b"x", b"<!--" * 1000, b"<!-- a -->" * 400, b"<!DOCTYPE [" * 300,
        b" " * 4096, b"<" * 4096,
    ],
)  # fmt: skip
def test_a_hostile_beginning_costs_no_time(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.kml").write_bytes(b"<?x?>" + head)
    with _seconds(1), pytest.raises(RiskmapError):
        _sheet(tmp_path / "a.kml")


@pytest.mark.parametrize("text", ["(" * 100_000, "117" + " " * 100_000 + "x", "1 " * 50_000])
def test_a_hostile_cell_costs_no_time(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(f"lon,lat,坐标,{text}\n{text},{text},{text},\n", "utf-8")
    with _seconds(2):
        _sheet(tmp_path / "a.csv")


# --- templates


def test_the_templates_are_read_with_three_rows_each() -> None:
    known = (("points", WORDS), ("facts", facts.WORDS), ("traffic", traffic.WORDS))
    for name, words in (*((f"{stem}.csv", words) for stem, words in known), ("points.xlsx", WORDS)):
        (sheet,) = read_sheets([TEMPLATES / name], words)
        assert list(sheet.rows) == [2, 3, 4]
        assert all(sheet.column("crs")[1:])
        assert sheet.notes == []


def test_every_column_of_the_templates_is_known() -> None:
    known_words = {"points": WORDS, "facts": facts.WORDS, "traffic": traffic.WORDS}
    for name, words in ((f"{stem}.csv", words) for stem, words in known_words.items()):
        with (TEMPLATES / name).open(encoding="utf-8-sig", newline="") as file:
            (head, *_) = csv.reader(file)
        known = {sheets.heading(text) for texts in words.values() for text in texts}
        assert {sheets.heading(text) for text in head} <= known


def test_the_workbook_is_the_csv() -> None:
    as_csv, as_book = (_sheet(TEMPLATES / f"points.{suffix}") for suffix in ("csv", "xlsx"))
    assert as_csv.rows == as_book.rows
    for word, cells in as_csv.cells.items():
        if word in {"lon", "lat"}:
            assert list(map(float, cells)) == list(map(float, as_book.cells[word]))
        else:
            assert list(cells) == list(as_book.cells[word])
