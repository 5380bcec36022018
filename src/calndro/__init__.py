"""
calndro coordinates a meeting: propose -> narrow -> agree : audit.

Everything supported is importable from here: the values, rules and errors of the core,
the use cases, and ``connect``, which opens a database and gives the desk to work at.
Each name is loaded when it is first asked for, so that nobody pays for what they
don't use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final


if TYPE_CHECKING:
    from calndro.core.access import (
        ALLOWED,
        Caller,
        Operation,
        Standing,
        admit,
        admit_to,
    )
    from calndro.core.agreement import (
        Reason,
        State,
        Status,
        news,
        replay,
    )
    from calndro.core.deeds import (
        Extend,
        Form,
        Judge,
        Keep,
        Replace,
    )
    from calndro.core.dispatch import Dispatch
    from calndro.core.durations import format_duration, parse_duration, say_duration
    from calndro.core.errors import (
        CalndroError,
        CollisionError,
        DeliveryError,
        Fault,
        Faults,
        GoneError,
        InvalidInputError,
        KeyReusedError,
        MailStoppedError,
        NotAllowedError,
        NotAPartyError,
        NotFoundError,
        OneselfError,
        PortError,
        RuleError,
        SchemaError,
        SignInError,
        SlotsNotCurrentError,
        StaleRevisionError,
        StorageError,
        TokenError,
        TokenExpiredError,
        TokenInvalidError,
        TokenMissingError,
        TooManyError,
        TooManySlotsError,
    )
    from calndro.core.event import (
        Event,
        LogEntry,
        see,
        see_entry,
    )
    from calndro.core.idempotency import Answer, IdempotencyKey
    from calndro.core.ledger import (
        Act,
        Change,
        Ledger,
        Person,
    )
    from calndro.core.log import (
        Chain,
        Entry,
        Occurrence,
        Receipt,
        canonical,
        commitment,
        entry_hash,
    )
    from calndro.core.notice import Kind, Notice, Outcome, Post
    from calndro.core.party import Address
    from calndro.core.reading import SlotText, Wanted, read_table
    from calndro.core.slot import (
        Slot,
        Table,
        both,
        table,
        union,
        without,
    )
    from calndro.core.spoken import say_begin, say_slot
    from calndro.core.stored import DamagedError
    from calndro.core.times import (
        format_begin,
        format_slot,
        parse_begin,
        parse_slot,
        parse_zone,
    )
    from calndro.core.title import parse_title
    from calndro.core.token import EmailToken, digest_of
    from calndro.core.user import ApiToken, User
    from calndro.entry.wiring import connect
    from calndro.usecases.accounts import sign_in
    from calndro.usecases.events import (
        delete,
        list_events,
        notify,
        peek,
        propose,
        read_log,
        resume_mail,
        stop_mail,
        view,
    )
    from calndro.usecases.letters import Delivery, deliver
    from calndro.usecases.services import Services, Terms
    from calndro.usecases.updates import extend, judge, narrow, replace, retitle, update


__all__ = [
    "ALLOWED",
    "Act",
    "Address",
    "Answer",
    "ApiToken",
    "Caller",
    "CalndroError",
    "Chain",
    "Change",
    "CollisionError",
    "DamagedError",
    "Delivery",
    "DeliveryError",
    "Dispatch",
    "EmailToken",
    "Entry",
    "Event",
    "Extend",
    "Fault",
    "Faults",
    "Form",
    "GoneError",
    "IdempotencyKey",
    "InvalidInputError",
    "Judge",
    "Keep",
    "KeyReusedError",
    "Kind",
    "Ledger",
    "LogEntry",
    "MailStoppedError",
    "NotAPartyError",
    "NotAllowedError",
    "NotFoundError",
    "Notice",
    "Occurrence",
    "OneselfError",
    "Operation",
    "Outcome",
    "Person",
    "PortError",
    "Post",
    "Reason",
    "Receipt",
    "Replace",
    "RuleError",
    "SchemaError",
    "Services",
    "SignInError",
    "Slot",
    "SlotText",
    "SlotsNotCurrentError",
    "StaleRevisionError",
    "Standing",
    "State",
    "Status",
    "StorageError",
    "Table",
    "Terms",
    "TokenError",
    "TokenExpiredError",
    "TokenInvalidError",
    "TokenMissingError",
    "TooManyError",
    "TooManySlotsError",
    "User",
    "Wanted",
    "admit",
    "admit_to",
    "both",
    "canonical",
    "commitment",
    "connect",
    "delete",
    "deliver",
    "digest_of",
    "entry_hash",
    "extend",
    "format_begin",
    "format_duration",
    "format_slot",
    "judge",
    "list_events",
    "narrow",
    "news",
    "notify",
    "parse_begin",
    "parse_duration",
    "parse_slot",
    "parse_title",
    "parse_zone",
    "peek",
    "propose",
    "read_log",
    "read_table",
    "replace",
    "replay",
    "resume_mail",
    "retitle",
    "say_begin",
    "say_duration",
    "say_slot",
    "see",
    "see_entry",
    "sign_in",
    "stop_mail",
    "table",
    "union",
    "update",
    "view",
    "without",
]

__version__ = "0.1.0"

_HOMES: Final = {
    "calndro.core.access": "ALLOWED Caller Operation Standing admit admit_to",
    "calndro.core.agreement": "Reason State Status news replay",
    "calndro.core.deeds": "Extend Form Judge Keep Replace",
    "calndro.core.durations": "format_duration parse_duration say_duration",
    "calndro.core.errors": (
        "CalndroError CollisionError DeliveryError Fault Faults GoneError InvalidInputError "
        "KeyReusedError MailStoppedError NotAPartyError NotAllowedError NotFoundError "
        "OneselfError PortError RuleError SchemaError SignInError SlotsNotCurrentError "
        "StaleRevisionError StorageError TokenError TokenExpiredError TokenInvalidError "
        "TokenMissingError TooManyError TooManySlotsError"
    ),
    "calndro.core.event": "Event LogEntry see see_entry",
    "calndro.core.ledger": "Act Change Ledger Person",
    "calndro.core.log": "Chain Entry Occurrence Receipt canonical commitment entry_hash",
    "calndro.core.dispatch": "Dispatch",
    "calndro.core.notice": "Kind Notice Outcome Post",
    "calndro.core.idempotency": "Answer IdempotencyKey",
    "calndro.core.party": "Address",
    "calndro.core.reading": "SlotText Wanted read_table",
    "calndro.core.slot": "Slot Table both table union without",
    "calndro.core.spoken": "say_begin say_slot",
    "calndro.core.stored": "DamagedError",
    "calndro.core.times": "format_begin format_slot parse_begin parse_slot parse_zone",
    "calndro.core.title": "parse_title",
    "calndro.core.token": "EmailToken digest_of",
    "calndro.core.user": "ApiToken User",
    "calndro.entry.wiring": "connect",
    "calndro.usecases.accounts": "sign_in",
    "calndro.usecases.events": (
        "delete list_events notify peek propose read_log resume_mail stop_mail view"
    ),
    "calndro.usecases.updates": "extend judge narrow replace retitle update",
    "calndro.usecases.letters": "Delivery deliver",
    "calndro.usecases.services": "Services Terms",
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
