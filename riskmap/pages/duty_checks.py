"""What a plan is held against: other numbers of teams, each part alone, and today's roster."""

import tempfile
from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

from riskmap import duty_files, plan_checks, today
from riskmap.deployment import Deployment
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import figures, upload
from riskmap.pages.kept import Kept
from riskmap.pages.night import ink

TOGETHER = "duty together"
TODAY = "duty today told"
TYPES = ("csv", "xlsx")
_CHART_PX = 220
_TABLE_PX = 300


def staffing(one: Kept, lang: Lang) -> None:
    """Draw what more teams bring, and what planning posts and patrols together does."""
    st.caption(text("duty.staffing_is", lang))
    st.altair_chart(_curve(one.plan, lang), key="duty curve")
    if one.plan.crew.cars:
        _together(one, lang)


def _together(one: Kept, lang: Lang) -> None:
    """Offer to plan posts and patrols each alone, and lay them beside the plan."""
    known = st.session_state.setdefault(TOGETHER, {})
    key = one.plan.area.key, one.number, lang
    if key not in known:
        asked = st.button(
            text("duty.together", lang), key="duty together ask",
            help=text("duty.together_is", lang),
        )  # fmt: skip
        if not asked:
            return
        with st.spinner(text("duty.working", lang)):
            known.clear()
            known[key] = plan_checks.together(one.plan, lang)
        st.rerun()  # the button goes
    table = known[key].set_index("plan")
    words = [text(f"duty.column.{name}", lang) for name in table.columns]
    st.table((100.0 * table).map("{:.1f}".format).set_axis(words, axis=1).rename_axis(None))


def against_today(one: Kept, lang: Lang) -> None:
    """Take today's roster as it was logged, and say what it covers beside the plan."""
    with st.container(key="upload today"):
        upload.look(lang)
        given = st.file_uploader(
            text("duty.today", lang), TYPES, max_upload_size=upload.MEGABYTES, key="duty today"
        )
    if given is None:
        st.session_state.pop(TODAY, None)
        return
    known, key = st.session_state.get(TODAY), (given.file_id, one.plan.area.key, one.number)
    if known is None or known[0] != key:
        try:
            found = _today(one.plan, given.name, given.getvalue())
        except RiskmapError as fault:
            st.error(figures.plain(str(fault)))
            return
        st.session_state[TODAY] = known = (key, found)
    st.markdown(figures.plain(today.sentence(one.plan, known[1], lang)))


def _today(plan: Deployment, name: str, content: bytes) -> today.Today:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"duty{Path(name).suffix.lower()}"
        path.write_bytes(content)
        try:
            log = duty_files.read_duty([path], plan.area, day=plan.crew.date)
            return today.today(plan, log)
        except RiskmapError as fault:
            told = str(fault).replace(str(path), name).removeprefix("--today: ")
            raise RiskmapError(told) from None


def framed(table: pd.DataFrame, lang: Lang) -> None:
    """Draw a table with its columns in words."""
    named = {name: text(f"duty.column.{name}", lang) for name in table.columns}
    st.dataframe(table.rename(columns=named), hide_index=True, height=_TABLE_PX, row_height=30)


def _curve(plan: Deployment, lang: Lang) -> alt.LayerChart | alt.FacetChart:
    table = plan_checks.staffing(plan)
    table["share_of_harm"] *= 100
    line = alt.Chart(table, height=_CHART_PX).encode(
        x=alt.X("officers:Q", title=text("duty.at_posts", lang)),
        y=alt.Y("share_of_harm:Q", title=text("duty.share", lang)),
        tooltip=["teams", "officers", "share_of_harm", "more"],
    )
    here = line.transform_filter("datum.planned").mark_point(
        size=120, color=ink("accent"), filled=True
    )
    return alt.layer(line.mark_line(color=ink("quiet"), point=True), here)
