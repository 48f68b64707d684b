"""The ways to take a step against each other: from every kind of place, and over whole runs; compiled and not."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chainrule import steps as module
from chainrule.relu_net import ReluNet, make_data, mean_squared_error
from chainrule.steps import _moved, _places, squared_errors
from tests.uncounted import uncounted

DATA = make_data(np.random.default_rng(0))
BY = pytest.mark.parametrize("by_draw", [True, False], ids=["by draw", "by point"])
Case = tuple[Any, Any, Any, Any]  # the parameters (3H + 1,), x and y (N,), and the minibatches (steps, B)


def frozen(array: Any) -> Any:
    """A view that nobody writes into, as `train` has its points: for others Numba would compile each loop again."""
    view = array.view()
    view.flags.writeable = False
    return view


def loop_steps(parameters: Any, x: Any, y: Any, batches: Any, rate: float, all_layers: bool) -> int:
    return module.loop_steps(parameters, frozen(x), frozen(y), rate, all_layers, batches)


def prefix_steps(
    parameters: Any, x: Any, y: Any, batches: Any, rate: float, all_layers: bool, by_draw: bool, *, calls: int = 1
) -> int:
    take = module.prefix_steps(parameters, frozen(x), frozen(y), rate, all_layers, by_draw)
    return sum(take(part) for part in np.array_split(batches, calls))


def packed(net: ReluNet) -> Any:
    return np.hstack([net.w, net.b, net.v, net.c])


def case(net: ReluNet, size: int, steps: int) -> Case:
    return packed(net), DATA.x, DATA.y, np.random.default_rng(2).integers(len(DATA.x), size=(steps, size))


@pytest.fixture
def uncompiled(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Calls a way to take steps with none of it compiled."""

    def call(steps: Any, *arguments: Any) -> Any:
        with monkeypatch.context() as patch:
            for name in ("loop_steps", "_prefix_loop", "_places"):
                patch.setattr(module, name, getattr(module, name).py_func)
            return steps(*arguments)

    return call


# Zeros make units without an elbow; few distinct numbers make equal points, and elbows that are equal or on a point.
numbers = st.one_of(st.floats(-2, 2), st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    width, n = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    parameters = draw(arrays(float, 3 * width + 1, elements=numbers))
    x, y = (draw(arrays(float, n, elements=numbers)) for _ in range(2))
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 12)))
    return parameters, x, y, draw(arrays(int, shape, elements=st.integers(0, n - 1)))


FAR = (np.array([1.0, -1, 1, -1, 0, 0, 3, -3, -3, 3, 1, -1, 1, 1, 1, 1, 1, 1, 0]), DATA.x, DATA.y, np.arange(200)[None])
WIDE = case(ReluNet.random(300, np.random.default_rng(5)), 7, 2)
ON_POINTS = (np.array([1.0, -1, 0, 0, 1, 1, 0]), np.zeros(3), np.ones(3), np.array([[0, 0, 2]]))


@uncounted()
@settings(deadline=None, max_examples=300)  # the first example compiles the loops
@given(case=cases())
@example(case=FAR)  # elbows on both sides of the data, units on everywhere and nowhere
@example(case=WIDE)  # more units than most
@example(case=ON_POINTS)  # equal points, elbows on them
def test_single_steps_agree(case: Case) -> None:
    start, x, y, batches = case
    before = x.copy(), y.copy(), batches.copy()
    for all_layers in (True, False):  # of one case: to draw it takes longer than all these steps
        parameters = start
        for batch in batches:
            obvious = parameters.copy()
            assert loop_steps(obvious, x, y, batch[None], 0.1, all_layers) == 1
            for by_draw in (True, False):
                fast = parameters.copy()
                assert prefix_steps(fast, x, y, batch[None], 0.1, all_layers, by_draw) == 1
                np.testing.assert_allclose(fast, obvious, rtol=1e-12, atol=1e-12)
            parameters = obvious
    for array, kept in zip((x, y, batches), before, strict=True):
        np.testing.assert_array_equal(array, kept)


