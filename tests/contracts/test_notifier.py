"""
What every notifier promises, whatever carries its letters.
"""

from __future__ import annotations

import io
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.adapters.letter import octets
from calndro.adapters.mailbox import (
    ConsoleNotifier,
    DummyNotifier,
    FileNotifier,
    LocmemNotifier,
)
from calndro.adapters.memory import MemoryClock, MemoryNotifier
from calndro.adapters.smtp import SmtpNotifier, SmtpServer
from calndro.core.errors import DeliveryError
from tests.adapters.letters import LETTERHEAD, NOW, dispatch
from tests.adapters.post_office import PostOffice
from tests.surroundings import named_by


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from calndro.core.dispatch import Dispatch
    from calndro.ports.notifier import Notifier


@attrs.frozen
class Carrier:
    """
    A notifier, and how the suite looks at what it does.

    Args:
        notifier: The one under test.
        arrived: Tells the tokens of the letters that arrived, in order; None where nothing
            is kept.
        failing: While it is entered, no letter can be carried; None where nothing can fail.
        writes: True where letters are written, so that a bad address is noticed.
    """

    notifier: Notifier
    arrived: Callable[[], list[str]] | None
    failing: Callable[[], AbstractContextManager[None]] | None
    writes: bool = True


class Paper(io.StringIO):
    """
    A stream that can be made to refuse.
    """

    torn = False

    def write(self, text: str, /) -> int:
        """
        Write, unless torn.
        """
        if self.torn:
            raise OSError
        return super().write(text)

    @contextmanager
    def tearing(self) -> Iterator[None]:
        """
        Refuse everything for a while.
        """
        self.torn = True
        yield
        self.torn = False


def links_in(contents: Sequence[bytes]) -> list[str]:
    """
    Find the token in each of some mails.
    """
    letters = [message_from_bytes(content, policy=policy.default) for content in contents]
    texts = [letter.get_body(("plain",)) for letter in letters]
    return [token for text in texts if text is not None for token in tokens_in(text.get_content())]


def tokens_in(text: str) -> list[str]:
    """
    Find the tokens in a text, in order.
    """
    return [rest[:40] for rest in text.split("?et=")[1:]]


@contextmanager
def console(_folder: Path) -> Iterator[Carrier]:
    """
    Carry letters to a stream.
    """
    paper = Paper()
    notifier = ConsoleNotifier(LETTERHEAD, MemoryClock(NOW), paper)
    yield Carrier(notifier, lambda: tokens_in(paper.getvalue()), paper.tearing)


@contextmanager
def filebased(folder: Path) -> Iterator[Carrier]:
    """
    Carry letters to files.
    """
    place, elsewhere = folder / "mail", folder / "elsewhere"
    place.mkdir()

    @contextmanager
    def obstructed() -> Iterator[None]:
        place.rename(elsewhere)
        place.touch()
        yield
        place.unlink()
        elsewhere.rename(place)

    def arrived() -> list[str]:
        return links_in([path.read_bytes() for path in sorted(place.iterdir())])

    yield Carrier(FileNotifier(LETTERHEAD, MemoryClock(NOW), place), arrived, obstructed)


@contextmanager
def locmem(_folder: Path) -> Iterator[Carrier]:
    """
    Carry letters to a list.
    """
    notifier = LocmemNotifier(LETTERHEAD, MemoryClock(NOW))
    yield Carrier(notifier, lambda: links_in([octets(m, "\n") for m in notifier.letters]), None)


@contextmanager
def dummy(_folder: Path) -> Iterator[Carrier]:
    """
    Carry letters nowhere.
    """
    yield Carrier(DummyNotifier(), None, None, writes=False)


@contextmanager
def memory(_folder: Path) -> Iterator[Carrier]:
    """
    Keep what letters would be written from.
    """
    notifier = MemoryNotifier()

    @contextmanager
    def told_to_fail() -> Iterator[None]:
        notifier.failures.append(DeliveryError("the memory is full", everywhere=True))
        yield
        notifier.failures.clear()

    def arrived() -> list[str]:
        return [str(each.link) for each in notifier.delivered]

    yield Carrier(notifier, arrived, told_to_fail, writes=False)


