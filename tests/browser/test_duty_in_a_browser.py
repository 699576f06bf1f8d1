"""Claims about the room of the shift that only a browser can test."""

import datetime as dt
import re
from collections.abc import Callable

import pandas as pd
import pytest
from brigade import TEMPLATES, template
from playwright.sync_api import expect
from room import Room

from riskmap import list_terms
from riskmap.locale import LANGUAGES, Lang, text

Visit = Callable[..., Room]
SIZES = [(1366, 768), (1920, 1080)]
PLAN_MS = 90_000
LOG = """unit,squadron,officers,start,end,lon,lat
A1,1,2,2026-05-08 07:30,2026-05-08 12:00,9.5217,47.1411
A2,1,2,2026-05-08 13:00,2026-05-08 17:00,9.5231,47.1662
"""


def _planned(visit: Visit, lang: Lang, size: tuple[int, int] = SIZES[0]) -> Room:
    room = visit(f"duty?lang={lang}", width=size[0], height=size[1])
    button = room.page.get_by_role("button", name=text("duty.plan", lang))
    button.click(timeout=PLAN_MS)
    room.page.locator(".riskmap .unit").first.wait_for(timeout=PLAN_MS)
    room.settle()
    return room


@pytest.mark.parametrize(("lang", "size"), list(zip(LANGUAGES, SIZES, strict=True)))
def test_a_shift_is_planned_in_three_choices_and_fits(
    visit: Visit, lang: Lang, size: tuple[int, int]
) -> None:
    room = visit(f"duty?lang={lang}", width=size[0], height=size[1])
    expect(room.page.get_by_text(text("duty.empty", lang))).to_be_visible(timeout=PLAN_MS)
    room = _planned(visit, lang, size)
    # eight teams and two cars, an hour after the shift began
    expect(room.page.locator(".riskmap .unit")).to_have_count(10)
    main = room.page.get_by_test_id("stMain")
    assert main.evaluate("part => part.scrollWidth <= part.clientWidth + 1")
    legend = room.page.get_by_text(text("duty.legend.alone", lang)).last
    box = legend.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= size[1]
    assert room.strangers() == []


def test_a_post_is_dragged_what_it_costs_is_told_and_taken_back(visit: Visit) -> None:
    room = _planned(visit, "zh")
    unit = room.page.locator(".riskmap .unit.post").first
    box = unit.bounding_box()
    assert box is not None
    room.page.mouse.move(box["x"] + 8, box["y"] + 8)
    room.page.mouse.down()
    room.page.mouse.move(box["x"] + 70, box["y"] + 60, steps=6)
    room.page.mouse.up()
    held = room.page.locator(".riskmap .unit.held")
    expect(held).to_have_count(1, timeout=PLAN_MS)
    room.settle()
    expect(room.page.get_by_test_id("stMetricDelta").first).to_be_visible()
    room.page.get_by_role("button", name=text("duty.back", "zh")).click()
    room.settle()
    expect(held).to_have_count(0, timeout=PLAN_MS)
    expect(room.page.get_by_test_id("stMetricDelta")).to_have_count(0)


def test_the_shift_is_played_by_the_minute(visit: Visit) -> None:
    room = _planned(visit, "en")
    # at seven sharp nobody stands anywhere yet
    room.page.get_by_role("slider").press("Home")
    room.settle()
    away = room.page.locator(".riskmap .unit.drive, .riskmap .unit.away")
    expect(away.first).to_be_visible()
    assert away.count() > 5
    clock = room.page.locator(".riskmap .play.shift output")
    expect(clock).to_have_text("07:00")
    room.page.get_by_role("button", name=text("duty.play", "en")).click()
    # everybody has got somewhere without another word from the server
    expect(away).to_have_count(0)
    room.page.get_by_role("button", name=text("duty.pause", "en")).click()
    expect(clock).not_to_have_text("07:00")


