"""Documents with a part for each place: how many there are, how many are made, and of which."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from riskmap import referrals
from riskmap.documents import education, referral, school
from riskmap.documents.content import Document
from riskmap.locale import Lang, text
from riskmap.pages import figures

if TYPE_CHECKING:
    from riskmap.area import Area

MOST = 10
"""Places in a document unless somebody asks for more."""


@dataclass(frozen=True)
class Ranked:
    """A kind of document about many places, those with most harm first."""

    make: Callable[[int, str], list[Document]]
    """Of so many places, or of those with this in their name."""
    count: Callable[[str], list[int]]
    """How many there are of each sort."""
    named: bool = False
    """Whether a place can be asked for by its name."""


def schools(area: "Area", lang: Lang) -> Ranked:
    """One sheet for each school and kindergarten."""
    return Ranked(
        lambda most, name: school.documents(area, lang, most=most, name=name),
        lambda name: [_schools(area.key, lang, name, area)], named=True,
    )  # fmt: skip


def lessons(area: "Area", lang: Lang) -> Ranked:
    """One row for each village, school and depot."""
    return Ranked(
        lambda most, _: education.documents(area, lang, most=most),
        lambda _: _lessons(area.key, lang, area),
    )


def letters(area: "Area", known: int, lang: Lang) -> Ranked:
    """One page for each of the hazards that are known, in a letter to its agency."""
    return Ranked(
        lambda most, _: referral.documents(
            area, referrals.referrals(area, lang=lang, most=most).head(most), lang
        ),
        lambda _: [known],
    )


def asked(
    ranked: Ranked, kind: str, lang: Lang, *, key: str
) -> Callable[[], list[Document]] | None:
    """Ask how many and which, and say how many there are; None where nothing fits."""
    name = ""
    if ranked.named:
        name = st.text_input(text("documents.places.name", lang), key=f"{key} name").strip()
    counts = ranked.count(name)
    if not sum(counts):
        none = "unknown" if name else "none"
        st.info(text(f"documents.places.{kind}.{none}", lang, name=figures.plain(name)))
        return None
    # no upper limit: another area or name with fewer places would refuse the number that stands
    most = int(st.number_input(
        text(f"documents.places.{kind}.most", lang), min_value=1, value=MOST, step=1,
        key=f"{key} most",
    ))  # fmt: skip
    told = "some" if max(counts) > most else "all"
    st.caption(text(f"documents.places.{kind}.{told}", lang, total=sum(counts), most=most))
    return lambda: ranked.make(most, name)


@st.cache_data(max_entries=64, show_spinner=False)
def _schools(key: str, lang: Lang, name: str, _area: "Area") -> int:
    del key  # only there for the cache
    return len(school.schools(_area, lang, name))


@st.cache_data(max_entries=8, show_spinner=False)
def _lessons(key: str, lang: Lang, _area: "Area") -> list[int]:
    del key
    return [len(table) for table in education.grouped(_area, lang).values()]
