"""
How far long work has come: a bar on the terminal while it lasts, and nothing anywhere else.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from calndro.entry.cli.asked import Asked


Thing = TypeVar("Thing")


@contextmanager
def watched(
    wanted: Asked,
    doing: str,
    things: Iterable[Thing],
    *,
    total: int | None = None,
    size: Callable[[Thing], int] | None = None,
) -> Iterator[Iterable[Thing]]:
    """
    Pass things on, and draw on stderr how far that has come, if a person sits there.

    Nothing is drawn with ``--json`` or ``--quiet``. What is drawn goes when it ends, so
    that what went wrong stands alone.

    Args:
        wanted: What this run was asked.
        doing: What is done with the things, one word.
        things: The work.
        total: How much there is; None where nobody knows.
        size: How much a thing is of it; each is one unless given.
    """
    if wanted.json or wanted.quiet or not sys.stderr.isatty():
        yield things
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from calndro.entry.cli.render import console

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}" if total is None else "{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=console(sys.stderr),
        transient=True,
        # The answer goes to its stream as it comes, not through the bar.
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task(doing, total=total)

        def passing() -> Iterator[Thing]:
            for thing in things:
                yield thing
                bar.advance(task, 1 if size is None else size(thing))

        yield passing()
