from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.core.party import Address
from calndro.core.user import User
from tests.contracts.deposits import LATER, NO_IDS, api_token, email_token, enlist, propose
from tests.examples import HOUR, MICROSECOND, START, address


if TYPE_CHECKING:
    from calndro.core.token import EmailToken
    from calndro.core.user import ApiToken
    from tests.contracts.deposits import Storage


SHOUT = Address.parse("A@HERE.NET")


def test_tokens_that_expired_long_ago_are_swept(storage: Storage) -> None:
    """
    Whatever expired before an instant is forgotten; what expires at it or later stays.
    """
    propose(storage, 1)
    with storage.unit_of_work() as work:
        for number in (1, 2, 3):
            work.tokens.add(email_token(number))
        work.tokens.sweep(email_token(2).expires)
        work.commit()

    with storage.snapshot() as work:
        assert list(work.tokens.of(1)) == [email_token(2), email_token(3)]


class TestTokenRepository:
    """
    The contract of TokenRepository.
    """

    @pytest.fixture(autouse=True)
    def _tokens(self, storage: Storage) -> None:
        """
        Store tokens 1 and 2 for *a* in two events, 3 for *b*, 4 for *c*.
        """
        propose(storage, 1, parties="ab")
        propose(storage, 1, parties="ca")
        with storage.unit_of_work() as work:
            for number, event_id, person in ((1, 1, 1), (2, 2, 2), (3, 1, 2), (4, 2, 1)):
                work.tokens.add(email_token(number, event_id, person))
            work.commit()

    def find(self, storage: Storage, number: int) -> EmailToken | None:
        """
        Read a token.
        """
        with storage.snapshot() as work:
            return work.tokens.find(email_token(number).digest)

    def test_a_stored_token_is_read_as_it_was(self, storage: Storage) -> None:
        """
        A token is found by its digest alone, with everything that is kept of it.
        """
        odd = attrs.evolve(
            email_token(5), expires=START - 999 * HOUR + MICROSECOND, revoked=True, spent=True
        )
        with storage.unit_of_work() as work:
            work.tokens.add(odd)
            work.commit()

        assert self.find(storage, 5) == odd
        assert self.find(storage, 4) == email_token(4, 2, 1)
        assert self.find(storage, 6) is None

    def test_retire(self, storage: Storage) -> None:
        """
        A token that was refused as expired is spent, and stays.
        """
        with storage.unit_of_work() as work:
            work.tokens.retire(email_token(1).digest)
            work.commit()

        assert self.find(storage, 1) == attrs.evolve(email_token(1), spent=True)
        assert self.find(storage, 2) == email_token(2, 2, 2)

    def test_take_back(self, storage: Storage) -> None:
        """
        One token is taken back and no other; one that is not there is no error.
        """
        with storage.unit_of_work() as work:
            work.tokens.take_back(email_token(1).digest)
            work.tokens.take_back(email_token(99).digest)
            work.commit()

        assert self.find(storage, 1) == attrs.evolve(email_token(1), revoked=True)
        assert self.find(storage, 2) == email_token(2, 2, 2)

    def test_revoke(self, storage: Storage) -> None:
        """
        Of one person all tokens in all events are taken back, of the others none.
        """
        with storage.unit_of_work() as work:
            work.tokens.revoke(SHOUT)
            work.commit()

        found = [self.find(storage, number) for number in (1, 2, 3, 4)]
        assert [token is not None and token.revoked for token in found] == [
            True,
            True,
            False,
            False,
        ]

    def test_of_an_event(self, storage: Storage) -> None:
        """
        The tokens of an event come in the order of their end, then of their digest.
        """
        early = attrs.evolve(email_token(9), expires=START)
        twin = attrs.evolve(email_token(8), expires=START)
        with storage.unit_of_work() as work:
            work.tokens.add(early)
            work.tokens.add(twin)
            work.commit()

        with storage.snapshot() as work:
            assert list(work.tokens.of(1)) == [twin, early, email_token(1), email_token(3, 1, 2)]
            for event_id in NO_IDS:
                assert list(work.tokens.of(event_id)) == []


