"""The download of a year against the year before, as a workbook to be printed."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from riskmap import year_book, year_table
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import figures, frame
from riskmap.study import Study

if TYPE_CHECKING:
    from riskmap.area import Area


MARKED = "year marked"


def show(area: "Area", lang: Lang, *, study: Study | None = None) -> None:
    """Draw what the workbook holds and its button; or why there can be none."""
    key = "year" if study is None else "year study"
    try:
        found = year_table.review(area, study=study, lang=lang)
    except RiskmapError as fault:
        st.caption(figures.plain(str(fault)))
        return
    said = [text("year.is", lang, year=found.year, against=found.against)]
    if study is not None:
        said.append(text("year.is_study", lang))
    st.caption(figures.plain(" ".join(said)))
    marked = found.simulated or frame.remembered(MARKED, first=False)
    # a study is gone when the page runs again: there it is as it was said of the records
    if study is None and not found.simulated:
        marked = st.checkbox(text("year.check_simulated", lang), marked, key=MARKED)
    st.download_button(
        text("year.save", lang),
        # a function: the workbook is made when someone wants it, not at every rerun
        lambda: written(area, lang, study=study, simulated=marked),
        file_name=f"{found.year}.xlsx",
        mime="application/octet-stream",
        on_click="ignore",
        key=f"{key} file",
    )


def written(area: "Area", lang: Lang, *, study: Study | None, simulated: bool) -> bytes:
    """Write the workbook and return the file's content."""
    found = year_table.review(area, study=study, simulated=simulated, lang=lang)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.xlsx"
        year_book.write(found, path, lang)
        return path.read_bytes()
