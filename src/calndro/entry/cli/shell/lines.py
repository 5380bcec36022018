"""
How the shell gets its lines: from a person at a terminal, or from a pipe.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

import attrs
import typer


if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Field:
    """
    Something that is asked for.

    Args:
        name: What it is; lines of one name share a history.
        prompt: What stands before the cursor.
        offers: What Tab completes to, with what each means.
        wipes: Whether Ctrl-C only wipes the line while something stands on it.
    """

    name: str
    prompt: str
    offers: Mapping[str, str] = attrs.field(factory=dict)
    wipes: bool = False


class Lines(Protocol):
    """
    Where lines come from.
    """

    is_person: bool

    def ask(self, field: Field, typed: str = "") -> str:
        """
        Ask for a line.

        Args:
            field: What is asked for.
            typed: What stands on the line already, for a person to change.

        Raises:
            EOFError: There are no more.
            KeyboardInterrupt: Somebody pressed Ctrl-C.
        """
        ...


class PipedLines:
    """
    Lines from a pipe or a file; what they answer is printed before them.
    """

    is_person = False

    def ask(self, field: Field, typed: str = "") -> str:
        """
        Take the next line.
        """
        del typed
        typer.echo(field.prompt, nl=False, err=True)
        line = sys.stdin.readline()
        if not line:
            typer.echo(err=True)
            raise EOFError
        typer.echo(line, nl=not line.endswith("\n"), err=True)
        return line.rstrip("\r\n")
