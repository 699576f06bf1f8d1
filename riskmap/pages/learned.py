"""Evidence beside what the area's own records say of it: per layer, and of the roads at large."""

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from riskmap.families import FREQUENCY
from riskmap.learning import Learned
from riskmap.locale import Lang, text
from riskmap.neighbours import CUT
from riskmap.pages import figures
from riskmap.pages.night import ink

if TYPE_CHECKING:
    from riskmap.area import Area

Z80 = 1.2816
"""Standard normal: 80 % lie within as many standard deviations."""
ONE = 1.0
"""Fewer crashes than this teach nothing."""
NARROWER = 0.95
"""Of the evidence's width: what is hardly narrower was hardly learned."""
_ROW_PX = 31
_CLOCK_PX = 260
LAYER_COLUMNS = (
    "title", "grade", "factor", "crashes", "evidence", "evidence_low", "evidence_high", "local",
    "low", "high", "state",
)  # fmt: skip


def show(area: "Area", lang: Lang) -> None:
    """Draw evidence and local beside each other."""
    found = area.learned
    if found is None or not found.counts.total():
        st.info(text("learned.nothing", lang))
        return
    table = layers(area, found, lang)
    said = table["state"] == "learned"
    st.markdown(figures.plain(text(
        "learned.of", lang, crashes=round(found.counts.total()), years=f"{found.counts.years:.1f}",
        layers=int(said.sum()), all=len(table),
    )))  # fmt: skip
    st.caption(figures.plain(nearby(found, lang)))
    left, right = st.columns([0.45, 0.55], gap="medium")
    with left:
        st.altair_chart(dumbbell(table, lang), key="dumbbell")
    with right:
        st.dataframe(_layer_words(table, lang), hide_index=True, height="content")
    with st.expander(text("learned.roads", lang)):
        st.dataframe(_road_words(found, lang), hide_index=True)
    rhythm = found.model.time.rhythm
    with st.expander(text("learned.clock", lang)):
        if rhythm is None:
            st.write(text("learned.timeless", lang))
        else:
            st.altair_chart(clock(rhythm, lang), key="rhythm")


def nearby(found: Learned, lang: Lang) -> str:
    """Say what the crashes around a road make of what is expected of it."""
    if found.around.bandwidth_m is None:
        return text("learned.alone", lang)
    low, high = np.quantile(found.around.factor["link"], [0.1, 0.9])
    return text(
        "learned.around", lang, metres=f"{CUT * found.around.bandwidth_m:.0f}", low=f"{low:.2f}",
        high=f"{high:.2f}",
    )  # fmt: skip


def layers(area: "Area", found: Learned, lang: Lang) -> pd.DataFrame:
    """
    Put the factor of every layer by the evidence beside the one that the records give.

    `factor` is that of the studies, `evidence` what is scored with it without records: tempered,
    as all hand-set factors are. A layer with several effects has those of its strongest: they move
    together.

    Returns
    -------
    `LAYER_COLUMNS`, what moved most first and what taught nothing last; `state` is "learned",
    "little" (the interval is hardly narrower) or "none" (hardly any crash where the layer is).
    """
    own = found.parameters[found.parameters["kind"] == "layer"]
    rows, power = [], area.parameters["score"]["temper"]
    for name, when, sd, local, local_sd, crashes in own[
        ["name", "when", "prior_sd", "local", "local_sd", "crashes"]
    ].itertuples(index=False):
        layer = area.layers[name]
        effects = [
            effect
            for effect in layer.effects
            if effect.on in FREQUENCY and tags(effect.when or {}) == when
        ]
        main = max(effects, key=lambda effect: abs(np.log(effect.factor)))
        used = main.factor**power
        state = "none" if crashes < ONE else "learned" if local_sd < NARROWER * sd else "little"
        rows.append({
            "title": f"{layer.title[lang]} {when}".strip(), "grade": main.grade,
            "factor": main.factor, "crashes": crashes, "evidence": used,
            "evidence_low": used * np.exp(-Z80 * sd), "evidence_high": used * np.exp(Z80 * sd),
            "local": used * np.exp(local),
            "low": used * np.exp(local - Z80 * local_sd),
            "high": used * np.exp(local + Z80 * local_sd),
            "state": state, "moved": abs(local),
        })  # fmt: skip
    table = pd.DataFrame(rows, columns=[*LAYER_COLUMNS, "moved"])
    rank = table["state"].map({"learned": 0, "little": 1, "none": 2})
    table = table.assign(rank=rank).sort_values(["rank", "moved"], ascending=[True, False])
    return table[list(LAYER_COLUMNS)].reset_index(drop=True)


def tags(when: "dict[str, list[str]] | object") -> str:
    """Write the tags that an effect asks for as `families.Term.learned_as` does."""
    items = when.items() if isinstance(when, dict) else ()
    return ", ".join(f"{key}={'|'.join(values)}" for key, values in items)


