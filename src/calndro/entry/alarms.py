"""
Letters to administrators about what went wrong on a server unexpectedly.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from threading import Thread
from traceback import extract_tb
from typing import TYPE_CHECKING, Final

from calndro.adapters.letter import Origin, postal
from calndro.adapters.smtp import plain_letter
from calndro.adapters.system import SystemSecrets
from calndro.core.errors import DeliveryError
from calndro.core.log import format_when
from calndro.entry.values import EmailBackend
from calndro.entry.wiring import mail_server


if TYPE_CHECKING:
    from calndro.entry.settings import Settings


PAUSE: Final = 3600.0
"""At least so many seconds lie between two letters of one process."""

_MARK_BYTES: Final = 16

_log = logging.getLogger("calndro.alarms")


def alarms(settings: Settings) -> list[logging.Handler]:
    """
    Make what writes to the administrators; nothing where none are named, or no mail is sent.
    """
    if not settings.admins or settings.email_backend is not EmailBackend.SMTP:
        return []
    return [Alarm(settings)]


class Alarm(logging.Handler):
    """
    Writes of the first error in the log, and then of one in each hour at most.

    A letter says which error it was and where in the program. What the error says stays in
    the log, since somebody's words or a secret may be in it.

    Args:
        settings: Who is written to, by whom, and by way of which mail server.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(logging.ERROR)
        self._settings = settings
        self._rests_until = 0.0
        self._left_out = 0

    def emit(self, record: logging.LogRecord) -> None:
        """
        Write of an error, beside whatever goes on.
        """
        if record.created < self._rests_until:
            self._left_out += 1
            return
        text = _told(record, self._settings.public_url, self._left_out)
        self._rests_until, self._left_out = record.created + PAUSE, 0
        Thread(target=self._send, args=(text, record.created), daemon=True).start()

    def _send(self, text: str, when: float) -> None:
        settings = self._settings
        sender = Origin.parse(settings.server_email or settings.default_from_email).address
        subject = f"{settings.email_subject_prefix}an error on the server".strip()
        try:
            with mail_server(settings).connect() as smtp:
                for admin in map(postal, settings.admins):
                    mark = SystemSecrets().draw(_MARK_BYTES)
                    now = datetime.fromtimestamp(when, UTC)
                    letter = plain_letter(sender, admin, subject, text, now, mark)
                    smtp.sendmail(sender, [admin], letter)
        except (DeliveryError, OSError) as error:
            _log.warning("administrators could not be written to: %s", type(error).__name__)


def _told(record: logging.LogRecord, public_url: str, left_out: int) -> str:
    when = format_when(datetime.fromtimestamp(record.created, UTC))
    lines = [f"Something unexpected went wrong at {public_url}, {when}.", ""]
    if record.exc_info and record.exc_info[0] is not None:
        kind, _, trace = record.exc_info
        lines.append(f"{kind.__module__}.{kind.__qualname__}")
        lines += [f"  {at.filename}, line {at.lineno}, in {at.name}" for at in extract_tb(trace)]
    else:
        lines.append(f"It was logged by {record.name}.")
    if left_out:
        lines += ["", f"{left_out} more were logged since the last letter."]
    return "\n".join((*lines, "", "The log of the server says more.", ""))
