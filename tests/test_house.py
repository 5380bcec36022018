"""
The rules of the house hold, and whatever checks them notices when they don't.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest


ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "calndro"
MODULES = sorted(SOURCE.rglob("*.py"))

LONGEST_MODULE = 400
MADE = {"adapters/sql/sqlite_statements.py"}
LONGEST_FUNCTION = 50
SAYS_NOTHING = {"base", "common", "helpers", "manager", "service", "types", "utils"}

CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}

# The contract that must notice, then what is added to which modules.
VIOLATIONS = {
    "core-to-ports": ("layers", {"core/planted.py": "import calndro.ports"}),
    "ports-to-usecases": ("layers", {"ports/planted.py": "import calndro.usecases"}),
    "usecases-to-adapters": ("layers", {"usecases/planted.py": "import calndro.adapters.memory"}),
    "adapters-to-usecases": ("layers", {"adapters/planted.py": "import calndro.usecases"}),
    "adapters-to-entry": ("layers", {"adapters/planted.py": "import calndro.entry"}),
    "types-only": (
        "layers",
        {
            "core/planted.py": "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    import calndro.ports\n"
        },
    ),
    "no-layer": ("layers", {"planted.py": ""}),
    "core-to-os": ("inside", {"core/planted.py": "import os"}),
    "ports-to-sqlalchemy": ("inside", {"ports/planted.py": "from sqlalchemy import Table"}),
    "usecases-to-logging": ("inside", {"usecases/planted.py": "import logging"}),
    "adapter-to-adapter": ("adapters", {"adapters/planted.py": "import calndro.adapters.memory"}),
    "format-to-adapter": (
        "adapters",
        {
            "adapters/letter/message.py": "import calndro.adapters.planted",
            "adapters/planted.py": "",
        },
    ),
    "http-to-cli": ("front-ends", {"entry/http/planted.py": "import calndro.entry.cli"}),
    "cli-to-http": ("front-ends", {"entry/cli/planted.py": "import calndro.entry.http"}),
    "cycle": (
        "cycles",
        {
            "core/planted.py": "import calndro.core.sown",
            "core/sown.py": "import calndro.core.planted",
        },
    ),
    "core-to-root": ("root", {"core/planted.py": "import calndro"}),
}


def copied(folder: Path) -> Path:
    """
    Copy the package and its contracts into *folder*.
    """
    shutil.copy(ROOT / "pyproject.toml", folder)
    package = folder / "src" / "calndro"
    shutil.copytree(SOURCE, package, ignore=shutil.ignore_patterns("__pycache__"))
    return package


def broken_contracts(package: Path) -> set[str]:
    """
    Run import-linter on *package* and name the contracts that it finds broken.
    """
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
            "--config=../pyproject.toml",
        ],
        cwd=package.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE))
    assert verdicts.keys() == set(CONTRACTS.values()), done.stdout + done.stderr
    return {contract for contract, name in CONTRACTS.items() if verdicts[name] == "BROKEN"}


@pytest.fixture(scope="module")
def broken_already(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """
    Name the contracts that the package breaks with nothing planted.
    """
    return broken_contracts(copied(tmp_path_factory.mktemp("as-it-stands")))


@pytest.mark.slow
def test_import_contracts_are_kept(broken_already: set[str]) -> None:
    """
    The package as it stands breaks no import contract.
    """
    assert broken_already == set()


@pytest.mark.slow
@pytest.mark.parametrize(("contract", "planted"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_import_contracts_bite(
    tmp_path: Path, broken_already: set[str], contract: str, planted: dict[str, str]
) -> None:
    """
    An import against the architecture breaks the contract that is there for it.

    It may break others too: an import from core to ports also closes a circle.
    """
    package = copied(tmp_path)
    for path, text in planted.items():
        with (package / path).open("a") as module:
            module.write(f"\n{text}\n")

    assert contract in broken_contracts(package) - broken_already


def test_each_contract_has_a_violation() -> None:
    """
    No contract goes without a planted violation.
    """
    assert {contract for contract, _ in VIOLATIONS.values()} == set(CONTRACTS)


def test_modules_are_small() -> None:
    """
    A module that somebody writes has at most 400 lines.
    """
    lengths = {
        str(path.relative_to(SOURCE)): path.read_text(encoding="utf-8").count("\n")
        for path in MODULES
    }

    assert {name for name, lines in lengths.items() if lines > LONGEST_MODULE} == MADE


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """
    Count the lines of a function without its docstring.
    """
    first = node.body[0]
    docstring = ast.get_docstring(node) is not None
    return _height(node) - (_height(first) if docstring else 0)


def _height(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_are_small() -> None:
    """
    A function has at most 50 lines beside its docstring, which is a contract and not code.
    """
    lengths = {
        f"{path.relative_to(SOURCE)}:{node.name}": lines_of(node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_modules_are_named_after_something() -> None:
    """
    No module or package has a name that would fit any other.
    """
    names = {part for path in MODULES for part in path.relative_to(SOURCE).with_suffix("").parts}

    assert names & SAYS_NOTHING == set()


def test_scripts_are_executable() -> None:
    """
    What CI and the Makefile start can be started.
    """
    scripts = [ROOT / ".ci" / "run", *(ROOT / "scripts").glob("*.sh")]

    assert [str(path) for path in scripts if not path.stat().st_mode & 0o100] == []
