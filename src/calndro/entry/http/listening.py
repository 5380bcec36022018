"""
What the HTTP front end adds to uvicorn: a request, and the reading of its answer, have an end.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from calndro.entry.http.envelope import SECURE, draw_id, protect
from calndro.entry.http.problems import plain_problem


if TYPE_CHECKING:
    import asyncio

    from uvicorn._types import HTTPScope
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


MOST_HEAD: Final = 64 * 1024
"""How many bytes may come before the parser makes something of them."""

_access = logging.getLogger("calndro.access")


class Connection(HttpToolsProtocol):
    """
    One connection; whoever sends or reads without end is hung up on.

    A head or trailer may have 64 KiB: the parser keeps a header until its end, however long
    it gets, and copies it with every piece that comes. A request has to be there whole, and
    an answer has to be taken piece by piece, in a while.

    Source: RFC 6585, section 5; RFC 9110, section 15.5.9.
    """

    most_seconds = 30.0
    """How long a request may take to come, and a reader may take nothing of an answer."""

    _pending = 0
    _is_whole = False
    _until_sent: asyncio.TimerHandle | None = None
    _until_read: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """
        Begin to wait for a request.
        """
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """
        Wait for nothing any more.
        """
        self._until_sent = _stop(self._until_sent)
        self._until_read = _stop(self._until_read)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """
        Take the next piece.
        """
        if self.transport.is_closing():
            return
        self._wait()
        self._pending += len(data)
        super().data_received(data)
        if self._pending > MOST_HEAD and not self.transport.is_closing():
            self._refuse(431, f"a head has at most {MOST_HEAD} bytes")

    def on_message_begin(self) -> None:
        """
        Begin to count, and to wait for the end.
        """
        self._pending = 0
        self._is_whole = False
        self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """
        Count anew: the body has bounds of its own.
        """
        self._pending = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """
        Count anew.
        """
        self._pending = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """
        Count anew, and wait no longer.
        """
        self._pending = 0
        self._is_whole = True
        self._until_sent = _stop(self._until_sent)
        super().on_message_complete()

    def pause_writing(self) -> None:
        """
        Begin to wait for the client to read.
        """
        super().pause_writing()
        if self._until_read is None:
            self._until_read = self.loop.call_later(self.most_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """
        Wait no longer.
        """
        self._until_read = _stop(self._until_read)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """
        Refuse what can't be read, with the headers that every answer carries.
        """
        self._refuse(400, msg)

    def _wait(self) -> None:
        if self._until_sent is None:
            self._until_sent = self.loop.call_later(self.most_seconds, self._give_up)

    def _give_up(self) -> None:
        self._until_sent = None
        # Either is None until the first request has come so far, whatever uvicorn declares.
        cycle: RequestResponseCycle | None = self.cycle
        scope: HTTPScope | None = self.scope
        is_answering = cycle is not None and not cycle.response_complete
        if self._is_whole and is_answering:
            # What came since was no request yet.
            return
        has_answered = is_answering and self.cycle.response_started
        if scope is not None and not self._is_whole and not has_answered:
            self._refuse(408, "the request took too long to come")
        else:
            self.transport.close()

    def _refuse(self, status: int, detail: str) -> None:
        number, secure = draw_id(), bool(self.app_state.get(SECURE))
        scope: dict[str, Any] = {"scheme": self.scheme or "http", "calndro.request": number}
        answer = plain_problem(status, detail, {"Connection": "close"})
        protect(answer.headers, scope, secure=secure)
        head = [*self.server_state.default_headers, *answer.raw_headers]
        lines = [name + b": " + value for name, value in head]
        first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()
        self.transport.write(b"\r\n".join([first, *lines, b"", bytes(answer.body)]))
        self.transport.close()
        client = self.client[0] if self.client else ""
        facts = {"status": status, "client": client, "request": number}
        _access.info("refused unread: %s", detail, extra=facts)


def _stop(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    if timer is not None:
        timer.cancel()
    return None
