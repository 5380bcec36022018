"""
Which requests for an address get a page, and which go to the API.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from calndro.core.errors import TokenMissingError
from calndro.entry.http.asking import check_query, event_id_of
from calndro.entry.http.assets import lightened, serve
from calndro.entry.http.bodies import FORM, MULTIPART, read_fields
from calndro.entry.http.credentials import MEMBER, presented
from calndro.entry.http.guests import account, forms, home, showing
from calndro.entry.http.guests.fields import Fields
from calndro.entry.http.guests.unsaved import tell_back
from calndro.entry.http.negotiation import HTML, is_browser
from calndro.entry.http.pages import language_of, page
from calndro.entry.http.routes import EVENT, Operation, Resource, Served
from calndro.usecases import links


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from calndro.entry.http.endpoints import Endpoints

    Act = Callable[[Endpoints, Request], Awaitable[Response]]


async def send_link(endpoints: Endpoints, request: Request) -> Response:
    """
    Mail a new link in place of an expired one; the page never says if it did.
    """
    fields = Fields(tuple(await read_fields(request)))
    members = {MEMBER: fields.one(MEMBER)} if fields.all(MEMBER) else {}
    token = presented(request, members).token
    if token is None:
        raise TokenMissingError
    await endpoints.run(links.renew_link, endpoints.services, event_id_of(request), token)
    language = language_of(request)
    unsaved = tell_back(fields, language)
    return page("expired", 202, None, language, is_sent=True, unsaved=unsaved)


async def lead_to_page(_endpoints: Endpoints, request: Request) -> Response:
    """
    Lead whoever follows the address to stop letters to the page where that is done.
    """
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/{event_id_of(request)}/{query}", 303)


async def show_script(_endpoints: Endpoints, request: Request) -> Response:
    """
    Serve the one script of the pages, which all of them work without.
    """
    return serve(request, "page.js", {})


async def show_icon(_endpoints: Endpoints, request: Request) -> Response:
    """
    Serve the icon.
    """
    return serve(request, "icon.svg", {})


FORMS: Final = (
    Resource(
        f"{EVENT}answer/",
        {"POST": Operation(act=forms.answer, kinds=(HTML,), answer=str, form=True)},
    ),
    Resource(
        f"{EVENT}add/",
        {"POST": Operation(act=forms.add, kinds=(HTML,), answer=str, form=True)},
    ),
    Resource(
        f"{EVENT}title/",
        {"POST": Operation(act=forms.retitle, kinds=(HTML,), answer=str, form=True)},
    ),
    Resource(
        f"{EVENT}delete/",
        {"POST": Operation(act=forms.delete, kinds=(HTML,), answer=str, form=True)},
    ),
    Resource(
        "/account/",
        {
            "GET": Operation(act=account.show_account, kinds=(HTML,), answer=str),
            "POST": Operation(act=account.change_account, kinds=(HTML,), answer=str, form=True),
        },
    ),
    Resource(
        "/page.js",
        {"GET": Operation(act=show_script, kinds=("text/javascript",), answer=str, is_open=True)},
    ),
    Resource(
        "/icon.svg",
        {"GET": Operation(act=show_icon, kinds=("image/svg+xml",), answer=str, is_open=True)},
    ),
)

PAGES: Final[Mapping[str, Mapping[str, Act]]] = MappingProxyType(
    {
        "/": {"GET": home.show_home, "POST": home.propose},
        EVENT: {"GET": showing.show_event},
        f"{EVENT}log/": {"GET": showing.show_log},
        f"{EVENT}notify/": {"POST": forms.tell},
        f"{EVENT}mail/": {"GET": lead_to_page, "POST": forms.steer_mail},
        f"{EVENT}link/": {"POST": send_link},
    }
)
"""What is a page for browsers at addresses that programs use as well."""

MAILBOXES: Final = f"{EVENT}mail/"
"""Where mail programs send a form of their own, in parts by preference (RFC 8058)."""


class PageOrApi:
    """
    An address that answers browsers with a page, and all others as the API does.

    Args:
        path: As Starlette writes it.
        inside: What answers all others.
        endpoints: The services, and the threads they are used in.
    """

    def __init__(self, path: str, inside: ASGIApp, endpoints: Endpoints) -> None:
        self._pages = PAGES.get(path, {})
        self._is_mailbox = path == MAILBOXES
        self._inside = inside
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Answer a request.
        """
        request = Request(scope, receive)
        act = self._pages.get("GET" if request.method == "HEAD" else request.method)
        if act is None or not self._wants_page(request):
            await self._inside(scope, receive, send)
            return
        check_query(request)
        answer = await act(self._endpoints, request)
        answer = lightened(request, answer)
        await answer(scope, receive, send)

    def _wants_page(self, request: Request) -> bool:
        if request.method != "POST":
            return is_browser(request) and "export" not in request.query_params
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self._is_mailbox:
            return kind in {FORM, MULTIPART}
        # Some programs call any body a form unless told otherwise.
        return kind == FORM and is_browser(request)


def routes_to(resources: Iterable[Resource], endpoints: Endpoints) -> list[BaseRoute]:
    """
    Make the routes to resources, by pages where there are any.
    """
    return [
        Route(each.path, PageOrApi(each.path, Served(each, endpoints), endpoints))
        for each in resources
    ]
