"""
How many statements a use case costs: constant, whatever the size of what it works on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, String

from calndro.adapters.sql.tables import metadata
from calndro.core.party import Address
from calndro.usecases import accounts, events, letters, updates
from tests.contracts.counting import counted
from tests.contracts.deposits import services
from tests.examples import slots


if TYPE_CHECKING:
    from collections.abc import Callable

    from calndro.adapters.sql.storage import SqlStorage
    from calndro.core.access import Caller
    from calndro.core.event import Event
    from calndro.usecases.services import Services


STAFF = "a@here.net"
PLAIN = (BigInteger, Boolean, Integer, LargeBinary, String)
SIZES = pytest.mark.parametrize(("parties", "size"), [(1, 1), (2, 30), (100, 30)])


class Ready:
    """
    Events of one size in a database, and somebody who presents an API token.
    """

    def __init__(self, storage: SqlStorage, parties: int, size: int) -> None:
        self.services: Services = services(storage)
        self.slots = slots(*range(size))
        self.parties = [STAFF, *(f"p{number}@here.net" for number in range(1, parties))]
        boss = accounts.act_locally(self.services, STAFF, staff=True)
        accounts.register_locally(self.services, boss)
        self.event: Event = self.propose(boss)
        self.propose(boss)
        accounts.set_staff(self.services, boss, STAFF, staff=True)
        self.token = accounts.issue_api_token_for(self.services, boss, STAFF)

    def propose(self, caller: Caller) -> Event:
        """
        Open an event of this size.
        """
        return events.propose(self.services, caller, parties=self.parties, slots=self.slots)

    def cost(self, deed: Callable[[Services, Caller], object]) -> int:
        """
        Count what a request costs, the look at its API token included.
        """
        with counted() as statements:
            deed(self.services, accounts.present_api_token(self.services, self.token))
        return len(statements)


@SIZES
def test_statements(sql: SqlStorage, parties: int, size: int) -> None:
    """
    A list costs at most 4 statements, a detail 6, an update 9, a notify 9 and a batch.
    """
    ready = Ready(sql, parties, size)
    number = ready.event.id

    assert ready.cost(events.list_events) <= 4
    assert ready.cost(lambda s, c: events.peek(s, c, number)) <= 4
    assert ready.cost(lambda s, c: events.read_log(s, c, number)) <= 5
    assert ready.cost(lambda s, c: events.view(s, c, number)) <= 6
    assert ready.cost(lambda s, c: updates.retitle(s, c, number, "new")) <= 7
    assert ready.cost(lambda s, c: events.notify(s, c, number, ready.parties, ready.slots)) <= 8
    assert ready.cost(lambda s, c: updates.narrow(s, c, number, ready.slots[:1])) <= 7
    assert ready.cost(lambda s, c: events.delete(s, c, number)) <= 7
    assert ready.cost(lambda _, c: ready.propose(c)) <= 6


@SIZES
def test_a_delivery(sql: SqlStorage, parties: int, size: int) -> None:
    """
    A letter costs the same number of statements, however large its event is.
    """
    ready = Ready(sql, parties, size)
    boss = accounts.act_locally(ready.services, STAFF, staff=True)
    events.notify(ready.services, boss, ready.event.id, [STAFF], ready.slots)

    assert ready.cost(lambda s, _: letters.deliver(s)) <= 20


def test_a_first_act_enrols_the_newcomer(sql: SqlStorage) -> None:
    """
    Who is new to an event's log costs one statement more, once.
    """
    ready = Ready(sql, 3, 3)
    stranger = accounts.act_locally(ready.services, "s@here.net", staff=True)

    def look() -> int:
        with counted() as statements:
            events.view(ready.services, stranger, ready.event.id)
        return len(statements)

    assert [look(), look()] == [5, 4]


def test_plain_values() -> None:
    """
    Every column takes a number, a text, bytes or a truth value, which drivers take as it is.
    """
    kinds = [column.type for table in metadata.tables.values() for column in table.c]

    assert [kind for kind in kinds if not isinstance(kind, PLAIN)] == []


def test_lists(sql: SqlStorage) -> None:
    """
    A list of any length finds what it names; lengths up to the next power of two share a text.
    """
    addresses = [Address.parse(f"p{number}@here.net") for number in range(9)]
    with sql.unit_of_work() as work:
        work.users.enlist(addresses)
        work.commit()

    with sql.snapshot() as work, counted() as sent:
        found = [set(work.users.find(addresses[:length])) for length in range(10)]

    assert found == [set(addresses[:length]) for length in range(10)]
    assert len(sent) == 9
    assert len(set(sent)) == 5
