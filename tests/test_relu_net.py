"""The network against its formula written out, its shapes and refusals, the data's recipe, and the ridge fit."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from chainrule import grad
from chainrule.relu_net import (
    HEIGHTS,
    KNOTS,
    ReluNet,
    hidden,
    make_data,
    mean_squared_error,
    piecewise_linear,
    predict,
    ridge,
    sine,
)

numbers = st.floats(-10, 10)


@st.composite
def nets(draw: st.DrawFn) -> ReluNet:
    width = draw(st.integers(1, 5))
    w, b, v = (draw(arrays(float, width, elements=numbers)) for _ in range(3))
    return ReluNet(w, b, v, draw(numbers))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# The formula


@given(nets(), arrays(float, st.integers(1, 6), elements=numbers))
def test_predict_is_the_formula(net: ReluNet, x: Any) -> None:
    expected = [
        net.c + sum(v * max(0.0, w * x_i + b) for w, b, v in zip(net.w, net.b, net.v, strict=True)) for x_i in x
    ]
    np.testing.assert_allclose(predict(net.w, net.b, net.v, net.c, x), expected, rtol=1e-12, atol=1e-11)


def test_hidden_has_a_row_for_each_input_and_a_column_for_each_unit() -> None:
    x, w, b = np.array([0.0, 1.0, 2.0]), np.array([1.0, -1.0]), np.array([-1.0, 1.5])
    np.testing.assert_array_equal(hidden(w, b, x), [[0.0, 1.5], [0.0, 0.5], [1.0, 0.0]])


@given(nets(), numbers)
def test_the_engine_differentiates_predict(net: ReluNet, x: float) -> None:
    gradients = grad(lambda *args: np.sum(predict(*args)), (0, 1, 2, 3, 4))(net.w, net.b, net.v, net.c, np.array([x]))
    active = (net.w * x + net.b > 0).astype(float)
    expected = (
        net.v * active * x,
        net.v * active,
        np.maximum(0, net.w * x + net.b),
        1.0,
        [np.sum(net.v * net.w * active)],
    )
    for gradient, should in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(gradient, should, rtol=1e-12, atol=1e-11)


def test_the_derivative_at_an_elbow_is_zero() -> None:
    for gradient in grad(lambda *args: np.sum(predict(*args)), (0, 1))([2.0], [-1.0], np.ones(1), 0.0, np.array([0.5])):
        np.testing.assert_array_equal(gradient, [0.0])


# The network


@given(nets(), arrays(float, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3), elements=numbers))
def test_a_net_keeps_the_shape_of_its_inputs(net: ReluNet, x: Any) -> None:
    assert net(x).shape == x.shape
    assert net.hidden(x).shape == (*x.shape, net.width)
    np.testing.assert_allclose(net(x).ravel(), predict(net.w, net.b, net.v, net.c, x.ravel()), rtol=1e-12, atol=1e-11)


def test_a_number_gives_a_number() -> None:
    y = ReluNet(np.array([2.0]), np.array([-1.0]), np.array([3.0]), 0.5)(1)
    assert isinstance(y, float)
    assert y == 3.5


def test_elbows_and_slopes() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = ReluNet(np.array([2.0, -4.0, 0.0, 0.0, 1e-320]), np.array([-1.0, 1.0, 1.0, 0.0, 1.0]), np.ones(5), 0.0)
        np.testing.assert_array_equal(net.elbows, [0.5, 0.25, math.nan, math.nan, -math.inf])
    np.testing.assert_array_equal(net.slopes, net.w)
    assert net.width == 5


@given(nets())
def test_a_unit_is_silent_on_one_side_of_its_elbow_and_its_line_on_the_other(net: ReluNet) -> None:
    for j in np.flatnonzero(np.abs(net.w) > 1e-3):
        unit = ReluNet(net.w[[j]], net.b[[j]], net.v[[j]], 0.0)
        e, side = unit.elbows[0], np.sign(unit.w[0])
        np.testing.assert_allclose(unit(e - side * np.array([1.0, 2.0])), 0.0, atol=1e-9)
        y1, y2 = unit(e + side * np.array([1.0, 2.0]))
        assert (y2 - y1) * side == pytest.approx(unit.slopes[0], rel=1e-6, abs=1e-9)


def test_a_net_holds_read_only_copies() -> None:
    w = np.array([1.0, 2.0])
    net = ReluNet(w, w, [3, 4], 1)  # type: ignore[arg-type]  # a list of integers is converted
    w[0] = 7.0
    np.testing.assert_array_equal([net.w, net.b, net.v], [[1.0, 2.0], [1.0, 2.0], [3.0, 4.0]])
    assert type(net.c) is float
    assert {a.dtype for a in (net.w, net.b, net.v)} == {np.dtype(float)}
    for array in (net.w, net.b, net.v):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0
    with pytest.raises(AttributeError):
        net.c = 2.0  # type: ignore[misc]  # that it is frozen is what is tested


def test_nets_are_equal_only_to_themselves() -> None:
    net, twin = (ReluNet(np.ones(2), np.ones(2), np.ones(2), 1.0) for _ in range(2))
    same = net
    assert net == same  # a comparison of the arrays would have no truth value
    assert net != twin
    assert len({net, twin}) == 2


@pytest.mark.parametrize("width", [1, 10, 1000])
def test_a_random_net_is_drawn_as_the_experiment_says(width: int) -> None:
    net, bound = ReluNet.random(width, rng()), 1 / math.sqrt(width)
    assert net.width == width
    assert np.all(np.abs(net.w) < 1)
    assert np.all((net.elbows > 0) & (net.elbows < 1))
    assert np.all(np.diff(net.elbows) > 0)
    assert np.all(np.abs([*net.v, net.c]) < bound)
    if width == 1000:  # of both signs, and filling the intervals
        for sample, low, high in ((net.w, -1, 1), (net.elbows, 0, 1), (net.v, -bound, bound)):
            assert np.quantile((sample - low) / (high - low), [0.1, 0.5, 0.9]) == pytest.approx(
                [0.1, 0.5, 0.9], abs=0.05
            )


def test_a_random_net_depends_on_the_generator_alone() -> None:
    one, same, other = (ReluNet.random(5, rng(seed)) for seed in (1, 1, 2))
    for name in "wbvc":
        np.testing.assert_array_equal(getattr(one, name), getattr(same, name))
        assert np.all(getattr(one, name) != getattr(other, name))


# The data


def test_piecewise_linear_joins_the_heights() -> None:
    np.testing.assert_allclose(piecewise_linear(KNOTS), [math.sin(12345 * k) for k in range(11)], atol=1e-11)
    np.testing.assert_allclose(piecewise_linear((KNOTS[1:] + KNOTS[:-1]) / 2), (HEIGHTS[1:] + HEIGHTS[:-1]) / 2)
    assert piecewise_linear(0.05) == pytest.approx(math.sin(12345) / 2)
    assert piecewise_linear(np.full((2, 3), 0.5)).shape == (2, 3)


def test_sine() -> None:
    assert sine(0.1) == pytest.approx(math.sin(2.0))
    np.testing.assert_allclose(sine([[0.0, 3.0]]), [[0.0, math.sin(60.0)]])


@pytest.mark.parametrize("truth", [piecewise_linear, sine])
def test_the_data_follow_the_recipe(truth: Any) -> None:
    data = make_data(rng(), n=2000, noise=0.3, truth=truth)
    assert data.x.shape == data.y.shape == (2000,)
    assert 0 < data.x[0] < 0.01
    assert 0.99 < data.x[-1] < 1
    assert np.all(np.diff(data.x) >= 0)
    residual = (data.y - truth(data.x)) / 0.3
    assert residual.mean() == pytest.approx(0, abs=0.1)
    assert residual.std() == pytest.approx(1, abs=0.1)
    np.testing.assert_array_equal(data.x_test, np.linspace(0, 1, 1000))
    np.testing.assert_array_equal(data.y_test, truth(data.x_test))
    assert data.truth is truth


def test_the_data_of_the_experiment_are_the_default() -> None:
    data, said = make_data(rng(3)), make_data(rng(3), n=200, noise=0.1, truth=piecewise_linear)
    np.testing.assert_array_equal([data.x, data.y], [said.x, said.y])
    np.testing.assert_array_equal(make_data(rng(), noise=0).y, piecewise_linear(make_data(rng(), noise=0).x))
    with pytest.raises(ValueError, match="read-only"):
        data.y[0] = 0.0


# Fits


def test_mean_squared_error() -> None:
    net = ReluNet(np.array([1.0]), np.array([0.0]), np.array([2.0]), 1.0)
    error = mean_squared_error(net, [-1.0, 1.0], [1.0, 0.0])  # the residuals are 0 and 3
    assert type(error) is float
    assert error == 4.5


@given(nets(), st.integers(1, 8), st.sampled_from([1e-5, 1e-2, 1.0, 100.0]), st.integers(0, 99))
def test_the_gradient_is_zero_at_the_ridge_fit(net: ReluNet, n: int, penalty: float, seed: int) -> None:
    x, y = rng(seed).normal(size=(2, n))
    fit = ridge(net, x, y, penalty=penalty)

    def objective(v: Any, c: Any) -> Any:
        return np.sum((predict(net.w, net.b, v, c, x) - y) ** 2) + penalty * (np.sum(v**2) + c**2)

    gradient = np.hstack(grad(objective, (0, 1))(fit.v, fit.c))
    scale = float(np.linalg.norm(np.column_stack([net.hidden(x), np.ones(n)])) * np.linalg.norm(y))
    np.testing.assert_allclose(gradient, 0.0, atol=1e-11 * scale)
    np.testing.assert_array_equal([fit.w, fit.b], [net.w, net.b])


def test_ridge_agrees_with_the_normal_equations_where_these_are_well_conditioned() -> None:
    data, net = make_data(rng()), ReluNet.random(4, rng(1))
    design = np.column_stack([net.hidden(data.x), np.ones(200)])
    solution = np.linalg.solve(design.T @ design + 0.1 * np.eye(5), design.T @ data.y)
    fit = ridge(net, data.x, data.y, penalty=0.1)
    np.testing.assert_allclose([*fit.v, fit.c], solution, rtol=1e-11)


def test_ridge_without_a_penalty_is_least_squares_and_the_shortest_of_several() -> None:
    twins = ReluNet(np.ones(2), np.ones(2), np.zeros(2), 0.0)
    fit = ridge(twins, [0.0, 1.0], [5.0, 7.0], penalty=0)  # 3 + 2 (x + 1), which the two units share
    np.testing.assert_allclose([*fit.v, fit.c], [1.0, 1.0, 3.0], rtol=1e-12)


def test_ridge_fits_the_experiment() -> None:
    data, net = make_data(rng()), ReluNet.random(40, rng(1))
    fit = ridge(net, data.x, data.y)
    assert mean_squared_error(fit, data.x, data.y) < 0.02 < 0.2 < mean_squared_error(net, data.x, data.y)


def test_noise_that_is_too_large_is_refused_as_what_came_of_it() -> None:
    with pytest.raises(ValueError, match=r"^y\[\d+\] = -?inf: every number must be finite"):
        make_data(rng(), noise=1e308)
