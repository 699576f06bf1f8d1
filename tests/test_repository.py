"""The repository keeps its shape, its pins are what runs, and the wheel carries what it needs."""

import ast
import json
import os
import re
import stat
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import riskmap

ROOT = Path(__file__).parents[1]
TOP = {
    ".ci", ".gitignore", ".streamlit", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile",
    "README.md", "app.py", "benchmarks", "campaigns", "data", "docs", "layers", "pyproject.toml",
    "requirements.txt", "riskmap", "tests", "tools",
}  # fmt: skip
OWN_MACHINE = re.compile(r"(?<![\w.:/])/(?:home|root|work|tmp|opt|Users)/")
ADDRESS = re.compile(r"https?://([\w.-]+)")
HOSTS = {
    "localhost", "127.0.0.1",
    "opendatacommons.org", "www.openstreetmap.org", "wiki.openstreetmap.org",  # credit, tags
    "nominatim.openstreetmap.org", "overpass-api.de",  # asked by `riskmap fetch` alone
    "www.w3.org", "www.opengis.net",  # names of XML vocabularies, never asked for
    "a.b", "evil.example",  # what hostile names in the tests point to
}  # fmt: skip
FLOORS = {"streamlit": (1, 54), "starlette": (1, 3, 1), "pyarrow": (26,), "pillow": (12, 3)}
"""First versions without known holes."""
LARGEST = 2_000_000
BOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))
KERNEL = "installed"


def _files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return [name for name in listed if (ROOT / name).exists()]


def _texts() -> Iterator[tuple[str, str]]:
    for name in _files():
        content = (ROOT / name).read_bytes()
        if "vendor" not in Path(name).parts and b"\0" not in content:
            yield name, content.decode("utf-8", "replace")


