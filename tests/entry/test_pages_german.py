"""
Who asks for German gets German, whatever the page and whatever has happened.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest

from calndro.core.audit import Finding, Verdict
from calndro.core.errors import KeyReusedError, StaleRevisionError, StorageError, TooManyError
from calndro.core.token import digest_of
from calndro.entry.http.guests.sentences import SENTENCES
from calndro.entry.http.pages.language import languages
from calndro.usecases import auditing
from tests.entry.http_site import COMING, PASSWORD, ROOT, STRANGER, THEM, THEY, YOU, Site
from tests.entry.pages_guest import BROWSER, LAST, NEXT, A, B, C, text_of, words


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from httpx2 import Response


GERMAN: Final = BROWSER | {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
LEAST: Final = 5
TITLE: Final = "Ein neuer Mast"


def pieces(text: Any) -> Iterator[str]:
    """
    Cut texts of a catalogue where something is filled in.
    """
    match text:
        case str():
            yield from (piece.strip(' .,:;"') for piece in re.split(r"\{[a-z]*\}", text))
        case dict():
            for each in text.values():
                yield from pieces(each)
        case _:
            for each in text:
                yield from pieces(each)


def english() -> re.Pattern[str]:
    """
    Give what no German page may say: of the English catalogue, and of the core.
    """
    own = {*pieces(dict(languages()["de"].texts)), "in UTC"}
    found = {*pieces(dict(languages()["en"].texts)), *pieces(dict(SENTENCES))} - own
    told = sorted((each for each in found if len(each) >= LEAST), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, told))})(?!\w)")


ENGLISH: Final = english()


class Visits:
    """
    Looks at pages in German, and keeps what is English there.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.found: dict[str, list[str]] = {}
        self.statuses: set[int] = set()

    def look(self, path: str, who: str | None = YOU, **headers: str) -> Response:
        """
        Open a page.
        """
        return self.check(path, self.site.ask("GET", path, who, headers=GERMAN | headers))

    def send(self, path: str, who: str | None = YOU, **fields: Any) -> Response:
        """
        Send a form, and go where it leads.
        """
        data = {"as": who or "", **fields}
        answer = self.site.ask("POST", path, who, data=data, headers=GERMAN)
        if answer.status_code == 303:
            return self.look(answer.headers["Location"], who)
        return self.check(f"POST {path}", answer)

    def check(self, what: str, answer: Response) -> Response:
        """
        Search a page for English.
        """
        assert answer.headers["Content-Language"] == "de", (what, answer.status_code)
        labels = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', answer.text)
        # What stands in a log is the same in every language, and marked as such.
        german = re.sub(r'<td[^>]* lang="en".*?</td>', "", answer.text)
        text = " ".join([text_of(german), *labels])
        said = ENGLISH.findall(text)
        if said:
            self.found[f"{what} {answer.status_code}"] = said
        self.statuses.add(answer.status_code)
        return answer


@pytest.fixture
def visits() -> Visits:
    """
    A server with an event, and somebody who looks at it in German.
    """
    site = Site()
    for who in (THEY, THEM):
        site.register(who)
    site.propose(COMING, NEXT, LAST, title=TITLE, zone="Europe/Paris")
    return Visits(site)


def test_the_search_finds_english(visits: Visits) -> None:
    """
    A page in English is found out, and one in German is not.
    """
    page = visits.site.client.get("/1/", headers=BROWSER, auth=(YOU, PASSWORD))
    assert len(set(ENGLISH.findall(words(page)))) > 20
    visits.look("/1/")
    assert visits.found == {}


def test_the_story_of_an_event(visits: Visits) -> None:
    """
    From the proposal to the deletion no page of an event has English on it.
    """
    site = visits.site
    visits.look("/1/", THEM, Cookie="calndro-zone=Asia/Kathmandu")
    visits.send("/1/answer/", THEM, seen=[A, B, C], since="1")
    visits.send("/1/answer/", THEM, seen=[A, B, C], press="none")
    visits.send(
        "/1/answer/",
        THEM,
        seen=[A, B, C],
        since="1",
        **{f"slot:{A}": "works", f"slot:{B}": "fails"},
    )
    visits.look("/1/", THEY)
    visits.send("/1/answer/", THEY, seen=[A, C], press="all")
    visits.look("/1/", ROOT)
    visits.send("/1/answer/", THEM, seen=[A, C], press="all")
    visits.look("/1/", ROOT)
    visits.send("/1/answer/", YOU, seen=[A, C], press="choose", choice=A)
    for who in (YOU, THEY, ROOT):
        visits.look("/1/", who)
    visits.send("/1/title/", THEY, title="Noch ein Mast")
    visits.send("/1/mail/", THEY, mail="stopped")
    visits.look("/1/", YOU)
    visits.send("/1/mail/", THEY, mail="on")
    visits.send("/1/notify/", YOU, to=[THEY, THEM], seen=[A], invitation="yes")
    typed = {"zone": "Europe/Paris", "date": "", "time": "", "length": "30m"}
    visits.send("/1/add/", YOU, **typed, written="2020-02-02 9-10 /1h")
    visits.send("/1/add/", YOU, **typed, written="2096-02-02 9:00 20s")
    site.ask("PATCH", "/1/", YOU, json={"slots": []})
    visits.look("/1/", THEY)
    visits.look("/1/log/?verify=1")
    visits.look("/", YOU)
    visits.send("/1/delete/", ROOT)
    visits.send("/1/delete/", ROOT, sure="yes")
    visits.look("/1/", YOU)
    visits.look("/?all=1", YOU)
    crowd = [YOU, THEY, *(f"n{number}@here.net" for number in range(8))]
    site.propose(COMING, title=TITLE, parties=crowd)
    visits.look("/2/", YOU)
    visits.look("/2/", ROOT)

    assert visits.found == {}


