from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import rfc8785

from tests.data import make_audit_vectors as maker
from tools import verify


ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
PAGE = (ROOT / "docs" / "reference" / "audit-format.md").read_text(encoding="utf-8")
EXAMPLE = (DATA / "audit-example.jsonl").read_text(encoding="ascii")
VECTORS = [
    json.loads(line)
    for line in (DATA / "audit-vectors.jsonl").read_text(encoding="ascii").splitlines()
]


def of_kind(kind: str) -> list[maker.Json]:
    """
    Choose the vectors of one kind.
    """
    return [vector for vector in VECTORS if vector["kind"] == kind]


def name_of(vector: maker.Json) -> str:
    """
    Name a vector in the list of tests.
    """
    return str(vector["name"])


def blocks(language: str) -> list[str]:
    """
    Take the fenced blocks of a language out of the page.
    """
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def ingredients(label: str, *parts: str) -> str:
    """
    Write what goes into a hash as the page does, one part a line.
    """
    return "\n".join([f"calndro/{label}/v1".encode().hex() + " 00", *parts, ""])


def test_vectors_are_frozen() -> None:
    """
    The files are what the script makes: neither was touched without the other.
    """
    assert maker.vectors() == VECTORS
    assert maker.as_lines(maker.example()) == EXAMPLE
    assert len(of_kind("entry")) == 50


def test_page_shows_the_example() -> None:
    """
    The page shows the export, and every body with the bytes that are hashed, exactly.
    """
    first, *lines = map(json.loads, EXAMPLE.splitlines())
    identity, head = maker.identity(first["event"]).hex(), maker.genesis(first["event"])
    texts = [ingredients("genesis", identity)]
    for person in first["people"]:
        address = person["address"].encode().hex()
        texts.append(ingredients("person", identity, f"{person['i']:04x}", person["salt"], address))
    for line in lines:
        inner = hashlib.sha256(line["body"].encode()).hexdigest()
        texts.append(ingredients("entry", head, inner))
        assert f"These are {len(line['body'].encode())} bytes." in PAGE
        head = line["hash"]
    texts.append(f"Calndro-Audit: event={first['event']} seq=3 head={head}\n")

    assert blocks("text") == texts
    assert blocks("json") == [*(line["body"] + "\n" for line in lines), EXAMPLE]


def test_page_shows_no_other_hash() -> None:
    """
    Every hash and salt on the page is one of the example, and each of them is shown.
    """
    first, *lines = map(json.loads, EXAMPLE.splitlines())
    expected = {maker.genesis(first["event"])}
    for line in lines:
        expected |= {line["hash"], hashlib.sha256(line["body"].encode()).hexdigest()}
    for person in first["people"]:
        salt = bytes.fromhex(person["salt"])
        expected |= {
            person["salt"],
            maker.commitment(first["event"], person["i"], salt, person["address"]),
        }

    assert set(re.findall(r"\b[0-9a-f]{64}\b", PAGE)) == expected


def test_program_on_the_page_runs() -> None:
    """
    The program on the page, which computes the example by hand, agrees with it.
    """
    (program,) = blocks("python")

    assert program.count("assert ") == 3
    subprocess.run([sys.executable, "-I", "-c", program], check=True)


def test_example_is_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """
    The verifier accepts the example, with the receipt that the page shows.
    """
    (receipt,) = (text for text in blocks("text") if text.startswith("Calndro-Audit"))

    assert verify.main([str(DATA / "audit-example.jsonl"), "--receipt", receipt]) == 0
    assert "nothing up to entry 3 was edited" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("vector", of_kind("entry"), ids=name_of)
def test_verifier_agrees_with_the_bodies(vector: maker.Json) -> None:
    """
    The verifier reads each frozen body as canonical, finds the fields, and makes the hash.
    """
    body = verify.parsed_body(vector["body"])
    inner = hashlib.sha256(vector["body"].encode()).digest()
    hashed = verify.digest("entry", bytes.fromhex(vector["previous"]), inner)

    assert body == {"v": 1, "event": vector["event"], **vector["fields"]}
    assert hashed.hex() == vector["hash"]


@pytest.mark.parametrize("vector", of_kind("entry"), ids=name_of)
def test_rfc8785_agrees_with_the_bodies(vector: maker.Json) -> None:
    """
    An independent implementation of RFC 8785 writes the same bytes.
    """
    written = rfc8785.dumps({"v": 1, "event": vector["event"], **vector["fields"]})

    assert written == vector["body"].encode()


@pytest.mark.parametrize("vector", of_kind("commitment"), ids=name_of)
def test_verifier_agrees_with_the_commitments(vector: maker.Json) -> None:
    """
    The verifier makes the same commitments, also to persons beyond one byte.
    """
    made = verify.digest(
        "person",
        maker.identity(vector["event"]),
        vector["i"].to_bytes(2, "big"),
        bytes.fromhex(vector["salt"]),
        vector["address"].encode(),
    )

    assert made.hex() == vector["commitment"]


@pytest.mark.parametrize("vector", of_kind("genesis"), ids=name_of)
def test_verifier_agrees_with_the_beginnings(vector: maker.Json) -> None:
    """
    The verifier begins each event's chain with the same hash.
    """
    first = {"event": vector["event"], "head": "0" * 64, "seq": 1, "people": []}

    assert verify.Log(json.dumps(first).encode()).hashes[0].hex() == vector["hash"]
