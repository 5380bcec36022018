"""
Questions to whoever is at the terminal.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext, redirect_stdout
from typing import TYPE_CHECKING

import typer

from calndro.core.errors import InvalidInputError


if TYPE_CHECKING:
    from collections.abc import Iterator


def confirm(question: str) -> None:
    """
    Go on only when somebody says yes.

    Raises:
        typer.Abort: It was refused, or broken off.
        InvalidInputError: Nobody is there to answer.
    """
    try:
        with _beside_the_answer():
            agreed = typer.confirm(question, err=True)
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        typer.echo(err=True)
        raise InvalidInputError.of("nobody answered: say --yes to go on unasked") from None
    if not agreed:
        raise typer.Abort


def ask(question: str, default: str | None = None) -> str:
    """
    Let somebody type a line.

    Raises:
        typer.Abort: It was broken off.
    """
    with _beside_the_answer():
        text: str = typer.prompt(question, default=default, err=True)
    return text


def is_somebody_there() -> bool:
    """
    Tell whether there is a terminal at which somebody sees a question and can answer.
    """
    return sys.stdin.isatty() and sys.stderr.isatty()


@contextmanager
def _beside_the_answer() -> Iterator[None]:
    # For the editing of lines the last blank of a question goes to stdout, wherever the rest goes.
    with nullcontext() if sys.stdout.isatty() else redirect_stdout(sys.stderr):
        yield
