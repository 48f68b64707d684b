"""MyGrad's `Tensor` and functions on our engine."""

import functools
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule
from chainrule import unbroadcast
from peers import posing
from peers.posing import Pose, Unknown, Wrapped, wrap_operators

TESTS = "tests"
IMPORTS = "."  # from where its tests import each other
AT_LEAST = 108
_TIES = "where two are equal MyGrad sends no derivative to either; ours goes to one of them"
_STRATEGY = "MyGrad's strategy samples from nothing, which today's Hypothesis refuses"
DIFFERENCES = {
    "tests/math/binary/test_binary_funcs.py::test_maximum_bkwd_equal": _TIES,
    "tests/math/binary/test_binary_funcs.py::test_minimum_bkwd_equal": _TIES,
    "tests/tensor_base/test_broadcast.py::test_reduce_broadcast_keepdim": "an adjoint smaller than its value is no adjoint",
    "tests/tensor_base/test_scalar_only.py::test_practical_scalar_only": "MyGrad forbids backward where a number was broadcast",
    "tests/tensor_ops/test_getitem.py::test_getitem_basicindex_fwdprop": _STRATEGY,
    "tests/tensor_ops/test_getitem.py::test_getitem_basicindex_bkwdprop": _STRATEGY,
    "tests/test_version.py::test_version": "MyGrad's own version",
}

WRAPS = functools.wraps
#: MyGrad's names that NumPy has too, but not as the function that our table knows.
ALIASES = {"amax": "max", "amin": "min", "abs": "absolute"}


def wrap(func: Callable[..., Any]) -> Callable[..., Any]:
    """A function of our Tensors as a function of MyGrad's: what is constant goes in as an array."""

    def wrapped(*args: Any, constant: bool = False, **kwargs: Any) -> Any:
        tensors = [a for a in args if isinstance(a, Tensor)]
        values = [(a.ours.value if a.constant else a.ours) if isinstance(a, Tensor) else a for a in args]
        if tensors and all(t.constant for t in tensors):
            values = [chainrule.Tensor(v) if isinstance(a, Tensor) else v for v, a in zip(values, args, strict=True)]
            constant = True
        result = func(*values, **kwargs)
        return Tensor(result, constant=constant, of=tensors)

    return wrapped


class Tensor(Wrapped):
    """`mygrad.Tensor`."""

    def __init__(self, x: Any, *, constant: bool = False, of: Any = (), **unknown: Any) -> None:
        if unknown:
            pytest.skip(f"not in our package: Tensor({', '.join(sorted(unknown))})")
        x = x.ours.value if isinstance(x, Tensor) else x
        self.ours = x if isinstance(x, chainrule.Tensor) else chainrule.Tensor(x)
        self._constant, self.of = constant, of

    constant = property(lambda self: self._constant)
    data = property(lambda self: self.ours.value)
    shape = property(lambda self: self.ours.shape)
    ndim = property(lambda self: self.ours.ndim)
    size = property(lambda self: self.ours.size)
    grad = property(lambda self: None if self.constant else self.ours.grad)

    def backward(self, grad: Any = None) -> None:
        seed = np.ones(self.shape) if grad is None else np.broadcast_to(grad, self.shape)
        if not self.constant:
            self.ours.backward(seed)

    def null_gradients(self) -> None:
        self.ours.grad = None
        for tensor in self.of:
            tensor.null_gradients()

    def __copy__(self) -> "Tensor":
        return Tensor(self, constant=self.constant)

    def __len__(self) -> int:
        return len(self.ours)

    def __getitem__(self, index: Any) -> Any:
        return wrap(chainrule.Tensor.__getitem__)(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        self.ours[index] = value

    def reshape(self, *shape: Any, constant: bool = False) -> Any:
        return function("reshape")(self, shape[0] if len(shape) == 1 else shape, constant=constant)

    def transpose(self, *axes: Any, constant: bool = False) -> Any:
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return function("transpose")(self, order, constant=constant)

    def flatten(self, constant: bool = False) -> Any:
        return function("ravel")(self, constant=constant)

    T = property(transpose)
    _op = Unknown("mygrad.Tensor._op")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        method = function(name) if hasattr(np.ndarray, name) else Unknown(f"mygrad.Tensor.{name}")
        return method if isinstance(method, Unknown) else partial(method, self)


wrap_operators(Tensor, wrap, "add radd sub rsub mul rmul truediv rtruediv pow rpow matmul rmatmul neg")


def compared(ask: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A comparison of our Tensors, which answers with a plain array, of MyGrad's."""
    return lambda x, y: ask(x.ours, y.ours if isinstance(y, Tensor) else y)


wrap_operators(Tensor, compared, "lt le gt ge")


def function(name: str) -> Any:
    """MyGrad's function of this name."""
    return of_numpy(ALIASES.get(name, name))


@cache
def of_numpy(name: str) -> Any:
    """NumPy's function of this name on our Tensors."""
    func = getattr(np, name, None)
    return wrap(func) if callable(func) else Unknown(f"mygrad.{name}")


def module_function(name: str) -> Any:
    """What a module of functions answers when asked for a name."""
    if name.startswith("__"):
        raise AttributeError(name)
    return function(name)


def reduce_broadcast(grad: Any, var_shape: Any) -> Any:
    """`mygrad._utils.reduce_broadcast`."""
    posing.calls += 1
    return unbroadcast(grad, var_shape)


def unsigned_wraps(func: Callable[..., Any]) -> Callable[..., Any]:
    """`functools.wraps`, by which the result does not pretend to have the arguments of `func`."""

    def decorate(wrapper: Any) -> Any:
        del WRAPS(func)(wrapper).__wrapped__
        return wrapper

    return decorate


def pose(source: Path) -> None:
    """Pose as MyGrad. Its tests are of 2018: they want NumPy's name for `float`, and decorate what Hypothesis refuses."""
    Pose("scipy", {})  # with which a test of its softmax compares: we have neither
    Pose(
        "mygrad",
        {
            "mygrad": {"Tensor": Tensor, "__getattr__": module_function},
            "mygrad.tensor_base": {"Tensor": Tensor},
            "mygrad.tensor_creation.funcs": {"__all__": ["empty"]},  # the first that is used of `import *`
            "mygrad._utils": {"reduce_broadcast": reduce_broadcast},
        },
    )
    vars(np)["float"] = float  # which NumPy 1 had
    functools.wraps = unsigned_wraps  # type: ignore[assignment] # while the module with their decorators is imported
    import_module("tests.wrappers.uber")
    functools.wraps = WRAPS
