"""`--headers` and `--coords`: in what terms a command writes its files."""

from __future__ import annotations

import argparse
from pathlib import Path

from riskmap import export, list_terms
from riskmap.errors import RiskmapError
from riskmap.list_terms import HEADERS, SYSTEMS, Terms


def of(options: argparse.Namespace) -> Terms:
    """Give the terms that are asked for."""
    return Terms(headers=options.headers or HEADERS[0], coords=options.coords)


def check(options: argparse.Namespace) -> Terms:
    """Refuse what cannot be written, before long work begins; give the terms of what can."""
    terms = of(options)
    list_terms.check(**terms)
    lists = [getattr(options, name, None) for name in ("output", "density")]
    reports = [getattr(options, "report", None)]
    if options.reports:
        reports.append(lists.pop(0))
    for path in filter(None, lists):
        export.check_target(path, **terms)
    for path in filter(None, reports):
        export.check_report(Path(path))
    if not any((*lists, *reports)):
        _nothing(options)
    return terms


def _nothing(options: argparse.Namespace) -> None:
    """Refuse terms of a file where none is written."""
    for name, usual in (("headers", (None, HEADERS[0])), ("coords", tuple(SYSTEMS)[:1])):
        value = getattr(options, name)
        if value not in usual:
            raise RiskmapError(f"--{name} {value}: of what file? add -o FILE")
