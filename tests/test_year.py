"""A year beside the one before: figures, intervals, like with like, a workbook to be printed."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from scipy import stats

import riskmap
from riskmap import year_book, year_table
from riskmap.area import Area
from riskmap.before_after import Comparison, Effect, Raw
from riskmap.cli import main
from riskmap.count_intervals import Sum, change
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.spans import Span
from riskmap.study import Study

TOWN = Path(__file__).parent / "browser" / "hostile.osm"
TODAY = date(2026, 3, 1)
SEVERITIES = ("fatal", "serious", "minor", "damage")
HAN = re.compile(r"[\u3400-\u9fff]")


def crashes(last: str = "2024-12-31", a_month: int = 4, first: int = 2022) -> pd.DataFrame:
    """So many crashes a month along the main road, more each year, up to a day."""
    random = np.random.default_rng(8)
    rows = []
    for day in pd.date_range(f"{first}-01-01", last):
        for number in range(random.poisson(a_month * (1 + 0.1 * (day.year - 2022)) / 30.4)):
            severity = random.choice(SEVERITIES, p=[0.1, 0.2, 0.4, 0.3])
            rows.append({
                "id": f"{day:%Y%m%d}-{number}",
                "date": f"{day:%Y-%m-%d} {random.integers(24):02}:10",
                "lon": 9.5005 + 0.011 * random.random(), "lat": 47.1, "crs": "WGS84",
                "severity": severity,
                "killed": int(random.integers(1, 4)) if severity == "fatal" else 0,
                "injured": int(random.integers(1, 6)) if severity in {"serious", "minor"} else 0,
                "type": random.choice(["追尾", "=1+1 撞行人"]),
            })  # fmt: skip
    return pd.DataFrame(rows)


def area_of(home: Path, table: pd.DataFrame | None, *, file: str = "own.csv") -> Area:
    return riskmap.assess(project(home, table, file=file), cache=False)


def project(home: Path, table: pd.DataFrame | None, *, file: str = "own.csv") -> Path:
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(TOWN, home / "town.osm")
    path = home / "area.toml"
    path.write_text('name = "=1+1 & 东昌"\nextract = "town.osm"\n', encoding="utf-8")
    if table is not None:
        (home / "data" / "crashes").mkdir(parents=True)
        table.to_csv(home / "data" / "crashes" / file, index=False)
    return path


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return crashes()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, table: pd.DataFrame) -> Area:
    return area_of(tmp_path_factory.mktemp("town"), table)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Area:
    """Records that stop on the last of June."""
    return area_of(tmp_path_factory.mktemp("stopped"), crashes("2024-06-30", 12))


STUDY = Study(
    before=Span.of("--before", "2022"), after=Span.of("--after", "2024"), years=(1.0, 1.0),
    effect=Effect(0.7, 0.4, 1.2, 14, 20.0, 3.0, 0.5), ring=None, raw=Raw(0.6, 0.3, 1.1, 0.2),
    change=Comparison(1.05, 0.2, 100.0, 105.0), odds=float("nan"), crashes=(23, 14), sites=5,
    compared=40, km=1.2, ring_m=900.0,
)  # fmt: skip


# --- intervals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.6889), (10, 4.7954, 18.3904)])
def test_a_count_has_the_exact_poisson_interval(count: int, low: float, high: float) -> None:
    assert Sum.of(np.ones(count)).interval() == pytest.approx((low, high), abs=1e-3)


@pytest.mark.parametrize(("after", "before"), [(494, 472), (3, 9), (0, 5), (7, 0)])
def test_a_ratio_has_the_exact_binomial_interval(after: int, before: int) -> None:
    found = change(Sum.of(np.ones(after)), Sum.of(np.ones(before)), 365, 365)
    ends = stats.binomtest(after, after + before).proportion_ci(method="exact")
    assert found.low == pytest.approx(ends.low / (1 - ends.low))
    assert found.high == pytest.approx(ends.high / (1 - ends.high) if before else np.inf)


def test_days_are_taken_out_of_a_ratio() -> None:
    one = Sum.of(np.ones(100))
    assert change(one, one, 366, 365).ratio == pytest.approx(365 / 366)
    assert change(one, one, 181, 90).high < 1


def test_nothing_against_nothing_is_no_change() -> None:
    none = Sum.of([])
    assert change(none, none, 365, 365).verdict == "none"


def test_intervals_of_people_hold_what_was_to_be_expected() -> None:
    random = np.random.default_rng(1)
    held, wider = 0, 0
    for _ in range(400):
        people = random.choice([1, 2, 5], random.poisson(30), p=[0.7, 0.2, 0.1])
        low, high = Sum.of(people).interval()
        held += low <= 30 * 1.6 <= high
        # as if each of them had died in a crash of their own
        alone = Sum.of(np.ones(int(people.sum()))).interval()
        wider += high - low > alone[1] - alone[0]
    assert held / 400 > 0.93
    assert wider == 400


# --- like with like ----------------------------------------------------------------------------


def test_the_figures_are_those_of_the_records(town: Area, table: pd.DataFrame) -> None:
    found = year_table.review(town, today=TODAY)
    years = table["date"].str[:4].astype(int)
    assert (found.year, found.against, found.months) == (2024, 2023, tuple(range(1, 13)))
    for name, numbers in (("crashes", table["id"].notna()), ("killed", table["killed"]),
                          ("injured", table["injured"])):  # fmt: skip
        own = numbers.groupby(years).sum()
        assert found.years.set_index("year")[name].to_dict() == own.to_dict()
        ratio = own[2024] / own[2023] * 365 / 366
        assert found.changes[name].ratio == pytest.approx(ratio)
    assert found.days == (366, 365)


def test_a_year_that_stops_in_june_is_compared_with_the_same_months(stopped: Area) -> None:
    found = year_table.review(stopped, today=TODAY)
    assert found.months == (1, 2, 3, 4, 5, 6)
    assert found.days == (182, 181)
    known = stopped.crashes
    assert known is not None
    first_half = known.table[known.table["month"] <= 6].groupby("year").size()
    assert found.sums["crashes"][0].total == first_half[2024]
    assert found.sums["crashes"][1].total == first_half[2023]
    assert any("1–6" in said for said in year_book.sentences(found, "zh"))
    assert found.monthly["this"].isna().tolist() == [False] * 6 + [True] * 6
    assert found.steps["months"].tolist() == ["1–12", "1–6"]
    assert found.undated == 0


def test_a_year_that_is_not_whole_is_marked_in_the_charts(stopped: Area, tmp_path: Path) -> None:
    sheet = _book(year_table.review(stopped, today=TODAY), tmp_path, "en")["By year"]
    assert sheet.print_area.startswith("'By year'!$A$1:$L$")
    for chart in _charts(tmp_path / "year.xlsx")[:3]:
        names = _drawn(sheet, re.search(r"<c:cat>.*?<c:f>(.*?)</c:f>", chart, re.DOTALL))
        assert names == ["2022", "2023", "2024 (only 1–6)"]


def test_whiskers_end_where_the_intervals_do(town: Area, tmp_path: Path) -> None:
    found = year_table.review(town, today=TODAY)
    sheet = _book(found, tmp_path, "en")["By year"]
    charts = _charts(tmp_path / "year.xlsx")[:3]
    for name, chart in zip(year_table.FIGURES, charts, strict=True):
        values = _drawn(sheet, re.search(r"<c:val>.*?<c:f>(.*?)</c:f>", chart, re.DOTALL))
        assert values == found.years[name].tolist()
        for end, sign in (("plus", 1), ("minus", -1)):
            cells = re.search(rf"<c:{end}>.*?<c:f>(.*?)</c:f>", chart, re.DOTALL)
            ends = np.array(values) + sign * np.array(_drawn(sheet, cells), dtype=float)
            own = found.years[f"{name}_{'high' if sign > 0 else 'low'}"]
            assert ends == pytest.approx(own.to_numpy())


def _charts(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as packed:
        count = sum("charts/chart" in name for name in packed.namelist())
        return [packed.read(f"xl/charts/chart{n + 1}.xml").decode() for n in range(count)]


def _drawn(sheet: Worksheet, cells: re.Match[str] | None) -> list[object]:
    """What stands in the cells that a chart names."""
    assert cells is not None
    name, _, place = cells[1].rpartition("!")
    assert name.strip("'") == sheet.title
    return [row[0].value for row in sheet[place.replace("$", "")]]


def test_a_month_in_which_the_records_stop_is_left_out(tmp_path: Path) -> None:
    area = area_of(tmp_path, crashes("2024-06-10", 20))
    found = year_table.review(area, today=TODAY)
    assert found.months == (1, 2, 3, 4, 5)
    assert found.cut == ((2024, 6),)
    assert "2024 年 6 月" in " ".join(year_book.sentences(found, "zh"))
    # the same records, read before that month is over
    early = year_table.review(area, today=date(2024, 6, 10))
    assert early.months == (1, 2, 3, 4, 5)


def test_a_month_without_a_crash_in_a_quiet_place_still_counts(tmp_path: Path) -> None:
    area = area_of(tmp_path, crashes("2024-12-20", 1))
    assert year_table.review(area, today=TODAY).cut == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_bad_input_is_said_with_the_way_out(
    tmp_path: Path, town: Area, stopped: Area, lang: Lang
) -> None:
    none = replace(town, crashes=None)
    one = area_of(tmp_path, crashes("2022-12-31"))
    assert stopped.crashes is not None
    undated = replace(
        stopped,
        crashes=replace(
            stopped.crashes, table=stopped.crashes.table.assign(month=0, date=pd.NaT)
        ),
    )
    for area, asked, key in (
        (none, {}, "none"), (one, {}, "one"), (town, {"year": 2030}, "no_year"),
        (town, {"year": 2022}, "no_year"), (town, {"year": 2023, "against": 2024}, "order"),
        (undated, {}, "undated"),
    ):  # fmt: skip
        with pytest.raises(RiskmapError) as fault:
            year_table.review(area, today=TODAY, lang=lang, **asked)
        said = text(f"year.fault.{key}", lang, **dict.fromkeys(
            ("years", "year", "against", "months"), "\0"
        ))  # fmt: skip
        assert all(part in str(fault.value) for part in said.split("\0"))


# --- the workbook ------------------------------------------------------------------------------


def _book(found: year_table.Review, folder: Path, lang: Lang) -> openpyxl.Workbook:
    year_book.write(found, folder / "year.xlsx", lang)
    return openpyxl.load_workbook(folder / "year.xlsx")


def _below(sheet: Worksheet, head: str) -> list[object]:
    """Cells below a heading, down to the first row that has no number in them."""
    (at,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == head]
    cells = [sheet.cell(row, at.column).value for row in range(at.row + 1, sheet.max_row + 1)]
    stop = next((n for n, value in enumerate(cells) if not isinstance(value, int | float)), None)
    return cells[:stop]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_reads_back_what_the_records_say(
    town: Area, table: pd.DataFrame, tmp_path: Path, lang: Lang
) -> None:
    found = year_table.review(town, today=TODAY, study=STUDY)
    book = _book(found, tmp_path, lang)
    keys = ("summary", "years", "months", "hours", "severity", "type", "road_class", "study",
            "method")  # fmt: skip
    assert book.sheetnames == [text(f"year.sheet.{key}", lang) for key in keys]
    years = table["date"].str[:4].astype(int)
    this = table[years == 2024]
    months = this["date"].str[5:7].astype(int).value_counts().sort_index()
    hours = this["date"].str[11:13].astype(int).value_counts().reindex(range(24), fill_value=0)
    named = text("year.of", lang, year=2024)
    assert _below(book[book.sheetnames[2]], named) == months.tolist()
    assert _below(book[book.sheetnames[3]], named) == hours.tolist()
    crash = text("year.with_unit", lang, figure=text("year.figure.crashes", lang),
                 unit=text("year.unit.crashes", lang))  # fmt: skip
    assert _below(book[book.sheetnames[1]], crash) == years.value_counts().sort_index().tolist()
    severity = this["severity"].value_counts()
    assert sum(_below(book[book.sheetnames[4]], named)) == severity.sum() == len(this)
    assert _below(book[book.sheetnames[0]], named) == [
        len(this), this["killed"].sum(), this["injured"].sum()
    ]  # fmt: skip
    change_ = _below(book[book.sheetnames[0]], text("year.column.change", lang))
    assert change_[0] == pytest.approx(len(this) / (years == 2023).sum() * 365 / 366 - 1)
    assert -0.3 in [round(v, 9) for v in _below(book[book.sheetnames[7]],
                                                text("year.column.change", lang))]  # fmt: skip


def test_every_sheet_is_made_for_the_printer(town: Area, tmp_path: Path) -> None:
    book = _book(year_table.review(town, today=TODAY, study=STUDY), tmp_path, "zh")
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in {(1, 0), (None, 0)}
        assert sheet.oddFooter.right.text.replace(" ", "") == "&P/&N"
        # a lone & would begin a code
        assert "=1+1 && 东昌" in sheet.oddHeader.left.text or "&" not in sheet.oddHeader.left.text
        assert sheet["A1"].font.name == "Microsoft YaHei"
    for name in book.sheetnames[:7]:
        assert book[name].freeze_panes == "A5"
        assert book[name].print_title_rows == "$4:$4"


def test_text_that_looks_like_a_formula_is_text(town: Area, tmp_path: Path) -> None:
    book = _book(year_table.review(town, today=TODAY), tmp_path, "en")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert any(str(cell.value).startswith("=1+1 & 东昌") for cell in cells)


def test_charts_have_titles_units_and_looks_that_grey_keeps_apart(
    town: Area, tmp_path: Path
) -> None:
    _book(year_table.review(town, today=TODAY), tmp_path, "zh")
    charts = _charts(tmp_path / "year.xlsx")
    # three by year, then month, hour, severity and kind; a single class of road needs none
    assert len(charts) == 7
    for chart in charts:
        series = chart.count("<c:ser>")
        assert series in {1, 2, 3}
        assert chart.count("<a:pattFill") == (0 if series == 1 else 1)
        assert re.search(r"<c:title>.*?<a:t>[^<]*(?:起|人|事故|死亡|受伤|按)", chart, re.DOTALL)
        assert text("year.axis.crashes", "zh") in chart or text("year.unit.killed", "zh") in chart
        assert ("<c:errBars>" in chart) == (series == 1)


def test_simulated_records_are_marked_on_every_sheet(
    town: Area, table: pd.DataFrame, tmp_path: Path
) -> None:
    told = year_table.review(town, today=TODAY, simulated=True, study=STUDY)
    named = year_table.review(
        area_of(tmp_path / "town", table, file="模拟事故.csv"), today=TODAY
    )
    plain = year_table.review(town, today=TODAY)
    for number, found in enumerate((told, named, plain)):
        for lang in LANGUAGES:
            book = _book(found, tmp_path, lang)
            for sheet in book:
                words = [str(cell.value) for row in sheet.iter_rows() for cell in row]
                marked = text("year.simulated_is", lang) in words
                assert marked == (number < 2)
                assert (text("year.simulated", lang) in str(sheet.oddHeader.center.text)) == marked


def test_each_language_is_whole(town: Area, tmp_path: Path) -> None:
    book = _book(year_table.review(town, today=TODAY, study=STUDY), tmp_path, "en")
    said = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    chinese = {value for value in said if isinstance(value, str) and HAN.search(value)}
    # the name of the area and what the records say
    assert all("东昌" in value or re.fullmatch(r"[追尾撞行人;]+", value) for value in chinese)


def test_libreoffice_prints_the_workbook_as_it_is(town: Area, tmp_path: Path) -> None:
    found = year_table.review(town, today=TODAY, study=STUDY)
    sheets = _book(found, tmp_path, "zh").sheetnames
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    for form in ("pdf", "csv:Text - txt - csv (StarCalc):44,34,76,1"):
        subprocess.run(
            ["soffice", home, "--headless", "--convert-to", form, "--outdir", str(tmp_path),
             str(tmp_path / "year.xlsx")],
            capture_output=True, check=True, timeout=300,
        )  # fmt: skip
    said = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "year.pdf"), "-"],
        capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    pages = said.rstrip("\f").split("\f")
    assert len(pages) >= len(sheets)
    for name in sheets:
        assert any(name in page for page in pages)
    assert f"{len(pages)}/{len(pages)}" in pages[-1].replace(" ", "")
    with (tmp_path / "year.csv").open(encoding="utf-8", newline="") as file:
        rows = {row[0].strip(): row[1:3] for row in csv.reader(file) if row}
    this, base = found.sums["crashes"]
    crash = text("year.with_unit", "zh", figure=text("year.figure.crashes", "zh"),
                 unit=text("year.unit.crashes", "zh"))  # fmt: skip
    assert rows[crash] == [f"{this.total:.0f}", f"{base.total:.0f}"]
    assert all("Err:" not in page and "#" not in page for page in pages)


# --- the command -------------------------------------------------------------------------------


def test_the_command_writes_the_workbook_and_says_what_changed(
    tmp_path: Path, table: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = project(tmp_path / "town", table), tmp_path / "year.xlsx"
    assert main(["year", str(source), "--lang", "en", "-o", str(target)]) == 0
    said = capsys.readouterr().out
    assert said.count("in the same months of 2023") == 3
    assert target.exists()
    assert main(["year", str(source), "--year", "2023", "--simulated", "--json", "-o",
                 str(target)]) == 0  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert (told["year"], told["against"], told["simulated"]) == (2023, 2022, True)
    assert told["crashes"]["this"] == table["date"].str.startswith("2023").sum()


@pytest.mark.parametrize(
    ("more", "name", "said"),
    [
        (["--year", "2019"], "year.xlsx", "2019"),
        (["--sites", "sites.csv"], "year.xlsx", "--before"),
        ([], "year.csv", ".xlsx"),
        ([], "nowhere/year.xlsx", "nowhere"),
    ],
)
def test_the_command_says_what_is_wrong_and_writes_nothing(
    tmp_path: Path, table: pd.DataFrame, capsys: pytest.CaptureFixture[str], more: list[str],
    name: str, said: str,
) -> None:  # fmt: skip
    source, target = project(tmp_path / "town", table), tmp_path / name
    assert main(["year", str(source), *more, "-o", str(target)]) == 2
    assert said in capsys.readouterr().err
    assert not target.exists()


def test_months_are_written_as_runs() -> None:
    assert year_table.spelled((1, 2, 3, 9)) == "1–3, 9"
    assert year_table.spelled((12,)) == "12"


def test_another_ending_is_refused_before_the_area_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["year", "none.osm", "-o", str(tmp_path / "y.csv"), "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "y.csv" in said
    assert ".xlsx" in said
