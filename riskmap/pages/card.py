"""The card of one road: what it is, why it is red, what can be done, when."""

import math
from html import escape
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskmap import wording
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.pages import card_steps, charts, chosen, figures, frame, look
from riskmap.record_cells import SEVERITIES
from riskmap.risk import RATES
from riskmap.touch import UNKNOWN

if TYPE_CHECKING:
    from riskmap.area import Area

WHO = ("police", "agency", "education")
_CHART_PX = 200
_MAJOR = 0.05  # one in twenty: below it a measure would hardly show


def show(
    area: "Area",
    scores: pd.DataFrame,
    moment: When,
    segment_id: str,
    lang: Lang,
    *,
    by: str = "km",
) -> None:
    """Draw the card; `scores` have the levels of `by`, one of `risk.RATES`."""
    reasons = area.reasons(segment_id, moment)
    head, close = st.columns([0.92, 0.08])
    head.html(_head(area, scores, moment, segment_id, lang, by))
    close.button(
        "✕",
        help=text("card.close", lang),
        key="close",
        type="tertiary",
        on_click=chosen.select,
        args=(None,),
    )
    card_steps.buttons(area, segment_id, lang)
    st.html(_why(area, reasons, segment_id, lang))
    st.html(_doing(area, reasons, lang))
    st.html(_section("card.clock", "card.clock_of", lang))
    clock = charts.clock(area, segment_id, moment, lang)
    st.altair_chart(clock, width="stretch", height=_CHART_PX)
    card_steps.others(area, moment, segment_id, lang, by=by)
    with st.expander(text("card.numbers", lang)):
        st.html(_numbers(area, scores, moment, segment_id, lang))


def _section(heading: str, of: str, lang: Lang) -> str:
    return f'<div class="rm"><h4>{text(heading, lang)}</h4><small>{text(of, lang)}</small></div>'


def _head(
    area: "Area",
    scores: pd.DataFrame,
    moment: When,
    segment_id: str,
    lang: Lang,
    by: str,
) -> str:
    road = area.segments.loc[segment_id]
    score = scores.loc[segment_id]
    length = area.segments["length_m"]
    standing = figures.standing(scores, length, segment_id, RATES[by])
    known = math.isfinite(standing.times)
    words = {
        "name": figures.or_unknown(road["name"] or road["ref"], lang),
        "level": text(f"level.{score['level']}", lang),
        "facts": text(
            "card.facts",
            lang,
            road_class=figures.worded("road_class", road["road_class"], lang),
            area=figures.worded("road_area", road["area"], lang),
            length=wording.two(road["length_m"], lang),
        ),
        "times": text(
            "card.times" if known else "word.unknown",
            lang,
            times=wording.two(standing.times, lang),
        ),
        "of": text(f"card.times_of.{by}", lang, period=figures.period(moment, lang)),
        "place": text(
            "card.place" if known else "card.no_rate",
            lang,
            km=wording.two(length.sum() / 1000, lang),
            share=wording.two(100 * standing.above, lang),
        ),
        "peak": text("card.peak", lang, peak=figures.peak(score["peak"], lang)),
        "sure": text(f"card.sure.{look.sure(area, moment).loc[segment_id]}", lang),
        "crashes": _crashes(area, segment_id, lang),
    }
    safe = {name: escape(value) for name, value in words.items()}
    return (
        f'<div class="rm" id="rm-card"><h3>{safe["name"]}</h3>'
        f'<p><span class="badge {escape(score["level"])}">{safe["level"]}</span> '
        f"{safe['facts']} · {safe['sure']}</p>"
        f'<p><span class="big">{safe["times"]}</span> <small>{safe["of"]}</small></p>'
        f"<p>{safe['place']}</p><p>{safe['peak']}</p><p>{safe['crashes']}</p></div>"
    )


def _crashes(area: "Area", segment_id: str, lang: Lang) -> str:
    """Say what the records have there, how bad and how lately; without records nothing."""
    if area.crashes is None:
        return ""
    own = area.crashes.on(int(area.segments.index.get_loc(segment_id)))
    years = area.crashes.years.index
    first, last = (int(year) for year in (years.min(), years.max()))
    if own.empty:
        return text("card.crashes_none", lang, first=first, last=last)
    counts = own["severity"].where(own["severity"].isin(SEVERITIES), "unknown").value_counts()
    by_severity = [
        text("card.crashes_of", lang, severity=text(f"crash.severity.{name}", lang), count=count)
        for name in (*SEVERITIES, "unknown")
        if (count := int(counts.get(name, 0)))
    ]
    latest = own.loc[own["year"] == own["year"].max(), "date"].max()
    return text(
        "card.crashes", lang, count=len(own), first=first, last=last,
        severities=text("when.comma", lang).join(by_severity),
        latest=own["year"].max() if pd.isna(latest) else f"{latest:%Y-%m-%d}",
    )  # fmt: skip


