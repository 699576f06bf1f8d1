"""Claims about day and night that only a browser can test."""

import re
from collections.abc import Callable

from playwright.sync_api import expect
from room import Room

from riskmap.locale import text

Visit = Callable[..., Room]
DARK, LIGHT = "rgb(20, 23, 26)", "rgb(255, 255, 255)"
GROUND = ".stApp"


def _turn(room: Room) -> None:
    room.page.get_by_role("button", name=text("night.label", "en")).click()
    room.settle()


def test_the_switch_turns_page_and_map_and_stays_for_all_rooms(visit: Visit) -> None:
    room = visit("?lang=en&area=hostile.osm")
    page = room.page
    expect(room.map).to_have_css("background-color", "rgb(245, 245, 242)")
    page.get_by_text(text("when.kind", "en"), exact=True).click()
    room.settle()
    _turn(room)
    expect(page.locator(GROUND)).to_have_css("background-color", DARK)
    expect(room.map).to_have_css("background-color", "rgb(27, 31, 35)")
    # what was chosen stays, for the page was not loaded anew
    expect(room.map.locator(".clock")).to_be_visible()
    page.get_by_role("link", name=text("app.data", "en")).click()
    expect(page.locator("#rm-loaded")).to_be_visible()
    expect(page.locator(GROUND)).to_have_css("background-color", DARK)
    symbol = page.locator("img.symbol").first
    assert "invert" in symbol.evaluate("symbol => getComputedStyle(symbol).filter")
    page.reload()
    expect(page.locator("#rm-loaded")).to_be_visible()
    expect(page.locator(GROUND)).to_have_css("background-color", DARK)
    expect(page).to_have_url(re.compile(r"data\?lang=en&area=hostile\.osm"))
    _turn(room)
    expect(page.locator(GROUND)).to_have_css("background-color", LIGHT)
    assert room.strangers() == []


def test_before_a_choice_the_page_is_as_the_system_is_and_follows_it(visit: Visit) -> None:
    room = visit("?lang=en&area=hostile.osm", scheme="dark")
    room.map.wait_for()
    expect(room.page.locator(GROUND)).to_have_css("background-color", DARK)
    room.page.emulate_media(color_scheme="light")
    expect(room.page.locator(GROUND)).to_have_css("background-color", LIGHT)
    expect(room.map).to_have_css("background-color", "rgb(245, 245, 242)")


def test_the_menu_that_turns_the_theme_is_never_seen(visit: Visit) -> None:
    room = visit("?lang=en&area=hostile.osm")
    room.map.wait_for()
    for _ in range(2):
        _turn(room)
        expect(room.page.get_by_test_id("stMainMenuPopover")).to_have_count(0)
    expect(room.page.get_by_test_id("stMainMenuButton")).to_be_hidden()
