"""The workbook of a year, and the map file, as the page offers them."""

import io
from pathlib import Path

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest
from test_year import STUDY, area_of, crashes

from riskmap.area import Area
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.pages import map_file, year_file
from riskmap.webmap import folium_map


def _draw(area: "Area", lang: "Lang") -> None:
    """Run the page as a script of its own."""
    import streamlit as st  # noqa: PLC0415  # the function's text is the whole script

    from riskmap.pages import records  # noqa: PLC0415  # AppTest runs it as a script of its own

    st.session_state.setdefault("records", "read")
    records.show(area, lang)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Area:
    return area_of(tmp_path_factory.mktemp("town"), crashes())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_offers_the_workbook_below_the_records(town: Area, lang: Lang) -> None:
    page = AppTest.from_function(_draw, args=(town, lang), default_timeout=180).run()
    assert not page.exception
    labels = [button.proto.label for button in page.get("download_button")]
    assert text("year.save", lang) in labels
    said = text("year.is", lang, year=2024, against=2023)
    assert any(said[:20] in caption.value.replace("\\", "") for caption in page.caption)


def test_records_of_one_year_have_no_workbook_and_the_page_says_so(tmp_path: Path) -> None:
    one = area_of(tmp_path, crashes("2022-12-31"))
    page = AppTest.from_function(_draw, args=(one, "zh"), default_timeout=180).run()
    assert not page.exception
    assert text("year.save", "zh") not in [b.proto.label for b in page.get("download_button")]
    said = text("year.fault.one", "zh", years="2022")
    assert any(said in caption.value.replace("\\", "") for caption in page.caption)


def test_what_the_page_sends_is_the_workbook_with_its_study_and_its_mark(town: Area) -> None:
    content = year_file.written(town, "zh", study=STUDY, simulated=True)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert text("year.sheet.study", "zh") in book.sheetnames
    assert book.worksheets[0]["A3"].value == text("year.simulated_is", "zh")


def test_the_page_sends_a_map_without_crashes_unless_asked(town: Area) -> None:
    plain, told = (
        map_file.written(town, None, None, "zh", crashes=crashes, top=None).decode()
        for crashes in (False, True)
    )
    assert '"crashes":{' not in plain
    assert '"crashes":{' in told


def test_a_map_of_simulated_crashes_says_so_even_where_it_has_none_as_points(
    town: Area, tmp_path: Path
) -> None:
    area = area_of(tmp_path, crashes("2023-03-31"), file="simulated.csv")
    said = text("simulated.is", "en", what=text("simulated.crashes", "en"))
    for own, asked in ((area, True), (area, False), (town, True)):
        page = map_file.written(own, None, None, "en", crashes=asked, top=None).decode()
        assert (said in page) == (own is area)


def test_a_map_that_is_too_large_is_a_page_that_says_so(
    town: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folium_map, "LARGEST_MB", 0.1)
    said = map_file.written(town, None, None, "en", crashes=False, top=None).decode()
    assert "more than 0.1 MB" in said
    assert "<script" not in said
