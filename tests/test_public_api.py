"""
The names that calndro supports.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import pytest

import calndro
from calndro import _HOME_OF, core
from calndro.core.errors import CalndroError


if TYPE_CHECKING:
    from collections.abc import Iterator


def test_all_is_sorted_and_complete() -> None:
    """
    ``__all__`` is sorted, free of duplicates, and names just what can be imported.
    """
    assert calndro.__all__ == sorted(set(calndro.__all__))
    assert set(calndro.__all__) == set(_HOME_OF)


def test_each_name_is_that_of_its_home() -> None:
    """
    Each supported name is the very object of the module it lives in.
    """
    for name in calndro.__all__:
        home = import_module(_HOME_OF[name])
        assert getattr(calndro, name) is getattr(home, name), name


def test_every_error_is_supported() -> None:
    """
    Whoever catches an error of calndro can import it from the top.
    """
    for module in iter_modules(core.__path__, f"{core.__name__}."):
        import_module(module.name)
    raised = {each.__name__ for each in beneath(CalndroError) if "calndro.core" in each.__module__}

    assert "DamagedError" in raised
    assert raised <= set(calndro.__all__)


def beneath(kind: type[Exception]) -> Iterator[type[Exception]]:
    """
    Find an error and every one that is a kind of it.
    """
    yield kind
    for each in kind.__subclasses__():
        yield from beneath(each)


def test_import_is_light() -> None:
    """
    Importing calndro loads neither SQLAlchemy nor Starlette, nor anything of its own.
    """
    program = (
        "import sys, calndro; "
        "print([m for m in sys.modules if m.split('.')[0] in ('sqlalchemy', 'starlette')"
        " or m.startswith('calndro.')])"
    )

    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

    assert loaded.stdout.decode().strip() == "[]"


def test_unknown_name_is_an_attribute_error() -> None:
    """
    A name that isn't there is refused as Python does, naming it.
    """
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        getattr(calndro, "nothing_of_the_kind")  # noqa: B009  # the look-up is what is tested


def test_dir_lists_what_is_supported() -> None:
    """
    Looking around in calndro shows the supported names, loaded or not.
    """
    assert dir(calndro) == calndro.__all__
