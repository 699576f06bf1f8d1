"""The choice of time on the page, and the room of the assessment, without a browser."""

import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_page import TOWN, Start, html, start, worst_rows

import riskmap
from riskmap import briefing, holiday_plan
from riskmap.locale import Lang, text
from riskmap.outlook import outlook
from riskmap.pages import worst

__all__ = ["start"]


def asked(page: AppTest, **state: object) -> AppTest:
    """Choose, as a click would."""
    for key, value in state.items():
        page.session_state[key.replace("__", " ")] = value
    page.run()
    assert not page.exception
    return page


def test_a_date_and_hour_is_said_in_words_and_scored(start: Start) -> None:
    page = asked(start(town=TOWN), when="date")
    page.date_input(key="date-zh").set_value(dt.date(2026, 5, 1)).run()
    asked(page, hour=18)
    assert not page.exception
    assert "2026-05-01 周五 劳动节 18\N{EN DASH}19 时" in html(page)
    area = riskmap.assess(TOWN)
    worst = area.scores(area.moment("2026-05-01T18:00"))["harm_per_km"].idxmax()
    named = area.segments.loc[worst, "name"] or text("reason.unnamed", "zh")
    assert worst_rows(page)[0]["name"] == named


def test_the_hour_of_a_chosen_date_stands_in_the_clock_of_a_road(start: Start) -> None:
    page = asked(start(town=TOWN), when="date")
    asked(page, selected=riskmap.assess(TOWN).segments.index[0])
    (chart,) = page.get("vega_lite_chart")
    assert str(dt.datetime.now().astimezone().date()) in chart.proto.spec


def test_a_shift_lists_the_worst_hour_of_each_road(start: Start) -> None:
    page = asked(start("places", town=TOWN), when="period")
    today = dt.datetime.now().astimezone().date()
    assert f"{today} 7\N{EN DASH}15 时" in html(page)
    peaks = page.dataframe[0].value["peak"]
    assert all(peak.startswith(str(today)) for peak in peaks)


def test_a_named_holiday_is_a_period(start: Start) -> None:
    page = asked(start(town=TOWN), when="period")
    page.radio(key="span-zh").set_value("holiday").run()
    page.number_input(key="holiday year").set_value(2026).run()
    assert not page.exception
    assert "2026-04-30 12 时至 2026-05-06 0 时" in html(page)


@pytest.mark.parametrize(
    ("span", "keys", "said"),
    [
        ("holiday", {"holiday year": 2044}, "public holidays of 2044"),
        ("free", {"period from-zh": dt.date(2026, 5, 5), "period to-zh": dt.date(2026, 5, 1)},
         "an empty period"),
    ],
)  # fmt: skip
def test_a_period_that_cannot_be_is_a_sentence_and_the_page_goes_on(
    start: Start, span: str, keys: dict[str, object], said: str
) -> None:
    page = asked(start(town=TOWN), when="period")
    page.radio(key="span-zh").set_value(span).run()
    for key, value in keys.items():
        widget = page.number_input if "year" in key else page.date_input
        widget(key=key).set_value(value).run()
    assert not page.exception
    assert any(said in error.value for error in page.error)
    assert worst_rows(page)


def test_a_date_of_an_unknown_year_is_a_sentence(start: Start) -> None:
    page = asked(start(town=TOWN), when="date")
    page.date_input(key="date-zh").set_value(dt.date(2051, 5, 1)).run()
    assert not page.exception
    assert any("public holidays of 2051" in error.value for error in page.error)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("when", "span"), [("year", "year"), ("kind", "hour"), ("date", "hour"), ("period", "period")]
)
def test_the_worst_places_are_of_the_time_that_is_looked_at(
    start: Start, when: str, span: str, lang: Lang
) -> None:
    page = asked(start(town=TOWN), when=when, lang=lang)
    count = len(worst_rows(page))
    assert text(f"worst.{span}", lang, top=count) in html(page)


def test_of_a_road_only_the_worst_piece_is_a_place(start: Start) -> None:
    area = riskmap.assess(TOWN)
    harm = area.scores()["harm_per_km"]
    ids = harm.groupby(area.segments["way_id"]).idxmax()
    assert len(ids) < len(harm)
    ordered = harm[ids].sort_values(ascending=False).index.tolist()
    assert worst.places(area, area.scores()) == ordered
    assert [row["id"] for row in worst_rows(start(town=TOWN))] == ordered


# --- the room of the assessment ------------------------------------------------------------------

ROOM = """
import streamlit as st
from pathlib import Path
from riskmap.pages import frame, header, outlook
lang = frame.begin()
st.session_state["rooms"] = []
outlook.show()
"""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The room on the town."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "town.osm").write_bytes(TOWN.read_bytes())
    monkeypatch.setenv("RISKMAP_DATA", str(folder))
    monkeypatch.setattr("riskmap.sample", lambda: tmp_path / "none.osm.pbf", raising=False)
    page = AppTest.from_string(ROOM, default_timeout=60)
    page.session_state["holiday year"] = 2026
    page.run()
    assert not page.exception
    return page


def test_the_room_reads_out_the_sentences_of_the_assessment(room: AppTest) -> None:
    area = riskmap.assess(TOWN)
    period = holiday_plan.period_of(area, "labour_day", 2026)
    said = briefing.sentences(outlook(area, period, lang="zh"), "zh")
    assert room.code[0].value == "\n".join(said)
    labels = [tab.label for tab in room.tabs]
    assert labels == [
        text(f"outlook.tab.{name}", "zh")
        for name in ("roads", "layers", "days", "changed", "positions", "diversions")
    ]


def test_free_dates_have_no_positions_and_can_be_compared_with_the_year(room: AppTest) -> None:
    room.session_state["outlook"] = "free"
    room.run()
    room.date_input(key="outlook from-zh").set_value(dt.date(2026, 12, 1)).run()
    room.date_input(key="outlook to-zh").set_value(dt.date(2026, 12, 7)).run()
    assert text("outlook.tab.positions", "zh") not in [tab.label for tab in room.tabs]
    assert text("outlook.season", "zh") in room.code[0].value
    room.selectbox(key="against-zh").set_value("year").run()
    assert not room.exception
    assert text("outlook.year", "zh") in room.code[0].value


def test_a_stated_weather_changes_the_assessment(room: AppTest) -> None:
    before = room.code[0].value
    room.selectbox(key="outlook weather-zh").set_value("ice").run()
    assert not room.exception
    assert room.code[0].value != before
    assert text("outlook.of", "zh", name=text("weather.ice", "zh")) in room.code[0].value


def test_a_year_without_a_calendar_says_the_way_out(room: AppTest) -> None:
    room.number_input(key="holiday year").set_value(2044).run()
    assert not room.exception
    assert any("public holidays of 2044" in error.value for error in room.error)


def test_ways_round_wait_for_a_button(room: AppTest) -> None:
    (button,) = [b for b in room.button if b.label == text("outlook.work_out", "zh")]
    button.click().run()
    assert not room.exception
    said = [info.value for info in room.info] + [code.value for code in room.code[1:]]
    assert said
