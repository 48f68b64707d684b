"""The table of functions that drives the tests of the rules: values, shapes, derivatives, second derivatives, broadcasting.

A row is one way to call one function: what the call is, which shapes its arguments may have, and which values. Values
are kept off the kinks and away from the edges of the domain, which have tests of their own in `test_rules.py`. Shapes
have up to three axes, some of them of length 1 or 0, and the arrays lie in memory in every way that a view can.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from operator import getitem
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, mutually_broadcastable_shapes

from chainrule import rules


def fixed(*shapes: tuple[int, ...]) -> st.SearchStrategy[Any]:
    return st.just(shapes)


def spelled(*shapes: str) -> st.SearchStrategy[Any]:
    """Shapes spelled by their axes, such as "mk" and "kn" for `@`: the same letter, the same length; a digit is itself."""
    letters = sorted(set("".join(shapes)) - set("0123456789"))
    lengths = st.fixed_dictionaries(dict.fromkeys(letters, LENGTH))
    return lengths.map(lambda n: tuple(tuple(int(n.get(a, a)) for a in shape) for shape in shapes))


#: The length of an axis: seldom 0, because an empty array is soon tested.
LENGTH = st.sampled_from([2, 3, 1, 3, 2, 0])
FULL = array_shapes(min_dims=0, max_dims=3, max_side=3).map(lambda shape: (shape,))
ONE = st.lists(LENGTH, max_size=3).map(lambda shape: (tuple(shape),))
AXES = ONE.filter(lambda shapes: shapes[0] != ())
PLANE = array_shapes(min_dims=2, max_dims=3, min_side=2, max_side=3).map(lambda shape: (shape,))
LAST, FIRST, BOTH = (
    AXES.filter(lambda shapes, ends=ends: len(shapes[0]) >= len(ends) and all(shapes[0][a] for a in ends))
    for ends in ((-1,), (0,), (0, -1))
)  # not empty along these axes: there is no largest of no numbers
PAIR = st.one_of(
    mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=side, max_side=3) for side in (1, 1, 0)
).map(lambda drawn: drawn.input_shapes)

#: The interval of each argument's values.
ANY, POSITIVE, ABOVE_MINUS_1 = (-2.0, 2.0), (0.3, 3.0), (-0.6, 2.0)
#: No two entries of the arguments nearer to each other, to 0 or to 1 than 0.007: no ties, no kinks.
APART = (0.0, 0.0)


@dataclass(frozen=True)
class Row:
    function: Any  # the one that the row is there for
    call: Callable[..., Any]
    shapes: st.SearchStrategy[Any]
    intervals: tuple[tuple[float, float], ...]
    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def broadcasts(self) -> bool:
        return self.shapes is PAIR

    @cached_property
    def arguments(self) -> st.SearchStrategy[tuple[Any, ...]]:
        """Arrays for all arguments of the call."""
        return self.shapes.flatmap(
            lambda shapes: st.tuples(
                *(values(shape, self.intervals[k], k) for k, shape in enumerate(shapes)),
            )
        )


#: Ways of an array to lie in memory: its entries in order, by columns, backwards, with gaps.
LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "in order": np.ascontiguousarray,
    "by columns": np.asfortranarray,
    "backwards": lambda a: np.asarray(np.flip(np.flip(a).copy())),  # negative strides
    "with gaps": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
}


@cache
def values(shape: tuple[int, ...], interval: tuple[float, float], position: int) -> st.SearchStrategy[Any]:
    if interval == APART:
        grid = arrays(np.int64, shape, elements=st.integers(-30, 30), unique=True)
        drawn = grid.map(lambda k: 0.04 * k + 0.01 + 0.013 * position)
    else:
        drawn = arrays(np.float64, shape, elements=st.floats(*interval, allow_subnormal=False))
    if not shape:
        return drawn
    return st.tuples(st.sampled_from(list(LAYOUTS.values())), drawn).map(lambda pair: pair[0](pair[1]))


def _rows() -> list[Row]:
    table: list[Row] = []
    function: Any

    def row(function: Any, shapes: Any, *intervals: Any, call: Any = None, note: str = "") -> None:
        table.append(Row(function, call or function, shapes, intervals, f"{function.__name__} {note}".strip()))

    for function in (np.positive, np.negative, np.square, np.exp, np.expm1, np.sin, np.cos, np.tanh, np.arctan):
        row(function, ONE, ANY)
    for function in (np.sinh, np.cosh):
        row(function, ONE, ANY)
    for function in (np.sqrt, np.log, np.reciprocal):
        row(function, ONE, POSITIVE)
    row(np.log1p, ONE, ABOVE_MINUS_1)
    row(np.tan, ONE, ANY, call=lambda x: np.tan(x / 2), note="of a half")
    row(np.absolute, ONE, APART)
    row(np.sign, ONE, APART)
    row(np.clip, ONE, APART, call=lambda x: np.clip(x, -0.5, 0.5))

    for function in (np.add, np.subtract, np.multiply, np.logaddexp):
        row(function, PAIR, ANY, ANY)
    row(np.divide, PAIR, ANY, POSITIVE)
    row(np.power, PAIR, POSITIVE, ANY)
    row(np.power, ONE, ANY, call=lambda x: x**3, note="with a constant exponent")
    row(np.power, ONE, ANY, call=lambda x: x**0, note="with exponent 0")
    row(np.power, ONE, ANY, call=lambda x: 2.0**x, note="of a constant")
    row(np.maximum, PAIR, APART, APART)
    row(np.minimum, PAIR, APART, APART)
    row(rules.maximum, ONE, APART, call=lambda x: np.maximum(0, x), note="with 0")
    row(rules.minimum, ONE, APART, call=lambda x: np.minimum(x, 0), note="with 0")
    row(np.where, PAIR, APART, APART, call=lambda x, y: np.where(x > y, x, y * y))

    row(np.sum, ONE, ANY)
    for function, interval in ((np.mean, ANY), (np.var, ANY), (np.max, APART), (np.min, APART)):
        row(function, FULL, interval)
    for function, interval in ((np.sum, ANY), (np.mean, ANY), (np.var, ANY), (np.max, APART), (np.min, APART)):
        row(function, LAST, interval, call=lambda x, f=function: f(x, axis=-1), note="along the last axis")
        row(
            function, FIRST, interval, call=lambda x, f=function: f(x, axis=0, keepdims=True), note="along axis 0, kept"
        )
        row(function, BOTH, interval, call=lambda x, f=function: f(x, axis=(0, -1)), note="along two axes")
    row(np.sum, AXES, ANY, call=lambda x: np.sum(x, axis=0), note="along an axis that may be empty")
    row(np.std, PLANE, APART, call=lambda x: np.std(x, axis=0))
    row(np.linalg.norm, FULL, APART)

    for left, right in (("mk", "kn"), ("mk", "k"), ("k", "kn"), ("k", "k"), ("bmk", "kn"), ("bmk", "k")):
        row(np.matmul, spelled(left, right), ANY, ANY, note=f"{left} by {right}")
        row(np.dot, spelled(left, right), ANY, ANY, note=f"{left} by {right}")
    for left, right in (("mk", "bkn"), ("k", "bkn"), ("bmk", "bkn"), ("amk", "bakn")):
        row(np.matmul, spelled(left, right), ANY, ANY, note=f"{left} by {right}")
    row(np.dot, spelled("", "mn"), ANY, ANY, note="with a number")
    row(np.outer, spelled("m", "kn"), ANY, ANY)

    row(np.reshape, ONE, ANY, call=lambda x: np.reshape(x, (-1, 1)))
    row(np.ravel, ONE, ANY)
    row(np.transpose, ONE, ANY)
    row(np.transpose, PLANE, ANY, call=lambda x: np.transpose(x[:, :, None], (-1, 0, 1))[0] if x.ndim == 2 else x)
    row(np.transpose, spelled("kmn"), ANY, call=lambda x: np.transpose(x, (1, -1, 0)), note="to an order")
    row(np.swapaxes, AXES, ANY, call=lambda x: np.swapaxes(x, 0, -1))
    row(np.expand_dims, ONE, ANY, call=lambda x: np.expand_dims(x, 0))
    row(np.squeeze, spelled("1n1"), ANY)
    row(np.broadcast_to, ONE, ANY, call=lambda x: np.broadcast_to(x, (2, *np.shape(x))))
    row(getitem, FIRST, ANY, call=lambda x: x[0], note="of one row")
    row(getitem, spelled("mn"), ANY, call=lambda x: x[::-1, 1:], note="of a slice backwards")
    row(getitem, PLANE, ANY, call=lambda x: x[np.array([0, 1, 0])], note="of a row twice")
    row(getitem, AXES, APART, call=lambda x: x[x > 0], note="by a mask")
    row(rules.put, fixed((3,)), ANY, call=lambda x: rules.put(x, np.array([1, 0, 1]), (2,)), note="at a place twice")
    row(np.concatenate, spelled("kn", "mn"), ANY, ANY, call=lambda x, y: np.concatenate([x, y, x]))
    row(np.concatenate, spelled("mn", "k"), ANY, ANY, call=lambda x, y: np.concatenate([x, y], axis=None), note="flat")
    row(rules.join, spelled("2n"), ANY, call=lambda x: np.concatenate([x, [[1.0], [2.0]]], axis=-1), note="with a list")
    row(
        np.stack, spelled("n"), ANY, call=lambda x: np.stack([x] * (rules.MOST_JOINED + 1)), note="of more than a group"
    )
    row(np.stack, ONE, ANY, call=lambda x: np.stack([x, 2 * x, np.ones(np.shape(x))], axis=-1))
    return table


ROWS = _rows()
