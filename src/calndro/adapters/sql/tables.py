"""
The tables, as SQLAlchemy knows them; ``migrations`` makes the same ones step by step.

Instants are whole microseconds since 1970 in 64-bit integers: exact from year 1 to 9998,
ordered alike, and the same number on every database, whatever its date types and their
drivers make of fractions, zones and early years. Whatever is compared as text is ASCII
and compared by its bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    DDL,
    VARBINARY,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)


if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.schema import ExecutableDDLElement


metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# On MariaDB TEXT ends at 64 KiB, and its texts are compared by their bytes as well.
_TEXT: Final = Text().with_variant(Text(2**24 - 1), "mariadb")
_MARIADB: Final = {
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_nopad_bin",
}

# SQLite counts only a column of exactly this type up by itself.
_NUMBER: Final = BigInteger().with_variant(Integer(), "sqlite")
_INSTANT: Final = BigInteger()


def _bytes(length: int) -> LargeBinary:
    # MariaDB can't index a BLOB as a whole.
    return LargeBinary().with_variant(VARBINARY(length), "mariadb")


def _key(length: int) -> String:
    return (
        String(length)
        .with_variant(String(length, collation="C"), "postgresql")
        .with_variant(String(length, collation="ascii_nopad_bin"), "mariadb")
    )


event_table: Final = Table(
    "calndro_event",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("uuid", _bytes(16), nullable=False, unique=True),
    Column("title", String(256), nullable=False),
    Column("zone", _key(64), nullable=False),
    Column("size", SmallInteger, nullable=False),
    Column("proposer", SmallInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("status", _key(8), nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("head", _bytes(32), nullable=False),
    Column("last_at", _INSTANT, nullable=False),
    Column("slots", _TEXT, nullable=False),
    Column("kept", _TEXT, nullable=False),
    Column("erased", _TEXT, nullable=False),
    Column("stopped", _TEXT, nullable=False),
    Column("undelivered", _TEXT, nullable=False),
    sqlite_autoincrement=True,
)

person_table: Final = Table(
    "calndro_person",
    metadata,
    Column("event_id", _NUMBER, ForeignKey(event_table.c.id), nullable=False),
    Column("number", Integer, nullable=False),
    Column("address", String(320)),
    Column("key", _key(320)),
    Column("salt", _bytes(32)),
    Column("member", Boolean, nullable=False),
    PrimaryKeyConstraint("event_id", "number"),
    Index(None, "key", "event_id"),
    sqlite_with_rowid=False,
)

entry_table: Final = Table(
    "calndro_entry",
    metadata,
    Column("event_id", _NUMBER, ForeignKey(event_table.c.id), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", _INSTANT, nullable=False),
    Column("occurrence", _key(8), nullable=False),
    Column("effector", Integer, nullable=False),
    Column("delivery", Boolean, nullable=False),
    Column("hash", _bytes(32), nullable=False),
    Column("body", LargeBinary(2**24 - 1), nullable=False),
    PrimaryKeyConstraint("event_id", "seq"),
)

user_table: Final = Table(
    "calndro_user",
    metadata,
    Column("key", _key(320), primary_key=True),
    Column("address", String(320), nullable=False),
    Column("password", Text),
    Column("active", Boolean, nullable=False),
    Column("staff", Boolean, nullable=False),
    Column("barred", Boolean, nullable=False),
    Column("epoch", BigInteger, nullable=False),
)

email_token_table: Final = Table(
    "calndro_email_token",
    metadata,
    Column("digest", _bytes(32), primary_key=True),
    Column("event_id", _NUMBER, ForeignKey(event_table.c.id), nullable=False),
    Column("person", Integer, nullable=False),
    Column("expires", _INSTANT, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("spent", Boolean, nullable=False),
    Index(None, "expires"),
    Index(None, "event_id", "person"),
)

api_token_table: Final = Table(
    "calndro_api_token",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("digest", _bytes(32), nullable=False),
    Column("key", _key(320), ForeignKey(user_table.c.key), nullable=False),
    Column("used", _INSTANT, nullable=False),
    UniqueConstraint("digest"),
    Index(None, "key", "used"),
    sqlite_autoincrement=True,
)

session_table: Final = Table(
    "calndro_session",
    metadata,
    Column("digest", _bytes(32), primary_key=True),
    Column("key", _key(320), ForeignKey(user_table.c.key), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("begun", _INSTANT, nullable=False),
    Column("seen", _INSTANT, nullable=False),
    Index(None, "key"),
    Index(None, "begun"),
)

answer_table: Final = Table(
    "calndro_answer",
    metadata,
    Column("owner", _key(320), nullable=False),
    Column("key", _key(255), nullable=False),
    Column("digest", _bytes(32), nullable=False),
    Column("at", _INSTANT, nullable=False),
    Column("event_id", _NUMBER, nullable=False),
    Column("seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner", "key"),
    Index(None, "at"),
)

outbox_table: Final = Table(
    "calndro_outbox",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("event_id", _NUMBER, ForeignKey(event_table.c.id), nullable=False),
    Column("of", BigInteger, nullable=False),
    Column("recipient", Integer, nullable=False),
    Column("kind", _key(16), nullable=False),
    Column("state", _key(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claims", Integer, nullable=False),
    Column("unsettled", Integer, nullable=False),
    Column("added", _INSTANT, nullable=False),
    Column("turn", _INSTANT, nullable=False),
    Column("due", _INSTANT, nullable=False),
    Column("code", Integer),
    Index(None, "state", "turn", "id", "due"),
    Index(None, "added"),
    Index(None, "event_id", "state", "recipient", "kind", "id"),
    sqlite_autoincrement=True,
)


@event.listens_for(metadata, "before_create")
def _as_mariadb_needs_it(_: MetaData, connection: Connection, **__: object) -> None:
    # Said beside each table, it would load MariaDB's part of SQLAlchemy for every database.
    if connection.dialect.name == "mariadb":
        for each in metadata.tables.values():
            each.kwargs.update(_MARIADB)


_REFUSAL: Final = "log entries can only be added"

# REPLACE on SQLite removes the old row without asking the triggers for DELETE. On MariaDB
# no trigger is asked before TRUNCATE: who may not drop tables may not do that either.
TRIGGERS: Final = {
    "sqlite": {
        "calndro_entry_no_update": "BEFORE UPDATE ON calndro_entry",
        "calndro_entry_no_delete": "BEFORE DELETE ON calndro_entry",
        "calndro_entry_no_replace": """BEFORE INSERT ON calndro_entry WHEN EXISTS (SELECT 1
            FROM calndro_entry WHERE event_id = NEW.event_id AND seq = NEW.seq)""",
    },
    "mariadb": {
        "calndro_entry_no_update": "BEFORE UPDATE ON calndro_entry",
        "calndro_entry_no_delete": "BEFORE DELETE ON calndro_entry",
    },
    "postgresql": {
        "calndro_entry_append_only": "BEFORE UPDATE OR DELETE OR TRUNCATE ON calndro_entry",
    },
}
"""For each kind of database the triggers that refuse to change the log."""

_BODIES: Final = {
    "sqlite": f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    "mariadb": f"FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{_REFUSAL}'",
    "postgresql": "FOR EACH STATEMENT EXECUTE FUNCTION calndro_refuse()",
}


def _add(statement: str, dialect: str) -> None:
    ddl: ExecutableDDLElement = DDL(statement)  # type: ignore[no-untyped-call]  # not annotated
    event.listen(entry_table, "after_create", ddl.execute_if(dialect=dialect))


_add(
    "CREATE FUNCTION calndro_refuse() RETURNS trigger LANGUAGE plpgsql"
    f" AS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "postgresql",
)
for _dialect, _triggers in TRIGGERS.items():
    for _name, _when in _triggers.items():
        _add(f"CREATE TRIGGER {_name} {_when} {_BODIES[_dialect]}", _dialect)
