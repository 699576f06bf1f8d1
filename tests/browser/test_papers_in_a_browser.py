"""Documents in a browser: offered where their content is shown, made when they are asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect
from room import Room

from riskmap.locale import LANGUAGES, Lang, text

Visit = Callable[..., Room]
PATIENCE_MS = 120_000


def _open(room: Room, lang: Lang) -> Locator:
    button = room.page.get_by_role("button", name=text("documents.page_name", lang)).first
    button.wait_for(timeout=PATIENCE_MS)
    room.settle()
    button.click()
    body = room.page.get_by_test_id("stPopoverBody")
    body.wait_for()
    return body


def _saved(room: Room, kind: str, form: str, lang: Lang, folder: Path) -> Path:
    said = text("documents.save", lang, what=text(f"documents.kind.{kind}", lang), form=form)
    button = room.page.get_by_role("button", name=said)
    expect(button).to_be_visible(timeout=PATIENCE_MS)
    with room.page.expect_download(timeout=PATIENCE_MS) as waiting:
        button.click()
    target = folder / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_outlook_offers_its_documents_as_pdf_and_html(
    visit: Visit, lang: Lang, tmp_path: Path
) -> None:
    room = visit(f"outlook?lang={lang}", width=1366, height=768)
    body = _open(room, lang)
    for kind in ("briefing", "holiday", "notice", "school", "education"):
        expect(body.get_by_text(text(f"documents.kind.{kind}", lang)).first).to_be_visible()
    path = _saved(room, "briefing", "PDF", lang, tmp_path)
    assert path.name == "briefing.pdf"
    assert path.read_bytes().startswith(b"%PDF-")
    body.get_by_text(text("documents.kind.holiday", lang), exact=True).click()
    room.settle()
    path = _saved(room, "holiday", "HTML", lang, tmp_path)
    title = text("documents.holiday.title", lang, name=text("holiday.labour_day", lang), year=2026)
    assert title.split("2026")[-1 if lang == "zh" else 0].strip() in path.read_text("utf-8")
    assert room.strangers() == []


def test_a_planned_shift_offers_its_sheets(visit: Visit, tmp_path: Path) -> None:
    room = visit("duty?lang=zh", width=1366, height=768)
    room.page.get_by_role("button", name=text("duty.plan", "zh")).click(timeout=PATIENCE_MS)
    room.page.locator(".riskmap .unit").first.wait_for(timeout=PATIENCE_MS)
    room.settle()
    _open(room, "zh")
    path = _saved(room, "duty", "PDF", "zh", tmp_path)
    assert path.name == "duty.pdf"
    assert path.read_bytes().startswith(b"%PDF-")
    assert room.strangers() == []
