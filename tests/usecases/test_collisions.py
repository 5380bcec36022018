"""
Whoever collides with another in the database does all of it again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs
import pytest

import calndro
from calndro.adapters.memory.storage import MemoryUnitOfWork
from calndro.core.errors import CalndroError, CollisionError
from calndro.core.idempotency import IdempotencyKey
from calndro.core.notice import Outcome
from calndro.usecases import (
    accounts,
    administering,
    auditing,
    calendars,
    events,
    letters,
    links,
    outbox,
    sessions,
    updates,
    visiting,
)
from calndro.usecases.collisions import PAUSES
from calndro.usecases.letters import Delivery
from tests.examples import mail, slots
from tests.worlds import PASSWORD, World, caller


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.ports.storage import UnitOfWork
    from calndro.usecases.services import Services


Deed = Callable[[World, "Services"], Any]

TIMES = len(PAUSES.pauses)
USECASES = Path(calndro.__file__).parent / "usecases"

# Its records come from a stream that is read once, and nobody else is in an empty instance.
READS_A_STREAM = {"moving.import_all"}


class Collisions:
    """
    Makes units of work give way, at their beginning or at their end.

    Args:
        world: Whose services collide.
        at: Where, ``commit`` or ``enter``.
    """

    def __init__(self, world: World, at: str = "commit") -> None:
        self.world = world
        self.at = at
        self.left = 0
        self.attempts = 0
        self.rests: list[timedelta] = []
        self.services = attrs.evolve(
            world.services, unit_of_work=self.unit_of_work, rest=self.rests.append
        )

    def unit_of_work(self) -> UnitOfWork:
        """
        Make a unit of work that collides while collisions are left.
        """
        return _Colliding(self)

    def meet(self, at: str) -> None:
        """
        Collide, if it is time to.
        """
        if at == self.at and self.left:
            self.left -= 1
            raise CollisionError("two met")


class _Colliding(MemoryUnitOfWork):
    def __init__(self, collisions: Collisions) -> None:
        super().__init__(collisions.world.storage, writes=True)
        collisions.attempts += 1
        self.collisions = collisions

    def __enter__(self) -> Self:
        self.collisions.meet("enter")
        return super().__enter__()

    def commit(self) -> None:
        self.collisions.meet("commit")
        super().commit()


def prepared() -> World:
    """
    Make a world with an account, an event, and a letter that waits.
    """
    world = World()
    accounts.add_user(world.services, caller("s"), mail("a"), PASSWORD)
    world.propose(1, 2, 3, parties="ab")
    world.notify(["b"])
    return world


def seen(world: World) -> tuple[Any, ...]:
    """
    Tell what is stored, as far as it is the same whatever was drawn.
    """
    with world.storage.snapshot() as work:
        users = work.users.page(after=None, limit=99)
        return (
            [each.state for each in work.events.page(None, **_ALL)],
            [(each.occurrence, each.effector) for each in world.log()],
            [attrs.evolve(post, due=post.added) for post in world.waiting()],
            [attrs.evolve(user, password=None) for user in users],
            [len(work.api_tokens.of(user.address)) for user in users],
            [(token.person, token.revoked) for token in work.tokens.of(1)],
        )


_ALL: Any = {"status": None, "with_closed": True, "after": 0, "limit": 99}


def renew(world: World, services: Services) -> None:
    """
    Let the link of a letter expire, and ask for another.
    """
    world.deliver()
    text = next(each.link for each, _ in world.postman.tried if each.link)
    world.clock.advance(timedelta(days=6))
    links.renew_link(services, 1, text)


def revoke_link(world: World, services: Services) -> None:
    """
    Take back the link of a letter.
    """
    world.deliver()
    (link,) = administering.list_links(services, caller("s"), 1)
    administering.revoke_link(services, caller("s"), 1, link.token.digest)


def present(world: World, services: Services) -> None:
    """
    Use an API token that was not used for long.
    """
    text = accounts.issue_api_token(services, mail("a"), PASSWORD)
    world.clock.advance(timedelta(days=1))
    accounts.present_api_token(services, text)


def resume(world: World, services: Services) -> None:
    """
    Sign in, look again after a while, and sign out.
    """
    text = sessions.begin_session(services, mail("a"), PASSWORD)
    world.clock.advance(timedelta(minutes=5))
    assert sessions.resume_session(services, text) is not None
    sessions.end_session(services, text)


DEEDS: dict[str, Deed] = {
    "propose": lambda _, s: events.propose(
        s, caller("a"), parties=map(mail, "abc"), slots=iter(slots(4, 5)), title="x"
    ),
    "view": lambda _, s: events.view(s, caller("a"), 1),
    "narrow": lambda _, s: updates.narrow(s, caller("a"), 1, iter(slots(1, 2))),
    "judge": lambda _, s: updates.judge(s, caller("a"), 1, iter(slots(1)), iter(slots(2))),
    "replace": lambda _, s: updates.replace(s, caller("a"), 1, iter(slots(7))),
    "extend": lambda _, s: updates.extend(s, caller("a"), 1, iter(slots(7))),
    "once": lambda _, s: updates.narrow(
        s, caller("a"), 1, slots(1), once=IdempotencyKey("k", b"1")
    ),
    "notify": lambda _, s: events.notify(s, caller("a"), 1, map(mail, "ab"), iter(slots(1, 2, 3))),
    "peek by link": lambda w, s: events.peek(s, caller(None, w.link("b")), 1),
    "log by link": lambda w, s: events.read_log(s, caller(None, w.link("b")), 1),
    "verify by link": lambda w, s: auditing.verify_log(s, caller(None, w.link("b")), 1),
    "export by link": lambda w, s: list(auditing.export_log(s, caller(None, w.link("b")), 1)),
    "calendar by link": lambda w, s: calendars.calendar_file(s, caller(None, w.link("b")), 1),
    "end of link": lambda w, s: visiting.link_ends(s, caller(None, w.link("b")), 1),
    "glance by link": lambda w, s: visiting.glance(s, caller(None, w.link("b")), 1),
    "delete": lambda _, s: events.delete(s, caller("s"), 1),
    "visit": lambda _, s: visiting.visit(s, caller("a"), 1),
    "deliver": lambda _, s: letters.deliver(s),
    "hurry": lambda _, s: outbox.retry_letters(s, caller("s")),
    "erase": lambda _, s: auditing.erase(s, caller("s"), mail("b")),
    "add user": lambda _, s: accounts.add_user(s, caller("s"), mail("d"), PASSWORD),
    "dismiss": lambda _, s: accounts.deactivate(s, caller("s"), mail("a")),
    "renew": renew,
    "revoke link": revoke_link,
    "present": present,
    "resume": resume,
}


READERS = {name for name in DEEDS if name.endswith("link")} - {"revoke link"}


@pytest.mark.parametrize("times", [1, TIMES])
@pytest.mark.parametrize("name", DEEDS)
def test_a_collision_leaves_no_trace(name: str, times: int) -> None:
    """
    What collides and is done again has the effect and the letters of once.
    """
    smooth = prepared()
    rough = Collisions(prepared(), "enter" if name in READERS else "commit")
    DEEDS[name](smooth, smooth.services)
    rough.left = times
    DEEDS[name](rough.world, rough.services)

    assert rough.left == 0
    assert len(rough.rests) == times
    assert seen(rough.world) == seen(smooth)
    assert len(rough.world.postman.tried) == len(smooth.postman.tried)


def test_there_is_an_end_to_it() -> None:
    """
    Who collides every time gives up after pauses that grow, each of a random length.
    """
    rough = Collisions(prepared())
    rough.left = 99

    with pytest.raises(CollisionError):
        events.view(services=rough.services, caller=caller("a"), event_id=1)

    assert rough.attempts == TIMES + 1
    assert len(rough.rests) == TIMES
    for rest, usual in zip(rough.rests, PAUSES.pauses, strict=True):
        assert timedelta(0) <= rest <= 2 * usual


def test_a_letter_is_handed_over_once() -> None:
    """
    When noting how a letter went collides, the note is repeated and the letter is not.
    """
    rough = Collisions(prepared())

    def collide() -> None:
        rough.left = 3

    rough.world.postman.meanwhile = collide

    assert letters.deliver(rough.services) == [Delivery(1, mail("b"), Outcome.SENT)]
    assert len(rough.world.postman.tried) == 1


def test_other_failures_are_not_repeated() -> None:
    """
    Whatever else goes wrong is raised at once.
    """
    rough = Collisions(prepared())
    with suppress(CalndroError):
        events.view(rough.services, caller("x"), 1)

    assert rough.attempts == 1
    assert rough.rests == []


def openers(source: str) -> Iterator[tuple[str, bool]]:
    """
    Find the functions that open a unit of work, and whether they are done again.
    """
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            text = ast.unparse(node)
            if "with services.unit_of_work()" in text or "with reading(services" in text:
                marks = [ast.unparse(each) for each in node.decorator_list]
                yield node.name, "retry_on_collision" in marks


def test_nothing_that_writes_is_left_out() -> None:
    """
    Every use case that opens a unit of work is done again, but for those that can't be.
    """
    assert list(openers("def f():\n    with services.unit_of_work() as work:\n        pass")) == [
        ("f", False)
    ]
    found = {
        f"{path.stem}.{name}": again
        for path in USECASES.glob("*.py")
        for name, again in openers(path.read_text(encoding="utf-8"))
    }

    assert {name for name, again in found.items() if not again} == READS_A_STREAM
    assert len(found) > 20
