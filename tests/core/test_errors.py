"""
The tree of errors: what catches what, and what each keeps.
"""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest

from calndro.core import errors
from calndro.core.errors import (
    CalndroError,
    DeliveryError,
    Fault,
    Faults,
    InvalidInputError,
    MailStoppedError,
    NotAPartyError,
    NotFoundError,
    RuleError,
    SchemaError,
    TokenExpiredError,
)
from tests.examples import START


if TYPE_CHECKING:
    from collections.abc import Callable


PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)

BENEATH = {
    "InvalidInputError": "CalndroError",
    "RuleError": "CalndroError",
    "TooManySlotsError": "RuleError",
    "NotAPartyError": "RuleError",
    "SlotsNotCurrentError": "RuleError",
    "KeyReusedError": "RuleError",
    "MailStoppedError": "RuleError",
    "OneselfError": "RuleError",
    "NotFoundError": "CalndroError",
    "GoneError": "CalndroError",
    "NotAllowedError": "CalndroError",
    "SignInError": "CalndroError",
    "TokenError": "CalndroError",
    "TokenMissingError": "TokenError",
    "TokenExpiredError": "TokenError",
    "TokenInvalidError": "TokenError",
    "StaleRevisionError": "CalndroError",
    "TooManyError": "CalndroError",
    "PortError": "CalndroError",
    "StorageError": "PortError",
    "CollisionError": "StorageError",
    "SchemaError": "StorageError",
    "DeliveryError": "PortError",
}


def test_tree_is_as_drawn() -> None:
    """
    Every error stands where the contract draws it, and there is no other.
    """
    found = {
        name: each.__bases__[0].__name__
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, CalndroError) and each is not CalndroError
    }
    assert found == BENEATH
    assert errors.__doc__ is not None
    assert all(name in errors.__doc__ for name in BENEATH)


def test_python_knows_two_of_them() -> None:
    """
    Bad input is a ValueError and what is absent a LookupError, for whoever expects those.
    """
    assert issubclass(InvalidInputError, ValueError)
    assert issubclass(NotFoundError, LookupError)


@pytest.mark.parametrize(
    ("make", "says", "keeps"),
    [
        (
            lambda: errors.TooManySlotsError(31, 30),
            "that would put 31 slots on the table; this event holds at most 30: drop some first",
            {"count": 31, "most": 30},
        ),
        (
            lambda: NotAPartyError(["x@here.net"], 7, ["a@here.net"]),
            "x@here.net is no party of event 7; its parties are a@here.net",
            {"addresses": ("x@here.net",), "event_id": 7, "parties": ("a@here.net",)},
        ),
        (
            lambda: NotAPartyError(["x@here.net", "y@here.net"], 7, ["a@here.net", "b@here.net"]),
            (
                "x@here.net, y@here.net are no parties of event 7; its parties are a@here.net, "
                "b@here.net"
            ),
            {"addresses": ("x@here.net", "y@here.net")},
        ),
        (
            lambda: errors.SlotsNotCurrentError(7),
            (
                "these are not the slots now on the table of event 7: view it, then notify with "
                "the slots it shows"
            ),
            {"event_id": 7},
        ),
        (
            lambda: MailStoppedError(["x@here.net"], 7),
            "x@here.net can't be sent letters of event 7: mail to them is stopped; leave them out",
            {"addresses": ("x@here.net",), "event_id": 7},
        ),
        (
            lambda: errors.OneselfError("s@here.net"),
            (
                "s@here.net can't erase itself: the log would speak of it again; let another staff "
                "user do it"
            ),
            {"address": "s@here.net"},
        ),
        (
            lambda: NotFoundError("event", "7"),
            "there is no event 7",
            {"kind": "event", "name": "7"},
        ),
        (
            lambda: errors.GoneError(7),
            "event 7 was deleted; its log can still be read",
            {"event_id": 7},
        ),
        (
            lambda: errors.NotAllowedError("view this event"),
            "you may not view this event",
            {"deed": "view this event"},
        ),
        (errors.SignInError, "wrong address or password", {}),
        (errors.TokenMissingError, "sign in, or use the link from your letter", {}),
        (
            lambda: TokenExpiredError(START),
            "this link expired at 2030-01-01 00:00 UTC; ask for a new one",
            {"expires": START},
        ),
        (
            errors.TokenInvalidError,
            "this token opens nothing here; use the one from your newest letter",
            {"is_api": False},
        ),
        (
            lambda: errors.TokenInvalidError(is_api=True),
            "this API token opens nothing here; get another by calndro login",
            {"is_api": True},
        ),
        (
            lambda: errors.StaleRevisionError(7, 2, 3),
            "event 7 is at revision 3, not 2: somebody changed it meanwhile; look at it again",
            {"event_id": 7, "expected": 2, "actual": 3},
        ),
        (
            lambda: errors.TooManyError("letters", 60),
            "too many letters; try again in 60 s",
            {"what": "letters", "retry_after": 60},
        ),
        (
            lambda: DeliveryError("no such box", code=550, permanent=True),
            "no such box",
            {"reason": "no such box", "code": 550, "permanent": True},
        ),
        (lambda: DeliveryError("no answer"), "no answer", {"code": None, "permanent": False}),
        (lambda: errors.StorageError("away"), "away", {}),
        (
            lambda: InvalidInputError([Fault("a", "one"), Fault("", "two")]),
            "a: one; two",
            {"faults": (Fault("a", "one"), Fault("", "two"))},
        ),
    ],
)
def test_error_keeps_its_data(
    make: Callable[[], CalndroError], says: str, keeps: dict[str, object]
) -> None:
    """
    An error says what is wrong and how to mend it, and keeps the parts as attributes.
    """
    error = make()
    assert str(error) == says
    assert {name: getattr(error, name) for name in keeps} == keeps
    pickled = [pickle.dumps(error, protocol) for protocol in PROTOCOLS]
    for copied in (copy.copy(error), *map(pickle.loads, pickled)):
        assert type(copied) is type(error)
        assert str(copied) == says
        assert vars(copied) == vars(error)


