"""
Everything out of an instance and into an empty one, ids, uuids and heads kept.

An export is a sequence of records: a head, the users, the events, an end that counts
them. It holds hashes of passwords and digests of tokens, no secret in clear; whoever
holds it can read every address and every log.
"""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

import attrs

from calndro.core import telling
from calndro.core.access import Operation, admit
from calndro.core.errors import CollisionError, InvalidInputError, StorageError
from calndro.core.ledger import Person
from calndro.core.log import UNREADABLE, Receipt, format_when
from calndro.core.notice import Kind, Notice, Outcome
from calndro.core.party import Address
from calndro.core.restoring import restore
from calndro.core.slot import instant
from calndro.core.token import DIGEST_BYTES, EmailToken
from calndro.core.user import ApiToken, User
from calndro.usecases.paging import PAGE, page_after_page, stored_log


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from calndro.core.access import Caller
    from calndro.core.ledger import Change, Ledger
    from calndro.core.notice import Post
    from calndro.ports.storage import UnitOfWork
    from calndro.usecases.services import Services


T = TypeVar("T")

FORMAT: Final = "calndro/instance/v1"

Record = dict[str, dict[str, Any]]
"""One line of an export: an object whose one member names what it holds."""


@attrs.define
class Moved:
    """
    How much was moved.
    """

    users: int = 0
    events: int = 0
    entries: int = 0


def export_all(services: Services, caller: Caller) -> Iterator[Record]:
    """
    Write the whole instance, as it is at one moment (staff).

    Raises:
        TokenError, NotAllowedError: The caller is no staff; before anything is written.
    """
    admit(caller, Operation.ADMINISTER)
    return _records(services)


def _records(services: Services) -> Iterator[Record]:
    moved = Moved()
    yield {"head": {"format": FORMAT, "when": format_when(services.clock.now())}}
    with services.snapshot() as work:
        for user in _users(work):
            moved.users += 1
            yield {"user": _written_user(work, user)}
        for ledger in _ledgers(work):
            moved.events += 1
            moved.entries += ledger.chain.seq
            yield {"event": _written_event(work, ledger)}
    yield {"end": attrs.asdict(moved)}


def _users(work: UnitOfWork) -> Iterator[User]:
    def read(after: Address | None, limit: int) -> Sequence[User]:
        return work.users.page(after=after, limit=limit)

    return page_after_page(read, lambda user: user.address, None)


def _ledgers(work: UnitOfWork) -> Iterator[Ledger]:
    return page_after_page(
        lambda after, limit: work.events.page(
            None, status=None, with_closed=True, after=after, limit=limit
        ),
        lambda ledger: ledger.id,
        0,
    )


def _written_user(work: UnitOfWork, user: User) -> dict[str, Any]:
    return {
        **attrs.asdict(user, recurse=False),
        "address": user.address.text,
        "api_tokens": [
            {"digest": token.digest.hex(), "used": format_when(token.used)}
            for token in work.api_tokens.of(user.address)
        ],
    }


def _written_event(work: UnitOfWork, ledger: Ledger) -> dict[str, Any]:
    receipt = ledger.chain.receipt
    return {
        "id": ledger.id,
        "uuid": str(receipt.event),
        "seq": receipt.seq,
        "head": receipt.head.hex(),
        "people": [
            {
                "address": None if each.address is None else each.address.text,
                "salt": None if each.salt is None else each.salt.hex(),
            }
            for each in ledger.people
        ],
        "entries": [
            {"body": entry.text, "hash": entry.hash.hex()} for entry in stored_log(work, ledger.id)
        ],
        "tokens": [
            {
                "digest": token.digest.hex(),
                "person": token.person,
                "expires": format_when(token.expires),
                "revoked": token.revoked,
                "spent": token.spent,
            }
            for token in work.tokens.of(ledger.id)
        ],
        "waiting": [_written_post(post) for post in work.outbox.waiting(ledger.id)],
    }


def _written_post(post: Post) -> dict[str, Any]:
    return {
        "of": post.notice.of,
        "recipient": post.notice.recipient,
        "kind": post.notice.kind.value,
        "added": format_when(post.added),
        "due": format_when(post.due),
        "attempts": post.attempts,
        "held": post.held,
        "code": post.code,
    }


