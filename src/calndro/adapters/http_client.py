"""
The coordinator over HTTP: a desk at a server somewhere.
"""

from __future__ import annotations

from contextlib import closing
from time import sleep
from typing import TYPE_CHECKING, Any, Final, Self

import httpx2
import msgspec
from httpx2 import codes

from calndro.adapters import wire
from calndro.core.agreement import Status
from calndro.core.errors import GoneError, InvalidInputError, StorageError
from calndro.core.reading import SlotText
from calndro.core.slot import Slot


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from calndro.core.event import Event, LogEntry
    from calndro.core.reading import Wanted
    from calndro.ports.secrets import Secrets


TRIES: Final = 3
SECONDS_TO_WAIT: Final = 30.0
SECONDS_BETWEEN: Final = 0.2
_KEY_BYTES: Final = 16
_AWAY: Final = frozenset({502, 503, 504})
_FAR: Final = 10**15 - 1


class HttpCoordinator:
    """
    Acts at a server for the account, or the token, of its credentials.

    What is not certain to have arrived is sent again, under the same Idempotency-Key, so
    that it has one effect.

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
        headers = {"Authorization": authorization} if authorization else {}
        self._secrets = secrets
        self._client = httpx2.Client(
            base_url=url.rstrip("/"),
            headers={**headers, "Accept": "application/json"},
            timeout=SECONDS_TO_WAIT,
            transport=transport,
        )

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
        self._client.close()

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
            "parties": None if parties is None else list(parties),
            "slots": _written(slots) if slots is not None or like is not None else [],
            "title": title,
            "zone": zone,
            "like": like,
        }
        return self._event("POST", "/", body)

    def events(self, *, status: Status | None = None, closed: bool = False) -> Iterator[Event]:
        query = {"status": None if status is None else status.value, "all": "1" if closed else None}
        for answer in self._pages("/", query):
            for members in _decoded(answer):
                yield wire.event_of(members)

    def view(self, event_id: int) -> Event:
        return self._event("GET", f"/{event_id}/")

    def peek(self, event_id: int) -> Event:
        query = {"after": str(_FAR), "state": "1"}
        answer = self._sent("GET", f"/{event_id}/log/", query=query)
        event = wire.event_of(_decoded(answer)["state"])
        if event.status is Status.CLOSED:
            raise GoneError(event_id)
        return event

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
    ) -> Event:
        body = {
            "parties": list(recipients),
            "slots": _written(slots),
            "sender": sender,
            "invitation": invitation,
        }
        self._sent("POST", f"/{event_id}/notify/", body)
        return self.peek(event_id)

    def stop_mail(self, event_id: int) -> Event:
        return self._event("POST", f"/{event_id}/mail/", {"mail": "stopped"})

    def resume_mail(self, event_id: int) -> Event:
        return self._event("POST", f"/{event_id}/mail/", {"mail": "resumed"})

    def delete(self, event_id: int) -> None:
        request = self._client.build_request("DELETE", f"/{event_id}/")
        answer, tries = self._answered(request)
        was_lost = tries > 1 and answer.status_code == codes.GONE
        if not (answer.is_success or was_lost):
            raise wire.error_of(_problem(answer))

    def log(self, event_id: int, *, after: int = 0, deliveries: bool = False) -> Iterator[LogEntry]:
        query = {"after": str(after), "all": "1" if deliveries else None}
        for answer in self._pages(f"/{event_id}/log/", query):
            for members in _decoded(answer)["entries"]:
                yield wire.entry_of(members)

    def export(self, event_id: int) -> Iterator[dict[str, Any]]:
        return map(_read, self._lines(f"/{event_id}/log/", {"export": "1"}))

    def calendar(self, event_id: int) -> bytes:
        kind = {"Accept": "text/calendar, application/problem+json"}
        return self._sent("GET", f"/{event_id}/calendar.ics", headers=kind).content

    def _lines(self, path: str, query: Mapping[str, str]) -> Iterator[bytes]:
        """
        Give the lines of a long answer as they come.
        """
        answer, _ = self._answered(
            self._client.build_request("GET", path, params=query), whole=False
        )
        with closing(answer):
            try:
                if not answer.is_success:
                    answer.read()
                    raise wire.error_of(_problem(answer))
                rest = b""
                for chunk in answer.iter_bytes():
                    *lines, rest = (rest + chunk).split(b"\n")
                    yield from lines
            except httpx2.TransportError as error:
                raise _away(error) from error
        if rest:
            yield rest

    def _update(self, event_id: int, body: dict[str, Any], if_revision: int | None) -> Event:
        headers = {} if if_revision is None else {"If-Match": f'"{if_revision}"'}
        return self._event("PATCH", f"/{event_id}/", body, headers)

    def _event(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Event:
        return wire.event_of(_decoded(self._sent(method, path, body, headers)))

    def _pages(self, path: str, query: Mapping[str, str | None]) -> Iterator[httpx2.Response]:
        answer = self._sent("GET", path, query=query)
        yield answer
        while "next" in answer.links:
            # Only its query is believed: credentials go to no other place.
            following = httpx2.URL(answer.links["next"]["url"]).params
            answer = self._sent("GET", path, query=dict(following))
            yield answer

    def _sent(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | None] | None = None,
    ) -> httpx2.Response:
        named = {k: v for k, v in (body or {}).items() if v is not None}
        asked = self._client.build_request(
            method,
            path,
            params={k: v for k, v in (query or {}).items() if v is not None},
            headers={**(headers or {}), **self._marks(method)},
            content=None if body is None else wire.dumps(named),
        )
        answer, _ = self._answered(asked)
        if answer.is_success:
            return answer
        raise wire.error_of(_problem(answer))

    def _marks(self, method: str) -> dict[str, str]:
        if method not in {"POST", "PATCH"}:
            return {}
        key = self._secrets.draw(_KEY_BYTES).hex()
        return {"Content-Type": "application/json", "Idempotency-Key": key}

    def _answered(
        self, asked: httpx2.Request, *, whole: bool = True
    ) -> tuple[httpx2.Response, int]:
        tries = 1
        while True:
            try:
                answer = self._client.send(asked, stream=not whole)
            except httpx2.TransportError as error:
                if tries == TRIES:
                    raise _away(error) from error
            else:
                if tries == TRIES or answer.status_code not in _AWAY:
                    return answer, tries
                answer.close()
            sleep(SECONDS_BETWEEN * 2 ** (tries - 1))
            tries += 1


def _written(slots: Iterable[Wanted] | None) -> list[Any] | None:
    if slots is None:
        return None
    return [_slot(each) for each in slots]


def _slot(slot: Wanted) -> Any:
    match slot:
        case Slot():
            return wire.slot_json(slot)
        case SlotText():
            return {"begin": slot.begin, "duration": slot.duration}
        case _:
            return slot


def _away(error: httpx2.TransportError) -> StorageError:
    return StorageError(f"the server can't be reached: {error}")


def _decoded(answer: httpx2.Response) -> Any:
    return _read(answer.content)


def _read(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise StorageError("the server's answer is no JSON: is it a calndro server?") from error


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    if "json" not in answer.headers.get("content-type", ""):
        return {"title": f"the server answers {answer.status_code} {answer.reason_phrase}"}
    problem: dict[str, Any] = _decoded(answer)
    return problem
