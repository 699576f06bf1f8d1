"""Tiles are served by ranges to the page's own hosts, and nothing else is served beside them."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from riskmap.webmap import served, tiles

DIGEST = "0123456789abcdef" * 4
CONTENT = bytes(range(256)) * 40
OWN = "http://localhost:8501"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Ask a server with the hosts of `.streamlit/config.toml` that keeps one area."""
    monkeypatch.setenv("RISKMAP_CACHE", str(tmp_path))
    folder = tiles.folder()
    folder.mkdir()
    for ending in ("pmtiles", "roads", "pickle", "part", "pmtiles.part"):
        (folder / f"{DIGEST}.{ending}").write_bytes(CONTENT)
    (folder / "own.pmtiles").write_bytes(CONTENT)
    (tmp_path / f"{DIGEST}.pmtiles").write_bytes(CONTENT)
    (tmp_path / f"{DIGEST[:32]}.pickle").write_bytes(CONTENT)
    return TestClient(Starlette(routes=served.routes()), base_url=OWN)


def test_a_range_is_answered_with_those_bytes(client: TestClient) -> None:
    answer = client.get(f"/area/{DIGEST}.pmtiles", headers={"Range": "bytes=300-499"})
    assert answer.status_code == 206
    assert answer.content == CONTENT[300:500]
    assert answer.headers["content-range"] == f"bytes 300-499/{len(CONTENT)}"


@pytest.mark.parametrize("ending", ["pmtiles", "roads"])
def test_a_whole_file_is_kept_by_the_browser_and_by_no_other_page(
    client: TestClient, ending: str
) -> None:
    answer = client.get(f"/area/{DIGEST}.{ending}", headers={"Origin": "http://evil.example"})
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_file_that_was_used_again_is_still_the_same(client: TestClient) -> None:
    first = client.get(f"/area/{DIGEST}.pmtiles").headers["etag"]
    (tiles.folder() / f"{DIGEST}.pmtiles").touch()
    assert client.get(f"/area/{DIGEST}.pmtiles").headers["etag"] == first


@pytest.mark.parametrize(
    "name",
    [
        f"{DIGEST}.pickle",
        f"{DIGEST}.part",
        f"{DIGEST}.pmtiles.part",
        f"{DIGEST}.toml",
        DIGEST,
        "own.pmtiles",
        f"{DIGEST.upper()}.pmtiles",
        f"{DIGEST[:-1]}.pmtiles",
        f"{'0' * 64}.pmtiles",
        f"{DIGEST}%0a.pmtiles",
        f"%2e%2e/{DIGEST}.pmtiles",
        f"..%2f{DIGEST}.pmtiles",
        f"..%5c{DIGEST}.pmtiles",
        f"x/../../{DIGEST}.pmtiles",
        "%2fetc%2fpasswd.roads",
    ],
)
def test_nothing_else_can_be_asked_for(client: TestClient, name: str) -> None:
    assert client.get(f"/area/{name}").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil", ""])
def test_a_name_that_is_not_ours_gets_nothing(client: TestClient, host: str) -> None:
    answer = client.get(f"/area/{DIGEST}.pmtiles", headers={"Host": host})
    assert answer.status_code == 403
    assert not answer.content


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_file_can_only_be_read(client: TestClient, method: str) -> None:
    assert client.request(method, f"/area/{DIGEST}.pmtiles").status_code == 405


def test_the_addresses_follow_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlit.get_option", {"server.baseUrlPath": "/maps/"}.get)
    assert [route.path for route in served.routes()] == [
        "/maps/area/{digest}.pmtiles", "/maps/area/{digest}.roads",
    ]  # fmt: skip
