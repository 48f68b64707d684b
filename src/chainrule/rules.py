"""The table of rules: what each NumPy function sends back to its arguments.

A rule is a vector-Jacobian product `vjp(g, ans, *args)`: from the adjoint `g` of the result `ans`, the adjoint of
one argument, g * d(ans)/d(argument). Rules are written in NumPy functions that have rules themselves, so a gradient
can be differentiated again. They may leave the shape to which broadcasting took an argument: the engine sums it back.

`VJPS` has the primitives, `DERIVED` what is written in them, `QUERIES` what has an answer but no derivative.

Where there is no derivative, the table states a value, which counts as constant nearby:

- `np.maximum`, `np.minimum` of two that tie: 1 for the first and 0 for the second; a plain one counts as the first, so
  that max(0, x) and max(x, 0) have derivative 0 at 0.
- `np.max`, `np.min` of entries that tie: equal parts, which sum to 1.
- `np.absolute` at 0, and `np.sign` anywhere: 0.
- `x ** 0` by x, whatever x is: 0. And `0 ** y` by y, for y from 0 on: 0, the limit where y is above 0.

At the edge of a domain a rule gives what its formula gives in NumPy's numbers, and NumPy warns: infinity for `sqrt(x)`,
`log(x)` and `x ** 0.5` at 0; nan for `0 ** y` by y below 0, for `(-2) ** y` by y, and where 0 meets infinity, as in the norm of
a zero vector.
"""

from functools import partial
from operator import add, getitem, mul, neg, sub, truediv
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from chainrule.engine import DERIVED, DIRECT, QUERIES, VJPS, Tensor, apply

# NumPy's functions are made for many numbers: between two, Python's comparisons take a tenth of the time.
NUMBER = (int, float)
ZERO = np.float64(0.0)
#: Of two vectors of so many entries or more, einsum makes the outer product in less time than `dot` or `*`. (Of an overflow it
#: does not warn.)
LONG = 256
#: So many arrays are joined at a time: the rule for each of them is handed them all, which for n at once takes n² steps.
MOST_JOINED = 32


