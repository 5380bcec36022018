"""
The page behind the link: opened, filled in, and sent.
"""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlencode

import pytest

from calndro.core.errors import StorageError, TooManyError
from calndro.core.token import masked
from calndro.entry.http.guests import showing
from calndro.usecases import visiting
from tests.entry.http_site import COMING, PASSWORD, ROOT, THEM, THEY, YOU, Site
from tests.entry.pages_guest import BROWSER, NEXT, PARTIES, A, B, C, Forms, Guest, agree, words


@pytest.fixture
def guest() -> Guest:
    """
    Somebody that has just got a letter.
    """
    return Guest()


def test_the_same_address_is_json_or_a_page(guest: Guest) -> None:
    """
    Who asks for HTML gets a page, who asks for anything or for JSON gets JSON.
    """
    assert guest.open().headers["Content-Type"] == "text/html; charset=utf-8"
    for accept in ("*/*", "application/json, */*;q=0.5", "text/html;q=0.5, application/json"):
        answer = guest.get("/1/", Accept=accept)
        assert answer.headers["Content-Type"] == "application/json"


def test_the_token_leaves_the_address(guest: Guest) -> None:
    """
    The link ends at the plain address, with a cookie for this event alone.

    It outlives the link, for as long as that can be exchanged for a new one.
    """
    first = guest.get(f"/1/?et={guest.token}")
    assert first.status_code == 303
    cookie = set(first.headers["Set-Cookie"].split("; "))
    assert {f"calndro-et={guest.token}", "HttpOnly", "SameSite=lax", "Path=/1/"} <= cookie
    assert f"Max-Age={(5 + 90) * 24 * 3600}" in cookie
    assert "Secure" not in cookie

    second = guest.get(first.headers["Location"])
    assert (second.status_code, second.headers["Location"]) == (303, "/1/")
    page = guest.get("/1/")
    assert page.status_code == 200
    assert guest.token not in page.text
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_who_keeps_cookies_is_not_asked_again(guest: Guest) -> None:
    """
    A browser that shows a cookie, a newer letter's link in its hand, goes straight to the page.
    """
    guest.open()
    guest.token = guest.site.token(guest.event, THEY)
    moved = guest.get(f"/1/?et={guest.token}")
    assert (moved.status_code, moved.headers["Location"]) == (303, "/1/")
    assert guest.client.cookies["calndro-et"] == guest.token
    assert guest.get("/1/").status_code == 200


def test_the_cookie_is_secure_under_https() -> None:
    """
    Where people come by https the cookie goes nowhere else.
    """
    guest = Guest(Site(public_url="https://calndro.here.net"))
    assert "; Secure" in guest.get(f"/1/?et={guest.token}").headers["Set-Cookie"]


def test_a_browser_without_cookies_carries_the_token(guest: Guest) -> None:
    """
    When the cookie does not come back, forms and links hold the token and all works.
    """
    first = guest.get(f"/1/?et={guest.token}")
    guest.client.cookies.clear()
    page = guest.get(first.headers["Location"])
    assert page.status_code == 200
    assert guest.token not in page.text
    [carried] = set(re.findall(r'name="et" value="([0-9a-f]{80})"', page.text))
    assert page.text.count(f'name="et" value="{carried}"') == 7

    saved = guest.answer(works=[A], et=carried)
    receipt = guest.get(saved.headers["Location"])
    assert "You said yes to one time" in words(receipt)
    zoned = guest.get(f"/1/?et={carried}&cookies=asked&zone=Asia/Tokyo")
    assert "18:00" in words(zoned)
    assert carried not in zoned.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("answer", {"press": "save", "seen": [A, B, C], f"slot:{A}": "works"}),
        ("title", {"title": "Boat"}),
        ("mail", {"mail": "stopped"}),
        ("notify", {"to": [YOU], "seen": [A, B, C]}),
        ("notify", {"seen": [A, B, C]}),
    ],
)
def test_a_browser_without_cookies_carries_the_zone(
    guest: Guest, path: str, fields: dict[str, Any]
) -> None:
    """
    A zone that was chosen stays chosen after each form and link, kept or refused.
    """
    page = guest.get(f"/1/?et={guest.token}&cookies=asked&zone=Asia/Tokyo")
    guest.client.cookies.clear()
    page = guest.get(f"/1/?et={guest.token}&cookies=asked&zone=Asia/Tokyo")
    sent = dict(next(each for action, each in Forms(page.text).found if action == f"/1/{path}/"))
    answered = guest.follow(guest.post(f"/1/{path}/", **{**sent, **fields}))
    for shown in (page, answered):
        assert "Times are shown in Asia/Tokyo" in words(shown)
    [log] = re.findall('href="([^"]*)">Show the whole history', answered.text)
    assert "Times are shown in Asia/Tokyo" in words(guest.get(unescape(log)))


