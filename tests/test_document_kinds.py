"""What the seven documents say, in both languages, of the sample and of hostile names."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import papers
import pytest

import riskmap
from riskmap import briefing, diversions, holiday_plan, referrals
from riskmap.area import Area
from riskmap.cli import main
from riskmap.documents import education, notice, periods, referral, rendering, school, weekly
from riskmap.documents.content import Document, Fields, Items, Paragraph, Picture, Table
from riskmap.errors import RiskmapError
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.office import Office
from riskmap.outlook import Outlook, outlook

HEAD = Office(
    unit="甲县公安局交通警察大队", contact="李警官", phone="122", number="2026-7",
    simulated="事故记录",
)  # fmt: skip


@pytest.fixture(scope="module")
def area() -> Area:
    return replace(papers.hostile(riskmap.assess(riskmap.sample())), office=HEAD)


@pytest.fixture(scope="module")
def found(area: Area) -> Outlook:
    return outlook(area, holiday_plan.period_of(area, "labour_day", 2026), lang="zh")


@pytest.fixture(scope="module")
def places(area: Area, found: Outlook) -> pd.DataFrame:
    return holiday_plan.positions(area, found.period, top=2, lang="zh")


@pytest.fixture(scope="module")
def ways(area: Area, found: Outlook) -> gpd.GeoDataFrame:
    return diversions.plan(area, found.period, "zh")


@pytest.fixture(scope="module")
def hazards(area: Area) -> gpd.GeoDataFrame:
    return referrals.referrals(area, lang="zh", most=2)


@pytest.fixture(scope="module")
def made(
    area: Area, found: Outlook, places: pd.DataFrame, ways: gpd.GeoDataFrame,
    hazards: gpd.GeoDataFrame,
) -> dict[str, list[Document]]:
    return {
        "briefing": weekly.briefings(found, places, "zh"),
        "holiday": weekly.holidays(found, places, ways, "labour_day", "zh"),
        "referral": referral.documents(area, hazards, "zh"),
        "school": school.documents(area, "zh", most=2),
        "education": education.documents(area, "zh", most=2),
        "notice": notice.documents(found, ways, "zh", holiday="labour_day"),
    }


@pytest.fixture(scope="module")
def printed(
    made: dict[str, list[Document]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Give a kind of document as PDF, made once."""
    folder = tmp_path_factory.mktemp("printed")

    def path(kind: str) -> Path:
        target = folder / f"{kind}.pdf"
        if not target.exists():
            rendering.write(made[kind], target)
        return target

    return path


KINDS = ("briefing", "holiday", "referral", "school", "education", "notice")


def blocks(documents: list[Document], kind: type) -> list:
    return [own for document in documents for own in document.blocks if isinstance(own, kind)]


# --- all of them ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_prints_every_word_of_its_head_and_its_notes(
    kind: str, made: dict[str, list[Document]], printed: Callable[[str], Path]
) -> None:
    path = printed(kind)
    papers.check_print(path)
    said = papers.words(path)
    pages = papers.pages(path)
    for document in made[kind]:
        head = (document.title, document.unit, document.stamp, *document.notes)
        for own in head:
            assert "".join(own.split()) in said
    assert f"第{pages}页共{pages}页" in said
    assert "2013-08-03" in said


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_names_of_roads_are_text(kind: str, printed: Callable[[str], Path]) -> None:
    said = papers.words(printed(kind))
    assert any("".join(name.split()) in said for name in papers.HOSTILE[:6])


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_is_html_without_a_script(
    kind: str, made: dict[str, list[Document]], tmp_path: Path
) -> None:
    path = tmp_path / "a.html"
    rendering.write(made[kind], path)
    page = path.read_text(encoding="utf-8")
    assert made[kind][0].title in page
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src 'none'" in page
    assert page.count("<svg") == 2 * len(blocks(made[kind], Picture))


@pytest.mark.parametrize("kind", KINDS)
def test_chinese_text_is_joined_by_chinese_semicolons(
    kind: str, made: dict[str, list[Document]]
) -> None:
    said = [own.text for own in blocks(made[kind], Paragraph)]
    said += [item for own in blocks(made[kind], Items) for item in own.items]
    said += [note for document in made[kind] for note in document.notes]
    assert [own for own in said if re.search(r"[\u4e00-\u9fff%]\s*;", own)] == []


