"""
The compositions, held against what the specification of Compose says of their form.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest


ROOT: Final = Path(__file__).parents[2]
COMPOSITIONS: Final = sorted(ROOT.glob("compose*.yaml"))


def judged(*files: Path) -> Any:
    """
    Hold files against the schema that the specification publishes.
    """
    program = [sys.executable, "-m", "check_jsonschema", "--output-format", "json"]
    schema = ["--builtin-schema", "vendor.compose-spec"]
    told = subprocess.run(
        [*program, *schema, *map(str, files)], check=False, capture_output=True, text=True
    )
    return json.loads(told.stdout)


def test_compositions_are_of_the_form_that_is_specified() -> None:
    """
    Nothing in them has a name or a form that Compose does not know.
    """
    verdict = judged(*COMPOSITIONS)

    assert len(COMPOSITIONS) == 3
    assert (verdict["status"], verdict["errors"]) == ("ok", []), verdict


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    restart: ", "    restarts: "),
        ("    cap_drop:\n      - ALL", "    cap_drop: ALL"),
        ("    image: calndro\n", "    image: [calndro]\n"),
        ("\nvolumes:\n", "\nvolume:\n"),
    ],
)
def test_another_form_is_found(tmp_path: Path, right: str, wrong: str) -> None:
    """
    A name that is misspelt, or a text in place of a list, is found.
    """
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert right in text
    changed = tmp_path / "compose.yaml"
    changed.write_text(text.replace(right, wrong), "utf-8")

    verdict = judged(changed)

    assert verdict["status"] == "fail"
    assert verdict["errors"]
