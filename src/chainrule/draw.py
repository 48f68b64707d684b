"""Draw the graph that a computation left behind: `draw(tensor)`.

It reads what the engine recorded and nothing else: `func`, `args`, `kwargs`, `parents`, and the values and adjoints.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from importlib import metadata
from itertools import count
from operator import attrgetter
from pathlib import Path
from typing import Any

import graphviz
import numpy as np
from graphviz.backend import dot_command
from numpy.typing import NDArray

from chainrule._svg import PALETTE, inline
from chainrule.engine import Tensor

#: A larger graph is a picture that nobody can read.
MOST_NODES = 200
#: An array with more rows or columns is drawn by its shape alone.
MOST_ENTRIES = 4
#: The description names so many sources and so many operations.
MOST_WORDS = 12

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

_GRAPH = {"bgcolor": "transparent", "nodesep": "0.2", "ordering": "in", "ranksep": "0.3"}
# The font gives room only, the page sets the text in its own: this one is about as wide as any.
_NODE = {
    "fontname": "DejaVu Sans",
    "fontsize": "11",
    "height": "0.3",
    "margin": "0.08,0.06",
    "shape": "box",
    "width": "0.3",
}
_EDGE = {"arrowsize": "0.6", "color": PALETTE["cr-muted"]}
_TABLE = 'CELLBORDER="0" CELLPADDING="2"'


class Digraph(graphviz.Digraph):  # type: ignore[misc] # it has no types
    """A graph that shows itself as inline SVG, with a title and a description, and brings its `dot` program along."""

    title: str = ""
    description: str = ""

    def pipe(self, *args: Any, **kwargs: Any) -> Any:
        with _bundled_dot():
            return super().pipe(*args, **kwargs)

    def render(self, *args: Any, **kwargs: Any) -> Any:
        with _bundled_dot():
            return super().render(*args, **kwargs)

    def svg(self) -> str:
        """The drawing as an SVG document."""
        # quiet: it warns of every letter whose width it has to guess
        return self.pipe(format="svg", encoding="utf-8", quiet=True)  # type: ignore[no-any-return] # it has no types

    def _repr_html_(self) -> str:
        return inline(self.svg(), title=self.title, description=self.description)

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"{self.title}. {self.description}"


def draw(
    tensor: Tensor,
    *,
    title: str | None = None,
    description: str | None = None,
    values: bool = True,
    rankdir: str = "TB",
) -> Digraph:
    """Draw the graph of all that led to a Tensor.

    Every Tensor is a box: sources are round, the result has a double frame, and an operation reads `name = formula`.
    Tensors without a name are called u₁, u₂, … in the order in which they were made. Below that stand the shape (no
    shape is a number), the value, and the adjoint where `backward` left one. An edge leads from an argument to
    each place at which it is used: `a + a` has two.

    Parameters
    ----------
    tensor : Tensor
        The result, whose graph is drawn.
    title, description : str, optional
        What a reader gets who does not see the picture. The graph in words, if left out.
    values : bool
        Whether to show values and adjoints.
    rankdir : {"TB", "LR", "BT", "RL"}
        Where the edges lead: from top to bottom, left to right, …

    Returns
    -------
    graphviz.Digraph
        Shown by a notebook or a page as inline SVG; `.source` is the DOT text, `.render("file.pdf")` writes a file.

    Raises
    ------
    TypeError
        If `tensor` is not a Tensor.
    ValueError
        If the graph has more than 200 nodes, or `rankdir` is none of the four.

    Examples
    --------
    >>> x = Tensor(3.0, name="x")
    >>> print(draw(x * x, values=False).description)
    1 source: x, a number. 1 operation, in order: u₁ = x × x, a number. The result is u₁.
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(f"draw takes a Tensor, not {type(tensor).__name__}: wrap it in Tensor(...), or draw a result")
    if rankdir not in ("TB", "LR", "BT", "RL"):
        raise ValueError(f"rankdir must be TB, LR, BT or RL, not {rankdir!r}")
    nodes = _recorded(tensor)
    names = _names(nodes)
    titles = {n.serial: " = ".join(filter(None, (names[n.serial], _formula(n, names)))) for n in nodes}
    graph = Digraph(graph_attr=_GRAPH | {"rankdir": rankdir}, node_attr=_NODE, edge_attr=_EDGE)
    ids = {node.serial: f"n{k}" for k, node in enumerate(nodes, start=1)}
    for node in nodes:
        graph.node(ids[node.serial], _label(node, titles[node.serial], values), **_frame(node, tensor))
    for node in nodes:
        for parent in node.parents:
            graph.edge(ids[parent.serial], ids[node.serial])
    graph.title = title or f"Computation graph of {names[tensor.serial]}"
    graph.description = description or _in_words(nodes, titles, values) + f" The result is {names[tensor.serial]}."
    return graph


