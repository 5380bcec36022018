"""
From plain values to classes, strictly, with every fault at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, get_args, get_origin

import cattrs
from cattrs.cols import homogenous_tuple_structure_factory, list_structure_factory
from cattrs.preconf.msgspec import make_converter

from calndro.core.agreement import Status
from calndro.core.errors import Fault, InvalidInputError
from calndro.core.log import Occurrence
from calndro.core.quoting import quoted
from calndro.core.reading import SlotText


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from enum import StrEnum

    from cattrs import Converter


Shape = TypeVar("Shape")
WrittenSlot = SlotText | str
Hook = Callable[[object, object], object]

_MOST_INTEGER: Final = 2**53
_MOST_SHOWN: Final = 60


def read(shape: type[Shape], members: Mapping[str, Any]) -> Shape:
    """
    Take the members of a body.

    Args:
        shape: A class of ``taking``.
        members: As decoded from JSON.

    Raises:
        InvalidInputError: Every member that is missing, unknown or of a wrong type.
    """
    return _structured(_STRICT, shape, members)


def read_shown(shape: type[Shape], members: object) -> Shape:
    """
    Take what a server has sent; members of later versions are left out.

    Args:
        shape: A typed dictionary of ``sending``.
        members: As decoded from JSON.

    Raises:
        InvalidInputError: Every member that is missing or of a wrong type.
    """
    return _structured(_LENIENT, shape, members)


def _structured(converter: Converter, shape: type[Shape], members: object) -> Shape:
    if not isinstance(members, Mapping):
        raise InvalidInputError.of("this must be an object with named members")
    try:
        return converter.structure(members, shape)
    except cattrs.BaseValidationError as error:
        raise InvalidInputError(list(_faults(error))) from None


def _faults(error: BaseException) -> Iterator[Fault]:
    match error:
        case cattrs.ClassValidationError():
            members, whole = error.group_exceptions()
            yield from _faults_inside((each, note.name) for each, note in members)
            for each in whole:
                yield from _faults(each)
        case cattrs.IterableValidationError():
            items, _ = error.group_exceptions()
            yield from _faults_inside((each, f"[{note.index}]") for each, note in items)
        case cattrs.ForbiddenExtraKeysError():
            for name in sorted(error.extra_fields):
                yield Fault(_as_path(name), "there is no such member here; leave it out")
        case InvalidInputError():
            yield from error.faults
        case KeyError():
            yield Fault("", "this member is required")
        case _:
            yield Fault("", "this can't be read")


def _faults_inside(found: Iterable[tuple[BaseException, str]]) -> Iterator[Fault]:
    for each, path in found:
        yield from InvalidInputError(list(_faults(each))).under(path).faults


def _as_path(name: str) -> str:
    return name if name.isidentifier() and len(name) <= _MOST_SHOWN else quoted(name)


def _exactly(kind: type, name: str) -> Hook:
    def check(value: object, _: object) -> object:
        if type(value) is not kind:
            raise InvalidInputError.of(f"this must be {name}")
        return value

    return check


def _integer(value: object, _: object) -> int:
    # To Python a bool is an integer; to whoever wrote it, it is not.
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInputError.of("this must be an integer")
    if abs(value) >= _MOST_INTEGER:
        raise InvalidInputError.of("this number is too large")
    return value


def _is_slot(kind: Any) -> bool:
    return bool(kind == WrittenSlot)


def _slot_hook(_kind: Any, converter: Converter) -> Hook:
    def written_slot(value: object, _: object) -> object:
        if isinstance(value, Mapping):
            return converter.structure(value, SlotText)
        if isinstance(value, str):
            return value
        raise InvalidInputError.of("a slot is an object with begin and duration, or a text")

    return written_slot


def _list_hook(kind: Any, converter: Converter) -> Hook:
    is_tuple = get_origin(kind) is tuple
    factory = homogenous_tuple_structure_factory if is_tuple else list_structure_factory
    structure = factory(kind, converter)

    def of_list(value: object, _: object) -> object:
        # A text or an object could be walked through just as well.
        if not isinstance(value, list):
            raise InvalidInputError.of("this must be a list")
        return structure(value, kind)

    return of_list


def _choice_hook(kind: Any, _converter: Converter) -> Hook:
    return _one_of(get_args(kind))


def _one_of(choices: Sequence[str]) -> Hook:
    def one_of(value: object, _: object) -> object:
        if value not in choices:
            raise InvalidInputError.of(f"this must be {' or '.join(choices)}")
        return value

    return one_of


def _member_of(kind: type[StrEnum]) -> Hook:
    choice = _one_of(list(kind))
    return lambda value, _: kind(str(choice(value, kind)))


def _made_of(*origins: object) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) in origins


def _converter(*, forbid_extra_keys: bool) -> Converter:
    converter = make_converter(forbid_extra_keys=forbid_extra_keys)
    converter.register_structure_hook(str, _exactly(str, "a text"))
    converter.register_structure_hook(bool, _exactly(bool, "true or false"))
    converter.register_structure_hook(int, _integer)
    for kind in (Status, Occurrence):
        converter.register_structure_hook(kind, _member_of(kind))
    converter.register_structure_hook_factory(_made_of(tuple, list), _list_hook)
    converter.register_structure_hook_factory(_made_of(Literal), _choice_hook)
    converter.register_structure_hook_factory(_is_slot, _slot_hook)
    return converter


_STRICT: Final = _converter(forbid_extra_keys=True)
_LENIENT: Final = _converter(forbid_extra_keys=False)
