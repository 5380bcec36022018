"""
The statements for SQLite, and those that make its schema.

Made by ``make statements`` from ``statements`` and ``tables``; do not edit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from calndro.adapters.sql.prepared import Prepared


if TYPE_CHECKING:
    from collections.abc import Mapping


SCHEMA: Final = (
    (
        "CREATE TABLE calndro_event ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uuid "
        "BLOB NOT NULL, title VARCHAR(256) NOT NULL, zone VARCHAR(64) NOT NULL, size "
        "SMALLINT NOT NULL, proposer SMALLINT NOT NULL, revision BIGINT NOT NULL, status "
        "VARCHAR(8) NOT NULL, closed BOOLEAN NOT NULL, seq BIGINT NOT NULL, head BLOB NOT "
        "NULL, last_at BIGINT NOT NULL, slots TEXT NOT NULL, kept TEXT NOT NULL, erased "
        "TEXT NOT NULL, stopped TEXT NOT NULL, undelivered TEXT NOT NULL, CONSTRAINT "
        "uq_calndro_event_uuid UNIQUE (uuid) )"
    ),
    (
        'CREATE TABLE calndro_user ( "key" VARCHAR(320) NOT NULL, address VARCHAR(320) '
        "NOT NULL, password TEXT, active BOOLEAN NOT NULL, staff BOOLEAN NOT NULL, barred "
        "BOOLEAN NOT NULL, epoch BIGINT NOT NULL, CONSTRAINT pk_calndro_user PRIMARY KEY "
        '("key") )'
    ),
    (
        'CREATE TABLE calndro_answer ( owner VARCHAR(320) NOT NULL, "key" VARCHAR(255) '
        "NOT NULL, digest BLOB NOT NULL, at BIGINT NOT NULL, event_id INTEGER NOT NULL, "
        'seq BIGINT NOT NULL, CONSTRAINT pk_calndro_answer PRIMARY KEY (owner, "key") )'
    ),
    (
        "CREATE TABLE calndro_person ( event_id INTEGER NOT NULL, number INTEGER NOT "
        'NULL, address VARCHAR(320), "key" VARCHAR(320), salt BLOB, member BOOLEAN NOT '
        "NULL, CONSTRAINT pk_calndro_person PRIMARY KEY (event_id, number), CONSTRAINT "
        "fk_calndro_person_event_id FOREIGN KEY(event_id) REFERENCES calndro_event (id) ) "
        "WITHOUT ROWID"
    ),
    (
        "CREATE TABLE calndro_entry ( event_id INTEGER NOT NULL, seq BIGINT NOT NULL, at "
        "BIGINT NOT NULL, occurrence VARCHAR(8) NOT NULL, effector INTEGER NOT NULL, "
        "delivery BOOLEAN NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL, CONSTRAINT "
        "pk_calndro_entry PRIMARY KEY (event_id, seq), CONSTRAINT "
        "fk_calndro_entry_event_id FOREIGN KEY(event_id) REFERENCES calndro_event (id) )"
    ),
    (
        "CREATE TRIGGER calndro_entry_no_update BEFORE UPDATE ON calndro_entry BEGIN "
        "SELECT RAISE(ABORT, 'log entries can only be added'); END"
    ),
    (
        "CREATE TRIGGER calndro_entry_no_delete BEFORE DELETE ON calndro_entry BEGIN "
        "SELECT RAISE(ABORT, 'log entries can only be added'); END"
    ),
    (
        "CREATE TRIGGER calndro_entry_no_replace BEFORE INSERT ON calndro_entry WHEN "
        "EXISTS (SELECT 1 FROM calndro_entry WHERE event_id = NEW.event_id AND seq = "
        "NEW.seq) BEGIN SELECT RAISE(ABORT, 'log entries can only be added'); END"
    ),
    (
        "CREATE TABLE calndro_email_token ( digest BLOB NOT NULL, event_id INTEGER NOT "
        "NULL, person INTEGER NOT NULL, expires BIGINT NOT NULL, revoked BOOLEAN NOT "
        "NULL, spent BOOLEAN NOT NULL, CONSTRAINT pk_calndro_email_token PRIMARY KEY "
        "(digest), CONSTRAINT fk_calndro_email_token_event_id FOREIGN KEY(event_id) "
        "REFERENCES calndro_event (id) )"
    ),
    (
        "CREATE TABLE calndro_api_token ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "
        'digest BLOB NOT NULL, "key" VARCHAR(320) NOT NULL, used BIGINT NOT NULL, '
        "CONSTRAINT uq_calndro_api_token_digest UNIQUE (digest), CONSTRAINT "
        'fk_calndro_api_token_key FOREIGN KEY("key") REFERENCES calndro_user ("key") )'
    ),
    (
        'CREATE TABLE calndro_session ( digest BLOB NOT NULL, "key" VARCHAR(320) NOT '
        "NULL, epoch BIGINT NOT NULL, begun BIGINT NOT NULL, seen BIGINT NOT NULL, "
        "CONSTRAINT pk_calndro_session PRIMARY KEY (digest), CONSTRAINT "
        'fk_calndro_session_key FOREIGN KEY("key") REFERENCES calndro_user ("key") )'
    ),
    (
        "CREATE TABLE calndro_outbox ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "
        'event_id INTEGER NOT NULL, "of" BIGINT NOT NULL, recipient INTEGER NOT NULL, '
        "kind VARCHAR(16) NOT NULL, state VARCHAR(16) NOT NULL, attempts INTEGER NOT "
        "NULL, claims INTEGER NOT NULL, unsettled INTEGER NOT NULL, added BIGINT NOT "
        "NULL, turn BIGINT NOT NULL, due BIGINT NOT NULL, code INTEGER, CONSTRAINT "
        "fk_calndro_outbox_event_id FOREIGN KEY(event_id) REFERENCES calndro_event (id) )"
    ),
    (
        "CREATE TABLE calndro_version ( version_num VARCHAR(32) NOT NULL, CONSTRAINT "
        "calndro_version_pkc PRIMARY KEY (version_num) )"
    ),
    ("CREATE INDEX ix_calndro_answer_at ON calndro_answer (at)"),
    ('CREATE INDEX ix_calndro_api_token_key_used ON calndro_api_token ("key", used)'),
    (
        "CREATE INDEX ix_calndro_email_token_event_id_person ON calndro_email_token "
        "(event_id, person)"
    ),
    ("CREATE INDEX ix_calndro_email_token_expires ON calndro_email_token (expires)"),
    ("CREATE INDEX ix_calndro_outbox_added ON calndro_outbox (added)"),
    (
        "CREATE INDEX ix_calndro_outbox_event_id_state_recipient_kind_id ON "
        "calndro_outbox (event_id, state, recipient, kind, id)"
    ),
    ("CREATE INDEX ix_calndro_outbox_state_turn_id_due ON calndro_outbox (state, turn, id, due)"),
    ('CREATE INDEX ix_calndro_person_key_event_id ON calndro_person ("key", event_id)'),
    ("CREATE INDEX ix_calndro_session_begun ON calndro_session (begun)"),
    ('CREATE INDEX ix_calndro_session_key ON calndro_session ("key")'),
)

STATEMENTS: Final[Mapping[str, Prepared]] = {
    "event.read": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_event WHERE "
            "calndro_event.id = :event_id"
        ),
    ),
    "event.read_to_change": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_event WHERE "
            "calndro_event.id = :event_id"
        ),
    ),
    "event.add": Prepared(
        (
            "INSERT INTO calndro_event (uuid, title, zone, size, proposer, revision, status, "
            "closed, seq, head, last_at, slots, kept, erased, stopped, undelivered) VALUES "
            "(:uuid, :title, :zone, :size, :proposer, :revision, :status, :closed, :seq, "
            ":head, :last_at, :slots, :kept, :erased, :stopped, :undelivered)"
        ),
    ),
    "event.add_under_id": Prepared(
        (
            "INSERT INTO calndro_event (id, uuid, title, zone, size, proposer, revision, "
            "status, closed, seq, head, last_at, slots, kept, erased, stopped, undelivered) "
            "VALUES (:id, :uuid, :title, :zone, :size, :proposer, :revision, :status, "
            ":closed, :seq, :head, :last_at, :slots, :kept, :erased, :stopped, :undelivered)"
        ),
    ),
    "event.move": Prepared(
        (
            "UPDATE calndro_event SET seq=:seq, head=:head, last_at=:last_at WHERE "
            "calndro_event.id = :event_id AND calndro_event.seq = :old_seq"
        ),
    ),
    "event.change": Prepared(
        (
            "UPDATE calndro_event SET title=:title, revision=:revision, status=:status, "
            "closed=:closed, seq=:seq, head=:head, last_at=:last_at, slots=:slots, "
            "kept=:kept, erased=:erased, stopped=:stopped, undelivered=:undelivered WHERE "
            "calndro_event.id = :event_id AND calndro_event.seq = :old_seq"
        ),
    ),
    "event.page.everyone.oldest.any": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_event WHERE "
            "calndro_event.id > :after ORDER BY calndro_event.id ASC LIMIT :most OFFSET "
            ":param_1"
        ),
        {"param_1": 0},
    ),
    "event.page.everyone.oldest.not_closed": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_event WHERE "
            "calndro_event.id > :after AND calndro_event.closed = 0 ORDER BY calndro_event.id "
            "ASC LIMIT :most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "event.page.everyone.oldest.status": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_event WHERE "
            "calndro_event.id > :after AND calndro_event.status = :status ORDER BY "
            "calndro_event.id ASC LIMIT :most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "event.page.everyone.newest.any": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_event WHERE "
            "calndro_event.id < :after ORDER BY calndro_event.id DESC LIMIT :most OFFSET "
            ":param_1"
        ),
        {"param_1": 0},
    ),
    "event.page.everyone.newest.not_closed": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_event WHERE "
            "calndro_event.id < :after AND calndro_event.closed = 0 ORDER BY calndro_event.id "
            "DESC LIMIT :most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "event.page.everyone.newest.status": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_event WHERE "
            "calndro_event.id < :after AND calndro_event.status = :status ORDER BY "
            "calndro_event.id DESC LIMIT :most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "event.page.theirs.oldest.any": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_person JOIN "
            "calndro_event ON calndro_person.event_id = calndro_event.id WHERE "
            'calndro_person."key" = :key AND calndro_person.member = 1 AND '
            "calndro_person.event_id > :after ORDER BY calndro_person.event_id ASC LIMIT "
            ":most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "event.page.theirs.oldest.not_closed": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_person JOIN "
            "calndro_event ON calndro_person.event_id = calndro_event.id WHERE "
            'calndro_person."key" = :key AND calndro_person.member = 1 AND '
            "calndro_person.event_id > :after AND calndro_event.closed = 0 ORDER BY "
            "calndro_person.event_id ASC LIMIT :most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "event.page.theirs.oldest.status": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_person JOIN "
            "calndro_event ON calndro_person.event_id = calndro_event.id WHERE "
            'calndro_person."key" = :key AND calndro_person.member = 1 AND '
            "calndro_person.event_id > :after AND calndro_event.status = :status ORDER BY "
            "calndro_person.event_id ASC LIMIT :most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "event.page.theirs.newest.any": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_person JOIN "
            "calndro_event ON calndro_person.event_id = calndro_event.id WHERE "
            'calndro_person."key" = :key AND calndro_person.member = 1 AND '
            "calndro_person.event_id < :after ORDER BY calndro_person.event_id DESC LIMIT "
            ":most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "event.page.theirs.newest.not_closed": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_person JOIN "
            "calndro_event ON calndro_person.event_id = calndro_event.id WHERE "
            'calndro_person."key" = :key AND calndro_person.member = 1 AND '
            "calndro_person.event_id < :after AND calndro_event.closed = 0 ORDER BY "
            "calndro_person.event_id DESC LIMIT :most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "event.page.theirs.newest.status": Prepared(
        (
            "SELECT calndro_event.id, calndro_event.uuid, calndro_event.title, "
            "calndro_event.zone, calndro_event.size, calndro_event.proposer, "
            "calndro_event.revision, calndro_event.status, calndro_event.closed, "
            "calndro_event.seq, calndro_event.head, calndro_event.last_at, "
            "calndro_event.slots, calndro_event.kept, calndro_event.erased, "
            "calndro_event.stopped, calndro_event.undelivered FROM calndro_person JOIN "
            "calndro_event ON calndro_person.event_id = calndro_event.id WHERE "
            'calndro_person."key" = :key AND calndro_person.member = 1 AND '
            "calndro_person.event_id < :after AND calndro_event.status = :status ORDER BY "
            "calndro_person.event_id DESC LIMIT :most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "person.read": Prepared(
        (
            "SELECT calndro_person.event_id, calndro_person.number, calndro_person.address, "
            'calndro_person."key", calndro_person.salt FROM calndro_person WHERE '
            "calndro_person.event_id = :event_id ORDER BY calndro_person.number"
        ),
    ),
    "person.read_of_many": Prepared(
        (
            "SELECT calndro_person.event_id, calndro_person.number, calndro_person.address, "
            'calndro_person."key", calndro_person.salt FROM calndro_person WHERE '
            "calndro_person.event_id IN (:event_ids_1) ORDER BY calndro_person.event_id, "
            "calndro_person.number"
        ),
        {},
        "event_ids",
        ":event_ids_1",
    ),
    "person.add": Prepared(
        (
            'INSERT INTO calndro_person (event_id, number, address, "key", salt, member) '
            "VALUES (:event_id, :number, :address, :key, :salt, :member)"
        ),
    ),
    "person.change": Prepared(
        (
            'UPDATE calndro_person SET address=:address, "key"=:key, salt=:salt WHERE '
            "calndro_person.event_id = :which_event AND calndro_person.number = :which_number"
        ),
    ),
    "person.mentioning": Prepared(
        (
            "SELECT calndro_event.id FROM calndro_person JOIN calndro_event ON "
            'calndro_person.event_id = calndro_event.id WHERE calndro_person."key" = :key '
            "ORDER BY calndro_event.id"
        ),
    ),
    "person.mentioning_to_change": Prepared(
        (
            "SELECT calndro_event.id FROM calndro_person JOIN calndro_event ON "
            'calndro_person.event_id = calndro_event.id WHERE calndro_person."key" = :key '
            "ORDER BY calndro_event.id"
        ),
    ),
    "person.read_as_stored": Prepared(
        (
            'SELECT calndro_event.status, calndro_person.number, calndro_person."key", '
            "calndro_person.member FROM calndro_person JOIN calndro_event ON "
            "calndro_person.event_id = calndro_event.id WHERE calndro_person.event_id = "
            ":event_id ORDER BY calndro_person.number"
        ),
    ),
    "person.answered": Prepared(
        (
            'SELECT DISTINCT calndro_person.address, calndro_person."key" FROM calndro_person '
            "JOIN calndro_entry ON calndro_person.event_id = calndro_entry.event_id AND "
            'calndro_person.number = calndro_entry.effector WHERE calndro_person."key" IN '
            "(:keys_1) AND calndro_entry.occurrence = :occurrence_1"
        ),
        {"occurrence_1": "UPDATE"},
        "keys",
        ":keys_1",
    ),
    "entry.add": Prepared(
        (
            "INSERT INTO calndro_entry (event_id, seq, at, occurrence, effector, delivery, "
            "hash, body) VALUES (:event_id, :seq, :at, :occurrence, :effector, :delivery, "
            ":hash, :body)"
        ),
    ),
    "entry.page.oldest.any": Prepared(
        (
            "SELECT calndro_entry.body, calndro_entry.hash FROM calndro_entry WHERE "
            "calndro_entry.event_id = :event_id AND calndro_entry.seq > :after ORDER BY "
            "calndro_entry.seq ASC LIMIT :most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "entry.page.oldest.no_delivery": Prepared(
        (
            "SELECT calndro_entry.body, calndro_entry.hash FROM calndro_entry WHERE "
            "calndro_entry.event_id = :event_id AND calndro_entry.seq > :after AND "
            "calndro_entry.delivery = 0 ORDER BY calndro_entry.seq ASC LIMIT :most OFFSET "
            ":param_1"
        ),
        {"param_1": 0},
    ),
    "entry.page.newest.any": Prepared(
        (
            "SELECT calndro_entry.body, calndro_entry.hash FROM calndro_entry WHERE "
            "calndro_entry.event_id = :event_id AND calndro_entry.seq < :after ORDER BY "
            "calndro_entry.seq DESC LIMIT :most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "entry.page.newest.no_delivery": Prepared(
        (
            "SELECT calndro_entry.body, calndro_entry.hash FROM calndro_entry WHERE "
            "calndro_entry.event_id = :event_id AND calndro_entry.seq < :after AND "
            "calndro_entry.delivery = 0 ORDER BY calndro_entry.seq DESC LIMIT :most OFFSET "
            ":param_1"
        ),
        {"param_1": 0},
    ),
    "entry.read_as_stored": Prepared(
        (
            "SELECT calndro_entry.seq, calndro_entry.at, calndro_entry.occurrence, "
            "calndro_entry.effector, calndro_entry.delivery, calndro_entry.body, "
            "calndro_entry.hash FROM calndro_entry WHERE calndro_entry.event_id = :event_id "
            "AND calndro_entry.seq > :after ORDER BY calndro_entry.seq ASC LIMIT :most OFFSET "
            ":param_1"
        ),
        {"param_1": 0},
    ),
    "user.find": Prepared(
        (
            'SELECT calndro_user."key", calndro_user.address, calndro_user.password, '
            "calndro_user.active, calndro_user.staff, calndro_user.barred, calndro_user.epoch "
            'FROM calndro_user WHERE calndro_user."key" IN (:keys_1)'
        ),
        {},
        "keys",
        ":keys_1",
    ),
    "user.page": Prepared(
        (
            'SELECT calndro_user."key", calndro_user.address, calndro_user.password, '
            "calndro_user.active, calndro_user.staff, calndro_user.barred, calndro_user.epoch "
            'FROM calndro_user ORDER BY calndro_user."key" LIMIT :most OFFSET :param_1'
        ),
        {"param_1": 0},
    ),
    "user.page_after": Prepared(
        (
            'SELECT calndro_user."key", calndro_user.address, calndro_user.password, '
            "calndro_user.active, calndro_user.staff, calndro_user.barred, calndro_user.epoch "
            'FROM calndro_user WHERE calndro_user."key" > :after ORDER BY calndro_user."key" '
            "LIMIT :most OFFSET :param_1"
        ),
        {"param_1": 0},
    ),
    "user.enlist": Prepared(
        (
            'INSERT INTO calndro_user ("key", address, password, active, staff, barred, '
            "epoch) VALUES (:key, :address, :password, :active, :staff, :barred, :epoch) ON "
            "CONFLICT DO NOTHING"
        ),
    ),
    "user.put": Prepared(
        (
            'INSERT INTO calndro_user ("key", address, password, active, staff, barred, '
            "epoch) VALUES (:key, :address, :password, :active, :staff, :barred, :epoch) ON "
            'CONFLICT ("key") DO UPDATE SET password = excluded.password, active = '
            "excluded.active, staff = excluded.staff, barred = excluded.barred, epoch = "
            "excluded.epoch"
        ),
    ),
    "user.remove": Prepared(
        ('DELETE FROM calndro_user WHERE calndro_user."key" = :whose'),
    ),
    "email_token.add": Prepared(
        (
            "INSERT INTO calndro_email_token (digest, event_id, person, expires, revoked, "
            "spent) VALUES (:digest, :event_id, :person, :expires, :revoked, :spent)"
        ),
    ),
    "email_token.find": Prepared(
        (
            "SELECT calndro_email_token.digest, calndro_email_token.event_id, "
            "calndro_email_token.person, calndro_email_token.expires, "
            "calndro_email_token.revoked, calndro_email_token.spent FROM calndro_email_token "
            "WHERE calndro_email_token.digest = :which"
        ),
    ),
    "email_token.of_event": Prepared(
        (
            "SELECT calndro_email_token.digest, calndro_email_token.event_id, "
            "calndro_email_token.person, calndro_email_token.expires, "
            "calndro_email_token.revoked, calndro_email_token.spent FROM calndro_email_token "
            "WHERE calndro_email_token.event_id = :which ORDER BY "
            "calndro_email_token.expires, calndro_email_token.digest"
        ),
    ),
    "email_token.sweep": Prepared(
        ("DELETE FROM calndro_email_token WHERE calndro_email_token.expires < :before"),
    ),
    "email_token.retire": Prepared(
        ("UPDATE calndro_email_token SET spent=:spent WHERE calndro_email_token.digest = :which"),
        {"spent": True},
    ),
    "email_token.take_back": Prepared(
        (
            "UPDATE calndro_email_token SET revoked=:revoked WHERE calndro_email_token.digest "
            "= :which"
        ),
        {"revoked": True},
    ),
    "email_token.places": Prepared(
        (
            "SELECT calndro_person.event_id, calndro_person.number FROM calndro_person WHERE "
            'calndro_person."key" = :whose'
        ),
    ),
    "email_token.revoke": Prepared(
        (
            "UPDATE calndro_email_token SET revoked=:revoked WHERE "
            "calndro_email_token.event_id = :which_event AND calndro_email_token.person = "
            ":which_person"
        ),
        {"revoked": True},
    ),
    "api_token.add": Prepared(
        ('INSERT INTO calndro_api_token (digest, "key", used) VALUES (:digest, :key, :used)'),
    ),
    "api_token.find": Prepared(
        (
            'SELECT calndro_api_token.digest, calndro_api_token.used, calndro_user."key", '
            "calndro_user.address, calndro_user.password, calndro_user.active, "
            "calndro_user.staff, calndro_user.barred, calndro_user.epoch FROM "
            'calndro_api_token JOIN calndro_user ON calndro_api_token."key" = '
            'calndro_user."key" WHERE calndro_api_token.digest = :which'
        ),
    ),
    "api_token.last_used_first": Prepared(
        (
            'SELECT calndro_api_token.digest, calndro_api_token.used, calndro_user."key", '
            "calndro_user.address, calndro_user.password, calndro_user.active, "
            "calndro_user.staff, calndro_user.barred, calndro_user.epoch FROM "
            'calndro_api_token JOIN calndro_user ON calndro_api_token."key" = '
            'calndro_user."key" WHERE calndro_api_token."key" = :whose ORDER BY '
            "calndro_api_token.used DESC, calndro_api_token.id DESC"
        ),
    ),
    "api_token.drop": Prepared(
        ("DELETE FROM calndro_api_token WHERE calndro_api_token.digest = :which"),
    ),
    "api_token.touch": Prepared(
        ("UPDATE calndro_api_token SET used=:at WHERE calndro_api_token.digest = :which"),
    ),
    "api_token.revoke": Prepared(
        ('DELETE FROM calndro_api_token WHERE calndro_api_token."key" = :whose'),
    ),
    "session.add": Prepared(
        (
            'INSERT INTO calndro_session (digest, "key", epoch, begun, seen) VALUES (:digest, '
            ":key, :epoch, :begun, :seen)"
        ),
    ),
    "session.find": Prepared(
        (
            "SELECT calndro_session.digest, calndro_session.epoch, calndro_session.begun, "
            'calndro_session.seen, calndro_user."key", calndro_user.address, '
            "calndro_user.password, calndro_user.active, calndro_user.staff, "
            "calndro_user.barred, calndro_user.epoch AS epoch_1 FROM calndro_session JOIN "
            'calndro_user ON calndro_session."key" = calndro_user."key" WHERE '
            "calndro_session.digest = :which"
        ),
    ),
    "session.touch": Prepared(
        ("UPDATE calndro_session SET seen=:at WHERE calndro_session.digest = :which"),
    ),
    "session.end": Prepared(
        ("DELETE FROM calndro_session WHERE calndro_session.digest = :which"),
    ),
    "session.end_all": Prepared(
        ('DELETE FROM calndro_session WHERE calndro_session."key" = :whose'),
    ),
    "session.sweep": Prepared(
        ("DELETE FROM calndro_session WHERE calndro_session.begun < :before"),
    ),
    "answer.purge": Prepared(
        ("DELETE FROM calndro_answer WHERE calndro_answer.at <= :until"),
    ),
    "answer.claim": Prepared(
        (
            'INSERT INTO calndro_answer (owner, "key", digest, at, event_id, seq) VALUES '
            "(:owner, :key, :digest, :at, :event_id, :seq) ON CONFLICT DO NOTHING"
        ),
    ),
    "answer.find": Prepared(
        (
            "SELECT calndro_answer.digest, calndro_answer.event_id, calndro_answer.seq FROM "
            'calndro_answer WHERE calndro_answer.owner = :whose AND calndro_answer."key" = '
            ":which"
        ),
    ),
    "answer.keep": Prepared(
        (
            "UPDATE calndro_answer SET event_id=:event, seq=:place WHERE calndro_answer.owner "
            '= :whose AND calndro_answer."key" = :which'
        ),
    ),
    "answer.forget": Prepared(
        ("DELETE FROM calndro_answer WHERE calndro_answer.owner = :whose"),
    ),
    "outbox.add": Prepared(
        (
            'INSERT INTO calndro_outbox (event_id, "of", recipient, kind, state, attempts, '
            "claims, unsettled, added, turn, due, code) VALUES (:event_id, :of, :recipient, "
            ":kind, :state, :attempts, :claims, :unsettled, :added, :turn, :due, :code)"
        ),
    ),
    "outbox.waiting": Prepared(
        (
            'SELECT calndro_outbox.id, calndro_outbox.event_id, calndro_outbox."of", '
            "calndro_outbox.recipient, calndro_outbox.kind, calndro_outbox.state, "
            "calndro_outbox.attempts, calndro_outbox.claims, calndro_outbox.unsettled, "
            "calndro_outbox.added, calndro_outbox.due, calndro_outbox.code FROM "
            "calndro_outbox WHERE calndro_outbox.state IN (:state_1_1, :state_1_2) ORDER BY "
            "calndro_outbox.id"
        ),
        {"state_1_1": "waiting", "state_1_2": "held"},
    ),
    "outbox.waiting_of_event": Prepared(
        (
            'SELECT calndro_outbox.id, calndro_outbox.event_id, calndro_outbox."of", '
            "calndro_outbox.recipient, calndro_outbox.kind, calndro_outbox.state, "
            "calndro_outbox.attempts, calndro_outbox.claims, calndro_outbox.unsettled, "
            "calndro_outbox.added, calndro_outbox.due, calndro_outbox.code FROM "
            "calndro_outbox WHERE calndro_outbox.state IN (:state_1_1, :state_1_2) AND "
            "calndro_outbox.event_id = :event_id ORDER BY calndro_outbox.id"
        ),
        {"state_1_1": "waiting", "state_1_2": "held"},
    ),
    "outbox.claim": Prepared(
        (
            "UPDATE calndro_outbox SET claims=(calndro_outbox.claims + :claims_1), "
            "unsettled=(calndro_outbox.unsettled + :unsettled_1), due=:until WHERE "
            "calndro_outbox.id = :which AND calndro_outbox.claims = :claim AND "
            "calndro_outbox.state IN (:state_1_1, :state_1_2)"
        ),
        {"claims_1": 1, "unsettled_1": 1, "state_1_1": "waiting", "state_1_2": "held"},
    ),
    "outbox.settle": Prepared(
        (
            "UPDATE calndro_outbox SET state=:outcome WHERE calndro_outbox.id = :which AND "
            "calndro_outbox.claims = :claim AND calndro_outbox.state IN (:state_1_1, "
            ":state_1_2)"
        ),
        {"state_1_1": "waiting", "state_1_2": "held"},
    ),
    "outbox.put_back": Prepared(
        (
            "UPDATE calndro_outbox SET state=:now_is, attempts=:tried, "
            "unsettled=:open_claims, due=:then, code=:reply WHERE calndro_outbox.id = :which "
            "AND calndro_outbox.claims = :claim AND calndro_outbox.state IN (:state_1_1, "
            ":state_1_2)"
        ),
        {"state_1_1": "waiting", "state_1_2": "held"},
    ),
    "outbox.later": Prepared(
        (
            "SELECT calndro_outbox.id FROM calndro_outbox WHERE calndro_outbox.event_id = "
            ":event_id AND calndro_outbox.state IN (:state_1_1, :state_1_2, :state_1_3) AND "
            "calndro_outbox.recipient = :recipient AND calndro_outbox.kind = :kind AND "
            "calndro_outbox.id > :which LIMIT :param_1 OFFSET :param_2"
        ),
        {
            "param_1": 1,
            "param_2": 0,
            "state_1_1": "waiting",
            "state_1_2": "held",
            "state_1_3": "sent",
        },
    ),
    "outbox.due": Prepared(
        (
            'SELECT calndro_outbox.id, calndro_outbox.event_id, calndro_outbox."of", '
            "calndro_outbox.recipient, calndro_outbox.kind, calndro_outbox.state, "
            "calndro_outbox.attempts, calndro_outbox.claims, calndro_outbox.unsettled, "
            "calndro_outbox.added, calndro_outbox.due, calndro_outbox.code FROM calndro_event "
            "JOIN calndro_outbox ON calndro_outbox.event_id = calndro_event.id WHERE "
            "calndro_outbox.state = :state_1 AND calndro_outbox.due <= :now ORDER BY "
            "calndro_outbox.turn, calndro_outbox.id LIMIT :param_1 OFFSET :param_2"
        ),
        {"state_1": "waiting", "param_1": 1, "param_2": 0},
    ),
    "outbox.due.of_event": Prepared(
        (
            'SELECT calndro_outbox.id, calndro_outbox.event_id, calndro_outbox."of", '
            "calndro_outbox.recipient, calndro_outbox.kind, calndro_outbox.state, "
            "calndro_outbox.attempts, calndro_outbox.claims, calndro_outbox.unsettled, "
            "calndro_outbox.added, calndro_outbox.due, calndro_outbox.code FROM calndro_event "
            "JOIN calndro_outbox ON calndro_outbox.event_id = calndro_event.id WHERE "
            "calndro_outbox.state = :state_1 AND calndro_outbox.due <= :now AND "
            "calndro_outbox.event_id = :event_id ORDER BY calndro_outbox.turn, "
            "calndro_outbox.id LIMIT :param_1 OFFSET :param_2"
        ),
        {"state_1": "waiting", "param_1": 1, "param_2": 0},
    ),
    "outbox.due_event": Prepared(
        (
            "SELECT calndro_outbox.event_id FROM calndro_outbox WHERE calndro_outbox.state = "
            ":state_1 AND calndro_outbox.due <= :now ORDER BY calndro_outbox.turn, "
            "calndro_outbox.id LIMIT :param_1 OFFSET :param_2"
        ),
        {"state_1": "waiting", "param_1": 1, "param_2": 0},
    ),
    "outbox.due_event.of_event": Prepared(
        (
            "SELECT calndro_outbox.event_id FROM calndro_outbox WHERE calndro_outbox.state = "
            ":state_1 AND calndro_outbox.due <= :now AND calndro_outbox.event_id = :event_id "
            "ORDER BY calndro_outbox.turn, calndro_outbox.id LIMIT :param_1 OFFSET :param_2"
        ),
        {"state_1": "waiting", "param_1": 1, "param_2": 0},
    ),
    "outbox.wait_for_event": Prepared(
        ("SELECT calndro_event.id FROM calndro_event WHERE calndro_event.id = :event_id"),
    ),
    "outbox.received": Prepared(
        (
            'SELECT calndro_outbox.event_id, calndro_person.address, calndro_person."key", '
            "calndro_outbox.added FROM calndro_outbox JOIN calndro_person ON "
            "calndro_outbox.event_id = calndro_person.event_id AND calndro_outbox.recipient = "
            "calndro_person.number WHERE calndro_outbox.added >= :since AND "
            'calndro_person."key" IN (:keys_1)'
        ),
        {},
        "keys",
        ":keys_1",
    ),
    "outbox.caused": Prepared(
        (
            "SELECT calndro_outbox.added FROM calndro_outbox JOIN calndro_entry ON "
            'calndro_outbox.event_id = calndro_entry.event_id AND calndro_outbox."of" = '
            "calndro_entry.seq JOIN calndro_person ON calndro_entry.event_id = "
            "calndro_person.event_id AND calndro_entry.effector = calndro_person.number WHERE "
            'calndro_outbox.added >= :since AND calndro_person."key" = :whose'
        ),
    ),
    "revision.read": Prepared(
        ("SELECT calndro_version.version_num FROM calndro_version"),
    ),
    "revision.add": Prepared(
        ("INSERT INTO calndro_version (version_num) VALUES (:version_num)"),
    ),
}