# --- one by one ----------------------------------------------------------------------------------


def test_a_referral_is_a_letter_with_a_map_and_a_reason_for_every_hazard(
    area: Area, made: dict[str, list[Document]], hazards: gpd.GeoDataFrame
) -> None:
    letters = made["referral"]
    assert len(letters) == hazards["who"].nunique()
    said = [own.text for own in blocks(letters, Paragraph)]
    for row in hazards.itertuples():
        why = text(
            "documents.referral.share", "zh", why=area.layers[row.layer].why["zh"],
            share=100 * row.share,
        )
        assert why in said
        assert any(row.who in own for own in said)
    assert len(blocks(letters, Picture)) == len(hazards)
    alone = "2026-7" if len(letters) == 1 else text("documents.number", "zh")
    assert all(document.number == alone for document in letters)


def test_a_referral_to_a_stated_addressee_goes_there(
    area: Area, hazards: gpd.GeoDataFrame
) -> None:
    own = replace(area, office=replace(HEAD, addressee="甲县交通运输局", number=""))
    (letter,) = referral.documents(own, hazards.head(1), "zh")
    assert letter.blocks[0].text == text("documents.referral.to", "zh", who="甲县交通运输局")
    assert letter.number == text("documents.number", "zh")


def test_a_school_sheet_is_one_page_and_leaves_what_nobody_knows_to_be_counted(
    made: dict[str, list[Document]], printed: Callable[[str], Path]
) -> None:
    assert papers.pages(printed("school")) == len(made["school"]) == 2
    for document in made["school"]:
        fields = dict(pair for own in blocks([document], Fields) for pair in own.pairs)
        assert "07:10–08:10" in fields[text("documents.school.hours", "zh")]
        assert fields[text("documents.school.short", "zh")] == ""
        assert fields[text("documents.school.post", "zh")]


def test_schools_are_found_by_their_name_and_an_unknown_one_is_told(area: Area) -> None:
    (sheet,) = school.documents(area, "zh", name="ebaholz")
    assert "Ebaholz" in sheet.title
    with pytest.raises(RiskmapError, match="--name nowhere: no such school"):
        school.documents(area, "zh", name="nowhere")


def test_the_education_list_has_places_by_kind_and_what_to_tell_them(
    area: Area, made: dict[str, list[Document]]
) -> None:
    tables = blocks(made["education"], Table)
    assert len(tables) == len(education.GROUPS)
    assert all(1 <= len(own.rows) <= 2 for own in tables)
    told = {item for own in blocks(made["education"], Items) for item in own.items}
    for name in ("village", "school", "depot", "young_old"):
        assert told & {own["zh"] for own in area.layers[name].advice["education"]}


