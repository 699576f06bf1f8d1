"""The guides say what the code has: the formula, the columns, the commands, the promises."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

import riskmap
from riskmap import cli, risk, scoring

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PROMISED = Path(__file__).with_name("public.txt")


def _text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def _formula(text: str) -> list[str]:
    return re.findall(r"^    (?:rate_f|cost_f|harm)\(i,t\).*$", text, re.MULTILINE)


def test_the_method_page_prints_the_one_formula_as_the_code_states_it() -> None:
    printed = _formula(_text("method.md"))
    assert len(printed) == 3
    assert printed == _formula(inspect.getdoc(risk) or "")
    stated = [
        path.name for path in (ROOT / "riskmap").rglob("*.py")
        if _formula(path.read_text(encoding="utf-8"))
    ]  # fmt: skip
    assert stated == ["risk.py"]


def test_the_guide_for_engineers_explains_every_column_of_a_score() -> None:
    rows = re.findall(r"^\| (`.+?) \|", _text("engineers.md"), re.MULTILINE)
    told = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(told) == sorted(scoring.RESULTS)


def test_the_guides_name_commands_that_there_are() -> None:
    known = cli._parser().format_help()
    for page in ("planners.md", "page.md", "engineers.md", "start.md"):
        for command in re.findall(r"`riskmap ([a-z]+)", _text(page)):
            assert re.search(rf"\b{command}\b", known), f"{page}: {command}"


def test_the_first_lines_of_the_readme_give_a_table_and_a_map() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[0]
    lines = [line for line in first.splitlines() if line]
    assert len(lines) <= 5
    assert lines[0] == "import riskmap"
    assert "hotspots" in first
    assert "write_map" in first


def _public() -> dict[str, list[str]]:
    """Every public name with its parameters, as a script may use them."""
    found = {}
    for name in ("", *riskmap.PUBLIC):
        module = import_module(f"riskmap.{name}".rstrip("."))
        for own in module.__all__:
            member = getattr(module, own)
            found[f"{module.__name__}.{own}"] = _parameters(member)
            if inspect.isclass(member) and member.__module__ == module.__name__:
                for part in vars(member):
                    found[f"{module.__name__}.{own}.{part}"] = _parameters(getattr(member, part))
    return found


def _parameters(member: object) -> list[str]:
    return list(inspect.signature(member).parameters) if inspect.isroutine(member) else []


def test_what_was_public_is_public_with_the_same_parameters() -> None:
    public = _public()
    promised = PROMISED.read_text(encoding="utf-8").splitlines()
    assert len(promised) > 90
    for line in promised:
        name, _, parameters = line.removesuffix(")").partition("(")
        assert name in public, f"{name}: docs/engineers.md says how a public name goes"
        gone = [p for p in parameters.split(", ") if p and p not in public[name]]
        assert gone == [], f"{line}: docs/engineers.md says how a parameter goes"
