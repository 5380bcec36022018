"""
How far long work has come: a bar on the terminal while it lasts, and nothing anywhere else.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.progress import Progress

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
    with _bar(wanted, is_known=total is not None) as bar:
        if bar is None:
            yield things
            return
        task = bar.add_task(doing, total=total)

        def passing() -> Iterator[Thing]:
            for thing in things:
                yield thing
                bar.advance(task, 1 if size is None else size(thing))

        yield passing()


@contextmanager
def watching(wanted: Asked, doing: str) -> Iterator[Callable[[Sequence[Thing]], Iterable[Thing]]]:
    """
    Lend what passes things on and draws how far that has come, as ``watched`` does.

    Args:
        wanted: What this run was asked.
        doing: What is done with the things, one word.
    """
    with _bar(wanted, is_known=True) as bar:

        def watch(things: Sequence[Thing]) -> Iterator[Thing]:
            if bar is None:
                yield from things
                return
            task = bar.add_task(doing, total=len(things))
            for thing in things:
                yield thing
                bar.advance(task)

        yield watch


@contextmanager
def _bar(wanted: Asked, *, is_known: bool) -> Iterator[Progress | None]:
    if wanted.json or wanted.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from calndro.entry.cli.render import console

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%" if is_known else "{task.completed}"),
        TimeElapsedColumn(),
        console=console(sys.stderr),
        transient=True,
        # The answer goes to its stream as it comes, not through the bar.
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        yield bar
