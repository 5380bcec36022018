"""
Requests made from the description itself, as each class of callers.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from calndro.adapters.memory import MemoryStorage
from calndro.core.token import digest_of, fingerprint
from calndro.entry.http.openapi import document
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
from tests.surroundings import GIVEN


CHECKS: Final = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
EXAMPLES: Final = int(GIVEN.get("CALNDRO_TEST_EXAMPLES", "15"))
ENOUGH: Final = 50
"""From so many requests on, those that succeed are counted."""

WHO: Final = {"anonymous": None, "stranger": STRANGER, "party": YOU, "staff": ROOT, "holder": THEY}
MAY: Final = {"/{id}/mail/": "party", "/api-tokens/{token}/": "party"}
"""Who is sure to be let in; elsewhere staff is."""

SUCCESS: Final = range(200, 300)

OPERATIONS: Final = [
    (path, method)
    for path, item in document()["paths"].items()
    for method in item
    if method != "parameters"
]

# What a description can't say: who and what is there.
FITTING: Final[dict[str, Any]] = {
    "begin": COMING["begin"],
    "duration": COMING["duration"],
    "parties": [YOU, THEY],
    "sender": YOU,
    "zone": "Europe/Paris",
    "like": 1,
    "email": "new@here.net",
    "username": YOU,
    "password": PASSWORD,
    "title": "another",
}
RENEWING: Final = "/{id}/link/"
"""Where whatever may be an old token is taken, and the answer tells nothing."""

FORMS: Final = ("slots", "keep", "add", "drop", "accept")


class Stage:
    """
    A server that is for each request as it was for the first, and a caller.

    Args:
        kind: The class of callers.
    """

    def __init__(self, kind: str) -> None:
        self.storage = MemoryStorage()
        self.site = Site(self.storage, limiter=Unlimited())
        self.site.register(THEM)
        self.headers: dict[str, str] = {}
        self.mark = "0" * 8
        event, who = self.site.propose(FIRST, SECOND), WHO[kind]
        if kind == "holder":
            self.headers = {"Authorization": f"EmailToken {self.site.token(event, THEY)}"}
        elif who is not None:
            body = {"username": who, "password": PASSWORD}
            token = self.site.ask("POST", "/api-token-auth/", json=body).json()["token"]
            self.headers = {"Authorization": f"Token {token}"}
            self.mark = fingerprint(digest_of(token))
        self.start = self.storage.contents.copied()

    def begin(self) -> None:
        """
        Make everything as it was.
        """
        self.storage.contents = self.start.copied()


def fitted(value: Any, path: str) -> Any:
    """
    Put what is there in the place of what was made up.
    """
    if isinstance(value, list):
        return [fitted(each, path) for each in value]
    if not isinstance(value, dict):
        return value
    made = {
        name: FITTING[name] if name in FITTING and each is not None else fitted(each, path)
        for name, each in value.items()
        if name != "et" or path == RENEWING
    }
    if path == "/{id}/notify/":
        return made | {"parties": [THEY], "slots": [FIRST, SECOND]}
    said = {name: each for name, each in made.items() if each is not None}
    if path == "/users/{email}/":
        return dict(list(said.items() or [("staff", True)])[:1])
    if path == "/{id}/":
        form: dict[str, Any] = {name: [COMING] for name in FORMS if name in said}
        rest = {name: each for name, each in said.items() if name not in FORMS}
        return rest | dict(list(form.items() or [("title", "another")])[:1])
    return made


@pytest.mark.slow
@pytest.mark.parametrize("kind", WHO)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_whatever_fits_the_description(path: str, method: str, kind: str) -> None:
    """
    No request made from the description gets an answer that is not in it, nor a 5xx.

    Of enough requests a fifth succeeds, as whoever is allowed to.
    """
    stage = Stage(kind)
    operation = schemathesis.openapi.from_asgi("/openapi.json", stage.site.app)[path][method]
    place = {"id": 1, "email": THEM, "token": stage.mark}
    heard: list[int] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), fits=st.sampled_from([True, True, True, False]))
    def ask(case: Any, fits: bool) -> None:
        stage.begin()
        case.headers = {
            name: value
            for name, value in (case.headers or {}).items()
            if name.lower() not in {"authorization", *({"if-match"} if fits else ())}
        } | stage.headers
        named = {name: each for name, each in place.items() if fits or name == "id"}
        case.path_parameters = {
            name: named.get(name, each) for name, each in (case.path_parameters or {}).items()
        }
        if fits:
            case.body = fitted(case.body, path)
            gone = {"after", "et"} if path != RENEWING else set()
            case.query = {k: v for k, v in (case.query or {}).items() if k not in gone}
        answer = case.call(headers=stage.headers)
        heard.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    ask()
    if len(heard) >= ENOUGH and kind == MAY.get(path, "staff"):
        assert sum(each in SUCCESS for each in heard) >= len(heard) / 5
    stage.begin()
    assert stage.site.ask("GET", "/healthz").status_code == 200
    assert stage.site.propose()["id"] > 1
