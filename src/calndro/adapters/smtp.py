"""
Letters by way of a mail server.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as SMTP_FORM
from email.utils import format_datetime
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPNotSupportedError,
    SMTPResponseException,
)
from typing import TYPE_CHECKING, Final, Self

import attrs

from calndro.adapters.letter import octets, write
from calndro.core.errors import DeliveryError, InvalidInputError


if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from calndro.adapters.letter import Letterhead
    from calndro.core.dispatch import Dispatch
    from calndro.ports.clock import Clock


# Folded before its only word, a header would begin with an empty line.
_PLAIN: Final = SMTP_FORM.clone(max_line_length=998)
_OK: Final = (250, 251)
_CLOSING: Final = 421
_FIRST_PERMANENT: Final = 500
_MOST_ON_A_CONNECTION: Final = 50
# They are about how we sign in, not about the letter.
_NEEDS_SIGN_IN: Final = frozenset({530, 534, 535, 538})


@attrs.frozen(kw_only=True)
class SmtpServer:
    """
    Where letters are handed over, and how.

    Args:
        host: Its name or number.
        port: Usually 25, 587 with *use_tls*, 465 with *use_ssl*.
        user: Who signs in; empty for nobody.
        password: The user's.
        timeout: Seconds to wait for each answer.
        use_tls: Begin TLS on a plain connection (STARTTLS), or send nothing.
        use_ssl: Speak TLS from the first byte.
        ssl_keyfile: The key of *ssl_certfile*, where it is not in that file.
        ssl_certfile: A certificate to show to the server.
        ssl_cafile: Who the server's certificate must be signed by; None for those the
            machine trusts.

    Raises:
        InvalidInputError: Both *use_tls* and *use_ssl* are asked for.
    """

    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = attrs.field(default="", repr=False)
    timeout: float = 10.0
    use_tls: bool = False
    use_ssl: bool = False
    ssl_keyfile: Path | None = None
    ssl_certfile: Path | None = None
    ssl_cafile: Path | None = None

    def __attrs_post_init__(self) -> None:
        if self.use_tls and self.use_ssl:
            raise InvalidInputError.of("a mail server is asked for TLS in one way, not in both")

    def connect(self) -> SMTP:
        """
        Open a connection and sign in.

        Raises:
            DeliveryError: It can't be done; everywhere, since no letter is to blame.
        """
        context = self.context()
        reason = "the mail server can't be reached"
        smtp: SMTP | None = None
        try:
            smtp = self._open(context)
            if self.use_tls:
                reason = "the mail server does not begin TLS"
                smtp.starttls(context=context)
            if self.user:
                reason = "the mail server does not let us sign in"
                smtp.login(self.user, self.password)
            smtp.ehlo_or_helo_if_needed()
        # A host or user that no protocol can carry shows as a ValueError.
        except (OSError, ValueError) as error:
            if smtp is not None:
                smtp.close()
            reason = _reason(error, reason)
            raise DeliveryError(reason, code=_code(error), everywhere=True) from error
        return smtp

    def _open(self, context: ssl.SSLContext) -> SMTP:
        if self.use_ssl:
            return SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        return SMTP(self.host, self.port, timeout=self.timeout)

    def context(self) -> ssl.SSLContext:
        """
        Say whom to trust, and what to show.

        Raises:
            DeliveryError: A file can't be read; everywhere.
        """
        try:
            context = ssl.create_default_context(cafile=self.ssl_cafile)
            if self.ssl_certfile is not None:
                # Without a password here, a locked key would be asked for on the terminal.
                context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile, password="")
        except OSError as error:
            reason = "a certificate or key for the mail server can't be read"
            raise DeliveryError(reason, everywhere=True) from error
        return context


def _reason(error: Exception, otherwise: str) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return "the mail server's certificate can't be trusted"
        case SMTPAuthenticationError():
            return "the mail server refuses our user and password"
        case SMTPNotSupportedError():
            return f"{otherwise}, for it offers no such thing"
        case _:
            return otherwise


def _code(error: Exception) -> int | None:
    return error.smtp_code if isinstance(error, SMTPResponseException) else None


class SmtpNotifier:
    """
    Hands letters to a mail server, all of a batch over one connection where it lasts.

    A letter whose taking the server did not confirm counts as not handed over, though
    the server may have taken it; its Message-ID tells the copies.
    """

    def __init__(self, letterhead: Letterhead, clock: Clock, server: SmtpServer) -> None:
        self._letterhead = letterhead
        self._clock = clock
        self._server = server
        self._smtp: SMTP | None = None
        self._carried = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def deliver(self, dispatch: Dispatch) -> None:
        """
        Hand one letter to the server.
        """
        message = write(dispatch, self._letterhead, self._clock.now())
        try:
            self._hand_over(str(message["To"]), octets(message, "\r\n"))
        except DeliveryError as refusal:
            self._clear(refusal.code)
            raise
        except OSError as error:
            self._drop()
            reason = "the connection broke before the mail server had taken the letter"
            raise DeliveryError(reason) from error

    def _hand_over(self, recipient: str, content: bytes) -> None:
        smtp, code = self._begin(self._letterhead.from_address.address)
        # Every letter has the same sender.
        _check(code, "the mail server takes no letter from our address", everywhere=True)
        code, _ = smtp.rcpt(recipient)
        _check(code, "the mail server does not take letters for this recipient")
        try:
            code, _ = smtp.data(content)
        except SMTPDataError as error:
            code = error.smtp_code
        _check(code, "the mail server did not take the letter")

    def _begin(self, sender: str) -> tuple[SMTP, int]:
        """
        Begin a letter, on a new connection where the server has left the old one.
        """
        if self._carried == _MOST_ON_A_CONNECTION:
            self._leave()
        if self._smtp is not None:
            with suppress(OSError):
                self._carried += 1
                code, _ = self._smtp.mail(sender)
                if code != _CLOSING:
                    return self._smtp, code
            self._drop()
        self._smtp = self._server.connect()
        self._carried = 1
        code, _ = self._smtp.mail(sender)
        return self._smtp, code

    def _clear(self, code: int | None) -> None:
        """
        Make the connection fit for another letter after a refusal, or give it up.
        """
        if self._smtp is None:
            return
        if code is not None and code != _CLOSING:
            with suppress(OSError):
                if self._smtp.docmd("RSET")[0] in _OK:
                    return
        self._drop()

    def _leave(self) -> None:
        if self._smtp is not None:
            with suppress(OSError):
                self._smtp.quit()
        self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _check(code: int, reason: str, *, everywhere: bool = False) -> None:
    """
    Refuse every reply but yes.

    Args:
        code: The reply.
        reason: What it means.
        everywhere: True when a refusal for good would be one of all letters.

    Raises:
        DeliveryError: Permanent when the letter is to blame, everywhere when we are.
    """
    if code in _OK:
        return
    # The standard library gives -1 for what is no reply at all.
    known = code if code >= 0 else None
    final = code >= _FIRST_PERMANENT
    ours = code in _NEEDS_SIGN_IN or (everywhere and final)
    raise DeliveryError(reason, code=known, permanent=final and not ours, everywhere=ours)


def plain_letter(
    sender: str, recipient: str, subject: str, text: str, now: datetime, mark: bytes
) -> bytes:
    """
    Write a letter that is about no event.

    Args:
        sender: The address it comes from, in its ASCII form.
        recipient: To whom, likewise.
        subject: What it is about: a constant, or of the settings, and never what others have
            written, in which older versions of Python see a header of its own.
        text: What it says.
        now: The clock's reading, UTC.
        mark: Random bytes, which tell it from all other letters.

    Returns:
        A whole message, its lines ended as mail servers want them.

    Source: RFC 5321, section 2.3.8 (the ends of lines); RFC 5322, section 3.6 (Date and
    Message-ID).
    """
    message = EmailMessage(_PLAIN)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mark.hex()}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message.as_bytes()
