"""
Settings as an operator looks at them: values, where they come from, and what they mean.
"""

from __future__ import annotations

from typing import Any

import attrs

from calndro.entry.settings import FIELDS, Settings
from calndro.entry.values import without_password


@attrs.frozen
class Described:
    """
    One setting as an operator looks at it.

    Args:
        name: As in the environment.
        value: Its value as text; stars for a secret that is set.
        source: Where the value comes from.
        meaning: What it is for.
        default: What it is when nobody sets it, as text.
    """

    name: str
    value: str
    source: str
    meaning: str
    default: str


def describe(settings: Settings) -> list[Described]:
    """
    List every setting with its value, source and meaning; secrets are hidden.
    """
    return [
        Described(
            name,
            _shown(field, getattr(settings, field.name)),
            settings.sources.get(name, "default"),
            field.metadata["meaning"],
            _shown(field, field.default),
        )
        for name, field in FIELDS.items()
    ]


def example() -> str:
    """
    Write a complete ``.env`` file: settings explained and off, blanks at an end in quotes.
    """
    blocks = [
        f"# {row.meaning[0].upper()}{row.meaning[1:]}.\n#{row.name}={value}\n"
        for row in describe(Settings())
        for value in [repr(row.default) if row.default.endswith(" ") else row.default]
    ]
    return "\n".join(blocks)


def _shown(field: attrs.Attribute[Any], value: Any) -> str:
    if field.metadata["secret"] and value:
        return "*****"
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case tuple():
            return ",".join(value)
        case float():
            return f"{value:g}"
        case _:
            return without_password(str(value))