def test_a_link_that_expires_while_a_form_is_open(guest: Guest) -> None:
    """
    Without cookies, too, the answer says what was chosen and mails a new link when asked.
    """
    first = guest.get(f"/1/?et={guest.token}")
    guest.client.cookies.clear()
    page = guest.get(first.headers["Location"])
    [carried] = set(re.findall(r'name="et" value="([0-9a-f]{80})"', page.text))
    guest.site.clock.advance(timedelta(days=6))
    guest.site.deliver()

    late = guest.answer(works=[A], fails=[B], et=carried, zone="Asia/Tokyo")
    assert late.status_code == 401
    assert "Nothing was saved." in words(late)
    assert "Works: Saturday 1 December 2096, 18:00-18:30 (Asia/Tokyo)" in words(late)
    assert "Doesn't work: Sunday 2 December 2096" in words(late)
    action, fields = Forms(late.text).found[0]
    assert fields.count(("et", carried)) == 1
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    sent = guest.client.post(action, content=urlencode(fields), headers=guest.headers | form)
    assert sent.status_code == 202
    assert "Works: Saturday 1 December 2096" in words(sent)
    assert len(guest.site.deliver()) == 1


@pytest.mark.parametrize(
    ("path", "fields", "line"),
    [
        ("answer", {"press": "none"}, "None of these work"),
        ("answer", {"press": "choose", "choice": A}, "Works: Saturday 1 December 2096"),
        ("add", {"date": "2096-12-05", "time": "9:00", "length": "30m"}, "2096-12-05 9:00 30m"),
        ("add", {"written": "tue 9-11"}, "Propose another time: tue 9-11"),
        ("title", {"title": "<b>Mast"}, "Title: <b>Mast"),
        ("notify", {"to": [THEM, YOU]}, f"{THEM}, {YOU}"),
        ("mail", {"mail": "stopped"}, "Send me no letters about this event"),
    ],
)
def test_what_was_typed_is_told_back(
    guest: Guest, path: str, fields: dict[str, Any], line: str
) -> None:
    """
    A browser that has dropped the cookie of an ended link is told what its form held.
    """
    late = guest.post(f"/1/{path}/", **fields)
    assert late.status_code == 401
    assert line in words(late)
    assert "<b>" not in late.text
    assert ("next", "/1/") in Forms(late.text).found[0][1]


def test_nothing_typed_is_not_told_back(guest: Guest) -> None:
    """
    Where no form was sent, or a form with nothing of ours, nothing is said to be unsaved.
    """
    assert "Nothing was saved" not in words(guest.get("/1/"))
    odd = guest.post("/1/answer/", **{"slot:x": "works", f"slot:{A}": "maybe", "press": "x"})
    assert odd.status_code == 401
    assert "Nothing was saved" not in words(odd)


def test_programs_may_send_the_token_in_a_form_as_it_is(guest: Guest) -> None:
    """
    A form with the plain token is taken like one with the masked one, but not with two tokens.
    """
    saved = guest.answer(works=[A], et=guest.token)
    assert saved.status_code == 303
    assert "You said yes to one time" in words(guest.get(saved.headers["Location"]))
    same = masked(guest.token, b"m" * 20)
    assert guest.answer(fails=[B], et=[guest.token, same]).status_code == 303
    assert guest.answer(et=[guest.token, masked("0" * 40, b"m" * 20)]).status_code == 400
    assert guest.answer(et=masked("0" * 40, b"m" * 20)).status_code == 401


def test_a_masked_token_becomes_a_cookie(guest: Guest) -> None:
    """
    An address with a masked token leads to the plain address, with the token itself kept.
    """
    moved = guest.get(f"/1/?et={masked(guest.token, bytes(range(20)))}")
    assert f"calndro-et={guest.token};" in moved.headers["Set-Cookie"]
    last = guest.get(moved.headers["Location"])
    assert (last.status_code, last.headers["Location"]) == (303, "/1/")


def test_one_look_is_logged(guest: Guest) -> None:
    """
    Opening the link again and again is one VIEW in a quarter of an hour; HEAD is none.
    """
    client = guest.client
    client.head("/1/", params={"et": guest.token}, headers=guest.headers)
    client.options("/1/", headers=guest.headers)
    assert guest.happened() == []
    for _ in range(3):
        guest.open()
    assert guest.happened() == ["VIEW"]
    guest.site.clock.advance(timedelta(minutes=16))
    guest.open()
    assert guest.happened() == ["VIEW", "VIEW"]


