"""The page's download of a list: every format, the same file as the command line's."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

import riskmap
from riskmap import badweather
from riskmap.area import LIST_COLUMNS, Area
from riskmap.cli import main
from riskmap.export import WRITERS
from riskmap.list_terms import HEADERS, SYSTEMS, heading
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.pages import list_download
from riskmap.stretches import COLUMNS

HOUR = "2026-05-08T18:00"
WRITTEN = """
import riskmap
import streamlit as st
from riskmap.pages import list_download
area = riskmap.assess("{extract}")
table = area.hotspots(top=5, lang="{lang}")
list_download.ask(area, table, "km", None, "{lang}", name="hotspots")
"""


@pytest.fixture(scope="module")
def area(sample: Path) -> Area:
    return riskmap.assess(sample)


def test_the_page_offers_every_format() -> None:
    assert {f".{suffix}" for suffix in list_download.FORMATS} == set(WRITERS)


@pytest.mark.parametrize(
    ("suffix", "joined"),
    [*((suffix, False) for suffix in list_download.FORMATS), ("xlsx", True), ("gpkg", True)],
)
def test_a_download_is_the_file_of_the_command_line(
    area: Area, sample: Path, tmp_path: Path, suffix: str, *, joined: bool
) -> None:
    headers = "names" if suffix == "shp.zip" else "en"
    coords = "wgs84" if suffix == "gpkg" else "gcj02"
    target = tmp_path / f"list.{suffix}"
    call = [
        "hotspots", str(sample), "--at", HOUR, "--by", "mvkm", "--top", "20", "--lang", "en",
        "--headers", headers, "--coords", coords, "-o", str(target),
    ]  # fmt: skip
    assert main([*call, "--stretches"] if joined else call) == 0
    when = area.moment(HOUR)
    found = list_download.content(
        area, area.hotspots(top=20, by="mvkm", when=when, lang="en"), suffix,
        by="mvkm", when=when, lang="en", headers=headers, coords=coords, joined=joined,
    )  # fmt: skip
    assert found == target.read_bytes()


def test_the_workbook_of_the_page_has_coverage_and_method(area: Area) -> None:
    found = list_download.content(
        area, area.hotspots(top=5), "xlsx",
        by="km", when=None, lang="zh", headers="zh", coords="wgs84", joined=False,
    )  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(found))
    assert book.sheetnames == ["riskmap", "coverage", "method"]
    heads = [cell.value for cell in book["riskmap"][1]]
    assert heads == [text(f"heading.{name}", "zh") for name in LIST_COLUMNS]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_plan_is_downloaded_under_headings_in_the_language_of_the_page(
    area: Area, lang: Lang
) -> None:
    table = badweather.plan(area, "ice", top=3, lang=lang)
    found = list_download.written(
        table, area.coverage_table(lang), headers=lang, kind="weather"
    )
    book = openpyxl.load_workbook(io.BytesIO(found))
    head, row = (list(own) for own in book["riskmap"].iter_rows(max_row=2, values_only=True))
    assert head == [heading(name, lang, "weather") for name in badweather.COLUMNS]
    level = table["level"].iloc[0]
    said = text(f"level.{level}", lang) if lang == "zh" else level
    assert row[badweather.COLUMNS.index("level")] == said
    first = book["coverage"]["A1"].value
    assert first == ("类别" if lang == "zh" else "about")


def test_a_list_of_ones_own_can_be_joined(area: Area) -> None:
    ids = area.hotspots(top=40)["segment_id"].tolist()
    found = list_download.content(
        area, area.listed(ids), "xlsx",
        by="km", when=None, lang="zh", headers="names", coords="wgs84", joined=True,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(found))["riskmap"]
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    pieces = list(COLUMNS).index("pieces")
    assert sum(row[pieces] for row in sheet.iter_rows(min_row=2, values_only=True)) == 40


def _page(tmp_path: Path, lang: str) -> AppTest:
    extract = shutil.copy(Path(__file__).parent / "browser" / "hostile.osm", tmp_path)
    script = WRITTEN.format(extract=extract, lang=lang)
    return AppTest.from_string(script, default_timeout=60).run()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_headings_begin_in_the_language_of_the_page(tmp_path: Path, lang: str) -> None:
    page = _page(tmp_path, lang)
    assert not page.exception
    headers, coords = page.selectbox
    assert headers.value == lang
    assert len(headers.options) == len(HEADERS)
    assert coords.value == "wgs84"
    assert len(coords.options) == len(SYSTEMS)


def test_what_a_format_has_no_room_for_is_not_offered(tmp_path: Path) -> None:
    page = _page(tmp_path, "en")
    page.radio(key="format").set_value("shp.zip").run()
    headers, coords = page.selectbox
    assert headers.options == [text("download.names", "en")]
    assert len(coords.options) == len(SYSTEMS)
    assert text("download.shapefile", "en") in [caption.value for caption in page.caption]
    page.radio(key="format").set_value("gpkg").run()
    headers, coords = page.selectbox
    assert len(headers.options) == len(HEADERS)
    assert coords.options == [text("download.gps", "en")]
    assert not page.caption
    assert not page.exception


def test_joining_is_said_on_the_button(tmp_path: Path) -> None:
    page = _page(tmp_path, "en")
    (button,) = page.get("download_button")
    assert button.proto.label == text("list.save", "en", count=5)
    page.toggle(key="joined").set_value(True).run()
    (button,) = page.get("download_button")
    assert button.proto.label == text("download.save_joined", "en", count=5)
