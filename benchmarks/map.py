"""The map of the page beside st_folium and st.pydeck_chart: same roads, same levels, one run.

Chromium draws without a graphics card. Every number is a median over rounds; in a round the ways
take turns, so that all of them see the same machine.
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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import map_peers  # noqa: E402  # lies beside this file
from conftest import CHROMIUM, FLAGS  # noqa: E402  # of the tests
from map_browser import HOUR_ASKED, OURS, Look, TooLong  # noqa: E402  # beside it too

SAMPLE = ROOT / "data/liechtenstein.osm.pbf"
SEGMENTS = 5400
"""Of one copy, about."""
SIZE = {"width": 1366, "height": 768}
START_S = 60.0
OPEN_S = 900.0
"""For opening an area once, before anything is timed."""
PLAIN = [
    "--server.headless=true", "--server.address=127.0.0.1", "--server.fileWatcherType=none",
    "--server.enableStaticServing=true", "--browser.gatherUsageStats=false",
]  # fmt: skip
"""How the peers' pages are served; riskmap's settings lie beside its page."""
AREA = "area.osm.pbf"
PEERS = {"folium": "iframe", "pydeck": "[data-testid=stDeckGlJsonChart]"}
"""Peer → what of its page is looked at."""
MEASURES = ("first", "hour", "card", "drag", "median", "worst")


@dataclass
class Found:
    """What a way took in each round, by measure; `late` where its picture did not come in time."""

    times: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MEASURES})
    late: set[str] = field(default_factory=set)

    def add(self, **seconds: float) -> None:
        """Keep what was measured."""
        for name, value in seconds.items():
            self.times[name].append(value)

    def median(self, name: str) -> float | None:
        """Median over the rounds, None where nothing was measured."""
        return statistics.median(self.times[name]) if self.times[name] else None


def roads(extract: str, target: str) -> None:
    """Assess an extract, which fills the cache, and write its roads and levels for the peers."""
    import riskmap  # noqa: PLC0415  # in a process of its own, which gives the memory back
    import riskmap.assessment  # noqa: PLC0415  # as above
    from riskmap.hours import KINDS  # noqa: PLC0415  # as above
    from riskmap.webmap.geometry import WGS84  # noqa: PLC0415  # as above

    area = riskmap.assess(extract)
    table = area.segments[["geometry"]].to_crs(WGS84)
    table["geometry"] = table.geometry.set_precision(1e-6, mode="pointwise")
    table["year"] = area.scores()["level"]
    table["hour"] = area.scores(riskmap.Moment(KINDS[0], HOUR_ASKED))["level"]
    # the worst come last, so on top
    order = table["year"].map({"blue": 1, "yellow": 2, "orange": 3, "red": 4}).fillna(0)
    table.loc[order.sort_values(kind="stable").index].reset_index(drop=True).to_parquet(target)
    print(len(table))


@contextmanager
def serving(script: str, home: Path, log: Path, *more: str, **environment: str) -> Iterator[str]:
    """Serve a page until the end, and tell its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", *more]
    with (
        log.open("wb") as told,
        subprocess.Popen(
            command, cwd=home, env={**os.environ, **environment}, stdout=told, stderr=told
        ) as process,
    ):
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", process, log)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310  # our own server
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"a page did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


@contextmanager
def looking(browser: Browser, limit_s: float) -> Iterator[Look]:
    """Look at a page as a new visitor, with nothing in the browser's cache."""
    look = Look(browser.new_context(viewport=SIZE, color_scheme="light").new_page(), limit_s)
    try:
        yield look
    finally:
        look.close()


def our_round(browser: Browser, address: str, empty_s: float, limit_s: float) -> dict[str, float]:
    """Measure the page of riskmap once."""
    with looking(browser, limit_s) as look:
        first = look.first(f"{address}?lang=en&area={AREA}", OURS) - empty_s
        look.settle()
        card = look.card()
        look.settle()
        drag = look.drag(OURS)
    with looking(browser, limit_s) as look:
        look.first(f"{address}?lang=en&area={AREA}&when=kind", OURS)
        hour = look.hour()
    return {"first": first, "hour": hour, "card": card, **drag}


def peer_round(
    browser: Browser, address: str, part: str, empty_s: float, limit_s: float, found: Found
) -> None:
    """Measure the page of a peer once; what does not come in time is kept as late."""
    with looking(browser, limit_s) as look:
        step = "first"
        try:
            first = look.first(address, part)
            found.add(first=first - empty_s)
            look.settle()
            step = "hour"
            found.add(hour=look.again(part, "hour"))
            look.settle()
            step = "drag"
            found.add(**look.drag(part))
        except TooLong:
            found.late.add(step)


