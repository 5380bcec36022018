"""
The first schema: events with their people and logs, accounts, the outbox.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.BigInteger()
_TEXT = sa.Text().with_variant(sa.Text(2**24 - 1), "mariadb")
_MARIADB: dict[str, Any] = {
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_nopad_bin",
}
_REFUSAL = "log entries can only be added"


def upgrade() -> None:
    """
    Take the step.
    """
    _create_event()
    _create_person()
    _create_entry()
    _refuse_changes_of_entries()
    _create_accounts()
    _create_sessions()
    _create_answer()
    _create_outbox()


def downgrade() -> None:
    """
    Take it back.
    """
    for table in (
        "outbox",
        "answer",
        "session",
        "api_token",
        "email_token",
        "user",
        "entry",
        "person",
        "event",
    ):
        op.drop_table(f"calndro_{table}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION calndro_refuse()")


def _bytes(length: int) -> sa.LargeBinary:
    return sa.LargeBinary().with_variant(sa.VARBINARY(length), "mariadb")


def _key(length: int) -> sa.String:
    return (
        sa.String(length)
        .with_variant(sa.String(length, collation="C"), "postgresql")
        .with_variant(sa.String(length, collation="ascii_nopad_bin"), "mariadb")
    )


def _create_event() -> None:
    op.create_table(
        "calndro_event",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("uuid", _bytes(16), nullable=False),
        sa.Column("title", sa.String(256), nullable=False),
        sa.Column("zone", _key(64), nullable=False),
        sa.Column("size", sa.SmallInteger(), nullable=False),
        sa.Column("proposer", sa.SmallInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("status", _key(8), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", _bytes(32), nullable=False),
        sa.Column("last_at", _INSTANT, nullable=False),
        sa.Column("slots", _TEXT, nullable=False),
        sa.Column("kept", _TEXT, nullable=False),
        sa.Column("erased", _TEXT, nullable=False),
        sa.Column("stopped", _TEXT, nullable=False),
        sa.Column("undelivered", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calndro_event"),
        sa.UniqueConstraint("uuid", name="uq_calndro_event_uuid"),
        sqlite_autoincrement=True,
        **_MARIADB,
    )


def _create_person() -> None:
    op.create_table(
        "calndro_person",
        sa.Column("event_id", _NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(320), nullable=True),
        sa.Column("key", _key(320), nullable=True),
        sa.Column("salt", _bytes(32), nullable=True),
        sa.Column("member", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "number", name="pk_calndro_person"),
        _of_event("person"),
        sqlite_with_rowid=False,
        **_MARIADB,
    )
    op.create_index("ix_calndro_person_key_event_id", "calndro_person", ["key", "event_id"])


def _create_entry() -> None:
    op.create_table(
        "calndro_entry",
        sa.Column("event_id", _NUMBER, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("occurrence", _key(8), nullable=False),
        sa.Column("effector", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.Boolean(), nullable=False),
        sa.Column("hash", _bytes(32), nullable=False),
        sa.Column("body", sa.LargeBinary(2**24 - 1), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "seq", name="pk_calndro_entry"),
        _of_event("entry"),
        **_MARIADB,
    )


def _refuse_changes_of_entries() -> None:
    match op.get_bind().dialect.name:
        case "sqlite":
            refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            for name, when in (
                ("update", "BEFORE UPDATE ON calndro_entry"),
                ("delete", "BEFORE DELETE ON calndro_entry"),
                (
                    "replace",
                    """BEFORE INSERT ON calndro_entry WHEN EXISTS (SELECT 1
                    FROM calndro_entry WHERE event_id = NEW.event_id AND seq = NEW.seq)""",
                ),
            ):
                op.execute(f"CREATE TRIGGER calndro_entry_no_{name} {when} {refuse}")
        case "mariadb":
            for name in ("update", "delete"):
                op.execute(
                    f"CREATE TRIGGER calndro_entry_no_{name} BEFORE {name} ON calndro_entry FOR"
                    f" EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{_REFUSAL}'"
                )
        case "postgresql":
            op.execute(
                "CREATE FUNCTION calndro_refuse() RETURNS trigger LANGUAGE plpgsql"
                f" AS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
            )
            op.execute(
                "CREATE TRIGGER calndro_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
                " ON calndro_entry FOR EACH STATEMENT EXECUTE FUNCTION calndro_refuse()"
            )


def _create_accounts() -> None:
    op.create_table(
        "calndro_user",
        sa.Column("key", _key(320), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("barred", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_calndro_user"),
        **_MARIADB,
    )
    op.create_table(
        "calndro_email_token",
        sa.Column("digest", _bytes(32), nullable=False),
        sa.Column("event_id", _NUMBER, nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("expires", _INSTANT, nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("spent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_calndro_email_token"),
        _of_event("email_token"),
        **_MARIADB,
    )
    op.create_index("ix_calndro_email_token_expires", "calndro_email_token", ["expires"])
    op.create_index(
        "ix_calndro_email_token_event_id_person", "calndro_email_token", ["event_id", "person"]
    )
    op.create_table(
        "calndro_api_token",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("digest", _bytes(32), nullable=False),
        sa.Column("key", _key(320), nullable=False),
        sa.Column("used", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calndro_api_token"),
        sa.UniqueConstraint("digest", name="uq_calndro_api_token_digest"),
        sa.ForeignKeyConstraint(["key"], ["calndro_user.key"], name="fk_calndro_api_token_key"),
        sqlite_autoincrement=True,
        **_MARIADB,
    )
    op.create_index("ix_calndro_api_token_key_used", "calndro_api_token", ["key", "used"])


def _create_sessions() -> None:
    op.create_table(
        "calndro_session",
        sa.Column("digest", _bytes(32), nullable=False),
        sa.Column("key", _key(320), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("begun", _INSTANT, nullable=False),
        sa.Column("seen", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_calndro_session"),
        sa.ForeignKeyConstraint(["key"], ["calndro_user.key"], name="fk_calndro_session_key"),
        **_MARIADB,
    )
    op.create_index("ix_calndro_session_key", "calndro_session", ["key"])
    op.create_index("ix_calndro_session_begun", "calndro_session", ["begun"])


def _create_answer() -> None:
    op.create_table(
        "calndro_answer",
        sa.Column("owner", _key(320), nullable=False),
        sa.Column("key", _key(255), nullable=False),
        sa.Column("digest", _bytes(32), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("event_id", _NUMBER, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_calndro_answer"),
        **_MARIADB,
    )
    op.create_index("ix_calndro_answer_at", "calndro_answer", ["at"])


def _create_outbox() -> None:
    op.create_table(
        "calndro_outbox",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("event_id", _NUMBER, nullable=False),
        sa.Column("of", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.Integer(), nullable=False),
        sa.Column("kind", _key(16), nullable=False),
        sa.Column("state", _key(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("unsettled", sa.Integer(), nullable=False),
        sa.Column("added", _INSTANT, nullable=False),
        sa.Column("turn", _INSTANT, nullable=False),
        sa.Column("due", _INSTANT, nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_calndro_outbox"),
        _of_event("outbox"),
        sqlite_autoincrement=True,
        **_MARIADB,
    )
    op.create_index("ix_calndro_outbox_added", "calndro_outbox", ["added"])
    op.create_index(
        "ix_calndro_outbox_state_turn_id_due", "calndro_outbox", ["state", "turn", "id", "due"]
    )
    op.create_index(
        "ix_calndro_outbox_event_id_state_recipient_kind_id",
        "calndro_outbox",
        ["event_id", "state", "recipient", "kind", "id"],
    )


def _of_event(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["event_id"], ["calndro_event.id"], name=f"fk_calndro_{table}_event_id"
    )
