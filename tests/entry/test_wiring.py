"""
From settings, or an address alone, to working services.
"""

from __future__ import annotations

import io
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

import calndro
from calndro.adapters.celery import CeleryBell
from calndro.adapters.mailbox import ConsoleNotifier, DummyNotifier, FileNotifier, LocmemNotifier
from calndro.adapters.memory import MemoryNotifier
from calndro.adapters.smtp import SmtpNotifier
from calndro.core.errors import DeliveryError, InvalidInputError, StorageError
from calndro.core.limit import Limit
from calndro.entry.settings import Settings, SettingsError, read_settings
from calndro.entry.values import EmailBackend
from calndro.entry.wiring import connect, letterhead, open_desk, open_services
from calndro.usecases import accounts, administering


if TYPE_CHECKING:
    from pathlib import Path


YOU, THEY = "you@here.net", "they@thar.net"


def test_connect_creates_an_absent_file_with_its_schema(tmp_path: Path) -> None:
    """
    A SQLite file that isn't there is made, and what is stored stays.
    """
    url = f"sqlite:///{tmp_path / 'team.db'}"
    with connect(url, acting_as=YOU) as desk:
        desk.propose(parties=[YOU], slots=[])
    with connect(url, acting_as=YOU) as desk:
        assert [event.id for event in desk.events()] == [1]


def test_connect_reads_no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    What the environment says is for programs, not for those who import the library.
    """
    monkeypatch.setenv("CALNDRO_MAX_SLOTS", "nonsense")
    monkeypatch.setenv("CALNDRO_DATABASE_URL", "sqlite:////nowhere/at/all.db")

    with connect(f"sqlite:///{tmp_path / 'x.db'}", acting_as=YOU) as desk:
        assert list(desk.events()) == []


def test_connect_refuses_what_it_cannot_open(tmp_path: Path) -> None:
    """
    A bad address, a bad URL and a database that isn't there are told apart.
    """
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InvalidInputError):
        connect("memory://", acting_as="nobody")
    with pytest.raises(InvalidInputError):
        connect("no url at all", acting_as=YOU)
    with pytest.raises(StorageError):
        connect(f"sqlite:///{tmp_path}/file/x.db", acting_as=YOU)


def test_local_entries_say_so() -> None:
    """
    Whoever opens the database itself is marked in the log.
    """
    with connect("memory://", acting_as=YOU) as desk:
        event = desk.propose(parties=[YOU], slots=[])
        assert [entry.data["via"] for entry in desk.log(event.id)] == ["local"]


def test_letters_wait_without_a_notifier_and_go_with_one() -> None:
    """
    A desk without a notifier says that letters wait; one with a notifier delivers them.
    """
    carrier = MemoryNotifier()
    for notifier in (None, lambda: carrier):
        with connect("memory://", acting_as=YOU, notifier=notifier) as desk:
            event = desk.propose(parties=[YOU, THEY], slots=["2096-12-01T09:00Z/PT30M"])
            desk.notify(event.id, [THEY], event.slots)
            if notifier is None:
                with pytest.raises(DeliveryError, match="no notifier"):
                    desk.deliver()
            else:
                assert [delivery.recipient for delivery in desk.deliver(event.id)] == [THEY]
    assert [dispatch.recipient for dispatch in carrier.delivered] == [THEY]


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({}, ConsoleNotifier),
        ({"CALNDRO_EMAIL_BACKEND": "dummy"}, DummyNotifier),
        ({"CALNDRO_EMAIL_BACKEND": "locmem"}, LocmemNotifier),
        ({"CALNDRO_EMAIL_BACKEND": "smtp"}, SmtpNotifier),
        (
            {"CALNDRO_EMAIL_BACKEND": "filebased", "CALNDRO_EMAIL_FILE_PATH": "/nowhere"},
            FileNotifier,
        ),
    ],
)
def test_each_backend_gives_its_notifier(environ: dict[str, str], kind: type) -> None:
    """
    The setting chooses what carries the letters.
    """
    settings = read_settings({"CALNDRO_DATABASE_URL": "memory://"}, environ=environ)

    with open_services(settings, io.StringIO()) as services:
        assert isinstance(services.notifier(), kind)


def test_terms_follow_the_settings() -> None:
    """
    What an operator has set is what the use cases go by.
    """
    settings = Settings(
        database_url="memory://",
        max_slots=2,
        emailtoken_expiration_days=0.5,
        notify_on_agreement=False,
    )

    with open_services(settings, io.StringIO()) as services:
        assert services.terms.token_life == timedelta(hours=12)
        assert services.terms.notify_on_agreement is False
        desk = open_desk(services, settings, YOU, staff=False)
        with pytest.raises(calndro.TooManySlotsError):
            desk.propose(parties=[YOU], slots=[f"2096-12-0{day}T09:00Z/PT30M" for day in (1, 2, 3)])


def test_a_letter_reaches_the_stream_of_the_console_backend() -> None:
    """
    The console backend writes to the stream that it was wired with.
    """
    stream = io.StringIO()
    settings = Settings(database_url="memory://", public_url="https://meet.example.org")

    with (
        open_services(settings, stream) as services,
        open_desk(services, settings, YOU, staff=True) as desk,
    ):
        event = desk.propose(parties=[THEY], slots=["2096-12-01T09:00Z/PT30M"], title="Tea")
        desk.notify(event.id, [THEY], event.slots)
        desk.deliver()

    assert "https://meet.example.org/1/?et=" in stream.getvalue()
    assert "Tea" in stream.getvalue()


def test_the_smtp_settings_reach_the_notifier() -> None:
    """
    A mail server that isn't there leaves the letter waiting, with a reason.
    """
    settings = Settings(
        database_url="memory://", email_backend=EmailBackend.SMTP, email_port=9, email_timeout=0.5
    )

    with (
        open_services(settings, io.StringIO()) as services,
        open_desk(services, settings, YOU, staff=True) as desk,
    ):
        event = desk.propose(parties=[THEY], slots=[])
        desk.notify(event.id, [THEY], event.slots)
        (delivery,) = desk.deliver()

    assert delivery.outcome is None
    assert delivery.reason


def test_a_broker_is_rung_by_what_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A server rings the broker that is named; commands, and who names none, ring nobody.
    """
    rung = []

    def ring(bell: CeleryBell) -> None:
        rung.append(bell)

    monkeypatch.setattr(CeleryBell, "ring", ring)
    named = Settings(database_url="memory://", broker_url="memory://")
    for settings, serves, count in (
        (Settings(database_url="memory://"), True, 0),
        (named, False, 0),
        (named, True, 1),
    ):
        with open_services(settings, io.StringIO(), serves=serves) as services:
            services.ring()
        assert len(rung) == count


