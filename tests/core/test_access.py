"""
Who may do what: every operation by every class of caller, from a table of literals.
"""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType

import attrs
import pytest

from calndro.core import access
from calndro.core.access import (
    Caller,
    Operation,
    Standing,
    admit,
    admit_to,
    needs_token,
    standings,
)
from calndro.core.errors import (
    CalndroError,
    GoneError,
    NotAllowedError,
    NotFoundError,
    TokenExpiredError,
    TokenInvalidError,
    TokenMissingError,
)
from calndro.core.token import EmailToken, digest_of
from tests.examples import MICROSECOND, START, Scene, address


TEXT = "ab" * 20
EXPIRES = START + timedelta(days=5)
TOKEN = EmailToken(digest_of(TEXT), 7, 2, EXPIRES)
"""A token of party b of event 7, which a and b share and p has proposed."""

CALLERS = {
    "anonymous": Caller(),
    "holder": Caller(token=TEXT),
    "stranger": Caller(address("x")),
    "party": Caller(address("a")),
    "proposer": Caller(address("p")),
    "staff": Caller(address("s"), staff=True),
    "staff+party": Caller(address("a"), staff=True),
    "stranger+token": Caller(address("x"), token=TEXT),
    "staff+token": Caller(address("s"), staff=True, token=TEXT),
}

# y: may, as itself; t: may, as the party of the token; -: TokenMissing; i: TokenInvalid;
# n: NotAllowed. The token is of party b of this event; everybody else is as its column says.
PAGE = """
            anonymous holder stranger party proposer staff staff+party stranger+token staff+token
LIST        -         i      y        y     y        y     y           y              y
PROPOSE     -         i      y        y     y        y     y           y              y
VIEW        -         t      n        y     y        y     y           t              y
UPDATE      -         t      n        y     y        y     y           t              y
NOTIFY      -         t      n        y     y        y     y           t              y
READ_LOG    -         t      n        y     y        y     y           t              y
MAIL        -         t      n        y     n        n     y           t              t
DELETE      -         n      n        n     n        y     y           n              y
ACCOUNT     -         i      y        y     y        y     y           y              y
ADMINISTER  -         i      n        n     n        y     y           n              y
"""

GENERAL = frozenset({"LIST", "PROPOSE", "ACCOUNT", "ADMINISTER"})
"""The operations that concern no single event."""

UNREACHABLE = frozenset(
    (operation, standing)
    for operation, standings in {
        "LIST": ("ANONYMOUS", "HOLDER", "PROPOSER", "PARTY", "STAFF"),
        "PROPOSE": ("ANONYMOUS", "HOLDER", "PROPOSER", "PARTY", "STAFF"),
        "ACCOUNT": ("ANONYMOUS", "HOLDER", "PROPOSER", "PARTY", "STAFF"),
        "ADMINISTER": ("ANONYMOUS", "HOLDER", "PROPOSER", "PARTY"),
    }.items()
    for standing in standings
)
"""Cells that nobody stands on: without an event there is no party, and staff is registered."""


def expected() -> dict[tuple[str, str], str]:
    """
    Read the page's table.
    """
    head, *rows = PAGE.strip().splitlines()
    return {
        (operation, caller): cell
        for operation, *cells in map(str.split, rows)
        for caller, cell in zip(head.split(), cells, strict=True)
    }


def answer(operation: Operation, caller: Caller) -> str:
    """
    Ask, and write the answer as the page's table does.
    """
    ledger = Scene(1, 2, parties="ab", proposer="p").ledger
    try:
        if operation.name in GENERAL:
            return "y" if admit(caller, operation) == caller.user else "?"
        token = TOKEN if caller.token and needs_token(caller, operation, ledger) else None
        _, act = admit_to(caller, operation, 7, ledger, token=token, now=START, salt=b"s" * 32)
    except TokenMissingError:
        return "-"
    except TokenInvalidError:
        return "i"
    except NotAllowedError as error:
        return "n" if error.deed == operation.value else "?"
    if (act.by, act.token) == (caller.user, None):
        return "y"
    return "t" if (act.by, act.token) == (address("b"), digest_of(TEXT).hex()[:8]) else "?"