def test_forms_that_are_refused(visits: Visits) -> None:
    """
    What is wrong with a form is said in German alone.
    """
    typed = {"zone": "Europe/Paris", "date": "", "time": "", "length": "30m"}
    visits.send("/1/add/", YOU, **typed)
    visits.send("/1/add/", YOU, **typed, written="soon")
    visits.send("/1/add/", YOU, **{**typed, "zone": "Nirgends"}, written="tue 9-10")
    visits.send("/1/add/", YOU, **{**typed, "date": "2026-03-29", "time": "02:30"})
    visits.send("/1/title/", YOU, title="x\u202ey")
    visits.send("/1/notify/", YOU, seen=[A, B, C])
    visits.send("/1/notify/", YOU, to=[THEY], seen=[A])
    visits.send("/1/notify/", YOU, to=["nobody@here.net"], seen=[A, B, C])
    visits.send("/1/mail/", YOU, mail="x")
    visits.send("/1/answer/", YOU, press="sell")
    visits.send("/1/answer/", YOU, **{"as": THEM})
    more = [{"begin": f"2096-11-{n:02}T09:00:00Z", "duration": "00:30:00"} for n in range(1, 28)]
    assert visits.site.ask("PATCH", "/1/", YOU, json={"add": more}).is_success
    visits.send("/1/add/", YOU, **{**typed, "date": "2096-12-05", "time": "09:30"})
    for fields in (
        {"parties": "", "press": "propose"},
        {"parties": "niemand", "title": "x" * 300, "zone": "Nirgends", "press": "propose"},
        {"parties": YOU, "written": "2096-07-02 9-11 /1h\nx", "press": "propose"},
        {"parties": YOU, "press": "fill", "from": "x", "until": "x", "at": "x", "for": "x"},
        {"parties": YOU, "press": "fill", "written": "2020-07-02 9-11 /1h\n2096-07-03 9:00 3s"},
        {"parties": "\n".join(f"n{number}@here.net" for number in range(101)), "press": "propose"},
    ):
        visits.send("/", YOU, **fields)

    assert visits.found == {}
    assert {400, 409} <= visits.statuses


def test_doors_and_links(visits: Visits) -> None:
    """
    Signing in and out and links that are no good are explained in German.
    """
    site = visits.site
    token = site.token(site.ask("GET", "/1/", YOU).json(), THEM)
    visits.look("/login/", None)
    visits.look("/logout/", None)
    visits.look("/1/", None)
    visits.look(f"/1/?et={'0' * 40}", None)
    visits.send("/login/", None, username=YOU, password="wrong one")
    visits.send("/login/", None, username=YOU)
    site.clock.advance(timedelta(days=6))
    visits.look(f"/1/?et={token}", None)
    visits.send("/1/link/", None, et=token)
    visits.look("/", STRANGER)
    visits.look("/?like=1", YOU)
    visits.look("/account/", YOU)
    site.ask("POST", "/api-token-auth/", json={"username": YOU, "password": PASSWORD})
    visits.look("/account/?done=token", YOU)
    visits.look("/account/?done=password", YOU)
    visits.send("/account/", YOU, former="wrong one", password="quite another")
    visits.send("/account/", YOU, former=PASSWORD, password="short")

    assert visits.found == {}


