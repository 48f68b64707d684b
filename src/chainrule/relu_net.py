"""The scalar-in, scalar-out ReLU network of Problem 1, and its data.

`predict` is the network as a formula, which the engine can differentiate; `ReluNet` is one network, with its
elbows and slopes; `make_data` draws what it is trained on; `ridge` fits its output layer in one linear solve.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from chainrule.xoshiro import Xoshiro128

FloatArray = NDArray[np.float64]
Rng: TypeAlias = "np.random.Generator | Xoshiro128"


def hidden(w: Any, b: Any, x: Any) -> Any:
    """Activations of the hidden layer: `max(0, w_j x_i + b_j)`; x (N,), w b (H,) -> (N, H)."""
    return np.maximum(0.0, x[..., np.newaxis] * w + b)


def predict(w: Any, b: Any, v: Any, c: Any, x: Any) -> Any:
    """The network's output: `c + Σ_j v_j max(0, w_j x_i + b_j)`; x (N,), w b v (H,), c () -> (N,).

    Nothing but NumPy functions, so that each argument may be an array or one of the engine's tensors.

    >>> w, b, v = np.array([1.0, -1.0]), np.array([-0.5, 0.5]), np.array([2.0, 2.0])
    >>> predict(w, b, v, 1.0, np.array([0.0, 0.5, 1.0]))  # 1 + 2 |x - 0.5|
    array([2., 1., 2.])
    """
    return hidden(w, b, x) @ v + c


def elbows(w: FloatArray, b: FloatArray) -> FloatArray:
    """Where each unit switches on or off: `-b_j / w_j`; nan where `w_j = 0`, for such a unit has no elbow."""
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
        uniform on (-1/√H, 1/√H).
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
        """Activations `max(0, w_j x + b_j)`: the shape of `x`, and an axis of H units at its end."""
        activations: FloatArray = hidden(self.w, self.b, _checked_array("x", x))
        return activations

    def __call__(self, x: ArrayLike) -> FloatArray:
        """Evaluate f(x), in the shape of `x`; a number gives a number."""
        outputs: FloatArray = predict(self.w, self.b, self.v, self.c, _checked_array("x", x))
        return outputs


def mean_squared_error(net: ReluNet, x: ArrayLike, y: ArrayLike) -> float:
    """How far the network is from the points: `(1/N) Σ_i (f(x_i) - y_i)²`; x y (N,)."""
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
    """
    net, (x, y) = _checked_net(net), _checked_vectors(x=x, y=y)
    penalty = _checked_number("penalty", penalty, at_least=0)
    design = np.column_stack([net.hidden(x), np.ones(len(x))])  # (N, H + 1)
    rows = np.vstack([design, math.sqrt(penalty) * np.eye(net.width + 1)])  # (N + H + 1, H + 1)
    output = np.linalg.lstsq(rows, np.append(y, np.zeros(net.width + 1)))[0]  # (H + 1,), v and then c
    return ReluNet(w=net.w, b=net.b, v=output[:-1], c=output[-1])


KNOTS = np.arange(11) / 10
HEIGHTS = np.sin(12345 * np.arange(11))


def piecewise_linear(x: ArrayLike) -> FloatArray:
    """The true function: straight between the heights `sin(12345 k)` at `x = k/10`, k = 0 … 10.

    It is defined on [0, 1]; a ValueError names the first `x` outside.
    """
    x = _checked_array("x", x)
    _refuse_where((x < 0) | (x > 1), "x", x, "piecewise_linear is defined on [0, 1] only")
    return np.interp(x, KNOTS, HEIGHTS)


def sine(x: ArrayLike) -> FloatArray:
    """The second true function: `sin(20 x)`."""
    return np.sin(20 * _checked_array("x", x))


@dataclass(frozen=True, eq=False)
class Data:
    """Training points `x, y` (N,) and test points `x_test, y_test` (M,), read-only, and the true function."""

    x: FloatArray
    y: FloatArray
    x_test: FloatArray
    y_test: FloatArray
    truth: Callable[[FloatArray], FloatArray]

    def __post_init__(self) -> None:
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
    """
    rng, n, noise = _checked_rng(rng), _checked_count("n", n), _checked_number("noise", noise, at_least=0)
    x, x_test = np.sort(rng.uniform(size=n)), np.linspace(0, 1, 1000)
    return Data(x, truth(x) + noise * rng.standard_normal(n), x_test, truth(x_test), truth)


# What this module and `sgd` refuse, and how they say so.


def _refuse_where(bad: NDArray[np.bool_], name: str, array: NDArray[Any], rule: str) -> None:
    """Raise a ValueError that names the first bad entry of the array, and the rule that it breaks."""
    if np.any(bad):
        index = tuple(map(int, np.argwhere(bad)[0]))
        raise ValueError(f"{name}{list(index) or ''} = {array[index]}: {rule}")


def _array(name: str, value: ArrayLike, kinds: str, what: str) -> NDArray[Any]:
    """Convert to an array whose dtype is of one of these kinds."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is not an array: {error}") from None
    if array.dtype.kind not in kinds:
        raise TypeError(f"{name} must be {what}, got {array!r}")
    return array


def _checked_array(name: str, value: ArrayLike) -> FloatArray:
    """Copy real, finite numbers into a read-only float64 array."""
    array = _array(name, value, "iuf", "real numbers").astype(np.float64)
    _refuse_where(~np.isfinite(array), name, array, "every number must be finite")
    array.flags.writeable = False
    return array


def _checked_vectors(**values: ArrayLike) -> list[FloatArray]:
    """Check each of the vectors, and that they have one length, at least 1."""
    vectors = [_checked_array(name, value) for name, value in values.items()]
    shapes = [vector.shape for vector in vectors]
    if len(set(shapes)) > 1 or vectors[0].ndim != 1 or len(vectors[0]) == 0:
        got = ", ".join(f"{name} {shape}" for name, shape in zip(values, shapes, strict=True))
        raise ValueError(f"{', '.join(values)} must be vectors of one length, at least 1; got the shapes {got}")
    return vectors


def _checked_number(name: str, value: object, *, at_least: float = -math.inf) -> float:
    """Convert a real, finite number to float."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a real number, got {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    if value < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {value}")
    return float(value)


def _checked_count(name: str, value: object) -> int:
    """Convert a whole number, at least 1, to int."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
    return int(value)


def _checked_rng(rng: object) -> Rng:
    """Refuse a seed, or nothing, in place of a generator."""
    if isinstance(rng, np.random.Generator):
        return rng
    from chainrule.xoshiro import Xoshiro128  # only here: it loads Numba, which a network has no need of

    if not isinstance(rng, Xoshiro128):
        raise TypeError(f"rng must be a NumPy Generator, got {rng!r}: numpy.random.default_rng(seed) makes one")
    return rng


def _checked_net(net: object) -> ReluNet:
    """Refuse anything in place of a ReluNet."""
    if not isinstance(net, ReluNet):
        raise TypeError(f"net must be a ReluNet, got {net!r}: ReluNet.random(width, rng) makes one")
    return net
