"""
Settings: where they come from, what they say when they can't be read.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

import attrs
import pytest

from calndro.entry.described import describe, example
from calndro.entry.settings import (
    Settings,
    SettingsError,
    configuration_file,
    read_settings,
    store,
)
from calndro.entry.values import EmailBackend


@pytest.fixture(autouse=True)
def _own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_defaults_work_without_any_setting() -> None:
    """
    With nothing set, calndro works on the embedded database and shows letters.
    """
    settings = read_settings(environ={})

    assert settings.database.startswith("sqlite:///")
    assert settings.database.endswith("/calndro/calndro.db")
    assert settings.email_backend is EmailBackend.CONSOLE
    assert settings == Settings()


def test_the_earlier_source_wins(tmp_path: Path) -> None:
    """
    Options win over the environment, that over a named file, that over one's own file.
    """
    store("CALNDRO_USER", "own@here.net")
    store("CALNDRO_EMAIL_HOST", "own.here.net")
    named = tmp_path / "named.env"
    named.write_text("CALNDRO_EMAIL_HOST=named.here.net\nCALNDRO_EMAIL_PORT=26\nOTHER=1\n")
    environ = {"CALNDRO_ENV_PATH": str(named), "CALNDRO_EMAIL_PORT": "27", "CALNDRO_DEBUG": "no"}

    settings = read_settings({"CALNDRO_DEBUG": "yes"}, environ=environ)

    assert settings.user == "own@here.net"
    assert settings.email_host == "named.here.net"
    assert settings.email_port == 27
    assert settings.debug is True
    sources = {row.name: row.source for row in describe(settings)}
    assert sources["CALNDRO_USER"] == str(configuration_file())
    assert sources["CALNDRO_EMAIL_HOST"] == str(named)
    assert sources["CALNDRO_EMAIL_PORT"] == "the environment"
    assert sources["CALNDRO_DEBUG"] == "the command line"
    assert sources["CALNDRO_MAX_SLOTS"] == "default"


def test_dot_env_is_read_only_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    ``./.env`` is a server's file: other commands don't pick it up by accident.
    """
    (tmp_path / ".env").write_text("CALNDRO_MAX_SLOTS=5\n")
    monkeypatch.chdir(tmp_path)

    assert read_settings(environ={}).max_slots == 30
    assert read_settings(environ={}, with_dot_env=True).max_slots == 5


def test_every_fault_is_named_at_once_with_variable_and_source() -> None:
    """
    Bad values are errors that name variable, mend and source, all of them together.
    """
    environ = {
        "CALNDRO_USER": "nobody",
        "CALNDRO_DEFAULT_FROM_EMAIL": "Desk",
        "CALNDRO_EMAIL_PORT": "0x19",
        "CALNDRO_MAX_SLOTS": "31",
        "CALNDRO_DEBUG": "perhaps",
        "CALNDRO_EMAIL_BACKEND": "pigeon",
        "CALNDRO_EMAILTOKEN_EXPIRATION_DAYS": "-1",
        "CALNDRO_EMAIL_TIMEOUT": "soon",
        "CALNDRO_PUBLIC_URL": "meet.example.org",
        "CALNDRO_BROKER_URL": "https://rabbit.example.org",
    }

    with pytest.raises(SettingsError) as refused:
        read_settings(environ=environ)

    assert len(refused.value.faults) == len(environ)
    for name in environ:
        (fault,) = [fault for fault in refused.value.faults if fault.startswith(f"{name}: ")]
        assert "write " in fault or "address" in fault
        assert fault.endswith("(set in the environment)")


def test_unknown_names_are_pointed_out(tmp_path: Path) -> None:
    """
    An unknown name is an error in a file and a warning in the environment.
    """
    warned = read_settings(environ={"CALNDRO_MAXSLOTS": "5", "OTHER": "x"})
    file = tmp_path / "x.env"
    file.write_text("CALNDRO_EMIAL_HOST=localhost\n")

    assert len(warned.warnings) == 1
    assert "did you mean CALNDRO_MAX_SLOTS?" in warned.warnings[0]
    with pytest.raises(SettingsError, match="did you mean CALNDRO_EMAIL_HOST"):
        read_settings(environ={"CALNDRO_ENV_PATH": str(file)})


