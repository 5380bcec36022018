"""
Whom a letter goes to, and who is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calndro.core.errors import MailStoppedError
from calndro.entry.cli.wording import MOST_NAMED, counted, few, is_among, listed


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calndro.core.event import Event
    from calndro.entry.cli.session import Session


def reach(
    session: Session,
    event: Event,
    group: Sequence[str],
    tell: Callable[[Sequence[str]], Event],
) -> tuple[Event, Sequence[str]]:
    """
    Tell a group of parties; those that can't be sent letters are left out, and named.

    Args:
        session: Who tells.
        event: As it was when the group was chosen.
        group: Parties.
        tell: Tells some of them, at least one; gives the event after it.

    Returns:
        The event after it, unchanged when nobody is left to be told; and who was told.
    """
    left_out = [party for party in group if is_among(party, event.stopped)]
    to = [party for party in group if party not in left_out]
    try:
        after = tell(to) if to else event
    except MailStoppedError as error:
        # Who is barred is known to the core alone.
        left_out += error.addresses
        to = [party for party in to if not is_among(party, error.addresses)]
        after = tell(to) if to else event
    if left_out:
        session.warn(f"left out {listed(left_out)}, who can't be sent letters of this event")
    return after, to


def tell_way(session: Session, told: Sequence[str]) -> None:
    """
    Say which way letters go that this command does not send itself.
    """
    if session.database is None and told:
        names = listed(few(told, MOST_NAMED))
        session.tell(f"the server sends {counted(len(told), 'letter')}, to {names}")
    elif session.asked.keep_letters and told:
        later = session.asked.repeated("calndro deliver", acts=False)
        session.tell(f"the letters wait for {later}")