def test_a_broker_without_celery_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A server that could never ring does not start, and says what to install.
    """
    monkeypatch.setitem(sys.modules, "calndro.adapters.celery", None)
    settings = Settings(database_url="memory://", broker_url="redis://127.0.0.1:6379/0")
    with (
        pytest.raises(InvalidInputError, match=r"calndro\[celery\]"),
        open_services(settings, io.StringIO(), serves=True),
    ):
        pass


def test_the_letterhead_follows_the_settings() -> None:
    """
    Links, sender and subjects come from the settings.
    """
    head = letterhead(
        Settings(
            public_url="https://meet.example.org",
            default_from_email="desk@example.org",
            email_subject_prefix="[x] ",
        )
    )

    assert head.public_url == "https://meet.example.org"
    assert head.from_address.address == "desk@example.org"
    assert head.subject_prefix == "[x] "


def test_a_dismissed_user_is_not_woken_by_acting_locally() -> None:
    """
    Acting as somebody who was dismissed does not lift the dismissal.
    """
    with connect("memory://", acting_as=YOU, staff=True) as desk:
        desk.acting_as(THEY).propose(parties=[THEY], slots=[])
        accounts.deactivate(desk.services, desk.caller, THEY)
        desk.acting_as(THEY).propose(parties=[THEY], slots=[])
        (they,) = [
            user
            for user in administering.find_users(desk.services, desk.caller)
            if str(user.address) == THEY
        ]

    assert not they.active
    assert they.barred


def test_looking_makes_no_account() -> None:
    """
    Whoever opens a database and only looks is no user of it afterwards.
    """
    with connect("memory://", acting_as=YOU, staff=True) as desk:
        assert list(desk.events()) == []
        assert administering.find_users(desk.services, desk.caller) == []
        desk.propose(parties=[THEY], slots=[])
        users = administering.find_users(desk.services, desk.caller)
        assert {str(user.address): user.active for user in users} == {YOU: True, THEY: False}


def test_where_limits_are_counted_is_known_at_the_start() -> None:
    """
    A server whose limits have an option that nobody knows doesn't start, and names the variable.
    """
    environ = {"CALNDRO_LIMITS_URL": "redis://127.0.0.1:1/0?zap=1", "CALNDRO_RATE_LIMITS": "on"}
    settings = read_settings(environ=environ | {"CALNDRO_DATABASE_URL": "memory://"})

    with (
        pytest.raises(SettingsError, match=r"CALNDRO_LIMITS_URL: .*'zap'"),
        open_services(settings, io.StringIO(), serves=True),
    ):
        pytest.fail("it started")
    with open_services(settings, io.StringIO()) as services:
        assert services.limiter.wait(Limit("tries", 1, 1), "k") == 0