def import_all(services: Services, caller: Caller, records: Iterable[Record]) -> Moved:
    """
    Read a whole instance into an empty one, and verify every log on the way (staff).

    All of it is stored, or nothing. Accounts that are there already stay as they are, with
    their tokens. Notices that waited go on waiting as they did: as long as before, after as
    many attempts, and set aside if they were.

    Args:
        services: The ports.
        caller: Staff.
        records: As ``export_all`` writes them.

    Raises:
        TokenError, NotAllowedError: The caller is no staff.
        InvalidInputError: The instance is not empty, a record can't be read, a log does
            not prove itself, or the end is missing or counts otherwise; the record's
            place is named.
        StorageError: The database is away, or can't hold a record, as when one came twice;
            its place is named.
    """
    admit(caller, Operation.ADMINISTER)
    moved, ended = Moved(), False
    with services.unit_of_work() as work:
        check_empty(work)
        for place, record in enumerate(records, start=1):
            try:
                if ended:
                    raise InvalidInputError.of("there is more behind the end of the export")
                ended = _take(work, record, moved, services.clock.now(), is_first=place == 1)
            except InvalidInputError as error:
                raise error.under(f"record {place}") from error
            except CollisionError:
                raise
            except StorageError as error:
                raise StorageError(f"record {place}: {error}") from error
        if not ended:
            raise InvalidInputError.of("the export is cut off: its end record is missing")
        work.commit()
    return moved


def check_empty(work: UnitOfWork) -> None:
    """
    Refuse to move anything into an instance that is in use.

    Raises:
        InvalidInputError: It has events.
    """
    if work.events.page(None, status=None, with_closed=True, after=0, limit=1):
        raise InvalidInputError.of("this instance has events; import into an empty one")


def _take(work: UnitOfWork, record: Record, moved: Moved, now: datetime, *, is_first: bool) -> bool:
    try:
        ((kind, content),) = record.items()
        if (kind == "head") != is_first:
            raise InvalidInputError.of("an export begins with its one head")
        if kind == "end":
            _check_counts(content, moved)
        else:
            _TAKERS[kind](work, content, moved, now)
    except InvalidInputError:
        raise
    except UNREADABLE as error:
        raise InvalidInputError.of(f"this is no record of a {FORMAT} export") from error
    return kind == "end"


def _check_counts(content: dict[str, Any], moved: Moved) -> None:
    if content != attrs.asdict(moved):
        found = ", ".join(f"{count} {what}" for what, count in attrs.asdict(moved).items())
        raise InvalidInputError.of(f"records are missing: only {found} were found")


def _take_head(_: UnitOfWork, content: dict[str, Any], __: Moved, ___: datetime) -> None:
    if content["format"] != FORMAT:
        raise InvalidInputError.of(f"only {FORMAT} can be read", "format")


def _take_user(work: UnitOfWork, content: dict[str, Any], moved: Moved, _: datetime) -> None:
    fields = dict(content)
    tokens = fields.pop("api_tokens")
    for name in ("active", "staff", "barred"):
        _a(bool, fields.get(name, False))
    _a(int, fields.get("epoch", 0))
    _a_or_none(str, fields.get("password"))
    user = User(**{**fields, "address": Address.parse(fields["address"])})
    moved.users += 1
    if work.users.find([user.address]):
        return
    work.users.put(user)
    for each in tokens:
        token = ApiToken(_digest(each), user.address, _when(each["used"]))
        work.api_tokens.add(token, most=PAGE)


