"""
How the letters went that a command has handed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from calndro.core.notice import Outcome
from calndro.entry.cli.exits import UNSENT, complain


if TYPE_CHECKING:
    from calndro.entry.cli.asked import Asked
    from calndro.usecases.letters import Delivery


def report(deliveries: list[Delivery], wanted: Asked) -> None:
    """
    Say how letters went.

    Raises:
        typer.Exit: With the status for letters that could not be sent.
    """
    if not described(deliveries, wanted):
        raise typer.Exit(UNSENT)


def described(deliveries: list[Delivery], wanted: Asked) -> bool:
    """
    Say how letters went, first of those that could not be sent: they matter most.

    Returns:
        Whether there were none of these.
    """
    unsent, others = [], []
    later = wanted.repeated("calndro deliver", acts=False)
    for each in deliveries:
        match each.outcome:
            case Outcome.SENT:
                others.append(f"sent a letter to {each.recipient}")
            case Outcome.FAILED:
                unsent.append(f"the letter to {each.recipient} can't be sent: {each.reason}")
            case None:
                unsent.append(
                    f"the letter to {each.recipient} could not be sent and stays queued for "
                    f"{later}: {each.reason}"
                )
            case _:
                others.append(f"left out an older or unwanted letter to {each.recipient}")
    complain(unsent)
    for line in others:
        wanted.tell(line)
    return not unsent
