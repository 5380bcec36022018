"""
Each hostile value in each place of a request that is read.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from calndro.usecases.services import Unlimited
from tests.entry.http_site import PASSWORD, ROOT, THEM, THEY, YOU, Site


if TYPE_CHECKING:
    from httpx2 import Response


# As they stand in JSON.
VALUES = {
    "NaN": "NaN",
    "infinity": "1e999",
    "depth": "[" * 99 + "]" * 99,
    "duplicates": '{"a":1,"a":1}',
    "half a pair": '"\\ud800"',
    "5,000 digits": "9" * 5000,
    "20 digits": "9" * 20,
    "year 9999": '"9999-12-31T23:59:59Z"',
    "24:00": '"2026-11-01T24:00:00Z"',
    "second 60": '"2026-11-01T23:59:60Z"',
    "bidi": '"moot\\u202egnol"',
    "NUL": '"a\\u0000b"',
    "two lines": '"a\\r\\nBcc: b@here.net"',
    "encoded word": '"=?utf-8?q?a?=@here.net"',
}
# A title and a password may look like that.
LINES = {"year 9999", "24:00", "second 60", "encoded word"}
TEXTS = LINES | {"bidi", "two lines"}
OPEN = ("/api-token-auth/", "/login/")
ONE = '{"begin":"2022-11-01T03:11:22Z","duration":"00:30"}'
MEMBERS: list[tuple[str, str, str, set[str]]] = [
    *(
        ("POST", "/", f'{{"parties":["{YOU}"],"slots":[{ONE}],{member}}}', legal)
        for member, legal in (
            ('"title":@', LINES),
            *((f'"{name}":@', set[str]()) for name in ("zone", "like", "et", "unknown")),
        )
    ),
    ("POST", "/", '{"parties":@,"slots":[]}', set()),
    ("POST", "/", '{"parties":[@],"slots":[]}', set()),
    *(
        ("POST", "/", f'{{"parties":["{YOU}"],"slots":{slots}}}', set[str]())
        for slots in (
            *("@", "[@]", '[{"begin":@,"duration":"00:30"}]'),
            '[{"begin":"2022-11-01T03:11:22Z","duration":@}]',
        )
    ),
    *(
        ("PATCH", "/1/", f'{{"{form}":{value}}}', set[str]())
        for form in ("slots", "keep", "drop", "accept", "add")
        for value in ("@", "[@]")
    ),
    ("PATCH", "/1/", '{"title":@}', LINES),
    ("PATCH", "/1/", '{"title":"a","et":@}', set()),
    ("POST", "/1/notify/", '{"parties":[@],"slots":[]}', set()),
    ("POST", "/1/notify/", f'{{"parties":["{THEY}"],"slots":[@]}}', set()),
    ("POST", "/1/notify/", f'{{"parties":["{THEY}"],"slots":[],"sender":@}}', set()),
    ("POST", "/1/notify/", f'{{"parties":["{THEY}"],"slots":[],"invitation":@}}', set()),
    ("POST", "/1/mail/", '{"mail":@}', set()),
    *(
        ("POST", path, body, set[str]())
        for path in OPEN
        for body in (
            f'{{"username":@,"password":"{PASSWORD}"}}',
            f'{{"username":"{YOU}","password":@}}',
        )
    ),
    ("POST", "/users/", '{"email":@}', set()),
    ("POST", "/users/", '{"email":"new@here.net","staff":@}', set()),
    ("PATCH", f"/users/{THEM}/", '{"password":@}', TEXTS),
    ("PATCH", f"/users/{THEM}/", '{"staff":@}', set()),
    ("PATCH", f"/users/{THEM}/", '{"active":@}', set()),
]
PARAMETERS = [
    *((path, name) for path in ("/", "/1/log/", "/users/") for name in ("limit", "after")),
    *(("/", "status"), ("/", "all"), ("/1/log/", "all")),
    *(("/1/log/", name) for name in ("state", "export", "verify")),
]
QUERIES = ["9" * 5000, "9" * 20, "-1", "NaN", "%00", "%ff", "%ED%A0%80", "%E2%80%AE", "%D9%A1"]
QUERIES += ["%0d%0aX-Hostile:1", "=?utf-8?q?a?="]
HEADERS = [
    ("PATCH", "/1/", "If-Match", 400),
    ("POST", "/", "Idempotency-Key", 400),
    ("GET", "/1/", "Authorization", 401),
    ("GET", "/1/", "Accept", 406),
    ("PATCH", "/1/", "Content-Type", 415),
    ("GET", "/1/", "Host", 400),
]
RAW = [b"\x00", b"\x7f", b"\xff\xfe", b"\xed\xa0\x80", b"9" * 5000 + b"/", b"a b", b"[" * 5000]
RAW += [b"Basic =", b"Basic " + b"/" * 4000, b"Token x", b"EmailToken \x00"]


@pytest.fixture(scope="module")
def site() -> Site:
    """
    A server with one event.
    """
    site = Site(limiter=Unlimited())
    site.register(THEM)
    site.propose()
    return site


def fails_well(answer: Response, *statuses: int) -> bool:
    """
    Tell whether an answer is a refusal of one of some statuses that says why.
    """
    return answer.status_code in statuses and bool(answer.json()["detail"])


def is_open(path: str, body: str) -> bool:
    """
    Tell whether the body itself says who asks.
    """
    return path in OPEN or '"et"' in body


def asked(site: Site, method: str, path: str, body: str) -> Response:
    """
    Send a body as who may.
    """
    who = None if is_open(path, body) else ROOT if path.startswith("/users/") else YOU
    headers = {"Content-Type": "application/json"}
    return site.ask(method, path, who, content=body.encode(), headers=headers)


@pytest.mark.parametrize(("method", "path", "body", "legal"), MEMBERS)
def test_in_each_member_of_each_body(
    site: Site, method: str, path: str, body: str, legal: set[str]
) -> None:
    """
    Each hostile value in each member is refused, but the texts that a title or password may be.
    """
    for name, value in VALUES.items():
        answer = asked(site, method, path, put(body, value))
        # Nobody is told whether there is such a user, or which password was no good.
        refusals = [400, 401] if is_open(path, body) else [400]
        assert answer.is_success if name in legal else fails_well(answer, *refusals), name


def put(body: str, value: str) -> str:
    """
    Put a value where the mark stands that is no part of an address.
    """
    for before in ":[":
        body = body.replace(f"{before}@", f"{before}{value}")
    return body


@pytest.mark.parametrize(("path", "name"), PARAMETERS)
def test_in_each_parameter(site: Site, path: str, name: str) -> None:
    """
    Each hostile value of each parameter that is read is refused.
    """
    for value in QUERIES:
        assert fails_well(site.ask("GET", f"{path}?{name}={value}", ROOT), 400), value


@pytest.mark.parametrize(("method", "path", "name", "status"), HEADERS)
def test_in_each_header(site: Site, method: str, path: str, name: str, status: int) -> None:
    """
    Each hostile value of each header that is read is refused.
    """
    right = b64encode(f"{YOU}:{PASSWORD}".encode())
    body: Any = {"PATCH": {"title": "a"}, "POST": {"parties": [YOU], "slots": []}}.get(method)
    for value in RAW:
        sent = {b"Authorization": b"Basic " + right} | {name.encode(): value}
        answer = site.client.request(method, path, headers=list(sent.items()), json=body)
        assert fails_well(answer, status), value


def test_afterwards_everything_works(site: Site) -> None:
    """
    After all of this the server still serves, and nothing has taken a session or a right.
    """
    assert site.ask("GET", "/1/", YOU).json()["parties"] == [YOU, THEY, THEM]
    assert not site.ask("GET", f"/users/{THEM}/", ROOT).json()["staff"]
