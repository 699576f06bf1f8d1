"""What a plan brings, where its units stand, what may be changed, and how it compares."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from riskmap import plan_checks, plan_compare, plan_sheet, sites, squadron_sheets
from riskmap.deployment import Deployment
from riskmap.documents import duty
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import duty_checks, figures, kept, papers, posting, referred
from riskmap.pages.duty_checks import framed
from riskmap.pages.kept import Kept
from riskmap.pages.outlook import XLSX

DRAWS = 10
"""Of the factors, to see how steady posts are; each takes about a second."""


def show(lang: Lang) -> None:
    """Draw the side of the room beside the map."""
    plans = kept.plans()
    _told(plans, lang)
    _tables(plans[-1], lang)


def _told(plans: list[Kept], lang: Lang) -> None:
    """Say what the plan brings, against the plan before it, and offer to go back."""
    plan = plans[-1].plan
    columns = st.columns(3)
    before = plans[-2].plan if len(plans) > 1 else None
    for column, name, value in (
        (columns[0], "covered", "by_all"), (columns[1], "by_posts", "by_posts"),
    ):  # fmt: skip
        own = 100.0 * getattr(plan.met, value)
        change = None if before is None else own - 100.0 * getattr(before.met, value)
        column.metric(
            text(f"duty.{name}", lang), f"{own:.1f} %",
            None if change is None else f"{change:+.1f}",
            help=text("duty.change", lang),
        )
    seen = plan.certificate
    spots = int(seen.spots["segment_id"].nunique())
    columns[2].metric(text("duty.spots", lang), spots)
    with st.container(key="duty_said"):
        st.code("\n".join(plan_sheet.sentences(plan, lang)), language=None, wrap_lines=True)
    # words of each language have widths of their own
    with st.container(horizontal=True, key="duty_row"):
        if st.button(text("duty.back", lang), disabled=before is None, key="duty back"):
            kept.back()
            st.rerun()
        st.download_button(
            text("duty.save", lang), lambda: _book(plan, lang), file_name="plan.xlsx", mime=XLSX,
            on_click="ignore", key="duty save",
        )  # fmt: skip
        papers.offer(
            {"duty": lambda: duty.documents(plan, lang)}, plan.area, lang, key="duty papers",
            width="content",
        )  # fmt: skip
        put = st.button(text("wall.put", lang), key="duty wall")
    if put:
        _put(plan, lang)


def _put(plan: Deployment, lang: Lang) -> None:
    try:
        posting.put(plan, st.session_state["duty area"])
    except RiskmapError as fault:
        st.error(figures.plain(str(fault)))
    else:
        st.toast(text("wall.is_up", lang))


def _book(plan: Deployment, lang: Lang) -> bytes:
    more, said = {}, plan_sheet.sentences(plan, lang)
    if plan.crew.teams:
        more["staffing"] = plan_checks.staffing(plan)
        said += plan_checks.one_more(more["staffing"], lang)
    if any(squadron_sheets.squadrons(plan)):
        more["squadrons"] = squadron_sheets.totals(plan, lang)
        more["units"] = squadron_sheets.units(plan, lang)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.xlsx"
        plan_sheet.write(plan, path, lang, more, said, headers=lang)
        return path.read_bytes()


def _tables(one: Kept, lang: Lang) -> None:
    plan = one.plan
    shown: dict[str, Callable[[Kept, Lang], None]] = {
        "stays": _stays, "roster": _roster, "key_roads": _key_roads,
    }  # fmt: skip
    if plan.crew.teams:
        shown |= {"staffing": duty_checks.staffing, "hold": _hold}
    shown |= {"compare": _compare, "referrals": _referrals}
    tabs = st.tabs([text(f"duty.tab.{name}", lang) for name in shown])
    for tab, draw in zip(tabs, shown.values(), strict=True):
        with tab:
            draw(one, lang)


def _stays(one: Kept, lang: Lang) -> None:
    plan = one.plan
    table = pd.DataFrame(plan_sheet.posts(plan, lang).drop(columns="geometry"))
    shown = ["unit", "kind", "from", "to", "road", "share_of_harm", "reasons", "advice"]
    known = st.session_state["duty steady"]
    if one.number in known:
        table["steady"] = known[one.number]
        shown.insert(6, "steady")
    if any(squadron_sheets.squadrons(plan)):
        shown.insert(1, "squadron")
    framed(table[shown].assign(share_of_harm=(100 * table["share_of_harm"]).round(1)), lang)
    if plan.crew.teams and one.number not in known:
        asked = st.button(
            text("duty.steady", lang, draws=DRAWS), key="duty steady ask",
            help=text("duty.steady_is", lang),
        )  # fmt: skip
        if asked:
            with st.spinner(text("duty.working", lang)):
                found = plan_checks.steady(plan, lang, draws=DRAWS)
                known[one.number] = plan_checks.by_stay(plan, found)
            st.rerun()


def _roster(one: Kept, lang: Lang) -> None:
    table = plan_sheet.rows(one.plan, lang)
    shown = ["unit", "from", "to", "does", "road", "reasons", "advice", "note"]
    if any(squadron_sheets.squadrons(one.plan)):
        shown.insert(1, "squadron")
    framed(table[shown], lang)


def _key_roads(one: Kept, lang: Lang) -> None:
    table = plan_sheet.blind_spots(one.plan, lang)
    framed(table[["road", "from", "to", "alone_min", "ok"]], lang)


def _referrals(one: Kept, lang: Lang) -> None:
    referred.show(one.plan.area, lang)


def _hold(one: Kept, lang: Lang) -> None:
    """Lock posts where they are, keep places free, and plan the rest again."""
    plan, crew = one.plan, one.plan.crew
    names = _places(plan, lang)
    with st.form(key=f"duty hold {one.number}", border=False):
        chosen = [
            st.multiselect(
                text(f"duty.{what}", lang), list(names), [n for n in own if n in names],
                format_func=lambda node: names[node], key=f"duty {what} {one.number} {lang}",
                placeholder=text("duty.choose", lang),
            )
            for what, own in (("locked", crew.locked), ("forbidden", crew.forbidden))
        ]  # fmt: skip
        asked = st.form_submit_button(text("duty.again", lang), key="duty again")
    if asked and kept.again(replace(crew, locked=tuple(chosen[0]), forbidden=tuple(chosen[1]))):
        st.rerun()


def _places(plan: Deployment, lang: Lang) -> dict[int, str]:
    """Nodes at which posts stand or that are settled by hand, and what they are called."""
    found, stands = plan.standing, plan.standing.sites
    names: dict[int, str] = {}
    for unit, rows in zip(found.units, found.team, strict=True):
        for row in rows[rows >= 0]:
            road = plan_sheet.road(plan, plan.area.segments.index[stands.segment[row]], lang)
            names.setdefault(int(stands.node[row]), f"{unit.name} · {road}")
    for node in (*plan.crew.locked, *plan.crew.forbidden):
        names.setdefault(node, sites.called(plan.area.network, node))
    return names


def _compare(one: Kept, lang: Lang) -> None:
    """Lay the plan beside today's roster, and beside one before it."""
    duty_checks.against_today(one, lang)
    others = {own.number: own for own in kept.plans()[:-1]}
    if not others:
        st.info(text("duty.one_plan", lang))
        return
    if st.session_state.get(kept.OTHER) not in others:
        st.session_state.pop(kept.OTHER, None)
    number = st.selectbox(
        text("duty.with", lang), list(others), index=None, key=kept.OTHER,
        format_func=lambda number: kept.named(others[number], lang),
        placeholder=text("duty.choose", lang),
    )  # fmt: skip
    if number is None:
        return
    other = others[number].plan
    framed(plan_compare.compared(one.plan, other, lang), lang)
    places = plan_compare.places(one.plan, other, lang)
    framed(places[["where", "road", "hours"]], lang)
