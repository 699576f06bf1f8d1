"""One server and one browser for all claims about the page that only a browser can test."""

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, WebSocket, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("RISKMAP_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
START_S = 60
READY_MS = 90_000
COLORS = {
    "red": (0xB2, 0x18, 0x2B),
    "orange": (0xE6, 0x61, 0x01),
    "yellow": (0xE5, 0xB5, 0x3B),
    "blue": (0x4A, 0x86, 0xB8),
    "accent": (0x7B, 0x1F, 0xA2),
}
OWN = {"", "localhost", "127.0.0.1"}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the page on a free port of this machine."""
    folder = tmp_path_factory.mktemp("data")
    shutil.copy(Path(__file__).with_name("hostile.osm"), folder / "hostile.osm")
    (folder / "broken.osm.pbf").write_bytes(b"this is no OSM file")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("log") / "server.log").open("wb")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    environment = {
        **os.environ,
        "RISKMAP_DATA": str(folder),
        "RISKMAP_CACHE": str(tmp_path_factory.mktemp("cache")),
    }
    with (
        log,
        subprocess.Popen(  # noqa: S603, this project's own page
            command,
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        _wait(f"{address}/_stcore/health", process)
        yield address
        process.terminate()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310, loopback
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the page did not start")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium; without one these tests fail."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Room:
    """The page in a browser, and all that it asked for."""

    page: Page
    asked: list[str] = field(default_factory=list)
    received: list[int] = field(default_factory=list)

    @property
    def map(self) -> Locator:
        """The map, once it is drawn."""
        drawn = self.page.locator(".riskmap[data-state=ready]")
        drawn.wait_for(timeout=READY_MS)
        return drawn

    @property
    def table(self) -> Locator:
        """The ranked list."""
        return self.page.get_by_test_id("stDataFrame")

    def strangers(self) -> list[str]:
        """Addresses outside this machine that the page asked for."""
        parts = [(address, urlsplit(address)) for address in self.asked]
        return [
            address
            for address, part in parts
            if part.scheme not in {"data", "blob"} and part.hostname not in OWN
        ]

    def settle(self) -> None:
        """Wait until the script has run and the map stands still."""
        self.page.wait_for_timeout(300)
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        self.page.wait_for_timeout(700)

    def picture(self) -> NDArray[np.int16]:
        """Photograph the map without its legend."""
        everything = Image.open(io.BytesIO(self.map.screenshot())).convert("RGB")
        pixels = np.asarray(everything).astype(np.int16)
        legend = self.map.locator(".legend").bounding_box()
        outer = self.map.bounding_box()
        assert legend is not None
        assert outer is not None
        left, top = int(legend["x"] - outer["x"]), int(legend["y"] - outer["y"])
        pixels[top : top + int(legend["height"]) + 1, left : left + int(legend["width"]) + 1] = 255
        return pixels

    def colored(self, color: str) -> NDArray[np.bool_]:
        """Pixels of the map in a level's colour."""
        near: NDArray[np.bool_] = np.abs(self.picture() - np.array(COLORS[color])).max(axis=2) < 12  # noqa: PLR2004
        return near

    def click_color(self, color: str) -> None:
        """Click a road of a colour, at the middle of its widest spot."""
        here = self.colored(color)
        solid = here.copy()
        for axis in (0, 1):
            solid &= np.roll(here, 1, axis) & np.roll(here, -1, axis)
        rows, columns = np.nonzero(solid if solid.any() else here)
        assert len(rows), f"no {color} road on the map"
        middle = len(rows) // 2
        self.map.click(position={"x": int(columns[middle]), "y": int(rows[middle])})


@pytest.fixture
def visit(server: str, browser: Browser) -> Iterator[Callable[..., Room]]:
    """Open the page as a new visitor."""
    contexts = []

    def open_page(query: str = "", *, width: int = 1366, height: int = 768) -> Room:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        room = Room(context.new_page())
        room.page.set_default_timeout(20_000)
        room.page.on("request", lambda request: room.asked.append(request.url))

        def listen(socket: WebSocket) -> None:
            room.asked.append(socket.url)
            socket.on("framereceived", lambda frame: room.received.append(len(frame)))

        room.page.on("websocket", listen)
        room.page.goto(f"{server}/{query}")
        return room

    yield open_page
    for context in contexts:
        context.close()
