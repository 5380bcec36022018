"""
How the values of settings are read; each reader names the mend when it refuses.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import attrs

from calndro.core.errors import InvalidInputError
from calndro.core.limit import Limits
from calndro.core.quoting import quoted


if TYPE_CHECKING:
    from collections.abc import Callable


class EmailBackend(StrEnum):
    """
    What carries the letters.
    """

    CONSOLE = "console"
    FILEBASED = "filebased"
    SMTP = "smtp"
    LOCMEM = "locmem"
    DUMMY = "dummy"


def text(written: str) -> str:
    """
    Take it as it stands, unless it has bytes in it that could not be read.
    """
    try:
        written.encode()
    except UnicodeEncodeError:
        raise InvalidInputError.of("it holds bytes that are no UTF-8; write it anew") from None
    return written


def flag(written: str) -> bool:
    """
    Read true or false, as people write them.
    """
    match written.strip().lower():
        case "1" | "true" | "yes" | "on":
            return True
        case "0" | "false" | "no" | "off" | "":
            return False
        case _:
            raise InvalidInputError.of("write true or false")


def whole(least: int, most: int) -> Callable[[str], int]:
    """
    Make a reader of whole numbers from *least* to *most*.
    """

    def read(written: str) -> int:
        mend = f"write a whole number from {least} to {most}"
        if not written.strip().isdecimal() or not least <= int(written) <= most:
            raise InvalidInputError.of(mend)
        return int(written)

    return read


def positive(written: str) -> float:
    """
    Read a number above 0.
    """
    mend = "write a number above 0, such as 5 or 0.5"
    try:
        number = float(written)
    except ValueError:
        raise InvalidInputError.of(mend) from None
    if not 0 < number <= _MOST_NUMBER:
        raise InvalidInputError.of(mend)
    return number


_MOST_NUMBER: Final = 100_000


def items(written: str) -> tuple[str, ...]:
    """
    Read words between commas.
    """
    return tuple(part.strip() for part in written.split(",") if part.strip())


def backend(written: str) -> EmailBackend:
    """
    Read what carries the letters.
    """
    try:
        return EmailBackend(written.strip().lower())
    except ValueError:
        raise InvalidInputError.of(f"write one of {', '.join(EmailBackend)}") from None


def one_of(*words: str) -> Callable[[str], str]:
    """
    Make a reader of one of several words.
    """

    def read(written: str) -> str:
        word = written.strip().lower()
        if word not in words:
            raise InvalidInputError.of(f"write one of {', '.join(words)}")
        return word

    return read


def key(written: str) -> str:
    """
    Read a secret that nobody can guess.
    """
    if written and len(written) < _LEAST_KEY:
        raise InvalidInputError.of(
            f"write at least {_LEAST_KEY} characters, such as 'openssl rand -hex 32' prints"
        )
    return written


_LEAST_KEY: Final = 32


def networks(written: str) -> tuple[str, ...]:
    """
    Read network addresses and networks between commas.
    """
    found = items(written)
    for each in found:
        try:
            ip_network(each)
        except ValueError:
            raise InvalidInputError.of(f"{quoted(each)}: write 10.0.0.1 or 10.0.0.0/8") from None
    return found


def rates(written: str) -> str:
    """
    Check how limits are written: ``on``, ``off``, or some of them as ``name=most``.
    """
    limits_of(written)
    return written.strip()


def limits_of(written: str) -> Limits | None:
    """
    Read limits.

    Returns:
        Those not named as they usually are; None when nothing is limited.

    Raises:
        InvalidInputError: A limit is unknown or its number is none.
    """
    found = Limits()
    if written.strip().lower() == "off":
        return None
    for each in items(written if written.strip().lower() != "on" else ""):
        name, _, most = each.partition("=")
        if name not in _LIMITS or not most.isdecimal() or not 0 < int(most) <= _MOST_NUMBER:
            known = ", ".join(_LIMITS)
            raise InvalidInputError.of(f"write on, off, or name=number for some of {known}")
        limit = attrs.evolve(getattr(found, name), most=int(most))
        found = attrs.evolve(found, **{name: limit})
    return found


_LIMITS: Final = tuple(field.name for field in attrs.fields(Limits))


def web_address(written: str) -> str:
    """
    Read the address of a server, without the slash at its end.
    """
    address = written.strip().rstrip("/")
    if not _leads_somewhere(address):
        raise InvalidInputError.of("write an address such as https://meet.example.org")
    return address


def _leads_somewhere(address: str) -> bool:
    try:
        address.encode()
        parts = urlsplit(address)
        # Both are read only when they are asked for, and may be none.
        named = bool((parts.hostname or "").encode("idna")) and parts.port != 0
    except ValueError:
        return False
    return named and parts.scheme in {"http", "https"} and not parts.query


def web_address_or_none(written: str) -> str:
    """
    Read the address of a server; empty means none.
    """
    return web_address(written) if written.strip() else ""


def broker(written: str) -> str:
    """
    Read the address of a Redis or a RabbitMQ; empty means none.
    """
    address = written.strip()
    parts = urlsplit(address)
    if address and (parts.scheme not in _BROKERS or not parts.hostname):
        raise InvalidInputError.of("write redis://host:6379/0 or amqp://user:password@host:5672//")
    return address


_BROKERS: Final = frozenset({"redis", "rediss", "amqp", "amqps"})


def counts(written: str) -> str:
    """
    Read where limits are counted; empty means in memory.
    """
    address = written.strip()
    parts = urlsplit(address)
    is_redis = parts.scheme in _COUNTS and bool(parts.hostname)
    if address and address != _IN_MEMORY and not is_redis:
        raise InvalidInputError.of(f"write redis://host:6379/0, or {_IN_MEMORY}")
    return address


_COUNTS: Final = frozenset({"redis", "rediss"})
_IN_MEMORY: Final = "memory://"


def path(written: str) -> Path | None:
    """
    Read a path; empty means none, ``~`` is the home.
    """
    return Path(written).expanduser() if written.strip() else None


def url_of_file(path: str | Path) -> str:
    """
    Write the URL of an SQLite file.
    """
    return f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F')}"
