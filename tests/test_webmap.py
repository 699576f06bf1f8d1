"""The self-contained map, opened in a browser with the network off."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from html import escape
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

import riskmap
from riskmap.cli import main
from riskmap.errors import RiskmapError
from riskmap.level_styles import STYLES
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.risk import LEVELS
from riskmap.webmap import folium_map
from riskmap.webmap.folium_map import map_html
from riskmap.webmap.map_content import content

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
    page.wait_for_selector(".worst li")
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
          const box = map_riskmap.getContainer().getBoundingClientRect();
          return [box.x + at.x, box.y + at.y];
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
    assert "Red" in said
    assert "× the area's average" in said
    assert page.locator(".leaflet-popup-content tr").count() >= 2


def test_levels_and_layers_can_be_switched(
    area: riskmap.Area, page: Page, tmp_path: Path
) -> None:
    _open(page, map_html(area, lang="zh"), tmp_path)
    page.click(".layers summary")
    rows = page.locator(".layers label")
    # a layer without points acts on the roads themselves: there is nothing to switch
    assert rows.count() == sum(len(area.features(name)) > 0 for name in area.layers)
    people = rows.filter(has_text=area.layers["people"].title["zh"]).locator("input")
    symbols = page.locator(".leaflet-marker-icon.symbol")
    before = symbols.count()
    people.check()
    assert symbols.count() == before + len(area.features("people"))
    people.uncheck()
    assert symbols.count() == before
    assert _drawn(page) == {level: int((area.scores()["level"] == level).sum()) for level in LEVELS}
    page.locator(".legend label").filter(has_text="蓝").locator("input").uncheck()
    assert "blue" not in _drawn(page)


def _drawn(page: Page) -> dict[str, int]:
    """How many roads are drawn in the width of each level."""
    widths = page.evaluate(
        """() => {
          const widths = [];
          map_riskmap.eachLayer((l) => {
            if (l.options?.className === "road" && l.options.stroke) widths.push(l.options.weight);
          });
          return widths;
        }"""
    )
    of = {width: level for level, (_, width) in STYLES.items()}
    names, counts = np.unique([of[width] for width in widths], return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def _slide(page: Page, kind: str, hour: int) -> None:
    page.locator(".kinds button").filter(has_text=kind).first.click()
    page.evaluate(
        """(hour) => {
          const slide = document.querySelector("input[type=range]");
          slide.value = hour;
          slide.dispatchEvent(new Event("input"));
        }""",
        hour,
    )


@pytest.mark.parametrize(("kind", "hour"), [("school", 7), ("weekend", 18), ("holiday", 23)])
def test_the_slider_colours_the_roads_of_that_hour(
    area: riskmap.Area, page: Page, tmp_path: Path, kind: str, hour: int
) -> None:
    _open(page, map_html(area, lang="en"), tmp_path)
    _slide(page, text(f"when.{kind}", "en"), hour)
    levels = area.scores(riskmap.Moment(kind, hour))["level"].value_counts()
    assert _drawn(page) == levels[levels > 0].to_dict()
    assert f"{hour}–{hour + 1} h" in page.inner_text("output")
    assert f"{hour}–{hour + 1} h" in page.inner_text("h2:has-text('Worst')")


def test_a_day_is_played_without_a_wait(area: riskmap.Area, page: Page, tmp_path: Path) -> None:
    _open(page, map_html(area, lang="en"), tmp_path)
    took = page.evaluate(
        """async () => {
          const slide = document.querySelector("input[type=range]"), took = [];
          for (let hour = 0; hour < 24; hour++) {
            const begin = performance.now();
            slide.value = hour;
            slide.dispatchEvent(new Event("input"));
            await new Promise((done) => requestAnimationFrame(done));
            took.push(performance.now() - begin);
          }
          return took;
        }"""
    )
    # ms an hour; on a busy machine some take longer
    assert sorted(took)[6] < 150


def test_every_hour_of_the_file_is_that_of_the_model(area: riskmap.Area) -> None:
    found = content(area)["hours"]
    assert found["kinds"] == ["school", "workday", "weekend", "holiday"]
    packed = np.frombuffer(base64.b64decode(found["levels"]), np.uint8).reshape(96, -1)
    halves = np.stack([packed & 15, packed >> 4], axis=2).reshape(96, -1)[:, : len(area.segments)]
    for column in (7, 24 + 17, 48 + 14, 72 + 20):
        moment = riskmap.Moment(found["kinds"][column // 24], column % 24)
        scores = area.scores(moment)
        told = [LEVELS[number] for number in halves[column]]
        assert told == scores["level"].tolist()
        rows, times = found["worst"][column][::2], found["worst"][column][1::2]
        assert rows[0] == int(np.argmax(scores["harm_per_km"].to_numpy()))
        assert len(rows) == 20
        assert all(first >= second for first, second in pairwise(times))
        mean = np.average(scores["harm_per_km"], weights=area.segments["length_m"])
        assert times[0] == pytest.approx(scores["harm_per_km"].max() / mean, rel=0.05)


def test_a_click_on_the_list_flies_to_the_road(
    area: riskmap.Area, page: Page, tmp_path: Path
) -> None:
    _open(page, map_html(area, lang="en"), tmp_path)
    row = page.locator(".worst li").nth(2)
    name = row.locator(".road-name").inner_text()
    row.locator("button").click()
    page.wait_for_selector(".leaflet-popup-content h3")
    assert page.inner_text(".leaflet-popup-content h3") == name
    assert page.evaluate("map_riskmap.getZoom()") >= 16
    id_ = page.inner_text(".leaflet-popup-content .small").split(" · ")[2]
    road = area.segments.geometry.to_crs("EPSG:4326")[id_]
    x, y = page.evaluate("(() => { const c = map_riskmap.getCenter(); return [c.lng, c.lat]; })()")
    assert abs(road.centroid.x - x) < 0.01
    assert abs(road.centroid.y - y) < 0.01


def test_a_road_is_found_by_a_part_of_its_name(
    area: riskmap.Area, page: Page, tmp_path: Path
) -> None:
    _open(page, map_html(area, lang="en"), tmp_path)
    page.fill(".find", "BERGSTR")
    assert "Bergstrasse" in page.locator(".found .road-name").all_inner_texts()
    page.locator(".found button").filter(has_text="Bergstrasse").first.click()
    page.wait_for_selector(".leaflet-popup-content h3")
    assert page.inner_text(".leaflet-popup-content h3") == "Bergstrasse"
    page.fill(".find", "no such road")
    assert page.inner_text(".found") == text("map_file.nothing", "en")


def test_the_card_says_what_its_reasons_are_of(
    area: riskmap.Area, page: Page, tmp_path: Path
) -> None:
    _open(page, map_html(area, when=area.moment("2026-05-08T18:00"), lang="en"), tmp_path)
    page.locator(".worst button").first.click()
    page.wait_for_selector(".leaflet-popup-content h3")
    said = page.inner_text(".leaflet-popup-content")
    assert "Why (2026-05-08 Fri School day 18–19 h" in said
    page.locator(".day button").nth(3).click()
    assert "School day 3–4 h:" in page.inner_text(".leaflet-popup-content")
    assert page.inner_text("output") == "School day 3–4 h"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_map_speaks_one_language(
    area: riskmap.Area, page: Page, tmp_path: Path, lang: Lang
) -> None:
    assert _open(page, map_html(area, lang=lang), tmp_path) == []
    said = page.inner_text("#panel")
    for key in ("map.legend", "when.holiday", "list.times_is", "card.weighted", "map.points"):
        assert text(key, lang) in said
        assert text(key, "en" if lang == "zh" else "zh") not in said
    assert "2013-08-03" in said
    assert text("map.credit", lang) in page.inner_text(".leaflet-control-attribution")


def test_levels_differ_by_width_alone() -> None:
    widths = [STYLES[level][1] for level in LEVELS]
    assert all(wide > 1.5 * narrow for wide, narrow in pairwise(widths) if narrow < 3)
    assert all(wide - narrow >= 1 for wide, narrow in pairwise(widths))


def test_a_period_is_named_on_the_map(area: riskmap.Area) -> None:
    when = area.period("2026-05-01", "2026-05-03")
    assert content(area, when=when, lang="en")["labels"]["whole"] == "2026-05-01 to 2026-05-03"


def test_a_part_of_an_area_says_so(area: riskmap.Area) -> None:
    west, south, east, north = area.segments.to_crs("EPSG:4326").total_bounds
    half = ((west, south), (east, south), (east, (south + north) / 2), (west, (south + north) / 2))
    part = content(area, inside=half, lang="en")
    inside = area.segments.index[area.within(half)].tolist()
    assert part["roads"]["ids"] == inside
    assert part["labels"]["part"].startswith(f"Only {len(inside)} of")
    whole = content(area, lang="en")
    assert sum(len(layer["names"]) for layer in part["layers"]) < sum(
        len(layer["names"]) for layer in whole["layers"]
    )
    worst = content(area, top=30, lang="en")
    assert set(worst["roads"]["ids"]) == set(area.hotspots(top=30)["segment_id"])
    # against the whole area, whatever is drawn
    of = dict(zip(whole["roads"]["ids"], whole["scores"], strict=True))
    at = worst["roads"]["ids"][0]
    assert worst["scores"][0][:5] == of[at][:5]


def test_a_file_that_nobody_can_send_is_refused_with_the_way_out(
    area: riskmap.Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folium_map, "LARGEST_MB", 1)
    for lang in LANGUAGES:
        with pytest.raises(RiskmapError, match=r"5423 .* MB.*1 MB.*--top .*--inside"):
            map_html(area, lang=lang)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--inside", "9.5,47.1"], "write west, south, east and north"),
        (["--inside", "9.6,47.1,9.5,47.2"], "is empty"),
        (["--inside", "nan,47.1,9.5,47.2"], "is empty"),
        (["--inside", "1,1,2,2"], "道路"),
        (["--top", "0"], "至少要 1 段"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str], said: str
) -> None:
    target = tmp_path / "map.html"
    assert main(["map", str(HOSTILE), *option, "-o", str(target)]) == 2
    assert said in capsys.readouterr().err
    assert not target.exists()


def test_a_machine_is_told_the_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "map.html"
    assert main(["map", str(HOSTILE), "--json", "-o", str(target)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["mb"] == round(target.stat().st_size / 1e6, 3)


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
    assert '"whole":"Weekend 14–15 h"' in html
