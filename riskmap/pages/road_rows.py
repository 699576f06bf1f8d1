"""
A short list of roads, as a table of HTML.

Streamlit's own table needs over a megabyte of scripts before it shows ten rows, and draws them on a
canvas: too much beside a map that is waited for. Long lists are its own (`ranking.picked`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from riskmap.locale import Lang, text
from riskmap.pages import chosen
from riskmap.pages.ranking import TIMES


class Row(NamedTuple):
    """A road: segment, level, name, and how many times the average it is."""

    id: str
    level: str
    name: str
    times: float


# at import, for each script that mounts it: Streamlit registers it where it is missing
_TABLE = st.components.v2.component(
    "riskmap_road_rows",
    html='<div class="rm rm-rows" tabindex="-1"></div>',
    js=Path(__file__).with_suffix(".mjs").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def draw(rows: Sequence[Row], lang: Lang, *, height: str) -> None:
    """Draw the rows, the first being the worst; a click on one chooses its road, or lets it go."""
    key = "road_rows"

    def choose() -> None:
        told = st.session_state[key]["chosen"]
        st.session_state.selected = told if any(told == row.id for row in rows) else None

    _TABLE(
        key=key,
        data={
            "heads": [text(f"list.{name}", lang) for name in ("rank", "level", "name", "times")],
            "times_is": text("list.times_is", lang),
            "rows": [
                {
                    "id": row.id,
                    "level": row.level,
                    "said": text(f"level.{row.level}", lang),
                    "name": row.name,
                    "times": f"{float(f'{row.times:.2g}'):g}{TIMES}",
                }
                for row in rows
            ],
            "chosen": chosen.road() or "",
            "height": height,
        },
        on_chosen_change=choose,
    )
