"""
Examples for the OpenAPI document: one story, told by what is sent and what comes back.
"""

from __future__ import annotations

from typing import Any, Final


_PARTIES: Final = ["you@here.net", "they@thar.net", "them@whar.net"]
_FIRST: Final = {"begin": "2022-10-31T23:11:22Z", "duration": "00:00:20"}
_SECOND: Final = {"begin": "2022-11-01T01:11:22.020000Z", "duration": "00:00:10"}
_THIRD: Final = {"begin": "2022-11-01T03:11:22Z", "duration": "00:00:30"}

_PROPOSED: Final[dict[str, Any]] = {
    "id": 1,
    "url": "http://127.0.0.1:8000/1/",
    "log_url": "http://127.0.0.1:8000/1/log/",
    "notify_url": "http://127.0.0.1:8000/1/notify/",
    "title": "pisaj",
    "parties": _PARTIES,
    "slots": [_FIRST, _SECOND, _THIRD],
    "zone": "UTC",
    "revision": 1,
    "status": "open",
    "waiting_on": ["they@thar.net", "them@whar.net"],
    "kept": {
        "you@here.net": [_FIRST, _SECOND, _THIRD],
        "they@thar.net": None,
        "them@whar.net": None,
    },
    "proposer": "you@here.net",
    "mail_stopped": [],
    "undelivered": [],
    "audit": {
        "event": "05398307-8902-4fa5-85df-37535038fa50",
        "seq": 1,
        "head": "1cae4787e929624237231c31a5b27347d9171bd21d2d994bbfe9f4b3671b89b2",
    },
}
_NARROWED: Final = _PROPOSED | {
    "slots": [_FIRST, _SECOND],
    "revision": 2,
    "waiting_on": ["them@whar.net"],
    "kept": {
        "you@here.net": [_FIRST, _SECOND],
        "they@thar.net": [_FIRST, _SECOND],
        "them@whar.net": None,
    },
}

_USER: Final = {
    "email": "them@whar.net",
    "active": True,
    "staff": False,
    "barred": False,
    "password": True,
}

BODIES: Final[dict[str, Any]] = {
    "propose": {
        "title": "pisaj",
        "parties": _PARTIES,
        "slots": [
            {"begin": "2022-11-01T01:11:22.02", "duration": "00:10"},
            {"begin": "2022-11-01T01:11:22+02", "duration": "00:20"},
            {"begin": "2022-11-01T01:11:22-02", "duration": "00:30"},
        ],
    },
    "update": {
        "keep": [
            {"begin": "2022-11-01T01:11:22.02", "duration": "00:10"},
            {"begin": "2022-11-01T01:11:22+02", "duration": "00:20"},
        ]
    },
    "notify": {
        "parties": ["you@here.net", "them@whar.net"],
        "slots": [
            {"begin": "2022-11-01T01:11:22.020000Z", "duration": "00:10"},
            {"begin": "2022-11-01T00:11:22+01:00", "duration": "00:20"},
        ],
    },
    "steer_mail": {"mail": "stopped"},
    "issue_api_token": {"username": "you@here.net", "password": "a long password"},
    "add_user": {"email": "them@whar.net", "password": "a long password"},
    "change_user": {"active": False},
}
"""What is sent, by operation."""

ANSWERS: Final[dict[str, Any]] = {
    "list_events": [_NARROWED],
    "propose": _PROPOSED,
    "view": _NARROWED,
    "update": _NARROWED,
    "notify": {
        "parties": ["you@here.net", "them@whar.net"],
        "slots": [_FIRST, _SECOND],
        "event_url": "http://127.0.0.1:8000/1/",
        "log_url": "http://127.0.0.1:8000/1/log/",
        "notify_url": "http://127.0.0.1:8000/1/notify/",
    },
    "steer_mail": _NARROWED | {"mail_stopped": ["you@here.net"]},
    "issue_api_token": {"token": "0123456789abcdef0123456789abcdef01234567"},
    "issue_token_of_user": {"token": "0123456789abcdef0123456789abcdef01234567"},
    "list_api_tokens": [{"id": "1a79a4d6", "used": "2026-11-23T09:00:00.000000Z"}],
    "revoke_api_tokens": {"revoked": 2},
    "revoke_tokens_of_user": {"revoked": 2},
    "list_users": [_USER],
    "see_user": _USER,
    "add_user": _USER,
    "change_user": _USER | {"active": False, "barred": True},
    "erase_user": {"events": [1]},
}
"""What comes back, by operation."""
