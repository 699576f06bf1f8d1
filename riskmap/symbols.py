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
    "congestion": "M2.5 1h11v2.2L9.8 8l3.7 4.8V15h-11v-2.2L6.2 8 2.5 3.2z",
    "people": (
        "M8 1a3.2 3.2 0 1 0 0 6.4A3.2 3.2 0 0 0 8 1zM1.8 15v-2.2C1.8 10 4 8.6 8 8.6s6.2 1.4"
        " 6.2 4.2V15z"
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
