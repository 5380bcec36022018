"""
Hostile input: every one of it is refused with a 4xx and changes nothing.
"""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calndro.core.errors import InvalidInputError
from calndro.entry.http.bodies import MOST_BYTES, MOST_DEPTH, members_of
from tests.entry.http_site import FIRST, PASSWORD, THEY, YOU, Site


if TYPE_CHECKING:
    from collections.abc import Iterator


JSON = {"Content-Type": "application/json"}
EVENT = {"log_url": "/1/log/"}


@pytest.fixture(scope="module")
def site() -> Site:
    """
    A server with one event, for all of these tests, as none of them changes anything.
    """
    site = Site()
    site.propose()
    return site


BODIES: list[tuple[str, bytes]] = [
    ("no JSON", b"{"),
    ("two documents", b"{}{}"),
    ("a list", b"[]"),
    ("a number", b"1"),
    ("null", b"null"),
    ("no UTF-8", b'{"title": "\xff"}'),
    ("UTF-16", '{"title": "x"}'.encode("utf-16")),
    ("a byte order mark", b'\xef\xbb\xbf{"title": "x"}'),
    ("a raw control character", b'{"title": "a\x00b"}'),
    ("too deep", b'{"title": ' + b"[" * 99 + b"]" * 99 + b"}"),
    ("much too deep", b"[" * 60_000),
    ("too deep after a quote", b'{"title": "\\"' + b"[" * 60_000),
    ("NaN", b'{"title": NaN}'),
    ("infinity", b'{"title": -Infinity}'),
    ("a float beyond bounds", b'{"like": 1e999}'),
    ("a long integer", b'{"like": ' + b"9" * 5000 + b"}"),
    ("an integer of 20 digits", b'{"like": 12345678901234567890}'),
    ("a duplicate member", b'{"title": "a", "title": "a"}'),
    ("a duplicate inside", b'{"slots": [{"begin": "a", "begin": "b", "duration": "c"}]}'),
    ("half a surrogate pair", b'{"title": "\\ud800"}'),
    ("half a pair as a name", b'{"\\udc00": 1}'),
    ("half a pair in a list", b'{"parties": ["\\ud800x"]}'),
    ("an unterminated string", b'{"' + b'\\"' * 30_000),
]


@pytest.mark.parametrize("raw", [raw for _, raw in BODIES], ids=[name for name, _ in BODIES])
@pytest.mark.parametrize(("method", "path"), [("POST", "/"), ("PATCH", "/1/"), ("GET", "/1/")])
def test_what_is_no_plain_json_is_refused(site: Site, method: str, path: str, raw: bytes) -> None:
    """
    A body that some reader would read otherwise, or choke on, is a 400 that says why.
    """
    before = site.log(EVENT)
    answer = site.ask(method, path, YOU, content=raw, headers=JSON)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert site.log(EVENT) == before


PROPOSALS: list[tuple[str, dict[str, Any]]] = [
    ("year 9999", {"slots": [FIRST | {"begin": "9999-12-31T23:59:59Z"}]}),
    ("year 0", {"slots": [FIRST | {"begin": "0000-01-01T00:00:00Z"}]}),
    ("24:00", {"slots": [FIRST | {"begin": "2026-11-01T24:00:00Z"}]}),
    ("second 60", {"slots": [FIRST | {"begin": "2026-11-01T23:59:60Z"}]}),
    ("an abbreviated zone", {"slots": [FIRST | {"begin": "2026-11-01T09:00 EST"}]}),
    ("no clock", {"slots": [FIRST | {"begin": "2026-11-01"}]}),
    ("a number for a time", {"slots": [FIRST | {"begin": 1667264000}]}),
    ("no duration", {"slots": [FIRST | {"duration": "0"}]}),
    ("a negative duration", {"slots": [FIRST | {"duration": "-00:10"}]}),
    ("an endless duration", {"slots": [FIRST | {"duration": "9" * 99 + ":00"}]}),
    ("a clock behind a slash", {"slots": ["2026-11-01T09:00Z/10:00"]}),
    ("an unknown member of a slot", {"slots": [FIRST | {"end": "x"}]}),
    ("a list for a slot", {"slots": [["2026-11-01T09:00Z", "00:10"]]}),
    ("a text for slots", {"slots": "2026-11-01T09:00Z/PT10M"}),
    ("an object for slots", {"slots": FIRST}),
    ("31 slots", {"slots": [f"2026-11-01T09:{n:02}Z/PT1M" for n in range(31)]}),
    ("bidi", {"title": "moot\u202egnol"}),
    ("NUL", {"title": "moot\x00"}),
    ("two lines", {"title": "moot\r\nBcc: x@here.net"}),
    ("a long title", {"title": "x" * 257}),
    ("a number for a title", {"title": 1}),
    ("no address", {"parties": ["nobody"]}),
    ("an encoded word", {"parties": ["=?utf-8?q?a?=@here.net"]}),
    ("a line in an address", {"parties": ["a@here.net\r\nBcc: b@here.net"]}),
    ("a display name", {"parties": ["A <a@here.net>"]}),
    ("a forgotten person", {"parties": ["erased-1"]}),
    ("a long address", {"parties": ["a" * 255 + "@here.net"]}),
    ("no party", {"parties": []}),
    ("101 parties", {"parties": [f"p{n}@here.net" for n in range(101)]}),
    ("no zone", {"zone": "Mars/Olympus"}),
    ("a path for a zone", {"zone": "../../etc/passwd"}),
    ("a flag for an id", {"like": True}),
    ("a fraction for an id", {"like": 1.0}),
    ("a number beyond an id", {"like": 10**17}),
    ("an unknown member", {"status": "agreed"}),
    ("a hostile member", {"a\u202e\n\x1b": 1}),
]


