"""What the nodes of a recorded graph are called, and how the operation that made one is written."""

import re
from itertools import count
from typing import Any

import numpy as np

from chainrule.engine import Tensor

#: How an operation is written, by the name of its function; any other is written as a call.
_SIGNS = {
    "positive": "{}",
    "negative": "−{}",
    "add": "{} + {}",
    "subtract": "{} − {}",
    "multiply": "{} × {}",
    "divide": "{} / {}",
    "matmul": "{} @ {}",
    "power": "{}^{}",
    "square": "{}²",
    "sqrt": "√{}",
    "absolute": "|{}|",
    "maximum": "max({}, {})",
    "minimum": "min({}, {})",
    "transpose": "{}ᵀ",
    "sum": "Σ {}",
}
_SUPERSCRIPTS = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def named(nodes: list[Tensor]) -> dict[int, str]:
    """A name for every node: its own, or u₁, u₂, … without those that are taken."""
    taken = {node.name for node in nodes}
    free = (name for k in count(1) if (name := "u" + str(k).translate(_SUBSCRIPTS)) not in taken)
    return {node.serial: node.name or next(free) for node in nodes}


def formula(node: Tensor, names: dict[int, str]) -> str:
    """The operation that made a node, in the names of its arguments: `a × b`, `max(0, u₁)`; "" for a source."""
    if node.func is None:
        return ""
    kind = node.func.__name__
    if kind == "getitem":
        index = node.args[1] if isinstance(node.args[1], tuple) else (node.args[1],)
        return f"{names[node.args[0].serial]}[{', '.join(argument(part, names) for part in index)}]"
    args = [argument(arg, names) for arg in node.args if arg is not None]
    options = [f"{key}={argument(value, names)}" for key, value in node.kwargs.items() if value is not False]
    if kind == "join":  # its axis stands first
        args, options = args[1:], [f"axis={args[0]}"]
    if kind in ("sum", "max") and len(args) == 2:
        options.insert(0, f"axis={args.pop()}")
    if kind == "power" and re.fullmatch(r"−?\d+", args[1]):
        base = f"({args[0]})" if args[0][-1] in "⁰¹²³⁴⁵⁶⁷⁸⁹⁾" else args[0]
        return base + args[1].translate(_SUPERSCRIPTS)
    if _SIGNS.get(kind, "").count("{}") == len(args) and not options:
        args[1:] = [f"({arg})" if arg[0] == "−" else arg for arg in args[1:]]
        return _SIGNS[kind].format(*args)
    return f"{kind}({', '.join(args + options)})"


def argument(arg: Any, names: dict[int, str]) -> str:
    """What an argument is called in a formula: its name, or what it is."""
    if isinstance(arg, Tensor):
        return names[arg.serial]
    if isinstance(arg, tuple):
        parts = [argument(part, names) for part in arg]
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
    if isinstance(arg, slice):
        start, stop, step = ("" if part is None else number(part) for part in (arg.start, arg.stop, arg.step))
        return f"{start}:{stop}" + f":{step}" * bool(step)
    array = np.asarray(arg)
    if array.dtype.kind not in "iuf" and array.ndim == 0:
        return "…" if arg is ... else str(arg)
    if array.ndim == 0:
        return number(array)
    short = array.ndim == 1 and array.size <= 4 and array.dtype.kind != "b"
    return f"[{', '.join(map(number, array))}]" if short else f"array {array.shape}"


def number(x: Any, digits: int = 6) -> str:
    """A number in so many significant digits, with a minus sign and a power of ten as in print."""
    # + 0.0: a negative zero is a zero to the reader
    mantissa, _, exponent = f"{x + 0.0:.{digits}g}".replace("-", "−").partition("e")
    power = re.sub(r"\+?(−?)0?", r"\1", exponent, count=1).translate(_SUPERSCRIPTS)
    return f"{mantissa}·10{power}" if exponent else mantissa
