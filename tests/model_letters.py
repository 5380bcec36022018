"""
The letters of the naive model: what leaves, what it says, and how it ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.model import SECOND, pairs


if TYPE_CHECKING:
    from tests.model import Model


TOKEN_LIFE = 5 * 86_400 * SECOND
CLAIM_LIFE = 120 * SECOND
RETRY_AFTER = 60 * SECOND
LETTER_LIFE = 5 * 86_400 * SECOND
MOST_OPEN_CLAIMS = 3


def deliver(model: Model, attempts: list[tuple[str, str | None, str]]) -> list[dict[str, Any]]:
    """
    Work through the queue.

    Args:
        attempts: What was seen of the letters that were handed over: to whom, its
            token, and how that went: sent, failed, again, crash.

    Returns:
        The letters that should have been handed over, with all that they say.
    """
    letters: list[dict[str, Any]] = []
    while True:
        notice = claim(model)
        if notice is None:
            return letters
        event = model.events[notice["event"]]
        outcome = prevented(model, event, notice)
        if not outcome and notice["open_claims"] > MOST_OPEN_CLAIMS:
            notice["held"] = True
            continue
        if not outcome:
            if len(letters) == len(attempts):
                return [*letters, {"missing": notice}]
            _, text, outcome = attempts[len(letters)]
            letters.append(letter(model, event, notice, text))
            if outcome == "crash":
                notice["due"] = model.now + CLAIM_LIFE
                return letters
        if outcome == "again" and try_again(model, notice):
            continue
        end(model, event, notice, said(notice, outcome))


def said(notice: dict[str, Any], outcome: str) -> dict[str, Any]:
    """
    Say in the log how a letter ended; one that was tried too long has failed.
    """
    data = {"of": notice["of"], "recipient": notice["recipient"]}
    if outcome == "failed":
        return {**data, "delivery": "failed", "code": 550}
    return {**data, "delivery": "failed" if outcome == "again" else outcome}


def claim(model: Model) -> dict[str, Any] | None:
    """
    Take the notice whose turn it is.
    """
    due = [
        each
        for each in model.queue
        if not each["outcome"] and not each["held"] and each["due"] <= model.now
    ]
    if not due:
        return None
    notice = min(due, key=lambda each: (each["turn"], each["id"]))
    notice["open_claims"] += 1
    return notice


def try_again(model: Model, notice: dict[str, Any]) -> bool:
    """
    Let a notice wait for another attempt, if that is not too late.
    """
    due = model.now + RETRY_AFTER
    if due > notice["added"] + LETTER_LIFE or (notice["ends"] and due > notice["ends"]):
        return False
    notice["due"] = due
    notice["open_claims"] = 0
    return True


def end(model: Model, event: dict[str, Any], notice: dict[str, Any], data: dict[str, Any]) -> None:
    """
    Note how a notice ended, and who could not be reached.
    """
    notice["outcome"] = data["delivery"]
    if data["delivery"] == "failed":
        event["undelivered"].add(notice["recipient"])
    if data["delivery"] == "sent":
        event["undelivered"].discard(notice["recipient"])
    model.append(event, "NOTIFY", "system", data)


def letter(
    model: Model, event: dict[str, Any], notice: dict[str, Any], text: str | None
) -> dict[str, Any]:
    """
    Tell what a letter says, and let its token live.
    """
    is_party = notice["recipient"] in event["parties"]
    if is_party and text is not None:
        model.tokens[text] = {
            "event": notice["event"],
            "party": notice["recipient"],
            "expires": model.now + TOKEN_LIFE,
            "spent": False,
            "revoked": False,
        }
    entry = event["log"][notice["of"] - 1]
    return {
        "to": notice["recipient"],
        "has_link": is_party,
        "kind": notice["kind"],
        "told": entry["slots"],
        "current": pairs(event["slots"]),
        "moved": entry["slots"] != pairs(event["slots"]),
        "sender": event["people"][entry["data"]["sender"] - 1],
        "effector": event["people"][entry["effector"] - 1],
    }


def prevented(model: Model, event: dict[str, Any], notice: dict[str, Any]) -> str:
    """
    Tell why a letter is not to be handed over, or nothing.
    """
    for other in model.queue:
        same = all(other[name] == notice[name] for name in ("event", "recipient", "kind"))
        if same and other["id"] > notice["id"] and other["outcome"] in {None, "sent"}:
            return "superseded"
    if event["closed"] and notice["kind"] != "cancelled":
        return "superseded"
    if notice["ends"] and notice["ends"] <= model.now:
        return "dropped"
    if notice["recipient"] in event["stopped"] | model.barred:
        return "dropped"
    return ""