def put(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of this shape with `g` added at `index`: the transpose of indexing. Repeated indices add up."""
    if isinstance(g, Tensor):
        return apply(put, g, index, shape)
    array = np.zeros(shape)
    np.add.at(array, index, g)
    return array


def join(axis: int, *arrays: Any) -> Any:
    """`np.concatenate`, with each array an argument of its own."""
    return np.concatenate(arrays, axis)


def part(g: Any, axis: int, arrays: tuple[Any, ...], k: int) -> Any:
    """The entries of `g` that came from the k-th of the joined arrays."""
    start = sum(np.shape(a)[axis] for a in arrays[:k])
    index = [slice(None)] * g.ndim
    index[axis] = slice(start, start + np.shape(arrays[k])[axis])
    return g[tuple(index)]


def spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """`g`, which a reduction of `x` along `axis` produced, back in the shape of `x`."""
    if not keepdims and g.ndim:
        axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        reduced = {a % x.ndim for a in axes if x.ndim}  # NumPy lets a 0-d array be reduced along axis 0
        g = np.reshape(g, tuple(1 if a in reduced else n for a, n in enumerate(x.shape)))
    if isinstance(g, Tensor):
        return np.broadcast_to(g, x.shape)
    array = np.empty(x.shape)  # faster than np.broadcast_to, which checks more than is needed here
    array[...] = g
    return array


def share(g: Any, ans: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """`g`, which np.max of `x` along `axis` received, given to the largest entries; those that tie get equal parts."""
    largest = np.equal(x, spread(ans, x, axis, keepdims))
    return spread(g, x, axis, keepdims) * (largest / np.sum(largest, axis=axis, keepdims=True))


def maximum(x: Any, y: Any) -> Any:
    """`np.maximum`; where they tie, `x` counts as the larger."""
    if isinstance(x, NUMBER) and isinstance(y, np.float64) and x < y:
        return y
    return np.maximum(x, y)


def minimum(x: Any, y: Any) -> Any:
    """`np.minimum`; where they tie, `x` counts as the smaller."""
    if isinstance(x, NUMBER) and isinstance(y, np.float64) and x > y:
        return y
    return np.minimum(x, y)


def when(c: Any, g: Any) -> Any:
    """`g` where `c` holds, and 0 elsewhere."""
    if isinstance(c, np.bool) and not isinstance(g, Tensor):
        return g if c else ZERO
    return np.where(c, g, 0.0)


def unless(c: Any, g: Any) -> Any:
    """`g` where `c` does not hold, and 0 elsewhere."""
    if isinstance(c, np.bool) and not isinstance(g, Tensor):
        return ZERO if c else g
    return np.where(c, 0.0, g)


def constant_first(func: Any) -> Any:
    """`func` with a plain argument moved before a Tensor, so that max(0, x) and max(x, 0) both have derivative 0 at 0."""
    return lambda x, y: apply(func, y, x) if isinstance(x, Tensor) and not isinstance(y, Tensor) else apply(func, x, y)


def transposed(x: Any) -> Any:
    """The transpose of a matrix, or of each matrix in a stack of them."""
    return x.mT if isinstance(x, np.ndarray) else np.swapaxes(x, -1, -2)


def matrices(x: Any, y: Any) -> bool:
    """Whether both are plain matrices."""
    return type(x) is type(y) is np.ndarray and x.ndim == y.ndim == 2


def product(x: Any, y: Any) -> Any:
    """`x @ y` of plain matrices. Where a column meets a row `dot` takes less time, and where both are long einsum."""
    return np.einsum("ik,kj->ij", x, y) if len(x) >= LONG <= y.shape[1] and x.shape[1] == 1 else x.dot(y)


def long_vectors(a: Any, b: Any) -> bool:
    """Whether both are plain vectors, and long."""
    return type(a) is type(b) is np.ndarray and a.ndim == b.ndim == 1 and len(a) >= LONG <= len(b)


def matmul(x: Any, y: Any) -> Any:
    """`np.matmul`."""
    return product(x, y) if matrices(x, y) else np.matmul(x, y)


def matmul_left(g: Any, ans: Any, x: Any, y: Any) -> Any:
    """g y^T; a vector is a column on the right of @ and a row on its left."""
    if matrices(g, y):
        return product(g, y.T)
    if g.ndim < x.ndim:  # y is a vector
        return np.einsum("i,j->ij", g, y) if long_vectors(g, y) else g[..., None] * y
    if x.ndim == 1 < g.ndim:  # y is a stack of matrices
        return (y @ g[..., None])[..., 0]
    return g @ transposed(y)


def matmul_right(g: Any, ans: Any, x: Any, y: Any) -> Any:
    """x^T g; a vector is a column on the right of @ and a row on its left."""
    if matrices(x, g):
        return product(x.T, g)
    if g.ndim < y.ndim:  # x is a vector
        if long_vectors(x, g):
            return np.einsum("i,j->ij", x, g)
        return np.multiply(g, x) if y.ndim == 1 else np.expand_dims(x, 1) * g[..., None, :]
    if y.ndim == 1 < g.ndim:  # x is a stack of matrices
        return (transposed(x) @ g[..., None])[..., 0]
    return transposed(x) @ g


def power_base(g: Any, ans: Any, x: Any, y: Any) -> Any:
    """y x^(y-1), which is 0 for y = 0 whatever x is."""
    zero, instead = np.equal(y, 0), 0.0
    if isinstance(y, Tensor):  # its derivative by y, to come, is not 0 there: only 0 * 0^-1 needs mending
        zero, instead = zero & np.equal(x, 0), 1.0
    return g * (y * x ** np.where(zero, instead, np.subtract(y, 1.0)))


def power_exponent(g: Any, ans: Any, x: Any, y: Any) -> Any:
    """x^y log x, which is taken as 0 where x = 0: its limit from the right for y > 0."""
    return g * ans * np.log(np.where(np.equal(x, 0), 1.0, x))


def inverse(axes: Any) -> Any:
    """The order of axes that undoes `np.transpose` by this order."""
    return None if axes is None else np.argsort([a % len(axes) for a in axes])


def average(a: Any, axis: Any, keepdims: bool) -> Any:
    """The sum along `axis`, divided by how many entries went into each sum."""
    total = np.sum(a, axis=axis, keepdims=keepdims)
    return total / (a.size / max(total.size, 1))


def dot(a: Any, b: Any) -> Any:
    """`np.dot` for the cases in which it is a product by a number or `@`."""
    if np.ndim(b) > 2:
        raise TypeError(f"np.dot has a rule up to a matrix on the right, not for shape {np.shape(b)}: use @")
    return a * b if np.ndim(a) == 0 or np.ndim(b) == 0 else a @ b


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """`np.swapaxes` as a transposition."""
    order = list(range(a.ndim))
    i, j = (normalize_axis_index(axis, a.ndim) for axis in (axis1, axis2))
    order[i], order[j] = order[j], order[i]
    return np.transpose(a, order)


def concatenate(arrays: Any, axis: int | None = 0) -> Any:
    """`np.concatenate`; with axis None, of the arrays made flat. Many are joined in groups, and the groups again."""
    if axis is None:
        arrays, axis = map(np.ravel, arrays), 0
    arrays = list(arrays)
    while len(arrays) > MOST_JOINED:
        groups = (arrays[k : k + MOST_JOINED] for k in range(0, len(arrays), MOST_JOINED))
        arrays = [apply(join, axis, *group) for group in groups]
    return apply(join, axis, *arrays)


class Each:
    """The rule of a function with any number of arguments after its first: `vjp(k, g, ans, first, *args)` for the k-th."""

    def __init__(self, vjp: Any) -> None:
        self.vjp = vjp

    def __getitem__(self, k: int) -> Any:
        return partial(self.vjp, k - 1) if k else None


# fmt: off
VJPS |= {
    # one argument, entry by entry
    np.positive:  (lambda g, ans, x: g,),
    np.negative:  (lambda g, ans, x: -g,),
    np.absolute:  (lambda g, ans, x: g * np.sign(x),),               # 0 at the kink
    np.sign:      (None,),                                           # constant on either side
    np.square:    (lambda g, ans, x: g * (x + x),),                  # 2 x, in less time
    np.sqrt:      (lambda g, ans, x: g / (2.0 * ans),),              # infinite at 0
    np.exp:       (lambda g, ans, x: g * ans,),
    np.expm1:     (lambda g, ans, x: g * (ans + 1.0),),
    np.log:       (lambda g, ans, x: g / x,),
    np.log1p:     (lambda g, ans, x: g / (1.0 + x),),
    np.sin:       (lambda g, ans, x: g * np.cos(x),),
    np.cos:       (lambda g, ans, x: -g * np.sin(x),),
    np.tanh:      (lambda g, ans, x: g * (1.0 - ans * ans),),
    np.arctan:    (lambda g, ans, x: g / (1.0 + x * x),),
    # two arguments, entry by entry
    np.add:       (lambda g, ans, x, y: g,                           lambda g, ans, x, y: g),
    np.subtract:  (lambda g, ans, x, y: g,                           lambda g, ans, x, y: -g),
    np.multiply:  (lambda g, ans, x, y: g * y,                       lambda g, ans, x, y: g * x),
    np.divide:    (lambda g, ans, x, y: g / y,                       lambda g, ans, x, y: -g * ans / y),
    np.power:     (power_base,                                       power_exponent),
    np.logaddexp: (lambda g, ans, x, y: g * np.exp(x - ans),         lambda g, ans, x, y: g * np.exp(y - ans)),
    maximum:      (lambda g, ans, x, y: unless(x < y, g),            lambda g, ans, x, y: when(x < y, g)),
    minimum:      (lambda g, ans, x, y: unless(x > y, g),            lambda g, ans, x, y: when(x > y, g)),
    np.where:     (None,                                             # the condition
                   lambda g, ans, c, x, y: np.where(c, g, 0.0),      lambda g, ans, c, x, y: np.where(c, 0.0, g)),
    # products, sums, extremes
    np.matmul:    (matmul_left,                                      matmul_right),
    np.sum:       (lambda g, ans, x, axis=None, *, keepdims=False: spread(g, x, axis, keepdims),),
    np.max:       (lambda g, ans, x, axis=None, *, keepdims=False: share(g, ans, x, axis, keepdims),),
    # entries moved about
    np.broadcast_to: (lambda g, ans, x, shape: g,),                 # the engine sums it back
    np.reshape:   (lambda g, ans, x, shape: np.reshape(g, x.shape),),
    np.transpose: (lambda g, ans, x, axes=None: np.transpose(g, inverse(axes)),),
    getitem:      (lambda g, ans, x, index: put(g, index, x.shape),),
    put:          (lambda g, ans, x, index, shape: g[index],),
    join:         Each(lambda k, g, ans, axis, *arrays: part(g, axis, arrays, k)),
}

# NumPy's operators are quicker than its functions where they meet a scalar, and np.sum wraps what is called here.
DIRECT |= {
    np.negative: neg, np.add: add, np.subtract: sub, np.multiply: mul, np.divide: truediv, np.matmul: matmul,
    np.sum: lambda x, axis=None, keepdims=False: np.add.reduce(x, axis, keepdims=keepdims),
}

DERIVED |= {
    np.maximum:     constant_first(maximum),
    np.minimum:     constant_first(minimum),
    np.clip:        lambda a, a_min, a_max: np.minimum(a_max, np.maximum(a_min, a)),
    np.reciprocal:  lambda x: 1.0 / x,
    np.sinh:        lambda x: (np.expm1(x) - np.expm1(-x)) / 2.0,     # exp would cancel near 0
    np.cosh:        lambda x: (np.exp(x) + np.exp(-x)) / 2.0,
    np.tan:         lambda x: np.sin(x) / np.cos(x),
    np.mean:        lambda a, axis=None, *, keepdims=False: average(a, axis, keepdims),
    np.var:         lambda a, axis=None, *, keepdims=False: average(np.square(a - average(a, axis, True)), axis, keepdims),
    np.std:         lambda a, axis=None, *, keepdims=False: np.sqrt(np.var(a, axis=axis, keepdims=keepdims)),
    np.min:         lambda a, axis=None, *, keepdims=False: -np.max(-a, axis=axis, keepdims=keepdims),
    np.linalg.norm: lambda x, *, axis=None, keepdims=False: np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims)),
    np.dot:         dot,
    np.outer:       lambda a, b: np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1)),
    np.ravel:       lambda a: np.reshape(a, (-1,)),
    np.expand_dims: lambda a, axis: np.reshape(a, np.expand_dims(a.value, axis).shape),
    np.squeeze:     lambda a, axis=None: np.reshape(a, np.squeeze(a.value, axis).shape),
    np.swapaxes:    swapaxes,
    np.concatenate: concatenate,
    np.stack:       lambda arrays, axis=0: concatenate([np.expand_dims(a, axis) for a in arrays], axis),
}
# fmt: on

QUERIES |= {
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.isfinite, np.isnan, np.shape, np.ndim, np.size, np.zeros_like, np.ones_like,
}  # fmt: skip
