"""
Who looks at a page: with which language, zone and credentials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import attrs
from starlette.responses import RedirectResponse

from calndro.core.errors import InvalidInputError, TokenMissingError
from calndro.core.times import parse_zone
from calndro.core.token import TOKEN_BYTES, masked, unmasked
from calndro.entry.http.asking import event_id_of
from calndro.entry.http.bodies import read_fields
from calndro.entry.http.credentials import LINK_COOKIE, MEMBER, identify, presented
from calndro.entry.http.guests.fields import Fields
from calndro.entry.http.pages import language_of


if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from calndro.core.access import Caller
    from calndro.entry.http.endpoints import Endpoints
    from calndro.entry.http.pages.language import Language


ZONE_COOKIE: Final = "calndro-zone"
ASKED: Final = "cookies"
"""The part of a query that says: a cookie was sent, see whether it comes back."""

# What some browsers still call zones that have been renamed.
_RENAMED: Final = {
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Europe/Kiev": "Europe/Kyiv",
}
_YEAR: Final = 365 * 24 * 3600


@attrs.frozen
class Visitor:
    """
    One request of a browser, its caller known.

    Args:
        request: As it came.
        endpoints: The services, and the threads they are used in.
        caller: Who asks.
        fields: Of the form that was sent.
        carried: The token that every form and link has to carry, since the browser keeps no
            cookies, masked anew; empty when it does, or when there is no token.
        language: What to speak.
    """

    request: Request
    endpoints: Endpoints
    caller: Caller
    fields: Fields
    carried: str
    language: Language

    @property
    def event_id(self) -> int:
        """
        The event that the path names.
        """
        return event_id_of(self.request)

    @property
    def query(self) -> Fields:
        """
        What stands behind the path.
        """
        return Fields(tuple(self.request.query_params.multi_items()))

    @property
    def carried_zone(self) -> str:
        """
        The zone that forms and links carry beside the token; empty when no token is carried.
        """
        return known_zone(self.fields.one("zone", self.query.one("zone"))) if self.carried else ""

    def zone(self, default: str) -> str:
        """
        Tell in which zone to show times.
        """
        kept = known_zone(self.request.cookies.get(ZONE_COOKIE, ""))
        return self.carried_zone or kept or default

    @property
    def is_zone_known(self) -> bool:
        """
        Whether somebody has chosen a zone, so that nothing is to be guessed.
        """
        return ZONE_COOKIE in self.request.cookies or self.request.method == "POST"

    @property
    def is_secure(self) -> bool:
        """
        Whether people reach the server by https.
        """
        public = self.endpoints.public_url or ""
        return public.startswith("https:") or self.request.url.scheme == "https"

    def keep_zone(self, answer: Response, zone: str) -> None:
        """
        Have the browser remember in which zone to show times.
        """
        answer.set_cookie(
            ZONE_COOKIE,
            zone,
            max_age=_YEAR,
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )

    def said_to_another(self, you: str) -> str:
        """
        Say that a form was made for somebody else; empty when it was not.

        Args:
            you: For whom the credentials speak now.

        Raises:
            InvalidInputError: It does not say for whom it was made, so it is none of ours.
        """
        whose = self.fields.one("as")
        if not whose:
            raise InvalidInputError.of("say for whom the form was made", "as")
        return "" if whose == you else self.language.say("other_person", whose=whose, you=you)

    def now(self) -> datetime:
        """
        Read the clock.
        """
        return self.endpoints.services.clock.now()

    def at(self, path: str = "", **query: object) -> str:
        """
        Write an address below that of the event.
        """
        wanted = {name: str(value) for name, value in query.items() if value is not None}
        if self.carried:
            wanted |= {MEMBER: self.carried, ASKED: "asked"}
            wanted |= {"zone": self.carried_zone} if self.carried_zone else {}
        written = f"?{urlencode(wanted)}" if wanted else ""
        return f"/{self.event_id}/{path}{written}"

    def sent_to(self, path: str = "", **query: object) -> Response:
        """
        Send the browser on, with another request that only reads.
        """
        return RedirectResponse(self.at(path, **query), 303)


async def visitor_of(endpoints: Endpoints, request: Request) -> Visitor:
    """
    Read a request of a browser, and find out who asks.

    Raises:
        TokenMissingError: Nothing is shown.
        InvalidInputError: The form or the credentials can't be read.
        SignInError, TokenInvalidError: What is shown is no good.
        TooManyError: Too much was no good lately.
    """
    sent = await read_fields(request) if request.method == "POST" else ()
    fields = Fields(tuple(sent))
    # Whoever can't be let in is told what was typed.
    request.state.fields = fields
    tokens = [unmasked(each) for each in fields.all(MEMBER)]
    if len(set(tokens)) > 1:
        raise InvalidInputError.of("there are two different tokens; send one", MEMBER)
    credentials = presented(request, {MEMBER: tokens[0]} if tokens else {})
    if credentials.is_empty:
        raise TokenMissingError
    run = endpoints.run_slowly if credentials.has_password else endpoints.run
    caller = await run(identify, endpoints.services, credentials)
    shown = tokens[0] if tokens else unmasked(request.query_params.get(MEMBER, ""))
    carried = ""
    if request.cookies.get(LINK_COOKIE) != shown:
        carried = masked(shown, endpoints.services.secrets.draw(TOKEN_BYTES))
    return Visitor(request, endpoints, caller, fields, carried, language_of(request))


def known_zone(name: str) -> str:
    """
    Take the name of a zone; empty when there is no such zone.
    """
    try:
        return parse_zone(_RENAMED.get(name, name)) if name else ""
    except InvalidInputError:
        return ""
