"""
Every class of caller with every channel of credentials, against one server.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
from starlette.routing import BaseRoute, Mount

from calndro.adapters.memory import MemoryStorage
from calndro.core.party import Address
from calndro.core.token import fingerprint
from calndro.usecases import accounts
from calndro.usecases.services import Unlimited
from tests.entry.http_site import (
    COMING,
    FIRST,
    PASSWORD,
    ROOT,
    SECOND,
    STRANGER,
    THEM,
    THEY,
    YOU,
    Site,
)
from tests.worlds import caller


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DISMISSED = "gone@here.net"
OWN = {"Origin": "http://calndro.here.net"}

_ACCOUNTS = {
    "dismissed": DISMISSED,
    "stranger": STRANGER,
    "party": THEM,
    "proposer": YOU,
    "staff": ROOT,
}
_SLOTS = [FIRST, SECOND]
_BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/"): {"parties": [YOU], "slots": [COMING]},
    ("PATCH", "/{id:event}/"): {"title": "another"},
    ("POST", "/{id:event}/notify/"): {"parties": [THEY], "slots": _SLOTS},
    ("POST", "/{id:event}/mail/"): {"mail": "stopped"},
    ("POST", "/users/"): {"email": "new@here.net"},
    ("PATCH", "/users/{email:email}/"): {"staff": True},
    ("POST", "/api-token-auth/"): {"username": YOU, "password": PASSWORD},
    ("POST", "/login/"): {"username": YOU, "password": PASSWORD},
    ("POST", "/api-auth/login/"): {"username": YOU, "password": PASSWORD},
}
# A form made for nobody: whoever is let in is told so, and nothing is done.
_FORMS = {
    f"/{{id:event}}/{form}/": {"as": "nobody"} for form in ("answer", "add", "title", "delete")
} | {"/account/": {"former": "nobody's"}}


@attrs.frozen
class Credentials:
    """
    One way of one class of callers to show who it is.
    """

    kind: str
    channel: str
    headers: dict[str, str]
    query: dict[str, str]
    member: dict[str, str]


class Ring:
    """
    A server with two events, and a member of each class of callers.
    """

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.site = Site(self.storage, limiter=Unlimited(), tells_metrics=True)
        site = self.site
        for each in (THEM, DISMISSED):
            site.register(each)
        event = site.propose(*_SLOTS)
        expired = site.token(event, THEY)
        site.clock.advance(timedelta(days=6))
        other = site.propose(*_SLOTS)
        tokens = {
            "holder": site.token(event, THEY),
            "foreign": site.token(other, THEY),
            "expired": expired,
            "bogus": "0" * 40,
        }
        self.credentials = [
            Credentials("anonymous", "none", {}, {}, {}),
            *(each for kind, text in tokens.items() for each in _of_token(kind, text)),
            *(each for kind, who in _ACCOUNTS.items() for each in self._of_account(kind, who)),
        ]
        accounts.deactivate(site.services, caller("s"), DISMISSED)
        with site.services.snapshot() as work:
            owned = work.api_tokens.of(Address.parse(YOU))
        self.mark = fingerprint(owned[0].digest)
        self._start = self.storage.contents.copied()

    def _of_account(self, kind: str, who: str) -> Iterator[Credentials]:
        site = self.site
        basic = b64encode(f"{who}:{PASSWORD}".encode()).decode()
        token = accounts.issue_api_token(site.services, who, PASSWORD)
        answer = site.client.post("/login/", data={"username": who, "password": PASSWORD})
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        site.client.cookies.clear()
        yield Credentials(kind, "Basic", {"Authorization": f"Basic {basic}"}, {}, {})
        yield Credentials(kind, "Token", {"Authorization": f"Token {token}"}, {}, {})
        yield Credentials(kind, "session", {"Cookie": cookie, **OWN}, {}, {})

    def ask(self, method: str, route: str, credentials: Credentials) -> tuple[int, bool]:
        """
        Send a request to the server as it was at the start.

        Returns:
            The status, and whether any event or its log, any account, or who holds which
            API tokens is another afterwards.
        """
        self.restart()
        asked = self.request(method, route, credentials)
        answer = self.site.client.request(method, self.path_of(route), **asked)
        now, start = self.storage.contents, self._start
        # That an API token was used is written down; that is no change.
        changed = (now.ledgers, now.logs, now.users, now.api_tokens.keys()) != (
            *(start.ledgers, start.logs, start.users, start.api_tokens.keys()),
        )
        return answer.status_code, changed

    def restart(self) -> None:
        """
        Make everything as it was at the start.
        """
        self.storage.contents = self._start.copied()
        self.site.client.cookies.clear()

    def path_of(self, route: str) -> str:
        """
        Name somebody or something that is there in a route.
        """
        path = route.replace("{id:event}", "1").replace("{name:path}", "")
        return path.replace("{email:email}", THEM).replace("{token:mark}", self.mark)

    def request(self, method: str, route: str, credentials: Credentials) -> dict[str, Any]:
        """
        Say what is sent, beside method and path.
        """
        body, query = _BODIES.get((method, route), {}), credentials.query
        if "password" in body:
            query = query | credentials.member
        else:
            body = body | credentials.member
        sent: dict[str, Any] = {"json": body}
        if method == "POST" and route in _FORMS:
            sent = {"data": _FORMS[route] | credentials.member}
        return {"headers": credentials.headers, "params": query} | sent


def _of_token(kind: str, text: str) -> Iterator[Credentials]:
    yield Credentials(kind, "query", {}, {"et": text}, {})
    yield Credentials(kind, "header", {"Authorization": f"EmailToken {text}"}, {}, {})
    yield Credentials(kind, "body", {}, {}, {"et": text})
    yield Credentials(kind, "cookie", {"Cookie": f"calndro-et={text}", **OWN}, {}, {})


def routes_of(routes: Iterable[BaseRoute], before: str = "") -> Iterator[str]:
    """
    Walk the router for every path it knows, as written there.
    """
    for route in routes:
        path = before + str(getattr(route, "path", ""))
        if isinstance(route, Mount):
            yield from routes_of(route.routes, path)
        else:
            yield path
