"""
A mail server for tests: a real one that answers as it is told.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from threading import Thread
from typing import TYPE_CHECKING, Final, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.free_ports import free_port


if TYPE_CHECKING:
    import ssl
    from collections.abc import Coroutine
    from types import TracebackType

    from aiosmtpd.smtp import Envelope, Session


DROP: Final = "drop"
"""In place of a reply: cut the connection."""

SILENCE: Final = "silence"
"""In place of a reply: say nothing for longer than anybody waits."""

_LONG: Final = 60.0


class PostOffice:
    """
    A mail server on a free port of this machine, while it is entered.

    Args:
        context: The certificate it shows; None for no TLS at all.
        from_first_byte: True to speak TLS at once instead of after STARTTLS.
        account: The user and password that all must sign in with; None to ask nobody.
    """

    def __init__(
        self,
        context: ssl.SSLContext | None = None,
        *,
        from_first_byte: bool = False,
        account: tuple[str, str] | None = None,
    ) -> None:
        self.letters: list[Envelope] = []
        self.replies: defaultdict[str, deque[str]] = defaultdict(deque)
        self.port = free_port()
        self._context = context
        self._from_first_byte = from_first_byte
        self._account = account
        self._connections: list[SMTP] = []
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def connections(self) -> int:
        """
        How often somebody connected.
        """
        return len(self._connections)

    @property
    def contents(self) -> list[bytes]:
        """
        The letters taken, as bytes.
        """
        return [each.content for each in self.letters if isinstance(each.content, bytes)]

    def open(self) -> None:
        """
        Begin to answer, on the same port each time.
        """
        self._run(self._listen())

    def close(self) -> None:
        """
        Cut all connections and answer nobody.
        """
        self._run(self._leave())

    def cut(self) -> None:
        """
        Cut all connections, as servers do with those they find idle.
        """
        self._run(self._cut())

    def answer(self, command: str, *replies: str) -> None:
        """
        Give these replies to the next of these commands: MAIL, RCPT, DATA or RSET.

        DATA is answered once the letter is there, BEFORE DATA when it is announced.
        """
        self.replies[command].extend(replies)

    def _run(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_LONG)

    async def _listen(self) -> None:
        first = self._context if self._from_first_byte else None
        self._server = await self._loop.create_server(
            self._connected, "127.0.0.1", self.port, ssl=first
        )

    def _connected(self) -> SMTP:
        later = None if self._from_first_byte else self._context
        connection = _Connection(
            _Desk(self, self._account),
            hostname="post.example.org",
            loop=self._loop,
            tls_context=later,
            require_starttls=later is not None,
            auth_require_tls=False,
            authenticator=self._sign_in,
        )
        self._connections.append(connection)
        return connection

    def _sign_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        signed_in = self._account == (given.login.decode(), given.password.decode())
        return AuthResult(success=signed_in, handled=False)

    async def _cut(self) -> None:
        for connection in self._connections:
            if connection.transport is not None:
                connection.transport.close()

    async def _leave(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._cut()
        # Closed transports, and TLS ones above all, take some turns of the loop to go.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.sleep(0.01)


class _Connection(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the name of the command
        """
        Refuse the command before there is any letter, where that is planned.
        """
        assert isinstance(self.event_handler, _Desk)
        planned = self.event_handler.office.replies["BEFORE DATA"]
        if planned:
            await self.push(planned.popleft())
        else:
            await super().smtp_DATA(arg)


class _Desk:
    def __init__(self, office: PostOffice, account: tuple[str, str] | None) -> None:
        self.office = office
        self._account = account

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks for the command in capitals
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._account is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._answer(server, "MAIL")

    async def handle_RCPT(  # noqa: N802 - likewise
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await self._answer(server, "RCPT")
        if reply.startswith(("250", "251")):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return reply

    async def handle_DATA(  # noqa: N802 - likewise
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        planned = self.office.replies["DATA"]
        if not planned or planned[0] == DROP or planned[0].startswith("250"):
            self.office.letters.append(envelope)
        return await self._answer(server, "DATA")

    async def handle_RSET(  # noqa: N802 - likewise
        self, server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        return await self._answer(server, "RSET")

    async def _answer(self, server: SMTP, command: str) -> str:
        planned = self.office.replies[command]
        reply = planned.popleft() if planned else "250 2.0.0 Done"
        if reply == DROP and server.transport is not None:
            server.transport.close()
        if reply in (DROP, SILENCE):
            await asyncio.sleep(_LONG)
        return reply
