"""
The postman: letters leave by themselves, and nothing keeps them for ever.
"""

from __future__ import annotations

import logging
from threading import Event, excepthook
from typing import TYPE_CHECKING, Any, Self

import attrs
import pytest
from starlette.testclient import TestClient

from calndro.core.errors import DeliveryError, StorageError
from calndro.core.notice import Kind
from calndro.entry.http import HttpTerms, create_app
from calndro.entry.http.postman import Postman
from calndro.entry.outcomes import note
from calndro.usecases.letters import Delivery
from tests.entry.http_site import COMING, FIRST, PASSWORD, ROOT, THEY, YOU, Site
from tests.patience import PATIENCE, until


if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from types import TracebackType

    from calndro.core.dispatch import Dispatch
    from calndro.ports.storage import UnitOfWork


LONG = 3600.0


class Box:
    """
    A notifier that rings when a letter comes, and first does as it is told.
    """

    def __init__(self) -> None:
        self.letters: list[Dispatch] = []
        self.rang = Event()
        self.before: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def deliver(self, dispatch: Dispatch) -> None:
        """
        Take a letter.
        """
        if self.before:
            self.before.pop(0)()
        self.letters.append(dispatch)
        self.rang.set()


@pytest.fixture
def site() -> Site:
    """
    A server whose lifespan has not begun.
    """
    return Site()


def notify(site: Site, event: dict[str, Any]) -> None:
    """
    Promise a letter.
    """
    body = {"parties": [THEY], "slots": event["slots"]}
    assert site.ask("POST", event["notify_url"], YOU, json=body).status_code == 202


def start(site: Site, box: Box, every: float = LONG) -> Postman:
    """
    Let a postman work for this server.
    """
    postman = Postman(attrs.evolve(site.services, notifier=lambda: box), every)
    postman.start()
    return postman


@pytest.mark.parametrize(
    ("who", "method", "body"),
    [
        (YOU, "POST", {"parties": [THEY], "slots": [COMING]}),
        (YOU, "PATCH", {"title": "x"}),
        (ROOT, "DELETE", None),
    ],
)
def test_letters_leave_after_the_answer(
    site: Site, who: str, method: str, body: dict[str, Any] | None
) -> None:
    """
    A running application sends what notify, an agreement or a deletion has promised.
    """
    box = Box()
    services = attrs.evolve(site.services, notifier=lambda: box)
    event = site.propose(COMING, parties=[YOU])
    if method == "POST":
        event = site.propose(COMING)
    with TestClient(create_app(services, HttpTerms(look_every=LONG))) as client:
        path = f"/{event['id']}/" + ("notify/" if method == "POST" else "")
        answer = client.request(method, path, auth=(who, PASSWORD), json=body)
        assert answer.is_success
        assert box.rang.wait(PATIENCE)

    assert [each.notice.event_id for each in box.letters] == [event["id"]]


@pytest.mark.parametrize(
    ("path", "form"),
    [("/1/", {"json": {"add": [FIRST]}}), ("/1/", {"json": {"drop": [COMING]}})],
)
def test_letters_of_a_broken_agreement_leave_at_once(
    site: Site, path: str, form: dict[str, Any]
) -> None:
    """
    An update that ends an agreement rings for its cancellations too.
    """
    box = Box()
    services = attrs.evolve(site.services, notifier=lambda: box)
    site.propose(COMING, parties=[YOU])
    with TestClient(create_app(services, HttpTerms(look_every=LONG))) as client:
        answer = client.request("PATCH", path, auth=(YOU, PASSWORD), **form)
        assert answer.json()["status"] != "agreed"
        assert box.rang.wait(PATIENCE)

    assert [each.notice.kind for each in box.letters] == [Kind.CANCELLED]


def test_an_application_that_delivers_nothing_leaves_letters(site: Site) -> None:
    """
    With delivery left to others, letters stay in the outbox.
    """
    event = site.propose()
    with TestClient(create_app(site.services, HttpTerms(delivers=False))):
        notify(site, event)

    assert site.notifier.delivered == []
    with site.services.snapshot() as work:
        assert len(work.outbox.waiting()) == 1


def test_letters_of_an_earlier_process_leave_at_the_start(site: Site) -> None:
    """
    What was promised before the start is sent without being asked again.
    """
    notify(site, site.propose())
    box = Box()
    postman = start(site, box)

    assert box.rang.wait(PATIENCE)
    postman.stop()
    postman.wake()
    assert len(box.letters) == 1


def test_letters_are_found_by_looking(site: Site) -> None:
    """
    A letter nobody rang for is found by the next look.
    """
    event = site.propose()
    box = Box()
    postman = start(site, box, every=0.01)
    notify(site, event)

    assert box.rang.wait(PATIENCE)
    postman.stop()


