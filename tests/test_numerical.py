"""Difference quotients against derivatives known in closed form, and the checker against wrong gradients."""

from typing import Any

import numpy as np
import pytest

from chainrule import GradientError, central_difference, check_gradient, complex_step, forward_difference

X = np.array([[0.3, -1.2, 2.0], [0.7, 0.1, -0.4]])


@pytest.mark.parametrize(
    ("method", "tolerance"), [(forward_difference, 1e-7), (central_difference, 1e-9), (complex_step, 1e-15)]
)
def test_gradient_of_a_scalar(method: Any, tolerance: float) -> None:
    result = method(lambda x: np.sum(np.sin(x)), X)
    assert result.shape == X.shape
    np.testing.assert_allclose(result, np.cos(X), rtol=0, atol=tolerance)


@pytest.mark.parametrize("method", [forward_difference, central_difference, complex_step])
def test_jacobian_of_an_array(method: Any) -> None:
    w = np.array([1.0, -2.0, 0.5])
    jacobian = method(lambda x: x @ w, X)  # (2,) by (2, 3)
    assert jacobian.shape == (2, 2, 3)
    np.testing.assert_allclose(jacobian, np.einsum("ij,k->ijk", np.eye(2), w), atol=1e-7)


@pytest.mark.parametrize("method", [forward_difference, central_difference, complex_step])
def test_shapes_at_the_edge(method: Any) -> None:
    assert method(np.exp, 0.0).shape == ()
    assert method(lambda x: np.sum(x) * np.ones(4), np.zeros((0, 2))).shape == (4, 0, 2)
    np.testing.assert_allclose(method(lambda x: x**2, 3), 6.0, rtol=1e-7)  # an integer is taken in as a float


def test_order_of_the_error() -> None:
    """A tenth of the step: a tenth of the forward error, a hundredth of the central one."""
    errors = {
        method: [abs(float(method(np.exp, 0.0, step=step)) - 1.0) for step in (1e-2, 1e-3)]
        for method in (forward_difference, central_difference)
    }
    np.testing.assert_allclose(errors[forward_difference][0] / errors[forward_difference][1], 10, rtol=0.05)
    np.testing.assert_allclose(errors[central_difference][0] / errors[central_difference][1], 100, rtol=0.05)


def test_complex_step_refuses_a_function_that_loses_the_imaginary_part() -> None:
    with pytest.raises(TypeError, match=r"keeps the imaginary part; f gave float64"):
        complex_step(np.abs, 1.0)


def test_arguments_are_left_alone() -> None:
    x = X.copy()
    for method in (forward_difference, central_difference, complex_step):
        method(lambda t: np.sum(t**2), x)
    check_gradient(lambda t: np.sum(t**2), x)
    np.testing.assert_array_equal(x, X)


def f(a: Any, b: Any) -> Any:
    return np.sum(np.tanh(a @ b))


B = np.array([0.2, -0.1, 0.4])


def test_check_gradient_passes_the_engine() -> None:
    assert 0 < check_gradient(f, X, B) < 1e-9


def test_check_gradient_passes_a_right_formula_and_names_the_wrong_entry() -> None:
    slope = 1 - np.tanh(X @ B) ** 2  # (2,)
    right = np.outer(slope, B), slope @ X
    assert check_gradient(f, X, B, gradients=right) < 1e-9
    right[0][1, 2] += 1e-3
    with pytest.raises(GradientError, match=r"argument 0, entry \(1, 2\): the gradient says .*they differ by .*1e-06"):
        check_gradient(f, X, B, gradients=right)


def test_check_gradient_fails_on_nan() -> None:
    with pytest.raises(GradientError, match="says nan"):
        check_gradient(lambda x: x * x, 3.0, gradients=[np.nan])


def test_check_gradient_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="1 gradients for 2 arguments"):
        check_gradient(f, X, B, gradients=[X])
    with pytest.raises(ValueError, match=r"gradients\[0\] has shape \(3, 2\), its argument \(2, 3\)"):
        check_gradient(f, X, B, gradients=[X.T, B])


def test_gradient_error_is_an_assertion_error() -> None:
    assert issubclass(GradientError, AssertionError)
