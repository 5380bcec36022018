"""
What an operator may set, each defined once: its type, default, meaning and parser.

Values come from the command line's options, the environment, a ``.env`` file and the
user's own configuration file, the earlier winning. This is the only module that reads
the environment. The parsing is ours because every error must name the variable and the
mend, and no error may show a secret.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import attrs

from calndro.core.errors import CalndroError, Faults, InvalidInputError
from calndro.entry.env_files import read_file, write_setting
from calndro.entry.values import (
    SERVERS,
    EmailBackend,
    address_or_none,
    addresses,
    backend,
    broker,
    counts,
    flag,
    items,
    key,
    networks,
    one_of,
    path,
    positive,
    public_address,
    rates,
    sender,
    sender_or_none,
    text,
    url_of_file,
    url_of_server,
    web_address_or_none,
    whole,
    without_password,
)


PREFIX: Final = "CALNDRO_"
DEFAULT_PUBLIC_URL: Final = "http://127.0.0.1:8000"


def _shown(value: object) -> str:
    return without_password(repr(value))


def _setting(
    default: Any, meaning: str, read: Callable[[str], Any] = text, *, secret: bool = False
) -> Any:
    return attrs.field(
        default=default,
        repr=False if secret else _shown,
        metadata={"meaning": meaning, "read": read, "secret": secret},
    )


@attrs.frozen(kw_only=True)
class Settings:
    """
    Everything an operator may set.

    In the environment and in files the names stand in capitals behind ``CALNDRO_``.
    """

    debug: bool = _setting(False, "show tracebacks in the terminal; never on a server", flag)
    admins: tuple[str, ...] = _setting(
        (), "addresses that the server writes to, over SMTP, when an error is in its log", addresses
    )
    user: str = _setting("", "the email address the command line acts as", address_or_none)
    password: str = _setting("", "what it signs in to a server with", secret=True)
    server: str = _setting(
        "", "the server the command line works on; empty for a database", web_address_or_none
    )
    public_url: str = _setting(
        DEFAULT_PUBLIC_URL,
        "where people reach the server, without a path: the start of every link",
        public_address,
    )
    allowed_hosts: tuple[str, ...] = _setting(
        (), "host names the server answers to, besides the one of the public URL", items
    )
    secret_key: str = _setting("", "signs the cookies of sessions", key, secret=True)
    trusted_proxies: tuple[str, ...] = _setting(
        (), "addresses of proxies whose word on who asks, and how, is taken", networks
    )
    rate_limits: str = _setting(
        "on", "on, off, or figures that differ, as in sign_ins=5,letters_by_one=500", rates
    )
    limits_url: str = _setting(
        "", "where limits are counted: a redis:// address; empty for in memory", counts, secret=True
    )
    broker_url: str = _setting(
        "",
        "the redis:// or amqp:// broker that wakes workers of Celery; empty for none",
        broker,
        secret=True,
    )
    metrics: bool = _setting(False, "tell figures for Prometheus at /metrics", flag)
    log_format: str = _setting("json", "how the server logs: json, text", one_of("json", "text"))
    database_url: str = _setting(
        "", "an SQLAlchemy URL; empty for the embedded database", secret=True
    )
    database_engine: str = _setting(
        "", "instead of a URL: sqlite, postgresql or mysql, with the parts below"
    )
    database_name: str = _setting("", "the database's name, or SQLite's file")
    database_user: str = _setting("", "who signs in to the database")
    database_password: str = _setting("", "its password there", secret=True)
    database_host: str = _setting("", "the database's host, or the path of its socket")
    database_port: int = _setting(0, "the database's port; 0 for the usual one", whole(0, 65535))
    max_slots: int = _setting(30, "how many slots an event may hold", whole(1, 30))
    emailtoken_expiration_days: float = _setting(
        5.0, "for how many days the link of a letter works", positive
    )
    notify_on_agreement: bool = _setting(
        True, "write to everybody when an agreement is made, moved or broken", flag
    )
    email_backend: EmailBackend = _setting(
        EmailBackend.CONSOLE, "what carries the letters: " + ", ".join(EmailBackend), backend
    )
    email_file_path: Path | None = _setting(
        None, "the directory for letters of the filebased backend", path
    )
    default_from_email: str = _setting(
        "calndro@localhost",
        "who letters come from: an address, or a name and an address in angles",
        sender,
    )
    server_email: str = _setting(
        "", "who letters to admins come from; empty for as all letters", sender_or_none
    )
    email_subject_prefix: str = _setting("[calndro] ", "what every subject begins with")
    email_use_localtime: bool = _setting(
        False, "date letters in the server's zone instead of UTC", flag
    )
    email_host: str = _setting("localhost", "the mail server's host")
    email_port: int = _setting(25, "the mail server's port", whole(1, 65535))
    email_host_user: str = _setting("", "who signs in to the mail server")
    email_host_password: str = _setting("", "its password there", secret=True)
    email_timeout: float = _setting(10.0, "seconds to wait for the mail server", positive)
    email_use_tls: bool = _setting(False, "begin TLS on a plain connection (STARTTLS)", flag)
    email_use_ssl: bool = _setting(False, "speak TLS from the first byte", flag)
    email_ssl_keyfile: Path | None = _setting(None, "the key of a client certificate", path)
    email_ssl_certfile: Path | None = _setting(None, "a client certificate", path)
    email_ssl_cafile: Path | None = _setting(None, "a file of certificates to trust alone", path)
    sources: Mapping[str, str] = attrs.field(factory=dict, repr=False, eq=False)
    warnings: tuple[str, ...] = attrs.field(default=(), repr=False, eq=False)

    @property
    def database(self) -> str:
        """
        The database's URL: as set, put together from its parts, or the embedded one.
        """
        if self.database_url:
            return self.database_url
        if not self.database_engine:
            return url_of_file(data_directory() / "calndro.db")
        if self.database_engine == "sqlite":
            return url_of_file(self.database_name)
        return url_of_server(
            self.database_engine,
            name=self.database_name,
            user=self.database_user,
            password=self.database_password,
            host=self.database_host,
            port=self.database_port,
        )


FIELDS: Final = {
    PREFIX + field.name.upper(): field
    for field in attrs.fields(Settings)
    if "meaning" in field.metadata
}
"""What is known of each setting, by its name in the environment."""

_ENV_PATH: Final = PREFIX + "ENV_PATH"


OPTIONS: Final = {
    PREFIX + "DATABASE_URL": "--db",
    PREFIX + "USER": "--as",
    PREFIX + "SERVER": "--server",
}
"""What the command line calls those settings that are its options."""

COMMAND_LINE: Final = "the command line"


class SettingsError(CalndroError):
    """
    Settings can't be read.

    Args:
        faults: One sentence for each, naming the variable and where it was set.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def read_settings(
    options: Mapping[str, str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    with_dot_env: bool = False,
) -> Settings:
    """
    Gather and read all settings.

    Args:
        options: What the command line says, by full name; wins over all else.
        environ: Instead of the process's environment.
        with_dot_env: Also read ``./.env``; a file named by CALNDRO_ENV_PATH always is.

    Raises:
        SettingsError: Every setting that can't be read, and every unknown name in a file.
    """
    environ = os.environ if environ is None else environ
    layers = [(COMMAND_LINE, dict(options or {})), ("the environment", _ours(environ))]
    layers.extend(_files(environ, with_dot_env=with_dot_env))
    faults: list[str] = []
    warnings: list[str] = []
    for source, values in layers:
        for name in sorted(values.keys() - FIELDS.keys() - {_ENV_PATH}):
            lines = warnings if source == "the environment" else faults
            lines.append(f"{name} ({source}) is no setting of calndro{_nearest(name)}")
    found = {
        name: (value, src) for src, values in reversed(layers) for name, value in values.items()
    }
    attributes, unread = _read_all(found)
    faults.extend(unread)
    sources = {name: source for name, (_, source) in found.items()}
    settings = Settings(**attributes, sources=sources, warnings=tuple(warnings))
    if not unread:
        # What could not be read is not what it seems to be.
        faults.extend(_contradictions(settings))
    if faults:
        raise SettingsError(tuple(faults))
    return settings


def store(name: str, value: str) -> Path:
    """
    Keep one setting in the user's own configuration file.

    Returns:
        The file, readable by its owner alone.

    Raises:
        SettingsError: There is no such setting, it can't have this value, contradicts another,
            or can't be kept.
    """
    if name not in FIELDS:
        raise SettingsError((f"{name} is no setting of calndro{_nearest(name)}",))
    _, faults = _read_all({name: (value, "this command")})
    file = configuration_file()
    kept = {**(_read_file(file) or {}), **_ours(os.environ)}
    known = _contradictions_in(kept)
    faults = faults or [
        each for each in _contradictions_in({**kept, name: value}) if each not in known
    ]
    if faults:
        raise SettingsError(tuple(faults))
    try:
        write_setting(file, name, value)
    except OSError as error:
        raise SettingsError((f"{file} can't be written: {error.strerror}",)) from error
    return file


def configuration_file() -> Path:
    """
    The user's own configuration file, there or not.
    """
    return _xdg("XDG_CONFIG_HOME", ".config") / "calndro.env"


def logins_file() -> Path:
    """
    Where the API tokens of servers are kept.
    """
    return _xdg("XDG_CONFIG_HOME", ".config") / "logins.json"


def data_directory() -> Path:
    """
    Where the embedded database lives.
    """
    return _xdg("XDG_DATA_HOME", ".local/share")


def state_directory() -> Path:
    """
    Where the command line remembers what it has shown.
    """
    return _xdg("XDG_STATE_HOME", ".local/state")


def _xdg(variable: str, fallback: str) -> Path:
    given = os.environ.get(variable, "")
    if given.startswith("/"):
        return Path(given) / "calndro"
    try:
        return Path.home() / fallback / "calndro"
    except RuntimeError as error:
        raise SettingsError(
            (f"HOME: set it, or {variable}, for whoever runs this has no home",)
        ) from error


def _ours(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name.startswith(PREFIX)}


def _files(environ: Mapping[str, str], *, with_dot_env: bool) -> list[tuple[str, dict[str, str]]]:
    named = environ.get(_ENV_PATH)
    paths = [configuration_file()]
    if named:
        paths.insert(0, Path(named))
    elif with_dot_env:
        paths.insert(0, Path(".env"))
    found = [(str(path), _read_file(path)) for path in paths]
    if named and found[0][1] is None:
        raise SettingsError((f"{_ENV_PATH}: there is no file {named}",))
    return [(path, _ours(values)) for path, values in found if values is not None]


def _read_file(path: Path) -> dict[str, str] | None:
    try:
        return read_file(path)
    except InvalidInputError as error:
        raise SettingsError(tuple(map(str, error.faults))) from error


def _read_all(found: Mapping[str, tuple[str, str]]) -> tuple[dict[str, Any], list[str]]:
    attributes: dict[str, Any] = {}
    problems: list[str] = []
    for name, (written, source) in found.items():
        if name not in FIELDS:
            continue
        faults = Faults()
        is_option = source == COMMAND_LINE and name in OPTIONS
        with faults.at(OPTIONS[name] if is_option else name):
            attributes[FIELDS[name].name] = FIELDS[name].metadata["read"](written)
        where = "" if is_option else f" (set in {source})"
        problems.extend(f"{fault}{where}" for fault in faults.found)
    return attributes, problems


def _contradictions_in(values: Mapping[str, str]) -> list[str]:
    attributes, _ = _read_all({name: (value, "") for name, value in values.items()})
    return _contradictions(Settings(**attributes))


def _contradictions(settings: Settings) -> list[str]:
    found = []
    if settings.email_use_tls and settings.email_use_ssl:
        found.append(f"{PREFIX}EMAIL_USE_TLS and {PREFIX}EMAIL_USE_SSL: set one of them")
    if settings.email_backend is EmailBackend.FILEBASED and settings.email_file_path is None:
        found.append(f"{PREFIX}EMAIL_FILE_PATH: the filebased backend needs a directory")
    if settings.database_engine not in {"", "sqlite", *SERVERS}:
        found.append(f"{PREFIX}DATABASE_ENGINE: write sqlite, postgresql or mysql")
    if settings.database_engine and settings.database_url:
        found.append(f"{PREFIX}DATABASE_URL and {PREFIX}DATABASE_ENGINE: set one of them")
    parts = (settings.database_name, settings.database_user, settings.database_host)
    if any(parts) and not (settings.database_engine or settings.database_url):
        found.append(f"{PREFIX}DATABASE_ENGINE: write sqlite, postgresql or mysql, for the parts")
    if settings.database_engine and not settings.database_name:
        found.append(f"{PREFIX}DATABASE_NAME: which database of {settings.database_engine}?")
    return found


def _nearest(name: str) -> str:
    close = get_close_matches(name, FIELDS, n=1)
    return f"; did you mean {close[0]}?" if close else ""
