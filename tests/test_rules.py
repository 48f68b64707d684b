"""The rules against difference quotients, over the table of functions, and what is stated about kinks and edges."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import Tensor, apply, grad, rules, value_and_grad
from chainrule.engine import DERIVED, VJPS
from tests.derivatives import assert_derivative, combined
from tests.functions import LAYOUTS, ROWS, Row
from tests.uncounted import uncounted

TABLE: Any = VJPS
few = settings(max_examples=20)  # for each of the many rows
each_row = pytest.mark.parametrize("row", ROWS, ids=str)


def test_every_rule_has_a_row() -> None:
    used = {row.function for row in ROWS}
    assert set(VJPS) | set(DERIVED) <= used


@each_row
@uncounted()
@few
@given(data=st.data())
def test_a_row(row: Row, data: Any) -> None:
    """All that a row is tested for, on the same arguments: to draw them takes longer than to test."""
    args = data.draw(row.arguments)
    assert_value(row, args)
    assert_derivative(combined(row.call), *args)
    assert_second_derivative(row, args)
    assert_one_constant_argument(row, args)
    assert_nothing_but_float64(row, args)
    if row.broadcasts:
        assert_broadcasting_is_repetition(row, args)


def assert_value(row: Row, args: Any) -> None:
    """It is NumPy's, and so is the shape; the arguments are as they were."""
    before = [np.array(a) for a in args]
    expected = row.call(*args)
    result = row.call(*(Tensor(a) for a in args))
    assert isinstance(result, Tensor)
    assert result.shape == np.shape(expected)
    np.testing.assert_allclose(result.value, expected, rtol=1e-14, atol=1e-14)
    for arg, its in zip(args, before, strict=True):
        np.testing.assert_array_equal(arg, its)


def assert_second_derivative(row: Row, args: Any) -> None:
    scalar = combined(lambda *a: np.sin(row.call(*a)))  # linear calls get a second derivative, too
    for k in range(len(args)):
        assert_derivative(combined(grad(scalar, k)), *args)


def assert_one_constant_argument(row: Row, args: Any) -> None:
    """Each argument alone may be a Tensor; the others, plain arrays, get nothing and lose nothing."""
    if len(args) > 1:
        for k, arg in enumerate(args):
            assert_derivative(combined(lambda x, k=k: row.call(*args[:k], x, *args[k + 1 :])), arg)


def assert_nothing_but_float64(row: Row, args: Any) -> None:
    """What comes as float32 or as whole numbers gives, to the last bit, what the same numbers give as float64."""
    both = value_and_grad(combined(row.call), tuple(range(len(args))))
    for others in ([a.astype(np.float32) for a in args], [np.ceil(a).astype(np.int16) for a in args]):
        with np.errstate(all="ignore"):  # the whole numbers may lie on a kink or an edge
            value, gradients = both(*others)
            expected, its_gradients = both(*(a.astype(np.float64) for a in others))
        np.testing.assert_array_equal(value, expected)
        for one, other in zip(gradients, its_gradients, strict=True):
            assert one.dtype == np.float64
            np.testing.assert_array_equal(one, other)