def test_posts_are_locked_and_two_plans_compared(visit: Visit) -> None:
    room = _planned(visit, "zh", SIZES[1])
    room.page.get_by_role("tab", name=text("duty.tab.hold", "zh")).click()
    room.page.get_by_label(text("duty.forbidden", "zh")).click()
    room.page.get_by_role("option").first.click()
    room.page.keyboard.press("Escape")
    room.page.get_by_role("button", name=text("duty.again", "zh")).click()
    expect(room.page.get_by_test_id("stMetricDelta").first).to_be_visible(timeout=PLAN_MS)
    room.page.get_by_role("tab", name=text("duty.tab.compare", "zh")).click()
    room.page.get_by_label(text("duty.with", "zh")).click()
    room.page.get_by_role("option").first.click()
    ghosts = room.page.locator(".riskmap .unit.ghost")
    expect(ghosts).to_have_count(10)
    expect(room.page.get_by_text(text("duty.legend.ghost", "zh"))).to_be_visible()


def test_posts_and_patrols_together_and_today_s_roster_are_laid_beside_the_plan(
    visit: Visit,
) -> None:
    room = _planned(visit, "en")
    page = room.page
    page.get_by_role("tab", name=text("duty.tab.staffing", "en")).click()
    page.get_by_role("button", name=text("duty.together", "en")).click()
    table = page.get_by_test_id("stTable")
    expect(table.get_by_role("row")).to_have_count(4, timeout=PLAN_MS)
    expect(page.get_by_role("button", name=text("duty.together", "en"))).to_have_count(0)
    alone, cars, both = (
        float(table.get_by_role("row").nth(row).get_by_role("cell").last.inner_text())
        for row in (1, 2, 3)
    )
    assert 0.0 < max(alone, cars) <= both
    covered = page.get_by_test_id("stMetricValue").first.inner_text()
    assert covered == f"{both:.1f} %"
    page.get_by_role("tab", name=text("duty.tab.compare", "en")).click()
    log = {"name": "duty.csv", "mimeType": "text/csv", "buffer": LOG.encode()}
    page.locator('[class*="st-key-upload-today"] input[type=file]').set_input_files([log])
    told = page.get_by_text(re.compile(r"Today's roster \(.* the plan \d+ %; duty match"))
    expect(told).to_be_visible(timeout=PLAN_MS)
    assert room.strangers() == []


def test_what_no_officer_can_mend_is_listed_and_saved(visit: Visit) -> None:
    room = _planned(visit, "zh")
    room.page.get_by_role("tab", name=text("duty.tab.referrals", "zh")).click()
    expect(room.page.get_by_text(text("referrals.said", "zh", count=50))).to_be_visible()
    with room.page.expect_download() as saving:
        room.page.get_by_role("button", name=text("referrals.save", "zh")).click()
    assert saving.value.suggested_filename == "referrals.xlsx"
    table = pd.read_excel(saving.value.path(), engine="openpyxl")
    assert len(table) == 50
    assert table[list_terms.heading("added", "zh", "referrals")].is_monotonic_decreasing


def test_a_staff_file_says_who_is_on_duty(visit: Visit) -> None:
    room = visit("duty?lang=zh", width=SIZES[0][0], height=SIZES[0][1])
    room.page.get_by_role("button", name=text("duty.file", "zh")).click(timeout=PLAN_MS)
    room.page.locator("input[type=file]").set_input_files(TEMPLATES / "resources.xlsx")
    duty = template("xlsx").on(dt.date.today(), "白班")  # noqa: DTZ011  # as the page does
    units = (*duty.teams, *duty.cars)
    told = text(
        "duty.on", "zh", squadrons=len({unit.squadron for unit in units}),
        officers=duty.officers, teams=len(duty.teams), cars=len(duty.cars),
    )  # fmt: skip
    expect(room.page.get_by_text(told)).to_be_visible(timeout=PLAN_MS)
    room.page.keyboard.press("Escape")
    room.page.get_by_role("button", name=text("duty.plan", "zh")).click()
    expect(room.page.locator(".riskmap .unit")).to_have_count(len(units), timeout=PLAN_MS)
    main = room.page.get_by_test_id("stMain")
    assert main.evaluate("part => part.scrollWidth <= part.clientWidth + 1")
