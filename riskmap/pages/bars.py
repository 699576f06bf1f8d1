"""Bars of what is known, assumed and unknown, with their numbers beside them."""

from collections.abc import Iterable, Mapping
from html import escape

import pandas as pd

from riskmap import wording
from riskmap.locale import Lang, text
from riskmap.pages import figures, frame

STATES = ("known", "assumed", "unknown")


def meaning(lang: Lang) -> str:
    """Say what each state means, behind its colour: the legend of the bars."""
    rows = "".join(
        f"<p>{_swatch(state)}<b>{text(f'coverage.{state}', lang)}</b> "
        f"{escape(text(f'data.means.{state}', lang))}</p>"
        for state in STATES
    )
    return f'<div class="rm states">{rows}</div>'


def stacked(rows: pd.DataFrame, symbols: Mapping[str, str], lang: Lang) -> str:
    """
    Draw one bar a row, the least known first.

    Parameters
    ----------
    rows
        From `Area.coverage_table`: `name`, `title`, `known_km`, `assumed_km`, `unknown_km`.
    symbols
        Name → symbol of those that have one.
    lang
        Language of the headings.
    """
    km = rows[[f"{state}_km" for state in STATES]].astype(float).set_axis(STATES, axis=1)
    asked = km.sum(axis=1)
    share = 100 * km.div(asked.where(asked > 0), axis=0)
    order = share.sort_values(["unknown", "assumed"], ascending=False, kind="stable").index
    body = "".join(
        _row(
            symbols.get(rows.loc[at, "name"], ""),
            str(rows.loc[at, "title"]),
            share.loc[at],
            float(asked.loc[at]),
            lang,
        )
        for at in order
    )
    head = "".join(f"<th>{_swatch(s)}{text(f'coverage.{s}', lang)} %</th>" for s in STATES)
    asks = text("data.asked", lang)
    return (
        f'<div class="rm"><table class="stacked"><thead><tr><th></th><th></th>{head}'
        f"<th>{escape(asks)}</th></tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(symbol: str, title: str, share: pd.Series, asked_km: float, lang: Lang) -> str:
    mark = frame.symbol(symbol) if symbol else ""
    name = f"<td>{mark}{escape(title)}</td>"
    if not asked_km:
        return f'<tr>{name}<td colspan="5"><small>{text("data.not_asked", lang)}</small></td></tr>'
    parts = "".join(f'<i class="{s}" style="width:{share[s]:.2f}%"></i>' for s in STATES)
    return (
        f'<tr>{name}<td class="bar">{parts}</td>'
        f"{_cells(figures.percent(share[state], lang) for state in STATES)}"
        f"{_cells([wording.two(asked_km, lang)])}</tr>"
    )


def _cells(values: Iterable[str]) -> str:
    return "".join(f"<td>{escape(value)}</td>" for value in values)


def _swatch(state: str) -> str:
    return f'<i class="swatch {state}"></i>'
