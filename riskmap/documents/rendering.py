"""Documents as files: one PDF or one HTML file, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from riskmap import export
from riskmap.documents import html, pdf
from riskmap.documents.content import (
    Document,
    Fields,
    Heading,
    Items,
    Paragraph,
    Picture,
    Signature,
    Table,
)
from riskmap.errors import RiskmapError

TEMPLATES = Path(__file__).with_name("templates")
"""The templates that riskmap brings."""
KINDS = ("briefing", "holiday", "duty", "referral", "school", "education", "notice")
WRITERS = {".pdf": pdf.render, ".html": html.render}
"""Ending of a file → how it is made."""


def render(documents: Sequence[Document], suffix: str, templates: Path | None = None) -> bytes:
    """
    Make one file of documents of one kind, each on pages of its own.

    Parameters
    ----------
    documents
        At least one.
    suffix
        One of `WRITERS`.
    templates
        Folder of templates, all of them that a kind needs; None takes those that riskmap brings.

    Raises
    ------
    RiskmapError
        A template that cannot be used, with its line.
    """
    folder = templates or TEMPLATES
    if not folder.is_dir():
        raise RiskmapError(f"--templates {folder}: is no folder; make it with `riskmap templates`")
    return WRITERS[suffix](documents, folder)


def fault(kind: str, templates: Path) -> str:
    """Say what is wrong with the templates of a kind, "" if nothing: try every block."""
    picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9"/>'
    tried = Document(
        kind=kind, lang="zh", name=kind, title=kind, unit=kind,
        blocks=(
            Heading(kind), Paragraph(kind), Items((kind,), boxes=True), Signature((kind, "")),
            Table((kind,), ((kind,),), (1.0,)), Fields(((kind, ""),)), Picture(picture, kind),
        ),
        words={"page": ["", "", ""]},
    )  # fmt: skip
    try:
        for suffix in WRITERS:
            render([tried], suffix, templates)
    except RiskmapError as wrong:
        return str(wrong)
    return ""


def write(documents: Sequence[Document], path: str | Path, templates: Path | None = None) -> None:
    """Write documents to one file by its ending, whole or not at all."""
    path = Path(path)
    check(path)
    export.write_bytes(path, render(documents, path.suffix.lower(), templates))


def check(path: Path) -> None:
    """Refuse an ending that is no document, or a place that cannot be written."""
    if path.suffix.lower() not in WRITERS:
        raise RiskmapError(f"{path}: a document is written as {' or '.join(WRITERS)}; name it so")
    export.check_folder(path)


def copy_templates(folder: Path) -> list[Path]:
    """
    Copy the templates out for editing; what is there already stays.

    Returns
    -------
    The files that were written.

    Raises
    ------
    RiskmapError
        A folder that is a file or cannot be written.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in sorted(TEMPLATES.iterdir()):
            target = folder / source.name
            if not target.exists():
                shutil.copyfile(source, target)
                written.append(target)
    except OSError as fault:
        raise RiskmapError(
            f"{folder}: cannot be written ({fault.strerror}); name another folder"
        ) from fault
    return written
