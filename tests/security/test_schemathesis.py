"""
Requests made from the description itself, as each class of callers.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import positive_data_acceptance
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from starlette.responses import JSONResponse, PlainTextResponse

from calndro.adapters.memory import MemoryStorage
from calndro.core.token import digest_of, fingerprint
from calndro.entry.http.openapi import document
from calndro.usecases.services import Unlimited
from tests.entry.http_site import (
    COMING,
    FIRST,
    PASSWORD,
    ROOT,
    SECOND,
    STRANGER,
    THEM,
    THEY,
    YOU,
    Site,
)
from tests.surroundings import GIVEN


if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy
    from schemathesis import BaseSchema, Case, CheckContext, HookContext, Response
    from schemathesis.engine.recorder import ScenarioRecorder
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


EXAMPLES: Final = int(GIVEN.get("CALNDRO_TEST_EXAMPLES", "15"))
WALKS: Final = EXAMPLES // 3
"""How many there are along links; each has several requests."""
IS_LONG: Final = EXAMPLES >= 500
"""A long run asks something new each time, a short one the same."""
ENOUGH: Final = 50
"""From so many requests on, those that succeed are counted."""

WHO: Final = {"anonymous": None, "stranger": STRANGER, "party": YOU, "staff": ROOT, "holder": THEY}
MAY: Final = {"POST /{id}/mail/": "party", "DELETE /api-tokens/{token}/": "party"}
"""Who is sure to be let in; elsewhere staff is."""

SUCCESS: Final = range(200, 300)

OPERATIONS: Final = {
    f"{method.upper()} {path}"
    for path, item in document()["paths"].items()
    for method in item
    if method != "parameters"
} - {"GET /openapi.json"}
"""All but where the description itself was read, which is left alone."""

# What a description can't say: who and what is there.
FITTING: Final[dict[str, Any]] = {
    "begin": COMING["begin"],
    "duration": COMING["duration"],
    "parties": [YOU, THEY],
    "sender": YOU,
    "zone": "Europe/Paris",
    "like": 1,
    "email": "new@here.net",
    "username": YOU,
    "password": PASSWORD,
    "title": "another",
}
RENEWING: Final = "/{id}/link/"
"""Where whatever may be an old token is taken, and the answer tells nothing."""

BAD: Final = 400
STEPS: Final = 6
"""How many requests follow from another at most."""

FORMS: Final = ("slots", "keep", "add", "drop", "accept")


class Stage:
    """
    A server that is for each request as it was for the first, and a caller.

    Args:
        kind: The class of callers.
    """

    def __init__(self, kind: str) -> None:
        self.storage = MemoryStorage()
        self.site = Site(self.storage, limiter=Unlimited())
        self.site.register(THEM)
        self.headers: dict[str, str] = {}
        self.mark = "0" * 8
        event, who = self.site.propose(FIRST, SECOND), WHO[kind]
        if kind == "holder":
            self.headers = {"Authorization": f"EmailToken {self.site.token(event, THEY)}"}
        elif who is not None:
            body = {"username": who, "password": PASSWORD}
            token = self.site.ask("POST", "/api-token-auth/", json=body).json()["token"]
            self.headers = {"Authorization": f"Token {token}"}
            self.mark = fingerprint(digest_of(token))
        self.start = self.storage.contents.copied()

    def begin(self) -> None:
        """
        Make everything as it was.
        """
        self.storage.contents = self.start.copied()


def fitted(value: Any, path: str) -> Any:
    """
    Put what is there in the place of what was made up.
    """
    if isinstance(value, list):
        return [fitted(each, path) for each in value]
    if not isinstance(value, dict):
        return value
    made = {
        name: FITTING[name] if name in FITTING and each is not None else fitted(each, path)
        for name, each in value.items()
        if name != "et" or path == RENEWING
    }
    if path == "/{id}/notify/":
        return made | {"parties": [THEY], "slots": [FIRST, SECOND]}
    said = {name: each for name, each in made.items() if each is not None}
    if path == "/users/{email}/":
        return dict(list(said.items() or [("staff", True)])[:1])
    if path == "/{id}/":
        form: dict[str, Any] = {name: [COMING] for name in FORMS if name in said}
        rest = {name: each for name, each in said.items() if name not in FORMS}
        return rest | dict(list(form.items() or [("title", "another")])[:1])
    return made


PHASES: Final = ("examples", "coverage", "fuzzing")
"""Those that ask one operation at a time."""

CHECKS: Final[dict[str, Any]] = {
    # ``accepted`` asks it, but for what no description can say.
    "positive_data_acceptance": {
        "enabled": False,
        # What was deleted before, and what has changed since.
        "expected-statuses": ["2xx", "401", "403", "404", "409", "410", "412"],
    },
    # It wants two callers of one class; the authorisation matrix has them.
    "object_level_authorization": {"enabled": False},
}

MEANT: Final = re.compile(
    r"(slots|keep|drop|accept|add|parties)\[.*|title|zone|sender|email|after|verify|state|et"
    # For an optional header the phase coverage sends 0, whatever its pattern says.
    r"|If-Match"
    # To JSON Schema 1.0 is an integer; as an id we take no fraction.
    r"|like"
)
"""
Members and parameters of which a description tells the form but not the sense: whether there
is such a time, zone or address, whether two of them go together.
"""
UNREADABLE: Final = re.compile(r"the body (has a number of more|is nested more|has half) .*")
"""What no body may hold, wherever it stands; OpenAPI has no words for it."""


@schemathesis.check
def accepted(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """
    Check that what fits the description is refused only by a rule, or for what it means.
    """
    if response.status_code == BAD:
        problem = response.json()
        if "invalid-input" not in problem["type"]:
            return None
        if UNREADABLE.fullmatch(problem["detail"]) or all(map(MEANT.fullmatch, problem["errors"])):
            return None
    verdict: bool | None = positive_data_acceptance(ctx, response, case)
    return verdict


class Asked:
    """
    The application as it was at the start, for each request, and what it answered.

    Args:
        stage: The server.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.app: ASGIApp = stage.site.app
        self.statuses: Counter[int] = Counter()
        self.begins = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Pass a request on.
        """

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.statuses[message["status"]] += 1
            await send(message)

        if self.begins:
            self._stage.begin()
        await self.app(scope, receive, note)


def described(stage: Stage, asked: Asked, *, walks: bool) -> BaseSchema:
    """
    Load the description, with the caller's credentials, and with what is there put in.

    Args:
        stage: Who asks, and what is there.
        asked: Who answers.
        walks: Whether each request follows from the answer before, which says what is there.
    """
    config = SchemathesisConfig.from_dict(
        {
            "headers": stage.headers,
            "checks": CHECKS,
            "generation": {
                "max-examples": EXAMPLES,
                "database": "none",
                "with-security-parameters": False,
                "deterministic": not IS_LONG,
            },
            # What was deleted has no page, but keeps its log and what a calendar says of it.
            "operations": [
                {
                    "include-operation-id": ["read_log", "give_calendar"],
                    "checks": {"use_after_free": {"enabled": False}},
                },
                # Who was dismissed since is no active user any more.
                {
                    "include-operation-id": "issue_token_of_user",
                    "checks": {"ensure_resource_availability": {"enabled": False}},
                },
            ],
            "phases": {"stateful": {"enabled": walks}},
        }
    )
    schema = schemathesis.openapi.from_asgi("/openapi.json", asked, config=config)
    place = {"id": 1, "email": THEM, "token": stage.mark}

    @schema.hook
    def map_case(_: HookContext, case: Case[Any]) -> Case[Any]:
        if is_positive(case):
            if not walks:
                case.path_parameters = {name: place[name] for name in case.path_parameters or {}}
            if isinstance(case.body, dict) and case.operation.path != RENEWING:
                # The caller shows who it is in one way.
                case.body = {name: each for name, each in case.body.items() if name != "et"}
        return case

    @schema.hook
    def flatmap_case(_: HookContext, case: Case[Any]) -> SearchStrategy[Case[Any]]:
        fits = st.sampled_from([True, True, True, False])
        return fits.map(lambda each: fit(case) if each and is_positive(case) else case)

    return schema


def is_positive(case: Case[Any]) -> bool:
    """
    Tell whether a request was made to fit the description.
    """
    return case.meta is None or case.meta.generation.mode.is_positive


def fit(case: Case[Any]) -> Case[Any]:
    """
    Make a request about who and what is there.
    """
    path = case.operation.path
    if case.headers:
        case.headers.pop("If-Match", None)
    case.body = fitted(case.body, path)
    gone = {"after", "et"} if path != RENEWING else set()
    case.query = {k: v for k, v in (case.query or {}).items() if k not in gone}
    return case


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("kind", WHO)
def test_whatever_fits_the_description(kind: str) -> None:
    """
    No request made from the description gets an answer that is not in it, nor a 5xx.

    In the phases examples, coverage and fuzzing, with every check. Of enough requests a fifth
    succeeds, as whoever is allowed to.
    """
    stage = Stage(kind)
    asked = Asked(stage)
    found: list[str] = []
    heard: dict[str, Counter[bool]] = {}
    done = {phase: set[str]() for phase in PHASES}
    for event in from_schema(described(stage, asked, walks=False)).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found.append(str(event))
        if isinstance(event, events.ScenarioFinished) and event.label is not None:
            done[event.phase.value].add(event.label)
            found.extend(failures(event.recorder))
            if event.phase.value == "fuzzing":
                heard[event.label] = Counter(successes(event.recorder))

    assert not found, "\n".join(found)
    assert done["coverage"] == done["fuzzing"] == OPERATIONS
    assert done["examples"]
    for name, counted in heard.items():
        if counted.total() >= ENOUGH and kind == MAY.get(name, "staff"):
            assert counted[True] >= counted.total() / 5, name
    stage.begin()
    assert stage.site.ask("GET", "/healthz").status_code == 200
    assert stage.site.propose()["id"] > 1


def successes(recorder: ScenarioRecorder) -> Iterator[bool]:
    """
    Tell of each request whether it was granted.
    """
    for each in recorder.interactions.values():
        if each.response is not None:
            yield each.response.status_code in SUCCESS


def failures(recorder: ScenarioRecorder) -> Iterator[str]:
    """
    Say which request failed which check, and how to send it again.
    """
    for case_id, checks in recorder.checks.items():
        for each in checks:
            if each.failure_info is not None:
                case, answer = (
                    recorder.cases[case_id].value,
                    recorder.interactions[case_id].response,
                )
                yield f"{each.name}: {each.failure_info.failure.message}\n"
                yield f"{case.as_curl_command()}\n{answer and answer.text[:500]}"


@pytest.mark.parametrize(
    ("wrong", "check"),
    [
        (JSONResponse({"status": "ok"}, 500), "not_a_server_error"),
        (JSONResponse({"status": "ok"}, 201), "status_code_conformance"),
        (JSONResponse({"status": 1}), "response_schema_conformance"),
        (PlainTextResponse("ok"), "content_type_conformance"),
        (JSONResponse({"type": "urn:calndro:problem:stale"}, 405), "accepted"),
    ],
)
def test_a_wrong_answer_is_noticed(wrong: ASGIApp, check: str) -> None:
    """
    A server that answers something else than the description says is found out.
    """
    stage = Stage("anonymous")
    asked = Asked(stage)
    schema = described(stage, asked, walks=False).include(path="/healthz")
    asked.app = wrong

    finished = [
        event
        for event in from_schema(schema).execute()
        if isinstance(event, events.ScenarioFinished) and event.label == "GET /healthz"
    ]
    found = [each for event in finished for each in failures(event.recorder)]
    assert any(each.startswith(f"{check}:") for each in found), found


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("kind", WHO)
def test_whatever_follows_from_an_answer(kind: str) -> None:
    """
    No walk along the links of the description meets an answer that is not in it, nor a 5xx.
    """
    stage = Stage(kind)
    asked = Asked(stage)
    schema = described(stage, asked, walks=True)
    asked.begins = False

    class Walk(schema.as_state_machine()):  # type: ignore[misc]  # made at run time
        def setup(self) -> None:
            stage.begin()

        def get_call_kwargs(self, _case: Case[Any]) -> dict[str, Any]:
            return {"headers": stage.headers}

    Walk.run(
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not IS_LONG,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
    )
    assert asked.statuses.total() >= WALKS