def test_an_absent_file_is_an_error() -> None:
    """
    A file that CALNDRO_ENV_PATH names must be there.
    """
    with pytest.raises(SettingsError, match="there is no file"):
        read_settings(environ={"CALNDRO_ENV_PATH": "/nowhere/at.all"})


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"EMAIL_USE_TLS": "1", "EMAIL_USE_SSL": "1"}, "EMAIL_USE_SSL"),
        ({"EMAIL_BACKEND": "filebased"}, "EMAIL_FILE_PATH"),
        ({"DATABASE_ENGINE": "oracle", "DATABASE_NAME": "x"}, "DATABASE_ENGINE"),
        ({"DATABASE_ENGINE": "sqlite", "DATABASE_NAME": "x", "DATABASE_URL": "y"}, "DATABASE_URL"),
        ({"DATABASE_ENGINE": "postgresql"}, "DATABASE_NAME"),
        ({"DATABASE_HOST": "db"}, "DATABASE_ENGINE"),
        ({"DATABASE_NAME": "c"}, "DATABASE_ENGINE"),
        ({"DATABASE_USER": "me"}, "DATABASE_ENGINE"),
    ],
)
def test_contradictions_are_refused(environ: dict[str, str], named: str) -> None:
    """
    Settings that can't go together are an error that names them.
    """
    with pytest.raises(SettingsError, match=f"CALNDRO_{named}"):
        read_settings(environ={f"CALNDRO_{name}": value for name, value in environ.items()})


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        ({"engine": "sqlite", "name": "/var/lib/c.db"}, "sqlite:////var/lib/c.db"),
        (
            {"engine": "postgresql", "name": "c", "user": "me", "password": "p@ss/w"},
            "postgresql+psycopg://me:p%40ss%2Fw@localhost/c",
        ),
        (
            {"engine": "mysql", "name": "c", "user": "me", "host": "db", "port": "3307"},
            "mysql+pymysql://me@db:3307/c",
        ),
        (
            {"engine": "postgresql", "name": "what?", "user": "me", "host": "::1"},
            "postgresql+psycopg://me@[::1]/what%3F",
        ),
        (
            {"engine": "postgresql", "name": "c", "host": "/run/postgresql", "port": "5433"},
            "postgresql+psycopg://:5433/c?host=%2Frun%2Fpostgresql",
        ),
        (
            {"engine": "mysql", "name": "c", "host": "/run/mysqld/mysqld.sock"},
            "mysql+pymysql:///c?unix_socket=%2Frun%2Fmysqld%2Fmysqld.sock",
        ),
    ],
)
def test_a_url_is_put_together_from_its_parts(parts: dict[str, str], url: str) -> None:
    """
    The original's separate database settings give the URL they mean.
    """
    environ = {f"CALNDRO_DATABASE_{name.upper()}": value for name, value in parts.items()}

    assert read_settings(environ=environ).database == url


def test_what_is_no_path_is_one_fault() -> None:
    """
    A setting that can't be read is not said to be missing besides.
    """
    environ = {"CALNDRO_EMAIL_BACKEND": "filebased", "CALNDRO_EMAIL_FILE_PATH": "~nosuch/x"}

    with pytest.raises(SettingsError) as refused:
        read_settings(environ=environ)

    (fault,) = refused.value.faults
    assert "write the path in full" in fault


