"""
Files of settings: a line ``NAME=value`` for each.
"""

from __future__ import annotations

import stat
from io import StringIO
from typing import TYPE_CHECKING

from calndro.core.errors import Faults, InvalidInputError


if TYPE_CHECKING:
    from pathlib import Path


def read_file(path: Path) -> dict[str, str] | None:
    """
    Read the settings in a file.

    Returns:
        Their values by their names; None when there is no such file.

    Raises:
        InvalidInputError: It can't be read; or every line that is none of a file of settings.
    """
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            return None
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InvalidInputError.of(f"it can't be read: {error.strerror}", str(path)) from error
    try:
        return _settings_in(content.decode(), path)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInputError.of(
            "there are bytes that are no UTF-8; write the value anew", f"{path}, line {line}"
        ) from error


def _settings_in(text: str, path: Path) -> dict[str, str]:
    from dotenv.parser import parse_stream

    faults = Faults()
    found: dict[str, str] = {}
    for binding in parse_stream(StringIO(text)):
        written = binding.original.string
        blank = written[: len(written) - len(written.lstrip())]
        if binding.error:
            line = binding.original.line + blank.count("\n")
            faults.add("write NAME=value, and end what quotes begin", f"{path}, line {line}")
        elif binding.key is not None and binding.value is not None:
            found[binding.key] = binding.value
    faults.settle()
    return found


def write_setting(path: Path, name: str, value: str) -> None:
    """
    Keep a setting in a file that its owner alone can read, whoever could before.

    Raises:
        OSError: The file can't be written.
    """
    from dotenv import set_key

    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    # The file that takes its place has the same mode.
    path.chmod(0o600)
    set_key(path, name, value, follow_symlinks=True)
