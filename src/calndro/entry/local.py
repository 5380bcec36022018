"""
The coordinator over a database that one has opened oneself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from calndro.core.errors import InvalidInputError
from calndro.usecases import accounts, auditing, calendars, events, letters, updates
from calndro.usecases.paging import page_after_page


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from types import TracebackType

    from calndro.core.access import Caller
    from calndro.core.agreement import Status
    from calndro.core.event import Event, LogEntry
    from calndro.core.reading import Wanted
    from calndro.core.slot import Slot
    from calndro.usecases.letters import Delivery
    from calndro.usecases.services import Services


class LocalCoordinator:
    """
    The use cases as one object, for one caller.

    Args:
        services: The ports.
        caller: For whom it acts.
        close: Lets go of what was opened for it.
        draw: Makes a calendar file of an event, of what was agreed on before and no longer
            holds, and of the time.
    """

    def __init__(
        self,
        services: Services,
        caller: Caller,
        close: Callable[[], None],
        draw: Callable[[Event, Slot | None, datetime], bytes],
    ) -> None:
        self.services = services
        self.caller = caller
        self._close = close
        self._draw = draw
        self._is_registered = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._close()

    def propose(
        self,
        *,
        parties: Iterable[str] | None = None,
        slots: Iterable[Wanted] | None = None,
        title: str | None = None,
        zone: str | None = None,
        like: int | None = None,
    ) -> Event:
        self._register()
        return events.propose(
            self.services,
            self.caller,
            parties=parties,
            slots=slots,
            title=title,
            zone=zone,
            like=like,
        )

    def events(self, *, status: Status | None = None, closed: bool = False) -> Iterator[Event]:
        def read(after: int, limit: int) -> Sequence[Event]:
            return events.list_events(
                self.services, self.caller, status=status, closed=closed, after=after, limit=limit
            )

        return page_after_page(read, lambda event: event.id, 0)

    def view(self, event_id: int) -> Event:
        return events.view(self.services, self.caller, event_id)

    def peek(self, event_id: int) -> Event:
        return events.peek(self.services, self.caller, event_id)

    def replace(
        self,
        event_id: int,
        slots: Iterable[Wanted],
        *,
        title: str | None = None,
        if_revision: int | None = None,
    ) -> Event:
        self._register()
        return updates.replace(
            self.services, self.caller, event_id, slots, title=title, expected=if_revision
        )

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
        self._register()
        if keep is None and drop is None and accept is None:
            raise InvalidInputError.of("say which slots to keep, drop or accept")
        if keep is None:
            return updates.judge(
                self.services,
                self.caller,
                event_id,
                drop or (),
                accept or (),
                title=title,
                expected=if_revision,
            )
        if drop is not None or accept is not None:
            raise InvalidInputError.of("keep goes with neither drop nor accept", "keep")
        return updates.narrow(
            self.services, self.caller, event_id, keep, title=title, expected=if_revision
        )

    def extend(
        self,
        event_id: int,
        slots: Iterable[Wanted],
        *,
        title: str | None = None,
        if_revision: int | None = None,
    ) -> Event:
        self._register()
        return updates.extend(
            self.services, self.caller, event_id, slots, title=title, expected=if_revision
        )

    def retitle(self, event_id: int, title: str, *, if_revision: int | None = None) -> Event:
        self._register()
        return updates.retitle(self.services, self.caller, event_id, title, expected=if_revision)

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
        self._register()
        return events.notify(
            self.services,
            self.caller,
            event_id,
            recipients,
            slots,
            sender=sender,
            invitation=invitation,
            expected=if_revision,
        )

    def stop_mail(self, event_id: int) -> Event:
        self._register()
        return events.stop_mail(self.services, self.caller, event_id)

    def resume_mail(self, event_id: int) -> Event:
        self._register()
        return events.resume_mail(self.services, self.caller, event_id)

    def delete(self, event_id: int, *, if_revision: int | None = None) -> None:
        self._register()
        events.delete(self.services, self.caller, event_id, expected=if_revision)

    def log(self, event_id: int, *, after: int = 0, deliveries: bool = False) -> Iterator[LogEntry]:
        return events.whole_log(
            self.services, self.caller, event_id, after=after, deliveries=deliveries
        )

    def export(self, event_id: int) -> Iterator[dict[str, Any]]:
        return auditing.export_log(self.services, self.caller, event_id)

    def calendar(self, event_id: int) -> bytes:
        event, cancelled = calendars.calendar_file(self.services, self.caller, event_id)
        return self._draw(event, cancelled, self.services.clock.now())

    def deliver(self, event_id: int | None = None) -> list[Delivery]:
        """
        Hand over the letters that wait: of one event, or all.

        Only who has opened the database can do this; a server does it by itself.
        """
        return letters.deliver(self.services, event_id)

    def acting_as(self, address: str, *, staff: bool = False) -> LocalCoordinator:
        """
        Act in the same database for somebody else, until this coordinator is closed.
        """
        caller = accounts.act_locally(self.services, address, staff=staff)
        return LocalCoordinator(self.services, caller, lambda: None, self._draw)

    def _register(self) -> None:
        # Who only looks leaves no account behind.
        if not self._is_registered:
            accounts.register_locally(self.services, self.caller)
            self._is_registered = True