def test_a_notice_tells_no_figures_and_no_posts(
    made: dict[str, list[Document]], printed: Callable[[str], Path]
) -> None:
    assert papers.pages(printed("notice")) == 1
    (table,) = blocks(made["notice"], Table)
    assert not any("%" in cell for row in table.rows for cell in (row[0], row[2], row[3]))
    assert text("documents.notice.call", "zh") in [
        own.text for own in blocks(made["notice"], Paragraph)
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_notice_tells_road_users_what_to_do_and_nothing_that_is_written_for_police(
    lang: Lang, area: Area, found: Outlook, ways: gpd.GeoDataFrame
) -> None:
    (sheet,) = notice.documents(found, ways, lang)
    (*tips, always) = blocks([sheet], Items)[-1].items
    assert always == text("documents.notice.always", lang)
    rising = found.layers.index[found.layers["share_of_normal"] >= periods.LEAST]
    told = [area.layers[name] for name in rising if name in area.layers][: notice.TIPS]
    assert told
    assert tips == [
        text("documents.notice.tip", lang, title=own.title[lang],
             what=own.advice["public"][0][lang])
        for own in told
    ]  # fmt: skip
    said = " ".join(tips)
    for own in area.layers.values():
        for who in ("police", "agency", "education"):
            assert not [line[lang] for line in own.advice[who] if line[lang] in said]
        assert own.why[lang] not in said


def test_a_notice_skips_what_road_users_can_do_nothing_about(
    area: Area, found: Outlook, ways: gpd.GeoDataFrame
) -> None:
    (sheet,) = notice.documents(found, ways, "zh")
    (first, *others, _) = blocks([sheet], Items)[-1].items
    worst = next(own for own in area.layers.values() if first.startswith(own.title["zh"]))
    mute = {**worst.advice, "public": ()}
    layers = {**area.layers, worst.name: replace(worst, advice=mute)}
    silent = replace(found, area=replace(area, layers=layers))
    (sheet,) = notice.documents(silent, ways, "zh")
    tips = blocks([sheet], Items)[-1].items
    assert first not in tips
    assert tips[: len(others)] == tuple(others)


def test_a_holiday_plan_asks_what_its_campaign_asks(made: dict[str, list[Document]]) -> None:
    assert made["holiday"][0].title == text(
        "documents.holiday.title", "zh", name=text("holiday.labour_day", "zh"), year=2026
    )
    assert any(own.boxes for own in blocks(made["holiday"], Items))


def test_a_briefing_says_every_sentence_that_is_read_out(
    found: Outlook, made: dict[str, list[Document]]
) -> None:
    said = [own.text for own in blocks(made["briefing"], Paragraph)]
    for part in briefing.sentences(found, "zh"):
        assert part in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_document_is_in_one_language(lang: Lang, tmp_path: Path) -> None:
    area = riskmap.assess(riskmap.sample())
    period = area.period("2026-06-01", "2026-06-03")
    found = outlook(area, period, lang=lang)
    places = holiday_plan.positions(area, period, top=1, lang=lang)
    ways = diversions.plan(area, period, lang)
    for number, own in enumerate((
        weekly.briefings(found, places, lang),
        weekly.holidays(found, places, ways, "dragon_boat", lang),
        notice.documents(found, ways, lang),
        referral.documents(area, referrals.referrals(area, lang=lang, most=1), lang),
        school.documents(area, lang, most=1),
        education.documents(area, lang, most=1),
    )):  # fmt: skip
        path = tmp_path / f"{number}.pdf"
        rendering.write(own, path)
        said = papers.words(path)
        if lang == "en":
            assert not papers.HAN.search(said), own[0].kind
        else:
            assert papers.HAN.search(said)


# --- from the command line -----------------------------------------------------------------------


@pytest.mark.parametrize(("words", "name"), [
    (["briefing", "--from", "2026-06-01", "--to", "2026-06-02"], "a.pdf"),
    (["holiday", "--holiday", "labour_day", "--year", "2026"], "a.html"),
    (["notice", "--from", "2026-06-01", "--to", "2026-06-02"], "a.html"),
    (["referral", "--most", "1"], "a.pdf"),
    (["education", "--most", "1"], "a.pdf"),
])  # fmt: skip
def test_every_kind_is_a_command(
    words: list[str], name: str, sample: Path, tmp_path: Path
) -> None:
    kind, *more = words
    assert main(["document", kind, str(sample), *more, "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / name).stat().st_size > 10_000


def test_without_a_period_it_is_the_week_that_begins_next_monday(
    sample: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.pdf"
    assert main(["document", "briefing", str(sample), "--lang", "en", "-o", str(path)]) == 0
    today = dt.datetime.now().astimezone().date()
    monday = today + dt.timedelta(days=7 - today.weekday())
    assert f"{monday}–{monday + dt.timedelta(days=6)}" in papers.words(path)


@pytest.mark.parametrize(("words", "fault"), [
    (["school", "--most", "0"], "--most 0: must be 1 or more"),
    (["school", "--name", "nowhere"], "no such school"),
    (["school", "--name", ""], "--name: is empty; write a part"),
    (["referral", "--to", "nobody"], "No hazards for 'nobody'; there are some for: "),
    (["briefing", "--from", "2026-06-01"], "which period?"),
    (["briefing", "--year", "2026"], "of which holiday?"),
])  # fmt: skip
def test_what_cannot_be_written_is_one_line_and_no_file(
    words: list[str], fault: str, sample: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kind, *more = words
    path = tmp_path / "a.pdf"
    code = main(["document", kind, str(sample), *more, "--lang", "en", "-o", str(path)])
    assert code == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert fault in said[-1]
    assert not path.exists()


def test_a_folder_is_refused_for_a_document_that_is_one(sample: Path, tmp_path: Path) -> None:
    assert main(["document", "briefing", str(sample), "-o", str(tmp_path / "folder")]) == 2
    assert list(tmp_path.iterdir()) == []
