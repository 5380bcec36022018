"""
The ports: narrow, documented, and without code.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING, Any

import pytest

from calndro import ports


if TYPE_CHECKING:
    from types import ModuleType


NAMES = [module.name for module in pkgutil.iter_modules(ports.__path__)]
MODULES: list[ModuleType] = [importlib.import_module(f"calndro.ports.{name}") for name in NAMES]
PORTS: list[Any] = [
    each
    for module in MODULES
    for each in vars(module).values()
    if inspect.isclass(each) and each.__module__ == module.__name__
]


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_every_method_says_what_it_promises(port: Any) -> None:
    """
    Each port and each of its public methods has a docstring, which is the contract.
    """
    assert getattr(port, "_is_protocol", False)
    assert inspect.getdoc(port)
    for name, method in vars(port).items():
        if not name.startswith("_") and inspect.isfunction(method):
            assert method.__doc__, name


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_ports_have_no_code(module: ModuleType) -> None:
    """
    The body of every method is its docstring and an ellipsis.
    """
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            statements = [
                each
                for each in node.body
                if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
            ]
            assert statements == [], node.name
