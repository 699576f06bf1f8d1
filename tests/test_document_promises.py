"""What the documents must not say: to the wrong agency, of the wrong day, of less than there is."""

from dataclasses import replace

import geopandas as gpd
import pytest

import riskmap
from riskmap import referrals
from riskmap.area import Area
from riskmap.documents import referral
from riskmap.documents.content import Document
from riskmap.locale import text
from riskmap.office import Office

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
