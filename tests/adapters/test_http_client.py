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
    from collections.abc import Callable, Iterable, Iterator


ASKING: dict[str, Callable[[HttpCoordinator], object]] = {
    "events": lambda desk: list(desk.events()),
    "users": lambda desk: list(desk.accounts.users()),
    "view": lambda desk: desk.view(7),
    "peek": lambda desk: desk.peek(7),
    "log": lambda desk: list(desk.log(7)),
    "staff": lambda desk: desk.accounts.set_staff("you@here.net", staff=True),
    "token": lambda desk: desk.accounts.issue_token("you@here.net"),
    "revoke": lambda desk: desk.accounts.revoke_tokens("you@here.net"),
    "erase": lambda desk: desk.accounts.erase("you@here.net"),
}
"""What a client reads of answers."""

GONE = {"type": "urn:calndro:problem:gone", "detail": "gone", "event_id": 7}


class Line:
    """
    A server that answers by a script, and notes what it was asked.

    Args:
        script: Statuses, or None for a connection that breaks.
        body: Of every answer.
        headers: Of every answer.
    """

    def __init__(
        self, *script: int | None, body: object = GONE, headers: dict[str, str] | None = None
    ) -> None:
        self.script = list(script)
        self.asked: list[httpx2.Request] = []
        self.body = body
        self.headers = headers
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
            return httpx2.Response(status, text=self.body, headers=self.headers)
        return httpx2.Response(status, json=self.body, headers=self.headers)

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
        line.desk.peek(7)
    assert len(line.asked) == 3


@pytest.mark.parametrize("first", [None, 502, 503, 504])
def test_what_is_logged_each_time_is_sent_once(first: int | None) -> None:
    """
    A look, and the wish for letters or none, have no key, and would be logged twice.
    """
    line = Line(first, first, first, body="<html>")

    for deed in (line.desk.view, line.desk.stop_mail, line.desk.resume_mail):
        with pytest.raises(StorageError):
            deed(7)
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
    deep = "[" * 100_000 + "]" * 100_000
    for status, body in ((200, "<html>"), (200, deep), (400, deep)):
        with pytest.raises(StorageError, match="no JSON"):
            Line(status, body=body, headers={"Content-Type": "application/json"}).desk.view(7)
    with pytest.raises(StorageError, match="404"):
        Line(404, body="<html>").desk.view(7)


def test_json_that_is_nested_deep_is_an_error() -> None:
    """
    However deep it is, and whatever stumbles over that, it is told apart from calndro's.
    """
    for depth in range(1, 1000, 9):
        with pytest.raises(StorageError, match="is it a calndro server"):
            Line(200, body=f"{'[' * depth}{']' * depth}").desk.view(7)


@pytest.mark.parametrize("character", ["\x1b", "\x7f", "\x9b", "\n"])
def test_an_answer_that_a_terminal_would_obey_is_an_error(character: str) -> None:
    """
    No answer of ours has a control character; one that has is refused, not shown.
    """
    said = f"Tea{character}[2J"
    for body in ({"title": said}, {"kept": {said: None}}, [{"parties": ["you@here.net", said]}]):
        with pytest.raises(StorageError, match="control characters: is it a calndro server"):
            Line(200, body=body).desk.view(7)


@pytest.mark.parametrize("body", [{}, None, 7, [7], {"state": {}, "entries": [{}]}])
@pytest.mark.parametrize("name", ASKING)
def test_json_of_somebody_else_is_an_error(name: str, body: object) -> None:
    """
    JSON that holds something else than what was asked for is told apart from calndro's.
    """
    with pytest.raises(StorageError, match="is it a calndro server"):
        ASKING[name](Line(200, body=body).desk)


def test_a_problem_of_somebody_else_is_an_error() -> None:
    """
    A refusal in JSON that is no problem of ours is told by its status.
    """
    with pytest.raises(StorageError, match="answers 418"):
        Line(418, body=[1]).desk.view(7)