@pytest.mark.parametrize("width", [10, 20, 40])
@pytest.mark.parametrize(("all_layers", "rate"), [(True, 0.02), (False, 0.2)])
def test_whole_runs_agree(width: int, all_layers: bool, rate: float) -> None:
    """The six runs of the experiment, all 150,000 steps of each."""
    parameters, x, y, batches = case(ReluNet.random(width, np.random.default_rng(1)), 40, 150_000)
    obvious = parameters.copy()
    assert loop_steps(obvious, x, y, batches, rate, all_layers) == 150_000
    assert np.max(np.abs(obvious - parameters)) > 0.1  # it did learn something
    for by_draw in (True, False):
        fast = parameters.copy()
        assert prefix_steps(fast, x, y, batches, rate, all_layers, by_draw) == 150_000
        np.testing.assert_allclose(fast, obvious, rtol=0, atol=1e-9)


@BY
def test_call_after_call_takes_the_steps_of_one(by_draw: bool) -> None:
    parameters, *rest = case(ReluNet.random(20, np.random.default_rng(4)), 9, 300)
    one, many = parameters.copy(), parameters.copy()
    assert prefix_steps(one, *rest, 0.05, True, by_draw) == 300
    assert prefix_steps(many, *rest, 0.05, True, by_draw, calls=70) == 300
    np.testing.assert_array_equal(many, one)


@BY
def test_what_the_loop_has_moved_is_sorted_anew(by_draw: bool) -> None:
    """The first step is far, and is left to the loop: its elbow passes a point, and the next calls are near."""
    start, x, y = np.array([1.0, 0.4, 1e5, 0]), np.array([0.05, 1]), np.ones(2)
    rest = x, y, np.array([[1], [0], [1], [0]]), 1.6e-11, True
    obvious, fast = start.copy(), start.copy()
    assert prefix_steps(fast, *rest, by_draw, calls=4) == loop_steps(obvious, *rest) == 4
    assert -start[1] / start[0] < x[0] < -obvious[1] / obvious[0]
    np.testing.assert_allclose(fast, obvious, rtol=1e-12)


@BY
def test_elbows_that_jump_over_many_points_are_followed(by_draw: bool) -> None:
    parameters, x, y, batches = case(ReluNet.random(20, np.random.default_rng(3)), 3, 300)
    parameters[:40] /= 1000  # the elbows stay, and the first steps turn most units round
    obvious, fast = parameters.copy(), parameters.copy()
    assert loop_steps(obvious, x, y, batches, 0.1, True) == 300
    assert prefix_steps(fast, x, y, batches, 0.1, True, by_draw) == 300
    assert np.mean((parameters[:20] > 0) != (obvious[:20] > 0)) > 0.2
    np.testing.assert_allclose(fast, obvious, rtol=0, atol=1e-10)


def test_parts_far_larger_than_the_targets_lose_no_digits() -> None:
    """Two units cancel, each far larger than the rest: the running sums would keep what the rounding left of them."""
    parameters = np.array([1.0, 1, 1, 0.5, 0.5, -0.9, 1e12, -1e12, 1, 0])
    x, y, batches = np.array([0.0, 0.4, 1.0]), np.array([1.0, 2.0, 3.0]), np.array([[0, 1, 2]])
    obvious, fast = parameters.copy(), parameters.copy()
    assert loop_steps(obvious, x, y, batches, 1e-30, True) == prefix_steps(fast, x, y, batches, 1e-30, True, True) == 1
    np.testing.assert_array_equal(fast, obvious)