def assert_broadcasting_is_repetition(row: Row, args: Any) -> None:
    """An argument that is stretched gets the sum of what the copies get when it is repeated by hand."""
    derivative = grad(combined(row.call), tuple(range(len(args))))
    repeated = np.broadcast_arrays(*args)
    for arg, stretched, apart in zip(args, derivative(*args), derivative(*repeated), strict=True):
        added = tuple(range(apart.ndim - arg.ndim))
        ones = tuple(axis for axis, n in enumerate(arg.shape) if n == 1)
        summed = np.sum(np.sum(apart, axis=added), axis=ones, keepdims=True) if ones else np.sum(apart, axis=added)
        np.testing.assert_allclose(stretched, summed, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("function", [np.square, np.multiply])
def test_the_table_draws_every_kind_of_array(function: Any) -> None:
    seen = set()
    row = next(row for row in ROWS if row.function is function)

    @settings(max_examples=300)
    @given(row.arguments)
    def look(args: Any) -> None:
        for a in args:
            kinds = {
                f"{a.ndim} axes": True,
                "empty": a.size == 0,
                "an axis of length 1": 1 in a.shape,
                "backwards": any(n < 0 for n in a.strides),
                "by columns": a.ndim > 1 and a.flags.f_contiguous and not a.flags.c_contiguous,
                "with gaps": a.size > 0 and a.ndim == 1 and a.strides == (16,),
            }
            seen.update(kind for kind, so in kinds.items() if so)

    look()
    named = {"empty", "an axis of length 1", "backwards", "by columns", "with gaps"}
    assert seen == named | {f"{n} axes" for n in range(4)}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 1, 3)])
def test_a_layout_changes_the_strides_alone(layout: str, shape: tuple[int, ...]) -> None:
    a = np.arange(float(math.prod(shape))).reshape(shape)
    view = LAYOUTS[layout](a)
    np.testing.assert_array_equal(view, a)
    strides = {
        "in order": a.strides,
        "by columns": np.array(a, order="F").strides,
        "backwards": tuple(-n for n in a.strides),
        "with gaps": tuple(2 * n for n in a.strides),
    }
    assert view.strides == strides[layout]


def test_the_checker_fails_a_wrong_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLE, np.sin, (lambda g, ans, x: -g * np.cos(x),))
    with pytest.raises(AssertionError, match=r"the engine says .*, the quotient"):
        assert_derivative(combined(np.sin), np.array([0.3, 1.0]))


def test_the_checker_fails_a_forgotten_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLE, np.multiply, (lambda g, ans, x, y: g * y, lambda g, ans, x, y: g * y))
    with pytest.raises(AssertionError, match=r"the engine says"):
        assert_derivative(combined(np.multiply), np.array([0.3, 1.0]), np.array([2.0, -1.0]))


