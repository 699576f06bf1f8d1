"""`streamlit run app.py` serves tiles beside the page."""

from contextlib import closing
from http.client import HTTPConnection

import pytest


@pytest.mark.parametrize(("host", "status"), [("localhost", 404), ("evil.example", 403)])
def test_the_page_answers_for_tiles(server: str, host: str, status: int) -> None:
    # what no route takes, the page itself answers with 200
    with closing(HTTPConnection(server.removeprefix("http://"), timeout=20)) as connection:
        connection.request("GET", f"/area/{'0' * 64}.pmtiles", headers={"Host": host})
        answer = connection.getresponse()
        assert answer.status == status
        assert answer.headers["access-control-allow-origin"] is None
        answer.read()
