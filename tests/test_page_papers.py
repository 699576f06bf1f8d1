"""Documents on the page: offered, and not made before somebody asks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_page import TOWN, Start, start

import riskmap
from riskmap import referrals
from riskmap.documents import rendering, weekly
from riskmap.documents.content import Document, Picture, Table
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.pages import figures, paper_places, papers

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


# --- a part for each place ------------------------------------------------------------------------


RANKED = """
import os
import riskmap
from riskmap.pages import paper_places, papers
area = riskmap.assess(os.environ["RISKMAP_TEST_PROJECT"])
papers.offer({{"{kind}": paper_places.{kinds}(area, "{lang}")}}, area, "{lang}", key="own")
"""
"""The offer of documents about many places."""


@pytest.fixture
def ranked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """Offer documents of a street with twelve schools, or another town."""
    town = tmp_path / "town.osm"
    town.write_text(STREET, encoding="utf-8")

    def run(kind: str, kinds: str, lang: Lang = "zh", town: Path = town) -> AppTest:
        monkeypatch.setenv("RISKMAP_TEST_PROJECT", str(town))
        code = RANKED.format(kind=kind, kinds=kinds, lang=lang)
        page = AppTest.from_string(code, default_timeout=60).run()
        assert not page.exception
        return page

    return run


def _street() -> str:
    nodes = [f'<node id="{n}" lat="28.0" lon="{116 + n / 1000}"/>' for n in range(1, 40)]
    schools = [
        f'<node id="{100 + n}" lat="28.0002" lon="{116.002 + n / 400}">'
        f'<tag k="amenity" v="school"/><tag k="name" v="第{n}小学"/></node>'
        for n in range(12)
    ]
    way = "".join(f'<nd ref="{n}"/>' for n in range(1, 40))
    return (
        f'<osm version="0.6">{"".join(nodes + schools)}<way id="1">{way}'
        '<tag k="highway" v="secondary"/><tag k="name" v="人民路"/></way></osm>'
    )


STREET = _street()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_school_sheets_say_how_many_schools_there_are_and_are_made_of_so_many(
    lang: Lang, ranked: Callable[..., AppTest]
) -> None:
    page = ranked("school", "schools", lang)
    said = text("documents.places.school.some", lang, total=12, most=10)
    assert [own.value for own in page.caption] == [said]
    page.number_input(key="own school most").set_value(40).run()
    assert [own.value for own in page.caption] == [
        text("documents.places.school.all", lang, total=12)
    ]
    assert len(offered(page)) == 2


def test_a_school_is_found_by_a_part_of_its_name(ranked: Callable[..., AppTest]) -> None:
    page = ranked("school", "schools")
    page.text_input(key="own school name").set_value(" 第1").run()
    # 第1, 第10 and 第11
    assert [own.value for own in page.caption] == [
        text("documents.places.school.all", "zh", total=3)
    ]
    page.number_input(key="own school most").set_value(2).run()
    assert [own.value for own in page.caption] == [
        text("documents.places.school.some", "zh", total=3, most=2)
    ]


def test_a_name_that_no_school_has_is_told_and_offers_nothing(
    ranked: Callable[..., AppTest],
) -> None:
    page = ranked("school", "schools")
    page.text_input(key="own school name").set_value("*nowhere*").run()
    said = text("documents.places.school.unknown", "zh", name=figures.plain("*nowhere*"))
    assert [own.value for own in page.info] == [said]
    assert offered(page) == []
    page.text_input(key="own school name").set_value("").run()
    assert len(offered(page)) == 2


def test_a_town_without_places_says_so(ranked: Callable[..., AppTest], tmp_path: Path) -> None:
    bare = tmp_path / "bare.osm"
    bare.write_text(re.sub(r'<tag k="amenity"[^>]*>', "", STREET), encoding="utf-8")
    for kind, kinds in (("school", "schools"), ("education", "lessons")):
        page = ranked(kind, kinds, town=bare)
        assert [own.value for own in page.info] == [text(f"documents.places.{kind}.none", "zh")]
        assert offered(page) == []


def test_an_education_list_takes_so_many_of_each_kind(ranked: Callable[..., AppTest]) -> None:
    page = ranked("education", "lessons")
    assert [own.value for own in page.caption] == [
        text("documents.places.education.some", "zh", total=12, most=10)
    ]
    assert not page.text_input


def test_what_is_asked_for_is_what_is_made(tmp_path: Path) -> None:
    town = tmp_path / "town.osm"
    town.write_text(STREET, encoding="utf-8")
    area = riskmap.assess(town)
    sheets = paper_places.schools(area, "zh")
    assert len(sheets.make(2, "")) == 2
    assert [own.title for own in sheets.make(10, "第10")] == [
        text("documents.school.title", "zh", name="第10小学")
    ]
    (lessons,) = paper_places.lessons(area, "zh").make(11, "")
    assert [len(own.rows) for own in lessons.blocks if isinstance(own, Table)] == [11]


def test_letters_are_about_as_many_hazards_as_are_asked_for() -> None:
    area = riskmap.assess(riskmap.sample())
    known = referrals.referrals(area, lang="zh", most=1).attrs["known"]
    letters = paper_places.letters(area, known, "zh")
    assert letters.count("") == [known]
    made = letters.make(3, "")
    assert sum(isinstance(own, Picture) for letter in made for own in letter.blocks) == 3
