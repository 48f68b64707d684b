"""Every public name of every module can be imported from the package itself."""

import importlib
import inspect
from types import ModuleType

import pytest

import chainrule

MODULES = ["engine", "numerical", "draw", "relu_net", "sgd", "sweeps", "figures", "player", "xoshiro"]


def public(module: ModuleType) -> set[str]:
    """The names in `__all__`; without one, the functions and classes that the module defines."""
    return set(getattr(module, "__all__", ())) or {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__ and callable(value)
    }


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_is_the_packages_too(name: str) -> None:
    module = importlib.import_module(f"chainrule.{name}")
    names = public(module)
    assert names
    for each in names:
        assert getattr(chainrule, each) is getattr(module, each)
        assert each in chainrule.__all__


def test_what_the_package_names_is_there_and_documented() -> None:
    assert len(set(chainrule.__all__)) == len(chainrule.__all__)
    for each in chainrule.__all__:
        value = getattr(chainrule, each)
        if inspect.isroutine(value) or inspect.isclass(value):
            assert inspect.getdoc(value), f"{each} has no docstring"
