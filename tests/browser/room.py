"""The page as a visitor sees it: its map, its list, its colours, and all that it asked for."""

import io
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page

READY_MS = 90_000
STILL_MS = 400
STILL_FRAMES = 10
COLORS = {
    "red": (0xB2, 0x18, 0x2B),
    "orange": (0xE6, 0x61, 0x01),
    "yellow": (0xE5, 0xB5, 0x3B),
    "blue": (0x4A, 0x86, 0xB8),
    "accent": (0x7B, 0x1F, 0xA2),
}
OWN = {"", "localhost", "127.0.0.1"}

# Time alone does not do: while the page is busy it draws no frames, and says nothing of it.
_STILL = """
(app, [least_ms, least_frames]) => new Promise((resolve) => {
  const maps = () => [...app.querySelectorAll("*")]
    .flatMap((part) => [...part.shadowRoot?.querySelectorAll(".riskmap") ?? []])
    .map((root) => root.room?.map);
  let since = performance.now();
  let frames = 0;
  const look = (now) => {
    frames += 1;
    if (app.dataset.testScriptState !== "notRunning"
        || maps().some((map) => map && (!map.loaded() || map.isMoving()))) {
      since = now;
      frames = 0;
    }
    if (now - since >= least_ms && frames >= least_frames) resolve();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})
"""


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
    def rows(self) -> Locator:
        """Rows of the short list beside the map."""
        return self.page.locator(".rm-rows tbody tr")

    @property
    def table(self) -> Locator:
        """The ranked list of the other rooms; those of hidden tabs are none."""
        return self.page.get_by_test_id("stDataFrame").filter(visible=True)

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
        self.page.get_by_test_id("stApp").evaluate(_STILL, [STILL_MS, STILL_FRAMES])

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
        near: NDArray[np.bool_] = np.abs(self.picture() - np.array(COLORS[color])).max(axis=2) < 12
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
