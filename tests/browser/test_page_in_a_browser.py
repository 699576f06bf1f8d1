"""Claims about the page that only a browser can test."""

import csv
import http.client
import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect
from room import Room

from riskmap.locale import text

Visit = Callable[..., Room]


@pytest.mark.parametrize(("host", "status"), [("localhost", 101), ("evil.example", 403)])
def test_only_a_known_host_name_gets_a_connection(server: str, host: str, status: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=10)
    headers = {
        "Host": host,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    connection.request("GET", "/_stcore/stream", headers=headers)
    assert connection.getresponse().status == status
    connection.close()


def _choose_source(room: Room, name: str) -> None:
    room.page.locator(".st-key-source button").first.click()
    room.page.get_by_test_id("stPopoverBody").get_by_test_id("stSelectbox").locator("input").click()
    room.page.get_by_role("option", name=name).click()
    room.page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("size", "lang"),
    [((1366, 768), "en"), ((1920, 1080), "zh")],
    ids=["laptop", "wall"],
)
def test_the_sample_opens_with_coloured_roads_and_nothing_to_scroll(
    visit: Visit, size: tuple[int, int], lang: str
) -> None:
    room = visit(f"?lang={lang}", width=size[0], height=size[1])
    box = room.map.bounding_box()
    assert box is not None
    assert box["width"] >= 0.7 * size[0]
    assert box["height"] >= 0.8 * size[1]
    for color in ("red", "orange", "yellow", "blue"):
        assert room.colored(color).any(), color
    expect(room.map.locator(".legend")).to_contain_text(text("map.level.red", lang))
    expect(room.map.locator(".credit")).to_have_text(text("map.credit", lang))
    assert room.page.evaluate(
        "[...document.querySelectorAll('[data-testid=stMain], html')]"
        ".every(part => part.scrollHeight <= part.clientHeight)",
    )
    assert room.strangers() == []


def test_a_click_on_a_road_opens_its_reasons(visit: Visit) -> None:
    room = visit()
    room.click_color("red")
    expect(room.page.locator("#rm-card")).to_contain_text(text("level.red", "zh"))
    expect(room.page.locator(".rm .reason").first).to_be_visible()
    room.settle()
    assert room.colored("accent").any()
    assert room.strangers() == []


