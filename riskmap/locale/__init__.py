"""Every text that a user reads, in Chinese and English, from one catalogue."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = get_args(Lang)
"""The languages, the first one first in the page."""


def text(key: str, lang: str, **values: object) -> str:
    """
    Look a text up.

    Parameters
    ----------
    key
        Dotted name in `catalogue.toml`: `map.zoom_in`.
    lang
        Language of the text.
    values
        What stands in the text's braces.

    Raises
    ------
    KeyError
        If the catalogue lacks the key, the language or a value for a brace.
    """
    return catalogue()[key][lang].format(**values)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Read the catalogue: key to language to text."""
    source = files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8")
    return dict(_entries(tomllib.loads(source), ""))


def _entries(table: Mapping[str, Any], path: str) -> Iterator[tuple[str, dict[str, str]]]:
    for name, value in table.items():
        key = f"{path}{name}"
        if all(isinstance(part, str) for part in value.values()):
            yield key, value
        else:
            yield from _entries(value, f"{key}.")
