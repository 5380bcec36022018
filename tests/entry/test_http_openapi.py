"""
The OpenAPI document: true, valid, and to be had in both forms.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it has no stubs of its own
from hypothesis import given
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from starlette.routing import Route

from calndro.entry.http.credentials import LINK_COOKIE
from calndro.entry.http.examples import ANSWERS, BODIES
from calndro.entry.http.guests import FORMS
from calndro.entry.http.openapi import document, to_yaml
from calndro.entry.http.sign_in import DESCRIBED_SIGN_IN, SIGN_IN
from tests.entry.http_site import FIRST, PASSWORD, ROOT, SECOND, THEY, YOU, Site


def test_the_document_is_valid() -> None:
    """
    The document is OpenAPI 3.1.
    """
    assert document()["openapi"].startswith("3.1")
    validate(document())


def test_the_document_has_every_route() -> None:
    """
    Every address and method that programs use is described, and no other.
    """
    site = Site()
    routes = [each for each in site.app.routes if isinstance(each, Route)]
    pages = {each.path.replace(":event", "") for each in (*SIGN_IN, *FORMS)} - {
        each.path for each in DESCRIBED_SIGN_IN
    }
    paths = {each.path_format for each in routes if each.path_format != "/{path}"}
    assert set(document()["paths"]) == paths - pages
    for path, item in document()["paths"].items():
        place = path.format(id=1, email=YOU, token="0" * 8)
        allow = set(site.ask("OPTIONS", place).headers["Allow"].split(", "))
        described = {name.upper() for name in item if name != "parameters"}
        assert described <= allow
        assert allow - described <= {"HEAD", "OPTIONS"}


def test_the_document_has_every_credential() -> None:
    """
    What is presented to the server is named, and by the names that cookies really have.
    """
    site = Site()
    signed_in = site.client.post("/login/", json={"username": YOU, "password": PASSWORD})
    schemes = document()["components"]["securitySchemes"]
    assert list(schemes) == ["Basic", "Token", "EmailToken", "et", "session", "link"]
    assert signed_in.headers["Set-Cookie"].startswith(f"{schemes['session']['name']}=")
    assert schemes["link"]["name"] == LINK_COOKIE


def test_the_document_comes_as_asked() -> None:
    """
    YAML unless JSON is wanted; both say the same; another type is a 406.
    """
    site = Site()
    plain = site.ask("GET", "/openapi")
    as_json = site.ask("GET", "/openapi", headers={"Accept": "application/json, */*;q=0.5"})

    assert plain.headers["Content-Type"] == "application/yaml"
    assert as_json.headers["Content-Type"] == "application/json"
    assert yaml.safe_load(plain.text) == as_json.json()
    assert site.ask("GET", "/openapi.json").json() == as_json.json()
    assert site.ask("GET", "/openapi", headers={"Accept": "image/png"}).status_code == 406


def check(answer: Any, path: str, method: str) -> None:
    """
    Hold an answer against what the document says of it.
    """
    described = document()["paths"][path][method]["responses"]
    found = described.get(str(answer.status_code)) or described["4XX"]
    if "content" not in found:
        assert answer.content == b""
        return
    schema = found["content"][answer.headers["Content-Type"]]["schema"]
    validator: Any = OAS31Validator({**schema, "components": document()["components"]})
    validator.validate(answer.json())
    for name in found.get("headers", {}):
        assert name in answer.headers or name == "Link"


def test_answers_are_as_described() -> None:
    """
    Each operation's answers, and refusals, fit the schemas of the document.
    """
    site = Site()
    event = site.propose(FIRST, SECOND)
    et = site.token(event, THEY)
    told = {"parties": [THEY], "slots": event["slots"], "sender": YOU}
    for method, template, who, body in (
        ("get", "/", YOU, None),
        ("post", "/", YOU, {"parties": [YOU], "slots": []}),
        ("post", "/", YOU, {}),
        ("get", "/{id}/", YOU, None),
        ("get", "/{id}/", None, None),
        ("head", "/{id}/", YOU, None),
        ("post", "/{id}/notify/", YOU, told),
        ("post", "/{id}/notify/", YOU, told | {"parties": ["x@here.net"]}),
        ("patch", "/{id}/", YOU, {"keep": [FIRST]}),
        ("get", "/{id}/log/", YOU, None),
        ("post", "/{id}/link/", None, {"et": et}),
        ("post", "/{id}/link/", None, {}),
        ("post", "/{id}/mail/", None, {"mail": "stopped", "et": et}),
        ("post", "/api-token-auth/", None, {"username": YOU, "password": PASSWORD}),
        ("delete", "/{id}/", ROOT, None),
        ("get", "/{id}/", YOU, None),
        ("get", "/healthz", None, None),
        ("get", "/readyz", None, None),
    ):
        answer = site.ask(method.upper(), template.replace("{id}", "1"), who, json=body)
        check(answer, template, method)


def test_bodies_are_as_described() -> None:
    """
    What the schemas of bodies let through is taken, and what they refuse is refused.
    """
    schemas = document()["components"]
    for name, body, fits in (
        ("Proposal", {"parties": [YOU], "slots": [FIRST, "2026-11-01T09:00Z/PT1H"]}, True),
        ("Proposal", {"like": 1, "et": "x"}, True),
        ("Proposal", {"parties": [YOU]}, False),
        ("Proposal", {"parties": [], "slots": []}, False),
        ("Proposal", {"like": None}, False),
        ("Proposal", {"parties": [YOU], "slots": [1]}, False),
        ("Update", {"keep": [FIRST], "id": 1, "kept": {}, "et": "x"}, True),
        ("Update", {"drop": [], "accept": [FIRST], "title": "x", "slots": None}, True),
        ("Update", {"zap": 1}, False),
        ("Update", {}, False),
        ("Update", {"title": " "}, False),
        ("Update", {"title": "x", "keep": [], "add": [FIRST]}, False),
        ("Update", {"keep": [{**FIRST, "end": "x"}]}, False),
        ("Notification", {"parties": [YOU], "slots": [], "invitation": True}, True),
        ("Notification", {"parties": [YOU]}, False),
        ("Notification", {"parties": [], "slots": []}, False),
        ("UserChange", {"staff": True, "active": None}, True),
        ("UserChange", {"staff": True, "active": True}, False),
        ("UserChange", {}, False),
        ("NewUser", {"email": YOU, "password": None}, True),
        ("NewUser", {"email": "nobody"}, False),
        ("NewUser", {"email": YOU, "password": "short"}, False),
        ("MailWish", {"mail": "stopped"}, True),
        ("MailWish", {"mail": "maybe"}, False),
        ("SignIn", {"username": YOU, "password": "x"}, True),
        ("SignIn", {"username": YOU, "password": "x", "et": "x"}, False),
    ):
        schema = {"$ref": f"#/components/schemas/{name}", "components": schemas}
        validator: Any = OAS31Validator(schema)
        assert validator.is_valid(body) is fits, (name, body)


def without_audit(value: Any) -> Any:
    """
    Leave out the receipts, in which chance has a part.
    """
    if isinstance(value, list):
        return [without_audit(each) for each in value]
    return {name: each for name, each in value.items() if name != "audit"}


def test_examples_are_true() -> None:
    """
    What the examples send is taken, and what they show comes back.
    """
    site = Site(public_url="http://127.0.0.1:8000")
    site.register(YOU)
    for operation, method, path, who in (
        ("propose", "POST", "/", YOU),
        ("update", "PATCH", "/1/", THEY),
        ("view", "GET", "/1/", YOU),
        ("list_events", "GET", "/", YOU),
        ("notify", "POST", "/1/notify/", YOU),
        ("steer_mail", "POST", "/1/mail/", YOU),
        ("add_user", "POST", "/users/", ROOT),
        ("see_user", "GET", "/users/them@whar.net/", ROOT),
        ("change_user", "PATCH", "/users/them@whar.net/", ROOT),
        ("erase_user", "DELETE", "/users/them@whar.net/", ROOT),
    ):
        if who == THEY:
            site.register(THEY)
        body = BODIES.get(operation)
        answer = site.ask(method, path, who, json=body)
        assert answer.is_success, answer.text
        assert without_audit(answer.json()) == without_audit(ANSWERS[operation]), operation
    assert BODIES.keys() - ANSWERS.keys() == set()


def test_examples_are_shown() -> None:
    """
    Every example stands in the document, where its operation is, and fits its schema.
    """
    found: set[str] = set()
    for item in document()["paths"].values():
        for name, operation in item.items():
            if name != "parameters":
                contents = [operation.get("requestBody", {}).get("content", {})]
                contents += [each.get("content", {}) for each in operation["responses"].values()]
                for each in [shown for content in contents for shown in content.values()]:
                    if "example" in each:
                        found.add(operation["operationId"])
                        schema = {**each["schema"], "components": document()["components"]}
                        validator: Any = OAS31Validator(schema)
                        validator.validate(each["example"])

    assert found == ANSWERS.keys() | BODIES.keys()


characters = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])
texts = st.text(characters)
names = st.text(characters, max_size=100)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)


def test_yaml_fits_into_a_pipe() -> None:
    """
    The description has less than 64 KiB, so that whoever reads only its beginning breaks no pipe.
    """
    assert len(to_yaml(document()).encode()) < 64 * 1024
    assert yaml.safe_load(to_yaml(document())) == document()


@given(st.dictionaries(names, plain, min_size=1, max_size=4))
def test_yaml_says_what_was_written(value: dict[str, Any]) -> None:
    """
    Any plain value comes back from its YAML unchanged.
    """
    assert yaml.safe_load(to_yaml(value)) == value


@pytest.mark.parametrize("name", ["on", "No", "null", "1", "~", "$ref", "a: b", "- a", "200"])
def test_yaml_quotes_what_it_would_read_otherwise(name: str) -> None:
    """
    A name that YAML would take for something else stays a text.
    """
    assert yaml.safe_load(to_yaml({name: [name]})) == {name: [name]}


def test_what_was_made_leads_on() -> None:
    """
    The answer that makes an event or an account is linked to all that can be done with it.
    """
    paths = document()["paths"]
    for made_at, place in (("/", "{id}"), ("/users/", "{email}")):
        links = paths[made_at]["post"]["responses"]["201"]["links"]
        below = {
            each["operationId"]
            for path, item in paths.items()
            for each in item.values()
            if path.startswith(f"{made_at}{place}") and "operationId" in each
        }
        assert set(links) == below
        assert len(below) > 4
    assert "links" not in paths["/users/{email}/tokens/"]["post"]["responses"]["201"]
