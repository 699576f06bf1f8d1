"""The Chinese fonts of documents: whole for a PDF, which embeds a part, and a part for HTML."""

from __future__ import annotations

import base64
import logging
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from pylopdf_fonts_zh_cn import sans_path, serif_path

PATHS = {"Noto Sans SC": sans_path, "Noto Serif SC": serif_path}
"""Family → its file: 30,000 characters each, all of GB 18030's common planes; OFL 1.1."""


def folder() -> Path:
    """Where the fonts lie."""
    return Path(sans_path()).parent


@cache
def known() -> frozenset[int]:
    """Characters that are in every family, by their numbers."""
    own = []
    for path in PATHS.values():
        # a file of one's own: of a damaged font the library leaves its own open
        with Path(path()).open("rb") as file, TTFont(file, lazy=True) as font:
            own.append(set(font.getBestCmap()))
    return frozenset(set.intersection(*own))


@lru_cache(maxsize=8)
def part(family: str, letters: str) -> str:
    """A font with these characters only, as the text of a data address."""
    # the library tells of tables that it leaves out
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
    options = subset.Options(layout_features=["kern", "locl"], notdef_outline=True)
    chosen = subset.Subsetter(options)
    chosen.populate(text=letters)
    written = BytesIO()
    with TTFont(PATHS[family](), lazy=True) as font:
        chosen.subset(font)
        font.flavor = "woff"
        font.save(written)
    return base64.b64encode(written.getvalue()).decode("ascii")
