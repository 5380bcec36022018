"""
The composition root: from settings, or from an address alone, to working services.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, TextIO, overload

from calndro.adapters.passwords import Argon2Passwords, RememberingPasswords
from calndro.adapters.system import SystemClock, SystemSecrets, rest
from calndro.core.errors import DeliveryError, Faults, InvalidInputError
from calndro.core.limit import Limits
from calndro.entry.local import LocalCoordinator
from calndro.entry.remote import connect_to_server
from calndro.entry.values import EmailBackend, limits_of, public_address
from calndro.usecases import accounts
from calndro.usecases.services import Services, Terms, Unlimited


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from calndro.adapters.http_client import HttpCoordinator
    from calndro.adapters.letter import Letterhead
    from calndro.adapters.memory import MemoryStorage
    from calndro.adapters.smtp import SmtpServer
    from calndro.adapters.sql.storage import SqlStorage
    from calndro.core.event import Event
    from calndro.core.slot import Slot
    from calndro.entry.settings import Settings
    from calndro.ports.clock import Clock
    from calndro.ports.limiter import Limiter
    from calndro.ports.notifier import Notifier


MEMORY = "memory://"

_KEY_BYTES = 32


@overload
def connect(
    url: str,
    *,
    acting_as: str,
    staff: bool = ...,
    notifier: Callable[[], Notifier] | None = ...,
    public_url: str | None = ...,
) -> LocalCoordinator: ...


@overload
def connect(url: str, *, acting_as: str, password: str) -> HttpCoordinator: ...


@overload
def connect(url: str, *, api_token: str) -> HttpCoordinator: ...


@overload
def connect(url: str, *, email_token: str) -> HttpCoordinator: ...


def connect(
    url: str,
    *,
    acting_as: str | None = None,
    staff: bool = False,
    notifier: Callable[[], Notifier] | None = None,
    public_url: str | None = None,
    password: str | None = None,
    api_token: str | None = None,
    email_token: str | None = None,
) -> LocalCoordinator | HttpCoordinator:
    """
    Open a database and act in it, or act at a server; reads no environment.

    Args:
        url: ``memory://``, any SQLAlchemy URL: ``sqlite:///team.db`` (created with its
            schema if absent), ``postgresql+psycopg://…``, or where a server is:
            ``https://…``.
        acting_as: The email address to act as; in a database made a registered user if
            need be.
        staff: Whether to act with staff rights in a database; at a server the account
            decides.
        notifier: Makes what carries the letters of ``desk.deliver()``; without it they
            wait in the outbox for ``calndro deliver``.
        public_url: Where people reach the pages of this database, for calendar files.
        password: At a server, of the account acted as.
        api_token: At a server, a token of an account, instead.
        email_token: At a server, the token of a letter, instead.

    Returns:
        A coordinator, to be closed or used in a ``with`` statement.

    Raises:
        InvalidInputError: The address or the URL is no good.
        StorageError: The database is away, or its schema is not the one wanted.
    """
    if url.lower().startswith(("http://", "https://")):
        return connect_to_server(
            url,
            acting_as=acting_as,
            password=password,
            api_token=api_token,
            email_token=email_token,
        )
    if acting_as is None:
        raise InvalidInputError.of("say who acts", "acting_as")
    known = _defaults(public_url)
    with ExitStack() as opened:
        storage = opened.enter_context(_storage(url))
        services = Services(
            unit_of_work=storage.unit_of_work,
            snapshot=storage.snapshot,
            notifier=notifier or _nobody,
            clock=SystemClock(),
            secrets=SystemSecrets(),
            passwords=Argon2Passwords(),
            scrub=storage.scrub,
            check=storage.check,
            rest=rest,
        )
        caller = accounts.act_locally(services, acting_as, staff=staff)
        return LocalCoordinator(services, caller, opened.pop_all().close, _calendars(known))


@contextmanager
def open_services(
    settings: Settings, stream: TextIO, *, serves: bool = False
) -> Iterator[Services]:
    """
    Wire the ports as the settings say, and close what was opened at the end.

    Args:
        settings: As read.
        stream: Where the console backend writes letters.
        serves: Whether others reach these services, so that limits hold.

    Raises:
        InvalidInputError: The database's URL is no good.
        SettingsError: Limits can't be counted where the settings say.
        StorageError: The database is away, or its schema is not the one wanted.
    """
    clock = SystemClock()
    with ExitStack() as opened:
        with naming_database(settings):
            storage = opened.enter_context(_storage(settings.database))
        yield Services(
            unit_of_work=storage.unit_of_work,
            snapshot=storage.snapshot,
            notifier=_notifier(settings, clock, stream),
            clock=clock,
            secrets=SystemSecrets(),
            passwords=RememberingPasswords(clock, SystemSecrets().draw(_KEY_BYTES)),
            scrub=storage.scrub,
            check=storage.check,
            rest=rest,
            limiter=_limiter(settings) if serves else Unlimited(),
            ring=opened.enter_context(open_bell(settings)) if serves else _silently,
            terms=Terms(
                limits=limits_of(settings.rate_limits) or Limits(),
                limits_letters=limits_of(settings.rate_limits) is not None,
                most_slots=settings.max_slots,
                token_life=timedelta(days=settings.emailtoken_expiration_days),
                notify_on_agreement=settings.notify_on_agreement,
            ),
        )


@contextmanager
def open_bell(settings: Settings) -> Iterator[Callable[[], None]]:
    """
    Give what wakes a worker of the broker, if there is one.

    Raises:
        InvalidInputError: What speaks to the broker is not installed.
    """
    if not settings.broker_url:
        yield _silently
        return
    try:
        from calndro.adapters.celery import CeleryBell
    except ImportError as error:
        raise InvalidInputError.of(
            "a broker needs Celery: pip install 'calndro[celery]'", "CALNDRO_BROKER_URL"
        ) from error
    with CeleryBell(settings.broker_url) as bell:
        yield bell.ring


def open_desk(
    services: Services, settings: Settings, acting_as: str, *, staff: bool
) -> LocalCoordinator:
    """
    Act for one user with services that somebody else closes.

    Args:
        services: The ports.
        settings: Those that the services were made from.
        acting_as: The user's address.
        staff: Whether to act with staff rights.

    Raises:
        InvalidInputError: That is no email address.
    """
    caller = accounts.act_locally(services, acting_as, staff=staff)
    return LocalCoordinator(services, caller, lambda: None, _calendars(settings))


def _defaults(public_url: str | None) -> Settings:
    """
    Give the settings of who has read none.
    """
    from calndro.entry.settings import Settings

    if public_url is None:
        return Settings()
    faults = Faults()
    with faults.at("public_url"):
        public_url = public_address(public_url)
    faults.settle()
    return Settings(public_url=public_url)


def _calendars(settings: Settings) -> Callable[[Event, Slot | None, datetime], bytes]:
    def draw(event: Event, cancelled: Slot | None, now: datetime) -> bytes:
        # Most commands write no calendar file.
        from calndro.adapters.calendar import calendar_of

        organizer = letterhead(settings).from_address.address
        return calendar_of(
            event, cancelled, public_url=settings.public_url, organizer=organizer, now=now
        )

    return draw


def letterhead(settings: Settings) -> Letterhead:
    """
    Say what all letters of this instance share.
    """
    from calndro.adapters.calendar import invite
    from calndro.adapters.letter import Letterhead

    return Letterhead(
        public_url=settings.public_url,
        from_address=settings.default_from_email,
        subject_prefix=settings.email_subject_prefix,
        use_localtime=settings.email_use_localtime,
        invite=invite,
    )


def _limiter(settings: Settings) -> Limiter:
    if limits_of(settings.rate_limits) is None:
        return Unlimited()
    from calndro.adapters.limiting import MEMORY as IN_MEMORY
    from calndro.adapters.limiting import WindowLimiter
    from calndro.entry.settings import SettingsError

    try:
        return WindowLimiter(settings.limits_url or IN_MEMORY)
    except InvalidInputError as error:
        raise SettingsError((f"CALNDRO_LIMITS_URL: {error}",)) from error


@contextmanager
def naming_database(settings: Settings) -> Iterator[None]:
    """
    Let whoever refuses the database's URL name the setting that it comes from.
    """
    from calndro.entry.settings import COMMAND_LINE, OPTIONS

    try:
        yield
    except InvalidInputError as error:
        name = "CALNDRO_DATABASE_URL" if settings.database_url else "CALNDRO_DATABASE_ENGINE"
        is_asked = settings.sources.get(name) == COMMAND_LINE
        raise error.under(OPTIONS.get(name, name) if is_asked else name) from error


def _storage(url: str) -> AbstractContextManager[MemoryStorage | SqlStorage]:
    if url == MEMORY:
        from calndro.adapters.memory import MemoryStorage

        return nullcontext(MemoryStorage())
    from calndro.adapters.sql.storage import SqlStorage

    return SqlStorage(url)


def _notifier(settings: Settings, clock: Clock, stream: TextIO) -> Callable[[], Notifier]:
    if settings.email_backend is EmailBackend.SMTP:
        return _smtp(settings, clock)

    def make() -> Notifier:
        # Most commands send no letter, and need not know what one looks like.
        from calndro.adapters import mailbox

        match settings.email_backend:
            case EmailBackend.DUMMY:
                return mailbox.DummyNotifier()
            case EmailBackend.CONSOLE:
                return mailbox.ConsoleNotifier(letterhead(settings), clock, stream)
            case EmailBackend.FILEBASED if settings.email_file_path is not None:
                return mailbox.FileNotifier(letterhead(settings), clock, settings.email_file_path)
            case _:
                return mailbox.LocmemNotifier(letterhead(settings), clock)

    return cache(make) if settings.email_backend is EmailBackend.LOCMEM else make


def mail_server(settings: Settings) -> SmtpServer:
    """
    Say where letters are handed over, and how.
    """
    from calndro.adapters.smtp import SmtpServer

    return SmtpServer(
        host=settings.email_host,
        port=settings.email_port,
        user=settings.email_host_user,
        password=settings.email_host_password,
        timeout=settings.email_timeout,
        use_tls=settings.email_use_tls,
        use_ssl=settings.email_use_ssl,
        ssl_keyfile=settings.email_ssl_keyfile,
        ssl_certfile=settings.email_ssl_certfile,
        ssl_cafile=settings.email_ssl_cafile,
    )


def _smtp(settings: Settings, clock: Clock) -> Callable[[], Notifier]:
    from calndro.adapters.smtp import SmtpNotifier

    server = mail_server(settings)
    return lambda: SmtpNotifier(letterhead(settings), clock, server)


def _silently() -> None:
    """
    Wake nobody.
    """


def _nobody() -> Notifier:
    raise DeliveryError("connect() was given no notifier, so letters wait for calndro deliver")
