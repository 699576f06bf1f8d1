"""The room of data and methods: what is loaded, what is known, lists, evidence, questions."""

import re
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from town import degrees, write

import riskmap
from riskmap.area import Area
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.pages import bars, loaded

TOWN = Path(__file__).parent / "browser" / "hostile.osm"
HAN = re.compile(r"[\u3400-\u9fff]")
LISTS = "名称,经度,纬度,坐标系\n=1+1,9.5062,47.1001,WGS84\nzero,0,0,WGS84\nnone,,,WGS84\n"
FACTS = "way_id,限速,路灯\nw1,40,有\nw999,40,有\n"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Area:
    """The town with nothing beside the map."""
    return riskmap.assess(TOWN, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Area:
    """The town with a list, of which one row of three counts, and facts, one of two."""
    home = tmp_path_factory.mktemp("town")
    lists = home / "data" / "points"
    lists.mkdir(parents=True)
    shutil.copy(TOWN, home / "town.osm")
    (home / "area.toml").write_text('extract = "town.osm"\n', encoding="utf-8")
    (lists / "school.csv").write_text(LISTS, encoding="utf-8")
    (lists / "facts.csv").write_text(FACTS, encoding="utf-8")
    return riskmap.assess(home / "area.toml", cache=False)


def _draw(area: "riskmap.Area", lang: "Lang") -> None:
    """Run the room as a page of its own."""
    from riskmap.pages import data  # noqa: PLC0415  # the function's text is the whole script

    data._room(area, lang)


def _room(area: Area, lang: Lang) -> AppTest:
    page = AppTest.from_function(_draw, args=(area, lang), default_timeout=60).run()
    assert not page.exception
    return page


def _words(page: AppTest) -> str:
    """All that the room says, without the tags."""
    html = " ".join(element.proto.body for element in page.get("html"))
    said = [re.sub(r"<[^>]*>", " ", html)]
    said += [element.value for element in (*page.caption, *page.markdown, *page.info)]
    said += [tab.label for tab in page.tabs]
    said += [" ".join(map(str, table.value.columns)) for table in page.dataframe]
    return " ".join(said)


# --- bars --------------------------------------------------------------------------------------


def _rows(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["title", "known_km", "assumed_km", "unknown_km"])
    return table.assign(name=[f"n{number}" for number in range(len(rows))])


def test_a_bar_is_as_wide_as_its_share_and_says_the_number() -> None:
    html = bars.stacked(_rows(("a", 1.0, 2.0, 5.0)), {}, "en")
    widths = re.findall(r'<i class="(\w+)" style="width:([\d.]+)%">', html)
    assert widths == [("known", "12.50"), ("assumed", "25.00"), ("unknown", "62.50")]
    assert re.findall(r"<td>([\d<>.]+)</td>", html) == ["12", "25", "62", "8"]


def test_the_least_known_stands_first() -> None:
    html = bars.stacked(_rows(("a", 9, 0, 1), ("b", 1, 9, 0), ("c", 0, 0, 10)), {}, "en")
    assert re.findall(r"<td>([abc])</td>", html) == ["c", "a", "b"]


def test_what_asks_about_no_road_says_so_and_has_no_bar() -> None:
    html = bars.stacked(_rows(("a", 0.0, 0.0, 0.0)), {}, "zh")
    assert text("data.not_asked", "zh") in html
    assert 'class="bar"' not in html


def test_a_title_in_a_bar_is_only_text() -> None:
    html = bars.stacked(_rows(("<img src=x onerror=alert(1)>", 1, 1, 1)), {}, "en")
    assert "<img src=x" not in html


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_state_is_explained_once(lang: Lang) -> None:
    html = bars.meaning(lang)
    for state in bars.STATES:
        assert html.count(text(f"data.means.{state}", lang)) == 1


# --- what is loaded ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        ("2013-08-03T20:21:00Z", "2013-08-03 (age in whole years: 12)"),
        ("2024-08-02", "2024-08-02 (age in whole years: 1)"),
        ("2025-03-01", "2025-03-01"),
        ("2030-01-01", "2030-01-01"),
        ("", "unknown"),
        ("last week", "last week"),
    ],
)
def test_the_map_data_say_how_old_they_are(taken: str, said: str) -> None:
    assert loaded.age(taken, date(2025, 8, 4), "en") == said


