"""What the documents must not say: to the wrong agency, of the wrong day, of less than there is."""

from dataclasses import replace

import geopandas as gpd
import pytest

import riskmap
from riskmap import referrals
from riskmap.area import Area
from riskmap.documents import referral, school
from riskmap.documents.content import Document, Fields
from riskmap.errors import RiskmapError
from riskmap.layer import Active
from riskmap.locale import LANGUAGES, Lang, text
from riskmap.office import Office
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
    assert referrals.count(area, to=last) >= (every["who"] == last).sum()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_agency_without_hazards_is_told_which_agencies_have_some(
    lang: Lang, area: Area
) -> None:
    names = referrals.referrals(area, lang=lang, most=200)["who"].unique()
    with pytest.raises(RiskmapError) as fault:
        referrals.referrals(area, lang=lang, most=1, to="nobody")
    assert all(name in str(fault.value) for name in ("nobody", *names))


# --- school sheets -------------------------------------------------------------------------------


@pytest.mark.parametrize(("active", "zh", "en"), [
    ((Active(DAYS, ((7.0, 8.0),)),), "每天 07:00–08:00", "every day 07:00–08:00"),
    (
        (
            Active(("weekend", "holiday"), ((9.0, 10.0),)),
            Active(("school",), ((7.0, 8.0),)), Active(("school",), ((16.0, 17.5),)),
        ),
        "上学日 07:00–08:00、16:00–17:30；周末、节假日 09:00–10:00",  # noqa: RUF001
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


def _fields(documents: list[Document]) -> dict[str, str]:
    return dict(pair for own in blocks(documents, Fields) for pair in own.pairs)