def test_what_contradicts_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A setting that would have every command refused is not stored; an older fault is no reason.
    """
    with pytest.raises(SettingsError, match="EMAIL_FILE_PATH: the filebased backend needs"):
        store("CALNDRO_EMAIL_BACKEND", "filebased")
    assert not configuration_file().exists()

    monkeypatch.setenv("CALNDRO_EMAIL_BACKEND", "filebased")
    store("CALNDRO_MAX_SLOTS", "5")
    store("CALNDRO_EMAIL_FILE_PATH", "/var/mail")
    store("CALNDRO_EMAIL_BACKEND", "filebased")


def test_options_are_named_as_they_are_written() -> None:
    """
    What the command line says is refused by the name of its option.
    """
    options = {"CALNDRO_USER": "nonsense", "CALNDRO_SERVER": "x"}

    with pytest.raises(SettingsError) as refused:
        read_settings(options, environ={})

    assert [fault.partition(": ")[0] for fault in refused.value.faults] == ["--as", "--server"]
    assert "CALNDRO" not in str(refused.value)


def test_secrets_are_never_shown() -> None:
    """
    Neither the description nor the repr of settings shows a secret.
    """
    settings = read_settings(
        environ={
            "CALNDRO_EMAIL_HOST_PASSWORD": "canary-1",
            "CALNDRO_DATABASE_URL": "postgresql://me:canary-2@db/c",
            "CALNDRO_BROKER_URL": "amqp://me:canary-3@rabbit//",
        }
    )

    shown = repr(settings) + "".join(map(str, describe(settings)))
    assert "canary" not in shown
    assert "*****" in shown


def test_the_example_is_complete_and_good(tmp_path: Path) -> None:
    """
    The example file explains every setting, and its values read back as the defaults.
    """
    file = tmp_path / "all.env"
    file.write_text(example().replace("#CALNDRO_", "CALNDRO_"))
    found = read_settings(environ={"CALNDRO_ENV_PATH": str(file)})

    names = {row.name for row in describe(Settings())}
    assert {name for name, source in found.sources.items() if source == str(file)} == names
    assert found == Settings()


def test_store_refuses_what_it_could_not_read_back() -> None:
    """
    Only a setting that exists, with a value it can have, is kept.
    """
    with pytest.raises(SettingsError, match="no setting"):
        store("CALNDRO_USR", "x")
    with pytest.raises(SettingsError, match="true or false"):
        store("CALNDRO_DEBUG", "maybe")
    path = store("CALNDRO_DEBUG", "true")

    assert path.stat().st_mode & 0o077 == 0
    assert read_settings(environ={}).debug is True


def test_a_kept_setting_is_for_its_owner_alone(tmp_path: Path) -> None:
    """
    A file that others could read becomes its owner's; one behind a link stays behind it.
    """
    real = tmp_path / "dotfiles.env"
    real.write_text("CALNDRO_MAX_SLOTS=5\n")
    real.chmod(0o644)
    configuration_file().parent.mkdir(parents=True)
    configuration_file().symlink_to(real)
    store("CALNDRO_PASSWORD", "secret")

    assert configuration_file().is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert read_settings(environ={}).max_slots == 5
    assert read_settings(environ={}).password == "secret"


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        (b"CALNDRO_MAX_SLOTS=5\n\n\nCALNDRO_USER you@here.net\n", 4, "write NAME=value"),
        (b"CALNDRO_PASSWORD='secret\n", 1, "end what quotes begin"),
        (b"# ok\nCALNDRO_PASSWORD=secr\xe9t\n", 2, "no UTF-8"),
    ],
)
def test_a_line_that_is_none_is_named(content: bytes, line: int, why: str) -> None:
    """
    A file that holds what is no setting is refused with its name and the line, unseen.
    """
    file = configuration_file()
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    for act in (lambda: read_settings(environ={}), lambda: store("CALNDRO_DEBUG", "1")):
        with pytest.raises(SettingsError, match=why) as refused:
            act()
        assert str(refused.value).startswith(f"{file}, line {line}: ")
        assert "secr" not in str(refused.value)


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_file_that_cannot_be_read_is_named(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A file that its user may not read, or not even see, is an error that names it.
    """
    file = store("CALNDRO_DEBUG", "1")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    # Root reads everything, so the system is made to refuse.
    monkeypatch.setattr(Path, "read_bytes" if place == "file" else "stat", refuse)
    with pytest.raises(SettingsError, match="it can't be read: Permission denied") as refused:
        read_settings(environ={})
    assert str(refused.value).startswith(f"{file}: ")
    monkeypatch.undo()


def test_a_pipe_is_read_and_a_folder_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Settings may come out of another program; an environment in a folder ``.env`` holds none.
    """
    (tmp_path / ".env").mkdir()
    monkeypatch.chdir(tmp_path)
    pipe, for_writing = os.pipe()
    os.write(for_writing, b"CALNDRO_MAX_SLOTS=5\n")
    os.close(for_writing)
    try:
        from_pipe = read_settings(environ={"CALNDRO_ENV_PATH": f"/dev/fd/{pipe}"})
    finally:
        os.close(pipe)

    assert from_pipe.max_slots == 5
    assert read_settings(environ={}, with_dot_env=True) == Settings()


def test_without_a_home_the_mend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Who has no home is told which variable says where files are.
    """

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(SettingsError, match="HOME: set it, or XDG_CONFIG_HOME"):
        read_settings(environ={})


def test_every_setting_says_what_it_is_for() -> None:
    """
    No setting lacks a meaning.
    """
    names = [field.name for field in attrs.fields(Settings) if field.name not in _OWN]

    assert [row.name for row in describe(Settings())] == [f"CALNDRO_{n.upper()}" for n in names]
    assert all(row.meaning for row in describe(Settings()))


_OWN = {"sources", "warnings"}


@pytest.mark.parametrize("relative", ["", "relative/path"])
def test_xdg_paths_must_be_absolute(relative: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    An empty or relative XDG variable is as good as none, as its specification says.
    """
    monkeypatch.setenv("XDG_CONFIG_HOME", relative)

    assert configuration_file() == Path.home() / ".config/calndro/calndro.env"