def test_numbers_known_by_heart() -> None:
    """Literal numbers, so that no broken helper can pass everything."""
    assert grad(np.square)(3.0) == 6.0
    assert grad(np.exp)(0.0) == 1.0
    assert grad(np.log)(4.0) == 0.25
    assert grad(np.sqrt)(4.0) == 0.25
    assert grad(lambda x: x**3)(2.0) == 12.0
    assert grad(lambda x, y: x / y, (0, 1))(6.0, 2.0) == (0.5, -1.5)
    assert grad(lambda x: 1 / x)(2.0) == -0.25
    np.testing.assert_array_equal(grad(lambda a: (a @ a).sum())(np.array([[1.0, 2.0], [3.0, 4.0]])), [[7, 11], [9, 13]])
    joined = grad(lambda x: np.sum(np.square(np.concatenate([x, 2 * x], axis=None))))
    np.testing.assert_array_equal(joined(np.array([[1.0], [2.0]])), [[10], [20]])


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: np.sum(x[[0, 0, 1]] ** 3), [12.0, 12.0]),  # 2 x0³ + x1³
        (lambda x: np.sum(x) ** 2, [4.0, 4.0]),
    ],
)
def test_second_derivatives_known_by_heart(f: Any, expected: list[float]) -> None:
    """Of the sum of the first ones, at (1, 2)."""
    np.testing.assert_array_equal(grad(lambda x: np.sum(grad(f)(x)))(np.array([1.0, 2.0])), expected)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        # between two numbers: a plain one counts as the larger or smaller where they tie, else the first
        (lambda x: np.maximum(0, x), 0.0, 0.0),
        (lambda x: np.maximum(0, x), -0.0, 0.0),
        (lambda x: np.maximum(x, 0), 0.0, 0.0),
        (lambda x: np.maximum(0, x), [0.0, 2.0, -2.0], [0.0, 1.0, 0.0]),
        (lambda x: np.maximum(x, np.zeros(3)), [0.0, 2.0, -2.0], [0.0, 1.0, 0.0]),
        (lambda x: np.minimum(0, x), 0.0, 0.0),
        (lambda x: np.minimum(x, 0), 0.0, 0.0),
        (lambda x: np.maximum(0, x), 2.0, 1.0),
        (lambda x: np.maximum(0, x), -2.0, 0.0),
        (lambda x: np.minimum(0, x), 2.0, 0.0),
        (lambda x: np.minimum(0, x), -2.0, 1.0),
        (lambda x: np.maximum(x, x), 1.5, 1.0),
        (lambda x: np.maximum(2 * x, x + x), 1.5, 2.0),
        (lambda x: np.clip(x, 0.0, 1.0), [-0.5, 0.0, 0.5, 1.0, 1.5], [0.0, 0.0, 1.0, 0.0, 0.0]),
        # along an axis: those that tie share
        (lambda x: np.max(np.stack([x, x])), 2.0, 1.0),
        (np.max, [3.0, 1.0, 3.0], [0.5, 0.0, 0.5]),
        (np.min, [3.0, 1.0, 1.0, 1.0], [0.0, 1 / 3, 1 / 3, 1 / 3]),
        (np.max, [-math.inf, -math.inf], [0.5, 0.5]),
        (lambda x: np.max(x, axis=1), [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]], [[0, 0.5, 0.5], [1 / 3] * 3]),
        (lambda x: np.min(x, axis=0, keepdims=True), [[1.0, 3.0], [1.0, 2.0]], [[0.5, 0.0], [0.5, 1.0]]),
        (lambda x: np.logaddexp(x, x), 0.3, 1.0),
        # a kink, and a step
        (np.absolute, [-2.0, -0.0, 0.0, 2.0], [-1.0, 0.0, 0.0, 1.0]),
        (np.sign, [-2.0, 0.0, 2.0], [0.0, 0.0, 0.0]),
        # powers
        (lambda x: x**0, [-2.0, 0.0, 2.0, math.inf], [0.0] * 4),
        (lambda x: x**1, [-2.0, 0.0], [1.0, 1.0]),
        (lambda x: x**2, [-3.0, 0.0], [-6.0, 0.0]),
        (lambda x: x ** Tensor(0.0), [-2.0, 0.0, 2.0], [0.0] * 3),
        (lambda x: x**0.5, [0.0, 4.0], [math.inf, 0.25]),
        (lambda x: x**-1, [0.0, -0.0, 2.0], [-math.inf, -math.inf, -0.25]),
        (lambda y: 0.0**y, [2.0, 0.5, 0.0, -1.0], [0.0, 0.0, 0.0, math.nan]),
        (lambda y: (-2.0) ** y, 2.0, math.nan),
        # edges of domains
        (np.sqrt, [4.0, 0.0, -1.0], [0.25, math.inf, math.nan]),
        (lambda x: np.sqrt(x) ** 2, 0.0, math.nan),  # 0 times infinity, although the whole is x
        (np.linalg.norm, [0.0, 0.0], [math.nan, math.nan]),
        (np.std, [2.0, 2.0], [math.nan, math.nan]),
        (np.log, [2.0, 0.0, -2.0], [0.5, math.inf, -0.5]),
        (np.log1p, [0.0, -1.0], [1.0, math.inf]),
        (lambda x: 1 / x, [0.0, -0.0], [-math.inf, -math.inf]),
        (lambda x: x / 0.0, [1.0, 0.0], [math.inf, math.inf]),
        # far away
        (np.exp, [-math.inf, 1000.0], [0.0, math.inf]),
        (np.tanh, [-math.inf, 1000.0], [0.0, 0.0]),
        (np.arctan, [-math.inf, math.inf], [0.0, 0.0]),
    ],
)
def test_kinks_and_edges(f: Any, x: Any, expected: Any) -> None:
    """Exactly what the docstring of `chainrule.rules` states."""
    with np.errstate(all="ignore"):  # NumPy says where it leaves the domain; here the numbers are the point
        np.testing.assert_allclose(grad(lambda t: np.sum(f(t)))(np.array(x)), expected, rtol=1e-15)


