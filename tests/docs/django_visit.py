"""
Visits a site that follows the how-to on Django, as two people who sign in, and prints its answers.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

import calndro


def main() -> None:
    """
    Propose an event from outside, then let it be shown and answered through the site.
    """
    with calndro.connect(settings.CALNDRO_URL, acting_as="you@here.net") as desk:
        event = desk.propose(
            title="Tea", parties=["they@thar.net"], slots=["2046-12-04T09:00Z/PT30M"]
        )
    page = f"/appointments/{event.id}"
    client = Client(headers={"host": "localhost"})
    told: list[Any] = [client.get(page).status_code]
    for name, address in (("them", "them@whar.net"), ("they", "they@thar.net")):
        client.force_login(get_user_model().objects.create_user(name, address))
        for slot in ("someday", "2046-12-04T09:00Z/PT30M"):
            answer = client.post(f"{page}/keep", {"slot": [slot]})
            told.append([address, answer.status_code, answer.json()])
    told += [client.get(page).json(), client.get("/appointments/99").status_code]
    json.dump(told, sys.stdout)


django.setup()
main()
