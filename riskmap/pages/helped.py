"""Did it help: crashes before and after at some sites, against what was to be expected."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap import study
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import figures, frame, year_file
from riskmap.spans import Span

if TYPE_CHECKING:
    from riskmap.area import Area

_SITES_PX = 180


def show(area: "Area", lang: Lang) -> None:
    """Ask for sites and periods; say what a study finds, or what is missing."""
    if area.crashes is None or area.crashes.years.empty:
        st.info(figures.plain(text("records.none", lang)))
        return
    st.caption(figures.plain(text("helped.is", lang)))
    left, right = st.columns([0.5, 0.5], gap="medium")
    with left:
        ids = st.text_area(
            text("helped.sites", lang),
            frame.remembered("helped sites", ""),
            height=_SITES_PX,
            placeholder=area.segments.index[0],
            key="helped sites",
        )
    usual = _halves(area.crashes.years.index.tolist())
    with right:
        before, after = (
            st.text_input(
                text(f"helped.{name}", lang), frame.remembered(f"helped {name}", own),
                key=f"helped {name}",
            )
            for name, own in zip(("before", "after"), usual, strict=True)
        )  # fmt: skip
        asked = st.button(text("helped.run", lang), type="primary", key="helped run")
    if not asked:
        return
    try:
        with st.spinner(text("outlook.working", lang)):
            found = _found(area, ids, before, after, lang)
    except RiskmapError as fault:
        st.error(figures.plain(str(fault)))
        return
    first, *rest = (figures.plain(sentence) for sentence in study.sentences(found, lang))
    st.markdown(f"**{first}**")
    st.markdown("\n".join(f"- {sentence}" for sentence in rest))
    year_file.show(area, lang, study=found)


def _found(area: "Area", ids: str, before: str, after: str, lang: Lang) -> study.Study:
    rows = study.rows_of(ids.split(), area)
    periods = {
        name: Span.of(text(f"helped.{name}", lang), given)
        for name, given in (("before", before), ("after", after))
    }
    return study.study(area, rows, **periods)


def _halves(years: list[int]) -> tuple[str, str]:
    """The earlier and the later years of the records, the middle one for the treatment."""
    first, last = years[0], years[-1]
    half = max((last - first) // 2, 1)
    return f"{first}..{min(first + half - 1, last)}", f"{max(last - half + 1, first)}..{last}"
