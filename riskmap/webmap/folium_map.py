"""One HTML file with everything inside it: opened with the network off, it is the whole map."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Element

from riskmap import export
from riskmap.errors import RiskmapError
from riskmap.locale import Lang, text
from riskmap.moments import When
from riskmap.webmap.map_content import content

if TYPE_CHECKING:
    from riskmap.area import Area

__all__ = ["map_html", "write_map"]

LARGEST_MB = 10
"""A larger file is refused: letter boxes would, and an old computer draws it too slowly."""
ROADS = 20_000
"""Pieces of road that surely fit."""
# nothing may be asked of any address, not even of this machine
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"


def map_html(
    area: Area,
    *,
    when: When = None,
    lang: Lang = "zh",
    crashes: bool = False,
    top: int | None = None,
    inside: Sequence[tuple[float, float]] | None = None,
) -> str:
    """
    Draw an area as one self-contained page: roads by level and hour, reasons, lists, risk points.

    Parameters
    ----------
    area
        From `riskmap.assess`.
    when
        What it shows first and gives reasons for: an hour, a period, or None for the year. Every
        hour of each kind of day can be chosen besides.
    lang
        Language of all texts.
    crashes
        Whether the crash records are in it as points with severity and year. A file is easily
        passed on: without being asked it holds none.
    top
        So many of the worst pieces of road; None draws all.
    inside
        Corners of an area, longitude and latitude in WGS 84: only what it touches.

    Returns
    -------
    HTML. Scripts, styles and data are inside; its own policy forbids every request. Names from the
    data reach the page as text, never as markup.

    Raises
    ------
    RiskmapError
        A file of more than `LARGEST_MB`, or nothing to draw.

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
    figure.title = escape(f"{area.name} · {text('app.title', lang)}")
    figure.header.add_child(Element(_head()), name="riskmap-head", index=0)
    figure.html.add_child(
        Element(f"<noscript><p>{escape(text('map_file.no_script', lang))}</p></noscript>"),
        name="riskmap-no-script",
    )
    page.render()  # type: ignore[no-untyped-call]  # folium publishes no types
    script = "".join(map(_own, ("map_roads.js", "map_panel.js", "map.js")))
    script = f"{{\n{script}}}\n".replace("__MAP__", page.get_name())
    figure.script.add_child(Element(script), name="riskmap-map")
    html: str = figure.render()
    html = html.replace("<html>", f'<html lang="{text("map.language", lang)}">', 1)
    drawing = content(area, when=when, lang=lang, crashes=crashes, top=top, inside=inside)
    # elements are templates that folium runs: no name from the data may be part of one
    before, _, after = html.rpartition("__CONTENT__")
    html = before + _json(drawing) + after
    size = len(html.encode()) / 1e6
    if size > LARGEST_MB:
        count = len(drawing["roads"]["ids"])
        raise RiskmapError(
            text("map_file.large", lang, count=count, size=size, most=LARGEST_MB, fits=ROADS)
        )
    return html


def _json(drawing: dict[str, Any]) -> str:
    result = json.dumps(drawing, ensure_ascii=False, separators=(",", ":"))
    # a name must not be able to end the script element
    for character in "<\u2028\u2029":
        result = result.replace(character, f"\\u{ord(character):04x}")
    return result


def write_map(
    area: Area,
    path: str | Path,
    *,
    when: When = None,
    lang: Lang = "zh",
    crashes: bool = False,
    top: int | None = None,
    inside: Sequence[tuple[float, float]] | None = None,
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
    page = map_html(area, when=when, lang=lang, crashes=crashes, top=top, inside=inside)
    export.write_text(path, page)
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
