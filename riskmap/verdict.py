"""What a hold-out says, in sentences with their numbers, and on one page with its chart."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from riskmap import curve_chart, export
from riskmap.backtest import FEW, RIVALS, Backtest
from riskmap.locale import Lang, text

TOP = 0.05
"""Share of road length that the sentences speak of."""
SHOWN = (0.01, 0.05, 0.10, 0.20)
FILES = ("verdict.html", "capture.svg", "backtest.csv", "calibration.csv", "cure.csv")
CURE_WIDTH, CURE_HEIGHT = 800, 200
STYLE = """
body { font: 15px/1.5 'Noto Sans', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif;
  color: #24272b; max-width: 900px; margin: 1.2em auto; padding: 0 1em; }
h1 { font-size: 1.4em; } h2 { font-size: 1.05em; margin-top: 1.4em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
td, th { padding: .15em .7em; border-bottom: 1px solid #d5d9dd; text-align: right; }
td:first-child, th:first-child { text-align: left; }
img { width: 100%; } small { color: #5b646c; } .said { font-size: 1.15em; font-weight: bold; }
@media print { body { font-size: 11px; margin: 0; } }
"""


def named(ranking: str, lang: Lang) -> str:
    """Name of a ranking as a person reads it."""
    kind, _, years = ranking.rpartition("_")
    if years.isdigit():
        return text(f"ranking.{kind}", lang, years=int(years))
    return text(f"ranking.{ranking}", lang)


def conclusion(found: Backtest, lang: Lang) -> str:
    """One sentence: better, no difference to be seen, or worse, than what is simpler."""
    if found.crashes["ranked"] < FEW:
        return text("verdict.few", lang, count=found.crashes["ranked"], least=FEW)
    prior = _gain(found.table, "prior")
    gains = found.rivals[
        (found.rivals["lookback"] == found.longest) & (found.rivals["measure"] == "capture")
        & (found.rivals["outcome"] == "crashes") & (found.rivals["share"] == TOP)
    ]  # fmt: skip
    records = "better" if (gains["low"] > 0).all() else "same"
    if (gains["high"] < 0).any():
        records = "worse"
    return text(f"verdict.prior_{prior}", lang) + text(f"verdict.records_{records}", lang)


def sentences(found: Backtest, lang: Lang) -> list[str]:
    """What was found, one sentence each, the conclusion first."""
    said = [conclusion(found, lang)]
    train, test = ("–".join(map(str, years)) for years in (found.train, found.test))
    said.append(text(
        "verdict.data", lang, train=train, test=test, learned=found.crashes["train"],
        tested=found.crashes["ranked"], km=f"{found.road_km:.0f}", squares=found.squares,
    ))  # fmt: skip
    table = found.table
    gain = _row(table, "prior")
    km = f"{TOP * found.road_km:.0f}"
    said.append(text(
        "verdict.prior", lang, top=_percent(TOP), km=km, value=_percent(gain["value"]),
        low=_percent(gain["low"]), high=_percent(gain["high"]),
        other=_percent(_row(table, "class")["value"]), gain=_points(gain["gain"]),
        gain_low=_points(gain["gain_low"]), gain_high=_points(gain["gain_high"]),
    ))  # fmt: skip
    for years in sorted(set(found.rivals["lookback"])):
        own = _row(table, f"records_{years}")
        others = {name: _row(table, f"{name}_{years}")["value"] for name in RIVALS}
        said.append(text(
            "verdict.records", lang, years=years, top=_percent(TOP),
            value=_percent(own["value"]), low=_percent(own["low"]), high=_percent(own["high"]),
            **{name: _percent(value) for name, value in others.items()},
        ))  # fmt: skip
    if len(found.spatial):
        own = _row(found.spatial, "learned")
        said.append(text(
            "verdict.spatial", lang, top=_percent(TOP), value=_percent(own["value"]),
            low=_percent(own["low"]), high=_percent(own["high"]),
            other=_percent(_row(found.spatial, "class")["value"]),
        ))  # fmt: skip
    ratio = found.slope.set_index("measure").loc["ratio"]
    slope = found.slope.set_index("measure").loc["slope"]
    said.append(text(
        "verdict.calibration", lang, ratio=f"{ratio['value']:.2f}", low=f"{ratio['low']:.2f}",
        high=f"{ratio['high']:.2f}", slope=f"{slope['value']:.2f}",
        slope_low=f"{slope['low']:.2f}", slope_high=f"{slope['high']:.2f}",
    ))  # fmt: skip
    stays = found.overlap[found.overlap["share"] == TOP].set_index("ranking")
    if len(stays):
        said.append(text(
            "verdict.overlap", lang, top=_percent(TOP), own=_percent(stays.loc["records", "value"]),
            counts=_percent(stays.loc["counts", "value"]),
        ))  # fmt: skip
    said.append(text("verdict.cure", lang, percent=f"{100 * found.cure.outside:.0f}"))
    whole = {
        name: _percent(_row(table, ranking, "nearest")["value"])
        for name, ranking in (
            ("value", "prior"), ("other", "class"),
            *((name, f"{name}_{found.longest}") for name in ("records", *RIVALS)),
        )
    }  # fmt: skip
    said.append(text("verdict.nearest", lang, top=_percent(TOP), years=found.longest, **whole))
    return [*said, *(text(key, lang, **values) for key, values in found.notes)]


def chart(found: Backtest, lang: Lang) -> str:
    """Capture curves as SVG."""
    curves = {named(name, lang): curve for name, curve in found.curves.items() if name != "random"}
    return curve_chart.capture_chart(curves, lang=lang)


def page(found: Backtest, lang: Lang, *, area: str) -> str:
    """One page in HTML that needs nothing else to be read or printed."""
    first, *rest = sentences(found, lang)
    drawn = base64.b64encode(chart(found, lang).encode()).decode()
    title = escape(text("verdict.title", lang, area=area))
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in rest)
    parts = [
        f"<h1>{title}</h1><p class='said'>{escape(first)}</p>",
        f"<img alt='' src='data:image/svg+xml;base64,{drawn}'>",
        f"<ul>{said}</ul>",
    ]
    for outcome in ("crashes", "harm", "nearest"):
        parts.append(f"<h2>{escape(text(f'verdict.table.{outcome}', lang))}</h2>")
        parts.append(_table(found.table, outcome, lang))
    if len(found.spatial):
        parts.append(f"<h2>{escape(text('verdict.table.spatial', lang))}</h2>")
        parts.append(_table(found.spatial, "crashes", lang))
    parts.append(f"<h2>{escape(text('verdict.table.tenths', lang))}</h2>{_tenths(found, lang)}")
    parts.append(f"<h2>{escape(text('verdict.table.cure', lang))}</h2>{_cure(found)}")
    parts.append(f"<p><small>{escape(text('verdict.method', lang))}</small></p>")
    return (
        f"<!doctype html><html lang='{lang}'><meta charset='utf-8'><title>{title}</title>"
        f"<style>{STYLE}</style>{''.join(parts)}</html>"
    )


def write(found: Backtest, folder: Path, lang: Lang, *, area: str) -> list[Path]:
    """Write the page, the chart and the whole tables into a folder, each whole or not at all."""
    folder.mkdir(exist_ok=True)
    targets = [folder / name for name in FILES]
    export.write_text(targets[0], page(found, lang, area=area))
    export.write_text(targets[1], chart(found, lang))
    both = [found.table.assign(holdout="years"), found.spatial.assign(holdout="squares")]
    export.write_report(pd.concat(both, ignore_index=True), targets[2])
    export.write_report(found.tenths, targets[3])
    export.write_report(found.cure.table, targets[4])
    return targets


def _table(table: pd.DataFrame, outcome: str, lang: Lang) -> str:
    part = table[(table["measure"] == "capture") & (table["outcome"] == outcome)]
    heads = "".join(
        f"<th>{escape(text('verdict.top', lang, top=_percent(share)))}</th>" for share in SHOWN
    )
    rows = []
    for ranking in sorted(part["ranking"].unique(), key=_order):
        own = part[part["ranking"] == ranking].set_index("share")
        cells = "".join(
            f"<td>{_percent(own.loc[s, 'value'])} <small>({_percent(own.loc[s, 'low'])}–"
            f"{_percent(own.loc[s, 'high'])})</small></td>"
            for s in SHOWN
        )
        rows.append(f"<tr><td>{escape(named(ranking, lang))}</td>{cells}</tr>")
    return f"<table><tr><th></th>{heads}</tr>{''.join(rows)}</table>"


def _tenths(found: Backtest, lang: Lang) -> str:
    names = ("tenth", "expected", "observed", "ratio")
    heads = "".join(f"<th>{escape(text(f'verdict.table.{name}', lang))}</th>" for name in names)
    rows = "".join(
        f"<tr><td>{row.tenth}</td><td>{row.expected:.0f}</td><td>{row.observed:.0f}</td>"
        f"<td>{row.ratio:.2f} <small>({row.block_low:.2f}–{row.block_high:.2f})</small></td></tr>"
        for row in found.tenths.itertuples(index=False)
    )
    return f"<table><tr>{heads}</tr>{rows}</table>"


def _cure(found: Backtest) -> str:
    """Walk of the residuals between their bounds, as a drawing."""
    table = found.cure.table
    most = float(table[["cumulative", "high"]].abs().to_numpy().max()) or 1.0
    x = np.linspace(0.0, CURE_WIDTH, len(table))
    lines = {
        name: " ".join(
            f"{a:.1f},{b:.1f}"
            for a, b in zip(x, (1.0 - table[name] / most) * CURE_HEIGHT / 2.0, strict=True)
        )
        for name in ("cumulative", "low", "high")
    }
    back = " ".join(reversed(lines["low"].split()))
    return (
        f"<svg viewBox='0 -5 {CURE_WIDTH} {CURE_HEIGHT + 10}' width='100%'>"
        f"<polygon points='{lines['high']} {back}' fill='#d5d9dd'/>"
        f"<line x1='0' x2='{CURE_WIDTH}' y1='{CURE_HEIGHT / 2}' y2='{CURE_HEIGHT / 2}' "
        "stroke='#24272b' stroke-dasharray='3 3'/>"
        f"<polyline points='{lines['cumulative']}' fill='none' stroke='#0072b2' stroke-width='2'/>"
        f"<text x='2' y='10' font-size='11'>+{most:.0f}</text>"
        f"<text x='2' y='{CURE_HEIGHT}' font-size='11'>−{most:.0f}</text></svg>"
    )


def _order(ranking: str) -> tuple[int, int, str]:
    kind, _, years = ranking.rpartition("_")
    first = ("random", "class", "prior", "prior_harm", "learned")
    if ranking in first:
        return first.index(ranking), 0, ""
    return len(first), int(years), kind


def _row(table: pd.DataFrame, ranking: str, outcome: str = "crashes") -> pd.Series:
    own = table[
        (table["ranking"] == ranking) & (table["outcome"] == outcome)
        & (table["measure"] == "capture") & (table["share"] == TOP)
    ]  # fmt: skip
    return own.iloc[0]


def _gain(table: pd.DataFrame, ranking: str) -> str:
    own = _row(table, ranking)
    if own["gain_low"] > 0:
        return "better"
    return "worse" if own["gain_high"] < 0 else "same"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _points(share: float) -> str:
    return f"{100 * share:+.0f}"
