"""
The OpenAPI 3.1 document, made from the routes and the shapes of the wire.
"""

from __future__ import annotations

import json
import re
from functools import cache
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from calndro import __version__
from calndro.adapters import wire
from calndro.core.agreement import Status
from calndro.entry.http.asking import MOST_ID
from calndro.entry.http.bodies import FORM, JSON
from calndro.entry.http.credentials import LINK_COOKIE
from calndro.entry.http.endpoints import Endpoints
from calndro.entry.http.examples import ANSWERS, BODIES
from calndro.entry.http.negotiation import chosen
from calndro.entry.http.problems import MEDIA_TYPE, ProblemJson
from calndro.entry.http.routes import RESOURCES, Operation, Resource
from calndro.entry.http.sign_in import DESCRIBED_SIGN_IN
from calndro.entry.http.strictness import ADDRESS, tighten
from calndro.entry.http.users import USERS
from calndro.usecases.paging import PAGE


if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request


YAML: Final = "application/yaml"
KINDS: Final = (YAML, JSON)

_PLACES: Final[dict[str, dict[str, Any]]] = {
    "id": {
        "description": "Of the event.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_ID},
    },
    "email": {
        "description": "The address of the account.",
        "schema": {"type": "string", **ADDRESS},
    },
    "token": {
        "description": "The id of the API token, the beginning of its digest.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{8}$"},
    },
}
_PLACE: Final = re.compile(r"\{(\w+)(?::\w+)?\}")
_RECEIPT: Final = (
    "^event=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12} seq=[1-9][0-9]{0,15} head=[0-9a-f]{64}$"
)
_QUERY: Final[dict[str, dict[str, Any]]] = {
    "status": {
        "description": "Only the events with this status.",
        "schema": {"enum": [each.value for each in Status]},
    },
    "all": {
        "description": "With 1 also what is usually left out: deleted events, deliveries.",
        "schema": {"enum": [0, 1], "default": 0},
    },
    "limit": {
        "description": "At most so many.",
        "schema": {"type": "integer", "minimum": 1, "maximum": PAGE, "default": PAGE},
    },
    "state": {
        "description": "With 1 the answer holds the event as well; the look is not logged.",
        "schema": {"enum": [0, 1], "default": 0},
    },
    "export": {
        "description": "With 1 the whole log comes as JSON lines (application/x-ndjson).",
        "schema": {"enum": [0, 1], "default": 0},
    },
    "verify": {
        "description": "With 1 the answer is what verification of the log finds.",
        "schema": {"enum": [0, 1], "default": 0},
    },
    "receipt": {
        "description": "With verify: event=... seq=... head=... of a letter or an answer.",
        "schema": {"type": "array", "items": {"type": "string", "pattern": _RECEIPT}},
    },
    "et": {
        "description": "The token that has expired; a member of the body does as well.",
        "schema": {"type": "string"},
    },
    "after": {
        "description": "Only what has a greater id.",
        "schema": {"type": "integer", "minimum": 0, "maximum": MOST_ID, "default": 0},
    },
    "after-address": {
        "name": "after",
        "description": "Only what has a later address.",
        "schema": {"type": "string", **ADDRESS},
    },
}
_IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag the caller saw; refused with 412 when the event has changed.",
    "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,14}"$'},
    "example": '"1"',
}
_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same request under the same key has one effect and one answer for a day.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
_HEADERS: Final = {
    "ETag": "The event's revision.",
    "Calndro-Audit": "The event's uuid, and number and hash of its newest log entry.",
    "Link": "Where the next part of the list is, if there is one.",
    "Location": "Where the new event or account is.",
}
_SECURITY: Final = {
    "Basic": {"type": "http", "scheme": "basic", "description": "Email address and password."},
    "Token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The word Token, a blank, and an API token.",
    },
    "EmailToken": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The word EmailToken, a blank, and the token of a letter.",
    },
    "et": {
        "type": "apiKey",
        "in": "query",
        "name": "et",
        "description": "The token of a letter; taken as a member of a JSON body as well.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "calndro",
        "description": "The cookie of who has signed in at /login/, __Host-calndro under https; "
        "to change something with it, a request says that it comes from a page of the server.",
    },
    "link": {
        "type": "apiKey",
        "in": "cookie",
        "name": LINK_COOKIE,
        "description": "The cookie of who has opened the link of a letter, for that one event; "
        "as a session, it changes something only from a page of the server.",
    },
}
_SEEN: Final = (Endpoints.update, Endpoints.delete, Endpoints.notify, Endpoints.steer_mail)
_ONCE: Final = (Endpoints.propose, Endpoints.update, Endpoints.notify)
_OF_ACCOUNTS: Final[list[dict[str, list[str]]]] = [{"Basic": []}, {"Token": []}]
_OF_LETTERS: Final[list[dict[str, list[str]]]] = [{"EmailToken": []}, {"et": []}]


