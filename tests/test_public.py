"""Every public name of every module can be imported from the package itself."""

import importlib
import inspect
import subprocess
import sys
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


def test_importing_the_package_imports_neither_matplotlib_nor_numba_until_they_are_needed() -> None:
    script = """
import sys
import chainrule
assert not {"matplotlib", "numba"} & set(sys.modules)
assert set(chainrule.__all__) <= set(dir(chainrule))
from chainrule import train
assert "numba" in sys.modules and "matplotlib" not in sys.modules
assert chainrule.train is train is vars(chainrule)["train"]
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_name_is_there_from_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    train = chainrule.train
    monkeypatch.delitem(vars(chainrule), "train")
    assert "train" in dir(chainrule)
    assert "train" not in vars(chainrule)
    assert chainrule.train is train is vars(chainrule)["train"]


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'chainrule' has no attribute 'trian'"):
        chainrule.trian  # noqa: B018  # asking is the test
    with pytest.raises(ImportError, match="cannot import name 'trian'"):
        from chainrule import trian  # noqa: F401