def test_powers_by_both_at_the_edge() -> None:
    """By the base 0 at exponent 0, by the exponent 0 at base 0; and neither spoils the derivative of the other."""
    assert grad(np.power, (0, 1))(0.0, 0.0) == (0.0, 0.0)
    assert grad(np.power, (0, 1))(0.0, 1.0) == (1.0, 0.0)
    assert grad(np.power, (0, 1))(0.0, 2.0) == (0.0, 0.0)
    with pytest.warns(RuntimeWarning, match="invalid value encountered in log"):
        by_base, by_exponent = grad(np.power, (0, 1))(-3.0, 2.0)
    assert by_base == -6.0
    assert np.isnan(by_exponent)


def test_a_kink_differentiated_twice() -> None:
    """The value that is stated for the kink is a constant near it: its derivative is 0."""
    assert grad(grad(lambda x: np.maximum(0, x) ** 2))(0.0) == 0.0
    assert grad(grad(np.absolute))(0.0) == 0.0
    assert grad(grad(lambda x: x**0))(0.0) == 0.0
    assert grad(grad(lambda x: x**2))(0.0) == 2.0
    assert grad(grad(lambda x: x**1))(0.0) == 0.0


@pytest.mark.parametrize("x", [-1.0, 0.0, 2.0, math.nan, math.inf])
@pytest.mark.parametrize("y", [-1, 0.0, math.nan])
def test_extremes_of_numbers_are_numpys(x: float, y: float) -> None:
    for f in (np.maximum, np.minimum):
        for result in (f(Tensor(x), y), f(y, Tensor(x)), f(Tensor(x), Tensor(y))):
            np.testing.assert_array_equal(result.value, f(x, y))


def test_a_relu_of_a_number_is_differentiated_twice() -> None:
    for x, expected in ((2.0, 12.0), (-2.0, 0.0)):
        assert grad(grad(lambda t: np.maximum(0, t) ** 3))(x) == expected
        assert grad(grad(lambda t: np.maximum(0, t**3)))(x) == expected


def test_ties_of_two_tensors_go_to_the_first() -> None:
    assert grad(np.maximum, (0, 1))(2.0, 2.0) == (1.0, 0.0)
    assert grad(np.minimum, (0, 1))(2.0, 2.0) == (1.0, 0.0)


def test_sqrt_at_0_is_infinitely_steep() -> None:
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert grad(np.sqrt)(0.0) == math.inf


@pytest.mark.parametrize("x", [1e-150, -3e-9])
def test_sinh_of_a_small_number_does_not_cancel(x: float) -> None:
    assert np.sinh(Tensor(x)).value == pytest.approx(np.sinh(x), rel=1e-15, abs=0.0)