def test_a_scanner_changes_nothing(guest: Guest) -> None:
    """
    Sending every form of the page as it came records nothing but the one look.
    """
    page = guest.open()
    forms = [each for each in Forms(page.text).found if each[0] != "/1/"]
    assert {action for action, _ in forms} == {
        "/1/answer/",
        "/1/add/",
        "/1/notify/",
        "/1/mail/",
        "/1/title/",
    }
    for action, fields in forms:
        sent: dict[str, list[str]] = {}
        for name, value in fields:
            sent.setdefault(name, []).append(value)
        answer = guest.client.post(action, data=sent, headers=guest.headers)
        assert answer.status_code in {303, 400}

    assert guest.happened() == ["VIEW"]


def test_an_answer_and_its_receipt(guest: Guest) -> None:
    """
    What works is kept, what doesn't is gone, the rest waits; the log's number and hash are told.
    """
    guest.open()
    saved = guest.answer(works=[A], fails=[B])
    assert saved.status_code == 303

    page = words(guest.follow(saved))
    entry = guest.site.log(guest.event)[-1]
    assert "You said yes to one time: Saturday 1 December 2096, 09:00-09:30 (UTC)" in page
    assert "You took one time off the table: Sunday 2 December 2096" in page
    assert f"Recorded as number {entry['id']} of the history" in page
    assert entry["hash"] in page
    assert guest.happened() == ["VIEW", "UPDATE"]
    now = guest.current()
    assert now["slots"] == [COMING, guest.event["slots"][2]]
    assert now["kept"][THEY] == [COMING]


@pytest.mark.parametrize(
    ("press", "works", "kept"),
    [("all", (), 3), ("only", (B,), 1)],
)
def test_quicker_answers(guest: Guest, press: str, works: tuple[str, ...], kept: int) -> None:
    """
    One press accepts all that were shown, or keeps only those that were marked.
    """
    guest.open()
    assert guest.answer(press, works=works).status_code == 303
    assert len(guest.current()["kept"][THEY]) == kept


def test_an_unchanged_form_says_so(guest: Guest) -> None:
    """
    Nothing is recorded when nothing was changed, and the page tells.
    """
    guest.open()
    page = guest.follow(guest.answer())
    assert "Nothing was changed, so nothing was recorded." in words(page)
    assert guest.happened() == ["VIEW"]


@pytest.mark.parametrize(
    "chosen", [{"press": "none"}, {"press": "only"}, {"press": "save", "fails": [A, B, C]}]
)
def test_emptying_the_table_wants_a_word_more(guest: Guest, chosen: dict[str, object]) -> None:
    """
    What would leave no time is asked about first, and done once that is confirmed.
    """
    guest.open()
    asked = guest.answer(**chosen)  # type: ignore[arg-type]  # of the table of cases
    assert asked.status_code == 200
    assert "Take away every time?" in words(asked)
    assert guest.happened() == ["VIEW"]

    (action, fields), *_ = Forms(asked.text).found
    sent: dict[str, list[str]] = {"sure": ["yes"]}
    for name, value in fields:
        sent.setdefault(name, []).append(value)
    done = guest.client.post(action, data=sent, headers=guest.headers)
    assert "and none is left." in words(guest.follow(done))
    assert guest.current()["status"] == "void"


def test_a_form_is_for_one_person(guest: Guest) -> None:
    """
    When the credentials now speak for somebody else nothing is saved, and the page says so.
    """
    guest.open()
    forms = ("answer", "add", "notify", "mail", "title", "delete")
    for path in (f"/1/{form}/" for form in forms):
        answer = guest.post(path, **{"as": THEM, "press": "all", "seen": [A], "to": YOU})
        assert answer.status_code == 409
        assert f"made for {THEM}, but you now act as {THEY}" in words(answer)
        unsigned = guest.client.post(path, data={"press": "all"}, headers=guest.headers)
        assert unsigned.status_code == 400
        assert "does not say for whom it was made (as)" in words(unsigned)
    assert guest.happened() == ["VIEW"]


@pytest.mark.parametrize("path", ["/", "/account/"])
def test_every_form_is_for_somebody(guest: Guest, path: str) -> None:
    """
    A form that says for whom it was made nowhere does nothing, and is told what is missing.
    """
    form = {"parties": YOU, "press": "propose", "tokens": "all"}
    answer = guest.site.ask("POST", path, YOU, data=form, headers=BROWSER)
    assert answer.status_code == 400
    assert "does not say for whom it was made (as)" in words(answer)
    assert len(guest.site.ask("GET", "/", YOU).json()) == 1


