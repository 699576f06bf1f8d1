"""Documents as PDF, set by typst from a template and the words as data."""

from __future__ import annotations

import json
import os
import re
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typst

from riskmap.documents import fonts
from riskmap.documents.content import Document, plain
from riskmap.errors import RiskmapError

_PLACE = re.compile(r"┌─ .*?([^/\\\s]+\.typ):(\d+):\d+")
_RARE = re.compile("[\u0700-\u1cff\ua000-\uabff\U00010000-\U0010ffff]")
"""What typst's own fonts lack: scripts of Asia but Arabic, and all beyond the first plane."""
_NOWHERE = {
    **dict.fromkeys(("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"), "http://127.0.0.1:9"),
    **dict.fromkeys(("no_proxy", "NO_PROXY"), ""),
}
"""A proxy that nobody runs: what goes that way arrives nowhere."""
_ONE_AT_A_TIME = threading.Lock()


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
    data = _RARE.sub(
        _coded, json.dumps({"documents": [plain(own) for own in documents]}, ensure_ascii=False)
    )
    with tempfile.TemporaryDirectory() as nothing, _alone():
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


@contextmanager
def _alone() -> Iterator[None]:
    """While typst works: it would fetch packages, and knows no other way to forbid it."""
    with _ONE_AT_A_TIME:
        before = {name: os.environ.get(name) for name in _NOWHERE}
        os.environ.update(_NOWHERE)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def _told(templates: Path, main: Path, fault: typst.TypstError) -> str:
    place = _PLACE.search(fault.diagnostic)
    where = f"{templates / place[1]}:{place[2]}" if place else str(main)
    if fault.message.startswith("failed to download package"):
        return (
            f"{where}: packages would be loaded from the internet and are not; put what it needs "
            "into the folder of templates"
        )
    hints = "".join(f"; {hint}" for hint in fault.hints)
    return f"{where}: {fault.message}{hints}; mend the template"
