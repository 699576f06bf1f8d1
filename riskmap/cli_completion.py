"""`riskmap completion`: a script that completes commands, options, files and folders in a shell."""

from __future__ import annotations

import argparse

import shtab

from riskmap.cli_manners import answer, commands

FILES = ("AREA", "EXTRACT", "FILE", "LIST", "LOG", "PATH", "REGISTER")
FOLDERS = ("DIR",)
"""What a command is given where its help says so."""


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Print the script; it asks nothing of riskmap when it is used."""
    for command in commands(parser):
        for action in command._actions:  # noqa: SLF001  # argparse names no other way
            if action.metavar in FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]  # so shtab wants it
            elif action.metavar in FOLDERS:
                action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]  # as above
    script = shtab.complete(parser, shell=options.shell)
    return answer(options, {"shell": options.shell, "script": script}, script)
