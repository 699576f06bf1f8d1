"""Claims about the map that only a browser can test: what it draws, and what is drawn on it."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Route, expect
from room import COLORS, Room

import riskmap
from riskmap.area import Area
from riskmap.locale import text
from riskmap.moments import Moment

Visit = Callable[..., Room]
NUMBERS = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
MIDDLES = """root => {
  const { roads, map } = root.room;
  const [width, height] = [map.getCanvas().clientWidth, map.getCanvas().clientHeight];
  return [...roads.levels].flatMap((level, row) => {
    if (level !== 0) return [];
    const [a, b] = roads.chord(row).map((place) => map.project(place));
    const [x, y] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
    return [[x, y, x > 0 && y > 0 && x < width && y < height]];
  });
}"""
FREE = """(root, skip) => {
  const { roads, map, points, data } = root.room;
  for (const [row, level] of roads.levels.entries()) {
    if (level > 1) continue;
    const [a, b] = roads.chord(row).map((place) => map.project(place));
    const place = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    // a click falls on a whole pixel
    const alone = [[0, 0], [1.5, 0], [-1.5, 0], [0, 1.5], [0, -1.5]].every(
      ([x, y]) => roads.at({ x: place.x + x, y: place.y + y }) === row);
    if (!alone || points.told(place, data).length > 0) continue;
    if (skip === 0) return [row, place];
    skip -= 1;
  }
}"""
LOST = """async (root) => {
  const { map } = root.room;
  const context = map.getCanvas().getContext("webgl2").getExtension("WEBGL_lose_context");
  const back = new Promise((resolve) => { map.once("webglcontextrestored", resolve); });
  context.loseContext();
  // it may be restored only when all have heard that it is lost
  setTimeout(() => context.restoreContext(), 500);
  await back;
}"""
BUSY = {7, 8, 12, 15, 17}
BARE = ".riskmap :is(.legend, .buttons, .foot, .play) { visibility: hidden; }"
LEVELS = "root => [...root.room.roads.levels]"


@pytest.fixture(scope="module")
def area(sample: Path) -> Area:
    """Assess the sample."""
    return riskmap.assess(sample)


def _corners(room: Room, shares: list[tuple[float, float]]) -> None:
    box = room.map.bounding_box()
    assert box is not None
    for across, down in shares:
        room.map.click(position={"x": box["width"] * across, "y": box["height"] * down})
        room.page.wait_for_timeout(400)  # two clicks in short order are a double click


def test_every_red_road_is_seen_where_the_whole_area_is(visit: Visit) -> None:
    room = visit("list?lang=en&when=kind&hour=17", width=1920, height=1080)
    room.map.wait_for()
    room.settle()
    middles = room.map.evaluate(MIDDLES)
    assert len(middles) > 50
    assert all(inside for _, _, inside in middles)
    # the parts over the map lie in its own tree, which a style of the page does not reach
    room.map.evaluate(f"root => root.insertAdjacentHTML('beforeend', '<style>{BARE}</style>')")
    picture = np.asarray(Image.open(io.BytesIO(room.map.screenshot())).convert("RGB")).astype(int)
    red = np.abs(picture - np.array(COLORS["red"])).max(axis=2) < 40
    missing = [
        (x, y)
        for x, y, _ in middles
        if not red[max(int(y) - 3, 0) : int(y) + 5, max(int(x) - 3, 0) : int(x) + 5].any()
    ]
    assert missing == []


def test_roads_come_back_after_the_graphics_card_was_lost(visit: Visit) -> None:
    room = visit("?lang=en")
    room.map.wait_for()
    room.settle()
    before = room.colored("red").sum()
    assert before > 0
    room.map.evaluate(LOST)
    room.page.wait_for_timeout(2000)
    assert room.colored("red").sum() == pytest.approx(before, rel=0.05)
    expect(room.map.locator(".message")).to_be_hidden()


def test_a_map_whose_tiles_come_late_is_seen_without_them(visit: Visit) -> None:
    room = visit("data?lang=en")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    room.page.route("**/*.pmtiles", hold)
    room.page.get_by_role("link", name=text("app.command", "en"), exact=True).click()
    canvas = room.page.locator(".riskmap canvas.maplibregl-canvas")
    canvas.wait_for(state="attached")
    expect(canvas).to_be_hidden()
    expect(canvas).to_be_visible()
    assert held
    expect(room.page.locator(".riskmap[data-state=drawing]")).to_be_visible()
    for late in held:
        late.continue_()
    room.page.unroute("**/*.pmtiles")
    room.map.wait_for()


def test_an_area_that_is_drawn_restricts_the_list_and_is_in_the_link(visit: Visit) -> None:
    room = visit("list?lang=en")
    room.map.wait_for()
    room.settle()
    room.map.locator(".buttons .area").click()
    _corners(room, [(0.4, 0.3), (0.6, 0.3), (0.6, 0.6), (0.4, 0.6)])
    room.page.keyboard.press("Enter")
    only = text("drawn.only", "en", count="N", km="N").replace("N", r"[\d.,]+")
    expect(room.page.get_by_text(re.compile(only))).to_be_visible()
    expect(room.page).to_have_url(re.compile("drawn="))
    assert room.strangers() == []


def test_a_way_is_measured(visit: Visit) -> None:
    room = visit("?lang=en")
    room.map.wait_for()
    room.settle()
    room.map.locator(".buttons .way").click()
    expect(room.map.locator(".message")).to_have_text(text("map.measure", "en"))
    _corners(room, [(0.4, 0.4), (0.6, 0.4)])
    told = room.map.locator(".message")
    expect(told).to_contain_text(text("unit.kilometre", "en"))
    box = room.map.bounding_box()
    assert box is not None
    degrees = room.map.evaluate(
        "(root, [left, right, y]) => root.room.map.unproject([right, y]).lng"
        " - root.room.map.unproject([left, y]).lng",
        [box["width"] * 0.4, box["width"] * 0.6, box["height"] * 0.4],
    )
    km = degrees * 111.32 * np.cos(np.radians(47.15))
    assert float(told.inner_text().split()[0]) == pytest.approx(km, rel=0.02)
    room.page.keyboard.press("Escape")
    expect(told).to_be_hidden()


def test_a_link_restores_where_the_map_looks(visit: Visit) -> None:
    room = visit("?lang=en&view=9.51000,47.16000,14.50")
    room.map.wait_for()
    room.settle()
    lon, lat, zoom = room.map.evaluate(
        "root => { const { map } = root.room; const { lng, lat } = map.getCenter();"
        " return [lng, lat, map.getZoom()]; }"
    )
    assert (lon, lat, zoom) == pytest.approx((9.51, 47.16, 14.5), abs=0.01)
    # near, the roads come from the tiles, with their levels
    assert room.map.evaluate(
        "root => root.room.map.queryRenderedFeatures({ layers: ['roads'] }).length"
    ) > 20  # fmt: skip
    room.map.locator(".zoom_in").click()
    expect(room.page).to_have_url(re.compile(r"view=9\.51\d*,47\.16\d*,15\.5"))


def test_a_view_that_cannot_be_shows_the_whole_area(visit: Visit) -> None:
    room = visit("?lang=en&view=<img src=x>,47,1")
    room.map.wait_for()
    room.settle()
    assert room.map.evaluate("root => root.room.map.getZoom()") > 8
    assert not any(address.endswith("/x") for address in room.asked)


def test_maps_side_by_side_move_together(visit: Visit) -> None:
    room = visit("compare?lang=en", width=1920, height=1080)
    both = room.page.locator(".riskmap[data-state=ready]")
    expect(both).to_have_count(2)
    room.settle()
    both.first.locator(".zoom_in").click()
    room.settle()
    where = [
        own.evaluate("root => [...root.room.map.getCenter().toArray(), root.room.map.getZoom()]")
        for own in both.all()
    ]
    assert where[0] == pytest.approx(where[1])
    left, right = (own.evaluate(LEVELS) for own in both.all())
    assert left.count(NUMBERS["red"]) > right.count(NUMBERS["red"])


def test_ten_users_at_once_each_get_their_own_map_and_answer(visit: Visit, area: Area) -> None:
    hours = [2, 5, 7, 8, 10, 12, 15, 17, 20, 23]
    rooms = [visit(f"list?lang=en&when=kind&hour={hour}") for hour in hours]
    for room, hour in zip(rooms, hours, strict=True):
        room.map.wait_for()
        room.settle()
        expected = area.scores(Moment("school", hour))["level"].map(NUMBERS).fillna(4)
        assert room.map.evaluate(LEVELS) == expected.astype(int).tolist()
    busy = [room for room, hour in zip(rooms, hours, strict=True) if hour in BUSY]
    wanted = []
    for number, room in enumerate(busy):
        row, place = room.map.evaluate(FREE, number)
        wanted.append(row)
        room.map.click(position=place)
    for room, row in zip(busy, wanted, strict=True):
        expect(room.page.locator("#rm-card")).to_be_visible()
        assert f"road={area.segments.index[row]}" in room.page.url
    for room, hour in zip(rooms, hours, strict=True):
        if hour not in BUSY:
            expect(room.page.locator("#rm-card")).to_have_count(0)
