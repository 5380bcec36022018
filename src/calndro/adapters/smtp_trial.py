"""
Trying a mail server step by step, to tell where and why it does not take letters.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from enum import StrEnum
from smtplib import SMTP, SMTP_SSL, SMTPException, SMTPResponseException
from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.errors import DeliveryError


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calndro.adapters.smtp import SmtpServer


class Step(StrEnum):
    """
    What is tried, in this order.
    """

    RESOLVE = "look up the host"
    CONNECT = "connect"
    GREETING = "be greeted"
    TLS = "begin TLS"
    SIGN_IN = "sign in"
    SENDER = "name the sender"
    RECIPIENT = "name the recipient"
    LETTER = "hand the letter over"


@attrs.frozen
class Trial:
    """
    How one step went.

    Args:
        step: Which.
        passed: Whether the server went along.
        said: What it said, or what the machine did; one line.
        mend: What to do about it, one sentence; empty when it passed.
    """

    step: Step
    passed: bool
    said: str
    mend: str = ""


_DONE: Final = 2

_MEND: Final = {
    Step.RESOLVE: "correct CALNDRO_EMAIL_HOST, or the machine's name service",
    Step.CONNECT: "correct CALNDRO_EMAIL_HOST and CALNDRO_EMAIL_PORT, or let the firewall through",
    Step.GREETING: "the server speaks otherwise than expected there: port 465 wants "
    "CALNDRO_EMAIL_USE_SSL, ports 25 and 587 do not",
    Step.TLS: "set CALNDRO_EMAIL_SSL_CAFILE to who signs the server's certificate, and "
    "CALNDRO_EMAIL_HOST to a name it is for; CALNDRO_EMAIL_USE_TLS only works where STARTTLS is "
    "offered",
    Step.SIGN_IN: "correct CALNDRO_EMAIL_HOST_USER and CALNDRO_EMAIL_HOST_PASSWORD; many servers "
    "ask for TLS first",
    Step.SENDER: "let the server accept CALNDRO_DEFAULT_FROM_EMAIL from this user, or sign in",
    Step.RECIPIENT: "try another address; for strangers' addresses many servers want a sign-in",
    Step.LETTER: "read what the server says: it may take the letter for spam, or be full",
}


def try_server(server: SmtpServer, sender: str, recipient: str, letter: bytes) -> Iterator[Trial]:
    """
    Hand over one letter, telling each step as it was taken; the first that fails is the last.

    Args:
        server: Where.
        sender: The address letters come from, in its ASCII form.
        recipient: To whom, likewise.
        letter: A whole message, its lines ended as mail servers want them.
    """
    smtp: SMTP | None = None
    try:
        yield _passed(Step.RESOLVE, _resolve(server))
        smtp = _unconnected(server)
        yield _passed(Step.CONNECT, _connect(smtp, server))
        yield _passed(Step.GREETING, _taken(Step.GREETING, smtp, _greet))
        if server.use_tls:
            yield _passed(Step.TLS, _begin_tls(smtp, server))
        if server.user:
            yield _passed(Step.SIGN_IN, _sign_in(smtp, server))
        handing_over: tuple[tuple[Step, Callable[[SMTP], tuple[int, bytes]]], ...] = (
            (Step.SENDER, lambda smtp: smtp.mail(sender)),
            (Step.RECIPIENT, lambda smtp: smtp.rcpt(recipient)),
            (Step.LETTER, lambda smtp: smtp.data(letter)),
        )
        for step, take in handing_over:
            yield _passed(step, _taken(step, smtp, take))
    except _FailedError as failure:
        yield Trial(failure.step, passed=False, said=failure.said, mend=_MEND[failure.step])
    finally:
        if smtp is not None:
            with suppress(OSError):
                smtp.quit()
            smtp.close()


class _FailedError(Exception):
    def __init__(self, step: Step, said: str) -> None:
        super().__init__(said)
        self.step = step
        self.said = said


def _passed(step: Step, said: str) -> Trial:
    return Trial(step, passed=True, said=said)


def _resolve(server: SmtpServer) -> str:
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    # A host that no protocol can carry shows as a ValueError.
    except (OSError, ValueError) as error:
        raise _FailedError(Step.RESOLVE, _words(error)) from error
    return ", ".join(dict.fromkeys(str(address[0]) for *_, address in found))


def _unconnected(server: SmtpServer) -> SMTP:
    try:
        context = server.context()
    except DeliveryError as error:
        raise _FailedError(Step.TLS, f"{error.reason}: {_words(error.__cause__)}") from error
    if server.use_ssl:
        return SMTP_SSL(timeout=server.timeout, context=context)
    return SMTP(timeout=server.timeout)


def _connect(smtp: SMTP, server: SmtpServer) -> str:
    try:
        smtp._host = server.host  # type: ignore[attr-defined]  # noqa: SLF001  connect() leaves it empty
        code, said = smtp.connect(server.host, server.port)
    except SMTPException as error:
        raise _FailedError(Step.GREETING, _words(error)) from error
    except ssl.SSLError as error:
        raise _FailedError(Step.TLS, _words(error)) from error
    except OSError as error:
        raise _FailedError(Step.CONNECT, _words(error)) from error
    return _reply(Step.GREETING, code, said)


def _greet(smtp: SMTP) -> tuple[int, bytes]:
    code, said = smtp.ehlo()
    # As for letters: a server of old knows the other word only.
    return (code, said) if code // 100 == _DONE else smtp.helo()


def _begin_tls(smtp: SMTP, server: SmtpServer) -> str:
    try:
        said = _reply(Step.TLS, *smtp.starttls(context=server.context()))
        smtp.ehlo()
    except OSError as error:
        raise _FailedError(Step.TLS, _words(error)) from error
    return said


def _sign_in(smtp: SMTP, server: SmtpServer) -> str:
    try:
        return _reply(Step.SIGN_IN, *smtp.login(server.user, server.password))
    except (OSError, ValueError) as error:
        raise _FailedError(Step.SIGN_IN, _words(error)) from error


def _taken(step: Step, smtp: SMTP, take: Callable[[SMTP], tuple[int, bytes]]) -> str:
    try:
        return _reply(step, *take(smtp))
    except OSError as error:
        raise _FailedError(step, _words(error)) from error


def _reply(step: Step, code: int, said: bytes) -> str:
    words = _line(code, said)
    if code // 100 != _DONE:
        raise _FailedError(step, words)
    return words


def _words(error: BaseException | None) -> str:
    if isinstance(error, SMTPResponseException):
        return _line(error.smtp_code, error.smtp_error)
    return str(error).strip() or type(error).__name__


def _line(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {text}".splitlines()[0]