def test_a_database_away_is_borne(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """
    While the database is away letters wait; when it is back they leave.
    """
    notify(site, site.propose())
    box, refused = Box(), Event()
    away = [StorageError("no route to db.here.net")] * 2

    def unit_of_work() -> UnitOfWork:
        if away:
            refused.set()
            raise away.pop()
        return site.services.unit_of_work()

    services = attrs.evolve(site.services, notifier=lambda: box, unit_of_work=unit_of_work)
    postman = Postman(services, 0.01)
    postman.start()

    assert refused.wait(PATIENCE)
    assert box.rang.wait(PATIENCE)
    postman.stop()
    assert "the database is away" in caplog.text
    assert "db.here.net" not in caplog.text


def test_a_carrier_away_is_borne(site: Site) -> None:
    """
    A letter that can't be handed over waits for another attempt, and the post goes on.
    """
    notify(site, site.propose())
    notify(site, site.propose())
    box = Box()

    def refuse() -> None:
        raise DeliveryError("nobody answers")

    box.before.append(refuse)
    postman = start(site, box)

    assert box.rang.wait(PATIENCE)
    postman.stop()
    assert [each.notice.event_id for each in box.letters] == [2]
    with site.services.snapshot() as work:
        assert [post.attempts for post in work.outbox.waiting()] == [1]


def test_a_carrier_away_is_left_alone_for_a_while(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """
    When no letter can be handed over, the others wait untried, however often it is woken.
    """
    notify(site, site.propose())
    notify(site, site.propose())
    box, refused = Box(), Event()

    def refuse() -> None:
        refused.set()
        raise DeliveryError("the mail server can't be reached", everywhere=True)

    box.before += [refuse, refuse]
    postman = start(site, box, every=0.01)
    assert refused.wait(PATIENCE)
    for _ in range(5):
        postman.wake()
    postman.stop()

    assert box.before == [refuse]
    assert "no mail can be sent: the mail server can't be reached" in caplog.text
    with site.services.snapshot() as work:
        assert [post.attempts for post in work.outbox.waiting()] == [0, 0]


def test_a_letter_that_is_set_aside_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """
    Operators are told of what waits for their decision, and of what waits for its turn are not.
    """
    log = logging.getLogger("calndro.postman")
    with caplog.at_level(logging.WARNING):
        note(log, Delivery(2, THEY, None, "it is away"))
        assert caplog.text == ""
        note(log, Delivery(2, THEY, None, "it can't be read", held=True))

    assert "a letter of event 2 waits for you: it can't be read" in caplog.text
    assert THEY not in caplog.text


def test_a_stop_comes_between_two_letters(site: Site) -> None:
    """
    A postman that is told to stop finishes the letter in hand and leaves the others.
    """
    for _ in range(3):
        notify(site, site.propose())
    box, taken, go_on = Box(), Event(), Event()

    def hang() -> None:
        taken.set()
        go_on.wait(PATIENCE)

    box.before.append(hang)
    postman = start(site, box)
    assert taken.wait(PATIENCE)
    postman.stop(timeout=0)
    go_on.set()
    postman.stop()

    assert len(box.letters) == 1
    with site.services.snapshot() as work:
        assert len(work.outbox.waiting()) == 2


def test_the_unforeseen_ends_no_post(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A letter that brings the thread down is reported, and the next ones leave all the same.
    """
    told: list[type[BaseException]] = []

    def hear(facts: threading.ExceptHookArgs) -> None:
        told.append(facts.exc_type)

    assert excepthook is not None
    monkeypatch.setattr("threading.excepthook", hear)
    notify(site, site.propose())
    notify(site, site.propose())
    box = Box()

    def fail() -> None:
        raise IndexError

    box.before.append(fail)
    postman = start(site, box, every=0.01)

    assert box.rang.wait(PATIENCE)
    postman.stop()
    # The next thread may have delivered before the one that fell has told why.
    assert until(lambda: told) == [IndexError]
    assert [each.notice.event_id for each in box.letters] == [2]


def test_a_stop_waits_for_a_letter_but_not_for_ever(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """
    A letter in hand is finished if that takes no longer than the timeout given.
    """
    notify(site, site.propose())
    box, taken, go_on = Box(), Event(), Event()

    def hang() -> None:
        taken.set()
        go_on.wait(PATIENCE)

    box.before.append(hang)
    postman = start(site, box)
    assert taken.wait(PATIENCE)
    postman.stop(timeout=0.01)
    assert "will be sent again" in caplog.text
    go_on.set()
    postman.stop()

    assert len(box.letters) == 1