@uncounted()
@settings(deadline=None, max_examples=400)
@given(case=cases(), rate=st.sampled_from([0.5, 0.7]), by_draw=st.booleans())  # with 0.5 some elbows land on a point
@example(case=FAR, rate=0.5, by_draw=True)
@example(case=ON_POINTS, rate=0.5, by_draw=True)
@example(
    case=(np.array([-1.0, 1.5, 1, 0]), np.array([0.0, 1]), np.array([0.5, 0]), np.array([[0]])), rate=0.5, by_draw=True
)
@example(
    case=(np.array([1.0, 1.5, 1, 0]), np.array([-1.0, 0]), np.array([0, 0.5]), np.array([[1]])), rate=0.5, by_draw=True
)
@example(
    case=(np.array([1.5, -2.3, 1, 0]), np.array([1.5, 2]), np.array([0, 0.75]), np.array([[1]])), rate=0.5, by_draw=True
)
def test_what_is_sorted_stays_sorted(case: Case, rate: float, by_draw: bool) -> None:
    """After every step of a call the next one finds each unit at its place, in order, and each point on its piece."""
    parameters, x, y, batches = case[0].copy(), frozen(case[1]), frozen(case[2]), case[3]
    w, b, _ = parameters[:-1].reshape(3, -1)
    order = np.argsort(x)
    xs = x[order]
    ends = np.array([-np.inf, *xs, np.inf])
    place, ranked, piece = kept = module._sorted(parameters, xs, order)
    for batch in batches[:, None].view(np.uint64):
        done = module._prefix_loop(parameters, kept, x, y, order, ends, batch, rate, (2.0, np.inf), True, by_draw)
        assert done == (1, True)
        np.testing.assert_array_equal(place, _places(w, b, xs))
        assert np.all(np.diff(place[ranked]) >= 0), "in the order of their places"
        assert sorted(ranked) == list(range(len(w)))
        np.testing.assert_array_equal(piece[order], np.searchsorted(place[ranked], np.arange(len(x)), side="right"))


