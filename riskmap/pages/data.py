"""The room of data and methods: what is known, what became of the lists, where numbers are from."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskmap.locale import Lang, text
from riskmap.pages import bars, figures, header, loaded, records, rows, whatif
from riskmap.records import LAYER

if TYPE_CHECKING:
    from riskmap.area import Area

EVIDENCE_WIDTHS = (190, 130, 80, 60, 50, 760)


def show() -> None:
    """Draw the room."""
    header.room(_room, "data")


def _room(area: "Area", lang: Lang) -> str:
    names = ("coverage", "lists", "records", "evidence", "questions")
    coverage, lists, happened, evidence, questions = st.tabs(
        [text(f"data.{name}", lang) for name in names],
        # without a state of its own it falls back to the first when an area opens anew
        key=f"tabs-{lang}",
        on_change="rerun",
    )
    with coverage:
        _coverage(area, lang)
    with lists:
        _lists(area, lang)
    with happened:
        records.show(area, lang)
    with evidence:
        _evidence(area, lang)
    with questions:
        _questions(area, lang)
    return ""


def _coverage(area: "Area", lang: Lang) -> None:
    table = area.coverage_table(lang)
    symbols = {name: layer.symbol for name, layer in area.layers.items()}
    left, right = st.columns([0.58, 0.42], gap="medium")
    with left:
        st.html(_heading("data.layers", lang))
        st.html(bars.stacked(table[table["about"] == "layer"], symbols, lang))
    with right:
        st.html(_heading("data.loaded_is", lang))
        st.html(loaded.table(area, header.source(), whatif.on(area, lang), lang))
        for key, values in area.notes:
            st.caption(figures.plain(text(key, lang, **values)))
        st.html(_heading("data.inputs", lang))
        st.html(bars.stacked(table[table["about"] == "input"], {}, lang))
        st.html(bars.meaning(lang))
        with st.expander(text("data.kilometres", lang)):
            _kilometres(table, lang)


def _heading(key: str, lang: Lang) -> str:
    return f'<div class="rm"><h3>{text(key, lang)}</h3></div>'


def _kilometres(table: pd.DataFrame, lang: Lang) -> None:
    columns = ["title", "features", "touched_km", *(f"{state}_km" for state in bars.STATES)]
    said = {column: text(f"data.column.{column}", lang) for column in columns}
    numbers = {
        said[column]: st.column_config.NumberColumn(format="%.1f")
        for column in columns
        if column.endswith("_km")
    }
    st.dataframe(
        table[columns].rename(columns=said),
        hide_index=True,
        placeholder=text("word.unknown", lang),
        column_config=numbers,
    )


def _lists(area: "Area", lang: Lang) -> None:
    report = area.report[area.report["layer"] != LAYER]
    if report.empty:
        st.info(figures.plain(text("import.none", lang)))
        return
    titles = {name: layer.title[lang] for name, layer in area.layers.items()}
    for about in (loaded.FACTS, loaded.TRAFFIC):
        titles[about] = text(f"data.loaded.{about}", lang)
    rows.show(report, lang, key="lists", titles=titles)


def _evidence(area: "Area", lang: Lang) -> None:
    rows = [
        {
            "title": layer.title[lang],
            "family": figures.worded("family", effect.family, lang),
            "on": figures.worded("effect_on", effect.on, lang),
            "factor": effect.factor,
            "grade": effect.grade,
            "source": text("word.judgement", lang) if effect.grade == "D" else effect.source,
        }
        for layer in area.layers.values()
        for effect in layer.effects
    ]
    judged = sum(row["grade"] == "D" for row in rows)
    st.caption(text("data.judgements", lang, layers=len(area.layers), judged=judged, all=len(rows)))
    table = pd.DataFrame(rows)
    table.columns = [text(f"data.column.{name}", lang) for name in table.columns]
    widths = dict(zip(table.columns, EVIDENCE_WIDTHS, strict=True))
    with st.container(key="evidence"):
        st.dataframe(
            table,
            hide_index=True,
            height="stretch",
            column_config={
                name: st.column_config.Column(width=width) for name, width in widths.items()
            },
        )


def _questions(area: "Area", lang: Lang) -> None:
    table = area.questions
    if table.empty:
        st.info(text("data.no_questions", lang))
        return
    places = table.to_crs("EPSG:4326").geometry
    said = table[f"text_{lang}"]
    for words, lat, lon in zip(said, places.y, places.x, strict=True):
        line = text("info.question", lang, text=words, lat=f"{lat:.5f}", lon=f"{lon:.5f}")
        st.markdown(figures.plain(line))
