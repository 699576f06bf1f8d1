"""The room of data and methods: what is known, what became of the lists, where numbers are from."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskmap.export import as_csv
from riskmap.locale import Lang, text
from riskmap.pages import bars, figures, header, loaded, whatif

if TYPE_CHECKING:
    from riskmap.area import Area

OUTCOMES = ("dropped", "moved", "merged", "read", "note")
LIST_WIDTHS = (130, 45, 130, 150, 90, 530, 75, 75)
ROW_PX = 46
"""Two lines: a reason may be long."""
EVIDENCE_WIDTHS = (190, 130, 80, 60, 50, 760)
NONE = "\N{EN DASH}"
"""Stands where nothing can be: a note on a whole file has no row and no place."""


def show() -> None:
    """Draw the room."""
    header.room(_room)


def _room(area: "Area", lang: Lang) -> str:
    coverage, lists, evidence, questions = st.tabs(
        [text(f"data.{name}", lang) for name in ("coverage", "lists", "evidence", "questions")]
    )
    with coverage:
        _coverage(area, lang)
    with lists:
        _lists(area, lang)
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
    report = area.report
    if report.empty:
        st.info(figures.plain(text("import.none", lang)))
        return
    named = {outcome: text(f"import.outcome.{outcome}", lang) for outcome in OUTCOMES}
    counts = pd.crosstab(report["file"], report["outcome"])
    counts = counts.reindex(columns=[o for o in OUTCOMES if o in counts]).reset_index()
    counts = counts.rename(columns={**named, "file": text("data.column.file", lang)})
    st.dataframe(counts, hide_index=True, width="content")
    some = [outcome for outcome in OUTCOMES if (report["outcome"] == outcome).any()]
    choice, save = st.columns([0.7, 0.3], vertical_alignment="center")
    chosen = choice.segmented_control(
        text("data.outcome", lang),
        some,
        selection_mode="multi",
        default=[o for o in some if o in {"dropped", "note"}] or some,
        format_func=named.__getitem__,
        key=f"outcomes-{lang}",
        label_visibility="collapsed",
    )
    with save, st.container(horizontal=True, horizontal_alignment="right"):
        st.download_button(
            text("data.save", lang, count=len(report)),
            lambda: as_csv(report),
            file_name="lists.csv",
            mime="text/csv",
            on_click="ignore",
            key="report",
        )
    columns = {"file": "file", "row": "row", "layer": "layer", "name": "name",
               "outcome": "outcome", f"why_{lang}": "why", "lon": "lon", "lat": "lat"}  # fmt: skip
    table = report[report["outcome"].isin(chosen)][list(columns)]
    titles = {name: layer.title[lang] for name, layer in area.layers.items()}
    for about in (loaded.FACTS, loaded.TRAFFIC):
        titles[about] = text(f"data.loaded.{about}", lang)
    table = table.assign(
        outcome=table["outcome"].map(named),
        layer=[titles.get(name, name) for name in table["layer"]],
        row=table["row"].astype("Int64").where(table["row"] > 0),
        name=table["name"].where(table["name"] != "", None),
    )
    table.columns = [text(f"data.column.{name}", lang) for name in columns.values()]
    widths = dict(zip(table.columns, LIST_WIDTHS, strict=True))
    st.dataframe(
        table,
        hide_index=True,
        row_height=ROW_PX,
        placeholder=NONE,
        column_config={
            name: st.column_config.Column(width=width) for name, width in widths.items()
        },
    )


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
