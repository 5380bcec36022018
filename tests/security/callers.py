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
from calndro.core.token import digest_of, fingerprint
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


ACCEPTED, NO_CONTENT = 202, 204
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DISMISSED = "gone@here.net"
HOST = "host@here.net"
"""Has proposed an event in which it takes no part."""
OWN = {"Origin": "http://calndro.here.net"}

_ACCOUNTS = {
    "dismissed": DISMISSED,
    "stranger": STRANGER,
    "party": THEM,
    "proposer": YOU,
    "host": HOST,
    "staff": ROOT,
}
_PAIRS = ("stranger+holder", "holder+cookie", "ended+holder")
_NAMES = (
    _ACCOUNTS
    | dict.fromkeys(("holder", "foreign", "expired", "bogus", "ended", *_PAIRS), THEY)
    | dict.fromkeys(("party+holder", "party+foreign", "party+bogus"), THEM)
)
"""For whom the forms of an event's page are made."""
_EVENTS = {"host": "3", "former": "4"}
"""Which event somebody asks for that has nothing to do with the first."""
DELETED = "5"
ABSENT = "999"
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
_FORMS: dict[str, dict[str, str]] = {
    "/{id:event}/answer/": {"seen": "2022-10-31T23:11:22Z/PT20S", "press": "all"},
    "/{id:event}/add/": {"date": "2096-12-01", "time": "09:00", "zone": "UTC", "length": "30m"},
    "/{id:event}/title/": {"title": "another"},
    "/{id:event}/delete/": {"sure": "yes"},
    "/account/": {"former": PASSWORD, "password": "another password"},
    "/admin/users/": {"email": "new@here.net", "password": "", "staff": "yes"},
    "/admin/user/": {"email": THEM, "act": "staff"},
    "/admin/erase/": {"email": THEM, "confirm": THEM},
}
"""What a page sends; the forms of an event's page say beside it for whom they were made."""
_QUERIES = {"/admin/user/": {"email": THEM}, "/admin/erase/": {"email": THEM}}


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
        for each in (THEM, DISMISSED, HOST):
            site.register(each)
        event = site.propose(*_SLOTS)
        expired = site.token(event, THEY)
        site.clock.advance(timedelta(days=6))
        other = site.propose(*_SLOTS)
        hosted = {"parties": [YOU, THEY, THEM], "slots": _SLOTS}
        assert site.ask("POST", "/", HOST, json=hosted).json()["id"] == int(_EVENTS["host"])
        left = site.propose(*_SLOTS, parties=[YOU, DISMISSED])
        assert left["id"] == int(_EVENTS["former"])
        tokens = {
            "holder": site.token(event, THEY),
            "foreign": site.token(other, THEY),
            "expired": expired,
            "former": site.token(left, DISMISSED),
            "bogus": "0" * 40,
        }
        ended = site.propose(*_SLOTS)
        assert ended["id"] == int(DELETED)
        tokens["ended"] = site.token(ended, THEY)
        assert site.ask("DELETE", ended["url"], ROOT).status_code == NO_CONTENT
        self.link = digest_of(tokens["holder"]).hex()
        self.credentials = [
            Credentials("anonymous", "none", {}, {}, {}),
            *(each for kind, text in tokens.items() for each in _of_token(kind, text)),
            *(each for kind, who in _ACCOUNTS.items() for each in self._of_account(kind, who)),
        ]
        self.pairs = list(self._two_at_once(tokens, site.token(event, THEM)))
        accounts.deactivate(site.services, caller("s"), DISMISSED)
        told = {"parties": [YOU], "slots": _SLOTS}
        assert site.ask("POST", "/1/notify/", YOU, json=told).status_code == ACCEPTED
        with site.services.snapshot() as work:
            owned = work.api_tokens.of(Address.parse(YOU))
            (waiting,) = work.outbox.waiting()
        self.letter = str(waiting.id)
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

    def _two_at_once(self, tokens: dict[str, str], another: str) -> Iterator[Credentials]:
        """
        Make callers that show two things, of which one is wrong or speaks for somebody else.
        """
        wrong = b64encode(f"{THEM}:wrong".encode()).decode()
        own = {
            each.channel: each.headers
            for each in self.credentials
            if each.kind == "party" and "et" not in each.query
        }
        for kind in ("holder", "foreign", "bogus"):
            shown = {"et": tokens[kind]}
            for each in self.credentials:
                if each.kind in {"party", "stranger"}:
                    yield Credentials(f"{each.kind}+{kind}", each.channel, each.headers, shown, {})
        good = {"et": tokens["holder"]}
        for scheme, value in (("Basic", wrong), ("Token", "0" * 40), ("EmailToken", "0" * 40)):
            shown = {"Authorization": f"{scheme} {value}"}
            is_token = scheme == "EmailToken"
            kind = "bogus+session" if is_token else "wrong+session"
            yield Credentials(kind, scheme, own["session"] | shown, {}, {})
            if not is_token:
                yield Credentials("wrong+holder", scheme, shown, good, {})
        other = {"Authorization": f"EmailToken {another}"}
        yield Credentials("two tokens", "header and query", other, good, {})
        yield Credentials("two tokens", "header and body", other, {}, good)
        cookie = {"Cookie": f"calndro-et={another}", **OWN}
        yield Credentials("holder+cookie", "query", cookie, good, {})
        yield Credentials("bogus+cookie", "query", cookie, {"et": "0" * 40}, {})
        ended = {"Cookie": "calndro=nonsense", **OWN}
        yield Credentials("ended+holder", "query", ended, good, {})

    def ask(
        self, method: str, route: str, credentials: Credentials, event: str = ""
    ) -> tuple[int, bool]:
        """
        Send a request to the server as it was at the start.

        Args:
            method: Of the request.
            route: As the router writes it.
            credentials: Who asks.
            event: The id of the event it is about; empty for the one of the class.

        Returns:
            The status, and whether anything is another afterwards.
        """
        self.restart()
        event = event or _EVENTS.get(credentials.kind, "1")
        asked, path = self.request(method, route, credentials, event), self.path_of(route, event)
        answer = self.site.client.request(method, path, **asked)
        return answer.status_code, self.has_changed()

    def has_changed(self) -> bool:
        """
        Tell whether anything is another than at the start.

        What counts: events, logs, accounts, who holds which API tokens, links, and letters that
        wait. When an API token was used and that a link was refused as expired does not.
        """
        now, start = (
            (
                *(each.ledgers, each.logs, each.users, each.api_tokens.keys(), each.queue),
                {digest: token.revoked for digest, token in each.tokens.items()},
            )
            for each in (self.storage.contents, self._start)
        )
        return now != start

    def restart(self) -> None:
        """
        Make everything as it was at the start.
        """
        self.storage.contents = self._start.copied()
        self.site.client.cookies.clear()

    def path_of(self, route: str, event: str = "1") -> str:
        """
        Name somebody or something that is there in a route.
        """
        path = route.replace("{id:event}", event).replace("{name:path}", "")
        return path.replace("{email:email}", THEM).replace("{token:mark}", self.mark)

    def request(
        self, method: str, route: str, credentials: Credentials, event: str = "1"
    ) -> dict[str, Any]:
        """
        Say what is sent, beside method and path.
        """
        body, query = _BODIES.get((method, route), {}), credentials.query
        if "password" in body:
            query = query | credentials.member
        else:
            body = body | credentials.member
        sent: dict[str, Any] = {"json": body}
        form = self._form(route, credentials.kind, event)
        if method == "POST" and form is not None:
            sent = {"data": form | credentials.member}
        query = query | _QUERIES.get(route, {})
        return {"headers": credentials.headers, "params": query} | sent

    def _form(self, route: str, kind: str, event: str) -> dict[str, str] | None:
        forms = _FORMS | {
            "/admin/events/{id:event}/link/": {"digest": self.link},
            "/admin/events/{id:event}/delete/": {"confirm": event},
            "/admin/outbox/": {"letter": self.letter, "act": "dropped"},
        }
        if route not in forms:
            return None
        if route.startswith("/admin/"):
            return forms[route]
        # An account is the user's alone, whatever token comes with it.
        who = kind.partition("+")[0] if route == "/account/" else kind
        return forms[route] | {"as": _NAMES.get(who, "")}


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
