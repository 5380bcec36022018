"""
Notifiers that need no mail server: console, filebased, locmem and dummy.

::

    ConsoleNotifier(letterhead, clock, stream)      what a person would read, to a text stream
    FileNotifier(letterhead, clock, directory)      one .eml file for each letter
    LocmemNotifier(letterhead, clock)               keeps messages in its list ``letters``
    DummyNotifier()                                 drops everything
"""

from __future__ import annotations

import os
from contextlib import suppress
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, Final, Self

from calndro.adapters.letter import octets, write
from calndro.core.errors import DeliveryError


if TYPE_CHECKING:
    from email.message import Message
    from types import TracebackType
    from typing import TextIO

    from calndro.adapters.letter import Letterhead
    from calndro.core.dispatch import Dispatch
    from calndro.ports.clock import Clock


_RULE: Final = "-" * 76
_SHOWN: Final = ("From", "Reply-To", "To", "Subject", "Date")


class _Unconnected:
    """
    The part of a notifier that has nothing to open or close.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """
        Leave nothing behind.
        """


class ConsoleNotifier(_Unconnected):
    """
    Shows letters as a person reads them, their main headers first.
    """

    def __init__(self, letterhead: Letterhead, clock: Clock, stream: TextIO) -> None:
        self._letterhead = letterhead
        self._clock = clock
        self._stream = stream

    def deliver(self, dispatch: Dispatch) -> None:
        """
        Show one letter.
        """
        shown = _readable(write(dispatch, self._letterhead, self._clock.now()))
        # A terminal that lacks a letter of somebody's title must not hold up the mail.
        # What Celery has in place of a terminal has no encoding at all.
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        try:
            self._stream.write(shown.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()
        except (OSError, ValueError) as error:
            message = "the letter could not be shown on the console"
            raise DeliveryError(message, everywhere=True) from error


def _readable(message: Message) -> str:
    # The parser undoes what encodings made of words.
    parsed = message_from_bytes(octets(message, "\n"), policy=policy.default)
    headers = [f"{name}: {parsed[name]}" for name in _SHOWN if name in parsed]
    body = parsed.get_body(("plain",))
    text = "" if body is None else body.get_content()
    return "\n".join((*headers, "", text, _RULE, ""))


class FileNotifier(_Unconnected):
    """
    Writes each letter to a file of its own that its owner alone can read.

    The names are in the order of the letters and never taken twice, by whatever process.
    A file appears under its name complete; it is not forced to the disk.
    """

    def __init__(self, letterhead: Letterhead, clock: Clock, directory: Path) -> None:
        self._letterhead = letterhead
        self._clock = clock
        self._directory = directory
        self._numbers = count()

    def deliver(self, dispatch: Dispatch) -> None:
        """
        Write one letter.
        """
        now = self._clock.now()
        content = octets(write(dispatch, self._letterhead, now), os.linesep)
        stem = f"{now:%Y%m%dT%H%M%S.%fZ}-{next(self._numbers):04}-"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _put(self._directory, stem, content)
        except OSError as error:
            message = "the letter could not be written to its file"
            raise DeliveryError(message, everywhere=True) from error


def _put(directory: Path, stem: str, content: bytes) -> None:
    descriptor, name = mkstemp(prefix=stem, suffix=".part", dir=directory)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        part.rename(part.with_suffix(".eml"))
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise


class LocmemNotifier(_Unconnected):
    """
    Keeps letters as messages, the oldest first, for tests and trials.
    """

    def __init__(self, letterhead: Letterhead, clock: Clock) -> None:
        self.letters: list[Message] = []
        self._letterhead = letterhead
        self._clock = clock

    def deliver(self, dispatch: Dispatch) -> None:
        """
        Keep one letter.
        """
        self.letters.append(write(dispatch, self._letterhead, self._clock.now()))


class DummyNotifier(_Unconnected):
    """
    Takes letters and drops them.
    """

    def deliver(self, dispatch: Dispatch) -> None:
        """
        Drop one letter.
        """
