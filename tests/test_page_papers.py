"""Documents on the page: offered, and not made before somebody asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_page import TOWN, Start, start

import riskmap
from riskmap.documents import rendering, weekly
from riskmap.documents.content import Document
from riskmap.errors import RiskmapError
from riskmap.locale import text
from riskmap.pages import figures, papers

__all__ = ["start"]

OFFERED = """
import os
import riskmap
from riskmap.pages import papers
area = riskmap.assess(os.environ["RISKMAP_TEST_PROJECT"])
papers.offer({"briefing": list}, area, "zh", key="own")
"""
"""The offer of one document of a project."""


def offered(page: AppTest) -> list[str]:
    """Labels of the buttons that download."""
    return [button.proto.label for button in page.get("download_button")]


def test_an_outlook_offers_documents_and_makes_none(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    for module, name in ((rendering, "render"), (weekly, "briefings"), (weekly, "holidays")):
        monkeypatch.setattr(module, name, fail)
    page = start("outlook", town=TOWN)
    what = text("documents.kind.briefing", "zh")
    for form in ("PDF", "HTML"):
        assert text("documents.save", "zh", what=what, form=form) in offered(page)
    page.radio(key="outlook papers kind zh").set_value("holiday").run()
    assert not page.exception
    what = text("documents.kind.holiday", "zh")
    assert text("documents.save", "zh", what=what, form="PDF") in offered(page)


def test_a_broken_template_is_told_where_the_document_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    rendering.copy_templates(own)
    assert {rendering.fault(kind, own) for kind in rendering.KINDS} == {""}
    (own / "briefing.typ").write_text("#nothing", encoding="utf-8")
    (tmp_path / "town.osm").write_bytes(TOWN.read_bytes())
    project = tmp_path / "area.toml"
    project.write_text(
        'extract = "town.osm"\n[documents]\ntemplates = "own"\n', encoding="utf-8"
    )
    monkeypatch.setenv("RISKMAP_TEST_PROJECT", str(project))
    page = AppTest.from_string(OFFERED, default_timeout=60).run()
    assert not page.exception
    assert figures.plain("briefing.typ:1: unknown variable: nothing") in page.error[0].value
    assert offered(page) == []


def test_a_week_offers_no_holiday_plan(start: Start) -> None:
    page = start("outlook", town=TOWN)
    named = text("documents.kind.holiday", "zh")
    assert named in page.radio(key="outlook papers kind zh").options
    page.session_state["outlook"] = "next_week"
    page.run()
    assert not page.exception
    assert named not in page.radio(key="outlook papers kind zh").options


def test_a_planned_shift_offers_its_sheets(start: Start) -> None:
    page = start("duty", town=TOWN)
    what = text("documents.kind.duty", "zh")
    assert text("documents.save", "zh", what=what, form="PDF") not in offered(page)
    page.session_state["duty posts"] = 2
    page.session_state["duty patrols"] = 0
    page.run()
    page.button(key="duty plan").click().run()
    assert not page.exception
    assert text("documents.save", "zh", what=what, form="PDF") in offered(page)


def test_where_nothing_can_be_written_the_file_says_why() -> None:
    def refuse() -> list[Document]:
        raise RiskmapError("no <school> here; add one")

    area = riskmap.assess(TOWN)
    page = papers._made(refuse, ".html", area, "school", "zh")().decode()
    assert "no &lt;school&gt; here; add one" in page
    assert text("documents.kind.school", "zh") in page
    assert papers._made(refuse, ".pdf", area, "school", "zh")().startswith(b"%PDF")
