"""
The JSON of calndro: what is sent, what is taken, and how one becomes the other.

Http, the command line and the client of a server use these names; nothing else knows
how an event is written.
"""

from __future__ import annotations

from calndro.adapters.wire.checking import read
from calndro.adapters.wire.refusals import error_of
from calndro.adapters.wire.returning import entry_of, event_of, user_of
from calndro.adapters.wire.sending import (
    EntryJson,
    EventJson,
    Instant,
    LogJson,
    NotifiedJson,
    Party,
    SlotJson,
    UserJson,
    dumps,
    entry_json,
    event_json,
    event_url,
    log_json,
    notified_json,
    receipt_json,
    slot_json,
    user_json,
)
from calndro.adapters.wire.taking import (
    FORMS,
    READ_ONLY,
    MailWish,
    NewUser,
    Notification,
    Proposal,
    SignIn,
    Update,
    UserChange,
    read_proposal,
    read_update,
)


__all__ = [
    "FORMS",
    "READ_ONLY",
    "EntryJson",
    "EventJson",
    "Instant",
    "LogJson",
    "MailWish",
    "NewUser",
    "Notification",
    "NotifiedJson",
    "Party",
    "Proposal",
    "SignIn",
    "SlotJson",
    "Update",
    "UserChange",
    "UserJson",
    "dumps",
    "entry_json",
    "entry_of",
    "error_of",
    "event_json",
    "event_of",
    "event_url",
    "log_json",
    "notified_json",
    "read",
    "read_proposal",
    "read_update",
    "receipt_json",
    "slot_json",
    "user_json",
    "user_of",
]