def dumbbell(table: pd.DataFrame, lang: Lang) -> alt.LayerChart:
    """Draw the factor by evidence and by records as two points with 80 % intervals."""
    names = [text(f"learned.{name}", lang) for name in ("evidence", "local")]
    parts = [
        pd.DataFrame({
            "title": table["title"], "which": names[0], "factor": table["evidence"],
            "low": table["evidence_low"], "high": table["evidence_high"],
        }),
        pd.DataFrame({
            "title": table["title"], "which": names[1], "factor": table["local"],
            "low": table["low"], "high": table["high"],
        })[(table["state"] != "none").to_numpy()],
    ]  # fmt: skip
    long = pd.concat(parts, ignore_index=True)
    color = (
        alt.Color("which:N", title=None, sort=names)
        .scale(domain=names, range=[ink("usual"), ink("worse")])
        .legend(orient="top")
    )
    base = alt.Chart(long, height=alt.Step(_ROW_PX, **{"for": "position"})).encode(
        y=alt.Y("title:N", title=None, sort=list(table["title"])).axis(labelLimit=230),
        yOffset=alt.YOffset("which:N", sort=names),
        color=color,
    )
    x = alt.X("low:Q", title=text("learned.factor", lang)).scale(type="log").axis(
        orient="top", tickCount=6
    )
    ranges = base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q")
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        x="factor:Q",
        shape=alt.Shape("which:N", sort=names).scale(domain=names, range=["circle", "diamond"]),
        tooltip=[
            alt.Tooltip("title:N", title=text("data.column.title", lang)),
            alt.Tooltip("which:N", title=text("learned.which", lang)),
            *(
                alt.Tooltip(f"{name}:Q", title=text(f"learned.{name}", lang), format=".2f")
                for name in ("factor", "low", "high")
            ),
        ],
    )
    one = alt.Chart(pd.DataFrame({"x": [1.0]})).mark_rule(
        color=ink("text"), strokeDash=[3, 3]
    )
    both: alt.LayerChart = one.encode(x="x:Q") + ranges + points
    return both


def _layer_words(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    nothing = text("learned.state.none", lang)
    return pd.DataFrame({
        text("data.column.title", lang): table["title"],
        text("data.column.grade", lang): table["grade"],
        text("learned.stated", lang): [f"{factor:g}" for factor in table["factor"]],
        text("learned.crashes", lang): [_whole(n) for n in table["crashes"]],
        text("learned.evidence", lang): [
            _ranged(*row)
            for row in table[["evidence", "evidence_low", "evidence_high"]].itertuples(index=False)
        ],
        text("learned.local", lang): [
            nothing if state == "none" else _ranged(*row)
            for state, row in zip(
                table["state"], table[["local", "low", "high"]].itertuples(index=False),
                strict=True,
            )
        ],
        text("learned.said", lang): [
            text(f"learned.state.{state}", lang) for state in table["state"]
        ],
    })  # fmt: skip


def clock(rhythm: NDArray[np.float64], lang: Lang) -> alt.LayerChart | alt.FacetChart:
    """Draw how many crashes the same traffic has in each hour, on days with work and without."""
    names = [text(f"learned.day.{name}", lang) for name in ("work", "free")]
    long = pd.DataFrame({
        "day": np.repeat(names, rhythm.shape[1]),
        "hour": np.tile(np.arange(rhythm.shape[1]), 2),
        "factor": np.exp(rhythm).ravel(),
    })
    base = alt.Chart(long, height=_CLOCK_PX).encode(
        x=alt.X("hour:Q", title=text("learned.hour", lang)).scale(domain=[0, 23]),
        y=alt.Y("factor:Q", title=text("learned.times", lang)).scale(type="log"),
        color=alt.Color("day:N", title=None, sort=names)
        .scale(domain=names, range=[ink("usual"), ink("worse")])
        .legend(orient="top"),
        strokeDash=alt.StrokeDash("day:N", title=None, sort=names).legend(None),
        tooltip=["day", "hour", alt.Tooltip("factor:Q", format=".2f")],
    )
    one = alt.Chart(pd.DataFrame({"one": [1.0]})).mark_rule(color=ink("usual")).encode(y="one:Q")
    return alt.layer(one, base.mark_line(interpolate="monotone", point=True))


def _road_words(found: Learned, lang: Lang) -> pd.DataFrame:
    own = found.parameters[~found.parameters["kind"].isin(["layer", "hour"])]
    log = own["kind"] != "slope"
    sides = {
        name: own[mean] + by * Z80 * own[sd]
        for name, mean, sd, by in (
            ("evidence", "prior", "prior_sd", 0), ("evidence_low", "prior", "prior_sd", -1),
            ("evidence_high", "prior", "prior_sd", 1), ("local", "local", "local_sd", 0),
            ("low", "local", "local_sd", -1), ("high", "local", "local_sd", 1),
        )
    }  # fmt: skip
    told = {name: np.where(log, np.exp(values), values) for name, values in sides.items()}
    return pd.DataFrame({
        text("data.column.title", lang): [
            text(
                f"learned.kind.{kind}", lang, place=text(f"learned.place.{place}", lang),
                name=_class(name, lang),
            )
            for kind, place, name in own[["kind", "place", "name"]].itertuples(index=False)
        ],
        text("learned.crashes", lang): [_whole(n) for n in own["crashes"]],
        text("learned.evidence", lang): [
            _ranged(*row)
            for row in zip(
                told["evidence"], told["evidence_low"], told["evidence_high"], strict=True
            )
        ],
        text("learned.local", lang): [
            _ranged(*row) for row in zip(told["local"], told["low"], told["high"], strict=True)
        ],
    })  # fmt: skip


def _class(name: str, lang: Lang) -> str:
    kind, _, place = name.partition(" ")
    said = [figures.worded("road_class", kind, lang)]
    return " ".join([*said, figures.worded("road_area", place, lang)] if place else said)


def _whole(crashes: float) -> str:
    return f"{crashes:.0f}" if crashes >= ONE or not crashes else "<1"


def _ranged(value: float, low: float, high: float) -> str:
    return f"{value:.2f} ({low:.2f}–{high:.2f})"
