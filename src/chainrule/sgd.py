"""Minibatch SGD on a `ReluNet`, with its whole history recorded.

`train` takes the steps and returns a `History`: the network and its errors at every snapshot. Training that
diverges raises a `DivergenceError`, which carries the history up to there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._checks import (
    _array,
    _checked_array,
    _checked_count,
    _checked_number,
    _checked_vectors,
    _refuse_where,
)
from chainrule._draws import draw_indices
from chainrule.relu_net import (
    FloatArray,
    ReluNet,
    Rng,
    _checked_net,
    _checked_rng,
    elbows,
)
from chainrule.steps import IntArray, loop_steps, prefix_steps, squared_errors

# So many indices of minibatches are held at a time: 8 MB, however long the training.
_CHUNK = 1_000_000


@dataclass(frozen=True, eq=False)
class History:
    """The S snapshots of one training: `len(history)` is S, `history[k]` is the network at the k-th.

    Parameters
    ----------
    steps : (S,)
        The number of steps taken before each snapshot.
    w, b, v : (S, H)
        The parameters. All arrays are made read-only.
    c : (S,)
        The constants.
    train_error : (S,)
        Mean squared error over the whole training set, not over one minibatch.
    test_error : (S,) or None
        Mean squared error over the test set, if there is one.

    Raises
    ------
    TypeError
        If something is not made of real numbers, or the steps are not whole.
    ValueError
        If the shapes do not fit, or the steps do not increase from 1 on. Errors may be infinite.
    """

    steps: IntArray
    w: FloatArray
    b: FloatArray
    v: FloatArray
    c: FloatArray
    train_error: FloatArray
    test_error: FloatArray | None

    def __post_init__(self) -> None:
        steps = _array("steps", self.steps, "iu", "whole numbers").astype(np.int64)
        steps.flags.writeable = False
        checked: dict[str, NDArray[Any]] = {"w": _checked_array("w", self.w), "steps": steps}
        shape = checked["w"].shape  # (S, H)
        for name in ("b", "v", "c", "train_error", "test_error")[: 4 if self.test_error is None else 5]:
            checked[name] = _checked_array(name, getattr(self, name), finite=not name.endswith("error"))
        for name, array in checked.items():
            expected = shape if name in ("w", "b", "v") else shape[:1]
            if array.shape != expected or len(shape) != 2:
                raise ValueError(f"{name} must have the shape {expected}, as w is (S, H) = {shape}; got {array.shape}")
            object.__setattr__(self, name, array)
        _refuse_where(np.diff(steps, prepend=0) <= 0, "steps", steps, "steps must increase, from 1 on")

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, k: int) -> ReluNet:
        """The network at the k-th snapshot; a negative k counts from the end.

        Raises an IndexError if there is no such snapshot, a TypeError if k is not a whole number.
        """
        k = _checked_count("k", k, at_least=None, at_most=None)
        if not -len(self) <= k < len(self):
            raise IndexError(f"k must be one of {len(self)} snapshots, counted from 0, got {k}")
        return ReluNet(self.w[k], self.b[k], self.v[k], self.c[k])

    @property
    def elbows(self) -> FloatArray:
        """Where each unit switches on or off, `-b / w`, (S, H); nan where `w = 0`."""
        return elbows(self.w, self.b)

    @property
    def slopes(self) -> FloatArray:
        """Slope `v w` of each unit's line on its active side, (S, H)."""
        return self.v * self.w


class DivergenceError(ArithmeticError):
    """Training left the finite numbers at `step`; `history` has the snapshots before it."""

    def __init__(self, step: int, learning_rate: float, history: History) -> None:
        super().__init__(step, learning_rate, history)
        self.step, self.learning_rate, self.history = step, learning_rate, history

    def __str__(self) -> str:
        return (
            f"training diverged at step {self.step}, where the loss or a parameter is no longer finite: "
            f"choose a learning rate smaller than {self.learning_rate:g}"
        )


