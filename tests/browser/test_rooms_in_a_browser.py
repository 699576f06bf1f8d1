"""Claims about the rooms, what is chosen in them and what-ifs, that only a browser can test."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect
from room import Room

from riskmap.layers import read_layers
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.pages import rooms

Visit = Callable[..., Room]
ALL = len(read_layers())
PARTS = rooms.PARTS["planning"]
SIZES = [(1366, 768), (1920, 1080)]


def _go(room: Room, name: str, lang: Lang) -> None:
    if name in PARTS:
        room.page.get_by_role("link", name=text("app.planning", lang)).click()
        expect(room.page.locator(".st-key-parts")).to_be_visible()
    room.page.get_by_role("link", name=text(f"app.{name}", lang), exact=True).click()
    signs = {"data": "#rm-loaded", "outlook": ".st-key-read_out", "list": ".st-key-listed"}
    sign = signs.get(name, ".st-key-layers")
    expect(room.page.locator(sign)).to_be_visible()
    room.settle()


def _open(room: Room, popover: str) -> Locator:
    room.page.locator(f".st-key-{popover} button").first.click()
    body = room.page.get_by_test_id("stPopoverBody")
    expect(body).to_be_visible()
    room.settle()
    return body


def _close(room: Room) -> None:
    room.page.keyboard.press("Escape")
    room.settle()


def _pick(room: Room, box: str, name: str) -> None:
    room.page.locator(f".st-key-{box} input").click()
    room.page.get_by_role("option", name=name).click()
    room.settle()


def _click_the_first_road(room: Room) -> None:
    """Click the first row of the list beside the map; its card opens."""
    room.rows.first.click()
    expect(room.page.locator("#rm-card")).to_be_visible()


def _put_on_ice(room: Room, scenario: str = "") -> None:
    """Choose ice, and a scenario; switch the first layer off."""
    _open(room, "whatif")
    _pick(room, "weather-en", text("weather.ice", "en"))
    if scenario:
        _pick(room, "scenario-en", scenario)
    _close(room)
    _open(room, "layers").get_by_test_id("stCheckbox").first.click()
    _close(room)


def _whole(part: Locator) -> bool:
    """Tell whether nothing of a part is cut off at its right."""
    return bool(part.evaluate("part => part.scrollWidth <= part.clientWidth + 1"))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=["laptop", "wall"])
def test_the_data_room_shows_what_is_known_without_scrolling_sideways(
    visit: Visit, size: tuple[int, int], lang: Lang
) -> None:
    room = visit(f"data?lang={lang}", width=size[0], height=size[1])
    expect(room.page.locator("#rm-loaded")).to_be_visible(timeout=90_000)
    room.settle()
    bars = room.page.locator("table.stacked td.bar")
    widths = bars.evaluate_all("all => all.map(bar => bar.clientWidth)")
    assert len(widths) >= 30
    assert min(widths) >= 80
    filled = bars.evaluate_all(
        "all => all.map(bar => [...bar.children].reduce("
        "(sum, part) => sum + part.getBoundingClientRect().width, 0) / bar.clientWidth)"
    )
    assert all(abs(share - 1) < 0.03 for share in filled)
    assert _whole(room.page.get_by_test_id("stMain"))
    assert room.strangers() == []


def test_an_address_leads_to_the_same_room_area_and_language(visit: Visit) -> None:
    room = visit("data?lang=en&area=town/area.toml")
    expect(room.page.locator(".rm-title")).to_contain_text("Town", timeout=90_000)
    expect(room.page.get_by_role("tab").first).to_have_text(text("data.coverage", "en"))
    _go(room, "command", "en")
    expect(room.page.locator(".rm-title")).to_contain_text("Town")
    expect(room.page).to_have_url(re.compile(r"lang=en.*area=town"))


def test_an_address_names_only_what_the_folder_holds(visit: Visit) -> None:
    room = visit("?lang=en&area=../../etc/passwd")
    room.map.wait_for()
    expect(room.page.locator(".rm-title")).not_to_contain_text("passwd")
    expect(room.page).to_have_url(re.compile(r"area=liechtenstein\.osm\.pbf"))


def test_what_was_chosen_stays_from_room_to_room_and_in_the_other_language(visit: Visit) -> None:
    room = visit("?lang=en")
    room.map.wait_for()
    room.page.get_by_text(text("when.kind", "en"), exact=True).click()
    room.settle()
    _put_on_ice(room, "Drink-drive checks at night")

    def kept(lang: Lang) -> None:
        what_if = room.page.locator(".st-key-whatif button").first
        layers = room.page.locator(".st-key-layers button").first
        for popover in ("whatif", "layers"):  # opening one must change nothing
            _open(room, popover)
            _close(room)
        expect(what_if).to_contain_text(text("whatif.label", lang, count=2))
        expect(layers).to_contain_text(f"{ALL - 1}/{ALL}")
        expect(room.page.locator(".rm-title .mark")).to_contain_text(text("weather.ice", lang))

    _go(room, "data", "en")
    expect(room.page.locator("#rm-loaded")).to_contain_text("Drink-drive checks at night")
    _go(room, "command", "en")
    kept("en")
    expect(room.page).to_have_url(re.compile(r"lang=en"))
    room.page.get_by_text(text("language.zh", "en"), exact=True).click()
    room.settle()
    kept("zh")


def test_another_area_keeps_the_switches_of_the_layers(visit: Visit) -> None:
    room = visit("?lang=en")
    room.map.wait_for()
    _open(room, "source")
    _pick(room, "source-en", "hostile.osm")
    expect(room.page.locator(".rm-title")).to_contain_text("hostile")
    room.settle()
    body = _open(room, "layers")
    expect(body.locator("input[type=checkbox]:checked")).to_have_count(ALL)
    expect(room.page.locator(".st-key-layers button").first).to_contain_text(f"{ALL}/{ALL}")


def test_a_scenario_colours_roads_anew_and_sends_no_geometry(visit: Visit) -> None:
    room = visit("?lang=en")
    room.map.wait_for()
    room.settle()
    roads = room.map.evaluate("root => root.room.roads.levels.length")
    asked = len(room.asked)
    before = room.colored("orange")
    room.received.clear()
    _open(room, "whatif")
    _pick(room, "scenario-en", "What if every bank and cliff had a guard rail")
    body = room.page.get_by_test_id("stPopoverBody")
    expect(body).to_contain_text(re.compile("\N{MINUS SIGN}[0-9.]+ %"))
    _close(room)
    assert max(room.received) < 4 * roads
    assert not any("/area/" in address for address in room.asked[asked:])
    assert (room.colored("orange") != before).any()
    expect(room.page.locator(".rm-title .mark")).to_contain_text("guard rail")
    assert room.strangers() == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_row_above_the_map_and_its_popovers_fit_a_laptop(visit: Visit, lang: Lang) -> None:
    room = visit(f"?lang={lang}")
    room.map.wait_for()
    room.settle()
    modes = room.page.locator(".st-key-when").get_by_role("radiogroup")
    for mode in ("year", "kind", "date", "period"):
        room.page.get_by_text(text(f"when.{mode}", lang), exact=True).first.click()
        room.settle()
        assert _whole(modes)
        clock = room.map.locator(".clock")
        expect(clock).to_be_visible(visible=mode != "year")
        assert room.page.evaluate("document.documentElement.scrollHeight") <= 768
    room.page.get_by_text(text("when.kind", lang), exact=True).first.click()
    room.settle()
    for popover in ("whatif", "layers"):
        box = _open(room, popover).bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 768
        assert box["x"] + box["width"] <= 1366
        _close(room)


def test_the_last_layer_can_be_reached(visit: Visit) -> None:
    room = visit()
    room.map.wait_for()
    body = _open(room, "layers")
    last = body.get_by_test_id("stCheckbox").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)


def test_the_report_on_lists_downloads_with_formulas_as_text(visit: Visit, tmp_path: Path) -> None:
    room = visit("data?lang=en&area=town/area.toml")
    expect(room.page.locator("#rm-loaded")).to_be_visible(timeout=90_000)
    room.page.get_by_role("tab", name=text("data.lists", "en")).click()
    with room.page.expect_download() as waiting:
        room.page.locator(".st-key-report-lists button").click()
    target = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        # the same visit may have entered hazards before
        rows = [row for row in csv.DictReader(file) if row["file"].endswith(".csv")]
    assert [row["name"] for row in rows] == ["'=1+1", "'@nowhere"]
    assert [row["outcome"] for row in rows] == ["merged", "dropped"]
    assert room.strangers() == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_lists_the_room_says_where_to_put_them(visit: Visit, lang: Lang) -> None:
    room = visit(f"data?lang={lang}")
    expect(room.page.locator("#rm-loaded")).to_be_visible(timeout=90_000)
    room.page.get_by_role("tab", name=text("data.lists", lang)).click()
    expect(room.page.get_by_test_id("stAlert").first).to_contain_text("data/templates")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_holiday_is_read_out_and_a_click_on_a_road_leads_to_the_map(
    visit: Visit, lang: Lang
) -> None:
    room = visit(f"?lang={lang}")
    room.map.wait_for()
    _go(room, "outlook", lang)
    said = room.page.locator(".st-key-read_out")
    expect(said).to_contain_text(text("outlook.honest", lang))
    expect(said).to_contain_text(text("holiday.labour_day", lang))
    expect(room.page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    assert room.page.evaluate("document.documentElement.scrollHeight") <= 768
    room.table.first.click(position={"x": 15, "y": 47})
    room.map.wait_for()
    expect(room.page.locator("#rm-card")).to_be_visible()
    assert room.strangers() == []


def test_a_date_is_named_beside_the_title_and_drawn_in_the_clock(visit: Visit) -> None:
    room = visit("?lang=en")
    room.map.wait_for()
    room.page.get_by_text(text("when.date", "en"), exact=True).first.click()
    room.settle()
    expect(room.page.locator(".rm-title .mark")).to_contain_text(re.compile(r"20\d\d-\d\d-\d\d"))
    _click_the_first_road(room)
    expect(room.page.get_by_test_id("stVegaLiteChart")).to_contain_text(re.compile(r"20\d\d-"))


# --- planning ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=["laptop", "wall"])
def test_the_list_stands_beside_its_map_with_nothing_to_scroll(
    visit: Visit, size: tuple[int, int], lang: Lang
) -> None:
    room = visit(f"list?lang={lang}", width=size[0], height=size[1])
    room.map.wait_for()
    ways = room.page.locator(".st-key-parts").get_by_role("link")
    expect(ways).to_have_text([text(f"app.{name}", lang) for name in PARTS])
    table, picture = room.table.bounding_box(), room.map.bounding_box()
    assert table is not None
    assert picture is not None
    assert table["width"] > picture["width"]
    # a mouse moves over the table before it clicks
    room.table.hover(position={"x": 170, "y": 60})
    room.table.click(position={"x": 180, "y": 45})
    expect(room.page.locator("#rm-card")).to_be_visible()
    room.settle()
    assert room.colored("accent").any()
    assert room.page.evaluate("document.documentElement.scrollHeight") <= size[1]
    assert _whole(room.page.get_by_test_id("stMain"))
    assert room.strangers() == []


def test_a_road_goes_from_its_card_into_the_list_and_to_the_shift(visit: Visit) -> None:
    room = visit("?lang=en")
    room.map.wait_for()
    _click_the_first_road(room)
    name = room.page.locator("#rm-card h3").inner_text()
    room.page.get_by_role("button", name=text("own.add", "en")).click()
    room.settle()
    expect(room.page.get_by_role("button", name=text("own.take_off", "en"))).to_be_visible()
    _go(room, "list", "en")
    room.page.get_by_text(text("list.own", "en", count=1), exact=True).click()
    room.settle()
    expect(room.page.locator("#rm-card h3")).to_have_text(name)
    room.page.get_by_role("button", name=text("list.download", "en")).click()
    expect(room.page.get_by_role("button", name=text("list.save", "en", count=1))).to_be_visible()
    _close(room)
    room.page.get_by_role("button", name=text("card.post", "en")).click()
    expect(room.page.locator(".st-key-asked_posts button").first).to_contain_text(name)


# --- links -------------------------------------------------------------------------------------


def _chosen(room: Room) -> dict[str, list[str]]:
    """What the address says was chosen, beside where the map looks."""
    found = parse_qs(urlsplit(room.page.url).query)
    return {name: words for name, words in found.items() if name != "view"}


def test_a_map_that_nobody_moved_leaves_no_place_in_the_address(visit: Visit) -> None:
    room = visit("?lang=en")
    room.map.wait_for()
    room.settle()
    assert "view=" not in room.page.url
    _go(room, "list", "en")
    room.map.wait_for()
    room.settle()
    assert "view=" not in room.page.url


def test_a_link_opens_the_same_view_for_another_visitor(visit: Visit) -> None:
    room = visit("?lang=en")
    room.map.wait_for()
    room.page.get_by_text(text("when.kind", "en"), exact=True).click()
    room.settle()
    room.page.get_by_text(text("list.mvkm", "en"), exact=True).click()
    room.settle()
    _put_on_ice(room)
    _click_the_first_road(room)
    room.settle()
    link, said, card = room.page.url, _chosen(room), room.page.locator("#rm-card").inner_text()
    assert set(said) == {"lang", "area", "when", "per", "weather", "off", "road"}
    mark = room.page.locator(".rm-title .mark").inner_text()
    assert mark.count(text("when.comma", "en").strip()) >= 2

    other = visit(link.split("/", 3)[3])
    other.map.wait_for()
    expect(other.page.locator("#rm-card")).to_be_visible(timeout=90_000)
    other.settle()
    assert other.page.locator("#rm-card").inner_text() == card
    expect(other.page.locator(".rm-title .mark")).to_have_text(mark)
    expect(other.page.locator(".st-key-layers button").first).to_contain_text(f"{ALL - 1}/{ALL}")
    assert _chosen(other) == said
    # the way to another room carries all of it, and back
    _go(other, "data", "en")
    _go(other, "command", "en")
    expect(other.page.locator("#rm-card")).to_be_visible()
    assert _chosen(other) == said


def test_a_hostile_link_opens_the_page_as_usual(visit: Visit) -> None:
    room = visit("?lang=en&when=%3Cscript%3E&road=%27%3B--&off=%3Cb%3E&per=x&hour=99&sure=%00")
    room.map.wait_for()
    expect(room.page.get_by_text(text("card.hint", "en"))).to_be_visible()
    room.settle()
    assert set(_chosen(room)) == {"lang", "area"}
    expect(room.page.get_by_test_id("stAlert")).to_have_count(0)