def test_stopped_mail_is_a_broken_rule() -> None:
    """
    Who catches RuleError catches each of the rules.
    """
    with pytest.raises(RuleError):
        raise MailStoppedError(["x@here.net"], 7)


def test_faults_are_raised_all_at_once() -> None:
    """
    Every fault of an input is named in one error, each under its path.
    """
    faults = Faults()
    for path, error in (
        ("slots", InvalidInputError([Fault("[2].begin", "no time"), Fault("", "too late")])),
        ("", InvalidInputError.of("no zone", "zone")),
        ("title", None),
    ):
        with faults.at(path):
            if error is not None:
                raise error
    faults.add("nothing named")
    with pytest.raises(InvalidInputError) as caught:
        faults.settle()
    assert [(fault.path, fault.message) for fault in caught.value.faults] == [
        ("slots[2].begin", "no time"),
        ("slots", "too late"),
        ("zone", "no zone"),
        ("", "nothing named"),
    ]
    assert str(caught.value) == (
        "slots[2].begin: no time; slots: too late; zone: no zone; nothing named"
    )


def test_no_faults_no_error() -> None:
    """
    Settling without faults passes.
    """
    faults = Faults()
    with faults.at("title"):
        pass
    faults.settle()


def test_only_bad_input_is_collected() -> None:
    """
    Any other error leaves the collecting at once.
    """
    faults = Faults()
    with pytest.raises(NotFoundError), faults.at("like"):
        raise NotFoundError("event", "7")
    faults.settle()


def test_paths_are_joined_as_a_person_would_write_them() -> None:
    """
    A member follows with a dot, a place in a list without.
    """
    error = InvalidInputError([Fault("begin", "x"), Fault("[0]", "y"), Fault("", "z")])
    assert [fault.path for fault in error.under("slots").faults] == [
        "slots.begin",
        "slots[0]",
        "slots",
    ]
    assert [fault.path for fault in error.under("").faults] == ["begin", "[0]", ""]


@pytest.mark.parametrize(
    ("found", "has"), [(None, "no schema of calndro"), ("0001", "schema 0001")]
)
def test_another_schema_is_told_with_the_mend(found: str | None, has: str) -> None:
    """
    A database of another version is refused with both versions and what to run.
    """
    error = SchemaError(found, "0009")

    assert str(error) == (
        f"the database has {has}, this calndro works with 0009: run 'calndro db upgrade', "
        "or install the calndro that the schema is of"
    )
    assert (error.found, error.wanted) == (found, "0009")


def test_a_newer_schema_is_told_with_whose_it_is() -> None:
    """
    A database of a newer version is not to be upgraded, but to be used with that one.
    """
    assert str(SchemaError("0010", "0009")) == (
        "the database has schema 0010, this calndro works with 0009: it belongs to a newer "
        "calndro; use that one"
    )
