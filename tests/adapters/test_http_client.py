"""
The coordinator over HTTP: what it sends again, and what it makes of odd answers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx2
import pytest

from calndro.adapters.http_client import HttpCoordinator, server
from calndro.adapters.memory import MemorySecrets
from calndro.core.errors import GoneError, InvalidInputError, StorageError


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


GONE = {"type": "urn:calndro:problem:gone", "detail": "gone", "event_id": 7}


class Line:
    """
    A server that answers by a script, and notes what it was asked.

    Args:
        script: Statuses, or None for a connection that breaks.
        body: Of every answer.
    """

    def __init__(self, *script: int | None, body: object = GONE) -> None:
        self.script = list(script)
        self.asked: list[httpx2.Request] = []
        self.body = body
        self.desk = HttpCoordinator(
            "http://calndro.here.net/", "Token x", MemorySecrets(), httpx2.MockTransport(self.say)
        )

    def say(self, request: httpx2.Request) -> httpx2.Response:
        """
        Answer the next request.
        """
        self.asked.append(request)
        status = self.script.pop(0)
        if status is None:
            message = "broken"
            raise httpx2.ReadError(message)
        if isinstance(self.body, str):
            return httpx2.Response(status, text=self.body)
        return httpx2.Response(status, json=self.body)

    def keys(self) -> Iterable[str | None]:
        """
        List the idempotency keys that came.
        """
        return [request.headers.get("Idempotency-Key") for request in self.asked]


@pytest.fixture(autouse=True)
def _without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "sleep", lambda _seconds: None)


@pytest.mark.parametrize("first", [None, 502, 503, 504])
def test_what_may_not_have_arrived_is_sent_again_under_its_key(first: int | None) -> None:
    """
    A change is sent again as it was, with the same key and body.
    """
    line = Line(first, 410)

    with pytest.raises(GoneError):
        line.desk.retitle(7, "Tea")
    assert len(set(line.keys())) == 1
    assert line.asked[0].content == line.asked[1].content
    assert json.loads(line.asked[0].content) == {"title": "Tea"}


def test_two_requests_have_two_keys() -> None:
    """
    Each change has a key of its own; reading has none.
    """
    line = Line(410, 410, 410)
    with pytest.raises(GoneError):
        line.desk.retitle(7, "x")
    with pytest.raises(GoneError):
        line.desk.retitle(7, "x")
    with pytest.raises(GoneError):
        line.desk.view(7)

    first, second, third = line.keys()
    assert first != second
    assert third is None


def test_a_server_that_stays_away_is_an_error() -> None:
    """
    After three tries the failure is told.
    """
    line = Line(None, None, None)

    with pytest.raises(StorageError, match="can't be reached"):
        line.desk.view(7)
    assert len(line.asked) == 3


def test_a_deletion_is_done_when_its_answer_was_lost() -> None:
    """
    Gone on the second try means that the first was done; on the first try it is an error.
    """
    Line(None, 410).desk.delete(7)
    with pytest.raises(GoneError):
        Line(410).desk.delete(7)


def test_an_answer_of_somebody_else_is_an_error() -> None:
    """
    What answers without being calndro is told apart from calndro.
    """
    with pytest.raises(StorageError, match="no JSON"):
        Line(200, body="<html>").desk.view(7)
    with pytest.raises(StorageError, match="404"):
        Line(404, body="<html>").desk.view(7)


def test_narrowing_by_nothing_is_not_sent() -> None:
    """
    What says nothing never reaches the server.
    """
    line = Line()

    with pytest.raises(InvalidInputError):
        line.desk.narrow(7)
    assert line.asked == []


class Broken(httpx2.SyncByteStream):
    """
    An answer that ends in the middle of its second line.
    """

    def __iter__(self) -> Iterator[bytes]:
        """
        Give what arrives.
        """
        yield b'{"seq": 1}\n{"bo'
        message = "cut off"
        raise httpx2.ReadError(message)


def test_an_export_that_breaks_off_is_no_export() -> None:
    """
    Lines are given as they come; when the rest does not come, that is an error.
    """
    desk = HttpCoordinator(
        "http://calndro.here.net",
        "",
        MemorySecrets(),
        httpx2.MockTransport(lambda _: httpx2.Response(200, stream=Broken())),
    )
    lines = desk.export(7)

    assert next(lines) == {"seq": 1}
    with pytest.raises(StorageError, match="cut off"):
        next(lines)


def test_an_export_is_asked_for_again_and_refused_in_words() -> None:
    """
    A long answer is asked for again as a short one is, and a refusal is the same error.
    """
    line = Line(503, None, 200, body='{"seq": 1}\n{"body": "\u2028"}')
    assert [*line.desk.export(7)] == [{"seq": 1}, {"body": "\u2028"}]

    with pytest.raises(GoneError):
        list(Line(410).desk.export(7))


def test_what_changes_an_account_is_sent_once() -> None:
    """
    An account's change that may have arrived is not sent again, a look at them is.
    """
    with pytest.raises(StorageError):
        Line(None).desk.accounts.add("x@here.net", None, staff=False)
    line = Line(503, 503, 503, body={"type": "urn:calndro:problem:storage"})
    accounts = line.desk.accounts
    for deed in (accounts.issue_token, accounts.revoke_tokens, accounts.erase):
        with pytest.raises(StorageError):
            deed("x@here.net")
    assert [each.method for each in line.asked] == ["POST", "DELETE", "DELETE"]

    line = Line(None, 200, body=[])
    assert list(line.desk.accounts.users()) == []
    assert len(line.asked) == 2
