"""One server for all claims about the page that only a browser can test."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ViewportSize, WebSocket, expect
from room import Room

ROOT = Path(__file__).parents[2]
START_S = 60
# a busy machine is no fault of the page
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the page on a free port of this machine."""
    folder = tmp_path_factory.mktemp("data")
    shutil.copy(Path(__file__).with_name("hostile.osm"), folder / "hostile.osm")
    (folder / "broken.osm.pbf").write_bytes(b"this is no OSM file")
    _project(folder / "town")
    _project(folder / "records")
    _records(folder / "records")
    with serving(tmp_path_factory, folder) as address:
        yield address


@contextmanager
def serving(
    tmp_path_factory: pytest.TempPathFactory, folder: Path, script: str = "app.py", **more: str
) -> Iterator[str]:
    """Serve a folder by a script until the end, and tell the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("log") / "server.log").open("wb")
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}"]
    environment = {
        **os.environ,
        "RISKMAP_DATA": str(folder),
        "RISKMAP_CACHE": str(tmp_path_factory.mktemp("cache")),
        **more,
    }
    with (
        log,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(f"{address}/_stcore/health", process)
            yield address
        finally:
            process.terminate()


def _project(home: Path) -> None:
    """Make a project with a list: one row with a formula for a name, one without a place."""
    lists = home / "data" / "points"
    lists.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("hostile.osm"), home / "town.osm")
    (home / "area.toml").write_text('name = "Town"\nextract = "town.osm"\n', encoding="utf-8")
    (lists / "school.csv").write_text(
        "name,lon,lat,crs\n=1+1,9.5062,47.1001,WGS84\n@nowhere,,,WGS84\n", encoding="utf-8"
    )


def _records(home: Path) -> None:
    """Add crash records of three years: fatal, serious and minor ones along the main road."""
    folder = home / "data" / "crashes"
    folder.mkdir()
    lines = ["date,lon,lat,severity,crs,driver"]
    for number in range(90):
        day = f"{2022 + number // 30}-{1 + number % 12:02}-{1 + number % 28:02}"
        severity = ("fatal", "serious", "minor")[number % 3]
        lines.append(f"{day},{9.5004 + 0.00012 * number:.5f},47.1,{severity},WGS84,Secret Name")
    (folder / "own.csv").write_text("\n".join(lines), encoding="utf-8")


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the page did not start")


@pytest.fixture
def visit(server: str, browser: Browser) -> Iterator[Callable[..., Room]]:
    """Open the page as a new visitor."""
    contexts = []

    def open_page(
        query: str = "", *, width: int = 1366, height: int = 768,
        scheme: Literal["dark", "light"] = "light", at: str = server,
    ) -> Room:  # fmt: skip
        size: ViewportSize = {"width": width, "height": height}
        context = browser.new_context(viewport=size, color_scheme=scheme)
        contexts.append(context)
        room = Room(context.new_page())
        room.page.set_default_timeout(20_000)
        room.page.on("request", lambda request: room.asked.append(request.url))

        def listen(socket: WebSocket) -> None:
            room.asked.append(socket.url)
            socket.on("framereceived", lambda frame: room.received.append(len(frame)))

        room.page.on("websocket", listen)
        room.page.goto(f"{at}/{query}")
        return room

    yield open_page
    for context in contexts:
        context.close()
