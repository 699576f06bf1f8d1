"""What the documents must not say: to the wrong agency, of the wrong day, of less than there is."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import riskmap
from riskmap import holiday_plan, referrals, wording
from riskmap.area import Area
from riskmap.cli import main
from riskmap.documents import notice, referral, school, weekly
from riskmap.documents.content import (
    Document,
    Fields,
    Heading,
    Items,
    Paragraph,
    Picture,
    Table,
)
from riskmap.errors import RiskmapError
from riskmap.jams import road_names
from riskmap.layer import Active
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.office import Office
from riskmap.osm import WGS84
from riskmap.outlook import Outlook, outlook
from riskmap.vocabulary import DAYS

HEAD = Office(unit="甲县公安局交通警察大队", addressee="甲县交通运输局", number="2026-7")


@pytest.fixture(scope="module")
def area() -> Area:
    return replace(riskmap.assess(riskmap.sample()), office=HEAD)


@pytest.fixture(scope="module")
def hazards(area: Area) -> gpd.GeoDataFrame:
    return referrals.referrals(area, lang="zh", most=2)


def blocks(documents: list[Document], kind: type) -> list:
    return [own for document in documents for own in document.blocks if isinstance(own, kind)]


# --- referrals -----------------------------------------------------------------------------------


def test_letters_to_several_agencies_each_name_their_own_and_leave_the_number_blank(
    area: Area, hazards: gpd.GeoDataFrame
) -> None:
    agencies = ["甲省公路局", "甲县乡镇人民政府"]
    letters = referral.documents(area, hazards.assign(who=agencies), "zh")
    assert [letter.blocks[0].text for letter in letters] == [
        text("documents.referral.to", "zh", who=who) for who in agencies
    ]
    assert {letter.number for letter in letters} == {text("documents.number", "zh")}
    (alone,) = referral.documents(area, hazards.assign(who=agencies[0]), "zh")
    assert alone.blocks[0].text == text("documents.referral.to", "zh", who="甲县交通运输局")
    assert alone.number == "2026-7"


def test_the_first_hazards_of_an_agency_are_found_however_far_down_they_are(area: Area) -> None:
    every = referrals.referrals(area, lang="zh", most=200)
    last = every["who"].drop_duplicates().iloc[-1]
    first = int((every["who"] == last).to_numpy().argmax())
    assert first > 0
    own = referrals.referrals(area, lang="zh", most=1, to=last)
    assert list(own["segment_ids"]) == [every["segment_ids"].iloc[first]]
    assert own.attrs["known"] >= (every["who"] == last).sum()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_agency_without_hazards_is_told_which_agencies_have_some(
    lang: Lang, area: Area
) -> None:
    names = referrals.referrals(area, lang=lang, most=200)["who"].unique()
    with pytest.raises(RiskmapError) as fault:
        referrals.referrals(area, lang=lang, most=1, to="nobody")
    assert all(name in str(fault.value) for name in ("nobody", *names))


@pytest.mark.parametrize(("lang", "unit"), [
    ("zh", ("最多", "起（严重度加权事故）/年")),  # noqa: RUF001  # Chinese
    ("en", ("at most", "severity-weighted crashes a year")),
])  # fmt: skip
def test_a_referral_says_its_effect_with_a_unit_and_its_source_in_small_print(
    lang: Lang, unit: tuple[str, str], area: Area
) -> None:
    found = referrals.referrals(area, lang=lang, most=1)
    letters = referral.documents(area, found, lang)
    row = next(found.itertuples())
    said = _fields(letters)[text("documents.referral.field.saves", lang)]
    assert said.startswith(unit[0])
    assert unit[1] in said
    told = blocks(letters, Paragraph)
    (small,) = [own for own in told if row.source in own.text]
    assert small.quiet
    assert f"{row.factor:g}" in small.text


# --- periods -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found(area: Area) -> Outlook:
    return outlook(area, area.period("2026-06-03", "2026-06-05"), lang="zh")


NO_WAYS = gpd.GeoDataFrame({"status": []}, geometry=[], crs=WGS84)


def test_what_rises_by_rounding_alone_is_not_told_to_the_public(found: Outlook) -> None:
    up = pd.Series(found.layers.index == "school", index=found.layers.index)
    layers = found.layers.assign(share_of_normal=np.where(up, 0.01, 1e-17), rise=1e-20)
    roads = found.roads.assign(rise=[0.1, *[1e-20] * (len(found.roads) - 1)], normal=1.0)
    (sheet,) = notice.documents(replace(found, layers=layers, roads=roads), NO_WAYS, "zh")
    (table,) = blocks([sheet], Table)
    assert [row[1] for row in table.rows] == [found.roads["road"].iloc[0]]
    (tips,) = blocks([sheet], Items)
    assert len(tips.items) == 2
    told = found.area.layers["school"]
    assert tips.items[0].startswith(told.title["zh"])
    assert told.advice["public"][0]["zh"] in tips.items[0]


def test_where_no_road_rises_one_sentence_says_so(found: Outlook) -> None:
    calm = replace(found, roads=found.roads.assign(rise=1e-20))
    (sheet,) = notice.documents(calm, NO_WAYS, "zh")
    assert not blocks([sheet], Table)
    assert not blocks([sheet], Picture)
    assert text("documents.period.none", "zh") in [p.text for p in blocks([sheet], Paragraph)]
    assert text("documents.notice.roads", "zh") not in [h.text for h in blocks([sheet], Heading)]
    places = holiday_plan.positions(found.area, found.period, top=1, lang="zh")
    (briefing,) = weekly.briefings(calm, places, "zh")
    assert text("documents.period.none", "zh") in [p.text for p in blocks([briefing], Paragraph)]
    assert len(blocks([briefing], Picture)) == 1


@pytest.mark.parametrize(("hours", "said"), [
    ((17, 18, 19), ("17–20 时",)), ((7, 17, 18), ("7–8 时", "17–19 时")),
    ((0, 22, 23), ("0–1 时", "22–24 时")),
])  # fmt: skip
def test_a_notice_of_one_day_names_it_once_and_joins_its_hours(
    hours: tuple[int, ...], said: tuple[str, ...], area: Area
) -> None:
    day = outlook(area, area.period("2026-06-03", "2026-06-03"), lang="zh")
    harm = np.where(day.hours.index.hour.isin(hours), 2.0, 1.0)
    (sheet,) = notice.documents(replace(day, hours=day.hours.assign(harm=harm)), NO_WAYS, "zh")
    first = blocks([sheet], Paragraph)[0].text
    named = wording.joined(said, "zh")
    assert first == text("documents.notice.on", "zh", day="2026 年 6 月 3 日", hours=named)


def test_a_notice_writes_every_date_in_one_way(found: Outlook) -> None:
    (sheet,) = notice.documents(found, NO_WAYS, "zh")
    (table,) = blocks([sheet], Table)
    for own in (blocks([sheet], Paragraph)[0].text, *(row[2] for row in table.rows)):
        assert "2026 年 6 月 " in own
        assert "06-0" not in own


def test_a_notice_sends_nobody_round_by_a_road_without_a_name(found: Outlook) -> None:
    own = text("road_class.primary", "zh")
    vias = (f"甲路 → {own} → 乙路", "甲路 → 乙路", own)
    ways = gpd.GeoDataFrame(
        {"status": "found", "vehicle": "car", "name": "丙路", "direction": "北", "via": vias},
        geometry=[None] * len(vias), crs=WGS84,
    )  # fmt: skip
    (sheet,) = notice.documents(found, ways, "zh")
    round_ = [item for own in blocks([sheet], Items) for item in own.items if "丙路" in item]
    assert round_ == [
        text("documents.notice.way", "zh", name="丙路", direction="北", via="甲路 → 乙路")
    ]


# --- school sheets -------------------------------------------------------------------------------


@pytest.mark.parametrize(("active", "zh", "en"), [
    ((Active(DAYS, ((7.0, 8.0),)),), "每天 07:00–08:00", "every day 07:00–08:00"),
    (
        (
            Active(("weekend", "holiday"), ((9.0, 10.0),)),
            Active(("school",), ((7.0, 8.0),)), Active(("school",), ((16.0, 17.5),)),
        ),
        "上学日 07:00–08:00、16:00–17:30；周末、节假日 09:00–10:00",  # noqa: RUF001  # Chinese
        "school days 07:00–08:00, 16:00–17:30; weekends, public holidays 09:00–10:00",
    ),
    ((Active(("eve", "last"), ((12.0, 24.0),)),), "放假前一天、放假末日 12:00–24:00",
     "eve of a break, last day of a break 12:00–24:00"),
])  # fmt: skip
def test_the_hours_of_a_school_name_every_kind_of_day_once(
    active: tuple[Active, ...], zh: str, en: str, area: Area
) -> None:
    layers = {
        name: replace(layer, active=active) if name in school.LAYERS else layer
        for name, layer in area.layers.items()
    }
    for lang, hours in zip(LANGUAGES, (zh, en), strict=True):
        said = _fields(school.documents(replace(area, layers=layers), lang, most=1))
        assert said[text("documents.school.hours", lang)] == hours


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_school_sheet_has_the_road_with_most_of_its_harm_and_counts_those_left_out(
    lang: Lang, area: Area
) -> None:
    table = school.schools(area, lang)
    sheets = school.documents(area, lang, most=len(table))
    some_left = False
    for row, sheet in zip(table.to_dict("records"), sheets, strict=True):
        road = road_names(area.segments.iloc[row["rows"]], lang)
        most = pd.Series(row["parts"]).groupby(road).sum().idxmax()
        (stretch,) = blocks([sheet], Table)
        assert most == stretch.rows[0][0]
        left = len(set(road)) - len(stretch.rows)
        said = [own.text for own in blocks([sheet], Paragraph)]
        assert (text("documents.school.left", lang, count=left) in said) is (left > 0)
        some_left |= left > 0
    assert some_left


def _fields(documents: list[Document]) -> dict[str, str]:
    return dict(pair for own in blocks(documents, Fields) for pair in own.pairs)


# --- how many ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["referral", "school"])
def test_a_document_of_fewer_than_there_are_says_so_on_standard_error(
    kind: str, area: Area, sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schools, hazards = school.schools(area, "en"), referrals.referrals(area, most=None)
    total = len(hazards) if kind == "referral" else len(schools)
    path = tmp_path / "a.html"
    words = ["document", kind, str(sample), "--most", "1", "--lang", "en", "-o", str(path)]
    assert main(words) == 0
    said = text("documents.fewer", "en", shown=1, total=total)
    assert said.startswith(f"1 of {total}")
    assert said in capsys.readouterr().err


def test_a_document_of_all_there_are_says_nothing(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["document", "school", str(sample), "--name", "ebaholz", "--lang", "en"]
    assert main([*words, "-o", str(tmp_path / "a.html")]) == 0
    assert "--most" not in capsys.readouterr().err


def test_where_the_extract_is_gone_what_is_mapped_around_is_unknown_and_not_none(
    area: Area,
) -> None:
    (made,) = school.documents(replace(area, extract=Path("gone.osm.pbf")), "en", most=1)
    said = [block.text for block in made.blocks if isinstance(block, Paragraph)]
    unknown = text("documents.school.unseen", "en")
    assert sum(unknown in words for words in said) == 2
    assert not any("0 signs" in words for words in said)


def test_what_is_counted_around_a_school_is_a_rule_that_a_brigade_can_change(area: Area) -> None:
    rules = {**area.parameters, "school_sheet": {
        **area.parameters["school_sheet"], "near_m": 0.1,
    }}  # fmt: skip
    (made,) = school.documents(replace(area, parameters=rules), "en", most=1)
    said = [block.text for block in made.blocks if isinstance(block, Paragraph)]
    assert any("within 0 m" in words for words in said)
