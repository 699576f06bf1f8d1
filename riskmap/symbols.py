"""The symbols of the layers: one shape each, readable at 16 pixels, the same everywhere."""

from html import escape
from types import MappingProxyType

BOX = 16
"""Side of the square that the paths are drawn in."""

DEFAULT = "point"
"""What a layer gets that names a symbol nobody has drawn."""

SYMBOLS: MappingProxyType[str, str] = MappingProxyType({
    "point": "M8 3a5 5 0 1 0 0 10 5 5 0 0 0 0-10z",
    "water": "M8 .8C6.2 4 3 7.3 3 10.2a5 5 0 0 0 10 0C13 7.3 9.8 4 8 .8z",
    "cliff": "M1 2h7l.6 4.4 1.9 1.2.5 3.6 4 1.6V14H1z",
    "rail": (
        "M3.3 1.2 8 5.9l4.7-4.7 2.1 2.1L10.1 8l4.7 4.7-2.1 2.1L8 10.1l-4.7 4.7-2.1-2.1"
        "L5.9 8 1.2 3.3z"
    ),
    "junction": "M6.8 1.5h2.4v7h5.8v5H1v-5h5.8z",
    "school": (
        "M6.9.8h2.2v2.4h5.4v2h-2.2c-.7 2-1.6 3.6-2.8 5 1.4 1.2 3.1 2.1 5.2 2.8l-1 2"
        "c-2.3-.8-4.2-1.9-5.7-3.4-1.5 1.5-3.4 2.6-5.7 3.4l-1-2c2.1-.7 3.8-1.6 5.2-2.8"
        "-1.2-1.4-2.1-3-2.8-5H1.5v-2h5.4zM5.9 5.2c.5 1.4 1.2 2.6 2.1 3.6.9-1 1.6-2.2 2.1-3.6z"
    ),
    "signals": (
        "M5 .6h6a1.6 1.6 0 0 1 1.6 1.6v11.6A1.6 1.6 0 0 1 11 15.4H5a1.6 1.6 0 0 1-1.6-1.6V2.2"
        "A1.6 1.6 0 0 1 5 .6zM8 2a1.7 1.7 0 1 0 0 3.4A1.7 1.7 0 0 0 8 2zM8 6.3a1.7 1.7 0 1 0 0 3.4"
        "A1.7 1.7 0 0 0 8 6.3zM8 10.6a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z"
    ),
    "lanes": (
        "M1 15 4.2 1h1.9L4.4 15zM11.6 15 9.9 1h1.9L15 15z"
        "M7 1h2v3.4H7zM7 6h2v3.6H7zM7 11.2h2V15H7z"
    ),
    "congestion": "M2.5 1h11v2.2L9.8 8l3.7 4.8V15h-11v-2.2L6.2 8 2.5 3.2z",
    "people": (
        "M8 1a3.2 3.2 0 1 0 0 6.4A3.2 3.2 0 0 0 8 1zM1.8 15v-2.2C1.8 10 4 8.6 8 8.6s6.2 1.4"
        " 6.2 4.2V15z"
    ),
    "kindergarten": (
        "M8 .8a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2z"
        "M1 6.6h14v2.6h-4.2l1.8 6H9.9L8 11.4l-1.9 3.8"
        "H3.4l1.8-6H1z"
    ),
    "scenic": (
        "M.4 14.5 6 4.4l2.8 4.9 1.7-2.5 5.1 7.7zM12.5.8a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6z"
    ),
    "market": "M2.2 1.2h11.6l1.8 5.3H.4zM2 7.8h2.2v2.6h7.6V7.8H14V15h-2.2v-2.3H4.2V15H2z",
    "hospital": "M5.5 1h5v4.5H15v5h-4.5V15h-5v-4.5H1v-5h4.5z",
    "station": (
        "M3 .8h10a1.5 1.5 0 0 1 1.5 1.5v10H13V15h-2.6v-2.7H5.6V15H3v-2.7H1.5v-10A1.5 1.5 0 0 1 3"
        " .8zM3.6 3v4.4h8.8V3zM3.6 9.2v1.6H6V9.2zM10 9.2v1.6h2.4V9.2z"
    ),
    "nightlife": "M.8 1.5h14.4L9.3 8.4v4.3h3V15H3.7v-2.3h3V8.4z",
    "village": "M8 .8 15.6 8H13v7H9.7v-4.6H6.3V15H3V8H.4z",
    "young_old": (
        "M5.2.8a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8z"
        "M1.2 15V9.8c0-2.4 1.4-3.5 4-3.5s4 1.1 4 3.5V15z"
        "M12.6 6.4a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z"
        "M10.4 15v-2.2c0-1.5.8-2.1 2.2-2.1s2.2.6 2.2 2.1V15z"
    ),
    "curve": (
        "M2.2 15.2V9.8C2.2 5.6 4.7 3.7 8.3 3.7h1.2V.6l5.7 4.7L9.5 10V6.9H8.3c-2 0-2.9.9-2.9"
        " 2.9v5.4z"
    ),
    "steep": "M.8 14.8 15.2 2.2v12.6z",
    "dark": "M10.6 1.2a7 7 0 1 0 4.2 10.2A6.2 6.2 0 0 1 10.6 1.2z",
    "lamp": (
        "M2.6 15.2V5.4C2.6 2.6 4.4 1 7 1h5.2v2.2H7c-1.3 0-2 .8-2 2.2v9.8z"
        "M8.6 4.2h5.6l1.4 4.4H7.2z"
    ),
    "narrow": "M.5.8h4.3l1.9 4.4v5.6l-1.9 4.4H.5zM15.5.8h-4.3L9.3 5.2v5.6l1.9 4.4h4.3z",
    "ice": (
        "M6.9.8h2.2v14.4H6.9zM13.7 3.4 14.8 5.4 2.3 12.6 1.2 10.6z"
        "M14.8 10.6 13.7 12.6 1.2 5.4 2.3 3.4z"
    ),
    "flood": (
        "M.8 3.4c1.2-1.6 2.5-1.6 3.6 0s2.4 1.6 3.6 0 2.4-1.6 3.6 0 2.4 1.6 3.6 0v3.2c-1.2"
        " 1.6-2.5 1.6-3.6 0s-2.4-1.6-3.6 0-2.4 1.6-3.6 0-2.4-1.6-3.6 0z"
        "M.8 9.6c1.2-1.6 2.5-1.6 3.6 0s2.4 1.6 3.6 0 2.4-1.6 3.6 0 2.4 1.6 3.6 0v3.2c-1.2"
        " 1.6-2.5 1.6-3.6 0s-2.4-1.6-3.6 0-2.4 1.6-3.6 0-2.4-1.6-3.6 0z"
    ),
    "freight_route": (
        "M.4 3h9.2v7.6H.4zM10.4 5.4h2.9l2.3 2.8v2.4h-5.2zM3.8 10.2a2 2 0 1 0 0 4 2 2 0 0 0 0-4z"
        "M12 10.2a2 2 0 1 0 0 4 2 2 0 0 0 0-4z"
    ),
    "depot": "M.8 15V6.6l4.5 2.9V6.6l4.5 2.9V1.4h4.6V15z",
    "closed": "M8 .8a7.2 7.2 0 1 0 0 14.4A7.2 7.2 0 0 0 8 .8zM3.4 6.6h9.2v2.8H3.4z",
    "roadworks": "M6.7.8h2.6l1 3.4H5.7zM5.2 5.9h5.6l1 3.6H4.2zM3.7 11.2h8.6l.6 2H15v2H1v-2h2.1z",
    "cemetery": (
        "M3.2 13V6a4.8 4.8 0 0 1 9.6 0v7h1.8v2.2H1.4V13zM5.6 5.8v1.7h4.8V5.8z"
        "M5.6 9.2v1.7h4.8V9.2z"
    ),
    "petrol": (
        "M1.8 1h7.6v12h1v2.2H.8V13h1zM3.6 3v3.6h4V3z"
        "M10.2 8.2h1.7v3.6c0 1 1.4 1 1.4 0V6.7L11 4.4l1.2-1.2 2.9 2.8v5.8c0 3.2-4.9 3.2-4.9 0z"
    ),
    "access": "M11.6.8H15v14.4h-3.4zM.8 6.5h4.6V3.3L10.6 8l-5.2 4.7V9.5H.8z",
    "hazard": "M8 .8 15.7 14.8H.3zM7 5.6v4.6h2V5.6zM7 11.4v1.9h2v-1.9z",
    "umbrella": (
        "M7 .6h2v1.3a6.8 6.8 0 0 1 6 6.7H9v4.6a2.6 2.6 0 0 1-5.2 0V12h2v1.2a.6.6 0 0 0 1.2 0V8.6H1"
        "a6.8 6.8 0 0 1 6-6.7z"
    ),
    "fog": "M1 2h14v2.2H1zM3 5.4h12v2.2H3zM1 8.8h12V11H1zM3 12.2h12v2.2H3z",
    "snow": (
        "M8 .6a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 7.2a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4z"
        "M.8 7.4l3-2 1 1.6-3 2zM15.2 7.4l-3-2-1 1.6 3 2z"
    ),
    "suitcase": (
        "M5 1h6v2.6h4.2v10.8H.8V3.6H5zM6.6 2.4v1.2h2.8V2.4zM4.2 6v6h1.6V6zM10.2 6v6h1.6V6z"
    ),
    "lantern": (
        "M7 .6h2v1.6h3.4v2H3.6v-2H7zM2.6 5.2h10.8l-1.2 6H3.8zM4.6 12.2h6.8v2H9v1.2H7v-1.2H4.6z"
    ),
    "grain": (
        "M7.2 15.4V9.2C4.6 9 3 7.6 2.8 5c1.9 0 3.5.8 4.4 2.2V5.6C6 4.4 6 2.2 8 .4c2 1.8 2 4 .8"
        " 5.2v1.6C9.7 5.8 11.3 5 13.2 5c-.2 2.6-1.8 4-4.4 4.2v1.6c1-1 2.4-1.5 4-1.5"
        "-.2 2.3-1.6 3.6-4 3.8v2.3z"
    ),
})
"""Name → path data in a square of 16, to be filled."""


def known(symbol: str) -> str:
    """Name the symbol that is drawn for a layer's `symbol`."""
    return symbol if symbol in SYMBOLS else DEFAULT


def svg(symbol: str, *, size: int = BOX, color: str = "#333") -> str:
    """
    Draw a symbol as one SVG element, for use inside HTML.

    Parameters
    ----------
    symbol
        A layer's `symbol`.
    size
        Side in pixels.
    color
        Any CSS colour.
    """
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" '
        f'viewBox="0 0 {BOX} {BOX}" aria-hidden="true">'
        f'<path fill="{escape(color)}" d="{SYMBOLS[known(symbol)]}"/></svg>'
    )