def test_where_does_not_leak_the_other_branch() -> None:
    """The branch not taken may be steep without end; nothing of it may come through (0 * inf is nan)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy computes both branches, and says so
        assert np.isnan(grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0))(0.0))  # 0 / 0, as documented for np.where
    assert grad(lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0))(0.0) == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: np.linalg.inv(t), r"np\.linalg\.inv has no rule"),
        (lambda t: np.sort(t), r"np\.sort has no rule"),
        (lambda t: np.floor(t), r"np\.floor has no rule"),
        (lambda t: t // 2, "unsupported operand|no rule"),
        (lambda t: np.sum(t, dtype=np.float32), r"np\.sum has no rule for dtype="),
        (lambda t: np.sum(t, 0, np.float32), r"np\.sum has a rule for 2 positional arguments, not 3"),
        (lambda t: np.mean(t, dtype=np.float32), r"np\.mean has no rule for this call"),
        (lambda t: np.mean(t, 0, np.float64), r"np\.mean has no rule for this call"),
        (lambda t: np.exp(t, where=np.array(True)), r"np\.exp has no rule for where="),
        (lambda t: np.add.reduce(t), r"np\.add\.reduce has no rule"),
        (lambda t: np.dot(t, np.ones((2, 2, 2))), r"np\.dot has a rule up to a matrix"),
        (lambda t: t + 1j, r"np\.add would give complex128"),
        (lambda t: t * np.array([1, "a"], dtype=object), "can't multiply|would give object"),
        (lambda t: np.where(t), r"np\.where would give tuple"),
        (lambda t: np.sum(np.ones(2), axis=t), "no rule for axis|cannot be interpreted|does not turn"),
    ],
)
def test_no_rule_is_a_type_error(call: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call(Tensor(np.ones((2, 2))))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: t @ np.ones(7), r"np\.matmul cannot take shapes \(2, 3\) and \(7,\)"),
        (lambda t: t + np.ones(7), r"np\.add cannot take shapes \(2, 3\) and \(7,\)"),
        (lambda t: np.ones(7) * t, r"np\.multiply cannot take shapes \(7,\) and \(2, 3\)"),
        (lambda t: t.reshape(5), r"np\.reshape cannot take shapes \(2, 3\)"),
        (lambda t: np.concatenate([t, np.ones((2, 2))]), r"cannot take shapes \(2, 3\) and \(2, 2\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(Tensor(np.ones((2, 3))))


@pytest.mark.parametrize(
    ("m", "n", "samples", "how"),
    [
        (256, 256, 1, "einsum"),
        (300, 257, 1, "einsum"),
        (255, 4000, 1, "dot"),
        (4000, 255, 1, "dot"),
        (256, 256, 2, "dot"),  # a sum of two outer products
    ],
)
def test_a_matrix_gets_the_outer_product_of_long_vectors_by_einsum(
    m: int, n: int, samples: int, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the samples are columns, to the right of it, or rows, to its left; or one is a vector, on either side. And the
    other factor never does.
    """
    rng = np.random.default_rng(0)
    W, x, seed = (rng.normal(size=shape) for shape in [(m, n), (n, samples), (m, samples)])
    einsum, calls = np.einsum, []
    monkeypatch.setattr(np, "einsum", lambda *args: calls.append(args) or einsum(*args))
    cases = [(np.matmul, W, x, seed), (lambda A, z: z @ A, W.T, x.T, seed.T)]
    if samples == 1:
        cases += [(call, A, z.ravel(), g.ravel()) for call, A, z, g in cases]
    for product, A, z, g in cases:
        matrix, sample = Tensor(A), Tensor(z)
        product(matrix, sample).backward(g)
        assert len(calls) == (how == "einsum")
        calls.clear()
        expected = seed @ x.T if A is W else x @ seed.T
        np.testing.assert_allclose(matrix.grad, expected, rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(
            sample.grad, (W.T @ seed if A is W else seed.T @ W).reshape(z.shape), rtol=1e-12, atol=1e-12
        )


def test_many_matrices_get_an_outer_product_each() -> None:
    """As many as a long vector has entries, and no einsum."""
    rng = np.random.default_rng(0)
    stack, vector, seed = rng.normal(size=(256, 2, 256)), rng.normal(size=256), rng.normal(size=(256, 2))
    for product, A in [(np.matmul, stack), (lambda A, z: z @ A, stack.mT)]:
        matrices = Tensor(A)
        product(matrices, vector).backward(seed)
        expected = np.multiply.outer(seed, vector)
        np.testing.assert_array_equal(matrices.grad, expected if A is stack else expected.mT)


@pytest.mark.parametrize(
    ("x", "y"),
    [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((4, 2, 3), (3,)), ((3,), (4, 3, 2)), ((4, 2, 3), (3, 2))],
)
def test_products_of_vectors_matrices_and_stacks(x: tuple[int, ...], y: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=x), rng.normal(size=y)
    assert_derivative(combined(np.matmul), a, b)
    assert_derivative(combined(lambda t: a.tolist() @ t), b)
    assert_derivative(combined(lambda t: t @ b.tolist()), a)


def test_put_of_a_plain_array_is_plain() -> None:
    np.testing.assert_array_equal(rules.put(np.array([1.0, 2.0]), np.array([1, 1]), (3,)), [0.0, 3.0, 0.0])


def test_a_function_written_in_others_is_the_one_that_refuses() -> None:
    t = Tensor(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"^np\.std cannot take shapes \(2, 3\) with axis=5: axis 5 is out of bounds"):
        np.std(t, axis=5)
    with pytest.raises(
        ValueError, match=r"^np\.swapaxes cannot take shapes \(2, 3\) with 0, 5: axis 5 is out of bounds"
    ):
        np.swapaxes(t, 0, 5)
    with pytest.raises(TypeError, match=r"^np\.sign has no rule for dtype='f4'"):
        np.sign(t, dtype="f4")


def test_nothing_is_written_into_an_array_of_the_caller() -> None:
    out = np.zeros(2)
    with pytest.raises(TypeError, match=r"np\.exp has a rule for 1 positional arguments, not 2"):
        apply(np.exp, Tensor([1.0, 2.0]), out)
    np.testing.assert_array_equal(out, 0.0)


def test_the_slope_of_a_power_has_a_slope_by_its_exponent() -> None:
    """y x^(y-1) where y is a Tensor: at (0, 0), where it would be 0 · ∞, it is 0, and so is its slope by y."""
    for base, exponent, value, slope in [(0.0, 0.0, 0.0, 0.0), (2.0, 0.0, 0.0, 0.5), (1.0, 0.0, 0.0, 1.0)]:
        y = Tensor(exponent)
        slope_by_base: Any = rules.power_base(1.0, None, base, y)
        slope_by_base.backward()
        assert slope_by_base.value == value
        assert y.grad == slope


@pytest.mark.parametrize("n", [33, 1_000])
def test_each_of_many_joined_arrays_is_handed_its_group_alone(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = []

    def counted(k: int, g: Any, ans: Any, axis: int, *arrays: Any) -> Any:
        handed.append(len(arrays))
        return rules.part(g, axis, arrays, k)

    monkeypatch.setitem(VJPS, rules.join, rules.Each(counted))
    xs = [Tensor([float(k)]) for k in range(n)]
    joined: Any = np.concatenate(xs)
    joined.backward(np.ones(n))
    assert joined.value.tolist() == list(range(n))
    assert all(x.grad == 1.0 for x in xs)
    assert max(handed) <= 32


@pytest.mark.parametrize("g", [np.float64(2.0), Tensor(2.0), np.array([2.0, np.inf]), Tensor([2.0, np.nan])])
def test_what_a_condition_lets_through(g: Any) -> None:
    value = getattr(g, "value", g)
    for holds in (True, False):
        c = np.full(value.shape, holds)[()]
        for way, passes in ((rules.when, holds), (rules.unless, not holds)):
            sent = way(c, g)
            assert isinstance(sent, Tensor) == isinstance(g, Tensor)
            np.testing.assert_array_equal(getattr(sent, "value", sent), value if passes else 0.0 * np.ones(value.shape))


@pytest.mark.parametrize(("a", "b"), [(3.0, [1.0, 2.0]), ([1.0, 2.0], 3.0), (3.0, 2.0)])
def test_the_product_by_a_number_is_np_dots(a: Any, b: Any) -> None:
    assert np.dot(Tensor(a), b).value.tolist() == np.dot(a, b).tolist()
    assert np.dot(a, Tensor(b)).value.tolist() == np.dot(a, b).tolist()


def test_a_norm_takes_no_order() -> None:
    with pytest.raises(TypeError):
        np.linalg.norm(Tensor([3.0, 4.0]), 0)
