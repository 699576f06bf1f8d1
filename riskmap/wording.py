"""Numbers and lists in words: two significant figures, unknown as a word, one semicolon."""

import math
import re
from collections.abc import Iterable

from riskmap.locale import Lang, text

MINUS = "\N{MINUS SIGN}"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def two(value: float, lang: Lang) -> str:
    """Write a number with two significant figures and no exponent; unknown as a word."""
    if not math.isfinite(value):
        return text("word.unknown", lang)
    rounded = float(f"{value:.2g}")
    digits = f"{rounded:.12f}".rstrip("0").rstrip(".")
    return digits.replace("-", MINUS)


def change(percent: float, lang: Lang) -> str:
    """Write a change in per cent with its sign; what would not show in two decimals is none."""
    if abs(percent) < 0.005:  # noqa: PLR2004  # shown as 0.01
        return "0"
    return f"+{two(percent, lang)}" if percent > 0 else two(percent, lang)


def by(times: float, lang: Lang) -> str:
    """Write a factor as a change: "+20 %", of 1.2 times."""
    return f"{change(100.0 * (times - 1.0), lang)} %"


def cleaned(words: str) -> str:
    """Text without control characters; tab and new line stay."""
    return _CONTROL.sub("", words)


def listed(said: str) -> tuple[str, ...]:
    """Parts of what a cell of a list joins with `; `, each once."""
    return tuple(dict.fromkeys(part for part in said.split("; ") if part))


def joined(parts: Iterable[str], lang: Lang) -> str:
    """Some parts in one line of text, with the semicolon of the language."""
    return text("word.semicolon", lang).join(parts)
