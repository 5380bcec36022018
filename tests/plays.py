"""
One story told twice: to the use cases and to the naive model, compared after every step.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, assert_never

from calndro.core.access import Caller
from calndro.core.errors import CalndroError
from calndro.core.slot import Slot
from calndro.core.user import User
from calndro.usecases import accounts, events, updates
from tests import model_letters
from tests.examples import START, address, mail
from tests.model import Model, pairs
from tests.stories import MOST, PAIRS, UNKNOWN, Bar, Deliver, Look, Notify, Propose, Update, Wait
from tests.worlds import CrashError, World, caller


if TYPE_CHECKING:
    from calndro.core.event import Event
    from calndro.core.log import Entry
    from calndro.core.notice import Notice
    from calndro.core.slot import Table
    from calndro.usecases.services import Services
    from tests.stories import Step, Who


def real_slots(numbers: tuple[int, ...]) -> list[Slot]:
    """
    Make the slots of a story for the real thing.
    """
    return [
        Slot(START + timedelta(microseconds=begin), timedelta(microseconds=length))
        for begin, length in (PAIRS[number] for number in numbers)
    ]


def model_slots(numbers: tuple[int, ...]) -> list[tuple[int, int]]:
    """
    Make the slots of a story for the model.
    """
    return [PAIRS[number] for number in numbers]


def naive_pairs(table: Table | None) -> list[tuple[int, int]] | None:
    """
    Turn real slots into those of the model.
    """
    tick = timedelta(microseconds=1)
    return (
        None
        if table is None
        else [((each.begin - START) // tick, each.duration // tick) for each in table]
    )


def plain(entry: Entry) -> dict[str, Any]:
    """
    Read the stored bytes of an entry, commitments by their numbers alone.
    """
    body: dict[str, Any] = json.loads(entry.body)
    if "people" in body["data"]:
        body["data"]["people"] = sorted(body["data"]["people"])
    return body


class Play:
    """
    One story, told to both.
    """

    def __init__(self) -> None:
        self.world = World(most_slots=MOST)
        self.model = Model(MOST)
        self.texts: list[str] = []
        with self.world.storage.unit_of_work() as work:
            work.users.put(User(address("s"), active=True, staff=True))
            work.users.put(User(address("a"), active=True))
            work.users.put(User(address("b")))
            work.commit()

    @property
    def services(self) -> Services:
        """
        The ports of the real thing.
        """
        return self.world.services

    def token(self, who: Who) -> str | None:
        """
        Find the token that a caller brings.
        """
        if who.token is None:
            return None
        if who.token < 0 or not self.texts:
            return UNKNOWN
        return self.texts[who.token % len(self.texts)]

    def callers(self, who: Who) -> tuple[Caller, dict[str, Any]]:
        """
        Make a caller for either side.
        """
        staff, token = who.name == "s", self.token(who)
        user = None if who.name is None else address(who.name)
        named = None if who.name is None else mail(who.name)
        return Caller(user, staff, token), {"user": named, "staff": staff, "token": token}

    def step(self, step: Step) -> None:
        """
        Take a step on both sides, and compare all there is.
        """
        match step:
            case Wait(jump):
                self.model.now += jump
                self.world.clock.advance(timedelta(microseconds=jump))
            case Bar(name, dismissed):
                self.bar(name, dismissed=dismissed)
            case Deliver(script):
                self.deliver(script)
            case _:
                self.act(step)
        self.compare()

    def act(self, step: Propose | Update | Notify | Look) -> None:
        """
        Let somebody do something, and compare how that went.
        """
        real, naive = self.callers(step.who)
        before = self.lengths()
        try:
            event, refusal = self.ask(step, real), ""
        except CalndroError as error:
            event, refusal = None, type(error).__name__
        assert refusal == self.answer(step, naive), step
        if refusal:
            assert self.lengths() == before
        elif event is not None:
            self.compare_event(event)

    def ask(self, step: Propose | Update | Notify | Look, caller: Caller) -> Event | None:
        """
        Tell the real thing.
        """
        match step:
            case Propose(_, parties, numbers, title):
                return events.propose(
                    self.services,
                    caller,
                    parties=[mail(name) for name in parties],
                    slots=real_slots(numbers),
                    title=title,
                )
            case Update():
                return self.ask_update(step, caller)
            case Notify(_, event, recipients, numbers_told, sender, invitation):
                told: list[Slot] = []
                if numbers_told is not None:
                    told = real_slots(numbers_told)
                elif event in self.model.events:
                    told = list(self.world.ledger(event).state.slots)
                return events.notify(
                    self.services,
                    caller,
                    event,
                    [mail(name) for name in recipients],
                    told,
                    sender=None if sender is None else mail(sender),
                    invitation=invitation,
                )
            case Look(_, event, "log"):
                shown, _ = events.read_log(self.services, caller, event)
                return shown
            case Look(_, event, what):
                verb = {
                    "view": events.view,
                    "peek": events.peek,
                    "stop": events.stop_mail,
                    "resume": events.resume_mail,
                    "delete": events.delete,
                }[what]
                return verb(self.services, caller, event)
            case never:
                assert_never(never)

    def revision(self, step: Update) -> int | None:
        """
        Find the revision that a caller names.
        """
        event = self.model.events.get(step.event)
        if step.behind is None or event is None:
            return None
        revision: int = event["revision"]
        return revision - step.behind

    def ask_update(self, step: Update, caller: Caller) -> Event:
        """
        Tell the real thing to change an event.
        """
        asked = (self.services, caller, step.event)
        named: dict[str, Any] = {"title": step.title, "expected": self.revision(step)}
        slots, accept = real_slots(step.given), real_slots(step.accept)
        match step.form:
            case "replace":
                return updates.replace(*asked, slots, **named)
            case "keep":
                return updates.narrow(*asked, slots, **named)
            case "judge":
                return updates.judge(*asked, slots, accept, **named)
            case "extend":
                return updates.extend(*asked, slots, **named)
            case _:
                return updates.update(*asked, None, **named)

    def answer(self, step: Propose | Update | Notify | Look, caller: dict[str, Any]) -> str:
        """
        Tell the model.
        """
        model = self.model
        match step:
            case Propose(_, parties, numbers, title):
                names = [mail(name) for name in parties]
                number = len(model.events) + 1
                refusal = model.propose(caller, names, model_slots(numbers), title, "")
                if not refusal:
                    uuid = str(self.world.ledger(number).chain.uuid)
                    model.events[number]["uuid"] = uuid
                    model.events[number]["log"][0]["event"] = uuid
                return refusal
            case Update(_, event, form, slots, accept, title, _):
                return model.update(
                    caller,
                    event,
                    form,
                    model_slots(slots),
                    model_slots(accept),
                    title=title,
                    revision=self.revision(step),
                )
            case Notify(_, event, recipients, told, sender, invitation):
                current = model.events.get(event, {"slots": set()})["slots"]
                return model.notify(
                    caller,
                    event,
                    [mail(name) for name in recipients],
                    list(current) if told is None else model_slots(told),
                    None if sender is None else mail(sender),
                    mail("s"),
                    invitation=invitation,
                )
            case Look(_, event, what):
                return self.answer_look(event, what, caller)
            case never:
                assert_never(never)

    def answer_look(self, event: int, what: str, caller: dict[str, Any]) -> str:
        """
        Tell the model what needs no more than an event.
        """
        match what:
            case "view":
                return self.model.look(caller, event)
            case "peek":
                return self.model.peek(caller, event)
            case "log":
                return self.model.read(caller, event)
            case "delete":
                return self.model.delete(caller, event)
            case _:
                word = {"stop": "stopped", "resume": "resumed"}[what]
                return self.model.mail(caller, event, word)

    def bar(self, name: str, *, dismissed: bool) -> None:
        """
        Dismiss somebody, or take it in again.
        """
        if dismissed:
            accounts.deactivate(self.services, caller("s"), mail(name))
            self.model.dismiss(mail(name))
        else:
            accounts.activate(self.services, caller("s"), mail(name))
            self.model.readmit(mail(name))

    def deliver(self, script: tuple[str, ...]) -> None:
        """
        Work through the outbox on both sides, and compare the letters.
        """
        first = len(self.world.postman.tried)
        crashed = False
        try:
            self.world.deliver(*script)
        except CrashError:
            crashed = True
        tried = self.world.postman.tried[first:]
        attempts = [(each.recipient, each.link, result) for each, result in tried]
        expected = model_letters.deliver(self.model, attempts)
        assert crashed == any(result == "crash" for _, result in tried)
        assert expected == [
            {
                "to": each.recipient,
                "has_link": each.link is not None,
                "kind": each.notice.kind.value,
                "told": pairs(naive_pairs(each.told)),
                "current": pairs(naive_pairs(each.event.slots)),
                "moved": each.has_moved_on,
                "sender": each.sender,
                "effector": each.effector,
            }
            for each, _ in tried
        ]
        self.texts += [each.link for each, _ in tried if each.link is not None]

    def lengths(self) -> list[int]:
        """
        Count the entries of every log, and the letters in the outbox.
        """
        logs = [len(self.world.log(number)) for number in self.model.events]
        return [*logs, len(self.world.waiting())]

    def compare(self) -> None:
        """
        Compare all that is stored with the model.
        """
        for number, event in self.model.events.items():
            ledger = self.world.ledger(number)
            assert [plain(entry) for entry in self.world.log(number)] == event["log"]
            assert [str(person) for person in ledger.people] == event["people"]
        waiting = [each for each in self.model.queue if not each["outcome"]]
        assert [
            (each.notice.event_id, each.notice.of, self.name(each.notice), each.notice.kind.value)
            for each in self.world.waiting()
        ] == [(each["event"], each["of"], each["recipient"], each["kind"]) for each in waiting]
        for text, token in self.model.tokens.items():
            stored = self.world.token(text)
            assert stored is not None
            people = self.world.ledger(stored.event_id).people
            expires = START + timedelta(microseconds=token["expires"])
            assert (token["event"], token["party"], expires, token["spent"], token["revoked"]) == (
                stored.event_id,
                str(people[stored.person - 1]),
                stored.expires,
                stored.spent,
                stored.revoked,
            )

    def name(self, notice: Notice) -> str:
        """
        Write to whom a notice goes.
        """
        return self.world.ledger(notice.event_id).name(notice.recipient)

    def compare_event(self, event: Event) -> None:
        """
        Compare what a caller was shown with the model.
        """
        naive = self.model.events[event.id]
        assert (event.title, event.revision) == (naive["title"], naive["revision"])
        assert (list(event.parties), event.proposer) == (naive["parties"], naive["proposer"])
        assert naive_pairs(event.slots) == sorted(naive["slots"])
        assert {who: naive_pairs(kept) for who, kept in event.kept.items()} == {
            who: None if kept is None else sorted(kept) for who, kept in naive["kept"].items()
        }
        assert event.status.value == self.model.status(naive)
        assert list(event.waiting_on) == self.model.waiting(naive)
        assert set(event.stopped) == naive["stopped"]
        assert set(event.undelivered) == naive["undelivered"]
        assert event.receipt.seq == len(naive["log"])
