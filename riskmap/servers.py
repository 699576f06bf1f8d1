"""OpenStreetMap's servers, asked through osmnx and politely: by name, with an end, growing pauses.

The addresses stand here and nowhere else. None comes from a file, an upload or an answer.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import geopandas as gpd
import osmnx
import requests
import shapely

from riskmap import __version__
from riskmap.errors import RiskmapError
from riskmap.passes import Wanted

Progress = Callable[[str, float], None]
Result = TypeVar("Result")

PLACES_HOST, ROADS_HOST = "nominatim.openstreetmap.org", "overpass-api.de"
PLACES = "https://nominatim.openstreetmap.org"
ROADS = "https://overpass-api.de/api"
LOOPBACK = "RISKMAP_FETCH"
"""Environment variable for tests: a server on this machine, asked instead of both."""
AGENT = f"riskmap/{__version__} (road risk of a county, through osmnx; asks once for each)"
QUERY_S = 180
"""That long a server may work on a question."""
CONNECT_S, SILENT_S, LONGEST_S = 10.0, 200.0, 900.0
"""How long a server may take to connect, to say a word, and to say everything."""
WAITS_S = (5.0, 20.0, 60.0)
"""Before the second, third and last try; a server may ask for more, up to `LONGEST_WAIT_S`."""
LONGEST_WAIT_S = 120.0
LARGEST = 400_000_000
"""Bytes of an answer; read, it takes some ten times that."""
PIECE_M2 = 5e9
"""A larger area is asked for in pieces, one after the other."""
BUSY = frozenset({429, 502, 503, 504})
BLOCK = 1 << 18
OFFLINE = (
    "without internet get an extract on another machine, for example of your province from "
    "download.geofabrik.de, and run `riskmap init EXTRACT -o area.toml`"
)
_REMARK = re.compile(rb'\]\s*,\s*"remark"\s*:\s*"((?:[^"\\]|\\.)*)"\s*\}\s*$')
_ONE_AT_A_TIME = threading.Lock()


class _LaterError(Exception):
    """What may go well a little later."""

    def __init__(self, why: str, after_s: float = 0.0) -> None:
        super().__init__(why)
        self.after_s = after_s


class Servers:
    """
    Both servers, for one place.

    osmnx keeps its settings, and the way a host is looked up, for the whole process: they are
    changed between `with` and its end, and put back.
    """

    def __init__(self, folder: Path, tell: Progress) -> None:
        self.folder = folder
        self.tell = tell
        self.host = ""
        self.said = b""
        places, roads, more = PLACES, ROADS, {}
        if own := os.environ.get(LOOPBACK):
            places = roads = _loopback(own)
            more["proxies"] = {"http": ""}  # none stands between a machine and itself
        self.settings: Mapping[str, Any] = {
            "nominatim_url": places, "nominatim_key": None, "overpass_url": roads,
            "http_user_agent": AGENT, "http_referer": AGENT, "http_accept_language": "zh,en",
            "doh_url_template": None,  # nobody else is asked where a server is
            "overpass_rate_limit": False,  # it waits without an end; `_patient` does not
            "overpass_settings": f"[out:json][timeout:{QUERY_S}]",
            "overpass_memory": None, "max_query_area_size": PIECE_M2,
            "requests_timeout": (CONNECT_S, SILENT_S),
            "requests_kwargs": {
                # where an answer would lead is not followed
                "allow_redirects": False, "hooks": {"response": [self._received]}, **more,
            },
            # the answers are what is wanted, not what osmnx makes of them
            "use_cache": True, "cache_folder": folder, "cache_only_mode": True,
        }  # fmt: skip

    def __enter__(self) -> Self:
        """Begin."""
        _ONE_AT_A_TIME.acquire()
        self._before = {name: getattr(osmnx.settings, name) for name in self.settings}
        self._lookup = socket.getaddrinfo
        for name, value in self.settings.items():
            setattr(osmnx.settings, name, value)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave osmnx as it was."""
        for name, value in self._before.items():
            setattr(osmnx.settings, name, value)
        socket.getaddrinfo = self._lookup
        _ONE_AT_A_TIME.release()

    def place(self, name: str) -> gpd.GeoDataFrame:
        """
        Ask Nominatim for the likeliest place of a name that has an area; `said` is its answer.

        Raises
        ------
        RiskmapError
            A server that cannot be reached, stays busy, refuses, or answers too much.
        ValueError, TypeError, KeyError
            No such place, none with an area, or an answer that makes no sense.
        """
        osmnx.settings.use_cache = False
        return self._patient(PLACES_HOST, lambda: osmnx.geocoder.geocode_to_gdf(name))

    def features(self, area: shapely.Polygon, wanted: Wanted) -> list[Path]:
        """
        Ask Overpass for all with some tags in an area; the answers, with all tags, are in files.

        Raises
        ------
        RiskmapError
            As of `place`; and an answer that is not whole, or no OpenStreetMap data, to the end.
        """
        tags: dict[str, bool | str | list[str]] = {
            key: True if values is None else sorted(values) for key, values in wanted.items()
        }
        osmnx.settings.use_cache = True

        def ask() -> None:
            try:
                osmnx.features.features_from_polygon(area, tags)
            except InterruptedError:
                return  # so it says that all is in the files
            except ValueError as fault:
                raise _LaterError("answered what is not OpenStreetMap data") from fault

        # what an earlier try brought is in its file, and not asked for again
        self._patient(ROADS_HOST, ask)
        return sorted(self.folder.glob("*.json"))

    def _patient(self, host: str, ask: Callable[[], Result]) -> Result:
        """Ask until there is an answer, with growing pauses, and not for ever."""
        self.host = host
        for pause in WAITS_S:
            try:
                return self._once(ask)
            except _LaterError as fault:
                self.tell("wait", 0.1)
                time.sleep(min(max(pause, fault.after_s), LONGEST_WAIT_S))
        try:
            return self._once(ask)
        except _LaterError as fault:
            raise RiskmapError(
                f"fetch: {host} {fault}, {len(WAITS_S) + 1} times; try again in an hour or with a "
                f"smaller place, or {OFFLINE}"
            ) from fault

    def _once(self, ask: Callable[[], Result]) -> Result:
        try:
            return ask()
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError) as fault:
            raise _unreachable(self.host, fault) from fault
        except requests.exceptions.Timeout as fault:
            raise _LaterError("did not answer in time") from fault
        except requests.exceptions.ConnectionError as fault:
            # urllib3 gives a reason where no connection was made at all
            if getattr(fault.args[0], "reason", None) is not None:
                raise _unreachable(self.host, fault) from fault
            raise _LaterError("broke off") from fault
        except requests.exceptions.RequestException as fault:
            raise _LaterError("broke off") from fault

    def _received(self, answer: requests.Response, **_: object) -> requests.Response:
        """Look at an answer before osmnx does: it would wait for a busy server without an end."""
        with answer:
            self.said = said = self._whole(answer)
        if remark := _REMARK.search(said, max(len(said) - 4096, 0)):
            why = " ".join(remark[1].decode("utf-8", "replace")[:200].split())
            raise _LaterError(f"gave up ({''.join(char for char in why if char.isprintable())})")
        whole = requests.Response()
        whole.status_code, whole.reason, whole.url = answer.status_code, answer.reason, answer.url
        whole.encoding, whole.raw = "utf-8", BytesIO(said)
        return whole

    def _whole(self, answer: requests.Response) -> bytes:
        if answer.status_code in BUSY:
            raise _LaterError(f"is busy ({answer.status_code})", _seconds(answer.headers))
        if answer.status_code != requests.codes.ok:
            raise RiskmapError(
                f"fetch: {self.host} refused ({answer.status_code}); try again in an hour, or "
                f"{OFFLINE}"
            )
        began, blocks, size = time.monotonic(), [], 0
        for block in answer.iter_content(BLOCK):
            blocks.append(block)
            size += len(block)
            if self.host == ROADS_HOST:
                self.tell("load", 0.5)
            if size > LARGEST:
                raise RiskmapError(
                    f"fetch: {self.host} answers more than {LARGEST / 1e6:,.0f} MB; name a "
                    f"smaller place, or {OFFLINE}"
                )
            if time.monotonic() - began > LONGEST_S:
                raise _LaterError("did not come to an end")
        return b"".join(blocks)


def _unreachable(host: str, fault: Exception) -> RiskmapError:
    kinds = {"ConnectTimeout": "no answer", "SSLError": "its certificate is not trusted"}
    why = kinds.get(type(fault).__name__, "no connection")
    return RiskmapError(f"fetch: cannot reach {host} ({why}); {OFFLINE}")


def _seconds(headers: Mapping[str, str]) -> float:
    """How long a busy server asks to wait."""
    stated = headers.get("Retry-After", "")
    return float(stated) if stated.isascii() and stated.isdigit() else 0.0


def _loopback(address: str) -> str:
    try:
        parts = urlsplit(address)
        own = parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        own = False
    if not own:
        raise RiskmapError(
            f"{LOOPBACK}: is for tests, of a server on this machine (http and a loopback address); "
            "unset it"
        )
    return address.rstrip("/")
