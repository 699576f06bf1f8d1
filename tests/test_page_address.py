"""An address carries what was chosen: a link opens the same view, and a hostile one the usual."""

from __future__ import annotations

import datetime as dt

import pytest
from streamlit.testing.v1 import AppTest
from test_page import TOWN, Start, html, start, worst_rows
from test_page_when import asked

import riskmap
from riskmap import drawn
from riskmap.locale import Lang, text
from riskmap.pages import card_steps, drawn_area, own_list, ranking
from riskmap.webmap.component.component import Told

__all__ = ["start"]

ALWAYS = {"lang", "area"}
ELSEWHERE = {
    "": {"by", "top", "drawn", "crashes", "listed"}, "places": {"per", "sure", "off", "crashes"},
}  # fmt: skip
"""Names that a part leaves as they are: others read them."""
DRAWN = "9.49000,47.09000;9.52000,47.09000;9.52000,47.11000"


def said(page: AppTest) -> dict[str, str]:
    """What the address says beside area and language."""
    found = {
        name: words if isinstance(words, str) else words[-1]
        for name, words in page.query_params.items()
    }
    return {name: words for name, words in found.items() if name not in ALWAYS}


def test_a_fresh_page_has_a_short_address(start: Start) -> None:
    page = start(town=TOWN)
    assert said(page) == {}
    assert set(page.query_params) == ALWAYS


def test_a_link_opens_the_hour_the_weather_and_the_scenario(start: Start) -> None:
    link = {
        "when": "kind", "kind": "weekend", "hour": "17", "weather": "ice",
        "scenario": "drink_drive_checks", "per": "mvkm", "sure": "1", "off": "school,bus_stop",
    }  # fmt: skip
    page = start(address=link, town=TOWN)
    assert "周末 17\N{EN DASH}18 时" in html(page)
    assert text("look.mark", "zh") in html(page)
    assert text("weather.ice", "zh") in html(page)
    assert page.selectbox(key="scenario-zh").value == "drink_drive_checks"
    assert page.toggle(key="sure").value
    assert not page.toggle(key="layer school").value
    assert said(page) == {**link, "off": "school"}


def test_a_link_opens_the_card_of_a_road(start: Start) -> None:
    road = riskmap.assess(TOWN).segments.index[3]
    page = start(address={"road": road}, town=TOWN)
    assert text("card.why", "zh") in html(page)
    page.button(key="close").click().run()
    assert said(page) == {}


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"when": "date", "date": "2026-05-01", "hour": "18"}, "劳动节 18\N{EN DASH}19 时"),
        ({"when": "period", "begins": "2026-05-01", "shift": "night"}, "2026-05-01 23 时至"),
        ({"when": "period", "span": "week", "begins": "2026-05-04"}, "2026-05-04 至 2026-05-10"),
        ({"when": "period", "span": "holiday", "holiday": "national_day", "year": "2026"},
         "2026-09-30 12 时至 2026-10-08 0 时"),
        ({"when": "period", "span": "free", "from": "2026-03-02", "to": "2026-03-08"},
         "2026-03-02 至 2026-03-08"),
    ],
)  # fmt: skip
def test_a_link_opens_a_date_or_a_period_and_is_written_again(
    start: Start, link: dict[str, str], words: str
) -> None:
    page = start(address=link, town=TOWN)
    assert words in html(page)
    assert said(page) == link


def test_a_date_stands_in_the_address_even_if_it_is_today(start: Start) -> None:
    page = asked(start(town=TOWN), when="date")
    assert said(page) == {"when": "date", "date": str(dt.datetime.now().astimezone().date())}


def test_another_kind_of_time_takes_the_words_of_the_last_one_away(start: Start) -> None:
    page = start(address={"when": "date", "date": "2026-05-01", "hour": "18"}, town=TOWN)
    assert said(asked(page, when="year")) == {}


def test_what_is_changed_is_written_and_what_is_as_usual_is_not(start: Start) -> None:
    page = start(town=TOWN)
    page.toggle(key="layer school").set_value(False).run()
    assert said(page) == {"off": "school"}
    page.toggle(key="layer school").set_value(True).run()
    assert said(asked(page, per="mvkm")) == {"per": "mvkm"}


