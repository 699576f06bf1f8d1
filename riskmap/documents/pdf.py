"""Documents as PDF, set by typst from a template and the words as data."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typst

from riskmap.documents import fonts
from riskmap.documents.content import Document, plain
from riskmap.errors import RiskmapError

_PLACE = re.compile(r"┌─ .*?([^/\\\s]+\.typ):(\d+):\d+")
_RARE = re.compile("[\U00010000-\U0010ffff]")
_PACKAGE = re.compile(r"@\w+/")
"""What would make typst ask the internet."""


def render(documents: Sequence[Document], templates: Path) -> bytes:
    """
    Set documents of one kind by `KIND.typ` of a folder of templates.

    No word of a document becomes markup: the template gets them as JSON. It can read what lies in
    its folder and nothing else, and it gets no packages.

    Raises
    ------
    RiskmapError
        A template that is missing or wrong, with its line.
    """
    main = templates / f"{documents[0].kind}.typ"
    if not main.is_file():
        raise RiskmapError(f"{main}: no such template; get it with `riskmap templates`")
    _check_packages(templates)
    data = _RARE.sub(
        _coded, json.dumps({"documents": [plain(own) for own in documents]}, ensure_ascii=False)
    )
    with tempfile.TemporaryDirectory() as nothing:
        try:
            compiler = typst.Compiler(
                str(main.resolve()), root=str(templates.resolve()), font_paths=_fonts(),
                package_path=nothing, package_cache_path=nothing,
            )
            made, _ = compiler.compile_with_warnings(
                format="pdf", sys_inputs={"data": data},
                timestamp=datetime.now(UTC).replace(microsecond=0),
            )
        except typst.TypstError as fault:
            raise RiskmapError(_told(templates, main, fault)) from fault
    return bytes(made) if isinstance(made, bytes) else b"".join(made or [])


def _coded(char: re.Match[str]) -> str:
    """A character that no font has, by its number: an empty box would lose it."""
    return char[0] if ord(char[0]) in fonts.known() else f"[U+{ord(char[0]):X}]"


def _fonts() -> typst.Fonts:
    # not those of the machine: the same document looks the same everywhere
    return typst.Fonts(include_system_fonts=False, font_paths=[str(fonts.folder())])


def _check_packages(templates: Path) -> None:
    for path in sorted(templates.glob("*.typ")):
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if _PACKAGE.search(line):
                raise RiskmapError(
                    f"{path}:{number}: packages would be loaded from the internet and are not; "
                    "put what it needs into the folder of templates"
                )


def _told(templates: Path, main: Path, fault: typst.TypstError) -> str:
    place = _PLACE.search(fault.diagnostic)
    where = f"{templates / place[1]}:{place[2]}" if place else str(main)
    hints = "".join(f"; {hint}" for hint in fault.hints)
    return f"{where}: {fault.message}{hints}; mend the template"
