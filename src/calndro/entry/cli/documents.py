"""
What ``--json`` prints: the shape of each command's document.

The shapes of events and their logs are those of the wire; the others are here.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, NamedTuple, NotRequired, TypedDict

import msgspec
from msgspec import Meta

from calndro.adapters.wire import (
    EventJson,
    Instant,
    LogJson,
    NotifiedJson,
    Party,
    SlotJson,
    UserJson,
)


class ClosedJson(TypedDict):
    """
    An event that was deleted.
    """

    id: int
    status: Literal["closed"]


class CalendarJson(TypedDict):
    """
    A calendar file.
    """

    id: Annotated[int, Meta(description="Of the event.")]
    calendar: Annotated[str, Meta(description="iCalendar, RFC 5545.")]


class FindingJson(TypedDict):
    """
    Something that a log which proves itself would not have.
    """

    seq: Annotated[int | None, Meta(description="The first bad entry; null when it is about none.")]
    message: str


class VerdictJson(TypedDict):
    """
    What verification of a log found.
    """

    id: Annotated[
        int | None,
        Meta(description="Of the event; null for an exported log, or a receipt of no event here."),
    ]
    event: Annotated[
        str | None,
        Meta(description="The event's uuid; null, as seq and head, when it can't be read."),
    ]
    seq: Annotated[int | None, Meta(description="How many entries there are.")]
    head: Annotated[str | None, Meta(description="The hash of the newest one, hex.")]
    receipts: Annotated[int, Meta(description="How many were compared.")]
    good: bool
    findings: list[FindingJson]


class PersonJson(TypedDict):
    """
    Somebody of whom an exported log speaks; salt and address are null once it is erased.
    """

    i: Annotated[int, Meta(description="Its number in the log.")]
    salt: Annotated[str | None, Meta(description="Hex.")]
    address: Party | None


class ExportLineJson(TypedDict):
    """
    A line of an exported log: the first has event, head, seq and people, the others the rest.
    """

    event: NotRequired[Annotated[str, Meta(description="The event's uuid.")]]
    head: NotRequired[Annotated[str, Meta(description="The hash of the newest entry, hex.")]]
    seq: NotRequired[Annotated[int, Meta(description="How many entries follow.")]]
    people: NotRequired[list[PersonJson]]
    body: NotRequired[Annotated[str, Meta(description="The exact bytes of an entry, as text.")]]
    hash: NotRequired[Annotated[str, Meta(description="The head after it, hex.")]]


class LoginJson(TypedDict):
    """
    Who is, or was, logged in where.
    """

    server: str
    user: Annotated[str | None, Meta(description="Null when nobody was logged in.")]


class DeliveryJson(TypedDict):
    """
    How one letter went.
    """

    event: int
    recipient: Party
    outcome: Annotated[str | None, Meta(description="Null while the letter still waits.")]
    reason: Annotated[str, Meta(description="What went wrong; empty when nothing did.")]


class WaitingLetterJson(TypedDict):
    """
    A letter that waits.
    """

    letter: Annotated[int, Meta(description="Its number.")]
    event: int
    recipient: Party
    kind: Annotated[str, Meta(description="What it is for.")]
    state: Literal["waiting", "held", "leaving"]
    attempts: int
    added: Instant
    due: Annotated[str, Meta(description="When it is tried next, UTC.")]
    code: Annotated[int | None, Meta(description="The mail server's last reply.")]


class DueJson(TypedDict):
    """
    How many letters are due now.
    """

    due: int


class DroppedJson(TypedDict):
    """
    How many letters were given up.
    """

    dropped: int


class TokenJson(TypedDict):
    """
    A new API token; with --revoke, how many were taken back.
    """

    token: NotRequired[str]
    revoked: NotRequired[int]


class ErasedJson(TypedDict):
    """
    What moved on without a person that was forgotten.
    """

    events: Annotated[list[int], Meta(description="Their ids.")]


class SettingJson(TypedDict):
    """
    A setting.
    """

    name: str
    value: Annotated[str, Meta(description="As text; stars for a secret that is set.")]
    source: Annotated[str, Meta(description="Where the value comes from.")]
    meaning: str
    default: str


class ExampleJson(TypedDict):
    """
    A complete .env file.
    """

    example: str


class KeptSettingJson(TypedDict):
    """
    What was kept where.
    """

    name: str
    file: str


class StepJson(TypedDict):
    """
    A step of trying a mail server.
    """

    step: str
    passed: bool
    said: Annotated[str, Meta(description="What the server said.")]


class TrialJson(TypedDict):
    """
    How trying the mail server went.
    """

    host: str
    port: int
    steps: list[StepJson]
    mend: Annotated[str, Meta(description="What to do about it; empty when all steps passed.")]


class SchemaJson(TypedDict):
    """
    Which schema the database has; before is there after an upgrade.
    """

    before: NotRequired[str | None]
    now: Annotated[str | None, Meta(description="Null without a schema of calndro.")]


class DifferencesJson(TypedDict):
    """
    How the database differs from the tables that this program knows.
    """

    differences: Annotated[list[str], Meta(description="One sentence each.")]


class CopyJson(TypedDict):
    """
    A copy of the database.
    """

    file: str
    bytes: int


class MovedJson(TypedDict):
    """
    How much was taken out, or in.
    """

    users: int
    events: int
    entries: int


class TakenOverJson(MovedJson):
    """
    How much was taken over from the original.
    """

    incomplete: Annotated[int, Meta(description="Entries that name something in left_out.")]
    links: Annotated[int, Meta(description="Links of letters that go on working.")]


class ServingJson(TypedDict):
    """
    Where the server listens.
    """

    url: str


class Document(NamedTuple):
    """
    What a command prints with ``--json``.

    Args:
        shape: Of the document, or of each line.
        when: In which case; empty for the usual one.
        by_line: Whether it prints any number of documents, one a line.
    """

    shape: Any
    when: str = ""
    by_line: bool = False


_EVENT: Final = (Document(EventJson),)
_USER: Final = (Document(UserJson),)
_MOVED: Final = (Document(MovedJson),)
_MOVED_ON: Final = Document(EventJson, "with `--if-revision`, when it is at another")
_SLOTS: Final = Document(list[SlotJson], "with `--dry-run`")

DOCUMENTS: Final[dict[str, tuple[Document, ...]]] = {
    "propose": (*_EVENT, _SLOTS),
    "list": (Document(list[EventJson]),),
    "show": _EVENT,
    "narrow": _EVENT,
    "agree": _EVENT,
    "extend": (*_EVENT, _SLOTS),
    "replace": (*_EVENT, _SLOTS),
    "title": _EVENT,
    "notify": (Document(NotifiedJson), _MOVED_ON),
    "suggest": (Document(list[SlotJson]),),
    "log": (Document(LogJson),),
    "wait": (*_EVENT, Document(ClosedJson, "with `--until closed`")),
    "ics": (Document(CalendarJson),),
    "delete": (Document(ClosedJson), _MOVED_ON),
    "audit verify": (Document(list[VerdictJson]),),
    "audit export": (Document(ExportLineJson, by_line=True),),
    "tui": (
        Document(EventJson, "`c`, `d`, `p`, `n`", by_line=True),
        Document(list[EventJson], "`l`", by_line=True),
        Document(LogJson, "`g`", by_line=True),
    ),
    "login": (Document(LoginJson),),
    "logout": (Document(LoginJson),),
    "user add": _USER,
    "user list": (Document(list[UserJson]),),
    "user password": _USER,
    "user staff": _USER,
    "user deactivate": _USER,
    "user activate": _USER,
    "user token": (Document(TokenJson),),
    "user erase": (Document(ErasedJson),),
    "deliver": (
        Document(list[DeliveryJson]),
        Document(DeliveryJson, "with `--watch`", by_line=True),
    ),
    "outbox list": (Document(list[WaitingLetterJson]),),
    "outbox retry": (Document(DueJson),),
    "outbox drop": (Document(DroppedJson),),
    "mail test": (Document(TrialJson),),
    "mail stop": _EVENT,
    "mail resume": _EVENT,
    "serve": (Document(ServingJson, "before it serves"),),
    "openapi": (Document(dict[str, Any], "OpenAPI 3.1"),),
    "db upgrade": (Document(SchemaJson),),
    "db current": (Document(SchemaJson),),
    "db check": (Document(DifferencesJson),),
    "backup": (Document(CopyJson),),
    "export": _MOVED,
    "import": (*_MOVED, Document(TakenOverJson, "with `--from-original`")),
    "config": (Document(list[SettingJson]), Document(ExampleJson, "with `--example`")),
    "config set": (Document(KeptSettingJson),),
    "demo": (Document(LogJson),),
}
"""Every command that prints something, and what it prints with ``--json``."""


def schema() -> dict[str, Any]:
    """
    Describe every document as JSON Schema.

    Returns:
        A schema whose ``$defs`` hold the shapes, and under ``commands`` those of each
        command.
    """
    shapes = [each.shape for documents in DOCUMENTS.values() for each in documents]
    found, components = msgspec.json.schema_components(shapes, ref_template="#/$defs/{name}")
    described = iter(found)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "commands": {
            name: [
                {"schema": next(described), "when": each.when, "by_line": each.by_line}
                for each in documents
            ]
            for name, documents in DOCUMENTS.items()
        },
        "$defs": dict(sorted(components.items())),
    }
