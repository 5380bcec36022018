"""
The ASGI application.
"""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs
from starlette.applications import Starlette
from starlette.convertors import register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from calndro.core.errors import PortError, TokenInvalidError, TooManyError
from calndro.entry.http.admin import admin
from calndro.entry.http.cookies import SessionCookie
from calndro.entry.http.credentials import note_wrong_token, origin_of
from calndro.entry.http.csrf import CsrfGuard
from calndro.entry.http.docs import docs
from calndro.entry.http.endpoints import Endpoints
from calndro.entry.http.envelope import SECURE, Envelope, protect
from calndro.entry.http.guests import FORMS, routes_to
from calndro.entry.http.guests.refusals import draw_plain, draw_refusal, refuse_page
from calndro.entry.http.metrics import Metrics
from calndro.entry.http.openapi import DESCRIBED
from calndro.entry.http.postman import Postman
from calndro.entry.http.problems import KINDS, plain_problem
from calndro.entry.http.routes import RESOURCES, Elsewhere, EventId, Served
from calndro.entry.http.sign_in import LOGIN_PATHS, SIGN_IN
from calndro.entry.http.users import USERS, Email, Mark


if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from calndro.usecases.services import Services


_log: Final = logging.getLogger("calndro.http")


@attrs.frozen(kw_only=True)
class HttpTerms:
    """
    What an operator may set about the HTTP front end.

    Args:
        public_url: Where people reach the server, without a slash at its end: the start of
            every link. None to believe the host name of each request.
        allowed_hosts: The host names it answers to; ``.here.net`` stands for all below it,
            and any will do when there are none.
        delivers: Whether this process hands over letters; if not, whoever ``ring`` of the
            services wakes does.
        look_every: Seconds between two looks at the outbox.
        secret_key: Signs the cookies of sessions; processes that serve together share it.
            Empty for one that is made up.
        tells_metrics: Whether figures for Prometheus are told at ``/metrics``.
        organizer: The address that letters come from, for calendar files.
    """

    public_url: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    delivers: bool = True
    look_every: float = 5.0
    secret_key: str = attrs.field(default="", repr=False)
    tells_metrics: bool = False
    organizer: str = "calndro@localhost"


def create_app(services: Services, settings: HttpTerms) -> Starlette:
    """
    Make the application; any ASGI server can run it, and its lifespan delivers letters.

    Args:
        services: The ports.
        settings: What the operator has set.
    """
    postman = Postman(services, settings.look_every)
    services = attrs.evolve(services, ring=postman.wake if settings.delivers else services.ring)
    public_url = settings.public_url
    endpoints = Endpoints(services, public_url, settings.organizer)
    secure = (public_url or "").startswith("https:")

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, bool]]:
        if settings.delivers:
            postman.start()
        yield {SECURE: secure}
        if settings.delivers:
            postman.stop()

    metrics = Metrics() if settings.tells_metrics else None
    app = Starlette(
        routes=_routes(endpoints, metrics),
        middleware=[
            Middleware(
                Envelope,
                hosts=settings.allowed_hosts,
                secure=secure,
                note=metrics.note if metrics else None,
                draw=draw_plain,
            ),
            Middleware(
                CsrfGuard,
                public_url=public_url,
                logins=LOGIN_PATHS,
                draw=partial(draw_plain, known="forged"),
            ),
        ],
        exception_handlers={
            **dict.fromkeys(KINDS, partial(_refuse, endpoints)),
            HTTPException: refuse_page,
            Exception: partial(_fail, secure=secure),
        },
        lifespan=lifespan,
    )
    # The last route leads on, and by a path alone: no header says for sure how people came here.
    app.router.redirect_slashes = False
    key = settings.secret_key or services.secrets.draw(32).hex()
    app.state.cookies = {
        by_https: SessionCookie(key, services.terms.session_life, secure=secure or by_https)
        for by_https in (False, True)
    }
    return app


def _routes(endpoints: Endpoints, metrics: Metrics | None) -> list[BaseRoute]:
    """
    Make every route; the last one is for whatever has none.
    """
    register_url_convertor("event", EventId())
    register_url_convertor("email", Email())
    register_url_convertor("mark", Mark())
    resources = (*RESOURCES, *USERS, *DESCRIBED, *SIGN_IN, *FORMS)
    routes: list[BaseRoute] = [*routes_to(resources, endpoints), docs(), admin(endpoints)]
    if metrics is not None:
        told = metrics.resource()
        routes.append(Route(told.path, Served(told, endpoints)))
    return [*routes, Route("/{path:path}", Elsewhere(tuple(routes)))]


async def _fail(request: Request, _error: Exception, *, secure: bool) -> Response:
    # Starlette answers this outside of all middleware.
    plain = plain_problem(500, "something unexpected went wrong; it has been logged")
    answer = draw_plain(request, plain)
    protect(answer.headers, request.scope, secure=secure)
    return answer


async def _refuse(endpoints: Endpoints, request: Request, error: Any) -> Response:
    if isinstance(error, TokenInvalidError):
        try:
            await endpoints.run(note_wrong_token, endpoints.services, origin_of(request))
        except (TooManyError, PortError) as instead:
            error = instead
    if isinstance(error, PortError):
        # Whoever asked is not told, since the message may name hosts and files.
        _log.warning("something needed is away: %s", error)
    return draw_refusal(request, error)
