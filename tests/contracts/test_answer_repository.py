"""
The contract of the AnswerRepository port.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from calndro.core.idempotency import LIFE, Answer, IdempotencyKey
from tests.contracts.deposits import persist
from tests.examples import START, address


if TYPE_CHECKING:
    from datetime import datetime

    from calndro.ports.storage import UnitOfWork
    from tests.contracts.deposits import Storage


ONCE = IdempotencyKey("k-1", b"d" * 32)
OTHER = IdempotencyKey("k-1", b"e" * 32)
TICK = timedelta(microseconds=1)


def claim(
    storage: Storage, once: IdempotencyKey = ONCE, who: str = "a", now: datetime = START
) -> Answer | None:
    """
    Claim, and keep an answer where there was none.
    """

    def claim_and_keep(work: UnitOfWork) -> Answer | None:
        found = work.answers.claim(address(who), once, now)
        if found is None:
            work.answers.keep(address(who), once, 7, 3)
        return found

    return persist(storage, claim_and_keep)


def test_an_answer_is_found_by_owner_and_key(storage: Storage) -> None:
    """
    The first claim finds nothing, the second what the first has kept; others find nothing.
    """
    assert claim(storage) is None
    assert claim(storage) == Answer(ONCE.digest, 7, 3)
    assert claim(storage, OTHER) == Answer(ONCE.digest, 7, 3)
    assert claim(storage, who="b") is None
    assert claim(storage, IdempotencyKey("K-1", ONCE.digest)) is None


def test_a_claim_that_is_left_leaves_nothing(storage: Storage) -> None:
    """
    Without commit nothing was claimed.
    """
    with storage.unit_of_work() as work:
        assert work.answers.claim(address("a"), ONCE, START) is None
        work.answers.keep(address("a"), ONCE, 7, 3)

    assert claim(storage) is None


def test_an_answer_is_forgotten_after_a_day(storage: Storage) -> None:
    """
    Just before a day has passed an answer is found, and a day after it was claimed no more.
    """
    claim(storage)
    claim(storage, who="b")

    assert claim(storage, now=START + LIFE - TICK) is not None
    assert claim(storage, now=START + LIFE) is None
    assert claim(storage, now=START) is not None
    assert claim(storage, who="b", now=START) is None


def test_answers_to_a_person_are_forgotten(storage: Storage) -> None:
    """
    All answers to an owner go, in whatever form its address is written; no others do.
    """
    claim(storage)
    claim(storage, IdempotencyKey("~", ONCE.digest))
    claim(storage, who="b")
    with storage.unit_of_work() as work:
        work.answers.forget(address("a"))
        work.commit()

    assert claim(storage) is None
    assert claim(storage, IdempotencyKey("~", ONCE.digest)) is None
    assert claim(storage, who="b") is not None


def test_the_longest_key_is_kept_whole(storage: Storage) -> None:
    """
    Keys of 255 characters that differ in the last one are two.
    """
    claim(storage, IdempotencyKey("k" * 255, ONCE.digest))

    assert claim(storage, IdempotencyKey("k" * 254 + "K", ONCE.digest)) is None
    assert claim(storage, IdempotencyKey("k" * 255, ONCE.digest)) is not None


def test_of_many_at_once_one_finds_nothing(storage: Storage) -> None:
    """
    Of those who claim the same at the same time one is to do it, the others wait for it.
    """
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: claim(storage), range(8)))

    assert sorted(each is None for each in found) == [False] * 7 + [True]