@pytest.mark.parametrize(
    ("w", "b", "v", "x", "y", "left"),
    [
        ([1], [0], [1e5], -1, -1, 0),  # the largest that is not too large: v w x,
        ([1], [0], [1e5 + 0.5], -1, -1, 2),
        ([0], [-1], [1e5], 1, -1, 0),  # v b,
        ([0], [-1], [1e5 + 0.5], 1, -1, 2),
        ([-1, 2], [0, 0], [6e4, 2e4], 1, 1, 0),  # and the sum of all
        ([-1, 2], [0, 0], [6e4, 3e4], 1, 1, 2),
        ([1], [0.5], [5e4], 2, 1, 2),
        ([1], [0], [4e4], 2, 1, 0),
        ([1], [0], [2e5], 1, -2, 0),
    ],
)
def test_what_is_far_larger_than_the_targets_is_left_to_the_loop(
    w: Any, b: Any, v: Any, x: float, y: float, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []

    def loop(*arguments: Any) -> int:
        batches = arguments[-1]
        given.append(len(batches))
        return len(batches)

    monkeypatch.setattr(module, "loop_steps", loop)
    point = np.array([float(x)]), np.array([float(y)])
    prefix_steps(np.array([*w, *b, *v, 0.0]), *point, np.zeros((2, 1), int), 1e-30, True, True)
    assert sum(given) == left


@BY
@pytest.mark.parametrize(
    ("w", "b", "v", "x", "y", "rate"),
    [
        (0.0, 1.0, 1.0, 1.0, 1e200, 1e-300),  # the loss,
        (-1.0, -1.0, 1.0, 1.0, 1e10, 1e300),  # c,
        (0.0, 1.0, 2.0, 1e200, 1.0, 1e150),  # w,
        (0.0, 1e-200, 1e200, 1e-200, 2.0, 1e150),  # b,
        (0.0, 1e200, 1e-200, 1.0, 2.0, 1e150),  # or v
    ],
)
def test_a_step_is_not_counted_if_one_number_alone_is_not_finite(
    w: float, b: float, v: float, x: float, y: float, rate: float, by_draw: bool
) -> None:
    """Whether it is the first step or comes after others, which change nothing: they draw a point that is met exactly."""
    points = np.array([x, 0.0]), np.array([y, v * max(0.0, b)])
    for before in range(3):
        rest = *points, np.array([[1]] * before + [[0]] * 2), rate, True
        one, other = np.array([w, b, v, 0.0]), np.array([w, b, v, 0.0])
        assert prefix_steps(one, *rest, by_draw) == loop_steps(other, *rest) == before
        assert np.sum(~np.isfinite(other)) == (y != 1e200)


@given(x=arrays(float, 6, elements=numbers), w=numbers, b=numbers, start=st.integers(0, 6))
def test_a_place_is_the_number_of_points_before_the_elbow(x: Any, w: float, b: float, start: int) -> None:
    x = np.sort(x)
    active = w * x + b > 0
    before = np.sum(~active) if w >= 0 else np.sum(active)
    assert _moved(start, w, b, x) == _moved.py_func(start, w, b, x) == before


@BY
def test_a_step_that_is_not_finite_is_not_counted(by_draw: bool, uncompiled: Callable[..., Any]) -> None:
    parameters, x, y, batches = case(ReluNet.random(6, np.random.default_rng(1)), 4, 50)
    rest = x, 1e6 * y, batches, 1e308, True
    with np.errstate(over="ignore", invalid="ignore"):
        assert uncompiled(prefix_steps, parameters.copy(), *rest, by_draw) == 0
    assert prefix_steps(parameters.copy(), *rest, by_draw) == loop_steps(parameters, *rest) == 0


WAYS = [(loop_steps, ()), (prefix_steps, (True,)), (prefix_steps, (False,))]


@pytest.mark.parametrize(("steps", "by"), WAYS)
@pytest.mark.parametrize("all_layers", [True, False])
def test_a_loop_is_the_same_uncompiled(
    steps: Any, by: tuple[bool, ...], all_layers: bool, uncompiled: Callable[..., Any]
) -> None:
    parameters, *rest = case(ReluNet.random(6, np.random.default_rng(1)), 4, 50)
    parameters[0], parameters[6] = 0.0, -1.0  # a unit without an elbow, active nowhere
    compiled, plain = parameters.copy(), parameters.copy()
    assert steps(compiled, *rest, 0.1, all_layers, *by) == 50
    with np.errstate(invalid="ignore"):  # 0 · ∞
        assert uncompiled(steps, plain, *rest, 0.1, all_layers, *by) == 50
    np.testing.assert_array_equal(compiled, plain)


@pytest.mark.parametrize(("steps", "by"), WAYS)
def test_a_loop_stops_where_it_leaves_the_finite_numbers(
    steps: Any, by: tuple[bool, ...], uncompiled: Callable[..., Any]
) -> None:
    parameters, *rest = case(ReluNet.random(6, np.random.default_rng(1)), 4, 50)
    compiled, plain = parameters.copy(), parameters.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        taken = uncompiled(steps, plain, *rest, 1e3, True, *by)
    assert 1 < taken == steps(compiled, *rest, 1e3, True, *by) == loop_steps(parameters, *rest, 1e3, True) < 50


def test_the_order_of_the_points_is_of_no_account() -> None:
    parameters, x, y, batches = case(ReluNet.random(20, np.random.default_rng(1)), 40, 500)
    order = np.random.default_rng(3).permutation(len(x))
    rank = np.argsort(order)
    sorted_, mixed = parameters.copy(), parameters.copy()
    prefix_steps(sorted_, x, y, batches, 0.05, True, True)
    prefix_steps(mixed, x[order], y[order], rank[batches], 0.05, True, True)
    np.testing.assert_array_equal(mixed, sorted_)


@pytest.mark.parametrize("function", [squared_errors, squared_errors.py_func], ids=["compiled", "plain"])
def test_the_errors_are_those_of_the_networks(function: Callable[..., Any]) -> None:
    nets = [ReluNet.random(7, np.random.default_rng(seed)) for seed in range(4)]
    expected = [mean_squared_error(net, DATA.x_test, DATA.y_test) for net in nets]
    found = function(np.array([packed(net) for net in nets]), DATA.x_test, DATA.y_test)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
