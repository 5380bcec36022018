"""
The frozen vectors of the audit format, against the core.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from calndro.core.log import (
    Chain,
    Occurrence,
    canonical,
    commitment,
    decode,
    entry_hash,
    plain_slots,
    slots_of,
)


VECTORS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "data" / "audit-vectors.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
ENTRIES = [vector for vector in VECTORS if vector["kind"] == "entry"]


def test_there_are_fifty() -> None:
    """
    The vectors are all there.
    """
    assert len(ENTRIES) == 50
    assert {vector["kind"] for vector in VECTORS} == {"entry", "commitment", "genesis"}


@pytest.mark.parametrize("vector", ENTRIES, ids=lambda vector: vector["name"])
def test_bytes_and_hashes_are_those_of_the_vector(vector: dict[str, Any]) -> None:
    """
    The core writes each vector's fields as its very bytes, and hashes them alike.
    """
    fields = vector["fields"]

    assert canonical({"v": 1, "event": vector["event"], **fields}).decode() == vector["body"]
    assert (
        entry_hash(bytes.fromhex(vector["previous"]), vector["body"].encode()).hex()
        == vector["hash"]
    )


@pytest.mark.parametrize("vector", ENTRIES, ids=lambda vector: vector["name"])
def test_what_is_read_is_written_again_alike(vector: dict[str, Any]) -> None:
    """
    Appending what was read from a vector gives the vector's bytes and hash.
    """
    fields = vector["fields"]
    entry = decode(vector["body"].encode(), bytes.fromhex(vector["hash"]))
    chain = Chain(UUID(vector["event"]), fields["seq"] - 1, bytes.fromhex(vector["previous"]), None)

    _, again = chain.append(
        now=datetime.fromisoformat(fields["when"]),
        occurrence=Occurrence(fields["occurrence"]),
        effector=fields["effector"],
        slots=slots_of(fields["slots"]),
        data=fields["data"],
    )

    assert again == entry
    assert plain_slots(entry.slots) == fields["slots"]


@pytest.mark.parametrize(
    "vector",
    [each for each in VECTORS if each["kind"] != "entry"],
    ids=lambda vector: vector["name"],
)
def test_commitments_and_first_heads(vector: dict[str, Any]) -> None:
    """
    The core binds people and begins chains as the vectors do.
    """
    uuid = UUID(vector["event"])
    if vector["kind"] == "genesis":
        assert Chain.begin(uuid).head.hex() == vector["hash"]
    else:
        salt = bytes.fromhex(vector["salt"])
        assert commitment(uuid, vector["i"], salt, vector["address"]).hex() == vector["commitment"]
