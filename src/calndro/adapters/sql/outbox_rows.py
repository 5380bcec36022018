"""
Notices to rows of the outbox and back, as ``rows`` does with all else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from calndro.adapters.sql.rows import read_instant, write_instant
from calndro.core.limit import Letter
from calndro.core.notice import TURN, Kind, Notice, Post
from calndro.core.party import Address


if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


WAITING: Final = "waiting"
"""The state of a notice until it has an outcome, or is set aside."""

HELD: Final = "held"
"""The state of a notice that is set aside."""


def write_notice(notice: Notice, now: datetime, due: datetime, rank: int) -> dict[str, Any]:
    """
    Write a notice that is queued *now*, after *rank* others, to be claimed from *due* on.
    """
    return {
        "event_id": notice.event_id,
        "of": notice.of,
        "recipient": notice.recipient,
        "kind": notice.kind.value,
        "state": WAITING,
        "attempts": 0,
        "claims": 0,
        "unsettled": 0,
        "added": write_instant(now),
        "turn": write_instant(now + rank * TURN),
        "due": write_instant(due),
        "code": None,
    }


POST_COLUMNS: Final = (
    "id",
    "event_id",
    "of",
    "recipient",
    "kind",
    "state",
    "attempts",
    "claims",
    "unsettled",
    "added",
    "due",
    "code",
)


def read_post(row: Sequence[Any]) -> Post:
    """
    Read a notice in the outbox.
    """
    number, event_id, of, recipient, kind, state, attempts, claims, unsettled, added, due, code = (
        row
    )
    return Post(
        number,
        Notice(event_id, of, recipient, Kind(kind)),
        read_instant(added),
        read_instant(due),
        attempts,
        claims,
        unsettled,
        state == HELD,
        code,
    )


def read_letter(row: Sequence[Any]) -> Letter:
    """
    Read what is counted of a notice.
    """
    event_id, text, key, added = row
    return Letter(event_id, Address(text, key), read_instant(added))