def test_a_click_on_a_row_opens_its_reasons_and_marks_the_road(visit: Visit) -> None:
    room = visit()
    room.map.wait_for()
    room.rows.first.click()
    expect(room.page.locator("#rm-card")).to_be_visible()
    expect(room.page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    room.settle()
    assert room.colored("accent").any()
    assert room.strangers() == []


def test_a_row_is_chosen_by_key_and_let_go_by_a_second_time(visit: Visit) -> None:
    room = visit()
    room.map.wait_for()
    third = room.rows.nth(2)
    third.get_by_role("button").focus()
    room.page.keyboard.press("Enter")
    expect(room.page.locator("#rm-card h3")).to_have_text(third.get_by_role("button").inner_text())
    expect(third.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    expect(third.get_by_role("button")).to_be_focused()
    room.page.keyboard.press("Enter")
    expect(room.page.locator("#rm-card")).to_have_count(0)
    expect(third.get_by_role("button")).to_have_attribute("aria-pressed", "false")


def test_the_card_closes(visit: Visit) -> None:
    room = visit()
    room.click_color("red")
    expect(room.page.locator("#rm-card")).to_be_visible()
    room.page.locator(".st-key-close button:visible").click()
    expect(room.page.locator("#rm-card")).to_have_count(0)
    room.settle()
    assert not room.colored("accent").any()


def test_the_language_switch_turns_page_map_and_address(visit: Visit) -> None:
    room = visit()
    expect(room.map.locator(".legend summary")).to_have_text(text("map.legend", "zh"))
    room.page.get_by_text("English", exact=True).click()
    expect(room.map.locator(".legend summary")).to_have_text(text("map.legend", "en"))
    expect(room.page.get_by_text(text("card.hint", "en"))).to_be_visible()
    expect(room.page).to_have_url(re.compile("lang=en"))


def test_the_hour_changes_levels_and_sends_no_geometry(visit: Visit) -> None:
    room = visit()
    room.map.wait_for()
    room.settle()
    by_year = room.colored("red").sum()
    room.received.clear()
    asked = len(room.asked)
    room.page.get_by_text(text("when.kind", "zh"), exact=True).click()
    room.settle()
    handle = room.page.get_by_role("slider")
    handle.focus()
    for _ in range(5):
        handle.press("ArrowLeft")
    room.settle()
    assert room.colored("red").sum() < by_year / 2
    # all hours of the day come at once, half a byte a road, and not a tile
    roads = room.map.evaluate("root => root.room.roads.levels.length")
    assert 12 * roads < max(room.received) < 12 * roads + 1000
    assert not any("/area/" in address for address in room.asked[asked:])
    expect(room.map.locator(".clock output")).to_have_text("03:00")
    # the list and the words above follow
    expect(room.page.locator(".rm-title .mark")).to_contain_text("3\N{EN DASH}4")


def test_a_day_is_played_without_a_word_from_the_server(visit: Visit) -> None:
    room = visit("?lang=en")
    room.map.wait_for()
    room.page.get_by_text(text("when.kind", "en"), exact=True).click()
    clock = room.map.locator(".clock")
    clock.wait_for()
    room.settle()
    before = room.colored("red").sum()
    clock.get_by_role("slider").press("Home")
    # the answer to that is in: all that comes from here on would be of the playing
    expect(room.page.locator(".rm-title .mark")).to_contain_text("0\N{EN DASH}1")
    room.settle()
    room.received.clear()
    clock.get_by_role("button", name=text("duty.play", "en")).click()
    expect(clock.locator("output")).to_have_text(re.compile("0[2-6]:00"))
    assert room.received == []
    clock.get_by_role("button", name=text("duty.pause", "en")).click()
    assert room.colored("red").sum() < before


def test_a_layer_that_is_switched_off_takes_its_symbols_away(visit: Visit) -> None:
    room = visit()
    before = room.picture()
    rows = room.map.locator(".legend .row").count()
    room.page.locator(".st-key-layers button").click()
    room.page.get_by_test_id("stPopoverBody").get_by_test_id("stCheckbox").first.click()
    expect(room.map.locator(".legend .row")).to_have_count(rows - 1)
    room.page.keyboard.press("Escape")
    room.settle()
    assert np.abs(room.picture()[300:] - before[300:]).any()


def test_the_list_can_be_downloaded(visit: Visit, tmp_path: Path) -> None:
    room = visit("list")
    room.map.wait_for()
    room.page.get_by_role("button", name=text("list.download", "zh")).click()
    room.page.get_by_test_id("stRadio").get_by_text("csv", exact=True).click()
    room.settle()
    with room.page.expect_download() as download:
        room.page.get_by_role("button", name=text("list.save", "zh", count=50)).click()
    path = tmp_path / "list.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row[text("heading.rank", "zh")] for row in rows] == [str(rank) for rank in range(1, 51)]
    assert download.value.suggested_filename == "hotspots.csv"
    assert room.strangers() == []


def test_a_broken_extract_gives_one_line_and_no_trace(visit: Visit) -> None:
    room = visit()
    room.map.wait_for()
    _choose_source(room, "broken.osm.pbf")
    box = room.page.get_by_test_id("stAlert")
    expect(box).to_contain_text("broken.osm.pbf")
    words = box.inner_text()
    assert "\n" not in words.strip()
    assert "Traceback" not in room.page.content()
    assert 'File "' not in words


def test_a_hostile_name_is_only_text(visit: Visit) -> None:
    room = visit()
    room.map.wait_for()
    _choose_source(room, "hostile.osm")
    expect(room.page.locator(".rm-title")).to_contain_text("hostile")
    room.map.wait_for()
    room.settle()
    room.rows.first.click()
    expect(room.page.locator("#rm-card h3")).to_contain_text("<img src=x onerror=")
    room.settle()
    for color in ("red", "orange", "yellow", "blue"):
        rows, columns = np.nonzero(room.colored(color))
        for step in range(0, len(rows), max(1, len(rows) // 8)):
            room.map.hover(position={"x": int(columns[step]), "y": int(rows[step])})
            time.sleep(0.02)
    assert room.page.title() != "owned"
    assert not any("evil.example" in address for address in room.asked)
    assert not any(address.endswith("/x") for address in room.asked)
    assert room.strangers() == []
