"""
Lines from a person: editing, history and completion.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from signal import SIGINT, signal
from typing import TYPE_CHECKING, Any, Final, Self

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyPressEvent

    from calndro.entry.cli.shell.lines import Field


_BETWEEN: Final = re.compile(r"[,\s]+")


class TypedLines:
    """
    Lines that somebody types.

    Args:
        folder: Where what was typed is remembered, a file for each kind of line.
    """

    is_person = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sessions: dict[str, PromptSession[str]] = {}
        self._is_pressed = False
        self._pasted: list[str] = []

    @contextmanager
    def holding(self) -> Iterator[Self]:
        """
        Let Ctrl-C wait for the next question, so that it never cuts off what notes a line.

        While a line is typed it is a key like any other, and ``interruptibly`` lets it through.
        """
        before = signal(SIGINT, self._note)
        try:
            yield self
        finally:
            signal(SIGINT, before)

    def _note(self, number: int, frame: object) -> None:
        del number, frame
        self._is_pressed = True

    def _was_pressed(self) -> bool:
        was, self._is_pressed = self._is_pressed, False
        return was

    def ask(self, field: Field, typed: str = "") -> str:
        """
        Let somebody type a line; of a paste of several, each is a line of its own.

        A line that comes back to be changed goes before the rest of a paste.
        """
        try:
            text = self._prompted(field, typed)
            while self._pasted and not text.strip():
                # Who wipes a line of a paste leaves that one out.
                text = self._prompted(field, "")
        except KeyboardInterrupt:
            self._pasted.clear()
            raise
        return text

    def _prompted(self, field: Field, typed: str) -> str:
        if self._was_pressed():
            raise KeyboardInterrupt
        is_whole = bool(self._pasted) and not typed
        session = self._session(field.name)

        def begin() -> None:
            # Ctrl-C may have come in the moment before it became a key.
            if not is_whole and self._was_pressed():
                session.app.exit(exception=KeyboardInterrupt, style="class:aborting")

        return session.prompt(
            [("bold ansicyan", field.prompt)],
            default=self._pasted.pop(0) if is_whole else typed,
            accept_default=is_whole,
            completer=Offers(field.offers),
            complete_while_typing=False,
            key_bindings=self._keys(wipes=field.wipes),
            pre_run=begin,
        )

    def _session(self, name: str) -> PromptSession[str]:
        if name not in self._sessions:
            self._sessions[name] = PromptSession(history=self._history(name))
        return self._sessions[name]

    def _keys(self, *, wipes: bool) -> KeyBindings:
        keys = _wiping() if wipes else KeyBindings()

        @keys.add(Keys.BracketedPaste)
        def _(event: KeyPressEvent) -> None:
            # A blank line ends a list, which is for the person alone to say.
            first, *rest = [line for line in event.data.splitlines() if line.strip()] or [""]
            event.current_buffer.insert_text(first)
            if rest:
                self._pasted[:0] = rest
                event.current_buffer.validate_and_handle()

        return keys

    def _history(self, name: str) -> History:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = self._folder / name
            file.touch(mode=0o600)
        except OSError:
            return InMemoryHistory()
        return FileHistory(file)


class Offers(Completer):
    """
    Completes the word before the cursor; words stand between commas or blanks.

    Args:
        offers: Words, with what each means.
    """

    def __init__(self, offers: Mapping[str, str]) -> None:
        self._offers = offers

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Any]:
        """
        Give the offers that begin as the word does.
        """
        del complete_event
        begun = _BETWEEN.split(document.text_before_cursor)[-1]
        for word, meaning in self._offers.items():
            if word.startswith(begun):
                yield Completion(word, -len(begun), display_meta=meaning)


def _wiping() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("c-c")
    def _(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    return keys
