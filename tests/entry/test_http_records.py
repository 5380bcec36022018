"""
Over HTTP a log is read, exported and verified, and a calendar file given.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.entry.http_site import COMING, FIRST, ROOT, SECOND, STRANGER, THEM, THEY, YOU, Site


VERIFY = Path(__file__).parent.parent.parent / "tools" / "verify.py"


@pytest.fixture
def site() -> Site:
    """
    A server whose storage is memory.
    """
    return Site()


def test_a_program_looks_without_being_logged(site: Site) -> None:
    """
    With state=1 the log answers with the event as well, and no view is logged.
    """
    event = site.propose()
    answer = site.ask("GET", "/1/log/?state=1&after=1", YOU)

    assert answer.json()["state"] == event
    assert answer.json()["entries"] == []
    assert "state" not in site.ask("GET", "/1/log/", YOU).json()
    assert len(site.log(event)) == 1


def test_a_deleted_event_shows_its_state_in_its_log(site: Site) -> None:
    """
    What is gone is still to be seen where its log is.
    """
    site.propose()
    site.ask("DELETE", "/1/", ROOT)

    assert site.ask("GET", "/1/", YOU).status_code == 410
    assert site.ask("GET", "/1/log/?state=1", YOU).json()["state"]["status"] == "closed"


def test_pages_of_a_log_go_on_with_the_state(site: Site) -> None:
    """
    The address of the next page asks for the same.
    """
    event = site.propose()
    link = site.ask("GET", "/1/log/?state=1&limit=1", YOU).links["next"]["url"]

    assert "state=1" in link
    assert site.ask("GET", link, YOU).json()["state"] == event


def exported(
    site: Site, *receipts: str, query: str = "", who: str | None = None
) -> subprocess.CompletedProcess[str]:
    """
    Download an export and have it checked by the independent verifier.
    """
    answer = site.ask("GET", f"/1/log/?export=1{query}", who)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="calndro-1.jsonl"'
    options = [part for receipt in receipts for part in ("--receipt", receipt)]
    return subprocess.run(
        [sys.executable, str(VERIFY), "-", *options],
        input=answer.text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_a_guest_downloads_the_log_and_verifies_it(site: Site) -> None:
    """
    With nothing but the letter's token and receipt a guest proves the log.
    """
    event = site.propose(title="Caf\xe9", slots=[FIRST, SECOND])
    et = site.token(event, THEY)
    receipt = str(site.notifier.delivered[-1].receipt)
    site.ask("PATCH", "/1/", json={"keep": [FIRST], "et": et})

    checked = exported(site, receipt, query=f"&et={et}")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    wrong = receipt[:-1] + ("0" if receipt[-1] != "0" else "1")
    assert exported(site, wrong, query=f"&et={et}").returncode == 1


def test_a_long_log_is_exported_whole(site: Site) -> None:
    """
    However many parts it is sent in, an export has every entry once.
    """
    site.propose()
    for number in range(250):
        site.ask("PATCH", "/1/", YOU, json={"title": f"t{number}"})
    lines = site.ask("GET", "/1/log/?export=1", YOU).text.splitlines()

    assert len(lines) == 252
    assert json.loads(lines[0])["seq"] == 251
    assert exported(site, who=YOU).returncode == 0


@pytest.mark.parametrize("query", ["export=1", "verify=1", "state=1"])
def test_strangers_learn_nothing(site: Site, query: str) -> None:
    """
    Export, verification and state are for whoever may read the log.
    """
    site.propose()

    assert site.ask("GET", f"/1/log/?{query}", STRANGER).status_code == 403
    assert site.ask("GET", f"/1/log/?{query}").status_code == 401


def test_a_log_is_verified(site: Site) -> None:
    """
    The verdict tells what the log is, how many receipts were compared, and what is wrong.
    """
    event = site.propose()
    site.ask("PATCH", "/1/", YOU, json={"title": "Tea"})
    audit = event["audit"]
    receipt = f"event={audit['event']} seq={audit['seq']} head={audit['head']}"
    good = site.ask("GET", "/1/log/", YOU, params={"verify": 1, "receipt": [receipt]})
    bad = receipt.replace("seq=1", "seq=2")
    doubtful = site.ask("GET", "/1/log/", YOU, params={"verify": 1, "receipt": [receipt, bad]})

    assert good.json() == {
        "event": audit["event"],
        "seq": 2,
        "head": site.log(event)[-1]["hash"],
        "good": True,
        "receipts": 1,
        "findings": [],
    }
    assert good.headers["Calndro-Audit"].startswith(f"event={audit['event']} seq=2 head=")
    assert doubtful.json()["good"] is False
    assert doubtful.json()["receipts"] == 2
    assert doubtful.json()["findings"][0]["seq"] == 2


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("verify=2", "verify"),
        ("export=yes", "export"),
        ("verify=1&receipt=x", "receipt[0]"),
        ("export=1&verify=1", "verify"),
    ],
)
def test_questions_that_are_none_are_refused(site: Site, query: str, path: str) -> None:
    """
    A parameter that can't be read is a 400 that names it.
    """
    site.propose()
    refused = site.ask("GET", f"/1/log/?{query}", YOU)

    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == [path]


def test_a_calendar_file_is_given(site: Site) -> None:
    """
    Whoever may read the log has the event as a file for a calendar; nothing is logged.
    """
    event = site.propose(COMING)
    et = site.token(event, THEM)
    log = site.log(event)
    answer = site.ask("GET", f"/1/calendar.ics?et={et}")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="calndro-1.ics"'
    assert "Calndro-Audit" in answer.headers
    assert answer.text.count("BEGIN:VEVENT") == 1
    assert site.log(event) == log
    assert site.ask("GET", "/1/calendar.ics", STRANGER).status_code == 403


def asked(site: Site, token: str, path: str = "/1/link/") -> tuple[int, bytes]:
    """
    Ask for a new link.
    """
    answer = site.ask("POST", path, json={"et": token})
    return answer.status_code, answer.content


def test_an_expired_link_is_replaced(site: Site) -> None:
    """
    Whoever presents an expired token has a new one mailed; the answer tells nothing of it.
    """
    event = site.propose()
    et = site.token(event, THEY)
    said = asked(site, et)
    assert said[0] == 202
    before = len(site.log(event))
    assert asked(site, "0" * 40) == asked(site, "x") == asked(site, et, "/9/link/") == said
    site.clock.advance(site.services.terms.token_life)
    assert site.ask("GET", f"/1/?et={et}").status_code == 401
    assert asked(site, et) == asked(site, et) == said

    log = site.log(event)[before:]
    assert [(entry["effector"], entry["data"]["reason"]) for entry in log] == [(THEY, "link")]
    delivered = site.deliver()
    assert [each.recipient for each in delivered] == [THEY]
    assert site.ask("GET", f"/1/?et={delivered[0].link}").status_code == 200


@pytest.mark.parametrize("why", ["stopped", "revoked", "deleted", "barred"])
def test_no_link_for_who_gets_no_letters(site: Site, why: str) -> None:
    """
    Where no letter may go, none goes, and the answer does not tell.
    """
    event = site.propose()
    et = site.token(event, THEY)
    match why:
        case "stopped":
            site.ask("POST", "/1/mail/", json={"et": et, "mail": "stopped"})
        case "deleted":
            site.ask("DELETE", "/1/", ROOT)
        case "revoked":
            site.revoke(THEY)
        case _:
            site.bar(THEY)
    site.deliver()
    site.clock.advance(site.services.terms.token_life + timedelta(days=1))
    log = site.log(event)

    assert asked(site, et)[0] == 202
    assert site.log(event) == log


def test_who_shows_no_token_is_asked_for_one(site: Site) -> None:
    """
    Without any token there is nothing to renew.
    """
    assert site.ask("POST", "/1/link/", json={}).status_code == 401