@pytest.mark.parametrize(
    "link",
    [
        {"when": "<script>", "kind": "x", "hour": "-1", "date": "x"},
        {"when": "date", "date": "9999-99-99", "hour": "24"},
        {"when": "date", "date": "1066-10-14", "hour": "1e3"},
        {"when": "period", "span": "../..", "begins": "'; --", "shift": "\0"},
        {"when": "period", "span": "holiday", "holiday": "x", "year": "-5"},
        {"when": "kind", "kind": "holiday" * 2000, "hour": "٣"},
        {"per": "total", "sure": "yes", "off": ",,<b>,*", "crashes": "1", "weather": "lava"},
        {"road": "w1.1-2.2'", "scenario": "../../etc/passwd", "by": "", "top": "7"},
        {"area": "../../etc/passwd", "lang": "xx", "drawn": "1,2;3,4;1e999,0", "view": "x,y"},
        {"listed": "everything"},
    ],
)
def test_hostile_words_in_an_address_are_as_if_they_were_not_there(
    start: Start, link: dict[str, str]
) -> None:
    for part in ("", "places"):
        page = start(part, link, town=TOWN)
        assert not page.exception
        assert not page.error
        same = {name for name, words in said(page).items() if link.get(name) == words}
        assert same <= ELSEWHERE[part] | {"when", "span", "view"}
        assert page.dataframe if part else worst_rows(page)


def test_the_view_that_the_map_writes_is_left_alone(start: Start) -> None:
    page = start(address={"view": "9.5,47.1,12"}, town=TOWN)
    page = asked(page, when="kind", per="mvkm")
    assert said(page)["view"] == "9.5,47.1,12"


# --- the list ------------------------------------------------------------------------------------


def test_a_link_opens_the_ranking_and_the_drawn_area(start: Start) -> None:
    link = {"by": "total", "top": "200", "drawn": DRAWN}
    page = start("places", link, town=TOWN)
    assert said(page) == link
    area = riskmap.assess(TOWN)
    inside = area.within([(9.49, 47.09), (9.52, 47.09), (9.52, 47.11)])
    assert 0 < inside.sum() < len(area.segments)
    assert len(page.dataframe[0].value) == inside.sum()
    chip = text("drawn.only", "zh", count=int(inside.sum()), km="{km}").split("{km}")[0]
    assert chip in html(page)
    page.button(key="drawn clear").click().run()
    assert len(page.dataframe[0].value) == len(area.segments)
    assert said(page) == {"by": "total", "top": "200"}


