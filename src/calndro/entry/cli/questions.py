"""
Questions before what can't be taken back.
"""

from __future__ import annotations

import sys

import typer

from calndro.core.errors import InvalidInputError


def confirm(question: str) -> None:
    """
    Go on only when somebody says yes.

    Raises:
        typer.Abort: It was refused, or broken off.
        InvalidInputError: Nobody is there to answer.
    """
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        typer.echo(err=True)
        raise InvalidInputError.of("nobody answered: say --yes to go on unasked") from None
    if not agreed:
        raise typer.Abort
