"""The wall: the risk of this hour on the map, its worst places, and who is on duty where."""

import datetime as dt
import logging
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import streamlit as st

from riskmap import wording
from riskmap.errors import RiskmapError
from riskmap.hours import Almanac
from riskmap.locale import Lang, text
from riskmap.moments import Moment
from riskmap.pages import figures, frame, header, night, posting, projects, ranking, worst
from riskmap.posted import Posted, Row
from riskmap.roster import AWAY, clock
from riskmap.webmap import plan_layer
from riskmap.webmap.component import risk_map

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from riskmap.area import Area

EVERY_S = 60
"""Seconds after which the wall looks at the clock again."""
_UNITS, _COLUMN = 24, 12
"""Units that are listed, in two columns if they do not fit in one; all are on the map."""
_MAP_HEIGHT = "calc((100vh - var(--wall-strip) - 1.7rem) / var(--wall-zoom))"
_LOOK = Path(__file__).with_name("wall.css")
_FULL = st.components.v2.component(
    "riskmap_full",
    html='<button type="button" class="rm-corner"><svg width="16" height="16" viewBox="0 0 16 16">'
    '<path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" fill="none" stroke="currentColor" '
    'stroke-width="1.6"/></svg></button>',
    js="""
export default function mount({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  button.title = data.label;
  button.setAttribute("aria-label", data.label);
  button.hidden = !document.fullscreenEnabled;
  button.onclick = () => (document.fullscreenElement
    ? document.exitFullscreen() : document.documentElement.requestFullscreen());
}
""",
    isolate_styles=False,
)
_log = logging.getLogger(__name__)


def instant() -> dt.datetime:
    """Tell the present."""
    return dt.datetime.now(dt.UTC)


def show() -> None:
    """Draw the wall, and draw it again every minute; what fails is tried again then."""
    lang = frame.language()
    st.query_params["lang"] = lang
    st.html(_LOOK)
    st.fragment(_watched, run_every=EVERY_S)(lang)


def _watched(lang: Lang) -> None:
    try:
        strip, corner = st.columns([0.84, 0.16], vertical_alignment="center")
        with corner:
            _corner(lang)
        area = _area(lang)
        if area is not None:
            _screen(area, strip, lang)
    except Exception:  # noqa: BLE001  # the reader of the page gets words, the log the trace
        _log.exception("wall")
        st.error(text("source.failed", lang))


def _corner(lang: Lang) -> None:
    rooms = st.session_state["rooms"]
    with st.container(horizontal=True, horizontal_alignment="right", key="wall_corner"):
        st.page_link(rooms[0], label=text("wall.back", lang), query_params=dict(st.query_params))
        night.switch(lang)
        _FULL(key="full", data={"label": text("wall.full", lang)}, width="content")


def _area(lang: Lang) -> "Area | None":
    """Open what the address names; the area as it was stays up where that fails."""
    found = {projects.label(path): path for path in projects.sources()}
    if not found:
        st.info(text("source.none", lang))
        return None
    first = next(iter(found.values()))
    path = st.session_state.get("chosen", found.get(st.query_params.get("area", ""), first))
    st.session_state["chosen"] = path
    st.query_params["area"] = projects.label(path)
    area = header.opened(path, lang)
    if area is not None:
        st.session_state["wall area"] = path, area
        return area
    known = st.session_state.get("wall area")
    return known[1] if known and known[0] == path else None


def _screen(area: "Area", strip: "DeltaGenerator", lang: Lang) -> None:
    now = instant()
    local = area.model.almanac.local(now)
    past = dt.timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    try:
        moment: Moment | None = area.moment((now - past).isoformat())
    except RiskmapError as fault:  # a year without a calendar: the year's mean is what there is
        st.error(figures.plain(str(fault)))
        moment = None
    listed = _worst(area.key, moment, lang, area)
    plan, said = _plan(area, lang)
    minute = plan.minute(local) if plan else None
    on = plan.now(minute) if plan and minute is not None else []
    strip.html(_strip(area, moment, lang))
    left, right = st.columns([0.66, 0.34], gap="small")
    with left, st.container(key="wall_map"):
        risk_map(
            area, projects.tiles_of(area), ranking.scores(area, moment), lang=lang, layers_on=(),
            selected=None,

            height=_MAP_HEIGHT, key="wall map", plan=_drawn(on, minute or 0.0, listed),
            dark=frame.dark(),
        )  # fmt: skip
    with right:
        st.html(
            '<div class="rm wall">'
            f"{_places(area, moment, listed, lang)}"
            f"{_duty(plan, local, said, area.model.almanac, lang)}</div>"
        )


@st.cache_resource(max_entries=8, show_spinner=False)
def _worst(key: str, moment: Moment | None, lang: Lang, _area: "Area") -> gpd.GeoDataFrame:
    del key  # only there for the cache
    ids = worst.places(_area, ranking.scores(_area, moment))
    return _area.listed(ids, when=moment, lang=lang)