def test_what_is_drawn_on_the_map_is_kept_and_written(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    corners = ((9.49, 47.09), (9.52, 47.09), (9.52, 47.11))
    monkeypatch.setattr(
        "riskmap.pages.places.risk_map", lambda *_, **__: Told(None, None, corners)
    )
    page = start("places", town=TOWN)
    assert page.session_state[drawn_area.NAME] == corners
    assert said(page) == {"drawn": DRAWN}


def test_more_corners_than_an_area_has_are_told_and_stand_in_no_link(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = drawn.given([[9.5 + n / 1e4, 47.1 + n % 2 / 1e4] for n in range(drawn.MOST + 1)])
    told = [Told(None, None, many)]
    monkeypatch.setattr(
        "riskmap.pages.places.risk_map",
        lambda *_, **__: told.pop() if told else Told(None, None, None),
    )
    page = start("places", town=TOWN)
    assert [box.value.replace("\\", "") for box in page.error] == [
        text("drawn.many", "zh", count=201, most=200)
    ]
    assert said(page) == {}
    page.button(key="drawn clear").click().run()
    assert not page.error
    assert len(page.dataframe) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_no_area_is_told_in_the_language_of_the_page(start: Start, lang: Lang) -> None:
    page = start("places", {"drawn": "1.0,1.0;2.0,2.0;3.0,3.0", "lang": lang}, town=TOWN)
    assert [box.value.replace("\\", "") for box in page.error] == [text("drawn.flat", lang)]


def test_a_drawn_area_without_roads_says_what_to_do(start: Start) -> None:
    page = start("places", {"drawn": "1.0,1.0;1.1,1.0;1.1,1.1"}, town=TOWN)
    assert [box.value.replace("\\", "") for box in page.info] == [text("list.nothing_inside", "zh")]


def test_without_a_drawn_area_it_is_said_how_to_draw_one(start: Start) -> None:
    page = start("places", town=TOWN)
    assert text("drawn.hint", "zh") in [caption.value for caption in page.caption]


def test_a_list_of_ones_own_keeps_its_order_and_takes_a_change_back(start: Start) -> None:
    page = asked(start("places", town=TOWN), listed="own")
    assert [box.value.replace("\\", "") for box in page.info] == [text("own.empty", "zh")]
    area = riskmap.assess(TOWN)
    ids = [area.segments.index[row] for row in (5, 2)]
    for road in ids:
        asked(page, selected=road).button(key="own add").click().run()
    table = page.dataframe[0].value
    assert table["rank"].tolist() == [1, 2]
    listed = area.listed(ids)
    assert table["name"].tolist() == listed["name"].tolist()
    page.button(key="own remove").click().run()
    assert page.session_state[own_list.OWN] == (ids[0],)
    page.button(key="own undo").click().run()
    assert page.session_state[own_list.OWN] == tuple(ids)
    # a road that is not chosen from the list cannot be taken off it
    asked(page, selected=area.segments.index[0])
    assert page.button(key="own remove").disabled


STEPS = """
import streamlit as st
from riskmap.pages import own_list
for name, *given in st.session_state["steps"]:
    getattr(own_list, name)(*given)
"""
"""What is clicked before the page has answered the first click."""


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        ([("add", "a"), ("add", "a")], ("a",)),
        ([("add", "a"), ("add", "b"), ("add", "a")], ("a", "b")),
        ([("add", "a"), ("remove", "a"), ("remove", "a")], ()),
        ([("add", "a"), ("add", "a"), ("back",)], ()),
        ([("add", "a"), ("remove", "a"), ("remove", "a"), ("back",)], ("a",)),
        ([("add", "a"), ("back",), ("back",)], ()),
    ],
)
def test_a_second_click_does_what_the_first_did(
    steps: list[tuple[str, ...]], left: tuple[str, ...]
) -> None:
    page = AppTest.from_string(STEPS)
    page.session_state["steps"] = steps
    page.run()
    assert not page.exception
    assert page.session_state[own_list.OWN] == left


def test_undo_on_a_fresh_list_does_nothing() -> None:
    page = AppTest.from_string(STEPS)
    page.session_state["steps"] = [("back",)]
    page.run()
    assert not page.exception


def test_a_link_opens_the_list_that_was_open(start: Start) -> None:
    page = asked(start("places", town=TOWN), listed="own")
    assert said(page) == {"listed": "own"}
    other = start("places", said(page), town=TOWN)
    assert [box.value.replace("\\", "") for box in other.info] == [text("own.empty", "zh")]
    assert said(asked(other, listed="ranked")) == {}


def test_a_table_shows_the_first_rows_of_a_long_list_and_the_download_has_all(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = len(riskmap.assess(TOWN).segments)
    monkeypatch.setattr(ranking, "SHOWN", every)
    page = start("places", {"top": "0"}, town=TOWN)
    words = text("list.shown", "zh", shown=4, count=every)
    assert len(page.dataframe[0].value) == every
    assert words not in [caption.value for caption in page.caption]
    monkeypatch.setattr(ranking, "SHOWN", 4)
    page.run()
    assert page.dataframe[0].value["rank"].tolist() == [1, 2, 3, 4]
    assert words in [caption.value for caption in page.caption]
    button, _map_file = page.get("download_button")
    assert button.proto.label == text("list.save", "zh", count=every)


# --- the card ------------------------------------------------------------------------------------


def test_a_road_that_is_like_it_is_one_click_away(start: Start) -> None:
    area = riskmap.assess(TOWN)
    named = next(
        road for road in area.segments.index if len(card_steps.alike(area, road))
    )
    page = asked(start(town=TOWN), selected=named)
    first = card_steps.alike(area, named).iloc[0]
    page.button(key="alike 0").click().run()
    assert page.session_state["selected"] == first["segment_id"]
    assert not page.exception


def test_the_card_says_how_sure_its_score_is(start: Start) -> None:
    page = asked(start(town=TOWN), selected=riskmap.assess(TOWN).segments.index[0])
    found = [text(f"card.sure.{step}", "zh") in html(page) for step in ("high", "middle", "low")]
    assert sum(found) == 1
