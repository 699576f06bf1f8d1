"""What became of every row that was handed in: counts by file, a choice of outcomes, the rows."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from riskmap.export import as_csv
from riskmap.locale import Lang, text

OUTCOMES = ("dropped", "off", "doubtful", "moved", "merged", "read", "note")
FIRST = ("dropped", "off", "doubtful", "note")
"""What is shown first: what may need doing."""
WIDTHS = {"file": 130, "row": 45, "layer": 130, "name": 150, "outcome": 90, "why": 530,
          "lon": 75, "lat": 75}  # fmt: skip
ROW_PX = 46
"""Two lines: a reason may be long."""
NONE = "\N{EN DASH}"
"""Stands where nothing can be: a note on a whole file has no row and no place."""


def show(
    report: pd.DataFrame, lang: Lang, *, key: str, titles: Mapping[str, str] | None = None
) -> None:
    """
    Draw the report.

    Parameters
    ----------
    report
        `file`, `row`, `layer`, `name`, `outcome`, `why_zh`, `why_en`, `lon`, `lat`; not empty.
    lang
        Language of the words.
    key
        Identity in the page, and name of the file that can be saved.
    titles
        Layer → what it is called; None leaves layer and name out, where all rows are of one kind.
    """
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
        default=[o for o in some if o in FIRST] or some,
        format_func=named.__getitem__,
        key=f"outcomes-{key}-{lang}",
        label_visibility="collapsed",
    )
    with save, st.container(horizontal=True, horizontal_alignment="right"):
        st.download_button(
            text("data.save", lang, count=len(report)),
            lambda: as_csv(report),
            file_name=f"{key}.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"report-{key}",
        )
    columns = {"file": "file", "row": "row", "layer": "layer", "name": "name",
               "outcome": "outcome", f"why_{lang}": "why", "lon": "lon", "lat": "lat"}  # fmt: skip
    if titles is None:
        columns = {name: word for name, word in columns.items() if name not in {"layer", "name"}}
    table = report[report["outcome"].isin(chosen)][list(columns)]
    table = table.assign(
        outcome=table["outcome"].map(named),
        row=table["row"].astype("Int64").where(table["row"] > 0),
    )
    if titles is not None:
        table = table.assign(
            layer=[titles.get(name, name) for name in table["layer"]],
            name=table["name"].where(table["name"] != "", None),
        )
    widths = {text(f"data.column.{word}", lang): WIDTHS[word] for word in columns.values()}
    table.columns = list(widths)
    st.dataframe(
        table,
        hide_index=True,
        row_height=ROW_PX,
        placeholder=NONE,
        column_config={
            name: st.column_config.Column(width=width) for name, width in widths.items()
        },
    )
