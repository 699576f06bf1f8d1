"""Claims about the wall that only a browser can test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import serving
from playwright.sync_api import expect
from room import Room

from riskmap.locale import LANGUAGES, Lang, text

Visit = Callable[..., Room]
SIZES = [(1366, 768), (1920, 1080)]
NOON = "2026-05-08T10:05:00+00:00"
NIGHT = "2026-05-08T22:10:00+00:00"
PLAN_MS = 90_000


class Timed(NamedTuple):
    """A server whose wall has a clock of its own, and that clock."""

    address: str
    clock: Path
    folder: Path


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Timed]:
    """Serve one project at noon of a Friday."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "town").mkdir()
    shutil.copy(Path(__file__).with_name("hostile.osm"), folder / "town" / "town.osm")
    (folder / "town" / "area.toml").write_text('extract = "town.osm"\n', encoding="utf-8")
    clock = tmp_path_factory.mktemp("clock") / "now"
    clock.write_text(NOON, encoding="utf-8")
    script = "tests/browser/later.py"
    with serving(tmp_path_factory, folder, script, WALL_CLOCK=str(clock)) as address:
        yield Timed(address, clock, folder)


def _wall(visit: Visit, timed: Timed, lang: Lang = "zh", **more: object) -> Room:
    room = visit(f"wall?area=town/area.toml&lang={lang}", at=timed.address, **more)
    expect(room.page.locator(".wall-strip")).to_be_visible(timeout=PLAN_MS)
    room.map.wait_for()
    return room


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=["laptop", "wall"])
def test_the_wall_fills_the_screen_and_is_all_in_it(
    visit: Visit, timed: Timed, size: tuple[int, int], lang: Lang
) -> None:
    timed.clock.write_text(NOON, encoding="utf-8")
    room = _wall(visit, timed, lang, width=size[0], height=size[1])
    room.settle()
    main = room.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollHeight <= main.clientHeight")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    box = room.map.bounding_box()
    assert box is not None
    assert box["width"] * box["height"] > 0.55 * size[0] * size[1]
    large = room.page.locator(".wall li b").first.evaluate("b => getComputedStyle(b).fontSize")
    assert float(large.removesuffix("px")) >= (22 if size[1] == 1080 else 15)
    assert room.strangers() == []


def test_a_new_hour_comes_by_itself_and_nothing_is_loaded_anew(
    visit: Visit, timed: Timed
) -> None:
    timed.clock.write_text(NOON, encoding="utf-8")
    room = _wall(visit, timed)
    hour = room.page.locator(".wall-strip .hour")
    expect(hour).to_have_text(text("when.hours", "zh", hour=12, next=13))
    room.settle()
    before = room.picture()
    room.page.evaluate("window.still = true")
    room.page.locator(".riskmap canvas").evaluate("canvas => { canvas.still = true; }")
    timed.clock.write_text(NIGHT, encoding="utf-8")
    expect(hour).to_have_text(text("when.hours", "zh", hour=0, next=1))
    room.settle()
    assert (room.picture() != before).any()
    assert room.page.evaluate("window.still")
    assert room.page.locator(".riskmap canvas").evaluate("canvas => canvas.still")


def test_a_plan_of_one_visitor_is_on_the_wall_of_another_without_a_new_page(
    visit: Visit, timed: Timed
) -> None:
    timed.clock.write_text(NOON, encoding="utf-8")
    wall = _wall(visit, timed)
    expect(wall.page.get_by_text(text("wall.no_plan", "zh"))).to_be_visible()
    desk = visit("duty?area=town/area.toml&lang=zh", at=timed.address, width=1920, height=1080)
    posts = desk.page.get_by_role("spinbutton", name=text("duty.posts", "zh"))
    posts.fill("2", timeout=PLAN_MS)
    posts.press("Enter")
    desk.settle()
    desk.page.get_by_role("button", name=text("duty.plan", "zh")).click()
    put = desk.page.get_by_role("button", name=text("wall.put", "zh"))
    put.click(timeout=PLAN_MS)
    expect(desk.page.get_by_text(text("wall.is_up", "zh"))).to_be_visible()
    path = timed.folder / "town" / "wall.json"
    # the desk plans for today; the wall of this test lives on an earlier day
    expect(wall.page.get_by_text(text("wall.next", "zh"))).to_be_visible()
    expect(wall.page.get_by_text(text("wall.no_plan", "zh"))).to_have_count(0)
    day = path.read_text(encoding="utf-8").split('"date": "')[1][:10]
    timed.clock.write_text(f"{day}T09:00:00+00:00", encoding="utf-8")
    expect(wall.page.locator(".wall .duty li")).to_have_count(4)
    expect(wall.page.locator(".riskmap .unit:not(.place)")).to_have_count(4)
    expect(wall.map.locator(".play.shift")).to_be_hidden()
    assert wall.page.title() != "owned"
    expect(wall.page.locator(".wall img")).to_have_count(0)
    expect(wall.page.locator(".wall")).to_contain_text("<img src=x")
    path.write_text("{", encoding="utf-8")
    expect(wall.page.get_by_text(text("wall.damaged", "zh"))).to_be_visible()
    path.unlink()


def test_the_wall_is_reached_and_left_by_a_link_and_turns_to_night(
    visit: Visit, timed: Timed
) -> None:
    room = visit("?area=town/area.toml&lang=en", at=timed.address)
    room.map.wait_for(timeout=PLAN_MS)
    room.page.get_by_role("link", name=text("app.wall", "en")).click()
    expect(room.page.locator(".wall-strip")).to_be_visible()
    room.page.get_by_role("button", name=text("night.label", "en")).click()
    expect(room.page.locator(".stApp")).to_have_css("background-color", "rgb(20, 23, 26)")
    expect(room.page.get_by_role("button", name=text("wall.full", "en"))).to_be_visible()
    room.page.get_by_role("link", name=text("wall.back", "en")).click()
    expect(room.page.locator(".st-key-layers")).to_be_visible()
    expect(room.page.locator(".stApp")).to_have_css("background-color", "rgb(20, 23, 26)")
