"""What all commands have in common: what they say, how loudly, and where their file goes."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from riskmap.cli_examples import EXAMPLES
from riskmap.errors import RiskmapError
from riskmap.locale import text

Progress = Callable[[str, float], None]

STDOUT = Path("-")
BINARY = ("xlsx", "gpkg", "parquet", "pbf", "gz", "bz2", "kmz", "zip", "pdf")


def commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Give every command that can be run, those below others too."""
    below = [own for own in parser._actions if isinstance(own, argparse._SubParsersAction)]  # noqa: SLF001  # argparse names no other way
    if not below:
        yield parser
    for action in below:
        for command in action.choices.values():
            yield from commands(command)


def teach(parser: argparse.ArgumentParser) -> None:
    """Give every command the options that all have, and its examples."""
    for command in commands(parser):
        known = command._option_string_actions  # noqa: SLF001  # as above
        if "--json" not in known:
            command.add_argument("--json", action="store_true", help="print JSON")
        written = known.get("--output")
        if written and written.metavar == "DIR":
            command.set_defaults(printed="")
        elif written:
            command.add_argument(
                "--format", metavar="ENDING", help="of `-o -`, standard output: csv, geojson, …"
            )
        loud = command.add_mutually_exclusive_group()
        loud.add_argument(
            "-q", "--quiet", action="store_true", help="no notes, no progress, no summary of a file"
        )
        loud.add_argument(
            "--verbose", action="store_true", help="each stage with its time; where a fault is from"
        )
        lines = EXAMPLES.get(command.prog.split(" ", 1)[1], ())
        command.epilog = "\n".join(["examples:", *(f"  riskmap {line}" for line in lines)])
        command.formatter_class = argparse.RawDescriptionHelpFormatter


def run(options: argparse.Namespace) -> int:
    """
    Run a command as loudly as asked; with `-o -` its file goes to standard output.

    Raises
    ------
    RiskmapError
        Options that do not go together, and whatever the command refuses.
    """
    output = getattr(options, "output", None)
    options.printing = output == STDOUT
    if getattr(options, "format", None) and output != STDOUT:
        raise RiskmapError(
            f"--format {options.format}: goes with `-o -`; a file's ending names its format"
        )
    with ExitStack() as quiet:
        if options.quiet:
            quiet.enter_context(redirect_stderr(StringIO()))
        if options.printing:
            return _to_stdout(options)
        if options.quiet and output and not options.json:
            quiet.enter_context(redirect_stdout(StringIO()))
        return int(options.run(options))


def _to_stdout(options: argparse.Namespace) -> int:
    """Write the file elsewhere first: half of one is never printed."""
    if options.json:
        raise RiskmapError("--json and -o -: both are printed; leave one of them out")
    asked = getattr(options, "format", None) or getattr(options, "printed", "csv")
    ending = str(asked).lstrip(".")
    if not ending:
        raise RiskmapError("-o -: several files are written; name a folder for them")
    if ending.rpartition(".")[2] in BINARY and sys.stdout and sys.stdout.isatty():
        raise RiskmapError(f"-o -: no terminal can show .{ending}; name a file, or pipe it on")
    with tempfile.TemporaryDirectory(prefix="riskmap-") as folder:
        options.output = Path(folder) / f"riskmap.{ending}"
        try:
            with redirect_stdout(StringIO()):
                code = int(options.run(options))
        except RiskmapError as fault:
            said = str(fault).replace(str(options.output), "standard output")
            raise RiskmapError(said) from fault
        if sys.stdout and options.output.exists():
            sys.stdout.flush()
            sys.stdout.buffer.write(options.output.read_bytes())
            sys.stdout.buffer.flush()
    return code


def answer(options: argparse.Namespace, told: Mapping[str, Any], *lines: str) -> int:
    """Print what a command has to say: JSON for machines if asked, else lines; exit code 0."""
    print(json.dumps(told, ensure_ascii=False) if options.json else "\n".join(lines))
    return 0


# --- progress ----------------------------------------------------------------------------------


def watch(options: argparse.Namespace) -> Progress | None:
    """Tell how far the work is: on a terminal in one line, with --verbose in a line a stage."""
    if options.verbose:
        return _Stages()
    return _progress if _watched() else None


class _Stages:
    """Says each stage once, with the seconds since the first."""

    def __init__(self) -> None:
        self.began, self.last = time.monotonic(), ""

    def __call__(self, stage: str, _: float) -> None:
        if stage != self.last:
            said = text(f"stage.{stage}", "en")
            print(f"riskmap: {time.monotonic() - self.began:7.2f} s  {said}", file=sys.stderr)
        self.last = stage


def _watched() -> bool:
    return bool(sys.stderr) and sys.stderr.isatty()


def _progress(stage: str, done: float) -> None:
    said = text(f"stage.{stage}", "en")
    print(f"\r\033[K{done:4.0%} {said}", end="", file=sys.stderr, flush=True)


def end_progress() -> None:
    """Clear the line of progress."""
    if _watched():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
