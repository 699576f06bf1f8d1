"""What `map.py` measures of one page in Chromium, by the clock of the one who looks."""

from __future__ import annotations

import io
import time
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from PIL import Image
from playwright.sync_api import Error, Locator, Page, WebSocket
from playwright.sync_api import TimeoutError as TooLong

RED = (0xB2, 0x18, 0x2B)
NEAR = 12
OURS = ".riskmap[data-state=ready]"
"""The map of riskmap, once it is drawn."""
DRAG = (240, 120)
STEPS = 30
AFTER_MS = 1500
"""Maps glide on after they are let go, and some draw anew only then."""
HOUR_ASKED = 18
"""With red roads: at night there may be none to know a picture by."""
CHANGED = 50
"""Pixels; fewer are no new picture of a whole area."""

# The time ends when the new colours have been read back out of the canvas and that frame is over,
# and of several frames that change the picture it is the last. Reading counts, so it is no less.
_HOUR = """
async (root, [hour, least]) => {
  const { map } = root.room;
  const gl = map.getCanvas().getContext("webgl2");
  const read = () => {
    const pixels = new Uint32Array(gl.drawingBufferWidth * gl.drawingBufferHeight);
    const bound = gl.getParameter(gl.FRAMEBUFFER_BINDING);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.readPixels(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight, gl.RGBA, gl.UNSIGNED_BYTE,
      new Uint8Array(pixels.buffer));
    gl.bindFramebuffer(gl.FRAMEBUFFER, bound);
    return pixels;
  };
  let picture = await new Promise((resolve) => {
    map.once("render", () => resolve(read()));
    map.triggerRepaint();
  });
  const slider = root.querySelector(".clock input");
  const start = performance.now();
  let last;
  const painted = new Promise((resolve) => {
    map.on("render", () => {
      const now = read();
      let changed = 0;
      for (let i = 0; i < now.length; i += 1) changed += now[i] !== picture[i];
      if (changed < least) return;
      picture = now;
      last = new Promise((over) => {
        requestAnimationFrame(() => over(performance.now() - start));
      });
    });
    map.on("idle", () => last?.then(resolve));
  });
  slider.value = hour;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  return painted;
}
"""

_FRAMES = """
() => {
  window.frames_ms = [];
  let before;
  const step = (now) => {
    if (before !== undefined) window.frames_ms.push(now - before);
    before = now;
    if (window.frames_ms) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
"""
# the frame that is still being drawn counts, however long it lasts
_FRAMES_OVER = """
() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    resolve(window.frames_ms);
    window.frames_ms = undefined;
  }));
})
"""

# at every frame, where waiting for a locator looks every half second; within components too
_THERE = """
(selector) => [document, ...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
  .some((place) => (place.shadowRoot ?? place).querySelector(selector))
"""

# a road of the worst level, and no symbol within four pixels, at one of some places
_FREE = """
(root, places) => places.find(([x, y]) => {
  const { roads, points, data } = root.room;
  const row = roads.at({ x, y });
  const near = [[x - 4, y - 4], [x + 4, y + 4]];
  return row >= 0 && roads.levels[row] === 0 && points.told(near, data).length === 0;
})
"""