async def describe(_endpoints: Endpoints, request: Request) -> Response:
    """
    Describe this interface, in YAML or JSON.
    """
    kind = chosen(request, KINDS)
    return Response(
        to_yaml(document()) if kind == YAML else wire.dumps(document()), media_type=kind
    )


async def describe_in_json(_endpoints: Endpoints, _request: Request) -> Response:
    """
    Describe this interface in JSON.
    """
    return Response(wire.dumps(document()), media_type=JSON)


DESCRIBED: Final = (
    Resource(
        "/openapi",
        {"GET": Operation(act=describe, answer=dict[str, Any], kinds=KINDS, is_open=True)},
    ),
    Resource(
        "/openapi.json",
        {"GET": Operation(act=describe_in_json, answer=dict[str, Any], is_open=True)},
    ),
)


@cache
def document() -> dict[str, Any]:
    """
    Make the document.

    Source: OpenAPI Specification 3.1.
    """
    resources = (*RESOURCES, *USERS, *DESCRIBED_SIGN_IN, *DESCRIBED)
    shapes = _shapes(resources)
    schemas, components = msgspec.json.schema_components(
        shapes, ref_template="#/components/schemas/{name}"
    )
    known = dict(zip(map(repr, shapes), schemas, strict=True))
    components["SlotText"]["additionalProperties"] = False
    for shape in _bodies(resources):
        tighten(components[shape.__name__], shape)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "calndro",
            "version": __version__,
            "summary": "Coordinate an appointment among fixed parties.",
        },
        "servers": [{"url": "/"}],
        "paths": _linked(
            {_PLACE.sub(r"{\1}", each.path): _path(each, known) for each in resources}
        ),
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


def _bodies(resources: tuple[Resource, ...]) -> list[type]:
    found = [each.body for resource in resources for each in resource.operations.values()]
    return [body for body in found if body is not None]


def _shapes(resources: tuple[Resource, ...]) -> list[Any]:
    found = [
        shape
        for resource in resources
        for each in resource.operations.values()
        for shape in (each.answer, *each.also)
    ]
    answers = {repr(answer): answer for answer in found if answer is not None}
    return [*answers.values(), *_bodies(resources), ProblemJson]


def _linked(paths: dict[str, Any]) -> dict[str, Any]:
    """
    Say of each answer that makes something what can be done with it.
    """
    for path, item in paths.items():
        for created in (
            each["responses"].get("201") for each in item.values() if "responses" in each
        ):
            if created and "Location" in created.get("headers", {}):
                created["links"] = dict(_links(paths, path))
    return paths