def _plan(area: "Area", lang: Lang) -> tuple[Posted | None, str]:
    """Plan that is up, or why none can be shown."""
    try:
        plan = posting.up(area.key)
    except RiskmapError:
        _log.exception("wall")
        return None, text("wall.damaged", lang)
    return plan, "" if plan else text("wall.no_plan", lang)


def _drawn(on: list[Row], minute: float, listed: gpd.GeoDataFrame) -> dict[str, Any]:
    """Write the present for the map: where units are, and the numbers of the places."""

    def unit(
        label: str, kind: str, span: tuple[float, float], way: object, title: str
    ) -> dict[str, Any]:
        row = {
            "from": span[0], "to": span[1], "kind": kind, "way": way, "title": title,
            "drag": False, "held": False,
        }  # fmt: skip
        return {"label": label, "rows": [row]}

    places = [
        unit(str(number), "place", (minute, minute + 1), [[lon, lat]], str(name))
        for number, (name, lon, lat) in enumerate(
            zip(listed["name"], listed["lon"], listed["lat"], strict=True), 1
        )
    ]
    units = [
        unit(row.unit, plan_layer.look(row.kind), (row.first, row.last), row.way, row.road)
        for row in on
    ]
    return {
        "first": minute, "last": minute + 1, "at": minute, "still": True, "others": [],
        "alone": [], "stations": [], "labels": {}, "units": [*places, *units],
    }  # fmt: skip


def _strip(area: "Area", moment: Moment | None, lang: Lang) -> str:
    words = {"name": area.name}
    if moment is None:
        words["hour"] = text("when.all_year", lang)
    else:
        words["day"] = figures.dated(moment, lang)
        words["hour"] = text("when.hours", lang, hour=moment.hour, next=moment.hour + 1)
        for name in ("light", "weather"):
            if state := getattr(moment, name):
                words[name] = text(f"{name}.{state}", lang)
    body = "".join(f'<span class="{name}">{escape(said)}</span>' for name, said in words.items())
    return f'<div class="rm wall-strip">{body}</div>'


def _places(
    area: "Area", moment: Moment | None, listed: gpd.GeoDataFrame, lang: Lang
) -> str:
    titles = {layer.title[lang] for layer in area.layers.values()}
    times = figures.times_average(ranking.scores(area, moment), "harm_per_km")
    rows = "".join(
        f'<li><span class="badge {escape(row.level)}">{number}</span>'
        f"<b>{escape(str(row.name))}</b>"
        f'<span class="times">{wording.two(times[row.segment_id], lang)}{ranking.TIMES}</span>'
        f'<span class="quiet">{escape(ranking.main_reason(row.reasons, titles, lang))}</span></li>'
        for number, row in enumerate(listed.itertuples(index=False), 1)
    )
    note = escape(text("wall.times_are", lang))
    head = escape(text("wall.places", lang))
    return f'<h3>{head} <small>{note}</small></h3><ol class="places">{rows}</ol>'


def _duty(
    plan: Posted | None, now: dt.datetime, said: str, almanac: Almanac, lang: Lang
) -> str:
    """Say who is on duty until when, or before the shift who begins it where."""
    ahead = plan is not None and plan.ahead(now)
    head = f"<h3>{escape(text('wall.next' if ahead else 'wall.duty', lang))}"
    if plan is None:
        return f"{head}</h3><p>{escape(said)}</p>"
    shift = text(
        "wall.shift", lang, date=f"{plan.date:%m-%d}", first=clock(plan.first),
        last=clock(plan.last),
    )  # fmt: skip
    minute = plan.first if ahead else plan.minute(now)
    if minute is None:
        return f"{head}</h3><p>{escape(text('wall.off', lang, shift=shift))}</p>"
    rows = sorted(plan.now(minute), key=lambda row: row.kind in AWAY)
    body = "".join(
        f'<li><span class="unit {plan_layer.look(row.kind)}"></span><b>{escape(row.unit)}</b>'
        f"<span>{escape(_does(row, lang))}</span>"
        f'<span class="until">{escape(text("wall.until", lang, time=clock(row.last)))}</span></li>'
        for row in rows[:_UNITS]
    )
    more = len(rows) - _UNITS
    wide = " wide" if len(rows) > _COLUMN else ""
    # units are on the map only while they are on duty
    rest = text("wall.more_next" if ahead else "wall.more", lang, count=more)
    left = f"<p>{escape(rest)}</p>" if more > 0 else ""
    at = almanac.local(plan.at)
    note = (
        text("wall.from", lang, shift=shift, first=clock(plan.first))
        if ahead
        else text("wall.put_at", lang, shift=shift, at=f"{at:%m-%d %H:%M}")
    )
    return f'{head} <small>{escape(note)}</small></h3><ul class="duty{wide}">{body}</ul>{left}'


def _does(row: Row, lang: Lang) -> str:
    if row.kind in AWAY:
        return text(f"deploy.kind.{row.kind}", lang)
    road = row.road or text("reason.unnamed", lang)
    return f"\N{RIGHTWARDS ARROW} {road}" if row.kind == "drive" else road
