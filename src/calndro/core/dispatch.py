"""
Dispatches: a notice with everything its letter says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs


if TYPE_CHECKING:
    from datetime import datetime

    from calndro.core.event import Event
    from calndro.core.log import Receipt
    from calndro.core.notice import Notice
    from calndro.core.slot import Slot, Table


@attrs.frozen(kw_only=True)
class Dispatch:
    """
    Everything a letter says, ready to be written and handed over.

    Args:
        notice: The notice it fulfils.
        event: The event as the recipient would see it now.
        told: The slots of the notice's log entry.
        about: The slot that was agreed on, moved or called off; None for other letters.
        recipient: The address as stored; letters go to this form.
        sender: On whose behalf it is written; replies go there.
        effector: Who really caused it; differs from *sender* when somebody acted for it.
        link: The token for the link, 40 hex, in clear; None for who is no party.
        expires: When the link ends, UTC; None without one.
        receipt: The log's head when the letter was written.
    """

    notice: Notice
    event: Event
    told: Table
    about: Slot | None
    recipient: str
    sender: str
    effector: str
    link: str | None
    expires: datetime | None
    receipt: Receipt

    @property
    def has_moved_on(self) -> bool:
        """
        True when the table is no longer what the notice was about.
        """
        return self.told != self.event.slots
