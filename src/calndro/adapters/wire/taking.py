"""
What is taken from clients, as attrs classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from calndro.adapters.wire.checking import WrittenSlot, read
from calndro.adapters.wire.sending import EventJson
from calndro.core.errors import Faults


if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen(kw_only=True)
class Proposal:
    """
    What opens an event; with ``like`` the other event gives what is missing here.
    """

    parties: tuple[str, ...] | None = None
    slots: tuple[WrittenSlot, ...] | None = None
    title: str | None = None
    zone: str | None = None
    like: int | None = None


@attrs.frozen(kw_only=True)
class Update:
    """
    What changes an event: one of slots, keep, add, or drop and accept; and a title.
    """

    slots: tuple[WrittenSlot, ...] | None = None
    keep: tuple[WrittenSlot, ...] | None = None
    drop: tuple[WrittenSlot, ...] | None = None
    accept: tuple[WrittenSlot, ...] | None = None
    add: tuple[WrittenSlot, ...] | None = None
    title: str | None = None


@attrs.frozen(kw_only=True)
class Notification:
    """
    Whom to tell, and the slots that the caller believes to be on the table.
    """

    parties: tuple[str, ...]
    slots: tuple[WrittenSlot, ...]
    sender: str | None = None
    invitation: bool = False


@attrs.frozen(kw_only=True)
class MailWish:
    """
    Whether one wants letters of an event: ``stopped`` or ``resumed``.
    """

    mail: Literal["stopped", "resumed"]


@attrs.frozen(kw_only=True)
class SignIn:
    """
    An email address and its password.
    """

    username: str
    password: str


@attrs.frozen(kw_only=True)
class NewUser:
    """
    An account to be made; without a password it signs in by API token only.
    """

    email: str
    password: str | None = None
    staff: bool = False


@attrs.frozen(kw_only=True)
class UserChange:
    """
    One thing to be changed of an account: its password, its rights, whether it may sign in.
    """

    password: str | None = None
    staff: bool | None = None
    active: bool | None = None


FORMS: Final = (
    frozenset({"slots"}),
    frozenset({"keep"}),
    frozenset({"drop", "accept"}),
    frozenset({"add"}),
)
"""The members of an update of which one group at most may be there."""
READ_ONLY: Final = frozenset(EventJson.__annotations__) - {"slots", "title"}


def read_proposal(members: Mapping[str, Any]) -> Proposal:
    """
    Take what opens an event.

    Raises:
        InvalidInputError: As for ``read``; parties and slots may be missing only beside
            ``like``.
    """
    faults = Faults()
    proposal = Proposal()
    with faults.at(""):
        proposal = read(Proposal, members)
    if members.get("like") is None:
        for name in ("parties", "slots"):
            if members.get(name) is None:
                faults.add("this member is required; give a list", name)
    faults.settle()
    return proposal


def read_update(members: Mapping[str, Any]) -> Update:
    """
    Take what changes an event; what else a shown event holds is ignored.

    Raises:
        InvalidInputError: As for ``read``; or there are two forms.
    """
    faults = Faults()
    update = Update()
    with faults.at(""):
        update = read(Update, {k: v for k, v in members.items() if k not in READ_ONLY})
    given = {name for name, value in members.items() if value is not None}
    if sum(not form.isdisjoint(given) for form in FORMS) > 1:
        faults.add("give only one of slots, keep, add, or drop and accept")
    faults.settle()
    return update
