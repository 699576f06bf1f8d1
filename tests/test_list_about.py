"""The sheet on method: what a list says of itself."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import riskmap
from riskmap import __version__
from riskmap.area import Area
from riskmap.cli import main
from riskmap.list_about import about
from riskmap.locale import LANGUAGES, Lang
from riskmap.moments import Moment, Normal, Typical
from riskmap.when_words import period


@pytest.fixture(scope="module")
def country() -> Area:
    """The embedded extract."""
    return riskmap.assess(riskmap.sample())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sheet_says_area_date_levels_and_version(country: Area, lang: Lang) -> None:
    table = about(country, by="mvkm", lang=lang)
    said = table.iloc[:, 1].tolist()
    assert {country.name, country.data_date, f"riskmap {__version__}"} <= set(said)
    assert table.iloc[:, 0].is_unique
    assert all(f"{limit:.3g}" in " ".join(said) for limit in country.thresholds_mvkm.values())
    assert "judgement" in " ".join(said) or lang == "zh"


def test_the_hours_are_those_that_were_asked_about(country: Area) -> None:
    assert period(None, "en") == "over the whole year"
    assert period(Moment("school", 7), "en") == "School day 7–8 h"
    dated = period(country.moment("2026-05-08T18:00", "rain"), "en")
    assert all(word in dated for word in ("2026-05-08", "18–19 h", "rain"))
    break_ = country.period("2026-05-01", "2026-05-03")
    assert period(break_, "zh") == "2026-05-01 至 2026-05-03"
    for when in (None, Moment("school", 7), break_, Normal(break_), Typical("ice", "dry")):
        assert period(when, "zh") in about(country, when=when, lang="zh").iloc[:, 1].tolist()


def test_a_workbook_has_list_coverage_and_method(sample: Path, tmp_path: Path) -> None:
    target = tmp_path / "list.xlsx"
    call = ["hotspots", str(sample), "--at", "2026-05-08T18:00", "--headers", "zh"]
    assert main([*call, "-o", str(target)]) == 0
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["riskmap", "coverage", "method"]
    cells = [row[1] for row in book["method"].iter_rows(values_only=True)]
    assert "2026-05-08 周五 上学日 18–19 时 · 白天" in cells
    sheet = book["riskmap"]
    assert sheet["A1"].value == "名次"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref
    fills = {
        row[5].value: row[5].fill.fgColor.rgb for row in sheet.iter_rows(min_row=2, max_row=20)
    }
    assert fills["红"] == "FFE9B9BF"
