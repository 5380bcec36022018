"""
The ledger: people by number, and changes joined one to the other.
"""

from __future__ import annotations

from calndro.core import deeds
from calndro.core.ledger import Person, enrol, record_delivery, rewind
from tests.examples import START, Scene, act, address


def test_names_of_people() -> None:
    """
    Number 0 is the system; the forgotten are shown by their number.
    """
    scene = Scene(1, parties="ab")
    scene.erase("b")
    names = [scene.ledger.name(number) for number in range(4)]
    assert names == ["system", "a@here.net", "erased-2", "s@here.net"]


def test_numbers_are_found_by_address() -> None:
    """
    An address is found if the log speaks of it, and is a party's only if it is one.
    """
    ledger = Scene(1, parties="ab", proposer="p").ledger
    assert [ledger.number_of(address(name)) for name in "abpx"] == [1, 2, 3, None]
    assert [ledger.party_number(address(name)) for name in "abpx"] == [1, 2, None, None]


def test_enrolling_twice_is_enrolling_once() -> None:
    """
    Who has a number keeps it and its salt.
    """
    ledger = Scene(1, parties="ab").ledger
    once = enrol(ledger, address("x"), b"x" * 32)
    assert once.people[2] == Person(3, address("x"), b"x" * 32)
    assert enrol(once, address("x"), b"y" * 32) is once
    assert ledger.number_of(address("x")) is None


def test_erased_address_is_a_new_person() -> None:
    """
    A later person with an erased address has a number of its own.
    """
    scene = Scene(1, parties="ab")
    scene.erase("b")
    again = enrol(scene.ledger, address("b"), b"b" * 32)
    assert again.number_of(address("b")) == 4
    assert again.party_number(address("b")) is None


def test_changes_join_from_first_to_last() -> None:
    """
    A joined change leads from before the first to after the last, with all between.
    """
    ledger = Scene(1, parties="ab").ledger
    one = deeds.view(ledger, act("a"))
    two = deeds.stop_mail(one.after, act("b"))
    joined = one.then(two)
    assert joined.before is ledger
    assert joined.after is two.after
    assert joined.entries == one.entries + two.entries


def test_system_needs_no_number() -> None:
    """
    An entry by the system enrols nobody.
    """
    ledger = Scene(1, parties="ab").ledger
    change = record_delivery(ledger, START, {"delivery": "sent", "of": 1, "recipient": 1})
    assert change.after.people == ledger.people
    assert change.entries[0].effector == 0
    assert change.before is ledger


def test_marks_of_an_act() -> None:
    """
    Only who used a token or opened the database itself leaves a mark.
    """
    assert act("a").marks == {}
    assert act("a", token="01234567").marks == {"token": "01234567"}
    assert act("a", local=True).marks == {"via": "local"}


def test_an_event_goes_back_to_what_it_was() -> None:
    """
    Rewound to any entry, an event is what it was after that entry, but for who was erased.
    """
    scene = Scene(1, 2, parties="ab")
    before = [(1, scene.ledger)]
    scene.keep("b", 1)
    before.append((len(scene.log), scene.ledger))
    scene.view("x")
    before.append((len(scene.log), scene.ledger))
    scene.erase("b")

    for length, ledger in before:
        rewound = rewind(scene.ledger, scene.log[:length])
        assert (rewound.id, rewound.chain, rewound.state) == (
            ledger.id,
            ledger.chain,
            ledger.state,
        )
        assert rewound.people == scene.ledger.people