def test_staff(visits: Visits) -> None:
    """
    The pages for staff speak German too, whatever is asked of them and whatever is refused.
    """
    site = visits.site
    site.ask("POST", "/1/notify/", YOU, json={"parties": [THEY, THEM], "slots": [A, B, C]})
    site.ask("POST", "/api-token-auth/", json={"username": YOU, "password": PASSWORD})
    site.propose(COMING, title=TITLE, parties=[YOU, THEY, THEM, ROOT, "n@here.net"])
    digest = digest_of(site.token(site.ask("GET", "/1/", YOU).json(), THEM)).hex()
    for path in ("events/", "events/?status=agreed", "events/1/", "users/", "users/?q=niemand"):
        visits.look(f"/admin/{path}", ROOT)
    for path in (f"user/?email={YOU}", f"user/?email={THEM}", f"erase/?email={YOU}", "outbox/"):
        visits.look(f"/admin/{path}", ROOT)
    visits.send("/admin/outbox/", ROOT, letter="1", act="retried")
    visits.send("/admin/outbox/", ROOT, letter="1", act="dropped")
    visits.send("/admin/outbox/", ROOT, letter="1", act="dropped")
    visits.send("/admin/outbox/", ROOT, letter="1", act="burnt")
    visits.send("/admin/users/", ROOT, email="neu@here.net", password="ein neues")
    visits.send("/admin/users/", ROOT, email="neu@here.net", password="ein neues")
    visits.send("/admin/users/", ROOT, email="niemand", password="")
    for act in ("staff", "unstaff", "deactivate", "activate", "tokens", "promote"):
        visits.send("/admin/user/", ROOT, email=STRANGER, act=act)
    visits.send("/admin/user/", ROOT, email=STRANGER, act="password", password="kurz")
    visits.send("/admin/user/", ROOT, email=STRANGER, act="password", password="lang genug")
    visits.send("/admin/user/", ROOT, email="fort@here.net", act="staff")
    visits.send("/admin/erase/", ROOT, email=STRANGER, confirm="ja")
    visits.send("/admin/erase/", ROOT, email=STRANGER, confirm=STRANGER)
    visits.send("/admin/erase/", ROOT, email=ROOT, confirm=ROOT)
    visits.send("/admin/events/1/link/", ROOT, digest=digest)
    visits.send("/admin/events/1/link/", ROOT, digest="00")
    visits.look("/admin/events/9/", ROOT)
    visits.look("/admin/events/", YOU)
    for confirmed in ("9", "1", "1"):
        visits.send("/admin/events/1/delete/", ROOT, confirm=confirmed)

    assert visits.found == {}
    assert {200, 400, 403, 404, 410} <= visits.statuses


def test_a_broken_chain_is_told_to_staff(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Staff is told where a chain is broken, and what tells more of it.
    """
    _break_chains(monkeypatch, 2)
    page = visits.look("/admin/events/1/", ROOT)
    assert "calndro audit verify 1" in words(page)
    assert "Nummer 2" in words(page)
    assert visits.found == {}


@pytest.mark.parametrize(("place", "said"), [(2, "Nummer 2"), (None, "gebrochen")])
def test_a_broken_chain(
    visits: Visits, monkeypatch: pytest.MonkeyPatch, place: int | None, said: str
) -> None:
    """
    A log that does not prove itself is no secret, and is told in German, with the entry.
    """
    _break_chains(monkeypatch, place)
    page = visits.look("/1/log/?verify=1")
    assert "Die Kette ist gebrochen." in words(page)
    assert said in words(page)
    assert visits.found == {}


def _break_chains(monkeypatch: pytest.MonkeyPatch, place: int | None) -> None:
    right = auditing.verify_log

    def wrong(*asked: Any, **named: Any) -> Verdict:
        verdict = right(*asked, **named)
        return attrs.evolve(verdict, findings=(Finding(place, "it is not what it was"),))

    monkeypatch.setattr(auditing, "verify_log", wrong)


def _raise(error: Exception) -> Callable[..., Any]:
    def run(*_: object) -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (KeyReusedError("key"), 409),
        (StaleRevisionError(1, 2, 3), 412),
        (TooManyError("letters", 7), 429),
        (StorageError("the file /var/lib/x is locked"), 503),
        (RuntimeError("nobody foresaw this"), 500),
    ],
)
def test_what_fails_inside(
    visits: Visits, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    """
    Whatever goes wrong inside, a browser gets a page that says so in its language.
    """
    monkeypatch.setattr("calndro.usecases.visiting.visit", _raise(error))
    page = visits.look("/1/")
    assert page.status_code == status
    assert str(error) not in page.text
    assert visits.found == {}


def test_what_http_refuses(visits: Visits) -> None:
    """
    So it is with what HTTP itself refuses.
    """
    visits.look("/nowhere/")
    visits.look("/1/answer/")
    visits.look("/1/", STRANGER)
    visits.send("/1/answer/", YOU, much="x" * 2_000_000)
    visits.send("/", YOU, parties="\udcff".encode("utf-8", "surrogatepass"))

    assert visits.found == {}
    assert {404, 405, 403, 413} <= visits.statuses
