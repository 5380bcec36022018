"""
Asking for a new event: its title, its parties, its slots.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from calndro.core.errors import Faults, InvalidInputError
from calndro.core.party import Address
from calndro.core.spoken import say_slot
from calndro.core.times import format_slot
from calndro.core.title import parse_title
from calndro.core.written import is_for_people, read_written
from calndro.entry.cli.exits import say
from calndro.entry.cli.shell.drafts import Draft
from calndro.entry.cli.shell.lines import Field
from calndro.entry.cli.wording import doubts


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from calndro.core.event import Event
    from calndro.entry.cli.session import Session
    from calndro.entry.cli.shell.drafts import Drafts
    from calndro.entry.cli.shell.lines import Lines


_ZONE: Final = "UTC"
_HEADINGS: Final = {
    "emails": "Emails of the parties; a blank line ends them.",
    "slots": (
        "Slots as YYYY-MM-DDThh:mm[:ss][+hh:mm|Z] duration, or such as tue 14:00 45m; a blank\n"
        "line ends them."
    ),
}
_NO_PARTY: Final = "an event needs a party: name an email address"
_BETWEEN: Final = re.compile(r"[,;\s]+")


@attrs.frozen
class Heard:
    """
    What became of a line that can be read.

    Args:
        lines: What is kept of it.
        said: How it was understood.
    """

    lines: Sequence[str]
    said: Sequence[str] = ()


@attrs.frozen
class Creating:
    """
    One person's way to a new event; what was typed is kept whenever it breaks off.

    A person is asked again after a line that can't be read. Of lines from a pipe each answers its
    own question, and nothing comes of them when one can't be read.

    Args:
        session: Says what is to be said.
        lines: Where the answers come from.
        drafts: Where they are kept.
        addresses: What Tab completes to, with what each means.
        faults: Of the lines from a pipe.
    """

    session: Session
    lines: Lines
    drafts: Drafts
    addresses: Mapping[str, str]
    faults: Faults = attrs.field(factory=Faults)

    def ask(self) -> Draft:
        """
        Ask for all of it, beginning with what was typed the last time.

        Raises:
            InvalidInputError: Every line from a pipe that can't be read.
            EOFError, KeyboardInterrupt: It was broken off; a person's answers are kept.
        """
        earlier = (self.drafts.find() if self.lines.is_person else None) or Draft()
        if earlier != Draft():
            self.session.tell("taking up your draft; wipe a line to leave it out")
        draft = attrs.evolve(earlier, title="".join(self._heard("title", earlier.title)))
        emails: tuple[str, ...] = self._several("emails", draft.emails, draft.with_emails)
        while not emails and self.lines.is_person:
            self.session.warn(_NO_PARTY)
            emails = self._several("emails", (), draft.with_emails)
        if not emails:
            self.faults.add(_NO_PARTY)
        draft = draft.with_emails(emails)
        draft = draft.with_slots(self._several("slots", draft.slots, draft.with_slots))
        self.faults.settle()
        return draft

    def propose(self, draft: Draft) -> Event:
        """
        Open the event of a draft.
        """
        parties = [word for line in draft.emails for word in _words(line)]
        return self.session.desk.propose(
            parties=parties, slots=draft.slots, title=draft.title or None
        )

    def _several(
        self, name: str, earlier: Sequence[str], put: Callable[[tuple[str, ...]], Draft]
    ) -> tuple[str, ...]:
        self.session.tell(_HEADINGS[name])
        waiting = list(earlier)
        found: list[str] = []
        while True:
            if self.lines.is_person:
                self.drafts.keep(put((*found, *waiting)))
            typed = waiting.pop(0) if waiting else ""
            lines = self._heard(name, typed)
            found += lines
            if not lines and not waiting and not typed:
                return tuple(found)

    def _heard(self, name: str, typed: str) -> Sequence[str]:
        field, read = self._fields[name]
        while True:
            typed = self.lines.ask(field, typed).strip()
            if not typed:
                return ()
            try:
                heard = read(typed)
            except InvalidInputError as error:
                if not self.lines.is_person:
                    self.faults.found.extend(error.faults)
                    return [typed]
                say(error)
            else:
                for words in heard.said:
                    self.session.tell(words)
                return heard.lines

    @property
    def _fields(self) -> dict[str, tuple[Field, Callable[[str], Heard]]]:
        return {
            "title": (Field("title", "title, blank for a made-up one> "), _read_title),
            "emails": (
                Field("emails", "email> ", self.addresses),
                _read_emails,
            ),
            "slots": (Field("slots", "slot> "), _read_slots),
        }


def _words(line: str) -> Iterator[str]:
    return (word for word in _BETWEEN.split(line) if word)


def _read_title(text: str) -> Heard:
    parse_title(text)
    return Heard([text])


def _read_emails(line: str) -> Heard:
    for word in _words(line):
        Address.parse(word)
    return Heard([line])


def _read_slots(text: str) -> Heard:
    from calndro.adapters.system import SystemClock

    now = SystemClock().now()
    reading = read_written(text, _ZONE, now)
    said = [f"  {say_slot(slot, _ZONE)} ({_ZONE})" for slot in reading.slots]
    said += [f"  {reading.remark}"] * bool(reading.remark)
    for slot in reading.slots:
        said += doubts(slot, _ZONE, now)
    # A draft may be taken up on another day.
    lines = [format_slot(slot) for slot in reading.slots] if is_for_people(text) else [text]
    return Heard(lines, said)
