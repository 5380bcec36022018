"""
Tells how many of the changes that ``mutmut run`` made to the core the tests have noticed.

A mutant that ran into an endless loop counts as noticed; one that no test reaches does not.
Exit status: 0 at least nine of ten were noticed, in all and in each module named on the
command line; 1 fewer.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Final


LEAST: Final = 0.9
CORE: Final = Path("mutants/src/calndro/core")
SURVIVED: Final = frozenset({0, 5, 33})
NOT_RUN: Final = frozenset({None, 2})


def found(module: Path) -> tuple[int, list[str]]:
    """
    Count the mutants of a module that were tried, and name those nobody noticed.
    """
    codes = json.loads(module.read_text(encoding="utf-8"))["exit_code_by_key"]
    tried = {name: code for name, code in codes.items() if code not in NOT_RUN}
    return len(tried), [name for name, code in tried.items() if code in SURVIVED]


def main() -> int:
    """
    Print a table, then the survivors.
    """
    tried: Counter[str] = Counter()
    survivors: dict[str, list[str]] = {}
    for module in sorted(CORE.glob("*.meta")):
        name = module.name.partition(".")[0]
        tried[name], survivors[name] = found(module)
    noticed = {name: count - len(survivors[name]) for name, count in tried.items() if count}
    share = sum(noticed.values()) / max(tried.total(), 1)
    lines = ["| module | mutants | noticed | share |", "|---|---|---|---|"]
    for name, count in noticed.items():
        lines.append(f"| `{name}` | {tried[name]} | {count} | {count / tried[name]:.1%} |")
    lines.append(f"| all | {tried.total()} | {sum(noticed.values())} | {share:.1%} |")
    lines += [each for name in noticed for each in survivors[name]]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    wanted = [noticed.get(name, 0) / max(tried[name], 1) for name in sys.argv[1:]]
    return int(min([share, *wanted]) < LEAST)


if __name__ == "__main__":
    sys.exit(main())
