"""Documents to download: a choice of them, and each as PDF or HTML, made when it is asked for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from riskmap.documents import paper, rendering
from riskmap.documents.content import Document, Paragraph
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import figures, paper_places

if TYPE_CHECKING:
    from riskmap.area import Area

Maker = Callable[[], list[Document]]
TYPES = {".pdf": "application/pdf", ".html": "text/html"}


def offer(
    makers: Mapping[str, Maker | paper_places.Ranked],
    area: "Area",
    lang: Lang,
    *,
    key: str,
    width: Literal["stretch", "content"] = "stretch",
) -> None:
    """
    Draw a button that opens the choice of documents.

    Parameters
    ----------
    makers
        Kind of document → what makes it; nothing is made before somebody downloads.
    key
        Tells this button from others.
    width
        Of the button: as wide as its place, or as its words.
    """
    with st.popover(text("documents.page_name", lang), width=width, key=key):
        kinds = list(makers)
        kind = kinds[0]
        if len(kinds) > 1:
            kind = st.radio(
                text("documents.which", lang), kinds, key=f"{key} kind {lang}",
                format_func=lambda kind: text(f"documents.kind.{kind}", lang),
            )  # fmt: skip
        folder = area.office.templates
        if folder and (wrong := _fault(kind, folder, _changed(folder))):
            # a download cannot say why there is none
            st.error(figures.plain(wrong))
            return
        maker = makers[kind]
        if isinstance(maker, paper_places.Ranked):
            chosen = paper_places.asked(maker, kind, lang, key=f"{key} {kind}")
            if chosen is None:
                return
            maker = chosen
        for suffix, mime in TYPES.items():
            st.download_button(
                text("documents.save", lang, what=text(f"documents.kind.{kind}", lang),
                     form=suffix[1:].upper()),
                _made(maker, suffix, area, kind, lang),
                file_name=f"{kind}{suffix}", mime=mime, on_click="ignore",
                key=f"{key} {kind} {suffix}",
            )  # fmt: skip


def _changed(folder: Path) -> tuple[tuple[str, int], ...]:
    return tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.*")))


@st.cache_data(max_entries=32, show_spinner=False)
def _fault(kind: str, folder: Path, changed: tuple[tuple[str, int], ...]) -> str:
    del changed  # only there for the cache
    return rendering.fault(kind, folder)


def _made(
    maker: Maker, suffix: str, area: "Area", kind: str, lang: Lang
) -> Callable[[], bytes]:
    """Make the file when it is wanted; where there is nothing to write it says why."""

    def content() -> bytes:
        try:
            made = maker()
        except RiskmapError as fault:
            title = text(f"documents.kind.{kind}", lang)
            made = [paper.document(area, kind, lang, title=title, blocks=[Paragraph(str(fault))])]
        return rendering.render(made, suffix, area.office.templates)

    return content
