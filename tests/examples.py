"""
Short names for the values that tests need again and again, and one event to drive.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import attrs

from calndro.core import deeds, telling
from calndro.core.ledger import Act
from calndro.core.log import Chain
from calndro.core.party import Address
from calndro.core.slot import Slot


if TYPE_CHECKING:
    from collections.abc import Iterable

    from calndro.core.deeds import Form
    from calndro.core.ledger import Change, Ledger
    from calndro.core.log import Entry
    from calndro.core.notice import Notice
    from calndro.core.slot import Table


START = datetime(2030, 1, 1, tzinfo=UTC)
IDENTITY = UUID("00112233-4455-4677-8899-aabbccddeeff")
MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


def slot(number: int) -> Slot:
    """
    Make the hour that begins *number* days after the start.
    """
    return Slot(START + timedelta(days=number), HOUR)


def slots(*numbers: int) -> Table:
    """
    Make a table of numbered hours.
    """
    return tuple(slot(number) for number in sorted(set(numbers)))


def numbers_of(table: Iterable[Slot] | None) -> set[int] | None:
    """
    Name the slots of a table by number again.
    """
    return None if table is None else {(each.begin - START).days for each in table}


def mail(name: str) -> str:
    """
    Write the address of the person called *name*.
    """
    return f"{name}@here.net"


def address(name: str) -> Address:
    """
    Make the address of the person called *name*.
    """
    return Address.parse(mail(name))


def addresses(names: Iterable[str]) -> list[Address]:
    """
    Make an address for each letter of *names*.
    """
    return [address(name) for name in names]


def act(name: str, now: datetime = START, *, token: str | None = None, local: bool = False) -> Act:
    """
    Let the person called *name* act.
    """
    return Act(address(name), now, name[:1].encode() * 32, token=token, local=local)


class Scene:
    """
    One event driven through the pure core, with its log and its notices.

    Every method returns the entries that it added.
    """

    def __init__(
        self, *numbers: int, parties: str = "abc", proposer: str = "a", title: str = "moot"
    ) -> None:
        self.now = START
        change = deeds.propose(
            IDENTITY,
            act(proposer),
            addresses(parties),
            slots(*numbers),
            title=title,
            zone="UTC",
            salts=[bytes([n]) * 32 for n in range(1, len(parties) + 2)],
            most=30,
        )
        self.opening = change
        self.ledger: Ledger = attrs.evolve(change.after, id=7)
        self.log: list[Entry] = list(change.entries)
        self.notices: list[Notice] = list(change.notices)

    def take(self, change: Change) -> list[Entry]:
        """
        Make a change the present.
        """
        self.ledger = change.after
        self.log.extend(change.entries)
        self.notices.extend(change.notices)
        return list(change.entries)

    def update(self, who: str, form: Form | None, title: str | None = None) -> list[Entry]:
        """
        Update, with the news that this makes.
        """
        by = act(who, self.now)
        change = deeds.update(self.ledger, by, form, title=title, most=30, expected=None)
        return self.take(telling.tell_news(change, by))

    def replace(self, who: str, *numbers: int, title: str | None = None) -> list[Entry]:
        """
        Make the table exactly *numbers*.
        """
        return self.update(who, deeds.Replace(slots(*numbers)), title)

    def keep(self, who: str, *numbers: int, title: str | None = None) -> list[Entry]:
        """
        Narrow to *numbers*.
        """
        return self.update(who, deeds.Keep(slots(*numbers)), title)

    def judge(self, who: str, drop: Iterable[int], accept: Iterable[int]) -> list[Entry]:
        """
        Narrow by dropping and accepting.
        """
        return self.update(who, deeds.Judge(slots(*drop), slots(*accept)))

    def extend(self, who: str, *numbers: int) -> list[Entry]:
        """
        Put *numbers* on the table.
        """
        return self.update(who, deeds.Extend(slots(*numbers)))

    def retitle(self, who: str, title: str) -> list[Entry]:
        """
        Give another title.
        """
        return self.update(who, None, title)

    def delete(self, who: str) -> list[Entry]:
        """
        Close the event.
        """
        by = act(who, self.now)
        return self.take(telling.tell_news(deeds.delete(self.ledger, by), by))

    def stop(self, who: str) -> list[Entry]:
        """
        Stop the mail to *who*.
        """
        return self.take(deeds.stop_mail(self.ledger, act(who, self.now)))

    def resume(self, who: str) -> list[Entry]:
        """
        Let mail to *who* go again.
        """
        return self.take(deeds.resume_mail(self.ledger, act(who, self.now)))

    def view(self, who: str) -> list[Entry]:
        """
        Look at the event.
        """
        return self.take(deeds.view(self.ledger, act(who, self.now)))

    def erase(self, name: str, by: str = "s") -> list[Entry]:
        """
        Forget a person.
        """
        made = act(by, self.now)
        change = deeds.erase(self.ledger, made, address(name))
        return self.take(telling.tell_news(change, made))

    def notify(
        self,
        who: str,
        recipients: str,
        *numbers: int,
        sender: str | None = None,
        staff: str = "",
        barred: str = "",
        invitation: bool = False,
    ) -> list[Entry]:
        """
        Tell *recipients* that *numbers* are on the table.
        """
        change = telling.notify(
            self.ledger,
            act(who, self.now),
            addresses(recipients),
            slots(*numbers),
            sender=None if sender is None else address(sender),
            sender_salt=b"S" * 32,
            staff=addresses(staff),
            barred=addresses(barred),
            invitation=invitation,
        )
        return self.take(change)

    @property
    def kept(self) -> dict[str, set[int] | None]:
        """
        What each party keeps, by numbers; the erased under ``erased``.
        """
        return {
            str(person).partition("@")[0]: numbers_of(keeps)
            for person, keeps in zip(self.ledger.parties, self.ledger.state.kept, strict=True)
        }

    @property
    def table(self) -> set[int]:
        """
        What is on the table, by numbers.
        """
        return numbers_of(self.ledger.state.slots) or set()

    @property
    def status(self) -> str:
        """
        Where the event stands.
        """
        return self.ledger.state.status.value

    @property
    def waiting(self) -> str:
        """
        Who is waited on, by letters.
        """
        people = self.ledger.people
        return "".join(
            str(people[number - 1]).partition("@")[0] for number in self.ledger.state.waiting_on
        )


def reasons(entries: Iterable[Entry]) -> list[tuple[str, int]]:
    """
    Tell why letters go out to whom, for those of the entries that say a reason.
    """
    return [
        (entry.data["reason"], entry.data["recipient"])
        for entry in entries
        if "reason" in entry.data
    ]


GENESIS = Chain.begin(IDENTITY)
