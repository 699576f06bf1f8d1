"""Documents as one HTML file that needs nothing else and asks nobody for anything."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from riskmap.documents import fonts
from riskmap.documents.content import Document, letters, plain
from riskmap.errors import RiskmapError


def render(documents: Sequence[Document], templates: Path) -> bytes:
    """
    Fill `KIND.html` of a folder of templates; every word is escaped.

    Raises
    ------
    RiskmapError
        A template that is missing or wrong, with its line.
    """
    main = f"{documents[0].kind}.html"
    # a template may come from elsewhere: it sees the words and nothing of Python
    rooms = SandboxedEnvironment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        loader=jinja2.FileSystemLoader(templates),
    )  # fmt: skip
    ascii_ = "".join(map(chr, range(0x20, 0x7F)))
    told = "".join(sorted({*letters(documents), *ascii_, "□", "·", "—"}))
    data = [plain(own) for own in documents]
    try:
        page = rooms.get_template(main).render(
            documents=data, font=lambda family: fonts.part(family, told)
        )
    except jinja2.TemplateNotFound as fault:
        path = templates / str(fault.name)
        raise RiskmapError(f"{path}: no such template; get it with `riskmap templates`") from fault
    except jinja2.TemplateSyntaxError as fault:
        path = templates / (fault.name or main)
        raise RiskmapError(f"{path}:{fault.lineno}: {fault.message}; mend the template") from fault
    except Exception as fault:  # whatever a template does wrong is told with its line
        raise RiskmapError(_told(templates, main, fault)) from fault
    return page.encode("utf-8")


def _told(templates: Path, main: str, fault: Exception) -> str:
    frames = [
        frame for frame in traceback.extract_tb(fault.__traceback__)
        if Path(frame.filename).parent == templates
    ]  # fmt: skip
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else str(templates / main)
    return f"{where}: {fault}; mend the template"
