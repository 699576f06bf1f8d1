"""The room of the shift: who stands where and drives which way, on the map and as a roster."""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from riskmap import brigade, campaigns, crew, deployment, wanted
from riskmap.campaign import Campaign
from riskmap.deployment import Crew, Deployment
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.pages import (
    asked_posts,
    duty_told,
    figures,
    frame,
    header,
    kept,
    projects,
    ranking,
    staffed,
    when,
)
from riskmap.webmap import plan_layer
from riskmap.webmap.component import risk_map
from riskmap.webmap.geometry import WGS84

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from riskmap.area import Area
    from riskmap.staffing import Resources

SHIFTS = ("07:00-19:00", "19:00-07:00", "08:00-16:00", "16:00-24:00", "00:00-08:00")
MAP_HEIGHT = "calc(100vh - 13.9rem)"
MOST = 60
"""Units that are asked for on the page; the command line takes more."""


def show() -> None:
    """Draw the room."""
    header.room(_room, "duty")


def _room(area: "Area", lang: Lang) -> str:
    kept.begin(area)
    _ask(area, lang)
    asked_posts.chips(area, lang)
    plans = kept.plans()
    if not plans:
        st.info(text("duty.empty", lang))
        return ""
    plan = plans[-1].plan
    left, right = st.columns([0.62, 0.38], gap="small")
    with left:
        _map(area, plan, kept.other(), lang)
    with right:
        if plan.area.key != area.key:
            st.caption(text("duty.since", lang))
        duty_told.show(lang)
    return f"{plan.crew.date:%Y-%m-%d}"


def _ask(area: "Area", lang: Lang) -> None:
    """Draw the three choices: date and shift, staff, and what the shift is for."""
    parts = st.columns([0.13, 0.13, 0.33, 0.2, 0.1, 0.11], vertical_alignment="bottom")
    with parts[4]:
        known = staffed.resources(area, lang)
    with parts[0]:
        date = when.date(text("duty.date", lang), "duty date", lang)
    shifts = SHIFTS if known is None else tuple(shift.name for shift in known.shifts)
    with parts[1]:
        hours = st.selectbox(
            text("duty.shift", lang), shifts,
            index=shifts.index(frame.remembered("duty shift", shifts[0], shifts)),
            key="duty shift",
        )  # fmt: skip
    with parts[2]:
        asked = _numbers(lang) if known is None else {}
        if known is not None:
            st.caption(_counted(area, known, date, hours, lang))
    found = campaigns.read_campaigns(layers=area.layers)
    names = ("", *found)
    with parts[3]:
        campaign = st.selectbox(
            text("duty.campaign", lang), names,
            index=names.index(frame.remembered("duty campaign", "", names)),
            format_func=lambda name: found[name].title[lang] if name else text("duty.none", lang),
            key="duty campaign",
        )  # fmt: skip
    with parts[5]:
        wanted = st.button(text("duty.plan", lang), type="primary", key="duty plan")
    # always there: the map below would begin anew if it came and went
    place = st.empty()
    if wanted:

        def crew_of() -> tuple["Area", Crew]:
            if known is None:
                some = crew.simple(area, date, hours, station=None, **asked)
                return area, asked_posts.of(area, some, lang)
            own = brigade.ruled(area, known)
            return own, asked_posts.of(own, brigade.crew(own, known, date, hours, lang), lang)

        _plan(crew_of, found.get(campaign), place, lang)


def _numbers(lang: Lang) -> dict[str, int]:
    """How many teams and cars, and of how many officers, where no file says it."""
    firsts = {"posts": ("posts", 8), "patrols": ("cars", 2), "officers": ("officers", 2)}
    asked = {}
    parts = st.columns(len(firsts))
    for part, (name, (word, first)) in zip(parts, firsts.items(), strict=True):
        with part:
            asked[word] = st.number_input(
                text(f"duty.{name}", lang), int(name == "officers"), MOST,
                frame.remembered(f"duty {name}", first), key=f"duty {name}",
            )  # fmt: skip
    return asked


def _counted(
    area: "Area", known: "Resources", date: dt.date, shift: str, lang: Lang
) -> str:
    """Who is on duty by the file, or why nobody is."""
    try:
        own = known.on(date, shift, calendar=area.model.almanac.calendar)
    except RiskmapError as fault:
        return figures.plain(str(fault))
    return text(
        "duty.on", lang, officers=own.officers, teams=len(own.teams), cars=len(own.cars),
        squadrons=len({team.squadron for team in (*own.teams, *own.cars)}),
    )  # fmt: skip


def _plan(
    crew_of: Callable[[], tuple["Area", Crew]],
    campaign: Campaign | None,
    place: "DeltaGenerator",
    lang: Lang,
) -> None:
    bar = place.progress(0.0, text("duty.working", lang))

    def tell(stage: str, done: float) -> None:
        bar.progress(done, text(f"stage.{stage}", lang))

    try:
        area, own = crew_of()
        plan = deployment.deploy(area, own, campaign=campaign, progress=tell)
    except RiskmapError as fault:
        place.error(figures.plain(str(fault)))
    else:
        kept.keep(plan)
        place.empty()


def _map(area: "Area", plan: Deployment, other: Deployment | None, lang: Lang) -> None:
    """Draw the map of the shift, and plan again when a post was dragged."""
    told = risk_map(
        area, projects.tiles_of(area), ranking.scores(area, plan.crew.period(area)), lang=lang,
        layers_on=(), selected=None,
        height=MAP_HEIGHT, key="duty map", plan=plan_layer.drawn(plan, lang, other=other),
        dark=frame.dark(),
    )  # fmt: skip
    kinds = ("post", "stop", "drive", "away", "alone", "station", *(["ghost"] if other else []))
    st.html(
        '<div class="rm"><p class="quiet">'
        + " · ".join(
            f'<span class="unit {kind}"></span>{text(f"duty.legend.{kind}", lang)}'
            for kind in kinds
        )
        + "</p></div>"
    )
    if told.moved is not None and told.moved != st.session_state.get("duty moved"):
        st.session_state["duty moved"] = told.moved
        _move(area, plan, told.moved, lang)


def _move(
    area: "Area", plan: Deployment, moved: tuple[str, float, float, float], lang: Lang
) -> None:
    """Lock a post where it was put, and plan the others again."""
    name, minute, lon, lat = moved
    table = plan.roster
    now = table[(table["unit"] == name) & (table["start_min"] <= minute)].iloc[-1]
    ids = pd.Index(area.network.nodes["node_id"])
    used = int(ids.get_indexer(pd.Index([now["nodes"].split(";")[-1]]).astype(ids.dtype))[0])
    try:
        to = _nearest(area, lon, lat, lang)
    except RiskmapError as fault:
        st.error(figures.plain(str(fault)))
        return
    if kept.again(deployment.moved(plan.crew, used, to)):
        st.toast(text("duty.moved", lang))
        st.rerun()


def _nearest(area: "Area", lon: float, lat: float, lang: Lang) -> int:
    """Nearest node to a place on which a post can stand."""
    point = gpd.GeoSeries(gpd.points_from_xy([lon], [lat]), crs=WGS84).to_crs(area.segments.crs)
    found = wanted.node(area, float(point.x.iloc[0]), float(point.y.iloc[0]))
    if found is None:
        raise RiskmapError(text("duty.nowhere", lang))
    return found
