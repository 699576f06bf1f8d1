"""Documents: one PDF or HTML file, whole, with its font, its numbers, and every name as text."""

import datetime as dt
import resource
from dataclasses import replace
from pathlib import Path

import papers
import pytest
from playwright.sync_api import Browser

import riskmap
from riskmap import crew, deployment, export
from riskmap.area import Area
from riskmap.cli import main
from riskmap.deployment import Deployment
from riskmap.documents import duty, maps, paper, rendering
from riskmap.documents.content import Document, Paragraph
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, text
from riskmap.office import Office
from riskmap.risk import LEVELS

UNITS = 4


@pytest.fixture(scope="module")
def area() -> Area:
    return riskmap.assess(riskmap.sample())


@pytest.fixture(scope="module")
def plan(area: Area) -> Deployment:
    own = crew.simple(area, dt.date(2026, 5, 8), "07:00-19:00", posts=3, cars=1)
    return deployment.deploy(papers.hostile(area), own)


@pytest.fixture(scope="module")
def sheets(plan: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Duty sheets of hostile roads, in Chinese."""
    path = tmp_path_factory.mktemp("duty") / "duty.pdf"
    rendering.write(duty.documents(plan, "zh"), path)
    return path


def letter(area: Area, said: str = "正文", lang: str = "zh") -> Document:
    return paper.document(
        area, "briefing", "zh" if lang == "zh" else "en", title="标题", blocks=[Paragraph(said)]
    )


# --- the duty sheet ------------------------------------------------------------------------------


def test_a_duty_sheet_is_one_page_for_every_unit_however_long_its_names(sheets: Path) -> None:
    assert papers.pages(sheets) == UNITS
    said = papers.words(sheets)
    for number, unit in enumerate(("P1", "P2", "P3", "C1"), 1):
        assert f"勤务单{unit}" in said
        assert f"第{number}页共{UNITS}页" in said


def test_a_duty_sheet_prints_with_its_own_font(sheets: Path) -> None:
    papers.check_print(sheets)


def test_a_duty_sheet_says_every_time_of_the_roster(plan: Deployment, sheets: Path) -> None:
    said = papers.words(sheets)
    table = plan.roster[(plan.roster["kind"] != "drive").to_numpy()]
    assert len(table) > UNITS
    for row in table.itertuples():
        assert f"{deployment.roster.clock(row.start_min)}–" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sheet_holds_what_its_places_ask_for(plan: Deployment, lang: str) -> None:
    for document in duty.documents(plan, lang):
        (items,) = [own for own in document.blocks if type(own).__name__ == "Items"]
        assert items.items[-1] == text("documents.duty.safety", lang)
        assert len(items.items) > 1


# --- names are text ------------------------------------------------------------------------------


def test_hostile_names_are_text_in_a_pdf(area: Area, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    rendering.write([letter(area, "、".join(papers.HOSTILE))], path)
    said = papers.words(path)
    for name in papers.HOSTILE[:6]:
        assert "".join(name.split()) in said
    # what no font has is told by its number
    for part in ("鹰潭[U+1F600][U+1F693]", "㑇[U+20BB7]丽江路", "gnp.exe"):
        assert part in said
    assert papers.pages(path) == 1


def test_hostile_names_are_text_in_html_and_nothing_is_asked_for(
    plan: Deployment, tmp_path: Path, browser: Browser
) -> None:
    path = tmp_path / "a.html"
    documents = duty.documents(plan, "zh")
    odd = replace(documents[0], title="、".join(papers.HOSTILE))
    rendering.write([odd, *documents[1:]], path)
    context = browser.new_context(offline=True)
    page, asked, alarms = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    page.evaluate("document.fonts.ready")
    shown = page.inner_text("body")
    for name in papers.HOSTILE[:8]:
        assert name in shown
    assert "gnp.exe" in shown
    assert "\u202e" not in shown
    assert page.evaluate("[...document.fonts].map(own => own.status)") == ["loaded"]
    assert page.locator("article").count() == UNITS
    assert page.locator("article figure svg path").count() > UNITS
    assert page.locator("script, img, iframe, link, object").count() == 0
    context.close()
    assert asked == [path.as_uri()]
    assert alarms == []


def test_html_is_small_and_carries_the_font_of_its_characters(area: Area, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    rendering.write([letter(area, "㑇𠮷")], path)
    assert path.stat().st_size < 300_000
    assert "data:font/woff;base64," in path.read_text("utf-8")


# --- what every document says --------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_document_says_its_data_date_and_its_method(area: Area, lang: str) -> None:
    said = " ".join(letter(area, lang=lang).notes)
    assert area.data_date[:10] in said
    assert "OpenStreetMap" in said
    assert text("documents.prior", lang) in said


def test_simulated_data_are_called_so_at_the_head_and_in_the_notes(area: Area) -> None:
    made = letter(replace(area, office=Office(simulated="事故记录")))
    assert made.stamp == text("documents.simulated", "zh", what="事故记录")
    assert "事故记录" in made.notes[-1]
    assert not letter(area).stamp


def test_the_unit_of_the_project_stands_on_the_document(sample: Path, tmp_path: Path) -> None:
    project = tmp_path / "area.toml"
    project.write_text(
        f'extract = "{sample}"\n[documents]\nunit = "甲县公安局交通警察大队"\n', encoding="utf-8"
    )
    assert letter(riskmap.assess(project)).unit == "甲县公安局交通警察大队"


@pytest.mark.parametrize(("line", "fault"), [
    ('units = "甲"', "unknown key 'units' in [documents]; did you mean 'unit'?"),
    ("unit = 1", "unit in [documents] must be text in quotes"),
    ('templates = "nowhere"', "is no folder; make it with `riskmap templates`"),
])  # fmt: skip
def test_a_wrong_letterhead_is_refused(
    line: str, fault: str, sample: Path, tmp_path: Path
) -> None:
    project = tmp_path / "area.toml"
    project.write_text(f'extract = "{sample}"\n[documents]\n{line}\n', encoding="utf-8")
    with pytest.raises(RiskmapError, match=fault.replace("[", r"\[").replace("?", r"\?")):
        riskmap.assess(project)


# --- templates -----------------------------------------------------------------------------------


def test_a_copied_template_is_edited_and_used(area: Area, tmp_path: Path) -> None:
    assert main(["templates", str(tmp_path / "own")]) == 0
    for kind, old, new in (
        ("typ", "report(doc)", "[盖章处] + report(doc)"),
        ("html", "%}\n", "%}\n{% block head scoped %}<p>盖章处</p>{% endblock %}\n"),
    ):
        template = tmp_path / "own" / f"briefing.{kind}"
        template.write_text(template.read_text("utf-8").replace(old, new), encoding="utf-8")
    for suffix in rendering.WRITERS:
        path = tmp_path / f"a{suffix}"
        rendering.write([letter(area)], path, tmp_path / "own")
        said = papers.words(path) if suffix == ".pdf" else path.read_text("utf-8")
        assert "盖章处" in said


def test_templates_that_are_there_already_stay(tmp_path: Path) -> None:
    (tmp_path / "duty.typ").write_text("mine", encoding="utf-8")
    written = rendering.copy_templates(tmp_path)
    assert (tmp_path / "duty.typ").read_text("utf-8") == "mine"
    assert len(written) == len(list(rendering.TEMPLATES.iterdir())) - 1


@pytest.mark.parametrize(("name", "content", "fault"), [
    ("briefing.typ", "好\n#foo(\n", "briefing.typ:2: unclosed delimiter"),
    ("briefing.typ", "\n\n#nothing\n", "briefing.typ:3: unknown variable: nothing"),
    ("briefing.typ", '#import "@preview/a:0.1.0"\n', "briefing.typ:1: packages would be loaded"),
    ("briefing.typ", '\n#import ("@" + "preview/a:0.1.0")\n', "briefing.typ:2: packages would be"),
    ("briefing.typ", '#read("../secret")\n', "briefing.typ:1: path"),
    ("briefing.html", "好\n{% if %}\n", "briefing.html:2: Expected an expression"),
    ("briefing.html", "\n{{ nothing }}\n", "briefing.html:2: 'nothing' is undefined"),
    ("briefing.html", "{{ documents.__class__.__mro__ }}\n", "briefing.html:1: access to"),
    ("briefing.html", '{% include "../secret" %}\n', "no such template"),
])  # fmt: skip
def test_a_broken_template_is_named_with_its_line_and_nothing_is_written(
    name: str, content: str, fault: str, area: Area, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("geheim", encoding="utf-8")
    own = tmp_path / "own"
    rendering.copy_templates(own)
    (own / name).write_text(content, encoding="utf-8")
    path = tmp_path / f"a{Path(name).suffix.replace('typ', 'pdf')}"
    with pytest.raises(RiskmapError) as told:
        rendering.write([letter(area)], path, own)
    assert fault in str(told.value)
    assert str(own) in str(told.value)
    assert "\n" not in str(told.value)
    assert not path.exists()


def test_a_template_that_is_missing_is_named(area: Area, tmp_path: Path) -> None:
    for suffix in rendering.WRITERS:
        with pytest.raises(RiskmapError, match="no such template; get it with"):
            rendering.render([letter(area)], suffix, tmp_path)


def test_every_kind_has_both_templates() -> None:
    names = {path.name for path in rendering.TEMPLATES.iterdir()}
    assert names == {f"{kind}{end}" for kind in (*rendering.KINDS, "common") for end in (
        ".typ", ".html",
    )}  # fmt: skip


# --- files ---------------------------------------------------------------------------------------


def test_an_older_file_stays_when_a_document_fails(area: Area, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"older")
    with pytest.raises(RiskmapError):
        rendering.write([letter(area)], path, tmp_path)
    assert path.read_bytes() == b"older"
    assert [own.name for own in tmp_path.iterdir()] == ["a.pdf"]


def test_another_ending_is_refused_before_work(tmp_path: Path) -> None:
    with pytest.raises(RiskmapError, match=r"written as \.pdf or \.html"):
        rendering.check(tmp_path / "a.docx")


def test_duty_sheets_go_into_a_folder_one_file_each(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "sheets"
    code = main([
        "document", "duty", str(sample), "--date", "2026-05-08", "--posts", "2",
        "--unit", "甲县公安局交通警察大队", "-o", str(folder),
    ])  # fmt: skip
    assert code == 0
    found = sorted(folder.iterdir())
    assert capsys.readouterr().out.splitlines() == [str(path) for path in found]
    assert [path.name for path in found] == ["2026-05-08_P1.pdf", "2026-05-08_P2.pdf"]
    for path in found:
        assert papers.pages(path) == 1
        assert "甲县公安局交通警察大队" in papers.words(path)


def test_a_folder_of_sheets_gets_all_of_them_or_none(tmp_path: Path) -> None:
    folder = tmp_path / "sheets"
    (folder / "b.pdf").mkdir(parents=True)
    (folder / "a.pdf").write_bytes(b"older")
    files = {folder / name: b"new" for name in ("a.pdf", "b.pdf")}
    with pytest.raises(RiskmapError, match="is a folder; name a file in it"):
        export.write_folder(folder, files)
    assert (folder / "a.pdf").read_bytes() == b"older"
    (folder / "b.pdf").rmdir()
    export.write_folder(folder, files)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "a.pdf": b"new", "b.pdf": b"new"
    }  # fmt: skip


def test_a_full_disk_leaves_no_folder_of_half_the_sheets(tmp_path: Path) -> None:
    folder = tmp_path / "sheets"
    known = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, known[1]))
    try:
        with pytest.raises(RiskmapError, match="cannot be written"):
            export.write_folder(folder, {folder / "a.pdf": b"a", folder / "b.pdf": b"b" * 9_000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, known)
    assert not folder.exists()


def test_a_letter_that_no_font_has_is_told_by_its_number(area: Area, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    rendering.write([letter(area, "拉萨 ལྷ")], path)
    assert "拉萨[U+F63]" in papers.words(path)


def test_a_full_disk_leaves_the_older_document(area: Area, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"older")
    known = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, known[1]))
    try:
        with pytest.raises(RiskmapError, match=r"a\.pdf: cannot be written \(File too large\)"):
            rendering.write([letter(area)], path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, known)
    assert path.read_bytes() == b"older"
    assert [own.name for own in tmp_path.iterdir()] == ["a.pdf"]


@pytest.mark.parametrize(("name", "fit"), [
    ("../../a b?.pdf", "a_b_.pdf"), ("", "document"), ("长" * 200, "长" * 40), ("..", "document"),
    ("学校\u202egpj", "学校_gpj"), ("nul.txt", "_nul.txt"), ("Com1", "_Com1"),
])  # fmt: skip
def test_a_name_becomes_fit_for_a_file(name: str, fit: str) -> None:
    assert paper.fit(name) == fit


# --- the map -------------------------------------------------------------------------------------


def test_levels_differ_by_more_than_colour() -> None:
    looks = {(maps.WIDTHS[level], maps.DASHES.get(level, "")) for level in LEVELS}
    assert len(looks) == len(LEVELS)
    wide = [maps.WIDTHS[level] for level in LEVELS]
    assert wide == sorted(wide, reverse=True)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_map_has_scale_north_and_legend(area: Area, lang: str) -> None:
    drawn = maps.svg(area, maps.Shown(), area.scores()["level"], lang)
    assert text("documents.north", lang) in drawn
    assert text("unit.kilometre", lang) in drawn
    for level in LEVELS:
        assert text(f"documents.level.{level}", lang) in drawn
    assert {"zh": "瓦都", "en": "Vaduz"}[lang] in drawn


def test_a_map_of_roads_without_an_extract_still_shows_the_roads(area: Area) -> None:
    alone = replace(area, extract=None)
    drawn = maps.svg(alone, maps.Shown(), area.scores()["level"], "zh")
    assert maps.COLOURS["red"] in drawn
    assert "瓦都" not in drawn
