"""
Events over HTTP: what each operation takes and answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from calndro.adapters.sql.storage import SqlStorage
from calndro.usecases import letters
from tests.entry.http_site import FIRST, ROOT, SECOND, STRANGER, THEM, THEY, THIRD, YOU, Site


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site() -> Site:
    """
    A server whose storage is memory.
    """
    return Site()


@pytest.fixture(params=["memory", "sqlite"])
def any_site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """
    A server, on each kind of storage that needs no other server.
    """
    if request.param == "memory":
        yield Site()
        return
    with SqlStorage(f"sqlite:///{tmp_path / 'calndro.db'}") as storage:
        yield Site(storage)


def test_the_introductory_session(any_site: Site) -> None:
    """
    The session by which the original system introduces itself works as written there.
    """
    site = any_site
    written = [
        {"begin": "2022-11-01T01:11:22.02", "duration": "00:10"},
        {"begin": "2022-11-01T01:11:22+02", "duration": "00:20"},
        {"begin": "2022-11-01T01:11:22-02", "duration": "00:30"},
    ]
    event = site.propose(*written)
    assert event["slots"] == [FIRST, SECOND, THIRD]
    address = f"/{event['id']}/"
    told = {"parties": [THEY, THEM], "slots": written}
    assert site.ask("POST", f"{address}notify/", YOU, json=told).status_code == 202
    letters.deliver(site.services)
    et = next(each.link for each in site.notifier.delivered if each.recipient == THEY)

    assert site.ask("GET", address, json={"et": et}).json()["slots"] == event["slots"]
    assert site.ask("GET", f"{address}?et={et}").json()["slots"] == event["slots"]
    left = site.ask("PATCH", address, json={"slots": written[:2], "et": et})
    assert (left.status_code, left.json()["slots"]) == (202, [FIRST, SECOND])
    stale = [SECOND, {"begin": "2022-11-01T02:11:22+01:00", "duration": "00:20"}]
    refused = site.ask(
        "POST", f"{address}notify/", json={"parties": [YOU], "slots": stale, "et": et}
    )
    assert refused.status_code == 400
    equal = [SECOND, {"begin": "2022-11-01T00:11:22+01:00", "duration": "00:20"}]
    again = site.ask(
        "POST", f"{address}notify/", json={"parties": [YOU, THEM], "slots": equal, "et": et}
    )
    assert again.status_code == 202

    log = site.ask("GET", f"{address}log/", YOU)
    assert [entry["occurrence"] for entry in log.json()["entries"]] == [
        *("UPDATE", "NOTIFY", "NOTIFY", "VIEW", "VIEW", "UPDATE", "NOTIFY", "NOTIFY")
    ]
    assert et is not None
    assert et not in log.text


def test_an_event_has_its_members_in_order(site: Site) -> None:
    """
    The original's members come first and in its order; ours follow.
    """
    event = site.propose(title="moot", zone="Europe/Paris")
    audit = event.pop("audit")

    assert audit == site.ask("GET", "/", YOU).json()[0]["audit"]
    assert event == {
        "id": 1,
        "url": "http://calndro.here.net/1/",
        "log_url": "http://calndro.here.net/1/log/",
        "notify_url": "http://calndro.here.net/1/notify/",
        "title": "moot",
        "parties": [YOU, THEY, THEM],
        "slots": [FIRST, SECOND, THIRD],
        "zone": "Europe/Paris",
        "revision": 1,
        "status": "open",
        "waiting_on": [THEY, THEM],
        "kept": {YOU: [FIRST, SECOND, THIRD], THEY: None, THEM: None},
        "proposer": YOU,
        "mail_stopped": [],
        "undelivered": [],
    }
    assert list(event)[:7] == ["id", "url", "log_url", "notify_url", "title", "parties", "slots"]


def test_create_says_where_the_event_is(site: Site) -> None:
    """
    A created event is answered with 201, its address, its tag and its receipt.
    """
    answer = site.ask("POST", "/", YOU, json={"parties": [YOU], "slots": []})

    assert answer.status_code == 201
    assert answer.headers["Location"] == "http://calndro.here.net/1/"
    assert answer.headers["ETag"] == '"1"'
    assert " seq=1 head=" in answer.headers["Calndro-Audit"]


def test_create_like_another_event(site: Site) -> None:
    """
    What a proposal leaves out comes from the event that it is to be like.
    """
    event = site.propose(title="moot")
    answer = site.ask("POST", "/", YOU, json={"like": event["id"], "parties": [YOU]})

    assert answer.status_code == 201
    assert answer.json()["title"] == "moot"
    assert answer.json()["parties"] == [YOU]
    assert answer.json()["slots"] == event["slots"]


def test_links_start_with_the_public_url() -> None:
    """
    With a public URL set, no host name of a request gets into an answer.
    """
    site = Site(public_url="https://dates.example.org/calndro")
    event = site.propose()

    assert event["url"] == "https://dates.example.org/calndro/1/"
    log = site.ask("GET", "/1/log/?limit=1", YOU)
    assert log.json()["event"] == event["url"]
    assert "<https://dates.example.org/calndro/1/log/?" in log.headers["Link"]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"slots": [THIRD]}, [THIRD]),
        ({"keep": [THIRD, FIRST]}, [FIRST, THIRD]),
        ({"drop": [FIRST]}, [SECOND, THIRD]),
        ({"accept": [FIRST]}, [FIRST, SECOND, THIRD]),
        ({"drop": [FIRST], "accept": [SECOND], "title": "x"}, [SECOND, THIRD]),
        ({"add": ["2023-01-01T09:00Z/PT1H"]}, [FIRST, SECOND, THIRD, "new"]),
        ({"title": "x"}, [FIRST, SECOND, THIRD]),
    ],
)
def test_each_form_of_update(site: Site, body: dict[str, Any], left: list[Any]) -> None:
    """
    Slots replaces, keep narrows, drop and accept judge, add extends, title renames.
    """
    event = site.propose()
    answer = site.ask("PATCH", event["url"], YOU, json=body)

    assert answer.status_code == 202
    new = {"begin": "2023-01-01T09:00:00Z", "duration": "01:00:00"}
    assert answer.json()["slots"] == [new if each == "new" else each for each in left]
    assert answer.json()["title"] == body.get("title", event["title"])
    assert answer.headers["ETag"] == f'"{answer.json()["revision"]}"'


def test_a_fetched_event_can_be_sent_back(site: Site) -> None:
    """
    The read-only members of an event are ignored in an update.
    """
    event = site.propose()
    answer = site.ask("PATCH", event["url"], YOU, json=event)

    assert answer.status_code == 202
    assert answer.json() == event | {"audit": answer.json()["audit"]}
    assert answer.json()["audit"]["seq"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"slots": []} | {"keep": []},
        {"add": [], "drop": []},
        {"zap": 1, "title": "x"},
        {"title": ""},
        {"slots": None},
    ],
)
def test_updates_that_say_nothing_or_too_much_are_refused(site: Site, body: dict[str, Any]) -> None:
    """
    An update names one form at most, no unknown member, and something; else 400.
    """
    event = site.propose()
    answer = site.ask("PATCH", event["url"], YOU, json=body)

    assert answer.status_code == 400
    assert len(site.log(event)) == 1


def test_a_stale_revision_gets_the_current_event(site: Site) -> None:
    """
    With If-Match, an update of what has changed is refused with 412 and what is there now.
    """
    event = site.propose()
    tag = {"If-Match": '"1"'}
    assert site.ask("PATCH", event["url"], YOU, json={"title": "x"}, headers=tag).is_success
    refused = site.ask("PATCH", event["url"], YOU, json={"title": "y"}, headers=tag)

    assert refused.status_code == 412
    assert refused.headers["ETag"] == '"2"'
    assert refused.json()["event"]["title"] == "x"
    assert (refused.json()["expected"], refused.json()["actual"]) == (1, 2)
    assert len(site.log(event)) == 2


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ('"1"', 202),
        ("*", 202),
        ('"2"', 412),
        ('W/"1"', 412),
        ('"01"', 412),
        ('"one"', 412),
        ('"x,y", "1" ,W/"2"', 202),
        ('"1", "1"', 202),
        ('"x", W/"1"', 412),
        ("1", 400),
        ('"1", "2"', 400),
        ('"1",', 400),
        ('"1" "2"', 400),
        ('"1', 400),
        ('"1", *', 400),
    ],
)
def test_tags_match_exactly(site: Site, tag: str, status: int) -> None:
    """
    If-Match takes the one tag that the event has, also among others that are not ours, or a star.

    A weak one never matches.
    """
    event = site.propose()
    headers = {"If-Match": tag}
    answer = site.ask("PATCH", event["url"], YOU, json={"title": "x"}, headers=headers)

    assert answer.status_code == status


def test_tags_in_two_lines_are_one_list(site: Site) -> None:
    """
    What stands in two lines counts as if it stood in one.
    """
    event = site.propose()
    headers = [("If-Match", '"x"'), ("If-Match", '"1"')]
    answer = site.ask("PATCH", event["url"], YOU, json={"title": "x"}, headers=headers)

    assert answer.status_code == 202


def test_a_weak_tag_is_told_to_be_none(site: Site) -> None:
    """
    Who sends a tag that can't match is told so, and not that somebody changed the event.
    """
    event = site.propose()
    headers = {"If-Match": 'W/"1"'}
    answer = site.ask("PATCH", event["url"], YOU, json={"title": "x"}, headers=headers)

    assert "a weak tag (W/) never matches" in answer.json()["detail"]
    assert answer.json()["event"]["revision"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("DELETE", "", None, 204),
        ("POST", "notify/", {"parties": [THEY], "slots": [FIRST, SECOND, THIRD]}, 202),
        ("POST", "mail/", {"mail": "stopped"}, 200),
        ("POST", "mail/", {"mail": "resumed"}, 200),
    ],
)
def test_every_change_heeds_the_revision(
    site: Site, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    """
    With If-Match nothing is deleted, told or stopped that has changed since it was seen.
    """
    event = site.propose()
    who = ROOT if method == "DELETE" else YOU
    assert site.ask("PATCH", event["url"], YOU, json={"title": "x"}).is_success
    before = site.log(event)
    sent = {"json": body} if body else {}
    where = event["url"] + path
    refused = site.ask(method, where, who, headers={"If-Match": '"1"'}, **sent)

    assert refused.status_code == 412
    assert refused.headers["ETag"] == '"2"'
    assert refused.json()["event"]["title"] == "x"
    assert site.log(event) == before
    assert site.ask(method, where, who, headers={"If-Match": '"2"'}, **sent).status_code == status


def test_only_a_look_is_logged(site: Site) -> None:
    """
    GET of an event logs a VIEW; HEAD, OPTIONS, lists and the log log nothing.
    """
    event = site.propose()
    assert site.ask("GET", event["url"], YOU).headers["ETag"] == '"1"'
    head = site.ask("HEAD", event["url"], YOU)
    assert (head.status_code, head.headers["ETag"], head.content) == (200, '"1"', b"")
    assert " seq=2 head=" in head.headers["Calndro-Audit"]
    assert site.ask("OPTIONS", event["url"]).status_code == 204
    assert site.ask("GET", "/", YOU).is_success

    assert [entry["occurrence"] for entry in site.log(event)] == ["UPDATE", "VIEW"]


def test_the_receipt_is_the_head_of_the_log(site: Site) -> None:
    """
    Each answer about an event carries the hash of its newest entry.
    """
    event = site.propose()
    receipt = site.ask("GET", event["url"], YOU).headers["Calndro-Audit"]

    assert receipt.endswith(f"seq=2 head={site.log(event)[-1]['hash']}")


def test_notify_answers_what_was_told(site: Site) -> None:
    """
    A notification is answered with 202: whom, what, on whose behalf, and where to go on.
    """
    event = site.propose()
    body = {"parties": [THEY, THEY], "slots": event["slots"], "sender": THEM, "invitation": True}
    answer = site.ask("POST", event["notify_url"], YOU, json=body)

    assert answer.status_code == 202
    assert answer.json() == {
        "parties": [THEY],
        "slots": event["slots"],
        "sender": THEM,
        "event_url": event["url"],
        "log_url": event["log_url"],
        "notify_url": event["notify_url"],
    }
    entry = site.log(event)[-1]
    assert entry["data"]["recipient"] == THEY
    assert entry["data"]["sender"] == THEM


def test_delete_closes_for_everybody_but_the_log(site: Site) -> None:
    """
    Staff delete with 204; then the event is gone, out of lists, and its log still there.
    """
    event = site.propose()
    assert site.ask("DELETE", event["url"], YOU).status_code == 403
    deleted = site.ask("DELETE", event["url"], ROOT)

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert site.ask("GET", event["url"], YOU).status_code == 410
    assert site.ask("GET", event["url"], STRANGER).status_code == 403
    assert site.ask("GET", "/", YOU).json() == []
    assert [each["id"] for each in site.ask("GET", "/?all=1", YOU).json()] == [1]
    assert [each["id"] for each in site.ask("GET", "/?status=closed", YOU).json()] == [1]
    assert site.log(event)[-1]["data"] == {"closed": "deleted"}


def test_mail_is_stopped_and_resumed(site: Site) -> None:
    """
    A party stops the letters of one event to itself; notifying it is then refused.
    """
    event = site.propose()
    et = site.token(event, THEY)
    stopped = site.ask("POST", f"{event['url']}mail/", json={"mail": "stopped", "et": et})
    assert (stopped.status_code, stopped.json()["mail_stopped"]) == (200, [THEY])
    body = {"parties": [THEY], "slots": event["slots"]}
    refused = site.ask("POST", event["notify_url"], YOU, json=body)
    assert (refused.status_code, refused.json()["addresses"]) == (400, [THEY])
    resumed = site.ask("POST", f"{event['url']}mail/", json={"mail": "resumed", "et": et})

    assert resumed.json()["mail_stopped"] == []
    assert site.ask("POST", event["notify_url"], YOU, json=body).status_code == 202


def test_lists_come_in_pages(site: Site) -> None:
    """
    A list is ordered by id; following its links gives every event once.
    """
    for _ in range(5):
        site.propose()
    found: list[int] = []
    path = "/?limit=2&status=open"
    while path:
        page = site.ask("GET", path, YOU)
        found.extend(each["id"] for each in page.json())
        path = page.links.get("next", {}).get("url", "")

    assert found == [1, 2, 3, 4, 5]


def test_a_log_comes_in_pages_and_from_an_entry_on(site: Site) -> None:
    """
    The parameter after gives what is new in a log, limit how much, all the deliveries as well.
    """
    event = site.propose()
    site.token(event, THEY)
    first = site.ask("GET", f"{event['log_url']}?limit=1&all=1", YOU)
    rest = site.ask("GET", first.links["next"]["url"].replace("limit=1", "limit=9"), YOU)

    assert [entry["id"] for entry in first.json()["entries"]] == [1]
    assert [entry["id"] for entry in rest.json()["entries"]] == [2, 3]
    assert rest.json()["entries"][-1]["data"]["delivery"] == "sent"
    assert rest.json()["entries"][-1]["effector"] == "system"
    assert "Link" not in rest.headers
    assert [entry["id"] for entry in site.log(event)] == [1, 2]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=x", "limit=", "after=-1", "after=9999999999999999", "all=2"],
)
def test_parameters_out_of_bounds_are_named(site: Site, query: str) -> None:
    """
    A parameter that can't be read is a 400 that names it.
    """
    answer = site.ask("GET", f"/?{query}", YOU)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


def test_every_faulty_parameter_is_named_at_once(site: Site) -> None:
    """
    A list with several faulty parameters is told of all of them.
    """
    answer = site.ask("GET", "/?limit=x&after=y&status=z&all=w", YOU)

    assert set(answer.json()["errors"]) == {"limit", "after", "status", "all"}


@pytest.mark.parametrize(
    ("method", "path", "named"),
    [
        ("POST", "/", {"foo", "parties", "slots", "Idempotency-Key"}),
        ("PATCH", "/1/", {"foo", "If-Match", "Idempotency-Key"}),
        ("POST", "/1/notify/", {"foo", "parties", "slots", "If-Match", "Idempotency-Key"}),
        ("POST", "/1/mail/", {"foo", "mail", "If-Match"}),
    ],
)
def test_faults_of_headers_are_named_at_once(
    site: Site, method: str, path: str, named: set[str]
) -> None:
    """
    What is wrong with headers is told together with what is wrong with the body.
    """
    site.propose()
    headers = {"If-Match": "three", "Idempotency-Key": "a key"}
    answer = site.ask(method, path, YOU, json={"foo": 1}, headers=headers)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == named


def test_links_do_not_repeat_the_token(site: Site) -> None:
    """
    The token of a query is in no link of the answer.
    """
    event = site.propose()
    et = site.token(event, THEY)
    answer = site.ask("GET", f"{event['log_url']}?limit=1&et={et}")

    assert "next" in answer.links
    assert et not in answer.headers["Link"]
