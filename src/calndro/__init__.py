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
    from calndro.core.access import ALLOWED, Caller, Operation, Standing, admit, admit_to
    from calndro.core.agreement import Reason, State, Status, news, replay
    from calndro.core.audit import Finding, Verdict
    from calndro.core.ballot import Ballot, Need, Press
    from calndro.core.deeds import Extend, Form, Judge, Keep, Replace
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
    from calndro.core.event import Event, LogEntry, see, see_entry
    from calndro.core.idempotency import Answer, IdempotencyKey
    from calndro.core.ledger import Act, Change, Ledger, Person
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
    from calndro.core.slot import Slot, Table, both, table, union, without
    from calndro.core.spoken import say_begin, say_slot
    from calndro.core.stored import DamagedError
    from calndro.core.times import format_begin, format_slot, parse_begin, parse_slot, parse_zone
    from calndro.core.title import parse_title
    from calndro.core.token import EmailToken, digest_of
    from calndro.core.user import ApiToken, User
    from calndro.entry.wiring import connect
    from calndro.usecases.accounts import (
        act_locally,
        activate,
        add_user,
        authenticate,
        deactivate,
        issue_api_token,
        issue_api_token_for,
        present_api_token,
        register_locally,
        revoke_api_tokens,
        set_password,
        set_staff,
        sign_in,
    )
    from calndro.usecases.administering import (
        Account,
        IssuedLink,
        find_users,
        list_links,
        revoke_link,
        see_account,
    )
    from calndro.usecases.api_tokens import (
        list_own_api_tokens,
        revoke_own_api_token,
        revoke_own_api_tokens,
    )
    from calndro.usecases.auditing import Erased, erase, export_log, verify_all, verify_log
    from calndro.usecases.calendars import calendar_file
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
        whole_log,
    )
    from calndro.usecases.letters import Delivery, deliver, deliveries
    from calndro.usecases.links import renew_link
    from calndro.usecases.moving import Moved, export_all, import_all
    from calndro.usecases.outbox import WaitingLetter, drop_letters, list_letters, retry_letters
    from calndro.usecases.services import Services, Terms
    from calndro.usecases.sessions import (
        begin_session,
        change_password,
        end_session,
        resume_session,
    )
    from calndro.usecases.taking_over import TakenOver, take_over
    from calndro.usecases.updates import extend, judge, narrow, replace, retitle, update
    from calndro.usecases.visiting import Answered, Visit, answer, glance, link_ends, visit


__all__ = [
    "ALLOWED",
    "Account",
    "Act",
    "Address",
    "Answer",
    "Answered",
    "ApiToken",
    "Ballot",
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
    "Erased",
    "Event",
    "Extend",
    "Fault",
    "Faults",
    "Finding",
    "Form",
    "GoneError",
    "IdempotencyKey",
    "InvalidInputError",
    "IssuedLink",
    "Judge",
    "Keep",
    "KeyReusedError",
    "Kind",
    "Ledger",
    "LogEntry",
    "MailStoppedError",
    "Moved",
    "Need",
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
    "Press",
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
    "TakenOver",
    "Terms",
    "TokenError",
    "TokenExpiredError",
    "TokenInvalidError",
    "TokenMissingError",
    "TooManyError",
    "TooManySlotsError",
    "User",
    "Verdict",
    "Visit",
    "WaitingLetter",
    "Wanted",
    "act_locally",
    "activate",
    "add_user",
    "admit",
    "admit_to",
    "answer",
    "authenticate",
    "begin_session",
    "both",
    "calendar_file",
    "canonical",
    "change_password",
    "commitment",
    "connect",
    "deactivate",
    "delete",
    "deliver",
    "deliveries",
    "digest_of",
    "drop_letters",
    "end_session",
    "entry_hash",
    "erase",
    "export_all",
    "export_log",
    "extend",
    "find_users",
    "format_begin",
    "format_duration",
    "format_slot",
    "glance",
    "import_all",
    "issue_api_token",
    "issue_api_token_for",
    "judge",
    "link_ends",
    "list_events",
    "list_letters",
    "list_links",
    "list_own_api_tokens",
    "narrow",
    "news",
    "notify",
    "parse_begin",
    "parse_duration",
    "parse_slot",
    "parse_title",
    "parse_zone",
    "peek",
    "present_api_token",
    "propose",
    "read_log",
    "read_table",
    "register_locally",
    "renew_link",
    "replace",
    "replay",
    "resume_mail",
    "resume_session",
    "retitle",
    "retry_letters",
    "revoke_api_tokens",
    "revoke_link",
    "revoke_own_api_token",
    "revoke_own_api_tokens",
    "say_begin",
    "say_duration",
    "say_slot",
    "see",
    "see_account",
    "see_entry",
    "set_password",
    "set_staff",
    "sign_in",
    "stop_mail",
    "table",
    "take_over",
    "union",
    "update",
    "verify_all",
    "verify_log",
    "view",
    "visit",
    "whole_log",
    "without",
]

__version__ = "0.1.0"

_HOMES: Final = {
    "calndro.core.access": "ALLOWED Caller Operation Standing admit admit_to",
    "calndro.core.agreement": "Reason State Status news replay",
    "calndro.core.audit": "Finding Verdict",
    "calndro.core.ballot": "Ballot Need Press",
    "calndro.core.deeds": "Extend Form Judge Keep Replace",
    "calndro.core.dispatch": "Dispatch",
    "calndro.core.durations": "format_duration parse_duration say_duration",
    "calndro.core.errors": (
        "CalndroError CollisionError DeliveryError Fault Faults GoneError InvalidInputError "
        "KeyReusedError MailStoppedError NotAPartyError NotAllowedError NotFoundError "
        "OneselfError PortError RuleError SchemaError SignInError SlotsNotCurrentError "
        "StaleRevisionError StorageError TokenError TokenExpiredError TokenInvalidError "
        "TokenMissingError TooManyError TooManySlotsError"
    ),
    "calndro.core.event": "Event LogEntry see see_entry",
    "calndro.core.idempotency": "Answer IdempotencyKey",
    "calndro.core.ledger": "Act Change Ledger Person",
    "calndro.core.log": "Chain Entry Occurrence Receipt canonical commitment entry_hash",
    "calndro.core.notice": "Kind Notice Outcome Post",
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
    "calndro.usecases.accounts": (
        "act_locally activate add_user authenticate deactivate issue_api_token "
        "issue_api_token_for present_api_token register_locally revoke_api_tokens "
        "set_password set_staff sign_in"
    ),
    "calndro.usecases.administering": (
        "Account IssuedLink find_users list_links revoke_link see_account"
    ),
    "calndro.usecases.api_tokens": "list_own_api_tokens revoke_own_api_token revoke_own_api_tokens",
    "calndro.usecases.auditing": "Erased erase export_log verify_all verify_log",
    "calndro.usecases.calendars": "calendar_file",
    "calndro.usecases.events": (
        "delete list_events notify peek propose read_log resume_mail stop_mail view whole_log"
    ),
    "calndro.usecases.letters": "Delivery deliver deliveries",
    "calndro.usecases.links": "renew_link",
    "calndro.usecases.moving": "Moved export_all import_all",
    "calndro.usecases.outbox": "WaitingLetter drop_letters list_letters retry_letters",
    "calndro.usecases.services": "Services Terms",
    "calndro.usecases.sessions": "begin_session change_password end_session resume_session",
    "calndro.usecases.taking_over": "TakenOver take_over",
    "calndro.usecases.updates": "extend judge narrow replace retitle update",
    "calndro.usecases.visiting": "Answered Visit answer glance link_ends visit",
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
