"""The checker of the engine's tests: a random direction, from both sides, and both numbers in the message."""

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import grad


def combined(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f` as a scalar in which each entry of its value has a weight of its own, so that no two can be mixed up."""

    def scalar(*args: Any) -> Any:
        value = f(*args)
        return np.sum(value * np.reshape(np.cos(1.0 + np.arange(np.size(value))), np.shape(value)))

    return scalar


def assert_derivative(f: Callable[..., Any], *args: Any, step: float = 1e-6, tolerance: float = 1e-6) -> None:
    """The derivative of the scalar `f` along a random direction is that of the central difference."""
    rng = np.random.default_rng(0)
    directions = [rng.normal(size=np.shape(a)) for a in args]
    gradients = grad(f, tuple(range(len(args))))(*args)
    for gradient, arg in zip(gradients, args, strict=True):
        assert gradient.shape == np.shape(arg)
        assert gradient.dtype == np.float64
    exact = sum(float(np.sum(g * d)) for g, d in zip(gradients, directions, strict=True))
    above = float(f(*(a + step * d for a, d in zip(args, directions, strict=True))))
    below = float(f(*(a - step * d for a, d in zip(args, directions, strict=True))))
    numeric = (above - below) / (2 * step)
    scale = max(1.0, abs(exact), abs(above) * 1e-3)
    assert abs(exact - numeric) <= tolerance * scale, f"the engine says {exact:.12g}, the quotient {numeric:.12g}"
