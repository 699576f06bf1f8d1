"""The switches of the layers: what each has here, what it rests on, what is not known of it."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from riskmap import wording
from riskmap.locale import Lang, text
from riskmap.pages import address, figures, frame

if TYPE_CHECKING:
    from riskmap.area import Area
    from riskmap.layer import Layer

GROUPS = ("points", "roads", "nothing")
"""With risk points on the map; on the roads themselves, without points; nothing of it here."""
CRASHES = "crash points"
"""Key of the switch of the crash points."""
OFF = "off"
"""Name in the address of the layers that are switched off."""
_SHOWN = 0.005  # 1 %, rounded


def choose(area: "Area", lang: Lang) -> list[str]:
    """Draw the switches in a popover and name the layers that are on."""
    names = list(area.layers)
    off = address.asked(OFF).split(",")
    on = [name for name in names if frame.remembered(_key(name), first=name not in off)]
    address.write(OFF, ",".join(name for name in names if name not in on))
    label = text("layers.label", lang, on=len(on), all=len(names))
    with st.popover(label, width="stretch", key="layers"):
        effects = [effect for layer in area.layers.values() for effect in layer.effects]
        judged = sum(effect.grade == "D" for effect in effects)
        st.caption(
            f"{text('layers.help', lang)} "
            + text("data.judgements", lang, layers=len(names), judged=judged, all=len(effects))
        )
        for place, word in zip(st.columns(2), ("all", "none"), strict=True):
            place.button(
                text(f"layers.{word}", lang),
                key=word,
                on_click=_switch,
                args=(names, word == "all"),
                width="stretch",
            )
        if area.crashes is not None:
            st.toggle(
                text("layers.crashes", lang, count=len(area.crashes.table)),
                value=crashes_on(area),
                key=CRASHES,
            )
        else:
            st.caption(figures.plain(text("layers.no_crashes", lang)))
        table = extent(area)
        if not table["features"].any():
            st.info(figures.plain(text("layers.no_points", lang)))
        with st.container(key="layer_rows"):
            for group in GROUPS:
                own = table[table["group"] == group]
                if len(own):
                    heading = text(f"layers.{group}", lang, count=len(own))
                    st.html(f'<div class="rm group"><small>{heading}</small></div>')
                for name, row in own.iterrows():
                    _row(area.layers[str(name)], row, lang, on=name in on)
    return on


def crashes_on(area: "Area") -> bool:
    """Tell whether crash points are to be shown."""
    return area.crashes is not None and frame.remembered(
        CRASHES, first=False, options=(False, True), address="crashes"
    )


def extent(area: "Area") -> pd.DataFrame:
    """
    Tell what each layer has in an area.

    Returns
    -------
    Index layer: `group` of `GROUPS`, `features`, `km` of road that it is known to touch, and
    `unknown`, the share of the road asked about of which nothing is known, 0..1.
    """
    return _extent(area.key, area)


@st.cache_resource(max_entries=8, show_spinner=False)
def _extent(key: str, _area: "Area") -> pd.DataFrame:
    del key  # only there for the cache
    table = _area.coverage()
    km = _area.segments["length_m"] / 1000
    touched = {name: _area.touched(str(name)) for name in table.index}
    table["km"] = [km[rows.index[~rows["unknown"]]].sum() for rows in touched.values()]
    asked = table[["known_km", "assumed_km", "unknown_km"]].sum(axis=1)
    table["unknown"] = (table["unknown_km"] / asked.where(asked > 0)).fillna(0.0)
    here = (table["km"] > 0) | (table["unknown"] > 0)
    table["group"] = here.map({True: "roads", False: "nothing"})
    table.loc[table["features"] > 0, "group"] = "points"
    return table[["group", "features", "km", "unknown"]]


def _row(layer: "Layer", row: pd.Series, lang: Lang, *, on: bool) -> None:
    """Draw what the sheet sets in a row: the columns of Streamlit are sent one by one."""
    st.html(f'<div class="rm">{frame.symbol(layer.symbol)}</div>')
    values = {"count": row["features"], "km": wording.two(row["km"], lang)}
    word = "layers.row_km" if row["group"] == "roads" else "layers.row"
    st.toggle(
        text(word, lang, title=figures.plain(layer.title[lang]), **values),
        value=on,
        key=_key(layer.name),
        disabled=not row["features"],  # there is no symbol to hide
    )
    judged = sum(effect.grade == "D" for effect in layer.effects)
    said = text("layers.judged", lang, judged=judged, all=len(layer.effects))
    if row["unknown"] >= _SHOWN:
        percent = wording.two(100 * row["unknown"], lang)
        said += f" · {text('layers.unknown', lang, percent=percent)}"
    st.html(f'<div class="rm"><small>{said}</small></div>')


def _switch(names: list[str], on: bool) -> None:  # noqa: FBT001  # of a callback
    for name in names:
        st.session_state[_key(name)] = on


def _key(layer: str) -> str:
    return f"layer {layer}"
