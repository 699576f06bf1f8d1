"""The map as one file, downloaded from the page and opened with the network off."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser
from room import Room

from riskmap.locale import text

Visit = Callable[..., Room]


def test_the_page_makes_the_map_file_when_asked(
    visit: Visit, browser: Browser, tmp_path: Path
) -> None:
    room = visit("list?lang=en")
    room.map.wait_for()
    room.page.get_by_role("button", name=text("list.download", "en")).click()
    with room.page.expect_download() as download:
        room.page.get_by_role("button", name=text("map_file.make", "en")).click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "map.html"
    assert room.strangers() == []
    context = browser.new_context(offline=True)
    alone = context.new_page()
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(path.as_uri())
    assert alone.locator(".worst li").count() == 20
    worst = text("map_file.worst", "en", period=text("when.all_year", "en"))
    assert worst in alone.inner_text("#panel")
    assert asked == [path.as_uri()]
    context.close()
