"""Derivatives from function values alone, to hold the exact ones against.

`forward_difference`, `central_difference` and `complex_step` nudge one entry at a time; `check_gradient` compares
what the engine or a formula of yours says with the central difference, and names the entry where they part.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._checks import _checked_number, check_function, check_type, real_valued
from chainrule.engine import as_real, grad

# Where the error of each quotient is least for a function of ordinary size: see Problem 2(e).
FORWARD_STEP = float(np.finfo(np.float64).eps ** (1 / 2))
CENTRAL_STEP = float(np.finfo(np.float64).eps ** (1 / 3))
COMPLEX_STEP = 1e-100


class GradientError(AssertionError):
    """A gradient and the central difference disagree."""


def forward_difference(f: Callable[..., Any], x: ArrayLike, *, step: float = FORWARD_STEP) -> NDArray[np.float64]:
    """(f(x + ε e_i) - f(x)) / ε for each entry i of x, with an error of order ε.

    Parameters
    ----------
    f : callable
        Of one array of the shape of `x`; its value has any shape.
    x : array_like
        Real numbers.
    step : float
        ε, above 0.

    Returns
    -------
    numpy.ndarray
        Of shape `f(x).shape + x.shape`: the derivative of each entry of the value by each entry of `x`.

    Raises
    ------
    TypeError
        If `f` is not a function, or `x`, `step` or the value of `f` not real.
    ValueError
        If `step` is not above 0 and finite, or `x` is no array.
    """
    f = real_valued(f)
    here = np.asarray(f(as_real("x", x)))
    return _entry_by_entry(lambda above: (f(above) - here) / step, x, step)


def central_difference(f: Callable[..., Any], x: ArrayLike, *, step: float = CENTRAL_STEP) -> NDArray[np.float64]:
    """(f(x + ε e_i) - f(x - ε e_i)) / 2ε for each entry i of x, with an error of order ε².

    Parameters, result and errors, TypeError and ValueError, are those of `forward_difference`.
    """
    f = real_valued(f)
    x = as_real("x", x)
    return _entry_by_entry(lambda above: (f(above) - f(2 * x - above)) / (2 * step), x, step)


def complex_step(f: Callable[..., Any], x: ArrayLike, *, step: float = COMPLEX_STEP) -> NDArray[np.float64]:
    """Im f(x + iε e_i) / ε for each entry i of x: no difference is taken, so nothing cancels, and ε may be tiny.

    `f` must be analytic and written in functions that take complex numbers. Parameters and result are those of
    `forward_difference` (Squire and Trapp, SIAM Review 40, 1998).

    Raises
    ------
    TypeError
        If `f` gives real numbers for complex ones, as `np.abs` does: the derivative is lost. Or as `forward_difference`.
    ValueError
        As `forward_difference`.
    """
    check_function("f", f)

    def quotient(above: NDArray[np.complex128]) -> Any:
        value = np.asarray(f(above))
        if value.dtype.kind != "c":
            raise TypeError(f"complex_step needs a function that keeps the imaginary part; f gave {value.dtype}")
        return value.imag / step

    return _entry_by_entry(quotient, x, step, direction=1j)


def _entry_by_entry(
    quotient: Callable[..., Any], x: ArrayLike, step: float, direction: complex = 1.0
) -> NDArray[np.float64]:
    """Give `quotient` x with one entry nudged, for each entry, and collect what it returns along new last axes."""
    x = as_real("x", x)
    step = _checked_number("step", step, above=0)
    columns = []
    for index in np.ndindex(x.shape):
        above = x.astype(np.result_type(x, direction))
        above[index] += step * direction
        columns.append(quotient(above))
    if not columns:  # no entries, no derivatives; their shape is still that of the value and of x
        return np.zeros(np.shape(quotient(x.astype(np.result_type(x, direction)))) + x.shape)
    return np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + x.shape)


def check_gradient(
    f: Callable[..., Any], *args: Any, gradients: Any = None, tolerance: float = 1e-6, step: float = CENTRAL_STEP
) -> float:
    """Compare the gradient of `f` at `args` with central differences, entry by entry.

    Parameters
    ----------
    f : callable
        Written in NumPy, with a value of shape ().
    *args : array_like
        All of its arguments; the derivative by each of them is checked.
    gradients : sequence of array_like, optional
        One for each argument, in its shape: the results of your own formulas. Without it, the engine's are checked.
    tolerance : float
        A difference may be this much of the larger of 1 and the two numbers.
    step : float
        ε of the central difference. Keep the arguments further than that from any kink.

    Returns
    -------
    float
        The largest difference found, relative to the larger of 1 and the two numbers.

    Raises
    ------
    GradientError
        At the first entry that differs by more, or is not a number: it names the argument, the entry, both numbers
        and the tolerance.
    ValueError
        If there are no arguments, `gradients` has another length or one of them another shape than the arguments, or
        `tolerance` or `step` is out of its range.
    TypeError
        If `f` is not a function, or something is not real-valued.
    """
    check_function("f", f)
    tolerance = _checked_number("tolerance", tolerance, at_least=0)
    if not args:
        raise ValueError("check_gradient needs args: at least one argument of f, to differentiate by")
    if gradients is None:
        gradients = grad(f, tuple(range(len(args))))(*args)
    check_type("gradients", gradients, Iterable)
    gradients = [as_real(f"gradients[{k}]", exact) for k, exact in enumerate(gradients)]
    if len(gradients) != len(args):
        raise ValueError(f"{len(gradients)} gradients for {len(args)} arguments: give one for each")
    largest = 0.0
    for k, exact in enumerate(gradients):
        numeric = central_difference(lambda x, k=k: f(*args[:k], x, *args[k + 1 :]), args[k], step=step)
        if exact.shape != numeric.shape:
            raise ValueError(f"gradients[{k}] has shape {exact.shape}, its argument {numeric.shape}: they must agree")
        for index in np.ndindex(numeric.shape):
            a, n = float(exact[index]), float(numeric[index])
            difference = abs(a - n) / max(1.0, abs(a), abs(n))
            if not difference <= tolerance:
                raise GradientError(
                    f"argument {k}, entry {index}: the gradient says {a:.12g}, the central difference {n:.12g}; "
                    f"they differ by {difference:.3g} and may differ by {tolerance:.3g}"
                )
            largest = max(largest, difference)
    return largest
