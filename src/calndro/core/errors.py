"""
Everything calndro raises on purpose, in one tree.

::

    CalndroError
    ├── InvalidInputError (ValueError)     a value can't be built; every fault at once
    ├── RuleError                          well formed, but the domain says no
    │   ├── TooManySlotsError              the table would hold more slots than allowed
    │   ├── NotAPartyError                 a named person takes no part in the event
    │   ├── SlotsNotCurrentError           the slots told are not those on the table
    │   ├── MailStoppedError               a recipient wants no letters of this event
    │   ├── KeyReusedError                 another request came under this key before
    │   └── OneselfError                   nobody erases itself
    ├── NotFoundError (LookupError)        nothing has this id or name
    ├── GoneError                          the event was deleted; its log remains
    ├── NotAllowedError                    a known caller who may not
    ├── SignInError                        wrong address or password, or no account
    ├── TokenError                         about the credential that came with a request
    │   ├── TokenMissingError              no credential at all
    │   ├── TokenExpiredError              it was good until it expired
    │   └── TokenInvalidError              never issued, revoked, or of another event
    ├── StaleRevisionError                 somebody else changed the event first
    ├── TooManyError                       a limit is reached; try again later
    └── PortError                          the world outside failed; the cause is chained
        ├── StorageError                   the database can't be reached or refuses
        │   ├── CollisionError             it made one of two give way; once more may do
        │   ├── DamagedError               what is stored of an event is none
        │   └── SchemaError                its tables are of another version
        └── DeliveryError                  a letter could not be handed over

Errors keep their data as attributes and build their own message, so that a front
end can show either.
"""

from __future__ import annotations

import copyreg
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime


class CalndroError(Exception):
    """
    The root: catch this to catch everything calndro raises on purpose.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy, as for another process, can't be made of what the error says.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


@attrs.frozen
class Fault:
    """
    One thing wrong with an input.

    Args:
        path: Where, such as ``slots[2].begin``; empty for the input as a whole.
        message: What is wrong and how to mend it, one sentence.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidInputError(CalndroError, ValueError):
    """
    A value can't be built from what was given.

    Args:
        faults: At least one, in the order of the input.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)

    @classmethod
    def of(cls, message: str, path: str = "") -> InvalidInputError:
        """
        Make the error for a single fault.
        """
        return cls((Fault(path, message),))

    def under(self, path: str) -> InvalidInputError:
        """
        Make the same error for an input that holds this one at *path*.
        """
        return InvalidInputError([Fault(_joined(path, f.path), f.message) for f in self.faults])


class Faults:
    """
    Collects the faults of a whole input, to raise them all at once.
    """

    def __init__(self) -> None:
        self.found: list[Fault] = []

    @contextmanager
    def at(self, path: str) -> Iterator[None]:
        """
        Note an InvalidInputError raised inside, as found at *path*, and go on.
        """
        try:
            yield
        except InvalidInputError as error:
            self.found.extend(error.under(path).faults)

    def add(self, message: str, path: str = "") -> None:
        """
        Note one fault.
        """
        self.found.append(Fault(path, message))

    def settle(self) -> None:
        """
        Raise what was found.

        Raises:
            InvalidInputError: There was at least one fault.
        """
        if self.found:
            raise InvalidInputError(self.found)


def _joined(outer: str, inner: str) -> str:
    dot = "." if outer and inner and not inner.startswith("[") else ""
    return f"{outer}{dot}{inner}"


class RuleError(CalndroError):
    """
    What was asked is well formed, but the domain says no; nothing was changed.
    """


class TooManySlotsError(RuleError):
    """
    The table would hold *count* slots, and at most *most* fit.
    """

    def __init__(self, count: int, most: int) -> None:
        super().__init__(
            f"that would put {count} slots on the table; this event holds at most {most}: "
            "drop some first"
        )
        self.count, self.most = count, most


class NotAPartyError(RuleError):
    """
    *addresses* take no part in event *event_id*, whose parties are *parties*.
    """

    def __init__(self, addresses: Sequence[str], event_id: int, parties: Sequence[str]) -> None:
        are = "is no party" if len(addresses) == 1 else "are no parties"
        super().__init__(
            f"{', '.join(addresses)} {are} of event {event_id}; its parties are "
            f"{', '.join(parties)}"
        )
        self.addresses, self.parties = tuple(addresses), tuple(parties)
        self.event_id = event_id


class SlotsNotCurrentError(RuleError):
    """
    The slots told are not those on the table of event *event_id*.
    """

    def __init__(self, event_id: int) -> None:
        super().__init__(
            f"these are not the slots now on the table of event {event_id}: "
            "view it, then notify with the slots it shows"
        )
        self.event_id = event_id


class MailStoppedError(RuleError):
    """
    *addresses* get no letters of event *event_id*.
    """

    def __init__(self, addresses: Sequence[str], event_id: int) -> None:
        super().__init__(
            f"{', '.join(addresses)} can't be sent letters of event {event_id}: mail to them "
            "is stopped; leave them out"
        )
        self.addresses, self.event_id = tuple(addresses), event_id


class KeyReusedError(RuleError):
    """
    Another request has come under the idempotency key *key* less than a day ago.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key} came with another request: use a new key for each")
        self.key = key