@dataclass
class Look:
    """A page that is looked at, for so many seconds at most."""

    page: Page
    limit_s: float
    frames: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen to what the server sends."""
        self.page.set_default_timeout(1000 * self.limit_s)
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.frames.append(len(frame)))

    def first(self, address: str, selector: str, *, colored: bool = True) -> float:
        """Seconds from navigation to the first of two equal pictures of a part of the page."""
        start = time.perf_counter()
        self.page.goto(address, wait_until="commit")
        return self._stable(selector, start, colored=colored)

    def again(self, selector: str, button: str) -> float:
        """Seconds from a click on a button to the first of two equal pictures that are others."""
        before = self.page.locator(selector).first.screenshot()
        start = time.perf_counter()
        self.page.get_by_role("button", name=button).click()
        return self._stable(selector, start, other=before)

    def _stable(
        self, selector: str, start: float, *, colored: bool = True, other: bytes = b""
    ) -> float:
        until = start + self.limit_s
        self.page.wait_for_function(_THERE, arg=selector, polling="raf", timeout=_left(until))
        part = self.page.locator(selector).first
        last, at = b"", 0.0
        while True:
            picture = _photograph(part, until)
            now = time.perf_counter()
            fresh = picture not in {b"", other}
            if fresh and picture == last and (not colored or _red(picture).any()):
                return at - start
            if picture != last:
                last, at = picture, now

    def settle(self) -> None:
        """Wait until the script has run and nothing moves."""
        self.page.wait_for_timeout(300)
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        self.page.wait_for_timeout(700)

    def hour(self) -> float:
        """
        Seconds from another hour on the map's slider until the map is drawn in its colours.

        Raises
        ------
        RuntimeError
            If the server sent anything meanwhile.
        """
        root = self.page.locator(OURS)
        root.locator(".clock input").wait_for()
        self.settle()
        self.frames.clear()
        took: float = root.evaluate(_HOUR, [HOUR_ASKED, CHANGED])
        self.page.wait_for_timeout(300)
        if self.frames:
            raise RuntimeError(f"the server sent {len(self.frames)} frames for a new hour")
        return took / 1000

    def card(self) -> float:
        """Seconds from a click on a red road to its card."""
        root = self.page.locator(OURS)
        rows, columns = np.nonzero(_red(root.screenshot()))
        chosen = np.linspace(0, len(rows) - 1, min(len(rows), 400)).astype(int)
        places = [[int(columns[i]), int(rows[i])] for i in chosen]
        place = root.evaluate(_FREE, places)
        if place is None:
            raise RuntimeError("no red road is free of symbols")
        box = _box(root)
        start = time.perf_counter()
        self.page.mouse.click(box["x"] + place[0], box["y"] + place[1])
        self.page.wait_for_function(_THERE, arg="#rm-card", polling="raf")
        return time.perf_counter() - start

    def drag(self, selector: str) -> dict[str, float]:
        """
        Seconds that the map takes to follow the mouse in 30 steps.

        With them the median frame meanwhile, and the longest until the map stands.
        """
        box = _box(self.page.locator(selector).first)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.evaluate(_FRAMES)
        start = time.perf_counter()
        for step in range(1, STEPS + 1):
            self.page.mouse.move(x + DRAG[0] * step / STEPS, y + DRAG[1] * step / STEPS)
            _left(start + self.limit_s)
        took = time.perf_counter() - start
        dragged = self.page.evaluate("() => window.frames_ms.length")
        self.page.mouse.up()
        self.page.wait_for_timeout(AFTER_MS)
        frames = self.page.evaluate(_FRAMES_OVER)
        median = float(np.median(frames[:dragged]))
        return {"drag": took, "median": median / 1000, "worst": max(frames) / 1000}

    def close(self) -> None:
        """Leave the page, even one that does not answer."""
        with suppress(TooLong):
            self.page.context.close()


def _left(until: float) -> float:
    """Milliseconds that are left; Playwright takes 0 for no limit."""
    left = 1000 * (until - time.perf_counter())
    if left <= 0:
        raise TooLong("the time is over")
    return left


def _photograph(part: Locator, until: float) -> bytes:
    """Photograph a part of the page; empty while the page is putting another in its place."""
    try:
        return part.screenshot(timeout=_left(until))
    except Error as fault:
        if "not attached" not in str(fault):
            raise
        return b""


def _red(picture: bytes) -> np.ndarray:
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(np.int16)
    return np.abs(pixels - np.array(RED)).max(axis=2) < NEAR


def _box(part: Locator) -> dict[str, float]:
    box = part.bounding_box()
    if box is None:
        raise RuntimeError("the map is not on the page")
    return {**box}
