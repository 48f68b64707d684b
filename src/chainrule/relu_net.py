"""The scalar-in, scalar-out ReLU network of Problem 1, and its data.

`predict` is the network as a formula, which the engine can differentiate; `ReluNet` is one network, with its
elbows and slopes; `make_data` draws what it is trained on; `ridge` fits its output layer in one linear solve.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._checks import (
    _checked_array,
    _checked_count,
    _checked_number,
    _checked_vectors,
    _refuse_where,
    check_function,
)
from chainrule.engine import Tensor, as_real, brief

if TYPE_CHECKING:
    from chainrule.xoshiro import Xoshiro128

FloatArray = NDArray[np.float64]
Rng: TypeAlias = "np.random.Generator | Xoshiro128"


def hidden(w: Any, b: Any, x: Any) -> Any:
    """Activations of the hidden layer: `max(0, w_j x_i + b_j)`; x (N,), w b (H,) -> (N, H).

    Raises a ValueError if shapes do not fit, a TypeError if something is not made of real numbers.
    """
    w, b, x = _operands(w=w, b=b, x=x)
    return np.maximum(0.0, x[..., np.newaxis] * w + b)


def predict(w: Any, b: Any, v: Any, c: Any, x: Any) -> Any:
    """The network's output: `c + Σ_j v_j max(0, w_j x_i + b_j)`; x (N,), w b v (H,), c () -> (N,).

    Nothing but NumPy functions, so that each argument may be an array or one of the engine's tensors. Errors as `hidden`:
    a ValueError or a TypeError.

    >>> w, b, v = np.array([1.0, -1.0]), np.array([-0.5, 0.5]), np.array([2.0, 2.0])
    >>> predict(w, b, v, 1.0, np.array([0.0, 0.5, 1.0]))  # 1 + 2 |x - 0.5|
    array([2., 1., 2.])
    """
    w, b, v, c, x = _operands(w=w, b=b, v=v, c=c, x=x)
    return hidden(w, b, x) @ v + c


def elbows(w: ArrayLike, b: ArrayLike) -> FloatArray:
    """Where each unit switches on or off: `-b_j / w_j`; nan where `w_j = 0`, for such a unit has no elbow.

    Raises a ValueError if w and b differ in shape, a TypeError if they are not made of real numbers.
    """
    w, b = as_real("w", w), as_real("b", b)
    if w.shape != b.shape:
        raise ValueError(f"w and b must have one shape; got w {w.shape}, b {b.shape}")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(w == 0, np.nan, -b / w)


@dataclass(frozen=True, eq=False)
class ReluNet:
    """One network, `f(x) = c + Σ_j v_j max(0, w_j x + b_j)`; call it on inputs of any shape.

    It keeps read-only copies of what it is given. Two networks are equal only if they are one object.

    Parameters
    ----------
    w, b, v : (H,)
        The hidden units' weights and biases, and their weights in the sum.
    c : float
        The constant.

    Raises
    ------
    ValueError
        If w, b, v are not vectors of one length, at least 1, or something is not finite.
    TypeError
        If something is not made of real numbers.

    Examples
    --------
    >>> net = ReluNet(w=np.array([1.0, -1.0]), b=np.array([-0.5, 0.5]), v=np.array([2.0, 2.0]), c=1.0)
    >>> net(0.75)
    np.float64(1.5)
    >>> net.elbows, net.slopes
    (array([0.5, 0.5]), array([ 2., -2.]))
    """

    w: FloatArray
    b: FloatArray
    v: FloatArray
    c: float

    def __post_init__(self) -> None:
        checked = [*_checked_vectors(w=self.w, b=self.b, v=self.v), _checked_number("c", self.c)]
        for name, value in zip("wbvc", checked, strict=True):
            object.__setattr__(self, name, value)

    @classmethod
    def random(cls, width: int, rng: Rng) -> Self:
        """Draw the experiment's initial network of H = `width` units, every elbow of it in (0, 1).

        w is uniform on (-1, 1); `b_j = -e_j w_j` with the elbows e uniform on (0, 1) and sorted; v and c are
        uniform on (-1/√H, 1/√H). A `width` below 1 is a ValueError, what is no number or no generator a TypeError.
        """
        width, rng = _checked_count("width", width), _checked_rng(rng)
        w = rng.uniform(-1, 1, size=width)  # (H,)
        e = np.sort(rng.uniform(0, 1, size=width))  # (H,)
        output = rng.uniform(-1, 1, size=width + 1) / math.sqrt(width)  # (H + 1,), v and then c
        return cls(w=w, b=-e * w, v=output[:-1], c=output[-1])

    @property
    def width(self) -> int:
        """The number H of hidden units."""
        return len(self.w)

    @property
    def elbows(self) -> FloatArray:
        """Where each unit switches on or off, `-b_j / w_j`, (H,); nan where `w_j = 0`."""
        return elbows(self.w, self.b)

    @property
    def slopes(self) -> FloatArray:
        """Slope `v_j w_j` of each unit's line on its active side, (H,).

        That side is right of the elbow if `w_j > 0` and left of it if `w_j < 0`. At the elbow, from left to
        right, the slope of f changes by `v_j |w_j|`.
        """
        return self.v * self.w

    def hidden(self, x: ArrayLike) -> FloatArray:
        """Activations `max(0, w_j x + b_j)`: the shape of `x`, and an axis of H units at its end.

        Raises a TypeError if `x` is not made of real numbers, a ValueError if they are not finite.
        """
        activations: FloatArray = hidden(self.w, self.b, _checked_array("x", x))
        return activations

    def __call__(self, x: ArrayLike) -> FloatArray:
        """Evaluate f(x), in the shape of `x`; a number gives a number.

        Raises a TypeError if `x` is not made of real numbers, a ValueError if they are not finite.
        """
        outputs: FloatArray = predict(self.w, self.b, self.v, self.c, _checked_array("x", x))
        return outputs


def mean_squared_error(net: ReluNet, x: ArrayLike, y: ArrayLike) -> float:
    """How far the network is from the points: `(1/N) Σ_i (f(x_i) - y_i)²`; x y (N,).

    Raises a TypeError if an argument is of a wrong kind, a ValueError if x and y do not fit or are not finite.
    """
    x, y = _checked_vectors(x=x, y=y)
    return float(np.mean((_checked_net(net)(x) - y) ** 2))


def ridge(net: ReluNet, x: ArrayLike, y: ArrayLike, *, penalty: float = 1e-5) -> ReluNet:
    """Fit the output layer: the v, c that minimise `Σ_i (f(x_i) - y_i)² + penalty · (Σ_j v_j² + c²)`.

    The design matrix A (N, H + 1) is [hidden activations, 1]: the constant is penalised like every v_j. The
    normal equations `(AᵀA + penalty · I) [v, c] = Aᵀy` have the same solution, but AᵀA squares the condition
    number, which costs digits. Here the penalty is H + 1 more rows, `√penalty · I` with target 0, under A, and
    one least-squares solve does the rest.

    Parameters
    ----------
    net : ReluNet
        Its w and b make the features and are kept; its v and c play no part.
    x, y : (N,)
        The training points.
    penalty : float
        At least 0. At 0 this is ordinary least squares, the shortest solution if there are several.

    Raises
    ------
    TypeError
        If an argument is of a wrong kind.
    ValueError
        If x and y do not fit, something is not finite, or the numbers are too large to be computed with.
    """
    net, (x, y) = _checked_net(net), _checked_vectors(x=x, y=y)
    penalty = _checked_number("penalty", penalty, at_least=0)
    with np.errstate(over="ignore"):  # of numbers that are too large, the check says where
        activations = _checked_array("net.hidden(x)", net.hidden(x))  # (N, H)
    design = np.column_stack([activations, np.ones(len(x))])  # (N, H + 1)
    rows = np.vstack([design, math.sqrt(penalty) * np.eye(net.width + 1)])  # (N + H + 1, H + 1)
    output = np.linalg.lstsq(rows, np.append(y, np.zeros(net.width + 1)))[0]  # (H + 1,), v and then c
    return ReluNet(w=net.w, b=net.b, v=output[:-1], c=output[-1])


KNOTS = np.arange(11) / 10
HEIGHTS = np.sin(12345 * np.arange(11))


def piecewise_linear(x: ArrayLike) -> FloatArray:
    """The true function: straight between the heights `sin(12345 k)` at `x = k/10`, k = 0 … 10.

    It is defined on [0, 1]; a ValueError names the first `x` outside. What is not made of real numbers is a TypeError.
    """
    x = _checked_array("x", x)
    _refuse_where((x < 0) | (x > 1), "x", x, "piecewise_linear is defined on [0, 1] only")
    return np.interp(x, KNOTS, HEIGHTS)


def sine(x: ArrayLike) -> FloatArray:
    """The second true function: `sin(20 x)`.

    Raises a TypeError if `x` is not made of real numbers, a ValueError if they are not finite.
    """
    return np.sin(20 * _checked_array("x", x))


@dataclass(frozen=True, eq=False)
class Data:
    """Training points `x, y` (N,) and test points `x_test, y_test` (M,), read-only, and the true function.

    Raises a TypeError if an argument is of a wrong kind, a ValueError if points do not fit or are not finite.
    """

    x: FloatArray
    y: FloatArray
    x_test: FloatArray
    y_test: FloatArray
    truth: Callable[[FloatArray], FloatArray]

    def __post_init__(self) -> None:
        check_function("truth", self.truth)
        train = _checked_vectors(x=self.x, y=self.y)
        test = _checked_vectors(x_test=self.x_test, y_test=self.y_test)
        for name, value in zip(("x", "y", "x_test", "y_test"), train + test, strict=True):
            object.__setattr__(self, name, value)


def make_data(
    rng: Rng,
    *,
    n: int = 200,
    noise: float = 0.1,
    truth: Callable[[FloatArray], FloatArray] = piecewise_linear,
) -> Data:
    """Draw the experiment's data: `y_i = truth(x_i) + noise · ε_i`, ε standard normal.

    The n training inputs are uniform on (0, 1) and sorted. The test set is the truth without noise, at 1,000
    equally spaced points of [0, 1].

    Raises
    ------
    TypeError
        If an argument is of a wrong kind, or `truth` gives no real numbers.
    ValueError
        If `n` is below 1 or `noise` below 0, or `truth` gives not one finite number for each.
    """
    check_function("truth", truth)
    rng, n, noise = _checked_rng(rng), _checked_count("n", n), _checked_number("noise", noise, at_least=0)
    x_test = np.linspace(0, 1, 1000)
    x_test, y_test = _checked_vectors(**{"x": x_test, "truth(x)": truth(x_test)})  # before anything is drawn
    x = np.sort(rng.uniform(size=n))
    with np.errstate(over="ignore"):  # too large a noise: `Data` says that y is not finite
        y = truth(x) + noise * rng.standard_normal(n)
    return Data(x, y, x_test, y_test, truth)


# What this module and `sgd` refuse, beside what `_checks` does.


def _operands(**values: Any) -> list[Any]:
    """Arrays, and Tensors as they are, if they are of one network: else NumPy would broadcast, and say nothing."""
    operands = [value if isinstance(value, Tensor) else as_real(name, value) for name, value in values.items()]
    shapes = {name: operand.shape for name, operand in zip(values, operands, strict=True) if name != "x"}
    numbers = shapes.pop("c", ())  # the shape of a number
    if len(set(shapes.values())) > 1 or len(shapes["w"]) != 1 or numbers != ():
        got = ", ".join(f"{name} {operand.shape}" for name, operand in zip(values, operands, strict=True))
        raise ValueError(f"{', '.join(shapes)} must be vectors of one length, and c a number; got the shapes {got}")
    return operands


def _checked_rng(rng: object) -> Rng:
    """Refuse a seed, or nothing, in place of a generator."""
    if isinstance(rng, np.random.Generator):
        return rng
    from chainrule.xoshiro import Xoshiro128  # only here: it loads Numba, which a network has no need of

    if not isinstance(rng, Xoshiro128):
        raise TypeError(f"rng must be a NumPy Generator, got {brief(rng)}: numpy.random.default_rng(seed) makes one")
    return rng


def _checked_net(net: object) -> ReluNet:
    """Refuse anything in place of a ReluNet."""
    if not isinstance(net, ReluNet):
        raise TypeError(f"net must be a ReluNet, got {brief(net)}: ReluNet.random(width, rng) makes one")
    return net
