"""
Log lines for machines: one JSON object each.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from calndro.core.log import format_when


_USUAL: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


REQUEST: Final[ContextVar[str]] = ContextVar("calndro.request", default="")
"""The request that is being answered, by the name its answer carries; empty beside one."""


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    """
    Gather what a record says beside its text, and which request it belongs to.
    """
    facts = {name: value for name, value in vars(record).items() if name not in _USUAL}
    request = REQUEST.get()
    return {"request": request, **facts} if request else facts


class PlainLines(logging.Formatter):
    """
    Writes the same for people: when, how grave, what, and what goes with it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """
        Write one line, and below it what went wrong.
        """
        when = format_when(datetime.fromtimestamp(record.created, UTC))
        told = " ".join(f"{name}={value}" for name, value in _facts(record).items())
        line = f"{when} {record.levelname.lower()} {record.getMessage()} {told}".rstrip()
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return line


class JsonLines(logging.Formatter):
    """
    Writes what a record says beside its text as members of their own.
    """

    def format(self, record: logging.LogRecord) -> str:
        """
        Write one line.
        """
        line = {
            "when": format_when(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= _facts(record)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()
