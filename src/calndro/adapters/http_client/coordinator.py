"""
The coordinator over HTTP: a desk at a server somewhere.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from calndro.adapters import wire
from calndro.adapters.http_client.accounts import HttpAccounts
from calndro.adapters.http_client.server import Server, listed, taken
from calndro.core.agreement import Status
from calndro.core.errors import CalndroError, GoneError, InvalidInputError, StorageError
from calndro.core.reading import SlotText
from calndro.core.slot import Slot


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    import httpx2

    from calndro.core.event import Event, LogEntry
    from calndro.core.reading import Wanted
    from calndro.ports.secrets import Secrets


T = TypeVar("T")

_FAR: Final = 10**15 - 1


class HttpCoordinator:
    """
    Acts at a server for the account, or the token, of its credentials.

    Args:
        url: Where the server is.
        authorization: The value of the Authorization header; empty for nobody.
        secrets: Makes idempotency keys.
        transport: Instead of the network, for tests.
    """

    def __init__(
        self,
        url: str,
        authorization: str,
        secrets: Secrets,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._server = Server(url, authorization, secrets, transport)
        self.accounts = HttpAccounts(self._server)

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
        self._server.close()

    def propose(
        self,
        *,
        parties: Iterable[str] | None = None,
        slots: Iterable[Wanted] | None = None,
        title: str | None = None,
        zone: str | None = None,
        like: int | None = None,
    ) -> Event:
        body = {
            "parties": _listed(parties),
            "slots": _written(slots) if slots is not None or like is not None else [],
            "title": title,
            "zone": zone,
            "like": like,
        }
        return self._event("POST", "/", body)

    def events(self, *, status: Status | None = None, closed: bool = False) -> Iterator[Event]:
        wanted = None if status is None else Status(status).value
        query = {"status": wanted, "all": "1" if closed else None}
        return self._server.pages("/", query, partial(listed, wire.event_of))

    def view(self, event_id: int) -> Event:
        # Each look that arrives is logged.
        return self._event("GET", f"/{event_id}/", once=True)

    def peek(self, event_id: int) -> Event:
        event = self.look_up(event_id)
        if event.status is Status.CLOSED:
            raise GoneError(event_id)
        return event

    def look_up(self, event_id: int) -> Event:
        """
        Read an event even when it was deleted, as whoever may read its log; not logged.
        """
        query = {"after": str(_FAR), "state": "1"}
        answer = self._server.send("GET", f"/{event_id}/log/", query=query)
        return taken(answer, lambda log: wire.event_of(log["state"]))

    def replace(
        self,
        event_id: int,
        slots: Iterable[Wanted],
        *,
        title: str | None = None,
        if_revision: int | None = None,
    ) -> Event:
        return self._update(event_id, {"slots": _written(slots), "title": title}, if_revision)

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
        form = {"keep": _written(keep), "drop": _written(drop), "accept": _written(accept)}
        if not any(slots is not None for slots in form.values()):
            raise InvalidInputError.of("say which slots to keep, drop or accept")
        return self._update(event_id, {**form, "title": title}, if_revision)

    def extend(
        self,
        event_id: int,
        slots: Iterable[Wanted],
        *,
        title: str | None = None,
        if_revision: int | None = None,
    ) -> Event:
        return self._update(event_id, {"add": _written(slots), "title": title}, if_revision)

    def retitle(self, event_id: int, title: str, *, if_revision: int | None = None) -> Event:
        return self._update(event_id, {"title": title}, if_revision)

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
        body = {
            "parties": _listed(recipients),
            "slots": _written(slots),
            "sender": sender,
            "invitation": invitation,
        }
        self._server.send("POST", f"/{event_id}/notify/", body, _seen(if_revision))
        try:
            return self.peek(event_id)
        except CalndroError as error:
            raise StorageError(
                "the letters are promised; how the event is now could not be read, so look at "
                f"it before you send them again: {error}"
            ) from error

    def stop_mail(self, event_id: int) -> Event:
        return self._event("POST", f"/{event_id}/mail/", {"mail": "stopped"}, once=True)

    def resume_mail(self, event_id: int) -> Event:
        return self._event("POST", f"/{event_id}/mail/", {"mail": "resumed"}, once=True)

    def delete(self, event_id: int, *, if_revision: int | None = None) -> None:
        self._server.remove(f"/{event_id}/", _seen(if_revision))

    def log(self, event_id: int, *, after: int = 0, deliveries: bool = False) -> Iterator[LogEntry]:
        query = {"after": str(after), "all": "1" if deliveries else None}
        return self._server.pages(
            f"/{event_id}/log/", query, lambda log: listed(wire.entry_of, log["entries"])
        )

    def export(self, event_id: int) -> Iterator[dict[str, Any]]:
        return self._server.lines(f"/{event_id}/log/", {"export": "1"})

    def calendar(self, event_id: int) -> bytes:
        kind = {"Accept": "text/calendar, application/problem+json"}
        answer = self._server.send("GET", f"/{event_id}/calendar.ics", headers=kind)
        if not answer.headers.get("content-type", "").lower().startswith("text/calendar"):
            raise StorageError("the server's answer is no calendar: is it a calndro server?")
        return answer.content

    def _update(self, event_id: int, body: dict[str, Any], if_revision: int | None) -> Event:
        return self._event("PATCH", f"/{event_id}/", body, _seen(if_revision))

    def _event(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        once: bool = False,
    ) -> Event:
        answer = self._server.send(method, path, body, headers, once=once)
        return taken(answer, wire.event_of)


def _seen(revision: int | None) -> dict[str, str]:
    return {} if revision is None else {"If-Match": f'"{revision}"'}


def _written(slots: Iterable[Wanted] | None) -> list[Any] | str | None:
    given = _listed(slots)
    return [_slot(each) for each in given] if isinstance(given, list) else given


def _listed(given: Iterable[T] | None) -> list[T] | str | None:
    # A text is refused by the server, which says where a list is wanted.
    return given if given is None or isinstance(given, str) else list(given)


def _slot(slot: Wanted) -> Any:
    match slot:
        case Slot():
            return wire.slot_json(slot)
        case SlotText():
            return {"begin": slot.begin, "duration": slot.duration}
        case _:
            return slot
