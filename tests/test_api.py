"""What is public is documented: every function has an example, and the examples run."""

from __future__ import annotations

import doctest
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import riskmap

MODULES = [riskmap, *(import_module(f"riskmap.{name}") for name in riskmap.PUBLIC)]


def _functions(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Public functions and classes of a module with their public methods."""
    for name in module.__all__:
        member = getattr(module, name)
        if not callable(member):
            continue
        yield name, member
        if not inspect.isclass(member) or issubclass(member, Exception):
            continue
        for own, value in vars(member).items():
            is_method = inspect.isfunction(value) or isinstance(value, classmethod)
            if is_method and not own.startswith("_"):
                yield f"{name}.{own}", value


CASES = [
    pytest.param(member, id=f"{module.__name__}.{name}")
    for module in MODULES
    for name, member in _functions(module)
]
HOMES = {
    "riskmap",
    *(member.__module__ for module in MODULES for name, member in _functions(module)
      if "." not in name),
} - {"riskmap.errors"}  # fmt: skip
"""Modules in which something public stands: the error needs no example."""


@pytest.mark.parametrize("member", CASES)
def test_every_public_function_has_an_example(member: object) -> None:
    text = inspect.getdoc(getattr(member, "__func__", member)) or ""
    if inspect.isclass(member):
        assert text
    else:
        assert ">>> " in text


@pytest.mark.parametrize("name", sorted(HOMES))
def test_every_example_runs_and_says_what_it_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testmod(import_module(name))
    assert tried
    assert failed == 0, "see the output"


def test_the_reference_has_every_public_name_and_asks_no_address(tmp_path: Path) -> None:
    root = Path(riskmap.__file__).parents[1]
    command = [sys.executable, "-W", "error::UserWarning", "tools/reference.py", str(tmp_path)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    front = (tmp_path / "riskmap.html").read_text(encoding="utf-8")
    for module in MODULES:
        page = tmp_path / f"{module.__name__.replace('.', '/')}.html"
        text = page.read_text(encoding="utf-8")
        for name, _ in _functions(module):
            assert f'id="{name}"' in text, f"{page.name}: {name}"
        assert module is riskmap or f'href="{module.__name__.replace(".", "/")}.html"' in front
        assert not re.search(r"""(?:src|href)=["']https?://(?!pdoc\.dev)""", text)
    pages = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    assert len(pages) == len(MODULES) + 1