def compared(
    size: int, browser: Browser, home: Path, empty: str, options: argparse.Namespace
) -> tuple[int, dict[str, Found]]:
    """Measure all ways at one size; the number of segments, and what each took."""
    from copies import copy  # noqa: PLC0415  # beside the tests, which use it too

    own = home / str(size)
    (own / "data").mkdir(parents=True)
    cache = {"RISKMAP_CACHE": str(own / "cache"), "RISKMAP_DATA": str(own / "data")}
    extract, table = own / "data" / AREA, own / "roads.parquet"
    copy(options.extract, extract, max(1, round(size / SEGMENTS)))
    done = subprocess.run(
        [sys.executable, __file__, "--roads", str(extract), str(table)],
        env={**os.environ, **cache}, stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    found = {"riskmap": Found()}
    skipped = set(options.skip)
    with ExitStack() as servers:
        ours = servers.enter_context(serving("app.py", ROOT, own / "riskmap.log", **cache))
        with looking(browser, OPEN_S) as look:
            look.first(f"{ours}?lang=en&area={AREA}", OURS)
            look.first(f"{ours}?lang=en&area={AREA}&when=kind", OURS)
        peers = {}
        for peer, part in PEERS.items():
            if {peer, f"{peer}:{size}"} & skipped:
                continue
            found[peer] = Found()
            address = servers.enter_context(serving(
                f"{peer}_page.py", home, own / f"{peer}.log", *PLAIN, ROADS=str(table),
            ))
            with looking(browser, options.limit) as look:
                try:
                    look.first(address, part)
                    peers[peer] = address
                except TooLong:
                    found[peer].late.add("first")
        for _ in range(options.rounds):
            with looking(browser, options.limit) as look:
                empty_s = look.first(empty, "[data-testid=stMarkdown]", colored=False)
            found["riskmap"].add(**our_round(browser, ours, empty_s, options.limit))
            for peer, address in peers.items():
                peer_round(browser, address, PEERS[peer], empty_s, options.limit, found[peer])
    return int(done.stdout), found


def row(count: int, way: str, found: dict[str, Found], limit_s: float) -> str:
    """Write what a way took, and how riskmap compares."""
    own, ours = found[way], found["riskmap"]
    late = "first" in own.late

    def cell(name: str, *, unit: float = 1.0, digits: int = 2) -> str:
        value = own.median(name)
        if name in own.late or (late and name == "first"):
            return f">{limit_s:.0f} s"
        return "–" if value is None else f"{unit * value:.{digits}f}"

    def ratio(name: str) -> str:
        value, mine = own.median(name), ours.median(name)
        if way == "riskmap" or mine is None:
            return "–"
        if name in own.late:
            return f"<{mine / limit_s:.3f}"
        return "–" if value is None else f"{mine / value:.3f}"

    cells = [
        f"{count:,}", way,
        cell("first"), cell("hour", digits=3), cell("card"), cell("drag"),
        f"{cell('median', unit=1000, digits=0)} / {cell('worst', unit=1000, digits=0)}",
        ratio("first"), ratio("hour"),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def machine(browser: Browser) -> str:
    """Name the machine and all that took part."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")
    names = ("streamlit", "streamlit-folium", "folium", "pydeck")
    versions = []
    for name in names:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{name} not installed")
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return ", ".join(filter(None, [
        f"{os.cpu_count()} × {model or platform.machine()}", load,
        f"Python {platform.python_version()}",
        f"{Path(CHROMIUM).name} {browser.version} with SwiftShader", *versions,
    ]))  # fmt: skip


def asked() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", nargs="?", default=str(SAMPLE))
    parser.add_argument("--sizes", type=int, nargs="+", default=[5000, 20000, 50000, 200000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=90.0, help="seconds to wait for a picture")
    parser.add_argument(
        "--skip", nargs="+", default=[], metavar="PEER[:SIZE]", help="folium, or pydeck:200000"
    )
    parser.add_argument("--roads", nargs=2, metavar=("PATH", "TARGET"), help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Print the table."""
    options = asked()
    if options.roads:
        roads(*options.roads)
        return
    every = {f"folium:{size}" for size in options.sizes}
    wanted = "folium" not in options.skip and not every <= set(options.skip)
    if wanted and importlib.util.find_spec("streamlit_folium") is None:
        raise SystemExit(
            "streamlit-folium is not installed: see benchmarks/README.md, or give --skip folium"
        )
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play, ExitStack() as open_:
        home = Path(folder)
        map_peers.write(home, ROOT / "riskmap/webmap/vendor/leaflet")
        # names outside this machine end at once, where no network would end them late
        flags = [*FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        browser = play.chromium.launch(executable_path=CHROMIUM, args=flags)
        open_.callback(browser.close)
        empty = open_.enter_context(
            serving("empty_page.py", home, home / "empty.log", *PLAIN)
        )
        with looking(browser, START_S) as look:
            look.first(empty, "[data-testid=stMarkdown]", colored=False)
        print(f"\n{machine(browser)}; median of {options.rounds}\n")
        print("| segments | way | first picture s | new hour s | click to card s "
              "| drag of 30 steps s | frame while dragged, median / worst ms "
              "| first: riskmap / way | hour: riskmap / way |")  # fmt: skip
        print(f"|{'---|' * 9}")
        for size in options.sizes:
            count, found = compared(size, browser, home, empty, options)
            for way in found:
                print(row(count, way, found, options.limit), flush=True)


if __name__ == "__main__":
    main()
