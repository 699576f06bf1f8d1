"""One HTML file with everything inside it: opened with the network off, it is the whole map."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
from branca.element import Element

from riskmap import export, symbols
from riskmap.locale import Lang, catalogue, text
from riskmap.moments import When
from riskmap.risk import LEVELS
from riskmap.webmap.crash_points import crash_points, legend
from riskmap.webmap.geometry import drawn

if TYPE_CHECKING:
    from riskmap.area import Area

__all__ = ["map_html", "write_map"]

STYLES = {"red": ("#b2182b", 5.0), "orange": ("#e66101", 3.5), "yellow": ("#e5b53b", 2.25),
          "blue": ("#4a86b8", 1.1)}  # fmt: skip
"""Level → colour and width in pixels."""
SHOWN_AT_FIRST = 40
"""So many risk points at most, of the layers with fewest: more would hide the roads."""
SMALLEST_SHARE = 0.005
"""Reasons below this share are left out of the popups."""
# nothing may be asked of any address, not even of this machine
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"


def map_html(
    area: Area, *, when: When = None, lang: Lang = "zh", crashes: bool = False
) -> str:
    """
    Draw an area as one self-contained page: roads by level, risk points, legend, reasons.

    Parameters
    ----------
    area
        From `riskmap.assess`.
    when
        None for the whole year.
    lang
        Language of all texts.
    crashes
        Whether the crash records are in it as points with severity and year. A file is easily
        passed on: without being asked it holds none.

    Returns
    -------
    HTML. Scripts, styles and data are inside; its own policy forbids every request. Names from the
    data reach the page as text, never as markup.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> from riskmap.webmap.folium_map import map_html
    >>> "<script src" in map_html(area, lang="en")  # nothing is fetched
    False
    """
    west, south, east, north = area.segments.to_crs("EPSG:4326").total_bounds
    page = folium.Map(
        location=[(south + north) / 2, (west + east) / 2], tiles=None, zoom_control=True,
        prefer_canvas=True, control_scale=False, attribution_control=True,
    )  # fmt: skip
    # folium draws its ids by lot; the same area is the same file
    page._id = "riskmap"  # noqa: SLF001  # there is no other way to set it
    # folium would load these from content networks
    page.default_js, page.default_css = [], []
    figure: Any = page.get_root()
    figure.title = f"{area.name} · {text('app.title', lang)}"
    figure.header.add_child(Element(_head()), name="riskmap-head", index=0)
    page.render()  # type: ignore[no-untyped-call]  # folium publishes no types
    drawing = _content(area, when, lang)
    if crashes:
        drawing["crashes"] = crash_points(area) | legend(area, lang)
    content = json.dumps(drawing, ensure_ascii=False, separators=(",", ":"))
    # a name must not be able to end the script element
    for character in "<\u2028\u2029":
        content = content.replace(character, f"\\u{ord(character):04x}")
    script = _own("map.js").replace("__MAP__", page.get_name()).replace("__CONTENT__", content)
    figure.script.add_child(Element(script), name="riskmap-map")
    html: str = figure.render()
    return html.replace("<html>", f'<html lang="{text("map.language", lang)}">', 1)


def write_map(
    area: Area, path: str | Path, *, when: When = None, lang: Lang = "zh", crashes: bool = False
) -> Path:
    """
    Write an area as one HTML file that opens with the network off; see `map_html`.

    Returns
    -------
    The path, whole or not at all.

    Examples
    --------
    >>> import riskmap
    >>> area = riskmap.assess(riskmap.sample())
    >>> riskmap.write_map(area, "map.html", lang="en").stat().st_size < 10e6
    True
    """
    export.write_text(path, map_html(area, when=when, lang=lang, crashes=crashes))
    return Path(path)


def _head() -> str:
    style = re.sub(r"url\([^)]*\)", "none", _own("vendor/leaflet/leaflet.css"))
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<style>{style}{_own('map.css')}</style>"
        f"<script>{_own('vendor/leaflet/leaflet.js')}</script>"
    )


def _own(name: str) -> str:
    return files("riskmap.webmap").joinpath(name).read_text(encoding="utf-8")


def _content(area: Area, when: When, lang: Lang) -> dict[str, Any]:
    """Everything that the script draws; texts are looked up once and numbered."""
    scores = area.scores(when)
    segments = area.segments
    exposure = (scores["harm"] / scores["harm_per_km"]).sum()
    mean = scores["harm"].sum() / exposure
    words: dict[str, int] = {}

    def number(word: str) -> int:
        return words.setdefault(word, len(words))

    roads = [
        [LEVELS.index(level), float(f"{per_km / mean:.2g}"), *(float(f"{v:.2g}") for v in harm),
         number(peak), number(_worded("road_class", kind, lang)),
         number(_worded("road_area", place, lang))]
        for level, per_km, harm, peak, kind, place in zip(
            scores["level"], scores["harm_per_km"],
            scores[["harm_per_km", "low", "high"]].to_numpy(),
            [_peak(value, lang) for value in scores["peak"]],
            segments["road_class"], segments["area"], strict=True,
        )
    ]  # fmt: skip
    shapes = drawn(area)
    # a layer without points acts on the roads themselves: there is nothing to switch
    shapes["layers"] = [layer for layer in shapes["layers"] if layer["names"]]
    shown = 0
    for layer in sorted(shapes["layers"], key=lambda layer: len(layer["names"])):
        own = area.layers[layer["name"]]
        shown += len(layer["names"])
        layer["title"] = own.title[lang]
        layer["on"] = shown <= SHOWN_AT_FIRST
        layer["symbol"] = symbols.svg(own.symbol, size=14, color="#24272b")
    return {
        **shapes,
        "scores": roads,
        "words": list(words),
        "shares": _shares(area, when),
        "reasons": _reasons(area, lang),
        "coverage": _coverage(area, lang),
        "styles": [STYLES[level] for level in LEVELS],
        "levels": [text(f"map.level.{level}", lang) for level in LEVELS],
        "labels": {
            "title": area.name,
            "period": _period(when, lang),
            "date": text("info.date", lang, date=area.data_date[:10] or text("word.unknown", lang)),
            **{name: text(f"map.{name}", lang) for name in ("legend", "credit")},
            "levels_are": text("map.levels_are.km", lang),
            **{name: text(f"card.{name}", lang) for name in ("why", "why_of", "weighted")},
            "doing": text("card.police", lang),
            "title_of_coverage": text("coverage.title", lang),
            **{n: text(f"coverage.{n}", lang) for n in ("is", "known", "assumed", "unknown")},
            "unnamed": text("reason.unnamed", lang),
            "judgement": text("word.judgement", lang),
            "times": text("card.times", lang, times="{times}"),
            "harm": text("card.harm_is", lang, value="{value}", low="{low}", high="{high}"),
            "peak": text("card.peak", lang, peak="{peak}"),
        },
    }  # fmt: skip


def _shares(area: Area, when: When) -> list[list[int]]:
    """For each road: reason, per mille, reason, per mille …, the largest first."""
    table = area.reason_table(when).to_numpy()
    order = np.argsort(-table, axis=1, kind="stable")
    result = []
    for row, ranked in zip(table, order, strict=True):
        kept = [n for n in ranked if abs(row[n]) >= SMALLEST_SHARE]
        result.append([int(v) for n in kept for v in (n, round(row[n] * 1000))])
    return result


def _coverage(area: Area, lang: Lang) -> list[list[object]]:
    """Title of every layer and input, and how much is known, assumed, unknown, in per cent."""
    rows: list[list[object]] = []
    for row in area.coverage_table(lang).itertuples():
        km = np.array([row.known_km, row.assumed_km, row.unknown_km], dtype=float)
        if km.sum():
            rows.append([row.title, *(round(float(v)) for v in 100 * km / km.sum())])
    return rows


def _reasons(area: Area, lang: Lang) -> list[dict[str, str]]:
    """Title, grade, source and advice of every reason, in the order of the reason table."""
    result = []
    for name in area.model.reasons:
        layer = area.layers.get(name)
        effect = max(layer.effects, key=lambda e: abs(np.log(e.factor))) if layer else None
        advice = layer.advice.get("police", ()) if layer else ()
        result.append({
            "title": area.reason_title(name, lang),
            "grade": effect.grade if effect else "",
            "source": effect.source if effect else "",
            "advice": "; ".join(item[lang] for item in advice),
        })
    return result


def _worded(section: str, name: str, lang: Lang) -> str:
    key = f"{section}.{name}"
    return text(key, lang) if key in catalogue() else name


def _peak(value: str, lang: Lang) -> str:
    day, _, hour = value.partition(" ")
    named = text(f"when.{day}", lang)
    return text("when.peak", lang, day=named, hour=int(hour), next=int(hour) + 1)


def _period(when: When, lang: Lang) -> str:
    return text("when.all_year", lang) if when is None else _peak(when.label, lang)
