"""autograd's names on our engine: its operators, its vector spaces, and NumPy as it is, which our Tensors answer to.

autograd's own checker, `autograd.test_util`, is taken from its source and runs on these.
"""

import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import chainrule
from chainrule import Tensor, apply
from chainrule.engine import VJPS
from peers import posing
from peers.posing import Pose, Unknown

TESTS = "tests"
IMPORTS = "tests"  # from where its tests import each other
AT_LEAST = 180
_WHERE = "its np.where of plain numbers is not NumPy's; there is no Tensor in it"
DIFFERENCES = {
    "tests/test_binary_ops.py::test_comparison_values": "== of Tensors is not overloaded: it asks whether they are the same",
    "tests/test_systematic.py::test_std": "the derivative of std of one number is 0/0 by the rule of sqrt; autograd states 0",
    "tests/test_wrappers.py::test_custom_where": _WHERE,
    "tests/test_wrappers.py::test_custom_where_dtypes[int-True-1-2]": _WHERE,
    "tests/test_wrappers.py::test_custom_where_dtypes[float-True-3.0-4.0]": _WHERE,
    "tests/test_wrappers.py::test_custom_where_dtypes[float-False-1-2.0]": _WHERE,
    "tests/test_wrappers.py::test_custom_where_dtypes[list-True-x3-y3]": _WHERE,
    "tests/test_wrappers.py::test_wrapped_name_and_docs": "the names and docstrings of autograd's own functions",
}


def leaves(x: Any) -> list[Any]:
    """The arrays in a nest of tuples, lists and dicts."""
    if isinstance(x, tuple | list | dict):
        return [leaf for part in (x.values() if isinstance(x, dict) else x) for leaf in leaves(part)]
    return [x]


def rebuilt(x: Any, arrays: Iterator[Any]) -> Any:
    """A nest like `x` of other arrays."""
    if isinstance(x, dict):
        return {key: rebuilt(part, arrays) for key, part in x.items()}
    return type(x)(rebuilt(part, arrays) for part in x) if isinstance(x, tuple | list) else next(arrays)


class Space:
    """`autograd.core.VSpace`: the nests of real arrays that are shaped like `x`."""

    def __init__(self, x: Any) -> None:
        self.like = rebuilt(x, (np.shape(leaf) for leaf in leaves(x))) if isinstance(x, tuple | list | dict) else None
        self.x, self.shapes = x, [np.shape(leaf) for leaf in leaves(x)]
        self.size = sum(map(math.prod, self.shapes))
        self.iscomplex = any(np.iscomplexobj(leaf) for leaf in leaves(x) if not isinstance(leaf, Tensor))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Space) and (self.like, self.shapes) == (other.like, other.shapes)

    __hash__ = None  # type: ignore[assignment] # as the vector spaces of autograd

    def _made(self, make: Callable[..., Any], *nests: Any) -> Any:
        return rebuilt(self.x, iter([make(*parts) for parts in zip(self.shapes, *map(leaves, nests), strict=True)]))

    def zeros(self) -> Any:
        return self._made(np.zeros)

    def ones(self) -> Any:
        return self._made(np.ones)

    def randn(self) -> Any:
        return self._made(lambda shape: np.array(np.random.randn(*shape)))  # noqa: NPY002 # which their conftest seeds

    def covector(self, x: Any) -> Any:
        return x  # as numbers are real

    def add(self, x: Any, y: Any) -> Any:
        return self._made(lambda shape, a, b: np.add(a, b), x, y)

    def scalar_mul(self, x: Any, k: float) -> Any:
        return self._made(lambda shape, a: np.multiply(a, k), x)

    def inner_prod(self, x: Any, y: Any) -> Any:
        return sum((np.sum(np.multiply(a, b)) for a, b in zip(leaves(x), leaves(y), strict=True)), 0.0)

    def standard_basis(self) -> Iterator[Any]:
        ends = np.cumsum([math.prod(shape) for shape in self.shapes])[:-1]
        for row in np.eye(self.size):
            parts = zip(np.split(row, ends), self.shapes, strict=True)
            yield rebuilt(self.x, (part.reshape(shape) for part, shape in parts))


