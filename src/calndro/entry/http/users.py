"""
The endpoints about accounts: one's own API tokens, and for staff everybody's account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, NotRequired, TypedDict
from urllib.parse import quote, urlencode

import attrs
from msgspec import Meta
from starlette.convertors import Convertor
from starlette.responses import Response

from calndro.adapters import wire
from calndro.core.errors import Faults, InvalidInputError
from calndro.core.log import format_when
from calndro.core.token import fingerprint
from calndro.entry.http.answering import json_answer
from calndro.entry.http.asking import address_of, page_of, together
from calndro.entry.http.routes import Operation, Resource, TokenJson
from calndro.usecases import accounts, administering, api_tokens, auditing
from calndro.usecases.paging import PAGE


if TYPE_CHECKING:
    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from calndro.core.access import Caller
    from calndro.core.user import User
    from calndro.entry.http.endpoints import Endpoints
    from calndro.usecases.services import Services


class ApiTokenJson(TypedDict):
    """
    An API token as its owner sees it again: never its text.
    """

    id: str
    used: wire.Instant


class RevokedJson(TypedDict):
    """
    How many API tokens were taken back.
    """

    revoked: int


class ErasedJson(TypedDict):
    """
    What came of forgetting a person.
    """

    events: Annotated[list[int], Meta(description="Those that moved on without it.")]
    warning: NotRequired[
        Annotated[str, Meta(description="What may still be found of it in files, if anything.")]
    ]


class Email(Convertor[str]):
    """
    An email address in a path; what is none is told by the core.

    But a whole token leads nowhere: no answer is to repeat it.
    """

    regex = "(?![0-9a-fA-F]{40}/)(?s:.+)"

    def convert(self, value: str) -> str:
        """
        Take it as it is.
        """
        return value

    def to_string(self, value: str) -> str:
        """
        Write it.
        """
        return value


class Mark(Email):
    """
    The id of an API token in a path; never a whole token.
    """

    regex = "[0-9a-f]{8}"


async def list_api_tokens(endpoints: Endpoints, request: Request) -> Response:
    """
    List one's own API tokens, the last used first; never their text.
    """

    def work(caller: Caller) -> Response:
        found = api_tokens.list_own_api_tokens(endpoints.services, caller)
        shown = [
            ApiTokenJson(id=fingerprint(each.digest), used=format_when(each.used)) for each in found
        ]
        return json_answer(shown)

    return await endpoints.act(await endpoints.heard(request), work)


async def revoke_api_tokens(endpoints: Endpoints, request: Request) -> Response:
    """
    Take back every one of one's own API tokens.
    """

    def work(caller: Caller) -> Response:
        count = api_tokens.revoke_own_api_tokens(endpoints.services, caller)
        return json_answer(RevokedJson(revoked=count))

    return await endpoints.act(await endpoints.heard(request), work)


async def revoke_api_token(endpoints: Endpoints, request: Request) -> Response:
    """
    Take back one of one's own API tokens, by its id.
    """
    mark = request.path_params["token"]

    def work(caller: Caller) -> Response:
        api_tokens.revoke_own_api_token(endpoints.services, caller, mark)
        return Response(status_code=204)

    return await endpoints.act(await endpoints.heard(request), work)


async def list_users(endpoints: Endpoints, request: Request) -> Response:
    """
    List everybody that is known, by address (staff): users, and parties without an account.
    """

    def work(caller: Caller) -> Response:
        limit, after = _part_of(request.query_params)
        found = administering.find_users(endpoints.services, caller, after=after, limit=limit)
        headers = {}
        if len(found) == limit:
            query = urlencode({"limit": limit, "after": str(found[-1].address)})
            headers["Link"] = f'<{heard.base_url}/users/?{query}>; rel="next"'
        return json_answer([wire.user_json(each) for each in found], headers=headers)

    heard = await endpoints.heard(request)
    return await endpoints.act(heard, work)


async def add_user(endpoints: Endpoints, request: Request) -> Response:
    """
    Register a user, or give a party its account (staff).
    """

    def work(caller: Caller) -> Response:
        body = wire.read(wire.NewUser, asked.members)
        email, _ = together(
            lambda: address_of(body.email, "email"),
            lambda: accounts.check_password(body.password),
        )
        user = accounts.add_user(endpoints.services, caller, email, body.password, staff=body.staff)
        address = quote(str(user.address), safe="@")
        return json_answer(
            wire.user_json(user), 201, {"Location": f"{asked.base_url}/users/{address}/"}
        )

    asked = await endpoints.asked(request)
    # A password is hashed.
    return await endpoints.run_slowly(work, asked.caller)


async def see_user(endpoints: Endpoints, request: Request) -> Response:
    """
    Look at one user (staff).
    """

    def work(caller: Caller) -> Response:
        account = administering.see_account(endpoints.services, caller, _email(request))
        return json_answer(wire.user_json(account.user))

    return await endpoints.act(await endpoints.heard(request), work)


async def change_user(endpoints: Endpoints, request: Request) -> Response:
    """
    Change one user (staff): its password, its rights, or whether it may sign in.
    """

    def work(caller: Caller) -> Response:
        change = wire.read(wire.UserChange, asked.members)
        return json_answer(
            wire.user_json(_changed(endpoints.services, caller, _email(request), change))
        )

    asked = await endpoints.asked(request)
    return await endpoints.run_slowly(work, asked.caller)


async def erase_user(endpoints: Endpoints, request: Request) -> Response:
    """
    Forget a person everywhere (staff); the logs keep its place and still prove themselves.
    """

    def work(caller: Caller) -> Response:
        erased = auditing.erase(endpoints.services, caller, _email(request))
        told = ErasedJson(events=[each.id for each in erased.events])
        return json_answer({**told, "warning": erased.warning} if erased.warning else told)

    return await endpoints.act(await endpoints.heard(request), work)


async def issue_token_of_user(endpoints: Endpoints, request: Request) -> Response:
    """
    Make an API token for a user (staff); it is told only now.
    """

    def work(caller: Caller) -> Response:
        text = accounts.issue_api_token_for(endpoints.services, caller, _email(request))
        return json_answer(TokenJson(token=text), 201)

    return await endpoints.act(await endpoints.heard(request), work)


async def revoke_tokens_of_user(endpoints: Endpoints, request: Request) -> Response:
    """
    Take back every API token of a user (staff).
    """

    def work(caller: Caller) -> Response:
        count = accounts.revoke_api_tokens(endpoints.services, caller, _email(request))
        return json_answer(RevokedJson(revoked=count))

    return await endpoints.act(await endpoints.heard(request), work)


def _part_of(query: QueryParams) -> tuple[int, str | None]:
    faults, after = Faults(), query.get("after")
    limit = PAGE
    with faults.at(""):
        limit = page_of({k: v for k, v in query.items() if k == "limit"}).limit
    with faults.at("after"):
        after = after if after is None else address_of(after, "")
    faults.settle()
    return limit, after


def _email(request: Request) -> str:
    return address_of(request.path_params["email"], "email")


def _changed(services: Services, caller: Caller, email: str, change: wire.UserChange) -> User:
    wanted = {name for name, value in attrs.asdict(change).items() if value is not None}
    if len(wanted) != 1:
        raise InvalidInputError.of("say one of password, staff and active")
    if change.password is not None:
        return accounts.set_password(services, caller, email, change.password)
    if change.staff is not None:
        return accounts.set_staff(services, caller, email, staff=change.staff)
    act = accounts.activate if change.active else accounts.deactivate
    return act(services, caller, email)


USERS: Final = (
    Resource(
        "/api-tokens/",
        {
            "GET": Operation(act=list_api_tokens, answer=list[ApiTokenJson]),
            "DELETE": Operation(act=revoke_api_tokens, answer=RevokedJson),
        },
    ),
    Resource("/api-tokens/{token:mark}/", {"DELETE": Operation(act=revoke_api_token, status=204)}),
    Resource(
        "/users/",
        {
            "GET": Operation(
                act=list_users,
                answer=list[wire.UserJson],
                query=("limit", "after-address"),
                headers=("Link",),
            ),
            "POST": Operation(
                act=add_user,
                status=201,
                body=wire.NewUser,
                answer=wire.UserJson,
                headers=("Location",),
            ),
        },
    ),
    Resource(
        "/users/{email:email}/tokens/",
        {
            "POST": Operation(act=issue_token_of_user, status=201, answer=TokenJson),
            "DELETE": Operation(act=revoke_tokens_of_user, answer=RevokedJson),
        },
    ),
    Resource(
        "/users/{email:email}/",
        {
            "GET": Operation(act=see_user, answer=wire.UserJson),
            "PATCH": Operation(act=change_user, body=wire.UserChange, answer=wire.UserJson),
            "DELETE": Operation(act=erase_user, answer=ErasedJson),
        },
    ),
)