def train(
    net: ReluNet,
    x: ArrayLike,
    y: ArrayLike,
    *,
    learning_rate: float,
    steps: int,
    batch_size: int | None = None,
    batches: ArrayLike | None = None,
    train: Literal["all", "output"] = "all",
    save_every: int = 1000,
    x_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    rng: "Rng | None" = None,
    method: Literal["auto", "prefix", "loop"] = "auto",
) -> History:
    """Take plain SGD steps: `θ ← θ - learning_rate · ∇_θ (1/B) Σ_i (f(x_i) - y_i)²`, i in a minibatch of B.

    Parameters
    ----------
    net : ReluNet
        Where the training starts; it does not change.
    x, y : (N,)
        The training points.
    learning_rate : float
        Above 0.
    steps : int
        How many steps to take.
    batch_size : int
        Draws B points from `rng`, uniformly with replacement, afresh each step: the same, bit for bit, as
        `batches=rng.integers(N, size=(steps, batch_size))`.
    batches : (steps, B) integers
        Prescribes the minibatches instead, as indices into x and y.
    train : "all" or "output"
        What to train: w, b, v, c, or v, c alone.
    save_every : int
        A snapshot is taken after step 1, after every `save_every`-th step, and after the last.
    x_test, y_test : (M,)
        The test points, if a test error is wanted.
    rng : numpy.random.Generator or Xoshiro128
        Goes with `batch_size`, and only with it.
    method : "auto", "prefix" or "loop"
        How a step is computed, the same to rounding: by running sums over the pieces of f, in O(B + H)
        operations, or in a loop over minibatch and units, in O(B H). "auto" takes what is less.

    Raises
    ------
    DivergenceError
        At the first step whose minibatch loss, or a parameter after it, is not finite.
    ValueError, TypeError
        If an argument does not fit; the message names it.

    Examples
    --------
    >>> net = ReluNet(w=np.array([1.0]), b=np.array([0.0]), v=np.array([1.0]), c=0.0)
    >>> history = train(net, [2.0], [1.0], learning_rate=0.25, steps=1, batches=[[0]])  # the residual is 1
    >>> history.v, history.c
    (array([[0.]]), array([-0.5]))
    """
    net, (x, y), test = _checked_net(net), _checked_vectors(x=x, y=y), None
    if x_test is not None and y_test is not None:
        test = _checked_vectors(x_test=x_test, y_test=y_test)
    elif x_test is not None or y_test is not None:
        raise ValueError("x_test and y_test go together: give both or neither")
    learning_rate = _checked_number("learning_rate", learning_rate, above=0)
    if train not in ("all", "output"):
        raise ValueError(f"train must be 'all' or 'output', got {train!r}")
    if method not in ("auto", "prefix", "loop"):
        raise ValueError(f"method must be 'auto', 'prefix' or 'loop', got {method!r}")
    steps, save_every = _checked_count("steps", steps), _checked_count("save_every", save_every)
    draw, batch_size = _minibatches(len(x), steps, batch_size, batches, rng)
    chunk = max(1, _CHUNK // batch_size)
    if method == "auto":
        method = "prefix" if batch_size + net.width < batch_size * net.width else "loop"

    parameters = np.concatenate([net.w, net.b, net.v, [net.c]])  # (3H + 1,)
    problem = parameters, x, y, learning_rate, train == "all"
    take = prefix_steps(*problem, batch_size <= len(x)) if method == "prefix" else partial(loop_steps, *problem)
    saved = np.unique([1, *range(save_every, steps, save_every), steps])  # (S,)
    snapshots = np.empty((len(saved), len(parameters)))  # (S, 3H + 1)
    done = 0
    for k, step in enumerate(saved):
        while done < step:
            drawn = draw(done, min(done + chunk, step))  # (at most chunk, B)
            taken = take(drawn)
            done += taken
            if taken < len(drawn):
                raise DivergenceError(done + 1, learning_rate, _history(saved[:k], snapshots[:k], x, y, test))
        snapshots[k] = parameters
    return _history(saved, snapshots, x, y, test)


def _minibatches(
    n: int, steps: int, batch_size: int | None, batches: ArrayLike | None, rng: "Rng | None"
) -> tuple[Callable[[int, int], IntArray], int]:
    """Check how the minibatches are given; return what makes those of steps [start, stop), and their size."""
    if (batch_size is None) == (batches is None):
        raise ValueError(f"give either batch_size or batches, got {'neither' if batches is None else 'both'}")
    if batches is None:
        size, generator = _checked_count("batch_size", batch_size), _checked_rng(rng)
        return lambda start, stop: draw_indices(generator, n, (stop - start, size)), size
    if rng is not None:
        raise ValueError("rng goes with batch_size; prescribed batches draw nothing: leave rng out")
    indices = _array("batches", batches, "iu", "integers, the indices into x")
    if indices.ndim != 2 or len(indices) != steps or indices.size == 0:
        raise ValueError(f"batches must have the shape (steps, B) = ({steps}, at least 1), got {indices.shape}")
    _refuse_where((indices < 0) | (indices >= n), "batches", indices, f"an index into x is in 0 ... {n - 1}")
    # Copies, all of one kind: writable, contiguous int64. Numba would compile the loop again for any other.
    return lambda start, stop: indices[start:stop].astype(np.int64, order="C"), indices.shape[1]


def _history(
    steps: IntArray, snapshots: FloatArray, x: FloatArray, y: FloatArray, test: list[FloatArray] | None
) -> History:
    """Make the history of the snapshots of all parameters, (S, 3H + 1), with the errors at each."""
    width = snapshots.shape[1] // 3
    w, b, v, c = np.split(snapshots, [width, 2 * width, 3 * width], axis=1)  # (S, H), and c (S, 1)
    test_error = None if test is None else squared_errors(snapshots, *test)
    return History(steps, w, b, v, c[:, 0], squared_errors(snapshots, x, y), test_error)