# --- reading the record ----------------------------------------------------------------------------------------------


def _recorded(tensor: Tensor) -> list[Tensor]:
    """The Tensor and all that led to it, in the order in which they were made."""
    seen, stack = {tensor.serial: tensor}, [tensor]
    while stack:
        new = {parent.serial: parent for parent in stack.pop().parents if parent.serial not in seen}
        seen |= new
        stack += new.values()
    if len(seen) > MOST_NODES:
        raise ValueError(
            f"the graph of this Tensor has {len(seen)} nodes, and more than {MOST_NODES} cannot be read: "
            "draw an inner node, or compute with fewer units or steps"
        )
    return sorted(seen.values(), key=attrgetter("serial"))


def _names(nodes: list[Tensor]) -> dict[int, str]:
    """A name for every node: its own, or u₁, u₂, … without those that are taken."""
    taken = {node.name for node in nodes}
    free = (name for k in count(1) if (name := "u" + str(k).translate(_SUBSCRIPTS)) not in taken)
    return {node.serial: node.name or next(free) for node in nodes}


def _formula(node: Tensor, names: dict[int, str]) -> str:
    """The operation that made a node, in the names of its arguments: `a × b`, `max(0, u₁)`; "" for a source."""
    if node.func is None:
        return ""
    kind = node.func.__name__
    if kind == "getitem":
        index = node.args[1] if isinstance(node.args[1], tuple) else (node.args[1],)
        return f"{names[node.args[0].serial]}[{', '.join(_argument(part, names) for part in index)}]"
    args = [_argument(arg, names) for arg in node.args if arg is not None]
    options = [f"{key}={_argument(value, names)}" for key, value in node.kwargs.items() if value is not False]
    if kind == "join":  # its axis stands first
        args, options = args[1:], [f"axis={args[0]}"]
    if kind in ("sum", "max") and len(args) == 2:
        options.insert(0, f"axis={args.pop()}")
    if kind in ("maximum", "minimum") and not isinstance(node.args[1], Tensor):
        args.reverse()  # as the book writes it: max(0, x)
    if kind == "power" and re.fullmatch(r"−?\d+", args[1]):
        base = f"({args[0]})" if args[0][-1] in "⁰¹²³⁴⁵⁶⁷⁸⁹⁾" else args[0]
        return base + args[1].translate(_SUPERSCRIPTS)
    if _SIGNS.get(kind, "").count("{}") == len(args) and not options:
        args[1:] = [f"({arg})" if arg[0] == "−" else arg for arg in args[1:]]
        return _SIGNS[kind].format(*args)
    return f"{kind}({', '.join(args + options)})"


def _argument(arg: Any, names: dict[int, str]) -> str:
    """What an argument is called in a formula: its name, or what it is."""
    if isinstance(arg, Tensor):
        return names[arg.serial]
    if isinstance(arg, tuple):
        return f"({', '.join(_argument(part, names) for part in arg)})"
    if isinstance(arg, slice):
        start, stop, step = ("" if part is None else _number(part) for part in (arg.start, arg.stop, arg.step))
        return f"{start}:{stop}" + f":{step}" * bool(step)
    array = np.asarray(arg)
    if array.dtype.kind not in "biuf":
        return "…" if arg is ... else str(arg)
    if array.ndim == 0:
        return _number(array)
    return f"[{', '.join(map(_number, array))}]" if array.ndim == 1 and array.size <= 4 else f"array {array.shape}"


def _number(x: Any, digits: int = 6) -> str:
    """A number in so many significant digits, with a minus sign and a power of ten as in print."""
    # + 0.0: a negative zero is a zero to the reader
    mantissa, _, exponent = f"{x + 0.0:.{digits}g}".replace("-", "−").partition("e")
    power = re.sub(r"\+?(−?)0?", r"\1", exponent, count=1).translate(_SUPERSCRIPTS)
    return f"{mantissa}·10{power}" if exponent else mantissa


# --- writing it ------------------------------------------------------------------------------------------------------


