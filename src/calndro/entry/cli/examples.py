"""
Examples that stand at the end of a command's help.
"""

from __future__ import annotations

from typing import Final


EXAMPLES: Final = {
    "propose": (
        'calndro propose --party you@here.net --party they@thar.net --slot "tue 14:00 45m"',
        "calndro propose --like 1 --every weekday --from mon --until fri --at 9:00,14:00 --for 45m",
    ),
    "list": (
        "calndro list",
        "calndro list --status open --json",
    ),
    "show": ("calndro show 1",),
    "narrow": (
        "calndro narrow 1 --keep 1,2",
        "calndro narrow 1 --drop 2",
    ),
    "agree": ("calndro agree 1 --slot 2",),
    "extend": ('calndro extend 1 --slot "wed 9-11 /30m"',),
    "replace": ('calndro replace 1 --slot "thu 10:00 1h" --slot "fri 10:00 1h"',),
    "title": ('calndro title 1 "Tea"',),
    "notify": (
        "calndro notify 1 --all --invitation",
        "calndro notify 1 --waiting",
    ),
    "suggest": (
        "calndro suggest --busy mine.ics --busy theirs.ics --for 45m",
        "calndro suggest --busy mine.ics --for 45m | calndro propose --party you@here.net --slot -",
    ),
    "log": (
        "calndro log 1",
        "calndro log 1 --all --json",
    ),
    "wait": ("calndro wait 1 --timeout 2h",),
    "ics": ("calndro ics 1 > meeting.ics",),
    "audit verify": (
        "calndro audit verify",
        "calndro audit verify 1 --receipt letter.eml",
        "calndro audit verify --offline log.jsonl",
    ),
    "audit export": ("calndro audit export 1 > log.jsonl",),
    "user add": ("calndro user add them@whar.net --no-password",),
    "user token": (
        "calndro user token you@here.net",
        "calndro user token you@here.net --revoke",
    ),
    "export": ("calndro export everything.jsonl",),
    "import": ("calndro import everything.jsonl --db sqlite:///elsewhere.db",),
}
"""Command lines by command; each is typed by tests/docs/test_help.py."""


def closing(command: str) -> str | None:
    """
    Write what stands at the end of a command's help; None where there is no example.
    """
    if command not in EXAMPLES:
        return None
    # The mark keeps the lines as they are.
    return "\n".join(("\b", "For example:", *(f"  {line}" for line in EXAMPLES[command])))
