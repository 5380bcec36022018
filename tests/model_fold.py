"""
What a log adds up to, folded naively from its plain JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def fold(bodies: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """
    Read the entries of an event, first to last.

    Returns:
        title, slots, kept and waiting (by number), status, stopped, erased, undelivered.
    """
    event: dict[str, Any] = {}
    for each in unfolded(bodies):
        event = each
    event["status"] = _status(event)
    event["waiting"] = [
        number
        for number, kept in event["kept"].items()
        if event["status"] == "open" and not kept and number not in event["erased"]
    ]
    return event


def unfolded(bodies: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """
    Tell what an event was after each entry; it is the same dict, which moves on.
    """
    event: dict[str, Any] = {}
    for body in bodies:
        data, slots = body["data"], {tuple(each) for each in body["slots"]}
        if "opened" in data:
            event = {"title": data["title"], "stopped": set(), "erased": set(), "closed": False}
            event["undelivered"] = set()
            event["kept"] = dict.fromkeys(range(1, data["parties"] + 1))
        if body["occurrence"] == "UPDATE":
            event["title"] = data.get("title", event["title"])
            event["slots"] = slots
            event["closed"] = event["closed"] or "closed" in data
            _mind(event, body["effector"], data)
            _answer(event, body["effector"], data)
        if data.get("delivery") == "failed":
            event["undelivered"].add(data["recipient"])
        if data.get("delivery") == "sent":
            event["undelivered"].discard(data["recipient"])
        yield event


def _mind(event: dict[str, Any], effector: int, data: dict[str, Any]) -> None:
    if data.get("mail") == "stopped":
        event["stopped"].add(effector)
    if data.get("mail") == "resumed":
        event["stopped"].discard(effector)
    if "erased" in data:
        event["erased"].add(data["erased"])
        event["undelivered"].discard(data["erased"])
        if data["erased"] in event["kept"]:
            event["kept"][data["erased"]] = None


def _answer(event: dict[str, Any], effector: int, data: dict[str, Any]) -> None:
    kept = event["kept"]
    answered = "opened" in data or data.get("form") in {"replace", "narrow", "extend"}
    if effector in kept and answered:
        if "accepted" in data:
            accepted = {tuple(each) for each in data["accepted"]}
            kept[effector] = (kept[effector] or set()) | accepted
        else:
            kept[effector] = event["slots"]
    for number in kept:
        if kept[number] is not None:
            kept[number] = kept[number] & event["slots"]


def _status(event: dict[str, Any]) -> str:
    if event["closed"]:
        return "closed"
    if len(event["slots"]) == 0:
        return "void"
    counted = [kept for number, kept in event["kept"].items() if number not in event["erased"]]
    return (
        "agreed"
        if all(kept == event["slots"] for kept in counted) and len(event["slots"]) == 1
        else "open"
    )
