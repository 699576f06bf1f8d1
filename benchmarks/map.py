"""
The page's map beside st_folium and st.pydeck_chart, drawn in software, in one run.

    python -m pip install streamlit-folium==0.27.4
    python benchmarks/map.py [--sizes 1,4,10,37] [--rounds 5] [--chromium /usr/bin/chromium]

A size is so many copies of the embedded sample: 5, 22, 54 and 200 thousand pieces of road. Medians
of the rounds, in milliseconds. First picture: from navigation to a map that stands still, less the
same for a page of Streamlit with one word. Hour: from the slider to the map in its new colours,
without a word to Python; of the others a run of their page. Card: from a click on a red road to its
reasons. Frame: the longest one while the map is dragged.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as Late

import riskmap

ROOT = Path(__file__).parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PATIENCE_MS = 90_000
STILL_MS = 250
WHAT = ("first", "hour", "card", "frame")

EMPTY = 'import streamlit as st\nst.write("ready")\n'
FOLIUM = """
import folium, geopandas, streamlit as st
from streamlit_folium import st_folium
roads = geopandas.read_parquet("{table}")
hour = st.query_params.get("hour", "8")
if st.button("other"):
    hour = "3"
colors = dict(red="#b2182b", orange="#e66101", yellow="#e5b53b", blue="#4a86b8")
west, south, east, north = roads.total_bounds
drawn = folium.Map(tiles=None, prefer_canvas=True)
drawn.fit_bounds([[south, west], [north, east]])
folium.GeoJson(
    roads[["geometry", hour]].to_json(), name=hour,
    style_function=lambda one: dict(color=colors.get(one["properties"].get(hour)), weight=2),
).add_to(drawn)
st_folium(drawn, height=600, use_container_width=True, returned_objects=[])
st.write("drawn", hour)
"""
PYDECK = """
import geopandas, pydeck, streamlit as st
roads = geopandas.read_parquet("{table}")
hour = "8"
if st.button("other"):
    hour = "3"