def _why(area: "Area", reasons: pd.DataFrame, segment_id: str, lang: Lang) -> str:
    widest = max(reasons["share"].abs().max(), 0.01)
    column = area.known[:, area.segments.index.get_loc(segment_id)]
    open_ = {name for name, state in zip(area.layers, column, strict=True) if state == UNKNOWN}
    rows = [
        _reason(
            area,
            row,
            lang,
            width=100 * abs(row["share"]) / widest,
            unknown=row["reason"] in open_,
        )
        for _, row in reasons.iterrows()
    ]
    return f'{_section("card.why", "card.why_of", lang)}<div class="rm">{"".join(rows)}</div>'


def _judgement(lang: Lang) -> str:
    return f'<span class="mark">{text("word.judgement", lang)}</span>'


def _reason(
    area: "Area", row: "pd.Series[object]", lang: Lang, *, width: float, unknown: bool
) -> str:
    share = float(str(row["share"]))
    grade = str(row["grade"] or "")
    basis = []
    if grade:
        basis.append(escape(text("word.grade", lang, grade=grade)))
        basis.append(_judgement(lang) if grade == "D" else escape(str(row["source"])))
    if unknown:
        basis.append(f'<span class="mark">{text("card.unknown", lang)}</span>')
    title = str(row[f"title_{lang}"])
    layer = area.layers.get(str(row["reason"]))
    mark = frame.symbol(layer.symbol) if layer else ""
    lowers = ' class="lowers"' if share < 0 else ""
    return (
        f'<div class="reason"><span>{mark}{escape(title[:1].upper() + title[1:])}</span>'
        f'<span class="share">{wording.two(100 * share, lang)} %</span>'
        f'<span class="bar"><i{lowers} style="width:{width:.1f}%"></i></span>'
        f'<small class="basis">{" · ".join(basis)}</small></div>'
    )


def _doing(area: "Area", reasons: pd.DataFrame, lang: Lang) -> str:
    major = reasons.loc[reasons["share"] >= _MAJOR, "reason"]
    layers = [area.layers[name] for name in major if name in area.layers]
    parts = []
    for who in WHO:
        lines = dict.fromkeys(line[lang] for layer in layers for line in layer.advice.get(who, ()))
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        if items:
            parts.append(f"<b>{text(f'card.{who}', lang)}</b><ul>{items}</ul>")
    body = "".join(parts) or f"<p>{text('card.no_advice', lang)}</p>"
    return f'<div class="rm"><h4>{text("card.doing", lang)}</h4>{body}</div>'


def _numbers(
    area: "Area", scores: pd.DataFrame, moment: When, segment_id: str, lang: Lang
) -> str:
    road = area.segments.loc[segment_id]
    score = scores.loc[segment_id]
    judged = f" {_judgement(lang)}"

    def two(value: float) -> str:
        return wording.two(float(value), lang)

    rows = {
        "card.harm_per_km": text(
            "card.harm_is",
            lang,
            value=two(score["harm_per_km"]),
            low=two(score["low"]),
            high=two(score["high"]),
        ),
        "card.per_mvkm": text("card.per_mvkm_is", lang, value=two(score["harm_per_mvkm"])),
        "card.share": text("card.share_is", lang, value=two(100 * score["share_of_harm"])),
        "card.flow": text("card.flow_is", lang, value=two(road["aadt"]))
        + (judged if road["flow_source"] == "prior" else ""),
        "card.speed": text("card.speed_is", lang, value=two(road["maxspeed_kph"]))
        + (judged if road["speed_source"] == "prior" else ""),
        "card.trust": " · ".join(
            text(f"card.trust_is.{name}.{'yes' if answer else 'no'}", lang)
            for name, answer in look.answers(area, moment).loc[segment_id].items()
        ),
        "card.identity": escape(segment_id),
    }
    if area.learned is not None:
        own = area.learned.segments.loc[segment_id]
        rows["card.recorded"] = text(
            "card.recorded_is",
            lang,
            rate=two(own["crashes_per_year"]),
            low=two(own["low"]),
            high=two(own["high"]),
            usual=two(own["expected_per_year"]),
            worse=f"{100 * own['worse']:.0f}",
            worst=f"{100 * own['worst']:.0f}",
        )
    body = "".join(
        f"<tr><td>{text(key, lang)}</td><td>{value}</td></tr>" for key, value in rows.items()
    )
    note = f"<small>{text('card.weighted', lang)}</small>"
    return f'<div class="rm"><table>{body}</table>{note}</div>'
