"""
The endpoints: decode, call one use case, encode.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import attrs
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.responses import Response

from calndro.adapters import wire
from calndro.core.errors import StaleRevisionError, TokenMissingError
from calndro.entry.http.answering import (
    audit_of,
    event_answer,
    json_answer,
    marks_of,
    next_of,
)
from calndro.entry.http.asking import (
    NO_REVISION,
    UNKNOWN_REVISION,
    Asked,
    Heard,
    event_id_of,
    once_of,
    page_of,
    revision_of,
    together,
)
from calndro.entry.http.bodies import read_members
from calndro.entry.http.credentials import identify, origin_of, presented
from calndro.entry.http.problems import problem
from calndro.usecases import accounts, events, updates


if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from calndro.core.access import Caller
    from calndro.core.event import Event
    from calndro.core.idempotency import IdempotencyKey
    from calndro.usecases.services import Services


P = ParamSpec("P")
R = TypeVar("R")

THREADS: Final = 4
PASSWORD_THREADS: Final = 2


@attrs.frozen
class Endpoints:
    """
    Everything a client can ask for.

    Args:
        services: The ports.
        public_url: Where people reach the server; None to believe each request.
        organizer: The address that letters come from, in the form that mail takes.
        threads: Bounds how many use cases run at once.
        password_threads: Bounds how many passwords are checked at once.
    """

    services: Services
    public_url: str | None = None
    organizer: str = "calndro@localhost"
    threads: CapacityLimiter = attrs.field(factory=partial(CapacityLimiter, THREADS))
    password_threads: CapacityLimiter = attrs.field(
        factory=partial(CapacityLimiter, PASSWORD_THREADS)
    )

    async def list_events(self, request: Request) -> Response:
        """
        List the events one is a party of or has proposed, by id; all of them for staff.
        """

        def work(caller: Caller) -> Response:
            page = page_of(request.query_params)
            found = events.list_events(
                self.services,
                caller,
                status=page.status,
                closed=page.complete,
                after=page.after,
                limit=page.limit,
            )
            headers = next_of(request, f"{heard.base_url}/", page.limit, found)
            shown = [wire.event_json(each, heard.base_url) for each in found]
            return json_answer(shown, headers=headers)

        heard = await self.heard(request)
        return await self.act(heard, work)

    async def propose(self, request: Request) -> Response:
        """
        Open an event; nobody is told.
        """

        def work(caller: Caller) -> Event:
            proposal, once = together(
                lambda: wire.read_proposal(heard.members),
                lambda: once_of(request, heard.members),
            )
            return events.propose(
                self.services,
                caller,
                parties=proposal.parties,
                slots=proposal.slots,
                title=proposal.title,
                zone=proposal.zone,
                like=proposal.like,
                once=once,
            )

        heard = await self.heard(request)
        event = await self.act(heard, work)
        answer = event_answer(event, heard.base_url, 201)
        answer.headers["Location"] = wire.event_url(event.id, heard.base_url)
        return answer

    async def view(self, request: Request) -> Response:
        """
        Look at an event; the look is logged.
        """
        heard = await self.heard(request)
        number = event_id_of(request)
        event = await self.act(heard, lambda caller: events.view(self.services, caller, number))
        return event_answer(event, heard.base_url)

    async def peek(self, request: Request) -> Response:
        """
        Learn an event's revision; nothing is logged.
        """
        heard = await self.heard(request)
        number = event_id_of(request)
        event = await self.act(heard, lambda caller: events.peek(self.services, caller, number))
        return event_answer(event, heard.base_url)

    async def update(self, request: Request) -> Response:
        """
        Change an event: its slots by slots, keep, add, or drop and accept; its title.
        """
        number = event_id_of(request)

        def work(caller: Caller) -> Response:
            update, (expected, once) = together(
                lambda: wire.read_update(heard.members),
                lambda: _conditions_of(request, heard.members),
            )
            change = _change_of(update)
            event = change(self.services, caller, number, expected=expected, once=once)
            return event_answer(event, heard.base_url, 202)

        heard = await self.heard(request)
        return await self._unless_stale(request, heard, work)

    async def delete(self, request: Request) -> Response:
        """
        Close an event (staff); its log stays readable.
        """
        number = event_id_of(request)

        def work(caller: Caller) -> Response:
            event = events.delete(self.services, caller, number, expected=revision_of(request))
            return Response(status_code=204, headers=audit_of(event))

        return await self._unless_stale(request, await self.heard(request), work)

    async def notify(self, request: Request) -> Response:
        """
        Tell parties what is on the table; refused unless slots is just that.
        """

        def work(caller: Caller) -> Response:
            body, (expected, once) = together(
                lambda: wire.read(wire.Notification, heard.members),
                lambda: _conditions_of(request, heard.members),
            )
            event = events.notify(
                self.services,
                caller,
                event_id_of(request),
                body.parties,
                body.slots,
                sender=body.sender,
                invitation=body.invitation,
                expected=expected,
                once=once,
            )
            told = wire.notified_json(event, body.parties, body.sender, heard.base_url)
            return json_answer(told, 202, audit_of(event))

        heard = await self.heard(request)
        return await self._unless_stale(request, heard, work)

    async def steer_mail(self, request: Request) -> Response:
        """
        Stop the letters of an event to oneself, or let them come again.
        """
        number = event_id_of(request)

        def work(caller: Caller) -> Response:
            wish, expected = together(
                lambda: wire.read(wire.MailWish, heard.members),
                lambda: revision_of(request),
            )
            wanted = events.stop_mail if wish.mail == "stopped" else events.resume_mail
            event = wanted(self.services, caller, number, expected=expected)
            return event_answer(event, heard.base_url)

        heard = await self.heard(request)
        return await self._unless_stale(request, heard, work)

    async def issue_api_token(self, request: Request) -> Response:
        """
        Make an API token from an email address and its password.
        """
        members = await read_members(request, form=True)
        body = wire.read(wire.SignIn, members)
        token = await self.run_slowly(
            accounts.issue_api_token,
            self.services,
            body.username,
            body.password,
            origin=origin_of(request),
        )
        return json_answer({"token": token})

    async def check_health(self, _request: Request) -> Response:
        """
        Tell that the process is alive.
        """
        return json_answer({"status": "ok"})

    async def check_readiness(self, _request: Request) -> Response:
        """
        Tell whether the database can be reached, and is of this version.
        """
        await self.run(self.services.check)
        return json_answer({"status": "ready"})

    async def asked(self, request: Request, *, form: bool = False) -> Asked:
        """
        Read a request and find out who asks.

        Raises:
            As ``heard`` and ``act`` say.
        """
        heard = await self.heard(request, form=form)
        caller = await self.act(heard, lambda caller: caller)
        return Asked(caller, heard.members, heard.base_url)

    async def heard(self, request: Request, *, form: bool = False) -> Heard:
        """
        Read a request, and leave open who asks.

        Raises:
            TokenMissingError: Nothing is shown.
            InvalidInputError: The body or the credentials can't be read.
        """
        members = await read_members(request, form=form)
        credentials = presented(request, members)
        if credentials.is_empty:
            # Who shows nothing learns nothing of events, nor which members are wrong.
            raise TokenMissingError
        return Heard(credentials, members, self.public_url or _origin(request))

    async def act(self, heard: Heard, work: Callable[[Caller], R]) -> R:
        """
        Find out who asks, then do as told: in one thread, unless a password is to be checked.

        Raises:
            SignInError, TokenInvalidError: What is shown is no good.
            TooManyError: Too much was no good lately.
        """
        if heard.credentials.has_password:
            caller = await self.run_slowly(identify, self.services, heard.credentials)
            return await self.run(work, caller)
        return await self.run(lambda: work(identify(self.services, heard.credentials)))

    async def _unless_stale(
        self, request: Request, heard: Heard, work: Callable[[Caller], Response]
    ) -> Response:
        """
        Do as told, or refuse with what is there now when the caller saw another revision.
        """
        try:
            return await self.act(heard, work)
        except StaleRevisionError as stale:
            number = event_id_of(request)
            now = await self.act(heard, lambda caller: events.peek(self.services, caller, number))
            said = {"detail": NO_REVISION} if stale.expected == UNKNOWN_REVISION else {}
            shown = wire.event_json(now, heard.base_url)
            refusal = problem(request, stale, event=shown, **said)
            refusal.headers.update(marks_of(now))
            return refusal

    async def run(self, case: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
        """
        Run a use case in a thread, when there is one to be had.
        """
        return await run_sync(partial(case, *args, **named), limiter=self.threads)

    async def run_slowly(self, case: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
        """
        Run a use case that checks a password in a thread, of which there are few.
        """
        return await run_sync(partial(case, *args, **named), limiter=self.password_threads)


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _conditions_of(
    request: Request, members: dict[str, Any]
) -> tuple[int | None, IdempotencyKey | None]:
    return together(lambda: revision_of(request), lambda: once_of(request, members))


def _change_of(body: wire.Update) -> Callable[..., Event]:
    if body.slots is not None:
        return partial(updates.replace, slots=body.slots, title=body.title)
    if body.keep is not None:
        return partial(updates.narrow, keep=body.keep, title=body.title)
    if body.add is not None:
        return partial(updates.extend, slots=body.add, title=body.title)
    if body.drop is not None or body.accept is not None:
        drop, accept = body.drop or (), body.accept or ()
        return partial(updates.judge, drop=drop, accept=accept, title=body.title)
    return partial(updates.update, form=None, title=body.title)