def answers() -> dict[tuple[str, str], str]:
    """
    Ask for every operation as every caller.
    """
    return {
        (operation.name, name): answer(operation, caller)
        for operation in Operation
        for name, caller in CALLERS.items()
    }


def test_table_is_the_page() -> None:
    """
    Every operation answers every class of caller as the page says, by act and by error.
    """
    assert answers() == expected()


@pytest.mark.parametrize("standing", list(Standing), ids=lambda each: each.name)
@pytest.mark.parametrize("operation", list(Operation), ids=lambda each: each.name)
def test_flipped_cell_is_noticed(
    operation: Operation, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The check above fails for each flipped cell of the rules, but for those nobody stands on.
    """
    flipped = {**access.ALLOWED, operation: access.ALLOWED[operation] ^ {standing}}
    monkeypatch.setattr(access, "ALLOWED", MappingProxyType(flipped))
    unnoticed = answers() == expected()
    assert unnoticed == ((operation.name, standing.name) in UNREACHABLE)


@pytest.mark.parametrize("cell", expected())
def test_flipped_literal_is_noticed(cell: tuple[str, str]) -> None:
    """
    The check fails for each cell of the page that is turned round.
    """
    turned = expected()
    turned[cell] = "n" if turned[cell] in "yt" else "y"
    assert answers() != turned


def test_what_a_caller_is_to_an_event() -> None:
    """
    One caller may be several things at once; a token is no standing of its own.
    """
    ledger = Scene(1, parties="ab").ledger
    both = Caller(address("a"), staff=True)
    assert standings(both, ledger) == set(Standing) - {Standing.ANONYMOUS, Standing.HOLDER}
    assert standings(both, None) == {Standing.REGISTERED, Standing.STAFF}
    assert standings(Caller(token=TEXT), ledger) == {Standing.ANONYMOUS}


def refused(
    caller: Caller,
    *,
    operation: Operation = Operation.VIEW,
    scene: Scene | None = None,
    token: EmailToken | None = None,
) -> CalndroError:
    """
    Ask what must be refused.
    """
    ledger = None if scene is None else scene.ledger
    with pytest.raises(CalndroError) as caught:
        admit_to(caller, operation, 7, ledger, token=token, now=START, salt=b"s" * 32)
    return caught.value


@pytest.mark.parametrize("operation", [each for each in Operation if each.name not in GENERAL])
@pytest.mark.parametrize("name", ["anonymous", "stranger", "holder", "stranger+token"])
def test_absent_event_answers_like_somebody_elses(operation: Operation, name: str) -> None:
    """
    Without a right to it, no caller can tell an absent event from another's or a deleted one.
    """
    caller = CALLERS[name]
    foreign = attrs.evolve(TOKEN, event_id=8) if caller.token else None
    closed = Scene(1, parties="ab")
    closed.delete("s")
    told = {
        (type(error), str(error))
        for error in (
            refused(caller, operation=operation, scene=scene, token=token)
            for scene in (None, Scene(1, parties="ab"), closed)
            for token in (None, foreign)
        )
    }
    assert len(told) == 1


def test_absent_event_is_told_to_staff_alone() -> None:
    """
    Only staff hears that there is no such event, for operations it may not do as well.
    """
    for operation in (Operation.VIEW, Operation.MAIL, Operation.DELETE):
        error = refused(CALLERS["staff"], operation=operation)
        assert isinstance(error, NotFoundError)
        assert (error.kind, error.name) == ("event", "7")


def test_deleted_event_is_gone_to_who_had_a_right() -> None:
    """
    A deleted event answers "gone" to party, proposer, staff and token, and only its log opens.
    """
    scene = Scene(1, parties="ab", proposer="p")
    scene.delete("s")
    for name in ("holder", "party", "proposer", "staff", "stranger+token"):
        token = TOKEN if CALLERS[name].token else None
        for operation in (Operation.VIEW, Operation.UPDATE, Operation.NOTIFY):
            error = refused(CALLERS[name], operation=operation, scene=scene, token=token)
            assert isinstance(error, GoneError)
            assert error.event_id == 7
        ledger, _ = admit_to(
            CALLERS[name],
            Operation.READ_LOG,
            7,
            scene.ledger,
            token=token,
            now=START,
            salt=b"s" * 32,
        )
        assert ledger is scene.ledger
    assert isinstance(refused(CALLERS["stranger"], scene=scene), NotAllowedError)
    assert isinstance(refused(CALLERS["anonymous"], scene=scene), TokenMissingError)
    again = refused(CALLERS["staff"], operation=Operation.DELETE, scene=scene)
    assert isinstance(again, GoneError)


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (None, TokenInvalidError),
        (attrs.evolve(TOKEN, event_id=8), TokenInvalidError),
        (attrs.evolve(TOKEN, event_id=8, expires=START), TokenInvalidError),
        (attrs.evolve(TOKEN, revoked=True), TokenInvalidError),
        (attrs.evolve(TOKEN, expires=START), TokenExpiredError),
        (attrs.evolve(TOKEN, spent=True), TokenExpiredError),
        (attrs.evolve(TOKEN, expires=START, revoked=True), TokenInvalidError),
    ],
    ids=["unknown", "foreign", "foreign-old", "revoked", "expired", "spent", "revoked-old"],
)
def test_bad_tokens_of_nobody_else(token: EmailToken | None, error: type[CalndroError]) -> None:
    """
    Unknown, foreign and revoked tokens are invalid; only one of this event can be expired.
    """
    for operation in (Operation.VIEW, Operation.DELETE):
        found = refused(
            CALLERS["holder"], operation=operation, scene=Scene(1, parties="ab"), token=token
        )
        assert type(found) is error


def test_token_at_the_edge_of_its_life() -> None:
    """
    One microsecond before its expiry a token opens its event; at that instant it does not.
    """
    ledger = Scene(1, parties="ab").ledger
    asked = CALLERS["holder"], Operation.VIEW, 7, ledger
    before = EXPIRES - MICROSECOND
    _, act = admit_to(*asked, token=TOKEN, now=before, salt=b"s" * 32)
    assert act.by == address("b")
    with pytest.raises(TokenExpiredError):
        admit_to(*asked, token=TOKEN, now=EXPIRES, salt=b"s" * 32)


def test_signed_in_without_right_and_with_a_foreign_token() -> None:
    """
    A token of another event is no credential at all: a known caller is simply not allowed.
    """
    foreign = attrs.evolve(TOKEN, event_id=8)
    scene = Scene(1, parties="ab")
    error = refused(CALLERS["stranger+token"], scene=scene, token=foreign)
    assert isinstance(error, NotAllowedError)


def test_who_has_a_right_needs_no_token() -> None:
    """
    A caller with a right of its own acts as itself; the token it brings is not looked at.
    """
    ledger = Scene(1, parties="ab").ledger
    caller = Caller(address("a"), token="not even a token", local=True)
    assert not needs_token(caller, Operation.VIEW, ledger)
    _, act = admit_to(caller, Operation.VIEW, 7, ledger, token=None, now=START, salt=b"s" * 32)
    assert (act.by, act.token, act.local, act.now) == (address("a"), None, True, START)


def test_token_of_a_forgotten_party_opens_nothing() -> None:
    """
    An erased party has nobody to act as, even if its token should have survived.
    """
    scene = Scene(1, parties="ab")
    scene.erase("b")
    error = refused(CALLERS["holder"], scene=scene, token=TOKEN)
    assert isinstance(error, TokenInvalidError)


def test_erased_address_is_a_stranger() -> None:
    """
    Who registers again with an erased address has no right to the old event.
    """
    scene = Scene(1, parties="ab", proposer="p")
    scene.erase("a")
    scene.erase("p")
    for name in ("party", "proposer"):
        assert isinstance(refused(CALLERS[name], scene=scene), NotAllowedError)


def test_numbered_outsiders_have_no_rights() -> None:
    """
    Being spoken of in a log gives no right: staff that acted and is staff no more is a stranger.
    """
    scene = Scene(1, parties="ab")
    scene.view("s")
    assert scene.ledger.number_of(address("s")) == 3
    assert isinstance(refused(Caller(address("s")), scene=scene), NotAllowedError)