class OneselfError(RuleError):
    """
    *address* asked to erase itself.
    """

    def __init__(self, address: str) -> None:
        super().__init__(
            f"{address} can't erase itself: the log would speak of it again; let another "
            "staff user do it"
        )
        self.address = address


class NotFoundError(CalndroError, LookupError):
    """
    There is no *kind* named *name*.
    """

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is no {kind} {name}")
        self.kind, self.name = kind, name


class GoneError(CalndroError):
    """
    Event *event_id* was deleted; its log stays readable.
    """

    def __init__(self, event_id: int) -> None:
        super().__init__(f"event {event_id} was deleted; its log can still be read")
        self.event_id = event_id


class NotAllowedError(CalndroError):
    """
    A known caller asked for what it may not do.

    Args:
        deed: What was asked, in words, such as ``view this event``.
    """

    def __init__(self, deed: str) -> None:
        super().__init__(f"you may not {deed}")
        self.deed = deed


class SignInError(CalndroError):
    """
    Wrong address or password, or no active account; which of them is not told.
    """

    def __init__(self) -> None:
        super().__init__("wrong address or password")


class TokenError(CalndroError):
    """
    The credential of a request is missing or no good.
    """


class TokenMissingError(TokenError):
    """
    The request carries no credential, and what it asks for needs one.
    """

    def __init__(self) -> None:
        super().__init__("sign in, or use the link from your letter")


class TokenExpiredError(TokenError):
    """
    The token was good until *expires*, UTC.
    """

    def __init__(self, expires: datetime) -> None:
        super().__init__(f"this link expired at {expires:%Y-%m-%d %H:%M} UTC; ask for a new one")
        self.expires = expires


class TokenInvalidError(TokenError):
    """
    The token was never issued, has been revoked, or is of another event.

    Args:
        is_api: Whether it was shown as an API token; else it is of a letter.
    """

    def __init__(self, *, is_api: bool = False) -> None:
        kind = "API token" if is_api else "token"
        mend = "get another by calndro login" if is_api else "use the one from your newest letter"
        super().__init__(f"this {kind} opens nothing here; {mend}")
        self.is_api = is_api


class StaleRevisionError(CalndroError):
    """
    The event has moved on from the revision the caller named; nothing was changed.

    Args:
        event_id: Which event.
        expected: The revision the caller saw.
        actual: The revision it has now.
    """

    def __init__(self, event_id: int, expected: int, actual: int) -> None:
        super().__init__(
            f"event {event_id} is at revision {actual}, not {expected}: somebody changed it "
            "meanwhile; look at it again"
        )
        self.event_id, self.expected, self.actual = event_id, expected, actual


class TooManyError(CalndroError):
    """
    A limit is reached.

    Args:
        what: Which limit, in words.
        retry_after: Seconds until one more is allowed; at least 1.
    """

    def __init__(self, what: str, retry_after: int) -> None:
        super().__init__(f"too many {what}; try again in {retry_after} s")
        self.what, self.retry_after = what, retry_after


class PortError(CalndroError):
    """
    The world outside failed; the cause is chained.
    """


class StorageError(PortError):
    """
    The database can't be reached or refuses; only another look tells whether it has stored.
    """


class CollisionError(StorageError):
    """
    Two met in the database and this one had to give way; nothing was stored.

    All of it done again from the start may well succeed.
    """


class SchemaError(StorageError):
    """
    The database can be reached, but its tables are those of another version.

    Args:
        found: The version of its schema, four digits; None without one.
        wanted: The version that this program works with.
    """

    def __init__(self, found: str | None, wanted: str) -> None:
        has = "no schema of calndro" if found is None else f"schema {found}"
        mend = "run 'calndro db upgrade', or install the calndro that the schema is of"
        if found is not None and found > wanted:
            mend = "it belongs to a newer calndro; use that one"
        super().__init__(f"the database has {has}, this calndro works with {wanted}: {mend}")
        self.found, self.wanted = found, wanted


class DeliveryError(PortError):
    """
    A letter could not be handed over.

    Args:
        reason: What happened, one sentence without addresses.
        code: The mail server's numeric reply, or None when it did not get that far.
        permanent: True when trying again can't help.
        everywhere: True when no letter could be handed over now, whoever it is for: the
            carrier is away or does not know us.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: int | None = None,
        permanent: bool = False,
        everywhere: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason, self.code = reason, code
        self.permanent, self.everywhere = permanent, everywhere