def test_a_problem_that_a_terminal_would_obey_is_an_error() -> None:
    """
    A refusal is read as strictly as any other answer, however deep it is.
    """
    with pytest.raises(StorageError, match="control characters: is it a calndro server"):
        Line(400, body={**GONE, "detail": "gone\x1b[2J"}).desk.view(7)
    deep = f'{{"detail": {"[" * 900}{"]" * 900}}}'
    with pytest.raises(StorageError, match="is it a calndro server"):
        Line(400, body=deep, headers={"Content-Type": "application/json"}).desk.view(7)


def test_a_server_that_has_moved_says_where_it_is() -> None:
    """
    Nothing is sent on with our credentials; the address to name is in the error.
    """
    line = Line(301, headers={"Location": "https://calndro.thar.net/7/"})

    with pytest.raises(StorageError, match=r"it sends us to 'https://calndro\.thar\.net/7/'"):
        line.desk.view(7)
    assert len(line.asked) == 1


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json"])
def test_what_is_no_calendar_is_not_taken_for_one(kind: str) -> None:
    """
    A page in place of a calendar file, as of a proxy, is no calendar file.
    """
    line = Line(200, headers={"Content-Type": kind})

    with pytest.raises(StorageError, match="is no calendar: is it a calndro server"):
        line.desk.calendar(7)


def test_a_list_that_goes_on_with_itself_ends() -> None:
    """
    A server whose page names itself as the next one is no calndro server.
    """
    line = Line(200, 200, body=[], headers={"Link": '</?after=7>; rel="next"'})

    with pytest.raises(StorageError, match="has no end"):
        list(line.desk.events())


def test_pages_that_lead_in_a_circle_end() -> None:
    """
    Nor is one whose pages name each other.
    """
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.params.get("after", "0"))
        assert len(asked) < 9
        following = {"0": "7", "7": "9", "9": "8", "8": "7"}[asked[-1]]
        link = f'</?after={following}&limit=1>; rel="next"'
        return httpx2.Response(200, json=[], headers={"Link": link})

    with pytest.raises(StorageError, match="has no end"):
        list(served(answer).events())
    assert asked == ["0", "7", "9", "8"]


def test_an_answer_that_is_packed_badly_is_an_error() -> None:
    """
    What says it is compressed and is not can't be read, whole or line by line.
    """
    packed = {"Content-Encoding": "gzip"}
    desk = served(lambda _: httpx2.Response(200, stream=Plain(), headers=packed))

    with pytest.raises(StorageError, match="can't be unpacked"):
        desk.view(7)
    with pytest.raises(StorageError, match="can't be unpacked"):
        list(desk.export(7))


@pytest.mark.parametrize("status", [401, 410, 503])
def test_letters_that_were_promised_are_told_as_promised(status: int) -> None:
    """
    When the event can't be read after its letters were queued, nobody is led to queue them twice.
    """
    line = Line(202, status, status, status)

    with pytest.raises(StorageError, match=r"the letters are promised; .* before you send") as told:
        line.desk.notify(7, ["they@thar.net"], [])
    assert "event 7 was deleted" in str(told.value)
    assert [each.method for each in line.asked if each.method == "POST"] == ["POST"]


def test_narrowing_by_nothing_is_not_sent() -> None:
    """
    What says nothing never reaches the server.
    """
    line = Line()

    with pytest.raises(InvalidInputError):
        line.desk.narrow(7)
    assert line.asked == []


def served(say: Callable[[httpx2.Request], httpx2.Response]) -> HttpCoordinator:
    """
    Work at a server that answers so.
    """
    return HttpCoordinator(
        "http://calndro.here.net", "", MemorySecrets(), httpx2.MockTransport(say)
    )


class Plain(httpx2.SyncByteStream):
    """
    An answer that is not compressed.
    """

    def __iter__(self) -> Iterator[bytes]:
        """
        Give what arrives.
        """
        yield b"plain"


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
    lines = served(lambda _: httpx2.Response(200, stream=Broken())).export(7)

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
