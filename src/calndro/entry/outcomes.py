"""
What operators read about letters in the log of a server or a worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from logging import Logger

    from calndro.core.errors import StorageError
    from calndro.usecases.letters import Delivery


def note(log: Logger, report: Delivery) -> None:
    """
    Log how a letter went; it names no recipient.
    """
    outcome = "waiting" if report.outcome is None else report.outcome.value
    facts = {"event": report.event_id, "outcome": outcome, "reason": report.reason}
    log.info("letter of event %d: %s", report.event_id, outcome, extra=facts)
    if report.held:
        log.warning("a letter of event %d waits for you: %s", report.event_id, report.reason)
    if report.everywhere:
        log.warning("letters wait, for no mail can be sent: %s", report.reason)


def note_absence(log: Logger, error: StorageError) -> None:
    """
    Log that the database is away; it says no more of it than is fit for a log.
    """
    log.warning("the database is away, letters wait: %s", type(error.__cause__).__name__)
