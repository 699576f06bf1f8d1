"""The self-contained map, opened in a browser with the network off."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

import riskmap
from riskmap.webmap.folium_map import map_html

HOSTILE = Path(__file__).parent / "browser" / "hostile.osm"


@pytest.fixture(scope="module")
def area(sample: Path) -> riskmap.Area:
    return riskmap.assess(sample)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def _open(page: Page, html: str, folder: Path) -> list[str]:
    """Open the file; every address asked for, and every fault of the page."""
    path = folder / "map.html"
    path.write_text(html, encoding="utf-8")
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.on("pageerror", lambda fault: seen.append(str(fault)))
    page.on("console", lambda message: seen.append(message.text))
    page.goto(path.as_uri())
    page.wait_for_selector(".leaflet-control-layers label")
    return [address for address in seen if address != path.as_uri()]


def _click_the_worst_road(page: Page) -> None:
    place = page.evaluate(
        """() => {
          let road;
          const width = (l) => (l.options?.className === "road" ? l.options.weight : 0);
          map_riskmap.eachLayer((l) => { if (width(l) > (road ? width(road) : 0)) road = l; });
          const middle = road.getCenter();
          map_riskmap.setView(middle, 18, { animate: false });
          const at = map_riskmap.latLngToContainerPoint(middle);
          return [at.x, at.y];
        }"""
    )
    page.wait_for_timeout(400)  # leaflet draws its canvas in the next frames
    page.mouse.click(*place)
    page.wait_for_selector(".leaflet-popup-content h3")


def test_the_map_asks_for_nothing_and_draws_roads(
    area: riskmap.Area, page: Page, tmp_path: Path
) -> None:
    assert _open(page, map_html(area, lang="en"), tmp_path) == []
    colours = page.evaluate(
        """() => {
          const canvas = document.querySelector(".leaflet-overlay-pane canvas");
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          const seen = new Set();
          for (let i = 0; i < data.length; i += 4)
            if (data[i + 3] === 255) seen.add([data[i], data[i + 1], data[i + 2]].join());
          return [...seen];
        }"""
    )
    assert {"178,24,43", "230,97,1"} <= set(colours)


def test_a_click_on_a_road_opens_its_reasons(
    area: riskmap.Area, page: Page, tmp_path: Path
) -> None:
    _open(page, map_html(area, lang="en"), tmp_path)
    _click_the_worst_road(page)
    said = page.inner_text(".leaflet-popup-content")
    assert "Red: worst 1 %" in said
    assert "× the area's average" in said
    assert page.locator(".leaflet-popup-content tr").count() >= 2


def test_levels_and_layers_can_be_switched(
    area: riskmap.Area, page: Page, tmp_path: Path
) -> None:
    _open(page, map_html(area, lang="zh"), tmp_path)
    rows = page.locator(".leaflet-control-layers-overlays label")
    # a layer without points acts on the roads themselves: there is nothing to switch
    assert rows.count() == 4 + sum(len(area.features(name)) > 0 for name in area.layers)
    people = rows.filter(has_text=area.layers["people"].title["zh"]).locator("input")
    before = page.locator(".leaflet-marker-icon").count()
    people.check()
    assert page.locator(".leaflet-marker-icon").count() == before + len(area.features("people"))
    people.uncheck()
    assert page.locator(".leaflet-marker-icon").count() == before


def test_the_map_says_what_is_known(area: riskmap.Area, page: Page, tmp_path: Path) -> None:
    _open(page, map_html(area, lang="zh"), tmp_path)
    page.click(".coverage summary")
    said = page.inner_text(".coverage")
    assert "未知" in said
    assert area.layers["dark"].title["zh"] in said
    assert "100 %" in said


def test_a_name_from_the_map_is_text(page: Page, tmp_path: Path) -> None:
    hostile = riskmap.assess(HOSTILE)
    names = " ".join(hostile.segments["name"])
    assert "<img" in names
    seen = _open(page, map_html(hostile), tmp_path)
    _click_the_worst_road(page)
    assert seen == []
    assert page.locator(".leaflet-popup-content img").count() == 0
    assert page.locator("img[src='x']").count() == 0


def test_a_name_is_never_run_as_a_template(tmp_path: Path) -> None:
    names = "{{ 7 * 191 }} {% raw %} {# gone #} </script>"
    extract = tmp_path / "{{ 7 * 191 }}.osm"
    text = HOSTILE.read_text(encoding="utf-8")
    extract.write_text(text.replace("=1+1", escape(names)), encoding="utf-8")
    hostile = riskmap.assess(extract)
    assert names in " ".join(hostile.segments["name"])
    html = map_html(hostile)
    assert "1337" not in html
    assert names.replace("<", "\\u003c") in html


def test_the_same_area_is_the_same_file(area: riskmap.Area) -> None:
    assert map_html(area) == map_html(area)


def test_the_map_of_the_sample_is_small_enough_to_send(area: riskmap.Area) -> None:
    assert len(map_html(area).encode()) < 10_000_000


def test_a_moment_is_named_on_the_map(area: riskmap.Area) -> None:
    html = map_html(area, when=riskmap.Moment("weekend", 14), lang="en")
    assert '"period":"Weekend 14\\u201315 h"' in html or '"period":"Weekend 14–15 h"' in html
