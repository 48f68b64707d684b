"""Pose as a package whose names lead to our engine; a name that the adapter does not know skips the test that uses it."""

import sys
from collections.abc import Callable, Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import pytest

from chainrule import Tensor

comparisons = 0  # made so far in this process
calls = 0  # of our functions that make no Tensor


def counted(compare: Callable[..., Any]) -> Callable[..., Any]:
    """`compare`, with each call counted as a comparison."""

    def comparing(*args: Any, **kwargs: Any) -> Any:
        global comparisons
        comparisons += 1
        return compare(*args, **kwargs)

    return comparing


class Unknown:
    """A name that the adapter does not know. It can be imported, named and subclassed; whatever uses it is skipped."""

    def __init__(self, name: str, *bases_and_body: Any) -> None:
        self.__name__ = name

    def _skip(self, *args: Any, **kwargs: Any) -> Any:
        pytest.skip(f"not in our package: {self.__name__}", allow_module_level=True)

    __call__ = __bool__ = __eq__ = __getitem__ = __iter__ = __enter__ = __contains__ = _skip
    __hash__ = None

    def __getattr__(self, name: str) -> "Unknown":
        if name.startswith("__"):
            raise AttributeError(name)
        return Unknown(f"{self.__name__}.{name}")


class Pose(MetaPathFinder, Loader):
    """Finds `package` and whatever is imported from within it. `modules` has the names of each module that is known."""

    def __init__(self, package: str, modules: Mapping[str, Mapping[str, Any]]) -> None:
        self.package = package
        self.modules = modules
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] == self.package else None

    def exec_module(self, module: ModuleType) -> None:
        def unknown(name: str) -> Unknown:
            if name.startswith("__"):
                raise AttributeError(name)
            return Unknown(f"{module.__name__}.{name}")

        module.__dict__.update({"__getattr__": unknown, **self.modules.get(module.__name__, {})})


class Wrapped:
    """A Tensor of ours, in `ours`, that answers to the names of a peer's."""

    ours: Tensor
    __array_ufunc__ = None  # an array beside it leaves the operator to it

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {self.ours!r}"


def wrap_operators(kind: type[Wrapped], wrap: Callable[[Callable[..., Any]], Callable[..., Any]], names: str) -> None:
    """Give `kind` the operators of our Tensors, each made by `wrap` from ours into the peer's."""
    for name in names.split():
        setattr(kind, f"__{name}__", wrap(getattr(Tensor, f"__{name}__")))
