"""
What a page for staff works with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar
from urllib.parse import urlencode

import attrs
from starlette.responses import RedirectResponse, Response

from calndro.core.errors import InvalidInputError
from calndro.entry.http.admin.drawing import draw
from calndro.entry.http.asking import event_id_of
from calndro.entry.http.pages import language_of


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from calndro.core.access import Caller
    from calndro.entry.http.asking import Asked
    from calndro.entry.http.endpoints import Endpoints
    from calndro.usecases.services import Services


P = ParamSpec("P")
R = TypeVar("R")


@attrs.frozen
class Desk:
    """
    One request of somebody who is staff.

    Args:
        request: What was asked.
        endpoints: The services, and the threads that they are used in.
        asked: Who asks, and what was filled in.
    """

    request: Request
    endpoints: Endpoints
    asked: Asked

    @property
    def form(self) -> Mapping[str, Any]:
        """
        What was filled in.
        """
        return self.asked.members

    @property
    def id(self) -> int:
        """
        The event that the address names.
        """
        return event_id_of(self.request)

    def queried(self, name: str) -> str:
        """
        Read one parameter of the query; empty when it is not there.
        """
        return self.request.query_params.get(name, "")

    def filled(self, name: str) -> str:
        """
        Read one field of the form.

        Raises:
            InvalidInputError: It is not there, or no text.
        """
        value = self.form.get(name)
        if not isinstance(value, str):
            raise InvalidInputError.of("this field is missing", name)
        return value

    def confirm(self, wanted: str) -> None:
        """
        Go on only when the form says the word that confirms.

        Raises:
            InvalidInputError: It says something else.
        """
        if self.form.get("confirm", "") != wanted:
            raise InvalidInputError.of(f"write {wanted} to confirm; nothing was done", "confirm")

    async def run(
        self,
        case: Callable[Concatenate[Services, Caller, P], R],
        *args: P.args,
        **named: P.kwargs,
    ) -> R:
        """
        Run a use case as the caller, in a thread.
        """
        return await self.endpoints.run(
            case, self.endpoints.services, self.asked.caller, *args, **named
        )

    async def run_slowly(
        self,
        case: Callable[Concatenate[Services, Caller, P], R],
        *args: P.args,
        **named: P.kwargs,
    ) -> R:
        """
        Run a use case that hashes a password.
        """
        return await self.endpoints.run_slowly(
            case, self.endpoints.services, self.asked.caller, *args, **named
        )

    def show(self, name: str, **shown: Any) -> Response:
        """
        Answer with a page.
        """
        done = self.queried("done")
        said = language_of(self.request).say(f"admin_done_{done}") if done in DONE else ""
        return draw(self.request, name, me=str(self.asked.caller.user), done=said, **shown)

    def go(self, path: str, **query: str) -> Response:
        """
        Send the browser to another page, so that nothing is sent twice.
        """
        where = f"/admin/{path}?{urlencode(query)}" if query else f"/admin/{path}"
        return RedirectResponse(where, 303)


DONE: Final = frozenset(
    {
        *("added", "password", "staff", "unstaff", "activate", "deactivate", "tokens"),
        *("erased", "erased_left", "revoked", "deleted", "retried", "dropped"),
    }
)
"""What a page can say was done, by the end of its key in the catalogue."""
