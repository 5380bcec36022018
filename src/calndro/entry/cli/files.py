"""
Files that the command line writes whole or not at all.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp
from typing import TYPE_CHECKING

from calndro.core.errors import InvalidInputError


if TYPE_CHECKING:
    from collections.abc import Iterator


def memory_of(state_directory: Path, kind: str, place: str) -> Path:
    """
    Name the folder of what is remembered of a database or server, there or not.
    """
    return state_directory / kind / sha256(place.encode()).hexdigest()[:16]


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


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """
    Lend the name of a file beside *target*, which gets that name when it is whole.

    What is cut short, by a kill too, never stands under the name of the whole.

    Raises:
        InvalidInputError: There is such a file already, or there can be none.
    """
    _refuse_existing(target)
    try:
        beside = TemporaryDirectory(dir=target.parent, prefix=f"{target.name}.", suffix=".part")
    except OSError as error:
        raise InvalidInputError.of(f"{target} can't be written: {error.strerror}") from error
    with beside as folder:
        part = Path(folder) / target.name
        yield part
        _give_name(part, target)


def _give_name(part: Path, target: Path) -> None:
    try:
        os.link(part, target)
    except FileExistsError:
        _refuse_existing(target)
    except OSError:
        # There are file systems without links, and little time between these two.
        _refuse_existing(target)
        part.rename(target)


def _refuse_existing(target: Path) -> None:
    if os.path.lexists(target):
        raise InvalidInputError.of(f"{target} is there already; name a new file")
