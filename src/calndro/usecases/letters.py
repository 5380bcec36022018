"""
Deliver: the system hands over the letters that were promised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from calndro.core import retrying, telling
from calndro.core.dispatch import Dispatch
from calndro.core.errors import DeliveryError
from calndro.core.event import see
from calndro.core.log import UNREADABLE, slots_of
from calndro.core.notice import Outcome
from calndro.core.stored import DamagedError
from calndro.core.token import AFTERLIFE, TOKEN_BYTES, EmailToken, digest_of
from calndro.usecases.collisions import retry_on_collision


if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from datetime import datetime

    from calndro.core.ledger import Ledger
    from calndro.core.log import Entry
    from calndro.core.notice import Post
    from calndro.core.slot import Slot
    from calndro.ports.notifier import Notifier
    from calndro.ports.storage import UnitOfWork
    from calndro.usecases.services import Services


@attrs.frozen
class Delivery:
    """
    How one attempt at a letter went.

    Args:
        event_id: Of which event.
        recipient: To whom, as shown in the log.
        outcome: How the notice ended; None when it waits for another attempt.
        reason: What went wrong, one sentence; empty when nothing did.
        everywhere: True when no letter could be handed over now: those due wait, tried or not.
        held: True when it is set aside: nobody tries it again until staff say so.
    """

    event_id: int
    recipient: str
    outcome: Outcome | None
    reason: str = ""
    everywhere: bool = False
    held: bool = False


def deliver(services: Services, event_id: int | None = None) -> list[Delivery]:
    """
    Hand over every letter that is due; see ``deliveries``.
    """
    return list(deliveries(services, event_id))


def deliveries(services: Services, event_id: int | None = None) -> Generator[Delivery, None, None]:
    """
    Hand over every letter that is due, each in transactions of its own.

    A fresh token is minted and its digest stored before a letter leaves; what could not
    be handed over waits in the outbox. When the carrier as a whole fails, that is the end
    of the batch: the other letters that are due wait untried. Those of one event are reported
    like the one that failed; of all events they may be a great many, which ``list_letters``
    tells. Whoever stops listening stops it between two letters.

    Args:
        services: The ports.
        event_id: Only letters of this event; None for all.

    Returns:
        One report for each notice, in the order of the queue, as soon as it is known.

    Raises:
        StorageError: The database is away; letters not yet handed over still wait.

    Source: docs/explanation/delivery.md.
    """
    with services.notifier() as notifier:
        while (claimed := _claim(services, event_id)) is not None:
            if isinstance(claimed, Delivery):
                yield claimed
                continue
            post, dispatch = claimed
            report = _hand_over(services, notifier, post, dispatch)
            yield report
            if report.everywhere:
                if event_id is not None:
                    yield from _untried(services, event_id, post, report)
                return


def _untried(services: Services, event_id: int, tried: Post, failed: Delivery) -> list[Delivery]:
    """
    Report the other letters of an event that are due: each of them would only fail alike.
    """
    now = services.clock.now()
    with services.snapshot() as work:
        due = [
            post
            for post in work.outbox.waiting(event_id)
            if post.id != tried.id and post.due <= now and not post.held
        ]
        return [
            attrs.evolve(failed, event_id=post.notice.event_id, recipient=recipient)
            for post, recipient in addressed(work, due)
        ]


@retry_on_collision
def _claim(services: Services, event_id: int | None) -> tuple[Post, Dispatch] | Delivery | None:
    now = services.clock.now()
    with services.unit_of_work() as work:
        post = work.outbox.claim(now, now + services.terms.claim_life, event_id)
        if post is None:
            return None
        try:
            promise = _read(work, post)
        except DamagedError as error:
            # It must not keep those behind it waiting.
            return _set_aside(work, post, unnamed(post), str(error))
        ledger, about = promise.ledger, promise.about
        outcome = _prevented(work, ledger, post, about, now)
        if outcome is not None:
            return _settle(work, post, now, outcome)
        if retrying.is_worn(services.terms.retry_policy, post):
            return _set_aside(work, post, promise.recipient, "nobody who tried it came back")
        dispatch = _prepare(services, work, promise, post, now)
        work.commit()
    return post, dispatch


@attrs.frozen
class _Promise:
    """
    The event and the log entry that promised a letter, and who has to do with it by name.
    """

    ledger: Ledger
    entry: Entry
    about: Slot | None
    recipient: str
    sender: str
    effector: str


def _read(work: UnitOfWork, post: Post) -> _Promise:
    ledger = ledger_of(work, post)
    of = post.notice.of
    entries = work.events.entries(ledger.id, after=of - 1, limit=1, with_deliveries=True)
    try:
        (entry,) = entries
        about = slots_of(entry.data.get("about", ()))
        return _Promise(
            ledger,
            entry,
            about=about[0] if about else None,
            recipient=ledger.name(post.notice.recipient),
            sender=ledger.name(entry.data["sender"]),
            effector=ledger.name(entry.effector),
        )
    except UNREADABLE as error:
        raise DamagedError(ledger.id) from error


def _set_aside(work: UnitOfWork, post: Post, recipient: str, why: str) -> Delivery:
    work.outbox.put_back(retrying.set_aside(post))
    work.commit()
    reason = f"{why}: it is set aside, see calndro outbox list"
    return Delivery(post.notice.event_id, recipient, None, reason, held=True)


def _prevented(
    work: UnitOfWork, ledger: Ledger, post: Post, about: Slot | None, now: datetime
) -> Outcome | None:
    address = ledger.people[post.notice.recipient - 1].address
    user = None if address is None else work.users.find([address]).get(address)
    return telling.prevented(
        ledger,
        post.notice,
        is_newest=work.outbox.is_newest(post),
        is_barred=user is not None and user.barred,
        has_ended=about is not None and about.end <= now,
    )


def _prepare(
    services: Services, work: UnitOfWork, promise: _Promise, post: Post, now: datetime
) -> Dispatch:
    notice, ledger = post.notice, promise.ledger
    text, expires = None, None
    if notice.recipient <= ledger.state.size:
        text = services.secrets.draw(TOKEN_BYTES).hex()
        expires = now + services.terms.token_life
        work.tokens.sweep(now - AFTERLIFE)
        work.tokens.add(EmailToken(digest_of(text), ledger.id, notice.recipient, expires))
    return Dispatch(
        notice=notice,
        event=see(ledger),
        told=promise.entry.slots,
        about=promise.about,
        recipient=promise.recipient,
        sender=promise.sender,
        effector=promise.effector,
        link=text,
        expires=expires,
        receipt=ledger.chain.receipt,
    )


def _hand_over(services: Services, notifier: Notifier, post: Post, dispatch: Dispatch) -> Delivery:
    failure, later = None, None
    try:
        notifier.deliver(dispatch)
    except DeliveryError as error:
        failure = error
    now = services.clock.now()
    if failure is not None:
        later = retrying.tried(
            services.terms.retry_policy,
            post,
            failure,
            now,
            chance=int.from_bytes(services.secrets.draw(2), "big"),
            useful_until=None if dispatch.about is None else dispatch.about.end,
        )
    return _note(services, post, now, failure, later)


@retry_on_collision
def _note(
    services: Services,
    post: Post,
    now: datetime,
    failure: DeliveryError | None,
    later: Post | None,
) -> Delivery:
    outcome = Outcome.SENT if failure is None else Outcome.FAILED
    with services.unit_of_work() as work:
        if later is None:
            return _settle(work, post, now, outcome, failure)
        # Wherever both are locked, the event comes before its notices.
        ledger = ledger_of(work, post)
        work.outbox.put_back(later)
        work.commit()
    return _report(ledger, post, None, failure)


def _settle(
    work: UnitOfWork,
    post: Post,
    now: datetime,
    outcome: Outcome,
    failure: DeliveryError | None = None,
) -> Delivery:
    ledger = ledger_of(work, post)
    # Whoever took the notice over, or ended it meanwhile, has the last word in the log.
    if work.outbox.settle(post, outcome):
        code = None if failure is None else failure.code
        work.events.save(telling.record_outcome(ledger, now, post.notice, outcome, code))
        work.commit()
    return _report(ledger, post, outcome, failure)


def _report(
    ledger: Ledger, post: Post, outcome: Outcome | None, failure: DeliveryError | None
) -> Delivery:
    name = ledger.name(post.notice.recipient)
    if failure is None:
        return Delivery(ledger.id, name, outcome)
    return Delivery(ledger.id, name, outcome, failure.reason, failure.everywhere)


def addressed(work: UnitOfWork, posts: Iterable[Post]) -> Iterator[tuple[Post, str]]:
    """
    Find whom each of these letters is to, as shown in the log; each event is read once.

    Of an event that can't be read nobody has a name: see ``unnamed``.
    """
    ledgers: dict[int, Ledger | None] = {}
    for post in posts:
        event_id = post.notice.event_id
        if event_id not in ledgers:
            try:
                ledgers[event_id] = ledger_of(work, post)
            except DamagedError:
                ledgers[event_id] = None
        ledger = ledgers[event_id]
        yield post, unnamed(post) if ledger is None else ledger.name(post.notice.recipient)


def unnamed(post: Post) -> str:
    """
    Say whom a letter is to, of whom no name can be read: by the number in the event.
    """
    return f"person {post.notice.recipient}"


def ledger_of(work: UnitOfWork, post: Post) -> Ledger:
    """
    Read the event of a notice in the outbox.

    Raises:
        DamagedError: It is not there, or can't be read.
    """
    ledger = work.events.get(post.notice.event_id)
    if ledger is None:
        raise DamagedError(post.notice.event_id)
    return ledger