def value_and_grad(f: Callable[..., Any], x: Any) -> Any:
    """The value of `f`, of one entry, and its derivative by every array in the nest `x`."""

    def scalar(*arrays: Any) -> Any:
        value = f(rebuilt(x, iter(arrays)))
        if np.size(value) != 1:
            raise TypeError(f"the value of f has shape {np.shape(value)}")
        return np.reshape(value, ()) if np.ndim(value) else value

    arrays = leaves(x)
    value, gradients = chainrule.value_and_grad(scalar, tuple(range(len(arrays))))(*arrays)
    return value, rebuilt(x, iter(gradients))


def make_vjp(f: Callable[..., Any], x: Any) -> Any:
    """The vector-Jacobian product of `f` at `x`, and its value there."""
    value = f(x)
    space = Space(value)
    return lambda g: value_and_grad(lambda x: space.inner_prod(f(x), g), x)[1], value


def make_jvp(f: Callable[..., Any], x: Any) -> Any:
    """The Jacobian-vector product of `f` at `x`: the derivative of the vector-Jacobian product, linear in its vector."""
    vjp, value = make_vjp(f, x)
    return lambda v: (value, make_vjp(vjp, Space(value).zeros())[0](v))


def array(x: Any, **options: Any) -> Any:
    """`np.array`; of numbers among which are Tensors, stacked."""
    if isinstance(x, Tensor) or not any(isinstance(leaf, Tensor) for leaf in leaves(x)):
        return x if isinstance(x, Tensor) else np.array(x, **options)
    return np.stack([array(part) for part in x])


def primitive(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function to which `defvjp` gives rules."""

    def primitive(*args: Any) -> Any:
        return apply(f, *args) if any(isinstance(a, Tensor) for a in args) else f(*args)

    primitive.__name__, primitive.of = f.__name__, f  # type: ignore[attr-defined] # for `defvjp`
    return primitive


def defvjp(function: Any, *makers: Any) -> None:
    """Give a primitive its rules, written in autograd's way."""
    rules: Any = VJPS
    rules[function.of] = tuple(lambda g, ans, *args, make=make: make(ans, *args)(g) for make in makers)


def pose(source: Path) -> None:
    """Pose as autograd. What makes its checker is taken from its source; the rest is ours."""
    modules: dict[str, dict[str, Any]] = {
        "autograd": {"tuple": tuple, "list": list, "dict": dict},
        "autograd.core": {"make_vjp": make_vjp, "make_jvp": make_jvp, "vspace": Space},
        "autograd.extend": {"primitive": primitive, "defvjp": defvjp, "vspace": Space},
        "autograd.tracer": {"primitive": primitive, "isbox": lambda x: isinstance(x, Tensor)},
        "autograd.numpy": {"array": array, "__getattr__": lambda n: getattr(np, n, None) or Unknown(f"np.{n}")},
    }
    Pose("autograd", modules)
    for name in ("util", "wrap_util", "test_util"):
        namespace: dict[str, Any] = {"__name__": f"autograd.{name}", "__package__": "autograd"}
        path = source / "autograd" / f"{name}.py"
        exec(compile(path.read_text("utf-8"), path, "exec"), namespace)
        modules[f"autograd.{name}"] = namespace
    namespace["scalar_close"] = posing.counted(namespace["scalar_close"])  # through which all its checks go

    nary = modules["autograd.wrap_util"]["unary_to_nary"]

    def jacobian(f: Callable[..., Any], x: Any) -> Any:
        vjp, value = make_vjp(f, x)
        rows = [vjp(g) for g in Space(value).standard_basis()]
        return np.reshape(np.stack(rows), np.shape(value) + np.shape(x))

    modules["autograd"] |= {
        "grad": nary(lambda f, x: value_and_grad(f, x)[1]),
        "value_and_grad": nary(value_and_grad),
        "elementwise_grad": nary(lambda f, x: value_and_grad(lambda x: np.sum(f(x)), x)[1]),
        "deriv": nary(lambda f, x: make_jvp(f, x)(np.ones(np.shape(x)))[1]),
        "jacobian": nary(jacobian),
        "hessian": nary(lambda f, x: jacobian(lambda x: jacobian(f, x), x)),
        "make_vjp": nary(make_vjp),
        "make_jvp": nary(make_jvp),
        "make_hvp": nary(lambda f, x: make_vjp(lambda x: value_and_grad(f, x)[1], x)),
    }
    for name in [name for name in sys.modules if name.split(".")[0] == "autograd"]:
        del sys.modules[name]  # imported by its checker, before they had all their names
    sys.modules |= {"autograd.numpy.random": np.random, "autograd.numpy.linalg": np.linalg}
