"""
The domain once more, naively: what the real one is compared with.

Written from the rules in words alone, on dicts, lists, sets and strings. It shares no
function with the core. People are addresses, slots are pairs of microseconds since the
start of 2030, instants are microseconds since then, a refusal is the name of its error.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.model_rights import refusal


SECOND = 1_000_000
DAY = 86_400 * SECOND

Pair = tuple[int, int]
Dict = dict[str, Any]


def wire(instant: int) -> str:
    """
    Write an instant as it stands in a log.
    """
    moment = datetime(2030, 1, 1) + timedelta(microseconds=instant)  # noqa: DTZ001  # UTC by decree
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def pairs(table: Any) -> list[list[Any]]:
    """
    Write slots as they stand in a log.
    """
    return [[wire(begin), length] for begin, length in sorted(table)]


class Model:
    """
    Events, tokens and letters, all of them in the open.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.now = 0
        self.events: dict[int, Dict] = {}
        self.tokens: dict[str, Dict] = {}
        self.queue: list[Dict] = []
        self.barred: set[str] = set()

    # What is written down.

    def append(self, event: Dict, kind: str, by: str, data: Dict, mark: str | None = None) -> int:
        """
        Add an entry to a log, by a person or the system.
        """
        people: list[str] = event["people"]
        new = [who for who in data.pop("_new", []) if who not in people]
        for who in [*new, by]:
            if who not in people and who != "system":
                people.append(who)
                data["people"] = sorted([*data.get("people", []), str(len(people))])
        if mark is not None:
            data["token"] = mark
        for name in ("sender", "recipient"):
            if name in data:
                data[name] = people.index(data[name]) + 1
        when = self.now
        if event["log"] and when <= event["when"]:
            when = event["when"] + 1
        if when - self.now > SECOND:
            data["clock"] = wire(self.now)
        event["when"] = when
        event["log"].append(
            {
                "v": 1,
                "event": event["uuid"],
                "seq": len(event["log"]) + 1,
                "when": wire(when),
                "occurrence": kind,
                "effector": 0 if by == "system" else people.index(by) + 1,
                "slots": pairs(event["slots"]),
                "data": data,
            }
        )
        return len(event["log"])

    def promise(
        self, number: int, caller: Dict, data: Dict, kind: str, rank: int, ends: int | None = None
    ) -> None:
        """
        Add a NOTIFY and queue its notice, after *rank* others of the same deed.
        """
        recipient = data["recipient"]
        event = self.events[number]
        of = self.append(event, "NOTIFY", caller["as"], data, caller["mark"])
        self.queue.append(
            {
                "id": len(self.queue) + 1,
                "event": number,
                "of": of,
                "recipient": recipient,
                "kind": kind,
                "added": self.now,
                "turn": self.now + rank * SECOND,
                "due": self.now,
                "ends": ends,
                "open_claims": 0,
                "held": False,
                "outcome": None,
            }
        )

    # What an event is.

    def status(self, event: Dict) -> str:
        """
        Derive where an event stands.
        """
        if event["closed"]:
            return "closed"
        if event["slots"] == set():
            return "void"
        if len(event["slots"]) == 1:
            (only,) = event["slots"]
            if all(only in (event["kept"][party] or ()) for party in event["parties"]):
                return "agreed"
        return "open"

    def waiting(self, event: Dict) -> list[str]:
        """
        List the parties of an open event that keep none of its slots.
        """
        if self.status(event) != "open":
            return []
        return [party for party in event["parties"] if not event["kept"][party]]

    # What people do.

    def propose(
        self, caller: Dict, parties: list[str], slots: list[Pair], title: str, uuid: str
    ) -> str:
        """
        Open an event.
        """
        who = caller["user"]
        if who is None:
            return "TokenMissingError" if caller["token"] is None else "TokenInvalidError"
        once = list(dict.fromkeys(parties))
        if once == []:
            return "InvalidInputError"
        if len(set(slots)) > self.most:
            return "TooManySlotsError"
        people = once if who in once else [*once, who]
        event: Dict = {
            "uuid": uuid,
            "title": title,
            "parties": once,
            "proposer": who,
            "people": people[:],
            "slots": set(slots),
            "kept": {party: set(slots) if party == who else None for party in once},
            "stopped": set(),
            "undelivered": set(),
            "closed": False,
            "revision": 1,
            "log": [],
            "when": 0,
        }
        data = {
            "opened": "created",
            "parties": len(once),
            "proposer": people.index(who) + 1,
            "zone": "UTC",
            "title": title,
            "people": sorted(str(n + 1) for n in range(len(people))),
        }
        self.events[len(self.events) + 1] = event
        self.append(event, "UPDATE", who, data)
        return ""

    def look(self, caller: Dict, number: int) -> str:
        """
        View an event.
        """
        no = refusal(self, "view", caller, number)
        if not no:
            self.append(self.events[number], "VIEW", caller["as"], {}, caller["mark"])
        return no

    def peek(self, caller: Dict, number: int) -> str:
        """
        Read an event without a trace.
        """
        return refusal(self, "view", caller, number)

    def read(self, caller: Dict, number: int) -> str:
        """
        Read a log.
        """
        return refusal(self, "log", caller, number)

    def update(
        self,
        caller: Dict,
        number: int,
        form: str,
        given: list[Pair],
        accept: list[Pair],
        *,
        title: str | None,
        revision: int | None,
    ) -> str:
        """
        Replace, keep, judge, extend or retitle.
        """
        no = refusal(self, "update", caller, number)
        if no:
            return no
        event = self.events[number]
        old = set(event["slots"])
        new = {
            "retitle": old,
            "replace": set(given),
            "keep": old & set(given),
            "judge": old - set(given),
            "extend": old | set(given),
        }[form]
        checks = [
            (title == "", "InvalidInputError"),
            (revision not in (None, event["revision"]), "StaleRevisionError"),
            (form == "retitle" and title is None, "InvalidInputError"),
            (form == "extend" and not given and title is None, "InvalidInputError"),
            (
                form == "judge" and not given and not accept and title is None,
                "InvalidInputError",
            ),
            (form == "judge" and bool(set(given) & set(accept)), "InvalidInputError"),
            (len(new) > max(self.most, len(old)), "TooManySlotsError"),
        ]
        for bad, name in checks:
            if bad:
                return name
        was = self.picture(event)
        event["slots"] = new
        if title is not None:
            event["title"] = title
        self.answer(event, caller["as"], form, given, accept)
        if self.picture(event)[:3] != was[:3]:
            event["revision"] += 1
        data = self.facts(form, old, new, given, accept)
        if title is not None:
            data["title"] = title
        self.append(event, "UPDATE", caller["as"], data, caller["mark"])
        self.tell(number, caller, was)
        return ""

    def answer(
        self, event: Dict, who: str, form: str, given: list[Pair], accept: list[Pair]
    ) -> None:
        """
        Work out what everybody keeps after an update.
        """
        kept = event["kept"]
        if who in kept and form != "retitle":
            mine = kept[who] or set()
            kept[who] = {
                "replace": set(given),
                "keep": set(event["slots"]),
                "judge": (mine | set(accept)) - set(given),
                "extend": mine | set(given),
            }[form]
        for party in kept:
            if kept[party] is not None:
                kept[party] = {each for each in kept[party] if each in event["slots"]}

    def facts(
        self, form: str, old: set[Pair], new: set[Pair], given: list[Pair], accept: list[Pair]
    ) -> Dict:
        """
        Say in the log what an update did.
        """
        data: Dict = {"form": {"keep": "narrow", "judge": "narrow"}.get(form, form)}
        if form == "judge":
            data["accepted"] = pairs(set(accept) & new)
        if form == "extend":
            data["accepted"] = pairs(set(given))
        if new - old:
            data["added"] = pairs(new - old)
        if old - new:
            data["removed"] = pairs(old - new)
        return data

    def picture(self, event: Dict) -> tuple[str, list[Pair], list[Any], str]:
        """
        Remember what an event was.
        """
        kept = [None if k is None else sorted(k) for k in event["kept"].values()]
        return event["title"], sorted(event["slots"]), kept, self.status(event)

    def tell(self, number: int, caller: Dict, was: tuple[str, list[Pair], list[Any], str]) -> None:
        """
        Promise everybody the news of an agreement made, changed or broken.
        """
        event = self.events[number]
        title, slots, _, status = was
        now = self.picture(event)
        old = self.ahead(status, slots)
        new = self.ahead(now[3], now[1])
        if new is None:
            reason, about = "cancelled", old
        elif old is None:
            reason, about = "agreed", new
        elif (title, old) != (now[0], new):
            reason, about = "changed", new
        else:
            return
        if about is None:
            return
        told = list(event["parties"])
        if event["proposer"] not in told:
            told.append(event["proposer"])
        for rank, person in enumerate(each for each in told if each not in event["stopped"]):
            data = {"reason": reason, "recipient": person, "sender": caller["as"]}
            data["about"] = pairs({about})
            self.promise(number, caller, data, reason, rank, about[0] + about[1])

    def ahead(self, status: str, slots: list[Pair]) -> Pair | None:
        """
        Give the slot that is agreed on and not over yet.
        """
        over = status != "agreed" or sum(slots[0]) <= self.now
        return None if over else slots[0]

    def delete(self, caller: Dict, number: int) -> str:
        """
        Close an event.
        """
        no = refusal(self, "delete", caller, number)
        if no:
            return no
        event = self.events[number]
        was = self.picture(event)
        event["closed"] = True
        self.append(event, "UPDATE", caller["as"], {"closed": "deleted"}, caller["mark"])
        self.tell(number, caller, was)
        return ""

    def mail(self, caller: Dict, number: int, word: str) -> str:
        """
        Stop or resume the mail of an event to oneself.
        """
        no = refusal(self, "mail", caller, number)
        if no:
            return no
        event = self.events[number]
        if word == "stopped":
            event["stopped"].add(caller["as"])
        else:
            event["stopped"].discard(caller["as"])
        self.append(event, "UPDATE", caller["as"], {"mail": word}, caller["mark"])
        return ""

    def notify(
        self,
        caller: Dict,
        number: int,
        recipients: list[str],
        slots: list[Pair],
        sender: str | None,
        staff: str,
        *,
        invitation: bool,
    ) -> str:
        """
        Tell parties what is on the table.
        """
        no = refusal(self, "notify", caller, number)
        if no:
            return no
        event = self.events[number]
        behalf = caller["as"] if sender is None else sender
        parties, deaf = event["parties"], event["stopped"] | self.barred
        checks = [
            (recipients == [], "InvalidInputError"),
            (any(each not in parties for each in recipients), "NotAPartyError"),
            (behalf not in [*parties, caller["as"], staff], "NotAPartyError"),
            (set(slots) != event["slots"], "SlotsNotCurrentError"),
            (any(each in deaf for each in recipients), "MailStoppedError"),
        ]
        for bad, name in checks:
            if bad:
                return name
        for place, recipient in enumerate(dict.fromkeys(recipients)):
            data: Dict = {"recipient": recipient, "sender": behalf}
            if invitation:
                data["invitation"] = True
            if place == 0:
                data["_new"] = [caller["as"], behalf]
            kind = "invitation" if invitation else "update"
            self.promise(number, caller, data, kind, place)
        return ""

    # What staff and the system do.

    def dismiss(self, user: str) -> None:
        """
        Bar a user and take its links back.
        """
        self.barred.add(user)
        for token in self.tokens.values():
            if token["party"] == user:
                token["revoked"] = True

    def readmit(self, user: str) -> None:
        """
        Let a user get links again.
        """
        self.barred.discard(user)
