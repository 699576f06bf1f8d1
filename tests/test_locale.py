"""One catalogue, two languages: nothing missing, nothing left over, nothing outside it."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskmap.locale import LANGUAGES, catalogue, text

ROOT = Path(__file__).parents[1]
CODE = [ROOT / "app.py", *sorted((ROOT / "riskmap").rglob("*.py"))]
PAGES = sorted((ROOT / "riskmap" / "pages").glob("*.py"))
HAN = re.compile(r"[\u3400-\u9fff]")
KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+")
TAG = re.compile(r"<[^>]*>|<[^>]*$|^[^<]*>")
LETTERS = re.compile(r"[^\W\d_]")
SHOWN_BY_NAME = {"label", "help", "placeholder", "body", "text", "title", "page_title", "alt"}


def _constants(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _patterns(tree: ast.AST) -> Iterator[re.Pattern[str]]:
    """f-strings that can make a key: `f"level.{name}"` makes every `level.*`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[a-z_]+"
                for part in node.values
            ]
            pattern = "".join(parts)
            if re.fullmatch(r"(\[a-z_\]\+|[a-z_]|\\\.)+", pattern) and r"\." in pattern:
                yield re.compile(pattern)


def _sections(tree: ast.AST) -> Iterator[str]:
    """`worded("road_class", …)` reads every `road_class.*`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith("worded")
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


def _looked_up(tree: ast.AST) -> Iterator[str]:
    """Keys given to text() as they are."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "text"
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in CODE}


def test_every_key_that_code_looks_up_exists() -> None:
    wanted = {key for tree in TREES.values() for key in _looked_up(tree)}
    assert wanted
    assert wanted - set(catalogue()) == set()


def test_every_entry_has_both_languages_and_the_same_braces() -> None:
    for key, entry in catalogue().items():
        assert set(entry) == set(LANGUAGES), key
        assert all(words.strip() for words in entry.values()), key
        braces = {
            lang: {field for _, field, _, _ in string.Formatter().parse(words) if field}
            for lang, words in entry.items()
        }
        assert braces["zh"] == braces["en"], key


def test_no_entry_is_left_over() -> None:
    trees = TREES.values()
    plain = {word for tree in trees for word in _constants(tree) if KEY.fullmatch(word)}
    patterns = {pattern for tree in trees for pattern in _patterns(tree)}
    sections = {section for tree in trees for section in _sections(tree)}
    left = {
        key
        for key in catalogue()
        if key not in plain
        and key.split(".")[0] not in sections
        and not any(pattern.fullmatch(key) for pattern in patterns)
    }
    assert left == set()


def test_an_unknown_key_or_language_or_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("no.such_key", "zh")
    with pytest.raises(KeyError):
        text("app.title", "fr")
    with pytest.raises(KeyError):
        text("source.opening", "zh")


def _docstrings(tree: ast.AST) -> set[int]:
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_holds_no_chinese_of_its_own(path: Path) -> None:
    tree = TREES[path]
    skipped = _docstrings(tree)
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in skipped
        and HAN.search(node.value)
    ]
    assert found == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_shows_no_words_of_its_own(path: Path) -> None:
    found = []
    for call in ast.walk(TREES[path]):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        owner = ast.unparse(call.func.value)
        if owner != "st" and not owner.startswith("st.column_config"):
            continue
        if ast.unparse(call.func).startswith(("st.session_state", "st.query_params")):
            continue
        if call.func.attr in {"cache_resource", "container"}:
            continue
        shown = [*call.args[:1], *(k.value for k in call.keywords if k.arg in SHOWN_BY_NAME)]
        found += [
            node.value
            for argument in shown
            if isinstance(argument, ast.Constant | ast.JoinedStr)
            for node in ast.walk(argument)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and LETTERS.search(TAG.sub("", node.value))
        ]
    assert found == []


def test_html_of_a_page_holds_no_words_of_its_own() -> None:
    found = []
    for path in PAGES:
        for node in ast.walk(TREES[path]):
            if not isinstance(node, ast.JoinedStr):
                continue
            html = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values
            )
            if "<" in html and LETTERS.search(re.sub(r"<[^>]*>", "", html)):
                found.append((path.name, html))
    assert found == []