def test_others_are_not_undone(guest: Guest) -> None:
    """
    What others changed meanwhile is told, and what the guest chose is kept.
    """
    guest.open()
    more = {"begin": "2096-12-09T09:00:00Z", "duration": "00:30:00"}
    for body in ({"drop": [COMING]}, {"add": [more]}):
        assert guest.site.ask("PATCH", "/1/", YOU, json=body).is_success
    page = words(guest.follow(guest.answer(works=[A, B], since="3")))

    assert "taken away: Saturday 1 December 2096" in page
    assert "new: Sunday 9 December 2096" in page
    assert "You said yes to one time: Sunday 2 December 2096" in page
    assert guest.current()["kept"][THEY] == [NEXT]


def test_the_last_answer_agrees(guest: Guest) -> None:
    """
    Once all agree the time stands large, with the calendar file, which opens by the cookie.
    """
    page = agree(guest)
    assert "Agreed Sunday 2 December 2096 09:00-10:00" in words(page)
    calendar = guest.get("/1/calendar.ics", Accept="text/calendar")
    assert calendar.status_code == 200


def test_anyone_may_choose(guest: Guest) -> None:
    """
    When several times suit all, one of them can be agreed on in one press.
    """
    guest.open()
    guest.answer("all")
    token = guest.site.token(guest.current(), THEM)
    body = {"accept": guest.event["slots"], "et": token}
    assert guest.site.ask("PATCH", "/1/", json=body).is_success
    page = guest.get("/1/")
    assert "Everybody can do all of them. Anyone may choose now" in words(page)
    listed = guest.site.client.get("/", headers=guest.headers, auth=(YOU, PASSWORD))
    assert "Mast choose now 3" in words(listed)

    unchosen = guest.answer("choose", kept=[A, B, C])
    assert "Nothing was changed" in words(guest.follow(unchosen))
    guest.answer("choose", choice=B, kept=[])
    assert guest.current()["status"] == "agreed"
    now = guest.current()
    assert now["slots"] == [NEXT]


def test_nobody_is_left_to_agree() -> None:
    """
    Once all parties were erased, neither the event nor the list of them names a next step.
    """
    guest = Guest()
    guest.site.propose(COMING, NEXT, title="Empty", parties=[THEY])
    assert guest.site.ask("DELETE", f"/users/{THEY}/", ROOT).is_success
    look = {"headers": guest.headers}
    page = guest.site.ask("GET", "/2/", YOU, **look)
    assert "2 times are left. Nobody is left to agree. You act as" in words(page)
    assert "Choose a time" not in words(page)
    assert "Empty open 2" in words(guest.site.ask("GET", "/", YOU, **look))
    assert guest.site.ask("PATCH", "/2/", YOU, json={"drop": [COMING, NEXT]}).is_success
    assert "Nobody is left to agree. You act as" in words(guest.site.ask("GET", "/2/", YOU, **look))


def test_what_suits_all_is_counted(guest: Guest) -> None:
    """
    When all have answered and not every time suits all, the page says how many do.
    """
    token = guest.site.token(guest.event, THEM)
    body = {"accept": guest.event["slots"][:2], "et": token}
    assert guest.site.ask("PATCH", "/1/", json=body).is_success
    guest.open()
    guest.answer("all")
    assert "Everybody can do 2 of them. Anyone may choose now" in words(guest.get("/1/"))


def test_a_single_time_is_asked_about_as_one() -> None:
    """
    With one time left the page asks whether it works, in German as well.
    """
    site = Site()
    crowd = [YOU, THEY, *(f"sailor{number}@whar.net" for number in range(9))]
    token = site.token(site.propose(COMING, parties=crowd), THEY)
    address = f"/1/?et={token}&cookies=asked"
    site.client.cookies.clear()
    page = site.client.get(address, headers={"Accept": "text/html"})
    assert "One time is left." in words(page)
    assert "Say below whether it works for you." in words(page)
    german = site.client.get(address, headers={"Accept": "text/html", "Accept-Language": "de"})
    assert "Sagen Sie unten, ob sie Ihnen passt." in words(german)
    assert "und 2 weiteren" in words(german)


