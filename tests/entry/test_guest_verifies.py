"""
A guest, with nothing but the letter and its link, downloads the export and verifies it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import attrs
import httpx2

from calndro.adapters.letter import Letterhead
from calndro.adapters.mailbox import FileNotifier
from calndro.usecases import letters
from tests.entry.http_site import THEY, YOU, Site
from tests.patience import PATIENCE
from tests.serving import running


VERIFY = Path(__file__).parent.parent.parent / "tools" / "verify.py"


def test_a_guest_verifies_with_the_letter_alone(tmp_path: Path) -> None:
    """
    The token in a letter from the server gets the export, and the letter is its receipt.
    """
    site = Site(delivers=False)
    with running(site.app) as url:
        event = site.propose(title="Caf\xe9")
        told = {"parties": [THEY], "slots": event["slots"]}
        assert site.ask("POST", "/1/notify/", YOU, json=told).status_code == 202
        head = Letterhead(f"{url}/", "desk@here.net")
        carrier = FileNotifier(head, site.clock, tmp_path / "mail")
        letters.deliver(attrs.evolve(site.services, notifier=lambda: carrier))
        (letter,) = (tmp_path / "mail").iterdir()

        body = message_from_bytes(letter.read_bytes(), policy=policy.default).get_body(("plain",))
        assert body is not None
        link = re.search(r"https?://\S+?\?et=[0-9a-f]{40}", body.get_content())
        assert link is not None
        asked = httpx2.URL(link[0])
        query = {"export": "1", "et": asked.params["et"]}
        exported = httpx2.get(f"{url}/1/log/", params=query, timeout=PATIENCE)
    (tmp_path / "log.jsonl").write_bytes(exported.content)

    checked = subprocess.run(
        [sys.executable, str(VERIFY), str(tmp_path / "log.jsonl"), "--receipt", str(letter)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
