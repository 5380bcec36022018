"""
The small files in which the command line remembers things.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkstemp


def keep_text(path: Path, text: str) -> None:
    """
    Write a file that its owner alone can read, whole, in place of the one before.

    Raises:
        OSError: It can't be written; the one before stays, and nothing else is left behind.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink()
        raise
