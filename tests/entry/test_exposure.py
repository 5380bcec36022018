"""
What a server must have before others can reach it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from calndro.core.errors import InvalidInputError, StorageError
from calndro.core.limit import Limits
from calndro.entry.exposure import check_exposure, hosts_of, secret_key
from calndro.entry.settings import Settings, SettingsError, read_settings
from calndro.entry.values import limits_of


if TYPE_CHECKING:
    from pathlib import Path


KEY = "k" * 32
SAFE = Settings(
    secret_key=KEY,
    public_url="https://meet.example.org",
    sources={"CALNDRO_PUBLIC_URL": "the environment"},
)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.3.2.1"])
def test_at_home_nothing_is_needed(host: str) -> None:
    """
    Where only this machine reaches the server it starts without any setting.
    """
    assert check_exposure(Settings(debug=True), host, 1) == []


@pytest.mark.parametrize("host", ["::", "192.0.2.1", "meet.example.org"])
def test_unsafe_settings_are_refused(host: str) -> None:
    """
    Where others reach it a server wants its own key and shows no tracebacks; both are named.
    """
    with pytest.raises(SettingsError) as caught:
        check_exposure(Settings(debug=True), host, 1)

    assert [fault.partition(":")[0] for fault in caught.value.faults] == [
        "CALNDRO_SECRET_KEY",
        "CALNDRO_DEBUG",
    ]
    assert "openssl rand -hex 32" in str(caught.value)
    assert check_exposure(SAFE, host, 1) == []


def test_what_is_warned_of() -> None:
    """
    Links without https and limits that each worker counts alone are pointed out.
    """
    plain = attrs.evolve(SAFE, public_url="http://meet.example.org")
    shared = attrs.evolve(SAFE, limits_url="redis://127.0.0.1")

    assert [each.partition(" ")[0] for each in check_exposure(plain, "192.0.2.1", 2)] == [
        "CALNDRO_PUBLIC_URL",
        "CALNDRO_LIMITS_URL:",
    ]
    assert check_exposure(shared, "192.0.2.1", 2) == []
    assert check_exposure(attrs.evolve(SAFE, rate_limits="off"), "192.0.2.1", 2) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104  it only asks
def test_links_that_lead_nowhere_are_warned_of(host: str) -> None:
    """
    Who listens at all addresses says which of them people reach.
    """
    (warning,) = check_exposure(Settings(secret_key=KEY), host, 1)

    assert warning.startswith("CALNDRO_PUBLIC_URL is not set")
    assert f"http://{host}, which leads nowhere" in warning
    assert check_exposure(SAFE, host, 1) == []


def test_a_key_that_is_set_is_used() -> None:
    """
    A key from the settings goes before any other.
    """
    assert secret_key(SAFE) == KEY


@pytest.mark.parametrize("driver", ["sqlite", "sqlite+pysqlite"])
def test_a_key_is_kept_beside_the_database(tmp_path: Path, driver: str) -> None:
    """
    Without a key one is made once, for its owner's eyes only, and found again.
    """
    settings = Settings(database_url=f"{driver}:///{tmp_path / 'team.db'}")
    made = secret_key(settings)

    assert len(made) == 64
    assert secret_key(settings) == made
    (file,) = tmp_path.iterdir()
    assert file.name == "team.db.key"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", [b"", b"ab12", b"\xff" * 8])
def test_a_key_that_is_cut_short_is_refused(tmp_path: Path, left: bytes) -> None:
    """
    What a full disk left of a key signs nothing.
    """
    (tmp_path / "team.db.key").write_bytes(left)
    with pytest.raises(StorageError, match="is cut short: remove that file"):
        secret_key(Settings(database_url=f"sqlite:///{tmp_path / 'team.db'}"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql+psycopg://x/y"])
def test_without_a_file_a_key_lasts_as_long_as_the_server(url: str) -> None:
    """
    Where there is no file to keep it beside, each start has another key.
    """
    settings = Settings(database_url=url)

    assert secret_key(settings) != secret_key(settings)


def test_a_key_that_cannot_be_kept(tmp_path: Path) -> None:
    """
    A place that can't be written is an error of storage that says so.
    """
    with pytest.raises(StorageError, match="beside the database"):
        secret_key(Settings(database_url=f"sqlite:///{tmp_path}/absent/team.db"))


def test_a_short_key_is_refused_unseen() -> None:
    """
    A key that could be guessed is refused, and the message does not show it.
    """
    with pytest.raises(SettingsError) as caught:
        read_settings(environ={"CALNDRO_SECRET_KEY": "hunter2"})

    assert "CALNDRO_SECRET_KEY" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXIES", "10.0.0.1, proxy"),
        ("RATE_LIMITS", "sometimes"),
        ("RATE_LIMITS", "sign_ins=0"),
        ("RATE_LIMITS", "sign_ins=many"),
        ("RATE_LIMITS", "zaps=3"),
        ("LIMITS_URL", "nowhere://127.0.0.1"),
        ("LIMITS_URL", "redis:///0"),
        ("LIMITS_URL", "async+memory://"),
        ("LOG_FORMAT", "xml"),
        ("METRICS", "perhaps"),
    ],
)
def test_values_that_cannot_be_read(name: str, value: str) -> None:
    """
    What can't be read is refused by the name of the variable.
    """
    with pytest.raises(SettingsError, match=f"CALNDRO_{name}"):
        read_settings(environ={f"CALNDRO_{name}": value})


def test_limits_as_they_are_written() -> None:
    """
    Limits are on, off, or on with some figures of one's own.
    """
    assert limits_of("on") == limits_of("") == Limits()
    assert limits_of(" OFF ") is None
    own = limits_of("sign_ins=3, letters_by_one=500")
    assert own is not None
    assert (own.sign_ins.most, own.letters_by_one.most) == (3, 500)
    assert own.wrong_tokens == Limits().wrong_tokens
    with pytest.raises(InvalidInputError):
        limits_of("sign_ins")


def test_a_server_answers_to_its_public_name_and_at_home() -> None:
    """
    With a public URL only its host, this machine's own names and those allowed answer.
    """
    environ = {"CALNDRO_PUBLIC_URL": "https://meet.example.org:8443"}
    also = environ | {"CALNDRO_ALLOWED_HOSTS": ".here.net"}

    own = ("meet.example.org", "localhost", "127.0.0.1", "::1")
    assert hosts_of(read_settings(environ=environ)) == own
    assert hosts_of(read_settings(environ=also)) == (*own, ".here.net")


def test_without_a_public_name_any_will_do() -> None:
    """
    A server that was told no name answers to every one, or to those allowed and its own.
    """
    allowing = read_settings(environ={"CALNDRO_ALLOWED_HOSTS": "a"})
    announced = attrs.evolve(allowing, public_url="http://192.0.2.1:8000")

    assert hosts_of(read_settings(environ={})) == ()
    assert hosts_of(announced) == ("192.0.2.1", "localhost", "127.0.0.1", "::1", "a")
