"""
Carrying out the orders of the shell.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.errors import InvalidInputError, StaleRevisionError
from calndro.entry.cli.exits import say
from calndro.entry.cli.options import refuse_letter
from calndro.entry.cli.recipients import tell_way
from calndro.entry.cli.reporting import report
from calndro.entry.cli.session import answer, own_zone
from calndro.entry.cli.shell.creating import Creating
from calndro.entry.cli.shell.drafts import Drafts
from calndro.entry.cli.shell.grammar import HELP
from calndro.entry.cli.shell.interruptible import interruptibly
from calndro.entry.cli.shell.lines import Field
from calndro.entry.cli.slot_numbers import numbers
from calndro.entry.cli.views import Seen
from calndro.entry.cli.wording import is_among, next_step


if TYPE_CHECKING:
    from collections.abc import Callable

    from calndro.core.errors import CalndroError
    from calndro.core.event import Event
    from calndro.core.slot import Table
    from calndro.entry.cli.session import Session
    from calndro.entry.cli.shell.grammar import Order
    from calndro.entry.cli.shell.lines import Lines


_LETTERS: Final = {"log": "g", "narrow": "p", "agree": "p", "notify": "n"}


@attrs.frozen
class Orders:
    """
    What the shell does, and what it knows of the events it has seen.

    Args:
        session: Does what is asked and answers.
        lines: Where answers to questions come from.
        drafts: Where an unfinished event is kept.
        known: The events seen in this run; they are what Tab offers.
    """

    session: Session
    lines: Lines
    drafts: Drafts
    known: dict[int, Event] = attrs.field(factory=dict)

    def carry_out(self, order: Order) -> None:
        """
        Do what is ordered.

        Raises:
            CalndroError: It can't be done, or nobody waited for it.
            typer.Exit: It was done, but not all letters could be sent.
            EOFError, KeyboardInterrupt: It was broken off.
        """
        number = order.event_id
        match order.letter:
            case "l":
                self._list()
            case "c":
                self._create()
            case "d":
                self._show(interruptibly(lambda: self.session.desk.view(number)))
            case "p":
                self._narrow(number)
            case "n":
                self._notify(number)
            case "g":
                self._log(number)
            case _:
                for spelling, meaning in HELP:
                    self.session.tell(f"{spelling:<6} {meaning}")

    def learn(self) -> None:
        """
        Find out which events there are, for Tab to offer.
        """
        self.known.update({event.id: event for event in self.session.desk.events()})

    @property
    def offers(self) -> dict[str, str]:
        """
        The orders that Tab offers, with what each does.
        """
        found = {spelling: meaning for spelling, meaning in HELP if len(spelling) == 1}
        for letter in "dpng":
            for event in list(self.known.values()):
                found[f"{letter}{event.id}"] = f"{event.title} ({event.status})"
        return found

    def _list(self) -> None:
        refuse_letter(self.session.asked)
        events = interruptibly(lambda: list(self.session.desk.events()))
        self.known.clear()
        self.known.update({event.id: event for event in events})
        if self.session.asked.json:
            from calndro.adapters.wire import event_json

            answer([event_json(event, self.session.settings.public_url) for event in events])
        elif events:
            from calndro.entry.cli.render import console, draw_events

            draw_events(console(sys.stdout), events)
        else:
            self.session.tell("there are no events; create one with c")

    def _create(self) -> None:
        refuse_letter(self.session.asked)
        parties = {party: "" for event in self.known.values() for party in event.parties}
        creating = Creating(self.session, self.lines, self.drafts, parties)
        try:
            draft = creating.ask()
        except (EOFError, KeyboardInterrupt):
            if self.lines.is_person:
                self.session.tell("your draft is kept: c takes it up again")
            raise
        event = interruptibly(lambda: creating.propose(draft))
        if self.lines.is_person:
            self.drafts.forget()
        then = f"n{event.id}" if event.slots else ""
        self._show(event, "Nobody has been told yet.", then)

    def _narrow(self, number: int) -> None:
        event = interruptibly(lambda: self.session.desk.peek(number))
        if not self._is_on_screen(event):
            self._show(event)
        if not event.slots:
            raise InvalidInputError.of(f"event {number} has no slots to choose from")
        typed = ""
        while True:
            typed, kept = self._chosen(event, typed)
            if not typed:
                return
            try:
                event = self._kept(event, kept)
            except StaleRevisionError as error:
                self._complain(error)
                event = interruptibly(lambda: self.session.desk.peek(number))
                self._show(event)
                continue
            try:
                self._show(event)
            finally:
                self._send(number)
            return

    def _kept(self, event: Event, keep: Table) -> Event:
        desk, number, revision = self.session.desk, event.id, event.revision
        return interruptibly(lambda: desk.narrow(number, keep, if_revision=revision))

    def _chosen(self, event: Event, typed: str) -> tuple[str, Table]:
        offers = {str(place): "" for place in range(1, len(event.slots) + 1)}
        field = Field("numbers", f"keep which of 1-{len(event.slots)}? Blank leaves all> ", offers)
        while True:
            typed = self.lines.ask(field, typed).strip()
            if not typed:
                return "", ()
            try:
                return typed, Seen.of(event).pick(numbers([typed], ""), "")
            except InvalidInputError as error:
                self._complain(error)

    def _notify(self, number: int) -> None:
        event = interruptibly(lambda: self.session.desk.peek(number))
        for place, party in enumerate(event.parties, start=1):
            awaited = "  ?" if party in event.waiting_on else ""
            self.session.asked.put(f"{place:>3} {party}{awaited}")
        offers = {str(place): party for place, party in enumerate(event.parties, start=1)}
        told = self._asked(
            Field("numbers", "notify which, by number> ", offers),
            lambda text: [_party(event, place) for place in numbers([text], "")],
        )
        if not told:
            return
        by_address = dict.fromkeys(event.parties, "")
        senders = self._asked(
            Field("emails", "sender, blank for yourself> ", by_address),
            lambda text: [_sender(event, text)],
        )
        sender = senders[0] if senders else None
        event = interruptibly(
            lambda: self.session.desk.notify(number, told, event.slots, sender=sender)
        )
        self.known[number] = event
        try:
            if self.session.asked.keep_letters:
                tell_way(self.session, told)
            else:
                self.session.tell(f"told {', '.join(told)}")
        finally:
            self._send(number)

    def _asked(self, field: Field, read: Callable[[str], list[str]]) -> list[str]:
        typed = ""
        while True:
            typed = self.lines.ask(field, typed).strip()
            if not typed:
                return []
            try:
                return read(typed)
            except InvalidInputError as error:
                self._complain(error)

    def _complain(self, error: CalndroError) -> None:
        """
        Say what is wrong with an answer, for a person to change it; a pipe can't.
        """
        if not self.lines.is_person:
            raise error
        say(error)

    def _log(self, number: int) -> None:
        event, entries = interruptibly(
            lambda: (self.session.look_up(number), list(self.session.desk.log(number)))
        )
        if self.session.asked.json:
            from calndro.adapters.wire import log_json

            answer(log_json(event, entries, self.session.settings.public_url))
            return
        from calndro.entry.cli.render import console
        from calndro.entry.cli.timeline import draw_log

        whole = self.session.placed(f"calndro log {number} --all")
        draw_log(console(sys.stdout), event, entries, own_zone(), whole)

    def _send(self, number: int) -> None:
        report(interruptibly(lambda: self.session.deliver(number)), self.session.asked)

    def _show(self, event: Event, said: str = "", then: str = "") -> None:
        self.known[event.id] = event
        self.session.show(event, said, then or _next_order(event, self.session.me))

    def _is_on_screen(self, event: Event) -> bool:
        before = self.known.get(event.id)
        seen = self.session.views.recall(event.id)
        return before is not None and seen == Seen.of(before) == Seen.of(event)


def _next_order(event: Event, me: str) -> str:
    step = next_step(event, me)
    letter = _LETTERS.get(step.split()[1])
    return f"{letter}{event.id}" if letter else step


def _party(event: Event, place: int) -> str:
    if not 1 <= place <= len(event.parties):
        raise InvalidInputError.of(
            f"there is no party {place}; there are 1 to {len(event.parties)}"
        )
    return event.parties[place - 1]


def _sender(event: Event, text: str) -> str:
    if text.isdecimal():
        return _party(event, int(text))
    if not is_among(text, event.parties):
        raise InvalidInputError.of(f"{text} is no party of event {event.id}")
    return text
