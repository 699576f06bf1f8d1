"""`riskmap` as a user runs it: a process of its own, in a folder of its own."""

import multiprocessing
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

# A process that has loaded riskmap once and then forks takes a twentieth of the time of a new one.
LOADED = ("riskmap.cli", "riskmap.assessment", "riskmap.export", "riskmap.webmap.folium_map")
PATIENCE_S = 120
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(list(LOADED))


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code (below 0: the signal that ended it), text and files."""

    code: int | None
    said: str
    complained: str
    files: tuple[str, ...]


def run(folder: Path, *arguments: object, largest: int | None = None) -> Done:
    """Run one command in a folder; no file may grow beyond `largest` bytes, as on a full disk."""
    words = [os.fspath(word) if isinstance(word, Path) else str(word) for word in arguments]
    return _done(folder, words, largest)


def run_python(folder: Path, code: str) -> Done:
    """Run a script in a folder."""
    return _done(folder, code)


def _done(folder: Path, task: list[str] | str, largest: int | None = None) -> Done:
    output = [folder.parent / name for name in ("said.txt", "complained.txt")]
    child = _forks.Process(target=_main, args=(folder, task, output, largest, dict(os.environ)))
    # streamlit's tests leave a script of theirs as the main module; no process is to begin with it
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        child.start()
    child.join(PATIENCE_S)
    if child.is_alive():
        child.kill()
        child.join()
    texts = [path.read_text(encoding="utf-8") for path in output]
    return Done(child.exitcode, *texts, tuple(sorted(path.name for path in folder.iterdir())))


def _main(
    folder: Path,
    task: list[str] | str,
    output: list[Path],
    largest: int | None,
    environment: dict[str, str],
) -> None:
    os.environ.update(environment)
    os.chdir(folder)
    for number, path in enumerate(output, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    if largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    if isinstance(task, str):
        exec(compile(task, "<snippet>", "exec"), {"__name__": "__main__"})
        return
    from riskmap.cli import main  # noqa: PLC0415  # loaded already where it is quick

    sys.exit(main(task))
