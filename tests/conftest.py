"""What every test may use."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
# the shell has no window to draw and starts sooner
CHROMIUM = (
    os.environ.get("RISKMAP_CHROMIUM")
    or shutil.which("chromium-headless-shell")
    or "/usr/bin/chromium"
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


# a busy machine is no fault of the code
settings.register_profile("riskmap", deadline=None)
settings.load_profile("riskmap")


@pytest.fixture(scope="session")
def sample() -> Path:
    """The embedded extract."""
    return ROOT / "data" / "liechtenstein.osm.pbf"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium; without one these tests fail."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Path of a file that is measured on but not shipped; CI must have it."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            reason = f"{name} is not in ../shared/data; it is measured on and never shipped"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return find


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache."""
    monkeypatch.setenv("RISKMAP_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
