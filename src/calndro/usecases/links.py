"""
New links: who holds an expired one has another mailed to its party.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calndro.core import telling
from calndro.core.ledger import Act
from calndro.core.notice import Kind
from calndro.core.token import digest_of, fingerprint, is_well_formed
from calndro.usecases.collisions import retry_on_collision
from calndro.usecases.mailing import has_room
from calndro.usecases.transactions import commit_change


if TYPE_CHECKING:
    from calndro.usecases.services import Services


@retry_on_collision
def renew_link(services: Services, event_id: int, text: str) -> None:
    """
    Mail a new link to the party of an expired one; nobody is told whether that was done.

    Nothing is done for a token that is unknown, of another event, taken back or still
    good, nor where the party gets no letters or has had too many, a new link is on its way
    already, or the event is deleted.

    Args:
        services: The ports.
        event_id: Which event.
        text: The token as it came.

    Source: docs/explanation/tokens.md.
    """
    if not is_well_formed(text):
        return
    now = services.clock.now()
    with services.unit_of_work() as work:
        ledger = work.events.get(event_id)
        token = work.tokens.find(digest_of(text))
        party = None if ledger is None else telling.party_to_link(ledger, token, now)
        if ledger is None or token is None or party is None:
            return
        user = work.users.find([party]).get(party)
        if user is not None and user.barred:
            return
        waiting = [each.notice for each in work.outbox.waiting(ledger.id)]
        if any(each.kind is Kind.LINK and each.recipient == token.person for each in waiting):
            return
        act = Act(party, now, services.secrets.draw(32), token=fingerprint(token.digest))
        if not has_room(services, work, act, ledger.id, party):
            return
        if not token.spent:
            work.tokens.retire(token.digest)
        commit_change(services, work, telling.link(ledger, act, token.person), act)
