"""What the package refuses, and how it says so: every message names the argument, what came and what is wanted.

`check_…` raises or does nothing; `_checked_…` also converts. A wrong kind is a TypeError, a wrong value a ValueError.
"""

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule.engine import as_array, as_real, brief


def check_type(name: str, value: Any, kind: type) -> None:
    """Raise a TypeError unless the argument of this name is of this kind."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOaeiou" else "a"
        raise TypeError(f"{name} must be {article} {kind.__name__}, not {type(value).__name__}")


def check_function(name: str, value: Any) -> None:
    """Raise a TypeError unless the argument can be called."""
    if not callable(value):
        raise TypeError(f"{name} must be a function, not {brief(value)}")


def check_description(description: str) -> None:
    """Raise unless there is a text for a reader who does not see the figure."""
    if not isinstance(description, str):
        raise TypeError(f"the description must be a str, not {type(description).__name__}")
    if not description.strip():
        raise ValueError("the description is empty: say what is seen, for a reader who does not see it")


def real_valued(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, whose value must be made of real numbers: an array of whatever class, or what becomes one."""
    check_function("f", f)

    def checked(x: Any) -> Any:
        value = f(x)
        as_real("f(x)", value)
        return np.asanyarray(value)

    return checked


def _refuse_where(bad: NDArray[np.bool_], name: str, array: NDArray[Any], rule: str) -> None:
    """Raise a ValueError that names the first bad entry of the array, and the rule that it breaks."""
    if np.any(bad):
        index = tuple(map(int, np.argwhere(bad)[0]))
        raise ValueError(f"{name}{list(index) or ''} = {array[index]}: {rule}")


def _array(name: str, value: ArrayLike, kinds: str, what: str) -> NDArray[Any]:
    """Convert to an array whose dtype is of one of these kinds."""
    array = as_array(name, value)
    if array.dtype.kind not in kinds:
        raise TypeError(f"{name} must be {what}, got {brief(array)}")
    return array


def _checked_array(name: str, value: ArrayLike, *, finite: bool = True) -> NDArray[np.float64]:
    """Copy real numbers, finite unless said otherwise, into a read-only float64 array."""
    array = _array(name, value, "iuf", "real numbers").astype(np.float64)
    if finite:
        _refuse_where(~np.isfinite(array), name, array, "every number must be finite")
    array.flags.writeable = False
    return array


def _checked_vectors(**values: ArrayLike) -> list[NDArray[np.float64]]:
    """Check each of the vectors, and that they have one length, at least 1."""
    vectors = [_checked_array(name, value) for name, value in values.items()]
    shapes = [vector.shape for vector in vectors]
    if len(set(shapes)) > 1 or vectors[0].ndim != 1 or len(vectors[0]) == 0:
        got = ", ".join(f"{name} {shape}" for name, shape in zip(values, shapes, strict=True))
        raise ValueError(f"{', '.join(values)} must be vectors of one length, at least 1; got the shapes {got}")
    return vectors


def _checked_number(name: str, value: object, *, at_least: float = -math.inf, above: float = -math.inf) -> float:
    """Convert a real, finite number to float."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a real number, got {brief(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {brief(value)}")
    if number < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {value}")
    if number <= above:
        raise ValueError(f"{name} must be above {above}, got {value}")
    return number


def _checked_count(name: str, value: object, *, at_least: int | None = 1, at_most: int | None = 2**53) -> int:
    """Convert a whole number, from 1 to 2**53 unless said otherwise, to int: no array has more entries than that."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, got {brief(value)}")
    number = int(value)
    if at_least is not None and number < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {brief(value)}")
    if at_most is not None and number > at_most:
        raise ValueError(f"{name} must be at most {at_most}, got {brief(value)}")
    return number


def _checked_range(name: str, value: ArrayLike) -> tuple[float, float]:
    """Convert a low and a high number to two floats."""
    pair = _checked_array(name, value)
    low, high = pair.tolist() if pair.shape == (2,) else (0.0, 0.0)
    if not 0 < high - low < math.inf:
        raise ValueError(f"{name} must be (low, high), not {brief(value)}")
    return low, high
