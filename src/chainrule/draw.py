"""Draw the graph that a computation left behind: `draw(tensor)`.

It reads what the engine recorded and nothing else: `func`, `args`, `kwargs`, `parents`, and the values and adjoints.
"""

from html import escape

import numpy as np
from numpy.typing import NDArray

from chainrule._checks import check_description, check_type
from chainrule._dot import Digraph
from chainrule._formula import formula, named, number
from chainrule._svg import PALETTE
from chainrule.engine import Tensor, brief, recorded

#: A larger graph is a picture that nobody can read.
MOST_NODES = 200
#: An array with more rows or columns is drawn by its shape alone.
MOST_ENTRIES = 4
#: The description names so many sources and so many operations.
MOST_WORDS = 12

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
        If `tensor` is not a Tensor, `title` or `description` not text, or `values` not True or False.
    ValueError
        If the graph has more than 200 nodes, `rankdir` is none of the four, or the description is empty.

    Examples
    --------
    >>> x = Tensor(3.0, name="x")
    >>> print(draw(x * x, values=False).description)
    1 source: x, a number. 1 operation, in order: u₁ = x × x, a number. The result is u₁.
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(f"draw takes a Tensor, not {type(tensor).__name__}: wrap it in Tensor(...), or draw a result")
    if rankdir not in ("TB", "LR", "BT", "RL"):
        raise ValueError(f"rankdir must be TB, LR, BT or RL, not {brief(rankdir)}")
    check_type("values", values, bool)
    check_type("title", "" if title is None else title, str)
    if description is not None:
        check_description(description)
    nodes = recorded(tensor)
    if len(nodes) > MOST_NODES:
        raise ValueError(
            f"the graph of this Tensor has {len(nodes)} nodes, and more than {MOST_NODES} cannot be read: "
            "draw an inner node, or compute with fewer units or steps"
        )
    names = named(nodes)
    titles = {n.serial: " = ".join(filter(None, (names[n.serial], formula(n, names)))) for n in nodes}
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
        return [number(array)]
    if array.ndim > 2 or array.size == 0 or max(array.shape) > MOST_ENTRIES:
        return []
    cells = ("".join(f'<TD ALIGN="RIGHT">{number(x, 3)}</TD>' for x in row) for row in np.atleast_2d(array))
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
        words[1] = f"value {number(node.value)}"
        if node.grad is not None:
            words.append(f"adjoint {number(node.grad)}")
    return ", ".join(words)


def _listed(phrases: list[str], one: str, many: str) -> str:
    """`2 sources: …; ….`, the first dozen of them; "" for none."""
    if not phrases:
        return ""
    more = [f"and {len(phrases) - MOST_WORDS} more"] if len(phrases) > MOST_WORDS else []
    what = one if len(phrases) == 1 else many
    return f"{len(phrases)} {what}: {'; '.join(phrases[:MOST_WORDS] + more)}."