@pytest.mark.parametrize(
    "members", [each for _, each in PROPOSALS], ids=[name for name, _ in PROPOSALS]
)
def test_what_is_no_event_is_refused(site: Site, members: dict[str, Any]) -> None:
    """
    A member that the domain can't take is a 400, and nothing is made.
    """
    before = len(site.ask("GET", "/", YOU).json())
    body = {"parties": [YOU], "slots": [FIRST]} | members
    answer = site.ask("POST", "/", YOU, content=json.dumps(body), headers=JSON)

    assert answer.status_code == 400
    assert len(site.ask("GET", "/", YOU).json()) == before


def test_every_fault_is_named_at_once(site: Site) -> None:
    """
    A body with many faults is told of each, by its path.
    """
    body = {"slots": [{"begin": 1}, {"begin": "a", "duration": "b", "c": 1}, 2], "title": 3}
    answer = site.ask("POST", "/", YOU, json=body)

    assert set(answer.json()["errors"]) == {
        *("parties", "slots[0].begin", "slots[0].duration", "slots[1].c", "slots[2]", "title")
    }
    unread = [{"begin": "x", "duration": "y"}, {"begin": "2026-11-01T09:00Z", "duration": "z"}]
    answer = site.ask("POST", "/", YOU, json={"parties": ["a", "b"], "slots": unread})
    assert set(answer.json()["errors"]) == {
        *("parties[0]", "parties[1]", "slots[0].begin", "slots[0].duration", "slots[1].duration")
    }


def test_an_answer_about_faults_is_bounded(site: Site) -> None:
    """
    However many faults a body has, the answer names a hundred and counts the rest.
    """
    answer = site.ask("POST", "/", YOU, json={"parties": [YOU], "slots": [1] * 20_000})

    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 101
    assert answer.json()["errors"][""] == ["and 19900 more"]
    assert len(answer.content) < MOST_BYTES


def test_a_body_of_64_kib_is_the_largest(site: Site) -> None:
    """
    One byte more than 64 KiB is a 413, announced or not, before anything is read as JSON.
    """
    fits = b"{" + b" " * (MOST_BYTES - 2) + b"}"

    def chunks() -> Iterator[bytes]:
        yield fits
        yield b" "

    assert site.ask("POST", "/", YOU, content=fits, headers=JSON).status_code == 400
    assert site.ask("POST", "/", YOU, content=fits + b" ", headers=JSON).status_code == 413
    assert site.ask("POST", "/", YOU, content=chunks(), headers=JSON).status_code == 413


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "", "application/x-www-form-urlencoded", "application/jsonp", "text/json"],
)
def test_other_content_types_are_refused(site: Site, kind: str) -> None:
    """
    A body that doesn't call itself JSON is a 415.
    """
    answer = site.ask("PATCH", "/1/", YOU, content=b"{}", headers={"Content-Type": kind})

    assert answer.status_code == 415
    assert answer.headers["Accept"] == "application/json"


