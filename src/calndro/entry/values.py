"""
How the values of settings are read; each reader names the mend when it refuses.
"""

from __future__ import annotations

import re
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


HIDDEN: Final = "…"
"""What stands for a secret that is not shown."""

# Up to the last @: one that belongs to the password may stand there unescaped.
_PASSWORD: Final = re.compile(r"(?<=://)(?P<user>[^:/@]*:).*(?=@)|(?<=[?&]password=)[^&]*")
_MOST_DIGITS: Final = 9


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


def address_or_none(written: str) -> str:
    """
    Read somebody's email address; empty means none.
    """
    if not written.strip():
        return ""
    # It takes a while to load, and many commands name nobody.
    from calndro.core.party import Address

    return str(Address.parse(written))


def sender(written: str) -> str:
    """
    Read who letters come from.
    """
    from calndro.core.party import parse_mailbox

    parse_mailbox(written)
    return written


def sender_or_none(written: str) -> str:
    """
    Read who letters come from; empty means as usual.
    """
    return sender(written) if written.strip() else ""


def addresses(written: str) -> tuple[str, ...]:
    """
    Read email addresses between commas, each of which may have a name before it.
    """
    from calndro.core.party import parse_mailbox

    return tuple(str(parse_mailbox(each)[1]) for each in items(written))


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
        number = _number(written.strip())
        if number is None or not least <= number <= most:
            raise InvalidInputError.of(f"write a whole number from {least} to {most}")
        return number

    return read


def _number(digits: str) -> int | None:
    return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


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
        name, _, written_most = each.partition("=")
        most = _number(written_most)
        if name not in _LIMITS or most is None or not 0 < most <= _MOST_NUMBER:
            known = ", ".join(_LIMITS)
            raise InvalidInputError.of(f"write on, off, or name=number for some of {known}")
        limit = attrs.evolve(getattr(found, name), most=most)
        found = attrs.evolve(found, **{name: limit})
    return found


_LIMITS: Final = tuple(field.name for field in attrs.fields(Limits))


def web_address(written: str) -> str:
    """
    Read the address of a server, without the slash at its end and without a user in it.
    """
    address = written.strip().rstrip("/")
    if not _leads_somewhere(address):
        raise InvalidInputError.of("write an address such as https://meet.example.org")
    if urlsplit(address).username is not None:
        raise InvalidInputError.of(
            "write an address without a user or a password in it, such as "
            "https://meet.example.org; who signs in there is said apart from it"
        )
    return address


def _leads_somewhere(address: str) -> bool:
    try:
        address.encode()
        parts = urlsplit(address)
        # Both are read only when they are asked for, and may be none.
        named = bool((parts.hostname or "").encode("idna")) and parts.port != 0
    except ValueError:
        return False
    return named and parts.scheme in {"http", "https"} and not {"?", "#"} & set(address)


def public_address(written: str) -> str:
    """
    Read where people reach the server: a host alone, since its pages lie at the top of it.
    """
    address = web_address(written)
    if urlsplit(address).path:
        raise InvalidInputError.of(
            "write a host and, if need be, a port, without a path, such as "
            "https://meet.example.org: calndro needs a host of its own"
        )
    return address


def web_address_or_none(written: str) -> str:
    """
    Read the address of a server; empty means none.
    """
    return web_address(written) if written.strip() else ""


def without_password(url: str) -> str:
    """
    Give a URL as it may be shown.
    """
    return _PASSWORD.sub(lambda found: (found["user"] or "") + HIDDEN, url)


def broker(written: str) -> str:
    """
    Read the address of a Redis or a RabbitMQ; empty means none.
    """
    address = written.strip()
    if address and not _is_of(address, _BROKERS):
        raise InvalidInputError.of(
            f"write redis://host:6379/0 or amqp://user:password@host:5672//{_ESCAPED}"
        )
    return address


_BROKERS: Final = frozenset({"redis", "rediss", "amqp", "amqps"})


def counts(written: str) -> str:
    """
    Read where limits are counted; empty means in memory.
    """
    address = written.strip()
    if address and address != _IN_MEMORY and not _is_of(address, _COUNTS):
        raise InvalidInputError.of(f"write redis://host:6379/0, or {_IN_MEMORY}{_ESCAPED}")
    return address


_COUNTS: Final = frozenset({"redis", "rediss"})
_IN_MEMORY: Final = "memory://"
_ESCAPED: Final = "; in a password stand %5B for [, %2F for / and %40 for @"


def _is_of(address: str, schemes: frozenset[str]) -> bool:
    """
    Tell whether an address has a host, and one of some schemes.
    """
    try:
        parts = urlsplit(address)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def path(written: str) -> Path | None:
    """
    Read a path; empty means none, ``~`` is the home.
    """
    try:
        return Path(written).expanduser() if written.strip() else None
    except RuntimeError:
        raise InvalidInputError.of(
            f"{quoted(written)}: there is no such home; write the path in full"
        ) from None


def url_of_file(path: str | Path) -> str:
    """
    Write the URL of an SQLite file.
    """
    return f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F')}"


def url_of_server(kind: str, *, name: str, user: str, password: str, host: str, port: int) -> str:
    """
    Write the URL of a database at a server.

    Args:
        kind: Which kind: ``postgresql`` or ``mysql``.
        name: Of the database.
        user: Who signs in; empty for whom the driver takes.
        password: The user's; empty for none.
        host: Empty for this machine. A path is that of a socket, as PostgreSQL and Django
            understand it: for PostgreSQL its folder.
        port: 0 for the usual one.
    """
    from sqlalchemy import URL

    driver, socket = _DRIVERS[kind]
    at_socket = host.startswith("/")
    url = URL.create(
        driver,
        username=user or None,
        password=password or None,
        host=None if at_socket else host or "localhost",
        port=port or None,
        database=name,
        query={socket: host} if at_socket else {},
    )
    return url.render_as_string(hide_password=False)


_DRIVERS: Final = {
    "postgresql": ("postgresql+psycopg", "host"),
    "mysql": ("mysql+pymysql", "unix_socket"),
}
SERVERS: Final = frozenset(_DRIVERS)
"""The kinds of databases at servers."""
