"""
Memory and SQL side by side: whatever people do, both answer, store and refuse alike.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from calndro.adapters.memory import MemoryClock, MemoryNotifier, MemoryStorage
from calndro.adapters.sql.storage import SqlStorage
from calndro.core.access import Caller
from calndro.core.agreement import Status, replay
from calndro.core.errors import CalndroError, DeliveryError
from calndro.core.log import Chain, entry_hash
from calndro.usecases import accounts, auditing, events, letters, updates
from tests.contracts.deposits import log, page, services, waiting
from tests.emptying import empty_mariadb, empty_postgres
from tests.examples import address, mail, slots


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from calndro.core.slot import Table
    from calndro.usecases.services import Services
    from tests.contracts.deposits import Storage

    Deed: TypeAlias = Callable[[Services], Any]


PEOPLE = "abcd"
STAFF = Caller(address("s"), staff=True)
PASSWORD = "correct horse"

names = st.sampled_from(PEOPLE)
groups = st.lists(st.sampled_from("abcdabcdx"), max_size=4).map(lambda found: [*map(mail, found)])
numbers = st.lists(st.integers(0, 5), max_size=5)
tables: st.SearchStrategy[Table] = numbers.map(lambda found: slots(*found))
titles = st.sampled_from(["", "moot", "two\nlines", "caf\u00e9", "x" * 257])
event_ids = st.sampled_from([1, 2, 1, 2, 3, 4])
revisions = st.none() | st.integers(1, 4)
rarely = st.integers(0, 9).map(lambda drawn: drawn == 9)
failures = st.lists(st.sampled_from([None, False, True]), max_size=4)
spans = st.sampled_from([-90, 1, 30, 61, 121, 60 * 24 * 6])


def _called(use_case: Callable[..., Any], *arguments: Any) -> Deed:
    return lambda wired: use_case(wired, *arguments)


class Side:
    """
    One of the two storages, and what stands around it.
    """

    def __init__(self, storage: Storage, clock: MemoryClock) -> None:
        self.storage = storage
        self.notifier = MemoryNotifier()
        self.services = services(storage, clock, self.notifier)

    def answer(self, deed: Deed) -> Any:
        """
        Do something, and give its result or what it raised, so that answers can be compared.
        """
        try:
            return deed(self.services)
        except CalndroError as error:
            return type(error), str(error)

    def contents(self) -> tuple[Any, ...]:
        """
        Read everything that is stored.
        """
        ledgers = page(self.storage)
        with self.storage.snapshot() as work:
            users = list(work.users.page(after=None, limit=99))
            return (
                list(ledgers),
                [log(self.storage, ledger.id) for ledger in ledgers],
                list(waiting(self.storage)),
                users,
                [str(user.address) for user in users],
                [list(work.api_tokens.of(user.address)) for user in users],
                [list(work.tokens.of(ledger.id)) for ledger in ledgers],
                [list(work.events.stored(ledger.id, after=0, limit=10_000)) for ledger in ledgers],
                [work.events.beside(ledger.id) for ledger in ledgers],
            )


class BothStorages(RuleBasedStateMachine):
    """
    Does the same to both, and compares.
    """

    callers: Bundle[Caller] = Bundle("callers")
    api_tokens: Bundle[str] = Bundle("api_tokens")

    def __init__(self) -> None:
        super().__init__()
        self.clock = MemoryClock()
        self.sql = self.opened()
        self.sides = [Side(MemoryStorage(), self.clock), Side(self.sql, self.clock)]

    def opened(self) -> SqlStorage:
        """
        Open a database that holds nothing.
        """
        raise NotImplementedError

    def teardown(self) -> None:
        """
        Close the database.
        """
        self.sql.close()

    def both(self, deed: Deed) -> Any:
        """
        Do it to both; the answer, which must be the same.
        """
        memory, sql = (side.answer(deed) for side in self.sides)
        assert memory == sql
        return memory

    @initialize(target=callers)
    def people(self) -> Any:
        """
        Register two people and staff; two more are only named in the first two events.
        """
        for name in "abs":
            add = partial(accounts.add_user, staff=name == "s")
            self.both(_called(add, STAFF, mail(name), PASSWORD))
        for table in (slots(0), slots(*range(6))):
            propose = partial(events.propose, parties=[*map(mail, PEOPLE)], slots=table)
            self.both(_called(propose, STAFF))
        return multiple(*(Caller(address(name)) for name in PEOPLE), STAFF, Caller())

    @rule(
        caller=callers,
        parties=groups,
        table=tables,
        title=titles,
        like=st.none() | event_ids,
    )
    def propose(
        self, caller: Caller, parties: list[str], table: Table, title: str, like: int | None
    ) -> None:
        """
        Open an event, or one like another.
        """
        self.both(
            lambda s: events.propose(
                s, caller, parties=parties or None, slots=table, title=title, like=like
            )
        )

    @rule(caller=callers, event_id=event_ids)
    def view(self, caller: Caller, event_id: int) -> None:
        """
        Look at an event.
        """
        self.both(lambda s: events.view(s, caller, event_id))

    @rule(caller=callers, status=st.none() | st.sampled_from(Status), closed=st.booleans())
    def list_events(self, caller: Caller, status: Status | None, closed: bool) -> None:
        """
        List events.
        """
        self.both(lambda s: events.list_events(s, caller, status=status, closed=closed))

    @rule(caller=callers, event_id=event_ids, after=st.integers(0, 9), deliveries=st.booleans())
    def read_log(self, caller: Caller, event_id: int, after: int, deliveries: bool) -> None:
        """
        Read a log.
        """
        self.both(
            lambda s: events.read_log(s, caller, event_id, after=after, deliveries=deliveries)
        )

    @rule(caller=callers, event_id=event_ids, keep=tables, expected=revisions)
    def narrow(self, caller: Caller, event_id: int, keep: Table, expected: int | None) -> None:
        """
        Narrow to what one keeps.
        """
        self.both(lambda s: updates.narrow(s, caller, event_id, keep, expected=expected))

    @rule(caller=callers, event_id=event_ids, drop=tables, accept=tables)
    def judge(self, caller: Caller, event_id: int, drop: Table, accept: Table) -> None:
        """
        Narrow by dropping and accepting.
        """
        self.both(lambda s: updates.judge(s, caller, event_id, drop, accept))

    @rule(caller=callers, event_id=event_ids, table=tables, title=st.none() | titles)
    def replace(self, caller: Caller, event_id: int, table: Table, title: str | None) -> None:
        """
        Put other slots on the table.
        """
        self.both(lambda s: updates.replace(s, caller, event_id, table, title=title))

    @rule(caller=callers, event_id=event_ids, table=tables)
    def extend(self, caller: Caller, event_id: int, table: Table) -> None:
        """
        Put more slots on the table.
        """
        self.both(lambda s: updates.extend(s, caller, event_id, table))

    @rule(caller=callers, event_id=event_ids)
    def stop_mail(self, caller: Caller, event_id: int) -> None:
        """
        Stop the letters to oneself.
        """
        self.both(lambda s: events.stop_mail(s, caller, event_id))

    @rule(event_id=event_ids, really=rarely)
    def delete(self, event_id: int, really: bool) -> None:
        """
        Delete an event.
        """
        if really:
            self.both(lambda s: events.delete(s, STAFF, event_id))

    @rule(
        caller=callers,
        event_id=event_ids,
        recipients=st.none() | groups,
        sender=st.none() | names.map(mail),
        invitation=st.booleans(),
    )
    def notify(
        self,
        caller: Caller,
        event_id: int,
        recipients: list[str] | None,
        sender: str | None,
        invitation: bool,
    ) -> None:
        """
        Tell some of the parties, or all who want it, what is on the table.
        """

        def tell(wired: Services) -> Any:
            now = events.peek(wired, STAFF, event_id)
            named = [each for each in now.parties if "@" in each and each not in now.stopped]
            return events.notify(
                wired,
                caller,
                event_id,
                named if recipients is None else recipients,
                now.slots,
                sender=sender,
                invitation=invitation,
            )

        self.both(tell)

    @precondition(lambda self: len(waiting(self.sql)) > 0)
    @rule(target=callers, how=failures, event_id=st.none() | event_ids)
    def deliver(self, how: list[bool | None], event_id: int | None) -> Any:
        """
        Deliver, with failures on the way; whose letter arrives may come by its link.
        """
        errors = [
            None if permanent is None else DeliveryError("no", code=550, permanent=permanent)
            for permanent in how
        ]
        for side in self.sides:
            side.notifier.delivered.clear()
            side.notifier.failures[:] = [error for error in errors if error is not None]
        self.both(lambda s: letters.deliver(s, event_id))

        memory, sql = (side.notifier.delivered for side in self.sides)
        assert memory == sql
        links = {each.link for each in memory if each.link is not None}
        return multiple(*(Caller(token=each) for each in sorted(links)))

    @rule(minutes=spans)
    def wait(self, minutes: int) -> None:
        """
        Let time pass, or the clock be put back.
        """
        self.clock.advance(timedelta(minutes=minutes))

    @rule(target=api_tokens, name=names)
    def issue(self, name: str) -> Any:
        """
        Sign in for an API token.
        """
        found = self.both(lambda s: accounts.issue_api_token(s, mail(name), PASSWORD))
        return found if isinstance(found, str) else multiple()

    @rule(text=api_tokens)
    def present(self, text: str) -> None:
        """
        Present an API token.
        """
        self.both(lambda s: accounts.present_api_token(s, text))

    @rule(text=consumes(api_tokens), name=names)
    def revoke(self, text: str, name: str) -> None:
        """
        Take back somebody's API tokens, and try one.
        """
        self.both(lambda s: accounts.revoke_api_tokens(s, STAFF, mail(name)))
        self.both(lambda s: accounts.present_api_token(s, text))

    @rule(name=names, back=st.booleans())
    def dismiss(self, name: str, back: bool) -> None:
        """
        Dismiss a user, or take it back.
        """
        change = accounts.activate if back else accounts.deactivate
        self.both(lambda s: change(s, STAFF, mail(name)))

    @rule(name=st.sampled_from("bdx"), really=rarely)
    def erase(self, name: str, really: bool) -> None:
        """
        Forget a person everywhere.
        """
        if really:
            self.both(lambda s: auditing.erase(s, STAFF, mail(name)))

    @invariant()
    def both_hold_the_same(self) -> None:
        """
        Both hold equal events, logs, notices, users and tokens.
        """
        memory, sql = (side.contents() for side in self.sides)
        assert memory == sql

    @invariant()
    def logs_add_up(self) -> None:
        """
        In both, each log replays to the stored state and chains to the stored head.
        """
        for side in self.sides:
            for ledger in page(side.storage):
                entries = log(side.storage, ledger.id)
                assert replay(entries) == ledger.state
                head = Chain.begin(ledger.chain.uuid).head
                for entry in entries:
                    head = entry_hash(head, entry.body)
                    assert entry.hash == head
                assert (len(entries), head) == (ledger.chain.seq, ledger.chain.head)


STEPS = settings(
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.slow
@pytest.mark.no_cover
def test_memory_equals_sqlite(tmp_path: Path) -> None:
    """
    Whatever people do, memory and an SQLite file answer and store alike.
    """
    numbers = count()

    class OnSqlite(BothStorages):
        def opened(self) -> SqlStorage:
            return SqlStorage(f"sqlite:///{tmp_path / str(next(numbers))}.db")

    run_state_machine_as_test(OnSqlite, settings=STEPS)


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.service
@pytest.mark.parametrize(
    ("kind", "empty"), [("postgres", empty_postgres), ("mariadb", empty_mariadb)]
)
def test_memory_equals_a_server(
    request: pytest.FixtureRequest, kind: str, empty: Callable[[str], None]
) -> None:
    """
    Whatever people do, memory and a server answer and store alike.
    """
    url: str = request.getfixturevalue(f"upgraded_{kind}")

    class OnServer(BothStorages):
        def opened(self) -> SqlStorage:
            empty(url)
            return SqlStorage(url)

    # Emptying takes most of the time, and what the SQL says is tried with SQLite.
    few = settings(STEPS, max_examples=max(5, STEPS.max_examples // 20))
    run_state_machine_as_test(OnServer, settings=few)
