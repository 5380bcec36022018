"""
What the core alone takes: a narrowing and the fold of a large event's whole log.

    python -m benchmarks.core_work
"""

from __future__ import annotations

from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Final
from uuid import UUID

from benchmarks.generate import HALF_HOUR, NOON, START
from benchmarks.table import Row
from calndro.core import deeds
from calndro.core.agreement import replay
from calndro.core.ledger import Act, Change, Ledger, record_delivery
from calndro.core.party import Address
from calndro.core.slot import Slot, table


if TYPE_CHECKING:
    from calndro.core.log import Entry


PARTIES: Final = 100
SLOTS: Final = 30
ENTRIES: Final = 1000
MOST_MILLISECONDS: Final = 10
ROUNDS: Final = 9
_LETTER: Final = 2
UPDATES: Final = 5
"""Each fifth entry changes the table; the others tell of looks and letters."""

_SALT: Final = bytes(32)


def large() -> tuple[Ledger, list[Entry]]:
    """
    Make an event of 30 slots and 100 parties that have narrowed and extended it by turns.
    """
    people = [Address(f"p{n}@here.net", f"p{n}@here.net") for n in range(PARTIES)]
    slots = table(Slot(NOON + n * HALF_HOUR, HALF_HOUR) for n in range(SLOTS))
    act = Act(people[0], START, _SALT)
    change = deeds.propose(
        UUID(int=1),
        act,
        people,
        slots,
        title="everybody",
        zone="UTC",
        salts=[_SALT] * (PARTIES + 1),
        most=SLOTS,
    )
    entries = list(change.entries)
    while len(entries) < ENTRIES:
        turn, kind = divmod(len(entries), UPDATES)
        who = people[turn % PARTIES]
        if kind == 1:
            form = deeds.Keep(slots[:-1]) if turn % 2 else deeds.Extend(slots)
            change = narrowed(change.after, who, form)
        elif kind == _LETTER:
            data = {"recipient": turn % PARTIES + 1, "delivery": "sent", "of": 1}
            change = record_delivery(change.after, START, data)
        else:
            change = deeds.view(change.after, Act(who, START, _SALT))
        entries += change.entries
    return change.after, entries


def narrowed(ledger: Ledger, who: Address, form: deeds.Form) -> Change:
    """
    Change the table as one party.
    """
    act = Act(who, START, _SALT)
    return deeds.update(ledger, act, form, title=None, most=SLOTS, expected=None)


def measure() -> Row:
    """
    Time both together.
    """
    ledger, entries = large()
    who = ledger.parties[7].address
    assert who is not None
    form = deeds.Keep(ledger.state.slots[:-2])
    times = []
    for _ in range(ROUNDS):
        begun = process_time()
        narrowed(ledger, who, form)
        state = replay(entries)
        times.append(1000 * (process_time() - begun))
        assert state == ledger.state
    found = median(times)
    return Row(
        f"narrow and fold: {SLOTS} slots, {PARTIES} parties, {ENTRIES} entries",
        f"{found:.1f} ms",
        f"{MOST_MILLISECONDS} ms",
        f"{ROUNDS} rounds, best {min(times):.1f} ms",
        found <= MOST_MILLISECONDS,
    )


if __name__ == "__main__":
    print(measure())
