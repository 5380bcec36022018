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
from urllib.parse import quote

import attrs

from calndro.core.errors import CalndroError, Faults
from calndro.entry.values import (
    EmailBackend,
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
    rates,
    text,
    url_of_file,
    web_address,
    web_address_or_none,
    whole,
)


PREFIX: Final = "CALNDRO_"
DEFAULT_PUBLIC_URL: Final = "http://127.0.0.1:8000"


def _setting(
    default: Any, meaning: str, read: Callable[[str], Any] = text, *, secret: bool = False
) -> Any:
    return attrs.field(
        default=default,
        repr=not secret,
        metadata={"meaning": meaning, "read": read, "secret": secret},
    )


@attrs.frozen(kw_only=True)
class Settings:
    """
    Everything an operator may set.

    In the environment and in files the names stand in capitals behind ``CALNDRO_``.
    """

    debug: bool = _setting(False, "show tracebacks in the terminal; never on a server", flag)
    user: str = _setting("", "the email address the command line acts as")
    password: str = _setting("", "what it signs in to a server with", secret=True)
    server: str = _setting(
        "", "the server the command line works on; empty for a database", web_address_or_none
    )
    public_url: str = _setting(
        DEFAULT_PUBLIC_URL, "where people reach the server: the start of every link", web_address
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
    database_host: str = _setting("", "the database's host")
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
    default_from_email: str = _setting("calndro@localhost", "the address letters come from")
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
        who = quote(self.database_user, safe="")
        if self.database_password:
            who += ":" + quote(self.database_password, safe="")
        port = f":{self.database_port}" if self.database_port else ""
        where = f"{who}@{self.database_host or 'localhost'}{port}"
        return f"{_DRIVERS[self.database_engine]}://{where}/{self.database_name}"


_DRIVERS: Final = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
_FIELDS: Final = {
    PREFIX + field.name.upper(): field
    for field in attrs.fields(Settings)
    if "meaning" in field.metadata
}
_ENV_PATH: Final = PREFIX + "ENV_PATH"


@attrs.frozen
class Described:
    """
    One setting as an operator looks at it.

    Args:
        name: As in the environment.
        value: Its value as text; stars for a secret that is set.
        source: Where the value comes from.
        meaning: What it is for.
        default: What it is when nobody sets it, as text.
    """

    name: str
    value: str
    source: str
    meaning: str
    default: str


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
    layers = [("the command line", dict(options or {})), ("the environment", _ours(environ))]
    files = _files(environ, with_dot_env=with_dot_env)
    layers.extend((str(file), _ours(_file_values(file))) for file in files)
    faults: list[str] = []
    warnings: list[str] = []
    for source, values in layers:
        for name in sorted(values.keys() - _FIELDS.keys() - {_ENV_PATH}):
            lines = warnings if source == "the environment" else faults
            lines.append(f"{name} ({source}) is no setting of calndro{_nearest(name)}")
    found = {
        name: (value, src) for src, values in reversed(layers) for name, value in values.items()
    }
    attributes, unread = _read_all(found)
    faults.extend(unread)
    sources = {name: source for name, (_, source) in found.items()}
    settings = Settings(**attributes, sources=sources, warnings=tuple(warnings))
    faults.extend(_contradictions(settings))
    if faults:
        raise SettingsError(tuple(faults))
    return settings


def describe(settings: Settings) -> list[Described]:
    """
    List every setting with its value, source and meaning; secrets are hidden.
    """
    return [
        Described(
            name,
            _shown(field, getattr(settings, field.name)),
            settings.sources.get(name, "default"),
            field.metadata["meaning"],
            _shown(field, field.default),
        )
        for name, field in _FIELDS.items()
    ]


def example() -> str:
    """
    Write a complete ``.env`` file: settings explained and off, blanks at an end in quotes.
    """
    blocks = [
        f"# {row.meaning[0].upper()}{row.meaning[1:]}.\n#{row.name}={value}\n"
        for row in describe(Settings())
        for value in [repr(row.default) if row.default.endswith(" ") else row.default]
    ]
    return "\n".join(blocks)


def store(name: str, value: str) -> Path:
    """
    Keep one setting in the user's own configuration file.

    Returns:
        The file, readable by its owner alone.

    Raises:
        SettingsError: There is no such setting, it can't have this value, or be kept.
    """
    from dotenv import set_key

    if name not in _FIELDS:
        raise SettingsError((f"{name} is no setting of calndro{_nearest(name)}",))
    _, faults = _read_all({name: (value, "the command line")})
    if faults:
        raise SettingsError(tuple(faults))
    file = configuration_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        set_key(file, name, value)
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
    base = Path(given) if given.startswith("/") else Path.home() / fallback
    return base / "calndro"


def _ours(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name.startswith(PREFIX)}


def _files(environ: Mapping[str, str], *, with_dot_env: bool) -> list[Path]:
    named = environ.get(_ENV_PATH)
    paths = [configuration_file()]
    if named:
        if not Path(named).is_file():
            raise SettingsError((f"{_ENV_PATH}: there is no file {named}",))
        paths.insert(0, Path(named))
    elif with_dot_env:
        paths.insert(0, Path(".env"))
    return [path for path in paths if path.is_file()]


def _file_values(path: Path) -> dict[str, str]:
    from dotenv import dotenv_values

    return {
        name: value
        for name, value in dotenv_values(path, interpolate=False).items()
        if value is not None
    }


def _read_all(found: Mapping[str, tuple[str, str]]) -> tuple[dict[str, Any], list[str]]:
    attributes: dict[str, Any] = {}
    problems: list[str] = []
    for name, (written, source) in found.items():
        if name not in _FIELDS:
            continue
        faults = Faults()
        with faults.at(name):
            attributes[_FIELDS[name].name] = _FIELDS[name].metadata["read"](written)
        problems.extend(f"{fault} (set in {source})" for fault in faults.found)
    return attributes, problems


def _contradictions(settings: Settings) -> list[str]:
    found = []
    if settings.email_use_tls and settings.email_use_ssl:
        found.append(f"{PREFIX}EMAIL_USE_TLS and {PREFIX}EMAIL_USE_SSL: set one of them")
    if settings.email_backend is EmailBackend.FILEBASED and settings.email_file_path is None:
        found.append(f"{PREFIX}EMAIL_FILE_PATH: the filebased backend needs a directory")
    if settings.database_engine not in {"", "sqlite", *_DRIVERS}:
        found.append(f"{PREFIX}DATABASE_ENGINE: write sqlite, postgresql or mysql")
    if settings.database_engine and settings.database_url:
        found.append(f"{PREFIX}DATABASE_URL and {PREFIX}DATABASE_ENGINE: set one of them")
    if settings.database_engine and not settings.database_name:
        found.append(f"{PREFIX}DATABASE_NAME: which database of {settings.database_engine}?")
    return found


def _nearest(name: str) -> str:
    close = get_close_matches(name, _FIELDS, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _shown(field: attrs.Attribute[Any], value: Any) -> str:
    if field.metadata["secret"] and value:
        return "*****"
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case tuple():
            return ",".join(value)
        case float():
            return f"{value:g}"
        case _:
            return str(value)