@contextmanager
def smtp(_folder: Path) -> Iterator[Carrier]:
    """
    Carry letters to a mail server.
    """
    with PostOffice() as office:

        @contextmanager
        def out_of_order() -> Iterator[None]:
            office.close()
            yield
            office.open()

        server = SmtpServer(host="127.0.0.1", port=office.port)
        notifier = SmtpNotifier(LETTERHEAD, MemoryClock(NOW), server)
        yield Carrier(
            notifier,
            lambda: links_in(office.contents),
            out_of_order,
        )


GIVEN_CARRIER = named_by("CALNDRO_TEST_CARRIER")
CARRIERS = (
    [console, filebased, locmem, dummy, memory, smtp] if GIVEN_CARRIER is None else [GIVEN_CARRIER]
)


@pytest.fixture(params=CARRIERS)
def carrier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Carrier]:
    """
    Give each notifier there is.
    """
    with request.param(tmp_path) as carrier:
        yield carrier


def letter(number: int = 0) -> Dispatch:
    """
    Make a letter that is known by the number its token consists of.
    """
    return dispatch(link=f"{number:040}")


def tokens(*numbers: int) -> list[str]:
    """
    Name the tokens of numbered letters.
    """
    return [f"{number:040}" for number in numbers]


def has_arrived(carrier: Carrier, *numbers: int) -> bool:
    """
    Tell whether exactly these letters arrived; of what keeps none, that it says nothing else.
    """
    return carrier.arrived is None or carrier.arrived() == tokens(*numbers)


def test_batch_arrives_once_and_in_order(carrier: Carrier) -> None:
    """
    What was delivered has arrived: every letter, once, in the order of delivery.
    """
    with carrier.notifier as notifier:
        for number in range(3):
            notifier.deliver(letter(number))
            assert has_arrived(carrier, *range(number + 1))
    assert has_arrived(carrier, 0, 1, 2)


def test_entering_gives_the_notifier(carrier: Carrier) -> None:
    """
    What is entered is what delivers.
    """
    with carrier.notifier as notifier:
        assert notifier is carrier.notifier


def test_one_batch_after_another(carrier: Carrier) -> None:
    """
    A notifier that was left can be entered again.
    """
    for number in range(2):
        with carrier.notifier as notifier:
            notifier.deliver(letter(number))
    assert has_arrived(carrier, 0, 1)


def test_empty_batch_asks_nothing_of_the_carrier(carrier: Carrier) -> None:
    """
    Entering and leaving do not fail, even while nothing could be delivered.
    """
    with ExitStack() as troubles:
        if carrier.failing is not None:
            troubles.enter_context(carrier.failing())
        with carrier.notifier:
            pass
    assert has_arrived(carrier)


def test_trouble_of_the_batch_is_not_swallowed(carrier: Carrier) -> None:
    """
    An error raised between entering and leaving gets out, and later batches are delivered.
    """

    def interrupted() -> None:
        with carrier.notifier as notifier:
            notifier.deliver(letter(0))
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    with carrier.notifier as notifier:
        notifier.deliver(letter(1))
    assert has_arrived(carrier, 0, 1)


def test_failure_is_a_delivery_error_and_the_next_letter_arrives(carrier: Carrier) -> None:
    """
    What can't be carried now raises DeliveryError without addresses; then the batch goes on.

    Here no letter fares better, and the error says so.
    """
    if carrier.failing is None:
        pytest.skip("nothing can fail here")
    with carrier.notifier as notifier:
        notifier.deliver(letter(0))
        with carrier.failing(), pytest.raises(DeliveryError) as caught:
            notifier.deliver(letter(1))
        assert (caught.value.permanent, caught.value.everywhere) == (False, True)
        assert "@" not in str(caught.value)
        notifier.deliver(letter(2))
    assert has_arrived(carrier, 0, 2)


def test_letter_to_nowhere_is_refused_for_good(carrier: Carrier) -> None:
    """
    A letter to what is no address raises a permanent DeliveryError, and the next one arrives.
    """
    if not carrier.writes:
        pytest.skip("no letter is written here")
    with carrier.notifier as notifier:
        with pytest.raises(DeliveryError) as caught:
            notifier.deliver(dispatch(recipient="a@here.net, x@thar.net"))
        assert caught.value.permanent
        assert "@" not in str(caught.value)
        notifier.deliver(letter(1))
    assert has_arrived(carrier, 1)
