"""Every snippet of the README and of docs/ runs, and what they list is what there is."""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import commands
import pytest

from riskmap import area, cli, project

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# ```sh blocks set up a machine (git clone, make, benchmarks) and are tried by hand
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLAIN = re.compile(r"riskmap [^|<>;&$`*~]+")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_snippet_of_the_page_runs_in_order(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "home"
    shutil.copytree(ROOT / "data", folder / "data")
    steps = list(_steps(page.read_text(encoding="utf-8")))
    assert steps
    for kind, code in steps:
        done = _ran(folder, kind, code)
        assert done.code == 0, f"{page.name}:\n{code}\n{done.complained}"


def _steps(text: str) -> Iterator[tuple[str, str]]:
    """Yield the blocks of a page; one that only calls riskmap needs no shell, call by call."""
    for kind, code in BLOCK.findall(text):
        lines = [line for line in code.replace("\\\n", " ").splitlines() if line.strip()]
        if kind == "bash" and all(PLAIN.fullmatch(line) for line in lines):
            yield from (("riskmap", line) for line in lines)
        else:
            yield kind, code


def _ran(folder: Path, kind: str, code: str) -> commands.Done:
    if kind == "python":
        return commands.run_python(folder, code)
    if kind == "riskmap":
        return commands.run(folder, *shlex.split(code)[1:])
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", code], cwd=folder, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return commands.Done(done.returncode, done.stdout, done.stderr, ())


def test_links_between_pages_lead_somewhere() -> None:
    more = ("CONTRIBUTING.md", "layers/README.md", "campaigns/README.md")
    for page in [*PAGES, *(ROOT / name for name in more)]:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_fence_is_closed_and_of_a_known_kind() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fences = re.findall(r"^```(\w*)$", text, re.MULTILINE)
        assert set(fences[0::2]) <= {"bash", "python", "sh", "text"}, page.name
        assert set(fences[1::2]) <= {""}, page.name
        assert len(fences) % 2 == 0, page.name


def _commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not below:
        yield parser
    for action in below:
        for command in action.choices.values():
            yield from _commands(command)


def test_the_command_line_page_has_every_command_and_option_and_no_other() -> None:
    text = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    commands = list(_commands(cli._parser()))
    options = {name for command in commands for a in command._actions for name in a.option_strings}
    known = {name for name in options if name.startswith("--")} - {"--help", "--output"}
    assert set(re.findall(r"--[a-z][a-z-]*", text)) == known
    kinds = "check|list|show|calendar|add|change|step|undo|history|import|"
    kinds += "briefing|holiday|duty|referral|school|education|notice"
    told = re.findall(rf"^\| `(riskmap [a-z]+(?: (?:{kinds}))?)\b", text, re.MULTILINE)
    assert sorted(told) == sorted(command.prog for command in commands)


def test_the_command_line_page_lists_the_columns_in_their_order() -> None:
    text = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    assert f"`{', '.join(area.LIST_COLUMNS)}`" in text


def test_the_method_page_states_the_constants_in_force() -> None:
    text = " ".join((ROOT / "docs/method.md").read_text(encoding="utf-8").split())
    rules = project.constants()
    red, orange, yellow = (100 * rules["levels"][level] for level in ("red", "orange", "yellow"))
    interval, urban = rules["interval"], rules["urban"]
    for claim in (
        f"pieces of at most {rules['segments']['length_m']:.0f} m",
        f"change of heading within {rules['segments']['bend_m']:.0f} m",
        f"else lanes of {rules['segments']['lane_m']:g} m",
        f"within {rules['terrain']['profile_m']:.0f} m or one cell",
        f"nearer than {rules['junctions']['merge_m']:.0f} m",
        f"first {rules['junctions']['spread_m']:.0f} m of each road",
        f"worst {red:.0f}, {orange:.0f} and {yellow:.0f} % of road length",
        f"{100 * (interval['high'] - interval['low']):.0f} % of {interval['draws']} draws",
        f"multiply a family by more than {rules['score']['cap']:.0f}",
        f"raised to {rules['score']['temper']}",
        f"at least {urban['place_junctions']} junctions within {urban['density_m']:.0f} m",
        f"at least {urban['dense_junctions']} junctions within {urban['density_m']:.0f} m",
        f"one node in {rules['centrality']['spacing']}",
        f"power {rules['centrality']['exponent']}/β",
    ):
        assert claim in text
