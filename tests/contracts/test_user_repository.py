from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from calndro.core.party import Address
from calndro.core.user import User
from tests.contracts.deposits import api_token, enlist
from tests.examples import address, addresses


if TYPE_CHECKING:
    from tests.contracts.deposits import Storage


SHOUT = Address.parse("A@HERE.NET")
EVERYTHING = User(address("a"), "$argon2id$v=19$m=65536,t=3,p=4$c2Fs$aGFzaA", True, True, True, 7)


def put(storage: Storage, user: User) -> None:
    """
    Store a user.
    """
    with storage.unit_of_work() as work:
        work.users.put(user)
        work.commit()


def find(storage: Storage, who: Address) -> User | None:
    """
    Read a user.
    """
    with storage.snapshot() as work:
        return work.users.find([who]).get(who)


class TestUserRepository:
    """
    The contract of UserRepository.
    """

    def test_find_those_that_exist(self, storage: Storage) -> None:
        """
        Of the addresses asked for those with a user are found, and nobody else.
        """
        enlist(storage, "ab")

        with storage.snapshot() as work:
            assert work.users.find(addresses("bx")) == {address("b"): User(address("b"))}
            assert work.users.find([]) == {}
            assert work.users.find(addresses("x")) == {}

    def test_a_stored_user_is_read_as_it_was(self, storage: Storage) -> None:
        """
        Everything about a user comes back.
        """
        put(storage, EVERYTHING)

        assert find(storage, address("a")) == EVERYTHING

    def test_one_user_for_each_folded_address(self, storage: Storage) -> None:
        """
        An address in another form is the same user, who keeps the form first stored.
        """
        put(storage, User(SHOUT))
        put(storage, EVERYTHING)

        found = find(storage, address("a"))
        assert found == EVERYTHING
        assert found is not None
        assert str(found.address) == "A@HERE.NET"
        with storage.snapshot() as work:
            assert len(work.users.page(after=None, limit=9)) == 1

    def test_put_changes_only_its_user(self, storage: Storage) -> None:
        """
        What is stored of one user leaves the others alone.
        """
        enlist(storage, "ab")
        put(storage, EVERYTHING)

        assert find(storage, address("b")) == User(address("b"))

    def test_enlist(self, storage: Storage) -> None:
        """
        Who has no user gets an inactive one, all others stay; the answer is in order.
        """
        put(storage, attrs.evolve(EVERYTHING, address=SHOUT))
        with storage.unit_of_work() as work:
            stored = work.users.enlist([*addresses("cab"), Address.parse("C@here.net")])
            work.commit()

        assert list(map(str, stored)) == ["c@here.net", "A@HERE.NET", "b@here.net", "c@here.net"]
        assert find(storage, address("a")) == EVERYTHING
        assert find(storage, address("c")) == User(address("c"))

    def test_enlist_nobody(self, storage: Storage) -> None:
        """
        To enlist nobody, or the same people again, changes nothing.
        """
        enlist(storage, "")
        enlist(storage, "a")
        enlist(storage, "a")

        with storage.snapshot() as work:
            assert list(work.users.page(after=None, limit=9)) == [User(address("a"))]

    def test_pages_in_the_order_of_bytes(self, storage: Storage) -> None:
        """
        Users are paged by the bytes of their folded address, whatever a language thinks.
        """
        texts = ["_@a.net", "-@a.net", "a-b@a.net", "ab@a.net", "a_c@a.net", "0@a.net", "Z@a.net"]
        with storage.unit_of_work() as work:
            work.users.enlist([Address.parse(text) for text in texts])
            work.commit()
        keys = sorted(text.lower() for text in texts)

        with storage.snapshot() as work:
            first = work.users.page(after=None, limit=3)
            rest = work.users.page(after=first[-1].address, limit=9)
            assert list(work.users.page(after=rest[-1].address, limit=9)) == []
        assert [user.address.key for user in (*first, *rest)] == keys

    def test_remove(self, storage: Storage) -> None:
        """
        A removed user is gone with its API tokens, whatever the form of the address.
        """
        enlist(storage, "ab")
        with storage.unit_of_work() as work:
            work.api_tokens.add(api_token(1), most=9)
            work.api_tokens.add(api_token(2, "b"), most=9)
            work.users.remove(SHOUT)
            work.users.remove(address("x"))
            work.commit()

        assert find(storage, address("a")) is None
        assert find(storage, address("b")) is not None
        with storage.snapshot() as work:
            assert work.api_tokens.find(api_token(1).digest) is None
            assert work.api_tokens.find(api_token(2).digest) is not None
