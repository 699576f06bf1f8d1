"""Claims about the room of the hazard register that only a browser can test."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from room import READY_MS, Room

from riskmap.locale import LANGUAGES, Lang, text

Visit = Callable[..., Room]
SIZES = [(1920, 1080), (1366, 768)]
HOSTILE = "<img src=x onerror=document.title='taken'>"


def _button(room: Room, key: str, lang: Lang, **values: object) -> None:
    room.page.get_by_role("button", name=text(key, lang, **values), exact=True).click()


def _who(room: Room, name: str) -> None:
    field = room.page.locator(".st-key-hazard-who input")
    field.fill(name, timeout=READY_MS)
    field.press("Enter")
    room.settle()


def _choose(room: Room, row: int) -> None:
    # the list is drawn on a canvas
    canvas = room.table.first.locator("canvas").first
    canvas.click(position={"x": 15, "y": 36 + 15 + 30 * row}, force=True)


@pytest.mark.parametrize(("lang", "size"), list(zip(LANGUAGES, SIZES, strict=True)))
def test_a_hazard_is_entered_followed_and_taken_back(
    visit: Visit, lang: Lang, size: tuple[int, int]
) -> None:
    room = visit(f"register?lang={lang}&area=town/area.toml", width=size[0], height=size[1])
    _who(room, f"101 {lang}")
    form = room.page.get_by_test_id("stForm")
    numbers = form.locator("input[type=number]")
    numbers.nth(0).fill("9.5062")
    numbers.nth(1).fill("47.1001")
    form.get_by_label(text("register.column.place", lang), exact=True).fill(HOSTILE)
    form.locator("textarea").fill(f"pothole {lang}")
    _button(room, "register.enter", lang)
    expect(room.page.get_by_text(text("register.column.status", lang)).first).to_be_visible(
        timeout=READY_MS
    )
    room.settle()
    # the map has it as a risk point of its layer
    expect(room.map.locator(".legend")).to_contain_text("隐患" if lang == "zh" else "hazard")
    # the last one: others may have entered some before
    count = re.search(r"\d+", room.page.get_by_test_id("stCaptionContainer").first.inner_text())
    assert count is not None
    _choose(room, int(count[0]) - 1)
    card = room.page.locator("#rm-hazard")
    expect(card).to_contain_text(HOSTILE)
    expect(card).to_contain_text(f"pothole {lang}")
    # what is typed while the room is still drawn would be gone
    room.settle()
    room.page.get_by_text(text("register.edit", lang)).click()
    room.settle()
    edit = room.page.get_by_test_id("stForm")
    edit.locator("textarea").fill(f"deeper {lang}")
    _button(room, "register.keep", lang)
    expect(card).to_contain_text(f"deeper {lang}", timeout=READY_MS)
    _button(room, "register.to", lang, status=text("register.status.verified", lang))
    expect(card.locator("b")).to_have_text(text("register.status.verified", lang))
    _button(room, "register.undo", lang)
    expect(card.locator("b")).to_have_text(text("register.status.found", lang))
    expect(room.page.locator("s")).to_contain_text(f"101 {lang}")
    main = room.page.get_by_test_id("stMain")
    assert main.evaluate("part => part.scrollWidth <= part.clientWidth + 1")
    assert room.page.title() != "taken"
    assert room.strangers() == []


def test_a_road_is_reported_from_its_card(visit: Visit) -> None:
    room = visit("?lang=en&area=records/area.toml")
    room.map.wait_for()
    room.settle()
    room.click_color("blue")
    room.page.get_by_role("button", name=text("card.report", "en")).click(timeout=READY_MS)
    numbers = room.page.get_by_test_id("stForm").locator("input[type=number]")
    numbers.nth(0).wait_for(timeout=READY_MS)
    assert 9.49 < float(numbers.nth(0).input_value()) < 9.52
    assert 47.09 < float(numbers.nth(1).input_value()) < 47.11
    # nobody said who enters it
    _button(room, "register.enter", "en")
    expect(room.page.get_by_text(text("register.who_first", "en")).first).to_be_visible()


def test_an_extract_alone_says_what_a_register_needs(visit: Visit) -> None:
    room = visit("register?lang=zh")
    expect(room.page.get_by_text("riskmap init")).to_be_visible(timeout=READY_MS)
