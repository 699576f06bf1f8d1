"""
Addresses beside the page at which the browser fetches tiles, in the ranges that it needs.

Two kinds of file, named by their content, of what anyone may see: nothing else can be asked for.
"""

import re

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from riskmap.webmap import tiles

TYPES = {"pmtiles": "application/vnd.pmtiles", "ends": "application/octet-stream"}
"""Ending of a file → its media type."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def routes() -> list[Route]:
    """List the addresses: `/area/` and the digest of an area's content."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    start = f"/{base}/area" if base else "/area"
    return [Route(f"{start}/{{digest}}.{ending}", _answer, name=ending) for ending in TYPES]


def _answer(request: Request) -> Response:
    # Without it a foreign page whose name was made to point here could read what is kept.
    if not is_host_allowed(request.headers.get("host")):
        return Response(status_code=403)
    digest = request.path_params["digest"]
    ending = request.url.path.rpartition(".")[2]
    if not _DIGEST.fullmatch(digest):
        return Response(status_code=404)
    path = tiles.folder() / f"{digest}.{ending}"
    if not path.is_file():
        return Response(status_code=404)
    # The content is in the name; the time of the file only tells when it was used last.
    return FileResponse(
        path, media_type=TYPES[ending], headers={**_HEADERS, "ETag": f'"{digest}"'}
    )
