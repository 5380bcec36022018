"""
Whom a letter goes to, and who is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calndro.core.errors import MailStoppedError
from calndro.entry.cli.wording import is_among, listed


if TYPE_CHECKING:
    from collections.abc import Sequence

    from calndro.core.event import Event
    from calndro.entry.cli.session import Session


def reach(
    session: Session,
    event: Event,
    group: Sequence[str],
    *,
    sender: str | None = None,
    invitation: bool = False,
) -> tuple[Event, Sequence[str]]:
    """
    Tell a group of parties; those that can't be sent letters are left out, and named.

    Args:
        session: Who tells.
        event: As it was when the group was chosen.
        group: Parties.
        sender: On whose behalf.
        invitation: True for a letter that asks and explains.

    Returns:
        The event after it, unchanged when nobody is left to be told; and who was told.
    """
    left_out = [party for party in group if is_among(party, event.stopped)]
    to = [party for party in group if party not in left_out]
    try:
        told = _notify(session, event, to, sender=sender, invitation=invitation)
    except MailStoppedError as error:
        # Who is barred is known to the core alone.
        left_out += error.addresses
        to = [party for party in to if not is_among(party, error.addresses)]
        told = _notify(session, event, to, sender=sender, invitation=invitation)
    if left_out:
        session.warn(f"left out {listed(left_out)}, who can't be sent letters of this event")
    return told, to


def _notify(
    session: Session, event: Event, to: Sequence[str], *, sender: str | None, invitation: bool
) -> Event:
    if not to:
        return event
    return session.desk.notify(event.id, to, event.slots, sender=sender, invitation=invitation)