def _pins() -> tuple[dict[str, str], dict[str, str]]:
    """Runtime, then tests and tools: name to version, on whatever system."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    parts = text.split("# --- tests and tools\n")
    lines = ([line for line in part.splitlines() if line and line[0] != "#"] for part in parts)
    runtime, tools = (dict(line.split(";")[0].split("==") for line in part) for part in lines)
    return runtime, tools


def _imported(*folders: str) -> set[str]:
    """Distributions whose modules are imported anywhere in the folders."""
    homes = metadata.packages_distributions()
    modules = set()
    paths = [path for folder in folders for path in [*(ROOT / folder).rglob("*.py"), ROOT / folder]]
    for path in paths:
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module)
    tops = {module.split(".")[0] for module in modules}
    return {homes[top][0].lower() for top in tops if top in homes} - {"riskmap"}


def test_the_top_of_the_repository_holds_these_and_no_others() -> None:
    assert {name.split("/")[0] for name in _files()} == TOP


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    assert [name for name, text in _texts() if OWN_MACHINE.search(text)] == []


def test_no_file_names_a_host_outside_the_list() -> None:
    named = {(name, host) for name, text in _texts() for host in ADDRESS.findall(text)}
    assert {(name, host) for name, host in named if host not in HOSTS} == set()


def test_no_file_is_large() -> None:
    assert [name for name in _files() if (ROOT / name).stat().st_size > LARGEST] == []


def test_every_pin_is_exact_and_is_what_runs_here() -> None:
    runtime, tools = _pins()
    assert not set(runtime) & set(tools)
    for name, version in (runtime | tools).items():
        assert metadata.version(name) == version, f"{name}: run `make test`, it installs the pins"


def test_pins_are_above_the_floors_of_known_holes() -> None:
    runtime, _ = _pins()
    for name, floor in FLOORS.items():
        assert tuple(int(part) for part in runtime[name].split(".")) >= floor


def test_what_riskmap_imports_is_pinned_for_running_and_what_is_pinned_is_used() -> None:
    runtime, tools = _pins()
    assert _imported("tests", "benchmarks", "tools") <= set(runtime) | set(tools)
    # Streamlit looks for it by itself
    assert set(runtime) - {"uvloop"} == _imported("riskmap", "app.py")


def test_the_changelog_knows_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(riskmap.__version__)}\n\n- ", text, re.MULTILINE)


def test_the_sample_is_as_published_and_credited(
    sample: Path, shared: Callable[[str], Path]
) -> None:
    assert sample.read_bytes() == shared("liechtenstein-2013-08-03.osm.pbf").read_bytes()
    credit = (sample.parent / "README.md").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors" in credit
    assert "Open Database License 1.0" in credit


def test_make_test_ends_with_the_tests_and_ci_calls_it() -> None:
    environment = {key: value for key, value in os.environ.items() if "MAKE" not in key}
    steps = subprocess.run(
        ["make", "--dry-run", "test"], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    assert steps.index("ruff check") < steps.index("mypy") < steps.index("-m pytest")
    assert "pytest" in steps.splitlines()[-1] or "make" in steps.splitlines()[-1]
    script = ROOT / ".ci" / "run"
    assert "make test" in script.read_text(encoding="utf-8")
    assert script.stat().st_mode & stat.S_IXUSR


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a wheel of this tree into a new environment; what it needs comes from this one."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    venv.create(environment, symlinks=True)
    python = environment / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps",
         "--no-index", "--disable-pip-version-check", str(wheel)],
        check=True,
    )  # fmt: skip
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "parent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    kernel = environment / "share/jupyter/kernels" / KERNEL
    kernel.mkdir(parents=True)
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": KERNEL, "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return environment


def _in_an_empty_folder(installed: Path, folder: Path, *command: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [installed / "bin" / command[0], *command[1:]],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_installed_wheel_checks_its_layers(installed: Path, tmp_path: Path) -> None:
    told = _in_an_empty_folder(installed, tmp_path, "riskmap", "layers", "check")
    assert told.startswith(f"{len(list((ROOT / 'layers').glob('*.toml')))} layers")


def test_an_installed_wheel_maps_its_own_sample(installed: Path, tmp_path: Path) -> None:
    ask = "import riskmap; print(riskmap.__file__); print(riskmap.sample())"
    module, sample = _in_an_empty_folder(installed, tmp_path, "python", "-c", ask).splitlines()
    assert Path(module).is_relative_to(installed)
    assert Path(sample).is_relative_to(installed)
    assert (Path(sample).parent / "README.md").is_file()
    _in_an_empty_folder(installed, tmp_path, "riskmap", "hotspots", sample, "-o", "list.csv")
    _in_an_empty_folder(installed, tmp_path, "riskmap", "map", sample, "-o", "map.html")
    assert {path.name for path in tmp_path.iterdir()} == {"list.csv", "map.html"}


@pytest.mark.parametrize("book", BOOKS, ids=lambda path: path.stem)
def test_an_installed_wheel_runs_the_notebooks_far_from_the_repository(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, book: Path
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("JUPYTER_PATH", str(installed / "share/jupyter"))
    notebook = nbformat.read(book, as_version=4)  # type: ignore[no-untyped-call]
    notebook.cells.append(nbformat.v4.new_code_cell("riskmap.__file__"))  # type: ignore[no-untyped-call]
    place = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name=KERNEL, resources=place).execute()
    *shown, module = (
        cell.outputs for cell in notebook.cells if cell.cell_type == "code" and cell.outputs
    )
    assert Path(ast.literal_eval(module[0]["data"]["text/plain"])).is_relative_to(installed)
    assert len(shown) >= 4
    assert "stderr" not in [output.get("name") for outputs in shown for output in outputs]


def test_an_installed_wheel_carries_every_file_of_the_package(installed: Path) -> None:
    (package,) = installed.glob("lib/python*/site-packages/riskmap")
    expected = {name.removeprefix("riskmap/") for name in _files() if name.startswith("riskmap/")}
    carried = ("layers/", "campaigns/", "data/")
    expected |= {f"_data/{name}" for name in _files() if name.startswith(carried)}
    found = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert {name for name in found if "__pycache__" not in name} == expected


def test_a_wheel_asks_for_the_pins_as_lower_bounds(installed: Path) -> None:
    (text,) = installed.glob("lib/python*/site-packages/riskmap-*.dist-info/METADATA")
    asked = set(re.findall(r"^Requires-Dist: ([^;\n]+)", text.read_text("utf-8"), re.MULTILINE))
    assert asked == {f"{name}>={version}" for name, version in _pins()[0].items()}
