"""
What the classes of bodies can't say of themselves, as JSON Schema says it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from calndro.adapters import wire
from calndro.entry.http.asking import MOST_ID
from calndro.usecases.accounts import LEAST_PASSWORD, MOST_PASSWORD


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


ADDRESS: Final = {"minLength": 3, "maxLength": 254, "pattern": "@"}
_PASSWORD: Final = {"minLength": LEAST_PASSWORD, "maxLength": MOST_PASSWORD}

_MEMBERS: Final[Mapping[type, Mapping[str, Mapping[str, Any]]]] = {
    wire.Proposal: {
        "parties": {"minItems": 1},
        "like": {"minimum": 1, "maximum": MOST_ID},
    },
    wire.Update: {"title": {"pattern": r"\S"}},
    wire.Notification: {"parties": {"minItems": 1}, "sender": ADDRESS},
    wire.NewUser: {"email": ADDRESS, "password": _PASSWORD},
    wire.UserChange: {"password": _PASSWORD},
}

_WAYS: Final[Mapping[type, tuple[frozenset[str], ...]]] = {
    wire.Proposal: (frozenset({"parties", "slots"}), frozenset({"like"})),
    wire.Update: tuple(
        frozenset({each}) for each in ("slots", "keep", "drop", "accept", "add", "title")
    ),
    wire.UserChange: tuple(frozenset({each}) for each in ("password", "staff", "active")),
}
"""Of which members one group at least has to be there."""

_FILLED: Final = frozenset({"drop", "accept", "add"})
"""Of these, an empty list says nothing."""

_APART: Final[Mapping[type, tuple[frozenset[str], ...]]] = {
    wire.Update: wire.FORMS,
    wire.UserChange: _WAYS[wire.UserChange],
}
"""Groups of which not two may be there."""


def tighten(schema: dict[str, Any], shape: type) -> None:
    """
    Add to the schema of a body what its class can't say.

    Args:
        schema: Made from the class.
        shape: The class.
    """
    properties = schema["properties"]
    for name, more in _MEMBERS.get(shape, {}).items():
        _stated(properties[name]).update(more)
    if "parties" in properties:
        _stated(properties["parties"])["items"].update(ADDRESS)
    if shape in _WAYS:
        schema["anyOf"] = list(_ways(shape, properties))
    schema["additionalProperties"] = False
    if shape is not wire.SignIn:
        properties["et"] = {"type": "string", "description": "The token of a letter."}
    if shape is wire.Update:
        ignored = {"description": "Ignored, so that an event can be sent back."}
        schema["properties"] |= dict.fromkeys(sorted(wire.READ_ONLY), ignored)


def _stated(schema: dict[str, Any]) -> dict[str, Any]:
    """
    Find what is said of a member that is not null.
    """
    found: dict[str, Any] = schema["anyOf"][0] if "anyOf" in schema else schema
    return found


def _given(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"type": _stated(schema)["type"]}
    return given | ({"minItems": 1} if name in _FILLED else {})


def _ways(shape: type, properties: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    apart = _APART.get(shape, ())
    for wanted in _WAYS[shape]:
        others = {name for group in apart if group.isdisjoint(wanted) for name in group}
        yield {
            "required": sorted(wanted),
            "properties": {
                **{name: _given(name, properties[name]) for name in sorted(wanted)},
                **{name: {"type": "null"} for name in sorted(others)},
            },
        }
