from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy

import calndro
from tests.docs.playing import ROOT, blocks
from tests.docs.test_how_to import text_of


if TYPE_CHECKING:
    from pathlib import Path


TEA = "2046-12-04T09:00Z/PT30M"
SHOWN = {"keep": "2046-12-04T09:00:00Z/PT30M", "say": "Tue 4 Dec 2046 09:00-09:30"}


def programs(name: str) -> list[str]:
    """
    Give the programs of a how-to.
    """
    return [block.text for block in blocks(text_of(name)) if block.language == "python"]


def python(site: Path, *words: str) -> str:
    """
    Run Python in the folder of a Django site, every warning an error; give what it printed.
    """
    environ = {
        "HOME": str(site),
        "PYTHONPATH": f"{site}:{ROOT / 'src'}",
        "DJANGO_SETTINGS_MODULE": "office.settings",
    }
    command = [sys.executable, "-W", "error", *words]
    done = subprocess.run(
        command, cwd=site, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """
    Make a Django site, and put into it what the how-to shows.
    """
    pytest.importorskip("django")
    settings, views, urls = programs("embed-in-django")
    command = [sys.executable, "-m", "django", "startproject", "office", "."]
    subprocess.run(command, cwd=tmp_path, check=True)
    office = tmp_path / "office"
    with (office / "settings.py").open("a") as file:
        file.write(settings)
    (office / "views.py").write_text(views)
    (office / "urls.py").write_text(urls)
    return tmp_path


def visit(site: Path) -> None:
    """
    See that the site shows, takes answers and refuses as the how-to promises.
    """
    python(site, "manage.py", "migrate")
    anonymous, *answers, shown, absent = json.loads(
        python(site, str(ROOT / "tests" / "docs" / "django_visit.py"))
    )

    assert anonymous == 302
    assert [answer[:2] for answer in answers] == [
        ["them@whar.net", 403],
        ["them@whar.net", 403],
        ["they@thar.net", 400],
        ["they@thar.net", 200],
    ]
    assert shown == {
        "title": "Tea",
        "status": "agreed",
        "zone": "UTC",
        "slots": [SHOWN],
        "waiting_on": [],
    }
    assert absent == 403
    assert "No changes detected" in python(site, "manage.py", "makemigrations", "--check")


@pytest.mark.slow
def test_a_django_site_shows_and_answers(site: Path) -> None:
    """
    What the page shows makes a site in which people look and answer.
    """
    visit(site)


@pytest.mark.slow
@pytest.mark.service
def test_django_and_calndro_share_a_database(site: Path, clean_postgres: str) -> None:
    """
    On a server both keep their tables in one database, and neither minds the other's.
    """
    url = sqlalchemy.make_url(clean_postgres)
    default = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.database,
        "USER": url.username,
        "PASSWORD": url.password or "",
        "HOST": url.host,
        "PORT": url.port or "",
    }
    with (site / "office" / "settings.py").open("a") as file:
        file.write(f"CALNDRO_URL = {clean_postgres!r}\nDATABASES['default'] = {default!r}\n")

    visit(site)

    python(site, "manage.py", "flush", "--no-input")
    python(site, "manage.py", "migrate", "auth", "zero")
    with calndro.connect(clean_postgres, acting_as="they@thar.net") as desk:
        assert [(event.title, event.status) for event in desk.events()] == [("Tea", "agreed")]


def test_a_fastapi_application_shows_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    What the page shows is an application in which people look and answer.
    """
    fastapi = pytest.importorskip("fastapi")
    testclient = pytest.importorskip("fastapi.testclient")
    monkeypatch.setenv("OFFICE_SECRET", "a" * 64)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "office"}
    [program] = programs("embed-in-fastapi")
    exec(program, names)  # noqa: S102  the pages are our own

    def sign_in(request: Any, address: str) -> None:
        request.session["address"] = address

    sign_in.__annotations__["request"] = fastapi.Request
    names["app"].post("/sign-in")(sign_in)
    with names["at_a_desk"]("you@here.net") as desk:
        event = desk.propose(title="Tea", parties=["they@thar.net"], slots=[TEA])
    page = f"/appointments/{event.id}"

    with testclient.TestClient(names["app"]) as client:

        def answer(address: str, slot: str) -> int:
            client.post("/sign-in", params={"address": address})
            status: int = client.post(f"{page}/answer", json={"keep": [slot]}).status_code
            return status

        assert client.get(page).status_code == 401
        assert answer("them@whar.net", TEA) == 403
        assert client.get("/appointments").json() == []
        assert answer("they@thar.net", "someday") == 400
        assert answer("they@thar.net", TEA) == 200
        assert [each["status"] for each in client.get("/appointments").json()] == ["agreed"]
        shown = client.get(page).json()
        assert (shown["zone"], shown["slots"]) == ("UTC", [SHOWN])
        assert answer("they@thar.net", shown["slots"][0]["keep"]) == 200
        assert client.get("/appointments/99").status_code == 403
