"""
Letters to administrators about errors.
"""

from __future__ import annotations

import logging
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.entry.alarms import PAUSE, alarms
from calndro.entry.settings import Settings, SettingsError, read_settings
from calndro.entry.values import EmailBackend
from tests.adapters.post_office import PostOffice
from tests.patience import until


if TYPE_CHECKING:
    from email.message import EmailMessage


WHEN = 1_900_000_000.0


def record(after: float = 0.0, *, error: Exception | None = None) -> logging.LogRecord:
    """
    Make what is logged of an error.
    """
    facts = {"name": "x", "levelno": logging.ERROR, "msg": "canary", "created": WHEN + after}
    if error is not None:
        try:
            raise error
        except type(error):
            facts["exc_info"] = (type(error), error, error.__traceback__)
    return logging.makeLogRecord(facts)


def letters(office: PostOffice, count: int) -> list[EmailMessage]:
    """
    Wait for so many letters, and read them.
    """
    until(lambda: len(office.letters) == count)
    return [message_from_bytes(each, policy=policy.default) for each in office.contents]


def settings(office: PostOffice) -> Settings:
    """
    Set administrators and a mail server.
    """
    return read_settings(
        environ={
            "CALNDRO_ADMINS": "Ann <you@here.net>, they@thar.net",
            "CALNDRO_SERVER_EMAIL": "Server <server@example.org>",
            "CALNDRO_EMAIL_BACKEND": "smtp",
            "CALNDRO_EMAIL_HOST": "127.0.0.1",
            "CALNDRO_EMAIL_PORT": str(office.port),
            "CALNDRO_PUBLIC_URL": "https://meet.example.org",
        }
    )


def test_each_administrator_is_told_where_it_happened() -> None:
    """
    A letter tells the kind of an error and its place, and nothing of what it says.
    """
    with PostOffice() as office:
        (alarm,) = alarms(settings(office))
        alarm.handle(record(error=ValueError("canary")))
        found = letters(office, 2)

    assert [each["To"] for each in found] == ["you@here.net", "they@thar.net"]
    assert found[0]["From"] == "server@example.org"
    assert found[0]["Subject"] == "[calndro] an error on the server"
    body = found[0].get_content()
    assert "https://meet.example.org, 2030-03-17T17:46:40" in body
    assert "builtins.ValueError" in body
    assert f"{__file__}, line " in body
    assert "canary" not in "".join(map(str, found))


def test_many_errors_make_few_letters() -> None:
    """
    Within an hour no second letter is written; the next one tells how many were left out.
    """
    with PostOffice() as office:
        (alarm,) = alarms(attrs.evolve(settings(office), admins=("you@here.net",)))
        for after in (0.0, 1.0, PAUSE - 1, PAUSE):
            alarm.handle(record(after))
        bodies = sorted(each.get_content() for each in letters(office, 2))

    assert "2 more were logged since the last letter." in bodies[1]
    assert "It was logged by x." in bodies[0]
    assert "more were" not in bodies[0]


def test_a_mail_server_that_is_away_is_logged_alone(caplog: pytest.LogCaptureFixture) -> None:
    """
    Who can't be written to is no error of the server.
    """
    with PostOffice() as office:
        known = settings(office)
    (alarm,) = alarms(known)
    alarm.handle(record())
    until(lambda: "administrators could not be written to: DeliveryError" in caplog.text)


def test_without_administrators_or_mail_there_is_no_alarm() -> None:
    """
    Only over SMTP, and only who is named, is written to.
    """
    assert alarms(Settings(email_backend=EmailBackend.SMTP)) == []
    assert alarms(Settings(admins=("you@here.net",))) == []
    with pytest.raises(SettingsError) as refused:
        read_settings(environ={"CALNDRO_ADMINS": "you", "CALNDRO_SERVER_EMAIL": "x"})
    assert [fault.partition(":")[0] for fault in refused.value.faults] == [
        "CALNDRO_ADMINS",
        "CALNDRO_SERVER_EMAIL",
    ]
