"""A server on this machine that answers like Nominatim and Overpass, as a test prepares it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from town import degrees

OUTLINE = {
    "type": "Polygon",
    "coordinates": [[[9.4, 47.0], [9.6, 47.0], [9.6, 47.2], [9.4, 47.2], [9.4, 47.0]]],
}
TOWN = {
    "osm_type": "relation", "osm_id": 1155955, "display_name": "Town, Land", "class": "boundary",
    "type": "administrative", "importance": 0.5, "lat": "47.1", "lon": "9.5",
    "boundingbox": ["47.0", "47.2", "9.4", "9.6"], "geojson": OUTLINE,
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What one request gets; `cut` sends less than is promised, `late` is waited for first."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    late: threading.Event | None = None


@dataclass(frozen=True)
class Asked:
    """What a request said."""

    path: str
    agent: str
    form: dict[str, str]


@dataclass
class Prepared:
    """Answers of both servers, in turn; the last one is repeated."""

    places: list[Answer]
    roads: list[Answer]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""


def places(*rows: Any) -> Answer:
    """Answer like Nominatim."""
    return Answer(json.dumps(list(rows)).encode())


def roads(
    nodes: Mapping[int, Any], ways: Mapping[int, Any], areas: Mapping[int, Any], date: str = ""
) -> bytes:
    """Answer like Overpass, of what `town.write` takes."""
    rows: list[dict[str, Any]] = []
    for node, (x, y, *tags) in nodes.items():
        lon, lat = degrees(x, y)
        rows.append({"type": "node", "id": node, "lat": lat, "lon": lon, **_tagged(*tags)})
    for way, (refs, tags) in ways.items():
        rows.append({"type": "way", "id": way, "nodes": list(refs), **_tagged(tags)})
    kinds = {"n": "node", "w": "way", "r": "relation"}
    for area, (members, tags) in areas.items():
        own = [{"type": kinds[kind], "ref": ref, "role": role} for kind, ref, role in members]
        rows.append({"type": "relation", "id": area, "members": own, **_tagged(tags)})
    told = {"version": 0.6, "osm3s": {"timestamp_osm_base": date}, "elements": rows}
    return json.dumps(told, indent=1).encode()


def _tagged(tags: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    return {"tags": dict(tags)} if tags else {}


@contextmanager
def answering(prepared: Prepared) -> Iterator[Prepared]:
    """Serve on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(prepared.places, urlsplit(self.path).query)

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self._reply(prepared.roads, self.rfile.read(length).decode())

        def _reply(self, answers: list[Answer], form: str) -> None:
            told = {key: values[0] for key, values in parse_qs(form).items()}
            path = urlsplit(self.path).path
            prepared.asked.append(Asked(path, self.headers["User-Agent"], told))
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if answer.late:
                answer.late.wait(20)
            with suppress(ConnectionError):  # who asked may be gone
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                half = len(answer.body) // 2
                self.wfile.write(answer.body[:half] if answer.cut else answer.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        prepared.url = f"http://127.0.0.1:{server.server_port}"
        yield prepared
        server.shutdown()
        thread.join()
