"""Claims about the page of crash records that only a browser can test."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from room import Room

from riskmap.locale import LANGUAGES, Lang, text
from riskmap.webmap.crash_points import LOOKS

Visit = Callable[..., Room]
SIZES = [(1366, 768), (1920, 1080)]
NEW = "date,lon,lat,severity,crs,姓名\n" + "\n".join(
    f"2021-{1 + n % 12:02}-{1 + n % 28:02},{9.5005 + 0.0003 * n:.5f},47.1,minor,WGS84,张三丰"
    for n in range(36)
)


def _records(visit: Visit, lang: Lang, area: str, size: tuple[int, int] = SIZES[0]) -> Room:
    room = visit(f"data?lang={lang}&area={area}/area.toml", width=size[0], height=size[1])
    expect(room.page.locator("#rm-loaded")).to_be_visible(timeout=90_000)
    room.page.get_by_role("tab", name=text("data.records", lang)).click()
    room.settle()
    return room


def _section(room: Room, name: str, lang: Lang) -> None:
    label = text(f"records.{name}", lang)
    room.page.locator(".st-key-records button").filter(has_text=label).click()
    room.settle()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=["laptop", "wall"])
def test_every_section_fits_and_stays_on_its_tab(
    visit: Visit, size: tuple[int, int], lang: Lang
) -> None:
    room = _records(visit, lang, "records", size)
    for name in ("read", "learned", "upload", "prone", "holdout"):
        _section(room, name, lang)
        chosen = room.page.get_by_role("tab", selected=True)
        expect(chosen).to_have_text(text("data.records", lang))
        main = room.page.get_by_test_id("stMain")
        assert main.evaluate("part => part.scrollWidth <= part.clientWidth + 1"), name
    assert room.strangers() == []


def test_records_are_handed_in_kept_and_assessed_on_one_tab(visit: Visit, tmp_path: Path) -> None:
    room = _records(visit, "zh", "town")
    path = tmp_path / "new.csv"
    path.write_text(NEW, encoding="utf-8")
    expect(room.page.locator(".st-key-upload")).to_be_visible()
    room.page.locator("input[type=file]").set_input_files(path)
    keep = room.page.get_by_role("button", name=text("records.keep", "zh", file="new.csv"))
    keep.click(timeout=60_000)
    # the table beside it may have the same words
    told = text("records.rows", "zh", years="2021–2021", rows=36)
    line = room.page.locator("p").filter(has_text=told)
    expect(line).to_be_visible(timeout=90_000)
    room.settle()
    tab = room.page.get_by_role("tab", selected=True)
    expect(tab).to_have_text(text("data.records", "zh"))
    assert "张三丰" not in room.page.content()
    _section(room, "upload", "zh")
    room.page.get_by_role("button", name=text("records.remove", "zh"), exact=True).click()
    room.page.get_by_text(text("records.remove_sure", "zh", file="new.csv")).click()
    none = text("records.none", "zh").split("：")[0]  # noqa: RUF001  # of a Chinese text
    expect(room.page.get_by_text(none).first).to_be_visible(timeout=90_000)


def _seen(room: Room, severity: str) -> bool:
    color = np.array([int(LOOKS[severity][0][n : n + 2], 16) for n in (1, 3, 5)])
    near = np.abs(room.picture() - color).max(axis=2) < 12
    return int(near.sum()) > 8


def test_crash_points_are_on_the_map_only_when_switched_on(visit: Visit) -> None:
    room = visit("?lang=en&area=records/area.toml")
    assert room.map
    for _ in range(2):
        room.page.locator(".riskmap .zoom_in").click()
        room.settle()
    assert not _seen(room, "serious")
    room.page.locator(".st-key-layers button").first.click()
    room.page.locator(".st-key-crash-points label").first.click()
    room.settle()
    room.page.keyboard.press("Escape")
    room.settle()
    assert _seen(room, "serious")
    legend = room.map.locator(".legend")
    for severity in ("fatal", "serious", "minor"):
        expect(legend).to_contain_text(text(f"crash.severity.{severity}", "en"))
    expect(legend).not_to_contain_text(text("crash.severity.damage", "en"))
    assert room.strangers() == []