@pytest.mark.parametrize("path", ["/", "/1/notify/", "/1/link/"])
@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.9"])
def test_what_a_program_calls_a_form_is_none(site: Site, path: str, accept: str) -> None:
    """
    A program whose body is a form by default is told to say JSON, and gets no page.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": accept}
    answer = site.ask("POST", path, YOU, content=b'{"parties": []}', headers=headers)

    assert answer.status_code == 415
    assert answer.json()["detail"] == "send application/json"
    stops = site.ask("POST", "/1/mail/", YOU, content=b'{"mail": "on"}', headers=headers)
    assert stops.json()["detail"].endswith("JSON is sent as application/json")


def test_a_form_has_only_so_many_fields(site: Site) -> None:
    """
    One field too many is told as such; what is no form at all is told otherwise.
    """
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def say(count: int) -> str:
        fields = "&".join(f"f{number}=" for number in range(count))
        answer = site.ask("POST", "/login/", content=fields.encode(), headers=form)
        assert answer.status_code == 400
        return str(answer.json()["detail"])

    assert say(11) == "a form has at most 10 fields here; send fewer"
    assert "fields here" not in say(10)
    odd = site.ask("POST", "/login/", content=b"f", headers=form)
    assert odd.json()["detail"] == "the body is no form in UTF-8; JSON is sent as application/json"


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "identity, br"])
def test_a_body_is_sent_as_it_is(site: Site, coding: str) -> None:
    """
    A body in an encoding of its own is a 415 that says so; identity is none.
    """
    sent = {"content": gzip.compress(b"{}"), "headers": {"Content-Encoding": coding, **JSON}}
    for path in ("/", "/login/"):
        answer = site.ask("POST", path, YOU, **sent)
        assert answer.status_code == 415
        assert "Content-Encoding" in answer.json()["detail"]
        assert answer.headers["Accept-Encoding"] == "identity"
    plain = {"content": b"{}", "headers": {"Content-Encoding": "Identity", **JSON}}
    assert site.ask("PATCH", "/1/", YOU, **plain).status_code == 400


def test_json_may_name_its_charset(site: Site) -> None:
    """
    Parameters and capitals of a content type make no difference.
    """
    body = json.dumps({"username": YOU, "password": PASSWORD})
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}

    assert site.ask("POST", "/api-token-auth/", content=body, headers=headers).is_success


PATHS = [
    *("/0/", "/01/", "/-1/", "/1.0/", "/x/", "/1/zap/", "/%00/", "/%ff/"),
    *("/99999999999999999999/", "/" + "9" * 5000 + "/", "//", "//example.org", "/1//"),
    *("/%2e%2e/", "/1/log/log/", "/openapi/", "/healthz/", "/\u0661/"),
]


@pytest.mark.parametrize("path", PATHS)
def test_unknown_addresses_are_not_found(site: Site, path: str) -> None:
    """
    What is no address of ours is a 404 for everybody, and leads nowhere else.
    """
    url = f"http://calndro.here.net{path}"
    answer = site.client.get(url)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "headers",
    [
        {"If-Match": "\x7f"},
        {"Authorization": "Basic \x7f"},
        {"Accept": "," * 9000},
        {"Accept": "*/*;q=nan"},
        {"Content-Length": "-1"},
        {"Content-Length": "9" * 99},
        {"Host": "a b"},
        {"Host": "here.net:99999999"},
        {"Host": "x@here.net"},
        {"Host": ""},
    ],
)
def test_hostile_headers_do_no_harm(site: Site, headers: dict[str, str]) -> None:
    """
    No header brings the server to an unexpected end.
    """
    answer = site.client.request("PATCH", "/1/", headers=headers, json={"title": "x"})

    assert 400 <= answer.status_code < 500


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_the_gate_reads_or_refuses(raw: bytes) -> None:
    """
    Whatever the bytes, the gate gives an object or says what is wrong.
    """
    with suppress(InvalidInputError):
        assert isinstance(members_of(raw), dict)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), plain, max_size=4), st.booleans())
def test_the_gate_reads_plain_json_as_it_stands(members: dict[str, Any], escaped: bool) -> None:
    """
    An object of plain values comes through the gate unchanged, escaped or not.
    """
    raw = json.dumps(members, ensure_ascii=escaped).encode()

    assert members_of(raw) == members


@given(st.integers(1, 2 * MOST_DEPTH))
def test_the_gate_measures_depth_exactly(depth: int) -> None:
    """
    Sixteen levels are let through and seventeen are not; brackets in strings don't count.
    """
    raw = b'{"]":' * (depth - 1) + b'{"a": "[[[[[[[[[[[[[[[[[[\\"[["}' + b"}" * (depth - 1)
    if depth > MOST_DEPTH:
        with pytest.raises(InvalidInputError, match="nested"):
            members_of(raw)
    else:
        assert members_of(raw)


def test_refusals_keep_the_rest_working(site: Site) -> None:
    """
    After all of this the server still serves.
    """
    assert site.ask("GET", "/1/", YOU).json()["parties"][1] == THEY
