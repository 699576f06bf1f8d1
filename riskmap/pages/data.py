"""The room of data and methods: what is known, what became of the lists, where numbers are from."""

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from riskmap.export import as_csv
from riskmap.locale import Lang, text
from riskmap.pages import figures, frame, header

if TYPE_CHECKING:
    from riskmap.area import Area

STATES = ("known", "assumed", "unknown")
_SHADES = ("#2f3a45", "#8f9aa3", "#e4dfd0")
_BAR_PX = 20
OUTCOMES = ("dropped", "moved", "merged", "read", "note")


def show() -> None:
    """Draw the room."""
    frame.keep()
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
    st.caption(text("coverage.is", lang))
    table = area.coverage_table(lang)
    left, right = st.columns([0.62, 0.38], gap="medium")
    for place, about in ((left, "layer"), (right, "input")):
        with place:
            st.subheader(text(f"data.{about}s", lang))
            rows = table[table["about"] == about]
            st.altair_chart(_bars(rows, lang), width="stretch")
    with right, st.expander(text("data.kilometres", lang)):
        columns = ["title", "features", "touched_km", *(f"{state}_km" for state in STATES)]
        st.dataframe(
            table[columns].rename(columns={c: text(f"data.column.{c}", lang) for c in columns}),
            hide_index=True,
            placeholder=text("word.unknown", lang),
        )


def _bars(rows: pd.DataFrame, lang: Lang) -> alt.Chart:
    names = [text(f"coverage.{state}", lang) for state in STATES]
    km = rows[[f"{state}_km" for state in STATES]].astype(float).set_axis(names, axis=1)
    share = 100 * km.div(km.sum(axis=1), axis=0).fillna(0.0)
    share.insert(0, "title", rows["title"].to_numpy())
    order = share.sort_values([names[2], names[1]], ascending=False)["title"].tolist()
    long = share.melt("title", var_name="state", value_name="share")
    long["km"] = km.melt()["value"].to_numpy()
    long["rank"] = long["state"].map({name: rank for rank, name in enumerate(names)})
    chart: alt.Chart = (
        alt.Chart(long)
        .mark_bar(stroke="#5a6068", strokeWidth=0.5)
        .encode(
            y=alt.Y("title:N", sort=order, title=None).axis(labelLimit=260),
            x=alt.X("share:Q", title=text("data.share_of_road", lang)).scale(domain=(0, 100)),
            color=alt.Color("state:N", title=None, sort=names)
            .scale(domain=names, range=_SHADES)
            .legend(orient="top"),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("title:N", title=text("data.column.title", lang)),
                alt.Tooltip("state:N", title=text("data.state", lang)),
                alt.Tooltip("share:Q", title="%", format=".0f"),
                alt.Tooltip("km:Q", title=text("unit.kilometre", lang), format=".1f"),
            ],
        )
        .properties(height=alt.Step(_BAR_PX))
    )
    return chart


def _lists(area: "Area", lang: Lang) -> None:
    report = area.report
    if report.empty:
        st.info(figures.plain(text("import.none", lang)))
        return
    rows = report[report["row"] > 0]
    counts = pd.crosstab(rows["file"], rows["outcome"])
    counts = counts.reindex(columns=[o for o in OUTCOMES if o in counts])
    named = {outcome: text(f"import.outcome.{outcome}", lang) for outcome in OUTCOMES}
    st.dataframe(counts.rename(columns=named).rename_axis(text("data.column.file", lang)))
    some = [outcome for outcome in OUTCOMES if (report["outcome"] == outcome).any()]
    chosen = st.segmented_control(
        text("data.outcome", lang),
        some,
        selection_mode="multi",
        default=[o for o in some if o in {"dropped", "note"}] or some,
        format_func=named.__getitem__,
        key=f"outcomes-{lang}",
        label_visibility="collapsed",
    )
    columns = {"file": "file", "row": "row", "layer": "layer", "name": "name",
               "outcome": "outcome", f"why_{lang}": "why", "lon": "lon", "lat": "lat"}  # fmt: skip
    table = report[report["outcome"].isin(chosen)][list(columns)]
    table = table.assign(outcome=table["outcome"].map(named))
    table.columns = [text(f"data.column.{name}", lang) for name in columns.values()]
    st.dataframe(table, hide_index=True, placeholder=text("word.unknown", lang))
    st.download_button(
        text("data.save", lang, count=len(report)),
        lambda: as_csv(report),
        file_name="lists.csv",
        mime="text/csv",
        on_click="ignore",
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
    narrow = {name: st.column_config.Column(width="small") for name in table.columns[1:-1]}
    st.dataframe(table, hide_index=True, height=560, column_config=narrow)


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