def _label(node: Tensor, title: str, values: bool) -> str:
    """A node's text: `name = formula`, shape, value, and below a rule the adjoint; as a table of Graphviz."""
    rows = [f"<B>{escape(title)}</B>"]
    if node.shape:
        rows.append(f'<FONT COLOR="{PALETTE["cr-muted"]}">{node.shape}</FONT>')
    if values:
        rows += _numbers(node.value, PALETTE["cr-line"])
    lines = [f'<TR><TD ALIGN="LEFT">{row}</TD></TR>' for row in rows]
    if values and node.grad is not None:
        # Aligned to the left, as all text: the page's font may be narrower than the one that the boxes are made for.
        found = _numbers(node.grad, PALETTE["cr-2"])
        rows = [f"adjoint {found[0]}"] if not node.shape else ["adjoint", *found] if found else ["adjoint: same shape"]
        lines += ["<HR/>", *(f'<TR><TD ALIGN="LEFT">{row}</TD></TR>' for row in rows)]
    return f'<<TABLE {_TABLE} BORDER="0" CELLSPACING="0" COLOR="{PALETTE["cr-2"]}">{"".join(lines)}</TABLE>>'


def _numbers(array: NDArray[np.float64], color: str) -> list[str]:
    """A number, or a table between brackets; nothing of an array that is too large."""
    if array.ndim == 0:
        return [_number(array)]
    if array.ndim > 2 or array.size == 0 or max(array.shape) > MOST_ENTRIES:
        return []
    cells = ("".join(f'<TD ALIGN="RIGHT">{_number(x, 3)}</TD>' for x in row) for row in np.atleast_2d(array))
    body = "".join(f"<TR>{row}</TR>" for row in cells)
    return [f'<TABLE {_TABLE} BORDER="1" SIDES="LR" CELLSPACING="1" COLOR="{color}">{body}</TABLE>']


def _frame(node: Tensor, result: Tensor) -> dict[str, str]:
    """The frame of a node: round for a source, double for the result."""
    source = {"color": PALETTE["cr-1"], "style": "rounded"} if node.func is None else {"color": PALETTE["cr-muted"]}
    return source | ({"peripheries": "2"} if node is result else {})


def _in_words(nodes: list[Tensor], titles: dict[int, str], values: bool) -> str:
    """The graph for those who do not see it: the sources, then the operations in order."""
    sources = [_phrase(node, titles, values) for node in nodes if node.func is None]
    operations = [_phrase(node, titles, values) for node in nodes if node.func is not None]
    sentences = [
        _listed(sources, "source", "sources"),
        _listed(operations, "operation, in order", "operations, in order"),
    ]
    return " ".join(filter(None, sentences))


def _phrase(node: Tensor, titles: dict[int, str], values: bool) -> str:
    """A node in words: `f = x², value 9, adjoint 18`, or `W, shape (4, 3)`."""
    words = [titles[node.serial], f"shape {node.shape}" if node.shape else "a number"]
    if values and not node.shape:
        words[1] = f"value {_number(node.value)}"
        if node.grad is not None:
            words.append(f"adjoint {_number(node.grad)}")
    return ", ".join(words)


def _listed(phrases: list[str], one: str, many: str) -> str:
    """`2 sources: …; ….`, the first dozen of them; "" for none."""
    if not phrases:
        return ""
    more = [f"and {len(phrases) - MOST_WORDS} more"] if len(phrases) > MOST_WORDS else []
    what = one if len(phrases) == 1 else many
    return f"{len(phrases)} {what}: {'; '.join(phrases[:MOST_WORDS] + more)}."


# --- the program -----------------------------------------------------------------------------------------------------


def _dot_program() -> Path:
    """Where the `graphviz-pure` program is that came with the package of that name.

    Raises
    ------
    RuntimeError
        If it is not installed.
    """
    try:
        files = metadata.files("graphviz-pure") or []
    except metadata.PackageNotFoundError:
        files = []
    places = [Path(file.locate()) for file in files if file.stem == "graphviz-pure"]
    found = next(filter(Path.is_file, places), None) or shutil.which("graphviz-pure")
    if found is None:
        raise RuntimeError("drawing a graph needs the program graphviz-pure: run `pip install graphviz-pure`")
    return Path(found)


@contextmanager
def _bundled_dot() -> Iterator[None]:
    """Let graphviz call that program for the moment; other graphs of this process keep the `dot` they had."""
    before, dot_command.DOT_BINARY = dot_command.DOT_BINARY, _dot_program()
    try:
        yield
    finally:
        dot_command.DOT_BINARY = before
