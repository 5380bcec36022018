"""
Where the pages for staff are, and who gets in.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.routing import Mount, Route, Router

from calndro.core.access import Operation, admit
from calndro.core.errors import CalndroError
from calndro.entry.http.admin import events, users
from calndro.entry.http.admin.desk import Desk
from calndro.entry.http.admin.drawing import draw_refusal
from calndro.entry.http.asking import check_query
from calndro.entry.http.assets import lightened, serve
from calndro.entry.http.negotiation import is_browser
from calndro.entry.http.pages import CONTENT_SECURITY
from calndro.entry.http.problems import kind_of
from calndro.entry.http.routes import Elsewhere, allowed, tell_allowed


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from calndro.entry.http.endpoints import Endpoints

    Act = Callable[[Desk], Awaitable[Response]]


async def _begin(desk: Desk) -> Response:
    return desk.go("events/")


PAGES: Mapping[str, Mapping[str, Act]] = {
    "/": {"GET": _begin},
    "/users/": {"GET": users.list_users, "POST": users.add_user},
    "/user/": {"GET": users.show_user, "POST": users.change_user},
    "/erase/": {"GET": users.ask_to_erase, "POST": users.erase_user},
    "/events/": {"GET": events.list_events},
    "/events/{id:event}/": {"GET": events.show_event},
    "/events/{id:event}/link/": {"POST": events.revoke_link},
    "/events/{id:event}/delete/": {"POST": events.delete_event},
    "/outbox/": {"GET": events.list_outbox, "POST": events.settle_letter},
}
"""What can be done where; an address in a letter never stands in a path, which is logged."""


def admin(endpoints: Endpoints) -> Mount:
    """
    Make what stands under ``/admin/``.

    Args:
        endpoints: The services, and the threads that they are used in.
    """
    routes: list[BaseRoute] = [
        Route(path, partial(_answer, endpoints, acts), methods=allowed(acts))
        for path, acts in PAGES.items()
    ]
    routes.append(Route("/admin.css", _style, methods=allowed(["GET"])))
    inside = Router(routes, redirect_slashes=False, default=Elsewhere(routes))
    return Mount("/admin", inside)


async def _answer(endpoints: Endpoints, acts: Mapping[str, Act], request: Request) -> Response:
    if request.method == "OPTIONS":
        return tell_allowed(allowed(acts))
    act = acts["GET" if request.method == "HEAD" else request.method]
    try:
        check_query(request)
        asked = await endpoints.asked(request, form=True)
        admit(asked.caller, Operation.ADMINISTER)
        return lightened(request, await act(Desk(request, endpoints, asked)))
    except CalndroError as error:
        # Whoever has to sign in is shown how, as at any other address.
        signs_in = kind_of(error).status == HTTPStatus.UNAUTHORIZED
        if signs_in or not is_browser(request):
            raise
        return draw_refusal(request, error)


async def _style(request: Request) -> Response:
    if request.method == "OPTIONS":
        return tell_allowed(allowed(["GET"]))
    return serve(request, "admin.css", {"Content-Security-Policy": CONTENT_SECURITY})
