"""
Calendar files fetched from their addresses: what comes back, and what is refused.
"""

from __future__ import annotations

import gzip
import socket
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from calndro.adapters.ical_busy import fetching
from calndro.adapters.ical_busy.fetching import fetch
from calndro.core.errors import InvalidInputError, PortError
from tests.patience import PATIENCE
from tests.serving import running


if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request


CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nEND:VCALENDAR\r\n"


MUCH = b"x" * 11 * 1024 * 1024
PACKED = {"Content-Encoding": "gzip"}
ANSWERS = {
    "secret": Response(CALENDAR, media_type="text/calendar"),
    "moved": RedirectResponse("/calendar/secret"),
    "round": RedirectResponse("/calendar/round"),
    "large": Response(MUCH),
    "packed": Response(gzip.compress(MUCH), headers=PACKED),
    "broken": Response(b"no gzip", headers=PACKED),
    **{str(status): Response(status_code=status) for status in (403, 404, 503)},
}


async def answer(request: Request) -> Response:
    """
    Answer as the path says.
    """
    return ANSWERS[request.path_params["name"]]


@contextmanager
def calendars() -> Iterator[str]:
    """
    Serve calendars on this machine; returns the beginning of their addresses.
    """
    with running(Starlette(routes=[Route("/calendar/{name}", answer)])) as url:
        yield f"{url}/calendar"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """
    Serve calendars as long as this module needs them.
    """
    with calendars() as served:
        yield served


@pytest.mark.parametrize("name", ["secret", "moved"])
def test_a_calendar_is_fetched(url: str, name: str) -> None:
    """
    What stands at the address comes back, also after a redirect, and is named by its host.
    """
    assert fetch(f"{url}/{name}") == ("http://127.0.0.1/…", CALENDAR)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("404", "answers 404 Not Found; is the address whole and still shared?"),
        ("403", "answers 403 Forbidden"),
        ("large", "at most 10 MiB"),
        ("packed", "at most 10 MiB"),
    ],
)
def test_what_is_no_calendar_of_ours_is_refused(url: str, name: str, message: str) -> None:
    """
    An address with nothing there, or far too much, also when it comes packed, is bad input.
    """
    with pytest.raises(InvalidInputError, match=message) as caught:
        fetch(f"{url}/{name}")
    assert "calendar/" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [("503", "answers 503"), ("round", "redirects"), ("broken", "can't be fetched")],
)
def test_a_server_that_fails_is_away(url: str, name: str, message: str) -> None:
    """
    A server that can't answer as it should is told as away, and may be asked again.
    """
    with pytest.raises(PortError, match=message) as caught:
        fetch(f"{url}/{name}")
    assert "calendar/" not in str(caught.value)


def test_nobody_is_waited_for_without_end(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A server that sends too slowly is given up.
    """
    monkeypatch.setattr(fetching, "_MOST_SECONDS", 0.0)
    with pytest.raises(PortError):
        fetch(f"{url}/secret")


def test_a_head_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The time is that of the whole answer, however often a little of its head comes.
    """
    monkeypatch.setattr(fetching, "_MOST_SECONDS", 0.5)
    done = Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            for _ in range(100):
                if done.wait(0.1):
                    return
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Thread(target=drip, args=(listener,))
        server.start()
        try:
            with pytest.raises(PortError, match="takes longer than"):
                fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/secret")
        finally:
            done.set()
            server.join(PATIENCE)


def test_a_server_that_is_away_is_named() -> None:
    """
    Where nobody listens, the message names the host and nothing secret.
    """
    with calendars() as url:
        gone = f"{url}/secret"
    with pytest.raises(PortError, match=r"http://127\.0\.0\.1/… can't be fetched") as caught:
        fetch(gone)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["ftp://here.net/a.ics", "mailto:you@here.net", "https:///a.ics", "https://here.net:x/a.ics"],
)
def test_other_addresses_are_none(address: str) -> None:
    """
    Only the web is asked, and only where a host is named.
    """
    with pytest.raises(InvalidInputError, match=r"web address|is fetched from"):
        fetch(address)


def test_webcal_is_https() -> None:
    """
    The scheme of calendar programs stands for the encrypted web.
    """
    with pytest.raises(PortError, match=r"https://127\.0\.0\.1/…"):
        fetch("webcal://127.0.0.1:9/a.ics")
