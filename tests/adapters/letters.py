"""
Dispatches to write letters from, and letters as they are read.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from calndro.adapters.calendar import invite
from calndro.adapters.letter import Letterhead, octets, write
from calndro.core.dispatch import Dispatch
from calndro.core.event import see
from calndro.core.notice import Kind, Notice
from tests.examples import Scene


if TYPE_CHECKING:
    from email.message import EmailMessage


NOW = datetime(2029, 12, 24, 18, 30, 12, 345678, tzinfo=UTC)
TOKEN = "0123456789abcdef0123456789abcdef01234567"
LETTERHEAD = Letterhead(
    "https://meet.example.org/", "Meeting desk <desk@example.org>", invite=invite
)


def dispatch(scene: Scene | None = None, kind: Kind = Kind.UPDATE, **changes: Any) -> Dispatch:
    """
    Make what *a* has told *b* about an event, but for *changes*.
    """
    event = see((scene or Scene(1, 2)).ledger)
    facts: dict[str, Any] = {
        "notice": Notice(event.id, 2, 2, kind),
        "event": event,
        "told": event.slots,
        "about": None,
        "recipient": "b@here.net",
        "sender": "a@here.net",
        "effector": "a@here.net",
        "link": TOKEN,
        "expires": NOW + timedelta(days=5),
        "receipt": event.receipt,
    }
    return Dispatch(**{**facts, **changes})


def parsed(letter: Dispatch, letterhead: Letterhead = LETTERHEAD) -> EmailMessage:
    """
    Write a letter and read it as a mail program does.
    """
    content = octets(write(letter, letterhead, NOW), "\r\n")
    return message_from_bytes(content, policy=policy.default)


def text_of(letter: Dispatch, letterhead: Letterhead = LETTERHEAD) -> str:
    """
    Write a letter and give its text, paragraphs on one line.
    """
    body = parsed(letter, letterhead).get_body(("plain",))
    assert body is not None
    return re.sub(r"(?<=\S)\n(?=[^\s\d-])", " ", body.get_content().replace("\r\n", "\n"))