def _links(paths: dict[str, Any], made_at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in paths.items():
        place = _PLACE.match(path.removeprefix(made_at))
        if place is None or not path.startswith(made_at):
            continue
        for operation in (each for each in item.values() if "operationId" in each):
            yield (
                operation["operationId"],
                {
                    "operationId": operation["operationId"],
                    "parameters": {place[1]: f"$response.body#/{place[1]}"},
                },
            )


def _path(resource: Resource, known: dict[str, Any]) -> dict[str, Any]:
    names = _PLACE.findall(resource.path)
    is_event = "id" in names
    placed = [{"name": each, "in": "path", "required": True, **_PLACES[each]} for each in names]
    item: dict[str, Any] = {"parameters": placed} if placed else {}
    for method, operation in resource.operations.items():
        item[method.lower()] = _operation(operation, known, is_event=is_event)
    return item


def _operation(operation: Operation, known: dict[str, Any], *, is_event: bool) -> dict[str, Any]:
    parameters = [{"name": name, "in": "query", **_QUERY[name]} for name in operation.query]
    if operation.act in _SEEN:
        parameters.append(_IF_MATCH)
    if operation.act in _ONCE:
        parameters.append(_IDEMPOTENCY_KEY)
    refusal = {MEDIA_TYPE: {"schema": known[repr(ProblemJson)]}}
    described: dict[str, Any] = {
        "operationId": operation.act.__name__,
        "summary": cleandoc(operation.act.__doc__ or "").split("\n\n")[0],
        "security": _security(operation, is_event=is_event),
        "responses": {
            str(operation.status): _answer(operation, known),
            "4XX": {"description": "The request is refused.", "content": refusal},
            "503": {"description": "Something needed is away; try again.", "content": refusal},
        },
    }
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        schema = {"schema": known[repr(operation.body)], **_example(operation, BODIES)}
        kinds = (JSON, FORM) if operation.form else (JSON,)
        described["requestBody"] = {"required": True, "content": dict.fromkeys(kinds, schema)}
    return described


def _security(operation: Operation, *, is_event: bool) -> list[dict[str, Any]]:
    if operation.is_open:
        return []
    return [*_OF_ACCOUNTS, *_OF_LETTERS] if is_event else _OF_ACCOUNTS


def _answer(operation: Operation, known: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done."}
    if operation.headers:
        answer["headers"] = {
            name: {"description": _HEADERS[name], "schema": {"type": "string"}}
            for name in operation.headers
        }
    if operation.answer is not None:
        shapes = [known[repr(each)] for each in (operation.answer, *operation.also)]
        schema = {
            "schema": shapes[0] if len(shapes) == 1 else {"anyOf": shapes},
            **_example(operation, ANSWERS),
        }
        answer["content"] = dict.fromkeys(operation.kinds, schema)
        if operation.streams:
            answer["content"][operation.streams] = {"schema": {"type": "string"}}
    return answer


def _example(operation: Operation, examples: dict[str, Any]) -> dict[str, Any]:
    name = operation.act.__name__
    return {"example": examples[name]} if name in examples else {}


_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_SHORT: Final = 72
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def to_yaml(value: dict[str, Any]) -> str:
    """
    Write plain values as YAML in block style, and what is short as JSON, which YAML includes.

    Args:
        value: Names and texts have no characters beyond the basic plane, for which the
            escapes of the two differ; names have at most 100, since YAML takes no key
            that is longer than 1,024 when written.
    """
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> list[str]:
    written = json.dumps(value)
    if not isinstance(value, (dict, list)) or len(written) <= _SHORT:
        return [written]
    if isinstance(value, list):
        return [line for each in value for line in _indented("- ", _lines(each))]
    return [line for name, each in value.items() for line in _member(_key(name), each)]


def _member(key: str, value: Any) -> list[str]:
    lines = _lines(value)
    if lines == [json.dumps(value)]:
        return [f"{key}: {lines[0]}"]
    return [f"{key}:", *_indented("  ", lines)]


def _indented(mark: str, lines: list[str]) -> list[str]:
    first, *rest = lines
    return [f"{mark}{first}", *(f"  {line}" for line in rest)]


def _key(name: str) -> str:
    is_plain = _PLAIN.fullmatch(name) and name.lower() not in _WORDS
    return name if is_plain else json.dumps(name)
