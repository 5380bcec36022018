"""
What a server refuses, a client raises again as the same error.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.requests import Request

from calndro.adapters import wire
from calndro.core import errors
from calndro.entry.http.problems import KINDS, problem


REFUSALS = [
    errors.InvalidInputError(
        [errors.Fault("slots[0].begin", "no"), errors.Fault("", "at all"), errors.Fault("", "two")]
    ),
    errors.RuleError("the rule"),
    errors.TooManySlotsError(31, 30),
    errors.NotAPartyError(["x@here.net"], 7, ["you@here.net", "they@thar.net"]),
    errors.SlotsNotCurrentError(7),
    errors.MailStoppedError(["x@here.net"], 7),
    errors.KeyReusedError("k"),
    errors.OneselfError("x@here.net"),
    errors.SignInError(),
    errors.TokenError("a token is wanted"),
    errors.TokenMissingError(),
    errors.TokenExpiredError(datetime(2026, 11, 23, 9, 1, 2, 3, tzinfo=UTC)),
    errors.TokenInvalidError(),
    errors.TokenInvalidError(is_api=True),
    errors.NotAllowedError("view this event"),
    errors.NotFoundError("event", "7"),
    errors.GoneError(7),
    errors.StaleRevisionError(7, 1, 2),
    errors.TooManyError("sign-ins", 60),
    errors.SchemaError(None, "0001"),
]
AWAY = [
    errors.StorageError("secret"),
    errors.CollisionError("secret"),
    errors.DeliveryError("secret"),
    errors.PortError("secret"),
]


def again(error: Exception) -> errors.CalndroError:
    """
    Send an error through the wire.
    """
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    members: dict[str, Any] = json.loads(bytes(problem(request, error).body))
    return wire.error_of(members)


def test_every_class_is_tried() -> None:
    """
    The refusals here are of every class that the table of statuses names.
    """
    assert {type(each) for each in (*REFUSALS, *AWAY)} == set(KINDS)


@pytest.mark.parametrize("error", REFUSALS, ids=repr)
def test_an_error_comes_back_as_it_was(error: errors.CalndroError) -> None:
    """
    Class, message and every attribute are those of the server's error.
    """
    back = again(error)

    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)


@pytest.mark.parametrize("error", AWAY, ids=lambda each: type(each).__name__)
def test_of_what_is_away_only_that_comes_back(error: errors.CalndroError) -> None:
    """
    The class comes back; the words, which may tell of hosts and files, do not.
    """
    back = again(error)

    assert type(back) is type(error)
    assert "secret" not in str(back)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"type": "about:blank", "title": "Not Found", "status": 404},
        {"type": "urn:calndro:problem:of-a-later-version", "detail": "no"},
        {"type": "urn:calndro:problem:gone"},
        {"type": "urn:calndro:problem:token-expired", "expires": "soon"},
        {"type": "urn:calndro:problem:invalid-input", "errors": ["slots: no"], "detail": "no"},
        {"type": "urn:calndro:problem:invalid-input", "errors": {}, "detail": "no"},
        {"type": "urn:calndro:problem:invalid-input", "errors": {"slots": []}, "detail": "no"},
        {"type": "urn:calndro:problem:invalid-input", "errors": {"slots": "no"}, "detail": "no"},
        {"type": "urn:calndro:problem:too-many", "what": "mails", "retry_after": "a while"},
        {"type": "urn:calndro:problem:gone", "event_id": True, "title": "Gone"},
        {"type": "urn:calndro:problem:not-a-party", "event_id": 7, "addresses": "x", "parties": []},
        {"type": "urn:calndro:problem:delivery", "detail": None, "title": "Mail is away"},
    ],
)
def test_what_is_none_of_ours_is_a_failure_of_the_server(members: dict[str, Any]) -> None:
    """
    Whatever can't be told apart is a StorageError with the server's words, if it had any.
    """
    error = wire.error_of(members)

    assert type(error) is errors.StorageError
    assert str(wire.error_of({**members, "detail": ["odd"], "title": None})) == "the server refused"
    assert str(error) == (members.get("detail") or members.get("title") or "the server refused")