def _take_event(work: UnitOfWork, content: dict[str, Any], moved: Moved, now: datetime) -> None:
    event_id = _a(int, content["id"])
    if event_id < 1:
        raise ValueError("ids count up from 1")
    receipt = Receipt(UUID(content["uuid"]), content["seq"], bytes.fromhex(content["head"]))
    people = [
        Person(
            number,
            None if each["address"] is None else Address.parse(each["address"]),
            None if each["salt"] is None else bytes.fromhex(each["salt"]),
        )
        for number, each in enumerate(content["people"], start=1)
    ]
    links = [(each["body"].encode(), bytes.fromhex(each["hash"])) for each in content["entries"]]
    change = restore(event_id, receipt, people, links)
    ledger = work.events.save(change)
    for each in content["tokens"]:
        expires, digest, person = _when(each["expires"]), _digest(each), _a(int, each["person"])
        if person not in range(1, ledger.state.size + 1):
            raise InvalidInputError.of(f"event {event_id}: there is a token of no party: {person}")
        state = {"revoked": _a(bool, each["revoked"]), "spent": _a(bool, each["spent"])}
        work.tokens.add(EmailToken(digest, event_id, person, expires, **state))
    _queue(work, change, content["waiting"], now)
    moved.events += 1
    moved.entries += len(links)


def _a(kind: type[T], value: object) -> T:
    # True and false are no numbers.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{value!r:.60} is no {kind.__name__}")
    return value


def _a_or_none(kind: type[T], value: object) -> T | None:
    return None if value is None else _a(kind, value)


def _when(text: str) -> datetime:
    return instant(datetime.fromisoformat(text))


def _digest(token: dict[str, Any]) -> bytes:
    digest = bytes.fromhex(token["digest"])
    if len(digest) != DIGEST_BYTES:
        raise ValueError(f"a digest has {DIGEST_BYTES} bytes")
    return digest


@attrs.frozen
class _Queued:
    """
    A notice on its way into the outbox; *row* is None for one that was sent before the move.
    """

    notice: Notice
    added: datetime
    due: datetime
    row: dict[str, Any] | None


def _queue(
    work: UnitOfWork, change: Change, waiting: Sequence[dict[str, Any]], now: datetime
) -> None:
    waits = [_waiting(change, each, now) for each in waiting]
    if len({each.notice.of for each in waits}) < len(waits):
        raise InvalidInputError.of(f"event {change.after.id}: a letter waits twice")
    queue = sorted([*waits, *_sent_since(change, waits)], key=lambda each: each.notice.of)
    for (added, due), together in groupby(queue, lambda each: (each.added, each.due)):
        work.outbox.add([each.notice for each in together], added, due)
    posts = work.outbox.waiting(change.after.id) if queue else []
    for post, each in zip(posts, queue, strict=True):
        if each.row is None:
            work.outbox.settle(post, Outcome.SENT)
            continue
        again = attrs.evolve(
            post,
            attempts=_a(int, each.row.get("attempts", 0)),
            held=_a(bool, each.row.get("held", False)),
            code=_a_or_none(int, each.row.get("code")),
        )
        if again != post:
            work.outbox.put_back(again)


def _waiting(change: Change, row: dict[str, Any], now: datetime) -> _Queued:
    notice = Notice(change.after.id, row["of"], row["recipient"], Kind(row["kind"]))
    if notice != telling.promised(change.after.id, change.entries[_a(int, notice.of) - 1]):
        event = f"event {change.after.id}"
        raise InvalidInputError.of(f"{event}: a letter waits that entry {notice.of} never promised")
    # An export of before they were kept has neither: its notices are due at once.
    added, due = (row.get(name) for name in ("added", "due"))
    return _Queued(
        notice,
        now if added is None else _when(added),
        now if due is None else _when(due),
        row,
    )


def _sent_since(change: Change, waits: Sequence[_Queued]) -> Iterator[_Queued]:
    """
    Find the letters that were sent after one of the same kind that still waits.

    The outbox needs them to know that the older one is no news any more.
    """
    oldest = {
        (each.notice.recipient, each.notice.kind): each.notice.of
        for each in sorted(waits, key=lambda each: each.notice.of, reverse=True)
    }
    if not oldest:
        return
    for entry in change.entries:
        if entry.data.get("delivery") == Outcome.SENT.value:
            promise = change.entries[entry.data["of"] - 1]
            notice = telling.promised(change.after.id, promise)
            if notice.of > oldest.get((notice.recipient, notice.kind), notice.of):
                yield _Queued(notice, promise.when, promise.when, None)


_TAKERS: Final[dict[str, Callable[[UnitOfWork, dict[str, Any], Moved, datetime], None]]] = {
    "head": _take_head,
    "user": _take_user,
    "event": _take_event,
}