def test_another_time(guest: Guest) -> None:
    """
    A time is read in the zone that stands beside the field, and told back in words.
    """
    guest.open()
    fields = {"date": "2096-12-05", "time": "09:30", "length": "45m", "zone": "Asia/Kathmandu"}
    page = words(guest.follow(guest.post("/1/add/", **fields)))

    assert "You put one time on the table: Wednesday 5 December 2096, 03:45-04:30 (UTC)" in page
    assert {"begin": "2096-12-05T03:45:00Z", "duration": "00:45:00"} in guest.current()["slots"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"date": "", "time": "", "length": "30m", "zone": "UTC"},
            "Times: Fill in a date and a time.",
        ),
        (
            {"date": "2096-12-05", "time": "", "length": "30m", "zone": "UTC"},
            "Times: Fill in a date and a time.",
        ),
        (
            {"date": "", "time": "09:30", "written": "some day", "length": "30m", "zone": "UTC"},
            "or 2026-12-01 14:00 45m. Times: Fill in a date and a time.",
        ),
        (
            {"date": "", "time": "", "written": "some day", "length": "30m", "zone": "UTC"},
            "In words: 'some day' does not begin with a day. Write for example tue 14:00 45m",
        ),
        (
            {"date": "2026-03-29", "time": "02:30", "length": "30m", "zone": "Europe/Paris"},
            "2026-03-29",
        ),
    ],
)
def test_a_time_that_can_not_be_read(guest: Guest, fields: dict[str, str], said: str) -> None:
    """
    What is no time is explained on the page, which keeps what was typed.
    """
    guest.open()
    answer = guest.post("/1/add/", **fields)
    assert answer.status_code == 400
    assert said in words(answer)
    assert f'value="{fields["date"]}"' in answer.text
    assert guest.happened() == ["VIEW"]


def test_the_table_has_an_end(guest: Guest) -> None:
    """
    A time too many is refused in words, with the most there may be.
    """
    guest.open()
    more = [{"begin": f"2096-11-{n:02}T09:00:00Z", "duration": "00:30:00"} for n in range(1, 28)]
    assert guest.site.ask("PATCH", "/1/", YOU, json={"add": more}).is_success
    fields = {"date": "2096-12-05", "time": "09:30", "length": "45m", "zone": "UTC"}
    answer = guest.post("/1/add/", **fields)

    assert answer.status_code == 400
    assert "That would be 31 times; at most 30 fit on the table." in words(answer)


def test_telling_the_others(guest: Guest) -> None:
    """
    Letters go to those who were ticked, and nobody is told what is no longer so.
    """
    guest.open()
    told = guest.post("/1/notify/", to=[YOU, THEM], seen=[A, B, C], invitation="yes")
    page = words(guest.follow(told))
    assert f"2 letters are on their way to {YOU} and {THEM}." in page
    assert guest.happened()[-2:] == ["NOTIFY", "NOTIFY"]

    for fields, said in (
        ({"seen": [A, B, C]}, "Choose at least one person to tell."),
        ({"to": [YOU], "seen": [A]}, "The table has changed meanwhile"),
    ):
        refused = guest.post("/1/notify/", **fields)
        assert refused.status_code == 400
        assert said in words(refused)


def test_a_letter_that_was_refused_keeps_its_kind(guest: Guest) -> None:
    """
    Whether to ask and explain stays as it was ticked, or was not, when the table has changed.
    """
    ticked = 'name="invitation" value="yes" checked'
    form = {"as": YOU, "to": [THEM], "seen": [A]}

    def send(path: str, **fields: Any) -> str:
        return guest.site.ask("POST", path, YOU, data=form | fields, headers=guest.headers).text

    assert ticked in send("/1/notify/", invitation="yes")
    assert ticked not in send("/1/notify/")
    guest.site.propose(COMING, title="New")
    assert ticked in guest.site.ask("GET", "/2/", YOU, headers=guest.headers).text
    assert ticked not in send("/2/notify/", seen=[B])
    assert ticked not in send("/2/notify/", seen=[B], to=[], whom="awaited")


def test_stopping_letters(guest: Guest) -> None:
    """
    A party stops its own letters and has them again; others then see that it wants none.
    """
    guest.open()
    page = words(guest.follow(guest.post("/1/mail/", mail="stopped")))
    assert "You will get no more letters about this event." in page
    told = guest.site.ask("GET", "/1/", YOU, headers=guest.headers)
    assert f"{THEY} (wants no letters)" in words(told)
    form = {"as": YOU, "to": THEY, "seen": [A, B, C]}
    refused = guest.site.ask("POST", "/1/notify/", YOU, data=form, headers=guest.headers)
    assert f"{THEY} can't be sent letters now." in words(refused)
    again = words(guest.follow(guest.post("/1/mail/", mail="on")))
    assert "You will get letters about this event again." in again
    assert guest.post("/1/mail/", mail="").status_code == 400


