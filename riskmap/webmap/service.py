"""A tile service on the own network, drawn instead of the background of the extract."""

import os
from urllib.parse import urlsplit

from riskmap.errors import RiskmapError

ADDRESS = "RISKMAP_TILES"
"""Environment variable: address of the pictures, with `{z}`, `{x}` and `{y}`."""
CREDIT = "RISKMAP_TILES_CREDIT"
"""Environment variable: whom the map must name for them."""


def service() -> dict[str, str] | None:
    """
    Tell which tile service whoever started the server has named, None for none.

    No file of a project and no upload can name one: browsers of the staff would ask it.

    Returns
    -------
    `url` and `credit`.

    Raises
    ------
    RiskmapError
        An address that is none, or lacks a placeholder.
    """
    url = os.environ.get(ADDRESS, "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    missing = [name for name in ("{z}", "{x}", "{y}") if name not in url]
    if parts.scheme not in {"http", "https"} or not parts.hostname or missing:
        raise RiskmapError(
            f"{ADDRESS}: '{url}' is no address of map tiles; give one like "
            "http://localhost/{z}/{x}/{y}.png, or take the variable away"
        )
    return {"url": url, "credit": os.environ.get(CREDIT, "").strip()}
