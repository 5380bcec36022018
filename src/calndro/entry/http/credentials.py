"""
Who asks: from what a request presents to a caller.

The order is Authorization first, then the session, then the email token in query or body,
then the one that the page of an event has put into a cookie. What is presented and wrong is
refused; it never falls through to the next. Only a session that has ended is as good as
none: the browser sends its cookie unasked.
"""

from __future__ import annotations

from base64 import b64decode
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

import attrs

from calndro.core.access import Caller
from calndro.core.errors import (
    InvalidInputError,
    SignInError,
    TokenInvalidError,
    TokenMissingError,
)
from calndro.core.token import unmasked
from calndro.usecases import accounts, sessions


if TYPE_CHECKING:
    from starlette.requests import Request

    from calndro.entry.http.cookies import SessionCookie
    from calndro.usecases.services import Services


MEMBER: Final = "et"
LINK_COOKIE: Final = "calndro-et"
"""The cookie, of the path of one event, that holds the token of its link."""

_CUSTOMER: Final = 64


@attrs.frozen
class Presented:
    """
    The credentials of one request, not checked yet.

    Args:
        scheme: Of the Authorization header, in lower case; empty without one.
        value: What follows the scheme there.
        token: The email token, from wherever it came; None without one.
        session: The text of the session in the cookie; empty without one.
        origin: The network address it all comes from.
    """

    scheme: str = attrs.field(default="")
    value: str = attrs.field(default="", repr=False)
    token: str | None = attrs.field(default=None, repr=False)
    session: str = attrs.field(default="", repr=False)
    origin: str = ""

    @property
    def is_empty(self) -> bool:
        """
        True when nothing is shown at all.
        """
        return not (self.scheme or self.session) and self.token is None

    @property
    def has_token(self) -> bool:
        """
        True when something is shown that could have been guessed.
        """
        return self.token is not None or self.scheme not in {"", "basic"}

    @property
    def has_password(self) -> bool:
        """
        True when checking it takes long, by intention.
        """
        return self.scheme == "basic"


def presented(request: Request, members: dict[str, Any]) -> Presented:
    """
    Gather the credentials of a request.

    Args:
        request: Its headers and query are read.
        members: Of its body; the token is taken out. There and in the query it may be masked.

    Raises:
        InvalidInputError: There are two different tokens, or two Authorization headers.
    """
    scheme, value = _authorization(request)
    tokens = {unmasked(each) for each in request.query_params.getlist(MEMBER)}
    if MEMBER in members:
        token = members.pop(MEMBER)
        if not isinstance(token, str):
            raise InvalidInputError.of("the token must be a text", MEMBER)
        tokens.add(unmasked(token))
    if scheme == "emailtoken":
        tokens.add(value)
    if len(tokens) > 1:
        raise InvalidInputError.of("there are two different tokens; send one", MEMBER)
    session = cookie_of(request).read(request)
    # An empty one is shown all the same, and is wrong.
    token = next(iter(tokens), request.cookies.get(LINK_COOKIE))
    return Presented(scheme, value, token, session, origin_of(request))


def identify(services: Services, credentials: Presented) -> Caller:
    """
    Find out who presents these credentials.

    Returns:
        A caller; anonymous when there are none. The email token is checked later, against
        the event.

    Raises:
        SignInError: Wrong address or password.
        TokenInvalidError: The API token is no good, or the scheme is unknown.
        TokenMissingError: There is nothing but a session that has ended.
        TooManyError: Too many attempts from this network address went wrong.
    """
    if credentials.has_token:
        limit = services.terms.limits.wrong_tokens
        accounts.check_limit(services, limit, credentials.origin)
    caller = _account(services, credentials)
    if caller is None and credentials.token is None:
        raise TokenMissingError
    return attrs.evolve(caller or Caller(), token=credentials.token)


def _account(services: Services, credentials: Presented) -> Caller | None:
    match credentials.scheme:
        case "":
            return sessions.resume_session(services, credentials.session)
        case "emailtoken":
            return None
        case "basic":
            user, password = _user_and_password(credentials.value)
            return accounts.sign_in(services, user, password, origin=credentials.origin)
        case "token":
            return accounts.present_api_token(services, credentials.value)
        case _:
            raise TokenInvalidError(is_api=True)


def note_wrong_token(services: Services, origin: str) -> None:
    """
    Count a token that was no good.

    Raises:
        TooManyError: It is one too many.
    """
    accounts.count_failure(services, services.terms.limits.wrong_tokens, origin)


def origin_of(request: Request) -> str:
    """
    Tell the network address of a client; of IPv6 the half that belongs to one customer.
    """
    return _network_of(request.client.host if request.client else "")


@lru_cache(maxsize=1024)
def _network_of(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, _CUSTOMER), strict=False))
    return host


def cookie_of(request: Request) -> SessionCookie:
    """
    Find how this application writes its cookie: Secure when people reach it by https.

    By its own word they do; by the request's, which a trusted proxy may have told, as well.
    """
    cookie: SessionCookie = request.app.state.cookies[request.url.scheme == "https"]
    return cookie


def _authorization(request: Request) -> tuple[str, str]:
    headers = request.headers.getlist("authorization")
    if not headers:
        return "", ""
    if len(headers) > 1:
        raise InvalidInputError.of("there are two Authorization headers; send one")
    scheme, _, value = headers[0].strip().partition(" ")
    return scheme.lower() or "none", value.strip()


def _user_and_password(encoded: str) -> tuple[str, str]:
    try:
        user, colon, password = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        raise SignInError from None
    if not colon:
        raise SignInError
    return user, password