def test_limits_are_told_in_words() -> None:
    """
    A limit on letters is explained, with how long to wait.
    """
    guest = Guest(Site(limits_letters=True))
    guest.open()
    for _ in range(10):
        guest.post("/1/notify/", to=[YOU], seen=[A, B, C])
    refused = guest.post("/1/notify/", to=[YOU], seen=[A, B, C])
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "3600"
    assert "That was too much for now; try again in 1 h." in words(refused)


def test_the_history(guest: Guest) -> None:
    """
    The log is told in sentences, opened and not read, and proves itself on demand.
    """
    guest.open()
    guest.answer(works=[A], fails=[B])
    page = words(guest.get("/1/"))
    assert f"{THEY} opened the event" in page
    assert f"{THEY} said yes to one time and took one off the table" in page
    assert f"{YOU} proposed this with 3 times" in page

    checked = words(guest.get("/1/log/?verify=1"))
    assert "Checked: all 5 entries are unchanged and in their places." in checked
    receipt = guest.site.ask("GET", "/1/log/", YOU).headers["Calndro-Audit"]
    same, other = receipt, receipt[:-4] + "0000"
    for shown, said in ((same, "Checked: all 5 entries"), (other, "The chain is broken.")):
        assert said in words(guest.get(f"/1/log/?{urlencode({'verify': 1, 'receipt': shown})}"))
    assert guest.get("/1/log/?verify=1&receipt=none").status_code == 400
    assert guest.get("/1/log/?export=1").headers["Content-Type"] != "text/html"


