"""The repository's shape, and what a wheel carries."""

import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = {".py", ".toml", ".md", ".sh", ".mjs", ".txt", ""}


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_top_of_the_repository_has_its_fixed_shape() -> None:
    for name in ("app.py", "riskmap", "layers", "data", "tests", "requirements.txt", "LICENSE"):
        assert (ROOT / name).exists()


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    for path in _tracked():
        if path.suffix in TEXT and "vendor" not in path.parts and path != Path(__file__):
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not re.search(r"/(home|root|work|Users)/\w", text), path


def test_every_requirement_is_pinned() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert all(re.fullmatch(r"[\w-]+==[\w.]+", pin) for pin in pins)


def test_a_file_that_git_keeps_is_small() -> None:
    assert all(path.stat().st_size < 2_000_000 for path in _tracked())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an environment with the built wheel; the libraries are this environment's."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    subprocess.run([*build, "-w", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("riskmap-*.whl")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    target = next((folder / "env" / "lib").glob("python*/site-packages"))
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "-q", "--target", str(target)]
    subprocess.run([*install, str(wheel)], check=True)
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (target / "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")
    return python


def test_a_wheel_carries_layers_parameters_sample_and_map(installed: Path, tmp_path: Path) -> None:
    code = (
        "import riskmap; from riskmap.cli import main; "
        "assert '_data' in str(riskmap.sample()), riskmap.sample(); "
        "assert main(['layers', 'check']) == 0; "
        "assert main(['hotspots', str(riskmap.sample()), '-o', 'list.csv']) == 0; "
        "assert main(['map', str(riskmap.sample()), '-o', 'map.html']) == 0"
    )
    subprocess.run([str(installed), "-P", "-c", code], cwd=tmp_path, check=True)
    assert (tmp_path / "list.csv").stat().st_size > 1000
    assert (tmp_path / "map.html").stat().st_size > 100_000
