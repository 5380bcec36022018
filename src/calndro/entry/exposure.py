"""
What a server must have before others can reach it.
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from calndro.adapters.sql.opening import file_of
from calndro.adapters.system import SystemSecrets
from calndro.core.errors import StorageError
from calndro.entry.settings import DEFAULT_PUBLIC_URL, SettingsError
from calndro.entry.values import limits_of


if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address
    from pathlib import Path

    from calndro.entry.settings import Settings


OWN_HOSTS: Final = ("localhost", "127.0.0.1", "::1")
"""The names under which a machine reaches itself."""

_PUBLIC_URL: Final = "CALNDRO_PUBLIC_URL"
_KEY_BYTES: Final = 32


def check_exposure(settings: Settings, host: str, workers: int) -> list[str]:
    """
    Refuse what is unsafe.

    Args:
        settings: As read.
        host: Where the server is to listen.
        workers: How many processes are to serve.

    Returns:
        Warnings, a sentence each.

    Raises:
        SettingsError: Others could reach the server, and it has no key of its own or
            shows tracebacks.
    """
    warnings = []
    if not _is_loopback(host):
        faults = []
        if not settings.secret_key:
            faults.append(
                f"CALNDRO_SECRET_KEY: to listen on {host}, where others can reach the server, "
                "set it to what 'openssl rand -hex 32' prints"
            )
        if settings.debug:
            faults.append(f"CALNDRO_DEBUG: turn it off to listen on {host}")
        if faults:
            raise SettingsError(tuple(faults))
        if _is_anywhere(host) and _PUBLIC_URL not in settings.sources:
            warnings.append(
                f"{_PUBLIC_URL} is not set: the links of letters begin with http://{host}, "
                "which leads nowhere; set it to where people reach the server"
            )
        elif not settings.public_url.startswith("https:"):
            warnings.append(
                f"{_PUBLIC_URL} is no https address: passwords and links can be read on the way"
            )
    if workers > 1 and not settings.limits_url and limits_of(settings.rate_limits):
        warnings.append(
            f"CALNDRO_LIMITS_URL: {workers} workers count limits each on its own, so that "
            "everybody has as many tries with each; name a Redis"
        )
    return warnings


def hosts_of(settings: Settings) -> tuple[str, ...]:
    """
    Name the hosts that a server answers to.

    Returns:
        The one of its public URL, this machine's own, and those allowed besides; none,
        which stands for any, when neither these nor a public URL were set.
    """
    is_set = _PUBLIC_URL in settings.sources and settings.public_url != DEFAULT_PUBLIC_URL
    if not is_set and not settings.allowed_hosts:
        return ()
    public = urlsplit(settings.public_url).hostname or ""
    return tuple(dict.fromkeys((public, *OWN_HOSTS, *settings.allowed_hosts)))


def secret_key(settings: Settings) -> str:
    """
    Find the key of this instance: as set, or kept beside the database.

    Returns:
        At least 32 characters. For a database that is no file, and without a key set, one
        that lasts as long as this server.

    Raises:
        StorageError: The key can't be kept or read.
    """
    if settings.secret_key:
        return settings.secret_key
    made = SystemSecrets().draw(_KEY_BYTES).hex()
    file = file_of(settings.database)
    if file is None:
        return made
    try:
        return _kept(file.with_name(f"{file.name}.key"), made)
    except OSError as error:
        raise StorageError(f"can't keep a key beside the database: {error}") from error


def _kept(path: Path, made: str) -> str:
    # Two that start at once must end with the same key: a link is made by one of them only.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(made)
            opened.flush()
            os.fsync(descriptor)
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    found = path.read_text("ascii", errors="replace")
    if len(found) < _KEY_BYTES:
        raise StorageError(
            f"the key in {path} is cut short: remove that file, and a new one is made; everybody "
            "signs in anew then"
        )
    return found


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _is_anywhere(host: str) -> bool:
    """
    Tell the address that stands for all of a machine's, and to which no link leads.
    """
    address = _address(host)
    return address is not None and address.is_unspecified


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
