"""
The options of commands that put slots on the table, for slots that repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from typer.core import TyperOption


if TYPE_CHECKING:
    from collections.abc import Callable

    from typer._click import Context, Parameter


_PLACE: Final = "calndro.entry.cli.repeat"

_TEXTS: Final = (
    ("--every", "DAYS", "Slots that repeat: weekday, day, or days as mon,tue."),
    ("--from", "DAY", "The first day of --every, such as mon; today unless given."),
    ("--until", "DAY", "The last day of --every, such as fri."),
    ("--at", "CLOCKS", "When slots of --every begin, such as 9:00,14:00."),
    ("--for", "DURATION", "How long slots of --every last, such as 45m."),
)
_FLAGS: Final = (
    (("--yes", "-y"), "Do not ask before slots of --every are put on the table."),
    (("--dry-run",), "Print the slots, one a line, and change nothing."),
)


@dataclass
class Repeat:
    """
    What the options say, as written.

    Args:
        texts: By the name of the option.
        flags: The names of those that were given.
    """

    texts: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)


def repeat_options() -> list[TyperOption]:
    """
    Make the options.
    """
    texts = [
        TyperOption(
            param_decls=[name, f"repeat_{name[2:]}"],
            metavar=metavar,
            help=meaning,
            callback=_noting(name),
            expose_value=False,
        )
        for name, metavar, meaning in _TEXTS
    ]
    flags = [
        TyperOption(
            param_decls=[*names, f"repeat_{names[0][2:].replace('-', '_')}"],
            is_flag=True,
            default=False,
            help=meaning,
            callback=_noting(names[0]),
            expose_value=False,
        )
        for names, meaning in _FLAGS
    ]
    return texts + flags


def repeat_of(ctx: Context) -> Repeat:
    """
    Give what the options of this run said.
    """
    found: Repeat = ctx.meta.setdefault(_PLACE, Repeat())
    return found


def is_dry_run(ctx: Context) -> bool:
    """
    Tell whether nothing is to be stored.
    """
    return "--dry-run" in repeat_of(ctx).flags


def _noting(name: str) -> Callable[[Context, Parameter, Any], Any]:
    def note(ctx: Context, param: Parameter, value: Any) -> Any:
        del param
        if isinstance(value, str):
            repeat_of(ctx).texts[name] = value
        elif value:
            repeat_of(ctx).flags.add(name)
        return value

    return note
