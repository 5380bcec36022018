"""
The driving port: everything a person can do, as one object.

The in-memory, the SQL and the HTTP coordinator answer alike; one suite checks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from calndro.core.agreement import Status
    from calndro.core.event import Event, LogEntry
    from calndro.core.reading import Wanted


class Coordinator(Protocol):
    """
    Acts for one user, or for the party of one email token.

    Slots are given as Slot values or as text (``2026-12-01T09:00Z/PT30M``); text without
    offset is read in the event's zone. Every method raises NotAllowedError or a
    TokenError when the one acted for has no right, NotFoundError or GoneError for an
    absent or deleted event, InvalidInputError for what can't be read, StorageError when
    the database or server is away; then it was done whole or not at all, and only another
    look tells which. Methods that change the table also raise TooManySlotsError, and those
    that take *if_revision* StaleRevisionError when it is given and the event has moved on.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def close(self) -> None:
        """
        Let go of what was opened.
        """
        ...

    def propose(
        self,
        *,
        parties: Iterable[str] | None = None,
        slots: Iterable[Wanted] | None = None,
        title: str | None = None,
        zone: str | None = None,
        like: int | None = None,
    ) -> Event:
        """
        Open an event; nobody is told.

        Args:
            parties: 1 to 100 email addresses; duplicates collapse.
            slots: 0 to 30; duplicates collapse.
            title: 1 to 256 characters, one line; made up when empty or None.
            zone: IANA name; ``UTC`` when None.
            like: Take what is not given from this event.
        """
        ...

    def events(self, *, status: Status | None = None, closed: bool = False) -> Iterator[Event]:
        """
        List the events one is a party of or has proposed, all of them for staff, by id.

        Args:
            status: Only those with this status.
            closed: Also the deleted.
        """
        ...

    def view(self, event_id: int) -> Event:
        """
        Look at an event; the look is logged.
        """
        ...

    def peek(self, event_id: int) -> Event:
        """
        Read an event as a program does, on the way to something else; not logged.
        """
        ...

    def replace(
        self,
        event_id: int,
        slots: Iterable[Wanted],
        *,
        title: str | None = None,
        if_revision: int | None = None,
    ) -> Event:
        """
        Make the table exactly *slots*.
        """
        ...

    def narrow(
        self,
        event_id: int,
        keep: Iterable[Wanted] | None = None,
        *,
        drop: Iterable[Wanted] | None = None,
        accept: Iterable[Wanted] | None = None,
        title: str | None = None,
        if_revision: int | None = None,
    ) -> Event:
        """
        Leave only *keep* on the table; or take *drop* off it and accept *accept*.

        Slots that are not on the table are ignored. *keep* goes with neither of the
        others.
        """
        ...

    def extend(
        self,
        event_id: int,
        slots: Iterable[Wanted],
        *,
        title: str | None = None,
        if_revision: int | None = None,
    ) -> Event:
        """
        Put more slots on the table.
        """
        ...

    def retitle(self, event_id: int, title: str, *, if_revision: int | None = None) -> Event:
        """
        Give the event another title.
        """
        ...

    def notify(
        self,
        event_id: int,
        recipients: Iterable[str],
        slots: Iterable[Wanted],
        *,
        sender: str | None = None,
        invitation: bool = False,
        if_revision: int | None = None,
    ) -> Event:
        """
        Tell parties what is on the table, by letters queued in the same transaction.

        Args:
            event_id: Which event.
            recipients: At least one party; duplicates collapse.
            slots: The table as the caller knows it.
            sender: On whose behalf; a party or staff.
            invitation: True for a letter that asks and explains.
            if_revision: The revision the caller saw; *slots* alone say enough for most.

        Raises:
            NotAPartyError: A recipient or the sender has no place in the event.
            SlotsNotCurrentError: The table is another by now; nobody is told.
            MailStoppedError: A recipient wants no letters.
            TooManyError: A recipient or the event has had too many letters lately; nobody is told.
            StorageError: As ever; when its message says that the letters are promised, they are.
        """
        ...

    def stop_mail(self, event_id: int) -> Event:
        """
        Stop the letters of this event to oneself.
        """
        ...

    def resume_mail(self, event_id: int) -> Event:
        """
        Get the letters of this event again.
        """
        ...

    def delete(self, event_id: int, *, if_revision: int | None = None) -> None:
        """
        Close an event (staff); its log stays.
        """
        ...

    def log(self, event_id: int, *, after: int = 0, deliveries: bool = False) -> Iterator[LogEntry]:
        """
        Read the log, oldest first; reading it is not logged.

        Args:
            event_id: Which event, the deleted too.
            after: Only entries with a greater id.
            deliveries: Also the entries that say how letters went.
        """
        ...

    def export(self, event_id: int) -> Iterator[dict[str, Any]]:
        """
        Take the log with its proof elsewhere, the delivery entries too; not logged.

        Args:
            event_id: Which event, the deleted too.

        Returns:
            First ``{event, head, seq, people}``, then one ``{body, hash}`` for each entry
            up to that seq: what ``calndro audit verify --offline`` and ``tools/verify.py``
            take, one object a line.
        """
        ...

    def calendar(self, event_id: int) -> bytes:
        """
        Write the calendar file of an event: what is agreed, or each slot as tentative.

        Args:
            event_id: Which event, the deleted too; the look is not logged.

        Returns:
            iCalendar, UTF-8.
        """
        ...