colors = dict(red=[178, 24, 43], orange=[230, 97, 1], yellow=[229, 181, 59], blue=[74, 134, 184])
table = roads[[hour]].assign(
    path=[[list(place) for place in line.coords] for line in roads.geometry],
    color=[colors.get(level, [136, 136, 136]) for level in roads[hour]],
)
west, south, east, north = roads.total_bounds
st.pydeck_chart(pydeck.Deck(
    map_style=None,
    initial_view_state=pydeck.ViewState(
        longitude=(west + east) / 2, latitude=(south + north) / 2, zoom=8
    ),
    layers=[
        pydeck.Layer("PathLayer", table, get_path="path", get_color="color", width_min_pixels=2)
    ],
), height=600)
st.write("drawn", hour)
"""
DRAG = """async () => {
  const frames = [];
  let before = performance.now();
  window.dragged = false;
  while (!window.dragged) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - before);
    before = now;
  }
  return Math.max(...frames.slice(1));
}"""
HOUR = """async (root, hour) => {
  const { map } = root.room;
  const slider = root.querySelector(".clock input");
  const start = performance.now();
  slider.value = hour;
  slider.dispatchEvent(new Event("input"));
  await new Promise((done) => map.once("render", done));
  const { gl } = map.painter.context;
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  return performance.now() - start;
}"""
RED = """root => {
  const { roads, map, points, data } = root.room;
  for (const [row, level] of roads.levels.entries()) {
    if (level !== 0) continue;
    const [a, b] = roads.chord(row).map((place) => map.project(place));
    const place = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    if (roads.at(place) >= 0 && points.told(place, data).length === 0) return place;
  }
}"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--sizes", default="1,4,10,37", help="copies of the sample")
    parser.add_argument("--rounds", type=int, default=5)
    known = os.environ.get("RISKMAP_CHROMIUM", "/usr/bin/chromium")
    parser.add_argument("--chromium", default=known)
    asked = parser.parse_args()
    if importlib.util.find_spec("streamlit_folium") is None:
        sys.exit("streamlit-folium is missing: python -m pip install streamlit-folium==0.27.4")
    print(f"{platform.machine()}, {os.cpu_count()} processors, medians of {asked.rounds}, ms")
    print(f"{'pieces':>8} {'map':<10} {'first':>7} {'hour':>7} {'card':>6} {'frame':>6}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=asked.chromium, args=FLAGS)
        for times in map(int, asked.sizes.split(",")):
            _size(Path(folder) / str(times), times, browser, asked.rounds)


def _size(home: Path, times: int, browser: Browser, rounds: int) -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    import copies  # noqa: PLC0415  # of the tests

    home.mkdir()
    data = home / "data"
    data.mkdir()
    copies.copy(riskmap.sample(), data / "copies.osm.pbf", times)
    os.environ["RISKMAP_CACHE"] = str(home / "cache")
    area = riskmap.assess(data / "copies.osm.pbf")
    table = area.segments[["geometry"]].to_crs("EPSG:4326")
    for hour in (8, 3):
        table[str(hour)] = area.scores(riskmap.moments.Moment("school", hour))["level"].to_numpy()
    table.to_parquet(home / "roads.parquet")
    for name, content in {"empty": EMPTY, "folium": FOLIUM, "pydeck": PYDECK}.items():
        script = content.replace("{table}", str(home / "roads.parquet"))
        (home / f"{name}.py").write_text(script, encoding="utf-8")
    rows: dict[str, list[dict[str, float]]] = {}
    with (
        _served(ROOT / "app.py", data) as ours, _served(home / "empty.py", data) as empty,
        _served(home / "folium.py", data) as folium, _served(home / "pydeck.py", data) as pydeck,
    ):  # fmt: skip
        query = "?lang=en&area=copies.osm.pbf&when=kind&hour=8"
        _timed(browser, f"{ours}/{query}", _ready)  # assessed, cut, and in the server's memory
        for number in range(rounds):
            base = _timed(browser, empty, _word)["first"]
            for name, address, ready, then in (
                ("riskmap", f"{ours}/{query}", _ready, _ours),
                ("folium", folium, _folium, _peer), ("pydeck", pydeck, _pydeck, _peer),
            ):  # fmt: skip
                if number and not rows[name][0].get("first"):
                    continue  # it did not come in the first round
                found = _timed(browser, address, ready, then)
                if found.get("first"):
                    found["first"] -= base
                rows.setdefault(name, []).append(found)
    for name, found in rows.items():
        first, hour, card, frame = (_median(found, what) for what in WHAT)
        print(f"{len(area.segments):>8} {name:<10} {first:>7} {hour:>7} {card:>6} {frame:>6}")
        sys.stdout.flush()


def _median(rows: list[dict[str, float]], what: str) -> str:
    known = [row[what] for row in rows if what in row]
    if not known:
        return ">90000" if what == "first" else "-"
    return f"{statistics.median(known):.0f}"


def _timed(
    browser: Browser, address: str, ready: Callable[[Page], None],
    then: Callable[[Page], dict[str, float]] | None = None,
) -> dict[str, float]:  # fmt: skip
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    try:
        start = time.perf_counter()
        page.goto(address)
        ready(page)
        first = 1000 * (time.perf_counter() - start)
        return {"first": first, **(then(page) if then else {})}
    except Late:
        return {}
    finally:
        context.close()


def _word(page: Page) -> None:
    page.get_by_text("ready").wait_for()


def _ready(page: Page) -> None:
    page.locator(".riskmap[data-state=ready]").wait_for()


def _folium(page: Page) -> None:
    page.get_by_text("drawn 8").wait_for()
    frame = page.frame_locator("iframe").first
    frame.locator("canvas.leaflet-zoom-animated, .leaflet-overlay-pane canvas").first.wait_for()
    _still(page)


def _pydeck(page: Page) -> None:
    page.get_by_text("drawn 8").wait_for()
    page.locator("canvas").first.wait_for()
    _still(page)


def _still(page: Page) -> None:
    """Wait until two pictures in turn are alike, and not of one colour."""
    before = b""
    while True:
        now = page.screenshot()
        if now == before and len(now) > 20_000:  # noqa: PLR2004  # bytes: of an empty page fewer
            return
        before = now
        page.wait_for_timeout(STILL_MS)


def _ours(page: Page) -> dict[str, float]:
    root = page.locator(".riskmap[data-state=ready]")
    root.locator(".clock").wait_for()
    page.wait_for_timeout(1500)
    hours = [root.evaluate(HOUR, hour) for hour in (3, 17, 22, 8, 12)]
    box = root.bounding_box() or {}
    frame = _dragged(page, box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.4)
    page.locator(".riskmap .fit").click()
    page.wait_for_timeout(800)
    place = root.evaluate(RED)
    start = time.perf_counter()
    root.click(position=place)
    page.locator("#rm-card").wait_for()
    card = 1000 * (time.perf_counter() - start)
    return {"hour": statistics.median(hours), "card": card, "frame": frame}


def _peer(page: Page) -> dict[str, float]:
    box = page.locator("iframe, canvas").first.bounding_box() or {}
    frame = _dragged(page, box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.4)
    start = time.perf_counter()
    page.get_by_role("button", name="other").click()
    page.get_by_text("drawn 3").wait_for()
    _still(page)
    return {"hour": 1000 * (time.perf_counter() - start), "frame": frame}


def _dragged(page: Page, x: float, y: float) -> float:
    page.mouse.move(x, y)
    page.evaluate(f"window.frames_told = ({DRAG})()")
    page.mouse.down()
    for step in range(30):
        page.mouse.move(x - 8 * step, y + 3 * step)
    page.mouse.up()
    page.evaluate("window.dragged = true")
    return float(page.evaluate("window.frames_told"))


@contextmanager
def _served(script: Path, data: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}",
               "--server.headless=true", "--browser.gatherUsageStats=false"]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=script.parent, env={**os.environ, "RISKMAP_DATA": str(data)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                health = f"{address}/_stcore/health"
                with urllib.request.urlopen(health, timeout=1):  # noqa: S310  # of this machine
                    break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
