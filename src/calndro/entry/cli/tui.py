"""
The command that runs the shell of few letters.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

import typer


if TYPE_CHECKING:
    from collections.abc import Iterator

    from calndro.entry.cli.session import Session
    from calndro.entry.cli.shell.lines import Lines
    from calndro.entry.cli.shell.orders import Orders


app = typer.Typer(rich_markup_mode=None)


@app.command("tui")
def tui(ctx: typer.Context) -> None:
    """
    Work with events in a shell of few letters.

    l lists the events and c opens one. Of event 7, d7 shows the table, p7 narrows it, n7 tells
    the parties and g7 reads the log. ? explains, q quits. Lines may also come from a pipe; then
    the status is that of the first order that failed.
    """
    from calndro.entry.cli.session import opened

    with opened(ctx, stays=True) as session, _lines() as lines:
        status = run(session, lines)
    if status:
        raise typer.Exit(status)


def run(session: Session, lines: Lines) -> int:
    """
    Take orders until somebody quits.

    Args:
        session: What the orders work with.
        lines: Where they come from.

    Returns:
        The exit status: of the first order that failed when nobody is there to see it.
    """
    from calndro.entry.cli.shell.drafts import Drafts
    from calndro.entry.cli.shell.orders import Orders
    from calndro.entry.settings import state_directory

    orders = Orders(session, lines, Drafts(state_directory() / "draft.json"))
    who = session.me or "somebody with a token"
    where = "your database" if session.database else session.settings.server
    session.tell(f"{who} at {where}")
    if lines.is_person:
        Thread(target=_learn, args=(orders,), daemon=True).start()
    return _Prompt(orders).run()


def _learn(orders: Orders) -> None:
    # What Tab offers is no reason to complain.
    with suppress(Exception):
        orders.learn()


class _Prompt:
    """
    Asks for orders, one after the other.
    """

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._session = orders.session
        self._typed = ""
        self._leaving = False
        self._status = 0

    def run(self) -> int:
        """
        Go on until somebody leaves; gives the exit status.
        """
        try:
            while self._take_one():
                pass
        except EOFError:
            pass
        if self._orders.lines.is_person:
            return 0
        return self._status

    def _take_one(self) -> bool:
        from calndro.entry.cli.shell.grammar import ORDERS
        from calndro.entry.cli.shell.lines import Field

        field = Field("orders", "> ", self._orders.offers, wipes=True)
        if not self._typed:
            self._session.tell(ORDERS)
        try:
            text = self._orders.lines.ask(field, self._typed)
        except KeyboardInterrupt:
            if self._leaving:
                return False
            self._leaving = True
            self._typed = ""
            self._session.tell("Ctrl-C once more, or q, leaves")
            return True
        self._leaving = False
        return not text.strip() or self._do(text)

    def _do(self, text: str) -> bool:
        from calndro.core.errors import CalndroError
        from calndro.entry.cli.exits import UNREADABLE, complain, say, status_of
        from calndro.entry.cli.shell.grammar import read_order
        from calndro.entry.cli.shell.interruptible import GaveUpError

        self._typed = ""
        try:
            order = read_order(text)
            if order.letter == "q":
                return False
            self._orders.carry_out(order)
        except CalndroError as error:
            say(error)
            # What may still be done is not to be done again by Enter alone.
            self._fail("" if isinstance(error, GaveUpError) else text, status_of(error))
        except typer.Exit as ended:
            self._fail("", ended.exit_code)
        except KeyboardInterrupt:
            # Breaking an order off leads back here.
            pass
        except EOFError:
            if not self._orders.lines.is_person:
                complain([f"{text.strip()}: the lines end before it has all that it asks for"])
                self._fail("", UNREADABLE)
            raise
        return True

    def _fail(self, text: str, status: int) -> None:
        self._typed = text.strip()
        self._status = self._status or status


@contextmanager
def _lines() -> Iterator[Lines]:
    if sys.stdin.isatty() and sys.stdout.isatty():
        from calndro.entry.cli.shell.terminal import TypedLines
        from calndro.entry.settings import state_directory

        with TypedLines(state_directory() / "history").holding() as lines:
            yield lines
        return
    from calndro.entry.cli.shell.lines import PipedLines

    yield PipedLines()
