"""The verdict: what the score would have caught of the later crashes of this very area."""

import base64
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from riskmap import backtest, verdict
from riskmap.backtest import Backtest, Years
from riskmap.crashes import spanned
from riskmap.errors import RiskmapError
from riskmap.export import as_csv
from riskmap.locale import Lang, text
from riskmap.pages import figures

if TYPE_CHECKING:
    from riskmap.area import Area

Key = tuple[str, Years, Years]
REPLICATES = 500
"""Of the block bootstrap: enough for an interval of 90 % that is read in whole per cent."""
_KEPT = 4


@dataclass
class _Shelf:
    """Hold-outs that were worked out, for every visitor; one at a time is worked out."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    found: "OrderedDict[Key, Backtest]" = field(default_factory=OrderedDict)


@st.cache_resource(show_spinner=False)
def _shelf() -> _Shelf:
    return _Shelf()


def spans(years: list[int], tested_from: int) -> tuple[Years, Years]:
    """Years to learn from, and to test on from a year on."""
    return (min(years), tested_from - 1), (tested_from, max(years))


def show(area: "Area", lang: Lang) -> None:
    """Draw the choice of years, the button, and the verdict once it is there."""
    crashes = area.crashes
    years = [] if crashes is None else [int(y) for y, share in crashes.years.items() if share > 0]
    if crashes is None or len(years) < 2:  # noqa: PLR2004  # one to learn from, one to test on
        said = spanned(crashes.years.index) if crashes is not None else ""
        st.info(figures.plain(text("holdout.years", lang, years=said)))
        return
    st.caption(text("holdout.is", lang))
    choice, start = st.columns([0.5, 0.5], vertical_alignment="bottom")
    options = years[1:]
    tested_from = choice.selectbox(
        text("holdout.from", lang),
        options,
        index=len(options) // 2,
        format_func=lambda year: text(
            "holdout.spans", lang, train=_span(spans(years, year)[0]),
            test=_span(spans(years, year)[1]),
        ),
        key=f"holdout {area.key} {lang}",
    )  # fmt: skip
    train, test = spans(years, tested_from)
    key = (area.key, train, test)
    found = _shelf().found.get(key)
    if found is None:
        wanted = start.empty()
        if not wanted.button(text("holdout.run", lang), type="primary", key="holdout run"):
            return
        wanted.empty()
        found = _worked_out(area, key, lang)
    if found is not None:
        _verdict(area, found, lang)


def _worked_out(area: "Area", key: Key, lang: Lang) -> Backtest | None:
    shelf, crashes = _shelf(), area.crashes
    place = st.empty()
    bar = place.progress(0.0, text("source.waiting", lang) if shelf.lock.locked() else None)

    def tell(stage: str, share: float) -> None:
        words = figures.worded("stage", stage, lang)
        percent = round(100 * share)
        bar.progress(share, text("source.progress", lang, stage=words, percent=percent))

    try:
        with shelf.lock:
            if key not in shelf.found and crashes is not None:
                shelf.found[key] = backtest.run(
                    area.prior, area.network, crashes, train=key[1], test=key[2],
                    replicates=REPLICATES, progress=tell,
                )  # fmt: skip
                while len(shelf.found) > _KEPT:
                    shelf.found.popitem(last=False)
            return shelf.found[key]
    except RiskmapError as fault:
        st.error(figures.plain(str(fault)))
        return None
    finally:
        place.empty()


def _verdict(area: "Area", found: Backtest, lang: Lang) -> None:
    first, *rest = verdict.sentences(found, lang)
    st.html(f'<div class="rm"><p class="big" id="rm-verdict">{escape(first)}</p></div>')
    left, right = st.columns([0.55, 0.45], gap="medium")
    with left:
        drawn = base64.b64encode(verdict.chart(found, lang).encode()).decode()
        address = f"data:image/svg+xml;base64,{drawn}"
        # not as a picture of Streamlit's: those lie open at an address of their own
        st.html(f'<img class="paper" alt="" style="width:100%" src="{address}">')
    with right:
        for sentence in rest:
            st.markdown(f"- {figures.plain(sentence)}")
        with st.container(horizontal=True):
            st.download_button(
                text("holdout.page", lang),
                lambda: verdict.page(found, lang, area=area.name).encode(),
                file_name="verdict.html", mime="text/html", on_click="ignore", key="verdict page",
            )  # fmt: skip
            st.download_button(
                text("holdout.table", lang), lambda: as_csv(found.table),
                file_name="backtest.csv", mime="text/csv", on_click="ignore", key="verdict table",
            )  # fmt: skip


def _span(years: Years) -> str:
    first, last = years
    return str(first) if first == last else f"{first}–{last}"
