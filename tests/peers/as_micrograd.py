"""micrograd's `Value` on our engine, and PyTorch, which its tests compare with, played by micrograd's own engine."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import Tensor
from peers.posing import Pose, Wrapped, wrap_operators

TESTS = "test"
IMPORTS = "."  # from where its tests import each other
AT_LEAST = 2
DIFFERENCES: dict[str, str] = {}


def wrap(func: Callable[..., Any]) -> Callable[..., Any]:
    """A function of Tensors as a function of Values."""

    def wrapped(*args: Any) -> "Value":
        return Value(func(*(a.ours if isinstance(a, Value) else a for a in args)))

    return wrapped


class Value(Wrapped):
    """`micrograd.engine.Value`."""

    def __init__(self, data: Any) -> None:
        self.ours = data if isinstance(data, Tensor) else Tensor(data)

    data = property(lambda self: self.ours.value)
    grad = property(lambda self: self.ours.grad)
    relu = wrap(lambda x: np.maximum(x, 0))

    def backward(self) -> None:
        self.ours.backward()


wrap_operators(Value, wrap, "add radd sub rsub mul rmul truediv rtruediv pow neg")


def pose(source: Path) -> None:
    """Pose as micrograd and as PyTorch."""
    spec = importlib.util.spec_from_file_location("the_engine_of_micrograd", source / "micrograd" / "engine.py")
    assert spec is not None
    assert spec.loader is not None
    engine = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(engine)

    class Number(engine.Value):  # type: ignore[misc, name-defined] # the class is known when the source is fetched
        """`torch.Tensor` of one number."""

        def __init__(self, data: list[float]) -> None:
            super().__init__(np.float64(data[0]))

        def double(self) -> "Number":
            return self

    Pose("micrograd", {"micrograd.engine": {"Value": Value}})
    Pose("torch", {"torch": {"Tensor": Number}})