class TestApiTokenRepository:
    """
    The contract of ApiTokenRepository.
    """

    @pytest.fixture(autouse=True)
    def _users(self, storage: Storage) -> None:
        enlist(storage, "ab")

    def add(self, storage: Storage, *tokens: ApiToken, most: int = 9) -> None:
        """
        Store tokens.
        """
        with storage.unit_of_work() as work:
            for token in tokens:
                work.api_tokens.add(token, most=most)
            work.commit()

    def of(self, storage: Storage, name: str = "a") -> list[int]:
        """
        Number the tokens of a user, the last used first.
        """
        with storage.snapshot() as work:
            tokens = work.api_tokens.of(address(name))
            found = [work.api_tokens.find(token.digest) for token in tokens]
            assert [each and each[0] for each in found] == list(tokens)
        return [token.digest[0] for token in tokens]

    def test_a_stored_token_is_read_as_it_was(self, storage: Storage) -> None:
        """
        A token is found by its digest, tells when it was used, and comes with its user.
        """
        token = api_token(1, used=START + MICROSECOND)
        user = User(token.address, password="a hash", staff=True, epoch=3)
        self.add(storage, token)
        with storage.unit_of_work() as work:
            work.users.put(user)
            work.commit()

        with storage.snapshot() as work:
            assert work.api_tokens.find(token.digest) == (token, user)
            assert work.api_tokens.find(api_token(2).digest) is None

    def test_the_last_used_are_kept(self, storage: Storage) -> None:
        """
        Of one user so many stay as were last used; those of others don't count.
        """
        self.add(storage, api_token(9, "b"))
        self.add(storage, *(api_token(n, used=START + n * HOUR) for n in (1, 2, 3)))
        with storage.unit_of_work() as work:
            work.api_tokens.touch(api_token(1).digest, START + 9 * HOUR)
            work.commit()
        self.add(storage, api_token(4, used=START + 4 * HOUR), most=3)

        assert self.of(storage) == [1, 4, 3]
        assert self.of(storage, "b") == [9]

    def test_of_those_used_at_once_the_later_made_are_kept(self, storage: Storage) -> None:
        """
        A new token is not lost to older ones that were used at the same instant.
        """
        for number in (3, 1, 2):
            self.add(storage, api_token(number), most=2)

        assert self.of(storage) == [2, 1]

    def test_touch(self, storage: Storage) -> None:
        """
        To touch a token moves when it was used, and no other; one that is none is nothing.
        """
        self.add(storage, api_token(1), api_token(2))
        with storage.unit_of_work() as work:
            work.api_tokens.touch(api_token(1).digest, LATER)
            work.api_tokens.touch(b"?" * 32, LATER)
            work.commit()

        with storage.snapshot() as work:
            found = work.api_tokens.of(address("a"))
        assert [(token.digest[0], token.used) for token in found] == [(1, LATER), (2, START)]

    def test_one_token_is_dropped(self, storage: Storage) -> None:
        """
        A token that is taken back is gone, the user's others stay; one that is none is nothing.
        """
        self.add(storage, api_token(1), api_token(2), api_token(3, "b"))
        with storage.unit_of_work() as work:
            work.api_tokens.drop(api_token(1).digest)
            work.api_tokens.drop(b"?" * 32)
            work.commit()

        assert self.of(storage) == [2]
        assert self.of(storage, "b") == [3]

    def test_revoke(self, storage: Storage) -> None:
        """
        All tokens of one user are taken back and counted, of the others none.
        """
        self.add(storage, api_token(1), api_token(2), api_token(3, "b"))
        with storage.unit_of_work() as work:
            assert work.api_tokens.revoke(SHOUT) == 2
            assert work.api_tokens.revoke(SHOUT) == 0
            work.commit()

        assert self.of(storage) == []
        assert self.of(storage, "b") == [3]
