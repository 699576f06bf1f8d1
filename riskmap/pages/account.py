"""What was read of crash records: how many, of which years, how bad, and every row's fate."""

import altair as alt
import pandas as pd
import streamlit as st

from riskmap.crashes import OUTCOMES, PLACED, Crashes, spanned
from riskmap.locale import Lang, text
from riskmap.pages import figures, frame, night, rows
from riskmap.record_cells import SEVERITIES
from riskmap.webmap.crash_points import LOOKS

_CHART_PX = 230


def show(crashes: Crashes, lang: Lang, *, key: str) -> None:
    """Draw what was read: how many by outcome, by year and severity, and every row's fate."""
    st.markdown(figures.plain(counted(crashes, lang)))
    for note, values in crashes.notes:
        st.caption(figures.plain(text(note, lang, **values)))
    table = by_year(crashes)
    if len(table):
        left, right = st.columns([0.5, 0.5], gap="medium")
        with left:
            st.altair_chart(chart(crashes, lang), key=f"years-{key}")
        with right:
            st.dataframe(_said(table, lang), hide_index=True, height=_CHART_PX)
    rows.show(crashes.report, lang, key=key)


def counted(crashes: Crashes, lang: Lang) -> str:
    """Say how many rows there were and what became of them, in one line."""
    report = crashes.report[crashes.report["row"] > 0]
    found = crashes.table["outcome"].value_counts().reindex(OUTCOMES, fill_value=0)
    parts = [
        text("records.rows", lang, rows=len(report), years=spanned(crashes.years.index)),
        *(f"{found[name]} {text(f'crash.outcome.{name}', lang)}" for name in OUTCOMES),
    ]
    if dropped := int((report["outcome"] == "dropped").sum()):
        parts.append(text("records.dropped", lang, count=dropped))
    return text("import.joiner", lang).join(parts)


def by_year(crashes: Crashes) -> pd.DataFrame:
    """
    Count crashes by year.

    Returns
    -------
    Index year: `covered` (0..1), `used` on the network, `left` off it or doubtful, and of all those
    that were read each of `SEVERITIES` and `unknown`.
    """
    table, years = crashes.table, crashes.years.index
    used = table["outcome"].isin(PLACED)
    severity = table["severity"].replace("", "unknown")
    found = pd.crosstab(table["year"], severity)
    found = found.reindex(index=years, columns=[*SEVERITIES, "unknown"], fill_value=0)
    result = pd.DataFrame({
        "covered": crashes.years,
        "used": table[used].groupby("year").size().reindex(years, fill_value=0),
        "left": table[~used].groupby("year").size().reindex(years, fill_value=0),
    })  # fmt: skip
    return result.join(found)


def chart(crashes: Crashes, lang: Lang) -> alt.Chart:
    """Draw crashes by year and severity; a year that is only partly covered is pale."""
    table = by_year(crashes)
    some = [name for name in (*SEVERITIES, "unknown") if table[name].any()]
    names = {name: text(f"crash.severity.{name}", lang) for name in some}
    long = table.rename_axis("year").reset_index().melt(
        ["year", "covered"], some, var_name="severity", value_name="count"
    )  # fmt: skip
    long["order"] = long["severity"].map({name: rank for rank, name in enumerate(some)})
    long["severity"] = long["severity"].map(names)
    whole = text("records.whole", lang)
    long["part"] = [
        whole if covered >= 1 else text("records.part", lang) for covered in long["covered"]
    ]
    drawn: alt.Chart = (
        alt.Chart(long, height=_CHART_PX)
        # the darkest of the severities keeps its colour, and an edge
        .mark_bar(stroke=night.ink("quiet"), strokeWidth=int(frame.dark()))
        .encode(
            x=alt.X("year:O", title=text("records.column.year", lang)).axis(labelAngle=0),
            y=alt.Y("count:Q", title=text("records.column.crashes", lang)),
            color=alt.Color("severity:N", title=None)
            .scale(domain=list(names.values()), range=[LOOKS[name][0] for name in some])
            .legend(orient="top", columns=6),
            order=alt.Order("order:Q"),
            opacity=alt.condition(alt.datum.covered < 1, alt.value(0.45), alt.value(1.0)),
            tooltip=[
                alt.Tooltip("year:O", title=text("records.column.year", lang)),
                alt.Tooltip("severity:N", title=text("records.column.severity", lang)),
                alt.Tooltip("count:Q", title=text("records.column.crashes", lang)),
                alt.Tooltip("part:N", title=text("records.column.covered", lang)),
            ],
        )
    )
    return drawn


def _said(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Table by year in words; severities that nothing has are left out."""
    some = [name for name in (*SEVERITIES, "unknown") if table[name].any()]
    said = pd.DataFrame({
        text("records.column.year", lang): table.index.astype(str),
        text("records.column.covered", lang): [
            text("records.whole", lang) if share >= 1 else text(
                "records.months", lang, months=round(12 * share)
            )
            for share in table["covered"]
        ],
        text("records.column.used", lang): table["used"],
        text("records.column.left", lang): table["left"],
    })  # fmt: skip
    for name in some:
        said[text(f"crash.severity.{name}", lang)] = table[name]
    return said
