"""
Notices: what is to be told to one recipient, and how that went.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import attrs


if TYPE_CHECKING:
    from datetime import datetime


TURN: Final = timedelta(seconds=1)
"""How far apart the turns of two notices are that were queued together."""


class Kind(StrEnum):
    """
    What a letter is for; letters of one kind supersede each other.
    """

    UPDATE = "update"
    INVITATION = "invitation"
    AGREED = "agreed"
    CANCELLED = "cancelled"
    CHANGED = "changed"
    LINK = "link"


class Outcome(StrEnum):
    """
    How the delivery of a notice ended.
    """

    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    SUPERSEDED = "superseded"


@attrs.frozen
class Notice:
    """
    One recipient to be told about one log entry; it holds no secret.

    Args:
        event_id: Which event.
        of: The seq of the NOTIFY entry that promised it.
        recipient: The number of the person to be told.
        kind: What for.
    """

    event_id: int
    of: int
    recipient: int
    kind: Kind


@attrs.frozen
class Post:
    """
    A notice in the outbox.

    Args:
        id: Its number; older notices have smaller ones.
        notice: What is to be told.
        added: When it was queued, UTC.
        due: From when on it may be claimed, UTC; while it is claimed, when that lapses.
        attempts: How often it was handed over in vain.
        claims: How often it was claimed: the number of its newest claim.
        unsettled: How many claims have come to no end since one did, the present one
            included.
        held: True when it was set aside.
        code: The mail server's numeric reply to the last attempt, where there was one.
    """

    id: int
    notice: Notice
    added: datetime
    due: datetime
    attempts: int = 0
    claims: int = 0
    unsettled: int = 0
    held: bool = False
    code: int | None = None

    def is_leaving(self, now: datetime) -> bool:
        """
        Tell whether somebody has claimed it and may be handing it over just now.
        """
        return self.unsettled > 0 and self.due > now