def test_a_long_history_is_read_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The newest entries come first, and links lead back to the first and forth again.
    """
    monkeypatch.setattr(showing, "MOST", 4)
    guest = Guest()
    for number in range(6):
        body = {"title": f"Title {number}"}
        assert guest.site.ask("PATCH", "/1/", YOU, json=body).is_success
    guest.open()
    assert guest.site.log(guest.event)[-1]["id"] == 10

    def numbers(page: str) -> list[int]:
        return [int(number) for number in re.findall('<li value="([0-9]+)">', page)]

    page, found = guest.get("/1/log/").text, []
    while True:
        found.append(numbers(page))
        older = re.search('href="([^"]*)">Older entries', page)
        if older is None:
            break
        page = guest.get(unescape(older[1])).text
    # Number 3 says how a letter went.
    assert found == [[10, 9, 8, 7], [6, 5, 4], [4, 2, 1]]
    newer = re.search('href="([^"]*)">Newer entries', page)
    assert newer is not None
    assert numbers(guest.get(newer[1]).text) == [8, 7, 6, 5]
    assert numbers(guest.get("/1/log/?after=99").text) == []
    assert "Newer entries" not in words(guest.get("/1/log/"))


def test_the_history_says_what_it_leaves_out() -> None:
    """
    Numbers that are missing are those of deliveries, and a link shows them.
    """
    guest = Guest()
    guest.open()
    page = guest.get("/1/log/").text
    assert "One entry about a delivery is left out." in page
    [everything] = re.findall('href="([^"]*)">Show all', page)

    whole = guest.get(unescape(everything)).text
    numbers = [int(number) for number in re.findall('<li value="([0-9]+)">', whole)]
    assert numbers == list(range(len(numbers), 0, -1))
    assert "left out" not in whole


def test_the_history_with_deliveries(guest: Guest) -> None:
    """
    How letters went is told in words when all is asked for, and the links on keep to that.
    """
    guest.open()
    assert f"The letter to {THEY} was sent" not in words(guest.get("/1/log/"))
    assert f"The letter to {THEY} was sent" in words(guest.get("/1/log/?all=1"))
    assert 'href="/1/log/?after=0&amp;all=1"' in guest.get("/1/log/?all=1&after=2").text


def test_the_zone_is_remembered() -> None:
    """
    A zone chosen once is used from then on, with the event's zone below.
    """
    guest = Guest(zone="Europe/Paris")
    page = guest.open()
    assert 'data-guess="Europe/Paris"' in page.text
    page = guest.follow(guest.get("/1/?zone=Asia/Kathmandu"))

    assert "data-guess" not in page.text
    assert "14:45-15:15" in words(page)
    assert "10:00-10:30" in words(page)
    assert "below in Europe/Paris" in words(page)


@pytest.mark.parametrize("public_url", [None, "https://meet.example.org"])
@pytest.mark.parametrize("path", ["/", "/1/"])
def test_the_zone_is_kept_as_every_cookie_is(path: str, public_url: str | None) -> None:
    """
    What remembers the zone is out of reach for scripts, and Secure where people come by https.
    """
    site = Site(public_url=public_url)
    site.propose()
    answer = site.ask("GET", f"{path}?zone=Asia/Kathmandu", YOU, headers=BROWSER)
    flags = set(answer.headers["Set-Cookie"].split("; "))

    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= flags
    assert ("Secure" in flags) is (public_url is not None)


def test_head_says_what_get_would() -> None:
    """
    HEAD of a page has the status and the headers of its GET, and logs nothing.
    """
    guest = Guest()
    guest.open()
    before = guest.site.log({"log_url": "/1/log/"})
    for path in ("/1/", "/1/log/", f"/1/?et={guest.token}", "/", "/?et=junk", "/1/mail/"):
        head = guest.client.head(path, headers=guest.headers)
        assert guest.site.log({"log_url": "/1/log/"}) == before
        page = guest.get(path)
        said, would = dict(head.headers), dict(page.headers)
        assert {said.pop("x-request-id"), would.pop("x-request-id")}
        assert (head.status_code, said, head.content) == (page.status_code, would, b"")


def test_who_is_no_party(guest: Guest) -> None:
    """
    Staff sees the table without a form for answers, as nobody waits for it.
    """
    page = guest.site.ask("GET", "/1/", ROOT, headers=guest.headers)
    assert "You are not a party to this event" in words(page)
    assert 'type="radio"' not in page.text
    assert 'href="/admin/"' in page.text
    assert "There is nothing to do for you" not in words(page)


def test_many_parties_are_summed_up() -> None:
    """
    With more parties than columns the page says how many can, and who has answered.
    """
    guest = Guest()
    crowd = [*PARTIES, *(f"n{number}@here.net" for number in range(8))]
    guest.site.propose(COMING, title="Crowd", parties=crowd)
    page = guest.site.ask("GET", "/2/", YOU, headers=guest.headers)
    assert "1 of 11" in words(page)
    assert "n7@here.net: no answer yet" in words(page)


def test_german(guest: Guest) -> None:
    """
    Who prefers German gets it, in words and dates.
    """
    guest.headers["Accept-Language"] = "de-AT,de;q=0.9,en;q=0.8"
    page = guest.open()
    assert page.headers["Content-Language"] == "de"
    assert '<html lang="de"' in page.text
    assert "Sa, 1. Dez. 2096 09:00-09:30 30 Min." in words(page)


def test_an_expired_link_offers_a_new_one(guest: Guest) -> None:
    """
    The page says so, and one press has a new one mailed, without telling where.
    """
    guest.open()
    guest.site.clock.advance(timedelta(days=6))
    for path in ("/1/", f"/1/?et={guest.token}"):
        page = guest.get(path)
        assert page.status_code == 401
        assert "This link has expired" in words(page)
        assert THEY not in page.text
    sent = guest.client.post("/1/link/", data={"et": guest.token}, headers=guest.headers)
    assert sent.status_code == 202
    assert "a new one is on its way" in words(sent)
    assert guest.site.log(guest.event)[-1]["data"]["reason"] == "link"


def test_a_deleted_event_keeps_its_history(guest: Guest) -> None:
    """
    A deleted event says so, and its log can still be read.
    """
    guest.open()
    assert guest.site.ask("DELETE", "/1/", ROOT).is_success
    page = guest.get("/1/")
    assert page.status_code == 410
    assert 'href="/1/log/"' in page.text
    assert f"{ROOT} deleted the event" in words(guest.get("/1/log/"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TooManyError("wrong tokens", 7), "try again in 7 s."),
        (StorageError("the file is locked"), "Look again in a moment"),
    ],
)
def test_a_first_tap_that_was_refused_can_be_repeated(
    guest: Guest, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    """
    Before any cookie is kept the way back to the event carries the token, and works later.
    """
    with monkeypatch.context() as patched:
        patched.setattr(visiting, "link_ends", Mock(side_effect=error))
        refused = guest.get(f"/1/?et={guest.token}")
    assert refused.status_code in {429, 503}
    assert said in words(refused)
    [back] = re.findall('class="button" href="([^"]*)"', refused.text)
    assert guest.follow(guest.get(back)).status_code == 200

    kept = guest.get(f"/nowhere/?et={guest.token}")
    assert guest.token not in kept.text
    assert guest.get("/1/?et=<b>x").status_code == 401


def test_a_deleted_event_shows_its_history_by_the_link(guest: Guest) -> None:
    """
    A link that was never opened before still leads to what is left of its event.
    """
    assert guest.site.ask("DELETE", "/1/", ROOT).is_success
    gone = guest.open()
    assert gone.status_code == 410
    guest.client.cookies.clear()
    gone = guest.get(f"/1/?et={guest.token}&cookies=asked")
    assert gone.status_code == 410
    [history] = re.findall('class="button" href="([^"]*)"', gone.text)
    assert f"{ROOT} deleted the event" in words(guest.follow(guest.get(history)))


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/1/", 401, "Sign in"),
        ("/nowhere/", 404, "There is nothing here"),
        ("/1/answer/", 405, "This can't be done here"),
    ],
)
def test_errors_are_pages(guest: Guest, path: str, status: int, said: str) -> None:
    """
    A browser is told in words what is wrong, a program as before.
    """
    page = guest.get(path)
    assert (page.status_code, page.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert said in words(page)
    assert "html" not in guest.get(path, Accept="*/*").headers["Content-Type"]


@pytest.mark.parametrize("path", ["/1/answer/", "/1/add/", "/1/title/", "/1/delete/"])
def test_forms_are_forms(guest: Guest, path: str) -> None:
    """
    What only a page sends is taken as a form, by nobody without credentials.
    """
    assert guest.client.post(path, json={}).status_code == 415
    assert guest.client.post(path, data={"as": THEY}).status_code == 401
    guest.open()
    assert guest.post(path, press="sell", date="x").status_code == 400
    torn = {"as": THEY, "et": [guest.token, "0" * 40]}
    assert guest.client.post(path, data=torn, headers=guest.headers).status_code == 400


def test_another_site_can_not_act_by_the_cookie(guest: Guest) -> None:
    """
    The cookie of the page is guarded against forged requests like that of a session.
    """
    guest.open()
    guest.headers["Sec-Fetch-Site"] = "cross-site"
    assert guest.answer("all").status_code == 403
    assert guest.happened() == ["VIEW"]


def test_the_cookie_of_one_event_opens_no_other(guest: Guest) -> None:
    """
    The browser sends the cookie to its own event only, and it would open no other.
    """
    guest.site.propose(COMING, title="Other")
    guest.open()
    assert guest.get("/2/").status_code == 401
    stolen = guest.get("/2/", Cookie=f"calndro-et={guest.token}")
    assert stolen.status_code == 401


def test_hostile_texts_stay_texts() -> None:
    """
    Titles and addresses are escaped wherever they stand.
    """
    site = Site()
    title = "\"><script>alert(1)</script><img src=x onerror=y>'{{7*7}}"
    odd = "o'b{{1}}@here.net"
    site.propose(COMING, title=title, parties=[YOU, odd])
    for path in ("/", "/1/", "/1/log/"):
        page = site.client.get(path, headers={"Accept": "text/html"}, auth=(YOU, PASSWORD))
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "49" not in words(page).replace("2049", "")[:200]


def test_pages_travel_light(guest: Guest) -> None:
    """
    A page is compressed for who takes it so.
    """
    guest.open()
    page = guest.get("/1/")
    assert page.headers["Content-Encoding"] == "gzip"
    assert int(page.headers["Content-Length"]) < len(page.content) / 2
    assert "Accept-Encoding" in page.headers["Vary"]
    assert "Content-Encoding" not in guest.get("/1/", **{"Accept-Encoding": "identity"}).headers
    unsure = guest.answer("none")
    assert unsure.status_code == 200
    assert unsure.headers["Content-Encoding"] == "gzip"


def test_a_page_that_carries_the_token_travels_light() -> None:
    """
    A table of 30 times and 7 parties weighs at most 20 kB, its token another text each time.
    """
    site = Site()
    crowd = [YOU, THEY, *(f"sailor{number}@whar.net" for number in range(5))]
    table = [COMING | {"begin": f"2096-12-{day:02}T09:00:00Z"} for day in range(1, 31)]
    token = site.token(site.propose(*table, title="Long", parties=crowd), THEY)
    pages = []
    for _ in range(2):
        address = f"/1/?et={token}&cookies=asked"
        site.client.cookies.clear()
        pages.append(site.client.get(address, headers={"Accept": "text/html"}))
    for page in pages:
        assert page.headers["Content-Encoding"] == "gzip"
        assert int(page.headers["Content-Length"]) <= 20_000
        assert len(page.content) > 40_000
        assert token not in page.text
    one, other = (set(re.findall(r"[0-9a-f]{80}", page.text)) for page in pages)
    assert (len(one), len(other)) == (1, 1)
    assert one.isdisjoint(other)
