"""Crash records: what is there, what it teaches, whether the score would have caught them."""

from typing import TYPE_CHECKING

import streamlit as st

from riskmap.locale import Lang, text
from riskmap.pages import (
    account,
    figures,
    frame,
    helped,
    holdout,
    learned,
    prone,
    upload,
    year_file,
)

if TYPE_CHECKING:
    from riskmap.area import Area

SECTIONS = ("read", "learned", "holdout", "helped", "prone", "upload")


def show(area: "Area", lang: Lang) -> None:
    """Draw what the room says of crash records."""
    if area.crashes is None:
        st.info(figures.plain(text("records.none", lang)))
        upload.show(area, lang)
        return
    section = st.segmented_control(
        text("data.records", lang),
        SECTIONS,
        default=frame.remembered("records", SECTIONS[0], SECTIONS),
        required=True,
        format_func=lambda name: text(f"records.{name}", lang),
        key="records",
        label_visibility="collapsed",
    )
    if section == "upload":
        upload.show(area, lang)
    elif section == "learned":
        learned.show(area, lang)
    elif section == "holdout":
        holdout.show(area, lang)
    elif section == "helped":
        helped.show(area, lang)
    elif section == "prone":
        prone.show(area, lang)
    else:
        account.show(area.crashes, lang, key="crashes")
        year_file.show(area, lang)
