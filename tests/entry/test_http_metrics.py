"""
What operators see of a server: figures, and logs by which a request is found again.
"""

from __future__ import annotations

import logging
import re

import pytest

from calndro.entry.http.logs import PlainLines
from tests.entry.http_site import ROOT, YOU, Site


def test_without_the_setting_there_are_no_figures() -> None:
    """
    Nobody learns figures that the operator did not turn on.
    """
    assert Site().ask("GET", "/metrics").status_code == 404


def test_figures() -> None:
    """
    Requests are counted by route, method and status, with the time they took.
    """
    site = Site(tells_metrics=True)
    event = site.propose()
    for _ in range(3):
        site.ask("GET", event["url"], YOU)
    site.ask("GET", "/1/?et=" + "0" * 40)
    site.ask("ZAP", "/nowhere")
    for path in ("/users/", "/admin/users/", "/admin/users/", "/admin/nowhere", "/docs/docs.css"):
        site.ask("GET", path, ROOT)
    answer = site.ask("GET", "/metrics")

    assert answer.headers["Content-Type"].startswith("text/plain")
    text = answer.text
    assert 'calndro_requests_total{method="GET",route="/{id:event}/",status="200"} 3.0' in text
    assert 'calndro_requests_total{method="GET",route="/{id:event}/",status="401"} 1.0' in text
    assert 'calndro_request_seconds_count{method="GET",route="/{id:event}/"} 4.0' in text
    for route, status, count in (
        ("/users/", 200, 1),
        ("/admin/users/", 200, 2),
        ("/admin", 404, 1),
        ("/docs/{name:path}", 200, 1),
    ):
        labels = f'method="GET",route="{route}",status="{status}"'
        assert f"calndro_requests_total{{{labels}}} {count}.0" in text
    assert 'method="other"' in text
    assert "calndro_letters_waiting 0.0" in text
    assert "0" * 40 not in text
    assert "nowhere" not in text


@pytest.mark.parametrize("given", ["0123456789abcdef", "a.b-c_d-e"])
def test_a_sane_request_id_is_taken(given: str, caplog: pytest.LogCaptureFixture) -> None:
    """
    The name that a proxy gave a request is in the answer and in the log.
    """
    with caplog.at_level(logging.INFO, "calndro.access"):
        answer = Site().ask("GET", "/healthz", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] == given
    assert [vars(record)["request"] for record in caplog.records] == [given]


@pytest.mark.parametrize("given", ["", "short", "a b c d e f", "x" * 129, "f" * 40, "a\tb<script>"])
def test_another_request_id_is_made(given: str) -> None:
    """
    What could be no name, or a secret, is replaced by one of our own; each is another.
    """
    site = Site()
    made = {
        site.ask("GET", "/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]
        for _ in range(2)
    }

    assert len(made) == 2
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in made)


def test_lines_for_people() -> None:
    """
    A line tells when, how grave, what, and the facts beside it; below it what went wrong.
    """
    facts = {"name": "x", "levelname": "INFO", "msg": "GET %s", "args": ("/",), "created": 0.0}
    record = logging.makeLogRecord({**facts, "status": 200})

    assert PlainLines().format(record) == "1970-01-01T00:00:00.000000Z info GET / status=200"
    record.exc_info = (ValueError, ValueError("wrong"), None)
    assert PlainLines().format(record).endswith("ValueError: wrong")