def test_without_lists_facts_and_elevation_it_says_so(plain: Area) -> None:
    html = loaded.table(plain, "town.osm", [], "en")
    for key in ("no_elevation", "no_lists", "no_facts"):
        assert text(f"data.loaded.{key}", "en") in html
    assert text("whatif.none", "en") in html


def test_rows_that_count_are_told_from_rows_that_do_not(given: Area) -> None:
    html = loaded.table(given, "area.toml", ["甲", "乙"], "zh")
    assert text("data.loaded.lists_are", "zh", files=1, rows=3, used=1) in html
    assert text("data.loaded.facts_are", "zh", rows=2, used=1) in html
    assert text("import.joiner", "zh").join(["甲", "乙"]) in html


# --- the room ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_layer_and_input_has_a_bar(plain: Area, lang: Lang) -> None:
    words = _words(_room(plain, lang))
    for layer in plain.layers.values():
        assert layer.title[lang] in words
    for name in plain.inputs.index:
        assert text(f"input.{name}", lang) in words


def test_the_english_room_holds_no_chinese(given: Area) -> None:
    assert HAN.findall(_words(_room(given, "en"))) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_evidence_has_one_row_for_each_effect(plain: Area, lang: Lang) -> None:
    columns = [text(f"data.column.{name}", lang) for name in ("title", "factor", "grade", "source")]
    tables = [table.value for table in _room(plain, lang).dataframe]
    found = next(table for table in tables if columns[2] in table)
    judged = text("word.judgement", lang)
    expected = [
        (layer.title[lang], effect.factor, effect.grade,
         judged if effect.grade == "D" else effect.source)
        for layer in plain.layers.values()
        for effect in layer.effects
    ]  # fmt: skip
    assert list(found[columns].itertuples(index=False, name=None)) == expected


def _report(page: AppTest, lang: Lang) -> pd.DataFrame:
    why = text("data.column.why", lang)
    return next(table.value for table in page.dataframe if why in table.value)


def test_the_report_begins_with_what_needs_doing_and_can_show_the_rest(given: Area) -> None:
    page = _room(given, "en")
    outcome, row = text("data.column.outcome", "en"), text("data.column.row", "en")
    first = _report(page, "en")
    assert set(first[outcome]) <= {text(f"import.outcome.{o}", "en") for o in ("dropped", "note")}
    assert len(first) == (given.report["outcome"].isin(["dropped", "note"])).sum()
    page.session_state["outcomes-lists-en"] = ["read", "moved", "merged"]
    rest = _report(page.run(), "en")
    assert sorted(rest[row]) == [2, 2]  # the row of the list and the row of the facts that count


def test_files_are_counted_by_outcome(given: Area) -> None:
    file, dropped = text("data.column.file", "zh"), text("import.outcome.dropped", "zh")
    tables = [table.value for table in _room(given, "zh").dataframe]
    counts = next(t for t in tables if file in t and dropped in t).set_index(file)[dropped]
    assert counts.to_dict() == {"school.csv": 2, "facts.csv": 1}


def test_a_note_on_a_whole_file_has_no_row_and_no_place(tmp_path: Path) -> None:
    lists = tmp_path / "points"
    lists.mkdir()
    (lists / "school.csv").write_text("lon,lat\n9.5062,47.1001\n", encoding="utf-8")
    found = riskmap.assess(TOWN, points=lists, cache=False)
    note = _report(_room(found, "zh"), "zh").iloc[0]
    assert note[text("data.column.outcome", "zh")] == text("import.outcome.note", "zh")
    assert pd.isna(note[text("data.column.row", "zh")])
    assert pd.isna(note[text("data.column.lon", "zh")])


def test_a_railway_over_a_road_is_asked_about(tmp_path: Path) -> None:
    nodes = {1: (0, 0), 2: (200, 0), 3: (100, -50), 4: (100, 50)}
    ways = {11: ([1, 2], {"highway": "secondary"}), 12: ([3, 4], {"railway": "rail"})}
    found = riskmap.assess(write(tmp_path / "t.osm", nodes, ways), cache=False)
    lon, lat = degrees(100.0, 0.0)
    page = _room(found, "zh")
    said = [element.value.replace("\\", "") for element in page.markdown]
    asked = found.questions["text_zh"].iloc[0]
    assert len(found.questions) == 1
    assert text("info.question", "zh", text=asked, lat=f"{lat:.5f}", lon=f"{lon:.5f}") in said


def test_without_questions_it_says_so(plain: Area) -> None:
    assert text("data.no_questions", "en") in _words(_room(plain, "en"))
